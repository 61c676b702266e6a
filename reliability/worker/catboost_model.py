"""Loads a CatBoost model from its own binary form; runs inside the worker only."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import catboost
import numpy as np
import numpy.typing as npt

from reliability.formats.catboost_file import read_catboost
from reliability.formats.unreadable import UnreadableError
from reliability.worker.encoded import Scored, numbers
from reliability.worker.wire import Refusal

LIBRARIES = ("catboost", "numpy", "pandas", "scipy")
MISSING_TEXT = "nan"  # what CatBoost's own users write: it takes no missing value among categories


def load(path: Path, declared: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The model of the file, and what its head says."""
    try:
        head = read_catboost(path)
    except UnreadableError as error:
        raise Refusal("not_a_model", format="catboost", found=str(error)) from error
    model = catboost.CatBoost()
    model.load_model(blob=path.read_bytes(), format="cbm")
    return _CatBoost(model, declared), {"written_by": {"catboost": head.version} if head.version else {}}


class _CatBoost(Scored):
    def __init__(self, model: Any, declared: Mapping[str, Any]) -> None:
        self._model = model
        self._categorical = frozenset(model.get_cat_feature_indices()) | frozenset(model.get_text_feature_indices())
        names = list(model.feature_names_)
        self.n_features_in_ = len(names)
        self.feature_names_in_ = None if names == [str(place) for place in range(len(names))] else names
        labels = list(model.classes_)
        self._kind = "Probability" if labels and declared.get("task") != "regression" else "RawFormulaVal"
        if self._kind == "Probability":
            self.with_classes([one.item() if hasattr(one, "item") else one for one in labels])

    def scored(self, frame: Any) -> npt.NDArray[Any]:
        scores: npt.NDArray[Any] = self._model.predict(self._pool(frame), prediction_type=self._kind, thread_count=1)
        return scores

    def predict(self, frame: Any) -> npt.NDArray[Any]:
        """CatBoost's own labels, or values."""
        if self.classes_ is None:
            return super().predict(frame)
        labels = self._model.predict(self._pool(frame), prediction_type="Class", thread_count=1)
        return np.asarray(labels).reshape(len(frame))

    def _pool(self, frame: Any) -> Any:
        coded = {
            name: _text(frame[name]) if place in self._categorical else numbers(frame[name], None)
            for place, name in enumerate(frame.columns)
        }
        return frame.assign(**coded)


def _text(column: Any) -> Any:
    return column.where(column.notna(), MISSING_TEXT) if column.dtype == object else column
