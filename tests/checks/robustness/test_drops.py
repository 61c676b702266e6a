import numpy as np
import pytest
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from reliability.checks.robustness.consistency import noise_consistency
from reliability.checks.robustness.drops import accuracy_drop, auc_drop
from reliability.errors import NotMeasurable, UsageError
from reliability.evidence.probe import Answers
from reliability.intervals.proportions import clopper_pearson
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
