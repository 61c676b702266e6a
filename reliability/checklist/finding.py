"""Findings: one item with its verdict, from its criteria or from its answer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reliability import facts
from reliability.checklist.judge import because, distinct, without_number, worst
from reliability.checklist.read import Item
from reliability.checklist.resolve import SEVERITIES
from reliability.checklist.written import Answers
from reliability.facts import Truth
from reliability.records import Answer, CriterionResult, Finding, Reason, Severity, Verdict

_ANSWERED: Mapping[str, Verdict] = {
    "met": "pass",
    "partly": "conditional_fail",
    "not_met": "fail",
    "not_applicable": "not_applicable",
}


@dataclass(frozen=True, kw_only=True)
class Answered:
    """An answer, with what became of it.

    `other_question` says that it was given to another checklist or version. The rest names the evidence files
    that cannot be relied on: not there, not what the answer says they are, too large or of a kind that is not
    taken, past the day by which they were to be renewed.
    """

    answer: Answer
    other_question: bool = False
    missing: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    too_large: tuple[str, ...] = ()
    other_kind: tuple[str, ...] = ()
    expired: tuple[str, ...] = ()


def finding(
    item: Item,
    known: Mapping[str, Truth],
    *,
    results: Sequence[CriterionResult] = (),
    answered: Answered | None = None,
) -> Finding:
    """The finding on one item, by the facts known, the results of its criteria or its answer."""
    severity, doubts = escalated(item, known)
    answer = None if answered is None else answered.answer
    if not applies(item, known):
        why = tuple(_not_applicable(item, known))
        return Finding(item=item.id, severity=severity, verdict="not_applicable", reasons=why, answer=answer)
    if item.ask is not None:
        verdict, reasons = _asked(item.answers or Answers(), answered)
        return Finding(
            item=item.id, severity=severity, verdict=verdict, reasons=distinct([*reasons, *doubts]), answer=answer
        )
    if len(results) != len(item.criteria):
        raise ValueError(f"{item.id} has {len(item.criteria)} criteria, {len(results)} results were given")
    return Finding(
        item=item.id,
        severity=severity,
        verdict=worst(result.verdict for result in results),
        reasons=distinct(
            [*(reason for result in results for reason in result.reasons), *_unknown(item, known), *doubts]
        ),
        criteria=tuple(results),
    )


def applies(item: Item, known: Mapping[str, Truth]) -> bool:
    """Whether the item applies: unless its condition is known to be false."""
    return item.when is None or facts.evaluate(item.when, known) is not False


def escalated(item: Item, known: Mapping[str, Truth]) -> tuple[Severity, tuple[Reason, ...]]:
    """The item's severity under these facts, and the reasons why a higher one stays open."""
    values = {severity: facts.evaluate(expression, known) for severity, expression in item.escalate.items()}
    raised = max([item.severity, *(one for one, value in values.items() if value)], key=SEVERITIES.index)
    doubts = tuple(
        because("escalation_unknown", to=severity, facts=list(facts.deciding(item.escalate[severity], known)))
        for severity, value in values.items()
        if value is None and SEVERITIES.index(severity) > SEVERITIES.index(raised)
    )
    return raised, doubts


def _unknown(item: Item, known: Mapping[str, Truth]) -> Iterator[Reason]:
    """That an item is applied because nobody knows whether it applies; an item that is asked says so beside it."""
    if item.when is not None and facts.evaluate(item.when, known) is None:
        yield because("applied_unknown", when=item.when, facts=list(facts.deciding(item.when, known)))


def _not_applicable(item: Item, known: Mapping[str, Truth]) -> Iterator[Reason]:
    expression = item.when or ""
    decisive = facts.deciding(expression, known)
    stated = [name for name in decisive if facts.FACTS[name].origin == "stated"]
    derived = [name for name in decisive if name not in stated]
    for code, names in (("fact_false", stated), ("not_derivable", derived)):
        if names:
            yield because(code, when=expression, facts=names)


def _asked(needed: Answers, answered: Answered | None) -> tuple[Verdict, list[Reason]]:
    reason = _unusable(answered)
    if answered is None or reason is not None:
        return without_number(reason), [reason] if reason else []
    reasons = list(_unsupported(needed, answered)) if answered.answer.answer in {"met", "partly"} else []
    return ("not_assessed" if reasons else _ANSWERED[answered.answer.answer]), reasons


def _unusable(answered: Answered | None) -> Reason | None:
    if answered is None:
        return Reason(code="answer_missing")
    if answered.other_question:
        return Reason(code="question_changed")
    if answered.answer.answer == "not_applicable" and not (answered.answer.note or "").strip():
        return Reason(code="answer_missing")
    return None


def _unsupported(needed: Answers, answered: Answered) -> Iterator[Reason]:
    """Why a favourable answer cannot be relied on; evidence that is named must stand, even where it is optional."""
    answer = answered.answer
    yield from faults(answered)
    if needed.evidence == "required" and not answer.evidence:
        yield because("evidence_missing", paths=[])
    if needed.checked_by == "required" and not checked_by_other(answer):
        yield Reason(code="not_checked_by_other")


def faults(answered: Answered) -> Iterator[Reason]:
    """What is wrong with the evidence that an answer names."""
    for code, paths in (
        ("evidence_missing", answered.missing),
        ("evidence_changed", answered.changed),
        ("evidence_too_large", answered.too_large),
        ("evidence_kind", answered.other_kind),
        ("evidence_expired", answered.expired),
    ):
        if paths:
            yield because(code, paths=list(paths))


def checked_by_other(answer: Answer) -> bool:
    """Whether somebody else than the one who answered checked the answer."""
    by, checker = ((name or "").strip().casefold() for name in (answer.by, answer.checked_by))
    return bool(by) and bool(checker) and by != checker
