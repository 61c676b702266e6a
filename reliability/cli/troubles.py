"""What is wrong with the evidence of answers, in words."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from reliability.checklist.answered import troubles
from reliability.records import Reason
from reliability.reports.statements import reasons
from reliability.submission.answers import AnswerSheet
from reliability.words.text import Words


def trouble_text(reason: Reason, said: Words) -> str:
    """What is wrong, and with which files."""
    (text,) = reasons([reason], said)
    paths = ", ".join(map(str, reason.with_.get("paths", ())))
    return f"{text.rstrip('.')}: {paths}" if paths else text


def trouble_lines(found: Mapping[str, Iterable[Reason]], said: Words) -> Iterator[str]:
    """A line for everything that is wrong, by item."""
    for item, listed in found.items():
        yield from (f"{item}: {trouble_text(reason, said)}" for reason in listed)


def sheet_troubles(sheet: AnswerSheet | None, *, on: date) -> dict[str, tuple[Reason, ...]]:
    """What is wrong with the evidence of every answer in a sheet on a day."""
    return {} if sheet is None else {item: troubles(sheet, item, on=on) for item in sheet.items}
