"""What a checklist asks of a submission: the questions that apply, and how each of them stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from reliability import facts
from reliability.checklist.answered import troubles
from reliability.checklist.finding import applies, escalated
from reliability.checklist.read import Checklist, Item, Wording
from reliability.facts import Truth
from reliability.records import Answer, Reason, Severity
from reliability.screening.used import used_screening, with_screening
from reliability.submission.answers import AnswerSheet, Draft
from reliability.submission.known_facts import known_facts
from reliability.submission.read import Submission

# new: nobody answered · question_changed: answered, to another version's question · orphaned: answered, no longer asked
State: TypeAlias = Literal["new", "answered", "question_changed", "orphaned"]


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question that applies, with all that stands beside it; wordings are {"ko": …, "en": …}.

    `when` is the condition under which it is asked (None: always) and `facts` what decides it: true, or
    None where nobody knows. `severity` is the one under the facts known.
    """

    item: str
    section: str
    section_title: Wording
    title: Wording
    requirement: Wording
    ask: Wording
    evidence: Wording
    references: tuple[str, ...]
    severity: Severity
    evidence_required: bool
    checked_by_required: bool
    when: str | None
    facts: Mapping[str, Truth]


@dataclass(frozen=True, kw_only=True)
class Questionnaire:
    """The questions of one version of a checklist in its order, and what was answered so far.

    Attributes
    ----------
    checklist, version, title
        The checklist that asks.
    questions : tuple of Question
        Only what applies; a question whose condition is unknown is asked.
    answers : mapping of item to Answer
        Every answer in the file: of questions and of items that are no longer asked (orphaned), in file order.
    drafts : mapping of item to Draft
        Entries whose `answer` was left empty while other words stand in them; they count as not answered.
    states : mapping of item to State
        Of every question in order, then of every orphaned answer.
    troubles : mapping of item to reasons
        What is wrong with the evidence that an answer names; items without trouble are not in it.
    """

    checklist: str
    version: str
    title: Wording
    questions: tuple[Question, ...]
    answers: Mapping[str, Answer]
    drafts: Mapping[str, Draft]
    states: Mapping[str, State]
    troubles: Mapping[str, tuple[Reason, ...]]

    def question(self, item: str) -> Question:
        """The question of that item; a KeyError where none is asked."""
        return {one.item: one for one in self.questions}[item]

    def items(self, state: State) -> tuple[str, ...]:
        """Items in that state, in order."""
        return tuple(item for item, one in self.states.items() if one == state)


def questionnaire(submission: Submission, checklist: Checklist, *, on: date) -> Questionnaire:
    """The questionnaire of a submission as it stands on a day (renewal dates of evidence are held to it)."""
    return asked(checklist, truths(submission), submission.answers, on=on)


def truths(submission: Submission) -> dict[str, Truth]:
    """What is known of every fact before anything was run: stated, derived, or settled by a screening that holds."""
    has_scores = submission.roles.has_scores if submission.model is None else None
    known = with_screening(known_facts(submission, has_scores=has_scores), used_screening(submission))
    return {name: fact["value"] for name, fact in known.items()}


def asked(checklist: Checklist, known: Mapping[str, Truth], sheet: AnswerSheet | None, *, on: date) -> Questionnaire:
    """The questionnaire by what is known, with the answers of a sheet (None: there is none yet)."""
    titles = {section["id"]: section["title"] for section in checklist.content["sections"]}
    questions = tuple(
        _question(item, titles[item.section], known)
        for item in checklist.items
        if item.ask is not None and applies(item, known)
    )
    answers = {} if sheet is None else sheet.items
    states: dict[str, State] = {one.item: _state(one.item, checklist, sheet) for one in questions}
    states |= dict.fromkeys((item for item in answers if item not in states), "orphaned")
    found = {} if sheet is None else {item: troubles(sheet, item, on=on) for item in answers}
    return Questionnaire(
        checklist=checklist.id,
        version=checklist.version,
        title=checklist.title,
        questions=questions,
        answers=answers,
        drafts={} if sheet is None else sheet.drafts,
        states=states,
        troubles={item: reasons for item, reasons in found.items() if reasons},
    )


def _question(item: Item, section_title: Wording, known: Mapping[str, Truth]) -> Question:
    assert item.ask is not None and item.evidence is not None and item.answers is not None  # noqa: S101, PT018  (read refuses less)
    return Question(
        item=item.id,
        section=item.section,
        section_title=section_title,
        title=item.title or item.requirement,
        requirement=item.requirement,
        ask=item.ask,
        evidence=item.evidence,
        references=item.references,
        severity=escalated(item, known)[0],
        evidence_required=item.answers.evidence == "required",
        checked_by_required=item.answers.checked_by == "required",
        when=item.when,
        facts={} if item.when is None else {name: known.get(name) for name in facts.deciding(item.when, known)},
    )


def _state(item: str, checklist: Checklist, sheet: AnswerSheet | None) -> State:
    if sheet is None or item not in sheet.items:
        return "new"
    return "answered" if sheet.question_of(item) == (checklist.id, checklist.version) else "question_changed"
