"""Has a workbook read in a confined process, and checks what comes back."""

from pathlib import Path
from typing import Any, get_args

from reliability.errors import SubmissionError
from reliability.questionnaire.workbook_archive import MESSAGES
from reliability.questionnaire.workbook_package import Cell, Kind, Package, Sheet
from reliability.worker import intake, landlock
from reliability.worker.confinement import PACKAGE
from reliability.worker.intake import Intake, Telling

SERVES = "reliability.questionnaire.workbook_serving"
_OURS = (
    "yaml_lines.py", "submission/refusals.py",
    *(f"questionnaire/{name}.py" for name in ("__init__", "workbook_serving", "workbook_package", "workbook_archive")),
)  # fmt: skip
_KINDS = frozenset(get_args(Kind))
_MOST_ROWS, _MOST_COLUMNS = 1 << 24, 1 << 15  # more than any sheet has


def read_confined(path: Path) -> Package:
    """The cells of a workbook, parsed in a process of its own.

    Raises
    ------
    SubmissionError
        As `read_package` does; besides where nothing confines here, or the process gave no answer.
    """
    process = Intake(package=package_files(), serves=SERVES)
    try:
        if process.level == landlock.PROCESS:
            raise SubmissionError(
                "workbook_unconfined",
                "{where}: no confinement works here, and a workbook is read confined or not at all; "
                "write the answers into answers.yaml",
                where=path.name,
            )
        told = process.told_of(path, messages=MESSAGES)
        header, said = told.asked({"op": "cells"})
        return checked(header.get("epoch_1904"), said.get("sheets"), told, name=path.name)
    finally:
        process.close()


def package_files() -> dict[Path, Path]:
    """Place in the sandbox -> file of ours: those of the reader of data, and what reads a workbook."""
    here, inside = Path(__file__).parent.parent, PACKAGE / "reliability"
    return intake.package_files() | {inside / name: here / name for name in _OURS}


def checked(epoch_1904: Any, said: Any, told: Telling, *, name: str) -> Package:
    """The workbook as the rest relies on it: sheets with names, cells of known kinds at places that there are."""
    try:
        sheets = tuple(_sheet(title, cells, merged, told) for title, cells, merged in said)
    except (TypeError, ValueError) as error:
        raise told.ended("protocol: workbook") from error
    return Package(name=name, sheets=sheets, epoch_1904=epoch_1904 is True)


def _sheet(title: Any, cells: Any, merged: Any, told: Telling) -> Sheet:
    (name,) = told.names([title])
    found = {_place(row, column): _cell(kind, text) for row, column, kind, text in cells}
    return Sheet(name=name, cells=found, merged=told.names(merged))


def _place(row: Any, column: Any) -> tuple[int, int]:
    if type(row) is not int or type(column) is not int or not (0 < row < _MOST_ROWS and 0 < column < _MOST_COLUMNS):
        raise ValueError(row, column)
    return row, column


def _cell(kind: Any, text: Any) -> Cell:
    # A text may hold half a character, which only an escape can put there: it is refused where it is met.
    if kind not in _KINDS or not isinstance(text, str):
        raise ValueError(kind)
    return Cell(kind=kind, text=text)
