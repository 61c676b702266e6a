import numpy as np
import pytest

from reliability.checks.drift.categories import new_categories
from reliability.evidence import column_histogram
from reliability.records import canonical_json
from tests.checks.drift.two_sets import histogram, refused

MANY, FEW = [f"w{index}" for index in range(20)], ["w0", "w1"] * 10


def found(training, evaluation):
    return new_categories(histogram({"x": evaluation}), histogram({"x": training}))


def test_rows_with_a_category_that_training_never_had_are_counted():
    measured = found(["a", "b"] * 10, ["a", "b", "c", "c"])

    assert (measured.value, measured.n, measured.reason.code) == (0.5, 4, "whole_file")
    assert measured.details["columns"] == [
        {"column": "x", "value": 0.5, "rows_found": 2, "new_levels": 1, "training_levels": 2}
    ]
    assert (measured.details["training_n"], measured.details["not_counted"]) == (20, [])
    assert (measured.unit, measured.method, measured.low, measured.high) == ("share", "exact", None, None)


def test_of_one_row_all_may_be_new():
    measured = found(["a", "b"] * 10, ["c"])

    assert (measured.value, measured.n) == (1.0, 1)


def test_nothing_is_named_where_nothing_is_new():
    measured = found(["a", "b"], ["b", "b"])

    assert (measured.value, measured.details["columns"]) == (0.0, [])
    assert "column" not in measured.details


def test_what_a_sample_misses_anyway_is_taken_off():
    # Good and Turing: two of ten training rows have a category of their own.
    assert found(["a"] * 8 + ["b", "c"], ["a", "d", "e", "f"]).value == pytest.approx(0.75 - 0.2)


def test_columns_that_are_missing_everywhere_say_nothing():
    empty, some = {"x": [None] * 9, "w": [None] * 9}, {"x": [None] * 9, "w": ["a"] * 9}

    assert refused(new_categories, histogram(empty), histogram(empty)) == "no_features"
    assert new_categories(histogram(empty), histogram(some)).value == 0.0
    assert new_categories(histogram(some), histogram(empty)).value == 1.0


def test_a_quantity_beside_a_column_that_is_missing_everywhere_is_no_category():
    rows = histogram({"x": np.arange(50.0), "w": [None] * 50})

    assert new_categories(rows, rows).reason.code == "no_categories"


def test_free_text_says_nothing_of_a_change():
    assert found([f"name {index}" for index in range(50)], [f"other {index}" for index in range(50)]).value == 0.0


def test_a_sample_of_the_same_population_has_next_to_nothing_new():
    draws = np.random.default_rng(0)
    words = [[f"w{index}" for index in draws.zipf(1.6, 3000)] for _ in range(2)]

    assert found(*words).value < 0.03
    assert found(*words).details["columns"][0]["rows_found"] > 50


def test_the_column_with_most_is_the_value():
    training, evaluation = {"a": ["k"] * 10, "b": ["k"] * 10}, {"a": ["k"] * 9 + ["n"], "b": ["n"] * 5 + ["k"] * 5}
    measured = new_categories(histogram(evaluation), histogram(training))

    assert (measured.value, measured.details["column"]) == (0.5, "b")
    assert [one["column"] for one in measured.details["columns"]] == ["b", "a"]
    canonical_json(measured)


def test_of_columns_with_as_much_the_one_with_more_new_rows_comes_first():
    # Every training row has a name of its own: whatever is new is no more than any sample misses.
    names = [f"name {index}" for index in range(4)]
    evaluation = {"a": [*names[:3], "n"], "b": [*names[:2], "n", "m"], "c": [*names[:2], "n", "n"]}
    measured = new_categories(histogram(evaluation), histogram(dict.fromkeys("abc", names)))

    assert (measured.value, measured.details["column"]) == (0.0, "b")
    assert [(one["column"], one["rows_found"], one["new_levels"]) for one in measured.details["columns"]] == [
        ("b", 2, 2), ("c", 2, 1), ("a", 1, 1),
    ]  # fmt: skip


def test_numbers_of_few_values_are_categories_and_quantities_are_none():
    assert found([0, 1] * 10, [0, 1, 9, 9]).value == 0.5
    assert found(np.arange(20).repeat(2), [0, 1, 20, 20]).value == 0.5
    none = found(np.arange(21).repeat(2), [0, 1, 21, 21])
    assert (none.value, none.reason.code, none.n) == (0.0, "no_categories", 4)
    assert (none.unit, none.method) == ("share", "exact")
    assert none.details == {"training_n": 42, "columns": [], "not_counted": []}


def test_yes_or_no_may_be_new():
    assert found([True] * 5, [True, False]).value == 0.5


def test_what_is_missing_is_no_category():
    measured = found(["a"] * 5, ["a", None, "b", None])

    assert measured.value == 0.25


def test_too_many_levels_are_listed_and_not_counted(monkeypatch):
    monkeypatch.setattr(column_histogram, "LEVEL_CELLS", 5)
    many, few = [f"w{index}" for index in range(20)], ["a"] * 20
    measured = new_categories(histogram({"x": many, "z": few}), histogram({"x": many, "z": few}))

    assert (measured.value, measured.details["not_counted"]) == (0.0, ["x"])
    assert refused(new_categories, histogram({"x": many}), histogram({"x": many})) == "too_many_categories"


@pytest.mark.parametrize(("training", "evaluation"), [(MANY, FEW), (FEW, MANY)])
def test_text_is_not_counted_where_either_data_set_has_too_many_levels(monkeypatch, training, evaluation):
    monkeypatch.setattr(column_histogram, "LEVEL_CELLS", 5)
    here, there = ({"x": one, "z": ["a"] * 20} for one in (evaluation, training))
    measured = new_categories(histogram(here), histogram(there))

    assert (measured.value, measured.details["not_counted"]) == (0.0, ["x"])


def test_few_numbers_of_training_are_known_among_any_number_of_others(monkeypatch):
    monkeypatch.setattr(column_histogram, "NUMBER_CELLS", 8)
    measured = found([1, 1_000] * 10, [1] * 20 + [1_000] * 10 + list(range(2**20, 2**20 + 10)))

    assert (measured.value, measured.details["not_counted"]) == (0.25, [])
    assert measured.details["columns"][0]["rows_found"] == 10


def test_nothing_to_compare_is_refused():
    some, none = histogram({"x": ["a"]}), histogram({"x": []})

    assert refused(new_categories, none, some) == "no_rows"
    assert refused(new_categories, some, none) == "no_training_data"
    assert refused(new_categories, histogram({}, [0]), histogram({}, [0])) == "no_features"
