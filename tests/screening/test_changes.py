import pytest
from hypothesis import given, settings

from reliability.screening.changes import changes, deciding_questions
from reliability.screening.conclusions import conclude
from tests.screening.credit import CREDIT, IN_EU, LISTED, PARTS, QUESTIONS, WRITES, answers, concluded
from tests.screening.test_conclusions import ANSWERS


def changed(*given_answers, **more):
    """What would change the result: question, other value -> what it becomes."""
    found = concluded(*given_answers, **more)
    return {(one.question, value): one.becomes for one in changes(found, {}) for value in one.instead}


@given(ANSWERS)
@settings(max_examples=15, deadline=None)
def test_every_change_leads_where_it_says_when_the_answer_is_given(values):
    now = conclude(QUESTIONS, values, {})

    for one in changes(now, {}):
        for value in one.instead:
            then = conclude(QUESTIONS, {**values, one.question: value}, {})
            points = {**then.points("kr"), **then.points("eu")}
            before = {**now.points("kr"), **now.points("eu")}

            assert (one.becomes.kr, one.becomes.eu, one.becomes.tier) == (
                then.kr.status, then.eu.status, then.tier.status,
            )  # fmt: skip
            assert one.becomes.kr_high_impact is then.facts["kr_high_impact"]
            assert one.becomes.points == {name: truth for name, truth in points.items() if truth is not before[name]}
            assert one.value == values.get(one.question, "unknown")
            assert value != one.value


def test_a_human_who_decides_would_make_the_lender_a_candidate():
    becomes = changed()["final_decision", "human"]

    assert (becomes.kr, becomes.kr_high_impact, becomes.fully_automated_serious_effect) == ("candidate", None, False)
    assert becomes.points == {"automated_decision": False}
    assert ("final_decision", "automatic") not in changed()


@pytest.mark.parametrize(
    ("question", "value", "kr", "eu", "tier"),
    [
        ("ai_system", False, "out_of_scope", "out_of_scope", None),
        ("users", ("defence_only",), "out_of_scope", "out_of_scope", "T3"),
        ("eu_reach", True, "likely", None, "T3"),
        ("practices", ("manipulation",), "likely", "not_offered", "T4"),
        ("affected", ("nobody",), "not_high_impact", "not_offered", "T1"),
        ("kr_domains", ("none",), "not_high_impact", "not_offered", "T3"),
        ("harm", "minor", "not_high_impact", "not_offered", "T1"),
        ("harm", "limited", "not_high_impact", "not_offered", "T1"),
    ],
)
def test_one_other_answer_of_the_lender_leads_to_the_result_worked_out_by_hand(question, value, kr, eu, tier):
    becomes = changed()[question, value]

    assert (becomes.kr, becomes.eu, becomes.tier) == (kr, eu, tier)


def test_answers_that_change_nothing_are_not_listed():
    questions = {question for question, _ in changed()}

    assert {"incidents", "updates", "certificates", "data_sources", "deployment", "appeal"}.isdisjoint(questions)


def test_a_list_is_changed_by_one_choice_at_a_time():
    lists = [value for question, value in changed(kr_domains=("energy", "water")) if question == "kr_domains"]

    assert lists == [("none",)]  # with either of the two alone nothing changes


@pytest.mark.parametrize(
    ("number", "instead"), [(1_200, 10_000), (12_000, 0), (10_000, 0), (9_999, 10_000)]
)  # fmt: skip
def test_a_number_is_changed_to_the_least_of_the_other_range(number, instead):
    found = changed(harm="limited", people_per_year=number)

    assert [value for question, value in found if question == "people_per_year"] == [instead]


def test_an_open_number_is_tried_in_every_range():
    found = changed(harm="limited", people_per_year=None)

    assert {value for question, value in found if question == "people_per_year"} == {0, 10_000}


def test_an_open_answer_is_offered_every_value_that_would_settle_something():
    found = changed(final_decision=None)

    assert {value for question, value in found if question == "final_decision"} == {"automatic", "glance", "human"}


def test_values_that_lead_to_the_same_result_stand_together():
    found = {one.question: one for one in changes(concluded(), {}) if one.becomes.tier == "T4"}

    assert len(found["practices"].instead) == 9


def test_questions_that_are_not_asked_are_not_changed():
    assert {"harm", "realistic", "annex_iii"}.isdisjoint(question for question, _ in changed(PARTS))


@pytest.mark.parametrize(
    ("taken_away", "deciding"),
    [
        ({}, set()),
        ({"final_decision": None}, {"final_decision"}),
        ({"incidents": None, "updates": None, "appeal": None}, set()),
        ({"harm": None}, {"harm"}),
        ({"eu_reach": None}, {"eu_reach"}),
        ({"kr_domains": None, "harm": None}, {"kr_domains", "harm"}),
        ({"role": None, **WRITES}, {"role"}),
        ({"affected": None, "harm": None}, {"affected"}),
    ],
)  # fmt: skip
def test_open_questions_decide_where_an_open_result_rests_on_them(taken_away, deciding):
    found = concluded(CREDIT, taken_away)
    left_open = {name for name, asked in found.asked.items() if asked and name not in answers(CREDIT, taken_away)}

    assert deciding_questions(found) & left_open == deciding


def test_in_the_eu_the_questions_left_open_there_decide():
    found = concluded(CREDIT, {**IN_EU, "annex_iii": None})

    assert "annex_iii" in deciding_questions(found)
    assert deciding_questions(concluded(CREDIT, LISTED)) == frozenset()
