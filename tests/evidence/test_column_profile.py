import operator
from functools import reduce

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability.blocks import Column, ColumnRule
from reliability.evidence.column_profile import LISTED_LEVELS, ColumnProfile, ColumnSummary
from tests.builders import block, column

CELLS = st.lists(st.one_of(st.none(), st.floats(-1e9, 1e9)), min_size=2, max_size=20)


def profiled(values, rule=None):
    made = column(values)
    return ColumnSummary.of(made, rule, np.arange(len(made)))


def test_column_summary_of_numbers_has_range_and_spread():
    summary = profiled([1.0, None, 4.0, 7.0])

    assert (summary.n, summary.missing, summary.present) == (4, 1, 3)
    assert (summary.minimum, summary.maximum, summary.mean, summary.variance) == (1.0, 7.0, 4.0, 9.0)
    assert summary.levels == {1.0: 1, 4.0: 1, 7.0: 1}


def test_column_summary_of_text_has_levels_only():
    summary = profiled(["나", "가", None, "가"])

    assert summary.levels == {"가": 2, "나": 1}
    assert (summary.minimum, summary.mean, summary.variance) == (None, None, None)


def test_column_summary_of_yes_and_no_counts_both():
    summary = profiled([True, False, True, None])

    assert (summary.kind, summary.levels) == ("bool", {False: 1, True: 2})
    assert summary.mean == pytest.approx(2 / 3)


def test_column_summary_agrees_with_pandas():
    values = np.random.default_rng(0).normal(50, 3, 500)
    summary = profiled(values)

    assert summary.mean == pytest.approx(pd.Series(values).mean(), abs=1e-12)
    assert summary.variance == pytest.approx(pd.Series(values).var(), abs=1e-12)


def test_column_summary_keeps_the_variance_of_large_close_numbers():
    assert profiled([1_700_000_000, 1_700_000_001, 1_700_000_002]).variance == 1.0


@settings(max_examples=30, deadline=None)
@given(CELLS, st.randoms())
def test_column_summary_adds_to_the_same_bits_in_any_order(values, random):
    made = Column(
        kind="f8",
        values=np.array([value or 0.0 for value in values]),
        missing=np.array([value is None for value in values]),
    )
    parts = [ColumnSummary.of(made.take(np.array([i])), None, np.array([i])) for i in range(len(values))]
    random.shuffle(parts)
    total, whole = reduce(operator.add, parts), ColumnSummary.of(made, None, np.arange(len(values)))

    assert (total.total, total.squares, total.levels) == (whole.total, whole.squares, whole.levels)
    assert (total.minimum, total.maximum, total.missing) == (whole.minimum, whole.maximum, whole.missing)


def test_column_summary_of_only_missing_cells_has_no_figures():
    summary = profiled([None, None])

    assert (summary.present, summary.minimum, summary.mean, summary.variance) == (0, None, None, None)
    assert summary.levels == {}


def test_column_summary_of_one_cell_has_no_variance():
    assert (profiled([3.0]).mean, profiled([3.0]).variance) == (3.0, None)


def test_column_summary_of_infinity_has_no_mean():
    assert profiled([1.0, np.inf]).mean is None


@pytest.mark.parametrize("values", [list(range(LISTED_LEVELS + 1)), [f"{i}" for i in range(LISTED_LEVELS + 1)]])
def test_column_summary_stops_listing_levels_beyond_its_limit(values):
    assert len(profiled(values[:-1]).levels) == LISTED_LEVELS
    assert profiled(values).levels is None
    assert (profiled(values[:600]) + profiled(values[600:])).levels is None
    assert (profiled(values) + profiled(values[:1])).levels is None


def test_column_summary_counts_cells_outside_the_range():
    summary = profiled([17, 18, None, 100, 101], ColumnRule(minimum=18, maximum=100))

    assert (summary.violations, summary.violation_positions) == (2, (0, 4))


@pytest.mark.parametrize(
    ("values", "allowed", "broken"),
    [(["a", "b", None], ("a",), 1), ([1, 2, 3], (1, 2.0), 1), ([True, False], (True,), 1), ([1, 2], ("1",), 2)],
)
def test_column_summary_counts_cells_outside_the_list(values, allowed, broken):
    assert profiled(values, ColumnRule(values=allowed)).violations == broken


def test_column_summary_takes_text_for_a_breach_of_a_range():
    assert profiled(["a", None], ColumnRule(minimum=0)).violations == 1


def test_column_summary_lists_the_first_twenty_positions_in_any_order():
    rule = ColumnRule(maximum=0)
    parts = [ColumnSummary.of(column([1] * 15), rule, np.arange(15) + start) for start in (0, 15)]

    for total in (parts[0] + parts[1], parts[1] + parts[0]):
        assert total.violation_positions == tuple(range(20))
        assert total.violations == 30


def test_column_profile_holds_features_and_ruled_columns():
    rows = block(
        [0, 1], columns={"x": [1, 2], "z": [5, 6], "other": [1, 1]}, features=("x",), rules={"z": ColumnRule()}
    )
    profile = ColumnProfile.of(rows) + ColumnProfile.of(rows)

    assert list(profile.columns) == ["x", "z"]
    assert list(profile.features) == ["x"]
    assert (profile.n, profile.columns["x"].n) == (4, 4)


def test_column_profile_of_no_rows_is_empty():
    profile = ColumnProfile.of(block([], columns={"x": [], "w": column(["a"]).take(np.zeros(0, np.int64))}))

    assert (profile.n, profile.columns["x"].levels, profile.columns["w"].levels) == (0, {}, {})


def test_column_summary_does_not_show_which_zero_came_first():
    for values in ([0.0, -0.0], [-0.0, 0.0], [-0.0]):
        summary = profiled(values)

        assert [str(level) for level in summary.levels] == ["0.0"]
        assert (str(summary.minimum), str(summary.maximum)) == ("0.0", "0.0")


def test_column_summary_has_no_variance_that_is_no_float():
    summary = profiled([1.3e154, -1.3e154])

    assert summary.variance is None
    assert (summary.mean, summary.maximum) == (0.0, 1.3e154)
    assert profiled([1.3e154, 0.0]).variance == pytest.approx(8.45e307)


@settings(max_examples=30, deadline=None)
@given(CELLS)
def test_column_summary_agrees_with_pandas_on_any_cells(values):
    series = pd.Series(values, dtype=float)
    summary = profiled(values)

    assert (summary.n, summary.missing) == (len(values), int(series.isna().sum()))
    assert sum(summary.levels.values()) == summary.present
    if summary.present:
        assert summary.mean == pytest.approx(series.mean(), abs=1e-6, rel=1e-9)
        assert (summary.minimum, summary.maximum) == (series.min(), series.max())
    if summary.present > 1:
        assert summary.variance == pytest.approx(series.var(), abs=1e-3, rel=1e-6)
        assert summary.variance >= 0


@pytest.mark.parametrize(
    ("values", "kind", "levels"),
    [
        ([3, 1, 3, None], "i8", {1: 1, 3: 2}),
        ([2.5, None, 2.5], "f8", {2.5: 2}),
        (["b", "a", None, "b"], "utf8", {"a": 1, "b": 2}),
        ([True, None, True], "bool", {True: 2}),
        ([None], "f8", {}),
        (["", "", "x"], "utf8", {"": 2, "x": 1}),
        (["가", "A", "a"], "utf8", {"A": 1, "a": 1, "가": 1}),
    ],
)
def test_column_summary_lists_levels_in_order_for_every_kind(values, kind, levels):
    summary = profiled(values)

    assert (summary.kind, list(summary.levels.items())) == (kind, list(levels.items()))


def test_column_summary_counts_one_level_spelt_by_two_codes_once():
    twice = Column(
        kind="utf8",
        values=np.array([0, 1, 2, 1], np.int32),
        missing=np.zeros(4, np.bool_),
        levels=("a", "b", "a"),
    )

    assert ColumnSummary.of(twice, None, np.arange(4)).levels == {"a": 2, "b": 2}


@pytest.mark.parametrize("values", [[7], [7] * 5000, list(range(1000)) * 5])
def test_column_summary_adds_to_levels_of_the_whole(values):
    first, second = profiled(values[: len(values) // 3]), profiled(values[len(values) // 3 :])

    assert (first + second).levels == profiled(values).levels
    assert (second + first).levels == profiled(values).levels


@pytest.mark.parametrize("value", [2**53 + 1, 2**62, -(2**63)])
def test_column_summary_of_wide_integers_keeps_them_apart(value):
    summary = profiled([value, value + 1])

    assert summary.levels == {value: 1, value + 1: 1}
    assert summary.minimum <= summary.maximum
