"""The machine formats: what a record becomes for build servers, spreadsheets and inventories."""

from importlib import import_module
from typing import Literal, TypeAlias, get_args

from reliability.records import Assessment
from reliability.words.text import Words

Export: TypeAlias = Literal["junit", "csv", "xlsx", "cyclonedx"]
EXPORTS: tuple[Export, ...] = get_args(Export)
# Module and function of each; imported when asked for, since the writer of workbooks takes its time to load.
_WRITERS = {
    "junit": ("junit", "junit_of"),
    "csv": ("spreadsheets", "csv_of"),
    "xlsx": ("spreadsheets", "xlsx_of"),
    "cyclonedx": ("bill_of_materials", "cyclonedx_of"),
}


def exported(assessment: Assessment, form: Export, words: Words) -> bytes:
    """The results of an assessment in a machine format; the same record gives the same bytes."""
    module, name = _WRITERS[form]
    written: bytes = getattr(import_module(f"reliability.reports.{module}"), name)(assessment, words)
    return written
