"""A register: a folder with its files and, in it or on a server, the chain and the index."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self

from reliability.errors import RecordError
from reliability.register import contents, versions
from reliability.register.certificates import Certificate
from reliability.register.database import Database, open_database
from reliability.register.disk import new_folder, refuse_existing
from reliability.register.files import Files
from reliability.register.folder import (
    LETTERS,
    About,
    Series,
    about_register,
    read_about,
    write_about,
)
from reliability.register.rows import Entry, Head, Row
from reliability.register.searching import Search, find_certificates, put_certificates

EVERYTHING = Search()
_NOTHING: Mapping[str, bytes] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Recovered:
    """What a crash had left open, by SHA-256: files put in their place, and removed because no row speaks of them."""

    finished: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Register:
    """A register that is open; use it in a `with`, or close it."""

    folder: Path
    about: About
    database: Database
    files: Files

    def __enter__(self) -> Self:
        """Open already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    @property
    def register_id(self) -> str:
        """What tells it from every other register."""
        return self.about.register_id

    def append(
        self, entries: Sequence[Entry], *, files: Mapping[str, bytes] = _NOTHING, index: Sequence[Certificate] = ()
    ) -> tuple[Row, ...]:
        """Add events, the files that they brought (by SHA-256) and what they make of certificates: all or nothing.

        Raises
        ------
        UsageError
            `case_moved`: a case has an event by now that an entry does not know of.
        """
        if not entries:
            raise ValueError("files and index change with an event only")
        _refuse_other_names(files)
        with self.database.writing() as connection:
            rows = contents.append_in(connection, entries)
            put_certificates(connection, index)
            brought = contents.unknown_files_in(connection, list(files))
            contents.insert_files(connection, dict.fromkeys(brought, rows[0].sequence))
            self._stage({sha256: files[sha256] for sha256 in brought})
        self.files.place(brought)
        return rows

    def rows(self, case: str | None = None, since: int = 0) -> Iterator[Row]:
        """Rows after a number, in their order, of one case or of all; not verified."""
        with self.database.reading() as connection:
            yield from contents.rows_in(connection, case=case, since=since)

    def head(self) -> Head:
        """How many rows there are, and the hash of the last."""
        with self.database.reading() as connection:
            return contents.head_in(connection)

    def last_event(self, case: str) -> str:
        """SHA-256 of the case's last envelope: `previous` of its next event; empty where it has none."""
        with self.database.reading() as connection:
            return contents.last_event_in(connection, case)

    def file(self, sha256: str) -> bytes:
        """A file by its SHA-256, which it has; RecordError `register_file_missing` or `_changed` otherwise."""
        return self.files.read(sha256)

    def reserve(self, series: Series, year: int) -> str:
        """A number that nobody else has or will have; one that is not used leaves a gap."""
        with self.database.writing() as connection:
            number = contents.next_number_in(connection, series, year)
        return f"{self.about.prefix}-{LETTERS[series]}{year}-{number:04d}"

    def certificates(self, search: Search = EVERYTHING) -> tuple[Certificate, ...]:
        """The certificates that fit, by number: from the index, which is for searching only."""
        with self.database.reading() as connection:
            return find_certificates(connection, search)

    def recover(self) -> Recovered:
        """Finish what a crash left open after its commit, and remove what it left before.

        Raises
        ------
        RecordError
            `register_file_missing`: a row brought a file that is nowhere.
        """
        with self.database.writing() as connection:  # nobody is staging meanwhile
            known = contents.files_in(connection)
            left = sorted(self.files.staged() - known.keys())
            finished = self.files.place(sorted(self.files.staged() & known.keys()))
            self.files.unstage(left)
        for sha256 in known:
            if not self.files.has(sha256):
                raise RecordError("register_file_missing", "the register has no file {sha256}", sha256=sha256)
        return Recovered(finished=finished, removed=tuple(left))

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()

    def _stage(self, files: Mapping[str, bytes]) -> None:
        try:
            for sha256, content in files.items():
                self.files.stage(sha256, content)
            if files:
                self.files.settle_stage()
        except BaseException:  # an interruption too: cleared, then passed on
            with suppress(OSError):
                self.files.unstage(files)
            raise


def create(folder: Path, *, prefix: str, register_id: str, url: str | None = None) -> Register:
    """A new, empty register in a new folder, its database in it or at a URL.

    Raises
    ------
    UsageError
        Where the folder is there, the prefix or the URL cannot be used, or the database holds a register.
    """
    about = about_register(register_id, prefix, url)
    with new_register(folder, about) as beside, beside.database.writing() as connection:
        versions.make_tables(connection, register_id=register_id)
    return open_register(folder)


@contextmanager
def new_register(folder: Path, about: About) -> Iterator[Register]:
    """A register that has no tables yet, in a folder that becomes `folder` when all went well."""
    refuse_existing(folder)
    with new_folder(folder) as beside, _opened(beside, about) as register:
        write_about(beside, about)
        yield register


def open_register(folder: Path) -> Register:
    """The register in a folder, its tables led forward where an older program made them.

    Raises
    ------
    UsageError
        Where there is none.
    RecordError
        Where folder and database do not go together, or a newer program made it.
    """
    register = _opened(folder, read_about(folder))
    try:
        _lead_forward(register)
    except BaseException:  # an interruption too: cleared, then passed on
        register.close()
        raise
    return register


def _opened(folder: Path, about: About) -> Register:
    files = Files(folder=folder)
    files.make()
    return Register(folder=folder, about=about, database=open_database(folder, about.url), files=files)


def _lead_forward(register: Register) -> None:
    known = register.register_id
    with register.database.reading() as connection:
        version = versions.version_of(connection, register_id=known)
        versions.refuse_newer(version)
    if version < versions.newest():
        with register.database.writing() as connection:
            versions.migrate(connection, versions.version_of(connection, register_id=known))


def _refuse_other_names(files: Mapping[str, bytes]) -> None:
    for sha256, content in files.items():
        if hashlib.sha256(content).hexdigest() != sha256:
            raise ValueError(f"{sha256[:64]!r}: not the SHA-256 of this file")
