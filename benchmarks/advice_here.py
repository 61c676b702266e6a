"""Advice without a sandbox: the worker's own code answers from a thread of this process, over a socket as ever.

What serves is what serves in a confined process (`Served`, `Refitting`: loading, copying, fitting, reductions, checked
replies on the wire); what is left out is the confinement, and the seconds that starting it takes.
"""

import hashlib
import importlib
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import skops.io

from benchmarks.pages import ROOT, put_section
from benchmarks.planted_faults_data import Rows, Values
from reliability import bench as benches
from reliability.advise.advising import Watch, Work, at_work
from reliability.advise.copies import Copies
from reliability.assess import assess
from reliability.bench import Bench, Settings
from reliability.checklist.read import Checklist, read_checklist
from reliability.records import Assessment
from reliability.submission.read import Submission, read_submission
from reliability.worker import child
from reliability.worker.parent import Limits, Model, ModelSpec
from reliability.worker.process import WorkerProcess
from reliability.worker.refit import Refit
from reliability.worker.refit_child import Refitting

PAGE = ROOT / "docs" / "validation" / "advice.md"
TITLE = "# Advice: does what is told of a remedy hold?\n"
TARGET, CLOCK = "outcome", datetime(2026, 1, 2, tzinfo=UTC)
LIMITS = Limits()
WITH = ("reliability-workbench", "scikit-learn", "fairlearn", "numpy")  # whose versions the page names
MANIFEST = """\
submission: 1
organisation: {{name: benchmark}}
system: {{name: benchmark, version: "1", purpose: measured}}
facts: {{affects_people: true}}
task: binary
model: {{format: skops, path: model.skops}}
data:
  evaluation: evaluation.parquet
  training: training.parquet
  target: outcome
  favourable: 1
  features: {{include: [{features}]}}
  sensitive: [{sensitive}]
"""
CHECKLIST = """\
checklist: advice
format: 1
version: 1.0.0
title: {ko: 점검표, en: Checklist}
decision: {rule: four_way, confidence: 0.95}
outcome: {critical: pass, major: conditional_pass, open_minor: 3}
sections:
  - id: ALL
    title: {ko: 전체, en: All}
    items:
"""


class Thread(WorkerProcess):
    """A worker's end of the line, with its other end served by a thread."""

    def __init__(self, served: child.Served) -> None:
        self._sock, theirs = socket.socketpair()
        self._asked = 0
        self._serving = threading.Thread(target=child.serve, args=(served, theirs.detach()), daemon=True)
        self._serving.start()

    def close(self) -> None:
        """End the line; the thread ends with it."""
        self._sock.close()
        self._serving.join()


class _NotGreeted:
    """What stands in for giving up rights and trying to break out."""

    isolation: dict[str, Any]

    def _hello(self) -> None:
        self.isolation = {"level": "this process"}


class ModelHere(_NotGreeted, Model):
    """The submitted model, answering from a thread."""


class RefitHere(_NotGreeted, Refit):
    """Copies of the submitted model, fitted in a thread."""


def _loading(served: child.Served, spec: ModelSpec) -> child.Served:
    """What `hello` sets, without giving up the rights of this process."""
    served.format, served.path = spec.format, spec.path
    served.adapter = importlib.import_module(child.ADAPTERS[spec.format])
    return served


def model_here(spec: ModelSpec, *, limits: Limits = LIMITS, level: str | None = None) -> ModelHere:
    """The model in place of `open_model`."""
    way: Any = level
    return ModelHere(spec, limits, way, Thread(_loading(child.Served(), spec))).started()


def refit_here(spec: ModelSpec, *, limits: Limits = LIMITS) -> RefitHere:
    """The copies in place of `open_refit`."""
    way: Any = None
    return RefitHere(spec, limits, way, Thread(_loading(Refitting(), spec))).started()


@dataclass(frozen=True, kw_only=True, eq=False)
class HandedIn:
    """What is handed in: rows, which of their columns the model is given, and the fitted model."""

    training: Rows
    evaluation: Rows
    model: Any
    features: tuple[str, ...]
    sensitive: str


def submitted(handed_in: HandedIn, folder: Path) -> Submission:
    """The submission as files, read."""
    folder.mkdir(parents=True, exist_ok=True)
    for part in ("training", "evaluation"):
        pq.write_table(table(getattr(handed_in, part), handed_in), folder / f"{part}.parquet")
    skops.io.dump(handed_in.model, folder / "model.skops")
    text = MANIFEST.format(features=", ".join(handed_in.features), sensitive=handed_in.sensitive)
    (folder / "submission.yaml").write_text(text, encoding="utf-8")
    return read_submission(folder)


def table(rows: Rows, handed_in: HandedIn) -> pa.Table:
    """The rows as a file has them."""
    names = dict.fromkeys((*handed_in.features, handed_in.sensitive))
    return pa.table({name: _array(rows.columns[name]) for name in names} | {TARGET: pa.array(rows.y)})


def _array(values: Values) -> pa.Array:
    return pa.array(values.tolist(), pa.string()) if values.dtype == object else pa.array(values, from_pandas=True)


def frame(rows: Rows, features: tuple[str, ...]) -> Any:
    """The rows as a worker shows them to a model: numbers, and text with NaN where there is none."""
    import pandas as pd  # costs half a second

    columns = {}
    for name in features:
        values = rows.columns[name]
        gone = [value is None for value in values] if values.dtype == object else None
        columns[name] = values if gone is None else np.where(gone, np.nan, values)
    return pd.DataFrame(columns)


def checklist(folder: Path, criteria: Mapping[str, str]) -> Checklist:
    """A checklist of one criterion an item."""
    lines = "".join(
        f"      - id: {name}\n        requirement: {{ko: 요건, en: A requirement}}\n"
        f"        criteria: [{{{text}, source: house default}}]\n        severity: major\n"
        for name, text in criteria.items()
    )
    path = folder / "checklist.yaml"
    path.write_text(CHECKLIST + lines, encoding="utf-8")
    return read_checklist(path)


def assessed(submission: Submission, used: Checklist, *, seed: int) -> Assessment:
    """The assessment, made in this process."""
    with mock.patch.object(benches, "open_model", model_here):
        return assess(
            submission, used, out=submission.folder / "case", received=CLOCK, clock=lambda: CLOCK,
            settings=Settings(seed=seed),
        )  # fmt: skip


@contextmanager
def advising(case: Assessment, submission: Submission, *, seed: int) -> Iterator[Work]:
    """What `advise` does, in this process: everything is tried, and the best confirmed."""
    copies = Copies(LIMITS, refit_here)
    with (
        mock.patch.object(benches, "open_model", model_here),
        Bench(submission=submission, settings=Settings(seed=seed)) as bench,
    ):
        try:
            with at_work(case, bench, copies, Watch()) as work:
                work.run()
                yield work
        finally:
            copies.close()


def digest(*parts: str) -> str:
    """SHA-256 over the source that a run rests on, in short."""
    found = hashlib.sha256()
    measuring = ("advise", "checks", "compare", "checklist", "intervals", "evidence")
    for path in sorted(path for part in measuring for path in (ROOT / "reliability" / part).rglob("*.py")):
        found.update(path.read_bytes())
    for path in sorted((ROOT / "reliability" / "worker").glob("refit*.py")):
        found.update(path.read_bytes())
    for part in parts:
        found.update((ROOT / "benchmarks" / f"{part}.py").read_bytes())
    return found.hexdigest()[:16]


def written(made: str, heading: str, page: Path | None) -> None:
    """Put a section on the page of advice, made where there is none."""
    if page is not None and not page.exists():
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(TITLE, encoding="utf-8")
    put_section(made, heading, page)
