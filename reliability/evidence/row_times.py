"""When the rows of a file came to be, and whether they stand in that order."""

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import ClassVar, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from reliability.blocks import Block, Bools, Column, Floats, Ints, Roles

LISTED_POSITIONS = 20
# 2024-01-31, 2024/1/31, 2024.01.31, 20240131, each with or without a time of day, and that with or without an offset.
_TEXT = (
    r"^\s*(?P<y>[0-9]{4})[-./]?(?P<m>[0-9]{1,2})[-./]?(?P<d>[0-9]{1,2})\.?"
    r"(?:[T ]+(?P<h>[0-9]{1,2}):(?P<n>[0-9]{2})(?::(?P<s>[0-9]{2})[.0-9]*)?\s*(?:Z|UTC|(?P<o>[+-][0-9:]+))?)?\s*$"
)
# +09:00, +0900, +09, -3:30
_OFFSET = re.compile(r"([+-])([0-9]{1,2}?)(?::?([0-9]{2}))?(?::?([0-9]{2}))?")
_DAY_S = 86_400.0


@dataclass(frozen=True, kw_only=True, eq=False)
class RowTimes:
    """Times of the rows, in days since 1970, in UTC.

    Attributes
    ----------
    roles : Roles
        Which column says so; None where none does.
    n : int
        Rows seen.
    unread : int
        Rows without a time, or with one that is written in no known way.
    oldest, newest : float
        Smallest and largest time; infinite where no row has one.
    late : int
        Rows whose time lies before that of the last row before them that has one, within the parts.
    late_at : tuple of int
        Positions of the first 20 of them.
    parts : tuple of (int, float, float)
        Consecutive parts of the file: position of the first row with a time, its time, and the last row's.
    """

    needs_predictions: ClassVar[bool] = False
    roles: Roles
    n: int
    unread: int
    oldest: float
    newest: float
    late: int = 0
    late_at: tuple[int, ...] = ()
    parts: tuple[tuple[int, float, float], ...] = ()

    @classmethod
    def of(cls, block: Block) -> Self:
        """Read the times of one block."""
        column = {**block.others, **block.columns}.get(block.roles.time or "")
        none = cls(roles=block.roles, n=block.n, unread=block.n, oldest=np.inf, newest=-np.inf)
        if column is None:
            return none
        days = days_of(column)
        there = np.isfinite(days)
        if not there.any():
            return none
        order = np.argsort(block.row_positions()[there], kind="stable")
        at, days = block.row_positions()[there][order], days[there][order]
        late = np.flatnonzero(days[1:] < days[:-1]) + 1
        return replace(
            none,
            unread=block.n - len(days),
            oldest=float(days.min()),
            newest=float(days.max()),
            late=len(late),
            late_at=tuple(at[late][:LISTED_POSITIONS].tolist()),
            parts=((int(at[0]), float(days[0]), float(days[-1])),),
        )

    def __add__(self, other: Self) -> Self:
        """Both read together."""
        return replace(
            self,
            n=self.n + other.n,
            unread=self.unread + other.unread,
            oldest=min(self.oldest, other.oldest),
            newest=max(self.newest, other.newest),
            late=self.late + other.late,
            late_at=tuple(sorted(self.late_at + other.late_at)[:LISTED_POSITIONS]),
            parts=self.parts + other.parts,
        )

    def out_of_order(self) -> tuple[int, list[int]]:
        """Rows whose time lies before that of the row before them, and the first of their positions."""
        parts = sorted(self.parts)
        between = [start for (_, _, last), (start, first, _) in pairwise(parts) if first < last]
        return self.late + len(between), sorted([*self.late_at, *between])[:LISTED_POSITIONS]


def days_of(column: Column) -> Floats:
    """Days since 1970 of every cell that is a date or a time; NaN for any other.

    Parameters
    ----------
    column : Column
        Dates as text (2024-01-31 10:20, 2024/1/31, 20240131, 2024-01-31T10:20+09:00, ...), or as numbers: 20240131,
        202401, 2024, seconds or milliseconds since 1970.

    Returns
    -------
    ndarray of float64, shape (n,)
        Days, with a fraction, in UTC: an offset that a text has is taken off. A text without one stands for UTC,
        beside texts with one too. An offset that none can be (+25:00, +09:75) leaves the cell unread.
    """
    if column.kind == "utf8":
        days = _of_text(column.levels)[column.values] if column.levels else np.full(len(column), np.nan)
    elif column.kind == "bool":
        days = np.full(len(column), np.nan)
    else:
        days = _of_numbers(column.values.astype(np.float64))
    return np.where(column.missing, np.nan, days)


def _of_text(levels: tuple[str, ...]) -> Floats:
    found = pc.extract_regex(pa.array(levels, pa.string()), _TEXT)
    numbers = {name: _numbers(pc.struct_field(found, name)) for name in "ymdhns"}
    hours, minutes, seconds = (np.nan_to_num(numbers[name]) for name in "hns")
    days = _civil(numbers["y"], numbers["m"], numbers["d"])
    sound = (hours < 24) & (minutes < 60) & (seconds < 61)
    of_day = hours * 3600 + minutes * 60 + seconds - _offsets(pc.struct_field(found, "o"))
    # Whole days first: one instant is one number, whichever offset it is written with.
    days, of_day = days + np.floor(of_day / _DAY_S), of_day % _DAY_S
    return np.where(sound, days + of_day / _DAY_S, np.nan)


def _offsets(texts: pa.Array) -> Floats:
    """Seconds that every text is ahead of UTC; 0 for one without an offset, NaN for one that is none."""
    coded = pc.dictionary_encode(texts)
    # What is no time at all has no offset either: it takes the 0 at the end.
    known = np.array([*(_offset(text) for text in coded.dictionary.to_pylist()), 0.0])
    found: Floats = known[coded.indices.fill_null(len(known) - 1).to_numpy(zero_copy_only=False)]
    return found


def _offset(text: str) -> float:
    read = _OFFSET.fullmatch(text)
    if read is None:
        return np.nan if text else 0.0
    hours, minutes, seconds = (int(part or 0) for part in read.groups()[1:])
    ahead = hours * 3600 + minutes * 60 + seconds
    sound = hours < 24 and minutes < 60 and seconds < 60
    return (-ahead if read[1] == "-" else ahead) if sound else np.nan


def _numbers(texts: pa.Array) -> Floats:
    read = pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)
    numbers: Floats = pc.cast(read, pa.float64()).to_numpy(zero_copy_only=False)
    return numbers


def _of_numbers(values: Floats) -> Floats:
    days = np.full(len(values), np.nan)
    for chosen, read in (
        ((values >= 1e8) & (values < 1e10), lambda v: v / _DAY_S),
        ((values >= 1e11) & (values < 1e13), lambda v: v / 1000 / _DAY_S),
        (_within(values, 19000101, 21001231), lambda v: _civil(v // 10000, v // 100 % 100, v % 100)),
        (_within(values, 190001, 210012), lambda v: _civil(v // 100, v % 100, np.ones(len(v)))),
        (_within(values, 1900, 2100), lambda v: _civil(v, np.ones(len(v)), np.ones(len(v)))),
    ):
        days[chosen] = read(values[chosen])
    return days


def _within(values: Floats, low: int, high: int) -> Bools:
    found: Bools = (values >= low) & (values <= high) & (values == np.floor(values))
    return found


def _civil(years: Floats, months: Floats, days: Floats) -> Floats:
    """Days since 1970 of dates of the Gregorian calendar; NaN where there is no such day."""
    # NaN compares false: what was not read is not there.
    there = (years >= 1) & (months >= 1) & (months <= 12) & (days >= 1) & (days <= 31)
    y, m, d = (np.where(there, part, 1).astype(np.int64) for part in (years, months, days))
    month = ((y - 1970) * 12 + m - 1).astype("datetime64[M]")
    day: Ints = month.astype("datetime64[D]").astype(np.int64) + d - 1
    same = (day.astype("datetime64[D]").astype("datetime64[M]") == month) & there
    return np.where(same, day.astype(np.float64), np.nan)
