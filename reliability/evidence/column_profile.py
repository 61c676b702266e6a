"""What every column holds: gaps, range, spread, levels, and breaches of the data dictionary."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from reliability.blocks import (
    Block,
    Bools,
    Column,
    ColumnRule,
    Ints,
    Kind,
    Label,
    Roles,
)
from reliability.evidence.exact_sum import ExactSum, exact_product

LISTED_LEVELS = 1_000
LISTED_POSITIONS = 20
# As many rows of one column as tell, without sorting a whole block, that its levels are too many to list.
_FIRST_LOOK = 4_096
_LARGEST = Fraction(sys.float_info.max)


@dataclass(frozen=True, kw_only=True, eq=False)
class ColumnSummary:
    """One column, summed up.

    Attributes
    ----------
    kind : str
        f8, i8, bool or utf8.
    n, missing : int
        Cells, and those of them that are missing.
    minimum, maximum : float or None
        Range of the cells present; None for text and where every cell is missing.
    total, squares : ExactSum
        Sum and sum of squares of the cells present, unrounded; zero for text.
    levels : mapping of label to int, or None
        Cells by distinct value; None beyond 1,000 values.
    violations : int
        Cells present that break the column's rule.
    violation_positions : tuple of int
        Positions of the first 20 of them.
    """

    kind: Kind
    n: int
    missing: int
    minimum: float | None
    maximum: float | None
    total: ExactSum
    squares: ExactSum
    levels: Mapping[Label, int] | None
    violations: int = 0
    violation_positions: tuple[int, ...] = ()

    @classmethod
    def of(cls, column: Column, rule: ColumnRule | None, positions: Ints) -> Self:
        """Sum up one column of a block."""
        present = column.take(~column.missing)
        broken = np.zeros(len(column), np.bool_) if rule is None else _breaches(column, rule)
        minimum, maximum, total, squares = _spread(present)
        return cls(
            kind=column.kind,
            n=len(column),
            missing=int(np.count_nonzero(column.missing)),
            minimum=minimum,
            maximum=maximum,
            total=total,
            squares=squares,
            levels=_levels(present),
            violations=int(np.count_nonzero(broken)),
            violation_positions=tuple(np.sort(positions[broken])[:LISTED_POSITIONS].tolist()),
        )

    def __add__(self, other: Self) -> Self:
        """Both summed up together."""
        return type(self)(
            kind=self.kind,
            n=self.n + other.n,
            missing=self.missing + other.missing,
            minimum=min(
                (low for low in (self.minimum, other.minimum) if low is not None),
                default=None,
            ),
            maximum=max(
                (high for high in (self.maximum, other.maximum) if high is not None),
                default=None,
            ),
            total=self.total + other.total,
            squares=self.squares + other.squares,
            levels=_levels_together(self.levels, other.levels),
            violations=self.violations + other.violations,
            violation_positions=tuple(sorted(self.violation_positions + other.violation_positions)[:LISTED_POSITIONS]),
        )

    @property
    def present(self) -> int:
        """Cells that are not missing."""
        return self.n - self.missing

    @property
    def mean(self) -> float | None:
        """Mean of the cells present; None for text, without any, or where a cell is not finite."""
        if not self._has_spread:
            return None
        return float(self.total.fraction() / self.present)

    @property
    def variance(self) -> float | None:
        """Variance of the cells present with n - 1 below; None where there is no mean, n < 2, or it is no float64."""
        if not self._has_spread or self.present < 2:
            return None
        variance = (self.squares.fraction() - self.total.fraction() ** 2 / self.present) / (self.present - 1)
        return float(variance) if variance <= _LARGEST else None

    @property
    def _has_spread(self) -> bool:
        return self.kind != "utf8" and self.present > 0 and not self.squares.overflowed


@dataclass(frozen=True, kw_only=True, eq=False)
class ColumnProfile:
    """Every feature, and every other column that has a rule, summed up.

    Attributes
    ----------
    roles : Roles
        Features and rules.
    n : int
        Rows seen.
    columns : mapping of str to ColumnSummary
        Summaries by name, in the order of the features.
    """

    needs_predictions: ClassVar[bool] = False
    roles: Roles
    n: int
    columns: Mapping[str, ColumnSummary]

    @classmethod
    def of(cls, block: Block) -> Self:
        """Sum up one block."""
        ruled = (name for name in sorted(block.roles.rules) if name in block.columns)
        names = dict.fromkeys((*block.roles.features, *ruled))
        rules, positions = block.roles.rules, block.row_positions()
        columns = {name: ColumnSummary.of(block.columns[name], rules.get(name), positions) for name in names}
        return cls(roles=block.roles, n=block.n, columns=columns)

    def __add__(self, other: Self) -> Self:
        """Both summed up together."""
        columns = {name: self.columns[name] + other.columns[name] for name in self.columns}
        return type(self)(roles=self.roles, n=self.n + other.n, columns=columns)

    @property
    def features(self) -> Mapping[str, ColumnSummary]:
        """The features alone."""
        return {name: self.columns[name] for name in self.roles.features}


def _spread(present: Column) -> tuple[float | None, float | None, ExactSum, ExactSum]:
    if present.kind == "utf8" or not len(present):
        return None, None, ExactSum(), ExactSum()
    # Adding 0.0 turns -0.0 into 0.0: which of them came first must not show.
    values = present.values.astype(np.float64) + 0.0
    squares = ExactSum.of(*exact_product((values,), (values,)))
    return float(values.min()), float(values.max()), ExactSum.of(values), squares


def _levels(present: Column) -> dict[Label, int] | None:
    if present.kind == "utf8":
        counts = np.bincount(present.values, minlength=len(present.levels))
        used = np.flatnonzero(counts).tolist()
        # Two codes may spell one level.
        return _counted([(present.levels[code], int(counts[code])) for code in used])
    if len(np.unique(present.values[:_FIRST_LOOK])) > LISTED_LEVELS:
        return None
    numbers = present.values + 0.0 if present.kind == "f8" else present.values
    values, counts = np.unique(numbers, return_counts=True)
    return _counted(list(zip(values.tolist(), counts.tolist(), strict=True)))


def _counted(pairs: list[tuple[Label, int]]) -> dict[Label, int] | None:
    total: dict[Label, int] = {}
    for level, count in pairs:
        total[level] = total.get(level, 0) + count
    return dict(sorted(total.items(), key=_by_level)) if len(total) <= LISTED_LEVELS else None


def _levels_together(first: Mapping[Label, int] | None, second: Mapping[Label, int] | None) -> dict[Label, int] | None:
    if first is None or second is None:
        return None
    return _counted([*first.items(), *second.items()])


def _by_level(pair: tuple[Label, int]) -> tuple[bool, Any]:
    return isinstance(pair[0], str), pair[0]


def _breaches(column: Column, rule: ColumnRule) -> Bools:
    """Cells present that break the rule; text breaks every range."""
    broken = np.zeros(len(column), np.bool_)
    if rule.minimum is not None:
        broken |= True if column.kind == "utf8" else column.values < rule.minimum
    if rule.maximum is not None:
        broken |= True if column.kind == "utf8" else column.values > rule.maximum
    if rule.values is not None:
        broken |= ~_allowed(column, rule.values)
    if rule.pattern is not None:
        broken |= ~_matching(column, rule.pattern)
    broken &= ~column.missing
    return broken


def _allowed(column: Column, values: tuple[Label, ...]) -> npt.NDArray[np.bool_]:
    if column.kind == "utf8":
        allowed = np.array([level in values for level in column.levels], np.bool_)
        return allowed[column.values] if len(allowed) else np.zeros(len(column), np.bool_)
    numbers = [float(value) for value in values if not isinstance(value, str)]
    return np.isin(column.values.astype(np.float64), numbers)


def _matching(column: Column, pattern: str) -> Bools:
    """Cells whose whole text has the form; numbers have none."""
    if column.kind != "utf8" or not column.levels:
        return np.zeros(len(column), np.bool_)
    # RE2: its time is linear in the text, whatever the pattern.
    texts = pa.array(column.levels, pa.large_string())
    matching: Bools = pc.match_substring_regex(texts, rf"^(?:{pattern})$").to_numpy(zero_copy_only=False)
    return np.asarray(matching[column.values], np.bool_)
