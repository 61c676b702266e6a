"""Levels of one attribute or of a combination, in an order that no block can change."""

import re
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
    shape = tuple(len(block.groups[name].levels) + 1 for name in attributes)
    flat = np.zeros(block.n, np.int64)
    for name, size in zip(attributes, shape, strict=True):
        flat *= size
        # Code -1, the unknown group, becomes 0.
        flat += block.groups[name].codes + 1
    cells = _occupied(flat, int(np.prod(shape, dtype=np.int64)))
    if len(attributes) == 1:
        cells = np.union1d(cells, np.arange(1, shape[0]))
    named = [_named(block, attributes, cell) for cell in np.array(np.unravel_index(cells, shape)).T.tolist()]
    order = sorted(range(len(named)), key=lambda index: level_key(named[index]))
    return tuple(named[index] for index in order), _ranks(flat, cells, order)


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


def _named(block: Block, attributes: tuple[str, ...], cell: list[int]) -> Level:
    return tuple(
        None if code == 0 else block.groups[name].levels[code - 1] for name, code in zip(attributes, cell, strict=True)
    )


def _ranks(flat: Ints, cells: Ints, order: list[int]) -> Ints:
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    if not len(cells) or cells[-1] > _DENSE_CELLS:
        return rank[np.searchsorted(cells, flat)]
    lookup = np.zeros(int(cells[-1]) + 1, np.int64)
    lookup[cells] = rank
    return lookup[flat]


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
