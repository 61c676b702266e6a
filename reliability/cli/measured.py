"""What is told of an item, a check or a word; of an item in a case too what was measured and what would decide it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reliability.case import RECORD, read_case
from reliability.checklist.read import read_checklist
from reliability.cli.explaining import explanation, item_named, with_rows_needed
from reliability.cli.following import GENERAL
from reliability.cli.screen import one_line, plain
from reliability.cli.terminal import (
    level_text,
    marked,
    part_text,
    parts_of,
    unmeasured_text,
    worst_groups,
)
from reliability.errors import UsageError
from reliability.records import Assessment, CriterionResult, Finding
from reliability.reports.figures import day
from reliability.reports.file_rows import FileRows
from reliability.reports.findings import settling, texts
from reliability.reports.statements import reasons
from reliability.reports.withheld import Withheld
from reliability.words.text import Words


def told_of(what: str, path: Path | None, checklist: str | None, said: Words) -> dict[str, Any]:
    """The text of an explanation with the records behind it; `path` leads to a submission or to a case.

    Raises
    ------
    UsageError
        If there is nothing of that name, or the case was judged by another checklist than the one that is named.
    """
    if path is not None and _is_case(path):
        assessment = read_case(path)
        _refuse_other(checklist, assessment)
        told = {"what": what, "lang": said.lang, "text": explanation(what, assessment.checklist.content, said)}
        return _with_measured(told, assessment, said)
    used = read_checklist(checklist or GENERAL)
    told = {"what": what, "lang": said.lang, "text": explanation(what, used.content, said)}
    return told if path is None else with_rows_needed(told, used, path, said)


def _is_case(path: Path) -> bool:
    return (path / RECORD).is_file() or (path.suffix == ".json" and path.is_file())


def _refuse_other(checklist: str | None, assessment: Assessment) -> None:
    used = assessment.checklist
    if checklist is not None and read_checklist(checklist).sha256 != used.sha256:
        raise UsageError(
            "other_checklist",
            "--checklist {given}: this case was judged by {used}, of another content; leave --checklist out",
            given=checklist, used=f"{used.id} {used.version}",
        )  # fmt: skip


def _with_measured(told: dict[str, Any], assessment: Assessment, said: Words) -> dict[str, Any]:
    """An explanation of an item, with what a case holds of it."""
    finding = item_named(told["what"], {one.item: one for one in assessment.findings})
    withheld = Withheld.of(
        found for one in assessment.findings for result in one.criteria for found in result.measurements
    )
    used, verdict = assessment.checklist, said.text(f"verdict.{finding.verdict}")
    heading = said.text(
        "cli.measured", verdict=verdict, checklist=used.id, version=used.version, date=day(assessment.dates.finished)
    )
    level = level_text((found for result in finding.criteria for found in result.measurements), said)
    lines = [heading, *([level] if level else []), *_finding_lines(finding, said)]
    lines += [line for result in finding.criteria for line in _result_lines(result, said, withheld)]
    needed = texts(settling(finding, said, withheld, FileRows.of(assessment)))
    lines += [said.text("cli.measured.decides"), *(f"  {text}" for text in needed)] if needed else []
    text = "\n".join([told["text"], "", *map(plain, lines)])
    return {**told, "text": text, "finding": finding.model_dump(mode="json", by_alias=True)}


def _finding_lines(finding: Finding, said: Words) -> Iterator[str]:
    """What an item was answered, and the reasons that stand with the item itself."""
    if finding.answer is not None:
        yield f"· {said.text(f'answer.{finding.answer.answer}')}"
        if finding.answer.note:
            yield f"    {one_line(finding.answer.note)}"
    told = {reason.code for result in finding.criteria for reason in result.reasons}
    for why in reasons((reason for reason in finding.reasons if reason.code not in told), said):
        yield f"· {why}"


def _result_lines(result: CriterionResult, said: Words, withheld: Withheld) -> Iterator[str]:
    """Every part of a criterion with its verdict, the groups behind what is not passed, and why it is open."""
    if not result.measurements:
        yield marked(result.verdict, None, unmeasured_text(result, said), said)
        return
    for part in parts_of(result):
        yield marked(part.verdict, None, part_text(part, result.criterion, said, withheld), said)
        if part.verdict not in {"pass", "reported"}:
            yield from (f"    {line}" for line in worst_groups(part.found, said, withheld))
    told = [one.reason for one in result.measurements if not one.judged]
    yield from (f"    {why}" for why in reasons((one for one in result.reasons if one not in told), said))
