import dataclasses

import numpy as np

from reliability.evidence.score_keys import values_of_keys
from reliability.evidence.time_histogram import TimeHistogram
from tests.builders import block, column


def timed(values, *, beside=True, **roles):
    made = {"at": column(values)}
    rows = block([0] * len(values), columns={} if beside else made, time="at", **roles)
    return TimeHistogram.of(dataclasses.replace(rows, others=made) if beside else rows)


def test_rows_are_counted_by_their_day():
    counted = timed(["1970-01-02", "1970-01-03", "1970-01-02", None, "soon"])

    assert values_of_keys(counted.days.keys).tolist() == [1.0, 2.0]
    assert counted.days.counts.tolist() == [2, 1]
    assert (counted.n, counted.days.missing) == (5, 2)


def test_a_time_that_is_a_feature_is_read_too():
    assert timed([20240131], beside=False).days.present == 1


def test_without_a_declared_column_no_row_has_a_time():
    counted = TimeHistogram.of(block([0, 1], columns={"x": [1, 2]}))

    assert (counted.days.present, counted.days.missing) == (0, 2)


def test_times_add_up():
    whole = timed(["2024-01-01", "2024-01-02", None])
    added = timed(["2024-01-02", None]) + timed(["2024-01-01"])

    assert np.array_equal(whole.days.keys, added.days.keys)
    assert (added.n, added.days.counts.tolist()) == (3, [1, 1])
