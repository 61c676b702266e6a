import pytest

from reliability.records import Criterion
from reliability.reports.exhibits import (
    BAR_WIDTH,
    LEFT,
    MOST_COLUMNS,
    SQUARE,
    TOP,
    disturbance,
    drift_map,
    exhibits,
    missing_map,
    reliability,
)
from reliability.words.text import words
from tests.reports.sample import assessment, finding, measured, result

BINS = [
    {"mean_score": 0.0, "observed": 0.0, "n": 20},
    {"mean_score": 0.5, "observed": 0.75, "n": 30},
    {"mean_score": 1.0, "observed": 1.0, "n": 5},
    {"mean_score": 0.7, "observed": 0.1, "n": 4},
]


def detailed(check, value=0.5, **details):
    return measured(check, (value, value - 0.1, min(value + 0.1, 1.0)), n=1000).model_copy(update={"details": details})


def calibrated(bins=BINS):
    return detailed("calibration.expected_calibration_error", bins=bins)


def columns(*missing):
    return [{"column": f"열{n}", "missing": lacking, "value": 1 - lacking / 100} for n, lacking in enumerate(missing)]


def completeness(*missing):
    return detailed("data_quality.value_completeness", columns=columns(*missing))


def test_bins_stand_where_their_shares_put_them():
    points = reliability("PER-04", calibrated(), words("ko")).points

    assert (points[0].x, points[0].y) == (LEFT, TOP + SQUARE)
    assert (points[1].x, points[1].y) == (LEFT + SQUARE / 2, TOP + SQUARE / 4)
    assert (points[2].x, points[2].y) == (LEFT + SQUARE, TOP)


def test_bins_of_few_rows_are_counted_and_not_shown():
    drawn = reliability("PER-04", calibrated(), words("ko"))

    assert [point.n for point in drawn.points] == ["20", "30", "5"]
    assert drawn.withheld == 1


def test_bins_print_their_numbers():
    point = reliability("PER-04", calibrated(), words("en")).points[1]

    assert (point.score, point.observed) == ("50.0%", "75.0%")


@pytest.mark.parametrize("found", [measured("performance.accuracy", (0.7, 0.6, 0.8)), calibrated([])])
def test_other_measures_have_no_reliability_diagram(found):
    assert reliability("X", found, words("ko")) is None


def test_bars_are_as_long_as_what_is_missing():
    drawn = missing_map("DAT-02", completeness(40, 20, 0, 0), words("ko"))

    assert [bar.width for bar in drawn.bars] == [BAR_WIDTH, BAR_WIDTH / 2]
    assert drawn.bars[0].text == "40.0% (40건)"
    assert drawn.complete == 2


def test_columns_beyond_those_drawn_are_counted():
    drawn = missing_map("DAT-02", completeness(*range(30, 0, -1)), words("ko"))

    assert len(drawn.bars) == MOST_COLUMNS
    assert drawn.left_out == 30 - MOST_COLUMNS
    assert max(bar.y for bar in drawn.bars) < drawn.height


def test_nothing_missing_draws_no_bar():
    drawn = missing_map("DAT-02", completeness(0, 0), words("ko"))

    assert (drawn.bars, drawn.complete) == ((), 2)


def test_a_long_name_of_a_column_is_cut():
    found = detailed("data_quality.value_completeness", columns=[{"column": "가" * 80, "missing": 3, "value": 0.97}])

    assert missing_map("DAT-02", found, words("ko")).bars[0].name.endswith("…")


def test_disturbances_stand_by_check_and_strength():
    drawn = disturbance(
        [
            detailed("robustness.noise_consistency", 0.8, strength=0.3),
            detailed("robustness.noise_consistency", 0.9, strength=0.1),
            detailed("robustness.missing_value_consistency", 0.85, share=0.05),
        ],
        words("en"),
    )

    assert [row.label for row in drawn.plot.rows] == ["missing 0.05", "noise 0.1", "noise 0.3"]
    assert not drawn.plot.wide


def shifted(n):
    columns = [
        {"column": f"열{place}", "value": 0.3 - place / 100, "low": 0.0, "high": 0.4, "n": 500} for place in range(n)
    ]
    return detailed("drift.population_stability_index", 0.3, columns=columns).model_copy(update={"unit": "index"})


def test_drift_stands_by_column_against_the_limit_the_farthest_first():
    drawn = drift_map(
        "DAT-10", Criterion(check="drift.population_stability_index", at_most=0.1), shifted(3), words("en")
    )

    assert [row.label for row in drawn.plot.rows] == ["열0", "열1", "열2"]
    assert "0.10" in drawn.plot.reference.label.text
    assert drawn.item == "DAT-10"
    assert drawn.note == words("en").text("exhibit.drift.note")


@pytest.mark.parametrize(("more", "said"), [(1, "One column that moved less"), (3, "3 columns that moved less")])
def test_columns_that_moved_less_are_counted_not_drawn(more, said):
    drawn = drift_map("DAT-10", Criterion(report=True), shifted(MOST_COLUMNS + more), words("en"))

    assert len(drawn.plot.rows) == MOST_COLUMNS
    assert said in drawn.note
    assert drawn.plot.reference is None


def test_other_measures_and_no_columns_draw_no_drift():
    assert drift_map("DAT-10", Criterion(report=True), detailed("drift.label_drift"), words("ko")) is None
    assert drift_map("DAT-10", Criterion(report=True), shifted(0), words("ko")) is None


def test_a_check_without_a_strength_is_no_disturbance():
    assert disturbance([detailed("robustness.repeatability", 1.0)], words("ko")) is None


def test_exhibits_are_empty_where_nothing_of_the_kind_was_measured():
    drawn = exhibits(assessment(), words("ko"))

    assert not drawn.any
    assert (drawn.reliability, drawn.missing, drawn.drift, drawn.disturbance) == (None,) * 4


def test_exhibits_name_the_item_that_measured_them():
    calibration = finding("PER-04").model_copy(update={"criteria": (result("pass", calibrated(), at_most=0.6),)})
    drawn = exhibits(assessment(findings=(calibration,)), words("ko"))

    assert drawn.any
    assert drawn.reliability.item == "PER-04"
