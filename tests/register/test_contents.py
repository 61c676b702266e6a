import pytest

from reliability.errors import UsageError
from reliability.register import contents
from reliability.register.rows import EMPTY, row_after
from tests.register.samples import CASE, course, entry, sha256

A, B = sha256(b"a"), sha256(b"b")


@pytest.fixture
def connection(register):
    with register.database.writing() as opened:
        yield opened


def test_an_empty_register_holds_nothing(connection):
    assert contents.head_in(connection) == EMPTY
    assert list(contents.rows_in(connection)) == []
    assert contents.last_event_in(connection, CASE) == ""
    assert contents.files_in(connection) == contents.numbers_in(connection) == {}


def test_rows_are_appended_one_after_another(connection):
    first, second = course(b"a", b"b")

    rows = contents.append_in(connection, [first, second])

    assert rows == (row_after(EMPTY, first), row_after(rows[0].head, second))
    assert contents.head_in(connection) == rows[1].head
    assert contents.last_event_in(connection, CASE) == second.event


def test_entries_of_one_call_may_follow_each_other_in_several_cases(connection):
    one, other = course(b"a", b"b"), course(b"x", b"y", case="JJ-2026-0002")

    contents.append_in(connection, [one[0], other[0], other[1], one[1]])

    assert [row.entry for row in contents.rows_in(connection, case="JJ-2026-0002")] == other


@pytest.mark.parametrize("previous", ["", sha256(b"b"), sha256(b"never")])
def test_an_entry_that_does_not_follow_the_last_of_its_case_is_refused(connection, previous):
    contents.append_in(connection, course(b"a", b"b", b"c"))

    with pytest.raises(UsageError) as raised:
        contents.append_in(connection, [entry(b"late", previous=previous)])
    assert (raised.value.code, raised.value.values) == ("case_moved", {"case": CASE})


def test_files_are_known_by_the_row_that_brought_them(connection):
    assert contents.unknown_files_in(connection, [A, B]) == [A, B]

    contents.insert_files(connection, {A: 3})

    assert contents.unknown_files_in(connection, [A, B]) == [B]
    assert contents.files_in(connection) == {A: 3}


def test_no_file_is_asked_for_where_there_is_none(connection):
    contents.insert_files(connection, {})

    assert contents.unknown_files_in(connection, []) == []


def test_numbers_go_on_where_they_were_written_down(connection):
    contents.insert_numbers(connection, {"case": {2025: 41, 2026: 7}})

    assert contents.next_number_in(connection, "case", 2026) == 8
    assert contents.next_number_in(connection, "report", 2026) == 1
    assert contents.numbers_in(connection) == {"case": {2025: 41, 2026: 8}, "report": {2026: 1}}
