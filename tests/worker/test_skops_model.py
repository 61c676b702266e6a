import hashlib
import io
import re
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.compose import make_column_transformer
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    VotingClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from reliability.blocks import Column
from reliability.errors import WorkerError
from reliability.worker import skops_model
from reliability.worker.parent import Limits, ModelSpec, open_model
from reliability.worker.wire import Refusal

LIMITS = Limits(timeout_s=60)
N = 400
RANDOM = np.random.default_rng(7)
NUMBER = RANDOM.normal(size=N)
NUMBER_GONE, TEXT_GONE = RANDOM.random(N) < 0.1, RANDOM.random(N) < 0.1
PURPOSE = RANDOM.integers(0, 3, N)
LEVELS = ("생활", "사업", "주택", "never used")
AGE = RANDOM.integers(18, 80, N)
MEMBER = RANDOM.random(N) < 0.5
Y = (NUMBER + 0.02 * AGE + MEMBER + RANDOM.normal(size=N) > 1.5).astype(np.int64)
PRESENT = np.zeros(N, dtype=np.bool_)

COLUMNS = {
    "소득": Column(kind="f8", values=np.where(NUMBER_GONE, 0, NUMBER), missing=NUMBER_GONE),
    "purpose": Column(
        kind="utf8", values=np.where(TEXT_GONE, 0, PURPOSE).astype(np.int32), missing=TEXT_GONE, levels=LEVELS
    ),
    "age": Column(kind="i8", values=AGE, missing=PRESENT),
    "member": Column(kind="bool", values=MEMBER, missing=PRESENT),
    "label": Column(kind="i8", values=Y, missing=PRESENT),
}
INPUTS = ("purpose", "age", "소득", "member")
FRAME = pd.DataFrame(
    {
        "소득": np.where(NUMBER_GONE, np.nan, NUMBER),
        "purpose": pd.Series(
            [np.nan if g else LEVELS[c] for c, g in zip(PURPOSE, TEXT_GONE, strict=True)], dtype=object
        ),
        "age": AGE,
        "member": MEMBER,
    }
)


def prepared(model):
    """Text with gaps encoded, numbers imputed and scaled, then the model."""
    text = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore"))
    number = make_pipeline(SimpleImputer(), StandardScaler())
    return make_pipeline(make_column_transformer((text, ["purpose"]), (number, ["소득", "age", "member"])), model)


def spec_of(model, path: Path, **changes) -> ModelSpec:
    path.write_bytes(model if isinstance(model, bytes) else skops.io.dumps(model))
    given = {"inputs": INPUTS, "classes": (0, 1), "task": "binary", "positive": 1}
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return ModelSpec(format="skops", path=path, sha256=sha256, **(given | changes))


@pytest.fixture(scope="module")
def asked(confined, tmp_path_factory):
    """Answers of a model in a worker of its own, with what the worker said of itself."""

    def ask(model, columns=COLUMNS, **changes):
        path = tmp_path_factory.mktemp("model") / "모델.skops"
        with open_model(spec_of(model, path, **changes), limits=LIMITS) as opened:
            return opened.answer(columns), opened.isolation

    return ask


def test_binary_answers_equal_those_in_process_when_text_and_gaps_are_there(asked):
    several = [
        ("forest", RandomForestClassifier(10, random_state=0)),
        ("boosting", GradientBoostingClassifier(n_estimators=10, random_state=0)),
        ("histogram", HistGradientBoostingClassifier(max_iter=10, random_state=0)),
        ("logistic", LogisticRegression()),
    ]
    model = prepared(VotingClassifier(several, voting="soft")).fit(FRAME, Y)

    answers, isolation = asked(model)

    np.testing.assert_array_equal(answers.labels, model.predict(FRAME))
    np.testing.assert_array_equal(answers.scores, model.predict_proba(FRAME)[:, 1])
    assert isolation["written_by"]["skops"] == skops.__version__
    assert isolation["written_by"]["scikit-learn"] == [isolation["libraries"]["scikit-learn"]]


def test_worker_crashes_alone_when_a_tree_points_outside(asked):
    model = DecisionTreeClassifier(max_depth=3).fit(FRAME[["age"]], Y)

    with pytest.raises(WorkerError) as caught:
        asked(mutated(skops.io.dumps(model)), inputs=("age",))
    assert caught.value.code == "model_crashed"
    assert caught.value.values == {"signal": "SIGSEGV"}


def mutated(raw: bytes) -> bytes:
    """The same file with one edited tree node: `left_child` of the root far outside the tree."""
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith(".npy"):
                array = np.load(io.BytesIO(content), allow_pickle=False)
                if array.dtype.names and "left_child" in array.dtype.names:
                    array["left_child"][0] = 50_000_000
                    np.save(buffer := io.BytesIO(), array)
                    content = buffer.getvalue()
            new.writestr(name, content)
    return changed.getvalue()


def custom(frame):
    """A function of the applicant's own."""
    return frame


@pytest.mark.parametrize("content", [b"", b"this is no model", b"PK\x03\x04 cut off"])
def test_file_is_no_model_when_it_is_no_archive(tmp_path, content):
    path = tmp_path / "model.skops"
    path.write_bytes(content)

    with pytest.raises(Refusal) as caught:
        skops_model.load(path, {})
    assert (caught.value.code, caught.value.values["found"]) == ("not_a_model", "BadZipFile")


@pytest.mark.parametrize("schema", [None, b"{", b"[" * 100_000, b"\xff"])
def test_file_is_no_model_when_its_schema_cannot_be_read(tmp_path, schema):
    path = tmp_path / "model.skops"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("schema.json" if schema is not None else "other.json", schema or b"{}")

    with pytest.raises(Refusal) as caught:
        skops_model.load(path, {})
    assert caught.value.code == "not_a_model"


def test_model_is_refused_with_its_types_when_it_carries_own_code(tmp_path):
    path = tmp_path / "model.skops"
    path.write_bytes(skops.io.dumps(make_pipeline(FunctionTransformer(custom), LogisticRegression())))

    with pytest.raises(Refusal) as caught:
        skops_model.load(path, {})
    assert caught.value.code == "model_refused"
    assert caught.value.values == {"format": "skops", "types": f"{custom.__module__}.custom"}


def test_allowlist_names_no_function_that_calls_or_opens():
    names = skops_model.allowed_types()

    assert {"sklearn.tree._tree.Tree", "lightgbm.basic.Booster", "numpy.dtype"} <= names
    assert not {name for name in names if re.search(r"datasets|\bos\b|subprocess|eval|getattr|open|load|exec", name)}


@pytest.mark.parametrize(("limit", "member"), [("MOST_SCHEMA", "schema.json"), ("MOST_UNPACKED", "1.npy")])
def test_file_that_unpacks_to_too_much_is_refused_before_it_is_read(tmp_path, monkeypatch, limit, member):
    monkeypatch.setattr(skops_model, limit, 1 << 20)
    path = tmp_path / "bomb.skops"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("schema.json" if member == "1.npy" else "1.npy", b"{}")
        archive.writestr(member, bytes((1 << 20) + 1))

    with pytest.raises(Refusal) as refused:
        skops_model.load(path, {})

    assert refused.value.code == "not_a_model"
    assert refused.value.values["found"] == "unpacks to too much"
