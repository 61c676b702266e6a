import operator
from functools import reduce

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from reliability.errors import NotMeasurable
from reliability.evidence.score_histogram import EXACT_SCORES, ScoreHistogram
from tests.builders import block

SCORES = st.lists(st.tuples(st.integers(0, 1), st.sampled_from([0.0, 0.1, 0.25, 0.5, 1.0])), min_size=3, max_size=20)


def counted(y, scores):
    return ScoreHistogram.of(block(y, y, scores))


def same(first, second):
    return np.array_equal(first.scores, second.scores) and np.array_equal(first.counts, second.counts)


def test_score_histogram_counts_either_class_by_distinct_score():
    histogram = counted([1, 0, 1, 0], [0.5, 0.5, 0.75, 0.25])

    assert histogram.scores.tolist() == [0.25, 0.5, 0.75]
    assert histogram.counts.tolist() == [[1, 0], [1, 1], [0, 1]]
    assert (histogram.n, histogram.n_positive, histogram.n_negative) == (4, 2, 2)


@pytest.mark.parametrize("scores", [[-3.0, 2.5, -3.0, 1e300], [2.0, 1e-300, 2.0, 0.5], [-0.0, 0.0, 1.0, 4.0]])
def test_scores_that_are_no_probabilities_are_counted_in_order_too(scores):
    histogram = counted([1, 0, 0, 1], scores)
    distinct = sorted(set(scores))

    assert histogram.scores.tolist() == distinct
    assert histogram.counts.sum(axis=1).tolist() == [scores.count(one) for one in distinct]
    assert histogram.auc() == roc_auc_score([1, 0, 0, 1], scores)


def test_score_histogram_auc_counts_ties_half():
    assert counted([1, 0, 1, 0], [0.5, 0.5, 0.75, 0.25]).auc() == 3.5 / 4


@settings(max_examples=40, deadline=None)
@given(SCORES)
def test_score_histogram_auc_agrees_with_scikit_learn(rows):
    y, scores = [1, 0, *(y for y, _ in rows)], [0.3, 0.3, *(score for _, score in rows)]

    assert counted(y, scores).auc() == pytest.approx(roc_auc_score(y, scores), abs=1e-12)


@settings(max_examples=30, deadline=None)
@given(SCORES, st.randoms())
def test_score_histogram_adds_to_the_same_bits_in_any_order(rows, random):
    parts = [counted([y], [score]) for y, score in rows]
    random.shuffle(parts)

    assert same(reduce(operator.add, parts), counted([y for y, _ in rows], [score for _, score in rows]))


def test_score_histogram_takes_minus_zero_for_zero():
    assert counted([1, 0], [-0.0, 0.0]).counts.tolist() == [[1, 1]]


def test_score_histogram_is_exact_up_to_its_limit():
    scores = np.linspace(0.1, 0.9, EXACT_SCORES)

    assert counted(np.zeros(EXACT_SCORES, int), scores).exact
    assert not (counted(np.zeros(EXACT_SCORES, int), scores) + counted([1], [0.05])).exact


def test_score_histogram_grid_keeps_auc_within_a_ten_thousandth():
    draws = np.random.default_rng(0)
    y = draws.integers(0, 2, 80_000)
    scores = 1 / (1 + np.exp(-draws.normal(y, 2.0)))
    histogram = counted(y, scores)

    assert not histogram.exact
    assert histogram.n == 80_000
    assert histogram.auc() == pytest.approx(roc_auc_score(y, scores), abs=1e-4)


def test_score_histogram_switches_to_the_grid_in_every_order_or_in_none():
    draws = np.random.default_rng(1)
    parts = [counted(draws.integers(0, 2, n), draws.random(n)) for n in (40_000, 30_000, 10)]

    totals = [(parts[0] + parts[1]) + parts[2], parts[0] + (parts[1] + parts[2]), (parts[2] + parts[0]) + parts[1]]

    assert all(same(total, totals[0]) and not total.exact for total in totals)


def test_score_histogram_grid_keeps_certainty_apart():
    y = np.zeros(EXACT_SCORES + 1, int)
    many = counted(y, np.linspace(0.1, 0.9, len(y)))
    edges = counted([0, 0, 1, 1], [0.0, 5e-324, 1.0 - 2**-53, 1.0])

    total = many + edges

    assert total.counts[0].tolist() == [1, 0]
    assert total.counts[-1].tolist() == [0, 1]
    assert (total.scores[0], total.scores[-1]) == (0.0, 1.0)
    assert (np.diff(total.cells.cells) > 0).all()


def test_score_histogram_of_one_class_has_no_auc():
    with pytest.raises(NotMeasurable) as refused:
        counted([1, 1], [0.1, 0.2]).auc()
    assert refused.value.code == "one_class"


@pytest.mark.parametrize("rows", [block([], [], []), block([1, 0], [1, 0]), block([1.0], [1.0], task="regression")])
def test_score_histogram_is_empty_without_rows_or_scores(rows):
    assert (ScoreHistogram.of(rows) + ScoreHistogram.of(rows)).n == 0


@settings(max_examples=30, deadline=None)
@given(SCORES)
def test_score_histogram_agrees_with_counting_by_hand(rows):
    histogram = counted([y for y, _ in rows], [score for _, score in rows])

    assert histogram.scores.tolist() == sorted({score for _, score in rows})
    for score, (negative, positive) in zip(histogram.scores, histogram.counts.tolist(), strict=True):
        assert negative == sum(y == 0 and one == score for y, one in rows)
        assert positive == sum(y == 1 and one == score for y, one in rows)


@pytest.mark.parametrize("decimals", [1, 2, 3])
def test_score_histogram_of_coarse_scores_stays_exact_at_any_number_of_rows(decimals):
    draws = np.random.default_rng(decimals)
    scores = draws.random(100_000).round(decimals)
    histogram = counted(draws.integers(0, 2, 100_000), scores)

    assert histogram.exact
    assert len(histogram.scores) == 10**decimals + 1
    assert histogram.n == 100_000


@pytest.mark.parametrize("cuts", [[1], [50_000], [10, 69_000]])
def test_score_histogram_on_the_grid_does_not_depend_on_blocks(cuts):
    draws = np.random.default_rng(4)
    y, scores = draws.integers(0, 2, 70_000), draws.random(70_000)
    parts = [counted(y[part], scores[part]) for part in np.split(np.arange(70_000), cuts)]

    assert same(reduce(operator.add, parts), counted(y, scores))
    assert same(reduce(operator.add, parts[::-1]), counted(y, scores))


def gridded(y, scores):
    histogram = counted(y, scores)
    assert not histogram.exact
    return histogram


def test_score_histogram_grid_moves_no_score_far_from_the_nearer_end():
    scores = np.concatenate([np.linspace(1e-6, 1 - 1e-6, EXACT_SCORES), 1 - np.logspace(-15, -2, 500)])
    histogram = gridded(np.zeros(len(scores), int), scores)
    near = histogram.scores[np.abs(histogram.scores[:, np.newaxis] - scores[::499]).argmin(axis=0)]

    ends = np.minimum(scores[::499], 1 - scores[::499])
    assert (np.abs(near - scores[::499]) / ends).max() <= 2**-14


@pytest.mark.parametrize(
    ("low", "high"), [(0.999, 1.0), (0.0, 1e-9), (0.4999, 0.5001), (0.7, 0.7 + 1e-9), (1 - 2**-35, 1.0), (0.0, 1.0)]
)
def test_score_histogram_quantisation_bounds_what_the_grid_does_to_any_range(low, high):
    draws = np.random.default_rng(7)
    y = draws.integers(0, 2, 80_000)
    scores = low + (high - low) * np.clip(draws.random(80_000) * 0.8 + 0.1 * y, 0, 1)
    histogram = gridded(y, scores)
    moved = abs(histogram.auc() - roc_auc_score(y, scores))
    moved_precision = abs(histogram.average_precision() - average_precision_score(y, scores))

    assert moved <= histogram.auc_quantisation + 1e-12
    assert histogram.auc_quantisation <= 1e-4
    assert moved_precision <= min(1e-4, histogram.average_precision_quantisation + 1e-12)


@pytest.mark.parametrize("spread", [0.5, 2.0, 8.0])
def test_score_histogram_grid_keeps_areas_of_logistic_scores_within_a_ten_thousandth(spread):
    draws = np.random.default_rng(8)
    y = draws.random(150_000) < 0.1
    scores = 1 / (1 + np.exp(-draws.normal(y - 1, spread)))
    histogram = gridded(y.astype(int), scores)

    assert histogram.auc() == pytest.approx(roc_auc_score(y, scores), abs=1e-4)
    assert histogram.auc_quantisation <= 1e-4
    assert histogram.average_precision() == pytest.approx(average_precision_score(y, scores), abs=1e-4)


def test_score_histogram_quantisation_holds_when_classes_alternate_within_cells():
    # The worst there is: in every cell all positive rows stand below all others.
    scores = np.linspace(0.5, 1.0, 4 * EXACT_SCORES, endpoint=False)
    y = (np.arange(len(scores)) % 8 < 4).astype(int)
    histogram = gridded(y, scores)

    assert abs(histogram.auc() - roc_auc_score(y, scores)) <= histogram.auc_quantisation
    moved = abs(histogram.average_precision() - average_precision_score(y, scores))
    assert moved <= histogram.average_precision_quantisation


def test_score_histogram_that_is_exact_has_no_quantisation():
    histogram = counted([1, 0, 1, 0], [0.5, 0.5, 0.75, 0.25])

    assert (histogram.auc_quantisation, histogram.average_precision_quantisation) == (0.0, 0.0)
    assert histogram.mean_scores.tolist() == [0.25, 0.5, 0.75]


@settings(max_examples=40, deadline=None)
@given(SCORES)
def test_score_histogram_average_precision_agrees_with_scikit_learn(rows):
    y, scores = [1, *(y for y, _ in rows)], [0.3, *(score for _, score in rows)]

    assert counted(y, scores).average_precision() == pytest.approx(average_precision_score(y, scores), abs=1e-12)


def test_score_histogram_without_a_positive_row_has_no_average_precision():
    with pytest.raises(NotMeasurable, match="no_positive"):
        counted([0, 0], [0.1, 0.2]).average_precision()


@pytest.mark.parametrize("rows", [70_000, 200_000])
def test_score_histogram_keeps_the_mean_score_of_every_cell(rows):
    draws = np.random.default_rng(9)
    scores = draws.beta(0.3, 3, rows)
    histogram = gridded(draws.integers(0, 2, rows), scores)
    order, sizes = np.sort(scores), histogram.counts.sum(axis=1)
    expected = np.add.reduceat(order, np.cumsum(sizes) - sizes) / sizes

    assert np.abs(histogram.mean_scores - expected).max() <= 1e-9


@pytest.mark.parametrize("spread", [1_000, 200_000])
def test_rows_of_every_score_are_those_of_either_class(spread):
    random = np.random.default_rng(spread)
    scores, y_true = random.integers(1, spread, 150_000) / spread, random.integers(0, 2, 150_000)
    parts = [counted(y_true[part], scores[part]) for part in np.array_split(np.arange(150_000), 3)]
    histogram = reduce(operator.add, parts)

    assert histogram.rows.tolist() == histogram.counts.sum(axis=1).tolist()
    assert histogram.exact == (spread == 1_000)
    assert (histogram.n, histogram.n_positive) == (150_000, int(y_true.sum()))
    assert float((histogram.rows * histogram.mean_scores).sum()) == pytest.approx(scores.sum(), rel=1e-9)
