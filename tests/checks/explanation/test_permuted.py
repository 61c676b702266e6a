from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import t

from reliability.checks.explanation.importance import largest_feature_share, permutation_importance, unused_features
from reliability.checks.explanation.permuted import permuted, simultaneous
from reliability.errors import NotMeasurable
from reliability.evidence.probe import Answers
from tests.checks.probing import labels_only, linear, probed


def read(name):
    """A regression that says what is in one column."""
    return lambda columns: Answers(labels=columns[name].values)


def test_the_deal_is_the_same_in_every_process_and_on_every_machine():
    probe, _, asked = probed(dict.fromkeys(("x", "income"), np.arange(8)), read("x"), y_true=[0] * 8, task="regression")
    unused_features(probe, repeats=2)

    assert asked[0]["x"].values.reshape(4, 8)[:2].tolist() == [[6, 4, 5, 3, 1, 2, 0, 7], [0, 5, 6, 7, 2, 4, 1, 3]]
    assert asked[0]["income"].values.reshape(4, 8)[2:].tolist() == [[2, 6, 1, 4, 7, 3, 5, 0], [5, 7, 3, 6, 4, 0, 1, 2]]


def test_a_row_moves_an_error_by_its_own_answer_and_by_the_value_that_it_gives():
    # As it is the model errs nowhere, so that all error is of the deal.
    x = np.arange(30.0) ** 2
    probe, _, asked = probed({"x": x}, read("x"), y_true=x, task="regression")
    found = permuted(probe, sample_size=30, repeats=2)
    expected = np.zeros(30)
    for told in asked[0]["x"].values.reshape(2, 30):
        error = np.abs(x - told)
        for row, value in enumerate(told):
            expected[row] += (error[row] - error.mean()) / 2
            expected[x.tolist().index(value)] += (error[row] - error.mean()) / 2

    assert found.importance == pytest.approx([np.abs(np.tile(x, 2) - asked[0]["x"].values).mean()])
    assert found.influence[0] == pytest.approx(expected)


@pytest.mark.parametrize("scores", [True, False])
def test_a_row_moves_a_performance_by_what_its_answer_was_less_what_it_is_and_what_it_gives(scores):
    draws = np.random.default_rng(3)
    x = draws.normal(size=40)
    y = (x + draws.normal(size=40) > 0).astype(int)
    model = linear({"x": 1.0})
    probe, _, asked = probed({"x": x}, model if scores else labels_only(model), y_true=y)
    found = permuted(probe, sample_size=40, repeats=1)
    told = asked[0]["x"].values
    givers = [x.tolist().index(value) for value in told]

    def parts(x):
        # Of right answers, or for an area of pairs that rank rightly, a row's share of what there is on the mean.
        if not scores:
            right = ((x > 0) == (y == 1)).astype(float)
            return right - right.mean()
        wins = np.array([[one > other for other in x[y == 0]] for one in x[y == 1]], float)
        area, influence = wins.mean(), np.zeros(40)
        influence[y == 1] = (wins.mean(axis=1) - area) * 40 / (y == 1).sum()
        influence[y == 0] = (wins.mean(axis=0) - area) * 40 / (y == 0).sum()
        return influence

    expected = parts(x) - parts(told)
    np.subtract.at(expected, givers, parts(told))
    assert found.influence[0] == pytest.approx(expected)


@pytest.mark.parametrize("check", [permutation_importance, unused_features, largest_feature_share])
def test_a_model_without_features_has_none_to_deal_out(check):
    probe, _, asked = probed({"x": np.arange(9.0)}, linear({"x": 1.0}))
    bare = replace(probe, sample=replace(probe.sample, columns={}))

    with pytest.raises(NotMeasurable) as refused:
        check(bare)
    assert refused.value.code == "no_features"
    assert not asked


def test_an_importance_over_two_clusters_has_one_degree_of_freedom():
    draws = np.random.default_rng(0)
    x = draws.normal(size=60)
    probe, _, _ = probed({"x": x}, linear({"x": 1.0}), y_true=(x > 0).astype(int), entity=[1] * 20 + [2] * 40)
    found = permuted(probe, sample_size=60, repeats=3)
    sums = np.array([found.influence[0][:20].sum(), found.influence[0][20:].sum()])
    spread = np.sqrt(2 * ((sums - sums.mean()) ** 2).sum()) / 60

    for confidence in (0.5, 0.8, 0.95):
        (one,) = permutation_importance(probe, confidence=confidence).details["features"]
        assert (one["high"] - one["low"]) / 2 == pytest.approx(t.ppf(0.5 + confidence / 2, 1) * spread)


def test_of_few_rows_all_performance_may_have_been_missed_but_no_more():
    found = permuted(
        probed({"x": np.arange(4.0)}, linear({"x": 1.0}, 2.5), y_true=[0, 0, 0, 1])[0], sample_size=9, repeats=1
    )

    # Of one row 0.975 and of three 0.708 may have been missed.
    assert found.metric == "roc_auc"
    assert found.unseen_loss(0.95) == 1.0


@pytest.mark.parametrize("halves", [[0.1], [0.1, 0.2, 0.3]])
def test_limits_of_all_at_once_need_one_width_each(halves):
    with pytest.raises(ValueError, match="zip"):
        simultaneous([0.5, 0.25], halves)
