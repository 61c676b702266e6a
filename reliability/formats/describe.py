"""A model file described from its first bytes, whatever its format; nothing of it is loaded."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from reliability.formats import project
from reliability.formats.catboost_file import read_catboost
from reliability.formats.lightgbm_file import read_lightgbm
from reliability.formats.onnx_file import read_onnx
from reliability.formats.pickle_file import read_pickle
from reliability.formats.skops_file import read_skops
from reliability.formats.torch_file import read_torch
from reliability.formats.unreadable import UnreadableError
from reliability.formats.xgboost_file import read_xgboost

_MOST = 50  # of columns or names; a list that was cut ends with an ellipsis


def describe(named: str, path: Path) -> dict[str, Any]:
    """What the file says of itself, as plain values; `unreadable` and why, where it is not of that format."""
    reader = _READERS.get(named)
    if reader is None:
        return {}
    try:
        said = reader(path)
    except (UnreadableError, OSError) as error:
        return {"unreadable": str(error)}
    return {name: _short(value) for name, value in said.items() if value not in ("", None, ())}


def _short(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_short(one) for one in value[:_MOST]] + (["…"] if len(value) > _MOST else [])
    return value


def _onnx(path: Path) -> dict[str, Any]:
    head = read_onnx(path)
    ports = {key: tuple(f"{port.name}: {port.type}" for port in getattr(head, key)) for key in ("inputs", "outputs")}
    opsets = tuple(f"{domain} {version}" for domain, version in sorted(head.opsets.items()))
    producer = f"{head.producer} {head.producer_version}".strip()
    return {"producer": producer, "opsets": opsets, **ports, "labels": head.labels, "operators": head.operators}


def _project(path: Path) -> dict[str, Any]:
    if not path.is_dir():
        return {"files": 1}
    names = tuple(name for name, _ in project.files(path))
    return {"files": len(names), "wheels": tuple(name for name in names if name.endswith(".whl"))}


_READERS: Mapping[str, Callable[[Path], dict[str, Any]]] = {
    "skops": lambda path: asdict(read_skops(path)),
    "pickle": lambda path: asdict(read_pickle(path)),
    "joblib": lambda path: asdict(read_pickle(path)),
    "onnx": _onnx,
    "xgboost": lambda path: asdict(read_xgboost(path)),
    "lightgbm": lambda path: asdict(read_lightgbm(path)),
    "catboost": lambda path: asdict(read_catboost(path)),
    "torch": lambda path: {"kind": read_torch(path)},
    "python": _project,
}
