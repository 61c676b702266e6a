"""What the manifest says of a model, by format, and what its file says of itself."""

import hashlib

import pytest

from reliability.formats import project
from reliability.submission.inspect import describe

REST = [("  prediction: y_pred\n  score: y_score\n", ""), ("  id: id", "  features: {exclude: [y_pred, y_score, id]}")]


def model(text):
    return [("task:", f"model: {{{text}}}\ntask:"), *REST]


@pytest.fixture
def code(tmp_path):
    """A project of two files and its requirements, beside the manifest."""
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "predict.py").write_text("def predict(frame):\n    return [0] * len(frame)\n")
    (tmp_path / "code" / "requirements.txt").write_text("")
    return tmp_path / "code"


def test_project_is_digested_as_a_whole_and_its_requirements_named_from_inside(read, code):
    said = (
        "format: python, path: code, function: 'predict:predict', requirements: code/requirements.txt, classes: [0, 1]"
    )

    submission = read(*model(said))

    assert submission.model.sha256 == project.digest(code)
    assert submission.model.declared == {
        "classes": [0, 1],
        "function": "predict:predict",
        "requirements": "requirements.txt",
    }
    assert submission.notes == ()


def test_project_may_be_one_file(read, code):
    submission = read(*model("format: python, path: code/predict.py, function: 'predict:predict'"))

    assert submission.model.sha256 == hashlib.sha256((code / "predict.py").read_bytes()).hexdigest()


def test_project_with_a_link_is_refused(refused, code):
    (code / "labels.csv").symlink_to("/etc/hostname")

    told = refused(*model("format: python, path: code, function: 'predict:predict'"))

    assert told[0] == "model_project"
    assert "'labels.csv' is a link or a device" in told[1]


@pytest.mark.parametrize(
    ("text", "code_of", "words"),
    [
        ("format: python, path: code", "key_missing", "needs function"),
        ("format: python, path: code, function: 'a:b', requirements: data.csv", "requirements_outside", "lies outside"),
        ("format: onnx, path: code", "file_irregular", "is a folder"),
        ("format: python, path: other, function: 'a:b'", "file_missing", "no file 'other'"),
        ("format: python, path: '..', function: 'a:b'", "path_outside", "leaves the submission's folder"),
        (f"format: python, path: '{'x' * 300}', function: 'a:b'", "file_missing", "no file"),
    ],
)
def test_model_is_refused_when_its_keys_do_not_fit(refused, code, text, code_of, words):
    told = refused(*model(text))

    assert told[0] == code_of
    assert words in told[1]


@pytest.mark.parametrize(
    ("keys", "unused"),
    [
        ("format: skops, path: data.csv, categories: {income: [1, 2]}", ["model.categories"]),
        ("format: onnx, path: data.csv, categories: {income: [1, 2]}", []),
        ("format: lightgbm, path: data.csv, function: 'a:b', batch: 3", ["model.function", "model.batch"]),
        ("format: catboost, path: data.csv, requirements: data.csv", ["model.requirements"]),
    ],
)
def test_keys_that_a_format_has_no_use_for_are_noted(read, keys, unused):
    assert [note.with_["key"] for note in read(*model(keys)).notes] == unused


def test_model_file_is_described_and_what_is_damaged_is_said(read, code):
    assert describe(read(*model("format: onnx, path: data.csv")))["model_file"].keys() == {"unreadable"}
    said = describe(read(*model("format: python, path: code, function: 'predict:predict'")))
    assert said["model_file"] == {"files": 2}
    assert describe(read())["model_file"] is None
