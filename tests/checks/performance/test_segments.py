import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.metrics import accuracy_score, precision_score, recall_score

from reliability.blocks import Roles
from reliability.checks.performance.segments import segment_gap
from reliability.errors import ChecklistError, NotMeasurable
from reliability.evidence.group_counts import GroupCounts
from tests.builders import block

BINARY = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,))
RATES = {
    "accuracy": accuracy_score,
    "recall": recall_score,
    "precision": precision_score,
    "specificity": lambda y_true, y_pred: recall_score(y_true, y_pred, pos_label=0),
}
COUNTS = {"accuracy": (0, 1), "recall": (1,), "specificity": (0,)}
rows = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1), st.sampled_from("abc")), min_size=2, max_size=80)


def by_branch(*tables, roles=BINARY, **more):
    levels = tuple((name,) for name in "ABCDEFGHIJ"[: len(tables)])
    return GroupCounts(roles=roles, attributes=("branch",), levels=levels, counts=np.array(tables), **more)


def right(*pairs):
    """Segments by (rows predicted right, rows)."""
    return by_branch(*([[taken, rows - taken], [0, 0]] for taken, rows in pairs))


def counted(y_true, y_pred, groups, **more):
    return GroupCounts.of(block(y_true, y_pred, groups={"branch": groups}, **more), ("branch",))


@pytest.mark.parametrize(
    ("rate", "value", "n", "worst"),
    [
        ("accuracy", 130 / 200 - 0.6, 200, "B"),
        ("recall", 0.75 - 0.6, 100, "A"),
        ("specificity", 0.55 - 0.3, 100, "B"),
        ("precision", 75 / 120 - 45 / 80, 120, "B"),
    ],
)
def test_gaps_by_hand(rate, value, n, worst):
    measured = segment_gap(by_branch([[40, 10], [20, 30]], [[15, 35], [5, 45]]), rate=rate)

    assert measured.value == pytest.approx(value)
    assert measured.low <= measured.value <= measured.high
    assert (measured.n, measured.judged, measured.method, measured.unit) == (n, True, "mover_rest", "difference")
    assert measured.details["worst"] == [{"branch": worst}]
    assert measured.details["rate"] == rate


@given(rows)
@settings(max_examples=40, deadline=None)
@pytest.mark.parametrize("rate", RATES)
def test_gaps_agree_with_scikit_learn(rate, table):
    frame = pd.DataFrame(table, columns=["y", "predicted", "branch"])
    counts = frame[frame.predicted == 1] if rate == "precision" else frame[frame.y.isin(COUNTS[rate])]
    if counts.branch.nunique() < 2:
        return
    each = {
        name: RATES[rate](part.y, part.predicted)
        for name, part in frame.groupby("branch")
        if name in set(counts.branch)
    }
    measured = segment_gap(counted(frame.y, frame.predicted, frame.branch), rate=rate, minimum_group_size=1)

    assert measured.details["overall"] == pytest.approx(RATES[rate](frame.y, frame.predicted), abs=1e-12)
    assert measured.value == pytest.approx(measured.details["overall"] - min(each.values()), abs=1e-12)
    assert measured.low <= measured.value <= measured.high


def test_gap_of_several_classes_is_that_of_accuracy():
    random = np.random.default_rng(0)
    y_true, y_pred = random.integers(0, 3, 300), random.integers(0, 3, 300)
    branch = random.choice(["N", "S"], 300)
    measured = segment_gap(counted(y_true, y_pred, branch, classes=(0, 1, 2), task="multiclass"))
    each = [(y_true == y_pred)[branch == name].mean() for name in ("N", "S")]

    assert measured.value == pytest.approx((y_true == y_pred).mean() - min(each), abs=1e-12)


def test_gap_is_nothing_where_segments_are_alike():
    measured = segment_gap(right((80, 100), (80, 100), (80, 100)))

    assert (measured.value, measured.low) == (0.0, 0.0)
    assert measured.high > 0


def test_gap_that_meets_a_limit_is_not_rounded_beyond_it():
    assert segment_gap(right((80, 100), (60, 100))).value == 0.1


def test_small_segments_are_listed_and_count_towards_the_whole():
    measured = segment_gap(right((900, 1000), (800, 1000), (0, 29)))

    assert measured.details["overall"] == 1700 / 2029
    assert measured.value == pytest.approx(1700 / 2029 - 0.8)
    assert [group["judged"] for group in measured.details["groups"]] == [True, True, False]
    assert (measured.n, measured.judged) == (2000, True)


def test_gap_is_never_below_nothing_when_the_worst_segment_is_too_small():
    measured = segment_gap(right((90, 100), (90, 100), (0, 9)))

    assert (measured.value, measured.low) == (0.0, 0.0)
    assert (measured.judged, measured.reason) == (True, None)


def test_small_segments_with_over_a_twentieth_of_the_rows_leave_it_undecided():
    measured = segment_gap(right((90, 100), (80, 100), (0, 29)))

    assert (measured.judged, measured.reason.code) == (False, "small_groups")


def test_unknown_segment_is_listed_and_never_the_worst():
    measured = segment_gap(counted([1] * 1040, [1] * 1000 + [0] * 40, ["N", "S"] * 500 + [None] * 40))

    assert measured.details["groups"][2]["slice"] == {"branch": None}
    assert (measured.value, measured.details["overall"]) == (0.0, 1000 / 1040)


@pytest.mark.parametrize("pairs", [[(5, 50)], [(5, 50), (3, 20)], [(1, 1)], [(5, 50), (0, 0)]])
def test_one_segment_has_nothing_to_fall_behind(pairs):
    measured = segment_gap(right(*pairs))

    assert (measured.value, measured.judged, measured.reason.code) == (None, False, "fewer_than_two_groups")
    assert len(measured.details["groups"]) == len(pairs)


@pytest.mark.parametrize(
    ("roles", "tables", "rate", "code"),
    [
        (Roles(task="regression"), np.zeros((2, 0, 0), np.int64), "accuracy", "needs_classification"),
        (BINARY, np.zeros((2, 2, 2), np.int64), "accuracy", "no_rows"),
        (Roles(task="multiclass", classes=(0, 1)), np.ones((2, 2, 2), np.int64), "recall", "no_positive"),
        (BINARY, [[[50, 50], [0, 0]]] * 2, "recall", "no_denominator"),
        (BINARY, [[[0, 0], [50, 50]]] * 2, "specificity", "no_denominator"),
        (BINARY, [[[50, 0], [50, 0]]] * 2, "precision", "no_denominator"),
    ],
)
def test_gap_says_what_it_lacks(roles, tables, rate, code):
    with pytest.raises(NotMeasurable, match=rf"^{code}"):
        segment_gap(by_branch(*tables, roles=roles), rate=rate)


def test_gap_refuses_a_minimum_below_one():
    with pytest.raises(ChecklistError, match=r"^option 'minimum_group_size' must be at least 1, not 0$"):
        segment_gap(right((5, 50), (6, 50)), minimum_group_size=0)


def test_gap_ignores_row_order_names_and_blocks():
    random = np.random.default_rng(2)
    made = block(
        *random.integers(0, 2, (2, 300)),
        groups={"branch": random.choice(list("abc"), 300).tolist()},
        entity=random.integers(0, 100, 300),
    )
    parts = [GroupCounts.of(made.where(part), ("branch",)) for part in np.split(random.permutation(300), [1, 120])]

    assert segment_gap(parts[2] + parts[0] + parts[1]) == segment_gap(GroupCounts.of(made, ("branch",)))


@pytest.mark.parametrize("order", [(1, 0, 2), (2, 1, 0), (2, 0, 1)])
def test_gap_ignores_the_order_of_segments(order):
    pairs = [(70, 100), (190, 200), (130, 150)]
    here, there = segment_gap(right(*pairs)), segment_gap(right(*(pairs[index] for index in order)))

    assert (here.value, here.low, here.high) == pytest.approx((there.value, there.low, there.high), abs=1e-12)
    assert here.details["overall"] == there.details["overall"]


def test_clustered_rows_widen_the_gap_but_keep_its_value():
    buckets = np.zeros((2, 128, 2, 2), np.int64)
    buckets[0, :64, 0, 0], buckets[0, 64:, 0, 1] = 10, 10
    buckets[1, :32, 0, 0], buckets[1, 32:, 0, 1] = 10, 10
    grouped, plain = (segment_gap(by_branch(*buckets.sum(axis=1), **more)) for more in ({"buckets": buckets}, {}))

    assert grouped.value == plain.value
    assert grouped.high - grouped.low > 1.5 * (plain.high - plain.low)
    assert grouped.method == "mover_rest_effective_n"


def test_rows_that_are_alone_in_their_bucket_within_a_segment_but_not_outside_it_are_clustered():
    # Every segment has one row a bucket, but both others of the first share theirs.
    buckets = np.zeros((3, 128, 2, 2), np.int64)
    buckets[0, :40, 0, 0], buckets[1, 40:80, 0, 0], buckets[2, 40:80, 0, 0] = 1, 1, 1
    measured = segment_gap(by_branch(*buckets.sum(axis=1), buckets=buckets))

    assert (measured.value, measured.method) == (0.0, "mover_rest_effective_n")


def test_gap_of_clusters_that_were_not_counted_is_never_judged():
    roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,), clustered=True)
    measured = segment_gap(by_branch([[40, 10], [20, 30]], [[15, 35], [5, 45]], roles=roles))

    assert (measured.judged, measured.reason.code) == (False, "clustered_rows")
    assert (measured.low, measured.high, measured.details["groups"][0]["low"]) == (None, None, None)
    assert measured.value == pytest.approx(0.05)


@pytest.mark.parametrize("times", [2, 10])
def test_more_of_the_same_rows_narrow_the_gap(times):
    once, more = (segment_gap(right((70 * k, 100 * k), (90 * k, 100 * k))) for k in (1, times))

    assert more.value == once.value
    assert more.high - more.low < once.high - once.low


def test_gap_is_wider_at_more_confidence():
    here, wider = (segment_gap(right((70, 100), (90, 100)), confidence=c) for c in (0.9, 0.99))

    assert wider.low < here.low < here.value < here.high < wider.high


def test_gap_of_a_thousand_segments_is_one_measurement():
    counts = np.random.default_rng(1).integers(40, 80, (1000, 2, 2))
    levels = tuple((index,) for index in range(1000))
    measured = segment_gap(GroupCounts(roles=BINARY, attributes=("branch",), levels=levels, counts=counts))

    assert len(measured.details["groups"]) == 1000
    assert measured.low <= measured.value <= measured.high


def limits_of(pairs, confidence):
    return np.array([tuple(binomtest(x, n).proportion_ci(confidence, "exact")) for x, n in pairs])


def shortfall_by_hand(pairs, confidence=0.95):
    """Newcombe's square-and-add of a segment and its rest; for all segments at once below, for each one above."""
    x, n = np.array(pairs).T
    rest = [(x.sum() - one, n.sum() - rows) for one, rows in pairs]
    share, inside, outside = 1 - n / n.sum(), x / n, np.array([one / rows for one, rows in rest])
    gap = share * (outside - inside)
    own, others = (limits_of(part, 1 - (1 - confidence) / len(pairs)) for part in (pairs, rest))
    low = gap - share * np.hypot(outside - others[:, 0], own[:, 1] - inside)
    own, others = (limits_of(part, confidence) for part in (pairs, rest))
    high = gap + share * np.hypot(others[:, 1] - outside, inside - own[:, 0])
    return gap.max(), max(0, low.max()), high.max()


@pytest.mark.parametrize("confidence", [0.8, 0.95])
@pytest.mark.parametrize(
    "pairs",
    [
        [(60, 100), (90, 100)],
        [(45, 50), (190, 200), (90, 150)],
        [(30, 30), (20, 30), (290, 300)],
        [(1, 40), (39, 40), (20, 40), (30, 40)],
    ],
)
def test_gap_is_newcombes_difference_from_the_rest_times_the_share_of_the_rest(pairs, confidence):
    measured = segment_gap(right(*pairs), confidence=confidence)

    assert (measured.value, measured.low, measured.high) == pytest.approx(shortfall_by_hand(pairs, confidence))


@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_every_segment_has_its_own_exact_interval(confidence):
    pairs = [(45, 50), (190, 200), (90, 150)]
    groups = segment_gap(right(*pairs), confidence=confidence).details["groups"]

    for name, (x, n), limits, group in zip("ABC", pairs, limits_of(pairs, confidence), groups, strict=True):
        assert (group["low"], group["high"]) == pytest.approx(tuple(limits), abs=1e-12)
        assert (group["slice"], group["value"], group["n"]) == ({"branch": name}, x / n, n)
        assert (group["share"], group["judged"]) == (n / 400, True)


def test_gap_tells_everything_that_it_found():
    measured = segment_gap(right((60, 100), (90, 100)))

    assert measured.details["rate"] == "accuracy"
    assert measured.details["overall"] == 0.75
    assert set(measured.details) == {"groups", "worst", "rate", "overall"}
    assert (measured.n, measured.unit, measured.method) == (200, "difference", "mover_rest")
    assert (measured.judged, measured.reason) == (True, None)


@pytest.mark.parametrize(("rows", "judged"), [(29, False), (30, True)])
def test_a_segment_is_compared_from_thirty_rows_unless_asked_otherwise(rows, judged):
    pairs = (900, 1000), (800, 1000), (20, rows)

    assert segment_gap(right(*pairs)).details["groups"][2]["judged"] is judged
    assert segment_gap(right(*pairs), minimum_group_size=10).details["groups"][2]["judged"]


def test_the_rest_of_a_segment_is_never_too_small_to_be_compared_with():
    # Ten rows lie outside the first segment: fewer than a segment may have, but they are its rest.
    measured = segment_gap(right((600, 1000), (10, 10)), minimum_group_size=10)

    assert measured.value == pytest.approx(610 / 1010 - 0.6)
    assert measured.judged


@pytest.mark.parametrize("levels", [("W", None), (None, "W")])
def test_rate_that_no_row_of_a_segment_counts_towards_is_listed_without_a_value(levels):
    y_true = [1] * 80 + [0] * 3
    branch = ["N", "S"] * 40 + [levels[0]] * 3
    measured = segment_gap(counted(y_true, y_true, branch), rate="recall")
    listed = {group["slice"]["branch"]: group for group in measured.details["groups"]}[levels[0]]

    assert (listed["value"], listed["low"], listed["high"], listed["n"]) == (None, None, None, 0)
    assert (measured.value, measured.n, measured.judged) == (0.0, 80, True)


def test_the_first_of_two_segments_that_are_equally_weak_is_the_worst():
    measured = segment_gap(right((90, 100), (70, 100), (70, 100)))

    assert measured.details["worst"] == [{"branch": "B"}]


def test_the_worst_segment_is_found_behind_ones_that_are_not_compared():
    measured = segment_gap(right((0, 5), (95, 100), (70, 100)))

    assert measured.details["worst"] == [{"branch": "C"}]
    assert measured.value == pytest.approx(165 / 205 - 0.7)


@pytest.mark.parametrize("wrong", [0, 1, 50])
def test_gap_of_a_part_that_holds_almost_all_rows_is_almost_nothing(wrong):
    measured = segment_gap(right((10_000 - wrong, 10_000), (100, 100)))

    assert measured.value <= wrong / 10_000


def test_rows_of_all_entities_at_once_are_as_wide_as_plain_ones():
    random = np.random.default_rng(4)
    y_true, y_pred = random.integers(0, 2, (2, 4000))
    branch, entity = random.choice(["N", "S"], 4000), random.integers(0, 2**63, 4000, np.uint64)
    plain, apart = (segment_gap(counted(y_true, y_pred, branch, **more)) for more in ({}, {"entity": entity}))

    assert apart.value == plain.value
    assert apart.high == pytest.approx(plain.high, rel=0.2)
    assert apart.method == "mover_rest_effective_n"


def test_gap_of_clusters_that_were_not_counted_still_tells_every_value():
    tables = [[40, 10], [20, 30]], [[15, 35], [5, 45]]
    roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,), clustered=True)
    plain, measured = segment_gap(by_branch(*tables)), segment_gap(by_branch(*tables, roles=roles))

    assert (measured.value, measured.n, measured.unit) == (plain.value, plain.n, plain.unit)
    assert measured.details["overall"] == plain.details["overall"]
    assert [one["value"] for one in measured.details["groups"]] == [one["value"] for one in plain.details["groups"]]


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=2, max_size=6))
@settings(max_examples=60, deadline=None)
def test_gap_lies_within_its_limits_and_never_below_nothing(pairs):
    segments = [(taken, taken + missed) for taken, missed in pairs if taken + missed]
    if len(segments) > 1:
        measured = segment_gap(right(*segments), minimum_group_size=1)

        assert 0 <= measured.low <= measured.value <= measured.high <= 1
        assert measured.value <= measured.details["overall"]


@pytest.mark.parametrize("segments", [2, 5])
def test_gap_covers_the_shortfall_of_the_worst_segment(segments):
    draws, covered, rows = np.random.default_rng(5), 0, 150
    rates = np.where(np.arange(segments) == 0, 0.7, 0.85)
    for _ in range(300):
        measured = segment_gap(right(*((int(draws.binomial(rows, rate)), rows) for rate in rates)))
        covered += measured.low <= rates.mean() - 0.7 <= measured.high

    assert covered >= 282


def test_gap_means_accuracy_thirty_rows_and_ninety_five_percent_where_nothing_is_said():
    segments = right((60, 100), (90, 100), (20, 30))

    assert segment_gap(segments) == segment_gap(segments, rate="accuracy", minimum_group_size=30, confidence=0.95)


def test_clusters_outside_a_segment_widen_its_gap_too():
    mixed, apart = np.zeros((2, 128, 2, 2), np.int64), np.zeros((2, 128, 2, 2), np.int64)
    mixed[0, :, 0, 0], mixed[0, :, 0, 1] = 4, 4
    apart[0] = mixed[0]
    mixed[1, :, 0, 0], mixed[1, :, 0, 1] = 6, 2
    apart[1, :96, 0, 0], apart[1, 96:, 0, 1] = 8, 8
    even, uneven = (segment_gap(by_branch(*one.sum(axis=1), buckets=one)) for one in (mixed, apart))

    assert uneven.value == even.value == 0.125
    assert uneven.details["groups"][0] == even.details["groups"][0]
    assert uneven.high - uneven.value > 1.3 * (even.high - even.value)
