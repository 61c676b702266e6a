import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, binom, norm
from scipy.stats import t as student

from reliability.intervals.comparisons import (
    FEW,
    few_ratio_high,
    group_mass,
    largest_difference,
    smallest_ratio,
    widest_difference,
    widest_ratio,
)
from reliability.intervals.proportions import (
    clopper_pearson,
    effective_n,
    exact_high,
    exact_limits,
    exact_low,
    mean_of_proportions,
)
from reliability.intervals.strata import smallest_mantel_haenszel_ratio


def clustered(entities, rows, rate, correlation, draws, seed):
    """Successes and rows by bucket of clusters of one size, the share of successes beta by cluster."""
    random, spread = np.random.default_rng(seed), 1 / correlation - 1
    chance = random.beta(rate * spread, (1 - rate) * spread, (draws, entities))
    right, place = random.binomial(rows, chance), random.integers(0, 128, (draws, entities))
    x, n = np.zeros((draws, 128)), np.zeros((draws, 128))
    for draw in range(draws):
        x[draw] = np.bincount(place[draw], right[draw], 128)
        n[draw] = np.bincount(place[draw], minlength=128) * rows
    return x, n


@pytest.mark.parametrize(("rate", "correlation"), [(0.05, 0.5), (0.01, 0.5), (0.05, 0.05), (0.95, 0.5)])
@pytest.mark.parametrize("entities", [30, 100])
def test_few_clusters_with_a_success_still_cover(entities, rate, correlation):
    # The jackknife with one degree less than buckets: 91.2 % and 8.1 % at 30 clusters, rate .05, correlation .5.
    x, n = clustered(entities, 10, rate, correlation, 1500, seed=entities)
    worth = effective_n(x, n, confidence=0.95)
    low, high = clopper_pearson(x.sum(axis=1) / n.sum(axis=1) * worth, worth, confidence=0.95)

    assert np.mean((low <= rate) & (rate <= high)) >= 0.94
    assert max(np.mean(low > rate), np.mean(high < rate)) <= 0.03


@pytest.mark.parametrize("successes", [[0, 0, 0], [10, 30, 30], [10, 0, 0], [9, 0, 0]])
def test_one_bucket_that_tells_anything_counts_as_buckets_of_uneven_size(successes):
    # Kish: the square of the rows over the sum of the buckets' squares.
    found = effective_n(np.array(successes), np.array([10, 30, 30]), confidence=0.95)

    assert found <= 70**2 / (10**2 + 30**2 + 30**2) * (1 + 1e-12)
    assert found > 2


@pytest.mark.parametrize("bearing", [2, 3, 6, 11])
def test_degrees_of_freedom_are_of_the_buckets_that_hold_a_success(bearing):
    # One success each among 40 buckets of 100: the jackknife says about as many rows as there are.
    x, n = np.arange(40) < bearing, np.full(40, 100)
    without = (bearing - x) / 3900
    variance = 39 / 40 * np.sum((without - without.mean()) ** 2)
    share = bearing / 4000
    shrink = (norm.ppf(0.975) / student.ppf(0.975, bearing - 1)) ** 2
    jackknife = share * (1 - share) / variance

    found = effective_n(x, n, confidence=0.95)
    assert found == pytest.approx(max(shrink * min(jackknife, 4000), 40), rel=0.01)
    assert found == effective_n(n - x, n, confidence=0.95)


def test_one_heavy_bucket_takes_degrees_of_freedom():
    # Twelve buckets hold successes, but nearly all of the variance is of one: Satterthwaite leaves about two.
    n = np.full(60, 100)
    even, uneven = np.where(np.arange(60) < 12, 3, 0), np.where(np.arange(60) < 12, 1, 0)
    uneven[0] = 25
    share = 36 / 6000
    variance = 60 / 59 * np.sum((uneven - share * 100) ** 2) / 6000**2
    squares = (uneven - share * 100) ** 2
    degrees = 2 / ((squares**2).sum() / squares.sum() ** 2 - 1 / 60)
    expected = share * (1 - share) / variance * (norm.ppf(0.975) / student.ppf(0.975, degrees)) ** 2

    assert uneven.sum() == even.sum() == 36
    assert 2 < degrees < 2.4
    assert effective_n(uneven, n, confidence=0.95) == pytest.approx(expected, rel=0.01)
    assert 60 < effective_n(uneven, n, confidence=0.95) < effective_n(even, n, confidence=0.95)


def test_large_buckets_without_a_success_do_not_hide_the_correlation():
    # All successes are in small buckets and nearly all of each: the jackknife alone would take large ones for sure.
    n = np.array([4] * 30 + [200] * 5)
    x = np.where(np.arange(35) < 10, 3, 0)
    p, rows = 30 / 1120, 1120
    between = ((x - p * n) ** 2 / n).sum() * 35 / 34
    correlation = (between - p * (1 - p) * 35) / (p * (1 - p) * (rows - 35))
    size = (n**2).sum() / rows
    design = 1 + correlation * (size - 1)

    assert 0.4 < correlation < 1
    assert effective_n(x, n, confidence=0.95) <= rows / design * (1 + 1e-12)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=30))
@settings(max_examples=60, deadline=None)
def test_effective_n_is_symmetric_and_bounded(pairs):
    right, wrong = np.array(pairs).T
    worth = effective_n(right, right + wrong, confidence=0.95)

    assert 0 <= worth <= (right + wrong).sum()
    assert worth == pytest.approx(effective_n(wrong, right + wrong, confidence=0.95), rel=1e-9)


@pytest.mark.parametrize("n", [30, 100, 300])
@pytest.mark.parametrize("rate", [0.02, 0.5, 0.85, 0.98])
@pytest.mark.parametrize("classes", [2, 10, 20])
def test_mean_of_many_proportions_covers(classes, rate, n):
    # MOVER alone: 91-92 % for 10 and 20 classes at .98.
    random, size = np.random.default_rng([classes, n]), -(-n // classes)
    draws = random.binomial(size, rate, (1500, classes))
    found = np.array([mean_of_proportions(x, np.full(classes, size), confidence=0.95) for x in draws])

    assert np.mean((found[:, 0] <= rate) & (rate <= found[:, 1])) >= 0.94
    # At most 2.7 % in 8,000 draws; two standard errors of these 1,500 more.
    assert max(np.mean(found[:, 0] > rate), np.mean(found[:, 1] < rate)) <= 0.035


def test_mean_of_ten_proportions_is_as_sure_as_their_rows_together():
    # Six of 300 rows wrong, one in each of six classes: the upper limit is about that of 294 of 300, not above MOVER's.
    right, n = np.array([29] * 6 + [30] * 4), np.full(10, 30)
    low, high = mean_of_proportions(right, n, confidence=0.95)
    each_low, each_high = clopper_pearson(right, n, confidence=0.95)
    mover = 0.98 + np.sqrt(((each_high - right / n) ** 2).sum()) / 10

    assert high == pytest.approx(clopper_pearson(294, 300, confidence=0.95)[1], abs=4e-4)
    assert mover < 0.9885 < high
    assert low == pytest.approx(0.98 - np.sqrt(((right / n - each_low) ** 2).sum()) / 10, abs=1e-12)


@given(
    st.lists(st.integers(1, 50).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=1, max_size=12)
)
@settings(max_examples=80, deadline=None)
def test_mean_of_proportions_mirrors_failures_and_holds_movers(pairs):
    x, n = np.array(pairs).T
    low, high = mean_of_proportions(x, n, confidence=0.95)
    mirrored = mean_of_proportions(n - x, n, confidence=0.95)
    each_low, each_high = clopper_pearson(x, n, confidence=0.95)
    mean, size = np.mean(x / n), len(n)

    assert (low, high) == pytest.approx((1 - mirrored[1], 1 - mirrored[0]), abs=1e-9)
    assert low <= max(0, mean - np.sqrt(((x / n - each_low) ** 2).sum()) / size) + 1e-12
    assert high >= min(1, mean + np.sqrt(((each_high - x / n) ** 2).sum()) / size) - 1e-12
    assert 0 <= low <= mean + 1e-12
    assert mean - 1e-12 <= high <= 1


@pytest.mark.parametrize(("top", "bottom"), [(0, 6), (1, 10), (4, 15)])
def test_few_ratio_high_is_the_exact_limit_of_rare_counts(top, bottom):
    # Given their sum, the top count is binomial with chance r / (1 + r): at the limit so few come in 2.5 %.
    n = np.array([1e9])
    ratio = float(few_ratio_high(np.array([float(top)]), n, np.array([float(bottom)]), n, mass=0.05)[0])

    assert binom.cdf(top, top + bottom, ratio / (1 + ratio)) == pytest.approx(0.025, abs=1e-6)


def test_few_ratio_high_takes_the_trials_into_account():
    zero, six = np.array([0.0]), np.array([6.0])
    equal = few_ratio_high(zero, np.array([1e9]), six, np.array([1e9]), mass=0.05)

    assert few_ratio_high(zero, np.array([2e9]), six, np.array([1e9]), mass=0.05) == pytest.approx(equal / 2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isinf(few_ratio_high(zero, np.array([1e9]), zero, np.array([1e9]), mass=0.05))


@pytest.mark.parametrize(
    ("top", "top_n", "bottom", "bottom_n", "among", "other", "scale"),
    [
        # 2 of 10 vary like 2.5 of 12.5 rare ones, 6 of 12 like 12 of 24.
        (2, 10, 6, 12, 2.5, 12.0, 24 / 12.5),
        # Half a failure stands for none: 2 of 2 vary like 8 of 8, 4 of 4 like 32 of 32.
        (2, 2, 4, 4, 8.0, 32.0, 32 / 8),
    ],
)
def test_few_ratio_high_takes_binomial_counts_for_as_many_rare_ones(top, top_n, bottom, bottom_n, among, other, scale):
    q = beta.isf(0.025, among + 1, other)
    found = few_ratio_high(*(np.array([float(one)]) for one in (top, top_n, bottom, bottom_n)), mass=0.05)

    assert found == pytest.approx(q / (1 - q) * scale, rel=1e-9)


def test_few_ratio_high_is_silent_from_five_successes():
    n, bottom = np.array([100.0]), np.array([20.0])

    assert few_ratio_high(np.array([FEW - 1.0]), n, bottom, n, mass=0.05) > 0
    assert few_ratio_high(np.array([float(FEW)]), n, bottom, n, mass=0.05) == 0
    assert FEW == 5


@pytest.mark.parametrize(("n", "rate"), [(500, 0.01), (300, 0.015), (150, 0.03), (150, 0.05), (75, 0.1), (1000, 0.005)])
def test_two_equal_groups_of_few_successes_do_not_fail_four_fifths(n, rate):
    # Enumerated; by Donner and Zou's limits alone 1.0-1.2 % would fail.
    most = int(binom.isf(1e-7, n, rate))
    chance = binom.pmf(np.arange(most + 1), n, rate)
    failed = 0.0
    for first in range(most + 1):
        for second in range(first, most + 1):
            if second and smallest_ratio(np.array([first, second]), np.array([n, n]), confidence=0.95).high < 0.8:
                failed += chance[first] * chance[second] * (2 if first < second else 1)

    assert failed <= 0.01


def test_none_against_six_is_undecided_and_none_against_eight_is_not():
    n = np.array([500, 500])

    assert smallest_ratio(np.array([0, 6]), n, confidence=0.95).high > 0.8
    assert smallest_ratio(np.array([6, 0]), n, confidence=0.95).high > 0.8
    assert smallest_ratio(np.array([0, 8]), n, confidence=0.95).high < 0.8


def test_few_successes_of_one_of_three_groups_widen_only_its_pairs():
    n, mass = np.array([200, 200, 200]), group_mass(3, 0.95)
    gap = smallest_ratio(np.array([1, 12, 30]), n, confidence=0.95)
    alone = few_ratio_high(np.array([1.0]), n[:1], np.array([30.0]), n[:1], mass=mass)
    without = smallest_ratio(np.array([6, 12, 30]), n, confidence=0.95)

    assert gap.high == pytest.approx(float(alone[0]))
    assert gap.value <= gap.high < without.high


def test_one_stratum_gives_the_same_limit_to_few_successes():
    successes, n = np.array([0, 6]), np.array([500, 500])
    plain = smallest_ratio(successes, n, confidence=0.95)
    found = smallest_mantel_haenszel_ratio(successes[:, None], n[:, None], confidence=0.95)

    assert found.high >= 0.8
    assert found.high == pytest.approx(plain.high, abs=0.03)


def effective_n_from_notes(x, n, confidence):
    """The notes of `effective_n`, leaving one bucket after the other out."""
    x, n = (np.asarray(one, float)[np.asarray(n) > 0] for one in (x, n))
    total, rows, count = x.sum(), n.sum(), len(n)
    kish = rows**2 / (n**2).sum() if count else 0.0
    if not 0 < total < rows:
        return min(kish, rows)
    share, spread = total / rows, total / rows * (1 - total / rows)
    without = np.array([np.delete(x, at).sum() / np.delete(n, at).sum() if count > 1 else share for at in range(count)])
    squares = (without - without.mean()) ** 2
    between = (n * (x / n - share) ** 2).sum() * count / max(count - 1, 1)
    alike = (between - spread * count) / (spread * (rows - count)) if rows > count else 0.0
    design = 1 + min(max(alike, 0.0), 1.0) * ((n**2).sum() / rows - 1)
    variance = max((count - 1) / count * squares.sum(), spread * design / rows)
    degrees = min(count, np.count_nonzero(x > 0), np.count_nonzero(n > x)) - 1
    if squares.sum() > 1e-28 and (uneven := (squares**2).sum() / squares.sum() ** 2 - 1 / count) > 1e-12:
        degrees = min(degrees, 2 / uneven)
    tail, told = 0.5 + confidence / 2, spread / variance
    shrink = (norm.ppf(tail) / student.ppf(tail, degrees)) ** 2 if degrees > 0 else 0.0
    return min(max(shrink * told, min(told, kish)), rows)


BUCKET = st.integers(0, 6).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(st.lists(BUCKET, min_size=1, max_size=12), st.sampled_from([0.8, 0.95]))
@settings(max_examples=200, deadline=None)
def test_effective_n_is_that_of_its_notes(buckets, confidence):
    x, n = np.array(buckets).T

    assert effective_n(x, n, confidence=confidence) == pytest.approx(
        effective_n_from_notes(x, n, confidence), rel=1e-9, abs=1e-12
    )


@pytest.mark.parametrize(
    ("x", "n"),
    [
        ([1, 0], [1, 9]),
        ([1, 0, 0], [10, 1000, 1000]),
        ([1, 0, 5], [1, 1, 6]),
        ([2, 0], [2, 2]),
        ([1, 1, 0], [1, 5, 3]),
        ([0.5, 0.0, 0.0, 1.5], [0.5, 1.5, 0.5, 1.5]),
        ([1.1, 0.0, 1.0, 0.0], [1.1, 1.0, 1.0, 1.0]),
        ([0.2, 0.0, 0.1, 0.05], [0.2, 0.3, 0.1, 0.2]),
        ([0.25, 0.0, 0.0], [0.25, 1.75, 1.0]),
        ([1, 1, 0, 0, 1, 0], [1, 1, 1, 1, 1, 1]),
        # A tenth succeeds, all of them in small buckets: rows weigh one on the average, and less than one pair varies.
        ([0.5] * 12 + [0.0] * 48, [0.5] * 40 + [2.0] * 20),
        ([1] * 10 + [0] * 81, [1] * 90 + [10]),
    ],
)
def test_effective_n_of_small_and_of_weighted_buckets_is_that_of_its_notes(x, n):
    assert effective_n(np.array(x), np.array(n), confidence=0.95) == pytest.approx(
        effective_n_from_notes(x, n, 0.95), rel=1e-9
    )


def test_effective_n_of_one_success_by_hand():
    # Without the first bucket 0 of 9, without the second 1 of 1: jackknife variance 1/4, where one row has 9/100.
    assert effective_n(np.array([1, 0]), np.array([1, 9]), confidence=0.95) == pytest.approx(0.09 / 0.25)
    # One bucket with a success tells no variance that could be relied on: Kish's number of buckets.
    kish = 2010**2 / (100 + 2 * 1000**2)
    assert effective_n(np.array([1, 0, 0]), np.array([10, 1000, 1000]), confidence=0.95) == pytest.approx(kish)


def test_effective_n_of_several_proportions_is_that_of_each():
    random = np.random.default_rng(11)
    n = random.integers(0, 9, (5, 30))
    n[3] = 0
    x = random.binomial(n, np.array([0.1, 0.5, 0.9, 0.5, 0.0])[:, None])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = effective_n(x, n, confidence=0.95)

    assert found.tolist() == [effective_n(x[at], n[at], confidence=0.95) for at in range(5)]
    assert (found[3], len(set(found.tolist()))) == (0.0, 5)


def mean_limits_from_notes(x, n, confidence):
    """The notes of `mean_of_proportions`, each of its two intervals."""
    rate, mean, size = x / n, np.mean(x / n), len(n)
    low, high = (np.array(side) for side in clopper_pearson(x, n, confidence=confidence))
    mover = mean - np.sqrt(((rate - low) ** 2).sum()) / size, mean + np.sqrt(((high - rate) ** 2).sum()) / size
    one_more = (x + mean) / (n + 1)
    # What (x + m) / (n + 1) is short of the variance of x / n where all proportions are m.
    variance = (one_more * (1 - one_more) / n * (n + 1) ** 2 / (n * n + n + 1)).sum() / size**2
    worth = mean * (1 - mean) / variance if 0 < mean < 1 else size**2 / (1 / n).sum()
    outer = clopper_pearson(mean * worth, worth, confidence=confidence)
    return max(0.0, min(mover[0], outer[0])), min(1.0, max(mover[1], outer[1]))


@pytest.mark.parametrize("confidence", [0.8, 0.95])
@pytest.mark.parametrize(
    "pairs",
    [
        [(29, 30)] * 6 + [(30, 30)] * 4,
        [(1, 2), (3, 3), (4, 5)] * 4,
        [(1, 1), (2, 2), (1, 2), (2, 2), (3, 3), (1, 1)],
        [(1, 1), (1000, 1000)],
        [(0, 1), (0, 1000)],
        [(0, 3), (1, 3), (0, 2), (0, 2), (0, 4)],
        [(10, 10)] * 10,
        [(0, 5)] * 20,
    ],
)
def test_mean_of_proportions_is_that_of_its_notes(pairs, confidence):
    x, n = np.array(pairs).T

    assert mean_of_proportions(x, n, confidence=confidence) == pytest.approx(
        mean_limits_from_notes(x, n, confidence), abs=1e-9
    )


def test_counts_whose_squares_leave_64_bits_are_compared_and_averaged_all_the_same():
    x, n = np.array([3, 2 * 10**9]), np.array([4 * 10**9, 5 * 10**9])
    gap, mean = smallest_ratio(x, n, confidence=0.95), mean_of_proportions(x, n, confidence=0.95)
    expected = smallest_ratio(x.astype(float), n.astype(float), confidence=0.95)

    assert (gap.low, gap.high) == (expected.low, expected.high)
    assert mean == mean_of_proportions(x.astype(float), n.astype(float), confidence=0.95)
    assert effective_n(x, n, confidence=0.95) == effective_n(x.astype(float), n.astype(float), confidence=0.95)


ONE_UNSURE = (np.array([0.5, 0.5]), np.array([0.1, 0.5]), np.array([0.9, 0.5]))


def test_a_group_is_never_compared_with_itself():
    # The first may be anything from 0.1 to 0.9, the second is known: they differ by 0.4 at most.
    gap, ratio = (widest(*ONE_UNSURE, method="known") for widest in (widest_difference, widest_ratio))

    assert (gap.value, gap.low, gap.high, gap.worst) == (0.0, 0.0, pytest.approx(0.4), (0, 1))
    assert (ratio.value, ratio.low, ratio.high) == (1.0, pytest.approx(0.2), 1.0)
    for found in (gap, ratio):
        assert (found.method, found.group_low.tolist(), found.group_high.tolist()) == ("known", [0.1, 0.5], [0.9, 0.5])


@pytest.mark.parametrize(("greatest", "high"), [({}, 1.0), ({"greatest": 1.1}, 1.1), ({"greatest": 9.0}, 0.8 + 0.5)])
def test_the_largest_difference_that_can_be_ends_its_interval(greatest, high):
    gap = widest_difference(np.array([0.1, 0.9]), np.array([-0.2, 0.5]), np.array([0.5, 1.3]), method="m", **greatest)

    assert gap.high == pytest.approx(high)


def test_comparisons_of_proportions_name_their_method():
    x, n = np.array([30, 60]), np.array([100, 100])

    assert {made(x, n, confidence=0.95).method for made in (largest_difference, smallest_ratio)} == {
        "mover_clopper_pearson"
    }


@pytest.mark.parametrize("mass", [0.001, 0.05, 0.3])
def test_either_exact_limit_alone_is_that_of_both(mass):
    x, n = np.array([0.0, 0.0, 2.5, 10.0, 10.0]), np.array([0.0, 10.0, 10.0, 10.0, 40.5])
    low, high = exact_limits(x, n, mass=mass)

    assert exact_low(x, n, mass=mass).tolist() == low.tolist()
    assert exact_high(x, n, mass=mass).tolist() == high.tolist()
    assert (low[0], high[0], low[1], high[3]) == (0, 1, 0, 1)
    assert low[3] == pytest.approx((mass / 2) ** (1 / 10))
    assert high[1] == pytest.approx(1 - (mass / 2) ** (1 / 10))


def test_exact_limits_of_single_numbers_are_numbers():
    assert isinstance(exact_low(3, 10, mass=0.05), float)
    assert isinstance(exact_high(3, 10, mass=0.05), float)
