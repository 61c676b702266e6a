"""Rows counted by group, true class and predicted class."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Self

import numpy as np

from reliability.blocks import ENTITY_BUCKETS, Block, Ints, Roles
from reliability.evidence.confusion_matrix import ConfusionMatrix, label_cells
from reliability.evidence.levels import Level, added, level_codes, united

# 128 MB of counts: a thousand groups of eleven classes, or ten of a hundred.
BUCKETED_CELLS = 1 << 24


@dataclass(frozen=True, kw_only=True, eq=False)
class GroupCounts:
    """A confusion matrix for every group of one attribute or of a combination.

    Attributes
    ----------
    roles : Roles
        What the class indices mean.
    attributes : tuple of str
        The attributes that make the groups.
    levels : tuple of tuple
        One value per attribute for every group, in natural order; None is the unknown group.
        A declared level without rows is listed with zero counts (one attribute only).
    counts : ndarray of int64, shape (L, K, K)
        Rows by group, true class and predicted class; (L, 0, 0) for regression.
    buckets : ndarray of int64, shape (L, 128, K, K), or None
        The same counts by bucket of the row's entity, where rows are clustered; None too where groups and classes
        are so many that they would not fit into 128 MB.

    Notes
    -----
    Groups only become more by adding, so whether buckets are kept does not depend on the order of blocks.
    """

    needs_predictions: ClassVar[bool] = True
    roles: Roles
    attributes: tuple[str, ...]
    levels: tuple[Level, ...]
    counts: Ints
    buckets: Ints | None = None

    @classmethod
    def of(cls, block: Block, attributes: tuple[str, ...]) -> Self:
        """Count one block by the groups of these attributes."""
        levels, codes = level_codes(block, attributes)
        size = len(block.roles.classes)
        bucketed = block.entity is not None and _fits(len(levels), size)
        inner = (ENTITY_BUCKETS, size, size) if bucketed else (size, size)
        cells, width = label_cells(block, bucketed=bucketed), int(np.prod(inner))
        if size:
            cells += codes * width
        table = np.bincount(cells, minlength=len(levels) * width)[: len(levels) * width].reshape(len(levels), *inner)
        counts, buckets = (table.sum(axis=1), table) if bucketed else (table, None)
        return cls(
            roles=block.roles,
            attributes=attributes,
            levels=levels,
            counts=counts,
            buckets=buckets,
        )

    def __add__(self, other: Self) -> Self:
        """Both counted together; a group that only one of them met is kept."""
        if self.attributes != other.attributes:
            raise ValueError(f"groups by {self.attributes} and by {other.attributes} do not add")
        levels, *places = united(self.levels, other.levels)
        where = (places[0], places[1])
        buckets = None
        if self.buckets is not None and other.buckets is not None and _fits(len(levels), self.counts.shape[1]):
            buckets = added(self.buckets, other.buckets, where, len(levels))
        return type(self)(
            roles=self.roles,
            attributes=self.attributes,
            levels=levels,
            counts=added(self.counts, other.counts, where, len(levels)),
            buckets=buckets,
        )

    @cached_property
    def worked_out(self) -> dict[Any, Any]:
        """What a check has made of the counts, for the next one that needs the same."""
        return {}

    @property
    def n(self) -> int:
        """Rows counted, the unknown groups included."""
        return int(self.counts.sum())

    @property
    def right(self) -> int:
        """Rows whose predicted class is the true one, the unknown groups included."""
        return int(np.trace(self.counts, axis1=1, axis2=2).sum())

    @property
    def sizes(self) -> Ints:
        """Rows of every group, shape (L,)."""
        sizes: Ints = self.counts.sum(axis=(1, 2))
        return sizes

    def matrix(self, index: int) -> ConfusionMatrix:
        """The confusion matrix of one group."""
        buckets = None if self.buckets is None else self.buckets[index]
        return ConfusionMatrix(roles=self.roles, counts=self.counts[index], buckets=buckets)


def _fits(groups: int, classes: int) -> bool:
    return groups * ENTITY_BUCKETS * classes * classes <= BUCKETED_CELLS
