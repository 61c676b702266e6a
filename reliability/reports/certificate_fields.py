"""What a certificate says that its assessment does not hold: scheme, dates, scope, conditions, decision, register."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import AfterValidator, Field, model_validator

from reliability.records import Record

# What no document of a hub may say of itself, whoever wrote it.
CLAIMS = re.compile(
    r"KOLAS\s*(?:공인|accredited)|CAT\s*(?:인증|certified)|(?:AI|인공지능)\s*기본법\s*적합"
    r"|AI Basic Act[\s-]*complian\w+|\bISO\b[^.;\n<>]{0,40}\bcertified"
    r"|\bISO\b[^.;\n<>]{0,40}인증을?\s*(?:받|취득|획득)",
    re.IGNORECASE,
)
MOST_LETTERS = 4_000


def claims(text: str) -> Iterable[str]:
    """The claims in a text that may stand in no document; what is invisible between their letters hides none."""
    seen = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
    return (found.group() for found in CLAIMS.finditer(unicodedata.normalize("NFKC", seen)))


def _without_claims(text: str) -> str:
    found = next(iter(claims(text)), None)
    if found:
        raise ValueError(f"{found!r} is a claim that may stand in no document")
    return text


Text: TypeAlias = Annotated[str, Field(min_length=1, max_length=MOST_LETTERS), AfterValidator(_without_claims)]
Digest: TypeAlias = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
# What the QR code points to: letters that need no escaping, and few enough to be scanned.
Url: TypeAlias = Annotated[str, Field(pattern=r"^https?://[!#-;=?-~]+$", max_length=120)]
Function: TypeAlias = Literal["evaluator", "reviewer", "decider", "registrar"]


class Bilingual(Record):
    """A text in both languages."""

    ko: Text
    en: Text


class Scheme(Record):
    """The scheme by whose rules it was decided; a title of its own only where the scheme may give one."""

    id: Text
    version: Text
    name: Bilingual
    title: Bilingual | None = None
    accreditation: Bilingual | None = None


class Condition(Record):
    """An open item, and the day by which it is to be closed."""

    item: Text
    text: Text
    due: date


class Decision(Record):
    """The decision that the certificate rests on."""

    number: Text
    date: date


class Role(Record):
    """Who did which part of the work."""

    role: Function
    name: Text
    position: Text | None = None


class Revision(Record):
    """An edition of the certificate, and why there is one."""

    revision: Annotated[int, Field(ge=0)]
    date: date
    reason: Text


class Certificate(Record):
    """The fields of a certificate (ISO/IEC 17065, 7.7, and the scheme's own)."""

    scheme: Scheme
    revision: Annotated[int, Field(ge=0)] = 0
    granted: date
    expires: date | None = None
    next_surveillance: date | None = None
    criteria_year: Annotated[int, Field(ge=1990, le=2200)] | None = None
    scope: Text
    exclusions: tuple[Text, ...] = ()
    conditions: tuple[Condition, ...] = ()
    test_report: Text
    decision: Decision
    roles: tuple[Role, ...]
    register_url: Url
    chain_head: Digest | None = None
    revisions: tuple[Revision, ...] = ()
    consultancy: bool = False  # the same body gave advice on this product
    sealing_proven: bool = False  # the time of the plan's sealing, by a clock outside the hub
    signature: Literal["B-B", "B-T"] | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        # A further edition rests on a decision of its own, years after the first was granted.
        if max((self.granted, *(one.date for one in self.revisions))) < self.decision.date:
            raise ValueError("granted before it was decided")
        for name in ("expires", "next_surveillance"):
            day = getattr(self, name)
            if day is not None and day <= self.granted:
                raise ValueError(f"{name} is not after the day on which it was granted")
        return self

    @model_validator(mode="after")
    def _by_different_people(self) -> Self:
        people = {role: {one.name for one in self.roles if one.role == role} for role in ("evaluator", "decider")}
        reviewers = {one.name for one in self.roles if one.role == "reviewer"}
        if not all((*people.values(), reviewers)):
            raise ValueError("roles: an evaluator, a reviewer and a decider are named")
        if people["evaluator"] & (people["decider"] | reviewers):
            raise ValueError("roles: who evaluated neither reviews nor decides")
        return self
