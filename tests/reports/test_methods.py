"""By what methods a report's numbers were found, and by what rules they were judged."""

from dataclasses import replace

import pytest

from reliability.reports.findings import finding_views
from reliability.reports.methods import explained, intervals, methods, rules
from reliability.words.text import LANGUAGES, words
from tests.reports.sample import assessment, finding, measured, result


def judged(*methods_used):
    """An assessment of one item, a criterion and a measurement for each of these methods."""
    criteria = tuple(
        result("pass", measured("performance.accuracy", (0.9, 0.8, 0.95)).model_copy(update={"method": method}))
        for method in methods_used
    )
    criteria = tuple(
        one.model_copy(update={"criterion": one.criterion.model_copy(update={"check": "performance.accuracy"})})
        for one in criteria
    )
    return assessment(findings=(finding("PER-01").model_copy(update={"criteria": criteria}),))


def test_every_check_in_use_is_told_once_in_the_order_of_the_checklist():
    record = assessment()
    used = [one.criterion.check for found in record.findings for one in found.criteria if one.criterion.check]

    assert [one.check for one in methods(record, words("ko"))] == list(dict.fromkeys(used))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_check_has_a_title_and_an_explanation(lang):
    assert all(one.title and one.explain for one in methods(assessment(), words(lang)))


def test_method_of_an_interval_is_told_by_its_number_in_the_list():
    record = judged("mover_clopper_pearson", "clopper_pearson")
    (one,) = methods(record, words("en"))

    assert one.interval == "1, 2"
    assert len(list(intervals(record, words("en")))) == 2


def test_method_met_twice_has_one_number():
    record = judged("clopper_pearson", "clopper_pearson")
    (one,) = methods(record, words("en"))

    assert one.interval == "1"
    assert len(list(intervals(record, words("en")))) == 1


def test_measurement_without_an_interval_has_no_number():
    record = judged(None)

    assert [one.interval for one in methods(record, words("en"))] == [""]
    assert list(intervals(record, words("en"))) == []


def test_method_without_an_explanation_is_told_by_its_name():
    record = judged("no_such_method", "clopper_pearson")
    (one,) = methods(record, words("en"))

    assert one.interval.split(", ")[-1] == "1"
    assert "1" not in one.interval.split(", ")[0]


def test_checks_behind_findings_are_explained():
    used = tuple(methods(assessment(), words("ko")))
    view = next(view for view in finding_views(assessment(), words("ko")) if view.item == "FAI-02")

    assert explained(used, (view,)) == {one.check for one in view.criteria}


@pytest.mark.parametrize("without", ["findings", "criteria"])
def test_all_checks_are_explained_where_no_finding_rests_on_one(without):
    used = tuple(methods(assessment(), words("ko")))
    view = next(finding_views(assessment(), words("ko")))
    given = () if without == "findings" else (replace(view, criteria=()),)

    assert explained(used, given) == {one.check for one in used}


@pytest.mark.parametrize(("confidence", "risk"), [(0.95, "2.5%"), (0.9, "5%")])
def test_rule_says_what_it_risks(confidence, risk):
    record = assessment()
    content = record.checklist.content | {"decision": {"confidence": confidence, "rule": "four_way"}}
    told = assessment(checklist=record.checklist.model_copy(update={"content": content}))

    assert risk in {row.name: row.text for row in rules(told, words("en"))}["Four-way"]
