"""How high findings stand: roughly, but never less for more."""

from dataclasses import replace

import pytest

from reliability.reports import heights
from reliability.reports.findings import finding_views
from reliability.words.text import words
from tests.reports.sample import assessment

VIEWS = {one.item: one for one in finding_views(assessment(), words("ko"))}


@pytest.mark.parametrize("name", ["headline", "requirement", "remedy", "references", "evidence_wanted"])
def test_a_longer_text_makes_a_finding_higher(name):
    one = VIEWS["FAI-02"]
    longer = replace(one, **{name: getattr(one, name) + "가" * heights.WIDE})

    assert heights.of_finding(longer) - heights.of_finding(one) == pytest.approx(2 * heights.LINE)


def test_a_criterion_more_makes_a_finding_higher():
    one = VIEWS["FAI-02"]

    assert heights.of_finding(one) > heights.of_finding(replace(one, criteria=one.criteria[:1])) + heights.CRITERION


def test_an_answer_makes_a_finding_higher():
    one = VIEWS["GOV-02"]

    assert heights.of_finding(one) > heights.of_finding(replace(one, answer=None))


def test_a_finding_of_a_few_lines_takes_less_than_a_quarter_of_a_page():
    assert heights.HEAD < heights.of_finding(VIEWS["GOV-02"]) < heights.PAGE / 4


def test_every_line_of_a_result_counts():
    one = VIEWS["FAI-02"]
    twice = replace(one, lines=one.lines * 2)

    assert heights.of_results(twice) - heights.of_results(one) == pytest.approx(11.4 * len(one.lines))


def test_an_item_that_is_asked_takes_less_than_one_that_is_measured():
    one = VIEWS["GOV-01"]

    assert one.asked
    assert heights.of_results(one) < heights.of_results(replace(one, asked=False))


def test_a_result_without_a_text_still_takes_its_place():
    empty = replace(VIEWS["GOV-01"], requirement="", lines=())

    assert heights.of_results(empty) > 0
