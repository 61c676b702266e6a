import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score

from reliability.advise.mapping import Scored, todays_threshold
from reliability.advise.remedies import Ground, NotTried, Rows
from reliability.advise.thresholds import LOST, decision_remedies
from tests.advise.planted import case, handed_in, stage_of
from tests.builders import block

MOVED = {
    "PER_01": "check: performance.balanced_accuracy, at_least: 0.9, source: house default",
    "FAI_01": "check: fairness.selection_rate_ratio, at_least: 0.9, source: house default",
    "FAI_02": "check: fairness.roc_auc_difference, at_most: 0.0, source: house default",
}


@pytest.fixture(scope="module")
def staged(tmp_path_factory):
    """Decisions at a threshold that is far too high."""
    folder = tmp_path_factory.mktemp("moved")
    made = handed_in(folder).evaluation
    scores = next(made.blocks()).y_score
    submission = handed_in(folder, columns={"y_pred": (scores >= 0.9).astype(np.int64)})
    return stage_of(case(folder, submission, **MOVED), submission)


def learnt(staged, item, name):
    stage, aims, _ = staged
    (remedy,) = [one for one in decision_remedies(aims[item]) if one.name == name]
    return remedy.learn(stage.ground), stage


@pytest.mark.parametrize("item", ["PER-01", "FAI-01"])
def test_a_new_threshold_is_learnt_on_the_rows_that_teach(staged, item):
    tried, stage = learnt(staged, item, "threshold")
    taught = stage.ground.answered
    changed = tried.changed(Rows.of(taught))

    assert (changed.predicted == (taught.y_score >= tried.details["threshold"])).all()
    assert tried.details["today"] == pytest.approx(0.9, abs=0.01)


def test_performance_is_best_at_the_new_threshold(staged):
    tried, stage = learnt(staged, "PER-01", "threshold")
    taught = stage.ground.answered

    every = [balanced_accuracy_score(taught.y_true, taught.y_score >= t) for t in np.linspace(0.01, 0.99, 99)]
    assert balanced_accuracy_score(taught.y_true, tried.changed(Rows.of(taught)).predicted) >= max(every) - 0.005


def test_fairness_by_one_threshold_costs_no_more_accuracy_than_is_allowed(staged):
    tried, stage = learnt(staged, "FAI-01", "threshold")
    taught = stage.ground.answered
    today = balanced_accuracy_score(taught.y_true, taught.y_pred)

    assert balanced_accuracy_score(taught.y_true, tried.changed(Rows.of(taught)).predicted) >= max(0.5, today - LOST)


def test_unsure_scores_are_handed_to_people_and_the_others_decided_as_today(staged):
    tried, stage = learnt(staged, "PER-01", "abstention")
    asked = stage.rows
    changed = tried.changed(Rows.of(asked))

    band = (asked.y_score >= tried.details["low"]) & (asked.y_score <= tried.details["high"])
    assert (changed.abstained == band).mean() > 0.999
    assert 0 < changed.abstained.mean() < 0.3
    assert (changed.predicted == asked.y_pred).all()


def test_a_ranking_is_not_mended_by_a_threshold(staged):
    assert decision_remedies(staged[1]["FAI-02"]) == ()


@pytest.mark.parametrize(
    ("predicted", "scores", "threshold"),
    [([0, 0, 1], [0.1, 0.3, 0.7], 0.7), ([0, 1, 0], [0.1, 0.3, 0.7], 0.5), ([1, 1, 1], [0.1, 0.3, 0.7], 0.5)],
)
def test_the_threshold_of_today_is_where_decisions_turn(predicted, scores, threshold):
    rows = block([0, 1, 1], predicted, scores)

    assert todays_threshold(Scored(rows=rows, scores=rows.y_score)) == threshold


@pytest.mark.parametrize("name", ["threshold", "abstention"])
def test_without_scores_there_is_no_threshold(staged, name):
    (remedy,) = [one for one in decision_remedies(staged[1]["PER-01"]) if one.name == name]
    rows = block([0, 1], [0, 1])

    assert remedy.learn(Ground(roles=rows.roles, answered=rows)) == NotTried(code="no_scores")
