from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from reliability.checks.drift.outcomes import label_drift, prediction_drift
from reliability.errors import ChecklistError
from reliability.evidence.probe import Answers, Probe
from reliability.records import canonical_json
from tests.checks.drift.two_sets import histogram, refused, sampled

THREE = {"classes": ("a", "b", "c"), "task": "multiclass", "positive": None}


def labels(y, **roles):
    return histogram({"x": [0] * len(y)}, y, **roles)


def answering(rows, says):
    """A probe whose model says of a row what `says` makes of its x."""

    def ask(columns):
        return says(columns["x"].values)

    return Probe(sample=rows, answers=ask(rows.columns), ask=ask, ask_anew=ask)


def scored(x):
    return Answers(labels=(x > 0.5).astype(np.int64), scores=x.astype(np.float64))


def scored_by_class(x):
    scores = np.column_stack((np.full(len(x), 0.2), x, 0.8 - x))
    return Answers(labels=np.zeros(len(x), np.int64), scores=scores)


def labelled(x):
    return Answers(labels=(x > 0.5).astype(np.int64))


def spelled(*counts):
    """Labels a, b and c of so many rows each."""
    return np.repeat(["a", "b", "c"], counts).tolist()


def newcombe(count, n, training_count, training_n, mass):
    """Method 10 of Newcombe (1998) on SciPy's Clopper-Pearson limits."""
    (low, high), (training_low, training_high) = (
        stats.binomtest(k, rows).proportion_ci(1 - mass, method="exact")
        for k, rows in ((count, n), (training_count, training_n))
    )
    q, p = count / n, training_count / training_n
    return q - p - np.hypot(q - low, training_high - p), q - p + np.hypot(high - q, p - training_low)


def massart(n, training_n, mass):
    """Theorem 1 of Wei and Dudley (2012): how far two distribution functions may stray."""
    return np.sqrt(np.log(np.e / mass) / 2 * (1 / n + 1 / training_n))


def test_label_drift_is_the_largest_change_of_a_share():
    found = label_drift(labels([1] * 60 + [0] * 40), labels([1] * 30 + [0] * 170))

    assert found.value == pytest.approx(0.45)
    assert 0.3 < found.low < 0.45 < found.high < 0.6
    assert [one["of"] for one in found.details["classes"]] == [0, 1]
    assert (found.n, found.details["training_n"], found.of) == (100, 200, None)


def test_label_drift_of_more_classes_names_the_one_that_moved_most():
    # nannyml: a class that comes to hold 0.67 is that far away (f14).
    found = label_drift(
        labels(["a"] * 33 + ["c"] * 67, **THREE),
        labels(["a"] * 33 + ["b"] * 67, **THREE),
    )

    assert (found.value, found.of) == (pytest.approx(0.67), "b")
    canonical_json(found)


def test_label_drift_lists_every_class_with_its_own_limits():
    found = label_drift(labels([1] * 30 + [0] * 70), labels([1] * 20 + [0] * 180), confidence=0.9)
    below, above = newcombe(30, 100, 20, 200, 0.1)

    assert found.details["classes"] == [
        {"of": 0, "training_share": 0.9, "share": 0.7, "low": pytest.approx(-above), "high": pytest.approx(-below)},
        {"of": 1, "training_share": 0.1, "share": 0.3, "low": pytest.approx(below), "high": pytest.approx(above)},
    ]
    # What one of two classes gains the other loses: one comparison.
    assert (found.low, found.high) == (pytest.approx(below), pytest.approx(above))
    assert (found.unit, found.method, found.p_value, found.reason) == (
        "dimensionless", "square_and_add_clopper_pearson", None, None,
    )  # fmt: skip


def test_limits_of_three_classes_hold_for_all_of_them_at_once():
    many, few = spelled(60, 20, 20), spelled(10, 45, 45)
    gained, lost = (
        label_drift(labels(one, **THREE), labels(other, **THREE)) for one, other in ((many, few), (few, many))
    )

    low, high = newcombe(60, 100, 10, 100, 0.05 / 3)
    assert (gained.value, gained.of, gained.low, gained.high) == (0.5, "a", pytest.approx(low), pytest.approx(high))
    assert (lost.value, lost.of, lost.low, lost.high) == (0.5, "a", pytest.approx(low), pytest.approx(high))


def test_a_class_that_takes_all_rows_from_another_has_moved_by_one():
    found = label_drift(labels([1] * 40), labels([0] * 40))

    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low < 1.0


def test_label_drift_of_equal_shares_is_nothing():
    found = label_drift(labels([0, 1] * 50), labels([0, 1] * 500))

    assert (found.value, found.low) == (0.0, 0.0)


def test_label_drift_of_values_is_the_kolmogorov_smirnov_statistic():
    draws = np.random.default_rng(0)
    y, other = draws.normal(size=300), draws.normal(0.5, 1, 200)
    found = label_drift(labels(other, task="regression"), labels(y, task="regression"))

    assert found.value == pytest.approx(stats.ks_2samp(y, other).statistic, abs=1e-12)
    assert found.high - found.value == pytest.approx(massart(200, 300, 0.05))
    assert found.p_value == pytest.approx(stats.kstwobign.sf(found.value * 120**0.5))
    assert (found.method, found.unit, found.of, found.reason) == ("two_sample_dkw", "dimensionless", None, None)
    assert found.details == {"coarse": 0.0}


def test_label_drift_needs_rows_of_both():
    assert refused(label_drift, labels([]), labels([0])) == "no_rows"
    assert refused(label_drift, labels([0]), labels([])) == "no_training_data"


def test_label_drift_of_clustered_rows_is_not_judged():
    found = label_drift(labels([0, 1], entity=[1, 2]), labels([0, 1]))

    assert (found.judged, found.low, found.details["classes"][0]["low"]) == (False, None, None)


@pytest.mark.parametrize("entities", [([1, 2], None), (None, [1, 2])])
def test_clustered_rows_of_either_data_set_are_not_judged(entities):
    here, there = ({"entity": one} for one in entities)
    rows, training = sampled([0, 1], {"x": [0.2, 0.9]}, **here), sampled([0, 1], {"x": [0.1, 0.2]}, **there)
    every = [
        label_drift(labels([0, 1], **here), labels([0, 1], **there)),
        label_drift(labels([0, 1], task="regression", **here), labels([0, 3], task="regression", **there)),
        prediction_drift(answering(rows, scored), training),
        prediction_drift(answering(rows, labelled), training),
    ]

    assert [one.value for one in every] == [0.0, 0.5, 0.5, 0.5]
    for one in every:
        assert (one.judged, one.low, one.high, one.p_value) == (False, None, None, None)
        assert one.reason.code == "clustered_rows"
    for one in every[0], every[3]:
        assert {(cls["low"], cls["high"]) for cls in one.details["classes"]} == {(None, None)}


def test_prediction_drift_compares_scores_of_training_rows_asked_again():
    draws = np.random.default_rng(0)
    here, there = draws.random(400) ** 2, draws.random(300)
    probe = answering(sampled([0] * 400, {"x": here}), scored)
    found = prediction_drift(probe, sampled([0] * 300, {"x": there}))

    assert found.value == pytest.approx(stats.ks_2samp(here, there).statistic, abs=1e-12)
    assert found.high - found.value == found.value - found.low == pytest.approx(massart(400, 300, 0.05))
    assert (found.method, found.unit, found.of, found.reason) == ("two_sample_dkw", "dimensionless", None, None)
    assert (found.n, found.details) == (400, {"training_n": 300, "of_n": 400})


def test_prediction_drift_without_scores_compares_shares():
    found = prediction_drift(
        answering(sampled([0] * 100, {"x": [1.0] * 60 + [0.0] * 40}), labelled),
        sampled([0] * 50, {"x": [0.0, 1.0] * 25}),
    )

    assert found.value == pytest.approx(0.1)
    assert found.method == "square_and_add_clopper_pearson"


def test_prediction_drift_without_scores_lists_classes_that_are_never_predicted():
    rows, training = sampled(["a"] * 4, {"x": [0.9, 0.9, 0.9, 0.1]}, **THREE), sampled(["a"], {"x": [0.1]}, **THREE)
    found = prediction_drift(answering(rows, labelled), training)

    assert [(one["of"], one["training_share"], one["share"]) for one in found.details["classes"]] == [
        ("a", 1.0, 0.25), ("b", 0.0, 0.75), ("c", 0.0, 0.0),
    ]  # fmt: skip
    assert (found.of, found.n, found.details["training_n"], found.details["of_n"]) == ("a", 4, 1, 4)


@pytest.mark.parametrize(("at_first", "later"), [(scored, labelled), (labelled, scored)])
def test_scores_that_the_model_gives_only_once_are_not_compared(at_first, later):
    rows = sampled([0] * 4, {"x": [0.6, 0.7, 0.8, 0.1]})
    probe = replace(answering(rows, later), answers=at_first(rows.columns["x"].values))
    found = prediction_drift(probe, sampled([0] * 2, {"x": [0.9, 0.2]}))

    assert (found.value, found.method) == (0.25, "square_and_add_clopper_pearson")


def test_prediction_drift_names_the_class_whose_scores_moved_most():
    rows = sampled(["a"] * 40, {"x": [0.1, 0.2] * 20}, **THREE)
    found = prediction_drift(answering(rows, scored_by_class), sampled(["a"] * 40, {"x": [0.7, 0.2] * 20}, **THREE))

    reach = massart(40, 40, 0.05 / 3)
    assert (found.value, found.of) == (0.5, "b")
    assert (found.low, found.high) == (pytest.approx(0.5 - reach), pytest.approx(0.5 + reach))
    assert found.p_value is None


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
    assert prediction_drift(probe, probe.sample, sample_size=1).n == 1
    with pytest.raises(ChecklistError) as refusal:
        prediction_drift(probe, probe.sample, sample_size=0)
    assert refusal.value.code == "option_too_small"
    assert refusal.value.values == {"option": "sample_size", "least": 1, "value": 0}


def test_prediction_drift_uses_five_thousand_rows_unless_told_otherwise():
    rows = sampled([0] * 5_001, {"x": np.linspace(0, 1, 5_001)})
    found = prediction_drift(answering(rows, scored), rows)

    assert (found.n, found.details["training_n"], found.details["of_n"]) == (5_000, 5_000, 5_001)


def test_prediction_drift_needs_rows_of_both():
    some, none = sampled([0], {"x": [0.5]}), sampled([], {"x": []})

    assert refused(prediction_drift, answering(none, scored), some) == "no_rows"
    assert refused(prediction_drift, answering(some, scored), none) == "no_training_data"
