"""Rows as the body of a request to an endpoint; a missing value is null. Runs inside the worker only."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from reliability.worker.wire import Refusal, WireColumn

_DATATYPES = {"f8": "FP64", "i8": "INT64", "bool": "BOOL", "utf8": "BYTES"}


def written(columns: Mapping[str, WireColumn], protocol: str, tensor: str | None) -> bytes:
    """The rows as that protocol has them; a float is written so that it reads back to the last bit."""
    values = {name: _values(name, column) for name, column in columns.items()}
    asked = _WRITERS[protocol](columns, values, tensor)
    # Half a surrogate pair has no UTF-8; the backslash that replaces it is JSON for the same character.
    return json.dumps(asked, ensure_ascii=False, allow_nan=False).encode(errors="backslashreplace")


def _values(name: str, column: WireColumn) -> list[Any]:
    gone = column.missing
    if column.kind == "f8":
        gone = gone | np.isnan(column.values)
        if np.isinf(column.values[~gone]).any():
            found = f"{name!r} holds an infinite number, which JSON has no word for"
            raise Refusal("model_inputs_differ", what="infinite", found=found)
    plain: list[Any] = column.values.tolist()
    if column.kind == "utf8":
        return [None if lost else column.levels[code] for code, lost in zip(plain, gone.tolist(), strict=True)]
    if not gone.any():
        return plain
    return [None if lost else value for value, lost in zip(plain, gone.tolist(), strict=True)]


def _mlflow(_columns: Mapping[str, WireColumn], values: Mapping[str, list[Any]], _tensor: str | None) -> dict[str, Any]:
    return {"dataframe_split": {"columns": list(values), "data": list(zip(*values.values(), strict=True))}}


def _kserve(columns: Mapping[str, WireColumn], values: Mapping[str, list[Any]], tensor: str | None) -> dict[str, Any]:
    if tensor is not None:
        return {"inputs": [_one_tensor(columns, values, tensor)]}
    inputs: list[dict[str, Any]] = [
        {"name": name, "shape": [len(listed)], "datatype": _DATATYPES[columns[name].kind], "data": listed}
        for name, listed in values.items()
    ]
    for one in inputs:
        if one["datatype"] == "BYTES":
            one["parameters"] = {"content_type": "str"}
    return {"parameters": {"content_type": "pd"}, "inputs": inputs}


def _one_tensor(columns: Mapping[str, WireColumn], values: Mapping[str, list[Any]], tensor: str) -> dict[str, Any]:
    for name, column in columns.items():
        if column.kind == "utf8":
            found = f"{name!r} holds text, and {tensor!r} is one tensor of numbers; leave model.tensor out"
            raise Refusal("model_inputs_differ", what="text", found=found)
    rows = [[None if one is None else float(one) for one in row] for row in zip(*values.values(), strict=True)]
    data = [one for row in rows for one in row]
    return {"name": tensor, "shape": [len(rows), len(values)], "datatype": "FP64", "data": data}


_WRITERS: Mapping[str, Callable[[Mapping[str, WireColumn], Mapping[str, list[Any]], str | None], dict[str, Any]]] = {
    "mlflow": _mlflow,
    "kserve_v2": _kserve,
}
