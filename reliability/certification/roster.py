"""The roster: who may act for whom, in which role, with which certificate; signed by the issuing authority.

It is an envelope around a statement whose predicate holds the people and the authority's own certificates, so that it
can be read years later with the trust file alone.
"""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import AwareDatetime, Field, ValidationError

from reliability.certification.bodies import Role, Said
from reliability.errors import RecordError, SubmissionError, UsageError
from reliability.records import Record, canonical_json
from reliability.signing import dsse, key_files, paths
from reliability.signing.authority import kind_of, serial_of
from reliability.signing.trust import Trust
from reliability.yaml_lines import read_yaml

TYPE = dsse.predicate_type("roster")


class Person(Record):
    """Somebody who may sign events."""

    person: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
    name: Said
    employer: Said
    position: Said | None = None
    roles: tuple[Role, ...]
    certificate: Annotated[str, Field(pattern=r"^[0-9a-f]+$")]  # serial number
    from_: Annotated[date, Field(alias="from")]
    to: date | None = None
    published: bool = False  # consents to standing in the public register by name


class Roster(Record):
    """Everybody who may act, as of a moment."""

    roster: Annotated[int, Field(ge=1, le=1)] = 1
    organisation: Said  # the hub's own name: who is employed there, and whose advice is its own
    people: tuple[Person, ...]
    at: AwareDatetime
    certificates: tuple[str, ...]  # of the authority that signed, and those above it: DER, base64


@dataclass(frozen=True, kw_only=True)
class SignedRoster:
    """A roster that an authority of the trust file signed."""

    roster: Roster
    sha256: str

    def holder(self, certificate: x509.Certificate, on: date) -> Person:
        """Whose certificate this is.

        Raises
        ------
        UsageError
            If it is nobody's who may act on that day.
        """
        serial = serial_of(certificate)
        for one in self.roster.people:
            if one.certificate == serial and one.from_ <= on and (one.to is None or on <= one.to):
                return one
        raise UsageError(
            "not_in_roster", "{name} (certificate {serial}): not in the roster on {on}; have the roster renewed",
            name=key_files.name_of(certificate), serial=serial, on=on,
        )  # fmt: skip

    def person(self, name: str, role: Role, on: date) -> Person:
        """Somebody by the name in the roster, who has the role on that day."""
        known = {one.person: one for one in self.roster.people}
        if name not in known:
            raise UsageError(
                "person_unknown", "{person!r}: nobody of the roster; it has {known}", person=name,
                known=", ".join(known) or "-",
            )  # fmt: skip
        one = known[name]
        if role not in one.roles or on < one.from_ or (one.to is not None and on > one.to):
            raise UsageError(
                "person_without_role", "{person}: not {role} on {on}; the roster says {roles}", person=name, role=role,
                on=on, roles=", ".join(one.roles) or "-",
            )  # fmt: skip
        return one


def sign_roster(path: Path, key: Any, chain: tuple[x509.Certificate, ...], *, now: datetime) -> bytes:
    """The roster of a YAML file, signed by the authority.

    Raises
    ------
    SubmissionError
        If the file is not what a roster needs: what, and where.
    """
    document = read_yaml(path, error=SubmissionError)
    if not isinstance(document.data, dict):
        raise SubmissionError(
            "roster_file", "{where}: {problem}", where=document.where(), problem="not a mapping of keys to values"
        )
    above = tuple(base64.b64encode(one.public_bytes(serialization.Encoding.DER)).decode() for one in chain)
    try:
        roster = Roster.model_validate({**document.data, "at": now, "certificates": above})
    except ValidationError as invalid:
        problem = invalid.errors(include_url=False)[0]
        raise SubmissionError(
            "roster_file", "{where}: {problem}", where=document.where(*problem["loc"]), problem=problem["msg"]
        ) from None
    _refuse_repeated(roster.people, document.where("people"))
    content = roster.model_dump(mode="json", by_alias=True)
    subjects = {"roster": hashlib.sha256(canonical_json(content)).hexdigest()}
    return dsse.sign(dsse.statement(subjects, TYPE, content), [key])


def read_roster(content: bytes, trust: Trust) -> SignedRoster:
    """A roster as an authority signed it.

    Raises
    ------
    RecordError
        If it is none, or nobody in the trust file answers for it.
    """
    envelope = dsse.read(content)
    found = dsse.statement_in(envelope)
    try:
        roster = Roster.model_validate(found["predicate"])
        chain = [x509.load_der_x509_certificate(base64.b64decode(one)) for one in roster.certificates]
    except (ValidationError, KeyError, ValueError) as error:
        raise _unreadable(type(error).__name__) from error
    if found.get("predicateType") != TYPE or not chain:
        raise _unreadable("kind")
    _refuse_other_authority(chain, trust, roster.at)
    key = chain[0].public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or not envelope.signed_by(key):
        raise _unreadable("signature")
    return SignedRoster(roster=roster, sha256=hashlib.sha256(content).hexdigest())


def _refuse_other_authority(chain: list[x509.Certificate], trust: Trust, at: datetime) -> None:
    """Refuse what was not signed by an issuing authority under a root of the trust file, valid when it signed."""
    issuing = chain[0]
    roots = [one for one in trust.roots if paths.issued_by(issuing, one) and paths.valid_at(one, at)]
    if not roots or kind_of(issuing) != "issuing":
        raise _unreadable("authority")
    taken_back = any(paths.taken_back(issuing, one, at, trust.revocations) for one in roots)
    if taken_back or not paths.valid_at(issuing, at):
        raise _unreadable("authority expired or revoked")


def _refuse_repeated(people: Iterable[Person], where: str) -> None:
    for what in ("person", "certificate"):
        seen: set[str] = set()
        for one in people:
            value = getattr(one, what)
            if value in seen:
                raise SubmissionError(
                    "roster_file", "{where}: {problem}", where=where, problem=f"{what} {value} stands there twice"
                )
            seen.add(value)


def _unreadable(why: str) -> RecordError:
    return RecordError(
        "roster_unreadable", "the roster cannot be believed ({why}); have the issuing authority sign it again", why=why
    )
