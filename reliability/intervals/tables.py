"""Intervals of what is worked out from a table of counts: agreement of labels, weighted numbers of errors."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from scipy.special import gammainccinv, gammaincinv, ndtri, stdtrit

from reliability.errors import NotMeasurable
from reliability.intervals.arrays import Floats, Interval, Ints
from reliability.intervals.proportions import clopper_pearson

# Rows of every class, or buckets of clusters that hold it, below which an interval misses its coverage.
ENOUGH = 10
# A class that is hardly ever predicted still leaves this much to estimate a variance from.
_LEAST_DEGREES = 3

# Of shares in cells, shape (..., K, K): the value, shape (...), and how a row in each cell moves it, (..., K, K).
Functional: TypeAlias = Callable[[Floats], tuple[Floats, Floats]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Table:
    """Rows by true class (first axis) and predicted class, every class among them.

    Attributes
    ----------
    counts : ndarray of int64, shape (K, K)
        Rows; no class without any.
    buckets : ndarray of int64, shape (G, K, K), or None
        The same by bucket of clusters, where rows are clustered.
    """

    counts: Ints
    buckets: Ints | None = None


def table_interval(
    table: Table, functional: Functional, value: float, *, lowest: float = 0.0, confidence: float
) -> Interval:
    """Interval of a smooth number between two bounds that depends only on the shares of a table's cells.

    Parameters
    ----------
    table : Table
        The counts.
    functional : callable
        Of shares in cells: the number, and how a row in each cell moves it (the influence).
    value : float
        The number for this table, in [lowest, 1].
    lowest : float, default 0
        The least that the number can be; the most is 1.
    confidence : float
        Two-sided coverage, in (0, 1).

    Returns
    -------
    low, high : float
        Limits in [lowest, 1].

    Raises
    ------
    NotMeasurable
        `too_few_for_interval` where a class has fewer than 10 rows; clustered: where fewer than 10 buckets hold a
        class, or hold a wrong row.

    Notes
    -----
    Clopper-Pearson limits of the value's place between its bounds, at the number of rows of a proportion with the
    same variance. The variance is the mean square of the influences, with one row spread over each row of cells so
    that a table without errors does not claim certainty; clustered rows: the delete-one-bucket jackknife's, if larger.
    The number of rows shrinks by (z / t)^2 for the degrees of freedom of the rarest class.

    References
    ----------
    Hampel, F. R. (1974), Journal of the American Statistical Association 69, 383-393 (influence);
    Korn, E. L. and Graubard, B. I. (1998), Survey Methodology 24, 193-201 (effective number of rows).

    Examples
    --------
    >>> table = Table(counts=np.array([[45, 5], [10, 40]]))
    >>> [round(limit, 3) for limit in table_interval(table, macro_f1, 0.8496, confidence=0.95)]
    [0.761, 0.915]
    """
    degrees = _degrees(table)
    width, size = 1.0 - lowest, len(table.counts)
    smooth = table.counts + 1.0 / size
    shares = smooth / smooth.sum()
    middle, influence = functional(shares)
    variance = float((shares * influence**2).sum()) / int(table.counts.sum())
    if table.buckets is not None:
        variance = max(variance, _jackknife(table.buckets, functional))
    place = (float(middle) - lowest) / width
    tail = 0.5 + confidence / 2
    worth = place * (1 - place) * width**2 / variance * float(ndtri(tail) / stdtrit(degrees, tail)) ** 2
    low, high = clopper_pearson((value - lowest) / width * worth, worth, confidence=confidence)
    return lowest + width * float(low), lowest + width * float(high)


def macro_f1(shares: Floats) -> tuple[Floats, Floats]:
    """Plain mean of the classes' F1 scores.

    Parameters
    ----------
    shares : ndarray of float64, shape (..., K, K)
        Shares of rows by true and predicted class, every class among them.

    Returns
    -------
    value : ndarray of float64, shape (...)
        In [0, 1]; 1 is best.
    influence : ndarray of float64, shape (..., K, K)
        How a row in each cell moves it.
    """
    scores, mass = _f1_scores(shares)
    size = shares.shape[-1]
    return scores.mean(axis=-1), _f1_influence(scores / mass / size, 1 / mass / size)


def weighted_f1(shares: Floats) -> tuple[Floats, Floats]:
    """Mean of the classes' F1 scores, weighted by the rows that are of the class.

    Parameters
    ----------
    shares : ndarray of float64, shape (..., K, K)
        Shares of rows by true and predicted class, every class among them.

    Returns
    -------
    value : ndarray of float64, shape (...)
        In [0, 1]; 1 is best.
    influence : ndarray of float64, shape (..., K, K)
        How a row in each cell moves it, by the scores and by the weights.
    """
    scores, mass = _f1_scores(shares)
    weight = shares.sum(axis=-1)
    value = (weight * scores).sum(axis=-1)
    by_scores = _f1_influence(weight * scores / mass, weight / mass)
    return value, by_scores + scores[..., :, None] - value[..., None, None]


def matthews(shares: Floats) -> tuple[Floats, Floats]:
    """Correlation of true and predicted classes (R_K; for two classes the phi coefficient).

    Parameters
    ----------
    shares : ndarray of float64, shape (..., K, K)
        Shares of rows by true and predicted class, two classes or more on both axes.

    Returns
    -------
    value : ndarray of float64, shape (...)
        In [-1, 1]; 1 is best, 0 is chance.
    influence : ndarray of float64, shape (..., K, K)
        How a row in each cell moves it.

    References
    ----------
    Gorodkin, J. (2004), Computational Biology and Chemistry 28, 367-374.
    """
    true, predicted = shares.sum(axis=-1), shares.sum(axis=-2)
    right = np.trace(shares, axis1=-2, axis2=-1)
    spread_true, spread_predicted = 1 - (true**2).sum(axis=-1), 1 - (predicted**2).sum(axis=-1)
    root = np.sqrt(spread_true * spread_predicted)[..., None, None]
    value = (right - (true * predicted).sum(axis=-1)) / root[..., 0, 0]
    rise = np.eye(shares.shape[-1]) + right[..., None, None] - predicted[..., :, None] - true[..., None, :]
    shrink = (1 - true)[..., :, None] / spread_true[..., None, None]
    shrink = shrink + (1 - predicted)[..., None, :] / spread_predicted[..., None, None]
    return value, rise / root - value[..., None, None] * shrink


def weighted_events_interval(value: float, variance: float, largest: float, *, confidence: float) -> Interval:
    """Interval of a sum of rare events that weigh differently, and of what behaves like one.

    Parameters
    ----------
    value : float
        The sum, at least 0.
    variance : float
        Its estimated variance, above 0.
    largest : float
        How far one more event could raise it, above 0.
    confidence : float
        Two-sided coverage, in (0, 1).

    Returns
    -------
    low, high : float
        Limits, at least 0; above 0 where the value is 0.

    Notes
    -----
    Quantiles of gamma variables: mean `value` and variance `variance` below, mean `value + largest` and variance
    `variance + largest^2` above. With equal weights this is the exact interval of a Poisson mean.

    References
    ----------
    Fay, M. P. and Feuer, E. J. (1997), Statistics in Medicine 16, 791-801.

    Examples
    --------
    >>> [round(limit, 2) for limit in weighted_events_interval(10.0, 10.0, 1.0, confidence=0.95)]
    [4.8, 18.39]
    """
    tail, above, spread = 0.5 - confidence / 2, value + largest, variance + largest**2
    low = variance / value * float(gammaincinv(value**2 / variance, tail)) if value > 0 else 0.0
    # Where the variance dwarfs the value the shape is too small for a quantile: nothing is known from below.
    return (
        low if np.isfinite(low) else 0.0,
        spread / above * float(gammainccinv(above**2 / spread, tail)),
    )


def resampled(counts: Ints, *, draws: int, seed: int) -> Ints:
    """Tables drawn anew from tables of counts: what drawing their rows with replacement does, without the rows.

    Parameters
    ----------
    counts : ndarray of int64, shape (L, C)
        Rows by group and cell.
    draws : int
        Resamples.
    seed : int
        Key of the stream.

    Returns
    -------
    ndarray of int64, shape (draws, L, C)
        Rows by resample, group and cell; every group keeps its number of rows.

    Notes
    -----
    For comparisons with other packages' bootstraps: no verdict rests on it, because a multinomial draw uses the
    platform's logarithm, and NumPy promises its stream for one version only.

    References
    ----------
    Efron, B. and Tibshirani, R. J. (1993), An Introduction to the Bootstrap, ch. 6.
    """
    rows = counts.sum(axis=1)
    # A group without rows has no shares: noughts do, as none of them is drawn.
    shares = counts / np.maximum(rows, 1)[:, None]
    return np.random.Generator(np.random.PCG64(seed)).multinomial(rows, shares, size=(draws, len(counts)))


def _f1_scores(shares: Floats) -> tuple[Floats, Floats]:
    mass = shares.sum(axis=-1) + shares.sum(axis=-2)
    return 2 * np.diagonal(shares, axis1=-2, axis2=-1) / mass, mass


def _f1_influence(lost: Floats, gained: Floats) -> Floats:
    """Sum over classes: a right row gains 2 shares of its class, and every row loses for the classes it stands in."""
    return 2 * gained[..., :, None] * np.eye(gained.shape[-1]) - lost[..., :, None] - lost[..., None, :]


def _degrees(table: Table) -> float:
    """Degrees of freedom of the variance; refuses a table that has too few of a class."""
    true, predicted = table.counts.sum(axis=1), table.counts.sum(axis=0)
    if table.buckets is not None:
        true, predicted = (np.count_nonzero(table.buckets.sum(axis=axis), axis=0) for axis in (2, 1))
        wrong = table.buckets.sum(axis=(1, 2)) > np.trace(table.buckets, axis1=1, axis2=2)
        _require_enough(int(np.count_nonzero(wrong)))
    _require_enough(int(true.min()))
    return float(max(min(int(true.min()), int(predicted.min())) - 1, _LEAST_DEGREES))


def _require_enough(n: int) -> None:
    if n < ENOUGH:
        raise NotMeasurable("too_few_for_interval", n=n, needed=ENOUGH)


def _jackknife(buckets: Ints, functional: Functional) -> float:
    """Delete-one-bucket variance, over the buckets that hold rows."""
    held = buckets[buckets.sum(axis=(1, 2)) > 0]
    left = held.sum(axis=0) - held + 1.0 / held.shape[-1]
    values, _ = functional(left / left.sum(axis=(1, 2), keepdims=True))
    return float(((values - values.mean()) ** 2).sum()) * (len(held) - 1) / len(held)
