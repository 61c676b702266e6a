"""The questionnaire as a workbook: written for a person to fill in, and read back."""

import io
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from openpyxl import Workbook
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from reliability.errors import SubmissionError, UsageError
from reliability.questionnaire import workbook_style as style
from reliability.questionnaire.questions import Question, Questionnaire
from reliability.questionnaire.workbook_layout import (
    ANSWERS,
    COLUMNS,
    FIELDS,
    HEADER_ROW,
    PLACE,
    Entry,
    Field,
    Mark,
    answer_word,
    header,
    row_mark,
    sheet_names,
    standing,
)
from reliability.questionnaire.workbook_package import Package, read_package
from reliability.questionnaire.workbook_read import Filled, rows_of
from reliability.questionnaire.workbook_text import fitting, length
from reliability.submission.answers import LONGEST_TEXT, Draft
from reliability.words.text import Language, Words, words

_STEPS = 7
_COVER_WIDTHS = {"A": 32, "B": 56, "C": 10, "D": 10}
_LETTERS: Mapping[str, str] = {key: get_column_letter(place) for key, place in PLACE.items()}
_LAST_SHOWN = _LETTERS["checked_by"]


def write_workbook(
    asked: Questionnaire, path: Path, *, lang: Language, organisation: str = "", system: str = "", command: str = ""
) -> None:
    """Write the questionnaire as a new .xlsx file: a cover, then one sheet a section, with the answers so far.

    `organisation` and `system` say on the cover whose it is, `command` how it is read back.

    Raises
    ------
    UsageError
        If the file is there already: nobody's work is written over.
    SubmissionError
        If the evidence of an answer cannot be listed in a cell, one path a line.
    """
    content = _bytes(asked, lang, {"organisation": organisation, "system": system}, command)
    try:
        file = path.open("xb")
    except FileExistsError as there:
        message = "{where}: exists already, and nobody's work is written over; name a new file"
        raise UsageError("workbook_exists", message, where=str(path)) from there
    try:
        with file:
            file.write(content)
    except BaseException:  # an interruption too: cleared, then passed on
        with suppress(OSError):
            path.unlink()
        raise


def read_workbook(
    path: Path, asked: Questionnaire, *, read: Callable[[Path], Package] = read_package
) -> dict[str, Filled]:
    """What a workbook says of every item that it asks; the file itself stays as it is, and `read` gets at its cells.

    What was changed since it was written, in the workbook or in the answers, is joined; in both, it is refused.

    Raises
    ------
    SubmissionError
        For the first thing that cannot be used: file, sheet and cell, the value met, the next step.
    """
    return rows_of(read(path), asked)


def _bytes(asked: Questionnaire, lang: Language, subject: Mapping[str, str], command: str) -> bytes:
    said, names = words(lang), sheet_names(asked, lang)
    book, brush = Workbook(), style.Brush(lang)
    cover = book.active
    cover.title = said.text("workbook.cover")
    for section, name in names.items():
        questions = [one for one in asked.questions if one.section == section]
        _SectionSheet(book.create_sheet(name), brush, said, asked).write(questions)
    _Cover(cover, brush, said).write(asked, names, subject, command)
    book.properties.creator = said.text("workbook.maker")
    book.properties.title = asked.title[lang]
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


class _Cover:
    """The first sheet: how to fill in, whose questions these are, and the mark by which the file is known again."""

    def __init__(self, sheet: Worksheet, brush: style.Brush, said: Words) -> None:
        self.sheet = sheet
        self.brush = brush
        self.said = said
        self.row = 0

    def write(self, asked: Questionnaire, names: Mapping[str, str], subject: Mapping[str, str], command: str) -> None:
        for letter, width in _COVER_WIDTHS.items():
            self.sheet.column_dimensions[letter].width = width
        self._line(self.said.text("workbook.title", title=asked.title[self.said.lang]), looks=["title"])
        about = {"checklist": f"{asked.checklist} {asked.version}", **subject}
        for key, value in about.items():
            if value:
                self._line(self.said.text(f"workbook.about.{key}"), value, looks=["label", "value"])
        self._heading("steps")
        for number in range(1, _STEPS + 1):
            step = self.said.text(f"workbook.step.{number}", command=command or self.said.text("workbook.command"))
            self._line(self.said.text(f"workbook.step_name.{number}"), step, looks=["label", "value"])
        self._heading("sheets")
        self._sheets(asked, names)
        self._heading("mark")
        mark = Mark(
            checklist=asked.checklist,
            version=asked.version,
            lang=self.said.lang,
            sheets=tuple(names.values()),
            items=tuple(one.item for one in asked.questions),
        )
        self._line("", mark.text(), looks=["plain", "mark"])
        style.protect(self.sheet)
        self.sheet.sheet_view.showGridLines = False
        style.print_on_a4(self.sheet, title=asked.title[self.said.lang], repeat=None, lang=self.said.lang)

    def _sheets(self, asked: Questionnaire, names: Mapping[str, str]) -> None:
        heads = [self.said.text(f"workbook.sheets.{key}") for key in ("name", "questions", "asked", "answered")]
        self._line(*heads, looks=["header"] * len(heads))
        for section, name in names.items():
            items = [one.item for one in asked.questions if one.section == section]
            answered = sum(item in asked.items("answered") for item in items)
            looks = ["label", "value", "number", "number"]
            self._line(name, ", ".join(items), str(len(items)), str(answered), looks=looks)
            self.sheet.cell(self.row, 1).hyperlink = Hyperlink(ref="", location=f"{quote_sheetname(name)}!A1")

    def _heading(self, key: str) -> None:
        self.row += 1
        self._line(self.said.text(f"workbook.heading.{key}"), looks=["heading"])

    def _line(self, *texts: str, looks: Sequence[str]) -> None:
        self.row += 1
        for place, (text, look) in enumerate(zip(texts, looks, strict=True), start=1):
            self.brush.put(self.sheet.cell(self.row, place), fitting(text), look)
        style.fit(self.sheet, self.row, zip(texts, _COVER_WIDTHS.values(), looks, strict=False))


class _SectionSheet:
    """One sheet: the questions of a section, what stands beside each, and the cells to answer in."""

    def __init__(self, sheet: Worksheet, brush: style.Brush, said: Words, asked: Questionnaire) -> None:
        self.sheet = sheet
        self.brush = brush
        self.said = said
        self.asked = asked

    def write(self, questions: Sequence[Question]) -> None:
        last = HEADER_ROW + len(questions)
        for key, width in COLUMNS.items():
            self.sheet.column_dimensions[_LETTERS[key]].width = width
        heads = {key: (header(key, self.said), "header_answer" if key in FIELDS else "header") for key in COLUMNS}
        self._row(HEADER_ROW, heads)
        for row, question in enumerate(questions, start=HEADER_ROW + 1):
            self._question(row, question)
        self._choices(last)
        self.sheet.column_dimensions[_LETTERS["mark"]].hidden = True
        self.sheet.freeze_panes = f"{_LETTERS['requirement']}{HEADER_ROW + 1}"
        self.sheet.auto_filter.ref = f"A{HEADER_ROW}:{_LAST_SHOWN}{last}"
        self.sheet.print_area = f"A{HEADER_ROW}:{_LAST_SHOWN}{last}"
        self.sheet.sheet_view.zoomScale = 90
        style.protect(self.sheet)
        title = f"{self.asked.title[self.said.lang]} {self.asked.version} · {self.sheet.title}"
        style.print_on_a4(self.sheet, title=title, repeat=f"{HEADER_ROW}:{HEADER_ROW}", lang=self.said.lang)

    def _question(self, row: int, question: Question) -> None:
        lang, entry = self.said.lang, standing(self.asked, question.item)
        _refuse_unlisted(self.asked, question.item, entry)
        answer = answer_word(entry.answer, self.said) if entry.answer else ""
        cells: dict[str, tuple[str, str]] = {
            "item": (question.item, "item"),
            "ask": (f"{question.title[lang]}\n{question.ask[lang]}", "guidance"),
            "requirement": (question.requirement[lang], "guidance"),
            "wanted": ("\n".join(self._wanted(question)), "guidance"),
            "references": ("\n".join(question.references), "small"),
            "severity": (self.said.text(f"severity.{question.severity}"), "guidance"),
            "state": self._state(question.item),
            **{name: (answer if name == "answer" else getattr(entry, name), "answer") for name in FIELDS},
            "mark": (row_mark(question.item, entry), "mark"),
        }
        self._row(row, cells)
        self._warn(row, question)

    def _row(self, row: int, cells: Mapping[str, tuple[str, str]]) -> None:
        """Fill a row: an answer goes in whole, what stands beside it as far as a cell can hold it."""
        for key, (text, look) in cells.items():
            self.brush.put(self.sheet.cell(row, PLACE[key]), text if key in FIELDS else fitting(text), look)
        seen = [(text, COLUMNS[key], look) for key, (text, look) in cells.items() if key != "mark"]
        style.fit(self.sheet, row, seen)

    def _wanted(self, question: Question) -> list[str]:
        """What counts as evidence, and what an answer cannot do without."""
        needs = {"evidence": question.evidence_required, "checked_by": question.checked_by_required}
        required = [self.said.text(f"workbook.required.{key}") for key, needed in needs.items() if needed]
        return [question.evidence[self.said.lang], *required]

    def _state(self, item: str) -> tuple[str, str]:
        """How the question stood when the file was written, in a word and a look."""
        state = self.asked.states[item]
        if state == "new" and self.asked.drafts.get(item, Draft()) != Draft():
            state_word, look = "draft", "new"
        elif state == "answered" and item in self.asked.troubles:
            state_word, look = "trouble", "changed"
        else:
            state_word, look = state, {"new": "new", "question_changed": "changed"}.get(state, "guidance")
        return self.said.text(f"workbook.state.{state_word}"), look

    def _choices(self, last: int) -> None:
        """The list to choose an answer from; anything else is refused by the spreadsheet as it is typed."""
        listed = ",".join(answer_word(answer, self.said) for answer in ANSWERS)
        choice = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=True, showErrorMessage=True)
        choice.errorTitle = header("answer", self.said)
        choice.error = self.said.text("workbook.choose", choices=listed.replace(",", ", "))
        choice.add(f"{_LETTERS['answer']}{HEADER_ROW + 1}:{_LETTERS['answer']}{last}")
        self.sheet.add_data_validation(choice)

    def _warn(self, row: int, question: Question) -> None:
        """Colour what is still open: no answer, a reason or evidence that is wanting. The steps say so in words."""
        cell = {name: f"${_LETTERS[name]}{row}" for name in FIELDS}
        word = {answer: f'"{answer_word(answer, self.said)}"' for answer in ANSWERS}
        style.paint(self.sheet, cell["answer"].lstrip("$"), f'{cell["answer"]}=""', style.OPEN)
        unexplained = f'AND({cell["answer"]}={word["not_applicable"]},TRIM({cell["note"]})="")'
        style.paint(self.sheet, cell["note"].lstrip("$"), unexplained, style.MISSING)
        required: Mapping[Field, bool] = {
            "evidence": question.evidence_required, "checked_by": question.checked_by_required,
        }  # fmt: skip
        for name, needed in required.items():
            if needed:
                claimed = f"OR({cell['answer']}={word['met']},{cell['answer']}={word['partly']})"
                style.paint(self.sheet, cell[name].lstrip("$"), f'AND({claimed},TRIM({cell[name]})="")', style.MISSING)


def _refuse_unlisted(asked: Questionnaire, item: str, entry: Entry) -> None:
    """Refuse evidence that a cell cannot list, one path a line."""
    answered = asked.answers.get(item) or asked.drafts.get(item)
    for file in () if answered is None else answered.evidence:
        if "\n" in file.path or "\r" in file.path:
            raise SubmissionError(
                "workbook_path_lines",
                "answers, items.{item}.evidence: the path {path} has a line break, and a cell lists one path a line; "
                "rename the file",
                item=item,
                path=repr(file.path),
            )
    if length(entry.evidence) > LONGEST_TEXT:
        raise SubmissionError(
            "workbook_paths_too_long",
            "answers, items.{item}.evidence: the paths are {length} characters together, and a cell holds {most}; "
            "put the files into one folder with shorter names",
            item=item,
            length=f"{length(entry.evidence):,}",
            most=f"{LONGEST_TEXT:,}",
        )
