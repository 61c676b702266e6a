"""Measures what the worker costs beside the same model in process, and its sandbox beside the same start without one.

    python -m benchmarks.worker_cost [--rows 100000] [--write docs/benchmarks.md]

Answers: labels and probabilities of 100,000 rows of 20 numbers, from a table in memory to arrays in memory, in process
and through a worker that is up. Start: from the search for a way to confine a worker until it has tried to break out
and said so, beside the same interpreter with the same imports until it says that it is there. Each is measured in turn
with its rival, wall clock and CPU seconds of all processes; one thread on both sides.
"""

import argparse
import hashlib
import os
import resource
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from unittest import mock

from reliability.threads import ONE_THREAD

# Before numpy is imported: it decides then how many threads it will use.
os.environ.update(ONE_THREAD)

import numpy as np
import pandas as pd
import skops.io

from benchmarks.pages import ROOT, cpu_s, machine, put_section, written_by, yes_or_no
from reliability.blocks import Column
from reliability.worker import confinement
from reliability.worker.parent import Limits, Model, ModelSpec, open_model

HEADING = "## What the worker costs"
COLUMNS = 20
BOOSTING, LINEAR_S, START_S = 1.25, 0.030, 0.050  # as promised: a ratio, and seconds more
LIMITS = Limits(timeout_s=600)
# The same imports as a worker that has said hello, and the same word over the same kind of line.
PLAIN = f"""
import sys
sys.path[:0] = [{str(ROOT)!r}, *sys.argv[2:]]
import os, socket
import reliability.worker.child, reliability.worker.onnx_model
os.write(int(sys.argv[1]), b"!")
socket.socket(fileno=int(sys.argv[1])).recv(1)
"""


@dataclass(frozen=True)
class Spent:
    """Seconds on the clock, and of the processors."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Pair:
    """The same work both ways, in turn, several times."""

    what: str
    promised: str
    ours: tuple[Spent, ...]
    theirs: tuple[Spent, ...]
    limit: Callable[[float, float], float]  # of ours and theirs: what the promise speaks of
    most: float

    def of(self, which: str) -> tuple[float, float, float]:
        """Medians of both sides, and what the promise speaks of."""
        ours, theirs = (median(getattr(one, which) for one in side) for side in (self.ours, self.theirs))
        return ours, theirs, self.limit(ours, theirs)

    def line(self) -> str:
        """A row of the table."""
        told = []
        for which in ("wall", "cpu"):
            ours, theirs, figure = self.of(which)
            shown = f"{figure:.2f}" if self.limit is ratio else f"{figure * 1000:+.0f} ms"
            told.append(f"{shown} ({ours * 1000:,.0f} ms / {theirs * 1000:,.0f} ms)")
        kept = (yes_or_no(kept=self.of(which)[2] <= self.most) for which in ("wall", "cpu"))
        return f"| {self.what} | {self.promised} | {told[0]} | {told[1]} | {' · '.join(kept)} |"


def ratio(ours: float, theirs: float) -> float:
    """How many times as much."""
    return ours / theirs


def difference(ours: float, theirs: float) -> float:
    """How much more."""
    return ours - theirs


def spent(action: Callable[[], Any], others: Callable[[], float] = lambda: 0.0) -> Spent:
    """What the action takes, with the CPU seconds of other processes added."""
    wall, cpu, theirs = time.perf_counter(), time.process_time(), others()
    action()
    return Spent(time.perf_counter() - wall, time.process_time() - cpu + others() - theirs)


def cpu_of(pid: int) -> float:
    """CPU seconds of a process and of all below it, to the nanosecond."""
    total = 0.0
    for task in Path(f"/proc/{pid}/task").glob("*"):
        total += int((task / "schedstat").read_text().split()[0]) / 1e9
        total += sum(cpu_of(int(child)) for child in (task / "children").read_text().split())
    return total


def reaped() -> float:
    """CPU seconds of the processes that have ended."""
    return cpu_s(of=resource.RUSAGE_CHILDREN)


def models() -> dict[str, tuple[Any, str, Callable[[float, float], float], float]]:
    """Model, promise, figure and limit by name."""
    from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    boosting = f"≤ {BOOSTING} ×"
    return {
        "HistGradientBoosting, 100 trees": (
            HistGradientBoostingClassifier(max_iter=100, early_stopping=False, random_state=0),
            boosting, ratio, BOOSTING,
        ),
        "GradientBoosting, 100 trees": (
            GradientBoostingClassifier(n_estimators=100, subsample=0.5, random_state=0), boosting, ratio, BOOSTING,
        ),
        "StandardScaler, LogisticRegression": (
            make_pipeline(StandardScaler(), LogisticRegression()),
            f"≤ {LINEAR_S * 1000:.0f} ms more", difference, LINEAR_S,
        ),
    }  # fmt: skip


def answers(rows: int, folder: Path, repeats: int) -> list[Pair]:
    """Every model, in process and through a worker."""
    r = np.random.default_rng(3)
    frame = pd.DataFrame({f"x{place}": r.normal(size=rows) for place in range(COLUMNS)})
    y = (frame["x0"] + frame["x1"] * frame["x2"] + r.normal(size=rows) > 0).to_numpy().astype(np.int64)
    nothing = np.zeros(rows, dtype=np.bool_)
    columns = {name: Column(kind="f8", values=frame[name].to_numpy(), missing=nothing) for name in frame}
    found = []
    for name, (model, promised, limit, most) in models().items():
        model.fit(frame.iloc[:6_000], y[:6_000])
        with open_model(_spec(model, frame, folder / "model.skops"), limits=LIMITS) as worker:
            pairs = _in_turn(worker, columns, model, frame, repeats)
        found.append(Pair(name, promised, *zip(*pairs, strict=True), limit, most))
    return found


def _in_turn(
    worker: Model, columns: dict[str, Column], model: Any, frame: pd.DataFrame, repeats: int
) -> list[tuple[Spent, Spent]]:
    def others() -> float:
        return cpu_of(worker._process._process.pid)

    _both(model, frame), worker.answer(columns)  # what is made at first use is there
    return [(spent(lambda: worker.answer(columns), others), spent(lambda: _both(model, frame))) for _ in range(repeats)]


def _both(model: Any, frame: pd.DataFrame) -> tuple[Any, Any]:
    return model.predict(frame), model.predict_proba(frame)[:, 1]


def _spec(model: Any, frame: pd.DataFrame, path: Path) -> ModelSpec:
    path.write_bytes(skops.io.dumps(model))
    return ModelSpec(
        format="skops", path=path, sha256=hashlib.sha256(path.read_bytes()).hexdigest(), inputs=tuple(frame),
        classes=(0, 1), task="binary", positive=1,
    )  # fmt: skip


def started(folder: Path, repeats: int) -> Pair:
    """A worker until it has said hello, and the same interpreter and imports until they are there."""
    # ONNX Runtime's imports are few: those of scikit-learn take seconds, and the difference would drown in them.
    (folder / "model.onnx").write_bytes(b"never loaded")
    sha256 = hashlib.sha256(b"never loaded").hexdigest()
    spec = ModelSpec(
        format="onnx", path=folder / "model.onnx", sha256=sha256, inputs=("x",), classes=(0, 1), task="binary"
    )
    pairs = [(_hello(spec), _plain()) for _ in range(repeats + 1)][1:]
    promised = f"≤ {START_S * 1000:.0f} ms more"
    return Pair("start of the sandbox", promised, *zip(*pairs, strict=True), difference, START_S)


def _hello(spec: ModelSpec) -> Spent:
    """A worker up to where it would load the model."""
    opened: list[Model] = []
    with mock.patch.object(Model, "_load", return_value=None):
        took = spent(lambda: opened.append(open_model(spec, limits=LIMITS)), reaped)
    used = cpu_of(opened[0]._process._process.pid)
    opened[0].close()
    return Spent(took.wall, took.cpu + used)


def _plain() -> Spent:
    """The interpreter and its imports up to its word."""
    started: list[subprocess.Popen[bytes]] = []
    ours, theirs = socket.socketpair()

    def start() -> None:
        command = [*confinement.python(PLAIN), str(theirs.fileno()), *map(str, confinement.sites())]
        started.append(subprocess.Popen(command, pass_fds=(theirs.fileno(),), env=dict(confinement.ENVIRONMENT)))
        theirs.close()
        ours.recv(1)

    took = spent(start)
    used = cpu_of(started[0].pid)
    ours.close()
    started[0].wait()
    return Spent(took.wall, took.cpu + used)


def section(pairs: list[Pair], rows: int, busy: float) -> str:
    """The part of docs/benchmarks.md."""
    names = ("reliability-workbench", "scikit-learn", "numpy", "pandas", "skops")
    head = [
        HEADING, "",
        f"{written_by('benchmarks/worker_cost.py', *names)}; {machine()}; "
        f"{busy:.1f} other processes wanted them (load average before it "
        "began; with more of them than cores the wall clock measures them too).", "",
        f"Labels and probabilities of {rows:,} rows of {COLUMNS} numbers, through a worker that is up and in process; "
        "and the start of a worker, from the search for a way to confine it until it has tried to break out, beside "
        "the same interpreter and imports (those of ONNX) unconfined. "
        f"Medians of {len(pairs[0].ours)}, each in turn with its rival; one thread. CPU: "
        "seconds of all processes, user and system.", "",
        "| what | promised | wall: measured (ours / without) | CPU: measured (ours / without) | kept: wall · CPU |",
        "|---|---|---|---|---|",
    ]  # fmt: skip
    return "\n".join([*head, *(pair.line() for pair in pairs)]) + "\n"


def main() -> None:
    """Measure, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    busy = os.getloadavg()[1]
    with tempfile.TemporaryDirectory(dir="/var/tmp") as work:
        pairs = [*answers(asked.rows, Path(work), asked.repeats), started(Path(work), asked.repeats)]
    put_section(section(pairs, asked.rows, busy), HEADING, asked.write)


if __name__ == "__main__":
    main()
