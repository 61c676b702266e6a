"""The HTML twins of all documents, in both languages: of the demo's case where that is what they are drawn from."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from click.testing import CliRunner

from reliability.cli.main import commands
from reliability.records import canonical_json
from reliability.reports.certificate_pages import certificate_page
from reliability.reports.comparison_pages import comparison_page
from reliability.screening.screen import screen
from reliability.words.text import LANGUAGES, Language
from tests.compare.two_cases import told
from tests.reports.certified import certified
from tests.reports.sample import assessment
from tests.screening.sheets import inputs

OF_A_CASE = ("consulting", "summary", "test")


def pages(case: Path, folder: Path) -> Iterator[tuple[str, Language, str]]:
    """Every document by name and language, as HTML; `folder` is room to work in."""
    screened = _screened(folder / "submission")
    comparison = told(folder / "versions", range(80), range(8))
    for lang in LANGUAGES:
        for kind in OF_A_CASE:
            yield kind, lang, _reported(case, kind, lang, folder)
        yield "screening", lang, _reported(screened, "screening", lang, folder)
        yield "comparison", lang, comparison_page(comparison, lang=lang)
        yield "certificate", lang, certificate_page(assessment(), certified(), lang=lang)


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
