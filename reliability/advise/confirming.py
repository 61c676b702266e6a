"""What is printed of a remedy: measured on rows that neither taught nor chose it."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from reliability.advice import Confirmed, Decisions, Effect, GroupDecisions, NumberChange, Point
from reliability.advise.aims import Aim, assessed
from reliability.advise.levels import levels_of, slice_of
from reliability.advise.measuring import (
    Item,
    Measured,
    affected,
    at_confidence,
    groups_lost,
    matching,
    parts,
    without_details,
)
from reliability.advise.pairing import gap_correlation
from reliability.advise.ranking import Standing, front
from reliability.advise.remedies import Changed
from reliability.advise.trials import Ran, Stage
from reliability.blocks import Block
from reliability.changes import Difference, Untested
from reliability.checklist.judge import worst
from reliability.compare.measurements import Setting, change_of
from reliability.compare.rows import Answered, PairedRows
from reliability.compare.unpaired import OF_GROUPS, from_records
from reliability.engine import Call
from reliability.plan import Available, planned
from reliability.records import FAILURES, Criterion, CriterionResult, Json, Measurement, Verdict

SMALLEST = 30  # rows of a judged group, below which no effect is told
_MOVED = 1e-12
_UNTOLD = frozenset({"not_judged", "no_interval", "unit_differs", "other_question"})


class Confirming:
    """Measures remedies on the rows that confirm; what was measured once is kept."""

    def __init__(self, stage: Stage, available: Available, confidence: float) -> None:
        self.stage = stage
        self.confidence = confidence
        self._available = available
        self._effects: dict[str, Measured] = {}
        self._smallest: dict[str, dict[str, Json] | None] = {}

    @cached_property
    def rows(self) -> Block:
        """Rows that confirm, as answered today."""
        return self.stage.rows.where(self.stage.split.confirm)

    @cached_property
    def today(self) -> Measured:
        """Everything that is judged, today."""
        return self._measured(self._calls, None)

    @cached_property
    def _calls(self) -> tuple[Call, ...]:
        return tuple(dict.fromkeys(call for item in self.stage.items for call in item.calls))

    def _measured(self, calls: Sequence[Call], ran: Ran | None) -> Measured:
        return self.stage.measured(self.stage.split.confirm, calls, ran)

    def after(self, ran: Ran) -> Measured:
        """Everything that is judged, after a remedy: what it cannot change is as today."""
        if ran.id not in self._effects:
            told = {call: ones for call, ones in self.today.items() if not _changes(call, ran)}
            calls = [call for call in self._calls if _changes(call, ran)]
            self._effects[ran.id] = {**told, **self._measured(calls, ran)}
        return self._effects[ran.id]

    def own(self, aim: Aim, ran: Ran, confidence: float) -> tuple[CriterionResult, ...]:
        """The finding's criteria judged after a remedy, at the confidence that so many remedies ask for."""
        calls = aim.item.calls
        stricter = at_confidence(calls, confidence)
        measured = self._measured(stricter, ran)
        return aim.item.results({call: measured.get(one, ()) for call, one in zip(calls, stricter, strict=True)})

    def confirmed(self, aim: Aim, standings: Sequence[Standing], place: int) -> Confirmed:
        """One of the remedies of a finding, measured."""
        ran = standings[place].ran
        confidence = 1 - (1 - self.confidence) / len(standings)
        results = self.own(aim, ran, confidence)
        effects, unmeasured = self._others(aim, ran)
        return Confirmed(
            remedy=ran.id, rank=place + 1, confidence=confidence,
            verdict_before=aim.item.verdict(self.today), verdict_after=self._verdict(aim.item, results),
            numbers=tuple(self._numbers(aim.item, results, ran, confidence)),
            effects=effects, not_measured=unmeasured, decisions=self.decisions(ran),
        )  # fmt: skip

    def _verdict(self, item: Item, results: Sequence[CriterionResult]) -> Verdict:
        """The verdict after a remedy: open at best where a group that was compared is left out."""
        found: list[Verdict] = [one.verdict for one in results]
        pairs = [
            (one, matching(one, after.measurements))
            for before, after in zip(item.results(self.today), results, strict=True)
            for one in before.measurements
            if not before.criterion.report
        ]
        if any(other is not None and groups_lost(one, other) for one, other in pairs):
            found.append("inconclusive")
        return worst(found)

    def _numbers(
        self, item: Item, results: Sequence[CriterionResult], ran: Ran, confidence: float, *, moved: bool = False
    ) -> Iterator[NumberChange]:
        """The judged numbers of a finding, before and after; only those that moved, if asked so."""
        for place, (before, after) in enumerate(zip(item.results(self.today), results, strict=True)):
            if before.criterion.report:
                continue
            for one in before.measurements:
                other = matching(one, after.measurements)
                if other is not None and not (moved and _alike(one, other)):
                    yield self._number(item, place, (one, other), ran, confidence, whole=not moved)

    def _number(
        self, item: Item, place: int, pair: tuple[Measurement, Measurement], ran: Ran, confidence: float, *, whole: bool
    ) -> NumberChange:
        before, after = pair
        gain, why = self._gain(before, after, ran, confidence)
        told = assessed(item.finding, place, before)
        cut = (lambda one: one) if whole else without_details
        return NumberChange(
            criterion=place, assessed=None if told is None else without_details(told), before=cut(before),
            after=cut(after), gain=gain, no_gain=why,
        )  # fmt: skip

    def _gain(
        self, before: Measurement, after: Measurement, ran: Ran, confidence: float
    ) -> tuple[Difference | None, Untested | None]:
        """After less before. Of groups, the gap itself: the pair that was worst may be another after the remedy."""
        if groups_lost(before, after):
            return None, "groups_differ"
        setting = Setting(rows=self._paired(ran), confidence=confidence, same_question=True)
        _, gain, why = change_of(before, after, setting)
        if why in _UNTOLD or (gain is not None and before.check not in OF_GROUPS):
            return gain, why
        # Nothing is known of how others move together: as if apart, or against each other where answers are opposed.
        together = -1.0 if why == "opposed_answers" else self._correlation(before, after, ran)
        return from_records(before, after, correlation=together or None, confidence=confidence), None

    def _correlation(self, before: Measurement, after: Measurement, ran: Ran) -> float:
        changed = self._changed(ran)
        if changed.abstained is not None or changed.chances is not None:
            return 0.0
        return gap_correlation(self.rows, changed.predicted, before, after)

    def _paired(self, ran: Ran) -> PairedRows | None:
        """Both answers to the same rows; None where rows are left out, or belong together."""
        changed, rows = self._changed(ran), self.rows
        if changed.abstained is not None or rows.roles.clustered or not rows.n:
            return None
        return PairedRows(
            classes=tuple(map(str, rows.roles.classes)), y_true=rows.y_true,
            before=Answered(predicted=np.asarray(rows.y_pred), score=rows.y_score),
            after=Answered(predicted=changed.predicted, score=changed.scores),
        )  # fmt: skip

    def _changed(self, ran: Ran) -> Changed:
        assert ran.changed is not None  # noqa: S101  (only remedies that were tried are confirmed)
        return ran.changed.take(self.stage.split.confirm)

    def _others(self, aim: Aim, ran: Ran) -> tuple[tuple[Effect, ...], tuple[str, ...]]:
        """What the remedy does to the other findings, and checks that could not be measured after it."""
        after = self.after(ran)
        lost = {call.check.name for call in self._calls if _there(call, self.today) and not _there(call, after)}
        found = []
        for item in self.stage.items:
            if item is not aim.item and self.smallest_group(item) is not None:
                lost |= {call.check.name for call in item.calls if call.by and _there(call, after)}
                continue
            known = {call: ones for call, ones in after.items() if call.check.name not in lost}
            results = item.results({**self.today, **known})
            effect = Effect(
                item=item.finding.item, severity=item.finding.severity, before=item.verdict(self.today),
                after=self._verdict(item, results),
                numbers=tuple(self._numbers(item, results, ran, self.confidence, moved=True)),
            )  # fmt: skip
            if item is not aim.item and (effect.before != effect.after or effect.numbers):
                found.append(effect)
        found.sort(key=lambda one: one.before == one.after)
        return tuple(found), tuple(sorted(lost))

    def decisions(self, ran: Ran) -> Decisions | None:
        """Decisions that the remedy changes, by group and direction; None where nothing is decided."""
        rows, changed = self.rows, self._changed(ran)
        if rows.roles.task == "regression" or rows.y_pred is None:
            return None
        good = list(rows.roles.favourable)
        before, after = np.isin(rows.y_pred, good), np.isin(changed.predicted, good)
        decided = changed.decided
        ways = {"to_favourable": decided & after & ~before, "from_favourable": decided & before & ~after,
                "handed_over": ~decided}  # fmt: skip
        groups = [one for by in rows.roles.sensitive for one in _by_group(rows, (by,), ways)]
        wrong = np.asarray(changed.predicted != rows.y_true)
        return Decisions(
            n=rows.n, changed=int((decided & (changed.predicted != rows.y_pred)).sum()),
            **{name: int(way.sum()) for name, way in ways.items()},
            error_inside=_mean(wrong[decided]) if changed.abstained is not None else None,
            error_outside=_mean(wrong[~decided]) if changed.abstained is not None else None,
            groups=tuple(groups),
        )  # fmt: skip

    def smallest_group(self, item: Item) -> dict[str, Json] | None:
        """The judged group with fewest rows that confirm, where these are too few to tell an effect."""
        if item.finding.item not in self._smallest:
            self._smallest[item.finding.item] = self._smallest_of(item)
        return self._smallest[item.finding.item]

    def _smallest_of(self, item: Item) -> dict[str, Json] | None:
        groupings = tuple(dict.fromkeys(call.by for call in item.calls if call.by))
        sizes = [(n, where) for by in groupings for where, n in (*self._sizes(item, by), *self._lost(item, by))]
        n, where = min(sizes, key=lambda one: one[0], default=(self.rows.n, {}))
        n, where = (self.rows.n, {}) if self.rows.n < min(n, SMALLEST) else (n, where)
        return {"slice": where, "n": n} if n < SMALLEST else None

    def _sizes(self, item: Item, by: tuple[str, ...]) -> Iterator[tuple[dict[str, Json], int]]:
        levels, codes = levels_of(self.rows.groups, by)
        sizes = np.bincount(codes[codes >= 0], minlength=len(levels))
        n = {str(slice_of(by, level)): int(size) for level, size in zip(levels, sizes, strict=True)}
        for where in judged_groups(item, by):
            yield where, n.get(str(where), 0)

    def _lost(self, item: Item, by: tuple[str, ...]) -> Iterator[tuple[dict[str, Json], int]]:
        """Groups that are no longer judged, by the rows that a number counts of each: of a rate of hits the good."""
        for one in (each for call in item.calls if call.by == by for each in self.today.get(call, ())):
            judged = {str(where): where for where in judged_groups(item, by)}
            for group in (group for part in parts(one) for group in part):
                where = judged.get(str(dict(group["slice"])))
                if where is not None and (one.value is None or not group.get("judged", True)):
                    yield where, int(group["n"])

    def points(self, aim: Aim, standings: Sequence[Standing], others: Sequence[Standing]) -> tuple[Point, ...]:
        """Performance against the finding's number: today's model, and every remedy that is confirmed."""
        confidence = 1 - (1 - self.confidence) / max(len(standings), 1)
        on_front = self._front(aim, others)
        made = [self._point(aim, None, self.confidence, on_front)]
        made += [self._point(aim, one.ran, confidence, on_front) for one in standings]
        return tuple(one for one in made if one is not None)

    @cached_property
    def _performance(self) -> Call:
        check = "r2_score" if self.rows.roles.task == "regression" else "balanced_accuracy"
        criterion = Criterion(check=f"performance.{check}", report=True)
        return planned(criterion, self._available, declared=None, confidence=self.confidence).calls[0]

    def _point(self, aim: Aim, ran: Ran | None, confidence: float, on_front: set[str | None]) -> Point | None:
        calls = at_confidence((self._performance, aim.call), confidence)
        measured = self._measured(calls, ran)
        number = matching(aim.number, measured.get(calls[1], ()))
        performance = next(iter(measured.get(calls[0], ())), None)
        if number is None or performance is None:
            return None
        name = None if ran is None else ran.id
        return Point(
            remedy=name, performance=without_details(performance), number=without_details(number),
            on_front=name in on_front,
        )  # fmt: skip

    def _front(self, aim: Aim, others: Sequence[Standing]) -> set[str | None]:
        """Ids of what no other beats on the rows that choose; None is today."""
        choose, names, points = self.stage.split.choose, [], []
        for ran in (None, *(one.ran for one in others)):
            measured = self.stage.measured(choose, (self._performance, aim.call), ran)
            performance = next(iter(measured.get(self._performance, ())), None)
            if performance is not None and performance.value is not None:
                names.append(None if ran is None else ran.id)
                points.append((float(performance.value), aim.margin(measured)))
        return {name for name, there in zip(names, front(points), strict=True) if there}


def judged_groups(item: Item, by: tuple[str, ...]) -> tuple[dict[str, Json], ...]:
    """Groups that the finding was judged by when it was assessed."""
    found: list[dict[str, Json]] = []
    for result in item.finding.criteria:
        for one in result.measurements:
            if one.by != by or result.criterion.report:
                continue
            if one.slice and one.judged:
                found.append(dict(one.slice))
            found += [dict(group["slice"]) for group in one.details.get("groups") or () if group.get("judged", True)]
    return tuple({str(where): where for where in found}.values())


def _changes(call: Call, ran: Ran) -> bool:
    return ran.tried is not None and affected(call, ran.tried)


def _there(call: Call, measured: Measured) -> bool:
    """Whether a call was measured: not left out, and not broken off."""
    ones = measured.get(call)
    return ones is not None and not any(one.reason is not None and one.reason.code in FAILURES for one in ones)


def _alike(one: Measurement, other: Measurement) -> bool:
    if one.value is None or other.value is None:
        return one.value is other.value
    return abs(one.value - other.value) <= _MOVED


def _by_group(rows: Block, by: tuple[str, ...], ways: dict[str, Any]) -> Iterator[GroupDecisions]:
    levels, codes = levels_of(rows.groups, by)
    for place, level in enumerate(levels):
        if None not in level:
            of = codes == place
            counts = {name: int((way & of).sum()) for name, way in ways.items()}
            yield GroupDecisions(by=by, slice=slice_of(by, level), n=int(of.sum()), **counts)


def _mean(values: Any) -> float | None:
    return float(values.mean()) if len(values) else None
