"""What checks on a bounded sample share: proportions of its rows, and keyed parts of it."""

import numpy as np

from reliability.blocks import ENTITY_BUCKETS, Bools, Floats, Ints
from reliability.evidence.hashing import Digests, splitmix64
from reliability.evidence.sample import Sample
from reliability.intervals.proportions import clopper_pearson, effective_n


def worth_of(successes: Bools, entity: Digests | None, *, confidence: float) -> float:
    """Independent rows that a proportion of sampled rows is worth.

    Parameters
    ----------
    successes : ndarray of bool, shape (n,)
        Which of the rows count.
    entity : ndarray of uint64, shape (n,), or None
        Entity digests of the rows; None where every row stands for itself.
    confidence : float
        Coverage of the interval it is meant for, in (0, 1).

    Returns
    -------
    float
        Rows, at most n.
    """
    if entity is None:
        return float(len(successes))
    buckets = (entity % np.uint64(ENTITY_BUCKETS)).astype(np.int64)
    counted = (np.bincount(rows, minlength=ENTITY_BUCKETS) for rows in (buckets[successes], buckets))
    return float(effective_n(*counted, confidence=confidence))


def share_interval(successes: Bools, entity: Digests | None, *, confidence: float) -> tuple[tuple[float, float], str]:
    """Interval of a proportion of sampled rows, and its name in the record.

    Parameters
    ----------
    successes : ndarray of bool, shape (n,)
        Which of the rows count; n >= 1.
    entity : ndarray of uint64, shape (n,), or None
        Entity digests of the rows; None where every row stands for itself.
    confidence : float
        Two-sided coverage, in (0, 1).

    Returns
    -------
    (low, high), method : tuple of float, str
        Clopper-Pearson limits, with entities at the effective number of rows.
    """
    worth = worth_of(successes, entity, confidence=confidence)
    # In this order whole numbers stay whole where rows are not clustered.
    counted = int(np.count_nonzero(successes)) * (worth / len(successes))
    low, high = clopper_pearson(counted, worth, confidence=confidence)
    return (float(low), float(high)), "clopper_pearson" if entity is None else "clopper_pearson_effective_n"


def parts_of(sample: Sample, parts: int, *, seed: int) -> Ints:
    """The part that every row falls into, by a keyed hash of its position; rows of one entity fall together.

    Parameters
    ----------
    sample : Sample
        The rows.
    parts : int
        How many parts, at least 1.
    seed : int
        Key of the hash.

    Returns
    -------
    ndarray of int64, shape (n,)
        Parts, from 0.
    """
    keys = sample.positions.astype(np.uint64) if sample.entity is None else sample.entity
    found: Ints = (splitmix64(keys, key=seed) % np.uint64(parts)).astype(np.int64)
    return found


def auc_counts(scores: Floats, members: Bools) -> Ints:
    """Rows by distinct score, ascending, as `auc_interval` takes them: others, members.

    Parameters
    ----------
    scores : ndarray of float64, shape (n,)
        Finite scores.
    members : ndarray of bool, shape (n,)
        Which of the rows the scores ought to rank high.

    Returns
    -------
    ndarray of int64, shape (S, 2)
        Counts.
    """
    values, codes = np.unique(scores, return_inverse=True)
    return np.bincount(codes * 2 + members, minlength=2 * len(values)).reshape(-1, 2).astype(np.int64)


def area(counts: Ints) -> float:
    """Area under the ROC curve of counted scores.

    Parameters
    ----------
    counts : ndarray of int64, shape (S, 2)
        Rows by distinct score, ascending: others, members; at least one of each.

    Returns
    -------
    float
        Area, in [0, 1].
    """
    # In whole numbers until the end: twice the pairs won, where a tie is half a pair.
    below = np.cumsum(counts[:, 0]) - counts[:, 0]
    won = int((counts[:, 1] * (2 * below + counts[:, 0])).sum())
    others, members = counts.sum(axis=0).tolist()
    return float(won / (2 * others * members))
