import pytest

from reliability.errors import SubmissionError
from reliability.screening.inputs import read_inputs
from tests.screening.credit import CREDIT, PARTS, QUESTIONS, WRITES
from tests.screening.sheets import inputs, sheet, submission

NOT = "{is: false, because: 아니다}"


@pytest.mark.parametrize(
    ("facts", "changes", "question", "stated"),
    [
        ("generative: true", {}, "generates is false", "generative: true"),
        (f"generative: {NOT}", WRITES, "generates is true", "generative: false"),
        ("hiring: true", {}, "supports is ['credit']", "hiring: true"),
        (f"hiring: {NOT}", {"supports": ("hiring",)}, "supports is ['hiring']", "hiring: false"),
        (f"affects_people: {NOT}", {}, "affected is ['customers']", "affects_people: false"),
        ("decides_about_people: true", {"about_people": False}, "about_people is false", "decides_about_people: true"),
        (f"decides_about_people: {NOT}", {}, "about_people is true", "decides_about_people: false"),
        ("processes_personal_data: true", {"personal_data": ("none",)}, "personal_data is ['none']",
         "processes_personal_data: true"),
        (f"processes_personal_data: {NOT}", {}, "personal_data is ['training', 'operation']",
         "processes_personal_data: false"),
        ("trained_on_personal_data: true", {"personal_data": ("operation",)}, "personal_data is ['operation']",
         "trained_on_personal_data: true"),
        (f"trained_on_personal_data: {NOT}", {}, "personal_data is", "trained_on_personal_data: false"),
        ("human_reviews_outputs: true", {"final_decision": "automatic"}, "final_decision is 'automatic'",
         "human_reviews_outputs: true"),
        (f"human_reviews_outputs: {NOT}", {"final_decision": "human"}, "final_decision is 'human'",
         "human_reviews_outputs: false"),
        (f"interacts_with_people: {NOT}", {"talks": True}, "talks is true", "interacts_with_people: false"),
        ("uses_third_party_ai: true", {"third_parties": ("none",)}, "third_parties is ['none']",
         "uses_third_party_ai: true"),
        (f"uses_third_party_ai: {NOT}", {}, "third_parties is ['open_source']", "uses_third_party_ai: false"),
        (f"uses_third_party_ai: {NOT}", {"third_parties": ("operation",), "model_origin": "api"},
         "model_origin is 'api'", "uses_third_party_ai: false"),
    ],
)  # fmt: skip
def test_an_answer_that_contradicts_a_stated_fact_is_refused_with_both_lines(
    tmp_path, facts, changes, question, stated
):
    with pytest.raises(SubmissionError) as refused:
        inputs(tmp_path, facts=facts, **changes)

    said = str(refused.value)
    assert refused.value.code == "screening_contradicts"
    assert said.startswith("screening_answers.yaml:")
    assert question in said
    assert f"but submission.yaml:4 states {stated}; correct one of them" in said
    assert "\n" not in said


def test_the_line_of_the_answer_is_the_one_that_is_named(tmp_path):
    with pytest.raises(SubmissionError) as refused:
        inputs(tmp_path, facts="generative: true")

    line = int(str(refused.value).split(":")[1])
    assert "generates" in (tmp_path / "screening_answers.yaml").read_text(encoding="utf-8").splitlines()[line - 1]


@pytest.mark.parametrize(
    ("facts", "values"),
    [
        (f"affects_people: true, generative: {NOT}, hiring: {NOT}, decides_about_people: true", CREDIT),
        ("processes_personal_data: true, trained_on_personal_data: true, uses_third_party_ai: true", CREDIT),
        ("human_reviews_outputs: true, claims_human_in_the_loop: true", CREDIT),
        (f"human_reviews_outputs: {NOT}", CREDIT),  # somebody who only looks is no review either
        ("interacts_with_people: true", CREDIT),  # to use it directly is to interact, without talking
        (f"affects_people: {NOT}, decides_about_people: {NOT}, processes_personal_data: {NOT}", PARTS),
        ("generative: true, hiring: true, affects_people: true", {}),  # nothing answered contradicts nothing
    ],
)
def test_answers_that_agree_or_are_open_are_taken(tmp_path, facts, values):
    assert inputs(tmp_path, values, facts=facts).answers.values == values


def test_nobody_affected_contradicts_a_decision_about_people(tmp_path):
    with pytest.raises(SubmissionError, match=r"affected is \['nobody'\].*decides_about_people: true"):
        inputs(tmp_path, PARTS, facts="decides_about_people: true")


def test_answers_to_another_version_contradict_nothing(tmp_path):
    folder = submission(tmp_path, sheet(version="0.9.0"), facts="generative: true")

    assert read_inputs(folder).answers.values == {}


def test_no_data_is_opened(tmp_path):
    assert not (tmp_path / "data.csv").exists()
    assert inputs(tmp_path).manifest.data.evaluation == "data.csv"


def test_the_manifest_may_be_named_itself(tmp_path):
    folder = submission(tmp_path, sheet())

    assert read_inputs(folder / "submission.yaml").digest == read_inputs(folder).digest


@pytest.mark.parametrize("missing", ["submission.yaml", "folder"])
def test_without_a_manifest_there_is_no_screening(tmp_path, missing):
    with pytest.raises(SubmissionError, match="no such file; write one with 'reliability init DATA'"):
        read_inputs(tmp_path if missing == "submission.yaml" else tmp_path / "nowhere")


def test_contradictions_speak_of_stated_facts_and_of_answers():
    for expression in QUESTIONS.text.contradictions:
        assert "fact." in expression
        assert any(question in expression for question in QUESTIONS.by_id)
