import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability.screening.conclusions import conclude
from tests.screening.credit import CREDIT, IN_EU, LISTED, PARTS, QUESTIONS, answers, concluded


def value_of(question):
    """Any value that a question takes."""
    ids = [choice.id for choice in question.choices]
    alone = sorted(question.alone())
    some = st.lists(st.sampled_from([one for one in ids if one not in alone] or ids), min_size=1, unique=True).map(
        lambda chosen: tuple(one for one in ids if one in chosen)
    )
    return {
        "yes_no": st.booleans(),
        "choice": st.sampled_from(ids or ["–"]),
        "list": st.one_of(some, *(st.just((one,)) for one in alone)),
        "number": st.sampled_from([0, 9_999, 10_000, 10**6, 10**12, 1e25, 1e26]),
    }[question.kind]


ANSWERS = st.fixed_dictionaries({}, optional={question.id: value_of(question) for question in QUESTIONS.text.questions})
NAMES = [branch.name for branch in QUESTIONS.text.branches]


@given(ANSWERS, ANSWERS)
@settings(max_examples=40, deadline=None)
def test_learning_an_answer_never_turns_a_settled_result(given_now, learned):
    before, after = (conclude(QUESTIONS, values, {}) for values in (given_now, {**learned, **given_now}))

    for result in ("kr", "eu", "tier"):
        now, then = getattr(before, result), getattr(after, result)
        assert now.status is None or then.status == now.status
        assert set(then.possible) <= set(now.possible)
    for fact, value in before.facts.items():
        assert value is None or after.facts[fact] is value
    assert [name for name in NAMES if before.world[name] not in (None, after.world[name])] == []


@given(ANSWERS)
@settings(max_examples=40, deadline=None)
def test_results_fit_together_whatever_is_answered(values):
    found = conclude(QUESTIONS, values, {})

    assert (found.facts["kr_high_impact"] is True) is (found.kr.status == "likely")
    assert found.facts["kr_high_impact"] is not False or set(found.kr.possible) <= {"not_high_impact", "out_of_scope"}
    assert found.kr.status != "candidate" or found.facts["kr_high_impact"] is None
    assert found.tier.status not in {"T3", "T4"} or found.facts["hub_tier_T3"] is True
    assert found.tier.status not in {"T1", "T2"} or found.facts["hub_tier_T3"] is False
    for result in (found.kr, found.eu, found.tier):
        assert result.status is None or result.possible == (result.status,)


@given(ANSWERS)
@settings(max_examples=40, deadline=None)
def test_what_a_complete_sheet_settles_is_settled(values):
    complete = dict(values)
    for question in QUESTIONS.text.questions:
        complete.setdefault(question.id, {**CREDIT, **LISTED}.get(question.id, first_value(question)))

    found = conclude(QUESTIONS, complete, {})

    assert None not in found.asked.values()
    assert None not in [found.world[name] for name in NAMES]
    assert None not in (found.kr.status, found.eu.status)
    assert (found.tier.status is None) is (complete["ai_system"] is False)


def first_value(question):
    first = question.choices[0].id if question.choices else None
    return {"yes_no": True, "choice": first, "list": (first,), "number": 0}[question.kind]


def test_nothing_answered_leaves_everything_open():
    found = concluded({})

    assert (found.kr.status, found.eu.status, found.tier.status) == (None, None, None)
    assert set(found.facts.values()) == {None}
    assert found.tier.possible == ("T4", "T3", "T2", "T1")
    assert len(found.kr.possible) == 4
    assert len(found.eu.possible) == 6


def test_a_question_that_is_not_asked_makes_all_its_names_false():
    found = concluded(PARTS)

    assert found.asked["harm"] is False
    assert found.world["harm.serious"] is False
    assert found.world["people_per_year.many"] is False


def test_an_answer_left_behind_by_a_question_no_longer_asked_does_not_count():
    found = concluded(PARTS, harm="grave", kr_domains=("energy",))

    assert found.world["significant_effect"] is False
    assert found.kr.status == "not_high_impact"


def test_where_it_is_open_whether_a_question_is_asked_its_answer_can_only_rule_out():
    open_yet = concluded(affected=None, harm=None)
    answered = concluded(affected=None)

    assert open_yet.asked["harm"] is None
    assert {open_yet.world[f"harm.{name}"] for name in ("minor", "limited", "serious", "grave")} == {None}
    assert (answered.world["harm.serious"], answered.world["harm.minor"]) == (None, False)
    assert answered.answers_behind(["harm.serious"]) == ("affected",)
    assert answered.answers_behind(["harm.minor"]) == ("harm",)


@pytest.mark.parametrize(("number", "many"), [(0, False), (9_999, False), (10_000, True), (1e9, True), (None, None)])
def test_a_number_reaches_its_threshold_or_not(number, many):
    assert concluded(people_per_year=number).world["people_per_year.many"] is many


def test_answers_behind_a_name_are_those_that_were_given():
    found = concluded(PARTS)

    assert found.answers_behind(["harm.serious"]) == ("affected",)
    assert found.answers_behind(["kr_domains.none", "ai_system"]) == ("ai_system", "kr_domains")
    assert found.answers_behind(["kr_likely", "tier.T1"]) == ()


def test_everything_behind_a_result_is_found_through_its_branches():
    found = concluded()

    assert found.all_behind("kr_likely") == ("ai_system", "users", "kr_domains", "harm", "final_decision")


def reasons(found, law):
    return found.reasons(getattr(QUESTIONS.text.results, law), getattr(found, law))


@pytest.mark.parametrize(
    ("changes", "law", "branches"),
    [
        ({}, "kr", ("S0", "S2.1", "S2.2", "S2.3")),
        ({"final_decision": "human"}, "kr", ("S0", "S2.1", "S2.2", "S2.3")),
        ({"ai_system": False}, "kr", ("S0",)),
        ({}, "eu", ("S0", "S0.4")),
        (IN_EU, "eu", ("S0.4", "S1", "S3.5", "S5.1", "S5.2")),
        ({**IN_EU, "annex_i": True}, "eu", ("S1", "S5.1")),
    ],
)  # fmt: skip
def test_a_result_names_the_branches_it_rests_on(changes, law, branches):
    assert reasons(concluded(CREDIT, changes), law) == branches


def test_a_domain_that_is_not_listed_is_the_reason_for_no_high_impact():
    assert "S2.1" in reasons(concluded(kr_domains=("none",)), "kr")


def test_stated_facts_are_names_of_conditions():
    found = conclude(QUESTIONS, answers(), {"claims_human_in_the_loop": True})

    assert found.truth("fact.claims_human_in_the_loop and no_human_decision") is True
    assert found.truth("fact.hiring") is None
