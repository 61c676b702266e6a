"""What tests of refits share: rows with a group and a model of them, and the refit's own code in this process."""

import hashlib
import json

import numpy as np
import pandas as pd
import skops.io

from reliability.blocks import Column
from reliability.worker import child, refit_child, skops_model, wire
from reliability.worker.parent import Limits, ModelSpec
from reliability.worker.refit import Refit

CLASSES = ("no", "yes")


def table(n=600, seed=0, features=4):
    """Rows, labels that one group gets more rarely, and the group."""
    draws = np.random.default_rng(seed)
    group = draws.integers(0, 2, n)
    frame = pd.DataFrame(draws.normal(size=(n, features)), columns=[f"f{place}" for place in range(features)])
    frame["f1"] += group
    y = (frame["f0"] + 0.8 * group + draws.normal(size=n) * 0.7 > 0.4).to_numpy().astype(np.int64)
    return frame, y, group.astype(np.int64)


def columns_of(frame):
    """The frame as the workbench holds it."""
    return {name: _column(frame[name]) for name in frame}


def _column(values):
    gone = values.isna().to_numpy()
    if values.dtype == object:
        levels = tuple(sorted(set(values.dropna())))
        codes = np.array([0 if value is np.nan else levels.index(value) for value in values], np.int32)
        return Column(kind="utf8", values=codes, missing=gone, levels=levels)
    kind = "i8" if values.dtype.kind == "i" else "f8"
    return Column(kind=kind, values=values.fillna(0).to_numpy(), missing=gone)


class Here:
    """The child's own code in this process: what confines it is tested elsewhere."""

    def __init__(self, path):
        self.served = refit_child.Refitting()
        self.served.adapter, self.served.format, self.served.path = skops_model, "skops", path

    def ask(self, header, body=b"", *, expected, timeout_s):
        told, numbers = child._answer(self.served, dict(header), bytearray(body))
        if len(numbers) != (0 if "error" in told else expected):
            raise wire.WireError("length")
        return json.loads(json.dumps(told)), bytearray(numbers)

    def close(self):
        pass


def spec_of(model, path, inputs, **changes):
    """A file of the model, and how it is run."""
    skops.io.dump(model, path)
    given = {
        "format": "skops", "path": path, "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "inputs": tuple(inputs), "classes": CLASSES, "task": "binary", "positive": 1,
    }  # fmt: skip
    return ModelSpec(**(given | changes))


def opened_here(model, path, inputs, **changes):
    """A refit of the model without a process."""
    return here(spec_of(model, path, inputs, **changes), limits=Limits())


def here(spec, *, limits):
    """The same of a file that is there."""
    refit = Refit(spec, limits, None, Here(spec.path))
    refit._ended_by_failure(refit._load)
    return refit
