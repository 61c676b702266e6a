"""screening_answers.yaml: what was answered to the questions of the screening, held to their kinds and choices."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

from pydantic import BeforeValidator, Field

from reliability.errors import SubmissionError
from reliability.records import canonical_json
from reliability.screening.questions import UNKNOWN, Question, Questions
from reliability.screening.record import Value
from reliability.submission.answers import Day, Words
from reliability.submission.manifest import Name, Part, Text, format_number
from reliability.submission.places import inside
from reliability.submission.refusals import near, shaped
from reliability.yaml_lines import SAFE_INTEGER, Document, read_yaml, shown

ANSWERS = "screening_answers.yaml"
LARGEST = 1e300


def _blank_is_none(value: Any) -> Any:
    """Nothing, where somebody left the space behind a key empty."""
    return None if isinstance(value, str) and not value.strip() else value


Said = Annotated[Words | None, BeforeValidator(_blank_is_none)]


class ScreeningAnswer(Part):
    """One answer: a value of the question's kind or `unknown`, and who gave it, when and why.

    `version` says which questions were answered where the head of the file says another version.
    """

    value: Any = UNKNOWN
    because: Said = None
    by: Said = None
    date: Annotated[Day | None, BeforeValidator(_blank_is_none)] = None
    version: Said = None


class ScreeningAnswersPart(Part):
    """screening_answers.yaml, format 1."""

    screening: Annotated[Literal[1], BeforeValidator(format_number)]
    version: Text
    answers: Annotated[dict[Name, ScreeningAnswer], BeforeValidator(lambda given: {} if given is None else given)] = (
        Field(default_factory=dict)
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class Answers:
    """Answers as read, unknown ones too, and which of them were given to another version of the questions."""

    given: Mapping[str, ScreeningAnswer]
    outdated: frozenset[str] = frozenset()
    document: Document | None = None

    @property
    def values(self) -> dict[str, Value]:
        """Values that count: neither unknown nor given to another version."""
        closed = {question: answer.value for question, answer in self.given.items() if answer.value != UNKNOWN}
        return {question: value for question, value in closed.items() if question not in self.outdated}

    def where(self, question: str) -> str:
        """`screening_answers.yaml:LINE` of an answer, for a message."""
        return ANSWERS if self.document is None else self.document.where("answers", question, "value")


def read_answers(folder: Path, questions: Questions) -> Answers:
    """The answers beside submission.yaml; none where there is no file.

    Raises
    ------
    SubmissionError
        For the first answer that cannot be used: file, line, value met, next step.
    """
    place = inside(folder, ANSWERS, where=ANSWERS, key="file")
    if not place.exists():
        return Answers(given={})
    return answers_in(read_yaml(place, error=SubmissionError, name=ANSWERS), questions)


def answers_in(document: Document, questions: Questions) -> Answers:
    """The answers of a file that was read; see `read_answers`."""
    sheet = shaped(ScreeningAnswersPart, document)
    given, outdated = {}, set()
    for name, answer in sheet.answers.items():
        if (answer.version or sheet.version) != questions.text.version:
            outdated.add(name)
            given[name] = answer
        elif name in questions.by_id:
            given[name] = _checked(questions.by_id[name], answer, document.where("answers", name, "value"))
        else:
            raise SubmissionError(
                "screening_question_unknown",
                "{where}: {question} is no question of the screening; did you mean {near}?",
                where=document.where("answers", name), question=shown(name), near=near(name, questions.by_id),
            )  # fmt: skip
    return Answers(given=given, outdated=frozenset(outdated), document=document)


def _checked(question: Question, answer: ScreeningAnswer, where: str) -> ScreeningAnswer:
    """The answer with its value as the question takes it."""
    if answer.value is None or answer.value == UNKNOWN:
        return answer.model_copy(update={"value": UNKNOWN})
    value = answered_value(question, answer.value, where=where)
    if question.needs_reason(value) and answer.because is None:
        raise SubmissionError(
            "screening_reason_missing",
            "{where}: {question} is {value}, which takes a duty away; say why in because",
            where=where, question=question.id, value=as_written(answer.value),
        )  # fmt: skip
    return answer.model_copy(update={"value": value})


def answered_value(question: Question, value: Any, *, where: str) -> Value:
    """A value that was given, as the question takes it.

    Raises
    ------
    SubmissionError
        If it is not of the question's kind, or none of its choices.
    """
    match question.kind:
        case "yes_no":
            return value if isinstance(value, bool) else _refuse(question, value, where, "true, false")
        case "number":
            counts = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= LARGEST
            # A whole number beyond what canonical JSON holds exactly is a quantity.
            return (
                (float(value) if value > SAFE_INTEGER else value)
                if counts
                else _refuse(question, value, where, "0, 1, 2, …")
            )
        case "choice":
            _refuse_no_choice(question, value, where)
            return str(value)
        case "list":
            return _chosen(question, value if isinstance(value, list | tuple) else [value], where)


def _chosen(question: Question, values: list[Any] | tuple[Any, ...], where: str) -> tuple[str, ...]:
    """Choices of a list in the order of the question, each once."""
    for value in values:
        _refuse_no_choice(question, value, where)
    together = tuple(choice.id for choice in question.choices if choice.id in values)
    if not together:
        _refuse(question, [], where, _choices(question))
    for one in question.alone() & set(together):
        if len(together) > 1:
            raise SubmissionError(
                "screening_choice_alone",
                "{where}: {question} has {choice} beside others; keep it alone or leave it out",
                where=where, question=question.id, choice=one,
            )  # fmt: skip
    return together


def _refuse_no_choice(question: Question, value: Any, where: str) -> None:
    if not isinstance(value, str) or value not in [choice.id for choice in question.choices]:
        _refuse(question, value, where, _choices(question))


def as_written(value: Any) -> str:
    """A value as a sheet has it, on one line, cut where it is long."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
        return f"[{', '.join(map(shown, value))}]"
    return shown(value)


def _choices(question: Question) -> str:
    return ", ".join(choice.id for choice in question.choices)


def _refuse(question: Question, value: Any, where: str, allowed: str) -> NoReturn:
    raise SubmissionError(
        "screening_value",
        "{where}: {question} is {value}; write one of: {allowed}, unknown",
        where=where, question=question.id, value=as_written(value), allowed=allowed,
    )  # fmt: skip


def inputs_digest(answers: Answers, stated: Mapping[str, Any], *, version: str, questions: Questions) -> str:
    """Digest of what a screening rests on: answers, stated facts, version of the system and of the questions."""
    given = {name: _digested(answer) for name, answer in answers.given.items()}
    rests_on = {
        "answers": given,
        "outdated": sorted(answers.outdated),
        "facts": dict(stated),
        "system_version": version,
        "questions": questions.sha256,
    }
    return hashlib.sha256(canonical_json(rests_on)).hexdigest()


def _digested(answer: ScreeningAnswer) -> dict[str, Any]:
    # As text: a sheet of another version may hold any value, also one that canonical JSON cannot.
    return {**answer.model_dump(mode="json"), "value": repr(answer.value)}
