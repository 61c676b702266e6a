"""A published certificate as a page that anybody can read, in one language: status first, then what it covers."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from markupsafe import Markup

from reliability.certification.published import Both, Condition, Happened, NotAssessed, Published, file_name
from reliability.certification.published import PublishedPaper as Paper
from reliability.register.certificates import StatusAt
from reliability.reports.render import environment
from reliability.reports.rows import Row
from reliability.reports.statements import reason_text
from reliability.words.text import LANGUAGES, Language, Words, words

# Above a status, the shape of the verdict that it is nearest to.
MARKS: Mapping[StatusAt, str] = {
    "active": "pass", "suspended": "conditional_fail", "withdrawn": "fail", "cancelled": "none",
    "expired": "not_assessed",
}  # fmt: skip
_TAKEN_BACK = ("suspended", "withdrawn", "cancelled")
_HANGUL = re.compile("[가-힣]")
_LETTERS = re.compile("[A-Za-z]{2}")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a page stands in the site, by links that hold wherever the site is put.

    Attributes
    ----------
    path : str
        Its folder below the language's own: empty for the first page, else with a stroke at its end.
    """

    lang: Language
    path: str = ""

    @property
    def name(self) -> str:
        """The page's file."""
        return f"{_below(self.lang)}{self.path}index.html"

    @property
    def home_folder(self) -> str:
        """To the folder of the first page in this language."""
        return "../" * self.path.count("/")

    @property
    def root(self) -> str:
        """To the folder of the site."""
        return self.home_folder + "../" * _below(self.lang).count("/")

    @property
    def home(self) -> str:
        """To the first page in this language."""
        return f"{self.home_folder}index.html"

    @property
    def other_lang(self) -> Language:
        """The other language."""
        return next(one for one in LANGUAGES if one != self.lang)

    @property
    def other(self) -> str:
        """To the same page in the other language."""
        return f"{self.root}{_below(self.other_lang)}{self.path}index.html"


@dataclass(frozen=True, kw_only=True)
class Step:
    """Something that happened, as the page tells it."""

    day: str
    text: str
    reason: str
    until: str


@dataclass(frozen=True, kw_only=True)
class Open:
    """A condition, as the page tells it."""

    item: str
    text: str
    state: str


@dataclass(frozen=True, kw_only=True)
class View:
    """Everything that a certificate's page tells besides its fixed words."""

    number: str
    status: StatusAt
    title: str
    holder: str
    told: str
    why: str
    until: str
    object: tuple[Row, ...]
    basis: tuple[Row, ...]
    conditions: tuple[Open, ...]
    history: tuple[Step, ...]
    left_out: tuple[Row, ...]
    steps: tuple[tuple[str, str], ...]
    files: tuple[Row, ...]
    roles: tuple[Row, ...]


def certificate_page(certificate: Published, *, lang: Language, day: date, hub: str) -> bytes:
    """The page of a certificate, with its status on a day."""
    at = Place(lang=lang, path=f"{certificate.number}/")
    return rendered("certificate", at, hub=hub, day=day, view=_view(certificate, words(lang), day))


def certificate_pages(certificate: Published, *, day: date, hub: str) -> dict[str, bytes]:
    """The pages of a certificate in every language, each by its name in the site."""
    at = {lang: Place(lang=lang, path=f"{certificate.number}/").name for lang in LANGUAGES}
    return {at[lang]: certificate_page(certificate, lang=lang, day=day, hub=hub) for lang in LANGUAGES}


def rendered(kind: str, at: Place, *, hub: str, day: date, view: Any) -> bytes:
    """A page of the site."""
    template = environment().get_template(f"register_{kind}.html")
    page = template.render(at=at, hub=hub, day=day.isoformat(), view=view, say=words(at.lang).text, MARKS=MARKS,
                           spoken=partial(spoken, lang=at.lang))  # fmt: skip
    return page.encode("utf-8")


def spoken(text: str, *, lang: Language) -> Markup:
    """The attribute that says which language a text is in, where it is another than the page's."""
    other: Language | None = None
    if lang == "en" and _HANGUL.search(text):
        other = "ko"
    elif lang == "ko" and _LETTERS.search(text) and not _HANGUL.search(text):
        other = "en"
    return Markup(f' lang="{other}"') if other else Markup()  # noqa: S704  (one of two words of ours)


def _below(lang: Language) -> str:
    return "" if lang == LANGUAGES[0] else f"{lang}/"


def _view(one: Published, said: Words, day: date) -> View:
    status = one.status_on(day)
    last = next((done for done in reversed(one.history) if done.kind in _TAKEN_BACK), None)
    since = last if last is not None and last.kind == status else None
    return View(
        number=one.number, status=status, holder=str(one.shown.organisation.get("name", "")),
        title=_own(one.shown.title, said) or said.text("report.certificate.title"),
        told=said.text(f"site.told.{status}", day=day.isoformat(), expires=one.latest.expires.isoformat(),
                       since=since.day if since else ""),
        why=(since.reason or "") if since else "",
        until=said.text("site.suspended_until", day=since.until.isoformat()) if since and since.until else "",
        object=tuple(_object(one, said)), basis=tuple(_basis(one, said)),
        conditions=tuple(_open(condition, said, day) for condition in one.shown.conditions),
        history=tuple(_step(done, one, said) for done in one.history), left_out=tuple(_left_out(one, said)),
        steps=tuple(_steps(one, said)), files=tuple(_files(one, said)), roles=tuple(_roles(one, said)),
    )  # fmt: skip


def _own(text: Both | None, said: Words) -> str:
    return str(getattr(text, said.lang)) if text else ""


def _row(said: Words, name: str, text: str, code: str = "") -> Row:
    return Row(name=said.first(f"site.row.{name}", f"certificate.row.{name}"), text=text, code=code)


def _object(one: Published, said: Words) -> Iterator[Row]:
    """What it is about, by which anybody may tell it from something else."""
    shown, system = one.shown, one.shown.system
    none = said.text("certificate.not_applicable")
    yield _row(said, "holder", " · ".join(_texts(shown.organisation, "name", "registration")))
    yield _row(said, "system", " ".join(_texts(system, "name", "version")))
    yield _row(said, "model", "" if one.latest.model else none, one.latest.model or "")
    yield _row(said, "scope", _own(shown.scope, said))
    if _own(shown.scope, said) != system.get("purpose"):
        yield _row(said, "purpose", str(system.get("purpose", "")))
    yield _row(said, "criteria", " ".join(_texts(shown.checklist, "id", "version")))
    yield _row(said, "outcome", said.text(f"outcome.{shown.outcome}"))


def _basis(one: Published, said: Words) -> Iterator[Row]:
    """What it rests on, and from when to when."""
    shown, latest = one.shown, one.latest
    for name in ("granted", "issued", "expires", "next_surveillance"):
        day: date | None = getattr(latest, name)
        if day is not None:
            yield _row(said, name, day.isoformat())
    yield _row(said, "decision", f"{shown.decision} ({shown.decided.isoformat()})")
    rows, origin = shown.evaluation.get("rows"), said.first(f"origin.{shown.evaluation.get('origin')}")
    data = said.text("site.evaluation", rows=f"{rows:,}", origin=origin)
    yield _row(said, "evaluation_data", data, str(shown.evaluation.get("sha256", "")))
    yield _row(said, "scheme", f"{_own(shown.scheme, said)} {one.scheme.version}")
    yield _row(said, "body", shown.issuer)
    accredited = _own(shown.accreditation, said) or said.text("site.not_accredited")
    yield _row(said, "accreditation", accredited)
    yield _row(said, "consultancy", said.text("site.consulted" if shown.consultancy else "site.not_consulted"))
    yield _row(said, "sealing", said.text("site.sealed" if shown.sealing_proven else "site.sealed_unproven"))


def _texts(told: Mapping[str, Any], *names: str) -> list[str]:
    return [str(told[name]) for name in names if told.get(name)]


def _open(one: Condition, said: Words, day: date) -> Open:
    state = "met" if one.met else "overdue" if day > one.due else "open"
    told = said.text(f"site.condition.{state}", due=one.due.isoformat(), met=one.met.isoformat() if one.met else "")
    return Open(item=one.item, text=one.text, state=told)


def _step(done: Happened, one: Published, said: Words) -> Step:
    kind, revision = done.kind, next((at.revision for at in one.editions if at.event == done.event), 1)
    if kind == "issued" and revision > 1:
        kind = "renewed"
    if kind == "surveilled" and not done.within_scope:
        kind = "surveilled_outside"
    until = said.text("site.until", day=done.until.isoformat()) if done.until else ""
    text = said.text(f"site.event.{kind}", n=revision - 1, item=done.item or "")
    return Step(day=done.day, text=text, reason=done.reason or "", until=until)


def _left_out(one: Published, said: Words) -> Iterator[Row]:
    """What nobody looked at, and what the scheme leaves out."""
    for text in one.shown.exclusions:
        yield Row(name=said.text("site.exclusion"), text=_own(text, said))
    for entry in one.shown.not_assessed:
        yield Row(name=_named(entry, said), text=reason_text(entry.code, entry.with_, said))


def _named(entry: NotAssessed, said: Words) -> str:
    what = entry.what
    title = _own(entry.title, said) or said.first(f"check.{what}", f"row.{what}", f"family.{what}")
    return f"{title} ({what})" if title else what


def _steps(one: Published, said: Words) -> Iterator[tuple[str, str]]:
    """What to type; the paper in the page's language, where there is one."""
    certificates = [paper for paper in one.latest.papers if paper.kind == "certificate"]
    file = file_name(next((paper for paper in certificates if paper.lang == said.lang), certificates[0]))
    site = one.shown.register_url.removesuffix(one.number).rstrip("/")
    verify = f"reliability verify {file} --trust trust.json"
    yield said.text("site.step.digest"), f"sha256sum {file}"
    yield said.text("site.step.online"), f"{verify} --register {site}"
    yield said.text("site.step.offline"), f"{verify} --register SITE"
    yield said.text("site.step.model"), f"{verify} --register SITE --model MODEL"


def _files(one: Published, said: Words) -> Iterator[Row]:
    for paper in one.latest.papers:
        yield Row(name=_paper(paper, said), text=file_name(paper), code=paper.sha256)
    yield Row(name=said.text("site.paper.statement"), text="", code=one.latest.statement)


def _paper(paper: Paper, said: Words) -> str:
    return said.text(f"site.paper.{paper.kind}", lang=said.text(f"site.lang.{paper.lang}"))


def _roles(one: Published, said: Words) -> Iterator[Row]:
    """Who took which part: by name, or how many."""
    for role in dict.fromkeys(acted.role for acted in one.shown.roles):
        acted = [who for who in one.shown.roles if who.role == role]
        told = [f"{who.name} ({who.position})" if who.position else who.name for who in acted if who.name]
        hidden = sum(who.name is None for who in acted)
        if hidden:
            told.append(said.text("site.unnamed" if hidden > 1 else "site.unnamed.one", n=hidden))
        yield Row(name=said.text(f"certificate.role.{role}"), text=", ".join(told))
