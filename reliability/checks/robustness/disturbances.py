"""Ways in which inputs go wrong every day, at any strength: each draws once, so that strengths can be compared."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from reliability.blocks import Bools, Column, Floats, Ints, Label
from reliability.checks.asking import numeric
from reliability.checks.robustness.spelling import respaced, with_typo
from reliability.errors import NotMeasurable
from reliability.evidence.column_profile import ColumnProfile

Columns: TypeAlias = Mapping[str, Column]
# The columns that differ, at a strength.
Disturbance: TypeAlias = Callable[[float], dict[str, Column]]
_UNSEEN = "unseen"
# Beyond it a float no longer holds every whole number, and a sum or product may leave int64.
_LARGEST_MOVED = 2.0**62


def noise(columns: Columns, profile: ColumnProfile, draws: np.random.Generator) -> Disturbance:
    """Gaussian noise on numbers, as strong as the strength says in standard deviations of the column.

    Parameters
    ----------
    columns : mapping of str to Column
        Features of the sampled rows.
    profile : ColumnProfile
        Spread of every column over all rows.
    draws : Generator
        One normal draw a row and column that varies.

    Returns
    -------
    Disturbance
        Integers take noise rounded to integers; what is missing stays missing.

    Raises
    ------
    NotMeasurable
        `no_numeric_features` where no number varies.
    """
    spread = {name: profile.columns[name].variance or 0.0 for name in numeric(columns)}
    drawn = {name: draws.standard_normal(len(columns[name])) for name, variance in spread.items() if variance > 0}
    if not drawn:
        raise NotMeasurable("no_numeric_features")
    return lambda strength: {
        name: shifted(columns[name], normal * (strength * np.sqrt(spread[name]))) for name, normal in drawn.items()
    }


def missing_values(columns: Columns, draws: np.random.Generator) -> Disturbance:
    """Cells blanked, each with the chance that the strength is.

    Parameters
    ----------
    columns : mapping of str to Column
        Features of the sampled rows.
    draws : Generator
        One uniform draw a row and column.

    Returns
    -------
    Disturbance
        A blanked cell travels as the column's mask.

    Raises
    ------
    NotMeasurable
        `no_features`.
    """
    drawn = {name: draws.random(len(column)) for name, column in columns.items()}
    if not drawn:
        raise NotMeasurable("no_features")
    return lambda share: {name: _blanked(columns[name], drawn[name] < share) for name in columns}


def category_swap(columns: Columns, draws: np.random.Generator) -> Disturbance:
    """Categories replaced by another one that occurs, as often as it occurs among the rows that have another.

    Parameters
    ----------
    columns : mapping of str to Column
        Features of the sampled rows.
    draws : Generator
        Two uniform draws a row and column of text or yes and no.

    Returns
    -------
    Disturbance
        What is missing stays missing.

    Raises
    ------
    NotMeasurable
        `no_categories` where no column of text, or of yes and no, has two values.
    """
    swapped = {}
    for name, column in columns.items():
        if column.kind in ("utf8", "bool") and len(np.unique(column.values[~column.missing])) > 1:
            chance, place = draws.random(len(column)), draws.random(len(column))
            swapped[name] = (chance, _another(column, place))
    if not swapped:
        raise NotMeasurable("no_categories")
    return lambda share: {
        name: _put(columns[name], other, (chance < share) & ~columns[name].missing)
        for name, (chance, other) in swapped.items()
    }


def unseen_category(columns: Columns, profile: ColumnProfile, draws: np.random.Generator) -> Disturbance:
    """Cells of text replaced by a word that no row has.

    Parameters
    ----------
    columns : mapping of str to Column
        Features of the sampled rows.
    profile : ColumnProfile
        Levels of every column over all rows.
    draws : Generator
        One uniform draw a row and column of text.

    Returns
    -------
    Disturbance
        What is missing stays missing.

    Raises
    ------
    NotMeasurable
        `no_categories` where no column holds text.
    """
    drawn = {name: draws.random(len(columns[name])) for name in texts(columns)}
    if not drawn:
        raise NotMeasurable("no_categories")
    words = {name: unseen_word(columns[name], profile.columns[name].levels or ()) for name in drawn}
    return lambda share: {name: _with_word(columns[name], words[name], drawn[name] < share) for name in drawn}


def rounding(columns: Columns) -> Disturbance:
    """Numbers written with as many significant digits as the strength says.

    Parameters
    ----------
    columns : mapping of str to Column
        Features of the sampled rows.

    Returns
    -------
    Disturbance
        Integers are rounded where they have more digits.

    Raises
    ------
    NotMeasurable
        `no_numeric_features`.
    """
    names = numeric(columns)
    if not names:
        raise NotMeasurable("no_numeric_features")
    return lambda digits: {name: _rounded(columns[name], int(digits)) for name in names}


def typos(columns: Columns, draws: np.random.Generator) -> Disturbance:
    """Cells of text with one slip of the keyboard, each with the chance that the strength is.

    Parameters
    ----------
    columns : mapping of str to Column
        Features of the sampled rows.
    draws : Generator
        Three uniform draws a row and column of text.

    Returns
    -------
    Disturbance
        What is missing, and empty text, stays.

    Raises
    ------
    NotMeasurable
        `no_text` where no column holds text.
    """
    return _edited(columns, draws, with_typo)


def spacing(columns: Columns, draws: np.random.Generator) -> Disturbance:
    """Cells of text with one space too many or too few, each with the chance that the strength is.

    Parameters
    ----------
    columns : mapping of str to Column
        Features of the sampled rows.
    draws : Generator
        Three uniform draws a row and column of text.

    Returns
    -------
    Disturbance
        What is missing, and text of one character, stays.

    Raises
    ------
    NotMeasurable
        `no_text` where no column holds text.
    """
    return _edited(columns, draws, respaced)


def scaled(column: Column, factor: float) -> Column:
    """A column of numbers as if it were given in another unit.

    Parameters
    ----------
    column : Column
        Floats or integers.
    factor : float
        What every number is multiplied by.

    Returns
    -------
    Column
        Integers are rounded; a product that leaves the kind keeps its number.
    """
    with np.errstate(over="ignore"):
        product = column.values * factor
    free = ~column.missing & (np.isfinite(product) if column.kind == "f8" else np.abs(product) < _LARGEST_MOVED)
    moved = np.where(free, product, 0.0)
    if column.kind == "i8":
        moved = np.rint(moved).astype(np.int64)
    return replace(column, values=np.where(free, moved, column.values))


def shifted(column: Column, by: Floats) -> Column:
    """A column of numbers moved.

    Parameters
    ----------
    column : Column
        Floats or integers.
    by : ndarray of float64, shape (n,)
        By how much; rounded for integers.

    Returns
    -------
    Column
        What is missing is 0; a sum that no int64 holds keeps its number.
    """
    if column.kind == "f8":
        return replace(column, values=np.where(column.missing, 0.0, column.values + by))
    moved = column.values + np.rint(by)
    free = ~column.missing & (np.abs(moved) < _LARGEST_MOVED)
    step = np.where(free, np.rint(by), 0.0).astype(np.int64)
    return replace(column, values=column.values + step)


def texts(columns: Columns) -> list[str]:
    """Names of the columns that hold text.

    Parameters
    ----------
    columns : mapping of str to Column
        Features.

    Returns
    -------
    list of str
        Those with at least one cell of text.
    """
    return [name for name, column in columns.items() if column.kind == "utf8" and not column.missing.all()]


def unseen_word(column: Column, levels: Collection[Label]) -> str:
    """A word that a column of text does not hold.

    Parameters
    ----------
    column : Column
        Text.
    levels : collection
        What the column holds in other rows.

    Returns
    -------
    str
        A word of ordinary letters.
    """
    word = _UNSEEN
    while word in column.levels or word in levels:
        word += "_"
    return word


def _blanked(column: Column, gone: Bools) -> Column:
    missing = column.missing | gone
    return replace(column, missing=missing, values=np.where(missing, column.values.dtype.type(0), column.values))


def _with_word(column: Column, word: str, where: Bools) -> Column:
    added = replace(column, levels=(*column.levels, word))
    return _put(added, np.full(len(column), len(column.levels)), where & ~column.missing)


def _put(column: Column, values: npt.NDArray[np.generic], where: Bools) -> Column:
    return replace(column, values=np.where(where, values, column.values).astype(column.values.dtype))


def _another(column: Column, place: Floats) -> npt.NDArray[np.generic]:
    """For every row the value of a row that has another one, of at least one; `place` chooses which, in [0, 1)."""
    ordered = np.sort(column.values[~column.missing])
    first, after = (np.searchsorted(ordered, column.values, side=side) for side in ("left", "right"))
    drawn = (place * (len(ordered) - (after - first))).astype(np.int64)
    # Chosen among the others: places from the row's own values on are moved behind them.
    moved: Ints = np.where(drawn >= first, drawn + after - first, drawn)
    other: npt.NDArray[np.generic] = ordered[moved]
    return other


def _rounded(column: Column, digits: int) -> Column:
    values = column.values.astype(np.float64)
    size = np.where(np.isfinite(values) & (values != 0), np.abs(values), 1.0)
    places = digits - 1 - np.floor(np.log10(size)).astype(np.int64)
    rounded = np.array(list(map(_rounded_number, values.tolist(), places.tolist())))
    if column.kind == "f8":
        return replace(column, values=rounded)
    # Whole numbers too large for a float are left alone.
    free = np.abs(values) < _LARGEST_MOVED
    whole = np.where(free, rounded, 0.0).astype(np.int64)
    return replace(column, values=np.where(free, whole, column.values))


def _rounded_number(value: float, place: int) -> float:
    try:
        # As a number is printed and read again: nothing but the digits changes.
        return round(value, place)
    except OverflowError:
        # Rounded up beyond the largest float.
        return value


def _edited(columns: Columns, draws: np.random.Generator, edit: Callable[[str, float, float], str]) -> Disturbance:
    drawn = {name: draws.random((3, len(columns[name]))) for name in texts(columns)}
    if not drawn:
        raise NotMeasurable("no_text")
    return lambda share: {name: _with_edits(columns[name], drawn[name], share, edit) for name in drawn}


def _with_edits(column: Column, drawn: Floats, share: float, edit: Callable[[str, float, float], str]) -> Column:
    rows = np.flatnonzero((drawn[0] < share) & ~column.missing)
    words = [column.levels[code] for code in column.values[rows].tolist()]
    edited = list(map(edit, words, *drawn[1:, rows].tolist()))
    place = {level: code for code, level in enumerate(dict.fromkeys((*column.levels, *edited)))}
    values = column.values.copy()
    values[rows] = [place[text] for text in edited]
    return replace(column, values=values, levels=tuple(place))
