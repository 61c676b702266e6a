from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, norm
from sklearn.metrics import roc_auc_score

from reliability.blocks import Groups
from reliability.checks.fairness.scores import roc_auc_difference, scoring_rate_ratio
from reliability.errors import ChecklistError, NotMeasurable
from reliability.evidence.group_histogram import GroupHistogram
from reliability.intervals.comparisons import group_mass, smallest_ratio, widest_difference
from reliability.intervals.ranks import auc_interval
from tests.builders import block

CHECKS = [roc_auc_difference, scoring_rate_ratio]
FIGURES = Path(__file__).parents[4] / "shared" / "figures" / "f09_nyc_ll144.txt"
rows = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from([0.0, 0.2, 0.4, 0.5, 0.9]), st.sampled_from("abc")),
    min_size=1,
    max_size=80,
)


def counted(y, scores, groups, **more):
    return GroupHistogram.of(block(y, None, scores, groups={"group": groups}, **more), ("group",))


def predicted(values, groups, **more):
    made = block(np.zeros(len(values)), values, groups={"group": groups}, task="regression", **more)
    return GroupHistogram.of(made, ("group",))


def drawn(n, groups="ab", seed=0, shift=0.0):
    random = np.random.default_rng(seed)
    y, group = random.integers(0, 2, n), np.array(list(groups))[np.arange(n) % len(groups)]
    return y, 1 / (1 + np.exp(-random.normal(y + shift * (group == groups[0]), 1))), group


def groups_of(measured):
    return {group["slice"]["group"]: group for group in measured.details["groups"]}


def by_rates(**rates):
    """Scores of groups by (rows above the median, rows); as many rows above as below in all."""
    scores = np.concatenate([np.repeat([0.9, 0.1], [above, n - above]) for above, n in rates.values()])
    return counted(np.zeros(len(scores), int), scores, np.repeat(list(rates), [n for _, n in rates.values()]))


@given(rows)
@settings(max_examples=60, deadline=None)
def test_roc_auc_difference_agrees_with_scikit_learn(table):
    y, scores, groups = (np.array(column) for column in zip(*table, strict=True))
    found = groups_of(roc_auc_difference(counted(y, scores, groups), minimum_group_size=1))
    expected = {
        name: roc_auc_score(y[groups == name], scores[groups == name])
        for name in found
        if len(set(y[groups == name])) == 2
    }

    assert {name: one["value"] for name, one in found.items() if one["value"] is not None} == pytest.approx(expected)


def test_roc_auc_difference_by_hand():
    y, scores = [0, 1] * 10 + [0, 1] * 10, [0.2, 0.8] * 10 + [0.5, 0.5] * 10
    measured = roc_auc_difference(counted(y, scores, ["F"] * 20 + ["M"] * 20), minimum_group_size=20)

    assert (measured.value, measured.n, measured.unit) == (0.5, 40, "difference")
    assert measured.low < 0.5 < measured.high
    assert measured.details["worst"] == [{"group": "M"}, {"group": "F"}]
    assert (measured.details["scores"], measured.details["quantisation"]) == ("exact", 0.0)
    assert (measured.judged, measured.method) == (True, "mover_newcombe_delong")


@pytest.mark.parametrize(("positives", "judged"), [(5, True), (4, False), (1, False), (0, False)])
def test_roc_auc_difference_compares_groups_with_five_rows_of_either_class(positives, judged):
    y, scores, _ = drawn(100)
    y[50:] = np.arange(50) < positives
    measured = roc_auc_difference(counted(y, scores, ["a"] * 50 + ["b"] * 50))

    assert groups_of(measured)["b"]["judged"] is judged
    assert measured.judged is judged
    assert judged or measured.reason.code == "fewer_than_two_groups"


def test_roc_auc_difference_covers_and_seldom_blames_equal_groups():
    random, found = np.random.default_rng(1), []
    y, groups = np.tile([0, 0, 1], 100), np.repeat(["a", "b", "c"], 100)
    for _ in range(150):
        scores = norm.cdf(random.normal(1.2 * y, 1))
        found.append(roc_auc_difference(counted(y, scores, groups)))

    assert np.mean([one.low <= 0 for one in found]) >= 0.93
    assert np.mean([one.low > 0.1 for one in found]) <= 0.02


def test_roc_auc_difference_of_one_class_compares_nothing():
    measured = roc_auc_difference(counted([1] * 80, drawn(80)[1], ["a", "b"] * 40))

    assert (measured.value, measured.judged, measured.reason.code) == (None, False, "fewer_than_two_groups")


def test_impact_ratios_of_new_york_citys_rule_are_reproduced():
    # 6 RCNY 5-303 (b): scoring rates by sex, and by race with 36 further rows of which 20 score above.
    sex = scoring_rate_ratio(by_rates(Male=(50, 92), Female=(34, 76)))
    race = scoring_rate_ratio(
        by_rates(Hispanic=(18, 28), White=(15, 40), Black=(16, 32), NHPI=(5, 8), Asian=(10, 24), Other=(20, 36)),
        minimum_group_size=1,
    )
    rates = {name: one["value"] for name, one in groups_of(race).items()}
    best = max(rates.values())

    assert sex.value == pytest.approx(0.823158, abs=5e-7)
    assert [round(rates[name] / best, 2) for name in ("White", "Black", "NHPI", "Asian")] == [0.58, 0.78, 0.97, 0.65]
    assert race.value == pytest.approx(0.583333, abs=5e-7)
    assert race.details["worst"] == [{"group": "White"}, {"group": "Hispanic"}]


@pytest.mark.parametrize(("name", "above", "n"), [("Male", 50, 92), ("Female", 34, 76)])
def test_scoring_rates_stand_as_in_the_published_figures(name, above, n):
    if not FIGURES.exists():
        pytest.skip(f"{FIGURES} is not there")
    (line,) = [line for line in FIGURES.read_text().splitlines() if line.startswith(f"OK   {name} rate")]
    found = groups_of(scoring_rate_ratio(by_rates(Male=(50, 92), Female=(34, 76))))

    assert 100 * found[name]["value"] == pytest.approx(float(line.split("reproduced=")[1]), abs=5e-7)
    assert found[name]["n"] == n
    assert found[name]["value"] == above / n


@given(rows, st.booleans())
@settings(max_examples=60, deadline=None)
def test_scoring_rates_are_shares_above_the_median(table, positive_is_good):
    y, scores, groups = (np.array(column) for column in zip(*table, strict=True))
    made = counted(y, scores, groups, favourable=(1,) if positive_is_good else (0,))
    found = groups_of(scoring_rate_ratio(made, minimum_group_size=1))
    # Exact in tenths, so that 1 - score keeps the ties.
    tenths = np.rint(10 * scores).astype(int) if positive_is_good else 10 - np.rint(10 * scores).astype(int)
    above = tenths > np.median(tenths)

    assert {name: one["value"] for name, one in found.items()} == pytest.approx(
        {name: above[groups == name].mean() for name in found}
    )


@pytest.mark.parametrize(("direction", "worst"), [("higher", "a"), ("lower", "b")])
def test_scoring_rate_ratio_of_regression_turns_with_what_is_favourable(direction, worst):
    values = np.concatenate([np.linspace(-1e6, 10, 60), np.linspace(-10, 1e6, 60)])
    made = predicted(values, ["a"] * 60 + ["b"] * 60, favourable_direction=direction)
    measured = scoring_rate_ratio(made)

    assert measured.details["worst"][0] == {"group": worst}
    assert measured.value < 0.1


def test_scoring_rate_ratio_has_the_interval_of_a_ratio_of_proportions():
    measured = scoring_rate_ratio(by_rates(a=(20, 50), b=(30, 50)))
    expected = smallest_ratio(np.array([20, 30]), np.array([50, 50]), confidence=0.95)

    assert (measured.value, measured.low, measured.high) == pytest.approx((2 / 3, expected.low, expected.high))
    assert (measured.n, measured.unit, measured.method) == (100, "ratio", "mover_clopper_pearson")


def test_scoring_rate_ratio_covers_the_chance_to_pass_the_cut_off_that_was_found():
    random, covered = np.random.default_rng(4), []
    for _ in range(300):
        scores = np.concatenate([random.normal(0.5, 0.3, 100), random.normal(0, 1, 100)])
        measured = scoring_rate_ratio(predicted(scores, ["a"] * 100 + ["b"] * 100))
        passing = np.sort([norm.sf(np.median(scores), *one) for one in ((0.5, 0.3), (0, 1))])
        covered.append(measured.low <= passing[0] / passing[1] <= measured.high)

    # 96 % simulated at length.
    assert np.mean(covered) >= 0.925


def test_scoring_rate_ratio_counts_unknown_and_small_groups_for_the_median():
    scores = np.concatenate([np.full(40, 0.2), np.full(40, 0.4), np.full(100, 0.9)])
    measured = scoring_rate_ratio(counted(np.zeros(180, int), scores, ["a"] * 40 + ["b"] * 40 + [None] * 100))

    assert (measured.value, measured.judged, measured.reason.code) == (None, False, "no_selection")
    assert [group["judged"] for group in measured.details["groups"]] == [True, True, False]


def test_scoring_rate_ratio_of_equal_scores_selects_nobody():
    measured = scoring_rate_ratio(counted([0, 1] * 50, [0.5] * 100, ["a", "b"] * 50))

    assert (measured.value, measured.judged, measured.reason.code) == (None, False, "no_selection")


@pytest.mark.parametrize("check", CHECKS)
def test_comparisons_of_scores_ignore_row_order_and_blocks(check):
    y, scores, groups = drawn(400, "abc", shift=0.5)
    order = np.random.default_rng(5).permutation(400)
    parts = [counted(y[part], scores[part], groups[part]) for part in (order[:33], order[33:])]

    assert check(parts[0] + parts[1]) == check(counted(y, scores, groups))


@pytest.mark.parametrize("check", CHECKS)
def test_comparisons_of_clustered_scores_are_not_judged(check):
    y, scores, groups = drawn(200)
    measured = check(counted(y, scores, groups, entity=np.arange(200)))

    assert measured.value is not None
    assert (measured.judged, measured.reason.code, measured.low, measured.high) == (False, "clustered_rows", None, None)
    assert {group["low"] for group in measured.details["groups"]} == {None}


@pytest.mark.parametrize("check", CHECKS)
def test_comparisons_of_scores_list_small_and_unknown_groups(check):
    y, scores, _ = drawn(200)
    measured = check(counted(y, scores, ["a"] * 90 + ["b"] * 90 + ["c"] * 12 + [None] * 8))

    assert [group["judged"] for group in measured.details["groups"]] == [True, True, False, False]
    assert (measured.n, measured.judged, measured.reason.code) == (180, False, "small_groups")


@pytest.mark.parametrize("check", CHECKS)
def test_comparisons_of_scores_need_two_groups(check):
    y, scores, _ = drawn(100)
    measured = check(counted(y, scores, ["a"] * 100))

    assert (measured.value, measured.judged, measured.reason.code) == (None, False, "fewer_than_two_groups")


@pytest.mark.parametrize("check", CHECKS)
def test_comparisons_of_grouped_scores_say_how_far_grouping_moves_them(check):
    y, scores, groups = drawn(80_000, shift=0.3, seed=6)
    measured = check(counted(y, scores, groups))
    found = groups_of(measured)
    expected = {
        name: roc_auc_score(y[groups == name], scores[groups == name])
        if check is roc_auc_difference
        else np.mean(scores[groups == name] > np.median(scores))
        for name in found
    }

    assert measured.details["scores"] == "grid"
    assert measured.details["quantisation"] <= 1e-3
    for name, value in expected.items():
        assert abs(found[name]["value"] - value) <= min(1e-4, measured.details["quantisation"] + 1e-12)


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize(
    ("made", "code"),
    [
        (counted([0, 1], None, ["a", "b"]), "no_scores"),
        (counted([], [], []), "no_rows"),
        (counted(["x"], [[0.2, 0.8]], ["a"], classes=("x", "y"), task="multiclass", positive=None), "needs_binary"),
        (counted([0, 1], [0.2, 0.3], ["a", "b"], positive=None), "no_positive"),
    ],
)
def test_comparisons_of_scores_say_what_they_lack(check, made, code):
    with pytest.raises(NotMeasurable, match=code):
        check(made)


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (counted([0, 1], [0.2, 0.3], ["a", "b"], favourable=()), "no_favourable"),
        (counted([0, 1], [0.2, 0.3], ["a", "b"], favourable=(0, 1)), "no_favourable"),
        (predicted([1.0, 2.0], ["a", "b"], favourable_direction=None), "no_favourable"),
        (predicted([], []), "no_rows"),
    ],
)
def test_scoring_rate_ratio_needs_a_favourable_outcome_and_rows(made, code):
    with pytest.raises(NotMeasurable, match=code):
        scoring_rate_ratio(made)


def test_roc_auc_difference_needs_classes():
    with pytest.raises(NotMeasurable, match="needs_binary"):
        roc_auc_difference(predicted([1.0, 2.0], ["a", "b"]))


@pytest.mark.parametrize("check", CHECKS)
def test_comparisons_of_scores_refuse_a_minimum_of_no_rows(check):
    with pytest.raises(ChecklistError, match="minimum_group_size"):
        check(counted(*drawn(100)), minimum_group_size=0)


def interval_group(name, value, low, high, n, share, judged=True):
    return {
        "slice": {"group": name},
        "value": value,
        "low": None if low is None else pytest.approx(low, abs=1e-12),
        "high": None if high is None else pytest.approx(high, abs=1e-12),
        "n": n,
        "share": share,
        "judged": judged,
    }


def test_the_whole_record_of_a_difference_of_areas():
    y, scores, groups = drawn(90)
    groups = np.array(["c" if place >= 88 else one for place, one in enumerate(groups)])
    y[88:] = 1
    measured = roc_auc_difference(counted(y, scores, groups), confidence=0.9)
    counts = {
        name: np.array(
            [[1 - one, one] for _, one in sorted(zip(scores[groups == name], y[groups == name], strict=True))]
        )
        for name in "ab"
    }
    areas = {name: roc_auc_score(y[groups == name], scores[groups == name]) for name in "ab"}
    own = {name: auc_interval(table, confidence=0.9) for name, table in counts.items()}
    both = np.array([auc_interval(table, confidence=1 - group_mass(2, 0.9)) for table in counts.values()])
    expected = widest_difference(np.array(list(areas.values())), both[:, 0], both[:, 1], method="mover_newcombe_delong")
    worst = sorted("ab", key=areas.get)

    assert measured.model_dump(exclude_defaults=True) == {
        "value": pytest.approx(expected.value, abs=1e-12),
        "low": pytest.approx(expected.low, abs=1e-12),
        "high": pytest.approx(expected.high, abs=1e-12),
        "n": 88,
        "unit": "difference",
        "method": "mover_newcombe_delong",
        "details": {
            "groups": [
                interval_group("a", pytest.approx(areas["a"]), *own["a"], 44, 44 / 90),
                interval_group("b", pytest.approx(areas["b"]), *own["b"], 44, 44 / 90),
                interval_group("c", None, None, None, 2, 2 / 90, judged=False),
            ],
            "worst": [{"group": name} for name in worst],
            "scores": "exact",
            "quantisation": 0.0,
        },
    }


def test_the_whole_record_of_a_ratio_of_scoring_rates():
    measured = scoring_rate_ratio(by_rates(a=(20, 50), b=(30, 50), c=(2, 4)), confidence=0.9)
    expected = smallest_ratio(np.array([20, 30]), np.array([50, 50]), confidence=0.9)
    own = [binomtest(x, 50).proportion_ci(0.9, "exact") for x in (20, 30)]

    assert measured.model_dump(exclude_defaults=True) == {
        "value": pytest.approx(2 / 3, abs=1e-12),
        "low": pytest.approx(expected.low, abs=1e-12),
        "high": pytest.approx(expected.high, abs=1e-12),
        "n": 100,
        "unit": "ratio",
        "method": "mover_clopper_pearson",
        "details": {
            "groups": [
                interval_group("a", 0.4, own[0].low, own[0].high, 50, 50 / 104),
                interval_group("b", 0.6, own[1].low, own[1].high, 50, 50 / 104),
                interval_group("c", 0.5, None, None, 4, 4 / 104, judged=False),
            ],
            "worst": [{"group": "a"}, {"group": "b"}],
            "scores": "exact",
            "quantisation": 0.0,
        },
    }


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize(("rows", "judged"), [(29, False), (30, True)])
def test_thirty_rows_are_enough_where_nothing_else_is_said(check, rows, judged):
    y, scores, _ = drawn(100 + rows)
    measured = check(counted(y, scores, ["a"] * 100 + ["b"] * rows))

    assert [group["judged"] for group in measured.details["groups"]] == [True, judged]
    assert (measured.value is not None) is judged


@pytest.mark.parametrize("check", CHECKS)
def test_comparisons_of_scores_are_at_95_percent_where_nothing_else_is_said(check):
    made = counted(*drawn(200, shift=0.8))

    assert check(made) == check(made, confidence=0.95)
    low, high = ([getattr(check(made, confidence=c), end) for c in (0.95, 0.96)] for end in ("low", "high"))
    assert low[0] != low[1] or high[0] != high[1]


@pytest.mark.parametrize("check", CHECKS)
def test_a_minimum_of_one_row_is_taken_and_of_none_refused_by_its_name(check):
    made = counted(*drawn(60))

    assert check(made, minimum_group_size=1).judged
    with pytest.raises(ChecklistError, match="option 'minimum_group_size' must be at least 1, not 0"):
        check(made, minimum_group_size=0)


@pytest.mark.parametrize("size", [(20, 30), (50, 50)])
def test_a_group_of_exactly_the_minimum_is_compared_by_its_scores(size):
    for check in CHECKS:
        y, scores, _ = drawn(sum(size))
        made = counted(y, scores, ["a"] * size[0] + ["b"] * size[1])

        assert check(made, minimum_group_size=size[0]).judged is True
        assert check(made, minimum_group_size=size[0] + 1).value is None


@pytest.mark.parametrize(
    ("check", "made", "code"),
    [
        *((check, counted([0, 1], None, ["a", "b"]), "no_scores") for check in CHECKS),
        *((check, counted([], [], []), "no_rows") for check in CHECKS),
        *((check, counted([0, 1], [0.2, 0.3], ["a", "b"], positive=None), "no_positive") for check in CHECKS),
        (scoring_rate_ratio, counted([0, 1], [0.2, 0.3], ["a", "b"], favourable=()), "no_favourable"),
        (scoring_rate_ratio, counted([0, 1], [0.2, 0.3], ["a", "b"], favourable=(0, 1)), "no_favourable"),
        (scoring_rate_ratio, predicted([1.0, 2.0], ["a", "b"], favourable_direction=None), "no_favourable"),
        (scoring_rate_ratio, predicted([], []), "no_rows"),
        (roc_auc_difference, predicted([1.0, 2.0], ["a", "b"]), "needs_binary"),
    ],
)
def test_what_a_comparison_of_scores_lacks_is_told_by_its_code(check, made, code):
    with pytest.raises(NotMeasurable) as caught:
        check(made)

    assert caught.value.code == code


def test_a_regression_without_predictions_has_no_scoring_rate():
    rows = block([1.0, 2.0], None, groups={"group": ["a", "b"]}, task="regression")

    with pytest.raises(NotMeasurable) as caught:
        scoring_rate_ratio(GroupHistogram.of(rows, ("group",)))

    assert caught.value.code == "no_predictions"


@pytest.mark.parametrize("check", CHECKS)
def test_the_whole_record_of_clustered_scores(check):
    y, scores, groups = drawn(200)
    plain = check(counted(y, scores, groups))
    measured = check(counted(y, scores, groups, entity=np.arange(200)))

    assert measured.model_dump(exclude={"details"}, exclude_defaults=True) == {
        "value": plain.value,
        "n": 200,
        "unit": plain.unit,
        "method": plain.method,
        "judged": False,
        "reason": {"code": "clustered_rows"},
    }
    assert {name: value for name, value in measured.details.items() if name != "groups"} == {
        name: value for name, value in plain.details.items() if name != "groups"
    }


def test_an_empty_group_has_no_scoring_rate():
    codes = Groups(codes=np.array([0] * 40 + [2] * 40, np.int32), levels=("a", "b", "c"))
    y, scores, _ = drawn(80)
    for check in CHECKS:
        measured = check(counted(y, scores, codes))

        assert measured.details["groups"][1] == interval_group("b", None, None, None, 0, 0.0, judged=False)
        assert measured.judged


@pytest.mark.parametrize("check", CHECKS)
def test_grouping_of_scores_moves_by_what_the_compared_groups_hold(check):
    # More distinct scores than are kept apart: pairs of neighbours of either class. A small group stands in one cell.
    place = np.arange(80_000)
    y, lower = place % 2, (place // 2 + 25_000) / 70_000
    scores = np.where(y, np.nextafter(lower, 1), lower)
    groups = np.array(["a", "b"])[place // 2 % 2]
    groups[:20], scores[:20] = "c", scores[40_000]
    made = counted(y, scores, groups)
    measured, everything = check(made), check(made, minimum_group_size=20)

    assert measured.details["scores"] == everything.details["scores"] == "grid"
    assert 0 < measured.details["quantisation"] < 2e-3
    assert everything.details["groups"][2]["judged"] is True
    assert everything.details["quantisation"] > 100 * measured.details["quantisation"]


def test_limits_of_grouped_scores_hold_the_rows_beside_the_median():
    y, scores, groups = drawn(70_000, seed=3)
    made = counted(y, scores, groups)
    above, beside = made.above_median(mirrored=False)
    rows = made.class_sizes.sum(axis=1)
    listed_groups = scoring_rate_ratio(made).details["groups"]

    assert beside.any()
    for place, group in enumerate(listed_groups):
        low = binomtest(int(above[place]), int(rows[place])).proportion_ci(0.95, "exact").low
        high = binomtest(int(above[place] + beside[place]), int(rows[place])).proportion_ci(0.95, "exact").high
        assert (group["low"], group["high"]) == (pytest.approx(low, abs=1e-9), pytest.approx(high, abs=1e-9))
    assert scoring_rate_ratio(made).details["quantisation"] == (beside / rows).max()


@pytest.mark.parametrize("check", CHECKS)
def test_where_no_group_is_compared_nothing_is_moved_by_grouping(check):
    y, scores, groups = drawn(40)
    measured = check(counted(y, scores, groups), minimum_group_size=21)

    assert (measured.n, measured.reason.code) == (0, "fewer_than_two_groups")
    assert (measured.details["scores"], measured.details["quantisation"]) == ("exact", 0.0)
