import operator
from fractions import Fraction
from functools import reduce

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, mean_absolute_error, r2_score

from reliability.errors import NotMeasurable
from reliability.evidence.moments import Moments
from tests.builders import block


def test_moments_sum_the_errors_of_scores():
    moments = Moments.of(block([1, 0], [1, 0], [0.5, 0.25]))

    assert moments.n == 2
    assert [moments.sum(name) for name in ("d", "d2", "d4", "d2y", "y")] == [-0.25, 0.3125, 0.06640625, 0.25, 1.0]


def test_moments_sum_the_errors_of_values():
    moments = Moments.of(block([1.0, 2.0], [3.0, 1.0], task="regression"))

    assert [moments.sum(name) for name in ("e", "e_abs", "e2", "e4")] == [1.0, 3.0, 5.0, 17.0]
    assert [moments.sum(name) for name in ("y", "y2", "y3", "y4", "e2y", "e2y2")] == [3.0, 5.0, 9.0, 17.0, 6.0, 8.0]


def test_moments_agree_with_scikit_learn():
    draws = np.random.default_rng(0)
    y, score, t = draws.integers(0, 2, 300), draws.random(300), draws.normal(size=300)
    binary = Moments.of(block(y, y, score))
    values = Moments.of(block(t, t + score, task="regression"))
    total = values.sum("y2") - values.sum("y") ** 2 / 300

    assert binary.sum("d2") / 300 == pytest.approx(brier_score_loss(y, score), abs=1e-14)
    assert values.sum("e_abs") / 300 == pytest.approx(mean_absolute_error(t, t + score), abs=1e-14)
    assert 1 - values.sum("e2") / total == pytest.approx(r2_score(t, t + score), abs=1e-12)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)), min_size=4, max_size=12), st.randoms())
def test_moments_add_to_the_same_bits_in_any_order(pairs, random):
    rows = block([a for a, _ in pairs], [b for _, b in pairs], task="regression")
    parts = [Moments.of(rows.where(np.array([index]))) for index in range(len(pairs))]
    random.shuffle(parts)

    assert reduce(operator.add, parts).sums == Moments.of(rows).sums


def test_moments_keep_the_powers_of_labels_without_rounding():
    y = 1.7e9 + np.arange(5) / 3
    moments = Moments.of(block(y, y, task="regression"))

    assert moments.exact("y4").fraction() == sum(Fraction(float(value)) ** 4 for value in y)


def test_moments_of_no_rows_are_zero():
    assert Moments.of(block([], [], [])).sum("d2") == 0.0


@pytest.mark.parametrize(
    "rows", [block([1, 0], [1, 0]), block([0, 1, 2], [0, 1, 2], classes=(0, 1, 2), task="multiclass")]
)
def test_moments_have_no_sums_without_scores(rows):
    moments = Moments.of(rows)

    with pytest.raises(NotMeasurable) as refused:
        moments.sum("d2")
    assert refused.value.code == "no_scores"


def test_moments_refuse_a_sum_that_left_the_range_of_floats():
    moments = Moments.of(block([1e200, 0.0], [0.0, 0.0], task="regression"))

    assert moments.sum("e_abs") == 1e200
    with pytest.raises(NotMeasurable) as refused:
        moments.sum("e4")
    assert refused.value.code == "numbers_too_large"


EIGHTHS = st.integers(-800, 800).map(lambda number: number / 8)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(EIGHTHS, EIGHTHS), min_size=1, max_size=20))
def test_moments_of_values_are_the_sums_written_out(pairs):
    moments = Moments.of(block([y for y, _ in pairs], [p for _, p in pairs], task="regression"))
    rows = [(Fraction(y), Fraction(p) - Fraction(y)) for y, p in pairs]
    expected = {
        "e": [e for _, e in rows],
        "e_abs": [abs(e) for _, e in rows],
        "e2": [e**2 for _, e in rows],
        "e4": [e**4 for _, e in rows],
        "y": [y for y, _ in rows],
        "y2": [y**2 for y, _ in rows],
        "y3": [y**3 for y, _ in rows],
        "y4": [y**4 for y, _ in rows],
        "e2y": [e**2 * y for y, e in rows],
        "e2y2": [e**2 * y**2 for y, e in rows],
    }

    assert {name: moments.exact(name).fraction() for name in expected} == {k: sum(v) for k, v in expected.items()}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 64)), min_size=1, max_size=20))
def test_moments_of_scores_are_the_sums_written_out(pairs):
    moments = Moments.of(block([y for y, _ in pairs], [0] * len(pairs), [score / 64 for _, score in pairs]))
    rows = [(y, Fraction(score, 64) - y) for y, score in pairs]
    expected = {
        "d": [d for _, d in rows],
        "d2": [d**2 for _, d in rows],
        "d4": [d**4 for _, d in rows],
        "d2y": [d**2 * y for y, d in rows],
        "y": [y for y, _ in rows],
    }

    assert {name: moments.exact(name).fraction() for name in expected} == {k: sum(v) for k, v in expected.items()}


def test_moments_speak_of_the_positive_class_by_any_name():
    yes = Moments.of(block(["y", "n"], ["y", "n"], [0.75, 0.5], classes=("y", "n"), positive="y"))
    one = Moments.of(block([1, 0], [1, 0], [0.75, 0.5]))

    assert yes.sums == one.sums


SMALL = {"e2": 1e-150, "e4": 1e-70, "e2y": 1e-110, "y2": 1e-150, "y4": 1e-70, "p2": 1e-150, "e2y2": 1e-80}


@pytest.mark.parametrize("name", SMALL)
def test_moments_refuse_a_sum_of_powers_that_were_rounded_to_nothing(name):
    y, predicted = np.array([1.0, 2.0, 4.0]), np.array([1.5, 2.0, 3.0])
    refused = Moments.of(block(y * SMALL[name], predicted * SMALL[name], task="regression"))
    kept = Moments.of(block(y * SMALL[name] * 1e20, predicted * SMALL[name] * 1e20, task="regression"))

    assert kept.sum(name) > 0
    with pytest.raises(NotMeasurable, match=r"^numbers_too_small$"):
        refused.sum(name)


def test_moments_of_negative_values_are_as_small_as_their_size():
    y = np.array([-1.0, -2.0])

    assert Moments.of(block(y, y + 1, task="regression")).sum("y2") == 5.0
    with pytest.raises(NotMeasurable, match=r"^numbers_too_small$"):
        Moments.of(block(y * 1e-170, y * 1e-170, task="regression")).sum("y2")


def test_moments_of_nothing_but_noughts_are_nought():
    moments = Moments.of(block([0.0, 0.0], [0.0, 0.0], task="regression"))

    assert {moments.sum(name) for name in ("e2", "e4", "y2", "y4", "e2y2", "p2")} == {0.0}


def test_a_small_number_beside_ordinary_ones_does_no_harm():
    assert Moments.of(block([1e-200, 1.0], [0.0, 3.0], task="regression")).sum("e2") == 4.0
