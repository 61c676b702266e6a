"""A dozen and more hostile models under one level of isolation, as whoever runs this; tells as JSON what came of each.

Started by test_levels.py, as root and as an ordinary user, where both can read the interpreter.
"""

import hashlib
import json
import os
import secrets
import socket
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from reliability.blocks import Column  # noqa: E402
from reliability.errors import ReliabilityError  # noqa: E402
from reliability.formats import project  # noqa: E402
from reliability.worker import confinement, parent  # noqa: E402
from reliability.worker.parent import Limits, ModelSpec  # noqa: E402
from tests.hostile import reaching  # noqa: E402
from tests.worker.conftest import FRAME  # noqa: E402

ROWS = {"x": Column(kind="f8", values=np.arange(64.0), missing=np.zeros(64, dtype=np.bool_))}
# `taking` and the like answer how much they got, `well` a class.
ASKED = {
    "well": {}, "leaving": {}, "segfault": {}, "memory": {}, "raising": {}, "short": {}, "garbage": {}, "forking": {},
    "huge_length": {}, "nan_scores": {}, "filling": {}, "writing_many": {"scratch_bytes": 1 << 20}, "load_exit": {},
    "hanging": {"timeout_s": 2}, "dripping": {"timeout_s": 2}, "burning": {"cpu_factor": 0.02, "timeout_s": 50},
    "killing": {"timeout_s": 3}, "deep": {},
}  # fmt: skip


def spec(folder: Path, named: str, **changes) -> ModelSpec:
    path = folder / ("project" if named == "python" else "model")
    given = {"inputs": ("x",), "classes": ("no", "yes"), "task": "binary", "positive": 1}
    return ModelSpec(format=named, path=path, sha256=project.digest(path), **(given | changes))


def outcome(folder: Path, what: str, level: str, named: str = "skops", **limits) -> dict:
    (folder / "model").write_text(what)
    (folder / "frame.py").write_text(FRAME)
    own = {
        confinement.PACKAGE / "reliability" / "worker" / "skops_model.py": ROOT / "tests/worker/hostile_model.py",
        confinement.PACKAGE / "pandas.py": folder / "frame.py",
    }
    given, began = Limits(**({"timeout_s": 60, "memory_bytes": 4 << 30} | limits)), time.monotonic()
    try:
        with parent._opened(spec(folder, named), given, confinement.package_files() | own, level) as model:
            labels = model.answer(ROWS).labels.tolist()
            return {"labels": sorted(set(labels)), "isolation": model.isolation, "notes": [n.code for n in model.notes]}
    except ReliabilityError as error:
        return {"code": error.code, "values": error.plain_values(), "seconds": time.monotonic() - began}


def reached(folder: Path, level: str) -> dict:
    """What reaching.py was let, and who came to the bait."""
    canary = Path.home() / f".canary-{secrets.token_hex(4)}"
    canary.write_text("canary,1")
    canary.chmod(0o600)
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as abstract:
        abstract.bind(f"\0elsewhere-{secrets.token_hex(8)}")
        abstract.listen()
        told = {
            "outside": str(folder), "canary": str(canary), "port": server.getsockname()[1], "processes": 64,
            "pid": os.getpid(), "abstract": abstract.getsockname()[1:].decode(),
        }  # fmt: skip
        made = folder / "project"
        made.mkdir()
        (made / "predict.py").write_bytes(Path(reaching.__file__).read_bytes())
        (made / "attempts.txt").write_text(json.dumps(told))
        declared = {"classes": [0, 1], "function": "predict:predict"}
        asked = spec(folder, "python", classes=(0, 1), declared=declared)
        before = canary.stat().st_mtime_ns, canary.stat().st_mode
        with parent._opened(asked, Limits(timeout_s=60), confinement.package_files(), level) as model:
            labels = model.answer(ROWS).labels.tolist()
        visits = sum(came(one) for one in (server, abstract))
    kept = before == (canary.stat().st_mtime_ns, canary.stat().st_mode)
    canary.unlink()
    named = {**reaching.ATTEMPTS, **reaching.SHARED, **reaching.MAY}
    let = [name for name, one in zip(named, labels, strict=False) if one]
    return {"let": let, "visits": visits, "kept": kept, "nice": os.getpriority(os.PRIO_PROCESS, 0)}


def came(server: socket.socket) -> int:
    server.setblocking(False)
    try:
        server.accept()[0].close()
    except BlockingIOError:
        return 0
    return 1


def left(mark: str) -> int:
    """Processes with that word, after they had a moment to go."""
    for _ in range(60):
        found = [one for one in Path("/proc").glob("[0-9]*/comm") if mark in told(one)]
        if not found:
            return 0
        time.sleep(0.05)
    return len(found)


def told(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def main(level: str, *asked: str) -> None:
    mark = hashlib.sha256(os.urandom(8)).hexdigest()[:12]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if level == "process":
            all_told = {"well": outcome(folder, "well", level), "pickle": outcome(folder, "well", level, "pickle")}
        else:
            all_told = {what: outcome(folder, what, level, **ASKED[what]) for what in asked or ASKED}
            all_told["orphans"] = {**outcome(folder, f"orphans {mark}", level), "left": left(mark)}
            all_told["reached"] = reached(folder, level)
        all_told["stages"] = [one.name for one in folder.parent.glob("reliability-worker-*")]
    print(json.dumps({"uid": os.getuid(), **all_told}))


if __name__ == "__main__":
    main(*sys.argv[1:])
