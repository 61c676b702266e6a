"""Features that no model can learn from rightly: the same in every row, or another in every row."""

from typing import Any

import numpy as np

from reliability.checks.data_quality.files import WholeFile, require_rows_and_features
from reliability.evidence.column_histogram import ColumnCounts, ColumnHistogram
from reliability.evidence.distinct_values import Distinct, DistinctValues
from reliability.evidence.score_keys import values_of_keys
from reliability.records import Measurement

_UNIQUE = 0.99
_FEWEST_CELLS = 50
# Identifiers number rows (so densely), or are codes of one length (six digits or more); amounts of money are neither.
_DENSE, _LEAST_CODE = 10, 100_000
_FREE_TEXT = 3  # spaces a cell from which text is prose, not a name


def constant_columns(column_histogram: ColumnHistogram) -> Measurement:
    """Features that hold the same in every row.

    Parameters
    ----------
    column_histogram : ColumnHistogram
        Cells by value.

    Returns
    -------
    Measurement
        Columns, from 0; 0 is best. Exact for the file as handed in: no interval.

    Raises
    ------
    NotMeasurable
        `no_features` or `no_rows`.

    Notes
    -----
    Features with one distinct value and no missing cell, or with missing cells only. `details.columns` names them.

    References
    ----------
    ISO/IEC 5259-2:2024, Rel-ML-1 (feature relevance).
    """
    require_rows_and_features(column_histogram.n, column_histogram.roles.features)
    constant = [name for name, counts in column_histogram.columns.items() if _contents(counts) <= 1]
    details = {"columns_read": len(column_histogram.columns), "columns": [{"column": name} for name in constant]}
    found = WholeFile(value=len(constant), n=column_histogram.n, iso=("Rel-ML-1",), details=details, unit="columns")
    return found.measured()


def identifier_columns(distinct_values: DistinctValues, column_histogram: ColumnHistogram) -> Measurement:
    """Features that look like identifiers: whole numbers or text with another value in nearly every row.

    Parameters
    ----------
    distinct_values : DistinctValues
        How often the values of a column repeat.
    column_histogram : ColumnHistogram
        Range of the whole numbers.

    Returns
    -------
    Measurement
        Columns, from 0; 0 is best. Exact for the file as handed in: no interval.

    Raises
    ------
    NotMeasurable
        `no_features` or `no_rows`.

    Notes
    -----
    At least 50 cells are present and at least 99 % as many distinct values as cells. Text counts unless it is prose
    (three spaces a cell or more), which `details.prose` names. Whole numbers count where they lie densely, as running
    numbers do (at most ten times as far apart as there are cells), or all have the same number of digits, six or more,
    as codes do: an amount of money may differ in every row too. The share of distinct values is exact up to 1,024 of
    them; beyond, it is that of 1,024 drawn by their digest, each with all its cells counted.

    References
    ----------
    ISO/IEC 5259-2:2024, Rel-ML-1 (feature relevance);
    Kapoor, S. and Narayanan, A. (2023), Patterns 4, 100804, L2 (illegitimate features).
    """
    require_rows_and_features(distinct_values.n, distinct_values.roles.features)
    unique = {
        name: column for name, column in distinct_values.columns.items()
        if column.present >= _FEWEST_CELLS and column.unique_share >= _UNIQUE
    }  # fmt: skip
    prose = [name for name, column in unique.items() if column.words >= _FREE_TEXT * column.present]
    found: list[dict[str, Any]] = [
        {"column": name, "value": column.unique_share, "cells": column.present}
        for name, column in unique.items()
        if name not in prose and (column.kind == "utf8" or _numbered(column, column_histogram.columns[name]))
    ]
    details = {"columns_read": len(distinct_values.columns), "columns": found, "prose": prose}
    return WholeFile(
        value=len(found), n=distinct_values.n, iso=("Rel-ML-1",), details=details, unit="columns"
    ).measured()


def _contents(counts: ColumnCounts) -> int:
    return len(counts.keys) + (counts.missing > 0)


def _numbered(column: Distinct, counts: ColumnCounts) -> bool:
    """Whether whole numbers are running numbers, or codes of one length."""
    ends = values_of_keys(np.array([counts.first[0], counts.last[-1]]))
    low, high = int(ends[0]), int(ends[1])
    if high - low <= _DENSE * column.present:
        return True
    return low >= _LEAST_CODE and len(str(low)) == len(str(high))
