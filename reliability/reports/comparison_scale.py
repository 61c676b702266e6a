"""Where the marks of a measurement before and after stand, one line each, against its limit."""

from dataclasses import dataclass

from reliability.changes import MeasurementChange
from reliability.records import Measurement
from reliability.reports import figures
from reliability.reports.scale import Axis, Label, axis
from reliability.reports.units import ends
from reliability.words.text import Words

LEFT, WIDTH = 6.0, 148.0


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A value with its interval on one line."""

    y: float
    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True)
class PairScale:
    """A measurement before (above) and after (below), and its limits."""

    title: str
    before: Mark
    after: Mark
    limits: tuple[Label, ...]


def pair_scale(one: MeasurementChange, title: str, words: Words) -> PairScale | None:
    """The drawing of a measurement; None where a value is missing."""
    sides = (one.before, one.after)
    bounds = figures.limits(one.criterion)
    held = [end for side in sides for end in (side.value, side.low, side.high) if end is not None]
    if any(side.value is None for side in sides):
        return None
    line = axis([*held, *bounds], ends(one.after), LEFT, WIDTH)
    limits = tuple(
        Label(x=line.at(end), text=figures.limit_number(end, one.after.unit, words.lang), anchor=_anchor(line.at(end)))
        for end in bounds
    )
    return PairScale(
        title=title, before=_mark(one.before, 9.0, line), after=_mark(one.after, 23.0, line), limits=limits
    )


def _mark(side: Measurement, y: float, line: Axis) -> Mark:
    low, high = (None if end is None else line.at(end) for end in (side.low, side.high))
    return Mark(y=y, value=line.at(side.value or 0.0), low=low, high=high)


def _anchor(x: float) -> str:
    """Which way the words beside a mark run, so that they stay inside the drawing."""
    if x < LEFT + WIDTH / 6:
        return "start"
    return "end" if x > LEFT + WIDTH * 5 / 6 else "middle"
