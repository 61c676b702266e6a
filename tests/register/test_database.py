import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import postgres_server
from reliability.errors import EnvironmentLacksError, RecordError, UsageError
from reliability.register import contents, database
from reliability.register.database import open_database, server_url
from reliability.register.store import create, open_register
from tests.register.samples import REGISTER, entry

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("url", ["postgresql://kim@hub/register", "postgresql+pg8000://kim@hub:5433/register?ssl=1"])
def test_the_address_of_a_server_names_its_driver(url):
    assert str(server_url(url)) == url.replace("postgresql://", "postgresql+pg8000://")


@pytest.mark.parametrize(
    "url", ["", "hub", "sqlite:///register.sqlite", "mysql://kim@hub/register", "postgresql://a:b:c/"]
)
def test_an_address_of_anything_else_is_refused(url):
    with pytest.raises(UsageError) as raised:
        server_url(url)
    assert raised.value.code == "database_unknown"


def test_a_password_is_not_written_down_and_not_repeated(tmp_path):
    with pytest.raises(UsageError, match="PGPASSWORD") as raised:
        create(tmp_path / "r", prefix="JJ", register_id=REGISTER, url="postgresql://kim:secret@hub/register")

    assert "secret" not in str(raised.value)
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_an_address_is_not_repeated_either():
    with pytest.raises(UsageError) as raised:
        server_url("mysql://kim:secret@hub/register")

    assert "secret" not in str(raised.value)


def test_the_password_is_taken_from_where_the_tools_of_postgresql_take_it(tmp_path, monkeypatch):
    monkeypatch.setenv("PGPASSWORD", "secret")

    assert open_database(tmp_path, "postgresql://kim@hub/register").engine.url.password == "secret"


def test_a_server_without_its_driver_names_the_extra(tmp_path, monkeypatch):
    monkeypatch.setattr(database, "find_spec", lambda name: None)

    with pytest.raises(EnvironmentLacksError, match=r"reliability-workbench\[postgresql\]"):
        open_database(tmp_path, "postgresql://kim@hub/register")


def test_a_server_that_does_not_answer_is_told_in_a_line(tmp_path):
    url = f"postgresql://kim@/register?unix_sock={tmp_path}/none"

    with pytest.raises(RecordError, match="the register's database refuses") as raised:
        create(tmp_path / "r", prefix="JJ", register_id=REGISTER, url=url)
    assert "\n" not in str(raised.value)
    assert list(tmp_path.iterdir()) == []


def test_what_a_server_refuses_is_told_in_its_words(tmp_path, server):
    server.ask("CREATE ROLE guest LOGIN")

    with pytest.raises(RecordError, match="refuses: permission denied for schema public"):
        create(tmp_path / "r", prefix="JJ", register_id=REGISTER, url=server.url("guest"))
    assert list(tmp_path.iterdir()) == []


def test_two_registers_do_not_share_a_database(tmp_path, server):
    url = server.new_schema("shared")
    create(tmp_path / "one", prefix="JJ", register_id=REGISTER, url=url).close()

    with pytest.raises(UsageError) as raised:
        create(tmp_path / "two", prefix="JJ", register_id="1a" * 16, url=url)
    assert raised.value.code == "database_taken"


def test_a_transaction_that_fails_leaves_nothing(register):
    def half():
        with register.database.writing() as connection:
            contents.append_in(connection, [entry()])
            raise KeyError

    with pytest.raises(KeyError):
        half()
    assert register.append([entry()])[0].sequence == 1


def test_a_writer_does_not_wait_for_ever(register, monkeypatch):
    monkeypatch.setattr(database, "PATIENCE_S", 1)

    refused = pytest.raises(RecordError, match=r"database is locked|canceling statement due to lock timeout")
    with register.database.writing(), open_register(register.folder) as late, refused:
        late.append([entry()])

    assert register.head().size == 0


def test_a_reader_sees_one_state_from_beginning_to_end(register):
    with register.database.reading() as connection:
        before = contents.head_in(connection)
        with open_register(register.folder) as officer:
            officer.append([entry()])
        assert contents.head_in(connection) == before

    assert register.head().size == 1


def test_a_server_of_the_tests_runs_as_an_ordinary_user(server):
    assert server.folder.stat().st_uid != 0 or postgres_server.os.geteuid() != 0
    assert server.ask("SHOW server_encoding") == [["UTF8"]]


def test_a_server_that_goes_away_in_between_is_told_in_a_line_and_found_again(server, tmp_path):
    """Without pytest, whose own handlers would hide what is printed."""
    folder = tmp_path / "register"
    create(folder, prefix="JJ", register_id=REGISTER, url=server.new_schema("away")).close()
    script = f"""
import sys
from pathlib import Path
from sqlalchemy import text
from benchmarks.postgres_server import Server
from reliability.errors import RecordError
from reliability.register.store import open_register
server, register = Server(folder=Path({str(server.folder)!r})), open_register(Path({str(folder)!r}))
try:
    with register.database.writing() as connection:
        server.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'away'")
        connection.execute(text("SELECT 1"))
except RecordError as error:
    print(error.code, register.reserve("case", 2026))
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (done.stdout, done.stderr, done.returncode) == ("database_refused JJ-2026-0001\n", "", 0)
