"""Facts, checks, checklists, items and terms, as text or as records for the terminal."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from reliability.checklist.catalogue import Check, checks
from reliability.checklist.read import Checklist
from reliability.errors import UsageError
from reliability.facts import FACTS
from reliability.records import Criterion
from reliability.reports.figures import limit_text
from reliability.words.text import Words

TERMS = (
    "pass", "conditional_pass", "conditional_fail", "fail", "inconclusive", "not_assessed", "not_applicable",
    "reported", "error", "conforms", "conforms_with_conditions", "does_not_conform", "undetermined", "critical",
    "major", "minor", "simple", "guarded", "four_way", "exact", "interval", "sample_size", "house_default",
)  # fmt: skip


def explanation(what: str, content: Mapping[str, Any], said: Words) -> str:
    """A check, an item of the checklist, a fact or a term, in words.

    Raises
    ------
    UsageError
        If it is none of these; the nearest are named.
    """
    if what in checks():
        return check_text(checks()[what], said)
    if what in FACTS:
        return f"{what}: {said.text(f'fact.{what}.question')}\n{said.text(f'fact.{what}.why')}"
    return item_text(what, content, said) or term_text(what, content, said)


def fact_records(said: Words) -> list[dict[str, str]]:
    """Every fact with its origin, its question, and why it is asked."""
    return [
        {
            "fact": name,
            "origin": fact.origin,
            "question": said.text(f"fact.{name}.question"),
            "why": said.text(f"fact.{name}.why"),
        }
        for name, fact in FACTS.items()
    ]


def fact_text(record: Mapping[str, str], said: Words) -> str:
    """A fact on three lines."""
    origin = said.text(f"cli.origin.{record['origin']}")
    return f"{record['fact']}  ({origin})\n  {record['question']}\n  {record['why']}\n"


def check_record(check: Check, said: Words) -> dict[str, Any]:
    """A check as plain values."""
    options = {option.name: {"takes": option.takes, "default": option.default} for option in check.options.values()}
    return {
        "check": check.name,
        "title": said.text(f"check.{check.name}"),
        "evidence": list(check.evidence),
        "options": options,
        "compares_groups": check.compares,
    }


def check_text(check: Check, said: Words) -> str:
    """A check in words: title, explanation, options, then its own documentation, which is English."""
    options = [f"  {option.name}: {option.takes} = {option.default}" for option in check.options.values()]
    documentation = check.description if said.lang == "en" else said.text("cli.documentation", check=check.name)
    parts = [
        f"{check.name}: {said.text(f'check.{check.name}')}",
        said.text(f"check.{check.name}.explain"),
        *(["\n".join([said.text("cli.options"), *options])] if options else []),
        documentation,
    ]
    return "\n\n".join(parts)


def checklist_text(checklist: Checklist, said: Words) -> str:
    """Every item of a checklist, by section."""
    lines = [f"{checklist.content['title'][said.lang]} {checklist.version}"]
    for section in checklist.content["sections"]:
        lines += ["", section["title"][said.lang]]
        lines += [
            f"  {item['id']}  [{said.text('severity.' + item['severity'])}] {item['requirement'][said.lang]}"
            for item in section["items"]
        ]
    return "\n".join(lines)


def item_text(what: str, content: Mapping[str, Any], said: Words) -> str | None:
    """An item in words: what it asks, how it is decided, what would mend it; None if there is no such item."""
    item = _items(content).get(what.upper())
    if item is None:
        return None
    lines = [f"{item['id']}  [{said.text('severity.' + item['severity'])}]", item["requirement"][said.lang], ""]
    if "ask" in item:
        lines.append(item["ask"][said.lang])
    if item.get("evidence"):
        lines.append(f"{said.text('cli.evidence')}: {item['evidence'][said.lang]}")
    lines += [_criterion_line(Criterion.model_validate(one), content, said) for one in item.get("criteria", ())]
    if "when" in item:
        lines.append(f"{said.text('cli.when')}: {item['when']}")
    if item.get("references"):
        lines.append(f"{said.text('cli.references')}: {', '.join(item['references'])}")
    if item.get("remedy"):
        lines += ["", f"{said.text('cli.remedy')}: {item['remedy'][said.lang]}"]
    return "\n".join(lines)


def _items(content: Mapping[str, Any]) -> dict[str, Any]:
    return {item["id"].upper(): item for section in content["sections"] for item in section["items"]}


def _criterion_line(criterion: Criterion, content: Mapping[str, Any], said: Words) -> str:
    if criterion.declared is not None:
        return f"· {said.text('cli.declared')}"
    rule = criterion.rule or content["decision"]["rule"]
    source = said.text("term.house_default") if criterion.source == "house default" else criterion.source
    judged = "" if criterion.report else f", {said.text(f'rule.{rule}')}, {source}"
    limit = limit_text(criterion, "", said.lang) or said.text("verdict.reported")
    return f"· {said.text(f'check.{criterion.check}')}: {limit}{judged}"


def term_text(what: str, content: Mapping[str, Any], said: Words) -> str:
    """A word used in reports, explained; the nearest names where there is no such word."""
    titles = {said.text(f"term.{term}").lower(): term for term in TERMS}
    wanted = what.strip().lower()
    term = titles.get(wanted, wanted.replace("-", "_").replace(" ", "_"))
    if term in TERMS:
        return f"{said.text(f'term.{term}')}: {said.text(f'term.{term}.explain')}"
    known = [*TERMS, *titles, *checks(), *FACTS, *_items(content)]
    near = ", ".join(get_close_matches(what, known, n=3, cutoff=0.3)) or "reliability checklists"
    raise UsageError(
        "nothing_to_explain", "{what!r}: no item, check or term of that name; near: {near}", what=what, near=near
    )
