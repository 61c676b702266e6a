"""Intervals and tests of two predictors on the same rows."""

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Self

import numpy as np
from scipy.special import betainc, ndtri, stdtr, stdtrit

from reliability.errors import NotMeasurable
from reliability.intervals.arrays import Interval, Ints
from reliability.intervals.proportions import clopper_pearson

# Buckets of clusters with a discordant row, below which their spread says too little.
_ENOUGH_BUCKETS = 10
# With fewer, large errors are as likely to be missed as to be seen.
MANY_ROWS = 300


@dataclass(frozen=True, kw_only=True)
class Discordant:
    """Rows on which exactly one of two predictors is right, among n; effective numbers need not be whole.

    Attributes
    ----------
    first, second : float
        Rows on which only the first, only the second is right.
    n : float
        All rows.
    """

    first: float
    second: float
    n: float

    @property
    def difference(self) -> float:
        """Share of rows right of the first less that of the second, in [-1, 1]."""
        return (self.first - self.second) / self.n

    @classmethod
    def clustered(cls, first: Ints, second: Ints, n: Ints, *, confidence: float) -> Self:
        """The same in independent rows that clustered ones are worth.

        Parameters
        ----------
        first, second, n : ndarray of int64, shape (G,)
            Rows by bucket of clusters.
        confidence : float
            Coverage of the interval it is meant for, in (0, 1).

        Returns
        -------
        Discordant
            At most as many rows; the shares are kept.

        Notes
        -----
        Variance of one row over the delete-one-bucket jackknife's of the mean, times (z / t)^2 for the buckets used.
        Where fewer than 10 buckets hold a discordant row: as many rows as buckets of equal size.

        References
        ----------
        Korn, E. L. and Graubard, B. I. (1998), Survey Methodology 24, 193-201;
        Wolter, K. M. (2007), Introduction to Variance Estimation, 2nd ed., ch. 4.
        """
        held = n > 0
        gain, size = (first - second)[held], n[held].astype(np.float64)
        total, rows, used = float(gain.sum()), float(size.sum()), len(size)
        share = total / rows
        even = rows**2 / float((size**2).sum())
        worth = even
        if np.count_nonzero(first + second) >= _ENOUGH_BUCKETS:
            without = (total - gain) / (rows - size)
            variance = float(((without - without.mean()) ** 2).sum()) * (used - 1) / used
            one = float((first + second).sum()) / rows - share**2
            tail = 0.5 + confidence / 2
            shrink = float(ndtri(tail) / stdtrit(used - 1, tail)) ** 2
            worth = shrink * one / variance if variance > one / rows else shrink * rows
        scale = worth / rows
        return cls(first=float(first.sum()) * scale, second=float(second.sum()) * scale, n=rows * scale)


def mcnemar(discordant: Discordant) -> float:
    """Exact two-sided p-value of the hypothesis that two predictors are right equally often.

    Parameters
    ----------
    discordant : Discordant
        Rows on which exactly one of them is right.

    Returns
    -------
    float
        Probability, in (0, 1]; 1 where no row is discordant.

    Notes
    -----
    Twice the smaller tail of Binomial(first + second, 1/2), at most 1.

    References
    ----------
    McNemar, Q. (1947), Psychometrika 12, 153-157; Fay, M. P. (2010), Biostatistics 11, 373-374 (exact form).

    Examples
    --------
    >>> round(mcnemar(Discordant(first=8, second=1, n=100)), 4)
    0.0391
    """
    more, fewer = max(discordant.first, discordant.second), min(discordant.first, discordant.second)
    return min(1.0, 2 * float(betainc(more, fewer + 1, 0.5)))


def paired_difference_interval(discordant: Discordant, *, confidence: float) -> Interval:
    """Interval of the difference of two predictors' shares of rows right, on the same rows.

    Parameters
    ----------
    discordant : Discordant
        Rows on which exactly one of them is right.
    confidence : float
        Two-sided coverage, in (0, 1).

    Returns
    -------
    low, high : float
        Limits in [-1, 1]; both above 0, or both below, if and only if `mcnemar` is at most 1 - confidence.

    Notes
    -----
    The hull of two intervals. Square-and-add on the Clopper-Pearson limits of both discordant shares, with their
    multinomial correlation; and the share of discordant rows times 2 q - 1, q the Clopper-Pearson limits of the first
    predictor's part of them, whose sign is the exact test's. Tango's score interval alone covers 93.4 % where
    few rows are discordant, and errs on one side in 4.9 %.

    References
    ----------
    Newcombe, R. G. (1998), Statistics in Medicine 17, 2635-2650; Zou, G. Y. and Donner, A. (2008), Statistics in
    Medicine 27, 1693-1702; Tango, T. (1998), Statistics in Medicine 17, 891-908 (compared with).

    Examples
    --------
    >>> pair = Discordant(first=15, second=5, n=100)
    >>> [round(limit, 3) for limit in paired_difference_interval(pair, confidence=0.95)]
    [0.004, 0.195]
    """
    n, pair = discordant.n, np.array([discordant.first, discordant.second])
    low, high = clopper_pearson(pair, n, confidence=confidence)
    share = pair / n
    smooth = (pair + 0.5) / (n + 1.5)
    correlation = float(np.sqrt(np.prod(smooth / (1 - smooth))))
    below = _added(share[0] - low[0], high[1] - share[1], correlation)
    above = _added(high[0] - share[0], share[1] - low[1], correlation)
    least, most = clopper_pearson(pair[0], pair.sum(), confidence=confidence)
    differing = float(share.sum())
    return (
        max(-1.0, min(discordant.difference - below, differing * (2 * float(least) - 1))),
        min(1.0, max(discordant.difference + above, differing * (2 * float(most) - 1))),
    )


@dataclass(frozen=True, kw_only=True)
class Gains:
    """What one predictor's loss is less than another's, row by row.

    Attributes
    ----------
    n : int
        Rows, at least 1.
    total, squares : Fraction
        Sum of the gains and of their squares.
    largest : Fraction
        The largest gain or loss in size, or a bound of it.
    """

    n: int
    total: Fraction
    squares: Fraction
    largest: Fraction

    @property
    def mean(self) -> float:
        """The mean gain; refuses one that leaves the range of a float64 (`numbers_too_large`)."""
        try:
            return float(self.total / self.n)
        except OverflowError:
            raise NotMeasurable("numbers_too_large", n=self.n) from None


def paired_t(gains: Gains) -> float:
    """Two-sided p-value of the hypothesis that the mean gain is 0 (paired t test).

    Parameters
    ----------
    gains : Gains
        Differences of losses.

    Returns
    -------
    float
        Probability, in [0, 1].

    Raises
    ------
    NotMeasurable
        `variance_not_estimable` where the gains do not differ.

    References
    ----------
    Student (1908), Biometrika 6, 1-25.
    """
    return 2 * float(stdtr(gains.n - 1, -abs(gains.mean) / _standard_error(gains)))


def paired_mean_interval(gains: Gains, *, confidence: float) -> Interval:
    """Interval of the mean gain of one predictor over another.

    Parameters
    ----------
    gains : Gains
        Differences of losses.
    confidence : float
        Two-sided coverage, in (0, 1).

    Returns
    -------
    low, high : float
        Limits in the unit of the gains; both on one side of 0 only if `paired_t` is at most 1 - confidence.

    Raises
    ------
    NotMeasurable
        `too_few_for_interval` below 300 rows; `variance_not_estimable` where the gains do not differ.

    Notes
    -----
    Student's t with one further row: a loss of the largest size seen for the lower limit, such a gain for the upper.
    Squared errors have long tails, and without it the t interval errs on one side in up to 10 % at 300 rows.

    References
    ----------
    Student (1908), Biometrika 6, 1-25; Learned-Miller, E. and Thomas, P. S. (2019), arXiv:1905.06208 (a further
    value at the bound).
    """
    if gains.n < MANY_ROWS:
        raise NotMeasurable("too_few_for_interval", n=gains.n, needed=MANY_ROWS)
    _standard_error(gains)
    t = float(stdtrit(gains.n - 1, 0.5 + confidence / 2))
    worse, better = (_with_further(gains, further) for further in (-gains.largest, gains.largest))
    return worse.mean - t * _standard_error(worse), better.mean + t * _standard_error(better)


def _with_further(gains: Gains, further: Fraction) -> Gains:
    return replace(gains, n=gains.n + 1, total=gains.total + further, squares=gains.squares + further**2)


def _standard_error(gains: Gains) -> float:
    centred = gains.squares - gains.total**2 / gains.n
    # What rounding of the squares alone can leave is no variance.
    if gains.n < 2 or not centred > gains.squares * Fraction(64, 2**53):
        raise NotMeasurable("variance_not_estimable")
    try:
        return math.sqrt(centred / gains.n / (gains.n - 1))
    except OverflowError:
        raise NotMeasurable("numbers_too_large", n=gains.n) from None


def _added(first: float, second: float, correlation: float) -> float:
    return float(np.sqrt(first**2 + second**2 + 2 * correlation * first * second))
