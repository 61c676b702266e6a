"""Bands for a quantity such as age: the usual ones, or ones that spread the rows."""

from collections.abc import Sequence
from math import floor

import numpy as np

from reliability.blocks import Floats

AGE_BANDS = (0, 30, 50, 65)
BIRTH_YEAR_BANDS = (1900, 1960, 1980, 2000)
MOST = 0.9  # share of the rows in one band from which the usual bands tell nothing
WIDEST = 0.6  # share of the rows that one band of our own may hold
UNITS = (10, 5, 2, 1)  # what edges are multiples of, roundest first


def bands_of(values: Sequence[float], *, lowest: float) -> tuple[int, ...] | None:
    """Lower edges of bands for ages or years of birth; None where the values are neither.

    `lowest` is the least value of all rows, of which `values` may be the first.
    """
    numbers = np.array(values, dtype=np.float64)
    for usual, highest in ((AGE_BANDS, 130), (BIRTH_YEAR_BANDS, 2100)):
        if lowest >= usual[0] and numbers.max() <= highest:
            return _held(numbers, usual) if _widest(numbers, usual) <= MOST else _spread(numbers, lowest)
    return None


def _held(numbers: Floats, edges: tuple[int, ...]) -> tuple[int, ...]:
    """The bands with those that hold no row joined to a neighbour: an empty group would be judged as one of 0 rows."""
    rows = np.bincount(np.searchsorted(edges, numbers, side="right") - 1, minlength=len(edges))
    first = int(np.flatnonzero(rows)[0])
    return edges[0], *(edge for edge, n in zip(edges[first + 1 :], rows[first + 1 :], strict=True) if n)


def _spread(numbers: Floats, lowest: float) -> tuple[int, ...]:
    """Three or four bands of about as many rows, with edges as round as that allows."""
    for unit in UNITS:
        for n in (4, 3):
            edges = _edges(numbers, lowest, n, unit)
            if len(edges) == n and _widest(numbers, edges) <= WIDEST:
                return edges
    edges = _edges(numbers, lowest, 4, 1)
    return edges if len(edges) > 1 else (*edges, edges[0] + 1)


def _edges(numbers: Floats, lowest: float, n: int, unit: int) -> tuple[int, ...]:
    inner = np.quantile(numbers, np.arange(1, n) / n)
    return tuple(sorted({floor(lowest / unit) * unit, *(round(float(edge) / unit) * unit for edge in inner)}))


def _widest(numbers: Floats, edges: tuple[int, ...]) -> float:
    """Share of the rows in the fullest band."""
    return float(np.bincount(np.searchsorted(edges, numbers, side="right")).max()) / len(numbers)
