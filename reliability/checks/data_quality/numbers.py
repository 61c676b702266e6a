"""Numbers that stand where no number of their column stands."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from reliability.blocks import Bools, Floats, Ints
from reliability.checks.data_quality.files import WholeFile
from reliability.errors import NotMeasurable
from reliability.evidence.column_histogram import ColumnCounts, ColumnHistogram
from reliability.evidence.marked_cells import CODES, MarkedCells, Marks
from reliability.evidence.score_keys import keys_of_values, middles, values_of_keys
from reliability.records import Measurement

# Fences so many interquartile ranges beyond the quartiles: Tukey's "far out".
_FENCE = 3.0
# Distance of the outer deciles over that of the quartiles, in a normal distribution.
_DECILES = 1.9
# A value with so large a share of a column is its ground state ("no capital gain"), not part of its spread.
_GROUND = 0.5
_FEWEST_VALUES = 5
# What tells a sentinel: see `sentinel_values`.
_GAP, _SPIKE, _FEWEST_CELLS, _FEWEST_SPIKE = 1.5, 10.0, 2, 10
_SIGN_VALUES, _SPIKE_VALUES, _MOST_ZEROS = 10, 20, 0.3


def outlying_values(column_histogram: ColumnHistogram, marked_cells: MarkedCells) -> Measurement:
    """Share of cells that hold a number far from all others of their column.

    Parameters
    ----------
    column_histogram : ColumnHistogram
        Cells by value.
    marked_cells : MarkedCells
        The outermost cells of every column.

    Returns
    -------
    Measurement
        Share of the numeric feature cells that are present, in [0, 1]; 0 is best. Exact for the file as handed in: no
        interval.

    Raises
    ------
    NotMeasurable
        `no_numeric_features`, or `no_rows` where none of their cells holds a number.

    Notes
    -----
    A cell x is out where it lies outside [Q1 - 3 R, Q3 + 3 R] of its column, R = max(Q3 - Q1, (D9 - D1) / 1.9), and so
    does asinh(x / s) in the column of asinh(x / s), s being the median of |x|. The outer deciles D1 and D9, which lie
    1.9 times as far apart as the quartiles in a normal distribution, stand in where half of the cells are nearly alike
    (40 hours a week). The second scale is linear about 0 and logarithmic beyond, so
    that the long tail of an income is not out, while values a thousand times too large are. A value that half of the
    cells hold (no capital gain) is left out of quartiles and median, and is never out. Columns of fewer than five
    other values, and those where R is 0, have none. Quartiles are those of a grid that holds 8,192 values exactly,
    and is coarser by a relative step where there are more. `details.columns` has every column with cells that are out,
    most first, with the 20 rows farthest out.

    References
    ----------
    ISO/IEC 5259-2:2024, Acc-ML-4 (risk of data set inaccuracy); Tukey, J. W. (1977), Exploratory Data Analysis, 2D.
    """
    numbers = _numbers(column_histogram)
    found = []
    for name, counts in numbers.items():
        column = _Spread.of(counts)
        out = column.outlying()
        cells = int(column.counts[out].sum())
        if cells:
            at = marked_cells.columns[name].beyond(*_ends(counts, ~out))
            found.append({"column": name, "cells": cells, "value": cells / counts.present, "positions": at})
    return _share_of_cells(found, numbers, column_histogram.n, ("Acc-ML-4",))


def sentinel_values(column_histogram: ColumnHistogram, marked_cells: MarkedCells) -> Measurement:
    """Share of cells that hold a number which seems to stand for a missing value.

    Parameters
    ----------
    column_histogram : ColumnHistogram
        Cells by value.
    marked_cells : MarkedCells
        Cells that hold a customary code, by column.

    Returns
    -------
    Measurement
        Share of the numeric feature cells that are present, in [0, 1]; 0 is best. Exact for the file as handed in: no
        interval.

    Raises
    ------
    NotMeasurable
        `no_numeric_features`, or `no_rows` where none of their cells holds a number.

    Notes
    -----
    Customary codes are 0, -1, -9, sevens, eights and nines repeated twice to ten times (999, also -999, 99.9), and the
    ends of 32-bit integers. With O the cells of a column that hold none of them, a code c held by at least two cells
    is taken for a sentinel where one of these holds:

    far: c lies at least 1.5 IQR of O, which is above 0, beyond the smallest or the largest of O, which has at least
    five values; 0 only where at most 30 % of the cells hold it, for a sum of 0 is common;
    sign: c is negative, O has at least ten values and none of them is negative;
    spike: c is not 0, at least ten cells hold it, ten times as many as hold any one of O, and O has at least 20 values.

    `details.columns` says for every column which of them held, never the code. What is declared in the data
    dictionary as missing has been read as missing, and is not met here.

    References
    ----------
    ISO/IEC 5259-2:2024, Com-ML-1 (value completeness); Pearson, R. K. (2006), SIGKDD Explorations 8, 83-92
    (disguised missing data); Qahtan, A. A. et al. (2018), KDD '18, 2100-2109 (FAHES).
    """
    numbers = _numbers(column_histogram)
    found = []
    for name, counts in numbers.items():
        marks = marked_cells.columns[name]
        signs = _sentinels(counts, marks)
        if signs:
            codes = [code for code, _ in signs]
            cells = int(marks.codes[codes].sum())
            at = sorted(position for code in codes for position in marks.positions_of(code))[:20]
            said = sorted({sign for _, sign in signs})
            one = {"column": name, "cells": cells, "value": cells / counts.present, "codes": len(codes), "signs": said}
            found.append({**one, "positions": at})
    return _share_of_cells(found, numbers, column_histogram.n, ("Com-ML-1",))


@dataclass(frozen=True, kw_only=True, eq=False)
class _Spread:
    """The values of a column with their cells; `own` are those that its spread is taken from."""

    values: Floats
    counts: Ints
    own: Bools

    @classmethod
    def of(cls, counted: ColumnCounts) -> "_Spread":
        """Every value of a column but its ground state."""
        values = values_of_keys(middles(counted.keys, counted.shift))
        own = counted.counts < _GROUND * counted.counts.sum()
        return cls(values=values, counts=counted.counts, own=own)

    def outlying(self) -> Bools:
        """Which values are out on both scales."""
        none = np.zeros(len(self.values), np.bool_)
        if np.count_nonzero(self.own) < _FEWEST_VALUES:
            return none
        size = _quantiles(np.abs(self.values[self.own]), self.counts[self.own], (0.5,))[0]
        with np.errstate(over="ignore"):
            scales = (self.values, np.arcsinh(self.values / size)) if size > 0 else (self.values,)
        out: Bools = np.logical_and.reduce([self._beyond(scale) for scale in scales]) & self.own
        return out

    def _beyond(self, scale: Floats) -> Bools:
        least, low, high, most = _quantiles(scale[self.own], self.counts[self.own], (0.1, 0.25, 0.75, 0.9))
        width = _FENCE * max(high - low, (most - least) / _DECILES)
        beyond: Bools = (scale < low - width) | (scale > high + width)
        return beyond & (width > 0)


def _ends(counted: ColumnCounts, inside: Bools) -> tuple[float, float]:
    """The smallest and the largest number that the chosen cells of the grid may hold."""
    keys, last = counted.keys[inside], (1 << counted.shift) - 1
    ends = values_of_keys(np.array([keys[0] << counted.shift, (keys[-1] << counted.shift) | last]))
    return float(ends[0]), float(ends[1])


def _quantiles(values: Floats, counts: Ints, shares: tuple[float, ...]) -> list[float]:
    """The smallest values that so large shares of the cells do not exceed."""
    order = np.argsort(values)
    reached = np.cumsum(counts[order])
    places = np.searchsorted(reached, np.array(shares) * reached[-1])
    found: list[float] = values[order][places].tolist()
    return found


def _sentinels(counted: ColumnCounts, marks: Marks) -> list[tuple[int, str]]:
    """Codes, by their place, that seem to stand for a missing value, and what gives them away."""
    candidates = np.flatnonzero(marks.codes >= _FEWEST_CELLS).tolist()
    if not candidates:
        return []
    cells = counted.counts.copy()
    np.subtract.at(
        cells, np.searchsorted(counted.keys, keys_of_values(CODES) >> counted.shift) % len(cells), marks.codes
    )
    others = _Spread(values=values_of_keys(middles(counted.keys, counted.shift)), counts=cells, own=cells > 0)
    if np.count_nonzero(others.own) < _FEWEST_VALUES:
        return []
    signs = ((code, _sign(CODES[code], int(marks.codes[code]), others, counted.present)) for code in candidates)
    return [(code, sign) for code, sign in signs if sign is not None]


def _sign(code: float, cells: int, others: _Spread, present: int) -> str | None:
    """What gives the code away, if anything."""
    values, counts = others.values[others.own], others.counts[others.own]
    low, high = _quantiles(values, counts, (0.25, 0.75))
    gap = max(values.min() - code, code - values.max())
    if high > low and gap >= _GAP * (high - low) and (code != 0 or cells <= _MOST_ZEROS * present):
        return "far"
    if code < 0 <= values.min() and len(values) >= _SIGN_VALUES:
        return "sign"
    enough = cells >= max(_FEWEST_SPIKE, _SPIKE * counts.max()) and len(values) >= _SPIKE_VALUES
    return "spike" if enough and code != 0 else None


def _numbers(column_histogram: ColumnHistogram) -> dict[str, ColumnCounts]:
    numbers = {name: counts for name, counts in column_histogram.columns.items() if counts.kind == "f8"}
    if not numbers:
        raise NotMeasurable("no_numeric_features")
    if not any(counts.present for counts in numbers.values()):
        raise NotMeasurable("no_rows")
    return numbers


def _share_of_cells(
    found: list[dict[str, Any]], numbers: dict[str, ColumnCounts], n: int, iso: tuple[str, ...]
) -> Measurement:
    cells, of = sum(one["cells"] for one in found), sum(counts.present for counts in numbers.values())
    columns = sorted(found, key=lambda one: (-one["value"], one["column"]))
    details = {"cells": of, "cells_found": cells, "columns_read": len(numbers), "columns": columns}
    return WholeFile(value=cells / of, n=n, iso=iso, details=details).measured()
