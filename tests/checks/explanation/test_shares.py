import numpy as np
import pytest
from scipy.stats import beta, t

from reliability.checks.explanation.importance import largest_feature_share, permutation_importance
from reliability.checks.explanation.permuted import permuted
from reliability.errors import NotMeasurable
from reliability.evidence.probe import Answers
from reliability.records import canonical_json
from tests.checks.probing import labels_only, linear, probed

KINDS = ("scores", "labels", "regression")


def adding(weights):
    """A regression that adds up."""
    return lambda columns: Answers(labels=sum(weight * columns[name].values for name, weight in weights.items()))


def case(kind, names, truth, weights, n=400):
    """Features of these names, a target that hangs on some of them, and a model that may see it otherwise."""
    draws = np.random.default_rng(0)
    columns = {name: draws.normal(size=n) for name in sorted(names)}
    total = sum(weight * columns[name] for name, weight in truth.items()) + 0.5 * draws.normal(size=n)
    columns = {name: columns[name] for name in names}
    if kind == "regression":
        return probed(columns, adding(weights), y_true=total, task="regression")[0]
    model = linear(weights) if kind == "scores" else labels_only(linear(weights))
    return probed(columns, model, y_true=(total > 0).astype(int))[0]


def unseen(probe, confidence=0.95):
    """The most that rows of a kind that was not met can be of all, or of either class."""
    positive = int((probe.sample.y_true == 1).sum())
    sizes = [probe.sample.n] if probe.answers.scores is None else [positive, probe.sample.n - positive]
    return sum(beta.ppf(0.5 + confidence / 2, 1, size) for size in sizes)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("names", ["zab", "bza", "abz"])
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_the_share_has_the_limits_of_the_delta_method(kind, names, confidence):
    weights = {"a": 1.5, "b": 1.0}
    probe = case(kind, names, weights, weights)
    measured = largest_feature_share(probe, confidence=confidence)
    found = permuted(probe, sample_size=1_000, repeats=3)
    used = (found.importance > 0).astype(float)
    total = found.importance @ used
    shares = found.importance * used / total
    slopes = (np.diag(used) - np.outer(shares, used)) / total
    spread = np.sqrt(np.diag(slopes @ np.cov(found.influence) @ slopes.T) / 400)
    halves = t.ppf(1 - (1 - confidence) / 3 / 2, 399) * spread

    assert used.tolist() == [name != "z" for name in names]
    assert measured.value == pytest.approx(shares.max())
    assert (measured.low, measured.high) == pytest.approx(((shares - halves).max(), (shares + halves).max()))
    assert 0 < measured.low < measured.high < 1
    assert (measured.n, measured.unit, measured.method) == (400, "share", "delta")
    assert measured.details["column"] == "a"


def test_the_limits_of_a_share_are_cut_at_one():
    probe = case("labels", "ab", {"a": 1.0}, {"a": 1.0, "b": 0.02})
    measured = largest_feature_share(probe, confidence=0.9999)

    assert measured.value < 1
    assert measured.high == 1.0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("harm", [0.1, 0.8], ids=["perhaps", "surely"])
def test_beside_one_feature_alone_one_that_does_harm_may_have_its_upper_limit(kind, harm):
    # What the model takes b for is the contrary of what b is.
    probe = case(kind, "ba", {"a": 1.0, "b": -harm}, {"a": 2.0, "b": harm})
    measured = largest_feature_share(probe)
    first, second = permutation_importance(probe).details["features"]

    assert (measured.value, measured.high, measured.details["column"]) == (1.0, 1.0, "a")
    assert second["value"] < 0
    assert (second["high"] < 0) == (harm == 0.8)
    assert measured.low == pytest.approx(first["low"] / (first["low"] + max(second["high"], 0)))
    assert (measured.n, measured.unit, measured.method) == (400, "share", "clopper_pearson")


@pytest.mark.parametrize("kind", ["scores", "labels"])
@pytest.mark.parametrize("names", ["yzba", "abyz"])
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_beside_one_feature_alone_each_that_changes_nothing_may_have_what_was_not_seen(kind, names, confidence):
    probe = case(kind, names, {"a": 1.0, "b": -0.05}, {"a": 2.0, "b": 0.05})
    measured = largest_feature_share(probe, confidence=confidence)
    told = {one["column"]: one for one in permutation_importance(probe, confidence=confidence).details["features"]}
    missed = told["b"]["high"] + 2 * unseen(probe, confidence)

    assert told["b"]["value"] < 0 < told["b"]["high"]
    assert measured.low == pytest.approx(told["a"]["low"] / (told["a"]["low"] + missed))
    assert measured.details == {"of_n": 400, "repeats": 3, "questions": 4_800, "column": "a"} | {
        "metric": "roc_auc" if kind == "scores" else "accuracy"
    }
    assert canonical_json(measured)


def test_an_error_that_was_not_met_has_no_size_and_the_share_is_not_judged():
    measured = largest_feature_share(case("regression", "zba", {"a": 1.0, "b": -0.05}, {"a": 2.0, "b": 0.05}))

    assert (measured.judged, measured.reason.code, measured.low, measured.high) == (
        False, "variance_not_estimable", None, None,
    )  # fmt: skip
    assert (measured.value, measured.n, measured.unit) == (1.0, 400, "share")
    assert measured.details == {
        "of_n": 400, "metric": "mean_absolute_error", "repeats": 3, "questions": 3_600, "column": "a",
    }  # fmt: skip


@pytest.mark.parametrize("check", [permutation_importance, largest_feature_share])
def test_importances_have_the_defaults_that_are_documented(check):
    weights = {"a": 1.5, "b": 1.0}
    found, same = (
        check(case("labels", "ab", weights, weights, n=1_100), **options)
        for options in ({}, {"repeats": 3, "sample_size": 1_000, "confidence": 0.95})
    )

    assert found == same
    assert found.n == 1_000


def test_a_share_of_what_is_not_told_from_nothing_is_refused():
    probe = case("labels", "ab", {}, {"a": 1.0, "b": 1.0})

    with pytest.raises(NotMeasurable) as refused:
        largest_feature_share(probe)
    assert refused.value.code == "no_importance"
