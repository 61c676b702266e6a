import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability.evidence.score_keys import (
    KeyCounts,
    bounded,
    keys_of_scores,
    keys_of_values,
    middles,
    scores_of_keys,
    united,
)

PROBABILITIES = st.lists(st.floats(0, 1), min_size=1, max_size=60)
EDGES = [0.0, 5e-324, 1e-300, 0.25, 0.5 - 2**-54, 0.5, 0.5 + 2**-53, 0.75, 1 - 2**-53, 1.0]
CELLS = st.lists(st.tuples(st.integers(0, 2), st.integers(-1, 2**62), st.integers(1, 9)), max_size=40)


def made(rows, shift=0):
    columns = zip(*rows, strict=True) if rows else ([], [], [])
    outer, cells, n = (np.array(column, np.int64) for column in columns)
    return KeyCounts(outer=outer, cells=cells >> shift, shift=shift, table=n[:, np.newaxis])


def told(counts):
    return counts.shift, counts.outer.tolist(), counts.cells.tolist(), counts.table.tolist()


@given(PROBABILITIES)
@settings(max_examples=60, deadline=None)
def test_keys_of_scores_keep_order_and_are_undone(drawn):
    scores = np.unique(np.array([*drawn, *EDGES]) + 0.0)
    keys = keys_of_scores(scores)

    assert (np.diff(keys) > 0).all()
    assert scores_of_keys(keys).tolist() == scores.tolist()


def test_keys_of_scores_take_minus_zero_for_zero():
    assert keys_of_scores(np.array([-0.0, 0.0])).tolist() == [-1, -1]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=60))
@settings(max_examples=60, deadline=None)
def test_keys_of_values_keep_order(drawn):
    values = np.unique(np.array([*drawn, 0.0, 5e-324, -5e-324, 1.7e308, -1.7e308]) + 0.0)

    assert (np.diff(keys_of_values(values).astype(object)) > 0).all()
    assert keys_of_values(np.array([-0.0])) == keys_of_values(np.array([0.0]))


@pytest.mark.parametrize("shift", [1, 20, 40, 50])
def test_certainty_keeps_cells_of_its_own_at_any_shift(shift):
    cells = keys_of_scores(np.array([0.0, 5e-324, 1 - 2**-53, 1.0])) >> shift

    assert len(np.unique(cells)) == 4
    assert scores_of_keys(middles(cells, shift))[[0, 3]].tolist() == [0.0, 1.0]


@given(CELLS, st.integers(3, 12))
@settings(max_examples=100, deadline=None)
def test_bounded_drops_no_more_digits_than_it_must(rows, most):
    found = bounded(made(rows), most=most, exact=most)
    distinct = len({(outer, cell) for outer, cell, _ in rows})

    assert found.table.sum() == sum(n for _, _, n in rows)
    assert len(found.cells) <= max(most, 3 * 2)
    assert (found.shift == 0) == (distinct <= most)
    if found.shift:
        assert len({(outer, cell >> (found.shift - 1)) for outer, cell, _ in rows}) > most


@given(CELLS, st.integers(4, 12), st.integers(1, 4), st.randoms())
@settings(max_examples=100, deadline=None)
def test_united_gives_the_same_cells_in_any_order(rows, most, exact, random):
    limits = {"most": most, "exact": min(exact, most)}
    whole = bounded(made(rows), **limits)
    parts = [bounded(made([row]), **limits) for row in rows] or [whole]
    while len(parts) > 1:
        random.shuffle(parts)
        parts.append(united(parts.pop(), parts.pop(), **limits))

    assert told(parts[0]) == told(whole)


def test_bounded_keeps_groups_and_signs_apart_whatever_it_drops():
    found = bounded(made([(0, -1, 1), (0, 5, 2), (1, 5, 3)]), most=1, exact=1)

    assert found.table[:, 0].tolist() == [1, 2, 3]
    assert found.outer.tolist() == [0, 0, 1]


def test_moved_exchanges_what_stands_outside():
    assert made([(0, 1, 1), (1, 1, 1)]).moved(np.array([4, 2])).outer.tolist() == [4, 2]
