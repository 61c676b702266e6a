from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import bdtr
from scipy.stats import beta, binomtest, gamma, invgamma, ttest_1samp
from scipy.stats import t as student

from reliability.errors import NotMeasurable
from reliability.intervals.means import (
    SquaredErrorSums,
    _beta_matched,
    _beta_quantile,
    bounded_mean_limits,
    delta_interval,
    explained_interval,
    explained_share,
    further_value,
    gain_over_mean,
    mean_interval,
    positive_mean_limits,
    skewed_mean_limits,
)
from reliability.intervals.order import median_ranks


def fractions(values):
    return [Fraction(float(value)) for value in values]


def sums_of(y, predicted):
    y, e = fractions(y), [b - a for a, b in zip(fractions(y), fractions(predicted), strict=True)]
    pairs = list(zip(e, y, strict=True))
    return SquaredErrorSums(
        n=len(y),
        e2=sum(a**2 for a in e),
        e4=sum(a**4 for a in e),
        e2y=sum(a**2 * b for a, b in pairs),
        e2y2=sum(a**2 * b**2 for a, b in pairs),
        y=sum(y),
        y2=sum(b**2 for b in y),
        y3=sum(b**3 for b in y),
        y4=sum(b**4 for b in y),
    )


def bounded(values, *, bound=1.0, further=None, mass=0.05):
    exact = fractions(values)
    total, squares = sum(exact), sum(value**2 for value in exact)
    return bounded_mean_limits(total, squares, len(exact), bound=bound, further=further or bound, mass=mass)


def positive(values, **options):
    exact = fractions(values)
    total, squares = sum(exact), sum(value**2 for value in exact)
    return positive_mean_limits(total, squares, len(exact), largest=max(values), mass=0.05, **options)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 200), st.floats(0, 1), st.sampled_from([0.2, 0.05, 1e-6]))
def test_bounded_mean_limits_of_noughts_and_ones_are_clopper_and_pearsons(n, share, mass):
    ones = round(n * share)
    expected = binomtest(ones, n).proportion_ci(1 - mass, "exact")

    assert bounded([1] * ones + [0] * (n - ones), mass=mass) == pytest.approx((expected.low, expected.high), abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30), st.floats(0.25, 64))
def test_bounded_mean_limits_hold_the_mean_and_change_with_the_unit(values, unit):
    low, high = bounded(values)
    scaled = bounded([value * unit for value in values], bound=unit)

    assert 0 <= low <= np.mean(values) + 1e-12
    assert np.mean(values) - 1e-12 <= high <= 1
    assert scaled == pytest.approx((low * unit, high * unit), rel=1e-6, abs=1e-9)


def test_bounded_mean_limits_come_near_students_on_many_rows():
    values = np.random.default_rng(0).random(5_000)
    expected = ttest_1samp(values, 0).confidence_interval(0.95)

    assert bounded(values) == pytest.approx((expected.low, expected.high), abs=3e-4)


def test_bounded_mean_limits_are_narrower_where_less_is_expected():
    values = [0.1, 0.2, 0.05, 0.3] * 10

    assert bounded(values, further=0.3)[1] < bounded(values)[1]
    assert bounded(values, further=0.3)[0] == bounded(values)[0]


def test_positive_mean_limits_come_near_students_on_many_rows():
    values = np.random.default_rng(0).exponential(size=20_000)
    expected = ttest_1samp(values, 0).confidence_interval(0.95)

    assert positive(values) == pytest.approx((expected.low, expected.high), rel=1.5e-3)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0.001, 1000), min_size=30, max_size=50), st.floats(0.01, 100))
def test_positive_mean_limits_hold_the_mean_and_change_with_the_unit(values, unit):
    if np.ptp(values) > 1e-3 * max(values):
        low, high = positive(values)
        scaled = positive([value * unit for value in values])

        assert 0 <= low < np.mean(values) < high
        assert scaled == pytest.approx((low * unit, high * unit), rel=1e-6)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ([1.0] * 29, "too_few_for_interval"),
        ([0.1] * 40, "variance_not_estimable"),
        ([0.0] * 40, "variance_not_estimable"),
    ],
)
def test_positive_mean_limits_say_why_there_are_none(values, code):
    with pytest.raises(NotMeasurable, match=code):
        positive(values)


@pytest.mark.parametrize(
    ("values", "factor"),
    [([1.0] * 30, 2.0), ([1.0] * 120, 1.25), ([0.0] * 99 + [1.0], 4.0), ([0.0] * 100 + [1.0] * 20, 2.0)],
)
def test_further_value_is_the_largest_by_the_weight_of_the_tail(values, factor):
    exact = fractions(values)

    assert further_value(sum(exact), sum(one**2 for one in exact), len(exact), largest=1.0) == Fraction(factor)


def skewed(values, mass=0.05):
    exact = fractions(values)
    total, squares = sum(exact), sum(value**2 for value in exact)
    return skewed_mean_limits(total, squares, len(exact), lowest=min(values), highest=max(values), mass=mass)


@pytest.mark.parametrize("mass", [0.2, 0.05, 0.001])
def test_skewed_mean_limits_are_students_with_a_further_value(mass):
    values = [0.25, -0.5, 1.0, 4.0]
    t = student.ppf(1 - mass / 2, 3)
    sides = [np.array([*values, further]) for further in (-0.5, 4.0)]
    expected = [
        side.mean() + sign * t * side.std(ddof=1) / np.sqrt(5) for sign, side in zip((-1, 1), sides, strict=True)
    ]

    assert skewed(values, mass) == pytest.approx(expected, rel=1e-12)


def test_skewed_mean_limits_mirror_and_move_with_the_values():
    values = np.random.default_rng(0).exponential(size=50)
    low, high = skewed(values)

    assert skewed(-values) == pytest.approx((-high, -low), rel=1e-12)
    assert skewed(values + 1e6) == pytest.approx((low + 1e6, high + 1e6), rel=1e-12)


@pytest.mark.parametrize("values", [[0.1], [0.1, 0.1, 0.1], [0.0, 0.0]])
def test_skewed_mean_limits_are_not_measurable_without_variance(values):
    with pytest.raises(NotMeasurable, match="variance_not_estimable"):
        skewed(values)


def test_skewed_mean_limits_cover_means_of_skewed_values():
    # Student's t covers 88 % of them.
    draws, expected = np.random.default_rng(1), np.exp(0.5)
    limits = [skewed(draws.lognormal(size=30)) for _ in range(300)]

    assert sum(low <= expected <= high for low, high in limits) >= 273


def test_gain_over_mean_by_hand():
    # Deviations 4, 1, 1, 4 over the mean 3; squared errors 1, 0, 1, 4.
    value, variance = gain_over_mean(sums_of([1, 2, 4, 5], [2, 2, 5, 7]))

    assert value == 1.0
    assert variance == pytest.approx(np.var([3, 1, 0, 0], ddof=1) / 4, abs=1e-15)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(-80, 80), st.integers(-80, 80)), min_size=2, max_size=20))
def test_gain_over_mean_is_that_of_paired_squared_errors(pairs):
    y, predicted = (np.array(side) / 8 for side in zip(*pairs, strict=True))
    gains = (y - y.mean()) ** 2 - (predicted - y) ** 2
    value, variance = gain_over_mean(sums_of(y, predicted))

    assert value == pytest.approx(gains.mean(), abs=1e-9)
    assert variance == pytest.approx(gains.var(ddof=1) / len(y), rel=1e-9, abs=1e-12)


def test_gain_over_mean_of_predicting_the_mean_is_nothing():
    assert gain_over_mean(sums_of([1, 2, 3], [2, 2, 2])) == (0.0, 0.0)
    assert gain_over_mean(sums_of([1], [3])) == (-4.0, 0.0)
    with pytest.raises(NotMeasurable, match="no_rows"):
        gain_over_mean(sums_of([], []))


def test_gain_over_mean_covers():
    draws, covered = np.random.default_rng(2), 0
    for _ in range(300):
        predicted = np.round(draws.normal(size=200), 6)
        value, variance = gain_over_mean(sums_of(predicted + draws.normal(size=200), predicted))
        covered += abs(value - 1) <= 1.972 * np.sqrt(variance)

    assert covered >= 276


def test_explained_interval_without_further_rows_is_the_delta_interval_of_a_logarithm():
    sums = sums_of([1.0, 2.0, 4.0, 7.0], [1.5, 1.0, 4.0, 6.0])
    value, (low, high) = explained_interval(sums, error=Fraction(0), deviation=Fraction(0), confidence=0.95)

    assert value == explained_share(sums)[0]
    # Both limits lie a factor apart from 5/4 of the ratio: one of the rows is the mean's own.
    assert np.sqrt((1 - low) * (1 - high)) == pytest.approx((1 - value) * 4 / 5, rel=1e-12)


def test_explained_interval_is_wider_with_further_rows():
    sums = sums_of([1.0, 2.0, 4.0, 7.0], [1.5, 1.0, 4.0, 6.0])
    _, (low, high) = explained_interval(sums, error=Fraction(0), deviation=Fraction(0), confidence=0.95)
    _, (lower, higher) = explained_interval(sums, error=Fraction(1), deviation=Fraction(9), confidence=0.95)

    assert lower < low < high < higher <= 1


@pytest.mark.parametrize(("y", "code"), [([1, 2, 3], "variance_not_estimable"), ([2, 2], "one_class")])
def test_explained_interval_says_why_there_is_none(y, code):
    with pytest.raises(NotMeasurable, match=code):
        explained_interval(sums_of(y, y), error=Fraction(0), deviation=Fraction(1), confidence=0.95)


@pytest.mark.parametrize(("n", "ranks"), [(6, (1, 6)), (9, (2, 8)), (10, (2, 9)), (20, (6, 15)), (100, (40, 61))])
def test_median_ranks_agree_with_the_printed_table(n, ranks):
    # Conover, W. J. (1999), Practical Nonparametric Statistics, section 3.2, and the sign test's table.
    assert median_ranks(n, mass=0.05) == ranks


@pytest.mark.parametrize("n", [8, 57, 1000, 1_000_000])
@pytest.mark.parametrize("mass", [0.1, 0.05, 0.01])
def test_median_ranks_leave_no_more_outside_than_they_may(n, mass):
    low, high = median_ranks(n, mass=mass)

    assert low + high == n + 1
    assert binomtest(low - 1, n, 0.5, alternative="less").pvalue <= mass / 2
    assert binomtest(low, n, 0.5, alternative="less").pvalue > mass / 2


@pytest.mark.parametrize(("n", "mass", "needed"), [(0, 0.05, 6), (5, 0.05, 6), (3, 0.1, 5), (7, 0.01, 8)])
def test_median_ranks_of_too_few_values_do_not_exist(n, mass, needed):
    with pytest.raises(NotMeasurable, match="too_few_for_interval") as refused:
        median_ranks(n, mass=mass)

    assert refused.value.values == {"n": n, "needed": needed}


VALUES = [
    [0.25, 0.5, 0.0, 1.0],
    [0.125] * 9 + [1.0],
    [0.75],
    [0.5, 0.5],
    np.random.default_rng(4).random(25).tolist(),
    [1e-6, 1.0, 1.0],
]


@pytest.mark.parametrize("values", VALUES)
@pytest.mark.parametrize(("bound", "further"), [(1.0, 1.0), (1.0, 0.4), (3.0, 2.0)])
@pytest.mark.parametrize("mass", [0.2, 0.05])
def test_bounded_mean_limits_are_quantiles_of_a_beta_distribution_with_one_further_value(values, bound, further, mass):
    def matched(more):
        shares = np.array([*values, more]) / bound
        mean, variance = shares.mean(), shares.var() / (len(shares) + 1)
        worth = mean * (1 - mean) / variance - 1
        return beta(mean * worth, (1 - mean) * worth)

    low, high = bounded(values, bound=bound, further=further, mass=mass)

    assert low == pytest.approx(min(np.mean(values), bound * matched(0.0).ppf(mass / 2)), rel=1e-9)
    assert high == pytest.approx(max(np.mean(values), bound * matched(further).isf(mass / 2)), rel=1e-9)


@pytest.mark.parametrize("n", [1, 2, 50])
def test_bounded_mean_limits_of_values_at_an_end_reach_it(n):
    assert bounded([0.0] * n) == pytest.approx((0.0, 1 - 0.025 ** (1 / n)), rel=1e-9)
    assert bounded([1.0] * n) == pytest.approx((0.025 ** (1 / n), 1.0), rel=1e-9)
    assert bounded([0.0] * n)[0] == 0.0
    assert bounded([1.0] * n)[1] == 1.0


@pytest.mark.parametrize("n", [1, 3, 10])
def test_bounded_mean_limits_know_nothing_above_where_no_value_differs_from_the_one_expected(n):
    low, high = bounded([0.9] * n, further=0.9)

    assert high == 1.0
    assert low < 0.9


@pytest.mark.parametrize("n", [1, 2, 4])
def test_bounded_mean_limits_hold_a_mean_far_above_the_value_that_they_expect(n):
    # One value at 0.1 drags the distribution's quantile of 60 % below the mean that was seen.
    low, high = bounded([0.9] * n, further=0.1, mass=0.8)

    assert low <= 0.9 == high


@pytest.mark.parametrize("tiny", [1e-9, 1e-12, 1e-100, 1e-200])
def test_bounded_mean_limits_of_tiny_values_keep_their_digits(tiny):
    # So far from the bound the distribution is a Gamma one: the limits are those of the mean alone.
    values = [tiny, 2 * tiny, 3 * tiny]
    low, high = bounded(values, further=3 * tiny)
    shape = {more: (6 + more) ** 2 / 4 / np.var([1.0, 2.0, 3.0, more]) * 5 / 4 for more in (0.0, 3.0)}

    assert low == pytest.approx(tiny * gamma.ppf(0.025, shape[0.0], scale=6 / 4 / shape[0.0]), rel=1e-6)
    assert high == pytest.approx(tiny * gamma.isf(0.025, shape[3.0], scale=9 / 4 / shape[3.0]), rel=1e-6)


@pytest.mark.parametrize("tiny", [1e-9, 1e-100])
def test_bounded_mean_limits_just_below_the_bound_mirror_those_just_above_nothing(tiny):
    near = [1 - Fraction(tiny), 1 - 2 * Fraction(tiny), Fraction(1)]
    low, high = bounded_mean_limits(sum(near), sum(one**2 for one in near), 3, bound=1.0, further=1.0, mass=0.05)
    other = bounded([tiny, 2 * tiny, 0.0])

    assert (1 - high) == pytest.approx(other[0], rel=1e-6, abs=1e-15)
    assert (1 - low) == pytest.approx(other[1], rel=1e-6)


@pytest.mark.parametrize("mass", [0.2, 0.05, 0.001])
def test_positive_mean_limits_are_quantiles_of_gamma_distributions(mass):
    values = np.random.default_rng(5).exponential(size=40)
    exact = fractions(values)
    total, squares, largest = sum(exact), sum(one**2 for one in exact), max(values)
    further = float(further_value(total, squares, 40, largest=largest))
    more = np.array([*values, further])
    low, high = positive_mean_limits(total, squares, 40, largest=largest, mass=mass)
    shape = values.mean() ** 2 / (values.var() / 39)
    above = more.mean() ** 2 / (more.var() / 40)

    assert low == pytest.approx(gamma.ppf(mass / 2, shape, scale=values.mean() / shape), rel=1e-9)
    assert high == pytest.approx(invgamma.isf(mass / 2, above, scale=more.mean() * above), rel=1e-9)


@pytest.mark.parametrize(("n", "needed"), [(29, 30), (9, 10), (1, 30), (0, 30)])
def test_positive_mean_limits_need_as_many_values_as_they_say(n, needed):
    exact = fractions(np.arange(1.0, n + 1))
    with pytest.raises(NotMeasurable, match="too_few_for_interval") as refused:
        positive_mean_limits(
            sum(exact, Fraction(0)), sum((one**2 for one in exact), Fraction(0)), n, largest=n, mass=0.05, needed=needed
        )

    assert refused.value.values == {"n": n, "needed": needed}


def test_positive_mean_limits_take_as_many_values_as_they_need():
    assert positive(range(1, 31))[0] < 15.5 < positive(range(1, 31))[1]
    assert positive(range(1, 11), needed=10)[0] < 5.5 < positive(range(1, 11), needed=10)[1]


@pytest.mark.parametrize("limits", [positive, lambda values: skewed(values)])
def test_mean_limits_tell_a_small_spread_from_rounding(limits):
    steady = np.full(40, 0.1)

    with pytest.raises(NotMeasurable, match="variance_not_estimable"):
        limits(steady)
    low, high = limits(np.append(steady, 0.1 + 1e-6))
    assert low < 0.1 + 1e-6 / 41 < high


@pytest.mark.parametrize("half", [0.5, 0.1])
def test_skewed_mean_limits_of_two_values_by_hand(half):
    # Values 1 and 3, a further 1 below and a further 3 above: means 5/3 and 7/3, variance 4/3 of three values.
    t = student.ppf(1 - half / 2, 1)

    assert skewed([1.0, 3.0], half) == pytest.approx((5 / 3 - t * 2 / 3, 7 / 3 + t * 2 / 3), rel=1e-12)


@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.999])
@pytest.mark.parametrize("degrees", [1, 2.5, 400])
def test_delta_interval_is_students(confidence, degrees):
    half = 0.3 * student.ppf(0.5 + confidence / 2, degrees)

    assert delta_interval(-2.0, 0.09, degrees=degrees, confidence=confidence) == pytest.approx((-2 - half, -2 + half))


def test_delta_interval_needs_a_degree_of_freedom():
    with pytest.raises(NotMeasurable, match="variance_not_estimable"):
        delta_interval(0.5, 0.1, degrees=0.5, confidence=0.95)


@pytest.mark.parametrize(("first", "second"), [(3, 1), (-1, 1)])
def test_mean_interval_of_two_values_by_hand(first, second):
    # Half of the spread times the 97.5 % quantile of Student's t with one degree of freedom (12.7062).
    low, high = mean_interval(Fraction(first + second), Fraction(first**2 + second**2), 2, confidence=0.95)

    assert high - low == pytest.approx(abs(first - second) * 12.7062, rel=1e-5)
    assert (low + high) / 2 == pytest.approx((first + second) / 2, abs=1e-12)


@pytest.mark.parametrize("step", [1e-6, 1e-7])
def test_mean_interval_tells_a_small_spread_from_rounding(step):
    values = fractions([1.0, 1.0 + step, 1.0 - step])
    low, high = mean_interval(sum(values), sum(one**2 for one in values), 3, confidence=0.95)

    assert low < 1 < high
    assert high - low == pytest.approx(2 * step * student.ppf(0.975, 2) / np.sqrt(3), rel=1e-3)


def test_mean_interval_takes_what_rounding_leaves_for_no_variance():
    # Squares rounded to floats: 0.1 * 0.1 is not the square of 0.1.
    squares = 3 * Fraction(0.1 * 0.1) + Fraction(4, 2**53) * Fraction(0.03)

    with pytest.raises(NotMeasurable, match="variance_not_estimable"):
        mean_interval(3 * Fraction(0.1), squares, 3, confidence=0.95)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(-40, 40), st.integers(-40, 40)), min_size=1, max_size=12))
def test_squared_error_sums_are_those_around_the_mean(rows):
    y, predicted = [one for one, _ in rows], [other for _, other in rows]
    sums, mean = sums_of(y, predicted), Fraction(sum(y), len(y))
    moved = [(Fraction(b - a) ** 2, a - mean) for a, b in rows]

    assert sums.deviation == sum(d**2 for _, d in moved)
    assert sums.fourth == sum(d**4 for _, d in moved)
    assert sums.crossed == sum(e2 * d**2 for e2, d in moved)


def explained_limits_by_rows(y, predicted, error, deviation, confidence):
    """The notes of `explained_interval`, row by row."""
    e2, d2, n = (predicted - y) ** 2, (y - y.mean()) ** 2, len(y)
    limits = []
    for sign, more_error, more_deviation in ((1, error, 0.0), (-1, 0.0, deviation)):
        errors, spreads = np.append(e2, more_error), np.append(d2, more_deviation)
        odds = errors.sum() / spreads.sum()
        influence = (errors - odds * spreads) / errors.sum()
        half = student.ppf(0.5 + confidence / 2, n - 1) * np.sqrt((influence**2).sum() * (n + 1) / n)
        limits.append(1 - odds * n / (n + 1) * np.exp(sign * half))
    return limits


@pytest.mark.parametrize("confidence", [0.8, 0.95])
@pytest.mark.parametrize(("error", "deviation"), [(0.0, 0.0), (2.25, 0.0), (0.0, 30.25), (1.0, 9.0)])
@pytest.mark.parametrize("n", [2, 5, 60])
def test_explained_interval_is_that_of_its_notes_row_by_row(n, error, deviation, confidence):
    random = np.random.default_rng(n)
    y = random.normal(2, 1, n)
    predicted = y + random.normal(0, 0.7, n)
    value, interval = explained_interval(
        sums_of(y, predicted), error=Fraction(error), deviation=Fraction(deviation), confidence=confidence
    )
    low, high = explained_limits_by_rows(y, predicted, error, deviation, confidence)

    assert interval == pytest.approx((min(value, low), max(value, high)), rel=1e-9)
    assert interval[0] <= value <= interval[1] <= 1


def test_explained_interval_of_a_perfect_prediction_ends_at_one():
    value, (low, high) = explained_interval(
        sums_of([1, 2, 4], [1, 2, 4]), error=Fraction(1, 4), deviation=Fraction(1), confidence=0.95
    )

    # Squared deviations 16/9, 1/9 and 25/9 against errors 0, 0, 0 and 1/4: a ratio of 3/56.
    spread = sum(Fraction(3 * d, 56 * 9) ** 2 for d in (16, 1, 25)) * 16
    half = student.ppf(0.975, 2) * np.sqrt(float(1 + spread) * 4 / 3)
    assert (value, high) == (1.0, 1.0)
    assert low == pytest.approx(1 - 3 / 56 * 3 / 4 * np.exp(half), rel=1e-12)


def test_explained_interval_of_one_row_does_not_exist():
    with pytest.raises(NotMeasurable, match="one_class"):
        explained_interval(sums_of([1], [2]), error=Fraction(1), deviation=Fraction(1), confidence=0.95)


@pytest.mark.parametrize("give", [explained_share, gain_over_mean])
def test_numbers_too_large_are_refused_with_the_rows_there_are(give):
    made = sums_of([0, 1, 2], [3, 3, 4])
    huge = SquaredErrorSums(**{name: getattr(made, name) * 10 ** (400 if name == "e2" else 0) for name in vars(made)})

    with pytest.raises(NotMeasurable, match="numbers_too_large") as refused:
        give(huge)
    assert refused.value.values == {"n": 3}


def test_gain_and_share_of_two_rows_have_a_variance():
    # Deviations 1 and 1 over the mean 2; squared errors 0 and 1.
    sums = sums_of([1, 3], [1, 4])

    assert gain_over_mean(sums) == (0.5, pytest.approx(0.25))
    assert explained_share(sums) == (0.5, pytest.approx(0.25))


def test_median_ranks_follow_from_one_half_to_the_n():
    for n in range(1, 12):
        if 0.5**n <= 0.025:
            assert median_ranks(n, mass=0.05)[0] >= 1
        else:
            with pytest.raises(NotMeasurable):
                median_ranks(n, mass=0.05)
    # Exactly at the edge: half of 1/16 on either side of five values.
    assert median_ranks(5, mass=1 / 16) == (1, 5)
    assert median_ranks(1, mass=1.0) == (1, 1)


@pytest.mark.parametrize("power", [53, 52])
def test_means_take_no_more_than_rounding_for_no_variance(power):
    # Sums whose squares exceed what equal values have by just so many units in the last place.
    def squares(units):
        return Fraction(4) / (1 - units * Fraction(1, 2**power))

    for limits in (
        lambda given: mean_interval(Fraction(8), given, 16, confidence=0.95),
        lambda given: skewed_mean_limits(Fraction(8), given, 16, lowest=0.5, highest=0.5, mass=0.05),
        lambda given: positive_mean_limits(Fraction(8), given, 16, largest=0.5, mass=0.05, needed=2),
    ):
        within, beyond = (8, Fraction(17, 2)) if power == 53 else (4, Fraction(17, 4))
        with pytest.raises(NotMeasurable) as refused:
            limits(squares(within))
        assert (refused.value.code, refused.value.values) == ("variance_not_estimable", {})
        low, high = limits(squares(beyond))
        assert low <= 0.5 <= high


@pytest.mark.parametrize("units", [64, 64.5])
def test_spread_of_residuals_is_told_from_rounding_beyond_sixty_four_units(units):
    # Residuals of the share: sum e^4 - 2 odds crossed + odds^2 fourth, here moved by its middle term.
    made = sums_of([-1, 1], [-0.5, 1.5])
    moved = replace(made, e2y2=made.e2y2 - Fraction(units) * made.e4 / 2**53 / (2 * Fraction(1, 4)))

    assert (explained_share(moved)[1] > 0) is (units > 64)
    level = sums_of([-1, 1], [-2.0, 2.0])
    both = Fraction(units) * (level.e4 + level.fourth) / 2**53
    assert (gain_over_mean(replace(level, e2y2=level.e2y2 - both / 2))[1] > 0) is (units > 64)


def test_one_row_whose_square_was_rounded_has_no_variance():
    # 0.1 squared in floats is not the square of 0.1: one row seems to deviate from itself.
    y = Fraction(0.1)
    made = SquaredErrorSums(
        n=1, e2=Fraction(1), e4=Fraction(2), e2y=y, e2y2=y * y, y=y, y2=Fraction(0.1 * 0.1), y3=y**3, y4=y**4
    )

    assert made.deviation > 0
    assert explained_share(made)[1] == gain_over_mean(made)[1] == 0.0
    with pytest.raises(NotMeasurable) as refused:
        explained_interval(made, error=Fraction(1), deviation=Fraction(1), confidence=0.95)
    assert refused.value.code == "variance_not_estimable"


@pytest.mark.parametrize(
    ("call", "code", "values"),
    [
        (lambda: mean_interval(Fraction(1), Fraction(1), 1, confidence=0.95), "variance_not_estimable", {}),
        (lambda: skewed([1.0]), "variance_not_estimable", {}),
        (lambda: delta_interval(0.5, 0.0, degrees=3, confidence=0.95), "variance_not_estimable", {}),
        (lambda: positive([2.0] * 30), "variance_not_estimable", {}),
        (lambda: explained_share(sums_of([2, 2], [1, 3])), "one_class", {}),
        (lambda: gain_over_mean(sums_of([], [])), "no_rows", {}),
        (
            lambda: explained_interval(
                sums_of([1, 2], [1, 2]), error=Fraction(0), deviation=Fraction(0), confidence=0.95
            ),
            "variance_not_estimable",
            {},
        ),
        (
            lambda: explained_interval(
                sums_of([1, 2, 4], [1, 2, 3]), error=Fraction(10) ** 400, deviation=Fraction(0), confidence=0.95
            ),
            "numbers_too_large",
            {"n": 3},
        ),
        # Student's t with one degree of freedom at 99.9 % is 637: its exponential is no float64.
        (
            lambda: explained_interval(
                sums_of([1, 2], [1.5, 2]), error=Fraction(1), deviation=Fraction(1), confidence=0.999
            ),
            "numbers_too_large",
            {"n": 2},
        ),
        (lambda: median_ranks(3, mass=1 / 16), "too_few_for_interval", {"n": 3, "needed": 5}),
    ],
)
def test_refusals_say_why_in_one_word(call, code, values):
    with pytest.raises(NotMeasurable) as refused:
        call()

    assert (refused.value.code, refused.value.values) == (code, values)


@pytest.mark.parametrize("power", [(1, 400, 0), (0, 200, 0), (0, 0, 400)])
def test_variances_too_large_for_a_float_say_how_many_rows_there_are(power):
    made = sums_of([0, 1, 2], [3, 3, 4])
    by_share = replace(made, e2=made.e2 * 10 ** power[0], e4=made.e4 * Fraction(10) ** (power[1] or power[2] or 400))
    for give in (explained_share, gain_over_mean):
        if power[1] != 200:
            with pytest.raises(NotMeasurable) as refused:
                give(by_share)
            assert (refused.value.code, refused.value.values) == ("numbers_too_large", {"n": 3})
        else:
            assert give(by_share)[1] > 1e100


@pytest.mark.parametrize(
    ("n", "mass", "ranks"),
    [(10, 0.99, (5, 6)), (9, 0.99, (4, 6)), (2, 0.6, (1, 2)), (1, 1.0, (1, 1)), (3, 0.5, (1, 3))],
)
def test_median_ranks_close_in_on_the_middle(n, mass, ranks):
    assert median_ranks(n, mass=mass) == ranks


def test_median_ranks_may_leave_outside_exactly_what_they_may():
    # P(Binomial(6, 1/2) < 2) is 7/64, to the rounding of the function that gives it.
    assert median_ranks(6, mass=2 * float(bdtr(1, 6, 0.5))) == (2, 5)
    assert median_ranks(6, mass=0.99 * 7 / 32) == (1, 6)


def test_explained_share_of_residuals_that_do_not_differ_keeps_its_value():
    # Every squared error is a quarter of its row's squared deviation.
    assert explained_share(sums_of([-1, 1, -1, 1], [-0.5, 0.5, -1.5, 1.5])) == (0.75, 0.0)
    assert explained_share(sums_of([-1, 1], [-3.0, 3.0])) == (-3.0, 0.0)


@pytest.mark.parametrize("give", [explained_share, gain_over_mean])
def test_values_too_large_for_a_float_say_how_many_rows_there_are(give):
    huge = replace(sums_of([-1, 0, 1], [1, 1, 1]), e2=Fraction(10) ** 400, e4=Fraction(10) ** 900)

    with pytest.raises(NotMeasurable) as refused:
        give(huge)
    assert (refused.value.code, refused.value.values) == ("numbers_too_large", {"n": 3})


def test_positive_mean_limits_refuse_few_values_in_one_word():
    with pytest.raises(NotMeasurable) as refused:
        positive([1.0, 2.0])

    assert (refused.value.code, refused.value.values) == ("too_few_for_interval", {"n": 2, "needed": 30})


@pytest.mark.parametrize("n", [1, 5])
def test_bounded_mean_limits_of_nothing_but_noughts_that_expect_a_nought_know_nothing_above(n):
    limits = bounded_mean_limits(Fraction(0), Fraction(0), n, bound=2.0, further=0.0, mass=0.05)

    assert limits == (0.0, 2.0)


@pytest.mark.parametrize("b", [1e-4, 9e-4, 1e-3, 2e-3, 0.5, 1.0])
@pytest.mark.parametrize("below", [5e-5, 0.005, 0.025])
def test_quantiles_of_a_lopsided_beta_distribution_are_those_by_hand(b, below):
    # With a first shape of 1 the distribution function is 1 - (1 - x)^b.
    assert _beta_quantile(1.0, b, below) == pytest.approx(-np.expm1(np.log1p(-below) / b), rel=1e-12)


def test_without_a_second_shape_every_quantile_is_one():
    assert _beta_quantile(1.0, 0.0, 0.025) == 1.0


@settings(deadline=None)
@given(
    st.lists(st.sampled_from([0.0, 1e-9, 0.25, 0.5, 1 - 1e-9, 1.0]) | st.floats(1e-9, 1), min_size=1, max_size=9),
    st.booleans(),
)
def test_shapes_matched_to_values_are_never_between_nothing_and_one(values, at_the_bound):
    given = [Fraction(one) for one in (*values, 1.0 if at_the_bound else 0.0)]
    shapes = _beta_matched(sum(given), sum(one * one for one in given), len(values))

    assert shapes == (1.0, 0.0) or min(shapes) >= 1 - 1e-9
