"""Every column counted by value, in every declared period."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from reliability.blocks import Block, Label, Roles
from reliability.evidence.column_histogram import ColumnHistogram
from reliability.evidence.levels import level_key

MOST_PERIODS = 60


@dataclass(frozen=True, kw_only=True, eq=False)
class PeriodHistograms:
    """The rows of every period, counted by value.

    Attributes
    ----------
    roles : Roles
        Features, what the labels mean, and which column names the period.
    unknown : int
        Rows that no period is known of.
    found : mapping of label to ColumnHistogram
        Rows by period; empty where there are more than 60.
    crowded : bool
        Whether there were more than 60 periods, so that nothing was kept.
    """

    needs_predictions: ClassVar[bool] = False
    roles: Roles
    unknown: int = 0
    found: Mapping[Label, ColumnHistogram]
    crowded: bool = False

    @classmethod
    def of(cls, block: Block) -> Self:
        """Count one block."""
        name = block.roles.periods
        if name is None:
            return cls(roles=block.roles, found={})
        groups = block.groups[name]
        unknown, there = int(np.count_nonzero(groups.codes < 0)), np.unique(groups.codes[groups.codes >= 0]).tolist()
        if len(there) > MOST_PERIODS:
            return cls(roles=block.roles, unknown=unknown, found={}, crowded=True)
        found = {groups.levels[code]: ColumnHistogram.of(block.where(groups.codes == code)) for code in there}
        return cls(roles=block.roles, unknown=unknown, found=found)

    def __add__(self, other: Self) -> Self:
        """Both counted together; a period that only one of them met is kept."""
        every = dict.fromkeys((*self.found, *other.found))
        crowded = self.crowded or other.crowded or len(every) > MOST_PERIODS
        found = {} if crowded else {period: self._with(other, period) for period in every}
        return replace(self, unknown=self.unknown + other.unknown, found=found, crowded=crowded)

    def in_order(self) -> tuple[tuple[Label, ColumnHistogram], ...]:
        """The periods in natural order: numbers by value, text with its digits read as numbers."""
        return tuple(sorted(self.found.items(), key=lambda one: level_key((one[0],))))

    def _with(self, other: Self, period: Label) -> ColumnHistogram:
        if period not in self.found:
            return other.found[period]
        return self.found[period] + other.found[period] if period in other.found else self.found[period]
