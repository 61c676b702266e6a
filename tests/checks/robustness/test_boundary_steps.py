"""The search retraced question by question, against HopSkipJump as its authors describe it."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from reliability.blocks import ColumnRule
from reliability.checks.robustness.boundary import Room, Search
from reliability.evidence.probe import Answers
from tests.checks.probing import probed

DIRECTIONS, HALVINGS, TRIES, REACH = 16, 7, 3, 0.1
WIDE = ColumnRule(minimum=-1e6, maximum=1e6)


@dataclass(frozen=True, kw_only=True)
class Question:
    """Points that the model was asked, and what the search knew when it asked."""

    asked: Any
    best: Any
    far: Any


def traced(columns, model, *, calls=98, seed=1, **roles):
    """A search, and every question that it put."""
    probe, profile, _ = probed(columns, model, **roles)
    questions = []

    def ask(table):
        asked = np.column_stack([table[name].values for name in search.room.names])
        questions.append(Question(asked=asked, best=search.points.copy(), far=search.nearest.copy()))
        return probe.ask(table)

    room = Room.of(probe.sample.columns, profile)
    search = Search(replace(probe, ask=ask), room, calls=calls, draws=np.random.default_rng(seed))
    search.run()
    return search, questions


def by_numbers(rule):
    def model(table):
        return Answers(labels=np.asarray(rule(*(one.values for one in table.values())), np.int64))

    return model


def by_words(table):
    """Positive where the word is u: no number turns a row."""
    return Answers(labels=np.array([word == "u" for word in table["w"].as_labels()], np.int64))


def line_and_point(a, b):
    """Positive on one side of a line, and at a point of the other side that stands alone."""
    return (a + b / 4000 > 0) | ((a == -2.9) & (b == 7.5))


def around():
    """Rows on both sides of the line, the point, and a row near to it that is turned nowhere else but there."""
    draws = np.random.default_rng(3)
    a, b = draws.uniform(0.5, 2.0, 8) * ([-1, 1] * 4), draws.normal(size=8) * 1000
    return {"a": np.append(a, [-3.0, -2.9]), "b": np.append(b, [7.0, 7.5])}


def normal_of(gone, flipped):
    """The directions' sum weighted by their decisions, less the mean decision unless all agree; of length one."""
    weights = np.where(flipped, 1.0, -1.0)
    if 0 < flipped.sum() < len(flipped):
        weights = weights - weights.mean()
    summed = weights @ gone
    return summed / np.sqrt(summed @ summed)


class Retraced:
    """Steps worked out anew, from the first directions on."""

    def __init__(self, columns, search, questions, *, calls):
        self.start, self.scale, self.calls = np.column_stack(list(columns.values())), search.room.scale, calls
        self.labels = line_and_point(*self.start.T)
        self.questions = questions
        self.n = len(self.start)
        self.at = next(at for at, one in enumerate(questions) if len(one.asked) == DIRECTIONS * self.n)
        self.draws = np.random.default_rng(1)
        self.agreed = set()

    @property
    def left(self):
        return self.calls - self.at

    def step(self, turn):
        best, far = self.questions[self.at].best, self.questions[self.at].far
        normals = self.directions(best, far)
        still, ends, tries = np.arange(self.n), best.copy(), 0
        while still.size and tries < TRIES and self.left > HALVINGS:
            length = far[still, np.newaxis] / np.sqrt(turn) / 2**tries
            asked = self.next()
            assert asked == pytest.approx(best[still] + length * normals[still] * self.scale)
            turned = self.otherwise(asked, still)
            ends[still[turned]] = asked[turned]
            still, tries = still[~turned], tries + 1
        self.halve(np.setdiff1d(np.arange(self.n), still), ends)

    def directions(self, best, far):
        drawn = self.draws.standard_normal((self.n, DIRECTIONS, 2)) / np.sqrt(2)
        asked = self.next().reshape(self.n, DIRECTIONS, 2)
        reach = REACH * far[:, np.newaxis, np.newaxis]
        assert asked == pytest.approx(best[:, np.newaxis] + reach * drawn * self.scale)
        flipped = self.otherwise(asked.reshape(-1, 2), np.repeat(np.arange(self.n), DIRECTIONS)).reshape(self.n, -1)
        self.agreed |= set(flipped.mean(axis=1)) & {0.0, 1.0}
        gone = (asked - best[:, np.newaxis]) / self.scale
        return np.array([normal_of(*one) for one in zip(gone, flipped, strict=True)])

    def halve(self, rows, ends):
        near, far = self.start[rows], ends[rows]
        for _ in range(HALVINGS if rows.size else 0):
            asked = self.next()
            assert asked == pytest.approx((near + far) / 2)
            turned = self.otherwise(asked, rows)[:, np.newaxis]
            near, far = np.where(turned, near, asked), np.where(turned, asked, far)

    def next(self):
        self.at += 1
        return self.questions[self.at - 1].asked

    def otherwise(self, asked, rows):
        return line_and_point(*asked.T) != self.labels[rows]


# As many budgets as the longest step has calls, so that it is broken off at each of them.
@pytest.mark.parametrize("calls", range(40, 52))
def test_steps_are_those_of_hopskipjump(calls):
    columns = around()
    model, rules = by_numbers(line_and_point), {"a": WIDE, "b": WIDE}
    search, questions = traced(columns, model, calls=calls, rules=rules)
    retraced = Retraced(columns, search, questions, calls=calls)
    turn = 0
    while retraced.left > 2 + HALVINGS:
        turn += 1
        retraced.step(turn)

    assert retraced.at == len(questions) == search.calls
    # Rows whose directions were all decided alike, either way, beside rows where they were not.
    assert retraced.agreed == {0.0, 1.0}


@pytest.mark.parametrize(("calls", "put_back"), [(8, 0), (9, 0), (10, 1), (11, 2), (12, 2)])
def test_columns_are_put_back_one_after_the_other_while_more_than_one_call_is_left(calls, put_back):
    # Every row starts from its neighbour, which has the same a; b alone decides.
    columns = {"a": [0.0, 0.0, 3.0, 3.0], "b": [0.0, 1.0, 0.0, 1.0], "c": [0.0, 0.1, 0.5, 0.6]}
    search, questions = traced(columns, by_numbers(lambda a, b, c: b > 0.5), calls=calls)
    start = np.column_stack(list(columns.values()))

    assert len(questions) == search.calls == 1 + HALVINGS + put_back
    for at, one in zip((1, 2), questions[1 + HALVINGS :], strict=False):
        assert one.asked.tolist() == np.where(np.arange(3) == at, start, one.best).tolist()
    moved = (search.points != start).any(axis=0)
    assert moved.tolist() == [False, True, put_back < 2]


def test_a_step_that_rounds_to_nothing_leaves_whole_numbers_where_they_are():
    _, questions = traced({"i": [0, 1] * 200}, by_numbers(lambda i: i > 0), calls=60)

    assert {value for one in questions for value in one.asked.ravel().tolist()} == {0, 1}
    after = next(at for at, one in enumerate(questions) if len(one.asked) == DIRECTIONS * 400) + 1
    assert (questions[after].asked == questions[after].best).all()


def test_the_first_start_is_the_nearest_row_in_standard_deviations():
    # From the first row 500 of b are nearer than 2 of a, of which a deviation is about 2 and of b about 2,000.
    columns = {"a": [0.0, 2.0, 0.0, 5.0, 0.0], "b": [0.0, 0.0, 500.0, 0.0, 5_000.0]}
    _, questions = traced(columns, by_numbers(lambda a, b: (a > 1) | (b > 1)))

    assert questions[0].asked[0].tolist() == [0.0, 500.0]


def test_rows_not_turned_start_from_the_two_nearest_others_and_the_one_half_way():
    columns = {"x": [-1.0, *range(24, 0, -1)], "w": ["v"] + ["u"] * 24}
    _, questions = traced(columns, by_words)

    assert [one.asked[0].tolist() for one in questions] == [[1.0], [2.0], [13.0]]


@pytest.mark.parametrize("calls", [1, 2, 3, 4])
def test_starts_are_tried_while_there_are_calls(calls):
    search, questions = traced({"x": [0.0, 1.0, 2.0, 3.0], "w": ["v", "u", "u", "u"]}, by_words, calls=calls)

    assert len(questions) == search.calls == min(calls, 3)


def test_of_others_equally_far_the_first_rows_are_the_starts():
    # One row near to the last, and twenty-four one unit from it along four columns of equal spread.
    ways = [[way * (at == one) for at in range(4)] for one in range(4) for way in (-1.0, 1.0)] * 3
    ways = np.insert(np.random.default_rng(1).permutation(ways), 20, [0.25] * 4, axis=0)
    columns = {name: [*ways[:, at], 0.0] for at, name in enumerate("abcd")} | {"w": ["u"] * 25 + ["v"]}
    _, questions = traced(columns, by_words)

    # In order the near one, then those before it.
    assert [one.asked[-1].tolist() for one in questions] == ways[[20, 0, 11]].tolist()


def test_where_others_are_few_no_row_starts_from_one_decided_as_it_is():
    _, questions = traced({"x": [0.0, 1.0, 2.0], "w": ["v", "u", "u"]}, by_words)

    assert [one.asked.ravel().tolist() for one in questions] == [[1.0, 0.0, 0.0], [2.0, 0.0, 0.0], [2.0]]
