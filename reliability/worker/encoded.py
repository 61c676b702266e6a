"""Columns of a frame as models of numbers expect them: categories as codes, gaps as NaN, text refused."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from reliability.worker.wire import Refusal


def matrix(frame: Any, categories: Mapping[str, Sequence[Any]], dtype: str) -> npt.NDArray[Any]:
    """All columns side by side, in the frame's order."""
    return np.column_stack([numbers(frame[name], categories.get(name)) for name in frame.columns]).astype(dtype)


def numbers(column: Any, categories: Sequence[Any] | None) -> npt.NDArray[np.float64]:
    """One column as numbers: codes of its declared categories, or its own values; a gap is NaN."""
    values = column.to_numpy()
    if categories is not None:
        return _codes(values, categories)
    if values.dtype == object and any(isinstance(value, str) for value in values):
        said = f"{column.name!r} holds text; give the order of its codes in model.categories"
        raise Refusal("model_inputs_differ", what="text", found=said)
    return np.asarray(values, dtype=np.float64)


def _codes(values: npt.NDArray[Any], categories: Sequence[Any]) -> npt.NDArray[np.float64]:
    """Places in the list; a value that is not on it is a gap, as pandas has it."""
    place = {label(one): float(code) for code, one in enumerate(categories)}
    return np.array([place.get(label(value), np.nan) for value in values.tolist()], dtype=np.float64)


def label(value: Any) -> Any:
    """What a category is compared by: text as it stands, numbers by their value."""
    return value if isinstance(value, str) else float(value)


def as_categories(column: Any, categories: Sequence[Any] | None) -> Any:
    """One column as pandas' categories; without a declared order, of the values that it holds."""
    import pandas as pd

    if categories is None:
        return column.astype("category")
    known = {label(one): one for one in categories}
    values = [known.get(label(value)) if value == value else None for value in column.tolist()]
    return pd.Series(pd.Categorical(values, categories=list(categories)), index=column.index, name=column.name)


def text_columns(frame: Any) -> list[str]:
    """Columns that hold text."""
    return [name for name in frame.columns if frame[name].dtype == object and _has_text(frame[name])]


def _has_text(column: Any) -> bool:
    return any(isinstance(value, str) for value in column)


def labelled(declared: Mapping[str, Any], count: int | None) -> list[Any]:
    """The declared classes of a model whose file names none; refused where there are none or another number."""
    classes = declared.get("classes")
    if classes is None:
        said = "the file names no classes; give model.classes in the order of the model's output"
        raise Refusal("model_bad_output", what="classes_not_declared", found=said)
    if count is not None and len(classes) != count:
        raise Refusal("model_bad_output", what="class_count", found=f"{count}, declared: {len(classes)}")
    return list(classes)


class Scored:
    """A model whose answer is one array of scores: a column for every class, the positive one alone, or values.

    `predict_proba` is None where there are no probabilities.
    """

    classes_: list[Any] | None = None
    feature_names_in_: list[str] | None = None
    n_features_in_: int | None = None
    predict_proba: Any = None

    def scored(self, frame: Any) -> npt.NDArray[Any]:
        """The model's scores of the rows."""
        raise NotImplementedError

    def with_classes(self, classes: list[Any]) -> None:
        """Answer in these classes, with probabilities."""
        self.classes_, self.predict_proba = classes, self._probabilities

    def predict(self, frame: Any) -> npt.NDArray[Any]:
        """Labels, or values where the model has no classes."""
        if self.classes_ is None:
            return np.asarray(self.scored(frame)).reshape(len(frame))
        places = np.argmax(self._probabilities(frame), axis=1)
        return np.asarray(np.array(self.classes_, dtype=object)[places])

    def _probabilities(self, frame: Any) -> npt.NDArray[Any]:
        scores = np.asarray(self.scored(frame))
        if scores.ndim == 2 and scores.shape[1] > 1:
            return np.asarray(scores)
        positive = scores.reshape(len(frame))
        return np.column_stack((1.0 - positive, positive))
