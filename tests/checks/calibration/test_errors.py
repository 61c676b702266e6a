import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from reliability.checks.calibration.errors import expected_calibration_error, maximum_calibration_error
from reliability.errors import ChecklistError, NotMeasurable
from reliability.evidence.confidence_histogram import ConfidenceHistogram
from reliability.evidence.score_histogram import EXACT_SCORES, ScoreHistogram
from reliability.evidence.score_keys import KeyCounts
from reliability.intervals.calibration import Bins, debiased_mean_gap, mean_gap_interval
from reliability.intervals.proportions import clopper_pearson
from tests.builders import block

BOTH = [expected_calibration_error, maximum_calibration_error]
rows = st.lists(st.tuples(st.integers(0, 1), st.floats(0, 1)), min_size=2, max_size=80)


def scored(y_true, y_score, **more):
    return block(y_true, [int(score >= 0.5) for score in y_score], y_score, **more)


def many(y_true, y_score, **more):
    classes = tuple(range(np.shape(y_score)[1]))
    made = {"classes": classes, "positive": None, "task": "multiclass"} | more
    return block(y_true, np.argmax(y_score, axis=1), y_score, **made)


def measured_on(check, made, **options):
    return check(ScoreHistogram.of(made), ConfidenceHistogram.of(made), **options)


def error(y_true, y_score, **options):
    return measured_on(expected_calibration_error, scored(y_true, y_score), **options)


def top(y_true, y_score, **options):
    return measured_on(expected_calibration_error, many(y_true, y_score), **options)


def largest(y_true, y_score, **options):
    return measured_on(maximum_calibration_error, scored(y_true, y_score), **options)


def drawn(n, *, rate=0.3, shift=0.0, seed=0):
    """Scores around a rate, and outcomes that follow them, or them moved on the logit."""
    random = np.random.default_rng(seed)
    logit = random.normal(np.log(rate / (1 - rate)), 1.0, n)
    return (random.random(n) < 1 / (1 + np.exp(-logit - shift))).astype(int), 1 / (1 + np.exp(-logit))


def plain_gaps(y_true, y_score, bins):
    """Weights and distances by the definition, bins closed on the right."""
    y_true, y_score = np.array(y_true), np.array(y_score)
    places = np.searchsorted(np.arange(1, bins) / bins, y_score, side="left")
    weights = [np.mean(places == place) for place in np.unique(places)]
    gaps = [abs(y_true[places == place].mean() - y_score[places == place].mean()) for place in np.unique(places)]
    return np.array(weights), np.array(gaps)


# Rows of ../shared/figures/f10_ece_examples.txt; those of verified_calibration (Kumar et al. 2019) are its own data.
MULTICLASS = (
    [0, 0, 1, 1, 0, 2],
    [[0.8, 0.1, 0.1], [0.6, 0.2, 0.2], [0, 0.9, 0.1], [0, 1, 0], [0.3, 0.3, 0.4], [0.2, 0, 0.85]],
)
DISCRETE = ([0, 1, 0, 1, 0, 1, 1, 1, 0], [0.5, 0.5, 0.5, 0.6, 0.5, 0.6, 0.6, 0.6, 0.6])


def test_top_label_error_over_three_bins_is_the_published_one():
    assert top(*MULTICLASS, bins=3).value == pytest.approx(0.07500000000000002, abs=1e-12)


def test_top_label_error_when_one_class_is_missing_is_the_published_one():
    assert error([1, 1], [0.9, 0.8], of="top_label").value == pytest.approx(0.15, abs=1e-12)
    assert top([0, 0], [[0.9, 0.1, 0.0], [0.8, 0.2, 0.0]]).value == pytest.approx(0.15, abs=1e-12)


@pytest.mark.parametrize(
    ("power", "published"), [(1, 0.2222222222222222), (2, 0.22360679774997896), (3, 0.2249885682349158)]
)
def test_errors_of_distinct_scores_are_the_published_ones(power, published):
    measured = error(*DISCRETE, bins=18, equal_mass=True, power=power)

    assert measured.value == pytest.approx(published, abs=1e-12)
    assert (measured.low is None) == (power != 1)


@pytest.mark.parametrize(
    ("y_true", "y_score", "bins", "published"),
    [
        ([0, 1], [0.1, 0.7], 2, 0.2),
        ([0, 1, 1], [0.1, 0.1, 0.7], 2, 0.36666666666666664),
        ([0, 1, 0, 1], [0.1, 0.7, 0.5, 0.9], 2, 0.25),
        ([0, 1, 0, 1], [0.1, 0.7, 0.5, 0.9], 4, 0.25),
        ([0, 0, 1, 1], [0.6, 0.7, 0.8, 0.9], 2, 0.4),
        ([0, 1, 1, 1], [0.1, 0.7, 0.5, 0.9], 2, 0.2),
    ],
)
def test_equal_mass_errors_are_the_published_ones(y_true, y_score, bins, published):
    assert error(y_true, y_score, bins=bins, equal_mass=True).value == pytest.approx(published, abs=1e-12)


def test_one_bin_tells_the_whole_gap():
    assert error([1, 1, 1], [0.2, 0.6, 0.9], bins=1).value == pytest.approx(0.43333333333333335, abs=1e-12)
    assert error([0, 0, 0], [0.2, 0.6, 0.9], bins=1).value == pytest.approx(0.5666666666666667, abs=1e-12)


def test_expected_calibration_error_weighs_bins_by_rows():
    measured = error([0, 0, 0, 0, 0, 1, 1, 1], [0.25] * 4 + [0.75] * 4, bins=2)

    assert measured.value == 0.125
    assert measured.details["bins"] == [
        {"n": 4, "mean_score": 0.25, "observed": 0.0},
        {"n": 4, "mean_score": 0.75, "observed": 0.75},
    ]
    assert (measured.method, measured.details["binning"]) == ("folded_normal_inversion", "equal_width")
    assert (measured.n, measured.unit, measured.judged) == (8, "score", True)


@given(rows, st.integers(1, 20), st.integers(1, 3))
@settings(max_examples=30, deadline=None)
def test_expected_calibration_error_agrees_with_its_definition(table, bins, power):
    y_true, y_score = zip(*table, strict=True)
    weights, gaps = plain_gaps(y_true, y_score, bins)
    expected = (weights * gaps**power).sum() ** (1 / power)

    assert error(y_true, y_score, bins=bins, power=power).value == pytest.approx(expected, abs=1e-9)


@given(rows, st.integers(1, 20), st.booleans())
@settings(max_examples=40, deadline=None)
def test_the_interval_holds_the_value_and_stays_in_range(table, bins, debiased):
    y_true, y_score = zip(*table, strict=True)
    measured = error(y_true, y_score, bins=bins, debiased=debiased)

    assert 0 <= measured.low <= measured.value <= measured.high <= 1
    assert measured.low < measured.high


@given(rows, st.integers(1, 12))
@settings(max_examples=30, deadline=None)
def test_maximum_calibration_error_agrees_with_its_definition(table, bins):
    y_true, y_score = zip(*table, strict=True)
    measured = largest(y_true, y_score, bins=bins, minimum_bin_size=1)

    assert measured.value == pytest.approx(plain_gaps(y_true, y_score, bins)[1].max(), abs=1e-12)
    assert 0 <= measured.low <= measured.value <= measured.high <= 1


def test_the_debiased_value_is_smaller_and_the_plug_in_value_stands_beside_it():
    y_true, y_score = drawn(500)
    plain, less = error(y_true, y_score), error(y_true, y_score, debiased=True)

    assert less.value < plain.value == less.details["plug_in"]
    assert (less.low, less.details["debiased"]) == (plain.low, True)


def test_two_thousand_rows_of_a_calibrated_model_stay_under_a_twentieth():
    passed = [error(*drawn(2000, seed=seed)).high <= 0.05 for seed in range(40)]

    assert np.mean(passed) > 0.9


def test_a_model_that_is_far_off_is_found_so():
    assert error(*drawn(2000, shift=1.0)).low > 0.05


def test_the_interval_covers_the_error_of_a_shifted_model():
    true = error(*drawn(400_000, shift=0.5, seed=7), bins=10).details["plug_in"]
    found = [error(*drawn(200, shift=0.5, seed=seed), bins=10) for seed in range(200)]

    assert np.mean([one.low <= true <= one.high for one in found]) > 0.94


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


def test_equal_mass_bins_keep_equal_confidences_of_both_classes_together():
    measured = error([0, 1, 1, 0], [0.25, 0.25, 0.75, 0.75], bins=4, equal_mass=True, of="top_label")

    assert measured.details["bins"] == [{"n": 4, "mean_score": 0.75, "observed": 0.5}]


def test_expected_calibration_error_of_one_row_is_its_distance():
    measured = error([1], [0.25])

    assert (measured.value, measured.high) == (0.75, 1.0)


def test_scores_of_nothing_but_certainty_that_come_true_leave_room_for_doubt():
    measured = error([0, 1] * 20, [0.0, 1.0] * 20)

    assert measured.value == 0.0
    assert measured.high > 0.03


def test_calibration_errors_count_a_row_twice_as_two():
    y_true, y_score = [0, 1, 1], [0.2, 0.5, 0.9]

    assert error(y_true * 2, y_score * 2).value == pytest.approx(error(y_true, y_score).value, abs=1e-12)
    assert error(y_true * 9, y_score * 9).high < error(y_true, y_score).high


@pytest.mark.parametrize("check", [expected_calibration_error, maximum_calibration_error])
@pytest.mark.parametrize("of", ["positive", "top_label"])
def test_calibration_errors_ignore_row_order_and_blocks(check, of):
    y_true, y_score = drawn(200)
    made, order = scored(y_true, y_score), np.random.default_rng(1).permutation(200)
    parts = [made.where(order[:90]), made.where(order[90:])]
    scores = ScoreHistogram.of(parts[0]) + ScoreHistogram.of(parts[1])
    confidences = ConfidenceHistogram.of(parts[0]) + ConfidenceHistogram.of(parts[1])

    assert check(scores, confidences, of=of) == measured_on(check, made, of=of)


def test_calibration_errors_are_the_same_when_classes_and_scores_are_turned_round():
    y_true, y_score = np.array([0, 1, 1, 0, 1] * 8), np.array([0.25, 0.75, 0.5, 0.125, 1.0] * 8)
    one, other = error(y_true, y_score, bins=1), error(1 - y_true, 1 - y_score, bins=1)

    assert (one.value, one.low, one.high) == pytest.approx((other.value, other.low, other.high), abs=1e-12)


def test_top_label_of_two_classes_is_that_of_many_classes():
    y_true, y_score = drawn(300)
    both = np.column_stack([1 - y_score, y_score, np.zeros(300)])
    one, other = error(y_true, y_score, of="top_label"), top(y_true, both)

    assert (one.value, one.high) == pytest.approx((other.value, other.high), abs=1e-12)
    assert one.details["of"] == other.details["of"] == "top_label"


def test_maximum_calibration_error_lists_small_bins_without_using_them():
    measured = largest([0] * 99 + [0], [0.1] * 99 + [0.9], bins=10)

    assert measured.value == pytest.approx(0.1)
    assert [row["used"] for row in measured.details["bins"]] == [True, False]
    assert measured.judged


def test_maximum_calibration_error_is_not_judged_when_small_bins_hold_many_rows():
    measured = largest([0, 1] * 10, [0.1, 0.9] * 9 + [0.3, 0.5], bins=10, minimum_bin_size=9)

    assert (measured.judged, measured.reason.code) == (False, "too_few_for_interval")
    assert measured.reason.with_ == {"n": 18, "needed": 19}


def test_maximum_calibration_error_without_a_large_bin_has_no_value():
    measured = largest([0, 1], [0.2, 0.8])

    assert (measured.value, measured.low, measured.reason.code) == (None, None, "too_few_for_interval")


def test_maximum_calibration_error_covers_where_nothing_is_wrong():
    found = [largest(*drawn(300, seed=seed), bins=5, minimum_bin_size=1) for seed in range(100)]
    true = 0.0

    assert np.mean([one.low <= true <= one.high for one in found]) >= 0.95


@pytest.mark.parametrize("check", [expected_calibration_error, maximum_calibration_error])
def test_calibration_errors_of_clustered_rows_are_not_judged(check):
    made = scored([0, 1] * 20, [0.2, 0.5] * 20, entity=list(range(20)) * 2)
    measured = measured_on(check, made, bins=1)

    assert (measured.judged, measured.reason.code, measured.low) == (False, "clustered_rows", None)


def test_scores_on_the_grid_change_the_error_by_less_than_what_is_stated():
    y_true, y_score = drawn(EXACT_SCORES + 60_000)
    weights, gaps = plain_gaps(y_true, y_score, 15)
    measured = error(y_true, y_score)

    assert measured.details["scores"] == "grid"
    assert abs(measured.value - (weights * gaps).sum()) < 1e-4
    assert 0 < measured.details["quantisation"] < 2e-3


@pytest.mark.parametrize("options", [{"equal_mass": True}, {"of": "top_label"}])
def test_quantisation_is_stated_for_every_way_of_binning(options):
    assert 0 < error(*drawn(EXACT_SCORES + 60_000), **options).details["quantisation"] < 5e-3


@pytest.mark.parametrize("check", [expected_calibration_error, maximum_calibration_error])
def test_calibration_errors_refuse_no_bins(check):
    with pytest.raises(ChecklistError, match="'bins' must be at least 1, not 0"):
        measured_on(check, scored([0, 1], [0.2, 0.8]), bins=0)


def test_options_below_their_least_are_refused():
    with pytest.raises(ChecklistError, match="'power' must be at least 1"):
        error([0, 1], [0.2, 0.8], power=0)
    with pytest.raises(ChecklistError, match="'minimum_bin_size' must be at least 1"):
        largest([0, 1], [0.2, 0.8], minimum_bin_size=0)


@pytest.mark.parametrize("check", [expected_calibration_error, maximum_calibration_error])
@pytest.mark.parametrize(
    ("made", "code"),
    [
        (block([0, 1], [0, 1]), "no_scores"),
        (block([0, 1], [0, 1], [0.1, 0.9]).where(np.zeros(2, bool)), "no_rows"),
        (block([0, 1], [0, 1], [0.1, 0.9], positive=None), "no_positive"),
        (block(["a"], ["a"], classes=("a", "b", "c"), positive=None, task="multiclass"), "no_scores"),
        (many([0], [[0.5, 0.25, 0.25]]).where(np.zeros(1, bool)), "no_rows"),
        (block([1.0], [1.0], task="regression"), "needs_classification"),
    ],
)
def test_calibration_errors_say_what_they_lack(check, made, code):
    with pytest.raises(NotMeasurable, match=rf"^{code}$"):
        measured_on(check, made)


def in_cells(scores, counts, means=None):
    """Evidence of more scores than are held exactly, in a few cells only: their middles, rows and mean scores."""
    counts, rows_of_cells = np.array(counts, np.int64), np.sum(counts, axis=1)
    units = np.rint(np.array(scores if means is None else means) * 2.0**32).astype(np.int64) * rows_of_cells
    cells = KeyCounts(
        outer=np.zeros(len(scores), np.int64),
        cells=np.arange(len(scores)),
        shift=1,
        table=np.column_stack([counts, units]),
    )
    return ScoreHistogram(roles=ROLES, scores=np.array(scores), counts=counts, cells=cells)


def held_exactly(scores, counts):
    return ScoreHistogram(roles=ROLES, scores=np.array(scores), counts=np.array(counts, np.int64))


ROLES = scored([0], [0.5]).roles
NOTHING = ConfidenceHistogram.of(scored([0], [0.5]))
# The border between two bins of equal width lies in the cell of 0.45 or in that of 0.55.
CELLS = [0.1, 0.3, 0.45, 0.55, 0.9]
COUNTS = [[20, 0], [15, 5], [6, 2], [3, 4], [0, 25]]


@pytest.mark.parametrize(
    ("scores", "counts", "moved"),
    [
        (CELLS, COUNTS, 6 * 0.55),
        (CELLS, [*COUNTS[:2], [1, 10], *COUNTS[3:]], 10 * (1 - 0.3)),
        (CELLS, [*COUNTS[:3], [9, 4], COUNTS[4]], 9 * 0.9),
        (CELLS, [*COUNTS[:3], [3, 12], COUNTS[4]], 12 * (1 - 0.45)),
        ([0.4, 0.6], [[5, 8], [4, 3]], 8 * 1.0),
        ([0.4, 0.6], [[5, 2], [7, 3]], 7 * 1.0),
        ([0.4, 0.45], [[5, 8], [4, 3]], 0.0),
    ],
)
def test_border_cells_change_the_error_by_what_their_rows_of_one_class_add_to_two_bins(scores, counts, moved):
    measured = expected_calibration_error(in_cells(scores, counts), NOTHING, bins=2)

    assert measured.details["quantisation"] == pytest.approx(2 * moved / np.sum(counts), abs=1e-9)


def test_border_cells_change_the_gap_of_every_bin_by_its_own_part():
    measured = maximum_calibration_error(in_cells(CELLS, COUNTS), NOTHING, bins=2)
    # Errors of 3.3 and at most 8 rows may leave either bin.
    gaps = abs((2 + 6 + 3.6 - 7) / 48), abs((7 * 0.55 + 22.5 - 29) / 32)
    blurs = [(3.3 + gap * 8) / (n - 8) for gap, n in zip(gaps, (48, 32), strict=True)]

    assert measured.value == pytest.approx(max(gaps), abs=1e-9)
    assert measured.details["quantisation"] == pytest.approx(max(blurs), abs=1e-9)


def test_a_bin_that_is_not_used_leaves_no_doubt_of_its_own():
    measured = maximum_calibration_error(in_cells(CELLS, COUNTS), NOTHING, bins=3, minimum_bin_size=16)
    # Bins of 0.1 and 0.3, of 0.45 and 0.55, of 0.9: the one in the middle has 15 rows.
    border, gap = max(15 * 0.45, 5 * 0.9, 6 * 0.55), (2 + 6 - 5) / 40

    assert [row["used"] for row in measured.details["bins"]] == [True, False, True]
    assert measured.details["quantisation"] == pytest.approx(1.0)
    assert maximum_calibration_error(in_cells(CELLS[:4], COUNTS[:4]), NOTHING, bins=3, minimum_bin_size=16).details[
        "quantisation"
    ] == pytest.approx((border + gap * 20) / 20, abs=1e-9)


def test_a_bin_between_two_borders_may_change_at_both():
    counts = [[50, 0], [4, 0], [2, 0], [40, 40], [3, 0], [0, 5], [0, 50]]
    made = in_cells([0.1, 0.3, 0.35, 0.5, 0.65, 0.7, 0.9], counts)
    quantisation = expected_calibration_error(made, NOTHING, bins=3).details["quantisation"]

    # 4 rows up to 0.35 or 2 up to 0.5, and 3 up to 0.7 or 5 above 0.65.
    assert quantisation == pytest.approx(2 * (4 * 0.35 + 3 * 0.7) / 194, abs=1e-9)


@pytest.mark.parametrize("check", BOTH)
def test_cells_without_a_border_between_them_leave_the_interval_as_it_is(check):
    cells, exact = in_cells(CELLS, COUNTS), held_exactly(CELLS, COUNTS)
    one, other = check(cells, NOTHING, bins=1), check(exact, NOTHING, bins=1)

    assert (one.details["quantisation"], one.details["scores"], other.details["scores"]) == (0.0, "grid", "exact")
    assert (one.value, one.low, one.high) == pytest.approx((other.value, other.low, other.high), abs=1e-8)


def test_the_interval_of_the_error_is_wider_by_what_border_cells_can_change():
    counts = [[200, 0], [2, 0], [0, 2], [150, 50]]
    scores = [0.4, 0.45, 0.55, 0.9]
    cells, exact = (
        expected_calibration_error(made(scores, counts), NOTHING, bins=2) for made in (in_cells, held_exactly)
    )
    quantisation = 2 * max(2 * 0.55, 2 * 0.55) / 404

    assert exact.details["quantisation"] == 0.0
    assert exact.low > quantisation
    assert cells.low == pytest.approx(exact.low - quantisation, abs=1e-8)
    assert cells.high == pytest.approx(exact.high + quantisation, abs=1e-8)


def test_the_interval_of_the_largest_error_is_wider_by_what_border_cells_can_change():
    counts = [[200, 0], [2, 0], [0, 2], [150, 50]]
    scores = [0.4, 0.45, 0.55, 0.9]
    cells, exact = (
        maximum_calibration_error(made(scores, counts), NOTHING, bins=2) for made in (in_cells, held_exactly)
    )
    gap = (2 * 0.55 + 200 * 0.9 - 52) / 202
    blur = (2 * 0.55 + gap * 2) / 200

    assert (cells.value, exact.value) == pytest.approx((gap, gap), abs=1e-8)
    assert (cells.low, cells.high) == pytest.approx((exact.low - blur, exact.high + blur), abs=1e-8)


@pytest.mark.parametrize("check", BOTH)
def test_an_interval_that_border_cells_widen_stays_in_range(check):
    options = {"minimum_bin_size": 1} if check is maximum_calibration_error else {}
    measured = check(in_cells([0.4, 0.6], [[1, 1], [1, 1]]), NOTHING, bins=2, **options)

    assert (measured.low, measured.high) == (0.0, 1.0)
    assert 0 < measured.details["quantisation"] <= 1


def test_a_bin_that_consists_of_nothing_but_a_border_cell_can_change_altogether():
    measured = maximum_calibration_error(in_cells([0.4, 0.6], [[10, 0], [0, 10]]), NOTHING, bins=2)

    assert measured.details["quantisation"] == 1.0


@pytest.mark.parametrize(
    ("scores", "counts", "around"),
    [
        ([0.3, 0.46, 0.52, 0.8], [[9, 0], [4, 0], [0, 6], [0, 8]], 6),
        ([0.3, 0.46, 0.52, 0.8], [[9, 0], [7, 0], [0, 6], [0, 8]], 7),
        ([0.46, 0.52, 0.8], [[7, 0], [0, 6], [0, 8]], 7),
        ([0.52, 0.8], [[0, 6], [0, 8]], 6),
        ([0.3, 0.46], [[9, 0], [4, 0]], 4),
        ([0.3, 0.5, 0.8], [[5, 0], [3, 3], [0, 9]], 6),
    ],
)
def test_rows_of_the_cell_with_a_half_in_it_may_have_either_class_as_the_likelier_one(scores, counts, around):
    measured = expected_calibration_error(in_cells(scores, counts), NOTHING, bins=1, of="top_label")

    assert measured.details["quantisation"] == pytest.approx(2 * around / np.sum(counts), abs=1e-12)


def test_the_cell_with_a_half_in_it_changes_the_bin_of_the_lowest_confidences():
    counts = [[0, 0], [100, 0], [0, 3], [0, 100]]
    made = in_cells([0.3, 0.46, 0.52, 0.8][1:], counts[1:])
    measured = maximum_calibration_error(made, NOTHING, bins=1, of="top_label", minimum_bin_size=1)

    assert measured.details["quantisation"] == pytest.approx(min(1.0, 2 * 100 / 203), abs=1e-12)


def test_scores_that_are_held_exactly_have_no_doubtful_half():
    exact = held_exactly([0.3, 0.46, 0.52, 0.8], [[9, 0], [4, 0], [0, 6], [0, 8]])

    assert expected_calibration_error(exact, NOTHING, of="top_label").details["quantisation"] == 0.0
    assert maximum_calibration_error(exact, NOTHING, of="top_label").details["quantisation"] == 0.0


@pytest.mark.parametrize("of", ["positive", "top_label"])
@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 999)), min_size=1, max_size=120), st.integers(1, 12))
@settings(max_examples=60, deadline=None)
def test_the_error_of_scores_in_cells_is_as_near_to_the_true_one_as_is_stated(of, table, bins):
    y, thousandths = (np.array(column) for column in zip(*table, strict=True))
    # Cells of a tenth, the middle one around a half.
    score, where = thousandths / 1000, (thousandths + 50) // 100
    places = np.unique(where)
    counts = [[np.sum((where == place) & (y == kind)) for kind in (0, 1)] for place in places]
    middles, means = np.clip(places / 10, 0.01, 0.99), [score[where == place].mean() for place in places]
    made, exact = in_cells(middles, counts, means), ScoreHistogram.of(scored(y, score))
    for check, options in ((BOTH[0], {}), (BOTH[1], {"minimum_bin_size": 1})):
        cells, true = (check(one, NOTHING, bins=bins, of=of, **options) for one in (made, exact))
        if len(cells.details["bins"]) == len(true.details["bins"]):
            assert abs(cells.value - true.value) <= cells.details["quantisation"] + 1e-8


def test_details_of_the_expected_error_say_how_it_was_measured():
    measured = error(*DISCRETE, bins=18, equal_mass=True, power=2, debiased=True)

    assert {key: value for key, value in measured.details.items() if key != "bins"} == {
        "scores": "exact",
        "of": "positive",
        "binning": "equal_mass",
        "power": 2,
        "plug_in": measured.value,
        "debiased": False,
        "quantisation": 0.0,
    }
    assert (measured.judged, measured.reason.code) == (False, "no_interval")
    assert (measured.n, measured.unit) == (9, "score")


def test_details_of_the_largest_error_say_how_it_was_measured():
    measured = largest([0, 1] * 10, [0.2, 0.7] * 10, bins=2, equal_mass=True)

    assert measured.details == {
        "bins": [
            {"n": 10, "mean_score": pytest.approx(0.2), "observed": 0.0, "used": True},
            {"n": 10, "mean_score": pytest.approx(0.7), "observed": 1.0, "used": True},
        ],
        "scores": "exact",
        "of": "positive",
        "binning": "equal_mass",
        "quantisation": 0.0,
    }
    assert (measured.n, measured.unit, measured.method) == (20, "score", "sidak_clopper_pearson")


@pytest.mark.parametrize("check", BOTH)
def test_bins_have_equal_width_unless_they_are_asked_to_hold_equally_many_rows(check):
    y_true, y_score = [0, 1] * 30, [0.1] * 20 + [0.15] * 20 + [0.9] * 20
    usual, equal = (measured_on(check, scored(y_true, y_score), bins=3, equal_mass=mass) for mass in (False, True))

    assert [row["n"] for row in usual.details["bins"]] == [40, 20]
    assert [row["n"] for row in equal.details["bins"]] == [20, 20, 20]
    assert measured_on(check, scored(y_true, y_score), bins=3) == usual
    assert (usual.details["binning"], equal.details["binning"]) == ("equal_width", "equal_mass")


@pytest.mark.parametrize("check", BOTH)
def test_defaults_are_fifteen_bins_of_the_positive_class_at_ninety_five_percent(check):
    y_true, y_score = drawn(400)
    said = measured_on(check, scored(y_true, y_score), bins=15, equal_mass=False, of="positive", confidence=0.95)

    assert measured_on(check, scored(y_true, y_score)) == said
    assert len(measured_on(check, scored([0, 1] * 24, (np.arange(48) + 0.5) / 48)).details["bins"]) == 15
    assert measured_on(check, scored(y_true, y_score), confidence=0.8).high < said.high


def test_the_plain_value_of_power_one_is_the_default():
    y_true, y_score = drawn(300)

    assert error(y_true, y_score) == error(y_true, y_score, power=1, debiased=False)
    assert error(y_true, y_score).details["debiased"] is False


@pytest.mark.parametrize(("smallest", "used"), [(None, [True, False]), (9, [True, True]), (200, [False, False])])
def test_bins_of_ten_rows_are_used_unless_another_number_is_asked_for(smallest, used):
    options = {} if smallest is None else {"minimum_bin_size": smallest}
    measured = largest([0] * 199, [0.1] * 190 + [0.9] * 9, bins=2, **options)

    assert [row["used"] for row in measured.details["bins"]] == used
    assert largest([0] * 200, [0.1] * 190 + [0.9] * 10, bins=2).details["bins"][1]["used"]


def test_a_twentieth_of_the_rows_may_be_left_out_and_no_more():
    enough = largest([0] * 200, [0.1] * 190 + [0.9] * 10, bins=2, minimum_bin_size=11)
    few = largest([0] * 200, [0.1] * 189 + [0.9] * 11, bins=2, minimum_bin_size=12)

    assert enough.judged
    assert few.reason.with_ == {"n": 189, "needed": 190}
    assert (few.value, few.unit, few.n, few.low) == (pytest.approx(0.1), "score", 200, None)
    assert [row["used"] for row in few.details["bins"]] == [True, False]


@pytest.mark.parametrize("check", BOTH)
def test_clustered_rows_keep_their_value_and_their_diagram(check):
    made = scored([0, 1] * 20, [0.2, 0.5] * 20, entity=list(range(20)) * 2)
    measured = measured_on(check, made, bins=1)

    assert measured.value == pytest.approx(0.15)
    assert (measured.n, measured.unit, measured.high) == (40, "score", None)
    assert measured.details["bins"][0]["n"] == 40


def test_a_power_of_clustered_rows_is_unjudged_as_they_are_clustered():
    made = scored([0, 1] * 20, [0.2, 0.5] * 20, entity=list(range(20)) * 2)

    assert measured_on(expected_calibration_error, made, power=2).reason.code == "clustered_rows"


def test_clustered_rows_of_many_classes_are_not_judged():
    made = many([0, 1, 2] * 4, np.tile([[0.6, 0.3, 0.1]], (12, 1)), entity=[1, 2] * 6)

    assert measured_on(expected_calibration_error, made).reason.code == "clustered_rows"


@pytest.mark.parametrize(
    ("y_true", "score", "confidence", "observed"),
    [(1, 0.5, 0.5, 1.0), (0, 0.5, 0.5, 0.0), (0, 0.25, 0.75, 1.0), (1, 0.25, 0.75, 0.0), (1, 0.75, 0.75, 1.0)],
)
def test_a_score_of_a_half_speaks_of_the_positive_class_and_a_lower_one_of_the_other(
    y_true, score, confidence, observed
):
    bins = error([y_true], [score], of="top_label").details["bins"]

    assert bins == [{"n": 1, "mean_score": confidence, "observed": observed}]


@pytest.mark.parametrize(("bins", "rows_of_bins"), [(1, [7]), (2, [3, 4]), (3, [2, 3, 2]), (7, [1] * 7), (20, [1] * 7)])
def test_rows_are_dealt_to_bins_of_equal_mass_by_the_middle_of_their_rank(bins, rows_of_bins):
    made = error([0, 1, 0, 1, 0, 1, 1], np.arange(1, 8) / 10, bins=bins, equal_mass=True).details["bins"]

    assert [row["n"] for row in made] == rows_of_bins


def test_many_equal_scores_push_the_others_to_the_outer_bins_of_equal_mass():
    made = error([0, 1, 0, 1, 0, 1], [0.1, 0.5, 0.5, 0.5, 0.5, 0.9], bins=3, equal_mass=True).details["bins"]

    assert [(row["n"], row["mean_score"]) for row in made] == [(1, 0.1), (4, 0.5), (1, 0.9)]


def test_a_bin_that_may_lose_all_rows_but_one_can_change_by_all_of_its_errors():
    made = in_cells([0.04, 0.06, 0.1], [[1, 0], [1, 0], [1, 0]])
    measured = maximum_calibration_error(made, NOTHING, bins=20, minimum_bin_size=1)

    # The row at 0.06 may lie in either bin; with that at 0.1 it has a mean error of 0.08.
    assert measured.details["quantisation"] == pytest.approx(0.1 + 0.08, abs=1e-9)


@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_the_largest_error_has_clopper_pearsons_limits_that_hold_for_all_bins(confidence):
    measured = largest(
        [0] * 30 + [1] * 10 + [0] * 20 + [1] * 20, [0.5] * 40 + [0.9] * 40, bins=2, confidence=confidence
    )
    low, high = clopper_pearson([10, 20], [40, 40], confidence=confidence**0.5)

    assert measured.value == pytest.approx(0.4)
    assert measured.low == pytest.approx(max(0.5 - high[0], 0.9 - high[1]), abs=1e-12)
    assert measured.high == pytest.approx(max(0.5 - low[0], 0.9 - low[1]), abs=1e-12)


three = st.lists(
    st.tuples(st.integers(0, 2), st.integers(1, 9), st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=50
)


@given(three, st.integers(1, 12), st.booleans())
@settings(max_examples=30, deadline=None)
def test_errors_of_many_classes_are_those_of_the_likeliest_one(table, bins, equal_mass):
    y_true, *weights = (np.array(column) for column in zip(*table, strict=True))
    scores = np.column_stack(weights) / np.sum(weights, axis=0)[:, None]
    right, confidence = (scores.argmax(axis=1) == y_true).astype(int), scores.max(axis=1)
    options = {"bins": bins, "equal_mass": equal_mass}

    assert top(y_true, scores, **options).value == error(right, confidence, **options).value
    one = measured_on(maximum_calibration_error, many(y_true, scores), minimum_bin_size=1, **options)
    assert one.value == largest(right, confidence, minimum_bin_size=1, **options).value
    assert one.details["of"] == "top_label"


def test_many_classes_have_the_likeliest_label_whatever_is_asked_for():
    made = many(*MULTICLASS)

    assert measured_on(expected_calibration_error, made, of="positive") == measured_on(
        expected_calibration_error, made, of="top_label"
    )


@given(rows, st.integers(1, 12))
@settings(max_examples=30, deadline=None)
def test_bins_of_the_diagram_hold_every_row_once(table, bins):
    y_true, y_score = zip(*table, strict=True)
    for equal_mass in (False, True):
        diagram = error(y_true, y_score, bins=bins, equal_mass=equal_mass).details["bins"]

        assert sum(row["n"] for row in diagram) == len(table)
        assert len(diagram) <= bins
        assert sum(row["n"] * row["observed"] for row in diagram) == pytest.approx(sum(y_true))
        assert sum(row["n"] * row["mean_score"] for row in diagram) == pytest.approx(sum(y_score))
        means = [row["mean_score"] for row in diagram]
        assert means == sorted(means)


@given(rows, st.integers(1, 12))
@settings(max_examples=30, deadline=None)
def test_higher_powers_lie_between_the_mean_and_the_largest_error(table, bins):
    y_true, y_score = zip(*table, strict=True)
    mean, square, cube = (error(y_true, y_score, bins=bins, power=power).value for power in (1, 2, 3))

    assert mean <= square + 1e-12 <= cube + 2e-12
    assert cube <= largest(y_true, y_score, bins=bins, minimum_bin_size=1).value + 1e-12


@given(rows)
@settings(max_examples=30, deadline=None)
def test_one_bin_has_the_error_of_all_rows_together_by_either_check(table):
    y_true, y_score = zip(*table, strict=True)
    together = abs(np.mean(y_score) - np.mean(y_true))

    assert error(y_true, y_score, bins=1).value == pytest.approx(together, abs=1e-12)
    assert largest(y_true, y_score, bins=1, minimum_bin_size=1).value == pytest.approx(together, abs=1e-12)


@given(rows, st.integers(1, 12))
@settings(max_examples=30, deadline=None)
def test_finer_bins_that_nest_never_show_a_smaller_error(table, bins):
    y_true, y_score = zip(*table, strict=True)

    # Edges of k bins are edges of 2 k bins: k / n and 2 k / 2 n round alike.
    assert error(y_true, y_score, bins=2 * bins).value >= error(y_true, y_score, bins=bins).value - 1e-12


@pytest.mark.parametrize("equal_mass", [False, True])
def test_the_debiased_error_of_a_calibrated_model_is_nearer_to_nothing(equal_mass):
    found = [error(*drawn(500, seed=seed), debiased=True, equal_mass=equal_mass) for seed in range(30)]

    assert np.mean([one.value for one in found]) < 0.7 * np.mean([one.details["plug_in"] for one in found])
    assert min(one.value for one in found) >= 0


def test_a_row_more_that_is_far_off_never_lowers_the_largest_error_of_its_bin():
    y_true, y_score = [0] * 30, [0.2] * 30
    values = [largest(y_true + [0] * k, y_score + [0.99] * k, minimum_bin_size=10).value for k in (0, 9, 10, 11)]

    assert values == pytest.approx([0.2, 0.2, 0.99, 0.99])


def bins_row_by_row(y_true, y_score, count):
    """Bins of equal width from the rows themselves."""
    y, score = np.array(y_true, float), np.array(y_score, float)
    places = np.searchsorted(np.arange(1, count) / count, score)
    parts = [(y[places == place], score[places == place]) for place in np.unique(places)]
    return Bins(
        n=np.array([float(len(of)) for of, _ in parts]),
        events=np.array([of.sum() for of, _ in parts]),
        mean_score=np.array([given.mean() for _, given in parts]),
        spread=np.array([given.var() for _, given in parts]),
        squared_error=np.array([np.mean((given - of) ** 2) for of, given in parts]),
    )


@given(rows, st.integers(1, 12), st.sampled_from([0.8, 0.95]))
@settings(max_examples=40, deadline=None)
def test_the_interval_of_the_expected_error_is_that_of_bins_made_row_by_row(table, bins, confidence):
    y_true, y_score = zip(*table, strict=True)
    by_hand = bins_row_by_row(y_true, y_score, bins)
    measured = error(y_true, y_score, bins=bins, confidence=confidence, debiased=True)

    assert measured.value == pytest.approx(debiased_mean_gap(by_hand), abs=1e-9)
    assert (measured.low, measured.high) == pytest.approx(mean_gap_interval(by_hand, confidence=confidence), abs=1e-7)


def test_scores_that_vary_within_a_bin_widen_the_limits_of_the_largest_error():
    y_true, y_score = [0, 0, 0, 1] * 10, [0.5, 0.7, 0.9, 0.7] * 10
    measured = largest(y_true, y_score, bins=1)
    low, high = clopper_pearson(10, 40, confidence=0.95)
    doubt = norm.ppf(0.975) * np.std(y_score) / np.sqrt(40)

    assert measured.value == pytest.approx(0.7 - 0.25)
    assert measured.low == pytest.approx(0.45 - np.hypot(high - 0.25, doubt), abs=1e-9)
    assert measured.high == pytest.approx(0.45 + np.hypot(0.25 - low, doubt), abs=1e-9)


@pytest.mark.parametrize("check", BOTH)
@pytest.mark.parametrize("of", ["positive", "top_label"])
def test_evidence_of_three_blocks_in_cells_is_measured_alike_in_every_order(check, of):
    made = scored(*drawn(EXACT_SCORES + 30_000))
    parts = [made.where(np.arange(len(made.y_true)) % 3 == place) for place in range(3)]
    one, two, three = (ScoreHistogram.of(part) for part in parts)
    first, second = check(one + two + three, NOTHING, of=of), check(three + (two + one), NOTHING, of=of)

    assert first == second == check(ScoreHistogram.of(made), NOTHING, of=of)
    assert first.details["scores"] == "grid"
    assert first.low - 1e-12 <= first.value <= first.high + 1e-12
