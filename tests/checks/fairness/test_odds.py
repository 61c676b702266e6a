import numpy as np
import pytest
from fairlearn.metrics import equalized_odds_difference as their_difference
from fairlearn.metrics import equalized_odds_ratio as their_ratio
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability.blocks import Roles
from reliability.checks.fairness import rates
from reliability.checks.fairness.odds import equalized_odds_difference, equalized_odds_ratio
from reliability.errors import NotMeasurable
from reliability.evidence.group_counts import GroupCounts
from tests.builders import block

BINARY = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,))
ALL = [equalized_odds_difference, equalized_odds_ratio]
PARTS = {
    equalized_odds_difference: (rates.true_positive_rate_difference, rates.false_positive_rate_difference, max),
    equalized_odds_ratio: (rates.true_positive_rate_ratio, rates.false_positive_rate_ratio, min),
}
TABLES = [[40, 10], [20, 30]], [[15, 35], [5, 45]]
rows = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1), st.sampled_from("abc")), min_size=2, max_size=100)


def by_sex(*tables, roles=BINARY, **more):
    levels = tuple((name,) for name in "FMXYZ"[: len(tables)])
    return GroupCounts(roles=roles, attributes=("sex",), levels=levels, counts=np.array(tables), **more)


def counted(y_true, y_pred, groups, **more):
    return GroupCounts.of(block(y_true, y_pred, groups={"group": groups}, **more), ("group",))


@pytest.mark.parametrize(
    ("check", "value", "rate"),
    [(equalized_odds_difference, 0.5, "false_positive_rate"), (equalized_odds_ratio, 0.2 / 0.7, "false_positive_rate")],
)
def test_odds_by_hand(check, value, rate):
    measured = check(by_sex(*TABLES))

    assert measured.value == pytest.approx(value)
    assert (measured.n, measured.judged, measured.method) == (200, True, "mover_clopper_pearson")
    (shown,) = [part for part in measured.details["parts"] if part["rate"] == rate]
    assert measured.details["groups"] == shown["groups"]
    assert measured.details["worst"] == shown["worst"] == [{"sex": "F"}, {"sex": "M"}]


@given(rows)
@settings(max_examples=40, deadline=None)
@pytest.mark.parametrize(("check", "theirs"), [(ALL[0], their_difference), (ALL[1], their_ratio)])
def test_odds_agree_with_fairlearn(check, theirs, table):
    # fairlearn reads a rate without rows as 0, and a ratio of two zeros as it falls; we list both without a value.
    if any({y for y, _, name in table if name == group} != {0, 1} for _, _, group in table):
        return
    y_true, y_pred, groups = zip(*table, strict=True)
    measured = check(counted(y_true, y_pred, groups), minimum_group_size=1)

    if measured.value is not None:
        expected = theirs(y_true, y_pred, sensitive_features=list(groups))
        assert measured.value == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("check", ALL)
def test_interval_is_the_hull_of_both_parts_at_half_the_error(check):
    true, false, extreme = PARTS[check]
    parts = [part(by_sex(*TABLES), confidence=0.975) for part in (true, false)]
    measured = check(by_sex(*TABLES), confidence=0.95)

    assert (measured.low, measured.high) == tuple(
        extreme(getattr(one, end) for one in parts) for end in ("low", "high")
    )
    assert measured.low <= measured.value <= measured.high
    assert [part["value"] for part in measured.details["parts"]] == [one.value for one in parts]
    assert [part["groups"] for part in measured.details["parts"]] == [one.details["groups"] for one in parts]


@pytest.mark.parametrize("check", ALL)
def test_odds_are_perfect_where_groups_are_alike(check):
    measured = check(by_sex(*[[[40, 10], [20, 30]]] * 4))

    assert measured.value == (0.0 if check is equalized_odds_difference else 1.0)
    assert measured.value in (measured.low, measured.high)


def test_ratio_of_odds_has_no_value_where_nobody_is_wrongly_accepted():
    measured = equalized_odds_ratio(by_sex([[50, 0], [20, 30]], [[50, 0], [5, 45]]))

    assert (measured.value, measured.judged, measured.reason.code) == (None, False, "all_rates_zero")
    assert [part["value"] for part in measured.details["parts"]] == [pytest.approx(0.6 / 0.9), None]
    assert [group["value"] for group in measured.details["groups"]] == [0.0, 0.0]


@pytest.mark.parametrize("check", ALL)
def test_too_few_rows_of_one_class_leave_the_odds_undecided(check):
    few_positive = [[[100, 100], [10, 10]], [[100, 100], [80, 80]], [[100, 100], [80, 80]]]
    measured = check(by_sex(*few_positive))

    assert (measured.judged, measured.reason.code) == (False, "small_groups")
    assert measured.value is not None
    assert [part["judged"] for part in measured.details["parts"]] == [False, True]


@pytest.mark.parametrize("check", ALL)
@pytest.mark.parametrize("tables", [[TABLES[0]], [TABLES[0], [[3, 3], [3, 3]]], [TABLES[0], [[0, 0], [0, 0]]]])
def test_one_group_has_nobody_to_be_equal_to(check, tables):
    measured = check(by_sex(*tables))

    assert (measured.value, measured.judged, measured.reason.code) == (None, False, "fewer_than_two_groups")


@pytest.mark.parametrize("check", ALL)
@pytest.mark.parametrize(
    ("roles", "tables", "code"),
    [
        (Roles(task="regression"), np.zeros((2, 0, 0), np.int64), "needs_classification"),
        (BINARY, np.zeros((2, 2, 2), np.int64), "no_rows"),
        (Roles(task="multiclass", classes=(0, 1)), np.ones((2, 2, 2), np.int64), "no_positive"),
        (BINARY, [[[50, 50], [0, 0]]] * 2, "no_positive"),
        (BINARY, [[[0, 0], [50, 50]]] * 2, "one_class"),
    ],
)
def test_odds_say_what_they_lack(check, roles, tables, code):
    with pytest.raises(NotMeasurable, match=code):
        check(by_sex(*tables, roles=roles))


@pytest.mark.parametrize("check", ALL)
def test_odds_ignore_row_order_and_how_rows_were_cut_into_blocks(check):
    random = np.random.default_rng(2)
    made = block(
        *random.integers(0, 2, (2, 400)),
        groups={"group": random.choice(list("abc"), 400).tolist()},
        entity=random.integers(0, 100, 400),
    )
    parts = [GroupCounts.of(made.where(part), ("group",)) for part in np.split(random.permutation(400), [1, 120])]

    assert check(parts[2] + parts[0] + parts[1]) == check(GroupCounts.of(made, ("group",)))


@pytest.mark.parametrize("check", ALL)
def test_clustered_rows_are_judged_at_their_effective_number(check):
    random = np.random.default_rng(4)
    entity = np.repeat(np.arange(100), 8)
    y_true, y_pred = np.repeat(random.integers(0, 2, 100), 8), np.repeat(random.integers(0, 2, 100), 8)
    groups = np.repeat(["a", "b"] * 50, 8).tolist()
    grouped, plain = counted(y_true, y_pred, groups, entity=entity), counted(y_true, y_pred, groups)

    assert check(grouped).value == check(plain).value
    assert check(grouped).high - check(grouped).low > check(plain).high - check(plain).low
    assert check(grouped).method == "mover_clopper_pearson_effective_n"


@pytest.mark.parametrize("check", ALL)
def test_odds_of_clusters_that_were_not_counted_are_never_judged(check):
    roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,), clustered=True)
    measured = check(by_sex(*TABLES, roles=roles))

    assert (measured.judged, measured.reason.code, measured.low) == (False, "clustered_rows", None)
    assert measured.value == check(by_sex(*TABLES)).value


@pytest.mark.parametrize("check", ALL)
def test_the_whole_record_of_odds(check):
    true, false, extreme = PARTS[check]
    parts = {
        "true_positive_rate": true(by_sex(*TABLES), confidence=0.975),
        "false_positive_rate": false(by_sex(*TABLES), confidence=0.975),
    }
    shown = parts["false_positive_rate"]
    lows, highs = ([getattr(part, end) for part in parts.values()] for end in ("low", "high"))

    assert check(by_sex(*TABLES)).model_dump(exclude_defaults=True) == {
        "value": shown.value,
        "low": extreme(lows),
        "high": extreme(highs),
        "n": 200,
        "unit": "difference" if extreme is max else "ratio",
        "method": "mover_clopper_pearson",
        "details": {
            "groups": shown.details["groups"],
            "worst": [{"sex": "F"}, {"sex": "M"}],
            "parts": [
                {
                    "rate": name,
                    "value": part.value,
                    "low": part.low,
                    "high": part.high,
                    "n": 100,
                    "judged": True,
                    "method": "mover_clopper_pearson",
                    "groups": part.details["groups"],
                    "worst": [{"sex": "F"}, {"sex": "M"}],
                }
                for name, part in parts.items()
            ],
        },
    }


@pytest.mark.parametrize("check", ALL)
@pytest.mark.parametrize(("rows", "judged"), [(29, False), (30, True)])
def test_thirty_rows_of_either_class_are_enough_where_nothing_else_is_said(check, rows, judged):
    for table in ([[rows - 10, 10], [300, 300]], [[300, 300], [10, rows - 10]]):
        measured = check(by_sex([[400, 400], [400, 400]], table))

        assert (measured.value is not None) is judged
        assert judged or measured.reason.code == "fewer_than_two_groups"


@pytest.mark.parametrize("check", ALL)
@pytest.mark.parametrize("minimum", [1, 50, 51])
def test_the_minimum_is_that_of_both_parts(check, minimum):
    true, false, _ = PARTS[check]
    tables = [[40, 10], [20, 30]], [[15, 35], [5, 46]], [[15, 36], [5, 46]]
    measured = check(by_sex(*tables), minimum_group_size=minimum)

    for part, alone in zip(measured.details["parts"], (true, false), strict=True):
        expected = alone(by_sex(*tables), minimum_group_size=minimum)
        assert [group["judged"] for group in part["groups"]] == [
            group["judged"] for group in expected.details["groups"]
        ]
        assert part["value"] == expected.value


@pytest.mark.parametrize("check", ALL)
def test_odds_are_at_95_percent_where_nothing_else_is_said(check):
    assert check(by_sex(*TABLES)) == check(by_sex(*TABLES), confidence=0.95)
    assert check(by_sex(*TABLES)).high != check(by_sex(*TABLES), confidence=0.951).high


@pytest.mark.parametrize("check", ALL)
def test_effective_rows_are_named_where_either_rate_needs_them(check):
    # Rows of the positive class agree within a bucket; of the negative class every bucket has one answer of either.
    buckets = np.zeros((2, 128, 2, 2), np.int64)
    buckets[:, :, 0] = 1
    buckets[0, :64, 1, 0], buckets[0, 64:, 1, 1] = 5, 5
    buckets[1, :32, 1, 0], buckets[1, 32:, 1, 1] = 5, 5
    measured = check(by_sex(*buckets.sum(axis=1), buckets=buckets))
    methods = {part["rate"]: part["method"] for part in measured.details["parts"]}

    assert methods["true_positive_rate"] == "mover_clopper_pearson_effective_n"
    assert measured.method == "mover_clopper_pearson_effective_n"


@pytest.mark.parametrize("check", ALL)
def test_the_first_reason_of_either_part_is_given(check):
    # Too few rows of the positive class are left out, and nobody of the third group is of the negative one.
    tables = [[100, 100], [10, 10]], [[100, 100], [80, 80]], [[0, 0], [80, 80]]
    measured = check(by_sex(*tables))
    true, false = measured.details["parts"]

    assert (true["judged"], false["judged"]) == (False, True)
    assert measured.reason.code == "small_groups"
    assert measured.reason.with_ == {"by": ["sex"], "share": 20 / 340}
    assert measured.n == true["n"] + false["n"] == 720


@pytest.mark.parametrize("check", ALL)
def test_what_odds_lack_is_told_by_its_code(check):
    for tables, code in (([[[50, 50], [0, 0]]] * 2, "no_positive"), ([[[0, 0], [50, 50]]] * 2, "one_class")):
        with pytest.raises(NotMeasurable) as caught:
            check(by_sex(*tables))

        assert caught.value.code == code


@pytest.mark.parametrize("check", ALL)
def test_a_part_without_a_value_leaves_no_value_and_no_method(check):
    measured = check(by_sex([[60, 60], [3, 3]], [[60, 60], [80, 80]]))

    assert measured.model_dump(exclude={"details"}, exclude_defaults=True) == {
        "value": None,
        "n": 160 + 240,
        "unit": "difference" if check is equalized_odds_difference else "ratio",
        "judged": False,
        "reason": {"code": "fewer_than_two_groups", "with": {"by": ["sex"]}},
    }
    assert [part["value"] is None for part in measured.details["parts"]] == [True, False]
    assert [group["n"] for group in measured.details["groups"]] == [6, 160]
