import math

import pytest

from reliability.records import Criterion, Measurement
from reliability.reports.groups import compared
from reliability.reports.scale import NARROW, SCALE_LEFT, SCALE_WIDTH, WIDE, axis, group_plot, scale
from reliability.reports.widths import half_widths
from reliability.words.text import words
from tests.reports.sample import AGE, measured
from tests.reports.sample import compared as comparison


def test_axis_holds_its_values_with_air():
    line = axis([0.55, 0.67, 0.79, 0.80], (0, 1), 0, 100)

    assert line.start < 0.55 < 0.80 < line.end <= 1


def test_axis_stays_within_what_the_unit_allows():
    line = axis([0.9, 0.999], (0, 1), 0, 100)

    assert line.end == 1.0


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0, -3.0])
def test_axis_has_room_when_all_values_are_one(value):
    line = axis([value], (-math.inf, math.inf), 0, 100)

    assert line.start < line.end


def test_axis_keeps_a_value_beyond_its_ends_inside_the_drawing():
    line = axis([0.2, 0.4], (0, 1), 10, 100)

    assert line.at(-5) == 10
    assert line.at(5) == 110


def test_marks_stand_in_the_order_of_their_numbers():
    drawn = scale(
        measured("performance.roc_auc", (0.76, 0.74, 0.78), "auc"), Criterion(at_least=0.75), "t", words("ko")
    )

    assert drawn.low < drawn.limits[0].x < drawn.value.x < drawn.high


def test_zone_reaches_from_the_limit_to_the_good_end():
    least = scale(measured("a.b", (0.5, 0.4, 0.6)), Criterion(at_least=0.45), "t", words("ko"))
    most = scale(measured("a.b", (0.5, 0.4, 0.6)), Criterion(at_most=0.45), "t", words("ko"))

    assert sum(least.zone) == pytest.approx(SCALE_LEFT + SCALE_WIDTH)
    assert most.zone[0] == SCALE_LEFT
    assert sum(most.zone) == pytest.approx(least.zone[0])


def test_between_draws_two_limits():
    drawn = scale(measured("a.b", (0.5, 0.4, 0.6)), Criterion(between=(0.45, 0.7)), "t", words("en"))

    assert [label.text for label in drawn.limits] == ["limit 45%", "limit 70%"]


def test_end_labels_give_way_to_the_limit():
    drawn = scale(measured("a.b", (0.2, 0.1, 0.9)), Criterion(at_least=0.95), "t", words("en"))

    assert all(abs(end.x - drawn.limits[0].x) > 62 for end in drawn.ends)


@pytest.mark.parametrize("criterion", [Criterion(report=True)])
def test_scale_is_none_without_a_limit(criterion):
    assert scale(measured("a.b", (0.5, 0.4, 0.6)), criterion, "t", words("ko")) is None


def test_scale_is_none_without_a_value():
    nothing = Measurement(value=None, n=0, unit="share", reason={"code": "no_rows"})

    assert scale(nothing, Criterion(at_least=0.5), "t", words("ko")) is None


def test_group_plot_gives_every_group_its_own_line():
    found = comparison("fairness.selection_rate_ratio", "age", (0.66, 0.47, 0.84), AGE, "ratio")
    plot = group_plot(compared(found, Criterion(at_least=0.8), words("ko")), "t", "최고 집단의 80%", words("ko"))

    assert len({row.y for row in plot.rows}) == 4
    assert plot.rows[0].text == "29.0%"
    assert plot.rows[0].note == "n=412"
    assert max(row.y for row in plot.rows) < plot.height


def test_group_plot_is_none_when_every_group_is_suppressed():
    found = comparison("a.b", "g", (0.5, 0.1, 0.9), [("a", 0.5, 0.1, 0.9, 3), ("b", 0.5, 0.1, 0.9, 2)], "ratio")

    assert group_plot(compared(found, Criterion(at_least=0.8), words("ko")), "t", "", words("ko")) is None


def test_group_plot_prints_no_size_of_a_suppressed_group():
    rows = [("a", 0.5, 0.1, 0.9, 3), ("b", 0.4, 0.1, 0.9, 60), ("c", 0.4, 0.1, 0.9, 70)]
    plot = group_plot(
        compared(comparison("a.b", "g", (0.5, 0.1, 0.9), rows, "ratio"), Criterion(at_least=0.8), words("en")),
        "t",
        "",
        words("en"),
    )

    assert {row.note for row in plot.rows} == {"n=70", "figures withheld to protect individuals"}


def test_number_at_the_edge_is_not_cut_off():
    drawn = scale(measured("a.b", (0.0, 0.0, 0.19), "difference"), Criterion(at_most=0.1), "t", words("ko"))

    assert drawn.value.anchor == "start"


def test_axis_of_rows_starts_at_nought_at_least():
    assert axis([3, 30], (0, math.inf), 0, 100).start == 0


@pytest.mark.parametrize("label", ["가" * 300, "a" * 300, "가a" * 150])
def test_label_of_a_group_fits_beside_its_line(label):
    found = comparison("a.b", "g", (0.5, 0.1, 0.9), [(label, 0.5, 0.1, 0.9, 30), ("b", 0.5, 0.1, 0.9, 20)], "ratio")
    plot = group_plot(compared(found, Criterion(at_least=0.8), words("ko")), "t", "", words("ko"))
    (shown,) = [row.label for row in plot.rows if row.label != "b"]

    assert shown.endswith("…")
    assert plot.wide
    assert half_widths(shown[:-1]) <= WIDE.label_width


def plotted(*labels, reference="", lang="ko"):
    rows = [(label, 0.5, 0.1, 0.9, 40) for label in labels]
    found = comparison("fairness.selection_rate_ratio", "g", (0.5, 0.1, 0.9), rows, "ratio")
    return group_plot(compared(found, Criterion(at_least=0.8), words(lang)), "t", reference, words(lang))


def test_short_names_leave_room_for_two_plots_beside_each_other():
    assert plotted("g", "h").frame is NARROW


def test_one_long_name_takes_the_whole_width():
    assert plotted("g", "이름이 아주 긴 집단과 그 밖").wide


def test_lines_end_before_the_values_begin():
    assert all(frame.right < frame.value_x < frame.note_x < frame.total for frame in (NARROW, WIDE))


def test_label_of_the_reference_stays_inside_the_drawing():
    told = "비교 집단 중 최고값의 80%"
    plot = plotted("g", "h", reference=told)

    assert plot.reference.label.x <= plot.frame.total
    assert plot.frame.left <= plot.reference.x <= plot.frame.right
    assert min(row.y for row in plot.rows) > min(row.y for row in plotted("g", "h").rows)


def test_labels_of_two_near_limits_turn_away_from_each_other():
    drawn = scale(measured("a.b", (0.5, 0.1, 0.95)), Criterion(between=(0.49, 0.51)), "t", words("ko"))

    assert [label.anchor for label in drawn.limits] == ["end", "start"]


def test_labels_of_two_far_limits_stand_in_the_middle():
    drawn = scale(measured("a.b", (0.5, 0.2, 0.8)), Criterion(between=(0.4, 0.7)), "t", words("ko"))

    assert [label.anchor for label in drawn.limits] == ["middle", "middle"]
