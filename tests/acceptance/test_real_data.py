"""Whole commands on real data: what is measured equals what pandas and scikit-learn count."""

import json

import jsonschema
import pandas as pd
import pytest
from sklearn import metrics

from reliability import resources
from reliability.records import Assessment

OUTCOMES = {"conforms": 0, "conforms_with_conditions": 0, "does_not_conform": 1, "undetermined": 3}


def accepted(done):
    """The record is one that model and schema accept, and the exit status is that of its outcome."""
    text = (done.case / "assessment.json").read_bytes()
    record = Assessment.model_validate_json(text)
    schema = resources.schemas() / "assessment.schema.json"
    jsonschema.validate(json.loads(text), json.loads(schema.read_text("utf-8")))
    assert done.status == OUTCOMES[record.outcome]
    return record


@pytest.fixture
def german_case(german, submit, assess):
    kept = {"target": "credit", "favourable": 1, "prediction": "predicted"}
    return assess(submit(german, sensitive=["sex", {"column": "age", "bands": [0, 25]}], **kept))


def test_german_credit_leaves_a_case_with_everything_in_it(german_case):
    record = accepted(german_case)

    assert record.data.evaluation.rows == 1_000
    assert {path.name for path in german_case.case.iterdir()} == {"assessment.json", "submission", "rows.parquet"}
    assert [path.name for path in (german_case.case / "submission").iterdir()] == ["submission.yaml"]
    assert len(pd.read_parquet(german_case.case / "rows.parquet")) == 1_000


def test_german_credit_selects_as_pandas_counts(german_case, german):
    rates = german["predicted"].eq(1).groupby(german["sex"]).mean()
    found = german_case.measured("fairness.selection_rate_ratio")["sex",]

    assert found.value == pytest.approx(rates.min() / rates.max(), abs=1e-12)
    assert {group["slice"]["sex"]: group["value"] for group in found.details["groups"]} == pytest.approx(dict(rates))


def test_german_credit_gets_its_reports_in_both_languages(german_case, run, tmp_path):
    for lang, form, start in (("ko", "html", b"<!DOCTYPE html>"), ("en", "pdf", b"%PDF-")):
        report = tmp_path / f"out/test.{form}"
        ran = run("report", german_case.case, "--kind", "test", "--lang", lang, "-o", report)

        assert (ran.status, ran.out) == (0, "")
        assert report.read_bytes().lower().startswith(start.lower())
        assert [path.name for path in report.parent.iterdir() if path.name.startswith(".")] == []


def test_german_credit_without_probabilities_or_model_is_undecided_never_passed(german_case):
    verdicts = german_case.verdicts()

    assert verdicts["ROB-01"] == verdicts["DAT-07"] == "inconclusive"
    assert verdicts["PER-04"] == "not_applicable"
    assert verdicts["GOV-01"] == "not_assessed"
    assert {"no_model", "no_training_data", "answer_missing"} <= {one.code for one in german_case.record.not_tested}


@pytest.fixture
def adult_case(adult, submit, assess):
    kept = {"target": "income", "favourable": 1, "prediction": "predicted", "score": "score"}
    return assess(submit(adult, sensitive=["sex", "race"], file="data.parquet", **kept))


def test_adult_agrees_with_scikit_learn_and_pandas(adult_case, adult):
    accepted(adult_case)
    found = adult_case.measured("fairness.true_positive_rate_difference")["race",]
    positives = adult[adult["income"] == 1]
    rates = positives["predicted"].groupby(positives["race"]).mean()

    assert {one["slice"]["race"]: one["value"] for one in found.details["groups"]} == pytest.approx(dict(rates))
    assert found.value == pytest.approx(rates.max() - rates.min(), abs=1e-12)
    skill = adult_case.measured("calibration.brier_skill_score")[()].value
    brier = metrics.brier_score_loss(adult["income"], adult["score"])
    base = adult["income"].mean()
    assert skill == pytest.approx(1 - brier / (base * (1 - base)), abs=1e-9)


def test_adult_auc_by_the_command_line_is_that_of_scikit_learn(adult, submit, run):
    kept = {"target": "income", "favourable": 1, "prediction": "predicted", "score": "score", "sensitive": ["sex"]}
    ran = run("measure", submit(adult, file="data.parquet", **kept), "performance.roc_auc", "--by", "sex", "--json")

    found = {one["slice"]["sex"]: one["value"] for one in json.loads(ran.out)}
    for sex, people in adult.groupby("sex"):
        assert found[sex] == pytest.approx(metrics.roc_auc_score(people["income"], people["score"]), abs=1e-12)


def test_adult_has_the_counts_that_its_authors_published(adult, submit, run):
    train, test = adult.iloc[:32_561], adult.iloc[32_561:]
    described = {}
    for name, rows in {"all": adult, "test": test, "known": adult.dropna()}.items():
        folder = submit(
            rows,
            name=name,
            file="data.parquet",
            target="income",
            favourable=1,
            prediction="predicted",
            sensitive=["race"],
        )
        ran = run("inspect", folder, "--json")
        described[name] = json.loads(ran.out)["data"]["evaluation"]["rows"]

    assert described == {"all": 48_842, "test": 16_281, "known": 45_222}
    assert (len(train), len(train.dropna()), len(test.dropna())) == (32_561, 30_162, 15_060)


def test_adult_share_of_high_incomes_is_the_published_one(adult_case):
    rows = pd.read_parquet(adult_case.case / "rows.parquet")

    assert round(100 * rows["true"].astype(str).eq("1").mean(), 2) == 23.93


def test_boston_denials_by_race_are_those_of_pandas(hmda, submit, assess):
    hmda = hmda.assign(predicted=hmda["deny"])
    kept = {"target": "deny", "favourable": "no", "positive": "yes", "prediction": "predicted"}
    done = assess(submit(hmda, sensitive=["afam"], **kept))
    denied = hmda["deny"].eq("yes").groupby(hmda["afam"])

    accepted(done)
    groups = done.measured("fairness.selection_rate_difference") or done.measured("fairness.selection_rate_ratio")
    found = {one["slice"]["afam"]: (1 - one["value"], one["n"]) for one in groups["afam",].details["groups"]}
    assert found == {race: (pytest.approx(rows.mean()), len(rows)) for race, rows in denied}
    assert len(hmda) == 2_380


def test_ricci_with_118_people_is_not_decided_by_luck(ricci, submit, assess):
    kept = {"target": "passed", "favourable": "pass", "prediction": "predicted", "sensitive": ["Race"]}
    done = assess(submit(ricci, **kept), lang="ko")
    found = done.measured("fairness.selection_rate_ratio")["Race",]

    accepted(done)
    assert {one["slice"]["Race"]: one["n"] for one in found.details["groups"]} == {"W": 68, "B": 27, "H": 23}
    assert done.verdicts()["FAI-02"] == "inconclusive"
    assert "종합 결과:" in done.out


def test_student_bands_are_measured_class_by_class(student, submit, run):
    kept = {"target": "band", "favourable": ["high", "middle"], "prediction": "banded", "sensitive": ["sex"]}
    folder = submit(student, task="multiclass", **kept, features={"exclude": ["G2", "class", "predicted"]})
    ran = run("measure", folder, "performance.recall", "--json")

    found = {one["of"]: one["value"] for one in json.loads(ran.out)}
    labels = ["low", "middle", "high"]
    expected = metrics.recall_score(student["band"], student["banded"], labels=labels, average=None)
    assert found == pytest.approx(dict(zip(labels, expected, strict=True)), abs=1e-12)


def test_student_bands_are_assessed_as_a_multiclass_system(student, submit, assess):
    kept = {"target": "band", "favourable": ["high", "middle"], "prediction": "banded", "sensitive": ["sex"]}
    done = assess(submit(student, task="multiclass", **kept, features={"exclude": ["G2", "class", "predicted"]}))

    record = accepted(done)
    assert record.subject.task == "multiclass"
    assert done.measured("fairness.selection_rate_ratio")["sex",].value is not None


def test_student_marks_are_assessed_as_a_regression(student, submit, assess):
    kept = {"target": "G2", "favourable": "higher", "prediction": "predicted", "sensitive": ["sex"]}
    done = assess(submit(student, task="regression", **kept, features={"exclude": ["class", "band", "banded"]}))

    record = accepted(done)
    assert {"what": "fairness", "code": "needs_classification"}.items() <= record.not_tested[-1].model_dump().items()
    assert done.verdicts()["DAT-02"] == "pass"


def test_student_errors_are_those_of_scikit_learn(student, submit, run):
    kept = {"target": "G2", "favourable": "higher", "prediction": "predicted", "sensitive": ["sex"]}
    folder = submit(student, task="regression", **kept, features={"exclude": ["class", "band", "banded"]})

    for check, theirs in (
        ("performance.mean_absolute_error", metrics.mean_absolute_error),
        ("performance.r2_score", metrics.r2_score),
    ):
        (found,) = json.loads(run("measure", folder, check, "--json").out)
        assert found["value"] == pytest.approx(theirs(student["G2"], student["predicted"]), abs=1e-12)
        assert found["low"] < found["value"] < found["high"]
