"""Clauses as a screening cites them: by key with its mark, and listed under their works with how each is known."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from reliability.checklist.references import Reference, References
from reliability.reports.citations import UNCONFIRMED
from reliability.words.text import Words


@dataclass(frozen=True, kw_only=True)
class Cited:
    """A key as it is printed, and the mark behind it."""

    key: str
    mark: str


@dataclass(frozen=True, kw_only=True)
class Clause:
    """A clause in the list of references: its title in our own words, how it is known, and since when."""

    cited: Cited
    title: str
    known: str
    checked: str


@dataclass(frozen=True, kw_only=True)
class Work:
    """A law, standard or guide with those of its clauses that a document cites."""

    title: str
    issued: str
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, kw_only=True)
class Citations:
    """The list of references in one language."""

    references: References
    words: Words

    def cited(self, keys: Iterable[str]) -> tuple[Cited, ...]:
        """Keys with their marks; one that is not in the list counts as not confirmed."""
        return tuple(Cited(key=key, mark="" if self.confirmed(key) else UNCONFIRMED) for key in keys)

    def confirmed(self, key: str) -> bool:
        """Whether a clause stands in the list and was confirmed."""
        return key in self.references.entries and not self.references.unconfirmed(key)

    def works(self, keys: Iterable[str]) -> Iterator[Work]:
        """The clauses, each once, under the work that they stand in, in the order of first mention."""
        once = list(dict.fromkeys(keys))
        order = list(dict.fromkeys(self._title(key) for key in once))
        listed = sorted(once, key=lambda key: order.index(self._title(key)))
        for title, found in groupby(listed, key=self._title):
            clauses = list(found)
            known = self.references.entries.get(clauses[0])
            yield Work(title=title, issued=self._issued(known), clauses=tuple(self._clause(key) for key in clauses))

    def _title(self, key: str) -> str:
        known = self.references.entries.get(key)
        return known.work[self.words.lang] if known else self.words.text("report.screening.not_listed")

    def _issued(self, known: Reference | None) -> str:
        return f"{known.edition[self.words.lang]}, {known.issuer[self.words.lang]}" if known else ""

    def _clause(self, key: str) -> Clause:
        known = self.references.entries.get(key)
        return Clause(
            cited=self.cited((key,))[0],
            title=known.title[self.words.lang] if known else "",
            known=self.words.text(f"report.screening.basis.{known.basis if known else 'none'}"),
            checked=known.checked if known else "",
        )
