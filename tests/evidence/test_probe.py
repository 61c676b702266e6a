"""A probe answers for its rows, whichever of them are chosen."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliability.evidence.probe import Answers, Probe
from reliability.evidence.sample import Sample
from tests.builders import block


def rows(n, *, start=0):
    x = [None if place % 7 == 3 else float(place) for place in range(n)]
    words = [f"w{place % 5}" for place in range(n)]
    return block([0, 1] * (n // 2) + [0] * (n % 2), columns={"x": x, "word": words}, start=start)


def probe_of(n, *, size=1_000, scores=None):
    """A probe whose model says the position of every row, so that answers tell whose they are."""
    sample = Sample.of(rows(n), seed=0, size=size)
    answers = Answers(labels=sample.positions.astype(np.float64), scores=scores)
    return Probe(sample=sample, answers=answers, ask=lambda _: answers, ask_anew=lambda _: answers)


@pytest.mark.parametrize("chosen", [[], [0], [2, 0], [1, 1, 1], [0, 1, 2]])
@pytest.mark.parametrize("shape", [(3,), (3, 4)])
def test_answers_of_chosen_rows_are_those_rows_in_that_order(chosen, shape):
    scores = np.arange(np.prod(shape), dtype=np.float64).reshape(shape)
    answers = Answers(labels=np.array([7, 8, 9]), scores=scores)

    taken = answers.take(np.array(chosen, np.int64))

    assert taken.n == len(chosen)
    assert taken.labels.tolist() == [7 + place for place in chosen]
    assert taken.scores.tolist() == [scores[place].tolist() for place in chosen]


def test_answers_without_scores_stay_without():
    taken = Answers(labels=np.array([1.5, 2.5])).take(np.array([1]))

    assert (taken.labels.tolist(), taken.scores) == ([2.5], None)


@pytest.mark.parametrize("size", [1, 2, 17, 39])
def test_a_smaller_probe_is_the_one_that_a_smaller_sample_makes(size):
    smaller, made = probe_of(40).smaller(size), probe_of(40, size=size)

    assert smaller.sample.positions.tolist() == made.sample.positions.tolist()
    assert smaller.answers.labels.tolist() == made.answers.labels.tolist()
    assert smaller.sample.columns["x"].as_labels() == made.sample.columns["x"].as_labels()
    assert smaller.sample.columns["word"].as_labels() == made.sample.columns["word"].as_labels()
    assert smaller.sample.of_n == 40


@pytest.mark.parametrize("size", [40, 41, 10**9])
def test_a_probe_is_left_as_it_is_when_it_is_small_enough(size):
    probe = probe_of(40)

    assert probe.smaller(size) is probe


def test_a_smaller_probe_asks_the_same_model_again():
    probe = probe_of(10)
    smaller = probe.smaller(3)

    assert smaller.ask is probe.ask
    assert smaller.ask_anew is probe.ask_anew
    assert smaller.answers.n == smaller.sample.n == 3


@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 60))
def test_a_probe_made_smaller_twice_is_the_smaller_of_both(n, first, second):
    twice, once = probe_of(n).smaller(first).smaller(second), probe_of(n).smaller(min(first, second))

    assert twice.answers.labels.tolist() == once.answers.labels.tolist()
    assert twice.sample.positions.tolist() == sorted(twice.sample.positions.tolist())


def test_a_probe_over_no_rows_has_no_answers():
    probe = probe_of(0)

    assert (probe.sample.n, probe.answers.n, probe.smaller(5).answers.n) == (0, 0, 0)


@pytest.mark.parametrize("n", [1, 5, 10, 11, 20, 23])
def test_a_probe_asks_as_many_rows_at_a_time_as_a_block_and_joins_the_answers(n, monkeypatch):
    monkeypatch.setattr("reliability.evidence.probe.BLOCK_ROWS", 10)
    asked = []

    def ask(columns):
        asked.append(len(columns["x"]))
        return Answers(labels=columns["x"].values * 2, scores=columns["x"].values)

    probe = probe_of(4)
    probe = Probe(sample=probe.sample, answers=probe.answers, ask=ask, ask_anew=ask)
    told = probe.ask_all(block([0] * n, columns={"x": [float(one) for one in range(n)]}).columns)

    assert told.labels.tolist() == [2.0 * one for one in range(n)]
    assert told.scores.tolist() == [float(one) for one in range(n)]
    assert asked == [10] * (n // 10) + [n % 10] * (n % 10 > 0)


def test_joined_answers_have_scores_only_where_every_part_has_them():
    bare, scored = Answers(labels=np.array([1])), Answers(labels=np.array([0, 1]), scores=np.array([0.1, 0.9]))

    assert Answers.joined([scored, scored]).scores.tolist() == [0.1, 0.9, 0.1, 0.9]
    assert Answers.joined([scored, bare]).scores is None
    assert Answers.joined([scored, bare]).labels.tolist() == [0, 1, 1]


def test_a_probe_remembers_what_it_was_told_under_a_key_smaller_ones_too():
    probe, said = probe_of(10), []
    for one in (probe, probe.smaller(3), probe):
        assert one.remembered("key", lambda: said.append(1) or "answer") == "answer"
    probe.remembered("another", lambda: said.append(1))

    assert said == [1, 1]
    assert probe_of(10).memory == {}
