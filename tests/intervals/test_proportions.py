import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, norm
from scipy.stats import t as student

from reliability.intervals.comparisons import FEW, few_ratio_high, group_mass, smallest_ratio
from reliability.intervals.proportions import clopper_pearson, effective_n, mean_of_proportions
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
    assert np.isinf(few_ratio_high(zero, np.array([1e9]), zero, np.array([1e9]), mass=0.05))


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
