"""Measurements before and after: matched, told apart by the method that their rows allow, and claimed or not."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from reliability.changes import Basis, Claim, Difference, MeasurementChange, Untested
from reliability.compare.cases import Case
from reliability.compare.items import common_items
from reliability.compare.paired import agreement, correlation
from reliability.compare.rows import PairedRows
from reliability.compare.unpaired import (
    CLUSTERED,
    OF_GROUPS,
    VALIDATED,
    counted_pair,
    fixed_pair,
    from_records,
    worst_pair,
)
from reliability.compare.unpaired import told as as_difference
from reliability.intervals.changes import holm, rate_change
from reliability.records import KNOWN_EXACTLY, Criterion, Json, Measurement, canonical_json

TOLERANCE = 1e-9
_Key: TypeAlias = bytes
Told: TypeAlias = tuple[Basis | None, Difference | None, Untested | None]


@dataclass(frozen=True, kw_only=True)
class Found:
    """A measurement with the items that it serves and the criterion that judges it, if one does."""

    items: tuple[str, ...]
    criterion: Criterion
    measurement: Measurement


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What every comparison of two measurements needs to know.

    Attributes
    ----------
    rows : PairedRows or None
        The rows, where both answered the same ones.
    confidence : float
        Coverage of every interval, and of all claims together.
    same_question : bool
        Whether both predict the same column in the same way.
    """

    rows: PairedRows | None
    confidence: float
    same_question: bool


def found_in(case: Case, items: Iterable[str]) -> dict[_Key, Found]:
    """Every measurement of some items, once, by check, grouping, slice, class and options."""
    found: dict[_Key, Found] = {}
    for new in _all_in(case, items):
        key = canonical_json(named(new.measurement, new.criterion.with_))
        found[key] = _joined(found[key], new) if key in found else new
    return found


def _all_in(case: Case, items: Iterable[str]) -> Iterator[Found]:
    for item in items:
        for result in case.findings[item].criteria:
            for one in result.measurements:
                yield Found(items=(item,), criterion=result.criterion, measurement=one)


def named(one: Measurement, options: Mapping[str, Json]) -> dict[str, Json]:
    """What makes two measurements the same thing, measured twice."""
    return {"check": one.check, "by": list(one.by), "slice": dict(one.slice), "of": one.of, "with": dict(options)}


def _joined(known: Found, new: Found) -> Found:
    """Of a criterion that judges and one that reports, the one that judges."""
    kept = new if known.criterion.report and not new.criterion.report else known
    return replace(kept, items=tuple(dict.fromkeys((*known.items, *new.items))))


def measurement_changes(before: Case, after: Case, rows: PairedRows | None, confidence: float) -> "Measured":
    """All measurements of common items that both have, in the order of the second."""
    items = common_items(before, after)
    first, second = (found_in(case, items) for case in (before, after))
    question = [(case.assessment.subject.task, case.target) for case in (before, after)]
    setting = Setting(rows=rows, confidence=confidence, same_question=question[0] == question[1])
    changes = [_changed(first[key], found, setting) for key, found in second.items() if key in first]
    return Measured(
        changes=tuple(_claimed(changes, confidence)),
        only_before=tuple(_named(found) for key, found in first.items() if key not in second),
        only_after=tuple(_named(found) for key, found in second.items() if key not in first),
    )


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Measurements of both, and those of only one."""

    changes: tuple[MeasurementChange, ...]
    only_before: tuple[dict[str, Json], ...]
    only_after: tuple[dict[str, Json], ...]

    @property
    def tested(self) -> int:
        """Judged measurements that changed and were tested."""
        return sum(one.difference is not None and one.difference.adjusted is not None for one in self.changes)


def _named(found: Found) -> dict[str, Json]:
    return named(found.measurement, found.criterion.with_)


def _changed(first: Found, second: Found, setting: Setting) -> MeasurementChange:
    """One measurement before and after, before any claim is made."""
    before, after = first.measurement, second.measurement
    basis, difference, reason = change_of(before, after, setting)
    if reason is None and basis != "whole_file" and (first.criterion.report or second.criterion.report):
        reason = "reported_only"
    claim: Claim = "untested" if reason else "not_shown"
    return MeasurementChange(
        items=second.items, criterion=second.criterion, before=before, after=after, basis=basis,
        difference=difference, claim="same" if _same(before, after) else claim, reason=reason,
    )  # fmt: skip


def _same(before: Measurement, after: Measurement) -> bool:
    """Whether nothing of what is printed differs."""
    return _printed(before) == _printed(after)


def _printed(one: Measurement) -> tuple[Any, ...]:
    return one.value, one.low, one.high, one.n, one.judged, one.reason, one.details.get("worst")


def change_of(before: Measurement, after: Measurement, setting: Setting) -> Told:
    """After less before, or why nothing can be said of it."""
    if before.value is None or after.value is None:
        return None, None, "not_judged"
    if before.unit != after.unit:
        return None, None, "unit_differs"
    if all(one.reason is not None and one.reason.code in KNOWN_EXACTLY for one in (before, after)):
        return "whole_file", Difference(value=after.value - before.value, method="whole_file"), None
    why = _why_untested(before, after, setting)
    try:
        return (None, None, why) if why else _estimated(before, after, setting)
    except OverflowError:  # the numbers are judged, but a limit of their difference is no float
        return None, None, "no_interval"


def _why_untested(before: Measurement, after: Measurement, setting: Setting) -> Untested | None:
    if not setting.same_question:
        return "other_question"
    if not (before.judged and after.judged):
        return "not_judged"
    if None in (before.low, before.high, before.confidence, after.low, after.high, after.confidence):
        return "no_interval"
    if before.check not in VALIDATED and before.check not in OF_GROUPS:
        return "not_validated"
    return None


def _estimated(before: Measurement, after: Measurement, setting: Setting) -> Told:
    """By the same rows where that is known, else by the records."""
    confidence, rows = setting.confidence, setting.rows
    if rows is not None and not after.slice:
        agreed = agreement(rows, before, after)
        if agreed is not None:
            change = rate_change(agreed, confidence=confidence)
            return "paired", as_difference(change, method="newcombe_paired", confidence=confidence), None
        together = correlation(rows, before, after)
        if together is not None:
            found = from_records(before, after, correlation=together, confidence=confidence)
            return "paired", found, None
    if rows is not None and rows.opposed:
        return None, None, "opposed_answers"
    if after.check in OF_GROUPS:
        return _of_groups(before, after, confidence)
    return "unpaired", from_records(before, after, correlation=None, confidence=confidence), None


def _of_groups(before: Measurement, after: Measurement, confidence: float) -> Told:
    """The pair of groups that was worst before."""
    if any(str(one.method).endswith(CLUSTERED) for one in (before, after)):
        return None, None, "clustered_rows"
    pair = worst_pair(before, after)
    if pair is None:
        return None, None, "groups_differ"
    if counted_pair(before, pair).has_empty_cell:
        return None, None, "empty_cell"
    return "fixed_pair", fixed_pair(before, after, pair, confidence=confidence), None


def _claimed(changes: list[MeasurementChange], confidence: float) -> Iterator[MeasurementChange]:
    """Every change with what can be claimed of it, all claims together at the confidence."""
    p_values = {place: p for place, one in enumerate(changes) if (p := _tested(one)) is not None}
    adjusted = dict(zip(p_values, holm(list(p_values.values())), strict=True))
    for place, one in enumerate(changes):
        if place in adjusted and one.difference:
            difference = one.difference.model_copy(update={"adjusted": adjusted[place]})
            claim = _claim(one, difference) if _shown(difference, 1 - confidence) else "not_shown"
            yield one.model_copy(update={"difference": difference, "claim": claim})
        elif one.basis == "whole_file" and one.claim != "same":
            yield one.model_copy(update={"claim": _whole_claim(one)})
        else:
            yield one


def _tested(one: MeasurementChange) -> float | None:
    """The p-value of a judged measurement that changed."""
    if one.claim != "not_shown" or one.difference is None or one.difference.p_value is None:
        return None
    return float(one.difference.p_value)


def _shown(difference: Difference, level: float) -> bool:
    low, high = difference.low, difference.high
    beyond = low is not None and high is not None and (low > 0 or high < 0)
    return beyond and difference.adjusted is not None and difference.adjusted <= level + TOLERANCE


def _claim(one: MeasurementChange, difference: Difference) -> Claim:
    """Better or worse by the limit that it is judged by; neither where the pair tells another story than the whole."""
    claim = _way(one.criterion, float(difference.value))
    whole = _way(one.criterion, float(one.after.value or 0.0) - float(one.before.value or 0.0))
    return claim if one.basis != "fixed_pair" or claim == whole else "moved"


def _whole_claim(one: MeasurementChange) -> Claim:
    value = float(one.difference.value) if one.difference else 0.0
    return _way(one.criterion, value) if abs(value) > TOLERANCE else "same"


def _way(criterion: Criterion, value: float) -> Claim:
    if criterion.at_least is not None:
        return "better" if value > 0 else "worse"
    if criterion.at_most is not None:
        return "better" if value < 0 else "worse"
    return "moved"
