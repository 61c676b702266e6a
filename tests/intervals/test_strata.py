import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability.errors import NotMeasurable
from reliability.intervals.comparisons import few_ratio_high, ratio_limits, smallest_ratio
from reliability.intervals.proportions import effective_n, exact_limits
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


def test_standardised_worth_by_hand():
    # Rate 0.8 * 10 / 20 + 0.2 * 0 / 20 = 0.4, so that one more row like the whole varies by 0.24.
    variance = 0.64 * (10 * 0.5 + 0.24) / 400 + 0.04 * (0 + 0.24) / 400
    worth = standardised_worth(np.array([10, 0]), np.array([20, 20]), np.array([0.8, 0.2]))

    assert worth == pytest.approx(0.24 / variance, rel=1e-12)
    assert worth < 1 / (0.64 / 20 + 0.04 / 20)


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


def clustered_table(seed=3, groups=3):
    """Successes and rows by group, stratum (a large, a small and one of a single row) and bucket."""
    random = np.random.default_rng(seed)
    n = np.concatenate(
        [
            random.integers(3, 6, (groups, 1, 100)),
            random.integers(0, 2, (groups, 1, 100)),
            np.eye(100, dtype=int)[:groups, None],
        ],
        axis=1,
    )
    x = random.binomial(n, np.array([0.5, 0.1, 0.5])[:, None])
    x[:, 0] = n[:, 0] // 2
    return x, n


def test_clustered_worth_weighs_every_row_by_its_stratum():
    x, n = clustered_table()
    weights = np.array([[0.2, 0.7, 0.1], [0.5, 0.4, 0.1], [0.9, 0.05, 0.05]])
    by_hand = []
    for group in range(3):
        of_a_row = weights[group] / n[group].sum(axis=1)
        # In units of rows: as many as weighted by their stratum's weight would be.
        of_a_row /= (of_a_row * weights[group]).sum()
        plain = standardised_worth(x[group].sum(axis=1), n[group].sum(axis=1), weights[group])
        grouped = effective_n(of_a_row @ x[group], of_a_row @ n[group], confidence=0.95)
        by_hand.append(min(plain, grouped))

    assert clustered_worth(x, n, weights, confidence=0.95) == pytest.approx(by_hand, rel=1e-12)


def test_clustered_worth_is_never_more_than_that_of_independent_rows():
    # Every bucket alike: 1 of 2 rows in one stratum, 0 of 20 in the other.
    x, n = np.tile([[1], [0]], 100), np.tile([[2], [20]], 100)
    weights = np.array([0.5, 0.5])
    plain = standardised_worth(np.array([100, 0]), np.array([200, 2000]), weights)

    assert clustered_worth(x, n, weights, confidence=0.95) == plain


def test_a_stratum_of_one_row_counts_as_one_row():
    assert standardised_rate(np.array([1, 30]), np.array([1, 40]), np.array([0.5, 0.5])) == 0.875
    assert mantel_haenszel_weights(np.array([1]), np.array([1])).tolist() == [1.0]


def test_mantel_haenszel_weights_by_hand():
    assert mantel_haenszel_weights(np.array([10, 0, 30]), np.array([30, 50, 10])).tolist() == [0.5, 0.0, 0.5]
    assert mantel_haenszel_weights(np.array([10, 0]), np.array([0, 50])).tolist() == [0.0, 0.0]


def test_mantel_haenszel_weights_of_several_pairs_are_each_of_sum_one():
    found = mantel_haenszel_weights(np.array([10, 30]), np.array([[30, 10], [10, 30], [30, 0]]))

    assert found.tolist() == [[0.5, 0.5], [0.25, 0.75], [1.0, 0.0]]


@given(TABLE)
@settings(max_examples=60, deadline=None)
def test_ratio_is_the_mantel_haenszel_formula_for_its_worst_pair(table):
    cells = np.array(table)
    x, n = cells[..., 0], cells[..., 1]
    if not x.any():
        with pytest.raises(NotMeasurable, match=r"^no_selection$"):
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


def pair_from_notes(x, n, mass, *, worth):
    """Limits of the smaller ratio of two groups: standardised by their weights, either way round."""
    weights = mantel_haenszel_weights(*n)
    rate = [float(standardised_rate(x[group], n[group], weights)) for group in (0, 1)]
    rows = [float(worth(group, weights)) for group in (0, 1)]
    limits = [(rate[group], *exact_limits(rate[group] * rows[group], rows[group], mass=mass)) for group in (0, 1)]
    found = []
    for top, bottom in ((0, 1), (1, 0)):
        low, high = ratio_limits(*(np.array([number]) for number in (*limits[top], *limits[bottom])))
        counts = (np.array([number]) for who in (top, bottom) for number in (rate[who] * rows[who], rows[who]))
        found.append((low[0], max(high[0], few_ratio_high(*counts, mass=mass)[0])))
    return min(low for low, _ in found), min(1.0, *(high for _, high in found))


@pytest.mark.parametrize(
    "x",
    [[[30, 40], [20, 45]], [[2, 1], [6, 9]], [[6, 9], [2, 1]], [[0, 0], [3, 1]]],
    ids=["many", "few of the first", "few of the second", "none"],
)
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_ratio_of_two_groups_has_the_limits_of_its_notes(x, confidence):
    x, n = np.array(x), np.array([[100, 60], [80, 90]])
    gap = smallest_mantel_haenszel_ratio(x, n, confidence=confidence)
    expected = pair_from_notes(
        x, n, 1 - confidence, worth=lambda who, weights: standardised_worth(x[who], n[who], weights)
    )

    assert (gap.low, gap.high) == pytest.approx(expected, abs=1e-9)
    assert (gap.method, gap.group_low.tolist(), gap.group_high.tolist()) == ("mover_mantel_haenszel", [], [])


def test_ratio_of_two_groups_of_clustered_rows_has_the_limits_of_its_notes():
    x, n = (counts[:2, :2] for counts in clustered_table())
    gap = smallest_mantel_haenszel_ratio(x.sum(axis=2), n.sum(axis=2), (x, n), confidence=0.9)
    expected = pair_from_notes(
        x.sum(axis=2),
        n.sum(axis=2),
        0.1,
        worth=lambda who, weights: clustered_worth(x[who], n[who], weights, confidence=0.9),
    )

    assert (gap.low, gap.high) == pytest.approx(expected, abs=1e-9)


def test_ratio_of_three_groups_holds_for_every_pair_at_a_third_of_the_error():
    x, n = np.array([[30, 40], [20, 45], [25, 30]]), np.array([[100, 60], [80, 90], [70, 70]])
    gap = smallest_mantel_haenszel_ratio(x, n, confidence=0.94)
    pairs = [smallest_mantel_haenszel_ratio(x[both], n[both], confidence=0.98) for both in ([0, 1], [0, 2], [1, 2])]

    assert (gap.value, gap.low, gap.high) == pytest.approx(
        tuple(min(getattr(one, name) for one in pairs) for name in ("value", "low", "high")), abs=1e-9
    )
    assert gap.worst == (1, 0)


def test_ratio_of_two_groups_that_nobody_is_selected_of_leaves_those_of_either_with_a_third():
    n = np.array([[30, 20], [50, 60], [100, 80]])
    gap = smallest_mantel_haenszel_ratio(np.array([[0, 0], [0, 0], [40, 30]]), n, confidence=0.95)

    assert (gap.value, gap.low, gap.worst) == (0.0, 0.0, (0, 2))
    assert 0 < gap.high < 1


def test_ratio_of_groups_that_are_alike_names_both_in_their_order():
    gap = smallest_mantel_haenszel_ratio(np.array([[3], [3]]), np.array([[10], [10]]), confidence=0.95)

    assert (gap.value, gap.worst) == (1.0, (0, 1))
