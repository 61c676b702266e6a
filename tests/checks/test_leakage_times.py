"""What the share of future rows tells of the times it compared."""

import pytest

from reliability.checks.leakage import future_rows
from reliability.evidence import column_histogram
from reliability.evidence.time_histogram import TimeHistogram
from tests.builders import block


def times(values):
    return TimeHistogram.of(block([0] * len(values), columns={"at": values}, time="at"))


def test_future_rows_tells_what_was_counted_and_what_could_not_be_read():
    here = times(["2024-03-01", "2024-01-01", "soon", "2024-02-01", None, "2023-12-31"])
    measured = future_rows(here, times(["2024-02-01", None, "2020-01-01"]))

    assert measured.details == {
        "rows_found": 2, "undecided": 0, "unread": 2, "training_unread": 1, "training_n": 3,
    }  # fmt: skip
    assert (measured.value, measured.n, measured.unit, measured.method) == (0.5, 4, "share", "exact")
    assert (measured.low, measured.high, measured.judged, measured.reason.code) == (None, None, True, "whole_file")


def test_future_rows_in_the_cell_of_the_newest_training_row_are_undecided(monkeypatch):
    monkeypatch.setattr(column_histogram, "NUMBER_CELLS", 16)
    days, newest = list(range(1_700_000_000, 1_720_000_000, 100_000)), 1_710_050_000
    measured = future_rows(times(days), times([1_600_000_000, newest]))
    older = sum(day < newest for day in days)
    found, undecided = measured.details["rows_found"], measured.details["undecided"]

    assert (older, measured.n) == (101, 200)
    assert found <= older <= found + undecided
    assert 0 < undecided < 40
    assert measured.value == found / 200


@pytest.mark.parametrize("newest", ["2024-01-01", "2024-01-02"])
def test_future_rows_of_the_day_of_the_newest_training_row_are_not_older(newest):
    measured = future_rows(times(["2024-01-01", "2024-01-02", "2024-01-02"]), times([newest]))

    assert (measured.details["rows_found"], measured.details["undecided"]) == (int(newest == "2024-01-02"), 0)
