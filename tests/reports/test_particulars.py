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


def test_columns_that_a_number_comes_from_are_named_the_most_conspicuous_first():
    moved = [{"column": f"x{place}", "value": 0.4 - place / 10} for place in range(5)]

    (text,) = told(found("drift.population_stability_index", columns=moved), "ko")

    assert text.endswith(": x0, x1, x2")


def test_columns_that_have_not_moved_are_not_named():
    moved = [{"column": "x", "value": 0.1}, {"column": "still", "value": 0}]

    assert told(found("drift.wasserstein_distance", columns=moved))[0].endswith(": x")
    assert told(found("drift.wasserstein_distance", columns=moved[1:])) == ()


@pytest.mark.parametrize(
    ("check", "details"),
    [
        ("data_quality.sentinel_values", {"columns": [{"column": "age", "positions": [3], "codes": 1}]}),
        ("explanation.largest_feature_share", {"features": [{"column": "age", "value": 0.7}]}),
        ("robustness.unit_slip_consistency", {"columns": [{"column": "age", "value": 0.7}]}),
    ],
)
def test_every_family_names_its_columns(check, details):
    (text,) = told(found(check, **details))

    assert text.endswith(": age")


def test_what_lists_all_columns_or_counts_them_names_none():
    assert told(found("robustness.noise_consistency", columns=5, strength=0.1)) == ()
    assert told(found("robustness.typo_consistency", columns=["a", "b"])) == ()
    assert told(found("explanation.unused_features", features=[{"column": "a", "value": 0.2}])) == ()


def test_rows_are_named_by_position_and_by_no_more_than_five():
    (text,) = told(found("data_quality.contradictory_labels", positions=[0, 4, 9, 1200, 13, 17]))

    assert text.endswith(": 0, 4, 9, 1,200, 13")


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_period_that_moved_is_named_with_its_column(lang):
    texts = told(found("drift.period_stability_index", first="2025Q1", period="2025Q3", column="x"), lang)

    assert "2025Q3" in texts[0]
    assert "2025Q1" in texts[0]
    assert texts[1].endswith(": x")


def test_nothing_is_named_where_nothing_was_measured():
    missing = Reason(code="no_rows")
    unmeasured = Measurement.unjudged(None, n=0, unit="share", reason=missing, details={"positions": [1]})

    assert told(unmeasured.model_copy(update={"check": "data_quality.duplicate_rows"})) == ()
