"""answers.yaml as text: what a new one says, where new questions come in, what a change leaves alone."""

import pytest

from reliability.questionnaire.questions import asked
from reliability.questionnaire.sheet import as_written, changed, merged, written
from reliability.records import EvidenceFile
from tests.questionnaire.sheets import HEAD, ITEMS, SHA, TODAY, beside, checklist, standing

NOW = ("small", "1.0.0")
EMPTY = "    answer:\n    by:\n    date:\n    note:\n    evidence: []\n    checked_by:\n"


def merge(folder, text, used):
    return merged(text, standing(folder, text, used), beside(*ITEMS))


def test_a_new_sheet_asks_every_question_with_its_comment_under_its_section(tmp_path):
    text = written(asked(checklist(tmp_path, "GOV-01", "RSK-01"), {}, None, on=TODAY), beside("GOV-01", "RSK-01"))

    assert text == (
        f"# head\n{HEAD}items:\n  # section GOV\n\n  # about GOV-01\n  GOV-01:\n{EMPTY}"
        f"  # section RSK\n\n  # about RSK-01\n  RSK-01:\n{EMPTY}"
    )


def test_a_new_sheet_is_read_as_one_that_nobody_answered(tmp_path):
    used = checklist(tmp_path)
    found = standing(tmp_path, written(asked(used, {}, None, on=TODAY), beside(*ITEMS)), used)

    assert set(found.states.values()) == {"new"}
    assert (found.answers, list(found.drafts)) == ({}, list(ITEMS))


def test_a_sheet_that_lacks_nothing_stays_as_it_is(tmp_path):
    used = checklist(tmp_path)
    text = written(asked(used, {}, None, on=TODAY), beside(*ITEMS))

    assert merge(tmp_path, text, used) == text


def test_a_question_comes_in_behind_the_one_before_it(tmp_path):
    text = f"{HEAD}items:\n  RSK-01:\n    answer: met\n  # mine\n  GOV-01: {{answer: met}}  # why\n# tail\n"

    assert merge(tmp_path, text, checklist(tmp_path, "GOV-01", "GOV-02", "RSK-01")) == (
        f"{HEAD}items:\n  RSK-01:\n    answer: met\n  # mine\n  GOV-01: {{answer: met}}  # why\n"
        f"\n  # about GOV-02\n  GOV-02:\n{EMPTY}# tail\n"
    )


def test_the_first_question_comes_in_before_all(tmp_path):
    text = f"{HEAD}items: # all\n    # mine\n    GOV-02: {{answer: met}}\n"
    new = merge(tmp_path, text, checklist(tmp_path, "GOV-01", "GOV-02"))

    assert new.startswith(f"{HEAD}items: # all\n\n    # about GOV-01\n    GOV-01:\n      answer:\n")
    assert new.endswith("      checked_by:\n    # mine\n    GOV-02: {answer: met}\n")


def test_a_section_is_headed_where_it_has_no_question_yet(tmp_path):
    new = merge(tmp_path, f"{HEAD}items:\n  GOV-01: {{answer: met}}\n", checklist(tmp_path))

    assert new.count("# section GOV") == 0
    assert new.count("# section RSK") == 1


@pytest.mark.parametrize("items", ["", "items:\n", "items: {}\n", "items: {}  # none yet\n", "items: null\n"])
def test_a_sheet_without_items_gets_a_place_for_them(tmp_path, items):
    used = checklist(tmp_path)
    new = merge(tmp_path, HEAD + items, used)

    assert list(standing(tmp_path, new, used).drafts) == list(ITEMS)
    assert "# none yet" not in items or "# none yet" in new


@pytest.mark.parametrize("items", ["", ', "items": {}', ", items: {GOV-01: {answer: met}}", ", items: "])
def test_a_sheet_in_brackets_stays_in_brackets(tmp_path, items):
    text = f'{{"answers": 1, "checklist": "small", "version": "1.0.0"{items}}}\n'
    used = checklist(tmp_path)
    new = merge(tmp_path, text, used)

    assert (new[0], new[-2:], new.count("\n")) == ("{", "}\n", 1)
    assert standing(tmp_path, new, used).items("new") == ITEMS[1:] if "met" in items else ITEMS


OLD = """\
answers: 1 # mine
checklist: small # this
version: '0.9.0'   # old
items:
  GOV-01:
    answer: met # sure
  GOV-02: {answer: partly, note: 초안}
  RSK-01:
    answer:
    note: later
  RSK-02:
    answer: met
    version: 0.8.0
"""


def test_an_answer_to_another_version_is_marked_with_it_and_the_question_shown_anew(tmp_path):
    assert merge(tmp_path, OLD, checklist(tmp_path)) == """\
answers: 1 # mine
checklist: small # this
version: "1.0.0"   # old
items:
  # about GOV-01
  GOV-01:
    answer: met # sure
    version: "0.9.0"
  # about GOV-02
  GOV-02: {answer: partly, note: 초안, version: "0.9.0"}
  RSK-01:
    answer:
    note: later
  # about RSK-02
  RSK-02:
    answer: met
    version: 0.8.0
"""  # fmt: skip


@pytest.mark.parametrize(("asked_there", "shown"), [("# about GOV-01\n", 1), ("# About GOV-01\n", 2)])
def test_a_question_that_is_asked_in_the_same_words_is_not_shown_twice(tmp_path, asked_there, shown):
    new = merge(tmp_path, OLD.replace("  GOV-01:\n", f"  {asked_there}  GOV-01:\n"), checklist(tmp_path))

    assert new.lower().count("# about gov-01\n") == shown


def test_an_answer_to_another_checklist_is_marked_with_both(tmp_path):
    new = merge(tmp_path, OLD, checklist(tmp_path, name="credit", version="2.0.0"))

    assert 'checklist: credit # this\nversion: "2.0.0"   # old\n' in new
    assert 'GOV-02: {answer: partly, note: 초안, checklist: small, version: "0.9.0"}' in new
    assert "    answer: met\n    version: 0.8.0\n    checklist: small\n" in new


def test_going_back_to_the_checklist_makes_its_answers_count_again(tmp_path):
    small, credit = checklist(tmp_path, version="0.9.0"), checklist(tmp_path, name="credit", version="2.0.0")
    there = merge(tmp_path, OLD, credit)
    back = standing(tmp_path, merge(tmp_path, there, small), small)

    assert (back.items("answered"), back.items("question_changed")) == (("GOV-01", "GOV-02"), ("RSK-02",))


def test_an_answer_that_is_no_longer_asked_stays_where_it_is(tmp_path):
    used = checklist(tmp_path, "GOV-02", "RSK-01", "RSK-02")
    new = merge(tmp_path, OLD, used)

    assert '  GOV-01:\n    answer: met # sure\n    version: "0.9.0"\n' in new
    assert standing(tmp_path, new, used).items("orphaned") == ("GOV-01",)


SHEET = HEAD + """\
items:
  GOV-01:   # mine
    answer:   # met | partly
    by:
    note: "earlier" # quoted
  GOV-02: {answer: met, by: 김}  # flow
  RSK-01:
  RSK-02:
    answer: met
    version: 0.9.0
    evidence:
    - path: 'a.pdf'   # the policy
      sha256: AAAA
    # between
    - {path: b.pdf, sha256: bbbb}
""".replace("AAAA", "A" * 64).replace("bbbb", "b" * 64)  # fmt: skip


def change(item, **fields):
    new = changed(SHEET, {item: fields}, NOW)
    return [line for line in new.splitlines() if line not in SHEET.splitlines()]


def file(path, letter="a", renew=None):
    return EvidenceFile(path=path, sha256=letter * 64, renew=renew)


def test_an_answer_is_filled_in_and_keys_it_lacks_come_in_order():
    assert change("GOV-01", answer="met", by="김", date="2026-07-01") == [
        "    answer: met   # met | partly",
        "    by: 김",
        '    date: "2026-07-01"',
    ]


def test_keys_come_in_the_order_of_the_sheet():
    new = changed(SHEET, {"GOV-01": {"checked_by": "이", "date": "2026-07-01", "evidence": (file("a.pdf"),)}}, NOW)

    body = new.partition("  GOV-01:")[2].partition("  GOV-02:")[0]
    assert [line.split(":")[0].strip() for line in body.splitlines()[1:]] == [
        "answer", "by", "date", "note", "evidence", "checked_by",
    ]  # fmt: skip


def test_a_field_is_emptied_and_its_comment_stays():
    assert change("GOV-01", note=None) == ["    note:  # quoted"]


def test_a_field_that_is_not_there_is_not_emptied():
    assert change("GOV-01", checked_by=None, evidence=()) == []


def test_an_entry_in_brackets_stays_in_brackets():
    assert change("GOV-02", answer="partly", note="a: b", evidence=(file("c.pdf"),)) == [
        f'  GOV-02: {{answer: partly, by: 김, note: "a: b", evidence: [{{path: c.pdf, sha256: {"a" * 64}}}]}}  # flow'
    ]


def test_an_entry_with_nothing_under_it_is_filled_in():
    new = changed(SHEET, {"RSK-01": {"by": "김", "answer": "met", "note": None}}, NOW)

    assert new == SHEET.replace("  RSK-01:\n", "  RSK-01:\n    answer: met\n    by: 김\n")


@pytest.mark.parametrize(("nothing", "left"), [(" null", ""), (" ~ # mine", " # mine"), (" # mine", " # mine")])
def test_an_entry_that_says_it_is_nothing_is_filled_in(nothing, left):
    text = f"{HEAD}items:\n  G:{nothing}\n  H: {{answer: met}}\n"

    assert changed(text, {"G": {"answer": "met"}}, NOW) == (
        f"{HEAD}items:\n  G:{left}\n    answer: met\n  H: {{answer: met}}\n"
    )


def test_a_key_that_is_new_in_brackets_comes_behind_an_empty_value_that_is_filled_in():
    text = "answers: 1\nitems:\n  GOV-01: {answer: met, checked_by: }\n"
    told = {"date": "2026-01-31", "checked_by": "0"}

    assert changed(text, {"GOV-01": told}, ("small", "1.0.0")) == (
        'answers: 1\nitems:\n  GOV-01: {answer: met, checked_by: "0" , date: "2026-01-31" }\n'
    )


def test_an_empty_entry_among_brackets_is_filled_in():
    text = "{answers: 1, checklist: small, version: '1', items: {G: , H: {answer: met}}}"

    assert changed(text, {"G": {"answer": "met", "evidence": ()}}, NOW) == text.replace("{G: ", "{G: {answer: met} ")


def test_an_answer_given_again_is_given_to_the_question_of_now():
    assert change("RSK-02", answer="met") == ['    version: "1.0.0"']


def test_a_note_alone_confirms_nothing():
    assert change("RSK-02", note="더") == ["    note: 더"]


@pytest.mark.parametrize(
    ("files", "lines"),
    [
        ((file("a.pdf"), file("b.pdf", "b")), []),
        ((file("a.pdf", "c"), file("b.pdf", "b")), [f"      sha256: {'c' * 64}"]),
        ((file("a.pdf", renew="2027-01-31"), file("b.pdf", "b")), ['      renew: "2027-01-31"']),
        ((file("a.pdf"), file("b.pdf", "d")), [f"    - {{path: b.pdf, sha256: {'d' * 64}}}"]),
        ((file("a.pdf"), file("b.pdf", "b"), file("c d.pdf")), [f'    - {{path: "c d.pdf", sha256: {SHA}}}']),
        (
            (file("b.pdf", "b"),),
            ["    evidence: # the policy", "      # between", f"      [{{path: b.pdf, sha256: {'b' * 64}}}]"],
        ),
        ((), ["    evidence: # the policy", "      # between", "      []"]),
    ],
)
def test_evidence_changes_file_by_file_and_no_comment_is_lost(files, lines):
    assert change("RSK-02", evidence=files) == lines


def test_evidence_in_brackets_gets_one_more():
    text = f"{HEAD}items:\n  G: {{answer: met, evidence: [{{path: a.pdf, sha256: {SHA}}}]}}\n"

    assert changed(text, {"G": {"evidence": (file("a.pdf"), file("b.pdf", "b"))}}, NOW) == text.replace(
        "}]}", f"}}, {{path: b.pdf, sha256: {'b' * 64}}}]}}"
    )


def test_a_renewal_is_taken_back():
    text = f'{HEAD}items:\n  G: {{answer: met, evidence: [{{path: a.pdf, sha256: {SHA}, renew: "2027-01-31"}}]}}\n'

    assert changed(text, {"G": {"evidence": (file("a.pdf"),)}}, NOW) == text.replace(' "2027-01-31"', " ")


def test_several_answers_change_at_once():
    new = changed(SHEET, {"GOV-01": {"answer": "met"}, "GOV-02": {"answer": "not_met"}, "RSK-01": {"note": "n"}}, NOW)

    assert "answer: met   # met" in new
    assert "{answer: not_met, by: 김}" in new
    assert "  RSK-01:\n    note: n\n" in new


def test_nothing_changes_where_nothing_is_to_change():
    assert changed(SHEET, {}, NOW) == SHEET


def test_an_item_that_is_not_in_the_sheet_is_a_mistake_of_ours():
    with pytest.raises(KeyError):
        changed(SHEET, {"GOV-99": {"answer": "met"}}, NOW)


def test_evidence_is_written_without_what_it_has_not():
    assert as_written([file("a.pdf"), file("b.pdf", renew="2027-01-31")]) == [
        {"path": "a.pdf", "sha256": SHA},
        {"path": "b.pdf", "sha256": SHA, "renew": "2027-01-31"},
    ]
