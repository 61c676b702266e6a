"""The fields of a protobuf message, read without a schema and without a library."""

import struct
from collections.abc import Iterator

from reliability.formats.unreadable import UnreadableError

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
_LONGEST_VARINT = 10
_WIDTHS = {FIXED64: struct.Struct("<d"), FIXED32: struct.Struct("<f")}


def fields(message: memoryview) -> Iterator[tuple[int, int | float | memoryview]]:
    """Number and value of every field, in order; what is inside a value is left as bytes."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, kind = key >> 3, key & 7
        if kind == VARINT:
            value, at = _varint(message, at)
            yield number, value
        elif kind in _WIDTHS:
            width = _WIDTHS[kind]
            yield number, width.unpack(_slice(message, at, width.size))[0]
            at += width.size
        elif kind == BYTES:
            length, at = _varint(message, at)
            yield number, _slice(message, at, length)
            at += length
        else:
            raise UnreadableError(f"wire type {kind}")


def packed(value: int | float | memoryview) -> list[int]:
    """Whole numbers that stand alone or packed together."""
    if isinstance(value, int):
        return [signed(value)]
    if isinstance(value, float):
        raise UnreadableError("a float where whole numbers were expected")
    numbers, at = [], 0
    while at < len(value):
        number, at = _varint(value, at)
        numbers.append(signed(number))
    return numbers


def signed(number: int) -> int:
    """A varint as the int64 that it stands for."""
    return number - (1 << 64) if number >= 1 << 63 else number


def text(value: int | float | memoryview) -> str:
    """A string field."""
    if not isinstance(value, memoryview):
        raise UnreadableError("a number where text was expected")
    return bytes(value).decode(errors="replace")


def message(value: int | float | memoryview) -> memoryview:
    """A field that is a message itself."""
    if not isinstance(value, memoryview):
        raise UnreadableError("a number where a message was expected")
    return value


def _varint(raw: memoryview, at: int) -> tuple[int, int]:
    number = 0
    for place in range(_LONGEST_VARINT):
        if at + place >= len(raw):
            raise UnreadableError("cut off")
        byte = raw[at + place]
        number |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return number & (1 << 64) - 1, at + place + 1
    raise UnreadableError("a number that does not end")


def _slice(raw: memoryview, at: int, length: int) -> memoryview:
    if length > len(raw) - at:
        raise UnreadableError("cut off")
    return raw[at : at + length]
