"""Versions of the tables: an older register is led forward, a newer one is left alone."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from sqlalchemy import Connection, insert, inspect, select, update

from reliability.errors import RecordError, UsageError
from reliability.register.tables import ABOUT, METADATA

Migration: TypeAlias = Callable[[Connection], None]

FIRST = 1
# Version -> what leads the tables there from the version before. They only ever grow: old steps stay as they are.
MIGRATIONS: Mapping[int, Migration] = MappingProxyType({})


def make_tables(connection: Connection, *, register_id: str) -> None:
    """The tables of a new register; UsageError `database_taken` where the database holds one."""
    if inspect(connection).has_table(ABOUT.name):
        raise UsageError("database_taken", "the database holds a register already; name an empty database")
    METADATA.create_all(connection)
    said = {"register": register_id, "version": str(newest())}
    connection.execute(insert(ABOUT), [{"name": name, "value": value} for name, value in said.items()])


def version_of(connection: Connection, *, register_id: str) -> int:
    """The version of a register's tables; refused where they are not this register's."""
    if not inspect(connection).has_table(ABOUT.name):
        raise RecordError("database_empty", "the database holds no register; was it moved, or is it another one?")
    said = dict(connection.execute(select(ABOUT.c.name, ABOUT.c.value)).all())
    if said.get("register") != register_id:
        raise RecordError(
            "database_of_other", "the database holds register {met}, the folder names {named}: they do not go together",
            met=said.get("register", "?"), named=register_id,
        )  # fmt: skip
    return int(said["version"])


def newest(migrations: Mapping[int, Migration] = MIGRATIONS) -> int:
    """The version that this program works with."""
    return max(migrations, default=FIRST)


def refuse_newer(version: int, migrations: Mapping[int, Migration] = MIGRATIONS) -> None:
    """RecordError `register_newer` where a newer program has made the tables."""
    if version > newest(migrations):
        raise RecordError(
            "register_newer", "the register was made by a newer program (version {met}, known up to {known}); update",
            met=version, known=newest(migrations),
        )  # fmt: skip


def migrate(connection: Connection, version: int, migrations: Mapping[int, Migration] = MIGRATIONS) -> int:
    """Lead the tables forward, step by step, inside the transaction that is open; the version that they have then."""
    refuse_newer(version, migrations)
    for step in range(version + 1, newest(migrations) + 1):
        migrations[step](connection)
        connection.execute(update(ABOUT).where(ABOUT.c.name == "version").values(value=str(step)))
    return newest(migrations)
