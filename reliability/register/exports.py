"""Whole copies of a register: written beside and moved into place, read back verified, and made a register again.

A copy is a folder: `register.json` (which register), `events.jsonl` (a row a line), `index.json` (for searching, not
signed), `files/`, `checkpoint.dsse.json` where there is one, and whatever papers of the hub are asked to go along.
"""

import base64
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, ValidationError
from sqlalchemy import Connection

from reliability.errors import ChainError, RecordError, UsageError
from reliability.records import Record, canonical_json
from reliability.register import contents, searching, versions
from reliability.register.certificates import Certificate
from reliability.register.checkpoints import keep_checkpoint, kept_checkpoint
from reliability.register.disk import plain_content, remove_parts, replacing_folder, settle, sync_folder, write_durably
from reliability.register.files import PLACE, Files
from reliability.register.folder import EVENTS, FILE, Prefix, RegisterId, about_register
from reliability.register.rows import EMPTY, Entry, Head, Row, moment, moment_in, verify_rows
from reliability.register.store import Register, new_register, open_register

INDEX = "index.json"
_LONGEST_LINE = 128 << 20
_AT_ONCE = 500
_WIDEST = 53  # bits of a whole number that JSON keeps
_Part = TypeVar("_Part", bound=Record)
_Any = TypeVar("_Any")


class CopyAbout(Record):
    """Which register it is a copy of."""

    format: Annotated[Literal[1], Field(alias="copy")] = 1
    register_id: RegisterId
    prefix: Prefix


class Index(Record):
    """What no event says in a form that the register knows: certificates, files by row, last numbers taken."""

    certificates: tuple[Certificate, ...]
    files: dict[str, int]
    numbers: dict[str, dict[int, int]]


@dataclass(frozen=True, kw_only=True)
class Export:
    """A copy whose rows follow one another; whether they are the right ones, a checkpoint says."""

    folder: Path
    about: CopyAbout
    rows: tuple[Row, ...]
    head: Head
    checkpoint: bytes | None

    @property
    def register_id(self) -> str:
        """Which register it is a copy of."""
        return self.about.register_id

    def file(self, sha256: str) -> bytes:
        """A file by its SHA-256, which it has; RecordError otherwise."""
        return Files(folder=self.folder).read(sha256)

    def index(self) -> Index:
        """What is for searching only: nobody has signed it."""
        return _part(self.folder / INDEX, Index)


def export(register: Register, folder: Path, *, checkpoint: bytes | None = None, papers: Sequence[str] = ()) -> Head:
    """Write a whole copy, in the place of an older one of this register if there is one; the head that it leads to.

    Whenever the machine stops, the old copy or the new one is there. Without a checkpoint, the register's newest goes
    along; of the papers in the register's folder, those that are there.

    Raises
    ------
    UsageError
        `copy_of_other`: something else stands there.
    ChainError
        The register was changed behind the tool's back, or does not lead on from the older copy.
    """
    remove_parts(folder)
    older = _older(folder, register)
    # Taken before the rows: they lead to it or past it.
    checkpoint = checkpoint or kept_checkpoint(register.folder)
    with replacing_folder(folder) as beside:
        write_durably(
            beside / FILE, canonical_json(CopyAbout(register_id=register.register_id, prefix=register.about.prefix))
        )
        with register.database.reading() as connection:
            rows = contents.rows_in(connection)
            head = verify_rows(_written(rows, beside / EVENTS), head=older)
            index = _index_in(connection)
        write_durably(beside / INDEX, canonical_json(index))
        _copy_files(register.files, index.files, beside / PLACE)
        if checkpoint is not None:
            keep_checkpoint(beside, checkpoint)
        _copy_papers(register.folder, papers, beside)
    return head


def read_export(folder: Path) -> Export:
    """The copy in a folder.

    Raises
    ------
    RecordError
        `copy_unreadable`: it is none.
    ChainError
        Its rows do not follow one another.
    """
    about = _part(folder / FILE, CopyAbout)
    rows = tuple(_read(folder / EVENTS))
    return Export(
        folder=folder, about=about, rows=rows, head=verify_rows(rows), checkpoint=kept_checkpoint(folder)
    )  # fmt: skip


def create_from(copy: Export, folder: Path, *, url: str | None = None, papers: Sequence[str] = ()) -> Register:
    """The register that a copy is of, made again in a new folder: same identity, rows, files, numbers and papers."""
    index = copy.index()
    with new_register(folder, about_register(copy.register_id, copy.about.prefix, url)) as beside:
        _copy_files(Files(folder=copy.folder), index.files, beside.folder / PLACE)
        if copy.checkpoint is not None:
            keep_checkpoint(beside.folder, copy.checkpoint)
        _copy_papers(copy.folder, papers, beside.folder)
        with beside.database.writing() as connection:
            versions.make_tables(connection, register_id=copy.register_id)
            _restore(connection, copy.rows, index)
    return open_register(folder)


def _restore(connection: Connection, rows: Iterable[Row], index: Index) -> None:
    for some in _by(_AT_ONCE, rows):
        contents.insert_rows(connection, some)
    for files in _by(_AT_ONCE, index.files.items()):
        contents.insert_files(connection, dict(files))
    contents.insert_numbers(connection, index.numbers)
    for certificates in _by(_AT_ONCE, index.certificates):
        searching.put_certificates(connection, certificates)


def _by(size: int, what: Iterable[_Any]) -> Iterator[list[_Any]]:
    left = iter(what)
    while some := list(islice(left, size)):
        yield some


def _older(folder: Path, register: Register) -> Head:
    """Where the copy ends that stands there; only one of this register is ever replaced."""
    if not folder.exists():
        return EMPTY
    if (folder / EVENTS).is_file():
        copy = read_export(folder)
        if copy.register_id == register.register_id:
            return copy.head
    raise UsageError(
        "copy_of_other", "{path}: exists already and is no copy of this register; name another folder", path=folder
    )


def _index_in(connection: Connection) -> Index:
    return Index(
        certificates=tuple(searching.every_certificate(connection)),
        files=contents.files_in(connection),
        numbers=contents.numbers_in(connection),
    )


def _copy_files(files: Files, sha256s: Iterable[str], to: Path) -> None:
    to.mkdir(exist_ok=True)
    for sha256 in sha256s:
        write_durably(to / sha256, files.read(sha256))
    sync_folder(to)


def _copy_papers(folder: Path, papers: Sequence[str], to: Path) -> None:
    for name in papers:
        if (folder / name).is_file():
            write_durably(to / name, (folder / name).read_bytes())


def _written(rows: Iterable[Row], path: Path) -> Iterator[Row]:
    """The rows, each written down as it passes."""
    with path.open("wb") as file:
        for row in rows:
            file.write(_line(row))
            yield row
        settle(file)


def _line(row: Row) -> bytes:
    entry = row.entry
    told = {
        "sequence": row.sequence, "case": entry.case, "kind": entry.kind, "at": moment(entry.at), "actor": entry.actor,
        "previous": entry.previous, "envelope": base64.b64encode(entry.envelope).decode(), "event": row.event,
        "before": row.before, "hash": row.hash,
    }  # fmt: skip
    return canonical_json(told) + b"\n"


def _read(path: Path) -> Iterator[Row]:
    try:
        with path.open("rb") as file:
            for number in count(1):
                line = file.readline(_LONGEST_LINE)
                if not line:
                    return
                yield _row(line, number)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise _unreadable(path.parent, path.name) from error


def _row(line: bytes, number: int) -> Row:
    try:
        told = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise _unreadable(Path(EVENTS), f"line {number}") from error
    try:
        row = _row_of(told)
        whole = _line(row) == line
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _changed(number) from error
    # What reads as the same row in another form is refused too: one row, one line.
    if not whole:
        raise _changed(number)
    return row


def _row_of(told: Any) -> Row:
    sequence, texts = told.pop("sequence"), told.values()
    if type(sequence) is not int or sequence >> _WIDEST or not all(isinstance(one, str) for one in texts):
        raise TypeError("a number and texts")
    entry = Entry(
        case=told["case"], kind=told["kind"], at=moment_in(told["at"]),
        actor=told["actor"], envelope=base64.b64decode(told["envelope"], validate=True), previous=told["previous"],
    )  # fmt: skip
    return Row(sequence=sequence, entry=entry, event=told["event"], before=told["before"], hash=told["hash"])


def _changed(number: int) -> ChainError:
    return ChainError(
        "chain_row_broken", "row {sequence} does not follow the row before: the register was changed", sequence=number
    )


def _part(path: Path, kind: type[_Part]) -> _Part:
    try:
        return kind.model_validate_json(plain_content(path) or b"")
    except ValidationError as error:
        raise _unreadable(path.parent, path.name) from error


def _unreadable(folder: Path, where: str) -> RecordError:
    return RecordError(
        "copy_unreadable",
        "{path}: not a whole copy of a register ({where}); name the folder that 'register backup' wrote",
        path=folder, where=where,
    )  # fmt: skip
