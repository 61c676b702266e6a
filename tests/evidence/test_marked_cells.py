import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability.blocks import Column
from reliability.evidence.marked_cells import CODES, MarkedCells, Marks
from tests.builders import block, column

NUMBERS = st.lists(st.one_of(st.none(), st.sampled_from([0, -1, 99, 7, 3, -20, 999, 41])), min_size=1, max_size=90)


def marked(values):
    made = column(values)
    return Marks.of(made, np.arange(len(made)))


@settings(max_examples=60, deadline=None)
@given(NUMBERS)
def test_marks_are_what_sorting_all_rows_finds(values):
    marks = marked(values)
    ranked = sorted((value, place) for place, value in enumerate(values) if value is not None)
    falling = sorted((-value, place) for place, value in enumerate(values) if value is not None)

    assert list(zip(marks.lowest.tolist(), marks.lowest_at.tolist(), strict=True)) == ranked[:20]
    assert [
        (-value, at) for value, at in zip(marks.highest.tolist(), marks.highest_at.tolist(), strict=True)
    ] == falling[:20]
    for code in (-1, 0, 99, 999):
        place = CODES.tolist().index(code)
        rows = [row for row, value in enumerate(values) if value == code]
        assert (marks.codes[place], marks.positions_of(place)) == (len(rows), rows[:20])


def test_marks_beyond_name_the_farthest_rows():
    marks = marked([5, -100, 6, 200, 7, 8])

    assert marks.beyond(0, 100) == [1, 3]
    assert marks.beyond(5, 200) == [1]
    assert marks.beyond(-1_000, 1_000) == []
    assert marked(list(range(30))).beyond(-1, 0.5) == list(range(10, 30))


def test_marks_take_minus_zero_for_zero():
    assert marked([-0.0, 0.0, 1.0]).positions_of(CODES.tolist().index(0.0)) == [0, 1]


def test_marked_cells_holds_features_of_numbers_only():
    rows = block([0, 1], columns={"x": [1.0, 2.0], "i": [1, 2], "w": ["a", "b"], "b": [True, False], "z": [1, 1]})
    made = MarkedCells.of(block([0, 1], columns=dict(rows.columns), features=("x", "i", "w", "b")))

    assert list(made.columns) == ["x", "i"]
    assert (made.n, (made + made).n) == (2, 4)


def test_codes_are_distinct_ascending_and_finite():
    assert np.isfinite(CODES).all()
    assert (np.diff(CODES) > 0).all()
    assert {999.0, -999.0, 99.9, -1.0, 0.0, 7777.0} <= set(CODES.tolist())


@pytest.mark.parametrize("kind", ["f8", "i8"])
def test_marks_of_no_cell_are_empty(kind):
    dtype = np.float64 if kind == "f8" else np.int64
    empty = Marks.of(Column(kind=kind, values=np.zeros(3, dtype), missing=np.ones(3, bool)), np.arange(3))

    assert (len(empty.lowest), len(empty.highest), int(empty.codes.sum())) == (0, 0, 0)
