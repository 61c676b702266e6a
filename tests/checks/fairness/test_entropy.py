import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability.blocks import Roles
from reliability.checks.fairness.entropy import (
    between_group_generalized_entropy,
    generalized_entropy_index,
    theil_index,
)
from reliability.errors import ChecklistError, NotMeasurable
from reliability.evidence.confusion_matrix import ConfusionMatrix
from reliability.evidence.group_counts import GroupCounts
from reliability.intervals.entropies import entropy_interval
from tests.builders import block

# The ten rows of AIF360's tests (test_classification_metric.py), and the two predictions published for them.
GROUP = [0, 0, 1, 1, 1, 1, 2, 2, 2, 2]
Y_TRUE = [1, 0, 0, 1, 0, 0, 1, 0, 1, 1]
FIRST = [1, 0, 0, 0, 1, 1, 1, 0, 1, 0]
SECOND = [0, 1, 1, 0, 0, 0, 0, 1, 1, 1]
INDIVIDUAL = [generalized_entropy_index, theil_index]


def matrix(y_true, y_pred, **more):
    return ConfusionMatrix.of(block(y_true, y_pred, **more))


def by_group(y_true, y_pred, groups, **more):
    return GroupCounts.of(block(y_true, y_pred, groups={"g": groups}, **more), ("g",))


def table(counts, **roles):
    settled = {"task": "binary", "classes": (0, 1), "positive": 1, "favourable": (1,)} | roles
    return ConfusionMatrix(roles=Roles(**settled), counts=np.asarray(counts))


@pytest.mark.parametrize(("y_pred", "published"), [(FIRST, 0.2), (SECOND, 0.3)])
def test_generalized_entropy_index_is_aif360s(y_pred, published):
    assert generalized_entropy_index(matrix(Y_TRUE, y_pred)).value == published


def test_theil_index_is_aif360s():
    assert theil_index(matrix(Y_TRUE, FIRST)).value == pytest.approx(0.2772588722239781, abs=1e-15)


def test_between_group_generalized_entropy_is_aif360s():
    counts = by_group(Y_TRUE, FIRST, GROUP)

    assert between_group_generalized_entropy(counts, minimum_group_size=1).value == pytest.approx(0.025, abs=1e-15)


rows = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=40)


@settings(max_examples=60, deadline=None)
@given(rows=rows, alpha=st.sampled_from([0.5, 1.0, 2.0, 3.0]))
def test_generalized_entropy_index_is_its_definition(rows, alpha):
    y_true, y_pred = map(np.array, zip(*rows, strict=True))
    b = 1.0 + y_pred - y_true
    if not b.any():
        with pytest.raises(NotMeasurable, match="no_denominator"):
            generalized_entropy_index(matrix(y_true, y_pred), alpha=alpha)
        return
    ratio = b / b.mean()
    logs = ratio * np.log(np.where(ratio > 0, ratio, 1))
    expected = logs.mean() if alpha == 1 else (ratio**alpha - 1).mean() / (alpha * (alpha - 1))

    measured = generalized_entropy_index(matrix(y_true, y_pred), alpha=alpha)
    assert measured.value == pytest.approx(expected, abs=1e-12)
    assert 0 <= measured.low <= measured.value <= measured.high


def test_theil_index_is_the_generalized_entropy_at_one():
    counts = matrix(Y_TRUE, FIRST)

    assert theil_index(counts) == generalized_entropy_index(counts, alpha=1.0)


@pytest.mark.parametrize("check", INDIVIDUAL)
def test_entropy_weighs_a_wrong_refusal_more_than_a_wrong_grant(check):
    assert check(table([[90, 0], [10, 100]])).value > check(table([[90, 10], [0, 100]])).value


@pytest.mark.parametrize("check", INDIVIDUAL)
def test_entropy_speaks_of_the_favourable_outcome_not_of_the_positive_class(check):
    turned = table([[100, 10], [2, 90]], positive=1, favourable=(0,))

    assert check(turned).value == check(table([[90, 2], [10, 100]])).value


@pytest.mark.parametrize("check", INDIVIDUAL)
def test_entropy_of_a_perfect_prediction_is_nothing_with_room_above(check):
    measured = check(table([[50, 0], [0, 50]]))

    assert (measured.value, measured.low, measured.judged) == (0, 0, True)
    assert 0.01 < measured.high < 0.06


@pytest.mark.parametrize("check", INDIVIDUAL)
def test_entropy_keeps_its_value_and_narrows_when_rows_are_repeated(check):
    once, often = check(table([[45, 5], [7, 43]])), check(table([[450, 50], [70, 430]]))

    assert often.value == pytest.approx(once.value)
    assert once.low < often.low < often.high < once.high


@pytest.mark.parametrize("check", INDIVIDUAL)
def test_entropy_ignores_order_and_blocks(check):
    draws = np.random.default_rng(0)
    y_true, y_pred = draws.integers(0, 2, (2, 80))
    split = matrix(y_true[50:], y_pred[50:]) + matrix(y_true[:50], y_pred[:50])

    assert check(matrix(y_true, y_pred)) == check(split)


@pytest.mark.parametrize("check", INDIVIDUAL)
@pytest.mark.parametrize("shares", [(0.02, 0.02), (0.2, 0.1), (0.0, 0.33), (0.1, 0.0)])
def test_entropy_interval_covers(check, shares):
    none, two = shares
    exact = table([[500_000, int(two * 10**6)], [int(none * 10**6), int((0.5 - none - two) * 10**6)]])
    drawn = np.random.default_rng(0).multinomial(200, [0.5, two, none, 0.5 - none - two], 400).reshape(-1, 2, 2)
    truth, found = check(exact).value, [check(table(one)) for one in drawn]

    assert np.mean([one.low <= truth <= one.high for one in found]) >= 0.94
    assert np.mean([one.high < truth for one in found]) <= 0.04


@pytest.mark.parametrize("check", INDIVIDUAL)
def test_entropy_where_nobody_benefits_is_not_measurable(check):
    with pytest.raises(NotMeasurable, match="no_denominator"):
        check(table([[0, 0], [9, 0]]))


@pytest.mark.parametrize("check", INDIVIDUAL)
def test_entropy_of_a_single_row_is_nothing_with_a_wide_interval(check):
    measured = check(table([[1, 0], [0, 0]]))

    assert measured.value == 0
    assert measured.high > 0.3


@pytest.mark.parametrize("check", INDIVIDUAL)
@pytest.mark.parametrize(
    ("roles", "code"),
    [
        ({"task": "regression", "classes": ()}, "needs_classification"),
        ({"task": "multiclass"}, "needs_binary"),
        ({"favourable": ()}, "no_favourable"),
        ({"favourable": (0, 1)}, "no_favourable"),
    ],
)
def test_entropy_refuses_what_has_no_benefit(check, roles, code):
    with pytest.raises(NotMeasurable, match=code):
        check(table([[5, 1], [1, 5]], **roles))


@pytest.mark.parametrize("check", INDIVIDUAL)
def test_entropy_refuses_no_rows(check):
    with pytest.raises(NotMeasurable, match="no_rows"):
        check(table([[0, 0], [0, 0]]))


@pytest.mark.parametrize("alpha", [0.0, -1.0, 11.0])
def test_generalized_entropy_index_refuses_a_weight_out_of_range(alpha):
    with pytest.raises(ValueError, match="alpha is from"):
        generalized_entropy_index(table([[5, 1], [1, 5]]), alpha=alpha)


def clustered(rows_each, wrong=0.2, entities=300):
    draws = np.random.default_rng(0)
    y_true = draws.integers(0, 2, entities).repeat(rows_each)
    y_pred = np.where(draws.random(entities).repeat(rows_each) < wrong, 1 - y_true, y_true)
    return matrix(y_true, y_pred, entity=draws.integers(0, 2**63, entities, np.uint64).repeat(rows_each))


@pytest.mark.parametrize("check", INDIVIDUAL)
def test_entropy_of_clustered_rows_is_as_wide_as_of_their_entities(check):
    once, often = check(clustered(1)), check(clustered(20))

    assert often.method == "fay_feuer_jackknife"
    assert often.high - often.low == pytest.approx(once.high - once.low, rel=0.2)


@pytest.mark.parametrize("check", INDIVIDUAL)
def test_entropy_of_clustered_rows_is_not_judged_on_few_errors_or_without_buckets(check):
    few, apart = check(clustered(20, wrong=0.01)), check(table([[40, 5], [5, 40]], clustered=True))

    assert (few.judged, few.reason.code) == (False, "too_few_for_interval")
    assert (apart.judged, apart.reason.code) == (False, "clustered_rows")


def test_between_group_generalized_entropy_of_equal_groups_is_nothing():
    counts = by_group(Y_TRUE * 4, FIRST * 4, ["a"] * 20 + ["b"] * 20)

    assert between_group_generalized_entropy(counts, minimum_group_size=1).value == 0


def test_between_group_generalized_entropy_is_no_more_than_the_whole():
    counts = by_group(Y_TRUE, SECOND, GROUP)
    whole = generalized_entropy_index(matrix(Y_TRUE, SECOND)).value

    assert 0 <= between_group_generalized_entropy(counts, minimum_group_size=1).value <= whole


def test_between_group_generalized_entropy_lists_every_group_and_judges_nothing():
    groups = ["a"] * 40 + ["b"] * 40 + ["c"] * 5 + [None] * 5
    measured = between_group_generalized_entropy(by_group(Y_TRUE * 9, FIRST * 9, groups))
    listed = {one["slice"]["g"]: one["judged"] for one in measured.details["groups"]}

    assert listed == {"a": True, "b": True, "c": False, None: False}
    assert (measured.n, measured.judged, measured.reason.code) == (80, False, "no_interval")
    assert measured.low is None


def test_between_group_generalized_entropy_of_one_group_has_no_value():
    measured = between_group_generalized_entropy(by_group(Y_TRUE, FIRST, ["a"] * 10), minimum_group_size=1)

    assert (measured.value, measured.reason.code) == (None, "fewer_than_two_groups")


def test_between_group_generalized_entropy_ignores_order_and_blocks():
    first, second = by_group(Y_TRUE, FIRST, GROUP), by_group(Y_TRUE, SECOND, GROUP[::-1])
    one, other = (
        between_group_generalized_entropy(both, minimum_group_size=1) for both in (first + second, second + first)
    )

    assert one == other


def test_between_group_generalized_entropy_refuses_as_the_index_does():
    with pytest.raises(NotMeasurable, match="no_favourable"):
        between_group_generalized_entropy(by_group(Y_TRUE, FIRST, GROUP, favourable=()))
    with pytest.raises(NotMeasurable, match="no_denominator"):
        between_group_generalized_entropy(by_group([1] * 10, [0] * 10, GROUP), minimum_group_size=1)


@pytest.mark.parametrize("alpha", [0.5, 1.0, 2.0, 3.0])
def test_generalized_entropy_index_is_not_moved_by_repeating_everybody(alpha):
    once, often = (generalized_entropy_index(table(np.array([[9, 2], [3, 6]]) * n), alpha=alpha) for n in (1, 50))

    assert often.value == pytest.approx(once.value)


@pytest.mark.parametrize("alpha", [0.5, 1.0, 2.0, 3.0])
def test_generalized_entropy_index_is_less_when_a_benefit_goes_from_more_to_less(alpha):
    # One wrong grant and one wrong refusal less: a transfer from who has 2 to who has 0.
    before = generalized_entropy_index(table([[40, 10], [10, 40]]), alpha=alpha)
    after = generalized_entropy_index(table([[41, 9], [9, 41]]), alpha=alpha)

    assert after.value < before.value


def test_generalized_entropy_index_is_what_is_between_groups_and_what_is_within():
    # Shorrocks (1980), eq. 30: at alpha 2 a group weighs by its rows times its squared mean benefit.
    counts = by_group(Y_TRUE * 4, SECOND * 4, GROUP * 4)
    whole = generalized_entropy_index(matrix(Y_TRUE * 4, SECOND * 4)).value
    between = between_group_generalized_entropy(counts, minimum_group_size=1)
    mean = 1.0
    within = sum(
        one["n"] / 40 * (one["value"] / mean) ** 2 * generalized_entropy_index(counts.matrix(index)).value
        for index, one in enumerate(between.details["groups"])
    )

    assert whole == pytest.approx(between.value + within)


@pytest.mark.parametrize(
    ("counts", "theil", "squared"),
    [
        ([[5, 5], [0, 0]], 0.5 * (4 / 3) * np.log(4 / 3) + 0.5 * (2 / 3) * np.log(2 / 3), 1 / 18),
        ([[5, 0], [5, 0]], np.log(2), 0.5),
        ([[0, 5], [5, 0]], np.log(2), 0.5),
        ([[10, 0], [0, 0]], 0.0, 0.0),
        ([[0, 10], [0, 0]], 0.0, 0.0),
    ],
)
def test_entropies_are_what_one_works_out_by_hand(counts, theil, squared):
    assert theil_index(table(counts)).value == pytest.approx(theil, abs=1e-12)
    assert generalized_entropy_index(table(counts)).value == pytest.approx(squared, abs=1e-12)


@pytest.mark.parametrize("check", INDIVIDUAL)
def test_entropy_widens_with_confidence(check):
    usual, wider = (check(table([[45, 5], [7, 43]]), confidence=confidence) for confidence in (0.95, 0.99))

    assert wider.low < usual.low < usual.high < wider.high


@pytest.mark.parametrize("check", INDIVIDUAL)
def test_entropy_interval_of_everybody_wrongly_granted_reaches_above_nothing(check):
    measured = check(table([[0, 40], [0, 0]]))

    assert (measured.value, measured.low) == (0, 0)
    assert measured.high > 0


def test_between_group_generalized_entropy_keeps_the_order_of_groups_and_their_means():
    counts = by_group(Y_TRUE, FIRST, GROUP)
    listed = between_group_generalized_entropy(counts, minimum_group_size=1).details["groups"]

    assert [(one["slice"]["g"], one["value"], one["n"]) for one in listed] == [(0, 1.0, 2), (1, 1.25, 4), (2, 0.75, 4)]


@pytest.mark.parametrize("minimum", [0, -1])
def test_between_group_generalized_entropy_refuses_groups_of_no_rows(minimum):
    with pytest.raises(ChecklistError, match="minimum_group_size"):
        between_group_generalized_entropy(by_group(Y_TRUE, FIRST, GROUP), minimum_group_size=minimum)


@pytest.mark.parametrize("check", INDIVIDUAL)
@pytest.mark.parametrize(("counts", "limit"), [([[500, 2], [3, 495]], 0.02), ([[50, 0], [0, 50]], 0.06)])
def test_entropy_of_hardly_any_error_stays_under_a_limit(check, counts, limit):
    measured = check(table(counts))

    assert measured.judged
    assert measured.high < limit


def grouped(tables, levels, minimum=30, attributes=("sex",), **roles):
    settled = {"task": "binary", "classes": (0, 1), "positive": 1, "favourable": (1,)} | roles
    counts = GroupCounts(roles=Roles(**settled), attributes=attributes, levels=levels, counts=np.array(tables))
    return between_group_generalized_entropy(counts, minimum_group_size=minimum)


def entropy_group(name, value, n, judged=True):
    return {"slice": {"sex": name}, "value": value, "low": None, "high": None, "n": n, "judged": judged}


# Groups by benefit: of 40 rows 20 are wrongly granted, of 40 none; 10 and 0 rows are small.
GROUPS = [[[20, 20], [0, 0]], [[20, 0], [0, 20]], [[5, 0], [5, 0]], [[0, 0], [0, 0]]]


def test_the_whole_record_of_the_entropy_between_groups():
    measured = grouped(GROUPS, (("F",), ("M",), ("X",), (None,)))

    # Means 1.5 and 1 about 1.25: half of ((1.2 ** 2 + 0.8 ** 2) / 2 - 1).
    assert measured.model_dump(exclude_defaults=True) == {
        "value": pytest.approx(0.02, abs=1e-15),
        "n": 80,
        "unit": "index",
        "judged": False,
        "reason": {"code": "no_interval"},
        "details": {
            "groups": [
                entropy_group("F", 1.5, 40),
                entropy_group("M", 1.0, 40),
                entropy_group("X", 0.5, 10, judged=False),
                entropy_group(None, None, 0, judged=False),
            ]
        },
    }


def test_the_whole_record_of_the_entropy_between_fewer_than_two_groups():
    measured = grouped(GROUPS[1:], (("M",), ("X",), (None,)))

    assert measured.model_dump(exclude_defaults=True) == {
        "value": None,
        "n": 40,
        "unit": "index",
        "judged": False,
        "reason": {"code": "fewer_than_two_groups", "with": {"by": ["sex"]}},
        "details": {
            "groups": [
                entropy_group("M", 1.0, 40),
                entropy_group("X", 0.5, 10, judged=False),
                entropy_group(None, None, 0, judged=False),
            ]
        },
    }


@pytest.mark.parametrize(("minimum", "compared"), [(40, True), (41, False)])
def test_a_group_of_exactly_the_minimum_counts_between_groups(minimum, compared):
    measured = grouped(GROUPS[:2], (("F",), ("M",)), minimum)

    assert [one["judged"] for one in measured.details["groups"]] == [compared, compared]
    assert (measured.value is not None) is compared


@pytest.mark.parametrize(("rows", "compared"), [(29, False), (30, True)])
def test_thirty_rows_count_between_groups_where_nothing_else_is_said(rows, compared):
    counts = GroupCounts(
        roles=Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,)),
        attributes=("sex",),
        levels=(("F",), ("M",)),
        counts=np.array([GROUPS[0], [[rows - 9, 0], [0, 9]]]),
    )

    assert between_group_generalized_entropy(counts).details["groups"][1]["judged"] is compared


def test_a_minimum_between_groups_is_refused_by_its_name():
    with pytest.raises(ChecklistError, match="'minimum_group_size' must be at least 1, not 0"):
        grouped(GROUPS, (("F",), ("M",), ("X",), (None,)), 0)


def test_levels_that_do_not_fit_the_attributes_are_a_fault():
    with pytest.raises(ValueError, match="zip"):
        grouped(GROUPS[:2], (("F",), ("M",)), attributes=("sex", "age"))


def test_levels_that_do_not_fit_the_tables_are_a_fault():
    with pytest.raises(ValueError, match=r"zip|broadcast"):
        grouped(GROUPS[:2], (("F",), ("M",), ("X",)))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.integers(0, 30), min_size=4, max_size=4), min_size=2, max_size=5))
def test_the_entropy_between_groups_is_the_entropy_of_their_means(cells):
    tables = np.array(cells).reshape(-1, 2, 2)
    sizes = tables.sum(axis=(1, 2))
    benefit = np.trace(tables, axis1=1, axis2=2) + 2 * tables[:, 0, 1]
    if (sizes > 0).sum() < 2 or not benefit.sum():
        return
    means = np.repeat(benefit / np.maximum(sizes, 1), sizes)
    expected = ((means / means.mean()) ** 2 - 1).mean() / 2
    levels = tuple((place,) for place in range(len(tables)))

    assert grouped(tables, levels, 1).value == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("alpha", [0.1, 10.0])
def test_the_ends_of_the_range_of_weights_are_taken(alpha):
    measured = generalized_entropy_index(table([[45, 5], [7, 43]]), alpha=alpha)

    assert measured.value > 0


@pytest.mark.parametrize("alpha", [0.0999, 10.0001])
def test_a_weight_just_out_of_range_is_refused_in_words(alpha):
    with pytest.raises(ValueError, match=f"^alpha is from 0.1 to 10, not {alpha}$"):
        generalized_entropy_index(table([[45, 5], [7, 43]]), alpha=alpha)


def test_the_weight_is_two_where_nothing_else_is_said():
    made = table([[45, 5], [7, 43]])

    assert generalized_entropy_index(made) == generalized_entropy_index(made, alpha=2, confidence=0.95)
    assert generalized_entropy_index(made).value != generalized_entropy_index(made, alpha=3).value


@pytest.mark.parametrize("check", INDIVIDUAL)
def test_the_whole_record_of_an_entropy(check):
    made = table([[45, 5], [7, 43]])
    low, high = entropy_interval(
        np.array([7, 88, 5]), 2 if check is generalized_entropy_index else 1.0, buckets=None, confidence=0.95
    )
    benefits = np.repeat([0.0, 1.0, 2.0], [7, 88, 5]) / 0.98
    logs = np.where(benefits > 0, benefits * np.log(np.maximum(benefits, 1e-300)), 0)
    value = (benefits**2 - 1).mean() / 2 if check is generalized_entropy_index else logs.mean()

    assert check(made).model_dump(exclude_defaults=True) == {
        "value": pytest.approx(value, abs=1e-12),
        "low": low,
        "high": high,
        "n": 100,
        "unit": "index",
        "method": "fay_feuer_delta",
    }


@pytest.mark.parametrize("check", INDIVIDUAL)
def test_the_whole_record_of_an_entropy_that_is_not_judged(check):
    apart = check(table([[40, 5], [5, 40]], clustered=True))
    few = check(clustered(20, wrong=0.01))

    assert apart.model_dump(exclude={"value"}, exclude_defaults=True) == {
        "n": 90,
        "unit": "index",
        "judged": False,
        "reason": {"code": "clustered_rows"},
    }
    assert apart.value == check(table([[40, 5], [5, 40]])).value
    assert few.model_dump(exclude={"value", "reason"}, exclude_defaults=True) == {
        "n": 6000,
        "unit": "index",
        "judged": False,
    }
    assert few.value == pytest.approx(check(table(clustered(20, wrong=0.01).counts)).value)
    assert set(few.reason.with_) == {"n", "needed"}
    assert few.reason.with_["n"] < few.reason.with_["needed"]


@pytest.mark.parametrize("check", INDIVIDUAL)
def test_an_entropy_is_at_95_percent_where_nothing_else_is_said(check):
    made = table([[45, 5], [7, 43]])

    assert check(made) == check(made, confidence=0.95)
    assert check(made).high < check(made, confidence=0.951).high


@pytest.mark.parametrize(
    ("roles", "code"),
    [
        ({"task": "regression", "classes": ()}, "needs_classification"),
        ({"task": "multiclass"}, "needs_binary"),
        ({"favourable": ()}, "no_favourable"),
        ({"favourable": (0, 1)}, "no_favourable"),
    ],
)
def test_what_an_entropy_lacks_is_told_by_its_code(roles, code):
    asked = [lambda check=check: check(table([[5, 1], [1, 5]], **roles)) for check in INDIVIDUAL]
    asked.append(lambda: grouped(GROUPS[:2], (("F",), ("M",)), **roles))
    for ask in asked:
        with pytest.raises(NotMeasurable) as caught:
            ask()

        assert caught.value.code == code


def test_an_entropy_without_any_benefit_is_told_by_its_code():
    nothing = [[0, 0], [50, 0]]
    asked = [lambda check=check: check(table(nothing)) for check in INDIVIDUAL]
    asked.append(lambda: grouped([nothing, nothing], (("F",), ("M",))))
    for ask in asked:
        with pytest.raises(NotMeasurable) as caught:
            ask()

        assert caught.value.code == "no_denominator"


@pytest.mark.parametrize("check", INDIVIDUAL)
def test_a_single_benefit_is_enough(check):
    assert check(table([[0, 0], [50, 1]])).value > 1
    assert check(table([[0, 1], [50, 0]])).value > 1
