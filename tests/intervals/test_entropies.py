import numpy as np
import pytest
from scipy.stats import gamma, norm
from scipy.stats import t as student

from reliability.errors import NotMeasurable
from reliability.intervals.entropies import entropy_interval, entropy_variance, generalized_entropy


def counted(*rows):
    return np.array(rows)


@pytest.mark.parametrize("alpha", [0.5, 1.0, 1.5, 2.0, 3.0])
def test_generalized_entropy_is_its_definition(alpha):
    benefits = np.repeat([0.0, 1.0, 2.0], [3, 10, 5])
    ratio = benefits / benefits.mean()
    logs = np.where(ratio > 0, ratio * np.log(np.maximum(ratio, 1e-300)), 0)
    expected = logs.mean() if alpha == 1 else (ratio**alpha - 1).mean() / (alpha * (alpha - 1))

    assert generalized_entropy(counted(3, 10, 5), alpha) == pytest.approx(expected)


@pytest.mark.parametrize("alpha", [1 - 1e-5, 1 + 1e-5])
def test_generalized_entropy_is_continuous_at_theils_index(alpha):
    assert generalized_entropy(counted(3, 10, 5), alpha) == pytest.approx(
        generalized_entropy(counted(3, 10, 5), 1.0), abs=1e-4
    )


@pytest.mark.parametrize("alpha", [0.5, 1.0, 2.0, 3.0])
@pytest.mark.parametrize("counts", [(0, 10, 0), (0, 0, 7)])
def test_generalized_entropy_of_equal_benefits_is_nothing(alpha, counts):
    assert generalized_entropy(counted(*counts), alpha) == 0


@pytest.mark.parametrize("alpha", [0.5, 1.0, 2.0, 3.0])
def test_entropy_variance_is_that_of_simulated_tables(alpha):
    drawn = np.random.default_rng(0).multinomial(2000, [0.1, 0.7, 0.2], 4000)
    values = [generalized_entropy(counted(*one), alpha) for one in drawn.tolist()]

    assert entropy_variance(np.array([0.1, 0.2]), 2000, alpha) == pytest.approx(np.var(values), rel=0.1)


def test_entropy_variance_does_not_vanish_where_the_index_is_greatest():
    assert entropy_variance(np.array([1e-9, 1 / 3]), 1000, 2.0) > 1e-7 / 1000


@pytest.mark.parametrize("alpha", [0.5, 1.0, 2.0])
@pytest.mark.parametrize(("none", "two"), [(0.0, 0.01), (0.02, 0.02), (0.1, 0.33), (0.3, 0.0)])
@pytest.mark.parametrize("n", [30, 300])
def test_entropy_interval_covers(alpha, none, two, n):
    shares = np.array([none, 1 - none - two, two])
    truth = generalized_entropy((shares * 10**6).round().astype(np.int64), alpha)
    drawn = np.random.default_rng(0).multinomial(n, shares, 400)
    low, high = np.array([entropy_interval(one, alpha, confidence=0.95) for one in drawn]).T

    assert np.mean((low <= truth) & (truth <= high)) >= 0.93
    assert np.mean(high < truth) <= 0.045


def test_entropy_interval_of_clusters_declines_few_wrong_buckets():
    buckets = np.tile([0, 5, 0], (128, 1))
    buckets[:9, 0] = 5

    with pytest.raises(NotMeasurable) as refused:
        entropy_interval(buckets.sum(axis=0), 2, buckets=buckets, confidence=0.95)
    assert refused.value.values == {"n": 9, "needed": 10}


def entropy_of_shares(none, two, alpha):
    benefits, weights = np.array([0.0, 1.0, 2.0]), np.array([none, 1 - none - two, two])
    mean = weights @ benefits
    if alpha == 1:
        return two * 2 / mean * np.log(2 / mean) + weights[1] / mean * np.log(1 / mean)
    return (weights @ (benefits / mean) ** alpha - 1) / (alpha * (alpha - 1))


def second_order_variance(none, two, n, alpha, step=1e-4):
    """Delta method to the second order, derivatives by differences."""

    def index(moved):
        return entropy_of_shares(none + moved[0] * step, two + moved[1] * step, alpha)

    axes = np.eye(2)
    slopes = np.array([index(axis) - index(-axis) for axis in axes]) / (2 * step)
    bent = [[(index(a + b) - index(a - b) - index(b - a) + index(-a - b)) / (4 * step**2) for a in axes] for b in axes]
    spread = np.array([[none * (1 - none), -none * two], [-none * two, two * (1 - two)]]) / n
    return slopes @ spread @ slopes + np.trace(bent @ spread @ bent @ spread) / 2


SOME_ALPHAS = [0.5, 1.0, 1.5, 2.0, 3.0]


@pytest.mark.parametrize("alpha", SOME_ALPHAS)
@pytest.mark.parametrize(("none", "two", "n"), [(0.1, 0.2, 50), (0.3, 0.05, 7.5), (0.05, 0.4, 1000), (0.2, 0.1, 3)])
def test_entropy_variance_is_the_delta_methods_to_the_second_order(alpha, none, two, n):
    found = entropy_variance(np.array([none, two]), n, alpha)

    assert found == pytest.approx(second_order_variance(none, two, n, alpha), rel=1e-4)


@pytest.mark.parametrize("near", [1 - 2e-6, 1 + 2e-6, 1 - 5e-7, 1 + 5e-7])
def test_entropy_is_continuous_on_either_side_of_theils_index(near):
    counts, shares = counted(3, 10, 5), np.array([0.1, 0.3])

    assert generalized_entropy(counts, near) == pytest.approx(generalized_entropy(counts, 1.0), rel=1e-4)
    assert entropy_variance(shares, 40, near) == pytest.approx(entropy_variance(shares, 40, 1.0), rel=1e-4)


@pytest.mark.parametrize(
    ("counts", "alpha", "expected"),
    [
        ((0, 1, 1), 2, 1 / 18),
        ((1, 0, 1), 2, 0.5),
        ((1, 0, 1), 1, np.log(2)),
        ((3, 0, 1), 1, np.log(4)),
        ((1, 0, 1), 3, 0.5),
        ((1, 2, 1), 1, np.log(2) / 2),
        ((1, 0, 1), 0.5, 4 * (1 - np.sqrt(0.5))),
    ],
)
def test_generalized_entropy_by_hand(counts, alpha, expected):
    assert generalized_entropy(counted(*counts), alpha) == pytest.approx(expected, rel=1e-12)


def interval_from_notes(counts, alpha, confidence, buckets=None):
    """The notes of `entropy_interval`, with scipy's distributions and a jackknife that leaves buckets out."""
    n, tail = int(counts.sum()), 0.5 + confidence / 2
    none, _, two = (counts + 1 / 3) / (n + 1)
    value, variance = generalized_entropy(counts, alpha), second_order_variance(none, two, n, alpha)
    used, rows = n, 1
    if buckets is not None:
        held = [one for one in buckets if one.sum()]
        used, rows = len(held), max(1, n // len(held))
        left = [generalized_entropy(counts - one, alpha) for one in held if (counts - one)[1:].any()]
        variance = max(variance, np.var(left) * (len(left) - 1))
    further = max(
        0.0,
        *(generalized_entropy(counts + np.array(one) * rows, alpha) - value for one in ((1, 0, 0), (0, 0, 1))),
    )
    variance *= (student.ppf(tail, max(used - 1, 1)) / norm.ppf(tail)) ** 2
    above, spread = value + further, variance + further**2
    low = gamma.ppf(1 - tail, value**2 / variance, scale=variance / value) if value else 0.0
    return low, gamma.ppf(tail, above**2 / spread, scale=spread / above)


@pytest.mark.parametrize("alpha", SOME_ALPHAS)
@pytest.mark.parametrize("confidence", [0.8, 0.95])
@pytest.mark.parametrize("counts", [(2, 30, 5), (0, 40, 3), (6, 20, 0), (1, 1, 1), (0, 0, 9), (10, 50, 30), (0, 1, 0)])
def test_entropy_interval_is_that_of_its_notes(alpha, confidence, counts):
    found = entropy_interval(counted(*counts), alpha, confidence=confidence)

    assert found == pytest.approx(interval_from_notes(counted(*counts), alpha, confidence), rel=1e-3, abs=1e-12)


def errors_in_buckets(repeats, seed=0):
    draws = np.random.default_rng(seed)
    kind, place = draws.choice(3, 150, p=[0.15, 0.65, 0.2]), draws.integers(0, 60, 150)
    return np.bincount(place * 3 + kind, minlength=240).reshape(80, 3) * repeats


@pytest.mark.parametrize("alpha", SOME_ALPHAS)
@pytest.mark.parametrize("repeats", [1, 2, 20])
@pytest.mark.parametrize("seed", [0, 1])
def test_entropy_interval_of_clusters_is_that_of_its_notes(alpha, repeats, seed):
    buckets = errors_in_buckets(repeats, seed)
    counts = buckets.sum(axis=0)
    found = entropy_interval(counts, alpha, buckets=buckets, confidence=0.95)

    assert found == pytest.approx(interval_from_notes(counts, alpha, 0.95, buckets), rel=1e-3)
    assert found[0] < generalized_entropy(counts, alpha) < found[1]


def test_entropy_interval_of_clusters_does_not_narrow_when_every_row_is_repeated():
    widths = []
    for repeats in (1, 100):
        buckets = errors_in_buckets(repeats)
        widths.append(np.ptp(entropy_interval(buckets.sum(axis=0), 2, buckets=buckets, confidence=0.95)))

    assert widths[1] > 0.8 * widths[0]


@pytest.mark.parametrize("benefit", [0, 2])
def test_entropy_interval_of_clusters_takes_ten_wrong_buckets_of_either_kind(benefit):
    buckets = np.tile([0, 5, 0], (128, 1))
    buckets[:10, benefit] = 1
    low, high = entropy_interval(buckets.sum(axis=0), 2, buckets=buckets, confidence=0.95)

    assert 0 < low < generalized_entropy(buckets.sum(axis=0), 2) < high


def test_entropy_interval_of_clusters_passes_over_a_bucket_that_holds_every_benefit():
    # Without the first bucket nobody has a benefit, and there is no index.
    buckets = np.zeros((20, 3), np.int64)
    buckets[0, 2], buckets[1:12, 0] = 4, 1
    low, high = entropy_interval(buckets.sum(axis=0), 2, buckets=buckets, confidence=0.95)

    assert low < generalized_entropy(buckets.sum(axis=0), 2) < high
    assert (low, high) == pytest.approx(interval_from_notes(buckets.sum(axis=0), 2, 0.95, buckets), rel=1e-3)


@pytest.mark.parametrize("alpha", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("times", [3, 10])
def test_generalized_entropy_ignores_how_often_all_rows_are_repeated(alpha, times):
    once = generalized_entropy(counted(2, 9, 4), alpha)

    assert generalized_entropy(counted(2, 9, 4) * times, alpha) == pytest.approx(once, rel=1e-12)


def test_entropy_interval_of_clusters_says_why_there_is_none():
    buckets = np.tile([1, 5, 0], (3, 1))

    with pytest.raises(NotMeasurable) as refused:
        entropy_interval(buckets.sum(axis=0), 2, buckets=buckets, confidence=0.95)
    assert (refused.value.code, refused.value.values) == ("too_few_for_interval", {"n": 3, "needed": 10})


@pytest.mark.parametrize("alpha", SOME_ALPHAS)
@pytest.mark.parametrize("counts", [(0, 5, 0), (0, 2, 1), (30, 1, 1), (0, 0, 9), (1, 20, 10)])
def test_one_more_row_without_a_benefit_always_raises_the_index(alpha, counts):
    once, more = counted(*counts), counted(counts[0] + 1, *counts[1:])

    assert generalized_entropy(more, alpha) > generalized_entropy(once, alpha)
