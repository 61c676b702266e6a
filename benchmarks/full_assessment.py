"""Measures a full assessment beside the model's own time for the same rows and questions, and its peak memory.

    python -m benchmarks.full_assessment [--rows 100000] [--profile] [--write docs/benchmarks.md]

One submission of ../shared/bench's workload with nearly every key of the manifest: fifteen features, target and time;
training data of as many rows; gradient boosting that was fitted to them. `reliability assess` runs on it as an
applicant runs it: CPU seconds of all its processes, the worker's among them, and the most memory that they hold at
once. Then the same assessment once more in this process, where the model answers without a worker: CPU seconds inside
the model's own `predict` and `predict_proba` are the time that it needs for those rows and the probes' questions.
"""

import argparse
import cProfile
import json
import os
import pstats
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest import mock

from reliability.threads import ONE_THREAD

# Before numpy is imported: threads that wait for each other burn time that is no model's.
os.environ.update(ONE_THREAD)

import numpy as np

from benchmarks.pages import ROOT, assessing, machine, put_section, taken, written_by, yes_or_no
from benchmarks.peers import WORKLOAD

HEADING = "## A full assessment"
ROWS = 100_000
MOST_RATIO, MOST_MEGABYTES = 3.0, 600
LEFT_OUT = "purpose"  # of the workload's sixteen features
EVERY_S = 0.05
MANIFEST = """\
submission: 1
organisation: {{name: benchmark}}
system: {{name: benchmark, version: "1", purpose: measured, domain: credit}}
facts: {{affects_people: true, decides_about_people: true, trained_on_personal_data: true}}
task: binary
model: {{format: skops, path: model.skops}}
data:
  evaluation: evaluation.parquet
  training: training.parquet
  target: y
  favourable: 1
  features: {{include: [{features}]}}
  sensitive: [sex, race, {{column: age, bands: [0, 25, 40, 60]}}]
  time: applied_on
  segments: [region]
  strata: [education]
  quasi_identifiers: [age, sex, race, region]
  population: population.csv
  monotone: {{education_num: increasing, debt_ratio: decreasing}}
  dependencies: [{{given: [education], fixes: education_num}}]
  schema:
    age: {{minimum: 17, maximum: 90}}
    hours_per_week: {{minimum: 1, maximum: 99}}
    sex: {{values: [Female, Male]}}
performance: {{check: performance.roc_auc, at_least: 0.7}}
"""


def features() -> list[str]:
    """The fifteen columns that the model is given."""
    sys.path.insert(0, str(WORKLOAD))
    from workload import FEATURES

    return [name for name in FEATURES if name != LEFT_OUT]


def write(folder: Path, rows: int) -> None:
    """The submission: two data files, the population, and a model that was fitted to the training rows."""
    names = features()
    from workload import make

    folder.mkdir(parents=True)
    for seed, name, start in ((101, "training", 0), (202, "evaluation", 400)):
        table = make(rows, seed)[[*names, "y"]]
        for column in table.columns[table.dtypes == "category"]:
            table[column] = table[column].astype(object).where(table[column].notna(), None)
        days = np.random.default_rng(seed).integers(start, start + 300, rows)
        table["applied_on"] = (np.datetime64("2024-01-01") + days).astype(str)
        table.to_parquet(folder / f"{name}.parquet", index=False, row_group_size=25_000)
        if name == "training":
            _fit(table, names, folder / "model.skops")
    shares = "column,value,share\nsex,Female,0.33\nsex,Male,0.67\n"
    (folder / "population.csv").write_text(shares, encoding="utf-8")
    (folder / "submission.yaml").write_text(MANIFEST.format(features=", ".join(names)), encoding="utf-8")


def _fit(table: Any, names: list[str], path: Path) -> None:
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OrdinalEncoder
    from skops.io import dump

    text = [name for name in names if table[name].dtype == object or str(table[name].dtype).startswith("str")]
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    model = make_pipeline(
        make_column_transformer((codes, text), remainder="passthrough"), HistGradientBoostingClassifier(random_state=0)
    )
    dump(model.fit(table[names].fillna(dict.fromkeys(text, np.nan)), table["y"]), path)


@dataclass(frozen=True, kw_only=True)
class Whole:
    """What `reliability assess` took."""

    cpu_s: float
    megabytes: float
    wall_s: float


def assessed(folder: Path) -> Whole:
    """One whole `reliability assess`: CPU seconds of all processes, and the most that they held at once."""
    started = time.monotonic()
    with subprocess.Popen(
        assessing(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as running:
        most, over = [0], threading.Event()
        watch = threading.Thread(target=_watched, args=(running.pid, most, over))
        watch.start()
        said, complaint = running.communicate()
        over.set()
        watch.join()
    cpu, _ = taken(said, complaint)
    return Whole(cpu_s=cpu, megabytes=most[0] / 1024, wall_s=time.monotonic() - started)


def _watched(pid: int, most: list[int], over: threading.Event) -> None:
    while not over.wait(EVERY_S):
        most[0] = max(most[0], sum(map(_kilobytes, below(pid))))


def below(pid: int) -> list[int]:
    """All processes that a process started, and those that they started."""
    found: list[int] = []
    left = [pid]
    while left:
        with suppress(OSError):
            told = Path(f"/proc/{left[0]}/task/{left[0]}/children").read_text(encoding="ascii").split()
            found += map(int, told)
            left += map(int, told)
        left.pop(0)
    return found


def _kilobytes(pid: int) -> int:
    """Memory of a process, of shared pages its share."""
    with suppress(OSError, StopIteration):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
        return int(next(line for line in lines if line.startswith("Pss:")).split()[1])
    return 0


@dataclass(kw_only=True)
class Timed:
    """A model's own answers, and the CPU seconds that they took."""

    model: Any
    rows: int = 0
    questions: int = 0
    cpu_s: float = 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["model"], name)

    def predict(self, frame: Any) -> Any:
        """As the model's, timed."""
        self.rows, self.questions = self.rows + len(frame), self.questions + 1
        return self._timed(self.model.predict, frame)

    def predict_proba(self, frame: Any) -> Any:
        """As the model's, timed."""
        return self._timed(self.model.predict_proba, frame)

    def _timed(self, answer: Callable[[Any], Any], frame: Any) -> Any:
        started = time.process_time()
        try:
            return answer(frame)
        finally:
            self.cpu_s += time.process_time() - started


@dataclass(kw_only=True)
class InProcess:
    """A worker's answers without the worker: the same code, called here."""

    spec: Any
    timed: Timed | None = None
    notes: tuple[Any, ...] = ()
    isolation: Mapping[str, Any] = field(default_factory=lambda: {"level": "bubblewrap"})

    def __post_init__(self) -> None:
        """Load the model as the worker does."""
        from reliability.worker import answers
        from reliability.worker.child import ADAPTERS, Served

        self.served, spec = Served(), self.spec
        self.served.adapter, self.served.path = import_module(ADAPTERS[spec.format]), spec.path
        self.served.format = spec.format
        declared = {**spec.declared, "inputs": list(spec.inputs), "task": spec.task}
        told, _ = self.served.load({}, bytearray(json.dumps(declared).encode()))
        self.meaning = answers.settle(
            told["classes"], told["scores"], task=spec.task, classes=spec.classes, positive=spec.positive,
            threshold=spec.threshold,
        )  # fmt: skip
        if self.timed is not None:
            self.timed.model, self.served.model = self.served.model, self.timed

    @property
    def has_scores(self) -> bool:
        """Whether the answers carry probabilities."""
        return bool(self.meaning.scores)

    def answer(self, columns: Mapping[str, Any], /) -> Any:
        """The answers to these rows; what the model refuses is refused as a worker would."""
        from reliability.worker import failures, wire

        sent = {name: columns[name] for name in self.spec.inputs}
        rows = len(sent[self.spec.inputs[0]])
        described, body = wire.pack(sent)
        asked = {"rows": rows, "described": described}
        asked |= {"labels": self.meaning.labels_as, "scores": self.meaning.score_columns}
        try:
            _, reply = self.served.predict(asked, body)
        except (ValueError, TypeError) as refused:
            said = {"type": type(refused).__name__, "message": str(refused)[:100]}
            raise failures.reported("model_raised", said, memory_bytes=0) from refused
        return self.meaning.read(bytearray(reply), rows)

    attempt = answer

    def close(self) -> None:
        """Nothing to end."""


@dataclass(frozen=True, kw_only=True)
class Inside:
    """What the same assessment took in one process, and the model within it."""

    cpu_s: float
    model_s: float
    rows: int
    questions: int


def inside(folder: Path, profile: cProfile.Profile | None = None) -> Inside:
    """The same assessment in this process."""
    from reliability import assess, bench
    from reliability.checklist.read import read_checklist
    from reliability.submission.read import read_submission

    timed = Timed(model=None)

    def opened(self: Any) -> Any:
        return InProcess(spec=bench.model_spec(self.submission), timed=timed)

    def clock() -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC)

    started = time.process_time()
    with mock.patch.object(bench.Bench, "_open", opened):
        if profile is not None:
            profile.enable()
        assess.assess(
            read_submission(folder), read_checklist("trustworthy-ai"), out=folder / "inside", received=clock(),
            clock=clock, settings=bench.Settings(),
        )  # fmt: skip
        if profile is not None:
            profile.disable()
    spent = time.process_time() - started
    return Inside(cpu_s=spent, model_s=timed.cpu_s, rows=timed.rows, questions=timed.questions)


def section(rows: int, whole: Whole, alone: Inside) -> str:
    """The part of docs/benchmarks.md."""
    names = ("reliability-workbench", "scikit-learn", "numpy", "pyarrow")
    ratio = whole.cpu_s / alone.model_s
    kept = ratio <= MOST_RATIO, whole.megabytes <= MOST_MEGABYTES
    return "\n".join([
        HEADING, "",
        f"{written_by('benchmarks/full_assessment.py', *names)}; {machine()}.", "",
        f"{rows:,} rows of ../shared/bench (seed 202) with 15 features, training data of as many (seed 101), a "
        "HistGradientBoostingClassifier of 100 trees fitted to them, and everything declared that checks can use: "
        "three sensitive attributes, time, segments, strata, quasi-identifiers, population, monotone features, "
        "dependencies, a dictionary. Checklist `trustworthy-ai`, one worker. CPU seconds of `reliability assess` with "
        "all its processes, start included; the most memory that they held at once, sampled twenty times a second, "
        "shared pages by share. The model's own time: CPU seconds inside its `predict` and `predict_proba` in the same "
        f"assessment without a worker, which put {alone.questions:,} questions of {alone.rows:,} rows in all to it.",
        "",
        "| what | promised | measured | kept |", "|---|---|---|---|",
        f"| assessment over the model's own time | ≤ {MOST_RATIO:g} | {ratio:.2f} ({whole.cpu_s:.1f} s / "
        f"{alone.model_s:.1f} s) | {yes_or_no(kept=kept[0])} |",
        f"| peak of all processes together, MB | ≤ {MOST_MEGABYTES} | {whole.megabytes:.0f} | "
        f"{yes_or_no(kept=kept[1])} |",
        f"| the same in one process, CPU s, the model's included |  | {alone.cpu_s:.1f} |  |",
        f"| wall clock of the command, s |  | {whole.wall_s:.0f} |  |",
    ]) + "\n"  # fmt: skip


def main() -> None:
    """Parse, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--profile", action="store_true", help="print where the time goes, without the worker")
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work) / "case"
        write(folder, asked.rows)
        if asked.profile:
            profile = cProfile.Profile()
            print(inside(folder, profile))
            pstats.Stats(profile).sort_stats("tottime").print_stats(45)
            return
        made = section(asked.rows, assessed(folder), inside(folder))
    put_section(made, HEADING, asked.write)


if __name__ == "__main__":
    main()
