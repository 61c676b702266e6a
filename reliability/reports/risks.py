"""The risk register of a case: what could go wrong, how bad, how likely and on what basis, and what is done about it.

Nothing in it is a score: severity is the item's own, the likelihood class is read off the measurement or the answer.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from reliability.records import Assessment, Finding, Severity, Verdict
from reliability.reports.causes import misses
from reliability.reports.figures import counted
from reliability.reports.finding_view import CriterionView, FindingView, MeasurementView
from reliability.reports.next_steps import Step
from reliability.reports.priorities import telling
from reliability.reports.risk_entries import Entries, Entry, OwnRisk
from reliability.reports.statements import check_title, reasons, worst_result
from reliability.reports.tables import Cell, Table, one_line
from reliability.reports.widths import shortened
from reliability.words.text import Words

Likelihood: TypeAlias = Literal["confirmed", "likely", "unknown", "possible", "unseen"]
Level: TypeAlias = Literal["high", "medium", "low"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
LIKELIHOODS: tuple[Likelihood, ...] = get_args(Likelihood)
LEVELS: tuple[Level, ...] = get_args(Level)
DERIVED = ("item", "title", "hazard", "severity", "likelihood", "basis", "level", "proposed", "expected")
FILLED = ("treatment", "owner", "effort", "due", "residual", "note")
COLUMNS = (*DERIVED, *FILLED)
MOST_IN_CELL = 10
TITLE = 100  # half-widths
WEIGHTS: Mapping[Level, int] = {"high": 3, "medium": 2, "low": 1}
# By what was found, where no number tells more: a limit missed for certain, probably, not known, perhaps, not at all.
_BY_VERDICT: Mapping[Verdict, Likelihood] = {
    "fail": "confirmed", "error": "unknown", "conditional_fail": "likely", "inconclusive": "unknown",
    "not_assessed": "unknown", "conditional_pass": "possible", "pass": "unseen",
}  # fmt: skip
# House default: severity down, likelihood across.
_LEVELS: Mapping[str, Mapping[Likelihood, Level]] = {
    "critical": {"confirmed": "high", "likely": "high", "unknown": "high", "possible": "medium", "unseen": "low"},
    "major": {"confirmed": "high", "likely": "medium", "unknown": "medium", "possible": "low", "unseen": "low"},
    "minor": {"confirmed": "medium", "likely": "low", "unknown": "low", "possible": "low", "unseen": "low"},
}


@dataclass(frozen=True, kw_only=True)
class Risk:
    """One row of the register, ready to print."""

    item: str
    title: str
    hazard: str
    severity: str
    severity_word: str
    likelihood: Likelihood
    likelihood_word: str
    basis: str
    level: Level
    level_word: str
    proposed: str
    expected: str  # what is left after it, as far as it was measured
    entry: Entry

    @property
    def weight(self) -> int:
        """How much it weighs, from 1 to 3."""
        return WEIGHTS[self.level]


@dataclass(frozen=True, kw_only=True)
class RiskCell:
    """The risks of one severity and one likelihood."""

    items: tuple[str, ...]
    more: int
    weight: int


@dataclass(frozen=True, kw_only=True)
class RiskRow:
    """The risks of one severity."""

    word: str
    cells: tuple[RiskCell, ...]


@dataclass(frozen=True, kw_only=True)
class Register:
    """The register as table and as matrix."""

    risks: tuple[Risk, ...]
    heads: tuple[str, ...]
    rows: tuple[RiskRow, ...]


def register(
    assessment: Assessment, views: Sequence[FindingView], steps: Mapping[str, Step], entries: Entries, words: Words
) -> Register:
    """The risks of every open finding, of what was treated by now, and those that people added; the highest first."""
    by_item = {found.item: found for found in assessment.findings}
    treated = {item for item in entries.by_item if item in by_item and by_item[item].verdict == "pass"}
    kept = (view for view in views if view.tier is not None or view.item in treated)
    risks = [_risk(view, by_item[view.item], steps.get(view.item), entries, words) for view in kept]
    risks += [_own(one, words) for one in entries.own]
    risks.sort(key=lambda one: (LEVELS.index(one.level), SEVERITIES.index(one.severity)))
    return Register(
        risks=tuple(risks),
        heads=tuple(words.text(f"risk.likelihood.{name}") for name in LIKELIHOODS),
        rows=tuple(_matrix(risks, words)),
    )


def level_of(severity: str, likelihood: Likelihood) -> Level:
    """The level of a risk, by the table of the house."""
    return _LEVELS[severity][likelihood]


def likelihood_of(found: Finding) -> Likelihood:
    """How likely it is that a limit is missed: by the verdict; of an open one, by the side its estimate lies on."""
    worst = worst_result(found)
    if found.verdict != "inconclusive" or worst is None:
        return _BY_VERDICT.get(found.verdict, "unknown")
    measured = [one for one in worst.measurements if one.value is not None and one.low is not None]
    if not measured:
        return "unknown"
    return "likely" if any(misses(one, worst.criterion) for one in measured) else "possible"


def _risk(view: FindingView, found: Finding, step: Step | None, entries: Entries, words: Words) -> Risk:
    likelihood = likelihood_of(found)
    level = level_of(view.severity, likelihood)
    return Risk(
        item=view.item, title=view.title, hazard=_hazard(found, view.title, words), severity=view.severity,
        severity_word=view.severity_word, likelihood=likelihood,
        likelihood_word=words.text(f"risk.likelihood.{likelihood}"), basis=_basis(view, found, likelihood, words),
        level=level, level_word=words.text(f"risk.level.{level}"),
        proposed="" if view.verdict == "pass" else _proposed(view.item, step),
        expected=_expected(view, step, words), entry=entries.of(view.item),
    )  # fmt: skip


def _proposed(item: str, step: Step | None) -> str:
    return next((one.todo for one in step.items if one.item == item), "") if step is not None else ""


def _hazard(found: Finding, title: str, words: Words) -> str:
    worst = worst_result(found)
    if worst is None:
        return words.text("risk.hazard.asked", title=shortened(title, TITLE))
    family = (worst.criterion.check or "performance").partition(".")[0]
    return words.first(f"risk.hazard.{family}") or words.text("risk.hazard.asked", title=shortened(title, TITLE))


def _basis(view: FindingView, found: Finding, likelihood: Likelihood, words: Words) -> str:
    """What the likelihood class rests on: the number that gave the verdict, or why there is none."""
    if view.asked:
        answer = view.answer.word if view.answer is not None else words.text("risk.unanswered")
        return words.text("risk.basis.answer", answer=answer)
    told = _missing(view, found) if likelihood == "likely" else None
    told = told or telling(view)
    gave_it = told is not None and view.verdict in (told[0].verdict, told[1].verdict)
    if told is None or not told[1].value or not gave_it:
        return _unsettled(found, words) or words.text("risk.basis.unmeasured")
    criterion, number = told
    name = f"{criterion.title} ({number.label})" if number.label else criterion.title
    value = f"{number.value} [{number.interval}]" if number.interval else number.value
    return words.text(
        f"risk.basis.{likelihood}", name=name, value=value, limit=criterion.limit.replace(" ", "\N{NO-BREAK SPACE}")
    )


def _missing(view: FindingView, found: Finding) -> tuple[CriterionView, MeasurementView] | None:
    """The first number of an undecided finding whose estimate lies beyond its limit."""
    worst = worst_result(found)
    shown = next((one for one in view.criteria if worst and one.verdict == worst.verdict), None)
    if worst is None or shown is None or len(shown.measurements) != len(worst.measurements):
        return None
    beyond = (number for number, one in zip(shown.measurements, worst.measurements, strict=True)
              if one.low is not None and misses(one, worst.criterion))  # fmt: skip
    return next(((shown, number) for number in beyond), None)


def _unsettled(found: Finding, words: Words) -> str:
    """The first criterion that gave a finding its verdict without a number, why, and how many more there are."""
    told = [
        words.text("risk.basis.open", name=check_title(one.criterion.check, words), reason=why)
        for one in found.criteria
        if one.verdict == found.verdict and one.criterion.check
        for why in [", ".join(reasons(one.reasons, words)).rstrip(".")]
        if why
    ]
    if len(told) < 2:
        return "".join(told)
    return f"{told[0]} ({counted(words, 'step.more_lines', len(told) - 1)})"


def _expected(view: FindingView, step: Step | None, words: Words) -> str:
    """The level that is left after the proposed remedy, on the rows that confirmed it."""
    tried = view.mending.remedies if view.mending is not None and step is not None and step.kind == "remedy" else ()
    applied = next((one for one in tried if step is not None and one.id == step.remedy), None)
    if applied is None:
        return "" if view.verdict == "pass" else words.text("risk.expected.unmeasured")
    level = level_of(view.severity, _BY_VERDICT.get(applied.verdict, "unknown"))
    return words.text("risk.expected", level=words.text(f"risk.level.{level}"), verdict=applied.verdict_word)


def _own(one: OwnRisk, words: Words) -> Risk:
    likelihood = next(name for name in LIKELIHOODS if name == one.likelihood)
    level = level_of(one.severity, likelihood)
    return Risk(
        item=one.item, title=one.title, hazard=one.hazard, severity=one.severity,
        severity_word=words.text(f"severity.{one.severity}"), likelihood=likelihood,
        likelihood_word=words.text(f"risk.likelihood.{likelihood}"), basis=words.text("risk.basis.own"), level=level,
        level_word=words.text(f"risk.level.{level}"), proposed="", expected="", entry=one.entry,
    )  # fmt: skip


def _matrix(risks: Sequence[Risk], words: Words) -> Iterator[RiskRow]:
    for severity in SEVERITIES:
        yield RiskRow(
            word=words.text(f"severity.{severity}"),
            cells=tuple(_cell(risks, severity, likelihood) for likelihood in LIKELIHOODS),
        )


def _cell(risks: Iterable[Risk], severity: str, likelihood: Likelihood) -> RiskCell:
    here = [one.item or "+" for one in risks if (one.severity, one.likelihood) == (severity, likelihood)]
    return RiskCell(
        items=tuple(here[:MOST_IN_CELL]), more=max(len(here) - MOST_IN_CELL, 0),
        weight=WEIGHTS[level_of(severity, likelihood)],
    )  # fmt: skip


def risk_table(risks: Iterable[Risk], words: Words) -> Table:
    """The register as a table to fill in."""
    return Table(
        keys=COLUMNS,
        heads=tuple(words.text(f"risk.column.{key}") for key in COLUMNS),
        rows=tuple(tuple(_cells(one)) for one in risks),
    )


def _cells(one: Risk) -> Iterator[Cell]:
    told = {
        "item": one.item, "title": one.title, "hazard": one.hazard, "severity": one.severity_word,
        "likelihood": one.likelihood_word, "basis": one.basis, "level": one.level_word, "proposed": one.proposed,
        "expected": one.expected,
    }  # fmt: skip
    told |= {key: getattr(one.entry, key) for key in FILLED}
    return (one_line(told[key]) or None for key in COLUMNS)
