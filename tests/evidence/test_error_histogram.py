import operator
from functools import reduce

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability.errors import NotMeasurable
from reliability.evidence.error_histogram import ErrorHistogram
from tests.builders import block


def counted(errors):
    return ErrorHistogram.of(block(np.zeros(len(errors)), errors, task="regression"))


def told(histogram):
    cells = histogram.cells
    return cells.shift, cells.cells.tolist(), cells.table.tolist(), histogram.overflowed


def test_error_histogram_ranks_the_sizes_of_errors():
    histogram = counted([3.0, -1.0, 2.0, 1.0])

    assert [histogram.ranked(rank)[0] for rank in (1, 2, 3, 4)] == [1.0, 1.0, 2.0, 3.0]
    assert histogram.exact
    assert (histogram.n, histogram.counts.tolist()) == (4, [2, 1, 1])


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=40))
def test_error_histogram_holds_every_distinct_error(errors):
    histogram = counted(errors)
    ranked = np.sort(np.abs(errors)).tolist()

    assert [histogram.ranked(rank + 1) for rank in range(len(errors))] == [(error, error) for error in ranked]


def test_error_histogram_of_many_errors_is_as_fine_everywhere():
    errors = np.random.default_rng(0).lognormal(sigma=3, size=150_000)
    histogram, ranked = counted(errors), np.sort(errors)

    assert not histogram.exact
    assert len(histogram.counts) <= 65_536
    for rank in (1, 100, 75_000, 149_999, 150_000):
        least, most = histogram.ranked(rank)
        assert least <= ranked[rank - 1] <= most
        assert most / least < 1.002


def test_error_histogram_adds_to_the_same_cells_in_any_order():
    errors = np.random.default_rng(1).normal(size=140_000)
    parts = [counted(part) for part in np.array_split(errors, 4)]

    assert (
        told(parts[3] + parts[1] + (parts[0] + parts[2])) == told(reduce(operator.add, parts)) == told(counted(errors))
    )


def test_error_histogram_refuses_ranks_where_errors_are_not_finite():
    histogram = ErrorHistogram.of(block([1.7e308, 0.0], [-1.7e308, 0.0], task="regression"))

    assert (histogram.n, histogram.overflowed) == (2, 1)
    with pytest.raises(NotMeasurable, match="numbers_too_large"):
        histogram.ranked(1)


@pytest.mark.parametrize("rows", [block([1, 0], [1, 0]), block([], [], task="regression")])
def test_error_histogram_of_no_errors_is_empty(rows):
    assert ErrorHistogram.of(rows).n == 0
