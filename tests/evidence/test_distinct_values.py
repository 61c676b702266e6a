import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability.blocks import Column
from reliability.evidence.distinct_values import KEPT, Distinct, DistinctValues
from tests.builders import block, column


@settings(max_examples=50, deadline=None)
@given(st.lists(st.one_of(st.none(), st.integers(-5, 5)), min_size=1, max_size=60))
def test_up_to_a_thousand_values_every_one_is_counted(values):
    present = [value for value in values if value is not None]
    sampled = Distinct.of(column([*values, 9]))

    assert sampled.present == len(present) + 1
    assert sorted(sampled.counts.tolist()) == sorted([present.count(value) for value in set(present)] + [1])
    assert sampled.unique_share == (len(set(present)) + 1) / (len(present) + 1)


def test_values_beyond_are_sampled_with_all_their_cells():
    values = np.repeat(np.arange(5_000), 3)
    sampled = Distinct.of(Column(kind="i8", values=values, missing=np.zeros(len(values), bool)))

    assert (len(sampled.counts), set(sampled.counts.tolist())) == (KEPT, {3})
    assert sampled.unique_share == 1 / 3


def test_the_sample_is_fair_to_rare_and_common_values():
    values = np.concatenate((np.arange(4_000), np.repeat(np.arange(4_000, 8_000), 9)))
    sampled = Distinct.of(Column(kind="i8", values=values, missing=np.zeros(len(values), bool)))

    assert np.mean(sampled.counts == 1) == pytest.approx(0.5, abs=0.06)
    assert sampled.unique_share == pytest.approx(0.2, abs=0.02)


def test_text_counts_two_codes_of_one_level_once_and_spaces_within():
    twice = Column(kind="utf8", values=np.array([0, 1, 1], np.int32), missing=np.zeros(3, bool), levels=("a b", "a b"))
    sampled = Distinct.of(twice)

    assert (sampled.counts.tolist(), sampled.words, sampled.present) == ([3], 3, 3)
    assert Distinct.of(column([" a ", "b c d"])).words == 2


def test_distinct_values_holds_whole_numbers_and_text():
    rows = block([0, 1], columns={"x": [1.5, 2.0], "i": [1, 2], "w": ["a", "b"], "b": [True, False]})

    assert list(DistinctValues.of(rows).columns) == ["i", "w"]


def test_whole_numbers_of_both_signs_and_sizes_stay_apart():
    assert len(Distinct.of(column([2**62, 2**62 + 1, -(2**62), 0, -0])).counts) == 4
