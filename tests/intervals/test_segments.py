import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from reliability.intervals.comparisons import largest_difference
from reliability.intervals.segments import largest_shortfall

TABLES = st.lists(
    st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=2, max_size=8
)


def shortfall(x, n, confidence=0.95):
    x, n = np.asarray(x), np.asarray(n)
    return largest_shortfall((x, n), (x.sum() - x, n.sum() - n), 1 - n / n.sum(), confidence=confidence)


def test_shortfall_of_two_halves_is_half_their_difference():
    gap = largest_difference(np.array([60, 80]), np.array([100, 100]), confidence=0.95)

    # The high limit of two equal halves is that of the pair; the low one allows for two segments.
    low, high = shortfall([60, 80], [100, 100])
    assert high == pytest.approx(gap.high / 2, abs=1e-12)
    assert 0 < low < gap.low / 2


@given(TABLES, st.sampled_from([0.8, 0.95, 0.99]))
@settings(max_examples=60, deadline=None)
def test_shortfall_holds_its_estimate(table, confidence):
    x, n = (np.array(side) for side in zip(*table, strict=True))
    low, high = shortfall(x, n, confidence)

    assert 0 <= low <= x.sum() / n.sum() - (x / n).min() + 1e-12 <= high + 2e-12
    assert high <= 1


@pytest.mark.parametrize(
    ("groups", "n", "rate"), [(2, 30, 0.5), (2, 300, 0.9), (5, 100, 0.9), (10, 30, 0.8), (10, 500, 0.7)]
)
def test_equal_segments_hardly_ever_fail_a_tenth(groups, n, rate):
    draws = np.random.default_rng(0).binomial(n, rate, (400, groups))
    lows = [shortfall(x, np.full(groups, n))[0] for x in draws]

    assert np.mean(np.array(lows) > 0.10) <= 0.01


@pytest.mark.parametrize(("groups", "n", "rate"), [(2, 100, 0.5), (3, 300, 0.9), (5, 100, 0.3), (10, 50, 0.8)])
def test_shortfall_covers_the_truth(groups, n, rate):
    chance = np.full(groups, rate)
    chance[0] -= 0.1
    truth = chance.mean() - chance.min()
    draws = np.random.default_rng(1).binomial(n, chance, (600, groups))
    held = [low <= truth + 1e-12 and truth <= high for low, high in (shortfall(x, np.full(groups, n)) for x in draws)]

    assert np.mean(held) >= 0.94


def shortfall_by_segment(inside, outside, shares, confidence):
    """The notes of `largest_shortfall`, one segment after the other, with scipy's exact limits."""
    lows, highs, count = [], [], len(shares)
    for (x, n), (rest, others), share in zip(inside, outside, shares, strict=True):
        within, without = x / n, rest / others
        for mass, found in (((1 - confidence) / count, lows), (1 - confidence, highs)):
            mine, theirs = (binomtest(*pair).proportion_ci(1 - mass, "exact") for pair in ((x, n), (rest, others)))
            if found is lows:
                reach = -np.hypot(without - theirs.low, mine.high - within)
            else:
                reach = np.hypot(theirs.high - without, within - mine.low)
            found.append(share * (without - within + reach))
    return max(0.0, *lows), min(1.0, max(0.0, *highs))


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
@pytest.mark.parametrize(
    ("inside", "outside", "shares"),
    [
        ([(70, 100), (90, 100)], [(90, 100), (70, 100)], [0.5, 0.5]),
        ([(5, 30), (200, 240), (9, 10)], [(209, 250), (14, 40), (205, 270)], [0.9, 0.15, 0.95]),
        ([(0, 8), (80, 80)], [(80, 80), (0, 8)], [0.9, 0.1]),
        ([(10, 10), (10, 10)], [(10, 10), (10, 10)], [0.5, 0.5]),
        ([(1, 300), (2, 300), (3, 300)], [(300, 300)] * 3, [1.0, 1.0, 1.0]),
    ],
)
def test_shortfall_is_that_of_its_notes_segment_by_segment(inside, outside, shares, confidence):
    found = largest_shortfall(
        tuple(np.array(inside).T), tuple(np.array(outside).T), np.array(shares), confidence=confidence
    )

    assert found == pytest.approx(shortfall_by_segment(inside, outside, shares, confidence), abs=1e-9)


def test_shortfall_of_segments_that_are_all_ahead_is_nothing():
    # Each of both is better than the rows outside it: possible where the rows outside are others'.
    part, rest = np.array([990, 990]), np.array([10, 10])
    sizes = np.array([1000, 1000])

    assert largest_shortfall((part, sizes), (rest, sizes), np.array([0.9, 0.9]), confidence=0.95) == (0.0, 0.0)


def test_shortfall_does_not_depend_on_the_order_of_segments():
    x, n = [60, 40, 85], [100, 50, 100]

    assert shortfall(x[::-1], n[::-1]) == pytest.approx(shortfall(x, n), abs=1e-12)


def test_shortfall_shrinks_with_the_rows():
    widths = [np.ptp(shortfall(np.array([60, 80]) * more, np.array([100, 100]) * more)) for more in (1, 4, 16)]

    assert widths[0] > 1.7 * widths[1] > 1.7 * 1.7 * widths[2]
