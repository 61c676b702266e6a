"""The HTML twins of all documents, in both languages: of the demo's case where that is what they are drawn from."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from click.testing import CliRunner

from reliability.cli.main import commands
from reliability.records import canonical_json
from reliability.reports.certificate_pages import certificate_page
from reliability.reports.comparison_pages import comparison_page
from reliability.reports.document import DocumentRecord
from reliability.reports.render import page_of
from reliability.screening.screen import screen
from reliability.words.text import LANGUAGES, Language
from tests.certification.hub import make_hub
from tests.certification.publishing_case import certified as certified_case
from tests.certification.publishing_case import changed, conditional, named, open_until, published
from tests.compare.two_cases import told
from tests.reports.certified import certified
from tests.reports.consulted import GIVEN
from tests.reports.sample import assessment
from tests.screening.sheets import inputs

_CSP = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
OF_A_CASE = ("consulting", "summary", "test")


def pages(case: Path, folder: Path) -> Iterator[tuple[str, Language, str]]:
    """Every document by name and language, as HTML; `folder` is room to work in."""
    screened = _screened(folder / "submission")
    site = _register(folder)
    comparison = told(folder / "versions", range(80), range(8))
    for lang in LANGUAGES:
        for kind in OF_A_CASE:
            yield kind, lang, _reported(case, kind, lang, folder)
        yield "screening", lang, _reported(screened, "screening", lang, folder)
        yield "comparison", lang, comparison_page(comparison, lang=lang)
        yield "certificate", lang, certificate_page(assessment(), certified(), lang=lang)
        yield (
            "consulting with advice",
            lang,
            page_of(assessment(), DocumentRecord(kind="consulting"), kind="consulting", lang=lang, given=GIVEN),
        )
        yield from _registered(site, lang)


def _register(folder: Path) -> Path:
    """A published register: a certificate on conditions, and one that is suspended."""
    hub, site = make_hub(folder / "hub"), folder / "site"
    certified_case(hub, conditional("온고을신용"), conditions=open_until(hub.now.date() + timedelta(days=60)))
    changed(hub, certified_case(hub, named("전주데이터")), "suspended", "모델을 바꾸고 알리지 않음")
    published(hub, site)
    return site


def _registered(site: Path, lang: Language) -> Iterator[tuple[str, Language, str]]:
    """The lists and the certificates of a published register in one language."""
    for place in sorted(site.rglob("index.html")):
        at = place.parent.relative_to(site)
        if ("en" in at.parts) == (lang == "en"):
            # What the page forbids, scripts, is what examines it.
            content = _CSP.sub("", place.read_text(encoding="utf-8"), count=1)
            yield f"register: {at.relative_to('en') if lang == 'en' else at}", lang, content


def _reported(place: Path, kind: str, lang: Language, folder: Path) -> str:
    """What the command writes."""
    file = folder / f"{kind}.{lang}.html"
    asked = ["report", str(place), "--kind", kind, "--lang", lang, "-o", str(file)]
    done = CliRunner().invoke(commands, asked, catch_exceptions=False)
    if done.exit_code:
        raise SystemExit(f"reliability {' '.join(asked)}: exit status {done.exit_code}: {done.exception}")
    return file.read_text(encoding="utf-8")


def _screened(folder: Path) -> Path:
    """A submission with its screening, worked out from a lender's answers."""
    asked = inputs(folder)
    (folder / "screening.json").write_bytes(canonical_json(screen(asked, date=date(2026, 11, 28).isoformat())))
    return folder
