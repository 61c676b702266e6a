from dataclasses import replace

import numpy as np
import pytest

from reliability.advise.measuring import Reopening, answered, at_confidence, matching, measure
from reliability.advise.remedies import Changed, Tried
from reliability.checklist.catalogue import checks
from reliability.engine import Call
from reliability.errors import WorkerError
from reliability.evidence.probe import Answers
from reliability.records import Measurement
from tests.builders import block

ACCURACY = Call(check=checks()["performance.accuracy"])


def rows(**more):
    return block([0, 1] * 50, [0, 1] * 50, [0.2, 0.8] * 50, columns={"a": np.arange(100.0), "b": [0.0] * 100}, **more)


def tried(**more):
    return Tried(changed=lambda asked: Changed(predicted=asked.predicted), **more)


def value(where, call=ACCURACY, **more):
    given = {"training": None, "ask": None, "seed": 0} | more
    training = given.pop("training")
    return measure((call,), where, training, **given)[call][0].value


def test_rows_are_measured_as_a_remedy_answers_them():
    wrong = Changed(predicted=np.array([1, 1] * 50))

    assert value(rows()) == 1.0
    assert value(answered(rows(), wrong, tried())) == 0.5


def test_rows_handed_to_people_are_left_out():
    gone = np.arange(100) < 60
    after = answered(rows(), Changed(predicted=np.array([0, 1] * 50), abstained=gone), tried())

    assert after.n == 40
    assert after.row_positions().tolist() == list(range(60, 100))


def test_scores_that_a_remedy_does_not_give_are_gone():
    after = answered(rows(), Changed(predicted=np.array([0, 1] * 50)), tried())

    assert after.y_score is None
    assert not after.roles.has_scores


def test_a_feature_that_is_taken_away_is_no_longer_looked_at():
    after = answered(rows(), Changed(predicted=np.array([0, 1] * 50)), tried(features=("a",)))

    assert tuple(after.columns) == after.roles.features == ("a",)
    constant = Call(check=checks()["data_quality.constant_columns"])
    assert (value(rows(), constant), value(after, constant)) == (1, 0)


@pytest.mark.parametrize("name", ["robustness.repeatability", "leakage.training_overlap", "privacy.k_anonymity"])
def test_what_cannot_be_measured_here_is_left_out(name):
    call = Call(check=checks()[name])

    assert measure((call, ACCURACY), rows(), None, ask=None, seed=0).keys() == {ACCURACY}


def test_training_rows_are_measured_where_they_are_there():
    overlap = Call(check=checks()["leakage.training_overlap"])

    assert value(rows(), overlap, training=replace(rows(), y_pred=None, y_score=None)) == 1.0


def test_the_model_is_asked_again_where_it_can_be():
    repeated = Call(check=checks()["robustness.repeatability"])

    def ask(columns):
        odd = columns["a"].values.astype(np.int64) % 2
        return Answers(labels=odd, scores=np.where(odd, 0.8, 0.2))

    assert value(rows(), repeated, ask=ask) == 1.0


def test_an_interval_is_wider_at_a_higher_confidence():
    (stricter,) = at_confidence((ACCURACY,), 0.99)
    wrong = replace(rows(), y_pred=np.array([1, 1] * 50))
    narrow, wide = (measure((call,), wrong, None, ask=None, seed=0)[call][0] for call in (ACCURACY, stricter))

    assert wide.low < narrow.low < narrow.high < wide.high
    assert wide.value == narrow.value


def test_a_measurement_is_found_by_what_it_is_of():
    given = {"value": 0.5, "low": 0.4, "high": 0.6, "n": 1, "unit": "share", "check": "a.b"}
    men, women = (Measurement(**given, by=("sex",), slice={"sex": sex}) for sex in "MF")

    assert matching(women, [men, women]) is women
    assert matching(women, [men]) is None


class Moody:
    """A model that fails as it is told to."""

    def __init__(self, code):
        self.code, self.closed = code, 0

    def attempt(self, columns):
        raise WorkerError(self.code, "no")

    def close(self):
        self.closed += 1


@pytest.mark.parametrize(("code", "opened"), [("model_raised", 1), ("model_timeout", 2)])
def test_a_model_that_failed_is_opened_anew_and_one_that_refused_is_not(code, opened):
    models = []

    def fresh():
        models.append(Moody(code))
        return models[-1]

    asked = Reopening(fresh)
    for _ in range(2):
        with pytest.raises(WorkerError):
            asked.ask({})
    asked.close()

    assert len(models) == opened
    assert all(one.closed == 1 for one in models)
