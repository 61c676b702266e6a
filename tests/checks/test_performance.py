import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, ttest_1samp
from sklearn import metrics

from reliability.blocks import Roles
from reliability.checks.performance import (
    accuracy,
    balanced_accuracy,
    brier_score,
    f1,
    mean_absolute_error,
    precision,
    r2_score,
    recall,
    roc_auc,
    specificity,
)
from reliability.errors import NotMeasurable
from reliability.evidence.confusion_matrix import ConfusionMatrix
from reliability.evidence.moments import Moments
from reliability.evidence.score_histogram import ScoreHistogram
from tests.builders import block

BINARY = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,), has_scores=True)
LABELS = ("a", "b", "c")
OF_CLASSES = [precision, recall, specificity, f1]
OF_MATRIX = [accuracy, balanced_accuracy, *OF_CLASSES]

rows = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1), st.floats(0, 1)), min_size=2, max_size=80)
classed = st.lists(st.tuples(st.sampled_from(LABELS), st.sampled_from(LABELS)), min_size=1, max_size=60)
numbers = st.floats(-1e3, 1e3).map(lambda value: round(value, 3))
valued = st.lists(st.tuples(numbers, numbers), min_size=3, max_size=50)


def matrix(y_true, y_pred, **more):
    return ConfusionMatrix.of(block(y_true, y_pred, **more))


def three(y_true, y_pred):
    return matrix(y_true, y_pred, classes=LABELS, positive=None, task="multiclass")


def table(counts, roles=BINARY):
    return ConfusionMatrix(roles=roles, counts=np.array(counts))


def scored(y_true, y_score, **more):
    return block(y_true, [int(score >= 0.5) for score in y_score], y_score, **more)


def valued_moments(y_true, y_pred, **more):
    return Moments.of(block(y_true, y_pred, task="regression", **more))


def numbers_of(measurement):
    return measurement.value, measurement.low, measurement.high, measurement.n


def only(measurements):
    (measurement,) = measurements
    return measurement


def wide(counts):
    """The same counts, each entity's rows in a bucket of its own kind: 128 equal shares, all alike."""
    buckets = np.zeros((128, 2, 2), np.int64)
    for place, count in np.ndenumerate(np.array(counts)):
        buckets[(slice(0, count), *place)] = 1
    return ConfusionMatrix(roles=BINARY, counts=buckets.sum(axis=0), buckets=buckets)


def test_accuracy_is_the_share_of_right_rows():
    measured = accuracy(table([[40, 10], [5, 45]]))
    expected = binomtest(85, 100).proportion_ci(0.95, method="exact")

    assert numbers_of(measured) == pytest.approx((0.85, expected.low, expected.high, 100), abs=1e-12)
    assert (measured.method, measured.unit, measured.judged) == ("clopper_pearson", "share", True)


@given(rows)
@settings(max_examples=30, deadline=None)
def test_binary_measures_agree_with_scikit_learn(table_of_rows):
    y_true, y_pred, _ = zip(*table_of_rows, strict=True)
    counted = matrix(y_true, y_pred)

    assert accuracy(counted).value == pytest.approx(metrics.accuracy_score(y_true, y_pred), abs=1e-12)
    for check, theirs, positive in (
        (precision, metrics.precision_score, 1),
        (recall, metrics.recall_score, 1),
        (specificity, metrics.recall_score, 0),
        (f1, metrics.f1_score, 1),
    ):
        expected = theirs(y_true, y_pred, pos_label=positive, zero_division=np.nan)
        found = only(check(counted)).value
        assert np.isnan(expected) if found is None else found == pytest.approx(expected, abs=1e-12)
    if len(set(y_true)) == 2:
        expected = metrics.balanced_accuracy_score(y_true, y_pred)
        assert balanced_accuracy(counted).value == pytest.approx(expected, abs=1e-12)


@given(rows)
@settings(max_examples=30, deadline=None)
def test_scores_agree_with_scikit_learn(table_of_rows):
    y_true, _, y_score = zip(*table_of_rows, strict=True)
    made = scored(y_true, y_score)

    assert brier_score(Moments.of(made)).value == pytest.approx(np.mean((np.array(y_score) - y_true) ** 2), abs=1e-12)
    if len(set(y_true)) == 2:
        expected = metrics.roc_auc_score(y_true, y_score)
        assert roc_auc(ScoreHistogram.of(made)).value == pytest.approx(expected, abs=1e-12)


@given(classed)
@settings(max_examples=30, deadline=None)
def test_multiclass_measures_agree_with_scikit_learn_class_by_class(table_of_rows):
    y_true, y_pred = zip(*table_of_rows, strict=True)
    counted = three(y_true, y_pred)

    for check, theirs in ((precision, metrics.precision_score), (recall, metrics.recall_score), (f1, metrics.f1_score)):
        expected = theirs(y_true, y_pred, labels=list(LABELS), average=None, zero_division=np.nan)
        found = [np.nan if one.value is None else one.value for one in check(counted)]
        assert found == pytest.approx(expected.tolist(), abs=1e-12, nan_ok=True)
        assert [one.of for one in check(counted)] == list(LABELS)


@given(valued)
@settings(max_examples=30, deadline=None)
def test_regression_measures_agree_with_scikit_learn(table_of_rows):
    y_true, y_pred = zip(*table_of_rows, strict=True)
    sums = valued_moments(y_true, y_pred)

    assert mean_absolute_error(sums).value == pytest.approx(metrics.mean_absolute_error(y_true, y_pred), rel=1e-12)
    if len(set(y_true)) > 1:
        assert r2_score(sums).value == pytest.approx(metrics.r2_score(y_true, y_pred), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("check", OF_MATRIX)
def test_measures_of_the_matrix_ignore_row_order(check):
    y_true, y_pred = np.array([1, 1, 1, 0, 0]), np.array([1, 0, 1, 0, 1])
    order = [3, 1, 4, 0, 2]

    assert check(matrix(y_true, y_pred)) == check(matrix(y_true[order], y_pred[order]))


@pytest.mark.parametrize("check", OF_MATRIX)
def test_more_of_the_same_rows_keep_the_value_and_narrow_the_interval(check):
    few, many = check(table([[40, 10], [5, 45]])), check(table([[400, 100], [50, 450]]))
    few, many = (one[0] if isinstance(one, tuple) else one for one in (few, many))

    assert few.value == pytest.approx(many.value, abs=1e-12)
    assert few.low < many.low < many.value < many.high < few.high


@pytest.mark.parametrize("check", OF_CLASSES)
def test_binary_measures_speak_of_the_positive_class(check):
    yes = matrix(["y", "n", "y", "y"], ["y", "y", "n", "y"], classes=("n", "y"), positive="y")
    renamed = matrix([1, 0, 1, 1], [1, 1, 0, 1])

    assert only(check(yes)).of == "y"
    assert numbers_of(only(check(yes))) == numbers_of(only(check(renamed)))


@pytest.mark.parametrize(("check", "n"), [(precision, 50), (recall, 45), (specificity, 55), (f1, 60)])
def test_n_counts_the_rows_of_the_denominator(check, n):
    assert only(check(table([[40, 15], [10, 35]]))).n == n


@pytest.mark.parametrize(
    ("check", "counts"),
    [
        (precision, [[5, 0], [5, 0]]),
        (recall, [[5, 5], [0, 0]]),
        (specificity, [[0, 0], [5, 5]]),
        (f1, [[5, 0], [0, 0]]),
    ],
)
def test_a_share_of_no_rows_has_no_value_and_is_not_judged(check, counts):
    measured = only(check(table(counts)))

    assert (measured.value, measured.n, measured.judged) == (None, 0, False)
    assert measured.reason.code == "no_denominator"


def test_multiclass_class_without_rows_leaves_the_others_judged():
    measured = recall(three(["a", "b"], ["a", "a"]))

    assert [one.judged for one in measured] == [True, True, False]


def test_balanced_accuracy_is_the_mean_of_recalls():
    measured = balanced_accuracy(table([[90, 10], [4, 6]]))

    assert measured.value == pytest.approx(0.75)
    assert measured.low < 0.65
    assert (measured.n, measured.method) == (110, "mover_class_recalls")


def test_balanced_accuracy_passes_over_a_class_that_does_not_occur():
    assert balanced_accuracy(three(["a", "a", "b"], ["a", "c", "b"])).value == 0.75


def test_balanced_accuracy_is_not_measurable_for_one_class():
    with pytest.raises(NotMeasurable, match="one_class"):
        balanced_accuracy(table([[5, 5], [0, 0]]))


@pytest.mark.parametrize("check", OF_MATRIX)
@pytest.mark.parametrize(
    ("roles", "counts", "code"),
    [
        (Roles(task="regression"), np.zeros((0, 0), np.int64), "needs_classification"),
        (BINARY, np.zeros((2, 2), np.int64), "no_rows"),
    ],
)
def test_measures_of_the_matrix_refuse_regression_and_no_rows(check, roles, counts, code):
    with pytest.raises(NotMeasurable, match=code):
        check(ConfusionMatrix(roles=roles, counts=counts))


@pytest.mark.parametrize("check", OF_CLASSES)
def test_binary_measures_are_not_measurable_without_a_positive_class(check):
    with pytest.raises(NotMeasurable, match="no_positive"):
        check(table([[1, 1], [1, 1]], Roles(task="binary", classes=(0, 1), favourable=(1,))))


def test_accuracy_of_one_row_claims_almost_nothing():
    measured = accuracy(matrix([1], [1]))

    assert (measured.value, measured.low, measured.high) == pytest.approx((1.0, 0.025, 1.0))


def test_f1_interval_holds_the_value_that_it_maps():
    measured = only(f1(table([[40, 10], [10, 40]])))

    assert measured.value == pytest.approx(0.8)
    assert measured.low < 0.8 < measured.high
    assert measured.method == "clopper_pearson_jaccard"


@pytest.mark.parametrize("check", [accuracy, precision, recall, specificity, f1])
def test_clustered_rows_widen_the_interval_but_not_the_value(check):
    # Whole buckets are right or wrong together: 8 equal rows in each.
    alone = np.zeros((128, 2, 2), np.int64)
    alone[:40, 0, 0], alone[40:60, 0, 1], alone[60:80, 1, 0], alone[80:, 1, 1] = 8, 8, 8, 8
    grouped = check(ConfusionMatrix(roles=BINARY, counts=alone.sum(axis=0), buckets=alone))
    plain = check(table(alone.sum(axis=0)))
    grouped, plain = (one[0] if isinstance(one, tuple) else one for one in (grouped, plain))

    assert (grouped.value, grouped.n) == (plain.value, plain.n)
    assert grouped.high - grouped.low > 2 * (plain.high - plain.low)
    assert grouped.method.endswith("_effective_n")


def test_balanced_accuracy_of_clustered_rows_is_not_judged():
    measured = balanced_accuracy(wide([[40, 10], [5, 45]]))

    assert measured.value == pytest.approx(0.85)
    assert (measured.judged, measured.reason.code, measured.low) == (False, "clustered_rows", None)


def test_roc_auc_counts_ties_half():
    measured = roc_auc(ScoreHistogram.of(scored([0, 0, 1, 0, 1, 1], [0.2, 0.2, 0.5, 0.5, 0.8, 0.8])))

    assert measured.value == pytest.approx(8.5 / 9)
    assert measured.low < measured.value < measured.high
    assert measured.details == {"scores": "exact"}


@pytest.mark.parametrize(("y_score", "value"), [([0.1, 0.2, 0.8, 0.9], 1.0), ([0.9, 0.8, 0.2, 0.1], 0.0)])
def test_roc_auc_at_the_end_still_has_an_interval(y_score, value):
    measured = roc_auc(ScoreHistogram.of(scored([0, 0, 1, 1], y_score)))

    assert measured.value == value
    assert measured.high - measured.low > 0.3


def test_roc_auc_of_equal_scores_is_chance():
    measured = roc_auc(ScoreHistogram.of(scored([0, 1] * 20, [0.5] * 40)))

    assert measured.value == 0.5
    assert measured.low < 0.4 < 0.6 < measured.high


def test_roc_auc_ignores_a_rising_change_of_scores():
    y_true, y_score = [0, 1, 0, 1, 1], np.array([0.1, 0.4, 0.5, 0.7, 0.9])

    assert roc_auc(ScoreHistogram.of(scored(y_true, y_score))) == roc_auc(ScoreHistogram.of(scored(y_true, y_score**3)))


def test_roc_auc_is_not_measurable_for_one_class():
    with pytest.raises(NotMeasurable, match="one_class"):
        roc_auc(ScoreHistogram.of(scored([1, 1], [0.2, 0.8])))


def test_roc_auc_of_clustered_rows_is_not_judged():
    measured = roc_auc(ScoreHistogram.of(scored([0, 1, 1], [0.2, 0.8, 0.9], entity=[1, 2, 3])))

    assert (measured.value, measured.judged, measured.reason.code) == (1.0, False, "clustered_rows")


def test_roc_auc_on_the_grid_stays_within_a_ten_thousandth():
    random = np.random.default_rng(0)
    y_true = random.integers(0, 2, 80_000)
    y_score = 1 / (1 + np.exp(-random.normal(y_true, 1)))
    measured = roc_auc(ScoreHistogram.of(block(y_true, (y_score > 0.5).astype(int), y_score)))

    assert measured.details == {"scores": "grid"}
    assert measured.value == pytest.approx(metrics.roc_auc_score(y_true, y_score), abs=1e-4)


def test_brier_score_has_students_interval():
    measured = brier_score(Moments.of(scored([0, 1, 1, 0], [0.5, 0.75, 0.25, 0.0])))
    expected = ttest_1samp([0.25, 0.0625, 0.5625, 0.0], 0).confidence_interval(0.95)

    assert measured.value == 0.21875
    assert (measured.low, measured.high) == (0.0, pytest.approx(expected.high, abs=1e-12))


@pytest.mark.parametrize(("y_true", "y_score"), [([0, 1], [0.0, 1.0]), ([0, 1], [0.5, 0.5]), ([1], [0.3])])
def test_brier_score_without_variance_is_not_judged(y_true, y_score):
    measured = brier_score(Moments.of(scored(y_true, y_score)))

    assert (measured.judged, measured.reason.code, measured.low) == (False, "variance_not_estimable", None)


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (block([0, 1], [0, 1]), "no_scores"),
        (block([0, 1], [0, 1], [0.1, 0.9]).where(np.zeros(2, bool)), "no_rows"),
        (block([1.0], [1.0], task="regression"), "needs_binary"),
    ],
)
def test_measures_of_scores_say_what_they_lack(made, code):
    for check, kind in ((brier_score, Moments), (roc_auc, ScoreHistogram)):
        with pytest.raises(NotMeasurable, match=code):
            check(kind.of(made))


def test_mean_absolute_error_has_students_interval():
    measured = mean_absolute_error(valued_moments([1, 2, 4, 8], [1, 3, 6, 7]))
    expected = ttest_1samp([0, 1, 2, 1], 0).confidence_interval(0.95)

    assert (measured.value, measured.n, measured.unit) == (1.0, 4, "target")
    assert (measured.low, measured.high) == (0.0, pytest.approx(expected.high, abs=1e-12))


@pytest.mark.parametrize("check", [mean_absolute_error, r2_score])
def test_regression_measures_of_clustered_rows_are_not_judged(check):
    measured = check(valued_moments([1, 2, 4], [1, 3, 6], entity=[1, 1, 2]))

    assert (measured.judged, measured.reason.code) == (False, "clustered_rows")


@pytest.mark.parametrize("check", [mean_absolute_error, r2_score])
def test_regression_measures_refuse_classification_and_no_rows(check):
    with pytest.raises(NotMeasurable, match="needs_regression"):
        check(Moments.of(block([0, 1], [0, 1])))
    with pytest.raises(NotMeasurable, match="no_rows"):
        check(Moments.of(block([1, 2], [1, 2], task="regression").where(np.zeros(2, bool))))


def test_r2_score_does_not_move_when_the_target_is_shifted():
    y_true, y_pred = np.array([1.0, 2.0, 4.0, 7.0]), np.array([1.5, 1.0, 4.0, 6.0])
    here, there = (r2_score(valued_moments(y_true + by, y_pred + by)) for by in (0, 1_048_576))

    assert numbers_of(here) == pytest.approx(numbers_of(there), abs=1e-9)
    assert here.low < here.value < here.high <= 1


def test_r2_score_of_perfect_predictions_is_not_judged():
    measured = r2_score(valued_moments([1, 2, 3], [1, 2, 3]))

    assert (measured.value, measured.judged, measured.reason.code) == (1.0, False, "variance_not_estimable")


def test_r2_score_is_not_measurable_when_the_target_does_not_vary():
    with pytest.raises(NotMeasurable, match="one_class"):
        r2_score(valued_moments([2, 2], [1, 3]))


def test_balanced_accuracy_that_meets_a_limit_is_not_rounded_below_it():
    # In floats the mean of 0.7, 0.8 and 0.9 is below 0.8.
    roles = Roles(task="multiclass", classes=LABELS)
    counts = [[7, 3, 0], [2, 8, 0], [1, 0, 9]]

    assert balanced_accuracy(table(counts, roles)).value == 0.8


def test_binary_table_of_the_classics_by_hand():
    # Fawcett, T. (2006), Pattern Recognition Letters 27, figure 1: every rate follows from four counts.
    counted = table([[50, 10], [5, 35]])
    expected = {
        precision: 35 / 45,
        recall: 35 / 40,
        specificity: 50 / 60,
        f1: 70 / 85,
    }

    assert {check: only(check(counted)).value for check in OF_CLASSES} == pytest.approx(expected, abs=1e-15)
    assert accuracy(counted).value == 0.85
    assert balanced_accuracy(counted).value == pytest.approx((35 / 40 + 50 / 60) / 2, abs=1e-15)


@pytest.mark.parametrize(
    ("check", "right", "among"),
    [
        (precision, 35, 45),
        (recall, 35, 40),
        (specificity, 50, 60),
    ],
)
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_shares_have_the_exact_interval_of_their_own_rows(check, right, among, confidence):
    measured = only(check(table([[50, 10], [5, 35]]), confidence=confidence))
    expected = binomtest(right, among).proportion_ci(confidence, method="exact")

    assert (measured.low, measured.high) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert (measured.n, measured.unit, measured.judged) == (among, "share", True)


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_f1_has_the_mapped_interval_of_jaccard(confidence):
    measured = only(f1(table([[50, 10], [5, 35]]), confidence=confidence))
    low, high = binomtest(35, 50).proportion_ci(confidence, method="exact")

    assert (measured.low, measured.high) == pytest.approx((2 * low / (1 + low), 2 * high / (1 + high)), abs=1e-12)
    assert (measured.n, measured.unit) == (50, "score")


@pytest.mark.parametrize("check", OF_CLASSES)
@pytest.mark.parametrize("order", [(1, 0, 2), (2, 1, 0), (1, 2, 0)])
def test_multiclass_measures_follow_their_class_when_classes_are_reordered(check, order):
    counts = np.array([[20, 3, 2], [4, 15, 1], [5, 0, 10]])
    first = Roles(task="multiclass", classes=LABELS)
    other = Roles(task="multiclass", classes=tuple(LABELS[index] for index in order))

    named = {one.of: one for one in check(table(counts, first))}
    moved = {one.of: one for one in check(table(counts[np.ix_(order, order)], other))}
    assert named == moved


@pytest.mark.parametrize("check", OF_CLASSES)
def test_multiclass_measures_of_one_class_are_the_binary_ones_of_it_against_the_rest(check):
    counts = np.array([[20, 3, 2], [4, 15, 1], [5, 0, 10]])
    against_rest = [[counts[1:, 1:].sum(), counts[1:, 0].sum()], [counts[0, 1:].sum(), counts[0, 0]]]
    many = check(table(counts, Roles(task="multiclass", classes=LABELS)))[0]

    assert numbers_of(many) == pytest.approx(numbers_of(only(check(table(against_rest)))), abs=1e-15)


@given(classed)
@settings(max_examples=25, deadline=None)
def test_multiclass_accuracy_and_specificity_agree_with_scikit_learn(table_of_rows):
    y_true, y_pred = zip(*table_of_rows, strict=True)
    counted = three(y_true, y_pred)
    matrices = metrics.multilabel_confusion_matrix(y_true, y_pred, labels=list(LABELS))

    assert accuracy(counted).value == pytest.approx(metrics.accuracy_score(y_true, y_pred), abs=1e-15)
    for one, ((tn, fp), _) in zip(specificity(counted), matrices.tolist(), strict=True):
        assert one.value == (pytest.approx(tn / (tn + fp), abs=1e-15) if tn + fp else None)
    if len(set(y_true)) > 1:
        recalls = [metrics.recall_score(y_true, y_pred, labels=[label], average="micro") for label in set(y_true)]
        assert balanced_accuracy(counted).value == pytest.approx(np.mean(recalls), abs=1e-12)


@given(rows)
@settings(max_examples=25, deadline=None)
def test_every_interval_holds_its_estimate_and_stays_in_range(table_of_rows):
    y_true, y_pred, y_score = zip(*table_of_rows, strict=True)
    counted, made = matrix(y_true, y_pred), scored(y_true, y_score)
    measured = [accuracy(counted), brier_score(Moments.of(made)), *(only(check(counted)) for check in OF_CLASSES)]
    if len(set(y_true)) == 2:
        measured += [balanced_accuracy(counted), roc_auc(ScoreHistogram.of(made))]

    for one in measured:
        if one.judged:
            assert 0 <= one.low <= one.value + 1e-12
            assert one.value - 1e-12 <= one.high <= 1


@given(rows)
@settings(max_examples=25, deadline=None)
def test_roc_auc_mirrors_when_scores_are_turned_round(table_of_rows):
    y_true, _, y_score = zip(*table_of_rows, strict=True)
    if len(set(y_true)) == 2:
        eighths = np.round(np.array(y_score) * 8) / 8
        here, there = (roc_auc(ScoreHistogram.of(scored(y_true, score))) for score in (eighths, 1 - eighths))

        assert here.value == pytest.approx(1 - there.value, abs=1e-12)
        assert (here.low, here.high) == pytest.approx((1 - there.high, 1 - there.low), abs=1e-8)


@pytest.mark.parametrize(
    ("y_true", "y_score", "value"),
    [
        ([0, 1], [0.1, 0.9], 1.0),
        ([0, 1], [0.9, 0.1], 0.0),
        ([0, 1], [0.5, 0.5], 0.5),
        ([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8], 0.75),
        ([0, 0, 1], [0.2, 0.6, 0.6], 0.75),
        ([1, 1, 0], [0.0, 1.0, 0.5], 0.5),
        ([0, 1, 0, 1], [0.0, 0.0, 1.0, 1.0], 0.5),
    ],
)
def test_roc_auc_by_hand(y_true, y_score, value):
    assert roc_auc(ScoreHistogram.of(scored(y_true, y_score))).value == value


@given(rows)
@settings(max_examples=25, deadline=None)
def test_brier_score_has_students_interval_of_the_squared_distances(table_of_rows):
    y_true, _, y_score = zip(*table_of_rows, strict=True)
    distances = (np.round(np.array(y_score), 3) - y_true) ** 2
    measured = brier_score(Moments.of(scored(y_true, np.round(np.array(y_score), 3))))

    if np.ptp(distances) > 1e-6:
        expected = ttest_1samp(distances, 0).confidence_interval(0.95)
        assert measured.low == pytest.approx(max(0, expected.low), abs=1e-9)
        assert measured.high == pytest.approx(min(1, expected.high), abs=1e-9)


@given(valued)
@settings(max_examples=25, deadline=None)
def test_mean_absolute_error_has_students_interval_of_the_distances(table_of_rows):
    y_true, y_pred = (np.array(side) for side in zip(*table_of_rows, strict=True))
    distances = np.abs(y_pred - y_true)
    measured = mean_absolute_error(valued_moments(y_true, y_pred))

    if np.ptp(distances) > 1e-3:
        expected = ttest_1samp(distances, 0).confidence_interval(0.95)
        assert measured.low == pytest.approx(max(0, expected.low), abs=1e-6, rel=1e-6)
        assert measured.high == pytest.approx(expected.high, abs=1e-6, rel=1e-6)


@pytest.mark.parametrize("factor", [2.0, 1024.0, 0.125])
def test_regression_measures_change_with_the_unit_as_they_should(factor):
    y_true, y_pred = np.array([1.0, 2.0, 4.0, 7.0]), np.array([1.5, 1.0, 4.0, 6.0])
    once, scaled = valued_moments(y_true, y_pred), valued_moments(factor * y_true, factor * y_pred)

    assert numbers_of(r2_score(scaled)) == pytest.approx(numbers_of(r2_score(once)), rel=1e-12)
    assert mean_absolute_error(scaled).value == factor * mean_absolute_error(once).value
    assert mean_absolute_error(scaled).high == pytest.approx(factor * mean_absolute_error(once).high, rel=1e-12)


@pytest.mark.parametrize(
    ("y_true", "y_pred", "value"),
    [
        ([1, 2, 3], [2, 2, 2], 0.0),
        ([1, 2, 3], [3, 2, 1], -3.0),
        ([3, -0.5, 2, 7], [2.5, 0.0, 2, 8], 1 - 1.5 / 29.1875),
        ([0, 10], [0, 0], -1.0),
    ],
)
def test_r2_score_by_hand(y_true, y_pred, value):
    assert r2_score(valued_moments(y_true, y_pred)).value == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(
    ("y_true", "y_pred", "code"),
    [
        ([5.0, 5.0], [1.0, 2.0], "one_class"),
        ([5.0], [1.0], "one_class"),
        ([0.0, 1e-160], [1.0, 1.0], "numbers_too_large"),
        ([1e200, 0.0], [0.0, 0.0], "numbers_too_large"),
    ],
)
def test_r2_score_says_why_it_has_no_number(y_true, y_pred, code):
    with pytest.raises(NotMeasurable, match=code):
        r2_score(valued_moments(y_true, y_pred))


def test_mean_absolute_error_of_huge_errors_is_told_but_not_judged():
    measured = mean_absolute_error(valued_moments([1e200, 0.0], [0.0, 0.0]))

    assert measured.value == 5e199
    assert (measured.judged, measured.reason.code) == (False, "numbers_too_large")


@pytest.mark.parametrize("check", OF_MATRIX)
def test_clustered_rows_whose_clusters_were_not_counted_are_never_judged(check):
    roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,), clustered=True)
    measured = check(table([[40, 10], [5, 45]], roles))
    measured = measured[0] if isinstance(measured, tuple) else measured

    assert (measured.judged, measured.reason.code) == (False, "clustered_rows")
    assert (measured.low, measured.high) == (None, None)
    assert measured.value >= 0.8


@pytest.mark.parametrize("check", [accuracy, precision, recall, specificity, f1])
def test_entities_of_one_row_each_change_next_to_nothing(check):
    random = np.random.default_rng(5)
    y_true, y_pred = random.integers(0, 2, (2, 4000))
    grouped = check(matrix(y_true, y_pred, entity=random.integers(0, 2**63, 4000)))
    plain = check(matrix(y_true, y_pred))
    grouped, plain = (one[0] if isinstance(one, tuple) else one for one in (grouped, plain))

    assert grouped.value == plain.value
    assert grouped.high - grouped.low == pytest.approx(plain.high - plain.low, rel=0.2)


@pytest.mark.parametrize("check", [accuracy, precision, recall, specificity, f1])
def test_rows_of_a_single_entity_claim_almost_nothing(check):
    measured = check(matrix([1, 1, 0, 0] * 50, [1, 0, 0, 1] * 50, entity=[7] * 200))
    measured = measured[0] if isinstance(measured, tuple) else measured

    assert measured.low < 0.1
    assert measured.high > 0.9


@pytest.mark.parametrize("check", OF_MATRIX)
def test_measures_of_the_matrix_do_not_depend_on_how_rows_were_cut_into_blocks(check):
    random = np.random.default_rng(6)
    made = block(*random.integers(0, 2, (2, 90)), entity=random.integers(0, 40, 90))
    parts = [ConfusionMatrix.of(made.where(part)) for part in np.split(random.permutation(90), [1, 50])]

    assert check(parts[2] + parts[0] + parts[1]) == check(ConfusionMatrix.of(made))


@pytest.mark.parametrize(
    ("counts", "value"),
    [
        ([[1, 0], [0, 1]], 1.0),
        ([[0, 1], [1, 0]], 0.0),
        ([[1, 1], [1, 1]], 0.5),
        ([[99, 0], [1, 0]], 0.5),
        ([[2, 1], [0, 3]], 5 / 6),
        ([[1, 2], [0, 3]], 2 / 3),
    ],
)
def test_balanced_accuracy_by_hand(counts, value):
    measured = balanced_accuracy(table(counts))

    assert measured.value == value
    assert measured.low <= value <= measured.high
