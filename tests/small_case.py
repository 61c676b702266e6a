"""A small submission, a small checklist, and a model that is a plain class: what a whole run needs, in milliseconds."""

from datetime import UTC, datetime, timedelta
from itertools import count

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from reliability import bench
from reliability.assess import assess
from reliability.bench import Settings
from reliability.checklist.read import read_checklist
from reliability.errors import WorkerError
from reliability.evidence.probe import Answers
from reliability.submission.read import read_submission

RECEIVED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
MANIFEST = """\
submission: 1
organisation: {name: 온고을신용}
system: {name: 심사 모델, version: "1.0", purpose: 승인 여부를 제안한다}
facts:
  affects_people: true
  hiring: {is: false, because: 채용에 쓰이지 않음}
task: binary
data:
  evaluation: EVALUATION
  target: approved
  favourable: 1
  features: {include: [income, age]}
  sensitive: [sex]
"""
HANDED_IN = "  prediction: y_pred\n  score: y_score\n"
MODEL = "model: {format: skops, path: model.skops}\n"
CHECKLIST = """\
checklist: small
format: 1
version: 1.0.0
title: {ko: 작은 점검표, en: Small checklist}
decision: {rule: four_way, confidence: 0.95}
outcome: {critical: pass, major: conditional_pass, open_minor: 3}
sections:
  - id: ALL
    title: {ko: 전체, en: All}
    items:
"""
LIMIT = "source: house default"
MEASURED = {
    "PER-01": f"check: performance.accuracy, at_least: 0.5, {LIMIT}",
    "PER-02": f"check: performance.accuracy, at_least: 0.5, {LIMIT}, by: sensitive",
    "PER-03": f"check: performance.roc_auc, at_least: 0.5, {LIMIT}",
    "PER-04": "declared: performance",
    "FAI-01": f"check: fairness.selection_rate_ratio, at_least: 0.1, {LIMIT}",
    "FAI-02": f"check: fairness.selection_rate_ratio, at_least: 0.1, {LIMIT}, by: sensitive_pairs",
    "DAT-01": f"check: data_quality.value_completeness, at_least: 0.9, {LIMIT}",
    "DAT-02": f"check: data_quality.duplicate_rows, at_most: 0.5, {LIMIT}",
    "LEA-01": f"check: leakage.training_overlap, at_most: 0.01, {LIMIT}",
    "ROB-01": f"check: robustness.repeatability, at_least: 0.9, {LIMIT}",
}
ASKED = """\
      - id: GOV-01
        requirement: {ko: 방침이 있다., en: There is a policy.}
        ask: {ko: 방침이 있습니까?, en: Is there a policy?}
        evidence: {ko: 방침, en: the policy}
        severity: minor
      - id: GOV-02
        requirement: {ko: 채용 방침이 있다., en: There is a hiring policy.}
        ask: {ko: 채용 방침이 있습니까?, en: Is there a hiring policy?}
        evidence: {ko: 방침, en: the policy}
        severity: minor
        when: hiring
"""


def table(rows=200):
    """Half F, half M; the model is right on nine rows of ten in both."""
    place = np.arange(rows)
    truth = (place // 2) % 2
    predicted = np.where(place % 10 < 9, truth, 1 - truth)
    return pa.table(
        {
            "income": pa.array(place * 1.5),
            "age": pa.array(20 + place % 50),
            "sex": pa.array(np.where(place % 2, "F", "M").tolist()),
            "approved": pa.array(truth),
            "y_pred": pa.array(predicted),
            "y_score": pa.array(np.where(predicted == 1, 0.75, 0.25)),
        }
    )


def handed_in(folder, *, rows=200, parquet=False, extra="", text=""):
    """A submission with predictions, read."""
    name = "data.parquet" if parquet else "data.csv"
    return _submission(folder, table(rows), name, MANIFEST + HANDED_IN + extra + text)


def with_model(folder, *, rows=200, extra=""):
    """A submission with a model file (its content is nobody's business here), read."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.skops").write_bytes(b"a model")
    manifest = MANIFEST.replace("task:", MODEL + "task:") + extra
    return _submission(folder, table(rows).drop_columns(["y_pred", "y_score"]), "data.parquet", manifest)


def checklist(folder, *items, asked=ASKED, **measured):
    """A checklist of the items named (all, if none is) and of those given as criteria by id (`_` for `-`)."""
    folder.mkdir(parents=True, exist_ok=True)
    chosen = {name: MEASURED[name] for name in items} if items or measured else MEASURED
    chosen |= {name.replace("_", "-"): text for name, text in measured.items()}
    lines = "".join(
        f"      - id: {name}\n        requirement: {{ko: 요건, en: A requirement}}\n"
        f"        criteria: [{{{text}}}]\n        severity: major\n"
        for name, text in chosen.items()
    )
    path = folder / "small.yaml"
    path.write_text(CHECKLIST + lines + asked, encoding="utf-8")
    return read_checklist(path)


def clock():
    """A clock that moves a minute a look."""
    looks = count(1)
    return lambda: RECEIVED + timedelta(minutes=next(looks))


def assessed(submission, used, out, **settings):
    """The assessment of a submission by a checklist, and its case at `out`."""
    return assess(submission, used, out=out, received=RECEIVED, clock=clock(), settings=Settings(**settings))


class FakeModel:
    """Is right on every row of `table`; fails at the questions that `fails` names, counted over all workers."""

    isolation = {"level": "fake"}
    notes = ()
    has_scores = True

    def __init__(self, asked, fails=(), code="model_raised"):
        self.asked, self.fails, self.code = asked, fails, code
        self.closed = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def answer(self, columns, /):
        if next(self.asked) in self.fails:
            raise WorkerError(self.code, "the model raised", type="ValueError", message="no")
        scores = np.where(columns["income"].values // 3 % 2 == 1, 0.9, 0.1)
        return Answers(labels=(scores >= 0.5).astype(np.int64), scores=scores)

    attempt = answer

    def close(self):
        self.closed = True


def use_fake(monkeypatch, *, fails=(), unopened=()):
    """Open a FakeModel in place of every confined worker; returns the list of those opened.

    `unopened` gives errors to raise instead of opening, in order; None opens.
    """
    opened, asked, errors = [], count(1), iter(unopened)

    def open_model(spec, *, limits, level=None):
        error = next(errors, None)
        if error is not None:
            raise error
        opened.append(FakeModel(asked, fails))
        return opened[-1]

    monkeypatch.setattr(bench, "open_model", open_model)
    return opened


def by_item(assessment):
    """Findings by item."""
    return {finding.item: finding for finding in assessment.findings}


def codes(finding):
    """Codes of a finding's reasons."""
    return [reason.code for reason in finding.reasons]


def _submission(folder, rows, name, manifest):
    folder.mkdir(parents=True, exist_ok=True)
    if name.endswith(".parquet"):
        pq.write_table(rows, folder / name)
    else:
        pyarrow.csv.write_csv(rows, folder / name)
    (folder / "submission.yaml").write_text(manifest.replace("EVALUATION", name), encoding="utf-8")
    return read_submission(folder)
