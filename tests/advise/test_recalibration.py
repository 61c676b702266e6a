import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.isotonic import IsotonicRegression

from reliability.advise.recalibration import CURVES, SMALLEST_GROUP, score_remedies
from reliability.advise.remedies import Ground, NotTried, Rows
from reliability.advise.thresholds import decision_remedies
from tests.advise.planted import case, handed_in, stage_of
from tests.builders import block


def scores_too_sure(n=20_000, *, seed=3, slope=2.0, shift=0.0):
    """Log odds twice as far from nought as they should be."""
    draws = np.random.default_rng(seed)
    true = draws.normal(size=n)
    came = draws.random(n) < 1 / (1 + np.exp(-true))
    return 1 / (1 + np.exp(-slope * true - shift)), came


def off(scores, came):
    share, said = calibration_curve(came, scores, n_bins=10, strategy="quantile")
    return np.abs(share - said).max()


def taught_block(groups=None):
    scores, came = scores_too_sure()
    return block(came.astype(int), (scores >= 0.5).astype(int), scores, groups={"sex": groups or ["F", "M"] * 10_000})


@pytest.mark.parametrize("way", sorted(CURVES))
def test_a_curve_makes_scores_come_true_on_other_rows(way):
    curve, _ = CURVES[way](*scores_too_sure())
    scores, came = scores_too_sure(seed=4)

    assert off(scores, came) > 0.1
    assert off(curve(scores), came) < 0.05


@pytest.mark.parametrize("way", sorted(CURVES))
def test_a_curve_never_falls(way):
    curve, _ = CURVES[way](*scores_too_sure())

    assert (np.diff(curve(np.linspace(0, 1, 201))) >= -1e-12).all()


def test_platt_finds_the_slope_that_was_planted():
    _, told = CURVES["platt"](*scores_too_sure(slope=2.0, shift=0.6))

    assert told["slope"] == pytest.approx(0.5, abs=0.03)
    assert told["intercept"] == pytest.approx(-0.3, abs=0.05)


def test_beta_leaves_true_probabilities_as_they_are():
    scores, came = scores_too_sure(slope=1.0)
    curve, told = CURVES["beta"](scores, came)

    assert (told["a"], told["b"]) == (pytest.approx(1, abs=0.1), pytest.approx(1, abs=0.1))
    assert curve(scores) == pytest.approx(scores, abs=0.02)


def test_beta_drops_a_slope_that_would_fall():
    draws = np.random.default_rng(0)
    scores = draws.uniform(0.5, 1, 4_000)
    came = draws.random(4_000) < np.where(scores < 0.9, scores, 0.9 - (scores - 0.9) * 0.5)

    curve, told = CURVES["beta"](scores, came)

    assert len(told) in (2, 3)
    assert (np.diff(curve(np.linspace(0.01, 0.99, 99))) >= -1e-12).all()


def test_isotonic_steps_are_those_of_scikit_learn():
    scores, came = scores_too_sure(500)
    curve, _ = CURVES["isotonic"](scores, came)
    asked = np.linspace(0, 1, 101)

    fitted = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(scores, came.astype(float))
    assert curve(asked) == pytest.approx(fitted.predict(asked))


@pytest.fixture(scope="module")
def aim(tmp_path_factory):
    folder = tmp_path_factory.mktemp("case")
    submission = handed_in(folder)
    return stage_of(case(folder, submission), submission)[1]["CAL-01"]


def remedies_of(aim, by_group):
    name = "recalibration_by_group" if by_group else "recalibration"
    return [one for one in score_remedies(aim, (("sex",),)) if one.name == name]


@pytest.mark.parametrize("by_group", [False, True])
def test_decisions_stay_as_they_are(aim, by_group):
    taught = taught_block()

    for remedy in remedies_of(aim, by_group):
        changed = remedy.learn(Ground(roles=taught.roles, answered=taught)).changed(Rows.of(taught))
        assert (changed.predicted == taught.y_pred).all()
        assert off(changed.scores, taught.y_true) < 0.03


def test_every_group_has_a_curve_of_its_own(aim):
    scores, came = scores_too_sure()
    woman = np.arange(20_000) % 2 == 0
    scores[woman] = scores[woman] ** 2  # too low for women alone
    taught = block(
        came.astype(int), (scores >= 0.5).astype(int), scores, groups={"sex": np.where(woman, "F", "M").tolist()}
    )

    for remedy in remedies_of(aim, True):
        made = remedy.learn(Ground(roles=taught.roles, answered=taught)).changed(Rows.of(taught)).scores
        assert off(made[woman], came[woman]) < 0.05
        assert off(made[~woman], came[~woman]) < 0.05


def test_a_small_group_is_answered_by_the_curve_of_all(aim):
    few = SMALLEST_GROUP - 1
    taught = taught_block(["X"] * few + ["F"] * (20_000 - few))
    whole, own = (
        one.learn(Ground(roles=taught.roles, answered=taught)).changed(Rows.of(taught)).scores
        for one in (remedies_of(aim, False)[0], remedies_of(aim, True)[0])
    )

    assert own[:few] == pytest.approx(whole[:few])
    assert own[few:] != pytest.approx(whole[few:], abs=1e-9)


def test_no_scores_no_recalibration(aim):
    taught = block([0, 1], [0, 1])

    for remedy in remedies_of(aim, False):
        assert remedy.learn(Ground(roles=taught.roles, answered=taught)) == NotTried(code="no_scores")


def test_recalibration_is_for_calibration_and_thresholds_are_not(aim):
    assert score_remedies(aim, ())
    assert decision_remedies(aim) == ()
