"""Pairs of a declared dependency: those that pandas groups, however the file is cut, and never a value."""

from functools import reduce
from operator import add

import numpy as np
import pandas as pd
import pytest

from reliability.blocks import Dependency
from reliability.evidence import dependency_pairs
from reliability.evidence.dependency_pairs import POSITIONS, DependencyPairs
from tests.builders import block

CITY = Dependency(given=("zip",), fixes="city")
NOWHERE = np.iinfo(np.int64).max


def paired(columns, *dependencies, start=0):
    n = len(next(iter(columns.values())))
    return DependencyPairs.of(block([0] * n, columns=columns, dependencies=dependencies or (CITY,), start=start))


def counts(found, one=CITY):
    return sorted(found.pairs[one].counts.tolist())


def rows_of(found, one=CITY):
    return sorted([at for at in row if at != NOWHERE] for row in found.pairs[one].positions.tolist())


def test_pairs_are_counted_with_their_first_rows():
    found = paired({"zip": ["1", "1", "2", "1"], "city": ["a", "a", "b", "c"]})

    assert found.n == 4
    assert counts(found) == [1, 1, 2]
    assert rows_of(found) == [[0, 1], [2], [3]]


def test_rows_that_lack_a_value_say_nothing():
    found = paired({"zip": ["1", None, "1", None], "city": ["a", "a", None, None]})

    assert (found.n, counts(found), rows_of(found)) == (4, [1], [[0]])


@pytest.mark.parametrize("columns", [{"zip": [None, None], "city": [None, None]}, {"zip": [], "city": []}])
def test_nothing_to_pair_is_no_pair(columns):
    found = paired(columns)

    assert counts(found) == []
    assert counts(found + found) == []


def test_a_dependency_of_a_column_that_is_not_read_is_left_out():
    assert paired({"zip": ["1"], "x": [1]}).pairs == {}


def test_no_more_than_the_first_four_rows_of_a_pair_are_kept():
    found = paired({"zip": ["1"] * 9, "city": ["a"] * 9}, start=100)

    assert (counts(found), rows_of(found)) == ([9], [[100, 101, 102, 103]])
    assert len(rows_of(found)[0]) == POSITIONS


def test_the_order_of_the_given_columns_tells_rows_apart():
    two = Dependency(given=("a", "b"), fixes="c")
    found = paired({"a": ["x", "y"], "b": ["y", "x"], "c": ["1", "1"]}, two)

    assert counts(found, two) == [1, 1]
    assert len(set(found.pairs[two].given.tolist())) == 2


@pytest.mark.parametrize("size", [1, 7, 50, 300])
def test_pairs_are_the_groups_of_pandas_however_the_file_is_cut(size):
    draws = np.random.default_rng(8)
    two = Dependency(given=("a", "b"), fixes="c")
    table = pd.DataFrame({name: draws.integers(0, 3, 300) for name in "abc"})
    groups = table.groupby(["a", "b", "c"]).indices.values()
    parts = [
        paired({name: table[name][start : start + size].tolist() for name in "abc"}, two, start=start)
        for start in range(0, 300, size)
    ]

    for order in (parts, parts[::-1]):
        found = reduce(add, order)
        assert counts(found, two) == sorted(len(rows) for rows in groups)
        assert rows_of(found, two) == sorted(rows[:POSITIONS].tolist() for rows in groups)
        assert found.n == 300


def test_beyond_the_most_pairs_there_are_none_and_adding_keeps_it_so(monkeypatch):
    monkeypatch.setattr(dependency_pairs, "MOST_PAIRS", 3)
    first = paired({"zip": ["1", "2"], "city": ["a", "a"]})
    second = paired({"zip": ["3", "4"], "city": ["a", "a"]}, start=2)

    assert (first + first).pairs[CITY] is not None
    assert (first + second).pairs[CITY] is None
    assert (first + second + first).pairs[CITY] is None
    assert (first + (first + second)).pairs[CITY] is None
