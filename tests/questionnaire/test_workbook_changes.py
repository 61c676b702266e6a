"""What a workbook changes in the answers: only what differs, and nothing that is not asked."""

import pytest

from reliability.questionnaire.workbook_changes import changes_from, no_longer_asked
from reliability.questionnaire.workbook_read import Filled
from reliability.records import EvidenceFile
from tests.questionnaire.filled_workbooks import answer, asked, draft, question

OLD = answer("met", note="이유", by="김", date="2026-01-31", evidence=("a.pdf",), checked_by="박")


def filled(**given):
    told = {"answer": None, "by": None, "date": None, "note": None, "evidence": (), "checked_by": None}
    return Filled(**told | {"where": {"evidence": "q.xlsx: 거버넌스!L2"}} | given)


def as_old(**given):
    said = {
        "answer": "met",
        "note": "이유",
        "by": "김",
        "date": "2026-01-31",
        "evidence": ("a.pdf",),
        "checked_by": "박",
    }
    return filled(**said | given)


def attach(path, where):
    assert where == "q.xlsx: 거버넌스!L2"
    return EvidenceFile(path=path.strip('"'), sha256="f" * 64)


def changes(row, answers=None, **given):
    return changes_from({"GOV-01": row}, asked(answers, **given), attach)


def test_an_empty_row_changes_nothing():
    assert changes(filled()) == {}


def test_a_row_that_says_what_the_file_says_changes_nothing():
    assert changes(as_old(), {"GOV-01": OLD}) == {}


@pytest.mark.parametrize(
    "field",
    [
        {"answer": "partly"},
        {"note": "고침"},
        {"by": "이"},
        {"date": "2026-02-01"},
        {"checked_by": None},
        {"note": None},
    ],
)
def test_only_the_field_that_differs_is_changed(field):
    assert changes(as_old(**field), {"GOV-01": OLD}) == {"GOV-01": field}


def test_a_first_answer_brings_all_that_was_written():
    row = filled(answer="met", note="이유", evidence=("a.pdf",))

    assert changes(row) == {
        "GOV-01": {"answer": "met", "note": "이유", "evidence": (EvidenceFile(path="a.pdf", sha256="f" * 64),)}
    }


def test_a_note_without_an_answer_is_a_draft():
    assert changes(filled(note="찾는 중")) == {"GOV-01": {"note": "찾는 중"}}


def test_a_draft_that_is_answered_keeps_its_words():
    assert changes(filled(answer="met", note="찾음"), drafts={"GOV-01": draft(note="찾음")}) == {
        "GOV-01": {"answer": "met"}
    }


def test_an_answer_that_was_taken_back_is_emptied():
    assert changes(as_old(answer=None), {"GOV-01": OLD}) == {"GOV-01": {"answer": None}}


def test_evidence_that_was_listed_keeps_its_digest_and_what_is_new_gets_one():
    (fields,) = changes(as_old(evidence=("b.pdf", "a.pdf")), {"GOV-01": OLD}).values()

    assert fields == {"evidence": (EvidenceFile(path="b.pdf", sha256="f" * 64), OLD.evidence[0])}


def test_evidence_listed_twice_counts_once():
    (fields,) = changes(filled(evidence=("b.pdf", '"b.pdf"'))).values()

    assert [file.path for file in fields["evidence"]] == ["b.pdf"]


def test_evidence_that_was_taken_out_is_taken_out():
    assert changes(as_old(evidence=()), {"GOV-01": OLD}) == {"GOV-01": {"evidence": ()}}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (as_old(), {}),
        (as_old(note="고침"), {"GOV-01": {"note": "고침"}}),
        (as_old(date="2026-06-01"), {"GOV-01": {"date": "2026-06-01", "answer": "met"}}),
        (as_old(answer="partly"), {"GOV-01": {"answer": "partly"}}),
    ],
    ids=["as it was", "note", "date", "answer"],
)
def test_an_answer_to_a_changed_question_holds_by_its_answer_or_its_date(row, expected):
    assert changes(row, {"GOV-01": OLD}, states={"GOV-01": "question_changed"}) == expected


def test_a_question_that_is_not_asked_changes_nothing():
    assert changes(filled(answer="met"), questions=(question("GOV-02"),)) == {}


def test_what_is_answered_and_no_longer_asked_is_told():
    made = asked(questions=(question("GOV-02"),))

    assert no_longer_asked({"GOV-01": filled(answer="met"), "GOV-02": filled(answer="met")}, made) == ("GOV-01",)


@pytest.mark.parametrize("answers", [{}, {"GOV-01": OLD}], ids=["none", "as in the file"])
def test_what_is_no_longer_asked_and_says_nothing_new_is_not_told(answers):
    row = as_old() if answers else filled()

    assert no_longer_asked({"GOV-01": row}, asked(answers, questions=(question("GOV-02"),))) == ()


def test_an_orphan_that_the_workbook_changed_is_told():
    made = asked({"GOV-01": OLD}, questions=(question("GOV-02"),))

    assert no_longer_asked({"GOV-01": as_old(note="고침")}, made) == ("GOV-01",)
