import os

import pytest

from reliability.cli.saving import write_whole
from reliability.errors import RecordError, UsageError


def test_file_is_replaced_whole(tmp_path):
    path = tmp_path / "deep" / "file"
    write_whole(path, b"one")
    write_whole(path, b"two")

    assert path.read_bytes() == b"two"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_what_is_no_ordinary_file_is_never_replaced(tmp_path, kind):
    path = tmp_path / "there"
    path.mkdir() if kind == "folder" else os.mkfifo(path)

    with pytest.raises(UsageError, match="not an ordinary file"):
        write_whole(path, b"x")

    assert path.is_dir() or path.is_fifo()


def test_file_that_cannot_be_written_is_one_line_and_leaves_nothing(tmp_path):
    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(RecordError, match="could not be written"):
        write_whole(tmp_path / "file" / "below", b"x")

    assert [path.name for path in tmp_path.iterdir()] == ["file"]
