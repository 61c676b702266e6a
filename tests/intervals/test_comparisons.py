"""Limits of ratios where an estimate is 0, and of differences of two groups of very different sizes."""

import numpy as np
import pytest
from scipy.stats import beta, binom

from reliability.intervals.comparisons import group_mass, largest_difference, ratio_limits, smallest_ratio
from reliability.intervals.proportions import exact_limits


@pytest.mark.parametrize("pairs", [1, 2, 50, 129, 130, 150, 200, 300, 500, 1000, 2000])
def test_a_ratio_of_nothing_begins_at_nothing_for_any_number_of_pairs(pairs):
    # Of many, as what is left of other numbers in memory depends on how many there are.
    zero, one = np.zeros(pairs), np.ones(pairs)
    low, high = ratio_limits(zero, zero, 0.1 * one, 0.5 * one, 0.4 * one, 0.6 * one)

    assert low.tolist() == [0.0] * pairs
    assert high == pytest.approx(np.full(pairs, high[0]))
    assert 0 < high[0] < 1


@pytest.mark.parametrize("groups", [2, 12, 15, 20, 50, 100])
def test_a_ratio_of_two_groups_that_are_both_0_is_not_known(groups):
    zero, high = np.zeros(groups), np.full(groups, 0.1)
    lower, upper = ratio_limits(
        *(one[:, None] for one in (zero, zero, high)), *(one[None] for one in (zero, zero, high))
    )

    assert not lower.any()
    assert np.isposinf(upper).all()


@pytest.mark.parametrize(
    ("sizes", "rates"), [((30, 1000), (0.01, 0.5)), ((30, 300), (0.01, 0.15)), ((50, 1000), (0.995, 0.895))]
)
def test_a_difference_of_lopsided_groups_passes_at_its_truth_in_three_of_a_hundred_at_most(sizes, rates):
    chances = [binom.pmf(np.arange(n + 1), n, rate) for n, rate in zip(sizes, rates, strict=True)]
    # What happens at all; the rest counts as passing.
    met = [np.flatnonzero(one > 1e-6) for one in chances]
    passing = 1 - float(np.prod([one[rows].sum() for one, rows in zip(chances, met, strict=True)]))
    for few in met[0].tolist():
        for many in met[1].tolist():
            gap = largest_difference(np.array([few, many]), np.array(sizes), confidence=0.95)
            passing += chances[0][few] * chances[1][many] * (gap.high <= abs(rates[0] - rates[1]) + 1e-12)

    assert 0.01 < passing <= 0.03


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_two_groups_of_four_times_the_size_are_compared_as_any_and_of_more_at_a_smaller_share_outside(order):
    x, n = np.array([3, 60])[list(order)], np.array([30, 120])[list(order)]
    more = n + np.array([0, 1])[list(order)]
    as_any, wider = (largest_difference(x, rows, confidence=0.95) for rows in (n, more))

    assert as_any.group_high.tolist() == pytest.approx(beta.ppf(0.975, x + 1, n - x).tolist(), abs=1e-12)
    assert wider.group_high.tolist() == pytest.approx(beta.ppf(0.98, x + 1, more - x).tolist(), abs=1e-12)
    assert wider.group_low.tolist() == pytest.approx(beta.ppf(0.02, x, more - x + 1).tolist(), abs=1e-12)
    three = largest_difference(np.append(x, 50), np.append(more, 100), confidence=0.95)
    assert three.group_high[0] == exact_limits(x[0], more[0], mass=group_mass(3, 0.95))[1]
    ratio = smallest_ratio(x, more, confidence=0.95)
    assert ratio.group_high.tolist() == pytest.approx(beta.ppf(0.975, x + 1, more - x).tolist(), abs=1e-12)


@pytest.mark.parametrize("widest", [largest_difference, smallest_ratio])
def test_groups_of_one_row_are_compared_and_empty_ones_or_one_alone_are_refused(widest):
    assert 0 <= widest(np.array([1, 1]), np.array([1, 40]), confidence=0.95).value <= 1
    for hits, n in (([1], [2]), ([], []), ([1, 0], [2, 0])):
        with pytest.raises(ValueError, match=r"^a comparison takes two groups or more, none of them empty$"):
            widest(np.array(hits), np.array(n), confidence=0.95)
