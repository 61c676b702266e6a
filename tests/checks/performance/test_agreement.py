import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score, matthews_corrcoef

from reliability.blocks import Roles
from reliability.checks.performance.agreement import f1_macro, f1_weighted, matthews_correlation
from reliability.errors import NotMeasurable
from reliability.evidence.confusion_matrix import ConfusionMatrix
from tests.builders import block

CHECKS = [f1_macro, f1_weighted, matthews_correlation]
BEST = {f1_macro: 1.0, f1_weighted: 1.0, matthews_correlation: 1.0}


def matrix(counts, **roles):
    counts = np.asarray(counts)
    size = len(counts)
    task = "binary" if size == 2 else "multiclass"
    settled = {"task": task, "classes": tuple("abcdef"[:size]), "positive": 1 if size == 2 else None} | roles
    return ConfusionMatrix(roles=Roles(**settled), counts=counts)


def counted(y_true, y_pred, classes=(0, 1, 2), **more):
    return ConfusionMatrix.of(block(y_true, y_pred, classes=classes, positive=None, task="multiclass", **more))


# Opitz and Burst (2019): F1 of each class first, then the mean: (2/3 + 4/5) / 2 for these rows.
def test_f1_macro_is_the_mean_of_the_classes_scores():
    assert f1_macro(matrix([[1, 1], [0, 2]])).value == pytest.approx((2 / 3 + 4 / 5) / 2)


def test_f1_weighted_weighs_by_true_rows():
    assert f1_weighted(matrix([[1, 0], [1, 4]])).value == pytest.approx((1 * 2 / 3 + 5 * 8 / 9) / 6)


def test_matthews_correlation_is_the_phi_coefficient():
    # TP 90, TN 1, FP 4, FN 5: Chicco and Jurman (2020), BMC Genomics 21:6, use case A1.
    assert matthews_correlation(matrix([[1, 4], [5, 90]])).value == pytest.approx(0.135, abs=0.0005)


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=60))
def test_f1_scores_are_scikit_learns(rows):
    y_true, y_pred = map(list, zip(*rows, strict=True))

    assert f1_macro(counted(y_true, y_pred)).value == pytest.approx(f1_score(y_true, y_pred, average="macro"))
    assert f1_weighted(counted(y_true, y_pred)).value == pytest.approx(f1_score(y_true, y_pred, average="weighted"))


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=2, max_size=60))
def test_matthews_correlation_is_scikit_learns_where_it_is_defined(rows):
    y_true, y_pred = map(list, zip(*rows, strict=True))
    if len(set(y_true)) < 2 or len(set(y_pred)) < 2:
        with pytest.raises(NotMeasurable):
            matthews_correlation(counted(y_true, y_pred))
        return

    assert matthews_correlation(counted(y_true, y_pred)).value == pytest.approx(matthews_corrcoef(y_true, y_pred))


@pytest.mark.parametrize("check", CHECKS)
def test_agreement_of_a_perfect_prediction_is_exactly_one(check):
    measured = check(matrix(np.diag([37, 41, 53])))

    assert measured.value == measured.high == 1.0
    assert 0.5 < measured.low < 1
    assert measured.judged


@pytest.mark.parametrize("check", CHECKS)
def test_agreement_ignores_the_order_of_rows_and_blocks(check):
    draws = np.random.default_rng(0)
    y_true, y_pred = draws.integers(0, 3, (2, 90))
    turned = draws.permutation(90)
    split = counted(y_true[:31], y_pred[:31]) + counted(y_true[31:], y_pred[31:])

    assert check(counted(y_true, y_pred)) == check(counted(y_true[turned], y_pred[turned])) == check(split)


@pytest.mark.parametrize("check", CHECKS)
def test_agreement_does_not_depend_on_the_names_of_classes(check):
    counts = np.array([[30, 5, 2], [4, 40, 1], [0, 6, 12]])
    order = [2, 0, 1]
    plain, turned = check(matrix(counts)), check(matrix(counts[np.ix_(order, order)]))

    assert turned.value == pytest.approx(plain.value)
    assert (turned.low, turned.high) == pytest.approx((plain.low, plain.high))


@pytest.mark.parametrize("check", CHECKS)
def test_agreement_keeps_its_value_when_every_row_is_repeated(check):
    counts = np.array([[30, 5], [4, 20]])
    once, thrice = check(matrix(counts)), check(matrix(counts * 3))

    assert thrice.value == pytest.approx(once.value)
    assert once.low < thrice.low < thrice.high < once.high


def test_matthews_correlation_does_not_depend_on_which_side_is_true():
    counts = np.array([[30, 5, 2], [4, 40, 1], [0, 6, 12]])

    assert matthews_correlation(matrix(counts)).value == pytest.approx(matthews_correlation(matrix(counts.T)).value)


def test_matthews_correlation_of_a_prediction_turned_round_is_the_negative():
    plain, turned = (matthews_correlation(matrix(counts)) for counts in ([[40, 10], [5, 45]], [[10, 40], [45, 5]]))

    assert turned.value == -plain.value
    assert (turned.low, turned.high) == pytest.approx((-plain.high, -plain.low))


@pytest.mark.parametrize("check", [f1_macro, f1_weighted])
def test_f1_leaves_out_a_class_that_is_not_met_and_says_so(check):
    with_absent, without = check(matrix([[30, 5, 0], [4, 20, 0], [0, 0, 0]])), check(matrix([[30, 5], [4, 20]]))

    assert (with_absent.value, with_absent.low) == (without.value, without.low)
    assert with_absent.details["absent"] == ["c"]
    assert without.details["absent"] == []


def test_f1_macro_counts_a_class_that_is_only_predicted_as_nothing():
    measured = f1_macro(matrix([[30, 5, 3], [4, 20, 0], [0, 0, 0]]))

    assert measured.value == pytest.approx((60 / 72 + 40 / 49) / 3)
    assert not measured.judged
    assert measured.reason.with_ == {"n": 0, "needed": 10}


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("rare", [1, 9])
def test_agreement_is_not_judged_on_a_class_with_few_rows(check, rare):
    measured = check(matrix([[80, 5], [0, rare]]))

    assert measured.value is not None
    assert (measured.low, measured.judged, measured.reason.code) == (None, False, "too_few_for_interval")


@pytest.mark.parametrize("check", [f1_macro, f1_weighted])
def test_f1_of_one_class_is_a_value_that_is_not_judged(check):
    measured = check(matrix([[50, 0], [0, 0]]))

    assert (measured.value, measured.judged, measured.reason.code) == (1.0, False, "one_class")


@pytest.mark.parametrize(
    ("counts", "code"),
    [([[5, 2], [0, 0]], "one_class"), ([[5, 0], [2, 0]], "no_denominator"), ([[1, 0], [0, 0]], "one_class")],
)
def test_matthews_correlation_refuses_what_has_no_correlation(counts, code):
    with pytest.raises(NotMeasurable, match=rf"^{code}"):
        matthews_correlation(matrix(counts))


@pytest.mark.parametrize("check", CHECKS)
def test_agreement_refuses_regression_and_no_rows(check):
    with pytest.raises(NotMeasurable, match=r"^needs_classification"):
        check(ConfusionMatrix(roles=Roles(task="regression"), counts=np.zeros((0, 0), np.int64)))
    with pytest.raises(NotMeasurable, match=r"^no_rows"):
        check(matrix(np.zeros((2, 2), np.int64)))


@pytest.mark.parametrize("check", [f1_macro, f1_weighted])
def test_agreement_of_a_single_row_is_not_judged(check):
    assert not check(matrix([[0, 1], [0, 0]])).judged


def clustered(rows_each, *, entities=300):
    draws = np.random.default_rng(0)
    y_true = draws.integers(0, 2, entities).repeat(rows_each)
    y_pred = np.where(draws.random(entities).repeat(rows_each) < 0.2, 1 - y_true, y_true)
    entity = draws.integers(0, 2**63, entities, np.uint64).repeat(rows_each)
    return ConfusionMatrix.of(block(y_true, y_pred, entity=entity))


@pytest.mark.parametrize("check", CHECKS)
def test_agreement_of_clustered_rows_is_as_wide_as_of_their_entities(check):
    once, often = check(clustered(1)), check(clustered(20))

    assert often.method == "jackknife_effective_n"
    assert often.value == pytest.approx(once.value)
    assert often.high - often.low == pytest.approx(once.high - once.low, rel=0.15)


@pytest.mark.parametrize("check", CHECKS)
def test_agreement_of_clustered_rows_is_not_judged_without_their_buckets(check):
    measured = check(matrix([[40, 10], [10, 40]], clustered=True))

    assert (measured.judged, measured.reason.code) == (False, "clustered_rows")


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("confidence", [0.8, 0.99])
def test_agreement_widens_with_confidence(check, confidence):
    usual, other = check(matrix([[40, 10], [10, 40]])), check(matrix([[40, 10], [10, 40]]), confidence=confidence)

    assert (other.low < usual.low) == (other.high > usual.high) == (confidence > 0.95)


@pytest.mark.parametrize("check", CHECKS)
def test_agreement_interval_covers(check):
    shares = np.array([[0.8, 0.1], [0.03, 0.07]])
    truth = check(matrix((shares * 10**9).astype(np.int64))).value
    drawn = np.random.default_rng(0).multinomial(300, shares.ravel(), 400).reshape(-1, 2, 2)
    found = [check(matrix(one)) for one in drawn]

    assert np.mean([one.low <= truth <= one.high for one in found if one.judged]) >= 0.94
    assert np.mean([one.judged for one in found]) > 0.9


# Worked out by hand: rows of [TN, FP], [FN, TP], and what they give.
BY_HAND = [
    ([[50, 0], [0, 50]], {"macro": 1.0, "weighted": 1.0, "matthews": 1.0}),
    ([[0, 50], [50, 0]], {"macro": 0.0, "weighted": 0.0, "matthews": -1.0}),
    ([[25, 25], [25, 25]], {"macro": 0.5, "weighted": 0.5, "matthews": 0.0}),
    ([[40, 10], [10, 40]], {"macro": 0.8, "weighted": 0.8, "matthews": 0.6}),
    ([[90, 0], [5, 5]], {"macro": (180 / 185 + 2 / 3) / 2, "weighted": 0.9 * 180 / 185 + 0.1 * 2 / 3}),
    ([[60, 20], [10, 10]], {"macro": (120 / 150 + 0.4) / 2, "weighted": 0.8 * 0.8 + 0.2 * 0.4}),
    ([[80, 10], [0, 10]], {"macro": (160 / 170 + 20 / 30) / 2, "weighted": 0.9 * 160 / 170 + 0.1 * 20 / 30}),
]
NAMED = {"macro": f1_macro, "weighted": f1_weighted, "matthews": matthews_correlation}


@pytest.mark.parametrize(("counts", "name", "value"), [
    (counts, name, value) for counts, values in BY_HAND for name, value in values.items()
])  # fmt: skip
def test_agreement_is_what_one_works_out_by_hand(counts, name, value):
    measured = NAMED[name](matrix(counts))

    assert measured.value == pytest.approx(value, abs=1e-15)
    assert measured.low <= measured.value <= measured.high
    assert measured.n == np.sum(counts)


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("wrong", [1, 3, 9])
def test_agreement_falls_with_every_wrong_row(check, wrong):
    better = check(matrix([[50 - wrong, wrong], [wrong, 50 - wrong]]))
    worse = check(matrix([[49 - wrong, wrong + 1], [wrong, 50 - wrong]]))

    assert worse.value < better.value
    assert worse.low < better.low


@pytest.mark.parametrize("check", CHECKS)
def test_agreement_of_many_classes_is_measured_within_its_range(check):
    draws = np.random.default_rng(0)
    y_true = np.arange(2000) % 40
    y_pred = np.where(draws.random(2000) < 0.3, draws.integers(0, 40, 2000), y_true)
    rows = block(y_true, y_pred, classes=tuple(range(40)), positive=None, task="multiclass")
    measured = check(ConfusionMatrix.of(rows))

    assert 0.6 < measured.low < measured.value < measured.high < 0.8


@pytest.mark.parametrize("check", CHECKS)
def test_agreement_of_more_than_32_clustered_classes_is_not_judged(check):
    y = np.arange(2000) % 40
    rows = block(y, y, classes=tuple(range(40)), positive=None, task="multiclass", entity=np.arange(2000))

    assert check(ConfusionMatrix.of(rows)).reason.code == "clustered_rows"


@pytest.mark.parametrize("check", CHECKS)
def test_agreement_of_few_entities_is_not_judged(check):
    y_true, y_pred = [0, 1] * 200, [0, 1, 1, 0] * 100
    entity = np.repeat(np.arange(8), 50)
    measured = check(ConfusionMatrix.of(block(y_true, y_pred, entity=entity)))

    assert (measured.judged, measured.reason.code) == (False, "too_few_for_interval")
    assert measured.reason.with_["n"] <= 8


@pytest.mark.parametrize("check", CHECKS)
def test_agreement_of_a_declared_class_without_rows_stays_as_it_is(check):
    plain = check(matrix([[40, 10], [10, 40]]))
    wider = check(matrix([[40, 0, 10], [0, 0, 0], [10, 0, 40]]))

    assert wider.value == plain.value
    assert (wider.low, wider.high) == pytest.approx((plain.low, plain.high))
    assert wider.details["absent"] == ["b"]


@pytest.mark.parametrize("check", CHECKS)
def test_agreement_interval_does_not_pass_a_limit_it_stands_on(check):
    shares = np.array([[0.45, 0.05], [0.1, 0.4]])
    limit = check(matrix((shares * 10**9).round().astype(np.int64))).value
    drawn = np.random.default_rng(1).multinomial(200, shares.ravel(), 500).reshape(-1, 2, 2)

    assert np.mean([check(matrix(one)).low >= limit for one in drawn]) <= 0.04


@pytest.mark.parametrize("check", CHECKS)
def test_agreement_names_its_unit_and_method(check):
    measured = check(matrix([[40, 10], [10, 40]]))

    assert measured.unit == ("dimensionless" if check is matthews_correlation else "score")
    assert (measured.method, measured.n, measured.judged, measured.reason) == ("influence_effective_n", 100, True, None)
    assert measured.details == {"absent": []}


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize(("more", "reason"), [({"clustered": True}, "clustered_rows"), ({}, "too_few_for_interval")])
def test_agreement_that_is_not_judged_still_tells_what_it_found(check, more, reason):
    counts = [[40, 0, 10], [0, 0, 0], [10, 0, 40]] if more else [[4, 0, 1], [0, 0, 0], [1, 0, 4]]
    measured = check(matrix(counts, **more))

    assert measured.value == pytest.approx(0.6 if check is matthews_correlation else 0.8)
    assert measured.unit == ("dimensionless" if check is matthews_correlation else "score")
    assert (measured.n, measured.low, measured.high, measured.method) == (np.sum(counts), None, None, None)
    assert measured.reason.code == reason
    assert measured.details == {"absent": ["b"]}


def hundred_buckets(counts):
    """Rows spread over the buckets of clusters as evenly as they go, so that clusters say nothing."""
    counts = np.asarray(counts)
    buckets = np.zeros((128, *counts.shape), np.int64)
    cells = np.repeat(np.arange(counts.size), counts.ravel())
    np.add.at(buckets.reshape(128, -1), (np.random.default_rng(0).permutation(len(cells)) % 128, cells), 1)
    return buckets


@pytest.mark.parametrize("check", CHECKS)
def test_agreement_of_clustered_rows_leaves_out_absent_classes_by_bucket_too(check):
    counts = np.array([[300, 0, 60], [0, 0, 0], [50, 0, 400]])
    with_absent, without = (
        check(ConfusionMatrix(roles=matrix(one, clustered=True).roles, counts=one, buckets=hundred_buckets(one)))
        for one in (counts, counts[np.ix_([0, 2], [0, 2])])
    )

    assert with_absent.judged
    assert (with_absent.value, with_absent.low, with_absent.high) == (without.value, without.low, without.high)
    assert with_absent.method == "jackknife_effective_n"
    assert with_absent.details["absent"] == ["b"]


@pytest.mark.parametrize("check", CHECKS)
def test_agreement_of_well_mixed_clusters_is_nearly_that_of_plain_rows(check):
    counts = np.array([[300, 60], [50, 400]])
    made = ConfusionMatrix(roles=matrix(counts, clustered=True).roles, counts=counts, buckets=hundred_buckets(counts))
    plain, mixed = check(matrix(counts)), check(made)

    assert mixed.value == plain.value
    assert mixed.high - mixed.low == pytest.approx(plain.high - plain.low, rel=0.2)


@settings(max_examples=60, deadline=None)
@given(cells=st.lists(st.integers(0, 40), min_size=4, max_size=4))
def test_matthews_correlation_of_two_classes_is_that_of_the_four_counts(cells):
    tn, fp, fn, tp = cells
    product = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)
    if product:
        measured = matthews_correlation(matrix([[tn, fp], [fn, tp]]))

        assert measured.value == pytest.approx((tp * tn - fp * fn) / np.sqrt(product), abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(cells=st.lists(st.integers(0, 40), min_size=9, max_size=9))
def test_agreement_lies_within_its_limits_and_its_range(cells):
    counts = np.array(cells).reshape(3, 3)
    for check in (f1_macro, f1_weighted) if counts.any() else ():
        measured = check(matrix(counts))

        assert 0 <= measured.value <= 1
        if measured.judged:
            assert 0 <= measured.low <= measured.value <= measured.high <= 1


@pytest.mark.parametrize("check", [f1_macro, f1_weighted])
def test_f1_of_two_classes_with_ten_rows_each_is_judged_just_so(check):
    assert check(matrix([[8, 2], [3, 7]])).judged
    assert not check(matrix([[8, 2], [3, 6]])).judged


# Opitz and Burst (2019): the F1 of mean precision and mean recall is another number.
def test_f1_macro_is_not_the_f1_of_the_means():
    counts = [[10, 40], [0, 50]]
    precision, recall = (10 / 10 + 50 / 90) / 2, (10 / 50 + 50 / 50) / 2
    measured = f1_macro(matrix(counts))

    assert measured.value == pytest.approx((20 / 60 + 100 / 140) / 2)
    assert abs(measured.value - 2 * precision * recall / (precision + recall)) > 0.1


@pytest.mark.parametrize("check", CHECKS)
def test_agreement_means_ninety_five_percent_where_nothing_is_said(check):
    counts = matrix([[40, 10], [12, 38]])

    assert check(counts) == check(counts, confidence=0.95)


@pytest.mark.parametrize("counts", [[[30, 5, 1], [4, 20, 0], [0, 0, 0]], [[30, 5, 0], [4, 20, 0], [1, 0, 0]]])
def test_f1_macro_counts_a_class_that_is_met_once(counts):
    measured = f1_macro(matrix(counts))

    assert measured.value == pytest.approx((60 / 70 + 40 / 49) / 3)
    assert measured.details["absent"] == []
