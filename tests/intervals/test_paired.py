from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, norm, ttest_1samp
from scipy.stats import t as student

from reliability.errors import NotMeasurable
from reliability.intervals.paired import (
    Discordant,
    Gains,
    mcnemar,
    paired_difference_interval,
    paired_mean_interval,
    paired_t,
)

counts = st.integers(0, 60)


def pair(first, second, n):
    return Discordant(first=first, second=second, n=n)


def gains_of(values):
    exact = [Fraction(value) for value in np.asarray(values, float).tolist()]
    return Gains(
        n=len(exact), total=sum(exact), squares=sum(one**2 for one in exact), largest=max(abs(one) for one in exact)
    )


@given(first=counts, second=counts)
def test_mcnemar_is_the_binomial_test(first, second):
    expected = binomtest(first, first + second).pvalue if first + second else 1.0

    assert mcnemar(pair(first, second, 200)) == pytest.approx(expected)


@given(first=counts, second=counts, confidence=st.sampled_from([0.9, 0.95, 0.99]))
def test_paired_difference_interval_leaves_zero_exactly_where_the_exact_test_rejects(first, second, confidence):
    low, high = paired_difference_interval(pair(first, second, 150), confidence=confidence)

    assert (low > 0 or high < 0) == (mcnemar(pair(first, second, 150)) <= 1 - confidence)


@given(first=counts, second=counts)
def test_paired_difference_interval_holds_the_difference_and_stays_in_range(first, second):
    low, high = paired_difference_interval(pair(first, second, 120), confidence=0.95)

    assert -1 <= low <= (first - second) / 120 <= high <= 1


@given(first=counts, second=counts)
def test_paired_difference_interval_turns_round_with_the_predictors(first, second):
    low, high = paired_difference_interval(pair(first, second, 150), confidence=0.95)
    other_low, other_high = paired_difference_interval(pair(second, first, 150), confidence=0.95)

    assert (other_low, other_high) == pytest.approx((-high, -low))


@pytest.mark.parametrize(("n", "reach"), [(1, 1.0), (30, 0.2), (1000, 0.01)])
def test_paired_difference_interval_without_discordant_rows_is_not_a_point(n, reach):
    low, high = paired_difference_interval(pair(0, 0, n), confidence=0.95)

    assert -reach <= low < 0 < high <= reach


@pytest.mark.parametrize(("first", "above"), [(5, False), (6, True)])
def test_paired_difference_interval_needs_six_of_six(first, above):
    low, _ = paired_difference_interval(pair(first, 0, 100), confidence=0.95)

    assert (low > 0) is above


@pytest.mark.parametrize(("n", "share"), [(30, 0.2), (100, 0.2), (300, 0.02), (1000, 0.05)])
@pytest.mark.parametrize("part", [0.5, 0.75, 1.0])
def test_paired_difference_interval_covers(n, share, part):
    drawn = np.random.default_rng(0).multinomial(n, [share * part, share * (1 - part), 1 - share], 1500)
    limits = {
        tuple(one): paired_difference_interval(pair(*one, n), confidence=0.95)
        for one in np.unique(drawn[:, :2], axis=0).tolist()
    }
    truth = share * (2 * part - 1)
    found = np.array([limits[tuple(one)] for one in drawn[:, :2].tolist()])

    assert np.mean((found[:, 0] <= truth) & (truth <= found[:, 1])) >= 0.94
    assert np.mean(found[:, 0] > truth) <= 0.035


def clustered(repeats, entities=400, buckets=128):
    draws = np.random.default_rng(1)
    kind, place = draws.choice(3, entities, p=[0.2, 0.1, 0.7]), draws.integers(0, buckets, entities)
    first, second, n = (
        np.bincount(place[chosen], minlength=buckets) * repeats for chosen in (kind == 0, kind == 1, kind >= 0)
    )
    return Discordant.clustered(first, second, n, confidence=0.95)


def test_clustered_rows_keep_their_shares():
    found = clustered(1)

    assert found.n <= 400
    assert found.difference == pytest.approx(clustered(7).difference)


@pytest.mark.parametrize("repeats", [2, 10, 100])
def test_clustered_rows_are_worth_their_entities_whatever_the_repeats(repeats):
    assert clustered(repeats).n == pytest.approx(clustered(1).n, rel=0.3)
    assert clustered(repeats).n < 500


def test_clustered_rows_with_few_discordant_buckets_are_worth_their_buckets():
    first, second, n = np.zeros((3, 128), np.int64)
    n[:50], first[:9] = 20, 20

    assert Discordant.clustered(first, second, n, confidence=0.95).n == pytest.approx(50)


def test_clustered_rows_in_one_bucket_are_worth_one_row():
    first, second, n = np.zeros((3, 128), np.int64)
    n[5], first[5] = 300, 40

    assert Discordant.clustered(first, second, n, confidence=0.95).n == pytest.approx(1)


def test_clustered_rows_are_never_worth_more_than_themselves():
    first, second, n = np.zeros((3, 128), np.int64)
    n[:], first[:64], second[64:] = 2, 1, 1

    assert Discordant.clustered(first, second, n, confidence=0.95).n <= 256


@given(values=st.lists(st.floats(-100, 100), min_size=3, max_size=30).filter(lambda one: np.std(one) > 1e-3))
def test_paired_t_is_scipys(values):
    assert paired_t(gains_of(values)) == pytest.approx(ttest_1samp(values, 0.0).pvalue)


def test_paired_mean_interval_holds_students_and_the_mean():
    values = np.random.default_rng(0).normal(0.3, 1, 400)
    low, high = paired_mean_interval(gains_of(values), confidence=0.95)
    student = ttest_1samp(values, 0.0).confidence_interval(0.95)

    assert low < student.low < values.mean() < student.high < high


def test_paired_mean_interval_leaves_zero_only_where_the_test_rejects():
    draws = np.random.default_rng(0)
    for shift in np.linspace(0, 0.3, 40):
        gains = gains_of(draws.laplace(shift, 1, 300))
        low, high = paired_mean_interval(gains, confidence=0.95)

        assert not (low > 0 or high < 0) or paired_t(gains) <= 0.05


@pytest.mark.parametrize("draw", ["normal", "laplace"])
def test_paired_mean_interval_covers_differences_of_squared_errors(draw):
    draws = np.random.default_rng(0)
    found = []
    for _ in range(300):
        e, u, v = getattr(draws, draw)(size=(3, 300))
        found.append(paired_mean_interval(gains_of((e + 0.3 * u) ** 2 - (e + 0.3 * v) ** 2), confidence=0.95))
    low, high = np.array(found).T

    assert np.mean((low <= 0) & (high >= 0)) >= 0.94
    assert np.mean(low > 0) <= 0.03


@pytest.mark.parametrize("n", [1, 30, 299])
def test_paired_mean_interval_declines_few_rows(n):
    with pytest.raises(NotMeasurable) as refused:
        paired_mean_interval(gains_of(np.arange(n) + 1.0), confidence=0.95)

    assert refused.value.values == {"n": n, "needed": 300}


def test_paired_mean_interval_declines_gains_that_are_all_the_same():
    with pytest.raises(NotMeasurable, match="variance_not_estimable"):
        paired_mean_interval(gains_of([0.1] * 400), confidence=0.95)


def test_gains_too_large_for_a_float_are_refused():
    gains = Gains(n=1, total=Fraction(10) ** 400, squares=Fraction(10) ** 800, largest=Fraction(10) ** 400)

    with pytest.raises(NotMeasurable, match="numbers_too_large"):
        _ = gains.mean


def difference_from_notes(first, second, n, confidence):
    """The notes of `paired_difference_interval`, with scipy's exact limits."""
    one, other = (binomtest(x, n).proportion_ci(confidence, "exact") for x in (first, second))
    p, q = (first + 0.5) / (n + 1.5), (second + 0.5) / (n + 1.5)
    correlation = np.sqrt(p * q / (1 - p) / (1 - q))
    gap, differing = (first - second) / n, (first + second) / n
    reach = []
    for a, b in (
        (first / n - one.low, other.high - second / n),
        (one.high - first / n, second / n - other.low),
    ):
        reach.append(np.sqrt(a**2 + b**2 + 2 * correlation * a * b))
    part = binomtest(first, first + second).proportion_ci(confidence, "exact") if differing else None
    least, most = (differing * (2 * part.low - 1), differing * (2 * part.high - 1)) if part else (0.0, 0.0)
    return max(-1, min(gap - reach[0], least)), min(1, max(gap + reach[1], most))


@pytest.mark.parametrize("confidence", [0.8, 0.95])
@pytest.mark.parametrize(
    ("first", "second", "n"),
    [(15, 5, 100), (0, 0, 40), (7, 0, 7), (0, 3, 3), (1, 1, 2), (60, 40, 100), (2, 9, 400), (30, 30, 1000), (1, 0, 1)],
)
def test_paired_difference_interval_is_that_of_its_notes(first, second, n, confidence):
    found = paired_difference_interval(pair(first, second, n), confidence=confidence)

    assert found == pytest.approx(difference_from_notes(first, second, n, confidence), abs=1e-9)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [(0, 0, 1.0), (1, 0, 1.0), (2, 0, 0.5), (0, 6, 2 / 64), (3, 3, 1.0), (5, 1, 14 / 64), (1, 5, 14 / 64)],
)
def test_mcnemar_by_hand(first, second, expected):
    assert mcnemar(pair(first, second, 50)) == pytest.approx(expected, rel=1e-12)


def discordant_by_bucket(seed, entities=300, repeats=1):
    draws = np.random.default_rng(seed)
    kind, place = draws.choice(3, entities, p=[0.25, 0.1, 0.65]), draws.integers(0, 64, entities)
    return [np.bincount(place[chosen], minlength=70) * repeats for chosen in (kind == 0, kind == 1, kind >= 0)]


def rows_worth(first, second, n, confidence):
    """The notes of `Discordant.clustered`, leaving one bucket after the other out."""
    held = np.flatnonzero(n)
    without = [(np.delete(first, one).sum() - np.delete(second, one).sum()) / np.delete(n, one).sum() for one in held]
    variance = np.var(without) * (len(held) - 1)
    share = (first.sum() - second.sum()) / n.sum()
    row = (first.sum() + second.sum()) / n.sum() - share**2
    tail = 0.5 + confidence / 2
    shrink = (norm.ppf(tail) / student.ppf(tail, len(held) - 1)) ** 2
    return shrink * min(n.sum(), row / variance)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("repeats", [1, 5])
@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_clustered_rows_are_worth_what_the_jackknife_says(seed, repeats, confidence):
    first, second, n = discordant_by_bucket(seed, repeats=repeats)
    found = Discordant.clustered(first, second, n, confidence=confidence)
    worth = rows_worth(first, second, n, confidence)

    assert found.n == pytest.approx(worth, rel=1e-9)
    assert found.first == pytest.approx(first.sum() / n.sum() * worth, rel=1e-9)
    assert found.second == pytest.approx(second.sum() / n.sum() * worth, rel=1e-9)


def test_clustered_rows_count_the_buckets_that_hold_a_discordant_row():
    # Nine such buckets tell too little: rows of equal buckets; ten tell how much they differ.
    n, none = np.full(40, 10), np.zeros(40, np.int64)
    nine, ten = np.where(np.arange(40) < 9, 3, 0), np.where(np.arange(40) < 10, 3, 0)

    assert Discordant.clustered(nine, none, n, confidence=0.95).n == pytest.approx(40, rel=1e-12)
    assert Discordant.clustered(none, nine, n, confidence=0.95).n == pytest.approx(40, rel=1e-12)
    expected = rows_worth(ten, none, n, 0.95)
    assert Discordant.clustered(ten, none, n, confidence=0.95).n == pytest.approx(expected, rel=1e-9)
    assert Discordant.clustered(none, ten, n, confidence=0.95).n == pytest.approx(expected, rel=1e-9)
    split = np.where(np.arange(40) % 2, ten, 0)
    assert Discordant.clustered(split, ten - split, n, confidence=0.95).n == pytest.approx(
        rows_worth(split, ten - split, n, 0.95), rel=1e-9
    )


def test_clustered_rows_of_unequal_buckets_are_worth_fewer_than_there_are_buckets():
    n, none = np.array([30, 10, 20, 0]), np.zeros(4, np.int64)
    found = Discordant.clustered(np.array([6, 0, 0, 0]), none, n, confidence=0.95)

    # (30 + 10 + 20)^2 / (900 + 100 + 400).
    assert found.n == pytest.approx(3600 / 1400, rel=1e-12)
    assert (found.first / found.n, found.second) == (pytest.approx(0.1), 0.0)


def test_clustered_rows_that_are_alike_in_every_bucket_are_worth_their_number_shrunk():
    first, second, n = np.full(12, 2), np.full(12, 1), np.full(12, 7)
    shrink = (norm.ppf(0.975) / student.ppf(0.975, 11)) ** 2

    assert Discordant.clustered(first, second, n, confidence=0.95).n == pytest.approx(84 * shrink, rel=1e-12)


def test_paired_t_by_hand():
    # Gains 1, 2 and 6: mean 3, variance 7, t = 3 / sqrt(7 / 3).
    gains = gains_of([1, 2, 6])

    assert gains.mean == 3.0
    assert paired_t(gains) == pytest.approx(2 * student.sf(3 / np.sqrt(7 / 3), 2), rel=1e-12)
    assert paired_t(gains_of([-1, -2, -6])) == pytest.approx(paired_t(gains), rel=1e-12)
    assert paired_t(gains_of([-1, 1])) == 1.0


@pytest.mark.parametrize("confidence", [0.8, 0.95])
@pytest.mark.parametrize("n", [300, 777])
def test_paired_mean_interval_is_students_with_one_further_row_on_either_side(n, confidence):
    values = np.random.default_rng(n).laplace(0.1, 1, n)
    largest = np.abs(values).max()
    t = student.ppf(0.5 + confidence / 2, n - 1)
    expected = []
    for sign in (-1, 1):
        more = np.append(values, sign * largest)
        expected.append(more.mean() + sign * t * more.std(ddof=1) / np.sqrt(n + 1))

    assert paired_mean_interval(gains_of(values), confidence=confidence) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("values", [[0.1], [0.1, 0.1], [0.0] * 5, []])
def test_paired_t_of_gains_that_do_not_differ_is_refused(values):
    with pytest.raises(NotMeasurable, match="variance_not_estimable"):
        paired_t(
            Gains(
                n=max(1, len(values)),
                total=sum(map(Fraction, values), Fraction(0)),
                squares=sum((Fraction(one) ** 2 for one in values), Fraction(0)),
                largest=Fraction(1),
            )
        )


def test_paired_t_takes_what_rounding_of_the_squares_leaves_for_no_variance():
    rest = {"n": 4, "total": Fraction(4), "largest": Fraction(1)}
    paired_t(Gains(squares=4 + Fraction(300, 2**53), **rest))

    with pytest.raises(NotMeasurable, match="variance_not_estimable"):
        paired_t(Gains(squares=4 + Fraction(250, 2**53), **rest))


@pytest.mark.parametrize("power", [400, 170])
def test_gains_too_large_for_a_float_say_how_many_rows_there_are(power):
    huge = Fraction(10) ** power
    gains = Gains(n=2, total=huge, squares=huge**2, largest=huge)

    if power == 400:
        with pytest.raises(NotMeasurable, match="numbers_too_large") as refused:
            _ = gains.mean
        assert refused.value.values == {"n": 2}
    with pytest.raises(NotMeasurable, match="numbers_too_large") as refused:
        paired_t(gains)
    assert refused.value.values == {"n": 2}


def test_clustered_rows_count_buckets_in_which_the_predictors_are_even():
    # Ten buckets hold discordant rows, in five of them as many of either kind.
    first, second = np.where(np.arange(40) < 10, 2, 0), np.where(np.arange(40) < 5, 2, 0)
    n = np.full(40, 10)

    assert Discordant.clustered(first, second, n, confidence=0.95).n == pytest.approx(
        rows_worth(first, second, n, 0.95), rel=1e-9
    )


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40))
def test_clustered_rows_are_never_worth_more_than_there_are(rows):
    first, second, neither = np.array([*rows, (1, 0, 2)]).T
    n = first + second + neither
    found = Discordant.clustered(first, second, n, confidence=0.95)

    assert 0 < found.n <= n.sum() * (1 + 1e-12)
    assert found.difference == pytest.approx((first.sum() - second.sum()) / n.sum(), abs=1e-12)


@pytest.mark.parametrize(
    ("call", "code", "values"),
    [
        (
            lambda: paired_mean_interval(gains_of(np.arange(299.0)), confidence=0.95),
            "too_few_for_interval",
            {"n": 299, "needed": 300},
        ),
        (lambda: paired_mean_interval(gains_of([1.0] * 300), confidence=0.95), "variance_not_estimable", {}),
        (lambda: paired_t(gains_of([1.0])), "variance_not_estimable", {}),
        (lambda: paired_t(gains_of([1e200, -1e200])), "numbers_too_large", {"n": 2}),
    ],
)
def test_refusals_say_why_in_one_word(call, code, values):
    with pytest.raises(NotMeasurable) as refused:
        call()

    assert (refused.value.code, refused.value.values) == (code, values)


@pytest.mark.parametrize("units", [64, 64.5])
def test_paired_t_tells_gains_that_differ_from_rounding_beyond_sixty_four_units(units):
    squares = 4 / (1 - Fraction(units) / 2**53)
    gains = Gains(n=4, total=Fraction(4), squares=squares, largest=Fraction(1))

    if units > 64:
        assert paired_t(gains) < 1e-6
    else:
        with pytest.raises(NotMeasurable, match="variance_not_estimable"):
            paired_t(gains)
