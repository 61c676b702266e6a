"""What of an open finding is told at length."""

from dataclasses import replace

import pytest

from reliability.reports.findings import finding_views
from reliability.reports.open_parts import judged_lines, open_parts
from reliability.words.text import words
from tests.reports.sample import assessment


def criteria(*verdicts):
    view = next(view for view in finding_views(assessment(), words("ko")) if view.item == "FAI-02")
    return replace(view, criteria=tuple(replace(view.criteria[0], verdict=verdict) for verdict in verdicts))


def test_criteria_that_keep_a_finding_open_stay_in_their_order():
    told = open_parts(criteria("pass", "fail", "reported", "inconclusive", "conditional_pass"), words("ko"))

    assert [one.verdict for one in told.criteria] == ["fail", "inconclusive", "conditional_pass"]


@pytest.mark.parametrize("verdict", ["conditional_pass", "conditional_fail", "inconclusive", "not_assessed", "error"])
def test_nothing_but_a_pass_or_a_report_is_settled(verdict):
    one = criteria("pass", verdict)

    assert [each.verdict for each in open_parts(one, words("ko")).criteria] == [verdict]


@pytest.mark.parametrize(
    ("lang", "settled", "said"),
    [
        ("ko", ("pass",), "통과했거나 판정하지 않은 측정 1건은 전체 결과의 표에 있다."),
        ("ko", ("pass", "reported"), "통과했거나 판정하지 않은 측정 2건은 전체 결과의 표에 있다."),
        ("en", ("pass",), "One more measurement, passed or not judged, stands in the table of all results."),
        ("en", ("reported",) * 3, "3 more measurements, passed or not judged, stand in the table of all results."),
    ],
)
def test_finding_says_how_much_of_it_stands_elsewhere(lang, settled, said):
    assert open_parts(criteria("fail", *settled), words(lang)).elsewhere == said


@pytest.mark.parametrize("verdicts", [(), ("pass",), ("reported", "pass"), ("fail",), ("fail", "inconclusive")])
def test_finding_stays_whole_where_all_or_none_of_it_is_open(verdicts):
    one = criteria(*verdicts)

    assert open_parts(one, words("ko")) == one


def test_lines_of_the_table_of_results_stay():
    one = criteria("pass", "fail")

    assert open_parts(one, words("ko")).lines == one.lines


def lines(verdict, *judged):
    view = criteria(verdict)
    return replace(view, verdict=verdict, lines=tuple(replace(view.lines[0], judged=each) for each in judged))


def test_passed_item_is_told_by_the_lines_that_were_judged():
    assert [line.judged for line in judged_lines(lines("pass", True, False, True, False)).lines] == [True, True]


@pytest.mark.parametrize("one", [lines("fail", True, False), lines("pass", False, False), lines("inconclusive", False)])
def test_lines_stay_where_an_item_is_open_or_nothing_of_it_is_judged(one):
    assert judged_lines(one) == one
