"""What went in and what was asked, before and after, as rows of a comparison."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from reliability.changes import ChecklistChange, Comparison, InputChange, What
from reliability.records import Criterion, Json
from reliability.reports import figures
from reliability.reports.statements import check_title, reason_text
from reliability.words.text import Words

SHORT = 16  # characters of a digest that tell it apart
_DIGEST = 64
LIMITS = ("at_least", "at_most", "between", "equals")
# Changes of wording are told, not quoted: the checklist itself has the words.
REWORDED = frozenset({"question", "evidence", "requirement", "title", "remedy", "references"})


@dataclass(frozen=True, kw_only=True)
class ChangeLine:
    """One thing before and after."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class ChangeGroup:
    """Changes of one kind."""

    title: str
    lines: tuple[ChangeLine, ...]


def input_groups(comparison: Comparison, words: Words) -> Iterator[ChangeGroup]:
    """Changed inputs by kind, in the order of the record."""
    for what, changes in groupby(comparison.inputs, key=lambda one: one.what):
        lines = tuple(_line(one, words) for one in changes)
        yield ChangeGroup(title=words.text(f"compare.input.{what}"), lines=lines)


def _line(one: InputChange, words: Words) -> ChangeLine:
    return ChangeLine(
        name=_part(one, words), before=_text(one.what, one.before, words), after=_text(one.what, one.after, words)
    )


def _part(one: InputChange, words: Words) -> str:
    """The name of what changed; nothing where the kind says it all."""
    if one.what == "fact":
        return f"{words.first(f'fact.{one.name}.question')} ({one.name})".strip()
    if one.what == "isolation":
        whole, _, part = one.name.partition(".")
        of = (words.first(f"isolation.probe.{part}") if whole == "probe" else "") or part
        return ": ".join(text for text in (words.first(f"isolation.{whole}") or whole, of) if text)
    if one.what == "not_tested":
        return words.first(f"check.{one.name}", f"row.{one.name}", f"family.{one.name}") or one.name
    if one.what in {"evaluation_column", "training_column", "software"}:
        return one.name
    return words.first(f"compare.part.{one.name}") or one.name


def _text(what: What, value: Json, words: Words) -> str:
    """A value as it is printed."""
    if value is None:
        return words.text("compare.none")
    if what == "fact" and isinstance(value, dict):
        return _fact(value, words)
    if what in {"evaluation_column", "training_column"} and isinstance(value, dict):
        told = (words.first(f"inspect.{key}.{value.get(key)}") or str(value.get(key) or "") for key in ("kind", "role"))
        return " · ".join(part for part in told if part)
    if what == "not_tested":
        return reason_text(str(value), {}, words)
    if what == "task":
        return words.first(f"task.{value}") or str(value)
    if what == "isolation":
        return words.first(f"isolation.value.{value}") or _plain(value, words)
    return words.first(f"origin.{value}") or _plain(value, words)


def _fact(value: Mapping[str, Json], words: Words) -> str:
    """A fact: yes, no or unknown, with the reason that was given."""
    said = value.get("value")
    known = "compare.unknown" if said is None else "report.yes" if said else "report.no"
    because = value.get("because")
    return f"{words.text(known)}{f' ({because})' if because else ''}"


def _plain(value: Json, words: Words) -> str:
    if isinstance(value, bool):
        return words.text("report.yes" if value else "report.no")
    if isinstance(value, int):
        return figures.count(value)
    if isinstance(value, str) and len(value) == _DIGEST and set(value) <= set("0123456789abcdef"):
        return f"{value[:SHORT]}…"
    if isinstance(value, dict):
        return ", ".join(f"{name} = {_plain(one, words)}" for name, one in sorted(value.items())) or "–"
    if isinstance(value, list | tuple):
        return ", ".join(_plain(one, words) for one in value) or "–"
    return str(value)


def checklist_group(comparison: Comparison, words: Words) -> Iterator[ChangeGroup]:
    """What the checklist asks otherwise than before; items that only one has are told elsewhere."""
    changes = [one for one in comparison.checklist if one.code not in {"added", "dropped"}]
    lines = tuple(_checklist_line(one, words) for one in changes)
    if lines:
        yield ChangeGroup(title=words.text("compare.input.questions"), lines=lines)


def _checklist_line(one: ChecklistChange, words: Words) -> ChangeLine:
    what = words.text(f"compare.checklist.{one.code}")
    check = _check(one.about, words)
    name = " · ".join(part for part in (one.item or "", what, check) if part)
    if one.code in REWORDED:
        return ChangeLine(name=name, before="", after=words.text("compare.reworded"))
    if one.code in {"criterion_added", "criterion_dropped"}:
        told = (words.text("compare.none"), _limit(one.about, one.about, words))
        before, after = told if one.code == "criterion_added" else reversed(told)
        return ChangeLine(name=name, before=before, after=after)
    return ChangeLine(name=name, before=_asked(one, one.old, words), after=_asked(one, one.new, words))


def _check(about: Mapping[str, Json], words: Words) -> str:
    if "check" in about:
        return check_title(str(about["check"]), words)
    return words.text("report.declared_level") if "declared" in about else ""


def _asked(one: ChecklistChange, value: Json, words: Words) -> str:
    """A value of a checklist before or after, as its kind is printed."""
    if one.code in {"limit", "judged_now", "reported_now"}:
        return _limit(value or {}, one.about, words)
    families = {
        "severity": "severity", "bar": "verdict", "own_bar": "verdict", "rule": "rule", "rule_default": "rule",
        "source": "source",
    }  # fmt: skip
    if isinstance(value, str) and one.code in families:
        return words.first(f"{families[one.code]}.{value.replace(' ', '_')}") or value
    if one.code == "confidence" and value is not None:
        return figures.percent(float(value))
    return words.text("compare.none") if value in (None, {}, []) else _plain(value, words)


def _limit(limit: Mapping[str, Json], about: Mapping[str, Json], words: Words) -> str:
    known = {name: limit[name] for name in LIMITS if name in limit}
    check = about.get("check")
    unit = figures.unit_of(str(check), ()) if check else ""
    text = figures.limit_text(Criterion.model_validate({"check": check, **known}), unit, words.lang)
    return text or words.text("verdict.reported")
