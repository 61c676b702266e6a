import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability.evidence.exact_sum import ExactSum, exact_product

FINITE = st.floats(allow_nan=False, allow_infinity=False)
MODERATE = st.floats(-1e100, 1e100).filter(lambda value: value == 0 or abs(value) > 1e-50)


@settings(max_examples=60, deadline=None)
@given(st.lists(FINITE, max_size=30))
def test_exact_sum_is_the_sum_of_the_fractions(values):
    assert ExactSum.of(np.array(values, np.float64)).fraction() == sum(map(Fraction, values))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-1e300, 1e300), max_size=30))
def test_exact_sum_rounds_once_as_fsum_does(values):
    assert float(ExactSum.of(np.array(values, np.float64))) == math.fsum(values)


@settings(max_examples=40, deadline=None)
@given(st.lists(FINITE, min_size=3, max_size=9))
def test_exact_sum_does_not_depend_on_order_or_grouping(values):
    parts = [ExactSum.of(np.array([value])) for value in values]
    forward = sum(parts[1:], parts[0])
    backward = sum(reversed(parts[:-1]), parts[-1])

    assert forward == backward == ExactSum.of(np.array(values))


def test_exact_sum_keeps_what_plain_adding_loses():
    assert float(ExactSum.of(np.array([1e100, 1.0, -1e100]))) == 1.0


def test_exact_sum_of_nothing_is_zero():
    assert float(ExactSum.of(np.zeros(0))) == 0.0
    assert float(ExactSum()) == 0.0


def test_exact_sum_counts_what_is_not_finite_and_sums_the_rest():
    total = ExactSum.of(np.array([1.0, np.inf, np.nan, 2.0]))

    assert (float(total), total.overflowed) == (3.0, 2)


@pytest.mark.parametrize("value", [5e-324, -5e-324, 1.7976931348623157e308, 2.0**-1022, 0.1])
def test_exact_sum_of_one_float_is_that_float(value):
    assert float(ExactSum.of(np.array([value]))) == value


def test_exact_sum_of_more_values_than_a_chunk_is_exact():
    assert ExactSum.of(np.full((1 << 20) + 3, 0.1)).fraction() == Fraction(0.1) * ((1 << 20) + 3)


@settings(max_examples=60, deadline=None)
@given(MODERATE, MODERATE)
def test_exact_product_loses_nothing(a, b):
    terms = exact_product((np.array([a]),), (np.array([b]),))

    assert sum(Fraction(float(term[0])) for term in terms) == Fraction(a) * Fraction(b)


def test_exact_product_of_integers_needs_one_term():
    assert len(exact_product((np.array([3.0]),), (np.array([7.0]),))) == 1


@pytest.mark.parametrize(
    ("values", "total"),
    [
        ([], 0.0),
        ([0.0, -0.0], 0.0),
        ([0.1] * 10, 1.0),
        ([1e16, 1.0, -1e16], 1.0),
        ([5e-324, 5e-324], 1e-323),
        ([1.7e308, -1.7e308, 3.0], 3.0),
        ([2.0**1023, -(2.0**-1074), -(2.0**1023)], -(2.0**-1074)),
    ],
)
def test_exact_sum_by_hand(values, total):
    assert float(ExactSum.of(np.array(values, np.float64))) == total


@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan])
def test_exact_sum_counts_what_is_not_finite_apart(bad):
    total = ExactSum.of(np.array([1.5, bad, 2.0])) + ExactSum.of(np.array([bad]))

    assert float(total) == 3.5
    assert total.overflowed == 2


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(MODERATE, MODERATE), max_size=10))
def test_exact_product_of_two_terms_is_the_product_of_the_fractions(pairs):
    first, second = (np.array([pair[side] for pair in pairs]) for side in (0, 1))
    terms = exact_product((first,), (second,))
    total = sum((ExactSum.of(term) for term in terms), ExactSum())

    assert total.fraction() == sum(Fraction(one) * Fraction(two) for one, two in pairs)


@settings(max_examples=40, deadline=None)
@given(MODERATE, MODERATE)
def test_exact_product_does_not_depend_on_order_and_follows_the_signs(a, b):
    one, other = (np.array([a]),), (np.array([b]),)

    def total(first, second):
        return ExactSum.of(*exact_product(first, second)).fraction()

    assert total(one, other) == total(other, one)
    assert total((-one[0],), other) == -total(one, other)


@pytest.mark.parametrize(("a", "b"), [(1e200, 1e200), (-1e308, 10.0), (1.7e308, -1.7e308)])
def test_exact_product_beyond_the_range_of_floats_is_counted_not_summed(a, b):
    total = ExactSum.of(exact_product((np.array([a, 2.0]),), (np.array([b, 3.0]),))[0])

    assert (float(total), total.overflowed) == (6.0, 1)


@pytest.mark.parametrize("n", [0, 1, 1_000])
def test_exact_sum_and_its_negative_are_nothing(n):
    values = np.random.default_rng(0).normal(scale=1e50, size=n)

    assert ExactSum.of(values) + ExactSum.of(-values) == ExactSum()
    assert ExactSum.of(values, -values) == ExactSum()


def test_exact_sum_of_several_arrays_is_that_of_one():
    values = np.random.default_rng(1).normal(size=99)

    assert ExactSum.of(values[:40], values[40:41], values[41:], values[:0]) == ExactSum.of(values[::-1])
