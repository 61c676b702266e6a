"""Checklists: read, resolved after what they extend, and held to the checks, facts and words there are."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reliability.checklist.limits import refuse_rule
from reliability.checklist.resolve import SEVERITIES, Group, Merged, Part, located, resolved, shipped
from reliability.checklist.written import Answers, Bar, Bars, Decision
from reliability.errors import ChecklistError
from reliability.records import Criterion, Json, Severity, canonical_json

Wording = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Item:
    """One requirement: measured by its criteria, or asked."""

    id: str
    section: str
    title: Wording | None = None
    requirement: Wording
    severity: Severity
    criteria: tuple[Criterion, ...] = ()
    ask: Wording | None = None
    evidence: Wording | None = None
    answers: Answers | None = None
    escalate: Mapping[Severity, str]
    bar: Bar | None = None
    when: str | None = None
    references: tuple[str, ...] = ()
    remedy: Wording | None = None


@dataclass(frozen=True, kw_only=True)
class Checklist:
    """A checklist as it is used: `content` is all of it as plain JSON, `sha256` the digest of that."""

    id: str
    version: str
    title: Wording
    decision: Decision
    outcome: Bars
    items: tuple[Item, ...]
    content: Mapping[str, Json]
    sha256: str

    def item(self, name: str) -> Item:
        """The item of that id; a KeyError where there is none."""
        return {item.id: item for item in self.items}[name]


def names() -> tuple[str, ...]:
    """Names of the shipped checklists."""
    return shipped()


def read_checklist(name_or_path: str | Path) -> Checklist:
    """Read a shipped checklist by name, or any by path (a path has a slash or ends in `.yaml`).

    Raises
    ------
    ChecklistError
        Whatever is wrong with it, with file, line and column.
    """
    path, name = located(name_or_path)
    return _complete(resolved(path, name))


def validate(path: str | Path) -> Checklist:
    """Read the checklist at that path; it stands exactly if this returns."""
    return _complete(resolved(Path(path), str(path)))


def _complete(merged: Merged) -> Checklist:
    text, where = merged.source.text, merged.source.where("checklist")
    decision, outcome = merged.decision, merged.outcome
    if decision is None:
        raise _missing("decision", where)
    if outcome is None:
        raise _missing("outcome", where)
    groups = [group for group in merged.groups.values() if group.items]
    items = tuple(_item(part, group, decision) for group in groups for part in group.items.values())
    if not items:
        raise ChecklistError("checklist_empty", "{where}: no item in this checklist; add one", where=where)
    content = {
        "checklist": text.checklist,
        "format": text.format,
        "version": text.version,
        "title": text.title.model_dump(),
        "decision": decision.model_dump(),
        "outcome": outcome.model_dump(),
        "sections": [_section_content(group, items) for group in groups],
    }
    return Checklist(
        id=text.checklist,
        version=text.version,
        title=text.title.model_dump(),
        decision=decision,
        outcome=outcome,
        items=items,
        content=content,
        sha256=hashlib.sha256(canonical_json(content)).hexdigest(),
    )


def _missing(key: str, where: str) -> ChecklistError:
    return ChecklistError("checklist_key_missing", "{where}: {key!r} is missing; add it", where=where, key=key)


def _item(part: Part, group: Group, decision: Decision) -> Item:
    given = {key: value for key, value in part.given.items() if value is not None}
    for key in ("requirement", "severity"):
        if key not in given:
            raise _missing(key, part.where)
    _refuse_half_asked(part, given)
    _refuse_lowering(part, given)
    given["criteria"] = tuple(_with_rule(one, decision, where=part.where) for one in given.get("criteria", ()))
    if "ask" in given:
        given.setdefault("answers", Answers())
    for key in ("title", "requirement", "ask", "evidence", "remedy"):
        if key in given:
            given[key] = given[key].model_dump()
    given.setdefault("escalate", {})
    return Item(id=part.id, section=group.id, **given)


def _refuse_half_asked(part: Part, given: Mapping[str, Any]) -> None:
    if bool(given.get("criteria")) == ("ask" in given):
        raise ChecklistError(
            "item_criteria_or_ask",
            "{where}: item {item!r} needs either criteria (measured) or 'ask' (asked)",
            where=part.where, item=part.id,
        )  # fmt: skip
    if "ask" in given and "evidence" not in given:
        raise _missing("evidence", part.where)
    for key in ("evidence", "answers"):
        if key in given and "ask" not in given:
            raise ChecklistError(
                "item_not_asked",
                "{where}: item {item!r} is measured, {key!r} belongs to items that are asked; remove it",
                where=part.where, item=part.id, key=key,
            )  # fmt: skip


def _refuse_lowering(part: Part, given: Mapping[str, Any]) -> None:
    for severity in given.get("escalate", {}):
        if SEVERITIES.index(severity) <= SEVERITIES.index(given["severity"]):
            raise ChecklistError(
                "escalate_not_above",
                "{where}: item {item!r} is {severity}, escalation to {to} would not raise it",
                where=part.where, item=part.id, severity=given["severity"], to=severity,
            )  # fmt: skip


def _with_rule(criterion: Criterion, decision: Decision, *, where: str) -> Criterion:
    if criterion.report or criterion.rule is not None:
        return criterion
    ruled = criterion.model_copy(update={"rule": decision.rule})
    refuse_rule(ruled, where=where)
    return ruled


def _section_content(group: Group, items: tuple[Item, ...]) -> dict[str, Json]:
    return {
        "id": group.id,
        "title": group.title,
        "items": [_item_content(item) for item in items if item.section == group.id],
    }


def _item_content(item: Item) -> dict[str, Json]:
    """The item as plain JSON: what it says, nothing that it leaves out."""
    content: dict[str, Json] = {
        "id": item.id,
        "title": item.title,
        "requirement": item.requirement,
        "severity": item.severity,
        "criteria": [one.model_dump(mode="json", by_alias=True, exclude_defaults=True) for one in item.criteria],
        "ask": item.ask,
        "evidence": item.evidence,
        "answers": item.answers.model_dump() if item.answers else None,
        "escalate": dict(item.escalate),
        "bar": item.bar,
        "when": item.when,
        "references": list(item.references),
        "remedy": item.remedy,
    }
    return {key: value for key, value in content.items() if value not in (None, [], {})}
