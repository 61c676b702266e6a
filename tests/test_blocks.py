from dataclasses import replace

import numpy as np
import pytest

from reliability.blocks import BLOCK_ROWS, ENTITY_BUCKETS
from tests.builders import block, column, made_groups

ROWS = {
    "columns": {"x": [1.5, None, 3.5], "name": ["a", None, "b"]},
    "groups": {"sex": ["F", None, "M"]},
    "entity": [7, 8, 9],
    "start": 10,
}


@pytest.fixture
def three():
    return block([0, 1, 1], [1, 1, 0], [0.9, 0.8, 0.2], **ROWS)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, None, 3], "i8"),
        ([1.5, None], "f8"),
        ([True, None, False], "bool"),
        (["가", None, "나"], "utf8"),
        ([None], "f8"),
    ],
)
def test_column_gives_back_python_values_with_none_where_missing(values, kind):
    made = column(values)

    assert (made.kind, made.as_labels(), len(made)) == (kind, values, len(values))
    assert [type(value) for value in made.as_labels()] == [type(value) for value in values]


def test_column_as_floats_holds_nan_where_missing():
    assert np.array_equal(column([1, None, 3]).as_floats(), [1.0, np.nan, 3.0], equal_nan=True)


@pytest.mark.parametrize("rows", [np.array([2, 0]), np.array([False, False, True])])
def test_column_and_groups_take_rows_by_position_or_mask(rows):
    expected = ["c", "a"] if rows.dtype == np.int64 else ["c"]

    assert column(["a", "b", "c"]).take(rows).as_labels() == expected
    taken = made_groups(["a", None, "c"]).take(rows)
    assert [taken.levels[code] for code in taken.codes] == expected


def test_block_counts_its_rows_and_places_them(three):
    assert three.n == 3
    assert three.row_positions().tolist() == [10, 11, 12]


@pytest.mark.parametrize("rows", [np.array([0, 2]), np.array([True, False, True])])
def test_where_keeps_the_incumbent_of_the_chosen_rows(three, rows):
    decided = replace(three, y_incumbent=np.array([0, 1, 1]))

    assert decided.where(rows).y_incumbent.tolist() == [0, 1]
    assert three.where(rows).y_incumbent is None


@pytest.mark.parametrize("rows", [np.array([0, 2]), np.array([True, False, True])])
def test_where_keeps_everything_of_the_chosen_rows(three, rows):
    kept = three.where(rows)

    assert (kept.y_true.tolist(), kept.y_pred.tolist(), kept.y_score.tolist()) == ([0, 1], [1, 0], [0.9, 0.2])
    assert (kept.row_positions().tolist(), kept.entity.tolist()) == ([10, 12], [7, 9])
    assert {name: one.as_labels() for name, one in kept.columns.items()} == {"x": [1.5, 3.5], "name": ["a", "b"]}
    assert kept.groups["sex"].codes.tolist() == [0, 1]


def test_where_keeps_positions_when_it_is_applied_twice(three):
    assert three.where(np.array([2, 1])).where(np.array([1])).row_positions().tolist() == [11]


def test_where_of_no_row_is_an_empty_block(three):
    assert three.where(np.zeros(3, bool)).n == 0


def test_where_leaves_absent_what_is_absent():
    kept = block([0, 1]).where(np.array([1]))

    assert (kept.y_pred, kept.y_score, kept.entity) == (None, None, None)


def test_where_keeps_rows_of_scores_when_there_is_one_per_class():
    rows = block(["a", "b"], ["a", "b"], [[0.9, 0.1], [0.2, 0.8]], classes=("a", "b"), task="multiclass")

    assert rows.where(np.array([1])).y_score.tolist() == [[0.2, 0.8]]


def test_sizes_are_those_of_the_contract():
    assert (BLOCK_ROWS, ENTITY_BUCKETS) == (65_536, 128)
