import numpy as np
import pytest
from scipy import stats

from reliability.intervals.changes import (
    Agreement,
    FixedPair,
    change_interval,
    fixed_pair_difference,
    fixed_pair_ratio,
    newcombe_paired,
    range_above,
    share_change,
)
from reliability.intervals.proportions import clopper_pearson
from tests.intervals.test_changes import wilson_estimate

# Lower rate before, higher rate before; the same two after.
PAIRS = [
    ([[30, 60], [45, 90]], [[100, 110], [120, 130]]),
    ([[2, 30], [4, 12]], [[400, 1000], [500, 900]]),
    ([[2, 6], [3, 8]], [[900, 600], [50, 40]]),
    ([[4, 90], [30, 70]], [[80, 120], [90, 110]]),
]


def pair(successes, n, groups=2):
    return FixedPair(successes=np.array(successes, np.float64), n=np.array(n, np.float64), groups=groups)


def exact(x, n):
    """The rate with its Clopper-Pearson limits."""
    return x / n, *(float(limit) for limit in clopper_pearson(x, n, confidence=0.95))


def ratio(top, bottom):
    """Ratio of two rates with Donner and Zou's limits, the upper one at least what comparing the counts allows."""
    (a, a_low, a_high), (b, b_low, b_high) = exact(*top), exact(*bottom)
    (x, n), (y, m) = top, bottom
    limits = [
        (a * b + sign * ((a * b) ** 2 - end * other * (2 * a - end) * (2 * b - other)) ** 0.5)
        / (other * (2 * b - other))
        for sign, end, other in ((-1, a_low, b_high), (1, a_high, b_low))
    ]
    if x < 5:
        # Counts that vary as the binomial ones do, and one of them given both.
        x, y = x / (1 - x / n), y / (1 - y / m)
        share = stats.beta.ppf(0.975, x + 1, y)
        limits[1] = max(limits[1], share / (1 - share) * (m / (1 - bottom[0] / m)) / (n / (1 - top[0] / n)))
    return a / b, *limits


def of_four(successes, n):
    return [[(x, rows) for x, rows in zip(*one, strict=True)] for one in zip(successes, n, strict=True)]


@pytest.mark.parametrize(("successes", "n"), PAIRS)
def test_limits_of_a_changed_difference_add_the_squares_of_four_rates(successes, n):
    (low_before, high_before), (low_after, high_after) = (
        [exact(*one) for one in time] for time in of_four(successes, n)
    )
    value = (high_after[0] - low_after[0]) - (high_before[0] - low_before[0])
    raising, lowering = (high_after, low_before), (low_after, high_before)
    below = sum((one[0] - one[1]) ** 2 for one in raising) + sum((one[2] - one[0]) ** 2 for one in lowering)
    above = sum((one[2] - one[0]) ** 2 for one in raising) + sum((one[0] - one[1]) ** 2 for one in lowering)
    found = fixed_pair_difference(pair(successes, n), confidence=0.95)

    assert (found.value, found.low, found.high) == pytest.approx((value, value - below**0.5, value + above**0.5))


@pytest.mark.parametrize(("successes", "n"), PAIRS)
def test_limits_of_a_changed_ratio_add_the_squares_of_both_ratios(successes, n):
    before, after = (ratio(*time) for time in of_four(successes, n))
    value = after[0] - before[0]
    below, above = (
        ((after[0] - after[one]) ** 2 + (before[other] - before[0]) ** 2) ** 0.5 for one, other in ((1, 2), (2, 1))
    )
    found = fixed_pair_ratio(pair(successes, n), confidence=0.95)

    assert (found.value, found.low, found.high) == pytest.approx((value, value - below, value + above))


@pytest.mark.parametrize(("q", "groups"), [(0.5, 2), (3.0, 10), (4.0, 100)])
def test_the_range_of_many_values_is_scipys_to_the_last_digits(q, groups):
    assert range_above(q, groups) == pytest.approx(float(stats.studentized_range.sf(q, groups, np.inf)), abs=1e-12)


def test_a_range_of_nothing_is_always_passed():
    assert range_above(0.0, 3) == 1.0


def test_the_p_value_of_a_change_that_no_limit_leaves_out_is_1():
    # 0 lies within the limits however narrow they are.
    assert share_change((10, 20), (41, 80), confidence=0.95).p_value == 1.0


@pytest.mark.parametrize(
    "rows",
    [
        # Phi of 1, but no more than half a row beyond chance; as many as by chance; and shares that never vary.
        Agreement(both=1, before=0, after=0, neither=1),
        Agreement(both=2, before=2, after=3, neither=3),
        Agreement(both=5, before=0, after=3, neither=0),
    ],
)
def test_shares_that_do_not_agree_beyond_chance_are_not_correlated(rows):
    before, after = (wilson_estimate(rows.both + alone, rows.n) for alone in (rows.before, rows.after))

    assert newcombe_paired(rows, confidence=0.95) == pytest.approx(change_interval(before, after), abs=1e-15)
