import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability.errors import NotMeasurable
from reliability.intervals.comparisons import smallest_ratio
from reliability.intervals.proportions import effective_n
from reliability.intervals.strata import (
    clustered_worth,
    mantel_haenszel_weights,
    smallest_mantel_haenszel_ratio,
    standardised_rate,
    standardised_worth,
)

CELL = st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
TABLE = st.integers(1, 5).flatmap(lambda s: st.lists(st.lists(CELL, min_size=s, max_size=s), min_size=2, max_size=5))


def test_standardised_rate_is_the_weighted_mean_of_the_strata():
    assert standardised_rate(np.array([1, 30]), np.array([10, 40]), np.array([0.25, 0.75])) == 0.25 * 0.1 + 0.75 * 0.75


def test_standardised_worth_of_one_stratum_is_its_rows_less_one():
    # n^2 / (n + 1): one row is added to tell the variance.
    assert standardised_worth(np.array([30]), np.array([99]), np.ones(1)) == pytest.approx(99 * 99 / 100)


@pytest.mark.parametrize("x", [[0, 0], [10, 40]])
def test_standardised_worth_where_all_or_none_succeed_is_kishs(x):
    worth = standardised_worth(np.array(x), np.array([10, 40]), np.array([0.5, 0.5]))

    assert worth == pytest.approx(1 / (0.25 / 10 + 0.25 / 40))


def test_standardised_worth_of_many_rows_is_the_binomial_of_their_variance():
    x, n, w = np.array([1000, 8000]), np.array([10_000, 10_000]), np.array([0.3, 0.7])
    variance = (w**2 * (x / n) * (1 - x / n) / n).sum()
    rate = (w * x / n).sum()
    expected = min(rate * (1 - rate) / variance, 1 / (w**2 / n).sum())

    assert standardised_worth(x, n, w) == pytest.approx(expected, rel=1e-3)


@given(TABLE)
@settings(max_examples=60, deadline=None)
def test_standardised_worth_is_never_more_than_the_rows(table):
    cells = np.array(table)
    weights = cells[..., 1].sum(axis=0) / cells[..., 1].sum()
    worth = standardised_worth(cells[..., 0], cells[..., 1], weights)

    assert (worth > 0).all()
    assert (worth <= cells[..., 1].sum(axis=1) * (1 + 1e-12)).all()


def test_clustered_worth_of_one_stratum_is_that_of_the_proportion():
    random = np.random.default_rng(0)
    n = random.integers(1, 9, (1, 60))
    x = random.binomial(n, random.choice([0.1, 0.9], 60))
    worth = clustered_worth(x, n, np.ones(1), confidence=0.95)

    assert worth == pytest.approx(effective_n(x[0], n[0], confidence=0.95))
    assert worth < n.sum() / 2


def test_clustered_worth_of_independent_rows_is_near_the_plain_one():
    random = np.random.default_rng(1)
    n = random.integers(3, 6, (2, 128))
    x = random.binomial(n, 0.3)
    weights = np.array([0.5, 0.5])

    assert clustered_worth(x, n, weights, confidence=0.95) == pytest.approx(
        standardised_worth(x.sum(axis=1), n.sum(axis=1), weights), rel=0.3
    )


def test_mantel_haenszel_weights_by_hand():
    assert mantel_haenszel_weights(np.array([10, 0, 30]), np.array([30, 50, 10])).tolist() == [0.5, 0.0, 0.5]
    assert mantel_haenszel_weights(np.array([10, 0]), np.array([0, 50])).tolist() == [0.0, 0.0]


@given(TABLE)
@settings(max_examples=60, deadline=None)
def test_ratio_is_the_mantel_haenszel_formula_for_its_worst_pair(table):
    cells = np.array(table)
    x, n = cells[..., 0], cells[..., 1]
    if not x.any():
        with pytest.raises(NotMeasurable, match="no_selection"):
            smallest_mantel_haenszel_ratio(x, n, confidence=0.95)
        return
    gap = smallest_mantel_haenszel_ratio(x, n, confidence=0.95)

    def formula(a, b):
        total = n[a] + n[b]
        return (x[a] * n[b] / total).sum(), (x[b] * n[a] / total).sum()

    pairs = [formula(a, b) for a in range(len(n)) for b in range(len(n)) if a != b]
    assert gap.value == pytest.approx(min(top / bottom for top, bottom in pairs if bottom > 0), abs=1e-12)
    top, bottom = formula(*gap.worst)
    assert gap.value == pytest.approx(top / bottom, abs=1e-12)
    assert 0 <= gap.low <= gap.value + 1e-12
    assert gap.value <= gap.high + 1e-12 <= 1 + 2e-12


def test_ratio_of_two_groups_in_one_stratum_is_nearly_the_plain_one():
    x, n = np.array([300, 600]), np.array([1000, 1000])
    here = smallest_mantel_haenszel_ratio(x[:, None], n[:, None], confidence=0.95)
    there = smallest_ratio(x, n, confidence=0.95)

    assert (here.value, here.worst) == (there.value, there.worst)
    assert (here.low, here.high) == pytest.approx((there.low, there.high), abs=1e-4)


def test_ratio_of_many_rows_has_greenland_and_robins_interval():
    x, n = np.array([[400, 900], [600, 1500]]), np.array([[1000, 3000], [1200, 4000]])
    total = n.sum(axis=0)
    top, bottom = (x[0] * n[1] / total).sum(), (x[1] * n[0] / total).sum()
    variance = ((n[0] * n[1] * x.sum(axis=0) - x[0] * x[1] * total) / total**2).sum() / (top * bottom)
    expected = top / bottom * np.exp(np.array([-1, 1]) * 1.959964 * np.sqrt(variance))
    gap = smallest_mantel_haenszel_ratio(x, n, confidence=0.95)

    assert (gap.low, gap.high) == pytest.approx(expected, abs=0.012)


def test_ratio_of_nobody_selected_against_many_is_known_to_be_small():
    gap = smallest_mantel_haenszel_ratio(
        np.array([[0, 0], [50, 60]]), np.array([[100, 100], [100, 100]]), confidence=0.95
    )

    assert (gap.value, gap.low, gap.worst) == (0.0, 0.0, (0, 1))
    assert gap.high < 0.1


def test_ratio_of_clustered_rows_is_less_certain():
    random = np.random.default_rng(2)
    n = np.full((2, 2, 100), 5)
    x = np.where(random.random((2, 2, 100)) < 0.4, 5, 0)
    plain = smallest_mantel_haenszel_ratio(x.sum(axis=2), n.sum(axis=2), confidence=0.95)
    grouped = smallest_mantel_haenszel_ratio(x.sum(axis=2), n.sum(axis=2), (x, n), confidence=0.95)

    assert grouped.value == plain.value
    assert grouped.high - grouped.low > 1.5 * (plain.high - plain.low)
