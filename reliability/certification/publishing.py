"""Publishing: the register as a static site that anybody can read and check, and that nobody can attack.

Everything is believed before anything is written; what did not change is left alone; the checkpoint comes last.
"""

import base64
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from reliability.certification.believing import Believed, believed_cases, remember, remembered_head
from reliability.certification.checkpoints import checkpoint, read_checkpoint
from reliability.certification.desk import Desk
from reliability.certification.hands import Hands, open_hands
from reliability.certification.history import History
from reliability.certification.published import Published
from reliability.certification.published_rows import row_line
from reliability.certification.publishing_cases import Reading
from reliability.certification.publishing_lists import FOLDERS, Entry, entry, lists
from reliability.certification.publishing_pages import certificate_pages
from reliability.certification.site_folder import ABOUT, Site, open_site
from reliability.errors import RecordError, SignerError, UsageError
from reliability.records import canonical_json
from reliability.register.checkpoints import FILE as CHECKPOINT
from reliability.register.checkpoints import keep_checkpoint, kept_checkpoint
from reliability.register.rows import EMPTY, Head, Row, moment
from reliability.signing import dsse, key_files
from reliability.signing.key_folders import chain_in, key_in
from reliability.signing.time_stamps import Stamper

TYPE = dsse.predicate_type("status")
_AT_ONCE = 100  # certificates that a process draws before it hands them over
ROWS, DIGESTS, CERTIFICATES = "rows.jsonl", "digests.json", "certificates/"
# Moved last and in this order, so that for moments only a reader may find one of them newer than another.
_FOR_MACHINES = (ROWS, ABOUT, DIGESTS, CERTIFICATES, CHECKPOINT)

_A_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Publisher:
    """The register's key, its certificates, and the time-stamp service that it asks."""

    key: Any
    chain: tuple[x509.Certificate, ...]
    stamper: Stamper | None = None


@dataclass(frozen=True, kw_only=True)
class Done:
    """What a publishing did."""

    certificates: int
    rows: int
    believed: int  # rows whose signatures were verified now; the others had been before
    written: tuple[str, ...]
    removed: tuple[str, ...]


def refuse_other_key(desk: Desk, folder: Path) -> tuple[x509.Certificate, ...]:
    """The certificates of the register's key in a folder that 'reliability keys' has made.

    Raises
    ------
    UsageError
        `register_key_other`: the trust file names another key.
    SignerError
        The trust file does not answer for it.
    """
    chain = chain_in(folder)
    desk.trust.path(chain, kind="register", at=desk.now)
    if chain[0] not in desk.trust.register_keys:
        raise UsageError(
            "register_key_other", "{name}: the trust file does not name this key as the register's",
            name=key_files.name_of(chain[0]),
        )  # fmt: skip
    return chain


def open_publisher(desk: Desk, folder: Path, passphrase: str, *, stamper: Stamper | None = None) -> Publisher:
    """Whoever holds the register's key, in the folder of it; refused as by `refuse_other_key`."""
    chain = refuse_other_key(desk, folder)
    return Publisher(key=key_in(folder, passphrase), chain=chain, stamper=stamper)


def publish(desk: Desk, publisher: Publisher, folder: Path, *, jobs: int = 1) -> Done:
    """Publish the register in a folder, or publish it there again; `jobs` processes share the work.

    Raises
    ------
    UsageError
        Something else stands in the folder, or somebody is publishing there.
    ChainError
        The register was changed behind the tool's back, or does not lead on from what was published or believed.
    RecordError, SignerError
        An event is not genuine, or what a certificate rests on cannot be read.
    """
    with open_site(folder, register=desk.register.register_id) as site, open_hands(jobs) as hands:
        before = remembered_head(desk, publisher.key.public_key())
        with site.written(ROWS) as path:
            believed = _believed(desk, before, site, path, hands)
        site.put(ABOUT, _about(desk, believed.head))
        hub = desk.roster.roster.organisation
        entries = _certificates(desk, publisher, site, believed, hands)
        for name, page in lists(entries, hub=hub, day=desk.now.date(), register=desk.register.register_id,
                                head=believed.head):  # fmt: skip
            site.put(name, page)
        witnessed = None if publisher.stamper else _witnessed(desk, believed.head)
        newest = witnessed or checkpoint(
            desk.register.register_id, believed.head, publisher.key, publisher.chain, now=desk.now,
            stamper=publisher.stamper,
        )  # fmt: skip
        site.put(CHECKPOINT, newest)
        written = site.move(last=_FOR_MACHINES)
        removed = site.clear(FOLDERS)
    keep_checkpoint(desk.folder, newest)
    remember(desk, believed.head, publisher.key)
    return Done(
        certificates=len(entries), rows=believed.head.size, believed=believed.head.size - before.size,
        written=written, removed=removed,
    )  # fmt: skip


def _believed(desk: Desk, before: Head, site: Site, path: Path, hands: Hands) -> Believed:
    """Every event believed, every row written down as it passes."""
    known = [_head(content, desk) for content in (kept_checkpoint(desk.folder), site.content(CHECKPOINT))]
    with path.open("wb") as file:

        def passed(row: Row) -> None:
            file.write(row_line(row))

        return believed_cases(desk, remembered=before, known=known, passed=passed, hands=hands)


def _witnessed(desk: Desk, head: Head) -> bytes | None:
    """The register's checkpoint, where somebody outside has seen it today: one of ours alone would be worth less."""
    content = kept_checkpoint(desk.folder)
    if content is None or _head(content, desk) != head:
        return None
    known = read_checkpoint(content, desk.trust)
    return content if known.proven and desk.now - known.checkpoint.as_of < _A_DAY else None


def _head(content: bytes | None, desk: Desk) -> Head:
    """How far the register had grown, as its key says; whatever nobody vouches for says nothing."""
    if content is None:
        return EMPTY
    try:
        known = read_checkpoint(content, desk.trust)
    except (RecordError, SignerError):
        return EMPTY
    return known.head if known.checkpoint.register_ == desk.register.register_id else EMPTY


def _about(desk: Desk, head: Head) -> bytes:
    about = desk.register.about
    return canonical_json(
        {"site": 1, "register": about.register_id, "prefix": about.prefix, "size": head.size, "head": head.hash}
    )


def _certificates(desk: Desk, publisher: Publisher, site: Site, believed: Believed, hands: Hands) -> list[Entry]:
    """Pages and file of every certificate, put into the site; as the lists have them."""
    entries: dict[str, Entry] = {}
    digests: dict[str, Any] = {}
    for one, pages in _drawn(desk, believed, hands):
        if one.number in entries:
            raise RecordError("publish_number", "case {case}: {number!r} is no number of a certificate, or not the "
                              "only one", case=one.case, number=one.number)  # fmt: skip
        entries[one.number] = entry(one, desk.now.date())
        digests |= dict.fromkeys(one.files.values(), one.number)
        name = f"{CERTIFICATES}{one.number}.json"
        site.put(name, _signed(one, publisher, site.content(name), at=moment(desk.now)))
        for page, content in pages.items():
            site.put(page, content)
    site.put(DIGESTS, canonical_json(digests))
    return list(entries.values())


def _drawn(desk: Desk, believed: Believed, hands: Hands) -> Iterator[tuple[Published, dict[str, bytes]]]:
    """Every certificate that was issued, with its pages."""
    reading = Reading(register=desk.register.register_id, files=desk.register.files, roster=desk.roster.roster)
    issued = [case for case in believed.cases.values() if case.issued is not None]
    for start in range(0, len(issued), _AT_ONCE):
        some = issued[start : start + _AT_ONCE]
        yield from chain.from_iterable(hands.give(_pages, reading, some, desk.now.date()))
    yield from chain.from_iterable(hands.rest())


def _pages(reading: Reading, cases: Sequence[History], day: date) -> list[tuple[Published, dict[str, bytes]]]:
    """Certificates with their pages, whichever process draws them."""
    hub = reading.roster.organisation
    found = [reading.published(case) for case in cases]
    return [(one, certificate_pages(one, day=day, hub=hub)) for one in found]


def _signed(one: Published, publisher: Publisher, before: bytes | None, *, at: str) -> bytes:
    """The certificate's own file; as it stands there already, where nothing has changed since it was signed."""
    predicate = {
        **one.model_dump(mode="json", by_alias=True),
        "chain": [base64.b64encode(_der(above)).decode() for above in publisher.chain[:2]],
    }
    if before is not None and _says(before, one, predicate, publisher):
        return before
    return dsse.sign(dsse.statement(one.files, TYPE, {**predicate, "as_of": at}), [publisher.key])


def _says(content: bytes, one: Published, predicate: dict[str, Any], publisher: Publisher) -> bool:
    """Whether a file of ours says all this, whenever it was signed."""
    with suppress(RecordError, KeyError, TypeError):
        envelope = dsse.read(content)
        statement = dsse.statement_in(envelope)
        at = statement["predicate"]["as_of"]
        same = statement == dsse.statement(one.files, TYPE, {**predicate, "as_of": at})
        return same and envelope.signed_by(publisher.key.public_key())
    return False


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)
