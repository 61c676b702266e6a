"""Known cases, worked out by hand from the decision logic (S0 to S7), against what the questions and branches say."""

import pytest

from tests.screening.credit import CREDIT, IN_EU, LISTED, NARROW, PARTS, WRITES, concluded

YES, NO, OPEN = True, False, None
HUMAN = {"final_decision": "human", "override_log": True}
SMALL = {"harm": "limited", "reversible": "fully"}
RECOMMENDS = {
    "supports": ("recommendation",), "harm": "minor", "reversible": None, "kr_domains": ("none",),
    "about_people": True,
}  # fmt: skip

# name: what differs from the lender, Korean status, EU status, tier, kr_high_impact, fully_automated_serious_effect
CASES = {
    # S2: each domain of article 2(4), with a serious effect and nobody who really decides
    "energy": ({"kr_domains": ("energy",)}, "likely", "not_offered", "T3", YES, YES),
    "water": ({"kr_domains": ("water",)}, "likely", "not_offered", "T3", YES, YES),
    "healthcare": ({"kr_domains": ("healthcare",)}, "likely", "not_offered", "T3", YES, YES),
    "medical_device": ({"kr_domains": ("medical_device",)}, "likely", "not_offered", "T3", YES, YES),
    "nuclear": ({"kr_domains": ("nuclear",)}, "likely", "not_offered", "T3", YES, YES),
    "criminal_biometrics": ({"kr_domains": ("criminal_biometrics",)}, "likely", "not_offered", "T3", YES, YES),
    "individual_rights": ({"kr_domains": ("individual_rights",)}, "likely", "not_offered", "T3", YES, YES),
    "transport": ({"kr_domains": ("transport",)}, "likely", "not_offered", "T3", YES, YES),
    "public_decision": ({"kr_domains": ("public_decision",)}, "likely", "not_offered", "T3", YES, YES),
    "school_evaluation": ({"kr_domains": ("school_evaluation",)}, "likely", "not_offered", "T3", YES, YES),
    "two_domains": ({"kr_domains": ("healthcare", "public_decision")}, "likely", "not_offered", "T3", YES, YES),
    # S2.3: who decides in the end
    "credit_rubber_stamped": ({"final_decision": "glance"}, "likely", "not_offered", "T3", YES, YES),
    "credit_automatic": ({"final_decision": "automatic"}, "likely", "not_offered", "T3", YES, YES),
    "credit_decided_by_people": (HUMAN, "candidate", "not_offered", "T3", OPEN, NO),
    "credit_decided_by_people_without_records": (
        {**HUMAN, "override_log": False}, "candidate", "not_offered", "T3", OPEN, NO,
    ),
    "who_decides_is_open": ({"final_decision": None}, None, "not_offered", "T3", OPEN, OPEN),
    # S2.2: how grave, whom, how many, whether it can be undone
    "grave": ({"harm": "grave"}, "likely", "not_offered", "T3", YES, YES),
    "limited_and_undone": (SMALL, "not_high_impact", "not_offered", "T1", NO, NO),
    "limited_and_partly_undone": ({**SMALL, "reversible": "partly"}, "not_high_impact", "not_offered", "T1", NO, NO),
    "limited_but_not_undone": ({**SMALL, "reversible": "no_longer"}, "likely", "not_offered", "T3", YES, YES),
    "limited_but_9999": ({**SMALL, "people_per_year": 9_999}, "not_high_impact", "not_offered", "T1", NO, NO),
    "limited_but_10000": ({**SMALL, "people_per_year": 10_000}, "likely", "not_offered", "T3", YES, YES),
    "limited_but_children": ({**SMALL, "vulnerable": ("children",)}, "likely", "not_offered", "T3", YES, YES),
    "limited_many_but_decided_by_people": (
        {**SMALL, **HUMAN, "people_per_year": 10_000}, "candidate", "not_offered", "T2", OPEN, NO,
    ),
    "minor": ({"harm": "minor", "reversible": None}, "not_high_impact", "not_offered", "T1", NO, NO),
    "effect_is_open": ({"harm": None}, None, "not_offered", None, OPEN, OPEN),
    "effect_is_open_and_nobody_asked_whether_it_is_undone": (
        {**SMALL, "reversible": None}, None, "not_offered", None, OPEN, OPEN,
    ),
    # S2.1: no listed domain, with its reason; open answers keep it open
    "no_domain_but_serious": ({"kr_domains": ("none",)}, "not_high_impact", "not_offered", "T3", NO, YES),
    "no_domain_and_the_effect_is_open": (
        {"kr_domains": ("none",), "harm": None}, None, "not_offered", None, OPEN, OPEN,
    ),
    "domain_is_open": ({"kr_domains": None}, None, "not_offered", "T3", OPEN, YES),
    "domain_is_open_and_the_effect_small": (
        {**SMALL, "kr_domains": None}, None, "not_offered", "T1", OPEN, NO,
    ),
    "recommendations": (RECOMMENDS, "not_high_impact", "not_offered", "T1", NO, NO),
    # S0, the scope
    "no_ai": ({"ai_system": False}, "out_of_scope", "out_of_scope", None, NO, YES),
    "defence_only": ({"users": ("defence_only",)}, "out_of_scope", "out_of_scope", "T3", NO, YES),
    "whether_it_is_ai_is_open": ({"ai_system": None}, None, None, None, OPEN, YES),
    "whether_the_eu_is_reached_is_open": ({"eu_reach": None}, "likely", None, "T3", YES, YES),
    # S1: prohibited practices; the hub refuses them wherever they are offered
    "banned_in_korea_only": ({"practices": ("social_scoring",)}, "likely", "not_offered", "T4", YES, YES),
    "banned_in_the_eu": ({**IN_EU, "practices": ("emotion_work_school",)}, "likely", "prohibited", "T4", YES, YES),
    "whether_it_is_banned_is_open": ({"practices": None}, "likely", "not_offered", None, YES, YES),
    # S3: generative AI
    "chatbot": ({**RECOMMENDS, **WRITES}, "not_high_impact", "not_offered", "T2", NO, NO),
    "chatbot_in_the_eu": ({**RECOMMENDS, **WRITES, **IN_EU}, "not_high_impact", "transparency", "T2", NO, NO),
    "generative_lender": (WRITES, "likely", "not_offered", "T3", YES, YES),
    "whether_it_generates_is_open": (
        {**RECOMMENDS, "generates": None}, "not_high_impact", "not_offered", None, NO, NO,
    ),
    # S5: the EU's high-risk systems
    "minimal_in_the_eu": ({**RECOMMENDS, **IN_EU}, "not_high_impact", "minimal", "T1", NO, NO),
    "credit_in_the_eu": (LISTED, "likely", "high", "T3", YES, YES),
    "product_in_the_eu": ({**RECOMMENDS, **IN_EU, "annex_i": True}, "not_high_impact", "high", "T3", NO, NO),
    "listed_use_of_little_effect": ({**RECOMMENDS, **LISTED}, "not_high_impact", "high", "T3", NO, NO),
    "narrow_task": ({**RECOMMENDS, **NARROW}, "not_high_impact", "minimal", "T1", NO, NO),
    "narrow_task_that_profiles": (
        {**RECOMMENDS, **NARROW, "profiling": True}, "not_high_impact", "high", "T3", NO, NO,
    ),
    "narrow_task_that_sways_the_outcome": (
        {**RECOMMENDS, **NARROW, "influences_outcome": True}, "not_high_impact", "high", "T3", NO, NO,
    ),
    "listed_use_not_narrow": (
        {**RECOMMENDS, **NARROW, "narrow_task": "none"}, "not_high_impact", "high", "T3", NO, NO,
    ),
    "whether_it_profiles_is_open": (
        {**RECOMMENDS, **LISTED, "profiling": None}, "not_high_impact", None, None, NO, NO,
    ),
    # S6: decisions without people
    "no_decision_about_people": (
        {"about_people": False, "appeal": None, "protected_inputs": None}, "likely", "not_offered", "T3", YES, NO,
    ),
    "automated_but_of_small_effect": ({**SMALL, "final_decision": "automatic"}, "not_high_impact", "not_offered", "T1",
                                      NO, NO),
}  # fmt: skip

# Where the tier is open and this fact is not.
AT_LEAST_T3 = {"no_ai": NO, "whether_it_is_banned_is_open": YES, "whether_it_generates_is_open": NO}


@pytest.mark.parametrize("name", CASES)
def test_known_case_has_its_known_result(name):
    changes, kr, eu, tier, kr_high_impact, automated = CASES[name]

    found = concluded(CREDIT, changes)

    assert (found.kr.status, found.eu.status, found.tier.status) == (kr, eu, tier)
    assert dict(found.facts) == {
        "kr_high_impact": kr_high_impact,
        "fully_automated_serious_effect": automated,
        "hub_tier_T3": AT_LEAST_T3.get(name, {None: None, "T1": NO, "T2": NO}.get(tier, YES)),
    }


def test_there_are_thirty_cases_and_more_of_every_branch():
    domains = {domain for changes, *_ in CASES.values() for domain in changes.get("kr_domains") or ()}

    assert len(CASES) >= 30
    assert len(domains - {"none"}) == 10
    assert {kr for _, kr, *_ in CASES.values()} == {"likely", "candidate", "not_high_impact", "out_of_scope", None}
    assert {eu for _, _, eu, *_ in CASES.values()} == {
        "prohibited", "high", "transparency", "minimal", "out_of_scope", "not_offered", None,
    }  # fmt: skip
    assert {tier for _, _, _, tier, *_ in CASES.values()} == {"T1", "T2", "T3", "T4", None}


def test_factory_where_nobody_is_affected_is_minimal():
    found = concluded(PARTS)

    assert (found.kr.status, found.eu.status, found.tier.status) == ("not_high_impact", "not_offered", "T1")
    assert set(found.facts.values()) == {False}


FOREIGN = {
    "operator": "foreign_without_office", "total_revenue": 10**12 - 1, "ai_revenue": 10**10 - 1,
    "daily_users": 10**6 - 1, "fined_before": False,
}  # fmt: skip
MODEL = {"model_origin": "own_large", "training_flop": 1e26, "frontier": True, "broad_risk": True}

POINTS = {
    # S0.5 / S4 / S3 / S6: what follows beside the status
    "representative_below_every_line": (FOREIGN, {"domestic_representative": False}),
    "representative_by_revenue": ({**FOREIGN, "total_revenue": 10**12}, {"domestic_representative": True}),
    "representative_by_ai_revenue": ({**FOREIGN, "ai_revenue": 10**10}, {"domestic_representative": True}),
    "representative_by_users": ({**FOREIGN, "daily_users": 10**6}, {"domestic_representative": True}),
    "representative_after_a_fine": ({**FOREIGN, "fined_before": True}, {"domestic_representative": True}),
    "representative_open": ({**FOREIGN, "ai_revenue": None}, {"domestic_representative": None}),
    "foreign_with_an_office": ({"operator": "foreign_with_office"}, {"domestic_representative": False}),
    "safety": (MODEL, {"safety_32": True}),
    "safety_not_state_of_the_art": ({**MODEL, "frontier": False}, {"safety_32": False}),
    "safety_below_the_line": ({"model_origin": "own_large", "training_flop": 9.9e25}, {"safety_32": False}),
    "safety_unknown_compute": ({"model_origin": "fine_tuned"}, {"safety_32": None}),
    "safety_never_asked": ({"model_origin": "api"}, {"safety_32": False}),
    "general_purpose": (
        {**IN_EU, "model_origin": "own_large", "training_flop": 1e25, "general_purpose": True},
        {"eu_general_purpose": True},
    ),
    "label": (WRITES, {"generative_notice": True, "generative_label": True, "realistic_label": False,
                       "export_label": False}),
    "label_on_export": ({**WRITES, "leaves_service": True}, {"export_label": True}),
    "label_of_what_seems_real": ({**WRITES, "realistic": True}, {"realistic_label": True}),
    "label_obvious": ({**WRITES, "output_exception": "obvious"}, {"generative_notice": False,
                                                                  "generative_label": False}),
    "label_internal": ({**WRITES, "realistic": True, "output_exception": "internal"}, {"realistic_label": False}),
    "no_label_for_those_who_only_use_it": ({**WRITES, "role": "uses"}, {"generative_notice": False}),
    "automated": ({}, {"automated_decision": True, "sensitive_data": False}),
    "automated_without_personal_data": ({"personal_data": ("training",)}, {"automated_decision": False}),
    "sensitive": ({"personal_data": ("operation", "sensitive")}, {"sensitive_data": True}),
    "biometric": ({"personal_data": ("operation", "biometric")}, {"sensitive_data": True}),
    "rights_assessment_for_credit": (LISTED, {"eu_rights_assessment": True}),
    "rights_assessment_not_for_suppliers": ({**LISTED, "role": "builds"}, {"eu_rights_assessment": False}),
    "rights_assessment_for_public_bodies": (
        {**LISTED, "annex_iii": ("employment",), "operator": "public_body"}, {"eu_rights_assessment": True},
    ),
    "no_rights_assessment_for_hiring_firms": (
        {**LISTED, "annex_iii": ("employment",)}, {"eu_rights_assessment": False},
    ),
    "exempt": (NARROW, {"eu_exempt": True, "eu_rights_assessment": False}),
    "talks_in_the_eu": ({**IN_EU, "talks": True}, {"eu_transparency": True}),
    "reads_emotions_in_the_eu": ({**IN_EU, "reads_people": True}, {"eu_transparency": True}),
    "talks_in_korea": ({"talks": True}, {"eu_transparency": False}),
}  # fmt: skip


@pytest.mark.parametrize("name", POINTS)
def test_single_questions_of_law_have_their_known_answers(name):
    changes, expected = POINTS[name]

    found = concluded(CREDIT, changes)
    points = {**found.points("kr"), **found.points("eu")}

    assert {point: points[point] for point in expected} == expected


@pytest.mark.parametrize(
    "practice",
    [
        "manipulation", "vulnerability", "social_scoring", "crime_profiling", "face_scraping", "emotion_work_school",
        "biometric_traits", "police_live_identification", "intimate_imagery",
    ],
)  # fmt: skip
def test_every_practice_of_s1_is_prohibited_in_the_eu_and_refused_by_the_hub(practice):
    found = concluded(CREDIT, IN_EU, practices=(practice,))

    assert (found.eu.status, found.tier.status) == ("prohibited", "T4")
    assert sum(found.world[branch.name] is True for branch in found.questions.text.branches if "S1." in branch.id) == 2


@pytest.mark.parametrize(
    ("use", "high"),
    [(use, True) for use in ("biometrics", "infrastructure", "education", "employment", "benefits", "credit",
                             "insurance", "emergency", "law_enforcement", "migration", "justice")] + [("none", False)],
)  # fmt: skip
def test_every_use_of_annex_iii_is_high_risk_where_people_are_profiled(use, high):
    found = concluded(CREDIT, LISTED, annex_iii=(use,), profiling=True if high else None)

    assert (found.eu.status == "high") is high
