"""A hub that issued two certificates, one time-stamped and one not, and everything that its readers have at hand."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from reliability.certification.at_hand import Whole, in_folder
from reliability.certification.checkpoints import checkpoint
from reliability.certification.following import Grounds
from reliability.certification.issuing import STATEMENT
from reliability.certification.verifying import Asked
from reliability.certification.verifying_files import Given, verify
from reliability.records import Assessment
from reliability.register.exports import export
from reliability.register.store import open_register
from reliability.signing import authority, key_files, time_tokens
from reliability.signing.trust import Trust, read_trust
from tests.certification import hub as made
from tests.signing import stamping

DAY = date(2026, 11, 20)
ORGANISATION = "새벽은행"


@dataclass(frozen=True)
class Clock:
    """A time-stamp service of a stranger, at a moment."""

    at: datetime

    def stamp(self, digest: bytes, /) -> bytes:
        return time_tokens.canonical(stamping.token(digest, at=self.at)).whole


@dataclass(kw_only=True)
class Issuer:
    """The hub with its two certificates: `papers` time-stamped (B-T), `unstamped` not (B-B)."""

    hub: made.Hub
    papers: dict[str, bytes]
    number: str
    case: str
    unstamped: dict[str, bytes]
    other: str

    @property
    def certificate(self) -> bytes:
        return paper(self.papers, "certificate")

    @property
    def bare(self) -> bytes:
        return paper(self.unstamped, "certificate")

    @property
    def statement(self) -> bytes:
        return self.papers[STATEMENT]

    @property
    def trust(self) -> Trust:
        return read_trust(self.hub.trust.read_bytes())

    def whole(self) -> Whole:
        """The register itself, as a reader opens it."""
        found = in_folder(self.hub.register)
        assert isinstance(found, Whole)
        return found

    def copied(self, folder: Path) -> Issuer:
        """The same hub somewhere else, to go on with."""
        return replace(self, hub=self.hub.copied(folder))

    def exported(self, folder: Path, **more: Any) -> Path:
        """A copy of the register, with a checkpoint of its own."""
        with open_register(self.hub.register) as register:
            export(register, folder, checkpoint=self.checkpoint(**more))
        return folder

    def checkpoint(self, *, size: int | None = None, by: str = "register", **more: Any) -> bytes:
        """A checkpoint as far as a row; up to now if none is named."""
        rows = self.whole().rows
        head = rows[(size or len(rows)) - 1].head
        key, chain = key_of(self.hub, by)
        now = more.pop("now", self.hub.now)
        return checkpoint(self.whole().register, head, key, chain, now=now, **more)

    def grounds(self, **changes: Any) -> Grounds:
        """Trust file and register at hand, on a day soon after."""
        given = {"on": DAY, "trust": self.trust, "at_hand": self.whole()}
        return Grounds(**(given | changes))


@functools.cache
def issuer() -> Issuer:
    """It, for all tests of a process that leave it as it is."""
    folder = Path(tempfile.mkdtemp(prefix="issuer-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    hub = made.make_hub(folder / "hub")
    made.write_trust(hub, timestamp_roots=(stamping.ROOT,))
    case, papers = made.led(hub, made.conforming(), stamper=Clock(made.START + timedelta(hours=1)))
    _, unstamped = made.led(hub, another())
    return Issuer(hub=hub, papers=dict(papers.files), number=papers.number, case=case,
                  unstamped=dict(unstamped.files), other=unstamped.number)  # fmt: skip


def another() -> Assessment:
    """A conforming assessment of somebody else's system."""
    one = made.conforming()
    organisation = dict(one.subject.organisation) | {"name": ORGANISATION}
    return one.model_copy(update={"subject": one.subject.model_copy(update={"organisation": organisation})})


def paper(files: dict[str, bytes], kind: str) -> bytes:
    """The document of a kind among the files of an issue."""
    return next(content for name, content in files.items() if name.startswith(kind))


def key_of(hub: made.Hub, name: str) -> tuple[Any, tuple[Any, ...]]:
    """Somebody's key and certificates."""
    folder = hub.folder / "keys" / name
    own = key_files.read_certificate(folder / authority.CERTIFICATE)
    return _key(folder), (own, *authority.read_chain(folder / authority.CHAIN))


@functools.cache
def _key(folder: Path) -> Any:
    return key_files.read_key(folder / authority.KEY, made.SECRET)


def verified(what: Any, grounds: Grounds, *beside: bytes, asked: Asked | None = None) -> Any:
    """What becomes of a file, with others beside it."""
    given = [Given(name=f"file-{place}", what=one) for place, one in enumerate((what, *beside))]
    return verify(given, grounds, *([asked] if asked else [])).files[0]


def states(found: Any) -> dict[str, tuple[str, str | None]]:
    """State and code of every point of a file."""
    return {one.check: (one.state, one.code) for one in found.points}


def wrong(found: Any) -> list[tuple[str, str | None]]:
    """The points that do not hold."""
    return [(one.check, one.code) for one in found.points if one.state == "not_held"]
