"""Measurements of rows drawn from one truth, twice: what a comparison sees where nothing changed."""

from functools import cache

import numpy as np
from scipy.special import expit

from reliability.blocks import Block, Groups, Roles
from reliability.checks.fairness import rates
from reliability.checks.performance import agreement, labels, losses, scores
from reliability.compare.cases import Case
from reliability.compare.measurements import measurement_changes
from reliability.compare.rows import Answered, PairedRows
from reliability.evidence.confusion_matrix import ConfusionMatrix
from reliability.evidence.group_counts import GroupCounts
from reliability.evidence.log_moments import LogMoments
from reliability.evidence.moments import Moments
from reliability.evidence.score_histogram import ScoreHistogram
from reliability.records import Criterion, CriterionResult, Finding, Measurement
from tests.reports.sample import assessment

ROLES = Roles(
    task="binary", classes=("0", "1"), positive=1, favourable=(1,), has_predictions=True, has_scores=True
)  # fmt: skip
GROUPS = 4
# Check: what it asks for, the function, and which side its limit is on.
CHECKS = {
    "performance.accuracy": (ConfusionMatrix.of, labels.accuracy),
    "performance.precision": (ConfusionMatrix.of, labels.precision),
    "performance.recall": (ConfusionMatrix.of, labels.recall),
    "performance.f1_macro": (ConfusionMatrix.of, agreement.f1_macro),
    "performance.matthews_correlation": (ConfusionMatrix.of, agreement.matthews_correlation),
    "performance.roc_auc": (ScoreHistogram.of, scores.roc_auc),
    "performance.brier_score": (Moments.of, losses.brier_score),
    "performance.log_loss": (LogMoments.of, losses.log_loss),
    "fairness.selection_rate_ratio": (lambda block: GroupCounts.of(block, ("sex",)), rates.selection_rate_ratio),
    "fairness.selection_rate_difference": (
        lambda block: GroupCounts.of(block, ("sex",)), rates.selection_rate_difference,
    ),
    "fairness.true_positive_rate_difference": (
        lambda block: GroupCounts.of(block, ("sex",)), rates.true_positive_rate_difference,
    ),
    "fairness.false_positive_rate_difference": (
        lambda block: GroupCounts.of(block, ("sex",)), rates.false_positive_rate_difference,
    ),
}  # fmt: skip


def rows(random, n, models=1, shift=0.0):
    """Truth, groups and as many scores of equal quality; the last one is better by `shift`."""
    logit = 1.8 * random.standard_normal(n)
    truth = (random.random(n) < expit(logit)).astype(np.int64)
    groups = random.integers(0, GROUPS, n).astype(np.int32)
    noise = [0.8 * random.standard_normal(n) for _ in range(models)]
    made = [expit(logit + one) for one in noise]
    made[-1] = expit(logit + noise[-1] + shift * (2 * truth - 1))
    return truth, groups, made


def block(truth, groups, score):
    named = Groups(codes=groups, levels=tuple("abcd"[:GROUPS]))
    return Block(start=0, roles=ROLES, columns={}, y_true=truth, y_pred=(score > 0.5).astype(np.int64), y_score=score,
                 groups={"sex": named})  # fmt: skip


def measured(one):
    """Every check on one block, and the accuracy of every group."""
    found = [_measurement(check, function(evidence(one))) for check, (evidence, function) in CHECKS.items()]
    for code, level in enumerate("abcd"[:GROUPS]):
        inside = one.where(one.groups["sex"].codes == code)
        accuracy = _measurement("performance.accuracy", labels.accuracy(ConfusionMatrix.of(inside)))
        found.append(accuracy.model_copy(update={"slice": {"sex": level}, "by": ("sex",)}))
    return found


def _measurement(check, found):
    one = found if isinstance(found, Measurement) else found[0]
    by = ("sex",) if check.startswith("fairness.") else ()
    return one.model_copy(update={"check": check, "confidence": 0.95, "by": by})


@cache
def _sample():
    return assessment()


def case(measurements, *, report=False, **limit):
    """A case of nothing but these measurements, each an item of its own."""
    limit = {} if report else limit or {"at_least": 0.5}
    findings = tuple(
        Finding(
            item=f"I-{place}", severity="major", verdict="pass",
            criteria=(
                CriterionResult(
                    criterion=Criterion(check=one.check, rule=None if report else "guarded", report=report, **limit),
                    verdict="pass", measurements=(one,),
                ),
            ),
        )
        for place, one in enumerate(measurements)
    )  # fmt: skip
    return Case(assessment=_sample().model_copy(update={"findings": findings}))


def claims(before, after, paired=None):
    """The claims made of two lists of measurements."""
    return [one.claim for one in measurement_changes(case(before), case(after), paired, 0.95).changes]


def independent(random, n, **options):
    """Claims between two samples of one truth."""
    first, second = (
        block(truth, groups, one) for truth, groups, (one,) in (rows(random, n), rows(random, n, **options))
    )
    return claims(measured(first), measured(second))


def on_same_rows(random, n, **options):
    """Claims between two models of one quality on the same rows."""
    truth, groups, (one, other) = rows(random, n, 2, **options)
    paired = PairedRows(
        classes=("0", "1"), y_true=truth,
        before=Answered(predicted=(one > 0.5).astype(np.int64), score=one),
        after=Answered(predicted=(other > 0.5).astype(np.int64), score=other),
    )  # fmt: skip
    return claims(measured(block(truth, groups, one)), measured(block(truth, groups, other)), paired)


def share_of_false_claims(compared, n, draws, seed):
    """Share of draws in which any change at all is claimed."""
    random = np.random.default_rng([20261128, n, seed])
    claimed = sum(any(one in {"better", "worse", "moved"} for one in compared(random, n)) for _ in range(draws))
    return claimed / draws
