import json
import shutil
from pathlib import Path

import pytest
from sqlalchemy import text

from reliability.errors import ChainError, RecordError, UsageError
from reliability.register.checkpoints import keep_checkpoint, kept_checkpoint
from reliability.register.exports import create_from, export, read_export
from reliability.register.rows import verify_rows
from reliability.register.store import create
from tests.register.samples import CASE, REGISTER, certificate, course, entry, sha256

FILES = {sha256(b"plan"): b"plan", sha256(b"pdf"): b"pdf"}


@pytest.fixture
def filled(register):
    first, second = course(b"a", b"b")
    register.reserve("case", 2026)
    register.append([first, entry(b"x", case="JJ-2026-0002")], files=FILES)
    register.append([second], index=[certificate(pdf_sha256=sha256(b"pdf"))])
    return register


@pytest.fixture(scope="module")
def three_rows(tmp_path_factory):
    """A copy of three rows."""
    folder = tmp_path_factory.mktemp("three")
    with create(folder / "source", prefix="JJ", register_id=REGISTER) as register:
        register.append(course(b"a", b"b", b"c"), files=FILES, index=[certificate()])
        export(register, folder / "copy")
    return folder / "copy"


@pytest.fixture
def copied(three_rows, tmp_path):
    """The same, to be spoilt."""
    return Path(shutil.copytree(three_rows, tmp_path / "copy"))


def code_of(call, *given, **named):
    with pytest.raises((UsageError, RecordError)) as raised:
        call(*given, **named)
    return raised.value.code


def left_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_copy_holds_rows_files_and_which_register_it_is(filled, tmp_path):
    head = export(filled, tmp_path / "copy")

    copy = read_export(tmp_path / "copy")

    assert copy.rows == tuple(filled.rows())
    assert (copy.head, copy.register_id, copy.about.prefix, copy.checkpoint) == (head, REGISTER, "JJ", None)
    assert {name: copy.file(name) for name in FILES} == FILES
    assert left_in(tmp_path / "copy") == ["events.jsonl", "files", "index.json", "register.json"]


def test_a_register_made_of_a_copy_goes_on_where_it_was(filled, new_url, tmp_path):
    export(filled, tmp_path / "copy", checkpoint=b"signed")

    with create_from(read_export(tmp_path / "copy"), tmp_path / "again", url=new_url()) as again:
        assert tuple(again.rows()) == tuple(filled.rows())
        assert again.certificates() == filled.certificates() != ()
        assert again.reserve("case", 2026) == "JJ-2026-0002"
        assert [again.file(name) for name in FILES] == list(FILES.values())
        assert kept_checkpoint(again.folder) == b"signed"
        again.append([entry(b"next", previous=again.last_event(CASE))], files=FILES)
        assert again.recover().removed == ()
        assert verify_rows(again.rows(), head=filled.head()).size == 4


def test_a_copy_of_what_was_made_of_a_copy_is_the_same(filled, tmp_path):
    export(filled, tmp_path / "copy")
    with create_from(read_export(tmp_path / "copy"), tmp_path / "again") as again:
        export(again, tmp_path / "second")

    for name in ("register.json", "events.jsonl", "index.json"):
        assert (tmp_path / "second" / name).read_bytes() == (tmp_path / "copy" / name).read_bytes()


def test_an_empty_register_can_be_copied(register, tmp_path):
    export(register, tmp_path / "copy")

    with create_from(read_export(tmp_path / "copy"), tmp_path / "again") as again:
        assert again.head().size == 0


def test_a_newer_copy_takes_the_place_of_the_older(filled, tmp_path):
    export(filled, tmp_path / "copy")
    filled.append([entry(b"next", previous=filled.last_event(CASE))])

    export(filled, tmp_path / "copy")

    assert read_export(tmp_path / "copy").head == filled.head()
    assert [name for name in left_in(tmp_path) if "copy" in name] == ["copy"]


def test_the_newest_checkpoint_of_the_register_goes_along(filled, tmp_path):
    keep_checkpoint(filled.folder, b"first")
    keep_checkpoint(filled.folder, b"second")

    export(filled, tmp_path / "copy")

    assert read_export(tmp_path / "copy").checkpoint == b"second"


def test_a_checkpoint_that_is_handed_in_goes_before_the_one_that_is_kept(filled, tmp_path):
    keep_checkpoint(filled.folder, b"kept")

    export(filled, tmp_path / "copy", checkpoint=b"handed in")

    assert read_export(tmp_path / "copy").checkpoint == b"handed in"


def test_papers_of_the_hub_go_along_where_they_are_asked_to(filled, tmp_path):
    (filled.folder / "roster.json").write_bytes(b"roster")

    export(filled, tmp_path / "copy", papers=("roster.json", "trust.json"))
    with create_from(read_export(tmp_path / "copy"), tmp_path / "again", papers=("roster.json",)) as again:
        assert (again.folder / "roster.json").read_bytes() == b"roster"

    assert not (tmp_path / "copy" / "trust.json").exists()


def test_what_a_crash_left_of_a_copy_is_removed_by_the_next(filled, tmp_path):
    (tmp_path / ".copy.0a1b2c3d.part" / "files").mkdir(parents=True)

    export(filled, tmp_path / "copy")

    assert [name for name in left_in(tmp_path) if "copy" in name] == ["copy"]


@pytest.mark.parametrize("there", ["empty folder", "file", "other register"])
def test_nothing_but_a_copy_of_this_register_is_replaced(filled, tmp_path, there):
    out = tmp_path / "copy"
    if there == "file":
        out.write_bytes(b"mine")
    elif there == "empty folder":
        out.mkdir()
    else:
        with create(tmp_path / "other", prefix="JJ", register_id="1a" * 16) as other:
            export(other, out)

    assert code_of(export, filled, out) == "copy_of_other"
    assert out.exists()


def test_a_longer_copy_is_not_replaced_by_a_register_that_lost_rows(filled, tmp_path):
    export(filled, tmp_path / "copy")
    with filled.database.writing() as connection:
        connection.execute(text("DELETE FROM events WHERE sequence = 3"))

    assert code_of(export, filled, tmp_path / "copy") == "chain_short"
    assert read_export(tmp_path / "copy").head.size == 3


def test_a_register_that_was_changed_is_not_copied(filled, tmp_path):
    with filled.database.writing() as connection:
        connection.execute(text("UPDATE events SET kind = 'other' WHERE sequence = 2"))

    assert code_of(export, filled, tmp_path / "copy") == "chain_row_broken"
    assert not (tmp_path / "copy").exists()


def test_a_file_that_was_changed_is_not_copied_and_nothing_is_left(filled, tmp_path):
    (filled.folder / "files" / sha256(b"pdf")).write_bytes(b"other")

    assert code_of(export, filled, tmp_path / "copy") == "register_file_changed"
    assert [name for name in left_in(tmp_path) if "copy" in name] == []


def test_where_names_cannot_change_places_the_older_copy_stays(filled, tmp_path, monkeypatch):
    import ctypes

    export(filled, tmp_path / "copy")
    monkeypatch.setattr(ctypes, "CDLL", lambda *given, **named: object())

    assert code_of(export, filled, tmp_path / "copy") == "folder_kept"
    assert read_export(tmp_path / "copy").head == filled.head()


def test_a_copy_reads_in_another_time_zone(copied, monkeypatch):
    import time

    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    try:
        assert read_export(copied).head.size == 3
    finally:
        monkeypatch.undo()
        time.tzset()


def lines_of(copied):
    return (copied / "events.jsonl").read_bytes().splitlines(keepends=True)


def put_lines(copied, lines):
    (copied / "events.jsonl").write_bytes(b"".join(lines))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda lines: lines[1:],
        lambda lines: [lines[1], lines[0], lines[2]],
        lambda lines: [lines[0], lines[0], *lines[1:]],
        lambda lines: [lines[0], lines[2]],
    ],
    ids=["first removed", "changed places", "one twice", "one removed"],
)
def test_rows_that_do_not_follow_one_another_are_no_copy(copied, spoil):
    put_lines(copied, spoil(lines_of(copied)))

    with pytest.raises(ChainError):
        read_export(copied)


def test_rows_cut_off_are_noticed_by_the_known_head(copied):
    known = read_export(copied).head
    put_lines(copied, lines_of(copied)[:2])

    assert code_of(verify_rows, read_export(copied).rows, head=known) == "chain_short"


@pytest.mark.parametrize("key", ["sequence", "case", "kind", "at", "actor", "previous", "envelope", "event", "before",
                                 "hash"])  # fmt: skip
@pytest.mark.parametrize("value", ["x", "", None, 1.5, True, [], {}, 10**400, -1, "2026-05-04T12:00:00Z", "\ud800"],
                         ids=str)  # fmt: skip
def test_whatever_is_written_into_a_row_it_counts_as_changed(copied, key, value):
    lines = lines_of(copied)
    lines[1] = json.dumps(json.loads(lines[1]) | {key: value}, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    put_lines(copied, lines)

    with pytest.raises(ChainError):
        read_export(copied)


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda line: b" " + line,
        lambda line: line.replace(b"{", b'{"actor":"Lee",', 1),
        lambda line: line.replace(b"}", b',"note":"x"}'),
        lambda line: line.rstrip(b"\n"),
        lambda line: line.replace(b'"sequence":3', b'"sequence":3.0'),
        lambda line: line.replace(b"+00:00", b"+0000"),
    ],
)
def test_a_row_in_another_form_counts_as_changed(copied, rewrite):
    lines = lines_of(copied)
    put_lines(copied, [*lines[:2], rewrite(lines[2])])

    with pytest.raises(ChainError):
        read_export(copied)


@pytest.mark.parametrize("line", [b"{\n", b"\n", b"\xff\n", b"[" * 100_000, b'{"a": 1\n'])
def test_a_line_that_is_no_json_makes_it_unreadable(copied, line):
    put_lines(copied, [*lines_of(copied)[:2], line])

    assert code_of(read_export, copied) == "copy_unreadable"


@pytest.mark.parametrize("line", [b"[]\n", b"1\n", b'"x"\n', b"null\n", b"{}\n", b"NaN\n"])
def test_json_that_is_no_row_counts_as_changed(copied, line):
    put_lines(copied, [*lines_of(copied)[:2], line])

    with pytest.raises(ChainError):
        read_export(copied)


@pytest.mark.parametrize("name", ["register.json", "events.jsonl"])
@pytest.mark.parametrize("content", [None, b"{", b"[]"])
def test_what_is_no_copy_cannot_be_read(copied, name, content):
    (copied / name).unlink()
    if content is not None:
        (copied / name).write_bytes(content)

    with pytest.raises(RecordError):
        read_export(copied)


@pytest.mark.parametrize("where", ["none", "copy/events.jsonl"])
def test_no_copy_where_there_is_none(copied, where):
    assert code_of(read_export, copied.parent / where) == "copy_unreadable"


@pytest.mark.parametrize("content", [b"{}", b'{"certificates": [], "files": {"../../x": 1}, "numbers": {}}'])
def test_a_copy_with_a_spoilt_index_makes_no_register(copied, content):
    (copied / "index.json").write_bytes(content)

    assert code_of(create_from, read_export(copied), copied.parent / "again") in (
        "copy_unreadable", "register_file_missing",
    )  # fmt: skip
    assert left_in(copied.parent) == ["copy"]


def test_a_copy_without_one_of_its_files_makes_no_register(copied):
    (copied / "files" / sha256(b"pdf")).unlink()

    assert code_of(create_from, read_export(copied), copied.parent / "again") == "register_file_missing"


def test_a_file_of_a_copy_is_what_its_name_says(copied):
    (copied / "files" / sha256(b"pdf")).write_bytes(b"other")

    assert code_of(read_export(copied).file, sha256(b"pdf")) == "register_file_changed"


def test_a_copy_is_not_opened_as_a_register(copied):
    from reliability.register.store import open_register

    assert code_of(open_register, copied) == "register_is_copy"


def test_a_copy_is_for_its_owner_only(copied):
    assert copied.stat().st_mode & 0o077 == 0


def test_a_copy_reads_wherever_it_was_carried(copied, tmp_path):
    shutil.copytree(copied, tmp_path / "elsewhere" / "copy")

    assert read_export(tmp_path / "elsewhere" / "copy").rows == read_export(copied).rows


def test_no_byte_of_the_rows_can_change_unnoticed(copied):
    content = (copied / "events.jsonl").read_bytes()
    unnoticed = []
    for place in range(len(content)):
        for flipped in (content[place] ^ 1, content[place] ^ 0x20):
            (copied / "events.jsonl").write_bytes(content[:place] + bytes([flipped]) + content[place + 1 :])
            try:
                read_export(copied)
            except RecordError:
                continue
            unnoticed.append(place)

    assert unnoticed == []


@pytest.mark.parametrize("length", [1, 100, 900, -1])
def test_rows_cut_off_within_a_line_are_no_copy(copied, length):
    content = (copied / "events.jsonl").read_bytes()
    (copied / "events.jsonl").write_bytes(content[:length])

    with pytest.raises(RecordError):
        read_export(copied)


@pytest.mark.parametrize("added", [b"\n", b" ", b"{}", b"\x00"])
def test_bytes_after_the_last_row_are_noticed(copied, added):
    with (copied / "events.jsonl").open("ab") as file:
        file.write(added)

    with pytest.raises(RecordError):
        read_export(copied)
