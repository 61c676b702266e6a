import operator
from functools import reduce

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability.evidence.group_histogram import EXACT_PAIRS, GroupHistogram
from tests.builders import block

ROWS = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from([0.0, 0.2, 0.5, 0.9, 1.0]), st.sampled_from(["F", "M", None])),
    min_size=1,
    max_size=30,
)


def counted(y, scores, groups):
    return GroupHistogram.of(block(y, y, scores, groups={"sex": groups}), ("sex",))


def predicted(values, groups):
    return GroupHistogram.of(block(values, values, groups={"sex": groups}, task="regression"), ("sex",))


def told(histogram):
    cells = histogram.cells
    return histogram.levels, cells.shift, cells.outer.tolist(), cells.cells.tolist(), cells.table.tolist()


def test_group_histogram_counts_either_class_by_group_and_score():
    histogram = counted([1, 0, 1, 0], [0.5, 0.5, 0.75, 0.25], ["M", "F", "F", None])

    assert histogram.levels == (("F",), ("M",), (None,))
    assert histogram.counts(0).tolist() == [[1, 0], [0, 1]]
    assert histogram.counts(1).tolist() == [[0, 1]]
    assert histogram.class_sizes.tolist() == [[1, 1], [0, 1], [1, 0]]
    assert (histogram.n, histogram.exact) == (4, True)


@given(ROWS, st.randoms())
@settings(max_examples=40, deadline=None)
def test_group_histogram_adds_to_the_same_bits_in_any_order(rows, random):
    parts = [counted([y], [score], [group]) for y, score, group in rows]
    random.shuffle(parts)

    assert told(reduce(operator.add, parts)) == told(counted(*zip(*rows, strict=True)))


@given(ROWS, st.booleans())
@settings(max_examples=60, deadline=None)
def test_group_histogram_agrees_with_the_median_of_numpy(rows, mirrored):
    y, scores, groups = zip(*rows, strict=True)
    signed = np.array(scores) * (-1 if mirrored else 1)
    histogram = counted(y, scores, groups)
    above, _ = histogram.above_median(mirrored=mirrored)

    of = np.array([histogram.levels.index((group,)) for group in groups])
    assert above.tolist() == np.bincount(of[signed > np.median(signed)], minlength=len(above)).tolist()


@pytest.mark.parametrize("values", [[-3.5, 1e9, 0.0, -1e-9], [7.0, 7.0, 7.0], [1.0], [2, 1, 2, 3, 2]])
def test_group_histogram_of_regression_agrees_with_the_median_of_numpy(values):
    above, beside = predicted(values, ["a"] * len(values)).above_median(mirrored=False)

    assert above.tolist() == [np.sum(np.array(values) > np.median(values))]
    assert beside.sum() >= 1


@pytest.mark.parametrize("cuts", [[1], [40_000], [10, 65_000, 69_999]])
def test_group_histogram_on_the_grid_does_not_depend_on_blocks(cuts):
    draws = np.random.default_rng(4)
    y, scores, groups = draws.integers(0, 2, 70_000), draws.random(70_000), draws.choice(list("abc"), 70_000)
    parts = [counted(y[part], scores[part], groups[part]) for part in np.split(np.arange(70_000), cuts)]
    whole = counted(y, scores, groups)

    assert not whole.exact
    assert told(reduce(operator.add, parts)) == told(reduce(operator.add, parts[::-1])) == told(whole)


def test_group_histogram_stays_small_for_a_thousand_groups(monkeypatch):
    monkeypatch.setattr("reliability.evidence.group_histogram.MOST_CELLS", 40_000)
    draws = np.random.default_rng(5)
    values, groups = draws.lognormal(0, 3, EXACT_PAIRS + 1), draws.integers(0, 1000, EXACT_PAIRS + 1)
    histogram = predicted(values, groups)
    above, beside = histogram.above_median(mirrored=False)

    assert len(histogram.cells.cells) <= 40_000
    assert histogram.n == len(values)
    assert above.sum() <= len(values) / 2 <= above.sum() + beside.sum()
    assert beside.sum() / len(values) < 0.1


def test_group_histogram_counts_nothing_without_scores():
    without = GroupHistogram.of(block([0, 1], [0, 1], groups={"sex": ["F", "M"]}), ("sex",))

    assert (without.n, (without + without).n, without.levels) == (0, 0, (("F",), ("M",)))


def test_group_histogram_refuses_to_add_other_attributes():
    other = GroupHistogram.of(block([0], [0], [0.5], groups={"age": [1]}), ("age",))

    with pytest.raises(ValueError, match="do not add"):
        counted([0], [0.5], ["F"]) + other
