"""Evidence of literal columns, for the tests of the checks on data."""

import numpy as np
import pytest

from reliability.errors import NotMeasurable
from reliability.evidence.column_histogram import ColumnHistogram
from reliability.evidence.distinct_values import DistinctValues
from reliability.evidence.marked_cells import MarkedCells
from reliability.evidence.text_profile import TextProfile
from tests.builders import block


def rows_of(columns, n=None, **more):
    size = n if n is not None else len(next(iter(columns.values())))
    return block([0, 1] * (size // 2) + [0] * (size % 2), columns=columns, **more)


def numbers(columns, **more):
    rows = rows_of(columns, **more)
    return ColumnHistogram.of(rows), MarkedCells.of(rows)


def texts(columns, **more):
    return TextProfile.of(rows_of(columns, **more))


def distinct(columns, **more):
    rows = rows_of(columns, **more)
    return DistinctValues.of(rows), ColumnHistogram.of(rows)


def in_blocks(kind, rows, cuts):
    parts = [kind.of(rows.where(part)) for part in np.split(np.arange(rows.n), cuts)]
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


def refusal_of(check, *evidence, **options):
    with pytest.raises(NotMeasurable) as refusal:
        check(*evidence, **options)
    return refusal.value.code


def exact(measured):
    return (measured.low, measured.high, measured.method, measured.reason.code) == (None, None, "exact", "whole_file")


def listed(measured, *keys):
    return [tuple(one[key] for key in keys) for one in measured.details["columns"]]
