"""answers.yaml: what is taken, what is refused, and the state of the evidence."""
# ruff: noqa: E501  (a row of a table reads better whole)

import hashlib
from datetime import date

import pytest

from reliability.submission.answers import (
    EVIDENCE_KINDS,
    LARGEST_EVIDENCE,
    LONGEST_TEXT,
    Draft,
    kind_allowed,
    read_answers,
    refuse_unstorable,
)

HEAD = "answers: 1\nchecklist: trustworthy-ai\nversion: 1.0.0\n"
SHA = hashlib.sha256(b"policy").hexdigest()


@pytest.fixture
def sheet(tmp_path):
    def write(items="", head=HEAD):
        (tmp_path / "정책.txt").write_bytes(b"policy")
        (tmp_path / "answers.yaml").write_text(head + items, encoding="utf-8")
        return read_answers(tmp_path, "answers.yaml")

    return write


def test_a_sheet_without_answers_is_taken(sheet):
    assert (sheet().items, sheet().missing, sheet().changed, sheet().evidence()) == ({}, {}, {}, ())


def test_digest_is_of_the_file_as_it_stands(sheet):
    assert sheet().sha256 == hashlib.sha256(HEAD.encode()).hexdigest()


@pytest.mark.parametrize("answer", ["met", "partly", "not_met"])
def test_every_answer_is_taken_bare(sheet, answer):
    taken = sheet(f"items: {{GOV-01: {{answer: {answer}}}}}").items["GOV-01"]

    assert (taken.answer, taken.by, taken.date, taken.note, taken.evidence, taken.checked_by) == (
        answer,
        None,
        None,
        None,
        (),
        None,
    )


def test_an_answer_carries_everything_it_was_given(sheet):
    taken = sheet(
        f"items: {{GOV-01: {{answer: not_applicable, by: 김, date: 2026-01-31, note: 없음, checked_by: 이, evidence: [{{path: 정책.txt, sha256: {SHA.upper()}}}]}}}}"
    ).items["GOV-01"]

    assert (taken.answer, taken.by, taken.date, taken.note, taken.checked_by) == (
        "not_applicable",
        "김",
        "2026-01-31",
        "없음",
        "이",
    )
    assert [(each.path, each.sha256) for each in taken.evidence] == [("정책.txt", SHA)]


@pytest.mark.parametrize(
    ("evidence", "missing", "changed", "there"),
    [
        (f"[{{path: 정책.txt, sha256: {SHA}}}]", (), (), ("정책.txt",)),
        (f"[{{path: 정책.txt, sha256: {'a' * 64}}}]", (), ("정책.txt",), ("정책.txt",)),
        (f"[{{path: gone.txt, sha256: {SHA}}}]", ("gone.txt",), (), ()),
        (f"[{{path: {'x' * 300}, sha256: {SHA}}}]", ("x" * 300,), (), ()),
        (f"[{{path: ., sha256: {SHA}}}]", (".",), (), ()),
        ("[]", (), (), ()),
    ],
)
def test_state_of_evidence_is_found(sheet, evidence, missing, changed, there):
    met = sheet(f"items: {{G: {{answer: met, evidence: {evidence}}}}}")

    assert (met.missing.get("G", ()), met.changed.get("G", ()), met.evidence()) == (missing, changed, there)


def test_evidence_that_two_answers_share_is_named_once(sheet):
    one = f"{{answer: met, evidence: [{{path: 정책.txt, sha256: {SHA}}}]}}"

    assert sheet(f"items: {{A: {one}, B: {one}}}").evidence() == ("정책.txt",)


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("answers: 1", "answers: 2", "value_not_allowed", "1: answers is 2; write one of: 1"),
        ("checklist: trustworthy-ai\n", "", "key_missing", "1: file needs checklist; add it"),
        ("version: 1.0.0", "version: 1.0", "value_not_text", "3: version must be text; put it in quotes, not 1.0"),
        ("version: 1.0.0", "verzion: 1.0.0", "key_unknown", "3: verzion is no key here; did you mean version?"),
        ("version: 1.0.0", "version: ''", "value_empty", "3: version is empty; fill it in"),
    ],
)
def test_head_is_refused_when(sheet, refusal, old, new, code, line):
    met, said = refusal(sheet, head=HEAD.replace(old, new))

    assert (met, said[: len(line) + 13]) == (code, f"answers.yaml:{line}")


@pytest.mark.parametrize(
    ("item", "code", "line"),
    [
        ("[met]", "value_not_mapping", "items.G must be a mapping, as in {key: value}, not ['met']"),
        ("{answer: yes}", "value_not_allowed", "items.G.answer is 'yes'; write one of: met, partly, not_met, not_applicable"),
        ("{answer: true}", "value_not_allowed", "items.G.answer is True; write one of: met"),
        ("{note: x}", "key_missing", "items.G needs answer; add it"),
        ("{answer: not_applicable}", "answer_needs_note", "items.G is not_applicable without a note; say why in note"),
        ("{answer: met, date: 2026-02-30}", "date_not_iso", "items.G.date must be a date, as in 2026-01-31"),
        ("{answer: met, date: '20260131'}", "date_not_iso", "items.G.date must be a date, as in 2026-01-31"),
        ("{answer: met, date: 2026-W05-6}", "date_not_iso", "items.G.date must be a date, as in 2026-01-31"),
        ("{answer: met, date: 2026}", "value_not_text", "items.G.date must be text; put it in quotes, not 2026"),
        ("{answer: met, note: ''}", "value_empty", "items.G.note is empty; fill it in or leave the key out"),
        ("{answer: met, evidense: []}", "key_unknown", "items.G.evidense is no key here; did you mean evidence?"),
        ("{answer: met, evidence: a.txt}", "value_not_list", "items.G.evidence must be a list, as in [a, b], not 'a.txt'"),
        ("{answer: met, evidence: [a.txt]}", "value_not_mapping", "items.G.evidence.0 must be a mapping, as in {key: value}, not 'a.txt'"),
        ("{answer: met, evidence: [{path: a.txt}]}", "evidence_without_digest", "items.G.evidence.0.path: 'a.txt' has no sha256 yet; run 'reliability answers' on the submission to fill it in"),
        ("{answer: met, evidence: [{path: a.txt, sha256: }]}", "evidence_without_digest", "items.G.evidence.0.path: 'a.txt' has no sha256 yet"),
        (f"{{answer: met, evidence: [{{path: a.txt, sha256: {SHA}, renew: soon}}]}}", "date_not_iso", "items.G.evidence.0.renew must be a date, as in 2026-01-31"),
        ("{answer: met, note: '  '}", "value_empty", "items.G.note is empty; fill it in or leave the key out"),
        ('{answer: met, note: "a\\x07b"}', "text_character", "items.G.note holds the character U+0007, which no document can show; remove it"),
        ('{answer: met, by: "\\uFFFE"}', "text_character", "items.G.by holds the character U+FFFE"),
        (f"{{answer: met, note: {'가' * 32_001}}}", "text_too_long", "items.G.note is 32,001 characters long, and at most 32,000 may stand here"),
        (f"{{answer: met, checked_by: {'😀' * 16_001}}}", "text_too_long", "items.G.checked_by is 32,002 characters long"),
        ("[]", "value_not_mapping", "items.G must be a mapping"),
        ("{answer: met, evidence: [{path: a.txt, sha256: abc}]}", "value_invalid", "items.G.evidence.0.sha256 is 'abc': string should match"),
        (f"{{answer: met, evidence: [{{path: ../a.txt, sha256: {SHA}}}]}}", "path_outside", "items.G.evidence.0.path: '../a.txt' leaves the submission's folder"),
        (f"{{answer: met, evidence: [{{path: /etc/passwd, sha256: {SHA}}}]}}", "path_outside", "items.G.evidence.0.path: '/etc/passwd' leaves"),
    ],
)  # fmt: skip
def test_answer_is_refused_on_its_line_when(sheet, refusal, item, code, line):
    met, said = refusal(sheet, f"items:\n  A: {{answer: met}}\n  G: {item}\n")

    assert met == code
    assert said.startswith(f"answers.yaml:6: {line}")


def test_longest_text_is_taken_and_keeps_its_white_space(sheet):
    note = " " + "가" * (LONGEST_TEXT - 2) + "\n"
    quoted = note.replace("\n", "\\n")

    assert sheet(f'items: {{G: {{answer: met, note: "{quoted}"}}}}').items["G"].note == note


@pytest.mark.parametrize("text", ["\t", "\n", "\r", " ", "\ud7ff", "\ue000", "\ufffd", "\U00010000", "\U0010ffff"])
def test_every_character_of_xml_is_taken(text):
    refuse_unstorable(text, where="x", key="note")


@pytest.mark.parametrize("text", ["\x00", "\x08", "\x0b", "\x0c", "\x0e", "\x1f", "\ufffe", "\uffff"])
def test_a_character_that_xml_has_not_is_refused(refusal, text):
    met, said = refusal(refuse_unstorable, f"a{text}", where="cell B2", key="note")

    assert met == "text_character"
    assert said.startswith(f"cell B2: note holds the character U+{ord(text):04X}, ")


@pytest.mark.parametrize("entry", ["", "{answer: }", "{answer: null}", "{answer: ~, note: }"])
def test_an_entry_left_empty_counts_as_no_answer(sheet, entry):
    met = sheet(f"items:\n  G: {entry}\n  H: {{answer: met}}\n")

    assert (list(met.items), met.drafts) == (["H"], {"G": Draft()})


def test_what_was_written_before_answering_is_a_draft(sheet):
    met = sheet(f"items: {{G: {{answer: , note: 초안, by: 김, evidence: [{{path: 정책.txt, sha256: {SHA}}}]}}}}")

    assert met.items == {}
    assert (met.drafts["G"].note, met.drafts["G"].by, met.drafts["G"].evidence[0].path) == ("초안", "김", "정책.txt")
    assert met.evidence() == ()


@pytest.mark.parametrize("items", ["", "items:", "items: {}", "items: null"])
def test_no_items_are_no_answers(sheet, items):
    assert (sheet(items).items, sheet(items).drafts) == ({}, {})


@pytest.mark.parametrize(
    ("stamp", "question"),
    [
        ("", ("trustworthy-ai", "1.0.0")),
        (", version: 0.9.0", ("trustworthy-ai", "0.9.0")),
        (", checklist: credit", ("credit", "1.0.0")),
        (", checklist: credit, version: 2.0.0", ("credit", "2.0.0")),
    ],
)
def test_an_answer_may_name_the_question_that_it_was_given_to(sheet, stamp, question):
    met = sheet(f"items: {{G: {{answer: met{stamp}}}, H: {{answer: met}}}}")

    assert (met.question_of("G"), met.question_of("H")) == (question, ("trustworthy-ai", "1.0.0"))


@pytest.mark.parametrize("name", ["a.exe", "a.docm", "a.zip", "a.html", "a.svg", "a", "pdf", "a.pdf.lnk", ".pdf"])
def test_kinds_that_may_run_or_hide_something_are_no_evidence(sheet, tmp_path, name):
    (tmp_path / name).write_bytes(b"x")
    met = sheet(f"items: {{G: {{answer: met, evidence: [{{path: {name}, sha256: {SHA}}}]}}}}")

    assert (met.other_kind, met.changed, met.evidence()) == ({"G": (name,)}, {}, ())


@pytest.mark.parametrize("kind", EVIDENCE_KINDS)
def test_kinds_that_are_taken_are_taken_in_any_case(kind):
    assert kind_allowed(f"근거/a.b.{kind}")
    assert kind_allowed(f"A.{kind.upper()}")


@pytest.mark.parametrize(("over", "found"), [(0, {}), (1, {"G": ("big.pdf",)})])
def test_evidence_is_too_large_from_25_mb_on(sheet, tmp_path, over, found):
    with (tmp_path / "big.pdf").open("wb") as file:
        file.truncate(LARGEST_EVIDENCE + over)
    met = sheet(f"items: {{G: {{answer: met, evidence: [{{path: big.pdf, sha256: {SHA}}}]}}}}")

    assert met.too_large == found
    assert met.changed == ({} if over else {"G": ("big.pdf",)})
    assert met.evidence() == (() if over else ("big.pdf",))


@pytest.mark.parametrize(
    ("on", "expired"), [(date(2027, 1, 30), ()), (date(2027, 1, 31), ()), (date(2027, 2, 1), ("정책.txt",))]
)
def test_evidence_expires_the_day_after_it_was_to_be_renewed(sheet, on, expired):
    met = sheet(f"items: {{G: {{answer: met, evidence: [{{path: 정책.txt, sha256: {SHA}, renew: 2027-01-31}}]}}}}")

    assert (met.items["G"].evidence[0].renew, met.expired("G", on=on)) == ("2027-01-31", expired)


def test_evidence_without_a_day_of_renewal_never_expires(sheet):
    met = sheet(f"items: {{G: {{answer: met, evidence: [{{path: 정책.txt, sha256: {SHA}}}]}}}}")

    assert met.expired("G", on=date(2999, 1, 1)) == ()


def test_a_pipe_is_no_evidence_and_is_not_waited_for(sheet, tmp_path):
    import os

    os.mkfifo(tmp_path / "pipe.pdf")
    met = sheet(f"items: {{G: {{answer: met, evidence: [{{path: pipe.pdf, sha256: {SHA}}}]}}}}")

    assert met.missing == {"G": ("pipe.pdf",)}
