import warnings
from itertools import product

import numpy as np
import pytest
from scipy import stats
from scipy.spatial.distance import jensenshannon

from reliability.checks.drift.columns import (
    cramers_v,
    jensen_shannon_distance,
    kolmogorov_smirnov_statistic,
    population_stability_index,
    wasserstein_distance,
)
from reliability.errors import NotMeasurable
from reliability.evidence import column_histogram
from reliability.evidence.column_histogram import Beside, ColumnCounts
from reliability.records import canonical_json
from tests.builders import column
from tests.checks.drift.two_sets import histogram, levels, refused

EVERY = (
    population_stability_index, jensen_shannon_distance, cramers_v, kolmogorov_smirnov_statistic, wasserstein_distance,
)  # fmt: skip
OF_NUMBERS = (kolmogorov_smirnov_statistic, wasserstein_distance)


def measured(check, training, evaluation, **options):
    return check(histogram({"x": evaluation}), histogram({"x": training}), **options)


def plain(check, training, evaluation):
    return measured(check, training, evaluation).details["columns"][0]["plain"]


def drawn(seed, n, shift=0.0):
    return np.random.default_rng(seed).normal(shift, 1, n)


def test_psi_is_the_published_sum_over_the_training_deciles():
    training, evaluation = drawn(0, 4000), drawn(1, 3000, 0.4)
    edges = np.quantile(training, np.arange(1, 10) / 10, method="inverted_cdf")
    p, q = (np.bincount(np.searchsorted(edges, x), minlength=10) for x in (training, evaluation))
    p, q = (p + 0.5) / (p.sum() + 5), (q + 0.5) / (q.sum() + 5)

    found = measured(population_stability_index, training, evaluation)
    assert found.details["columns"][0]["plain"] == pytest.approx(((q - p) * np.log(q / p)).sum(), abs=1e-12)
    assert found.value == pytest.approx(((q - p) * np.log(q / p)).sum() - 9 * (1 / 4000 + 1 / 3000), abs=1e-12)
    assert found.low < found.value < found.high


def test_jensen_shannon_is_scipys():
    assert plain(jensen_shannon_distance, levels(50, 30, 20), levels(20, 30, 50)) == pytest.approx(
        jensenshannon([0.5, 0.3, 0.2], [0.2, 0.3, 0.5], base=2), abs=1e-12
    )


def test_jensen_shannon_is_the_published_half():
    # nannyml: reference 1/2, 1/2, 0 against 1/2, 0, 1/2 (../shared/figures/f14).
    one, other = ["a"] * 500 + ["b"] * 500, ["a"] * 500 + ["c"] * 500

    assert plain(jensen_shannon_distance, one, other) == pytest.approx(0.5**0.5, abs=1e-12)
    assert plain(jensen_shannon_distance, levels(750, 250), levels(250, 750)) == pytest.approx(
        jensenshannon([0.75, 0.25], [0.25, 0.75], base=2), abs=1e-12
    )


def test_cramers_v_is_the_published_one_of_two_samples_of_one_size():
    # deepchecks: 200 and 800 against 400 and 600: 0.216026 without its correction (f14).
    found = measured(cramers_v, levels(200, 800), levels(400, 600))

    assert found.details["columns"][0]["plain"] ** 2 == pytest.approx(
        stats.chi2_contingency([[200, 800], [400, 600]], correction=False).statistic / 2000, abs=1e-12
    )
    assert found.value == pytest.approx(0.2171, abs=2e-3)


def test_cramers_v_has_the_p_value_of_the_chi_squared_test():
    table = [[40, 60, 100], [60, 70, 70]]
    found = measured(cramers_v, levels(*table[0]), levels(*table[1]))

    assert found.p_value == pytest.approx(stats.chi2_contingency(table).pvalue, rel=1e-9)


def test_cramers_v_does_not_shrink_where_training_rows_are_many():
    small = plain(cramers_v, levels(200, 800), levels(400, 600))

    assert plain(cramers_v, levels(20_000, 80_000), levels(400, 600)) == pytest.approx(small, abs=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_kolmogorov_smirnov_is_scipys(seed):
    training, evaluation = drawn(seed, 700).round(1), drawn(seed + 50, 400, 0.3).round(1)
    found, oracle = (
        measured(kolmogorov_smirnov_statistic, training, evaluation),
        stats.ks_2samp(training, evaluation, method="asymp"),
    )

    assert found.value == pytest.approx(oracle.statistic, abs=1e-12)
    assert found.details["columns"][0]["coarse"] == 0.0
    assert found.p_value == pytest.approx(stats.kstwobign.sf(found.value * (700 * 400 / 1100) ** 0.5), rel=1e-9)


def test_wasserstein_is_scipys_over_the_training_deviation():
    training, evaluation = np.random.default_rng(2).lognormal(size=900), np.random.default_rng(3).lognormal(0.3, 1, 600)
    found = measured(wasserstein_distance, training, evaluation)

    assert found.value == pytest.approx(stats.wasserstein_distance(training, evaluation) / training.std(), rel=1e-9)
    assert found.details["columns"][0]["coarse"] == 0.0


@pytest.mark.parametrize("cells", [64, 256])
def test_coarse_cells_are_off_by_no_more_than_they_say(cells, monkeypatch):
    monkeypatch.setattr(column_histogram, "NUMBER_CELLS", cells)
    training, evaluation = drawn(0, 3000), drawn(1, 2500, 0.2)
    for check, truth in (
        (kolmogorov_smirnov_statistic, stats.ks_2samp(training, evaluation).statistic),
        (wasserstein_distance, stats.wasserstein_distance(training, evaluation) / training.std()),
    ):
        found = measured(check, training, evaluation)
        coarse = found.details["columns"][0]["coarse"]

        assert 0 < coarse < 0.5
        assert abs(found.value - truth) <= coarse * 1.05
        assert found.low <= truth <= found.high


def cells(training, evaluation):
    """Smallest number, largest number and rows of either by cell."""
    both = Beside.of(*(ColumnCounts.of(column(values)) for values in (training, evaluation)))
    return *both.edges(), both.counts


@pytest.mark.parametrize(("seed", "shift"), [(0, 0.5), (1, -0.5), (2, 0.0), (3, 3.0), (4, -3.0)])
def test_a_gap_is_as_coarse_as_the_order_of_rows_within_cells_allows(seed, shift, monkeypatch):
    monkeypatch.setattr(column_histogram, "NUMBER_CELLS", 5)
    training, evaluation = 12 + drawn(seed, 30), 12 + drawn(seed + 10, 20, shift)
    low, high, counts = cells(training, evaluation)
    gaps = []
    for turned in product([False, True], repeat=len(low)):
        first, last = np.where(turned, high, low), np.where(turned, low, high)
        gaps.append(stats.ks_2samp(np.repeat(first, counts[:, 0]), np.repeat(last, counts[:, 1]), method="asymp"))

    found = measured(kolmogorov_smirnov_statistic, training, evaluation)
    assert found.value + found.details["columns"][0]["coarse"] == pytest.approx(
        max(gap.statistic for gap in gaps), abs=1e-12
    )
    assert (low < high).any()


@pytest.mark.parametrize("seed", range(3))
def test_rows_of_a_cell_lie_at_its_middle_and_may_lie_half_its_width_off(seed, monkeypatch):
    monkeypatch.setattr(column_histogram, "NUMBER_CELLS", 6)
    training, evaluation = drawn(seed, 40), drawn(seed + 10, 30, 0.5)
    low, high, counts = cells(training, evaluation)
    middles, shares = (low + high) / 2, counts / counts.sum(axis=0)
    deviation = np.repeat(middles, counts[:, 0]).std()

    found = measured(wasserstein_distance, training, evaluation)
    assert found.value == pytest.approx(stats.wasserstein_distance(middles, middles, *counts.T) / deviation, rel=1e-9)
    assert found.details["columns"][0]["coarse"] == pytest.approx(
        (shares.sum(axis=1) * (high - low) / 2).sum() / deviation, rel=1e-9
    )
    assert (low < high).any()


@pytest.mark.parametrize("check", EVERY)
def test_no_distance_where_both_are_the_same(check):
    x = levels(40, 30, 30) if check is cramers_v else [*drawn(0, 200)]
    found = measured(check, x, x)

    assert (found.value, found.low) == (0.0, 0.0)
    assert 0 < found.high < 1.1


@pytest.mark.parametrize("check", EVERY)
def test_the_column_that_moved_is_named_first_and_every_column_is_listed(check):
    still, moved = [0, 1, 2, 3] * 100, [0] * 300 + [3] * 100
    found = check(histogram({"a": still, "b": moved, "c": still}), histogram({"a": still, "b": still, "c": still}))

    assert found.details["column"] == "b"
    assert [one["column"] for one in found.details["columns"]] == ["b", "a", "c"]
    assert found.low > 0
    assert found.judged
    canonical_json(found)


@pytest.mark.parametrize("check", EVERY)
def test_more_columns_widen_the_interval(check):
    one, other = {"x": [0, 1, 2] * 60}, {"x": [0, 1, 1] * 60}
    still = {f"s{index}": [0, 1, 2] * 60 for index in range(9)}
    alone, among = check(histogram(other), histogram(one)), check(histogram(other | still), histogram(one | still))

    assert among.value == alone.value
    assert among.low < alone.low
    assert among.high > alone.high


@pytest.mark.parametrize("check", EVERY)
def test_order_of_rows_does_not_show(check):
    training, evaluation = [0, 1, 2, 2, None] * 40, [1, 1, 2, 0, None] * 40

    assert measured(check, training, evaluation) == measured(check, training[::-1], evaluation[::-1])


@pytest.mark.parametrize("check", [population_stability_index, jensen_shannon_distance, cramers_v])
def test_values_that_go_missing_are_a_change(check):
    found = measured(check, ["a", "b"] * 100, ["a", None] * 100)

    assert found.low > 0.1
    assert found.n == 200


@pytest.mark.parametrize("check", OF_NUMBERS)
def test_distances_of_numbers_leave_out_what_is_missing(check):
    training, evaluation = [1.0, 2.0, None] * 20, [1.0, 2.0] * 20

    assert measured(check, training, evaluation).value == 0.0


@pytest.mark.parametrize("check", OF_NUMBERS)
def test_a_number_that_one_data_set_lacks_is_refused(check):
    assert refused(check, histogram({"x": [None] * 3}), histogram({"x": [1.0] * 3})) == "column_empty"
    assert refused(check, histogram({"x": [None] * 3}), histogram({"x": [None] * 3})) == "no_numeric_features"


def test_text_is_no_number_and_a_quantity_no_category():
    text, numbers = histogram({"x": ["a", "b"]}), histogram({"x": np.arange(100.0)})

    assert {refused(check, text, text) for check in OF_NUMBERS} == {"no_numeric_features"}
    assert refused(cramers_v, numbers, numbers) == "no_categories"


@pytest.mark.parametrize("check", EVERY)
def test_nothing_to_compare_is_refused(check):
    some, none = histogram({"x": [1]}), histogram({"x": []})

    assert refused(check, none, some) == "no_rows"
    assert refused(check, some, none) == "no_training_data"
    assert refused(check, histogram({}, [0]), histogram({}, [0])) == "no_features"


@pytest.mark.parametrize("check", EVERY)
def test_one_row_each_says_nothing(check):
    found = measured(check, [1], [2])

    # One bin of one row each is no table: the row says nothing of a category.
    assert found.low == 0.0
    assert found.high >= (1.0 if check in OF_NUMBERS else 0.0)


@pytest.mark.parametrize("check", EVERY[:-1])
def test_a_constant_column_has_not_moved(check):
    found = measured(check, [7] * 50, [7] * 50)

    assert (found.value, found.low) == (0.0, 0.0)


def test_one_category_alone_has_the_p_value_of_no_difference():
    found = measured(cramers_v, [7] * 50, [7] * 50)

    assert (found.p_value, found.details["columns"][0]["p_value"]) == (1.0, 1.0)


def test_a_constant_that_jumps_is_far_away():
    assert measured(kolmogorov_smirnov_statistic, [7] * 50, [8] * 50).value == 1.0
    assert measured(wasserstein_distance, [7] * 50, [8] * 50).value == pytest.approx(2.0)
    # deepchecks: ones against zeros are 1 apart (f14); in deviations of all rows that is 2.
    assert measured(wasserstein_distance, [1] * 50, [0] * 50).value == pytest.approx(2.0)


def test_where_training_rows_are_all_alike_both_data_sets_weigh_the_same_in_the_deviation():
    found = measured(wasserstein_distance, [0.0] * 70, [0.0, 0.0, 0.0, 4.0] * 10)

    assert found.value == pytest.approx(1.0 / np.sqrt(np.cov([0, 4], aweights=[7 / 8, 1 / 8], ddof=0)))


@pytest.mark.parametrize("distinct", [9, 11, 49, 100])
def test_two_samples_that_share_nothing_are_one_apart_however_their_shares_add_up(distinct):
    found = measured(kolmogorov_smirnov_statistic, range(distinct), range(1000, 1000 + distinct))

    assert found.value == 1.0


def test_a_slip_of_unit_is_many_deviations():
    training = np.random.default_rng(0).lognormal(size=400)

    assert measured(wasserstein_distance, training, training * 1000).low > 100


@pytest.mark.parametrize("check", OF_NUMBERS)
def test_huge_numbers_are_measured(check):
    training, evaluation = [-1.7e308, 1.7e308] * 30, [1.7e308] * 60

    assert 0.4 < measured(check, training, evaluation).value < 1.1


@pytest.mark.parametrize("far", [[0.0, 1.7e308] * 10, [0.0, 1.6e308, 1.7e308] * 10])
def test_what_leaves_the_range_of_floats_is_refused_and_not_warned_of(far):
    rows = histogram({"x": far}), histogram({"x": [0.0, 1e150] * 10})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(NotMeasurable) as refusal:
            wasserstein_distance(*rows)

    assert (refusal.value.code, refusal.value.values) == ("numbers_too_large", {"n": len(far)})


@pytest.mark.parametrize("check", EVERY)
@pytest.mark.parametrize("side", [0, 1])
def test_clustered_rows_are_not_judged(check, side):
    rows = [histogram({"x": [0, 1] * 20}, entity=range(40) if side == place else None) for place in (0, 1)]
    found = check(*rows)

    assert (found.judged, found.reason.code, found.low, found.p_value) == (False, "clustered_rows", None, None)
    assert found.details["columns"][0]["low"] is None


@pytest.mark.parametrize("check", EVERY)
@pytest.mark.parametrize(("n", "m"), [(100, 100), (100, 2000)])
def test_a_maximum_over_columns_hardly_ever_fails_where_nothing_moved(check, n, m):
    limit, failed = 0.1, 0
    for seed in range(12):
        draws = np.random.default_rng(seed)
        sides = [
            {
                f"{kind}{index}": values
                for index in range(5)
                for kind, values in (
                    ("n", draws.normal(size=rows)), ("c", draws.poisson(2, rows)), ("b", draws.random(rows) < 0.05)
                )
            }
            for rows in (n, m)
        ]  # fmt: skip
        failed += check(histogram(sides[1]), histogram(sides[0])).low > limit

    assert failed == 0
