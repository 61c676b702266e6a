"""Compares what a model answers in a confined worker with what it answers in process, to the last bit.

    python -m benchmarks.fidelity [--rows 6000] [--write docs/validation/fidelity.md]

The seventeen scikit-learn models of ../shared/sandbox.md, 1.1, each as skops and as joblib, and XGBoost, LightGBM,
CatBoost and ONNX as files of their own, every one in a worker of its own as `reliability assess` starts it. Both sides
use one thread: with more, sums are made in another order. ONNX is compared with its own runtime.
"""

import argparse
import hashlib
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import Any

from reliability.threads import ONE_THREAD

# Before numpy is imported: it decides then how many threads it will use.
os.environ.update(ONE_THREAD)

import joblib
import numpy as np
import pandas as pd

from reliability.blocks import Column
from reliability.errors import ReliabilityError
from reliability.worker.parent import Limits, ModelSpec, open_model

LIBRARIES = ("scikit-learn", "skops", "joblib", "xgboost", "lightgbm", "catboost", "onnxruntime", "numpy")
COLUMNS = 20
LIMITS = Limits(timeout_s=300)


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One model in one format: rows whose labels, and probabilities whose bits, differ; or why it was not run."""

    model: str
    format: str
    rows: int = 0
    labels: int = 0
    scores: int | None = None  # None: the model has no probabilities
    refused: str = ""

    @property
    def kept(self) -> bool:
        """Whether every bit is the same."""
        return not (self.refused or self.labels or self.scores)


def table(rows: int, seed: int = 7) -> tuple[pd.DataFrame, np.ndarray]:
    """Rows of twenty numbers, two of them whole, and classes that lean on some of them."""
    r = np.random.default_rng(seed)
    frame = pd.DataFrame({f"x{place}": r.normal(size=rows) for place in range(COLUMNS)})
    frame["x18"], frame["x19"] = r.integers(0, 9, rows), r.integers(18, 80, rows)
    leaning = frame["x0"] - 0.5 * frame["x1"] * frame["x2"] + 0.02 * frame["x19"] - 1 + r.normal(size=rows)
    return frame, (leaning > 0).to_numpy().astype(np.int64)


def families() -> dict[str, Any]:
    """The seventeen models, not yet fitted."""
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import (
        GradientBoostingClassifier,
        HistGradientBoostingClassifier,
        RandomForestClassifier,
        StackingClassifier,
    )
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, StandardScaler
    from sklearn.svm import SVC

    forest = RandomForestClassifier(20, random_state=0)
    histogram = HistGradientBoostingClassifier(max_iter=30, random_state=0)
    scaled = make_column_transformer((StandardScaler(), [f"x{place}" for place in range(9)]), remainder="passthrough")
    boosted = {"n_estimators": 30, "random_state": 0, "n_jobs": 1}
    return {
        "StandardScaler, LogisticRegression": make_pipeline(StandardScaler(), LogisticRegression()),
        "SVC": make_pipeline(StandardScaler(), SVC()),
        "KNeighborsClassifier": KNeighborsClassifier(),
        "FunctionTransformer(np.tanh)": make_pipeline(FunctionTransformer(np.tanh), LogisticRegression()),
        "ColumnTransformer, RandomForest": make_pipeline(scaled, forest),
        "GradientBoosting": GradientBoostingClassifier(n_estimators=30, random_state=0),
        "HistGradientBoosting": histogram,
        "CalibratedClassifierCV, isotonic": CalibratedClassifierCV(forest, method="isotonic", cv=2),
        "CalibratedClassifierCV, sigmoid": CalibratedClassifierCV(histogram, method="sigmoid", cv=2),
        "MLPClassifier": make_pipeline(StandardScaler(), MLPClassifier((20,), max_iter=40, tol=1e-2, random_state=0)),
        "GridSearchCV": GridSearchCV(LogisticRegression(max_iter=2_000), {"C": [0.1, 1.0]}, cv=2),
        "StackingClassifier": StackingClassifier([("f", forest), ("h", histogram)], LogisticRegression(), cv=2),
        **_boosters(boosted),
    }


def _boosters(given: Mapping[str, Any]) -> dict[str, Any]:
    """LightGBM and XGBoost as scikit-learn models, alone, in a pipeline and calibrated."""
    from lightgbm import LGBMClassifier
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from xgboost import XGBClassifier

    light, extreme = LGBMClassifier(verbose=-1, **given), XGBClassifier(**given)
    return {
        "LGBMClassifier": light,
        "StandardScaler, LGBMClassifier": make_pipeline(StandardScaler().set_output(transform="pandas"), light),
        "XGBClassifier": extreme,
        "CalibratedClassifierCV, XGBClassifier": CalibratedClassifierCV(extreme, cv=2),
        "CalibratedClassifierCV, LGBMClassifier": CalibratedClassifierCV(light, cv=2),
    }


def through(named: str, path: Path, frame: pd.DataFrame) -> Any:
    """The answers of a file in a confined worker."""
    nothing = np.zeros(len(frame), dtype=np.bool_)
    columns = {
        name: Column(
            kind="i8" if frame[name].dtype.kind == "i" else "f8", values=frame[name].to_numpy(), missing=nothing
        )
        for name in frame
    }
    spec = ModelSpec(
        format=named, path=path, sha256=hashlib.sha256(path.read_bytes()).hexdigest(), inputs=tuple(frame),
        classes=(0, 1), task="binary", positive=1, declared={"classes": [0, 1]},
    )  # fmt: skip
    with open_model(spec, limits=LIMITS) as model:
        return model.answer(columns)


def compared(name: str, named: str, path: Path, frame: pd.DataFrame, labels: Any, scores: Any) -> Compared:
    """The file's answers beside those in process."""
    try:
        read = through(named, path, frame)
    except ReliabilityError as error:
        return Compared(model=name, format=named, refused=str(error))
    differing = None
    if scores is not None:
        bits = [np.ascontiguousarray(one, dtype=np.float64).view(np.int64) for one in (scores, read.scores)]
        differing = int(np.count_nonzero(bits[0] != bits[1]))
    return Compared(
        model=name, format=named, rows=len(frame), labels=int(np.count_nonzero(labels != read.labels)), scores=differing
    )


def of_scikit_learn(frame: pd.DataFrame, y: np.ndarray, folder: Path, formats: tuple[str, ...]) -> Iterator[Compared]:
    """Every family, as each format."""
    import skops.io

    for name, model in families().items():
        model.fit(frame, y)
        probabilities = getattr(model, "predict_proba", None)
        scores = None if probabilities is None else probabilities(frame)[:, 1]
        labels = model.predict(frame)
        for named in formats:
            path = folder / f"model.{named}"
            if named == "skops":
                path.write_bytes(skops.io.dumps(model))
            else:
                joblib.dump(model, path, compress=3)
            yield compared(name, named, path, frame, labels, scores)


def _xgboost(frame: pd.DataFrame, y: np.ndarray, path: Path) -> tuple[Any, Any]:
    from xgboost import XGBClassifier

    model = XGBClassifier(n_estimators=30, random_state=0, n_jobs=1).fit(frame, y)
    path.write_bytes(bytes(model.get_booster().save_raw("ubj")))
    return model.predict(frame), model.predict_proba(frame)[:, 1]


def _lightgbm(frame: pd.DataFrame, y: np.ndarray, path: Path) -> tuple[Any, Any]:
    from lightgbm import LGBMClassifier

    model = LGBMClassifier(n_estimators=30, random_state=0, n_jobs=1, verbose=-1).fit(frame, y)
    model.booster_.save_model(path)
    return model.predict(frame), model.predict_proba(frame)[:, 1]


def _catboost(frame: pd.DataFrame, y: np.ndarray, path: Path) -> tuple[Any, Any]:
    from catboost import CatBoostClassifier

    model = CatBoostClassifier(iterations=30, verbose=0, allow_writing_files=False, thread_count=1).fit(frame, y)
    model.save_model(str(path))
    return model.predict(frame), model.predict_proba(frame, thread_count=1)[:, 1]


def _onnx(frame: pd.DataFrame, y: np.ndarray, path: Path) -> tuple[Any, Any]:
    """A logistic regression as a graph of its own; in process it is asked through ONNX Runtime too."""
    import onnx
    import onnxruntime
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(max_iter=2_000).fit(frame, y)
    helper, real = onnx.helper, onnx.TensorProto.FLOAT
    weights = [float(one) for one in fitted.coef_[0]]
    node = helper.make_node(
        "LinearClassifier", ["X"], ["label", "scores"], domain="ai.onnx.ml", classlabels_ints=[0, 1],
        coefficients=[-one for one in weights] + weights, intercepts=[-float(fitted.intercept_[0]),
        float(fitted.intercept_[0])], post_transform="SOFTMAX",
    )  # fmt: skip
    whole = helper.make_tensor_value_info("label", onnx.TensorProto.INT64, [None])
    shares = helper.make_tensor_value_info("scores", real, [None, 2])
    given = helper.make_tensor_value_info("X", real, [None, COLUMNS])
    opsets = [helper.make_opsetid("", 15), helper.make_opsetid("ai.onnx.ml", 3)]
    model = helper.make_model(helper.make_graph([node], "g", [given], [whole, shares]), opset_imports=opsets)
    model.ir_version = 8
    path.write_bytes(model.SerializeToString())
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
    labels, scores = session.run(None, {"X": frame.to_numpy(dtype=np.float32)})
    return labels, scores[:, 1]


FILES: Mapping[str, Callable[[pd.DataFrame, np.ndarray, Path], tuple[Any, Any]]] = {
    "xgboost": _xgboost,
    "lightgbm": _lightgbm,
    "catboost": _catboost,
    "onnx": _onnx,
}


def of_files(frame: pd.DataFrame, y: np.ndarray, folder: Path) -> Iterator[Compared]:
    """The libraries' own files."""
    for named, fitted in FILES.items():
        path = folder / f"model.{named}"
        labels, scores = fitted(frame, y, path)
        yield compared(f"{named}'s own file", named, path, frame, labels, scores)


def page(found: list[Compared]) -> str:
    """The result as Markdown, with date and versions."""
    versions = ", ".join(f"{name} {_version(name)}" for name in ("reliability-workbench", *LIBRARIES))
    kept = sum(one.kept for one in found)
    head = [
        "# Fidelity: a model in its worker answers as it does in process",
        f"Written by `benchmarks/fidelity.py` on {date.today()}: Python {platform.python_version()}, {versions}; "
        f"{platform.machine()}.",
        f"The models of ../shared/sandbox.md, 1.1, were fitted to generated rows of {COLUMNS} numbers and asked about "
        "the same rows in process and, from their file, in a confined worker as `reliability assess` starts it; one "
        "thread on both sides. Counted is every label that differs, and every probability of which a bit differs.",
        f"**{kept} of {len(found)} are equal to the last bit.**",
        "| model | format | rows | labels that differ | probabilities that differ | equal |\n"
        "|---|---|---:|---:|---:|---|\n" + "\n".join(map(_line, found)),
    ]
    return "\n\n".join(head) + "\n"


def _version(name: str) -> str:
    for known in (name, f"{name}-cpu"):
        try:
            return metadata.version(known)
        except metadata.PackageNotFoundError:
            continue
    return "not installed"


def _line(one: Compared) -> str:
    if one.refused:
        return f"| {one.model} | {one.format} | – | – | – | **no**: {one.refused} |"
    scores = "none there" if one.scores is None else f"{one.scores:,}"
    return (
        f"| {one.model} | {one.format} | {one.rows:,} | {one.labels:,} | {scores} | {'yes' if one.kept else '**no**'} |"
    )


def main() -> None:
    """Fit, ask both ways, write; ends with 1 where a bit differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=6_000)
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    frame, y = table(asked.rows)
    with tempfile.TemporaryDirectory(dir="/var/tmp") as work:
        found = [*of_scikit_learn(frame, y, Path(work), ("skops", "joblib")), *of_files(frame, y, Path(work))]
    text = page(found)
    if asked.write:
        asked.write.write_text(text, encoding="utf-8")
    print(text)
    sys.exit(not all(one.kept for one in found))


if __name__ == "__main__":
    main()
