import fcntl
import os

import pytest

from reliability.certification.site_folder import ABOUT, open_site
from reliability.errors import UsageError

OURS = b'{"register":"r","site":1}'


def written(folder, **files):
    with open_site(folder, register="r") as site:
        for name, content in {ABOUT: OURS, **files}.items():
            site.put(name, content)
        return site.move()


def test_what_is_put_stands_there_once_it_is_moved(tmp_path):
    with open_site(tmp_path / "site", register="r") as site:
        site.put("a/b.html", b"new")
        before = site.content("a/b.html")
        moved = site.move()

    assert (before, moved) == (None, ("a/b.html",))
    assert (tmp_path / "site" / "a" / "b.html").read_bytes() == b"new"


def test_a_file_that_says_so_already_keeps_its_date(tmp_path):
    written(tmp_path, **{"a.html": b"same", "b.html": b"old"})
    for name in ("a.html", "b.html"):
        os.utime(tmp_path / name, (1, 1))
    moved = written(tmp_path, **{"a.html": b"same", "b.html": b"new"})

    assert moved == ("b.html",)
    assert (tmp_path / "a.html").stat().st_mtime == 1
    assert (tmp_path / "b.html").stat().st_mtime > 1


def test_a_reader_finds_the_old_file_whole_until_the_new_one_is(tmp_path):
    written(tmp_path, **{"a.html": b"old"})
    with (tmp_path / "a.html").open("rb") as reader, open_site(tmp_path, register="r") as site:
        with site.written("a.html") as path:
            path.write_bytes(b"ne")
            half = (tmp_path / "a.html").read_bytes()
            path.write_bytes(b"new")
        site.move()

        assert (half, reader.read(), (tmp_path / "a.html").read_bytes()) == (b"old", b"old", b"new")


def test_what_failed_leaves_everything_as_it_was(tmp_path):
    written(tmp_path, **{"a.html": b"old"})

    def failing():
        with open_site(tmp_path, register="r") as site:
            site.put("a.html", b"new")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        failing()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.html", ABOUT]
    assert (tmp_path / "a.html").read_bytes() == b"old"


def test_files_for_machines_are_moved_last_and_in_their_order(tmp_path):
    written(tmp_path)
    moved = []

    with open_site(tmp_path, register="r") as site:
        for name in ("end.json", "c/2.json", "rows", "a.html"):
            site.put(name, b"x")
        for name in ("a.html", "rows", "c/2.json", "end.json"):
            moved.append((name, tmp_path / name))
        site.move(last=("rows", "c/", "end"))
    dates = [path.stat().st_ctime_ns for _, path in moved]

    assert dates == sorted(dates)


def test_a_first_publishing_that_was_cut_short_can_be_gone_on_with(tmp_path):
    (tmp_path / ".beside").mkdir()
    (tmp_path / ".beside" / "half.html").write_bytes(b"<p")
    with open_site(tmp_path, register="r") as site:
        site.put("a.html", b"x")
        site.put(ABOUT, OURS)
        (tmp_path / "a.html").mkdir()  # stops the move after what says whose it is
        with pytest.raises(OSError, match=r"a\.html"):
            site.move()
    (tmp_path / "a.html").rmdir()

    assert written(tmp_path, **{"a.html": b"x"}) == ("a.html",)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.html", ABOUT]


def test_lists_that_are_no_more_are_removed_and_nothing_else(tmp_path):
    written(tmp_path, **{"numbers/1/index.html": b"x", "numbers/2/index.html": b"x", "kept.html": b"x"})
    with open_site(tmp_path, register="r") as site:
        site.put("numbers/1/index.html", b"x")
        site.move()
        gone = site.clear(("numbers", "organisations"))

    assert gone == ("numbers/2/index.html",)
    assert (tmp_path / "kept.html").is_file()
    assert (tmp_path / "numbers" / "1" / "index.html").is_file()


@pytest.mark.parametrize(
    "there",
    [
        {"letter.txt": b"mine"},
        {ABOUT: b'{"register":"another","site":1}'},
        {ABOUT: b'{"register":"r","format":1}'},
        {ABOUT: b"[]"},
        {ABOUT: b"{"},
    ],
)
def test_a_folder_with_something_else_is_left_alone(tmp_path, there):
    for name, content in there.items():
        (tmp_path / name).write_bytes(content)

    with pytest.raises(UsageError) as refused, open_site(tmp_path, register="r"):
        pass
    assert refused.value.code == "site_foreign"
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == there


def test_a_file_in_the_place_of_the_site_is_left_alone(tmp_path):
    (tmp_path / "site").write_bytes(b"mine")

    with pytest.raises(UsageError, match="not the site of this register"), open_site(tmp_path / "site", register="r"):
        pass


def test_two_do_not_publish_at_once(tmp_path):
    descriptor = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)

    with pytest.raises(UsageError) as refused, open_site(tmp_path, register="r"):
        pass
    os.close(descriptor)
    assert refused.value.code == "site_busy"
    assert written(tmp_path) == (ABOUT,)
