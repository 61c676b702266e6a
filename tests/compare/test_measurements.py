import numpy as np
import pytest

from reliability.compare.measurements import found_in, measurement_changes, named
from reliability.compare.rows import Answered, PairedRows
from reliability.records import CriterionResult, Measurement, Reason
from tests.compare.two_draws import (
    block,
    case,
    claims,
    independent,
    measured,
    on_same_rows,
    rows,
    share_of_false_claims,
)

SHARE = {"check": "performance.accuracy", "unit": "share", "method": "clopper_pearson", "confidence": 0.95}


def share(successes, n, **changes):
    """A share with some interval of its own."""
    value = successes / n
    given = {"value": value, "low": max(value - 0.05, 0), "high": min(value + 0.05, 1), "n": n}
    return Measurement(**(SHARE | given | changes))


def only(before, after, rows=None, **limit):
    """The one change between two measurements."""
    (one,) = measurement_changes(case([before], **limit), case([after], **limit), rows, 0.95).changes
    return one


def group(level, value, n, *, judged=True):
    return {"slice": {"sex": level}, "value": value, "low": 0.0, "high": 1.0, "n": n, "judged": judged}


def gap(lowest, highest, *, others=(), n=200, check="fairness.selection_rate_difference", **changes):
    """A comparison of groups: F has the lowest rate, M the highest."""
    groups = [group("F", lowest, n), group("M", highest, n), *others]
    value = highest - lowest if check.endswith("difference") else lowest / highest
    given = {
        "check": check, "by": ("sex",), "value": value, "low": 0.0, "high": 1.0, "n": 2 * n,
        "unit": check.rpartition("_")[2], "method": "mover_clopper_pearson", "confidence": 0.95,
        "details": {"groups": groups, "worst": [{"sex": "F"}, {"sex": "M"}]},
    }  # fmt: skip
    return Measurement(**(given | changes))


def opposed_rows():
    """Two answers that err on different rows."""
    wrong = np.eye(20, dtype=np.int64)
    return PairedRows(
        classes=("0", "1"), y_true=np.zeros(20, np.int64),
        before=Answered(predicted=wrong[0]), after=Answered(predicted=wrong[1]),
    )  # fmt: skip


# No more changes are claimed than chance allows.


@pytest.mark.parametrize("n", [120, 600])
@pytest.mark.parametrize("compared", [independent, on_same_rows])
def test_nothing_is_claimed_of_one_truth_in_five_percent_of_comparisons_at_most(compared, n):
    # 16 measurements each, of which any claim counts.
    assert share_of_false_claims(compared, n, draws=120, seed=1) <= 0.05


def test_a_model_that_is_better_is_found_out_most_of_the_time():
    random = np.random.default_rng(3)
    found = [claimed for _ in range(10) for claimed in [on_same_rows(random, 800, shift=0.7)] if "better" in claimed]

    assert len(found) >= 9


def test_on_the_same_rows_less_is_needed_than_on_others():
    random, other = np.random.default_rng(4), np.random.default_rng(4)
    paired = sum("better" in on_same_rows(random, 400, shift=0.5)[:8] for _ in range(15))
    unpaired = sum("better" in independent(other, 400, shift=0.5)[:8] for _ in range(15))

    assert paired > unpaired


# One measurement.


def test_the_same_numbers_are_the_same():
    assert only(share(60, 100), share(60, 100)).claim == "same"


def test_another_n_alone_is_no_claim():
    one = only(share(60, 100), share(120, 200))

    assert (one.claim, one.difference.value, one.difference.p_value) == ("not_shown", 0, 1)


@pytest.mark.parametrize(
    ("limit", "claim"),
    [
        ({"at_least": 0.5}, "better"),
        ({"at_most": 0.5}, "worse"),
        ({"between": (0.4, 0.8)}, "moved"),
        ({"equals": 1}, "moved"),
    ],
)
def test_what_is_better_goes_by_the_limit(limit, claim):
    assert only(share(100, 1000), share(600, 1000), **limit).claim == claim


def test_a_small_change_is_not_shown():
    assert only(share(60, 100), share(63, 100)).claim == "not_shown"


def test_shares_are_compared_by_their_counts():
    one = only(share(60, 100), share(80, 100))

    assert (one.basis, one.difference.method) == ("unpaired", "square_and_add")


def test_a_share_at_an_effective_number_of_rows_is_compared_by_its_interval():
    clustered = [share(x, 100, method="clopper_pearson_effective_n") for x in (60, 80)]

    assert only(*clustered).difference.method == "mover"


@pytest.mark.parametrize("report", [True])
def test_what_is_reported_is_shown_with_its_interval_and_not_tested(report):
    changed = measurement_changes(
        case([share(100, 1000)], report=report), case([share(600, 1000)], report=report), None, 0.95
    )

    (one,) = changed.changes
    assert (one.claim, one.reason, changed.tested) == ("untested", "reported_only", 0)
    assert one.difference.low > 0


def test_what_only_one_of_them_judges_is_not_tested():
    (one,) = measurement_changes(case([share(100, 1000)], report=True), case([share(600, 1000)]), None, 0.95).changes

    assert one.reason == "reported_only"


UNTESTED = {
    "not_judged": {"judged": False, "reason": Reason(code="small_groups", with_={"by": ["sex"], "share": 0.2})},
    "unit_differs": {"unit": "score"},
    "no_interval": {"low": None, "high": None, "reason": Reason(code="no_interval")},
}


@pytest.mark.parametrize("reason", sorted(UNTESTED))
@pytest.mark.parametrize("first", [True, False])
def test_a_measurement_that_cannot_be_compared_says_why(reason, first):
    pair = [share(60, 100), share(10, 100, **UNTESTED[reason])]
    one = only(*(pair if first else pair[::-1]))

    assert (one.claim, one.reason, one.difference) == ("untested", reason, None)


def test_what_was_not_measured_once_is_not_compared():
    missing = share(1, 100, value=None, low=None, high=None, reason=Reason(code="no_scores"))

    assert only(share(60, 100), missing).reason == "not_judged"


@pytest.mark.parametrize(
    "check", ["performance.segment_gap", "fairness.roc_auc_difference", "leakage.single_feature_auc"]
)
def test_nothing_is_claimed_by_a_method_that_was_not_validated(check):
    one = only(share(10, 100, check=check), share(90, 100, check=check))

    assert (one.claim, one.reason) == ("untested", "not_validated")


def test_another_task_or_target_is_another_question():
    after = case([share(90, 100)])
    other = after.assessment.model_copy(
        update={"subject": after.assessment.subject.model_copy(update={"task": "multiclass"})}
    )
    (one,) = measurement_changes(case([share(10, 100)]), type(after)(assessment=other), None, 0.95).changes

    assert one.reason == "other_question"


def test_numbers_of_the_files_themselves_are_told_apart_without_a_test():
    whole = {
        "low": None,
        "high": None,
        "reason": Reason(code="whole_file"),
        "check": "data_quality.duplicate_rows",
        "method": "exact",
    }
    one = only(share(3, 100, **whole), share(1, 100, **whole), at_most=0.05)

    assert (one.claim, one.basis, one.difference.p_value) == ("better", "whole_file", None)
    assert one.difference.value == pytest.approx(-0.02)


# Groups: the pair that was worst before.


def test_the_gap_of_the_pair_is_followed_and_not_the_largest_gap_after():
    # After, X is the lowest: the largest gap is 0.5, but F and M came closer.
    before = gap(0.2, 0.6, others=[group("X", 0.4, 200)])
    after = gap(0.5, 0.6, others=[group("X", 0.1, 200)], value=0.5)
    one = only(before, after, at_most=0.3)

    assert one.basis == "fixed_pair"
    assert one.difference.value == pytest.approx(-0.3)
    assert one.difference.groups == 3
    assert [(part.slice, part.before, part.after) for part in one.difference.pair] == [
        ({"sex": "F"}, 0.2, 0.5), ({"sex": "M"}, 0.6, 0.6),
    ]  # fmt: skip
    # Not better: the largest gap is larger than before.
    assert one.claim == "moved"


def test_a_pair_that_came_closer_is_better_where_the_whole_is():
    assert only(gap(0.2, 0.6), gap(0.5, 0.6), at_most=0.3).claim == "better"


def test_a_ratio_that_grew_is_better():
    check = "fairness.selection_rate_ratio"
    one = only(gap(0.2, 0.6, check=check), gap(0.5, 0.6, check=check), at_least=0.8)

    assert (one.claim, one.difference.method) == ("better", "fixed_pair_ratio")
    assert one.difference.value == pytest.approx(0.5 / 0.6 - 0.2 / 0.6)


def test_a_gap_that_turned_round_is_no_improvement():
    # F now has 0.4 more than M: the gap is as wide as it was, the other way.
    after = gap(
        0.6,
        0.2,
        value=0.4,
        details={"groups": [group("F", 0.6, 200), group("M", 0.2, 200)], "worst": [{"sex": "M"}, {"sex": "F"}]},
    )

    assert only(gap(0.2, 0.6), after, at_most=0.3).claim == "moved"


def test_a_pair_that_is_not_there_after_is_not_compared():
    after = gap(
        0.2,
        0.6,
        details={"groups": [group("F", 0.2, 200), group("X", 0.6, 200)], "worst": [{"sex": "F"}, {"sex": "X"}]},
        value=0.41,
    )

    assert only(gap(0.2, 0.6), after).reason == "groups_differ"


def test_a_pair_that_is_too_small_after_is_not_compared():
    groups = [group("F", 0.2, 200), group("M", 0.7, 20, judged=False), group("X", 0.6, 200)]
    after = gap(0.2, 0.6, details={"groups": groups, "worst": [{"sex": "F"}, {"sex": "X"}]}, value=0.41)

    assert only(gap(0.2, 0.6), after).reason == "groups_differ"


@pytest.mark.parametrize("rates", [(0.0, 0.6), (0.2, 1.0)])
def test_a_pair_with_an_empty_cell_is_not_compared(rates):
    assert only(gap(0.2, 0.6), gap(*rates)).reason == "empty_cell"


def test_a_pair_of_clustered_rows_is_not_compared():
    method = "mover_clopper_pearson_effective_n"

    assert only(gap(0.2, 0.6, method=method), gap(0.5, 0.6, method=method)).reason == "clustered_rows"


@pytest.mark.parametrize(
    ("before", "after"),
    [(gap(0.2, 0.6), gap(0.5, 0.6)), (share(10, 100, slice={"sex": "F"}), share(90, 100, slice={"sex": "F"}))],
)
def test_where_two_models_err_on_opposite_rows_nothing_is_claimed_without_pairs(before, after):
    assert only(before, after, opposed_rows()).reason == "opposed_answers"


# Matching.


def test_measurements_are_matched_by_check_grouping_slice_class_and_options():
    one = share(1, 2, by=("sex",), slice={"sex": "F"}, of="yes")

    assert named(one, {"minimum_group_size": 5}) == {
        "check": "performance.accuracy", "by": ["sex"], "slice": {"sex": "F"}, "of": "yes",
        "with": {"minimum_group_size": 5},
    }  # fmt: skip


@pytest.mark.parametrize(
    "changes", [{"of": "yes"}, {"slice": {"sex": "F"}}, {"by": ("sex",)}, {"check": "performance.recall"}]
)
def test_what_is_not_the_same_measurement_is_listed_as_in_one_only(changes):
    found = measurement_changes(case([share(1, 2)]), case([share(1, 2, **changes)]), None, 0.95)

    assert found.changes == ()
    assert len(found.only_before) == len(found.only_after) == 1


def test_other_options_make_another_measurement():
    one, other = case([share(60, 100)]), case([share(60, 100)])
    finding = other.assessment.findings[0]
    criterion = finding.criteria[0].criterion.model_copy(update={"with_": {"bins": 20}})
    result = finding.criteria[0].model_copy(update={"criterion": criterion})
    changed = other.assessment.model_copy(update={"findings": (finding.model_copy(update={"criteria": (result,)}),)})

    assert measurement_changes(one, type(other)(assessment=changed), None, 0.95).changes == ()


def test_a_measurement_that_serves_two_items_is_tested_once_and_judged_if_one_judges_it():
    both = case([share(60, 100), share(60, 100)])
    first = both.assessment.findings[0]
    reported = CriterionResult(
        criterion=first.criteria[0].criterion.model_copy(update={"report": True, "at_least": None}),
        verdict="reported", measurements=first.criteria[0].measurements,
    )  # fmt: skip
    findings = (first.model_copy(update={"criteria": (reported,)}), *both.assessment.findings[1:])
    mixed = type(both)(assessment=both.assessment.model_copy(update={"findings": findings}))

    (found,) = found_in(mixed, ["I-0", "I-1"]).values()
    assert found.items == ("I-0", "I-1")
    assert not found.criterion.report


def test_all_judged_measurements_that_changed_are_adjusted_together():
    first = [share(500, 1000), share(60, 100, of="b"), share(60, 100, of="c"), share(60, 100, of="d")]
    second = [share(560, 1000), share(61, 100, of="b"), share(62, 100, of="c"), share(60, 100, of="d")]
    found = measurement_changes(case(first), case(second), None, 0.95)
    alone = only(first[0], second[0])

    # The fourth did not change and is not tested.
    assert found.tested == 3
    assert found.changes[0].difference.adjusted == pytest.approx(3 * alone.difference.p_value)
    assert (alone.claim, found.changes[0].claim) == (
        "better",
        "better" if 3 * alone.difference.p_value <= 0.05 else "not_shown",
    )


def test_many_changed_measurements_need_a_larger_change_each():
    first, second = share(500, 1000), share(545, 1000)
    others = [(share(60, 100, of=name), share(61, 100, of=name)) for name in "abcdefgh"]
    found = measurement_changes(
        case([first, *(one for one, _ in others)]), case([second, *(one for _, one in others)]), None, 0.95
    )

    assert only(first, second).claim == "better"
    assert found.changes[0].claim == "not_shown"


def test_the_simulated_measurements_are_of_every_kind():
    random = np.random.default_rng(0)
    truth, groups, (score,) = rows(random, 400)
    found = measured(block(truth, groups, score))

    assert len(found) == 16
    assert claims(found, found) == ["same"] * 16


def quantity(value, low, high, check="performance.median_absolute_error"):
    return Measurement(
        check=check, unit="target", method="order_statistics", confidence=0.95, value=value, low=low, high=high, n=400
    )


def test_quantities_too_large_to_be_squared_are_compared():
    found = only(quantity(2e200, 1e200, 3e200), quantity(9e200, 8e200, 9.5e200))

    assert found.claim == "better"
    assert found.difference.value == pytest.approx(7e200)
    assert found.difference.low == pytest.approx(7e200 - 2**0.5 * 1e200)


def test_quantities_whose_difference_has_a_limit_that_is_no_float_are_not_tested():
    before, after = (quantity(*one, check="performance.better_than_mean") for one in ((-1e308,) * 3, (1e308,) * 3))
    found = only(before, after)

    assert (found.claim, found.reason, found.difference) == ("untested", "no_interval", None)
