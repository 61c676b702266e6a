"""The interview: what every key does, what is saved when, and what a hurried person types."""

import io

import pytest
from rich.console import Console

from reliability.cli.interview import Interview, Reply, line_typed, typed, understood
from reliability.questionnaire.comments import comments
from reliability.questionnaire.file import Answers, place_of
from reliability.words.text import words
from tests.questionnaire.sheets import HEAD, TODAY, checklist
from tests.small_case import handed_in

ITEMS = ("GOV-01", "GOV-02", "RSK-01")


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        ("1", Reply(kind="answer", answer="met")),
        ("2", Reply(kind="answer", answer="partly")),
        (" 3 ", Reply(kind="answer", answer="not_met")),
        ("4 모델이 없음", Reply(kind="answer", answer="not_applicable", note="모델이 없음")),
        ("1 note: 2", Reply(kind="answer", answer="met", note="note: 2")),
        ("1. 방침이 있음", Reply(kind="answer", answer="met", note="방침이 있음")),
        ("1) a", Reply(kind="answer", answer="met", note="a")),
        ("1 -", Reply(kind="answer", answer="met", note="-")),
        ("１ 전각", Reply(kind="answer", answer="met", note="전각")),
        ("", Reply(kind="keep")),
        ("  ", Reply(kind="keep")),
        ("s", Reply(kind="skip")),
        ("S", Reply(kind="skip")),
        ("ㄴ", Reply(kind="skip")),
        ("b", Reply(kind="back")),
        ("ㅠ", Reply(kind="back")),
        ("q", Reply(kind="quit")),
        ("ㅂ", Reply(kind="quit")),
        ("c", Reply(kind="check")),
        ("ㅊ", Reply(kind="check")),
        ("e 근거/방침 1.pdf", Reply(kind="attach", path="근거/방침 1.pdf")),
        ("ㄷ a.pdf", Reply(kind="attach", path="a.pdf")),
        ("e a.pdf 2027-01-31", Reply(kind="attach", path="a.pdf", renew="2027-01-31")),
        ("e 2027-01-31", Reply(kind="attach", path="2027-01-31")),
        ("e", Reply(kind="unclear")),
        ("0", Reply(kind="unclear")),
        ("5", Reply(kind="unclear")),
        ("12", Reply(kind="unclear")),
        ("yes", Reply(kind="unclear")),
        ("save", Reply(kind="unclear")),
        ("1a", Reply(kind="unclear")),
    ],
)
def test_a_line_is_understood(line, reply):
    assert understood(line) == reply


@pytest.fixture
def folder(tmp_path):
    handed_in(tmp_path / "s")
    (tmp_path / "s" / "a.pdf").write_bytes(b"policy")
    (tmp_path / "out.pdf").write_bytes(b"secret")
    return tmp_path / "s"


@pytest.fixture
def interview(folder, tmp_path):
    """Hold an interview with these lines typed: what was shown, the questionnaire after it, the lines left over."""

    def hold(*lines, by="김하늘", text=None, lang="en", everything=False, **kept):
        if text is not None:
            (folder / "answers.yaml").write_text(text, encoding="utf-8")
        used = checklist(tmp_path, *ITEMS, **kept)
        answers = Answers(
            place=place_of(folder), checklist=used, known={}, today=TODAY, write=lambda path, new: path.write_bytes(new)
        )
        answers.merge(comments(answers.asked(), words(lang)))
        left, prompts, screen = list(lines), [], io.StringIO()

        def ask(prompt):
            prompts.append(prompt)
            return left.pop(0) if left else "q"

        Interview(
            answers=answers,
            said=words(lang),
            by=by,
            ask=ask,
            beside=folder.parent,
            screen=Console(file=screen, width=100),
        ).run(everything=everything)
        return Held(screen.getvalue(), prompts, left, answers.asked())

    return hold


class Held:
    """What became of an interview."""

    def __init__(self, shown, prompts, left, asked):
        self.shown, self.prompts, self.left, self.asked = shown, prompts, left, asked

    @property
    def given(self):
        return {item: answer.answer for item, answer in self.asked.answers.items()}


def test_one_key_a_question_answers_all(interview):
    held = interview("1", "2", "3")

    assert held.given == {"GOV-01": "met", "GOV-02": "partly", "RSK-01": "not_met"}
    assert (len(held.prompts), held.left) == (3, [])
    assert {(one.by, one.date) for one in held.asked.answers.values()} == {("김하늘", "2026-07-01")}


def test_a_note_stands_behind_the_key(interview):
    assert interview("1 2026년 3월 승인").asked.answers["GOV-01"].note == "2026년 3월 승인"


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_question_is_shown_with_all_that_helps(interview, lang):
    keys = {
        "GOV-01": [
            "title: {ko: 방침, en: Policy}",
            "references: [TTA-02]",
            "when: hiring",
            "answers: {evidence: required}",
        ]
    }
    shown = interview(lang=lang, keys=keys).shown
    said = words(lang)

    assert (
        f"[1/3] {'GOV 절' if lang == 'ko' else 'Section GOV'} · GOV-01 {'방침' if lang == 'ko' else 'Policy'}" in shown
    )
    for key in ("requirement", "references", "evidence", "applies", "needed"):
        assert f"{said.text(f'answers.{key}')}: " in shown
    assert f"1 {said.text('answers.key.met')}" in shown
    assert said.text("answers.key.keep") not in shown


def test_the_name_is_asked_once_where_nobody_gave_one(interview):
    held = interview("", "   ", "이서연", "1", "1", by=None)

    assert len([one for one in held.prompts if one == "Your name:"]) == 3
    assert {one.by for one in held.asked.answers.values()} == {"이서연"}


def test_an_interview_may_end_at_the_name(interview):
    held = interview("q", by=None)

    assert (held.given, held.prompts) == ({}, ["Your name:"])


def test_what_was_saved_before_the_end_stays_and_the_next_goes_on(interview):
    first = interview("1 하나", "q")
    second = interview("2", "q")

    assert first.given == {"GOV-01": "met"}
    assert second.given == {"GOV-01": "met", "GOV-02": "partly"}
    assert "[1/2] Section GOV · GOV-02" in second.shown
    assert "Saved up to here" in first.shown


@pytest.mark.parametrize("lines", [("s", "1"), ("1", "b", "s", "s")])
def test_a_question_is_skipped_without_an_answer(interview, lines):
    assert set(interview(*lines).given) == ({"GOV-02"} if lines[0] == "s" else {"GOV-01"})


def test_going_back_offers_the_answer_just_given(interview):
    held = interview("1 처음", "b", "3 다시", "q")

    assert (held.given, held.asked.answers["GOV-01"].note) == ({"GOV-01": "not_met"}, "다시")
    assert "Earlier answer: Met (김하늘, 2026-07-01) — 처음" in held.shown


def test_there_is_nothing_before_the_first_question(interview):
    assert interview("b", "b", "1").given == {"GOV-01": "met"}


@pytest.mark.parametrize(
    ("line", "told"), [("", "There is no earlier answer"), ("네", "Press 1, 2, 3 or 4"), ("c", "no answer to check")]
)
def test_a_line_that_says_nothing_leaves_the_question_standing(interview, line, told):
    held = interview(line, "1")

    assert (held.given, told in held.shown) == ({"GOV-01": "met"}, True)


def test_not_applicable_needs_its_reason(interview):
    held = interview("4", "4 -", "4 모델이 없음")

    assert held.shown.count("Not applicable needs its reason") == 2
    assert held.asked.answers["GOV-01"].note == "모델이 없음"


def test_an_earlier_note_is_reason_enough(interview):
    assert interview("4", text=f"{HEAD}items:\n  GOV-01:\n    answer:\n    note: 모델이 없음\n").given == {
        "GOV-01": "not_applicable"
    }


@pytest.mark.parametrize(("line", "note"), [("2", "처음"), ("2 새로", "새로"), ("2 -", None)])
def test_an_earlier_note_stays_until_another_is_given_or_it_is_taken_away(interview, line, note):
    held = interview("1 처음", "b", line, "q")

    assert held.asked.answers["GOV-01"].note == note
    assert ("The earlier note was kept: 처음" in held.shown) is (note == "처음")


@pytest.mark.parametrize(("line", "told"), [("1 a\x07b", "U+0007"), (f"1 {'가' * 32_001}", "32,001 characters")])
def test_a_note_that_cannot_be_kept_is_refused_and_the_question_stays(interview, line, told):
    held = interview(line, "1 b")

    assert (told in held.shown, held.asked.answers["GOV-01"].note) == (True, "b")


def test_a_name_that_cannot_be_kept_is_asked_again(interview):
    assert interview("a\x07", "김", "1", by=None).asked.answers["GOV-01"].by == "김"


OLD = f"""\
{HEAD.replace("1.0.0", "0.9.0")}items:
  GOV-01: {{answer: met, by: 이, date: 2026-01-01, note: 예전, checked_by: 박}}
  GOV-02: {{answer: partly}}
"""


def test_an_answer_to_another_version_is_confirmed_by_one_key(interview):
    held = interview("", "q", text=OLD)
    now = held.asked.answers["GOV-01"]

    assert "Answer to another version (Enter if it still holds): Met (이, 2026-01-01) — 예전" in held.shown
    assert (now.answer, now.note, now.by, now.date, now.checked_by) == ("met", "예전", "김하늘", "2026-07-01", None)
    assert dict(held.asked.states) == {"GOV-01": "answered", "GOV-02": "question_changed", "RSK-01": "new"}


def test_an_answer_that_counts_is_kept_untouched(interview, folder):
    interview("1 하나", "1", "1")
    before = (folder / "answers.yaml").read_bytes()
    held = interview("", "", "", everything=True)

    assert (folder / "answers.yaml").read_bytes() == before
    assert held.left == []


def test_only_what_is_open_is_asked_unless_all_is_wanted(interview):
    interview("1", "1", "1")

    assert "Every question is answered; go through them again with --all." in interview().shown
    assert "[1/3]" in interview("q", everything=True).shown


def test_a_file_is_attached_and_the_question_stays(interview, folder):
    held = interview("e a.pdf 2027-01-31", "1")
    (file,) = held.asked.answers["GOV-01"].evidence

    assert (file.path, file.renew, held.given) == ("a.pdf", "2027-01-31", {"GOV-01": "met"})
    assert "evidence listed: a.pdf (sha256" in held.shown


def test_a_file_attached_before_the_answer_is_there_the_next_time(interview):
    interview("e a.pdf", "q")
    held = interview("1")

    assert "Evidence so far: a.pdf" in held.shown
    assert [file.path for file in held.asked.answers["GOV-01"].evidence] == ["a.pdf"]


def test_a_file_that_changed_is_said_and_attached_anew(interview, folder):
    interview("e a.pdf 2027-01-31", "1", "1", "1")
    (folder / "a.pdf").write_bytes(b"another")
    held = interview("e a.pdf", "")

    assert "To be mended: A piece of evidence is not what it was when the answer was given" in held.shown
    assert held.asked.troubles == {}
    assert [file.renew for file in held.asked.answers["GOV-01"].evidence] == ["2027-01-31"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("e gone.pdf", "no file 'gone.pdf' in the submission's folder"),
        ("e ../out.pdf", "leaves the submission's folder"),
        ("e data.parquet", "no file"),
        ("e submission.exe", "no file"),
    ],
)
def test_a_file_that_cannot_be_evidence_is_refused_and_the_question_stays(interview, line, told):
    held = interview(line, "1")

    assert told in " ".join(held.shown.split())
    assert (held.given, held.asked.answers["GOV-01"].evidence) == ({"GOV-01": "met"}, ())


def test_a_file_is_refused_in_the_language_of_the_interview(interview, folder):
    (folder / "a.exe").write_bytes(b"MZ")

    assert "근거 자료로 받지 않습니다" in " ".join(interview("e a.exe", lang="ko").shown.split())


def test_another_person_checks_an_answer_with_one_key(interview):
    interview("1", "1", "1")
    held = interview("c", "q", by="박도윤", everything=True)

    assert held.asked.answers["GOV-01"].checked_by == "박도윤"
    assert "c checked" in held.shown
    assert "GOV-01: checked by 박도윤." in held.shown


@pytest.mark.parametrize("by", ["김하늘", " 김하늘 "])
def test_nobody_checks_an_answer_of_their_own(interview, by):
    interview("1", "1", "1")
    held = interview("c", "q", by=by, everything=True)

    assert held.asked.answers["GOV-01"].checked_by is None
    assert "Somebody other than the one who answered (김하늘)" in held.shown
    assert "c checked" not in held.shown


def test_an_answer_to_another_version_cannot_be_checked(interview):
    held = interview("c", "q", by="박도윤", text=OLD)

    assert held.asked.answers["GOV-01"].checked_by == "박"
    assert "c checked" not in held.shown


@pytest.mark.parametrize("line", ["2", "1 다른 설명", "e a.pdf"])
def test_a_check_ends_with_the_next_change(interview, line):
    text = f"{HEAD}items:\n  GOV-01: {{answer: met, by: 김하늘, checked_by: 박}}\n"

    assert interview(line, "q", text=text, everything=True).asked.answers["GOV-01"].checked_by is None


def test_words_of_a_file_cannot_steer_the_terminal(interview):
    note = '"\\u202ered\\u009b31m"'  # what turns the direction of writing, and what colours
    shown = interview(text=f"{HEAD}items:\n  GOV-01:\n    answer:\n    note: {note}\n").shown

    assert "red" in shown
    assert not {"\u202e", "\u009b"} & set(shown)


def test_the_end_of_input_is_the_key_that_ends_it(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO(""))

    assert typed("Answer:") == "q"


def test_a_line_is_read_as_it_was_typed(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO("1 한 줄\n"))

    assert typed("Answer:") == "1 한 줄"
    assert capsys.readouterr().out.startswith("Answer:")


@pytest.mark.parametrize(
    "unreadable", [UnicodeDecodeError("utf-8", b"\xb1", 0, 1, "invalid start byte"), "\udcb1\udce8"]
)
def test_a_line_that_is_no_text_is_asked_for_again(monkeypatch, capsys, unreadable):
    lines = iter([unreadable, "1 fine"])

    def typing(_prompt):
        line = next(lines)
        if isinstance(line, Exception):
            raise line
        return line

    monkeypatch.setattr("builtins.input", typing)

    assert line_typed("answer:") == "1 fine"
    assert "could not be read" in capsys.readouterr().err


@pytest.mark.parametrize("ending", [EOFError, KeyboardInterrupt])
def test_the_end_of_input_is_the_key_that_ends_the_interview(monkeypatch, ending):
    def ended(_prompt):
        raise ending

    monkeypatch.setattr("builtins.input", ended)

    assert typed("answer:") == "q"
