import pytest

from reliability.records import Criterion, CriterionResult, Finding, Measurement
from reliability.reports.causes import causes, misses, proxies
from reliability.reports.withheld import Withheld
from reliability.words.text import words
from tests.reports.sample import AGE, RATIO, SEX, assessment, compared, finding, measured, result

PROXY = Measurement(
    check="fairness.proxy_auc", by=("sex",), value=0.73, low=0.7, high=0.76, n=2412, unit="auc",
    details={"features": [{"column": "소득", "value": 0.65}, {"column": "지역", "value": 0.61}]},
)  # fmt: skip


def told(*results, lang="en", known=None, withheld=None):
    found = Finding(item="FAI-02", severity="critical", verdict="fail", criteria=results)
    measurements = [measured for one in results for measured in one.measurements]
    return causes(found, known or {}, words(lang), withheld or Withheld.of(measurements))


def with_details(check, value, **details):
    return measured(check, (value, value / 2, min(1.0, value * 1.5))).model_copy(update={"details": details})


def test_the_groups_furthest_apart_are_named_with_value_and_rows():
    found = compared("fairness.selection_rate_ratio", "age", (0.66, 0.47, 0.84), AGE, "ratio")

    assert told(result("fail", found, at_least=0.8)) == (
        "Selection-rate ratio between groups: of age, the groups furthest apart are "
        "‘0 to under 30’ at 29.0% (n = 412) and ‘30 to under 50’ at 44.0% (n = 988).",
    )


def test_in_korean_the_same_numbers_stand():
    found = compared("fairness.selection_rate_ratio", "age", (0.66, 0.47, 0.84), AGE, "ratio")
    (text,) = told(result("fail", found, at_least=0.8), lang="ko")

    assert "29.0%(표본 412행)" in text
    assert "44.0%(표본 988행)" in text


def test_a_withheld_group_is_not_named():
    rows = [("a", 0.2, 0.1, 0.3, 3), ("b", 0.6, 0.5, 0.7, 60), ("c", 0.5, 0.4, 0.6, 70)]
    found = compared("fairness.selection_rate_ratio", "g", (0.33, 0.2, 0.5), rows, "ratio")

    assert told(result("fail", found, at_least=0.8)) == ()


def test_an_attribute_that_holds_its_limit_is_no_cause():
    level = compared("fairness.true_positive_rate_difference", "age", (0.0, 0.0, 0.2), AGE, "difference")

    assert told(result("conditional_pass", level, at_most=0.1)) == ()


def test_passing_criteria_tell_no_cause():
    assert told(result("pass", RATIO, at_least=0.5)) == ()


def test_features_that_give_an_attribute_away_are_told_with_its_gap():
    texts = told(result("fail", RATIO, at_least=0.8), known={("sex",): PROXY})

    assert texts[-1] == (
        "The input features tell the groups of sex apart with an AUC of 0.73 (most telling: 소득 0.65, 지역 0.61)."
    )


def test_features_are_not_told_of_an_attribute_that_was_not_compared():
    assert all("AUC" not in text for text in told(result("fail", RATIO, at_least=0.8), known={("age",): PROXY}))


def test_proxies_are_read_from_wherever_they_were_measured():
    shown = CriterionResult(
        criterion=Criterion(check=PROXY.check, report=True), verdict="reported", measurements=(PROXY,)
    )
    finding_of = Finding(item="FAI-05", severity="major", verdict="pass", criteria=(shown,))

    assert proxies(assessment(findings=(finding("FAI-02"), finding_of))) == {("sex",): PROXY}


def test_the_bin_with_the_largest_gap_is_told_but_never_one_of_few_rows():
    bins = [
        {"mean_score": 0.1, "observed": 0.15, "n": 100},
        {"mean_score": 0.8, "observed": 0.6, "n": 90},
        {"mean_score": 0.9, "observed": 0.0, "n": 4},
    ]
    found = with_details("calibration.expected_calibration_error", 0.08, bins=bins)

    (text,) = told(result("conditional_fail", found, at_most=0.05))

    assert "averages 80.0% and 60.0% came true (n = 90)" in text


def test_changed_predictions_are_counted():
    found = with_details("robustness.noise_consistency", 0.9, changed=100, of_n=1000)

    (text,) = told(result("fail", found, at_least=0.95))

    assert text.endswith("of 1,000 rows asked again, the prediction changed for 100.")


def test_the_emptiest_column_is_named():
    columns = [{"column": "소득", "missing": 7, "value": 0.93}, {"column": "나이", "missing": 0, "value": 1}]
    found = with_details("data_quality.value_completeness", 0.9, columns=columns)

    assert told(result("fail", found, at_least=0.95)) == ("The column with most missing values is 소득 (7).",)


def test_each_cause_is_told_once():
    repeated = result("fail", RATIO, at_least=0.8)

    assert len(told(repeated, repeated)) == 1


def test_unknown_groups_do_not_stop_the_telling():
    found = compared("fairness.selection_rate_ratio", "sex", (0.5, 0.4, 0.6), [SEX[2], SEX[0]], "ratio")

    assert len(told(result("fail", found, at_least=0.8))) == 1


@pytest.mark.parametrize(
    ("limit", "expected"),
    [({"at_least": 0.8}, True), ({"at_least": 0.6}, False), ({"at_most": 0.6}, True), ({"at_most": 0.7}, False),
     ({"between": (0.1, 0.2)}, True), ({"between": (0.6, 0.7)}, False), ({"report": True}, False)],
)  # fmt: skip
def test_an_estimate_misses_its_limit_on_the_wrong_side_only(limit, expected):
    assert misses(RATIO, Criterion(**limit)) is expected


def test_without_a_value_nothing_is_missed():
    nothing = Measurement(value=None, n=0, unit="share", reason={"code": "no_rows"})

    assert not misses(nothing, Criterion(at_least=0.5))
