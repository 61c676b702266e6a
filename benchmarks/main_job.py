"""Measures what the main job promises: CPU seconds, peak memory, and the ratio to fairlearn's MetricFrame.

    python -m benchmarks.main_job [--write docs/benchmarks.md]

Needs ../shared/data for the Adult row; everything else is generated from fixed seeds.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.pages import ROOT, assessing, cpu_s, machine, put_head, taken, written_by

ADULT = ROOT.parent / "shared" / "data" / "adult"
ADULT_COLUMNS = (
    "age workclass fnlwgt education education_num marital_status occupation relationship race sex capital_gain "
    "capital_loss hours_per_week native_country income"
).split()
MANIFEST = """\
submission: 1
organisation: {{name: benchmark}}
system: {{name: benchmark, version: "1", purpose: measured}}
facts: {{affects_people: true, decides_about_people: true}}
task: binary
data:
  evaluation: {data}
  target: {target}
  favourable: 1
  prediction: predicted
  score: {{column: score, of: 1}}
  sensitive: [{sensitive}]
"""


def adult(folder: Path) -> None:
    """All 48,842 rows of Adult with the predictions of a logistic regression on five columns."""
    parts = [
        pd.read_csv(ADULT / name, names=ADULT_COLUMNS, skipinitialspace=True) for name in ("adult.train", "adult.test")
    ]
    table = pd.concat(parts, ignore_index=True)
    table["income"] = table["income"].str.startswith(">50K").astype("int64")
    _answer(table, table[["age", "education_num", "capital_gain", "hours_per_week"]].to_numpy(float), "income")
    table.to_csv(folder / "adult.csv", index=False)
    _manifest(folder, "adult.csv", "income", "sex, race")


def generated(folder: Path, rows: int) -> None:
    """So many rows of 12 columns: 6 numbers, 3 attributes, target, score and prediction."""
    r = np.random.default_rng(rows)
    table = pd.DataFrame({f"x{i}": r.normal(size=rows).round(4) for i in range(6)})
    for name, levels in (("sex", 2), ("race", 5), ("age_band", 4)):
        table[name] = pd.Categorical.from_codes(r.integers(0, levels, rows), [f"{name}{i}" for i in range(levels)])
    table["target"] = (r.random(rows) < 1 / (1 + np.exp(-table["x0"]))).astype("int64")
    _answer(table, table[["x0", "x1"]].to_numpy(), "target")
    table.to_parquet(folder / "rows.parquet", index=False, row_group_size=125_000)
    _manifest(folder, "rows.parquet", "target", "sex, race, age_band")


def _answer(table: pd.DataFrame, features: np.ndarray, target: str) -> None:
    standard = (features - features.mean(axis=0)) / features.std(axis=0)
    weight = standard.T @ (table[target].to_numpy() - table[target].mean()) / len(table)
    table["score"] = (1 / (1 + np.exp(-(standard @ weight * 8 - 1)))).round(4)
    table["predicted"] = (table["score"] >= 0.5).astype("int64")


def _manifest(folder: Path, data: str, target: str, sensitive: str) -> None:
    text = MANIFEST.format(data=data, target=target, sensitive=sensitive)
    (folder / "submission.yaml").write_text(text, encoding="utf-8")


def assessed(folder: Path) -> tuple[float, float]:
    """CPU seconds and peak megabytes of one whole `reliability assess`, start included."""
    said = subprocess.run(assessing(folder), capture_output=True, text=True, check=True, cwd=ROOT)
    return taken(said.stdout, said.stderr)


def help_ratio() -> tuple[float, float]:
    """CPU time of `reliability --help` over that of `import click`, and the latter in ms; medians of 15 pairs."""
    ratios, plain = [], []
    for _ in range(15):
        ours = _cpu([str(Path(sys.executable).with_name("reliability")), "--help"])
        plain.append(_cpu([sys.executable, "-c", "import click"]))
        ratios.append(ours / plain[-1])
    return float(np.median(ratios)), float(np.median(plain)) * 1000


def _cpu(command: list[str]) -> float:
    before = cpu_s(of=resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=ROOT)
    return cpu_s(of=resource.RUSAGE_CHILDREN) - before


def group_rates_ours(folder: Path) -> float:
    """CPU seconds of all group rates of 3 attributes and their pairs, reading included."""
    from itertools import combinations

    from reliability.checks.fairness.rates import (
        false_positive_rate_difference,
        selection_rate_ratio,
        true_positive_rate_difference,
    )
    from reliability.engine import Request, count
    from reliability.submission.read import read_submission

    started = time.process_time()
    submission = read_submission(folder)
    names = submission.roles.sensitive
    requests = [Request(kind="group_counts", compared=by) for by in [*((n,) for n in names), *combinations(names, 2)]]
    counted = count(submission.evaluation.blocks(features=False), requests, seed=0)
    for request in requests:
        for check in (selection_rate_ratio, true_positive_rate_difference, false_positive_rate_difference):
            check(counted[request], confidence=0.95)
    return time.process_time() - started


def group_rates_fairlearn(folder: Path) -> float:
    """CPU seconds of fairlearn's MetricFrame over the same rates and groupings, reading included."""
    from itertools import combinations

    from fairlearn.metrics import MetricFrame, count, false_positive_rate, selection_rate, true_positive_rate

    metrics = {"sel": selection_rate, "tpr": true_positive_rate, "fpr": false_positive_rate, "n": count}
    started = time.process_time()
    table = pd.read_parquet(folder / "rows.parquet", columns=["sex", "race", "age_band", "target", "predicted"])
    names = ["sex", "race", "age_band"]
    for by in [*([n] for n in names), *(list(pair) for pair in combinations(names, 2))]:
        frame = MetricFrame(
            metrics=metrics, y_true=table["target"], y_pred=table["predicted"], sensitive_features=table[by].astype(str)
        )
        frame.by_group, frame.difference(), frame.ratio()
    return time.process_time() - started


def rows(work: Path) -> list[tuple[str, str, str]]:
    """What was promised beside what was measured."""
    ratio, plain_ms = help_ratio()
    found = [
        ("`reliability --help`, CPU over `import click`", "≤ 1.5", f"{ratio:.2f}"),
        ("`import click`, CPU ms: how fast this machine was", "", f"{plain_ms:.0f}"),
    ]
    if ADULT.is_dir():
        adult(_folder(work / "adult"))
        cpu, peak = assessed(work / "adult")
        found.append(("Adult, 48,842 rows, CPU s with start", "≤ 4", f"{cpu:.2f}"))
        found.append(("Adult, peak MB", "≤ 400", f"{peak:.0f}"))
    sizes = {}
    for n in (1_000_000, 4_000_000):
        generated(_folder(work / str(n)), n)
        sizes[n] = assessed(work / str(n))
    (cpu, peak), (cpu4, peak4) = sizes.values()
    found += [
        ("1,000,000 × 12, CPU s · peak MB", "", f"{cpu:.2f} · {peak:.0f}"),
        ("4,000,000 × 12, CPU s · peak MB", "", f"{cpu4:.2f} · {peak4:.0f}"),
        ("memory at 4 M over 1 M", "≤ 1.25", f"{peak4 / peak:.2f}"),
        ("time at 4 M over 1 M", "≤ 4", f"{cpu4 / cpu:.2f}"),
    ]
    theirs, ours = group_rates_fairlearn(work / "1000000"), group_rates_ours(work / "1000000")
    times = f"{theirs / ours:.0f} ({theirs:.1f} s / {ours:.3f} s)"
    found.append(("group rates at 1 M: fairlearn's MetricFrame over ours", "≥ 100", times))
    return found


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


def page(found: list[tuple[str, str, str]]) -> str:
    """The table as Markdown, with date and versions."""
    names = ("reliability-workbench", "numpy", "pandas", "pyarrow", "scipy", "fairlearn")
    head = [
        "# Benchmarks", "", f"{written_by('script/benchmark', *names)}; {machine()}; seeds 1000000 and 4000000.", "",
        "CPU seconds of user and system together, whole processes; ratios were measured side by side in one run.", "",
        "| what | promised | measured |", "|---|---|---|",
    ]  # fmt: skip
    return "\n".join([*head, *(f"| {what} | {promise} | {got} |" for what, promise, got in found)]) + "\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        text = page(rows(Path(work)))
    put_head(text, asked.write)
