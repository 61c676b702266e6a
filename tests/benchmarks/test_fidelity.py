"""The proof of fidelity finds a bit that differs, and its page says so; what the worker costs is told as measured."""

import hashlib

import numpy as np
import pytest

from benchmarks import fidelity, worker_cost
from benchmarks.fidelity import Compared, compared, page
from benchmarks.worker_cost import Pair, Spent, difference, ratio, section
from reliability.errors import WorkerError
from reliability.evidence.probe import Answers

SAME = Compared(model="m", format="skops", rows=9, labels=0, scores=0)


@pytest.fixture
def answering(monkeypatch, tmp_path):
    """Compare what a worker is said to have answered with labels 0, 1 and scores 0.25, 0.75."""
    frame, _ = fidelity.table(2)

    def compare(labels, scores):
        monkeypatch.setattr(fidelity, "through", lambda *_: Answers(labels=np.array(labels), scores=np.array(scores)))
        return compared("m", "skops", tmp_path, frame, np.array([0, 1]), np.array([0.25, 0.75]))

    return compare


def test_equal_answers_are_equal(answering):
    assert answering([0, 1], [0.25, 0.75]) == Compared(model="m", format="skops", rows=2, labels=0, scores=0)


@pytest.mark.parametrize(
    ("labels", "scores", "expected"),
    [
        ([1, 1], [0.25, 0.75], (1, 0)),
        ([0, 1], [np.nextafter(0.25, 1), 0.75], (0, 1)),
        ([1, 0], [0.75, 0.25], (2, 2)),
    ],
)
def test_one_bit_that_differs_is_counted(answering, labels, scores, expected):
    found = answering(labels, scores)

    assert (found.labels, found.scores, found.kept) == (*expected, False)


def test_a_model_that_is_refused_is_not_equal(monkeypatch, tmp_path):
    def through(*_):
        raise WorkerError("model_refused", "no {why}", why="such type")

    monkeypatch.setattr(fidelity, "through", through)

    found = compared("m", "skops", tmp_path, fidelity.table(2)[0], np.zeros(2), None)
    assert (found.refused, found.kept) == ("no such type", False)


def test_the_page_tells_what_differs():
    text = page([SAME, Compared(model="n", format="joblib", rows=9, labels=0, scores=2)])

    assert "**1 of 2 are equal to the last bit.**" in text
    assert "| n | joblib | 9 | 0 | 2 | **no** |" in text
    assert "| m | skops | 9 | 0 | 0 | yes |" in text


def test_seventeen_families_of_scikit_learn_are_compared():
    assert len(fidelity.families()) == 17
    assert set(fidelity.FILES) == {"xgboost", "lightgbm", "catboost", "onnx"}


def test_a_worker_answers_a_family_as_in_process(confined, tmp_path):
    frame, y = fidelity.table(300)

    labels, scores = fidelity.FILES["onnx"](frame, y, tmp_path / "model.onnx")
    found = compared("onnx", "onnx", tmp_path / "model.onnx", frame, labels, scores)

    assert found == Compared(model="onnx", format="onnx", rows=300, labels=0, scores=0)
    assert hashlib.sha256(frame.to_numpy().tobytes()).hexdigest() != hashlib.sha256(scores.tobytes()).hexdigest()


@pytest.fixture(scope="module")
def confined():
    from reliability.worker import landlock

    try:
        return landlock.find_way()
    except WorkerError as error:
        pytest.skip(str(error))


FASTER = tuple(Spent(one, one / 2) for one in (0.1, 0.2, 0.9))
SLOWER = tuple(Spent(one, one) for one in (0.1, 0.1, 0.1))


def test_the_promise_speaks_of_medians_and_of_each_clock():
    line = Pair("start", "≤ 50 ms more", FASTER, SLOWER, difference, 0.05).line()

    assert line == "| start | ≤ 50 ms more | +100 ms (200 ms / 100 ms) | +0 ms (100 ms / 100 ms) | **no** · yes |"


def test_a_ratio_is_told_as_one():
    text = section([Pair("boosting", "≤ 1.25 ×", FASTER, SLOWER, ratio, 1.25)], 100, 0.5)

    assert "| boosting | ≤ 1.25 × | 2.00 (200 ms / 100 ms) | 1.00 (100 ms / 100 ms) | **no** · yes |" in text
    assert text.startswith(worker_cost.HEADING)


def test_time_of_a_process_and_of_those_below_it_is_told():
    import os

    before = worker_cost.cpu_of(os.getpid())
    sum(range(10**6))

    assert worker_cost.cpu_of(os.getpid()) > before
