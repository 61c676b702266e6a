"""What a pickle asks for by name, read from its opcodes; nothing is looked up or called.

This is for a reader, never for a decision: who writes the file can mislead it. What a file truly asks for is known in
the worker, where the names pass through a list.
"""

import io
import lzma
import pickletools
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reliability.formats.compressed import compression, opened
from reliability.formats.unreadable import UnreadableError

MOST_READ = 64 << 20
_MOST_NAMES = 1000
# A name as text on the stack; in a joblib file arrays stand between the opcodes, so that it is looked for as well.
_PUSHED = re.compile(rb"\x8c.([A-Za-z_][\w.]{0,200})\x94?\x8c.([A-Za-z_][\w.]{0,200})\x94?\x93", re.DOTALL)
_TEXTS = frozenset({"SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "UNICODE"})
_ENDS = (EOFError, OSError, ValueError, zlib.error, lzma.LZMAError, IndexError, OverflowError)


@dataclass(frozen=True, kw_only=True)
class PickleFile:
    """The names that were met, as `module.name`, and whether the opcodes could be followed to their end."""

    compression: str | None
    protocol: int
    names: tuple[str, ...]
    whole: bool


def read_pickle(path: Path) -> PickleFile:
    """The names in the first 64 MiB of the unpacked file; UnreadableError where there is no pickle."""
    with path.open("rb") as file:
        made_smaller = compression(file)
        try:
            raw = opened(file).read(MOST_READ)
        except _ENDS as error:
            raise UnreadableError("what it was made smaller with cannot be read") from error
    names, protocol, whole = _followed(raw)
    if protocol is None:
        raise UnreadableError("no pickle")
    names |= {f"{module.decode()}.{name.decode()}" for module, name in _PUSHED.findall(raw)}
    return PickleFile(
        compression=made_smaller, protocol=protocol, names=tuple(sorted(names)[:_MOST_NAMES]), whole=whole
    )


def _followed(raw: bytes) -> tuple[set[str], int | None, bool]:
    names: set[str] = set()
    protocol: int | None = None
    stack: list[str] = []
    memo: dict[int, str] = {}
    before = ""
    try:
        for opcode, argument, place in pickletools.genops(io.BytesIO(raw)):
            if protocol is None:
                protocol = argument if opcode.name == "PROTO" else 0
            if place and opcode.name == "STOP":
                return names, protocol, True
            if opcode.name in ("GLOBAL", "INST"):
                names.add(str(argument).replace(" ", "."))
            elif opcode.name == "STACK_GLOBAL" and len(stack) >= 2:
                names.add(".".join(stack[-2:]))
            _remember(opcode.name, argument, stack, memo, is_text=before in _TEXTS)
            before = opcode.name
    except _ENDS:
        return names, protocol if names else None, False
    return names, protocol, False


def _remember(opcode: str, argument: Any, texts: list[str], memo: dict[int, str], *, is_text: bool) -> None:
    """Keep the texts that were pushed, and those that are fetched again."""
    if opcode in _TEXTS:
        texts.append(str(argument))
    elif opcode == "MEMOIZE":
        memo[len(memo)] = texts[-1] if is_text else ""
    elif opcode in ("BINPUT", "LONG_BINPUT", "PUT"):
        memo[int(argument)] = texts[-1] if is_text else ""
    elif opcode in ("BINGET", "LONG_BINGET", "GET"):
        texts.append(memo.get(int(argument), ""))
    del texts[:-4]
