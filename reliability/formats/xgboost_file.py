"""What an XGBoost file says of itself at its two ends: release, objective, number of classes and of columns."""

import re
from dataclasses import dataclass
from pathlib import Path

from reliability.formats.unreadable import UnreadableError

_ENDS = 1 << 16  # bytes looked at from either end: trees lie between
_LENGTH = rb"L.{8}"  # of a name or text in UBJSON
_JSON_VERSION = re.compile(rb'"version"\s*:\s*\[\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*\]')
_BINARY_VERSION = re.compile(rb"version\[#L\x00{7}\x03((?:i.){3})", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class XgboostFile:
    """The head and the tail of a model of XGBoost; what was not found is empty."""

    form: str
    version: str
    objective: str
    classes: str
    columns: str


def read_xgboost(path: Path) -> XgboostFile:
    """What stands at the ends of the file; UnreadableError where it is none."""
    with path.open("rb") as file:
        head = file.read(_ENDS)
        file.seek(max(0, path.stat().st_size - _ENDS))
        tail = file.read(_ENDS)
    form = "ubj" if re.match(rb"\{" + _LENGTH + rb"learner", head, re.DOTALL) else "json"
    if form == "json" and not re.match(rb'\s*\{\s*"', head):
        raise UnreadableError("neither JSON nor UBJSON")
    find = _binary if form == "ubj" else _text
    return XgboostFile(
        form=form,
        version=_version(tail) or _version(head),
        objective=find(tail[tail.rfind(b"objective") :], b"name"),
        classes=find(tail, b"num_class"),
        columns=find(tail, b"num_feature"),
    )


def _version(raw: bytes) -> str:
    if (json := _JSON_VERSION.search(raw)) is not None:
        return ".".join(part.decode() for part in json.groups())
    if (binary := _BINARY_VERSION.search(raw)) is not None:
        return ".".join(str(part) for part in binary.group(1)[1::2])
    return ""


def _text(raw: bytes, key: bytes) -> str:
    found = re.search(rb'"' + key + rb'"\s*:\s*"([^"\\]{0,100})"', raw)
    return "" if found is None else found.group(1).decode(errors="replace")


def _binary(raw: bytes, key: bytes) -> str:
    found = re.search(key + rb"SL(.{8})", raw, re.DOTALL)
    if found is None:
        return ""
    length = int.from_bytes(found.group(1), "big")
    return raw[found.end() : found.end() + min(length, 100)].decode(errors="replace")
