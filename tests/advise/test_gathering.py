import numpy as np
import pytest

from reliability.advise import gathering
from reliability.advise.gathering import gathered, joined
from reliability.bench import Bench, Settings
from tests.advise.planted import handed_in
from tests.builders import block


def two_blocks():
    first = block([0, 1], [1, 1], [0.2, 0.9], columns={"a": ["x", None], "b": [1.0, 2.0]}, groups={"g": ["m", None]})
    second = block([1, 0], [0, 1], [0.4, 0.6], columns={"a": ["y", "x"], "b": [3.0, None]}, groups={"g": ["f", "m"]},
                   start=2)  # fmt: skip
    return first, second


def test_blocks_are_joined_with_the_values_that_they_had():
    whole = joined(two_blocks())

    assert whole.columns["a"].as_labels() == ["x", None, "y", "x"]
    assert whole.columns["b"].as_labels() == [1.0, 2.0, 3.0, None]
    assert [None if code < 0 else whole.groups["g"].levels[code] for code in whole.groups["g"].codes] == [
        "m", None, "f", "m",
    ]  # fmt: skip
    assert whole.y_true.tolist() == [0, 1, 1, 0]
    assert whole.y_score.tolist() == [0.2, 0.9, 0.4, 0.6]
    assert whole.row_positions().tolist() == [0, 1, 2, 3]


def test_scores_that_one_block_lacks_are_no_scores_of_the_whole():
    first, second = two_blocks()

    assert joined([first, block([1], [1], columns={"a": ["x"], "b": [1.0]}, groups={"g": ["m"]})]).y_score is None
    assert joined([first, second]).y_score is not None


def test_more_rows_than_memory_should_hold_are_thinned(tmp_path, monkeypatch):
    monkeypatch.setattr(gathering, "MOST_ROWS", 600)
    submission = handed_in(tmp_path)
    with Bench(submission=submission, settings=Settings()) as bench:
        rows = gathered(bench, None, seed=0)

    assert rows.evaluation.n == pytest.approx(600, abs=80)
    assert len(np.unique(rows.evaluation.row_positions())) == rows.evaluation.n


def test_training_rows_are_there_where_they_were_handed_in(tmp_path):
    submission = handed_in(tmp_path, training=300)
    with Bench(submission=submission, settings=Settings()) as bench:
        rows = gathered(bench, None, seed=0)

    assert rows.training.n == 300
    assert rows.training.y_pred is None
