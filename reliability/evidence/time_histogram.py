"""The rows of a file counted by their time."""

from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from reliability.blocks import Block, Column, Roles
from reliability.evidence.column_histogram import ColumnCounts
from reliability.evidence.row_times import days_of


@dataclass(frozen=True, kw_only=True, eq=False)
class TimeHistogram:
    """Rows by the time that the declared column gives.

    Attributes
    ----------
    roles : Roles
        Which column says so; None where none does.
    n : int
        Rows seen.
    days : ColumnCounts
        Days since 1970, in UTC; missing where a row has no time, or one that is written in no known way.
    """

    needs_predictions: ClassVar[bool] = False
    roles: Roles
    n: int
    days: ColumnCounts

    @classmethod
    def of(cls, block: Block) -> Self:
        """Count one block."""
        column = {**block.others, **block.columns}.get(block.roles.time or "")
        days = np.full(block.n, np.nan) if column is None else days_of(column)
        gone = np.isnan(days)
        counts = ColumnCounts.of(Column(kind="f8", values=np.where(gone, 0.0, days), missing=gone))
        return cls(roles=block.roles, n=block.n, days=counts)

    def __add__(self, other: Self) -> Self:
        """Both counted together."""
        return replace(self, n=self.n + other.n, days=self.days + other.days)
