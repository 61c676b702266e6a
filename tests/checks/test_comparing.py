"""Groups compared: what every comparison writes into the record, by hand."""

from fractions import Fraction
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from reliability.blocks import Roles
from reliability.checks.comparing import (
    Estimates,
    Rates,
    compared,
    compared_estimates,
    known,
    rates_of,
    shares,
    withdrawn,
    worst_positions,
)
from reliability.errors import ChecklistError, NotMeasurable
from reliability.evidence.group_counts import GroupCounts
from reliability.intervals.comparisons import (
    group_mass,
    largest_difference,
    smallest_ratio,
    widest_difference,
    widest_ratio,
)
from reliability.intervals.proportions import effective_n
from reliability.records import Reason

ROLES = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,))
CLUSTERED = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,), clustered=True)
PREDICTED = np.array([[False, True], [False, True]])
EVERYBODY = np.ones((2, 2), np.bool_)
# Some rows of every group: (refused, selected) of the negative class, then of the positive one.
TABLES = [[[40, 10], [20, 30]], [[15, 35], [5, 45]]]


def rates(*pairs, minimum=30, names="FMXYZ", worth=None, unclear=False):
    """Groups by (successes, rows)."""
    successes, rows = (np.array(side, np.int64) for side in zip(*pairs, strict=True))
    return Rates(
        attributes=("sex",),
        levels=tuple((name,) for name in names[: len(pairs)]),
        successes=successes,
        rows=rows,
        worth=rows.astype(np.float64) if worth is None else np.array(worth, np.float64),
        compared=rows >= minimum,
        unclear=unclear,
    )


def counts(tables, levels=(("F",), ("M",)), attributes=("sex",), roles=ROLES, **more):
    return GroupCounts(roles=roles, attributes=attributes, levels=levels, counts=np.array(tables), **more)


def exact(successes, n, confidence=0.95):
    found = binomtest(successes, n).proportion_ci(confidence, "exact")
    return pytest.approx(found.low, abs=1e-12), pytest.approx(found.high, abs=1e-12)


def listed(name, successes, n, share, judged=True):
    """A group as the record has it."""
    low, high = exact(successes, n)
    return {
        "slice": {"sex": name},
        "value": successes / n,
        "low": low,
        "high": high,
        "n": n,
        "share": share,
        "judged": judged,
    }


def test_rates_are_counted_from_the_cells():
    found = rates_of(counts(TABLES), PREDICTED, EVERYBODY, 30, 0.95)

    assert (found.attributes, found.levels) == (("sex",), (("F",), ("M",)))
    assert (found.successes.tolist(), found.rows.tolist()) == ([40, 80], [100, 100])
    assert (found.worth.tolist(), found.worth.dtype) == ([100.0, 100.0], np.float64)
    assert (found.compared.tolist(), found.unclear) == ([True, True], False)


def test_rates_count_only_the_cells_that_are_asked_about():
    # Of rows of the positive class: those that are predicted as it.
    positive = np.array([[False, False], [True, True]])
    found = rates_of(counts(TABLES), positive & PREDICTED, positive, 50, 0.95)

    assert (found.successes.tolist(), found.rows.tolist()) == ([30, 45], [50, 50])
    assert found.compared.tolist() == [True, True]


@pytest.mark.parametrize(("minimum", "expected"), [(100, [True, True]), (101, [False, True]), (121, [False, False])])
def test_a_group_of_exactly_the_minimum_is_compared(minimum, expected):
    tables = [TABLES[0], [[25, 35], [15, 45]]]

    assert rates_of(counts(tables), PREDICTED, EVERYBODY, minimum, 0.95).compared.tolist() == expected


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ((("F", 1), ("M", 1)), [True, True]),
        ((("F", None), ("M", 1)), [False, True]),
        (((None, 1), ("M", None)), [False, False]),
        (((None, None), ("M", 2)), [False, True]),
    ],
)
def test_a_group_of_which_any_attribute_is_unknown_is_never_compared(levels, expected):
    made = counts(TABLES, levels=levels, attributes=("sex", "age"))

    assert rates_of(made, PREDICTED, EVERYBODY, 1, 0.95).compared.tolist() == expected


@pytest.mark.parametrize("minimum", [0, -7])
def test_a_minimum_below_one_is_refused_by_its_name(minimum):
    with pytest.raises(ChecklistError, match=f"option 'minimum_group_size' must be at least 1, not {minimum}"):
        rates_of(counts(TABLES), PREDICTED, EVERYBODY, minimum, 0.95)


@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_clustered_rates_are_worth_their_buckets(confidence):
    draws = np.random.default_rng(3)
    buckets = draws.integers(0, 9, (2, 128, 2, 2))
    made = counts(buckets.sum(axis=1), roles=CLUSTERED, buckets=buckets)
    found = rates_of(made, PREDICTED, EVERYBODY, 30, confidence)
    expected = effective_n(buckets[..., 1].sum(axis=2), buckets.sum(axis=(2, 3)), confidence=confidence)

    assert found.worth.tolist() == expected.tolist()
    assert (found.worth < found.rows).all()
    assert found.worth_successes == pytest.approx(found.successes / found.rows * expected)
    assert found.unclear is False


def test_clusters_without_buckets_are_unclear():
    assert rates_of(counts(TABLES, roles=CLUSTERED), PREDICTED, EVERYBODY, 30, 0.95).unclear is True


def test_successes_of_independent_rows_stay_whole():
    found = rates((1, 1), (0, 0), (1, 3), (10**9 - 1, 10**9))

    assert found.worth_successes.tolist() == [1.0, 0.0, 1.0, 10**9 - 1]


def test_one_rate_is_a_fraction_and_its_group_is_named():
    found = rates((1, 3), (2, 7))

    assert (found.exact(0), found.exact(1)) == (Fraction(1, 3), Fraction(2, 7))
    assert (found.slice(0), found.slice(1)) == ({"sex": "F"}, {"sex": "M"})


def test_a_group_that_is_named_by_too_few_levels_is_a_fault():
    broken = Rates(**{**vars(rates((1, 3), (2, 7))), "attributes": ("sex", "age")})

    with pytest.raises(ValueError, match="zip"):
        broken.slice(0)


@pytest.mark.parametrize(
    ("widest", "unit", "value"), [(largest_difference, "difference", 0.3), (smallest_ratio, "ratio", 0.5)]
)
def test_the_record_of_a_comparison_by_hand(widest, unit, value):
    measured = compared(rates((60, 100), (30, 100), (50, 100)), widest, unit, 0.95)
    gap = widest(np.array([60, 30, 50]), np.array([100, 100, 100]), confidence=0.95)

    assert measured.model_dump(exclude_defaults=True) == {
        "value": value,
        "low": gap.low,
        "high": gap.high,
        "n": 300,
        "unit": unit,
        "method": "mover_clopper_pearson",
        "details": {
            "groups": [
                listed("F", 60, 100, pytest.approx(1 / 3)),
                listed("M", 30, 100, pytest.approx(1 / 3)),
                listed("X", 50, 100, pytest.approx(1 / 3)),
            ],
            "worst": [{"sex": "M"}, {"sex": "F"}],
        },
    }


def test_the_record_of_a_comparison_with_too_many_rows_left_out():
    measured = compared(rates((30, 100), (60, 100), (4, 20)), largest_difference, "difference", 0.95)

    assert measured.model_dump(exclude={"low", "high"}, exclude_defaults=True) == {
        "value": 0.3,
        "n": 200,
        "unit": "difference",
        "method": "mover_clopper_pearson",
        "judged": False,
        "reason": {"code": "small_groups", "with": {"by": ["sex"], "share": 20 / 220}},
        "details": {
            "groups": [
                listed("F", 30, 100, 100 / 220),
                listed("M", 60, 100, 100 / 220),
                listed("X", 4, 20, 20 / 220, judged=False),
            ],
            "worst": [{"sex": "F"}, {"sex": "M"}],
        },
    }
    assert 0 < measured.low < 0.3 < measured.high < 1


@pytest.mark.parametrize(("small", "judged"), [(10, True), (11, False)])
def test_a_twentieth_of_the_rows_may_be_left_out(small, judged):
    measured = compared(rates((50, 100), (45, 90), (0, small)), largest_difference, "difference", 0.95)

    assert measured.judged is judged
    assert (measured.reason is None) is judged


@pytest.mark.parametrize(
    ("pairs", "n"), [([(5, 50)], 50), ([(5, 50), (3, 20)], 50), ([(5, 20), (3, 29)], 0), ([(5, 30), (0, 0)], 30)]
)
def test_the_record_of_fewer_than_two_groups(pairs, n):
    measured = compared(rates(*pairs), largest_difference, "difference", 0.95)
    total = sum(rows for _, rows in pairs)

    assert measured.model_dump(exclude={"details"}, exclude_defaults=True) == {
        "value": None,
        "n": n,
        "unit": "difference",
        "judged": False,
        "reason": {"code": "fewer_than_two_groups", "with": {"by": ["sex"]}},
    }
    assert list(measured.details) == ["groups"]
    assert [group["n"] / total for group in measured.details["groups"]] == [
        group["share"] for group in measured.details["groups"]
    ]


def test_the_record_of_a_ratio_where_nobody_is_selected():
    measured = compared(rates((0, 50), (0, 150)), smallest_ratio, "ratio", 0.95)

    assert measured.model_dump(exclude_defaults=True) == {
        "value": None,
        "n": 200,
        "unit": "ratio",
        "judged": False,
        "reason": {"code": "no_selection"},
        "details": {"groups": [listed("F", 0, 50, 0.25), listed("M", 0, 150, 0.75)]},
    }


def test_an_empty_group_is_listed_without_numbers():
    measured = compared(rates((30, 100), (0, 0), (60, 100)), largest_difference, "difference", 0.95)

    assert measured.details["groups"][1] == {
        "slice": {"sex": "M"},
        "value": None,
        "low": None,
        "high": None,
        "n": 0,
        "share": 0.0,
        "judged": False,
    }
    assert (measured.judged, measured.details["worst"]) == (True, [{"sex": "F"}, {"sex": "X"}])


def test_unclear_rows_have_a_value_and_no_limits():
    measured = compared(rates((30, 100), (60, 100), unclear=True), largest_difference, "difference", 0.95)

    assert measured.model_dump(exclude={"details"}, exclude_defaults=True) == {
        "value": 0.3,
        "n": 200,
        "unit": "difference",
        "method": "mover_clopper_pearson",
        "judged": False,
        "reason": {"code": "clustered_rows"},
    }
    assert [(group["low"], group["high"]) for group in measured.details["groups"]] == [(None, None)] * 2


def test_unclear_rows_are_named_before_small_groups():
    measured = compared(rates((30, 100), (60, 100), (4, 20), unclear=True), largest_difference, "difference", 0.95)

    assert measured.reason == Reason(code="clustered_rows")


@pytest.mark.parametrize(
    ("worth", "method"),
    [
        ([100.0, 100.0], "mover_clopper_pearson"),
        ([100.0, 80.0], "mover_clopper_pearson_effective_n"),
        ([50.5, 80.0], "mover_clopper_pearson_effective_n"),
    ],
)
def test_limits_and_their_name_are_those_of_what_rows_are_worth(worth, method):
    measured = compared(rates((30, 100), (60, 100), worth=worth), largest_difference, "difference", 0.95)
    gap = largest_difference(np.array([0.3, 0.6]) * worth, np.array(worth), confidence=0.95)

    assert (measured.low, measured.high) == pytest.approx((gap.low, gap.high), abs=1e-12)
    assert (measured.value, measured.method) == (0.3, method)


def test_listed_limits_are_at_the_confidence_that_is_asked_for():
    group = compared(rates((30, 100), (60, 100)), largest_difference, "difference", 0.8).details["groups"][0]

    assert (group["low"], group["high"]) == exact(30, 100, 0.8)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(40, 90)), min_size=2, max_size=5))
@settings(max_examples=40, deadline=None)
def test_gaps_are_rounded_once(pairs):
    made, fractions = rates(*pairs), [Fraction(x, n) for x, n in pairs]
    difference = compared(made, largest_difference, "difference", 0.95)
    ratio = compared(made, smallest_ratio, "ratio", 0.95)

    assert difference.value == float(max(fractions) - min(fractions))
    if any(fractions):
        assert ratio.value == float(min(fractions) / max(fractions))
        assert worst_positions(ratio, made) == worst_positions(difference, made)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(40, 90)), min_size=2, max_size=5))
@settings(max_examples=40, deadline=None)
def test_positions_of_the_worst_are_of_the_lowest_and_the_highest_rate(pairs):
    made = rates(*pairs)
    lowest, highest = worst_positions(compared(made, largest_difference, "difference", 0.95), made)

    assert lowest != highest
    assert made.exact(lowest) == min(Fraction(x, n) for x, n in pairs)
    assert made.exact(highest) == max(Fraction(x, n) for x, n in pairs)


def test_positions_of_the_worst_of_pairs_of_attributes():
    levels = (("F", 1), ("F", 2), ("M", 1))
    found = Rates(**{**vars(rates((50, 100), (70, 100), (20, 100))), "attributes": ("sex", "age"), "levels": levels})
    measured = compared(found, largest_difference, "difference", 0.95)

    assert measured.details["worst"] == [{"sex": "M", "age": 1}, {"sex": "F", "age": 2}]
    assert worst_positions(measured, found) == (2, 1)


@pytest.mark.parametrize(
    ("rows", "expected"), [([1], [1.0]), ([0, 0], [0.0, 0.0]), ([1, 3], [0.25, 0.75]), ([0, 5], [0.0, 1.0]), ([], [])]
)
def test_shares_are_of_all_rows(rows, expected):
    assert shares(np.array(rows, np.int64)) == expected


def estimates(values, n=None, minimum=30, asked=None, attributes=("sex",)):
    """Estimates with limits 0.1 below and 0.2 above, whatever the probability outside."""
    rows = np.array([100] * len(values) if n is None else n, np.int64)
    have = np.array([value is not None for value in values])

    def limits(index, mass):
        if asked is not None:
            asked.append((index, mass))
        return values[index] - 0.1, values[index] + 0.2

    return Estimates(
        attributes=attributes,
        levels=tuple((name,) for name in "FMXYZ"[: len(values)]),
        values=tuple(values),
        n=rows,
        compared=(rows >= minimum) & have,
        limits=limits,
    )


def test_the_record_of_compared_estimates_by_hand():
    measured = compared_estimates(
        estimates([0.5, None, 0.25, 0.75], [40, 0, 40, 4]), widest_difference, unit="score", method="m", confidence=0.95
    )
    apart = float(np.hypot(0.1, 0.2))

    assert measured.model_dump(exclude_defaults=True) == {
        "value": 0.25,
        "low": pytest.approx(max(0.0, 0.25 - apart)),
        "high": pytest.approx(0.25 + apart),
        "n": 80,
        "unit": "score",
        "method": "m",
        "details": {
            "groups": [
                {
                    "slice": {"sex": "F"},
                    "value": 0.5,
                    "low": 0.4,
                    "high": 0.7,
                    "n": 40,
                    "share": 40 / 84,
                    "judged": True,
                },
                {
                    "slice": {"sex": "M"},
                    "value": None,
                    "low": None,
                    "high": None,
                    "n": 0,
                    "share": 0.0,
                    "judged": False,
                },
                {
                    "slice": {"sex": "X"},
                    "value": 0.25,
                    "low": 0.15,
                    "high": 0.45,
                    "n": 40,
                    "share": 40 / 84,
                    "judged": True,
                },
                {
                    "slice": {"sex": "Y"},
                    "value": 0.75,
                    "low": None,
                    "high": None,
                    "n": 4,
                    "share": 4 / 84,
                    "judged": False,
                },
            ],
            "worst": [{"sex": "X"}, {"sex": "F"}],
        },
    }


@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_limits_are_asked_for_the_list_and_for_all_pairs_at_once(confidence):
    asked = []
    made = estimates([0.5, 0.3, 0.25, 0.75], [40, 1, 40, 40], asked=asked)
    compared_estimates(made, widest_difference, unit="score", method="m", confidence=confidence)
    alone, together = 1 - confidence, group_mass(3, confidence)

    assert asked == [(0, alone), (2, alone), (3, alone), (0, together), (2, together), (3, together)]
    assert together < alone


@pytest.mark.parametrize(
    ("values", "rows", "n"), [([0.5], [50], 50), ([0.5, 0.2], [50, 20], 50), ([0.5, None], [20, 50], 0)]
)
def test_the_record_of_fewer_than_two_estimates(values, rows, n):
    measured = compared_estimates(estimates(values, rows), widest_difference, unit="score", method="m", confidence=0.95)

    assert measured.model_dump(exclude={"details"}, exclude_defaults=True) == {
        "value": None,
        "n": n,
        "unit": "score",
        "judged": False,
        "reason": {"code": "fewer_than_two_groups", "with": {"by": ["sex"]}},
    }
    assert [group["value"] for group in measured.details["groups"]] == values


def test_the_record_of_a_ratio_of_estimates_that_are_all_nought():
    measured = compared_estimates(estimates([0.0, 0.0]), widest_ratio, unit="ratio", method="m", confidence=0.95)

    assert measured.model_dump(exclude={"details"}, exclude_defaults=True) == {
        "value": None,
        "n": 200,
        "unit": "ratio",
        "judged": False,
        "reason": {"code": "no_selection"},
    }
    assert [group["low"] for group in measured.details["groups"]] == [-0.1, -0.1]


def test_estimates_with_too_many_rows_left_out_are_not_judged():
    measured = compared_estimates(
        estimates([0.5, 0.25, 0.7], [95, 90, 10], minimum=20), widest_difference, unit="u", method="m", confidence=0.95
    )

    assert (measured.value, measured.judged) == (0.25, False)
    assert measured.reason == Reason.model_validate(
        {"code": "small_groups", "with": {"by": ["sex"], "share": 10 / 195}}
    )


def test_a_gap_of_estimates_has_no_greatest_where_it_is_told_so():
    wide = partial(widest_difference, greatest=float("inf"))
    plain, told = (
        compared_estimates(estimates([0.0, 1.1]), widest, unit="u", method="m", confidence=0.95)
        for widest in (widest_difference, wide)
    )

    assert (plain.high, told.value) == (1.0, 1.1)
    assert told.high == pytest.approx(1.1 + np.hypot(0.1, 0.2))


def test_levels_that_do_not_fit_the_attributes_are_a_fault():
    with pytest.raises(ValueError, match="zip"):
        estimates([0.5, 0.25], attributes=("sex", "age")).listed(0.95)


def test_numbers_that_do_not_fit_the_groups_are_a_fault():
    made = estimates([0.5, 0.25])

    with pytest.raises(ValueError, match="zip"):
        Estimates(**{**vars(made), "values": (0.5,)}).listed(0.95)


def test_what_is_withdrawn_keeps_its_numbers_and_loses_every_limit():
    measured = compared(rates((30, 100), (60, 100)), largest_difference, "difference", 0.95)
    reason = Reason.model_validate({"code": "too_few_for_interval", "with": {"n": 3, "needed": 10}})
    left = withdrawn(measured, reason)

    assert left.model_dump(exclude_defaults=True) == {
        "value": 0.3,
        "n": 200,
        "unit": "difference",
        "method": "mover_clopper_pearson",
        "judged": False,
        "reason": {"code": "too_few_for_interval", "with": {"n": 3, "needed": 10}},
        "details": {
            "groups": [
                {
                    "slice": {"sex": name},
                    "value": value,
                    "low": None,
                    "high": None,
                    "n": 100,
                    "share": 0.5,
                    "judged": True,
                }
                for name, value in (("F", 0.3), ("M", 0.6))
            ],
            "worst": [{"sex": "F"}, {"sex": "M"}],
        },
    }
    assert measured.low is not None
    assert measured.details["groups"][0]["low"] is not None


def test_a_problem_of_another_kind_is_not_hidden():
    def broken(*_, **__):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        compared(rates((30, 100), (60, 100)), broken, "difference", 0.95)


@pytest.mark.parametrize("code", ["all_rates_zero", "no_selection", "variance_not_estimable"])
def test_why_there_is_no_gap_is_told_by_its_code(code):
    def refusing(*_, **__):
        raise NotMeasurable(code)

    for measured in (
        compared(rates((30, 100), (60, 100)), refusing, "difference", 0.95),
        compared_estimates(estimates([0.5, 0.2]), refusing, unit="difference", method="m", confidence=0.95),
    ):
        assert (measured.value, measured.n, measured.reason) == (None, 200, Reason(code=code))
        assert len(measured.details["groups"]) == 2


@pytest.mark.parametrize(
    ("levels", "expected"),
    [((), []), ((("F",), (None,)), [True, False]), ((("F", None), ("F", 0), (None, None)), [False, True, False])],
)
def test_groups_are_known_by_a_level_of_every_attribute(levels, expected):
    found = known(levels)

    assert (found.tolist(), found.dtype) == (expected, np.bool_)


def test_rates_are_worked_out_once_for_all_that_ask_the_same():
    made = counts(TABLES)
    found = rates_of(made, PREDICTED, EVERYBODY, 30, 0.95)

    assert rates_of(made, PREDICTED, EVERYBODY, 30, 0.95) is found
    assert found.limits(0.95) is found.limits(0.95)


@pytest.mark.parametrize(
    "other",
    [
        (~PREDICTED, EVERYBODY, 30, 0.95),
        (PREDICTED, PREDICTED | PREDICTED.T, 30, 0.95),
        (PREDICTED, EVERYBODY, 101, 0.95),
        (PREDICTED, EVERYBODY, 30, 0.9),
    ],
)
def test_another_question_has_rates_of_its_own(other):
    made = counts(TABLES)
    first = rates_of(made, PREDICTED, EVERYBODY, 30, 0.95)
    found = rates_of(made, *other)

    expected = rates_of(counts(TABLES), *other)
    assert found is not first
    for name in ("successes", "rows", "worth", "compared"):
        assert getattr(found, name).tolist() == getattr(expected, name).tolist()


def test_other_counts_have_rates_of_their_own():
    first = counts(TABLES)
    rates_of(first, PREDICTED, EVERYBODY, 30, 0.95)
    doubled = first + first

    assert rates_of(doubled, PREDICTED, EVERYBODY, 30, 0.95).rows.tolist() == [200, 200]
    assert rates_of(first, PREDICTED, EVERYBODY, 30, 0.95).rows.tolist() == [100, 100]


def test_limits_of_every_group_are_those_of_the_confidence_asked():
    made = rates((30, 100), (0, 50), (20, 20))

    for confidence in (0.95, 0.9, 0.95):
        low, high = made.limits(confidence)
        exact = [binomtest(x, n).proportion_ci(confidence) for x, n in ((30, 100), (0, 50), (20, 20))]
        assert low.tolist() == pytest.approx([one.low for one in exact])
        assert high.tolist() == pytest.approx([one.high for one in exact])
