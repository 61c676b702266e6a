import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from reliability.blocks import Column
from reliability.checks.data_quality.numbers import outlying_values, sentinel_values
from reliability.evidence.column_histogram import ColumnHistogram
from reliability.evidence.marked_cells import CODES, MarkedCells
from reliability.records import canonical_json
from tests.checks.data_quality.counting import exact, in_blocks, listed, numbers, refusal_of, rows_of

NORMAL = np.random.default_rng(0).normal(50, 10, 400).round(3)
AGES = np.random.default_rng(1).integers(18, 80, 300)


def floats(values):
    return [float(value) for value in values]


def test_outlying_values_names_column_and_rows():
    measured = outlying_values(*numbers({"x": [*floats(NORMAL), 500.0, -400.0], "z": floats(NORMAL[:2]) * 201}))

    assert listed(measured, "column", "cells", "positions") == [("x", 2, [400, 401])]
    assert measured.value == 2 / 804
    assert measured.details["columns"][0]["value"] == 2 / 402
    assert (measured.n, measured.unit, measured.details["iso_5259_2"]) == (402, "share", ["Acc-ML-4"])
    assert (measured.details["cells_found"], measured.details["columns_read"]) == (2, 2)
    assert exact(measured)


def test_outlying_values_of_a_normal_sample_are_none():
    assert outlying_values(*numbers({"x": floats(NORMAL)})).value == 0.0


def fences(values):
    """Both fences worked out by scipy and numpy from the raw numbers."""
    out = np.ones(len(values), bool)
    for scale in (values, np.arcsinh(values / np.quantile(np.abs(values), 0.5, method="inverted_cdf"))):
        d1, q1, q3, d9 = np.quantile(scale, [0.1, 0.25, 0.75, 0.9], method="inverted_cdf")
        assert q3 - q1 == pytest.approx(stats.iqr(scale, interpolation="inverted_cdf"))
        reach = 3 * max(q3 - q1, (d9 - d1) / 1.9)
        out &= (scale < q1 - reach) | (scale > q3 + reach)
    return out


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6).filter(lambda value: value != 0), min_size=8, max_size=60, unique=True))
def test_outlying_values_agrees_with_numpy(values):
    values = np.array(values)
    out = fences(values)

    assert outlying_values(*numbers({"x": floats(values)})).details["cells_found"] == np.count_nonzero(out)


@pytest.mark.parametrize("unit", [2.0**-40, -(2.0**-20), 0.125, -1.0, 2.0**20])
def test_outlying_values_do_not_depend_on_the_unit(unit):
    incomes = np.exp(np.random.default_rng(0).normal(10, 1, 500)).round(2)
    incomes[:9] *= 1_000
    measured, other = (outlying_values(*numbers({"x": floats(times * incomes)})) for times in (1.0, unit))

    assert measured.details["cells_found"] == 9
    assert other == measured


@pytest.mark.parametrize("unit", [1, -1, 1 / 3, -1 / 3, 1 / 7, -1 / 7, 0.1, -0.1, 1 / 11, -1 / 11])
def test_outlying_values_begin_with_the_number_next_to_the_fence(unit):
    # Quartiles 90 and 110: below, the fence of the numbers themselves is the nearer of the two.
    values = unit * np.array([90.0, 110.0] * 8 + [95.0, 100.0, 100.0, 105.0])
    low, high = np.quantile(values, [0.25, 0.75], method="inverted_cdf")
    fence = low - 3 * (high - low) if unit > 0 else high + 3 * (high - low)
    beyond = np.nextafter(fence, -np.inf if unit > 0 else np.inf)
    measured = outlying_values(*numbers({"x": floats([*values, fence, beyond])}))

    assert fences(np.array([*values, fence, beyond])).tolist() == [False] * 21 + [True]
    assert listed(measured, "cells", "positions") == [(1, [21])]


def test_outlying_values_leaves_a_long_tail_alone_and_finds_a_unit_slip():
    incomes = np.exp(np.random.default_rng(0).normal(10, 1, 2_000)).round(2)
    slipped = incomes.copy()
    slipped[:40] *= 1_000

    assert outlying_values(*numbers({"x": floats(incomes)})).value <= 0.001
    found = outlying_values(*numbers({"x": floats(slipped)}))
    assert found.details["cells_found"] >= 39
    assert set(found.details["columns"][0]["positions"]) <= set(range(40))


def test_outlying_values_takes_no_spread_from_a_ground_state():
    gains = [0.0] * 900 + floats(np.exp(np.random.default_rng(0).normal(8, 0.5, 99)).round()) + [9e9]
    measured = outlying_values(*numbers({"gain": gains}))

    assert listed(measured, "column", "cells", "positions") == [("gain", 1, [999])]


@pytest.mark.parametrize(("zeros", "found"), [(100, True), (99, False)])
def test_a_ground_state_is_what_half_of_the_cells_hold(zeros, found):
    # Beside a ground state of 0 the spread is that of 50 to 54; with 0 among them it reaches down to 0.
    measured = outlying_values(*numbers({"x": [0.0] * zeros + [50.0, 51.0, 52.0, 53.0] * 24 + [54.0] * 3 + [90.0]}))

    assert measured.details["cells_found"] == int(found)


def test_outlying_values_are_found_where_the_median_is_0():
    # The ground state is 7; of all others, more than half are 0.
    measured = outlying_values(*numbers({"x": [7.0] * 100 + [0.0] * 55 + [1.0, 2.0, 3.0, 4.0] * 10 + [1e6]}))

    assert listed(measured, "cells", "positions") == [(1, [195])]


def test_outlying_values_are_not_half_of_a_column_that_is_mostly_alike():
    hours = [40] * 470 + [35, 45, 50, 20, 60, 30, 55, 25, 10, 70, 15, 48, 38] * 40 + [99] * 3

    assert outlying_values(*numbers({"hours": hours})).value < 0.01


@pytest.mark.parametrize("values", [[7.0] * 50, [0.0, 1.0] * 30, [None] * 30 + [1.0], [1.0, 2.0, 3.0, 1e9]])
def test_outlying_values_need_five_values_that_spread(values):
    assert outlying_values(*numbers({"x": values})).value == 0.0


def test_outlying_values_of_five_values_are_found():
    measured = outlying_values(*numbers({"x": [1.0, 2.0, 3.0, 4.0] * 10 + [1e9]}))

    assert listed(measured, "cells", "positions") == [(1, [40])]


def test_outlying_values_of_a_column_that_does_not_spread_are_none():
    # Four fifths of what is not the ground state are 7: its range between the outer deciles is 0.
    measured = outlying_values(*numbers({"x": [0.0] * 200 + [7.0] * 100 + [1.0, 2.0, 300.0, 4_000.0]}))

    assert measured.details["cells_found"] == 0


def test_outlying_values_of_huge_numbers_stay_finite():
    values = floats(np.linspace(-1, 1, 40) * 1.7e308)
    tiny = floats(np.linspace(1, 2, 40) * 1e-300)

    with np.errstate(all="raise"):
        measured = outlying_values(*numbers({"x": values, "t": [*tiny[:39], 1.7e308]}))

    assert measured.details["cells_found"] == 1


def test_outlying_values_lists_the_twenty_farthest_rows():
    measured = outlying_values(*numbers({"x": [*floats(NORMAL), *(1_000.0 * (1 + i) for i in range(30))]}))

    assert listed(measured, "cells") == [(30,)]
    assert measured.details["columns"][0]["positions"] == list(range(410, 430))


def test_outlying_values_counts_the_same_where_values_are_too_many_to_hold():
    values = np.random.default_rng(0).normal(0, 1, 20_000)
    values[[5, 19_000]] = 400.0, -500.0
    rows = rows_of({"x": Column(kind="f8", values=values, missing=np.zeros(len(values), bool))})
    measured = outlying_values(ColumnHistogram.of(rows), MarkedCells.of(rows))

    assert listed(measured, "cells", "positions") == [(2, [5, 19_000])]


@pytest.mark.parametrize("moved", [0.0, 2.0**-8])
def test_outlying_values_lists_every_row_from_the_first_cell_beyond_the_fence_on(moved):
    # Numbers around -100 stand in cells of 2 ** -8, too many to be held one by one; the fence lies near -65.
    many = np.linspace(-110, -90, 20_000) + moved
    values = np.append(many, np.nextafter(-65 + np.arange(-10, 40) / 256, 0))
    rows = rows_of({"x": Column(kind="f8", values=values, missing=np.zeros(len(values), bool))})
    (found,) = outlying_values(ColumnHistogram.of(rows), MarkedCells.of(rows)).details["columns"]

    assert 5 <= found["cells"] <= 20
    assert found["positions"] == list(range(rows.n - found["cells"], rows.n))


@pytest.mark.parametrize("check", [outlying_values, sentinel_values])
def test_numbers_refuse_data_without_numbers(check):
    assert refusal_of(check, *numbers({"w": ["a", "b"]})) == "no_numeric_features"
    assert refusal_of(check, *numbers({"x": [None, None]})) == "no_rows"
    assert refusal_of(check, *numbers({"b": [True, False]})) == "no_numeric_features"


def signs(values, **more):
    measured = sentinel_values(*numbers({"x": [value if value is None else float(value) for value in values]}, **more))
    return {sign for one in measured.details["columns"] for sign in one["signs"]}


def test_sentinel_values_far_from_all_others_are_found():
    measured = sentinel_values(*numbers({"age": [*AGES.tolist(), 999, 999, 999], "x": [1, 2, 3] * 101}))

    assert listed(measured, "column", "cells", "codes", "signs", "positions") == [
        ("age", 3, 1, ["far"], [300, 301, 302]),
    ]
    assert measured.value == 3 / 606
    assert measured.details["columns"][0]["value"] == 3 / 303
    assert (measured.details["iso_5259_2"], measured.details["cells"]) == (["Com-ML-1"], 606)
    assert (measured.details["cells_found"], measured.details["columns_read"]) == (3, 2)
    assert exact(measured)


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ([999] * 2, {"far"}), ([999], set()), ([-1] * 2, {"sign"}), ([-1], set()), ([1000] * 5, set()),
        ([99_999] * 2, {"far"}), ([-999] * 2, {"far"}), ([99] * 4, set()), ([999.9] * 2, {"far"}), ([], set()),
        ([2**31 - 1] * 2, {"far"}), ([0] * 4, set()),
    ],
)  # fmt: skip
def test_sentinel_values_among_ages(codes, expected):
    assert signs([*AGES.tolist(), *codes]) == expected


def test_sentinel_values_take_a_zero_far_below_for_missing_unless_it_is_common():
    pressures = np.random.default_rng(0).integers(95, 180, 300).tolist()

    assert signs([*pressures, 0, 0, 0]) == {"far"}
    assert signs([*pressures, *[0] * 400]) == set()
    assert signs([*pressures, *[0] * 128]) == {"far"}
    assert signs([*pressures, *[0] * 129]) == set()
    assert signs([*pressures, 180, *[0] * 129]) == {"far"}


def test_sentinel_values_within_the_range_need_a_spike():
    amounts = np.random.default_rng(0).permutation(np.arange(251, 18_000, 7)).tolist()

    assert signs([*amounts, *[999] * 10]) == {"spike"}
    assert signs([*amounts, *[999] * 9]) == set()
    assert signs([*amounts, *[999] * 10, *[5_000] * 2]) == set()
    assert signs([*amounts, *[0.0] * 500]) == set()


def test_sentinel_values_begin_at_one_and_a_half_interquartile_ranges():
    # Quartiles 27 and 47, and 77 is 30 beyond the largest; of 0 and 11 the same below the smallest.
    assert signs([27, 27, 27, 37, 42, 45, 47, 47, 47, 47, 77, 77]) == {"far"}
    assert signs([27, 27, 27, 37, 42, 45, 47, 47, 47, 48, 77, 77]) == set()
    assert signs([27, 27, 27, 37, 42, 45, 47, 47, 48, 48, 77, 77]) == set()
    assert signs([61, 61, 61, 51, 46, 43, 41, 41, 41, 41, 11, 11]) == set()
    assert signs([51, 51, 51, 41, 36, 33, 31, 31, 31, 29.5, 0, 0]) == set()
    assert signs([50, 50, 50, 40, 35, 33, 30, 30, 30, 30, 0, 0]) == {"far"}


def test_sentinel_values_need_five_others_that_spread():
    assert signs([1, 2, 3, 4, 5, 999, 999]) == {"far"}
    assert signs([1, 2, 3, 4, 4, 999, 999]) == set()
    assert signs([*[5] * 90, 3, 4, 6, 7, 999, 999]) == set()


def test_sentinel_values_are_no_spike_among_fewer_than_twenty_others():
    amounts = [*range(510, 1_510, 50)]

    assert signs([*amounts, *[999] * 10]) == {"spike"}
    assert signs([*amounts[1:], *[999] * 10]) == set()


def test_sentinel_values_are_found_where_values_are_too_many_to_hold():
    values = np.append(np.random.default_rng(0).normal(50, 10, 20_000), [9_999.0] * 5)
    rows = rows_of({"x": Column(kind="f8", values=values, missing=np.zeros(len(values), bool))})
    measured = sentinel_values(ColumnHistogram.of(rows), MarkedCells.of(rows))

    assert listed(measured, "cells", "signs", "positions") == [(5, ["far"], [*range(20_000, 20_005)])]


def test_sentinel_values_spare_a_score_from_minus_two():
    assert signs([-2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] * 30) == set()
    assert signs([-1, 0, 1] * 30) == set()
    assert signs([-1, *range(11)] * 30) == {"sign"}
    assert signs([-1, *range(10)] * 30) == set()


def test_sentinel_values_of_several_codes_are_added_up():
    measured = sentinel_values(*numbers({"age": [*AGES.tolist(), -1, -1, 999, 999, 9_999, 9_999]}))

    assert listed(measured, "cells", "codes", "signs") == [(6, 3, ["far", "sign"])]


def test_sentinel_values_never_name_the_value():
    measured = sentinel_values(*numbers({"age": [*AGES.tolist(), 999, 999]}, start=0))

    assert b"999" not in canonical_json(measured)


@pytest.mark.parametrize("code", sorted(set(CODES.tolist()) - {0.0, 77.0, 88.0, 99.0, -1.0, -9.0}))
def test_every_customary_code_is_found_beside_small_numbers(code):
    values = np.random.default_rng(0).random(200).round(6).tolist()

    assert signs([*values, code, code]) == {"far"}


def spoilt():
    values = np.random.default_rng(2).normal(30, 5, 240).round(2).tolist()
    values[7], values[100], values[201] = 999.0, 999.0, -4_000.0
    return rows_of({"x": values, "i": [*range(100, 337), -1, -1, 10**7], "w": ["a"] * 240})


@pytest.mark.parametrize("check", [outlying_values, sentinel_values])
@pytest.mark.parametrize("cuts", [[1], [120], [8, 101, 239]])
def test_numbers_do_not_depend_on_how_rows_were_cut_into_blocks(check, cuts):
    rows = spoilt()
    whole = check(ColumnHistogram.of(rows), MarkedCells.of(rows))

    assert check(in_blocks(ColumnHistogram, rows, cuts), in_blocks(MarkedCells, rows, cuts)) == whole
    assert whole.value > 0


@pytest.mark.parametrize("check", [outlying_values, sentinel_values])
def test_numbers_ignore_the_order_of_rows_and_duplication(check):
    rows = spoilt()
    shuffled = rows.where(np.random.default_rng(0).permutation(rows.n))
    once = ColumnHistogram.of(rows), MarkedCells.of(rows)

    assert check(ColumnHistogram.of(shuffled), MarkedCells.of(shuffled)) == check(*once)
    assert check(*(one + one for one in once)).value == pytest.approx(check(*once).value, abs=1e-12)


@pytest.mark.parametrize("check", [outlying_values, sentinel_values])
def test_columns_with_the_largest_share_come_first(check):
    few, many = [*AGES.tolist(), 9_999, 9_999, 50], [*AGES.tolist(), 9_999, 9_999, 9_999]

    assert [one[0] for one in listed(check(*numbers({"a": few, "b": many})), "column")] == ["b", "a"]
