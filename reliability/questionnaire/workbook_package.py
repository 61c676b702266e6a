"""The cells of a workbook as it came back from a person.

openpyxl writes our workbooks and does not read them: it takes `x005F_` out of any text, cannot tell an escape from
text that looks like one, and opens charts, pictures and links on the way. What is needed here is little: the cells.
"""

import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias, TypeVar
from xml.parsers import expat

from openpyxl.utils import column_index_from_string

from reliability.questionnaire.workbook_archive import BOOK, Events, cell_text, damaged, elements, opened, too_large
from reliability.yaml_lines import shown

MOST_CELLS = 100_000

# Number formats that Excel does not spell out: dates, in the Korean numbering too.
_DATE_FORMATS = frozenset({14, 15, 16, 17, 22, *range(27, 32), *range(34, 37), *range(50, 59)})
_PLAIN_FORMATS = frozenset({0, 1, 49})
_IN_QUOTES = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_BOOLEANS = {"1": "TRUE", "0": "FALSE"}
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")

# zipfile raises RuntimeError for what is encrypted, and a kind of it for what it cannot unpack.
_BROKEN = (expat.ExpatError, LookupError, ValueError, RuntimeError, zipfile.BadZipFile, zlib.error, EOFError)
_T = TypeVar("_T")
Kind: TypeAlias = Literal["text", "whole", "number", "day", "boolean", "error", "formula"]


@dataclass(frozen=True, kw_only=True)
class Cell:
    """What a cell holds: its kind, and its text (of a number or a day: the number that is stored)."""

    kind: Kind
    text: str


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A sheet: its cells that hold something, by row and column from 1, and what was merged."""

    name: str
    cells: Mapping[tuple[int, int], Cell] = field(repr=False)
    merged: tuple[str, ...] = ()

    def text(self, row: int, column: int) -> str:
        """The text of a cell; empty where nothing stands in it."""
        cell = self.cells.get((row, column))
        return "" if cell is None else cell.text

    @property
    def rows(self) -> list[int]:
        """The rows in which something stands, in order."""
        return sorted({row for row, _ in self.cells})


@dataclass(frozen=True, kw_only=True)
class Package:
    """The sheets of a workbook in order; `epoch_1904` tells from which day its dates count."""

    name: str
    sheets: tuple[Sheet, ...]
    epoch_1904: bool


def read_package(path: Path) -> Package:
    """The cells of a workbook.

    Raises
    ------
    SubmissionError
        If it is no workbook, is larger than any questionnaire, or carries more than cells.
    """
    try:
        with opened(path) as archive:
            return _package(archive, path.name)
    except _BROKEN as broken:
        raise damaged(path.name, str(broken)) from broken


def _package(archive: zipfile.ZipFile, name: str) -> Package:
    targets = _targets(archive)
    strings = _strings(archive) if "xl/sharedStrings.xml" in archive.namelist() else ()
    formats = _formats(archive) if "xl/styles.xml" in archive.namelist() else ()
    sheets, epoch_1904 = [], False
    for kind, tag, given in elements(archive, BOOK):
        if kind == "start" and tag == "workbookPr":
            epoch_1904 = given.get("date1904") in ("1", "true")
        if kind == "start" and tag == "sheet":
            reader = _SheetReader(strings, formats, name)
            sheets.append(reader.sheet(given["name"], elements(archive, targets[given["id"]])))
    return Package(name=name, sheets=tuple(sheets), epoch_1904=epoch_1904)


def _targets(archive: zipfile.ZipFile) -> dict[str, str]:
    """Which part each sheet of the book is in."""
    found = {}
    for kind, tag, given in elements(archive, "xl/_rels/workbook.xml.rels"):
        if kind == "start" and tag == "Relationship":
            target = given["Target"]
            found[given["Id"]] = target[1:] if target.startswith("/") else f"xl/{target}"
    return found


def _strings(archive: zipfile.ZipFile) -> tuple[str, ...]:
    """The texts that cells share, by number."""
    found: list[str] = []
    text = _RichText()
    for event in elements(archive, "xl/sharedStrings.xml"):
        if event[:2] == ("start", "si"):
            text = _RichText()
        text.take(event)
        if event[:2] == ("end", "si"):
            found.append(cell_text(text.read))
    return tuple(found)


def _formats(archive: zipfile.ZipFile) -> tuple[Kind, ...]:
    """What a number is by the style of its cell: a whole number shown as it is, a day, or any other."""
    spelt: dict[int, str] = {}
    found: list[Kind] = []
    within = False
    for kind, tag, given in elements(archive, "xl/styles.xml"):
        if tag == "cellXfs":
            within = kind == "start"
        elif kind == "start" and tag == "numFmt" and "numFmtId" in given:
            spelt[int(given["numFmtId"])] = given.get("formatCode", "")
        elif kind == "start" and tag == "xf" and within:
            number = int(given.get("numFmtId", 0))
            found.append(_format(number, spelt.get(number)))
    return tuple(found)


def _format(number: int, spelt: str | None) -> Kind:
    if spelt is None:
        return "day" if number in _DATE_FORMATS else "whole" if number in _PLAIN_FORMATS else "number"
    if spelt in ("General", "@", "0"):
        return "whole"
    bare = _IN_QUOTES.sub("", spelt.split(";")[0]).lower()
    return "day" if "d" in bare or "y" in bare else "number"


class _RichText:
    """Gathers the text of a string, which may be in runs; how it is pronounced is no part of it."""

    def __init__(self) -> None:
        self.read = ""
        self._aside = False

    def take(self, event: tuple[str, str, Mapping[str, str]]) -> None:
        kind, tag, given = event
        if tag == "rPh":
            self._aside = kind == "start"
        elif kind == "end" and tag == "t" and not self._aside:
            self.read += given.get("text", "")


class _SheetReader:
    """Reads the cells of one sheet."""

    def __init__(self, strings: tuple[str, ...], formats: tuple[Kind, ...], name: str) -> None:
        self.strings = strings
        self.formats = formats
        self.name = name
        self.cells: dict[tuple[int, int], Cell] = {}
        self.merged: list[str] = []
        self.row = self.column = 0

    def sheet(self, title: str, elements: Events) -> Sheet:
        for kind, tag, given in elements:
            if kind == "start" and tag == "row":
                self.row, self.column = int(given.get("r", self.row + 1)), 0
            elif kind == "start" and tag == "c":
                self._cell(given, elements)
            elif kind == "start" and tag == "mergeCell":
                self.merged.append(given["ref"])
        return Sheet(name=title, cells=self.cells, merged=tuple(self.merged))

    def _cell(self, given: Mapping[str, str], elements: Events) -> None:
        self._move(given.get("r"))
        value, text, formula = "", _RichText(), ""
        for event in elements:
            kind, tag, inner = event
            if (kind, tag) == ("end", "c"):
                break
            if (kind, tag) == ("end", "f"):
                formula = f"={inner.get('text', '')}"
            if (kind, tag) == ("end", "v"):
                value = inner.get("text", "")
            text.take(event)
        cell = self._read(given.get("t", "n"), given.get("s", "0"), value, text.read)
        if formula:
            cell = Cell(kind="formula", text=formula)
        if cell is not None:
            self._keep(cell)

    def _move(self, reference: str | None) -> None:
        self.column += 1
        if reference is None:
            return
        place = _REFERENCE.fullmatch(reference)
        if place is None:
            raise ValueError(f"no cell is called {shown(reference)}")
        self.row, self.column = int(place[2]), column_index_from_string(place[1])

    def _keep(self, cell: Cell) -> None:
        self.cells[(self.row, self.column)] = cell
        if len(self.cells) > MOST_CELLS:
            raise too_large(self.name)

    def _read(self, kind: str, style: str, value: str, inline: str) -> Cell | None:
        if kind == "inlineStr":
            return _text(cell_text(inline))
        if not value:
            return None
        if kind == "s":
            return _text(_at(self.strings, value))
        if kind == "str":
            return _text(cell_text(value))
        if kind == "d":
            return Cell(kind="day", text=value)
        if kind in ("b", "e"):
            return Cell(kind="boolean" if kind == "b" else "error", text=_BOOLEANS.get(value, value))
        return _number(value, _at(self.formats, style) if self.formats else "whole")


def _at(listed: Sequence[_T], place: str) -> _T:
    """The entry of that number; one below zero is none, where Python would count from the end."""
    if not place.isdecimal():
        raise ValueError(f"{shown(place)} is no place in a list")
    return listed[int(place)]


def _text(text: str) -> Cell | None:
    return Cell(kind="text", text=text) if text else None


def _number(value: str, kind: Kind) -> Cell:
    """A number as its cell shows it: a whole one by its digits, a day, or one whose look is not known here."""
    number = float(value)
    if kind == "whole" and number.is_integer() and abs(number) < 10**11:  # from here on, Excel shows a power of ten
        return Cell(kind="whole", text=str(int(number)))
    return Cell(kind="day" if kind == "day" else "number", text=value)
