"""Compares measurements with criteria: the whole interval with the limit, by the rule that the checklist names."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

from reliability.records import (
    FAILURES,
    KNOWN_EXACTLY,
    UNASKED,
    WORST_FIRST,
    Criterion,
    CriterionResult,
    Json,
    Measurement,
    Reason,
    Rule,
    Verdict,
)

TOLERANCE = 1e-9
# Share of rows that may lie in groups too small to be judged.
SMALL_GROUPS_SHARE = 0.05
_SMALL = frozenset({"group_too_small", "no_rows"})
_Bound: TypeAlias = float | None


def judge(
    criterion: Criterion, measurements: Sequence[Measurement] = (), *, lacking: Reason | None = None
) -> CriterionResult:
    """The verdict of a criterion on its measurements; `lacking` says why there are none.

    Shares of the files as handed in (reason `whole_file`) and what cannot be otherwise (`not_an_input`, no identifiers,
    text or categories where such are looked for) are no estimates from a sample, so every rule compares their value
    itself. A criterion over slices looks at each slice, see `_of_slices`.
    """
    reasons = [] if lacking is None else [lacking]
    if criterion.check is None and lacking is None:
        reasons = [Reason(code="declared_nothing")]
    elif not measurements and lacking is None:
        reasons = [Reason(code="no_rows")]
    verdicts = [without_number(reason) for reason in reasons]
    sliced = [one for one in measurements if one.slice]
    whole = [one for one in measurements if not one.slice]
    verdicts += [_of_one(criterion, one) for one in whole]
    for by in dict.fromkeys(one.by for one in sliced):
        verdict, why = _of_slices(criterion, [one for one in sliced if one.by == by])
        verdicts.append(verdict)
        reasons += why
    reasons += [one.reason for one in whole if one.reason is not None and not _judged(one)]
    return CriterionResult(
        criterion=criterion,
        verdict="reported" if criterion.report else worst(verdicts),
        reasons=distinct(reasons),
        measurements=tuple(measurements),
    )


def verdict(criterion: Criterion, value: _Bound, low: _Bound, high: _Bound) -> Verdict:
    """The verdict on one estimate and its interval.

    Without a limit, a value or (where the rule looks at it) a bound, nothing is ever passed or failed.
    """
    rule = _RULES[criterion.rule or "guarded"]
    bottom, top = _limits(criterion)
    verdicts: list[Verdict] = []
    if bottom is not None:
        verdicts.append(_settled(rule, value, low, high, float(bottom)))
    if top is not None:
        verdicts.append(_settled(rule, _minus(value), _minus(high), _minus(low), -float(top)))
    return worst(verdicts) if verdicts else "inconclusive"


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of some verdicts; what does not count is passed over unless there is nothing else."""
    present = list(verdicts)
    counted = [one for one in WORST_FIRST if one in present]
    if counted:
        return counted[0]
    return "reported" if "reported" in present else "not_applicable"


def without_number(reason: Reason | None) -> Verdict:
    """The verdict where nothing could be measured, by the reason why."""
    code = None if reason is None else reason.code
    if code in FAILURES:
        return "error"
    return "not_assessed" if code in UNASKED else "inconclusive"


def because(code: str, **values: Json) -> Reason:
    """A reason with its values."""
    return Reason.model_validate({"code": code, "with": values})


def distinct(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Reasons in order, each once."""
    found: list[Reason] = []
    for reason in reasons:
        if reason not in found:
            found.append(reason)
    return tuple(found)


def _limits(criterion: Criterion) -> tuple[_Bound, _Bound]:
    if criterion.between is not None:
        return criterion.between
    if criterion.equals is not None:
        return criterion.equals, criterion.equals
    return criterion.at_least, criterion.at_most


def _judged(measurement: Measurement) -> bool:
    return measurement.judged and measurement.value is not None


def _exactly_known(measurement: Measurement) -> bool:
    return measurement.reason is not None and measurement.reason.code in KNOWN_EXACTLY


def _of_one(criterion: Criterion, measurement: Measurement) -> Verdict:
    if not _judged(measurement):
        return without_number(measurement.reason)
    if _exactly_known(measurement):
        exactly = criterion.model_copy(update={"rule": "exact"})
        return verdict(exactly, measurement.value, None, None)
    return verdict(criterion, measurement.value, measurement.low, measurement.high)


def _of_slices(criterion: Criterion, slices: Sequence[Measurement]) -> tuple[Verdict, list[Reason]]:
    """Verdict over the slices of one grouping.

    Small and unknown groups are listed, not judged; where they hold over 5 % of the rows, or where
    fewer than two groups are left, the whole cannot be passed.
    """
    small = [one for one in slices if _too_small(one)]
    large = [one for one in slices if not _too_small(one)]
    count = sum(_judged(one) for one in large)
    verdicts = [_of_slice(criterion, one, count) for one in large]
    reasons = [one.reason for one in large if one.reason is not None and not _judged(one)]
    by = list(slices[0].by)
    share = _rows(small) / max(_rows(slices), 1)
    if share > SMALL_GROUPS_SHARE:
        reasons.append(because("small_groups", by=by, share=share))
        verdicts.append("inconclusive")
    if len(large) < 2:
        reasons.append(because("fewer_than_two_groups", by=by))
        verdicts.append("inconclusive")
    return worst(verdicts), reasons


def _too_small(measurement: Measurement) -> bool:
    unknown = None in measurement.slice.values()
    return unknown or (
        not _judged(measurement) and measurement.reason is not None and measurement.reason.code in _SMALL
    )


def _rows(measurements: Iterable[Measurement]) -> int:
    return sum(int(one.details.get("rows", one.n)) for one in measurements)


def _of_slice(criterion: Criterion, measurement: Measurement, count: int) -> Verdict:
    """Verdict of one of `count` judged slices: it fails only if it also fails at the adjusted interval."""
    own = _of_one(criterion, measurement)
    if own != "fail" or count < 2 or _exactly_known(measurement):
        return own
    adjusted = measurement.details.get("adjusted", {})
    again = verdict(criterion, measurement.value, adjusted.get("low"), adjusted.get("high"))
    return "fail" if again == "fail" else "conditional_fail"


def _settled(
    rule: Callable[[float, float, float, float], Verdict], value: _Bound, low: _Bound, high: _Bound, limit: float
) -> Verdict:
    if value is None or not math.isfinite(value):
        return "inconclusive"
    if rule in _ON_THE_VALUE:
        low = high = value
    if low is None or high is None or math.isnan(low) or math.isnan(high):
        return "inconclusive"
    # An interval holds its estimate; where rounding has put it a hair outside, neither side may gain.
    return rule(value, min(low, value), max(high, value), limit)


def _simple(value: float, _low: float, _high: float, limit: float) -> Verdict:
    return "pass" if value >= limit else "fail"


def _exact(value: float, _low: float, _high: float, limit: float) -> Verdict:
    return "pass" if value >= limit - TOLERANCE else "fail"


def _guarded(_value: float, low: float, high: float, limit: float) -> Verdict:
    if low >= limit:
        return "pass"
    return "fail" if high < limit else "inconclusive"


def _four_way(value: float, low: float, high: float, limit: float) -> Verdict:
    if low >= limit:
        return "pass"
    if value >= limit:
        return "conditional_pass"
    return "fail" if high < limit else "conditional_fail"


def _minus(value: _Bound) -> _Bound:
    return None if value is None else -value


_RULES: Mapping[Rule, Callable[[float, float, float, float], Verdict]] = {
    "simple": _simple,
    "guarded": _guarded,
    "four_way": _four_way,
    "exact": _exact,
}
_ON_THE_VALUE = (_simple, _exact)
