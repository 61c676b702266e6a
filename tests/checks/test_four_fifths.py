from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, fisher_exact, norm

from reliability.checks.four_fifths import FourFifths

GROUP = st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def read(low, high, worth=None):
    """The reading of two groups as (selected, rows)."""
    rows = (low[1], high[1])
    return FourFifths(selected=(low[0], high[0]), rows=rows, worth=rows if worth is None else worth)


def ordered(pairs):
    low, high = sorted(pairs, key=lambda pair: Fraction(*pair))
    return low, high


def table_of(low, high):
    return [[low[0], low[1] - low[0]], [high[0], high[1] - high[0]]]


# 44 FR 11998, question 21: of 80 whites 48 are hired, of 40 blacks 12; and other tables by hand.
@pytest.mark.parametrize(
    ("low", "high", "ratio", "needed"),
    [
        ((12, 40), (48, 80), 0.5, 8),
        ((30, 100), (60, 100), 0.5, 18),
        ((0, 10), (5, 10), 0.0, 4),
        ((0, 1), (1, 1), 0.0, 1),
        ((8, 10), (10, 10), 0.8, 0),
        ((79, 100), (100, 100), 0.79, 1),
        ((399, 500), (500, 500), 0.798, 1),
        ((1, 3), (1, 2), 2 / 3, 1),
        ((2, 5), (1, 2), 0.8, 0),
        ((20, 100), (21, 100), 20 / 21, 0),
    ],
)
def test_four_fifths_needs_the_fewest_selections_that_reach_the_ratio(low, high, ratio, needed):
    found = read(low, high)

    assert float(found.ratio) == pytest.approx(ratio, abs=1e-15)
    assert found.more_selections_needed == needed


@settings(max_examples=60, deadline=None)
@given(GROUP, GROUP)
def test_four_fifths_is_reached_with_the_selections_needed_and_not_with_one_less(first, second):
    low, high = ordered((first, second))
    if high[0]:
        needed = read(low, high).more_selections_needed
        mended = Fraction(low[0] + needed, low[1]) / Fraction(*high)
        short = Fraction(low[0] + needed - 1, low[1]) / Fraction(*high)

        assert mended >= Fraction(4, 5)
        assert needed == 0 or short < Fraction(4, 5)
        assert low[0] + needed <= low[1]


@settings(max_examples=60, deadline=None)
@given(GROUP, GROUP)
def test_four_fifths_test_agrees_with_scipy(first, second):
    low, high = ordered((first, second))
    if high[0]:
        table = table_of(low, high)
        total, everybody = low[0] + high[0], low[1] + high[1]
        expected = min(low[1], high[1]) * min(total, everybody - total) / everybody
        found = read(low, high).p_value

        if total == everybody:
            assert found == 1.0
        elif everybody < 30 or expected < 5:
            assert found == pytest.approx(fisher_exact(table).pvalue, abs=1e-7)
        else:
            assert found == pytest.approx(chi2_contingency(table, correction=False).pvalue, rel=1e-6, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(GROUP, GROUP)
def test_four_fifths_reading_follows_from_ratio_and_chance(first, second):
    low, high = ordered((first, second))
    if high[0]:
        found = read(low, high)
        expected = {
            (True, True): "adverse_impact",
            (True, False): "below_not_significant",
            (False, True): "significant_not_below",
            (False, False): "no_adverse_impact",
        }[found.ratio < Fraction(4, 5), found.p_value < 0.05]

        assert found.reading == expected
        assert 0 <= found.p_value <= 1


@pytest.mark.parametrize("times", [2, 10, 100])
def test_four_fifths_finds_chance_less_likely_when_rows_are_repeated(times):
    once, more = read((12, 40), (20, 40)), read((12 * times, 40 * times), (20 * times, 40 * times))

    assert more.ratio == once.ratio
    assert more.p_value < once.p_value


def test_four_fifths_of_rows_that_are_worth_less_finds_chance_more_likely():
    alone = read((120, 400), (200, 400))
    clustered = read((120, 400), (200, 400), worth=(40.0, 40.0))

    assert clustered.p_value == pytest.approx(read((12, 40), (20, 40)).p_value, abs=1e-12)
    assert clustered.p_value > alone.p_value
    assert (clustered.ratio, clustered.more_selections_needed) == (alone.ratio, alone.more_selections_needed)


@pytest.mark.parametrize("worth", [(0.01, 0.02), (0.4, 5.0), (1.0, 1.0), (2.5, 3.5)])
def test_four_fifths_of_hardly_any_effective_rows_claims_nothing(worth):
    found = read((0, 50), (50, 50), worth=worth)

    assert 0.05 < found.p_value <= 1
    assert found.reading == "below_not_significant"


@pytest.mark.parametrize("n", [1, 7, 29, 1_000_000])
def test_four_fifths_of_equal_rates_finds_no_adverse_impact(n):
    found = read((n, n), (n, n))

    assert found.as_details() == {
        "ratio": 1.0,
        "p_value": 1.0,
        "more_selections_needed": 0,
        "reading": "no_adverse_impact",
    }


def test_four_fifths_at_the_border_is_not_below_it():
    # 0.8 * 0.7 is no float; the ratio is a fraction and meets the border.
    found = read((56, 100), (70, 100))

    assert found.ratio == Fraction(4, 5)
    assert found.reading in ("no_adverse_impact", "significant_not_below")
    assert found.more_selections_needed == 0


def test_four_fifths_test_takes_a_million_rows_of_which_few_are_selected():
    found = read((1, 1_000_000), (4, 1_000_000))

    assert found.p_value == pytest.approx(fisher_exact(table_of((1, 1_000_000), (4, 1_000_000))).pvalue, abs=1e-6)
    assert found.reading == "below_not_significant"


def test_four_fifths_details_are_plain_values():
    details = read((30, 100), (60, 100)).as_details()

    assert [type(details[name]) for name in ("ratio", "p_value", "more_selections_needed", "reading")] == [
        float,
        float,
        int,
        str,
    ]


@pytest.mark.parametrize("seed", range(3))
def test_four_fifths_test_rejects_equal_groups_about_as_often_as_it_says(seed):
    draws = np.random.default_rng(seed).binomial(200, 0.4, (400, 2)).tolist()
    significant = [read(*ordered([(x, 200), (y, 200)])).p_value < 0.05 for x, y in draws]

    assert np.mean(significant) < 0.09


@pytest.mark.parametrize(
    ("low", "high", "exact"),
    [
        # 30 rows together and 7.5 expected; 29 rows.
        ((5, 15), (10, 15), False),
        ((5, 14), (10, 15), True),
        # 5 selected expected; 4.5.
        ((4, 50), (6, 50), False),
        ((3, 50), (6, 50), True),
        # 5 rejected expected, which 1 - 0.9 would round below 5; 4.5.
        ((44, 50), (46, 50), False),
        ((45, 50), (46, 50), True),
        # The smaller group is what counts.
        ((10, 50), (50, 450), False),
        ((4, 40), (60, 560), True),
    ],
)
def test_four_fifths_test_is_exact_just_where_numbers_are_small(low, high, exact):
    low, high = ordered((low, high))
    fisher = fisher_exact(table_of(low, high)).pvalue
    pooled = chi2_contingency(table_of(low, high), correction=False).pvalue

    assert read(low, high).p_value == pytest.approx(fisher if exact else pooled, rel=1e-7)
    assert fisher != pytest.approx(pooled, rel=1e-3)


@pytest.mark.parametrize("pairs", [((0, 2), (12, 14)), ((2, 4), (12, 12)), ((0, 12), (2, 4)), ((0, 19), (1, 1))])
def test_a_chance_of_exactly_one_in_twenty_is_not_below_it(pairs):
    found = read(*pairs)

    assert found.p_value == pytest.approx(0.05, abs=1e-12)
    assert found.reading == "below_not_significant"


def test_a_chance_just_below_one_in_twenty_is_significant():
    # 44 and 58 of 100: z = 1.98; 44 and 57: z = 1.84.
    assert read((44, 100), (58, 100)).p_value == pytest.approx(0.04768, abs=5e-5)
    assert read((44, 100), (58, 100)).reading == "adverse_impact"
    assert read((44, 100), (57, 100)).reading == "below_not_significant"


def test_the_whole_reading_by_hand():
    # 44 FR 11998, question 21; pooled rate 60 / 120, z = 0.3 / sqrt(0.25 (1 / 40 + 1 / 80)).
    z = 0.3 / np.sqrt(0.25 * (1 / 40 + 1 / 80))

    assert read((12, 40), (48, 80)).as_details() == {
        "ratio": 0.5,
        "p_value": pytest.approx(2 * norm.sf(z), rel=1e-12),
        "more_selections_needed": 8,
        "reading": "adverse_impact",
    }


def test_the_exact_test_by_hand():
    # All tables of 3 selected among 4 and 4 rows: 4, 24, 24, 4 of 56; the outer two are as likely as each other.
    assert read((0, 4), (3, 4)).p_value == pytest.approx(8 / 56, abs=1e-12)
    assert read((1, 4), (2, 4)).p_value == pytest.approx(1.0, abs=1e-12)
    # Of 2 and 5 rows 3 are selected: 10, 20, 5 of 35, and the table seen is the middle one in likelihood.
    assert read((0, 2), (3, 5)).p_value == pytest.approx(15 / 35, abs=1e-12)


@pytest.mark.parametrize(("x", "n"), [((1, 3), (3, 5)), ((0, 6), (7, 20)), ((5, 6), (6, 20)), ((2, 2), (13, 9))])
def test_the_exact_test_is_scipys_whichever_group_is_larger(x, n):
    n = tuple(max(one, other) for one, other in zip(n, x, strict=True))
    low, high = ordered(tuple(zip(x, n, strict=True)))

    assert read(low, high).p_value == pytest.approx(fisher_exact(table_of(low, high)).pvalue, abs=1e-9)
    assert read(low, high).p_value <= 1.0


def test_effective_rows_are_rounded_for_the_exact_test():
    # 8 rows of 16 are worth 3.6, 12 of 16 are worth 4.4: 2 of 4, and 3 of 4.
    found = read((8, 16), (12, 16), worth=(3.6, 4.4))

    assert found.p_value == pytest.approx(fisher_exact([[2, 2], [3, 1]]).pvalue, abs=1e-9)


def test_effective_rows_are_taken_as_they_are_for_the_pooled_test():
    found = read((30, 100), (60, 100), worth=(40.5, 61.25))
    share = (0.3 * 40.5 + 0.6 * 61.25) / 101.75
    z = 0.3 / np.sqrt(share * (1 - share) * (1 / 40.5 + 1 / 61.25))

    assert found.p_value == pytest.approx(2 * norm.sf(z), rel=1e-9)
    assert found.ratio == Fraction(1, 2)


def test_the_exact_test_is_never_above_certainty_whatever_is_rounded():
    found = [
        read((x, n), (y, m)).p_value
        for n in range(1, 12)
        for m in range(1, 12)
        for x in range(n + 1)
        for y in range(1, m + 1)
        if x * m <= y * n
    ]

    assert max(found) == 1.0
    assert min(found) > 0
