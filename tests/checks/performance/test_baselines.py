from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binomtest, t, ttest_1samp

from reliability.blocks import Roles
from reliability.checks.performance.baselines import (
    better_than_incumbent,
    better_than_linear_model,
    better_than_majority,
    better_than_mean,
)
from reliability.errors import NotMeasurable
from reliability.evidence.confusion_matrix import ConfusionMatrix
from reliability.evidence.moments import Moments
from reliability.evidence.paired_outcomes import PairedOutcomes
from reliability.evidence.sample import Sample
from reliability.intervals.paired import Discordant, mcnemar, paired_difference_interval
from tests.builders import block


def matrix(counts, **roles):
    counts = np.asarray(counts)
    settled = {"task": "binary", "classes": tuple(range(len(counts)))} | roles
    return ConfusionMatrix(roles=Roles(**settled), counts=counts)


def outcomes(counts, **roles):
    counts = np.asarray(counts)
    settled = {"task": "binary", "classes": (0, 1), "incumbent": True} | roles
    return PairedOutcomes(roles=Roles(**settled), n=int(counts.sum()), counts=counts)


def against(y_true, y_pred, y_incumbent, **more):
    made = block(y_true, y_pred, incumbent=True, **more)
    return PairedOutcomes.of(replace(made, y_incumbent=np.asarray(y_incumbent, made.y_true.dtype)))


def values(n=400, error=0.5, seed=0, **more):
    draws = np.random.default_rng(seed)
    y = draws.normal(10, 1, n)
    return block(y, y + error * draws.normal(size=n), task="regression", **more)


def test_better_than_majority_is_the_accuracy_beyond_the_commonest_class():
    measured = better_than_majority(matrix([[55, 5], [10, 30]]))

    assert measured.value == pytest.approx(0.85 - 0.60)
    assert measured.p_value == pytest.approx(binomtest(5, 35).pvalue)
    assert measured.details == {
        "model": 0.85, "other": 0.6, "only_model_right": 30, "only_other_right": 5, "always": 0,
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
def test_better_than_majority_counts_what_rows_would(seed):
    draws = np.random.default_rng(seed)
    y_true, y_pred = draws.choice(3, 200, p=[0.2, 0.5, 0.3]), draws.integers(0, 3, 200)
    rows = block(y_true, y_pred, classes=(0, 1, 2), task="multiclass")
    model, other = y_true == y_pred, y_true == np.bincount(y_true).argmax()
    measured = better_than_majority(ConfusionMatrix.of(rows))

    assert measured.value == pytest.approx(model.mean() - other.mean())
    assert measured.details["only_model_right"] == (model & ~other).sum()
    assert measured.details["only_other_right"] == (other & ~model).sum()


def test_better_than_majority_of_a_constant_model_is_nothing_within_an_interval():
    measured = better_than_majority(matrix([[60, 0], [40, 0]]))

    assert (measured.value, measured.p_value) == (0, 1)
    assert measured.low < 0 < measured.high


def test_better_than_majority_takes_of_tied_classes_the_one_that_differs_most():
    measured = better_than_majority(matrix([[50, 0], [20, 30]]))

    assert measured.details["always"] == 1
    assert measured.details["only_model_right"] + measured.details["only_other_right"] == 70


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 0, 1], [1, 2, 0]])
def test_better_than_majority_does_not_depend_on_the_order_of_classes(order):
    counts = np.array([[40, 5, 5], [10, 30, 10], [2, 3, 20]])
    plain, turned = (better_than_majority(matrix(one)) for one in (counts, counts[np.ix_(order, order)]))

    assert (plain.value, plain.low, plain.high) == (turned.value, turned.low, turned.high)


def test_better_than_majority_is_not_passed_by_a_model_that_only_seems_better():
    measured = better_than_majority(matrix([[60, 0], [35, 5]]))

    assert measured.value == 0.05
    assert measured.p_value > 0.05
    assert measured.low < 0


def test_better_than_majority_refuses_regression_and_no_rows():
    with pytest.raises(NotMeasurable, match=r"^needs_classification"):
        better_than_majority(matrix(np.zeros((0, 0), np.int64), task="regression"))
    with pytest.raises(NotMeasurable, match=r"^no_rows"):
        better_than_majority(matrix(np.zeros((2, 2), np.int64)))


def test_better_than_majority_of_a_single_row_says_hardly_anything():
    measured = better_than_majority(matrix([[0, 1], [0, 0]]))

    assert measured.value == -1
    assert measured.high > 0.9


def clustered(rows_each, entities=300):
    draws = np.random.default_rng(0)
    y_true = draws.choice(2, entities, p=[0.6, 0.4])
    y_pred = np.where(draws.random(entities) < 0.25, 1 - y_true, y_true)
    entity = draws.integers(0, 2**63, entities, np.uint64)
    rows = [one.repeat(rows_each) for one in (y_true, y_pred, entity)]
    return block(rows[0], rows[1], entity=rows[2])


def test_better_than_majority_of_clustered_rows_is_as_wide_as_of_their_entities():
    once, often = (better_than_majority(ConfusionMatrix.of(clustered(times))) for times in (1, 30))

    assert often.method == "mover_mcnemar_effective_n"
    assert often.value == pytest.approx(once.value)
    assert often.high - often.low == pytest.approx(once.high - once.low, rel=0.15)


def test_better_than_majority_of_clustered_rows_counts_every_bucket_apart():
    buckets = np.random.default_rng(3).integers(0, 5, (128, 2, 2)) + np.array([[3, 0], [0, 0]])
    roles = Roles(task="binary", classes=(0, 1), clustered=True)
    measured = better_than_majority(ConfusionMatrix(roles=roles, counts=buckets.sum(axis=0), buckets=buckets))
    # Against always saying 0: the model alone is right where it says 1 rightly, the other where 1 is said of a 0.
    pair = Discordant.clustered(buckets[:, 1, 1], buckets[:, 0, 1], buckets.sum(axis=(1, 2)), confidence=0.95)

    assert measured.details["always"] == 0
    assert (measured.low, measured.high) == pytest.approx(paired_difference_interval(pair, confidence=0.95), abs=1e-12)


@pytest.mark.parametrize("check", [better_than_majority, better_than_incumbent])
def test_clustered_rows_without_buckets_are_not_judged(check):
    made = matrix if check is better_than_majority else outcomes
    measured = check(made([[40, 10], [10, 40]], clustered=True))

    assert (measured.judged, measured.reason.code) == (False, "clustered_rows")


def test_better_than_mean_is_the_variance_less_the_mean_squared_error():
    rows = values()
    gain = (rows.y_true - rows.y_true.mean()) ** 2 - (rows.y_pred - rows.y_true) ** 2
    measured = better_than_mean(Moments.of(rows))

    assert measured.value == pytest.approx(gain.mean())
    assert measured.p_value == pytest.approx(ttest_1samp(gain, 0).pvalue)
    assert 0 < measured.low < measured.value < measured.high


@pytest.mark.parametrize(("error", "sign"), [(0.1, 1), (2.0, -1)])
def test_better_than_mean_tells_a_good_model_from_a_bad_one(error, sign):
    measured = better_than_mean(Moments.of(values(error=error)))

    assert measured.low * sign > 0
    assert measured.high * sign > 0


def test_better_than_mean_ignores_order_and_blocks():
    rows = values()
    split = Moments.of(rows.where(np.arange(100, 400))) + Moments.of(rows.where(np.arange(100)))

    assert better_than_mean(Moments.of(rows)) == better_than_mean(split)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (values(n=299), "too_few_for_interval"),
        (values(n=1), "too_few_for_interval"),
        (values(entity=list(range(400))), "clustered_rows"),
        (block([3.0] * 300, [3.0] * 300, task="regression"), "variance_not_estimable"),
    ],
)
def test_better_than_mean_is_not_judged_where_its_interval_would_not_hold(rows, code):
    measured = better_than_mean(Moments.of(rows))

    assert (measured.judged, measured.low, measured.reason.code) == (False, None, code)


def test_better_than_mean_refuses_labels():
    with pytest.raises(NotMeasurable, match=r"^needs_regression"):
        better_than_mean(Moments.of(block([1, 0], [1, 1])))


def test_better_than_incumbent_is_the_difference_of_shares_right():
    measured = better_than_incumbent(outcomes([[10, 5], [15, 70]]))

    assert measured.value == pytest.approx(0.85 - 0.75)
    assert measured.p_value == pytest.approx(binomtest(5, 20).pvalue)
    assert 0 < measured.low < 0.1 < measured.high


def test_better_than_incumbent_turns_round_with_the_two():
    plain, turned = (better_than_incumbent(outcomes(one)) for one in ([[10, 5], [15, 70]], [[10, 15], [5, 70]]))

    assert (turned.value, turned.p_value) == (-plain.value, plain.p_value)
    assert (turned.low, turned.high) == pytest.approx((-plain.high, -plain.low))


def test_better_than_incumbent_of_values_is_the_smaller_squared_error():
    rows = values()
    gain = (rows.y_true + 1 - rows.y_true) ** 2 - (rows.y_pred - rows.y_true) ** 2
    measured = better_than_incumbent(against(rows.y_true, rows.y_pred, rows.y_true + 1, task="regression"))

    assert measured.value == pytest.approx(gain.mean())
    assert measured.unit == "squared_target"
    assert measured.low > 0


def test_better_than_incumbent_that_says_the_same_is_no_better():
    y = values().y_true

    assert not better_than_incumbent(against(y, y + 1, y + 1, task="regression")).judged
    assert better_than_incumbent(against([1, 0], [1, 1], [1, 1])).value == 0


def test_better_than_incumbent_refuses_where_there_is_none():
    with pytest.raises(NotMeasurable, match=r"^no_incumbent"):
        better_than_incumbent(PairedOutcomes.of(block([1, 0], [1, 1])))
    with pytest.raises(NotMeasurable, match=r"^no_rows"):
        better_than_incumbent(outcomes(np.zeros((2, 2), np.int64)))


def test_better_than_incumbent_refuses_errors_too_large_to_square():
    with pytest.raises(NotMeasurable, match=r"^numbers_too_large"):
        better_than_incumbent(against([0.0, 1.0], [1e200, 1.0], [0.0, 2.0], task="regression"))


def sampled(n, seed, *, task="binary", guess=0.2, **more):
    draws = np.random.default_rng(seed)
    x, city = draws.normal(size=n), draws.choice(["seoul", "busan", "jeju"], n)
    signal = x + (city == "seoul") + 0.5 * draws.normal(size=n)
    columns = {"x": x.tolist(), "city": city.tolist()}
    if task == "regression":
        rows = block(signal, signal + guess * draws.normal(size=n), task=task, columns=columns, **more)
    else:
        y = (signal > 0.3).astype(int)
        rows = block(y, np.where(draws.random(n) < guess, 1 - y, y), columns=columns, **more)
    return Sample.of(rows, seed=0, size=20_000)


@pytest.mark.parametrize("task", ["binary", "regression"])
@pytest.mark.parametrize(("guess", "sign"), [(0.0, 1), (0.9, -1)])
def test_better_than_linear_model_tells_a_good_model_from_a_bad_one(task, guess, sign):
    measured = better_than_linear_model(sampled(600, 1, task=task, guess=guess), sampled(600, 2, task=task))

    assert measured.value * sign > 0
    assert measured.low * sign > 0
    assert measured.p_value < 0.05


def test_better_than_linear_model_of_the_linear_model_itself_is_nothing():
    training, rows = sampled(500, 2), sampled(400, 1)
    other = better_than_linear_model(rows, training)
    perfect = better_than_linear_model(replace(rows, y_pred=rows.y_true), training)

    assert other.details["other"] == perfect.details["other"] > 0.8
    assert perfect.value == pytest.approx(1 - perfect.details["other"])


def test_better_than_linear_model_of_clustered_rows_counts_entities():
    entity = np.random.default_rng(5).integers(0, 2**63, 40, np.uint64).repeat(10)
    apart, together = (
        better_than_linear_model(sampled(400, 1, entity=one), sampled(500, 2)) for one in (None, entity.tolist())
    )

    assert together.value == apart.value
    assert together.method == "mover_mcnemar_effective_n"


def test_better_than_linear_model_refuses_rows_that_are_not_there():
    rows, training = sampled(50, 1), sampled(50, 2)
    none = np.zeros(0, np.int64)

    for sample, known, code in [
        (replace(rows, y_pred=None), training, "no_predictions"),
        (rows.take(none), training, "no_rows"),
        (rows, training.take(none), "no_training_data"),
        (replace(rows, columns={}), training, "no_features"),
        (rows, replace(training, y_true=np.ones(50, np.int64)), "one_class"),
    ]:
        with pytest.raises(NotMeasurable, match=rf"^{code}"):
            better_than_linear_model(sample, known)


@pytest.mark.parametrize(
    ("counts", "value", "only_model", "only_other"),
    [
        ([[50, 0], [0, 50]], 0.5, 50, 0),
        ([[0, 50], [50, 0]], -0.5, 0, 50),
        ([[90, 0], [10, 0]], 0.0, 0, 0),
        ([[80, 10], [5, 5]], -0.05, 5, 10),
        ([[0, 0], [0, 100]], 0.0, 0, 0),
        ([[30, 0, 0], [0, 30, 0], [0, 0, 40]], 0.6, 60, 0),
        ([[20, 5, 5], [5, 20, 5], [10, 10, 20]], 0.2, 40, 20),
    ],
)
def test_better_than_majority_is_what_one_works_out_by_hand(counts, value, only_model, only_other):
    measured = better_than_majority(matrix(counts))

    assert measured.value == pytest.approx(value)
    assert measured.details["only_model_right"] == only_model
    assert measured.details["only_other_right"] == only_other
    assert measured.low <= measured.value <= measured.high


@pytest.mark.parametrize("n", [30, 100, 1000])
@pytest.mark.parametrize("discordant", [0.02, 0.2, 0.5])
def test_better_than_incumbent_is_hardly_ever_passed_by_a_model_that_is_no_better(n, discordant):
    drawn = np.random.default_rng(0).multinomial(n, [0.2, discordant / 2, discordant / 2, 0.8 - discordant], 500)
    passed = [better_than_incumbent(outcomes(one.reshape(2, 2))).low >= 0 for one in drawn]

    assert np.mean(passed) <= 0.04


@pytest.mark.parametrize("n", [30, 300])
def test_better_than_majority_is_hardly_ever_passed_by_a_model_that_guesses(n):
    drawn = np.random.default_rng(0).multinomial(n, [0.36, 0.24, 0.24, 0.16], 500)
    passed = [better_than_majority(matrix(one.reshape(2, 2))).low >= 0 for one in drawn]

    assert np.mean(passed) <= 0.01


@pytest.mark.parametrize("counts", [[[1, 0], [0, 0]], [[0, 0], [1, 0]], [[0, 0], [5, 0]], [[0, 0], [0, 1]]])
def test_better_than_incumbent_of_very_few_rows_is_never_passed(counts):
    measured = better_than_incumbent(outcomes(counts))

    assert measured.low < 0
    assert measured.p_value > 0.05


@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
def test_better_than_incumbent_agrees_with_its_test_at_every_confidence(confidence):
    for only_model in range(30):
        measured = better_than_incumbent(outcomes([[20, 8], [only_model, 60]]), confidence=confidence)

        assert (measured.low > 0 or measured.high < 0) == (measured.p_value <= 1 - confidence)


def test_better_than_incumbent_ignores_order_and_blocks():
    draws = np.random.default_rng(0)
    y_true, y_pred, y_other = draws.integers(0, 2, (3, 200))
    turned = draws.permutation(200)
    whole = better_than_incumbent(against(y_true, y_pred, y_other))
    split = against(y_true[60:], y_pred[60:], y_other[60:]) + against(y_true[:60], y_pred[:60], y_other[:60])

    assert whole == better_than_incumbent(split)
    assert whole == better_than_incumbent(against(y_true[turned], y_pred[turned], y_other[turned]))


def test_better_than_incumbent_of_clustered_rows_is_worth_their_entities():
    draws = np.random.default_rng(0)
    y_true, y_pred, y_other = draws.integers(0, 2, (3, 300))
    entity = draws.integers(0, 2**63, 300, np.uint64)
    once, often = (
        better_than_incumbent(
            against(y_true.repeat(n), y_pred.repeat(n), y_other.repeat(n), entity=entity.repeat(n).tolist())
        )
        for n in (1, 10)
    )

    assert often.value == pytest.approx(once.value)
    assert often.high - often.low == pytest.approx(once.high - once.low, rel=0.15)


def test_better_than_incumbent_of_clustered_values_is_not_judged():
    rows = values()
    measured = better_than_incumbent(
        against(rows.y_true, rows.y_pred, rows.y_true + 1, task="regression", entity=list(range(400)))
    )

    assert (measured.judged, measured.reason.code) == (False, "clustered_rows")
    assert measured.value > 0


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_better_than_mean_has_the_squared_unit_of_the_target(scale):
    rows = values()
    plain = better_than_mean(Moments.of(rows))
    scaled = better_than_mean(Moments.of(replace(rows, y_true=rows.y_true * scale, y_pred=rows.y_pred * scale)))

    assert scaled.value == pytest.approx(plain.value * scale**2)
    assert scaled.low == pytest.approx(plain.low * scale**2)
    assert scaled.p_value == pytest.approx(plain.p_value)


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_better_than_linear_model_ignores_the_order_of_rows(task):
    rows, training = sampled(400, 1, task=task), sampled(400, 2, task=task)
    turned = np.random.default_rng(0).permutation(400)
    plain, other = (better_than_linear_model(one, training) for one in (rows, rows.take(turned)))

    assert other.value == pytest.approx(plain.value)
    assert (other.low, other.high) == pytest.approx((plain.low, plain.high))


def test_better_than_linear_model_gives_the_same_numbers_again():
    rows, training = sampled(300, 1), sampled(300, 2)

    assert better_than_linear_model(rows, training) == better_than_linear_model(rows, training)


def test_better_than_linear_model_of_few_values_is_not_judged():
    measured = better_than_linear_model(sampled(50, 1, task="regression"), sampled(50, 2, task="regression"))

    assert (measured.judged, measured.reason.with_) == (False, {"n": 50, "needed": 300})


# Agresti (2013), Categorical Data Analysis, 3rd ed., table 11.1: 944 of 1,600 approve first, 880 second;
# 150 and 86 changed their mind. The paired difference is 0.04, its Wald interval (0.021, 0.059).
def test_better_than_incumbent_is_the_approval_example_of_the_textbook():
    measured = better_than_incumbent(outcomes([[570, 86], [150, 794]]))

    assert measured.value == pytest.approx(0.04)
    assert measured.low == pytest.approx(0.021, abs=0.002)
    assert measured.high == pytest.approx(0.059, abs=0.002)
    assert measured.p_value < 0.0001


@pytest.mark.parametrize(
    ("first", "second", "p_value"),
    [
        (0, 0, 1.0),
        (1, 0, 1.0),
        (2, 0, 0.5),
        (5, 0, 0.0625),
        (6, 0, 0.03125),
        (0, 6, 0.03125),
        (8, 1, 0.0390625),
        (7, 2, 0.1796875),
        (4, 4, 1.0),
    ],
)
def test_better_than_incumbent_gives_the_exact_p_value(first, second, p_value):
    measured = better_than_incumbent(outcomes([[10, second], [first, 80]]))

    assert measured.p_value == pytest.approx(p_value)
    assert (measured.low > 0) == (first > second and p_value <= 0.05)
    assert (measured.high < 0) == (second > first and p_value <= 0.05)


@pytest.mark.parametrize("repeats", [2, 10])
def test_better_than_incumbent_narrows_with_more_rows(repeats):
    counts = np.array([[10, 5], [15, 70]])
    once, often = better_than_incumbent(outcomes(counts)), better_than_incumbent(outcomes(counts * repeats))

    assert often.value == pytest.approx(once.value)
    assert once.low < often.low < often.high < once.high
    assert often.p_value < once.p_value


def test_better_than_linear_model_of_several_classes_is_the_difference_of_shares_right():
    draws = np.random.default_rng(0)
    y, noise = draws.integers(0, 3, 300), draws.normal(size=300)
    rows = block(
        y,
        y,
        classes=(0, 1, 2),
        positive=None,
        task="multiclass",
        columns={"x": (y + 0.5 * noise).tolist()},
    )
    measured = better_than_linear_model(*(Sample.of(rows, seed=0, size=1000) for _ in range(2)))

    assert measured.details["model"] == 1.0
    assert measured.value == pytest.approx(1 - measured.details["other"])
    assert measured.low > 0


def t_limits(gains, largest, confidence=0.95):
    """Student's limits of the mean of some gains, on either side with one row more at the bound."""
    quantile = t.ppf(0.5 + confidence / 2, len(gains) - 1)

    def limit(further, side):
        more = np.append(gains, further)
        return more.mean() + side * quantile * more.std(ddof=1) / np.sqrt(len(more))

    return limit(-largest, -1), limit(largest, 1)


def skewed(shape, n=400, seed=0):
    """Values whose farthest is above the mean, below it, or nearer than the farthest error."""
    draws = np.random.default_rng(seed)
    y = {"above": 1, "below": -1}.get(shape, 0.2) * draws.exponential(size=n)
    error = draws.normal(scale=y.std(), size=n)
    return block(y, y + (5 if shape == "error" else 1) * error, task="regression")


@pytest.mark.parametrize("shape", ["above", "below", "error"])
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_better_than_mean_has_students_limits_with_one_row_more_at_the_bound(shape, confidence):
    rows = skewed(shape)
    deviation, error = (rows.y_true - rows.y_true.mean()) ** 2, (rows.y_pred - rows.y_true) ** 2
    expected = t_limits(deviation - error, max(deviation.max(), error.max()), confidence)
    measured = better_than_mean(Moments.of(rows), confidence=confidence)

    assert measured.value == pytest.approx(np.mean(deviation - error))
    assert (measured.low, measured.high) == pytest.approx(expected, rel=1e-9)
    assert measured.p_value == pytest.approx(ttest_1samp(deviation - error, 0).pvalue, rel=1e-6)


def test_better_than_mean_of_a_middling_model_has_students_p_value():
    rows = values(error=1.03)
    gain = (rows.y_true - rows.y_true.mean()) ** 2 - (rows.y_pred - rows.y_true) ** 2
    measured = better_than_mean(Moments.of(rows))

    assert 0.01 < measured.p_value < 0.99
    assert measured.p_value == pytest.approx(ttest_1samp(gain, 0).pvalue, rel=1e-9)
    assert (measured.n, measured.unit, measured.method) == (400, "squared_target", "paired_t_further")
    assert (measured.judged, measured.reason) == (True, None)


@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_better_than_incumbent_of_values_has_students_limits_with_one_row_more_at_the_largest_gain(confidence):
    rows = values()
    other = rows.y_true + np.random.default_rng(9).normal(scale=0.52, size=rows.n)
    gain = (other - rows.y_true) ** 2 - (rows.y_pred - rows.y_true) ** 2
    paired = against(rows.y_true, rows.y_pred, other, task="regression")
    measured = better_than_incumbent(paired, confidence=confidence)

    assert (measured.low, measured.high) == pytest.approx(t_limits(gain, np.abs(gain).max(), confidence), rel=1e-9)
    assert measured.p_value == pytest.approx(ttest_1samp(gain, 0).pvalue, rel=1e-9)
    assert (measured.n, measured.unit, measured.method) == (400, "squared_target", "paired_t_further")


@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_better_than_linear_model_of_values_is_as_sure_as_it_was_asked_to_be(confidence):
    rows, training = sampled(400, 1, task="regression", guess=0.5), sampled(400, 2, task="regression")
    usual, asked = (
        better_than_linear_model(rows, training),
        better_than_linear_model(rows, training, confidence=confidence),
    )

    assert asked.value == usual.value
    assert (asked.high - asked.low < usual.high - usual.low) == (confidence < 0.95)


@pytest.mark.parametrize(("n", "error"), [(1, 0.5), (299, 0.5)])
def test_better_than_mean_that_is_not_judged_still_tells_its_value(n, error):
    rows = values(n=n, error=error)
    measured = better_than_mean(Moments.of(rows))

    assert measured.value == pytest.approx(rows.y_true.var() - np.mean((rows.y_pred - rows.y_true) ** 2))
    assert (measured.n, measured.unit, measured.method) == (n, "squared_target", None)
    assert measured.reason.with_ == {"n": n, "needed": 300}


def test_better_than_mean_of_clustered_rows_tells_its_value_in_the_squared_unit():
    plain = better_than_mean(Moments.of(values()))
    clustered_rows = better_than_mean(Moments.of(values(entity=list(range(400)))))

    assert (clustered_rows.value, clustered_rows.n, clustered_rows.unit) == (plain.value, 400, "squared_target")


@pytest.mark.parametrize("error", [1e100, 1e200])
def test_errors_too_large_to_square_are_counted(error):
    y = [0.0, 0.0, 1.0]

    with pytest.raises(NotMeasurable) as caught:
        better_than_incumbent(against(y, [error, error, 1.0], [0.0, 0.0, 2.0], task="regression"))

    assert (caught.value.code, caught.value.values) == ("numbers_too_large", {"n": 2})


def test_better_than_incumbent_tells_everything_that_it_counted():
    measured = better_than_incumbent(outcomes([[10, 5], [15, 70]]))

    assert measured.details == {"model": 0.85, "other": 0.75, "only_model_right": 15, "only_other_right": 5}
    assert (measured.n, measured.unit, measured.method) == (100, "difference", "mover_mcnemar")
    assert (measured.judged, measured.reason) == (True, None)


@pytest.mark.parametrize("check", [better_than_majority, better_than_incumbent])
def test_clustered_rows_without_buckets_still_tell_what_was_counted(check):
    made = matrix if check is better_than_majority else outcomes
    plain, measured = (check(made([[55, 5], [10, 30]], clustered=kept)) for kept in (False, True))

    assert (measured.value, measured.n, measured.unit) == (plain.value, plain.n, "difference")
    assert measured.details == plain.details
    assert (measured.low, measured.high, measured.p_value, measured.method) == (None, None, None, None)


def test_better_than_incumbent_of_many_single_entities_is_nearly_that_of_plain_rows():
    draws = np.random.default_rng(3)
    y_true, y_pred, y_other = draws.integers(0, 2, 4000), draws.integers(0, 2, 4000), draws.integers(0, 2, 4000)
    entity = draws.integers(0, 2**63, 4000, np.uint64)
    plain, apart = (
        better_than_incumbent(against(y_true, y_pred, y_other, **more)) for more in ({}, {"entity": entity})
    )

    assert (apart.value, apart.details, apart.n) == (plain.value, plain.details, plain.n)
    assert (apart.low, apart.high) == pytest.approx((plain.low, plain.high), abs=0.01)
    assert apart.p_value == pytest.approx(plain.p_value, abs=0.1)
    assert apart.method == "mover_mcnemar_effective_n"


@pytest.mark.parametrize("check", [better_than_majority, better_than_incumbent])
def test_paired_differences_of_entities_widen_with_confidence(check):
    rows = clustered(5)
    if check is better_than_majority:
        made = ConfusionMatrix.of(rows)
    else:
        made = against(rows.y_true, rows.y_pred, 1 - rows.y_pred, entity=rows.entity)
    narrow, wide = (check(made, confidence=confidence) for confidence in (0.8, 0.99))

    assert wide.low < narrow.low < narrow.value < narrow.high < wide.high


# Dietterich (1998), section 3.1: the exact test looks at nothing but the rows on which the two differ.
@pytest.mark.parametrize("agreed", [0, 1, 50, 5000])
def test_rows_on_which_both_agree_leave_the_p_value_as_it_is(agreed):
    measured = better_than_incumbent(outcomes([[agreed, 4], [12, agreed]]))

    assert measured.p_value == pytest.approx(binomtest(4, 16).pvalue)
    assert measured.value == pytest.approx(8 / (16 + 2 * agreed))


@pytest.mark.parametrize(
    ("counts", "always"),
    [
        ([[10, 0], [0, 20]], 1),
        ([[20, 0], [0, 10]], 0),
        ([[10, 0, 0], [0, 15, 5], [0, 0, 12]], 1),
        ([[9, 1, 0], [5, 5, 0], [2, 0, 8]], 1),
        ([[5, 5, 0], [4, 6, 0], [0, 3, 7]], 0),
    ],
)
def test_better_than_majority_names_what_is_always_said(counts, always):
    assert better_than_majority(matrix(counts)).details["always"] == always


def test_better_than_majority_names_the_label_and_not_its_place():
    measured = better_than_majority(matrix([[40, 10], [10, 20]], classes=("no", "yes")))

    assert measured.details["always"] == "no"


def test_better_than_linear_model_of_one_row_is_told_and_says_nothing():
    rows = sampled(1, 1)
    measured = better_than_linear_model(rows, sampled(100, 2))

    assert measured.n == 1
    assert measured.low < 0 <= measured.high


def test_better_than_linear_model_follows_the_labels_and_not_their_names():
    draws = np.random.default_rng(0)
    x, y = draws.normal(size=300), draws.integers(0, 2, 300)
    shown = (x + 2 * y).tolist()
    numbers, words = (
        Sample.of(block(labels, labels, classes=classes, positive=classes[1], columns={"x": shown}), seed=0, size=500)
        for labels, classes in ((y, (0, 1)), (np.where(y, "yes", "no"), ("no", "yes")))
    )

    assert better_than_linear_model(numbers, numbers) == better_than_linear_model(words, words)


def test_ninety_five_percent_are_meant_where_nothing_is_said():
    draws = np.random.default_rng(0)
    y_true, y_pred, y_other = draws.integers(0, 2, (3, 200))
    paired, counted_rows = against(y_true, y_pred, y_other), ConfusionMatrix.of(block(y_true, y_pred))
    rows, training = sampled(200, 1), sampled(200, 2)

    assert better_than_majority(counted_rows) == better_than_majority(counted_rows, confidence=0.95)
    assert better_than_mean(Moments.of(values())) == better_than_mean(Moments.of(values()), confidence=0.95)
    assert better_than_incumbent(paired) == better_than_incumbent(paired, confidence=0.95)
    assert better_than_linear_model(rows, training) == better_than_linear_model(rows, training, confidence=0.95)


@pytest.mark.parametrize("size", [3, 8, 20])
def test_better_than_majority_of_many_like_classes_holds_the_truth(size):
    draws, truth, held = np.random.default_rng(size), 0.95 - 1 / size, 0
    chances = np.full((size, size), 0.05 / (size - 1) / size)
    np.fill_diagonal(chances, 0.95 / size)
    for counts in draws.multinomial(1000, chances.ravel(), 300).reshape(-1, size, size):
        measured = better_than_majority(matrix(counts, task="multiclass"))
        held += measured.low <= truth <= measured.high

    # 79 % of 20 classes where the upper limit leaves no less outside.
    assert held / 300 >= 0.94


def test_better_than_majority_of_many_classes_has_the_upper_limit_of_all_of_them_at_once():
    counts = np.array([[40, 5, 0], [3, 30, 2], [1, 4, 25]])
    measured = better_than_majority(matrix(counts, task="multiclass"))
    pair = Discordant(first=55, second=5, n=110)

    assert measured.low == paired_difference_interval(pair, confidence=0.95)[0]
    assert measured.high == paired_difference_interval(pair, confidence=1 - 0.05 / 3)[1]
    assert measured.p_value == mcnemar(pair)
