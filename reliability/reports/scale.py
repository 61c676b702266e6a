"""Where the marks of a chart stand: the arithmetic behind the drawings, so that templates hold none."""

import itertools
import math
from dataclasses import dataclass

from reliability.records import Criterion, Measurement, Number
from reliability.reports import figures
from reliability.reports.groups import GroupRow, GroupTable
from reliability.reports.units import Ends, ends
from reliability.reports.widths import half_widths, shortened
from reliability.words.text import Words

SCALE_LEFT, SCALE_WIDTH = 8.0, 296.0
ROW_HEIGHT = 15.0
HALF_WIDTH = 5.0  # of a letter of a chart, in its units


@dataclass(frozen=True, kw_only=True)
class Frame:
    """Where the parts of a plot of groups stand: names, lines, values and notes, from left to right."""

    total: float
    label_x: float
    left: float
    width: float
    value_x: float
    note_x: float
    label_width: int  # in half-widths: a Korean syllable takes two

    @property
    def right(self) -> float:
        """Where the lines end."""
        return self.left + self.width


NARROW = Frame(total=312, label_x=92, left=99, width=86, value_x=192, note_x=234, label_width=18)
WIDE = Frame(total=635, label_x=236, left=246, width=236, value_x=494, note_x=548, label_width=46)


@dataclass(frozen=True, kw_only=True)
class Label:
    """A word at a place; `anchor` keeps it inside the drawing."""

    x: float
    text: str
    anchor: str = "middle"


@dataclass(frozen=True, kw_only=True)
class Scale:
    """A value with its interval against its limits, on one line."""

    title: str
    value: Label
    low: float | None
    high: float | None
    limits: tuple[Label, ...]
    zone: tuple[float, float] | None  # where a value meets the limit: from, width
    ends: tuple[Label, ...]


@dataclass(frozen=True, kw_only=True)
class PlottedGroup:
    """A group's line in a plot."""

    y: float
    label: str
    row: GroupRow
    value: float | None
    low: float | None
    high: float | None
    text: str
    note: str


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A line across a plot, and its label, which stands inside the drawing."""

    x: float
    label: Label


@dataclass(frozen=True, kw_only=True)
class GroupPlot:
    """The groups of an attribute, one line each."""

    title: str
    height: float
    rows: tuple[PlottedGroup, ...]
    reference: Reference | None
    ends: tuple[Label, ...]
    frame: Frame
    more: str = ""  # how many groups stand elsewhere

    @property
    def wide(self) -> bool:
        """Whether its names need the whole width of the page."""
        return self.frame is WIDE


@dataclass(frozen=True, kw_only=True)
class Axis:
    """A stretch of numbers laid onto a stretch of the drawing."""

    start: float
    end: float
    left: float
    width: float

    def at(self, value: Number) -> float:
        """The place of a value, kept inside the drawing."""
        share = (min(max(value, self.start), self.end) - self.start) / (self.end - self.start)
        return round(self.left + share * self.width, 1)


def axis(values: list[Number], ends: Ends, left: float, width: float) -> Axis:
    """An axis that holds the values with some air, within their natural ends, from and to round numbers."""
    least, most = ends
    low, high = min(values), max(values)
    air = 0.22 * (high - low) or 0.05 * (abs(high) or 1)
    step = 10.0 ** math.floor(math.log10(high - low + 2 * air)) / 2
    start, end = math.floor((low - air) / step) * step, math.ceil((high + air) / step) * step
    # A value outside the natural range still has its place.
    return Axis(start=max(start, min(least, low)), end=min(end, max(most, high)), left=left, width=width)


def _reach(text: str) -> float:
    """Half of what a text takes of the drawing."""
    return half_widths(text) * HALF_WIDTH / 2


def anchored(x: float, text: str, left: float, width: float) -> Label:
    """A word at a place, turned so that it stays inside the drawing."""
    reach = _reach(text)
    if x - reach < left:
        return Label(x=left, text=text, anchor="start")
    if x + reach > left + width:
        return Label(x=left + width, text=text, anchor="end")
    return Label(x=x, text=text)


def _ends(line: Axis, unit: str, lang: str, taken: tuple[Label, ...]) -> tuple[Label, ...]:
    """The numbers at the ends of an axis, unless another label stands there."""
    left, right = line.left, line.left + line.width
    ends = (
        Label(x=left, text=figures.limit_number(line.start, unit, lang), anchor="start"),
        Label(x=right, text=figures.limit_number(line.end, unit, lang), anchor="end"),
    )
    return tuple(end for end in ends if all(abs(end.x - label.x) > 62 for label in taken))


def scale(found: Measurement, criterion: Criterion, title: str, words: Words) -> Scale | None:
    """A measurement against its limits; None where there is no value or no limit to draw."""
    bounds = figures.limits(criterion)
    if found.value is None or not bounds:
        return None
    held = [end for end in (found.low, found.high) if end is not None]
    line = axis([found.value, *held, *bounds], ends(found), SCALE_LEFT, SCALE_WIDTH)
    texts = [figures.limit_number(end, found.unit, words.lang) for end in bounds]
    marked = _apart(
        tuple(
            anchored(line.at(end), words.text("report.limit_mark", limit=text), SCALE_LEFT, SCALE_WIDTH)
            for end, text in zip(bounds, texts, strict=True)
        )
    )
    places = tuple(
        Label(x=line.at(end), text=label.text, anchor=label.anchor) for end, label in zip(bounds, marked, strict=True)
    )
    shown, place = figures.number(found.value, found.unit, words.lang, beside=bounds), line.at(found.value)
    return Scale(
        title=title,
        value=Label(x=place, text=shown, anchor=anchored(place, shown, SCALE_LEFT, SCALE_WIDTH).anchor),
        low=None if found.low is None else line.at(found.low),
        high=None if found.high is None else line.at(found.high),
        limits=places,
        zone=zone(line, criterion),
        ends=_ends(line, found.unit, words.lang, marked),
    )


def _apart(labels: tuple[Label, ...]) -> tuple[Label, ...]:
    """Labels of two limits that would meet, turned away from each other."""
    if all(right.x - left.x > _reach(left.text) + _reach(right.text) + 4 for left, right in itertools.pairwise(labels)):
        return labels
    return tuple(
        Label(x=label.x, text=label.text, anchor="start" if place else "end") for place, label in enumerate(labels)
    )


def zone(line: Axis, criterion: Criterion) -> tuple[float, float] | None:
    """Where a value meets its limit: from, width; None where it has to be one number."""
    if criterion.equals is not None:
        return None
    low, high = criterion.between or (criterion.at_least, criterion.at_most)
    start = line.left if low is None else line.at(low)
    end = line.left + line.width if high is None else line.at(high)
    return start, round(end - start, 1)


def group_plot(table: GroupTable, title: str, reference: str, words: Words) -> GroupPlot | None:
    """The groups of a table, one line each; None where not one figure may be drawn."""
    drawn = [row for row in table.rows if row.shown]
    if not drawn:
        return None
    held = [end for row in drawn for end in (row.value, row.low, row.high) if end is not None]
    if table.reference is not None:
        held.append(table.reference)
    frame = NARROW if all(half_widths(row.label) <= NARROW.label_width for row in table.rows) else WIDE
    line = axis(held, table.ends, frame.left, frame.width)
    top = 14.0 if table.reference is not None and reference else 2.0
    rows = tuple(
        _plotted(row, round(top + ROW_HEIGHT * (position + 0.5), 1), line, table.unit, frame, words)
        for position, row in enumerate(table.rows)
    )
    mark = None
    if table.reference is not None and reference:
        x = line.at(table.reference)
        mark = Reference(x=x, label=anchored(x, reference, 2, frame.total - 4))
    return GroupPlot(
        title=title,
        height=round(top + len(rows) * ROW_HEIGHT + 12, 1),
        rows=rows,
        reference=mark,
        ends=_ends(line, table.unit, words.lang, ()),
        frame=frame,
        more=figures.counted(words, "left.groups", table.left_out, file="groups.csv") if table.left_out else "",
    )


def _plotted(row: GroupRow, y: float, line: Axis, unit: str, frame: Frame, words: Words) -> PlottedGroup:
    value, low, high = ((line.at(end) if end is not None else None) for end in (row.value, row.low, row.high))
    text = "" if row.value is None else figures.number(row.value, unit, words.lang)
    return PlottedGroup(
        y=y,
        label=shortened(row.label, frame.label_width),
        row=row,
        value=value,
        low=low,
        high=high,
        text=text,
        note=_note(row, words),
    )


def _note(row: GroupRow, words: Words) -> str:
    if row.suppressed:
        return words.text("report.suppressed")
    n = words.text("report.n_short", n=figures.count(row.n))
    return n if row.judged else f"{n} · {words.text('report.not_judged')}"
