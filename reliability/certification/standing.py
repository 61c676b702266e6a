"""What a certificate's status is on a day, by the steps that a register tells of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType

from reliability.certification.bodies import Issued
from reliability.certification.history import History
from reliability.certification.verdicts import (
    STATUS_OLD,
    Certificate,
    Check,
    Point,
    Standing,
    held,
    not_checked,
    not_held,
)

UNKNOWN_SCHEME_DAYS = 30  # how old a status may be where the scheme cannot be read
_INTO: Mapping[str, Standing] = MappingProxyType({
    "issued": "active", "restored": "active", "suspended": "suspended", "withdrawn": "withdrawn",
    "cancelled": "cancelled",
})  # fmt: skip
_FINAL = ("withdrawn", "cancelled")


@dataclass(frozen=True, kw_only=True)
class Step:
    """Something that changed a certificate's status; an edition with its last day where it was issued."""

    kind: str
    on: date
    reason: str | None
    edition: int = 0
    expires: date | None = None


@dataclass(frozen=True, kw_only=True)
class Entered:
    """A certificate's edition as a register has it.

    Attributes
    ----------
    number, edition, case : str, int, str
        Which it is.
    sequence : int
        The row of its issue event.
    at : datetime
        When it was issued.
    head : str
        The register's head before, as the certificate prints it.
    granted, expires : date
        First and last day.
    papers : frozenset of str
        Digests of its documents.
    statement, public : str
        Digests of the signed statement and of the public record.
    steps : tuple of Step
        What became of the certificate, oldest first, later editions among it.
    most_days : int
        How old the knowledge of its status may be.
    """

    number: str
    edition: int
    case: str
    sequence: int
    at: datetime
    head: str
    granted: date
    expires: date
    papers: frozenset[str]
    statement: str
    public: str
    steps: tuple[Step, ...]
    most_days: int


def steps_of(history: History) -> tuple[Step, ...]:
    """The steps that a case's events tell."""
    return tuple(
        Step(kind=one.kind, on=one.event.at.date(), reason=one.body.reason, edition=_edition(one.body),
             expires=getattr(one.body, "expires", None))
        for one in history.of(*_INTO)
    )  # fmt: skip


def is_step(kind: str) -> bool:
    """Whether an event of this kind changes a certificate's status."""
    return kind in _INTO


def status_on(steps: Sequence[Step], edition: int, on: date) -> tuple[Standing, Step | None]:
    """The status of an edition on a day, and the step that it comes from."""
    past = [one for one in steps if one.on <= on]
    editions = [one for one in past if one.kind == "issued"]
    own = next((one for one in editions if one.edition == edition), None)
    if own is None:
        return "not_yet", None
    status, since = _led_to(past)
    if status in _FINAL:
        return status, since
    if editions[-1].edition > edition:
        return "replaced", editions[-1]
    if own.expires is not None and on > own.expires:
        return "expired", None
    return status, since


def _led_to(steps: Iterable[Step]) -> tuple[Standing, Step | None]:
    """Where steps lead: nothing follows an end, and only being restored ends a suspension."""
    status: Standing = "not_yet"
    since: Step | None = None
    for one in steps:
        if status in _FINAL or (status == "suspended" and one.kind == "issued"):
            continue
        status, since = _INTO[one.kind], one
    return status, since


def status_point(entered: Entered, on: date, as_of: datetime | None) -> tuple[Point, Certificate]:
    """Whether it is in force on a day, as far as the register at hand knows."""
    status, step = status_on(entered.steps, entered.edition, on)
    told = Certificate(
        number=entered.number, edition=entered.edition, status=status, granted=entered.granted,
        expires=entered.expires, as_of=as_of, since=step.on if step else None, reason=step.reason if step else None,
    )  # fmt: skip
    if status != "active":
        return not_held("status", f"status_{status}", **_since(told, on)), told
    if as_of is None:
        return not_checked("status", "status_undated"), told
    return age_point("status", on, as_of, entered.most_days), told


def age_point(check: Check, on: date, as_of: datetime, most_days: int) -> Point:
    """Whether what is known is new enough for a day."""
    age = (on - as_of.date()).days
    values = {"as_of": as_of.date(), "n": age, "most": most_days}
    if age > most_days:
        return not_checked(check, STATUS_OLD, **values)
    return held(check, f"{check}_known", **values)


def without_register(granted: date | None, expires: date | None, on: date) -> Point:
    """What the file alone says of its status: whether its days are over, and nothing of what happened since."""
    if expires is not None and on > expires:
        return not_held("status", "status_expired", expires=expires)
    if granted is not None and on < granted:
        return not_held("status", "status_not_yet", on=on)
    return not_checked("status", "register_missing")


def newest(moments: Iterable[datetime | None]) -> datetime | None:
    """The last of some moments."""
    return max((one for one in moments if one is not None), default=None)


def _edition(body: object) -> int:
    return body.revision if isinstance(body, Issued) else 0


def _since(told: Certificate, on: date) -> dict[str, object]:
    return {"since": told.since or "-", "reason": told.reason or "-", "expires": told.expires or "-", "on": on}
