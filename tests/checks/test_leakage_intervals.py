"""Intervals of the largest area of a single feature, by the notes of `single_feature_auc`."""

import numpy as np
import pytest

from reliability.checks.leakage import single_feature_auc
from reliability.checks.sampled import auc_counts
from reliability.evidence.hashing import splitmix64
from reliability.evidence.sample import Sample
from reliability.intervals.ranks import auc_interval
from tests.builders import block

ABC = {"classes": ("a", "b", "c"), "positive": None, "task": "multiclass"}


def sampled(y, columns, **roles):
    return Sample.of(block(y, columns=columns, **roles), seed=0, size=20_000)


def halves(n):
    return (splitmix64(np.arange(n, dtype=np.uint64), key=0) & np.uint64(1)).astype(bool)


def ends_of_number(x, members, mass):
    """Limits with what is missing below all and above all, in the better direction."""
    found = [
        auc_interval(auc_counts([place if one is None else one for one in x], members), confidence=1 - mass)
        for place in ((-np.inf, np.inf) if None in x else (0.0,))
    ]
    return max(max(low, 1 - high, 0.5) for low, high in found), max(max(high, 1 - low) for low, high in found)


def ends_of_text(x, members, mass, value):
    """Limits from one half of the rows, scored by what the other taught."""
    half = halves(len(x))
    rates = []
    for row in np.flatnonzero(half):
        taught = [members[one] for one in np.flatnonzero(~half) if x[one] == x[row]]
        rates.append((sum(taught) + np.mean(members)) / (len(taught) + 1))
    low, high = auc_interval(auc_counts(np.array(rates), members[half]), confidence=1 - mass)
    return max(0.5, min(low, value)), max(high, value)


def test_single_feature_auc_has_the_larger_ends_over_features_places_and_classes_at_bonferronis_level():
    draws = np.random.default_rng(0)
    y = draws.choice(["a", "b", "c"], 150)
    x = [None if draws.random() < 0.1 else float(draws.normal() + (label == "c")) for label in y]
    z = draws.normal(size=150).tolist()
    measured = single_feature_auc(sampled(y, {"x": x, "z": z}, **ABC))
    # Two places of x and one of z, by three classes.
    ends = {name: [ends_of_number(one, y == label, 0.05 / 9) for label in "abc"] for name, one in (("x", x), ("z", z))}
    told = {one["column"]: (one["low"], one["high"]) for one in measured.details["features"]}

    assert list(told) == ["x", "z"]
    for name, found in ends.items():
        assert told[name] == pytest.approx((max(low for low, _ in found), max(high for _, high in found)), abs=1e-9)
    assert (measured.low, measured.high) == (told["x"][0], max(high for _, high in told.values()))
    assert (measured.of, measured.judged, measured.reason) == ("c", True, None)


@pytest.mark.parametrize("gone", [False, True])
def test_single_feature_auc_of_text_has_limits_from_one_half_and_one_place_for_what_is_missing(gone):
    draws = np.random.default_rng(1)
    y = draws.integers(0, 2, 120)
    words = [("yes" if draws.random() < 0.3 + 0.4 * label else "no") for label in y]
    x = [None if gone and word == "no" and draws.random() < 0.5 else word for word in words]
    measured = single_feature_auc(sampled(y, {"x": x}), confidence=0.9)

    expected = ends_of_text(x, y == 1, 1 - 0.9, measured.value)
    assert (measured.low, measured.high) == pytest.approx(expected, abs=1e-9)
    assert 0.5 < measured.low < measured.value < measured.high < 1


def test_single_feature_auc_lists_every_feature_with_its_ends():
    y = [0, 1] * 30
    measured = single_feature_auc(sampled(y, {"x": y}))
    low, _ = auc_interval(np.array([[30, 0], [0, 30]]), confidence=0.95)

    assert measured.details == {
        "column": "x", "of_n": 60,
        "features": [{"column": "x", "value": 1.0, "low": pytest.approx(low, abs=1e-12), "high": 1.0, "of": 1}],
    }  # fmt: skip


@pytest.mark.parametrize("rare", [0, 1])
@pytest.mark.parametrize("fewest", [1, 2])
def test_single_feature_auc_needs_two_rows_of_each_class(fewest, rare):
    y = [rare] * fewest + [1 - rare] * 6
    measured = single_feature_auc(sampled(y, {"x": list(range(len(y)))}))

    if fewest == 2:
        assert (measured.judged, measured.reason) == (True, None)
        assert measured.low < measured.value == measured.high == 1.0
    else:
        assert (measured.judged, measured.low, measured.high) == (False, None, None)
        assert (measured.reason.code, measured.reason.with_) == ("too_few_for_interval", {"n": 1, "needed": 2})


@pytest.mark.parametrize("fewest", [0, 1, 2])
def test_single_feature_auc_of_text_needs_two_rows_of_each_class_on_the_half_that_measures(fewest):
    half = halves(40)
    y = np.zeros(40, np.int64)
    y[np.flatnonzero(~half)[:6]] = 1
    y[np.flatnonzero(half)[:fewest]] = 1
    columns = {"number": list(range(40)), "word": ["a", "b"] * 20}
    measured = single_feature_auc(sampled(y, columns))

    assert measured.judged == (fewest == 2)
    if fewest < 2:
        assert (measured.reason.code, measured.reason.with_) == ("too_few_for_interval", {"n": fewest, "needed": 2})
    # A number is measured on all rows.
    assert single_feature_auc(sampled(y, {"number": columns["number"]})).judged
