import pytest

from reliability.reports.screening_wording import Wording
from reliability.screening.questions import shipped_questions
from reliability.screening.record import Becomes
from reliability.words.text import words
from tests.reports.screening_sample import screened
from tests.screening.credit import CREDIT

QUESTIONS = shipped_questions()


def wording(lang="ko"):
    return Wording(questions=QUESTIONS, words=words(lang))


def becomes(record, **changes):
    now = {
        "kr": record.kr.status,
        "eu": record.eu.status,
        "tier": record.hub.tier,
        "kr_high_impact": record.facts.kr_high_impact,
        "fully_automated_serious_effect": record.facts.fully_automated_serious_effect,
        "points": {},
    }
    return Becomes(**(now | changes))


@pytest.mark.parametrize(
    ("question", "value", "ko", "en"),
    [
        ("ai_system", True, "예", "Yes"),
        ("ai_system", False, "아니요", "No"),
        ("harm", "minor", "잠시 불편하다", "A passing inconvenience"),
        ("affected", ("customers", "students"), "고객이나 신청인 · 학생", "Customers or applicants · Students"),
        ("people_per_year", 12000, "12,000명", "12,000 people"),
        ("people_per_year", 0, "0명", "0 people"),
        ("training_flop", 1e24, "1e+24 FLOP", "1e+24 FLOP"),
        ("total_revenue", 1.5e12, "1,500,000,000,000원", "1,500,000,000,000 KRW"),
        ("ai_system", "unknown", "미정", "Open"),
        ("affected", (), "미정", "Open"),
        ("gone_question", "whatever", "whatever", "whatever"),
        ("harm", "gone_choice", "gone_choice", "gone_choice"),
        ("gone_question", 3, "3", "3"),
    ],
)
def test_an_answer_is_told_in_the_words_of_its_question(question, value, ko, en):
    assert (wording("ko").answer(question, value), wording("en").answer(question, value)) == (ko, en)


@pytest.mark.parametrize(
    ("value", "other", "told"),
    [
        (("training",), ("training", "operation"), "with “Operation” too"),
        (("training", "operation"), ("training",), "without “Operation”"),
        (("training",), ("none",), "Nowhere"),
        ("unknown", ("training",), "Training"),
        (("training", "operation"), ("training", "sensitive", "biometric"), None),
    ],
)
def test_another_list_is_told_by_the_choice_that_it_has_more_or_less(value, other, told):
    said = wording("en")

    assert said.instead("personal_data", value, other) == (told or said.answer("personal_data", other))


def test_another_value_of_a_choice_is_told_whole():
    assert wording("en").instead("harm", "minor", "grave") == "Death, serious injury or loss of liberty"


@pytest.mark.parametrize("part", ["duties", "confirm", "actions", "triggers", "cautions", "branches", "questions"])
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_everything_in_the_file_has_its_words_there(part, lang):
    said = wording(lang)
    ids = [one.id for one in getattr(QUESTIONS.text, part)]

    assert [one for one in ids if said.text(part, one) == one] == []


def test_what_the_file_does_not_know_is_called_by_its_id():
    assert wording().text("duties", "made_up") == "made_up"
    assert wording().status("kr", "made_up") == "made_up"


@pytest.mark.parametrize(
    ("possible", "told"),
    [
        (("T3", "T2"), "It may still be: T3 high / T2 elevated"),
        ((), "Open"),
    ],
)
def test_an_open_result_tells_what_it_may_still_be(possible, told):
    assert wording("en").status("tier", None, possible) == told


def test_only_what_would_differ_is_told():
    record = screened()

    assert wording("en").becomes(record, becomes(record, tier="T2")) == ("Risk tier of the hub: T2 elevated",)
    assert wording("en").becomes(record, becomes(record, eu=None)) == ("EU AI Act: Open",)


def test_single_questions_that_would_come_out_otherwise_are_told_by_how():
    points = {"sensitive_data": True, "automated_decision": False, "safety_32": None}
    record = screened()

    assert wording("en").becomes(record, becomes(record, points=points)) == (
        "Now holds: Sensitive data is processed",
        "No longer holds: People have rights concerning fully automated decisions",
        "Becomes open: It is a model large enough for the duty to secure safety",
    )


def test_a_change_of_the_facts_alone_is_told_as_one():
    record = screened()
    told = wording("ko").becomes(record, becomes(record, kr_high_impact=None, fully_automated_serious_effect=False))

    assert told == (
        "점검표가 읽는 사실 ‘고영향 인공지능’: 미정",
        "점검표가 읽는 사실 ‘중대한 영향을 주는 자동화된 결정’: 아니요",
    )


@pytest.mark.parametrize(
    ("kr", "told"), [("out_of_scope", "Risk tier of the hub: None"), ("likely", "Risk tier of the hub: Open")]
)
def test_no_tier_is_told_apart_from_an_open_one(kr, told):
    record = screened()

    assert told in wording("en").becomes(record, becomes(record, kr=kr, tier=None))


def test_points_come_in_the_order_of_the_file_however_the_record_has_them():
    points = {"zz_unknown": True, "sensitive_data": True, "domestic_representative": True, "safety_32": None}
    names = [name for name, _ in wording().in_order(points)]

    assert names == ["domestic_representative", "safety_32", "sensitive_data", "zz_unknown"]
    assert names == [name for name, _ in wording().in_order(dict(reversed(points.items())))]


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("question", [question.id for question in QUESTIONS.text.questions])
def test_every_question_has_a_name_for_tables(question, lang):
    told = words(lang).text(f"report.screening.brief.{question}")

    assert 2 <= len(told) <= 40


def test_a_branch_is_found_by_its_name():
    assert wording().branch_of("kr_likely") == "S2.5"
    assert wording().branch_of("made_up") is None


@pytest.mark.parametrize(("law", "ko"), [("kr", "한국"), ("eu", "유럽연합"), ("hub", "공통")])
def test_laws_have_their_names(law, ko):
    assert wording().law(law) == ko


def test_every_answer_of_the_lender_is_told_in_words():
    said = wording("en")
    ids = {choice.id for question in QUESTIONS.text.questions for choice in question.choices}
    told = {said.answer(question, value) for question, value in CREDIT.items()}

    assert told & ids == set()
