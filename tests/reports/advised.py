"""Advice on the sample, made by hand: remedies that pass, that help, that break, and what could not be tried."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from reliability.advice import (
    Advice,
    AdvisedCase,
    ColumnToRepair,
    Confirmed,
    Decisions,
    Effect,
    FindingAdvice,
    GroupDecisions,
    NumberChange,
    Point,
    RemedyTried,
    RowsNeeded,
    Splits,
    Why,
)
from reliability.changes import Difference
from reliability.records import Assessment, Measurement, canonical_json
from tests.reports.sample import RATIO, assessment

RATIO_CHECK, GAP_CHECK = "fairness.selection_rate_ratio", "fairness.true_positive_rate_difference"
LEADING = {"criterion": 0, "check": RATIO_CHECK, "by": ["sex"], "slice": {}, "of": None}
N = 720


def number(
    check: str, values: tuple[float, float, float], unit: str, *, by: tuple[str, ...] = (), n: int = N
) -> Measurement:
    value, low, high = values
    return Measurement(check=check, by=by, value=value, low=low, high=high, confidence=0.99, n=n, unit=unit, seed=0)


def gain(value: float, low: float, high: float) -> Difference:
    return Difference(value=value, low=low, high=high, confidence=0.975, method="mover_paired", p_value=0.01)


def ratio(values: tuple[float, float, float], by: str = "sex") -> Measurement:
    return number(RATIO_CHECK, values, "ratio", by=(by,))


def change(after: tuple[float, float, float], gained: tuple[float, float, float], **named: Any) -> NumberChange:
    before = ratio((0.68, 0.55, 0.82), **named)
    assessed = RATIO.model_copy(update={"details": {}}) if before.by == RATIO.by else None
    return NumberChange(
        criterion=0 if before.by == RATIO.by else 1, assessed=assessed, before=before, after=ratio(after, **named),
        gain=gain(*gained),
    )  # fmt: skip


def groups(ways: tuple[tuple[int, int, int], ...]) -> tuple[GroupDecisions, ...]:
    """Decisions of 남, 여 and the unknown, of which there are too few to tell."""
    levels = (("남", 362), ("여", 354), ("미상", 4))
    return tuple(
        GroupDecisions(by=("sex",), slice={"sex": level}, n=n, to_favourable=to, from_favourable=off, handed_over=over)
        for (level, n), (to, off, over) in zip(levels, ways, strict=True)
    )


def decisions(*ways: tuple[int, int, int], **told: Any) -> Decisions:
    to, off, over = (sum(one) for one in zip(*ways, strict=True))
    return Decisions(
        n=N, changed=to + off, to_favourable=to, from_favourable=off, handed_over=over, groups=groups(ways), **told
    )


REMEDIES = (
    RemedyTried(
        id="R1", name="threshold", acts_on="decisions", effort=1, state="not_among_best",
        options={"check": RATIO_CHECK, "by": ["sex"]},
    ),
    RemedyTried(
        id="R2", name="group_thresholds", acts_on="decisions", effort=1, state="confirmed",
        options={"attributes": ["sex"], "parity": "demographic_parity"}, cautions=("attribute_at_decision_time",),
    ),
    RemedyTried(
        id="R3", name="exponentiated_gradient", acts_on="model", effort=2, state="confirmed",
        options={"attributes": ["sex"], "constraint": "demographic_parity"}, cautions=("attribute_in_training",),
    ),
    RemedyTried(
        id="R4", name="without_columns", acts_on="model", effort=2, state="confirmed", options={"columns": ["소득"]},
    ),
    RemedyTried(
        id="R5", name="recalibration_by_group", acts_on="scores", effort=1, state="not_tried",
        options={"attributes": ["sex"], "way": "platt"}, why=Why(code="groups_too_small", **{"with": {"minimum": 100}}),
    ),
    RemedyTried(
        id="R6", name="missing_filled", acts_on="data", effort=3, state="not_tried", why=Why(code="nothing_to_change"),
    ),
    RemedyTried(
        id="R7", name="combination", acts_on="model", effort=3, state="confirmed", parts=("R2", "R4"),
    ),
)  # fmt: skip
PASSES = Confirmed(
    remedy="R2", rank=1, confidence=0.975, verdict_before="conditional_fail", verdict_after="pass",
    numbers=(change((0.91, 0.83, 0.99), (0.23, 0.11, 0.35)), change((0.7, 0.5, 0.9), (0.0, -0.1, 0.1), by="age")),
    effects=(
        Effect(item="PER-01", severity="major", before="pass", after="conditional_pass"),
        Effect(item="FAI-03", severity="major", before="conditional_fail", after="pass"),
        Effect(item="PER-04", severity="major", before="pass", after="pass"),
    ),
    not_measured=("privacy.membership_inference_auc",),
    decisions=decisions((2, 30, 0), (41, 0, 0), (1, 0, 0)),
)  # fmt: skip
HELPS = Confirmed(
    remedy="R3", rank=2, confidence=0.975, verdict_before="conditional_fail", verdict_after="conditional_fail",
    numbers=(change((0.75, 0.61, 0.9), (0.07, -0.02, 0.16)),), decisions=decisions((5, 9, 0), (11, 3, 0), (0, 0, 0)),
)  # fmt: skip
ACCURACY = "performance.balanced_accuracy"
TRADE_OFF = (
    Point(remedy=None, performance=number(ACCURACY, (0.71, 0.67, 0.75), "share"), number=ratio((0.68, 0.55, 0.82))),
    Point(
        remedy="R2", performance=number(ACCURACY, (0.70, 0.65, 0.74), "share"), number=ratio((0.91, 0.83, 0.99)),
        on_front=True,
    ),
    Point(remedy="R3", performance=number(ACCURACY, (0.69, 0.64, 0.74), "share"), number=ratio((0.75, 0.61, 0.9))),
)  # fmt: skip
RATIOS = FindingAdvice(
    item="FAI-02", severity="critical", verdict="fail", leading=LEADING, applicable=("R1", "R2", "R3", "R5", "R6"),
    confirmed=(PASSES, HELPS), passing=("R2",), trade_off=TRADE_OFF, labels_may_be_biased=True,
    columns=(ColumnToRepair(column="소득", cells=41, value=0.72, error_affected=0.4, error_others=0.26),),
)  # fmt: skip
FINDINGS = (
    FindingAdvice(item="GOV-02", severity="major", verdict="conditional_fail", unmeasured="asked"),
    RATIOS,
    FindingAdvice(
        item="FAI-03", severity="major", verdict="conditional_fail", unmeasured="none_helps", applicable=("R6",),
        leading={"criterion": 0, "check": GAP_CHECK, "by": ["age"], "slice": {}, "of": None},
        rows_needed=(RowsNeeded(criterion=0, check=GAP_CHECK, by=("age",), now=2408, needed=9632, power=0.8),),
    ),
    FindingAdvice(
        item="PER-01", severity="major", verdict="conditional_pass", unmeasured="too_few_in_group",
        smallest_group={"slice": {"sex": "미상"}, "n": 4},
        rows_needed=(RowsNeeded(criterion=0, check="performance.roc_auc", now=2412, needed=400_000, power=0.8),),
    ),
    FindingAdvice(item="DAT-03", severity="minor", verdict="fail", unmeasured="none_tried"),
)  # fmt: skip


def advice(record: Assessment | None = None, **changes: Any) -> Advice:
    """The advice, with some of its fields changed."""
    case = record or assessment()
    identity = AdvisedCase(
        sha256=hashlib.sha256(canonical_json(case)).hexdigest(), organisation="온고을신용 주식회사",
        registration="402-81-00000", system="소액대출 심사 모델", version="2.3.1", checklist="trustworthy-ai",
        checklist_version="1.0.0", evaluation_sha256="34" * 32, seed=0,
    )  # fmt: skip
    fields: dict[str, Any] = {
        "case": identity, "by": "김자문", "finished": datetime(2026, 11, 21, 5, 0, tzinfo=UTC), "software": {},
        "platform": "Linux-x86_64", "seed": 0, "confidence": 0.95,
        "splits": Splits(fit=965, choose=727, confirm=N, of=2412, by_entity=False, training=0), "titles": {},
        "remedies": REMEDIES, "findings": FINDINGS,
    }  # fmt: skip
    return Advice(**(fields | changes))


def with_finding(**changes: Any) -> Advice:
    """The advice with something else said of FAI-02, and nothing of the others."""
    return advice(findings=(RATIOS.model_copy(update=changes),))
