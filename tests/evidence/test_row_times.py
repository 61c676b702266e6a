"""Times of rows: read as pandas reads them, and whether they stand in order, however the file is cut."""

import dataclasses
from functools import reduce
from operator import add

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from reliability.evidence.row_times import LISTED_POSITIONS, RowTimes, days_of
from reliability.submission.arrays import to_column
from tests.builders import block, column


def timed(values, *, start=0):
    rows = block([0] * len(values), columns={}, time="at", start=start)
    return RowTimes.of(dataclasses.replace(rows, others={"at": column(values)}))


def days(moment):
    return (pd.Timestamp(moment) - pd.Timestamp("1970-01-01")) / pd.Timedelta(days=1)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2024-01-31", "2024-01-31"),
        ("2024/1/31", "2024-01-31"),
        ("2024.01.31.", "2024-01-31"),
        ("20240131", "2024-01-31"),
        (" 2024-02-29 ", "2024-02-29"),
        ("2024-01-31 10:20", "2024-01-31 10:20"),
        ("2024-01-31T23:59:59.5Z", "2024-01-31 23:59:59"),
        ("2024-01-31T10:20:30+09:00", "2024-01-31 01:20:30"),
        ("2024-01-31 10:20:30.000000+0900", "2024-01-31 01:20:30"),
        ("2024-01-31 10:20 +09", "2024-01-31 01:20"),
        ("2024-03-01 00:30+09:00", "2024-02-29 15:30"),
        ("2023-12-31 22:00:00-03:30", "2024-01-01 01:30"),
        ("2024-01-31 10:20 UTC", "2024-01-31 10:20"),
        ("2024-01-31 10:20+00:00", "2024-01-31 10:20"),
        ("1890-10-12 04:01:12+08:27:52", "1890-10-11 19:33:20"),
        ("1969-12-31", "1969-12-31"),
        ("0001-01-01", None),
    ],
)
def test_text_is_the_day_that_pandas_reads(written, moment):
    expected = -719162.0 if moment is None else days(moment)

    assert days_of(column([written])).tolist() == [pytest.approx(expected, abs=1e-9)]


@pytest.mark.parametrize(
    ("number", "moment"),
    [
        (20240131, "2024-01-31"),
        (202402, "2024-02-01"),
        (2024, "2024-01-01"),
        (1_706_696_400, "2024-01-31 10:20"),
        (1_706_696_400_000, "2024-01-31 10:20"),
        (2024.0, "2024-01-01"),
    ],
)
def test_number_is_the_day_that_pandas_reads(number, moment):
    assert days_of(column([number])).tolist() == [pytest.approx(days(moment))]


@pytest.mark.parametrize(
    "written",
    [
        "2023-02-29", "1900-02-29", "2024-13-01", "2024-00-10", "2024-01-32", "0000-01-01", "2024-01-31 24:00",
        "2024-01-31 10:60", "2024-01-31 10:20+24:00", "2024-01-31 10:20+09:60", "2024-01-31 10:20+", "31.01.2024",
        "2024-01-31 10:20+:00", "soon", "", "-2024-01-31", "2024-01-31 tomorrow",
    ],
)  # fmt: skip
def test_text_that_is_no_day_is_none(written):
    assert np.isnan(days_of(column([written]))).all()


def test_one_instant_is_one_number_whichever_offset_it_is_written_with():
    hours = range(-23, 24)
    noon = pd.Timestamp("2024-01-01 12:34:56")
    written = [f"{noon + pd.Timedelta(hours=h)}{'-' if h < 0 else '+'}{abs(h):02}:00" for h in hours]

    assert set(days_of(column([*written, "2024-01-01 12:34:56Z"])).tolist()) == {days(noon)}


def test_text_without_an_offset_stands_for_utc_beside_texts_with_one():
    read = days_of(column(["2024-01-01 12:00", "2024-01-01 12:00+09:00", None, "2024-01-01 12:00Z"]))

    assert np.array_equal(read, [days("2024-01-01 12:00"), days("2024-01-01 03:00"), np.nan, read[0]], equal_nan=True)


@pytest.mark.parametrize("zone", ["Asia/Seoul", "+09:00", "UTC", "America/New_York"])
def test_time_with_a_zone_from_parquet_is_the_instant(zone):
    # The hour that America/New_York has twice.
    moments = pd.date_range("2024-11-03 04:30", periods=4, freq="h")
    array = pa.array(moments.tz_localize("UTC").tz_convert(zone))

    assert days_of(to_column(array, "utf8")).tolist() == pytest.approx([days(moment) for moment in moments], abs=1e-9)


@pytest.mark.parametrize("number", [0, -1, 1899, 2101, 20240230, 20241301, 202413, 2024.5, 1e300, np.inf, -np.inf])
def test_number_that_is_no_day_is_none(number):
    assert np.isnan(days_of(column([float(number)]))).all()


def test_flags_and_missing_cells_are_no_days():
    assert np.isnan(days_of(column([True, False]))).all()
    assert np.isnan(days_of(column([None, None]))).all()
    assert np.isnan(days_of(column([None, "2024-01-01"]))).tolist() == [True, False]


def test_every_day_of_four_centuries_is_the_one_of_the_calendar():
    calendar = pd.date_range("1900-01-01", "2100-12-31", freq="D")
    read = days_of(column([int(day) for day in calendar.strftime("%Y%m%d")]))

    assert np.array_equal(read, np.arange(len(calendar)) + days("1900-01-01"))


def test_span_and_what_could_not_be_read_are_told():
    found = timed(["2024-01-03", None, "soon", "2024-01-01"])

    assert (found.n, found.unread) == (4, 2)
    assert (found.oldest, found.newest) == (days("2024-01-01"), days("2024-01-03"))


@pytest.mark.parametrize("values", [[], [None], ["soon", "later"], [True, False]])
def test_without_a_time_there_is_no_span_and_nothing_is_late(values):
    found = timed(values)

    assert (found.n, found.unread, found.parts) == (len(values), len(values), ())
    assert (found.oldest, found.newest, found.out_of_order()) == (np.inf, -np.inf, (0, []))


def test_without_a_declared_column_no_row_has_a_time():
    found = RowTimes.of(block([0, 1], columns={"x": [2024, 2023]}))

    assert (found.unread, found.out_of_order()) == (2, (0, []))


def test_a_row_is_late_against_the_last_row_with_a_time():
    assert timed([2024, None, 2023, 2023, 2025, 2024]).out_of_order() == (2, [2, 5])


def test_equal_times_are_in_order():
    assert timed([2024] * 5).out_of_order() == (0, [])


@pytest.mark.parametrize("cuts", [[6], [1, 5], [3, 3], [1, 1, 1, 1, 1, 1], [2, 2, 2]])
def test_order_does_not_depend_on_how_the_file_is_cut(cuts):
    values = [2024, 2020, None, 2021, 2019, 2030]
    starts = np.cumsum([0, *cuts[:-1]]).tolist()
    parts = [timed(values[start : start + n], start=start) for start, n in zip(starts, cuts, strict=True)]

    for order in (parts, parts[::-1]):
        whole = reduce(add, order)
        assert whole.out_of_order() == (2, [1, 4])
        assert (whole.n, whole.unread, whole.oldest, whole.newest) == (6, 1, days("2019-01-01"), days("2030-01-01"))


def test_late_rows_of_random_times_are_those_that_numpy_finds():
    drawn = np.random.default_rng(4).integers(1950, 2050, 500)
    expected = (np.flatnonzero(np.diff(drawn) < 0) + 1).tolist()
    parts = [timed(drawn[start : start + 70].tolist(), start=start) for start in range(0, 500, 70)]

    late, positions = reduce(add, parts).out_of_order()
    assert (late, positions) == (len(expected), expected[:LISTED_POSITIONS])
