import json
import re
from typing import get_args

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from pydantic import ValidationError

from reliability import resources
from reliability.records import canonical_json, schema
from reliability.screening.inputs import read_inputs
from reliability.screening.record import EuStatus, KrStatus, Screening, Tier
from reliability.screening.screen import screen
from tests.screening.credit import CREDIT, IN_EU, LISTED, NARROW, PARTS, QUESTIONS, WRITES
from tests.screening.sheets import inputs, sheet, submission
from tests.screening.test_conclusions import ANSWERS

DAY = "2026-11-28"
SHIPPED = json.loads((resources.schemas() / "screening.schema.json").read_text(encoding="utf-8"))


@pytest.fixture
def screened(tmp_path):
    """Screen the lender with changes; the record."""

    def record(values=CREDIT, *, date=DAY, facts="", **changes):
        return screen(inputs(tmp_path, values, facts=facts, **changes), date=date)

    return record


def ids(entries, key):
    return [getattr(one, key) for one in entries]


def test_the_record_says_what_was_asked_of_whom_and_by_which_questions(screened):
    record = screened()

    assert record.system == {"name": "심사 모델", "version": "1.0", "purpose": "승인 여부를 제안한다"}
    assert record.organisation == {"name": "온고을신용"}
    assert (record.date, record.digest.system_version) == (DAY, "1.0")
    assert (record.questions.version, record.questions.sha256) == (QUESTIONS.text.version, QUESTIONS.sha256)


def test_results_of_both_laws_and_the_hub_stand_apart(screened):
    record = screened()

    assert (record.kr.status, record.kr.because) == ("likely", ("S0", "S2.1", "S2.2", "S2.3"))
    assert (record.eu.status, record.hub.tier) == ("not_offered", "T3")
    assert dict(record.facts) == {
        "kr_high_impact": True, "fully_automated_serious_effect": True, "hub_tier_T3": True,
    }  # fmt: skip


def test_the_record_is_closed_frozen_and_the_shape_that_is_shipped(screened):
    assert schema(Screening, "Screening, format 1") == SHIPPED
    jsonschema.Draft202012Validator.check_schema(SHIPPED)
    jsonschema.validate(json.loads(canonical_json(screened())), SHIPPED)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**json.loads(canonical_json(screened())), "kr": None}, SHIPPED)
    with pytest.raises(ValidationError, match="frozen"):
        screened().date = "2026-01-01"


def test_the_record_is_the_same_when_written_and_read_again(screened):
    for record in (screened(), screened(PARTS), screened({}), screened({**CREDIT, **LISTED, **WRITES})):
        assert Screening.model_validate_json(canonical_json(record)) == record


def test_the_same_inputs_and_day_give_the_same_bytes(tmp_path):
    first, second = (screen(inputs(tmp_path / name), date=DAY) for name in "ab")

    assert canonical_json(first) == canonical_json(second)
    assert canonical_json(screen(inputs(tmp_path / "a"), date="2026-11-29")) != canonical_json(first)


def test_statuses_are_those_of_the_file():
    assert {one.status for one in QUESTIONS.text.results.kr} == set(get_args(KrStatus))
    assert {one.status for one in QUESTIONS.text.results.eu} == set(get_args(EuStatus))
    assert {one.status for one in QUESTIONS.text.results.tier} == set(get_args(Tier))


def test_no_sentence_of_a_language_stands_in_the_record_but_what_was_written_by_people(screened):
    record = json.loads(canonical_json(screened({**CREDIT, **LISTED, **WRITES})))
    for one in record["answers"]:
        one.pop("because")
    told = json.dumps({key: record[key] for key in record if key not in {"organisation", "system"}}, ensure_ascii=False)

    assert re.findall("[가-힣]+ [가-힣]+", told) == []
    assert set(re.findall("[가-힣]+", told)) <= {"신용정보법", "채용절차법", "의"}


def test_answers_stand_in_the_order_of_the_questions_with_who_when_and_why(tmp_path):
    text = sheet({"talks": False, "ai_system": False}, lines=["  users: {value: [public], by: 김, date: 2026-01-02}"])
    submission(tmp_path, text)

    record = screen(read_inputs(tmp_path), date=DAY)
    given = {one.question: one for one in record.answers}

    assert [one for one in given if one in {"talks", "ai_system", "users"}] == ["ai_system", "users", "talks"]
    assert (given["ai_system"].value, given["ai_system"].because) == (False, "규칙")
    assert (given["users"].value, given["users"].by, given["users"].date) == (("public",), "김", "2026-01-02")
    assert given["role"].value == "unknown"


def test_questions_that_are_not_asked_do_not_stand_in_the_record(screened):
    record = screened(PARTS, harm="serious")

    assert {"harm", "realistic", "annex_iii"}.isdisjoint(ids(record.answers, "question"))


def test_open_questions_say_why_and_whether_they_decide(screened, tmp_path):
    record = screened(final_decision=None, incidents="unknown")

    assert [(one.question, one.code, one.decides) for one in record.open] == [
        ("final_decision", "unanswered", True), ("incidents", "unknown", False),
    ]  # fmt: skip
    assert "answer_open" in record.actions
    assert "answer_open" not in screened(incidents=None).actions


def test_answers_to_another_version_are_open_and_say_so(tmp_path):
    record = screen(read_inputs(submission(tmp_path, sheet(version="0.9.0"))), date=DAY)

    assert {one.code for one in record.open} == {"question_changed"}
    assert record.kr.status is None
    assert {one.value for one in record.answers} == {"unknown"}


@pytest.mark.parametrize(
    ("changes", "checklists", "second_reviewer", "served"),
    [
        ({}, ("credit",), True, True),  # T3: the sector's file, and a second reviewer
        ({"supports": ("office",)}, ("trustworthy-ai",), True, True),
        ({"harm": "minor", "reversible": None}, ("trustworthy-ai", "credit"), False, True),  # T1
        ({"harm": "minor", "reversible": None, **WRITES}, ("trustworthy-ai", "credit", "generative"), False, True),
        ({"supports": ("credit", "hiring", "health", "public_service", "education")},
         ("credit", "hiring", "health", "public-decisions", "education"), True, True),
        ({"practices": ("manipulation",)}, (), False, False),  # T4
        ({"ai_system": False}, (), False, True),
        ({"practices": None}, ("trustworthy-ai", "credit"), None, None),
    ],
)  # fmt: skip
def test_a_tier_recommends_checklists_and_a_second_reviewer(screened, changes, checklists, second_reviewer, served):
    hub = screened(**changes).hub

    assert (hub.checklists, hub.second_reviewer, hub.served) == (checklists, second_reviewer, served)


def test_checklists_that_are_recommended_are_files_of_ours():
    names = [one.name for one in QUESTIONS.text.recommends.checklists]

    assert names == ["trustworthy-ai", "credit", "hiring", "health", "public-decisions", "education", "generative"]


def test_every_branch_is_a_step_with_its_condition_answers_and_articles(screened):
    steps = {one.branch: one for one in screened().steps}

    assert list(steps) == [branch.id for branch in QUESTIONS.text.branches]
    assert (steps["S2.1"].met, steps["S2.1"].answers, steps["S2.1"].articles) == (True, ("kr_domains",), ("KR-2-4",))
    assert (steps["S2.5"].answers, steps["S2.5"].branches) == ((), ("S2.4", "S2.3"))
    assert (steps["S0.4"].met, steps["S0.4"].answers) == (False, ("eu_reach",))
    assert steps["S3.1"].answers == ("generates",)


def duties(record, law=None):
    return {one.duty: one.applies for one in record.duties if law in (None, one.law)}


def test_a_likely_high_impact_system_has_the_duties_of_articles_31_to_35(screened):
    record = screened(users=("own_staff", "public"))

    assert duties(record) == dict.fromkeys(
        """kr_review kr_notice_high_impact kr_risk_management kr_explanation kr_user_protection kr_human_oversight
        kr_documents kr_impact_assessment kr_certification pipa_automated credit_explanation""".split(), True,
    )  # fmt: skip
    assert {one.duty for one in record.duties if one.force == "endeavour"} == {
        "kr_impact_assessment", "kr_certification",
    }  # fmt: skip


def test_a_candidate_may_have_them(screened):
    found = duties(screened(final_decision="human"))

    assert found["kr_review"] is True
    assert found["kr_risk_management"] is None
    assert "pipa_automated" not in found


def test_vulnerable_people_are_to_be_reflected_where_there_are_any(screened):
    assert "kr_impact_vulnerable" in duties(screened(vulnerable=("elderly",)))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (WRITES, {"kr_notice_generative": True, "kr_label": True}),
        ({**WRITES, "leaves_service": True}, {"kr_label_export": True}),
        ({**WRITES, "realistic": True}, {"kr_label_realistic": True}),
        ({**WRITES, "output_exception": "internal"}, {"kr_notice_generative": None, "kr_label": None}),
        ({**WRITES, "output_exception": None}, {"kr_label": None}),
        (LISTED, {"eu_high_listed": True, "eu_rights_assessment": True}),
        ({**IN_EU, "annex_i": True}, {"eu_high_product": True}),
        (NARROW, {"eu_exempt_record": True}),
        ({**IN_EU, "talks": True, "reads_people": True}, {"eu_talk": True, "eu_emotion_notice": True}),
        ({**IN_EU, **WRITES, "realistic": True}, {"eu_marking": True, "eu_deepfake": True}),
        ({**IN_EU, "practices": ("social_scoring",)}, {"eu_stop": True}),
        ({"supports": ("hiring",)}, {"hiring_inputs": True}),
        ({"personal_data": ("sensitive",)}, {"pipa_sensitive": True}),
    ],
)
def test_duties_follow_from_the_branches(screened, changes, expected):
    found = duties(screened(**changes))

    assert {duty: found[duty] for duty in expected} == expected


@pytest.mark.parametrize("changes", [{"role": "uses"}, {"ai_system": False}, {"users": ("defence_only",)}])
def test_who_offers_nothing_or_is_out_of_scope_has_no_duties_of_operators(screened, changes):
    assert not [duty for duty in duties(screened(**changes)) if duty.startswith("kr_")]


@pytest.mark.parametrize(
    ("date", "duty", "in_force"),
    [
        ("2026-11-28", "eu_high_listed", False), ("2027-12-01", "eu_high_listed", False),
        ("2027-12-02", "eu_high_listed", True), ("2026-01-21", "kr_review", False), ("2026-01-22", "kr_review", True),
        ("2026-07-20", "kr_impact_vulnerable", False), ("2026-07-21", "kr_impact_vulnerable", True),
        ("2026-08-01", "eu_talk", False), ("2026-08-02", "eu_talk", True),
        ("2026-11-28", "eu_stop_imagery", False), ("2026-12-02", "eu_stop_imagery", True),
        ("2025-02-01", "eu_stop", False), ("2025-02-02", "eu_stop", True),
    ],
)  # fmt: skip
def test_a_duty_is_in_force_from_its_day(screened, date, duty, in_force):
    practices = ("social_scoring", "intimate_imagery")
    record = screened(date=date, **LISTED, talks=True, vulnerable=("elderly",), practices=practices)

    assert {one.duty: one.in_force for one in record.duties}[duty] is in_force


USED = {**LISTED, "role": "uses"}
PUBLIC_CHATBOT = {**WRITES, "realistic": True, "leaves_service": True}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        # Each ban of the EU from its own day
        ({**IN_EU, "practices": ("intimate_imagery",)}, {"eu_stop": "absent", "eu_stop_imagery": True}),
        ({**IN_EU, "practices": ("face_scraping",)}, {"eu_stop": True, "eu_stop_imagery": "absent"}),
        ({**IN_EU, "practices": ("face_scraping", "intimate_imagery")}, {"eu_stop": True, "eu_stop_imagery": True}),
        ({"practices": ("intimate_imagery",)}, {"eu_stop": "absent", "eu_stop_imagery": "absent"}),
        # Duties of providers and of deployers in the EU
        (LISTED, {"eu_high_listed": True, "eu_deploy_listed": None}),
        ({**LISTED, "role": "builds"}, {"eu_high_listed": True, "eu_deploy_listed": "absent"}),
        ({**LISTED, "role": "serves"}, {"eu_high_listed": None, "eu_deploy_listed": None}),
        (USED, {"eu_high_listed": "absent", "eu_deploy_listed": True}),
        ({**USED, **IN_EU, "annex_i": True}, {"eu_high_product": "absent", "eu_deploy_product": True}),
        ({**IN_EU, "annex_i": True}, {"eu_high_product": True, "eu_deploy_product": None}),
        ({**NARROW, "role": "uses"}, {"eu_exempt_record": "absent", "eu_deploy_listed": "absent"}),
        ({**NARROW, "role": "serves"}, {"eu_exempt_record": None}),
        (
            {**IN_EU, **PUBLIC_CHATBOT, "role": "uses"},
            {"eu_talk": "absent", "eu_marking": "absent", "eu_deepfake": True},
        ),
        ({**IN_EU, **PUBLIC_CHATBOT, "role": "serves"}, {"eu_talk": None, "eu_marking": None, "eu_deepfake": True}),
        ({**IN_EU, **PUBLIC_CHATBOT, "role": "builds"}, {"eu_talk": True, "eu_marking": True, "eu_deepfake": None}),
        ({**IN_EU, "reads_people": True, "role": "builds"}, {"eu_emotion_notice": None}),
        # Who serves the users bears article 31; its exceptions reach all three paragraphs
        (
            {**PUBLIC_CHATBOT, "role": "builds", "users": ("businesses",)},
            dict.fromkeys(("kr_notice_generative", "kr_label", "kr_label_export", "kr_label_realistic")),
        ),
        (
            {**PUBLIC_CHATBOT, "role": "builds", "users": ("businesses", "public")},
            dict.fromkeys(("kr_notice_generative", "kr_label", "kr_label_export", "kr_label_realistic"), True),
        ),
        ({**PUBLIC_CHATBOT, "output_exception": "obvious"}, {"kr_label_realistic": None}),
        ({**PUBLIC_CHATBOT, "output_exception": "internal"}, {"kr_label_realistic": None}),
        ({"users": ("own_staff",)}, {"kr_notice_high_impact": None}),
        ({"users": ("own_staff", "public")}, {"kr_notice_high_impact": True}),
        # Sensitive data without the place of its use leaves automated decisions open
        ({"personal_data": ("biometric",)}, {"pipa_automated": None}),
        ({"personal_data": ("sensitive",)}, {"pipa_automated": None}),
        ({"personal_data": ("operation", "sensitive")}, {"pipa_automated": True}),
        ({"personal_data": ("training", "sensitive")}, {"pipa_automated": "absent"}),
    ],
)
def test_a_duty_binds_whom_it_is_for_and_is_open_where_that_is_not_settled(screened, changes, expected):
    found = duties(screened(**changes))

    assert {duty: found.get(duty, "absent") for duty in expected} == expected


def test_high_risk_duties_of_a_deployer_cite_none_of_a_provider(screened):
    cited = {key for one in screened(**USED).duties if one.law == "eu" for key in one.articles}

    assert "EU-26" in cited
    assert not cited & {"EU-9", "EU-11", "EU-15", "EU-17", "EU-43", "EU-50-2"}


@pytest.mark.parametrize(
    ("changes", "confirm"),
    [
        ({"practices": ("social_scoring",)}, "legal_referral"),
        ({}, "likely_high_impact"),
        ({}, "internal_use"),
        (LISTED, "eu_high_risk"),
        (USED, "eu_role"),
        ({**PUBLIC_CHATBOT, "role": "builds", "users": ("businesses",)}, "duty_holder"),
        ({"personal_data": ("biometric",)}, "place_of_data"),
    ],
)
def test_what_the_logic_leaves_to_people_is_said_and_only_then(screened, changes, confirm):
    assert confirm in ids(screened(**changes).confirm, "confirm")
    assert confirm not in ids(screened(PARTS).confirm, "confirm")


def test_what_the_decree_does_not_say_is_not_cited_from_it():
    text = QUESTIONS.text
    cited = {one.id: set(one.references) for one in (*text.questions, *text.duties, *text.confirm)}

    assert "KRD-27-1" in cited["kr_documents"]
    assert not [key for one in ("updates", "deployment", "data_rights") for key in cited[one] if key.startswith("KRD")]


@pytest.mark.parametrize(
    ("changes", "confirm", "answers"),
    [
        ({"final_decision": "human"}, "human_decides", ("final_decision",)),
        ({"final_decision": "human", "override_log": False}, "no_override_log", ("final_decision", "override_log")),
        ({"harm": "limited"}, "significance", ("kr_domains", "harm")),
        ({"kr_domains": ("none",)}, "no_domain", ("supports", "kr_domains")),
        ({**WRITES, "output_exception": "obvious"}, "label_exception", ("generates", "output_exception")),
        (NARROW, "eu_exemption", ("eu_reach",)),
        ({"supports": ("hiring",), "protected_inputs": ("family",)}, "barred_inputs",
         ("supports", "protected_inputs")),
        ({"data_sources": ("web",)}, "data_rights", ("data_sources",)),
        ({"deployment": ("cloud_abroad",)}, "transfer_abroad", ("personal_data", "deployment")),
        ({"incidents": True}, "incidents", ("incidents",)),
        ({"appeal": False}, "no_appeal", ("about_people", "harm", "appeal")),
        ({}, "deemed_compliance", ("sector_law",)),
    ],
)  # fmt: skip
def test_what_a_person_has_to_confirm_is_named_with_its_answers(screened, changes, confirm, answers):
    found = {one.confirm: one for one in screened(**changes).confirm}

    assert set(answers) <= set(found[confirm].answers)
    assert found[confirm].articles or confirm == "data_rights"


def test_a_claim_that_people_decide_is_held_against_the_answers(screened):
    claims = "claims_human_in_the_loop: true"

    assert "claims_human" in ids(screened(facts=claims).confirm, "confirm")
    assert "claims_human" not in ids(screened(facts=claims, final_decision="human").confirm, "confirm")


@pytest.mark.parametrize(
    ("changes", "first"),
    [
        ({"practices": ("manipulation",)}, "stop"),
        ({"final_decision": None}, "answer_open"),
        ({}, "prepare_article_34"),
        ({"final_decision": "human"}, "confirm_high_impact"),
        ({"harm": "minor", "reversible": None, **WRITES}, "generative_notice"),
        ({"ai_system": False}, "outside"),
        ({"ai_system": False, "harm": "minor", "reversible": None}, "outside"),
    ],
)
def test_what_is_to_be_done_first_comes_first(screened, changes, first):
    actions = screened(**changes).actions

    assert actions[0] == first
    assert len(actions) >= 3 or first in {"stop", "outside", "answer_open"}


def test_changes_that_call_for_another_screening_are_listed(screened):
    assert set(screened().triggers) == {
        "purpose", "users", "model", "data", "autonomy", "market", "law", "incident", "retraining", "volume",
    }  # fmt: skip
    assert {"retraining", "volume"}.isdisjoint(screened(PARTS).triggers)
    assert "volume" not in screened(people_per_year=10_000).triggers


def test_every_result_says_that_it_is_no_legal_advice_and_what_is_guidance(screened):
    for record in (screened(), screened({}), screened(PARTS)):
        assert {"no_legal_advice", "human_criterion", "house_reading", "unconfirmed"} <= set(record.cautions)
    assert "eu_not_consolidated" in screened(**IN_EU).cautions
    assert "eu_not_consolidated" not in screened().cautions


def test_what_would_change_the_result_stands_in_the_record(screened):
    found = {one.question: one for one in screened().changes}

    assert found["final_decision"].becomes.kr == "candidate"
    assert found["final_decision"].instead == ("human",)


def test_a_day_that_is_none_is_refused(tmp_path):
    with pytest.raises(ValidationError, match="pattern"):
        screen(inputs(tmp_path), date="today")


@pytest.mark.parametrize("question", list(CREDIT))
def test_an_answer_that_is_taken_away_leaves_exactly_that_question_open(screened, question):
    record = screened(**{question: None})

    assert ids(record.open, "question")[0] == question
    assert [one.question for one in record.answers if one.value == "unknown"] == ids(record.open, "question")


# What the lender's result becomes open in when one answer is taken away; every other answer leaves it as it is.
RESTS_ON = {
    "ai_system": ("kr", "eu", "hub"), "users": ("kr", "eu"), "eu_reach": ("eu",), "practices": ("hub",),
    "affected": ("kr", "hub"), "kr_domains": ("kr",), "harm": ("kr", "hub"), "final_decision": ("kr",),
}  # fmt: skip


@pytest.mark.parametrize("question", list(CREDIT))
def test_a_result_is_open_exactly_where_it_rests_on_the_open_answer(screened, question):
    record = screened(**{question: None})
    status = {"kr": record.kr.status, "eu": record.eu.status, "hub": record.hub.tier}

    assert tuple(law for law in status if status[law] is None) == RESTS_ON.get(question, ())


@pytest.mark.parametrize("question", sorted(RESTS_ON))
def test_an_open_question_that_a_result_rests_on_is_marked_as_deciding(screened, question):
    record = screened(**{question: None})

    assert {one.question: one.decides for one in record.open}[question] is True


@given(ANSWERS)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_answers_make_a_record_that_stands_and_speaks_of_known_things_only(tmp_path, values):
    record = screen(inputs(tmp_path, values), date=DAY)
    text = QUESTIONS.text

    assert Screening.model_validate_json(canonical_json(record)) == record
    assert set(ids(record.answers, "question")) <= set(QUESTIONS.by_id)
    assert set(ids(record.duties, "duty")) <= set(ids(text.duties, "id"))
    assert set(ids(record.confirm, "confirm")) <= set(ids(text.confirm, "id"))
    assert set(record.actions) <= set(ids(text.actions, "id"))
    branches = {branch.id for branch in text.branches}
    for step in record.steps:
        assert set(step.branches) <= branches
        assert set(step.answers) <= set(ids(record.answers, "question"))
    for result in (record.kr, record.eu, record.hub):
        assert set(result.because) <= branches
    assert {one.question for one in record.open} <= {one.question for one in record.answers}
    assert all(one.applies is None for one in record.duties if one.law == "eu") or record.eu.status != "not_offered"
