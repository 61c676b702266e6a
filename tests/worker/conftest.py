import hashlib
import importlib
import json
from pathlib import Path

import numpy as np
import pytest

from reliability.blocks import Column
from reliability.errors import WorkerError
from reliability.worker import answers, child, confinement, parent, wire
from reliability.worker.parent import Limits, ModelSpec

PATIENT = Limits(timeout_s=10)
# A frame that costs no import: hostile models only count rows.
FRAME = """
def Series(values, dtype=None):
    return values

class DataFrame(dict):
    def __init__(self, values, columns=None, copy=None):
        super().__init__(values if columns is None else zip(columns, values.T))

    def __len__(self):
        return len(next(iter(self.values())))
"""


@pytest.fixture(scope="session")
def confined():
    """Skip where nothing can be confined: there, models are refused, and test_confinement says so."""
    try:
        return confinement.find_way()
    except WorkerError as error:
        pytest.skip(str(error))


@pytest.fixture
def spec_of(tmp_path):
    """A specification of a model file with that content."""

    def spec(content: bytes, **changes):
        path = tmp_path / "model.bin"
        path.write_bytes(content)
        given = {
            "format": "skops",
            "path": path,
            "sha256": hashlib.sha256(content).hexdigest(),
            "inputs": ("x",),
            "classes": ("no", "yes"),
            "task": "binary",
            "positive": 1,
        }
        return ModelSpec(**(given | changes))

    return spec


@pytest.fixture
def hostile(confined, spec_of, tmp_path, monkeypatch):
    """Open a worker whose adapter is hostile_model.py; what it does is in the model file."""
    monkeypatch.setattr(confinement, "find_way", lambda: confined)
    (tmp_path / "frame.py").write_text(FRAME)
    inside = confinement.PACKAGE / "reliability" / "worker" / "skops_model.py"
    own = {
        inside: Path(__file__).with_name("hostile_model.py"),
        confinement.PACKAGE / "pandas.py": tmp_path / "frame.py",
    }
    opened = []

    def start(what: str, limits: Limits = PATIENT, **changes):
        opened.append(parent._opened(spec_of(what.encode(), **changes), limits, confinement.package_files() | own))
        return opened[-1]

    yield start
    for model in opened:
        model.close()


@pytest.fixture
def served(tmp_path):
    """Answers by way of file, child and checks of the parent, all in this process: the files are our own."""

    def answer(named, content, columns, **changes):
        one = child.Served()
        one.adapter = importlib.import_module(child.ADAPTERS[named])
        one.format, one.path = named, tmp_path / f"model.{named}"
        one.path.write_bytes(content)
        given = {"task": "binary", "classes": (0, 1), "positive": 1, "threshold": None}
        declared = {"inputs": list(columns), "task": (given | changes)["task"], **changes.pop("declared", {})}
        said = json.loads(json.dumps(one.load({}, bytearray(json.dumps(declared).encode()))[0]))
        meaning = answers.settle(said["classes"], said["scores"], **(given | changes))
        rows = len(next(iter(columns.values())))
        described, body = wire.pack(columns)
        asked = {"rows": rows, "described": described, "labels": meaning.labels_as, "scores": meaning.score_columns}
        reply = bytearray(one.predict(asked, body)[1])
        assert len(reply) == meaning.reply_bytes(rows)
        return meaning.read(reply, rows), said

    return answer


@pytest.fixture
def rows():
    """Five rows of one number."""
    return {"x": Column(kind="f8", values=np.arange(5.0), missing=np.zeros(5, dtype=np.bool_))}
