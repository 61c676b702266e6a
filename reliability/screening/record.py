"""screening.json: what the answers say, what follows from them and why, without a sentence of any language.

Ids and codes are those of checklists/screening.yaml, where their wording stands in both languages; of the sheet
of answers, only what the applicant wrote is quoted.
"""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field, StrictBool, StrictFloat, StrictInt, StrictStr

from reliability.records import Record

RECORD = "screening.json"

Law: TypeAlias = Literal["kr", "eu", "hub"]
KrStatus: TypeAlias = Literal["out_of_scope", "likely", "candidate", "not_high_impact"]
EuStatus: TypeAlias = Literal["not_offered", "out_of_scope", "prohibited", "high", "transparency", "minimal"]
Tier: TypeAlias = Literal["T1", "T2", "T3", "T4"]
Value: TypeAlias = StrictBool | StrictInt | StrictFloat | StrictStr | tuple[StrictStr, ...]
Truth: TypeAlias = bool | None  # null is unknown
Day: TypeAlias = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class QuestionsUsed(Record):
    """The questions and the logic that were used: checklists/screening.yaml, its version, its day, its digest."""

    version: str
    dated: str  # the day on which law and guidance were last looked at
    sha256: str


class InputDigest(Record):
    """What the result rests on: `assess` uses it only while this is what the submission says."""

    sha256: str
    system_version: str


class AnswerGiven(Record):
    """One question that was asked, and its answer; "unknown" where it is open."""

    question: str
    value: Value
    because: str | None = None
    by: str | None = None
    date: str | None = None


class OpenQuestion(Record):
    """A question that is open, why, and whether any answer to it could change a result."""

    question: str
    code: Literal["unanswered", "unknown", "question_changed"]
    decides: bool


class KrResult(Record):
    """What follows under Korean law.

    `status` is null where answers are open; `possible` then lists what it may still be, heaviest first. One that
    is possible alone and yet not settled is what it will be, once the answers it needs are there.
    `points` answer single questions of law (generative, label, safety_32, …), null where open; `because` names
    the branches that the status rests on, met or not.
    """

    status: KrStatus | None
    possible: tuple[KrStatus, ...]
    because: tuple[str, ...] = ()
    points: dict[str, Truth]


class EuResult(Record):
    """What follows under Regulation (EU) 2024/1689; read as the Korean result is."""

    status: EuStatus | None
    possible: tuple[EuStatus, ...]
    because: tuple[str, ...] = ()
    points: dict[str, Truth]


class HubResult(Record):
    """The tier of the hub and what it recommends: it never changes a rule or a limit."""

    tier: Tier | None
    possible: tuple[Tier, ...]
    because: tuple[str, ...] = ()
    served: Truth  # false: refused by hub policy
    checklists: tuple[str, ...]
    second_reviewer: Truth


class ScreeningFacts(Record):
    """The facts that checklists read."""

    kr_high_impact: Truth
    fully_automated_serious_effect: Truth
    hub_tier_T3: Truth  # noqa: N815  (the name of the fact)


class Step(Record):
    """One branch of the logic: whether its condition is met, the answers and earlier branches it rests on."""

    branch: str
    law: Law
    met: Truth
    answers: tuple[str, ...]
    branches: tuple[str, ...]
    articles: tuple[str, ...]


class Duty(Record):
    """A duty that follows, or that may follow (`applies` null)."""

    duty: str
    law: Law
    applies: Literal[True] | None
    force: Literal["must", "endeavour"]
    since: str | None  # the day from which it applies
    in_force: bool  # on the day of the screening
    articles: tuple[str, ...]


class ToConfirm(Record):
    """Something that a person has to confirm, and the answers that it is about."""

    confirm: str
    answers: tuple[str, ...]
    articles: tuple[str, ...]


class Becomes(Record):
    """What the results would be."""

    kr: KrStatus | None
    eu: EuStatus | None
    tier: Tier | None
    kr_high_impact: Truth
    fully_automated_serious_effect: Truth
    points: dict[str, Truth]  # of either law, those alone that would differ


class Change(Record):
    """One answer changed, all others kept: the values that would lead to other results, and to which.

    For a list a value is the whole list with one choice more or less; for a number, the least of a range.
    """

    question: str
    value: Value
    instead: Annotated[tuple[Value, ...], Field(min_length=1)]
    becomes: Becomes


class Screening(Record):
    """The record of a risk screening."""

    screening: Literal[1] = 1
    questions: QuestionsUsed
    digest: InputDigest
    date: Day
    organisation: dict[str, str]  # {"name"}
    system: dict[str, str]  # {"name", "version", "purpose"}
    answers: tuple[AnswerGiven, ...]
    open: tuple[OpenQuestion, ...]
    kr: KrResult
    eu: EuResult
    hub: HubResult
    facts: ScreeningFacts
    steps: tuple[Step, ...]
    duties: tuple[Duty, ...]
    confirm: tuple[ToConfirm, ...]
    changes: tuple[Change, ...]
    actions: tuple[str, ...]  # what to do, most urgent first
    triggers: tuple[str, ...]  # what makes a new screening necessary
    cautions: tuple[str, ...]  # what every document says of it: no legal advice, guidance is no statute …
