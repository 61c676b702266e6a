import pytest

from reliability.records import Criterion, CriterionResult, Measurement, Reason
from reliability.reports.particulars import particulars, worse_rate
from reliability.words.text import words

GROUPS = [{"slice": {"sex": "F"}, "n": 40, "value": 0.2}, {"slice": {"sex": "M"}, "n": 50, "value": 0.4}]
OTHERS = [{"slice": {"sex": "F"}, "n": 60, "value": 0.1}, {"slice": {"sex": "M"}, "n": 70, "value": 0.1}]


def found(check, **details):
    unmeasured = Reason(code="whole_file")
    return Measurement(check=check, by=("sex",), value=0.2, n=90, unit="share", reason=unmeasured, details=details)


def told(measurement, lang="en"):
    criterion = Criterion(check=measurement.check, report=True)
    return particulars(
        CriterionResult(criterion=criterion, verdict="reported", measurements=(measurement,)), words(lang)
    )


@pytest.mark.parametrize(
    ("condition", "part"),
    [
        ({"column": "job", "level": "clerk"}, "job = clerk"),
        ({"column": "age", "low": None, "high": 30}, "age < 30"),
        ({"column": "age", "low": 30, "high": 50.5}, "30 ≤ age < 50.5"),
        ({"column": "age", "low": 50, "high": None}, "50 ≤ age"),
        ({"column": "job", "level": None}, "job = unknown"),
    ],
)
def test_weakest_part_is_named_with_its_accuracy(condition, part):
    (text,) = told(found("performance.weakest_slice", slice=[condition], slice_value=0.56, overall=0.78, slice_n=131))

    assert part in text
    assert "56.0%" in text
    assert "78.0%" in text


def test_barred_inputs_are_named_when_there_are_any():
    assert "sex, age" in told(found("fairness.barred_inputs", names=["sex", "age"]))[0]
    assert told(found("fairness.barred_inputs", names=[])) == ()


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_undeclared_grounds_are_named_when_there_are_any(lang):
    (text,) = told(found("fairness.undeclared_grounds", names=["성별", "age"], declared=["sex"]), lang)

    assert text.endswith(": 성별, age")
    assert told(found("fairness.undeclared_grounds", names=[], declared=["sex"]), lang) == ()


def test_features_that_tell_most_of_a_group_are_named_with_their_area():
    features = [{"column": f"x{place}", "value": 0.9 - place / 10} for place in range(5)]

    (text,) = told(found("fairness.proxy_auc", features=features), "ko")

    assert "x0 0.90, x1 0.80, x2 0.70" in text
    assert "x3" not in text


def test_a_baseline_is_shown_beside_the_model():
    (text,) = told(found("performance.better_than_incumbent", model=0.78, other=0.75))

    assert "78.0%" in text
    assert "75.0%" in text


def test_the_rate_that_differs_more_is_named_for_equalised_odds():
    parts = [{"rate": "true_positive_rate", "groups": OTHERS}, {"rate": "false_positive_rate", "groups": GROUPS}]
    measurement = found("fairness.equalized_odds_difference", parts=parts, groups=GROUPS)

    assert worse_rate(measurement) == "false_positive_rate"
    assert "false positive rate" in told(measurement)[0]


def test_nothing_is_told_of_a_measurement_without_particulars():
    assert told(found("performance.accuracy")) == ()
