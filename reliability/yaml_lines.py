"""YAML 1.2 as plain values that remember the line and column they were written on."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, StreamMark, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from reliability.errors import ReliabilityError

MAX_BYTES = 1_000_000
MAX_DEPTH = 64  # far beyond any file of ours; a bomb of brackets would exhaust the stack

Plain: TypeAlias = Any  # None, bool, int, float, str, list or dict of them
Keys: TypeAlias = tuple[Any, ...]
Position: TypeAlias = tuple[int, int]

SAFE_INTEGER = 2**53 - 1  # what canonical JSON (RFC 8785) holds exactly

_HALF = re.compile("[\ud800-\udfff]")
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Document:
    """A YAML file as plain values; dates stay text.

    A place is named by the keys and list indices that lead to it: `position("data", "target")`.
    """

    name: str
    data: Plain
    _keys: dict[Keys, Position] = field(repr=False)
    _values: dict[Keys, Position] = field(repr=False)

    def position(self, *keys: Any) -> Position:
        """Line and column (from 1) of a key or a list entry; of the nearest one above where it is absent."""
        return self._nearest(self._keys, keys)

    def value_position(self, *keys: Any) -> Position:
        """Line and column (from 1) of the value that stands at a key or a list index."""
        return self._nearest(self._values, keys)

    def where(self, *keys: Any) -> str:
        """Say `file:line` of a key, for a message."""
        return f"{self.name}:{self.position(*keys)[0]}"

    def _nearest(self, positions: dict[Keys, Position], keys: Keys) -> Position:
        for length in range(len(keys), 0, -1):
            if keys[:length] in positions:
                return positions[keys[:length]]
        return (1, 1)


def shown(value: object, *, limit: int = 60) -> str:
    """A value as a message shows it: quoted, on one line, cut where it is long."""
    text = repr(value) if isinstance(value, str | dict | list | tuple) else str(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def read_yaml(path: Path, *, error: type[ReliabilityError], name: str | None = None) -> Document:
    """Read a YAML file; `error` is raised for whatever is wrong, with `name` (else the path) in its line."""
    name = str(path) if name is None else name
    if not path.is_file():
        raise error("yaml_missing", "{where}: no such file; check the path", where=name)
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    return parse_yaml(content, error=error, name=name)


def parse_yaml(content: bytes, *, error: type[ReliabilityError], name: str) -> Document:
    """Read YAML from bytes; see `read_yaml`."""
    if len(content) > MAX_BYTES:
        raise error(
            "yaml_too_large", "{where}: larger than {limit:,} bytes; shorten the file", where=name, limit=MAX_BYTES
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        raise error("yaml_not_utf8", "{where}: not UTF-8; save the file as UTF-8", where=f"{name}:{line}") from problem
    return _Reader(name, error).document(text)


class _Reader:
    """Builds plain values from parser events, so that nothing but scalars, lists and mappings can come about."""

    def __init__(self, name: str, error: type[ReliabilityError]) -> None:
        self.name = name
        self.error = error
        self.keys: dict[Keys, Position] = {}
        self.values: dict[Keys, Position] = {}

    def document(self, text: str) -> Document:
        # Event by event, never all at once: the refusal of depth must come before the parser works through a bomb.
        try:
            data = self._only_document(iter(YAML(typ="safe").parse(text)))
        except (YAMLError, UnicodeEncodeError):  # the parser in C takes no halves of characters and says less
            try:
                data = self._only_document(iter(YAML(typ="safe", pure=True).parse(text)))
            except YAMLError as problem:
                raise self._syntax(problem, text) from problem
        return Document(name=self.name, data=data, _keys=self.keys, _values=self.values)

    def _only_document(self, events: Iterator[Event]) -> Plain:
        self.keys, self.values, starts = {}, {}, 0
        data: Plain = None
        for event in events:
            if isinstance(event, DocumentStartEvent):
                starts += 1
                if starts > 1:
                    raise self._error(event, "yaml_many_documents", "{where}: a second document; keep one")
            elif isinstance(event, NodeEvent):
                data = self._value(event, events, ())
        return data

    def _value(self, event: Event, events: Iterator[Event], keys: Keys) -> Plain:
        self._refuse_indirection(event)
        if len(keys) > MAX_DEPTH:
            raise self._error(event, "yaml_too_deep", "{where}: nested deeper than {limit} levels", limit=MAX_DEPTH)
        self.values[keys] = _place(event.start_mark)
        if isinstance(event, MappingStartEvent):
            return self._mapping(events, keys)
        if isinstance(event, SequenceStartEvent):
            return self._list(events, keys)
        return self._scalar(event) if isinstance(event, ScalarEvent) else None

    def _mapping(self, events: Iterator[Event], keys: Keys) -> dict[Any, Plain]:
        mapping: dict[Any, Plain] = {}
        while not isinstance(event := next(events), MappingEndEvent):
            key = self._key(event)
            if key in mapping:
                first = self.keys[(*keys, key)][0]
                raise self._error(
                    event,
                    "yaml_duplicate_key",
                    "{where}: key {key} stands on line {first} already; keep one",
                    key=shown(key),
                    first=first,
                )
            self.keys[(*keys, key)] = _place(event.start_mark)
            mapping[key] = self._value(next(events), events, (*keys, key))
        return mapping

    def _key(self, event: Event) -> Any:
        self._refuse_indirection(event)
        if not isinstance(event, ScalarEvent):
            raise self._error(
                event, "yaml_key_not_plain", "{where}: a key must be a single word or number; put it in quotes"
            )
        if event.value == "<<" and not event.style:
            raise self._error(event, "yaml_alias", "{where}: merge keys are refused; write the keys out")
        key = self._scalar(event)
        if key is None:
            raise self._error(event, "yaml_key_empty", "{where}: a key is empty; write a word before the colon")
        return key

    def _list(self, events: Iterator[Event], keys: Keys) -> list[Plain]:
        entries: list[Plain] = []
        while not isinstance(event := next(events), SequenceEndEvent):
            place = (*keys, len(entries))
            self.keys[place] = _place(event.start_mark)
            entries.append(self._value(event, events, place))
        return entries

    def _scalar(self, event: ScalarEvent) -> Plain:
        text = self._whole(event)
        if event.style:
            return text
        if _NOT_FINITE.fullmatch(text):
            raise self._error(event, "yaml_not_finite", "{where}: {value} is no finite number", value=text)
        return _plain(text)

    def _whole(self, event: ScalarEvent) -> str:
        """The text, with every pair of escapes that JSON writes one character in joined to that character."""
        text: str = event.value
        if not _HALF.search(text):
            return text
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
        if (lone := _HALF.search(text)) is not None:
            raise self._error(
                event,
                "yaml_half_character",
                "{where}: {half} is half a character; write the character itself",
                half=ascii(lone[0])[1:-1],
            )
        return text

    def _refuse_indirection(self, event: Event) -> None:
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None) is not None:
            raise self._error(event, "yaml_alias", "{where}: anchors and aliases are refused; write the value out")
        tag: str | None = getattr(event, "tag", None)
        if tag is not None:
            raise self._error(event, "yaml_tag", "{where}: tag {tag} is refused; leave it out", tag=tag[:60])

    def _error(self, event: Event, code: str, message: str, **values: object) -> ReliabilityError:
        line, column = _place(event.start_mark)
        return self.error(code, message, where=f"{self.name}:{line}:{column}", **values)

    def _syntax(self, problem: YAMLError, text: str) -> ReliabilityError:
        if isinstance(problem, ReaderError):
            return self._unwritable(text, problem.position)
        mark = problem.problem_mark or problem.context_mark if isinstance(problem, MarkedYAMLError) else None
        line, column = _place(mark) if mark else (1, 1)
        said = getattr(problem, "problem", None) or getattr(problem, "reason", None) or "unreadable"
        message = "{where}: not valid YAML: {problem}; mend that line or the one above"
        return self.error("yaml_syntax", message, where=f"{self.name}:{line}:{column}", problem=str(said))

    def _unwritable(self, text: str, place: int) -> ReliabilityError:
        line, column = text.count("\n", 0, place) + 1, place - text.rfind("\n", 0, place)
        message = "{where}: character {character} may not stand in YAML; remove it, or write it as an escape in quotes"
        where = f"{self.name}:{line}:{column}"
        return self.error("yaml_character", message, where=where, character=f"U+{ord(text[place]):04X}")


def _place(mark: StreamMark) -> Position:
    return mark.line + 1, mark.column + 1


def _plain(text: str) -> Plain:
    """Value of an unquoted scalar by the core schema of YAML 1.2: no dates, no `yes`, no sexagesimals."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _FLOAT.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else text
    return text


def _integer(text: str) -> int | str:
    for prefix, radix in (("0o", 8), ("0x", 16)):
        if text.startswith(prefix):
            return int(text[2:], radix)
    # Python refuses to convert numerals of thousands of digits; such a thing is text to us.
    return int(text) if len(text) <= 400 else text
