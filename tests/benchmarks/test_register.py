import random
from datetime import date

import pytest

from benchmarks import register_kills, register_load
from benchmarks.register_kills import WORK, Killed, looked_at, page, run
from benchmarks.register_load import SEARCHES, Loaded, Searched, filled, loaded, searched, section
from benchmarks.register_work import change_status, databases, digest, faults, faults_of_copy, issue, new_register
from reliability.register.exports import export, read_export
from reliability.register.searching import put_certificates
from reliability.register.store import open_register

DAY = date(2026, 7, 1)


@pytest.fixture
def register(tmp_path):
    new_register(tmp_path / "register", None)
    with open_register(tmp_path / "register") as opened:
        yield opened


@pytest.mark.parametrize("work", WORK)
def test_a_process_killed_at_any_moment_leaves_a_whole_register(tmp_path, work):
    ran = run("sqlite", None, work, tmp_path, kills=3, drawn=random.Random(1))

    assert ran.faults == ()
    assert (ran.kills, sum(ran.recovered.values())) == (3, 3)


def test_a_register_at_work_has_no_fault(register):
    issue(register)
    assert [change_status(register) for _ in range(3)] == ["suspended", "active", "suspended"]

    assert faults(register) == []
    assert register.head().size == 5


def test_every_kind_of_fault_would_be_found(register):
    number = issue(register)
    (one,) = register.certificates()
    place = register.folder / "files" / one.pdf_sha256
    content = place.read_bytes()

    place.write_bytes(b"half")
    assert "cannot be read" in faults(register)[0]
    place.write_bytes(content)
    (register.folder / "files" / digest(b"stray")).write_bytes(b"stray")
    assert "without its event" in faults(register)[0]
    (register.folder / "files" / digest(b"stray")).rename(register.folder / "staged" / digest(b"stray"))
    assert "still staged" in faults(register)[0]
    register.recover()
    with register.database.writing() as connection:
        put_certificates(connection, [one.model_copy(update={"status": "withdrawn"})])
    assert faults(register) == ["the index does not say what the events say"]
    assert number == one.number


def test_what_was_told_and_is_not_there_would_be_found(register):
    assert looked_at(register.folder, "issue", ["JJ-C-2026-0009"])[1] == ["JJ-C-2026-0009 was told to be issued"]


def test_a_spoilt_copy_would_be_found(register, tmp_path):
    issue(register)
    export(register, tmp_path / "copy")
    assert faults_of_copy(read_export(tmp_path / "copy")) == []

    assert looked_at(register.folder, "backup", ["ab" * 32])[1] == ["the copy is older than the last that was finished"]
    next((tmp_path / "copy" / "files").iterdir()).unlink()
    assert "copy: file" in looked_at(register.folder, "backup", [])[1][0]


def test_the_page_counts_kills_and_faults():
    ran = Killed(database="sqlite", work="issue", kills=7, told=9, recovered={"nothing": 4, "finished": 3}, faults=())

    text = page([ran, ran], start=0, on=DAY)

    assert "**14 kills, 0 faults.**" in text
    assert "| sqlite | issue | 7 | 9 | 4 | 3 | none |" in text


def test_the_page_names_the_first_fault():
    ran = Killed(database="sqlite", work="issue", kills=1, told=0, recovered={}, faults=("file x cannot be read",))

    assert "**1 kills, 1 faults.** file x cannot be read" in page([ran], start=0, on=DAY)


def test_officers_at_once_lose_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(register_load, "OFFICERS", 2)
    new_register(tmp_path / "register", None)

    found = loaded("sqlite", tmp_path / "register", 3)

    assert (found.told, found.kept) == (6, True)


def test_every_search_is_made_and_finds_what_it_is_for(register):
    filled(register, 1_100)

    found = {one.search: one.found for one in searched("sqlite", register)}

    assert found.keys() == SEARCHES.keys()
    assert found["text that stands nowhere"] == found["a number"] == 0
    assert found["part of a name, many"] == found["status"] == found["expired"] == 50


def test_the_section_says_what_was_not_kept():
    officers = [Loaded(database="sqlite", seconds=1.0, told=4, lost=1, twice=0, broken=0)]
    searches = [Searched(database="sqlite", search="a case", found=1, fastest_ms=51.0, median_ms=60.0)]

    text = section(officers, searches, n=100, on=DAY)

    assert "| sqlite | 4 | 1.0 | 1 | 0 | **no** |" in text
    assert "| a case | sqlite | 1 | 51.0 | 60.0 | **no** |" in text


def test_without_postgresql_the_proofs_are_of_sqlite_alone(monkeypatch):
    monkeypatch.setattr("benchmarks.postgres_server.programs", lambda: None)

    with databases(*register_kills.KINDS) as urls:
        assert urls == {"sqlite": None}
