"""The database of a register: SQLite in its folder, or PostgreSQL by its URL."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError

from reliability.errors import EnvironmentLacksError, RecordError, UsageError

SQLITE = "register.sqlite"
PATIENCE_S = 60  # how long a writer waits for the others
_PASSWORD = "PGPASSWORD"  # noqa: S105  (the name of libpq's variable)


@dataclass(frozen=True, kw_only=True)
class Database:
    """A database that one writer at a time changes, and that anybody reads meanwhile."""

    engine: Engine

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state from beginning to end."""
        with _answering(), self.engine.connect() as connection:
            yield connection.execution_options(**self._snapshot)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction with the register to itself; whole or, if anything is raised, not at all."""
        with _answering(), self.engine.connect() as connection:
            connection.execution_options(writes=True)
            with connection.begin():
                if not self._is_sqlite:
                    connection.execute(text(f"SET LOCAL lock_timeout = '{PATIENCE_S}s'"))
                    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(current_schema())::bigint)"))
                yield connection

    def close(self) -> None:
        """Close the connections that wait to be used again."""
        self.engine.dispose()

    @property
    def _is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @property
    def _snapshot(self) -> dict[str, Any]:
        return {} if self._is_sqlite else {"isolation_level": "REPEATABLE READ"}


def open_database(folder: Path, url: str | None) -> Database:
    """The database of the register in a folder; nothing is asked of it yet."""
    if url is not None:
        return Database(engine=_postgresql(server_url(url)))
    engine = create_engine(
        URL.create("sqlite", database=str(folder / SQLITE)), connect_args={"timeout": PATIENCE_S}
    )  # fmt: skip
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return Database(engine=engine)


def server_url(url: str) -> URL:
    """The URL of a server's database, as it may be written down."""
    try:
        found = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise _unknown(url) from error
    if found.get_backend_name() != "postgresql":
        raise _unknown(url)
    if found.password is not None:
        raise UsageError(
            "database_password", "leave the password out of the URL; it is read from the variable {variable}",
            variable=_PASSWORD,
        )  # fmt: skip
    return found.set(drivername="postgresql+pg8000")


def _postgresql(url: URL) -> Engine:
    if find_spec("pg8000") is None:
        raise EnvironmentLacksError(
            "postgresql_missing", "a register on PostgreSQL needs pg8000; pip install '{extra}'",
            extra="reliability-workbench[postgresql]",
        )  # fmt: skip
    # Of a server that went away the user is told in a line; the pool would print its traceback besides.
    logging.getLogger("sqlalchemy").addHandler(logging.NullHandler())
    # As libpq does, and every tool of PostgreSQL with it: the driver itself does not look there.
    return create_engine(url.set(password=os.environ.get(_PASSWORD)), pool_size=1, pool_pre_ping=True)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where we say, not where the driver guesses
    for setting in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {setting}")


def _begin_sqlite(connection: Connection) -> None:
    # A lock taken at the first write would come too late: what was read before may have changed.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except UnicodeEncodeError as error:  # half a letter, out of a command line that is no UTF-8
        raise UsageError("text_unwritable", "the text that was given is not UTF-8; type it anew") from error
    except DBAPIError as refused:
        raise RecordError("database_refused", "the register's database refuses: {why}", why=_why(refused)) from refused


def _why(refused: DBAPIError) -> str:
    """What the driver says, on one line; pg8000 hands over the fields of the server's message."""
    said = refused.orig.args[0] if refused.orig is not None and refused.orig.args else refused
    return " ".join(str(said.get("M", said) if isinstance(said, dict) else said).split())[:200]


def _unknown(url: str) -> UsageError:
    return UsageError(
        "database_unknown",
        "{url}: no address of a database; write postgresql://NAME@HOST/DATABASE, or leave it out for SQLite",
        url=url.partition("://")[0][:40] + "://",
    )
