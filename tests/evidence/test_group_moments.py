import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability.evidence.group_moments import GroupMoments
from reliability.evidence.moments import Moments
from tests.builders import block


def summed(one):
    return one.n, dict(one.sums), dict(one.largest)


def rows(task="regression", n=60):
    draws = np.random.default_rng(0)
    groups = {
        "sex": [None if draws.random() < 0.1 else str(value) for value in draws.choice(["F", "M"], n)],
        "age": [int(value) for value in draws.integers(1, 12, n)],
    }
    if task == "regression":
        return block(draws.normal(size=n), draws.normal(size=n), task=task, groups=groups)
    y = draws.integers(0, 2, n)
    return block(y, y, draws.random(n), groups=groups)


@pytest.mark.parametrize("task", ["regression", "binary"])
@pytest.mark.parametrize("attributes", [("sex",), ("age",), ("sex", "age")])
def test_group_moments_are_the_moments_of_every_group(task, attributes):
    made = rows(task)
    labels = [
        tuple(
            made.groups[name].levels[code] if (code := made.groups[name].codes[row]) >= 0 else None
            for name in attributes
        )
        for row in range(made.n)
    ]
    found = GroupMoments.of(made, attributes)

    assert set(found.levels) == set(labels)
    for level, moments in zip(found.levels, found.moments, strict=True):
        chosen = np.array([label == level for label in labels])
        assert summed(moments) == summed(Moments.of(made.where(chosen)))


def test_group_moments_list_the_unknown_group_last_and_empty_levels_too():
    made = rows()
    some = GroupMoments.of(made.where(made.groups["sex"].codes < 1), ("sex",))

    assert some.levels == (("F",), ("M",), (None,))
    empty = some.moments[int(made.groups["sex"].levels[1] == "M")]
    assert (empty.n, empty.sum("e2")) == (0, 0.0)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 59))
def test_group_moments_add_to_those_of_the_whole(cut):
    made = rows()
    parts = [GroupMoments.of(made.where(part), ("sex", "age")) for part in np.split(np.arange(60), [cut])]
    whole = GroupMoments.of(made, ("sex", "age"))
    both = parts[1] + parts[0]

    assert both.levels == whole.levels
    assert [summed(one) for one in both.moments] == [summed(one) for one in whole.moments]


@pytest.mark.parametrize("task", ["regression", "binary"])
def test_the_whole_of_group_moments_is_the_moments_of_all_rows(task):
    made = rows(task)
    found = GroupMoments.of(made, ("sex",))

    assert summed(found.whole) == summed(Moments.of(made))
    assert found.n == made.n


def test_group_moments_of_other_attributes_do_not_add():
    made = rows()

    with pytest.raises(ValueError, match="do not add"):
        GroupMoments.of(made, ("sex",)) + GroupMoments.of(made, ("age",))


def test_group_moments_of_no_rows_of_a_pair_are_empty():
    made = rows().where(np.zeros(0, np.int64))

    assert GroupMoments.of(made, ("sex", "age")).n == 0
    assert GroupMoments.of(made, ("sex",)).n == 0
