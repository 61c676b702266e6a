import numpy as np
import pytest
from sklearn.metrics import log_loss

from reliability.errors import NotMeasurable
from reliability.evidence.log_moments import LogMoments
from tests.builders import block


def test_log_moments_by_hand():
    moments = LogMoments.of(block([1, 0], [1, 1], [0.25, 0.5]))
    two, half = np.log(4), np.log(2)

    assert float(moments.exact("loss")) == pytest.approx(two + half, abs=1e-15)
    assert float(moments.exact("loss2")) == pytest.approx(two**2 + half**2, abs=1e-15)
    assert float(moments.exact("worst4")) == pytest.approx(two**4 + half**4, abs=1e-14)
    assert moments.largest == pytest.approx(two, abs=1e-15)


def test_log_moments_agree_with_scikit_learn():
    draws = np.random.default_rng(0)
    y, score = draws.integers(0, 2, 500), np.round(draws.random(500), 1)
    moments = LogMoments.of(block(y, y, score))

    assert float(moments.exact("loss")) / 500 == pytest.approx(log_loss(y, score), rel=1e-13)


@pytest.mark.parametrize("score", [0.0, 1.0, 1e-300, 1 - 1e-16])
def test_log_moments_keep_certain_scores_finite(score):
    moments = LogMoments.of(block([0, 1], [0, 1], [score, score]))

    assert moments.largest == pytest.approx(52 * np.log(2), abs=1e-12)
    assert float(moments.exact("loss")) == pytest.approx(52 * np.log(2), abs=1e-12)


def test_log_moments_do_not_depend_on_how_scores_lie_in_memory():
    draws = np.random.default_rng(1)
    y, both = draws.integers(0, 2, 300), draws.random((300, 3))
    strided, packed = (LogMoments.of(block(y, y, score)) for score in (both[:, 1], both[:, 1].copy()))

    assert strided.sums == packed.sums


@pytest.mark.parametrize("rows", [block([1, 0], [1, 0]), block([1.0], [1.0], task="regression")])
def test_log_moments_have_no_sums_without_scores(rows):
    with pytest.raises(NotMeasurable, match="no_scores"):
        LogMoments.of(rows).exact("loss")


def test_log_moments_of_no_rows_are_zero():
    moments = LogMoments.of(block([], [], []))

    assert (moments.n, float(moments.exact("loss")), moments.largest) == (0, 0.0, 0.0)
