"""Inputs that no row should have: what they are, made from rows that there are."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from reliability.blocks import Column, Ints
from reliability.checks.robustness.disturbances import Columns, unseen_word
from reliability.evidence.column_profile import ColumnProfile, ColumnSummary

_LARGEST = np.iinfo(np.int64)
_LONG_TEXT = 20_000  # characters
_ODD_TEXT = "\t\x00'\";--<>{}\\\u202e\u200b\ufffd"
_HUGE = 1e300


@dataclass(frozen=True, kw_only=True, eq=False)
class Invalid:
    """Rows with one column spoilt in one way.

    Attributes
    ----------
    kind : str
        In which way.
    column : str
        Which column; all of them where it is empty.
    rows : mapping of str to Column
        The rows as they are sent.
    """

    kind: str
    column: str
    rows: Columns

    @property
    def n(self) -> int:
        """Rows."""
        return len(next(iter(self.rows.values())))


def invalid_inputs(columns: Columns, profile: ColumnProfile, *, rows_each: int) -> Iterator[Invalid]:
    """Every column spoilt in every way that its kind allows, one at a time; at last all columns of a kind at once.

    Parameters
    ----------
    columns : mapping of str to Column
        Features of the rows that are spoilt, at least one row.
    profile : ColumnProfile
        What every column holds over all rows.
    rows_each : int
        Rows for every column and way, taken in turn.

    Yields
    ------
    Invalid
        `rows_each` rows. Where there are fewer, more are made of the cells of several: with a single row or a single
        feature there are none to be had, and the same input is sent again.
    """
    turn = 0
    for name, column in columns.items():
        for kind, spoil in _ways(column, profile.columns[name]).items():
            rows = _taken(columns, turn + np.arange(rows_each))
            turn += rows_each
            yield Invalid(kind=kind, column=name, rows={**rows, name: spoil(rows[name])})
    few = _taken(columns, np.arange(rows_each))
    for kind, (of, spoil) in _ALTOGETHER.items():
        if any(one.kind in of for one in few.values()):
            rows = {name: spoil(one) if one.kind in of else one for name, one in few.items()}
            yield Invalid(kind=kind, column="", rows=rows)


def _taken(columns: Columns, turns: Ints) -> Columns:
    """Rows in turn; every time round, a column's cells come from rows further on, the more so the later it stands."""
    n = len(next(iter(columns.values())))
    return {
        name: one.take((turns + place * ((turns - turns[0]) // n)) % n)
        for place, (name, one) in enumerate(columns.items())
    }


def _ways(column: Column, seen: ColumnSummary) -> Mapping[str, Callable[[Column], Column]]:
    if column.kind == "f8":
        return {
            "missing": _missing,
            "infinite": lambda one: _number(one, np.inf),
            "infinite_negative": lambda one: _number(one, -np.inf),
            "huge": lambda one: _number(one, _HUGE),
            **_beyond(seen),
        }
    if column.kind == "i8":
        return {
            "missing": _missing,
            "largest_integer": lambda one: _number(one, _LARGEST.max),
            "smallest_integer": lambda one: _number(one, _LARGEST.min),
            **_beyond(seen),
        }
    if column.kind == "bool":
        return {"missing": _missing}
    word = unseen_word(column, seen.levels or ())
    return {
        "missing": _missing,
        "empty_text": lambda one: _text(one, ""),
        "unseen_category": lambda one: _text(one, word),
        "long_text": lambda one: _text(one, "가" * _LONG_TEXT),
        "odd_characters": lambda one: _text(one, _ODD_TEXT),
    }


def _beyond(seen: ColumnSummary) -> dict[str, Callable[[Column], Column]]:
    """Out of what was seen: far above, and below nought where nothing was."""
    if seen.minimum is None or seen.maximum is None or not np.isfinite(seen.maximum - seen.minimum):
        return {}
    width = max(seen.maximum - seen.minimum, 1.0)
    above = seen.maximum + 10 * width
    negative = -max(abs(seen.maximum), 1.0)
    ways = {"far_above_range": lambda one: _number(one, above)} if np.isfinite(above) else {}
    if seen.minimum >= 0:
        ways["negative"] = lambda one: _number(one, negative)
    return ways


def _here(n: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.zeros(n, np.bool_)


def _missing(column: Column) -> Column:
    return replace(column, missing=np.ones(len(column), np.bool_))


def _number(column: Column, value: float) -> Column:
    if column.kind == "i8":
        # A float beyond int64 would wrap round to a number inside the range.
        value = int(min(max(value, _LARGEST.min), _LARGEST.max))
    return replace(column, values=np.full(len(column), value), missing=_here(len(column)))


def _fraction(column: Column) -> Column:
    return Column(kind="f8", values=column.values + 0.5, missing=_here(len(column)))


def _whole(column: Column, value: int) -> Column:
    return Column(kind="i8", values=np.full(len(column), value), missing=_here(len(column)))


def _text(column: Column, text: str) -> Column:
    codes = np.zeros(len(column), np.int32)
    return Column(kind="utf8", values=codes, missing=_here(len(column)), levels=(text,))


# Sent as another kind than the column's: all of them at once, as rows of one question have columns of one kind.
_ALTOGETHER: Mapping[str, tuple[frozenset[str], Callable[[Column], Column]]] = {
    "all_missing": (frozenset({"f8", "i8", "bool", "utf8"}), _missing),
    "fraction_for_integer": (frozenset({"i8"}), _fraction),
    "number_for_flag": (frozenset({"bool"}), lambda one: _whole(one, 2)),
    "number_for_text": (frozenset({"utf8"}), lambda one: _whole(one, 0)),
    "text_for_flag": (frozenset({"bool"}), lambda one: _text(one, "n/a")),
    "text_for_number": (frozenset({"f8", "i8"}), lambda one: _text(one, "n/a")),
}
