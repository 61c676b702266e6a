import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, binomtest
from sklearn import metrics

from reliability.checks.performance.losses import brier_score, log_loss
from reliability.errors import NotMeasurable
from reliability.evidence.log_moments import LogMoments
from reliability.evidence.moments import Moments
from tests.builders import block

rows = st.lists(st.tuples(st.integers(0, 1), st.floats(0, 1)), min_size=1, max_size=60)
KINDS = {brier_score: Moments, log_loss: LogMoments}


def scored(y_true, y_score, **more):
    return block(y_true, [int(score >= 0.5) for score in y_score], y_score, **more)


def measured_by(check, y_true, y_score, *, confidence=0.95, **more):
    return check(KINDS[check].of(scored(y_true, y_score, **more)), confidence=confidence)


@given(rows)
@settings(max_examples=40, deadline=None)
def test_losses_agree_with_scikit_learn(table):
    y_true, y_score = (np.array(side) for side in zip(*table, strict=True))
    both = np.column_stack((1 - y_score, y_score))

    brier, log = (measured_by(check, y_true, y_score) for check in KINDS)
    assert brier.value == pytest.approx(np.mean((y_score - y_true) ** 2), abs=1e-12)
    assert log.value == pytest.approx(metrics.log_loss(y_true, both, labels=[0, 1]), rel=1e-12, abs=1e-12)


def test_log_loss_by_hand():
    measured = measured_by(log_loss, [1, 1, 0, 0], [0.5, 0.25, 0.5, 0.75])

    assert measured.value == pytest.approx(np.log(2) * 6 / 4, abs=1e-15)
    assert (measured.n, measured.unit, measured.method) == (4, "dimensionless", "beta_matched")


@pytest.mark.parametrize(("y_true", "y_score"), [(1, 0.0), (0, 1.0)])
def test_a_certain_score_that_is_wrong_costs_36(y_true, y_score):
    assert measured_by(log_loss, [y_true], [y_score]).value == pytest.approx(52 * np.log(2), abs=1e-12)


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
@pytest.mark.parametrize("wrong", [0, 1, 7, 19, 20])
def test_brier_score_of_certain_scores_has_the_interval_of_clopper_and_pearson(wrong, confidence):
    measured = measured_by(brier_score, [1] * 20, [0.0] * wrong + [1.0] * (20 - wrong), confidence=confidence)
    expected = binomtest(wrong, 20).proportion_ci(confidence, "exact")

    assert (measured.low, measured.high) == pytest.approx((expected.low, expected.high), abs=1e-12)


@given(rows, st.sampled_from([0.8, 0.95, 0.99]))
@settings(max_examples=40, deadline=None)
def test_losses_lie_within_their_limits(table, confidence):
    y_true, y_score = zip(*table, strict=True)
    brier, log = (measured_by(check, y_true, y_score, confidence=confidence) for check in KINDS)

    assert 0 <= brier.low <= brier.value <= brier.high <= 1
    assert 0 <= log.low <= log.value <= log.high <= 36.05


@pytest.mark.parametrize("check", KINDS)
def test_losses_ignore_row_order_and_blocks(check):
    draws = np.random.default_rng(0)
    made = scored(draws.integers(0, 2, 90), draws.random(90))
    parts = [KINDS[check].of(made.where(part)) for part in np.split(draws.permutation(90), [1, 50])]

    assert check(parts[2] + parts[0] + parts[1]) == check(KINDS[check].of(made))


@pytest.mark.parametrize("check", KINDS)
def test_losses_are_the_same_when_classes_and_scores_are_turned_round(check):
    y_true, y_score = np.array([0, 1, 1, 0, 1]), np.array([0.25, 0.75, 0.5, 0.25, 1.0])
    one, other = measured_by(check, y_true, y_score), measured_by(check, 1 - y_true, 1 - y_score)

    assert (one.value, one.low, one.high) == pytest.approx((other.value, other.low, other.high), abs=1e-12)


@pytest.mark.parametrize("check", KINDS)
def test_losses_of_repeated_rows_keep_their_value_and_narrow(check):
    y_true, y_score = [0, 1, 1, 0, 1], [0.2, 0.7, 0.4, 0.3, 0.9]
    once, often = measured_by(check, y_true, y_score), measured_by(check, y_true * 30, y_score * 30)

    assert often.value == pytest.approx(once.value, abs=1e-12)
    assert often.high - often.low < (once.high - once.low) / 4


@pytest.mark.parametrize("check", KINDS)
def test_a_perfect_model_on_few_rows_may_still_err(check):
    measured = measured_by(check, [0, 1] * 10, [0.0, 1.0] * 10)

    assert measured.value == pytest.approx(0, abs=1e-12)
    assert measured.judged
    assert measured.high > 0.15


@pytest.mark.parametrize("check", KINDS)
def test_losses_of_one_row_claim_almost_nothing(check):
    measured = measured_by(check, [1], [0.25])

    assert measured.low < 0.2 * measured.value
    assert measured.high == pytest.approx(measured.value, rel=0.05)


@pytest.mark.parametrize("check", KINDS)
def test_losses_of_one_class_have_a_value(check):
    measured = measured_by(check, [0, 0, 0], [0.5, 0.5, 0.5])

    assert measured.value in (0.25, pytest.approx(np.log(2)))
    assert measured.low <= measured.value <= measured.high


@pytest.mark.parametrize("check", KINDS)
def test_losses_of_clustered_rows_are_not_judged(check):
    measured = measured_by(check, [0, 1, 1], [0.2, 0.5, 0.9], entity=[1, 1, 2])

    assert (measured.judged, measured.low, measured.reason.code) == (False, None, "clustered_rows")


@pytest.mark.parametrize("check", KINDS)
@pytest.mark.parametrize(
    ("made", "code"),
    [
        (block([0, 1], [0, 1]), "no_scores"),
        (block([0, 1], [0, 1], [0.1, 0.9]).where(np.zeros(2, bool)), "no_rows"),
        (block([1.0], [1.0], task="regression"), "needs_binary"),
        (block(["a"], ["a"], classes=("a", "b", "c"), positive=None, task="multiclass"), "needs_binary"),
    ],
)
def test_losses_say_what_they_lack(check, made, code):
    with pytest.raises(NotMeasurable, match=rf"^{code}"):
        check(KINDS[check].of(made))


@pytest.mark.parametrize("check", KINDS)
def test_losses_reckon_with_rare_errors_that_were_not_seen(check):
    # Calibrated at one in a hundred, on 60 rows: half of the samples have no positive row, and Student's t covers 45 %.
    draws, expected = np.random.default_rng(1), {brier_score: 0.0099, log_loss: 0.05600153}[check]
    measured = [measured_by(check, (draws.random(60) < 0.01).astype(int), [0.01] * 60) for _ in range(300)]

    assert sum(one.low <= expected <= one.high for one in measured) >= 285
    assert sum(one.high < expected for one in measured) == 0


@pytest.mark.parametrize(
    ("y_true", "y_score", "value"),
    [
        ([1, 0], [1.0, 0.0], 0.0),
        ([1, 0], [0.0, 1.0], 1.0),
        ([1, 0, 1, 0], [0.5] * 4, 0.25),
        ([1, 1, 0, 0], [0.5, 0.25, 0.5, 0.75], (0.25 + 0.5625 + 0.25 + 0.5625) / 4),
        ([1], [0.9], 0.01),
    ],
)
def test_brier_score_by_hand(y_true, y_score, value):
    measured = measured_by(brier_score, y_true, y_score)

    assert measured.value == pytest.approx(value, abs=1e-15)
    assert (measured.n, measured.unit, measured.method) == (len(y_true), "score", "beta_matched")
    assert (measured.judged, measured.reason, measured.details) == (True, None, {})


def limits_by_beta(losses, bound, further, confidence):
    """Limits of a mean by beta distributions between nothing and the bound, written out."""

    def matched(one_more):
        shares = np.append(losses, one_more) / bound
        worth = shares.mean() * (1 - shares.mean()) / (shares.var() / (len(losses) + 2)) - 1
        return beta(shares.mean() * worth, (1 - shares.mean()) * worth)

    return bound * matched(0).ppf(0.5 - confidence / 2), bound * matched(further).ppf(0.5 + confidence / 2)


def drawn(n, seed=0):
    draws = np.random.default_rng(seed)
    y_score = draws.beta(1, 3, n)
    return (draws.random(n) < y_score).astype(int), y_score


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
@pytest.mark.parametrize("n", [30, 400])
def test_brier_score_has_limits_by_beta_distributions_up_to_what_a_score_could_cost(n, confidence):
    y_true, y_score = drawn(n)
    bound = np.maximum(y_score, 1 - y_score).max() ** 2
    measured = measured_by(brier_score, y_true, y_score, confidence=confidence)
    expected = limits_by_beta((y_score - y_true) ** 2, bound, bound, confidence)

    assert (measured.low, measured.high) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
@pytest.mark.parametrize("n", [30, 400])
def test_log_loss_has_limits_by_beta_distributions_with_a_further_loss_of_the_usual_size(n, confidence):
    y_true, y_score = drawn(n)
    worst = -np.log(np.minimum(y_score, 1 - y_score))
    losses = -np.log(np.where(y_true == 1, y_score, 1 - y_score))
    measured = measured_by(log_loss, y_true, y_score, confidence=confidence)
    expected = limits_by_beta(losses, worst.max(), np.mean(worst**4) ** 0.25, confidence)

    assert (measured.low, measured.high) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("check", KINDS)
def test_losses_of_clustered_rows_still_tell_value_unit_and_rows(check):
    y_true, y_score = [0, 1, 1, 0], [0.2, 0.5, 0.9, 0.4]
    plain, measured = (measured_by(check, y_true, y_score, **more) for more in ({}, {"entity": [1, 1, 2, 2]}))

    assert (measured.value, measured.n, measured.unit) == (plain.value, 4, plain.unit)
    assert (measured.low, measured.high, measured.method) == (None, None, None)


@pytest.mark.parametrize("check", KINDS)
def test_losses_are_wider_at_more_confidence(check):
    y_true, y_score = [0, 1, 1, 0] * 30, [0.2, 0.5, 0.9, 0.4] * 30
    narrow, wide = (measured_by(check, y_true, y_score, confidence=confidence) for confidence in (0.8, 0.99))

    assert wide.low < narrow.low < narrow.value == wide.value < narrow.high < wide.high


@pytest.mark.parametrize("check", KINDS)
@pytest.mark.parametrize("worse", [0.1, 0.4])
def test_losses_rise_as_scores_move_away_from_what_happened(check, worse):
    y_true = np.array([0, 1] * 40)
    near, far = (np.where(y_true == 1, 1 - off, off) for off in (0.05, 0.05 + worse))

    assert measured_by(check, y_true, far).value > measured_by(check, y_true, near).value


@given(rows)
@settings(max_examples=30, deadline=None)
def test_brier_score_is_never_above_the_log_loss(table):
    # (1 - p)^2 <= -ln p for every p: Good's score dominates Brier's.
    y_true, y_score = zip(*table, strict=True)
    brier, log = (measured_by(check, y_true, y_score) for check in KINDS)

    assert brier.value <= log.value + 1e-12


@pytest.mark.parametrize("check", KINDS)
def test_losses_mean_ninety_five_percent_where_nothing_is_said(check):
    sums = KINDS[check].of(scored(*drawn(100)))

    assert check(sums) == check(sums, confidence=0.95)
