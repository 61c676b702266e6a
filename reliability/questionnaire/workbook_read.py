"""What a person wrote into the workbook: every cell looked at, the first that cannot be used named with its sheet."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeAlias

from openpyxl.utils import get_column_letter
from pydantic import TypeAdapter, ValidationError

from reliability.errors import SubmissionError
from reliability.questionnaire.questions import Questionnaire
from reliability.questionnaire.workbook_layout import (
    ANSWERS,
    COLUMNS,
    FIELDS,
    HEADER_ROW,
    PLACE,
    Entry,
    Field,
    Mark,
    RowMark,
    answer_codes,
    answer_word,
    digest,
    header,
    read_mark,
    read_row_mark,
    standing,
)
from reliability.questionnaire.workbook_package import Cell, Kind, Package, Sheet
from reliability.submission.answers import Words as AnswerText
from reliability.submission.refusals import likeness, listed
from reliability.words.text import words
from reliability.yaml_lines import shown

# Written by hand, year first, so that nothing has to be guessed: 2026-1-31, 2026.1.31., 2026/01/31, 2026년 1월 31일.
_DAY = re.compile(r"([0-9]{4})\s*[-./년]\s*([0-9]{1,2})\s*[-./월]\s*([0-9]{1,2})\s*[.일]?")
_ISO_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(T00:00(:00(\.0+)?)?Z?)?")
_HALF = re.compile("[\ud800-\udfff]")  # of a pair in UTF-16, which a cell can hold only as an escape
_EPOCH = {False: date(1899, 12, 30), True: date(1904, 1, 1)}
_TEXT: TypeAdapter[str] = TypeAdapter(AnswerText)
_STRAY: Mapping[Kind, str] = {
    "formula": "holds the formula {value}; type the text itself",
    "boolean": "holds {value} as a logical value; format the cell as text and type it again",
    "error": "holds the error {value}; type the text itself",
    "number": "holds a number whose look is not known here ({value}); format the cell as text and type it again",
    "day": "holds a date as a number ({value}); format the cell as text and type it again",
}


@dataclass(frozen=True, kw_only=True)
class Filled:
    """What one row of the workbook says of its item, joined with what the answers say; None is an empty cell.

    `evidence` lists paths as they were typed; `where` names the cell of each, for a message.
    """

    answer: str | None
    by: str | None
    date: str | None
    note: str | None
    evidence: tuple[str, ...]
    checked_by: str | None
    where: Mapping[Field, str]


_Row: TypeAlias = tuple[Sheet, int, str]


def rows_of(package: Package, asked: Questionnaire) -> dict[str, Filled]:
    """Every row of the workbook, by its item.

    Raises
    ------
    SubmissionError
        For the first thing that cannot be used, with sheet and cell, the value met and the next step.
    """
    mark = _mark(package, asked)
    reader = _Reader(package, mark, asked)
    return {item: reader.filled(sheet, row, item) for sheet, row, item in reader.rows()}


def _mark(package: Package, asked: Questionnaire) -> Mark:
    texts = (cell.text for sheet in package.sheets for cell in sheet.cells.values() if cell.text.startswith("{"))
    mark = next((found for text in texts if (found := read_mark(text)) is not None), None)
    if mark is None:
        raise SubmissionError(
            "workbook_without_mark",
            "{where}: no workbook of 'reliability answers', or its first sheet was deleted or changed; "
            "name a new file, and one is written to copy the answers into",
            where=package.name,
        )
    if (mark.checklist, mark.version) != (asked.checklist, asked.version):
        raise SubmissionError(
            "workbook_of_another",
            "{where}: asks the questions of {theirs}, and these answers are to {ours}; "
            "name a new file, and a workbook with those is written to copy the answers into",
            where=package.name,
            theirs=shown(f"{mark.checklist} {mark.version}"),
            ours=shown(f"{asked.checklist} {asked.version}"),
        )
    return mark


class _Reader:
    """Goes through the sheets of one workbook."""

    def __init__(self, package: Package, mark: Mark, asked: Questionnaire) -> None:
        self.package = package
        self.mark = mark
        self.asked = asked
        self.said = words(mark.lang)

    def rows(self) -> list[_Row]:
        """Every row that asks, in order; each item once, and none that was written is gone."""
        found: dict[str, _Row] = {}
        for sheet in self._sheets():
            for row, item in self._items(sheet):
                if item in found:
                    other, at, _ = found[item]
                    raise self._refusal(
                        "workbook_item_twice",
                        "{where}: {item} stands at {first} already; delete one of the two rows",
                        sheet, row, "item", item=item, first=_place(other, at, "item"),
                    )  # fmt: skip
                found[item] = (sheet, row, item)
        gone = [item for item in self.mark.items if item not in found]
        if gone:
            raise SubmissionError(
                "workbook_item_gone",
                "{where}: the row of {items} is gone; undo its deletion, or name a new file to have a workbook written",
                where=self.package.name,
                items=listed(gone),
            )
        return list(found.values())

    def _sheets(self) -> Iterator[Sheet]:
        """The sheets that ask: those that were written, and copies of them; a person's own are left alone."""
        there = {sheet.name: sheet for sheet in self.package.sheets}
        for name in self.mark.sheets:
            if name not in there:
                raise SubmissionError(
                    "workbook_sheet_gone",
                    "{where}: the sheet {sheet} is gone or has another name (there are: {names}); undo that",
                    where=self.package.name,
                    sheet=shown(name),
                    names=listed(there),
                )
        for sheet in self.package.sheets:
            if sheet.name in self.mark.sheets:
                self._check_header(sheet)
                yield sheet
            elif sheet.text(HEADER_ROW, PLACE["mark"]) == header("mark", self.said):
                yield sheet

    def _check_header(self, sheet: Sheet) -> None:
        if sheet.merged:
            raise SubmissionError(
                "workbook_merged",
                "{where}: these cells are merged, and all but the first lose what they hold; unmerge them",
                where=f"{self.package.name}: {sheet.name}!{sheet.merged[0]}",
            )
        for key in COLUMNS:
            wanted = header(key, self.said)
            met = sheet.text(HEADER_ROW, PLACE[key])
            if met.strip() != wanted:
                raise self._refusal(
                    "workbook_column",
                    "{where}: the column {column} stood here, and now {value}; columns may not be deleted, moved or "
                    "renamed: undo that, or name a new file to have a workbook written",
                    sheet, HEADER_ROW, key, column=shown(wanted), value=shown(met),
                )  # fmt: skip

    def _items(self, sheet: Sheet) -> Iterator[tuple[int, str]]:
        """Rows in which something stands, with their items."""
        for row in sheet.rows:
            if row == HEADER_ROW:
                continue
            item = sheet.text(row, PLACE["item"]).strip()
            marked = read_row_mark(sheet.text(row, PLACE["mark"])).item
            if item and item == marked and item in self.mark.items:
                yield row, item
            elif item or marked or any(sheet.text(row, PLACE[name]).strip() for name in FIELDS):
                raise self._stranger(sheet, row, item, marked)

    def _stranger(self, sheet: Sheet, row: int, item: str, marked: str) -> SubmissionError:
        """What to say of a row that is none of those that were written."""
        if marked in self.mark.items:
            message = "{where}: says {value}, and this row is that of {item}; write {item} here"
            return self._refusal("workbook_item_other", message, sheet, row, "item", value=shown(item), item=marked)
        near = likeness(item, self.mark.items) or listed(self.mark.items[:1])
        message = (
            "{where}: {value} is no item of this workbook, as {near} is; "
            "write its answer into the row that asks it, or clear the row"
        )
        return self._refusal("workbook_item_unknown", message, sheet, row, "item", value=shown(item), near=near)

    def filled(self, sheet: Sheet, row: int, item: str) -> Filled:
        """What a row says, every cell of it held to what may stand there."""
        entry = self._joined(sheet, row, item)
        if entry.answer == "not_applicable" and not entry.note:
            raise self._refusal(
                "workbook_needs_note",
                "{where}: is empty, and the answer {answer} needs its reason; write it here",
                sheet, row, "note", answer=shown(answer_word("not_applicable", self.said)),
            )  # fmt: skip
        return Filled(
            answer=entry.answer or None,
            by=entry.by or None,
            date=entry.date or None,
            note=entry.note or None,
            evidence=tuple(path for path in entry.evidence.split("\n") if path.strip()),
            checked_by=entry.checked_by or None,
            where={name: self._where(sheet, row, name) for name in FIELDS},
        )

    def _joined(self, sheet: Sheet, row: int, item: str) -> Entry:
        """The row, with what was changed in the answers since it was written; changes in both are refused."""
        mark = read_row_mark(sheet.text(row, PLACE["mark"]))
        row_says = Entry(**{name: self._value(sheet, row, name, mark) for name in FIELDS})
        answers_say = standing(self.asked, item)
        if not answers_say:
            return row_says
        place = (sheet, row, item)
        return Entry(
            **{name: self._settled(place, name, row_says, answers_say, mark.digests.get(name)) for name in FIELDS}
        )

    def _settled(self, place: _Row, name: Field, row_says: Entry, answers_say: Entry, before: str | None) -> str:
        ours: str = getattr(answers_say, name)
        theirs: str = getattr(row_says, name)
        if theirs == ours or digest(theirs) == before:
            return ours
        if digest(ours) == before:
            return theirs
        sheet, row, item = place
        raise self._refusal(
            "workbook_conflict",
            "{where}: says {value}, and the answers to {item} now say {other}: both were changed since the workbook "
            "was written; write in both what shall stand",
            sheet, row, name, value=shown(theirs), other=shown(ours), item=item,
        )  # fmt: skip

    def _value(self, sheet: Sheet, row: int, name: Field, mark: RowMark) -> str:
        """The text of one answer cell: an answer's code, a day as in 2026-01-31, or the words as they stand."""
        cell = sheet.cells.get((row, PLACE[name]))
        if cell is None or not cell.text.strip():
            return ""
        if name == "date" and cell.kind == "day":
            return self._day_of_number(cell, sheet, row)
        if cell.kind in _STRAY:
            message = f"{{where}}: {_STRAY[cell.kind]}"
            raise self._refusal(f"workbook_{cell.kind}", message, sheet, row, name, value=shown(cell.text))
        if name == "answer":
            return self._answer(cell, sheet, row)
        if name == "date":
            return self._day(cell.text, sheet, row)
        text = mark.restored(name, cell.text)
        text = text.replace("\r\n", "\n").replace("\r", "\n") if name == "evidence" else text
        return self._text(text, sheet, row, name)

    def _answer(self, cell: Cell, sheet: Sheet, row: int) -> str:
        code = answer_codes().get(" ".join(cell.text.split()).casefold())
        if code is None:
            raise self._refusal(
                "workbook_answer",
                "{where}: is {value}; choose one of: {choices}",
                sheet, row, "answer",
                value=shown(cell.text),
                choices=", ".join(answer_word(answer, self.said) for answer in ANSWERS),
            )  # fmt: skip
        return code

    def _day_of_number(self, cell: Cell, sheet: Sheet, row: int) -> str:
        spelt = _ISO_DAY.fullmatch(cell.text)
        if spelt is not None:
            return self._day(spelt[1], sheet, row)
        try:
            return (_EPOCH[self.package.epoch_1904] + timedelta(days=int(float(cell.text)))).isoformat()
        except (ValueError, OverflowError):
            raise self._no_day(cell.text, sheet, row) from None

    def _day(self, text: str, sheet: Sheet, row: int) -> str:
        met = _DAY.fullmatch(text.strip())
        try:
            if met is not None:
                return date(*map(int, met.groups())).isoformat()
        except ValueError:
            pass
        raise self._no_day(text, sheet, row)

    def _no_day(self, text: str, sheet: Sheet, row: int) -> SubmissionError:
        message = "{where}: {value} is no date; write it as 2026-01-31"
        return self._refusal("workbook_no_day", message, sheet, row, "date", value=shown(text))

    def _text(self, text: str, sheet: Sheet, row: int, name: Field) -> str:
        """The words of a cell, held to what answers.yaml holds them to."""
        half = _HALF.search(text)
        if half is not None:
            message = "{where}: {key} holds the character {character}, which no document can show; remove it"
            values = {"key": header(name, self.said), "character": f"U+{ord(half[0]):04X}"}
            raise self._refusal("text_character", message, sheet, row, name, **values)
        try:
            return _TEXT.validate_python(text)
        except ValidationError as invalid:
            (problem, *_) = invalid.errors(include_url=False)
            message = "{where}: {key} " + problem["msg"].replace("{", "{{").replace("}", "}}")
            raise self._refusal(
                problem["type"], message, sheet, row, name, **{"key": header(name, self.said), **problem.get("ctx", {})}
            ) from None

    def _refusal(self, code: str, message: str, sheet: Sheet, row: int, at: str, **values: object) -> SubmissionError:
        return SubmissionError(code, message, where=self._where(sheet, row, at), **values)

    def _where(self, sheet: Sheet, row: int, at: str) -> str:
        return f"{self.package.name}: {_place(sheet, row, at)}"


def _place(sheet: Sheet, row: int, column: str) -> str:
    return f"{sheet.name}!{get_column_letter(PLACE[column])}{row}"
