import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.ensemble._hist_gradient_boosting import binning

from reliability.worker import refit_binning

DRAWS = np.random.default_rng(0)


@pytest.fixture
def once():
    # Refits of other tests run in this process too.
    before = binning._weighted_percentile
    own = binning._weighted_percentile = getattr(before, "own", before)
    refit_binning.sort_once()
    yield own
    binning._weighted_percentile = before


def test_bins_are_scikit_learns_own_to_the_last_bit(once):
    # Ties, gaps, weights of nothing, and a column of few values, which takes another way.
    features = np.column_stack([DRAWS.normal(size=900), DRAWS.normal(size=900).round(1), DRAWS.integers(0, 9, 900)])
    features[::7, 0] = np.nan
    weights, y = np.where(np.arange(900) % 5, DRAWS.random(900), 0.0), DRAWS.integers(0, 2, 900)

    def fitted():
        model = HistGradientBoostingClassifier(max_iter=3, random_state=0).fit(features, y, sample_weight=weights)
        return model._bin_mapper.bin_thresholds_, model.predict_proba(features)

    quick, told = fitted()
    binning._weighted_percentile = once
    slow, known = fitted()

    assert all(np.array_equal(one, two) for one, two in zip(quick, slow, strict=True))
    assert np.array_equal(told, known)


def test_column_is_sorted_once_for_all_its_bins(once):
    asked = []

    def counted(column, weights, rank, *, average):
        asked.append(np.ndim(rank))
        return once(column, weights, rank, average=average)

    binning._weighted_percentile.own = counted
    features = DRAWS.normal(size=(600, 2))
    HistGradientBoostingClassifier(max_iter=1).fit(features, features[:, 0] > 0, sample_weight=np.ones(600))

    assert asked == [1, 1]


def test_another_rank_of_the_same_column_is_asked_for_by_itself(once):
    column, weights = DRAWS.normal(size=50), DRAWS.random(50)
    quick = refit_binning.AllAtOnce(once)

    for rank in (25.0, 50.0, 75.0, 33.25):
        assert quick(column, weights, rank, average=True) == once(column, weights, rank, average=True)


def test_columns_without_any_weight_have_no_bins(once):
    column, weights = DRAWS.normal(size=50), np.zeros(50)
    quick = refit_binning.AllAtOnce(once)

    assert np.isnan([quick(column, weights, rank, average=True) for rank in (25.0, 50.0)]).all()


def test_what_is_quick_already_is_left_as_it_is(once):
    quick = binning._weighted_percentile
    refit_binning.sort_once()

    assert binning._weighted_percentile is quick
