"""The gates CRT-01 to CRT-06: what has to hold of the case itself before anything is granted."""

from collections.abc import Callable
from typing import Any

from reliability.certification.bodies import Obstacle
from reliability.certification.conduct import Found, not_planned_first, not_separate
from reliability.certification.desk import Desk
from reliability.certification.history import History
from reliability.certification.planning import Plan, sealed
from reliability.certification.schemes import Rules
from reliability.records import Assessment


def obstacles(desk: Desk, history: History, run: int, assessment: Assessment, rules: Rules) -> tuple[Obstacle, ...]:
    """The gates of the scheme that are not passed, each with its reasons."""
    planned = next(one for one in history.of("planned") if one.body.plan == history.run(run).body.plan)
    plan = sealed(desk, planned)
    found: dict[str, Callable[[], Found]] = {
        "CRT-01": lambda: _same_object(history, run, plan, assessment),
        "CRT-02": lambda: not_separate(history, run),
        "CRT-03": lambda: not_planned_first(history, run),
        "CRT-04": lambda: _independent_data(plan, assessment, rules),
        "CRT-05": lambda: _closed(history),
        "CRT-06": lambda: _accepted(history, rules),
    }
    told = (
        (gate, tuple({"code": code, "with": values} for code, values in found[gate]())) for gate in rules.text.gates
    )
    return tuple(Obstacle.model_validate({"gate": gate, "reasons": reasons}) for gate, reasons in told if reasons)


def _same_object(history: History, run: int, plan: Plan, assessment: Assessment) -> Found:
    model = assessment.subject.model.sha256 if assessment.subject.model else None
    met: dict[str, set[Any]] = {
        "model": {history.opened.model, plan.draft.model and plan.draft.model["sha256"], model},
        "checklist": {plan.draft.checklist["sha256"], assessment.checklist.sha256},
        "version": {history.opened.system.get("version"), assessment.subject.system.get("version")},
    }
    if not history.run(run).body.surveillance:
        met["evaluation"] = {plan.draft.evaluation["sha256"], assessment.data.evaluation.sha256}
    for what, digests in met.items():
        if len(digests) > 1:
            yield "object_differs", {"what": what}


def _independent_data(plan: Plan, assessment: Assessment, rules: Rules) -> Found:
    origin = assessment.data.evaluation.origin
    if origin not in rules.text.origins:
        yield "data_origin", {"by": origin}
    rows, planned = assessment.data.evaluation.rows, int(plan.draft.evaluation["rows"])
    if rows < planned:
        yield "fewer_rows_than_planned", {"n": rows, "needed": planned}


def _closed(history: History) -> Found:
    for _, one in history.open_nonconformities():
        if one.severity in ("critical", "major"):
            yield "nonconformity_open", {"what": one.id}
    for closing in history.of("closed"):
        for review in history.of("reviewed"):
            ids = {one.id for one in review.body.nonconformities}
            if closing.body.nonconformity in ids and review.event.actor.person == closing.event.actor.person:
                yield "closed_by_author", {"what": closing.body.nonconformity}


def _accepted(history: History, rules: Rules) -> Found:
    if not any(one.body.agreement == rules.agreement_sha256 for one in history.of("accepted")):
        yield "agreement_not_accepted", {}
