"""Scores, or predictions of a regression, with how many rows of every group have each."""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from reliability.blocks import Block, Bools, Ints, Roles
from reliability.evidence.levels import Level, level_codes
from reliability.evidence.levels import united as united_levels
from reliability.evidence.score_keys import KeyCounts, bounded, keys_of_scores, keys_of_values, united

EXACT_PAIRS = 65_536
# 8 MB of cells, whatever the number of rows and groups.
MOST_CELLS = 1 << 18


@dataclass(frozen=True, kw_only=True, eq=False)
class GroupHistogram:
    """Rows by group and by score (binary) or prediction (regression).

    Attributes
    ----------
    roles : Roles
        What the class indices mean.
    attributes : tuple of str
        The attributes that make the groups.
    levels : tuple of tuple
        One value per attribute for every group, in natural order; None is the unknown group.
    cells : KeyCounts
        `outer` is the position of the group in `levels`; the table has rows whose true class is not the positive
        one, and rows whose class it is. Regression counts all rows in the first column.

    Notes
    -----
    Exact up to 65,536 pairs of group and value; beyond it values are counted by the leading binary digits of their
    float64 (of a probability: counted from the nearer of 0 and 1), as many digits as keep the pairs within
    2^18. All groups drop the same digits, so that cells compare between them; which, does not depend on the order
    of adding.
    """

    needs_predictions: ClassVar[bool] = True
    roles: Roles
    attributes: tuple[str, ...]
    levels: tuple[Level, ...]
    cells: KeyCounts

    @classmethod
    def of(cls, block: Block, attributes: tuple[str, ...]) -> Self:
        """Count one block by the groups of these attributes; no row without scores, or for many classes."""
        levels, codes = level_codes(block, attributes)
        keys, positive = _keyed(block)
        table = np.column_stack((~positive, positive)).astype(np.int64)
        one_a_row = KeyCounts(outer=codes[: len(keys)], cells=keys, shift=0, table=table)
        return cls(roles=block.roles, attributes=attributes, levels=levels, cells=_bounded(one_a_row))

    def __add__(self, other: Self) -> Self:
        """Both counted together; a group that only one of them met is kept."""
        if self.attributes != other.attributes:
            raise ValueError(f"groups by {self.attributes} and by {other.attributes} do not add")
        levels, first, second = united_levels(self.levels, other.levels)
        cells = united(self.cells.moved(first), other.cells.moved(second), most=MOST_CELLS, exact=EXACT_PAIRS)
        return type(self)(roles=self.roles, attributes=self.attributes, levels=levels, cells=cells)

    @property
    def exact(self) -> bool:
        """Whether every distinct value is held."""
        return self.cells.shift == 0

    @property
    def n(self) -> int:
        """Rows counted, the unknown groups included."""
        return int(self.cells.table.sum())

    @property
    def class_sizes(self) -> Ints:
        """Rows of every group that are not of the positive class, and those that are: shape (L, 2)."""
        sizes = np.zeros((len(self.levels), 2), np.int64)
        np.add.at(sizes, self.cells.outer, self.cells.table)
        return sizes

    def counts(self, index: int) -> Ints:
        """Rows of one group by score, ascending: not positive, positive; shape (S, 2)."""
        start, end = np.searchsorted(self.cells.outer, (index, index + 1))
        rows: Ints = self.cells.table[start:end]
        return rows

    def above_median(self, *, mirrored: bool) -> tuple[Ints, Ints]:
        """Rows of every group above the median of all rows, and those in the median's cell.

        Parameters
        ----------
        mirrored : bool
            Whether lower values count as higher ones.

        Returns
        -------
        above, beside : ndarray of int64, shape (L,)
            Rows above; rows equal to the median where `exact`, else so near to it that they may be above.

        Notes
        -----
        What lies above the mean of the two middle values lies above the lower of them, and the other way round.
        """
        keys, rows, size = (
            -self.cells.cells if mirrored else self.cells.cells,
            self.cells.table.sum(axis=1),
            len(self.levels),
        )
        order = np.argsort(keys, kind="stable")
        median = keys[order][np.searchsorted(np.cumsum(rows[order]), (self.n + 1) // 2)]
        above, beside = np.zeros(size, np.int64), np.zeros(size, np.int64)
        np.add.at(above, self.cells.outer, np.where(keys > median, rows, 0))
        np.add.at(beside, self.cells.outer, np.where(keys == median, rows, 0))
        return above, beside


def _bounded(counted: KeyCounts) -> KeyCounts:
    return bounded(counted, most=MOST_CELLS, exact=EXACT_PAIRS)


def _keyed(block: Block) -> tuple[Ints, Bools]:
    if block.roles.task == "binary" and block.y_score is not None:
        return keys_of_scores(block.y_score), block.y_true == block.roles.positive
    if block.roles.task == "regression" and block.y_pred is not None:
        return keys_of_values(block.y_pred.astype(np.float64)), np.zeros(block.n, np.bool_)
    return np.zeros(0, np.int64), np.zeros(0, np.bool_)
