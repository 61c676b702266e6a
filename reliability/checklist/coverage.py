"""Coverage: which items of a checklist touch each requirement of a framework, and which requirements none does."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from reliability.checklist.read import Checklist, Item
from reliability.checklist.references import Framework, Reference, References
from reliability.records import Json

# measured: a measurement is judged · reported: it is only shown · asked: somebody answers
Kind: TypeAlias = Literal["measured", "reported", "asked"]


@dataclass(frozen=True, kw_only=True)
class Touch:
    """An item that refers to a requirement: how it looks at it, by which keys, and under which condition."""

    item: str
    kind: Kind
    references: tuple[str, ...]
    when: str | None


@dataclass(frozen=True, kw_only=True)
class Row:
    """A requirement with the items that touch it."""

    requirement: Reference
    touches: tuple[Touch, ...]


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """A framework, requirement by requirement.

    An item that refers to a requirement looks at part of it; that is no statement of conformity.
    """

    framework: Framework
    rows: tuple[Row, ...]

    @property
    def missing(self) -> tuple[Reference, ...]:
        """Requirements that no item touches."""
        return tuple(row.requirement for row in self.rows if not row.touches)

    def record(self) -> dict[str, Json]:
        """The coverage as plain JSON."""
        return {
            "framework": self.framework.id,
            "title": dict(self.framework.title),
            "requirements": [_row_record(row) for row in self.rows],
            "covered": len(self.rows) - len(self.missing),
            "of": len(self.rows),
            "not_covered": [one.id for one in self.missing],
        }


def coverage(checklist: Checklist, framework: Framework, listed: References) -> Coverage:
    """How the items of a checklist spread over the requirements of a framework."""
    rows = tuple(
        Row(requirement=one, touches=tuple(_touches(checklist.items, one.id, listed))) for one in framework.requirements
    )
    return Coverage(framework=framework, rows=rows)


def _touches(items: tuple[Item, ...], requirement: str, listed: References) -> Iterator[Touch]:
    for item in items:
        keys = tuple(key for key in item.references if _lies_under(key, requirement, listed))
        if keys:
            yield Touch(item=item.id, kind=_kind(item), references=keys, when=item.when)


def _lies_under(key: str, requirement: str, listed: References) -> bool:
    """Whether a key is the requirement, a part of it (EU-10-2-g of EU-10), or listed under it."""
    if key == requirement or key.startswith(f"{requirement}-"):
        return True
    return key in listed.entries and listed.entries[key].under == requirement


def _kind(item: Item) -> Kind:
    if item.ask is not None:
        return "asked"
    return "reported" if all(criterion.report for criterion in item.criteria) else "measured"


def _row_record(row: Row) -> dict[str, Json]:
    return {
        "reference": row.requirement.id,
        "title": dict(row.requirement.title),
        "basis": row.requirement.basis,
        "confirmed": row.requirement.confirmed,
        "items": [
            {"item": one.item, "kind": one.kind, "by": list(one.references), "when": one.when} for one in row.touches
        ],
    }
