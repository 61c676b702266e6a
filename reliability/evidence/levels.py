"""Levels of one attribute or of a combination, in an order that no block can change."""

import math
import re
from functools import lru_cache
from typing import TypeAlias

import numpy as np

from reliability.blocks import Block, Ints, Label

Level: TypeAlias = tuple[Label | None, ...]

_DENSE_CELLS = 1 << 18


def level_codes(block: Block, attributes: tuple[str, ...]) -> tuple[tuple[Level, ...], Ints]:
    """Every level of a combination of attributes, and the level of every row.

    Parameters
    ----------
    block : Block
        Rows with their groups.
    attributes : tuple of str
        Names in `block.groups`.

    Returns
    -------
    levels : tuple of tuple
        Levels in natural order (2 before 10), the unknown group (None) last. One attribute keeps
        the levels that were declared and are empty here; a combination lists those that occur.
    codes : ndarray of int64, shape (n,)
        Index into `levels`.
    """
    if len(attributes) == 1:
        groups = block.groups[attributes[0]]
        levels, ranks = _in_order(groups.levels)
        met = levels if (groups.codes < 0).any() else levels[:-1]
        return tuple((level,) for level in met), ranks.take(groups.codes)
    ordered = [_in_order(block.groups[name].levels) for name in attributes]
    shape = tuple(len(levels) for levels, _ in ordered)
    flat = np.zeros(block.n, np.int64)
    for name, size, (_, ranks) in zip(attributes, shape, ordered, strict=True):
        flat *= size
        flat += ranks.take(block.groups[name].codes)
    cells = _occupied(flat, math.prod(shape))
    places = zip(*(axis.tolist() for axis in np.unravel_index(cells, shape)), strict=True)
    named = (tuple(levels[at] for at, (levels, _) in zip(cell, ordered, strict=True)) for cell in places)
    return tuple(named), _codes(flat, cells)


def level_key(level: Level) -> tuple[tuple[object, ...], ...]:
    """Sorting key of a level: unknown last, numbers by value, text with its digits read as numbers.

    Parameters
    ----------
    level : tuple
        One value per attribute, None where unknown.

    Returns
    -------
    tuple
        Orders levels of the same attributes, whatever the labels' types.
    """
    return tuple(_value_key(value) for value in level)


def united(first: tuple[Level, ...], second: tuple[Level, ...]) -> tuple[tuple[Level, ...], Ints, Ints]:
    """The levels of both, and where each one's levels stand in them.

    Parameters
    ----------
    first, second : tuple of tuple
        Levels of the same attributes, ordered by `level_key`.

    Returns
    -------
    levels : tuple of tuple
        All of them, once, ordered by `level_key`.
    places_first, places_second : ndarray of int64
        Index into `levels` of every level of the first and of the second.
    """
    if first == second:
        same = np.arange(len(first))
        return first, same, same
    levels = tuple(sorted({*first, *second}, key=level_key))
    place = {level: index for index, level in enumerate(levels)}
    return (
        levels,
        np.array([place[level] for level in first], np.int64),
        np.array([place[level] for level in second], np.int64),
    )


def added(first: Ints, second: Ints, places: tuple[Ints, Ints], size: int) -> Ints:
    """Two tables over levels (first axis) added into one.

    Parameters
    ----------
    first, second : ndarray of int64, shape (L, ...)
        Counts by level.
    places : tuple of two ndarrays of int64
        Where the levels of either stand among all levels, as `united` says.
    size : int
        Number of all levels.

    Returns
    -------
    ndarray of int64, shape (size, ...)
        Counts by level of both.
    """
    total = np.zeros((size, *first.shape[1:]), np.int64)
    total[places[0]] += first
    total[places[1]] += second
    return total


def _occupied(flat: Ints, cells: int) -> Ints:
    if cells <= _DENSE_CELLS:
        return np.flatnonzero(np.bincount(flat, minlength=cells))
    return np.unique(flat)


def _codes(flat: Ints, cells: Ints) -> Ints:
    if not len(cells) or cells[-1] > _DENSE_CELLS:
        return np.searchsorted(cells, flat)
    lookup = np.zeros(int(cells[-1]) + 1, np.int64)
    lookup[cells] = np.arange(len(cells))
    return lookup.take(flat)


def _in_order(levels: tuple[Label, ...]) -> tuple[tuple[Label | None, ...], Ints]:
    """Levels of one attribute in natural order, the unknown one (None) last, and for every code its place there.

    Code -1, the unknown group, is the last of the places, as it is of the levels.
    """
    order, places = _order(levels)
    return (*(levels[code] for code in order), None), places


@lru_cache(maxsize=256)  # asked for in every block and every combination
def _order(levels: tuple[Label, ...]) -> tuple[tuple[int, ...], Ints]:
    # Codes and no levels: of 1 and true, which are equal, one would be given out for the other.
    order = sorted(range(len(levels)), key=lambda code: _value_key(levels[code]))
    places = np.full(len(levels) + 1, len(levels), np.int64)
    places[order] = np.arange(len(levels))
    return tuple(order), places


def _value_key(value: Label | None) -> tuple[object, ...]:
    if value is None:
        return (2,)
    if not isinstance(value, str):
        return (0, value)
    # A split with a group puts what it found at the odd places.
    parts = enumerate(re.split(r"([0-9]+)", value))
    return (
        1,
        # Of digits without leading zeros the longer is the larger; int() refuses more than 4,300 of them.
        tuple((0, len(part.lstrip("0")), part.lstrip("0")) if place % 2 else (1, 0, part) for place, part in parts),
        value,
    )
