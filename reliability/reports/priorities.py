"""What to do first: open findings in their order, and where they stand by severity and verdict."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from reliability.records import WORST_FIRST, Severity, Verdict
from reliability.reports.finding_view import CriterionView, FindingView, MeasurementView, Tier
from reliability.reports.risk_entries import NOBODY, Entries, Entry
from reliability.reports.statements import first_sentence
from reliability.words.text import Words

MOST_IN_CELL = 12
FIRST = 3
_ROWS: tuple[Severity, ...] = ("critical", "major", "minor")
_COLUMNS: tuple[Verdict, ...] = (
    "fail", "error", "conditional_fail", "inconclusive", "not_assessed", "conditional_pass", "pass",
)  # fmt: skip
SETTLED = ("pass", "not_applicable")
_RISK = {"decides": 3, "open": 2, "condition": 1}


@dataclass(frozen=True, kw_only=True)
class Todo:
    """An open finding in its place, with what to do about it in one sentence."""

    n: int
    item: str
    title: str
    headline: str
    verdict: Verdict
    severity_word: str
    tier: Tier
    figure: str  # what was measured, against its limit; empty where nothing was
    action: str
    entry: Entry = NOBODY  # what people wrote about it


@dataclass(frozen=True, kw_only=True)
class Cell:
    """The items of one severity and one verdict; `risk` is how much they weigh, from 0 to 3."""

    verdict: Verdict
    items: tuple[str, ...]
    more: int
    total: int
    risk: int


@dataclass(frozen=True, kw_only=True)
class MatrixRow:
    """The items of one severity, by verdict."""

    severity: Severity
    word: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """Severity against verdict; only verdicts that occur."""

    verdicts: tuple[tuple[Verdict, str], ...]
    rows: tuple[MatrixRow, ...]


def in_order(views: Iterable[FindingView]) -> tuple[FindingView, ...]:
    """Open findings, those first that weigh most; of one weight what was measured before what was not answered."""
    return tuple(
        sorted(
            (view for view in views if view.tier is not None),
            key=lambda one: (
                -_RISK[one.tier or "condition"],
                one.verdict == "not_assessed",
                WORST_FIRST.index(one.verdict),
                _ROWS.index(one.severity),
                one.asked,
            ),
        )
    )


def todo(ordered: Sequence[FindingView], words: Words, entries: Entries | None = None) -> tuple[Todo, ...]:
    """Every open finding, in the order given, with what people wrote about it."""
    given = entries or Entries()
    return tuple(_todo(place, view, given.of(view.item), words) for place, view in enumerate(ordered, start=1))


def _todo(place: int, view: FindingView, entry: Entry, words: Words) -> Todo:
    return Todo(
        n=place,
        item=view.item,
        title=view.title,
        headline=view.headline,
        verdict=view.verdict,
        severity_word=view.severity_word,
        tier=view.tier or "condition",
        figure=figure(view, words),
        action=action(view, words),
        entry=entry,
    )


def telling(view: FindingView) -> tuple[CriterionView, MeasurementView] | None:
    """The judged measurement that tells most of a finding: one with its verdict, else one that keeps it open."""
    drawn = [
        (criterion, found)
        for criterion in view.criteria
        if not criterion.reported
        for found in criterion.alone
        if found.scale
    ]
    own = [pair for pair in drawn if pair[1].verdict == view.verdict]
    own = own or [pair for pair in drawn if pair[0].verdict == view.verdict]
    return next(iter(own or (pair for pair in drawn if pair[0].verdict not in SETTLED)), None)


def figure(view: FindingView, words: Words, *, interval: bool = False) -> str:
    """What was measured, against its limit, with its interval if asked for; empty where nothing was."""
    told = telling(view)
    if told is None:
        return ""
    criterion, found = told
    name = " ".join(part for part in (criterion.title, found.label and f"({found.label})") if part)
    told_with = {"name": name, "value": found.value, "limit": criterion.limit}
    if interval and found.interval:
        return words.text("todo.figure.interval", interval=found.interval, **told_with)
    return words.text("todo.figure", **told_with)


def action(view: FindingView, words: Words) -> str:
    """What to do about a finding, in one sentence: a failing one is mended, an open one is settled first."""
    wanted = [words.text("action.answer", evidence=view.evidence_wanted)] if view.evidence_wanted else []
    unanswered = [text for text in wanted if view.asked and view.answer is None]
    if view.settling and not view.asked and view.verdict != "fail":
        return view.settling
    told = next((text for text in (*unanswered, view.remedy) if text), "") or view.requirement
    return first_sentence(told)


def matrix(views: Sequence[FindingView], words: Words) -> Matrix:
    """Where the findings stand by severity and verdict."""
    found = {view.verdict for view in views}
    columns = tuple(verdict for verdict in _COLUMNS if verdict in found)
    rows = [severity for severity in _ROWS if any(view.severity == severity for view in views)]
    return Matrix(
        verdicts=tuple((verdict, words.text(f"verdict.{verdict}")) for verdict in columns),
        rows=tuple(_row(views, severity, columns, words) for severity in rows),
    )


def _row(views: Sequence[FindingView], severity: Severity, columns: Sequence[Verdict], words: Words) -> MatrixRow:
    cells = tuple(_cells(views, severity, columns))
    return MatrixRow(severity=severity, word=words.text(f"severity.{severity}"), cells=cells)


def _cells(views: Sequence[FindingView], severity: Severity, columns: Sequence[Verdict]) -> Iterator[Cell]:
    for verdict in columns:
        here = [view for view in views if view.severity == severity and view.verdict == verdict]
        named = () if verdict == "pass" else tuple(view.item for view in here)
        yield Cell(
            verdict=verdict,
            items=named[:MOST_IN_CELL],
            more=max(len(named) - MOST_IN_CELL, 0),
            total=len(here),
            risk=max((_RISK[view.tier] for view in here if view.tier), default=0),
        )
