import operator
from functools import reduce

import numpy as np
import pytest

from reliability.evidence.class_score_histograms import ClassScoreHistograms
from tests.builders import block

CLASSES = ("a", "b", "c")


def counted(y, scores):
    return ClassScoreHistograms.of(block(y, y, scores, classes=CLASSES, positive=None, task="multiclass"))


def told(histograms):
    return histograms.n, [(one.scores.tolist(), one.counts.tolist()) for one in histograms.histograms]


def test_class_score_histograms_count_every_class_against_the_rest():
    found = counted(["a", "c"], [[0.5, 0.25, 0.25], [0.5, 0.0, 0.5]])

    assert [one.scores.tolist() for one in found.histograms] == [[0.5], [0.0, 0.25], [0.25, 0.5]]
    assert [one.counts.tolist() for one in found.histograms] == [[[1, 1]], [[1, 0], [1, 0]], [[1, 0], [0, 1]]]
    assert [one.roles.positive for one in found.histograms] == [0, 1, 2]


def test_class_score_histograms_add_to_the_same_bits_in_any_order():
    draws = np.random.default_rng(0)
    y, scores = draws.choice(CLASSES, 50), draws.dirichlet([1, 1, 1], 50)
    parts = [counted(y[[row]], scores[[row]]) for row in draws.permutation(50)]

    assert told(reduce(operator.add, parts)) == told(counted(y, scores))


@pytest.mark.parametrize(
    "rows",
    [
        block([0, 1], [0, 1], [0.2, 0.3]),
        block(["a"], ["a"], classes=CLASSES, positive=None, task="multiclass"),
        block([1.0], [1.0], task="regression"),
    ],
)
def test_class_score_histograms_are_none_without_scores_of_many_classes(rows):
    found = ClassScoreHistograms.of(rows)

    assert (found + found).histograms == ()
    assert (found + found).n == 2 * rows.n
