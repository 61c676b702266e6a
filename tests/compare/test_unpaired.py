import numpy as np
import pytest

from reliability.checklist.catalogue import checks
from reliability.compare.unpaired import OF_GROUPS, VALIDATED, counted_pair, fixed_pair, from_records, worst_pair
from reliability.intervals.changes import Estimate, change_interval, share_change
from reliability.records import Measurement


def measurement(value, low, high, **changes):
    given = {"value": value, "low": low, "high": high, "n": 100, "unit": "share", "confidence": 0.95, "method": "mover"}
    return Measurement(**(given | changes))


def compared(rates, sizes, *, worst=("F", "M"), judged=(), check="fairness.selection_rate_difference"):
    levels = ("F", "M", "X")[: len(rates)]
    groups = [
        {"slice": {"sex": level}, "value": rate, "n": n, "judged": level not in judged}
        for level, rate, n in zip(levels, rates, sizes, strict=True)
    ]
    details = {"groups": groups, "worst": [{"sex": level} for level in worst]}
    return measurement(0.3, 0.1, 0.5, check=check, by=("sex",), details=details)


def test_every_check_that_is_compared_is_in_the_catalogue():
    assert set(checks()) >= VALIDATED
    assert set(OF_GROUPS) <= set(checks())
    assert VALIDATED.isdisjoint(OF_GROUPS)


def test_whole_counts_behind_a_share_are_used():
    before, after = (
        measurement(x / 100, 0.0, 1.0, method="clopper_pearson") for x in (30, 45)
    )  # fmt: skip
    found = from_records(before, after, correlation=None, confidence=0.95)
    expected = share_change((30, 100), (45, 100), confidence=0.95)

    assert found.method == "square_and_add"
    assert (found.low, found.high, found.p_value) == (expected.low, expected.high, expected.p_value)


@pytest.mark.parametrize(
    "changes",
    [{"method": "clopper_pearson_effective_n"}, {"method": "clopper_pearson", "value": 0.305}, {"method": None}],
)
def test_a_share_without_whole_counts_is_compared_by_its_limits(changes):
    before = measurement(0.3, 0.2, 0.4) if "value" in changes else measurement(0.3, 0.2, 0.4, **changes)
    before = before.model_copy(update=changes)
    found = from_records(before, measurement(0.5, 0.4, 0.6), correlation=None, confidence=0.95)
    one = Estimate(value=before.value, low=0.2, high=0.4, confidence=0.95)
    other = Estimate(value=0.5, low=0.4, high=0.6, confidence=0.95)

    assert found.method == "mover"
    assert (found.low, found.high) == pytest.approx(change_interval(one, other))


def test_a_correlation_is_used_where_it_is_known_even_for_counts():
    before, after = (measurement(x / 100, x / 100 - 0.1, x / 100 + 0.1, method="clopper_pearson") for x in (30, 45))
    independent = from_records(before, after, correlation=0.0, confidence=0.95)
    paired = from_records(before, after, correlation=0.8, confidence=0.95)

    assert paired.method == "mover_paired"
    assert paired.high - paired.low < independent.high - independent.low


def test_records_of_two_confidences_are_compared_at_the_higher_one():
    found = from_records(
        measurement(0.3, 0.2, 0.4, confidence=0.9), measurement(0.5, 0.4, 0.6, confidence=0.99),
        correlation=None, confidence=0.99,
    )  # fmt: skip

    assert found.confidence == 0.99
    assert found.low < 0.2 - 0.1 * 2**0.5


def test_the_worst_pair_is_the_one_before_whatever_is_worst_after():
    before = compared((0.2, 0.6, 0.4), (100, 100, 100))
    after = compared((0.5, 0.6, 0.1), (100, 100, 100), worst=("X", "M"))
    first, second = worst_pair(before, after)

    assert [group["value"] for group in first] == [0.2, 0.6]
    assert [group["value"] for group in second] == [0.5, 0.6]


@pytest.mark.parametrize(
    "after", [compared((0.2, 0.6), (100, 10), judged=("M",)), compared((0.2,), (100,), worst=("F",))]
)
def test_there_is_no_pair_where_one_of_it_is_not_judged_or_not_there(after):
    assert worst_pair(compared((0.2, 0.6), (100, 100)), after) is None


def test_a_record_without_a_worst_pair_has_none():
    bare = measurement(0.3, 0.1, 0.5)

    assert worst_pair(bare, bare) is None


def test_the_pair_is_counted_in_whole_successes():
    before, after = compared((0.3, 0.6, 0.4), (90, 110, 10), judged=("X",)), compared((0.5, 0.6), (90, 110))
    counted = counted_pair(before, worst_pair(before, after))

    assert counted.successes.tolist() == [[27, 66], [45, 66]]
    assert counted.n.tolist() == [[90, 110], [90, 110]]
    # X was too small to be compared, so the pair was the worst of two.
    assert counted.groups == 2


@pytest.mark.parametrize(
    ("check", "value"), [("fairness.selection_rate_difference", -0.2), ("fairness.selection_rate_ratio", 1 / 3)]
)
def test_the_pair_is_compared_in_the_unit_of_the_check(check, value):
    before, after = (compared(rates, (200, 200), check=check) for rates in ((0.2, 0.6), (0.4, 0.6)))
    found = fixed_pair(before, after, worst_pair(before, after), confidence=0.95)

    assert found.value == pytest.approx(value)
    assert found.method == f"fixed_pair_{check.rpartition('_')[2]}"
    assert [(part.before, part.after) for part in found.pair] == [(0.2, 0.4), (0.6, 0.6)]


def test_the_order_of_groups_in_a_record_says_nothing():
    before, after = compared((0.2, 0.6), (100, 100)), compared((0.4, 0.6), (100, 100))
    turned = after.model_copy(update={"details": after.details | {"groups": after.details["groups"][::-1]}})

    assert np.array_equal(
        counted_pair(before, worst_pair(before, turned)).successes,
        counted_pair(before, worst_pair(before, after)).successes,
    )
