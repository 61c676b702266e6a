"""How the workbook is laid out: its sheets and columns, and the marks by which it is known again."""

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from reliability.questionnaire.questions import Questionnaire
from reliability.questionnaire.workbook_text import saved_forms
from reliability.records import Answer
from reliability.submission.answers import LONGEST_TEXT, Draft
from reliability.words.text import LANGUAGES, Language, Words, words

FORMAT = 1
HEADER_ROW = 1
ANSWERS = ("met", "partly", "not_met", "not_applicable")

Field: TypeAlias = Literal["answer", "note", "by", "date", "evidence", "checked_by"]
FIELDS: tuple[Field, ...] = ("answer", "note", "by", "date", "evidence", "checked_by")
# In order, with their widths in characters; the last is hidden, and tells what stood in a row when it was written.
COLUMNS: Mapping[str, float] = {
    "item": 9, "ask": 36, "requirement": 28, "wanted": 30, "references": 14, "severity": 7, "state": 9,
    "answer": 11, "note": 30, "by": 10, "date": 11.5, "evidence": 22, "checked_by": 10, "mark": 10,
}  # fmt: skip
PLACE: Mapping[str, int] = {key: place for place, key in enumerate(COLUMNS, start=1)}

_NOT_IN_A_SHEET_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_LONGEST_SHEET_NAME = 31
_DIGITS = 12


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What stands in the answer columns of one row, as text: `answer` is a code, `evidence` one path a line."""

    answer: str = ""
    note: str = ""
    by: str = ""
    date: str = ""
    evidence: str = ""
    checked_by: str = ""

    def __bool__(self) -> bool:
        return self != Entry()


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What a workbook says of itself: whose questions it asks, in which language, and on which sheets."""

    checklist: str
    version: str
    lang: Language
    sheets: tuple[str, ...]
    items: tuple[str, ...]

    def text(self) -> str:
        """The mark as it stands on the cover."""
        return json.dumps({"workbook": FORMAT, **self.__dict__}, ensure_ascii=False)


def read_mark(text: str) -> Mark | None:
    """The mark that a text is; None where it is none of this format."""
    try:
        given: Any = json.loads(text)
        if given["workbook"] != FORMAT or given["lang"] not in LANGUAGES:
            return None
        return Mark(
            checklist=str(given["checklist"]),
            version=str(given["version"]),
            lang=given["lang"],
            sheets=tuple(map(str, given["sheets"])),
            items=tuple(map(str, given["items"])),
        )
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def header(key: str, said: Words) -> str:
    """What stands above a column."""
    return said.text(f"workbook.column.{key}")


def answer_word(answer: str, said: Words) -> str:
    """The word for an answer."""
    return said.text(f"answer.{answer}")


def answer_codes() -> dict[str, str]:
    """The answers by the words for them in either language, and by their codes."""
    spoken = {answer_word(answer, words(lang)).casefold(): answer for lang in ("en", "ko") for answer in ANSWERS}
    return spoken | {answer: answer for answer in ANSWERS}


def sheet_names(asked: Questionnaire, lang: Language) -> dict[str, str]:
    """The sheet of each section, by its id."""
    names: dict[str, str] = {}
    taken = {words(lang).text("workbook.cover").casefold()}
    for question in asked.questions:
        if question.section not in names:
            names[question.section] = _free(question.section_title[lang], question.section, taken)
            taken.add(names[question.section].casefold())
    return names


def _free(title: str, section: str, taken: set[str]) -> str:
    """A name that a sheet may have and no other has; the section's id where its title will not do."""
    name = _NOT_IN_A_SHEET_NAME.sub(" ", title)[:_LONGEST_SHEET_NAME].strip(" '")
    name = name if name and name.casefold() not in taken else section[:_LONGEST_SHEET_NAME]
    number = 2
    while name.casefold() in taken:
        name, number = f"{section[:20]} {number}", number + 1
    return name


def entry_of(answered: Answer | Draft | None) -> Entry:
    """An answer, or what was written down before answering, as its row shows it."""
    if answered is None:
        return Entry()
    return Entry(
        answer=answered.answer if isinstance(answered, Answer) else "",
        note=answered.note or "",
        by=answered.by or "",
        date=answered.date or "",
        evidence="\n".join(file.path for file in answered.evidence),
        checked_by=answered.checked_by or "",
    )


def standing(asked: Questionnaire, item: str) -> Entry:
    """What the answers say of an item today."""
    return entry_of(asked.answers.get(item) or asked.drafts.get(item))


@dataclass(frozen=True, kw_only=True)
class RowMark:
    """What a row held when it was written: a digest of each answer cell, and whole what a program may not keep."""

    item: str
    digests: Mapping[Field, str]
    whole: Mapping[Field, str]

    def restored(self, name: Field, text: str) -> str:
        """The text of a cell; as it was written, where only a program has changed it since."""
        was = self.whole.get(name)
        return text if was is None or text not in saved_forms(was) else was


def row_mark(item: str, entry: Entry) -> str:
    """The hidden mark of a row, as text."""
    texts: dict[Field, str] = {name: getattr(entry, name) for name in FIELDS}
    whole = [f"{name}:{_packed(text)}" for name, text in texts.items() if len(saved_forms(text)) > 1]
    told = [item, *(digest(text) for text in texts.values())]
    return " ".join([*told, *whole] if sum(map(len, whole)) < LONGEST_TEXT - 1_000 else told)


def read_row_mark(text: str) -> RowMark:
    """The mark of a row; what is missing or unreadable in it is as if nothing had stood there."""
    item, *told = text.split(" ")
    names: dict[str, Field] = {name: name for name in FIELDS}
    whole = {names[name]: _unpacked(said) for name, _, said in (one.partition(":") for one in told) if name in names}
    return RowMark(
        item=item,
        digests=dict(zip(FIELDS, told, strict=False)),
        whole={name: text for name, text in whole.items() if text is not None},
    )


def _packed(text: str) -> str:
    return base64.b64encode(zlib.compress(text.encode(), 9)).decode()


def _unpacked(said: str) -> str | None:
    """The text that was packed; None where it is none, or longer than any that may stand in a cell."""
    try:
        unpacking = zlib.decompressobj()
        content = unpacking.decompress(base64.b64decode(said, validate=True), 4 * LONGEST_TEXT)
        return content.decode() if unpacking.eof else None
    except (ValueError, zlib.error):
        return None


def digest(text: str) -> str:
    """A few digits by which a text is known again."""
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS] if text else "-"
