import numpy as np
import pytest

from reliability.checks.drift.columns import population_stability_index
from reliability.checks.drift.outcomes import label_drift
from reliability.checks.drift.periods import period_label_drift, period_stability_index
from reliability.errors import NotMeasurable
from reliability.evidence.column_histogram import ColumnHistogram
from reliability.evidence.period_histograms import PeriodHistograms
from reliability.records import canonical_json
from tests.builders import block

BOTH = (period_stability_index, period_label_drift)


def made(shift=(0.0, 0.0, 1.0), n=400, *, share=(0.5, 0.5, 0.5), seed=0, **roles):
    draws = np.random.default_rng(seed)
    x = np.concatenate([draws.normal(by, 1, n) for by in shift])
    y = np.concatenate([(draws.random(n) < one).astype(int) for one in share])
    quarter = np.repeat([f"2025Q{at + 1}" for at in range(len(shift))], n)
    still = draws.normal(size=len(x))
    return block(
        y, columns={"still": still, "x": x}, groups={"quarter": quarter.tolist()}, **({"periods": "quarter"} | roles)
    )


def ones(*of_n):
    """Periods 1, 2, ... by their ones and their rows."""
    y = np.concatenate([np.arange(n) < count for count, n in of_n]).astype(int)
    period = np.repeat(np.arange(1, len(of_n) + 1), [n for _, n in of_n]).tolist()
    return PeriodHistograms.of(block(y, columns={"y": y}, groups={"t": period}, periods="t"))


def refused(check, rows):
    with pytest.raises(NotMeasurable) as refusal:
        check(PeriodHistograms.of(rows))
    return refusal.value.code


def test_the_period_and_the_column_that_moved_are_named():
    measured = period_stability_index(PeriodHistograms.of(made()))

    assert (measured.details["first"], measured.details["period"], measured.details["column"]) == (
        "2025Q1", "2025Q3", "x",
    )  # fmt: skip
    assert [one["period"] for one in measured.details["periods"]] == ["2025Q2", "2025Q3"]
    assert measured.details["periods"][0]["value"] < 0.05 < 0.5 < measured.value
    assert (measured.n, measured.unit, measured.judged) == (1_200, "index", True)


def test_a_period_that_like_the_first_has_no_feature_filled_is_left_out():
    periods = ["1"] * 50 + ["2"] * 50 + ["3"] * 50
    rows = block([0, 1] * 75, columns={"x": [None] * 100 + [1.0] * 50}, groups={"t": periods}, periods="t")
    bare = rows.where(np.arange(100))

    measured = period_stability_index(PeriodHistograms.of(rows))

    assert [one["period"] for one in measured.details["periods"]] == ["3"]
    assert measured.low > 0.25
    assert refused(period_stability_index, bare) == "no_features"


def test_every_period_is_listed_with_its_rows_its_limits_and_the_column_that_moved_most():
    rows = made((0.0, 0.5, 1.0))
    first, *later = (ColumnHistogram.of(rows.where(np.arange(start, start + 400))) for start in (0, 400, 800))
    measured = period_stability_index(PeriodHistograms.of(rows), confidence=0.9)

    # Bonferroni: two periods, each at half of what is left.
    alone = [population_stability_index(one, first, confidence=0.95) for one in later]
    assert measured.details["periods"] == [
        {"period": period, "n": 400, "value": one.value, "low": pytest.approx(one.low), "high": pytest.approx(one.high),
         "column": "x"}
        for period, one in zip(("2025Q2", "2025Q3"), alone, strict=True)
    ]  # fmt: skip


def test_rows_of_no_known_period_are_counted_and_left_out():
    y, quarter = [0, 0, 1, 1, 0, 1, 1], ["a", "a", "a", "b", "b", None, None]
    measured = period_label_drift(PeriodHistograms.of(block(y, groups={"t": quarter}, periods="t")))
    (only,) = measured.details["periods"]

    assert (measured.n, measured.value) == (5, pytest.approx(1 / 6))
    assert measured.details == {"first": "a", "first_n": 3, "period": "b", "unknown": 2, "periods": [only]}
    assert only == {"period": "b", "n": 2, "value": measured.value, "low": measured.low, "high": measured.high}


@pytest.mark.parametrize("check", BOTH)
def test_the_limits_are_the_larger_ends_of_all_periods(check):
    # Few rows say little: the second period has the larger lower limit, the third the larger upper one.
    few_moved_more = check(ones((400, 2_000), (1_200, 2_000), (13, 20)))
    many_moved_more = check(ones((400, 2_000), (1_200, 2_000), (11, 20)))

    for measured, period in (few_moved_more, 3), (many_moved_more, 2):
        second, third = measured.details["periods"]
        assert measured.details["period"] == period
        assert second["low"] > third["low"]
        assert second["high"] < third["high"]
        assert (measured.low, measured.high) == (second["low"], third["high"])


def test_a_period_that_has_not_moved_is_not_the_worst():
    measured = period_label_drift(ones((20, 100), (20, 100), (30, 100), (20, 100)))

    assert (measured.value, measured.details["period"]) == (pytest.approx(0.1), 3)
    assert [one["value"] for one in measured.details["periods"]] == [0.0, measured.value, 0.0]


def test_of_periods_that_moved_as_much_the_first_is_named():
    measured = period_label_drift(ones((20, 100), (30, 100), (30, 100)))

    assert measured.details["period"] == 2


@pytest.mark.parametrize(
    ("check", "between"), [(period_stability_index, population_stability_index), (period_label_drift, label_drift)]
)
def test_two_periods_are_two_data_sets(check, between):
    rows = made((0.0, 0.6), share=(0.3, 0.45))
    halves = [ColumnHistogram.of(rows.where(np.arange(start, start + 400))) for start in (400, 0)]
    expected, measured = between(*halves), check(PeriodHistograms.of(rows))

    assert (measured.value, measured.low, measured.high) == (expected.value, expected.low, expected.high)


def test_label_drift_is_that_of_the_period_whose_share_moved_most():
    measured = period_label_drift(PeriodHistograms.of(made((0.0,) * 3, share=(0.2, 0.5, 0.3), n=2_000)))

    assert measured.details["period"] == "2025Q2"
    assert measured.value == pytest.approx(0.3, abs=0.05)
    assert measured.low <= 0.3 <= measured.high
    assert [one["n"] for one in measured.details["periods"]] == [2_000, 2_000]


@pytest.mark.parametrize("check", BOTH)
def test_with_more_periods_the_interval_is_wider(check):
    few, many = (check(PeriodHistograms.of(made((0.0,) * n, share=(0.5,) * n))) for n in (2, 9))

    assert many.details["periods"][0]["high"] > few.high


@pytest.mark.parametrize("check", BOTH)
def test_the_order_of_rows_does_not_matter(check):
    rows = made(n=100)
    turned = rows.where(np.arange(300)[::-1])

    one, other = (check(PeriodHistograms.of(each)) for each in (rows, turned))

    assert canonical_json(one) == canonical_json(other)


def test_false_alarms_where_nothing_moves_are_rare():
    lows = [period_label_drift(PeriodHistograms.of(made((0.0,) * 6, share=(0.4,) * 6, n=200, seed=at))).low
            for at in range(60)]  # fmt: skip

    assert np.mean(np.array(lows) > 0) <= 0.1


@pytest.mark.parametrize("check", BOTH)
def test_what_cannot_be_compared_is_refused(check):
    assert refused(check, made(periods=None)) == "no_periods"
    assert refused(check, made((0.0,), share=(0.5,))) == "fewer_than_two_periods"
    with pytest.raises(NotMeasurable) as refusal:
        check(PeriodHistograms.of(made((0.0,) * 61, n=2, share=(0.5,) * 61)))
    assert (refusal.value.code, refusal.value.values) == ("too_many_periods", {"most": 60})


@pytest.mark.parametrize("check", BOTH)
def test_periods_of_one_row_are_measured_and_never_fail_a_limit(check):
    measured = check(PeriodHistograms.of(made((0.0, 0.0), n=1, share=(0.5, 0.5))))

    assert measured.value is not None
    assert measured.low is None or measured.low <= 0.25


@pytest.mark.parametrize("check", BOTH)
def test_clustered_rows_are_not_judged(check):
    measured = check(PeriodHistograms.of(made(entity=list(range(1_200)), clustered=True)))

    assert (measured.judged, measured.low, measured.high) == (False, None, None)
    assert measured.reason.code == "clustered_rows"
    assert {(one["low"], one["high"]) for one in measured.details["periods"]} == {(None, None)}


def test_regression_compares_the_values():
    draws = np.random.default_rng(0)
    y = np.concatenate((draws.normal(size=300), draws.normal(1, 1, 300)))
    rows = block(
        y, columns={"x": draws.normal(size=600)}, groups={"t": [1] * 300 + [2] * 300}, periods="t", task="regression"
    )
    measured = period_label_drift(PeriodHistograms.of(rows))

    assert 0.25 < measured.value < 0.55
    assert measured.p_value is None
    assert (measured.details["first"], measured.details["period"]) == (1, 2)
