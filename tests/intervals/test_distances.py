import numpy as np
import pytest
from scipy import stats
from scipy.optimize import brentq
from scipy.spatial.distance import jensenshannon
from scipy.special import chdtr, rel_entr

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


INDEX = ("stability_index",)
SCALES = {"stability_index": 1, "jensen_shannon": 8, "cramer": 4}


def unrooted(kind, p, q):
    """The sum over bins that is a chi-squared, or whose root is taken."""
    if kind == "stability_index":
        return float(((q - p) * np.log(q / p)).sum())
    if kind == "jensen_shannon":
        return float((rel_entr(p, (p + q) / 2) + rel_entr(q, (p + q) / 2)).sum()) / 2
    held = p + q > 0
    return float(((p - q)[held] ** 2 / (2 * (p + q)[held])).sum())


def deviation(kind, p, q, sizes):
    """By the delta method: slopes by differences, covariances of shares that are counted."""
    variance = 0.0
    for side, (share, n) in enumerate(zip((p, q), sizes, strict=True)):
        slopes = np.zeros(len(share))
        for one in np.flatnonzero(share):
            step = np.eye(len(share))[one] * 1e-5 * share[one]
            ends = [unrooted(kind, *((share + by, q) if side == 0 else (p, share + by))) for by in (step, -step)]
            slopes[one] = (ends[0] - ends[1]) / (2 * step.sum())
        variance += slopes @ (np.diag(share) - np.outer(share, share)) @ slopes / n
    return variance**0.5


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("counts", "wider_below", "wider_above"),
    [
        ([[200, 150], [90, 250], [10, 0]], KINDS, INDEX), ([[150, 200], [250, 90], [0, 10]], KINDS, INDEX),
        ([[700, 100], [300, 200]], KINDS, INDEX), ([[700, 105], [300, 195], [0, 0]], KINDS, INDEX),
        ([[500, 5], [300, 10], [200, 15], [0, 970]], INDEX, INDEX),
        ([[20, 18], [20, 21], [20, 23]], (), ()),
    ],
)  # fmt: skip
def test_limits_are_the_wider_of_those_of_chance_and_of_the_delta_method(kind, counts, wider_below, wider_above):
    counts = np.array(counts)
    bins, sizes = len(counts), counts.sum(axis=0)
    more = 0.5 if kind == "stability_index" else 0.0
    p, q = ((counts + more) / (sizes + more * bins)).T
    scale = SCALES[kind] / (1 / sizes).sum()
    statistic = unrooted(kind, p, q) * scale
    value = max(0.0, (statistic - (bins - 1)) / scale)
    reach = stats.norm.isf(0.025) * deviation(kind, p, q, sizes)
    low, high = (
        brentq(lambda nc, tail=tail, at=at: stats.ncx2.cdf(at, bins - 1, nc) - tail, 1e-12, 1e4, xtol=1e-10) / scale
        if stats.chi2.cdf(at, bins - 1) > tail else 0.0
        for tail, at in ((0.975, statistic), (0.025, max(statistic, bins - 1)))
    )  # fmt: skip
    below, above = max(0.0, value - reach), value + reach
    if kind == "stability_index" and value > 0:
        above += reach * min(0.25, reach / value)
    assert (below < low, above > high) == (kind in wider_below, kind in wider_above)

    expected = np.array([unrooted(kind, p, q), value, min(low, below), max(high, above)])
    if kind != "stability_index":
        expected = np.minimum(1.0, (expected / (np.log(2) if kind == "jensen_shannon" else 1)) ** 0.5)
    found = binned_distance(counts, kind, mass=0.05)
    assert [found.plain, found.value, found.low, found.high] == pytest.approx(expected, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize(("statistic", "degrees"), [(30.0, 9), (3.0, 1), (900.0, 40)])
def test_noncentrality_is_scipys_inverted(statistic, degrees):
    low, high = noncentrality_limits(statistic, degrees, mass=0.1)

    assert stats.ncx2.cdf(statistic, degrees, high) == pytest.approx(0.05, abs=1e-6)
    assert low == 0 or stats.ncx2.cdf(statistic, degrees, low) == pytest.approx(0.95, abs=1e-6)


def test_noncentrality_goes_on_where_the_normal_distribution_takes_over():
    exact, normal = noncentrality_limits(9_999.0, 50, mass=0.01), noncentrality_limits(10_001.0, 50, mass=0.01)

    assert normal == pytest.approx(exact, rel=2e-3)


@pytest.mark.parametrize(("statistic", "degrees", "mass"), [(1.5, 1, 0.1), (0.5, 1, 0.001), (0.1, 1, 1e-8)])
def test_noncentrality_of_a_small_statistic_is_scipys_inverted(statistic, degrees, mass):
    high = noncentrality_limits(statistic, degrees, mass=mass)[1]

    assert stats.ncx2.cdf(statistic, degrees, high) == pytest.approx(mass / 2, rel=1e-6)


def test_noncentrality_between_nothing_and_one_is_found():
    low, high = noncentrality_limits(8.6, 9, mass=0.999)

    assert 0 < low < high < 1
    for limit, below in ((low, 0.5005), (high, 0.4995)):
        assert stats.ncx2.cdf(8.6, 9, limit) == pytest.approx(below, abs=1e-12)


def test_noncentrality_of_ten_thousand_is_not_yet_that_of_the_normal_distribution():
    low, high = noncentrality_limits(10_000.0, 50, mass=0.01)

    assert stats.ncx2.cdf(10_000.0, 50, [low, high]) == pytest.approx([0.995, 0.005], abs=1e-9)


@pytest.mark.parametrize("mass", [0.5, 0.01])
def test_noncentrality_beyond_is_that_of_the_normal_distribution_of_its_mean_and_variance(mass):
    limits, z = np.array(noncentrality_limits(20_000.0, 50, mass=mass)), stats.norm.isf(mass / 2)

    assert (20_000 - 50 - limits) / (2 * (50 + 2 * limits)) ** 0.5 == pytest.approx([z, -z], abs=1e-9)
    # With so many degrees more of less would be expected.
    assert noncentrality_limits(20_000.0, 20_000, mass=mass)[0] == 0.0
    assert noncentrality_limits(20_000.0, 30_000, mass=mass) == (0.0, 0.0)


def test_a_statistic_just_as_probable_where_nothing_differs_has_no_noncentrality():
    assert noncentrality_limits(1.0, 2, mass=2 * chdtr(2, 1.0)) == (0.0, 0.0)


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


def test_earth_reach_is_that_of_two_brownian_bridges():
    below, widths, sizes = np.array([[0.2, 0.0], [0.5, 0.1], [0.9, 1.0]]), np.array([1.0, 4.0, 0.5]), np.array([20, 30])
    smoothed = (below * sizes + 0.5) / (sizes + 1)
    # Covariance of one's error at two places: F (1 - F') / n, F that at the first of both.
    first, second = (of(smoothed[:, None], smoothed[None]) for of in (np.minimum, np.maximum))
    covariance = (first * (1 - second) / sizes).sum(axis=2)
    mean = (2 / np.pi) ** 0.5 * (np.diag(covariance) ** 0.5 @ widths)
    spread = (widths @ covariance @ widths) ** 0.5

    for mass in (0.05, 0.7):
        expected = mean + stats.norm.isf(mass) * spread
        assert earth_reach(below, widths, sizes, mass=mass) == pytest.approx(expected, rel=1e-12)


def test_earth_reach_where_there_is_one_place_is_nothing():
    assert earth_reach(np.empty((0, 2)), np.empty(0), np.array([3, 4]), mass=0.05) == 0.0


def test_rows_that_are_all_alike_still_may_vary():
    below, widths = stretched(np.zeros(1), np.ones(1))

    assert earth_reach(below, widths, np.array([1, 1]), mass=0.05) > 1


@pytest.mark.parametrize("mass", [0.05, 1e-6, 1e-12])
@pytest.mark.parametrize("statistic", [0.1, 1.0, 50.0])
def test_an_upper_limit_is_met_at_any_level(statistic, mass):
    high = noncentrality_limits(statistic, 1, mass=mass)[1]

    assert stats.ncx2.cdf(statistic, 1, high) == pytest.approx(mass / 2, rel=1e-6)


def test_a_statistic_far_below_its_degrees_of_freedom_leaves_no_room():
    assert noncentrality_limits(10_001.0, 25_000, mass=0.05) == (0.0, 0.0)
