"""How a case was led, as its events alone tell: what a gate asks of it before a grant, and `verify` years later."""

from collections.abc import Iterator
from typing import Any, TypeAlias

from reliability.certification.bodies import Role
from reliability.certification.history import History

Found: TypeAlias = Iterator[tuple[str, dict[str, Any]]]
_JUDGING: tuple[Role, ...] = ("evaluator", "reviewer", "decider")


def not_separate(history: History, run: int) -> Found:
    """What is wrong with who did which part: measured and judged by the same, or without a declaration."""
    evaluators = {history.run(run).event.actor.person, *history.assigned("evaluator")}
    parts: tuple[tuple[Role, str], ...] = (("reviewer", "reviewed"), ("decider", "decided"))
    for role, kind in parts:
        if evaluators & (history.acted(kind) | set(history.assigned(role))):
            yield "roles_not_separate", {"role": role}
    declared = {(one.event.actor.person, one.body.role) for one in history.of("declared")}
    for role in _JUDGING:
        missing = [name for name in history.assigned(role) if (name, role) not in declared]
        if missing:
            yield "declaration_missing", {"role": role, "n": len(missing)}


def not_planned_first(history: History, run: int) -> Found:
    """What is wrong with the order of plan and run, or with a later change of the plan."""
    tested, first = history.run(run), history.of("tested")[0]
    sealed = next((one for one in history.of("planned") if one.body.plan == tested.body.plan), None)
    ever = any(one.row.sequence < first.row.sequence for one in history.of("planned"))
    if sealed is None or not ever or sealed.row.sequence > tested.row.sequence or sealed.event.at > tested.event.at:
        yield "plan_after_run", {"run": run}
    if any(one.body.deviates is None for one in history.of("planned")[1:]):
        yield "deviation_unrecorded", {}
