"""Distinct absolute errors, with how many rows have each."""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from reliability.blocks import Block, Floats, Ints, Roles
from reliability.errors import NotMeasurable
from reliability.evidence.score_keys import KeyCounts, bounded, keys_of_values, united

EXACT_ERRORS = 65_536
_LIMITS = {"most": EXACT_ERRORS, "exact": EXACT_ERRORS}


@dataclass(frozen=True, kw_only=True, eq=False)
class ErrorHistogram:
    """Rows of regression by absolute error.

    Attributes
    ----------
    roles : Roles
        What the labels mean.
    cells : KeyCounts
        Rows by the float64 of the absolute error: every distinct one up to 65,536 of them, else by as many of its
        leading binary digits as keep the cells that few.
    overflowed : int
        Rows whose error is not finite; they are in no cell.

    Notes
    -----
    A cell is as fine beside its number, whatever the number: of a million errors that differ, cells are about 1 part
    in 10,000 wide. A sum has the same cells in every order of adding.
    """

    needs_predictions: ClassVar[bool] = True
    roles: Roles
    cells: KeyCounts
    overflowed: int = 0

    @classmethod
    def of(cls, block: Block) -> Self:
        """Count one block; empty unless the task is regression and has predictions."""
        errors = np.zeros(0)
        if block.roles.task == "regression" and block.y_pred is not None:
            with np.errstate(over="ignore", invalid="ignore"):
                errors = np.abs(block.y_pred.astype(np.float64) - block.y_true.astype(np.float64))
        finite = errors[np.isfinite(errors)]
        values, rows = np.unique(finite, return_counts=True)
        counted = KeyCounts(
            outer=np.zeros(len(values), np.int64),
            cells=keys_of_values(values),
            shift=0,
            table=rows.astype(np.int64)[:, None],
        )
        return cls(roles=block.roles, cells=bounded(counted, **_LIMITS), overflowed=len(errors) - len(finite))

    def __add__(self, other: Self) -> Self:
        """Both counted together."""
        return type(self)(
            roles=self.roles,
            cells=united(self.cells, other.cells, **_LIMITS),
            overflowed=self.overflowed + other.overflowed,
        )

    @property
    def exact(self) -> bool:
        """Whether every distinct error is held."""
        return not self.cells.shift

    @property
    def counts(self) -> Ints:
        """Rows in every cell, shape (S,)."""
        counts: Ints = self.cells.table[:, 0]
        return counts

    @property
    def n(self) -> int:
        """Rows counted, those whose error is not finite included."""
        return int(self.counts.sum()) + self.overflowed

    def ranked(self, rank: int) -> tuple[float, float]:
        """Between which numbers the error of one rank lies.

        Parameters
        ----------
        rank : int
            From 1, the smallest error, to n.

        Returns
        -------
        least, most : float
            Ends of its cell; equal where `exact`.

        Raises
        ------
        NotMeasurable
            `numbers_too_large` where errors are not finite.
        """
        if self.overflowed:
            raise NotMeasurable("numbers_too_large", n=self.overflowed)
        cell = self.cells.cells[np.searchsorted(np.cumsum(self.counts), rank)]
        first = int(cell) << self.cells.shift
        ends: Floats = np.array([first, first + (1 << self.cells.shift) - 1], np.int64).view(np.float64)
        return float(ends[0]), float(ends[1])
