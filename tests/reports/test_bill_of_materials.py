import json
import uuid

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from reliability.reports.bill_of_materials import cyclonedx_of
from reliability.words.text import LANGUAGES, words
from tests.reports.sample import assessment, data, measured, result, subject
from tests.reports.test_tables import of_small_groups, with_criteria
from tests.reports.worst import worst

VALIDATOR = JsonStrictValidator(SchemaVersion.V1_6)


@pytest.fixture(scope="module")
def hostile():
    return cyclonedx_of(worst(), words("ko")).decode()


def bill(record=None, lang="en"):
    return json.loads(cyclonedx_of(record or assessment(), words(lang)))


def component(made, kind):
    return next(one for one in made["components"] if one["type"] == kind)


def card(made):
    return component(made, "machine-learning-model")["modelCard"]


def metrics(made):
    return card(made)["quantitativeAnalysis"]["performanceMetrics"]


def properties(one):
    return {entry["name"].removeprefix("reliability-workbench:"): entry["value"] for entry in one["properties"]}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_bill_is_valid_by_the_official_schema(lang):
    assert VALIDATOR.validate_str(cyclonedx_of(assessment(), words(lang)).decode()) is None


def test_worst_record_gives_a_valid_bill(hostile):
    assert VALIDATOR.validate_str(hostile) is None


def test_validator_refuses_a_bill_that_is_none():
    made = bill() | {"verdict": "pass"}

    assert VALIDATOR.validate_str(json.dumps(made)) is not None


def test_model_is_named_by_system_and_digest():
    model = component(bill(), "machine-learning-model")

    assert (model["name"], model["version"]) == ("소액대출 심사 모델", "2.3.1")
    assert model["hashes"] == [{"alg": "SHA-256", "content": "56" * 32}]


def test_metrics_hold_values_and_intervals():
    (found,) = [one for one in metrics(bill()) if one["type"] == "performance.roc_auc"]

    assert found["value"] == "0.762"
    assert found["confidenceInterval"] == {"lowerBound": "0.741", "upperBound": "0.782"}
    assert "slice" not in found


def test_metric_of_a_comparison_says_by_what():
    found = [one for one in metrics(bill()) if one["type"] == "fairness.selection_rate_ratio"]

    assert [one["slice"] for one in found] == ["sex", "age"]


@pytest.mark.parametrize(
    ("update", "slice_"),
    [
        ({"by": ("sex",), "slice": {"sex": "F"}}, "sex=F"),
        ({"by": ("b", "a"), "slice": {"b": 1, "a": None}}, "a=null, b=1"),
        ({"of": 2}, "of=2"),
        ({"by": ("sex",), "slice": {"sex": "F"}, "of": "x"}, "sex=F, of=x"),
    ],
)
def test_slice_of_a_metric_names_group_and_class(update, slice_):
    one = measured("performance.recall", (0.5, 0.4, 0.6)).model_copy(update=update)
    (found,) = [
        found for found in metrics(bill(with_criteria(result("fail", one, at_least=0.8)))) if found["value"] == "0.5"
    ]

    assert found["slice"] == slice_


def test_what_was_measured_of_the_data_stands_with_the_data():
    made = bill()

    assert [one for one in metrics(made) if one["type"].startswith(("data_quality", "leakage"))] == []
    assert properties(component(made, "data"))["measured:data_quality.duplicate_rows"] == "0.031"


def test_what_was_not_measured_is_no_metric():
    assert "robustness.missing_value_consistency" not in {one["type"] for one in metrics(bill())}


def test_same_figure_of_two_items_stands_once():
    one = result("pass", measured("performance.recall", (0.5, 0.4, 0.6)), at_least=0.1)
    found = metrics(bill(with_criteria(one, one, verdict="pass")))

    assert sum(metric["type"] == "performance.recall" for metric in found) == 1


def test_figures_of_small_groups_are_no_metric():
    slices = [one.get("slice") for one in metrics(bill(of_small_groups())) if one["type"] == "performance.accuracy"]

    assert slices == ["g=A", "g=B"]


def test_data_sets_are_components_that_the_card_refers_to():
    sets = assessment().data.model_copy(update={"training": data("training.parquet", 9000)})
    made = bill(assessment(data=sets))
    parts = {one["bom-ref"]: one for one in made["components"] if one["type"] == "data"}

    assert list(parts) == ["evaluation_data", "training_data"]
    assert [one["ref"] for one in card(made)["modelParameters"]["datasets"]] == list(parts)
    assert parts["training_data"]["hashes"][0]["content"] == "34" * 32
    assert properties(parts["training_data"])["data:rows"] == "9000"
    assert parts["evaluation_data"]["data"][0]["sensitiveData"] == ["sex"]


def test_libraries_of_the_model_are_components_and_its_dependencies():
    made = bill()
    (skops,) = [one for one in made["components"] if one["name"] == "skops"]

    assert (skops["purl"], skops["version"]) == ("pkg:pypi/skops@0.16.0", "0.16.0")
    assert {"ref": "model", "dependsOn": ["library:python@3.11.2", "library:skops@0.16.0"]} in made["dependencies"]


def test_software_of_the_assessor_stands_with_the_tools():
    tools = {one["name"]: one for one in bill()["metadata"]["tools"]["components"]}

    assert tools["scikit-learn"]["purl"] == "pkg:pypi/scikit-learn@1.9.0"
    assert (tools["reliability-workbench"]["type"], tools["python"]["type"]) == ("application", "platform")
    assert "purl" not in tools["python"]


def test_every_reference_is_there_once():
    made = bill()
    refs = [
        one["bom-ref"]
        for one in (*made["components"], made["metadata"]["component"], *made["metadata"]["tools"]["components"])
    ]

    assert len(refs) == len(set(refs))
    assert {ref for one in made["dependencies"] for ref in (one["ref"], *one["dependsOn"])} <= set(refs)


def test_properties_tell_outcome_verdicts_and_checklist():
    found = properties(component(bill(), "machine-learning-model"))

    assert (found["outcome"], found["checklist:id"], found["checklist:version"]) == (
        "does_not_conform", "trustworthy-ai", "1.0.0",
    )  # fmt: skip
    assert (found["verdict:FAI-02"], found["severity:FAI-02"]) == ("fail", "critical")
    assert sum(name.startswith("verdict:") for name in found) == len(assessment().findings)


def test_considerations_tell_purpose_limits_and_groups_at_risk():
    told = card(bill())["considerations"]

    assert told["useCases"] == ["소액대출 신청의 승인 여부를 제안한다"]
    assert told["technicalLimitations"][0] == "The results relate only to the version and the data tested."
    assert "DAT-07: No training data were handed in." in told["technicalLimitations"]
    assert told["fairnessAssessments"][0] == {
        "groupAtRisk": "sex: 남 / 여",
        "harms": "Selection-rate ratio between groups: the limit is not met",
    }


def test_nobody_is_at_risk_where_every_comparison_passes():
    passed = measured("fairness.selection_rate_ratio", (0.95, 0.9, 1.0), "ratio")
    record = with_criteria(result("pass", passed, at_least=0.8), verdict="pass")
    record = record.model_copy(update={"findings": record.findings[:1]})

    assert "fairnessAssessments" not in card(bill(record))["considerations"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_serial_number_follows_from_record_and_language(lang):
    first, again, other = bill(lang=lang), bill(lang=lang), bill(assessment(seed=1), lang)
    number = uuid.UUID(first["serialNumber"].removeprefix("urn:uuid:"))

    assert first["serialNumber"] == again["serialNumber"] != other["serialNumber"]
    assert number.version == 5
    assert bill(lang="ko")["serialNumber"] != bill(lang="en")["serialNumber"]


def test_time_is_when_the_work_was_finished():
    assert bill()["metadata"]["timestamp"] == "2026-11-20T05:00:00Z"


def test_predictions_handed_in_have_a_card_and_no_digest():
    made = bill(assessment(subject=subject().model_copy(update={"model": None})))
    model = component(made, "machine-learning-model")

    assert "hashes" not in model
    assert properties(model)["model:format"] == "predictions_handed_in"
    assert VALIDATOR.validate_str(json.dumps(made)) is None


@pytest.mark.parametrize(("name", "version"), [("../evil", "1.0"), ("a b", "1"), ("numpy", "1.0?x=y"), ("", "1")])
def test_name_that_is_no_package_has_no_address(name, version):
    tools = bill(assessment(software={name: version}))["metadata"]["tools"]["components"]

    assert [one.get("purl") for one in tools] == [None]


def test_package_is_named_as_its_index_names_it():
    (tool,) = bill(assessment(software={"Ruamel_Yaml.Clib": "1!2.0"}))["metadata"]["tools"]["components"]

    assert tool["purl"] == "pkg:pypi/ruamel-yaml-clib@1%212.0"
