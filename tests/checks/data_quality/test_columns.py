import numpy as np
import pandas as pd
import pytest

from reliability.blocks import Column
from reliability.checks.data_quality.columns import constant_columns, identifier_columns
from reliability.evidence.column_histogram import ColumnHistogram
from reliability.evidence.distinct_values import DistinctValues
from tests.checks.data_quality.counting import distinct, exact, in_blocks, listed, numbers, refusal_of, rows_of

CODES = 449 * np.arange(20_000)


def constants(columns):
    return constant_columns(numbers(columns)[0])


def identifiers(values):
    measured = identifier_columns(*distinct({"x": values}))
    return [one["column"] for one in measured.details["columns"]] == ["x"]


def test_constant_columns_are_named():
    measured = constants({"a": [1, 1, 1], "b": ["x", "x", "x"], "c": [1, 2, 1], "d": [True, True, True]})

    assert (measured.value, listed(measured, "column")) == (3, [("a",), ("b",), ("d",)])
    assert (measured.unit, measured.n, measured.details["columns_read"]) == ("columns", 3, 4)
    assert measured.details["iso_5259_2"] == ["Rel-ML-1"]
    assert exact(measured)


@pytest.mark.parametrize(
    ("values", "constant"),
    [
        ([None, None], True),
        ([1, None], False),
        ([0.0, -0.0], True),
        (["a", "a "], False),
        ([1.5], True),
        ([2, 2], True),
    ],
)
def test_a_missing_cell_is_a_content_of_its_own(values, constant):
    assert constants({"x": values}).value == int(constant)


def test_constant_columns_agree_with_pandas():
    draws = np.random.default_rng(0)
    columns = {f"c{i}": draws.integers(0, 1 + i % 2, 30).tolist() for i in range(6)}

    assert constants(columns).value == int((pd.DataFrame(columns).nunique(dropna=False) <= 1).sum())


def test_constant_columns_do_not_depend_on_blocks():
    rows = rows_of({"a": [1] * 10, "b": [1] * 5 + [2] * 5})

    assert constant_columns(in_blocks(ColumnHistogram, rows, [5])).value == 1


@pytest.mark.parametrize("check", [constant_columns, identifier_columns])
def test_columns_refuse_no_rows_and_no_features(check):
    for columns, n, code in (({"x": []}, 0, "no_rows"), ({}, 3, "no_features")):
        evidence = distinct(columns, n=n)
        assert refusal_of(check, *(evidence if check is identifier_columns else evidence[1:])) == code


def test_identifier_columns_are_named_with_their_share():
    measured = identifier_columns(*distinct({"id": list(range(1_000, 1_100)), "x": [1, 2] * 50, "r": [0.5] * 100}))

    assert listed(measured, "column", "value", "cells") == [("id", 1.0, 100)]
    assert (measured.value, measured.unit, measured.n, measured.details["columns_read"]) == (1, "columns", 100, 2)
    assert measured.details["iso_5259_2"] == ["Rel-ML-1"]
    assert exact(measured)


def random(low, high, n=2_000):
    return np.random.default_rng(0).choice(np.arange(low, high), n, replace=False).tolist()


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (list(range(60)), True), (list(range(49)), False), (list(range(50)), True), (random(0, 20_000), True),
        (random(10_000_000, 10_300_000), True), (random(5_000, 400_000), False),
        ([-5_000, *random(5_000, 90_000)], False),
        ([*range(99), 5], True), ([*range(98), 5, 6], False), (random(100_000, 999_999), True),
        ([*range(1_000, 101_000, 1_000)], False), ([*range(100, 1_100, 10)], True), ([*range(100, 1_300, 11)], False),
        ([*range(0, 990, 10), 1_000], True), ([*range(0, 990, 10), 1_001], False),
        ([-1_001, *range(-980, 10, 10)], False), ([-1_000, *range(-980, 10, 10)], True),
        ([*range(100_000, 200_000, 1_000)], True), ([99_999, *range(101_000, 200_000, 1_000)], False),
        ([*range(900_000, 999_000, 1_000), 1_000_000], False), ([*range(90_000, 99_900, 100), 99_999], False),
        ([*range(-999_000, -900_000, 1_000)], False),
    ],
)  # fmt: skip
def test_whole_numbers_are_identifiers_where_they_are_dense_or_of_one_length(values, found):
    assert identifiers(values) is found


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([f"P-{i:05}" for i in range(100)], True), ([f"김 {i}호" for i in range(100)], True),
        ([f"a note on customer {i}" for i in range(100)], False), ([f"c{i % 90}" for i in range(100)], False),
        ([f"one two three {i}" for i in range(100)], False), ([f"one two {i}" for i in range(100)], True),
    ],
)  # fmt: skip
def test_text_is_an_identifier_unless_it_is_prose(values, found):
    assert identifiers(values) is found


def test_prose_is_named_apart():
    measured = identifier_columns(*distinct({"memo": [f"a note on customer {i}" for i in range(100)]}))

    assert (measured.value, measured.details["prose"]) == (0, ["memo"])


def test_missing_cells_do_not_hide_an_identifier():
    assert identifiers([*range(60), *[None] * 60])


@pytest.mark.parametrize("repeats", [1, 2])
def test_identifiers_of_more_values_than_are_held_are_found_by_how_often_they_repeat(repeats):
    values = np.tile(np.arange(30_000), repeats)
    rows = rows_of({"x": Column(kind="i8", values=values, missing=np.zeros(len(values), bool))})
    cuts = [10_000, 25_000]
    evidence = in_blocks(DistinctValues, rows, cuts), in_blocks(ColumnHistogram, rows, cuts)

    assert identifier_columns(*evidence).value == int(repeats == 1)


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (1_000_000 + CODES, True), (np.append(999_999, 1_000_000 + CODES), False),
        (9_999_999 - CODES, True), (np.append(10_000_000, 9_999_999 - CODES), False),
        (np.append(9 * np.arange(19_999), 200_000), True), (np.append(9 * np.arange(19_999), 200_001), False),
        (np.append(10**7 - 9 * np.arange(19_999), 10**7 - 200_000), True),
        (np.append(10**7 - 9 * np.arange(19_999), 10**7 - 200_001), False),
    ],
)  # fmt: skip
def test_the_range_of_more_numbers_than_are_held_is_that_of_their_smallest_and_largest(values, found):
    # 8,192 numbers are held exactly; the ends of a column are, however many it has.
    rows = rows_of({"x": Column(kind="i8", values=values, missing=np.zeros(len(values), bool))})

    assert identifier_columns(DistinctValues.of(rows), ColumnHistogram.of(rows)).value == int(found)


def test_identifier_columns_do_not_depend_on_blocks():
    rows = rows_of({"id": list(range(120)), "w": [f"P{i}" for i in range(120)]})
    whole = identifier_columns(DistinctValues.of(rows), ColumnHistogram.of(rows))

    for cuts in ([1], [60], [7, 8, 119]):
        assert (
            identifier_columns(in_blocks(DistinctValues, rows, cuts), in_blocks(ColumnHistogram, rows, cuts)) == whole
        )
    assert whole.value == 2


def test_identifier_columns_ignore_the_order_of_rows():
    rows = rows_of({"id": list(range(120))})
    shuffled = rows.where(np.random.default_rng(0).permutation(120))

    assert identifier_columns(DistinctValues.of(shuffled), ColumnHistogram.of(shuffled)).value == 1
