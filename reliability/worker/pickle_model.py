"""Loads a pickle or joblib file with our own list of allowed names; runs inside the worker only.

What a pickle asks for is looked up by the real unpickler, so no opcode can hide a name. The list keeps out what is
unknown; what is on it may still misbehave, which is why the process is confined.
"""

import json
import pickle
import warnings
from _compat_pickle import IMPORT_MAPPING, NAME_MAPPING
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from joblib.numpy_pickle import NumpyUnpickler

from reliability.formats.compressed import compression, opened
from reliability.worker.wire import Refusal

LIBRARIES = ("joblib", "numpy", "pandas", "scikit-learn", "scipy", "lightgbm", "xgboost", "catboost")
_ALLOWLIST = Path(__file__).with_name("allowed_globals.json")
_MOST_NAMED = 200
# What unpickling a damaged file, or one that asks for a stand-in's attributes, can end with.
_DAMAGED = (
    ArithmeticError, AssertionError, AttributeError, EOFError, ImportError, LookupError, OSError, RecursionError,
    TypeError, ValueError, pickle.UnpicklingError,
)  # fmt: skip


def allowed_globals() -> frozenset[str]:
    """The names that may be looked up, as `module:name`."""
    return frozenset(json.loads(_ALLOWLIST.read_bytes())["globals"])


class _StandIn:
    """Takes the place of what is not allowed, so that a file can be read to its end and all its names listed."""

    def __new__(cls, *_arguments: Any, **_named: Any) -> "_StandIn":
        return object.__new__(cls)

    def __setstate__(self, _state: Any) -> None:
        return

    def __call__(self, *_arguments: Any, **_named: Any) -> "_StandIn":
        return _StandIn()

    append = extend = add = __setitem__ = __call__


class _Unpickler(NumpyUnpickler):  # type: ignore[misc]  # joblib has no types
    """joblib's reader of pickles and of the arrays between them; every name passes through the list."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__("model", file, ensure_native_byte_order=True)
        self.known: set[str] = set()
        self.unknown: set[str] = set()
        self._allowed = allowed_globals()

    def find_class(self, module: str, name: str) -> Any:
        """The allowed value of that name; a dotted name would walk from an allowed module to any other."""
        if self.proto < 3:  # names of Python 2, which the real reader would translate after the look at the list
            module, name = NAME_MAPPING.get((module, name), (IMPORT_MAPPING.get(module, module), name))
        asked = f"{module}:{name}"
        if asked not in self._allowed:
            self.unknown.add(asked)
            return _StandIn
        self.known.add(asked)
        return super().find_class(module, name)


def load(path: Path, declared: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The model of the file, and what is known of how it was written."""
    with path.open("rb") as raw:
        made_smaller, unpickler = compression(raw), _Unpickler(opened(raw))
        model, versions = _loaded(unpickler, str(declared["format"]))
    said: dict[str, Any] = {"globals": {"known": sorted(unpickler.known)[:_MOST_NAMED], "unknown": []}}
    said["written_by"] = {"scikit-learn": versions or _own(model)}
    said["wrapper"] = f"pickle in {made_smaller}" if made_smaller else "pickle"
    return model, said


def _loaded(unpickler: _Unpickler, named: str) -> tuple[Any, list[str]]:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            model = unpickler.load()
        except _DAMAGED as error:
            if not unpickler.unknown:
                raise Refusal("not_a_model", format=named, found=type(error).__name__) from error
    if unpickler.unknown:
        dotted = sorted(one.replace(":", ".") for one in unpickler.unknown)
        raise Refusal("model_refused", format=named, types=", ".join(dotted))
    versions = {getattr(one.message, "original_sklearn_version", None) for one in told}
    return model, sorted(str(version) for version in versions - {None})


def _own(model: Any) -> list[str]:
    """Scikit-learn warns where the versions differ; a model of its own without a warning is of this one."""
    if type(model).__module__.startswith("sklearn."):
        import sklearn

        return [str(sklearn.__version__)]
    return []
