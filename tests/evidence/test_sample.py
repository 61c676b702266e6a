import operator
from functools import reduce

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability.evidence.hashing import splitmix64
from reliability.evidence.probe import Answers, Probe
from reliability.evidence.sample import Sample
from tests.builders import block

WORDS = ["나", "가", None, "다", "가", "나", "라", "가"] * 5


def rows(n=40):
    columns = {"x": [float(value) for value in range(n)], "word": WORDS[:n]}
    groups = {"sex": (["F", "M", None] * n)[:n]}
    return block(
        [0, 1] * (n // 2), [1, 0] * (n // 2), np.arange(n) / n, columns=columns, groups=groups, entity=range(n)
    )


def told(sample):
    columns = {name: column.as_labels() for name, column in sample.columns.items()}
    groups = {name: ([*g.levels, None][code] for code in g.codes) for name, g in sample.groups.items()}
    arrays = (sample.positions, sample.y_true, sample.y_pred, sample.y_score, sample.entity)
    return [a.tolist() for a in arrays], columns, {name: list(values) for name, values in groups.items()}


def test_sample_keeps_rows_whole_and_in_file_order():
    sample = Sample.of(rows(), seed=0, size=7)

    assert (sample.n, sample.of_n) == (7, 40)
    assert (np.diff(sample.positions) > 0).all()
    assert sample.columns["x"].values.tolist() == sample.positions.tolist()
    assert sample.columns["word"].as_labels() == [WORDS[position] for position in sample.positions]
    assert [[*sample.groups["sex"].levels, None][c] for c in sample.groups["sex"].codes] == [
        ["F", "M", None][position % 3] for position in sample.positions
    ]


def test_sample_keeps_the_smallest_hashes():
    hashes = splitmix64(np.arange(40, dtype=np.uint64), key=5)

    assert set(Sample.of(rows(), seed=5, size=7).positions.tolist()) == set(np.argsort(hashes)[:7].tolist())


@settings(max_examples=20, deadline=None)
@given(st.sets(st.integers(1, 39), max_size=6), st.randoms())
def test_sample_does_not_depend_on_blocks_or_order(cuts, random):
    whole = rows()
    parts = [Sample.of(whole.where(part), seed=0, size=9) for part in np.split(np.arange(40), sorted(cuts))]
    random.shuffle(parts)
    total = reduce(operator.add, parts)

    assert told(total) == told(Sample.of(whole, seed=0, size=9))
    assert total.columns["word"].levels == Sample.of(whole, seed=0, size=9).columns["word"].levels


def test_sample_differs_by_seed():
    assert Sample.of(rows(), seed=0, size=7).positions.tolist() != Sample.of(rows(), seed=1, size=7).positions.tolist()


def test_sample_keeps_every_row_of_a_short_file():
    assert told(Sample.of(rows(), seed=0, size=100)) == told(Sample.of(rows(), seed=1, size=40))


def test_smaller_sample_is_the_one_that_a_smaller_size_would_keep():
    assert told(Sample.of(rows(), seed=0, size=30).smaller(4)) == told(Sample.of(rows(), seed=0, size=4))


def test_sample_of_no_rows_adds_nothing():
    sample = Sample.of(rows(), seed=0, size=5)
    none = Sample.of(rows().where(np.zeros(0, np.int64)), seed=0, size=5)

    assert told(sample + none) == told(sample)
    assert told(none + sample) == told(sample)


def test_sample_keeps_a_text_column_that_is_all_missing():
    empty = block([0, 1], columns={"word": rows(4).columns["word"].take(np.array([2, 2]))})

    assert (Sample.of(empty, seed=0, size=2)).columns["word"].as_labels() == [None] * 2


def test_sample_refuses_to_add_another_seed():
    with pytest.raises(ValueError, match="do not add"):
        Sample.of(rows(), seed=0, size=5) + Sample.of(rows(), seed=1, size=5)


def test_smaller_probe_takes_the_answers_along():
    sample = Sample.of(rows(), seed=0, size=30)
    answers = Answers(labels=sample.positions, scores=sample.positions / 40)
    probe = Probe(sample=sample, answers=answers, ask=lambda _: answers, ask_anew=lambda _: answers)

    assert probe.smaller(4).answers.labels.tolist() == probe.smaller(4).sample.positions.tolist()
    assert probe.smaller(4).answers.n == 4
    assert probe.smaller(30) is probe


@pytest.mark.parametrize("size", [0, 1, 5, 39, 40, 41])
def test_sample_keeps_as_many_rows_as_it_may_and_says_of_how_many(size):
    sample = Sample.of(rows(), seed=3, size=size)

    assert (sample.n, sample.of_n) == (min(size, 40), 40)
    assert len(sample.columns["x"]) == len(sample.y_true) == len(sample.y_pred) == sample.n
    assert len(sample.entity) == len(sample.groups["sex"].codes) == sample.n


def test_sample_gives_every_row_about_the_same_chance():
    drawn = np.zeros(40)
    for seed in range(400):
        drawn[Sample.of(rows(), seed=seed, size=10).positions] += 1

    # Each is drawn 100 times on average, with a standard deviation of 8.7.
    assert 60 < drawn.min() <= drawn.max() < 140


@pytest.mark.parametrize("smaller", [1, 4, 12])
def test_sample_of_a_smaller_size_is_part_of_the_larger(smaller):
    small, large = (Sample.of(rows(), seed=5, size=size) for size in (smaller, 13))

    assert set(small.positions.tolist()) < set(large.positions.tolist())
    assert told(large.smaller(smaller)) == told(small)


def test_sample_takes_scores_of_every_class_along():
    scores = np.arange(60.0).reshape(20, 3) / 60
    made = block(
        [0, 1] * 10,
        [0, 2] * 10,
        scores,
        classes=(0, 1, 2),
        positive=None,
        task="multiclass",
        columns={"x": list(range(20))},
    )
    whole = Sample.of(made, seed=0, size=6)
    parts = Sample.of(made.where(np.arange(7)), seed=0, size=6) + Sample.of(
        made.where(np.arange(7, 20)), seed=0, size=6
    )

    assert whole.y_score.tolist() == scores[whole.positions].tolist()
    assert parts.y_score.tolist() == whole.y_score.tolist()
