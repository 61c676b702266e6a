"""Drawings of a measure, not of a finding: predicted against observed, missing values, drift, disturbance."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from reliability.records import Assessment, Criterion, Json, Measurement
from reliability.reports import figures, statements
from reliability.reports.groups import GroupRow, GroupTable
from reliability.reports.scale import GroupPlot, group_plot
from reliability.reports.units import ends
from reliability.reports.widths import shortened
from reliability.words.text import Words

Drawing = TypeVar("Drawing")

SQUARE = 150.0  # side of the reliability diagram
LEFT, TOP = 34.0, 8.0
MOST_COLUMNS = 14
NAME_WIDTH = 18
BAR_LEFT, BAR_WIDTH, BAR_HEIGHT = 100.0, 150.0, 15.0


@dataclass(frozen=True, kw_only=True)
class Point:
    """One bin of predicted probabilities: where it stands, and its numbers."""

    x: float
    y: float
    score: str
    observed: str
    n: str


@dataclass(frozen=True, kw_only=True)
class ReliabilityDiagram:
    """Observed shares against predicted ones; on the diagonal they agree."""

    title: str
    item: str
    points: tuple[Point, ...]
    withheld: int  # bins of fewer rows than may be shown


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One column of the data, and how much of it is missing."""

    y: float
    name: str
    width: float
    text: str


@dataclass(frozen=True, kw_only=True)
class MissingMap:
    """Missing values by column, the emptiest first."""

    title: str
    item: str
    bars: tuple[Bar, ...]
    height: float
    left_out: int
    complete: int  # columns without a missing value


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """Numbers of one kind, each with its interval, and how to read them."""

    title: str
    plot: GroupPlot
    note: str
    item: str = ""


@dataclass(frozen=True, kw_only=True)
class Exhibits:
    """The drawings of an assessment, as far as it measured what they show."""

    reliability: ReliabilityDiagram | None
    missing: MissingMap | None
    drift: Drawn | None
    disturbance: Drawn | None

    @property
    def any(self) -> bool:
        """Whether there is a drawing at all."""
        return any((self.reliability, self.missing, self.drift, self.disturbance))


def exhibits(assessment: Assessment, words: Words) -> Exhibits:
    """The drawings of an assessment."""
    measured = [(item, found) for item, _, found in _measured(assessment)]
    return Exhibits(
        reliability=_first(reliability(item, found, words) for item, found in measured),
        missing=_first(missing_map(item, found, words) for item, found in measured),
        drift=_first(drift_map(item, criterion, found, words) for item, criterion, found in _measured(assessment)),
        disturbance=disturbance([found for _, found in measured], words),
    )


def _first(drawn: Iterable[Drawing | None]) -> Drawing | None:
    return next((one for one in drawn if one), None)


def _measured(assessment: Assessment) -> Iterator[tuple[str, Criterion, Measurement]]:
    for finding in assessment.findings:
        for result in finding.criteria:
            for found in result.measurements:
                yield finding.item, result.criterion, found


def reliability(item: str, found: Measurement, words: Words) -> ReliabilityDiagram | None:
    """The reliability diagram of a calibration measure; None for any other measurement."""
    bins: Sequence[dict[str, Json]] = found.details.get("bins") or ()
    if not bins or not found.check.startswith("calibration.") or found.by:
        return None
    shown = [one for one in bins if one["n"] >= figures.FEWEST_SHOWN]
    return ReliabilityDiagram(
        title=words.text("exhibit.reliability"),
        item=item,
        points=tuple(_point(one, words) for one in shown),
        withheld=sum(0 < one["n"] < figures.FEWEST_SHOWN for one in bins),
    )


def _point(one: dict[str, Json], words: Words) -> Point:
    score, observed = float(one["mean_score"]), float(one["observed"])
    return Point(
        x=round(LEFT + SQUARE * min(max(score, 0), 1), 1),
        y=round(TOP + SQUARE * (1 - min(max(observed, 0), 1)), 1),
        score=figures.number(score, "share", words.lang),
        observed=figures.number(observed, "share", words.lang),
        n=figures.count(one["n"]),
    )


def missing_map(item: str, found: Measurement, words: Words) -> MissingMap | None:
    """Missing values by column; None for any other measurement."""
    columns: Sequence[dict[str, Json]] = found.details.get("columns") or ()
    if found.check != "data_quality.value_completeness" or not columns:
        return None
    lacking = [one for one in columns if one["missing"]]
    drawn = [(one, 1 - float(one["value"])) for one in lacking[:MOST_COLUMNS]]
    most = max([share for _, share in drawn], default=0) or 1
    return MissingMap(
        title=words.text("exhibit.missing"),
        item=item,
        bars=tuple(_bar(place, one, share / most, share, words) for place, (one, share) in enumerate(drawn)),
        height=round(BAR_HEIGHT * len(drawn) + 4, 1),
        left_out=len(lacking) - len(drawn),
        complete=len(columns) - len(lacking),
    )


def _bar(place: int, one: dict[str, Json], part: float, share: float, words: Words) -> Bar:
    told = words.text(
        "exhibit.missing.bar", share=figures.number(share, "share", words.lang), n=figures.count(one["missing"])
    )
    return Bar(
        y=round(BAR_HEIGHT * (place + 0.5) + 2, 1),
        name=shortened(str(one["column"]), NAME_WIDTH),
        width=round(max(BAR_WIDTH * part, 1), 1),
        text=told,
    )


def drift_map(item: str, criterion: Criterion, found: Measurement, words: Words) -> Drawn | None:
    """Shift of every column since training, the farthest first, against the limit; None for any other measurement."""
    columns: Sequence[dict[str, Json]] = found.details.get("columns") or ()
    if found.check != "drift.population_stability_index" or not columns:
        return None
    names = [shortened(str(one["column"]), NAME_WIDTH) for one in columns[:MOST_COLUMNS]]
    rows = tuple(
        GroupRow(label=name, n=one["n"], value=one["value"], low=one["low"], high=one["high"], judged=True)
        for name, one in zip(names, columns, strict=False)
    )
    limit = criterion.at_most
    table = GroupTable(by=(), unit=found.unit, ends=ends(found), rows=rows, left_out=0, reference=limit)
    said = "" if limit is None else figures.limit_number(limit, found.unit, words.lang)
    plot = group_plot(table, words.text("exhibit.drift"), words.text("report.limit_mark", limit=said), words)
    left = len(columns) - len(rows)
    more = " " + figures.counted(words, "exhibit.drift.left_out", left) if left else ""
    note = words.text("exhibit.drift.note") + more
    return Drawn(title=words.text("exhibit.drift"), plot=plot, note=note, item=item) if plot else None


def disturbance(measured: Sequence[Measurement], words: Words) -> Drawn | None:
    """How predictions held under disturbance, by its strength; None where none was measured."""
    told: dict[str, tuple[Measurement, float]] = {}
    for found in measured:
        strength = found.details.get("strength", found.details.get("share"))
        if found.check.startswith("robustness.") and strength is not None and found.value is not None and not found.by:
            told.setdefault(_disturbed(found.check, float(strength), words), (found, float(strength)))
    if not told:
        return None
    ordered = sorted(told.items(), key=lambda pair: (pair[1][0].check, pair[1][1]))
    rows = tuple(_row(name, found) for name, (found, _) in ordered)
    table = GroupTable(by=(), unit="share", ends=ends(ordered[0][1][0]), rows=rows, left_out=0, reference=None)
    plot = group_plot(table, words.text("exhibit.disturbance"), "", words)
    note = words.text("exhibit.disturbance.note")
    return Drawn(title=words.text("exhibit.disturbance"), plot=plot, note=note) if plot else None


def _disturbed(check: str, strength: float, words: Words) -> str:
    """What was done to the inputs, and how strongly."""
    short = words.first(f"exhibit.{check}", strength=f"{strength:g}")
    return short or f"{statements.check_title(check, words)} {strength:g}"


def _row(name: str, found: Measurement) -> GroupRow:
    return GroupRow(label=name, n=found.n, value=found.value, low=found.low, high=found.high, judged=found.judged)
