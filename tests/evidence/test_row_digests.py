import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability.blocks import Column
from reliability.evidence import row_digests, spill
from reliability.evidence.row_digests import Repeats, RowDigests, cell_digests
from tests.builders import block, column


def digested(y, **columns):
    return RowDigests.of(block(y, columns=columns))


def random_rows(n, seed=0, levels=5):
    draws = np.random.default_rng(seed)
    frame = pd.DataFrame({name: draws.integers(0, levels, n) for name in "abc"} | {"y": draws.integers(0, 2, n)})
    return frame, block(frame.y, columns={name: frame[name] for name in "abc"})


def in_parts(rows, size):
    parts = [RowDigests.of(rows.where(np.arange(at, min(at + size, rows.n)))) for at in range(0, rows.n, size)]
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


def test_row_digests_find_rows_that_repeat_an_earlier_one():
    counted = digested([1, 1, 0, 1], x=[1, 1, 1, 1], w=["a", "a", "a", "a"])

    assert counted.duplicates() == Repeats(n=2, positions=(1, 3))
    assert counted.with_twin() == 3


def test_row_digests_find_equal_features_with_another_target():
    counted = digested([1, 1, 0, 1, 0], x=[1, 1, 1, 2, 3])

    assert counted.contradictions() == Repeats(n=3, positions=(0, 1, 2))


def test_row_digests_find_rows_of_another_file():
    here, there = digested([1, 0, 1], x=[1, 2, 3]), digested([1, 1, 1], x=[3, 2, 9])

    assert here.found_in(there) == Repeats(n=1, positions=(2,))
    assert there.found_in(here) == Repeats(n=1, positions=(0,))


def test_row_digests_agree_with_pandas():
    frame, rows = random_rows(600)
    mixed = frame.groupby(["a", "b", "c"]).y.transform("nunique") > 1
    counted = RowDigests.of(rows)

    assert counted.duplicates().n == int(frame.duplicated().sum())
    assert counted.duplicates().positions == tuple(np.flatnonzero(frame.duplicated())[:20].tolist())
    assert counted.contradictions().n == int(mixed.sum())
    assert counted.with_twin() == int(frame.duplicated(keep=False).sum())


def test_row_digests_ignore_codes_kinds_and_order_of_blocks():
    first = block([1, 1], columns={"x": [1, 2], "w": ["b", "a"]})
    second = block([1, 1], columns={"x": [2.0, 1.0], "w": ["a", "b"]}, start=2)

    for total in (RowDigests.of(first) + RowDigests.of(second), RowDigests.of(second) + RowDigests.of(first)):
        assert total.duplicates() == Repeats(n=2, positions=(2, 3))


@pytest.mark.parametrize(
    ("first", "second"),
    [([1], [1.0]), ([True], [1]), ([0.0], [-0.0]), ([2**53], [float(2**53)]), ([-(2**63)], [-float(2**63)])],
)
def test_cell_digests_are_equal_for_equal_numbers_of_any_kind(first, second):
    assert cell_digests(column(first)) == cell_digests(column(second))


@pytest.mark.parametrize(
    ("first", "second"),
    [([2**53], [2**53 + 1]), ([2**63 - 1], [2**63 - 2]), ([2**63 - 1], [float(2**63)]), ([1], ["1"]), ([0], [None]),
     ([""], [None]), ([1.0], [1.0000000000000002])],
)  # fmt: skip
def test_cell_digests_differ_for_values_that_differ(first, second):
    assert cell_digests(column(first)) != cell_digests(column(second))


def test_cell_digests_of_missing_cells_are_equal_in_every_kind():
    columns = [column([1.0, None]), column([1, None]), column(["a", None]), column([True, None]), column([None, None])]

    assert len({int(cell_digests(made)[1]) for made in columns}) == 1


def test_row_digests_tell_columns_apart():
    assert digested([1], x=[1], z=[2]).found_in(digested([1], x=[2], z=[1])).n == 0


def test_row_digests_tell_targets_of_a_regression_apart():
    rows = block([1.5, 1.5, 2.0], columns={"x": [1, 1, 1]}, task="regression")

    assert RowDigests.of(rows).duplicates().n == 1
    assert RowDigests.of(rows).contradictions().n == 3


def test_row_digests_are_the_same_when_spilled(monkeypatch):
    _, rows = random_rows(2_000)
    whole = RowDigests.of(rows)
    monkeypatch.setattr(row_digests, "ROWS_IN_MEMORY", 300)
    monkeypatch.setattr(row_digests, "_PARTITION_ROWS", 128)
    spilled = in_parts(rows, 170)

    assert spilled.runs
    assert spilled.duplicates() == whole.duplicates()
    assert spilled.contradictions() == whole.contradictions()
    assert spilled.with_twin() == whole.with_twin()
    assert spilled.found_in(whole) == whole.found_in(whole) == Repeats(n=2_000, positions=tuple(range(20)))


def test_row_digests_add_in_any_order_when_spilled(monkeypatch):
    _, rows = random_rows(1_200)
    monkeypatch.setattr(row_digests, "ROWS_IN_MEMORY", 100)
    left, right = in_parts(rows.where(np.arange(700)), 90), in_parts(rows.where(np.arange(700, 1_200)), 110)

    assert (left + right).duplicates() == (right + left).duplicates() == RowDigests.of(rows).duplicates()
    assert left.duplicates() == RowDigests.of(rows.where(np.arange(700))).duplicates()


def test_row_digests_of_chosen_rows_keep_their_positions():
    _, rows = random_rows(50, levels=2)

    assert RowDigests.of(rows.where(np.arange(30, 50))).with_twin() > 0
    assert min(RowDigests.of(rows.where(np.arange(30, 50))).duplicates().positions) > 30


def test_row_digests_list_the_first_twenty_positions():
    assert digested([1] * 100, x=[1] * 100).duplicates() == Repeats(n=99, positions=tuple(range(1, 21)))


def test_row_digests_of_no_rows_find_nothing():
    none, some = digested([], x=[]), digested([1], x=[1.0])

    assert none.duplicates() == none.contradictions() == none.found_in(some) == some.found_in(none) == Repeats()
    assert (none + some).n == 1


def test_row_digests_of_one_row_find_nothing():
    counted = digested([1], x=[None])

    assert (counted.duplicates().n, counted.contradictions().n, counted.with_twin()) == (0, 0, 0)


def test_row_digests_need_sixteen_bytes_a_row_in_memory():
    _, rows = random_rows(1_000)

    assert sum(digests.nbytes for digests, _ in RowDigests.of(rows).held) == 16_000


def test_row_digests_hold_nothing_in_memory_beyond_the_budget(monkeypatch):
    _, rows = random_rows(400)
    monkeypatch.setattr(row_digests, "ROWS_IN_MEMORY", 100)
    spilled = in_parts(rows, 101)

    assert sum(len(digests) for digests, _ in spilled.held) <= 100
    assert sum(len(run) for run in spilled.runs) + sum(len(digests) for digests, _ in spilled.held) == 400


def test_row_digests_take_text_of_many_levels():
    words = tuple(f"{index}" for index in range(3_000))
    made = Column(kind="utf8", values=np.arange(3_000, dtype=np.int32), missing=np.zeros(3_000, bool), levels=words)

    assert len(np.unique(cell_digests(made))) == 3_000
    assert spill.BUCKETS == 256


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1)), max_size=25),
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1)), max_size=25),
)
def test_row_digests_agree_with_counting_rows(here, there):
    mine, theirs = (digested([y for _, y in rows], x=[x for x, _ in rows]) for rows in (here, there))
    labels = {x: {y for other, y in here if other == x} for x, _ in here}

    assert mine.duplicates().n == len(here) - len(set(here))
    assert mine.with_twin() == sum(here.count(row) > 1 for row in here)
    assert mine.contradictions().n == sum(len(labels[x]) > 1 for x, _ in here)
    assert mine.found_in(theirs).n == sum(row in there for row in here)


@pytest.mark.parametrize("size", [1, 7, 100, 299])
def test_row_digests_do_not_depend_on_the_size_of_blocks(size):
    _, rows = random_rows(300, seed=size)
    whole, parts = RowDigests.of(rows), in_parts(rows, size)

    assert parts.duplicates() == whole.duplicates()
    assert parts.contradictions() == whole.contradictions()
    assert parts.with_twin() == whole.with_twin()
    assert parts.found_in(whole).n == 300


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ([1, "a"], ["a", 1]),
        ([1, None], [None, 1]),
        (["ab", "c"], ["a", "bc"]),
        ([0, 1], [1, 0]),
        (["", None], [None, ""]),
    ],
)
def test_row_digests_tell_rows_apart_that_hold_the_same_cells_elsewhere(first, second):
    cells = [block([1], columns={"x": [pair[0]], "w": [pair[1]]}) for pair in (first, second)]
    total = RowDigests.of(cells[0]) + RowDigests.of(cells[1])

    assert total.duplicates().n == 0
