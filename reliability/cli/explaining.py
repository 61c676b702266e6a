"""Facts, checks, checklists, items and terms, as text or as records for the terminal."""

import importlib
import inspect
import math
import pkgutil
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any, TypeVar

import reliability.intervals
from reliability.checklist.catalogue import Check, Option, checks
from reliability.checklist.read import Checklist
from reliability.cli.conditions import condition_lines
from reliability.cli.reference import cited, reference_text
from reliability.errors import UsageError
from reliability.facts import FACTS
from reliability.records import REASONS, Criterion
from reliability.reports.figures import FEWEST_SHOWN, count, limit_number, limit_text, percent, unit_of
from reliability.reports.groups import group_label
from reliability.reports.statements import check_title, reason_text, reasons, source_text
from reliability.smallest_n import Needed, smallest_n
from reliability.submission.read import Submission
from reliability.words.text import Words
from reliability.worker.handing_in import handed_in

Item = TypeVar("Item")

TERMS = (
    "pass", "conditional_pass", "conditional_fail", "fail", "inconclusive", "not_assessed", "not_applicable",
    "reported", "error", "conforms", "conforms_with_conditions", "does_not_conform", "undetermined", "critical",
    "major", "minor", "simple", "guarded", "four_way", "exact", "interval", "sample_size", "house_default",
)  # fmt: skip


def explanation(what: str, content: Mapping[str, Any], said: Words) -> str:
    """A check or what its documentation names, an item, a clause that items cite, a fact or a term, in words.

    Raises
    ------
    UsageError
        If it is none of these; the nearest are named.
    """
    if what in checks():
        return check_text(checks()[what], said)
    if what in FACTS:
        return f"{what}: {said.text(f'fact.{what}.question')}\n{said.text(f'fact.{what}.why')}"
    return (
        item_text(what, content, said)
        or reference_text(what, content, said)
        or named_text(what, said)
        or term_text(what, content, said)
    )


def with_rows_needed(told: dict[str, Any], checklist: Checklist, path: Path, said: Words) -> dict[str, Any]:
    """An explanation of an item, with how many rows it takes to pass on the submission at `path`.

    Raises
    ------
    UsageError
        If it is no item that was explained; the nearest are named.
    """
    item = item_named(told["what"], {item.id: item for item in checklist.items})
    submission = handed_in(path)
    judged = [criterion for criterion in item.criteria if not criterion.report]
    found = [
        needed
        for criterion in judged
        for needed in smallest_n(criterion, submission, confidence=checklist.decision.confidence)
    ]
    without = "reported" if item.criteria else "asked"
    title = said.text("cli.needed", n=count(submission.evaluation.rows))
    lines = [title, *(_needed_text(needed, submission, said) for needed in found)]
    text = "\n".join([told["text"], "", *(lines if found else [said.text(f"cli.needed.{without}")])])
    return {**told, "text": text, "rows": submission.evaluation.rows, "needed": [one.as_record() for one in found]}


def item_named(what: str, items: Mapping[str, Item]) -> Item:
    """The item, or what there is of it, by its id in whatever case.

    Raises
    ------
    UsageError
        If there is none; the nearest are named.
    """
    known = {id_.upper(): item for id_, item in items.items()}
    if what.upper() not in known:
        raise UsageError(
            "rows_of_no_item",
            "{what!r}: no item of that name; only an item is looked up in a submission or a case; near: {near}",
            what=what, near=", ".join(get_close_matches(what.upper(), known, n=3, cutoff=0)),
        )  # fmt: skip
    return known[what.upper()]


def _needed_text(needed: Needed, submission: Submission, said: Words) -> str:
    """The fewest rows for one criterion over one grouping, in words."""
    unit = unit_of(needed.criterion.check, ())
    of = f" ({' × '.join(needed.by)})" if needed.by else ""
    title = check_title(needed.criterion.check, said) if needed.criterion.check else said.text("cli.declared")
    head = f"· {title}{of}: {limit_text(needed.criterion, unit, said.lang)}".rstrip(": ")
    if needed.best is None:
        why = ", ".join(reasons(needed.reasons, said))
        told = [_why_unknown(needed, said), *([why] if why else [])]
    else:
        told = [said.text(f"cli.needed.{_ideal(needed)}", n=_about(needed.best)), *_likely(needed, unit, said)]
        told += [*_smallest_group(needed, submission, said), said.text(f"cli.needed.{_suffices(needed)}")]
    return "\n".join([head, *(f"    {line}" for line in told)])


def _why_unknown(needed: Needed, said: Words) -> str:
    """Why no number is told: in words of the check or of the evidence that it rests on, where there are such."""
    key, check = f"cli.needed.{needed.why}", checks().get(str(needed.criterion.check))
    own = () if check is None else (f"{key}.{check.name}", *(f"{key}.{kind}" for kind in check.evidence))
    return said.first(*own, key, n=count(needed.most))


def _ideal(needed: Needed) -> str:
    """What the fewest rows of all take for granted."""
    check = checks()[str(needed.criterion.check)]
    if check.evidence == ("group_sizes",):
        return "best.sizes"
    if check.asks_the_model:
        return "best.steady"
    if not check.compares:
        return "best.right"
    return "best.equal" if needed.best == needed.likely else "best.alike"


def _likely(needed: Needed, unit: str, said: Words) -> list[str]:
    if not needed.assumption or needed.assumed is None:
        return []
    rows = said.text("cli.needed.over", n=count(needed.most))
    if needed.likely is not None:
        rows = said.text("cli.needed.about", n=_about(needed.likely))
    share = percent(round(needed.assumed, 3))
    value = share if needed.assumption == "equal_groups" else limit_number(needed.assumed, unit, said.lang)
    return [said.text(f"cli.needed.{needed.assumption}", rows=rows, value=value)]


def _smallest_group(needed: Needed, submission: Submission, said: Words) -> list[str]:
    if needed.smallest_group is None:
        return []
    bands = {each.name for each in submission.evaluation.parts.attributes if each.edges}
    group = group_label(needed.smallest_group["slice"], needed.by, said, bands)
    n = needed.smallest_group["n"]
    size = count(n) if n >= FEWEST_SHOWN else said.text("report.under_five")
    return [said.text("cli.needed.group", group=group, n=size, all=count(needed.n))]


def _suffices(needed: Needed) -> str:
    """What the rows that there are suffice for."""
    if not needed.enough and _ideal(needed) == "best.equal":
        return "too_few_as_assumed"
    if not needed.enough:
        return "too_few" if needed.n < (needed.best or math.inf) else "between"
    if not needed.assumption:
        return "enough"
    return "enough_as_assumed" if needed.enough_as_assumed else "enough_at_best"


def _about(n: int) -> str:
    """Two significant digits, upwards: what is found holds no more."""
    step = 10 ** max(len(str(n)) - 2, 0)
    return count(math.ceil(n / step) * step)


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
    options = [f"  {one.name}: {_takes(one)}{_default(one)}" for one in check.options.values()]
    documentation = check.description if said.lang == "en" else said.text("cli.documentation", check=check.name)
    parts = [
        f"{check.name}: {said.text(f'check.{check.name}')}",
        said.text(f"check.{check.name}.explain"),
        *(["\n".join([said.text("cli.options"), *options])] if options else []),
        documentation,
    ]
    return "\n\n".join(parts)


def _takes(option: Option) -> str:
    # What may be left out has no default to show.
    return option.takes.removesuffix(" | None")


def _default(option: Option) -> str:
    return "" if option.required or option.default is None else f" = {option.default!r}"


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
        lines += [f"{said.text('cli.when')}:", *(f"  {line}" for line in condition_lines(item["when"], said))]
    if item.get("references"):
        lines += [f"{said.text('cli.references')}:", *(f"  {line}" for line in cited(item["references"], said))]
    if item.get("remedy"):
        lines += ["", f"{said.text('cli.remedy')}: {item['remedy'][said.lang]}"]
    return "\n".join(lines)


def _items(content: Mapping[str, Any]) -> dict[str, Any]:
    return {item["id"].upper(): item for section in content["sections"] for item in section["items"]}


def _criterion_line(criterion: Criterion, content: Mapping[str, Any], said: Words) -> str:
    if criterion.declared is not None:
        return f"· {said.text('cli.declared')}"
    rule = criterion.rule or content["decision"]["rule"]
    source = said.text("term.house_default") if criterion.source == "house default" else source_text(criterion, said)
    judged = "" if criterion.report else f", {said.text(f'rule.{rule}')}, {source}"
    limit = limit_text(criterion, unit_of(criterion.check, ()), said.lang) or said.text("verdict.reported")
    return f"· {said.text(f'check.{criterion.check}')}: {limit}{judged}"


def named_text(what: str, said: Words) -> str | None:
    """What the documentation of checks names: another check, a calculation, a reason; None if it is none of them."""
    bare = {name.rpartition(".")[2]: check for name, check in checks().items()}
    if what in bare:
        return check_text(bare[what], said)
    if what in helpers():
        documentation = inspect.getdoc(helpers()[what]) if said.lang == "en" else None
        return f"{said.text('cli.helper', name=what)}\n\n{documentation or said.text('cli.documentation', check=what)}"
    if what in REASONS:
        told = (reason_text(what, {}, said), said.first(f"decide.{what}"))
        return "\n".join([said.text("cli.reason", name=what), *(line for line in told if line)])
    return None


@cache
def helpers() -> Mapping[str, FunctionType]:
    """The calculations of intervals, by the names under which the documentation of checks speaks of them."""
    package = reliability.intervals
    modules = [module.name for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]
    return {
        name: function
        for module in modules
        for name, function in vars(importlib.import_module(module)).items()
        if isinstance(function, FunctionType) and function.__module__ == module and not name.startswith("_")
    }


def term_text(what: str, content: Mapping[str, Any], said: Words) -> str:
    """A word used in reports, explained; the nearest names where there is no such word."""
    titles = {said.text(f"term.{term}").lower(): term for term in TERMS}
    wanted = what.strip().lower()
    term = titles.get(wanted, wanted.replace("-", "_").replace(" ", "_"))
    if term in TERMS:
        return f"{said.text(f'term.{term}')}: {said.text(f'term.{term}.explain')}"
    known = dict.fromkeys([*TERMS, *titles, *checks(), *FACTS, *_items(content), *helpers()])
    near = ", ".join(get_close_matches(what, known, n=3, cutoff=0.3)) or "reliability checklists"
    raise UsageError(
        "nothing_to_explain", "{what!r}: no item, check or term of that name; near: {near}", what=what, near=near
    )
