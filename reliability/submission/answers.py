"""answers.yaml: what the applicant answered to the items that are asked, and the files it points to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from reliability.errors import SubmissionError
from reliability.records import Answer, EvidenceFile
from reliability.submission.manifest import Name, Part, Text, format_number
from reliability.submission.places import inside, is_file
from reliability.submission.refusals import dotted, shaped
from reliability.submission.tables import digest_of
from reliability.yaml_lines import Document, read_yaml


def _iso(text: str) -> str:
    try:
        spelt = date.fromisoformat(text).isoformat()
    except ValueError:
        spelt = ""
    if spelt != text:  # Python also reads 20260131 and 2026-W05-6
        raise PydanticCustomError("date_not_iso", "must be a date, as in 2026-01-31")
    return text


class EvidencePart(Part):
    """A file that an answer points to."""

    path: Name
    sha256: Annotated[str, StringConstraints(strict=True, to_lower=True, pattern=r"^[0-9a-fA-F]{64}$")]


class AnswerPart(Part):
    """One answer."""

    answer: Literal["met", "partly", "not_met", "not_applicable"]
    by: Text | None = None
    date: Annotated[Text, AfterValidator(_iso)] | None = None
    note: Text | None = None
    evidence: tuple[EvidencePart, ...] = ()
    checked_by: Text | None = None

    @model_validator(mode="after")
    def _not_applicable_says_why(self) -> "AnswerPart":
        if self.answer == "not_applicable" and self.note is None:
            raise PydanticCustomError("answer_needs_note", "is not_applicable without a note; say why in note")
        return self


class AnswersPart(Part):
    """answers.yaml, format 1."""

    answers: Annotated[Literal[1], BeforeValidator(format_number)]
    checklist: Text
    version: Text
    items: dict[Name, AnswerPart] = Field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class AnswerSheet:
    """The answers as read, and which of the files they point to are missing or not what the digest says."""

    path: str
    sha256: str
    checklist: str
    version: str
    items: Mapping[str, Answer]
    missing: Mapping[str, tuple[str, ...]]
    changed: Mapping[str, tuple[str, ...]]

    def evidence(self) -> tuple[str, ...]:
        """Paths of the evidence files that are there, each once."""
        gone = {path for paths in self.missing.values() for path in paths}
        named = (each.path for answer in self.items.values() for each in answer.evidence)
        return tuple(dict.fromkeys(path for path in named if path not in gone))


def read_answers(folder: Path, path: str) -> AnswerSheet:
    """Read the answers, and look at every file that they point to.

    Raises
    ------
    SubmissionError
        If the file cannot be used, or points outside the submission.
    """
    document = read_yaml(folder / path, error=SubmissionError, name=path)
    sheet = shaped(AnswersPart, document)
    missing, changed = {}, {}
    for item, answer in sheet.items.items():
        state = {each.path: _state(folder, each, document, (item, place)) for place, each in enumerate(answer.evidence)}
        missing[item] = tuple(path for path, met in state.items() if met == "missing")
        changed[item] = tuple(path for path, met in state.items() if met == "changed")
    return AnswerSheet(
        path=path,
        sha256=digest_of(folder / path),
        checklist=sheet.checklist,
        version=sheet.version,
        items={item: _record(answer) for item, answer in sheet.items.items()},
        missing={item: paths for item, paths in missing.items() if paths},
        changed={item: paths for item, paths in changed.items() if paths},
    )


def _state(
    folder: Path, evidence: EvidencePart, document: Document, place: tuple[str, int]
) -> Literal["present", "missing", "changed"]:
    keys = ("items", place[0], "evidence", place[1], "path")
    file = inside(folder, evidence.path, where=document.where(*keys), key=dotted(keys))
    if not is_file(file):
        return "missing"
    return "present" if digest_of(file) == evidence.sha256.lower() else "changed"


def _record(answer: AnswerPart) -> Answer:
    files = tuple(EvidenceFile(path=each.path, sha256=each.sha256.lower()) for each in answer.evidence)
    return Answer(**answer.model_dump(exclude={"evidence"}), evidence=files)
