import numpy as np

from reliability.evidence.confidence_histogram import ConfidenceHistogram
from tests.builders import block


def three(y_true, y_score):
    return block(y_true, np.argmax(y_score, axis=1), y_score, classes=(0, 1, 2), positive=None, task="multiclass")


MADE = three([0, 1, 2, 2], [[0.5, 0.25, 0.25], [0.5, 0.25, 0.25], [0.0, 0.125, 0.875], [0.25, 0.5, 0.25]])


def test_confidences_are_counted_wrong_and_right():
    counted = ConfidenceHistogram.of(MADE)

    assert counted.rows.scores.tolist() == [0.5, 0.875]
    assert counted.rows.counts.tolist() == [[2, 1], [0, 1]]


def test_of_equal_scores_the_first_class_counts():
    assert ConfidenceHistogram.of(three([0, 1], [[0.4, 0.4, 0.2]] * 2)).rows.counts.tolist() == [[1, 1]]


def test_the_whole_is_the_sum_of_its_parts():
    parts = [ConfidenceHistogram.of(MADE.where(np.array(rows))) for rows in ([0, 3], [1, 2])]
    added, whole = parts[0] + parts[1], ConfidenceHistogram.of(MADE)

    assert added.rows.scores.tolist() == whole.rows.scores.tolist()
    assert added.rows.counts.tolist() == whole.rows.counts.tolist()


def test_a_score_that_rounding_took_above_one_counts_as_one():
    assert ConfidenceHistogram.of(three([0], [[np.nextafter(1, 2), 0, 0]])).rows.scores.tolist() == [1.0]


def test_it_is_empty_without_more_than_two_classes_or_without_scores():
    none = block([0, 1], [0, 1], [0.2, 0.8]), block([0], [0], classes=(0, 1, 2), positive=None, task="multiclass")

    assert [ConfidenceHistogram.of(made).rows.n for made in none] == [0, 0]
    assert (ConfidenceHistogram.of(none[1]) + ConfidenceHistogram.of(MADE)).rows.n == 4
