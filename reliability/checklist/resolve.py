"""A checklist with what it extends: items overridden by id, dropped, sections merged."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from reliability import facts, resources
from reliability.checklist.catalogue import nearest
from reliability.checklist.criteria import criterion
from reliability.checklist.source import Source, read_source
from reliability.checklist.written import Bars, CriterionText, Decision, ItemText
from reliability.errors import ChecklistError
from reliability.records import Criterion, Severity

_INLINE = frozenset(CriterionText.model_fields)
_MEASURED = frozenset({"criteria"})
_ASKED = frozenset({"ask", "evidence", "answers"})
SEVERITIES: tuple[Severity, ...] = ("minor", "major", "critical")


@dataclass(frozen=True, kw_only=True)
class Part:
    """An item as far as files have given it: key -> value, criteria held to the checks."""

    id: str
    where: str
    given: dict[str, Any]

    def overridden(self, by: "Part") -> "Part":
        """This item with the keys that another gives; what is measured replaces what is asked, and the reverse."""
        replaced: frozenset[str] = frozenset()
        if by.given.get("criteria"):
            replaced = _ASKED
        if by.given.get("ask"):
            replaced = _MEASURED
        kept = {key: value for key, value in self.given.items() if key not in replaced}
        given = {key: value for key, value in {**kept, **by.given}.items() if value is not None}
        return Part(id=self.id, where=by.where, given=given)


@dataclass(kw_only=True)
class Group:
    """A section while it is being merged."""

    id: str
    title: dict[str, str] | None
    items: dict[str, Part] = field(default_factory=dict)


@dataclass(kw_only=True)
class Merged:
    """A checklist while it is being merged with what it extends."""

    source: Source
    decision: Decision | None = None
    outcome: Bars | None = None
    groups: dict[str, Group] = field(default_factory=dict)
    dropped: set[str] = field(default_factory=set)

    def ids(self) -> list[str]:
        """Ids of all items."""
        return [item for group in self.groups.values() for item in group.items]


def located(name_or_path: str | Path, *, beside: Path | None = None, where: str = "") -> tuple[Path, str]:
    """Path of a checklist given by shipped name or by path (relative to `beside`), and what messages call it."""
    text = str(name_or_path)
    if isinstance(name_or_path, Path) or "/" in text or text.endswith((".yaml", ".yml")):
        path = Path(text) if beside is None else beside / text
        return path, str(path)
    path = resources.checklists() / f"{text}.yaml"
    if text not in shipped():
        raise ChecklistError(
            "checklist_unknown",
            "{where}no checklist {name!r}; nearest is {near!r}, see 'reliability checklists', or give a path",
            where=f"{where}: " if where else "", name=text, near=nearest(text, shipped()),
        )  # fmt: skip
    return path, f"checklists/{text}.yaml"


def shipped() -> tuple[str, ...]:
    """Names of the shipped checklists."""
    files = sorted(resources.checklists().glob("*.yaml"))
    # Other data files may lie beside them.
    return tuple(path.stem for path in files if "\nchecklist:" in "\n" + path.read_text(encoding="utf-8"))


def resolved(path: Path, name: str) -> Merged:
    """Read a checklist and all that it extends, each file once: two that extend a third add to each other."""
    sources = _lineage(path, name, {}, chain=())
    merged = Merged(source=sources[-1])
    for merged.source in sources:
        _drop(merged)
        _add_own(merged)
        merged.decision = merged.source.text.decision or merged.decision
        merged.outcome = merged.source.text.outcome or merged.outcome
    return merged


def _lineage(path: Path, name: str, read: dict[Path, Source], *, chain: tuple[Path, ...]) -> list[Source]:
    """The files that a checklist rests on, in the order in which they speak: itself last."""
    source = _source(path, name)
    chain = (*chain, path.resolve())
    for index, parent in enumerate(source.text.extends):
        where = source.where("extends", index)
        parent_path, parent_name = located(parent, beside=path.parent, where=where)
        if parent_path.resolve() in chain:
            raise ChecklistError(
                "extends_cycle", "{where}: {name!r} extends this checklist in turn; break the circle",
                where=where, name=parent,
            )  # fmt: skip
        if parent_path.resolve() not in read:
            _lineage(parent_path, parent_name, read, chain=chain)
    read[chain[-1]] = source
    return list(read.values())


def _source(path: Path, name: str) -> Source:
    """A checklist file as written; a shipped one, which many extend, is parsed once as long as it stays the same."""
    if path.parent == resources.checklists() and path.is_file():
        return _parsed(path, name, path.read_bytes())
    return read_source(path, name=name)


@lru_cache(maxsize=16)
def _parsed(path: Path, name: str, _content: bytes) -> Source:
    return read_source(path, name=name)


def _merge_group(merged: Merged, new: Group) -> None:
    group = merged.groups.setdefault(new.id, Group(id=new.id, title=new.title))
    group.title = new.title or group.title
    for part in new.items.values():
        home = next((held for held in merged.groups.values() if part.id in held.items), group)
        if home is not group:
            raise ChecklistError(
                "item_elsewhere",
                "{where}: item {item!r} belongs to section {section!r}; override it there",
                where=part.where, item=part.id, section=home.id,
            )  # fmt: skip
        held = group.items.get(part.id)
        group.items[part.id] = part if held is None else held.overridden(part)


def _drop(merged: Merged) -> None:
    for index, dropped in enumerate(merged.source.text.drop):
        group = next((group for group in merged.groups.values() if dropped in group.items), None)
        if group is None and dropped in merged.dropped:  # by another that is extended here
            continue
        if group is None:
            raise ChecklistError(
                "drop_unknown",
                "{where}: no item {item!r} to drop in what this checklist extends; nearest is {near!r}",
                where=merged.source.where("drop", index), item=dropped, near=nearest(dropped, merged.ids()),
            )  # fmt: skip
        del group.items[dropped]
        merged.dropped.add(dropped)


def _add_own(merged: Merged) -> None:
    source = merged.source
    _refuse_repeated(source)
    for s, section in enumerate(source.text.sections):
        title = section.title.model_dump() if section.title else None
        if title is None and section.id not in merged.groups:
            raise ChecklistError(
                "checklist_key_missing", "{where}: {key!r} is missing; add it",
                where=source.where("sections", s), key="title",
            )  # fmt: skip
        parts = (_part(source, item, ("sections", s, "items", i)) for i, item in enumerate(section.items))
        _merge_group(merged, Group(id=section.id, title=title, items={part.id: part for part in parts}))


def _refuse_repeated(source: Source) -> None:
    sections = [(section.id, ("sections", s, "id")) for s, section in enumerate(source.text.sections)]
    items = [
        (item.id, ("sections", s, "items", i, "id"))
        for s, section in enumerate(source.text.sections)
        for i, item in enumerate(section.items)
    ]
    for named in (sections, items):
        counts: Counter[str] = Counter()
        for name, keys in named:
            counts[name] += 1
            if counts[name] > 1:
                raise ChecklistError(
                    "id_repeated", "{where}: id {id!r} is used already; ids are never used twice",
                    where=source.where(*keys), id=name,
                )  # fmt: skip


def _part(source: Source, item: ItemText, keys: tuple[Any, ...]) -> Part:
    given = {name: getattr(item, name) for name in item.model_fields_set - _INLINE - {"id"}}
    criteria = tuple(_criteria(source, item, keys))
    if criteria:
        given["criteria"] = criteria
    _check_conditions(source, item, keys)
    return Part(id=item.id, where=source.where(*keys, "id"), given=given)


def _criteria(source: Source, item: ItemText, keys: tuple[Any, ...]) -> Iterator[Criterion]:
    inline = sorted(name for name in _INLINE & item.model_fields_set if getattr(item, name) is not None)
    if inline and item.criteria:
        raise ChecklistError(
            "criteria_twice",
            "{where}: item {item!r} has 'criteria' and an inline {key!r}; write one of them",
            where=source.where(*keys, inline[0].rstrip("_")), item=item.id, key=inline[0].rstrip("_"),
        )  # fmt: skip
    if inline:
        yield criterion(item, where=partial(source.where, *keys))
    for index, text in enumerate(item.criteria or ()):
        yield criterion(text, where=partial(source.where, *keys, "criteria", index))


def _check_conditions(source: Source, item: ItemText, keys: tuple[Any, ...]) -> None:
    if item.when is not None:
        facts.parse(item.when, where=source.where(*keys, "when"))
    for severity, expression in (item.escalate or {}).items():
        facts.parse(expression, where=source.where(*keys, "escalate", severity))
