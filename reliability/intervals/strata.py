"""Intervals of proportions that are weighted over strata."""

import numpy as np

from reliability.errors import NotMeasurable
from reliability.intervals.arrays import Counts, Floats, Ints
from reliability.intervals.comparisons import Comparison, few_ratio_high, ratio_limits
from reliability.intervals.proportions import effective_n, exact_limits


def standardised_rate(selected: Counts, rows: Counts, weights: Floats) -> Floats:
    """The mean of the strata's proportions by their weights.

    Parameters
    ----------
    selected, rows : ndarray, shape (..., S)
        Successes and trials in every stratum; trials in every one that has weight.
    weights : ndarray of float64, shape (..., S)
        The strata's weights, of sum 1.

    Returns
    -------
    ndarray of float64, shape (...)
        Proportion, in [0, 1].

    Examples
    --------
    >>> float(standardised_rate(np.array([5, 30]), np.array([10, 40]), np.array([0.5, 0.5])))
    0.625
    """
    rate: Floats = np.minimum((weights * selected / np.maximum(rows, 1)).sum(axis=-1), 1.0)
    return rate


def standardised_worth(selected: Counts, rows: Counts, weights: Floats) -> Floats:
    """Number of rows that a standardised proportion is worth: a plain one of so many rows would vary as much.

    Parameters
    ----------
    selected, rows, weights : ndarray, shape (..., S)
        As in `standardised_rate`.

    Returns
    -------
    ndarray of float64, shape (...)
        Rows, at most the sum of `rows`; more is better.

    Notes
    -----
    The smaller of Kish's number, 1 / sum w_s^2 / n_s, and p (1 - p) / v, with p the standardised proportion and
    v = sum w_s^2 (x_s (1 - x_s / n_s) + p (1 - p)) / n_s^2: every stratum's variance is told by its own rows and by
    one more that is like the whole, so that strata of one row, or without a success, do not count as certain.

    References
    ----------
    Kish, L. (1965), Survey Sampling, sec. 11.7; Korn, E. L. and Graubard, B. I. (1998), Survey Methodology 24,
    193-201.
    """
    trials = np.maximum(rows, 1.0)
    chance = standardised_rate(selected, rows, weights)
    spread = chance * (1 - chance)
    kish = 1 / (weights**2 / trials).sum(axis=-1)
    own = selected * (1 - selected / trials)
    variance = (weights**2 * (own + spread[..., None]) / trials**2).sum(axis=-1)
    told = np.divide(spread, variance, out=np.array(kish), where=variance > 0)
    worth: Floats = np.minimum(told, kish)
    return worth


def clustered_worth(selected: Counts, rows: Counts, weights: Floats, *, confidence: float) -> Floats:
    """Number of independent rows that a standardised proportion of clustered rows is worth.

    Parameters
    ----------
    selected, rows : ndarray, shape (..., S, G)
        Successes and trials by stratum and bucket of clusters.
    weights : ndarray of float64, shape (..., S)
        The strata's weights, of sum 1.
    confidence : float
        Coverage of the interval it is meant for, in (0, 1).

    Returns
    -------
    ndarray of float64, shape (...)
        Rows, at most `standardised_worth`; more is better.

    Notes
    -----
    `effective_n` of the rows, each weighted by its stratum's weight over its rows there. Deleting a bucket changes
    the strata's shares too, which can only make the variance larger.
    """
    here, there = selected.sum(axis=-1), rows.sum(axis=-1)
    plain = standardised_worth(here, there, weights)
    row_weight = weights / np.maximum(there, 1)
    scaled = (row_weight / np.maximum((row_weight * weights).sum(axis=-1, keepdims=True), 1e-300))[..., None]
    clustered = effective_n((scaled * selected).sum(axis=-2), (scaled * rows).sum(axis=-2), confidence=confidence)
    worth: Floats = np.minimum(plain, clustered)
    return worth


def mantel_haenszel_weights(first: Ints, second: Ints) -> Floats:
    """Weights of the strata in the Mantel-Haenszel ratio of two groups' proportions.

    Parameters
    ----------
    first, second : ndarray of int64, shape (..., S)
        Rows of either group in every stratum.

    Returns
    -------
    ndarray of float64, shape (..., S)
        n_1s n_2s / (n_1s + n_2s), divided by their sum; 0 throughout where no stratum holds both.

    Notes
    -----
    With these weights the ratio of the two standardised proportions is the Mantel-Haenszel risk ratio.

    References
    ----------
    Mantel, N. and Haenszel, W. (1959), Journal of the National Cancer Institute 22, 719-748;
    Greenland, S. and Robins, J. M. (1985), Biometrics 41, 55-68.
    """
    each = first * second / np.maximum(first + second, 1)
    total = each.sum(axis=-1, keepdims=True)
    weights: Floats = np.divide(each, total, out=np.zeros_like(each), where=total > 0)
    return weights


def smallest_mantel_haenszel_ratio(
    selected: Ints, rows: Ints, buckets: tuple[Ints, Ints] | None = None, *, confidence: float
) -> Comparison:
    """Smallest Mantel-Haenszel ratio between any two of K groups' proportions.

    Parameters
    ----------
    selected, rows : ndarray of int64, shape (K, S)
        Successes and trials of every group in every stratum, K >= 2; any two groups share a stratum.
    buckets : tuple of two ndarrays of int64, shape (K, S, G), optional
        The same by bucket of clusters, where rows are clustered.
    confidence : float
        Coverage for all pairs at once, in (0, 1).

    Returns
    -------
    Comparison
        Ratio, in [0, 1]; 1 is best. The groups' own limits are left empty: they depend on the pair.

    Raises
    ------
    NotMeasurable
        `no_selection` where no pair has a success in a stratum that it shares.

    Notes
    -----
    Both of a pair's proportions, standardised by the Mantel-Haenszel weights, get Clopper-Pearson limits at
    `standardised_worth`; Donner and Zou's interval of their ratio, its upper limit no less than `few_ratio_high`.
    Low = min low_ij, high = min(1, min high_ij), every pair at 1 - (1 - confidence) / pairs (Bonferroni: a group's
    proportion depends on whom it is compared with, so that the studentised range does not hold). Unlike Greenland and
    Robins' variance on the logarithm, this needs no success in either group, and no common ratio.

    References
    ----------
    Greenland, S. and Robins, J. M. (1985), Biometrics 41, 55-68; Donner, A. and Zou, G. Y. (2012), Statistical
    Methods in Medical Research 21, 347-359.

    Examples
    --------
    >>> gap = smallest_mantel_haenszel_ratio(np.array([[30], [60]]), np.array([[100], [100]]), confidence=0.95)
    >>> round(gap.value, 2), round(gap.low, 2), round(gap.high, 2), gap.worst
    (0.5, 0.34, 0.71, (0, 1))
    """
    mass = (1 - confidence) / (len(rows) * (len(rows) - 1) / 2)
    pairs = [
        _against_later(first, selected, rows, buckets, mass=mass, confidence=confidence)
        for first in range(len(rows) - 1)
    ]
    value, low, high = (
        np.concatenate(parts) for parts in zip(*((one[0], one[1], one[2]) for one in pairs), strict=True)
    )
    ends = np.concatenate([one[3] for one in pairs])
    smallest = int(value.argmin())
    if not np.isfinite(value[smallest]):
        raise NotMeasurable("no_selection")
    return Comparison(
        value=float(value[smallest]),
        low=float(low.min()),
        high=min(1.0, float(high.min())),
        worst=(int(ends[smallest, 0]), int(ends[smallest, 1])),
        method="mover_mantel_haenszel",
        group_low=np.zeros(0),
        group_high=np.zeros(0),
    )


def _against_later(
    first: int, selected: Ints, rows: Ints, buckets: tuple[Ints, Ints] | None, *, mass: float, confidence: float
) -> tuple[Floats, Floats, Floats, Ints]:
    """Of one group and every later one: the smaller ratio (infinite if unknown), its limits, the lower and higher."""
    later = slice(first + 1, None)
    weights = mantel_haenszel_weights(rows[first], rows[later])

    def limits(part: int | slice) -> tuple[Floats, Floats, Floats, Floats]:
        rate = standardised_rate(selected[part], rows[part], weights)
        if buckets is None:
            worth = standardised_worth(selected[part], rows[part], weights)
        else:
            worth = clustered_worth(buckets[0][part], buckets[1][part], weights, confidence=confidence)
        return rate, *exact_limits(rate * worth, worth, mass=mass), worth

    def over(top: tuple[Floats, ...], bottom: tuple[Floats, ...]) -> tuple[Floats, Floats]:
        below, above = ratio_limits(top[0], top[1], top[2], bottom[0], bottom[1], bottom[2])
        least = few_ratio_high(top[0] * top[3], top[3], bottom[0] * bottom[3], bottom[3], mass=mass)
        return below, np.maximum(above, least)

    here, there = limits(first), limits(later)
    (forth_low, forth_high), (back_low, back_high) = over(here, there), over(there, here)
    lower, higher = np.minimum(here[0], there[0]), np.maximum(here[0], there[0])
    value = np.divide(lower, higher, out=np.full_like(lower, np.inf), where=higher > 0)
    ends = np.stack(np.broadcast_arrays(first, np.arange(first + 1, len(rows))), axis=1)
    turned: Ints = np.where((here[0] <= there[0])[:, None], ends, ends[:, ::-1])
    return value, np.minimum(forth_low, back_low), np.minimum(forth_high, back_high), turned
