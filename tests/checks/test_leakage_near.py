"""What near overlap tells: its limits, its rows and the column it names."""

import numpy as np
import pytest

from reliability.checks.leakage import near_overlap
from reliability.evidence import near_digests
from reliability.evidence.near_digests import NearDigests
from tests.builders import block
from tests.checks.test_leakage_attacks import gap_limits


def near(y, *, entity=None, task="binary", **columns):
    return NearDigests.of(block(y, columns=columns, entity=entity, task=task))


def gap(found, n, twins, m, mass):
    """A share beyond that of twins in training, which is never below 0."""
    low, high = gap_limits(found, n, twins, m, mass)
    return max(0.0, low), max(0.0, high)


def far(n):
    """Numbers that no rounding brings together."""
    return [float(2**power) for power in range(n)]


def test_near_overlap_tells_of_every_column_what_was_found_without_it():
    # Three rows of four are found without w, one with it; all training rows are alike without x.
    here, there = near([0] * 4, x=[1, 2, 4, 1000], w=["b", "b", "a", "b"]), near([0] * 8, x=far(8), w=["a"] * 8)
    measured = near_overlap(here, there, confidence=0.9)
    told = {
        name: {
            "column": name, "value": max(0.0, found / 4 - twins / 8), "n": 4,
            "found_share": found / 4, "training_twin_share": twins / 8,
            "low": pytest.approx(gap(found, 4, twins, 8, 0.1 / 4)[0], abs=1e-12),
            "high": pytest.approx(gap(found, 4, twins, 8, 0.1 / 4)[1], abs=1e-12),
        }
        for name, found, twins in (("w", 3, 0), ("y", 1, 0), ("", 1, 0), ("x", 1, 8))
    }  # fmt: skip

    assert measured.details == {
        "column": "w", "of_n": 4, "training_n": 8, "rounded": False, "columns": list(told.values()),
        "positions": [0, 1, 2],
    }  # fmt: skip
    assert (measured.value, measured.low, measured.high) == (0.75, told["w"]["low"], told["w"]["high"])
    assert (measured.n, measured.unit, measured.method) == (4, "share", "square_and_add_clopper_pearson")
    assert (measured.judged, measured.reason, measured.of) == (True, None, None)


def test_near_overlap_is_wider_at_a_higher_confidence_which_is_95_unless_told_otherwise():
    here, there = near([1] * 40, x=far(40)), near([0] * 50, x=far(30) + [0.0] * 20)
    ends = {level: near_overlap(here, there, confidence=level) for level in (0.9, 0.95, 0.99)}

    assert near_overlap(here, there) == ends[0.95]
    assert ends[0.99].low < ends[0.95].low < ends[0.9].low < 0.35 < ends[0.9].high < ends[0.95].high < ends[0.99].high


def test_near_overlap_lists_the_rows_found_where_one_column_alone_finds_any():
    measured = near_overlap(near([1] * 3, x=[1, 2, 4]), near([0] * 8, x=far(8)))

    assert [(one["column"], one["value"]) for one in measured.details["columns"]] == [("y", 1), ("x", 0), ("", 0)]
    assert (measured.details["column"], measured.details["positions"]) == ("y", [0, 1, 2])


def test_near_overlap_lists_no_rows_where_training_rows_meet_as_often_among_themselves():
    measured = near_overlap(near([0], x=[1]), near([0, 0], x=[1, 1]))

    assert {one["found_share"] for one in measured.details["columns"]} == {1.0}
    assert (measured.value, measured.details["positions"], "column" in measured.details) == (0.0, [], False)


def test_near_overlap_names_no_column_where_none_finds_more_than_training_rows_meet():
    # Found without y alone, where the training rows meet as well: no column tells of more than the others.
    measured = near_overlap(near([1], z=[1]), near([0, 0], z=[1, 1]))

    assert [(one["column"], one["found_share"]) for one in measured.details["columns"]] == [("y", 1), ("z", 0), ("", 0)]
    assert (measured.value, measured.details["rounded"], "column" in measured.details) == (0.0, False, False)


def test_near_overlap_has_no_limit_below_zero_where_training_rows_meet_more_often():
    measured = near_overlap(near([1] * 200, x=[1.0] * 200), near([0] * 200, x=[5.0] * 200))

    assert (measured.value, measured.low, measured.high) == (0.0, 0.0, 0.0)
    assert {(one["value"], one["low"], one["high"]) for one in measured.details["columns"]} == {(0.0, 0.0, 0.0)}


def test_near_overlap_names_a_column_that_finds_as_many_rows_as_rounding_does():
    y = [3.0, 6.0, 12.0, 24.0]
    here = near(y, x=[one * (1 + 1e-9) for one in far(4)], task="regression")
    measured = near_overlap(here, near(y, x=far(4), task="regression"))

    assert [(one["column"], one["value"]) for one in measured.details["columns"]] == [("x", 1), ("", 1), ("y", 0)]
    assert (measured.details["column"], measured.details["rounded"]) == ("x", False)


def test_near_overlap_names_no_column_of_equal_rows_though_training_is_coarse_without_another():
    # Without the number all training rows have twins: what is found there does not count, what is found elsewhere does.
    there = near([0] * 30, number=far(30), group=[0, 1, 2] * 10)
    measured = near_overlap(near([0] * 12, number=far(12), group=[0, 1, 2] * 4), there)

    assert [one["value"] for one in measured.details["columns"]] == [1.0, 1.0, 1.0, 0.0]
    assert {one["found_share"] for one in measured.details["columns"]} == {1.0}
    assert (measured.value, measured.details["rounded"], "column" in measured.details) == (1.0, False, False)


def test_near_overlap_does_not_lay_equal_rows_to_rounding_though_training_is_coarse_without_every_column():
    # Every cell of a square stands in the table, so that whatever column is left out leaves twins.
    rows = near([0] * 9, x=[1, 1, 1, 4, 4, 4, 16, 16, 16], z=[1, 4, 16] * 3)
    measured = near_overlap(rows, near([0, 1] * 9, x=[1] * 6 + [4] * 6 + [16] * 6, z=[1, 1, 4, 4, 16, 16] * 3))

    assert measured.details["columns"][0]["column"] == ""
    assert (measured.value, measured.details["rounded"], "column" in measured.details) == (1.0, False, False)


def test_near_overlap_of_single_rows_is_a_share_of_one():
    row = near([0], x=[1])
    measured = near_overlap(row, row)

    assert (measured.value, measured.n, measured.low, measured.high) == (1.0, 1, 0.0, 1.0)


def test_near_overlap_takes_one_training_row_for_half_a_row():
    measured = near_overlap(near([0] * 50, x=[1] * 50), near([0], x=[1]), confidence=0.05)
    low, high = gap(50, 50, 0, 1, 0.95 / 3)

    assert 0 < low < 0.1
    assert (measured.low, measured.high) == pytest.approx((low, high), abs=1e-12)


def test_near_overlap_has_the_rows_of_the_column_that_finds_most_where_rows_are_sampled(monkeypatch):
    monkeypatch.setattr(near_digests, "KEPT", 64)
    draws = np.random.default_rng(0)
    x, z = draws.normal(size=(2, 2_000))
    measured = near_overlap(near([1] * 1_000, x=x[:1_000], z=z[:1_000]), near([0] * 2_000, x=x, z=z))
    looked_at = [one["n"] for one in measured.details["columns"]]

    assert measured.details["column"] == "y"
    assert len(set(looked_at)) > 1
    assert measured.n == looked_at[0]
    assert (measured.details["of_n"], measured.details["training_n"]) == (1_000, 2_000)


@pytest.mark.parametrize(("mine", "theirs"), [([1, 2], None), (None, [1, 2]), ([1, 2], [3, 4])])
def test_near_overlap_has_no_interval_where_rows_of_either_file_belong_together(mine, theirs):
    measured = near_overlap(near([0, 0], x=[1, 2], entity=mine), near([0, 0], x=[1, 2], entity=theirs))

    assert (measured.value, measured.judged, measured.reason.code) == (1.0, False, "clustered_rows")
    assert (measured.low, measured.high) == (None, None)
    assert [(one["low"], one["high"]) for one in measured.details["columns"]] == [(None, None)] * 3
    assert set(measured.details["columns"][0]) == {
        "column", "value", "low", "high", "n", "found_share", "training_twin_share",
    }  # fmt: skip


@pytest.mark.parametrize(("alone", "told"), [(20, True), (19, False)])
def test_where_nearly_every_training_row_has_a_twin_nothing_is_claimed_of_rows_that_are_found(alone, told):
    # 200 training rows, of which so many are the only ones of their kind; 2,000 evaluation rows that are all found.
    kinds = [0] * (200 - alone) + list(range(1, alone + 1))
    there, here = near([0] * 200, x=[float(2**kind) for kind in kinds]), near([0] * 2_000, x=[1.0] * 2_000)
    (rounded,) = [one for one in near_overlap(here, there).details["columns"] if one["column"] == ""]

    assert rounded["training_twin_share"] == pytest.approx(1 - alone / 200)
    assert (rounded["low"] > 0) == told
