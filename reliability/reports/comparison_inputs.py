"""What went in and what was asked, before and after, as rows of a comparison."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from reliability.changes import ChecklistChange, Comparison, InputChange, What
from reliability.records import Json
from reliability.reports.checklist_changes import check_named, limit_of, plain, value_text
from reliability.reports.figures import counted
from reliability.reports.statements import reason_text
from reliability.words.text import Words

SHORT = 16  # characters of a digest that tell it apart
_DIGEST = 64
MOST_LINES = 60  # of one kind of change that a page lists; the record has all of them
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
    more: str = ""  # how many are not listed, and where they stand


def input_groups(comparison: Comparison, words: Words) -> Iterator[ChangeGroup]:
    """Changed inputs by kind, in the order of the record."""
    for what, changes in groupby(comparison.inputs, key=lambda one: one.what):
        yield _group(f"compare.input.{what}", [_line(one, words) for one in changes], words)


def _group(key: str, lines: Sequence[ChangeLine], words: Words) -> ChangeGroup:
    """Changes of one kind, as many as a page can take."""
    left = len(lines) - MOST_LINES
    more = counted(words, "left.changes", left) if left > 0 else ""
    return ChangeGroup(title=words.text(key), lines=tuple(lines[:MOST_LINES]), more=more)


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
    if isinstance(value, str) and len(value) == _DIGEST and set(value) <= set("0123456789abcdef"):
        return f"{value[:SHORT]}…"
    return plain(value, words) or "–"


def checklist_group(comparison: Comparison, words: Words) -> Iterator[ChangeGroup]:
    """What the checklist asks otherwise than before; items that only one has are told elsewhere."""
    changes = [one for one in comparison.checklist if one.code not in {"added", "dropped"}]
    if changes:
        yield _group("compare.input.questions", [_checklist_line(one, words) for one in changes], words)


def _checklist_line(one: ChecklistChange, words: Words) -> ChangeLine:
    what = words.text(f"compare.checklist.{one.code}")
    check = check_named(one.about, words)
    name = " · ".join(part for part in (one.item or "", what, check) if part)
    if one.code in REWORDED:
        return ChangeLine(name=name, before="", after=words.text("compare.reworded"))
    if one.code in {"criterion_added", "criterion_dropped"}:
        told = (words.text("compare.none"), limit_of(one.about, one.about, words))
        before, after = told if one.code == "criterion_added" else reversed(told)
        return ChangeLine(name=name, before=before, after=after)
    before, after = (value_text(one.code, value, one.about, words) for value in (one.old, one.new))
    nothing = words.text("compare.none")
    return ChangeLine(name=name, before=before or nothing, after=after or nothing)
