import math

import numpy as np
import pytest

from reliability.advise.data import MOST_FACTOR, POWER, columns_to_repair, rows_needed, times
from reliability.checklist.judge import verdict
from reliability.intervals.comparisons import largest_difference, smallest_ratio
from reliability.intervals.proportions import clopper_pearson
from reliability.records import Criterion, Measurement
from tests.advise.planted import case, handed_in, stage_of

LIMIT = Criterion(check="performance.accuracy", at_least=0.8, rule="four_way")


def share(right, n):
    low, high = clopper_pearson(right, n, confidence=0.95)
    return Measurement.within(
        right / n, (float(low), float(high)), n=n, unit="share", method="clopper_pearson", confidence=0.95
    )  # fmt: skip


@pytest.mark.parametrize(("right", "n"), [(165, 200), (82, 100), (390, 500)])
def test_so_many_rows_decide_in_eight_draws_of_ten(right, n):
    one = share(right, n)
    needed = math.ceil(times(one, LIMIT) * n)
    draws = np.random.default_rng(0).binomial(needed, one.value, 4_000)
    decided = 0
    for drawn, count in zip(*np.unique(draws, return_counts=True), strict=True):
        again = share(int(drawn), needed)
        decided += count * (verdict(LIMIT, again.value, again.low, again.high) in ("pass", "fail"))

    assert decided / 4_000 == pytest.approx(POWER, abs=0.03)


def test_at_the_limit_no_number_of_rows_decides():
    assert times(share(160, 200), LIMIT) == math.inf


def test_so_near_the_limit_that_no_such_number_can_be_handed_in_is_at_it():
    assert times(share(160_001, 200_000), LIMIT) == math.inf
    assert times(share(165, 200), LIMIT) < MOST_FACTOR


def test_what_is_decided_needs_no_more_rows():
    assert times(share(199, 200), LIMIT) == 1.0


@pytest.mark.parametrize("criterion", [{"at_most": 0.2}, {"between": (0.1, 0.2)}])
def test_upper_limits_and_both_are_looked_at(criterion):
    one = Measurement(value=0.18, low=0.15, high=0.21, n=500, unit="share", confidence=0.95)

    # The half-width that faces the limit, 0.03, and 0.8416 / 1.96 of it, beside a distance of 0.02.
    assert times(one, Criterion(check="a.b", **criterion)) == pytest.approx(
        (0.03 * (1 + 0.8416 / 1.95996) / 0.02) ** 2, 1e-3
    )


def test_a_share_that_is_to_lie_between_two_limits_is_decided_in_eight_draws_of_ten():
    between = Criterion(check="performance.recall", between=(0.65, 0.7), rule="four_way")
    one = share(540, 800)
    needed = math.ceil(times(one, between) * one.n)
    draws = np.random.default_rng(0).binomial(needed, one.value, 4_000)
    ends = [(drawn / needed, clopper_pearson(drawn, needed, confidence=0.95)) for drawn in draws]

    assert np.mean([low > 0.65 and high < 0.7 for _, (low, high) in ends]) == pytest.approx(POWER, abs=0.03)


def test_between_two_limits_the_nearer_one_counts():
    between = {"between": (0.65, 0.7)}
    one = Measurement(value=0.69, low=0.64, high=0.74, n=500, unit="share", confidence=0.95)

    # Beside the upper limit the lower one is far: 0.05 and 0.01.
    assert times(one, Criterion(check="a.b", **between)) == pytest.approx(
        times(one, Criterion(check="a.b", at_most=0.7)), rel=0.01
    )


def test_midway_between_two_limits_the_estimate_may_miss_on_either_side():
    one = Measurement(value=0.68, low=0.64, high=0.72, n=500, unit="share", confidence=0.95)
    factor = times(one, Criterion(check="a.b", between=(0.66, 0.7)))
    scatter = 0.04 / 1.95996 / math.sqrt(factor)
    drawn = np.random.default_rng(0).normal(0.68, scatter, 100_000)
    half = 0.04 / math.sqrt(factor)

    assert np.mean((drawn - half > 0.66) & (drawn + half < 0.7)) == pytest.approx(POWER, abs=0.01)


@pytest.mark.parametrize(
    ("value", "ends", "limit"),
    [(0.015, (0.0, 0.059), {"at_most": 0.01}), (0.985, (0.941, 1.0), {"at_least": 0.99})],
)
def test_a_half_width_that_the_end_of_the_scale_cuts_short_is_that_of_the_other_side(value, ends, limit):
    one = Measurement(value=value, low=ends[0], high=ends[1], n=4_000, unit="difference", confidence=0.95)
    factor = times(one, Criterion(check="a.b", **limit))
    scatter = 0.044 / 1.95996 / math.sqrt(factor)
    drawn = np.random.default_rng(0).normal(0.015, scatter, 100_000)

    assert np.mean(drawn - 0.044 / math.sqrt(factor) > 0.01) == pytest.approx(POWER, abs=0.01)


@pytest.fixture(scope="module")
def undecided(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undecided")
    age = np.full(2_400, 30.0)
    age[:300] = np.nan
    income = np.full(2_400, 50.0)
    income[:60] = np.nan
    submission = handed_in(folder, columns={"age": age, "income": income}, extra="  schema: {income: {maximum: 60}}\n")
    criteria = {
        "PER_01": "check: performance.accuracy, at_least: 0.76, source: house default",
        "DAT_01": "check: data_quality.feature_completeness, at_least: 0.95, rule: exact, source: house default",
        "DAT_02": "check: data_quality.value_completeness, at_least: 0.99, rule: exact, source: house default",
    }
    return stage_of(case(folder, submission, **criteria), submission)


def test_rows_are_told_for_what_is_undecided_only(undecided):
    _, aims, _ = undecided

    assert rows_needed(aims["DAT-01"]) == ()
    for one in rows_needed(aims["PER-01"]) if "PER-01" in aims else ():
        assert one.now == 2_400
        assert one.power == POWER


def test_the_column_whose_repair_moves_most_comes_first(undecided):
    _, aims, confirming = undecided
    told = columns_to_repair(aims["DAT-02"], confirming.rows, seed=0)

    assert [one.column for one in told] == ["age", "income"]
    assert told[0].cells == confirming.rows.columns["age"].missing.sum()
    n = confirming.rows.n * 2
    assert told[0].value == pytest.approx(1 - confirming.rows.columns["income"].missing.sum() / n)


def test_errors_are_told_among_rows_with_such_a_cell_and_among_the_others(undecided):
    _, aims, confirming = undecided
    rows = confirming.rows
    told = columns_to_repair(aims["DAT-02"], rows, seed=0)[0]
    wrong, gone = rows.y_pred != rows.y_true, rows.columns["age"].missing

    assert told.error_affected == pytest.approx(wrong[gone].mean())
    assert told.error_others == pytest.approx(wrong[~gone].mean())


def test_no_column_is_to_be_repaired_for_a_finding_on_answers(undecided, tmp_path):
    submission = handed_in(tmp_path)
    _, aims, confirming = stage_of(case(tmp_path, submission), submission)

    assert columns_to_repair(aims["FAI-01"], confirming.rows, seed=0) == ()


def compared(hits, n, *, ratio):
    widest, unit = (smallest_ratio, "ratio") if ratio else (largest_difference, "difference")
    gap = widest(np.array(hits), np.array(n), confidence=0.95)
    groups = [
        {"slice": {"group": f"g{place}"}, "value": hit / rows, "n": rows, "judged": True}
        for place, (hit, rows) in enumerate(zip(hits, n, strict=True))
    ]
    return Measurement(
        value=gap.value, low=gap.low, high=gap.high, n=sum(n), unit=unit, method=gap.method, confidence=0.95,
        details={"groups": [*groups, {"slice": {"group": None}, "value": 1.0, "n": 3, "judged": False}]},
    )  # fmt: skip


# Groups that are alike, a ratio of few successes: what a half-width and a scatter say nothing of.
@pytest.mark.parametrize(
    ("hits", "n", "ratio"),
    [([30] * 5, [60] * 5, True), ([4, 60], [50, 500], True), ([3, 5], [100, 100], True), ([20] * 5, [100] * 5, False)],
)
def test_so_many_rows_of_every_group_decide_in_eight_draws_of_ten(hits, n, ratio):
    limit = {"at_least": 0.8} if ratio else {"at_most": 0.1}
    factor = times(compared(hits, n, ratio=ratio), Criterion(check="a.b", **limit))
    rows, draws, decided = np.rint(np.array(n) * factor).astype(int), np.random.default_rng(7), 0
    for _ in range(400):
        again = compared(draws.binomial(rows, np.array(hits) / n).tolist(), rows.tolist(), ratio=ratio)
        decided += again.low >= 0.8 or again.high < 0.8 if ratio else again.high <= 0.1 or again.low > 0.1

    assert 0.74 <= decided / 400 <= 0.9
