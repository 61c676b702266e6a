"""Runs an ONNX file with ONNX Runtime on the processor; runs inside the worker only."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from reliability.formats.onnx_file import OnnxFile, Port, read_onnx
from reliability.formats.unreadable import UnreadableError
from reliability.worker.encoded import Scored, labelled, matrix, numbers
from reliability.worker.wire import Refusal

LIBRARIES = ("numpy", "onnxruntime", "pandas")
_NUMERIC = frozenset({"float32", "float64", "int64", "int32", "bool", "int8", "uint8"})
_WHOLE = frozenset({"int64", "int32", "int8", "uint8", "bool"})


def load(path: Path, declared: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The model of the file, and what its head says."""
    try:
        head = read_onnx(path)
    except UnreadableError as error:
        raise Refusal("not_a_model", format="onnx", found=str(error)) from error
    if not all(port.type in _NUMERIC or port.type == "string" for port in head.inputs) or not head.inputs:
        met = ", ".join(f"{port.name}: {port.type}" for port in head.inputs)
        raise Refusal("model_inputs_differ", what="type", found=met or "no input")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
    opsets = [f"{domain} {version}" for domain, version in sorted(head.opsets.items())]
    written_by = {head.producer or "producer": head.producer_version or "unknown", "opsets": opsets}
    return _Graph(session, head, declared), {"written_by": written_by, "wrapper": "onnx"}


class _Graph(Scored):
    """A graph with one input for all columns, or one for each."""

    def __init__(self, session: Any, head: OnnxFile, declared: Mapping[str, Any]) -> None:
        self._session, self._inputs = session, head.inputs
        self._categories = declared.get("categories") or {}
        self._named = len(head.inputs) > 1 or head.inputs[0].name in (declared.get("inputs") or ())
        self._answered: tuple[Any, list[Any]] = (None, [])
        if self._named:
            self.feature_names_in_ = [port.name for port in head.inputs]
        elif len(head.inputs[0].shape) == 2:
            self.n_features_in_ = head.inputs[0].shape[1]
        if declared.get("task") != "regression":
            self._settle_classes(head, declared)

    def _settle_classes(self, head: OnnxFile, declared: Mapping[str, Any]) -> None:
        labels = [place for place, port in enumerate(head.outputs) if port.type in ("int64", "string", "int32")]
        scores = [place for place, port in enumerate(head.outputs) if place not in labels]
        self._label_at = labels[0] if labels else None
        self._scores_at = scores[0] if scores else None
        named = list(head.labels) or None
        if self._scores_at is None:
            self.classes_ = named or declared.get("classes")
            return
        self.with_classes(named or labelled(declared, _width(head.outputs[self._scores_at])))

    def scored(self, frame: Any) -> npt.NDArray[Any]:
        if self.classes_ is None:
            return np.asarray(self._outputs(frame)[0])
        scores = self._outputs(frame)[self._scores_at or 0]
        if isinstance(scores, list):  # a map for every row: class to probability
            return np.array([[row[name] for name in self.classes_] for row in scores])
        return np.asarray(scores)

    def predict(self, frame: Any) -> npt.NDArray[Any]:
        """The graph's own labels, where it has some."""
        if self.classes_ is None or self._label_at is None:
            return super().predict(frame)
        return np.asarray(self._outputs(frame)[self._label_at]).reshape(len(frame))

    def _outputs(self, frame: Any) -> list[Any]:
        # Labels and probabilities of one frame come out of one run.
        if self._answered[0] is not frame:
            self._answered = (frame, self._session.run(None, self._fed(frame)))
        return self._answered[1]

    def _fed(self, frame: Any) -> dict[str, npt.NDArray[Any]]:
        if self._named:
            return {port.name: self._column(frame[port.name], port) for port in self._inputs}
        port = self._inputs[0]
        if port.type == "string":
            return {port.name: np.column_stack([_texts(frame[name]) for name in frame.columns])}
        return {port.name: _whole(matrix(frame, self._categories, "float64"), port)}

    def _column(self, column: Any, port: Port) -> npt.NDArray[Any]:
        if port.type == "string":
            values = _texts(column)
        else:
            values = _whole(numbers(column, self._categories.get(column.name)), port)
        return values if len(port.shape) == 1 else values.reshape(-1, 1)


def _whole(values: npt.NDArray[np.float64], port: Port) -> npt.NDArray[Any]:
    if port.type in _WHOLE and not np.isfinite(values).all():
        said = f"input {port.name!r} takes {port.type}, which has no missing value, and one is missing"
        raise Refusal("model_inputs_differ", what="missing_value", found=said)
    return values.astype(port.type)


def _texts(column: Any) -> npt.NDArray[Any]:
    """Text, with nothing where there is none: a tensor of strings has no missing value."""
    return np.array(["" if value != value else str(value) for value in column.tolist()], dtype=object)


def _width(port: Port) -> int | None:
    """Classes that the scores have columns for, where the graph says it; one column is the positive class of two."""
    size = port.shape[1] if len(port.shape) == 2 else 1
    return 2 if size == 1 else size
