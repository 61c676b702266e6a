import pytest

from reliability.cli.saving import write_whole
from reliability.cli.screen import console
from reliability.cli.screening_interview import Interview, understood
from reliability.cli.screening_sheet import Sheet
from reliability.screening.inputs import read_inputs
from reliability.words.text import words
from tests.screening.credit import CREDIT, QUESTIONS, WRITES
from tests.screening.sheets import MANIFEST, sheet, submission

TODAY = "2026-11-28"
YES_NO, CHOICE, LIST, NUMBER = (
    QUESTIONS.by_id[name] for name in ("ai_system", "harm", "kr_domains", "people_per_year")
)
# What a lender types, question after question.
TYPED = [
    "y", "1", "4", "1", "n 국내에서만 쓴다", "10", "1", "1", "y", "5", "1,200", "7", "3", "1", "2", "y", "1 2", "2",
    "1", "n 점수만 낸다", "n", "1", "3", "2", "1", "1", "n", "5",
]  # fmt: skip


class Person:
    """Somebody at the keys, who types line after line and remembers what was asked."""

    def __init__(self, *lines):
        self.lines, self.prompts = list(lines), []

    def __call__(self, prompt):
        self.prompts.append(prompt)
        return self.lines.pop(0) if self.lines else "q"


@pytest.fixture
def interview(tmp_path, terminal):
    """Interview a person on a submission; the answers left, and what was on the screen."""

    def talk(*lines, text=None, facts="", by="김하늘", everything=False, lang="ko"):
        screen = terminal()
        folder = submission(tmp_path, text, facts=facts)
        said, inputs = words(lang), read_inputs(folder)
        written = Sheet(folder=folder, questions=inputs.questions, said=said, write=write_whole)
        person = Person(*lines)
        held = Interview(inputs=inputs, sheet=written, said=said, today=TODAY, by=by, ask=person, screen=console())
        left = held.run(everything=everything)
        return left.answers, "\n".join(screen.lines()), person

    return talk


@pytest.mark.parametrize(
    ("question", "line", "value", "because"),
    [
        (YES_NO, "y", True, None), (YES_NO, "Y", True, None), (YES_NO, "예", True, None), (YES_NO, "ㅛ", True, None),
        (YES_NO, "ｙ", True, None), (YES_NO, "n 규칙표다", False, "규칙표다"),
        (YES_NO, "ㅜ 규칙표다", False, "규칙표다"),
        (YES_NO, "아니요", False, None), (YES_NO, "?", "unknown", None), (YES_NO, "모름", "unknown", None),
        (YES_NO, "？ 물어볼 것", "unknown", "물어볼 것"),
        (CHOICE, "3", "serious", None), (CHOICE, "２ 적은 돈", "limited", "적은 돈"),
        (CHOICE, "1. 잠깐", "minor", "잠깐"),
        (LIST, "7", ["individual_rights"], None), (LIST, "1 3", ["energy", "healthcare"], None),
        (LIST, "1,3", ["energy", "healthcare"], None),
        (LIST, "1, 3,5 가, 나", ["energy", "healthcare", "nuclear"], "가, 나"),
        (LIST, "1 3 5명이 함께", ["energy", "healthcare"], "5명이 함께"), (LIST, "11 해당 없음", ["none"], "해당 없음"),
        (NUMBER, "12000", 12_000, None), (NUMBER, "12,000명", 12_000, None), (NUMBER, "1만", 10_000, None),
        (NUMBER, "1.5만 명", 15_000, None), (NUMBER, "80억 원", 8 * 10**9, None), (NUMBER, "1조", 10**12, None),
        (NUMBER, "1e26 FLOP", 1e26, None), (NUMBER, "0", 0, None),
    ],
)  # fmt: skip
def test_a_line_is_understood_as_it_was_meant(question, line, value, because):
    reply = understood(line, question)

    assert (reply.kind, reply.value, reply.because) == ("answer", value, because)
    assert not isinstance(value, bool) or isinstance(reply.value, bool)


@pytest.mark.parametrize("question", [YES_NO, CHOICE, LIST, NUMBER])
@pytest.mark.parametrize(
    ("line", "kind"),
    [("", "keep"), ("  ", "keep"), ("s", "skip"), ("ㄴ", "skip"), ("b", "back"), ("ㅠ", "back"), ("q", "quit"),
     ("Q", "quit"), ("ㅂ", "quit"), ("what?", "unclear"), ("99", "unclear"), ("-1", "unclear"), ("\x1b[A", "unclear")],
)  # fmt: skip
def test_keys_mean_the_same_at_every_question(question, line, kind):
    expected = "answer" if question is NUMBER and line == "99" else kind

    assert understood(line, question).kind == expected


@pytest.mark.parametrize("question", [YES_NO, CHOICE, LIST])
@pytest.mark.parametrize("line", ["9" * 5_000, "0", "12", "1.5", "1e5", "-", "1 99", "99 1"])
def test_numbers_that_are_no_choice_are_asked_for_again(question, line):
    unclear = understood(line, question)

    assert unclear.kind == "unclear" or (line == "1 99" and question is CHOICE)


@pytest.mark.parametrize("line", ["1e999", "9" * 400])
def test_a_number_beyond_all_bounds_is_told_and_asked_for_again(interview, line):
    text = sheet({name: value for name, value in CREDIT.items() if name != "people_per_year"})
    answers, shown, _ = interview(line, "12", "q", text=text)

    assert "people_per_year" in shown
    assert answers.values["people_per_year"] == 12


@pytest.mark.parametrize("because", ["가" * 32_001, "종\x07소리"])
def test_a_reason_that_no_document_can_hold_is_told_and_asked_for_again(interview, because):
    answers, shown, _ = interview(f"n {because}", "y", "q")

    assert "because" in shown
    assert answers.values == {"ai_system": True}


def test_a_name_that_no_document_can_hold_is_asked_for_again(interview):
    answers, _, _ = interview("김\x07", "김하늘", "y", "q", by=None)

    assert answers.given["ai_system"].by == "김하늘"


@pytest.mark.parametrize("line", ["1 2", "3 4"])
def test_a_second_number_behind_a_choice_is_its_reason(line):
    assert understood(line, CHOICE).because == line.split()[1]


def test_a_lender_is_through_in_thirty_prompts_and_every_answer_is_saved(interview):
    answers, _, person = interview(*["김하늘", *TYPED], by=None)

    assert answers.values == CREDIT
    assert len(person.prompts) == len(TYPED) + 1 <= 30
    assert {(one.by, one.date) for one in answers.given.values()} == {("김하늘", TODAY)}
    assert answers.given["eu_reach"].because == "국내에서만 쓴다"


def test_a_question_shows_why_an_example_its_clauses_and_its_choices(interview):
    _, shown, _ = interview("s", "s", "q")

    assert "[1/20] 데이터로 학습한 시스템이거나" in shown
    assert "묻는 이유: 사람이 정한 규칙을" in shown
    assert "예시: 과거 대출 자료로" in shown
    assert "근거: KR-2-2" in shown
    assert "1  직접 개발하여 이용자에게 제공한다" in shown


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_question_can_be_shown(interview, lang):
    facts = {**CREDIT, **WRITES}
    _, shown, person = interview(*[""] * 40, text=sheet(facts), everything=True, lang=lang)

    assert len(person.prompts) == len(facts)
    for question in facts:
        assert getattr(QUESTIONS.by_id[question].ask, lang)[:20] in shown


def test_what_was_answered_is_not_asked_again_and_what_stopped_goes_on(interview, tmp_path):
    first, _, _ = interview("y", "1", "q")
    text = (tmp_path / "screening_answers.yaml").read_text(encoding="utf-8")
    second, shown, person = interview("4", "q", text=text)

    assert first.values == {"ai_system": True, "role": "builds_and_serves"}
    assert second.values == {**first.values, "users": ("own_staff",)}
    assert "[3/20]" in shown
    assert len(person.prompts) == 2


def test_the_end_of_input_stops_and_keeps_what_was_said(interview):
    answers, shown, _ = interview("y")

    assert answers.values == {"ai_system": True}
    assert "이어서 답할 수 있습니다" in shown


def test_an_answer_that_takes_a_duty_away_asks_for_its_reason_in_the_same_prompt(interview):
    answers, shown, person = interview("n", "n 규칙표를 따른다", "q")

    assert "이유가 필요합니다" in shown
    assert answers.given["ai_system"].because == "규칙표를 따른다"
    assert len(person.prompts) == 3


def test_back_asks_the_one_before_again_with_its_answer_offered(interview):
    answers, shown, _ = interview("y", "1", "b", "b", "n 규칙표다", "2", "q")

    assert answers.values == {"ai_system": False, "role": "builds_and_serves", "users": ("businesses",)}
    assert "지난 답: 예 (김하늘, 2026-11-28)" in shown


def test_back_at_the_first_question_stays_there(interview):
    answers, _, _ = interview("b", "y", "q")

    assert answers.values == {"ai_system": True}


def test_enter_keeps_the_answer_that_stands_and_its_reason(interview):
    before = sheet({"eu_reach": False})
    answers, _, _ = interview(*["s"] * 4, "", "q", text=before, everything=True)

    assert answers.given["eu_reach"].because == "국내에서만 쓴다"
    assert answers.given["eu_reach"].by is None  # it was not given again


def test_enter_where_nothing_stands_says_what_to_do(interview):
    _, shown, person = interview("", "y", "q")

    assert "아직 답이 없습니다" in shown
    assert len(person.prompts) == 3


def test_what_the_manifest_states_is_offered_and_taken_with_its_reason(interview):
    text = sheet({name: value for name, value in CREDIT.items() if name != "generates"})
    answers, shown, _ = interview("", "q", text=text, facts="generative: {is: false, because: 점수 모델}")

    assert "submission.yaml에는 ‘아니요’라고 적혀 있습니다" in shown
    assert (answers.values["generates"], answers.given["generates"].because) == (False, "점수 모델")


def test_an_answer_that_contradicts_the_manifest_is_told_and_not_saved(interview):
    text = sheet({name: value for name, value in CREDIT.items() if name != "supports"})
    answers, shown, _ = interview("2", "1", "q", text=text, facts="hiring: {is: false, because: 대출 전용}")

    assert "hiring: false라고 적혀 있습니다" in " ".join(shown.split())
    assert answers.values["supports"] == ("credit",)


@pytest.mark.parametrize(
    ("line", "told"),
    [("x", "y(예), n(아니요), ?(모름)"), ("1", "y(예), n(아니요), ?(모름)")],
)
def test_a_line_that_is_not_understood_is_asked_for_again(interview, line, told):
    answers, shown, _ = interview(line, "y", "q")

    assert told in shown
    assert answers.values == {"ai_system": True}


def test_a_choice_that_goes_with_no_other_is_refused_beside_others(interview):
    text = sheet({name: value for name, value in CREDIT.items() if name != "kr_domains"})
    answers, shown, _ = interview("1 11 해당 없음", "7", "q", text=text)

    assert "함께 고를 수 없습니다" in shown
    assert answers.values["kr_domains"] == ("individual_rights",)


def test_an_answer_that_is_unknown_is_saved_and_stays_open(interview):
    answers, _, person = interview("? 법무팀에 물어봄", "q")

    assert answers.values == {}
    assert answers.given["ai_system"].because == "법무팀에 물어봄"
    assert len(person.prompts) == 2  # it is not asked again at once


def test_a_question_that_an_answer_opens_is_asked_next(interview):
    text = sheet({name: value for name, value in CREDIT.items() if name not in ("generates", "talks")})
    answers, _, _ = interview("y", "n 만화", "n 화면에서만", "1", "y", text=text)

    assert {name: answers.values[name] for name in WRITES} == {**WRITES, "talks": True}


def test_an_answer_to_an_earlier_version_is_offered_and_taken_anew(interview):
    answers, shown, _ = interview("", "q", text=sheet({"ai_system": True, "role": "uses"}, version="0.9.0"))

    assert "질문이 바뀌기 전의 답: 예" in shown
    assert answers.values == {"ai_system": True}
    assert answers.outdated == {"role"}


def test_what_is_shown_from_files_cannot_steer_the_terminal(interview, tmp_path):
    text = sheet({}, lines=['  ai_system: {value: false, because: "\\u202e빨강"}'])
    _, shown, _ = interview("q", text=text, everything=True)

    assert "\u202e" not in shown
    assert "빨강" in shown


def test_nobody_has_to_give_a_name(interview):
    answers, _, _ = interview("", "y", "q", by=None)

    assert answers.given["ai_system"].by is None


def test_who_leaves_at_the_name_leaves_nothing(interview, tmp_path):
    answers, _, _ = interview("q", by=None)

    assert answers.given == {}
    assert MANIFEST.splitlines()[0] in (tmp_path / "submission.yaml").read_text(encoding="utf-8")
