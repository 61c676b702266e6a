import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from reliability.intervals.comparisons import largest_difference
from reliability.intervals.differences import difference_interval
from reliability.intervals.proportions import clopper_pearson

SHARES = st.tuples(st.integers(0, 50), st.integers(0, 50))


def test_published_example_of_newcombe():
    # Newcombe (1998), Table II (a): 56/70 - 48/80, method 10, from the Wilson limits of each.
    one, other = (binomtest(x, n).proportion_ci(method="wilson") for x, n in ((56, 70), (48, 80)))
    low, high = difference_interval(56 / 70, (one.low, one.high), 48 / 80, (other.low, other.high))

    assert (round(low, 4), round(high, 4)) == (0.0524, 0.3339)


@given(SHARES)
def test_exchange_turns_the_interval_round(successes):
    first, second = (x / 50 for x in successes)
    one, other = (tuple(map(float, clopper_pearson(x, 50, confidence=0.9))) for x in successes)
    low, high = difference_interval(first, one, second, other)

    assert difference_interval(second, other, first, one) == pytest.approx((-high, -low))
    assert low <= first - second <= high


def test_estimates_without_doubt_have_a_difference_without_doubt():
    assert difference_interval(0.75, (0.75, 0.75), 0.5, (0.5, 0.5)) == (0.25, 0.25)


def test_two_groups_are_compared_more_widely_than_two_that_were_named_before():
    gap = largest_difference([80, 50], [100, 100], confidence=0.95)
    limits = [tuple(map(float, clopper_pearson(x, 100, confidence=0.95))) for x in (80, 50)]
    low, high = difference_interval(0.8, limits[0], 0.5, limits[1])

    assert gap.low == pytest.approx(low)
    assert gap.high == pytest.approx(high)


@pytest.mark.parametrize(
    ("first", "limits", "second", "other", "expected"),
    [
        # Legs of 3 and 4 hundredths downwards, of 5 and 12 hundredths upwards.
        (0.5, (0.47, 0.55), 0.25, (0.13, 0.29), (0.20, 0.38)),
        (0.25, (0.13, 0.29), 0.5, (0.47, 0.55), (-0.38, -0.20)),
        (10.0, (7.0, 15.0), 2.0, (-10.0, 6.0), (3.0, 21.0)),
    ],
)
def test_difference_interval_adds_distances_as_pythagoras_does(first, limits, second, other, expected):
    assert difference_interval(first, limits, second, other) == pytest.approx(expected, abs=1e-12)


# 1e154: a square is a float, the sum of two is none.
@pytest.mark.parametrize("unit", [2.0**664, 1e154, 2.0**-664, 1e-170])
def test_differences_in_any_unit_are_the_same(unit):
    limits, other = ((low * unit, high * unit) for low, high in ((7.0, 15.0), (-10.0, 6.0)))
    made = difference_interval(10.0 * unit, limits, 2.0 * unit, other)

    assert made == pytest.approx((3.0 * unit, 21.0 * unit), rel=1e-12, abs=0)


@given(st.lists(st.floats(0, 1), min_size=6, max_size=6))
def test_ordinary_differences_are_taken_by_plain_squares_to_the_last_bit(numbers):
    (low, first, high), (lower, second, higher) = sorted(numbers[:3]), sorted(numbers[3:])
    below = ((first - low) ** 2 + (higher - second) ** 2) ** 0.5
    above = ((high - first) ** 2 + (second - lower) ** 2) ** 0.5
    if min(below, above) > 1e-140:
        made = difference_interval(first, (low, high), second, (lower, higher))
        assert made == (first - second - below, first - second + above)


def test_a_limit_that_is_no_float_is_no_limit():
    with pytest.raises(OverflowError) as refused:
        difference_interval(1.5e308, (1e308, 1.7e308), 0.0, (-1e308, 1e308))
    assert str(refused.value) == "a limit of the difference leaves the range of a float64"
