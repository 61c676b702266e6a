import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn import metrics

from reliability.blocks import Roles
from reliability.checks.performance.labels import accuracy, balanced_accuracy, f1, precision, recall, specificity
from reliability.errors import NotMeasurable
from reliability.evidence.confusion_matrix import ConfusionMatrix
from tests.builders import block

BINARY = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,))
LABELS = ("a", "b", "c")
OF_CLASSES = [precision, recall, specificity, f1]
OF_MATRIX = [accuracy, balanced_accuracy, *OF_CLASSES]

rows = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=2, max_size=80)
classed = st.lists(st.tuples(st.sampled_from(LABELS), st.sampled_from(LABELS)), min_size=1, max_size=60)


def matrix(y_true, y_pred, **more):
    return ConfusionMatrix.of(block(y_true, y_pred, **more))


def three(y_true, y_pred):
    return matrix(y_true, y_pred, classes=LABELS, positive=None, task="multiclass")


def table(counts, roles=BINARY):
    return ConfusionMatrix(roles=roles, counts=np.array(counts))


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
    y_true, y_pred = zip(*table_of_rows, strict=True)
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
    assert (measured.n, measured.method) == (110, "class_recalls_hull")


def test_balanced_accuracy_passes_over_a_class_that_does_not_occur():
    assert balanced_accuracy(three(["a", "a", "b"], ["a", "c", "b"])).value == 0.75


def test_balanced_accuracy_is_not_measurable_for_one_class():
    with pytest.raises(NotMeasurable, match=r"^one_class"):
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
    with pytest.raises(NotMeasurable, match=rf"^{code}"):
        check(ConfusionMatrix(roles=roles, counts=counts))


@pytest.mark.parametrize("check", OF_CLASSES)
def test_binary_measures_are_not_measurable_without_a_positive_class(check):
    with pytest.raises(NotMeasurable, match=r"^no_positive"):
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
    y_true, y_pred = zip(*table_of_rows, strict=True)
    counted = matrix(y_true, y_pred)
    measured = [accuracy(counted), *(only(check(counted)) for check in OF_CLASSES)]
    if len(set(y_true)) == 2:
        measured.append(balanced_accuracy(counted))

    for one in measured:
        if one.judged:
            assert 0 <= one.low <= one.value + 1e-12
            assert one.value - 1e-12 <= one.high <= 1


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


@pytest.mark.parametrize("check", OF_MATRIX)
def test_measures_of_the_matrix_mean_ninety_five_percent_where_nothing_is_said(check):
    counts = table([[40, 10], [5, 45]])

    assert check(counts) == check(counts, confidence=0.95)


def first(measured):
    return measured[0] if isinstance(measured, tuple) else measured


NAMES = {
    accuracy: ("share", "clopper_pearson"),
    balanced_accuracy: ("share", "class_recalls_hull"),
    precision: ("share", "clopper_pearson"),
    recall: ("share", "clopper_pearson"),
    specificity: ("share", "clopper_pearson"),
    f1: ("score", "clopper_pearson_jaccard"),
}


@pytest.mark.parametrize("check", OF_MATRIX)
def test_measures_of_the_matrix_name_their_unit_and_method(check):
    measured = first(check(table([[40, 10], [5, 45]])))

    assert (measured.unit, measured.method) == NAMES[check]
    assert (measured.judged, measured.reason) == (True, None)
    assert measured.of == (1 if check in OF_CLASSES else None)


@pytest.mark.parametrize("check", OF_MATRIX)
def test_measures_of_clustered_rows_that_are_not_judged_still_tell_what_they_found(check):
    roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,), clustered=True)
    counts = [[40, 10], [5, 45]]
    plain, measured = first(check(table(counts))), first(check(table(counts, roles)))

    assert (measured.value, measured.n, measured.unit) == (plain.value, plain.n, NAMES[check][0])
    assert (measured.low, measured.high, measured.method, measured.of) == (None, None, None, plain.of)


@pytest.mark.parametrize("check", OF_CLASSES)
def test_a_class_that_is_not_met_has_no_value_and_names_unit_and_class(check):
    counts = np.zeros((3, 3), np.int64)
    counts[1, 1] = 10
    measured = check(table(counts, Roles(task="multiclass", classes=LABELS)))

    missing = measured[1] if check is specificity else measured[0]
    assert (missing.of, missing.value, missing.n) == ("b" if check is specificity else "a", None, 0)
    assert (missing.unit, missing.reason.code, missing.judged) == (NAMES[check][0], "no_denominator", False)
    assert [one.of for one in measured] == list(LABELS)


@pytest.mark.parametrize("check", OF_MATRIX)
def test_measures_of_the_matrix_rise_when_a_wrong_row_is_put_right(check):
    better, worse = first(check(table([[41, 9], [4, 46]]))), first(check(table([[40, 10], [5, 45]])))

    assert better.value > worse.value
    assert better.low > worse.low


@pytest.mark.parametrize("check", [accuracy, balanced_accuracy])
@pytest.mark.parametrize("order", [(1, 0, 2), (2, 1, 0), (1, 2, 0)])
def test_measures_of_all_classes_ignore_the_order_of_classes(check, order):
    counts = np.array([[20, 3, 2], [4, 15, 1], [5, 0, 10]])
    roles = Roles(task="multiclass", classes=LABELS)
    here, there = (check(table(one, roles)) for one in (counts, counts[np.ix_(order, order)]))

    assert numbers_of(here) == pytest.approx(numbers_of(there), abs=1e-12)


@pytest.mark.parametrize("check", [precision, recall, f1])
def test_a_perfect_class_of_n_rows_has_the_rule_of_its_rows_below(check):
    for n in (1, 3, 30, 300):
        measured = first(check(table([[n, 0], [0, n]])))
        low = 0.025 ** (1 / n)

        assert (measured.value, measured.high) == (1, 1)
        assert measured.low == pytest.approx(2 * low / (1 + low) if check is f1 else low)


# Hanley and Lippman-Hand (1983), JAMA 249, 1743-1745: nothing among n leaves up to about 3 / n (one-sided 95 %).
@pytest.mark.parametrize("n", [30, 100, 1000])
def test_no_error_among_n_rows_leaves_about_three_in_n(n):
    measured = accuracy(table([[n, 0], [0, 0]]), confidence=0.9)

    assert 1 - measured.low == pytest.approx(3 / n, rel=0.06)


@given(st.lists(st.integers(0, 50), min_size=4, max_size=4))
@settings(max_examples=40, deadline=None)
def test_f1_is_the_harmonic_mean_of_precision_and_recall(cells):
    counted = table(np.reshape(cells, (2, 2)))
    if cells[3]:
        of_precision, of_recall = only(precision(counted)).value, only(recall(counted)).value

        assert only(f1(counted)).value == pytest.approx(2 / (1 / of_precision + 1 / of_recall))
