from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliability.blocks import Roles
from reliability.checks.fairness.rates import selection_rate_difference, selection_rate_ratio
from reliability.checks.fairness.strata import mantel_haenszel_selection_ratio, standardized_selection_rate_difference
from reliability.errors import ChecklistError, NotMeasurable
from reliability.evidence.group_counts import GroupCounts
from reliability.evidence.group_strata import GroupStrata
from reliability.intervals.comparisons import group_mass, widest_difference
from reliability.intervals.proportions import effective_n, exact_limits
from reliability.intervals.strata import clustered_worth, smallest_mantel_haenszel_ratio, standardised_worth
from tests.builders import block

BINARY = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,), strata=("grade",))
ALL = [standardized_selection_rate_difference, mantel_haenszel_selection_ratio]
# Bickel, P. J., Hammel, E. A. and O'Connell, J. W. (1975), Science 187, 398-404; the six largest departments as
# in R's datasets::UCBAdmissions: (admitted, applied) of men, of women.
BERKELEY = {
    "A": ((512, 825), (89, 108)),
    "B": ((353, 560), (17, 25)),
    "C": ((120, 325), (202, 593)),
    "D": ((138, 417), (131, 375)),
    "E": ((53, 191), (94, 393)),
    "F": ((22, 373), (24, 341)),
}
CELL = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
TABLE = st.integers(1, 4).flatmap(lambda s: st.lists(st.lists(CELL, min_size=s, max_size=s), min_size=2, max_size=4))


def within(*groups, roles=BINARY, names="FMXYZ", **more):
    """Groups by (selected, rows) in every stratum."""
    counts = np.array([[[n - x, x] for x, n in strata] for strata in groups], np.int64)
    return GroupStrata(
        roles=roles, attributes=("sex",), strata=("grade",), levels=tuple((name,) for name in names[: len(groups)]),
        stratum_levels=tuple((index,) for index in range(counts.shape[1])), counts=counts, **more,
    )  # fmt: skip


def berkeley():
    return within(*zip(*((women, men) for men, women in BERKELEY.values()), strict=True))


def random_rows(n=600, seed=0, **more):
    random = np.random.default_rng(seed)
    groups = {"sex": random.choice(list("abc"), n).tolist(), "grade": random.choice([1, 2, 3], n).tolist()}
    return block(*random.integers(0, 2, (2, n)), groups=groups, strata=("grade",), **more)


def numbers_of(measurement):
    return measurement.value, measurement.low, measurement.high, measurement.n


def test_berkeley_seems_to_refuse_women_until_departments_are_compared():
    table = berkeley()
    counts = np.zeros((2, 2, 2), np.int64)
    counts[:, 0] = table.counts.sum(axis=1)
    crude = GroupCounts(roles=BINARY, attributes=("sex",), levels=(("F",), ("M",)), counts=counts)
    standard = standardized_selection_rate_difference(table)

    # 1,198 of 2,691 men and 557 of 1,835 women were admitted.
    assert selection_rate_difference(crude).value == pytest.approx(1198 / 2691 - 557 / 1835, abs=1e-12)
    assert standard.details["worst"] == [{"sex": "M"}, {"sex": "F"}]
    assert standard.value < 0.05
    assert standard.details["left_out"] == 0.0


def test_berkeley_standardised_by_hand():
    sizes = {name: men[1] + women[1] for name, (men, women) in BERKELEY.items()}
    rates = [sum(sizes[d] * both[who][0] / both[who][1] for d, both in BERKELEY.items()) / 4526 for who in (0, 1)]
    measured = standardized_selection_rate_difference(berkeley())

    assert measured.value == pytest.approx(rates[1] - rates[0], abs=1e-12)
    assert measured.value == pytest.approx(0.0426, abs=5e-4)
    assert [group["value"] for group in measured.details["groups"]] == pytest.approx(rates[::-1], abs=1e-12)
    assert (measured.n, measured.judged, measured.method) == (4526, True, "mover_standardised")


def test_berkeley_mantel_haenszel_by_hand():
    top = sum(men[0] * women[1] / (men[1] + women[1]) for men, women in BERKELEY.values())
    bottom = sum(women[0] * men[1] / (men[1] + women[1]) for men, women in BERKELEY.values())
    measured = mantel_haenszel_selection_ratio(berkeley())

    assert measured.value == pytest.approx(top / bottom, abs=1e-12)
    assert measured.details["worst"] == [{"sex": "M"}, {"sex": "F"}]
    assert measured.low < measured.value < measured.high
    assert (measured.n, measured.judged, measured.method) == (4526, True, "mover_mantel_haenszel")


def test_groups_alike_within_strata_differ_only_by_where_they_stand():
    alike = within([(20, 40), (12, 60)], [(30, 60), (8, 40)])

    assert standardized_selection_rate_difference(alike).value == 0.0
    assert mantel_haenszel_selection_ratio(alike).value == 1.0


@given(TABLE)
@settings(max_examples=40, deadline=None)
def test_values_are_the_formulas(table):
    cells = np.array(table)
    x, n = cells[..., 0], cells[..., 1]
    shares = n.sum(axis=0) / n.sum()
    rates = (x / n * shares).sum(axis=1)
    difference = standardized_selection_rate_difference(within(*table), minimum_group_size=1)
    ratio = mantel_haenszel_selection_ratio(within(*table), minimum_group_size=1)

    assert difference.value == pytest.approx(rates.max() - rates.min(), abs=1e-12)
    found = [
        (x[a] * n[b] / (n[a] + n[b])).sum() / (x[b] * n[a] / (n[a] + n[b])).sum()
        for a in range(len(n)) for b in range(len(n)) if a != b and x[b].any()
    ]  # fmt: skip
    if found:
        assert ratio.value == pytest.approx(min(found), abs=1e-12)
    else:
        assert (ratio.value, ratio.reason.code) == (None, "no_selection")


@given(TABLE)
@settings(max_examples=40, deadline=None)
@pytest.mark.parametrize("check", ALL)
def test_comparisons_within_strata_hold_their_estimate(check, table):
    measured = check(within(*table), minimum_group_size=1)

    if measured.low is not None:
        assert 0 <= measured.low <= measured.value + 1e-12
        assert measured.value <= measured.high + 1e-12 <= 1 + 2e-12


@pytest.mark.parametrize(("check", "plain"), [(ALL[0], selection_rate_difference), (ALL[1], selection_rate_ratio)])
def test_one_stratum_is_nearly_no_stratum(check, plain):
    counts = np.array([[[700, 300], [0, 0]], [[500, 500], [0, 0]]])
    crude = plain(GroupCounts(roles=BINARY, attributes=("sex",), levels=(("F",), ("M",)), counts=counts))
    here = check(within([(300, 1000)], [(500, 1000)]))

    assert (here.value, here.n) == (crude.value, crude.n)
    assert (here.low, here.high) == pytest.approx((crude.low, crude.high), abs=1e-3)


def test_a_stratum_that_lacks_a_group_is_left_out_for_all():
    measured = standardized_selection_rate_difference(
        within([(20, 40), (30, 60), (0, 0)], [(20, 40), (15, 60), (3, 3)])
    )

    assert measured.value == pytest.approx(0.6 * 0.25)
    assert measured.details["left_out"] == 3 / 203
    assert (measured.n, measured.judged) == (200, True)


@pytest.mark.parametrize("check", ALL)
def test_strata_that_lack_a_group_and_hold_over_a_twentieth_leave_it_undecided(check):
    measured = check(within([(20, 40), (0, 0)], [(20, 40), (10, 20)]))

    assert (measured.judged, measured.reason.code) == (False, "empty_strata")
    assert measured.reason.with_ == {"by": ["sex"], "share": 0.2}
    assert measured.value in (0.0, 1.0)


@pytest.mark.parametrize(("check", "unit"), [(ALL[0], "difference"), (ALL[1], "ratio")])
def test_groups_that_share_no_stratum_have_no_value(check, unit):
    measured = check(within([(20, 40), (0, 0)], [(0, 0), (10, 40)]))

    assert (measured.value, measured.judged, measured.reason.code, measured.unit) == (None, False, "empty_strata", unit)
    assert [group["value"] for group in measured.details["groups"]] == [0.5, 0.25]


@pytest.mark.parametrize("check", ALL)
def test_a_stratum_that_hangs_on_one_row_has_no_interval(check):
    measured = check(within([(20, 40), (1, 1)], [(20, 40), (10, 40)]))

    if check is mantel_haenszel_selection_ratio:
        # There it has the weight of a single row of either group.
        assert measured.judged is True
        return
    assert (measured.judged, measured.reason.code, measured.low) == (False, "too_few_for_interval", None)
    assert measured.reason.with_ == {"n": 1, "needed": 4}
    assert measured.details["groups"][0]["low"] is None


def test_ratio_of_a_handful_of_rows_has_no_interval():
    measured = mantel_haenszel_selection_ratio(within([(2, 4), (1, 3)], [(2, 5), (1, 4)]), minimum_group_size=1)

    assert (measured.judged, measured.reason.code) == (False, "too_few_for_interval")
    assert measured.reason.with_["n"] < measured.reason.with_["needed"]


@pytest.mark.parametrize("check", ALL)
def test_small_and_unknown_groups_are_listed_and_never_compared(check):
    table = within([(100, 200), (50, 200)], [(100, 200), (50, 200)], [(0, 10), (0, 10)], [(0, 5), (0, 5)])
    named = GroupStrata(**{**vars(table), "levels": (("F",), ("M",), ("X",), (None,))})
    measured = check(named)

    assert [group["judged"] for group in measured.details["groups"]] == [True, True, False, False]
    assert [group["share"] for group in measured.details["groups"]] == [n / 830 for n in (400, 400, 20, 10)]
    assert (measured.value, measured.judged) == (0.0 if check is ALL[0] else 1.0, True)


@pytest.mark.parametrize("check", ALL)
def test_one_group_has_nobody_to_be_compared_with(check):
    measured = check(within([(20, 40), (30, 60)], [(1, 2), (1, 2)]))

    assert (measured.value, measured.judged, measured.reason.code) == (None, False, "fewer_than_two_groups")


@pytest.mark.parametrize("check", ALL)
def test_small_groups_with_over_a_twentieth_of_the_rows_leave_it_undecided(check):
    measured = check(within([(20, 40), (30, 60)], [(20, 40), (30, 60)], [(5, 10), (5, 10)]))

    assert (measured.judged, measured.reason.code) == (False, "small_groups")


def test_ratio_has_no_value_when_nobody_is_selected():
    measured = mantel_haenszel_selection_ratio(within([(0, 40), (0, 60)], [(0, 40), (0, 60)]))

    assert (measured.value, measured.judged, measured.reason.code) == (None, False, "no_selection")


def test_a_group_that_is_never_selected_has_a_ratio_of_nought_that_is_known():
    measured = mantel_haenszel_selection_ratio(within([(0, 400), (0, 600)], [(200, 400), (300, 600)]))

    assert (measured.value, measured.low, measured.judged) == (0.0, 0.0, True)
    assert measured.high < 0.02


@pytest.mark.parametrize("check", ALL)
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"roles": Roles(task="regression")}, "needs_classification"),
        ({"roles": Roles(task="multiclass", classes=(0, 1), strata=("grade",))}, "no_favourable"),
        ({"strata": (), "roles": replace(BINARY, strata=())}, "no_strata"),
        ({"counts": np.zeros((2, 1, 2), np.int64)}, "no_rows"),
    ],
)
def test_comparisons_within_strata_say_what_they_lack(check, change, code):
    table = within([(20, 40)], [(30, 60)])

    with pytest.raises(NotMeasurable, match=code):
        check(GroupStrata(**{**vars(table), **change}))


@pytest.mark.parametrize("check", ALL)
def test_a_minimum_group_size_below_one_is_refused(check):
    with pytest.raises(ChecklistError, match="must be at least 1"):
        check(within([(20, 40)], [(30, 60)]), minimum_group_size=0)


@pytest.mark.parametrize("check", ALL)
@pytest.mark.parametrize("entity", [None, np.arange(600) // 4])
def test_comparisons_within_strata_ignore_row_order_and_blocks(check, entity):
    made = random_rows(entity=entity)
    order = np.random.default_rng(1).permutation(600)
    parts = [GroupStrata.of(made.where(part), ("sex",)) for part in np.split(order, [1, 250])]

    assert check(parts[2] + parts[0] + parts[1]) == check(GroupStrata.of(made, ("sex",)))


@pytest.mark.parametrize("check", ALL)
@pytest.mark.parametrize("order", [(1, 0, 2), (2, 1, 0)])
def test_comparisons_within_strata_ignore_the_order_of_groups(check, order):
    tables = [[(20, 40), (30, 60)], [(25, 50), (15, 60)], [(10, 45), (22, 50)]]
    here, there = check(within(*tables)), check(within(*(tables[index] for index in order)))

    assert numbers_of(here) == pytest.approx(numbers_of(there), abs=1e-12)


@pytest.mark.parametrize("check", ALL)
def test_comparisons_within_strata_ignore_the_order_of_strata(check):
    tables = [[(20, 40), (30, 60)], [(25, 50), (15, 60)]]
    here, there = check(within(*tables)), check(within(*(table[::-1] for table in tables)))

    assert numbers_of(here) == pytest.approx(numbers_of(there), abs=1e-12)


@pytest.mark.parametrize("check", ALL)
def test_clustered_rows_widen_the_interval_but_not_the_value(check):
    made = random_rows(100)
    eightfold = made.where(np.repeat(np.arange(100), 8))
    plain = GroupStrata.of(eightfold, ("sex",))
    clustered = block(
        eightfold.y_true, eightfold.y_pred, groups=eightfold.groups, strata=("grade",),
        entity=np.repeat(np.arange(100), 8),
    )  # fmt: skip
    grouped = GroupStrata.of(clustered, ("sex",))

    assert check(grouped).value == check(plain).value
    assert check(grouped).high - check(grouped).low > 1.3 * (check(plain).high - check(plain).low)
    assert check(grouped).method.endswith("_effective_n")


@pytest.mark.parametrize("check", ALL)
def test_clusters_that_were_not_counted_are_never_judged(check):
    roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,), strata=("grade",), clustered=True)
    measured = check(within([(20, 40), (30, 60)], [(25, 50), (15, 60)], roles=roles))

    assert (measured.judged, measured.reason.code) == (False, "clustered_rows")
    assert (measured.low, measured.high, measured.details["groups"][0]["low"]) == (None, None, None)


@pytest.mark.parametrize("check", ALL)
def test_more_confidence_is_a_wider_interval(check):
    table = within([(20, 40), (30, 60)], [(25, 50), (15, 60)], [(10, 45), (22, 50)])
    here, wider = check(table, confidence=0.9), check(table, confidence=0.99)

    assert wider.low <= here.low <= here.value <= here.high <= wider.high
    assert wider.high - wider.low > here.high - here.low


def test_an_unknown_stratum_is_a_stratum_of_its_own():
    made = block(
        [0] * 120, [1, 0] * 60, groups={"sex": ["F", "F", "M", "M"] * 30, "grade": ["A"] * 80 + [None] * 40},
        strata=("grade",),
    )  # fmt: skip
    measured = standardized_selection_rate_difference(GroupStrata.of(made, ("sex",)))

    assert (measured.value, measured.n, measured.details["left_out"]) == (0.0, 120, 0.0)


@pytest.mark.parametrize("check", ALL)
def test_equal_groups_hardly_ever_fail(check):
    random = np.random.default_rng(3)
    failed = 0
    for _ in range(150):
        table = [[(random.binomial(n, p), n) for n, p in ((60, 0.6), (40, 0.3))] for _ in range(4)]
        measured = check(within(*table))
        failed += measured.low > 0.10 if check is ALL[0] else measured.high < 0.80
    assert failed <= 3


def rate_limits(selected, rows, mass):
    low, high = exact_limits(float(selected), float(rows), mass=mass)
    return float(low), float(high)


THREE = [(20, 40), (30, 60)], [(25, 50), (15, 60)], [(10, 45), (22, 50)]


def test_the_whole_record_of_standardised_rates():
    measured = standardized_selection_rate_difference(within(*THREE, [(1, 2), (1, 2)]), confidence=0.9)
    cells = np.array([*THREE, [(1, 2), (1, 2)]])
    selected, rows = cells[..., 0], cells[..., 1]
    weights = rows.sum(axis=0) / rows.sum()
    rates = (selected / rows * weights).sum(axis=1)
    worth = [float(standardised_worth(selected[place], rows[place], weights)) for place in range(3)]
    own = [rate_limits(rates[place] * worth[place], worth[place], 0.1) for place in range(3)]
    mass = group_mass(3, 0.9)
    low, high = np.array([rate_limits(rates[place] * worth[place], worth[place], mass) for place in range(3)]).T
    expected = widest_difference(rates[:3], low, high, method="mover_standardised")

    assert measured.model_dump(exclude_defaults=True) == {
        "value": pytest.approx(expected.value, abs=1e-12),
        "low": pytest.approx(expected.low, abs=1e-9),
        "high": pytest.approx(expected.high, abs=1e-9),
        "n": 305,
        "unit": "difference",
        "method": "mover_standardised",
        "details": {
            "groups": [
                {
                    "slice": {"sex": "FMXY"[place]},
                    "value": pytest.approx(rates[place], abs=1e-12),
                    "low": pytest.approx(own[place][0], abs=1e-9) if place < 3 else None,
                    "high": pytest.approx(own[place][1], abs=1e-9) if place < 3 else None,
                    "n": int(rows[place].sum()),
                    "share": int(rows[place].sum()) / 309,
                    "judged": place < 3,
                }
                for place in range(4)
            ],
            "worst": [{"sex": "X"}, {"sex": "F"}],
            "strata": ["grade"],
            "left_out": 0.0,
        },
    }


def test_the_whole_record_of_a_mantel_haenszel_ratio():
    measured = mantel_haenszel_selection_ratio(within(*THREE, [(1, 2), (1, 2)]), confidence=0.9)
    cells = np.array([*THREE, [(1, 2), (1, 2)]])
    selected, rows = cells[..., 0], cells[..., 1]
    found = smallest_mantel_haenszel_ratio(selected[:3], rows[:3], None, confidence=0.9)
    crude = selected.sum(axis=1) / rows.sum(axis=1)
    own = [rate_limits(selected[place].sum(), rows[place].sum(), 0.1) for place in range(3)]

    assert measured.model_dump(exclude_defaults=True) == {
        "value": pytest.approx(found.value, abs=1e-12),
        "low": found.low,
        "high": found.high,
        "n": 305,
        "unit": "ratio",
        "method": "mover_mantel_haenszel",
        "details": {
            "groups": [
                {
                    "slice": {"sex": "FMXY"[place]},
                    "value": pytest.approx(crude[place], abs=1e-12),
                    "low": pytest.approx(own[place][0], abs=1e-9) if place < 3 else None,
                    "high": pytest.approx(own[place][1], abs=1e-9) if place < 3 else None,
                    "n": int(rows[place].sum()),
                    "share": int(rows[place].sum()) / 309,
                    "judged": place < 3,
                }
                for place in range(4)
            ],
            "worst": [{"sex": "FMXY"[place]} for place in found.worst],
            "strata": ["grade"],
            "left_out": 0.0,
        },
    }


@pytest.mark.parametrize(("check", "unit"), [(ALL[0], "difference"), (ALL[1], "ratio")])
def test_the_whole_record_of_groups_that_share_no_stratum(check, unit):
    measured = check(within([(20, 40), (0, 0)], [(0, 0), (10, 40)], [(3, 10), (1, 10)]))
    low, high = rate_limits(20, 40, 0.05)

    assert measured.model_dump(exclude={"details"}, exclude_defaults=True) == {
        "value": None,
        "n": 80,
        "unit": unit,
        "judged": False,
        "reason": {"code": "empty_strata", "with": {"by": ["sex"], "share": 1.0}},
    }
    assert set(measured.details) == {"groups", "strata", "left_out"}
    assert (measured.details["strata"], measured.details["left_out"]) == (["grade"], 1.0)
    assert measured.details["groups"][0] == {
        "slice": {"sex": "F"},
        "value": 0.5,
        "low": pytest.approx(low),
        "high": pytest.approx(high),
        "n": 40,
        "share": 0.4,
        "judged": True,
    }
    assert measured.details["groups"][2]["judged"] is False


@pytest.mark.parametrize("check", ALL)
def test_the_whole_record_of_one_group_within_strata(check):
    measured = check(within([(20, 40), (30, 60)], [(1, 2), (1, 2)]))

    assert measured.model_dump(exclude={"details"}, exclude_defaults=True) == {
        "value": None,
        "n": 100,
        "unit": "difference" if check is ALL[0] else "ratio",
        "judged": False,
        "reason": {"code": "fewer_than_two_groups", "with": {"by": ["sex"]}},
    }
    assert (measured.details["strata"], measured.details["left_out"]) == (["grade"], 0.0)


@pytest.mark.parametrize("check", ALL)
@pytest.mark.parametrize(("alone", "judged"), [(10, True), (11, False)])
def test_a_twentieth_of_the_rows_may_stand_in_strata_that_are_left_out(check, alone, judged):
    measured = check(within([(20, 95), (5, alone)], [(40, 95), (0, 0)]))

    assert measured.details["left_out"] == alone / (190 + alone)
    assert measured.judged is judged
    assert measured.low is not None
    assert judged or measured.reason.with_ == {"by": ["sex"], "share": 11 / 201}


@pytest.mark.parametrize("check", ALL)
def test_small_groups_are_named_before_strata_that_are_left_out(check):
    measured = check(within([(20, 95), (5, 30)], [(40, 95), (0, 0)], [(5, 20), (0, 0)]))

    assert measured.details["left_out"] > 0.05
    assert measured.reason.code == "small_groups"


@pytest.mark.parametrize("check", ALL)
@pytest.mark.parametrize(("rows", "given"), [(10, True), (9, False)])
def test_a_row_may_weigh_a_tenth_and_no_more(check, rows, given):
    measured = check(within([(5, rows)], [(20, 40)]), minimum_group_size=rows)

    assert (measured.low is not None) is given
    assert given or measured.reason.with_ == {"n": 9, "needed": 10}
    assert given or measured.details["groups"][1]["low"] is None
    rates = sorted((5 / rows, 0.5))
    assert measured.value == pytest.approx(rates[1] - rates[0] if check is ALL[0] else rates[0] / rates[1])


def test_the_stratum_in_which_a_row_weighs_most_is_told():
    # Weights 0.5, 0.3, 0.2 of 400 rows; the group has 6 of the second, where 3 would do, and 1 of the third.
    measured = standardized_selection_rate_difference(
        within([(50, 100), (3, 6), (1, 1)], [(50, 100), (57, 114), (30, 79)])
    )

    assert measured.reason.with_ == {"n": 1, "needed": 2}


def test_only_groups_that_are_compared_must_have_enough_rows_in_a_stratum():
    table = within([(20, 40), (30, 60)], [(20, 40), (20, 60)], [(1, 1), (1, 3)])

    assert standardized_selection_rate_difference(table).judged
    assert mantel_haenszel_selection_ratio(table).judged


def test_a_ratio_is_withdrawn_for_any_pair_of_groups():
    # The first pair has rows enough; the second group and the third share one stratum of a few rows.
    measured = mantel_haenszel_selection_ratio(
        within([(40, 80), (30, 60)], [(30, 60), (2, 4)], [(0, 0), (20, 40)]), minimum_group_size=30
    )

    assert (measured.judged, measured.reason.code, measured.low) == (False, "too_few_for_interval", None)
    assert measured.reason.with_ == {"n": 4, "needed": 10}


def test_what_a_pair_does_not_share_is_left_out_of_the_worst_pair():
    # F and M share all; F and X share the first stratum: of 100 + 60 rows 60 stand alone.
    measured = mantel_haenszel_selection_ratio(within([(20, 40), (30, 60)], [(20, 40), (30, 60)], [(30, 60), (0, 0)]))

    assert measured.details["left_out"] == 60 / 160
    assert measured.reason.with_ == {"by": ["sex"], "share": 60 / 160}


@pytest.mark.parametrize("check", ALL)
@pytest.mark.parametrize(("rows", "judged"), [(29, False), (30, True)])
def test_thirty_rows_are_enough_where_nothing_else_is_said(check, rows, judged):
    measured = check(within([(200, 400)], [(200, 400)], [(10, rows)]))

    assert [group["judged"] for group in measured.details["groups"]] == [True, True, judged]
    assert measured.n == 800 + rows * judged


@pytest.mark.parametrize("check", ALL)
def test_comparisons_within_strata_are_at_95_percent_where_nothing_else_is_said(check):
    assert check(within(*THREE)) == check(within(*THREE), confidence=0.95)
    assert numbers_of(check(within(*THREE))) != numbers_of(check(within(*THREE), confidence=0.951))


@pytest.mark.parametrize("check", ALL)
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"roles": Roles(task="regression")}, "needs_classification"),
        ({"roles": Roles(task="multiclass", classes=(0, 1), strata=("grade",))}, "no_favourable"),
        ({"strata": (), "roles": replace(BINARY, strata=())}, "no_strata"),
        ({"counts": np.zeros((2, 1, 2), np.int64)}, "no_rows"),
    ],
)
def test_what_a_comparison_within_strata_lacks_is_told_by_its_code(check, change, code):
    with pytest.raises(NotMeasurable) as caught:
        check(GroupStrata(**{**vars(within([(20, 40)], [(30, 60)])), **change}))

    assert caught.value.code == code


@pytest.mark.parametrize("check", ALL)
def test_a_minimum_within_strata_is_refused_by_its_name(check):
    with pytest.raises(ChecklistError, match="option 'minimum_group_size' must be at least 1, not 0"):
        check(within([(20, 40)], [(30, 60)]), minimum_group_size=0)
    assert check(within([(20, 40)], [(30, 60)]), minimum_group_size=1).judged


def test_standardised_rates_that_meet_a_limit_are_not_rounded_beyond_it():
    measured = standardized_selection_rate_difference(within([(80, 100), (40, 50)], [(70, 100), (35, 50)]))

    assert measured.value == 0.1


def test_a_group_that_lacks_a_used_stratum_is_listed_without_a_rate():
    measured = standardized_selection_rate_difference(
        within([(20, 400), (30, 600)], [(25, 500), (15, 600)], [(5, 20), (0, 0)])
    )

    assert measured.details["groups"][2]["value"] is None
    assert (measured.judged, measured.n) == (True, 2100)


@pytest.mark.parametrize("check", ALL)
def test_the_method_of_clustered_strata_is_named_in_full(check):
    made = GroupStrata.of(random_rows(entity=np.arange(600)), ("sex",))
    name = "mover_standardised" if check is ALL[0] else "mover_mantel_haenszel"

    assert check(made).method == f"{name}_effective_n"
    assert check(GroupStrata.of(random_rows(), ("sex",))).method == name


def test_listed_limits_of_clustered_rows_are_those_of_what_they_are_worth():
    made = GroupStrata.of(random_rows(entity=np.arange(600) // 6), ("sex",))
    split = made.buckets.sum(axis=1)
    worth = effective_n(split[..., 1], split.sum(axis=-1), confidence=0.95)
    measured = mantel_haenszel_selection_ratio(made)
    for place, group in enumerate(measured.details["groups"]):
        limits = rate_limits(group["value"] * worth[place], worth[place], 0.05)

        assert (group["low"], group["high"]) == pytest.approx(limits, abs=1e-9)


@pytest.mark.parametrize("check", ALL)
def test_where_no_group_is_large_enough_nothing_is_compared_or_left_out(check):
    measured = check(within([(2, 9), (3, 6)], [(1, 9), (0, 0)]))

    assert (measured.value, measured.n, measured.reason.code) == (None, 0, "fewer_than_two_groups")
    assert measured.details["left_out"] == 0.0
    assert [group["judged"] for group in measured.details["groups"]] == [False, False]


@pytest.mark.parametrize(("others", "given"), [(90, True), (89, False)])
def test_a_single_row_may_stand_for_a_tenth_of_all(others, given):
    # The stratum holds 1 row of the first group and 19 of the second: 20 of 2 * others + 20 rows.
    measured = standardized_selection_rate_difference(within([(30, others), (1, 1)], [(30, others), (9, 19)]))

    assert (measured.low is not None) is given
    assert given or measured.reason.with_ == {"n": 1, "needed": 2}


def test_groups_of_clusters_that_share_no_stratum_are_listed_at_what_they_are_worth():
    random = np.random.default_rng(7)
    entity = np.repeat(np.arange(60), 5)
    groups = {"sex": np.repeat(["F", "M"], 150).tolist(), "grade": np.repeat([1, 2], 150).tolist()}
    made = block([0] * 300, np.repeat(random.integers(0, 2, 60), 5), groups=groups, strata=("grade",), entity=entity)
    counted = GroupStrata.of(made, ("sex",))
    split = counted.buckets.sum(axis=1)
    worth = effective_n(split[..., 1], split.sum(axis=-1), confidence=0.95)
    for check in ALL:
        measured = check(counted)

        assert measured.reason.code == "empty_strata"
        for place, group in enumerate(measured.details["groups"]):
            limits = rate_limits(group["value"] * worth[place], worth[place], 0.05)
            assert (group["low"], group["high"]) == pytest.approx(limits, abs=1e-9)


@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_standardised_rates_of_clustered_rows_have_the_limits_of_what_they_are_worth(confidence):
    made = GroupStrata.of(random_rows(entity=np.arange(600) // 6), ("sex",))
    weights = made.rows.sum(axis=0) / made.rows.sum()
    measured = standardized_selection_rate_difference(made, confidence=confidence)
    for place, group in enumerate(measured.details["groups"]):
        split = made.buckets[place]
        worth = float(clustered_worth(split[..., 1], split.sum(axis=-1), weights, confidence=confidence))
        limits = rate_limits(group["value"] * worth, worth, 1 - confidence)

        assert (group["low"], group["high"]) == pytest.approx(limits, abs=1e-9)
        assert worth < made.rows[place].sum()


def test_a_group_that_is_never_selected_has_a_standardised_rate_of_nought():
    measured = standardized_selection_rate_difference(within([(0, 40), (0, 60)], [(20, 40), (30, 60)]))
    group = measured.details["groups"][0]

    assert (group["value"], group["low"]) == (0.0, 0.0)
    assert 0 < group["high"] < 0.05
    assert (measured.value, measured.details["worst"]) == (0.5, [{"sex": "F"}, {"sex": "M"}])
    assert measured.low < 0.5 < measured.high


@pytest.mark.parametrize("check", ALL)
def test_a_group_without_rows_is_listed_without_a_rate(check):
    measured = check(within([(20, 40), (30, 60)], [(0, 0), (0, 0)], [(20, 40), (15, 60)]))

    assert measured.details["groups"][1] == {
        "slice": {"sex": "M"},
        "value": None,
        "low": None,
        "high": None,
        "n": 0,
        "share": 0.0,
        "judged": False,
    }
    assert measured.judged


@pytest.mark.parametrize(
    "tables",
    [
        ([(16, 40), (28, 70)], [(35, 70), (35, 70)]),
        ([(36, 90), (32, 80), (32, 80)], [(45, 90), (20, 40), (35, 70)]),
        ([(24, 60), (28, 70), (20, 50)], [(30, 60), (20, 40), (30, 60)]),
    ],
)
def test_a_ratio_within_strata_that_meets_a_limit_is_not_rounded_beyond_it(tables):
    # Rates of 0.4 and 0.5 in every stratum, whose weighted sums in floats do not stand at 0.8.
    for order in (1, -1):
        assert mantel_haenszel_selection_ratio(within(*tables[::order])).value == 0.8


@pytest.mark.parametrize("check", ALL)
def test_strata_that_are_the_groups_compared_are_said_to_be(check):
    made = replace(within(*THREE), strata=())
    same = replace(made, roles=replace(made.roles, strata=("sex",)))

    with pytest.raises(NotMeasurable) as refused:
        check(same)
    assert (refused.value.code, refused.value.values) == ("strata_compared", {"by": ["sex"]})
