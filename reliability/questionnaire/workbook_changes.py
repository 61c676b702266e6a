"""What the answers file is to say after a workbook was read: only what differs, item by item."""

from collections.abc import Callable, Mapping
from typing import Any

from reliability.questionnaire.questions import Questionnaire
from reliability.questionnaire.workbook_read import Filled
from reliability.records import Answer, EvidenceFile
from reliability.submission.answers import Draft

WORDS = ("by", "date", "note", "checked_by")
# The file at a path as evidence, its digest taken now; the place names the cell in a refusal.
Attach = Callable[[str, str], EvidenceFile]


def changes_from(filled: Mapping[str, Filled], asked: Questionnaire, attach: Attach) -> dict[str, dict[str, Any]]:
    """The fields of every question that the workbook changes, with their new values; None empties a field.

    An answer to another version's question counts as given to this one where the workbook changes the answer or
    its date: that is how a person says that it still holds.
    """
    found = {
        one.item: _changed(filled[one.item], asked, one.item, attach) for one in asked.questions if one.item in filled
    }
    return {item: fields for item, fields in found.items() if fields}


def no_longer_asked(filled: Mapping[str, Filled], asked: Questionnaire) -> tuple[str, ...]:
    """Items that the workbook answers otherwise than the file does, and that do not apply any more."""
    questions = {one.item for one in asked.questions}
    return tuple(
        item
        for item, row in filled.items()
        if item not in questions and _differs(row, asked.answers.get(item) or asked.drafts.get(item))
    )


def _changed(row: Filled, asked: Questionnaire, item: str, attach: Attach) -> dict[str, Any]:
    now = asked.answers.get(item) or asked.drafts.get(item) or Draft()
    answer = now.answer if isinstance(now, Answer) else None
    fields: dict[str, Any] = {name: getattr(row, name) for name in WORDS if getattr(row, name) != getattr(now, name)}
    if row.answer != answer or ("date" in fields and asked.states[item] == "question_changed"):
        fields["answer"] = row.answer
    if row.evidence != tuple(file.path for file in now.evidence):
        fields["evidence"] = _files(row, now.evidence, attach)
    return fields


def _files(row: Filled, there: tuple[EvidenceFile, ...], attach: Attach) -> tuple[EvidenceFile, ...]:
    """The evidence in the order of the workbook; what is listed already keeps its digest and its day of renewal."""
    known = {file.path: file for file in there}
    files = [known.get(path) or attach(path, row.where["evidence"]) for path in row.evidence]
    return tuple({file.path: file for file in files}.values())


def _differs(row: Filled, now: Answer | Draft | None) -> bool:
    said = (row.answer, row.by, row.date, row.note, row.checked_by, row.evidence)
    if now is None:
        return any(said)
    answer = now.answer if isinstance(now, Answer) else None
    return said != (answer, now.by, now.date, now.note, now.checked_by, tuple(file.path for file in now.evidence))
