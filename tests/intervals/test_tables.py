import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import chi2, gamma, norm, t
from sklearn.metrics import f1_score, matthews_corrcoef

from reliability.errors import NotMeasurable
from reliability.intervals.proportions import clopper_pearson
from reliability.intervals.tables import (
    Table,
    macro_f1,
    matthews,
    resampled,
    table_interval,
    weighted_events_interval,
    weighted_f1,
)

FUNCTIONALS = {"macro": macro_f1, "weighted": weighted_f1, "matthews": matthews}
LOWEST = {"macro": 0.0, "weighted": 0.0, "matthews": -1.0}
COUNTS = np.array([[45, 5], [10, 40]])
tables = st.integers(2, 4).flatmap(lambda size: hnp.arrays(np.int64, (size, size), elements=st.integers(1, 60)))


def interval(name, counts, buckets=None, confidence=0.95):
    value = float(FUNCTIONALS[name](counts / counts.sum())[0])
    table = Table(counts=counts, buckets=buckets)
    return table_interval(table, FUNCTIONALS[name], value, lowest=LOWEST[name], confidence=confidence)


def rows_of(counts):
    cells = np.repeat(np.arange(counts.size), counts.ravel())
    return np.unravel_index(cells, counts.shape)


@settings(max_examples=40, deadline=None)
@given(counts=tables)
def test_functionals_are_scikit_learns(counts):
    y_true, y_pred = rows_of(counts)
    shares = counts / counts.sum()

    assert macro_f1(shares)[0] == pytest.approx(f1_score(y_true, y_pred, average="macro"))
    assert weighted_f1(shares)[0] == pytest.approx(f1_score(y_true, y_pred, average="weighted"))
    assert matthews(shares)[0] == pytest.approx(matthews_corrcoef(y_true, y_pred))


@pytest.mark.parametrize("name", FUNCTIONALS)
@settings(max_examples=20, deadline=None)
@given(counts=tables)
def test_influence_is_the_derivative_towards_every_cell(name, counts):
    shares, step = counts / counts.sum(), 1e-6
    value, influence = FUNCTIONALS[name](shares)

    for cell in np.ndindex(shares.shape):
        moved = shares * (1 - step)
        moved[cell] += step
        assert (FUNCTIONALS[name](moved)[0] - value) / step == pytest.approx(influence[cell], abs=1e-3, rel=1e-3)


@pytest.mark.parametrize("name", FUNCTIONALS)
def test_influence_of_all_rows_adds_to_nothing(name):
    shares = COUNTS / COUNTS.sum()

    assert (shares * FUNCTIONALS[name](shares)[1]).sum() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("name", FUNCTIONALS)
def test_functionals_work_on_a_stack_of_tables(name):
    shares = np.stack([COUNTS / COUNTS.sum(), COUNTS.T / COUNTS.sum()])
    values, influences = FUNCTIONALS[name](shares)

    assert values[0] == FUNCTIONALS[name](shares[0])[0]
    assert (influences[1] == FUNCTIONALS[name](shares[1])[1]).all()


@pytest.mark.parametrize("name", FUNCTIONALS)
@settings(max_examples=30, deadline=None)
@given(counts=tables)
def test_table_interval_holds_the_value_and_stays_in_range(name, counts):
    counts = counts + 10
    low, high = interval(name, counts)

    assert LOWEST[name] <= low <= float(FUNCTIONALS[name](counts / counts.sum())[0]) <= high <= 1


@pytest.mark.parametrize("name", FUNCTIONALS)
def test_table_interval_does_not_depend_on_the_order_of_classes(name):
    counts = np.array([[40, 3, 2], [5, 30, 1], [4, 0, 25]])
    order = [2, 0, 1]

    assert interval(name, counts) == pytest.approx(interval(name, counts[np.ix_(order, order)]))


@pytest.mark.parametrize("name", FUNCTIONALS)
def test_table_interval_of_a_table_without_errors_is_not_a_point(name):
    low, high = interval(name, np.diag([50, 50]))

    assert 0.6 < low < 0.97
    assert high == 1


@pytest.mark.parametrize("name", FUNCTIONALS)
def test_table_interval_shrinks_with_the_root_of_the_rows(name):
    narrow, wide = interval(name, COUNTS * 400), interval(name, COUNTS * 100)

    assert (wide[1] - wide[0]) / (narrow[1] - narrow[0]) == pytest.approx(2, rel=0.02)


def test_table_interval_of_many_rows_is_the_delta_interval():
    counts = COUNTS * 1000
    shares = counts / counts.sum()
    value, influence = macro_f1(shares)
    half = norm.ppf(0.975) * np.sqrt((shares * influence**2).sum() / counts.sum())

    assert interval("macro", counts) == pytest.approx((value - half, value + half), abs=1e-4)


def test_table_interval_is_clopper_pearson_at_the_effective_rows():
    smooth = (COUNTS + 0.5) / (COUNTS + 0.5).sum()
    middle, influence = macro_f1(smooth)
    worth = middle * (1 - middle) * 100 / (smooth * influence**2).sum() * (norm.ppf(0.975) / t.ppf(0.975, 44)) ** 2
    value = float(macro_f1(COUNTS / 100)[0])

    assert interval("macro", COUNTS) == pytest.approx(clopper_pearson(value * worth, worth, confidence=0.95))


@pytest.mark.parametrize("rare", [0, 1, 9])
def test_table_interval_declines_a_class_with_fewer_than_ten_rows(rare):
    with pytest.raises(NotMeasurable) as refused:
        interval("macro", np.array([[80, 3], [0, rare]]))

    assert (refused.value.code, refused.value.values) == ("too_few_for_interval", {"n": rare, "needed": 10})


def test_table_interval_takes_a_class_with_ten_rows():
    low, high = interval("macro", np.array([[80, 3], [2, 8]]))

    assert 0.5 < low < high < 1


def bucketed(repeats, *, seed=0, entities=120):
    draws = np.random.default_rng(seed)
    cells = draws.choice(4, entities, p=[0.4, 0.1, 0.1, 0.4])
    places = draws.integers(0, 128, entities)
    return np.bincount(places * 4 + cells, minlength=512).reshape(128, 2, 2) * repeats


@pytest.mark.parametrize("name", FUNCTIONALS)
def test_table_interval_of_clusters_does_not_narrow_when_every_row_is_repeated(name):
    once, often = (interval(name, bucketed(times).sum(axis=0), bucketed(times)) for times in (1, 50))

    assert often[1] - often[0] == pytest.approx(once[1] - once[0], rel=0.1)


@pytest.mark.parametrize("name", FUNCTIONALS)
def test_table_interval_of_clusters_is_never_narrower_than_without(name):
    buckets = bucketed(3)
    apart, together = interval(name, buckets.sum(axis=0)), interval(name, buckets.sum(axis=0), buckets)

    assert together[0] <= apart[0] < apart[1] <= together[1]


@pytest.mark.parametrize("lacking", ["class", "errors"])
def test_table_interval_of_clusters_declines_what_too_few_buckets_hold(lacking):
    buckets = bucketed(5)
    if lacking == "errors":
        buckets[:, 0, 1] = buckets[:, 1, 0] = 0
    else:
        buckets[9:, 1] = 0

    with pytest.raises(NotMeasurable, match="too_few_for_interval"):
        interval("macro", buckets.sum(axis=0), buckets)


@pytest.mark.parametrize("n", [1, 5, 40])
def test_weighted_events_interval_of_equal_weights_is_the_exact_poisson_interval(n):
    low, high = weighted_events_interval(float(n), float(n), 1.0, confidence=0.95)

    assert (low, high) == pytest.approx((chi2.ppf(0.025, 2 * n) / 2, chi2.ppf(0.975, 2 * n + 2) / 2))


def test_weighted_events_interval_of_nothing_seen_reaches_above_nothing():
    low, high = weighted_events_interval(0.0, 1e-9, 0.5, confidence=0.95)

    assert low == 0
    assert high == pytest.approx(0.5 * -np.log(0.025), rel=1e-3)


@given(scale=st.floats(0.001, 1000))
def test_weighted_events_interval_has_the_unit_of_its_value(scale):
    plain = weighted_events_interval(7.0, 5.0, 2.0, confidence=0.9)

    assert weighted_events_interval(7.0 * scale, 5.0 * scale**2, 2.0 * scale, confidence=0.9) == pytest.approx(
        tuple(limit * scale for limit in plain)
    )


def test_weighted_events_interval_knows_nothing_from_below_where_the_variance_dwarfs_the_value():
    low, high = weighted_events_interval(1e-9, 1.0, 1.0, confidence=0.95)

    assert 0 <= low < 1e-9 < high


def test_resampled_keeps_the_rows_of_every_group_and_the_cells_that_are_empty():
    counts = np.array([[5, 0, 3], [0, 0, 0], [100, 50, 50]])
    drawn = resampled(counts, draws=50, seed=1)

    assert drawn.shape == (50, 3, 3)
    assert (drawn.sum(axis=2) == [8, 0, 200]).all()
    assert not drawn[:, 0, 1].any()


def test_resampled_has_the_mean_and_spread_of_drawing_rows():
    drawn = resampled(np.array([[300, 700]]), draws=4000, seed=2)[:, 0, 0] / 1000

    assert drawn.mean() == pytest.approx(0.3, abs=0.001)
    assert drawn.std() == pytest.approx(np.sqrt(0.3 * 0.7 / 1000), rel=0.05)


def test_resampled_is_settled_by_its_seed():
    counts = np.array([[30, 70], [10, 20]])
    first, again, other = (resampled(counts, draws=20, seed=seed) for seed in (3, 3, 4))

    assert (first == again).all()
    assert (first != other).any()


def interval_from_notes(name, counts, buckets=None, *, degrees, confidence=0.95):
    """The notes of `table_interval`, with a jackknife that leaves one bucket after the other out."""
    functional, lowest, size = FUNCTIONALS[name], LOWEST[name], len(counts)
    smooth = (counts + 1 / size) / (counts + 1 / size).sum()
    middle, influence = functional(smooth)
    variance = (smooth * influence**2).sum() / counts.sum()
    if buckets is not None:
        left = [counts - one + 1 / size for one in buckets if one.any()]
        variance = max(variance, np.var([functional(one / one.sum())[0] for one in left]) * (len(left) - 1))
    tail = 0.5 + confidence / 2
    worth = (middle - lowest) * (1 - middle) / variance * (norm.ppf(tail) / t.ppf(tail, degrees)) ** 2
    place = (functional(counts / counts.sum())[0] - lowest) / (1 - lowest)
    low, high = clopper_pearson(place * worth, worth, confidence=confidence)
    return lowest + (1 - lowest) * low, lowest + (1 - lowest) * high


@pytest.mark.parametrize("name", FUNCTIONALS)
@pytest.mark.parametrize("confidence", [0.8, 0.95])
@pytest.mark.parametrize(
    ("counts", "degrees"),
    [
        # Rows of the rarest class, true or predicted, less one; never fewer than three.
        ([[45, 5], [10, 40]], 44),
        ([[40, 20], [0, 60]], 39),
        ([[10, 0], [5, 200]], 9),
        ([[200, 0], [7, 3]], 3),
        ([[200, 1], [6, 4]], 4),
        ([[300, 0], [15, 5]], 4),
        ([[20, 1, 1], [2, 30, 0], [5, 5, 12]], 12),
    ],
)
def test_table_interval_is_that_of_its_notes(name, confidence, counts, degrees):
    counts = np.array(counts)
    expected = interval_from_notes(name, counts, degrees=degrees, confidence=confidence)

    assert interval(name, counts, confidence=confidence) == pytest.approx(expected, abs=1e-9)


def buckets_by_class(*sizes, wrong=0, apart=0):
    """As many buckets of each class as `sizes` says, three rows each; the first `wrong` of a class hold one mistake."""
    size, made = len(sizes), []
    for label, many in enumerate(sizes):
        for index in range(many):
            one = np.zeros((size, size), np.int64)
            one[label, label] = 3
            if index < wrong:
                one[label, label], one[label, (label + 1) % size] = 2, 1 + index % 2
            made.append(one)
    return np.array(made + [np.zeros((size, size), np.int64)] * apart)


@pytest.mark.parametrize("name", FUNCTIONALS)
@pytest.mark.parametrize(
    ("buckets", "degrees"),
    [
        (buckets_by_class(30, 12, wrong=6, apart=5), 11),
        (buckets_by_class(12, 30, wrong=8), 11),
        (buckets_by_class(15, 15, 15, wrong=4, apart=60), 14),
        # The last class is predicted in four buckets only.
        (np.concatenate([buckets_by_class(40, 4), np.tile([[0, 0], [2, 0]], (16, 1, 1))]), 3),
        (np.concatenate([buckets_by_class(40, 6), np.tile([[0, 0], [2, 0]], (16, 1, 1))]), 5),
        # Every class in every bucket: as many as there are buckets.
        (np.tile([[4, 1], [1, 5]], (14, 1, 1)) + np.arange(14)[:, None, None] % 3, 13),
    ],
)
def test_table_interval_of_clusters_is_that_of_its_notes(name, buckets, degrees):
    counts = buckets.sum(axis=0)
    expected = interval_from_notes(name, counts, buckets, degrees=degrees)

    assert interval(name, counts, buckets) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("buckets", "n"),
    [
        (buckets_by_class(30, 9, wrong=9), 9),
        (buckets_by_class(9, 30, wrong=9), 9),
        (buckets_by_class(30, 30, 2, wrong=20), 2),
        (buckets_by_class(30, 30, wrong=4), 8),
        (buckets_by_class(30, 30), 0),
    ],
)
def test_table_interval_of_clusters_says_how_many_buckets_there_are(buckets, n):
    with pytest.raises(NotMeasurable, match="too_few_for_interval") as refused:
        interval("macro", buckets.sum(axis=0), buckets)

    assert refused.value.values == {"n": n, "needed": 10}


def test_table_interval_of_clusters_takes_ten_buckets_of_a_class_and_ten_wrong_ones():
    buckets = buckets_by_class(10, 10, wrong=5)
    low, high = interval("macro", buckets.sum(axis=0), buckets)

    assert 0 < low < high < 1


def test_table_interval_starts_at_nothing_where_no_other_bound_is_named():
    table = Table(counts=COUNTS)

    assert table.buckets is None
    assert table_interval(table, macro_f1, 0.8, confidence=0.9) == table_interval(
        table, macro_f1, 0.8, lowest=0.0, confidence=0.9
    )


@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.99])
@pytest.mark.parametrize(("value", "variance", "largest"), [(3.0, 2.0, 0.5), (0.01, 0.001, 0.3), (50.0, 400.0, 9.0)])
def test_weighted_events_interval_is_made_of_gamma_quantiles(value, variance, largest, confidence):
    tail, above, spread = (1 - confidence) / 2, value + largest, variance + largest**2
    low, high = weighted_events_interval(value, variance, largest, confidence=confidence)

    assert low == pytest.approx(gamma.ppf(tail, value**2 / variance, scale=variance / value), rel=1e-9, abs=1e-300)
    assert high == pytest.approx(gamma.isf(tail, above**2 / spread, scale=spread / above), rel=1e-9)


def test_weighted_events_interval_of_a_value_beyond_all_digits_starts_at_nothing():
    assert weighted_events_interval(1e-200, 1.0, 1.0, confidence=0.95)[0] == 0.0
    assert weighted_events_interval(0.5, 1.0, 1.0, confidence=0.95)[0] > 0


def test_resampled_takes_its_stream_from_the_permuted_congruential_generator():
    counts = np.array([[3, 7], [5, 15]])
    expected = np.random.Generator(np.random.PCG64(9)).multinomial([10, 20], [[0.3, 0.7], [0.25, 0.75]], size=(6, 2))

    assert (resampled(counts, draws=6, seed=9) == expected).all()


def test_resampled_of_one_row_draws_it_again_and_of_no_rows_nothing():
    drawn = resampled(np.array([[0, 1, 0], [0, 0, 0]]), draws=20, seed=0)

    assert (drawn[:, 0] == [0, 1, 0]).all()
    assert not drawn[:, 1].any()


@pytest.mark.parametrize("name", FUNCTIONALS)
def test_functionals_work_on_stacks_of_stacks(name):
    counts = np.random.default_rng(0).integers(1, 50, (2, 5, 3, 3))
    shares = counts / counts.sum(axis=(2, 3), keepdims=True)
    values, influences = FUNCTIONALS[name](shares)

    for place in np.ndindex(2, 5):
        value, influence = FUNCTIONALS[name](shares[place])
        assert values[place] == pytest.approx(value, abs=1e-12)
        assert influences[place] == pytest.approx(influence, abs=1e-12)
