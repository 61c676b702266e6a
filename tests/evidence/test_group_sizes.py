from collections import Counter
from functools import reduce

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliability.blocks import Groups
from reliability.evidence.group_sizes import GroupSizes
from tests.builders import block


def sized(values, **more):
    return GroupSizes.of(block([0] * len(values), groups={"sex": values, **more}), ("sex", *more))


def test_group_sizes_counts_rows_without_predictions():
    counted = sized(["F", "M", "M", None])

    assert counted.levels == (("F",), ("M",), (None,))
    assert counted.sizes.tolist() == [1, 2, 1]
    assert counted.n == 4


def test_group_sizes_counts_pairs_that_occur():
    counted = sized(["F", "M", "M"], race=["x", "x", "x"])

    assert dict(zip(counted.levels, counted.sizes.tolist(), strict=True)) == {("F", "x"): 1, ("M", "x"): 2}


def test_group_sizes_add_groups_that_only_one_block_met():
    first, second = sized(["F", "F"]), sized(["M", None])

    for total in (first + second, second + first):
        assert total.levels == (("F",), ("M",), (None,))
        assert total.sizes.tolist() == [2, 1, 1]


def test_group_sizes_keeps_a_declared_level_without_rows():
    bands = Groups(codes=np.array([0], np.int32), levels=("0-30", "30-"))

    assert sized(bands.levels[:0]).sizes.tolist() == []
    assert GroupSizes.of(block([0], groups={"age": bands}), ("age",)).sizes.tolist() == [1, 0]


def test_group_sizes_refuses_to_add_other_attributes():
    with pytest.raises(ValueError, match="do not add"):
        sized(["F"]) + sized(["F"], race=["x"])


answers = st.lists(
    st.tuples(st.sampled_from(["F", "M", "x", None]), st.sampled_from([1, 2, 10, None])), min_size=1, max_size=40
)


def paired(rows):
    return sized([sex for sex, _ in rows], age=[age for _, age in rows])


@given(answers)
def test_group_sizes_agree_with_counting_pairs(rows):
    counted = paired(rows)

    assert dict(zip(counted.levels, counted.sizes.tolist(), strict=True)) == Counter(rows)
    assert counted.n == len(rows)


@given(answers, st.integers(0, 40), st.randoms(use_true_random=False))
def test_group_sizes_do_not_depend_on_blocks_or_order(rows, cut, random):
    shuffled = random.sample(rows, len(rows))
    parts = [part for part in (shuffled[:cut], shuffled[cut:]) if part]
    total = reduce(lambda one, other: other + one, map(paired, parts))
    whole = paired(rows)

    assert total.levels == whole.levels
    assert total.sizes.tolist() == whole.sizes.tolist()


@pytest.mark.parametrize("empty", [0, 1])
def test_group_sizes_of_no_rows_add_nothing(empty):
    none, some = sized([]), sized(["M", None, "F"])

    total = none + some if empty else some + none

    assert (total.levels, total.sizes.tolist()) == ((("F",), ("M",), (None,)), [1, 1, 1])


def test_group_sizes_of_unknown_groups_alone_are_one_group():
    counted = sized([None, None])

    assert (counted.levels, counted.sizes.tolist(), counted.n) == (((None,),), [2], 2)
