"""Distances of two distributions from counts, with intervals that hold where the two are the same."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from scipy.special import chdtr, chndtr, ndtri, xlogy

from reliability.intervals.arrays import Floats, Interval, Ints
from reliability.intervals.bisection import bisected

Kind: TypeAlias = Literal["stability_index", "jensen_shannon", "cramer"]
# Beyond it a noncentral chi-squared is a normal distribution.
_MANY = 1e4
# Above, the deviation of an index counts for at most so much more.
_MOST_WIDENED = 0.25
_MEAN_OF_FOLDED = float(np.sqrt(2 / np.pi))


@dataclass(frozen=True, kw_only=True)
class Distance:
    """A distance of two samples.

    Attributes
    ----------
    plain : float
        As it comes out of the counts.
    value : float
        Less what chance alone adds where the two distributions are the same; at least 0.
    low, high : float
        Limits of the distributions' own distance.
    """

    plain: float
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class _Form:
    """A sum over bins with its slopes; `scale` of it is a chi-squared where the distributions are alike."""

    terms: Callable[[Floats, Floats], Floats]
    slopes: Callable[[Floats, Floats], tuple[Floats, Floats]]
    scale: float
    rooted: float = 0.0  # what the sum is divided by before its root is taken; 0: no root
    smoothed: float = 0.0  # rows added to every bin
    skewed: bool = False  # whether its deviation grows with it as fast as it does itself


def _ratio(over: Floats, under: Floats) -> Floats:
    return over / np.where(under > 0, under, 1.0)


def _index_slopes(p: Floats, q: Floats) -> tuple[Floats, Floats]:
    return np.log(p / q) + 1 - q / p, np.log(q / p) + 1 - p / q


def _shannon(p: Floats, q: Floats) -> Floats:
    both = (p + q) / 2
    terms: Floats = (xlogy(p, _ratio(p, both)) + xlogy(q, _ratio(q, both))) / 2
    return terms


def _shannon_slopes(p: Floats, q: Floats) -> tuple[Floats, Floats]:
    return _shannon_slope(p, q), _shannon_slope(q, p)


def _shannon_slope(one: Floats, other: Floats) -> Floats:
    # Where a share is 0 its slope is never weighted.
    slope: Floats = np.log(np.where(one > 0, _ratio(one, (one + other) / 2), 1.0)) / 2
    return slope


def _cramer_slopes(p: Floats, q: Floats) -> tuple[Floats, Floats]:
    under = 2 * (p + q) ** 2
    return _ratio((p - q) * (p + 3 * q), under), _ratio((q - p) * (q + 3 * p), under)


_FORMS: Mapping[Kind, _Form] = {
    "stability_index": _Form(lambda p, q: (q - p) * np.log(q / p), _index_slopes, 1.0, smoothed=0.5, skewed=True),
    "jensen_shannon": _Form(_shannon, _shannon_slopes, 8.0, rooted=float(np.log(2))),
    "cramer": _Form(lambda p, q: _ratio((p - q) ** 2, 2 * (p + q)), _cramer_slopes, 4.0, rooted=1.0),
}


def binned_distance(counts: Ints, kind: Kind, *, mass: float) -> Distance:
    """Distance of two samples counted by bin.

    Parameters
    ----------
    counts : ndarray of int64, shape (B, 2)
        Rows by bin: of the first sample, of the second; at least one row of each.
    kind : str
        `stability_index`: sum of (q - p) ln(q / p), half a row added to every bin; `jensen_shannon`: root of the
        Jensen-Shannon divergence in bits; `cramer`: root of the sum of (p - q)^2 / (2 (p + q)).
    mass : float
        Probability outside the limits, both sides together, in (0, 1).

    Returns
    -------
    Distance
        At least 0; 0 where the shares are the same. All but the stability index are at most 1.

    Notes
    -----
    With N = n m / (n + m) the sum D times 1 N, 8 N and 4 N is, where the distributions are alike or nearly so, a
    chi-squared of B - 1 degrees of freedom and noncentrality c N D. Less its mean where they are alike: value =
    D - (B - 1) / (c N). Limits: the noncentral chi-squared inverted, or value -+ z times the deviation by the delta
    method, whichever is wider: the first holds where the distributions are the same, where the second has no variance;
    the second where they are far apart. The deviation of the stability index grows about as fast as the index: above
    it is taken larger by the share that it is of the index, a quarter at most (without, up to 3.8 % of limits lay below
    an index of 0.9). Every bin should hold five rows of each sample if they are alike.

    References
    ----------
    Yurdakul, B. and Naranjo, J. (2020), Journal of Risk Model Validation 14(4), 89-100 (stability index);
    Pardo, L. (2006), Statistical Inference Based on Divergence Measures, ch. 3; Lin, J. (1991), IEEE Transactions on
    Information Theory 37, 145-151; Cramer, H. (1946), Mathematical Methods of Statistics, 21.9.
    """
    form, sizes, bins = _FORMS[kind], counts.sum(axis=0), len(counts)
    p, q = ((counts + form.smoothed) / (sizes + form.smoothed * bins)).T
    plain = float(form.terms(p, q).sum())
    scale = form.scale / float((1 / sizes).sum())
    value = max(0.0, plain - (bins - 1) / scale)
    slopes = form.slopes(p, q)
    variance = sum(_variance(f, share) / n for f, share, n in zip(slopes, (p, q), sizes.tolist(), strict=True))
    reach = -float(ndtri(mass / 2)) * max(0.0, variance) ** 0.5
    low = noncentrality_limits(plain * scale, bins - 1, mass=mass)[0] / scale
    # Samples more alike than chance makes them do not say that their distributions are.
    high = noncentrality_limits(max(plain * scale, bins - 1), bins - 1, mass=mass)[1] / scale
    above = reach * (1 + min(_MOST_WIDENED, reach / value)) if form.skewed and value > 0 else reach
    made = [plain, value, max(0.0, min(low, value - reach)), max(high, value + above)]
    if form.rooted:
        made = [min(1.0, (max(one, 0.0) / form.rooted) ** 0.5) for one in made]
    return Distance(plain=made[0], value=made[1], low=made[2], high=made[3])


def noncentrality_limits(statistic: float, degrees: int, *, mass: float) -> Interval:
    """Limits of the noncentrality of a chi-squared.

    Parameters
    ----------
    statistic : float
        What was met, at least 0.
    degrees : int
        Degrees of freedom; 0 where there is one bin and nothing to tell.
    mass : float
        Probability outside the limits, both sides together, in (0, 1).

    Returns
    -------
    low, high : float
        At least 0. Beyond a statistic of 10,000 from the normal distribution of the same mean and variance.

    References
    ----------
    Kent, J. T. and Hainsworth, T. J. (1995), Journal of the Royal Statistical Society B 57, 191-199.
    """
    if degrees == 0:
        return 0.0, 0.0
    z = -float(ndtri(mass / 2))
    if statistic > _MANY:
        middle, squared = statistic - degrees + 2 * z * z, 4 * statistic - 2 * degrees + 4 * z * z
        reach = z * max(0.0, squared) ** 0.5
        return max(0.0, middle - reach), max(0.0, middle + reach)
    # The second is above the limit of one degree of freedom, which more degrees only lower.
    most = max(statistic + 20 + 20 * (statistic + 1) ** 0.5, (statistic**0.5 + z + 1) ** 2)
    below, above = (_noncentrality(statistic, degrees, one, most) for one in (1 - mass / 2, mass / 2))
    return below, above


def _noncentrality(statistic: float, degrees: int, below: float, most: float) -> float:
    """The noncentrality at which the statistic has this probability below it."""
    if float(chdtr(degrees, statistic)) <= below:
        return 0.0
    return bisected(lambda nc: float(chndtr(statistic, degrees, nc)) > below, inside=0.0, outside=most)


def kolmogorov_reach(sizes: Ints, *, mass: float) -> float:
    """How far the largest gap of two empirical distribution functions may lie from that of their distributions.

    Parameters
    ----------
    sizes : ndarray of int64, shape (2,)
        Rows of either sample, at least 1.
    mass : float
        Probability of lying farther off, in (0, 1).

    Returns
    -------
    float
        Distance, above 0.

    Notes
    -----
    root of ln(e / mass) / (2 N), N = n m / (n + m): the two-sample Dvoretzky-Kiefer-Wolfowitz inequality with the
    constant e, which holds for every n = m where the distributions are the same; where they differ the two errors
    are largest at different places, and their sum is smaller.

    References
    ----------
    Wei, F. and Dudley, R. M. (2012), Statistics and Probability Letters 82, 636-644, theorem 1;
    Massart, P. (1990), Annals of Probability 18, 1269-1283.
    """
    return float((np.log(np.e / mass) / 2 * (1 / sizes).sum()) ** 0.5)


def earth_reach(below: Floats, widths: Floats, sizes: Ints, *, mass: float) -> float:
    """How far the area between two empirical distribution functions may lie from that between their distributions.

    Parameters
    ----------
    below : ndarray of float64, shape (S, 2)
        Share of either sample at or below the start of every stretch.
    widths : ndarray of float64, shape (S,)
        Length of every stretch.
    sizes : ndarray of int64, shape (2,)
        Rows of either sample, at least 1.
    mass : float
        Probability of lying farther off, in (0, 1).

    Returns
    -------
    float
        Distance, in the unit of the widths.

    Notes
    -----
    The error is at most the integral T of |Z|, Z the difference of the two samples' Brownian bridges. Its mean is
    root(2 / pi) times the integral of sigma(x), sigma^2 = F (1 - F) / n + G (1 - G) / m; as a function of the bridges
    T is Lipschitz, with the largest standard deviation of any integral of +-Z, which is that of Z itself as no
    covariance is negative: the difference of the means' standard error s. So P(T > mean + z s) <= 1 - Phi(z).

    References
    ----------
    del Barrio, E., Gine, E. and Matran, C. (1999), Annals of Probability 27, 1009-1071;
    Borell, C. (1975), Inventiones Mathematicae 30, 207-216 (Gaussian isoperimetry).
    """
    # Half a row at either end: samples whose rows are all alike must not look as if they could not vary.
    below = (below * sizes + 0.5) / (sizes + 1)
    deviation: Floats = ((below * (1 - below)) / sizes).sum(axis=1) ** 0.5
    mean = _MEAN_OF_FOLDED * float((deviation * widths).sum())
    return mean - float(ndtri(mass)) * float(_spread_of_means(below, widths, sizes) ** 0.5)


def _spread_of_means(below: Floats, widths: Floats, sizes: Ints) -> float:
    """Variance of the difference of both means: of numbers that stand at the starts of the stretches."""
    places = np.cumsum(widths) - widths
    total = 0.0
    for side, n in enumerate(sizes.tolist()):
        shares = np.append(np.diff(below[:, side], prepend=0.0), 1.0 - below[-1:, side])
        at = np.append(places, places[-1:] + widths[-1:])
        total += _variance(at, shares) / n
    return total


def _variance(values: Floats, shares: Floats) -> float:
    mean = float((values * shares).sum())
    return float(((values - mean) ** 2 * shares).sum())
