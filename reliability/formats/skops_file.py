"""What a skops file says of itself: who wrote it, and the types that it holds."""

import json
import lzma
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from reliability.formats.unreadable import UnreadableError

MOST_SCHEMA = 64 << 20
_MOST_TYPES = 1000
# What reading a damaged archive may end with, by how its members were made smaller.
_DAMAGED = (BadZipFile, KeyError, ValueError, OSError, RuntimeError, EOFError, zlib.error, lzma.LZMAError)
_TYPE = re.compile(r'"__class__":\s*"(\w{1,200})",\s*"__module__":\s*"([\w.]{1,200})"')


@dataclass(frozen=True, kw_only=True)
class SkopsFile:
    """The release of skops and the names of the types, as `module.name`."""

    version: str
    types: tuple[str, ...]


def read_skops(path: Path) -> SkopsFile:
    """The schema of the file; UnreadableError where it is none."""
    try:
        text = _schema(path)
        schema = json.loads(text)
    except UnreadableError:
        raise
    except _DAMAGED as error:
        raise UnreadableError("no archive of skops") from error
    if not isinstance(schema, dict):
        raise UnreadableError("no archive of skops")
    types = sorted({f"{module}.{name}" for name, module in _TYPE.findall(text)})
    return SkopsFile(version=str(schema.get("_skops_version"))[:32], types=tuple(types[:_MOST_TYPES]))


def _schema(path: Path) -> str:
    with path.open("rb") as file, ZipFile(file) as archive:
        if archive.getinfo("schema.json").file_size > MOST_SCHEMA:
            raise UnreadableError("its schema is too large")
        return archive.read("schema.json").decode()
