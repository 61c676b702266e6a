"""Review, decision and appeal: by other people than those who measured, each with their reasons."""

from collections.abc import Sequence
from datetime import timedelta

from reliability.certifiable import obstacles
from reliability.certification import gates
from reliability.certification.bodies import (
    Appealed,
    Closed,
    Condition,
    Decided,
    Decision,
    Heard,
    Hindrance,
    Nonconformity,
    Obstacle,
    Reviewed,
    Role,
)
from reliability.certification.conduct import OUTCOMES
from reliability.certification.desk import Desk
from reliability.certification.events import Signer, digest
from reliability.certification.history import History
from reliability.certification.people import refuse_involved
from reliability.certification.testing import run_record
from reliability.errors import UsageError
from reliability.records import Assessment

OPEN = frozenset({"conditional_pass", "conditional_fail", "inconclusive", "not_assessed", "fail", "error"})


def review(
    desk: Desk, signer: Signer, history: History, run: int, recommends: Decided, note: str,
    nonconformities: Sequence[tuple[str, str, str]] = (),
) -> Reviewed:  # fmt: skip
    """Review a run; nonconformities as (item, severity, text), numbered through the case."""
    _refuse_discarded(history, run)
    first = 1 + sum(len(one.body.nonconformities) for one in history.of("reviewed"))
    listed = tuple(
        Nonconformity.model_validate({"id": f"NC-{number}", "item": item, "severity": severity, "text": text})
        for number, (item, severity, text) in enumerate(nonconformities, start=first)
    )
    body = Reviewed(run=run, recommends=recommends, note=note, nonconformities=listed)
    subjects = {"assessment": history.run(run).body.assessment}
    desk.record(signer, "reviewer", body, history, subjects=subjects)
    return body


def close(
    desk: Desk, signer: Signer, history: History, nonconformity: str, note: str, evidence: bytes | None = None
) -> None:
    """Close a nonconformity; whoever found it cannot."""
    found = {one.id: review for review, one in history.open_nonconformities()}
    if nonconformity not in found:
        raise UsageError(
            "nonconformity_unknown", "case {case}: no open nonconformity {met}; open are {known}", case=history.case,
            met=nonconformity, known=", ".join(found) or "-",
        )  # fmt: skip
    if found[nonconformity].event.actor.person == signer.person.person:
        raise UsageError(
            "closed_by_author", "{person}: found {nonconformity}, and cannot close it", person=signer.person.person,
            nonconformity=nonconformity,
        )  # fmt: skip
    role: Role = "evaluator" if signer.person.person in history.assigned("evaluator") else "reviewer"
    kept = {digest(evidence): evidence} if evidence else {}
    body = Closed(nonconformity=nonconformity, note=note, evidence=next(iter(kept), None))
    subjects = {"evidence": body.evidence} if body.evidence else {}
    desk.record(signer, role, body, history, subjects=subjects, files=kept)


def decide(
    desk: Desk, signer: Signer, history: History, decision: Decided, reasons: Sequence[str],
    conditions: Sequence[Condition] = (), *, run: int | None = None,
) -> Decision:  # fmt: skip
    """Decide on the run that stands.

    Raises
    ------
    UsageError
        If the decision is not one that the outcome, the review and the gates allow: which, and why.
    """
    standing = history.standing if run is None else history.run(run)
    if standing is None:
        raise UsageError("run_unknown", "case {case}: no run {run}; there is {known}", case=history.case, run="-",
                         known="none")  # fmt: skip
    run = standing.body.run
    _refuse_discarded(history, run)
    if not any(one.body.run == run for one in history.of("reviewed")):
        raise UsageError("review_missing", "run {run} of case {case} has not been reviewed", run=run, case=history.case)
    assessment = run_record(desk, history, run)
    if decision != "renew":  # which is founded on a run of its own
        _refuse_decided(history, run)
    if decision in OUTCOMES:
        _refuse_other_run(history, run)
        _refuse_unearned(desk, history, decision, run, assessment)
        _refuse_undated(desk, history, assessment, conditions)
    elif not reasons:
        raise UsageError("reasons_missing", "a decision to {decision} names its reasons", decision=decision)
    body = Decision(run=run, decision=decision, reasons=tuple(reasons), conditions=tuple(conditions))
    desk.record(signer, "decider", body, history, subjects={"assessment": standing.body.assessment})
    return body


def appeal(desk: Desk, signer: Signer, history: History, grounds: str) -> None:
    """Appeal, as the applicant, against the decision that stands."""
    if history.decision is None:
        raise UsageError("decision_missing", "case {case}: nothing has been decided", case=history.case)
    event = history.decision.row.event
    if any(one.body.decision == event for one in history.of("appealed")):
        raise UsageError("appealed_already", "case {case}: this decision was appealed against", case=history.case)
    desk.record(signer, "applicant", Appealed(decision=event, grounds=grounds), history, subjects={"decision": event})


def hear(desk: Desk, signer: Signer, history: History, *, upheld: bool, reasons: Sequence[str]) -> None:
    """Decide on an appeal, as somebody who had no part in the case."""
    refuse_involved(history, signer.person)
    heard = {one.body.appeal for one in history.of("heard")}
    waiting = [one for one in history.of("appealed") if one.row.event not in heard]
    if not waiting:
        raise UsageError("appeal_missing", "case {case}: no appeal is waiting", case=history.case)
    if not reasons:
        raise UsageError("reasons_missing", "a decision to {decision} names its reasons", decision="hear")
    appealed = waiting[-1].row.event
    body = Heard(appeal=appealed, upheld=upheld, reasons=tuple(reasons))
    desk.take_in(signer, "decider", body, history, subjects={"appeal": appealed})


def hindrances(desk: Desk, history: History, run: int, assessment: Assessment) -> tuple[Obstacle, ...]:
    """Everything that keeps a run from being granted, its outcome apart."""
    rules = desk.rules(history)
    own = tuple(Hindrance(code=one.code, **{"with": one.with_}) for one in obstacles(assessment))
    unfit = (Obstacle(gate="assessment", reasons=own),) if own else ()
    return (*unfit, *gates.obstacles(desk, history, run, assessment, rules))


def refuse_hindered(desk: Desk, history: History, run: int, assessment: Assessment) -> None:
    """Go no further with a run that cannot be granted.

    Raises
    ------
    UsageError
        With every gate that is not passed; the terminal words the reasons.
    """
    found = hindrances(desk, history, run, assessment)
    if found:
        told = "; ".join(f"{one.gate} ({', '.join(reason.code for reason in one.reasons)})" for one in found)
        raise UsageError("gates_not_passed", "run {run} of case {case}: {told}", run=run, case=history.case, told=told,
                         hindrances=found)  # fmt: skip


def _refuse_unearned(desk: Desk, history: History, decision: Decided, run: int, assessment: Assessment) -> None:
    if assessment.outcome not in OUTCOMES[decision]:
        raise UsageError(
            "decision_unearned", "run {run}: {outcome}; that allows no decision to {decision}", run=run,
            outcome=assessment.outcome, decision=decision,
        )  # fmt: skip
    if decision == "conditional" and not desk.rules(history).text.conditional:
        raise UsageError("scheme_unconditional", "the scheme of case {case} grants nothing on conditions",
                         case=history.case)  # fmt: skip
    if decision == "renew":
        _refuse_unsurveilled(history, run)
    refuse_hindered(desk, history, run, assessment)


def _refuse_unsurveilled(history: History, run: int) -> None:
    found = history.latest("surveilled")
    if history.status != "active" or found is None or found.body.run != run or not found.body.within_scope:
        raise UsageError(
            "renewal_unfounded", "case {case}: run {run} is no surveillance of the certified model in force",
            case=history.case, run=run,
        )  # fmt: skip


def _refuse_undated(desk: Desk, history: History, assessment: Assessment, conditions: Sequence[Condition]) -> None:
    """Refuse open items without a day to close them by, days too far off, and conditions on nothing."""
    still_open = {one.item for one in assessment.findings if one.verdict in OPEN}
    named = {one.item for one in conditions}
    if still_open != named:
        raise UsageError(
            "conditions_differ", "conditions: open are {open}, named are {named}; each open item needs one",
            open=", ".join(sorted(still_open)) or "-", named=", ".join(sorted(named)) or "-",
        )  # fmt: skip
    today = desk.now.date()
    last = today + timedelta(days=desk.rules(history).text.condition_days)
    for one in conditions:
        if not today < one.due <= last:
            raise UsageError(
                "condition_day", "{item}: {due} is not a day after {today} and up to {last}", item=one.item,
                due=one.due, today=today, last=last,
            )  # fmt: skip


def _refuse_decided(history: History, run: int) -> None:
    """Refuse to decide anew on a run of which a decision stands; only what was sent back is decided again."""
    found = next((one for one in reversed(history.of("decided")) if one.body.run == run), None)
    if found is None or found.body.decision == "return" or history.overturned(found):
        return
    raise UsageError(
        "decided_already", "run {run} of case {case}: decided ({decision}); it stands unless an appeal is upheld",
        run=run, case=history.case, decision=found.body.decision,
    )  # fmt: skip


def _refuse_other_run(history: History, run: int) -> None:
    """Refuse to grant on a run after which another one counts."""
    standing = history.standing
    if standing is not None and standing.body.run != run:
        raise UsageError(
            "run_not_last", "run {run} of case {case} is not the last that counts, which is {last}", run=run,
            case=history.case, last=standing.body.run,
        )  # fmt: skip


def _refuse_discarded(history: History, run: int) -> None:
    history.run(run)
    if run in history.discarded:
        raise UsageError("run_discarded", "run {run} of case {case} is discarded already", run=run, case=history.case)
