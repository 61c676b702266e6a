import re

import pytest

from reliability import resources
from reliability.checklist.references import references
from reliability.errors import ChecklistError
from reliability.facts import FACTS
from reliability.screening.questions import read_questions, shipped_questions
from tests.screening.credit import CREDIT, IN_EU, LISTED, NARROW, PARTS, QUESTIONS, WRITES, concluded

TEXT = QUESTIONS.text
HANGUL = re.compile("[가-힣]")
ENTRIES = [
    entry
    for part in ("branches", "duties", "confirm", "actions", "triggers", "cautions")
    for entry in getattr(TEXT, part)
]
OUTCOMES = [*TEXT.results.kr, *TEXT.results.eu, *TEXT.results.tier]
# What standards.md asks a screening to ask for, and the question that asks it.
FACTS_TO_ASK = {
    "purpose and decision supported": "supports", "affected persons": "affected", "volume": "people_per_year",
    "autonomy": "final_decision", "reversibility": "reversible", "appeal path": "appeal", "domain": "kr_domains",
    "data sources": "data_sources", "personal and sensitive data": "personal_data",
    "protected groups": "protected_inputs", "children, elderly, disabled": "vulnerable",
    "generative output": "generates", "export": "leaves_service", "model origin": "model_origin",
    "compute": "training_flop", "update frequency": "updates", "deployment place": "deployment",
    "EU reach": "eu_reach", "third parties": "third_parties", "past incidents": "incidents",
    "existing certificates": "certificates", "sector licence": "sector_law", "role": "role", "users": "users",
    "prohibited practices": "practices", "Annex III": "annex_iii",
}  # fmt: skip


def file_with(tmp_path, old, new):
    text = (resources.checklists() / "screening.yaml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "screening.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def asked(*given, **changes):
    return [name for name, truth in concluded(*given, **changes).asked.items() if truth is True]


def test_at_least_twenty_five_facts_are_asked_for():
    assert len(FACTS_TO_ASK) >= 25
    assert set(FACTS_TO_ASK.values()) <= set(QUESTIONS.by_id)
    assert len(set(FACTS_TO_ASK.values())) == len(FACTS_TO_ASK)


@pytest.mark.parametrize("case", [CREDIT, PARTS, {**CREDIT, "final_decision": "human"}])
def test_an_ordinary_case_takes_thirty_prompts_at_most(case):
    assert len(asked(case)) + 1 <= 30  # one more for the name of who answers


def test_what_cannot_matter_is_not_asked():
    assert {"realistic", "annex_iii", "total_revenue", "training_flop", "override_log"}.isdisjoint(asked())
    assert {"realistic", "leaves_service", "output_exception"} <= set(asked(CREDIT, WRITES))
    assert {"annex_i", "annex_iii", "profiling"} <= set(asked(CREDIT, LISTED))
    assert "influences_outcome" in asked(CREDIT, NARROW)
    assert {"harm", "final_decision", "vulnerable"}.isdisjoint(asked(PARTS))


@pytest.mark.parametrize("question", TEXT.questions, ids=lambda one: one.id)
def test_every_question_says_why_it_is_asked_and_gives_an_example_in_both_languages(question):
    for text in (question.ask, question.why, question.example, *(choice.text for choice in question.choices)):
        assert HANGUL.search(text.ko) or text.ko == text.en
        assert not HANGUL.search(text.en)
    assert question.references


@pytest.mark.parametrize("question", TEXT.questions, ids=lambda one: one.id)
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_every_question_is_short_polite_and_ends_as_a_question(question, lang):
    ask, why = getattr(question.ask, lang), getattr(question.why, lang)

    assert len(re.findall(r"[.?!](?:\s|$)", ask)) <= 2
    assert len(re.findall(r"[.?!](?:\s|$)", why)) <= 2
    assert ("까?" in ask) if lang == "ko" else ("?" in ask)
    assert len(ask) <= 160


@pytest.mark.parametrize("question", TEXT.questions, ids=lambda one: one.id)
def test_no_question_asks_for_a_conclusion_of_law(question):
    asked_for = f"{question.ask.ko} {question.ask.en}"

    assert not re.search(
        r"고영향|고위험|의무가 있|적용됩니까|해당한다고|high-risk|high-impact|obliged|lawful", asked_for
    )


@pytest.mark.parametrize("entry", [*ENTRIES, *OUTCOMES], ids=lambda one: getattr(one, "id", None) or one.status)
def test_everything_that_is_said_is_said_in_both_languages(entry):
    assert HANGUL.search(entry.text.ko)
    assert not HANGUL.search(entry.text.en)


def test_what_is_said_of_a_screening_never_calls_it_a_certification():
    said = [entry.text.ko for entry in [*ENTRIES, *OUTCOMES] if getattr(entry, "id", "") != "kr_certification"]
    said += [
        text.ko for question in TEXT.questions if question.id != "certificates" for text in (question.ask, question.why)
    ]

    assert [text for text in said if "인증" in text] == []


def test_documents_are_told_of_advice_guidance_house_lines_and_what_is_unconfirmed():
    said = {one.id: one.text for one in TEXT.cautions}

    assert "법률 자문이 아니다" in said["no_legal_advice"].ko
    assert "법 조문이 아니다" in said["human_criterion"].ko
    assert "not statute" in said["human_criterion"].en
    assert {"house_reading", "grace_period", "decree_not_reread", "unconfirmed"} <= set(said)


def test_every_clause_that_is_cited_is_in_the_list_of_references():
    cited = [key for entry in [*ENTRIES, *TEXT.questions] for key in entry.references]

    assert references().unknown(cited) == ()


@pytest.mark.parametrize("branch", TEXT.branches, ids=lambda one: one.id)
def test_every_branch_of_a_law_cites_its_article(branch):
    assert branch.references or branch.law == "hub"


@pytest.mark.parametrize("duty", TEXT.duties, ids=lambda one: one.id)
def test_every_duty_cites_its_article(duty):
    assert duty.references
    assert all(key.startswith("EU-") for key in duty.references) is (duty.law == "eu")


def test_answers_that_take_a_duty_away_need_their_reason():
    needed = {question.id: set(question.reason_for) for question in TEXT.questions if question.reason_for}

    assert needed["kr_domains"] == {"none"}
    assert needed["harm"] == {"minor", "limited"}
    assert needed["final_decision"] == {"human"}
    assert needed["affected"] == {"nobody"}
    assert all(needed[name] == {False} for name in ("ai_system", "eu_reach", "about_people", "generates", "profiling"))


@pytest.mark.parametrize(
    ("question", "value", "needed"),
    [
        ("ai_system", False, True), ("ai_system", True, False), ("kr_domains", ("none",), True),
        ("kr_domains", ["energy"], False), ("harm", "limited", True), ("harm", "serious", False),
        ("people_per_year", 0, False), ("talks", False, False),
    ],
)  # fmt: skip
def test_a_reason_is_needed_for_the_answers_named_and_no_other(question, value, needed):
    assert QUESTIONS.by_id[question].needs_reason(value) is needed


def test_facts_that_a_question_asks_again_are_stated_ones():
    assert {question.fact for question in TEXT.questions if question.fact} == {"decides_about_people", "generative"}
    assert all(FACTS[question.fact].origin == "stated" for question in TEXT.questions if question.fact)


def test_names_of_questions_choices_thresholds_branches_facts_and_tiers_are_known():
    assert {
        "ai_system", "kr_domains.energy", "people_per_year.many", "kr_likely", "fact.generative", "tier.T3",
        "something_open",
    } <= QUESTIONS.names  # fmt: skip
    assert "fact.kr_high_impact" not in QUESTIONS.names
    assert (QUESTIONS.question_of("harm.minor"), QUESTIONS.question_of("kr_likely")) == ("harm", None)


def test_the_shipped_file_is_read_once():
    assert shipped_questions() is shipped_questions()


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("is: ai_system,", "is: ai_sistem,", "name_unknown", "names 'ai_sistem': no such name; nearest is 'ai_system'"),
        ("is: ai_system,", "is: kr_likely,", "name_unknown", "'kr_likely'"),  # stands further down
        ("when: not affected.nobody", "when: harm.minor", "name_unknown", "'harm.minor'"),
        ("is: ai_system,", "is: ai_system and,", "expression_unreadable", "cannot be read at 'the end'"),
        ("unless: tier.T4", "unless: tier.T9", "name_unknown", "'tier.T9'"),
        ("screening: 1", "screening: 2", "screening_file", "screening"),
        ("kind: yes_no", "kind: maybe", "screening_file", "questions.0.kind"),
        ("reason_for: [false]", "reason_for: [no]", "screening_file", "reason_for names answers of the question"),
        ("  - id: role", "  - id: ai_system", "screening_file", "id 'ai_system' stands twice"),
        ("name: is_ai,", "name: ai_system,", "screening_file", "name 'ai_system' is taken"),
        ("{id: builds, text", "{id: unknown, text", "screening_file", "none is called unknown"),
        ("    fact: generative", "    fact: generativ", "screening_file", "a fact that a yes_no question asks"),
        ("unit: {ko: 원, en: KRW}\n", "choices: []\n    fact: hiring\n", "screening_file", "a fact that a yes_no"),
        ("dated: 2026-11-20", "dated: November", "screening_file", "dated"),
        ("version: 1.0.0", "version: 1.0.0\nextra: 1", "screening_file", "extra"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_line(tmp_path, old, new, code, line):
    with pytest.raises(ChecklistError) as refused:
        read_questions(file_with(tmp_path, old, new), name="screening.yaml")

    assert refused.value.code == code
    assert line in str(refused.value)
    assert "\n" not in str(refused.value)


NUMBER = "    at_least: {trillion: 1000000000000}\n"
FINED = "  - id: fined_before\n    kind: yes_no"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (NUMBER, "    choices: [{id: a, text: {ko: 가, en: a}}]\n", "choices, two at least"),
        (FINED, FINED.replace("yes_no", "list"), "choices, two at least"),
        (FINED, f"{FINED}\n    unit: {{ko: 원, en: KRW}}", "only numbers have thresholds"),
    ],
)
def test_a_question_without_the_shape_of_its_kind_is_refused(tmp_path, old, new, said):
    with pytest.raises(ChecklistError, match=said):
        read_questions(file_with(tmp_path, old, new), name="screening.yaml")


def test_the_digest_follows_the_content_and_not_the_comments(tmp_path):
    commented = read_questions(file_with(tmp_path, "screening: 1\n", "# more\nscreening: 1\n"), name="screening.yaml")
    changed = read_questions(file_with(tmp_path, "version: 1.0.0", "version: 1.0.1"), name="screening.yaml")

    assert commented.sha256 == QUESTIONS.sha256 != changed.sha256


def test_questions_of_the_eu_are_asked_where_it_is_reached_only():
    assert set(asked(CREDIT, IN_EU)) - set(asked()) == {"reads_people", "annex_i", "annex_iii"}
