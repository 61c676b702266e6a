import operator
import time
from functools import reduce

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability.blocks import Groups
from reliability.evidence.confusion_matrix import ConfusionMatrix
from reliability.evidence.group_counts import GroupCounts
from tests.builders import block

SEX = ["F", "F", "M", "M", None]


def test_group_counts_counts_every_group_apart():
    counted = GroupCounts.of(block([1, 0, 1, 1, 0], [1, 1, 1, 0, 0], groups={"sex": SEX}), ("sex",))

    assert counted.levels == (("F",), ("M",), (None,))
    assert counted.counts.tolist() == [[[0, 1], [0, 1]], [[0, 0], [1, 1]], [[1, 0], [0, 0]]]
    assert counted.sizes.tolist() == [2, 2, 1]
    assert (counted.n, counted.right) == (5, 3)


def test_group_counts_gives_the_matrix_of_one_group():
    counted = GroupCounts.of(block([1, 0, 1, 1, 0], [1, 1, 1, 0, 0], groups={"sex": SEX}), ("sex",))

    assert counted.matrix(1).true_positives() == 1
    assert counted.matrix(1).false_negatives() == 1


@pytest.mark.parametrize("attributes", [("sex",), ("race",), ("sex", "race")])
def test_group_counts_agrees_with_pandas(attributes):
    draws = np.random.default_rng(0)
    frame = pd.DataFrame({name: draws.integers(0, k, 400) for name, k in [("sex", 2), ("race", 5), ("t", 2), ("p", 2)]})
    counted = GroupCounts.of(block(frame.t, frame.p, groups={"sex": frame.sex, "race": frame.race}), attributes)

    expected = frame.groupby([*attributes, "t", "p"]).size()

    for level, table in zip(counted.levels, counted.counts, strict=True):
        assert all(table[t, p] == expected.get((*level, t, p), 0) for t in (0, 1) for p in (0, 1))


@pytest.mark.parametrize("entity", [None, [1, 2, 3, 130, 5]])
def test_group_counts_adds_to_the_same_bits_in_any_order(entity):
    rows = block([1, 0, 1, 1, 0], [1, 1, 1, 0, 0], groups={"sex": SEX}, entity=entity)
    parts = [GroupCounts.of(rows.where(np.array([index])), ("sex",)) for index in range(5)]

    orders = [reduce(operator.add, [parts[index] for index in order]) for order in ([0, 1, 2, 3, 4], [4, 2, 0, 3, 1])]
    whole = GroupCounts.of(rows, ("sex",))

    for total in [*orders, parts[0] + (parts[1] + (parts[2] + (parts[3] + parts[4])))]:
        assert total.levels == whole.levels
        assert (total.counts == whole.counts).all()
        assert entity is None or (total.buckets == whole.buckets).all()


def test_group_counts_ignores_the_codes_of_the_levels():
    first = Groups(codes=np.array([0, 1], np.int32), levels=("F", "M"))
    second = Groups(codes=np.array([1, 0], np.int32), levels=("M", "F"))

    totals = [GroupCounts.of(block([1, 0], [1, 1], groups={"sex": groups}), ("sex",)) for groups in (first, second)]

    assert (totals[0].counts == totals[1].counts).all()
    assert (totals[0] + totals[1]).sizes.tolist() == [2, 2]


def test_group_counts_keeps_buckets_that_add_to_the_counts_when_rows_are_clustered():
    rows = block([1, 0, 1, 1, 0], [1, 1, 1, 0, 0], groups={"sex": SEX}, entity=[1, 2, 3, 130, 5])
    counted = GroupCounts.of(rows, ("sex",))

    assert counted.buckets.shape == (3, 128, 2, 2)
    assert (counted.buckets.sum(axis=1) == counted.counts).all()
    assert counted.matrix(1).buckets[2].sum() == 1


def test_group_counts_lists_groups_of_no_rows():
    bands = Groups(codes=np.zeros(0, np.int32), levels=("0-30", "30-"))
    counted = GroupCounts.of(block([], [], groups={"age": bands}), ("age",))

    assert counted.levels == (("0-30",), ("30-",))
    assert counted.n == 0


def test_group_counts_has_levels_but_no_classes_for_regression():
    counted = GroupCounts.of(block([1.0, 2.0], [1.0, 2.0], groups={"sex": ["F", "M"]}, task="regression"), ("sex",))

    assert counted.counts.shape == (2, 0, 0)
    assert (counted + counted).n == 0


def test_group_counts_refuses_to_add_other_attributes():
    rows = block([1], [1], groups={"a": ["x"], "b": ["y"]})

    with pytest.raises(ValueError, match="do not add"):
        GroupCounts.of(rows, ("a",)) + GroupCounts.of(rows, ("b",))


def test_group_counts_of_a_million_rows_takes_less_than_a_second():
    draws, n = np.random.default_rng(0), 1_000_000
    columns = {name: Groups(codes=draws.integers(-1, k, n, np.int32), levels=tuple(range(k))) for name, k in
               [("a", 2), ("b", 6), ("c", 10)]}  # fmt: skip
    rows = block(draws.integers(0, 2, n), draws.integers(0, 2, n), groups=columns)
    started = time.process_time()

    total = GroupCounts.of(rows, ("b", "c"))

    assert time.process_time() - started < 1.0
    assert total.n == n


ROWS = st.lists(
    st.tuples(
        st.integers(0, 1),
        st.integers(0, 1),
        st.sampled_from(["F", "M", None]),
        st.sampled_from([20, 30, None]),
        st.integers(0, 300),
    ),
    min_size=1,
    max_size=40,
)


def grouped(rows, attributes):
    y_true, y_pred, sex, age, entity = zip(*rows, strict=True)
    return GroupCounts.of(block(y_true, y_pred, groups={"sex": sex, "age": age}, entity=entity), attributes)


@pytest.mark.parametrize("attributes", [("sex",), ("age",), ("sex", "age"), ("age", "sex")])
@settings(max_examples=20, deadline=None)
@given(rows=ROWS)
def test_group_counts_of_every_group_are_the_matrix_of_its_rows(attributes, rows):
    counted = grouped(rows, attributes)
    place = {"sex": 2, "age": 3}

    assert sum(counted.sizes) == counted.n == len(rows)
    assert counted.right == sum(row[0] == row[1] for row in rows)
    for index, level in enumerate(counted.levels):
        mine = [row for row in rows if tuple(row[place[name]] for name in attributes) == level]
        alone = ConfusionMatrix.of(
            block(*zip(*[row[:2] for row in mine], strict=True), entity=[row[4] for row in mine])
        )
        assert (counted.matrix(index).counts == alone.counts).all()
        assert (counted.matrix(index).buckets == alone.buckets).all()


@settings(max_examples=20, deadline=None)
@given(rows=ROWS)
def test_group_counts_of_a_pair_sum_to_those_of_either_attribute(rows):
    pair = grouped(rows, ("sex", "age"))

    for place, name in enumerate(("sex", "age")):
        alone = grouped(rows, (name,))
        for index, (level,) in enumerate(alone.levels):
            parts = [n for other, n in zip(pair.levels, pair.counts, strict=True) if other[place] == level]
            assert (sum(parts) == alone.counts[index]).all()


@pytest.mark.parametrize("entity", [None, [1, 2, 3]])
def test_group_counts_counts_nothing_for_regression_but_names_its_groups(entity):
    made = block([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], groups={"sex": ["F", "M", "F"]}, task="regression", entity=entity)
    counted = GroupCounts.of(made, ("sex",))

    assert counted.levels == (("F",), ("M",))
    assert counted.counts.shape == (2, 0, 0)
    assert counted.n == 0


def test_group_counts_of_a_thousand_groups_keep_every_one():
    made = block([0, 1] * 1000, [1, 1] * 1000, groups={"branch": np.repeat(np.arange(1000), 2).tolist()})
    counted = GroupCounts.of(made, ("branch",))

    assert counted.levels == tuple((index,) for index in range(1000))
    assert (counted.counts == [[0, 1], [0, 1]]).all()
    assert (counted + counted).sizes.tolist() == [4] * 1000
