import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from reliability.checks.influences import area, error_spared, placements, positive_rows, share_right
from reliability.errors import NotMeasurable
from reliability.evidence.probe import Answers
from tests.checks.probing import labels_only, linear, probed


def drawn(n=200, seed=0):
    draws = np.random.default_rng(seed)
    positive = draws.random(n) < 0.4
    return np.round(draws.normal(size=n) + positive, 1), positive


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_area_is_scikit_learns_with_ties(seed):
    scores, positive = drawn(seed=seed)

    assert area(Answers(labels=positive, scores=scores), positive).value == pytest.approx(
        roc_auc_score(positive, scores)
    )


def test_placements_by_hand():
    placed = placements(np.array([1.0, 2.0, 2.0, 3.0]), np.array([False, False, True, True]))

    # The positive 2 beats the 1 and ties with the 2; the negative 2 ties with one and loses to the other.
    assert placed.tolist() == [1.0, 0.75, 0.75, 1.0]


def test_placements_of_the_largest_scores_are_no_ties():
    assert placements(np.array([1e308, 1.7e308]), np.array([False, True])).tolist() == [1.0, 1.0]
    assert placements(np.array([1.7e308, 1e308]), np.array([False, True])).tolist() == [0.0, 0.0]


def test_influences_have_the_mean_nought():
    scores, positive = drawn()

    assert area(Answers(labels=positive, scores=scores), positive).influence.mean() == pytest.approx(0, abs=1e-12)


def test_influence_of_an_area_says_what_leaving_a_row_out_does():
    scores, positive = drawn(400)
    whole = area(Answers(labels=positive, scores=scores), positive)
    for row in range(0, 400, 37):
        rest = np.arange(400) != row
        without = roc_auc_score(positive[rest], scores[rest])

        assert (whole.value - without) * 399 == pytest.approx(whole.influence[row], abs=0.02)


def test_variance_by_influences_is_that_of_repeated_draws():
    found = [
        area(Answers(labels=positive, scores=scores), positive)
        for scores, positive in map(drawn, [300] * 400, range(400))
    ]
    said = np.mean([one.influence.var() / 300 for one in found])

    assert said == pytest.approx(np.var([one.value for one in found]), rel=0.2)


def test_share_right_and_error_spared_by_hand():
    probe, _, _ = probed({"x": [1.0, -1.0, 2.0, 3.0]}, linear({"x": 1.0}), y_true=[1, 1, 1, 0])
    right = share_right(probe.answers, probe.sample)
    values, _, _ = probed(
        {"x": [1.0, 2.0]}, lambda c: Answers(labels=c["x"].values * 2), y_true=[1.0, 7.0], task="regression"
    )
    spared = error_spared(values.answers, values.sample)

    assert (right.value, right.influence.tolist()) == (0.5, [0.5, -0.5, 0.5, -0.5])
    assert (spared.value, spared.influence.tolist()) == (-2.0, [1.0, -1.0])


@pytest.mark.parametrize(
    ("roles", "y_true", "model", "code"),
    [
        ({"task": "multiclass", "positive": None}, [0, 1], linear({"x": 1.0}), "needs_binary"),
        ({"positive": None}, [0, 1], linear({"x": 1.0}), "no_positive"),
        ({}, [0, 1], labels_only(linear({"x": 1.0})), "no_scores"),
        ({}, [1, 1], linear({"x": 1.0}), "one_class"),
        ({}, [0, 0], linear({"x": 1.0}), "one_class"),
    ],
)
def test_positive_rows_refuse(roles, y_true, model, code):
    probe, _, _ = probed({"x": [1.0, 2.0]}, model, y_true=y_true, **roles)

    with pytest.raises(NotMeasurable) as refused:
        positive_rows(probe)
    assert refused.value.code == code


def test_area_refuses_answers_without_scores():
    with pytest.raises(NotMeasurable) as refused:
        area(Answers(labels=np.array([0, 1])), np.array([False, True]))
    assert refused.value.code == "no_scores"
