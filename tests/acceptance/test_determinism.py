"""The same submission gives the same bytes, time stamps apart, wherever and however it is assessed."""

import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

KEPT = {"target": "y", "favourable": 1, "prediction": "predicted", "score": "score"}
ELSEWHERE = {
    "TZ": "Pacific/Auckland", "LC_ALL": "C", "LANG": "C", "PYTHONHASHSEED": "4711", "PYTHONUTF8": "1",
    "OPENBLAS_NUM_THREADS": "7", "OMP_NUM_THREADS": "7",
}  # fmt: skip


@pytest.fixture
def table():
    """Two blocks and a bit, so that workers side by side have something to share; Korean names and gaps."""
    draw = np.random.default_rng(7)
    n = 140_000
    score = draw.random(n).round(4)
    y = (draw.random(n) < score).astype("int64")
    return pd.DataFrame({
        "성별": draw.choice(["남", "여"], n), "소득": draw.normal(300, 80, n).round(1), "지점": draw.integers(1, 9, n),
        "y": y, "predicted": (score >= 0.5).astype("int64"), "score": score,
    }).assign(소득=lambda rows: rows["소득"].where(draw.random(n) > 0.01))  # fmt: skip


def assessed(folder, case, *options, **environment):
    """Assess in a process of its own; the record without its time stamps."""
    ended = subprocess.run(
        [sys.executable, "-m", "reliability", "assess", folder, "--out", case, "--json", *options],
        env=os.environ | environment, capture_output=True, check=False,
    )  # fmt: skip
    assert ended.returncode in {0, 1, 3}, ended.stderr.decode()
    record = (case / "assessment.json").read_bytes()
    assert ended.stdout == record + b"\n"
    return without_dates(record)


def without_dates(record):
    dates = json.loads(record)["dates"]
    for moment in dates.values():
        record = record.replace(moment.encode(), b"then")
    return record


def test_bytes_are_the_same_in_another_place_with_another_hash_seed_and_two_jobs(table, submit, tmp_path):
    folder = submit(table, file="data.parquet", sensitive=["성별", "지점"], **KEPT)

    here = assessed(folder, tmp_path / "here", PYTHONHASHSEED="0", TZ="UTC")
    assert assessed(folder, tmp_path / "there", "--jobs", "2", **ELSEWHERE) == here
    assert (tmp_path / "here/rows.parquet").read_bytes() == (tmp_path / "there/rows.parquet").read_bytes()


def test_bytes_are_the_same_twice_and_the_seed_is_part_of_the_record(table, submit, assess):
    folder = submit(table.head(2_000), sensitive=["성별"], **KEPT)
    once, twice, other = (assess(folder, "--seed", seed, case=f"case-{place}") for place, seed in enumerate((3, 3, 4)))

    records = [without_dates((done.case / "assessment.json").read_bytes()) for done in (once, twice, other)]
    assert records[0] == records[1] != records[2]


def test_findings_are_the_same_from_csv_compressed_csv_and_parquet(table, submit, assess):
    found = []
    for name in ("data.csv", "data.csv.gz", "data.parquet"):
        folder = submit(table.head(5_000), name=name, file=name, sensitive=["성별", "지점"], **KEPT)
        record = json.loads((assess(folder, case=f"case-{name}").case / "assessment.json").read_bytes())
        found.append({key: record[key] for key in ("findings", "outcome", "not_tested")})

    assert found[0] == found[1] == found[2]


def test_no_value_and_no_path_of_this_machine_stands_in_the_record(table, submit, assess, tmp_path):
    done = assess(submit(table.head(2_000), sensitive=["성별"], **KEPT))
    record = (done.case / "assessment.json").read_text("utf-8")

    assert str(tmp_path) not in record
    assert (done.case / "rows.parquet").stat().st_mode & 0o777 == 0o600
