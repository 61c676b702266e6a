"""Times ours beside Evidently's drift preset and deepchecks' data-integrity suite on ../shared/bench's workload.

    python -m benchmarks.peers_data [--write docs/benchmarks.md] [--sizes 100000 1000000]

As benchmarks/peers.py does: a process for every measurement, a first run on 1,000 rows, CPU seconds with the reading of
the files; peers in environments of their own. Both sides look at the same sixteen features.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.pages import locked, written_by
from benchmarks.peers import HEAD, REFERENCE, WORKLOAD, Compared, Comparing, peer, timed, write_rows

HEADING = "## Data quality and drift beside peers"
SIZES = (100_000, 1_000_000)
PROMISED = 10  # times faster
MANIFEST = """\
submission: 1
organisation: {{name: benchmark}}
system: {{name: benchmark, version: "1", purpose: measured}}
task: binary
data:
  evaluation: rows.parquet
  training: reference/rows.parquet
  target: y
  favourable: 1
  prediction: yhat
  features: {{include: [{features}]}}
"""


def _features() -> list[str]:
    sys.path.insert(0, str(WORKLOAD))
    from workload import FEATURES

    return list(FEATURES)


def write_both(folder: Path, n: int) -> None:
    """Current and reference rows, and a submission of both."""
    write_rows(folder, n)
    (folder / "submission.yaml").write_text(MANIFEST.format(features=", ".join(_features())), encoding="utf-8")


def ours(folder: Path, family: str) -> Callable[[], Any]:
    """Every check of a family that asks neither model nor sample, over all rows of both files, as records of JSON."""
    from reliability.checklist.catalogue import checks
    from reliability.engine import Request, count
    from reliability.errors import NotMeasurable
    from reliability.records import Measurement, canonical_json
    from reliability.submission.read import read_submission

    chosen = [check for check in checks().values() if check.name.split(".")[0] == family and _counts(check)]

    def run() -> Any:
        submission, found, made = read_submission(folder), {}, []
        for prefix, file in (("", submission.evaluation), ("training_", submission.training)):
            kinds = {
                kind for check in chosen for kind in check.evidence if kind.startswith("training_") == bool(prefix)
            }
            requests = [Request(kind=kind) for kind in sorted(kinds)]
            if requests:
                found |= {
                    request.kind: one for request, one in count(file.blocks(features=True), requests, seed=0).items()
                }
        for check in chosen:
            try:
                measured = check.function(*(found[kind] for kind in check.evidence))
            except NotMeasurable:
                continue  # nothing declared
            made += map(canonical_json, [measured] if isinstance(measured, Measurement) else measured)
        return len(made)

    return run


def _counts(check: Any) -> bool:
    other = ("probe", "sample", "group_", "prediction", "score", "near_")
    return not check.asks_the_model and not any(part in kind for kind in check.evidence for part in other)


def evidently_drift(folder: Path) -> Callable[[], Any]:
    """The drift preset as ../shared/bench's driver runs it: dict and HTML."""
    sys.path.insert(0, str(WORKLOAD))
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset
    from workload import CAT, FEATURES, NUM, load

    definition = DataDefinition(numerical_columns=NUM, categorical_columns=[*CAT, "sex", "race"])

    def run() -> Any:
        tables = [load(str(where / "rows.parquet"))[FEATURES] for where in (folder, folder / REFERENCE)]
        current, reference = (Dataset.from_pandas(table, data_definition=definition) for table in tables)
        report = Report([DataDriftPreset()]).run(current, reference)
        return len(report.dict()["metrics"]), len(report.get_html_str(as_iframe=False))

    return run


def deepchecks_integrity(folder: Path) -> Callable[[], Any]:
    """The data-integrity suite as ../shared/bench's driver runs it: results, no page."""
    sys.path.insert(0, str(WORKLOAD))
    from deepchecks.tabular import Dataset
    from deepchecks.tabular.suites import data_integrity
    from workload import CAT, FEATURES, load

    def run() -> Any:
        table = load(str(folder / "rows.parquet"))[[*FEATURES, "y"]]
        return len(data_integrity().run(Dataset(table, label="y", cat_features=[*CAT, "sex", "race"])).results)

    return run


JOBS: dict[str, Callable[[Path], Callable[[], Any]]] = {
    "our_drift": lambda folder: ours(folder, "drift"),
    "our_quality": lambda folder: ours(folder, "data_quality"),
    "evidently_drift": evidently_drift,
    "deepchecks_integrity": deepchecks_integrity,
}
SIDES = {
    "F. drift": "Evidently: `DataDriftPreset` on the sixteen features of current and reference rows, one number a "
    "column, made into a dict and an HTML page. Ours: every drift check that needs no model (PSI, Jensen-Shannon, "
    "Kolmogorov-Smirnov, Cramér's V, Wasserstein, label drift, new categories), every column, with intervals, in "
    "JSON; *no page*.",
    "G. data quality": "deepchecks: the `data_integrity` suite on current rows (it samples: 100,000 rows for missing "
    "values, 5,000 for outliers). Ours: every data-quality check that needs neither groups nor a model, on all rows, "
    "made into JSON.",
}


def compare(folder: Path, n: int) -> list[Compared]:
    """Both sides at one size, one after the other."""
    here, program, few = Path(sys.executable), "benchmarks.peers_data", 1 if n > 100_000 else 3
    drift = (
        timed("our_drift", folder, here, 3, program),
        timed("evidently_drift", folder, peer("evidently"), few, program),
    )
    quality = (
        timed("our_quality", folder, here, 3, program),
        timed("deepchecks_integrity", folder, peer("deepchecks"), few, program),
    )
    return [Compared(n, "F. drift", PROMISED, *drift), Compared(n, "G. data quality", PROMISED, *quality)]


def section(rows: list[Compared]) -> str:
    """The part of docs/benchmarks.md."""
    head = [
        HEADING, "",
        f"{written_by('benchmarks/peers_data.py', 'numpy', 'pandas', 'pyarrow', 'scipy')}, "
        f"Evidently {locked('evidently', 'peer-evidently')}, deepchecks {locked('deepchecks', 'peer-deepchecks')}; "
        f"{os.cpu_count()} cores. Rows of ../shared/bench (seeds 202, 101). CPU "
        "seconds of a process of its own for every measurement, reading included, imports not; the least of three "
        "processes (peers at 1,000,000 rows: one).",
        "", *(f"- **{what}**: {words}" for what, words in SIDES.items()),
        "", *HEAD,
    ]  # fmt: skip
    return "\n".join([*head, *(row.line() for row in sorted(rows, key=lambda row: (row.what, row.n)))]) + "\n"


COMPARING = Comparing(
    jobs=JOBS, write=write_both, compare=compare, section=section, heading=HEADING, sizes=SIZES
)  # fmt: skip

if __name__ == "__main__":
    COMPARING.main(__doc__)
