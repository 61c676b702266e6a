"""Runs of the sealed plan: each in a process of its own, each kept, the discarded ones with their reason."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reliability.case import RECORD, read_case
from reliability.certification.bodies import Discarded, Surveilled, Tested
from reliability.certification.changing import surveilled
from reliability.certification.desk import Desk
from reliability.certification.drafting import Draft
from reliability.certification.events import Signer, digest
from reliability.certification.history import History
from reliability.certification.planning import Plan, differences, sealed
from reliability.certification.schemes import months_later
from reliability.errors import UsageError
from reliability.records import Assessment

ASSESSED = (0, 1, 3)  # exit statuses of an assessment that was done
OFF_PLAN = "off plan: {what}"


def refuse_untestable(desk: Desk, history: History, draft: Draft, *, surveillance: bool = False) -> Plan:
    """The plan to run; refused where there is none, the agreement was not accepted, or the submission is another."""
    if history.plan is None:
        raise UsageError(
            "plan_missing", "case {case} has no sealed plan; 'reliability certify plan' seals one", case=history.case
        )
    if not history.of("accepted"):
        raise UsageError(
            "agreement_not_accepted", "case {case}: the applicant has not accepted the agreement; 'certify accept'",
            case=history.case,
        )  # fmt: skip
    plan = sealed(desk, history.plan)
    different = differences(plan, draft)
    # Surveillance looks at new data, and at the model as it is now.
    if surveillance:
        different = tuple(name for name in different if name == "checklist")
    if different:
        raise UsageError(
            "run_off_plan", "case {case}: {what} are not as sealed; seal a deviation first, or hand in what was sealed",
            case=history.case, what=", ".join(different),
        )  # fmt: skip
    return plan


def assessed(plan: Plan, submission: Path, out: Path, *, options: Sequence[str] = ()) -> Assessment:
    """A run of the plan in a process without any key; UsageError `run_not_done` where it could not be made."""
    command = [
        sys.executable, "-m", "reliability", "assess", str(submission), "--checklist", plan.named,
        "--seed", str(plan.seed), "--out", str(out), *options,
    ]  # fmt: skip
    # Its progress and what is wrong are for the terminal; its result is told by ours.
    # S603: our own command.
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)  # noqa: S603
    if done.returncode not in ASSESSED:
        raise UsageError("run_not_done", "the run ended with {status}, as said above", status=done.returncode)
    return read_case(out)


def keep_run(desk: Desk, signer: Signer, history: History, case: Path, *, surveillance: bool = False) -> Tested:
    """Keep a run, whatever came out; one that is off plan is discarded by the same step."""
    assessment = read_case(case)
    content = (case / RECORD).read_bytes()
    plan_event = history.plan
    if plan_event is None:
        raise UsageError("plan_missing", "case {case} has no sealed plan; 'reliability certify plan' seals one",
                         case=history.case)  # fmt: skip
    body = Tested(
        run=len(history.of("tested")) + 1, plan=plan_event.body.plan, assessment=digest(content),
        outcome=assessment.outcome, surveillance=surveillance,
    )  # fmt: skip
    subjects = {"assessment": body.assessment, "plan": body.plan}
    desk.record(signer, "evaluator", body, history, subjects=subjects, files={body.assessment: content})
    different = _off_plan(sealed(desk, plan_event), assessment, surveillance=surveillance)
    if different:
        why = OFF_PLAN.format(what=", ".join(different))
        discard(desk, signer, desk.history(history.case), body.run, why)
    return body


def discard(desk: Desk, signer: Signer, history: History, run: int, why: str) -> None:
    """Have a run not count; UsageError `run_discarded` where it does not already."""
    tested = history.run(run)
    if run in history.discarded:
        raise UsageError("run_discarded", "run {run} of case {case} is discarded already", run=run, case=history.case)
    reviewed = [one for one in history.of("reviewed", "decided") if one.body.run == run]
    if reviewed:
        raise UsageError("run_reviewed", "run {run} of case {case} has been reviewed, and stands", run=run,
                         case=history.case)  # fmt: skip
    subjects = {"assessment": tested.body.assessment}
    desk.record(signer, "evaluator", Discarded(run=run, why=why), history, subjects=subjects)


def surveil(desk: Desk, signer: Signer, history: History, case: Path, *, number: str) -> Surveilled:
    """Keep a run of surveillance, and say what moved since the certificate was issued."""
    before = run_record(desk, history, history.issued.body.run) if history.issued else None
    tested = keep_run(desk, signer, history, case, surveillance=True)
    after = read_case(case)
    history = desk.history(history.case)
    within = before is not None and _model(before) == _model(after)
    months = desk.rules(history).text.surveillance_months
    body = Surveilled(
        number=number, run=tested.run, within_scope=within,
        moved=tuple(_moved(before, after)) if before else (),
        next_surveillance=months_later(desk.now.date(), months) if months and within else None,
    )  # fmt: skip
    subjects = {"assessment": tested.assessment}
    index = surveilled(desk, history, body)
    desk.record(signer, "evaluator", body, history, subjects=subjects, index=index)
    return body


def run_record(desk: Any, history: History, run: int) -> Assessment:
    """The record of a run, out of the register's files."""
    return Assessment.model_validate_json(desk.register.file(history.run(run).body.assessment))


def _off_plan(plan: Plan, assessment: Assessment, *, surveillance: bool) -> tuple[str, ...]:
    """What was not measured as it was sealed: the files could have changed after they were looked at."""
    draft, training = plan.draft, assessment.data.training
    pairs = {
        "checklist": (draft.checklist["sha256"], assessment.checklist.sha256),
        "seed": (plan.seed, assessment.seed),
    }
    if not surveillance:
        pairs |= {
            "model": (draft.model and draft.model["sha256"], _model(assessment)),
            "evaluation": (draft.evaluation["sha256"], assessment.data.evaluation.sha256),
            "training": (draft.training and draft.training["sha256"], training and training.sha256),
        }
    return tuple(name for name, (before, after) in pairs.items() if before != after)


def _model(assessment: Assessment) -> str | None:
    return assessment.subject.model.sha256 if assessment.subject.model else None


def _moved(before: Assessment, after: Assessment) -> list[dict[str, Any]]:
    verdicts = {finding.item: finding.verdict for finding in before.findings}
    return [
        {"item": one.item, "before": verdicts.get(one.item), "after": one.verdict}
        for one in after.findings
        if one.verdict != verdicts.get(one.item)
    ]
