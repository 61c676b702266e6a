import ctypes
import errno
import os

import pytest

from reliability.errors import RecordError, UsageError
from reliability.register.disk import new_folder, plain_content, remove_parts, replacing_folder, write_durably


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_folder_appears_when_all_went_well(tmp_path):
    with new_folder(tmp_path / "a" / "b") as beside:
        write_durably(beside / "x", b"1")
        (beside / "inner").mkdir()
        assert not (tmp_path / "a" / "b").exists()

    assert names(tmp_path / "a") == ["b"]
    assert (tmp_path / "a" / "b" / "x").read_bytes() == b"1"


def test_a_folder_takes_the_place_of_another_whole(tmp_path):
    for content in (b"old", b"new"):
        with replacing_folder(tmp_path / "out") as beside:
            write_durably(beside / content.decode(), content)

    assert names(tmp_path) == ["out"]
    assert names(tmp_path / "out") == ["new"]


def test_a_folder_vanishes_where_something_goes_wrong(tmp_path):
    with new_folder(tmp_path / "out") as beside:
        write_durably(beside / "old", b"")

    def half():
        with replacing_folder(tmp_path / "out") as beside:
            write_durably(beside / "new", b"")
            raise KeyError

    with pytest.raises(KeyError):
        half()
    assert names(tmp_path) == ["out"]
    assert names(tmp_path / "out") == ["old"]


def test_a_folder_that_appeared_meanwhile_is_not_replaced(tmp_path):
    def late():
        with new_folder(tmp_path / "out"):
            (tmp_path / "out").mkdir()
            write_durably(tmp_path / "out" / "mine", b"1")

    with pytest.raises(UsageError) as raised:
        late()
    assert raised.value.code == "folder_exists"
    assert names(tmp_path) == ["out"]
    assert names(tmp_path / "out") == ["mine"]


class Refusing:
    """A C library whose file system says no."""

    def __init__(self, number):
        self.number = number

    def renameat2(self, *given):
        ctypes.set_errno(self.number)
        return -1


@pytest.mark.parametrize(
    ("number", "kind", "code"),
    [
        (errno.EINVAL, UsageError, "folder_kept"),
        (errno.ENOSYS, UsageError, "folder_kept"),
        (errno.EXDEV, UsageError, "folder_kept"),
        (errno.EROFS, RecordError, "folder_not_replaced"),
    ],
)
def test_where_names_cannot_change_places_the_old_folder_stays(tmp_path, monkeypatch, number, kind, code):
    (tmp_path / "out").mkdir()
    monkeypatch.setattr(ctypes, "CDLL", lambda *given, **named: Refusing(number))

    with pytest.raises(kind) as raised, replacing_folder(tmp_path / "out"):
        pass

    assert raised.value.code == code
    assert names(tmp_path) == ["out"]


def test_parts_of_this_name_only_are_removed(tmp_path):
    for name in (".out.0a1b2c3d.part", ".other.0a1b2c3d.part", "out", ".out.part"):
        (tmp_path / name).mkdir()

    remove_parts(tmp_path / "out")

    assert names(tmp_path) == [".other.0a1b2c3d.part", ".out.part", "out"]


def test_a_plain_file_is_read_and_none_is_none(tmp_path):
    write_durably(tmp_path / "x", b"content")
    (tmp_path / "link").symlink_to(tmp_path / "x")

    assert [plain_content(tmp_path / name) for name in ("x", "link")] == [b"content"] * 2
    assert [plain_content(tmp_path / name) for name in ("none", "x/below")] == [None, None]


def test_what_is_no_plain_file_or_too_large_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "endless").symlink_to("/dev/zero")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "folder").mkdir()
    write_durably(tmp_path / "large", b"12345")

    for name in ("pipe", "endless", "loop", "folder", "large"):
        with pytest.raises(RecordError) as refused:
            plain_content(tmp_path / name, most=4)
        assert refused.value.code == "file_not_plain"
