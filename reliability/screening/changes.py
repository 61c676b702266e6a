"""What would change the result: one answer changed at a time, everything worked out again."""

from collections.abc import Iterator, Mapping
from typing import Any

from reliability.records import canonical_json
from reliability.screening.conclusions import Conclusions, conclude
from reliability.screening.questions import UNKNOWN, Question
from reliability.screening.record import Becomes, Change, Truth, Value


def changes(now: Conclusions, stated: Mapping[str, Truth]) -> tuple[Change, ...]:
    """Every answer that would lead to another result, with the values that would and what they lead to."""
    return tuple(
        change
        for question in now.questions.text.questions
        if now.asked[question.id] is True
        for change in _changes_of(question, now, stated)
    )


def deciding_questions(now: Conclusions) -> frozenset[str]:
    """Questions that an open result rests on."""
    results, rules = now.questions.text.results, now.questions.text.facts.values()
    conditions = [one.when for of in (results.kr, results.eu, results.tier) for one in of]
    conditions += [one for rule in rules for one in (rule.yes, rule.no)]
    conditions += [branch.name for branch in now.questions.text.branches if branch.point]
    return frozenset(one for when in conditions if now.truth(when) is None for one in now.all_behind(when))


def _changes_of(question: Question, now: Conclusions, stated: Mapping[str, Truth]) -> Iterator[Change]:
    value = now.values.get(question.id)
    here = _becomes(now, now)
    led_to: dict[bytes, tuple[Becomes, list[Value]]] = {}
    for instead in _others(question, value):
        there = _becomes(conclude(now.questions, {**now.values, question.id: instead}, stated), now)
        if there != here:
            led_to.setdefault(canonical_json(there), (there, []))[1].append(instead)
    for becomes, values in led_to.values():
        yield Change(
            question=question.id, value=UNKNOWN if value is None else value, instead=tuple(values), becomes=becomes
        )


def _becomes(then: Conclusions, now: Conclusions) -> Becomes:
    before = {**now.points("kr"), **now.points("eu")}
    after = {**then.points("kr"), **then.points("eu")}
    return Becomes(
        kr=then.kr.status,
        eu=then.eu.status,
        tier=then.tier.status,
        kr_high_impact=then.facts["kr_high_impact"],
        fully_automated_serious_effect=then.facts["fully_automated_serious_effect"],
        points={name: value for name, value in after.items() if value is not before[name]},
    )


def _others(question: Question, value: Any) -> Iterator[Value]:
    """Other answers to a question: every other value, one choice more or less, the least of every other range."""
    match question.kind:
        case "yes_no":
            yield from (one for one in (True, False) if one is not value)
        case "choice":
            yield from (choice.id for choice in question.choices if choice.id != value)
        case "list":
            yield from _other_lists(question, value or ())
        case "number":
            yield from _other_ranges(question, value)


def _other_lists(question: Question, value: tuple[str, ...]) -> Iterator[Value]:
    alone = question.alone()
    for choice in question.choices:
        kept = {one for one in value if one not in alone and choice.id not in alone}
        chosen = kept ^ {choice.id} if choice.id in kept else kept | {choice.id}
        together = tuple(one.id for one in question.choices if one.id in chosen)
        if together and together != value:
            yield together


def _other_ranges(question: Question, value: float | None) -> Iterator[Value]:
    starts = [0, *sorted(question.at_least.values())]
    within = None if value is None else max(start for start in starts if start <= value)
    yield from (start for start in starts if start != within)
