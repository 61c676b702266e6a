import numpy as np
import pandas as pd
import pytest

from reliability.checks.data_quality.timeliness import rows_out_of_order, training_age
from reliability.evidence.row_times import RowTimes, days_of
from tests.builders import column
from tests.checks.data_quality.counting import exact, in_blocks, refusal_of, rows_of


def times(values, **more):
    return RowTimes.of(rows_of({"t": values}, time="t", **more))


def test_rows_out_of_order_are_counted_and_named():
    measured = rows_out_of_order(times(["2024-01-02", "2024-01-01", None, "2024-01-03", "2023-12-31", "soon"]))

    assert (measured.value, measured.n) == (2 / 4, 4)
    assert measured.details == {"iso_5259_2": ["Con-ML-1"], "rows_found": 2, "unread": 2, "positions": [1, 4]}
    assert exact(measured)


def test_rows_in_order_or_at_one_time_are_none():
    assert rows_out_of_order(times(["2024-01-01", "2024-01-01", "2024-02-01"])).value == 0.0
    assert rows_out_of_order(times([2024, 2024])).value == 0.0


@pytest.mark.parametrize("values", [[2024], ["2024-01-01"] + ["soon"] * 299, [None, 2024, None]])
def test_one_time_is_in_no_order(values):
    assert refusal_of(rows_out_of_order, times(values)) == "no_time"
    assert training_age(times(values), times(values)).value == 0.0


def test_of_two_times_the_order_is_told_beside_what_could_not_be_read():
    measured = rows_out_of_order(times(["2024-01-02"] + ["soon"] * 298 + ["2024-01-01"]))

    assert (measured.value, measured.n, measured.details["unread"]) == (0.5, 2, 298)


def test_rows_out_of_order_are_those_of_the_instants_and_not_of_the_clocks():
    measured = rows_out_of_order(times(["2024-01-01T12:00:00+00:00", "2024-01-01T12:00:00+09:00"] * 150))

    assert (measured.value, measured.n) == (0.5, 300)


@pytest.mark.parametrize("cuts", [[1], [30], [7, 8, 59]])
def test_rows_out_of_order_do_not_depend_on_blocks(cuts):
    draws = np.random.default_rng(0)
    values = [None if draws.random() < 0.2 else int(day) for day in 20_240_100 + draws.integers(1, 29, 60)]
    rows = rows_of({"t": values}, time="t")
    days = pd.Series(values).dropna()

    measured = rows_out_of_order(in_blocks(RowTimes, rows, cuts))

    assert measured == rows_out_of_order(RowTimes.of(rows))
    assert measured.details["rows_found"] == int((days.diff() < 0).sum())
    assert measured.details["positions"] == days.index[(days.diff() < 0)].tolist()[:20]


def test_rows_out_of_order_in_any_order_of_blocks():
    values = [20_240_103, 20_240_101, 20_240_102, 20_240_101]
    rows = rows_of({"t": values}, time="t")
    parts = [RowTimes.of(rows.where(np.array([i]))) for i in (2, 0, 3, 1)]

    measured = rows_out_of_order(parts[0] + parts[1] + parts[2] + parts[3])

    assert (measured.details["rows_found"], measured.details["positions"]) == (2, [1, 3])


def test_training_age_is_the_days_between_the_newest_rows():
    measured = training_age(times(["2024-03-01", "2024-04-01"]), times(["2023-01-01", "2024-02-01", None]))

    assert (measured.value, measured.unit, measured.n) == (60.0, "days", 2)
    assert measured.details == {
        "iso_5259_2": ["Cur-ML-2"], "days_spanned": 31.0, "training_days_spanned": 396.0, "gap": 29.0, "unread": 0,
        "training_unread": 1, "training_n": 3,
    }  # fmt: skip
    assert exact(measured)


def test_training_age_counts_the_evaluation_rows_that_have_a_time():
    measured = training_age(times(["2024-04-01", "soon", None]), times(["2024-02-01"]))

    assert (measured.n, measured.details["unread"], measured.details["training_unread"]) == (1, 2, 0)


def test_training_age_is_negative_where_training_is_newer():
    assert training_age(times([2_020]), times(["2021-01-01"])).value == -366.0


@pytest.mark.parametrize(
    "evidence", [times(["soon", None]), RowTimes.of(rows_of({"t": ["2024-01-01"]})), times([True, False])]
)
def test_timeliness_refuses_data_without_times(evidence):
    assert refusal_of(rows_out_of_order, evidence) == "no_time"
    assert refusal_of(training_age, times([2_020]), evidence) == "no_time"
    assert refusal_of(training_age, evidence, times([2_020])) == "no_time"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2024-02-29", "2024-02-29"), ("2024/2/9", "2024-02-09"), ("2024.02.09.", "2024-02-09"),
        ("20240209", "2024-02-09"),
        ("2024-02-09 06:00", "2024-02-09 06:00"), ("2024-02-09T06:00:30Z", "2024-02-09 06:00:30"),
        ("2024-02-09 06:00:30.123", "2024-02-09 06:00:30"), (" 1969-12-31 ", "1969-12-31"),
        (20_240_209, "2024-02-09"),
        (202_402, "2024-02-01"), (2_024, "2024-01-01"), (1_707_458_430, "2024-02-09 06:00:30"),
        (1_707_458_430_000, "2024-02-09 06:00:30"), (2_024.0, "2024-01-01"),
    ],
)  # fmt: skip
def test_days_are_read_as_pandas_reads_them(written, meant):
    (day,) = days_of(column([written]))

    assert day == pytest.approx(pd.Timestamp(meant).timestamp() / 86_400, abs=1e-9)


@pytest.mark.parametrize(
    "written",
    ["2023-02-29", "2024-13-01", "2024-00-10", "24-01-01", "January", "2024-01-01 25:00", 20_241_301, 12.5, 3, True],
)
def test_what_is_no_day_is_not_read(written):
    assert np.isnan(days_of(column([written]))).all()
    assert np.isnan(days_of(column([None]))).all()
