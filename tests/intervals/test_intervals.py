from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, binom, binomtest, norm, studentized_range, ttest_1samp
from scipy.stats import t as student

from reliability.errors import NotMeasurable
from reliability.intervals.comparisons import (
    _range_quantile,
    largest_difference,
    smallest_ratio,
    studentised_range_quantile,
)
from reliability.intervals.means import SquaredErrorSums, delta_interval, explained_share, mean_interval
from reliability.intervals.proportions import clopper_pearson, effective_n, f1_interval, mean_of_proportions

TABLES = st.lists(
    st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=2, max_size=8
)


def fractions(values):
    return [Fraction(float(value)) for value in values]


def sums_of(y, predicted):
    y, e = np.asarray(y, float), np.asarray(predicted, float) - np.asarray(y, float)
    terms = {"e2": e**2, "e4": e**4, "e2y": e**2 * y, "e2y2": e**2 * y**2, "y": y, "y2": y**2, "y3": y**3, "y4": y**4}
    return SquaredErrorSums(n=len(y), **{name: sum(fractions(values)) for name, values in terms.items()})


@pytest.mark.parametrize(("successes", "n"), [(0, 10), (10, 10), (3, 10), (1, 1), (499, 1000), (1, 1_000_000)])
def test_clopper_pearson_agrees_with_scipy(successes, n):
    expected = binomtest(successes, n).proportion_ci(0.95, method="exact")

    assert clopper_pearson(successes, n, confidence=0.95) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_clopper_pearson_takes_effective_numbers():
    low, high = clopper_pearson(2.5, 7.25, confidence=0.9)

    assert low == pytest.approx(beta.ppf(0.05, 2.5, 5.75), abs=1e-12)
    assert high == pytest.approx(beta.isf(0.05, 3.5, 4.75), abs=1e-12)


def test_clopper_pearson_knows_nothing_without_trials():
    assert clopper_pearson(0, 0, confidence=0.95) == (0.0, 1.0)


def test_clopper_pearson_takes_arrays():
    low, high = clopper_pearson(np.array([0, 3]), np.array([10, 10]), confidence=0.95)

    assert low.tolist() == [0.0, clopper_pearson(3, 10, confidence=0.95)[0]]
    assert high.shape == (2,)


@pytest.mark.parametrize("rate", [0.01, 0.05, 0.3, 0.5])
@pytest.mark.parametrize("n", [10, 100, 1000])
def test_clopper_pearson_misses_on_either_side_at_most_half_of_what_it_may(rate, n):
    counts = np.arange(n + 1)
    chance = binom.pmf(counts, n, rate)
    low, high = clopper_pearson(counts, np.full(n + 1, n), confidence=0.95)

    assert chance[low > rate].sum() <= 0.025
    assert chance[high < rate].sum() <= 0.025


@pytest.mark.parametrize("groups", [2, 3, 5, 10, 50, 200, 1000])
@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
def test_studentised_range_quantile_agrees_with_scipy(groups, confidence):
    expected = studentized_range.ppf(confidence, groups, np.inf)

    assert studentised_range_quantile(groups, confidence) == pytest.approx(expected, abs=1e-9)


def test_largest_difference_of_two_groups_is_newcombes_square_and_add():
    low, high = clopper_pearson(np.array([56, 48]), np.array([70, 80]), confidence=0.95)
    gap = largest_difference(np.array([56, 48]), np.array([70, 80]), confidence=0.95)

    assert gap.value == pytest.approx(0.2)
    assert gap.low == pytest.approx(0.2 - np.hypot(0.8 - low[0], high[1] - 0.6), abs=1e-9)
    assert gap.high == pytest.approx(0.2 + np.hypot(high[0] - 0.8, 0.6 - low[1]), abs=1e-9)


def test_smallest_ratio_of_two_groups_is_donner_and_zous_formula():
    low, high = clopper_pearson(np.array([30, 60]), np.array([100, 100]), confidence=0.95)
    inner = (0.3 * 0.6) ** 2 - low[0] * high[1] * (2 * 0.3 - low[0]) * (2 * 0.6 - high[1])
    outer = (0.3 * 0.6) ** 2 - high[0] * low[1] * (2 * 0.3 - high[0]) * (2 * 0.6 - low[1])
    gap = smallest_ratio(np.array([30, 60]), np.array([100, 100]), confidence=0.95)

    assert gap.low == pytest.approx((0.18 - np.sqrt(inner)) / (high[1] * (1.2 - high[1])), abs=1e-9)
    assert gap.high == pytest.approx((0.18 + np.sqrt(outer)) / (low[1] * (1.2 - low[1])), abs=1e-9)


@given(TABLES)
@settings(max_examples=100, deadline=None)
def test_group_intervals_hold_their_estimate(table):
    successes, n = np.array(table).T
    gap = largest_difference(successes, n, confidence=0.95)

    assert 0 <= gap.low <= gap.value <= gap.high <= 1
    if successes.any():
        ratio = smallest_ratio(successes, n, confidence=0.95)
        assert 0 <= ratio.low <= ratio.value <= ratio.high <= 1


@given(TABLES, st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_group_intervals_ignore_the_order_of_groups(table, random):
    shuffled = random.sample(table, len(table))
    first, second = (largest_difference(*np.array(rows).T, confidence=0.95) for rows in (table, shuffled))

    assert (first.value, first.low, first.high) == pytest.approx((second.value, second.low, second.high), abs=1e-12)


def test_largest_difference_names_lowest_and_highest_group():
    assert largest_difference(np.array([5, 1, 9]), np.array([10, 10, 10]), confidence=0.95).worst == (1, 2)


def test_largest_difference_names_two_groups_when_all_are_equal():
    assert largest_difference(np.array([5, 5]), np.array([10, 10]), confidence=0.95).worst == (0, 1)


def test_smallest_ratio_is_not_measurable_when_nobody_is_selected():
    with pytest.raises(NotMeasurable, match=r"^no_selection$"):
        smallest_ratio(np.array([0, 0]), np.array([50, 50]), confidence=0.95)


def test_smallest_ratio_of_a_group_without_selections_starts_at_zero():
    gap = smallest_ratio(np.array([0, 30]), np.array([30, 30]), confidence=0.95)

    assert (gap.value, gap.low) == (0.0, 0.0)
    assert 0 < gap.high < 0.2


@pytest.mark.parametrize("n", [[10], [10, 0]])
def test_group_intervals_refuse_one_group_or_an_empty_one(n):
    with pytest.raises(ValueError, match=r"^a comparison takes two groups or more, none of them empty$"):
        largest_difference(np.zeros(len(n)), np.array(n), confidence=0.95)


def test_group_intervals_take_a_thousand_groups():
    n = np.random.default_rng(0).integers(30, 1000, 1000)
    gap = largest_difference(n // 3, n, confidence=0.95)

    assert gap.low == 0.0
    assert gap.value < 0.05 < gap.high < 1


def simulated(rates, sizes, draws, seed):
    n = np.asarray(sizes)
    for successes in np.random.default_rng(seed).binomial(n, rates, (draws, len(n))):
        if successes.any():
            yield largest_difference(successes, n, confidence=0.95), smallest_ratio(successes, n, confidence=0.95)


@pytest.mark.parametrize("groups", [2, 5, 10])
@pytest.mark.parametrize("n", [30, 1000])
@pytest.mark.parametrize("rate", [0.05, 0.2, 0.5])
def test_group_intervals_cover_when_groups_differ(groups, n, rate):
    rates = np.linspace(rate * 0.6, rate, groups)
    found = list(simulated(rates, np.full(groups, n), 400, seed=groups * n))
    difference = np.mean([gap.low <= rate * 0.4 <= gap.high for gap, _ in found])
    ratio = np.mean([gap.low <= 0.6 <= gap.high for _, gap in found])

    # Four standard errors of 400 draws below the 94.9 % that were simulated at length.
    assert difference >= 0.905
    assert ratio >= 0.905


@pytest.mark.parametrize("n", [30, 200, 1000])
@pytest.mark.parametrize("rate", [0.05, 0.3, 0.5])
def test_ten_equal_groups_do_not_fail_a_limit_of_a_tenth(n, rate):
    gaps = [gap for gap, _ in simulated(np.full(10, rate), np.full(10, n), 400, seed=n)]

    # At 0.5 % two of 400 fail on average; seven or more would come by chance in less than one of 200 runs.
    assert sum(gap.low > 0.10 for gap in gaps) <= 6


@pytest.mark.parametrize("rate", [0.2, 0.5])
def test_ten_equal_groups_cover_a_difference_of_nothing(rate):
    found = list(simulated(np.full(10, rate), np.full(10, 100), 400, seed=5))

    assert np.mean([gap.low <= 0 for gap, _ in found]) >= 0.93
    assert np.mean([gap.high >= 1 for _, gap in found]) >= 0.93


def test_f1_interval_maps_the_interval_of_jaccard():
    low, high = clopper_pearson(8, 12, confidence=0.95)

    assert f1_interval(8, 2, 2, confidence=0.95) == pytest.approx((2 * low / (1 + low), 2 * high / (1 + high)))


def test_f1_interval_reaches_the_ends():
    assert f1_interval(0, 5, 0, confidence=0.95)[0] == 0.0
    assert f1_interval(5, 0, 0, confidence=0.95)[1] == 1.0


def test_f1_interval_covers():
    # Of rows that are positive or predicted so, a share J is both: F1 = 2 J / (1 + J).
    draws = np.random.default_rng(1).binomial(60, 0.7, 2000)
    found = [f1_interval(int(true), 60 - int(true), 0, confidence=0.95) for true in draws]

    assert np.mean([low <= 1.4 / 1.7 <= high for low, high in found]) >= 0.945


def test_mean_of_proportions_of_one_holds_clopper_pearson():
    expected = clopper_pearson(7, 10, confidence=0.95)
    low, high = mean_of_proportions(np.array([7]), np.array([10]), confidence=0.95)

    # Not the same: one proportion's variance is taken as if it were one of many.
    assert (low, high) == pytest.approx(expected, abs=0.02)
    assert low <= expected[0] < expected[1] <= high


@pytest.mark.parametrize("rates", [(0.9, 0.8), (0.99, 0.95), (0.5, 0.5, 0.9)])
def test_mean_of_proportions_covers(rates):
    n = np.array([100, 20, 50])[: len(rates)]
    draws = np.random.default_rng(2).binomial(n, rates, (1000, len(rates)))
    found = [mean_of_proportions(successes, n, confidence=0.95) for successes in draws]

    assert np.mean([low <= np.mean(rates) <= high for low, high in found]) >= 0.94


def test_mean_of_proportions_reaches_the_end_when_all_are_right():
    low, high = mean_of_proportions(np.array([10, 10]), np.array([10, 10]), confidence=0.95)

    assert high == 1.0
    assert low < 0.85


def test_mean_interval_agrees_with_scipy():
    values = np.array([0.25, 0.5, 1.0, 4.0])
    expected = ttest_1samp(values, 0).confidence_interval(0.9)
    found = mean_interval(sum(fractions(values)), sum(fractions(values**2)), 4, confidence=0.9)

    assert found == pytest.approx((expected.low, expected.high), abs=1e-12)


@pytest.mark.parametrize("values", [[0.1], [0.1, 0.1, 0.1], [0.0, 0.0]])
def test_mean_interval_is_not_measurable_without_variance(values):
    squares = [value * value for value in values]

    with pytest.raises(NotMeasurable, match="variance_not_estimable"):
        mean_interval(sum(fractions(values)), sum(fractions(squares)), len(values), confidence=0.95)


@pytest.mark.parametrize("variance", [0.0, -1e-9, float("nan")])
def test_delta_interval_is_not_measurable_without_variance(variance):
    with pytest.raises(NotMeasurable, match="variance_not_estimable"):
        delta_interval(0.5, variance, degrees=10, confidence=0.95)


def test_explained_share_has_the_variance_of_its_influences():
    y, predicted = np.array([1.0, 2.0, 4.0, 7.0]), np.array([1.5, 1.0, 4.0, 6.0])
    spread = np.mean((y - y.mean()) ** 2)
    odds = np.mean((predicted - y) ** 2) / spread
    influence = -((predicted - y) ** 2 - odds * (y - y.mean()) ** 2) / spread
    value, variance = explained_share(sums_of(y, predicted))

    assert value == pytest.approx(1 - odds, abs=1e-12)
    assert variance == pytest.approx(np.sum(influence**2) / 4 / 3, rel=1e-9)


def test_explained_share_has_no_variance_when_every_prediction_is_right():
    assert explained_share(sums_of([1, 2, 3], [1, 2, 3])) == (1.0, 0.0)


def test_explained_share_is_not_measurable_when_nothing_varies():
    with pytest.raises(NotMeasurable, match="one_class"):
        explained_share(sums_of([2, 2], [1, 3]))


def test_explained_share_covers_a_calibrated_model():
    random = np.random.default_rng(6)
    covered = 0
    for _ in range(150):
        score = random.beta(2, 3, 400)
        y = random.random(400) < score
        value, variance = explained_share(sums_of(y, score))
        low, high = delta_interval(value, variance, degrees=399, confidence=0.95)
        # Var(p) over the variance of the outcome: 0.04 / 0.24.
        covered += low <= 1 / 6 <= high

    assert covered / 150 >= 0.89


def test_effective_n_is_about_the_rows_when_they_are_independent():
    random = np.random.default_rng(7)
    found = effective_n(random.binomial(8, 0.3, (50, 128)), np.full((50, 128), 8), confidence=0.95)

    assert 0.8 * 1024 < found.mean() <= 1024


def test_effective_n_is_the_number_of_clusters_when_their_rows_are_copies():
    random = np.random.default_rng(8)
    found = effective_n(10 * random.binomial(1, 0.4, (50, 128)), np.full((50, 128), 10), confidence=0.95)

    assert 110 < found.mean() < 140


@pytest.mark.parametrize(
    ("successes", "n", "expected"), [([0, 0], [5, 5], 2), ([5, 5], [5, 5], 2), ([2, 0], [5, 0], 1)]
)
def test_effective_n_counts_buckets_when_they_tell_no_variance(successes, n, expected):
    assert effective_n(np.array(successes), np.array(n), confidence=0.95) == expected


def test_effective_n_is_nothing_without_rows():
    assert effective_n(np.zeros(128), np.zeros(128), confidence=0.95) == 0


def test_clustered_proportions_cover_at_the_effective_number_of_rows():
    random = np.random.default_rng(9)
    rates = random.beta(1.5, 3.5, (600, 128))
    successes, n = random.binomial(10, rates), np.full((600, 128), 10)
    worth = effective_n(successes, n, confidence=0.95)
    low, high = clopper_pearson(successes.sum(axis=1) / 1280 * worth, worth, confidence=0.95)
    plain = clopper_pearson(successes.sum(axis=1), np.full(600, 1280), confidence=0.95)

    assert np.mean((low <= 0.3) & (high >= 0.3)) >= 0.93
    assert np.mean((plain[0] <= 0.3) & (plain[1] >= 0.3)) < 0.8


@pytest.mark.parametrize("buckets", [3, 7, 11, 20, 49, 128])
@pytest.mark.parametrize(("successes", "n"), [(1, 3), (2, 7), (5, 6)])
def test_effective_n_of_equal_buckets_does_not_hang_on_rounding(buckets, successes, n):
    # The mean of equal shares may differ from them in the last bit, which is no variance.
    worth = effective_n(np.full(buckets, successes), np.full(buckets, n), confidence=0.95)
    shrink = (norm.ppf(0.975) / student.ppf(0.975, buckets - 1)) ** 2

    # Rows are worth no less than if all of a bucket were alike.
    assert worth == pytest.approx(max(shrink * buckets * n, buckets), rel=1e-9)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=20), st.randoms())
@settings(max_examples=40, deadline=None)
def test_effective_n_ignores_which_bucket_is_which_and_empty_ones(pairs, random):
    def worth(rows):
        right, wrong = np.array(rows).T
        return effective_n(right, right + wrong, confidence=0.95)

    moved = random.sample(pairs, len(pairs)) + [(0, 0)] * 3
    assert worth(moved) == pytest.approx(worth(pairs), rel=1e-9)
    assert 0 <= worth(pairs) <= sum(map(sum, pairs))


def test_effective_n_agrees_with_the_jackknife_written_out():
    # Sizes so alike that the design effect is no larger; Satterthwaite's degrees are above the three of four buckets.
    right, n = np.array([1, 7, 2, 6]), np.array([10, 10, 10, 10])
    without = [(right.sum() - right[i]) / (n.sum() - n[i]) for i in range(4)]
    variance = 3 / 4 * np.sum((without - np.mean(without)) ** 2)
    share = right.sum() / n.sum()
    expected = share * (1 - share) / variance * (norm.ppf(0.95) / student.ppf(0.95, 3)) ** 2

    assert effective_n(right, n, confidence=0.9) == pytest.approx(max(expected, 4), rel=1e-12)


@given(st.floats(0, 1), st.floats(0.001, 50))
@settings(max_examples=60, deadline=None)
def test_clopper_pearson_of_effective_numbers_holds_its_estimate(share, worth):
    low, high = clopper_pearson(share * worth, worth, confidence=0.95)

    assert 0 <= low <= share + 1e-9
    assert share - 1e-9 <= high <= 1


@pytest.mark.parametrize(("spread", "error"), [("1e-160", 1), ("1e-100", 1), ("1e-90", 3)])
def test_explained_share_is_not_measurable_when_it_leaves_the_range_of_floats(spread, error):
    # Two values apart by next to nothing, errors that are not: 1 - odds or its variance is no float64.
    y = [Fraction(0), Fraction(spread), Fraction(spread)]
    e2 = [Fraction(error * place**2) for place in (1, 2, 4)]
    made = SquaredErrorSums(
        n=3,
        e2=sum(e2),
        e4=sum(one**2 for one in e2),
        e2y=sum(one * value for one, value in zip(e2, y, strict=True)),
        e2y2=sum(one * value**2 for one, value in zip(e2, y, strict=True)),
        y=sum(y),
        y2=sum(value**2 for value in y),
        y3=sum(value**3 for value in y),
        y4=sum(value**4 for value in y),
    )

    with pytest.raises(NotMeasurable, match="numbers_too_large"):
        explained_share(made)


def test_the_range_of_two_values_is_that_of_their_difference_however_low_the_confidence():
    expected = 2**0.5 * norm.ppf(0.5 + 0.3 / 2)

    assert expected < 1
    assert studentised_range_quantile(2, 0.3) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(("confidence", "groups", "expected"), [(0.95, 2, 2.772), (0.95, 3, 3.314), (0.99, 10, 5.157)])
def test_studentised_range_quantile_agrees_with_the_printed_table(confidence, groups, expected):
    # Harter, H. L. (1960), Annals of Mathematical Statistics 31, 1122-1147, infinite degrees of freedom.
    assert studentised_range_quantile(groups, confidence) == pytest.approx(expected, abs=6e-4)


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.95, 0.975, 0.999, 1 - 1e-6])
@pytest.mark.parametrize("groups", [2, 3, 4, 8, 20, 100, 1000])
def test_the_quick_way_to_a_quantile_of_the_range_changes_no_bit_of_it(groups, confidence):
    assert studentised_range_quantile(groups, confidence) == _range_quantile(groups, confidence, points=2001)


@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_comparisons_asked_for_in_turn_do_not_mix(confidence):
    few, many = (np.array([3, 60]), np.array([100, 100])), (np.array([30, 600]), np.array([1000, 1000]))
    alone = [largest_difference(*few, confidence=confidence), smallest_ratio(*many, confidence=confidence)]

    again = [largest_difference(*few, confidence=0.99), smallest_ratio(*few, confidence=confidence)]
    again += [largest_difference(*few, confidence=confidence), smallest_ratio(*many, confidence=confidence)]

    assert [(gap.low, gap.high) for gap in again[2:]] == [(gap.low, gap.high) for gap in alone]
    assert again[0].low < alone[0].low
    assert (again[1].low, again[1].high) != (alone[1].low, alone[1].high)
