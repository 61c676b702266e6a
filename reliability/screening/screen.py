"""Screens a submission: from its answers to the record."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Literal

from reliability.screening.changes import changes, deciding_questions
from reliability.screening.conclusions import Conclusions, conclude
from reliability.screening.inputs import Inputs
from reliability.screening.questions import SOMETHING_OPEN, UNKNOWN, Branch, DutyText, Recommended, Said
from reliability.screening.record import (
    AnswerGiven,
    Duty,
    EuResult,
    HubResult,
    InputDigest,
    KrResult,
    OpenQuestion,
    QuestionsUsed,
    Screening,
    ScreeningFacts,
    Step,
    ToConfirm,
    Truth,
)


def screen(inputs: Inputs, *, date: str) -> Screening:
    """The record of the screening; the same inputs and the same day give the same bytes."""
    found = conclude(inputs.questions, inputs.answers.values, inputs.stated)
    text, system = inputs.questions.text, inputs.manifest.system
    left_open = tuple(_open(inputs, found))
    found = replace(found, world={**found.world, SOMETHING_OPEN: any(one.decides for one in left_open)})
    return Screening(
        questions=QuestionsUsed(version=text.version, dated=text.dated, sha256=inputs.questions.sha256),
        digest=InputDigest(sha256=inputs.digest, system_version=system.version),
        date=date,
        organisation={"name": inputs.manifest.organisation.name},
        system={"name": system.name, "version": system.version, "purpose": system.purpose},
        answers=tuple(_answers(inputs, found)),
        open=left_open,
        kr=KrResult(**vars(found.kr), because=found.reasons(text.results.kr, found.kr), points=found.points("kr")),
        eu=EuResult(**vars(found.eu), because=found.reasons(text.results.eu, found.eu), points=found.points("eu")),
        hub=_hub(found),
        facts=ScreeningFacts.model_validate(dict(found.facts)),
        steps=tuple(_step(branch, found) for branch in text.branches),
        duties=tuple(_duties(found, date)),
        confirm=tuple(_confirm(found)),
        changes=changes(found, inputs.stated),
        actions=_said(text.actions, found),
        triggers=_said(text.triggers, found),
        cautions=_said(text.cautions, found),
    )


def _answers(inputs: Inputs, found: Conclusions) -> Iterator[AnswerGiven]:
    """Every question that is asked, with its answer."""
    for question in inputs.questions.text.questions:
        given = inputs.answers.given.get(question.id)
        if found.asked[question.id] is False or (found.asked[question.id] is None and given is None):
            continue
        if given is None:
            yield AnswerGiven(question=question.id, value=UNKNOWN)
        else:
            value = found.values.get(question.id, UNKNOWN)
            yield AnswerGiven(question=question.id, value=value, **given.model_dump(exclude={"value", "version"}))


def _open(inputs: Inputs, found: Conclusions) -> Iterator[OpenQuestion]:
    decide = deciding_questions(found)
    for question in inputs.questions.text.questions:
        if found.asked[question.id] is True and question.id not in found.values:
            yield OpenQuestion(question=question.id, code=_why_open(inputs, question.id), decides=question.id in decide)


def _why_open(inputs: Inputs, question: str) -> Literal["unanswered", "unknown", "question_changed"]:
    if question in inputs.answers.outdated:
        return "question_changed"
    return "unknown" if question in inputs.answers.given else "unanswered"


def _hub(found: Conclusions) -> HubResult:
    recommends = found.questions.text.recommends
    return HubResult(
        tier=found.tier.status,
        possible=found.tier.possible,
        because=found.reasons(found.questions.text.results.tier, found.tier),
        served=found.truth(recommends.served),
        checklists=tuple(one.name for one in recommends.checklists if _stands(one, found)),
        second_reviewer=found.truth(recommends.second_reviewer),
    )


def _stands(entry: Recommended | Said, found: Conclusions) -> bool:
    """Whether an entry is to be said: its condition holds, or what would leave it out does not."""
    wanted = entry.when is None or found.truth(entry.when) is True
    return wanted and (entry.unless is None or found.truth(entry.unless) is not True)


def _said(entries: Iterable[Said], found: Conclusions) -> tuple[str, ...]:
    return tuple(entry.id for entry in entries if _stands(entry, found))


def _step(branch: Branch, found: Conclusions) -> Step:
    names = found.names_behind(branch.is_)
    ids = {one.name: one.id for one in found.questions.text.branches}
    return Step(
        branch=branch.id,
        law=branch.law,
        met=found.world[branch.name],
        answers=found.answers_behind(names),
        branches=tuple(ids[name] for name in names if name in ids),
        articles=branch.references,
    )


def _duties(found: Conclusions, date: str) -> Iterator[Duty]:
    for duty in found.questions.text.duties:
        applies = _applies(duty, found)
        if applies is not False:
            yield Duty(
                duty=duty.id, law=duty.law, applies=applies, force=duty.force, since=duty.since,
                in_force=duty.since is None or duty.since <= date, articles=duty.references,
            )  # fmt: skip


def _applies(duty: DutyText, found: Conclusions) -> Truth:
    applies = found.truth(duty.when)
    if applies is False and duty.unsure is not None and found.truth(duty.unsure) is not False:
        return None
    return applies


def _confirm(found: Conclusions) -> Iterator[ToConfirm]:
    for one in found.questions.text.confirm:
        if _stands(one, found):
            behind = found.all_behind(one.when) if one.when else ()
            yield ToConfirm(confirm=one.id, answers=behind, articles=one.references)
