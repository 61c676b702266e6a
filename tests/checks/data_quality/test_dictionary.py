import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability.blocks import ColumnRule, Dependency
from reliability.checks.data_quality.dictionary import dependency_violations, schema_violations
from reliability.evidence import dependency_pairs
from reliability.evidence.column_profile import ColumnProfile
from reliability.evidence.dependency_pairs import DependencyPairs
from reliability.records import canonical_json
from tests.checks.data_quality.counting import exact, in_blocks, refusal_of, rows_of

ZIP_CITY = Dependency(given=("zip",), fixes="city")


def pairs(columns, *dependencies, **more):
    return DependencyPairs.of(rows_of(columns, dependencies=dependencies or (ZIP_CITY,), **more))


def test_dependency_violations_name_the_rarer_value():
    measured = dependency_violations(pairs({"zip": [1, 1, 1, 2, 2], "city": ["a", "a", "b", "c", "c"]}))

    assert (measured.value, measured.n, measured.unit) == (1 / 5, 5, "share")
    assert measured.details["columns"] == [
        {"column": "city", "given": ["zip"], "violations": 1, "undecided": 0, "positions": [2]}
    ]
    assert (measured.details["dependencies"], measured.details["left_out"]) == (1, 0)
    assert measured.details["iso_5259_2"] == ["Con-ML-4"]
    assert exact(measured)


def test_dependency_violations_do_not_say_which_of_two_equally_common_values_is_wrong():
    measured = dependency_violations(pairs({"zip": [1, 1, 1, 1, 1], "city": ["a", "a", "b", "b", "c"]}))

    assert measured.value == 3 / 5
    assert measured.details["columns"][0]["undecided"] == 4
    assert measured.details["columns"][0]["positions"] == [4]


def test_dependencies_that_hold_are_not_listed():
    measured = dependency_violations(pairs({"zip": [1, 1, 2], "city": ["a", "a", "a"]}))

    assert (measured.value, measured.details["columns"]) == (0.0, [])


def test_rows_that_lack_a_value_say_nothing():
    measured = dependency_violations(pairs({"zip": [1, None, 1, 1], "city": ["a", "b", None, "a"]}))

    assert (measured.value, measured.details["cells"]) == (0.0, 2)


def test_a_dependency_without_rows_stands_beside_one_that_is_broken():
    columns = {"zip": [1, 1, 1], "city": list("aab"), "county": [None] * 3}
    measured = dependency_violations(pairs(columns, Dependency(given=("zip",), fixes="county"), ZIP_CITY))

    assert measured.value == 1 / 3
    assert measured.details == {
        "iso_5259_2": ["Con-ML-4"], "cells": 3, "violations": 1, "dependencies": 2, "left_out": 0,
        "columns": [{"column": "city", "given": ["zip"], "violations": 1, "undecided": 0, "positions": [2]}],
    }  # fmt: skip


def test_several_columns_may_fix_one():
    both = Dependency(given=("a", "b"), fixes="c")
    columns = {"a": [1, 1, 1, 1], "b": [1, 1, 2, 2], "c": [5, 5, 6, 6]}

    assert dependency_violations(pairs(columns, both)).value == 0.0
    assert dependency_violations(pairs(columns, Dependency(given=("a",), fixes="c"))).value == 0.5
    swapped = {**columns, "a": [1, 2, 1, 2], "b": [2, 1, 2, 1]}
    assert dependency_violations(pairs(swapped, both)).value == 0.5


def test_dependencies_are_listed_worst_first_and_columns_not_read_are_left_out():
    gone = Dependency(given=("zip",), fixes="county")
    measured = dependency_violations(
        pairs(
            {"zip": [1, 1, 1, 1], "city": list("aaab"), "state": list("abcc")},
            ZIP_CITY, Dependency(given=("zip",), fixes="state"), gone,
        )
    )  # fmt: skip

    assert [one["column"] for one in measured.details["columns"]] == ["state", "city"]
    assert (measured.value, measured.details["left_out"]) == (3 / 8, 1)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([1, 2, 3, None]), st.sampled_from(["a", "b", None])), min_size=1, max_size=30)
)
def test_dependency_violations_are_kivinens_and_mannilas_g3(rows):
    frame = pd.DataFrame(rows, columns=["zip", "city"]).dropna()
    counted = pairs({"zip": [row[0] for row in rows] + [9], "city": [row[1] for row in rows] + ["z"]})
    kept = sum(group.city.value_counts().max() for _, group in frame.groupby("zip"))

    assert dependency_violations(counted).value == pytest.approx(1 - (kept + 1) / (len(frame) + 1), abs=1e-12)


def test_dependency_violations_refuse_where_none_is_declared_or_measured(monkeypatch):
    assert refusal_of(dependency_violations, DependencyPairs.of(rows_of({"zip": [1]}))) == "no_dependencies"
    assert refusal_of(dependency_violations, pairs({"zip": [1, 2]})) == "no_dependencies"
    assert refusal_of(dependency_violations, pairs({"zip": [None], "city": ["a"]})) == "no_rows"
    monkeypatch.setattr(dependency_pairs, "MOST_PAIRS", 3)
    many = pairs({"zip": [1, 2], "city": ["a", "b"]}) + pairs({"zip": [3, 4], "city": ["a", "b"]})
    assert refusal_of(dependency_violations, many + many) == "no_dependencies"


def test_dependency_violations_list_four_rows_of_a_value():
    measured = dependency_violations(pairs({"zip": [1] * 30, "city": ["b"] * 10 + ["a"] * 20}))

    assert (measured.details["columns"][0]["positions"], measured.value) == ([0, 1, 2, 3], 1 / 3)


@pytest.mark.parametrize("cuts", [[1], [60], [7, 8, 119]])
def test_dependency_violations_do_not_depend_on_blocks_or_order(cuts):
    draws = np.random.default_rng(0)
    columns = {"zip": draws.integers(0, 9, 120).tolist(), "city": draws.choice(list("aaaab"), 120).tolist()}
    rows = rows_of(columns, dependencies=(ZIP_CITY,))
    whole = dependency_violations(DependencyPairs.of(rows))
    shuffled = rows.where(draws.permutation(120))

    assert dependency_violations(in_blocks(DependencyPairs, rows, cuts)) == whole
    assert dependency_violations(in_blocks(DependencyPairs, shuffled, cuts)) == whole
    assert whole.value > 0.1


def test_dependency_violations_hold_no_values():
    measured = dependency_violations(pairs({"zip": [54_321] * 3, "city": ["Jeonju", "Jeonju", "Iksan"]}))

    assert not any(value in canonical_json(measured).decode() for value in ("54321", "Jeonju", "Iksan"))


def ruled(cells, **rule):
    return schema_violations(ColumnProfile.of(rows_of({"x": cells}, rules={"x": ColumnRule(**rule)})))


def test_schema_violations_hold_text_to_its_pattern():
    measured = ruled(["A-12", "B-1", "a-12", None, "A-12\n", "xA-12"], pattern="[A-Z]-[0-9]+")

    assert measured.value == 3 / 5
    assert measured.details["columns"][0]["positions"] == [2, 4, 5]
    assert measured.details["iso_5259_2"] == ["Con-ML-3", "Acc-ML-6"]


def test_a_pattern_of_alternatives_holds_for_the_whole_text():
    assert ruled(["ab", "cd", "abx", "xcd"], pattern="ab|cd").value == 0.5


def test_numbers_have_no_form():
    assert ruled([1, 2], pattern="[0-9]+").value == 1.0
    assert refusal_of(ruled, [None, None], pattern="a") == "no_rows"


def test_a_pattern_is_held_beside_a_list():
    assert ruled(["a", "b", "c", "dd"], pattern=".", values=("a", "b", "dd")).value == 0.5
