import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from reliability.blocks import Roles
from reliability.checks.calibration.regression import calibration_slope
from reliability.checks.calibration.skill import brier_skill_score
from reliability.checks.performance.losses import brier_score
from reliability.checks.performance.scores import roc_auc
from reliability.checks.requirements import (
    AtLeastOne,
    require_at_least,
    require_classes,
    require_scores,
    require_values,
)
from reliability.errors import ChecklistError, NotMeasurable
from reliability.evidence.moments import Moments
from reliability.evidence.score_histogram import ScoreHistogram
from tests.builders import block

BINARY = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,), has_scores=True)
UNSETTLED = Roles(task="binary", classes=(0, 1), has_scores=True)
BARE = Roles(task="binary", classes=(0, 1), positive=1)
MANY = Roles(task="multiclass", classes=("a", "b", "c"), has_scores=True)
VALUES = Roles(task="regression")


def refused(require, *given):
    with pytest.raises(NotMeasurable) as refusal:
        require(*given)
    return refusal.value.code


@pytest.mark.parametrize(
    ("require", "roles", "n", "code"),
    [
        (require_classes, VALUES, 5, "needs_classification"),
        (require_classes, VALUES, 0, "needs_classification"),
        (require_classes, BINARY, 0, "no_rows"),
        (require_classes, MANY, 0, "no_rows"),
        (require_scores, VALUES, 5, "needs_binary"),
        (require_scores, MANY, 5, "needs_binary"),
        (require_scores, BARE, 5, "no_scores"),
        (require_scores, BARE, 0, "no_scores"),
        (require_scores, UNSETTLED, 5, "no_positive"),
        (require_scores, BINARY, 0, "no_rows"),
        (require_values, BINARY, 5, "needs_regression"),
        (require_values, MANY, 0, "needs_regression"),
        (require_values, VALUES, 0, "no_rows"),
    ],
)
def test_requirements_say_first_what_no_more_rows_would_mend(require, roles, n, code):
    assert refused(require, roles, n) == code


@pytest.mark.parametrize(
    ("require", "roles"),
    [
        (require_classes, BINARY),
        (require_classes, UNSETTLED),
        (require_classes, MANY),
        (require_scores, BINARY),
        (require_values, VALUES),
    ],
)
def test_requirements_are_met_by_one_row_of_the_right_kind(require, roles):
    assert require(roles, 1) is None


@pytest.mark.parametrize(
    ("check", "kind"),
    [
        (brier_score, Moments),
        (brier_skill_score, Moments),
        (roc_auc, ScoreHistogram),
        (calibration_slope, ScoreHistogram),
    ],
)
def test_scores_are_not_measured_when_no_positive_class_is_settled(check, kind):
    # Without it every row would count as "not positive", and a good score as a bad one.
    made = block([1, 1, 0], [1, 1, 0], [0.9, 0.8, 0.1], positive=None)

    assert refused(check, kind.of(made)) == "no_positive"


@pytest.mark.parametrize("value", [0, -1, -(10**9)])
def test_an_option_below_its_least_is_refused_by_name(value):
    with pytest.raises(ChecklistError, match=rf"'bins' must be at least 1, not {value}") as refusal:
        require_at_least("bins", value, 1)

    assert refusal.value.code == "option_too_small"
    assert refusal.value.exit_status == 2


@pytest.mark.parametrize("value", [1, 2, 10**9, np.int64(1)])
def test_an_option_at_its_least_or_above_is_taken(value):
    assert require_at_least("bins", value, 1) is None


def test_an_option_that_is_too_small_is_named_with_its_least_and_what_it_was():
    with pytest.raises(ChecklistError) as refusal:
        require_at_least("minimum_group_size", 4, 5)

    assert refusal.value.values == {"option": "minimum_group_size", "least": 5, "value": 4}
    assert str(refusal.value) == "option 'minimum_group_size' must be at least 5, not 4"


@pytest.mark.parametrize("least", [0, 1, 30])
def test_the_least_itself_is_taken_and_one_less_is_not(least):
    require_at_least("bins", least, least)

    with pytest.raises(ChecklistError):
        require_at_least("bins", least - 1, least)


@pytest.mark.parametrize(
    ("value", "taken"), [(1, True), (15, True), (0, False), (-3, False), (1.5, False), ("many", False), (None, False)]
)
def test_a_checklist_is_refused_by_the_type_of_such_an_option_before_anything_is_measured(value, taken):
    option = TypeAdapter(AtLeastOne)
    if taken:
        assert option.validate_python(value) == value
    else:
        with pytest.raises(ValidationError):
            option.validate_python(value)


@pytest.mark.parametrize("n", [1, 10**9])
@pytest.mark.parametrize(
    ("require", "unfit"), [(require_classes, VALUES), (require_scores, MANY), (require_values, BINARY)]
)
def test_no_number_of_rows_makes_the_wrong_task_right(require, unfit, n):
    assert refused(require, unfit, n).startswith("needs_")


def test_labels_need_no_scores_and_no_positive_class():
    assert require_classes(Roles(task="binary", classes=(0, 1)), 3) is None
    assert refused(require_scores, Roles(task="binary", classes=(0, 1)), 3) == "no_scores"
