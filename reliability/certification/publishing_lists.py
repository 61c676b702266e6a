"""The pages by which a certificate is found without a script: by number and by organisation, and the first page."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from reliability.certification.published import Published
from reliability.certification.publishing_pages import MARKS, Place, rendered
from reliability.register.certificates import StatusAt, folded
from reliability.register.rows import Head
from reliability.words.text import LANGUAGES, Language, words

FOLDERS = tuple(f"{below}{name}" for below in ("", "en/") for name in ("numbers", "organisations"))
AT_ONCE = 200  # entries of a page
# What companies are called besides their name, before it or after.
_FORM = re.compile(r"^(\((주|유|재|사)\)|(주식|유한|유한책임|농업)회사(법인)?|재단법인|사단법인|the )\s*")
# Initial consonants in the order of their syllables; doubled ones stand with the plain.
_INITIALS = "ㄱㄱㄴㄷㄷㄹㅁㅂㅂㅅㅅㅇㅈㅈㅊㅋㅌㅍㅎ"
_ORDER = "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎabcdefghijklmnopqrstuvwxyz"
_FIRST, _LAST, _EACH = ord("가"), ord("힣"), 588  # syllables of an initial consonant
_OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A certificate in a list."""

    number: str
    organisation: str
    system: str
    status: StatusAt
    expires: str

    @property
    def year(self) -> int:
        """The year in its number."""
        return int(self.number.split("-")[2])

    @property
    def place(self) -> int:
        """Its place in the year."""
        return int(self.number.split("-")[3])

    @property
    def name(self) -> str:
        """The organisation's name as it is looked up."""
        whole = folded(self.organisation)
        return _FORM.sub("", whole) or whole


@dataclass(frozen=True, kw_only=True)
class Group:
    """Certificates on one page."""

    key: str
    title: str
    entries: tuple[Entry, ...]

    @property
    def n(self) -> int:
        """How many they are."""
        return len(self.entries)


@dataclass(frozen=True, kw_only=True)
class ListView:
    """A page of a list."""

    eyebrow: str
    title: str
    entries: tuple[Entry, ...]
    before: Group | None
    after: Group | None


@dataclass(frozen=True, kw_only=True)
class IndexView:
    """The first page."""

    n: int
    counts: tuple[tuple[StatusAt, int], ...]
    numbers: Sequence[Group]
    organisations: Sequence[Group]
    register: str
    size: int
    head: str


def entry(certificate: Published, day: date) -> Entry:
    """A certificate as lists have it."""
    system = certificate.shown.system
    return Entry(
        number=certificate.number, organisation=str(certificate.shown.organisation.get("name", "")),
        system=" ".join(str(system[name]) for name in ("name", "version") if system.get(name)),
        status=certificate.status_on(day), expires=certificate.latest.expires.isoformat(),
    )  # fmt: skip


def lists(entries: Sequence[Entry], *, hub: str, day: date, register: str, head: Head) -> Iterator[tuple[str, bytes]]:
    """The pages of the lists and the first pages, each by its name in the site."""
    for lang in LANGUAGES:
        numbers, organisations = by_number(entries), by_organisation(entries, lang)
        for name, groups in (("numbers", numbers), ("organisations", organisations)):
            yield from _pages(name, groups, lang=lang, hub=hub, day=day)
        counted = Counter(one.status for one in entries)
        view = IndexView(
            n=len(entries), counts=tuple((status, counted[status]) for status in MARKS), numbers=numbers,
            organisations=organisations, register=register, size=head.size, head=head.hash,
        )  # fmt: skip
        at = Place(lang=lang)
        yield at.name, rendered("index", at, hub=hub, day=day, view=view)


def by_number(entries: Iterable[Entry]) -> list[Group]:
    """Certificates by year and number, the newest page first; a page has the same numbers for ever."""
    ordered = sorted(entries, key=lambda one: (one.year, one.place))
    found = []
    for (year, block), some in groupby(ordered, key=lambda one: (one.year, (one.place - 1) // AT_ONCE)):
        first = block * AT_ONCE + 1
        title = f"{year}-{first:04d} – {year}-{first + AT_ONCE - 1:04d}"
        found.append(Group(key=f"{year}-{first:04d}", title=title, entries=tuple(some)))
    return found[::-1]


def by_organisation(entries: Iterable[Entry], lang: Language) -> list[Group]:
    """Certificates by the first letter of the organisation's name, on as many pages as they take."""
    ordered = sorted(entries, key=lambda one: (_rank(one.name), one.name, one.year, one.place))
    found = []
    for letter, some in groupby(ordered, key=lambda one: _letter(one.name)):
        all_of_it = tuple(some)
        named = words(lang).text("site.group.other") if letter == _OTHER else letter.upper()
        for number, start in enumerate(range(0, len(all_of_it), AT_ONCE), start=1):
            more = f" {number}" if number > 1 else ""
            key = f"{_key(letter)}{more.replace(' ', '-')}"
            found.append(Group(key=key, title=f"{named}{more}", entries=all_of_it[start : start + AT_ONCE]))
    return found


def _pages(name: str, groups: Sequence[Group], *, lang: Language, hub: str, day: date) -> Iterator[tuple[str, bytes]]:
    eyebrow = words(lang).text(f"site.heading.{name}")
    for place, group in enumerate(groups):
        at = Place(lang=lang, path=f"{name}/{group.key}/")
        view = ListView(
            eyebrow=eyebrow, title=group.title, entries=group.entries,
            before=groups[place - 1] if place else None, after=groups[place + 1] if place + 1 < len(groups) else None,
        )  # fmt: skip
        yield at.name, rendered("list", at, hub=hub, day=day, view=view)


def _letter(name: str) -> str:
    first = name[:1]
    if first and _FIRST <= ord(first) <= _LAST:
        return _INITIALS[(ord(first) - _FIRST) // _EACH]
    return first if first and first in _ORDER else _OTHER


def _rank(name: str) -> int:
    place = _ORDER.find(_letter(name))
    return place if place >= 0 else len(_ORDER)


def _key(letter: str) -> str:
    """The letter as the name of a folder, in characters that every server takes."""
    return f"k{_ORDER.index(letter) + 1:02d}" if letter in _INITIALS else letter
