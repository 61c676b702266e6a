"""What more or better data would do, by numbers that can be checked by hand; and how sure confirmed numbers are."""

import math
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliability.advise import gathering
from reliability.advise.aims import margin
from reliability.advise.data import POWER, columns_to_repair, rows_needed, times
from reliability.advise.parity import group_remedies
from reliability.advise.ranking import chosen, ranked
from reliability.advise.trials import on_choosing, run
from reliability.intervals.proportions import clopper_pearson
from reliability.records import Criterion, CriterionResult, Measurement
from tests.advise.planted import case, handed_in, stage_of

N = 2_400
LIMITS = {
    "DAT_01": "check: data_quality.value_completeness, at_least: 0.99, rule: exact, source: house default",
    "DAT_02": "check: data_quality.feature_completeness, at_least: 0.99, rule: exact, source: house default",
    "DAT_03": "check: data_quality.group_missing_gap, at_most: 0.02, rule: exact, source: house default",
}
CHECK = "fairness.selection_rate_ratio"


@pytest.fixture(scope="module")
def gaps(tmp_path_factory):
    """Ages are missing for women alone, incomes for a few of everybody."""
    folder = tmp_path_factory.mktemp("gaps")
    sexes = np.array(["F", "M"] * (N // 2))
    age, income = np.full(N, 30.0), np.full(N, 50.0)
    age[(sexes == "F") & (np.arange(N) < 1_000)] = np.nan
    income[:120] = np.nan
    submission = handed_in(folder, columns={"age": age, "income": income, "sex": sexes})
    return stage_of(case(folder, submission, **LIMITS), submission)


def repaired(gaps, item):
    _, aims, confirming = gaps
    return columns_to_repair(aims[item], confirming.rows, seed=0)


@pytest.mark.parametrize("item", ["DAT-01", "DAT-02", "DAT-03"])
def test_columns_stand_in_the_order_of_how_near_their_repair_comes_to_the_limit(gaps, item):
    aim = gaps[1][item]
    told = [margin(aim.criterion, one.value) for one in repaired(gaps, item)]

    assert told == sorted(told, reverse=True)
    assert len(told) == 2


def test_a_repair_that_closes_a_gap_altogether_is_not_taken_for_one_that_changes_nothing(gaps):
    """Incomes are missing for all alike: ages alone make the gap."""
    _, aims, confirming = gaps
    rows = confirming.rows
    gone = replace(rows.columns["income"], missing=np.ones(rows.n, np.bool_))
    told = columns_to_repair(aims["DAT-03"], replace(rows, columns={**rows.columns, "income": gone}), seed=0)

    assert [one.column for one in told] == ["age", "income"]
    assert told[0].value == 0.0
    assert told[1].value > 0.1


def test_only_a_repair_that_moves_its_number_is_said_to_help(gaps):
    """Incomes are missing for all alike: whole, they leave the gap of ages as it is, or make it wider."""
    _, aims, confirming = gaps
    rows = confirming.rows
    gone = replace(rows.columns["income"], missing=np.ones(rows.n, np.bool_))
    told = columns_to_repair(aims["DAT-03"], replace(rows, columns={**rows.columns, "income": gone}), seed=0)

    assert [(one.column, one.helps) for one in told] == [("age", True), ("income", False)]


def test_cells_are_counted_on_the_rows_that_confirm(gaps):
    confirming = gaps[2]
    cells = {one.column: one.cells for one in repaired(gaps, "DAT-01")}

    assert cells == {name: int(confirming.rows.columns[name].missing.sum()) for name in ("age", "income")}


def test_a_column_without_any_value_can_be_repaired_whole(gaps):
    _, aims, confirming = gaps
    rows = confirming.rows
    gone = replace(rows.columns["age"], missing=np.ones(rows.n, np.bool_))
    told = columns_to_repair(aims["DAT-01"], replace(rows, columns={**rows.columns, "age": gone}), seed=0)

    assert (told[0].column, told[0].cells) == ("age", rows.n)
    assert told[0].error_others is None
    assert told[0].error_affected == pytest.approx((rows.y_pred != rows.y_true).mean())


def test_where_nothing_is_missing_nothing_is_to_be_repaired(gaps):
    _, aims, confirming = gaps
    rows = confirming.rows
    whole = {name: replace(one, missing=np.zeros(rows.n, np.bool_)) for name, one in rows.columns.items()}

    assert columns_to_repair(aims["DAT-01"], replace(rows, columns=whole), seed=0) == ()


def share(right, n):
    low, high = (float(end) for end in clopper_pearson(right, n, confidence=0.95))
    return Measurement.within(right / n, (low, high), n=n, unit="share", method="clopper_pearson", confidence=0.95)


def aimed(verdict, *measurements, **limit):
    """As much of an aim as rows are told for."""
    criterion = Criterion(**{"check": "a.b", **(limit or {"at_least": 0.8})})
    result = CriterionResult(criterion=criterion, verdict=verdict, measurements=measurements)
    return SimpleNamespace(item=SimpleNamespace(finding=SimpleNamespace(criteria=(result,))))


@pytest.mark.parametrize(("verdict", "told"), [
    ("inconclusive", 1), ("conditional_pass", 1), ("conditional_fail", 1), ("fail", 0), ("pass", 0), ("error", 0),
])  # fmt: skip
def test_rows_are_told_for_undecided_verdicts_alone(verdict, told):
    assert len(rows_needed(aimed(verdict, share(165, 200)))) == told


def test_numbers_that_are_not_judged_or_clear_of_the_limit_need_no_rows():
    unjudged = share(165, 200).model_copy(update={"judged": False})

    assert rows_needed(aimed("inconclusive", unjudged, share(199, 200))) == ()


def test_what_is_told_is_more_rows_than_there_are():
    (one,) = rows_needed(aimed("inconclusive", share(165, 200)))

    assert one.needed > one.now == 200
    assert (one.power, one.why, one.criterion) == (POWER, None, 0)


def test_on_the_limit_no_number_is_told_but_why():
    (one,) = rows_needed(aimed("inconclusive", share(160, 200)))

    assert (one.needed, one.why) == (None, "at_limit")


@pytest.mark.parametrize(
    ("check", "n", "of_n", "why"),
    [
        ("performance.weakest_slice", 200, 400, None),
        ("performance.weakest_slice", 9_000, 18_000, "sampled"),
        ("robustness.noise_consistency", 200, 400, None),
        ("robustness.noise_consistency", 1_000, 1_000, "sample_size"),
        ("robustness.noise_consistency", 5_000, 90_000, "sampled"),
        ("robustness.invalid_input_handling", 200, 400, "sampled"),
    ],
)
def test_rows_that_a_check_does_not_take_are_not_told_but_why(check, n, of_n, why):
    found = share(165, 200).model_copy(update={"n": n, "method": "delta", "details": {"of_n": of_n}})
    (one,) = rows_needed(aimed("inconclusive", found, check=check, at_least=0.8))

    assert (one.why, one.needed is None) == (why, why is not None)


@given(value=st.floats(0.1, 0.9), half=st.floats(0.01, 0.09), near=st.floats(0.1, 0.9))
def test_of_two_numbers_as_sure_the_one_nearer_the_limit_needs_more_rows(value, half, near):
    criterion = Criterion(check="a.b", at_least=value)
    far, close = (
        Measurement(value=value + away, low=value + away - half, high=value + away + half, n=100, unit="auc",
                    confidence=0.95)
        for away in (0.9 * half, 0.9 * half * near)
    )  # fmt: skip

    assert times(close, criterion) >= times(far, criterion) > 1


@given(value=st.floats(0.2, 0.8), half=st.floats(0.01, 0.1), away=st.floats(0.1, 0.9))
def test_a_number_mirrored_at_its_limit_needs_as_many(value, half, away):
    def told(way, **limit):
        at = value + way * away * half
        one = Measurement(value=at, low=at - half, high=at + half, n=100, unit="auc", confidence=0.95)
        return times(one, Criterion(check="a.b", **limit))

    assert told(1, at_least=value) == pytest.approx(told(-1, at_least=value), rel=1e-6)
    assert told(1, at_least=value) == pytest.approx(told(1, at_most=value), rel=1e-6)


def test_more_sure_of_the_same_number_fewer_rows_are_needed():
    wide, narrow = (times(share(right, n), Criterion(check="a.b", at_least=0.8)) * n
                    for right, n in ((83, 100), (166, 200)))  # fmt: skip

    # The rows that decide hang on the estimate and the limit, hardly on how many there are today.
    assert wide == pytest.approx(narrow, rel=0.05)
    assert math.isfinite(wide)


@pytest.fixture(scope="module")
def staged(tmp_path_factory):
    folder = tmp_path_factory.mktemp("case")
    submission = handed_in(folder)
    return stage_of(case(folder, submission), submission)


def confirmed(staged, k, name):
    """The first of k remedies that are confirmed together: the same one again and again, by other names."""
    stage, aims, confirming = staged
    aim, remedy = aims["FAI-01"], group_remedies("demographic_parity", ("sex",))[0]
    ran = [run(remedy, stage, [aim], name=f"{name}{place}") for place in range(k)]
    standings = chosen(ranked(aim, ran, stage.items, on_choosing(stage, [aim])))
    return confirming.confirmed(aim, standings, 0)


def test_the_more_remedies_are_confirmed_the_wider_their_intervals(staged):
    told = [next(one for one in confirmed(staged, k, f"k{k}-").numbers if one.after.check == CHECK)
            for k in (1, 2, 3, 5)]  # fmt: skip
    widths = [(one.after.high - one.after.low, one.gain.high - one.gain.low) for one in told]

    assert len({one.after.value for one in told}) == 1
    for narrower, wider in pairwise(widths):
        assert wider[0] > narrower[0]
        assert wider[1] > narrower[1]


def test_numbers_of_today_are_as_sure_however_many_are_confirmed(staged):
    one, five = (confirmed(staged, k, f"t{k}-").numbers[0].before for k in (1, 5))

    assert (one.low, one.high, one.confidence) == (five.low, five.high, five.confidence)


@pytest.mark.parametrize("place", [0, 1])
def test_an_interval_holds_its_number_and_a_gain_its_own(staged, place):
    for one in confirmed(staged, 1 + place, f"i{place}-").numbers:
        for told in (one.before, one.after):
            assert told.low <= told.value <= told.high
        assert one.gain.low <= one.gain.value <= one.gain.high


def test_rows_of_every_data_set_are_thinned_by_the_same_seed_alike(tmp_path, monkeypatch, staged):
    monkeypatch.setattr(gathering, "MOST_ROWS", 500)
    submission = handed_in(tmp_path, training=1_500)
    assessment = case(tmp_path, submission)
    first, again, other = (stage_of(assessment, submission, seed=seed)[0] for seed in (0, 0, 1))

    assert first.rows.row_positions().tolist() == again.rows.row_positions().tolist()
    assert first.rows.row_positions().tolist() != other.rows.row_positions().tolist()
    assert first.training.n == pytest.approx(500, abs=70)
