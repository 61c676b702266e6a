"""What a pickle may ask for, and what it may not: files that act when they are loaded do nothing here."""

import bz2
import gzip
import hashlib
import importlib
import io
import lzma
import os
import pickle
import struct
import zlib
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn import preprocessing
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import FixedThresholdClassifier, GridSearchCV, StratifiedKFold
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from reliability.blocks import Column
from reliability.errors import WorkerError
from reliability.worker import adapters, allowlist, pickle_model
from reliability.worker.parent import Limits, ModelSpec, open_model
from reliability.worker.wire import Refusal
from tests.hostile.payloads import Acting, acting, dumped, torch_zip

N = 120
RANDOM = np.random.default_rng(11)
FRAME = pd.DataFrame({"a": RANDOM.normal(size=N), "b": RANDOM.normal(size=N)})
Y = (FRAME["a"] > 0).to_numpy().astype(np.int64)
COLUMNS = {
    name: Column(kind="f8", values=FRAME[name].to_numpy(), missing=np.zeros(N, dtype=np.bool_)) for name in FRAME
}
FITTED = GradientBoostingClassifier(n_estimators=3, random_state=0).fit(FRAME, Y)


CASES = sorted(acting(Path("/nowhere")))


@pytest.mark.parametrize("case", CASES)
def test_file_that_acts_when_loaded_is_refused_and_does_nothing(tmp_path, case):
    marker, path = tmp_path / "marker", tmp_path / "model"
    path.write_bytes(acting(marker)[case])

    with pytest.raises(Refusal) as caught:
        pickle_model.load(path, {"format": "pickle"})

    assert caught.value.code == "model_refused", caught.value.values
    assert not marker.exists()


def test_case_acts_when_it_is_loaded_by_pickle_itself(tmp_path):
    marker = tmp_path / "marker"

    pickle.loads(acting(marker)["os.system"])
    assert marker.exists()


def test_all_unknown_names_are_listed_when_there_are_several(tmp_path):
    path = tmp_path / "model"
    path.write_bytes(pickle.dumps([Acting(os.system, "true"), Acting(eval, "1"), FITTED]))

    with pytest.raises(Refusal) as caught:
        pickle_model.load(path, {"format": "pickle"})
    assert caught.value.values == {"format": "pickle", "types": "builtins.eval, posix.system"}


@pytest.mark.parametrize(
    "content",
    [b"", b"no pickle", pickle.dumps(FITTED)[:-200], gzip.compress(b"no pickle", mtime=0), zlib.compress(b"x" * 9)[:-6],
     b"\x1f\x8b cut", b"PK\x03\x04", b"\x80\xff.", torch_zip(Path("/nowhere"))],
)  # fmt: skip
@pytest.mark.parametrize("named", ["pickle", "joblib"])
def test_file_is_no_model_when_it_cannot_be_read(tmp_path, content, named):
    path = tmp_path / "model"
    path.write_bytes(content)

    with pytest.raises(Refusal) as caught:
        pickle_model.load(path, {"format": named})
    assert (caught.value.code, caught.value.values["format"]) == ("not_a_model", named)


@pytest.mark.parametrize("maker", [bytes, gzip.compress, zlib.compress, bz2.compress, lzma.compress])
def test_model_loads_from_whatever_made_it_smaller(tmp_path, maker):
    path = tmp_path / "model"
    path.write_bytes(maker(dumped(FITTED)))

    model, said = pickle_model.load(path, {"format": "joblib"})

    np.testing.assert_array_equal(model.predict_proba(FRAME), FITTED.predict_proba(FRAME))
    assert "sklearn.tree._tree:Tree" in said["globals"]["known"]
    assert said["globals"]["unknown"] == []
    assert said["written_by"]["scikit-learn"] == [importlib.import_module("sklearn").__version__]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_model_loads_from_every_protocol(served, protocol):
    read, _ = served("pickle", pickle.dumps(FITTED, protocol=protocol), COLUMNS)

    np.testing.assert_array_equal(read.scores, FITTED.predict_proba(FRAME)[:, 1])


def test_columns_kept_as_an_index_load(served):
    model = make_pipeline(ColumnTransformer([("all", StandardScaler(), FRAME.columns)]), LogisticRegression())
    search = GridSearchCV(model, {"logisticregression__C": [0.1, 1.0]}, scoring="roc_auc", cv=2).fit(FRAME, Y)

    read, _ = served("pickle", pickle.dumps(search), COLUMNS)

    np.testing.assert_array_equal(read.scores, search.predict_proba(FRAME)[:, 1])


CODES = RANDOM.integers(0, 3, N)
MIXED = FRAME.assign(home=np.array(["own", "임대", "none"], dtype=object)[CODES])
OF_MIXED = COLUMNS | {
    "home": Column(kind="utf8", values=CODES, missing=np.zeros(N, dtype=np.bool_), levels=("own", "임대", "none"))
}
STEPS = {
    "one-hot": (preprocessing.OneHotEncoder(handle_unknown="ignore"), ["home"]),
    "one-hot in 32 bits": (preprocessing.OneHotEncoder(dtype=np.float32, sparse_output=False), ["home"]),
    "ordinal": (preprocessing.OrdinalEncoder(), ["home"]),
    "target": (preprocessing.TargetEncoder(cv=StratifiedKFold(2)), ["home"]),
    "words": (CountVectorizer(), "home"),
    "weighted words": (TfidfVectorizer(), "home"),
    "hashed words": (HashingVectorizer(n_features=16), "home"),
    "imputed": (make_pipeline(SimpleImputer(), preprocessing.PowerTransformer()), ["a", "b"]),
    "bins": (preprocessing.KBinsDiscretizer(3, quantile_method="averaged_inverted_cdf"), ["a"]),
    "quantiles": (preprocessing.QuantileTransformer(n_quantiles=9), ["a"]),
    "powers": (preprocessing.PolynomialFeatures(2), ["a", "b"]),
    "splines": (preprocessing.SplineTransformer(), ["a"]),
    "logarithm": (preprocessing.FunctionTransformer(np.log1p), ["a"]),
    "components": (PCA(1), ["a", "b"]),
    "chosen": (SelectKBest(k=1), ["a", "b"]),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:invalid value encountered in log1p")
@pytest.mark.parametrize("named", ["pickle", "joblib"])
@pytest.mark.parametrize("step", STEPS)
def test_steps_that_companies_put_before_their_model_load(served, step, named):
    steps = ColumnTransformer([("step", *STEPS[step]), ("rest", "passthrough", ["b"])])
    model = make_pipeline(steps.set_params(sparse_threshold=0), HistGradientBoostingClassifier(max_iter=2)).fit(
        MIXED, Y
    )

    read, _ = served(named, dumped(model), OF_MIXED)

    np.testing.assert_array_equal(read.scores, model.predict_proba(MIXED)[:, 1])


WHOLES = {
    "stacked": StackingClassifier([("a", LogisticRegression()), ("b", GaussianNB())], cv=2),
    "voted": VotingClassifier([("a", LogisticRegression()), ("b", GaussianNB())], voting="soft"),
    "calibrated": CalibratedClassifierCV(GaussianNB(), cv=2),
    "searched": GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2),
    "one against the rest": OneVsRestClassifier(LogisticRegression()),
    "at a threshold": FixedThresholdClassifier(LogisticRegression(), threshold=0.4),
}


@pytest.mark.parametrize("whole", WHOLES)
def test_models_around_models_load(served, whole):
    model = WHOLES[whole].fit(FRAME, Y)

    read, _ = served("joblib", dumped(model), COLUMNS)

    np.testing.assert_array_equal(read.scores, model.predict_proba(FRAME)[:, 1])


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.InconsistentVersionWarning")
def test_release_that_wrote_the_file_is_told_when_it_is_another(tmp_path):
    installed = importlib.import_module("sklearn").__version__.encode()
    other = b"1.2.3"
    assert len(other) == len(installed)
    path = tmp_path / "model"
    path.write_bytes(pickle.dumps(LogisticRegression().fit(FRAME, Y)).replace(installed, other))

    _, said = pickle_model.load(path, {"format": "pickle"})

    assert said["written_by"] == {"scikit-learn": ["1.2.3"]}


def test_boosters_load_from_their_estimators(served):
    xgboost, lightgbm = pytest.importorskip("xgboost"), pytest.importorskip("lightgbm")
    models = [
        xgboost.XGBClassifier(n_estimators=3, n_jobs=1),
        lightgbm.LGBMClassifier(n_estimators=3, verbose=-1, n_jobs=1),
    ]
    for model in models:
        model.fit(FRAME, Y)

        read, _ = served("joblib", dumped(model), COLUMNS)

        np.testing.assert_array_equal(read.scores, model.predict_proba(FRAME)[:, 1])


def test_list_is_the_one_made_from_the_installed_release():
    made = allowlist.generated()

    assert adapters.allowlist()["scikit-learn"] == made["scikit-learn"]
    assert pickle_model.allowed_globals() == set(made["globals"])


def test_list_names_nothing_that_runs_text_reads_files_or_walks():
    names = pickle_model.allowed_globals()
    forbidden = {"eval", "exec", "open", "getattr", "setattr", "__import__", "compile", "type", "map", "apply"}

    assert all(name.count(":") == 1 and "." not in name.partition(":")[2] for name in names)
    assert not {name for name in names if name.partition(":")[2] in forbidden}
    assert not {name for name in names if name.split(":")[0].split(".")[0] in {"os", "posix", "subprocess", "sys"}}
    assert not {name for name in names if name.startswith("scipy.stats") or "datasets" in name or "partial" in name}
    assert all(callable(named(name)) or name == "pandas:NA" for name in names if installed(name))


def installed(name: str) -> bool:
    module = name.partition(":")[0]
    return not module.startswith(("numpy.core", "catboost", "lightgbm", "xgboost"))


def named(name: str):
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(module), attribute)


def spec_of(path: Path, content: bytes, named_as: str) -> ModelSpec:
    path.write_bytes(content)
    return ModelSpec(
        format=named_as, path=path, sha256=hashlib.sha256(content).hexdigest(), inputs=("b", "a"), classes=(0, 1),
        task="binary", positive=1,
    )  # fmt: skip


def test_worker_answers_as_in_process_and_says_what_the_file_asked_for(confined, tmp_path):
    joblib.dump(FITTED, raw := io.BytesIO(), compress=3)
    spec = spec_of(tmp_path / "m.joblib", raw.getvalue(), "joblib")

    with open_model(spec, limits=Limits(timeout_s=60)) as model:
        read = model.answer(COLUMNS)
        isolation, notes = model.isolation, model.notes

    np.testing.assert_array_equal(read.scores, FITTED.predict_proba(FRAME)[:, 1])
    assert isolation["wrapper"] == "pickle in zlib"
    assert "sklearn.ensemble._gb:GradientBoostingClassifier" in isolation["globals"]["known"]
    assert isolation["allowlist"]["scikit-learn"] == "1.9"
    assert [note.code for note in notes] == ["inputs_reordered"]


def test_worker_refuses_a_file_that_acts_and_nothing_is_left(confined, tmp_path):
    marker = tmp_path / "marker"
    spec = spec_of(tmp_path / "m.pickle", acting(marker)["in zlib"], "pickle")

    with pytest.raises(WorkerError) as caught:
        open_model(spec, limits=Limits(timeout_s=60))
    assert (caught.value.code, caught.value.values["types"]) == ("model_refused", "posix.system")
    assert not marker.exists()


def test_worker_crashes_alone_when_a_tree_points_outside(confined, tmp_path):
    content = pickle.dumps(FITTED)
    nodes = FITTED.estimators_[0, 0].tree_.__getstate__()["nodes"]
    changed = nodes.copy()
    changed["left_child"][0] = 50_000_000
    assert content.count(nodes.tobytes()) == 1
    spec = spec_of(tmp_path / "m.pickle", content.replace(nodes.tobytes(), changed.tobytes()), "pickle")

    with open_model(spec, limits=Limits(timeout_s=60)) as model, pytest.raises(WorkerError) as caught:
        model.answer(COLUMNS)
    assert caught.value.values == {"signal": "SIGSEGV"}


def test_bomb_meets_the_limit_of_memory(confined, tmp_path):
    # A text of 4 GiB that is a few megabytes as a file.
    head = b"\x80\x04\x8d" + struct.pack("<Q", 4 << 30)
    packer = zlib.compressobj(1)
    content = packer.compress(head) + b"".join(packer.compress(bytes(1 << 24)) for _ in range(64)) + packer.flush()
    spec = spec_of(tmp_path / "m.pickle", content, "pickle")

    with pytest.raises(WorkerError) as caught:
        open_model(spec, limits=Limits(timeout_s=60, memory_bytes=3 << 30))
    assert caught.value.code == "model_memory_limit"
