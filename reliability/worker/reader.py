"""The only code that shares a process with a parser of submitted data: opens files, describes them, gives out blocks.

Nothing here is believed by the workbench: a file may have taken this process over. The parent checks every reply.
"""

import io
import json
import os
import socket
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO

from reliability.errors import SubmissionError
from reliability.submission.reading import UnfitError
from reliability.worker import wire
from reliability.worker.child import probed, renew_cpu
from reliability.worker.unpacking import DAMAGED, Unpacked
from reliability.worker.wire import Bytes, Header

_OPEN_STREAMS = 8
_LONGEST_TEXT = 1000
_ENDINGS = (SubmissionError, UnfitError, MemoryError)


class Descriptor:
    """A file that was handed over open; as a path it can be opened many times, each time from its start."""

    name = ""  # the workbench knows it

    def __init__(self, number: int, suffix: str = "") -> None:
        self._number = number
        self.suffix = suffix

    def open(self, _mode: str = "rb") -> BinaryIO:
        """The file from its start."""
        return io.BufferedReader(_Placed(self._number), 1 << 20)

    def stat(self) -> os.stat_result:
        """What the system says of it."""
        return os.fstat(self._number)


class _Placed(io.RawIOBase):
    """A reader with a place of its own in a file that others read too."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number, self._at = number, 0

    def fileno(self) -> int:
        return self._number

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        ends = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: os.fstat(self._number).st_size}
        self._at = ends[whence] + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        read = os.preadv(self._number, [buffer], self._at)
        self._at += read
        return read


class _WithoutPandas:
    """Keeps Arrow from loading pandas, which it does to see whether a value is one of its own: here none is."""

    @staticmethod
    def find_spec(name: str, *_: object) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name, name=name)


class Serving:
    """A confined process with a line over which open files come."""

    def __init__(self) -> None:
        self._line: socket.socket | None = None
        self.cpu_s = 0

    def hello(self, asked: Header, _body: bytearray) -> tuple[Header, Bytes]:
        """Give up rights, try to break out, then load the parsers."""
        told = probed(asked)
        self.cpu_s = asked["limits"]["cpu_s"]
        self._line = socket.socket(fileno=asked["line"])
        self.load_parsers()
        return told, b""

    def load_parsers(self) -> None:
        """Import what reads the files, after the limits."""

    def handed_over(self, suffix: str = "") -> Any:
        """The file that comes over the line; parsers take it for a path."""
        assert self._line is not None  # noqa: S101  (`hello` came first)
        _, (number,), _, _ = socket.recv_fds(self._line, 1, 1)
        return Descriptor(number, suffix)


class Reader(Serving):
    """The files of one submission, and the streams of blocks that are under way."""

    def __init__(self) -> None:
        super().__init__()
        self._sources: list[Any] = []
        self._streams: dict[int, Iterator[tuple[Header, Bytes]]] = {}
        self._ready: dict[int, tuple[Header, Bytes] | Exception | None] = {}
        self._begun = 0
        self._unpacked: Unpacked | None = None
        self._member = -1
        self._pieces: Iterator[bytes] = iter(())

    def load_parsers(self) -> None:
        """Import Arrow without pandas."""
        sys.meta_path.insert(0, _WithoutPandas())
        import reliability.submission.source  # noqa: F401  (loaded for what it does)

    def open(self, asked: Header, _body: bytearray) -> tuple[Header, Bytes]:
        """The header or footer of the file that comes over the line."""
        from reliability.submission.source import open_source

        source = open_source(self.handed_over(asked["suffix"]), "")
        self._sources.append(source)
        told = {"names": source.names, "parquet": source.is_parquet}
        return {"file": len(self._sources) - 1}, _json(told)

    def unpack(self, asked: Header, _body: bytearray) -> tuple[Header, Bytes]:
        """What lies in the archive that comes over the line."""
        file = self.handed_over().open()
        try:
            self._unpacked = Unpacked(file, is_zip=asked["zip"], most=asked["most"])
        except DAMAGED as error:
            return {"damaged": str(error)[:_LONGEST_TEXT]}, b""
        return {}, _json({"members": self._unpacked.members})

    def piece(self, asked: Header, _body: bytearray) -> tuple[Header, Bytes]:
        """The next bytes of a file of the archive; none at its end."""
        assert self._unpacked is not None  # noqa: S101  (`unpack` came first)
        member = asked["member"]
        if self._member != member:
            self._member, self._pieces = member, self._unpacked.pieces(member)
        try:
            piece = next(self._pieces, b"")
        except DAMAGED as error:
            return {"damaged": str(error)[:_LONGEST_TEXT]}, b""
        if not piece:
            self._member = -1
        return {}, piece

    def population(self, _asked: Header, body: bytearray) -> tuple[Header, Bytes]:
        """The lines of a declared population."""
        from reliability.submission.population_rows import population_rows

        return {}, _json({"rows": population_rows(bytes(body), "")})

    def head(self, asked: Header, _body: bytearray) -> tuple[Header, Bytes]:
        """What a model file says of itself; nothing of it is loaded."""
        from reliability.formats.describe import describe

        return {}, _json(describe(asked["format"], self.handed_over()))

    def describe(self, asked: Header, body: bytearray) -> tuple[Header, Bytes]:
        """What is known of the columns."""
        described = self._sources[asked["file"]].describe(json.loads(bytes(body)))
        tallies = {
            name: [one.n, one.numbers, one.integers, one.truths, one.coded, one.first_text]
            for name, one in described.tallies.items()
        }
        told = {"rows": described.rows, "stored": dict(described.stored), "kinds": dict(described.kinds)}
        return {}, _json({**told, "empty": sorted(described.empty), "tallies": tallies})

    def read(self, asked: Header, body: bytearray) -> tuple[Header, Bytes]:
        """Begin a stream of blocks of the columns wanted."""
        from reliability.submission.source import Wanted

        blocks = self._sources[asked["file"]].blocks(Wanted(**json.loads(bytes(body))))
        self._begun += 1
        self._streams[self._begun] = (_packed(columns) for _, columns in blocks)
        if len(self._streams) > _OPEN_STREAMS:
            self._drop(min(self._streams))
        return {"stream": self._begun}, b""

    def next(self, asked: Header, _body: bytearray) -> tuple[Header, Bytes]:
        """The next block of a stream; no rows at its end."""
        stream = asked["stream"]
        if stream not in self._ready:
            self.look_ahead(stream)
        block = self._ready.pop(stream)
        if isinstance(block, Exception):
            raise block
        if block is None:
            self._drop(stream)
            return {"rows": 0, "described": 0}, b""
        return block

    def look_ahead(self, stream: int) -> None:
        """Make the next block ready, while the workbench counts the last one."""
        if stream in self._streams and stream not in self._ready:
            try:
                self._ready[stream] = next(self._streams[stream], None)
            except _ENDINGS as error:
                self._ready[stream] = error

    def _drop(self, stream: int) -> None:
        self._streams.pop(stream, None)
        self._ready.pop(stream, None)


def _packed(columns: Any) -> tuple[Header, Bytes]:
    described, body = wire.pack(columns, whole_levels=True)
    return {"rows": len(next(iter(columns.values()))), "described": described}, body


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _said(error: Exception) -> dict[str, Any]:
    if isinstance(error, UnfitError):
        value = error.value
        text = value if isinstance(value, str) else str(value)
        return {"unfit": [error.column, error.row, isinstance(value, str), text[:_LONGEST_TEXT]]}
    assert isinstance(error, SubmissionError)  # noqa: S101  (no other is caught)
    values = {name: value if isinstance(value, int) else str(value) for name, value in error.values.items()}
    return {"code": error.code, "values": values}


def main(descriptor: int) -> None:
    """Answer over the socket until the other end closes it."""
    reader = Reader()
    asked_for = ("hello", "open", "describe", "read", "next", "unpack", "piece", "population", "head")
    serve(descriptor, reader, asked_for, after=reader.look_ahead)


def serve(
    descriptor: int, serving: Serving, asked_for: Iterable[str], after: Callable[[int], None] | None = None
) -> None:
    """Answer these requests by the methods of their names; `after` is told which stream was asked for its next."""
    answers = {one: getattr(serving, one) for one in asked_for}
    with socket.socket(fileno=descriptor) as sock:
        while True:
            try:
                asked, body = wire.receive(sock, max_body=wire.MAX_BODY)
            except EOFError:
                return
            if serving.cpu_s:
                renew_cpu(serving.cpu_s)
            header, answer = _answered(answers[asked["op"]], asked, body)
            wire.send(sock, {**header, "id": asked["id"]}, answer)
            if after is not None and asked["op"] == "next":
                after(asked["stream"])


def _answered(answer: Any, asked: Header, body: bytearray) -> tuple[Header, Bytes]:
    try:
        header, told = answer(asked, body)
    except _ENDINGS as error:
        return ({"memory": True}, b"") if isinstance(error, MemoryError) else ({"refused": True}, _json(_said(error)))
    return header, told
