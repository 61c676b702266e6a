"""What verifying comes to: points, each held or not or not looked at, and the verdict that follows from them.

No sentence of any language stands here: codes and values, worded by whoever tells them.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from pydantic import Field

from reliability.errors import ReliabilityError
from reliability.records import Json, Record

Kind: TypeAlias = Literal["pdf", "report", "statement", "case", "status", "register"]
State: TypeAlias = Literal["held", "not_held", "not_checked"]
Check: TypeAlias = Literal[
    "file", "signer", "time", "record", "statement", "chain", "checkpoint", "events", "entered", "head", "decision",
    "planned_first", "roles", "files", "current", "status", "model", "rerun",
]  # fmt: skip
Verdict: TypeAlias = Literal[
    "unreadable", "not_genuine", "other_model", "not_reproduced", "time_unproven", "issuer_unknown", "not_in_force",
    "status_unknown", "status_old", "in_force", "whole",
]  # fmt: skip
Standing: TypeAlias = Literal["active", "suspended", "withdrawn", "cancelled", "expired", "replaced", "not_yet"]

# In their precedence: of several, the first is the verdict. Nobody can prove a time to who knows no issuer.
EXIT: Mapping[Verdict, int] = MappingProxyType({
    "unreadable": 2, "not_genuine": 4, "other_model": 4, "not_reproduced": 4, "time_unproven": 3, "issuer_unknown": 3,
    "not_in_force": 1, "status_unknown": 3, "status_old": 3, "in_force": 0, "whole": 0,
})  # fmt: skip
STATUS_OLD = "status_old"
_WIDEST = 1 << 53
# What a point that does not hold comes to; every other one says that something is not genuine.
_NOT_HELD: Mapping[str, Verdict] = MappingProxyType({
    "time": "time_unproven", "status": "not_in_force", "model": "other_model", "rerun": "not_reproduced",
})  # fmt: skip
# What one comes to that could not be looked at; every other one only stays open.
_NOT_CHECKED: Mapping[str, Verdict] = MappingProxyType({
    "signer": "issuer_unknown", "status": "status_unknown", "current": "status_unknown",
})  # fmt: skip


class Point(Record):
    """One thing that was to be checked; why it does not hold, or was not looked at."""

    check: Check
    state: State
    code: str | None = None
    with_: dict[str, Json] = Field(default_factory=dict, alias="with")

    @property
    def verdict(self) -> Verdict | None:
        """What it comes to by itself; None where it takes nothing away."""
        if self.state == "held":
            return None
        if self.state == "not_held":
            return _NOT_HELD.get(self.check, "not_genuine")
        return "status_old" if self.code == STATUS_OLD else _NOT_CHECKED.get(self.check)


class Signature(Record):
    """Who signed, and when by their own word and by that of others."""

    name: str
    issuer: str
    serial: str
    level: Literal["B-B", "B-T"] | None = None
    claimed: datetime | None = None
    proven: datetime | None = None
    by: str | None = None


class Certificate(Record):
    """The certificate that a file belongs to, as far as it is known."""

    number: str
    edition: int | None = None
    status: Standing | None = None
    since: date | None = None
    reason: str | None = None
    granted: date | None = None
    expires: date | None = None
    as_of: datetime | None = None


class Verified(Record):
    """What became of one file."""

    file: str
    kind: Kind
    verdict: Verdict
    exit: int
    points: tuple[Point, ...] = ()
    signature: Signature | None = None
    certificate: Certificate | None = None


class Verification(Record):
    """What became of all of them, on a day."""

    verify: Literal[1] = 1
    on: date
    exit: int
    files: tuple[Verified, ...]


def held(check: Check, code: str | None = None, **values: Any) -> Point:
    """A point that holds."""
    return _point(check, "held", code, values)


def not_held(check: Check, code: str, /, **values: Any) -> Point:
    """A point that does not hold, and why."""
    return _point(check, "not_held", code, values)


def not_checked(check: Check, code: str, /, **values: Any) -> Point:
    """A point that nobody could look at, and why."""
    return _point(check, "not_checked", code, values)


def refused(check: Check, error: ReliabilityError) -> Point:
    """A point that does not hold because of what was raised."""
    return _point(check, "not_held", error.code, error.values)


def verdict_of(points: Iterable[Point], best: Verdict) -> Verdict:
    """The verdict that points come to together: by precedence, `best` where all hold."""
    found = {one.verdict for one in points}
    return next((one for one in EXIT if one in found), best)


def together(on: date, files: Iterable[Verified]) -> Verification:
    """The verification of several files: its exit status is that of the worst."""
    listed = tuple(files)
    worst = next(one for one in EXIT if one in {file.verdict for file in listed})
    return Verification(on=on, exit=EXIT[worst], files=listed)


def _point(check: Check, state: State, code: str | None, values: Mapping[str, Any]) -> Point:
    # A whole number of a stranger's may be wider than JSON keeps.
    plain = {key: one if isinstance(one, int) and abs(one) < _WIDEST else str(one) for key, one in values.items()}
    return Point.model_validate({"check": check, "state": state, "code": code, "with": plain})
