import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta

from reliability.blocks import Groups
from reliability.checks.fairness.calibration import calibration_difference
from reliability.errors import ChecklistError, NotMeasurable
from reliability.evidence.group_moments import GroupMoments
from tests.builders import block

rows = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 1), st.floats(0, 1)), min_size=4, max_size=60)


def grouped(groups, y_true, y_score, **more):
    return block(y_true, [int(score >= 0.5) for score in y_score], y_score, groups={"g": groups}, **more)


def difference(groups, y_true, y_score, *, smallest=1, **more):
    made = grouped(groups, y_true, y_score, **more)
    return calibration_difference(GroupMoments.of(made, ("g",)), minimum_group_size=smallest)


def equal_groups(k, n, rate, seed):
    random = np.random.default_rng(seed)
    score = 1 / (1 + np.exp(-random.normal(np.log(rate / (1 - rate)), 1.0, k * n)))
    return np.repeat(np.arange(k), n).tolist(), (random.random(k * n) < score).astype(int), score


def test_calibration_difference_is_that_of_mean_score_less_rate():
    measured = difference(["F"] * 4 + ["M"] * 4, [0, 1, 0, 1, 1, 1, 1, 1], [0.75] * 8)

    assert measured.value == 0.5
    assert [group["value"] for group in measured.details["groups"]] == [0.25, -0.25]
    assert measured.details["worst"] == [{"g": "M"}, {"g": "F"}]
    assert (measured.unit, measured.n, measured.method) == ("difference", 8, "mover_clopper_pearson_effective_n")


@given(rows)
@settings(max_examples=40, deadline=None)
def test_calibration_difference_agrees_with_its_definition(table):
    both = [*table, ("a", 0, 0.5), ("b", 1, 0.5)]
    groups, y_true, y_score = (np.array(column) for column in zip(*both, strict=True))
    error = y_score - y_true
    measured = difference(groups.tolist(), y_true, y_score)

    assert measured.value == pytest.approx(abs(error[groups == "a"].mean() - error[groups == "b"].mean()), abs=1e-12)
    assert 0 <= measured.low <= measured.value <= measured.high <= 2


def test_calibration_difference_ignores_row_order_and_blocks():
    groups, y_true, y_score = equal_groups(3, 40, 0.3, 0)
    made, order = grouped(groups, y_true, y_score), np.random.default_rng(1).permutation(120)
    added = GroupMoments.of(made.where(order[:50]), ("g",)) + GroupMoments.of(made.where(order[50:]), ("g",))

    assert calibration_difference(added) == calibration_difference(GroupMoments.of(made, ("g",)))


def test_calibration_difference_does_not_depend_on_which_class_is_positive():
    groups, y_true, y_score = equal_groups(2, 40, 0.3, 0)
    one, other = difference(groups, y_true, y_score), difference(groups, 1 - y_true, 1 - y_score)

    assert (one.value, one.low, one.high) == pytest.approx((other.value, other.low, other.high), abs=1e-9)


@pytest.mark.parametrize("k", [2, 5, 10])
def test_groups_that_are_equally_calibrated_do_not_fail(k):
    found = [difference(*equal_groups(k, 60, 0.2, seed)) for seed in range(100)]

    assert np.mean([one.low > 0.1 for one in found]) <= 0.01
    assert np.mean([one.low <= 0 for one in found]) >= 0.93


def test_groups_without_any_event_are_no_certainty():
    measured = difference(["a"] * 50 + ["b"] * 50, [0] * 100, [0.01] * 100)

    assert (measured.value, measured.low) == (0.0, 0.0)
    assert measured.high > 0.05


def test_scores_that_are_right_with_certainty_are_no_certainty():
    measured = difference(["a"] * 40 + ["b"] * 40, [0, 1] * 40, [0.0, 1.0] * 40)

    assert measured.value == 0.0
    assert measured.high > 0.1


def test_scores_that_are_wrong_with_certainty_reach_the_largest_difference():
    measured = difference(["a"] * 40 + ["b"] * 40, [0] * 40 + [1] * 40, [1.0] * 40 + [0.0] * 40)

    assert (measured.value, measured.high) == (2.0, 2.0)
    assert measured.low > 1.8


def test_small_and_unknown_groups_are_listed_and_not_compared():
    measured = difference(["a"] * 60 + ["b"] * 60 + ["c", None], [0, 1] * 61, [0.5] * 122, smallest=30)

    assert [group["judged"] for group in measured.details["groups"]] == [True, True, False, False]
    assert (measured.judged, measured.n) == (True, 120)


def test_calibration_difference_is_not_judged_when_many_rows_are_left_out():
    measured = difference(["a"] * 40 + ["b"] * 40 + ["c"] * 20, [0, 1] * 50, [0.5] * 100, smallest=30)

    assert (measured.judged, measured.reason.code) == (False, "small_groups")


def test_a_declared_group_without_rows_is_listed_without_a_number():
    declared = Groups(codes=np.array([0, 0, 1, 1], np.int32), levels=("a", "b", "c"))
    measured = difference(declared, [0, 1, 1, 1], [0.5] * 4)

    assert measured.value == 0.5
    assert measured.details["groups"][2] == {
        "slice": {"g": "c"}, "value": None, "low": None, "high": None, "n": 0, "share": 0.0, "judged": False,
    }  # fmt: skip


@pytest.mark.parametrize("groups", [["a"] * 40, [None] * 40, ["a"] + ["b"] * 39])
def test_calibration_difference_needs_two_groups(groups):
    measured = difference(groups, [0, 1] * 20, [0.5] * 40, smallest=2)

    assert (measured.value, measured.judged, measured.reason.code) == (None, False, "fewer_than_two_groups")


def test_calibration_difference_of_clustered_rows_is_not_judged():
    measured = difference(["a", "b"] * 20, [0, 1] * 20, [0.5] * 40, entity=list(range(20)) * 2)

    assert (measured.value, measured.low, measured.judged) == (1.0, None, False)
    assert measured.reason.code == "clustered_rows"


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (block([0, 1], [0, 1], groups={"g": ["a", "b"]}), "no_scores"),
        (grouped(["a", "b"], [0, 1], [0.1, 0.9]).where(np.zeros(2, bool)), "no_rows"),
        (grouped(["a", "b"], [0, 1], [0.1, 0.9], positive=None), "no_positive"),
        (block([1.0], [1.0], groups={"g": ["a"]}, task="regression"), "needs_binary"),
    ],
)
def test_calibration_difference_says_what_it_lacks(made, code):
    with pytest.raises(NotMeasurable, match=rf"^{code}$"):
        calibration_difference(GroupMoments.of(made, ("g",)))


def test_calibration_difference_refuses_groups_of_no_rows():
    with pytest.raises(ChecklistError, match="'minimum_group_size' must be at least 1"):
        difference(["a"], [0], [0.5], smallest=0)


def limits_by_hand(y_true, y_score, mass):
    """Clopper and Pearson's of the rate, by beta quantiles at the rows that the errors' variance leaves, moved."""
    error, rate = np.array(y_score) - np.array(y_true), np.mean(y_true)
    n = len(error) * min(1.0, rate * (1 - rate) / np.mean((error - error.mean()) ** 2))
    low = beta.ppf(mass / 2, rate * n, n - rate * n + 1)
    high = beta.ppf(1 - mass / 2, rate * n + 1, n - rate * n)
    return error.mean() - (high - rate), error.mean() + (rate - low)


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
@pytest.mark.parametrize(
    "y_score", [[0.25] * 40, [0.125, 0.5] * 20, [0.9, 0.1] * 20], ids=["the same", "varying", "as wrong as can be"]
)
def test_every_group_has_clopper_pearsons_limits_moved_to_its_mean_error(y_score, confidence):
    y_true = [0, 1, 0, 0] * 10
    made = grouped(["a"] * 40 + ["b"] * 40, y_true * 2, [*y_score, *[0.5] * 40])
    groups = calibration_difference(GroupMoments.of(made, ("g",)), confidence=confidence).details["groups"]

    assert (groups[0]["low"], groups[0]["high"]) == pytest.approx(
        limits_by_hand(y_true, y_score, 1 - confidence), abs=1e-9
    )


def test_two_groups_are_combined_by_squares():
    one, other = ([0, 1, 0, 0] * 15, [0.25] * 60), ([0, 1, 1, 0] * 10, [0.75] * 40)
    measured = difference(["a"] * 60 + ["b"] * 40, one[0] + other[0], one[1] + other[1])
    (low_a, high_a), (low_b, high_b) = (limits_by_hand(*group, 0.05) for group in (one, other))

    # Two groups are one pair: each has the limits of 95 %.
    assert measured.value == 0.25
    assert measured.low == pytest.approx(0.25 - np.hypot(0.25 - low_b, high_a - 0.0), abs=1e-6)
    assert measured.high == pytest.approx(0.25 + np.hypot(high_b - 0.25, 0.0 - low_a), abs=1e-6)


def test_defaults_are_thirty_rows_and_ninety_five_percent():
    made = grouped(["a"] * 31 + ["b"] * 30 + ["c"] * 3, [0, 1] * 32, [0.5] * 64)
    evidence = GroupMoments.of(made, ("g",))
    usual = calibration_difference(evidence)

    assert usual == calibration_difference(evidence, minimum_group_size=30, confidence=0.95)
    assert [group["judged"] for group in usual.details["groups"]] == [True, True, False]
    assert calibration_difference(evidence, minimum_group_size=31).reason.code == "fewer_than_two_groups"
    assert calibration_difference(evidence, confidence=0.8).high < usual.high


def test_every_group_is_listed_with_its_rows_and_its_share():
    measured = difference(["a"] * 6 + ["b"] * 3 + [None], [0, 1] * 5, [0.75] * 10, smallest=3)
    a, b, unknown = measured.details["groups"]

    assert (a["slice"], a["n"], a["share"], a["value"], a["judged"]) == ({"g": "a"}, 6, 0.6, 0.25, True)
    assert (b["slice"], b["n"], b["share"], b["judged"]) == ({"g": "b"}, 3, 0.3, True)
    assert b["value"] == pytest.approx(0.75 - 1 / 3)
    assert unknown == {
        "slice": {"g": None}, "value": -0.25, "low": None, "high": None, "n": 1, "share": 0.1, "judged": False,
    }  # fmt: skip
    assert (measured.n, measured.reason.code) == (9, "small_groups")


def test_a_group_of_one_row_has_limits_as_wide_as_its_ignorance():
    measured = difference(["a"] + ["b"] * 99, [1] + [0] * 99, [0.5] + [0.01] * 99)

    # One event of one row: its rate may be anything above 2.5 %.
    assert measured.details["groups"][0]["value"] == -0.5
    assert measured.details["groups"][0]["high"] == pytest.approx(-0.5 + 0.975)
    assert measured.low == 0.0


@pytest.mark.parametrize("order", ["abc", "cab", "bca", "cba"])
def test_which_group_comes_first_does_not_matter(order):
    scores = {"a": 0.5, "b": 0.75, "c": 0.125}

    def of(names):
        return difference(
            [name for name in names for _ in range(40)], [0, 1] * 60, np.repeat([scores[name] for name in names], 40)
        )

    measured, usual = of(order), of("abc")
    assert (measured.value, measured.details["worst"]) == (0.625, [{"g": "c"}, {"g": "b"}])
    assert (measured.low, measured.high) == (usual.low, usual.high)
    assert {group["slice"]["g"]: group["low"] for group in measured.details["groups"]} == {
        group["slice"]["g"]: group["low"] for group in usual.details["groups"]
    }


def test_more_groups_make_the_interval_wider():
    def of(k):
        groups = np.repeat(np.arange(k), 60).tolist()
        return difference(groups, [0, 1] * (30 * k), [0.75] * 60 + [0.5] * (60 * (k - 1)))

    assert of(2).value == of(8).value == 0.25
    assert of(8).low < of(2).low
    assert of(8).high > of(2).high


def test_more_rows_make_the_interval_narrower():
    few, more = (difference(["a", "b"] * n, [0, 1] * n, [0.5] * (2 * n), smallest=1) for n in (10, 1000))

    assert few.value == more.value == 1.0
    assert more.low > few.low
    assert few.high == 1.0 + (few.high - 1.0) >= more.high


def test_scores_and_outcomes_moved_alike_in_both_groups_are_no_difference():
    measured = difference(["a"] * 40 + ["b"] * 40, [0, 1] * 40, [0.875] * 80)

    assert (measured.value, measured.low) == (0.0, 0.0)
    assert [group["value"] for group in measured.details["groups"]] == [0.375, 0.375]


def test_two_attributes_are_compared_by_every_pair_of_values():
    made = block(
        [0, 1] * 80, [1] * 160, [0.5] * 40 + [0.625] * 40 + [0.75] * 80, groups={"g": ["a", "b"] * 80, "h": ["x"] * 160}
    )
    measured = calibration_difference(GroupMoments.of(made, ("g", "h")))

    assert [group["slice"] for group in measured.details["groups"]] == [{"g": "a", "h": "x"}, {"g": "b", "h": "x"}]
    assert measured.value == 1.0


def test_clustered_groups_are_listed_without_limits_of_independent_rows():
    measured = difference(["a", "b"] * 20, [0, 1] * 20, [0.5] * 40, entity=list(range(20)) * 2)

    assert [(group["value"], group["low"], group["high"]) for group in measured.details["groups"]] == [
        (0.5, None, None),
        (-0.5, None, None),
    ]
    assert (measured.high, measured.n, measured.unit) == (None, 40, "difference")
    assert measured.details["worst"] == [{"g": "b"}, {"g": "a"}]


def test_clustered_rows_of_one_group_say_that_there_is_but_one():
    measured = difference(["a"] * 40, [0, 1] * 20, [0.5] * 40, entity=list(range(20)) * 2)

    assert (measured.value, measured.reason.code) == (None, "fewer_than_two_groups")


def test_a_difference_of_the_groups_calibration_is_covered():
    found = []
    for seed in range(150):
        groups, y_true, y_score = equal_groups(2, 100, 0.2, seed)
        # Scores of the second group a tenth of what is left too high.
        moved = np.where(np.array(groups) == 1, y_score + 0.1 * (1 - y_score), y_score)
        found.append(difference(groups, y_true, moved))
    odds = np.exp(np.random.default_rng(0).normal(np.log(0.25), 1.0, 100_000))
    true = 0.1 * (1 - np.mean(odds / (1 + odds)))

    assert np.mean([one.low <= true <= one.high for one in found]) >= 0.93
