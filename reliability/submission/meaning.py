"""What a value means, however it is spelt: 1, 1.0, "1" and true are one value."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from reliability.blocks import Column, Ints, Label
from reliability.submission.distinct import distinct_values, first_places

Meaning: TypeAlias = int | float | str

# A leading zero makes a code (a postcode, say), not a number.
INTEGER = r"-?(0|[1-9][0-9]{0,17})"
NUMBER = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?"
_INTEGER, _NUMBER = re.compile(INTEGER), re.compile(NUMBER)
_CODE = re.compile(r"[+-]?0[0-9].*|[+-]?[0-9]{19,}")
_TRUTHS = {"true": 1, "false": 0}
# Part of the format: the same entity has the same digest in every data set and in every run.
_ENTITY_KEY = b"reliability.entity.1"


def meaning(value: Label) -> Meaning:
    """The one value that all its spellings stand for."""
    if not isinstance(value, str):
        # Integers as they are: one of hundreds of digits is too large for a float.
        return int(value) if isinstance(value, int) or value.is_integer() else value
    text = value.strip()
    if text.lower() in _TRUTHS:
        return _TRUTHS[text.lower()]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text) and not _CODE.fullmatch(text):
        number = float(text)
        return int(number) if number.is_integer() else number
    return unicodedata.normalize("NFC", text)


def in_order(values: Iterable[Label]) -> tuple[Label, ...]:
    """Values sorted by meaning: numbers first, then texts by code point."""
    return tuple(sorted(values, key=lambda value: _rank(meaning(value))))


def _rank(meant: Meaning) -> tuple[bool, float | int, str]:
    return (True, 0, meant) if isinstance(meant, str) else (False, meant, "")


def distinct(column: Column) -> dict[Label, int]:
    """Values that occur, each with the position of its first row."""
    if column.missing.any():
        there = np.flatnonzero(~column.missing)
        codes, first = first_places(column.values[there])
        first = there[first]
    else:
        codes, first = first_places(column.values)
    values = [column.levels[code] for code in codes] if column.kind == "utf8" else codes.tolist()
    return dict(zip(values, first.tolist(), strict=True))


def indices(column: Column, index_of: Mapping[Meaning, int]) -> Ints:
    """Class index of every row: -1 where missing, -2 where the value is none of the classes."""
    if column.kind == "utf8":
        levels, codes = list(column.levels), column.values
    else:
        unique, codes = distinct_values(column.values)
        levels = unique.tolist()
    known = np.array([index_of.get(meaning(level), -2) for level in levels] or [-2], dtype=np.int64)
    found: Ints = np.where(column.missing, -1, known[codes])
    return found


def digests(column: Column) -> npt.NDArray[np.uint64]:
    """Keyed 64-bit digest of every value's meaning; the same for 1, 1.0 and "1"."""
    if column.kind == "utf8":
        levels, codes = list(column.levels), column.values
    else:
        unique, codes = distinct_values(column.values)
        levels = unique.tolist()
    known = np.array([_digest(meaning(level)) for level in levels] or [0], dtype=np.uint64)
    found: npt.NDArray[np.uint64] = known[codes]
    return found


def _digest(meant: Meaning) -> int:
    kind = "t" if isinstance(meant, str) else "n"
    spelt = f"{kind}{meant}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(spelt, digest_size=8, key=_ENTITY_KEY).digest(), "little")
