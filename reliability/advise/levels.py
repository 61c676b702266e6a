"""The level of every row under one attribute or several, the same in every set of rows."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np

from reliability.blocks import Groups, Ints, Label
from reliability.records import Json

Level: TypeAlias = tuple[Label | None, ...]


def levels_of(groups: Mapping[str, Groups], attributes: Sequence[str]) -> tuple[tuple[Level, ...], Ints]:
    """Levels that occur, and the place of every row's; a row of an unknown group has place -1."""
    n = len(groups[attributes[0]].codes)
    flat, unknown = np.zeros(n, np.int64), np.zeros(n, np.bool_)
    for name in attributes:
        flat = flat * (len(groups[name].levels) + 1) + groups[name].codes + 1
        unknown |= groups[name].codes < 0
    found, first, places = np.unique(flat, return_index=True, return_inverse=True)
    named = tuple(
        tuple(_label(groups[name], int(row)) for name in attributes) for row in first[: len(found)]
    )  # fmt: skip
    codes: Ints = np.where(unknown, -1, places.reshape(-1)).astype(np.int64)
    return named, codes


def codes_in(known: Sequence[Level], groups: Mapping[str, Groups], attributes: Sequence[str]) -> Ints:
    """The place of every row's level among those known; -1 where it is not among them."""
    named, codes = levels_of(groups, attributes)
    place = {level: index for index, level in enumerate(known)}
    moved = np.array([*(place.get(level, -1) for level in named), -1], np.int64)
    return moved[codes]


def slice_of(attributes: Sequence[str], level: Level) -> dict[str, Json]:
    """A level as a record names it."""
    return dict(zip(attributes, level, strict=True))


def _label(groups: Groups, row: int) -> Label | None:
    code = int(groups.codes[row])
    return None if code < 0 else groups.levels[code]
