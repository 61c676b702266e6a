"""How the values of a column are cut into bins that two data sets share."""

import numpy as np

from reliability.blocks import Ints
from reliability.evidence.column_histogram import Beside

BINS = 10
FEW_VALUES = 20
_MOST_LEVELS = 100
# Rows that a bin should hold of each data set if both are alike: what a chi-squared needs.
_LEAST_EXPECTED = 5.0


def is_category(column: Beside) -> bool:
    """Whether every value is a category: text, yes/no, and numbers of at most 20 distinct values.

    Parameters
    ----------
    column : Beside
        A column of both data sets.

    Returns
    -------
    bool
        False for quantities.
    """
    return column.kind != "f8" or (column.shift == 0 and len(column.keys) <= FEW_VALUES)


def binned(column: Beside) -> Ints:
    """Rows of both data sets by bin, what is missing in a bin of its own.

    Parameters
    ----------
    column : Beside
        A column of the training data (first) and of the evaluation data.

    Returns
    -------
    ndarray of int64, shape (B, 2)
        Counts. A category is a bin, the 100 commonest of both together at most; a quantity is cut at the deciles of
        the training data. Bins that hold, of both together, too little for five rows of the smaller data set are one.
    """
    cut = column.counts if is_category(column) else _by_deciles(column)
    return _pooled(np.concatenate((cut, column.missing[np.newaxis])))


def _by_deciles(column: Beside) -> Ints:
    training = column.counts[:, 0]
    n = int(training.sum())
    # The smallest key with at least k tenths of the rows at or below it.
    wanted = np.arange(1, BINS) * n / BINS
    edges = np.unique(np.searchsorted(np.cumsum(training), np.maximum(wanted, 1)))
    bins = np.searchsorted(edges, np.arange(len(training)))
    cut = np.zeros((len(edges) + 1, 2), np.int64)
    np.add.at(cut, bins, column.counts)
    return cut


def _pooled(counts: Ints) -> Ints:
    together, sizes = counts.sum(axis=1), counts.sum(axis=0)
    least = _LEAST_EXPECTED * int(sizes.sum()) / int(sizes.min())
    order = np.argsort(-together, kind="stable")
    kept = order[: min(_MOST_LEVELS, int(np.count_nonzero(together >= least)))]
    # One bin holds at least the rows of both together.
    kept = order[: max(len(kept), 1)]
    rest = counts.sum(axis=0) - counts[kept].sum(axis=0)
    large = np.sort(kept)
    if not rest.any():
        return counts[large]
    if rest.sum() >= least or len(kept) == 1:
        return np.concatenate((counts[large], rest[np.newaxis]))
    # Too few to be a bin: they go to the smallest.
    joined = counts.copy()
    joined[kept[-1]] += rest
    return joined[large]
