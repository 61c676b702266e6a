"""Certificates as the register's index lists them: to search by; what holds is the chain."""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from reliability.records import Record

Status: TypeAlias = Literal["active", "suspended", "withdrawn", "cancelled"]
StatusAt: TypeAlias = Literal["active", "suspended", "withdrawn", "cancelled", "expired"]
What: TypeAlias = Literal["surveillance", "condition", "expiry"]
Name: TypeAlias = Annotated[str, Field(min_length=1, max_length=1000)]
Digest: TypeAlias = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

# Only what is in force, or may be again, has anything to come.
LIVE: tuple[Status, ...] = ("active", "suspended")


class OpenCondition(Record):
    """An open item, and the last day to close it on."""

    item: Name
    due: date


class Certificate(Record):
    """A certificate as it stands now, with the day that each status and duty ends on."""

    number: Name
    case: Name
    organisation: Name
    system: Name
    version: Name
    scheme: Name
    lang: Literal["ko", "en"]
    granted: date
    issued: date
    expires: date  # the last day on which it is in force
    next_surveillance: date | None = None
    conditions: tuple[OpenCondition, ...] = ()
    model_sha256: Digest | None
    pdf_sha256: Digest
    statement_sha256: Digest
    status: Status = "active"
    revision: Annotated[int, Field(ge=1)] = 1
    replaces: Name | None = None


@dataclass(frozen=True, kw_only=True)
class Due:
    """Something to be done for a certificate, and the last day to do it on."""

    number: str
    what: What
    item: str | None
    on: date


def status_at(certificate: Certificate, at: date) -> StatusAt:
    """Its status on a day; one that was not taken back is expired after its last day."""
    return "expired" if certificate.status in LIVE and at > certificate.expires else certificate.status


def due(certificates: Iterable[Certificate], at: date, within_days: int) -> tuple[Due, ...]:
    """What comes due within so many days, or is overdue, of certificates in force or suspended; the earliest first."""
    duties = (one for certificate in certificates for one in _duties(certificate, at))
    found = [one for one in duties if (one.on - at).days <= within_days]
    return tuple(sorted(found, key=lambda one: (one.on, one.number, one.what, one.item or "")))


def first_due(certificate: Certificate) -> date | None:
    """The day on which its first duty is due; None where it has none any more."""
    return min((one.on for one in _duties(certificate, date.min)), default=None)


def folded(text: str) -> str:
    """A name as it is compared: composed letters, no capitals, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _duties(certificate: Certificate, at: date) -> Iterator[Due]:
    if status_at(certificate, at) not in LIVE:
        return
    number = certificate.number
    if certificate.next_surveillance is not None:
        yield Due(number=number, what="surveillance", item=None, on=certificate.next_surveillance)
    for condition in certificate.conditions:
        yield Due(number=number, what="condition", item=condition.item, on=condition.due)
    yield Due(number=number, what="expiry", item=None, on=certificate.expires)
