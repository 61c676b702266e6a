"""The folder of a published site: what is new is written beside, then moved into place file by file."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from filecmp import cmp
from itertools import chain
from pathlib import Path

from reliability.errors import UsageError

ABOUT = "register.json"
_BESIDE = ".beside"


@dataclass(frozen=True, kw_only=True)
class Site:
    """A folder that everybody may read while it is written."""

    folder: Path
    _named: set[str] = field(default_factory=set)
    _new: list[str] = field(default_factory=list)

    def content(self, name: str) -> bytes | None:
        """A file as it stands there; None where there is none."""
        try:
            return (self.folder / name).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def put(self, name: str, content: bytes) -> None:
        """Have a file there; one that says so already is left alone, to the last bit of its date."""
        self._named.add(name)
        if self.content(name) != content:
            with self.written(name) as path:
                path.write_bytes(content)

    @contextmanager
    def written(self, name: str) -> Iterator[Path]:
        """A place to write a file to that takes the place of the one there, if it is another."""
        beside = self.folder / _BESIDE / name
        beside.parent.mkdir(parents=True, exist_ok=True)
        yield beside
        self._named.add(name)
        there = self.folder / name
        if there.is_file() and cmp(beside, there, shallow=False):
            beside.unlink()
        else:
            self._new.append(name)

    def move(self, last: Sequence[str] = ()) -> tuple[str, ...]:
        """Move what is new into place, and at the end, in this order, what begins with these names; what was moved."""
        for folder in sorted({(self.folder / name).parent for name in self._new}):
            folder.mkdir(parents=True, exist_ok=True)
        # First of a new site what says whose it is: were it cut short, it could not be gone on with.
        first = () if (self.folder / ABOUT).exists() else (ABOUT,)
        for name in sorted(self._new, key=lambda name: (name not in first, _rank(name, last))):
            (self.folder / _BESIDE / name).replace(self.folder / name)
        return tuple(self._new)

    def clear(self, folders: tuple[str, ...]) -> tuple[str, ...]:
        """Remove files of these folders that were not put there this time; the names of them."""
        found = chain.from_iterable((self.folder / name).rglob("*") for name in folders)
        left = sorted(str(path.relative_to(self.folder)) for path in found if path.is_file())
        gone = tuple(name for name in left if name not in self._named)
        for name in gone:
            (self.folder / name).unlink()
        return gone


def _rank(name: str, last: Sequence[str]) -> int:
    return next((place for place, start in enumerate(last, start=1) if name.startswith(start)), 0)


@contextmanager
def open_site(folder: Path, *, register: str) -> Iterator[Site]:
    """The site of a register, to oneself until it is left.

    Raises
    ------
    UsageError
        `site_foreign`: something else stands there. `site_busy`: somebody else is publishing.
    """
    _refuse_foreign(folder, register)
    folder.mkdir(parents=True, exist_ok=True)
    beside = folder / _BESIDE
    with _alone(folder):
        shutil.rmtree(beside, ignore_errors=True)  # what a crash left
        try:
            yield Site(folder=folder)
        finally:
            shutil.rmtree(beside, ignore_errors=True)


def _refuse_foreign(folder: Path, register: str) -> None:
    if not folder.exists() or (folder.is_dir() and not any(one.name != _BESIDE for one in folder.iterdir())):
        return
    try:
        told = json.loads((folder / ABOUT).read_bytes())
        ours = told["site"] == 1 and told["register"] == register
    except (OSError, ValueError, KeyError, TypeError):
        ours = False
    if not ours:
        raise UsageError(
            "site_foreign", "{path}: exists already and is not the site of this register; name another folder",
            path=folder,
        )  # fmt: skip


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _lock(descriptor, folder)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, folder: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UsageError("site_busy", "{path}: somebody else is publishing there just now", path=folder) from None
