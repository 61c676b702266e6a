import html
import re
import shutil
import subprocess
from html.parser import HTMLParser

import pytest

from reliability.compare.cases import Case
from reliability.compare.comparison import compare
from reliability.records import Answer
from reliability.reports.comparison_measurements import MOST_LINES
from reliability.reports.comparison_pages import comparison_page, render_comparison
from reliability.words.text import LANGUAGES, words
from tests.compare.two_cases import told
from tests.reports.sample import assessment, subject
from tests.reports.worst import HOSTILE, worst


@pytest.fixture(scope="module")
def better(tmp_path_factory):
    return told(tmp_path_factory.mktemp("better"), range(80), range(8))


class Balanced(HTMLParser):
    """Counts tags that open and close."""

    alone = frozenset({"meta", "img", "br", "path", "circle", "rect", "link"})

    def __init__(self):
        super().__init__()
        self.open, self.wrong = [], []

    def handle_starttag(self, tag, _):
        if tag not in self.alone:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.alone and (not self.open or self.open.pop() != tag):
            self.wrong.append(tag)


def text_of(page):
    body = page[page.index("<body") :]
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_page_closes_what_it_opens_and_says_its_language(better, lang):
    page = comparison_page(better, lang=lang)
    parser = Balanced()
    parser.feed(page)

    assert (parser.open, parser.wrong) == ([], [])
    assert f'<html lang="{lang}">' in page


def test_a_page_needs_nothing_from_outside(better):
    page = comparison_page(better, lang="en")

    assert not re.search(r"<script|<link|(?:src|href)=\"(?!#|data:)", page)
    assert len(page.encode()) < 1_000_000


def test_every_drawing_has_a_title(better):
    page = comparison_page(better, lang="en")

    assert page.count("<svg") == len(re.findall(r"<svg[^>]*>\s*<title>[^<]", page))


def test_a_page_tells_both_values_both_intervals_and_the_reading(better):
    text = text_of(comparison_page(better, lang="en"))

    assert re.search(r"Before 80\.0% \[7\d\.\d% – 8\d\.\d%\]", text)
    assert re.search(r"After 98\.0% \[9\d\.\d% – 9\d\.\d%\]", text)
    assert "Better +18.0 pp [+1" in text


def test_sections_without_changes_are_left_out(better):
    text = text_of(comparison_page(better, lang="en"))

    assert "Answers that differ" not in text
    assert "Items with another verdict" not in text
    assert "Inputs that differ" in text


def test_a_page_of_two_equal_records_says_so():
    one = Case(assessment=assessment())
    text = text_of(comparison_page(compare(one, one), lang="en"))

    assert "The two records differ in nothing but their dates" in text
    assert "Inputs that differ" not in text


def test_names_from_outside_are_escaped_and_shown_as_they_are():
    hostile = "<script>alert(1)</script>\u202eevil"
    cases = [Case(assessment=assessment()), Case(assessment=assessment(subject=subject(hostile)))]
    page = comparison_page(compare(*cases), lang="ko")

    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "\u202e" not in page


def test_the_same_record_gives_the_same_bytes(better):
    assert render_comparison(better, lang="ko", format="html") == render_comparison(better, lang="ko", format="html")


@pytest.fixture(scope="module")
def pdfs(better, tmp_path_factory):
    """The comparison as PDF in both languages."""
    folder = tmp_path_factory.mktemp("pdfs")
    for lang in LANGUAGES:
        (folder / f"{lang}.pdf").write_bytes(render_comparison(better, lang=lang, format="pdf"))
    return folder


def told_by(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_a_pdf_has_the_same_bytes_twice(better, pdfs):
    assert render_comparison(better, lang="ko", format="pdf") == (pdfs / "ko.pdf").read_bytes()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("profile", ["3a", "ua1"])
def test_a_pdf_conforms_to_the_standards(pdfs, lang, profile):
    validator = pytest.importorskip("page", reason="needs page-validation")
    report = validator.validate_pdf(str(pdfs / f"{lang}.pdf"), profile=profile)

    assert [(failure.rule_id, failure.message) for failure in report.failures] == []
    assert report.rules.total > 100


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler")
def test_a_pdf_gives_its_korean_back_whole(pdfs):
    printed = " ".join(told_by("pdftotext", pdfs / "ko.pdf", "-").split())

    assert "\N{WORD JOINER}" not in printed
    assert words("ko").text("compare.section.measured") in printed


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler")
def test_a_pdf_says_how_it_was_set_and_ends(pdfs):
    printed = told_by("pdftotext", pdfs / "en.pdf", "-")

    assert words("en").text("row.typesetter") in printed
    assert words("en").text("report.end") in printed


# The worst case: 200 items, 40 groups, hostile text in every field, and everything of it changed.


def all_changed(record):
    """The record with other numbers, verdicts and answers in every finding."""
    findings = []
    for place, one in enumerate(record.findings):
        criteria = tuple(
            result.model_copy(update={"measurements": tuple(map(shifted, result.measurements))})
            for result in one.criteria
        )
        answer = None if one.criteria else Answer(answer="met", by=HOSTILE, note=HOSTILE * 3)
        verdict = ("pass", "fail")[place % 2] if one.criteria else one.verdict
        findings.append(one.model_copy(update={"criteria": criteria, "answer": answer, "verdict": verdict}))
    return record.model_copy(
        update={"findings": tuple(findings), "platform": f"{HOSTILE}2", "software": {HOSTILE: "1"}}
    )


def shifted(one):
    return one if one.value is None else one.model_copy(update={"value": one.value * 0.97})


@pytest.fixture(scope="module")
def hostile():
    record = worst()
    return compare(Case(assessment=record), Case(assessment=all_changed(record)))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_worst_page_is_sound_and_small(hostile, lang):
    page = comparison_page(hostile, lang=lang)
    parser = Balanced()
    parser.feed(page)

    assert (parser.open, parser.wrong) == ([], [])
    assert not re.search(r"<script|<link|\u202e|\x00", page)
    assert "{{ 7*7 }}" in page
    assert len(page.encode()) < 1_000_000


def test_what_is_not_listed_is_counted(hostile):
    text = text_of(comparison_page(hostile, lang="en"))

    listed, left = MOST_LINES["not_shown"], hostile.tested - MOST_LINES["not_shown"]
    assert f"{hostile.tested:,} measurements have other values, but no change is shown" in text
    assert f"{left:,} more are in the record" in text
    assert text.count("No change shown") >= listed


@pytest.mark.skipif(shutil.which("pdfinfo") is None, reason="needs poppler")
def test_the_worst_print_conforms_and_stays_within_eighty_pages(hostile, tmp_path):
    validator = pytest.importorskip("page", reason="needs page-validation")
    path = tmp_path / "worst.pdf"
    path.write_bytes(render_comparison(hostile, lang="ko", format="pdf"))

    failures = [validator.validate_pdf(str(path), profile=profile).failures for profile in ("3a", "ua1")]
    assert failures == [[], []]
    assert int(re.search(r"Pages:\s+(\d+)", told_by("pdfinfo", path)).group(1)) <= 80


def test_what_explains_the_drawings_stays_with_the_table_below_it(better):
    legend = words("en").text("compare.legend")

    assert f'<p class="note above">{legend}</p>' in comparison_page(better, lang="en")


def test_no_table_holds_whole_row_groups_together(better):
    """WeasyPrint 70 lays such a table out as if on an empty page, and breaks its first row in two."""
    style = comparison_page(better, lang="en")

    assert not re.search(r"tbody\s*\{[^}]*break-inside: avoid", style[: style.index("<body")])
