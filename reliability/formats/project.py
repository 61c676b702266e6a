"""A Python project as one thing: its files in order, one digest for all of them, and one archive."""

import hashlib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from reliability.formats.unreadable import UnreadableError

MOST_FILES = 10_000
MOST_BYTES = 1 << 30
_CHUNK = 1 << 20
_LEFT_OUT = frozenset({"__pycache__"})  # made anew by whoever runs the project
_EPOCH = (1980, 1, 1, 0, 0, 0)  # an archive of the same files is the same bytes


def files(folder: Path) -> list[tuple[str, Path]]:
    """Name, from the folder, and place of every file, in the order of their names.

    Raises
    ------
    UnreadableError
        Where a link or a device is met, or too much.
    """
    found = sorted((path.relative_to(folder).as_posix(), path) for path in _below(folder))
    total = sum(path.stat().st_size for _, path in found)
    if len(found) > MOST_FILES or total > MOST_BYTES:
        raise UnreadableError(f"{len(found):,} files of {total >> 20:,} MiB, and {MOST_FILES:,} and 1,024 are the most")
    return found


def _below(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        # A link would bring in what was not handed in.
        if path.is_symlink() or not (path.is_file() or path.is_dir()):
            raise UnreadableError(f"{path.name!r} is a link or a device")
        if path.is_file():
            yield path
        elif path.name not in _LEFT_OUT:
            yield from _below(path)


def digest(path: Path) -> str:
    """SHA-256 of a file; of a folder, that of the lines `SHA-256  NAME` of its files, as sha256sum writes them."""
    if not path.is_dir():
        return _digest(path)
    return _of_lines({name: _digest(file) for name, file in files(path)})


def pack(folder: Path, archive: BinaryIO) -> str:
    """Write all files into an archive, and tell the digest of what was written."""
    digests = {}
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as packed:
        for name, place in files(folder):
            content = place.read_bytes()
            digests[name] = hashlib.sha256(content).hexdigest()
            packed.writestr(zipfile.ZipInfo(name, _EPOCH), content)
    return _of_lines(digests)


def _of_lines(digests: dict[str, str]) -> str:
    lines = "".join(f"{digests[name]}  {name}\n" for name in sorted(digests))
    return hashlib.sha256(lines.encode(errors="surrogateescape")).hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
