import warnings
from collections import Counter
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import expit, logit
from scipy.stats import t as student

from reliability.errors import NotMeasurable
from reliability.intervals.logistic import Outcomes, fitted_intercept, fitted_line, intercept_interval, slope_interval

cells = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=3, max_size=8)


def rows(x, counts):
    return Outcomes(x=np.array(x, np.float64), counts=np.array(counts, np.int64))


def spread(table):
    """Cells on a line, each class on both sides of the other."""
    counts = [[1, 1], *(list(cell) for cell in table), [1, 1]]
    return rows(np.linspace(-2, 2.5, len(counts)), counts)


def loss(outcomes, a, b):
    z = a + b * outcomes.x
    return float(outcomes.counts[:, 1] @ np.logaddexp(0, -z) + outcomes.counts[:, 0] @ np.logaddexp(0, z))


def excess(outcomes, b):
    return lambda a: float((outcomes.counts[:, 1] - outcomes.counts.sum(axis=1) * expit(a + b * outcomes.x)).sum())


def profile(outcomes, b):
    return loss(outcomes, brentq(excess(outcomes, b), -500, 500, xtol=1e-14), b)


def test_outcomes_are_counted():
    made = rows([-1, 0, 2], [[3, 1], [0, 2], [4, 0]])

    assert (made.n, made.events) == (10, 3)
    assert made.without.tolist() == [3, 0, 4]
    assert made.having.tolist() == [1, 2, 0]
    assert made.rows.tolist() == [4, 2, 4]


def test_residuals_variances_and_squares_are_those_of_the_model():
    made = rows([0.0, np.log(3)], [[3, 1], [2, 6]])
    residual, variance = made.residuals(0.0, 1.0)

    assert residual == pytest.approx([1 - 2, 6 - 6])
    assert variance == pytest.approx([4 / 4, 8 * 3 / 16])
    assert made.squares(0.0, 1.0) == pytest.approx([4 / 4, 6 / 16 + 2 * 9 / 16])


def test_all_that_is_told_at_once_is_what_is_told_apart():
    made = rows([-800.0, -1.0, 0.0, 0.5, 2.0, 800.0], [[9, 4], [6, 6], [3, 10], [1, 0], [0, 2], [7, 7]])
    losses, residual, variance = made.told(0.3, 1.2)

    assert float(losses.sum()) == pytest.approx(loss(made, 0.3, 1.2), rel=1e-12)
    assert residual == pytest.approx(made.residuals(0.3, 1.2)[0], rel=1e-12)
    assert variance == pytest.approx(made.residuals(0.3, 1.2)[1], rel=1e-9, abs=1e-300)


def test_losses_are_those_of_log_likelihood_and_never_overflow():
    made = rows([0.0, np.log(3), 5000.0, -5000.0], [[3, 1], [2, 6], [1, 2], [0, 1]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = made.told(0.0, 1.0)[0]

    assert found == pytest.approx([4 * np.log(2), 6 * np.log(4 / 3) + 2 * np.log(4), 5000.0, 5000.0])


@pytest.mark.parametrize("start", [0.0, -40.0, 600.0, 1e300])
def test_the_intercept_does_not_depend_on_where_the_search_begins(start):
    made = rows([-3.0, 0.0, 2.0], [[3, 1], [5, 5], [1, 7]])

    assert fitted_intercept(made, 0.7, start=start) == pytest.approx(brentq(excess(made, 0.7), -9, 9), abs=1e-9)


@pytest.mark.parametrize(
    ("x", "a"), [([-700.0, -700.0], 700.0), ([-744.0, 36.0], 354.0), ([300.0, 700.0], -500.0), ([0.0, 0.0], 0.0)]
)
def test_the_intercept_is_found_however_far_it_lies(x, a):
    # As far from the one as from the other: one event of two rows.
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = fitted_intercept(rows(x, [[1, 0], [0, 1]]), 1.0)

    assert expit(found + np.array(x)).sum() == pytest.approx(1.0, abs=1e-9)
    assert abs(found - a) < 354


def test_an_intercept_where_every_row_is_all_but_certain_is_found_without_overflow():
    made = rows([-600.0, -300.0], [[0, 3], [5, 0]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = fitted_intercept(made, 1.0, start=-2000.0)

    # 3 of the 5 rows with the higher x.
    assert found == pytest.approx(300 + logit(0.6), abs=1e-9)


def test_the_intercept_without_a_slope_is_the_logit_of_the_rate():
    assert fitted_intercept(rows([-1, 4], [[3, 1], [5, 1]]), 0.0) == pytest.approx(logit(0.2), abs=1e-15)


@given(cells)
@settings(max_examples=40, deadline=None)
def test_no_line_beside_the_fitted_one_is_likelier(table):
    made = spread(table)
    a, b = fitted_line(made)

    for da, db in [(1e-4, 0), (-1e-4, 0), (0, 1e-4), (0, -1e-4), (1e-4, -1e-4)]:
        assert loss(made, a + da, b + db) > loss(made, a, b)
    residual, _ = made.residuals(a, b)
    assert (residual.sum(), (residual * made.x).sum()) == pytest.approx((0.0, 0.0), abs=1e-7)


@given(cells, st.sampled_from([0.5, 0.9, 0.99]))
@settings(max_examples=30, deadline=None)
def test_both_limits_of_the_slope_lose_what_is_allowed(table, confidence):
    made = spread(table)
    b, (low, high) = slope_interval(made, confidence=confidence)
    (a, _), n = fitted_line(made), made.n
    p, x = expit(a + b * made.x), made.x
    weight = made.counts.sum(axis=1) * p * (1 - p)
    off = x - (weight @ x) / weight.sum()
    squares = made.counts[:, 1] * (1 - p) ** 2 + made.counts[:, 0] * p**2
    ratio = max(1.0, (off**2 @ squares) / (off**2 @ weight) * n / (n - 2))
    freedom = max(1, 2 * min(made.events, n - made.events) - 2)
    allowed = student.ppf(0.5 + confidence / 2, freedom) ** 2 / 2 * ratio

    assert low < b < high
    for end in (low, high):
        if abs(end) < 50:
            assert profile(made, end) - loss(made, a, b) == pytest.approx(allowed, rel=1e-6)


@given(cells, st.sampled_from([0.5, 0.9, 0.99]))
@settings(max_examples=30, deadline=None)
def test_both_limits_of_the_intercept_lose_what_is_allowed(table, confidence):
    made = spread(table)
    a, (low, high) = intercept_interval(made, confidence=confidence)
    p, n = expit(a + made.x), made.n
    squares = made.counts[:, 1] * (1 - p) ** 2 + made.counts[:, 0] * p**2
    ratio = max(1.0, squares.sum() / (made.counts.sum(axis=1) * p * (1 - p)).sum() * n / (n - 1))
    freedom = max(1, 2 * min(made.events, n - made.events) - 2)
    allowed = student.ppf(0.5 + confidence / 2, freedom) ** 2 / 2 * ratio

    assert low < a < high
    for end in (low, high):
        assert loss(made, end, 1.0) - loss(made, a, 1.0) == pytest.approx(allowed, rel=1e-8)


def test_the_intercept_of_one_number_has_the_likelihood_limits_of_a_proportion():
    # 12 of 40: 2 (l(0.3) - l(p)) = t^2 with 22 degrees of freedom, n / (n - 1) as the residuals are the model's.
    _, limits = intercept_interval(rows([0.0], [[28, 12]]), confidence=0.95)
    allowed = student.ppf(0.975, 22) ** 2 * 40 / 39

    for p in expit(np.array(limits)):
        assert 2 * (12 * np.log(0.3 / p) + 28 * np.log(0.7 / (1 - p))) == pytest.approx(allowed, abs=1e-9)


def test_one_row_of_the_rarer_outcome_has_students_quantile_of_one_degree():
    made = rows([0.0], [[9, 1]])
    _, (low, _) = intercept_interval(made, confidence=0.5)
    p = float(expit(low))

    assert 2 * (np.log(0.1 / p) + 9 * np.log(0.9 / (1 - p))) == pytest.approx(10 / 9, abs=1e-9)


@pytest.mark.parametrize("shift", [-6.0, 0.0, 40.0])
def test_moving_the_number_moves_the_intercept_and_not_the_slope(shift):
    x, counts = np.array([-1.0, 0.5, 2.0]), [[9, 4], [6, 6], [3, 10]]
    (a, b), (moved, same) = fitted_line(rows(x, counts)), fitted_line(rows(x + shift, counts))

    assert (moved + same * shift, same) == pytest.approx((a, b), abs=1e-9)
    one, other = (slope_interval(rows(x + by, counts), confidence=0.95) for by in (0.0, shift))
    assert (one[0], *one[1]) == pytest.approx((other[0], *other[1]), abs=1e-8)


@pytest.mark.parametrize("scale", [1e-9, 1e-3, 1e3])
def test_a_number_in_other_units_has_its_slope_in_them(scale):
    x, counts = np.array([-1.0, 0.5, 2.0]), [[9, 4], [6, 6], [3, 10]]
    one, other = (slope_interval(rows(x * by, counts), confidence=0.95) for by in (1.0, scale))

    assert np.array([other[0], *other[1]]) * scale == pytest.approx([one[0], *one[1]], rel=1e-8)


def test_numbers_that_lie_close_together_are_not_lost_beside_what_they_share():
    x, counts = np.array([0.0, 1.0, 2.0]) * 2.0**-40, [[9, 4], [6, 6], [3, 10]]
    near, plain = (
        slope_interval(rows(0.5 + x, counts), confidence=0.95),
        slope_interval(rows(x, counts), confidence=0.95),
    )

    assert (near[0], *near[1]) == pytest.approx((plain[0], *plain[1]), rel=1e-9)


def test_numbers_too_close_for_their_squares_have_no_likeliest_line():
    with pytest.raises(NotMeasurable, match=r"^separated$"):
        fitted_line(rows([-1e-200, 0.0, 1e-200], [[3, 1], [1, 2], [2, 2]]))


@pytest.mark.parametrize(
    "counts", [[[5, 0], [0, 0], [0, 5]], [[0, 5], [0, 1], [5, 0]], [[5, 0], [2, 5], [0, 3]], [[0, 2], [4, 4], [7, 0]]]
)
@pytest.mark.parametrize("fit", [fitted_line, lambda made: slope_interval(made, confidence=0.95)])
def test_no_slope_is_the_likeliest_where_one_number_divides_the_outcomes(fit, counts):
    with pytest.raises(NotMeasurable, match=r"^separated$"):
        fit(rows([-1.0, 0.0, 1.0], counts))


def test_a_step_that_would_make_the_outcomes_less_likely_is_shortened():
    # Newton's first full step overshoots here: nearly all rows at one end, one row far out.
    made = rows([-30.0, -1.0, 0.0, 1.0, 40.0], [[1000, 1], [2, 1], [1, 1], [1, 2], [0, 1000]])
    a, b = fitted_line(made)

    assert np.abs(made.residuals(a, b)[0].sum()) < 1e-7
    assert np.abs((made.residuals(a, b)[0] * made.x).sum()) < 1e-6


class Watched(Outcomes):
    """Outcomes that count how often they are asked."""

    asked: ClassVar[Counter[str]] = Counter()

    def residuals(self, a, b):
        self.asked["residuals"] += 1
        return super().residuals(a, b)

    def told(self, a, b):
        self.asked["told"] += 1
        return super().told(a, b)


def times_asked(fit, x, counts):
    Watched.asked.clear()
    fit(Watched(x=np.array(x, np.float64), counts=np.array(counts, np.int64)))
    return Watched.asked["residuals"], Watched.asked["told"]


def test_the_intercept_is_found_in_steps_that_shrink_by_squares():
    residuals, _ = times_asked(lambda made: fitted_intercept(made, 0.7), [-3.0, 0.0, 2.0], [[3, 1], [5, 5], [1, 7]])

    # Halvings alone would take forty.
    assert residuals <= 6


@pytest.mark.parametrize(
    ("x", "counts"),
    [
        ([-1.0, 0.5, 2.0, 9.0], [[9, 4], [6, 6], [3, 10], [8, 9]]),
        ([-1.0, 0.5, 2.0, 9.0], [[9_000_000, 4_000_000], [6_000_000] * 2, [3_000_000, 10**7], [8_000_000, 9_000_000]]),
        (
            [-474.004, -385.839, -164.083, 216.779, 844.707, 991.736],
            [[13532, 31875], [52225, 898], [56874, 242], [51869, 18388], [61313, 50874], [87766, 52162]],
        ),
    ],
)
def test_the_line_is_found_in_a_few_steps_however_many_rows_there_are(x, counts):
    residuals, told = times_asked(fitted_line, x, counts)

    assert residuals == 0
    assert told <= 10


def test_limits_of_a_slope_are_found_in_a_few_looks_at_the_rows():
    random = np.random.default_rng(5)
    x = np.sort(random.normal(size=4_000))
    events = random.random(4_000) < expit(0.3 + 1.1 * x)
    residuals, told = times_asked(
        lambda made: slope_interval(made, confidence=0.95), x, np.column_stack((~events, events))
    )

    # Two starts, three steps to the line, the line itself, and three or four to either limit.
    assert residuals == 0
    assert told <= 14


@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.99])
@given(table=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=4))
@settings(max_examples=40)
def test_limits_of_a_slope_lose_what_is_allowed_however_far_out_they_lie(confidence, table):
    made = spread(table)
    b, (low, high) = slope_interval(made, confidence=confidence)
    middle = float(made.rows @ made.x) / made.n
    centred = rows(made.x - middle, made.counts)
    least = profile(centred, b)
    lost = [profile(centred, limit) - least for limit in (low, high)]

    assert low < b < high
    assert lost[0] == pytest.approx(lost[1], rel=1e-5)


@pytest.mark.parametrize(
    ("x", "counts"),
    [
        ([-1.917, -1.074, 1.095], [[99, 243], [39, 0], [1669, 1]]),
        ([-4.462, -2.368, 1.821, 4.117], [[1520, 1], [0, 64610], [0, 11503], [1, 1]]),
        ([-0.005, 0.0, 0.009], [[541, 1], [0, 690], [1, 1869]]),
        ([91.8, 987.2, 1792.6, 2220.8, 3047.2], [[9011, 9173], [327, 14410], [0, 4382], [298, 13472], [5329, 5270]]),
    ],
)
def test_a_line_that_is_far_from_where_the_search_begins_is_found(x, counts):
    made = rows(x, counts)
    residual, _ = made.residuals(*fitted_line(made))

    assert residual.sum() / made.n == pytest.approx(0.0, abs=1e-9)
    assert (residual * made.x).sum() / np.ptp(made.x) / made.n == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_a_line_through_outcomes_that_mirror_each_other_is_found_whatever_its_slope(scale):
    # Events expected at -1, 0 and 1: 4, 6 and 9 of 13, 12 and 13 only if the slope is logit(9 / 13).
    a, b = fitted_line(rows([-scale, 0.0, scale], [[9, 4], [6, 6], [4, 9]]))

    assert (a, b * scale) == pytest.approx((0.0, logit(9 / 13)), abs=1e-9)


def test_the_smallest_table_with_a_slope_has_finite_limits():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        b, (low, high) = slope_interval(rows([-1.0, 0.0, 1.0], [[1, 0], [0, 1], [1, 0]]), confidence=0.95)

    assert b == pytest.approx(0.0, abs=1e-9)
    assert low == pytest.approx(-high, rel=1e-6)
    assert np.isfinite(high)


def test_limits_turn_with_the_number():
    x, counts = [-1.0, 0.5, 2.0], np.array([[9, 4], [6, 6], [3, 10]])
    b, (low, high) = slope_interval(rows(x, counts), confidence=0.9)
    other, (least, most) = slope_interval(rows([-2.0, -0.5, 1.0], counts[::-1]), confidence=0.9)

    assert (other, least, most) == pytest.approx((-b, -high, -low), abs=1e-8)
