"""Arrow arrays as columns: what each type becomes, what counts as missing, what is refused and where."""

from datetime import date, datetime, time
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliability.submission.arrays import MISSING, Misfit, blank_to_null, is_text, kind_of, to_column


@pytest.mark.parametrize(
    ("arrow", "kind"),
    [
        (pa.bool_(), "bool"),
        (pa.int8(), "i8"),
        (pa.int64(), "i8"),
        (pa.uint16(), "i8"),
        (pa.uint64(), "i8"),
        (pa.float16(), "f8"),
        (pa.float32(), "f8"),
        (pa.float64(), "f8"),
        (pa.decimal128(10, 2), "f8"),
        (pa.decimal256(60, 2), "f8"),
        (pa.null(), "f8"),
        (pa.string(), "utf8"),
        (pa.large_string(), "utf8"),
        (pa.string_view(), "utf8"),
        (pa.date32(), "utf8"),
        (pa.date64(), "utf8"),
        (pa.timestamp("us"), "utf8"),
        (pa.timestamp("ns", tz="Asia/Seoul"), "utf8"),
        (pa.time32("s"), "utf8"),
        (pa.time64("us"), "utf8"),
        (pa.dictionary(pa.int8(), pa.string()), "utf8"),
        (pa.dictionary(pa.int32(), pa.int64()), "i8"),
        (pa.dictionary(pa.int32(), pa.list_(pa.int64())), None),
        (pa.list_(pa.int64()), None),
        (pa.struct([("a", pa.int64())]), None),
        (pa.map_(pa.string(), pa.int64()), None),
        (pa.binary(), None),
        (pa.binary(4), None),
        (pa.duration("s"), None),
    ],
    ids=str,
)
def test_kind_of_every_arrow_type(arrow, kind):
    assert kind_of(arrow) == kind


@pytest.mark.parametrize(
    ("arrow", "text"),
    [
        (pa.string(), True),
        (pa.large_string(), True),
        (pa.string_view(), True),
        (pa.int64(), False),
        (pa.date32(), False),
    ],
    ids=str,
)
def test_is_text_holds_for_spellings_only(arrow, text):
    assert is_text(arrow) is text


@pytest.mark.parametrize(
    ("array", "kind", "labels"),
    [
        (pa.array([1, None, 3]), "i8", [1, None, 3]),
        (pa.array([1, None, 3]), "f8", [1.0, None, 3.0]),
        (pa.array([1, 0, None]), "bool", [True, False, None]),
        (pa.array([1, 0, None]), "utf8", ["1", "0", None]),
        (pa.array([1.0, None, -3.0]), "i8", [1, None, -3]),
        (pa.array([0.5, float("nan"), None]), "f8", [0.5, None, None]),
        (pa.array([1.0, 0.0]), "bool", [True, False]),
        (pa.array([True, None, False]), "bool", [True, None, False]),
        (pa.array([True, None, False]), "i8", [1, None, 0]),
        (pa.array([True, None, False]), "utf8", ["true", None, "false"]),
        (pa.array([200, 7], pa.uint8()), "i8", [200, 7]),
        (pa.array([0.5, 2.0], pa.float32()), "f8", [0.5, 2.0]),
        (pa.array([Decimal("1.25"), None]), "f8", [1.25, None]),
        (pa.array([Decimal("7.00"), None]), "i8", [7, None]),
        (pa.array(["a", None, "b", "a"]), "utf8", ["a", None, "b", "a"]),
        (pa.array(["a", None], pa.large_string()), "utf8", ["a", None]),
        (pa.array(["a", None, "a"]).dictionary_encode(), "utf8", ["a", None, "a"]),
        (pa.array([5, None, 5]).dictionary_encode(), "i8", [5, None, 5]),
        (pa.array(["1", " 2 ", "-3"]), "i8", [1, 2, -3]),
        (pa.array(["1", "2.5", "1e3", "+4", ".5", "5."]), "f8", [1.0, 2.5, 1000.0, 4.0, 0.5, 5.0]),
        (pa.array(["TRUE", "False", " true ", None]), "bool", [True, False, True, None]),
        (pa.array([date(2026, 1, 31), None]), "utf8", ["2026-01-31", None]),
        (pa.array([time(9, 30), None], pa.time32("s")), "utf8", ["09:30:00", None]),
        (pa.array([datetime(2026, 1, 31, 9, 30), None], pa.timestamp("s")), "utf8", ["2026-01-31 09:30:00", None]),
        (pa.array([None, None], pa.null()), "f8", [None, None]),
        (pa.array([None, None], pa.null()), "utf8", [None, None]),
        (pa.array([], pa.string()), "utf8", []),
        (pa.array([], pa.int64()), "f8", []),
        (pa.array(["여", "남", None]), "utf8", ["여", "남", None]),
    ],
)  # fmt: skip
def test_values_come_out_as_labels(array, kind, labels):
    column = to_column(array, kind)

    assert (column.kind, column.as_labels()) == (kind, labels)


@pytest.mark.parametrize("spelling", MISSING)
@pytest.mark.parametrize(("kind", "other"), [("utf8", "x"), ("i8", "1"), ("f8", "1.5"), ("bool", "true")])
def test_every_spelling_of_a_missing_value_counts_in_every_kind(spelling, kind, other):
    column = to_column(pa.array([spelling, other]), kind)

    assert column.missing.tolist() == [True, False]


@pytest.mark.parametrize(
    ("array", "kind", "also", "missing"),
    [
        (pa.array([1, 99, 3]), "i8", [99], [False, True, False]),
        (pa.array([1.5, 99.0, -1.0]), "f8", [99, -1], [False, True, True]),
        (pa.array(["1", "99", "99.0"]), "f8", [99], [False, True, True]),
        (pa.array(["1", "무응답"]), "i8", ["무응답"], [False, True]),
        (pa.array(["a", "무응답", "모름"]), "utf8", ["무응답", "모름"], [False, True, True]),
        (pa.array(["1", "9"]), "utf8", [9], [False, True]),
        (pa.array(["true", "?"]), "bool", ["?"], [False, True]),
        (pa.array([1, 0, 9]), "bool", [9], [False, False, True]),
        (pa.array(["1", "0", "9"]), "i8", ["9"], [False, False, True]),
        (pa.array(["a", "a"]), "utf8", ["b"], [False, False]),
    ],
)
def test_declared_spellings_count_as_missing_too(array, kind, also, missing):
    assert to_column(array, kind, also_missing=also).missing.tolist() == missing


@pytest.mark.parametrize(
    ("array", "kind", "place", "value"),
    [
        (pa.array(["1", "2", "x", "y"]), "i8", 2, "x"),
        (pa.array(["1", "2.5"]), "i8", 1, "2.5"),
        (pa.array([None, "1.5", "1,5"]), "f8", 2, "1,5"),
        (pa.array(["1", "0x10"]), "f8", 1, "0x10"),
        (pa.array(["1", "1 2"]), "i8", 1, "1 2"),
        (pa.array(["1", "9223372036854775808"]), "i8", 1, "9223372036854775808"),
        (pa.array(["true", "yes"]), "bool", 1, "yes"),
        (pa.array([1, 0, 2, 3]), "bool", 2, 2),
        (pa.array([1.0, 2.0, 2.5, 3.5]), "i8", 2, 2.5),
        (pa.array([1.0, float("inf")]), "f8", 1, float("inf")),
        (pa.array([0.0, float("-inf"), 1.0]), "f8", 1, float("-inf")),
        (pa.array([1, 2**63], pa.uint64()), "i8", 1, 2**63),
        (pa.array([Decimal("1.00"), Decimal("1.50")]), "i8", 1, Decimal("1.50")),
    ],
)
def test_first_value_that_does_not_fit_is_named_with_its_place(array, kind, place, value):
    with pytest.raises(Misfit) as caught:
        to_column(array, kind)

    assert (caught.value.place, caught.value.value) == (place, value)


def test_missing_rows_hold_a_value_that_means_nothing():
    numbers, texts = to_column(pa.array([None, 7]), "i8"), to_column(pa.array([None, "b"]), "utf8")

    assert (numbers.values.tolist(), numbers.values.dtype) == ([0, 7], np.int64)
    assert (texts.values.tolist(), texts.values.dtype, texts.levels) == ([0, 0], np.int32, ("b",))


def test_a_level_that_spells_a_missing_value_is_never_used():
    column = to_column(pa.array(["NA", "a", "NA"]), "utf8")

    assert column.as_labels() == [None, "a", None]
    assert {column.levels[code] for code in column.values[~column.missing]} == {"a"}


@pytest.mark.parametrize("rows", [[0, 1, 2, 3], [3, 2, 1, 0], [1, 1, 3, 3]])
def test_order_of_rows_moves_values_and_nothing_else(rows):
    values = ["b", None, "a", "NA"]
    whole = to_column(pa.array(values), "utf8").as_labels()

    assert to_column(pa.array([values[row] for row in rows]), "utf8").as_labels() == [whole[row] for row in rows]


def test_slices_of_an_array_read_like_arrays_of_their_own():
    array = pa.array(["x", "1", "NA", "3"])

    assert to_column(array.slice(1), "i8").as_labels() == [1, None, 3]
    assert to_column(pa.array([9, 1, 2]).slice(1, 2), "f8").as_labels() == [1.0, 2.0]
    assert to_column(pa.array(["x", "y", "y"]).dictionary_encode().slice(1), "utf8").as_labels() == ["y", "y"]


def test_blank_to_null_leaves_other_texts_alone():
    assert blank_to_null(pa.array(["a", "-", None, ""]), ("-", "")).to_pylist() == ["a", None, None, None]


@given(st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), max_size=20))
def test_integers_survive_as_text_and_as_numbers(values):
    spelt = [None if value is None else str(value) for value in values]

    assert to_column(pa.array(values, pa.int64()), "i8").as_labels() == values
    assert to_column(pa.array(spelt, pa.string()), "i8").as_labels() == values


@given(st.lists(st.none() | st.floats(allow_nan=False, allow_infinity=False), max_size=20))
def test_reals_survive_as_text_and_as_numbers(values):
    spelt = [None if value is None else repr(value) for value in values]

    assert to_column(pa.array(values, pa.float64()), "f8").as_labels() == values
    assert to_column(pa.array(spelt, pa.string()), "f8").as_labels() == values
