"""A small submission with causes planted in it: scores that favour one group, and are too sure of themselves."""

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from reliability.advise.advising import Watch, advise, staged
from reliability.advise.aims import aims
from reliability.advise.confirming import Confirming
from reliability.advise.gathering import gathered
from reliability.advise.remedies import EFFORTS
from reliability.bench import Bench, Settings
from reliability.submission.read import read_submission
from tests import small_case

ROWS = 2_400
MANIFEST = """\
submission: 1
organisation: {name: 온고을신용, registration: "402-81-00000"}
system: {name: 심사 모델, version: "1.0", purpose: 승인 여부를 제안한다}
facts: {affects_people: true}
task: binary
data:
  evaluation: data.parquet
  target: approved
  favourable: 1
  features: {include: [income, age]}
  sensitive: [sex]
  prediction: y_pred
  score: y_score
"""
CRITERIA = {
    "FAI_01": "check: fairness.selection_rate_ratio, at_least: 0.8, source: house default",
    "FAI_02": "check: fairness.true_positive_rate_difference, at_most: 0.1, source: house default",
    "PER_01": "check: performance.balanced_accuracy, at_least: 0.55, source: house default",
    "CAL_01": "check: calibration.expected_calibration_error, at_most: 0.06, source: house default",
}


def rows(n=ROWS, *, seed=7, bias=1.2, sure=2.0, women=0.5):
    """Outcomes that do not depend on sex, and scores that do."""
    draws = np.random.default_rng(seed)
    woman = draws.random(n) < women
    merit = draws.normal(size=n)
    approved = draws.random(n) < 1 / (1 + np.exp(-1.5 * merit))
    log_odds = sure * 1.5 * merit - bias * woman
    score = 1 / (1 + np.exp(-log_odds))
    return {
        "income": merit * 10 + 50,
        "age": draws.integers(20, 70, n).astype(float),
        "sex": np.where(woman, "F", "M"),
        "approved": approved.astype(np.int64),
        "y_pred": (score >= 0.5).astype(np.int64),
        "y_score": score,
    }


def handed_in(folder, *, extra="", columns=None, training=None, **planted):
    """The submission, read."""
    folder.mkdir(parents=True, exist_ok=True)
    made = rows(**planted) | (columns or {})
    pq.write_table(pa.table({name: pa.array(values) for name, values in made.items()}), folder / "data.parquet")
    text = MANIFEST + extra
    if training is not None:
        kept = {name: made[name] for name in ("income", "age", "sex", "approved")}
        pq.write_table(pa.table(kept).slice(0, training), folder / "training.parquet")
        text = text.replace("  target:", "  training: training.parquet\n  target:")
    (folder / "submission.yaml").write_text(text, encoding="utf-8")
    return read_submission(folder)


def case(folder, submission, **criteria):
    """The assessment of it, and its case at `folder / "case"`."""
    used = small_case.checklist(folder, asked="", **(criteria or CRITERIA))
    return small_case.assessed(submission, used, folder / "case")


def stage_of(assessment, submission, *, seed=0):
    """What remedies are tried on, the aims of the case, and what confirms."""
    with Bench(submission=submission, settings=Settings(seed=seed)) as bench:
        stage, available = staged(assessment, submission, gathered(bench, None, seed=seed), None, seed=seed)
    by_item = {aim.item.finding.item: aim for aim in aims(stage.items)}
    return stage, by_item, Confirming(stage, available, 0.95)


def advised(assessment, submission, *, seed=0, by=None, efforts=EFFORTS, **watch):
    """The advice on the case."""
    return advise(
        assessment, submission, by=by, clock=lambda: datetime(2026, 1, 2, tzinfo=UTC), settings=Settings(seed=seed),
        watch=Watch(**watch), efforts=efforts,
    )  # fmt: skip


def finding(advice, item):
    """One finding of an advice."""
    return next(one for one in advice.findings if one.item == item)
