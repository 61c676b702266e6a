"""What an endpoint answered, as labels and probabilities; runs inside the worker only.

Nothing is guessed: what is not where the manifest says it stands is refused by name.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from reliability.worker.labels import meaning
from reliability.worker.wire import Refusal

PREDICTIONS = "predictions"
_MOST_NAMED = 10


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How answers are read: the protocol, the fields that hold labels and scores, and the classes in their order."""

    protocol: str
    label: str | None = None
    scores: Any = None  # the name of a field that has a column for every class, or pairs of class and field
    classes: Sequence[Any] | None = None


def bad(what: str, found: object) -> Refusal:
    """That an answer cannot be used."""
    return Refusal("model_bad_output", what=what, found=str(found))


def decoded(raw: bytes) -> Any:
    """The JSON of an answer; NaN and its like, which JSON has not, are named as such."""
    try:
        return json.loads(raw.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise bad("not_json", f"{len(raw):,} bytes that are no JSON") from error


def _no_constant(name: str) -> None:
    raise bad("not_finite", f"{name} in the endpoint's answer")


def labels_of(answer: Any, reading: Reading, rows: int) -> npt.NDArray[Any]:
    """Labels as the declared classes have them; values where there are no classes."""
    fields = _fields(answer, reading, rows)
    listed = [_single(one) for one in _field(fields, reading.label)]
    if reading.classes is None:
        return _numbers(listed)
    known = {meaning(label): label for label in reading.classes}
    labels = np.empty(rows, dtype=object)
    labels[:] = [_known(one, known) for one in listed]
    return labels


def scores_of(answer: Any, reading: Reading, rows: int) -> npt.NDArray[np.float64]:
    """Probabilities, a column for each declared class in its order."""
    fields, classes = _fields(answer, reading, rows), list(reading.classes or ())
    if not isinstance(reading.scores, str):
        return _by_class(fields, {meaning(label): name for label, name in reading.scores}, classes)
    listed = _field(fields, reading.scores)
    if any(not isinstance(one, list) or len(one) != len(classes) for one in listed):
        said = f"{reading.scores!r} is not {len(classes)} numbers a row; of one class write {{CLASS: {reading.scores}}}"
        raise bad("score_shape", said)
    return _numbers([one for row in listed for one in row]).reshape(rows, len(classes))


def _by_class(fields: Mapping[str, list[Any]], named: Mapping[Any, str], classes: list[Any]) -> npt.NDArray[np.float64]:
    told = {label: _numbers([_single(one) for one in _field(fields, name)]) for label, name in named.items()}
    if len(told) == 1 and len(classes) == 2:
        (share,) = told.values()
        return np.column_stack([told.get(meaning(label), 1.0 - share) for label in classes])
    return np.column_stack([told[meaning(label)] for label in classes])


def _fields(answer: Any, reading: Reading, rows: int) -> dict[str, list[Any]]:
    fields = _READERS[reading.protocol](answer)
    for name, listed in fields.items():
        if len(listed) != rows:
            raise bad("row_count", f"{len(listed):,} answers in {name!r} to {rows:,} rows")
    return fields


def _field(fields: Mapping[str, list[Any]], name: str | None) -> list[Any]:
    if name is None and len(fields) == 1:
        return next(iter(fields.values()))
    if name is None or name not in fields:
        there = ", ".join(list(fields)[:_MOST_NAMED])
        said = "model.outputs names none of them" if name is None else f"no field {name!r}"
        raise bad("fields", f"{said}; there are: {there}")
    return fields[name]


def _mlflow(answer: Any) -> dict[str, list[Any]]:
    """A list of answers, of objects, or an object of lists, under `predictions` or by itself."""
    found = answer.get(PREDICTIONS) if isinstance(answer, dict) else answer
    if isinstance(found, dict):
        if not found or not all(isinstance(one, list) for one in found.values()):
            raise bad("shape", "predictions that are no lists")
        return dict(found)
    if not isinstance(found, list):
        raise bad("shape", "no list of predictions")
    if found and all(isinstance(one, dict) for one in found):
        names = list(found[0])
        if any(list(one) != names and set(one) != set(names) for one in found):
            raise bad("shape", "predictions with different fields")
        return {name: [one[name] for one in found] for name in names}
    return {PREDICTIONS: found}


def _kserve(answer: Any) -> dict[str, list[Any]]:
    outputs = answer.get("outputs") if isinstance(answer, dict) else None
    if not isinstance(outputs, list) or not outputs or not all(isinstance(one, dict) for one in outputs):
        raise bad("shape", "no outputs")
    fields = {str(one.get("name")): _tensor(one) for one in outputs}
    if len(fields) != len(outputs):
        raise bad("shape", "two outputs of one name")
    return fields


def _tensor(output: Mapping[str, Any]) -> list[Any]:
    """The rows of a tensor, whether its data is flat or nested."""
    shape, data = output.get("shape"), output.get("data")
    sizes = isinstance(shape, list) and 1 <= len(shape) <= 2 and all(type(one) is int and one >= 0 for one in shape)
    if not sizes or not isinstance(data, list) or not isinstance(shape, list):
        raise bad("shape", "an output without shape or data")
    nested = len(shape) == 2
    flat = [one for row in data for one in (row if isinstance(row, list) else [row])] if nested else data
    if len(flat) != math.prod(shape):
        raise bad("shape", f"{len(flat):,} values in a tensor of shape {shape}")
    width = shape[1] if nested else 0
    return [flat[start : start + width] for start in range(0, len(flat), width)] if width else flat


_READERS: Mapping[str, Callable[[Any], dict[str, list[Any]]]] = {"mlflow": _mlflow, "kserve_v2": _kserve}


def _single(value: Any) -> Any:
    """A value, or the only one of a list."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if value is None or isinstance(value, list | dict):
        raise bad("shape", "a row that is not one value")
    return value


def _numbers(listed: list[Any]) -> npt.NDArray[np.float64]:
    if any(type(one) is not float and type(one) is not int for one in listed):
        raise bad("not_numbers", "an answer that is not a number")
    try:
        return np.array(listed, dtype=np.float64)
    except OverflowError as error:
        raise bad("not_finite", "a number too large") from error


def _known(label: Any, known: Mapping[Any, Any]) -> Any:
    found = known.get(meaning(label))
    if found is None and meaning(label) not in known:
        raise bad("label_outside_declared", repr(label)[:100])
    return found
