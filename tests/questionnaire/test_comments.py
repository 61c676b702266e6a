"""What stands beside a question, in both languages."""

import pytest

from reliability.questionnaire.comments import cited, comments, needed, why, wide, wrapped
from reliability.questionnaire.questions import asked
from reliability.words.text import LANGUAGES, words
from tests.questionnaire.sheets import TODAY, checklist

KO, EN = words("ko"), words("en")


def questions(folder, *lines, known=None, item="GOV-01"):
    found = asked(checklist(folder, item, keys={item: lines}), known or {}, None, on=TODAY)
    return found, found.question(item)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_line_is_a_comment(tmp_path, lang):
    found, _ = questions(tmp_path, "references: [TTA-02]", "when: hiring", "answers: {evidence: required}")
    beside = comments(found, words(lang))

    lines = [*beside.head, *beside.questions["GOV-01"], *beside.sections["GOV"]]
    assert [line for line in lines if line and not line.startswith("# ")] == []


def test_a_question_comes_with_all_that_helps_to_answer_it(tmp_path):
    found, _ = questions(
        tmp_path,
        "title: {ko: 방침, en: Policy}",
        "references: [TTA-02]",
        "when: hiring",
        "answers: {evidence: required}",
    )

    assert comments(found, KO).questions["GOV-01"] == (
        "# GOV-01 방침 [경미]",
        "# 질문: GOV-01 질문입니까?",
        "# 요구사항: GOV-01 요구사항이다.",
        "# 관련 법령·표준: TTA-02 거버넌스 체계",
        "# 근거 자료의 예: GOV-01 근거",
        "# 적용 조건: 아직 알 수 없는 사실이 있어 묻습니다: 채용, 승진, 인사 평가에 사용합니까? 모름",
        "# 필요한 것: 근거 자료가 있어야 답으로 인정합니다.",
    )
    assert comments(found, EN).questions["GOV-01"][1] == "# Question: Is GOV-01 so?"


def test_the_lines_that_put_a_question_are_known(tmp_path):
    found, _ = questions(tmp_path, "title: {ko: 방침, en: Policy}")

    assert comments(found, KO).asks == {"GOV-01": (("# 질문: GOV-01 질문입니까?",), ("# Question: Is GOV-01 so?",))}


def test_what_a_question_does_not_have_is_not_named(tmp_path):
    found, _ = questions(tmp_path, "title: {ko: 방침, en: Policy}")

    assert [line.partition(":")[0] for line in comments(found, EN).questions["GOV-01"]] == [
        "# GOV-01 Policy [Minor]", "# Question", "# Requirement", "# What counts as evidence",
    ]  # fmt: skip


HIRING, GENERATIVE = "Is it used for hiring, promotion or appraisal of staff?", EN.text("fact.generative.question")


@pytest.mark.parametrize(
    ("line", "known", "told"),
    [
        ("when: hiring", {}, f"asked because this is not known yet: {HIRING} Not known"),
        ("when: hiring", {"hiring": True}, f"asked because of this: {HIRING} Yes"),
        ("when: not hiring", {"hiring": False}, f"asked because of this: {HIRING} No"),
        ("when: hiring or generative", {"generative": True}, f"asked because of this: {GENERATIVE} Yes"),
        (
            "when: hiring and not generative",
            {"hiring": True},
            f"asked because this is not known yet: {GENERATIVE} Not known",
        ),
    ],
)
def test_a_question_says_why_it_applies(tmp_path, line, known, told):
    assert why(questions(tmp_path, line, known=known)[1], EN) == told


def test_a_question_that_always_applies_says_nothing_of_it(tmp_path):
    assert why(questions(tmp_path)[1], EN) == ""


def test_a_clause_that_is_not_confirmed_is_marked(tmp_path):
    _, question = questions(tmp_path, "references: [TTA-02, ISO-42001-5.2]")

    assert cited(question, KO) == "TTA-02 거버넌스 체계 · ISO-42001-5.2 경영 방침† († 원문에서 아직 확인하지 않은 조항)"


def test_what_is_not_in_the_list_goes_by_its_key(tmp_path):
    assert cited(questions(tmp_path, "references: [OURS-1]")[1], EN) == "OURS-1"


@pytest.mark.parametrize(("most", "told"), [(1, "TTA-02 거버넌스 체계 · 외 2건"), (3, "A · B")])
def test_only_so_many_are_cited_and_the_rest_counted(tmp_path, most, told):
    text = cited(questions(tmp_path, "references: [TTA-02, A, B]")[1], KO, most=most)

    assert text.endswith(told)


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ("{}", ""),
        ("{evidence: required}", "The answer counts only with evidence."),
        ("{checked_by: required}", "The answer counts only when another person checked it."),
        (
            "{evidence: required, checked_by: required}",
            "The answer counts only with evidence. The answer counts only when another person checked it.",
        ),
    ],
)
def test_what_is_needed_is_told(tmp_path, answers, told):
    assert needed(questions(tmp_path, f"answers: {answers}")[1], EN) == told


@pytest.mark.parametrize(("text", "columns"), [("", 0), ("ab", 2), ("가나", 4), ("a가·†", 5), ("Ａ", 2)])
def test_korean_letters_take_two_columns(text, columns):
    assert wide(text) == columns


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("가나 다라 마", ["가나 다라", "마"]),
        ("abcdefghijkl mn", ["abcdefghijkl", "mn"]),
        ("a\nb\r\nc\u2028d\x07e", ["a b c d e"]),
    ],
)
def test_text_is_wrapped_at_words_and_cannot_leave_its_comment(text, lines):
    assert wrapped(text, 10) == lines


def test_no_line_of_the_shipped_questions_is_wider_than_it_may_be():
    from reliability.checklist.read import read_checklist

    found = asked(read_checklist("trustworthy-ai"), {}, None, on=TODAY)
    for lang in LANGUAGES:
        lines = [line for one in comments(found, words(lang)).questions.values() for line in one]
        assert max(map(wide, lines)) <= 104
