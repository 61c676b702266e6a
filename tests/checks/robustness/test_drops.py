import numpy as np
import pytest
from scipy.stats import norm, t
from sklearn.metrics import roc_auc_score

from reliability.checks.robustness.consistency import noise_consistency
from reliability.checks.robustness.drops import accuracy_drop, auc_drop
from reliability.errors import NotMeasurable, UsageError
from reliability.evidence.probe import Answers
from reliability.intervals.proportions import clopper_pearson
from reliability.intervals.ranks import area_change_interval
from reliability.records import canonical_json
from tests.checks.probing import labels_only, linear, probed, rows_asked


def scored(n=600, seed=0, model=None, **roles):
    draws = np.random.default_rng(seed)
    x = draws.normal(size=n)
    y = (x + draws.normal(size=n) > 0).astype(int)
    return probed({"x": x, "w": ["a b", "c d"] * (n // 2)}, model or linear({"x": 1.0}), y_true=y, **roles)


def test_accuracy_drop_is_what_consistency_tells_of_it():
    probe, profile, _ = scored()
    drop = accuracy_drop(probe, profile, strength=1.0, seed=3)
    told = noise_consistency(probe, profile, strength=1.0, seed=3).details["accuracy"]

    assert (drop.value, drop.low, drop.high) == (told["drop"], told["low"], told["high"])
    assert (drop.unit, drop.method) == ("difference", "mover_mcnemar")
    assert drop.details == {
        "of_n": 600, "disturbance": "noise", "strength": 1.0, "before": told["before"], "after": told["after"],
    }  # fmt: skip
    assert drop.low > 0


def test_auc_drop_agrees_with_scikit_learn():
    probe, profile, asked = scored()
    drop = auc_drop(probe, profile, strength=1.0, seed=3)
    y = probe.sample.y_true
    areas = [roc_auc_score(y, linear({"x": 1.0})(table).scores) for table in (probe.sample.columns, asked[0])]

    assert drop.value == pytest.approx(areas[0] - areas[1])
    assert (drop.details["before"], drop.details["after"]) == pytest.approx(areas)
    assert drop.low < drop.value < drop.high


def test_interval_of_an_auc_drop_covers_the_true_one():
    # The two areas of normal scores: Phi(d / sqrt 2) with and without noise of half a standard deviation.
    missed = 0
    for seed in range(120):
        draws = np.random.default_rng(seed)
        y = np.arange(240) % 2
        x = draws.normal(size=240) + y
        probe, profile, _ = probed({"x": x}, linear({"x": 1.0}), y_true=y)
        spread = 0.5 * np.sqrt(1.25)
        true = norm.cdf(1 / np.sqrt(2)) - norm.cdf(1 / np.sqrt(2 * (1 + spread**2)))
        drop = auc_drop(probe, profile, strength=0.5, seed=10_000 + seed)
        missed += not drop.low <= true <= drop.high

    assert missed <= 14


@pytest.mark.parametrize(
    "disturbance", ["missing_values", "rounding", "category_swap", "unseen_category", "typos", "spacing"]
)
def test_drops_take_every_disturbance_and_ask_each_row_once(disturbance):
    probe, profile, asked = scored(200)
    for check in (accuracy_drop, auc_drop):
        measured = check(probe, profile, disturbance=disturbance)
        assert measured.low <= measured.value <= measured.high
        assert canonical_json(measured)
    assert rows_asked(asked) == 400


@pytest.mark.parametrize("disturbance", ["unseen_category", "typos", "category_swap"])
def test_a_model_that_reads_no_text_loses_nothing_by_it(disturbance):
    probe, profile, _ = scored(400)
    accuracy, auc = (
        check(probe, profile, disturbance=disturbance, strength=1.0) for check in (accuracy_drop, auc_drop)
    )
    positive = int(probe.sample.y_true.sum())
    half = sum(clopper_pearson(0, n, confidence=0.95)[1] for n in (positive, 400 - positive))

    assert accuracy.value == auc.value == 0.0
    assert accuracy.low < 0 < accuracy.high < 0.02
    assert (auc.low, auc.high, auc.method) == (pytest.approx(-half), pytest.approx(half), "clopper_pearson")


def test_a_drop_can_be_a_gain():
    # A model that errs on every row is right on half of those that noise moves across.
    x = np.random.default_rng(0).normal(size=500)
    probe, profile, _ = probed({"x": x}, linear({"x": 1.0}), y_true=(x < 0).astype(int))

    assert accuracy_drop(probe, profile, strength=1.0, seed=5).high < 0
    assert auc_drop(probe, profile, strength=1.0, seed=5).value < 0


def test_drops_of_clustered_rows_have_wider_intervals():
    alone, profile, _ = scored(400)
    clustered, _, _ = scored(400, entity=[1 + i // 20 for i in range(400)])
    for check in (accuracy_drop, auc_drop):
        first, second = (check(one, profile, strength=1.0, seed=1) for one in (alone, clustered))
        assert first.value == second.value
        assert second.high - second.low != first.high - first.low
    assert accuracy_drop(clustered, profile).method == "mover_mcnemar_effective_n"
    assert [auc_drop(one, profile, strength=1.0, seed=1).method for one in (alone, clustered)] == [
        "placement_t_further",
        "delta",
    ]


@pytest.mark.parametrize(
    ("roles", "model", "code"),
    [
        ({"task": "multiclass", "positive": None}, None, "needs_binary"),
        ({"positive": None}, None, "no_positive"),
        ({}, labels_only(linear({"x": 1.0})), "no_scores"),
    ],
)
def test_auc_drop_refuses(roles, model, code):
    probe, profile, asked = scored(40, model=model, **roles)

    with pytest.raises(NotMeasurable, match=code):
        auc_drop(probe, profile)
    assert asked == []


def test_drops_refuse_one_class_a_regression_and_no_rows():
    one, profile, _ = probed({"x": [1.0, 2.0]}, linear({"x": 1.0}), y_true=[1, 1])
    with pytest.raises(NotMeasurable, match="one_class"):
        auc_drop(one, profile)
    value, profile, _ = probed({"x": [1.0, 2.0]}, lambda c: Answers(labels=c["x"].values), task="regression")
    with pytest.raises(NotMeasurable, match="needs_classification"):
        accuracy_drop(value, profile)
    none, profile, _ = probed({"x": []}, linear({"x": 1.0}))
    with pytest.raises(NotMeasurable, match="no_rows"):
        accuracy_drop(none, profile)


@pytest.mark.parametrize(
    ("disturbance", "strength"), [("typos", 1.5), ("noise", -1.0), ("rounding", 16.0), ("noise", np.inf)]
)
def test_drops_refuse_a_strength_out_of_range(disturbance, strength):
    probe, profile, _ = scored(20)

    with pytest.raises(UsageError, match="'strength'"):
        accuracy_drop(probe, profile, disturbance=disturbance, strength=strength)


def test_drops_rest_on_the_seed_alone():
    probe, profile, _ = scored(300)

    assert accuracy_drop(probe, profile, strength=1.0, seed=1) == accuracy_drop(probe, profile, strength=1.0, seed=1)
    assert auc_drop(probe, profile, strength=1.0, seed=1) != auc_drop(probe, profile, strength=1.0, seed=2)


def flags(model, n=100):
    """Rows that a column of yes and no tells apart without an error; exchanging all of them turns every row."""
    return probed({"b": [True, False] * (n // 2)}, model, y_true=[1, 0] * (n // 2))


def turning(columns):
    yes = columns["b"].values.astype(float)
    return Answers(labels=yes.astype(np.int64), scores=0.1 + 0.8 * yes)


def silenced(columns):
    """The model of `turning` that has nothing to say of what is missing."""
    return Answers(labels=turning(columns).labels, scores=np.where(columns["b"].missing, 0.5, turning(columns).scores))


@pytest.mark.parametrize(
    ("model", "disturbance", "after"), [(turning, "category_swap", 0.0), (silenced, "missing_values", 0.5)]
)
@pytest.mark.parametrize("n", [2, 100])
def test_an_area_lost_by_every_row_alike_is_lost(model, disturbance, after, n):
    probe, profile, _ = flags(model, n)
    drop = auc_drop(probe, profile, disturbance=disturbance, strength=1.0)
    unseen = min(1.0, 2 * clopper_pearson(0, n // 2, confidence=0.95)[1])

    assert (drop.details["before"], drop.details["after"]) == (1.0, after)
    assert (drop.value, drop.method) == (1 - after, "clopper_pearson")
    # Of the share of pairs that may move unlike these, every one may have lost nothing, or even gained.
    assert drop.low == pytest.approx(drop.value * (1 - unseen) - unseen)
    assert drop.high == pytest.approx(drop.value * (1 - unseen) + unseen)
    assert -1 <= drop.low <= drop.value <= drop.high <= 1


def test_an_area_gained_by_every_row_alike_is_a_gain():
    probe, profile, _ = probed({"b": [True, False] * 50}, turning, y_true=[0, 1] * 50)
    drop = auc_drop(probe, profile, disturbance="category_swap", strength=1.0)

    assert (drop.value, drop.low) == (-1.0, -1.0)
    assert -1.0 < drop.high < 0


def answering(before, after, y_true):
    """The drop of a model that scores its rows anew where their only cell is gone."""

    def model(columns):
        return Answers(
            labels=np.zeros(len(y_true), np.int64), scores=np.where(columns["x"].missing, after, before) / 10
        )

    probe, profile, _ = probed({"x": [float(at) for at in range(len(y_true))]}, model, y_true=y_true)
    return auc_drop(probe, profile, disturbance="missing_values", strength=1.0)


def test_rounding_is_not_taken_for_a_variance_where_every_row_loses_alike():
    # Every row beats a sixth less of the rows of the other class; sixths are no binary fractions.
    drop = answering([3, 0, 6, 5, 2, 0], [4, 2, 6, 6, 4, 3], [1, 1, 1, 0, 0, 0])

    assert drop.value == pytest.approx(1 / 6)
    assert drop.high - drop.low > 0.5


def test_rows_that_change_places_have_a_variance_though_the_others_stay_and_the_area_does_too():
    drop = answering([6, 3, 4, 1] * 10, [3, 6, 4, 1] * 10, [1, 1, 0, 0] * 10)
    # Of twenty positive rows half win and half lose half of the rows of the other class; these stay where they are.
    spread = np.sqrt(20 / 19 * 0.5**2 / 20)

    assert (drop.value, drop.method) == (0.0, "placement_t_further")
    assert drop.low == pytest.approx(-drop.high)
    assert t.ppf(0.975, 19) * spread < drop.high < 2 * t.ppf(0.975, 19) * spread


def test_a_record_of_an_area_lost_tells_how_it_was_measured():
    probe, profile, _ = scored()
    drop = auc_drop(probe, profile, strength=1.0, sample_size=500, seed=3)

    assert (drop.unit, drop.method, drop.n) == ("difference", "placement_t_further", 500)
    assert drop.details == {
        "of_n": 600, "disturbance": "noise", "strength": 1.0,
        "before": drop.details["before"], "after": pytest.approx(drop.details["before"] - drop.value),
    }  # fmt: skip


def test_where_nothing_moved_the_areas_are_told_all_the_same():
    probe, profile, _ = scored(400)
    drop = auc_drop(probe, profile, disturbance="typos", strength=1.0)
    area = roc_auc_score(probe.sample.y_true, probe.answers.scores)

    assert drop.unit == "difference"
    assert drop.details == {
        "of_n": 400, "disturbance": "typos", "strength": 1.0,
        "before": pytest.approx(area), "after": pytest.approx(area),
    }  # fmt: skip


def test_two_rows_that_did_not_move_tell_nothing_of_others():
    probe, profile, _ = probed({"x": [1.0, -1.0], "w": ["ab", "cd"]}, linear({"x": 1.0}), y_true=[1, 0])
    drop = auc_drop(probe, profile, disturbance="typos")

    assert (drop.low, drop.value, drop.high) == (-1.0, 0.0, 1.0)


@pytest.mark.parametrize("strength", [0.1, 1.0])
def test_interval_of_an_auc_drop_is_a_little_wider_than_delongs_of_two_areas_on_the_same_rows(strength):
    probe, profile, asked = scored()
    drop = auc_drop(probe, profile, strength=strength, seed=3)
    positive = probe.sample.y_true == 1
    # Whether each pair of a positive row and another is ranked rightly, less the same after the noise.
    scores = [linear({"x": 1.0})(one).scores for one in (probe.sample.columns, asked[0])]
    won = [np.subtract.outer(one[positive], one[~positive]) > 0 for one in scores]
    lost = won[0].astype(float) - won[1]
    parts = [lost.mean(axis=axis) for axis in (0, 1)]
    half = 1.96 * np.sqrt(sum(one.var(ddof=1) / len(one) for one in parts))

    assert drop.value == pytest.approx(lost.mean())
    assert half < drop.high - drop.value < 1.6 * half
    assert half < drop.value - drop.low < 1.6 * half
    assert (drop.low, drop.high) == pytest.approx(area_change_interval((parts[0], parts[1]), confidence=0.95))


@pytest.mark.parametrize("entity", [None, [1 + at // 12 for at in range(24)]])
@pytest.mark.parametrize("gain", [False, True])
def test_limits_of_an_auc_drop_end_where_areas_do(gain, entity):
    # All but one row of either class change sides, so that few rows with some spread lose nearly all.
    b = [True, False] * 12
    x = [0.0] * 22 + [3.0, -3.0]

    def model(columns):
        total = columns["b"].values + columns["x"].values
        return Answers(labels=(total > 0.5).astype(np.int64), scores=1 / (1 + np.exp(-total)))

    y_true = [1 - one if gain else int(one) for one in b]
    probe, profile, _ = probed({"b": b, "x": x}, model, y_true=y_true, **({"entity": entity} if entity else {}))
    drop = auc_drop(probe, profile, disturbance="category_swap", strength=1.0)

    assert drop.method == ("delta" if entity else "placement_t_further")
    assert abs(drop.value) < 1
    assert (drop.low if gain else drop.high) == (-1.0 if gain else 1.0)


def test_an_area_lost_among_few_rows_of_a_class_is_told_and_not_judged():
    drop = answering([6, 3, *[4, 5] * 10], [3, 6, *[5, 4] * 10], [1] * 9 + [0] * 13)

    assert (drop.judged, drop.low, drop.high, drop.method, drop.unit) == (False, None, None, None, "difference")
    assert (drop.reason.code, drop.reason.with_) == ("too_few_for_interval", {"n": 9, "needed": 10})
    assert drop.details["before"] - drop.details["after"] == pytest.approx(drop.value)


@pytest.mark.parametrize("check", [accuracy_drop, auc_drop])
def test_drops_ask_five_thousand_rows_and_start_from_nought_unless_told_otherwise(check):
    x = np.random.default_rng(7).normal(size=5_010)
    probe, profile, _ = probed({"x": x}, linear({"x": 1.0}), y_true=(x > 0.5).astype(int))
    first, same, other = (check(probe, profile, **options) for options in ({}, {"seed": 0}, {"seed": 1}))

    assert (first.n, first.details["of_n"]) == (5_000, 5_010)
    assert first == same != other
