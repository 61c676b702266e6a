import pytest

from reliability.records import Criterion, CriterionResult, Measurement
from reliability.reports.groups import MOST_ROWS, compared, slice_label, sliced
from reliability.words.text import words
from tests.reports.sample import AGE
from tests.reports.sample import compared as comparison


def test_table_keeps_no_figure_of_a_suppressed_group():
    rows = [("a", 0.5, 0.4, 0.6, 3), ("b", 0.2, 0.1, 0.3, 40), ("c", 0.3, 0.2, 0.4, 90)]
    table = compared(
        comparison("fairness.selection_rate_ratio", "g", (0.4, 0.2, 0.6), rows, "ratio"),
        Criterion(at_least=0.8),
        words("ko"),
    )

    hidden = [row for row in table.rows if row.suppressed]
    assert [(row.label, row.value, row.low, row.high) for row in hidden] == [
        ("a", None, None, None),
        ("b", None, None, None),
    ]


def test_table_stands_lowest_first_with_the_limit_the_best_group_sets():
    found = comparison("fairness.selection_rate_ratio", "age", (0.66, 0.47, 0.84), AGE, "ratio")
    table = compared(found, Criterion(at_least=0.8), words("ko"))

    assert [row.label for row in table.rows] == ["0 이상 30 미만", "65 이상", "50 이상 65 미만", "30 이상 50 미만"]
    assert table.reference == pytest.approx(0.8 * 0.44)


def test_reference_of_a_difference_lies_below_the_best_group():
    found = comparison("fairness.selection_rate_difference", "age", (0.15, 0.1, 0.2), AGE, "difference")

    assert compared(found, Criterion(at_most=0.1), words("ko")).reference == pytest.approx(0.34)


def test_unknown_group_has_a_name():
    found = comparison("fairness.selection_rate_ratio", "sex", (0.7, 0.5, 0.9), [(None, 0.5, 0.4, 0.6, 50)], "ratio")

    assert compared(found, Criterion(at_least=0.8), words("en")).rows[0].label == "unknown"


def test_compared_is_none_without_groups():
    assert compared(Measurement(value=1, low=0, high=1, n=9, unit="share"), Criterion(), words("ko")) is None


def test_many_groups_keep_both_ends():
    rows = [(f"{place:02}", place / 100, 0.0, 1.0, 50) for place in range(40)]
    table = compared(
        comparison("fairness.selection_rate_ratio", "g", (0.1, 0, 1), rows, "ratio"),
        Criterion(at_least=0.8),
        words("ko"),
    )

    assert [row.label for row in table.rows][:: MOST_ROWS - 1] == ["g = 00", "g = 39"]
    assert (len(table.rows), table.left_out) == (MOST_ROWS, 28)


def test_sliced_gathers_the_slices_of_an_attribute():
    slices = tuple(
        Measurement(value=0.7, low=0.6, high=0.8, n=n, unit="share", by=("sex",), slice={"sex": level})
        for level, n in (("남", 40), ("여", 60))
    )
    (table,) = sliced(
        CriterionResult(criterion=Criterion(at_least=0.6), verdict="pass", measurements=slices), words("ko")
    )

    assert [(row.label, row.n) for row in table.rows] == [("남", 40), ("여", 60)]
    assert table.reference == 0.6


@pytest.mark.parametrize("groups", [{"sex": "여", "age": None}, {"age": None, "sex": "여"}])
def test_slice_is_named_in_the_order_of_its_attributes(groups):
    assert slice_label(groups, ("sex", "age"), words("ko")) == "여 × 미상"


def test_slice_is_named_in_one_order_when_no_attributes_are_given():
    assert slice_label({"b": 1, "a": 2}, (), words("ko")) == "2 × 1"


def test_a_ratio_of_errors_keeps_its_unit_and_its_limit_for_each_segment():
    found = comparison("performance.segment_error_ratio", "age", (1.2, 1.0, 1.4), AGE, "ratio")
    table = compared(found, Criterion(check=found.check, at_most=1.5), words("en"))

    assert table is not None
    assert (table.unit, table.reference) == ("ratio", 1.5)


def test_the_line_below_the_highest_group_may_lie_below_nought_when_errors_do():
    found = comparison("fairness.mean_error_difference", "age", (0.2, 0.0, 0.4), AGE, "target")
    table = compared(found, Criterion(check=found.check, at_most=2), words("en"))

    assert table is not None
    assert table.reference == pytest.approx(0.44 - 2)
