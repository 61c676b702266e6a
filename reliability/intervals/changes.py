"""Intervals and tests of what changed between two measurements of one thing: after less before."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from reliability.intervals.arrays import Floats, Interval
from reliability.intervals.bisection import bisected
from reliability.intervals.comparisons import few_ratio_high, group_mass, ratio_limits
from reliability.intervals.differences import difference_interval
from reliability.intervals.paired import Discordant, mcnemar, paired_difference_interval
from reliability.intervals.proportions import exact_limits

# Limits written down at one confidence are carried to another as if by Student's t with so few degrees of freedom:
# tails of proportions and of sums of rare errors are heavier than the normal's.
FEW_DEGREES = 10
# Exponent of ten of the smallest probability that is looked for.
_SMALLEST = -40.0


@dataclass(frozen=True, kw_only=True)
class Change:
    """After less before, with an interval and the two-sided p-value of no change."""

    value: float
    low: float
    high: float
    p_value: float


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A value with the limits that it was written down with, and their confidence."""

    value: float
    low: float
    high: float
    confidence: float


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """Rows by whether they are successes before and after.

    Attributes
    ----------
    both, before, after, neither : int
        Rows that are a success both times, only before, only after, never.
    """

    both: int
    before: int
    after: int
    neither: int

    @property
    def n(self) -> int:
        """All rows."""
        return self.both + self.before + self.after + self.neither


@dataclass(frozen=True, kw_only=True, eq=False)
class FixedPair:
    """Two groups before and after, chosen beforehand as the ones that differed most.

    Attributes
    ----------
    successes, n : ndarray of float64, shape (2, 2)
        By time (before, after) and group (lower rate before, higher rate before).
    groups : int
        Groups that the pair was chosen among, at least 2.
    """

    successes: Floats
    n: Floats
    groups: int

    @property
    def rates(self) -> Floats:
        """Successes among rows, shape (2, 2)."""
        rates: Floats = self.successes / self.n
        return rates

    @property
    def has_empty_cell(self) -> bool:
        """Whether a group has no success, or no failure."""
        return bool((self.successes <= 0).any() or (self.successes >= self.n).any())


def wilson(successes: Any, n: Any, *, confidence: float) -> tuple[Any, Any]:
    """Score interval of a proportion.

    Parameters
    ----------
    successes, n : float or ndarray of float64
        Successes and trials, no trials 0.
    confidence : float
        Two-sided coverage, in (0, 1).

    Returns
    -------
    low, high : float or ndarray of float64
        Limits in [0, 1].

    References
    ----------
    Wilson, E. B. (1927), Journal of the American Statistical Association 22, 209-212.

    Examples
    --------
    >>> [round(float(limit), 4) for limit in wilson(81, 263, confidence=0.95)]
    [0.2553, 0.3662]
    """
    z = float(ndtri(0.5 + confidence / 2))
    share, more = successes / n, z * z / n
    half = z * np.sqrt(share * (1 - share) / n + more / n / 4)
    return (share + more / 2 - half) / (1 + more), (share + more / 2 + half) / (1 + more)


def newcombe_paired(rows: Agreement, *, confidence: float) -> Interval:
    """Interval of the difference of two shares of the same rows, after less before.

    Parameters
    ----------
    rows : Agreement
        The rows, at least one.
    confidence : float
        Two-sided coverage, in (0, 1).

    Returns
    -------
    low, high : float
        Limits in [-1, 1].

    Notes
    -----
    Square-and-add of the Wilson limits of both shares with the phi coefficient, corrected for continuity where it is
    above 0 (method 10). Alone it covers no more than 88.5 % of 100 rows where rows change in one direction only
    (enumerated), which is why `rate_change` widens it.

    References
    ----------
    Newcombe, R. G. (1998), Statistics in Medicine 17, 2635-2650 (method 10).

    Examples
    --------
    >>> rows = Agreement(both=36, before=2, after=12, neither=0)
    >>> [round(limit, 4) for limit in newcombe_paired(rows, confidence=0.95)]
    [0.0569, 0.3404]
    """
    n = rows.n
    counts = np.array([rows.both + rows.before, rows.both + rows.after])
    low, high = wilson(counts, n, confidence=confidence)
    before, after = (
        Estimate(value=float(counts[time] / n), low=float(low[time]), high=float(high[time]), confidence=confidence)
        for time in (0, 1)
    )
    lower, upper = change_interval(before, after, correlation=_phi(rows))
    return max(-1.0, lower), min(1.0, upper)  # rounding may lead out


def _phi(rows: Agreement) -> float:
    agreed = rows.both * rows.neither - rows.before * rows.after
    corrected = max(agreed - rows.n / 2, min(agreed, 0))
    sides = (rows.both + rows.before, rows.after + rows.neither, rows.both + rows.after, rows.before + rows.neither)
    return corrected / math.sqrt(math.prod(sides)) if all(sides) else 0.0


def rate_change(rows: Agreement, *, confidence: float) -> Change:
    """How a share of the same rows changed.

    Parameters
    ----------
    rows : Agreement
        The rows, at least one.
    confidence : float
        Two-sided coverage, in (0, 1).

    Returns
    -------
    Change
        In [-1, 1]; the p-value is McNemar's exact one.

    Notes
    -----
    The hull of `newcombe_paired` and of `paired_difference_interval`, whose sign agrees with the exact test: together
    they cover 95.7 % or more of 10-100 rows (enumerated over a grid of probabilities), and are wider on average than
    Newcombe's alone by 10 % at 50 rows, by 7 % at 100.

    References
    ----------
    Newcombe, R. G. (1998), Statistics in Medicine 17, 2635-2650; McNemar, Q. (1947), Psychometrika 12, 153-157.

    Examples
    --------
    >>> found = rate_change(Agreement(both=80, before=2, after=12, neither=6), confidence=0.95)
    >>> round(found.value, 2), round(found.p_value, 4)
    (0.1, 0.0129)
    """
    discordant = Discordant(first=rows.after, second=rows.before, n=rows.n)
    hull = newcombe_paired(rows, confidence=confidence), paired_difference_interval(discordant, confidence=confidence)
    return Change(
        value=discordant.difference, low=min(low for low, _ in hull), high=max(high for _, high in hull),
        p_value=mcnemar(discordant),
    )  # fmt: skip


def change_interval(before: Estimate, after: Estimate, *, correlation: float = 0.0) -> Interval:
    """Interval of after less before from the limits of each.

    Parameters
    ----------
    before, after : Estimate
        The two estimates, with limits of the coverage wanted for the difference.
    correlation : float, default 0
        Of the two estimates, in [-1, 1]; 0 where they are independent.

    Returns
    -------
    low, high : float
        Limits of the difference.

    Notes
    -----
    Square-and-add (MOVER); with correlation 0 that of `difference_interval`.

    References
    ----------
    Zou, G. Y. and Donner, A. (2008), Statistics in Medicine 27, 1693-1702; Zou, G. Y. (2007), Psychological Methods 12,
    399-413 (correlated estimates).

    Examples
    --------
    >>> one = Estimate(value=0.5, low=0.4, high=0.6, confidence=0.95)
    >>> other = Estimate(value=0.8, low=0.7, high=0.9, confidence=0.95)
    >>> [round(limit, 3) for limit in change_interval(one, other)]
    [0.159, 0.441]
    >>> [round(limit, 3) for limit in change_interval(one, other, correlation=0.5)]
    [0.2, 0.4]
    """
    if not correlation:
        return difference_interval(after.value, (after.low, after.high), before.value, (before.low, before.high))
    gap = after.value - before.value
    below = _mixed(after.value - after.low, before.high - before.value, correlation)
    above = _mixed(after.high - after.value, before.value - before.low, correlation)
    return gap - below, gap + above


def _mixed(first: float, second: float, correlation: float) -> float:
    return math.sqrt(max(first**2 + second**2 - 2 * correlation * first * second, 0.0))


def lowered(correlation: float, n: int) -> float:
    """A correlation estimated from n rows, one standard error lower: what may be relied on.

    Parameters
    ----------
    correlation : float
        Estimate, in [-1, 1].
    n : int
        Rows.

    Returns
    -------
    float
        In (-1, 1), below the estimate; -1 with four rows or fewer.

    Notes
    -----
    On Fisher's z scale, whose standard error is 1 / sqrt(n - 3).

    References
    ----------
    Fisher, R. A. (1921), Metron 1, 3-32.

    Examples
    --------
    >>> round(lowered(0.9, 103), 4)
    0.8792
    """
    if n <= 4:
        return -1.0
    inside = min(max(correlation, -1 + 1e-12), 1 - 1e-12)
    return math.tanh(math.atanh(inside) - 1 / math.sqrt(n - 3))


def recorded_change(before: Estimate, after: Estimate, *, correlation: float = 0.0, confidence: float) -> Change:
    """How an estimate changed, from nothing but the limits that it was written down with.

    Parameters
    ----------
    before, after : Estimate
        As written down; their confidence may differ.
    correlation : float, default 0
        Of the two estimates.
    confidence : float
        Two-sided coverage of the interval, in (0, 1), not below that of either.

    Returns
    -------
    Change
        In the unit of the estimates.

    Notes
    -----
    `change_interval`. Other levels than the one written down, and with them the p-value, are reached by Student's t
    with `FEW_DEGREES` degrees of freedom, which has heavier tails than any of the intervals that were tried: two
    measurements of the same truth differ at a level of 5 % in 5 % of draws or less, at 0.5 % in 0.5 % or less
    (`benchmarks/coverage_compare.py`).

    References
    ----------
    Zou, G. Y. and Donner, A. (2008), Statistics in Medicine 27, 1693-1702.
    """
    first, second = (_carried(one, confidence) for one in (before, after))
    low, high = change_interval(first, second, correlation=correlation)
    value = after.value - before.value
    reach = value - low if value > 0 else high - value
    return Change(value=value, low=low, high=high, p_value=_of_reach(value, reach, confidence))


def _carried(one: Estimate, confidence: float) -> Estimate:
    """The estimate with limits of a higher confidence."""
    if one.confidence == confidence:
        return one
    by = _quantile(confidence) / _quantile(one.confidence)
    low, high = one.value - by * (one.value - one.low), one.value + by * (one.high - one.value)
    return Estimate(value=one.value, low=low, high=high, confidence=confidence)


def _quantile(confidence: float) -> float:
    return float(stdtrit(FEW_DEGREES, 0.5 + confidence / 2))


def _of_reach(value: float, reach: float, confidence: float) -> float:
    """Two-sided p-value of a value whose limit on the side of 0 lies `reach` away."""
    if not value:
        return 1.0
    return 2 * float(stdtr(FEW_DEGREES, -_quantile(confidence) * abs(value) / reach)) if reach > 0 else 0.0


def share_change(before: tuple[float, float], after: tuple[float, float], *, confidence: float) -> Change:
    """How a share changed between independent rows.

    Parameters
    ----------
    before, after : tuple of float
        Successes and rows, rows above 0.
    confidence : float
        Two-sided coverage, in (0, 1).

    Returns
    -------
    Change
        In [-1, 1]; the p-value is that at which the interval touches 0.

    Notes
    -----
    Square-and-add on Clopper-Pearson limits.

    References
    ----------
    Newcombe, R. G. (1998), Statistics in Medicine 17, 873-890 (method 10, on Wilson limits).

    Examples
    --------
    >>> found = share_change((48, 80), (56, 70), confidence=0.95)
    >>> round(found.value, 2), round(found.low, 3), round(found.high, 3), round(found.p_value, 3)
    (0.2, 0.044, 0.344, 0.011)
    """
    x, n = (np.array([before[part], after[part]], np.float64) for part in (0, 1))
    value = float(x[1] / n[1] - x[0] / n[0])

    def _ends(mass: float) -> Interval:
        low, high = exact_limits(x, n, mass=mass)
        below = math.hypot(x[1] / n[1] - low[1], high[0] - x[0] / n[0])
        above = math.hypot(high[1] - x[1] / n[1], x[0] / n[0] - low[0])
        return value - below, value + above

    low, high = _ends(1 - confidence)
    return Change(value=value, low=low, high=high, p_value=_touching(value, _ends))


def fixed_pair_difference(pair: FixedPair, *, confidence: float) -> Change:
    """How the difference of two groups' rates changed that differed most before.

    Parameters
    ----------
    pair : FixedPair
        The groups; independent rows.
    confidence : float
        Coverage for all pairs that could have been the worst, at once, in (0, 1).

    Returns
    -------
    Change
        In [-2, 2]; below 0 where they came closer.

    Notes
    -----
    Square-and-add on the Clopper-Pearson limits of the four rates, which leave outside what the studentised range of as
    many groups does (`group_mass`). The worst of many pairs looks worse than it is, and without that it seems to have
    improved when nothing changed: ten equal groups in 30 % of draws.

    References
    ----------
    Newcombe, R. G. (1998), Statistics in Medicine 17, 873-890; Tukey, J. W. (1953), The problem of multiple
    comparisons.
    """
    rates = pair.rates
    value = float((rates[1, 1] - rates[1, 0]) - (rates[0, 1] - rates[0, 0]))
    # What raises the change: the higher rate after, the lower one before.
    raises = np.array([[True, False], [False, True]])

    def _ends(mass: float) -> Interval:
        low, high = exact_limits(pair.successes, pair.n, mass=mass)
        down, up = rates - low, high - rates
        below, above = (np.where(raises, one, other) for one, other in ((down, up), (up, down)))
        return value - float(np.sqrt((below**2).sum())), value + float(np.sqrt((above**2).sum()))

    return _for_all_pairs(value, _ends, pair.groups, confidence)


def fixed_pair_ratio(pair: FixedPair, *, confidence: float) -> Change:
    """How the ratio of two groups' rates changed that differed most before.

    Parameters
    ----------
    pair : FixedPair
        The groups; independent rows, every rate above 0.
    confidence : float
        Coverage for all pairs that could have been the worst, at once, in (0, 1).

    Returns
    -------
    Change
        Ratio after less ratio before, lower rate before over the higher one; above 0 where they came closer.

    Notes
    -----
    Square-and-add on the limits of both ratios (Donner and Zou's, `few_ratio_high` where successes are few), each from
    Clopper-Pearson limits as in `fixed_pair_difference`.

    References
    ----------
    Donner, A. and Zou, G. Y. (2012), Statistical Methods in Medical Research 21, 347-359.
    """
    rates = pair.rates
    ratio = rates[:, 0] / rates[:, 1]
    value = float(ratio[1] - ratio[0])

    def _ends(mass: float) -> Interval:
        low, high = exact_limits(pair.successes, pair.n, mass=mass)
        top, bottom = (rates[:, 0], low[:, 0], high[:, 0]), (rates[:, 1], low[:, 1], high[:, 1])
        lower, upper = ratio_limits(*top, *bottom)
        counts = (pair.successes[:, 0], pair.n[:, 0], pair.successes[:, 1], pair.n[:, 1])
        upper = np.maximum(upper, few_ratio_high(*counts, mass=mass))
        below = math.hypot(ratio[1] - lower[1], upper[0] - ratio[0])
        return value - below, value + math.hypot(upper[1] - ratio[1], ratio[0] - lower[0])

    return _for_all_pairs(value, _ends, pair.groups, confidence)


def _for_all_pairs(value: float, ends: Callable[[float], Interval], groups: int, confidence: float) -> Change:
    low, high = ends(group_mass(groups, confidence))
    touching = _touching(value, ends)
    return Change(value=value, low=low, high=high, p_value=range_above(-float(ndtri(touching / 2)) * 2**0.5, groups))


def range_above(q: float, groups: int) -> float:
    """Probability that the range of K standard normal values lies above q.

    Parameters
    ----------
    q : float
        Standard deviations, at least 0.
    groups : int
        K, at least 2.

    Returns
    -------
    float
        In [0, 1].

    Notes
    -----
    1 - K * integral of phi(z) (Phi(z) - Phi(z - q))^(K - 1) dz, by the trapezoidal rule.

    Examples
    --------
    >>> round(range_above(4.474, 10), 3)
    0.05
    """
    z = np.linspace(-9.0, 9.0, 2001)
    weight = groups * np.exp(-z * z / 2) / np.sqrt(2 * np.pi) * (z[1] - z[0])
    return max(1.0 - float((weight * (ndtr(z) - ndtr(z - q)) ** (groups - 1)).sum()), 0.0)


def _touching(value: float, ends: Callable[[float], Interval]) -> float:
    """The probability outside the limits at which the nearer one touches 0."""
    if not value:
        return 1.0

    def _holds_zero(exponent: float) -> bool:
        low, high = ends(10.0**exponent)
        return low <= 0 <= high

    return float(10.0 ** bisected(_holds_zero, inside=_SMALLEST, outside=0.0))


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values that may each be held against the level for all of them together.

    Parameters
    ----------
    p_values : sequence of float
        One a hypothesis, however they depend on each other.

    Returns
    -------
    list of float
        Adjusted values in the same order, at most 1.

    References
    ----------
    Holm, S. (1979), Scandinavian Journal of Statistics 6, 65-70.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    adjusted, least = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=lambda place: p_values[place])):
        least = max(least, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = least
    return adjusted
