"""What is refused before it is written over a person's words."""

import pytest

from reliability.errors import SubmissionError
from reliability.questionnaire.loss import refuse_loss, with_key
from reliability.records import EvidenceFile
from tests.questionnaire.sheets import HEAD, SHA

OLD = f"""\
# head
{HEAD}items:
  GOV-01: # mine
    answer: met
    note: "한 글"
    evidence:
      - {{path: a.pdf, sha256: {SHA}}}
  GOV-02: {{answer: partly, by: 김}}
"""
MET = {"GOV-01": {"answer": "not_met"}}


def kept(new, changes=None, old=OLD):
    refuse_loss(old, new, changes or {}, name="answers.yaml")


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("# head\n", "# head\n# more\n"),
        ("checklist: small", "checklist: credit"),
        ("1.0.0", "2.0.0"),
        ("    answer: met\n", "    answer: met\n    version: 0.9.0\n    checklist: credit\n"),
        ("items:\n", "items:\n  NEW:\n    answer:\n"),
        ('"한 글"', "한 글"),
        (SHA, SHA.upper()),
        ("by: 김}", "by: 김, note: }"),
    ],
)
def test_what_may_come_in_is_taken(was, now):
    kept(OLD.replace(was, now, 1))


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("# head\n", ""),
        (" # mine", " # min"),
        ("한 글", "한글"),
        ("    answer: met\n", ""),
        ("answer: met", "answer: not_met"),
        ("answer: partly, by: 김", "by: 김, answer: partly"),
        (", by: 김", ""),
        ("a.pdf", "b.pdf"),
        (SHA, "b" * 64),
        (f"      - {{path: a.pdf, sha256: {SHA}}}\n", ""),
        ("  GOV-02: {answer: partly, by: 김}\n", ""),
        ("answers: 1", "answers: 2"),
        ("answers: 1\nchecklist: small", "checklist: small\nanswers: 1"),
        ("items:", "others:"),
        ("answer: met", "answer: [met"),
        ("answer: met", "answer: met\n    answer: met"),
        ("by: 김}", "by: 김, checked_by: 이}"),
    ],
)
def test_what_would_be_lost_is_refused(was, now):
    with pytest.raises(SubmissionError, match=r"^answers.yaml: cannot be added to without losing") as met:
        kept(OLD.replace(was, now, 1))

    assert met.value.code == "sheet_not_editable"


def test_items_in_another_order_are_refused():
    head, first, second = (
        OLD.partition("  GOV-01")[0],
        OLD.partition("items:\n")[2].partition("  GOV-02")[0],
        "  GOV-02: {answer: partly, by: 김}\n",
    )

    kept(head + first + second)
    with pytest.raises(SubmissionError):
        kept(head + second + first)


def test_a_change_must_say_what_it_was_to_say():
    kept(OLD.replace("answer: met", "answer: not_met"), MET)
    with pytest.raises(SubmissionError):
        kept(OLD, MET)


def test_a_change_of_one_item_allows_none_of_another():
    with pytest.raises(SubmissionError):
        kept(OLD.replace("answer: met", "answer: not_met").replace("partly", "met"), MET)


@pytest.mark.parametrize(("value", "new"), [(None, "    note:\n"), ("다른\n글", '    note: "다른\\n글"\n')])
def test_a_field_may_be_emptied_or_written_anew(value, new):
    kept(OLD.replace('    note: "한 글"\n', new), {"GOV-01": {"note": value}})


def test_evidence_is_compared_file_by_file():
    files = (EvidenceFile(path="a.pdf", sha256=SHA), EvidenceFile(path="b.pdf", sha256="b" * 64, renew="2027-01-31"))
    entry = f"      - {{path: a.pdf, sha256: {SHA}}}\n"
    new = OLD.replace(entry, f"{entry}      - {{path: b.pdf, sha256: {'b' * 64}, renew: 2027-01-31}}\n")

    kept(new, {"GOV-01": {"evidence": files}})
    with pytest.raises(SubmissionError):
        kept(new, {"GOV-01": {"evidence": files[:1]}})


def test_a_line_break_more_at_the_end_of_a_text_is_no_loss():
    old = f"{HEAD}items:\n  A:\n    note: |\n      text"

    kept(f"{old}\n    answer: met\n", {"A": {"answer": "met"}}, old=old)


def test_another_key_is_all_that_a_manifest_gains():
    assert with_key("a: 1 # x\n", "a: 1 # x\nn: y\n", "n", "y", name="m.yaml") == "a: 1 # x\nn: y\n"


@pytest.mark.parametrize(
    "new", ["a: 1\nn: y\n", "a: 2 # x\nn: y\n", "a: 1 # x\nn: z\n", "a: 1 # x\n", "a: 1 # x\n n: y\n"]
)
def test_a_manifest_that_gains_or_loses_anything_else_is_refused(new):
    with pytest.raises(SubmissionError, match=r"^m.yaml: cannot be added to"):
        with_key("a: 1 # x\n", new, "n", "y", name="m.yaml")
