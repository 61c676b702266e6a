"""answers.yaml: what the applicant answered to the items that are asked, and the files it points to."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError, PydanticKnownError

from reliability.errors import SubmissionError
from reliability.records import Answer, EvidenceFile
from reliability.submission.manifest import Name, Part, Text, format_number
from reliability.submission.places import inside, is_file
from reliability.submission.refusals import dotted, shaped
from reliability.submission.tables import digest_of
from reliability.yaml_lines import Document, read_yaml

# A cell of a workbook holds 32,767 units of UTF-16; Excel counts them, not characters.
LONGEST_TEXT = 32_000
# What an evaluator opens without running anything: no macros, no scripts, no archives that hide what is inside.
EVIDENCE_KINDS = (
    "csv", "docx", "hwp", "hwpx", "jpeg", "jpg", "json", "md", "pdf", "png", "pptx", "txt", "xlsx", "yaml", "yml",
)  # fmt: skip
LARGEST_EVIDENCE = 25_000_000

Standing: TypeAlias = Literal["present", "missing", "changed", "too_large", "other_kind"]

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def iso_date(text: str) -> str:
    """The text, if it is a date as in 2026-01-31."""
    try:
        spelt = date.fromisoformat(text).isoformat()
    except ValueError:
        spelt = ""
    if spelt != text:  # Python also reads 20260131 and 2026-W05-6
        raise PydanticCustomError("date_not_iso", "must be a date, as in 2026-01-31")
    return text


def storable(text: str) -> str:
    """The text, if a document and a cell of a workbook can hold it."""
    if (met := _NOT_IN_XML.search(text)) is not None:
        raise PydanticCustomError(
            "text_character",
            "holds the character {character}, which no document can show; remove it",
            {"character": f"U+{ord(met[0]):04X}"},
        )
    length = len(text.encode("utf-16-le")) // 2
    if length > LONGEST_TEXT:
        raise PydanticCustomError(
            "text_too_long",
            "is {length} characters long, and at most {most} may stand here (an emoji counts as two); "
            "shorten it, or hand the text in as an evidence file",
            {"length": f"{length:,}", "most": f"{LONGEST_TEXT:,}"},
        )
    return text


def refuse_unstorable(text: str, *, where: str, key: str) -> None:
    """Refuse a text that may not stand in a sheet of answers.

    Raises
    ------
    SubmissionError
        If it is too long, or holds a character that no document can show.
    """
    try:
        storable(text)
    except PydanticCustomError as unfit:
        said = "{where}: {key} " + unfit.message_template
        raise SubmissionError(unfit.type, said, where=where, key=key, **(unfit.context or {})) from None


def _not_blank(text: str) -> str:
    if not text.strip():
        raise PydanticKnownError("string_too_short", {"min_length": 1})
    return text


Words: TypeAlias = Annotated[str, Field(strict=True), AfterValidator(_not_blank), AfterValidator(storable)]
Day: TypeAlias = Annotated[Text, AfterValidator(iso_date)]


class EvidencePart(Part):
    """A file that an answer points to; it is to be renewed by the day that `renew` names."""

    path: Annotated[Name, AfterValidator(storable)]
    sha256: Annotated[str, StringConstraints(strict=True, to_lower=True, pattern=r"^[0-9a-fA-F]{64}$")] | None = None
    renew: Day | None = None


class AnswerPart(Part):
    """One answer; with `answer` left empty, what was written down before answering.

    `checklist` and `version` say which question was answered where the file's own head says another.
    """

    answer: Literal["met", "partly", "not_met", "not_applicable"] | None
    by: Words | None = None
    date: Day | None = None
    note: Words | None = None
    evidence: Annotated[tuple[EvidencePart, ...], BeforeValidator(lambda value: value or ())] = ()
    checked_by: Words | None = None
    checklist: Text | None = None
    version: Text | None = None

    @model_validator(mode="after")
    def _not_applicable_says_why(self) -> "AnswerPart":
        if self.answer == "not_applicable" and self.note is None:
            raise PydanticCustomError("answer_needs_note", "is not_applicable without a note; say why in note")
        return self


def _left_empty(value: Any) -> Any:
    return {"answer": None} if value is None else value


class AnswersPart(Part):
    """answers.yaml, format 1."""

    answers: Annotated[Literal[1], BeforeValidator(format_number)]
    checklist: Text
    version: Text
    items: Annotated[
        dict[Annotated[Name, AfterValidator(storable)], Annotated[AnswerPart, BeforeValidator(_left_empty)]],
        BeforeValidator(lambda value: {} if value is None else value),
    ] = Field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What stands in an entry whose `answer` was left empty."""

    by: str | None = None
    date: str | None = None
    note: str | None = None
    evidence: tuple[EvidenceFile, ...] = ()
    checked_by: str | None = None


@dataclass(frozen=True, kw_only=True)
class AnswerSheet:
    """The answers as read, and how the files that they point to stand.

    `missing`, `changed`, `too_large` and `other_kind` name, by item, the evidence that cannot be relied on;
    `questions` the checklist and version that an answer was given to, where it is not the sheet's own.
    """

    path: str
    sha256: str
    checklist: str
    version: str
    items: Mapping[str, Answer]
    missing: Mapping[str, tuple[str, ...]]
    changed: Mapping[str, tuple[str, ...]]
    too_large: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    other_kind: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    drafts: Mapping[str, Draft] = field(default_factory=dict)
    questions: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def evidence(self) -> tuple[str, ...]:
        """Paths of the evidence files that are there and may be kept, each once."""
        faulty = (self.missing, self.too_large, self.other_kind)
        left = {path for faults in faulty for paths in faults.values() for path in paths}
        named = (each.path for answer in self.items.values() for each in answer.evidence)
        return tuple(dict.fromkeys(path for path in named if path not in left))

    def question_of(self, item: str) -> tuple[str, str]:
        """Checklist and version whose question the item's answer was given to."""
        return self.questions.get(item, (self.checklist, self.version))

    def expired(self, item: str, *, on: date) -> tuple[str, ...]:
        """Paths of the item's evidence whose renewal was due before that day."""
        files = self.items[item].evidence
        return tuple(one.path for one in files if one.renew is not None and date.fromisoformat(one.renew) < on)


def read_answers(folder: Path, path: str) -> AnswerSheet:
    """Read the answers, and look at every file that they point to.

    Raises
    ------
    SubmissionError
        If the file cannot be used, or points outside the submission.
    """
    document = read_yaml(folder / path, error=SubmissionError, name=path)
    sheet = shaped(AnswersPart, document)
    given = {item: (part.answer, part) for item, part in sheet.items.items() if part.answer is not None}
    standing = {item: tuple(_standings(folder, document, item, part)) for item, part in sheet.items.items()}
    return AnswerSheet(
        path=path,
        sha256=digest_of(folder / path),
        checklist=sheet.checklist,
        version=sheet.version,
        items={item: Answer(answer=answer, **_beside(part)) for item, (answer, part) in given.items()},
        missing=_in_state(standing, "missing"),
        changed=_in_state(standing, "changed"),
        too_large=_in_state(standing, "too_large"),
        other_kind=_in_state(standing, "other_kind"),
        drafts={item: Draft(**_beside(part)) for item, part in sheet.items.items() if item not in given},
        questions={
            item: (part.checklist or sheet.checklist, part.version or sheet.version)
            for item, (_, part) in given.items()
            if (part.checklist, part.version) != (None, None)
        },
    )


def kind_allowed(path: str) -> bool:
    """Whether a file of that name may be evidence."""
    return PurePosixPath(path).suffix.lower().removeprefix(".") in EVIDENCE_KINDS


def standing_of(file: Path, path: str, sha256: str | None) -> Standing:
    """How an evidence file stands, against the digest that was written down (None: against none)."""
    if not is_file(file):
        return "missing"
    if not kind_allowed(path):
        return "other_kind"
    if file.stat().st_size > LARGEST_EVIDENCE:
        return "too_large"
    return "present" if sha256 is None or digest_of(file) == sha256 else "changed"


def _standings(folder: Path, document: Document, item: str, part: AnswerPart) -> Iterator[tuple[str, Standing]]:
    for place, each in enumerate(part.evidence):
        keys = ("items", item, "evidence", place, "path")
        where = document.where(*keys)
        file = inside(folder, each.path, where=where, key=dotted(keys))
        if each.sha256 is None:
            raise SubmissionError(
                "evidence_without_digest",
                "{where}: {key}: {path!r} has no sha256 yet; run 'reliability answers' on the submission to fill it in",
                where=where, key=dotted(keys), path=each.path,
            )  # fmt: skip
        yield each.path, standing_of(file, each.path, each.sha256.lower())


def _in_state(standing: Mapping[str, tuple[tuple[str, Standing], ...]], state: Standing) -> dict[str, tuple[str, ...]]:
    found = {item: tuple(path for path, met in files if met == state) for item, files in standing.items()}
    return {item: paths for item, paths in found.items() if paths}


def _beside(part: AnswerPart) -> dict[str, Any]:
    """What stands beside an answer, as records have it."""
    files = tuple(
        EvidenceFile(path=each.path, sha256=(each.sha256 or "").lower(), renew=each.renew) for each in part.evidence
    )
    return {**part.model_dump(include={"by", "date", "note", "checked_by"}), "evidence": files}
