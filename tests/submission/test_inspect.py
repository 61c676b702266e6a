"""What `reliability inspect` says a submission holds."""

import hashlib
import json

import pytest

from reliability.submission.inspect import describe

MODEL = [
    ("task:", "model: {format: skops, path: model.skops}\ntask:"),
    ("  prediction: y_pred\n  score: y_score\n", ""),
]


def test_every_part_of_a_small_submission_is_described(read):
    submission = read()
    description = describe(submission)

    assert description["manifest"] == {"path": "submission.yaml", "sha256": submission.manifest_sha256}
    assert description["organisation"] == {"name": "온고을신용"}
    assert description["system"] == {"name": "심사 모델", "version": "1.0", "purpose": "승인 여부를 제안한다"}
    assert (description["task"], description["features"], description["segments"]) == ("binary", ["income"], [])
    assert (description["model"], description["answers"], description["notes"]) == (None, None, [])
    assert (description["data"]["training"], description["data"]["evaluation"]["rows"]) == (None, 4)


def test_digests_are_of_the_bytes_as_handed_in(read):
    submission = read()
    digest = hashlib.sha256((submission.folder / "data.csv").read_bytes()).hexdigest()

    assert describe(submission)["data"]["evaluation"]["sha256"] == digest


def test_model_is_described_by_format_path_and_digest(read):
    model = describe(read(*MODEL, model__skops="not a model"))["model"]

    assert model == {"format": "skops", "path": "model.skops", "sha256": hashlib.sha256(b"not a model").hexdigest()}


@pytest.mark.parametrize(
    ("change", "labels"),
    [
        ((), {"target": "approved", "classes": [0, 1], "positive": 1, "favourable": [1]}),
        (
            ("favourable: 1", "favourable: 0"),
            {"target": "approved", "classes": [0, 1], "positive": 0, "favourable": [0]},
        ),
    ],
)
def test_labels_are_described_by_their_values(read, change, labels):
    assert describe(read(*([change] if change else [])))["labels"] == labels


def test_regression_is_described_by_its_direction(read):
    changes = [("task: binary", "task: regression"), ("favourable: 1", "favourable: lower"), ("  score: y_score\n", "")]
    labels = describe(read(*changes))["labels"]

    assert labels == {"target": "approved", "classes": [], "positive": None, "favourable": "lower"}


def test_facts_and_notes_are_described_as_stated(read):
    stated = ("task:", "facts: {affects_people: true, generative: {is: false, because: 분류}}\ntask:")
    coded = ("model.skops}", "model.skops, categories: {income: [low, high]}}")
    description = describe(read(*MODEL, stated, coded, model__skops="not a model"))

    assert description["facts"] == {
        "affects_people": {"value": True, "because": None},
        "generative": {"value": False, "because": "분류"},
    }
    assert description["notes"] == [{"code": "not_used", "with": {"key": "model.categories"}}]


def test_groups_that_differ_in_spelling_alone_are_told(read):
    rows = "id,sex,age,income,approved,y_pred,y_score\n"
    rows += "".join(f"{at},{sex},40,1,{at % 2},1,0.5\n" for at, sex in enumerate(["F", "f", "M", "F.", "Ｆ", "M", "X"]))

    assert describe(read(rows=rows))["spelt_alike"] == [{"column": "sex", "values": ["F", "F.", "f", "Ｆ"]}]
    assert describe(read())["spelt_alike"] == []


def test_strata_and_incumbent_are_described(read):
    rows = "x,grade,old,approved,y_pred\n1,2,1,1,0\n3,4,0,0,1\n"
    keys = "favourable: 1\n  strata: [{column: grade, bands: [0, 3]}, x]\n  incumbent: {prediction: old}"
    changes = [("  score: y_score\n  id: id\n", ""), ("[sex, {column: age, bands: [0, 30, 65]}]", "[]")]
    description = describe(read(*changes, ("favourable: 1", keys), rows=rows))

    assert description["strata"] == [{"column": "grade", "bands": ["0-3", "3-"]}, {"column": "x", "bands": None}]
    assert (description["incumbent"], description["features"]) == ("old", ["x", "grade"])
    assert (describe(read())["strata"], describe(read())["incumbent"]) == ([], None)


def test_description_is_the_same_twice_and_fits_json(read):
    submission = read()

    assert json.loads(json.dumps(describe(submission), ensure_ascii=False)) == describe(submission)


def test_answers_are_described_with_how_their_evidence_stands(read):
    sha = "a" * 64
    items = {
        "A": f"{{answer: met, evidence: [{{path: a.txt, sha256: {sha}, renew: 2027-01-31}}]}}",
        "B": f"{{answer: met, evidence: [{{path: b.exe, sha256: {sha}}}, {{path: gone.pdf, sha256: {sha}}}]}}",
        "C": "{answer: , note: draft}",
    }
    sheet = 'answers: 1\nchecklist: small\nversion: "1.0.0"\nitems:\n' + "".join(
        f"  {item}: {entry}\n" for item, entry in items.items()
    )
    change = ("  id: id\n", "  id: id\nanswers: answers.yaml\n")
    manifest_end = ("  sensitive: [sex, {column: age, bands: [0, 30, 65]}]\n", "")
    met = describe(read(change, manifest_end, answers__yaml=sheet, a__txt="x", b__exe="x"))["answers"]

    assert (met["answered"], met["evidence"]) == (2, 1)
    assert (met["changed"], met["other_kind"], met["missing"]) == (
        {"A": ["a.txt"]},
        {"B": ["b.exe"]},
        {"B": ["gone.pdf"]},
    )
    assert (met["too_large"], met["renew"]) == ({}, {"A": {"a.txt": "2027-01-31"}})
