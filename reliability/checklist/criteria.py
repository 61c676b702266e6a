"""Criteria as written, held to the checks' signatures."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from reliability.checklist.catalogue import check_named, nearest
from reliability.checklist.limits import refuse_rule, refuse_unmeant
from reliability.checklist.written import CriterionText
from reliability.errors import ChecklistError
from reliability.records import Criterion
from reliability.yaml_lines import shown

LIMITS = ("at_least", "at_most", "between", "equals", "report")
GROUPINGS = ("sensitive", "sensitive_pairs", "segments")
# What the submission fills in where a criterion says `declared`.
_LEFT_TO_DECLARATION = ("check", "with_", *LIMITS, "by")

Where: TypeAlias = Callable[..., str]  # keys below a criterion -> file:line:column


def criterion(text: CriterionText, *, where: Where) -> Criterion:
    """The criterion as it will be judged, its rule left open where the checklist's applies."""
    if text.declared is not None:
        return _declared(text, where)
    if text.check is None:
        raise ChecklistError(
            "checklist_key_missing", "{where}: {key!r} is missing; add it", where=where("check"), key="check"
        )
    check = check_named(text.check, where=where("check"))
    limit = _limit(text, where)
    if text.source is None and limit != "report":
        raise ChecklistError(
            "source_missing",
            "{where}: the criterion on {check} states no source of its limit; add 'source', say 'house default'",
            where=where("check"), check=text.check,
        )  # fmt: skip
    by = _grouping(text.by, where)
    given = Criterion.model_validate(
        {
            "check": text.check,
            "with": check.settings(text.with_ or {}, where=where("with")),
            limit: getattr(text, limit),
            "rule": None if limit == "report" else text.rule,
            "by": "sensitive" if by is None and check.compares else by,
            "source": text.source,
        }
    )
    refuse_unmeant(given, limit, where=where)
    refuse_rule(given, where=where("rule"))
    return given


def declared_level(performance: Mapping[str, Any], *, where: str) -> Criterion:
    """The level that a submission declares (`performance: {check, with, at_least …}`), without a rule."""
    text = CriterionText.model_validate({**performance, "source": "declared"})
    return criterion(text, where=lambda *_: where).model_copy(update={"source": None, "declared": "performance"})


def with_declared(criterion: Criterion, level: Criterion | None) -> Criterion:
    """A criterion that leaves check and limit to the submission, with what it declares; else as it is."""
    if criterion.declared is None or level is None:
        return criterion
    return level.model_copy(update={"rule": criterion.rule, "source": criterion.source})


def _declared(text: CriterionText, where: Where) -> Criterion:
    for key in _LEFT_TO_DECLARATION:
        if getattr(text, key) is not None:
            raise ChecklistError(
                "declared_with_limit",
                "{where}: a declared criterion takes check and limit from the submission; remove {key!r}",
                where=where(key.rstrip("_")), key=key.rstrip("_"),
            )  # fmt: skip
    given = Criterion(declared=text.declared, rule=text.rule, source=text.source)
    refuse_rule(given, where=where("rule"))
    return given


def _limit(text: CriterionText, where: Where) -> str:
    """Name of the one limit of a criterion."""
    # By identity: a limit of 0 is a limit, `report: false` is none.
    given = [name for name in LIMITS if getattr(text, name) is not None and getattr(text, name) is not False]
    if len(given) != 1:
        raise ChecklistError(
            "limit_not_one",
            "{where}: the criterion on {check} needs exactly one of {limits}; it has {n}",
            where=where("check"), check=text.check, limits=", ".join(LIMITS), n=len(given),
        )  # fmt: skip
    if text.between is not None and text.between[0] > text.between[1]:
        raise ChecklistError(
            "limits_reversed",
            "{where}: 'between' goes from {low} down to {high}; write the lower one first",
            where=where("between"), low=text.between[0], high=text.between[1],
        )  # fmt: skip
    return given[0]


def _grouping(by: Any, where: Where) -> Any:
    if by == ():
        raise ChecklistError(
            "by_empty", "{where}: 'by' names no column; name one, or leave 'by' out", where=where("by")
        )  # fmt: skip
    if isinstance(by, tuple) and (twice := next((name for place, name in enumerate(by) if name in by[:place]), None)):
        raise ChecklistError(
            "by_twice", "{where}: 'by' names {column} twice; name it once", where=where("by"), column=shown(twice)
        )
    if isinstance(by, str) and by not in GROUPINGS:
        raise ChecklistError(
            "by_unknown",
            "{where}: 'by' cannot be {by}; a list of columns, or one of {groupings}; nearest is {near!r}",
            where=where("by"), by=shown(by), groupings=", ".join(GROUPINGS), near=nearest(by, GROUPINGS),
        )  # fmt: skip
    return by
