"""What became of the answers in a sheet: the question each was given to, and how its evidence stands on a day."""

from datetime import date

from reliability.checklist.catalogue import nearest
from reliability.checklist.finding import Answered, checked_by_other, faults
from reliability.checklist.read import Checklist
from reliability.errors import SubmissionError
from reliability.records import Reason
from reliability.submission.answers import AnswerSheet


def answered(item: str, checklist: Checklist, sheet: AnswerSheet | None, *, on: date) -> Answered | None:
    """The answer to an item of the checklist, and what became of it by that day; None where nobody answered."""
    if sheet is None or item not in sheet.items:
        return None
    return _answered(sheet, item, other_question=not answers_to(item, checklist, sheet), on=on)


def answers_to(item: str, checklist: Checklist, sheet: AnswerSheet) -> bool:
    """Whether an answer was given to the question of this checklist in this version."""
    return sheet.question_of(item) == (checklist.id, checklist.version)


def troubles(sheet: AnswerSheet, item: str, *, on: date) -> tuple[Reason, ...]:
    """What is wrong with an answer's evidence on that day, and a check that is nobody else's."""
    given = _answered(sheet, item, other_question=False, on=on)
    own = given.answer.checked_by is not None and not checked_by_other(given.answer)
    return (*faults(given), *([Reason(code="not_checked_by_other")] if own else []))


def refuse_unknown_answers(sheet: AnswerSheet | None, checklist: Checklist) -> None:
    """A misspelt item would silently leave its question unanswered.

    Raises
    ------
    SubmissionError
        If the sheet answers an item that the checklist does not ask, and not by another version's question.
    """
    if sheet is None:
        return
    asked = [item.id for item in checklist.items if item.ask is not None]
    for item in sheet.items:
        if item not in asked and answers_to(item, checklist, sheet):
            raise SubmissionError(
                "answer_unknown",
                "{where}: checklist {checklist} asks no item {item!r}; did you mean {near!r}?",
                where=sheet.path,
                checklist=checklist.id,
                item=item,
                near=nearest(item, asked),
            )


def _answered(sheet: AnswerSheet, item: str, *, other_question: bool, on: date) -> Answered:
    return Answered(
        answer=sheet.items[item],
        other_question=other_question,
        missing=sheet.missing.get(item, ()),
        changed=sheet.changed.get(item, ()),
        too_large=sheet.too_large.get(item, ()),
        other_kind=sheet.other_kind.get(item, ()),
        expired=sheet.expired(item, on=on),
    )
