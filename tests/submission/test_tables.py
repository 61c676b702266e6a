"""Columns that were read once are held for the next reading, where they are small enough."""

import numpy as np
import pyarrow as pa
import pytest

from reliability.blocks import BLOCK_ROWS
from reliability.errors import SubmissionError
from reliability.submission import tables
from reliability.submission.arrays import recut

TEXT = "x,y,z\n1,a,0.5\n2,b,\n3,a,1.5\n"


def rows_of(blocks):
    """Rows of every column of these blocks."""
    found = {}
    for _, columns in blocks:
        for name, column in columns.items():
            found.setdefault(name, []).extend(column.as_labels())
    return found


def test_held_blocks_are_the_blocks(opened):
    table = opened({"x": np.arange(BLOCK_ROWS + 3), "y": np.arange(BLOCK_ROWS + 3) % 7 / 2}, "a.parquet")
    fresh = list(table.blocks(("x", "y")))

    assert rows_of(table.held_blocks(("x", "y"))) == rows_of(fresh)
    held = list(table.blocks(("x", "y")))
    assert [start for start, _ in held] == [start for start, _ in fresh] == [0, BLOCK_ROWS]
    assert rows_of(held) == rows_of(fresh)


@pytest.mark.parametrize("names", [("x", "y"), ("y",), ("y", "x"), ()])
def test_columns_that_are_held_need_no_file(opened, tmp_path, names):
    table = opened(TEXT)
    expected = {name: values for name, values in rows_of(table.held_blocks(("x", "y"))).items() if name in names}
    (tmp_path / "data.csv").unlink()

    blocks = list(table.blocks(names))

    assert rows_of(blocks) == expected
    assert [list(columns) for _, columns in blocks] == [list(names)]


def test_other_columns_are_read_from_the_file_and_let_go_of_what_was_held(opened, tmp_path):
    table = opened(TEXT)
    rows_of(table.held_blocks(("x",)))
    (tmp_path / "data.csv").write_text(TEXT.replace("3,a", "4,a"))

    assert rows_of(table.blocks(("x", "z"))) == {"x": [1, 2, 4], "z": [0.5, None, 1.5]}
    assert table.held == []
    assert rows_of(table.blocks(("x",))) == {"x": [1, 2, 4]}


def test_nothing_is_held_of_a_reading_that_was_not_finished(opened, tmp_path):
    table = opened({"x": np.arange(BLOCK_ROWS + 3)}, "a.parquet")
    next(table.held_blocks(("x",)))
    (tmp_path / "a.parquet").unlink()

    with pytest.raises(SubmissionError):
        list(table.blocks(("x",)))


@pytest.mark.parametrize(("spare", "held"), [(0, 2), (-1, 0), (-BLOCK_ROWS * 9, 0)])
def test_columns_are_held_up_to_so_many_bytes_all_blocks_together(opened, monkeypatch, spare, held):
    n = BLOCK_ROWS + 3
    # Eight bytes a number, and one that says whether it is missing.
    monkeypatch.setattr(tables, "HELD_BYTES", 9 * n + spare)
    table = opened({"x": np.arange(n)}, "a.parquet")

    assert rows_of(table.held_blocks(("x",))) == {"x": list(range(n))}
    assert len(table.held) == held


def test_columns_read_as_another_kind_are_read_anew(opened):
    table = opened(TEXT)
    rows_of(table.held_blocks(("x",)))

    other = table.with_kinds({"x": "utf8"})

    assert rows_of(other.blocks(("x",))) == {"x": ["1", "2", "3"]}
    assert rows_of(table.blocks(("x",))) == {"x": [1, 2, 3]}


def test_a_submission_is_read_once_for_its_labels_and_groups(tmp_path, read):
    submission = read()
    first = [block.y_true.tolist() for block in submission.evaluation.blocks(features=False)]
    (tmp_path / "data.csv").write_text("")

    assert [block.y_true.tolist() for block in submission.evaluation.blocks(features=False)] == first


def test_recut_copies_no_batch_that_fits():
    batch = pa.record_batch({"x": pa.array(range(8), pa.int64())})

    whole = list(recut(iter([batch]), 4))

    start = batch.column(0).buffers()[1].address
    assert [cut.column(0).buffers()[1].address for cut in whole] == [start, start]
    assert [cut.column(0).offset for cut in whole] == [0, 4]
