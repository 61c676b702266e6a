import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon

from reliability.intervals.distances import binned_distance, earth_reach, kolmogorov_reach, noncentrality_limits

KINDS = ("stability_index", "jensen_shannon", "cramer")


def shares(p, q, n=1_000_000):
    return np.round(np.array([p, q]).T * n).astype(np.int64)


def truth(kind, p, q):
    p, q = np.asarray(p), np.asarray(q)
    if kind == "stability_index":
        return float(((q - p) * np.log(q / p)).sum())
    if kind == "jensen_shannon":
        return float(jensenshannon(p, q, base=2))
    return float(((p - q) ** 2 / (2 * (p + q))).sum() ** 0.5)


@pytest.mark.parametrize("kind", KINDS)
def test_distance_of_many_rows_is_that_of_the_shares(kind):
    p, q = [0.2, 0.3, 0.5], [0.4, 0.3, 0.3]
    found = binned_distance(shares(p, q), kind, mass=0.05)

    assert found.plain == pytest.approx(truth(kind, p, q), abs=1e-5)
    assert found.low < truth(kind, p, q) < found.high


def test_cramer_is_that_of_the_table_where_both_are_of_one_size():
    table = np.array([[200, 400], [800, 600]])
    found = binned_distance(table, "cramer", mass=0.05)

    assert found.plain == pytest.approx(stats.contingency.association(table.T, method="cramer"), abs=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_distance_is_nothing_where_there_is_one_bin(kind):
    found = binned_distance(np.array([[30, 50]]), kind, mass=0.05)

    assert (found.plain, found.value, found.low, found.high) == (0.0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize("kind", KINDS)
def test_distance_is_large_where_no_value_is_shared(kind):
    found = binned_distance(np.array([[100, 0], [0, 100]]), kind, mass=0.05)

    assert found.plain >= 1.0
    assert found.low > 0.8
    assert np.isfinite(found.high)


@pytest.mark.parametrize("kind", KINDS)
def test_samples_that_are_the_same_leave_room_above(kind):
    assert binned_distance(np.array([[50, 50], [50, 50]]), kind, mass=0.05).high > 0.05


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("n", "m", "bins"), [(100, 100, 10), (100, 5000, 10), (2000, 500, 30)])
def test_limits_start_above_nothing_as_seldom_as_they_say_where_nothing_moved(kind, n, m, bins):
    draws = np.random.default_rng(0)
    p = np.full(bins, 1 / bins)
    drawn = (np.stack((draws.multinomial(n, p), draws.multinomial(m, p)), axis=1) for _ in range(150))
    lows = [binned_distance(counts, kind, mass=0.1).low for counts in drawn]

    assert np.mean(np.array(lows) > 0) <= 0.05


@pytest.mark.parametrize("kind", KINDS)
def test_limits_cover_the_distance_where_something_moved(kind):
    draws = np.random.default_rng(1)
    p, q = [0.1, 0.2, 0.3, 0.4], [0.2, 0.25, 0.25, 0.3]
    drawn = (np.stack((draws.multinomial(800, p), draws.multinomial(400, q)), axis=1) for _ in range(150))
    found = [binned_distance(counts, kind, mass=0.1) for counts in drawn]

    assert np.mean([one.low <= truth(kind, p, q) <= one.high for one in found]) >= 0.88
    assert all(one.low <= one.value <= one.high for one in found)


@pytest.mark.parametrize(("statistic", "degrees"), [(30.0, 9), (3.0, 1), (900.0, 40)])
def test_noncentrality_is_scipys_inverted(statistic, degrees):
    low, high = noncentrality_limits(statistic, degrees, mass=0.1)

    assert stats.ncx2.cdf(statistic, degrees, high) == pytest.approx(0.05, abs=1e-6)
    assert low == 0 or stats.ncx2.cdf(statistic, degrees, low) == pytest.approx(0.95, abs=1e-6)


def test_noncentrality_goes_on_where_the_normal_distribution_takes_over():
    exact, normal = noncentrality_limits(9_999.0, 50, mass=0.01), noncentrality_limits(10_001.0, 50, mass=0.01)

    assert normal == pytest.approx(exact, rel=2e-3)


def test_noncentrality_of_nothing_is_nothing():
    assert noncentrality_limits(0.0, 0, mass=0.05) == (0.0, 0.0)
    assert noncentrality_limits(0.5, 5, mass=0.05)[0] == 0.0


def test_kolmogorov_reach_is_wider_than_the_tests_quantile_and_not_by_much():
    sizes = np.array([500, 500])
    quantile = stats.kstwobign.isf(0.01) * (2 / 500) ** 0.5

    assert quantile < kolmogorov_reach(sizes, mass=0.01) < 1.1 * quantile


@pytest.mark.parametrize("shift", [0.0, 0.5])
def test_kolmogorov_reach_holds_the_gap_of_the_distributions(shift):
    draws, normal = np.random.default_rng(2), stats.norm()
    between = normal.cdf(shift / 2) - normal.cdf(-shift / 2)
    reach = kolmogorov_reach(np.array([200, 100]), mass=0.1)
    found = [stats.ks_2samp(draws.normal(size=200), draws.normal(shift, 1, 100)).statistic for _ in range(120)]

    assert np.mean(np.abs(np.array(found) - between) <= reach) >= 0.9


def stretched(first, second):
    places = np.unique(np.concatenate((first, second)))
    below = np.stack([np.searchsorted(np.sort(one), places, side="right") / len(one) for one in (first, second)], 1)
    return below[:-1], np.diff(places)


@pytest.mark.parametrize("shift", [0.0, 0.5])
@pytest.mark.parametrize("draw", ["normal", "lognormal"])
def test_earth_reach_holds_the_distance_of_the_distributions(shift, draw):
    draws = np.random.default_rng(3)
    held = []
    for _ in range(60):
        first, second = getattr(draws, draw)(size=200), getattr(draws, draw)(size=150) + shift
        reach = earth_reach(*stretched(first, second), np.array([200, 150]), mass=0.1)
        held.append(abs(stats.wasserstein_distance(first, second) - shift) <= reach)

    assert np.mean(held) >= 0.9


def test_earth_reach_scales_with_the_unit_and_shrinks_with_rows():
    below, widths = stretched(np.arange(50.0), np.arange(50.0) + 0.5)
    some = earth_reach(below, widths, np.array([50, 50]), mass=0.05)

    assert earth_reach(below, widths * 7, np.array([50, 50]), mass=0.05) == pytest.approx(7 * some)
    assert earth_reach(below, widths, np.array([5000, 5000]), mass=0.05) < some / 8


def test_rows_that_are_all_alike_still_may_vary():
    below, widths = stretched(np.zeros(1), np.ones(1))

    assert earth_reach(below, widths, np.array([1, 1]), mass=0.05) > 1
