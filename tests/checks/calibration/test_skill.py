import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student
from sklearn.metrics import brier_score_loss

from reliability.checks.calibration.skill import brier_skill_score
from reliability.errors import NotMeasurable
from reliability.evidence.moments import Moments
from tests.builders import block

rows = st.lists(st.tuples(st.integers(0, 1), st.floats(0, 1)), min_size=2, max_size=80)


def scored(y_true, y_score, **more):
    return block(y_true, [int(score >= 0.5) for score in y_score], y_score, **more)


def skill(y_true, y_score, **more):
    return brier_skill_score(Moments.of(scored(y_true, y_score, **more)))


def test_brier_skill_score_compares_with_the_base_rate():
    measured = skill([0, 0, 1, 1] * 3, [0.5, 0.0, 0.5, 1.0] * 3)

    assert measured.value == 0.5
    assert measured.low < 0.5 < measured.high <= 1.0
    assert (measured.n, measured.method, measured.unit) == (12, "log_ratio", "dimensionless")


@given(rows)
@settings(max_examples=30, deadline=None)
def test_brier_skill_score_agrees_with_scikit_learn(table):
    y_true, y_score = zip(*table, strict=True)
    if len(set(y_true)) == 2:
        expected = 1 - brier_score_loss(y_true, y_score) / (np.mean(y_true) * (1 - np.mean(y_true)))
        assert skill(y_true, y_score).value == pytest.approx(expected, abs=1e-12)


def test_brier_skill_score_ignores_row_order():
    y_true, y_score, order = np.array([0, 1, 1, 0, 1]), np.array([0.2, 0.7, 0.4, 0.3, 0.9]), [4, 2, 0, 3, 1]

    assert skill(y_true, y_score) == skill(y_true[order], y_score[order])


def test_brier_skill_score_is_the_same_when_classes_and_scores_are_turned_round():
    y_true, y_score = np.array([0, 1, 1, 0, 1]), np.array([0.25, 0.75, 0.5, 0.25, 1.0])
    one, other = skill(y_true, y_score), skill(1 - y_true, 1 - y_score)

    assert (one.value, one.low, one.high) == pytest.approx((other.value, other.low, other.high), abs=1e-12)


def test_brier_skill_score_of_the_base_rate_is_nothing():
    measured = skill([0, 1] * 10, [0.5] * 20)

    assert measured.value == 0.0
    assert measured.low < 0 < measured.high


def test_brier_skill_score_of_a_perfect_model_expects_an_error_that_was_not_seen():
    measured = skill([0, 1] * 100, [0.0, 1.0] * 100)

    assert (measured.value, measured.high, measured.judged) == (1.0, 1.0, True)
    assert 0.9 < measured.low < 0.97


@pytest.mark.parametrize(("positives", "negatives", "rarer"), [(4, 30, 4), (30, 4, 4), (1, 1, 1)])
def test_brier_skill_score_is_not_judged_on_a_handful_of_one_class(positives, negatives, rarer):
    measured = skill([1] * positives + [0] * negatives, [0.5, 0.25] * ((positives + negatives) // 2))

    assert (measured.judged, measured.low, measured.reason.code) == (False, None, "too_few_for_interval")
    assert measured.reason.with_ == {"n": rarer, "needed": 5}


def test_brier_skill_score_of_clustered_rows_is_not_judged():
    measured = skill([0, 1, 1], [0.2, 0.5, 0.9], entity=[1, 1, 2])

    assert (measured.judged, measured.reason.code) == (False, "clustered_rows")


@pytest.mark.parametrize(("y_true", "y_score"), [([1, 1], [0.2, 0.9]), ([0], [0.5])])
def test_brier_skill_score_is_not_measurable_for_one_class(y_true, y_score):
    with pytest.raises(NotMeasurable, match=r"^one_class$"):
        skill(y_true, y_score)


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (block([0, 1], [0, 1]), "no_scores"),
        (block([0, 1], [0, 1], [0.1, 0.9]).where(np.zeros(2, bool)), "no_rows"),
        (block(["a"], ["a"], classes=("a", "b", "c"), positive=None, task="multiclass"), "needs_binary"),
    ],
)
def test_brier_skill_score_says_what_it_lacks(made, code):
    with pytest.raises(NotMeasurable, match=rf"^{code}$"):
        brier_skill_score(Moments.of(made))


def influence_limit(y_true, y_score, *, error, deviation, t):
    """One limit of 1 - skill written out row by row, with one further row."""
    y, score = np.array(y_true, float), np.array(y_score, float)
    errors, deviations = np.append((score - y) ** 2, error), np.append((y - y.mean()) ** 2, deviation)
    n, odds = len(errors), errors.sum() / deviations.sum()
    relative = np.sqrt(np.sum((errors - odds * deviations) ** 2) * n / (n - 1)) / errors.sum()
    return odds * (n - 1) / n * np.exp(t * relative)


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
@pytest.mark.parametrize(("times", "weight"), [(2, 1.0), (10, 0.5)])
def test_brier_skill_score_has_the_limits_of_its_influences(times, weight, confidence):
    y_true, y_score = [0, 1, 1, 0, 1, 0] * times, [0.25, 0.75, 0.5, 0.375, 0.875, 0.625] * times
    measured = brier_skill_score(Moments.of(scored(y_true, y_score)), confidence=confidence)
    t = student.ppf(0.5 + confidence / 2, len(y_true) - 1)
    # 0.875 could have been wrong by 0.875; a row lies a half from the mean.
    worst = influence_limit(y_true, y_score, error=weight * 0.875**2, deviation=0, t=t)
    best = influence_limit(y_true, y_score, error=0, deviation=weight * 0.25, t=-t)

    assert (measured.low, measured.high) == pytest.approx((1 - worst, 1 - best), abs=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1), st.sampled_from([0.1, 0.3, 0.6, 0.8])), min_size=3, max_size=40))
def test_brier_skill_score_lies_within_its_limits(table):
    y_true, y_score = zip(*[(0, 0.2), (1, 0.7)] * 5, *table, strict=True)
    measured = skill(y_true, y_score)

    assert measured.low <= measured.value <= measured.high <= 1


@pytest.mark.parametrize(
    ("y_true", "y_score", "value"),
    [
        ([0, 1], [0.5, 0.5], 0.0),
        ([0, 1], [1.0, 0.0], -3.0),
        ([0, 1, 1, 1], [0.75] * 4, 0.0),
        ([0, 1, 1, 1], [0.0, 1.0, 1.0, 0.0], 1 - (1 / 4) / (3 / 16)),
        ([0, 0, 1, 1], [0.25, 0.25, 0.75, 0.75], 0.75),
    ],
)
def test_brier_skill_score_by_hand(y_true, y_score, value):
    assert skill(y_true, y_score).value == pytest.approx(value, abs=1e-15)


def test_brier_skill_score_does_not_depend_on_how_rows_were_cut_into_blocks():
    rows_made = scored([0, 1, 1, 0, 1], [0.1, 0.7, 0.4, 0.3, 0.9])
    parts = [Moments.of(rows_made.where(np.array(part))) for part in ([4, 1], [0], [3, 2])]

    assert brier_skill_score(parts[0] + parts[1] + parts[2]) == brier_skill_score(Moments.of(rows_made))


def test_brier_skill_score_of_repeated_rows_keeps_its_value_and_narrows():
    y_true, y_score = [0, 1, 1, 0, 1], [0.2, 0.7, 0.4, 0.3, 0.9]
    once, often = skill(y_true * 3, y_score * 3), skill(y_true * 60, y_score * 60)

    assert often.value == pytest.approx(once.value, abs=1e-12)
    assert often.high - often.low < (once.high - once.low) / 4


def test_brier_skill_score_covers_where_students_interval_does_not():
    # A model whose scores are too certain, a class of one in twenty: the plain delta interval covers 90 % of the time.
    draws, covered = np.random.default_rng(0), 0
    for _ in range(200):
        y = draws.random(200) < 0.05
        score = np.where(draws.random(200) < 0.6, y * 0.9, 0.05)
        measured = skill(y.astype(int), score)
        expected = 1 - (0.6 * 0.05 * 0.01 + 0.4 * (0.05 * 0.95**2 + 0.95 * 0.05**2)) / (0.05 * 0.95)
        covered += measured.low is None or measured.low <= expected <= measured.high

    assert covered >= 188


@pytest.mark.parametrize(
    ("rarer", "weight"), [(5, 1.0), (19, 1.0), (20, 0.5), (21, 0.5)], ids=["fewest", "few", "enough", "more"]
)
@pytest.mark.parametrize("turned", [False, True])
def test_a_whole_row_more_is_expected_where_fewer_than_twenty_tell_of_a_class(rarer, weight, turned):
    y = np.array([1] * rarer + [0] * 40)
    score = np.where(y == 1, 0.625, 0.25)
    measured = skill(1 - y, 1 - score) if turned else skill(y, score)
    # 0.25 could have been wrong by 0.75.
    t, share = student.ppf(0.975, len(y) - 1), rarer / len(y)
    worst = influence_limit(y, score, error=weight * 0.75**2, deviation=0, t=t)
    best = influence_limit(y, score, error=0, deviation=weight * (1 - share) ** 2, t=-t)

    assert (measured.low, measured.high) == pytest.approx((1 - worst, 1 - best), abs=1e-10)
    assert (measured.judged, measured.n, measured.method) == (True, rarer + 40, "log_ratio")


def test_brier_skill_score_is_at_ninety_five_percent_unless_said_otherwise():
    evidence = Moments.of(scored([0, 1, 1, 0] * 10, [0.25, 0.5, 0.75, 0.375] * 10))

    assert brier_skill_score(evidence) == brier_skill_score(evidence, confidence=0.95)
    assert brier_skill_score(evidence, confidence=0.8).low > brier_skill_score(evidence).low


def test_brier_skill_score_of_clustered_rows_keeps_its_value():
    measured = skill([0, 0, 1, 1] * 5, [0.5, 0.0, 0.5, 1.0] * 5, entity=[1, 2, 3, 4] * 5)

    assert (measured.value, measured.n, measured.unit) == (0.5, 20, "dimensionless")
    assert (measured.low, measured.high, measured.judged, measured.method) == (None, None, False, None)


def test_brier_skill_score_of_few_rows_keeps_its_value():
    measured = skill([0, 0, 1, 1] * 2, [0.5, 0.0, 0.5, 1.0] * 2)

    assert (measured.value, measured.n, measured.unit) == (0.5, 8, "dimensionless")
    assert (measured.judged, measured.reason.with_) == (False, {"n": 4, "needed": 5})


def test_clustered_rows_are_named_before_few_ones():
    assert skill([0, 1], [0.25, 0.75], entity=[1, 2]).reason.code == "clustered_rows"
