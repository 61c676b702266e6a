"""What travels between the workbench and a worker: frames of JSON and raw little-endian numbers, never pickle.

A frame is a magic, a u32 header length, a u64 body length, a JSON header and a body. Both ends are bounded before
anything is read: a header by `MAX_HEADER`, a body by what the reader expects. Columns travel in the body: first their
descriptions as JSON (its length stands in the header under `described`), then their buffers, each at a multiple of 8.
"""

import ctypes
import json
import socket
import struct
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

MAGIC = b"RWK1"
MAX_HEADER = 65_536
MAX_BODY = 1 << 40
# Not filled with zeros first, which costs as much as filling it from the socket.
_BLANK = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_char_p, ctypes.c_ssize_t)(
    ("PyByteArray_FromStringAndSize", ctypes.pythonapi)
)
_PREFIX = struct.Struct("<4sIQ")
_STORED = {"f8": "<f8", "i8": "<i8", "bool": "|b1", "utf8": "<i4"}
_ALIGNMENT = 8

Header: TypeAlias = dict[str, Any]
Bytes: TypeAlias = bytes | bytearray | memoryview


class WireError(Exception):
    """What came is not a frame of this protocol; the text is a short code."""


class Refusal(Exception):  # noqa: N818  (an answer, not an error)
    """What a worker says instead of an answer: a reason code and its values."""

    def __init__(self, code: str, /, **values: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


class Framed(Protocol):
    """A column as the workbench holds it."""

    @property
    def kind(self) -> str:
        """One of f8, i8, bool, utf8."""

    @property
    def values(self) -> npt.NDArray[Any]:
        """Numbers, or codes into `levels`."""

    @property
    def missing(self) -> npt.NDArray[np.bool_]:
        """True where the value means nothing."""

    @property
    def levels(self) -> tuple[str, ...]:
        """The texts that the codes point to."""


@dataclass(frozen=True, kw_only=True, eq=False)
class WireColumn:
    """A column as it left the wire; a text column holds codes into `levels`."""

    kind: str
    values: npt.NDArray[Any]
    missing: npt.NDArray[np.bool_]
    levels: tuple[str, ...] = ()


def send(sock: socket.socket, header: Mapping[str, Any], body: Bytes = b"") -> None:
    """Write one frame."""
    # Half a surrogate pair has no UTF-8; the backslash that replaces it is JSON for the same character.
    head = json.dumps(header, ensure_ascii=False, allow_nan=False).encode(errors="backslashreplace")
    if len(head) > MAX_HEADER:
        raise WireError("header_too_long")
    sock.sendall(_PREFIX.pack(MAGIC, len(head), len(body)) + head)
    if body:
        sock.sendall(body)


def receive(sock: socket.socket, *, max_body: int, deadline: float | None = None) -> tuple[Header, bytearray]:
    """Read one frame, all of it before `deadline` (monotonic seconds).

    Raises WireError for anything but a frame, TimeoutError at the deadline, EOFError where the other end is gone.
    """
    magic, head_length, body_length = _PREFIX.unpack(_exactly(sock, _PREFIX.size, deadline))
    if magic != MAGIC:
        raise WireError("magic")
    if head_length > MAX_HEADER:
        raise WireError("header_too_long")
    if body_length > max_body:
        raise WireError("body_too_long")
    header = _header(_exactly(sock, head_length, deadline))
    return header, _exactly(sock, body_length, deadline)


def _exactly(sock: socket.socket, length: int, deadline: float | None) -> bytearray:
    buffer: bytearray = _BLANK(None, length)
    view, got = memoryview(buffer), 0
    while got < length:
        # One deadline for the whole frame: a byte now and then does not renew it.
        if deadline is not None:
            sock.settimeout(max(deadline - time.monotonic(), 1e-3))
            if time.monotonic() > deadline:
                raise TimeoutError
        read = sock.recv_into(view[got:])
        if read == 0:
            raise EOFError
        got += read
    return buffer


def _header(raw: Bytes) -> Header:
    header = _json(raw)
    if not isinstance(header, dict):
        raise WireError("header_not_an_object")
    return header


def _json(raw: Bytes) -> Any:
    try:
        return json.loads(bytes(raw).decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise WireError("not_json") from error


def _no_constant(name: str) -> None:
    raise ValueError(name)


def pack(columns: Mapping[str, Framed], *, whole_levels: bool = False) -> tuple[int, bytearray]:
    """Columns as one body, and the length of their descriptions at its head.

    With `whole_levels` texts travel as they are held, those of other rows too: to who may know them anyway.
    """
    buffers = _Buffers()
    described = [_packed(name, column, buffers, whole_levels=whole_levels) for name, column in columns.items()]
    text = json.dumps(described, ensure_ascii=False).encode()
    text += b" " * (-len(text) % _ALIGNMENT)
    return len(text), bytearray().join([text, *buffers.pieces])


class _Buffers:
    """Buffers one after another, each at a multiple of 8; nothing is copied before all are known."""

    def __init__(self) -> None:
        self.pieces: list[Any] = []
        self._length = 0

    def append(self, values: npt.NDArray[Any] | bytes, dtype: str = "|u1") -> list[int]:
        """Where the values begin and end."""
        array = np.frombuffer(values, dtype) if isinstance(values, bytes) else np.ascontiguousarray(values, dtype)
        start, size = self._length, array.nbytes
        padding = -size % _ALIGNMENT
        self.pieces += [array, bytes(padding)] if padding else [array]
        self._length += size + padding
        return [start, start + size]


def _packed(name: str, column: Framed, buffers: _Buffers, *, whole_levels: bool) -> dict[str, Any]:
    values, levels = column.values, column.levels
    if column.kind == "utf8" and not whole_levels:
        values, levels = _used_levels(column)
    described: dict[str, Any] = {"name": name, "kind": column.kind}
    described["offsets"] = buffers.append(values, _STORED[column.kind])
    missing = column.missing
    described["mask"] = buffers.append(missing) if missing.any() else None
    if column.kind == "utf8":
        texts = [level.encode() for level in levels]
        ends = np.cumsum([0, *(len(text) for text in texts)], dtype="<i8")
        described["levels"] = buffers.append(ends, "<i8")
        described["texts"] = buffers.append(b"".join(texts))
    return described


def _used_levels(column: Framed) -> tuple[npt.NDArray[np.int32], tuple[str, ...]]:
    # Texts of other rows never travel: a dictionary is shared by the whole file.
    present = ~column.missing
    used, codes = np.unique(column.values[present], return_inverse=True)
    values = np.zeros(len(column.values), dtype=np.int32)
    values[present] = codes
    return values, tuple(column.levels[code] for code in used)


def unpack(body: bytearray, *, described: int, rows: int) -> dict[str, WireColumn]:
    """The columns of a body: views into it, every offset checked."""
    if not 0 <= described <= len(body):
        raise WireError("descriptions_outside_body")
    view = memoryview(body)
    columns, buffers = _json(view[:described]), view[described:]
    if not isinstance(columns, list):
        raise WireError("descriptions_not_a_list")
    return dict(_unpacked(one, buffers, rows) for one in columns)


def _unpacked(described: Any, buffers: memoryview, rows: int) -> tuple[str, WireColumn]:
    if not isinstance(described, dict) or not isinstance(described.get("name"), str):
        raise WireError("description")
    kind = described.get("kind")
    if kind not in _STORED:
        raise WireError("kind")
    values = _array(buffers, described.get("offsets"), _STORED[kind], rows)
    missing = np.zeros(rows, dtype=np.bool_)
    if described.get("mask") is not None:
        missing = _array(buffers, described["mask"], "|u1", rows) != 0
    levels = _levels(described, buffers) if kind == "utf8" else ()
    if kind == "utf8" and bool(np.any(((values < 0) | (values >= len(levels))) & ~missing)):
        raise WireError("code_outside_levels")
    return described["name"], WireColumn(kind=kind, values=values, missing=missing, levels=levels)


def _levels(described: Mapping[str, Any], buffers: memoryview) -> tuple[str, ...]:
    ends = _array(buffers, described.get("levels"), "<i8", None)
    texts = _section(buffers, described.get("texts"))
    if len(ends) == 0 or ends[0] != 0 or ends[-1] != len(texts) or bool(np.any(np.diff(ends) < 0)):
        raise WireError("levels")
    try:
        return tuple(bytes(texts[a:b]).decode() for a, b in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True))
    except UnicodeDecodeError as error:
        raise WireError("text") from error


def _array(buffers: memoryview, offsets: Any, dtype: str, rows: int | None) -> npt.NDArray[Any]:
    section = _section(buffers, offsets)
    size = np.dtype(dtype).itemsize
    if len(section) % size or (rows is not None and len(section) != rows * size):
        raise WireError("length")
    return np.frombuffer(section, dtype=dtype)


def _section(buffers: memoryview, offsets: Any) -> memoryview:
    if not (isinstance(offsets, list) and len(offsets) == 2 and all(type(one) is int for one in offsets)):
        raise WireError("offsets")
    start, stop = offsets
    if not 0 <= start <= stop <= len(buffers):
        raise WireError("offsets")
    return buffers[start:stop]


def numbers(values: Iterable[Any] | npt.NDArray[Any], dtype: str) -> bytes:
    """An array as raw little-endian bytes, row after row."""
    return np.ascontiguousarray(values, dtype=dtype).tobytes()
