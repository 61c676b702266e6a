import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from reliability.checks.performance.scores import average_precision, roc_auc, roc_auc_one_vs_rest
from reliability.errors import NotMeasurable
from reliability.evidence.class_score_histograms import ClassScoreHistograms
from reliability.evidence.score_histogram import EXACT_SCORES, ScoreHistogram
from tests.builders import block

CLASSES = ("a", "b", "c")
TENTHS = st.sampled_from([0.0, 0.1, 0.2, 0.5, 0.7, 1.0])
rows = st.lists(st.tuples(st.integers(0, 1), TENTHS), min_size=2, max_size=60)
classed = st.lists(st.tuples(st.sampled_from(CLASSES), TENTHS, TENTHS, TENTHS), min_size=1, max_size=40)


def binary(y, scores, **more):
    return ScoreHistogram.of(block(y, None, scores, **more))


def multiclass(y, scores, classes=CLASSES, **more):
    return ClassScoreHistograms.of(block(y, None, scores, classes=classes, positive=None, task="multiclass", **more))


def drawn(n, seed=0, share=0.4):
    random = np.random.default_rng(seed)
    y = (random.random(n) < share).astype(int)
    return y, 1 / (1 + np.exp(-random.normal(y, 1)))


def simplex(n, seed=0):
    random = np.random.default_rng(seed)
    return np.array(CLASSES)[np.arange(n) % 3], random.dirichlet([1, 2, 1], n)


@given(rows)
@settings(max_examples=60, deadline=None)
def test_average_precision_agrees_with_scikit_learn(table):
    y, scores = zip(*table, strict=True)
    if len(set(y)) == 2:
        expected = metrics.average_precision_score(y, scores)
        assert average_precision(binary(y, scores)).value == pytest.approx(expected, abs=1e-12)


@given(rows)
@settings(max_examples=40, deadline=None)
def test_roc_auc_agrees_with_scikit_learn(table):
    y, scores = zip(*table, strict=True)
    if len(set(y)) == 2:
        assert roc_auc(binary(y, scores)).value == pytest.approx(metrics.roc_auc_score(y, scores), abs=1e-12)


@pytest.mark.parametrize(
    ("y", "scores", "value"),
    [
        ([1, 0, 1, 0], [0.9, 0.8, 0.7, 0.6], (1 + 2 / 3) / 2),
        ([0, 0, 1, 1], [0.9, 0.8, 0.7, 0.6], (1 / 3 + 2 / 4) / 2),
        ([1, 1, 0, 0], [0.9, 0.8, 0.7, 0.6], 1.0),
        ([1, 0, 0, 0], [0.5, 0.5, 0.5, 0.5], 1 / 4),
        ([1, 0, 1, 0], [0.9, 0.7, 0.7, 0.6], (1 + 2 / 3) / 2),
    ],
)
def test_average_precision_by_hand(y, scores, value):
    measured = average_precision(binary(y, scores))

    assert measured.value == pytest.approx(value, abs=1e-15)
    assert measured.details["prevalence"] == sum(y) / 4


def test_average_precision_of_the_users_guide_is_reproduced():
    # scikit-learn's documentation of average_precision_score.
    assert average_precision(binary([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])).value == pytest.approx(0.83, abs=0.005)


def test_average_precision_has_an_interval_and_names_it():
    measured = average_precision(binary(*drawn(300)))

    assert measured.low < measured.value < measured.high
    assert (measured.n, measured.unit, measured.method) == (300, "score", "average_precision_effective_n")
    assert measured.judged
    assert measured.details["quantisation"] == 0.0


@pytest.mark.parametrize("positives", [1, 2, 9])
def test_average_precision_of_few_rows_of_a_class_is_not_judged(positives):
    measured = average_precision(binary([1] * positives + [0] * 50, np.linspace(1, 0, positives + 50)))

    assert (measured.value, measured.judged, measured.low) == (1.0, False, None)
    assert measured.reason.model_dump(by_alias=True) == {
        "code": "too_few_for_interval",
        "with": {"n": positives, "needed": 10},
    }


def test_average_precision_of_few_other_rows_is_not_judged():
    measured = average_precision(binary([1] * 50 + [0] * 9, np.linspace(1, 0, 59)))

    assert (measured.judged, measured.reason.with_) == (False, {"n": 9, "needed": 10})


def test_average_precision_of_clustered_rows_is_not_judged():
    y, scores = drawn(60)
    measured = average_precision(binary(y, scores, entity=np.arange(60)))

    assert measured.value == pytest.approx(metrics.average_precision_score(y, scores))
    assert (measured.judged, measured.reason.code, measured.low) == (False, "clustered_rows", None)


@pytest.mark.parametrize("check", [average_precision, roc_auc])
def test_scores_are_read_by_their_order_alone(check):
    y, scores = drawn(200)
    order = np.random.default_rng(1).permutation(200)
    expected = check(binary(y, scores))

    assert check(binary(y[order], scores[order])) == expected
    assert check(binary(y, scores**3)) == expected


@pytest.mark.parametrize("check", [average_precision, roc_auc])
def test_scores_do_not_depend_on_blocks(check):
    y, scores = drawn(200)
    parts = binary(y[:70], scores[:70]) + binary(y[70:], scores[70:])

    assert check(parts) == check(binary(y, scores))


@pytest.mark.parametrize("check", [average_precision, roc_auc])
@pytest.mark.parametrize(
    ("made", "code"),
    [
        (block([1.0], [1.0], task="regression"), "needs_binary"),
        (block([0, 1], [0, 1]), "no_scores"),
        (block([], [], []), "no_rows"),
        (block([1, 1], None, [0.2, 0.8]), "one_class"),
        (block([0, 0], None, [0.2, 0.8]), "one_class"),
        (block([1], None, [0.2]), "one_class"),
        (block([0, 1], None, [0.2, 0.8], positive=None), "no_positive"),
    ],
)
def test_measures_of_scores_say_what_they_lack(check, made, code):
    with pytest.raises(NotMeasurable, match=rf"^{code}"):
        check(ScoreHistogram.of(made))


@pytest.mark.parametrize(("y", "n"), [([1, 0, 0], 1), ([0, 1, 1], 1), ([0, 1], 1)])
def test_roc_auc_with_one_row_of_a_class_is_not_judged(y, n):
    measured = roc_auc(binary(y, np.linspace(0, 1, len(y))))

    assert 0 <= measured.value <= 1
    assert (measured.judged, measured.reason.code) == (False, "too_few_for_interval")
    assert measured.reason.with_ == {"n": n, "needed": 2}


@pytest.mark.parametrize("check", [average_precision, roc_auc])
def test_intervals_of_grouped_scores_are_wider_by_what_grouping_can_move(check):
    y, scores = drawn(EXACT_SCORES + 10_000, seed=2)
    grid = binary(y, scores)
    measured = check(grid)
    expected = {average_precision: metrics.average_precision_score, roc_auc: metrics.roc_auc_score}[check]
    moved = measured.details["quantisation"]

    assert measured.details["scores"] == "grid"
    assert 0 < moved < (1e-4 if check is roc_auc else 2e-3)
    assert abs(measured.value - expected(y, scores)) <= min(moved, 1e-4)
    assert measured.low < measured.value - moved < measured.value + moved < measured.high


@given(classed)
@settings(max_examples=40, deadline=None)
def test_roc_auc_one_vs_rest_agrees_with_scikit_learn_class_by_class(table):
    y, scores = [row[0] for row in table], np.array([row[1:] for row in table])
    for index, measured in enumerate(roc_auc_one_vs_rest(multiclass(y, scores))):
        mine = np.array([label == CLASSES[index] for label in y])
        if mine.all() or not mine.any():
            assert (measured.value, measured.judged, measured.reason.code) == (None, False, "one_class")
        else:
            assert measured.value == pytest.approx(metrics.roc_auc_score(mine, scores[:, index]), abs=1e-12)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_roc_auc_one_vs_rest_means_agree_with_scikit_learn(seed):
    y, scores = simplex(91, seed)
    details = roc_auc_one_vs_rest(multiclass(y, scores))[0].details

    for name in ("macro", "weighted"):
        expected = metrics.roc_auc_score(y, scores, multi_class="ovr", average=name)
        assert details[name] == pytest.approx(expected, abs=1e-12)


def test_roc_auc_one_vs_rest_names_its_classes_and_has_their_intervals():
    y, scores = simplex(90)
    measured = roc_auc_one_vs_rest(multiclass(y, scores))

    assert [one.of for one in measured] == list(CLASSES)
    assert all(one.low < one.value < one.high and one.judged and one.n == 90 for one in measured)
    for index, one in enumerate(measured):
        alone = roc_auc(binary((y == CLASSES[index]).astype(int), scores[:, index]))
        assert (one.value, one.low, one.high) == (alone.value, alone.low, alone.high)


def test_roc_auc_one_vs_rest_has_no_mean_when_a_class_has_no_rows():
    measured = roc_auc_one_vs_rest(multiclass(["a", "b"] * 20, simplex(40)[1]))

    assert [one.value is None for one in measured] == [False, False, True]
    assert all((one.details["macro"], one.details["weighted"]) == (None, None) for one in measured)


def test_roc_auc_one_vs_rest_of_one_row_of_a_class_is_not_judged():
    measured = roc_auc_one_vs_rest(multiclass(["a", *["b", "c"] * 10], simplex(21)[1]))

    assert [one.judged for one in measured] == [False, True, True]
    assert measured[0].reason.code == "too_few_for_interval"


def test_roc_auc_one_vs_rest_of_clustered_rows_is_not_judged():
    y, scores = simplex(30)
    measured = roc_auc_one_vs_rest(multiclass(y, scores, entity=np.arange(30)))

    assert {(one.judged, one.reason.code, one.low) for one in measured} == {(False, "clustered_rows", None)}


def test_roc_auc_one_vs_rest_ignores_row_order_and_blocks():
    y, scores = simplex(60)
    order = np.random.default_rng(3).permutation(60)
    parts = multiclass(y[order[:9]], scores[order[:9]]) + multiclass(y[order[9:]], scores[order[9:]])

    assert roc_auc_one_vs_rest(parts) == roc_auc_one_vs_rest(multiclass(y, scores))


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (block([0, 1], None, [0.2, 0.8]), "needs_multiclass"),
        (block([1.0], [1.0], task="regression"), "needs_multiclass"),
        (block(["a"], ["a"], classes=CLASSES, positive=None, task="multiclass"), "no_scores"),
        (block([], None, np.zeros((0, 3)), classes=CLASSES, positive=None, task="multiclass"), "no_rows"),
    ],
)
def test_roc_auc_one_vs_rest_says_what_it_lacks(made, code):
    with pytest.raises(NotMeasurable, match=rf"^{code}"):
        roc_auc_one_vs_rest(ClassScoreHistograms.of(made))


def test_roc_auc_counts_ties_half():
    measured = roc_auc(binary([0, 0, 1, 0, 1, 1], [0.2, 0.2, 0.5, 0.5, 0.8, 0.8]))

    assert measured.value == pytest.approx(8.5 / 9)
    assert measured.low < measured.value < measured.high
    assert measured.details == {"scores": "exact", "quantisation": 0.0}


@pytest.mark.parametrize(("y_score", "value"), [([0.1, 0.2, 0.8, 0.9], 1.0), ([0.9, 0.8, 0.2, 0.1], 0.0)])
def test_roc_auc_at_the_end_still_has_an_interval(y_score, value):
    measured = roc_auc(binary([0, 0, 1, 1], y_score))

    assert measured.value == value
    assert measured.high - measured.low > 0.3


def test_roc_auc_of_equal_scores_is_chance():
    measured = roc_auc(binary([0, 1] * 20, [0.5] * 40))

    assert measured.value == 0.5
    assert measured.low < 0.4 < 0.6 < measured.high


def test_roc_auc_ignores_a_rising_change_of_scores():
    y_true, y_score = [0, 1, 0, 1, 1], np.array([0.1, 0.4, 0.5, 0.7, 0.9])

    assert roc_auc(binary(y_true, y_score)) == roc_auc(binary(y_true, y_score**3))


def test_roc_auc_of_clustered_rows_is_not_judged():
    measured = roc_auc(binary([0, 1, 1], [0.2, 0.8, 0.9], entity=[1, 2, 3]))

    assert (measured.value, measured.judged, measured.reason.code) == (1.0, False, "clustered_rows")


def test_roc_auc_on_the_grid_stays_within_a_ten_thousandth():
    random = np.random.default_rng(0)
    y_true = random.integers(0, 2, 80_000)
    y_score = 1 / (1 + np.exp(-random.normal(y_true, 1)))
    measured = roc_auc(binary(y_true, y_score))

    assert measured.details["scores"] == "grid"
    assert measured.details["quantisation"] <= 1e-4
    assert measured.value == pytest.approx(metrics.roc_auc_score(y_true, y_score), abs=1e-4)


@given(rows)
@settings(max_examples=25, deadline=None)
def test_roc_auc_mirrors_when_scores_are_turned_round(table_of_rows):
    y_true, y_score = zip(*table_of_rows, strict=True)
    if 2 <= sum(y_true) <= len(y_true) - 2:
        eighths = np.round(np.array(y_score) * 8) / 8
        here, there = (roc_auc(binary(y_true, score)) for score in (eighths, 1 - eighths))

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
    assert roc_auc(binary(y_true, y_score)).value == value


@pytest.mark.parametrize("check", [average_precision, roc_auc])
def test_measures_of_scores_name_their_unit_and_method(check):
    y, scores = drawn(300)
    measured = check(binary(y, scores))
    names = {average_precision: ("score", "average_precision_effective_n"), roc_auc: ("auc", "newcombe_delong")}

    assert (measured.unit, measured.method) == names[check]
    assert (measured.n, measured.judged, measured.reason) == (300, True, None)
    assert measured.details == {"scores": "exact", "quantisation": 0.0} | (
        {"prevalence": np.mean(y)} if check is average_precision else {}
    )


@pytest.mark.parametrize("check", [average_precision, roc_auc])
@pytest.mark.parametrize("more", [{"entity": np.arange(3)}, {}])
def test_measures_of_scores_that_are_not_judged_still_tell_what_they_found(check, more):
    measured = check(binary([0, 1, 0], [0.2, 0.8, 0.9], **more))
    value, unit = {average_precision: (0.5, "score"), roc_auc: (0.5, "auc")}[check]

    assert (measured.value, measured.n, measured.unit) == (value, 3, unit)
    assert (measured.low, measured.high, measured.method, measured.judged) == (None, None, None, False)
    assert measured.details["scores"] == "exact"
    assert measured.details.get("prevalence", 1 / 3) == pytest.approx(1 / 3)


@pytest.mark.parametrize("check", [average_precision, roc_auc])
def test_measures_of_scores_are_wider_at_more_confidence(check):
    narrow, wide = (check(binary(*drawn(200)), confidence=confidence) for confidence in (0.8, 0.99))

    assert wide.low < narrow.low < narrow.value == wide.value < narrow.high < wide.high


def test_roc_auc_one_vs_rest_is_wider_at_more_confidence():
    y, scores = simplex(90)
    narrow, wide = (roc_auc_one_vs_rest(multiclass(y, scores), confidence=confidence) for confidence in (0.8, 0.99))

    for one, other in zip(narrow, wide, strict=True):
        assert other.low < one.low < one.value == other.value < one.high < other.high


def test_roc_auc_one_vs_rest_of_a_class_without_rows_says_so_in_full():
    measured = roc_auc_one_vs_rest(multiclass(["a", "b"] * 20, simplex(40)[1]))[2]

    assert (measured.of, measured.value, measured.n, measured.unit) == ("c", None, 40, "auc")
    assert measured.reason.code == "one_class"
    assert measured.details == {"macro": None, "weighted": None}


def test_roc_auc_one_vs_rest_of_one_class_alone_has_no_area_at_all():
    measured = roc_auc_one_vs_rest(multiclass(["b"] * 20, simplex(20)[1]))

    assert [one.value for one in measured] == [None, None, None]
    assert {one.reason.code for one in measured} == {"one_class"}


def test_roc_auc_one_vs_rest_means_by_hand():
    scores = np.array([[0.9, 0.5, 0.1], [0.8, 0.6, 0.1], [0.7, 0.4, 0.1], [0.1, 0.5, 0.9]])
    measured = roc_auc_one_vs_rest(multiclass(["a", "a", "b", "c"], scores))

    # a: 2 above both others. b: 0.4 is below 0.5, 0.6, 0.5. c: 0.9 above all.
    assert [one.value for one in measured] == [1.0, 0.0, 1.0]
    assert {one.details["macro"] for one in measured} == {2 / 3}
    assert {one.details["weighted"] for one in measured} == {0.75}
    assert all(one.details["scores"] == "exact" for one in measured)


@pytest.mark.parametrize("order", [(1, 0, 2), (2, 1, 0), (1, 2, 0)])
def test_roc_auc_one_vs_rest_follows_its_class_when_classes_are_reordered(order):
    y, scores = simplex(60)
    named = {one.of: one for one in roc_auc_one_vs_rest(multiclass(y, scores))}
    moved = multiclass(y, scores[:, list(order)], classes=tuple(CLASSES[index] for index in order))

    for one in roc_auc_one_vs_rest(moved):
        assert (one.value, one.low, one.high) == (named[one.of].value, named[one.of].low, named[one.of].high)
        assert one.details["macro"] == pytest.approx(named[one.of].details["macro"])


@given(rows)
@settings(max_examples=30, deadline=None)
def test_average_precision_is_above_nothing_and_best_for_the_best_order(table):
    y, scores = zip(*table, strict=True)
    if len(set(y)) == 2:
        measured, best = average_precision(binary(y, scores)), average_precision(binary(y, np.array(y) / 2))

        assert 0 < measured.value <= best.value == 1
        assert measured.details["prevalence"] == pytest.approx(np.mean(y))


@pytest.mark.parametrize("n", [10, 100, 1000])
@pytest.mark.parametrize("share", [0.1, 0.5])
def test_average_precision_of_equal_scores_is_the_prevalence(n, share):
    y = (np.arange(n) < share * n).astype(int)

    assert average_precision(binary(y, np.full(n, 0.3))).value == pytest.approx(share)


def test_measures_of_scores_mean_ninety_five_percent_where_nothing_is_said():
    one, many = binary(*drawn(200)), multiclass(*simplex(90))

    assert roc_auc(one) == roc_auc(one, confidence=0.95)
    assert average_precision(one) == average_precision(one, confidence=0.95)
    assert roc_auc_one_vs_rest(many) == roc_auc_one_vs_rest(many, confidence=0.95)
