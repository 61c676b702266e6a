"""A PostgreSQL server of Debian's packages, for as long as it is needed: in a folder of its own, on a Unix socket."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROGRAMS = Path("/usr/lib/postgresql")
ROLE = "reliability"
_ORDINARY = ("postgres", "nobody")
_LONGEST_START_S = 60
_MEMORY, _ROOM = Path("/dev/shm"), 512 << 20  # noqa: S108  (a folder of a name of its own is made in it)


@dataclass(frozen=True, kw_only=True)
class Server:
    """A server that runs.

    Attributes
    ----------
    folder : Path
        Where its socket is.
    """

    folder: Path

    def url(self, role: str) -> str:
        """The URL by which somebody reaches the one database, in which everybody has a schema."""
        return f"postgresql://{role}@/postgres?unix_sock={self.folder}/.s.PGSQL.5432"

    def new_schema(self, name: str) -> str:
        """Make an empty schema and its owner, and say the owner's URL; quicker than a database by a second."""
        self.ask(f'CREATE ROLE "{name}" LOGIN')
        self.ask(f'CREATE SCHEMA "{name}" AUTHORIZATION "{name}"')
        return self.url(name)

    def ask(self, statement: str) -> list[Any]:
        """What the server answers to a statement of its administrator."""
        import pg8000.native

        with pg8000.native.Connection(
            ROLE, unix_sock=f"{self.folder}/.s.PGSQL.5432", database="postgres"
        ) as connection:  # fmt: skip
            return list(connection.run(statement) or [])


def programs() -> Path | None:
    """The folder of initdb and its like; None where PostgreSQL is not installed."""
    found = sorted(PROGRAMS.glob("*/bin/initdb"), key=lambda path: int(path.parent.parent.name))
    return found[-1].parent if found else None


@contextmanager
def started(*, durable: bool) -> Iterator[Server]:
    """A server that stops, and leaves nothing, at the end; without durability it loses data only with the machine."""
    place = programs()
    if place is None:
        raise FileNotFoundError(f"{PROGRAMS}: PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir=None if durable else _in_memory()))
    rights = _ordinary(folder)
    try:
        data = folder / "data"
        making = [
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            f"--username={ROLE}",
            "--no-sync",
            "--wal-segsize=1",
        ]
        _run([str(place / "initdb"), "-D", str(data), *making], rights)
        options = f"-k {folder} -c listen_addresses='' -c fsync={'on' if durable else 'off'}"
        control = [str(place / "pg_ctl"), "-D", str(data), "-w", "-t", str(_LONGEST_START_S)]
        _run([*control, "-o", options, "-l", str(folder / "log"), "start"], rights)
        try:
            yield Server(folder=folder)
        finally:
            _run([*control, "-m", "immediate", "stop"], rights)
    finally:
        shutil.rmtree(folder)


def _in_memory() -> str | None:
    """A place that no disk keeps, where there is room for a server; None where there is not."""
    return str(_MEMORY) if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM else None


def _ordinary(folder: Path) -> dict[str, Any]:
    """Rights of a user who is not root, whom the folder belongs to then: initdb refuses root."""
    if os.geteuid() != 0:
        return {}
    names = {one.pw_name: one for one in pwd.getpwall()}
    who = next(names[name] for name in _ORDINARY if name in names)
    os.chown(folder, who.pw_uid, who.pw_gid)
    return {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}


def _run(command: list[str], rights: dict[str, Any]) -> None:
    # The server inherits the output: a pipe would stay open as long as it runs.
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", **rights)
