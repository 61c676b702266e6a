"""Edits of a YAML text that leave every other character as it stands.

A library that reads and writes YAML again keeps the words but not the bytes: it indents, joins and quotes
anew, and loses comments inside brackets. Here a text is parsed only to learn where its values stand.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode

from reliability.submission.init import scalar

# From one place to another, the text that is to stand there.
Splice: TypeAlias = tuple[int, int, str]

_COMMENT = re.compile(r"(?<!\S)#[^\r\n]*")
_COLON = re.compile(r"\s*:")
_LINE_BREAK = re.compile(r"\r?\n|\Z")
_BLOCK_TEXT = ("|", ">")


@dataclass(frozen=True, kw_only=True, eq=False)
class Composed:
    """A YAML text and the tree of its values, each with the place that it stands at."""

    text: str
    root: Node

    @property
    def newline(self) -> str:
        """How the text ends its lines."""
        return "\r\n" if "\r\n" in self.text else "\n"

    def line_end(self, place: int) -> int:
        """Where the line ends that a place is on, before its line break."""
        met = _LINE_BREAK.search(self.text, place)
        return len(self.text) if met is None else met.start()

    def colon(self, key: Node) -> int:
        """Where the value of a key may begin: behind its colon."""
        met = _COLON.match(self.text, key.end_mark.index)
        return int(key.end_mark.index) if met is None else met.end()

    def end(self, node: Node, key: Node | None = None) -> int:
        """Where the last word of a key's value ends; comments and blank lines behind it are no part of it."""
        last, its_key = _last(node, key)
        if is_empty(last) and its_key is not None:  # a value that is not written bears the mark of what follows
            return self.colon(its_key)
        place: int = last.end_mark.index
        return len(self.text[:place].rstrip()) if _is_block_text(last) else place

    def below(self, node: Node, key: Node | None = None) -> int:
        """Where lines can be put in below a key's value: at the end of its last line, comment included."""
        last, _ = _last(node, key)
        if _is_block_text(last):
            # Blank lines at its end may be part of the text; the line break before what follows is not.
            return len(self.text[: last.end_mark.index].removesuffix("\n").removesuffix("\r"))
        return self.line_end(self.end(node, key))

    def comments(self, node: Node, start: int, end: int) -> list[str]:
        """Comments between two places; a sign in the words of a value below `node` begins none."""
        words = [(each.start_mark.index, each.end_mark.index) for each in _scalars(node)]
        starts = [low for low, _ in words]

        def in_words(place: int) -> bool:
            before = bisect_right(starts, place)
            return before > 0 and place < words[before - 1][1]

        met = _COMMENT.finditer(self.text, start, end)
        return [one[0].rstrip() for one in met if not in_words(one.start())]


def compose(text: str) -> Composed:
    """The tree of a YAML text that is known to be readable."""
    try:
        # The parser in C takes no halves of characters, and counts no mark of byte order.
        root = YAML(typ="safe", pure=text.startswith("\ufeff")).compose(text)
    except (YAMLError, UnicodeEncodeError):
        root = YAML(typ="safe", pure=True).compose(text)
    return Composed(text=text, root=root)


def spliced(text: str, splices: Sequence[Splice]) -> str:
    """The text with every splice put in; of two at one place the first comes first."""
    parts, done = [], 0
    for start, end, new in sorted(splices, key=lambda one: one[:2]):
        parts += [text[done:start], new]
        done = end
    return "".join([*parts, text[done:]])


def pairs(node: Node | None) -> list[tuple[Node, Node]]:
    """Keys and values of a mapping, in order; none of anything else."""
    return list(node.value) if isinstance(node, MappingNode) else []


def child(node: Node | None, key: str) -> Node | None:
    """The value of a key; None where there is no such key."""
    return next((value for name, value in pairs(node) if name.value == key), None)


def in_brackets(node: Node) -> bool:
    """Whether a list or mapping is written in brackets, not on lines of its own."""
    return isinstance(node, CollectionNode) and bool(node.flow_style)


def is_empty(node: Node) -> bool:
    """Whether nothing at all is written there."""
    return isinstance(node, ScalarNode) and not node.style and not node.value


def flow(value: Any) -> str:
    """A value on one line: text in quotes where it needs them, lists and mappings in brackets."""
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return "{" + ", ".join(_entry(key, each) for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value)


def put(composed: Composed, mapping: Node, key: str, value: Any, *, behind: Sequence[str] = ()) -> Splice:
    """The splice that gives a key its value; a new key comes behind the last of those named that is there."""
    for name, there in pairs(mapping):
        if name.value == key:
            return _over(composed, name, there, value)
    if in_brackets(mapping):
        return append(composed, mapping, _entry(key, value))
    before = [(there, name) for name, there in pairs(mapping) if name.value in behind]
    place = composed.below(*(before[-1] if before else (mapping,)))
    return place, place, f"{composed.newline}{' ' * mapping.start_mark.column}{_entry(key, value)}".rstrip(" ")


def append(composed: Composed, collection: Node, entry: str) -> Splice:
    """The splice that puts one more entry into brackets."""
    if not collection.value:
        place = collection.start_mark.index + 1
        return place, place, entry
    last = collection.value[-1]
    key, value = last if isinstance(last, tuple) else (None, last)
    place = composed.end(value, key)
    # A colon and a comma side by side would be read as part of a word.
    return place, place, f"{' ' if is_empty(value) else ''}, {entry}"


def below(composed: Composed, node: Node, lines: Sequence[str], *, column: int, key: Node | None = None) -> Splice:
    """The splice that puts lines in below a key's value; those that are blank stay bare."""
    place = composed.below(node, key)
    return place, place, "".join(f"{composed.newline}{' ' * column}{line}".rstrip(" ") for line in lines)


def _entry(key: str, value: Any) -> str:
    return f"{scalar(key)}: {flow(value)}"


def _over(composed: Composed, key: Node, node: Node, value: Any) -> Splice:
    """The splice that writes a value over another; comments between the words of a list are kept."""
    start, end = node.start_mark.index, composed.end(node, key)
    if isinstance(node, ScalarNode):
        start = min(start, end)
        touching = value is not None and composed.text[start - 1 : start] == ":"
        return start, end, f" {flow(value)}" if touching else flow(value)
    # From its key on: a list may stand on lines of its own, as far left as its key, where brackets may not.
    start, column = composed.colon(key), key.start_mark.column + 2
    kept = [f"{one}{composed.newline}{' ' * column}" for one in composed.comments(node, start, end)]
    return start, end, f" {''.join(kept)}{flow(value)}"


def _last(node: Node, key: Node | None) -> tuple[Node, Node | None]:
    """The value that a key's value ends with, and its own key; what stands in brackets ends with itself."""
    if isinstance(node, CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _last(last[1], last[0]) if isinstance(last, tuple) else _last(last, None)
    return node, key


def _is_block_text(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.style in _BLOCK_TEXT


def _scalars(node: Node) -> Iterator[ScalarNode]:
    """Every single value below a node, keys too, in order."""
    if isinstance(node, ScalarNode):
        yield node
    for entry in node.value if isinstance(node, CollectionNode) else ():
        for each in entry if isinstance(entry, tuple) else (entry,):
            yield from _scalars(each)
