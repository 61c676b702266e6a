"""What is wrong with evidence, in words."""

from datetime import date

import pytest

from reliability.cli.troubles import sheet_troubles, trouble_lines, trouble_text
from reliability.records import Reason
from reliability.submission.answers import read_answers
from reliability.words.text import LANGUAGES, words
from tests.questionnaire.sheets import HEAD, SHA

CODES = ("evidence_missing", "evidence_changed", "evidence_too_large", "evidence_kind", "evidence_expired")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("code", CODES)
def test_a_trouble_names_its_files(code, lang):
    text = trouble_text(Reason.model_validate({"code": code, "with": {"paths": ["a.pdf", "b c.pdf"]}}), words(lang))

    assert text.endswith(": a.pdf, b c.pdf")
    assert ".:" not in text


def test_a_trouble_without_files_is_a_sentence():
    assert trouble_text(Reason(code="not_checked_by_other"), words("en")) == "No second person checked the answer."


def test_there_is_a_line_for_every_trouble():
    found = {
        "A": [Reason(code="not_checked_by_other"), Reason(code="evidence_kind", with_={"paths": ["a.exe"]})],
        "B": [],
    }

    assert [line.partition(":")[0] for line in trouble_lines(found, words("ko"))] == ["A", "A"]


def test_no_sheet_has_no_troubles():
    assert sheet_troubles(None, on=date(2026, 1, 1)) == {}


def test_every_answer_of_a_sheet_is_looked_at(tmp_path):
    entry = f"{{answer: met, evidence: [{{path: gone.pdf, sha256: {SHA}}}]}}"
    (tmp_path / "answers.yaml").write_text(f"{HEAD}items: {{A: {entry}, B: {{answer: met}}}}\n")
    found = sheet_troubles(read_answers(tmp_path, "answers.yaml"), on=date(2026, 1, 1))

    assert {item: [reason.code for reason in reasons] for item, reasons in found.items()} == {
        "A": ["evidence_missing"], "B": [],
    }  # fmt: skip
