import numpy as np
import pytest
from scipy.stats import binomtest

from reliability.checks.robustness import consistency as checks
from reliability.checks.robustness.consistency import (
    category_swap_consistency,
    missing_value_consistency,
    noise_consistency,
    rounding_consistency,
    spacing_consistency,
    typo_consistency,
    unseen_category_consistency,
)
from reliability.errors import NotMeasurable, UsageError
from reliability.evidence.probe import Answers
from reliability.intervals.paired import Discordant, paired_difference_interval
from reliability.records import canonical_json
from tests.checks.probing import linear, probed, rows_asked

BY_SHARE = (category_swap_consistency, unseen_category_consistency, typo_consistency, spacing_consistency)


def words(columns):
    """A model: positive where the word is alpha."""
    told = [word == "alpha beta" for word in columns["w"].as_labels()]
    return Answers(labels=np.array(told, np.int64))


def worded(n=1_000, **roles):
    return probed({"w": ["alpha beta", "gamma delta"] * (n // 2)}, words, y_true=[1, 0] * (n // 2), **roles)


def measured_by(check, probe, profile, **options):
    given = (probe, profile) if check in (noise_consistency, unseen_category_consistency) else (probe,)
    return check(*given, **options)


@pytest.mark.parametrize("check", BY_SHARE)
def test_what_every_disturbed_cell_turns_is_the_share_disturbed(check):
    # A disturbed alpha is no alpha any more; a gamma becomes one only where categories are swapped.
    probe, profile, _ = worded(4_000)
    measured = measured_by(check, probe, profile, share=0.2, seed=1)
    expected = 0.8 if check is category_swap_consistency else 0.9

    assert measured.low < expected < measured.high
    assert measured.details["columns"] == ["w"]
    kept = binomtest(4_000 - measured.details["changed"], 4_000).proportion_ci(0.95, "exact")
    assert (measured.low, measured.high) == pytest.approx((kept.low, kept.high))


@pytest.mark.parametrize("check", BY_SHARE)
def test_nothing_disturbed_changes_nothing(check):
    probe, profile, _ = worded(100)
    measured = measured_by(check, probe, profile, share=0.0)

    assert measured.value == 1.0
    assert measured.details["accuracy"]["drop"] == 0.0


@pytest.mark.parametrize("check", [*BY_SHARE, missing_value_consistency])
@pytest.mark.parametrize("options", [{"share": 1.1}, {"share": -0.1}, {"curve": (0.5, 2.0)}])
def test_shares_out_of_range_are_refused(check, options):
    probe, profile, _ = worded(10)

    with pytest.raises(UsageError, match="'share' takes a number from 0 to 1"):
        measured_by(check, probe, profile, **options)


@pytest.mark.parametrize("check", [*BY_SHARE, missing_value_consistency])
def test_a_curve_is_asked_in_one_question_and_listed_in_rising_order(check):
    probe, profile, asked = worded(200)
    measured = measured_by(check, probe, profile, share=0.3, curve=(0.6, 0.1), seed=2)
    alone = measured_by(check, probe, profile, share=0.3, seed=2)
    curve = measured.details["curve"]

    assert len(asked) == 2
    assert rows_asked(asked[:1]) == 600
    assert [one["strength"] for one in curve] == [0.1, 0.3, 0.6]
    assert (measured.value, measured.low, measured.high) == (alone.value, alone.low, alone.high)
    assert curve[1]["value"] == measured.value
    assert curve[0]["value"] >= curve[1]["value"] >= curve[2]["value"]
    assert "curve" not in alone.details
    assert canonical_json(measured)


def test_a_curve_of_noise_falls_as_theory_says():
    x = np.random.default_rng(0).normal(size=5_000)
    probe, profile, _ = probed({"x": x}, linear({"x": 1.0}), y_true=(x > 0).astype(int))
    measured = noise_consistency(probe, profile, curve=(0.5, 1.0, 2.0), seed=1)

    for one in measured.details["curve"]:
        expected = 1 - np.arccos(1 / np.sqrt(1 + one["strength"] ** 2)) / np.pi
        assert one["low"] - 0.005 < expected < one["high"] + 0.005
        # Every row was right, so that what changes is lost.
        assert one["accuracy"]["drop"] == pytest.approx(1 - one["value"])


@pytest.mark.parametrize("strengths", [(0.1,), (0.1, 0.1)])
def test_a_strength_that_is_named_twice_is_asked_once(strengths):
    probe, profile, asked = probed({"x": np.arange(30.0)}, linear({"x": 1.0}, 15))
    measured = noise_consistency(probe, profile, strength=0.1, curve=strengths)

    assert rows_asked(asked) == 30
    assert "curve" not in measured.details


def test_a_curve_of_too_many_strengths_is_refused():
    probe, profile, _ = probed({"x": np.arange(3.0)}, linear({"x": 1.0}))

    with pytest.raises(UsageError) as refused:
        noise_consistency(probe, profile, curve=tuple(np.linspace(0.1, 1, 21)))
    assert refused.value.code == "option_out_of_range"
    assert refused.value.values == {"option": "curve", "most": 20, "value": 21}
    assert str(refused.value) == "option 'curve' takes a number from 0 to 20, not 21; change it under 'with'"


def test_a_curve_of_two_strengths_is_a_curve():
    probe, profile, _ = probed({"x": np.arange(30.0)}, linear({"x": 1.0}, 15))
    measured = noise_consistency(probe, profile, strength=0.2, curve=(0.1,))

    assert [one["strength"] for one in measured.details["curve"]] == [0.1, 0.2]


def test_a_curve_of_clustered_rows_has_the_intervals_of_its_strengths_measured_alone():
    x = np.random.default_rng(0).normal(size=300)
    probe, profile, _ = probed({"x": x}, linear({"x": 1.0}), entity=[1 + i // 10 for i in range(300)])
    curve = noise_consistency(probe, profile, strength=0.5, curve=(1.0,)).details["curve"]
    alone = [noise_consistency(probe, profile, strength=one["strength"]) for one in curve]

    assert [(one["value"], one["low"], one["high"]) for one in curve] == [(m.value, m.low, m.high) for m in alone]


def test_accuracy_is_told_before_and_after_with_the_paired_interval():
    # Gaps make a nought of x: rows at 1 with the label 1 are lost, rows at 1 with the label 0 are won.
    probe, _, _ = probed({"x": [1.0] * 100}, linear({"x": 1.0}), y_true=[1] * 70 + [0] * 30)
    told = missing_value_consistency(probe, share=1.0).details["accuracy"]
    low, high = paired_difference_interval(Discordant(first=70, second=30, n=100), confidence=0.95)

    assert told == pytest.approx({"before": 0.7, "after": 0.3, "drop": 0.4, "low": low, "high": high})


def test_accuracy_of_clustered_rows_has_a_wider_interval():
    x = [1.0] * 100 + [-1.0] * 100
    alone, _, _ = probed({"x": x}, linear({"x": 1.0}), y_true=[1] * 200)
    clustered, _, _ = probed({"x": x}, linear({"x": 1.0}), y_true=[1] * 200, entity=[1 + i // 10 for i in range(200)])
    first, second = (missing_value_consistency(one, share=1.0).details["accuracy"] for one in (alone, clustered))

    assert first["drop"] == second["drop"] == 0.5
    counts = [np.repeat([10, 0], 10), np.zeros(20, int), np.full(20, 10)]
    expected = paired_difference_interval(Discordant.clustered(*counts, confidence=0.95), confidence=0.95)
    assert (second["low"], second["high"]) == pytest.approx(expected)
    assert second["high"] - second["low"] > first["high"] - first["low"]


@pytest.mark.parametrize(("digits", "value"), [(1, 0.5), (2, 0.5), (3, 1.0), (15, 1.0)])
def test_rounding_consistency_sees_a_boundary_between_rounded_numbers(digits, value):
    probe, _, _ = probed({"x": [100.4, 101.0] * 50, "i": [1, 2] * 50}, linear({"x": 1.0}, 100.5))
    # 100.4 stays below; 101 becomes 100 with one digit or two.
    measured = rounding_consistency(probe, digits=digits)

    assert measured.value == value
    assert measured.details["columns"] == ["i", "x"]
    assert measured.details["strength"] == digits


@pytest.mark.parametrize("options", [{"digits": 16}, {"curve": (20,)}])
def test_rounding_consistency_refuses_more_digits_than_a_float_has(options):
    with pytest.raises(UsageError, match="'digits' takes a number from 0 to 15"):
        rounding_consistency(probed({"x": [1.0]}, linear({"x": 1.0}))[0], **options)


@pytest.mark.parametrize(
    ("check", "columns", "code"),
    [
        (category_swap_consistency, {"x": [1.0, 2.0]}, "no_categories"),
        (unseen_category_consistency, {"x": [1.0, 2.0]}, "no_categories"),
        (typo_consistency, {"x": [1.0, 2.0]}, "no_text"),
        (spacing_consistency, {"x": [1.0, 2.0]}, "no_text"),
        (rounding_consistency, {"w": ["a", "b"]}, "no_numeric_features"),
    ],
)
def test_rows_without_what_is_disturbed_are_refused(check, columns, code):
    probe, profile, asked = probed(columns, lambda table: Answers(labels=np.zeros(2, np.int64)))

    with pytest.raises(NotMeasurable) as refused:
        measured_by(check, probe, profile)
    assert refused.value.code == code
    assert asked == []


@pytest.mark.parametrize("check", [*BY_SHARE, rounding_consistency])
def test_regressions_and_empty_samples_are_refused(check):
    value = lambda table: Answers(labels=np.zeros(len(next(iter(table.values())))))  # noqa: E731
    for columns, roles, code in (
        ({"w": ["a"]}, {"task": "regression"}, "needs_classification"),
        ({"w": []}, {}, "no_rows"),
    ):
        probe, profile, _ = probed(columns, value, **roles)
        with pytest.raises(NotMeasurable, match=code):
            measured_by(check, probe, profile)


@pytest.mark.parametrize("check", BY_SHARE)
def test_disturbing_rests_on_the_seed_alone(check):
    probe, profile, _ = worded(400)
    first, again, other = (measured_by(check, probe, profile, share=0.3, seed=seed) for seed in (1, 1, 2))

    assert first == again
    assert first != other


def test_every_consistency_asks_five_thousand_rows_at_most():
    probe, profile, asked = worded(5_200)
    for check in BY_SHARE:
        assert measured_by(check, probe, profile).n == 5_000
    assert rows_asked(asked) == 20_000
    assert checks.MOST_DIGITS == 15
