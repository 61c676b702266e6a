"""Where the outermost numbers of every column stand, and the numbers that often mean something else."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np

from reliability.blocks import Block, Column, Floats, Ints, Roles

LISTED_POSITIONS = 20
_NOWHERE = np.iinfo(np.int64).max
# Written in survey and legacy files for "not asked", "unknown", "missing": repeated sevens, eights and nines, nines
# with a fraction, -1, -9, 0, and the ends of 32-bit integers.
_REPEATED = [float(digit * n) for digit in "789" for n in range(2, 11)]
_FRACTIONS = [float(f"{'9' * whole}.{'9' * part}") for whole in (2, 3, 4, 5) for part in (1, 2)]
CODES: Floats = np.unique([0.0, -1.0, -9.0, 2.0**31 - 1, -(2.0**31)] + [
    sign * code for sign in (1, -1) for code in (*_REPEATED, *_FRACTIONS)
])  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class Marks:
    """The outermost cells and the cells of `CODES` of one column of numbers.

    Attributes
    ----------
    lowest, highest : ndarray of float64, shape (k,)
        Up to 20 smallest and 20 largest numbers, the outermost first; of equal ones those of the first rows.
    lowest_at, highest_at : ndarray of int64, shape (k,)
        Positions of their rows.
    codes : ndarray of int64, shape (C,)
        Cells that hold each of `CODES`.
    codes_at : ndarray of int64, shape (C, 20)
        Positions of the first 20 rows of each, ascending; the largest int64 where there are fewer.
    """

    lowest: Floats
    lowest_at: Ints
    highest: Floats
    highest_at: Ints
    codes: Ints
    codes_at: Ints

    @classmethod
    def of(cls, column: Column, positions: Ints) -> Self:
        """Mark one column of a block."""
        there = ~column.missing
        # Adding 0.0 turns -0.0 into 0.0.
        values, at = column.values[there].astype(np.float64) + 0.0, positions[there]
        ordered = np.sort(values)
        codes = np.searchsorted(ordered, CODES, side="right") - np.searchsorted(ordered, CODES, side="left")
        codes_at = np.full((len(CODES), LISTED_POSITIONS), _NOWHERE)
        for code in np.flatnonzero(codes).tolist():
            first = _first(at[values == CODES[code]])
            codes_at[code, : len(first)] = first
        low, low_at = _outermost(values, at, ordered[:LISTED_POSITIONS][-1:])
        high, high_at = _outermost(-values, at, -ordered[-LISTED_POSITIONS:][:1])
        return cls(
            lowest=low, lowest_at=low_at, highest=-high, highest_at=high_at,
            codes=codes.astype(np.int64), codes_at=codes_at,
        )  # fmt: skip

    def __add__(self, other: Self) -> Self:
        """Both marked together."""
        low = _ranked(np.append(self.lowest, other.lowest), np.append(self.lowest_at, other.lowest_at))
        high = _ranked(-np.append(self.highest, other.highest), np.append(self.highest_at, other.highest_at))
        both_at = np.sort(np.concatenate((self.codes_at, other.codes_at), axis=1), axis=1)
        return replace(
            self, lowest=low[0], lowest_at=low[1], highest=-high[0], highest_at=high[1],
            codes=self.codes + other.codes, codes_at=both_at[:, :LISTED_POSITIONS],
        )  # fmt: skip

    def positions_of(self, code: int) -> list[int]:
        """Positions of the first rows that hold the code at this place."""
        at: list[int] = self.codes_at[code][self.codes_at[code] != _NOWHERE].tolist()
        return at

    def beyond(self, low: float, high: float) -> list[int]:
        """Positions of the outermost cells below the one or above the other number, ascending, 20 at most."""
        at = np.append(self.lowest_at[self.lowest < low], self.highest_at[self.highest > high])
        distance = np.append(low - self.lowest[self.lowest < low], self.highest[self.highest > high] - high)
        chosen = at[np.lexsort((at, -distance))][:LISTED_POSITIONS]
        listed: list[int] = np.sort(chosen).tolist()
        return listed


@dataclass(frozen=True, kw_only=True, eq=False)
class MarkedCells:
    """Every feature of numbers, marked.

    Attributes
    ----------
    roles : Roles
        Features.
    n : int
        Rows seen.
    columns : mapping of str to Marks
        Marks by name.
    """

    needs_predictions: ClassVar[bool] = False
    roles: Roles
    n: int
    columns: Mapping[str, Marks]

    @classmethod
    def of(cls, block: Block) -> Self:
        """Mark one block."""
        positions = block.row_positions()
        numbers = {name: block.columns[name] for name in block.roles.features}
        columns = {name: Marks.of(column, positions) for name, column in numbers.items() if column.kind in ("f8", "i8")}
        return cls(roles=block.roles, n=block.n, columns=columns)

    def __add__(self, other: Self) -> Self:
        """Both marked together."""
        columns = {name: self.columns[name] + other.columns[name] for name in self.columns}
        return replace(self, n=self.n + other.n, columns=columns)


def _first(positions: Ints) -> Ints:
    if len(positions) > LISTED_POSITIONS:
        positions = np.partition(positions, LISTED_POSITIONS)[:LISTED_POSITIONS]
    return np.sort(positions)


def _outermost(values: Floats, positions: Ints, last: "np.ndarray[Any, np.dtype[np.float64]]") -> tuple[Floats, Ints]:
    """The smallest numbers, none above `last`; of the many that equal it only those of the first rows."""
    if not len(values):
        return values, positions
    below, equal = np.flatnonzero(values < last[0]), np.flatnonzero(values == last[0])
    ties = _first(positions[equal])
    numbers = np.append(values[below], np.full(len(ties), last[0]))
    return _ranked(numbers, np.append(positions[below], ties))


def _ranked(values: Floats, positions: Ints) -> tuple[Floats, Ints]:
    order = np.lexsort((positions, values))[:LISTED_POSITIONS]
    return values[order], positions[order]
