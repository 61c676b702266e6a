"""The public record of an assessment: what a document encloses as data.

Names, digests, verdicts and figures; no row and no value of one, no words of a model or of an answer, nobody who
answered, and no figure of a group that documents do not print either.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field

from reliability.records import (
    Answer,
    Assessment,
    Criterion,
    CriterionResult,
    DataIdentity,
    Finding,
    Intake,
    Json,
    Measurement,
    Number,
    Outcome,
    Reason,
    Record,
    Scalar,
    Severity,
    Subject,
    Verdict,
    canonical_json,
)
from reliability.reports.figures import FEWEST_SHOWN
from reliability.reports.withheld import Withheld

Slice = dict[str, Scalar | None]
# Of a reason's values, counts, limits and the names of facts or columns; the others may be a model's own words.
TOLD = frozenset({"by", "n", "needed", "facts", "to", "when", "seconds", "mebibytes", "signal", "status"})
FIGURES = ("value", "low", "high")


class PublicGroup(Record):
    """A group with its figures; without any where they are suppressed."""

    slice: Slice
    value: Number | None = None
    low: Number | None = None
    high: Number | None = None
    n: int | None = None
    judged: bool = True
    suppressed: bool = False


class PublicPart(Record):
    """One of the rates that a comparison of several rests on."""

    rate: str
    value: Number | None = None
    low: Number | None = None
    high: Number | None = None
    groups: tuple[PublicGroup, ...] = ()


class PublicMeasurement(Record):
    """A measurement with its groups; without figures where they are suppressed."""

    check: str
    by: tuple[str, ...] = ()
    slice: Slice = {}
    of: Scalar | None = None
    value: Number | None = None
    low: Number | None = None
    high: Number | None = None
    confidence: Number | None = None
    n: int | None = None
    p_value: Number | None = None
    unit: str
    method: str | None = None
    judged: bool = True
    reason: Reason | None = None
    seed: int | None = None
    worst: tuple[Slice, ...] = ()
    groups: tuple[PublicGroup, ...] = ()
    parts: tuple[PublicPart, ...] = ()
    suppressed: bool = False


class PublicResult(Record):
    """A criterion, its verdict, and what it was measured by."""

    criterion: Criterion
    verdict: Verdict
    reasons: tuple[Reason, ...] = ()
    measurements: tuple[PublicMeasurement, ...] = ()


class PublicAnswer(Record):
    """An answer without its words: what, when, and the digests of its evidence."""

    answer: Literal["met", "partly", "not_met", "not_applicable"]
    date: str | None = None
    checked: bool = False
    evidence: tuple[str, ...] = ()


class PublicFinding(Record):
    """One item with its verdict and what it rests on."""

    item: str
    severity: Severity
    verdict: Verdict
    reasons: tuple[Reason, ...] = ()
    criteria: tuple[PublicResult, ...] = ()
    answer: PublicAnswer | None = None


class PublicData(Record):
    """One data set by its digest."""

    sha256: str
    rows: int
    origin: str


class PublicModel(Record):
    """The model by its digest, and how it was kept apart."""

    format: str
    sha256: str | None
    isolation: str | None


class PublicSubject(Record):
    """Whose system was assessed, and in which version."""

    organisation: dict[str, Json]
    system: dict[str, Json]
    task: str
    facts: dict[str, Json]
    model: PublicModel | None


class PublicChecklist(Record):
    """The checklist by its digest, and how it decides."""

    id: str
    version: str
    sha256: str
    decision: dict[str, Json]
    outcome: dict[str, Json]


class PublicNotTested(Record):
    """Something that was not tested, and why."""

    what: str
    reason: Reason


class PublicIntake(Record):
    """At which level of isolation the submitted files were read, and the digest of the archive they came in."""

    level: str
    archive: str | None


class PublicRecord(Record):
    """What of an assessment may leave the case as data."""

    public: Literal[1] = 1
    assessment: str  # SHA-256 of assessment.json
    received: AwareDatetime
    started: AwareDatetime
    finished: AwareDatetime
    software: dict[str, str]
    platform: str
    seed: int
    subject: PublicSubject
    evaluation: PublicData
    training: PublicData | None
    manifest: str | None
    checklist: PublicChecklist
    findings: tuple[PublicFinding, ...]
    outcome: Outcome
    not_tested: tuple[PublicNotTested, ...]
    notes: tuple[Reason, ...]
    intake: Annotated[PublicIntake | None, Field(exclude_if=lambda intake: intake is None)] = None


def public_record(assessment: Assessment) -> PublicRecord:
    """The public record of an assessment; the same assessment gives the same record."""
    withheld = Withheld.of(
        measured for found in assessment.findings for one in found.criteria for measured in one.measurements
    )
    data, content = assessment.data, assessment.checklist.content
    return PublicRecord(
        assessment=hashlib.sha256(canonical_json(assessment)).hexdigest(),
        **{name: getattr(assessment.dates, name) for name in ("received", "started", "finished")},
        **{name: getattr(assessment, name) for name in ("software", "platform", "seed", "outcome")},
        subject=_subject(assessment.subject),
        evaluation=_data(data.evaluation),
        training=_data(data.training) if data.training else None,
        manifest=assessment.manifest.get("sha256"),
        checklist=PublicChecklist(
            **{name: getattr(assessment.checklist, name) for name in ("id", "version", "sha256")},
            decision=content.get("decision") or {},
            outcome=content.get("outcome") or {},
        ),
        findings=tuple(_finding(found, withheld) for found in assessment.findings),
        not_tested=tuple(
            PublicNotTested(what=one.what, reason=_told(one.code, one.with_)) for one in assessment.not_tested
        ),
        notes=_reasons(assessment.notes),
        intake=_intake(assessment.intake) if assessment.intake else None,
    )


def _intake(intake: Intake) -> PublicIntake:
    archive = None if intake.archive is None else intake.archive.sha256
    return PublicIntake(level=str(intake.isolation.get("level")), archive=archive)


def _subject(subject: Subject) -> PublicSubject:
    model = subject.model
    return PublicSubject(
        organisation=_only(subject.organisation, ("name", "registration")),
        system=_only(subject.system, ("name", "version", "purpose", "domain")),
        task=subject.task,
        facts={name: told.get("value") if isinstance(told, dict) else told for name, told in subject.facts.items()},
        model=PublicModel(format=model.format, sha256=model.sha256, isolation=model.isolation.get("level"))
        if model
        else None,
    )


def _only(told: Mapping[str, Json], names: Iterable[str]) -> dict[str, Json]:
    return {name: told[name] for name in names if name in told}


def _data(data: DataIdentity) -> PublicData:
    return PublicData(sha256=data.sha256, rows=data.rows, origin=data.origin)


def _finding(found: Finding, withheld: Withheld) -> PublicFinding:
    return PublicFinding(
        item=found.item,
        severity=found.severity,
        verdict=found.verdict,
        reasons=_reasons(found.reasons),
        criteria=tuple(_result(one, withheld) for one in found.criteria),
        answer=_answer(found.answer) if found.answer else None,
    )


def _answer(given: Answer) -> PublicAnswer:
    digests = tuple(file.sha256 for file in given.evidence)
    return PublicAnswer(answer=given.answer, date=given.date, checked=bool(given.checked_by), evidence=digests)


def _result(result: CriterionResult, withheld: Withheld) -> PublicResult:
    return PublicResult(
        criterion=result.criterion,
        verdict=result.verdict,
        reasons=_reasons(result.reasons),
        measurements=tuple(_measurement(one, withheld) for one in result.measurements),
    )


def _measurement(found: Measurement, withheld: Withheld) -> PublicMeasurement:
    hidden = withheld.hides(found.slice) if found.slice else withheld.hides_value(found)
    names = ("check", "by", "slice", "of", "confidence", "unit", "method", "judged", "seed")
    shown = {} if hidden else {name: getattr(found, name) for name in (*FIGURES, "p_value")}
    return PublicMeasurement(
        **{name: getattr(found, name) for name in names},
        **shown,
        n=None if hidden or withheld.hides_n(found) else found.n,
        reason=_told(found.reason.code, found.reason.with_) if found.reason else None,
        worst=tuple(found.details.get("worst") or ()),
        groups=_groups(found.details, withheld),
        parts=tuple(_part(part, withheld) for part in found.details.get("parts") or ()),
        suppressed=hidden,
    )


def _part(part: Mapping[str, Json], withheld: Withheld) -> PublicPart:
    shown = {name: part.get(name) for name in FIGURES}
    return PublicPart(rate=str(part["rate"]), groups=_groups(part, withheld), **shown)


def _groups(details: Mapping[str, Json], withheld: Withheld) -> tuple[PublicGroup, ...]:
    return tuple(_group(group, withheld) for group in details.get("groups") or ())


def _group(group: Mapping[str, Json], withheld: Withheld) -> PublicGroup:
    hidden = withheld.hides(group["slice"])
    shown: dict[str, Any] = {} if hidden else {name: group.get(name) for name in (*FIGURES, "n")}
    return PublicGroup(slice=group["slice"], judged=group.get("judged", True), suppressed=hidden, **shown)


def _reasons(found: Iterable[Reason]) -> tuple[Reason, ...]:
    return tuple(_told(reason.code, reason.with_) for reason in found)


def _told(code: str, values: Mapping[str, Json]) -> Reason:
    """A reason with the values that may be told; the size of a group under five is none of them."""
    told = {name: value for name, value in values.items() if name in TOLD}
    n = told.get("n")
    if isinstance(n, int) and n < FEWEST_SHOWN:
        del told["n"]
    return Reason.model_validate({"code": code, "with": told})
