import os

import pytest

from benchmarks import postgres_server


@pytest.fixture(scope="module")
def server():
    if postgres_server.programs() is None:
        pytest.skip("PostgreSQL is not installed: no server to start")
    with postgres_server.started(durable=False) as running:
        yield running


def test_a_server_is_ready_when_it_is_handed_over(server):
    assert server.ask("SELECT 6 * 7") == [[42]]
    assert server.ask("SHOW fsync") == [["off"]]


def test_a_server_listens_on_no_port(server):
    assert server.ask("SHOW listen_addresses") == [[""]]


def test_a_server_keeps_what_others_may_not_see(server):
    assert server.folder.stat().st_mode & 0o077 == 0
    assert (server.folder.stat().st_uid == 0) is False or os.geteuid() != 0


def test_everybody_works_in_a_schema_of_their_own(server):
    pg8000 = pytest.importorskip("pg8000.native")
    for name in ("kim", "lee"):
        assert server.new_schema(name) == f"postgresql://{name}@/postgres?unix_sock={server.folder}/.s.PGSQL.5432"
        with pg8000.Connection(name, unix_sock=f"{server.folder}/.s.PGSQL.5432", database="postgres") as asked:
            assert asked.run("SELECT current_schema()") == [[name]]
            asked.run("CREATE TABLE events (n integer)")


def test_a_server_that_stops_leaves_nothing():
    if postgres_server.programs() is None:
        pytest.skip("PostgreSQL is not installed: no server to start")
    with postgres_server.started(durable=False) as running:
        folder = running.folder

    assert not folder.exists()


def test_without_its_programs_no_server_is_started(monkeypatch, tmp_path):
    monkeypatch.setattr(postgres_server, "PROGRAMS", tmp_path)

    assert postgres_server.programs() is None
    with pytest.raises(FileNotFoundError, match="not installed"), postgres_server.started(durable=False):
        pass


def test_the_newest_programs_are_taken(monkeypatch, tmp_path):
    for version in ("9", "15", "17"):
        (tmp_path / version / "bin").mkdir(parents=True)
        (tmp_path / version / "bin" / "initdb").touch()
    monkeypatch.setattr(postgres_server, "PROGRAMS", tmp_path)

    assert postgres_server.programs() == tmp_path / "17" / "bin"
