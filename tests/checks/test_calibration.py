import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as student
from sklearn.metrics import brier_score_loss

from reliability.checks.calibration import brier_skill_score, expected_calibration_error
from reliability.errors import ChecklistError, NotMeasurable
from reliability.evidence.moments import Moments
from reliability.evidence.score_histogram import ScoreHistogram
from tests.builders import block

rows = st.lists(st.tuples(st.integers(0, 1), st.floats(0, 1)), min_size=2, max_size=80)


def scored(y_true, y_score, **more):
    return block(y_true, [int(score >= 0.5) for score in y_score], y_score, **more)


def skill(y_true, y_score, **more):
    return brier_skill_score(Moments.of(scored(y_true, y_score, **more)))


def error(y_true, y_score, **options):
    return expected_calibration_error(ScoreHistogram.of(scored(y_true, y_score)), **options)


def plain_error(y_true, y_score, bins):
    """Expected calibration error by its definition, bins closed on the right."""
    y_true, y_score = np.array(y_true), np.array(y_score)
    places = np.searchsorted(np.arange(1, bins) / bins, y_score, side="left")
    gaps = [
        (places == place).mean() * abs(y_true[places == place].mean() - y_score[places == place].mean())
        for place in np.unique(places)
    ]
    return sum(gaps)


def test_brier_skill_score_compares_with_the_base_rate():
    measured = skill([0, 0, 1, 1], [0.5, 0.0, 0.5, 1.0])

    assert measured.value == 0.5
    assert measured.low < 0.5 < measured.high <= 1.0
    assert (measured.n, measured.method, measured.unit) == (4, "delta", "dimensionless")


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


def test_brier_skill_score_of_the_base_rate_is_nothing_and_not_judged():
    measured = skill([0, 1] * 10, [0.5] * 20)

    assert (measured.value, measured.judged, measured.reason.code) == (0.0, False, "variance_not_estimable")


def test_brier_skill_score_of_a_perfect_model_is_not_judged():
    measured = skill([0, 1], [0.0, 1.0])

    assert (measured.value, measured.low, measured.judged) == (1.0, None, False)


def test_brier_skill_score_of_clustered_rows_is_not_judged():
    measured = skill([0, 1, 1], [0.2, 0.5, 0.9], entity=[1, 1, 2])

    assert (measured.judged, measured.reason.code) == (False, "clustered_rows")


@pytest.mark.parametrize(("y_true", "y_score"), [([1, 1], [0.2, 0.9]), ([0], [0.5])])
def test_brier_skill_score_is_not_measurable_for_one_class(y_true, y_score):
    with pytest.raises(NotMeasurable, match="one_class"):
        skill(y_true, y_score)


def test_expected_calibration_error_weighs_bins_by_rows():
    measured = error([0, 0, 0, 0, 0, 1, 1, 1], [0.25] * 4 + [0.75] * 4, bins=2)

    assert measured.value == 0.125
    assert measured.details["bins"] == [
        {"n": 4, "mean_score": 0.25, "observed": 0.0},
        {"n": 4, "mean_score": 0.75, "observed": 0.75},
    ]
    assert (measured.low, measured.high, measured.reason.code) == (None, None, "no_interval")


@given(rows, st.integers(1, 20))
@settings(max_examples=30, deadline=None)
def test_expected_calibration_error_agrees_with_its_definition(table, bins):
    y_true, y_score = zip(*table, strict=True)

    assert error(y_true, y_score, bins=bins).value == pytest.approx(plain_error(y_true, y_score, bins), abs=1e-12)


@pytest.mark.parametrize(("score", "place"), [(0.0, 0), (0.2, 0), (0.2000001, 1), (0.6, 2), (1.0, 4)])
def test_equal_width_bins_are_closed_on_the_right(score, place):
    rest = [0.1, 0.3, 0.5, 0.7, 0.9]
    bins = error([0, 1, 0, 1, 0, 1], [*rest, score], bins=5).details["bins"]

    assert [row["n"] for row in bins].index(2) == place


def test_equal_mass_bins_hold_equally_many_rows():
    bins = error([0, 1] * 6, np.linspace(0.01, 0.2, 12), bins=4, equal_mass=True).details["bins"]

    assert [row["n"] for row in bins] == [3, 3, 3, 3]


def test_equal_mass_bins_keep_equal_scores_together():
    measured = error([0, 1, 0, 1], [0.5] * 4, bins=4, equal_mass=True)

    assert measured.details["bins"] == [{"n": 4, "mean_score": 0.5, "observed": 0.5}]
    assert measured.value == 0.0


def test_expected_calibration_error_of_one_row_is_its_distance():
    assert error([1], [0.25]).value == 0.75


def test_expected_calibration_error_counts_a_row_twice_as_two():
    y_true, y_score = [0, 1, 1], [0.2, 0.5, 0.9]

    assert error(y_true * 2, y_score * 2).value == pytest.approx(error(y_true, y_score).value, abs=1e-12)


def test_expected_calibration_error_refuses_no_bins():
    with pytest.raises(ChecklistError, match="'bins' must be at least 1, not 0"):
        error([0, 1], [0.2, 0.8], bins=0)


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (block([0, 1], [0, 1]), "no_scores"),
        (block([0, 1], [0, 1], [0.1, 0.9]).where(np.zeros(2, bool)), "no_rows"),
        (block(["a"], ["a"], classes=("a", "b", "c"), positive=None, task="multiclass"), "needs_binary"),
    ],
)
def test_calibration_says_what_it_lacks(made, code):
    with pytest.raises(NotMeasurable, match=code):
        brier_skill_score(Moments.of(made))
    with pytest.raises(NotMeasurable, match=code):
        expected_calibration_error(ScoreHistogram.of(made))


def influence_interval(y_true, y_score, confidence=0.95):
    """The delta interval written out row by row."""
    y, score, n = np.array(y_true, float), np.array(y_score, float), len(y_true)
    spread, error = np.mean((y - y.mean()) ** 2), (score - y) ** 2
    odds = error.mean() / spread
    influence = -(error - odds * (y - y.mean()) ** 2) / spread
    half = student.ppf(0.5 + confidence / 2, n - 1) * np.sqrt(np.sum(influence**2) / n / (n - 1))
    return 1 - odds - half, min(1.0, 1 - odds + half)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1), st.sampled_from([0.1, 0.3, 0.6, 0.8])), min_size=3, max_size=40))
def test_brier_skill_score_has_the_interval_of_its_influences(table):
    y_true, y_score = zip(*[(0, 0.2), (1, 0.7), *table], strict=True)
    measured = skill(y_true, y_score)

    assert (measured.low, measured.high) == pytest.approx(influence_interval(y_true, y_score), abs=1e-8)
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


@pytest.mark.parametrize("confidence", [0.8, 0.9, 0.99])
def test_brier_skill_score_is_wider_at_more_confidence(confidence):
    y_true, y_score = [0, 1, 1, 0, 1, 0], [0.2, 0.7, 0.4, 0.3, 0.9, 0.6]
    made = Moments.of(scored(y_true, y_score))
    measured, wider = (brier_skill_score(made, confidence=level) for level in (confidence, confidence + 0.005))

    assert (measured.low, measured.high) == pytest.approx(influence_interval(y_true, y_score, confidence), abs=1e-9)
    assert wider.low < measured.low


def test_brier_skill_score_does_not_depend_on_how_rows_were_cut_into_blocks():
    rows_made = scored([0, 1, 1, 0, 1], [0.1, 0.7, 0.4, 0.3, 0.9])
    parts = [Moments.of(rows_made.where(np.array(part))) for part in ([4, 1], [0], [3, 2])]

    assert brier_skill_score(parts[0] + parts[1] + parts[2]) == brier_skill_score(Moments.of(rows_made))


def test_brier_skill_score_of_repeated_rows_keeps_its_value_and_narrows():
    y_true, y_score = [0, 1, 1, 0, 1], [0.2, 0.7, 0.4, 0.3, 0.9]
    once, often = skill(y_true, y_score), skill(y_true * 20, y_score * 20)

    assert often.value == pytest.approx(once.value, abs=1e-12)
    assert often.high - often.low < (once.high - once.low) / 4


@pytest.mark.parametrize(
    ("y_true", "y_score", "bins", "value"),
    [
        ([0], [0.0], 15, 0.0),
        ([1], [1.0], 15, 0.0),
        ([0], [1.0], 15, 1.0),
        ([0, 1], [0.5, 0.5], 15, 0.0),
        ([0, 1], [0.4, 0.6], 1, 0.0),
        ([0, 1], [0.4, 0.6], 2, 0.4),
        ([0, 0, 1, 1], [0.1, 0.4, 0.6, 0.9], 2, 0.25),
        ([0, 1, 1, 1], [0.25, 0.25, 0.75, 0.75], 4, 0.25),
    ],
)
def test_expected_calibration_error_by_hand(y_true, y_score, bins, value):
    assert error(y_true, y_score, bins=bins).value == pytest.approx(value, abs=1e-15)


@settings(max_examples=25, deadline=None)
@given(rows, st.integers(1, 20), st.booleans())
def test_reliability_diagram_holds_every_row_once(table, bins, equal_mass):
    y_true, y_score = zip(*table, strict=True)
    measured = error(y_true, y_score, bins=bins, equal_mass=equal_mass)
    diagram = measured.details["bins"]

    assert sum(row["n"] for row in diagram) == len(table) == measured.n
    assert sum(row["n"] * row["observed"] for row in diagram) == pytest.approx(sum(y_true), abs=1e-9)
    assert sum(row["n"] * row["mean_score"] for row in diagram) == pytest.approx(sum(y_score), abs=1e-9)
    assert len(diagram) <= bins
    assert 0 <= measured.value <= 1
    centres = [row["mean_score"] for row in diagram]
    assert centres == sorted(centres)


@settings(max_examples=25, deadline=None)
@given(rows)
def test_expected_calibration_error_of_one_bin_is_the_bias_of_the_mean(table):
    y_true, y_score = zip(*table, strict=True)
    expected = abs(np.mean(y_true) - np.mean(y_score))

    assert error(y_true, y_score, bins=1).value == pytest.approx(expected, abs=1e-12)
    assert error(y_true, y_score, bins=1, equal_mass=True).value == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("equal_mass", [True, False])
def test_expected_calibration_error_ignores_row_order_and_blocks(equal_mass):
    draws = np.random.default_rng(0)
    made = scored(draws.integers(0, 2, 60), draws.random(60).round(1))
    parts = [ScoreHistogram.of(made.where(part)) for part in np.split(draws.permutation(60), [7, 30])]

    whole = expected_calibration_error(ScoreHistogram.of(made), equal_mass=equal_mass)
    assert expected_calibration_error(parts[2] + parts[0] + parts[1], equal_mass=equal_mass) == whole


@pytest.mark.parametrize("n", [221, 2000])
def test_expected_calibration_error_of_a_perfect_model_is_not_zero(n):
    # Why it is reported and not judged.
    draws = np.random.default_rng(n)
    score = draws.random(n)

    assert error((draws.random(n) < score).astype(int), score).value > 0.01


def test_expected_calibration_error_says_when_scores_are_on_the_grid():
    draws = np.random.default_rng(0)
    score = draws.random(70_000)
    measured = error(np.zeros(70_000, int), score)

    assert measured.details["scores"] == "grid"
    assert measured.value == pytest.approx(score.mean(), abs=1e-3)
    assert error([0, 1], [0.1, 0.9]).details["scores"] == "exact"


@pytest.mark.parametrize("equal_mass", [True, False])
def test_expected_calibration_error_of_clustered_rows_is_the_same_number(equal_mass):
    plain = scored([0, 1, 1], [0.2, 0.5, 0.9])
    grouped = scored([0, 1, 1], [0.2, 0.5, 0.9], entity=[1, 1, 2])

    first, second = (
        expected_calibration_error(ScoreHistogram.of(made), equal_mass=equal_mass) for made in (plain, grouped)
    )
    assert first == second
    assert first.method == ("equal_mass_bins" if equal_mass else "equal_width_bins")
