"""Intervals of what is read at one point of a ROC curve."""

import numpy as np
from scipy.special import bdtr

from reliability.intervals.arrays import Interval, Ints
from reliability.intervals.proportions import clopper_pearson


def true_positives_at(counts: Ints, false_positives: float) -> float:
    """True positives of the threshold at which so many others are taken for positive.

    Parameters
    ----------
    counts : ndarray of int64, shape (S, 2)
        Rows by distinct score, ascending: not positive, positive.
    false_positives : float
        How many of the others, at least 0; not a whole number where a tie is broken by lot.

    Returns
    -------
    float
        Rows, from 0 to all positive ones.

    Notes
    -----
    The ROC curve joined by straight lines: between two thresholds it is what drawing lots between them gives.

    References
    ----------
    Fawcett, T. (2006), Pattern Recognition Letters 27, 861-874, sections 5 and 10.

    Examples
    --------
    >>> true_positives_at(np.array([[3, 1], [1, 1], [0, 2]]), 0.5)
    2.5
    """
    above = np.cumsum(counts[::-1], axis=0)
    others, positives = (np.concatenate(([0], above[:, of])) for of in (0, 1))
    return float(np.interp(false_positives, others, positives))


def true_positive_rate_interval(counts: Ints, false_positive_rate: float, *, confidence: float) -> Interval:
    """Interval of the true positive rate at a false positive rate, the threshold being unknown too.

    Parameters
    ----------
    counts : ndarray of int64, shape (S, 2)
        Rows by distinct score, ascending: not positive, positive; at least one of each.
    false_positive_rate : float
        Share of the others taken for positive, in (0, 1).
    confidence : float
        Two-sided coverage, in (0, 1).

    Returns
    -------
    low, high : float
        Limits in [0, 1].

    Notes
    -----
    The threshold is a quantile of the others' scores: it lies between two of their order statistics, taken from the
    binomial distribution at half of each side's error. At either the other half goes to the Clopper-Pearson limit of
    the positive rows' share above it: they are other rows, so that choosing the threshold does not favour them.
    By Bonferroni's inequality the error of each side never exceeds half of 1 - confidence.

    References
    ----------
    David, H. A. and Nagaraja, H. N. (2003), Order Statistics, 3rd ed., 7.1 (interval of a quantile);
    Clopper, C. J. and Pearson, E. S. (1934), Biometrika 26, 404-413.

    Examples
    --------
    >>> low, high = true_positive_rate_interval(np.array([[990, 900], [10, 100]]), 0.01, confidence=0.95)
    >>> round(low, 2), round(high, 2)
    (0.03, 0.12)
    """
    others, positives = counts.sum(axis=0).tolist()
    error = (1 - confidence) / 4
    below = bdtr(np.arange(others + 1), others, false_positive_rate)
    fewest, most = int(np.searchsorted(below, error)), int(np.searchsorted(below, 1 - error))
    low, high = 0.0, 1.0
    if fewest > 0:
        found = true_positives_at(counts, fewest - 1)
        low, _ = clopper_pearson(found, positives, confidence=1 - 2 * error)
    if most < others:
        found = true_positives_at(counts, most)
        _, high = clopper_pearson(found, positives, confidence=1 - 2 * error)
    return float(low), float(high)
