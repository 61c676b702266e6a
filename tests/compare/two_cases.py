"""Two cases of one small system, before and after, that share one file of rows."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from reliability.compare.cases import Case, case_of
from reliability.compare.comparison import compare
from reliability.submission.read import read_submission
from tests import small_case

ROWS = 400
# The criteria by item; every one is judged, but for REP-01.
CRITERIA = {
    "PER_01": "check: performance.accuracy, at_least: 0.5, source: house default",
    "PER_02": "check: performance.roc_auc, at_least: 0.5, source: house default",
    "PER_03": "check: performance.accuracy, at_least: 0.5, source: house default, by: sensitive",
    "FAI_01": "check: fairness.selection_rate_difference, at_most: 0.3, source: house default",
    "FAI_02": "check: fairness.selection_rate_ratio, at_least: 0.5, source: house default",
    "DAT_01": "check: data_quality.value_completeness, at_least: 0.9, source: house default",
    "REP_01": "check: performance.f1_macro, report: true",
}
MANIFEST = small_case.MANIFEST.replace("features: {include: [income, age]}", "features: {include: [income]}")


def labels(wrong, *, rows=ROWS):
    """Half of the rows positive; predictions that are wrong on the rows named."""
    truth = (np.arange(rows) // 2) % 2
    predicted = np.where(np.isin(np.arange(rows), list(wrong)), 1 - truth, truth)
    return truth, predicted


def rows_file(folder, before, after, *, rows=ROWS):
    """One file with the answers of both versions, so that both cases have the same evaluation data."""
    truth, first = labels(before, rows=rows)
    _, second = labels(after, rows=rows)
    place = np.arange(rows)
    table = pa.table(
        {
            "income": place * 1.5,
            "sex": np.where(place % 2, "F", "M").tolist(),
            "approved": truth,
            "p1": first, "s1": scores(first, place),
            "p2": second, "s2": scores(second, place),
        }
    )  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, folder / "data.parquet")


def scores(predicted, place):
    """Scores on the side that is predicted, no two alike."""
    return np.where(predicted == 1, 0.6, 0.1) + 0.3 * (place * 7919 % 997) / 997


def version(folder, number, *, text="", name="심사 모델"):
    """The submission of one version: its predictions are columns of the file."""
    manifest = (
        MANIFEST.replace("EVALUATION", "data.parquet").replace('"1.0"', f'"{number}.0"').replace("심사 모델", name)
    )
    lines = f"  prediction: p{number}\n  score: {{column: s{number}, of: 1}}\n{text}"
    (folder / "submission.yaml").write_text(manifest + lines, encoding="utf-8")
    return read_submission(folder)


def two(folder, before=range(80), after=range(80), *, criteria=None, rows=ROWS, **settings):
    """Both cases, with these rows answered wrongly before and after."""
    rows_file(folder / "in", before, after, rows=rows)
    used = small_case.checklist(folder, **(criteria or CRITERIA))
    return tuple(assessed(folder, number, used, **settings) for number in (1, 2))


def assessed(folder, number, used, *, out=None, text="", **settings):
    """One version assessed: its case."""
    path = folder / (out or f"case-{number}")
    return case_of(small_case.assessed(version(folder / "in", number, text=text), used, path, **settings), path)


def changes(comparison):
    """Changes of measurements by check and slice."""
    return {(one.after.check, *one.after.by, *one.after.slice.values()): one for one in comparison.measurements}


def with_findings(case: Case, **measured) -> Case:
    """The same case with other numbers in one measurement of its first finding."""
    finding = case.assessment.findings[0]
    result = finding.criteria[0]
    one = result.measurements[0].model_copy(update=measured)
    criteria = (result.model_copy(update={"measurements": (one, *result.measurements[1:])}), *finding.criteria[1:])
    findings = (finding.model_copy(update={"criteria": criteria}), *case.assessment.findings[1:])
    return replace(case, assessment=case.assessment.model_copy(update={"findings": findings}))


def told(folder, *args, **kwargs):
    """The comparison of two cases made as `two` makes them."""
    return compare(*two(folder, *args, **kwargs))
