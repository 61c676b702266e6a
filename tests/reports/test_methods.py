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


def told(record, lang="en"):
    """The methods and the intervals of every check of a record."""
    checks = explained(record, ())
    return list(methods(record, checks, words(lang))), list(intervals(record, checks, words(lang)))


def test_every_check_in_use_is_told_once_in_the_order_of_the_checklist():
    record = assessment()
    used = [one.criterion.check for found in record.findings for one in found.criteria if one.criterion.check]

    assert [one.check for one in told(record)[0]] == list(dict.fromkeys(used))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_check_has_a_title_and_an_explanation(lang):
    assert all(one.title and one.explain for one in told(assessment(), lang)[0])


def test_method_of_an_interval_is_told_by_its_number_in_the_list():
    record = judged("mover_clopper_pearson", "clopper_pearson")
    (one,), listed = told(record)

    assert one.interval == "1, 2"
    assert len(listed) == 2


def test_method_met_twice_has_one_number():
    record = judged("clopper_pearson", "clopper_pearson")
    (one,), listed = told(record)

    assert one.interval == "1"
    assert len(listed) == 1


def test_measurement_without_an_interval_has_no_number():
    (one,), listed = told(judged(None))

    assert one.interval == ""
    assert listed == []


def test_method_without_an_explanation_is_told_by_its_name():
    (one,), _ = told(judged("no_such_method", "clopper_pearson"))

    assert one.interval.split(", ")[-1] == "1"
    assert "1" not in one.interval.split(", ")[0]


def test_checks_behind_findings_are_explained_with_the_methods_of_their_intervals_alone():
    record = assessment()
    view = next(view for view in finding_views(record, words("ko")) if view.item == "FAI-02")
    checks = explained(record, (view,))
    behind = {one.method for one in view.criteria[0].measurements if one.method}

    assert checks == {one.check for one in view.criteria}
    assert {one.check for one in methods(record, checks, words("ko"))} == checks
    assert behind >= {row.name for row in intervals(record, checks, words("ko"))} != set()


@pytest.mark.parametrize("without", ["findings", "criteria"])
def test_all_checks_are_explained_where_no_finding_rests_on_one(without):
    record = assessment()
    view = next(finding_views(record, words("ko")))
    given = () if without == "findings" else (replace(view, criteria=()),)

    assert explained(record, given) == {
        one.criterion.check for found in record.findings for one in found.criteria if one.criterion.check
    }


@pytest.mark.parametrize(("confidence", "risk"), [(0.95, "2.5%"), (0.9, "5%")])
def test_rule_says_what_it_risks(confidence, risk):
    record = assessment()
    content = record.checklist.content | {"decision": {"confidence": confidence, "rule": "four_way"}}
    told = assessment(checklist=record.checklist.model_copy(update={"content": content}))

    assert risk in {row.name: row.text for row in rules(told, words("en"))}["Four-way"]
