"""answers.yaml: what is taken, what is refused, and the state of the evidence."""
# ruff: noqa: E501  (a row of a table reads better whole)

import hashlib

import pytest

from reliability.submission.answers import read_answers

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
        ("{answer: met, evidence: [{path: a.txt}]}", "key_missing", "items.G.evidence.0 needs sha256; add it"),
        ("{answer: met, evidence: [{path: a.txt, sha256: abc}]}", "value_invalid", "items.G.evidence.0.sha256 is 'abc': string should match"),
        (f"{{answer: met, evidence: [{{path: ../a.txt, sha256: {SHA}}}]}}", "path_outside", "items.G.evidence.0.path: '../a.txt' leaves the submission's folder"),
        (f"{{answer: met, evidence: [{{path: /etc/passwd, sha256: {SHA}}}]}}", "path_outside", "items.G.evidence.0.path: '/etc/passwd' leaves"),
    ],
)  # fmt: skip
def test_answer_is_refused_on_its_line_when(sheet, refusal, item, code, line):
    met, said = refusal(sheet, f"items:\n  A: {{answer: met}}\n  G: {item}\n")

    assert met == code
    assert said.startswith(f"answers.yaml:6: {line}")
