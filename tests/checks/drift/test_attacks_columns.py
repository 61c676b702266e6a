from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial.distance import jensenshannon

from reliability.checks.drift.categories import new_categories
from reliability.checks.drift.columns import (
    cramers_v,
    jensen_shannon_distance,
    kolmogorov_smirnov_statistic,
    population_stability_index,
    wasserstein_distance,
)
from reliability.checks.drift.outcomes import label_drift
from reliability.checks.drift.partitions import binned, is_category
from reliability.errors import NotMeasurable
from reliability.evidence.column_histogram import Beside, ColumnCounts
from reliability.records import canonical_json
from tests.builders import column
from tests.checks.drift.two_sets import histogram, levels, refused

BINNED = (population_stability_index, jensen_shannon_distance, cramers_v)
OF_NUMBERS = (kolmogorov_smirnov_statistic, wasserstein_distance)
EVERY = BINNED + OF_NUMBERS
ROOTED = (jensen_shannon_distance, cramers_v, kolmogorov_smirnov_statistic)
TESTED = (cramers_v, kolmogorov_smirnov_statistic)

# Shares of two data sets by level, no level so rare that it would be pooled.
TABLES = [
    ((50, 50), (50, 50)),
    ((90, 10), (60, 40)),
    ((30, 70), (280, 120)),
    ((100, 100, 100), (20, 100, 180)),
    ((40, 60, 100), (60, 70, 70)),
    ((25, 25, 25, 25), (40, 30, 20, 10)),
    ((300, 200, 100, 50), (30, 40, 50, 60)),
    ((500, 100), (10, 90)),
    ((0, 50, 50), (50, 50, 0)),
    ((100, 0), (0, 100)),
    ((1000, 1000, 1000, 1000, 1000), (1100, 900, 1000, 1050, 950)),
    ((12, 11, 10, 13, 14, 15, 16), (16, 15, 14, 13, 12, 11, 10)),
]
COUNTS = st.lists(st.tuples(st.integers(20, 200), st.integers(20, 200)), min_size=2, max_size=6)


def measured(check, training, evaluation, **options):
    return check(histogram({"x": evaluation}), histogram({"x": training}), **options)


def listed(check, training, evaluation, **options):
    return measured(check, training, evaluation, **options).details["columns"][0]


def drawn(seed, n, shift=0.0, scale=1.0):
    return np.random.default_rng(seed).normal(shift, scale, n)


def beside(training, evaluation):
    return Beside.of(*(ColumnCounts.of(column(values)) for values in (training, evaluation)))


def shares(counts):
    return np.asarray(counts) / np.sum(counts)


def chi_squared_of_even_tables(first, second):
    """V of the table in which either data set has as many rows, by scipy."""
    kept = np.array([first, second], float)
    kept = kept[:, kept.sum(axis=0) > 0]
    even = kept / kept.sum(axis=1, keepdims=True)
    return stats.chi2_contingency(even, correction=False).statistic / 2


def stability_index(first, second):
    kept = np.array([first, second], float)
    kept = kept[:, kept.sum(axis=0) > 0] + 0.5
    p, q = kept / kept.sum(axis=1, keepdims=True)
    return float(((q - p) * np.log(q / p)).sum())


def chance(first, second):
    bins = np.count_nonzero(np.add(first, second))
    return (bins - 1) * (1 / sum(first) + 1 / sum(second))


@pytest.mark.parametrize(("first", "second"), TABLES)
def test_psi_of_categories_is_the_published_sum_less_what_chance_adds(first, second):
    one = listed(population_stability_index, levels(*first), levels(*second))
    index = stability_index(first, second)

    assert one["plain"] == pytest.approx(index, abs=1e-12)
    assert one["value"] == pytest.approx(max(0.0, index - chance(first, second)), abs=1e-12)


@pytest.mark.parametrize(("first", "second"), TABLES)
def test_jensen_shannon_of_categories_is_scipys_less_what_chance_adds(first, second):
    one = listed(jensen_shannon_distance, levels(*first), levels(*second))
    distance = jensenshannon(shares(first), shares(second), base=2)
    less = max(0.0, distance**2 - chance(first, second) / 8 / np.log(2))

    assert one["plain"] == pytest.approx(distance, abs=1e-7)
    assert one["value"] == pytest.approx(less**0.5, abs=1e-7)


@pytest.mark.parametrize(("first", "second"), TABLES)
def test_cramers_v_is_that_of_a_table_of_even_rows(first, second):
    one = listed(cramers_v, levels(*first), levels(*second))
    squared = chi_squared_of_even_tables(first, second)

    assert one["plain"] ** 2 == pytest.approx(squared, abs=1e-12)
    assert one["value"] ** 2 == pytest.approx(max(0.0, squared - chance(first, second) / 4), abs=1e-12)


@pytest.mark.parametrize(("first", "second"), TABLES)
def test_the_p_value_of_categories_is_that_of_the_table_as_it_is(first, second):
    table = np.array([first, second])
    expected = stats.chi2_contingency(table[:, table.sum(axis=0) > 0], correction=False).pvalue

    assert measured(cramers_v, levels(*first), levels(*second)).p_value == pytest.approx(expected, rel=1e-8, abs=1e-300)


@settings(max_examples=15, deadline=None)
@given(COUNTS)
def test_categories_of_any_table_agree_with_scipy(table):
    first, second = zip(*table, strict=True)
    one, other = levels(*first), levels(*second)
    counts = binned(beside(one, other))
    if len(counts) < len(table):
        return

    distance = jensenshannon(shares(first), shares(second), base=2)
    assert listed(jensen_shannon_distance, one, other)["plain"] == pytest.approx(distance, abs=1e-7)
    assert listed(population_stability_index, one, other)["plain"] == pytest.approx(stability_index(first, second))
    squared = chi_squared_of_even_tables(first, second)
    assert listed(cramers_v, one, other)["plain"] ** 2 == pytest.approx(squared, abs=1e-12)


@pytest.mark.parametrize("sizes", [(30, 30), (200, 50), (50, 200), (1000, 900)])
@pytest.mark.parametrize("shift", [0.0, 0.3, 1.0, -2.0])
def test_distances_of_quantities_are_scipys(sizes, shift):
    training, evaluation = drawn(11, sizes[0]), drawn(12, sizes[1], shift)
    gap, way = (measured(check, training, evaluation) for check in OF_NUMBERS)

    assert gap.value == pytest.approx(stats.ks_2samp(training, evaluation).statistic, abs=1e-12)
    assert way.value == pytest.approx(stats.wasserstein_distance(training, evaluation) / training.std(), rel=1e-9)


@pytest.mark.parametrize(("n", "m"), [(40, 60), (500, 500), (2000, 100)])
def test_the_p_value_of_a_gap_is_the_asymptotic_one(n, m):
    training, evaluation = drawn(3, n), drawn(4, m, 0.2)
    found = measured(kolmogorov_smirnov_statistic, training, evaluation)

    assert found.p_value == pytest.approx(stats.kstwobign.sf(found.value * (n * m / (n + m)) ** 0.5), rel=1e-9)


@pytest.mark.parametrize(("n", "m"), [(40, 60), (500, 500), (2000, 100)])
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_the_limits_of_a_gap_are_those_of_the_inequality(n, m, confidence):
    found = measured(kolmogorov_smirnov_statistic, drawn(3, n), drawn(4, m, 1.0), confidence=confidence)
    reach = np.sqrt(np.log(np.e / (1 - confidence)) / 2 * (1 / n + 1 / m))

    assert found.low == pytest.approx(max(0.0, found.value - reach), abs=1e-12)
    assert found.high == pytest.approx(min(1.0, found.value + reach), abs=1e-12)


@pytest.mark.parametrize("columns", [2, 5])
@pytest.mark.parametrize("check", TESTED)
def test_a_p_value_is_multiplied_by_the_number_of_columns(check, columns):
    one = {"x": [0, 1, 2] * 40} | {f"s{index}": [0, 1, 2] * 40 for index in range(columns - 1)}
    found = check(histogram(one | {"x": [0, 1, 1, 2, 2, 2] * 20}), histogram(one))

    assert found.p_value == pytest.approx(min(1.0, found.details["columns"][0]["p_value"] * columns))
    assert found.details["columns"][-1]["p_value"] == pytest.approx(1.0)


@pytest.mark.parametrize("check", EVERY)
def test_distances_are_the_same_whichever_way_round_small_numbers_are(check):
    # The Wasserstein distance is in the deviation of the first: of both, where it is the same.
    one, other = [0] * 60 + [1] * 40 + [2] * 60, [2] * 60 + [1] * 40 + [0] * 60
    there, back = measured(check, one, other), measured(check, other, one)

    assert (there.value, there.low, there.high) == pytest.approx((back.value, back.low, back.high), abs=1e-9)


@pytest.mark.parametrize(("first", "second"), TABLES)
@pytest.mark.parametrize("check", BINNED)
def test_categories_may_swap_their_files(check, first, second):
    there, back = (listed(check, levels(*one), levels(*other)) for one, other in ((first, second), (second, first)))

    for key in ("plain", "value", "low", "high", "bins"):
        assert there[key] == pytest.approx(back[key], abs=1e-9)


@pytest.mark.parametrize("check", BINNED)
def test_names_of_levels_do_not_show(check):
    names = {"level 0": "z", "level 1": "", "level 2": "가나"}
    one, other = levels(60, 70, 80), levels(90, 70, 20)
    renamed = [[names[level] for level in side] for side in (one, other)]

    assert measured(check, one, other).value == pytest.approx(measured(check, *renamed).value, abs=1e-12)
    assert measured(check, one, other).high == pytest.approx(measured(check, *renamed).high, abs=1e-9)


@pytest.mark.parametrize("check", EVERY)
def test_names_of_columns_do_not_show(check):
    one, other = [0, 1, 2] * 50, [0, 1, 1] * 50
    called = [check(histogram({name: other}), histogram({name: one})) for name in ("x", "y", " ", "0")]

    assert len({(found.value, found.low, found.high, found.p_value) for found in called}) == 1
    assert [found.details["column"] for found in called] == ["x", "y", " ", "0"]


@pytest.mark.parametrize("check", EVERY)
@pytest.mark.parametrize("seed", range(3))
def test_shuffled_rows_give_the_same_bytes(check, seed):
    draws = np.random.default_rng(seed)
    training, evaluation = draws.integers(0, 6, 150), draws.integers(1, 7, 90)
    found = measured(check, training, evaluation)
    shuffled = measured(check, draws.permutation(training), draws.permutation(evaluation))

    assert canonical_json(found) == canonical_json(shuffled)


@pytest.mark.parametrize("check", EVERY)
def test_order_of_columns_does_not_show(check):
    one = {"a": [0, 1] * 60, "b": [0, 0, 1] * 40, "c": [1, 2, 3] * 40}
    other = {"a": [0, 1] * 60, "b": [0, 1, 1] * 40, "c": [1, 2, 2] * 40}
    turned = [histogram(dict(reversed(side.items()))) for side in (other, one)]

    assert check(histogram(other), histogram(one)) == check(*turned)


@pytest.mark.parametrize("factor", [2.0, 1024.0, 1e-3, 1e6, 1e150])
@pytest.mark.parametrize("check", [*OF_NUMBERS, population_stability_index, jensen_shannon_distance])
def test_the_unit_of_a_number_does_not_show(check, factor):
    training, evaluation = drawn(0, 300), drawn(1, 200, 0.5)
    found, scaled = measured(check, training, evaluation), measured(check, training * factor, evaluation * factor)

    assert (scaled.value, scaled.low, scaled.high) == pytest.approx((found.value, found.low, found.high), rel=1e-7)


@pytest.mark.parametrize("offset", [1.0, -1000.0, 2.0**20])
@pytest.mark.parametrize("check", EVERY)
def test_where_zero_is_does_not_show(check, offset):
    training, evaluation = np.arange(12.0).repeat(20), np.arange(12.0).repeat(np.arange(12, 36, 2))
    found, moved = measured(check, training, evaluation), measured(check, training + offset, evaluation + offset)

    assert (moved.value, moved.low, moved.high) == pytest.approx((found.value, found.low, found.high), rel=1e-6)


@pytest.mark.parametrize("made", [np.exp, np.cbrt, lambda x: 3 * x - 5, np.arctan])
def test_a_gap_sees_ranks_alone(made):
    training, evaluation = drawn(5, 250), drawn(6, 150, 0.4)
    found = measured(kolmogorov_smirnov_statistic, training, evaluation)

    assert measured(kolmogorov_smirnov_statistic, made(training), made(evaluation)).value == found.value


def test_a_number_turned_over_has_moved_as_far():
    training, evaluation = drawn(5, 250), drawn(6, 150, 0.4)
    for check in OF_NUMBERS:
        assert measured(check, -training, -evaluation).value == pytest.approx(
            measured(check, training, evaluation).value, rel=1e-9
        )


@pytest.mark.parametrize("seed", range(3))
def test_a_way_is_the_shift_itself_where_nothing_else_moved(seed):
    training = drawn(seed, 400)
    for shift in (0.01, 0.5, 3.0, -40.0):
        found = measured(wasserstein_distance, training, training + shift)

        assert found.value == pytest.approx(abs(shift) / training.std(), rel=1e-9)


@pytest.mark.parametrize("check", [*OF_NUMBERS, population_stability_index, jensen_shannon_distance])
@pytest.mark.parametrize("seed", range(3))
def test_a_larger_shift_is_farther(check, seed):
    training, evaluation = drawn(seed, 600), drawn(seed + 100, 600)
    found = [measured(check, training, evaluation + shift) for shift in (0.4, 0.8, 1.2, 1.6, 2.4)]
    values, lows, highs = zip(*((one.value, one.low, one.high) for one in found), strict=True)

    assert list(values) == sorted(values)
    assert list(lows) == sorted(lows)
    assert highs[0] < highs[-1]
    assert values[0] < values[2] < values[4]


@pytest.mark.parametrize("check", BINNED)
def test_a_larger_change_of_a_share_is_farther(check):
    found = [measured(check, levels(200, 200), levels(200 - moved, 200 + moved)) for moved in range(0, 200, 20)]

    assert [one.value for one in found] == sorted(one.value for one in found)
    assert [one.low for one in found] == sorted(one.low for one in found)
    assert (found[0].value, found[0].low) == (0.0, 0.0)


@pytest.mark.parametrize("check", EVERY)
def test_more_rows_narrow_the_interval(check):
    one, other = [0, 1, 2, 3] * 30, [0, 1, 1, 3] * 30
    widths = [found.high - found.low for times in (1, 4, 16) for found in [measured(check, one * times, other * times)]]

    assert widths[0] > widths[1] > widths[2] > 0


@pytest.mark.parametrize("check", EVERY)
def test_more_confidence_widens_the_interval(check):
    one, other = [0, 1, 2, 3] * 60, [0, 1, 1, 3] * 60
    found = [measured(check, one, other, confidence=level) for level in (0.5, 0.8, 0.95, 0.999)]

    assert len({each.value for each in found}) == 1
    assert all(wide.low <= narrow.low and wide.high > narrow.high for narrow, wide in pairwise(found))
    assert all(each.low <= each.value <= each.high for each in found)


@pytest.mark.parametrize("check", EVERY)
@pytest.mark.parametrize("seed", range(8))
def test_nothing_is_far_where_nothing_moved(check, seed):
    draws = np.random.default_rng(seed)
    sides = [
        {
            "n": draws.normal(size=n),
            "c": draws.integers(0, 4, n),
            "m": draws.poisson(3, n),
            "l": draws.lognormal(size=n),
        }
        for n in (800, 500)
    ]
    found = check(histogram(sides[1]), histogram(sides[0]))

    assert found.low < 0.03
    assert found.p_value is None or found.p_value > 1e-3


@pytest.mark.parametrize("check", ROOTED)
def test_no_more_than_one_where_nothing_is_shared(check):
    found = measured(check, [0] * 300, [1] * 300)

    assert found.value == pytest.approx(1.0, abs=0.01)
    assert (found.high, found.details["columns"][0]["plain"]) == (1.0, 1.0)


@pytest.mark.parametrize("check", EVERY)
@pytest.mark.parametrize(("n", "m"), [(1, 1), (1, 50), (50, 1), (2, 2), (3, 500)])
def test_few_rows_are_measured_with_limits_that_hold_the_value(check, n, m):
    found = measured(check, [index % 2 for index in range(n)], [(index + 1) % 2 for index in range(m)])

    assert 0.0 <= found.low <= found.value <= found.high
    assert np.isfinite([found.value, found.low, found.high]).all()
    assert (found.n, found.details["training_n"]) == (m, n)


@pytest.mark.parametrize("check", [*BINNED, kolmogorov_smirnov_statistic])
@pytest.mark.parametrize("constant", [0, -3, 1e300, 5e-324, 0.1])
def test_any_constant_has_not_moved(check, constant):
    found = measured(check, [constant] * 40, [constant] * 70)

    assert (found.value, found.low) == (0.0, 0.0)
    assert found.details["columns"][0]["plain"] == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize(("here", "there"), [(0.0, 1.0), (5.0, -5.0), (1e300, -1e300), (1e-300, 2e-300)])
def test_two_constants_are_two_deviations_apart(here, there):
    found = measured(wasserstein_distance, [here] * 30, [there] * 90)

    assert found.value == pytest.approx(2.0)


@pytest.mark.parametrize("constant", [0, -3, 1e300, 5e-324, 0.1])
def test_a_constant_has_no_deviation_to_measure_a_way_by(constant):
    still, moved = {"x": [constant] * 40, "z": [1.0, 2.0] * 20}, {"x": [constant] * 40, "z": [1.0, 3.0] * 20}
    found, alone = (
        wasserstein_distance(histogram(moved), histogram(still)),
        measured(wasserstein_distance, still["z"], moved["z"]),
    )

    assert refused(wasserstein_distance, histogram({"x": [constant]}), histogram(still)) == "no_numeric_features"
    assert (found.value, found.low, found.high, found.details) == (alone.value, alone.low, alone.high, {
        **alone.details, "column": "z", "columns": [alone.details["columns"][0] | {"column": "z"}],
    })  # fmt: skip


@pytest.mark.parametrize(
    ("check", "code"),
    [
        (population_stability_index, "no_features"), (jensen_shannon_distance, "no_features"),
        (cramers_v, "no_categories"), (kolmogorov_smirnov_statistic, "no_numeric_features"),
        (wasserstein_distance, "no_numeric_features"),
    ],
)  # fmt: skip
def test_columns_that_are_missing_everywhere_say_nothing(check, code):
    training, evaluation = ({"x": [None] * n, "w": [None] * n} for n in (30, 40))

    assert refused(check, histogram(evaluation), histogram(training)) == code


@pytest.mark.parametrize("check", EVERY)
def test_a_column_that_is_missing_everywhere_is_not_looked_at(check):
    one, other, empty = [0, 1, 2] * 30, [0, 1, 1] * 30, [None] * 90
    found, alone = (
        check(histogram({"x": other, "w": empty}), histogram({"x": one, "w": empty})),
        measured(check, one, other),
    )

    assert found == alone


@pytest.mark.parametrize("check", [population_stability_index, jensen_shannon_distance])
def test_a_column_that_goes_missing_altogether_has_moved(check):
    assert measured(check, ["a"] * 300, [None] * 300).low > 0.25
    assert measured(check, [None] * 300, ["a"] * 300).low > 0.25


@pytest.mark.parametrize("gone", [0.1, 0.3, 0.6])
def test_what_goes_missing_is_a_category_of_its_own(gone):
    rows = 400
    lost = int(rows * gone)
    one, other = ["a", "b"] * (rows // 2), ["a", "b"] * ((rows - lost) // 2) + [None] * lost
    expected = jensenshannon([0.5, 0.5, 0.0], [(1 - gone) / 2, (1 - gone) / 2, gone], base=2)

    assert listed(jensen_shannon_distance, one, other)["plain"] == pytest.approx(expected, abs=1e-9)
    assert listed(cramers_v, one, other)["bins"] == 3


@pytest.mark.parametrize("check", OF_NUMBERS)
def test_numbers_that_go_missing_leave_the_rest_as_it_was(check):
    training, evaluation = [*drawn(0, 90)], [*drawn(1, 60, 0.5)]
    found = measured(check, training + [None] * 33, evaluation + [None] * 5)

    assert found.value == pytest.approx(measured(check, training, evaluation).value, abs=1e-12)
    assert (found.n, found.details["training_n"]) == (60, 123)


@pytest.mark.parametrize("check", OF_NUMBERS)
def test_text_beside_numbers_is_left_out(check):
    one, other = {"t": ["a"] * 50, "x": [1.0, 2.0] * 25}, {"t": ["b"] * 50, "x": [1.0, 2.0] * 25}
    found = check(histogram(other), histogram(one))

    assert [each["column"] for each in found.details["columns"]] == ["x"]
    assert found.value == 0.0


def test_quantities_beside_categories_are_left_out():
    one = {"q": np.arange(60.0), "t": ["a", "b"] * 30}
    found = cramers_v(histogram(one | {"q": np.arange(60.0) + 500}), histogram(one))

    assert [each["column"] for each in found.details["columns"]] == ["t"]


@pytest.mark.parametrize("check", OF_NUMBERS)
def test_the_columns_that_one_data_set_lacks_are_all_named(check):
    one, other = {"a": [None] * 4, "b": [1.0] * 4, "c": [2.0] * 4}, {"a": [1.0] * 4, "b": [None] * 4, "c": [2.0] * 4}
    with pytest.raises(NotMeasurable) as refusal:
        check(histogram(other), histogram(one))

    assert (refusal.value.code, refusal.value.values) == ("column_empty", {"columns": ["a", "b"]})


@pytest.mark.parametrize("check", EVERY)
def test_details_hold_what_a_report_asks_for(check):
    found = measured(check, [0, 1, 2] * 40, [0, 1, 1] * 40)
    numeric, tested = check in OF_NUMBERS, check in TESTED
    keys = {"column", "value", "low", "high", "n", "plain", "coarse" if numeric else "bins"}

    one = found.details["columns"][0]
    assert (one["value"], one["low"], one["high"], one["n"]) == (found.value, found.low, found.high, found.n)
    assert one.get("p_value") == found.p_value
    assert set(found.details) == {"column", "training_n", "columns"}
    assert set(found.details["columns"][0]) == keys | ({"p_value"} if tested else set())
    assert (found.p_value is not None) is tested
    assert found.unit == ("index" if check is population_stability_index else "dimensionless")
    of_numbers = dict(zip(OF_NUMBERS, ("two_sample_dkw", "gaussian_concentration"), strict=True))
    assert found.method == of_numbers.get(check, "noncentral_chi_squared")
    assert (found.judged, found.reason) == (True, None)


@pytest.mark.parametrize("check", BINNED)
def test_of_columns_that_moved_no_more_than_by_chance_the_farther_one_is_named(check):
    still, moved = ["a", "b"] * 100, ["a"] * 101 + ["b"] * 99
    found = check(histogram({"a": still, "b": moved}), histogram({"a": still, "b": still}))

    assert [(one["column"], one["value"]) for one in found.details["columns"]] == [("b", 0.0), ("a", 0.0)]
    assert found.details["column"] == "b"


@pytest.mark.parametrize("check", TESTED)
def test_the_p_value_is_that_of_the_column_times_their_number_and_at_most_one(check):
    one, other, still = [0] * 50 + [1] * 50, [0] * 35 + [1] * 65, [0, 1] * 50
    alone = measured(check, one, other).p_value
    columns = [{"x": moved, **{f"s{index}": still for index in range(3)}} for moved in (other, one, still)]

    assert check(histogram(columns[0]), histogram(columns[1])).p_value == min(1.0, 4 * alone)
    assert check(histogram(columns[2]), histogram(columns[1])).p_value == 1.0


@pytest.mark.parametrize("check", EVERY)
def test_clustered_rows_have_the_same_value_and_no_limits(check):
    one, other = [0, 1, 2] * 30, [0, 1, 1] * 30
    plain = measured(check, one, other)
    found = check(histogram({"x": other}, entity=range(90)), histogram({"x": one}))

    assert (found.value, found.n) == (plain.value, plain.n)
    assert (found.low, found.high, found.p_value) == (None, None, None)
    assert "p_value" not in found.details["columns"][0]
    canonical_json(found)


@pytest.mark.parametrize("factor", [1e-300, 1e-150, 1e100, 1e307])
def test_numbers_of_any_size_are_measured(factor):
    training, evaluation = np.arange(1.0, 11.0).repeat(10), np.arange(2.0, 12.0).repeat(10)
    gap, way = (measured(check, training * factor, evaluation * factor) for check in OF_NUMBERS)

    assert gap.value == pytest.approx(0.1)
    assert way.value == pytest.approx(1 / training.std(), rel=1e-6)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=120), st.lists(st.sampled_from("abcdexyz"), min_size=1)
)
def test_bins_hold_every_row_once_and_no_empty_one(training, evaluation):
    found = binned(beside(training, evaluation))

    assert found.sum(axis=0).tolist() == [len(training), len(evaluation)]
    assert (found.sum(axis=1) > 0).all()


@pytest.mark.parametrize("rows", [100, 1000, 5000])
def test_quantities_have_ten_even_bins_in_training(rows):
    found = binned(beside(drawn(0, rows), drawn(1, rows)))

    assert len(found) == 10
    assert found[:, 0].tolist() == [rows // 10] * 10


@pytest.mark.parametrize(("values", "category"), [([True, False], True), (["a"], True), ([1, 2], True)])
def test_kinds_of_columns_are_told_apart(values, category):
    assert is_category(beside(values, values)) is category
    assert not is_category(beside(np.arange(15.0), np.arange(15.0) + 100))


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.sampled_from("abcdef"), min_size=1, max_size=40),
    st.lists(st.sampled_from("defxyz"), min_size=1, max_size=40),
)
def test_new_categories_are_those_of_sets(training, evaluation):
    found = measured(new_categories, training, evaluation)
    new = [level for level in evaluation if level not in set(training)]
    once = sum(training.count(level) == 1 for level in set(training))

    assert found.value == pytest.approx(max(0.0, len(new) / len(evaluation) - once / len(training)), abs=1e-12)
    listed_columns = found.details["columns"]
    assert [(one["rows_found"], one["new_levels"]) for one in listed_columns] == (
        [(len(new), len(set(new)))] * bool(new)
    )


@pytest.mark.parametrize("share", [0, 1, 5, 20, 50])
def test_more_new_rows_are_more(share):
    found = measured(new_categories, ["a", "b"] * 50, ["a"] * (50 - share) + ["n"] * share)

    assert found.value == share / 50
    assert (found.low, found.high, found.method) == (None, None, "exact")


def test_categories_that_training_alone_has_are_not_new():
    assert measured(new_categories, ["a", "b", "c", "d"] * 5, ["a"] * 20).value == 0.0


@pytest.mark.parametrize("check", BINNED)
def test_categories_that_training_alone_has_are_a_change(check):
    found = measured(check, ["a", "b", "c", "d"] * 50, ["a"] * 200)

    assert found.low > 0.3


@pytest.mark.parametrize(("ones", "of"), [(0, 50), (5, 50), (25, 50), (50, 50), (1, 3)])
@pytest.mark.parametrize(("training_ones", "training_of"), [(10, 100), (50, 100), (1, 1)])
def test_label_drift_is_the_difference_of_shares(ones, of, training_ones, training_of):
    here, there = ([1] * one + [0] * (all_ - one) for one, all_ in ((ones, of), (training_ones, training_of)))
    found = label_drift(histogram({"x": here}, here), histogram({"x": there}, there))

    assert found.value == pytest.approx(abs(ones / of - training_ones / training_of), abs=1e-12)
    assert 0.0 <= found.low <= found.value <= found.high <= 1.0
    assert found.n == of


@pytest.mark.parametrize("seed", range(4))
def test_label_drift_of_values_agrees_with_the_gap_of_the_same_column(seed):
    y, other = drawn(seed, 200), drawn(seed + 30, 150, 0.3)
    rows = [histogram({"x": side}, side, task="regression") for side in (other, y)]
    labels, features = label_drift(*rows), kolmogorov_smirnov_statistic(*rows)

    assert (labels.value, labels.low, labels.high) == (features.value, features.low, features.high)
    assert labels.p_value == features.p_value


@pytest.mark.parametrize("check", [*EVERY, new_categories])
def test_refusals_come_in_their_order(check):
    assert refused(check, histogram({}, []), histogram({}, [])) == "no_features"
    assert refused(check, histogram({"x": []}), histogram({"x": []})) == "no_rows"
