import pytest

from reliability.checklist.again import refuse_contradiction
from reliability.errors import RecordError
from reliability.records import Answer
from tests.small_case import assessed, checklist, handed_in


@pytest.fixture(scope="module")
def genuine(tmp_path_factory):
    folder = tmp_path_factory.mktemp("again")
    return assessed(handed_in(folder / "in"), checklist(folder / "list"), folder / "case")


def changed(assessment, name, **update):
    findings = tuple(one.model_copy(update=update) if one.item == name else one for one in assessment.findings)
    return assessment.model_copy(update={"findings": findings})


def place_of_refusal(assessment):
    with pytest.raises(RecordError) as refused:
        refuse_contradiction(assessment, path="case/assessment.json")
    assert refused.value.code == "record_contradicts"
    assert str(refused.value).startswith("case/assessment.json: ")
    return refused.value.values["place"]


def test_genuine_record_is_not_refused(genuine):
    refuse_contradiction(genuine, path="case")


@pytest.mark.parametrize("outcome", ["conforms", "conforms_with_conditions", "does_not_conform"])
def test_changed_outcome_is_refused(genuine, outcome):
    assert genuine.outcome == "undetermined"
    assert place_of_refusal(genuine.model_copy(update={"outcome": outcome})) == "outcome"


@pytest.mark.parametrize("item", ["PER-04", "ROB-01", "LEA-01", "GOV-01"])
def test_verdict_set_to_pass_is_refused(genuine, item):
    assert place_of_refusal(changed(genuine, item, verdict="pass")) == f"verdict of {item}"


def test_verdict_of_a_criterion_set_to_pass_is_refused(genuine):
    finding = next(one for one in genuine.findings if one.item == "ROB-01")
    criteria = tuple(one.model_copy(update={"verdict": "pass"}) for one in finding.criteria)

    assert place_of_refusal(changed(genuine, "ROB-01", verdict="pass", criteria=criteria)) == "verdict of ROB-01"


def test_changed_interval_is_refused_where_it_changes_the_verdict(genuine):
    finding = next(one for one in genuine.findings if one.item == "PER-01")
    (result,) = finding.criteria
    low = tuple(one.model_copy(update={"low": 0.1, "high": 0.2, "value": 0.15}) for one in result.measurements)
    criteria = (result.model_copy(update={"measurements": low}),)

    assert place_of_refusal(changed(genuine, "PER-01", criteria=criteria)) == "verdict of PER-01"


def test_removed_finding_is_refused(genuine):
    assert place_of_refusal(genuine.model_copy(update={"findings": genuine.findings[1:]})).startswith("finding ")


def test_no_findings_at_all_are_refused(genuine):
    assert place_of_refusal(genuine.model_copy(update={"findings": ()})).startswith("finding ")


def test_finding_that_stands_twice_is_refused(genuine):
    twice = genuine.model_copy(update={"findings": (*genuine.findings, genuine.findings[0])})

    assert place_of_refusal(twice) == f"finding {genuine.findings[0].item}"


def test_finding_of_an_unknown_item_is_refused(genuine):
    renamed = changed(genuine, "PER-01", item="ZZZ-9")

    assert place_of_refusal(renamed).startswith("finding ")


@pytest.mark.parametrize(
    ("answer", "verdict"), [("met", "fail"), ("partly", "pass"), ("not_met", "pass"), ("met", "conditional_pass")]
)
def test_answer_that_does_not_give_the_verdict_is_refused(genuine, answer, verdict):
    told = changed(genuine, "GOV-01", answer=Answer(answer=answer), verdict=verdict)

    assert place_of_refusal(told) == "verdict of GOV-01"


@pytest.mark.parametrize(("answer", "verdict"), [("met", "pass"), ("not_met", "fail"), ("met", "not_assessed")])
def test_answer_that_gives_the_verdict_is_not_refused(genuine, answer, verdict):
    told = changed(genuine, "GOV-01", answer=Answer(answer=answer), verdict=verdict)

    refuse_contradiction(told, path="case")


def test_item_without_a_condition_cannot_be_declared_not_applicable_by_hand(genuine):
    assert place_of_refusal(changed(genuine, "PER-01", verdict="not_applicable", criteria=())) == "verdict of PER-01"
