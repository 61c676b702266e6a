"""The clauses that checklists cite, as data: title in our own words, issuer, edition, and how each is known."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator

from reliability import resources
from reliability.checklist.catalogue import nearest
from reliability.checklist.source import place, shaped
from reliability.checklist.written import Line, Listed, Text, Written, format_one
from reliability.errors import ChecklistError
from reliability.yaml_lines import Document, read_yaml

NAME = "references.yaml"
Wording: TypeAlias = Mapping[str, str]
# Read in the text itself, or in public text about it; in accounts by others only; before an amendment; from memory.
Basis: TypeAlias = Literal["text", "public", "second_hand", "earlier_text", "memory"]
CONFIRMED: frozenset[Basis] = frozenset({"text", "public"})


class EntryText(Written):
    """A clause; its basis and date are the source's unless it gives its own."""

    id: Line
    title: Text
    basis: Basis | None = None
    checked: Line | None = None
    under: Line | None = None


class SourceText(Written):
    """A standard, law or guide, with the clauses of it that are cited."""

    id: Line
    title: Text
    issuer: Text
    edition: Line | Text
    basis: Basis
    checked: Line
    entries: Listed[EntryText]


class FrameworkText(Written):
    """A framework and the clauses that it requires, in its order."""

    id: Line
    title: Text
    requirements: Listed[Line]


class ReferencesText(Written):
    """references.yaml, format 1."""

    references: Annotated[Literal[1], BeforeValidator(format_one)]
    version: Line
    date: Line
    sources: Listed[SourceText]
    frameworks: Listed[FrameworkText] = ()


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A clause that may be cited."""

    id: str
    source: str
    title: Wording
    work: Wording
    issuer: Wording
    edition: Wording
    basis: Basis
    checked: str
    under: str | None = None

    @property
    def confirmed(self) -> bool:
        """Whether the clause was seen in its text or in public text about it, as it stands now."""
        return self.basis in CONFIRMED


@dataclass(frozen=True, kw_only=True)
class Framework:
    """A framework and its requirements."""

    id: str
    title: Wording
    requirements: tuple[Reference, ...]


@dataclass(frozen=True, kw_only=True)
class References:
    """All clauses by key, and the frameworks."""

    version: str
    date: str
    entries: Mapping[str, Reference]
    frameworks: Mapping[str, Framework]

    def unknown(self, keys: Iterable[str]) -> tuple[str, ...]:
        """Those of the keys that are not in the list, each once."""
        return tuple(key for key in dict.fromkeys(keys) if key not in self.entries)

    def unconfirmed(self, key: str) -> bool:
        """Whether a key is in the list and not yet confirmed."""
        return key in self.entries and not self.entries[key].confirmed

    def framework(self, name: str) -> Framework:
        """The framework of that name, in whatever case.

        Raises
        ------
        ChecklistError
            If there is none; the names that there are stand in the message.
        """
        found = {known.casefold(): framework for known, framework in self.frameworks.items()}
        if name.casefold() not in found:
            raise ChecklistError(
                "framework_unknown", "no framework {name!r}; one of: {names}",
                name=name, names=", ".join(self.frameworks),
            )  # fmt: skip
        return found[name.casefold()]


def references() -> References:
    """The shipped list."""
    return read_references(resources.checklists() / NAME, name=f"checklists/{NAME}")


@cache
def read_references(path: Path, *, name: str | None = None) -> References:
    """Read a list of references.

    Raises
    ------
    ChecklistError
        Whatever is wrong with it, with file, line and column.
    """
    document = read_yaml(path, error=ChecklistError, name=name)
    if not isinstance(document.data, dict):
        raise ChecklistError(
            "references_not_mapping", "{where}: not a list of references; start with 'references: 1'",
            where=f"{document.name}:1:1",
        )  # fmt: skip
    text = shaped(document, ReferencesText)
    _refuse_repeated(document, text)
    entries = {entry.id: _reference(entry, source) for source in text.sources for entry in source.entries}
    _refuse_unknown(document, text, entries)
    frameworks = {
        one.id: Framework(
            id=one.id, title=one.title.model_dump(), requirements=tuple(entries[key] for key in one.requirements)
        )
        for one in text.frameworks
    }
    return References(version=text.version, date=text.date, entries=entries, frameworks=frameworks)


def schema() -> dict[str, Any]:
    """JSON Schema of a list of references, for editors."""
    return ReferencesText.model_json_schema(by_alias=True) | {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "References, format 1",
    }


def _reference(entry: EntryText, source: SourceText) -> Reference:
    edition = source.edition
    return Reference(
        id=entry.id,
        source=source.id,
        title=entry.title.model_dump(),
        work=source.title.model_dump(),
        issuer=source.issuer.model_dump(),
        edition={"ko": edition, "en": edition} if isinstance(edition, str) else edition.model_dump(),
        basis=entry.basis or source.basis,
        checked=entry.checked or source.checked,
        under=entry.under,
    )


def _ids(text: ReferencesText) -> Iterator[tuple[str, str, tuple[Any, ...]]]:
    """Kind and name of everything that has an id, and where the id stands."""
    for s, source in enumerate(text.sources):
        yield "source", source.id, ("sources", s, "id")
        for e, entry in enumerate(source.entries):
            yield "entry", entry.id, ("sources", s, "entries", e, "id")
    for f, framework in enumerate(text.frameworks):
        yield "framework", framework.id, ("frameworks", f, "id")
        for r, key in enumerate(framework.requirements):
            yield f"requirement of {framework.id}", key, ("frameworks", f, "requirements", r)


def _refuse_repeated(document: Document, text: ReferencesText) -> None:
    met = set()
    for kind, name, keys in _ids(text):
        if (kind, name) in met:
            raise ChecklistError(
                "reference_repeated", "{where}: {id!r} stands here already; keep one",
                where=place(document, *keys), id=name,
            )  # fmt: skip
        met.add((kind, name))


def _refuse_unknown(document: Document, text: ReferencesText, entries: Mapping[str, Reference]) -> None:
    """Refuse a requirement, or what an entry lies under, that is no entry."""
    named = [(name, keys) for kind, name, keys in _ids(text) if kind.startswith("requirement")]
    for s, source in enumerate(text.sources):
        for e, entry in enumerate(source.entries):
            named += [(entry.under, ("sources", s, "entries", e, "under"))] if entry.under else []
    for name, keys in named:
        if name not in entries:
            raise ChecklistError(
                "reference_unknown", "{where}: no entry {id!r} in this file; nearest is {near!r}",
                where=place(document, *keys), id=name, near=nearest(name, entries),
            )  # fmt: skip
