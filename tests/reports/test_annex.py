"""The files that a document carries: what they hold, and that they are safe to open."""

import csv
import io

import pytest

from reliability.records import Answer, EvidenceFile, Finding
from reliability.reports.annex import ADVICE, FINDINGS, Whole, annexes
from reliability.reports.findings import finding_views
from reliability.reports.separated import FORMULA
from reliability.reports.spreadsheets import csv_of
from reliability.reports.tables import Results
from reliability.words.text import LANGUAGES, words
from tests.reports.sample import assessment
from tests.reports.worst import HOSTILE, worst

ALL = ("findings", "results", "groups", "answers", "evidence", "inputs")


def drawn(record, *wanted, lang="en", opinions=True):
    views = tuple(finding_views(record, words(lang)))
    whole = Whole(assessment=record, views=views, opinions=opinions, words=words(lang))
    return {one.name: one for one in annexes(whole, wanted or ALL)}


def read(annex):
    return list(csv.reader(io.StringIO(annex.text.removeprefix("\ufeff"), newline="")))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_files_come_in_one_order_whatever_was_asked_for_first(lang):
    assert list(drawn(assessment(), *reversed(ALL), lang=lang)) == [f"{name}.csv" for name in ALL]


def test_only_the_files_that_are_wanted_are_drawn():
    assert list(drawn(assessment(), "inputs")) == ["inputs.csv"]


def test_findings_are_told_one_a_row_in_the_order_of_the_checklist():
    head, *rows = read(drawn(assessment())["findings.csv"])

    assert [row[0] for row in rows] == [found.item for found in assessment().findings]
    assert head[:4] == ["Item", "Section", "Title", "Requirement"]
    assert len(head) == len(FINDINGS) + len(ADVICE)


def test_findings_of_a_test_report_give_no_advice():
    remedy = "Reweight the training sample"

    assert remedy in drawn(assessment())["findings.csv"].text
    assert remedy not in drawn(assessment(), opinions=False)["findings.csv"].text


def test_results_are_those_of_the_csv_of_a_case():
    assert drawn(assessment())["results.csv"].text.encode("utf-8") == csv_of(assessment(), words("en"))


def test_groups_hold_every_group_with_its_suppression():
    record = assessment()
    _, *rows = read(drawn(record)["groups.csv"])

    assert len(rows) == len(Results(record, words("en")).groups().rows) == 3 + 4 + 4


def test_answers_hold_who_answered_and_what():
    given = Answer(answer="partly", by="김서연", date="2026-11-01", note="절반만 마쳤다.", checked_by="이도현")
    record = assessment(findings=(Finding(item="TRA-01", severity="major", verdict="fail", answer=given),))
    _, row = read(drawn(record)["answers.csv"])

    assert row[0] == "TRA-01"
    assert row[3:] == ["김서연", "2026-11-01", "절반만 마쳤다.", "이도현"]


def test_evidence_holds_one_file_a_row():
    files = tuple(EvidenceFile(path=f"a/{n}.pdf", sha256="ab" * 32) for n in range(2))
    given = Answer(answer="met", by="김", date="2026-11-01", evidence=files)
    record = assessment(findings=(Finding(item="TRA-01", severity="major", verdict="pass", answer=given),))

    assert read(drawn(record)["evidence.csv"])[1:] == [[f"TRA-01,a/{n}.pdf".split(",")[0], f"a/{n}.pdf", "ab" * 32]
                                                      for n in range(2)]  # fmt: skip


def test_inputs_hold_every_digest_that_the_document_lists():
    text = drawn(assessment())["inputs.csv"].text

    assert assessment().data.evaluation.sha256 in text
    assert assessment().checklist.sha256 in text


@pytest.mark.parametrize("start", ["=1+1", "+A1", "-A1", "@SUM(A1)", "＝1", " =1", "\u200b=1"])
def test_no_cell_of_an_answer_starts_a_formula(start):
    given = Answer(answer="met", by=start, date="2026-11-01", note=start, checked_by=start)
    record = assessment(findings=(Finding(item="TRA-01", severity="major", verdict="pass", answer=given),))
    _, row = read(drawn(record)["answers.csv"])

    assert {cell[0] for cell in (row[3], row[5], row[6])} <= {"'", "["}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_cell_of_the_worst_record_starts_a_formula(lang):
    for one in drawn(worst(), lang=lang).values():
        cells = [cell for row in read(one) for cell in row]
        assert [cell for cell in cells if cell[:1] in FORMULA and not cell.lstrip("-").replace(".", "").isdigit()
                and not _is_number(cell)] == []  # fmt: skip


def _is_number(cell):
    try:
        float(cell)
    except ValueError:
        return False
    return True


def test_rows_are_as_many_as_the_file_has_below_its_heading():
    for one in drawn(worst()).values():
        assert len(read(one)) == one.rows + 1


def test_hostile_text_stands_on_one_line_with_its_controls_shown():
    text = drawn(worst())["answers.csv"].text

    assert "\x00" not in text
    assert "\u202e" not in text
    assert HOSTILE.split()[0] in text


def test_the_same_record_gives_the_same_files():
    assert drawn(worst()) == drawn(worst())
