"""Loads an XGBoost model from its own JSON or UBJSON; runs inside the worker only."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import xgboost

from reliability.formats.unreadable import UnreadableError
from reliability.formats.xgboost_file import read_xgboost
from reliability.worker.encoded import Scored, as_categories, labelled, matrix, numbers
from reliability.worker.wire import Refusal

LIBRARIES = ("numpy", "pandas", "scipy", "xgboost")
_PROBABILITIES = frozenset({"binary:logistic", "reg:logistic", "multi:softprob"})
_LABELS = frozenset({"binary:hinge", "multi:softmax"})


def load(path: Path, declared: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The model of the file, and what the file says of the library that wrote it."""
    try:
        written = read_xgboost(path).version
    except UnreadableError as error:
        raise Refusal("not_a_model", format="xgboost", found=str(error)) from error
    booster = xgboost.Booster({"nthread": 1})
    booster.load_model(bytearray(path.read_bytes()))
    model = _Booster(booster, declared)
    return model, {"written_by": {"xgboost": written} if written else {}, "wrapper": model.wrapper}


class _Booster(Scored):
    def __init__(self, booster: Any, declared: Mapping[str, Any]) -> None:
        self._booster = booster
        self._categories = declared.get("categories") or {}
        self.feature_names_in_, self.n_features_in_ = booster.feature_names, booster.num_features()
        types = zip(booster.feature_names or (), booster.feature_types or (), strict=False)
        self._categorical = frozenset(name for name, kind in types if kind == "c")
        self._trees, self.wrapper = _trees(booster)
        self._refuse_unknown_codes()
        learner = json.loads(booster.save_config())["learner"]
        objective = learner["objective"]["name"]
        count = max(2, int(learner["learner_model_param"]["num_class"]))
        if declared.get("task") != "regression" and objective in _PROBABILITIES:
            self.with_classes(labelled(declared, count))
        elif objective in _LABELS:
            self.classes_ = labelled(declared, count)

    def scored(self, frame: Any) -> npt.NDArray[Any]:
        rows = xgboost.DMatrix(self._coded(frame), nthread=1, enable_categorical=True)
        scores: npt.NDArray[Any] = self._booster.predict(rows, iteration_range=self._trees)
        return scores

    def predict(self, frame: Any) -> npt.NDArray[Any]:
        """Labels; of an objective that answers with places of classes, the classes there."""
        if self.classes_ is None or self.predict_proba is not None:
            return super().predict(frame)
        return np.asarray(np.array(self.classes_, dtype=object)[self.scored(frame).astype(np.int64)])

    def _coded(self, frame: Any) -> Any:
        if self.feature_names_in_ is None:
            return matrix(frame, self._categories, "float64")
        coded = {name: numbers(frame[name], None) for name in frame.columns if name not in self._categorical}
        texts = {name: as_categories(frame[name], self._categories.get(name)) for name in self._categorical}
        return frame.assign(**coded, **texts)

    def _refuse_unknown_codes(self) -> None:
        """Refuse categories whose codes stand neither in the file (before release 3.1) nor in the manifest."""
        unknown = sorted(self._categorical - set(self._categories))
        if unknown and self._booster.get_categories().empty():
            said = f"the file holds no categories of {', '.join(unknown)}; give them in model.categories"
            raise Refusal("model_inputs_differ", what="categories", found=said)


def _trees(booster: Any) -> tuple[tuple[int, int], str]:
    """Which trees answer: those up to the best one where XGBoost's estimators for scikit-learn wrote the file."""
    best = booster.attr("best_iteration")
    if best is None or booster.attr("scikit_learn") is None:
        return (0, 0), "booster"
    return (0, int(best) + 1), f"estimator, trees 1 to {int(best) + 1}"
