"""What a finding is to be mended of: its own number, and how far that is from its limit."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from reliability.advise.measuring import Item, Measured, matching, same
from reliability.engine import Call
from reliability.records import WORST_FIRST, Criterion, Finding, Json, Measurement, Verdict

UNMENDED: frozenset[Verdict] = frozenset({"fail", "error", "conditional_fail", "inconclusive", "conditional_pass"})
Leading: TypeAlias = tuple[int, Measurement]


@dataclass(frozen=True, kw_only=True, eq=False)
class Aim:
    """A finding that is no pass, with its own number: the one that is furthest beyond its limit.

    Attributes
    ----------
    item : Item
        The finding and the calls that measure it.
    place : int
        The criterion that its own number belongs to.
    number : Measurement
        Its own number, as assessed.
    """

    item: Item
    place: int
    number: Measurement

    @property
    def criterion(self) -> Criterion:
        """The criterion of its own number."""
        return self.item.planned[self.place].criterion

    @property
    def check(self) -> str:
        """The check that measures its own number."""
        return self.number.check

    @property
    def by(self) -> tuple[str, ...]:
        """The attributes whose groups are compared, or looked at one by one."""
        return self.number.by

    @property
    def call(self) -> Call:
        """The call that measures its own number."""
        return next(call for call in self.item.planned[self.place].calls if call.by == self.by)

    @property
    def checks(self) -> tuple[str, ...]:
        """Checks of its criteria that are no pass."""
        results = self.item.finding.criteria
        return tuple(
            dict.fromkeys(
                str(one.criterion.check) for one in results if one.verdict in UNMENDED and one.criterion.check
            )
        )

    def told(self) -> dict[str, Json]:
        """Its own number as the record names it."""
        one = self.number
        return {"criterion": self.place, "check": one.check, "by": list(one.by), "slice": dict(one.slice), "of": one.of}

    def own(self, measured: Measured) -> Measurement | None:
        """Its own number among measurements."""
        return matching(self.number, measured.get(self.call, ()))

    def margin(self, measured: Measured) -> float:
        """How far its own number is on the good side of its limit: less than 0 beyond it, -inf where it is none."""
        return _margin(self.criterion, self.own(measured))


def aims(measured_items: Sequence[Item]) -> Iterator[Aim]:
    """Findings that are no pass and have a number, in the order of the checklist."""
    for item in measured_items:
        if item.finding.verdict in UNMENDED:
            found = leading(item.finding)
            if found is not None and item.planned[found[0]].calls:
                yield Aim(item=item, place=found[0], number=found[1])


def leading(finding: Finding) -> Leading | None:
    """The place of the criterion that a finding's verdict rests on, and its number that is furthest beyond."""
    candidates = [
        (one.value is None, WORST_FIRST.index(result.verdict), _margin(result.criterion, one), place, one)
        for place, result in enumerate(finding.criteria)
        if result.verdict in UNMENDED
        for one in result.measurements
    ]
    if not candidates:
        return None
    *_, place, one = min(candidates, key=lambda each: each[:4])
    return place, one


def _margin(criterion: Criterion, one: Measurement | None) -> float:
    return -math.inf if one is None or one.value is None else margin(criterion, float(one.value))


def margin(criterion: Criterion, value: float) -> float:
    """How far a value is on the good side of its limit."""
    low, high = criterion.at_least, criterion.at_most
    if criterion.between is not None:
        low, high = criterion.between
    if criterion.equals is not None:
        low = high = criterion.equals
    ends = [value - float(low)] if low is not None else []
    ends += [float(high) - value] if high is not None else []
    return min(ends, default=0.0)


def assessed(finding: Finding, place: int, one: Measurement) -> Measurement | None:
    """The same number as assessed."""
    results = finding.criteria
    return next((other for other in results[place].measurements if same(one, other)), None)
