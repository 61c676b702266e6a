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
    assert refused(check, made((0.0,) * 61, n=2, share=(0.5,) * 61)) == "too_many_periods"


@pytest.mark.parametrize("check", BOTH)
def test_periods_of_one_row_are_measured_and_never_fail_a_limit(check):
    measured = check(PeriodHistograms.of(made((0.0, 0.0), n=1, share=(0.5, 0.5))))

    assert measured.value is not None
    assert measured.low is None or measured.low <= 0.25


@pytest.mark.parametrize("check", BOTH)
def test_clustered_rows_are_not_judged(check):
    measured = check(PeriodHistograms.of(made(entity=list(range(1_200)), clustered=True)))

    assert (measured.judged, measured.low, measured.reason.code) == (False, None, "clustered_rows")


def test_regression_compares_the_values():
    draws = np.random.default_rng(0)
    y = np.concatenate((draws.normal(size=300), draws.normal(1, 1, 300)))
    rows = block(
        y, columns={"x": draws.normal(size=600)}, groups={"t": [1] * 300 + [2] * 300}, periods="t", task="regression"
    )
    measured = period_label_drift(PeriodHistograms.of(rows))

    assert 0.25 < measured.value < 0.55
    assert (measured.details["first"], measured.details["period"]) == (1, 2)
