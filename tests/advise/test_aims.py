import math

import pytest

from reliability.advise.aims import assessed, leading, margin
from reliability.records import Criterion, CriterionResult, Finding, Measurement, Reason


def one(value, **more):
    reason = Reason(code="no_model") if value is None else None
    return Measurement(check="a.b", value=value, low=value, high=value, n=10, unit="share", reason=reason, **more)


def result(verdict, *measurements, **limit):
    criterion = Criterion(check="a.b", **(limit or {"at_least": 0.8}))
    return CriterionResult(criterion=criterion, verdict=verdict, measurements=measurements)


def finding(*results, verdict="fail"):
    return Finding(item="A", severity="major", verdict=verdict, criteria=results)


@pytest.mark.parametrize(
    ("limit", "value", "told"),
    [
        ({"at_least": 0.8}, 0.7, -0.1),
        ({"at_most": 0.1}, 0.25, -0.15),
        ({"between": (0.8, 1.2)}, 1.3, -0.1),
        ({"between": (0.8, 1.2)}, 0.9, 0.1),
        ({"equals": 0}, 2, -2),
        ({"report": True}, 2, 0),
    ],
)
def test_a_margin_is_the_way_to_the_limit(limit, value, told):
    assert margin(Criterion(check="a.b", **limit), value) == pytest.approx(told)


def test_the_number_of_a_finding_is_of_its_worst_criterion():
    place, found = leading(finding(result("conditional_fail", one(0.1)), result("fail", one(0.5))))

    assert (place, found.value) == (1, 0.5)


def test_among_its_numbers_it_is_the_one_furthest_beyond_the_limit():
    women, men = one(0.5, by=("sex",), slice={"sex": "F"}), one(0.7, by=("sex",), slice={"sex": "M"})

    assert leading(finding(result("fail", men, women))) == (0, women)


def test_a_number_comes_before_none_and_none_before_nothing():
    broken, failed = result("error", one(None)), result("conditional_fail", one(0.7))

    assert leading(finding(broken, failed, verdict="error"))[1].value == 0.7
    assert leading(finding(broken, verdict="error"))[1].value is None
    assert leading(finding(result("error"), verdict="error")) is None


@pytest.mark.parametrize("verdict", ["pass", "reported", "not_applicable"])
def test_what_is_settled_has_no_number_to_mend(verdict):
    assert leading(finding(result(verdict, one(0.9)))) is None


def test_the_number_as_assessed_is_found_again():
    women = one(0.5, by=("sex",), slice={"sex": "F"})
    given = finding(result("fail", one(0.7, by=("sex",), slice={"sex": "M"}), women))

    assert assessed(given, 0, one(0.6, by=("sex",), slice={"sex": "F"})) == women
    assert assessed(given, 0, one(0.6)) is None
    assert math.isfinite(margin(given.criteria[0].criterion, 0.5))
