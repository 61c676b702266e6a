import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.stats import beta, norm, ttest_ind
from scipy.stats import t as student
from sklearn.metrics import average_precision_score, roc_auc_score

from reliability.errors import NotMeasurable
from reliability.intervals.ranks import area_change_interval, auc_interval, average_precision_interval, widened

TABLES = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=8)


def histogram(positive, negative):
    scores, where = np.unique(np.concatenate([negative, positive]), return_inverse=True)
    flat = 2 * where + (np.arange(len(where)) >= len(negative))
    return np.bincount(flat, minlength=2 * len(scores)).reshape(-1, 2)


def written_out(table):
    y_true = np.repeat(np.tile([0, 1], len(table)), np.asarray(table).ravel())
    return y_true, np.repeat(np.repeat(np.arange(len(table)), 2), np.asarray(table).ravel())


@pytest.mark.parametrize("spread", [0.5, 1.0, 2.0])
def test_auc_interval_covers_at_98_percent_with_ten_and_a_hundred_rows(spread):
    random = np.random.default_rng(3)
    shift = np.sqrt(1 + spread**2) * norm.ppf(0.98)
    found = [
        auc_interval(histogram(random.normal(shift, spread, 10), random.normal(0, 1, 100)), confidence=0.95)
        for _ in range(1000)
    ]

    assert np.mean([low <= 0.98 <= high for low, high in found]) >= 0.94


@pytest.mark.parametrize(("auc", "positives", "negatives"), [(0.5, 30, 30), (0.75, 10, 100), (0.9, 200, 200)])
def test_auc_interval_covers_away_from_the_end_too(auc, positives, negatives):
    random = np.random.default_rng(4)
    shift = np.sqrt(2) * norm.ppf(auc)
    tables = [histogram(random.normal(shift, 1, positives), random.normal(0, 1, negatives)) for _ in range(600)]
    found = [auc_interval(table, confidence=0.95) for table in tables]

    assert np.mean([low <= auc <= high for low, high in found]) >= 0.93


@pytest.mark.parametrize("perfect", [True, False])
def test_auc_interval_has_a_width_at_one_and_at_zero(perfect):
    low, high = auc_interval(np.array([[20, 0], [0, 20]])[:: 1 if perfect else -1], confidence=0.95)

    assert (high == pytest.approx(1.0)) if perfect else (low == pytest.approx(0.0))
    assert 0.05 < high - low < 0.25


@pytest.mark.parametrize("counts", [[[5, 5]], [[2, 2]], [[0, 2], [2, 0]], [[2, 0], [0, 5]], [[3, 1], [1, 3]]])
def test_auc_interval_holds_its_estimate_on_ties_and_few_rows(counts):
    table = np.array(counts)
    y_true = np.repeat(np.tile([0, 1], len(table)), table.ravel())
    auc = roc_auc_score(y_true, np.repeat(np.repeat(np.arange(len(table)), 2), table.ravel()))
    low, high = auc_interval(table, confidence=0.95)

    assert 0 <= low <= auc + 1e-12
    assert auc - 1e-12 <= high <= 1


def test_auc_interval_mirrors_when_classes_change_places():
    table = histogram(np.array([0.2, 0.6, 0.8, 0.9]), np.array([0.1, 0.3, 0.6]))
    low, high = auc_interval(table, confidence=0.95)

    assert auc_interval(table[:, ::-1], confidence=0.95) == pytest.approx((1 - high, 1 - low), abs=1e-9)


@pytest.mark.parametrize(
    ("auc", "positives", "negatives", "spread"), [(0.9, 20, 400, 2.0), (0.8, 10, 90, 2.0), (0.8, 90, 10, 0.5)]
)
def test_auc_interval_covers_scores_whose_rare_tail_a_sample_seldom_shows(auc, positives, negatives, spread):
    random = np.random.default_rng(20)
    shift = np.sqrt(1 + spread**2) * norm.ppf(auc)
    tables = [histogram(random.normal(shift, spread, positives), random.normal(0, 1, negatives)) for _ in range(1000)]
    found = np.array([auc_interval(table, confidence=0.95) for table in tables])

    # Three standard errors below the 94.5 % and above the 2.6 % that were simulated at length.
    assert np.mean((found[:, 0] <= auc) & (auc <= found[:, 1])) >= 0.924
    assert np.mean(found[:, 0] > auc) <= 0.041


def test_auc_interval_is_about_delongs_where_that_is_right():
    random = np.random.default_rng(21)
    positive, negative = random.normal(1, 1, 2000), random.normal(0, 1, 2000)
    low, high = auc_interval(histogram(positive, negative), confidence=0.95)
    placed = np.searchsorted(np.sort(negative), positive) / 2000
    others = 1 - np.searchsorted(np.sort(positive), negative) / 2000
    half = norm.ppf(0.975) * np.sqrt((np.var(placed, ddof=1) + np.var(others, ddof=1)) / 2000)

    assert high - low == pytest.approx(2 * half, rel=0.05)


def test_auc_interval_without_variance_of_placements_is_newcombes_with_students_quantile():
    low, high = auc_interval(np.array([[10, 0], [0, 20]]), confidence=0.95)
    modelled = low * (1 - low) * (1 + 14 * ((1 - low) / (2 - low) + low / (1 + low))) / 200

    assert high == pytest.approx(1.0)
    assert (1 - low) ** 2 == pytest.approx(student.ppf(0.975, 9) ** 2 * modelled, rel=1e-6)


@pytest.mark.parametrize(("counts", "n"), [([[1, 0], [0, 5]], 1), ([[4, 0], [0, 1]], 1), ([[0, 3]], 0)])
def test_auc_interval_is_declined_below_two_rows_of_a_class(counts, n):
    with pytest.raises(NotMeasurable, match=r"^too_few_for_interval$") as declined:
        auc_interval(np.array(counts), confidence=0.95)

    assert declined.value.values == {"n": n, "needed": 2}


@given(TABLES)
@settings(max_examples=60, deadline=None)
def test_auc_interval_holds_its_estimate_and_grows_with_confidence(rows):
    table = np.array([*rows, (2, 2)])
    auc = roc_auc_score(*written_out(table))
    inner, outer = (auc_interval(table, confidence=confidence) for confidence in (0.8, 0.99))

    assert 0 <= outer[0] <= inner[0] <= auc + 1e-12
    assert auc - 1e-12 <= inner[1] <= outer[1] <= 1


def test_auc_interval_shrinks_with_the_rows():
    widths = [np.ptp(auc_interval(np.array([[6, 2], [3, 3], [1, 5]]) * more, confidence=0.95)) for more in (1, 4, 16)]

    assert widths[0] > 1.7 * widths[1] > 1.7 * 1.7 * widths[2]


def drawn_together(random, n, share, shift, spread=1.0):
    y = random.random(n) < share
    scores = np.where(y, random.normal(shift, spread, n), random.normal(0, 1, n))
    return histogram(scores[y], scores[~y])


def true_precision(share, shift, spread=1.0):
    x = np.linspace(shift - 9 * spread, shift + 9 * spread, 20_001)
    right, wrong = share * norm.sf(x, shift, spread), (1 - share) * norm.sf(x)
    return np.trapezoid(norm.pdf(x, shift, spread) * right / (right + wrong), x)


@pytest.mark.parametrize(
    ("n", "share", "auc", "spread"),
    [(60, 0.3, 0.9, 0.5), (300, 0.1, 0.8, 1.0), (500, 0.5, 0.98, 0.5), (200, 0.9, 0.9, 0.5), (1000, 0.02, 0.6, 2.0)],
)
def test_average_precision_interval_covers(n, share, auc, spread):
    random, shift = np.random.default_rng(22), np.sqrt(1 + spread**2) * norm.ppf(auc)
    tables = [drawn_together(random, n, share, shift, spread) for _ in range(500)]
    found = [average_precision_interval(one, confidence=0.95) for one in tables if one.sum(axis=0).min() >= 10]
    truth = true_precision(share, shift, spread)

    # Three standard errors below the 96 % and above the 2.5 % that were simulated at length.
    assert np.mean([low <= truth <= high for low, high in found]) >= 0.93
    assert np.mean([low > truth for low, _ in found]) <= 0.046


def test_average_precision_interval_has_the_variance_of_the_jackknife():
    random = np.random.default_rng(23)
    table = drawn_together(random, 400, 0.4, 1.0)
    y, scores = (np.array(part) for part in written_out(table))
    left_out = [average_precision_score(np.delete(y, row), np.delete(scores, row)) for row in range(400)]
    value, variance = average_precision_score(y, scores), np.var(left_out) * 399
    low, high = average_precision_interval(table, confidence=0.95)
    worth = value * (1 - value) / variance

    # Half of the rows bound what the estimate is worth; these are worth fewer.
    assert worth < 200
    assert high == pytest.approx(beta.ppf(0.975, value * worth + 1, (1 - value) * worth), abs=0.01)
    assert low < beta.ppf(0.025, value * worth, (1 - value) * worth + 1)


@pytest.mark.parametrize("counts", [[[9, 0], [0, 50]], [[50, 0], [0, 9]], [[0, 30]], [[30, 0]]])
def test_average_precision_interval_is_declined_below_ten_rows_of_a_class(counts):
    with pytest.raises(NotMeasurable, match=r"^too_few_for_interval$") as declined:
        average_precision_interval(np.array(counts), confidence=0.95)

    assert declined.value.values == {"n": int(np.sum(counts, axis=0).min()), "needed": 10}


def test_average_precision_interval_has_a_width_at_one():
    low, high = average_precision_interval(np.array([[30, 0], [0, 30]]), confidence=0.95)

    assert high == 1.0
    assert 0.7 < low < 0.9


@given(TABLES)
@settings(max_examples=60, deadline=None)
def test_average_precision_interval_holds_its_estimate(rows):
    table = np.array([*rows, (5, 5), (5, 5)])
    value = average_precision_score(*written_out(table))
    low, high = average_precision_interval(table, confidence=0.95)

    assert 0 <= low <= value + 1e-12
    assert value - 1e-12 <= high <= 1


def test_average_precision_interval_of_equal_scores_holds_the_share_of_positive_rows():
    low, high = average_precision_interval(np.array([[70, 30]]), confidence=0.95)

    assert 0.15 < low < 0.3 < high < 0.45


def test_widened_stays_between_zero_and_one():
    assert widened((0.25, 0.5), 0.125) == (0.125, 0.625)
    assert widened((0.01, 0.99), 0.1) == (0.0, 1.0)


def newcombe_variance(auc, positives, negatives):
    spare = (positives + negatives) / 2 - 1
    return auc * (1 - auc) * (1 + spare * (1 - auc) / (2 - auc) + spare * auc / (1 + auc)) / (positives * negatives)


def worth_of_heavy_tails(values):
    n, distance = len(values), np.asarray(values) - np.mean(values)
    kurtosis = np.mean(distance**4) / np.mean(distance**2) ** 2
    return min(2 / ((kurtosis - 1) / n + 2 / (n * (n - 1))), n - 1)


def welch(variances, degrees):
    return max(1.0, sum(variances) ** 2 / sum(v**2 / d for v, d in zip(variances, degrees, strict=True)))


def auc_limits_from_pairs(positive, negative, confidence):
    """The notes of `auc_interval`, over every pair of rows."""
    beaten = (positive[:, None] > negative) + (positive[:, None] == negative) / 2
    sides, auc = (beaten.mean(axis=1), beaten.mean(axis=0)), beaten.mean()
    variances = [np.var(side, ddof=1) / len(side) for side in sides]
    plain, heavy = ([len(side) - 1 for side in sides], [worth_of_heavy_tails(side) for side in sides])
    t, k = (student.ppf(0.5 + confidence / 2, welch(variances, degrees)) for degrees in (plain, heavy))
    sizes = len(positive), len(negative)
    factor = max(t**2, k**2 * sum(variances) / newcombe_variance(auc, *sizes))

    def beyond(limit):
        return (auc - limit) ** 2 - factor * newcombe_variance(limit, *sizes)

    return brentq(beyond, 0, auc, xtol=1e-13), brentq(beyond, auc, 1, xtol=1e-13)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("confidence", [0.8, 0.95])
@pytest.mark.parametrize(("positives", "negatives", "spread"), [(12, 40, 1.0), (40, 12, 3.0), (5, 5, 0.5)])
def test_auc_interval_is_that_of_its_notes_over_pairs_of_rows(seed, confidence, positives, negatives, spread):
    random = np.random.default_rng(seed)
    positive = np.round(random.normal(0.7, spread, positives), 1)
    negative = np.round(random.standard_t(2, negatives), 1)
    expected = auc_limits_from_pairs(positive, negative, confidence)

    assert auc_interval(histogram(positive, negative), confidence=confidence) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_auc_interval_of_two_positive_rows_that_differ_has_fewer_than_two_degrees_of_freedom(confidence):
    positive, negative = np.array([-0.25, 1.75]), np.linspace(-2.0, 2.1, 42)
    placed, others = (positive[:, None] > negative).mean(axis=1), (positive[:, None] > negative).mean(axis=0)
    degrees = welch([np.var(placed, ddof=1) / 2, np.var(others, ddof=1) / 42], [1, worth_of_heavy_tails(others)])

    assert 1 < degrees < 2
    assert auc_interval(histogram(positive, negative), confidence=confidence) == pytest.approx(
        auc_limits_from_pairs(positive, negative, confidence), abs=1e-9
    )


@pytest.mark.parametrize(("positives", "negatives"), [(2, 2), (3, 20), (20, 3)])
def test_auc_interval_of_equal_scores_is_wider_than_newcombes_by_students_quantile_of_the_rarer_class(
    positives, negatives
):
    low, high = auc_interval(np.array([[negatives, positives]]), confidence=0.95)
    t = student.ppf(0.975, min(positives, negatives) - 1)

    assert low == pytest.approx(1 - high, abs=1e-12)
    assert (0.5 - low) ** 2 == pytest.approx(t**2 * newcombe_variance(low, positives, negatives), rel=1e-9)


@pytest.mark.parametrize("mirrored", [False, True])
def test_auc_interval_of_one_class_without_spread_has_the_degrees_of_the_other(mirrored):
    # Positive rows all beat 3 of 12 others: their placements are equal, those of the others are not.
    counts = np.array([[3, 0], [0, 5], [9, 0]])
    variance = np.var([1.0] * 3 + [0.0] * 9, ddof=1) / 12
    low, high = auc_interval(counts[:, ::-1] if mirrored else counts, confidence=0.95)
    low, high, auc = (1 - high, 1 - low, 0.25) if mirrored else (low, high, 0.25)
    k = student.ppf(0.975, worth_of_heavy_tails([1.0] * 3 + [0.0] * 9))
    factor = max(student.ppf(0.975, 11) ** 2, k**2 * variance / newcombe_variance(auc, 5, 12))

    for limit in (low, high):
        assert (auc - limit) ** 2 == pytest.approx(factor * newcombe_variance(limit, 5, 12), rel=1e-9)


def precision_with_weights(table, weights):
    """Average precision of rows that weigh differently, and of the rows of the table by score and class."""
    scores = np.arange(len(table))
    above = scores[:, None] <= scores
    precision = (above @ weights[:, 1]) / (above @ weights.sum(axis=1))
    return (weights[:, 1] * precision).sum() / weights[:, 1].sum()


def precision_limits_from_weights(table, confidence, step=1e-5):
    """The notes of `average_precision_interval`, the influence of a row by changing its weight."""
    weights, (negatives, positives) = table.astype(float), table.sum(axis=0)
    n, value, slopes = negatives + positives, precision_with_weights(table, table.astype(float)), []
    for cell in zip(*np.nonzero(table), strict=True):
        up, down = weights.copy(), weights.copy()
        up[cell] += step
        down[cell] -= step
        slope = (precision_with_weights(table, up) - precision_with_weights(table, down)) / (2 * step)
        slopes += [slope] * table[cell]
    variance = n / (n - 1) * np.sum(np.square(slopes))
    kurtosis = np.mean(np.power(slopes, 4)) / np.mean(np.square(slopes)) ** 2
    degrees = max(1, min(2 / ((kurtosis - 1) / n + 2 / (n * (n - 1))), positives - 1))
    tail = 0.5 + confidence / 2
    worth = value * (1 - value) / variance * (norm.ppf(tail) / student.ppf(tail, degrees)) ** 2
    worth = min(worth, positives**2 / 4, n / 2)
    y, scores = written_out(table)
    others = [
        (y[scores >= scores[row]].sum() - 1) / max((scores >= scores[row]).sum() - 1, 1) for row in np.flatnonzero(y)
    ]
    fewer = worth * (1 - 1 / positives)
    start = np.mean(others) * fewer
    low = beta.ppf(1 - tail, start, fewer - start + 1) if start else 0.0
    return low, beta.ppf(tail, value * worth + 1, (1 - value) * worth)


@pytest.mark.parametrize("confidence", [0.8, 0.95])
@pytest.mark.parametrize(
    "table",
    [
        [[30, 2], [10, 6], [5, 12]],
        [[60, 11], [40, 10]],
        [[3, 1], [0, 9], [8, 0], [2, 30]],
        [[900, 4], [90, 3], [5, 5]],
        [[1, 70], [10, 1], [1, 20]],
        [[0, 10], [400, 0]],
        [[10, 90], [10, 60], [0, 50]],
        [[19, 0], [2, 12]],
    ],
)
def test_average_precision_interval_is_that_of_its_notes_by_weights_of_rows(table, confidence):
    expected = precision_limits_from_weights(np.array(table), confidence)

    assert average_precision_interval(np.array(table), confidence=confidence) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("negatives", "positives"), [(10, 10), (40, 20), (10, 300)])
def test_average_precision_interval_at_one_is_worth_the_positive_rows(negatives, positives):
    low, high = average_precision_interval(np.array([[negatives, 0], [0, positives]]), confidence=0.95)
    shrink = (norm.ppf(0.975) / student.ppf(0.975, positives - 1)) ** 2
    worth = min(positives * shrink, (negatives + positives) / 2)

    assert high == 1.0
    # The single row at the very top has nobody else above it, but all stand there together: others are all right.
    assert low == pytest.approx(0.025 ** (1 / (worth * (1 - 1 / positives))), abs=1e-9)


def test_average_precision_interval_takes_ten_rows_of_a_class_and_grows_with_confidence():
    table = np.array([[7, 2], [3, 8]])
    widths = [np.ptp(average_precision_interval(table, confidence=confidence)) for confidence in (0.5, 0.8, 0.95, 0.99)]

    assert sorted(widths) == widths
    assert widths[0] < widths[-1] < 1


def test_average_precision_interval_lets_no_row_stand_in_its_own_precision_from_below():
    # One positive row a score, all of them above: each is right, but the topmost has no other row to be compared with.
    table = np.array([[10, 0], *([[0, 1]] * 10)])
    low, high = average_precision_interval(table, confidence=0.95)
    worth = (10 - 1) * (norm.ppf(0.975) / student.ppf(0.975, 9)) ** 2

    assert high == 1.0
    assert low == pytest.approx(beta.ppf(0.025, 0.9 * worth, 0.1 * worth + 1), abs=1e-9)


@pytest.mark.parametrize(
    ("interval", "by", "expected"),
    [((0.2, 0.4), 0.0, (0.2, 0.4)), ((0.0, 1.0), 0.5, (0.0, 1.0)), ((0.5, 0.5), 0.5, (0.0, 1.0))],
)
def test_widened_by_hand(interval, by, expected):
    assert widened(interval, by) == expected


@pytest.mark.parametrize(("positives", "others"), [(20, 200), (100, 1000), (1000, 1_000_000)])
def test_a_mistake_does_not_raise_the_lower_limit_of_an_average_precision(positives, others):
    perfect = np.array([[others, 0], [0, positives]])
    one_mistake = np.array([[others - 1, 0], [0, 1], [1, 0], [0, positives - 1]])
    lows = [average_precision_interval(counts, confidence=0.95)[0] for counts in (perfect, one_mistake)]

    assert lows[1] <= lows[0]


def test_an_average_precision_next_to_1_is_not_surer_of_itself_than_its_positive_rows():
    # A row in twenty far below all others, one just behind another: seldom both in a sample.
    draws, above = np.random.default_rng(0), 0
    positive, other = np.array([0.004, 0, 0.1, 0, 0.896]), np.array([0, 0.998, 0, 0.002, 0])

    def average(rows):
        ranked = np.cumsum(rows[::-1], axis=0)[::-1]
        precision = np.divide(ranked[:, 1], ranked.sum(axis=1), out=np.zeros(len(rows)), where=ranked.sum(axis=1) > 0)
        return float(rows[:, 1] @ precision / rows[:, 1].sum())

    truth = average(np.column_stack((other * 3000, positive * 300)))
    for _ in range(300):
        counts = np.column_stack((draws.multinomial(3000, other), draws.multinomial(300, positive)))
        above += average_precision_interval(counts[counts.sum(axis=1) > 0], confidence=0.95)[0] > truth

    # 16 % where the limit rests on the variance alone.
    assert above / 300 <= 0.03


def lost(n, random, heavy):
    """Changes of placement values: most rows hardly move, some lose much."""
    return np.clip(random.normal(0.02, 0.05, n) + heavy * (random.random(n) < 0.1), -1, 1)


@pytest.mark.parametrize("heavy", [0.0, 0.5])
@pytest.mark.parametrize("sizes", [(10, 10), (200, 12), (15, 400)])
def test_area_change_interval_is_welchs_with_a_further_row_of_either_class(sizes, heavy):
    random = np.random.default_rng(2)
    moved = tuple(lost(n, random, heavy) for n in sizes)

    def end(parts):
        more = []
        for part in parts:
            losses = part.clip(min=0)
            tail = len(part) * (losses**2).sum() / (3 * losses.sum() ** 2)
            more.append(np.append(part, min(1.0, losses.max() * max(1 + 30 / len(part), min(4.0, tail)))))
        # Welch's interval of the sum of two means; the loss is the mean over either class.
        high = ttest_ind(more[0], -more[1], equal_var=False).confidence_interval(0.95).high
        return high - parts[1].mean()

    low, high = area_change_interval(moved, confidence=0.95)

    assert high == pytest.approx(min(1.0, end(moved)))
    assert low == pytest.approx(-min(1.0, end([-part for part in moved])))


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**31), st.integers(10, 30), st.integers(10, 30), st.floats(0.5, 0.99))
def test_a_gain_of_area_is_a_loss_turned_round(seed, others, positives, confidence):
    random = np.random.default_rng(seed)
    moved = (lost(others, random, 0.3), lost(positives, random, 0.3))
    low, high = area_change_interval(moved, confidence=confidence)
    turned = area_change_interval((-moved[0], -moved[1]), confidence=confidence)

    assert turned == (pytest.approx(-high), pytest.approx(-low))
    assert -1 <= low <= moved[0].mean() <= high <= 1


def test_area_change_interval_covers_where_few_of_many_rows_are_positive():
    # Scores three deviations apart, with noise of a third: a row in a hundred loses most of what is lost.
    random, missed = np.random.default_rng(5), 0
    for _ in range(400):
        y = np.arange(1_000) < 30
        before = random.normal(size=1_000) + 3 * y
        after = before + random.normal(size=1_000)
        parts = []
        for rows, sign in ((~y, -1), (y, 1)):
            placed = [
                norm.cdf(sign * (one[rows] - (0 if sign > 0 else 3)) / deviation)
                for one, deviation in ((before, 1), (after, np.sqrt(2)))
            ]
            parts.append(placed[0] - placed[1])
        true = norm.cdf(3 / np.sqrt(2)) - norm.cdf(3 / 2)
        # The classes' means agree only where either is placed in the sample: the positive rows' mean is taken.
        shift = parts[1].mean() - parts[0].mean()
        missed += area_change_interval((parts[0] + shift, parts[1]), confidence=0.95)[1] < true

    assert missed <= 20


@pytest.mark.parametrize("sizes", [(9, 50), (50, 9), (0, 10)])
def test_area_change_interval_declines_few_rows_of_a_class(sizes):
    with pytest.raises(NotMeasurable) as refused:
        area_change_interval(tuple(np.zeros(n) for n in sizes), confidence=0.95)

    assert (refused.value.code, refused.value.values) == ("too_few_for_interval", {"n": min(sizes), "needed": 10})


def test_area_change_interval_of_one_class_alone_moves_by_it_alone():
    still, moving = np.zeros(50), np.linspace(-0.1, 0.1, 21)
    low, high = area_change_interval((still, moving), confidence=0.95)

    assert low == pytest.approx(-high)
    assert high > student.ppf(0.975, 20) * moving.std(ddof=1) / np.sqrt(21)


def test_area_change_interval_of_rows_that_all_stay_is_a_point():
    assert area_change_interval((np.zeros(10), np.zeros(12)), confidence=0.95) == (0.0, 0.0)


def test_area_change_interval_takes_no_further_row_where_none_moved_that_way():
    lost = [np.linspace(0, 0.3, n) for n in (20, 30)]  # 0.15 in the mean, and no row gains
    low, _ = area_change_interval((lost[0], lost[1]), confidence=0.95)
    still = [np.append(-part, 0.0) for part in lost]
    high = ttest_ind(still[0], -still[1], equal_var=False).confidence_interval(0.95).high

    # A sum of two means, of which one is the loss.
    assert low == pytest.approx(-(high + 0.15))


def test_area_change_interval_ends_where_areas_do():
    few = np.array([1.0] * 5 + [0.0] * 5)

    assert area_change_interval((few, few), confidence=0.99)[1] == 1.0
    assert area_change_interval((-few, -few), confidence=0.99)[0] == -1.0
