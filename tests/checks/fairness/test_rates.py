from statistics import NormalDist

import numpy as np
import pytest
from fairlearn.metrics import (
    MetricFrame,
    demographic_parity_ratio,
    false_negative_rate,
    false_positive_rate,
    selection_rate,
    true_positive_rate,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, fisher_exact
from sklearn.metrics import precision_score

from reliability.blocks import Groups, Roles
from reliability.checks.fairness.rates import (
    false_negative_rate_difference,
    false_negative_rate_ratio,
    false_positive_rate_difference,
    false_positive_rate_ratio,
    positive_predictive_value_difference,
    positive_predictive_value_ratio,
    selection_rate_difference,
    selection_rate_ratio,
    true_positive_rate_difference,
    true_positive_rate_ratio,
)
from reliability.checks.four_fifths import FourFifths
from reliability.errors import ChecklistError, NotMeasurable
from reliability.evidence.group_counts import GroupCounts
from reliability.intervals.comparisons import largest_difference, smallest_ratio
from reliability.intervals.proportions import effective_n
from tests.builders import block

BINARY = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,))
SELECTION = [selection_rate_ratio, selection_rate_difference]
OF_POSITIVE = [
    true_positive_rate_difference,
    true_positive_rate_ratio,
    false_negative_rate_difference,
    false_negative_rate_ratio,
]
OF_NEGATIVE = [false_positive_rate_difference, false_positive_rate_ratio]
OF_PREDICTED = [positive_predictive_value_difference, positive_predictive_value_ratio]
AMONG = [*OF_POSITIVE, *OF_NEGATIVE, *OF_PREDICTED]
ALL = [*SELECTION, *AMONG]
RATIOS = [check for check in ALL if check.__name__.endswith("ratio")]

rows = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1), st.sampled_from("abcd")), min_size=2, max_size=100)


def by_sex(*tables, roles=BINARY, **more):
    levels = tuple((name,) for name in "FMXYZ"[: len(tables)])
    return GroupCounts(roles=roles, attributes=("sex",), levels=levels, counts=np.array(tables), **more)


def selected(*pairs):
    """Groups by (selected, rows)."""
    return by_sex(*([[rows - taken, taken], [0, 0]] for taken, rows in pairs))


def counted(y_true, y_pred, groups, *attributes, **more):
    made = {"group": groups} if not isinstance(groups, dict) else groups
    return GroupCounts.of(block(y_true, y_pred, groups=made, **more), attributes or tuple(made))


def numbers_of(measurement):
    return measurement.value, measurement.low, measurement.high, measurement.n


@given(rows)
@settings(max_examples=30, deadline=None)
@pytest.mark.parametrize(
    ("check", "theirs", "among"),
    [
        (selection_rate_difference, selection_rate, (0, 1)),
        (true_positive_rate_difference, true_positive_rate, (1,)),
        (false_positive_rate_difference, false_positive_rate, (0,)),
        (false_negative_rate_difference, false_negative_rate, (1,)),
    ],
)
def test_differences_agree_with_fairlearn(check, theirs, among, table):
    # fairlearn reads a rate without rows as 0; we list it without a value.
    names = {group for y, _, group in table if y in among}
    y_true, y_pred, groups = zip(*(row for row in table if row[2] in names), strict=True) if names else ((), (), ())
    if len(names) < 2:
        return
    expected = MetricFrame(metrics=theirs, y_true=y_true, y_pred=y_pred, sensitive_features=list(groups))
    measured = check(counted(y_true, y_pred, groups), minimum_group_size=1)

    assert measured.value == pytest.approx(expected.difference(), abs=1e-12)
    found = {group["slice"]["group"]: group["value"] for group in measured.details["groups"]}
    assert found == pytest.approx(expected.by_group.to_dict(), abs=1e-12)


@given(rows)
@settings(max_examples=30, deadline=None)
def test_selection_rate_ratio_agrees_with_fairlearn(table):
    y_true, y_pred, groups = zip(*table, strict=True)
    if len(set(groups)) > 1 and any(y_pred):
        expected = demographic_parity_ratio(y_true, y_pred, sensitive_features=list(groups))
        assert selection_rate_ratio(counted(y_true, y_pred, groups), minimum_group_size=1).value == pytest.approx(
            expected, abs=1e-12
        )


@given(rows)
@settings(max_examples=30, deadline=None)
@pytest.mark.parametrize(
    ("check", "theirs", "among"),
    [
        (true_positive_rate_ratio, true_positive_rate, (1,)),
        (false_positive_rate_ratio, false_positive_rate, (0,)),
        (false_negative_rate_ratio, false_negative_rate, (1,)),
    ],
)
def test_ratios_agree_with_fairlearn(check, theirs, among, table):
    names = {group for y, _, group in table if y in among}
    if len(names) < 2:
        return
    y_true, y_pred, groups = zip(*(row for row in table if row[2] in names), strict=True)
    frame = MetricFrame(metrics=theirs, y_true=y_true, y_pred=y_pred, sensitive_features=list(groups))
    measured = check(counted(y_true, y_pred, groups), minimum_group_size=1)

    if frame.by_group.max() > 0:
        assert measured.value == pytest.approx(frame.ratio(), abs=1e-12)
    else:
        assert (measured.value, measured.reason.code) == (None, "all_rates_zero")


@given(rows)
@settings(max_examples=30, deadline=None)
def test_positive_predictive_values_agree_with_scikit_learn(table):
    names = {group for _, predicted, group in table if predicted}
    if len(names) < 2:
        return
    y_true, y_pred, groups = (np.array(side) for side in zip(*table, strict=True))
    expected = {name: precision_score(y_true[groups == name], y_pred[groups == name]) for name in names}
    made = counted(y_true, y_pred, groups)
    difference, ratio = (check(made, minimum_group_size=1) for check in OF_PREDICTED)

    found = {group["slice"]["group"]: group["value"] for group in difference.details["groups"]}
    assert {name: found[name] for name in names} == pytest.approx(expected, abs=1e-12)
    assert difference.value == pytest.approx(max(expected.values()) - min(expected.values()), abs=1e-12)
    if max(expected.values()) > 0:
        assert ratio.value == pytest.approx(min(expected.values()) / max(expected.values()), abs=1e-12)


@pytest.mark.parametrize(
    ("check", "value", "n", "lowest"),
    [
        (selection_rate_ratio, 0.5, 200, "F"),
        (selection_rate_difference, 0.4, 200, "F"),
        (true_positive_rate_difference, 0.3, 100, "F"),
        (true_positive_rate_ratio, 0.6 / 0.9, 100, "F"),
        (false_positive_rate_difference, 0.5, 100, "F"),
        (false_positive_rate_ratio, 0.2 / 0.7, 100, "F"),
        (false_negative_rate_difference, 0.3, 100, "M"),
        (false_negative_rate_ratio, 0.1 / 0.4, 100, "M"),
        (positive_predictive_value_difference, 30 / 40 - 45 / 80, 120, "M"),
        (positive_predictive_value_ratio, (45 / 80) / (30 / 40), 120, "M"),
    ],
)
def test_comparisons_by_hand(check, value, n, lowest):
    measured = check(by_sex([[40, 10], [20, 30]], [[15, 35], [5, 45]]))

    assert measured.value == pytest.approx(value)
    assert measured.low < measured.value < measured.high
    assert (measured.n, measured.judged, measured.method) == (n, True, "mover_clopper_pearson")
    assert measured.details["worst"] == [{"sex": lowest}, {"sex": "M" if lowest == "F" else "F"}]


def test_false_negatives_differ_as_true_positives_do():
    made = by_sex([[40, 10], [20, 30]], [[15, 35], [5, 45]], [[28, 22], [12, 38]])

    assert numbers_of(false_negative_rate_difference(made)) == pytest.approx(
        numbers_of(true_positive_rate_difference(made)), abs=1e-12
    )


@pytest.mark.parametrize(
    ("check", "table"),
    [
        (true_positive_rate_ratio, [[30, 20], [50, 0]]),
        (false_negative_rate_ratio, [[30, 20], [0, 50]]),
        (false_positive_rate_ratio, [[50, 0], [10, 40]]),
        (positive_predictive_value_ratio, [[10, 40], [50, 0]]),
    ],
)
def test_ratio_of_rates_that_are_all_zero_has_no_value(check, table):
    measured = check(by_sex(table, table))

    assert (measured.value, measured.judged, measured.reason.code) == (None, False, "all_rates_zero")
    assert [group["value"] for group in measured.details["groups"]] == [0.0, 0.0]


@pytest.mark.parametrize("check", OF_PREDICTED)
def test_minimum_size_of_a_predictive_value_counts_predicted_rows(check):
    measured = check(by_sex([[500, 10], [500, 19]], [[0, 100], [50, 300]], [[0, 200], [0, 200]]))

    assert [group["judged"] for group in measured.details["groups"]] == [False, True, True]
    assert [group["n"] for group in measured.details["groups"]] == [29, 400, 400]
    assert measured.judged is True


@pytest.mark.parametrize("check", OF_PREDICTED)
def test_predictive_value_of_a_class_never_predicted_is_not_measurable(check):
    with pytest.raises(NotMeasurable, match="no_denominator"):
        check(by_sex([[50, 0], [50, 0]], [[50, 0], [50, 0]]))


@pytest.mark.parametrize("check", ALL)
def test_every_group_has_its_share_of_the_rows_however_small(check):
    groups = check(by_sex([[490, 490], [490, 490]], [[5, 5], [5, 5]], [[5, 5], [5, 5]])).details["groups"]

    assert [group["share"] for group in groups] == [0.98, 0.01, 0.01]
    assert [group["judged"] for group in groups[1:]] == ([False, False])


@pytest.mark.parametrize("check", ALL)
def test_comparisons_ignore_row_order_and_names_of_groups(check):
    random = np.random.default_rng(0)
    y_true, y_pred, groups = random.integers(0, 2, 400), random.integers(0, 2, 400), random.choice(list("abc"), 400)
    order = random.permutation(400)
    renamed = np.array(["z" + group for group in groups])

    expected = check(counted(y_true, y_pred, groups))
    assert check(counted(y_true[order], y_pred[order], groups[order])) == expected
    assert numbers_of(check(counted(y_true, y_pred, renamed))) == numbers_of(expected)


@pytest.mark.parametrize("check", ALL)
def test_every_group_is_listed_with_its_own_interval(check):
    measured = check(by_sex([[40, 10], [20, 30]], [[15, 35], [5, 45]]))
    first = measured.details["groups"][0]
    expected = binomtest(round(first["value"] * first["n"]), first["n"]).proportion_ci(0.95, method="exact")

    assert [group["slice"] for group in measured.details["groups"]] == [{"sex": "F"}, {"sex": "M"}]
    assert (first["low"], first["high"]) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert first["judged"] is True


@pytest.mark.parametrize("check", ALL)
def test_interval_for_all_pairs_is_wider_than_for_two_groups(check):
    two = check(by_sex([[40, 10], [20, 30]], [[15, 35], [5, 45]]))
    three = check(by_sex([[40, 10], [20, 30]], [[15, 35], [5, 45]], [[28, 22], [12, 38]]))

    assert three.value == two.value
    assert three.low <= two.low < two.high <= three.high


@pytest.mark.parametrize("check", SELECTION)
def test_small_groups_are_listed_but_not_compared(check):
    measured = check(selected((300, 600), (240, 600), (0, 29)))

    assert measured.details["groups"][2]["judged"] is False
    assert measured.details["worst"] == [{"sex": "M"}, {"sex": "F"}]
    assert (measured.n, measured.judged) == (1200, True)


@pytest.mark.parametrize("check", SELECTION)
def test_small_groups_with_over_a_twentieth_of_the_rows_leave_it_undecided(check):
    measured = check(selected((150, 300), (120, 260), (0, 29), (1, 29)))

    assert (measured.judged, measured.reason.code) == (False, "small_groups")
    assert measured.reason.with_ == {"by": ["sex"], "share": 58 / 618}
    assert measured.value is not None


@pytest.mark.parametrize("check", SELECTION)
def test_exactly_a_twentieth_of_the_rows_in_small_groups_is_judged(check):
    assert check(selected((150, 285), (120, 285), (9, 30)), minimum_group_size=31).judged is True


@pytest.mark.parametrize("check", SELECTION)
@pytest.mark.parametrize("pairs", [[(5, 50)], [(5, 50), (3, 20)], [(5, 20), (3, 20)], [(5, 50), (0, 0)]])
def test_fewer_than_two_groups_are_not_compared(check, pairs):
    measured = check(selected(*pairs))

    assert (measured.value, measured.judged, measured.reason.code) == (None, False, "fewer_than_two_groups")
    assert len(measured.details["groups"]) == len(pairs)


def test_unknown_group_is_listed_and_never_compared():
    groups = ["a"] * 500 + ["b"] * 500 + [None] * 40
    measured = selection_rate_difference(counted([0, 1] * 520, [0, 1] * 500 + [0] * 40, groups))

    assert measured.value == 0.0
    unknown = measured.details["groups"][2]
    assert (unknown["slice"], unknown["value"], unknown["judged"]) == ({"group": None}, 0.0, False)
    assert unknown["n"] == 40


def test_empty_group_is_listed_without_a_rate():
    codes = np.array([0] * 50 + [2] * 50, np.int32)
    measured = selection_rate_ratio(counted([0, 1] * 50, [0, 1] * 50, Groups(codes=codes, levels=("a", "b", "c"))))

    assert measured.value == 1.0
    assert measured.details["groups"][1] == {
        "slice": {"group": "b"}, "value": None, "low": None, "high": None, "n": 0, "share": 0.0, "judged": False,
    }  # fmt: skip


def test_minimum_size_of_a_true_positive_rate_counts_positive_rows():
    few_positive = by_sex([[500, 0], [10, 10]], [[0, 0], [250, 250]], [[0, 0], [200, 300]])
    measured = true_positive_rate_difference(few_positive)

    assert [group["judged"] for group in measured.details["groups"]] == [False, True, True]
    assert measured.value == pytest.approx(0.1)


def test_pairs_of_attributes_are_compared_as_one():
    sex, age = ["F", "M"] * 200, (["young"] * 2 + ["old"] * 2) * 100
    y_pred = [int(s == "M" and a == "old") for s, a in zip(sex, age, strict=True)]
    measured = selection_rate_difference(counted([0, 1] * 200, y_pred, {"sex": sex, "age": age}, "sex", "age"))

    assert measured.value == 1.0
    assert measured.details["worst"][1] == {"sex": "M", "age": "old"}
    assert len(measured.details["groups"]) == 4


def test_ratio_has_no_value_when_nobody_is_selected():
    measured = selection_rate_ratio(selected((0, 50), (0, 60)))

    assert (measured.value, measured.judged, measured.reason.code) == (None, False, "no_selection")
    assert "four_fifths" not in measured.details


def test_ratio_is_one_when_everybody_is_selected():
    measured = selection_rate_ratio(selected((50, 50), (60, 60)))

    assert (measured.value, measured.high) == (1.0, 1.0)
    assert 0.9 < measured.low < 1.0


def test_selection_counts_every_favourable_class():
    roles = Roles(task="multiclass", classes=("a", "b", "c"), favourable=(0, 1))
    tables = np.zeros((2, 3, 3), np.int64)
    tables[0, 0], tables[1, 0] = [20, 20, 10], [10, 10, 30]

    assert selection_rate_difference(by_sex(*tables, roles=roles)).value == pytest.approx(0.4)


@pytest.mark.parametrize("check", ALL)
@pytest.mark.parametrize(
    ("roles", "counts", "code"),
    [
        (Roles(task="regression"), np.zeros((2, 0, 0), np.int64), "needs_classification"),
        (BINARY, np.zeros((2, 2, 2), np.int64), "no_rows"),
        (Roles(task="multiclass", classes=(0, 1)), np.ones((2, 2, 2), np.int64), "no_favourable|no_positive"),
    ],
)
def test_comparisons_say_what_they_lack(check, roles, counts, code):
    with pytest.raises(NotMeasurable, match=code):
        check(by_sex(*counts, roles=roles))


@pytest.mark.parametrize(
    ("check", "code"),
    [*((check, "no_positive") for check in OF_POSITIVE), *((check, "one_class") for check in OF_NEGATIVE)],
)
def test_rates_among_a_class_without_rows_are_not_measurable(check, code):
    empty = [[50, 50], [0, 0]] if code == "no_positive" else [[0, 0], [50, 50]]

    with pytest.raises(NotMeasurable, match=code):
        check(by_sex(empty, empty))


@pytest.mark.parametrize("check", ALL)
def test_clustered_rows_widen_the_interval_but_not_the_value(check):
    # In every bucket all rows of a group are alike: 128 clusters, however many rows.
    buckets = np.zeros((2, 128, 2, 2), np.int64)
    buckets[0, :64, 0, 0], buckets[0, :64, 1, 0], buckets[0, 64:, 0, 1], buckets[0, 64:, 1, 1] = 5, 5, 5, 5
    buckets[1, :32, 0, 0], buckets[1, :32, 1, 0], buckets[1, 32:, 0, 1], buckets[1, 32:, 1, 1] = 5, 5, 5, 5
    if check in OF_PREDICTED:
        # Predicted rows are then all alike instead.
        buckets = buckets.swapaxes(2, 3)
    grouped, plain = check(by_sex(*buckets.sum(axis=1), buckets=buckets)), check(by_sex(*buckets.sum(axis=1)))

    assert (grouped.value, grouped.n) == (plain.value, plain.n)
    assert grouped.high - grouped.low > 1.5 * (plain.high - plain.low)
    assert grouped.method == "mover_clopper_pearson_effective_n"


def test_difference_that_meets_a_limit_is_not_rounded_beyond_it():
    assert selection_rate_difference(selected((80, 100), (70, 100))).value == 0.1


@pytest.mark.parametrize("check", ALL)
def test_a_thousand_groups_are_compared_in_one_measurement(check):
    counts = np.random.default_rng(1).integers(40, 80, (1000, 2, 2))
    levels = tuple((index,) for index in range(1000))
    measured = check(GroupCounts(roles=BINARY, attributes=("branch",), levels=levels, counts=counts))

    assert len(measured.details["groups"]) == 1000
    assert measured.low <= measured.value <= measured.high


@pytest.mark.parametrize(
    ("pairs", "reading", "needed"),
    [
        (((30, 100), (60, 100)), "adverse_impact", 18),
        (((6, 40), (9, 40)), "below_not_significant", 2),
        (((8_500, 10_000), (9_500, 10_000)), "significant_not_below", 0),
        (((80, 100), (100, 100)), "significant_not_below", 0),
        (((45, 100), (50, 100)), "no_adverse_impact", 0),
    ],
)
def test_four_fifths_reading_says_ratio_and_chance_apart(pairs, reading, needed):
    found = selection_rate_ratio(selected(*pairs)).details["four_fifths"]

    assert (found["reading"], found["more_selections_needed"]) == (reading, needed)
    assert found["ratio"] == pytest.approx(pairs[0][0] / pairs[0][1] / (pairs[1][0] / pairs[1][1]))


def test_four_fifths_test_is_the_pooled_z_test():
    z = 0.3 / np.sqrt(0.45 * 0.55 * 2 / 100)

    assert FourFifths(selected=(30, 60), rows=(100, 100), worth=(100, 100)).p_value == pytest.approx(
        2 * NormalDist().cdf(-z), rel=1e-9
    )


@pytest.mark.parametrize("pairs", [((2, 12), (8, 14)), ((1, 500), (9, 400)), ((0, 40), (3, 45)), ((7, 7), (3, 9))])
def test_four_fifths_test_is_fishers_where_numbers_are_small(pairs):
    (low, n_low), (high, n_high) = pairs
    expected = fisher_exact([[low, n_low - low], [high, n_high - high]]).pvalue
    found = FourFifths(selected=(low, high), rows=(n_low, n_high), worth=(n_low, n_high)).p_value

    assert found == pytest.approx(expected, abs=1e-9)


def test_four_fifths_finds_no_chance_when_everybody_is_selected():
    reading = FourFifths(selected=(10, 20), rows=(10, 20), worth=(10, 20))

    assert (reading.p_value, reading.reading) == (1.0, "no_adverse_impact")


@pytest.mark.parametrize("check", ALL)
def test_comparison_of_clustered_rows_whose_clusters_were_not_counted_is_never_judged(check):
    roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,), clustered=True)
    tables = ([[40, 10], [20, 30]], [[15, 35], [5, 45]])
    measured = check(by_sex(*tables, roles=roles))

    assert (measured.judged, measured.reason.code) == (False, "clustered_rows")
    assert (measured.low, measured.high) == (None, None)
    assert measured.value == check(by_sex(*tables)).value
    assert measured.details["groups"][0]["low"] is None
    assert "four_fifths" not in measured.details


@pytest.mark.parametrize("check", ALL)
def test_too_many_clustered_groups_and_classes_are_told_but_not_judged(check):
    random = np.random.default_rng(0)
    labels = tuple(range(100))
    made = block(
        *random.integers(0, 100, (2, 3000)),
        classes=labels,
        positive=None,
        favourable=(3, 4),
        task="multiclass",
        groups={"branch": (np.arange(3000) % 15).tolist()},
        entity=random.integers(0, 500, 3000),
    )
    counts = GroupCounts.of(made, ("branch",))

    assert counts.buckets is None
    if check in SELECTION:
        assert check(counts).reason.code == "clustered_rows"
    else:
        with pytest.raises(NotMeasurable, match="no_positive"):
            check(counts)


@pytest.mark.parametrize("check", ALL)
@pytest.mark.parametrize("order", [(1, 0, 2), (2, 1, 0), (2, 0, 1)])
def test_comparisons_ignore_the_order_of_groups(check, order):
    tables = [[[40, 10], [20, 30]], [[15, 35], [5, 45]], [[28, 22], [12, 38]]]
    here, there = check(by_sex(*tables)), check(by_sex(*(tables[index] for index in order)))

    assert numbers_of(here) == pytest.approx(numbers_of(there), abs=1e-12)
    figures = sorted((group["value"], group["low"], group["n"]) for group in here.details["groups"])
    assert figures == sorted((group["value"], group["low"], group["n"]) for group in there.details["groups"])


@pytest.mark.parametrize("check", ALL)
@pytest.mark.parametrize("times", [2, 10])
def test_more_of_the_same_rows_keep_the_gap_and_narrow_its_interval(check, times):
    tables = np.array([[[40, 10], [20, 30]], [[15, 35], [5, 45]]])
    once, more = check(by_sex(*tables)), check(by_sex(*(times * tables)))

    assert more.value == once.value
    assert more.high - more.low < once.high - once.low
    assert more.n == times * once.n


@pytest.mark.parametrize("check", ALL)
def test_groups_that_are_all_alike_show_no_gap(check):
    measured = check(by_sex(*[[[40, 10], [20, 30]]] * 5))
    best = 1.0 if check in RATIOS else 0.0

    assert measured.value == best
    assert best in (measured.low, measured.high)
    assert measured.details["worst"][0] != measured.details["worst"][1]


@pytest.mark.parametrize("check", ALL)
def test_comparisons_do_not_depend_on_how_rows_were_cut_into_blocks(check):
    random = np.random.default_rng(2)
    made = block(
        *random.integers(0, 2, (2, 300)),
        groups={"group": random.choice(list("abc"), 300).tolist()},
        entity=random.integers(0, 100, 300),
    )
    parts = [GroupCounts.of(made.where(part), ("group",)) for part in np.split(random.permutation(300), [1, 120])]

    assert check(parts[2] + parts[0] + parts[1]) == check(GroupCounts.of(made, ("group",)))


@pytest.mark.parametrize("confidence", [0.8, 0.9, 0.99])
@pytest.mark.parametrize("check", ALL)
def test_comparisons_are_wider_at_more_confidence(check, confidence):
    made = by_sex([[40, 10], [20, 30]], [[25, 25], [15, 35]])
    here, wider = check(made, confidence=confidence), check(made, confidence=confidence + 0.005)

    assert wider.low <= here.low <= here.value <= here.high <= wider.high
    assert wider.high - wider.low > here.high - here.low


@given(rows)
@settings(max_examples=25, deadline=None)
@pytest.mark.parametrize("check", ALL)
def test_every_comparison_holds_its_estimate(check, table):
    y_true, y_pred, groups = zip(*table, strict=True)
    if len(set(y_true)) == 2 and any(y_pred):
        measured = check(counted(y_true, y_pred, groups), minimum_group_size=1)

        if measured.value is not None:
            assert 0 <= measured.low <= measured.value + 1e-12
            assert measured.value - 1e-12 <= measured.high <= 1
            lowest, highest = measured.details["worst"]
            by_slice = {group["slice"]["group"]: group["value"] for group in measured.details["groups"]}
            assert by_slice[lowest["group"]] <= by_slice[highest["group"]]


@given(rows)
@settings(max_examples=25, deadline=None)
def test_differences_mirror_when_the_predictions_are_turned_round(table):
    y_true, y_pred, groups = (np.array(side) for side in zip(*table, strict=True))
    here, there = (
        selection_rate_difference(counted(y_true, predicted, groups), minimum_group_size=1)
        for predicted in (y_pred, 1 - y_pred)
    )

    assert numbers_of(here) == pytest.approx(numbers_of(there), abs=1e-9)


@given(rows)
@settings(max_examples=25, deadline=None)
def test_true_and_false_positive_rates_change_places_with_the_classes(table):
    y_true, y_pred, groups = (np.array(side) for side in zip(*table, strict=True))
    if len(set(y_true.tolist())) == 2:
        here = true_positive_rate_difference(counted(y_true, y_pred, groups), minimum_group_size=1)
        there = false_positive_rate_difference(counted(1 - y_true, y_pred, groups), minimum_group_size=1)

        assert numbers_of(here) == numbers_of(there)


@pytest.mark.parametrize("classes", [("a", "b", "c"), ("c", "a", "b")])
def test_multiclass_rates_speak_of_the_positive_class_wherever_it_stands(classes):
    random = np.random.default_rng(3)
    y_true, y_pred = (random.choice(["a", "b", "c"], 300).tolist() for _ in range(2))
    groups = random.choice(["F", "M"], 300).tolist()
    more = {"classes": classes, "task": "multiclass", "favourable": ("a", "c")}
    made = counted(y_true, y_pred, groups, **more)
    settled = GroupCounts(
        roles=Roles(task="multiclass", classes=classes, positive=classes.index("a"), favourable=made.roles.favourable),
        attributes=made.attributes,
        levels=made.levels,
        counts=made.counts,
    )
    yes = np.array(y_true) == "a"
    rates = [
        np.mean([p == "a" for p, t, g in zip(y_pred, yes, groups, strict=True) if t and g == name]) for name in "FM"
    ]
    chosen = [np.mean([p != "b" for p, g in zip(y_pred, groups, strict=True) if g == name]) for name in "FM"]

    assert true_positive_rate_difference(settled).value == pytest.approx(abs(rates[0] - rates[1]), abs=1e-12)
    assert selection_rate_difference(settled).value == pytest.approx(abs(chosen[0] - chosen[1]), abs=1e-12)
    assert selection_rate_ratio(settled).value == pytest.approx(min(chosen) / max(chosen), abs=1e-12)


@pytest.mark.parametrize(
    ("pairs", "ratio", "difference"),
    [
        ([(15, 30), (30, 30)], 0.5, 0.5),
        ([(0, 30), (30, 30)], 0.0, 1.0),
        ([(1, 1000), (2, 1000)], 0.5, 0.001),
        ([(10, 30), (10, 30), (10, 30)], 1.0, 0.0),
        ([(10, 40), (20, 40), (30, 40)], 1 / 3, 0.5),
        ([(33, 100), (100, 300), (99, 300)], 0.99, 1 / 300),
    ],
)
def test_selection_rates_by_hand(pairs, ratio, difference):
    assert selection_rate_ratio(selected(*pairs)).value == ratio
    assert selection_rate_difference(selected(*pairs)).value == difference


@pytest.mark.parametrize("minimum", [0, -1, -(10**9)])
@pytest.mark.parametrize("check", ALL)
def test_a_minimum_group_size_below_one_is_refused(check, minimum):
    measured = counted([1, 0, 1, 0], [1, 0, 0, 1], ["a", "a", "b", "b"])

    with pytest.raises(ChecklistError, match=f"'minimum_group_size' must be at least 1, not {minimum}") as refusal:
        check(measured, minimum_group_size=minimum)

    assert refusal.value.code == "option_too_small"


@pytest.mark.parametrize("check", ALL)
def test_a_minimum_group_size_of_one_compares_every_group_that_has_rows(check):
    measured = check(counted([1, 0, 1, 0], [1, 0, 0, 1], ["a", "a", "b", "b"]), minimum_group_size=1)

    assert measured.n == (4 if check in SELECTION else 2)
    assert len(measured.details["groups"]) == 2


# What every rate is of, by hand, in two groups of 100 and 110 rows: (value by group, rows by group), best first.
TWO = [[40, 10], [20, 30]], [[20, 40], [5, 45]]
OF = {
    "selection_rate": ((40, 85), (100, 110)),
    "true_positive_rate": ((30, 45), (50, 50)),
    "false_positive_rate": ((10, 40), (50, 60)),
    "false_negative_rate": ((20, 5), (50, 50)),
    "positive_predictive_value": ((30, 45), (40, 85)),
}
BY_NAME = {check.__name__: check for check in ALL}


@pytest.mark.parametrize("rate", list(OF))
@pytest.mark.parametrize(("gap", "widest"), [("difference", largest_difference), ("ratio", smallest_ratio)])
def test_the_whole_record_of_a_comparison(rate, gap, widest):
    measured = BY_NAME[f"{rate}_{gap}"](by_sex(*TWO))
    successes, n = (np.array(side) for side in OF[rate])
    expected = widest(successes, n, confidence=0.95)
    intervals = [binomtest(int(x), int(m)).proportion_ci(0.95, "exact") for x, m in zip(successes, n, strict=True)]
    worst = [{"sex": "FM"[int(place)]} for place in np.argsort(successes / n)]
    details = measured.model_dump()["details"]
    details.pop("four_fifths", None)

    assert measured.model_dump(exclude={"details"}, exclude_defaults=True) == {
        "value": pytest.approx(expected.value, abs=1e-12),
        "low": expected.low,
        "high": expected.high,
        "n": int(n.sum()),
        "unit": gap,
        "method": "mover_clopper_pearson",
    }
    assert details == {
        "groups": [
            {
                "slice": {"sex": name},
                "value": x / m,
                "low": pytest.approx(interval.low, abs=1e-12),
                "high": pytest.approx(interval.high, abs=1e-12),
                "n": m,
                "share": m / n.sum(),
                "judged": True,
            }
            for name, x, m, interval in zip("FM", successes.tolist(), n.tolist(), intervals, strict=True)
        ],
        "worst": worst,
    }


def test_only_the_ratio_of_selection_rates_is_read_by_four_fifths():
    told = {check.__name__: "four_fifths" in check(by_sex(*TWO)).details for check in ALL}

    assert [name for name, has in told.items() if has] == ["selection_rate_ratio"]


def test_four_fifths_is_read_of_the_two_that_differ_most_at_what_their_rows_are_worth():
    draws = np.random.default_rng(5)
    shares = np.repeat([0.5, 0.3, 0.7], 128).reshape(3, 128)
    taken = 8 * draws.binomial(1, shares)
    buckets = np.stack([np.stack([8 - taken, taken], axis=-1), np.zeros((3, 128, 2), np.int64)], axis=2)
    measured = selection_rate_ratio(by_sex(*buckets.sum(axis=1), buckets=buckets))
    selections, rows = taken.sum(axis=1), np.full(3, 1024)
    worth = effective_n(taken, np.full((3, 128), 8), confidence=0.95)

    assert measured.details["worst"] == [{"sex": "M"}, {"sex": "X"}]
    assert (
        measured.details["four_fifths"]
        == FourFifths(
            selected=(int(selections[1]), int(selections[2])),
            rows=(int(rows[1]), int(rows[2])),
            worth=(float(worth[1]), float(worth[2])),
        ).as_details()
    )
    assert worth.max() < 200


@pytest.mark.parametrize("check", ALL)
@pytest.mark.parametrize(("rows", "judged"), [(29, False), (30, True)])
def test_thirty_rows_are_enough_where_nothing_else_is_said(check, rows, judged):
    # Of every rate the second group has exactly so many rows.
    small = {
        "selection": [[rows - 20, 10], [5, 5]],
        "true_positive": [[50, 50], [10, rows - 10]],
        "false_negative": [[50, 50], [10, rows - 10]],
        "false_positive": [[10, rows - 10], [50, 50]],
        "positive_predictive": [[50, 10], [50, rows - 10]],
    }
    (table,) = [made for name, made in small.items() if check.__name__.startswith(name)]
    measured = check(by_sex([[400, 400], [400, 400]], table))

    assert measured.details["groups"][1]["n"] == rows
    assert measured.details["groups"][1]["judged"] is judged
    assert (measured.value is not None) is judged


@pytest.mark.parametrize("check", ALL)
def test_intervals_are_at_95_percent_where_nothing_else_is_said(check):
    made = by_sex(*TWO, [[28, 22], [12, 38]])

    assert check(made) == check(made, confidence=0.95)
    assert numbers_of(check(made)) != numbers_of(check(made, confidence=0.96))


@pytest.mark.parametrize(
    ("roles", "tables", "codes"),
    [
        (Roles(task="regression"), np.zeros((2, 0, 0), np.int64), dict.fromkeys(ALL, "needs_classification")),
        (BINARY, np.zeros((2, 2, 2), np.int64), dict.fromkeys(ALL, "no_rows")),
        (
            Roles(task="multiclass", classes=(0, 1)),
            np.ones((2, 2, 2), np.int64),
            dict.fromkeys(SELECTION, "no_favourable") | dict.fromkeys(AMONG, "no_positive"),
        ),
        (BINARY, [[[50, 50], [0, 0]]] * 2, dict.fromkeys(OF_POSITIVE, "no_positive")),
        (BINARY, [[[0, 0], [50, 50]]] * 2, dict.fromkeys(OF_NEGATIVE, "one_class")),
        (BINARY, [[[50, 0], [50, 0]]] * 2, dict.fromkeys(OF_PREDICTED, "no_denominator")),
    ],
)
def test_what_is_lacking_is_told_by_its_code(roles, tables, codes):
    for check, code in codes.items():
        with pytest.raises(NotMeasurable) as caught:
            check(by_sex(*tables, roles=roles))

        assert (check.__name__, caught.value.code) == (check.__name__, code)


@pytest.mark.parametrize("check", RATIOS)
def test_ratio_of_nothing_is_told_by_its_code(check):
    never = {
        "selection": [[50, 0], [50, 0]],
        "true_positive": [[50, 50], [50, 0]],
        "false_negative": [[50, 50], [0, 50]],
        "false_positive": [[50, 0], [50, 50]],
        "positive_predictive": [[50, 50], [50, 0]],
    }
    (table,) = [made for name, made in never.items() if check.__name__.startswith(name)]
    measured = check(by_sex(table, table))
    code = "no_selection" if check is selection_rate_ratio else "all_rates_zero"

    assert (measured.value, measured.reason.code, measured.unit) == (None, code, "ratio")
    assert set(measured.details) == {"groups"}


@pytest.mark.parametrize("check", AMONG)
def test_other_classes_than_the_positive_one_count_as_one(check):
    # Classes 0 and 2 taken together are the negative class of the same rows.
    draws = np.random.default_rng(8)
    three = draws.integers(20, 60, (2, 3, 3))
    order = [1, 0, 2]
    two = np.zeros((2, 2, 2), np.int64)
    for true in range(3):
        for predicted in range(3):
            two[:, int(true == 1), int(predicted == 1)] += three[:, true, predicted]
    roles = Roles(task="multiclass", classes=("a", "b", "c"), positive=1, favourable=(1,))
    turned = Roles(task="multiclass", classes=("b", "a", "c"), positive=0, favourable=(0,))

    assert check(by_sex(*three, roles=roles)) == check(by_sex(*two))
    assert check(by_sex(*three[:, order][:, :, order], roles=turned)) == check(by_sex(*two))
