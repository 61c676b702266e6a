"""Refuses limits that cannot be meant: beyond what a check can measure, in the wrong direction, never to be judged."""

import math
from typing import Any

from reliability.checklist.scales import SCALES, Scale
from reliability.errors import ChecklistError
from reliability.records import Criterion


def refuse_unmeant(criterion: Criterion, limit: str, *, where: Any) -> None:
    """Refuse the limit of a criterion, named `limit`, that does not fit what its check measures.

    Raises
    ------
    ChecklistError
        Nothing is ever judged by the check; less is better and the limit is a lower one, or the reverse; the check
        never gets there, or never beyond.
    """
    check, value = str(criterion.check), getattr(criterion, limit)
    scale = SCALES.get(check)
    if scale is None or limit == "report":
        return
    _refuse_never_judged(criterion, check, scale, where)
    _refuse_wrong_way(check, scale, limit, value, where)
    if limit == "between":
        _refuse_between(check, scale, value, where)
    else:
        _refuse_outside(check, scale, limit, value, where(limit))
        _refuse_never_missed(check, scale, limit, value, where(limit))


def refuse_rule(criterion: Criterion, *, where: str) -> None:
    """Refuse the rule of a criterion that does not fit its check: `exact` on an estimate, an interval of a count.

    Raises
    ------
    ChecklistError
        The rule compares the value itself and the check estimates it; the rule compares an interval that there is
        never one of; or what the submission declares is to be judged `exact`.
    """
    if criterion.report or criterion.rule is None:
        return
    scale = SCALES.get(criterion.check or "")
    if criterion.rule == "exact" and (criterion.declared or (scale and scale.compared == "interval")):
        raise ChecklistError(
            "rule_exact_estimate",
            "{where}: rule {rule!r} compares the value alone, and {check} is an estimate with an interval; write "
            "'rule: guarded' or 'rule: four_way'",
            where=where, rule=criterion.rule, check=criterion.check or criterion.declared,
        )  # fmt: skip
    if scale and scale.compared == "count" and criterion.rule in {"guarded", "four_way"}:
        raise ChecklistError(
            "rule_needs_interval",
            "{where}: rule {rule!r} compares an interval, and {check} is a count that has none; write 'rule: exact'",
            where=where, rule=criterion.rule, check=criterion.check,
        )  # fmt: skip


def _refuse_never_judged(criterion: Criterion, check: str, scale: Scale, where: Any) -> None:
    if scale.judges(criterion.with_):
        return
    if scale.only_with is None:
        raise ChecklistError(
            "never_judged",
            "{where}: {check} has no interval and is never judged; write 'report: true' instead of the limit",
            where=where("check"), check=check,
        )  # fmt: skip
    option, setting = scale.only_with
    raise ChecklistError(
        "never_judged_with",
        "{where}: {check} with {option} {value} has no interval and is never judged; write '{option}: {setting}', or "
        "'report: true' instead of the limit",
        where=where("with", option), check=check, option=option, value=criterion.with_[option], setting=setting,
    )  # fmt: skip


def _refuse_wrong_way(check: str, scale: Scale, limit: str, value: Any, where: Any) -> None:
    if scale.better == "less" and limit == "at_least":
        raise ChecklistError(
            "limit_less_is_better",
            "{where}: 'at_least: {value}' would pass what is worse, as less is better of {check}; write 'at_most'",
            where=where(limit), value=value, check=check,
        )  # fmt: skip
    if scale.better == "more" and limit == "at_most":
        raise ChecklistError(
            "limit_more_is_better",
            "{where}: 'at_most: {value}' would pass what is worse, as more is better of {check}; write 'at_least'",
            where=where(limit), value=value, check=check,
        )  # fmt: skip


def _refuse_between(check: str, scale: Scale, ends: tuple[float, float], where: Any) -> None:
    low, high = ends
    if low <= scale.low and scale.high <= high:
        raise _never_missed(check, "between", list(ends), where("between"))
    _refuse_outside(check, scale, "between", low, where("between", 0))
    # A ratio is the smaller rate over the larger; its limits are often written for both ways round: [0.8, 1.25].
    if not (scale.unit == "ratio" and low > scale.low):
        _refuse_outside(check, scale, "between", high, where("between", 1))


def _refuse_outside(check: str, scale: Scale, limit: str, value: float, where: str) -> None:
    if scale.low <= value <= scale.high:
        return
    told = {"where": where, "limit": limit, "value": value, "check": check, "low": scale.low, "high": scale.high}
    if math.isinf(scale.high):
        raise ChecklistError(
            "limit_below", "{where}: '{limit}' cannot be {value}: {check} is never below {low}; write more", **told
        )
    if math.isinf(scale.low):
        raise ChecklistError(
            "limit_above", "{where}: '{limit}' cannot be {value}: {check} is never above {high}; write less", **told
        )
    told["meant"] = max(f"{value / 100:.2f}", f"{value / 100:.15g}", key=len)
    if value < 1 or value / 100 > scale.high:
        raise ChecklistError(
            "limit_outside",
            "{where}: '{limit}' cannot be {value}: {check} lies from {low} to {high}; write a limit between", **told
        )  # fmt: skip
    if scale.unit == "points":
        raise ChecklistError(
            "limit_in_points",
            "{where}: '{limit}' cannot be {value}: {check} lies from {low} to {high}; write {meant} for {value} "
            "percentage points", **told
        )  # fmt: skip
    raise ChecklistError(
        "limit_in_percent",
        "{where}: '{limit}' cannot be {value}: {check} lies from {low} to {high}; write {meant} for {value} %", **told
    )  # fmt: skip


def _refuse_never_missed(check: str, scale: Scale, limit: str, value: float, where: str) -> None:
    if (limit == "at_least" and value <= scale.low) or (limit == "at_most" and value >= scale.high):
        raise _never_missed(check, limit, value, where)


def _never_missed(check: str, limit: str, value: Any, where: str) -> ChecklistError:
    return ChecklistError(
        "limit_never_missed",
        "{where}: '{limit}: {value}' can never be missed: {check} goes no further; write a limit that can be, or "
        "'report: true' to show the value without judging it",
        where=where, limit=limit, value=value, check=check,
    )  # fmt: skip
