"""What a screening rests on: the manifest, the sheet of answers beside it, and the questions; no data is opened."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from reliability.errors import SubmissionError
from reliability.screening.answers import Answers, as_written, inputs_digest, read_answers
from reliability.screening.conclusions import Conclusions, conclude
from reliability.screening.questions import Questions, shipped_questions
from reliability.screening.record import Truth
from reliability.submission.manifest import Manifest
from reliability.submission.places import manifest_path
from reliability.submission.refusals import shaped
from reliability.yaml_lines import Document, read_yaml


@dataclass(frozen=True, kw_only=True, eq=False)
class Inputs:
    """Manifest, answers and questions, which do not contradict each other."""

    folder: Path
    manifest: Manifest
    document: Document = field(repr=False)
    questions: Questions
    answers: Answers

    @property
    def stated(self) -> dict[str, Truth]:
        """Facts that the submission states."""
        return {name: fact.is_ for name, fact in self.manifest.stated_facts().items()}

    @property
    def digest(self) -> str:
        """Digest of answers, stated facts, and the versions of system and questions."""
        stated: dict[str, Any] = {
            name: fact.model_dump(mode="json", by_alias=True) for name, fact in self.manifest.stated_facts().items()
        }
        return inputs_digest(self.answers, stated, version=self.manifest.system.version, questions=self.questions)


def read_inputs(path: Path) -> Inputs:
    """What stands in a submission for its screening, given as folder or as its `submission.yaml`.

    Raises
    ------
    SubmissionError
        If manifest or answers cannot be used, or contradict each other.
    """
    place = manifest_path(path)
    document = read_yaml(place, error=SubmissionError, name=place.name)
    return inputs_of(place.parent, shaped(Manifest, document), document)


def inputs_of(folder: Path, manifest: Manifest, document: Document) -> Inputs:
    """The same for a manifest that was read already."""
    questions = shipped_questions()
    inputs = Inputs(
        folder=folder, manifest=manifest, document=document, questions=questions,
        answers=read_answers(folder, questions),
    )  # fmt: skip
    refuse_contradictions(inputs)
    return inputs


def refuse_contradictions(inputs: Inputs) -> None:
    """Refuse answers that contradict a fact which submission.yaml states.

    Raises
    ------
    SubmissionError
        For the first contradiction, with the lines of both files.
    """
    values, questions = inputs.answers.values, inputs.questions
    if not values:
        return
    concluded = conclude(questions, values, inputs.stated)
    for expression in questions.text.contradictions:
        if concluded.truth(expression):
            _refuse(inputs, concluded, concluded.names_behind(expression))


def _refuse(inputs: Inputs, concluded: Conclusions, names: tuple[str, ...]) -> NoReturn:
    fact = next(name for name in names if name.startswith("fact.")).removeprefix("fact.")
    question = concluded.answers_behind(names)[0]
    value = inputs.answers.values[question]
    raise SubmissionError(
        "screening_contradicts",
        "{answers}: {question} is {value}, but {manifest} states {fact}: {stated}; correct one of them",
        answers=inputs.answers.where(question),
        question=question,
        value=as_written(value),
        manifest=inputs.document.where("facts", fact),
        fact=fact,
        stated=str(inputs.stated[fact]).lower(),
    )
