import math

import pytest

from reliability.checklist.catalogue import checks
from reliability.records import Measurement, Reason
from reliability.reports.units import ends, group_ends, group_unit, unit_of_check
from reliability.words.text import words


def found(check, unit, value=0.1):
    return Measurement(check=check, value=value, n=90, unit=unit, reason=Reason(code="whole_file"))


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("check", checks())
def test_every_check_has_a_unit_with_words_before_it_has_measured(check, lang):
    assert words(lang).text(f"unit.{unit_of_check(check)}")


@pytest.mark.parametrize(
    ("check", "unit"),
    [
        ("performance.log_loss", "dimensionless"),
        ("performance.root_mean_squared_error", "target"),
        ("performance.average_precision", "score"),
        ("fairness.theil_index", "index"),
        ("fairness.equalized_odds_ratio", "ratio"),
        ("fairness.calibration_difference", "difference"),
        ("performance.balanced_accuracy", "share"),
        ("leakage.identifier_auc", "auc"),
        ("drift.domain_classifier_auc", "auc"),
        ("drift.concept_shift", "dimensionless"),
        ("drift.label_drift", "dimensionless"),
        ("drift.population_stability_index", "index"),
    ],
)
def test_unit_of_a_check_is_the_one_that_it_measures_in(check, unit):
    assert unit_of_check(check) == unit


def test_groups_compared_by_a_ratio_have_a_share_each():
    assert group_unit(found("fairness.selection_rate_ratio", "ratio")) == "share"


def test_groups_have_the_unit_of_their_own_value_when_it_is_no_share():
    assert group_unit(found("fairness.roc_auc_difference", "difference")) == "auc"
    assert group_unit(found("performance.segment_error_ratio", "ratio")) == "ratio"
    assert group_unit(found("fairness.mean_error_difference", "target")) == "target"


@pytest.mark.parametrize(
    ("check", "unit", "natural"),
    [
        ("performance.matthews_correlation", "dimensionless", (-1, 1)),
        ("performance.r2_score", "dimensionless", (-math.inf, 1)),
        ("calibration.calibration_slope", "dimensionless", (-math.inf, math.inf)),
        ("performance.better_than_incumbent", "difference", (-1, 1)),
        ("performance.better_than_incumbent", "squared_target", (-math.inf, math.inf)),
        ("performance.segment_error_ratio", "ratio", (0, math.inf)),
        ("fairness.barred_inputs", "columns", (0, math.inf)),
        ("fairness.undeclared_grounds", "columns", (0, math.inf)),
    ],
)
def test_numbers_end_where_their_check_says(check, unit, natural):
    assert ends(found(check, unit)) == natural


def test_mean_errors_of_groups_may_lie_below_nought():
    assert group_ends(found("fairness.mean_error_difference", "target"))[0] == -math.inf
    assert group_ends(found("fairness.calibration_difference", "difference")) == (-1, 1)
