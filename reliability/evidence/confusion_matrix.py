"""Rows counted by true and predicted class."""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from reliability.blocks import ENTITY_BUCKETS, Block, Ints, Roles

# One megabyte of counts: 32 classes.
BUCKETED_CELLS = 1 << 17


@dataclass(frozen=True, kw_only=True, eq=False)
class ConfusionMatrix:
    """How many rows of each true class were given each predicted class.

    Attributes
    ----------
    roles : Roles
        What the class indices mean.
    counts : ndarray of int64, shape (K, K)
        Rows by true class (first axis) and predicted class; (0, 0) for regression.
    buckets : ndarray of int64, shape (128, K, K), or None
        The same counts by bucket of the row's entity, where rows are clustered; None too where the classes are so
        many (more than 32) that a thousand slices of them would not fit into memory.
    """

    needs_predictions: ClassVar[bool] = True
    roles: Roles
    counts: Ints
    buckets: Ints | None = None

    @classmethod
    def of(cls, block: Block) -> Self:
        """Count one block; a regression block has no classes and counts nothing."""
        size = len(block.roles.classes)
        bucketed = block.entity is not None and ENTITY_BUCKETS * size * size <= BUCKETED_CELLS
        cells, levels = label_cells(block, bucketed=bucketed), (ENTITY_BUCKETS,) if bucketed else ()
        table = np.bincount(cells, minlength=int(np.prod((*levels, size, size)))).reshape(*levels, size, size)
        if not bucketed:
            return cls(roles=block.roles, counts=table)
        return cls(roles=block.roles, counts=table.sum(axis=0), buckets=table)

    def __add__(self, other: Self) -> Self:
        """Both counted together."""
        buckets = None if self.buckets is None or other.buckets is None else self.buckets + other.buckets
        return type(self)(roles=self.roles, counts=self.counts + other.counts, buckets=buckets)

    @property
    def n(self) -> int:
        """Rows counted."""
        return int(self.counts.sum())

    @property
    def right(self) -> int:
        """Rows whose predicted class is the true one."""
        return int(np.trace(self.counts))

    def true_positives(self, of: int | None = None) -> int:
        """Rows of class `of` (default: the positive class) predicted as it."""
        index = self._index(of)
        return int(self.counts[index, index])

    def false_positives(self, of: int | None = None) -> int:
        """Rows of other classes predicted as class `of` (default: the positive class)."""
        index = self._index(of)
        return int(self.counts[:, index].sum() - self.counts[index, index])

    def false_negatives(self, of: int | None = None) -> int:
        """Rows of class `of` (default: the positive class) predicted as another."""
        index = self._index(of)
        return int(self.counts[index].sum() - self.counts[index, index])

    def true_negatives(self, of: int | None = None) -> int:
        """Rows of other classes predicted as other than class `of` (default: the positive class)."""
        return self.n - self.true_positives(of) - self.false_positives(of) - self.false_negatives(of)

    def _index(self, of: int | None) -> int:
        index = self.roles.positive if of is None else of
        if index is None:
            raise ValueError("no positive class is settled: name the class")
        return index


def label_cells(block: Block, *, bucketed: bool) -> Ints:
    """Cell of every row in the table (bucket x) true x predicted, flattened; nothing for regression.

    Parameters
    ----------
    block : Block
        Rows with predictions.
    bucketed : bool
        Whether to count by bucket of the row's entity, which the block has.

    Returns
    -------
    ndarray of int64, shape (n,)
        Index into a flat (K, K) table, or (128, K, K) by bucket.
    """
    if block.roles.task == "regression":
        return np.zeros(0, np.int64)
    if block.y_pred is None:
        raise ValueError("this block holds no predictions")
    size = len(block.roles.classes)
    cells: Ints = block.y_true * size + block.y_pred
    if bucketed and block.entity is not None:
        cells += (block.entity % np.uint64(ENTITY_BUCKETS)).astype(np.int64) * (size * size)
    return cells
