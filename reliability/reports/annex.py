"""Tables that take more room than a document's pages: CSV files that the document carries, safe to open."""

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from reliability.records import Assessment
from reliability.reports import identification
from reliability.reports.finding_view import FindingView
from reliability.reports.mending import Mending
from reliability.reports.risks import Register, risk_table
from reliability.reports.rows import Row
from reliability.reports.separated import comma_separated
from reliability.reports.tables import Cell, Results, Table, one_line
from reliability.words.text import Words

Holding: TypeAlias = Literal["findings", "results", "groups", "answers", "evidence", "inputs", "remedies", "risks"]
FINDINGS = tuple("item section title requirement severity verdict headline reason references".split())
ADVICE = tuple("causes decides remedy".split())  # what a test report does not give (ISO/IEC 17025, 7.8.7)
ANSWERS = tuple("item title answer answered_by date note checked_by".split())
EVIDENCE = tuple("item path sha256".split())
INPUTS = tuple("name text sha256".split())
REMEDIES = tuple("item rank remedy name effort number before after gain verdict changes decisions".split())


@dataclass(frozen=True, kw_only=True)
class Annex:
    """A table as a file: its name, its CSV, how many rows it has below its heading, and what it holds."""

    holds: Holding
    text: str
    rows: int
    told: str

    @property
    def name(self) -> str:
        """The name of the file."""
        return f"{self.holds}.csv"

    @property
    def link(self) -> str:
        """The file as a data: URI."""
        return f"data:text/csv;charset=utf-8;base64,{base64.b64encode(self.text.encode('utf-8')).decode('ascii')}"


@dataclass(frozen=True, kw_only=True)
class Whole:
    """What the files are drawn from: the record, and its findings as they would stand on pages without end."""

    assessment: Assessment
    views: Sequence[FindingView]
    opinions: bool  # whether the document gives advice
    words: Words
    register: Register | None = None


def annexes(whole: Whole, wanted: Iterable[Holding]) -> tuple[Annex, ...]:
    """The files of these tables, in a fixed order."""
    asked = frozenset(wanted)
    return tuple(_annex(holds, draw(whole), whole.words) for holds, draw in _DRAWN.items() if holds in asked)


def _annex(holds: Holding, table: Table, words: Words) -> Annex:
    return Annex(
        holds=holds, text=comma_separated(table), rows=len(table.rows), told=words.text(f"annex.{holds}")
    )  # fmt: skip


def _findings(whole: Whole) -> Table:
    keys = (*FINDINGS, *ADVICE) if whole.opinions else FINDINGS
    results = Results(whole.assessment, whole.words)
    return _table(keys, (_finding(one, results, whole.words) for one in whole.views), whole.words)


def _finding(one: FindingView, results: Results, words: Words) -> dict[str, Cell]:
    plain = {name: getattr(one, name) for name in ("item", "title", "requirement", "headline", "remedy", "references")}
    return plain | {
        "section": results.section(one.item),
        "severity": one.severity_word,
        "verdict": words.text(f"verdict.{one.verdict}"),
        "reason": "; ".join((*one.reasons, *(note for each in one.criteria for note in each.notes))),
        "causes": "; ".join(one.causes),
        "decides": "; ".join(one.decides),
    }


def _results(whole: Whole) -> Table:
    return Results(whole.assessment, whole.words).table()


def _groups(whole: Whole) -> Table:
    return Results(whole.assessment, whole.words).groups()


def _answers(whole: Whole) -> Table:
    titles = {one.item: one.title for one in whole.views}
    rows = (
        {
            "item": found.item,
            "title": titles[found.item],
            "answer": whole.words.text(f"answer.{found.answer.answer}"),
            "answered_by": found.answer.by,
            "date": found.answer.date,
            "note": found.answer.note,
            "checked_by": found.answer.checked_by,
        }
        for found in whole.assessment.findings
        if found.answer
    )
    return _table(ANSWERS, rows, whole.words)


def _evidence(whole: Whole) -> Table:
    rows: Iterator[dict[str, Cell]] = (
        {"item": found.item, "path": file.path, "sha256": file.sha256}
        for found in whole.assessment.findings
        for file in (found.answer.evidence if found.answer else ())
    )
    return _table(EVIDENCE, rows, whole.words)


def _inputs(whole: Whole) -> Table:
    told: list[Row] = [
        *identification.digests(whole.assessment, whole.words),
        *identification.conditions(whole.assessment, whole.words),
        *identification.not_tested(whole.assessment, whole.words),
    ]
    return _table(INPUTS, ({"name": row.name, "text": row.text, "sha256": row.code} for row in told), whole.words)


def _remedies(whole: Whole) -> Table:
    """Every remedy that was confirmed, then what could not be tried, item by item."""
    rows = (row for one in whole.views if one.mending is not None for row in _of_mending(one.item, one.mending))
    return _table(REMEDIES, rows, whole.words, prefix="remedies.column")


def _of_mending(item: str, told: Mending) -> Iterator[dict[str, Cell]]:
    for one in told.remedies:
        own = one.own
        ends: dict[str, Cell] = {} if own is None else {
            "before": _with_interval(own.before, own.before_interval),
            "after": _with_interval(own.after, own.after_interval),
            "gain": _with_interval(own.gain, own.gain_interval),
        }  # fmt: skip
        changed = [f"{effect.item}: {effect.before_word} → {effect.after_word}" for effect in one.effects]
        yield ends | {
            "item": item, "rank": one.rank, "remedy": one.id, "name": one.name, "effort": one.effort,
            "number": told.number, "verdict": one.verdict_word, "changes": "; ".join(changed),
            "decisions": one.decisions,
        }  # fmt: skip
    for row in told.untried:
        yield {"item": item, "name": row.name, "changes": row.text}


def _with_interval(value: str, interval: str) -> str:
    return f"{value} [{interval}]" if interval else value


def _risks(whole: Whole) -> Table:
    return risk_table(whole.register.risks if whole.register is not None else (), whole.words)


def _table(keys: tuple[str, ...], rows: Iterable[Mapping[str, Cell]], words: Words, prefix: str = "table") -> Table:
    heads = tuple(words.text(f"{prefix}.{key}") for key in keys)
    return Table(keys=keys, heads=heads, rows=tuple(tuple(_plain(row.get(key)) for key in keys) for row in rows))


def _plain(cell: Cell) -> Cell:
    return one_line(cell) if isinstance(cell, str) and cell else cell or None


_DRAWN: dict[Holding, Callable[[Whole], Table]] = {
    "findings": _findings,
    "results": _results,
    "groups": _groups,
    "answers": _answers,
    "evidence": _evidence,
    "inputs": _inputs,
    "remedies": _remedies,
    "risks": _risks,
}
