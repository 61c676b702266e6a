import numpy as np
import pytest
from scipy.special import expit, logit

from reliability.intervals.logistic import _centred_line, _Profile, fitted_intercept, fitted_line
from tests.intervals.test_logistic import Watched, profile, rows, times_asked

MANY = rows([-0.9, -0.1, 2.3], [[40_000_000, 3_000_000], [10_000_000, 9_000_000], [2_000_000, 20_000_000]])


def profile_of(outcomes):
    """What the profile says, and the line that it starts from."""
    (a, b), (least, _, variance) = _centred_line(outcomes)
    centre = float((variance * outcomes.x).sum() / variance.sum())
    return _Profile(outcomes, least, (a, b, -centre)), a, b


def growth(outcomes, slope):
    """How fast the profile grows, by differences."""
    return (profile(outcomes, slope + 1e-4) - profile(outcomes, slope - 1e-4)) / 2e-4


def score_beside(outcomes, a, b, slope):
    """Squared score over variance at the slope, where the line's own intercept leads by its tilt."""
    p = expit(a + b * outcomes.x)
    weight = outcomes.rows * p * (1 - p)
    residual, variance = outcomes.residuals(a - (weight @ outcomes.x) / weight.sum() * (slope - b), slope)
    return residual.sum() ** 2 / variance.sum()


@pytest.mark.parametrize("further", [0.017, -0.017])
def test_one_step_from_beside_tells_the_loss_of_the_likeliest_intercept_and_its_growth(further):
    lost, a, b = profile_of(MANY)
    least = profile(MANY, b)
    loss, steep = lost(b + further)

    # There is an intercept to be found, and it is near.
    assert 0.02 < score_beside(MANY, a, b, b + further) < 0.1
    assert loss == pytest.approx(profile(MANY, b + further) - least, abs=1e-4)
    assert steep == pytest.approx(growth(MANY, b + further), rel=3e-6)
    # From there on to the next.
    loss, steep = lost(b + 2 * further)
    assert loss == pytest.approx(profile(MANY, b + 2 * further) - least, abs=1e-4)
    assert steep == pytest.approx(growth(MANY, b + 2 * further), rel=3e-6)


def test_beside_is_where_a_tenth_of_the_variance_is_the_score_squared():
    _, a, b = profile_of(MANY)
    watched = Watched(x=MANY.x, counts=MANY.counts)
    for further in np.linspace(0.016, 0.024, 9):
        Watched.asked.clear()
        profile_of(watched)[0](b + further)
        assert bool(Watched.asked["residuals"]) is bool(score_beside(MANY, a, b, b + further) > 0.1)


def test_an_intercept_that_is_not_near_is_searched_for_from_where_the_last_one_leads():
    # One event of a million rows: far from 0.
    outcomes = Watched(x=np.array([-0.5, 0.5, 1.5]), counts=np.array([[7_000_000, 2], [2_000_000, 4], [999_990, 4]]))
    lost, _, b = profile_of(outcomes)
    Watched.asked.clear()
    loss, steep = lost(b + 1)

    assert loss == pytest.approx(profile(outcomes, b + 1) - profile(outcomes, b), abs=1e-7)
    assert steep == pytest.approx(growth(outcomes, b + 1), rel=1e-6)
    searched = Watched.asked["residuals"]
    fitted_intercept(outcomes, b + 1)
    assert 0 < searched < Watched.asked["residuals"] - searched


def test_a_slope_that_makes_all_outcomes_certain_loses_what_it_denies():
    # Both mirror each other, so that no intercept is likelier than 0: 4 rows on either side, each denied by its x.
    outcomes = Watched(x=np.array([-1.0, 1.0]), counts=np.array([[9, 4], [4, 9]]))
    lost, _, _ = profile_of(outcomes)
    least = profile(outcomes, logit(9 / 13))
    Watched.asked.clear()

    assert lost(1e4) == pytest.approx((8e4 - least, 8.0), abs=1e-7)
    # The way back is that from 0.
    assert lost(5.0) == pytest.approx((26 * np.log1p(np.exp(-5)) + 40 - least, 8 - 26 * expit(-5.0)), abs=1e-9)
    assert Watched.asked["residuals"] == 0


def test_a_step_of_newtons_that_is_lost_in_rounding_is_the_last():
    x, counts = [-3.0, 0.0, 2.0], [[3, 1], [5, 5], [1, 7]]
    a = fitted_intercept(rows(x, counts), 0.7)

    for beside in (a - 5e-9, a, a + 5e-9):
        assert times_asked(lambda made, start=beside: fitted_intercept(made, 0.7, start=start), x, counts)[0] == 1


@pytest.mark.parametrize("b", [1e-8, -1e-8, 1e-10])
def test_an_intercept_beside_those_of_either_end_is_found_between_them(b):
    # So small a slope leaves the logit of the rate less the slope at the mean of x, 0.75.
    made = rows([0.0, 1.0], [[1, 4], [3, 12]])

    for start in (-9.0, 9.0):
        assert fitted_intercept(made, b, start=start) == pytest.approx(logit(0.8) - 0.75 * b, abs=1e-14)


def test_the_line_of_a_number_that_is_a_logit_is_found_at_once():
    x = np.linspace(-2, 2, 9)
    events = np.round(1e7 * expit(x))
    residuals, told = times_asked(fitted_line, x, np.column_stack((1e7 - events, events)))

    # Two starts, one of them the line but for rounding, and two steps.
    assert (residuals, told <= 4) == (0, True)
