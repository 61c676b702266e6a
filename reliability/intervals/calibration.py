"""Intervals of what scores and outcomes differ by, over bins of the score."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from reliability.intervals.arrays import Bools, Floats, Interval
from reliability.intervals.bisection import bisected
from reliability.intervals.proportions import exact_limits

# Mean of the absolute value of a standard normal one.
_MEAN_ABSOLUTE = float(np.sqrt(2 / np.pi))
# Means of powers below this may have lost digits to underflow.
_LEAST = 1e-290


@dataclass(frozen=True, kw_only=True, eq=False)
class Bins:
    """Bins of scores, none empty.

    Attributes
    ----------
    n, events : ndarray of float64, shape (B,)
        Rows, and those of them where the event came true.
    mean_score : ndarray of float64, shape (B,)
        Mean of the scores, in [0, 1].
    spread : ndarray of float64, shape (B,)
        Variance of the scores.
    squared_error : ndarray of float64, shape (B,)
        Mean of (score - outcome)^2.
    """

    n: Floats
    events: Floats
    mean_score: Floats
    spread: Floats
    squared_error: Floats

    @property
    def weights(self) -> Floats:
        """Share of the rows in every bin."""
        shares: Floats = self.n / self.n.sum()
        return shares

    @property
    def gaps(self) -> Floats:
        """Mean score minus observed rate of every bin."""
        gaps: Floats = self.mean_score - self.events / self.n
        return gaps

    @property
    def errors(self) -> Floats:
        """Standard errors of the gaps, never 0.

        Notes
        -----
        Of score - outcome, whose variance also holds what the scores themselves vary by; with two rows added that
        came true and two that did not (Agresti and Coull 1998), so that a bin without events is no certainty.
        """
        n, m = self.n, self.mean_score
        total = n * self.gaps + 4 * m - 2
        squares = n * self.squared_error + 2 * (m - 1) ** 2 + 2 * m**2
        variance = squares / (n + 4) - (total / (n + 4)) ** 2
        errors: Floats = np.sqrt(variance / n)
        return errors

    def within(self, used: Bools) -> "Bins":
        """The bins of a mask."""
        return Bins(
            n=self.n[used], events=self.events[used], mean_score=self.mean_score[used],
            spread=self.spread[used], squared_error=self.squared_error[used],
        )  # fmt: skip


def mean_gap(bins: Bins, *, power: int = 1) -> float:
    """Mean gap over the rows, by its absolute value, or by a power of it.

    Parameters
    ----------
    bins : Bins
        Bins of scores.
    power : int, default 1
        p of (sum of weight * abs(gap)^p)^(1/p).

    Returns
    -------
    float
        Score, in [0, 1]; 0 is best.
    """
    sizes = np.abs(bins.gaps)
    mean = (bins.weights * sizes**power).sum()
    if mean > _LEAST:
        return float(mean ** (1 / power))
    # Powers of small gaps are next to nothing, or nothing: those of their shares of the largest are not.
    largest = float(sizes.max())
    return largest * float((bins.weights * (sizes / largest) ** power).sum()) ** (1 / power) if largest else 0.0


def debiased_mean_gap(bins: Bins) -> float:
    """Mean absolute gap less what chance adds to it.

    Parameters
    ----------
    bins : Bins
        Bins of scores.

    Returns
    -------
    float
        Score, in [0, 1]; 0 is best.

    Notes
    -----
    Every abs(gap) is lowered by E abs(N(gap, s^2)) - abs(gap), s its standard error; never below 0.

    References
    ----------
    Kumar, A. et al. (2019), NeurIPS, 3792-3803 (there by resampling from the same normal distributions).
    """
    s, size = bins.errors, np.abs(bins.gaps)
    return max(0.0, float((bins.weights * (2 * size - s * _folded_mean(size / s))).sum()))


def mean_gap_interval(bins: Bins, *, confidence: float) -> Interval:
    """Interval of the mean absolute gap over the rows.

    Parameters
    ----------
    bins : Bins
        Bins of scores.
    confidence : float
        Two-sided coverage, in (0, 1).

    Returns
    -------
    low, high : float
        Limits in [0, 1].

    Notes
    -----
    The estimate T = sum w_b abs(gap_b) has mean sum w_b s_b m(g_b / s_b) at true gaps g, m the mean of a folded normal
    distribution. Both limits are those of a test at the true gaps that favour it most:

    - high: of all gaps with the same mean, m is least where g_b = c s_b with one c for all bins, as m is convex. The
      limit is the c at which T lies z standard deviations under its mean. A T under what chance gives without any gap
      is raised to that: it says that the luck was good, not that the model is (power-constrained limits).
    - low: T less all that chance can add, sqrt(2 / pi) sum w_b s_b, and z standard deviations; or, where it is more,
      the limit of the one gap of all rows together (`gap_limits`), which is never above the mean of the bins' gaps.
      That is taken at half the error, as it may err on either side. Nor is high ever below the limit of that gap.

    The variance of T holds that of the weights. Simulated (docs/validation/coverage.md) from 30 rows and rates of 1 %
    up: covers 96 % and more.

    References
    ----------
    Leone, F. C. et al. (1961), Technometrics 3, 543-550 (folded normal); Cowan, G. et al. (2011), arXiv:1105.3166
    (power-constrained limits).

    Examples
    --------
    >>> n = np.full(2, 500.0)
    >>> bins = Bins(n=n, events=np.array([100.0, 450.0]), mean_score=np.array([0.3, 0.7]), spread=np.zeros(2),
    ...             squared_error=np.array([0.17, 0.13]))
    >>> [round(limit, 3) for limit in mean_gap_interval(bins, confidence=0.95)]
    [0.115, 0.172]
    """
    weighted, z = bins.weights * bins.errors, float(ndtri(0.5 + confidence / 2))
    plug_in, total, squares = mean_gap(bins), float(weighted.sum()), float((weighted**2).sum())
    between = max(0.0, mean_gap(bins, power=2) ** 2 - plug_in**2) / float(bins.n.sum())
    seen = max(plug_in, _MEAN_ABSOLUTE * total)

    def _below(c: float) -> bool:
        mean = float(_folded_mean(np.array([c]))[0])
        return mean * total - z * float(np.sqrt(squares * (1 + c * c - mean * mean) + between)) < seen

    high = bisected(_below, inside=0.0, outside=seen / total + 2 * z + 2 * z * float(np.sqrt(between)) / total) * total
    low = plug_in - _MEAN_ABSOLUTE * total - z * float(np.sqrt(squares + between))
    value = debiased_mean_gap(bins)
    lowest, highest = _all_together(bins, (1 - confidence) / 2)
    farthest = max(abs(limit) for limit in _all_together(bins, 1 - confidence))
    return max(0.0, min(max(low, lowest, -highest), value)), min(1.0, max(high, farthest, value))


def largest_gap_interval(bins: Bins, *, confidence: float, blur: Floats | float = 0.0) -> Interval:
    """Interval of the largest absolute gap of a bin.

    Parameters
    ----------
    bins : Bins
        Bins of scores.
    confidence : float
        Two-sided coverage for all bins at once, in (0, 1).
    blur : ndarray of float64, shape (B,), or float, default 0.0
        What every gap may be off by, as it was not counted exactly.

    Returns
    -------
    low, high : float
        Limits in [0, 1].

    Notes
    -----
    Clopper-Pearson limits of every bin's rate at the level that holds for all at once (Sidak), moved to the gap by
    MOVER with the normal limits of the mean score. The largest gap is no less than the largest of the lower limits
    and no more than the largest of the upper ones.

    References
    ----------
    Sidak, Z. (1967), Journal of the American Statistical Association 62, 626-633; Zou, G. Y. and Donner, A. (2008),
    Statistics in Medicine 27, 1693-1702.
    """
    mass = -np.expm1(np.log(confidence) / len(bins.n))
    low, high = exact_limits(bins.events, bins.n, mass=mass)
    rate, error = bins.events / bins.n, float(-ndtri(mass / 2)) * np.sqrt(bins.spread / bins.n)
    lowest = bins.gaps - np.hypot(high - rate, error)
    highest = bins.gaps + np.hypot(rate - low, error)
    nearest, farthest = np.maximum(lowest, -highest) - blur, np.maximum(highest, -lowest) + blur
    return max(0.0, float(nearest.max())), min(1.0, float(farthest.max()))


def gap_limits(gap: float, rate: float, variance: float, n: int, *, mass: float) -> Interval:
    """Limits of the mean of score minus outcome over rows.

    Parameters
    ----------
    gap : float
        Mean of score minus outcome.
    rate : float
        Mean outcome, in [0, 1].
    variance : float
        Variance of score minus outcome.
    n : int
        Rows.
    mass : float
        Probability outside the limits, both sides together, in (0, 1).

    Returns
    -------
    low, high : float
        Limits around the gap.

    Notes
    -----
    Clopper-Pearson's of the rate, moved to the gap, at rate (1 - rate) / variance rows where these are fewer than n:
    few events, or none, are no certainty.

    References
    ----------
    Korn, E. L. and Graubard, B. I. (1998), Survey Methodology 24, 193-201 (limits at an effective number of rows).
    """
    worth = n * min(1.0, rate * (1 - rate) / variance) if variance > 0 and 0 < rate < 1 else float(n)
    low, high = exact_limits(rate * worth, worth, mass=mass)
    return gap - (float(high) - rate), gap + (rate - float(low))


def _all_together(bins: Bins, mass: float) -> Interval:
    """Limits of the gap of all rows, as they are."""
    gap, squared = (float((bins.weights * of).sum()) for of in (bins.gaps, bins.squared_error))
    rows = round(float(bins.n.sum()))
    return gap_limits(gap, float(bins.events.sum()) / rows, squared - gap * gap, rows, mass=mass)


def _folded_mean(c: Floats) -> Floats:
    """Mean of the absolute value of a normal value with mean c and variance 1."""
    mean: Floats = _MEAN_ABSOLUTE * np.exp(-c * c / 2) + c * (2 * ndtr(c) - 1)
    return mean
