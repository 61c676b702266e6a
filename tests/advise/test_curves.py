"""Recalibrations hold what they promise on any scores: shares that rise with the score, group by group too."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

from reliability.advise.recalibration import CURVES, SMALLEST_GROUP, score_remedies
from reliability.advise.remedies import Ground, Rows
from reliability.evidence.probe import Answers
from tests.builders import block

GRID = np.linspace(0, 1, 201)
WAYS = sorted(CURVES)


class Aimed:
    """As much of an aim as recalibrations look at."""

    check, by = "calibration.brier_score", ()


def remedy(way, *, by_group=False):
    name = "recalibration_by_group" if by_group else "recalibration"
    (found,) = [one for one in score_remedies(Aimed(), (("sex",),)) if one.name == name and one.options["way"] == way]
    return found


@st.composite
def taught(draw):
    """Scores that tell the outcome well, not at all, or the wrong way round, some of them at the ends or tied."""
    n, slope = draw(st.integers(20, 200)), draw(st.sampled_from([-4.0, -0.5, 0.0, 0.5, 4.0]))
    digits = draw(st.sampled_from([1, 2, 15]))
    draws = np.random.default_rng(draw(st.integers(0, 2**32)))
    scores = np.round(draws.random(n), digits)
    came = draws.random(n) < 1 / (1 + np.exp(-slope * (scores - 0.5)))
    assume(0 < came.mean() < 1)
    return scores, came


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=12, deadline=None)
@given(given_scores=taught())
def test_a_curve_gives_shares_and_never_falls(way, given_scores):
    curve, _ = CURVES[way](*given_scores)
    told = curve(GRID)

    assert ((told >= 0) & (told <= 1)).all()
    assert (np.diff(told) >= -1e-12).all()


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=10, deadline=None)
@given(given_scores=taught())
def test_mean_score_is_the_share_that_came_true_where_it_learnt(way, given_scores):
    scores, came = given_scores
    curve, _ = CURVES[way](scores, came)

    assert curve(scores).mean() == pytest.approx(came.mean(), abs=2e-3)


def misled(n=2_000):
    """Scores that are high where the outcome seldom came true."""
    draws = np.random.default_rng(1)
    scores = draws.random(n)
    return scores, draws.random(n) < 1 - scores


@pytest.mark.parametrize("way", WAYS)
def test_scores_that_mislead_are_made_level_and_not_turned_round(way):
    scores, came = misled()
    curve, told = CURVES[way](scores, came)

    assert curve(GRID) == pytest.approx(came.mean(), abs=0.02)
    assert all(float(value) >= 0 for name, value in told.items() if name not in {"intercept"})


def test_a_level_curve_is_told_by_the_log_odds_of_the_share():
    scores, came = misled()
    _, told = CURVES["platt"](scores, came)

    assert told["slope"] == 0.0
    assert 1 / (1 + np.exp(-told["intercept"])) == pytest.approx(came.mean())


def informative(n=6_000, seed=2):
    draws = np.random.default_rng(seed)
    true = draws.normal(size=n)
    return 1 / (1 + np.exp(-2 * true - 0.5)), draws.random(n) < 1 / (1 + np.exp(-true))


def test_platt_is_the_curve_of_greatest_likelihood():
    scores, came = informative()
    odds = np.log(scores / (1 - scores))
    best = minimize(lambda at: np.logaddexp(0, -(2 * came - 1) * (at[0] * odds + at[1])).sum(), [1.0, 0.0])

    _, told = CURVES["platt"](scores, came)
    assert [told["slope"], told["intercept"]] == pytest.approx(best.x, abs=1e-3)


def test_beta_is_the_curve_of_greatest_likelihood():
    scores, came = informative()
    first, second = np.log(scores), -np.log1p(-scores)

    def loss(at):
        return np.logaddexp(0, -(2 * came - 1) * (at[0] * first + at[1] * second + at[2])).sum()

    _, told = CURVES["beta"](scores, came)
    assert loss([told["a"], told["b"], told["intercept"]]) == pytest.approx(minimize(loss, [1, 1, 0]).fun, rel=1e-6)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("seed", [0, 1])
def test_no_order_of_rows_makes_another_curve(way, seed):
    scores, came = informative(2_000, seed=seed)
    order = np.random.default_rng(seed).permutation(len(scores))

    (first, _), (second, _) = CURVES[way](scores, came), CURVES[way](scores[order], came[order])
    assert first(GRID) == pytest.approx(second(GRID), abs=1e-3)


@pytest.mark.parametrize("way", WAYS)
def test_it_costs_neither_brier_score_nor_log_loss_on_other_rows(way):
    curve, _ = CURVES[way](*informative())
    scores, came = informative(seed=3)
    made = np.clip(curve(scores), 1e-6, 1 - 1e-6)

    assert brier_score_loss(came, made) < brier_score_loss(came, scores)
    assert log_loss(came, made) < log_loss(came, scores)


@pytest.mark.parametrize("way", ["platt", "beta"])
def test_the_ranking_stays_as_it_is(way):
    scores, came = informative()
    curve, _ = CURVES[way](scores, came)

    assert roc_auc_score(came, curve(scores)) == pytest.approx(roc_auc_score(came, scores), abs=1e-9)


@pytest.mark.parametrize("way", WAYS)
def test_certain_scores_are_no_trouble(way):
    draws = np.random.default_rng(4)
    scores = np.repeat([0.0, 0.5, 1.0], 200)
    came = draws.random(600) < np.repeat([0.1, 0.5, 0.9], 200)
    curve, _ = CURVES[way](scores, came)

    assert np.isfinite(curve(np.array([0.0, 1.0]))).all()
    assert curve(np.array([0.0, 1.0])) == pytest.approx([came[:200].mean(), came[400:].mean()], abs=0.02)


def two_groups(n=4_000, *, unknown=0):
    """Women's scores are far too low, men's far too sure."""
    scores, came = informative(n)
    woman = np.arange(n) % 2 == 0
    scores = np.where(woman, scores**3, scores)
    sexes = [None if place < unknown else ("F" if place % 2 == 0 else "M") for place in range(n)]
    return block(came.astype(int), (scores >= 0.5).astype(int), scores, groups={"sex": sexes}), woman


@pytest.mark.parametrize("way", WAYS)
def test_by_group_scores_rise_within_every_group_and_are_shares(way):
    rows, woman = two_groups()
    made = remedy(way, by_group=True).learn(Ground(roles=rows.roles, answered=rows)).changed(Rows.of(rows)).scores

    for group in (woman, ~woman):
        order = np.argsort(rows.y_score[group], kind="stable")
        assert (np.diff(made[group][order]) >= -1e-12).all()
    assert ((made >= 0) & (made <= 1)).all()


@pytest.mark.parametrize("way", WAYS)
def test_rows_of_no_known_group_are_answered_by_the_curve_of_all(way):
    rows, _ = two_groups(unknown=50)
    ground = Ground(roles=rows.roles, answered=rows)
    whole, own = (remedy(way, by_group=each).learn(ground).changed(Rows.of(rows)).scores for each in (False, True))

    assert own[:50] == pytest.approx(whole[:50], abs=1e-12)
    assert np.abs(own[50:] - whole[50:]).max() > 0.05


@pytest.mark.parametrize("way", WAYS)
def test_a_group_is_answered_alike_whoever_else_is_asked(way):
    rows, woman = two_groups()
    tried = remedy(way, by_group=True).learn(Ground(roles=rows.roles, answered=rows))

    together = tried.changed(Rows.of(rows)).scores[woman]
    assert tried.changed(Rows.of(rows.where(woman))).scores.tolist() == together.tolist()


@pytest.mark.parametrize("labels", ["of one kind", "few"])
def test_a_group_that_cannot_teach_a_curve_has_none_of_its_own(labels):
    rows, woman = two_groups()
    truth = np.where(woman, 1, rows.y_true) if labels == "of one kind" else rows.y_true
    kept = np.ones(rows.n, bool) if labels == "of one kind" else ~woman | (np.arange(rows.n) < 2 * SMALLEST_GROUP - 2)
    taught_rows = block(truth, rows.y_pred, rows.y_score, groups={"sex": rows.groups["sex"]}).where(kept)
    tried = remedy("platt", by_group=True).learn(Ground(roles=rows.roles, answered=taught_rows))

    assert [one["slice"] for one in tried.details["groups"]] == [{"sex": "M"}]


def test_a_model_that_is_asked_again_answers_with_the_scores_made_new_and_the_labels_of_today():
    rows, _ = two_groups()

    def ask(columns):
        scores = columns["a"].values
        return Answers(labels=(scores >= 0.5).astype(np.int64), scores=scores)

    tried = remedy("platt").learn(Ground(roles=rows.roles, answered=rows, ask=ask))
    asked = block([0, 1], columns={"a": [0.2, 0.9]})
    made = tried.ask(asked.columns)

    assert made.labels.tolist() == [0, 1]
    assert made.scores == pytest.approx(CURVES["platt"](rows.y_score, rows.y_true == 1)[0](np.array([0.2, 0.9])))


def test_where_the_scores_are_of_the_other_class_that_class_is_what_comes_true():
    scores, came = informative()
    rows = block((~came).astype(int), (scores < 0.5).astype(int), scores, positive=0)
    tried = remedy("platt").learn(Ground(roles=rows.roles, answered=rows))

    assert tried.details == CURVES["platt"](scores, came)[1]
