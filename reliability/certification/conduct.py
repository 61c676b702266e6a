"""How a case was led, as its events alone tell: what a gate asks of it before a grant, and `verify` years later."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, TypeAlias

from reliability.certification.bodies import Decided, Issued, Role
from reliability.certification.events import Kept
from reliability.certification.history import History
from reliability.certification.naming import compared, compared_organisation

Found: TypeAlias = Iterator[tuple[str, dict[str, Any]]]
# Which outcomes allow which decision.
OUTCOMES: Mapping[Decided, tuple[str, ...]] = MappingProxyType({
    "grant": ("conforms",), "conditional": ("conforms_with_conditions",),
    "renew": ("conforms", "conforms_with_conditions"),
})  # fmt: skip
_JUDGING: tuple[Role, ...] = ("evaluator", "reviewer", "decider")
_MEASURING = ("planned", "tested", "discarded", "surveilled")


def not_separate(history: History, run: int) -> Found:
    """What is wrong with who did which part: measured and judged by the same, or without a declaration."""
    evaluators = {history.run(run).event.actor.person, *history.assigned("evaluator")}
    measuring = _hands(history.of(*_MEASURING))
    parts: tuple[tuple[Role, str], ...] = (("reviewer", "reviewed"), ("decider", "decided"))
    for role, kind in parts:
        same = evaluators & (history.acted(kind) | set(history.assigned(role)))
        if same or measuring & _hands(history.of(kind)):
            yield "roles_not_separate", {"role": role}
    declared = {(one.event.actor.person, one.body.role) for one in history.of("declared")}
    for role in _JUDGING:
        missing = [name for name in history.assigned(role) if (name, role) not in declared]
        if missing:
            yield "declaration_missing", {"role": role, "n": len(missing)}
    yield from _unentitled(history)


def not_planned_first(history: History, run: int) -> Found:
    """What is wrong with the order of plan and run, or with a later change of the plan."""
    tested, first = history.run(run), history.of("tested")[0]
    sealed = next((one for one in history.of("planned") if one.body.plan == tested.body.plan), None)
    ever = any(one.row.sequence < first.row.sequence for one in history.of("planned"))
    if sealed is None or not ever or sealed.row.sequence > tested.row.sequence or sealed.event.at > tested.event.at:
        yield "plan_after_run", {"run": run}
    if any(one.body.deviates is None for one in history.of("planned")[1:]):
        yield "deviation_unrecorded", {}


def not_granted(history: History, issue: Kept) -> Found:
    """What is wrong with the decision that a certificate rests on, by all that had happened until it was issued."""
    body: Issued = issue.body
    before = _until(history, issue)
    decided = before.decision
    if decided is None or decided.body.decision not in OUTCOMES:
        yield "decision_missing_at_issue", {}
        return
    if (decided.row.event, decided.body.run) != (body.decision, body.run):
        yield "decision_missing_at_issue", {}
    if not _follows(before, body, decided.body.decision):
        yield "edition_unfounded", {}
    yield from _unearned(_until(history, decided), decided)


def _follows(before: History, body: Issued, decision: Decided) -> bool:
    """Whether it is a first edition upon a grant, or the next one upon a renewal of what was in force."""
    earlier = before.issued
    if earlier is None:
        return decision in ("grant", "conditional") and body.revision == 1
    last: Issued = earlier.body
    next_one = (body.number, body.revision) == (last.number, last.revision + 1)
    return next_one and decision == "renew" and before.status == "active" and last.decision != body.decision


def not_in_terms(history: History, issue: Kept, last: date) -> Found:
    """What is wrong with the days of a certificate, by the last one that its scheme gives what is issued that day."""
    body: Issued = issue.body
    first = _until(history, issue).issued
    granted = first.body.granted if first is not None else issue.event.at.date()
    if body.granted != granted or body.expires > last:
        yield "term_other", {"granted": body.granted, "expires": body.expires}


def _unearned(before: History, decided: Kept) -> Found:
    run, decision = decided.body.run, decided.body.decision
    standing = before.standing
    if not before.of("accepted"):
        yield "agreement_missing_at_decision", {}
    if standing is None or standing.body.run != run:
        yield "run_not_standing", {"run": run}
    elif standing.body.outcome not in OUTCOMES.get(decision, ()):
        yield "outcome_unfit", {"run": run}
    if not any(one.body.run == run for one in before.of("reviewed")):
        yield "decision_missing_at_issue", {}


def _unentitled(history: History) -> Found:
    """Who took a part that they were not given, had not declared themselves free for, or must not take."""
    declared: set[tuple[str, Role]] = set()
    for one in history.events:
        actor = one.event.actor
        if one.kind == "declared":
            declared.add((actor.person, one.body.role))
        if one.kind == "heard":  # by somebody who had no part
            continue
        if actor.person not in history.assigned(actor.role):
            yield "part_not_given", {"role": actor.role}
        elif actor.role in _JUDGING and (actor.person, actor.role) not in declared:
            yield "declared_late", {"role": actor.role}
    yield from _partial(history)


def _partial(history: History) -> Found:
    """Whether somebody of the applicant, or who advised on the product, took a part in judging it."""
    opened = history.opened
    theirs = {compared_organisation(str(opened.organisation[key])) for key in ("name", "registration")
              if opened.organisation.get(key)}  # fmt: skip
    applicants, advised = set(history.assigned("applicant")), {compared(one.person) for one in opened.engagements}
    for one in history.events:
        actor = one.event.actor
        if actor.role == "applicant":
            continue
        if actor.person in applicants or compared_organisation(actor.employer) in theirs:
            yield "applicant_took_part", {"role": actor.role}
        if actor.role in _JUDGING and {compared(actor.person), compared(actor.name)} & advised:
            yield "consultant_took_part", {"role": actor.role}


def _hands(events: Iterable[Kept]) -> set[tuple[str, ...]]:
    """By which people are told apart besides the roster's names for them: their keys, and who they say they are."""
    actors = [(one.row.entry.actor, one.event.actor) for one in events]
    keys = {(key,) for key, _ in actors}
    return keys | {(compared(actor.name), compared_organisation(actor.employer)) for _, actor in actors}


def _until(history: History, event: Kept) -> History:
    """A case as it stood before one of its events."""
    earlier = tuple(one for one in history.events if one.row.sequence < event.row.sequence)
    return History(case=history.case, events=earlier)
