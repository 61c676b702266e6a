"""The risk register as a file to fill in, CSV or workbook, and what people wrote into it read back."""

import csv
import hashlib
import io
from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Literal, TypeAlias

from openpyxl import Workbook

from reliability.errors import UsageError
from reliability.questionnaire.workbook_confined import read_confined
from reliability.questionnaire.workbook_package import Cell, Package
from reliability.reports.risk_entries import NOBODY, Entries, Entry, OwnRisk
from reliability.reports.risks import COLUMNS, FILLED, LIKELIHOODS, SEVERITIES, Register, risk_table
from reliability.reports.separated import comma_separated, unguarded
from reliability.reports.spreadsheets import filled_sheet, packed
from reliability.words.text import LANGUAGES, Words, words
from reliability.yaml_lines import shown

LARGEST, MOST_ROWS, LONGEST = 10_000_000, 2_000, 2_000  # bytes, rows, characters of a cell
Form: TypeAlias = Literal["csv", "xlsx"]
Lines: TypeAlias = Iterator[tuple[int, dict[str, str]]]
_EPOCH = {False: date(1899, 12, 30), True: date(1904, 1, 1)}
_SEPARATORS = (",", ";", "\t")


def risks_as(register: Register, form: Form, finished: datetime, text: Words) -> bytes:
    """The register as a file; the same record gives the same bytes."""
    table = risk_table(register.risks, text)
    if form == "csv":
        return comma_separated(table).encode("utf-8")
    book = Workbook()
    book.remove(book.active)
    filled_sheet(book, table, text, title=text.text("risk.sheet"), filled=FILLED)
    return packed(book, text, title=text.text("risk.sheet"), made=finished.astimezone(UTC))


def read_risks(path: Path, items: Container[str]) -> Entries:
    """What people wrote into a register; a row of no item of the checklist is a risk of their own.

    Raises
    ------
    UsageError
        If there is no such file, it is none, or a cell cannot be used.
    SubmissionError
        If a workbook cannot be read.
    """
    content = _content(path)
    rows = _workbook_rows(read_confined(path)) if content.startswith(b"PK") else _separated_rows(content, path.name)
    by_item: dict[str, Entry] = {}
    met: set[str] = set()
    own: list[OwnRisk] = []
    for line, row in rows:
        entry = Entry(**{key: _fitting(row.get(key, ""), path.name, line, key) for key in FILLED})
        item = row.get("item", "").strip()
        if item in met:
            raise _refused("risk_twice", "{where}: {item} stands in two rows; delete one", path.name, line, item=item)
        if item in items:
            met.add(item)
            by_item |= {item: entry} if entry != NOBODY else {}
        elif any(row.values()):
            own.append(_own(row, item, entry, path.name, line))
    return Entries(by_item=by_item, own=tuple(own), name=path.name, sha256=hashlib.sha256(content).hexdigest())


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as refused:
        why = refused.strerror or str(refused)
        raise UsageError("risks_unreadable", "{path}: could not be read ({why})", path=str(path), why=why) from refused
    if len(content) > LARGEST:
        raise UsageError("risks_too_large", "{path}: larger than any risk register is", path=str(path))
    return content


def _separated_rows(content: bytes, name: str) -> Lines:
    """Rows of a CSV as Korean and other spreadsheets save it."""
    text = _text(content, name)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text)))
    except csv.Error as error:  # a cell beyond what the module holds: mostly a quotation mark that is never closed
        raise _no_register(name) from error
    columns = _columns(lines[0] if lines else (), name)
    for number, line in enumerate(lines[1:], start=2):
        _refuse_long(number, name)
        yield number, {key: unguarded(line[at]) for at, key in columns.items() if at < len(line)}


def _text(content: bytes, name: str) -> str:
    for encoding in ("utf-8-sig", "cp949"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _no_register(name)


def _separator(text: str) -> str:
    """What stands between cells: a spreadsheet takes the one of its region."""
    head = text.partition("\n")[0]
    return max(_SEPARATORS, key=head.count)


def _columns(heads: Sequence[str], name: str) -> Mapping[int, str]:
    """Which column is where, by its heading in either language or its key."""
    known = {
        text: key for key in COLUMNS for text in (key, *(words(lang).text(f"risk.column.{key}") for lang in LANGUAGES))
    }
    found = {at: known[head.strip()] for at, head in enumerate(heads) if head.strip() in known}
    twice = len(found) > len(set(found.values()))
    if twice or "item" not in found.values() or not set(FILLED) & set(found.values()):
        raise _no_register(name)
    return found


def _workbook_rows(package: Package) -> Lines:
    """Rows of the first sheet."""
    sheet = package.sheets[0] if package.sheets else None
    first = sheet.rows[0] if sheet is not None and sheet.rows else 0
    if sheet is None or not first:
        raise _no_register(package.name)
    heads = [sheet.text(first, column) for column in range(1, len(COLUMNS) * 2)]
    columns = _columns(heads, package.name)
    for row in sheet.rows[1:]:
        _refuse_long(row, package.name)
        cells = {key: sheet.cells.get((row, at + 1)) for at, key in columns.items()}
        yield row, {key: _cell(cell, package, row) for key, cell in cells.items() if cell is not None}


def _cell(cell: Cell, package: Package, row: int) -> str:
    if cell.kind in ("formula", "error"):
        message = "{where}: holds {value}, which is not read; type the text itself"
        raise _refused("risk_cell", message, package.name, row, value=shown(cell.text))
    if cell.kind == "day":
        try:
            return (_EPOCH[package.epoch_1904] + timedelta(days=int(float(cell.text)))).isoformat()
        except (ValueError, OverflowError):
            return cell.text
    return cell.text


def _own(row: Mapping[str, str], item: str, entry: Entry, name: str, line: int) -> OwnRisk:
    """A risk that people added; how bad and how likely it is they say in the classes of the register."""
    severity = _code("severity", "severity", row, SEVERITIES, name, line)
    likelihood = _code("likelihood", "risk.likelihood", row, LIKELIHOODS, name, line)
    told = {key: _fitting(row.get(key, ""), name, line, key) for key in ("title", "hazard")}
    return OwnRisk(item=item, **told, severity=severity, likelihood=likelihood, entry=entry)


def _code(key: str, prefix: str, row: Mapping[str, str], codes: Sequence[str], name: str, line: int) -> str:
    """The class that a cell names, in either language."""
    met = " ".join(row.get(key, "").split()).casefold()
    spelt = {text.casefold(): code for code in codes
             for text in (code, *(words(lang).text(f"{prefix}.{code}") for lang in LANGUAGES))}  # fmt: skip
    if met in spelt:
        return spelt[met]
    message = "{where}: {column} is {value}; choose one of: {choices}"
    choices = ", ".join(words("en").text(f"{prefix}.{code}") for code in codes)
    raise _refused("risk_class", message, name, line, column=key, value=shown(met), choices=choices)


def _fitting(text: str, name: str, line: int, key: str) -> str:
    told = " ".join(text.split())
    if len(told) > LONGEST:
        message = "{where}: {column} is longer than {most} characters"
        raise _refused("risk_text", message, name, line, column=key, most=LONGEST)
    return told


def _refuse_long(row: int, name: str) -> None:
    if row > MOST_ROWS:
        raise UsageError("risks_too_large", "{path}: larger than any risk register is", path=name)


def _no_register(name: str) -> UsageError:
    return UsageError(
        "risks_not_a_register",
        "{path}: no risk register; 'reliability report CASE --kind risks -o risks.xlsx' writes one to fill in",
        path=name,
    )


def _refused(code: str, message: str, name: str, line: int, **values: object) -> UsageError:
    return UsageError(code, message, where=f"{name}:{line}", **values)
