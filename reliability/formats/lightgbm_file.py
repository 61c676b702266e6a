"""What a LightGBM text model says of itself in its first lines."""

import re
from dataclasses import dataclass
from pathlib import Path

from reliability.formats.unreadable import UnreadableError

_HEAD = 1 << 22  # names of many columns stand before the first tree
_TAIL = 1 << 16
_LONGEST = 9  # digits of a number of classes


@dataclass(frozen=True, kw_only=True)
class LightgbmFile:
    """The lines before the first tree, and whether the file still has the line ends that it was written with."""

    version: str
    objective: str
    classes: int
    columns: tuple[str, ...]
    categorical: bool
    carriage_returns: bool


def read_lightgbm(path: Path) -> LightgbmFile:
    """The head of the file; UnreadableError where it is none."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
        file.seek(max(0, path.stat().st_size - _TAIL))
        tail = file.read(_TAIL)
    if not re.match(rb"tree\r?\n", head):
        raise UnreadableError("the first line is not 'tree'")
    lines = head.partition(b"\nTree=0")[0].decode(errors="replace").splitlines()
    keys = dict(line.split("=", 1) for line in lines if "=" in line)
    categories = re.search(rb"^pandas_categorical:(.*)$", tail, re.MULTILINE)
    return LightgbmFile(
        version=keys.get("version", ""),
        objective=keys.get("objective", "").partition(" ")[0],
        classes=max(1, int(count)) if (count := keys.get("num_class", "")[:_LONGEST]).isdecimal() else 1,
        columns=tuple(keys.get("feature_names", "").split()),
        categorical=categories is not None and categories.group(1).strip() not in (b"[]", b"null"),
        carriage_returns=b"\r\n" in head[: 1 << 16],
    )
