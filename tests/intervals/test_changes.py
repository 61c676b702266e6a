import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.special import gammaln

from reliability.intervals.changes import (
    Agreement,
    Estimate,
    FixedPair,
    change_interval,
    fixed_pair_difference,
    fixed_pair_ratio,
    holm,
    lowered,
    newcombe_paired,
    range_above,
    rate_change,
    recorded_change,
    share_change,
    wilson,
)
from reliability.intervals.comparisons import studentised_range_quantile
from reliability.intervals.proportions import clopper_pearson

DRAWS = 300


def estimate(value, low, high, confidence=0.95):
    return Estimate(value=value, low=low, high=high, confidence=confidence)


def wilson_estimate(successes, n):
    low, high = wilson(successes, n, confidence=0.95)
    return estimate(successes / n, float(low), float(high))


def exact_estimate(successes, n, confidence=0.95):
    low, high = clopper_pearson(successes, n, confidence=confidence)
    return estimate(successes / n, float(low), float(high), confidence)


# Newcombe (1998), Statistics in Medicine 17, 857-872 and 873-890.


def test_wilson_gives_the_interval_of_newcombes_first_example():
    low, high = wilson(81, 263, confidence=0.95)

    assert (round(float(low), 4), round(float(high), 4)) == (0.2553, 0.3662)


@pytest.mark.parametrize(
    ("first", "second", "limits"),
    [
        ((56, 70), (48, 80), (0.0524, 0.3339)),
        ((9, 10), (3, 10), (0.1705, 0.8090)),
        ((6, 7), (2, 7), (0.0582, 0.8062)),
        ((5, 56), (0, 29), (-0.0381, 0.1926)),
        ((0, 10), (0, 20), (-0.1611, 0.2775)),
        ((0, 10), (0, 10), (-0.2775, 0.2775)),
        ((10, 10), (0, 20), (0.6791, 1.0000)),
        ((10, 10), (0, 10), (0.6075, 1.0000)),
    ],
)
def test_square_and_add_gives_method_10_of_newcombes_table_of_independent_proportions(first, second, limits):
    found = change_interval(wilson_estimate(*second), wilson_estimate(*first))

    assert [round(limit, 4) for limit in found] == list(limits)


@pytest.mark.parametrize(
    ("cells", "limits"),
    [
        # Newcombe (1998), Statistics in Medicine 17, 2635-2650, table III, method 10.
        ((36, 12, 2, 0), (0.0569, 0.3404)),
        # Bentur et al. (2009) and Cavo et al. (2012), as in Fagerland, Lydersen and Laake, ch. 8.
        ((1, 1, 7, 12), (-0.507, -0.026)),
        ((59, 6, 16, 80), (-0.119, -0.005)),
    ],
)
def test_newcombes_paired_interval_gives_published_limits(cells, limits):
    both, first, second, neither = cells
    found = newcombe_paired(Agreement(both=both, before=second, after=first, neither=neither), confidence=0.95)

    digits = 4 if limits[0] == 0.0569 else 3
    assert [round(limit, digits) for limit in found] == list(limits)


def test_newcombes_paired_interval_without_correlation_is_the_independent_one():
    rows = Agreement(both=6, before=2, after=3, neither=1)  # 6 * 1 = 2 * 3

    assert newcombe_paired(rows, confidence=0.95) == pytest.approx(
        change_interval(wilson_estimate(8, 12), wilson_estimate(9, 12))
    )


def test_phi_is_corrected_where_rows_mostly_agree():
    # 20 * 20 - 5 * 5 = 375, less n / 2 = 25, over sqrt(25^4).
    rows = Agreement(both=20, before=5, after=5, neither=20)
    one = wilson_estimate(25, 50)

    assert newcombe_paired(rows, confidence=0.95) == pytest.approx(change_interval(one, one, correlation=350 / 625))


def test_phi_is_not_corrected_where_rows_mostly_disagree():
    rows = Agreement(both=5, before=20, after=20, neither=5)
    one = wilson_estimate(25, 50)

    assert newcombe_paired(rows, confidence=0.95) == pytest.approx(change_interval(one, one, correlation=-375 / 625))


@pytest.mark.parametrize(("both", "neither"), [(10, 0), (0, 3)])
def test_newcombes_paired_interval_stands_where_a_margin_is_empty(both, neither):
    low, high = newcombe_paired(Agreement(both=both, before=0, after=0, neither=neither), confidence=0.95)

    assert low == pytest.approx(-high)
    assert 0 < high < 1


def test_rate_change_takes_its_p_value_from_mcnemars_exact_test():
    found = rate_change(Agreement(both=80, before=2, after=12, neither=6), confidence=0.95)

    assert found.p_value == pytest.approx(stats.binomtest(2, 14).pvalue)
    assert found.value == pytest.approx(0.1)


def test_rate_change_holds_newcombes_interval():
    rows = Agreement(both=80, before=2, after=12, neither=6)
    low, high = newcombe_paired(rows, confidence=0.95)
    found = rate_change(rows, confidence=0.95)

    assert found.low <= low
    assert high <= found.high


def test_rate_change_turned_round_is_its_mirror():
    one = rate_change(Agreement(both=80, before=2, after=12, neither=6), confidence=0.95)
    other = rate_change(Agreement(both=80, before=12, after=2, neither=6), confidence=0.95)

    assert (other.low, other.high) == pytest.approx((-one.high, -one.low))
    assert other.p_value == one.p_value


def test_rate_change_of_rows_that_all_agree_is_no_change():
    found = rate_change(Agreement(both=50, before=0, after=0, neither=50), confidence=0.95)

    assert (found.value, found.p_value) == (0, 1)
    assert found.low < 0 < found.high


@pytest.mark.parametrize(("n", "least"), [(10, 0.97), (20, 0.955), (35, 0.955)])
def test_rate_change_covers_at_small_n_where_newcombes_alone_does_not(n, least):
    """Every table of n rows, weighted by its probability, over a grid of probabilities."""
    tables = [
        Agreement(both=e, before=g, after=f, neither=n - e - f - g)
        for e in range(n + 1) for f in range(n + 1 - e) for g in range(n + 1 - e - f)
    ]  # fmt: skip
    cells = np.array([(one.both, one.after, one.before, one.neither) for one in tables], np.float64)
    log_ways = gammaln(n + 1) - gammaln(cells + 1).sum(axis=1)
    hull = np.array([interval_of(one) for one in tables])
    coverage = {}
    for truth in probabilities():
        weight = np.exp(log_ways + (cells * np.log(np.maximum(truth, 1e-300))).sum(axis=1))
        change = truth[1] - truth[2]
        covered = (hull[:, 0] <= change + 1e-12) & (hull[:, 1] >= change - 1e-12)
        coverage[truth] = float(weight[covered].sum())

    assert min(coverage.values()) >= least


def interval_of(rows):
    found = rate_change(rows, confidence=0.95)
    return found.low, found.high


def probabilities():
    """Shares of rows right both times, only after, only before, never."""
    for rate, change, share in product((0.02, 0.1, 0.5, 0.9, 0.98), (0.0, 0.05, 0.2), (0.0, 0.1, 0.5)):
        other = rate - change
        least, most = max(change, 0.0), min(rate, 1 - other)
        if other >= 0 and most >= least:
            after = least + share * (most - least)
            yield rate - after, after, after - change, max(1 - other - after, 0.0)


def test_a_correlation_makes_the_interval_narrower_and_a_negative_one_wider():
    one, other = estimate(0.5, 0.4, 0.6), estimate(0.6, 0.5, 0.7)
    limits = [change_interval(one, other, correlation=correlation) for correlation in (0.8, 0.0, -0.8)]
    widths = [high - low for low, high in limits]

    assert widths == sorted(widths)
    assert widths[1] == pytest.approx(0.2 * 2**0.5)


def test_lowered_goes_down_by_one_standard_error_of_fishers_z():
    assert math.atanh(lowered(0.9, 103)) == pytest.approx(math.atanh(0.9) - 0.1)


@pytest.mark.parametrize("correlation", [-1.0, 0.0, 0.5, 1.0])
def test_lowered_relies_on_nothing_where_there_are_hardly_any_rows(correlation):
    assert lowered(correlation, 4) == -1.0
    assert -1 < lowered(correlation, 5) < 1


def test_recorded_change_has_the_interval_of_the_limits_that_were_written_down():
    one, other = exact_estimate(30, 100), exact_estimate(45, 100)
    found = recorded_change(one, other, confidence=0.95)

    assert (found.low, found.high) == pytest.approx(change_interval(one, other))


def test_recorded_change_touches_nought_where_its_p_value_is_the_level():
    # A limit that lies just at 0.
    one, other = estimate(0.0, -0.3, 0.3), estimate(0.5, 0.1, 0.9)
    found = recorded_change(one, other, confidence=0.95)

    assert found.low == pytest.approx(0)
    assert found.p_value == pytest.approx(0.05)


def test_recorded_change_of_nothing_has_p_value_1():
    one = exact_estimate(30, 100)

    assert recorded_change(one, one, confidence=0.95).p_value == 1


def test_recorded_change_has_heavier_tails_than_the_normal():
    one, other = estimate(0.0, -0.1, 0.1), estimate(0.3, 0.2, 0.4)
    z = 0.3 / (0.1 * 2**0.5) * stats.norm.ppf(0.975)

    assert recorded_change(one, other, confidence=0.95).p_value > 2 * stats.norm.sf(z)


def test_recorded_change_carries_limits_to_the_higher_confidence():
    narrow, wide = exact_estimate(30, 100, 0.9), exact_estimate(45, 100, 0.99)
    found = recorded_change(narrow, wide, confidence=0.99)
    carried = stats.t.ppf(0.995, 10) / stats.t.ppf(0.95, 10)
    below = math.hypot(wide.value - wide.low, carried * (narrow.high - narrow.value))

    assert found.low == pytest.approx(found.value - below)
    # Never narrower than the limits that the higher confidence would really have.
    assert found.low <= change_interval(exact_estimate(30, 100, 0.99), wide)[0]


def test_recorded_change_carries_both_limits_and_uses_the_correlation():
    one, other = estimate(0.5, 0.3, 0.55, 0.9), estimate(0.8, 0.7, 0.83, 0.9)
    by = stats.t.ppf(0.995, 10) / stats.t.ppf(0.95, 10)
    wider = estimate(0.5, 0.5 - by * 0.2, 0.5 + by * 0.05), estimate(0.8, 0.8 - by * 0.1, 0.8 + by * 0.03)
    found = recorded_change(one, other, correlation=0.6, confidence=0.99)

    assert (found.low, found.high) == pytest.approx(change_interval(*wider, correlation=0.6))
    assert (found.low, found.high) != pytest.approx(change_interval(*wider))


def test_recorded_change_of_values_known_exactly_is_certain():
    found = recorded_change(estimate(0.5, 0.5, 0.5), estimate(0.7, 0.7, 0.7), confidence=0.95)

    assert (found.low, found.high) == pytest.approx((0.2, 0.2))
    assert found.p_value == 0


def test_recorded_change_turned_round_is_its_mirror():
    one, other = estimate(0.5, 0.35, 0.55), estimate(0.8, 0.7, 0.83)
    there, back = (recorded_change(*pair, correlation=0.4, confidence=0.95) for pair in ((one, other), (other, one)))

    assert (back.low, back.high, back.p_value) == pytest.approx((-there.high, -there.low, there.p_value))


def test_share_change_is_square_and_add_on_clopper_pearson_limits():
    found = share_change((48, 80), (56, 70), confidence=0.95)

    assert found.value == pytest.approx(56 / 70 - 48 / 80)
    assert (found.low, found.high) == pytest.approx(change_interval(exact_estimate(48, 80), exact_estimate(56, 70)))


def test_share_change_touches_nought_at_its_p_value():
    p = share_change((48, 80), (56, 70), confidence=0.95).p_value

    assert share_change((48, 80), (56, 70), confidence=1 - p).low == pytest.approx(0, abs=1e-12)


def test_share_change_of_equal_shares_has_p_value_1():
    assert share_change((10, 20), (40, 80), confidence=0.95).p_value == 1


@pytest.mark.parametrize("rate", [0.05, 0.3, 0.5])
@pytest.mark.parametrize("n", [20, 40])
def test_share_change_claims_a_change_of_equal_rates_in_five_percent_at_most(n, rate):
    """All pairs of counts, weighted by their probability."""
    weight = stats.binom.pmf(np.arange(n + 1), n, rate)
    likely = np.flatnonzero(weight > 1e-6)
    ends = np.array([[_interval((one, n), (other, n)) for other in likely] for one in likely])
    beyond = (ends[..., 0] > 0) | (ends[..., 1] < 0)

    assert float((np.outer(weight[likely], weight[likely]) * beyond).sum()) <= 0.05


def _interval(before, after):
    # The interval of `share_change` without its p-value, which takes long.
    return change_interval(exact_estimate(*before), exact_estimate(*after))


def test_range_above_is_the_studentised_ranges_tail():
    assert range_above(studentised_range_quantile(10, 0.95), 10) == pytest.approx(0.05)
    assert range_above(3.0, 4) == pytest.approx(float(stats.studentized_range.sf(3.0, 4, np.inf)), abs=1e-6)


def test_range_of_two_values_is_the_tail_of_their_difference():
    assert range_above(2**0.5 * 1.96, 2) == pytest.approx(2 * stats.norm.sf(1.96))


def pair(before, after, n=100, groups=2):
    return FixedPair(successes=np.array([before, after], np.float64), n=np.full((2, 2), float(n)), groups=groups)


def test_fixed_pair_difference_is_how_much_the_gap_grew():
    found = fixed_pair_difference(pair((30, 60), (45, 60)), confidence=0.95)

    assert found.value == pytest.approx(-0.15)
    assert found.low < -0.15 < found.high


def test_fixed_pair_difference_of_two_groups_adds_four_squares():
    limits = {x: clopper_pearson(x, 100, confidence=0.95) for x in (30.0, 60.0, 45.0)}
    found = fixed_pair_difference(pair((30, 60), (45, 60)), confidence=0.95)
    # Lower: the higher rate after goes down, the lower one after up, and the other way round before.
    parts = (0.6 - limits[60][0], limits[45][1] - 0.45, limits[60][1] - 0.6, 0.3 - limits[30][0])

    assert found.low == pytest.approx(-0.15 - math.sqrt(sum(part**2 for part in parts)))


def test_fixed_pair_ratio_is_how_much_the_ratio_grew():
    found = fixed_pair_ratio(pair((30, 60), (45, 60)), confidence=0.95)

    assert found.value == pytest.approx(0.25)
    assert found.low < 0.25 < found.high


@pytest.mark.parametrize("function", [fixed_pair_difference, fixed_pair_ratio])
def test_a_pair_picked_among_more_groups_needs_a_larger_change(function):
    two, ten = (function(pair((30, 60), (55, 60), groups=groups), confidence=0.95) for groups in (2, 10))

    assert two.p_value < ten.p_value
    assert ten.low < two.low


@pytest.mark.parametrize("function", [fixed_pair_difference, fixed_pair_ratio])
@pytest.mark.parametrize("groups", [2, 5])
def test_the_interval_touches_nought_where_the_p_value_is_the_level(function, groups):
    given = pair((30, 60), (50, 60), groups=groups)
    p = function(given, confidence=0.95).p_value
    found = function(given, confidence=1 - p)

    assert min(abs(found.low), abs(found.high)) < 1e-6


@pytest.mark.parametrize("function", [fixed_pair_difference, fixed_pair_ratio])
def test_a_pair_that_did_not_change_has_p_value_1(function):
    assert function(pair((30, 60), (30, 60)), confidence=0.95).p_value == 1


@pytest.mark.parametrize(
    ("before", "after", "empty"),
    [((0, 60), (45, 60), True), ((30, 60), (45, 100), True), ((30, 60), (45, 99), False)],
)
def test_a_pair_knows_an_empty_cell(before, after, empty):
    assert pair(before, after).has_empty_cell is empty


@pytest.mark.parametrize(("groups", "n", "rate"), [(2, 60, 0.3), (5, 100, 0.5), (10, 100, 0.2)])
def test_the_worst_of_equal_groups_seems_to_change_in_five_percent_at_most(groups, n, rate):
    """Equal groups before and after, the worst pair picked before."""
    random = np.random.default_rng([20261128, groups, n])
    before, after = (random.binomial(n, rate, (DRAWS, groups)).astype(np.float64) for _ in range(2))
    picked = np.stack((before.argmin(axis=1), before.argmax(axis=1)), axis=1)
    claimed = {"difference": 0, "ratio": 0}
    for first, second, ends in zip(before, after, picked, strict=True):
        chosen = pair(first[ends], second[ends], n=n, groups=groups)
        if not chosen.has_empty_cell and ends[0] != ends[1]:
            for name, function in (("difference", fixed_pair_difference), ("ratio", fixed_pair_ratio)):
                claimed[name] += not _holds_zero(function, chosen)

    assert max(claimed.values()) / len(before) <= 0.05


def test_without_the_studentised_range_ten_equal_groups_seem_to_improve_in_a_quarter_of_draws():
    random, n, rate = np.random.default_rng(20261128), 200, 0.5
    before, after = (random.binomial(n, rate, (4_000, 10)) / n for _ in range(2))
    ends = before.argmin(axis=1), before.argmax(axis=1)
    rows = np.arange(len(before))
    change = (after[rows, ends[1]] - after[rows, ends[0]]) - (before[rows, ends[1]] - before[rows, ends[0]])

    assert (np.abs(change) > 1.96 * math.sqrt(4 * rate * (1 - rate) / n)).mean() > 0.25


def _holds_zero(function, chosen):
    found = function(chosen, confidence=0.95)
    return found.low <= 0 <= found.high


def test_holm_multiplies_by_the_hypotheses_that_are_left():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_holm_never_falls_below_an_earlier_one_and_never_passes_1():
    assert holm([0.5, 0.4, 0.9]) == pytest.approx([1.0, 1.0, 1.0])


@pytest.mark.parametrize("values", [[], [0.02]])
def test_holm_of_one_or_none_changes_nothing(values):
    assert holm(values) == values


# What holds whatever the numbers are.

patiently = settings(max_examples=60, deadline=None)
COUNTS = st.integers(0, 400)
TABLES = st.tuples(COUNTS, COUNTS, COUNTS, COUNTS).filter(any)
SHARES = st.tuples(st.integers(0, 200), st.integers(1, 200)).map(lambda pair: (min(pair), max(pair)))
CONFIDENCES = st.sampled_from((0.5, 0.9, 0.95, 0.99, 0.999))


def table(cells):
    return Agreement(both=cells[0], before=cells[1], after=cells[2], neither=cells[3])


@patiently
@given(TABLES, CONFIDENCES)
def test_a_rate_change_lies_inside_its_interval(cells, confidence):
    found = rate_change(table(cells), confidence=confidence)

    assert -1 <= found.low <= found.value <= found.high <= 1
    assert 0 <= found.p_value <= 1


@patiently
@given(TABLES)
def test_more_confidence_takes_a_wider_interval(cells):
    wide, narrow = (rate_change(table(cells), confidence=confidence) for confidence in (0.99, 0.9))

    assert wide.low <= narrow.low + 1e-12
    assert narrow.high <= wide.high + 1e-12


@patiently
@given(TABLES)
def test_an_interval_that_leaves_out_nought_agrees_with_the_exact_test(cells):
    found = rate_change(table(cells), confidence=0.95)

    assert not (found.low > 0 or found.high < 0) or found.p_value <= 0.05 + 1e-9


@patiently
@given(TABLES)
def test_turned_round_every_limit_is_its_mirror(cells):
    one, other = (
        rate_change(table(turned), confidence=0.95) for turned in (cells, (cells[0], cells[2], cells[1], cells[3]))
    )

    assert (other.low, other.high) == pytest.approx((-one.high, -one.low), abs=1e-12)


@patiently
@given(TABLES)
def test_successes_and_failures_are_treated_alike(cells):
    one = rate_change(table(cells), confidence=0.95)
    failures = rate_change(table((cells[3], cells[2], cells[1], cells[0])), confidence=0.95)

    assert (failures.low, failures.high) == pytest.approx((-one.high, -one.low), abs=1e-9)


@patiently
@given(SHARES, SHARES, CONFIDENCES)
def test_a_change_of_shares_lies_inside_its_interval(before, after, confidence):
    one, other = (exact_estimate(*share, confidence) for share in (before, after))
    low, high = change_interval(one, other)

    assert low <= other.value - one.value <= high


@patiently
@given(SHARES, SHARES, st.floats(-0.99, 0.99))
def test_an_interval_stands_at_any_correlation(before, after, correlation):
    one, other = exact_estimate(*before), exact_estimate(*after)
    found = recorded_change(one, other, correlation=correlation, confidence=0.95)

    assert found.low <= found.value <= found.high
    assert 0 <= found.p_value <= 1


@patiently
@given(SHARES, SHARES)
def test_the_p_value_and_the_interval_say_the_same(before, after):
    found = recorded_change(exact_estimate(*before), exact_estimate(*after), confidence=0.95)

    if abs(found.p_value - 0.05) > 1e-9:
        assert (found.p_value < 0.05) == (found.low > 0 or found.high < 0)


@patiently
@given(st.floats(-1, 1), st.integers(5, 10_000))
def test_what_is_relied_on_of_a_correlation_is_less_than_was_seen(correlation, n):
    assert -1 <= lowered(correlation, n) <= correlation + 1e-9
    assert lowered(correlation, n) <= lowered(correlation, 10 * n) + 1e-9


@patiently
@given(st.lists(st.floats(0, 1), max_size=12))
def test_holm_keeps_the_order_and_takes_nothing_away(p_values):
    adjusted = holm(p_values)
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])

    assert all(given <= made <= 1 for given, made in zip(p_values, adjusted, strict=True))
    assert [adjusted[place] for place in order] == sorted(adjusted)
    assert all(made <= min(1.0, len(p_values) * given) + 1e-12 for given, made in zip(p_values, adjusted, strict=True))


def test_a_change_of_every_row_stays_within_one():
    assert newcombe_paired(Agreement(both=0, before=0, after=2, neither=0), confidence=0.5)[1] == 1.0
    assert newcombe_paired(Agreement(both=0, before=2, after=0, neither=0), confidence=0.5)[0] == -1.0
