"""Times ours beside fairlearn and Evidently on ../shared/bench's workload, and beside fairlearn's bootstrap.

    python benchmarks/peers.py [--write FILE] [--sizes 10000 100000 1000000]

Every measurement is a process of its own; its CPU seconds (user and system) hold the reading of the file and leave
out the imports. Peers run in environments of their own, made from benchmarks/environments/peer-*.txt under .peers/.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import date
from importlib import metadata
from itertools import combinations
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
WORKLOAD = ROOT.parent / "shared" / "bench"
PEERS = ROOT / ".peers"
SENSITIVE = ("sex", "race", "age_band")
SIZES = (10_000, 100_000, 1_000_000)
RESAMPLES = 2_000
MANIFEST = """\
submission: 1
organisation: {name: benchmark}
system: {name: benchmark, version: "1", purpose: measured}
task: binary
data:
  evaluation: rows.parquet
  target: y
  favourable: 1
  prediction: yhat
  score: {column: score, of: 1}
  sensitive: [sex, race, age_band]
"""


def groupings() -> list[tuple[str, ...]]:
    """The three attributes, and their pairs."""
    return [*((name,) for name in SENSITIVE), *combinations(SENSITIVE, 2)]


def counted(folder: Path, kinds: Iterable[str]) -> dict[Any, Any]:
    """Evidence of the kinds, by grouping for those that compare groups."""
    from reliability.engine import Request, count
    from reliability.submission.read import read_submission

    requests = [
        Request(kind=kind, compared=by) for kind in kinds for by in (groupings() if kind.startswith("group_") else [()])
    ]
    return count(read_submission(folder).evaluation.blocks(features=False), requests, seed=0)


def our_groups(folder: Path) -> Callable[[], Any]:
    """Every group metric and its interval over the attributes and pairs."""
    from reliability.checklist.catalogue import checks

    ours = [check.function for check in checks().values() if check.evidence == ("group_counts",)]

    def run() -> Any:
        found = counted(folder, ["group_counts"])
        return sum(len(groups.levels) for groups in found.values() for check in ours if check(groups))

    return run


def our_resamples(folder: Path) -> Callable[[], Any]:
    """2,000 resamples of every group's counts over the attributes and pairs, counting left out."""
    import numpy as np

    from reliability.intervals.tables import resampled

    tables = [found.counts for found in counted(folder, ["group_counts"]).values()]

    def run() -> Any:
        draws = [resampled(counts.reshape(len(counts), -1), draws=RESAMPLES, seed=0) for counts in tables]
        return float(sum(np.sum(one) for one in draws))

    return run


def our_classification(folder: Path) -> Callable[[], Any]:
    """Labels, scores, losses and calibration of the whole, with their intervals."""
    from reliability.checklist.catalogue import checks
    from reliability.errors import NotMeasurable

    kinds = ("confusion_matrix", "score_histogram", "moments")
    ours = [check for check in checks().values() if check.evidence and set(check.evidence) <= set(kinds)]
    ours = [check for check in ours if check.name.split(".")[0] in ("performance", "calibration")]

    def run() -> Any:
        found = {request.kind: evidence for request, evidence in counted(folder, kinds).items()}
        done = 0
        for check in ours:
            try:
                check.function(*(found[kind] for kind in check.evidence))
            except NotMeasurable:
                continue  # regression
            done += 1
        return done

    return run


def fairlearn_groups(folder: Path, resamples: int = 0) -> Callable[[], Any]:
    """MetricFrame over the same groupings: by group, difference, ratio; with its bootstrap where asked."""
    import pandas as pd
    from fairlearn.metrics import (
        MetricFrame,
        count,
        false_negative_rate,
        false_positive_rate,
        selection_rate,
        true_positive_rate,
    )
    from sklearn.metrics import precision_score

    metrics = {
        "sel": selection_rate, "tpr": true_positive_rate, "fpr": false_positive_rate, "fnr": false_negative_rate,
        "prec": lambda y, p: precision_score(y, p, zero_division=0), "n": count,
    }  # fmt: skip
    boot = {"n_boot": resamples, "ci_quantiles": [0.025, 0.975], "random_state": 0} if resamples else {}

    def run() -> Any:
        table = pd.read_parquet(folder / "rows.parquet", columns=[*SENSITIVE, "y", "yhat"])
        for by in groupings():
            groups = table[list(by)].astype(str)
            frame = MetricFrame(
                metrics=metrics, y_true=table["y"], y_pred=table["yhat"], sensitive_features=groups, **boot
            )
            frame.by_group, frame.difference(), frame.ratio()
        return len(frame.by_group)

    return run


def evidently_classification(folder: Path) -> Callable[[], Any]:
    """The classification preset on current and reference rows, as its own driver in ../shared/bench runs it."""
    import pandas as pd
    from evidently import BinaryClassification, DataDefinition, Dataset, Report
    from evidently.presets import ClassificationPreset

    classification = BinaryClassification(target="y", prediction_labels="yhat", prediction_probas="score", pos_label=1)
    definition = DataDefinition(numerical_columns=["age"], classification=[classification])

    def run() -> Any:
        table = pd.read_parquet(folder / "rows.parquet", columns=["age", "y", "yhat", "score"])
        rows = Dataset.from_pandas(table, data_definition=definition)
        return len(Report([ClassificationPreset()]).run(rows, None).dict()["metrics"])

    return run


JOBS: dict[str, Callable[[Path], Callable[[], Any]]] = {
    "our_groups": our_groups,
    "our_resamples": our_resamples,
    "our_classification": our_classification,
    "fairlearn_groups": fairlearn_groups,
    "fairlearn_bootstrap": lambda folder: fairlearn_groups(folder, 2),
    "evidently_classification": evidently_classification,
}


def run_here(job: str, folder: Path) -> None:
    """One job in this process: its CPU seconds as JSON, once what it imports when first used has been imported."""
    JOBS[job](folder.parent / "warm")()
    work = JOBS[job](folder)
    started = time.process_time()
    note = work()
    print(json.dumps({"cpu": time.process_time() - started, "note": note}, default=str))


def timed(job: str, folder: Path, python: Path, repeats: int) -> float:
    """The least CPU seconds of some processes, each of which runs the job once."""
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    found = []
    for _ in range(repeats):
        command = [str(python), str(Path(__file__)), "--job", job, str(folder)]
        ran = subprocess.run(command, check=True, capture_output=True, text=True, env=environment, cwd=ROOT)
        found.append(float(json.loads(ran.stdout.splitlines()[-1])["cpu"]))
    return min(found)


def peer(name: str) -> Path:
    """The Python of a peer's own environment, made where it is not there."""
    python = PEERS / name / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(PEERS / name)], check=True)
        lock = ROOT / "benchmarks" / "environments" / f"peer-{name}.txt"
        install = [str(python), "-m", "pip", "install", "-q", "--no-deps", "--require-hashes", "-r", str(lock)]
        subprocess.run(install, check=True)
    return python


def write_rows(folder: Path, n: int) -> None:
    """The workload's rows with labels and scores of a logistic regression on its numbers."""
    sys.path.insert(0, str(WORKLOAD))
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from workload import NUM, make

    table, known = make(n, 202, 1.0), make(50_000, 101)
    model = make_pipeline(StandardScaler(), LogisticRegression())
    model.fit(known[NUM].fillna(0), known["y"])
    table["score"] = model.predict_proba(table[NUM].fillna(0))[:, 1]
    table["yhat"] = (table["score"] >= 0.35).astype("int64")
    for name in SENSITIVE:
        table[name] = table[name].astype(str)
    folder.mkdir()
    table.to_parquet(folder / "rows.parquet", index=False)
    (folder / "submission.yaml").write_text(MANIFEST, encoding="utf-8")


def compare(folder: Path, n: int) -> list[tuple[str, str, str, str, str]]:
    """The ratios at one size."""
    here, fairlearn, evidently = Path(sys.executable), peer("fairlearn"), peer("evidently")
    repeats = 3 if n <= 100_000 else 1
    ours = timed("our_groups", folder, here, 3)
    theirs = timed("fairlearn_groups", folder, fairlearn, repeats)
    rows = [row(n, "group metrics and intervals; fairlearn's MetricFrame without intervals", "≥ 200", ours, theirs)]
    # Two bootstrap frames less the plain one, so that only its resamples are counted.
    each = (timed("fairlearn_bootstrap", folder, fairlearn, 1) - theirs) / 2
    draws = timed("our_resamples", folder, here, 3)
    rows.append(row(n, f"one resample; fairlearn's bootstrap (ours: {RESAMPLES:,} in {draws:.2f} s)", "≥ 5,000",
                    draws / RESAMPLES, each))  # fmt: skip
    ours = timed("our_classification", folder, here, 3)
    theirs = timed("evidently_classification", folder, evidently, repeats)
    rows.append(row(n, "classification and calibration; Evidently's ClassificationPreset", "≥ 20", ours, theirs))
    return rows


def row(n: int, what: str, promise: str, ours: float, theirs: float) -> tuple[str, str, str, str, str]:
    """One line of the table."""
    return f"{n:,}", what, promise, f"{theirs / ours:,.0f}", f"{theirs:.3g} s / {ours:.3g} s"


def page(rows: list[tuple[str, str, str, str, str]]) -> str:
    """The table as Markdown, with date and versions."""
    names = ("numpy", "pandas", "pyarrow", "scipy", "fairlearn")
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in names)
    head = [
        "## Beside peers", "",
        f"Written by `benchmarks/peers.py` on {date.today()}: Python {platform.python_version()}, {versions}, "
        f"Evidently 0.7.23; {os.cpu_count()} cores. Rows of ../shared/bench (seeds 202 and 101), three attributes and "
        "their pairs; CPU seconds, reading included, imports not; the least of three processes (peers at 1,000,000: "
        "one).",
        "", "| rows | what; beside | promised ratio | measured ratio | theirs / ours |", "|---:|---|---|---:|---|",
    ]  # fmt: skip
    return "\n".join([*head, *("| " + " | ".join(one) + " |" for one in rows)]) + "\n"


def main() -> None:
    """Parse, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--job", nargs=2, metavar=("JOB", "FOLDER"))
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES)
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    if asked.job:
        run_here(asked.job[0], Path(asked.job[1]))
        return
    rows = []
    with tempfile.TemporaryDirectory() as work:
        write_rows(Path(work) / "warm", 1_000)
        for n in asked.sizes:
            write_rows(Path(work) / str(n), n)
            rows += compare(Path(work) / str(n), n)
    text = page(rows)
    if asked.write:
        with asked.write.open("a", encoding="utf-8") as out:
            out.write("\n" + text)
    print(text)


if __name__ == "__main__":
    main()
