"""The results as files that spreadsheets open: CSV, and a workbook with the groups and what it is all about."""

import io
import zipfile
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from reliability.questionnaire import workbook_style as style
from reliability.questionnaire.workbook_text import fitting
from reliability.records import Assessment
from reliability.reports.separated import comma_separated
from reliability.reports.tables import Cell, Results, Table
from reliability.words.text import Words

_EARLIEST = (1980, 1, 1, 0, 0, 0)  # of a member of an archive: when it was packed says nothing
_DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_WIDTHS = {
    "title": 44, "reason": 44, "check_name": 28, "check": 34, "slice": 20, "section": 18, "source": 24, "hazard": 40,
    "basis": 44, "proposed": 44, "expected": 28, "treatment": 40, "residual": 20, "note": 30,
}  # fmt: skip
_USUAL_WIDTH = 13
_ABOUT_WIDTHS = (30, 96)


def csv_of(assessment: Assessment, words: Words) -> bytes:
    """The results as CSV in UTF-8, marked as such so that a Korean spreadsheet reads it."""
    return comma_separated(Results(assessment, words).table()).encode("utf-8")


def xlsx_of(assessment: Assessment, words: Words) -> bytes:
    """The results as a workbook; the same record gives the same bytes."""
    results, book, brush = Results(assessment, words), Workbook(), style.Brush(words.lang)
    book.remove(book.active)
    for key, table in (("results", results.table()), ("groups", results.groups())):
        _sheet(book.create_sheet(words.text(f"table.sheet.{key}")), table, brush, words)
    _about(book.create_sheet(words.text("table.sheet.about")), results.about(), brush, words)
    return packed(book, words, title=words.text("table.sheet.results"), made=assessment.dates.finished.astimezone(UTC))


def filled_sheet(book: Workbook, table: Table, words: Words, *, title: str, filled: Collection[str]) -> None:
    """A table as a sheet, some of its columns to be filled in."""
    _sheet(book.create_sheet(title), table, style.Brush(words.lang), words, filled)


def packed(book: Workbook, words: Words, *, title: str, made: datetime) -> bytes:
    """A workbook as a file; the same cells give the same bytes. When it was made is given in UTC."""
    properties: Any = book.properties
    properties.creator = words.text("workbook.maker")
    properties.title = title
    properties.created = properties.modified = made.replace(tzinfo=None)
    return _packed(book)


def _sheet(
    sheet: Worksheet, table: Table, brush: style.Brush, words: Words, filled: Collection[str] = frozenset()
) -> None:
    heads = ["header_answer" if key in filled else "header" for key in table.keys]
    looks = ["answer" if key in filled else "value" for key in table.keys]
    widths = [_WIDTHS.get(key, _USUAL_WIDTH) for key in table.keys]
    for place, (head, width, look) in enumerate(zip(table.heads, widths, heads, strict=True), start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
        brush.put(sheet.cell(1, place), fitting(head), look)
    style.fit(sheet, 1, zip(table.heads, widths, heads, strict=True))
    for number, row in enumerate(table.rows, start=2):
        for place, (cell, look) in enumerate(zip(row, looks, strict=True), start=1):
            _put(sheet.cell(number, place), cell, brush, look)
        texts = [cell if isinstance(cell, str) else "" for cell in row]
        style.fit(sheet, number, zip(texts, widths, looks, strict=True))
    sheet.freeze_panes = f"{get_column_letter(table.keys.index('item') + 2)}2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(widths))}{len(table.rows) + 1}"
    style.print_on_a4(sheet, title=sheet.title, repeat="1:1", lang=words.lang)


def _put(place: Any, cell: Cell, brush: style.Brush, look: str) -> None:
    """Write a cell: text as text, whatever it looks like, and a number as a number."""
    brush.put(place, fitting(cell) if isinstance(cell, str) else "", look)
    if cell is not None and not isinstance(cell, str):
        place.value = cell
        place.number_format = "General"
        place.quotePrefix = False


def _about(sheet: Worksheet, rows: Iterable[Sequence[str]], brush: style.Brush, words: Words) -> None:
    looks = ("label", "value")
    for letter, width in zip("AB", _ABOUT_WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    for number, row in enumerate(rows, start=1):
        for place, (text, look) in enumerate(zip(row, looks, strict=True), start=1):
            brush.put(sheet.cell(number, place), fitting(text), look)
        style.fit(sheet, number, zip(row, _ABOUT_WIDTHS, looks, strict=True))
    style.print_on_a4(sheet, title=sheet.title, repeat=None, lang=words.lang)


def _canonical(data: Any) -> str:
    """XML in canonical form, whatever prefixes other libraries have registered: some would declare a name twice."""
    prefixes: dict[str, str] = vars(ElementTree)["_namespace_map"]
    registered = dict(prefixes)
    prefixes.clear()
    try:
        return ElementTree.canonicalize(data)
    finally:
        prefixes.update(registered)


class _Timeless(zipfile.ZipFile):
    """An archive whose members do not say when they were packed, nor by which XML library they were written."""

    def writestr(self, name: Any, data: Any, *_: Any, **__: Any) -> None:  # type: ignore[override]  # openpyxl calls it by place
        """Add a member of a fixed date, its XML in canonical form: openpyxl writes by lxml where that is installed."""
        member = zipfile.ZipInfo(name, _EARLIEST)
        member.compress_type = zipfile.ZIP_DEFLATED
        super().writestr(member, _DECLARATION + _canonical(data).encode("utf-8"))

    def write(self, filename: Any, arcname: Any = None, *_: Any, **__: Any) -> None:
        """Add a file as a member of a fixed date."""
        self.writestr(arcname, Path(filename).read_bytes())


def _packed(book: Workbook) -> bytes:
    content = io.BytesIO()
    with _Timeless(content, "w", zipfile.ZIP_DEFLATED) as archive:
        ExcelWriter(book, archive).write_data()
    return content.getvalue()
