"""Whole comparisons of assessed submissions: other tasks, other data, other checklists, other processes."""

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from reliability.compare.cases import case_of
from reliability.compare.comparison import compare
from reliability.records import canonical_json
from reliability.submission.read import read_submission
from tests import small_case
from tests.compare.two_cases import CRITERIA, assessed, changes, rows_file, two

SOURCE = "source: house default"
REGRESSION = {
    "PER_01": f"check: performance.mean_absolute_error, at_most: 5, {SOURCE}",
    "PER_02": f"check: performance.r2_score, at_least: 0.1, {SOURCE}",
    "FAI_01": f"check: fairness.mean_error_difference, at_most: 5, {SOURCE}",
}
MULTICLASS = {
    "PER_01": f"check: performance.accuracy, at_least: 0.5, {SOURCE}",
    "PER_02": f"check: performance.f1_macro, at_least: 0.5, {SOURCE}",
    "PER_03": f"check: performance.recall, at_least: 0.2, {SOURCE}",
    "PER_04": f"check: performance.roc_auc_one_vs_rest, at_least: 0.5, {SOURCE}",
}


def case(folder, number, table, manifest, used):
    """A case of one table and manifest."""
    inside = folder / f"in-{number}"
    inside.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, inside / "data.parquet")
    (inside / "submission.yaml").write_text(manifest.replace("NUMBER", str(number)), encoding="utf-8")
    path = folder / f"case-{number}"
    return case_of(small_case.assessed(read_submission(inside), used, path), path)


def manifest(task, target, *lines):
    head = small_case.MANIFEST.partition("task: binary")[0]
    return "\n".join([
        f"{head}task: {task}", "data:", "  evaluation: data.parquet", f"  target: {target}",
        "  features: {include: [x]}", "  sensitive: [sex]", *lines, "",
    ])  # fmt: skip


@pytest.fixture(scope="module")
def regression(tmp_path_factory):
    """Errors of 3 before and of 1 after, on 400 rows."""
    folder, random = tmp_path_factory.mktemp("regression"), np.random.default_rng(1)
    truth = random.standard_normal(400) * 4
    noise = random.standard_normal((2, 400))
    table = pa.table({
        "x": np.arange(400.0), "sex": ["F", "M"] * 200, "y": truth, "p1": truth + 3 * noise[0], "p2": truth + noise[1],
    })  # fmt: skip
    text = manifest("regression", "y", "  favourable: higher", "  prediction: pNUMBER")
    used = small_case.checklist(folder, **REGRESSION)
    return compare(*(case(folder, number, table, text, used) for number in (1, 2)))


def test_errors_of_a_regression_are_paired_by_row(regression):
    error = changes(regression)["performance.mean_absolute_error",]

    assert (error.claim, error.basis, error.difference.method) == ("better", "paired", "mover_paired")
    assert error.difference.high < 0


def test_explained_variance_is_paired_by_row(regression):
    assert changes(regression)["performance.r2_score",].basis == "paired"


def test_gaps_of_values_are_not_claimed_by_a_method_that_was_not_validated(regression):
    assert changes(regression)["fairness.mean_error_difference", "sex"].reason == "not_validated"


@pytest.fixture(scope="module")
def multiclass(tmp_path_factory):
    """Three classes, 300 rows: a third wrong before, a tenth after."""
    folder, random = tmp_path_factory.mktemp("multiclass"), np.random.default_rng(2)
    truth = np.arange(300) % 3
    columns = {"x": np.arange(300.0), "sex": ["F", "M"] * 150, "y": np.array(list("abc"))[truth].tolist()}
    for number, share in ((1, 0.33), (2, 0.1)):
        predicted = np.where(random.random(300) < share, (truth + 1) % 3, truth)
        scores = 0.2 + 0.4 * np.eye(3)[predicted] + 0.01 * random.random((300, 3))
        scores /= scores.sum(axis=1, keepdims=True)
        columns |= {f"p{number}": np.array(list("abc"))[predicted].tolist()}
        columns |= {f"s{number}{name}": scores[:, place] for place, name in enumerate("abc")}
    text = manifest(
        "multiclass", "y", "  favourable: a", "  prediction: pNUMBER",
        "  score: {columns: {a: sNUMBERa, b: sNUMBERb, c: sNUMBERc}}",
    )  # fmt: skip
    used = small_case.checklist(folder, **MULTICLASS)
    return compare(*(case(folder, number, pa.table(columns), text, used) for number in (1, 2)))


def test_classes_are_compared_one_by_one(multiclass):
    found = {(one.after.check, one.after.of): one for one in multiclass.measurements}

    assert {of for check, of in found if check == "performance.recall"} == {"a", "b", "c"}
    assert {one.basis for one in found.values()} == {"paired"}
    assert found["performance.accuracy", None].claim == "better"
    assert found["performance.f1_macro", None].claim == "better"
    assert found["performance.roc_auc_one_vs_rest", "b"].difference.method == "mover_paired"


def test_recall_of_a_class_counts_its_own_rows(multiclass):
    recall = next(
        one for one in multiclass.measurements if (one.after.check, one.after.of) == ("performance.recall", "b")
    )

    assert recall.before.n == recall.after.n == 100
    assert recall.difference.method == "newcombe_paired"


def test_other_rows_are_compared_as_independent_ones(tmp_path):
    cases = []
    for number, rows in ((1, 400), (2, 300)):
        rows_file(tmp_path / str(number) / "in", range(80), range(20), rows=rows)
        used = small_case.checklist(tmp_path / str(number), **CRITERIA)
        cases.append(assessed(tmp_path / str(number), number, used))
    comparison = compare(*cases)

    assert (comparison.rows.paired, comparison.rows.reason) == (False, "other_rows")
    accuracy = changes(comparison)["performance.accuracy",]
    assert (accuracy.basis, accuracy.difference.method) == ("unpaired", "square_and_add")
    assert ("evaluation", "rows") in {(one.what, one.name) for one in comparison.inputs}


def test_rows_of_one_person_are_not_paired(tmp_path):
    rows_file(tmp_path / "in", range(80), range(8))
    path = tmp_path / "in" / "data.parquet"
    table = pq.read_table(path)
    pq.write_table(table.append_column("household", pa.array((np.arange(400) // 2).tolist())), path)
    used = small_case.checklist(tmp_path, **CRITERIA)
    cases = [assessed(tmp_path, number, used, text="  entity: household\n") for number in (1, 2)]
    comparison = compare(*cases)

    found = changes(comparison)
    assert comparison.rows.reason == "clustered_rows"
    assert found["performance.accuracy",].difference.method == "mover"
    assert found["fairness.selection_rate_difference", "sex"].reason in {"clustered_rows", "not_judged"}


@pytest.fixture(scope="module")
def two_checklists(tmp_path_factory):
    """One model, two checklists: one item in common, with another limit."""
    folder = tmp_path_factory.mktemp("two")
    rows_file(folder / "in", range(80), range(8))
    stricter = CRITERIA["PER_01"].replace("0.5", "0.95")
    used = (
        small_case.checklist(folder / "a", PER_01=CRITERIA["PER_01"], PER_02=CRITERIA["PER_02"]),
        small_case.checklist(folder / "b", PER_01=stricter, DAT_01=CRITERIA["DAT_01"]),
    )
    return compare(
        *(assessed(folder, number, one, out=f"case-{number}") for number, one in zip((1, 2), used, strict=True))
    )


def test_only_items_of_both_checklists_are_compared(two_checklists):
    assert two_checklists.only_before.items == ("PER-02",)
    assert two_checklists.only_after.items == ("DAT-01",)
    assert {one.after.check for one in two_checklists.measurements} == {"performance.accuracy"}
    assert two_checklists.titles.keys() >= {"PER-01", "PER-02", "DAT-01"}


def test_a_measurement_is_compared_although_its_limit_changed(two_checklists):
    (accuracy,) = two_checklists.measurements

    assert accuracy.criterion.at_least == 0.95
    assert accuracy.claim == "better"
    assert "limit" in {one.code for one in two_checklists.checklist}


def test_a_verdict_that_fell_with_the_limit_is_told(tmp_path):
    rows_file(tmp_path / "in", range(80), range(80))
    used = [
        small_case.checklist(tmp_path / name, PER_01=CRITERIA["PER_01"].replace("0.5", limit))
        for name, limit in (("a", "0.5"), ("b", "0.95"))
    ]
    comparison = compare(*(assessed(tmp_path, 1, one, out=f"case-{place}") for place, one in enumerate(used)))

    (verdict,) = comparison.verdicts
    assert (verdict.before, verdict.after) == ("pass", "fail")
    assert {one.claim for one in comparison.measurements} == {"same"}
    assert (comparison.before.outcome, comparison.after.outcome) != (
        comparison.after.outcome,
        comparison.before.outcome,
    )


def test_another_process_in_another_time_zone_gives_the_same_bytes(tmp_path):
    cases = two(tmp_path, range(80), range(8))
    program = (
        "import sys; from pathlib import Path; from reliability.case import read_case;"
        "from reliability.compare.cases import case_of; from reliability.compare.comparison import compare;"
        "from reliability.records import canonical_json;"
        "paths = [Path(one) for one in sys.argv[1:]];"
        "sys.stdout.buffer.write(canonical_json(compare(*(case_of(read_case(path), path) for path in paths))))"
    )
    paths = [str(tmp_path / f"case-{number}") for number in (1, 2)]
    again = subprocess.run(
        [sys.executable, "-c", program, *paths],
        capture_output=True,
        check=True,
        env={"TZ": "Asia/Seoul", "LC_ALL": "C"},
    ).stdout

    assert again == canonical_json(compare(*cases))
