from fractions import Fraction

import numpy as np
import pytest
from fairlearn.metrics import MetricFrame
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import mean_absolute_error

from reliability.blocks import Groups
from reliability.checks.fairness.values import (
    mean_absolute_error_difference,
    mean_error_difference,
    mean_prediction_difference,
)
from reliability.errors import ChecklistError, NotMeasurable
from reliability.evidence.group_moments import GroupMoments
from reliability.intervals.comparisons import group_mass
from reliability.intervals.means import positive_mean_limits, skewed_mean_limits
from tests.builders import block

CHECKS = [mean_error_difference, mean_absolute_error_difference, mean_prediction_difference]


def compared(check, y_true, y_pred, sex, *, roles=None, **options):
    rows = block(y_true, y_pred, task="regression", groups={"sex": sex}, **(roles or {}))
    return check(GroupMoments.of(rows, ("sex",)), **options)


def drawn(n=120, seed=0, groups=("F", "M")):
    draws = np.random.default_rng(seed)
    y = draws.normal(size=n)
    return y, y + draws.normal(size=n), np.array(groups)[np.arange(n) % len(groups)]


def gap_by(metric, y_true, y_pred, groups):
    return MetricFrame(metrics=metric, y_true=y_true, y_pred=y_pred, sensitive_features=groups).difference()


@given(st.integers(0, 10_000), st.integers(2, 5))
@settings(max_examples=15, deadline=None)
def test_differences_of_values_agree_with_fairlearn(seed, groups):
    y_true, y_pred, sex = drawn(200, seed, tuple("ABCDE"[:groups]))
    oracles = [lambda y, p: np.mean(p - y), mean_absolute_error, lambda _, p: np.mean(p)]

    for check, oracle in zip(CHECKS, oracles, strict=True):
        measured = compared(check, y_true, y_pred, sex)
        assert measured.value == pytest.approx(gap_by(oracle, y_true, y_pred, sex), abs=1e-12)
        assert 0 <= measured.low <= measured.value <= measured.high


def test_mean_error_difference_by_hand():
    measured = compared(mean_error_difference, [0.0] * 80, [1, 3, -1, 1] * 20, list("FFMM") * 20)

    assert (measured.value, measured.unit, measured.n) == (2.0, "target", 80)
    assert measured.details["worst"] == [{"sex": "M"}, {"sex": "F"}]
    assert [group["value"] for group in measured.details["groups"]] == [2.0, 0.0]
    # Errors of F are 1 and 3, of M -1 and 1: with one further 3 or -1 on the outer side, and 1 on the inner side.
    outer, inner = (skewed_limit([-1, 1] * 20 + [further]) for further in (-1, 1))
    assert outer == pytest.approx(-inner, abs=1e-12)
    assert (measured.low, measured.high) == pytest.approx((2 - np.sqrt(2) * inner, 2 + np.sqrt(2) * inner), abs=1e-6)


def skewed_limit(values):
    """Student's t limit away from 0 of 41 values, one of them a further one."""
    mean = np.mean(values)
    return mean + np.sign(mean) * 2.0226909 * np.std(values, ddof=1) / np.sqrt(len(values))


def test_mean_absolute_error_difference_by_hand():
    measured = compared(mean_absolute_error_difference, [0.0] * 80, [1, -3, -1, 0] * 20, list("FFMM") * 20)

    assert measured.value == 1.5
    assert measured.method == "mover_gamma_matched"
    assert measured.details["worst"] == [{"sex": "M"}, {"sex": "F"}]


def test_mean_prediction_difference_does_not_ask_whether_predictions_are_right():
    _, predicted, sex = drawn()
    right, wrong = (compared(mean_prediction_difference, y, predicted, sex) for y in (predicted, -predicted))

    assert right == wrong


@pytest.mark.parametrize("check", CHECKS)
def test_differences_of_values_ignore_row_order_and_blocks(check):
    y_true, y_pred, sex = drawn()
    rows = block(y_true, y_pred, task="regression", groups={"sex": sex})
    order = np.random.default_rng(3).permutation(len(sex))
    parts = [GroupMoments.of(rows.where(part), ("sex",)) for part in np.split(order, [1, 70])]

    assert check(parts[2] + parts[0] + parts[1]) == check(GroupMoments.of(rows, ("sex",)))


@pytest.mark.parametrize("check", CHECKS)
def test_differences_of_values_change_with_the_unit(check):
    y_true, y_pred, sex = drawn()
    once, scaled = compared(check, y_true, y_pred, sex), compared(check, 8 * y_true, 8 * y_pred, sex)

    assert (scaled.value, scaled.high) == pytest.approx((8 * once.value, 8 * once.high), rel=1e-12)


@pytest.mark.parametrize("check", [mean_error_difference, mean_absolute_error_difference])
def test_differences_of_errors_do_not_move_with_the_target(check):
    y_true, y_pred, sex = drawn()
    here, there = compared(check, y_true, y_pred, sex), compared(check, y_true + 1e6, y_pred + 1e6, sex)

    assert there.high == pytest.approx(here.high, rel=1e-7)


@pytest.mark.parametrize("check", CHECKS)
def test_one_group_is_compared_with_none(check):
    measured = compared(check, *drawn(60)[:2], ["F"] * 60)

    assert (measured.value, measured.judged, measured.reason.code) == (None, False, "fewer_than_two_groups")


@pytest.mark.parametrize("check", CHECKS)
def test_unknown_and_small_groups_are_listed_and_not_compared(check):
    y_true, y_pred, _ = drawn(200)
    measured = compared(check, y_true, y_pred, ["F"] * 97 + ["M"] * 98 + ["X"] * 3 + [None] * 2)
    groups = {group["slice"]["sex"]: group for group in measured.details["groups"]}

    assert measured.judged
    assert {name: group["judged"] for name, group in groups.items()} == {"F": True, "M": True, "X": False, None: False}
    assert groups["X"]["low"] is None
    assert groups["X"]["n"] == 3


@pytest.mark.parametrize("check", CHECKS)
def test_many_unknown_rows_leave_the_comparison_unjudged(check):
    y_true, y_pred, _ = drawn(200)
    measured = compared(check, y_true, y_pred, ["F"] * 90 + ["M"] * 90 + [None] * 20)

    assert (measured.judged, measured.reason.code) == (False, "small_groups")


@pytest.mark.parametrize("check", CHECKS)
def test_a_group_that_does_not_vary_leaves_the_comparison_unjudged(check):
    y_true, y_pred, sex = drawn()
    y_true, y_pred = np.where(sex == "F", 1.0, y_true), np.where(sex == "F", 2.0, y_pred)
    measured = compared(check, y_true, y_pred, sex)

    assert (measured.judged, measured.low, measured.reason.code) == (False, None, "variance_not_estimable")


@pytest.mark.parametrize("check", CHECKS)
def test_differences_of_values_of_clustered_rows_are_not_judged(check):
    measured = compared(check, *drawn(), roles={"entity": np.arange(120) // 2})

    assert (measured.judged, measured.low, measured.reason.code) == (False, None, "clustered_rows")
    assert measured.value is not None


@pytest.mark.parametrize("check", CHECKS)
def test_errors_of_a_few_rows_are_never_compared_by_size(check):
    measured = compared(check, *drawn(40), minimum_group_size=2)
    by_size = check is mean_absolute_error_difference

    assert measured.judged is not by_size
    assert (measured.value is None) is by_size


@pytest.mark.parametrize("check", CHECKS)
def test_differences_of_values_say_what_they_lack(check):
    labels = block([0, 1], [0, 1], groups={"sex": ["F", "M"]})

    with pytest.raises(NotMeasurable, match="needs_regression"):
        check(GroupMoments.of(labels, ("sex",)))
    with pytest.raises(NotMeasurable, match="no_rows"):
        compared(check, [], [], [])
    with pytest.raises(ChecklistError, match="minimum_group_size"):
        compared(check, *drawn(), minimum_group_size=0)


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("groups", [2, 5, 10])
def test_equal_groups_never_fail(check, groups):
    draws, failed = np.random.default_rng(groups), 0
    for _ in range(60):
        y = draws.normal(size=40 * groups)
        measured = compared(check, y, y + draws.exponential(size=len(y)), np.arange(len(y)) % groups)
        failed += measured.low > 0.1

    assert failed <= 1


METHODS = {
    mean_error_difference: "mover_student_t_further",
    mean_absolute_error_difference: "mover_gamma_matched",
    mean_prediction_difference: "mover_student_t_further",
}
ERRORS = {
    mean_error_difference: lambda y, p: p - y,
    mean_absolute_error_difference: lambda y, p: np.abs(p - y),
    mean_prediction_difference: lambda _, p: p,
}


def own_limits(check, numbers, squared, mass):
    """A group's limits from plain sums of its numbers."""
    total, squares = Fraction(0), Fraction(0)
    for one, other in zip(numbers.tolist(), squared.tolist(), strict=True):
        total, squares = total + Fraction(one), squares + Fraction(other) ** 2
    if check is mean_absolute_error_difference:
        return positive_mean_limits(total, squares, len(numbers), largest=numbers.max(), mass=mass)
    lowest, highest = numbers.min(), numbers.max()
    return skewed_mean_limits(total, squares, len(numbers), lowest=lowest, highest=highest, mass=mass)


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_the_whole_record_of_a_difference_of_values(check, confidence):
    draws = np.random.default_rng(9)
    y_true = draws.integers(-20, 20, 120) / 4
    y_pred = y_true + draws.integers(-9, 14, 120) / 4
    sex = np.array(list("FFM") * 40)
    measured = compared(check, y_true, y_pred, sex, confidence=confidence)
    parts = {name: ERRORS[check](y_true[sex == name], y_pred[sex == name]) for name in "FM"}
    means = {name: float(part.mean()) for name, part in parts.items()}
    mass = group_mass(2, confidence)
    low, high = (
        dict(zip("FM", ends, strict=True))
        for ends in zip(*(own_limits(check, part, part, mass) for part in parts.values()), strict=True)
    )
    worst, best = sorted("FM", key=means.get)
    gap = means[best] - means[worst]
    alone = {name: own_limits(check, part, part, 1 - confidence) for name, part in parts.items()}

    assert measured.model_dump(exclude_defaults=True) == {
        "value": pytest.approx(gap, abs=1e-12),
        "low": pytest.approx(max(0.0, gap - np.hypot(means[best] - low[best], high[worst] - means[worst])), abs=1e-9),
        "high": pytest.approx(gap + np.hypot(high[best] - means[best], means[worst] - low[worst]), abs=1e-9),
        "n": 120,
        "unit": "target",
        "method": METHODS[check],
        "details": {
            "groups": [
                {
                    "slice": {"sex": name},
                    "value": pytest.approx(means[name], abs=1e-12),
                    "low": pytest.approx(alone[name][0], abs=1e-9),
                    "high": pytest.approx(alone[name][1], abs=1e-9),
                    "n": n,
                    "share": n / 120,
                    "judged": True,
                }
                for name, n in (("F", 80), ("M", 40))
            ],
            "worst": [{"sex": worst}, {"sex": best}],
        },
    }


@pytest.mark.parametrize("check", CHECKS)
def test_differences_of_values_are_at_95_percent_where_nothing_else_is_said(check):
    rows = drawn(90)

    assert compared(check, *rows) == compared(check, *rows, confidence=0.95)
    assert compared(check, *rows).high < compared(check, *rows, confidence=0.951).high


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize(("rows", "judged"), [(29, False), (30, True)])
def test_thirty_rows_are_enough_where_nothing_else_is_said(check, rows, judged):
    y_true, y_pred, _ = drawn(700 + rows)
    measured = compared(check, y_true, y_pred, ["F"] * 350 + ["M"] * 350 + ["X"] * rows)

    assert [group["judged"] for group in measured.details["groups"]] == [True, True, judged]
    assert measured.n == 700 + rows * judged


@pytest.mark.parametrize("check", CHECKS)
def test_a_larger_minimum_holds_for_every_difference_of_values(check):
    y_true, y_pred, _ = drawn(700)
    sex = ["F"] * 350 + ["M"] * 317 + ["X"] * 33
    for minimum, judged in ((33, True), (34, False)):
        measured = compared(check, y_true, y_pred, sex, minimum_group_size=minimum)

        assert measured.details["groups"][2]["judged"] is judged


@pytest.mark.parametrize("check", CHECKS)
def test_a_minimum_of_values_is_refused_by_its_name(check):
    with pytest.raises(ChecklistError, match="'minimum_group_size' must be at least 1, not -3"):
        compared(check, *drawn(), minimum_group_size=-3)


@pytest.mark.parametrize("check", CHECKS)
def test_what_a_difference_of_values_lacks_is_told_by_its_code(check):
    labels = GroupMoments.of(block([0, 1], [0, 1], groups={"sex": ["F", "M"]}), ("sex",))
    for ask, code in (
        (lambda: check(labels), "needs_regression"),
        (lambda: compared(check, [], [], []), "no_rows"),
    ):
        with pytest.raises(NotMeasurable) as caught:
            ask()

        assert caught.value.code == code


@pytest.mark.parametrize("check", CHECKS)
def test_the_whole_record_where_a_group_does_not_vary(check):
    y_true, y_pred, sex = drawn(180, groups=("F", "M", "X"))
    y_true, y_pred = np.where(sex == "F", 1.0, y_true), np.where(sex == "F", 2.0, y_pred)
    measured = compared(check, y_true, y_pred, sex)
    others = {name: ERRORS[check](y_true[sex == name], y_pred[sex == name]).mean() for name in "MX"}
    (still,) = {float(one) for one in ERRORS[check](y_true[sex == "F"], y_pred[sex == "F"])}

    assert measured.model_dump(exclude={"details"}, exclude_defaults=True) == {
        "value": pytest.approx(abs(others["M"] - others["X"]), abs=1e-12),
        "n": 120,
        "unit": "target",
        "method": METHODS[check],
        "judged": False,
        "reason": {"code": "variance_not_estimable"},
    }
    assert measured.details["groups"][0] == {
        "slice": {"sex": "F"},
        "value": still,
        "low": None,
        "high": None,
        "n": 60,
        "share": 1 / 3,
        "judged": False,
    }
    assert {group["low"] for group in measured.details["groups"]} == {None}


@pytest.mark.parametrize("check", CHECKS)
def test_the_whole_record_of_clustered_values(check):
    rows = drawn(120)
    plain = compared(check, *rows)
    measured = compared(check, *rows, roles={"entity": np.arange(120)})

    assert measured.model_dump(exclude={"details"}, exclude_defaults=True) == {
        "value": plain.value,
        "n": 120,
        "unit": "target",
        "method": METHODS[check],
        "judged": False,
        "reason": {"code": "clustered_rows"},
    }
    assert measured.details["worst"] == plain.details["worst"]
    assert [(group["low"], group["high"]) for group in measured.details["groups"]] == [(None, None)] * 2


def test_clusters_are_named_before_a_group_that_does_not_vary():
    y_true, y_pred, sex = drawn()
    y_pred = np.where(sex == "F", y_true + 1, y_pred)
    measured = compared(mean_error_difference, y_true, y_pred, sex, roles={"entity": np.arange(120)})

    assert measured.reason.code == "clustered_rows"


@pytest.mark.parametrize("check", CHECKS)
def test_an_empty_group_of_values_is_listed_without_a_number(check):
    y_true, y_pred, _ = drawn(100)
    sex = Groups(codes=np.array([0] * 50 + [2] * 50, np.int32), levels=("F", "M", "X"))
    measured = compared(check, y_true, y_pred, sex)

    assert [(group["value"] is None, group["n"]) for group in measured.details["groups"]] == [
        (False, 50),
        (True, 0),
        (False, 50),
    ]
    assert measured.judged


@pytest.mark.parametrize("check", CHECKS)
def test_names_of_groups_do_not_move_a_difference_of_values(check):
    y_true, y_pred, sex = drawn(150, groups=("F", "M", "X"))
    names = {"F": "b", "M": "c", "X": "a"}
    here, there = (
        compared(check, y_true, y_pred, each) for each in (sex, np.array([names[one] for one in sex.tolist()]))
    )

    assert (here.value, here.low, here.high, here.n) == pytest.approx((there.value, there.low, there.high, there.n))
    assert [{"sex": names[one["sex"]]} for one in here.details["worst"]] == there.details["worst"]


@pytest.mark.parametrize("check", [mean_error_difference, mean_prediction_difference])
def test_limits_of_signed_values_mirror_with_their_sign(check):
    y_true, y_pred, sex = drawn(90, seed=4)
    here, there = compared(check, y_true, y_pred, sex), compared(check, -y_true, -y_pred, sex)

    assert (here.value, here.low, here.high) == pytest.approx((there.value, there.low, there.high), abs=1e-12)
    assert here.details["worst"] == there.details["worst"][::-1]
    for one, other in zip(here.details["groups"], there.details["groups"], strict=True):
        assert (one["low"], one["high"]) == pytest.approx((-other["high"], -other["low"]), abs=1e-9)
