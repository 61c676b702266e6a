"""Joins submission and checklist to an assessment, and leaves it as a case."""

import platform
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from reliability.bench import Bench, Settings
from reliability.case import digest, new_case, write_record
from reliability.checklist.answered import answered, refuse_unknown_answers
from reliability.checklist.criteria import declared_level
from reliability.checklist.finding import Answered, applies, finding
from reliability.checklist.judge import judge
from reliability.checklist.outcome import outcome
from reliability.checklist.read import Checklist, Item
from reliability.engine import Call
from reliability.errors import SubmissionError
from reliability.facts import facts_named
from reliability.plan import Available, Planned, plan, planned
from reliability.records import (
    FAILURES,
    Assessment,
    ChecklistIdentity,
    Criterion,
    DataIdentity,
    DataSets,
    Dates,
    Finding,
    Measurement,
    NotTested,
    Reason,
    Subject,
)
from reliability.screening.used import Used, used_screening, with_screening
from reliability.submission.data_file import DataFile
from reliability.submission.known_facts import known_facts
from reliability.submission.read import Submission

SOFTWARE = ("reliability-workbench", "numpy", "pandas", "pyarrow", "scikit-learn", "scipy", "skops")
# Reasons that say what could not be tested at all; others qualify a number that is there.
UNTESTED = FAILURES | frozenset(
    """answer_missing declared_nothing needs_classification no_entity no_model no_monotone no_pairs no_predictions
    no_quasi_identifiers no_schema no_scores no_segments no_sensitive no_training_data question_changed""".split()
)


def assess(
    submission: Submission,
    checklist: Checklist,
    *,
    out: Path,
    received: datetime,
    clock: Callable[[], datetime],
    settings: Settings,
) -> Assessment:
    """Measure the submission, judge it by the checklist, and leave the case at `out`.

    Parameters
    ----------
    submission, checklist
        As read.
    out : Path
        Folder of the case; it must not exist.
    received : datetime
        When the submission was taken in.
    clock : callable
        The time, in UTC; asked when the work starts and when it ends.
    settings : Settings
        Seed, workers, time limit.

    Returns
    -------
    Assessment
        The record that stands in `out`.

    Raises
    ------
    ReliabilityError
        Whatever a user can act on; `out` is then not there.
    """
    refuse_unknown_answers(submission.answers, checklist)
    used = used_screening(submission)
    with new_case(out) as folder, Bench(submission=submission, settings=settings) as bench:
        started = clock()
        known = with_screening(settled_facts(submission, bench), used)
        truths = {name: fact["value"] for name, fact in known.items()}
        todo = _plan(checklist, submission, bench, truths)
        calls = tuple(dict.fromkeys(call for plans in todo.values() for one in plans for call in one.calls))
        measured = bench.measure(calls, folder)
        given = {one.id: answered(one.id, checklist, submission.answers, on=received.date()) for one in checklist.items}
        findings = tuple(_finding(item, given[item.id], truths, todo, measured) for item in checklist.items)
        _copy_papers(submission, used, folder / "submission")
        assessment = Assessment(
            dates=Dates(received=received, started=started, finished=clock()),
            software=software(),
            platform=fingerprint(),
            seed=settings.seed,
            subject=_subject(submission, bench, known, used),
            data=_data_sets(submission),
            manifest=_papers(submission, used),
            checklist=_identity(checklist),
            findings=findings,
            outcome=outcome(findings, checklist),
            not_tested=(*_not_screened(checklist, used), *not_tested(findings, submission)),
            rows=dict(bench.rows),
            notes=(*submission.notes, *bench.notes),
            intake=submission.intake,
        )
        write_record(folder, assessment)
    return assessment


def measure(
    submission: Submission, criterion: Criterion, *, confidence: float, settings: Settings
) -> tuple[Measurement, ...]:
    """Measure one check on the submission; nothing is judged and nothing is left behind."""
    with Bench(submission=submission, settings=settings) as bench:
        one = planned(criterion, _available(submission, bench), declared=None, confidence=confidence)
        if one.lacking is not None:
            return (_unmeasured(criterion, one.lacking, confidence=confidence, seed=settings.seed),)
        got = bench.measure(one.calls, None)
    return _measurements(one, got)


def _unmeasured(criterion: Criterion, why: Reason, *, confidence: float, seed: int) -> Measurement:
    return Measurement(
        check=str(criterion.check), by=criterion.by if isinstance(criterion.by, tuple) else (),
        value=None, n=0, unit="", confidence=confidence, seed=seed, judged=False, reason=why,
    )  # fmt: skip


def settled_facts(submission: Submission, bench: Bench) -> dict[str, dict[str, Any]]:
    """Every fact of the list with its value (null is unknown), where it comes from, and the reason stated."""
    return known_facts(submission, has_scores=None if bench.failure else bench.roles.has_scores)


def software() -> dict[str, str]:
    """Versions of Python and of every library that a number passes through."""
    return {"python": platform.python_version(), **{name: metadata.version(name) for name in SOFTWARE}}


def fingerprint() -> str:
    """The platform on which the bytes are the same again."""
    return f"{sys.platform}-{platform.machine()}-{platform.libc_ver()[0]}{platform.libc_ver()[1]}"


def not_tested(findings: Iterable[Finding], submission: Submission) -> tuple[NotTested, ...]:
    """What was not tested and why: items without their input, and what this version cannot measure."""
    listed = [
        NotTested.model_validate({"what": finding.item, "code": reason.code, "with": reason.with_})
        for finding in findings
        for reason in finding.reasons
        if reason.code in UNTESTED
    ]
    if submission.roles.task == "regression":
        listed.append(NotTested(what="fairness", code="needs_classification"))
    return tuple(one for place, one in enumerate(listed) if one not in listed[:place])


def _not_screened(checklist: Checklist, used: Used) -> tuple[NotTested, ...]:
    """That there is no screening to rely on, where the checklist speaks of facts that one would settle."""
    conditions = [one for item in checklist.items for one in (item.when, *item.escalate.values()) if one]
    named = (name for expression in conditions for name in facts_named(expression))
    if used.reason is None or not used.matters(named):
        return ()
    return (NotTested(what="screening", code=used.reason.code),)


def _plan(
    checklist: Checklist, submission: Submission, bench: Bench, truths: Mapping[str, bool | None]
) -> Mapping[str, tuple[Planned, ...]]:
    applicable = tuple(item for item in checklist.items if applies(item, truths))
    return plan(
        applicable,
        _available(submission, bench),
        declared=_declared(submission),
        confidence=checklist.decision.confidence,
    )


def _available(submission: Submission, bench: Bench) -> Available:
    return Available(
        roles=bench.roles,
        training=submission.training is not None,
        model=submission.model is not None,
        failure=bench.failure,
    )


def _declared(submission: Submission) -> Criterion | None:
    performance = submission.manifest.performance
    if performance is None:
        return None
    given = performance.model_dump(exclude_none=True, by_alias=True)
    return declared_level(given, where=submission.where("performance"))


def _finding(
    item: Item,
    given: Answered | None,
    truths: Mapping[str, bool | None],
    todo: Mapping[str, tuple[Planned, ...]],
    measured: Mapping[Call, tuple[Measurement, ...]],
) -> Finding:
    results = tuple(
        judge(one.criterion, _measurements(one, measured), lacking=one.lacking) for one in todo.get(item.id, ())
    )
    return finding(item, truths, results=results, answered=given)


def _measurements(one: Planned, measured: Mapping[Call, tuple[Measurement, ...]]) -> tuple[Measurement, ...]:
    return tuple(measurement for call in one.calls for measurement in measured[call])


def _subject(submission: Submission, bench: Bench, known: dict[str, dict[str, Any]], used: Used) -> Subject:
    manifest = submission.manifest
    return Subject(
        organisation=manifest.organisation.model_dump(mode="json", exclude_none=True),
        system=manifest.system.model_dump(mode="json", exclude_none=True),
        task=manifest.task,
        facts=known,
        model=bench.identity,
        screening=None if used.record is None else used.record.model_dump(mode="json"),
    )


def _identity(used: Checklist) -> ChecklistIdentity:
    return ChecklistIdentity(id=used.id, version=used.version, sha256=used.sha256, content=dict(used.content))


def _data_sets(submission: Submission) -> DataSets:
    training = submission.training
    return DataSets(evaluation=_data(submission.evaluation), training=None if training is None else _data(training))


def _data(file: DataFile) -> DataIdentity:
    return DataIdentity(
        path=file.path, sha256=file.sha256, rows=file.rows, origin=file.origin,
        columns=tuple(dict(column) for column in file.columns),
    )  # fmt: skip


def _papers(submission: Submission, used: Used) -> dict[str, Any]:
    papers: dict[str, Any] = {"path": submission.manifest_path.name, "sha256": submission.manifest_sha256}
    if submission.answers is not None:
        papers["answers"] = {"path": submission.answers.path, "sha256": submission.answers.sha256}
    if submission.population is not None:
        papers["population"] = {"path": submission.population.path, "sha256": submission.population.sha256}
    if used.files:
        papers["screening"] = [{"path": path, "sha256": sha256} for path, sha256 in used.files.items()]
    return papers


def _copy_papers(submission: Submission, used: Used, folder: Path) -> None:
    """Manifest, answers, screening and evidence files go into the case; model and data stand there by digest only."""
    folder.mkdir()
    digests = {submission.manifest_path.name: submission.manifest_sha256, **used.files}
    if submission.answers is not None:
        digests[submission.answers.path] = submission.answers.sha256
    handed_in = (submission.evaluation, submission.training, submission.model)
    by_digest = {(submission.folder / str(one.path)).resolve() for one in handed_in if one is not None}
    for path in dict.fromkeys((submission.manifest_path.name, *submission.papers(), *used.files)):
        file = submission.folder / path
        target = folder / _kept_under(path, file, submission.folder)
        if file.resolve() in by_digest:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
        if digest(target) != digests.get(path, digest(target)):
            raise SubmissionError("data_changed", "{where}: changed while it was read; start again", where=path)


def _kept_under(path: str, file: Path, submitted: Path) -> Path:
    # `../sub/x` may lead back into the submission; under the case it would lead out.
    plain = Path(path)
    if plain.is_absolute() or ".." in plain.parts:
        return file.resolve().relative_to(submitted.resolve())
    return plain
