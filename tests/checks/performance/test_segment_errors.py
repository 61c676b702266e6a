import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import gamma, invgamma
from sklearn.metrics import mean_absolute_error

from reliability.blocks import Groups
from reliability.checks.performance.segment_errors import segment_error_ratio
from reliability.errors import ChecklistError, NotMeasurable
from reliability.evidence.group_moments import GroupMoments
from tests.builders import block


def measured_by(y_true, y_pred, region, *, roles=None, **options):
    rows = block(y_true, y_pred, task="regression", groups={"region": region}, **(roles or {}))
    return segment_error_ratio(GroupMoments.of(rows, ("region",)), **options)


def drawn(n=200, seed=0, segments=4, worse=2.0):
    draws = np.random.default_rng(seed)
    region = np.arange(n) % segments
    return np.zeros(n), draws.normal(size=n) * np.where(region == 0, worse, 1.0), region


@given(st.integers(0, 10_000), st.integers(2, 5))
@settings(max_examples=20, deadline=None)
def test_segment_error_ratio_agrees_with_scikit_learn(seed, segments):
    y_true, y_pred, region = drawn(250, seed, segments)
    errors = [mean_absolute_error(y_true[region == one], y_pred[region == one]) for one in range(segments)]
    measured = measured_by(y_true, y_pred, region)

    assert measured.value == pytest.approx(max(errors) / mean_absolute_error(y_true, y_pred), rel=1e-12)
    assert measured.details["worst"] == [{"region": int(np.argmax(errors))}]
    assert measured.low <= measured.value <= measured.high


def test_segment_error_ratio_by_hand():
    measured = measured_by([0.0] * 120, [4, 2, 1, 1, 2, 2] * 20, [0, 0, 1, 1, 2, 2] * 20)

    assert measured.reason.code == "variance_not_estimable"
    measured = measured_by([0.0] * 160, [4, 2, 1, 0] * 40, [0, 0, 1, 1] * 40)
    assert (measured.value, measured.unit, measured.n) == (3 / 1.75, "ratio", 160)
    assert [group["value"] for group in measured.details["groups"]] == [3 / 1.75, 0.5 / 1.75]


def test_segment_error_ratio_ignores_the_unit_row_order_and_blocks():
    y_true, y_pred, region = drawn()
    rows = block(y_true, y_pred, task="regression", groups={"region": region})
    order = np.random.default_rng(3).permutation(len(region))
    parts = [GroupMoments.of(rows.where(part), ("region",)) for part in np.split(order, [1, 70])]
    whole = measured_by(y_true, y_pred, region)

    assert segment_error_ratio(parts[2] + parts[0] + parts[1]) == whole
    assert measured_by(8 * y_true, 8 * y_pred, region) == whole
    assert measured_by(y_true / 1024, y_pred / 1024, region) == whole


def test_segment_error_ratio_cannot_exceed_what_the_segment_is_of_the_whole():
    y_true, y_pred, region = drawn(80, segments=2, worse=1e6)
    measured = measured_by(y_true, y_pred, region)

    assert measured.value == pytest.approx(2, rel=1e-4)
    assert measured.value <= measured.high <= 2


def test_unknown_rows_count_on_the_whole_and_are_listed():
    y_true, y_pred, _ = drawn(200)
    measured = measured_by(y_true, y_pred, ["N"] * 98 + ["S"] * 99 + [None] * 3)

    assert measured.judged
    assert [group["judged"] for group in measured.details["groups"]] == [True, True, False]
    assert measured.details["groups"][2]["value"] is not None


def test_one_segment_is_compared_with_none():
    measured = measured_by(*drawn(60)[:2], ["N"] * 60)

    assert (measured.value, measured.judged) == (None, False)


def test_small_segments_leave_the_ratio_unjudged():
    y_true, y_pred, _ = drawn(200)
    measured = measured_by(y_true, y_pred, ["N"] * 90 + ["S"] * 90 + ["W"] * 20)

    assert (measured.judged, measured.reason.code) == (False, "small_groups")


def test_segment_error_ratio_of_clustered_rows_is_not_judged():
    measured = measured_by(*drawn(), roles={"entity": np.arange(200) // 2})

    assert (measured.judged, measured.low, measured.reason.code) == (False, None, "clustered_rows")


def test_segment_error_ratio_says_what_it_lacks():
    labels = block([0, 1], [0, 1], groups={"region": ["N", "S"]})

    with pytest.raises(NotMeasurable, match=r"^needs_regression"):
        segment_error_ratio(GroupMoments.of(labels, ("region",)))
    with pytest.raises(NotMeasurable, match=r"^no_rows"):
        measured_by([], [], [])
    with pytest.raises(NotMeasurable, match=r"^variance_not_estimable"):
        measured_by([1.0] * 80, [1.0] * 80, ["N", "S"] * 40)
    with pytest.raises(ChecklistError, match=r"^option 'minimum_group_size' must be at least 1, not 0$"):
        measured_by(*drawn(), minimum_group_size=0)


@pytest.mark.parametrize("segments", [2, 5])
def test_segment_error_ratio_covers(segments):
    expected, covered = 2 / (2 / segments + (segments - 1) / segments), 0
    for seed in range(100):
        measured = measured_by(*drawn(60 * segments, seed, segments))
        covered += measured.low <= expected <= measured.high

    assert covered >= 92


def gamma_within(errors, mass, largest=None):
    """A mean of errors with its limits by Gamma distributions, written out."""
    n = len(errors)
    factor = max(1 + 30 / n, np.mean(errors**2) / np.mean(errors) ** 2 / 3)
    shape = errors.mean() ** 2 / (errors.var() / (n - 1))
    low = gamma.ppf(mass / 2, shape, scale=errors.mean() / shape)
    more = np.append(errors, factor * (errors.max() if largest is None else largest))
    shape = more.mean() ** 2 / (more.var() / n)
    return errors.mean(), low, invgamma.ppf(1 - mass / 2, shape, scale=more.mean() * shape)


def share_of_whole(inside, outside, share):
    """Limits of a segment's mean error over that of all, by Donner and Zou's of the rest over the segment."""
    (top, top_low, top_high), (bottom, bottom_low, bottom_high) = outside, inside
    product = top * bottom
    low = (product - np.sqrt(product**2 - top_low * bottom_high * (2 * top - top_low) * (2 * bottom - bottom_high))) / (
        bottom_high * (2 * bottom - bottom_high)
    )
    high = (
        product + np.sqrt(product**2 - top_high * bottom_low * (2 * top - top_high) * (2 * bottom - bottom_low))
    ) / (bottom_low * (2 * bottom - bottom_low))
    return 1 / (share + (1 - share) * high), 1 / (share + (1 - share) * low)


@pytest.mark.parametrize("confidence", [0.9, 0.95])
@pytest.mark.parametrize("region", [[0, 1], [0, 0, 1]])
def test_every_segment_has_the_limits_of_its_error_over_that_of_the_rest(region, confidence):
    draws = np.random.default_rng(1)
    region = np.array(region * 200)
    errors = draws.exponential(size=len(region)) * (1 + region)
    measured = measured_by(np.zeros(len(region)), errors, region, confidence=confidence)

    for index, group in enumerate(measured.details["groups"]):
        inside, outside = errors[region == index], errors[region != index]
        expected = share_of_whole(
            gamma_within(inside, 1 - confidence), gamma_within(outside, 1 - confidence), np.mean(region == index)
        )
        assert (group["low"], group["high"]) == pytest.approx(expected, rel=1e-9)
        assert (group["slice"], group["n"]) == ({"region": index}, len(inside))
        assert group["share"] == pytest.approx(np.mean(region == index))


def test_segment_error_ratio_spans_the_limits_of_all_segments_at_once():
    measured = measured_by(*drawn(400))
    groups = measured.details["groups"]

    assert measured.low < max(group["low"] for group in groups)
    assert measured.high > max(group["high"] for group in groups)
    assert (measured.unit, measured.method, measured.n) == ("ratio", "mover_gamma_matched_rest", 400)
    assert (measured.judged, measured.reason) == (True, None)


@pytest.mark.parametrize(("rows", "judged"), [(29, False), (30, True)])
@pytest.mark.parametrize("minimum", [1, 30])
def test_a_segment_is_compared_from_thirty_rows_whatever_less_was_asked(rows, judged, minimum):
    y_true, y_pred, _ = drawn(2_000)
    region = ["A"] * rows + ["B"] * 1_000 + ["C"] * (1_000 - rows)
    measured = measured_by(y_true, y_pred, region, minimum_group_size=minimum)

    assert [group["judged"] for group in measured.details["groups"]] == [judged, True, True]
    assert measured.details["groups"][0]["value"] is not None
    assert measured.judged


@pytest.mark.parametrize(("rows", "judged"), [(99, False), (100, True)])
def test_a_segment_is_compared_from_the_least_that_was_asked(rows, judged):
    y_true, y_pred, _ = drawn(4_000)
    region = ["A"] * rows + ["B"] * 2_000 + ["C"] * (2_000 - rows)
    measured = measured_by(y_true, y_pred, region, minimum_group_size=100)

    assert measured.details["groups"][0]["judged"] is judged


def test_thirty_is_what_is_asked_where_nothing_is():
    y_true, y_pred, _ = drawn(2_000)
    region = ["A"] * 35 + ["B"] * 1_000 + ["C"] * 965

    assert measured_by(y_true, y_pred, region) == measured_by(y_true, y_pred, region, minimum_group_size=30)


@pytest.mark.parametrize(("outside", "judged"), [(29, False), (30, True)])
def test_too_few_rows_outside_a_segment_leave_the_ratio_unjudged(outside, judged):
    y_true, y_pred, _ = drawn(1_000)
    region = ["A"] * (1_000 - outside) + ["B"] * outside
    measured = measured_by(y_true, y_pred, region)

    assert measured.judged is judged
    if not judged:
        # Two segments are needed, and the small one leaves one; what it lacks is said first.
        assert measured.reason.code == "too_few_for_interval"
        assert measured.reason.with_ == {"n": 29, "needed": 30}
        assert all(group["low"] is None for group in measured.details["groups"])


def test_segment_whose_errors_are_all_alike_leaves_the_ratio_unjudged_but_told():
    y_true, y_pred, _ = drawn(90)
    y_pred[:30] = 0.5
    measured = measured_by(y_true, y_pred, ["A"] * 30 + ["B"] * 30 + ["C"] * 30)

    assert (measured.judged, measured.reason.code, measured.low) == (False, "variance_not_estimable", None)
    assert [group["judged"] for group in measured.details["groups"]] == [False, True, True]
    assert measured.details["groups"][0]["value"] == pytest.approx(0.5 / np.abs(y_pred).mean())


def test_segment_without_errors_is_told_as_nothing():
    y_true, y_pred, _ = drawn(90)
    y_pred[:30] = 0.0
    measured = measured_by(y_true, y_pred, ["A"] * 30 + ["B"] * 30 + ["C"] * 30)

    assert measured.details["groups"][0]["value"] == 0
    assert measured.reason.code == "variance_not_estimable"


def test_declared_segment_without_rows_is_listed_without_a_value():
    y_true, y_pred, region = drawn(200, segments=2)
    named = Groups(codes=region.astype(np.int32), levels=("N", "S", "W"))
    measured = measured_by(y_true, y_pred, named)

    assert measured.judged
    assert measured.details["groups"][2] == {
        "slice": {"region": "W"}, "value": None, "low": None, "high": None, "n": 0, "share": 0.0, "judged": False,
    }  # fmt: skip


@pytest.mark.parametrize("largest", ["inside", "outside"])
def test_a_single_large_error_widens_the_side_that_it_is_on(largest):
    y_true, y_pred, region = drawn(200, segments=2, worse=1.0)
    before = measured_by(y_true, y_pred, region)
    y_pred[0 if largest == "inside" else 1] = 20.0
    after = measured_by(y_true, y_pred, region)

    place = 0 if largest == "inside" else 1
    widths = [[group["high"] - group["low"] for group in one.details["groups"]] for one in (before, after)]
    assert widths[1][place] > widths[0][place]
    assert after.details["worst"] == [{"region": place}]


def test_errors_beyond_the_range_of_floats_are_not_compared():
    y_true, y_pred, region = drawn(200, segments=2)
    y_true[0], y_pred[0] = 1.7e308, -1.7e308

    with pytest.raises(NotMeasurable, match=r"^numbers_too_large"):
        measured_by(y_true, y_pred, region)


def test_segment_error_ratio_of_clustered_rows_still_tells_every_value():
    plain, measured = measured_by(*drawn()), measured_by(*drawn(), roles={"entity": np.arange(200) // 2})

    assert (measured.value, measured.n, measured.unit) == (plain.value, 200, "ratio")
    assert measured.details["worst"] == plain.details["worst"]
    assert [one["value"] for one in measured.details["groups"]] == [one["value"] for one in plain.details["groups"]]
    assert all((one["low"], one["high"]) == (None, None) for one in measured.details["groups"])


@pytest.mark.parametrize("order", [(1, 0, 2), (2, 1, 0), (2, 0, 1)])
def test_segment_error_ratio_ignores_the_order_of_segments(order):
    y_true, y_pred, region = drawn(300, segments=3)
    here, there = measured_by(y_true, y_pred, region), measured_by(y_true, y_pred, np.array(order)[region])

    assert (here.value, here.low, here.high) == pytest.approx((there.value, there.low, there.high), rel=1e-12)


@pytest.mark.parametrize("times", [2, 10])
def test_more_of_the_same_rows_narrow_the_ratio(times):
    y_true, y_pred, region = drawn(200, segments=2)
    once, more = (measured_by(np.tile(y_true, k), np.tile(y_pred, k), np.tile(region, k)) for k in (1, times))

    assert more.value == pytest.approx(once.value)
    assert once.low < more.low < more.value < more.high < once.high


def test_segments_of_two_attributes_are_compared_by_both():
    y_true, y_pred, _ = drawn(400)
    groups = {"sex": ["F", "M"] * 200, "age": ["old", "old", "young", "young"] * 100}
    rows = block(y_true, y_pred, task="regression", groups=groups)
    measured = segment_error_ratio(GroupMoments.of(rows, ("sex", "age")))
    each = [np.abs(y_pred[place::4]).mean() / np.abs(y_pred).mean() for place in range(4)]

    assert measured.value == pytest.approx(max(each))
    assert len(measured.details["groups"]) == 4
    assert set(measured.details["worst"][0]) == {"sex", "age"}


def test_ninety_five_percent_are_meant_where_nothing_is_said():
    assert measured_by(*drawn()) == measured_by(*drawn(), confidence=0.95)
