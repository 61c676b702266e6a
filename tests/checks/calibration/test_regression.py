import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq, minimize
from sklearn.linear_model import LogisticRegression

from reliability.checks.calibration.regression import calibration_intercept, calibration_slope
from reliability.errors import NotMeasurable
from reliability.evidence.score_histogram import EXACT_SCORES, ScoreHistogram
from reliability.evidence.score_keys import KeyCounts
from tests.builders import block

BOTH = [calibration_slope, calibration_intercept]
LEAST = {calibration_slope: 20, calibration_intercept: 5}  # expected rows of either class
tables = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from([0.05, 0.2, 0.35, 0.5, 0.8, 0.9])), min_size=20, max_size=60
)


def scored(y_true, y_score, **more):
    return block(y_true, [int(score >= 0.5) for score in y_score], y_score, **more)


def slope(y_true, y_score, **options):
    return calibration_slope(ScoreHistogram.of(scored(y_true, y_score)), **options)


def intercept(y_true, y_score, **options):
    return calibration_intercept(ScoreHistogram.of(scored(y_true, y_score)), **options)


def overlapping(table):
    y_true, y_score = (np.array(column) for column in zip(*table, strict=True))
    # Each class on both sides of the other: so that some line is the likeliest.
    return np.append(y_true, [1, 0, 1, 0]), np.append(y_score, [0.1, 0.1, 0.7, 0.7])


def drawn(n, *, true=(0.0, 1.0), seed=0):
    random = np.random.default_rng(seed)
    logit = random.normal(-0.5, 1.0, n)
    return (random.random(n) < 1 / (1 + np.exp(-true[0] - true[1] * logit))).astype(int), 1 / (1 + np.exp(-logit))


def loss(y, x, a, b):
    z = a + b * x
    return float((np.logaddexp(0, z) - y * z).sum())


def test_scores_twice_as_far_out_as_they_should_be_have_slope_one_half():
    # logit(0.8) = 2 logit(2/3), and a third of 30 rows came out against the score.
    measured = slope([0] * 20 + [1] * 10 + [0] * 10 + [1] * 20, [0.2] * 30 + [0.8] * 30)

    assert measured.value == pytest.approx(0.5, abs=1e-12)
    assert measured.low < 0.5 < measured.high < 1
    assert (measured.n, measured.unit, measured.method) == (60, "dimensionless", "robust_likelihood")


def test_outcomes_three_times_as_likely_as_said_have_intercept_log_three():
    measured = intercept([0] * 10 + [1] * 30, [0.5] * 40)

    assert measured.value == pytest.approx(np.log(3), abs=1e-12)
    assert 0 < measured.low < np.log(3) < measured.high


@given(tables)
@settings(max_examples=30, deadline=None)
def test_the_slope_is_that_of_scikit_learn(table):
    y, score = overlapping(table)
    x = np.log(score / (1 - score))
    model = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(x[:, None], y)

    assert slope(y, score).value == pytest.approx(model.coef_[0, 0], abs=1e-5)


@given(tables)
@settings(max_examples=30, deadline=None)
def test_the_intercept_is_that_of_scipy(table):
    y, score = overlapping(table)
    x = np.log(score / (1 - score))
    best = minimize(lambda a: loss(y, x, a[0], 1.0), [0.0], method="BFGS", options={"gtol": 1e-8})

    assert intercept(y, score).value == pytest.approx(best.x[0], abs=1e-5)


def test_the_interval_of_the_intercept_is_where_the_likelihood_falls():
    y, score = drawn(400)
    x, measured = np.log(score / (1 - score)), intercept(y, score)
    fallen = [loss(y, x, end, 1.0) - loss(y, x, measured.value, 1.0) for end in (measured.low, measured.high)]

    assert fallen[0] == pytest.approx(fallen[1], abs=1e-9)
    assert 1.92 < fallen[0] < 2.3


def test_the_interval_of_the_slope_is_where_the_profile_likelihood_falls():
    y, score = drawn(400)
    x, measured = np.log(score / (1 - score)), slope(y, score)

    def profile(b):
        a = brentq(lambda a: (y - 1 / (1 + np.exp(-a - b * x))).sum(), -9, 9, xtol=1e-14)
        return loss(y, x, a, b)

    fallen = [profile(end) - profile(measured.value) for end in (measured.low, measured.high)]
    assert fallen[0] == pytest.approx(fallen[1], abs=1e-8)
    assert 1.92 < fallen[0] < 2.3


@pytest.mark.parametrize(("check", "true"), [(calibration_slope, 0.6), (calibration_intercept, 0.4)])
def test_calibration_regression_covers_what_is_true(check, true):
    line = (0.0, true) if check is calibration_slope else (true, 1.0)
    found = [check(ScoreHistogram.of(scored(*drawn(150, true=line, seed=seed)))) for seed in range(120)]

    assert np.mean([one.low <= true <= one.high for one in found]) > 0.9


@pytest.mark.parametrize("check", BOTH)
def test_calibration_regression_ignores_row_order_and_blocks(check):
    made, order = scored(*drawn(200)), np.random.default_rng(3).permutation(200)
    added = ScoreHistogram.of(made.where(order[:70])) + ScoreHistogram.of(made.where(order[70:]))

    assert check(added) == check(ScoreHistogram.of(made))


def test_turning_classes_round_keeps_the_slope_and_turns_the_intercept():
    y, score = np.array([0, 1, 1, 0, 1, 0] * 10), np.array([0.25, 0.75, 0.25, 0.5, 0.75, 0.75] * 10)

    assert slope(1 - y, 1 - score).value == pytest.approx(slope(y, score).value, abs=1e-9)
    assert intercept(1 - y, 1 - score).high == pytest.approx(-intercept(y, score).low, abs=1e-9)


def test_more_rows_make_the_intervals_narrower():
    y, score = drawn(200)
    few, more = slope(y, score), slope(np.tile(y, 9), np.tile(score, 9))

    assert more.value == pytest.approx(few.value, abs=1e-9)
    assert (more.high - more.low) < (few.high - few.low) / 2.5


@pytest.mark.parametrize("check", BOTH)
def test_certain_scores_that_came_out_so_are_left_out(check):
    y, score = drawn(200)
    measured = check(ScoreHistogram.of(scored(np.append(y, [0, 1, 1]), np.append(score, [0.0, 1.0, 1.0]))))
    without = check(ScoreHistogram.of(scored(y, score)))

    assert (measured.value, measured.low) == (without.value, without.low)
    assert (measured.n, measured.details["certain"]) == (203, 3)


@pytest.mark.parametrize("check", BOTH)
@pytest.mark.parametrize(("outcome", "score"), [(1, 0.0), (0, 1.0)])
def test_a_certain_score_that_was_wrong_leaves_no_likeliest_line(check, outcome, score):
    y, scores = drawn(200)

    with pytest.raises(NotMeasurable, match=r"^separated$"):
        check(ScoreHistogram.of(scored(np.append(y, outcome), np.append(scores, score))))


@pytest.mark.parametrize(
    ("y_true", "y_score"),
    [
        ([0, 0, 1, 1], [0.1, 0.2, 0.7, 0.8]),
        ([1, 1, 0, 0], [0.1, 0.2, 0.7, 0.8]),
        ([0, 1], [0.4, 0.4]),
        ([0, 1], [0, 1]),
    ],
)
def test_the_slope_is_not_measurable_when_a_score_divides_the_classes(y_true, y_score):
    with pytest.raises(NotMeasurable, match=r"^separated$"):
        slope(y_true, y_score)


def test_the_intercept_is_not_measurable_when_all_rows_are_certain():
    with pytest.raises(NotMeasurable, match=r"^separated$"):
        intercept([0, 1], [0.0, 1.0])


def test_the_intercept_of_one_score_is_measured():
    assert intercept([0, 1] * 10, [0.4] * 20).value == pytest.approx(np.log(0.6 / 0.4), abs=1e-9)


@pytest.mark.parametrize("check", BOTH)
def test_few_expected_events_are_not_judged(check):
    y, score = [0, 1] * 10 + [0] * 10, [0.1, 0.2] * 10 + [0.1] * 10
    measured = check(ScoreHistogram.of(scored([1, *y], [0.05, *score])))

    assert (measured.judged, measured.reason.code, measured.low) == (False, "too_few_for_interval", None)
    assert measured.reason.with_["n"] == 31 < measured.reason.with_["needed"]


@pytest.mark.parametrize("check", BOTH)
def test_clustered_rows_are_not_judged(check):
    y, score = drawn(200)
    measured = check(ScoreHistogram.of(scored(y, score, entity=list(range(100)) * 2)))

    assert (measured.judged, measured.reason.code) == (False, "clustered_rows")


@pytest.mark.parametrize("check", BOTH)
def test_scores_on_the_grid_change_the_line_by_less_than_a_ten_thousandth(check):
    y, score = drawn(EXACT_SCORES + 40_000)
    cells = np.unique(score.round(3))
    measured, exact = check(ScoreHistogram.of(scored(y, score))), ScoreHistogram.of(scored(y, score.round(3)))

    assert measured.details["scores"] == "grid"
    assert exact.exact
    assert len(cells) < EXACT_SCORES
    x = np.log(score / (1 - score))
    if check is calibration_intercept:
        assert abs((y - 1 / (1 + np.exp(-measured.value - x))).mean()) < 1e-5
    else:
        model = LogisticRegression(C=np.inf, tol=1e-10).fit(x[:, None], y)
        assert measured.value == pytest.approx(model.coef_[0, 0], abs=1e-4)


@pytest.mark.parametrize("check", BOTH)
def test_tiny_scores_leave_no_number_that_is_not_finite(check):
    y, score = drawn(200)
    measured = check(ScoreHistogram.of(scored(np.append(y, 0), np.append(score, 5e-324))))

    assert np.isfinite([measured.value, measured.low, measured.high]).all()


@pytest.mark.parametrize("check", BOTH)
@pytest.mark.parametrize(
    ("made", "code"),
    [
        (block([0, 1], [0, 1]), "no_scores"),
        (block([0, 1], [0, 1], [0.1, 0.9]).where(np.zeros(2, bool)), "no_rows"),
        (block([0, 1], [0, 1], [0.1, 0.9], positive=None), "no_positive"),
        (block([1, 1], [1, 1], [0.2, 0.9]), "one_class"),
        (block([0], [0], [0.2]), "one_class"),
        (block(["a"], ["a"], classes=("a", "b", "c"), positive=None, task="multiclass"), "needs_binary"),
    ],
)
def test_calibration_regression_says_what_it_lacks(check, made, code):
    with pytest.raises(NotMeasurable, match=rf"^{code}$"):
        check(ScoreHistogram.of(made))


def counted(scores, counts, **more):
    roles = scored([0], [0.5], **more).roles
    return ScoreHistogram(roles=roles, scores=np.array(scores), counts=np.array(counts, np.int64))


@pytest.mark.parametrize("check", BOTH)
def test_details_and_confidence_unless_said_otherwise(check):
    evidence = counted([0.2, 0.5, 0.8], [[20, 8], [15, 15], [7, 22]])
    measured = check(evidence)

    assert measured == check(evidence, confidence=0.95)
    assert measured.details == {"certain": 0, "scores": "exact"}
    assert (measured.unit, measured.judged, measured.n, measured.method) == (
        "dimensionless",
        True,
        87,
        "robust_likelihood",
    )
    assert check(evidence, confidence=0.8).high < measured.high < check(evidence, confidence=0.99).high


@pytest.mark.parametrize("check", BOTH)
@pytest.mark.parametrize(
    ("scores", "counts", "n", "expected"),
    [
        ([0.125, 0.25], [[9, 7], [5, 3]], 24, 4),
        ([0.75, 0.875], [[3, 5], [7, 9]], 24, 4),
        ([0.25, 0.75], [[3, 1], [1, 4]], 9, 4.25),
        ([0.0625, 0.1875], [[2, 1], [1, 2]], 6, 0.75),
    ],
)
def test_too_few_expected_rows_tell_how_many_were_needed(check, scores, counts, n, expected):
    measured = check(counted(scores, counts))

    assert measured.reason.with_ == {"n": n, "needed": math.ceil(LEAST[check] * n / expected)}
    assert (measured.low, measured.high, measured.judged, measured.unit) == (None, None, False, "dimensionless")
    assert measured.details == {"certain": 0, "scores": "exact"}
    assert np.isfinite(measured.value)


@pytest.mark.parametrize("check", BOTH)
@pytest.mark.parametrize(
    ("scores", "counts"), [([0.125, 0.375], [[10, 6], [5, 3]]), ([0.625, 0.875], [[3, 5], [6, 10]])]
)
def test_the_least_expected_rows_of_either_class_are_enough_and_one_fewer_is_not(check, scores, counts):
    # 16 / 8 + 8 * 3 / 8 = 5.
    enough = np.array(counts) * LEAST[check] // 5
    fewer = enough - [[1, 0], [0, 0]]

    assert check(counted(scores, enough)).judged
    assert not check(counted(scores, fewer)).judged


@pytest.mark.parametrize("check", BOTH)
def test_scores_that_expect_next_to_nothing_are_not_judged(check):
    measured = check(counted([1e-300, 2e-300, 4e-300], [[2, 1], [1, 1], [2, 1]]))

    assert measured.reason.with_ == {"n": 8, "needed": LEAST[check] * 8 * 8}
    assert measured.judged is False


@pytest.mark.parametrize("check", BOTH)
def test_clustered_rows_keep_their_value_and_details(check):
    counts = [[20, 8], [15, 15], [7, 22]]
    measured = check(counted([0.2, 0.5, 0.8], counts, entity=[1]))

    assert measured.value == pytest.approx(check(counted([0.2, 0.5, 0.8], counts)).value, abs=1e-12)
    assert measured.details == {"certain": 0, "scores": "exact"}
    assert (measured.n, measured.low, measured.reason.code) == (87, None, "clustered_rows")


@pytest.mark.parametrize("check", BOTH)
def test_clustered_rows_are_named_before_few_ones(check):
    assert check(counted([0.125, 0.25], [[9, 7], [5, 3]], entity=[1])).reason.code == "clustered_rows"


@pytest.mark.parametrize("check", BOTH)
def test_cells_speak_by_the_mean_of_their_scores(check):
    counts = np.array([[20, 8], [15, 15], [7, 22]])
    means = np.array([0.25, 0.5, 0.75])
    table = np.column_stack([counts, (means * 2.0**32).astype(np.int64) * counts.sum(axis=1)])
    cells = KeyCounts(outer=np.zeros(3, np.int64), cells=np.arange(3), shift=1, table=table)
    middles = ScoreHistogram(
        roles=scored([0], [0.5]).roles, scores=np.array([0.2, 0.6, 0.9]), counts=counts, cells=cells
    )
    measured, meant = check(middles), check(counted(means, counts))

    assert (measured.value, measured.low) == pytest.approx((meant.value, meant.low), abs=1e-9)
    assert measured.details == {"certain": 0, "scores": "grid"}


@pytest.mark.parametrize("check", BOTH)
def test_cells_whose_mean_rounds_to_certainty_speak_by_their_middle(check):
    counts = np.array([[5, 1], [20, 8], [15, 15], [7, 22], [1, 9]])
    scores, means = np.array([1e-12, 0.25, 0.5, 0.75, 1 - 1e-12]), np.array([0.0, 0.25, 0.5, 0.75, 1.0])
    table = np.column_stack([counts, (means * 2.0**32).astype(np.int64) * counts.sum(axis=1)])
    cells = KeyCounts(outer=np.zeros(5, np.int64), cells=np.arange(5), shift=1, table=table)
    rounded = ScoreHistogram(roles=scored([0], [0.5]).roles, scores=scores, counts=counts, cells=cells)

    assert check(rounded).value == pytest.approx(check(counted(scores, counts)).value, abs=1e-9)


@pytest.mark.parametrize("check", BOTH)
@pytest.mark.parametrize(("scores", "counts", "certain"), [([0.0], [[7, 0]], 7), ([1.0], [[0, 9]], 9)])
def test_certain_rows_are_counted_and_change_nothing(check, scores, counts, certain):
    inside, rows = [0.2, 0.5, 0.8], [[20, 8], [15, 15], [7, 22]]
    order = np.argsort([*inside, *scores])
    measured = check(counted(np.array([*inside, *scores])[order], np.array([*rows, *counts])[order]))

    assert measured.value == check(counted(inside, rows)).value
    assert (measured.details["certain"], measured.n) == (certain, 87 + certain)


@pytest.mark.parametrize("counts", [[[5, 0], [0, 0], [0, 5]], [[5, 0], [3, 0], [0, 5]], [[5, 0], [0, 3], [0, 5]]])
@pytest.mark.parametrize("check", BOTH)
def test_one_class_among_uncertain_scores_has_no_likeliest_line(check, counts):
    kept = [place for place, row in enumerate(counts) if sum(row)]
    with pytest.raises(NotMeasurable, match=r"^separated$"):
        check(counted(np.array([0.0, 0.5, 1.0])[kept], np.array(counts)[kept]))


@pytest.mark.parametrize("check", BOTH)
def test_ten_thousand_scores_are_measured_in_a_moment(check):
    evidence = ScoreHistogram.of(scored(*drawn(10_000)))
    started = time.process_time()
    check(evidence)

    # 5 ms; nested bisections took 210 ms.
    assert time.process_time() - started < 0.1


@pytest.mark.parametrize("turned", [False, True])
def test_one_row_of_a_class_has_a_line(turned):
    counts = np.array([[4, 0], [3, 1], [5, 0]])
    scores, counts = ([0.25, 0.5, 0.75], counts[:, ::-1]) if turned else ([0.25, 0.5, 0.75], counts)
    slope, intercept = (check(counted(scores, counts)) for check in BOTH)

    assert (slope.n, intercept.n) == (13, 13)
    assert np.isfinite(slope.value)
    assert intercept.low < intercept.value < intercept.high
