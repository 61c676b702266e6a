import pytest
from sqlalchemy import text

from reliability.errors import RecordError, UsageError
from reliability.register import versions
from reliability.register.rows import verify_rows
from reliability.register.store import open_register
from tests.register.samples import REGISTER, course


def with_note(connection):
    connection.execute(text("ALTER TABLE numbers ADD COLUMN note VARCHAR"))


def with_filled_note(connection):
    connection.execute(text("UPDATE numbers SET note = 'moved'"))


SECOND, THIRD = {2: with_note}, {2: with_note, 3: with_filled_note}


def version(register):
    with register.database.reading() as connection:
        return versions.version_of(connection, register_id=REGISTER)


def test_a_new_register_has_the_newest_version(register):
    assert version(register) == versions.newest() == 1


@pytest.mark.parametrize(("steps", "reached"), [(SECOND, 2), (THIRD, 3)])
def test_an_older_register_is_led_forward_with_all_that_it_holds(register, steps, reached):
    rows = register.append(course(b"a", b"b"))
    register.reserve("case", 2026)

    with register.database.writing() as connection:
        assert versions.migrate(connection, 1, steps) == reached

    with register.database.reading() as connection:
        notes = connection.execute(text("SELECT note FROM numbers")).scalars().all()
    assert notes == [None if reached == 2 else "moved"]
    assert version(register) == reached
    assert tuple(register.rows()) == rows
    assert verify_rows(rows).size == 2


def test_a_step_is_taken_once(register):
    for reached in (2, 2):
        with register.database.writing() as connection:
            known = versions.version_of(connection, register_id=REGISTER)
            assert versions.migrate(connection, known, SECOND) == reached


def test_a_step_that_fails_leaves_the_older_version_whole(register):
    def broken(connection):
        with_note(connection)
        connection.execute(text("ALTER TABLE nowhere ADD COLUMN note VARCHAR"))

    with pytest.raises(RecordError, match="refuses"), register.database.writing() as connection:
        versions.migrate(connection, 1, {2: broken})

    assert version(register) == 1
    with register.database.writing() as connection:
        assert versions.migrate(connection, 1, SECOND) == 2


def test_opening_a_register_leads_it_forward(register, monkeypatch):
    monkeypatch.setattr(versions, "newest", lambda migrations=SECOND: 2)
    monkeypatch.setattr(
        versions, "migrate", lambda connection, known, led=versions.migrate: led(connection, known, SECOND)
    )

    with open_register(register.folder) as again:
        assert version(again) == 2


def test_a_register_of_a_newer_program_is_left_alone(register):
    with register.database.writing() as connection:
        connection.execute(text("UPDATE about SET value = '7' WHERE name = 'version'"))

    with pytest.raises(RecordError, match=r"version 7, known up to 1") as raised:
        open_register(register.folder)
    assert raised.value.code == "register_newer"


def test_tables_are_not_made_over_those_of_a_register(register):
    with pytest.raises(UsageError, match="holds a register already"), register.database.writing() as connection:
        versions.make_tables(connection, register_id=REGISTER)
