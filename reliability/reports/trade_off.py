"""Performance against a finding's number: today's model and every confirmed remedy, each with its intervals."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

from reliability.advice import FindingAdvice, Point
from reliability.records import Criterion, Measurement
from reliability.reports import figures
from reliability.reports.scale import HALF_WIDTH, Axis, Label, anchored, axis, zone
from reliability.reports.statements import check_title
from reliability.reports.units import ends
from reliability.reports.widths import half_widths, shortened
from reliability.reports.withheld import Withheld
from reliability.words.text import Words

LEFT, WIDTH, TOP, HEIGHT = 40.0, 262.0, 18.0, 158.0
MOST_POINTS = 6
NAME = 56  # half-widths of an axis
_SIDE, _RISE = 10.0, 9.0  # of a mark's number from the middle of the mark
Box: TypeAlias = tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True)
class Spot:
    """One point: its place, its intervals, and the number that stands beside it."""

    x: float
    y: float
    low_x: float | None
    high_x: float | None
    low_y: float | None
    high_y: float | None
    label: Label
    label_y: float
    leader: tuple[float, float] | None  # where a line from the point to a number far off it ends
    today: bool
    front: bool


@dataclass(frozen=True, kw_only=True)
class SpotRow:
    """What a point says, for the table beside the drawing and for those who hear it read."""

    mark: str
    today: bool
    front: bool
    name: str
    number: str
    number_interval: str
    performance: str
    performance_interval: str


@dataclass(frozen=True, kw_only=True)
class TradeOff:
    """The drawing of a finding's trade-off, and its points as a table."""

    title: str
    number: str
    performance: str
    spots: tuple[Spot, ...]
    rows: tuple[SpotRow, ...]
    limit: Label | None
    zone: tuple[float, float] | None  # where the number meets its limit: from, width
    x_ends: tuple[Label, ...]
    y_ends: tuple[tuple[float, str], ...]


def trade_off(
    told: FindingAdvice, criterion: Criterion | None, withheld: Withheld, words: Words
) -> TradeOff | None:  # fmt: skip
    """The trade-off of a finding; None where there is nothing to hold today's model against, or it may not be told."""
    ranks = {one.remedy: one.rank for one in told.confirmed}
    points = [
        one for one in told.trade_off
        if one.number.value is not None and one.performance.value is not None
        and (one.remedy is None or one.remedy in ranks)
    ][:MOST_POINTS]  # fmt: skip
    if len(points) < 2 or any(one.number.slice and withheld.hides(one.number.slice) for one in points):
        return None
    limits = figures.limits(criterion) if criterion is not None else ()
    across = _axis([one.number for one in points], limits, LEFT, WIDTH)
    up = _axis([one.performance for one in points], (), TOP, HEIGHT)
    marks = ["0" if one.remedy is None else str(ranks[one.remedy]) for one in points]
    first, lang = points[0], words.lang
    number, performance = (shortened(_named(one), NAME) for one in _titled(first, words))
    return TradeOff(
        title=words.text("trade.title", number=number, performance=performance),
        number=number, performance=performance,
        spots=tuple(_spots(points, marks, across, up)),
        rows=tuple(_row(one, mark, words) for one, mark in zip(points, marks, strict=True)),
        limit=_limit(limits, first.number.unit, across, words),
        zone=zone(across, criterion) if criterion is not None and limits else None,
        x_ends=_x_ends(across, first.number.unit, lang),
        y_ends=tuple(
            (y, figures.limit_number(end, first.performance.unit, lang))
            for y, end in ((TOP + HEIGHT, up.start), (TOP, up.end))
        ),
    )  # fmt: skip


def _titled(one: Point, words: Words) -> tuple[tuple[str, tuple[str, ...]], tuple[str, tuple[str, ...]]]:
    return (
        (check_title(one.number.check, words), one.number.by),
        (check_title(one.performance.check, words), one.performance.by),
    )


def _named(one: tuple[str, tuple[str, ...]]) -> str:
    title, by = one
    return f"{title} ({' × '.join(by)})" if by else title


def _axis(drawn: Sequence[Measurement], limits: Sequence[float], start: float, length: float) -> Axis:
    held = [end for one in drawn for end in (one.value, one.low, one.high) if end is not None]
    return axis([*held, *limits], ends(drawn[0]), start, length)


def _upwards(line: Axis, value: float | None) -> float | None:
    """A place on the upright axis, whose start lies at the bottom."""
    return None if value is None else round(2 * line.left + line.width - line.at(value), 1)


def _spots(points: Sequence[Point], marks: Sequence[str], across: Axis, up: Axis) -> Iterator[Spot]:
    places = [(across.at(one.number.value or 0.0), _upwards(up, one.performance.value) or 0.0) for one in points]
    taken: list[Box] = [(x - 6, y - 6, x + 6, y + 6) for x, y in places]
    for one, mark, (x, y) in zip(points, marks, places, strict=True):
        label, label_y, box, leader = _beside(mark, x, y, taken)
        taken.append(box)
        yield Spot(
            x=x, y=y, label=label, label_y=label_y, leader=leader, today=one.remedy is None, front=one.on_front,
            low_x=None if one.number.low is None else across.at(one.number.low),
            high_x=None if one.number.high is None else across.at(one.number.high),
            low_y=_upwards(up, one.performance.low), high_y=_upwards(up, one.performance.high),
        )  # fmt: skip


def _beside(
    mark: str, x: float, y: float, taken: Sequence[Box]
) -> tuple[Label, float, Box, tuple[float, float] | None]:
    """Where a mark's number stands: beside it, further off, on a line, where another is in the way."""
    width = half_widths(mark) * HALF_WIDTH
    tried = []
    for far, (right, rise) in product((1.0, 2.0, 3.2), ((1, 1), (-1, 1), (1, -1), (-1, -1))):
        middle, base = x + right * _SIDE * far, y - rise * _RISE * far + 3.4
        box = (middle - width / 2 - 1, base - 8, middle + width / 2 + 1, base + 1)
        inside = box[0] > LEFT and box[2] < LEFT + WIDTH and box[1] > TOP and box[3] < TOP + HEIGHT
        leader = (round(middle - right * 4, 1), round(base - 3 + rise * 4, 1)) if far > 1 else None
        tried.append((inside and not any(_meet(box, other) for other in taken), middle, base, box, leader))
    _, middle, base, box, leader = next((one for one in tried if one[0]), tried[0])
    return Label(x=round(middle, 1), text=mark), round(base, 1), box, leader


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _row(one: Point, mark: str, words: Words) -> SpotRow:
    lang = words.lang
    number, performance = one.number, one.performance
    return SpotRow(
        mark=mark, today=one.remedy is None, front=one.on_front,
        name=words.text("trade.today") if one.remedy is None else one.remedy,
        number=figures.number(number.value or 0.0, number.unit, lang), number_interval=figures.interval(number, lang),
        performance=figures.number(performance.value or 0.0, performance.unit, lang),
        performance_interval=figures.interval(performance, lang),
    )  # fmt: skip


def _limit(limits: Sequence[float], unit: str, across: Axis, words: Words) -> Label | None:
    if not limits:
        return None
    text = words.text("report.limit_mark", limit=figures.limit_number(limits[0], unit, words.lang))
    x = across.at(limits[0])
    return Label(x=x, text=text, anchor=anchored(x, text, LEFT, WIDTH).anchor)


def _x_ends(across: Axis, unit: str, lang: str) -> tuple[Label, ...]:
    return (
        Label(x=across.left, text=figures.limit_number(across.start, unit, lang), anchor="start"),
        Label(x=across.left + across.width, text=figures.limit_number(across.end, unit, lang), anchor="end"),
    )
