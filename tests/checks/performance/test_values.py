import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import binom, gamma, invgamma
from sklearn import metrics

from reliability.checks.performance.values import (
    mean_absolute_error,
    median_absolute_error,
    r2_score,
    root_mean_squared_error,
)
from reliability.errors import NotMeasurable
from reliability.evidence.error_histogram import ErrorHistogram
from reliability.evidence.moments import Moments
from tests.builders import block

valued = st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)), min_size=1, max_size=40)
OF_SUMS = [mean_absolute_error, root_mean_squared_error, r2_score]
EVERY = [*OF_SUMS, median_absolute_error]


def kind(check):
    return ErrorHistogram if check is median_absolute_error else Moments


def measured_by(check, y_true, y_pred, *, confidence=0.95, **more):
    return check(kind(check).of(block(y_true, y_pred, task="regression", **more)), confidence=confidence)


def drawn(n, seed=0):
    draws = np.random.default_rng(seed)
    y = draws.normal(size=n)
    return y, y + draws.laplace(size=n) / 2


@given(valued)
@settings(max_examples=40, deadline=None)
def test_measures_of_values_agree_with_scikit_learn(table):
    y_true, y_pred = (np.array(side) for side in zip(*table, strict=True))
    assume(not 0 < np.abs(y_pred - y_true).max() < 1e-140)  # squares that are nothing to a float64 are refused

    for check, oracle in [
        (mean_absolute_error, metrics.mean_absolute_error),
        (root_mean_squared_error, metrics.root_mean_squared_error),
        (median_absolute_error, metrics.median_absolute_error),
    ]:
        assert measured_by(check, y_true, y_pred).value == pytest.approx(oracle(y_true, y_pred), rel=1e-12, abs=1e-160)


def test_measures_of_values_by_hand():
    y_true, y_pred = [3, -0.5, 2, 7], [2.5, 0.0, 2, 8]
    found = {check.__name__: measured_by(check, y_true, y_pred) for check in EVERY}

    assert found["mean_absolute_error"].value == 0.5
    assert found["root_mean_squared_error"].value == pytest.approx(np.sqrt(0.375), abs=1e-15)
    assert found["median_absolute_error"].value == 0.5
    assert {one.unit for one in found.values()} == {"target", "dimensionless"}
    assert {one.n for one in found.values()} == {4}


def gamma_limits(values, factor, confidence):
    """Limits of a mean by Gamma distributions, written out."""
    n, below = len(values), (1 - confidence) / 2
    shape = values.mean() ** 2 / (values.var() / (n - 1))
    low = gamma.ppf(below, shape, scale=values.mean() / shape)
    more = np.append(values, factor * values.max())
    shape = more.mean() ** 2 / (more.var() / n)
    return low, invgamma.ppf(1 - below, shape, scale=more.mean() * shape)


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_mean_absolute_error_has_limits_by_gamma_distributions(confidence):
    y_true, y_pred = drawn(80)
    measured = measured_by(mean_absolute_error, y_true, y_pred, confidence=confidence)

    assert (measured.low, measured.high) == pytest.approx(
        gamma_limits(np.abs(y_pred - y_true), 1 + 30 / 80, confidence), rel=1e-9
    )
    assert measured.method == "gamma_matched"


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_root_mean_squared_error_expects_a_further_error_the_heavier_the_tail(confidence):
    y_true, y_pred = drawn(400)
    squared = (y_pred - y_true) ** 2
    tail = np.mean(squared**2) / np.mean(squared) ** 2 / 3
    measured = measured_by(root_mean_squared_error, y_true, y_pred, confidence=confidence)

    assert 1 + 30 / 400 < tail < 4
    assert (measured.low, measured.high) == pytest.approx(np.sqrt(gamma_limits(squared, tail, confidence)), rel=1e-9)
    assert measured.method == "gamma_matched_root"


@pytest.mark.parametrize(
    ("check", "n", "needed"),
    [
        (mean_absolute_error, 29, 30),
        (root_mean_squared_error, 299, 300),
        (r2_score, 299, 300),
        (median_absolute_error, 5, 6),
    ],
)
def test_fewer_rows_than_an_interval_needs_are_told_but_not_judged(check, n, needed):
    few, enough = measured_by(check, *drawn(n)), measured_by(check, *drawn(needed))

    assert (few.judged, few.low, few.reason.code) == (False, None, "too_few_for_interval")
    assert few.reason.with_ == {"n": n, "needed": needed}
    assert enough.low < enough.value < enough.high


@pytest.mark.parametrize("n", [6, 7, 50, 51, 1000])
@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_median_absolute_error_has_the_limits_of_its_ranks(n, confidence):
    y_true, y_pred = drawn(n)
    ranked = np.sort(np.abs(y_pred - y_true))
    place = int(binom.ppf((1 - confidence) / 2, n, 0.5))
    place -= binom.cdf(place, n, 0.5) > (1 - confidence) / 2
    measured = measured_by(median_absolute_error, y_true, y_pred, confidence=confidence)

    assert (measured.low, measured.high) == (ranked[place], ranked[n - 1 - place])
    assert measured.details == {"errors": "exact"}


def test_median_absolute_error_on_the_grid_stays_within_its_cell():
    y_true, y_pred = drawn(100_000)
    measured = measured_by(median_absolute_error, y_true, y_pred)
    expected = metrics.median_absolute_error(y_true, y_pred)
    least, most = measured.details["cell"]

    assert measured.details["errors"] == "grid"
    assert least <= expected <= most
    assert most / least < 1.0005
    assert measured.value == pytest.approx(expected, rel=2e-4)


def influence_limit(errors, deviations, error, deviation, t):
    """One limit of 1 - R squared written out row by row, with one further row."""
    errors, deviations = np.append(errors, error), np.append(deviations, deviation)
    n, odds = len(errors), errors.sum() / deviations.sum()
    relative = np.sqrt(np.sum((errors - odds * deviations) ** 2) * n / (n - 1)) / errors.sum()
    return odds * (n - 1) / n * np.exp(t * relative)


def test_r2_score_has_the_limits_of_its_influences():
    y_true, y_pred = drawn(400)
    errors, deviations = (y_pred - y_true) ** 2, (y_true - y_true.mean()) ** 2
    further = [max(1 + 30 / 400, np.mean(one**2) / np.mean(one) ** 2 / 3) * one.max() for one in (errors, deviations)]
    measured = measured_by(r2_score, y_true, y_pred)
    t = 1.965927

    assert measured.low == pytest.approx(1 - influence_limit(errors, deviations, further[0], 0, t), abs=1e-6)
    assert measured.high == pytest.approx(1 - influence_limit(errors, deviations, 0, further[1], -t), abs=1e-6)
    assert measured.method == "log_ratio"


@pytest.mark.parametrize("check", EVERY)
def test_measures_of_values_ignore_row_order_and_blocks(check):
    rows = block(*drawn(400), task="regression")
    order = np.random.default_rng(1).permutation(400)
    parts = [kind(check).of(rows.where(part)) for part in np.split(order, [1, 150])]

    assert check(parts[2] + parts[0] + parts[1]) == check(kind(check).of(rows))


@pytest.mark.parametrize("check", EVERY)
@pytest.mark.parametrize("factor", [2.0, 1024.0, 0.125])
def test_measures_of_values_change_with_the_unit_as_they_should(check, factor):
    y_true, y_pred = drawn(400)
    once, scaled = measured_by(check, y_true, y_pred), measured_by(check, factor * y_true, factor * y_pred)
    by = 1 if check is r2_score else factor

    assert (scaled.value, scaled.low, scaled.high) == pytest.approx(
        (by * once.value, by * once.low, by * once.high), rel=1e-12
    )


@pytest.mark.parametrize("check", EVERY)
def test_measures_of_values_are_wider_at_more_confidence(check):
    one, other = (measured_by(check, *drawn(400), confidence=confidence) for confidence in (0.9, 0.99))

    assert other.low < one.low < one.value == other.value < one.high < other.high


@pytest.mark.parametrize("check", EVERY)
def test_measures_of_values_of_repeated_rows_keep_their_value_and_narrow(check):
    y_true, y_pred = drawn(301)
    once, often = measured_by(check, y_true, y_pred), measured_by(check, np.tile(y_true, 9), np.tile(y_pred, 9))

    assert often.value == pytest.approx(once.value, rel=1e-12)
    assert often.high - often.low < (once.high - once.low) / 2


@pytest.mark.parametrize("check", OF_SUMS)
def test_perfect_predictions_leave_no_variance_to_judge_by(check):
    measured = measured_by(check, np.arange(300.0), np.arange(300.0))

    assert (measured.judged, measured.low, measured.reason.code) == (False, None, "variance_not_estimable")


@pytest.mark.parametrize("check", [mean_absolute_error, root_mean_squared_error])
def test_errors_of_one_size_leave_no_variance_to_judge_by(check):
    measured = measured_by(check, np.zeros(300), [0.1, -0.1] * 150)

    assert (measured.value, measured.judged) == (pytest.approx(0.1, rel=1e-15), False)
    assert measured.reason.code == "variance_not_estimable"


def test_median_absolute_error_of_perfect_predictions_is_judged():
    measured = measured_by(median_absolute_error, np.arange(30.0), np.arange(30.0))

    assert (measured.value, measured.low, measured.high, measured.judged) == (0.0, 0.0, 0.0, True)


def test_median_absolute_error_of_tied_errors_is_their_number():
    measured = measured_by(median_absolute_error, np.zeros(40), [1.0] * 30 + [5.0] * 10)

    assert (measured.value, measured.low, measured.high) == (1.0, 1.0, 1.0)


@pytest.mark.parametrize("check", [mean_absolute_error, root_mean_squared_error, median_absolute_error])
def test_measures_of_values_of_one_row_are_its_distance(check):
    measured = measured_by(check, [1.0], [3.5])

    assert (measured.value, measured.judged, measured.reason.code) == (2.5, False, "too_few_for_interval")


@pytest.mark.parametrize("check", EVERY)
def test_measures_of_values_of_clustered_rows_are_not_judged(check):
    measured = measured_by(check, *drawn(400), entity=np.arange(400) // 2)

    assert (measured.judged, measured.low, measured.reason.code) == (False, None, "clustered_rows")


@pytest.mark.parametrize("check", EVERY)
@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (block([0, 1], [0, 1], [0.1, 0.9]), "needs_regression"),
        (block([1.0], [1.0], task="regression").where(np.zeros(1, bool)), "no_rows"),
    ],
)
def test_measures_of_values_say_what_they_lack(check, rows, code):
    with pytest.raises(NotMeasurable, match=rf"^{code}"):
        check(kind(check).of(rows))


@pytest.mark.parametrize("check", [root_mean_squared_error, median_absolute_error])
def test_errors_beyond_the_range_of_floats_are_not_measurable(check):
    with pytest.raises(NotMeasurable, match=r"^numbers_too_large"):
        measured_by(check, [1.7e308, 0.0], [-1.7e308, 0.0])


ERRORS = {
    "normal": (lambda draws, n: draws.normal(size=n), np.sqrt(2 / np.pi), 1.0),
    "laplace": (lambda draws, n: draws.laplace(size=n), 1.0, np.sqrt(2)),
    "exponential": (lambda draws, n: draws.exponential(size=n), 1.0, np.sqrt(2)),
    "lognormal": (lambda draws, n: draws.lognormal(size=n), np.exp(0.5), np.e),
}


@pytest.mark.parametrize("errors", ERRORS)
@pytest.mark.parametrize(("check", "n"), [(mean_absolute_error, 40), (root_mean_squared_error, 300)])
def test_limits_of_mean_errors_cover(check, n, errors):
    # Student's t covers 88 % of the means of 40 lognormal errors, and 80 % of the roots of 300 squared ones.
    drawn_from, mean, root = ERRORS[errors]
    draws, expected = np.random.default_rng(3), mean if check is mean_absolute_error else root
    measured = [measured_by(check, np.zeros(n), drawn_from(draws, n)) for _ in range(200)]

    assert sum(one.low <= expected <= one.high for one in measured) >= 186
    assert sum(one.high < expected for one in measured) <= 10


def test_r2_score_does_not_move_when_the_target_is_shifted():
    y = np.arange(300) % 7 + 0.5
    predicted = y + np.arange(300) % 3
    here, there = measured_by(r2_score, y, predicted), measured_by(r2_score, y + 1e6, predicted + 1e6)

    assert (there.value, there.low, there.high) == pytest.approx((here.value, here.low, here.high), rel=1e-9)


def test_r2_score_is_not_measurable_when_the_target_does_not_vary():
    with pytest.raises(NotMeasurable, match=r"^no_variation"):
        measured_by(r2_score, [2, 2], [1, 3])


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
    assert measured_by(r2_score, y_true, y_pred).value == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(
    ("y_true", "y_pred", "code"),
    [
        ([5.0, 5.0], [1.0, 2.0], "no_variation"),
        ([5.0], [1.0], "no_variation"),
        ([0.0, 1e-160], [1.0, 1.0], "numbers_too_small"),
        ([1e200, 0.0], [0.0, 0.0], "numbers_too_large"),
    ],
)
def test_r2_score_says_why_it_has_no_number(y_true, y_pred, code):
    with pytest.raises(NotMeasurable, match=rf"^{code}"):
        measured_by(r2_score, y_true, y_pred)


def test_mean_absolute_error_of_huge_errors_is_told_but_not_judged():
    measured = measured_by(mean_absolute_error, [1e200, 0.0], [0.0, 0.0])

    assert measured.value == 5e199
    assert (measured.judged, measured.reason.code) == (False, "numbers_too_large")


@pytest.mark.parametrize("shape", [1, -1])
def test_r2_score_expects_a_further_value_as_far_as_the_farthest_on_either_side(shape):
    draws = np.random.default_rng(4)
    y_true = shape * draws.exponential(size=400)
    y_pred = y_true + draws.normal(scale=0.5, size=400)
    errors, deviations = (y_pred - y_true) ** 2, (y_true - y_true.mean()) ** 2
    further = [max(1 + 30 / 400, np.mean(one**2) / np.mean(one) ** 2 / 3) * one.max() for one in (errors, deviations)]
    measured = measured_by(r2_score, y_true, y_pred)

    assert measured.low == pytest.approx(1 - influence_limit(errors, deviations, further[0], 0, 1.965927), abs=1e-6)
    assert measured.high == pytest.approx(1 - influence_limit(errors, deviations, 0, further[1], -1.965927), abs=1e-6)


NAMES = {
    mean_absolute_error: ("target", "gamma_matched"),
    root_mean_squared_error: ("target", "gamma_matched_root"),
    median_absolute_error: ("target", "order_statistics"),
    r2_score: ("dimensionless", "log_ratio"),
}


@pytest.mark.parametrize("check", EVERY)
def test_measures_of_values_name_their_unit_and_method(check):
    measured = measured_by(check, *drawn(400))

    assert (measured.unit, measured.method) == NAMES[check]
    assert (measured.n, measured.judged, measured.reason, measured.of) == (400, True, None, None)


@pytest.mark.parametrize("check", EVERY)
@pytest.mark.parametrize("more", [{"entity": np.arange(400) // 2}, {}])
def test_measures_of_values_that_are_not_judged_still_tell_value_unit_and_rows(check, more):
    n = 400 if more else 5
    plain, measured = measured_by(check, *drawn(n)), measured_by(check, *drawn(n), **more)

    assert (measured.value, measured.n, measured.unit) == (plain.value, n, NAMES[check][0])
    assert (measured.low, measured.high, measured.method, measured.judged) == (None, None, None, False)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_median_absolute_error_tells_how_exact_it_is_even_where_it_is_not_judged(n):
    assert measured_by(median_absolute_error, *drawn(n)).details == {"errors": "exact"}


@pytest.mark.parametrize(
    ("errors", "value"),
    [([1], 1), ([1, 2], 1.5), ([1, 2, 9], 2), ([4, 1, 3, 2], 2.5), ([0, 0, 0, 8], 0), ([5, 5, 1, 1], 3)],
)
def test_median_absolute_error_by_hand(errors, value):
    assert measured_by(median_absolute_error, np.zeros(len(errors)), errors).value == value
    assert measured_by(median_absolute_error, np.zeros(len(errors)), -np.array(errors)).value == value


@pytest.mark.parametrize("n", [80_000, 80_001])
def test_median_absolute_error_on_the_grid_has_limits_that_hold_the_exact_ones(n):
    y_true, y_pred = drawn(n)
    ranked = np.sort(np.abs(y_pred - y_true))
    place = int(binom.ppf(0.025, n, 0.5)) - 1
    measured = measured_by(median_absolute_error, y_true, y_pred)
    least, most = measured.details["cell"]

    assert measured.low <= ranked[place] <= ranked[n - 1 - place] <= measured.high
    assert measured.high - measured.low < 1.1 * (ranked[n - place] - ranked[place - 1]) + 2 * (most - least)
    assert least <= measured.value <= most


@given(valued)
@settings(max_examples=30, deadline=None)
def test_errors_keep_their_order(table):
    y_true, y_pred = (np.array(side) for side in zip(*table, strict=True))
    assume(not 0 < np.abs(y_pred - y_true).max() < 1e-140)  # squares that are nothing to a float64 are refused
    mean, root, median = (
        measured_by(check, y_true, y_pred).value
        for check in (mean_absolute_error, root_mean_squared_error, median_absolute_error)
    )

    assert 0 <= mean <= root * (1 + 1e-12)
    assert 0 <= median <= 2 * mean * (1 + 1e-12) + 1e-300


@pytest.mark.parametrize("check", [mean_absolute_error, root_mean_squared_error, median_absolute_error])
def test_errors_do_not_depend_on_which_side_is_true(check):
    y_true, y_pred = drawn(400)
    one, other = measured_by(check, y_true, y_pred), measured_by(check, y_pred, y_true)

    assert (one.value, one.low, one.high) == (other.value, other.low, other.high)


def test_r2_score_of_errors_that_all_have_one_size_is_judged():
    y = np.arange(300.0)
    measured = measured_by(r2_score, y, y + np.tile([1.0, -1.0], 150))

    assert measured.value == pytest.approx(1 - 300 / ((y - y.mean()) ** 2).sum())
    assert measured.low < measured.value < measured.high <= 1


def test_r2_score_of_one_wrong_row_among_many_is_judged_with_doubt():
    y = np.arange(400.0)
    measured = measured_by(r2_score, y, np.where(y == 7, 107, y))

    assert measured.judged
    assert measured.high - measured.value < measured.value - measured.low


@pytest.mark.parametrize("check", EVERY)
def test_measures_of_values_mean_ninety_five_percent_where_nothing_is_said(check):
    counted = kind(check).of(block(*drawn(400), task="regression"))

    assert check(counted) == check(counted, confidence=0.95)


@pytest.mark.parametrize("n", [80_000, 80_002])
def test_median_absolute_error_between_two_heaps_spans_both_on_the_grid(n):
    draws = np.random.default_rng(6)
    errors = np.concatenate([draws.uniform(1, 2, n // 2), draws.uniform(5, 6, n // 2)])
    measured = measured_by(median_absolute_error, np.zeros(n), errors)
    below, above = errors[: n // 2].max(), errors[n // 2 :].min()
    least, most = measured.details["cell"]

    assert least <= below < 3 < above <= most
    assert measured.value == pytest.approx((below + above) / 2, rel=1e-3)


@pytest.mark.parametrize("check", [root_mean_squared_error, r2_score])
def test_squares_that_vanish_are_no_measure_of_errors(check):
    y_true, y_pred = drawn(400)

    with pytest.raises(NotMeasurable, match=r"^numbers_too_small"):
        measured_by(check, y_true * 1e-170, y_pred * 1e-170)


def test_mean_absolute_error_of_tiny_errors_is_told_but_not_judged():
    y_true, y_pred = drawn(400)
    measured = measured_by(mean_absolute_error, y_true * 1e-170, y_pred * 1e-170)

    assert measured.value > 0
    assert (measured.judged, measured.reason.code) == (False, "numbers_too_small")


def test_root_mean_squared_error_is_told_but_not_judged_where_only_fourth_powers_vanish():
    y_true, y_pred = drawn(400)
    small, whole = (measured_by(root_mean_squared_error, y_true * by, y_pred * by) for by in (2.0**-260, 1.0))

    assert small.value == whole.value * 2.0**-260
    assert (small.judged, small.reason.code) == (False, "numbers_too_small")
