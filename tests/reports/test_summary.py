import itertools
import re
import shutil
import subprocess

import pytest

from reliability.records import DataSets
from reliability.reports import summary as cut
from reliability.reports.document import DocumentRecord
from reliability.reports.render import page_of, render
from reliability.reports.view import report_view
from reliability.reports.widths import half_widths
from reliability.words.text import words
from tests.reports.sample import assessment, data
from tests.reports.test_render import Text
from tests.reports.worst import HOSTILE, worst, worst_document

needs_pdfinfo = pytest.mark.skipif(shutil.which("pdfinfo") is None, reason="needs poppler-utils")


def told(record=None, document=None, lang="en"):
    document = document or DocumentRecord(kind="summary")
    return report_view(record or assessment(), document, kind="summary", words=words(lang)).summary


def pages(pdf, tmp_path):
    (tmp_path / "s.pdf").write_bytes(pdf)
    said = subprocess.run(["pdfinfo", str(tmp_path / "s.pdf")], capture_output=True, check=True).stdout.decode()
    return int(next(line for line in said.splitlines() if line.startswith("Pages:")).split()[1])


def test_three_things_come_first_and_the_rest_are_counted():
    summary = told()

    assert [one.item for one in summary.first] == ["FAI-02", "TRA-01", "ROB-02"]
    assert summary.more == "6 more are open."


def test_nothing_more_is_counted_where_three_are_all():
    three = tuple(found for found in assessment().findings if found.item in {"FAI-02", "TRA-01", "GOV-01"})

    assert told(assessment(findings=three)).more == ""


def test_sections_count_every_item_once():
    summary = told()
    numbers = [
        int(text) for row in summary.sections for text in (row.decides, row.open, row.condition, row.passed, row.other)
        if text != "–"
    ]  # fmt: skip

    assert sum(numbers) == len(assessment().findings)


def test_sections_beyond_those_shown_are_summed_up():
    sections = tuple((f"S{n}", ()) for n in range(30))
    whole = cut.Whole(ordered=(), sections=sections, todo=(), scope=(), lead="", not_tested=(), signatories=())

    rows = cut.summary(whole, words("en")).sections

    assert len(rows) == cut.MOST_SECTIONS
    assert rows[-1].title == f"{30 - cut.MOST_SECTIONS + 1} other sections"


def test_figures_are_those_of_open_findings_first():
    figures = told().figures

    assert [one.item for one in figures][:2] == ["FAI-02", "FAI-03"]
    assert len(figures) <= cut.MOST_FIGURES
    assert (figures[0].value, figures[0].limit) == ("0.67", "≥ 0.80")
    assert all(one.scale for one in figures)


def test_no_item_has_two_figures():
    items = [one.item for one in told().figures]

    assert len(items) == len(set(items))


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_text_of_the_worst_case_fits_its_place(lang):
    summary = told(worst(), worst_document("summary"), lang)

    assert all(half_widths(one.headline) <= cut.LINE for one in summary.first)
    assert all(half_widths(one.action) <= cut.SENTENCE for one in summary.first)
    assert all(half_widths(row.text) <= 2 * cut.LINE for row in summary.scope)
    assert all(half_widths(row.title) <= cut.NAME for row in summary.sections)
    assert half_widths(summary.lead) <= cut.PARAGRAPH
    assert len(summary.not_tested) <= cut.MOST_NOT_TESTED
    assert len(summary.signatories) <= cut.MOST_SIGNATORIES


def test_what_was_not_tested_beyond_that_is_counted():
    assert told(worst(), worst_document("summary")).more_not_tested == "7 more were not tested"


@needs_pdfinfo
@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("case", ["sample", "worst"])
def test_summary_fills_two_pages_whatever_it_holds(case, lang, tmp_path):
    pytest.importorskip("weasyprint", reason="needs Pango", exc_type=OSError)
    record, document = {
        "sample": (assessment(), DocumentRecord(kind="summary")),
        "worst": (
            worst(data=DataSets(evaluation=data(HOSTILE, 10), training=data(HOSTILE, 20))),
            worst_document("summary"),
        ),
    }[case]

    assert pages(render(record, document, kind="summary", lang=lang, format="pdf"), tmp_path) == 2


@needs_pdfinfo
def test_summary_fills_two_pages_when_nothing_is_open(tmp_path):
    pytest.importorskip("weasyprint", reason="needs Pango", exc_type=OSError)
    passed = tuple(found for found in assessment().findings if found.verdict == "pass" and not found.criteria)
    record = assessment(findings=passed, outcome="conforms", not_tested=())

    pdf = render(record, DocumentRecord(kind="summary"), kind="summary", lang="ko", format="pdf")

    assert pages(pdf, tmp_path) == 2


def page(lang="ko", record=None, document=None):
    return page_of(record or assessment(), document or DocumentRecord(kind="summary"), kind="summary", lang=lang)


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_headings_of_the_summary_skip_no_level_and_its_drawings_have_words(lang):
    levels = [int(level) for level in re.findall(r"<h([1-6])", page(lang))]

    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert page(lang).count("<svg") == len(re.findall(r"<svg[^>]*>\s*<title>[^<]", page(lang)))


def test_hostile_text_prints_as_text_in_the_summary():
    read = Text(page(record=worst(), document=worst_document("summary")))

    assert not {"link", "script", "iframe", "object"} & set(read.tags)
    assert "<script" in "".join(read.words)


def test_summary_is_advice_and_says_so():
    told_in_words = Text(page()).text()

    assert "인증이나 적합성 표시로 쓸 수 없다" in told_in_words
    assert "담당자" in told_in_words
    assert "– 끝 –" in told_in_words
