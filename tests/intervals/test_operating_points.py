"""What is read at one point of a ROC curve, against scikit-learn and known truths."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special
from scipy.stats import binom, norm
from sklearn.metrics import roc_curve

from reliability.checks.sampled import auc_counts
from reliability.intervals.operating_points import true_positive_rate_interval, true_positives_at
from reliability.intervals.proportions import clopper_pearson

SCORES = st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=1, max_size=40)


def counted(others, members):
    scores = np.concatenate((others, members)).astype(np.float64)
    return auc_counts(scores, np.repeat([False, True], [len(others), len(members)]))


@settings(max_examples=60, deadline=None)
@given(SCORES, st.sampled_from([0.0, 0.01, 0.1, 0.5, 1.0]))
def test_true_positives_are_those_of_scikit_learns_curve(rows, rate):
    scores, members = [0, 6, *(score for score, _ in rows)], [True, False, *(member for _, member in rows)]
    false_rates, true_rates, _ = roc_curve(members, scores, drop_intermediate=False)

    found = true_positives_at(auc_counts(np.array(scores, np.float64), np.array(members)), rate * members.count(False))
    assert found / sum(members) == pytest.approx(np.interp(rate, false_rates, true_rates), abs=1e-12)


def test_true_positives_above_every_other_row_cost_nothing():
    assert true_positives_at(counted([1, 2, 3], [4, 5, 2]), 0) == 2


def test_true_positives_of_scores_that_are_all_equal_are_drawn_by_lot():
    assert true_positives_at(counted([1] * 100, [1] * 50), 1) == 0.5
    assert true_positives_at(counted([1] * 100, [1] * 50), 100) == 50


def test_interval_lies_between_the_order_statistics_and_their_exact_limits():
    counts = counted(np.arange(1000), np.arange(0, 1000, 4) + 0.5)
    fewest, most = (int(binom.ppf(tail, 1000, 0.1)) for tail in (0.0125, 0.9875))
    low, _ = clopper_pearson(true_positives_at(counts, fewest - 1), 250, confidence=0.975)
    _, high = clopper_pearson(true_positives_at(counts, most), 250, confidence=0.975)

    assert true_positive_rate_interval(counts, 0.1, confidence=0.95) == pytest.approx((low, high), abs=1e-12)


def test_interval_begins_at_zero_where_too_few_others_tell_the_threshold():
    low, high = true_positive_rate_interval(counted(np.arange(30), np.arange(30, 60)), 0.01, confidence=0.95)

    assert (low, high) == (0.0, 1.0)
    assert true_positive_rate_interval(counted([1], [2]), 0.01, confidence=0.95) == (0.0, 1.0)
    assert true_positive_rate_interval(counted([1], [0]), 0.99, confidence=0.95) == (0.0, 1.0)


@pytest.mark.parametrize(("others", "before"), [(27, 0), (39, 0), (40, 1), (50, 1), (51, 2), (61, 2)])
def test_interval_begins_at_the_highest_threshold_that_is_not_excluded(others, before):
    # That no more others than `before` are taken for positive comes about in less than one of eighty.
    assert binom.cdf(before, others, 0.15) < 0.0125 <= binom.cdf(before + 1, others, 0.15)
    # Ten positive rows above every other one.
    low, _ = clopper_pearson(10 * (before + 1), 10 * others, confidence=0.975)

    found = true_positive_rate_interval(np.array([[1, 0], [0, 10]] * others), 0.15, confidence=0.95)
    assert found[0] == pytest.approx(low, abs=1e-12)


def test_interval_asks_for_no_probability_that_is_not_defined():
    counts = counted([1, 2, 3, 4, 5], [3, 4, 5, 6])
    expected = true_positive_rate_interval(counts, 0.2, confidence=0.95)
    with special.errstate(all="raise"):
        assert true_positive_rate_interval(counts, 0.2, confidence=0.95) == expected


@pytest.mark.parametrize("confidence", [0.9, 0.99])
def test_interval_holds_its_estimate_and_grows_with_confidence(confidence):
    draws = np.random.default_rng(0)
    for _ in range(50):
        counts = counted(draws.integers(0, 9, 80), draws.integers(0, 12, 60))
        value = true_positives_at(counts, 0.05 * 80) / 60
        low, high = true_positive_rate_interval(counts, 0.05, confidence=confidence)
        wider = true_positive_rate_interval(counts, 0.05, confidence=0.999)

        assert wider[0] <= low <= value <= high <= wider[1]


@pytest.mark.parametrize(("shift", "others", "members"), [(0.0, 500, 500), (1.0, 400, 2000), (2.5, 2000, 200)])
def test_interval_covers_the_truth_as_often_as_it_says(shift, others, members):
    draws, held, missed = np.random.default_rng(1), 0, [0, 0]
    truth = norm.sf(norm.isf(0.01) - shift)
    for _ in range(400):
        counts = counted(draws.normal(size=others), draws.normal(shift, size=members))
        low, high = true_positive_rate_interval(counts, 0.01, confidence=0.95)
        held += low <= truth <= high
        missed = [missed[0] + (truth < low), missed[1] + (truth > high)]

    assert held >= 380
    assert max(missed) <= 16  # of 400: each side errs in at most one of forty


@pytest.mark.parametrize("levels", [2, 5])
def test_interval_covers_the_truth_where_lots_are_drawn_between_ties(levels):
    draws, held = np.random.default_rng(2), 0
    for _ in range(300):
        low, high = true_positive_rate_interval(
            counted(draws.integers(0, levels, 600), draws.integers(0, levels, 300)), 0.01, confidence=0.95
        )
        held += low <= 0.01 <= high

    assert held >= 285


def test_interval_narrows_with_rows():
    draws = np.random.default_rng(3)
    widths = []
    for n in (200, 2_000, 20_000):
        low, high = true_positive_rate_interval(
            counted(draws.normal(size=n), draws.normal(size=n)), 0.01, confidence=0.95
        )
        widths.append(high - low)

    assert widths == sorted(widths, reverse=True)
    assert widths[2] < 0.01
