"""The register that is at hand for verifying: itself, a copy of it, a published site of it, or one signed status."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from reliability.certification.published_rows import read_rows
from reliability.errors import ChainError, RecordError, UsageError
from reliability.register.checkpoints import kept_checkpoint
from reliability.register.rows import Row

ABOUT, ROWS, CHECKPOINT, DIGESTS, STATUSES = (
    "register.json", "rows.jsonl", "checkpoint.dsse.json", "digests.json", "certificates",
)  # fmt: skip
_NUMBER = re.compile(r"[A-Z0-9-]{1,60}")
Reader: TypeAlias = Callable[[str], bytes | None]


@dataclass(frozen=True, kw_only=True)
class Whole:
    """A register with what was signed in it: the register itself (live), or a copy; nothing in it was verified yet."""

    register: str
    rows: tuple[Row, ...]
    file: Callable[[str], bytes]
    checkpoint: bytes | None
    live: bool = False


@dataclass(frozen=True, kw_only=True)
class Site:
    """A register as it is published: rows without what was signed, and a status of each certificate."""

    register: str
    rows: tuple[Row, ...]
    read: Reader
    checkpoint: bytes | None

    def number_of(self, sha256: str) -> str | None:
        """The certificate that a paper or a statement belongs to."""
        number = self._numbers.get(sha256)
        return number if isinstance(number, str) else None

    def numbers(self) -> tuple[str, ...]:
        """Every certificate that is published."""
        return tuple(sorted({one for one in self._numbers.values() if isinstance(one, str)}))

    def status(self, number: str) -> bytes | None:
        """What was signed of a certificate's status."""
        return self.read(f"{STATUSES}/{number}.json") if _NUMBER.fullmatch(number) else None

    @property
    def _numbers(self) -> dict[str, Any]:
        found = _json(self.read(DIGESTS), DIGESTS)
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True, kw_only=True)
class Status:
    """One certificate's status alone, as a site publishes it."""

    content: bytes


@dataclass(frozen=True, kw_only=True)
class Broken:
    """A register whose rows do not follow one another."""

    error: ChainError


AtHand: TypeAlias = Whole | Site | Status | Broken


def in_folder(folder: Path) -> AtHand | None:
    """The register in a folder; None where there is none.

    Raises
    ------
    UsageError, RecordError
        If there is one that cannot be read.
    """
    from reliability.register.folder import EVENTS  # with it comes what speaks to databases

    try:
        if (folder / EVENTS).is_file():
            return _copy(folder)
        if (folder / ROWS).is_file():
            return on_site(lambda name: _content(folder / name))
        return _itself(folder) if (folder / ABOUT).is_file() else None
    except ChainError as error:
        return Broken(error=error)


def on_site(read: Reader) -> AtHand:
    """A published register; `read` gives its files by name, None where there is none."""
    about = _json(read(ABOUT), ABOUT)
    rows = read(ROWS)
    if not isinstance(about, dict) or not isinstance(about.get("register"), str) or rows is None:
        raise _unreadable(ABOUT if rows is not None else ROWS)
    try:
        listed = tuple(read_rows(rows.splitlines(keepends=True)))
    except ChainError as error:
        return Broken(error=error)
    return Site(register=about["register"], rows=listed, read=read, checkpoint=read(CHECKPOINT))


def refuse_none(found: AtHand | None, path: Path) -> AtHand:
    """The register that was found; UsageError `register_none_at_hand` where none was."""
    if found is None:
        raise UsageError(
            "register_none_at_hand", "{path}: no register, no copy of one and no published site; name its folder",
            path=path,
        )  # fmt: skip
    return found


def digest_of(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def _copy(folder: Path) -> Whole:
    from reliability.register.exports import read_export

    copy = read_export(folder)
    return Whole(register=copy.register_id, rows=copy.rows, file=copy.file, checkpoint=copy.checkpoint)


def _itself(folder: Path) -> Whole:
    from reliability.register.folder import read_about
    from reliability.register.store import open_register

    # A folder that somebody handed over would have us call whom it names, and tell them the password.
    if read_about(folder).url is not None:
        raise UsageError(
            "register_on_server", "{path}: its rows are on a server, and nothing is asked of one; verify a copy, which "
            "'reliability register backup' writes", path=folder,
        )  # fmt: skip
    with open_register(folder) as register:
        return Whole(
            register=register.register_id, rows=tuple(register.rows()), file=register.file,
            checkpoint=kept_checkpoint(folder), live=True,
        )  # fmt: skip


def _content(path: Path) -> bytes | None:
    from reliability.register.disk import plain_content

    return plain_content(path)


def _json(content: bytes | None, name: str) -> Any:
    try:
        return json.loads(content or b"")
    except (ValueError, RecursionError) as error:
        raise _unreadable(name) from error


def _unreadable(name: str) -> RecordError:
    return RecordError(
        "site_unreadable", "{name}: not what a published register has there; fetch the site anew", name=name
    )
