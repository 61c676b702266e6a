"""The results as tables: plain cells under headings in one language, for files that people and programs open.

Read from the public record, so that no figure stands here that the documents withhold.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from reliability.records import Assessment, Criterion, Json, NotTested, Reason, Scalar
from reliability.reports import identification, statements
from reliability.reports.findings import bilingual
from reliability.reports.groups import group_label
from reliability.reports.public import (
    PublicFinding,
    PublicGroup,
    PublicMeasurement,
    PublicRecord,
    PublicResult,
    public_record,
)
from reliability.reports.visible import visible
from reliability.reports.withheld import Withheld
from reliability.words.text import Words

Cell: TypeAlias = str | int | float | None
RESULTS = tuple(
    """
    section item title severity verdict criterion_verdict check_name check by slice of value low high confidence n unit
    at_least at_most rule source answer reason
    """.split()
)
LONGEST_TITLE = 160
GROUPS = tuple("item check_name check by rate slice value low high n judged reason".split())


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows of cells under their headings; `keys` names the columns in every language."""

    keys: tuple[str, ...]
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


class Results:
    """The public record of an assessment with the words of its checklist, as rows in one language."""

    def __init__(self, assessment: Assessment, words: Words) -> None:
        self.assessment = assessment
        self.record: PublicRecord = public_record(assessment)
        self.words = words
        self.places = {
            item["id"]: (section, item)
            for section in assessment.checklist.content["sections"]
            for item in section["items"]
        }
        self._bands = Withheld.of(
            one for found in assessment.findings for result in found.criteria for one in result.measurements
        ).bands

    def title(self, item: str) -> str:
        """The title of an item, or what it requires where it has none, on one line."""
        entry: Mapping[str, Json] = self.places[item][1]
        lang = self.words.lang
        title = one_line(bilingual(entry, "title", lang) or bilingual(entry, "requirement", lang))
        return title if len(title) <= LONGEST_TITLE else f"{title[: LONGEST_TITLE - 1].rstrip()}…"

    def section(self, item: str) -> str:
        """The section of an item by its id and title."""
        section: Mapping[str, Json] = self.places[item][0]
        return one_line(f"{section['id']} {bilingual(section, 'title', self.words.lang)}")

    def slice(self, found: PublicMeasurement | PublicGroup, by: Sequence[str]) -> str:
        """The name of a group; empty for all rows."""
        return self.group_name(found.slice, by) if found.slice else ""

    def group_name(self, group: Mapping[str, Scalar | None], by: Sequence[str]) -> str:
        """The name of a group by its attributes."""
        return one_line(group_label(group, by, self.words, self._bands))

    def check_name(self, check: str | None) -> str:
        """The name of a check; of a level that was to be declared where there is no check."""
        return one_line(
            statements.check_title(check, self.words) if check else self.words.text("report.declared_level")
        )

    def reasons(self, found: Iterable[Reason]) -> str:
        """Reasons in words, each once."""
        return one_line("; ".join(statements.reasons(found, self.words)))

    def why(self, found: PublicMeasurement | PublicGroup, reasons: Iterable[Reason] = ()) -> str:
        """Why a measurement has no figures, or no plain verdict."""
        told = [self.words.text("report.suppressed")] if found.suppressed else []
        own = found.reason if isinstance(found, PublicMeasurement) else None
        said = self.reasons([*([own] if own else []), *reasons])
        return "; ".join([*told, *([said] if said else [])])

    def table(self) -> Table:
        """One row a measurement; one for a criterion that has none, and one for an item that is asked."""
        return self._as_table(RESULTS, (row for found in self.record.findings for row in self._rows(found)))

    def groups(self) -> Table:
        """One row a group of every comparison, with its own figures unless they are suppressed."""
        return self._as_table(GROUPS, (row for found in self.record.findings for row in self._groups(found)))

    def about(self) -> Iterator[tuple[str, str]]:
        """What the tables are about: whose system, against what, when, by which digests, and how to read them."""
        text, record = self.words.text, self.record
        yield text("table.about.outcome"), text(f"outcome.{record.outcome}")
        yield text("row.organisation_name"), one_line(record.subject.organisation.get("name") or "")
        scope = identification.scope(self.assessment, self.words)
        for row in (*scope, *identification.conditions(self.assessment, self.words)):
            yield one_line(row.name), one_line(row.text)
        yield text("row.performed"), identification.period(self.assessment)
        yield text("table.about.record"), f"assessment.json · SHA-256 {record.assessment}"
        yield text("table.about.read"), text("table.about.reading")
        for name, why in self.not_tested():
            yield f"{text('table.about.not_tested')} · {name}", why

    def not_tested(self) -> Iterator[tuple[str, str]]:
        """What was not tested, and why."""
        entries = tuple(
            NotTested.model_validate({"what": one.what, "code": one.reason.code, "with": one.reason.with_})
            for one in self.record.not_tested
        )
        told = self.assessment.model_copy(update={"not_tested": entries, "notes": self.record.notes})
        for row in identification.not_tested(told, self.words):
            yield one_line(row.name), one_line(row.text)

    def _rows(self, found: PublicFinding) -> Iterator[dict[str, Cell]]:
        item: dict[str, Cell] = {
            "section": self.section(found.item),
            "item": one_line(found.item),
            "title": self.title(found.item),
            "severity": self.words.text(f"severity.{found.severity}"),
            "verdict": self.words.text(f"verdict.{found.verdict}"),
        }
        for result in found.criteria:
            yield from (item | row for row in self._of_criterion(result))
        if not found.criteria:
            yield item | {"answer": self._answer(found), "reason": self.reasons(found.reasons)}

    def _answer(self, found: PublicFinding) -> Cell:
        """What was answered, and that nothing stands behind it where that is so."""
        given = found.answer
        if given is None:
            return None
        word = self.words.text(f"answer.{given.answer}")
        return word if given.evidence or given.checked else f"{word} · {self.words.text('report.unverified')}"

    def _of_criterion(self, result: PublicResult) -> Iterator[dict[str, Cell]]:
        criterion = result.criterion
        at_least, at_most = ends(criterion)
        same: dict[str, Cell] = {
            "criterion_verdict": self.words.text(f"verdict.{result.verdict}"),
            "check_name": self.check_name(criterion.check),
            "check": criterion.check,
            "at_least": at_least,
            "at_most": at_most,
            "rule": self.words.text(f"rule.{criterion.rule}") if criterion.rule else None,
            "source": one_line(statements.source_text(criterion, self.words)) or None,
        }
        measured = {one.reason.code for one in result.measurements if one.reason}
        rest = [reason for reason in result.reasons if reason.code not in measured]
        for one in result.measurements:
            yield same | self._of_measurement(one) | {"reason": self.why(one, rest)}
        if not result.measurements:
            yield same | {"reason": self.reasons(result.reasons)}

    def _of_measurement(self, found: PublicMeasurement) -> dict[str, Cell]:
        figures = {name: getattr(found, name) for name in ("value", "low", "high", "n")}
        return figures | {
            "confidence": None if found.low is None else found.confidence,
            "by": one_line(" × ".join(found.by)) or None,
            "slice": self.slice(found, found.by),
            "of": _scalar(found.of),
            "unit": self.words.first(f"table.unit.{found.unit}", f"unit.{found.unit}") or found.unit,
        }

    def _groups(self, found: PublicFinding) -> Iterator[dict[str, Cell]]:
        for result in found.criteria:
            for one in result.measurements:
                parts: list[tuple[str, tuple[PublicGroup, ...]]] = [(part.rate, part.groups) for part in one.parts]
                for rate, groups in parts or [("", one.groups)]:
                    named = self.words.first(f"rate.{rate}") or rate
                    yield from (self._of_group(found.item, one, group, named) for group in groups)

    def _of_group(self, item: str, one: PublicMeasurement, group: PublicGroup, rate: str) -> dict[str, Cell]:
        return {name: getattr(group, name) for name in ("value", "low", "high", "n")} | {
            "item": one_line(item),
            "check_name": self.check_name(one.check),
            "check": one.check,
            "by": one_line(" × ".join(one.by)) or None,
            "rate": one_line(rate) or None,
            "slice": self.slice(group, one.by),
            "judged": self.words.text("report.yes" if group.judged else "report.no"),
            "reason": self.why(group),
        }

    def _as_table(self, keys: tuple[str, ...], rows: Iterable[Mapping[str, Cell]]) -> Table:
        heads = tuple(self.words.text(f"table.{key}") for key in keys)
        return Table(keys=keys, heads=heads, rows=tuple(tuple(exact(row.get(key)) for key in keys) for row in rows))


def ends(criterion: Criterion) -> tuple[Cell, Cell]:
    """Between which numbers a criterion wants its measurement; both the same where it wants just one."""
    if criterion.between is not None:
        return criterion.between
    if criterion.equals is not None:
        return criterion.equals, criterion.equals
    return criterion.at_least, criterion.at_most


def exact(cell: Cell) -> Cell:
    """A whole number without a decimal point, as canonical JSON writes it: a record read back gives the same cells."""
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell


def one_line(value: object) -> str:
    """A value of the record as one line of text, without characters that act unseen."""
    if isinstance(value, float):
        value = exact(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return str(visible(" ".join(text.split())))


def _scalar(value: Json) -> Cell:
    """A class as it was recorded: a number as a number, anything else as text."""
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    return value if plain or value is None else one_line(value)
