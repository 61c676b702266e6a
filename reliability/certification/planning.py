"""The plan: what is measured, against which limits, on which data, how many rows that takes; sealed before a run."""

import base64
from collections.abc import Callable
from typing import Any, Literal

from pydantic import ValidationError

from reliability.certification.bodies import Planned
from reliability.certification.desk import Desk
from reliability.certification.drafting import Draft
from reliability.certification.events import Kept, Signer, digest
from reliability.certification.history import History
from reliability.errors import RecordError, UsageError
from reliability.records import Record, canonical_json


class Plan(Record):
    """What an evaluator commits to before anything is run."""

    plan: Literal[1] = 1
    case: str
    draft: Draft
    named: str  # the checklist as it was named: a shipped one, or a file
    seed: int
    software: dict[str, str]
    platform: str


def seal(
    desk: Desk, signer: Signer, history: History, draft: Draft, *, named: str, seed: int, deviates: str | None = None,
    stamp: Callable[[str], bytes] | None = None,
) -> Plan:  # fmt: skip
    """Seal a plan; a later one is a deviation and says why. `stamp` has a digest stamped by a clock outside the hub.

    Raises
    ------
    UsageError
        `plan_other_object`, `plan_there` or `deviation_of_nothing`.
    """
    _refuse_other_object(history, draft)
    if history.plan is not None and deviates is None:
        raise UsageError(
            "plan_there",
            "case {case} has a sealed plan; give the reason for another with --deviates",
            case=history.case,
        )
    if history.plan is None and deviates is not None:
        raise UsageError("deviation_of_nothing", "case {case} has no plan to deviate from", case=history.case)
    from reliability.assess import fingerprint, software  # with it comes all that measures

    plan = Plan(
        case=history.case, draft=draft, named=named, seed=seed, software=software(), platform=fingerprint()
    )  # fmt: skip
    content = canonical_json(plan)
    token = stamp(digest(content)) if stamp else None
    body = Planned(
        plan=digest(content), token=base64.b64encode(token).decode() if token else None, deviates=deviates
    )  # fmt: skip
    desk.record(
        signer, "evaluator", body, history, subjects={"plan": body.plan}, files={body.plan: content}
    )  # fmt: skip
    return plan


def sealed(desk: Any, planned: Kept) -> Plan:
    """The plan that an event sealed, out of the register's files."""
    try:
        return Plan.model_validate_json(desk.register.file(planned.body.plan))
    except ValidationError as error:
        raise RecordError(
            "plan_unreadable", "the plan of case {case} cannot be read", case=planned.event.case
        ) from error


def differences(plan: Plan, draft: Draft) -> tuple[str, ...]:
    """What is not as it was sealed: `model`, `evaluation`, `training`, `checklist`."""
    pairs = {
        "model": (_digest(plan.draft.model), _digest(draft.model)),
        "evaluation": (_digest(plan.draft.evaluation), _digest(draft.evaluation)),
        "training": (_digest(plan.draft.training), _digest(draft.training)),
        "checklist": (_digest(plan.draft.checklist), _digest(draft.checklist)),
    }
    return tuple(name for name, (before, after) in pairs.items() if before != after)


def _digest(described: Any) -> Any:
    return None if described is None else described["sha256"]


def _refuse_other_object(history: History, draft: Draft) -> None:
    opened = history.opened
    met = {
        "organisation": (opened.organisation.get("name"), draft.organisation.get("name")),
        "system": (opened.system.get("name"), draft.system.get("name")),
        "version": (opened.system.get("version"), draft.system.get("version")),
        "model": (opened.model, _digest(draft.model)),
    }
    for what, (before, after) in met.items():
        if before != after:
            raise UsageError(
                "plan_other_object",
                "{what}: {after} in the submission, {before} in case {case}; another object is another case",
                what=what, after=after, before=before, case=history.case,
            )  # fmt: skip
