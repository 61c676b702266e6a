import numpy as np
import pytest
from scipy import stats

from reliability.checks.drift.outcomes import label_drift, prediction_drift
from reliability.errors import ChecklistError
from reliability.evidence.probe import Answers, Probe
from reliability.records import canonical_json
from tests.checks.drift.two_sets import histogram, refused, sampled


def labels(y, **roles):
    return histogram({"x": [0] * len(y)}, y, **roles)


def answering(rows, says):
    """A probe whose model says of a row what `says` makes of its x."""

    def ask(columns):
        return says(columns["x"].values)

    return Probe(sample=rows, answers=ask(rows.columns), ask=ask, ask_anew=ask)


def scored(x):
    return Answers(labels=(x > 0.5).astype(np.int64), scores=x.astype(np.float64))


def labelled(x):
    return Answers(labels=(x > 0.5).astype(np.int64))


def test_label_drift_is_the_largest_change_of_a_share():
    found = label_drift(labels([1] * 60 + [0] * 40), labels([1] * 30 + [0] * 170))

    assert found.value == pytest.approx(0.45)
    assert 0.3 < found.low < 0.45 < found.high < 0.6
    assert [one["of"] for one in found.details["classes"]] == [0, 1]
    assert (found.n, found.details["training_n"], found.of) == (100, 200, None)


def test_label_drift_of_more_classes_names_the_one_that_moved_most():
    # nannyml: a class that comes to hold 0.67 is that far away (f14).
    found = label_drift(
        labels(["a"] * 33 + ["c"] * 67, classes=("a", "b", "c"), task="multiclass", positive=None),
        labels(["a"] * 33 + ["b"] * 67, classes=("a", "b", "c"), task="multiclass", positive=None),
    )

    assert (found.value, found.of) == (pytest.approx(0.67), "b")
    canonical_json(found)


def test_label_drift_of_equal_shares_is_nothing():
    found = label_drift(labels([0, 1] * 50), labels([0, 1] * 500))

    assert (found.value, found.low) == (0.0, 0.0)


def test_label_drift_of_values_is_the_kolmogorov_smirnov_statistic():
    draws = np.random.default_rng(0)
    y, other = draws.normal(size=300), draws.normal(0.5, 1, 200)
    found = label_drift(labels(other, task="regression"), labels(y, task="regression"))

    assert found.value == pytest.approx(stats.ks_2samp(y, other).statistic, abs=1e-12)
    assert found.method == "two_sample_dkw"


def test_label_drift_needs_rows_of_both():
    assert refused(label_drift, labels([]), labels([0])) == "no_rows"
    assert refused(label_drift, labels([0]), labels([])) == "no_training_data"


def test_label_drift_of_clustered_rows_is_not_judged():
    found = label_drift(labels([0, 1], entity=[1, 2]), labels([0, 1]))

    assert (found.judged, found.low, found.details["classes"][0]["low"]) == (False, None, None)


def test_prediction_drift_compares_scores_of_training_rows_asked_again():
    draws = np.random.default_rng(0)
    here, there = draws.random(400) ** 2, draws.random(300)
    probe = answering(sampled([0] * 400, {"x": here}), scored)
    found = prediction_drift(probe, sampled([0] * 300, {"x": there}))

    assert found.value == pytest.approx(stats.ks_2samp(here, there).statistic, abs=1e-12)
    assert found.low < found.value < found.high
    assert (found.n, found.details["training_n"], found.details["of_n"]) == (400, 300, 400)


def test_prediction_drift_without_scores_compares_shares():
    found = prediction_drift(
        answering(sampled([0] * 100, {"x": [1.0] * 60 + [0.0] * 40}), labelled),
        sampled([0] * 50, {"x": [0.0, 1.0] * 25}),
    )

    assert found.value == pytest.approx(0.1)
    assert found.method == "square_and_add_clopper_pearson"


def test_prediction_drift_names_the_class_whose_scores_moved_most():
    roles = {"classes": ("a", "b", "c"), "task": "multiclass", "positive": None}

    def ask(x):
        return Answers(labels=np.zeros(len(x), np.int64), scores=np.column_stack((np.full(len(x), 0.2), x, 0.8 - x)))

    rows = sampled(["a"] * 40, {"x": [0.1, 0.2] * 20}, **roles)
    found = prediction_drift(answering(rows, ask), sampled(["a"] * 40, {"x": [0.7, 0.2] * 20}, **roles))

    assert (found.value, found.of) == (0.5, "b")


def test_prediction_drift_of_values_is_that_of_their_distribution():
    def ask(x):
        return Answers(labels=x * 2.0)

    rows = sampled([0.0] * 50, {"x": [0.0] * 50}, task="regression")
    found = prediction_drift(answering(rows, ask), sampled([0.0] * 50, {"x": [1.0] * 50}, task="regression"))

    assert found.value == 1.0


def test_prediction_drift_uses_no_more_rows_than_asked_for():
    probe = answering(sampled([0] * 50, {"x": np.linspace(0, 1, 50)}), scored)
    found = prediction_drift(probe, sampled([0] * 50, {"x": np.linspace(0, 1, 50)}), sample_size=20)

    assert (found.n, found.details["training_n"], found.details["of_n"]) == (20, 20, 50)
    with pytest.raises(ChecklistError):
        prediction_drift(probe, probe.sample, sample_size=0)


def test_prediction_drift_needs_rows_of_both():
    some, none = sampled([0], {"x": [0.5]}), sampled([], {"x": []})

    assert refused(prediction_drift, answering(none, scored), some) == "no_rows"
    assert refused(prediction_drift, answering(some, scored), none) == "no_training_data"
