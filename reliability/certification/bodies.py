"""What each kind of event says: closed records, and who may sign them."""

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, StringConstraints

from reliability.records import Json, Outcome, Record, Severity

Digest: TypeAlias = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Said: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
Role: TypeAlias = Literal["applicant", "consultant", "evaluator", "reviewer", "decider", "registrar"]
Decided: TypeAlias = Literal["grant", "conditional", "refuse", "return", "renew"]
ROLES: tuple[Role, ...] = ("applicant", "evaluator", "reviewer", "decider", "registrar")


class Engagement(Record):
    """Advice that somebody gave on a product: what keeps them out of its certification."""

    organisation: Said
    system: Said
    person: Said
    date: dt.date
    kind: Said


class Opened(Record):
    """An application taken in: what is to be certified, by which scheme, and who does which part."""

    kind: Literal["opened"] = "opened"
    scheme: Digest  # of the scheme's content, which the register keeps
    organisation: dict[str, Json]
    system: dict[str, Json]
    model: Digest | None
    evaluation: Digest
    people: dict[Role, tuple[Said, ...]]
    engagements: tuple[Engagement, ...] = ()  # advice on this product within the scheme's look-back


class Declared(Record):
    """A conflict-of-interest declaration of somebody who takes part."""

    kind: Literal["declared"] = "declared"
    role: Role
    conflict: Literal["none"] = "none"
    statement: Said


class Accepted(Record):
    """The applicant accepts the agreement."""

    kind: Literal["accepted"] = "accepted"
    agreement: Digest
    position: Said | None = None


class Planned(Record):
    """A plan sealed before the first run; `token` is a time stamp of its digest, base64, where one was had."""

    kind: Literal["planned"] = "planned"
    plan: Digest
    token: str | None = None
    deviates: Said | None = None  # from the plan before it, and why


class Tested(Record):
    """A run of the sealed plan, kept whatever came out."""

    kind: Literal["tested"] = "tested"
    run: Annotated[int, Field(ge=1)]
    plan: Digest
    assessment: Digest
    outcome: Outcome
    surveillance: bool = False


class Discarded(Record):
    """A run that does not count, and why; it stays where it is."""

    kind: Literal["discarded"] = "discarded"
    run: Annotated[int, Field(ge=1)]
    why: Said


class Nonconformity(Record):
    """What a review found: to be closed by somebody else than its author."""

    id: Annotated[str, Field(pattern=r"^NC-[0-9]+$")]
    item: Said
    severity: Severity
    text: Said


class Reviewed(Record):
    """The review of a run: what is recommended, and what is not in order."""

    kind: Literal["reviewed"] = "reviewed"
    run: Annotated[int, Field(ge=1)]
    recommends: Decided
    note: Said
    nonconformities: tuple[Nonconformity, ...] = ()


class Closed(Record):
    """A nonconformity closed upon evidence."""

    kind: Literal["closed"] = "closed"
    nonconformity: Said
    note: Said
    evidence: Digest | None = None


class Condition(Record):
    """An open item of the assessment, and the day by which it is to be closed."""

    item: Said
    text: Said
    due: dt.date


class Decision(Record):
    """The decision on a run, with its reasons."""

    kind: Literal["decided"] = "decided"
    run: Annotated[int, Field(ge=1)]
    decision: Decided
    reasons: tuple[Said, ...]
    conditions: tuple[Condition, ...] = ()


class Appealed(Record):
    """The applicant does not accept a decision."""

    kind: Literal["appealed"] = "appealed"
    decision: Digest  # the event
    grounds: Said


class Heard(Record):
    """What became of an appeal, by somebody who had no part before."""

    kind: Literal["heard"] = "heard"
    appeal: Digest
    upheld: bool
    reasons: tuple[Said, ...]


class Paper(Record):
    """A signed document."""

    kind: Literal["test", "certificate"]
    lang: Literal["ko", "en"]
    number: Said
    sha256: Digest
    document: Digest  # the record by which it is printed again


class Issued(Record):
    """A certificate issued, or a further edition of it."""

    kind: Literal["issued"] = "issued"
    number: Said
    revision: Annotated[int, Field(ge=1)] = 1
    run: Annotated[int, Field(ge=1)]
    decision: Digest
    head: Digest  # of the register, before this event
    granted: dt.date
    expires: dt.date
    next_surveillance: dt.date | None
    conditions: tuple[Condition, ...] = ()
    papers: tuple[Paper, ...]
    statement: Digest
    public: Digest
    seal: str  # serial number of the seal's certificate
    reason: Said | None = None


class Changed(Record):
    """The status of a certificate changed, and why."""

    kind: Literal["suspended", "restored", "withdrawn", "cancelled"]
    number: Said
    reason: Said
    until: dt.date | None = None


class ConditionMet(Record):
    """A condition closed upon evidence."""

    kind: Literal["condition_met"] = "condition_met"
    number: Said
    item: Said
    note: Said
    evidence: Digest | None = None


class Surveilled(Record):
    """The sealed plan run again after the certificate was issued: what moved."""

    kind: Literal["surveilled"] = "surveilled"
    number: Said
    run: Annotated[int, Field(ge=1)]
    within_scope: bool  # whether the model is the certified one
    moved: tuple[dict[str, Json], ...] = ()
    next_surveillance: dt.date | None = None


Body: TypeAlias = Annotated[
    Opened | Declared | Accepted | Planned | Tested | Discarded | Reviewed | Closed | Decision | Appealed | Heard
    | Issued | Changed | ConditionMet | Surveilled,
    Field(discriminator="kind"),
]  # fmt: skip
SIGNED_BY: Mapping[str, tuple[Role, ...]] = {
    "opened": ("registrar",),
    "declared": ("evaluator", "reviewer", "decider", "registrar"),
    "accepted": ("applicant",),
    "planned": ("evaluator",),
    "tested": ("evaluator",),
    "discarded": ("evaluator",),
    "reviewed": ("reviewer",),
    "closed": ("evaluator", "reviewer"),
    "decided": ("decider",),
    "appealed": ("applicant",),
    "heard": ("decider",),
    "issued": ("registrar",),
    "suspended": ("registrar",),
    "restored": ("registrar",),
    "withdrawn": ("registrar",),
    "cancelled": ("registrar", "applicant"),
    "condition_met": ("evaluator", "reviewer"),
    "surveilled": ("evaluator",),
}


class Actor(Record):
    """Who signed, in which role, with which certificate (DER, base64; the leaf, then those that issued it)."""

    person: Said
    name: Said
    employer: Said
    role: Role
    serial: str
    chain: tuple[str, ...]


class Event(Record):
    """One step of a case, as its actor signed it."""

    register_: Annotated[str, Field(alias="register")]
    case: Said
    at: dt.datetime
    actor: Actor
    roster: Digest  # by which the actor is who they say, and may act
    previous: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")]  # the case's event before; nothing for the first
    body: Body


class Hindrance(Record):
    """Why a gate is not passed: a code and its values, worded by whoever tells it."""

    code: str
    with_: dict[str, Json] = Field(default_factory=dict, alias="with")


class Obstacle(Record):
    """A gate that is not passed, and why."""

    gate: str
    reasons: tuple[Hindrance, ...]
