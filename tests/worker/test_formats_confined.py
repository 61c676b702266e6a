"""Every format in a worker of its own: answers equal those in process to the last bit, and the record says what ran."""

import builtins
import hashlib
import importlib.util

import numpy as np
import pandas as pd
import pytest

from reliability.blocks import Column
from reliability.errors import EnvironmentLacksError, SubmissionError, WorkerError
from reliability.worker import adapters, confinement
from reliability.worker.parent import Limits, ModelSpec, open_model

N = 300
RANDOM = np.random.default_rng(2)
FRAME = pd.DataFrame({"a": RANDOM.normal(size=N), "b": RANDOM.normal(size=N)})
Y = (FRAME["a"] + RANDOM.normal(size=N) > 0).to_numpy().astype(np.int64)
COLUMNS = {
    name: Column(kind="f8", values=FRAME[name].to_numpy(), missing=np.zeros(N, dtype=np.bool_)) for name in FRAME
}
FEW = {"n_estimators": 20, "random_state": 0}


def xgboost_file(path):
    xgboost = pytest.importorskip("xgboost")
    model = xgboost.XGBClassifier(n_jobs=1, **FEW).fit(FRAME, Y)
    model.get_booster().save_model(str(path.with_suffix(".ubj")))
    path.write_bytes(path.with_suffix(".ubj").read_bytes())
    return model.predict_proba(FRAME)[:, 1]


def lightgbm_file(path):
    lightgbm = pytest.importorskip("lightgbm")
    model = lightgbm.LGBMClassifier(verbose=-1, n_jobs=1, **FEW).fit(FRAME, Y)
    model.booster_.save_model(path)
    return model.predict_proba(FRAME)[:, 1]


def catboost_file(path):
    catboost = pytest.importorskip("catboost")
    model = catboost.CatBoostClassifier(iterations=20, verbose=0, allow_writing_files=False, thread_count=1)
    model.fit(FRAME, Y).save_model(str(path))
    return model.predict_proba(FRAME)[:, 1]


def onnx_file(path):
    onnx, onnxruntime = pytest.importorskip("onnx"), pytest.importorskip("onnxruntime")
    helper, real = onnx.helper, onnx.TensorProto.FLOAT
    node = helper.make_node(
        "LinearClassifier", ["X"], ["label", "scores"], domain="ai.onnx.ml", classlabels_ints=[0, 1],
        coefficients=[-0.4, 0.2, 0.4, -0.2], intercepts=[0.0, 0.1], post_transform="SOFTMAX",
    )  # fmt: skip
    made = helper.make_graph(
        [node], "g", [helper.make_tensor_value_info("X", real, [None, 2])],
        [helper.make_tensor_value_info("label", onnx.TensorProto.INT64, [None]),
         helper.make_tensor_value_info("scores", real, [None, 2])],
    )  # fmt: skip
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", 15), helper.make_opsetid("ai.onnx.ml", 3)])
    model.ir_version = 8
    path.write_bytes(model.SerializeToString())
    session = onnxruntime.InferenceSession(path.read_bytes(), providers=["CPUExecutionProvider"])
    return session.run(None, {"X": FRAME.to_numpy(dtype=np.float32)})[1][:, 1]


FILES = {"xgboost": xgboost_file, "lightgbm": lightgbm_file, "catboost": catboost_file, "onnx": onnx_file}
LIBRARY = {"onnx": "onnxruntime"}


def spec_of(named, path) -> ModelSpec:
    return ModelSpec(
        format=named, path=path, sha256=hashlib.sha256(path.read_bytes()).hexdigest(), inputs=("a", "b"),
        classes=(0, 1), task="binary", positive=1, declared={"classes": [0, 1]},
    )  # fmt: skip


@pytest.mark.parametrize("named", FILES)
def test_worker_answers_as_in_process_to_the_last_bit(confined, tmp_path, named):
    expected = FILES[named](tmp_path / "model")

    with open_model(spec_of(named, tmp_path / "model"), limits=Limits(timeout_s=60)) as model:
        read = model.answer(COLUMNS)

    np.testing.assert_array_equal(read.scores, expected)
    np.testing.assert_array_equal(read.labels, (expected > 0.5).astype(np.int64))
    library = LIBRARY.get(named, named)
    assert model.isolation["libraries"][library] == importlib.import_module(library).__version__
    assert (model.isolation["exit"], model.notes) == ("ended_by_workbench", ())
    assert "allowlist" not in model.isolation


def test_file_that_crashes_its_library_ends_the_worker_alone(confined, tmp_path):
    lightgbm_file(tmp_path / "model")
    text = (tmp_path / "model").read_text()
    (tmp_path / "model").write_text(text.replace("leaf_value=", "leaf_value=1 1 1 1 1 ", 1))

    with pytest.raises(WorkerError) as caught:
        open_model(spec_of("lightgbm", tmp_path / "model"), limits=Limits(timeout_s=60))
    assert caught.value.code in {"model_crashed", "model_load_failed"}
    assert caught.value.isolation["exit"] == caught.value.code
    assert caught.value.isolation["limits"]["timeout_s"] == 60


def test_torch_answers_as_in_process(confined, tmp_path):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed here: its wheels are too large for the lock")
    program = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Softmax(dim=1))
    torch.jit.script(program).save(str(tmp_path / "model"))

    with open_model(spec_of("torch", tmp_path / "model"), limits=Limits(timeout_s=120)) as model:
        read = model.answer(COLUMNS)
    with torch.no_grad():
        expected = program(torch.from_numpy(FRAME.to_numpy(dtype=np.float32))).numpy()[:, 1]
    np.testing.assert_array_equal(read.scores, expected)


@pytest.mark.parametrize(("named", "library"), sorted(adapters.EXTRAS.items()))
def test_line_names_the_extra_when_a_library_is_not_installed(monkeypatch, named, library):
    monkeypatch.setattr(adapters, "find_spec", lambda asked: None if asked == library else builtins.object())

    with pytest.raises(EnvironmentLacksError) as caught:
        adapters.refuse_unusable(named)
    assert str(caught.value) == (
        f"model.format {named}: {library} is not installed; pip install 'reliability-workbench[{named}]'"
    )


def test_format_that_nothing_runs_is_refused():
    with pytest.raises(SubmissionError) as caught:
        adapters.refuse_unusable("pmml")
    assert caught.value.code == "format_not_run"


@pytest.mark.parametrize("named", sorted(adapters.RUNS_CODE))
def test_what_runs_code_is_refused_where_isolation_is_weak(named):
    with pytest.raises(WorkerError) as caught:
        adapters.refuse_weak(named, "process")
    assert (caught.value.code, caught.value.values["why"]) == ("sandbox_unavailable", "weak_isolation")
    assert adapters.refuse_weak(named, "bubblewrap") is None
    assert adapters.refuse_weak("skops", "process") is None


def test_pickle_is_not_loaded_where_isolation_is_weak(hostile, monkeypatch):
    monkeypatch.setattr(adapters, "STRONG_LEVELS", frozenset())

    with pytest.raises(WorkerError) as caught:
        hostile("load_exit", format="pickle")
    assert caught.value.values["why"] == "weak_isolation"


ISOLATION = {
    "libraries": {"scikit-learn": "1.9.1", "skops": "0.16.0"},
    "written_by": {"scikit-learn": ["1.8.0", "1.9.1"], "skops": "0.16.0", "skl2onnx": "1"},
    "inputs": {"by": "name", "reordered": True, "missing": [], "left_out": ["zip", "id"]},
}


def test_notes_tell_of_versions_and_columns():
    told = [(note.code, dict(note.values)) for note in adapters.notes(ISOLATION)]

    assert told == [
        ("library_version_gap", {"library": "scikit-learn", "written": "1.8.0, 1.9.1", "read": "1.9.1"}),
        ("inputs_reordered", {}),
        ("inputs_left_out", {"columns": "zip, id"}),
    ]


@pytest.mark.parametrize(
    "said", [None, 3, [], {"inputs": 3, "written_by": "x", "wrapper": 4, "globals": [1]}, {"inputs": {"left_out": 3}}]
)
def test_claims_of_a_worker_never_break_the_record(said):
    kept = adapters.believed(said if isinstance(said, dict) else {"written_by": said}, "pickle")

    assert isinstance(kept["written_by"], dict)
    assert isinstance(kept["globals"], dict)
    adapters.notes({"libraries": {}, **kept})


def test_long_lists_of_a_worker_are_cut():
    kept = adapters.claims({"known": ["x" * 999] * 999, **{str(place): "y" for place in range(99)}})

    assert len(kept) == 16
    assert (len(kept["known"]), len(kept["known"][0])) == (200, 200)


def test_every_adapter_is_mounted():
    names = {place.name for place in confinement.package_files()}

    assert {name.rpartition(".")[2] + ".py" for name in adapters.ADAPTERS.values()} <= names
