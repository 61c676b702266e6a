"""checklists/screening.yaml: the questions, the branches and what follows, held to one closed list of names."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias, TypeVar

from pydantic import Field, ValidationError

from reliability import facts, resources
from reliability.checklist.written import Id, Limit, Line, Listed, Text, Written
from reliability.errors import ChecklistError
from reliability.facts import FACTS
from reliability.records import canonical_json
from reliability.screening.record import EuStatus, KrStatus, Law, Tier
from reliability.yaml_lines import Document, read_yaml

Kind: TypeAlias = Literal["yes_no", "choice", "list", "number"]
_Status = TypeVar("_Status")
UNKNOWN = "unknown"
SOMETHING_OPEN = "something_open"
_ENTRIES = ("duties", "confirm", "actions", "triggers", "cautions")
TIERS: tuple[Tier, ...] = ("T4", "T3", "T2", "T1")


class Choice(Written):
    """One choice of a question; `alone` goes with no other."""

    id: Id
    text: Text
    alone: bool = False


class Question(Written):
    """One question of fact."""

    id: Id
    kind: Kind
    ask: Text
    why: Text
    example: Text
    choices: Listed[Choice] = ()
    unit: Text | None = None
    at_least: dict[Id, Limit] = Field(default_factory=dict)
    when: Line | None = None
    fact: Line | None = None
    reason_for: Listed[bool | Id] = ()
    references: Listed[Line]

    @property
    def names(self) -> tuple[str, ...]:
        """The names in conditions that this question gives."""
        if self.kind == "yes_no":
            return (self.id,)
        parts = self.at_least if self.kind == "number" else [choice.id for choice in self.choices]
        return tuple(f"{self.id}.{part}" for part in parts)

    def alone(self) -> frozenset[str]:
        """Choices that go with no other."""
        return frozenset(choice.id for choice in self.choices if choice.alone)

    def needs_reason(self, value: Any) -> bool:
        """Whether this answer takes a duty away, and so needs its reason."""
        given = value if isinstance(value, list | tuple) else (value,)
        return any(one is told or (isinstance(one, str) and one == told) for one in given for told in self.reason_for)


class Branch(Written):
    """One branch of the logic: a condition over answers and earlier branches, under the name that later ones use."""

    id: Id
    name: Id
    law: Law
    is_: Line = Field(alias="is")
    point: bool = False
    references: Listed[Line]
    text: Text


class KrOutcome(Written):
    """A status under Korean law and when it holds."""

    status: KrStatus
    when: Line
    text: Text


class EuOutcome(Written):
    """A status under the EU regulation and when it holds."""

    status: EuStatus
    when: Line
    text: Text


class TierOutcome(Written):
    """A tier and when it holds."""

    status: Tier
    when: Line
    text: Text


class Results(Written):
    """The statuses of each law and the tiers, heaviest first: the first that holds is the result."""

    kr: Listed[KrOutcome]
    eu: Listed[EuOutcome]
    tier: Listed[TierOutcome]


class FactRule(Written):
    """When a fact that checklists read is true, and when it is false."""

    yes: Line
    no: Line


class Recommended(Written):
    """A checklist to recommend: where `when` holds, or unless `unless` does."""

    name: Id
    when: Line | None = None
    unless: Line | None = None


class Recommends(Written):
    """What the hub recommends."""

    checklists: Listed[Recommended]
    second_reviewer: Line
    served: Line


class DutyText(Written):
    """A duty: when it follows, when it may (`unsure`), and since when it applies."""

    id: Id
    law: Law
    force: Literal["must", "endeavour"]
    when: Line
    unsure: Line | None = None
    since: Annotated[Line, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None
    references: Listed[Line]
    text: Text


class Said(Written):
    """A sentence that a document prints: always, where `when` holds, or unless `unless` does."""

    id: Id
    when: Line | None = None
    unless: Line | None = None
    references: Listed[Line] = ()
    text: Text


class ScreeningText(Written):
    """checklists/screening.yaml, format 1."""

    screening: Literal[1]
    version: Line
    dated: Annotated[Line, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    questions: Listed[Question]
    branches: Listed[Branch]
    results: Results
    facts: dict[Literal["kr_high_impact", "fully_automated_serious_effect", "hub_tier_T3"], FactRule]
    recommends: Recommends
    duties: Listed[DutyText]
    confirm: Listed[Said]
    actions: Listed[Said]
    triggers: Listed[Said]
    cautions: Listed[Said]
    contradictions: Listed[Line]


@dataclass(frozen=True, kw_only=True, eq=False)
class Questions:
    """The file as read: what it says, the names that its conditions may use, and the digest of its content."""

    text: ScreeningText
    names: frozenset[str]
    sha256: str

    @property
    def by_id(self) -> Mapping[str, Question]:
        """The questions by their ids."""
        return {question.id: question for question in self.text.questions}

    def question_of(self, name: str) -> str | None:
        """The question that gives a name; None for a branch, a fact or a tier."""
        question = name.partition(".")[0]
        return question if question in self.by_id else None


@lru_cache(maxsize=1)
def shipped_questions() -> Questions:
    """The questions and the logic that this version ships."""
    return read_questions(resources.checklists() / "screening.yaml", name="screening.yaml")


def read_questions(path: Path, *, name: str) -> Questions:
    """Read questions and logic from a file.

    Raises
    ------
    ChecklistError
        Whatever is wrong with it: shape, a name that is not there or stands further down, an id used twice.
    """
    document = read_yaml(path, error=ChecklistError, name=name)
    try:
        text = ScreeningText.model_validate(document.data)
    except ValidationError as invalid:
        problem = invalid.errors(include_url=False)[0]
        raise _refused(document, problem["loc"], problem["msg"]) from None
    _refuse_repeated(text, document)
    names = _checked(text, document)
    return Questions(text=text, names=names, sha256=hashlib.sha256(canonical_json(document.data)).hexdigest())


def _refused(document: Document, keys: Iterable[Any], problem: str) -> ChecklistError:
    place = tuple(keys)
    return ChecklistError(
        "screening_file",
        "{where}: {key}: {problem}",
        where=document.where(*place),
        key=".".join(map(str, place)) or "file",
        problem=problem,
    )


def _refuse_repeated(text: ScreeningText, document: Document) -> None:
    listed: Mapping[str, list[str]] = {
        "questions": [one.id for one in text.questions],
        "branches": [one.id for one in text.branches],
        **{part: [one.id for one in getattr(text, part)] for part in _ENTRIES},
    }
    for part, ids in listed.items():
        for place, one in enumerate(ids):
            if one in ids[:place]:
                raise _refused(document, (part, place), f"id {one!r} stands twice")
    for place, question in enumerate(text.questions):
        wrong = _misshapen(question)
        if wrong:
            raise _refused(document, ("questions", place), wrong)


def _misshapen(question: Question) -> str | None:
    """What a question of its kind lacks or should not have."""
    ids = [choice.id for choice in question.choices]
    if (question.kind in {"choice", "list"}) != bool(ids) or len(ids) == 1:
        return "choices, two at least, belong to a choice or a list and to no other kind"
    if len(set(ids)) != len(ids) or UNKNOWN in ids:
        return "choices are distinct, and none is called unknown"
    if question.kind != "number" and (question.at_least or question.unit):
        return "only numbers have thresholds and a unit"
    allowed: set[Any] = {True, False} if question.kind == "yes_no" else set(ids)
    if not set(question.reason_for) <= allowed:
        return "reason_for names answers of the question"
    if question.fact is not None and (question.kind != "yes_no" or question.fact not in FACTS):
        return "fact is a fact that a yes_no question asks"
    return None


def _checked(text: ScreeningText, document: Document) -> frozenset[str]:
    """All names; every condition is held to those that stand above it."""
    names = {f"fact.{name}" for name, fact in FACTS.items() if fact.origin == "stated"}
    for place, question in enumerate(text.questions):
        if question.when is not None:
            facts.parse(question.when, where=document.where("questions", place, "when"), names=frozenset(names))
        names.update(question.names)
    for place, branch in enumerate(text.branches):
        facts.parse(branch.is_, where=document.where("branches", place, "is"), names=frozenset(names))
        if branch.name in names:
            raise _refused(document, ("branches", place), f"name {branch.name!r} is taken")
        names.add(branch.name)
    _hold(_outcomes(text), frozenset(names), document)
    names.update({SOMETHING_OPEN, *(f"tier.{tier}" for tier in TIERS)})
    _hold(_consequences(text), frozenset(names), document)
    return frozenset(names)


def _hold(conditions: Iterable[tuple[tuple[Any, ...], str]], names: frozenset[str], document: Document) -> None:
    for keys, expression in conditions:
        facts.parse(expression, where=document.where(*keys), names=names)


def _outcomes(text: ScreeningText) -> Iterator[tuple[tuple[Any, ...], str]]:
    for law in ("kr", "eu", "tier"):
        for place, one in enumerate(getattr(text.results, law)):
            yield ("results", law, place, "when"), one.when
    yield from ((("contradictions", place), one) for place, one in enumerate(text.contradictions))


def _consequences(text: ScreeningText) -> Iterator[tuple[tuple[Any, ...], str]]:
    for name, rule in text.facts.items():
        yield ("facts", name, "yes"), rule.yes
        yield ("facts", name, "no"), rule.no
    yield ("recommends", "second_reviewer"), text.recommends.second_reviewer
    yield ("recommends", "served"), text.recommends.served
    listed: dict[tuple[str, ...], Iterable[Any]] = {(part,): getattr(text, part) for part in _ENTRIES}
    for keys, entries in {**listed, ("recommends", "checklists"): text.recommends.checklists}.items():
        for place, entry in enumerate(entries):
            for key in ("when", "unless", "unsure"):
                if (expression := getattr(entry, key, None)) is not None:
                    yield (*keys, place, key), expression
