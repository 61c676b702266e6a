"""Events as they are signed, kept and read back: an envelope of their actor's, in a row of the register."""

import base64
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import ValidationError

from reliability.certification.bodies import SIGNED_BY, Actor, Event, Role
from reliability.certification.roster import Person, SignedRoster, read_roster
from reliability.errors import RecordError, UsageError
from reliability.records import Record
from reliability.register.rows import Entry, Head, Row, refuse_other_previous, row_after
from reliability.signing import dsse, paths
from reliability.signing.authority import serial_of
from reliability.signing.trust import Trust

TYPE = dsse.predicate_type("event")


@dataclass(frozen=True, kw_only=True)
class Signer:
    """Somebody's key with its certificates, and what the roster says of them."""

    key: Any
    chain: tuple[x509.Certificate, ...]
    person: Person
    roster: str  # its SHA-256

    def acting_as(self, role: Role) -> Actor:
        """How events name them."""
        return Actor(
            person=self.person.person, name=self.person.name, employer=self.person.employer, role=role,
            serial=serial_of(self.chain[0]),
            chain=tuple(base64.b64encode(one.public_bytes(serialization.Encoding.DER)).decode() for one in self.chain),
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Kept:
    """An event that was believed, and the row that it stands in."""

    event: Event
    row: Row

    @property
    def kind(self) -> str:
        """What was done."""
        return self.event.body.kind

    @property
    def body(self) -> Any:
        """What it says."""
        return self.event.body


def entry(
    signer: Signer, role: Role, body: Record, *,
    register: str, case: str, previous: str, at: datetime, subjects: Mapping[str, str],
) -> Entry:  # fmt: skip
    """An event, signed: what the register takes in."""
    event = Event.model_validate({
        "register": register, "case": case, "at": at, "actor": signer.acting_as(role), "previous": previous,
        "roster": signer.roster, "body": body,
    })  # fmt: skip
    statement = dsse.statement(dict(subjects), TYPE, event.model_dump(mode="json", by_alias=True))
    return Entry(
        case=case, kind=event.body.kind, at=at, actor=dsse.key_id(signer.key.public_key()),
        envelope=dsse.sign(statement, [signer.key]), previous=previous,
    )  # fmt: skip


def believed(rows: Iterable[Row], trust: Trust, *, register: str, file: Callable[[str], bytes]) -> tuple[Kept, ...]:
    """The events of rows whose hashes hold, each signed by who it says, each what its row says.

    `file` gives what the register keeps by its digest: the rosters that the actors stand in.

    Raises
    ------
    RecordError
        For the first that is not.
    SignerError
        For the first whose signer nobody in the trust file answers for.
    """
    rosters: dict[str, SignedRoster] = {}
    last: dict[str, tuple[datetime, datetime]] = {}
    kept = []
    for one in claimed(rows, register=register):
        event = one.event
        trust.path(chain_of(event), kind="person", at=event.at)
        if event.roster not in rosters:
            rosters[event.roster] = read_roster(file(event.roster), trust)
        roster = rosters[event.roster]
        _refuse_stranger(one.row, event, roster)
        moments = (event.at, roster.roster.at)
        _refuse_backwards(one.row, moments, last.get(event.case, moments))
        last[event.case] = moments
        kept.append(one)
    return tuple(kept)


def claimed(rows: Iterable[Row], *, register: str) -> Iterator[Kept]:
    """The events of rows, each what its row says, and signed with the key that it names, whoever holds that.

    Raises
    ------
    RecordError
        For the first that is not.
    """
    for row in rows:
        yield Kept(event=_signed(row, register), row=row)


def refuse_broken_case(rows: Iterable[Row]) -> None:
    """Refuse rows of one case that are not what their hashes say, or do not follow one another."""
    last = ""
    for row in rows:
        if row != row_after(Head(size=row.sequence - 1, hash=row.before), row.entry):
            raise _refused(row, "row")
        refuse_other_previous(row, last)
        last = row.event


def chain_of(event: Event) -> list[x509.Certificate]:
    """The certificates that came with an event, the actor's own first."""
    return [paths.loaded(base64.b64decode(one)) for one in event.actor.chain]


def _signed(row: Row, register: str) -> Event:
    envelope = dsse.read(row.entry.envelope)
    found = dsse.statement_in(envelope)
    try:
        event = Event.model_validate(found["predicate"])
        chain = chain_of(event)
    except (ValidationError, KeyError, *paths.BROKEN) as error:
        raise _refused(row, "shape") from error
    said = (event.register_, event.case, event.body.kind, event.at, event.previous)
    if said != (register, row.entry.case, row.entry.kind, row.entry.at, row.entry.previous):
        raise _refused(row, "row")
    if found.get("predicateType") != TYPE or event.actor.role not in SIGNED_BY[event.body.kind]:
        raise _refused(row, "role")
    if not chain or serial_of(chain[0]) != event.actor.serial:
        raise _refused(row, "certificate")
    key = chain[0].public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or not envelope.signed_by(key):
        raise _refused(row, "signature")
    if dsse.key_id(key) != row.entry.actor:
        raise _refused(row, "row")
    return event


def _refuse_stranger(row: Row, event: Event, roster: SignedRoster) -> None:
    """Refuse somebody whose certificate is another person's, or who had no such role."""
    try:
        person = roster.holder(chain_of(event)[0], event.at.date())
    except UsageError as error:
        raise _refused(row, "roster") from error
    same = (person.person, person.name, person.employer) == (event.actor.person, event.actor.name, event.actor.employer)
    if not same or event.actor.role not in person.roles:
        raise _refused(row, "roster")


def _refuse_backwards(row: Row, moments: tuple[datetime, datetime], before: tuple[datetime, datetime]) -> None:
    """Refuse an event before the case's last one, or by a roster before that one's: whoever lost a part has lost it."""
    if moments[0] < before[0]:
        raise _refused(row, "time")
    if moments[1] < before[1]:
        raise _refused(row, "older roster")


def digest(content: bytes) -> str:
    """SHA-256 in hexadecimal: how events name files."""
    return hashlib.sha256(content).hexdigest()


def _refused(row: Row, why: str) -> RecordError:
    return RecordError(
        "event_not_genuine", "event {sequence} of the register ({kind}, case {case}) is not genuine: {why}",
        sequence=row.sequence, kind=row.entry.kind, case=row.entry.case, why=why,
    )  # fmt: skip
