import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability.evidence import column_histogram
from reliability.evidence.column_histogram import Beside, ColumnCounts, ColumnHistogram
from reliability.evidence.score_keys import KeyCounts, bounded, keys_of_values, values_of_keys
from tests.builders import block, column

NUMBERS = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60)


def counted(values):
    return ColumnCounts.of(column(values))


def told(counts):
    arrays = (counts.keys, counts.counts, counts.first, counts.last)
    return (counts.kind, counts.n, counts.missing, counts.shift, *(one.tolist() for one in arrays))


def test_numbers_are_counted_by_value_in_their_order():
    counts = counted([2.5, -1.0, None, 2.5, 0.0])

    assert values_of_keys(counts.keys).tolist() == [-1.0, 0.0, 2.5]
    assert counts.counts.tolist() == [1, 1, 2]
    assert (counts.n, counts.missing, counts.present, counts.shift) == (5, 1, 4, 0)


def test_integers_and_floats_of_one_value_are_one_key():
    assert told(counted([1, 2, 2])) == told(counted([1.0, 2.0, 2.0]))


def test_minus_zero_is_zero():
    assert counted([0.0, -0.0]).counts.tolist() == [2]


def test_text_is_counted_by_level_whatever_its_code():
    assert told(counted(["가", "b", "가", None])) == told(counted([None, "b", "가", "가"]))


def test_yes_and_no_are_no_numbers():
    assert counted([True, False, True]).kind == "bool"


def test_a_column_without_cells_is_empty():
    counts = counted([None, None])

    assert (counts.present, counts.keys.tolist(), counts.counts.tolist()) == (0, [], [])


@given(NUMBERS, st.integers(2, 12))
@settings(max_examples=30, deadline=None)
def test_as_few_digits_are_dropped_as_the_bound_asks_for(values, most):
    keys = np.sort(keys_of_values(np.array(values)))
    shift = 0
    while len(np.unique(keys >> shift)) > most:
        shift += 1
    got = column_histogram._bounded(keys, (None, keys, keys), 0, most)

    assert got["shift"] == shift
    assert got["keys"].tolist() == np.unique(keys >> shift).tolist()
    assert got["counts"].sum() == len(values)


def test_cells_are_those_of_the_score_histogram():
    keys = np.sort(keys_of_values(np.random.default_rng(0).normal(size=500)))
    counts = KeyCounts(outer=np.zeros(500, np.int64), cells=keys, shift=0, table=np.ones((500, 1), np.int64))
    other = bounded(counts, most=100, exact=100)
    got = column_histogram._bounded(keys, (None, keys, keys), 0, 100)

    assert (got["shift"], got["keys"].tolist()) == (other.shift, other.cells.tolist())
    assert got["counts"].tolist() == other.table[:, 0].tolist()


def test_cells_know_the_ends_of_what_they_hold(monkeypatch):
    monkeypatch.setattr(column_histogram, "NUMBER_CELLS", 3)
    values = np.array([1.0, 1.01, 1.02, 4.0, 4.0, 9.0, 9.5])
    column_of_both = Beside.of(counted(values), counted(values[:3]))
    low, high = column_of_both.edges()

    assert column_of_both.shift > 0
    assert low.tolist() == [1.0, 4.0, 9.0]
    assert high.tolist() == [1.02, 4.0, 9.5]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_coarse_columns_add_to_the_same_bits_in_any_order(order, monkeypatch):
    monkeypatch.setattr(column_histogram, "NUMBER_CELLS", 50)
    values = np.random.default_rng(1).lognormal(size=900)
    parts = [counted(part) for part in np.split(values, [10, 300])]
    first, second, third = (parts[place] for place in order)

    assert told((first + second) + third) == told(counted(values))


def test_text_beyond_its_bound_is_pooled_alike_in_any_order(monkeypatch):
    monkeypatch.setattr(column_histogram, "LEVEL_CELLS", 20)
    words = [f"w{index}" for index in range(100)]
    whole = counted(words)

    assert len(whole.keys) <= 20
    assert whole.counts.sum() == 100
    assert told(counted(words[60:]) + counted(words[:60])) == told(whole)


def test_two_columns_stand_beside_each_other_on_the_coarser_grid(monkeypatch):
    monkeypatch.setattr(column_histogram, "NUMBER_CELLS", 8)
    fine, coarse = counted([1.0, 2.0, 2.0]), counted(np.linspace(1, 3, 50))
    both = Beside.of(fine, coarse)

    assert both.shift == coarse.shift > 0
    assert both.counts.sum(axis=0).tolist() == [3, 50]
    assert both.present.tolist() == [3, 50]
    assert both.missing.tolist() == [0, 0]


def test_beside_keeps_what_only_one_of_them_has():
    both = Beside.of(counted(["a", "b", None]), counted(["b", "c"]))

    assert sorted(both.counts.tolist()) == [[0, 1], [1, 0], [1, 1]]
    assert both.missing.tolist() == [1, 0]


def test_huge_and_tiny_numbers_have_finite_ends(monkeypatch):
    monkeypatch.setattr(column_histogram, "NUMBER_CELLS", 4)
    counts = counted([-1.7e308, -1e308, -5e-324, 0.0, 5e-324, 1e308, 1.7e308])
    low, high = Beside.of(counts, counts).edges()

    assert np.isfinite(low).all()
    assert np.isfinite(high).all()
    assert (low[0], high[-1]) == (-1.7e308, 1.7e308)


def test_histogram_counts_features_and_target():
    counted_rows = ColumnHistogram.of(block([1, 0, 1], columns={"x": [1, 2, 2], "w": ["a", None, "b"]}))

    assert list(counted_rows.columns) == ["x", "w"]
    assert values_of_keys(counted_rows.target.keys).tolist() == [0.0, 1.0]
    assert counted_rows.target.counts.tolist() == [1, 2]
    assert (counted_rows.n, counted_rows.columns["w"].missing) == (3, 1)


def test_histogram_of_a_million_rows_is_bounded():
    draws = np.random.default_rng(0)
    total = counted(draws.normal(size=60_000))
    for _ in range(3):
        total = total + counted(draws.normal(size=60_000))

    assert len(total.keys) <= column_histogram.NUMBER_CELLS
    assert total.counts.sum() == 240_000


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
@settings(max_examples=30, deadline=None)
def test_keys_of_values_are_undone(values):
    numbers = np.array(values) + 0.0

    assert values_of_keys(keys_of_values(numbers)).tolist() == numbers.tolist()
