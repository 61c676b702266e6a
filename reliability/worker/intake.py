"""Has the data files of a submission parsed in a confined process with no model in it, and checks what comes back."""

import json
import os
import socket
import weakref
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
import numpy.typing as npt

from reliability.blocks import BLOCK_ROWS, Column, Kind
from reliability.errors import SubmissionError, WorkerError
from reliability.submission.csv_file import Tally
from reliability.submission.population_rows import Row
from reliability.submission.reading import MESSAGES, NUMBERS, UnfitError
from reliability.submission.source import Described, Rows, Spellings, Wanted
from reliability.worker import failures, landlock, wire
from reliability.worker.confinement import PACKAGE, WORKER_USER, Way
from reliability.worker.greeting import apart, greeted
from reliability.worker.parent import Limits
from reliability.worker.process import WorkerProcess, with_line

SERVES = "reliability.worker.reader"
READER_USER = WORKER_USER + 2
_PARSERS = (
    "reading", "source", "csv_file", "parquet_file", "arrays", "meaning", "distinct", "population_rows", "__init__",
)  # fmt: skip
LIMITS = Limits(memory_bytes=6 << 30, file_bytes=1 << 20, scratch_bytes=1 << 20)
_MOST_TOLD = 1 << 26  # bytes that describe columns
_MOST_BLOCK = 1 << 29  # bytes of one block of rows
_MOST_CLAIMS, _DEEPEST_CLAIM = 64, 4  # of lists in what a model file says of itself
_SLOWEST = 1 << 20  # bytes of a file in a second, before it is taken for a trap
_KINDS = frozenset(get_args(Kind))


class Intake:
    """One confined process for the files of one submission; it ends with this object, or when it is closed."""

    def __init__(
        self, level: str | None = None, package: Mapping[Path, Path] | None = None, serves: str = SERVES
    ) -> None:
        self.way = _way(level)
        files = package_files() if package is None else package
        self._process, self._line, number = with_line(
            self.way, package=files, scratch_bytes=LIMITS.scratch_bytes, serves=serves
        )
        self.close = weakref.finalize(self, _ended, self._process, self._line)
        try:
            reply = greeted(self._process, self.way, LIMITS.told, line=number)
        except WorkerError:
            self.close()
            raise
        self.isolation = apart(reply, self.way, LIMITS.told)

    @property
    def level(self) -> str:
        """The level of isolation."""
        return self.way.level

    def opened(self, path: Path, shown: str) -> "ConfinedSource":
        """The file as a source, its header or footer read."""
        told = self.told_of(path, shown)
        header, said = told.asked({"op": "open", "suffix": path.suffix})
        names = told.names(said.get("names"))
        return ConfinedSource(path, shown, names, said.get("parquet") is True, told, told.number(header.get("file")))

    def population_rows(self, content: bytes, shown: str) -> list[Row]:
        """The lines of a declared population."""
        told = Telling(self, shown, patience_s=LIMITS.timeout_s)
        _, said = told.asked({"op": "population"}, content)
        try:
            return [_row(told, line, *fields) for line, fields in said["rows"]]
        except (KeyError, TypeError, ValueError) as error:
            raise told.ended("protocol: population") from error

    def head(self, named: str, path: Path) -> dict[str, Any]:
        """What a model file of that format says of itself, as claims that are kept short."""
        told = self.told_of(path)
        _, said = told.asked({"op": "head", "format": named})
        try:
            claims: dict[str, Any] = _claim(said)
        except ValueError as error:
            raise told.ended("protocol: claims") from error
        return claims

    def told_of(self, path: Path, shown: str | None = None, messages: Mapping[str, str] = MESSAGES) -> "Telling":
        """Hand the file over, open, and ask about it; `messages` are the refusals that may come back."""
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            socket.send_fds(self._line, [b"f"], [file.fileno()])
        patience_s = LIMITS.timeout_s + size / _SLOWEST
        return Telling(self, shown or path.name, patience_s=patience_s, messages=messages)


def _way(level: str | None) -> Way:
    """The strongest way; where none works, limits alone: a parser has no business with code of the applicant's."""
    try:
        way = landlock.find_way(level)
    except WorkerError:
        if level not in (None, landlock.PROCESS):
            raise
        return Way(name="same_user", level=landlock.PROCESS)
    # Another user than a model's: the limit on processes counts all of a user's.
    return way if way.uid is None else replace(way, uid=READER_USER)


def _ended(process: WorkerProcess, line: socket.socket) -> None:
    line.close()
    process.close()


def package_files() -> dict[Path, Path]:
    """Place in the sandbox -> file of ours: the wire, the parsers, and what they stand on."""
    here, inside = Path(__file__).parent.parent, PACKAGE / "reliability"
    names = [f"submission/{name}.py" for name in _PARSERS]
    names += ["__init__.py", "blocks.py", "errors.py"]
    names += [f"worker/{name}.py" for name in ("__init__", "wire", "child", "reader", "unpacking")]
    names += [f"formats/{path.name}" for path in sorted((here / "formats").glob("*.py"))]
    return {inside / name: here / name for name in names}


class Telling:
    """Questions to the process about one file, and answers that were checked."""

    def __init__(
        self, intake: Intake, shown: str, *, patience_s: float, messages: Mapping[str, str] = MESSAGES
    ) -> None:
        self._intake, self._shown, self._patience_s, self._messages = intake, shown, patience_s, messages

    def asked(
        self, header: Mapping[str, Any], body: wire.Bytes = b"", *, most: int = _MOST_TOLD
    ) -> tuple[wire.Header, dict[str, Any]]:
        """The reply, its body read as a JSON object."""
        reply, answer = self.raw(header, body, most=most)
        said = self._json(answer) if answer else {}
        if not isinstance(said, dict):
            raise self.ended("protocol: not_an_object")
        return reply, said

    def raw(self, header: Mapping[str, Any], body: wire.Bytes = b"", *, most: int) -> tuple[wire.Header, bytearray]:
        """The reply as it came.

        Raises
        ------
        SubmissionError
            Where the file cannot be read, or the process did not survive it.
        UnfitError
            Where a value does not fit its column.
        """
        process = self._intake._process
        try:
            reply, answer = process.ask_up_to(header, body, most=most, timeout_s=self._patience_s)
        except TimeoutError as error:
            raise self.ended(f"{self._patience_s:.0f} s") from error
        except wire.WireError as error:
            raise self.ended(f"protocol: {error}") from error
        except EOFError as error:
            left = process.left(cpu_s=LIMITS.cpu_s)
            raise self.ended(" ".join(map(str, left.plain_values().values()))) from error
        if reply.get("memory") is True:
            raise self.ended(f"{LIMITS.memory_bytes >> 20:,} MiB")
        if reply.get("refused") is True:
            raise self._refused(self._json(answer))
        return reply, answer

    def ended(self, how: str) -> SubmissionError:
        """What is said when the process gives no answer any more."""
        self._intake.close()
        return SubmissionError(
            "data_reader_ended",
            "{where}: the confined reader ended without an answer ({how}); write the file anew, or in smaller pieces",
            where=self._shown,
            how=failures.cleaned(how),
        )

    def _refused(self, said: Any) -> SubmissionError | UnfitError:
        unfit = said.get("unfit") if isinstance(said, dict) else None
        if isinstance(unfit, list) and [type(one) for one in unfit] == [str, int, bool, str]:
            column, row, is_text, text = unfit
            return UnfitError(column, row, text if is_text else _Said(text))
        code, values = (said.get("code"), said.get("values")) if isinstance(said, dict) else (None, None)
        if not isinstance(code, str) or code not in self._messages or not isinstance(values, dict):
            return self.ended("protocol: refusal")
        given = {name: value for name, value in values.items() if name != "where"}
        try:
            told = {
                name: self.number(value) if name in NUMBERS else failures.cleaned(value)
                for name, value in given.items()
            }
            return SubmissionError(code, self._messages[code], **told, where=self._shown)
        except (KeyError, IndexError, ValueError):
            return self.ended("protocol: refusal")

    def _json(self, raw: wire.Bytes) -> Any:
        try:
            return json.loads(bytes(raw).decode())
        except (ValueError, RecursionError) as error:
            raise self.ended("protocol: not_json") from error

    def names(self, said: Any) -> tuple[str, ...]:
        """Names of columns: text that can be written."""
        if not isinstance(said, list) or not all(isinstance(one, str) for one in said):
            raise self.ended("protocol: names")
        try:
            "".join(said).encode()
        except UnicodeEncodeError as error:
            raise self.ended("protocol: names") from error
        return tuple(said)

    def number(self, said: Any) -> int:
        """A count."""
        if type(said) is not int or not 0 <= said < 1 << 53:
            raise self.ended("protocol: number")
        return said


def _row(told: Telling, line: Any, column: Any, value: Any, share: Any) -> Row:
    column, value, share = told.names([column, value, share])
    return told.number(line), (column, value, share)


def _claim(value: Any, depth: int = 0) -> Any:
    """A value that can be written down: numbers, truths, texts, and lists and tables of these."""
    if depth > _DEEPEST_CLAIM:
        raise ValueError(depth)
    if isinstance(value, list):
        return [_claim(one, depth + 1) for one in value[:_MOST_CLAIMS]]
    if isinstance(value, dict):
        return {failures.cleaned(name): _claim(one, depth + 1) for name, one in list(value.items())[:_MOST_CLAIMS]}
    if value is None or isinstance(value, bool) or (isinstance(value, int) and abs(value) < 1 << 53):
        return value
    return failures.cleaned(value)


class _Said:
    """A value that is no text, by what it prints."""

    def __init__(self, text: str) -> None:
        self._text = failures.cleaned(text)

    def __str__(self) -> str:
        return self._text


class ConfinedSource:
    """A data file that the intake process parses."""

    def __init__(
        self,
        path: Path,
        shown: str,
        names: tuple[str, ...],
        is_parquet: bool,  # noqa: FBT001  (by its place, as the others)
        told: Telling,
        number: int,
    ) -> None:
        self.path, self.shown, self.names, self.is_parquet = path, shown, names, is_parquet
        self._told, self._number = told, number

    def describe(self, spellings: Spellings) -> Described:
        """What is known of the columns; a CSV is read through for it."""
        _, said = self._told.asked({"op": "describe", "file": self._number}, _json(dict(spellings)))
        try:
            return self._described(said)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise self._told.ended("protocol: description") from error

    def _described(self, said: Any) -> Described:
        number = self._told.number
        if self.is_parquet:
            kinds = {name: said["kinds"][name] for name in self.names}
            if not set(kinds.values()) <= _KINDS | {None}:
                raise ValueError
            stored = {name: failures.cleaned(said["stored"][name]) for name in self.names}
            empty = frozenset(self.names) & set(self._told.names(said["empty"]))
            return Described(rows=number(said["rows"]), stored=stored, kinds=kinds, empty=empty, tallies={})
        tallies = {name: self._tally(*said["tallies"][name]) for name in self.names}
        return Described(rows=number(said["rows"]), stored={}, kinds={}, empty=frozenset(), tallies=tallies)

    def _tally(self, n: Any, numbers: Any, integers: Any, truths: Any, coded: Any, first: Any) -> Tally:
        number = self._told.number
        text = None if first is None else (self._told.names([first[0]])[0], number(first[1]))
        return Tally(
            n=number(n), numbers=number(numbers), integers=number(integers), truths=number(truths),
            coded=coded is True, first_text=text,
        )  # fmt: skip

    def blocks(self, wanted: Wanted) -> Iterator[Rows]:
        """Position of the first row, and the columns wanted, for every BLOCK_ROWS rows in file order."""
        told = {"kinds": dict(wanted.kinds), "missing": dict(wanted.missing)}
        told |= {"loosely": list(wanted.loosely), "as_text": list(wanted.as_text)}
        begun, _ = self._told.asked({"op": "read", "file": self._number}, _json(told))
        stream, start = self._told.number(begun.get("stream")), 0
        while True:
            reply, body = self._told.raw({"op": "next", "stream": stream}, most=_MOST_BLOCK)
            rows = self._told.number(reply.get("rows"))
            if rows == 0:
                return
            if rows > BLOCK_ROWS:
                raise self._told.ended("protocol: rows")
            try:
                columns = wire.unpack(body, described=self._told.number(reply.get("described")), rows=rows)
                yield start, {name: _checked(columns[name], wanted, name) for name in wanted.kinds}
            except (KeyError, wire.WireError) as error:
                raise self._told.ended("protocol: block") from error
            start += rows


def _checked(column: wire.WireColumn, wanted: Wanted, name: str) -> Column:
    """A column as the rest relies on it: of the kind asked for, finite, nothing where nothing is."""
    text = column.kind == "utf8" and name in (*wanted.loosely, *wanted.as_text)
    if column.kind != wanted.kinds[name] and not text:
        raise wire.WireError("kind")
    values: npt.NDArray[Any] = column.values
    if column.kind == "bool":
        values = values.view(np.uint8) != 0
    if column.kind == "f8" and not np.isfinite(values).all():
        raise wire.WireError("not_finite")
    if column.missing.any():
        values = np.where(column.missing, values.dtype.type(0), values)
    kind: Any = column.kind
    return Column(kind=kind, values=values, missing=column.missing, levels=column.levels)


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()
