import json
import sqlite3
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

import pytest
from sqlalchemy import text

from reliability.errors import ChainError, RecordError, UsageError
from reliability.register.rows import EMPTY, verify_rows
from reliability.register.searching import Search
from reliability.register.store import create, open_register
from tests.register.samples import CASE, REGISTER, certificate, course, entry, sha256


def code_of(call, *given, **named):
    with pytest.raises((UsageError, RecordError)) as raised:
        call(*given, **named)
    return raised.value.code


def files_of(register, *folders):
    return sorted(path.name for folder in folders for path in (register.folder / folder).iterdir())


def test_a_new_register_is_empty(register):
    assert register.head() == EMPTY
    assert list(register.rows()) == []
    assert register.certificates() == ()
    assert register.last_event(CASE) == ""


def test_appended_rows_read_back_as_they_were_told(register):
    told = register.append(course(b"a", b"b"))

    assert tuple(register.rows()) == told
    assert register.head() == told[-1].head
    assert verify_rows(register.rows()) == told[-1].head


def test_rows_read_back_in_another_program(register):
    told = register.append(course(b"a", b"b"))

    with open_register(register.folder) as again:
        assert tuple(again.rows()) == told


def test_rows_are_told_of_one_case_and_since_one(register):
    other = course(b"x", b"y", case="JJ-2026-0002")
    one = course(b"a", b"b", b"c")
    register.append([one[0], other[0], one[1], other[1], one[2]])

    assert [row.sequence for row in register.rows(CASE)] == [1, 3, 5]
    assert [row.sequence for row in register.rows(CASE, since=1)] == [3, 5]
    assert [row.sequence for row in register.rows(since=3)] == [4, 5]
    assert register.last_event(CASE) == one[2].event


def test_more_rows_than_are_read_at_once_are_all_told(register):
    register.append(course(*(b"%d" % number for number in range(1201))))

    assert [row.sequence for row in register.rows(CASE)] == list(range(1, 1202))


def test_rows_are_told_while_others_are_appended(register):
    first, second, third = course(b"a", b"b", b"c")
    register.append([first, second])
    reading = register.rows()
    next(reading)

    register.append([third])

    assert next(row.sequence for row in reading) == 2
    assert register.head().size == 3


def test_an_entry_that_misses_an_event_of_its_case_is_refused_and_nothing_is_kept(register):
    first, second = course(b"a", b"b")
    register.append([first])
    late = entry(b"late", previous="")

    assert code_of(register.append, [second, late], files={sha256(b"pdf"): b"pdf"}) == "case_moved"
    assert register.head().size == 1
    assert files_of(register, "files", "staged") == []


def test_an_entry_of_another_case_may_come_between(register):
    first, second = course(b"a", b"b")
    register.append([first])
    register.append([entry(b"x", case="JJ-2026-0002")])

    register.append([second])

    assert register.head().size == 3


def test_files_come_with_their_event_and_read_back(register):
    register.append([entry()], files={sha256(b"plan"): b"plan", sha256(b""): b""})

    assert register.file(sha256(b"plan")) == b"plan"
    assert register.file(sha256(b"")) == b""
    assert files_of(register, "files") == sorted([sha256(b"plan"), sha256(b"")])
    assert files_of(register, "staged") == []


def test_a_file_that_comes_twice_is_kept_once(register):
    first, second = course(b"a", b"b")
    register.append([first], files={sha256(b"plan"): b"plan"})
    register.append([second], files={sha256(b"plan"): b"plan"})

    assert files_of(register, "files", "staged") == [sha256(b"plan")]


@pytest.mark.parametrize("name", ["ab" * 32, "../../register.json", ""])
def test_a_file_that_no_row_brought_is_missing(register, name):
    assert code_of(register.file, name) == "register_file_missing"


def test_a_file_that_was_changed_behind_the_register_is_not_handed_out(register):
    register.append([entry()], files={sha256(b"plan"): b"plan"})
    (register.folder / "files" / sha256(b"plan")).write_bytes(b"other")

    assert code_of(register.file, sha256(b"plan")) == "register_file_changed"


def test_a_file_under_the_digest_of_another_is_a_mistake_of_the_program(register):
    with pytest.raises(ValueError, match="not the SHA-256"):
        register.append([entry()], files={sha256(b"plan"): b"other"})
    assert register.head() == EMPTY


def test_files_without_an_event_are_a_mistake_of_the_program(register):
    with pytest.raises(ValueError, match="with an event only"):
        register.append([], files={sha256(b"plan"): b"plan"})


def test_the_index_changes_with_the_event(register):
    first, second = course(b"a", b"b")
    register.append([first], index=[certificate()])
    register.append([second], index=[certificate(status="suspended")])

    assert register.certificates() == (certificate(status="suspended"),)


def test_the_index_stays_where_the_event_is_refused(register):
    register.append([entry()], index=[certificate()])

    assert code_of(register.append, [entry(b"late")], index=[certificate(status="withdrawn")]) == "case_moved"
    assert register.certificates() == (certificate(),)


def test_numbers_count_by_series_and_year(register):
    taken = [register.reserve(*of) for of in (
        ("case", 2026), ("case", 2026), ("certificate", 2026), ("report", 2026), ("case", 2027), ("case", 2026),
    )]  # fmt: skip

    assert taken == ["JJ-2026-0001", "JJ-2026-0002", "JJ-C-2026-0001", "JJ-R-2026-0001", "JJ-2027-0001", "JJ-2026-0003"]


def test_a_row_edited_behind_the_register_is_noticed(register):
    register.append(course(b"a", b"b"))
    with register.database.writing() as connection:
        connection.execute(text("UPDATE events SET actor = 'Lee' WHERE sequence = 1"))

    with pytest.raises(ChainError, match="row 1 "):
        verify_rows(register.rows())


@pytest.mark.parametrize(("column", "value"), [("at", "yesterday"), ("previous", "none"), ("actor", "")])
def test_a_row_edited_into_what_no_entry_is_counts_as_changed(register, column, value):
    register.append(course(b"a"))
    with register.database.writing() as connection:
        connection.execute(text(f'UPDATE events SET "{column}" = :value').bindparams(value=value))

    assert code_of(list, register.rows()) == "chain_row_broken"


def test_the_database_itself_lets_no_case_fork(register):
    register.append([entry()])
    copied = 'INSERT INTO events SELECT 2, "case", kind, at, actor, envelope, event, previous, hash, event FROM events'

    def fork():
        with register.database.writing() as connection:
            connection.execute(text(copied))

    assert code_of(fork) == "database_refused"
    assert register.head().size == 1


def officer(folder, number, n):
    """Open cases, a few events each with a file, as one officer of several would."""
    with open_register(folder) as register:
        made = []
        for turn in range(n):
            case, name = register.reserve("case", 2026), register.reserve("certificate", 2026)
            content = f"{number} {turn}".encode()
            opened, issued = course(b"open " + content, content, case=case)
            register.append([opened])
            digest = sha256(content)
            one = certificate(name, case=case, pdf_sha256=digest)
            register.append([issued], files={digest: content}, index=[one])
            made.append(name)
    return made


def test_officers_at_the_same_time_lose_nothing_and_share_no_number(register):
    with ProcessPoolExecutor(3, mp_context=get_context("spawn")) as pool:
        told = pool.map(officer, [register.folder] * 3, range(3), [8] * 3, timeout=120)
        names = [name for made in told for name in made]

    assert sorted(names) == [f"JJ-C-2026-{number:04d}" for number in range(1, 25)]
    assert verify_rows(register.rows()).size == 48
    assert [one.number for one in register.certificates()] == sorted(names)
    assert all(register.file(one.pdf_sha256) for one in register.certificates())


def hasty(folder, number):
    with open_register(folder) as register:
        try:
            register.append([entry(b"by %d" % number)])
        except UsageError as refused:
            return refused.code
        return "appended"


def test_of_officers_with_the_same_case_one_is_first_and_the_others_are_told(register):
    with ProcessPoolExecutor(3, mp_context=get_context("spawn")) as pool:
        told = sorted(pool.map(hasty, [register.folder] * 3, range(3), timeout=120))

    assert told == ["appended", "case_moved", "case_moved"]


def test_a_commit_whose_files_are_not_in_place_yet_reads_and_recovers(register):
    register.append([entry()], files={sha256(b"pdf"): b"pdf"})
    (register.folder / "files" / sha256(b"pdf")).rename(register.folder / "staged" / sha256(b"pdf"))

    assert register.file(sha256(b"pdf")) == b"pdf"
    assert register.recover().finished == (sha256(b"pdf"),)
    assert files_of(register, "files") == [sha256(b"pdf")]
    assert register.recover().finished == ()


def test_what_was_staged_without_a_commit_is_removed(register):
    register.append([entry()], files={sha256(b"pdf"): b"pdf"})
    (register.folder / "staged" / sha256(b"other")).write_bytes(b"oth")

    recovered = register.recover()

    assert (recovered.finished, recovered.removed) == ((), (sha256(b"other"),))
    assert files_of(register, "files", "staged") == [sha256(b"pdf")]


def test_a_file_that_is_nowhere_cannot_be_recovered(register):
    register.append([entry()], files={sha256(b"pdf"): b"pdf"})
    (register.folder / "files" / sha256(b"pdf")).unlink()

    assert code_of(register.recover) == "register_file_missing"


def test_half_of_a_file_left_by_a_crash_is_written_over(register):
    (register.folder / "staged" / sha256(b"pdf")).write_bytes(b"p")

    register.append([entry()], files={sha256(b"pdf"): b"pdf"})

    assert register.file(sha256(b"pdf")) == b"pdf"


def test_the_folder_says_which_register_it_is(register):
    said = json.loads((register.folder / "register.json").read_bytes())

    assert said == {"format": 1, "register": REGISTER, "prefix": "JJ", "url": register.about.url}
    assert register.register_id == REGISTER


def test_a_folder_that_is_there_is_left_alone(register, new_url):
    assert code_of(create, register.folder, prefix="JJ", register_id=REGISTER) == "folder_exists"


@pytest.mark.parametrize("prefix", ["", "jj", "1J", "J" * 11, "J-J", "전주"])
def test_a_prefix_that_numbers_cannot_begin_with_is_refused_and_nothing_is_made(tmp_path, prefix):
    assert code_of(create, tmp_path / "r", prefix=prefix, register_id=REGISTER) == "prefix_unusable"
    assert list(tmp_path.iterdir()) == []


def test_a_register_without_an_identity_is_a_mistake_of_the_program(tmp_path):
    with pytest.raises(ValueError, match="32 hexadecimal"):
        create(tmp_path / "r", prefix="JJ", register_id="one")


def test_no_folder_no_register(tmp_path):
    assert code_of(open_register, tmp_path) == "register_missing"
    assert code_of(open_register, tmp_path / "none") == "register_missing"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("said", [b"", b"{}", b"[1]", b'{"format": 2}', b"\xff"])
def test_a_description_that_is_none_is_refused(tmp_path, said):
    (tmp_path / "register.json").write_bytes(said)

    assert code_of(open_register, tmp_path) == "register_unreadable"


def test_a_folder_with_the_database_of_another_register_is_refused(tmp_path):
    create(tmp_path / "one", prefix="JJ", register_id="1a" * 16).close()
    create(tmp_path / "two", prefix="JJ", register_id="2b" * 16).close()
    (tmp_path / "one" / "register.sqlite").replace(tmp_path / "two" / "register.sqlite")

    assert code_of(open_register, tmp_path / "two") == "database_of_other"


def test_a_folder_without_its_database_is_refused(tmp_path):
    create(tmp_path / "one", prefix="JJ", register_id=REGISTER).close()
    (tmp_path / "one" / "register.sqlite").unlink()

    assert code_of(open_register, tmp_path / "one") == "database_empty"


def test_a_database_that_is_none_is_refused(tmp_path):
    create(tmp_path / "one", prefix="JJ", register_id=REGISTER).close()
    (tmp_path / "one" / "register.sqlite").write_bytes(b"no database at all" * 100)

    assert code_of(open_register, tmp_path / "one") == "database_refused"


def test_what_is_committed_survives_the_machine(tmp_path):
    with create(tmp_path / "one", prefix="JJ", register_id=REGISTER) as register, register.database.reading() as asked:
        mode, durable = (asked.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous"))

    assert (mode, durable) == ("wal", 2)
    assert sqlite3.connect(tmp_path / "one" / "register.sqlite").execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_an_entry_replaced_in_memory_is_no_longer_what_was_appended(register):
    (row,) = register.append([entry()])

    assert tuple(register.rows()) != (replace(row, entry=entry(actor="Lee")),)


def test_a_search_goes_through_the_index(register):
    register.append([entry()], index=[certificate(), certificate("JJ-C-2026-0002", organisation="다른 회사")])

    assert [one.number for one in register.certificates(Search(organisation="다른"))] == ["JJ-C-2026-0002"]
