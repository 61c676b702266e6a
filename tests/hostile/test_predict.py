"""What a Python project does when it is asked, in a worker as the workbench starts it: refused, or stopped alone."""

import json
import os
import secrets
import socket
import time
import uuid
from pathlib import Path

import numpy as np
import pytest

from reliability.blocks import Column
from reliability.errors import WorkerError
from reliability.formats import project
from reliability.worker.parent import Limits, ModelSpec, open_model
from tests.hostile import reaching

ROWS = {"x": Column(kind="f8", values=np.arange(64.0), missing=np.zeros(64, dtype=np.bool_))}
PATIENT = Limits(timeout_s=60, memory_bytes=2 << 30)
QUICK = Limits(timeout_s=3)


@pytest.fixture
def asked(confined, tmp_path):
    """Ask a project of one file for labels; what it was told to do comes first in it."""

    def ask(source: str, limits: Limits = PATIENT, **files: str):
        folder = tmp_path / f"project{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        (folder / "predict.py").write_text(source)
        for name, content in files.items():
            (folder / f"{name}.txt").write_text(content)
        spec = ModelSpec(
            format="python", path=folder, sha256=project.digest(folder), inputs=("x",), classes=(0, 1), task="binary",
            positive=1, declared={"classes": [0, 1], "function": "predict:predict"},
        )  # fmt: skip
        with open_model(spec, limits=limits) as model:
            return model.answer(ROWS).labels.tolist()

    return ask


@pytest.fixture
def canary():
    """A private file at home."""
    path = Path.home() / f".reliability-hostile-{secrets.token_hex(4)}"
    path.write_text("canary,1")
    yield path
    path.unlink()


@pytest.fixture
def abstract():
    """A live abstract socket."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"\0hostile-{secrets.token_hex(8)}")
        server.listen()
        server.setblocking(False)
        yield server


def test_project_is_let_nothing_but_its_own_corner(asked, listener, abstract, canary, tmp_path, monkeypatch, confined):
    monkeypatch.setenv("SECRET_OF_THE_WORKBENCH", "1")
    told = {
        "outside": str(tmp_path), "canary": str(canary), "port": listener.port, "processes": PATIENT.processes,
        "pid": os.getpid(), "abstract": abstract.getsockname()[1:].decode(),
    }  # fmt: skip

    labels = asked(Path(__file__).with_name("reaching.py").read_text(), attempts=json.dumps(told))

    may, refused = {*reaching.MAY, "start a program"}, reaching.ATTEMPTS
    if not confined.limits_processes:
        refused = [name for name in refused if name != "start more processes than it may"]
    let = {
        name for name, one in zip({**reaching.ATTEMPTS, **reaching.SHARED, **reaching.MAY}, labels, strict=False) if one
    }
    assert let & set(refused) == set()
    assert may <= let
    assert listener.visits == 0
    with pytest.raises(BlockingIOError):
        abstract.accept()
    assert [path.name for path in tmp_path.iterdir()] == ["project0"]


# Leaves a process of its own behind, and bears a name to be found by.
BEGINNING = """
import ctypes, os, pathlib, signal, struct, sys, time
name = (pathlib.Path(__file__).parent / "name.txt").read_bytes()
ctypes.CDLL(None).prctl(15, name, 0, 0, 0)
if os.fork() == 0:
    os.setsid()
    signal.pause()
def reply(raw):
    os.write(int(sys.argv[1]), raw)
    time.sleep(60)
def predict(frame):
"""
ENDINGS = {
    "ends well and early": ("os._exit(0)", "model_exited", {"status": 0}),
    "crashes": ("ctypes.string_at(8)", "model_crashed", {"signal": "SIGSEGV"}),
    "aborts": ("os.abort()", "model_crashed", {"signal": "SIGABRT"}),
    "sleeps": ("time.sleep(60)", "model_timeout", {"seconds": "3"}),
    "takes memory and says so": ("bytearray(1 << 33)", "model_memory_limit", {"mebibytes": 2048}),
    "takes memory and does not say so": (
        "x = []\n    while True:\n        try: x.append(bytearray(1 << 24))\n        except MemoryError: pass",
        "model_timeout", {"seconds": "3"},
    ),
    "fills its scratch": ("open('/tmp/x', 'wb').write(bytes(1 << 28))", "model_raised", {"type": "OSError"}),
    "kills everything it sees": ("os.kill(-1, 9); time.sleep(60)", "model_timeout", {"seconds": "3"}),
    "kills itself": ("os.kill(os.getpid(), 9)", "model_crashed", {"signal": "SIGKILL"}),
    "raises a tale": ("raise ValueError('<script>\\x1b[2J conforms ' * 99)", "model_raised", {"type": "ValueError"}),
    "leaves by an exception of the interpreter": ("raise SystemExit(0)", "model_exited", {"status": 0}),
    "answers garbage": ("reply(bytes(range(256)) * 9)", "model_protocol_violation", {"what": "magic"}),
    "answers far too much": (
        "reply(struct.pack('<4sIQ', b'RWK1', 2, 1 << 50) + b'{}')",
        "model_protocol_violation", {"what": "body_too_long"},
    ),
    "answers too few": ("return [0] * 63", "model_bad_output", {"what": "row_count", "found": "shape (63,)"}),
    "answers objects": ("return [object()] * 64", "model_bad_output", {"what": "label_outside_classes"}),
    "answers no numbers": ("return [float('nan')] * 64", "model_bad_output", {"what": "label_outside_classes"}),
}  # fmt: skip


@pytest.mark.parametrize("ending", ENDINGS)
def test_project_is_stopped_alone_when_it(asked, ending):
    body, code, values = ENDINGS[ending]
    name = uuid.uuid4().hex[:14]

    with pytest.raises(WorkerError) as caught:
        asked(f"{BEGINNING}    {body}\n", QUICK if code == "model_timeout" else PATIENT, name=name)

    met = caught.value.plain_values()
    assert (caught.value.code, met | values) == (code, met)
    assert "\x1b" not in str(caught.value)
    assert len(str(caught.value)) < 400
    assert all_gone(name)


def all_gone(name: str) -> bool:
    """Whether every process of that name is gone; what was killed takes a moment to be reaped."""
    return any(
        not any(named(one) == name for one in Path("/proc").glob("[0-9]*")) or time.sleep(0.05) for _ in range(99)
    )


def named(process: Path) -> str:
    try:
        return (process / "comm").read_text().strip()
    except OSError:
        return ""


def test_forks_without_end_are_stopped_and_the_machine_goes_on(asked):
    # As root in a user namespace only the time limit ends it; everything dies with the process that was first.
    name = uuid.uuid4().hex[:14]
    body = "while True:\n        try: os.fork()\n        except OSError: time.sleep(0.01)"

    with pytest.raises(WorkerError) as caught:
        asked(f"{BEGINNING}    {body}\n", Limits(timeout_s=1, processes=24), name=name)

    assert caught.value.code in {"model_timeout", "model_protocol_violation"}
    assert all_gone(name)
