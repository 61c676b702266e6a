"""Distinct values of an array: counted where they are few integers, sorted otherwise."""

from typing import Any

import numpy as np
import numpy.typing as npt

from reliability.blocks import Ints

_WIDEST = 65_536


def first_places(values: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], Ints]:
    """The values that occur, ascending, and for each the place where it stands first.

    The same as `numpy.unique(values, return_index=True)`.
    """
    if values.dtype.kind not in "iu":
        return np.unique(values, return_index=True)
    unique, codes = distinct_values(values)
    first = np.zeros(len(unique), np.int64)
    # From behind: what is written last stays.
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    return unique, first


def distinct_values(values: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], Ints]:
    """The values that occur, ascending, and for every row the place of its value among them.

    The same as `numpy.unique(values, return_inverse=True)`; integers that lie close together are
    counted instead of sorted, which is many times faster.
    """
    if len(values) == 0 or values.dtype.kind not in "iu":
        unique, inverse = np.unique(values, return_inverse=True)
        return unique, inverse
    low, high = int(values.min()), int(values.max())
    if high - low >= _WIDEST:
        unique, inverse = np.unique(values, return_inverse=True)
        return unique, inverse
    moved: Ints = values.astype(np.int64)
    moved -= low
    occurs = np.bincount(moved) > 0
    # Without gaps every value stands at its own place.
    codes = moved if occurs.all() else (np.cumsum(occurs) - 1)[moved]
    return (np.flatnonzero(occurs) + low).astype(values.dtype), codes
