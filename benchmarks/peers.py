"""Times ours beside fairlearn and Evidently on ../shared/bench's workload, reading included.

    python -m benchmarks.peers [--write docs/benchmarks.md] [--sizes 10000 100000 1000000]

Every measurement is a process of its own, which first runs its job on 1,000 rows, so that what is imported or tabulated
at first use is there; then its CPU seconds (user and system) on the rows asked for hold the reading of the files. Peers
run in environments of their own, made from benchmarks/environments/peer-*.txt under .peers/.
"""

import argparse
import gc
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from benchmarks.pages import ROOT, environment, locked, put_section, written_by, yes_or_no

WORKLOAD = ROOT.parent / "shared" / "bench"
HEADING = "## Beside peers"
SENSITIVE = ("sex", "race", "age_band")
SIZES = (10_000, 100_000, 1_000_000)
RESAMPLES = 2_000
HEAD = ("| rows | what | promised ratio | measured ratio | kept | theirs / ours |", "|---:|---|---|---:|---|---|")
_SIZE = re.compile(r"\| ([0-9,]+) \|")
_DAY = re.compile(r"\bon (\d{4}-\d{2}-\d{2})\b")
FAIRLEARN, BOOTSTRAP, EVIDENTLY = 200, 5_000, 20  # times faster, as promised
ALONE = "classification"  # the folder of the same rows, handed in without sensitive attributes
REFERENCE = "reference"  # the folder, beside the current rows, of the rows to compare them with
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
"""
SENSITIVE_KEY = f"  sensitive: [{', '.join(SENSITIVE)}]\n"


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


def our_rates(folder: Path) -> Callable[[], Any]:
    """What MetricFrame gives: every rate by group, its largest difference and smallest ratio, no intervals."""
    import numpy as np

    def run() -> Any:
        made = {}
        for request, groups in counted(folder, ["group_counts"]).items():
            (tn, fp), (fn, tp) = np.moveaxis(groups.counts, 0, -1)
            with np.errstate(invalid="ignore"):  # a rate of no rows is NaN
                n = groups.sizes
                by_group = np.stack([(tp + fp) / n, tp / (tp + fn), fp / (fp + tn), fn / (tp + fn), tp / (tp + fp), n])
            least, most = np.nanmin(by_group, axis=1), np.nanmax(by_group, axis=1)
            made[request.compared] = {"by_group": by_group, "difference": most - least, "ratio": least / most}
        return made

    return run


def our_groups(folder: Path) -> Callable[[], Any]:
    """Every check of group counts, each with its interval, over the attributes and pairs."""
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


def our_classification(*folders: Path) -> Callable[[], Any]:
    """Labels, scores, losses and calibration of all rows of every folder, with intervals, as records of JSON."""
    from reliability.checklist.catalogue import checks
    from reliability.errors import NotMeasurable
    from reliability.records import Measurement, canonical_json

    kinds = ("confusion_matrix", "score_histogram", "moments")
    ours = [check for check in checks().values() if check.evidence and set(check.evidence) <= set(kinds)]
    ours = [check for check in ours if check.name.split(".")[0] in ("performance", "calibration")]

    def run() -> Any:
        made = []
        for folder in folders:
            found = {request.kind: evidence for request, evidence in counted(folder, kinds).items()}
            for check in ours:
                try:
                    measured = check.function(*(found[kind] for kind in check.evidence))
                except NotMeasurable:
                    continue  # regression
                made += map(canonical_json, [measured] if isinstance(measured, Measurement) else measured)
        return len(made)

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
        y_true, y_pred, made = table["y"].to_numpy(), table["yhat"].to_numpy(), {}
        for by in groupings():
            groups = table[list(by)]
            frame = MetricFrame(metrics=metrics, y_true=y_true, y_pred=y_pred, sensitive_features=groups, **boot)
            made[by] = {"by_group": frame.by_group, "difference": frame.difference(), "ratio": frame.ratio()}
        return made

    return run


def evidently_alone(folder: Path) -> Callable[[], Any]:
    """The classification preset on the current rows' labels and scores alone, as a dict."""
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


def evidently_as_driven(folder: Path) -> Callable[[], Any]:
    """The preset as ../shared/bench's driver runs it: current and reference rows, all columns, dict and HTML."""
    sys.path.insert(0, str(WORKLOAD))
    from evidently import BinaryClassification, DataDefinition, Dataset, Report
    from evidently.presets import ClassificationPreset
    from workload import CAT, FEATURES, NUM, load

    classification = BinaryClassification(target="y", prediction_labels="yhat", prediction_probas="score", pos_label=1)
    definition = DataDefinition(
        numerical_columns=NUM, categorical_columns=[*CAT, "sex", "race"], classification=[classification]
    )
    columns = [*FEATURES, "y", "yhat", "score"]

    def run() -> Any:
        tables = [load(str(where / "rows.parquet"))[columns] for where in (folder, folder / REFERENCE)]
        current, reference = (Dataset.from_pandas(table, data_definition=definition) for table in tables)
        report = Report([ClassificationPreset()]).run(current, reference)
        return len(report.dict()["metrics"]), len(report.get_html_str(as_iframe=False))

    return run


JOBS: dict[str, Callable[[Path], Callable[[], Any]]] = {
    "our_rates": our_rates,
    "our_groups": our_groups,
    "our_resamples": our_resamples,
    "our_classification": lambda folder: our_classification(folder / ALONE),
    "our_classification_twice": lambda folder: our_classification(folder / ALONE, folder / REFERENCE / ALONE),
    "fairlearn_groups": fairlearn_groups,
    "fairlearn_bootstrap": lambda folder: fairlearn_groups(folder, 2),
    "evidently_alone": evidently_alone,
    "evidently_as_driven": evidently_as_driven,
}


def run_here(job: Callable[[Path], Callable[[], Any]], folder: Path) -> None:
    """One job in this process: its CPU seconds as JSON."""
    job(folder.parent / "warm")()
    work = job(folder)
    gc.collect()  # what the imports left behind is no part of the job
    started = time.process_time()
    work()
    print(json.dumps(time.process_time() - started))


def timed(job: str, folder: Path, python: Path, repeats: int, program: str = "benchmarks.peers") -> float:
    """The least CPU seconds of some processes, each of which runs the job of the program once."""
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    found = []
    for _ in range(repeats):
        command = [str(python), "-m", program, "--job", job, str(folder)]
        ran = subprocess.run(command, check=True, capture_output=True, text=True, env=environment, cwd=ROOT)
        found.append(float(ran.stdout.splitlines()[-1]))
    return min(found)


def peer(name: str) -> Path:
    """The Python of a peer's own environment."""
    return environment(name, f"peer-{name}")


def write_rows(folder: Path, n: int) -> None:
    """The workload's current and reference rows with labels and scores of a logistic regression on its numbers."""
    sys.path.insert(0, str(WORKLOAD))
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from workload import NUM, make

    known = make(50_000, 101)
    model = make_pipeline(StandardScaler(), LogisticRegression())
    model.fit(known[NUM].fillna(0), known["y"])
    for where, table in ((folder, make(n, 202, 1.0)), (folder / REFERENCE, make(n, 101))):
        table["score"] = model.predict_proba(table[NUM].fillna(0))[:, 1]
        table["yhat"] = (table["score"] >= 0.35).astype("int64")
        for name in SENSITIVE:
            table[name] = table[name].astype(str)
        where.mkdir()
        hand_in(table, where)


def hand_in(table: Any, folder: Path) -> None:
    """Rows as two submissions: with the sensitive attributes, and without."""
    table.to_parquet(folder / "rows.parquet", index=False)
    (folder / "submission.yaml").write_text(MANIFEST + SENSITIVE_KEY, encoding="utf-8")
    (folder / ALONE).mkdir()
    (folder / ALONE / "rows.parquet").hardlink_to(folder / "rows.parquet")
    (folder / ALONE / "submission.yaml").write_text(MANIFEST, encoding="utf-8")


@dataclass(frozen=True)
class Compared:
    """One line of the table: seconds of either side for the same rows."""

    n: int
    what: str
    promised: int
    ours: float
    theirs: float

    @property
    def is_kept(self) -> bool:
        """Whether ours is as many times faster as promised."""
        return self.theirs / self.ours >= self.promised

    def line(self) -> str:
        """As Markdown."""
        times = f"{self.theirs:.3g} s / {self.ours:.3g} s"
        return (
            f"| {self.n:,} | {self.what} | ≥ {self.promised:,} | {self.theirs / self.ours:,.0f} | "
            f"{yes_or_no(kept=self.is_kept)} | {times} |"
        )


# What stands on either side of every comparison.
SIDES = {
    "A. rates": "Both: selection rate, TPR, FPR, FNR, precision and n of every group of three attributes and their "
    "three pairs, with the largest difference and the smallest ratio of each. Neither has intervals. fairlearn: six "
    "`MetricFrame`s with `by_group`, `difference()` and `ratio()`. Ours: the counts, and these numbers from them.",
    "B. rates with intervals": "fairlearn: the same as in A, *without* intervals. Ours: all 14 checks of group "
    "counts (differences and ratios, equalised odds, segments, entropy), every group and every gap with its interval.",
    "C. one resample": "fairlearn: a `MetricFrame` with `n_boot=2` less one without, halved. Ours: a 2,000th part of "
    "2,000 resamples of the same groups' counts. Neither holds the reading.",
    "D. classification, both data sets": "Evidently, as ../shared/bench's driver runs it: `ClassificationPreset` on "
    "current *and* reference rows, all columns, made into a dict and an HTML page. Ours: 16 checks of performance and "
    "calibration with intervals on both data sets, made into JSON; *no page*, and only the columns that these checks "
    "need (sensitive attributes are not handed in: neither side compares groups here).",
    "E. classification, current rows": "Evidently: the same preset on current rows only, four columns, made into a "
    "dict: the least that it can be asked. Ours: as in D, on current rows only.",
}


def compare(folder: Path, n: int) -> list[Compared]:
    """Both sides at one size, one after the other."""
    here, fairlearn, evidently = Path(sys.executable), peer("fairlearn"), peer("evidently")
    repeats = 3 if n <= 100_000 else 1
    frames = timed("fairlearn_groups", folder, fairlearn, repeats)
    rates, groups = (timed(job, folder, here, 5) for job in ("our_rates", "our_groups"))
    # Two bootstrap frames less the plain one, so that only its resamples are counted.
    each = (timed("fairlearn_bootstrap", folder, fairlearn, 1) - frames) / 2
    draw = timed("our_resamples", folder, here, 3) / RESAMPLES
    driven = timed("evidently_as_driven", folder, evidently, repeats)
    twice = timed("our_classification_twice", folder, here, 5)
    alone = timed("evidently_alone", folder, evidently, repeats)
    once = timed("our_classification", folder, here, 5)
    return [
        Compared(n, "A. rates", FAIRLEARN, rates, frames),
        Compared(n, "B. rates with intervals", FAIRLEARN, groups, frames),
        Compared(n, "C. one resample", BOOTSTRAP, draw, each),
        Compared(n, "D. classification, both data sets", EVIDENTLY, twice, driven),
        Compared(n, "E. classification, current rows", EVIDENTLY, once, alone),
    ]


def section(rows: list[Compared]) -> str:
    """The part of docs/benchmarks.md: what is compared, the table, and where a promise is not kept."""
    broken = [f"{row.what} at {row.n:,} rows ({row.theirs / row.ours:,.0f})" for row in rows if not row.is_kept]
    head = [
        HEADING, "",
        f"{written_by('benchmarks/peers.py', 'numpy', 'pandas', 'pyarrow', 'scipy', 'fairlearn')}, "
        f"Evidently {locked('evidently', 'peer-evidently')}; {os.cpu_count()} cores. "
        "Rows of ../shared/bench (seeds 202 and 101). CPU seconds of a "
        "process of its own for every measurement, reading of the Parquet files included, imports and tables made at "
        "first use not; the least of five processes of ours and three of theirs (at 1,000,000 rows one).",
        "", *(f"- **{what}**: {words}" for what, words in SIDES.items()), "",
        f"Not kept: {'; '.join(broken)}." if broken else "All promises are kept.",
        "", *HEAD,
    ]  # fmt: skip
    return "\n".join([*head, *(row.line() for row in sorted(rows, key=lambda row: (row.what, row.n)))]) + "\n"


@dataclass(frozen=True, kw_only=True)
class Comparing:
    """One program that compares: its jobs by name, what writes its rows, compares at a size, and words its section."""

    jobs: dict[str, Callable[[Path], Callable[[], Any]]]
    write: Callable[[Path, int], None]
    compare: Callable[[Path, int], list[Compared]]
    section: Callable[[list[Compared]], str]
    heading: str
    sizes: tuple[int, ...]

    def main(self, description: str | None) -> None:
        """Parse, measure, write; in a process of a job's own: run that job."""
        parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
        parser.add_argument("--job", nargs=2, metavar=("JOB", "FOLDER"))
        parser.add_argument("--sizes", nargs="+", type=int, default=self.sizes)
        parser.add_argument("--write", type=Path)
        asked = parser.parse_args()
        if asked.job:
            run_here(self.jobs[asked.job[0]], Path(asked.job[1]))
            return
        rows = []
        with tempfile.TemporaryDirectory() as work:
            self.write(Path(work) / "warm", 1_000)
            for n in asked.sizes:
                self.write(Path(work) / str(n), n)
                rows += self.compare(Path(work) / str(n), n)
        before = asked.write.read_text(encoding="utf-8") if asked.write and asked.write.exists() else ""
        put_section(self.section(rows) + kept(before, self.heading, asked.sizes), self.heading, asked.write)


def kept(page: str, heading: str, sizes: Iterable[int]) -> str:
    """Lines of sizes that were not measured this time, as they stood, with when they were; nothing where all were."""
    _, _, rest = page.partition(f"{heading}\n")
    told = rest.partition("\n## ")[0]
    again = {f"{n:,}" for n in sizes}
    lines = [line for line in told.splitlines() if (met := _SIZE.match(line)) and met[1] not in again]
    dates = _DAY.findall(told)
    if not lines or not dates:
        return ""
    return "\n".join(["", f"Other sizes, from an earlier run on {dates[-1]}:", "", *HEAD, *lines, ""])


COMPARING = Comparing(
    jobs=JOBS, write=write_rows, compare=compare, section=section, heading=HEADING, sizes=SIZES
)  # fmt: skip

if __name__ == "__main__":
    COMPARING.main(__doc__)
