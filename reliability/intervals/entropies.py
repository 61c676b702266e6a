"""Generalised entropy of benefits, its variance and its interval."""

import math
from fractions import Fraction

import numpy as np
from scipy.special import ndtri, stdtrit

from reliability.errors import NotMeasurable
from reliability.intervals.arrays import Floats, Interval, Ints
from reliability.intervals.tables import ENOUGH, weighted_events_interval

# Nearer to 1 the general formula loses its digits, and Theil's differs by less than that.
_NEARLY_ONE = 1e-6


def generalized_entropy(counts: Ints, alpha: float) -> float:
    """Inequality of benefits 0, 1 and 2 that so many rows have.

    Parameters
    ----------
    counts : ndarray of int64, shape (3,)
        Rows with benefit 0, 1 and 2; not all 0 or with benefit 0.
    alpha : float
        Weight of high benefits, above 0; 1 is Theil's index, 2 half the squared coefficient of variation.

    Returns
    -------
    float
        Index, at least 0, which is best.

    Examples
    --------
    >>> generalized_entropy(np.array([2, 6, 2]), 2)
    0.2
    """
    none, one, two = (int(rows) for rows in counts)
    n, total = none + one + two, one + 2 * two
    if alpha == 2:
        return float((Fraction(n * (one + 4 * two), total**2) - 1) / 2)
    mean = total / n
    if abs(alpha - 1) < _NEARLY_ONE:
        return max(0.0, 2 * two / total * math.log(2) - math.log(mean))
    power = (one + two * math.pow(2, alpha)) / n
    return max(0.0, (power / math.pow(mean, alpha) - 1) / (alpha * (alpha - 1)))


def entropy_variance(shares: Floats, n: float, alpha: float) -> float:
    """Variance of the index of n rows, to the second order.

    Parameters
    ----------
    shares : ndarray of float64, shape (2,)
        Shares of rows with benefit 0 and with benefit 2, in (0, 1).
    n : float
        Rows.
    alpha : float
        As above.

    Returns
    -------
    float
        Variance: the influences' and, where they vanish, the curvature's.

    Notes
    -----
    The index has a largest value (one row in three with benefit 2, the rest 1, at alpha 2): there it moves with
    no row to the first order, and only the second keeps the interval from closing.
    """
    slopes, curvature = _derivatives(shares, alpha)
    spread = (np.diag(shares) - np.outer(shares, shares)) / n
    bent = curvature @ spread
    return float(slopes @ spread @ slopes + np.trace(bent @ bent) / 2)


def entropy_interval(counts: Ints, alpha: float, *, buckets: Ints | None = None, confidence: float) -> Interval:
    """Interval of the index.

    Parameters
    ----------
    counts : ndarray of int64, shape (3,)
        Rows with benefit 0, 1 and 2; not all with benefit 0.
    alpha : float
        As above.
    buckets : ndarray of int64, shape (G, 3), or None
        The same by bucket of clusters, where rows are clustered.
    confidence : float
        Two-sided coverage, in (0, 1).

    Returns
    -------
    low, high : float
        Limits, at least 0.

    Raises
    ------
    NotMeasurable
        `too_few_for_interval` where rows are clustered and fewer than 10 buckets hold an error.

    Notes
    -----
    `weighted_events_interval`, one event more being the wrong row (or bucket of them) that raises the index most.
    The variance has a third of a row added to every benefit, is the jackknife's if that is larger, and grows by
    (t / z)^2 for its degrees of freedom.

    References
    ----------
    Fay, M. P. and Feuer, E. J. (1997), Statistics in Medicine 16, 791-801.
    """
    value, n = generalized_entropy(counts, alpha), int(counts.sum())
    variance, used, rows = entropy_variance((counts[[0, 2]] + 1 / 3) / (n + 1), n, alpha), n, 1
    if buckets is not None:
        held = buckets[buckets.sum(axis=1) > 0]
        wrong = int(np.count_nonzero(held[:, [0, 2]].sum(axis=1)))
        if wrong < ENOUGH:
            raise NotMeasurable("too_few_for_interval", n=wrong, needed=ENOUGH)
        used, rows = len(held), max(1, n // len(held))
        variance = max(variance, _jackknife(held, alpha))
    more = (generalized_entropy(counts + rows * event, alpha) for event in np.eye(3, dtype=np.int64)[[0, 2]])
    tail = 0.5 + confidence / 2
    widening = float(stdtrit(max(used - 1, 1), tail) / ndtri(tail)) ** 2
    return weighted_events_interval(value, variance * widening, max(more) - value, confidence=confidence)


def _jackknife(held: Ints, alpha: float) -> float:
    left = held.sum(axis=0) - held
    values = np.array([generalized_entropy(one, alpha) for one in left if one[1:].any()])
    return float(((values - values.mean()) ** 2).sum()) * (len(values) - 1) / len(values)


def _derivatives(shares: Floats, alpha: float) -> tuple[Floats, Floats]:
    """Gradient and Hessian in the shares of benefits 0 and 2, by way of the mean and the mean power."""
    mean = 1 - shares[0] + shares[1]
    of_mean = np.array([-1.0, 1.0])
    if abs(alpha - 1) < _NEARLY_ONE:
        of_power = np.array([0.0, 2 * math.log(2)])
        power = shares[1] * of_power[1]
        first = 1 / mean, -power / mean**2 - 1 / mean
        mixed, second = -1 / mean**2, 2 * power / mean**3 + 1 / mean**2
    else:
        of_power = np.array([-1.0, 2.0**alpha - 1])
        power, scale = 1 + shares @ of_power, alpha * (alpha - 1) * mean**alpha
        first = 1 / scale, -alpha * power / mean / scale
        mixed, second = -alpha / mean / scale, alpha * (alpha + 1) * power / mean**2 / scale
    crossed = np.outer(of_power, of_mean)
    curvature = mixed * (crossed + crossed.T) + second * np.outer(of_mean, of_mean)
    return first[0] * of_power + first[1] * of_mean, curvature
