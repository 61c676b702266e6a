"""What a report's pages leave out: how much, with a sentence for it, and the file in which it stands whole."""

import base64
import csv
import io
import re
from functools import cache

import pytest

from reliability.records import Answer, EvidenceFile, Finding, NotTested
from reliability.reports import heights
from reliability.reports.bounds import (
    ASKED_ROOM,
    FINDINGS_ROOM,
    MOST_FILES,
    MOST_LINES,
    MOST_NOT_TESTED,
    NOTE,
    PARAGRAPH,
    RESULTS_ROOM,
    bounded,
    offered,
)
from reliability.reports.document import DocumentRecord
from reliability.reports.render import LARGEST_PAGE, page_of, render
from reliability.reports.view import report_view
from reliability.reports.widths import half_widths
from reliability.words.text import LANGUAGES, words
from tests.reports.sample import assessment, compared, measured, result
from tests.reports.worst import worst, worst_document

KINDS = ("consulting", "test")
WORST, SAMPLE = worst(), assessment()


@cache
def worst_of(kind, lang="en"):
    return cut(WORST, kind, lang)


@cache
def page_of_worst(kind, lang="en"):
    return page_of(WORST, worst_document(kind), kind=kind, lang=lang)


def cut(record, kind="consulting", lang="en"):
    view = report_view(record, DocumentRecord(kind=kind), kind=kind, words=words(lang))
    return view, *bounded(view, record, words(lang))


@pytest.fixture(scope="module", params=KINDS)
def worst_cut(request):
    return worst_of(request.param)


def with_answer(**changes):
    """The sample with one item that was answered like this, and nothing else."""
    given = Answer(answer="not_met", by="김", date="2026-11-01", **changes)
    return assessment(findings=(Finding(item="TRA-01", severity="major", verdict="fail", answer=given),))


def many_groups(n):
    """The sample with one comparison of n groups, and nothing else."""
    rows = [(f"g{place:02}", 0.5 + place / 100, 0.4, 0.9, 100) for place in range(n)]
    ratio = compared("fairness.selection_rate_ratio", "sex", (0.6, 0.5, 0.7), rows, "ratio")
    found = Finding(item="FAI-02", severity="critical", verdict="fail", criteria=(result("fail", ratio, at_least=0.8),))
    return assessment(findings=(found,))


@pytest.mark.parametrize("kind", [*KINDS, "summary"])
def test_a_report_within_bounds_stays_as_it_is_and_carries_no_file(kind):
    whole, told, files = cut(assessment(), kind)

    assert told == whole
    assert files == ()


def test_the_worst_report_keeps_every_item_with_its_verdict(worst_cut):
    whole, told, _ = worst_cut
    before, after = (
        [(one.item, one.verdict) for section in view.conclusion.sections for one in section.findings]
        for view in (whole, told)
    )

    assert len(after) == 200
    assert after == before


def test_the_worst_report_stays_within_the_room_of_its_parts(worst_cut):
    _, told, _ = worst_cut
    at_length = [one for tier in told.conclusion.tiers for one in tier.findings]
    results = [one for section in told.conclusion.sections for one in section.findings]
    most = max(map(heights.of_finding, at_length))

    assert sum(map(heights.of_finding, at_length)) <= FINDINGS_ROOM + most * len(told.conclusion.tiers)
    assert sum(map(heights.of_results, results)) <= RESULTS_ROOM + ASKED_ROOM + 200 * 30


def test_each_tier_tells_its_worst_finding_and_how_many_it_does_not_tell(worst_cut):
    whole, told, _ = worst_cut

    for before, after in zip(whole.conclusion.tiers, told.conclusion.tiers, strict=True):
        assert [one.item for one in after.findings] == [one.item for one in before.findings[: len(after.findings)]]
        assert after.findings
        assert after.n == len(before.findings)
        left = after.n - len(after.findings)
        assert (f"{left} more" in after.more and "findings.csv" in after.more) if left > 1 else left in {0, 1}


def test_lines_left_out_of_the_table_are_counted(worst_cut):
    whole, told, _ = worst_cut
    before, after = (
        sum(len(one.lines) for section in view.conclusion.sections for one in section.measured)
        for view in (whole, told)
    )

    assert before > after
    assert told.left.results.startswith(f"{before - after:,} lines")
    assert "results.csv" in told.left.results


def test_an_open_finding_is_told_by_what_keeps_it_open_and_stands_whole_in_the_table():
    passed = result("pass", measured("performance.accuracy", (0.9, 0.8, 0.95)))
    found = next(one for one in SAMPLE.findings if one.item == "FAI-02")
    found = found.model_copy(update={"criteria": (*found.criteria, passed)})
    _, told, _ = cut(SAMPLE.model_copy(update={"findings": (found,)}))
    (short,) = (one for tier in told.conclusion.tiers for one in tier.findings)
    (whole,) = (one for section in told.conclusion.sections for one in section.measured)

    assert {one.verdict for one in whole.criteria} - {one.verdict for one in short.criteria} == {"pass"}
    assert short.elsewhere


def test_numbers_that_a_passed_item_only_reports_stand_in_a_file_of_the_advice():
    passed = SAMPLE.findings[0].model_copy(
        update={
            "verdict": "pass",
            "criteria": (
                result("pass", measured("performance.accuracy", (0.9, 0.8, 0.95))),
                result("reported", measured("performance.f1", (0.9, 0.8, 0.95)), report=True),
            ),
        }
    )
    record = SAMPLE.model_copy(update={"findings": (passed,)})
    (_, advice, files), (_, tested, _) = cut(record), cut(record, "test")

    assert [len(one.lines) for part in advice.conclusion.sections for one in part.measured] == [1]
    assert [len(one.lines) for part in tested.conclusion.sections for one in part.measured] == [2]
    assert advice.left.shown_only.startswith("One line")
    assert "results.csv" in advice.left.shown_only
    assert [one.name for one in files] == ["results.csv"]
    assert tested.left.shown_only == ""


def test_no_text_of_the_worst_report_is_longer_than_its_place(worst_cut):
    _, told, _ = worst_cut
    views = [one for section in told.conclusion.sections for one in section.findings]

    assert max(half_widths(one.requirement) for one in views) <= PARAGRAPH
    assert max(half_widths(one.answer.note) for one in views if one.answer) <= NOTE
    assert max(half_widths(row.text) for row in (*told.scope, *told.not_tested, *told.conditions)) <= NOTE


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_file_named_in_a_sentence_is_carried_and_listed_with_its_rows(lang):
    _, told, files = worst_of("consulting", lang)
    page = page_of_worst("consulting", lang)
    named = set(re.findall(r"[a-z]+\.csv", page))

    assert named == {one.name for one in files} == {line.name for line in told.left.files}
    for one, line in zip(files, told.left.files, strict=True):
        rows = list(csv.reader(io.StringIO(one.text.removeprefix("\ufeff"), newline="")))
        assert len(rows) - 1 == one.rows > 0
        assert f"{one.rows:,}" in line.text


def test_a_long_answer_stands_whole_in_its_file():
    note = "책임자가 바뀌어 다시 확인하였다. " * 60
    _, told, files = cut(with_answer(note=note))
    (one,) = told.conclusion.tiers[0].findings

    assert one.answer.note.endswith("…")
    assert [file.name for file in files] == ["answers.csv"]
    assert note.strip() in files[0].text


def test_evidence_past_the_first_files_is_counted_and_listed_in_its_file():
    evidence = tuple(EvidenceFile(path=f"evidence/{n}.pdf", sha256=f"{n:02}" * 32) for n in range(MOST_FILES + 3))
    _, told, files = cut(with_answer(evidence=evidence))
    (one,) = told.conclusion.tiers[0].findings

    assert len(one.answer.evidence) == MOST_FILES
    assert one.answer.more.startswith("3 more files of evidence")
    assert [(file.name, file.rows) for file in files] == [("evidence.csv", MOST_FILES + 3)]


@pytest.mark.parametrize(("n", "left"), [(12, 0), (13, 1), (40, 28)])
def test_groups_that_are_not_drawn_stand_in_a_file(n, left):
    record = many_groups(n)
    _, _, files = cut(record)
    page = page_of(record, DocumentRecord(kind="consulting"), kind="consulting", lang="en")

    assert [(file.name, file.rows) for file in files] == ([("groups.csv", n)] if left else [])
    assert ("were left out; all of them stand in the attached file groups.csv" in page) == (left > 1)
    assert ("one was left out" in page) == (left == 1)


def test_lines_of_one_item_are_bounded():
    whole, told, _ = worst_of("consulting")
    most = max(len(one.lines) for section in whole.conclusion.sections for one in section.measured)

    assert most > MOST_LINES
    assert max(len(one.lines) for section in told.conclusion.sections for one in section.measured) <= MOST_LINES


@pytest.mark.parametrize(("kind", "lang"), [("consulting", "ko"), ("test", "en")])
def test_the_worst_page_is_under_a_megabyte_and_offers_what_fits(kind, lang):
    page = render(WORST, worst_document(kind), kind=kind, lang=lang, format="html").decode("utf-8")
    links = re.findall(r'<a href="data:text/csv;charset=utf-8;base64,([^"]+)" download="([a-z]+\.csv)"', page)
    absent = page.count(words(lang).text("left.in_pdf"))

    assert len(page.encode("utf-8")) < LARGEST_PAGE + 2_000
    assert links
    assert len(links) + absent == len(re.findall(r'<tr><th scope="row">(?:<a [^>]*>)?[a-z]+\.csv', page))
    for content, _ in links:
        assert base64.b64decode(content).startswith(b"\xef\xbb\xbf")


def test_a_page_without_room_offers_no_file_and_says_where_it_is():
    _, told, files = worst_of("consulting")
    lines = offered(told, files, words("en"), room=0).left.files

    assert [line.link for line in lines] == [""] * len(files)
    assert {line.where for line in lines} == {"Only inside the PDF of this document."}


def test_a_page_offers_the_smallest_files_first():
    _, told, files = worst_of("consulting")
    smallest = min(files, key=lambda one: len(one.link))
    lines = offered(told, files, words("en"), room=len(smallest.link)).left.files

    assert [line.name for line in lines if line.link] == [smallest.name]


def test_a_printed_page_holds_no_link_to_data():
    page = page_of_worst("consulting")

    assert "data:text/csv" not in page


def test_things_not_tested_are_counted_one_by_one_where_their_reason_is_left_out():
    alike = [NotTested(what=f"X-{n:03}", code="not_used", with_={"key": f"k{min(n, 32)}"}) for n in range(40)]
    _, told, files = cut(assessment(not_tested=tuple(alike), findings=()))

    assert len(told.not_tested) == MOST_NOT_TESTED
    assert told.left.not_tested.startswith("10 ")
    assert [one.name for one in files] == ["inputs.csv"]
