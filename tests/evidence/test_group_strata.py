import operator
from functools import reduce

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability.blocks import Groups
from reliability.evidence import group_strata
from reliability.evidence.group_strata import GroupStrata
from tests.builders import block

SEX, GRADE = ["F", "F", "M", "M", None], ["A", "B", "A", None, "A"]
ROWS = st.lists(
    st.tuples(
        st.integers(0, 1),
        st.sampled_from(["F", "M", None]),
        st.sampled_from([1, 2, None]),
        st.sampled_from(["x", "y"]),
        st.integers(0, 300),
    ),
    min_size=1,
    max_size=40,
)


def rows(y_pred, strata=("grade",), **more):
    return block([0] * len(y_pred), y_pred, strata=strata, **more)


def small(**more):
    return rows([1, 0, 1, 1, 0], groups={"sex": SEX, "grade": GRADE}, **more)


def same(one, other):
    return (
        (one.levels, one.stratum_levels, one.attributes, one.strata)
        == (other.levels, other.stratum_levels, other.attributes, other.strata)
        and np.array_equal(one.counts, other.counts)
        and (one.buckets is None) == (other.buckets is None)
        and (one.buckets is None or np.array_equal(one.buckets, other.buckets))
    )


def test_group_strata_counts_selected_rows_by_group_and_stratum():
    counted = GroupStrata.of(small(), ("sex",))

    assert counted.levels == (("F",), ("M",), (None,))
    assert counted.stratum_levels == (("A",), ("B",), (None,))
    assert counted.counts.tolist() == [[[0, 1], [1, 0], [0, 0]], [[0, 1], [0, 0], [0, 1]], [[1, 0], [0, 0], [0, 0]]]
    assert (counted.rows.tolist(), counted.n) == ([[1, 1, 0], [1, 0, 1], [1, 0, 0]], 5)
    assert counted.selected.tolist() == [[1, 0, 0], [1, 0, 1], [0, 0, 0]]


def test_group_strata_selects_every_favourable_class():
    made = block(
        ["a"] * 3, ["a", "b", "c"], classes=("a", "b", "c"), task="multiclass", favourable=("a", "c"),
        groups={"sex": ["F"] * 3, "grade": ["A"] * 3}, strata=("grade",),
    )  # fmt: skip

    assert GroupStrata.of(made, ("sex",)).counts.tolist() == [[[1, 2]]]


def test_group_strata_keeps_buckets_that_add_to_the_counts_when_rows_are_clustered():
    counted = GroupStrata.of(small(entity=[1, 2, 3, 130, 5]), ("sex",))

    assert counted.buckets.shape == (3, 3, 128, 2)
    assert (counted.buckets.sum(axis=2) == counted.counts).all()
    assert counted.buckets[1, 2, 2, 1] == 1


def test_group_strata_without_strata_is_one_stratum():
    counted = GroupStrata.of(small(strata=()), ("sex",))

    assert (counted.strata, counted.stratum_levels) == ((), ((),))
    assert counted.counts.tolist() == [[[1, 1]], [[0, 2]], [[1, 0]]]


def test_group_strata_never_holds_a_group_within_itself():
    counted = GroupStrata.of(small(strata=("sex", "grade")), ("sex",))

    assert counted.strata == ("grade",)


def test_group_strata_counts_combinations_of_strata():
    made = rows([1, 0], ("grade", "post"), groups={"sex": ["F", "M"], "grade": [1, 2], "post": ["x", "y"]})

    assert GroupStrata.of(made, ("sex",)).stratum_levels == ((1, "x"), (2, "y"))


@settings(max_examples=25, deadline=None)
@given(table=ROWS)
def test_group_strata_agree_with_pandas(table):
    frame = pd.DataFrame(table, columns=["p", "sex", "grade", "post", "entity"]).astype(object)
    groups = {name: frame[name].where(frame[name].notna(), None).tolist() for name in ("sex", "grade", "post")}
    counted = GroupStrata.of(rows(frame.p, ("grade", "post"), groups=groups), ("sex",))
    keys = list(zip(groups["sex"], groups["grade"], groups["post"], frame.p, strict=True))

    for group, (sex,) in enumerate(counted.levels):
        for stratum, (grade, post) in enumerate(counted.stratum_levels):
            found = counted.counts[group, stratum].tolist()
            assert found == [keys.count((sex, grade, post, p)) for p in (0, 1)]


@pytest.mark.parametrize("entity", [None, [1, 2, 3, 130, 5]])
def test_group_strata_add_to_the_same_bits_in_any_order(entity):
    made = small(entity=entity)
    parts = [GroupStrata.of(made.where(np.array([index])), ("sex",)) for index in range(5)]
    whole = GroupStrata.of(made, ("sex",))

    for order in ([0, 1, 2, 3, 4], [4, 2, 0, 3, 1]):
        assert same(reduce(operator.add, [parts[index] for index in order]), whole)
    assert same(parts[0] + (parts[1] + (parts[2] + (parts[3] + parts[4]))), whole)


def test_group_strata_keep_what_only_one_block_met():
    first = GroupStrata.of(rows([1], groups={"sex": ["F"], "grade": ["B"]}), ("sex",))
    second = GroupStrata.of(rows([0], groups={"sex": ["M"], "grade": ["A"]}), ("sex",))
    both = first + second

    assert (both.levels, both.stratum_levels) == ((("F",), ("M",)), (("A",), ("B",)))
    assert both.counts.tolist() == [[[0, 0], [0, 1]], [[1, 0], [0, 0]]]


@pytest.mark.parametrize("limit", [0, 2 * 128 * 8])
def test_group_strata_drop_buckets_that_would_not_fit(monkeypatch, limit):
    monkeypatch.setattr(group_strata, "BUCKETED_CELLS", limit)
    counted = GroupStrata.of(small(entity=[1, 2, 3, 130, 5]), ("sex",))

    assert counted.buckets is None
    assert counted.n == 5


def test_group_strata_refuse_to_add_others_and_rows_without_predictions():
    made = small()
    with pytest.raises(ValueError, match="do not add"):
        GroupStrata.of(made, ("sex",)) + GroupStrata.of(made, ("grade",))
    with pytest.raises(ValueError, match="no predictions"):
        GroupStrata.of(block([1], None, groups={"sex": ["F"]}), ("sex",))


def test_group_strata_of_no_rows_name_the_levels():
    nobody = {"sex": Groups(codes=np.zeros(0, np.int32), levels=("F", "M")), "grade": []}
    counted = GroupStrata.of(rows([], groups=nobody), ("sex",))

    assert counted.levels == (("F",), ("M",))
    assert counted.n == 0


def test_group_strata_of_regression_select_nobody():
    made = block(
        [1.0, 2.0], [1.0, 0.0], task="regression", groups={"sex": ["F", "M"], "grade": [1, 1]}, strata=("grade",)
    )

    assert GroupStrata.of(made, ("sex",)).selected.sum() == 0
