import math

import pytest

from reliability.intervals import largest_difference
from reliability.records import Criterion, Finding, Reason
from reliability.reports import advice
from reliability.reports.findings import finding_views
from reliability.reports.withheld import Withheld
from reliability.words.text import words
from tests.reports.sample import assessment, compared, measured, result, unmeasured


def by_root(numbers):
    """A measurement whose interval can only be scaled."""
    return measured("performance.roc_auc", numbers, "auc", n=1000).model_copy(update={"method": "delta"})


def groups(check, unit, rates, numbers, by="age"):
    rows = [(name, rate, 0.0, 1.0, n) for name, (rate, n) in rates.items()]
    return compared(check, by, numbers, rows, unit)


RATIO = groups(
    "fairness.selection_rate_ratio", "ratio", {"a": (0.36, 200), "b": (0.5, 300), "c": (0.48, 100)}, (0.72, 0.53, 1.0)
)
RATES = groups(
    "fairness.true_positive_rate_difference", "difference", {"1": (0.7, 60), "2": (0.8, 50)}, (0.1, 0.0, 0.27)
)


def test_factor_is_the_square_of_half_width_over_distance():
    assert advice.factor(by_root((0.76, 0.74, 0.78)), Criterion(at_least=0.75)) == pytest.approx(4.0)


def test_factor_is_the_same_mirrored():
    found = by_root((0.74, 0.72, 0.78))

    assert advice.factor(found, Criterion(at_least=0.75)) == pytest.approx(16.0)
    assert advice.factor(found, Criterion(at_most=0.75)) == pytest.approx(16.0)


def test_factor_is_none_when_the_interval_is_clear_of_the_limit():
    assert advice.factor(by_root((0.9, 0.85, 0.95)), Criterion(at_least=0.8)) is None


def test_factor_is_without_end_on_the_limit():
    assert advice.factor(by_root((0.8, 0.7, 0.9)), Criterion(at_least=0.8)) == math.inf


def test_factor_takes_the_other_side_when_an_end_is_cut_off():
    cut = by_root((0.1, 0.0, 0.3)).model_copy(update={"unit": "share"})

    assert advice.factor(cut, Criterion(at_most=0.05)) == pytest.approx((0.2 / 0.05) ** 2, rel=1e-3)


def test_factor_of_a_comparison_comes_from_the_interval_itself():
    found = groups("a.b", "difference", {"1": (0.25, 60), "2": (0.4, 50)}, (0.15, 0.0, 0.33))
    times = advice.factor(found, Criterion(at_most=0.1))
    short, enough = (
        largest_difference([15 * f, 20 * f], [60 * f, 50 * f], confidence=0.95).low for f in (times * 0.98, times)
    )

    assert short < 0.1 <= enough + 1e-6


def test_factor_of_a_share_comes_from_the_exact_interval():
    found = measured("performance.recall", (0.9, 0.81, 0.96), n=100)

    assert 1 < advice.factor(found, Criterion(at_least=0.85)) < 10


def test_decides_names_the_measure_and_rows_as_an_estimate():
    (text,) = advice.decides(result("conditional_pass", by_root((0.76, 0.74, 0.78)), at_least=0.75), "AUC", words("en"))

    assert text.startswith("AUC: if the estimate stays where it is, about 4,000 rows of the same kind would decide it")
    assert text.endswith("This is a rough estimate.")


def test_decides_names_every_group_that_is_compared_and_the_attribute():
    (told,) = advice.decides(result("conditional_fail", RATIO, at_least=0.8), "Ratio", words("en"))

    assert told.startswith("Ratio (age): ")
    assert all(f"‘{name}’ about" in told for name in "abc")


def test_decides_tells_no_rows_of_a_group_that_is_withheld():
    small = groups("a.b", "ratio", {"a": (0.36, 200), "b": (0.5, 300), "d": (0.3, 3)}, (0.72, 0.53, 1.0))
    criterion = result("conditional_fail", RATIO, at_least=0.8)
    (told,) = advice.decides(criterion, "Ratio", words("en"), Withheld.of([small]))

    assert "‘a’," in told
    assert "‘b’ about" in told


def test_decides_says_which_rows_a_rate_rests_on():
    wide = RATES.model_copy(update={"value": 0.15, "high": 0.33})
    wide.details["groups"][1]["value"] = 0.85
    (told,) = advice.decides(result("conditional_fail", wide, at_most=0.05), "TPR", words("ko"))

    assert "실제 양성인 행" in told


def test_decides_says_that_more_rows_are_not_the_way_when_very_many_were_needed():
    found = groups("a.b", "difference", {"1": (15 / 60, 60), "2": (17 / 51, 51)}, (0.0833, 0.0, 0.262))
    (told,) = advice.decides(result("conditional_pass", found, at_most=0.1), "FPR", words("en"))

    assert "more rows are not the practical way" in told
    assert "on the limit" not in told


def test_decides_does_not_promise_rows_when_the_estimate_lies_on_the_limit():
    (told,) = advice.decides(result("conditional_pass", by_root((0.8, 0.7, 0.9)), at_least=0.8), "AUC", words("en"))

    assert told.startswith("AUC: the estimate lies practically on the limit")


def test_decides_says_what_to_hand_in_when_nothing_was_measured():
    found = unmeasured("leakage.training_overlap", "no_training_data")
    told = advice.decides(result("inconclusive", found, at_most=0.01), "Overlap", words("en"))

    assert told == ("Overlap: It can be measured once the training data are handed in.",)


def test_decides_is_silent_when_the_verdict_stands():
    assert advice.decides(result("fail", measured("a.b", (0.5, 0.4, 0.6)), at_least=0.8), "A", words("ko")) == ()


def test_failed_finding_says_nothing_of_what_would_decide_it():
    criteria = (
        result("fail", measured("performance.recall", (0.5, 0.4, 0.6)), at_least=0.8),
        result("conditional_fail", RATIO, at_least=0.8),
    )
    failed = Finding(
        item="FAI-02", severity="critical", verdict="fail", criteria=criteria, reasons=(Reason(code="small_groups"),)
    )
    (view,) = finding_views(assessment(findings=(failed,)), words("ko"))

    assert view.decides == ()
