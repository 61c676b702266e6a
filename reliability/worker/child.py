"""The only code that shares a process with a submitted model: it loads one, answers for it, and knows no labels.

Nothing here is believed by the workbench: a model can change this process as it likes. The parent checks every reply.
"""

import importlib
import json
import math
import os
import resource
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from reliability.worker import wire
from reliability.worker.wire import Bytes, Header, Refusal

ADAPTERS: Mapping[str, str] = {
    "skops": "reliability.worker.skops_model",
    "pickle": "reliability.worker.pickle_model",
    "joblib": "reliability.worker.pickle_model",
    "onnx": "reliability.worker.onnx_model",
    "xgboost": "reliability.worker.xgboost_model",
    "lightgbm": "reliability.worker.lightgbm_model",
    "catboost": "reliability.worker.catboost_model",
    "torch": "reliability.worker.torch_model",
    "python": "reliability.worker.python_model",
    "endpoint": "reliability.worker.endpoint_model",
}
# What an adapter may say of a file besides its model.
SAID = ("written_by", "wrapper", "globals", "warnings")
MOST_CLASSES = 1000
_LONGEST_MESSAGE = 1000
_LONGEST_CLASSES = 16_000  # characters of all names; of four bytes each they still fit a header
_FEW_CLASSES = 16
_MOST_COLUMNS = 20  # named in an answer; of more, the count is enough


class Served:
    """One model in this process, and what it answers with."""

    # Each operation, and what an error in it is told as.
    FAILS_AS: Mapping[str, str] = {"hello": "model_load_failed", "load": "model_load_failed", "predict": "model_raised"}

    def __init__(self) -> None:
        self.adapter: Any = None
        self.model: Any = None
        self.format = ""
        self.path = Path()
        self.codes: dict[Any, int] | None = None
        self.categories: Mapping[str, list[Any]] = {}
        self.cpu_s = 0

    def hello(self, asked: Header, _body: bytearray) -> tuple[Header, Bytes]:
        """Give up rights, try to break out, and say with which libraries a model would run."""
        told = probed(asked)
        self.cpu_s = asked["limits"]["cpu_s"]
        self.format, self.path = asked["format"], Path(asked["model"])
        self.adapter = importlib.import_module(ADAPTERS[self.format])
        return {**told, "libraries": _libraries(self.adapter.LIBRARIES)}, b""

    def load(self, _asked: Header, body: bytearray) -> tuple[Header, Bytes]:
        """Load the one model that is mounted here and describe it; the body holds what was declared, as JSON."""
        declared = {"format": self.format, **json.loads(bytes(body) or b"{}")}
        self.model, said = self.adapter.load(self.path, declared)
        if isinstance(self.model, type) or not callable(getattr(self.model, "predict", None)):
            raise Refusal("not_a_model", format=self.format, found=type(self.model).__name__)
        told = {name: said[name] for name in SAID if name in said}
        return {**self._answering(), "inputs": _inputs(self.model, declared.get("inputs")), **told}, b""

    def _answering(self) -> Header:
        """What the model answers with."""
        classes = _classes(self.model)
        self.codes = None if classes is None else {label: code for code, label in enumerate(classes)}
        return {"classes": classes, "scores": callable(getattr(self.model, "predict_proba", None))}

    def predict(self, asked: Header, body: bytearray) -> tuple[Header, Bytes]:
        """Labels and probabilities of the rows in the body."""
        rows = asked["rows"]
        columns = wire.unpack(body, described=asked["described"], rows=rows)
        frame = self._framed(columns)
        labels, scores = b"", b""
        if asked["labels"]:
            labels = self._labels(self.model.predict(frame), rows, asked["labels"])
        if asked["scores"]:
            scores = _scores(self.model.predict_proba(frame), rows, asked["scores"])
        told = getattr(self.adapter, "told", None)
        return {} if told is None else told(self.model), labels + scores

    def _framed(self, columns: Mapping[str, wire.WireColumn]) -> Any:
        # An adapter that is no library's takes the columns as they came, and tells how the answer did.
        framed = getattr(self.adapter, "framed", _frame)
        return framed(columns, getattr(self.model, "feature_names_in_", None))

    def _labels(self, answer: Any, rows: int, wanted: str) -> bytes:
        labels = np.asarray(answer)
        if labels.shape != (rows,):
            raise Refusal("model_bad_output", what="row_count", found=f"shape {labels.shape}")
        if wanted == "values":
            if labels.dtype.kind not in "biuf":
                raise Refusal("model_bad_output", what="not_numbers", found=f"labels of type {labels.dtype}")
            return wire.numbers(labels, "<f8")
        try:
            return wire.numbers(_coded(labels, self.codes or {}), "<i8")
        except (KeyError, TypeError) as error:
            raise Refusal("model_bad_output", what="label_outside_classes", found=str(error)) from error


def _coded(labels: npt.NDArray[Any], codes: Mapping[Any, int]) -> Any:
    """The code of every label, all at once where they are of one kind with the classes; else one by one."""
    known = np.array(list(codes))
    if len(codes) <= _FEW_CLASSES and labels.dtype.kind == known.dtype.kind and known.dtype.kind in "biufU":
        found = np.full(len(labels), -1, dtype=np.int64)
        for place, label in enumerate(known):
            found[labels == label] = place
        if len(found) == 0 or found.min() >= 0:
            return found
    return [codes[label] for label in labels.tolist()]


def _classes(model: Any) -> list[Any] | None:
    listed = getattr(model, "classes_", None)
    if listed is None:
        return None
    classes: Any = np.asarray(listed).tolist()
    if not isinstance(classes, list) or not all(isinstance(one, str | int | float) for one in classes):
        raise Refusal("model_bad_output", what="classes", found=str(classes)[:100])
    if any(isinstance(one, float) and not math.isfinite(one) for one in classes):
        raise Refusal("model_bad_output", what="classes", found=str(classes)[:100])
    if len(classes) > MOST_CLASSES or len(str(classes)) > _LONGEST_CLASSES:
        raise Refusal("model_bad_output", what="class_count", found=str(len(classes)))
    return classes


def _inputs(model: Any, given: list[str] | None) -> dict[str, Any]:
    """How the model's columns match those that it will be given."""
    if given is None:
        return {}
    expected = getattr(model, "feature_names_in_", None)
    if expected is None:
        count = getattr(model, "n_features_in_", None)
        if isinstance(count, int | np.integer) and count != len(given):
            raise Refusal("model_inputs_differ", what="count", found=f"{count}, given: {len(given)}")
        return {"by": "position"}
    names = [str(name) for name in expected]
    missing = [name for name in names if name not in set(given)]
    # A pipeline may select among its columns and do without one: what it lacks is its own to complain of.
    if missing and not type(model).__module__.startswith("sklearn."):
        raise Refusal("model_inputs_differ", what="missing", found=", ".join(missing[:_MOST_COLUMNS]))
    left_out = [] if missing else [name for name in given if name not in set(names)]
    reordered = not missing and [name for name in given if name in set(names)] != names
    lists = {"missing": missing[:_MOST_COLUMNS], "left_out": left_out[:_MOST_COLUMNS]}
    return {"by": "name", "reordered": reordered, **lists}


def _scores(answer: Any, rows: int, classes: int) -> bytes:
    scores = np.asarray(answer)
    if scores.shape != (rows, classes):
        raise Refusal("model_bad_output", what="score_shape", found=f"shape {scores.shape}")
    if scores.dtype.kind not in "biuf":
        raise Refusal("model_bad_output", what="not_numbers", found=f"scores of type {scores.dtype}")
    return wire.numbers(scores, "<f8")


def _frame(columns: Mapping[str, wire.WireColumn], expected: Any) -> Any:
    import pandas as pd  # here: the adapter has paid for it, and `hello` stays quick to fail

    # A model that knows its columns by name gets them in its own order; a missing one is its own to complain of.
    names = list(columns) if expected is None else [str(name) for name in expected]
    names = names if set(names) <= set(columns) else list(columns)
    if names and all(columns[name].kind == "f8" for name in names):
        return pd.DataFrame(_block([columns[name] for name in names]).T, columns=names, copy=False)
    frame = pd.DataFrame({name: _series(pd, _values(columns[name])) for name in names})
    return frame if len(set(names)) == len(names) else frame[names]


def _block(columns: Sequence[wire.WireColumn]) -> npt.NDArray[np.float64]:
    """Numbers alone, column after column as pandas holds them: as they came where they lie so, else copied once."""
    first, whole = columns[0].values, not any(column.missing.any() for column in columns)
    places = [column.values.ctypes.data - first.ctypes.data for column in columns]
    if whole and len(first) and places == [first.nbytes * place for place in range(len(columns))]:
        return np.lib.stride_tricks.as_strided(first, (len(columns), len(first)), (first.nbytes, first.itemsize))
    block = np.empty((len(columns), len(first)))
    for row, column in zip(block, columns, strict=True):
        row[:] = column.values
        row[column.missing] = np.nan
    return block


def _series(pandas: Any, values: npt.NDArray[Any]) -> Any:
    return pandas.Series(values, dtype=values.dtype)  # named, or pandas would guess a type for text


def _values(column: wire.WireColumn) -> npt.NDArray[Any]:
    gone = column.missing
    if column.kind == "utf8":
        # As scikit-learn's encoders and imputers expect text: Python strings, NaN where there is none.
        texts = np.array([*column.levels, np.nan], dtype=object)
        return texts[np.where(gone, len(column.levels), column.values)]
    if column.kind == "f8":
        return np.where(gone, np.nan, column.values)
    if not gone.any():
        return column.values.copy()
    return np.where(gone, np.nan, column.values) if column.kind == "i8" else _bools_with_gaps(column)


def _bools_with_gaps(column: wire.WireColumn) -> npt.NDArray[Any]:
    values = column.values.astype(object)
    values[column.missing] = np.nan
    return values


def probed(asked: Header) -> Header:
    """Give up rights, take the limits, and try to break out: how each attempt ended."""
    _give_up_rights(asked["uid"])
    _limit(asked["limits"])
    attempts = _break_outs(asked["bait"], Path(asked["model"]))
    return {"probe": {name: _attempt(action) for name, action in attempts.items()}, "uid": os.getuid()}


def _give_up_rights(uid: int | None) -> None:
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)


def _limit(limits: Mapping[str, int]) -> None:
    hard = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_AS: limits["memory_bytes"],
        resource.RLIMIT_NPROC: limits["processes"],
        resource.RLIMIT_NOFILE: limits["files"],
        resource.RLIMIT_FSIZE: limits["file_bytes"],
    }
    for which, value in hard.items():
        hardest = resource.getrlimit(which)[1]  # of this machine: nothing here may raise it
        most = value if hardest == resource.RLIM_INFINITY else min(value, hardest)
        resource.setrlimit(which, (most, most))


def renew_cpu(seconds: int) -> None:
    """Allow so many seconds of processor time from now on."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = math.ceil(used.ru_utime + used.ru_stime) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def _break_outs(bait: Mapping[str, Any], model: Path) -> dict[str, Callable[[], object]]:
    def opened(path: str, mode: str) -> Callable[[], object]:
        return lambda: Path(path).open(mode).close()

    return {
        "write_root": opened("/outside", "wb"),
        "write_library": opened("/usr/lib/outside", "wb"),
        "write_shared_memory": opened("/dev/shm/outside", "wb"),  # noqa: S108  (an attempt that must fail)
        "write_model": opened(str(model), "r+b"),
        # Owned by the machine's root: a worker mapped to it could name the program that handles core dumps.
        "write_kernel_setting": opened("/proc/sys/kernel/core_pattern", "r+b"),
        "read_home": opened(bait["file"], "rb"),
        "connect_loopback": lambda: socket.create_connection(("127.0.0.1", bait["port"]), timeout=1).close(),
        "connect_abstract_socket": lambda: socket.socket(socket.AF_UNIX).connect("\0" + bait["socket"]),
        "become_root": lambda: os.setuid(0),
        **({"signal_workbench": lambda: os.kill(bait["pid"], 0)} if "pid" in bait else {}),
    }


def _attempt(action: Callable[[], object]) -> str:
    try:
        action()
    except OSError:
        return "refused"
    return "succeeded"


def _libraries(names: tuple[str, ...]) -> dict[str, str]:
    versions = {"python": ".".join(map(str, sys.version_info[:3]))}
    for name in names:
        found = _version(name) or _version(f"{name}-cpu")
        if found is not None:
            versions[name] = found
    return versions


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _answer(served: Served, asked: Header, body: bytearray) -> tuple[Header, Bytes]:
    answers: dict[str, Callable[[Header, bytearray], tuple[Header, Bytes]]]
    answers = {name: getattr(served, name) for name in served.FAILS_AS}
    try:
        return answers[asked["op"]](asked, body)
    except Refusal as refusal:
        return {"error": refusal.code, "values": {k: str(v)[:_LONGEST_MESSAGE] for k, v in refusal.values.items()}}, b""
    except MemoryError:
        return {"error": "model_memory_limit", "values": {}}, b""
    except Exception as error:  # a model may do anything: the one place in the house that expects it
        said = {"type": type(error).__name__[:100], "message": str(error)[:_LONGEST_MESSAGE]}
        return {"error": served.FAILS_AS[asked["op"]], "values": said}, b""


def main(descriptor: int) -> None:
    """Answer over the socket until the other end closes it."""
    serve(Served(), descriptor)


def serve(served: Served, descriptor: int) -> None:
    """The same, by what answers in place of a plain model."""
    with socket.socket(fileno=descriptor) as sock:
        while True:
            try:
                asked, body = wire.receive(sock, max_body=wire.MAX_BODY)
            except EOFError:
                return
            if served.cpu_s:
                renew_cpu(served.cpu_s)
            header, answer = _answer(served, asked, body)
            wire.send(sock, {**header, "id": asked["id"]}, answer)
