"""Which numbers that advice promised were kept by the new version."""

import math
from collections.abc import Iterator

from reliability.advice import Advice, Confirmed, NumberChange
from reliability.changes import Promise
from reliability.compare.cases import Case
from reliability.errors import UsageError
from reliability.records import KNOWN_EXACTLY, Measurement

TOLERANCE = 1e-9


def promises(advice: Advice, remedy: str, before: Case, after: Case) -> tuple[Promise, ...]:
    """What the remedy promised of every finding that it was confirmed for, beside what the new version came to.

    Raises
    ------
    UsageError
        If the advice is on another case, or the remedy was confirmed for none of its findings.
    """
    if advice.case.sha256 != before.identity().sha256:
        raise UsageError(
            "advice_of_other_case", "the advice is on another case than the first ({met}, not {expected})",
            met=advice.case.sha256[:12], expected=before.identity().sha256[:12],
        )  # fmt: skip
    found = tuple(
        promise
        for finding in advice.findings
        for one in finding.confirmed
        if one.remedy == remedy
        for promise in _of_finding(finding.item, one, after)
    )
    if not found:
        confirmed = {one.remedy for finding in advice.findings for one in finding.confirmed}
        known = sorted(confirmed, key=lambda name: (len(name), name))  # R2 before R10
        raise UsageError(
            "remedy_not_confirmed", "{remedy!r}: the advice confirmed no such remedy; there are: {known}",
            remedy=remedy, known=", ".join(known) or "-",
        )  # fmt: skip
    return found


def _of_finding(item: str, one: Confirmed, after: Case) -> Iterator[Promise]:
    for number in one.numbers:
        if number.after.value is not None:
            yield _promise(item, number, _found(item, number, after))


def _found(item: str, number: NumberChange, after: Case) -> Measurement | None:
    """The same number in the new case."""
    finding, wanted = after.findings.get(item), number.after
    named = (wanted.check, wanted.by, wanted.slice, wanted.of)
    every = () if finding is None else (each for result in finding.criteria for each in result.measurements)
    return next((each for each in every if (each.check, each.by, each.slice, each.of) == named), None)


def _promise(item: str, number: NumberChange, found: Measurement | None) -> Promise:
    told = number.after.model_copy(update={"details": {}})
    if found is None or found.value is None:
        return Promise(item=item, criterion=number.criterion, promised=told, found=None)
    low, high = prediction(told, found)
    kept = low - TOLERANCE <= float(found.value) <= high + TOLERANCE
    return Promise(
        item=item, criterion=number.criterion, promised=told, found=found.model_copy(update={"details": {}}),
        low=low, high=high, kept=kept,
    )  # fmt: skip


def prediction(promised: Measurement, found: Measurement) -> tuple[float, float]:
    """Where the new number may lie if the promise is true: the half-widths of both, squared and added.

    References
    ----------
    Zou, G. Y. and Donner, A. (2008), Statistics in Medicine 27, 1693-1702.
    """
    value = float(promised.value or 0.0)
    below = math.hypot(_half(promised, -1), _half(found, 1))
    above = math.hypot(_half(promised, 1), _half(found, -1))
    return value - below, value + above


def _half(one: Measurement, way: int) -> float:
    """How far the interval reaches to one side; not at all where the number is known exactly."""
    exact = one.reason is not None and one.reason.code in KNOWN_EXACTLY
    end = one.high if way > 0 else one.low
    return 0.0 if exact or end is None or one.value is None else abs(float(end) - float(one.value))
