"""What a CatBoost model in its binary form says of itself."""

import re
from dataclasses import dataclass
from pathlib import Path

from reliability.formats.unreadable import UnreadableError

MAGIC = b"CBM1"
_ENDS = 1 << 20
_VERSION = re.compile(rb"CatBoost release (\d{1,4}(?:\.\d{1,4}){1,3})")
_LOSS = re.compile(rb'"loss_function"\s*:\s*\{.{0,200}?"type"\s*:\s*"(\w{1,60})"', re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class CatboostFile:
    """What the notes of the file say; empty where nothing was found."""

    version: str
    loss: str


def read_catboost(path: Path) -> CatboostFile:
    """The notes of the file; UnreadableError where it is none."""
    with path.open("rb") as file:
        head = file.read(_ENDS)
        file.seek(max(0, path.stat().st_size - _ENDS))
        raw = head + file.read(_ENDS)
    if not raw.startswith(MAGIC):
        raise UnreadableError("the file does not begin with CBM1")
    return CatboostFile(version=_found(_VERSION, raw), loss=_found(_LOSS, raw))


def _found(pattern: re.Pattern[bytes], raw: bytes) -> str:
    found = pattern.search(raw)
    return "" if found is None else found.group(1).decode()
