"""Agreement and correlation by rows, each against what is worked out otherwise."""

import numpy as np
import pytest
from scipy.special import expit
from sklearn import metrics

from reliability.blocks import Block, Roles
from reliability.checks.calibration import skill
from reliability.checks.performance import agreement as agreeing
from reliability.checks.performance import baselines, labels, losses, scores, values
from reliability.compare.paired import PAIRED, agreement, correlation, relied_on
from reliability.compare.rows import Answered, PairedRows
from reliability.compare.unpaired import VALIDATED
from reliability.evidence.confusion_matrix import ConfusionMatrix
from reliability.evidence.log_moments import LogMoments
from reliability.evidence.moments import Moments
from reliability.evidence.score_histogram import ScoreHistogram
from reliability.intervals.changes import lowered
from reliability.records import Measurement

N = 400
ROLES = Roles(
    task="binary", classes=("no", "yes"), positive=1, favourable=(1,), has_predictions=True, has_scores=True
)  # fmt: skip
REGRESSION = Roles(task="regression", has_predictions=True, favourable_direction="higher")


def drawn(seed=1, n=N):
    """True classes, and two scores that share half of their noise."""
    random = np.random.default_rng(seed)
    truth = (random.random(n) < 0.4).astype(np.int64)
    shared = random.standard_normal(n)
    first, second = (expit(2.2 * truth - 1 + shared + random.standard_normal(n)) for _ in range(2))
    return truth, first, second


def block(truth, score):
    return Block(start=0, roles=ROLES, columns={}, y_true=truth, y_pred=(score > 0.5).astype(np.int64), y_score=score)


def rows_of(truth, first, second):
    before, after = (Answered(predicted=(score > 0.5).astype(np.int64), score=score) for score in (first, second))
    return PairedRows(classes=("no", "yes"), y_true=truth, before=before, after=after)


def one_of(found):
    return found if isinstance(found, Measurement) else found[0]


# Check, and how it is measured on a block: with the evidence that it asks for.
MEASURED = {
    "performance.accuracy": lambda one: labels.accuracy(ConfusionMatrix.of(one)),
    "performance.recall": lambda one: labels.recall(ConfusionMatrix.of(one)),
    "performance.specificity": lambda one: labels.specificity(ConfusionMatrix.of(one)),
    "performance.precision": lambda one: labels.precision(ConfusionMatrix.of(one)),
    "performance.f1": lambda one: labels.f1(ConfusionMatrix.of(one)),
    "performance.balanced_accuracy": lambda one: labels.balanced_accuracy(ConfusionMatrix.of(one)),
    "performance.f1_macro": lambda one: agreeing.f1_macro(ConfusionMatrix.of(one)),
    "performance.f1_weighted": lambda one: agreeing.f1_weighted(ConfusionMatrix.of(one)),
    "performance.matthews_correlation": lambda one: agreeing.matthews_correlation(ConfusionMatrix.of(one)),
    "performance.better_than_majority": lambda one: baselines.better_than_majority(ConfusionMatrix.of(one)),
    "performance.roc_auc": lambda one: scores.roc_auc(ScoreHistogram.of(one)),
    "performance.brier_score": lambda one: losses.brier_score(Moments.of(one)),
    "performance.log_loss": lambda one: losses.log_loss(LogMoments.of(one)),
    "calibration.brier_skill_score": lambda one: skill.brier_skill_score(Moments.of(one)),
}
OF_VALUES = {
    "performance.mean_absolute_error": values.mean_absolute_error,
    "performance.root_mean_squared_error": values.root_mean_squared_error,
    "performance.r2_score": values.r2_score,
}
RATES = {"performance.accuracy", "performance.recall", "performance.specificity"}
# Worked out by scikit-learn on rows drawn anew, for the correlation of the two estimates.
RESAMPLED = {
    "performance.precision": lambda y, score: metrics.precision_score(y, score > 0.5),
    "performance.f1": lambda y, score: metrics.f1_score(y, score > 0.5),
    "performance.balanced_accuracy": lambda y, score: metrics.balanced_accuracy_score(y, score > 0.5),
    "performance.f1_macro": lambda y, score: metrics.f1_score(y, score > 0.5, average="macro"),
    "performance.f1_weighted": lambda y, score: metrics.f1_score(y, score > 0.5, average="weighted"),
    "performance.matthews_correlation": lambda y, score: metrics.matthews_corrcoef(y, score > 0.5),
    "performance.roc_auc": metrics.roc_auc_score,
    "performance.brier_score": metrics.brier_score_loss,
    "performance.log_loss": metrics.log_loss,
}


def measured(check, truth, score):
    return one_of(MEASURED[check](block(truth, score))).model_copy(update={"check": check})


def pair_of(check, *given):
    truth, first, second = given or drawn()
    return rows_of(truth, first, second), measured(check, truth, first), measured(check, truth, second)


def test_every_paired_check_is_tried_here():
    assert set(MEASURED) | set(OF_VALUES) | {"performance.roc_auc_one_vs_rest"} == PAIRED


def test_every_paired_check_may_be_compared_without_pairs_too():
    assert PAIRED <= VALIDATED


@pytest.mark.parametrize("check", sorted(RATES))
def test_rates_are_counted_as_rows_that_are_right_both_times_or_once(check):
    rows, before, after = pair_of(check)
    counted = agreement(rows, before, after)

    assert counted.n == before.n == after.n
    assert (counted.both + counted.before) / counted.n == before.value
    assert (counted.both + counted.after) / counted.n == after.value


def test_agreement_by_hand():
    truth = np.array([1, 1, 1, 0, 0])
    first, second = np.array([0.9, 0.9, 0.1, 0.1, 0.9]), np.array([0.9, 0.1, 0.9, 0.1, 0.1])
    counted = agreement(*pair_of("performance.accuracy", truth, first, second))

    assert (counted.both, counted.before, counted.after, counted.neither) == (2, 1, 2, 0)


@pytest.mark.parametrize("check", sorted(set(MEASURED) - RATES))
def test_a_measure_that_is_no_rate_has_a_correlation_between_its_two_values(check):
    rows, before, after = pair_of(check)

    assert agreement(rows, before, after) is None
    assert 0 < correlation(rows, before, after) < 1


@pytest.mark.parametrize("check", sorted(RATES))
def test_a_rate_has_no_need_of_a_correlation(check):
    assert correlation(*pair_of(check)) is None


@pytest.mark.parametrize("check", sorted(RESAMPLED))
def test_the_correlation_is_that_of_rows_drawn_anew_less_what_may_not_be_relied_on(check):
    truth, first, second = drawn(n=800)
    random = np.random.default_rng(7)
    draws = [random.integers(0, len(truth), len(truth)) for _ in range(300)]
    found = np.array([[RESAMPLED[check](truth[rows], score[rows]) for score in (first, second)] for rows in draws])
    resampled = float(np.corrcoef(found.T)[0, 1])

    relied_on = correlation(*pair_of(check, truth, first, second))

    assert lowered(resampled, 40) <= relied_on <= resampled + 0.08


@pytest.mark.parametrize("check", sorted(set(MEASURED) - RATES))
def test_the_correlation_is_the_same_either_way_round(check):
    truth, first, second = drawn()

    assert correlation(*pair_of(check, truth, second, first)) == pytest.approx(
        correlation(*pair_of(check, truth, first, second))
    )


@pytest.mark.parametrize("check", ["performance.roc_auc", "performance.brier_score", "performance.f1_macro"])
def test_the_order_of_rows_says_nothing(check):
    truth, first, second = drawn()
    order = np.random.default_rng(3).permutation(len(truth))

    assert correlation(*pair_of(check, truth[order], first[order], second[order])) == pytest.approx(
        correlation(*pair_of(check, truth, first, second))
    )


@pytest.mark.parametrize("check", sorted(MEASURED))
def test_a_value_that_the_rows_do_not_give_is_not_compared_by_them(check):
    rows, before, after = pair_of(check)
    other = after.model_copy(update={"value": after.value + 0.01})

    assert agreement(rows, before, other) is None
    assert correlation(rows, before, other) is None


def test_a_value_read_from_a_grid_of_scores_may_be_off_by_what_the_record_says():
    rows, before, after = pair_of("performance.roc_auc")
    near = after.model_copy(update={"value": after.value + 0.001, "details": {"quantisation": 0.002}})

    assert correlation(rows, before, near) == correlation(rows, before, after)


def test_delongs_correlation_by_hand():
    # Two positive rows against two others: placements (1, 1/2) and (1/2, 1); of the others (1, 1/2) and (1/2, 1).
    truth = np.array([1, 1, 0, 0])
    first, second = np.array([0.9, 0.4, 0.3, 0.5]), np.array([0.4, 0.9, 0.5, 0.3])
    rows, before, after = pair_of("performance.roc_auc", truth, first, second)

    assert (before.value, after.value) == (0.75, 0.75)
    # Exactly opposed, and nothing to rely on in four rows.
    assert correlation(rows, before, after) == -1.0


def test_one_model_twice_has_a_correlation_next_to_one_with_many_rows():
    truth, first, _ = drawn(n=20_000)

    assert correlation(*pair_of("performance.roc_auc", truth, first, first)) > 0.999


@pytest.mark.parametrize("check", sorted(OF_VALUES))
def test_errors_of_values_are_correlated_by_row(check):
    random = np.random.default_rng(5)
    truth, shared = random.standard_normal(N) * 3, random.standard_normal(N)
    answers = [truth + shared + random.standard_normal(N) for _ in range(2)]
    rows = PairedRows(
        classes=(), y_true=truth, before=Answered(predicted=answers[0]), after=Answered(predicted=answers[1])
    )
    found = [
        OF_VALUES[check](Moments.of(Block(start=0, roles=REGRESSION, columns={}, y_true=truth, y_pred=one)))
        for one in answers
    ]  # fmt: skip
    before, after = (one.model_copy(update={"check": check}) for one in found)

    assert 0.05 < correlation(rows, before, after) < 0.8
    assert agreement(rows, before, after) is None


def test_the_class_asked_about_is_found_by_its_name():
    truth, first, second = drawn()
    found = [
        measured("performance.recall", truth, score).model_copy(
            update={"of": "no", "value": metrics.recall_score(truth, score > 0.5, pos_label=0)}
        )
        for score in (first, second)
    ]

    assert agreement(rows_of(truth, first, second), *found).n == int((truth == 0).sum())


def test_classes_of_a_multiclass_task_are_compared_one_against_the_rest():
    random = np.random.default_rng(11)
    truth = random.integers(0, 3, 300)
    raw = [np.eye(3)[truth] + random.random((300, 3)) * 3 for _ in range(2)]
    wide = [one / one.sum(axis=1, keepdims=True) for one in raw]
    rows = PairedRows(
        classes=("a", "b", "c"), y_true=truth,
        before=Answered(predicted=wide[0].argmax(axis=1), score=wide[0]),
        after=Answered(predicted=wide[1].argmax(axis=1), score=wide[1]),
    )  # fmt: skip
    found = [
        Measurement(check="performance.roc_auc_one_vs_rest", of="b", value=metrics.roc_auc_score(truth == 1, one[:, 1]),
                    low=0, high=1, n=300, unit="auc")
        for one in wide
    ]  # fmt: skip

    assert -0.3 < correlation(rows, *found) < 0.3


def test_rows_without_scores_are_not_compared_by_scores():
    rows, before, after = pair_of("performance.roc_auc")
    bare = PairedRows(
        classes=rows.classes, y_true=rows.y_true,
        before=Answered(predicted=rows.before.predicted), after=Answered(predicted=rows.after.predicted),
    )  # fmt: skip

    assert correlation(bare, before, after) is None


def test_errors_on_different_rows_are_opposed():
    truth = np.zeros(10, np.int64)
    first, second = np.eye(10, dtype=np.int64)[0], np.eye(10, dtype=np.int64)[1]
    rows = PairedRows(
        classes=("a", "b"), y_true=truth, before=Answered(predicted=first), after=Answered(predicted=second)
    )
    alike = PairedRows(
        classes=("a", "b"), y_true=truth, before=Answered(predicted=first), after=Answered(predicted=first)
    )

    assert rows.opposed
    assert not alike.opposed


@pytest.mark.parametrize("unit", [2.0**-300, 2.0**300, 2.0**500])
def test_what_the_correlation_may_be_relied_on_for_does_not_depend_on_the_unit(unit):
    draws = np.random.default_rng(3)
    first = draws.normal(size=200)
    second = first + draws.normal(size=200)

    assert relied_on(first * unit, second * unit) == relied_on(first, second) > 0.4


def test_influences_that_are_all_nought_are_no_correlation():
    assert relied_on(np.zeros(9), np.zeros(9)) == lowered(0.0, 0)
