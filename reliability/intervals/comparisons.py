"""Intervals of the widest gap between groups, for all pairs at once."""

from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from scipy.special import ndtr

from reliability.errors import NotMeasurable
from reliability.intervals.arrays import Counts, Floats
from reliability.intervals.bisection import bisected
from reliability.intervals.proportions import exact_high, exact_limits

# Successes of the lower rate below which the limits of a ratio of rates are too sure of it.
FEW = 5
# Of two groups so many times as different in size, differences take this share of the probability outside.
_LOPSIDED, _LOPSIDED_MASS = 4, 0.8


@dataclass(frozen=True, kw_only=True, eq=False)
class Comparison:
    """The widest gap between groups, with an interval that holds for all pairs at once.

    Attributes
    ----------
    value, low, high : float
        Largest difference or smallest ratio of two groups' estimates.
    worst : tuple of int
        Positions of the two groups: lowest estimate, highest estimate; of one group where it is held against all rows.
    method : str
        Name of the interval in the record.
    group_low, group_high : ndarray of float64, shape (K,)
        The limits of every group that the interval is made of.
    """

    value: float
    low: float
    high: float
    worst: tuple[int, ...]
    method: str
    group_low: Floats
    group_high: Floats


@cache
def group_mass(groups: int, confidence: float) -> float:
    """Probability that every group's own two-sided limits may leave outside, for all pairs to hold at once.

    Parameters
    ----------
    groups : int
        K, at least 2.
    confidence : float
        Coverage for all pairs at once, in (0, 1).

    Returns
    -------
    float
        2 Phi(-q / sqrt 2), in (0, 1), q the studentised range's quantile for K groups and infinite degrees of freedom.

    References
    ----------
    Tukey, J. W. (1953), The problem of multiple comparisons.
    """
    return 2 * float(ndtr(-studentised_range_quantile(groups, confidence) / np.sqrt(2)))


def widest_difference(estimate: Floats, low: Floats, high: Floats, *, method: str, greatest: float = 1.0) -> Comparison:
    """Largest difference between any two of K estimates, from the limits of each.

    Parameters
    ----------
    estimate, low, high : ndarray of float64, shape (K,)
        Independent estimates, K >= 2, with limits that leave `group_mass` outside.
    method : str
        Name of the interval in the record.
    greatest : float, default 1.0
        The largest difference that can be.

    Returns
    -------
    Comparison
        Difference, at least 0, which is best.

    Notes
    -----
    Newcombe's square-and-add interval of every ordered pair: low = max(0, max low_ij), high = max high_ij.

    References
    ----------
    Newcombe, R. G. (1998), Statistics in Medicine 17, 873-890 (method 10);
    Zou, G. Y. and Donner, A. (2008), Statistics in Medicine 27, 1693-1702 (MOVER).
    """
    # Row i, column j: estimate i minus estimate j.
    gap = estimate[:, None] - estimate[None, :]
    lower = gap - np.hypot((estimate - low)[:, None], (high - estimate)[None, :])
    upper = gap + np.hypot((high - estimate)[:, None], (estimate - low)[None, :])
    pairs = ~np.eye(len(estimate), dtype=np.bool_)
    return Comparison(
        value=float(estimate.max() - estimate.min()),
        low=max(0.0, float(lower[pairs].max())),
        high=min(greatest, float(upper[pairs].max())),
        worst=_ends(estimate),
        method=method,
        group_low=low,
        group_high=high,
    )


def widest_ratio(
    estimate: Floats, low: Floats, high: Floats, *, method: str, least_high: Floats | None = None
) -> Comparison:
    """Smallest ratio between any two of K estimates, from the limits of each.

    Parameters
    ----------
    estimate, low, high : ndarray of float64, shape (K,)
        Independent estimates of at least 0, K >= 2, with limits that leave `group_mass` outside.
    method : str
        Name of the interval in the record.
    least_high : ndarray of float64, shape (K, K), optional
        No upper limit of a pair's ratio, row over column, is below this.

    Returns
    -------
    Comparison
        Ratio, in [0, 1]; 1 is best.

    Raises
    ------
    NotMeasurable
        `no_selection` where every estimate is 0.

    Notes
    -----
    Donner and Zou's interval of every ordered pair: low = min low_ij, high = min(1, min high_ij).

    References
    ----------
    Donner, A. and Zou, G. Y. (2012), Statistical Methods in Medical Research 21, 347-359.
    """
    if not estimate.max() > 0:
        raise NotMeasurable("no_selection")
    pairs = ~np.eye(len(estimate), dtype=np.bool_)
    each = (estimate, low, high)
    lower, upper = ratio_limits(*(one[:, None] for one in each), *(one[None, :] for one in each))
    upper = upper if least_high is None else np.maximum(upper, least_high)
    return Comparison(
        value=float(estimate.min() / estimate.max()),
        low=float(lower[pairs].min()),
        high=min(1.0, float(upper[pairs].min())),
        worst=_ends(estimate),
        method=method,
        group_low=low,
        group_high=high,
    )


def largest_difference(successes: Counts, n: Counts, *, confidence: float) -> Comparison:
    """Largest difference between any two of K proportions.

    Parameters
    ----------
    successes, n : ndarray, shape (K,)
        Successes and trials of every group, K >= 2, no group empty.
    confidence : float
        Coverage for all pairs at once, in (0, 1).

    Returns
    -------
    Comparison
        Difference of proportions, in [0, 1]; 0 is best.

    Notes
    -----
    `widest_difference` on Clopper-Pearson limits that leave `group_mass` outside; of two groups, one with more than
    four times the trials of the other, four fifths of it. Without that, a rate of 0.01 in 30 rows against 0.50 in 1,000
    passes a limit at the truth in 3.4 %; with it in 2.9 % (enumerated: 30 to 200 rows, ratios to 50, rates 0.01 to
    0.5).

    Examples
    --------
    >>> gap = largest_difference(np.array([30, 60]), np.array([100, 100]), confidence=0.95)
    >>> round(gap.value, 2), round(gap.low, 3), round(gap.high, 3), gap.worst
    (0.3, 0.157, 0.43, (0, 1))
    """
    mass = _mass_of(n, confidence)
    if len(n) == 2 and max(n) > _LOPSIDED * min(n):
        mass *= _LOPSIDED_MASS
    return widest_difference(*_group_limits(successes, n, mass), method="mover_clopper_pearson")


def smallest_ratio(successes: Counts, n: Counts, *, confidence: float) -> Comparison:
    """Smallest ratio between any two of K proportions.

    Parameters
    ----------
    successes, n : ndarray, shape (K,)
        Successes and trials of every group, K >= 2, no group empty.
    confidence : float
        Coverage for all pairs at once, in (0, 1).

    Returns
    -------
    Comparison
        Ratio of proportions, in [0, 1]; 1 is best.

    Raises
    ------
    NotMeasurable
        `no_selection` where every proportion is 0.

    Notes
    -----
    `widest_ratio` on Clopper-Pearson limits that leave `group_mass` outside; where the lower rate rests on fewer than
    five successes, the upper limit is no less than `few_ratio_high`. Without that, two equal groups of 100-1,000 rows
    with 4-10 successes each fail a limit of 0.80 in up to 1.2 %; with it in 0.95 % or less (enumerated).

    Examples
    --------
    >>> gap = smallest_ratio(np.array([30, 60]), np.array([100, 100]), confidence=0.95)
    >>> round(gap.value, 2), round(gap.low, 3), round(gap.high, 3), gap.worst
    (0.5, 0.344, 0.706, (0, 1))
    """
    mass = _mass_of(n, confidence)
    limits = _group_limits(successes, n, mass)
    x, trials = np.asarray(successes, np.float64), np.asarray(n, np.float64)
    few = x < FEW
    least_high = np.zeros((len(x), len(x)))
    if few.any():
        least_high[few] = few_ratio_high(x[few, None], trials[few, None], x, trials, mass=mass)
    return widest_ratio(*limits, method="mover_clopper_pearson", least_high=least_high)


def ratio_limits(
    top: Floats, top_low: Floats, top_high: Floats, bottom: Floats, bottom_low: Floats, bottom_high: Floats
) -> tuple[Floats, Floats]:
    """Donner and Zou's limits of the ratio of two independent estimates of at least 0.

    Parameters
    ----------
    top, top_low, top_high, bottom, bottom_low, bottom_high : ndarray of float64
        Either estimate with its limits; shapes that broadcast.

    Returns
    -------
    low, high : ndarray of float64
        Limits of top / bottom; 0 and infinity where nothing is known.

    References
    ----------
    Donner, A. and Zou, G. Y. (2012), Statistical Methods in Medical Research 21, 347-359.
    """
    product = top * bottom
    top_below, top_above = top_low * (2 * top - top_low), top_high * (2 * top - top_high)
    below, above = bottom_low * (2 * bottom - bottom_low), bottom_high * (2 * bottom - bottom_high)
    # The lower limit in its conjugate form: the usual one divides 0 by 0 where 2 bottom = bottom_high.
    root = product + np.sqrt(np.maximum(product**2 - top_below * above, 0))
    lower = np.divide(top_below, root, out=np.zeros_like(root), where=root > 0)
    root = product + np.sqrt(np.maximum(product**2 - top_above * below, 0))
    return lower, np.divide(root, below, out=np.full_like(root, np.inf), where=below > 0)


def few_ratio_high(top: Floats, top_n: Floats, bottom: Floats, bottom_n: Floats, *, mass: float) -> Floats:
    """Upper limit of the ratio of two rates for few successes of the top one: what comparing counts exactly allows.

    Parameters
    ----------
    top, top_n, bottom, bottom_n : ndarray of float64
        Successes and trials of either, no trials 0; shapes that broadcast. Effective numbers need not be whole.
    mass : float
        Probability outside both limits of the ratio together, in (0, 1).

    Returns
    -------
    ndarray of float64
        Limits of (top / top_n) / (bottom / bottom_n); 0, which is none, where the top has `FEW` successes or more.

    Notes
    -----
    Given the sum of two Poisson counts, one of them is binomial: its Clopper-Pearson limit, turned into the ratio.
    A binomial count x of n varies like a Poisson count x / (1 - x / n) of as many times the trials, which is what is
    compared here (with half a failure at least). For rare events this is the exact limit, which `ratio_limits` is not:
    there 0 of many against 6 of as many excludes a ratio of 0.80, under which it comes about in (1 / 1.8)^6 = 2.9 %.

    References
    ----------
    Przyborowski, J. and Wilenski, H. (1940), Biometrika 31, 313-323; Clopper, C. J. and Pearson, E. S. (1934),
    Biometrika 26, 404-413.

    Examples
    --------
    >>> zero, six, n = np.array([0.0]), np.array([6.0]), np.array([10_000.0])
    >>> few_ratio_high(zero, n, six, n, mass=0.05).round(2)
    array([0.85])
    """
    top_rest, bottom_rest = np.maximum(top_n - top, 0.5), np.maximum(bottom_n - bottom, 0.5)
    among, other = top * top_n / top_rest, bottom * bottom_n / bottom_rest
    high = exact_high(among, among + other, mass=mass)
    odds = np.divide(high, 1 - high, out=np.full_like(high, np.inf), where=high < 1)
    limit: Floats = odds * (bottom_n**2 / bottom_rest) / (top_n**2 / top_rest)
    return np.where(top < FEW, limit, 0.0)


@cache
def studentised_range_quantile(groups: int, confidence: float) -> float:
    """Quantile of the range of K standard normal values: the studentised range at infinite degrees of freedom.

    Parameters
    ----------
    groups : int
        K, at least 2.
    confidence : float
        Probability below the quantile, in (0, 1).

    Returns
    -------
    float
        Standard deviations, above 0.

    Notes
    -----
    P(range <= q) = K * integral of phi(z) (Phi(z) - Phi(z - q))^(K - 1) dz, by the trapezoidal rule (which is exact to
    rounding for so smooth an integrand) and bisection.

    Examples
    --------
    >>> round(studentised_range_quantile(10, 0.95), 3)
    4.474
    """
    # Eight times as coarse a rule is as right to about the last digit, which is where the fine one then looks.
    near = _range_quantile(groups, confidence, points=251)
    return _range_quantile(groups, confidence, points=2001, near=near)


def _range_quantile(groups: int, confidence: float, *, points: int, near: float | None = None) -> float:
    z = np.linspace(-9.0, 9.0, points)
    weight = groups * np.exp(-z * z / 2) / np.sqrt(2 * np.pi) * (z[1] - z[0])
    below = ndtr(z)

    def is_below(q: float) -> bool:
        return float((weight * (below - ndtr(z - q)) ** (groups - 1)).sum()) < confidence

    return bisected(is_below, inside=0.0, outside=40.0, near=near)


def _mass_of(n: Counts, confidence: float) -> float:
    if len(n) < 2 or min(n) <= 0:
        raise ValueError("a comparison takes two groups or more, none of them empty")
    return group_mass(len(n), confidence)


def _group_limits(successes: Counts, n: Counts, mass: float) -> tuple[Floats, Floats, Floats]:
    x, trials = np.asarray(successes, np.float64), np.asarray(n, np.float64)
    return x / trials, *_limits_of(tuple(x.tolist()), tuple(trials.tolist()), mass)


# The difference of some rates, their ratio and equalised odds are asked for one after another.
@lru_cache(maxsize=64)
def _limits_of(x: tuple[float, ...], trials: tuple[float, ...], mass: float) -> tuple[Floats, Floats]:
    return exact_limits(np.array(x), np.array(trials), mass=mass)


def _ends(rate: Floats) -> tuple[int, int]:
    lowest = int(rate.argmin())
    # All equal: still two different groups.
    highest = int(rate.argmax()) if rate.max() > rate.min() else int(lowest == 0)
    return lowest, highest
