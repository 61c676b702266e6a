import numpy as np
import pytest

from reliability.checks.drift.categories import new_categories
from reliability.evidence import column_histogram
from reliability.records import canonical_json
from tests.checks.drift.two_sets import histogram, refused


def found(training, evaluation):
    return new_categories(histogram({"x": evaluation}), histogram({"x": training}))


def test_rows_with_a_category_that_training_never_had_are_counted():
    measured = found(["a", "b"] * 10, ["a", "b", "c", "c"])

    assert (measured.value, measured.n, measured.reason.code) == (0.5, 4, "whole_file")
    assert measured.details["columns"] == [
        {"column": "x", "value": 0.5, "rows_found": 2, "new_levels": 1, "training_levels": 2}
    ]
    assert measured.details["column"] == "x"


def test_nothing_is_named_where_nothing_is_new():
    measured = found(["a", "b"], ["b", "b"])

    assert (measured.value, measured.details["columns"]) == (0.0, [])
    assert "column" not in measured.details


def test_what_a_sample_misses_anyway_is_taken_off():
    # Good and Turing: two of ten training rows have a category of their own.
    assert found(["a"] * 8 + ["b", "c"], ["a", "d", "e", "f"]).value == pytest.approx(0.75 - 0.2)


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


def test_numbers_of_few_values_are_categories_and_quantities_are_none():
    assert found([0, 1] * 10, [0, 1, 9, 9]).value == 0.5
    none = new_categories(histogram({"x": [0.0]}), histogram({"x": np.arange(21.0)}))
    assert (none.value, none.reason.code) == (0.0, "no_categories")


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


def test_nothing_to_compare_is_refused():
    some, none = histogram({"x": ["a"]}), histogram({"x": []})

    assert refused(new_categories, none, some) == "no_rows"
    assert refused(new_categories, some, none) == "no_training_data"
    assert refused(new_categories, histogram({}, [0]), histogram({}, [0])) == "no_features"
