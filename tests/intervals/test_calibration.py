import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import foldnorm, norm

from reliability.errors import NotMeasurable
from reliability.intervals.calibration import (
    Bins,
    debiased_mean_gap,
    gap_limits,
    largest_gap_interval,
    mean_gap,
    mean_gap_interval,
)
from reliability.intervals.logistic import Outcomes, fitted_intercept, fitted_line, intercept_interval
from reliability.intervals.proportions import clopper_pearson


def bins(n, events, mean_score, spread=0.0):
    n, events, mean_score = (np.array(one, np.float64) for one in (n, events, mean_score))
    spread = np.full(len(n), spread)
    squared = spread + (mean_score - events / n) ** 2 + events / n * (1 - events / n)
    return Bins(n=n, events=events, mean_score=mean_score, spread=spread, squared_error=squared)


def drawn_bins(rates, scores, rows, random):
    return bins([rows] * len(rates), random.binomial(rows, rates), scores)


def test_errors_of_gaps_are_agresti_and_coulls_when_scores_do_not_vary():
    rate = (3 + 2) / (20 + 4)

    assert bins([20], [3], [0.7]).errors[0] == pytest.approx(np.sqrt(rate * (1 - rate) / 20), abs=1e-15)


def test_bins_within_a_mask_keep_all_that_is_known_of_them():
    made = bins([20, 30, 50], [3, 6, 40], [0.2, 0.3, 0.7], 0.01)
    kept = made.within(np.array([True, False, True]))

    assert {name: getattr(kept, name).tolist() for name in vars(kept)} == {
        name: getattr(made, name)[[0, 2]].tolist() for name in ("n", "events", "mean_score", "spread", "squared_error")
    }


@pytest.mark.parametrize("events", [0, 20])
def test_errors_of_gaps_stay_above_nothing_without_events(events):
    assert bins([20], [events], [events / 20]).errors[0] > 0.05


@pytest.mark.parametrize(("power", "mean"), [(1, 0.15), (2, np.sqrt(0.025))])
def test_mean_gap_is_weighted_by_rows(power, mean):
    assert mean_gap(bins([10, 10], [2, 5], [0.4, 0.6]), power=power) == pytest.approx(
        mean if power == 1 else np.sqrt((0.2**2 + 0.1**2) / 2), abs=1e-12
    )


def test_debiasing_takes_off_what_resampling_from_normal_distributions_shows():
    made, random = bins([50, 80, 30], [10, 30, 20], [0.25, 0.36, 0.5]), np.random.default_rng(0)
    drawn = random.normal(made.gaps, made.errors, (200_000, 3))
    bias = (np.abs(drawn) @ made.weights).mean() - mean_gap(made)

    assert debiased_mean_gap(made) == pytest.approx(mean_gap(made) - bias, abs=2e-4)


def test_the_upper_limit_of_one_bin_far_off_is_that_of_a_normal_distribution():
    made = bins([400], [100], [0.75])

    assert mean_gap_interval(made, confidence=0.95)[1] == pytest.approx(
        0.5 + norm.ppf(0.975) * made.errors[0], abs=1e-4
    )


def test_a_lucky_sample_has_the_upper_limit_of_an_ordinary_one():
    lucky, ordinary = bins([100] * 5, [30] * 5, [0.3] * 5), bins([100] * 5, [30] * 5, [0.31] * 5)

    assert mean_gap_interval(lucky, confidence=0.95)[1] == pytest.approx(
        mean_gap_interval(ordinary, confidence=0.95)[1], rel=0.01
    )


def test_gaps_of_one_sign_are_told_from_chance_by_all_rows_together():
    same, mixed = bins([50] * 8, [20] * 8, [0.5] * 8), bins([50] * 8, [20, 30] * 4, [0.5] * 8)

    assert mean_gap(same) == pytest.approx(mean_gap(mixed))
    assert mean_gap_interval(same, confidence=0.95)[0] > mean_gap_interval(mixed, confidence=0.95)[0]


@pytest.mark.parametrize("gap", [0.0, 0.05, 0.15])
@pytest.mark.parametrize("rows", [30, 300])
def test_the_mean_gap_is_covered(gap, rows):
    rates, random = np.array([0.2, 0.35, 0.5, 0.65]), np.random.default_rng(1)
    signs = np.array([1, -1, 1, 1])
    found = [
        mean_gap_interval(drawn_bins(rates, rates + gap * signs, rows, random), confidence=0.95) for _ in range(400)
    ]

    assert np.mean([low <= gap + 1e-12 and gap <= high for low, high in found]) >= 0.94


def test_limits_of_the_mean_gap_widen_with_confidence():
    made = bins([50, 80], [10, 30], [0.3, 0.36])
    few, more = (mean_gap_interval(made, confidence=level) for level in (0.8, 0.99))

    assert more[0] <= few[0] <= few[1] < more[1]


def test_the_largest_gap_of_one_bin_has_clopper_pearsons_limits():
    low, high = clopper_pearson(10, 50, confidence=0.95)

    assert largest_gap_interval(bins([50], [10], [0.6]), confidence=0.95) == pytest.approx((0.6 - high, 0.6 - low))


def test_limits_of_the_largest_gap_hold_for_all_bins_at_once():
    one, many = bins([50], [10], [0.6]), bins([50] * 10, [10] * 10, [0.6] * 10)

    assert largest_gap_interval(many, confidence=0.95)[0] < largest_gap_interval(one, confidence=0.95)[0]
    assert largest_gap_interval(many, confidence=0.95)[1] > largest_gap_interval(one, confidence=0.95)[1]


def test_scores_that_vary_widen_the_limits_of_the_largest_gap():
    narrow, wide = (largest_gap_interval(bins([50], [10], [0.6], spread), confidence=0.95) for spread in (0.0, 0.05))

    assert wide[0] < narrow[0] < narrow[1] < wide[1]


def test_scores_that_vary_add_to_the_limits_of_the_largest_gap_by_squares():
    low, high = clopper_pearson(10, 50, confidence=0.95)
    reach = norm.ppf(0.975) * np.sqrt(0.05 / 50)

    assert largest_gap_interval(bins([50], [10], [0.6], 0.05), confidence=0.95) == pytest.approx(
        (0.4 - np.hypot(high - 0.2, reach), 0.4 + np.hypot(0.2 - low, reach)), abs=1e-12
    )


def test_the_largest_gap_is_covered():
    rates, random = np.array([0.02, 0.3, 0.7]), np.random.default_rng(2)
    scores = np.array([0.05, 0.3, 0.6])
    found = [largest_gap_interval(drawn_bins(rates, scores, 40, random), confidence=0.95) for _ in range(400)]

    assert np.mean([low <= 0.1 <= high for low, high in found]) >= 0.94


def test_the_fitted_line_through_two_points_meets_them():
    a, b = fitted_line(Outcomes(x=np.array([-1.0, 1.0]), counts=np.array([[30, 10], [10, 30]])))

    assert (a, b) == pytest.approx((0.0, np.log(3)), abs=1e-12)


def test_the_fitted_intercept_expects_as_many_events_as_there_were():
    rows = Outcomes(x=np.array([-30.0, 0.0, 2.0]), counts=np.array([[3, 1], [5, 5], [1, 7]]))
    residual, _ = rows.residuals(fitted_intercept(rows, 1.0), 1.0)

    assert residual.sum() == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("counts", [[[5, 0], [0, 5]], [[0, 5], [5, 0]], [[5, 0], [2, 5]]])
def test_a_line_is_refused_where_one_number_divides_the_outcomes(counts):
    with pytest.raises(NotMeasurable, match="separated"):
        fitted_line(Outcomes(x=np.array([-1.0, 1.0]), counts=np.array(counts)))


def test_outcomes_that_vary_more_than_the_model_says_widen_the_interval():
    # Scores of 1 % and 99 % that are right in 80 % only.
    x = np.array([-4.6, 4.6])
    wrong, right = np.array([[80, 20], [20, 80]]), np.array([[99, 1], [1, 99]])
    widths = [
        np.diff(intercept_interval(Outcomes(x=x, counts=counts), confidence=0.95)[1])[0] for counts in (wrong, right)
    ]

    assert widths[0] > 2 * widths[1]


def test_what_a_gap_may_be_off_by_moves_the_limits_of_its_own_bin():
    made = bins([50, 200], [10, 60], [0.6, 0.5])
    plain, blurred = (largest_gap_interval(made, confidence=0.95, blur=np.array([0.0, by])) for by in (0.0, 0.1))
    all_alike = largest_gap_interval(made, confidence=0.95, blur=0.03)

    # The first bin has the largest gap and the limits; the second is too near to be felt.
    assert blurred == pytest.approx(plain)
    assert all_alike == pytest.approx((plain[0] - 0.03, plain[1] + 0.03), abs=1e-12)
    assert largest_gap_interval(made, confidence=0.95) == plain


@pytest.mark.parametrize(("blur", "limits"), [(1.0, (0.0, 1.0)), (0.6, (0.0, 1.0))])
def test_limits_of_the_largest_gap_stay_in_range_whatever_it_is_off_by(blur, limits):
    assert largest_gap_interval(bins([50], [10], [0.6]), confidence=0.95, blur=blur) == limits


@pytest.mark.parametrize("sign", [1, -1])
def test_limits_of_the_largest_gap_do_not_depend_on_its_sign(sign):
    low, high = largest_gap_interval(bins([50], [25 - 15 * sign], [0.5 + 0.1 * sign]), confidence=0.95)
    first, last = clopper_pearson(10, 50, confidence=0.95)

    assert (low, high) == pytest.approx((0.6 - last, 0.6 - first), abs=1e-12)


@pytest.mark.parametrize(
    ("rate", "variance", "rows"),
    [
        (0.25, 0.375, 20.0),
        (0.25, 0.1, 40.0),
        (0.25, 0.0, 40.0),
        (0.0, 0.04, 40.0),
        (1.0, 0.04, 40.0),
        (0.75, 0.75, 10.0),
    ],
    ids=["varies twice as much", "varies less", "does not vary", "no event", "all events", "varies four times as much"],
)
def test_limits_of_a_gap_are_those_of_the_rate_at_the_rows_that_its_variance_leaves(rate, variance, rows):
    low, high = clopper_pearson(rate * rows, rows, confidence=0.9)

    assert gap_limits(0.1, rate, variance, 40, mass=0.1) == pytest.approx(
        (0.1 + rate - high, 0.1 + rate - low), abs=1e-12
    )


def mean_gap_limits_from_notes(made, confidence):
    """The notes of `mean_gap_interval`: both limits of the bins, those of all rows together, and the estimate."""
    weights, errors, gaps = made.weights, made.errors, np.abs(made.gaps)
    n, total, z = made.n.sum(), weights @ errors, norm.ppf(0.5 + confidence / 2)
    seen, squares, between = weights @ gaps, ((weights * errors) ** 2).sum(), weights @ gaps**2 - (weights @ gaps) ** 2
    chance, between = np.sqrt(2 / np.pi) * total, max(0.0, between) / n

    def beyond(c):
        mean = foldnorm.mean(c)
        return mean * total - z * np.sqrt(squares * (1 + c * c - mean * mean) + between) - max(seen, chance)

    gap, squared = weights @ made.gaps, weights @ made.squared_error

    def together(mass):
        return gap_limits(gap, made.events.sum() / n, squared - gap * gap, int(n), mass=mass)

    value = debiased_mean_gap(made)
    lows = [seen - chance - z * np.sqrt(squares + between), together((1 - confidence) / 2)[0]]
    lows.append(-together((1 - confidence) / 2)[1])
    highs = [brentq(beyond, 0, 1e4, xtol=1e-13) * total, *np.abs(together(1 - confidence)), value]
    return max(0.0, min(max(lows), value)), min(1.0, max(highs)), lows, highs


FAR = {
    "both ways": bins([400, 300, 500], [200, 60, 400], [0.2, 0.5, 0.5]),
    "too high": bins([50] * 8, [20] * 8, [0.5] * 8),
    "too low": bins([50] * 8, [20] * 8, [0.3] * 8),
    "unequal": bins([5000, 5000], [0, 0], [0.0, 1.0]),
    "few events": bins([30] * 6, [0, 0, 1, 0, 0, 1], [0.01, 0.02, 0.03, 0.02, 0.01, 0.05]),
    "one row each": bins([1, 1], [0, 0], [1.0, 0.9]),
    "lucky": bins([100] * 5, [30] * 5, [0.3] * 5),
    "a standard error each": bins([40, 40], [12, 28], [0.37, 0.63]),
    "varying": bins([60, 90, 40], [20, 30, 30], [0.2, 0.5, 0.6], 0.02),
}


@pytest.mark.parametrize("confidence", [0.01, 0.5, 0.8, 0.95, 0.99])
@pytest.mark.parametrize("made", FAR.values(), ids=FAR.keys())
def test_limits_of_the_mean_gap_are_those_of_the_notes(made, confidence):
    low, high, _, _ = mean_gap_limits_from_notes(made, confidence)

    assert mean_gap_interval(made, confidence=confidence) == pytest.approx((low, high), abs=1e-9)


def test_every_limit_of_the_mean_gap_counts_somewhere():
    found = [mean_gap_limits_from_notes(made, level) for made in FAR.values() for level in (0.01, 0.5, 0.8, 0.95, 0.99)]

    assert {int(np.argmax(lows)) for low, _, lows, _ in found if 0 < low == max(lows)} == {0, 1, 2}
    assert {int(np.argmax(highs)) for *_, highs in found} == {0, 1, 2, 3}
    assert any(high == 1.0 < max(highs) for _, high, _, highs in found)


@pytest.mark.parametrize("power", [2, 100, 700, 100_000])
def test_a_large_power_of_small_gaps_comes_near_the_largest_and_never_to_nothing(power):
    made = bins([10, 30], [2, 15], [0.4, 0.6])
    by_hand = 0.2 * (0.25 + 0.75 * 0.5**power) ** (1 / power)

    assert mean_gap(made, power=power) == pytest.approx(by_hand, rel=1e-12)


@pytest.mark.parametrize("power", [1, 2, 700])
def test_without_gaps_their_mean_is_nothing_by_any_power(power):
    assert mean_gap(bins([10, 10], [5, 5], [0.5, 0.5]), power=power) == 0.0
