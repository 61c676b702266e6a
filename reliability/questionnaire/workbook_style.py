"""How the workbook looks: fonts, fills, borders, locks, and the page it is printed on."""

import math
import unicodedata
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any

from openpyxl.cell.cell import Cell
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.worksheet.dimensions import RowDimension
from openpyxl.worksheet.worksheet import Worksheet

from reliability.questionnaire.workbook_text import written
from reliability.words.text import Language

# One font a file: a workbook cannot name a second choice, and programs without this one take their own Korean font.
FONTS: Mapping[Language, str] = {"ko": "맑은 고딕", "en": "Calibri"}
_HANGUL = 129  # the character set: without it, LibreOffice takes the font for Latin letters only
TEXT_FORMAT = "@"
_USUAL = 10
_LEADING, _HIGHEST = 1.5, 409  # height of a line, in sizes of its letters; Excel's limit of a row, in points

_LINE = Side(style="thin", color="C9CED6")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_FILLS = {"header": "24405E", "header_answer": "0F6B5C", "guidance": "F3F5F8", "answer": "FFFFFF", "label": "E6EBF2",
          "new": "DCE9F8", "changed": "FCE0C2"}  # fmt: skip
OPEN, MISSING = "FFF6D5", "FBD9D3"


@dataclass(frozen=True, kw_only=True)
class Look:
    """How one kind of cell looks, and whether a person may write in it."""

    fill: str | None = None
    size: float = _USUAL
    bold: bool = False
    color: str = "1B2430"
    middle: bool = False
    wraps: bool = True
    boxed: bool = True
    open: bool = False


LOOKS: Mapping[str, Look] = {
    "header": Look(fill="header", bold=True, color="FFFFFF", middle=True),
    "header_answer": Look(fill="header_answer", bold=True, color="FFFFFF", middle=True),
    "item": Look(fill="guidance", bold=True),
    "guidance": Look(fill="guidance"),
    "small": Look(fill="guidance", size=8, color="4A5566"),
    "new": Look(fill="new", bold=True),
    "changed": Look(fill="changed", bold=True),
    "answer": Look(fill="answer", open=True),
    "number": Look(middle=True),
    "title": Look(size=16, bold=True, boxed=False, wraps=False),
    "heading": Look(size=11, bold=True, boxed=False, wraps=False),
    "label": Look(fill="label", bold=True),
    "value": Look(),
    "plain": Look(boxed=False),
    "mark": Look(size=7, color="8A93A0", boxed=False),
}


class Brush:
    """Writes the cells of one workbook in one language; what a look is made of is worked out once."""

    def __init__(self, lang: Language) -> None:
        self.lang = lang
        self._styles: dict[str, Any] = {}

    def put(self, cell: Cell, text: str, look: str) -> None:
        """Write a text into a cell as text, whatever it looks like, and give the cell its look and its lock.

        Notes
        -----
        openpyxl takes text that begins with `=` for a formula, `#N/A` for an error, and cuts what is long: so value
        and type are set past it. `quotePrefix` and the format `@` tell the spreadsheet too that this is no formula.
        """
        if text:
            cell._value = written(text)
            cell.data_type = "s"
        if look not in self._styles:
            _dress(cell, LOOKS[look], self.lang)
            self._styles[look] = cell._style
        cell._style = copy(self._styles[look])


def _dress(cell: Cell, look: Look, lang: Language) -> None:
    side, down = ("center", "center") if look.middle else ("left", "top")
    charset = _HANGUL if lang == "ko" else None
    cell.font = Font(name=FONTS[lang], size=look.size, bold=look.bold, color=look.color, charset=charset)
    cell.alignment = Alignment(wrap_text=look.wraps, vertical=down, horizontal=side)
    if look.fill is not None:
        cell.fill = PatternFill("solid", start_color=_FILLS[look.fill])
    if look.boxed:
        cell.border = _BOX
    cell.number_format = TEXT_FORMAT
    cell.quotePrefix = True
    cell.protection = Protection(locked=not look.open)


class _FirstHeight(RowDimension):  # type: ignore[misc]  # openpyxl ships no types
    """A height to begin with: the spreadsheet goes on fitting the row to what is typed into it."""

    @property
    def customHeight(self) -> bool:  # noqa: N802  (openpyxl's name)
        return False


def fit(sheet: Worksheet, row: int, texts: Iterable[tuple[str, float, str]]) -> None:
    """Make a row as high as its texts need, each given with the width of its column and its look.

    Excel fits a row without a height to its text, LibreOffice does not.
    """
    heights = [LOOKS[look].size * _lines(text, width, LOOKS[look]) for text, width, look in texts]
    height = min(max(heights) * _LEADING + 4, _HIGHEST)
    sheet.row_dimensions[row] = _FirstHeight(sheet, index=row, ht=height)


def _lines(text: str, width: float, look: Look) -> int:
    """How many lines a text takes in a column, whose width is given in digits of the usual size."""
    fits = width * _USUAL / look.size
    return sum(max(1, math.ceil(_width(line) / fits)) for line in text.split("\n")) if look.wraps else 1


def _width(line: str) -> int:
    """How wide a line is in digits: a Korean letter is as wide as two."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in line)


def protect(sheet: Worksheet) -> None:
    """Lock all but the answer cells, without a password: against slips, not against people."""
    sheet.protection.sheet = True
    for allowed in ("formatColumns", "formatRows", "formatCells", "autoFilter"):
        setattr(sheet.protection, allowed, False)  # in this format, false is: not kept from it


def paint(sheet: Worksheet, cells: str, formula: str, color: str) -> None:
    """Colour cells for which a formula holds."""
    fill = PatternFill(start_color=color, end_color=color, fill_type="solid")
    sheet.conditional_formatting.add(cells, FormulaRule(formula=[formula], fill=fill))


def print_on_a4(sheet: Worksheet, *, title: str, repeat: str | None, lang: Language) -> None:
    """A4, fitted to its width, with its title above and the page's number below; landscape where rows repeat."""
    page: Any = sheet.page_setup
    page.paperSize, page.orientation = 9, "landscape" if repeat else "portrait"
    page.fitToWidth, page.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.page_margins.top, sheet.page_margins.bottom = 0.7, 0.6
    sheet.print_title_rows = repeat
    for part, text in ((sheet.oddHeader.left, title.replace("&", "&&")[:200]), (sheet.oddFooter.right, "&P / &N")):
        part.text, part.font, part.size = text, f"{FONTS[lang]},Regular", 9
