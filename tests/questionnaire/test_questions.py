"""Which questions apply, with what stands beside them, and how each of them stands."""

from datetime import date

import pytest

from reliability.questionnaire.questions import asked, questionnaire, truths
from tests.questionnaire.sheets import HEAD, ITEMS, SHA, TODAY, checklist, standing
from tests.small_case import handed_in, with_model

WHEN = {"GOV-02": ["when: hiring"], "RSK-01": ["when: hiring or generative"], "RSK-02": ["when: not hiring"]}


def items(found):
    return [one.item for one in found.questions]


def test_every_asked_item_is_a_question_in_the_order_of_the_checklist(tmp_path):
    found = asked(checklist(tmp_path), {}, None, on=TODAY)

    assert items(found) == list(ITEMS)
    assert (found.checklist, found.version, found.title["en"]) == ("small", "1.0.0", "Small checklist")
    assert dict(found.states) == dict.fromkeys(ITEMS, "new")
    assert (found.answers, found.drafts, found.troubles) == ({}, {}, {})


@pytest.mark.parametrize(
    ("known", "applying"),
    [
        ({}, ["GOV-01", "GOV-02", "RSK-01", "RSK-02"]),
        ({"hiring": True}, ["GOV-01", "GOV-02", "RSK-01"]),
        ({"hiring": False}, ["GOV-01", "RSK-01", "RSK-02"]),
        ({"hiring": False, "generative": False}, ["GOV-01", "RSK-02"]),
    ],
)
def test_only_what_is_known_not_to_apply_is_left_out(tmp_path, known, applying):
    assert items(asked(checklist(tmp_path, keys=WHEN), known, None, on=TODAY)) == applying


@pytest.mark.parametrize(
    ("known", "facts"),
    [
        ({}, {"hiring": None, "generative": None}),
        ({"generative": True}, {"generative": True}),
        ({"hiring": True, "generative": True}, {"hiring": True, "generative": True}),
    ],
)
def test_a_question_says_which_facts_make_it_apply(tmp_path, known, facts):
    question = asked(checklist(tmp_path, keys=WHEN), known, None, on=TODAY).question("RSK-01")

    assert (question.when, dict(question.facts)) == ("hiring or generative", facts)


def test_a_question_that_always_applies_names_no_fact(tmp_path):
    question = asked(checklist(tmp_path), {}, None, on=TODAY).question("GOV-01")

    assert (question.when, question.facts) == (None, {})


def test_a_question_carries_the_words_of_its_item(tmp_path):
    keys = {"GOV-01": ["title: {ko: 제목, en: Title}", "references: [TTA-02, KR-34-1-4]"]}
    question = asked(checklist(tmp_path, keys=keys), {}, None, on=TODAY).question("GOV-01")

    assert (question.section, question.section_title["ko"]) == ("GOV", "GOV 절")
    assert (question.title["ko"], question.ask["en"], question.evidence["ko"]) == (
        "제목",
        "Is GOV-01 so?",
        "GOV-01 근거",
    )
    assert (question.references, question.severity) == (("TTA-02", "KR-34-1-4"), "minor")


def test_a_question_without_a_title_goes_by_its_requirement(tmp_path):
    question = asked(checklist(tmp_path), {}, None, on=TODAY).question("GOV-01")

    assert question.title == question.requirement


@pytest.mark.parametrize(
    ("known", "severity"), [({}, "minor"), ({"hiring": True}, "critical"), ({"hiring": False}, "minor")]
)
def test_severity_is_the_one_under_the_facts_known(tmp_path, known, severity):
    keys = {"GOV-01": ["escalate: {critical: hiring}"]}

    assert asked(checklist(tmp_path, keys=keys), known, None, on=TODAY).question("GOV-01").severity == severity


@pytest.mark.parametrize(
    ("line", "needed"),
    [
        ("answers: {evidence: required}", (True, False)),
        ("answers: {checked_by: required}", (False, True)),
        ("references: []", (False, False)),
    ],
)
def test_a_question_says_what_an_answer_must_bring_along(tmp_path, line, needed):
    question = asked(checklist(tmp_path, keys={"GOV-01": [line]}), {}, None, on=TODAY).question("GOV-01")

    assert (question.evidence_required, question.checked_by_required) == needed


def test_no_question_is_no_answer_to_look_up(tmp_path):
    with pytest.raises(KeyError):
        asked(checklist(tmp_path), {}, None, on=TODAY).question("GOV-99")


SHEET = (
    HEAD
    + """\
items:
  GOV-01: {answer: met}
  GOV-02: {answer: partly, version: 0.9.0}
  RSK-01: {answer: , note: 초안}
  OLD-01: {answer: met, version: 0.9.0}
  OLD-02: {answer: met, checklist: credit}
"""
)


def test_every_answer_has_its_state(tmp_path):
    found = standing(tmp_path, SHEET, checklist(tmp_path))

    assert dict(found.states) == {
        "GOV-01": "answered", "GOV-02": "question_changed", "RSK-01": "new", "RSK-02": "new",
        "OLD-01": "orphaned", "OLD-02": "orphaned",
    }  # fmt: skip
    assert found.items("orphaned") == ("OLD-01", "OLD-02")
    assert list(found.answers) == ["GOV-01", "GOV-02", "OLD-01", "OLD-02"]
    assert found.drafts["RSK-01"].note == "초안"


@pytest.mark.parametrize(("version", "state"), [("1.0.0", "answered"), ("1.0.1", "question_changed")])
def test_the_head_names_the_question_of_all_that_say_nothing(tmp_path, version, state):
    found = standing(tmp_path, SHEET, checklist(tmp_path, version=version))

    assert found.states["GOV-01"] == state


def test_an_answer_to_what_does_not_apply_any_more_is_orphaned(tmp_path):
    found = standing(tmp_path, SHEET, checklist(tmp_path, keys={"GOV-01": ["when: hiring"]}), known={"hiring": False})

    assert found.states["GOV-01"] == "orphaned"
    assert found.answers["GOV-01"].answer == "met"


@pytest.mark.parametrize(("on", "codes"), [(date(2026, 6, 30), []), (TODAY, ["evidence_expired"])])
def test_troubles_are_those_of_the_day(tmp_path, on, codes):
    (tmp_path / "a.pdf").write_bytes(b"x")
    sha = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    sheet = f"{HEAD}items:\n  GOV-01: {{answer: met, evidence: [{{path: a.pdf, sha256: {sha}, renew: 2026-06-30}}]}}\n"
    found = standing(tmp_path, sheet, checklist(tmp_path), on=on)

    assert [reason.code for reason in found.troubles.get("GOV-01", ())] == codes


def test_troubles_of_an_orphaned_answer_are_said_too(tmp_path):
    sheet = f"{HEAD}items:\n  OLD: {{answer: met, version: 0.9.0, evidence: [{{path: a.pdf, sha256: {SHA}}}]}}\n"

    assert [reason.code for reason in standing(tmp_path, sheet, checklist(tmp_path)).troubles["OLD"]] == [
        "evidence_missing"
    ]


def test_truths_of_predictions_handed_in_know_whether_there_are_scores(tmp_path):
    met = truths(handed_in(tmp_path / "s"))

    assert (met["outputs_probability"], met["hiring"], met["affects_people"]) == (True, False, True)


def test_truths_of_a_model_leave_open_what_only_running_it_tells(tmp_path):
    met = truths(with_model(tmp_path / "s"))

    assert (met["outputs_probability"], met["kr_high_impact"], met["classification"]) == (None, None, True)


def test_the_questionnaire_of_a_submission_follows_its_facts_and_answers(tmp_path):
    handed_in(tmp_path / "s")
    (tmp_path / "s" / "answers.yaml").write_text(SHEET, encoding="utf-8")
    submission = handed_in(tmp_path / "s", text="answers: answers.yaml\n")
    found = questionnaire(submission, checklist(tmp_path, keys={"RSK-02": ["when: hiring"]}), on=TODAY)

    assert items(found) == ["GOV-01", "GOV-02", "RSK-01"]
    assert found.states["GOV-01"] == "answered"
