"""Takes an archive in as a submission: refused whole for any name, link or size that is not as it should be.

The confined process reads the archive; this one decides by what it is told, and writes every file itself.
"""

import re
import shutil
import tempfile
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from reliability.case import digest
from reliability.errors import SubmissionError
from reliability.records import ArchiveIdentity
from reliability.submission.places import MANIFEST
from reliability.worker import failures, landlock
from reliability.worker.intake import Intake, Telling
from reliability.worker.unpacking import ENCRYPTED, FILE, FOLDER, PIECE

SUFFIXES = (".zip", ".tar.gz", ".tgz")
MOST_FILES = 10_000
MOST_BYTES = 4 << 30
MOST_RATIO = 200  # of what is unpacked to the archive; text of one kind comes to a tenth of that
_FLOOR = 16 << 20  # bytes that may be unpacked whatever the ratio
_DEEPEST, _LONGEST = 16, 255
_NESTED = (".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".zst", ".7z", ".rar", ".lzma", ".jar", ".iso")
_ALLOWED_GZ = ".csv.gz"
_BAD = re.compile(r"[\x00-\x1f\x7f\\:]")
MESSAGES = {
    "archive_unconfined": "{where}: no confinement works here, and an archive is unpacked confined or not at all; "
    "hand in a folder",
    "archive_damaged": "{where}: cannot be unpacked ({problem}); pack it anew",
    "archive_path": "{where}: holds {member!r}, a name that leads elsewhere or that not every system can write; "
    "pack plain names below one folder",
    "archive_link": "{where}: holds {member!r}, a link or a device; pack the files themselves",
    "archive_encrypted": "{where}: {member!r} is encrypted; pack it without a password",
    "archive_twice": "{where}: holds {member!r} and {other!r}, which are one place on some systems; keep one",
    "archive_nested": "{where}: holds {member!r}, an archive in an archive; unpack it first",
    "archive_large": "{where}: unpacks to {met} where {most} are the most; hand in a folder",
}


def refused(code: str, /, **values: object) -> SubmissionError:
    """The refusal of a whole archive."""
    return SubmissionError(code, MESSAGES[code], **values)


def is_archive(path: Path) -> bool:
    """Whether a path names an archive."""
    return path.is_file() and path.name.lower().endswith(SUFFIXES)


@dataclass(frozen=True, kw_only=True)
class Member:
    """One file of an archive."""

    number: int
    name: str
    size: int


def checked(said: Any, *, size: int, where: str) -> tuple[Member, ...]:
    """The files of an archive of so many bytes, by what the reader says is in it; refused whole where one is amiss."""
    if not isinstance(said, list) or not all(
        isinstance(one, list) and [type(part) for part in one] == [str, int, str] and one[1] >= 0 for one in said
    ):
        raise refused("archive_damaged", where=where, problem="protocol")
    total = sum(one[1] for one in said)
    if len(said) > MOST_FILES:
        raise refused("archive_large", where=where, met=f"{len(said):,} files", most=f"{MOST_FILES:,}")
    if total > MOST_BYTES or (total > _FLOOR and total > MOST_RATIO * size):
        most = min(MOST_BYTES, max(_FLOOR, MOST_RATIO * size))
        raise refused("archive_large", where=where, met=f"{total:,} bytes", most=f"{most:,}")
    for name, _, kind in said:
        _refuse_member(name, kind, where)
    _refuse_collisions([(name, kind) for name, _, kind in said], where)
    return tuple(Member(number=n, name=name, size=size) for n, (name, size, kind) in enumerate(said) if kind == FILE)


def _refuse_member(name: str, kind: str, where: str) -> None:
    shown = failures.cleaned(name)
    if kind == ENCRYPTED:
        raise refused("archive_encrypted", where=where, member=shown)
    if kind not in (FILE, FOLDER):
        raise refused("archive_link", where=where, member=shown)
    parts = (name[:-1] if kind == FOLDER and name.endswith("/") else name).split("/")
    if name.startswith("./"):
        parts = parts[1:] or ["."]
    if parts == ["."] and kind == FOLDER:
        return
    if len(parts) > _DEEPEST or not all(map(_is_plain, parts)):
        raise refused("archive_path", where=where, member=shown)
    lower = name.lower()
    if kind == FILE and lower.endswith(_NESTED) and not lower.endswith(_ALLOWED_GZ):
        raise refused("archive_nested", where=where, member=shown)


def _is_plain(part: str) -> bool:
    try:
        length = len(part.encode())
    except UnicodeEncodeError:
        return False
    return part not in ("", ".", "..") and length <= _LONGEST and not _BAD.search(part) and part == part.rstrip(" .")


def _refuse_collisions(members: Sequence[tuple[str, str]], where: str) -> None:
    """No place twice, as systems see it that do not tell letters by their case, or by how they are composed."""
    files: dict[str, str] = {}
    folders: dict[str, str] = {}
    for name, kind in members:
        parts = [part for part in name.split("/") if part not in ("", ".")]
        places = ["/".join(parts[:depth]) for depth in range(1, len(parts) + 1)]
        for place in places[:-1] if kind == FILE else places:
            _refuse_twice(place, files.get(_folded(place)), where)
            spelt = folders.setdefault(_folded(place), place)
            _refuse_twice(place, None if spelt == place else spelt, where)
        if kind == FILE:
            place = places[-1]
            _refuse_twice(place, files.get(_folded(place), folders.get(_folded(place))), where)
            files[_folded(place)] = place


def _refuse_twice(place: str, other: str | None, where: str) -> None:
    if other is not None:
        shown = {"member": failures.cleaned(place), "other": failures.cleaned(other)}
        raise refused("archive_twice", where=where, **shown)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


class Unpacking:
    """The files of one archive in a folder of their own, until it is cleared; `identity` is the archive's."""

    def __init__(self, intake: Intake, archive: Path) -> None:
        if intake.level == landlock.PROCESS:
            raise refused("archive_unconfined", where=archive.name)
        self.folder = Path(tempfile.mkdtemp(prefix="reliability-submission-"))
        try:
            self.identity = self._unpack(intake.told_of(archive), archive)
        except BaseException:  # an interruption too: cleared, then passed on
            self.clear()
            raise

    def clear(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def submission(self) -> Path:
        """Where the manifest is: at the top, or in the one folder that is there."""
        inside = [path for path in self.folder.iterdir() if path.name != "__MACOSX"]
        if len(inside) == 1 and inside[0].is_dir() and not (self.folder / MANIFEST).exists():
            return inside[0]
        return self.folder

    def _unpack(self, told: Telling, archive: Path) -> ArchiveIdentity:
        sha256 = digest(archive)
        header, said = told.asked({"op": "unpack", "zip": archive.name.lower().endswith(".zip"), "most": MOST_BYTES})
        if "damaged" in header:
            raise refused("archive_damaged", where=archive.name, problem=failures.cleaned(header["damaged"]))
        for member in checked(said.get("members"), size=archive.stat().st_size, where=archive.name):
            self._write(told, member, archive.name)
        if digest(archive) != sha256:
            raise SubmissionError("data_changed", "{where}: changed while it was read; start again", where=archive.name)
        return ArchiveIdentity(path=archive.name, sha256=sha256)

    def _write(self, told: Telling, member: Member, where: str) -> None:
        place = self.folder.joinpath(*PurePosixPath(member.name).parts)
        place.parent.mkdir(parents=True, exist_ok=True)
        written = 0
        with place.open("xb") as file:
            while True:
                header, piece = told.raw({"op": "piece", "member": member.number}, most=PIECE)
                written += len(piece)
                if "damaged" in header or written > member.size:
                    problem = failures.cleaned(header.get("damaged", "more than it says"))
                    raise refused("archive_damaged", where=where, problem=problem)
                if not piece:
                    break
                file.write(piece)
        if written != member.size:
            raise refused("archive_damaged", where=where, problem="less than it says")
