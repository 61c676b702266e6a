import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability.evidence.group_missing import GroupMissing
from tests.builders import block


def gaps(sex, x, word):
    return GroupMissing.of(block([0] * len(sex), groups={"sex": sex}, columns={"x": x, "word": word}), ("sex",))


def test_group_missing_counts_missing_cells_by_group_and_feature():
    counted = gaps(["F", "F", "M"], [1.0, None, 2.0], [None, None, "a"])

    assert counted.features == ("x", "word")
    assert counted.sizes.tolist() == [2, 1]
    assert counted.missing.tolist() == [[1, 2], [0, 0]]


def test_group_missing_agrees_with_pandas():
    draws = np.random.default_rng(0)
    frame = pd.DataFrame({"sex": draws.choice(["F", "M"], 200), "x": np.where(draws.random(200) < 0.3, np.nan, 1.0)})
    x = [None if np.isnan(value) else value for value in frame.x]

    counted = gaps(frame.sex.tolist(), x, ["a"] * 200)

    assert counted.missing[:, 0].tolist() == frame.x.isna().groupby(frame.sex).sum().tolist()


def test_group_missing_adds_groups_that_only_one_block_met():
    first, second = gaps(["F"], [None], ["a"]), gaps([None, "M"], [1.0, None], ["a", "b"])

    for total in (first + second, second + first):
        assert total.levels == (("F",), ("M",), (None,))
        assert total.missing.tolist() == [[1, 0], [1, 0], [0, 0]]
        assert total.sizes.tolist() == [1, 1, 1]


def test_group_missing_of_no_rows_is_empty():
    assert gaps([], [], []).missing.shape == (0, 2)


def test_group_missing_refuses_to_add_other_features():
    other = GroupMissing.of(block([0], groups={"sex": ["F"]}, columns={"z": [1.0]}), ("sex",))

    with pytest.raises(ValueError, match="do not add"):
        gaps(["F"], [1.0], ["a"]) + other


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["F", "M", None]), st.sampled_from([None, 1.0]), st.sampled_from([None, "a"])),
        min_size=1,
        max_size=30,
    )
)
def test_group_missing_agrees_with_counting_by_hand(rows):
    sex, x, w = zip(*rows, strict=True)
    made = block([0] * len(rows), groups={"sex": sex}, columns={"x": x, "w": w})
    counted = GroupMissing.of(made, ("sex",))

    assert counted.features == ("x", "w")
    for level, size, missing in zip(counted.levels, counted.sizes, counted.missing.tolist(), strict=True):
        mine = [row for row in rows if row[0] == level[0]]
        assert size == len(mine)
        assert missing == [sum(row[place] is None for row in mine) for place in (1, 2)]


@pytest.mark.parametrize("cuts", [[1], [10, 20], [5, 6, 7]])
def test_group_missing_of_pairs_does_not_depend_on_blocks(cuts):
    draws = np.random.default_rng(0)
    made = block(
        [0] * 40,
        groups={"sex": draws.choice(["F", "M"], 40).tolist(), "age": draws.integers(0, 4, 40).tolist()},
        columns={"x": [None if gone else 1.0 for gone in draws.random(40) < 0.4]},
    )
    parts = [GroupMissing.of(made.where(part), ("sex", "age")) for part in np.split(np.arange(40), cuts)]
    total, whole = parts[0], GroupMissing.of(made, ("sex", "age"))
    for part in parts[1:]:
        total = part + total

    assert total.levels == whole.levels
    assert total.sizes.tolist() == whole.sizes.tolist()
    assert total.missing.tolist() == whole.missing.tolist()


def test_group_missing_never_counts_more_cells_than_rows():
    counted = gaps(["F", "M", None, "F"], [None] * 4, ["a", None, None, None])

    assert (counted.missing <= counted.sizes[:, np.newaxis]).all()
    assert counted.missing[:, 0].tolist() == counted.sizes.tolist()
    assert counted.missing.sum(axis=0).tolist() == [4, 3]


@pytest.mark.parametrize("swap", [False, True])
def test_group_missing_of_no_rows_adds_nothing(swap):
    none, some = gaps([], [], []), gaps(["M", "F"], [None, 1.0], ["a", None])

    total = none + some if swap else some + none

    assert total.levels == (("F",), ("M",))
    assert total.missing.tolist() == [[0, 1], [1, 0]]
