"""Findings as documents show them: plain values and sentences, already in one language."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from reliability.records import Verdict
from reliability.reports.mending import Mending
from reliability.reports.scale import GroupPlot, Scale

Tier: TypeAlias = Literal["decides", "open", "condition"]


@dataclass(frozen=True, kw_only=True)
class MeasurementView:
    """One measurement, ready to print."""

    label: str
    slice: bool
    value: str  # empty where nothing could be measured
    interval: str
    confidence: str
    n: str
    n_named: str  # with what it counts
    rows: str  # which rows n counts, where these are not all
    method: str
    scale: Scale | None
    plot: GroupPlot | None
    reason: str
    verdict: Verdict | None  # of its own; a slice has none, for the worst is judged


@dataclass(frozen=True, kw_only=True)
class CriterionView:
    """One criterion with its measurements, ready to print."""

    check: str
    title: str
    about: str
    limit: str
    basis: str
    verdict: Verdict
    measurements: tuple[MeasurementView, ...]
    plots: tuple[GroupPlot, ...]
    notes: tuple[str, ...]

    @property
    def reported(self) -> bool:
        """Whether it is shown and not judged."""
        return self.verdict == "reported"

    @property
    def solo(self) -> bool:
        """Whether it is one number, without groups beside it."""
        return (
            len(self.measurements) == 1
            and not self.plots
            and bool(self.measurements[0].value)
            and not self.measurements[0].plot
        )

    @property
    def alone(self) -> tuple[MeasurementView, ...]:
        """The measurements that no plot of slices shows."""
        return tuple(found for found in self.measurements if not (found.slice and self.plots))


@dataclass(frozen=True, kw_only=True)
class AnswerView:
    """An answer, ready to print."""

    word: str
    by: str
    note: str
    evidence: tuple[tuple[str, str], ...]
    checked_by: str
    unverified: str  # empty where evidence or another person stands behind the answer
    more: str = ""  # how much of the evidence stands elsewhere


@dataclass(frozen=True, kw_only=True)
class ResultLine:
    """One line of the table of all results."""

    name: str
    value: str
    interval: str
    limit: str
    n: str
    verdict: Verdict | None
    note: str = ""  # how the verdict was reached, where the line has none of its own
    judged: bool = True


@dataclass(frozen=True, kw_only=True)
class FindingView:
    """One item with its verdict, ready to print."""

    item: str
    section: str
    title: str
    requirement: str
    headline: str
    severity: str
    severity_word: str
    verdict: Verdict
    tier: Tier | None
    criteria: tuple[CriterionView, ...]
    lines: tuple[ResultLine, ...]
    answer: AnswerView | None
    asked: bool
    long: bool  # may be longer than a page, so it breaks wherever it must
    declared: bool  # passed or not by an answer, not by a measurement
    evidence_wanted: str
    reasons: tuple[str, ...]
    causes: tuple[str, ...]  # as far as they were measured
    decides: tuple[str, ...] = ()
    remedy: str
    references: str
    settling: str = ""  # which of these settles it first, in a sentence or two
    mending: Mending | None = None  # what was tried for it, where there is advice
    elsewhere: str = ""  # how many of its criteria stand in the table of all results only

    @property
    def judged_wide(self) -> tuple[CriterionView, ...]:
        """The judged criteria that take the whole width: those with groups, or without a number."""
        return tuple(one for one in self.criteria if not one.reported and not one.solo)

    @property
    def judged_solo(self) -> tuple[CriterionView, ...]:
        """The judged criteria of one number each."""
        return tuple(one for one in self.criteria if not one.reported and one.solo)

    @property
    def reported_beside(self) -> tuple[CriterionView, ...]:
        """The numbers that are only shown and fill the place beside the last judged one."""
        shown = tuple(one for one in self.criteria if one.reported and one.solo and not one.notes)
        return shown if len(self.judged_solo) % 2 else ()

    @property
    def reported_below(self) -> tuple[CriterionView, ...]:
        """The criteria that are only shown and stand below the judged ones."""
        return tuple(one for one in self.criteria if one.reported and one not in self.reported_beside)
