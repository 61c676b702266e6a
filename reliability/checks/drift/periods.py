"""How far columns and labels have moved from the first declared period to every later one."""

from collections.abc import Callable, Iterator

from reliability.checks.drift.columns import population_stability_index
from reliability.checks.drift.outcomes import label_drift
from reliability.errors import NotMeasurable
from reliability.evidence.column_histogram import ColumnHistogram
from reliability.evidence.period_histograms import MOST_PERIODS, PeriodHistograms
from reliability.records import Json, Measurement


def period_stability_index(period_histograms: PeriodHistograms, *, confidence: float = 0.95) -> Measurement:
    """Population stability index of the column and period that moved most from the first period.

    Parameters
    ----------
    period_histograms : PeriodHistograms
        Features of the evaluation rows, counted by value in every declared period.
    confidence : float, default 0.95
        Coverage of the interval for all columns and periods at once, in (0, 1).

    Returns
    -------
    Measurement
        Index, at least 0; 0 is best. `details.periods` has every later period with its value, its rows and the column
        that moved most, in natural order; `details.period` and `details.column` name the largest, `details.first` the
        period that all are compared with.

    Raises
    ------
    NotMeasurable
        `no_periods` where none is declared, `fewer_than_two_periods`, `too_many_periods` above 60, `no_features`, or
        `no_rows`.

    Notes
    -----
    `population_stability_index` of every later period against the first, bins from the first. Interval: the larger
    ends of the periods' own at a level that Bonferroni's inequality sets for all of them. Periods of few rows have wide
    intervals. Rows of no known period are left out (`details.unknown`), and a period that like the first has no feature
    with a value. Clustered rows are not judged.

    References
    ----------
    Siddiqi, N. (2006), Credit Risk Scorecards, Wiley, p. 136 (system stability report);
    Yurdakul, B. and Naranjo, J. (2020), Journal of Risk Model Validation 14(4), 89-100.
    """
    return _over_periods(period_histograms, population_stability_index, confidence)


def period_label_drift(period_histograms: PeriodHistograms, *, confidence: float = 0.95) -> Measurement:
    """Largest change of a class's share from the first period to a later one; of a value's distribution for regression.

    Parameters
    ----------
    period_histograms : PeriodHistograms
        True labels of the evaluation rows, counted in every declared period.
    confidence : float, default 0.95
        Coverage of the interval for all classes and periods at once, in (0, 1).

    Returns
    -------
    Measurement
        Largest difference of shares, or for regression the Kolmogorov-Smirnov statistic; in [0, 1], 0 is best.
        `details` as for `period_stability_index`.

    Raises
    ------
    NotMeasurable
        `no_periods` where none is declared, `fewer_than_two_periods`, `too_many_periods` above 60, or `no_rows`.

    Notes
    -----
    `label_drift` of every later period against the first; interval as for `period_stability_index`.

    References
    ----------
    Newcombe, R. G. (1998), Statistics in Medicine 17, 873-890 (method 10);
    Lipton, Z. C., Wang, Y.-X. and Smola, A. (2018), ICML, PMLR 80, 3122-3130 (label shift).
    """
    return _over_periods(period_histograms, label_drift, confidence)


def _over_periods(histograms: PeriodHistograms, check: Callable[..., Measurement], confidence: float) -> Measurement:
    if histograms.roles.periods is None:
        raise NotMeasurable("no_periods")
    if histograms.crowded:
        raise NotMeasurable("too_many_periods", most=MOST_PERIODS)
    if len(histograms.found) < 2:
        raise NotMeasurable("fewer_than_two_periods")
    (first, reference), *later = histograms.in_order()
    level = 1 - (1 - confidence) / len(later)
    measured = list(_measured(later, reference, lambda *rows: check(*rows, confidence=level)))
    if not measured:
        raise NotMeasurable("no_features")
    worst_period, _, worst = max(measured, key=lambda one: one[2].value or 0.0)
    lows, highs = ([getattr(one, end) for _, _, one in measured] for end in ("low", "high"))
    details: dict[str, Json] = {
        "first": first, "first_n": reference.n, "period": worst_period, "unknown": histograms.unknown,
        **({"column": worst.details["column"]} if "column" in worst.details else {}),
        "periods": [_listed(*one) for one in measured],
    }  # fmt: skip
    changed = {
        "n": sum(rows.n for _, rows in histograms.in_order()),
        "low": max(lows) if worst.judged else None,
        "high": max(highs) if worst.judged else None,
        "details": details,
        "p_value": None,
    }
    return worst.model_copy(update=changed)


def _measured(
    later: list[tuple[Json, ColumnHistogram]], first: ColumnHistogram, check: Callable[..., Measurement]
) -> Iterator[tuple[Json, ColumnHistogram, Measurement]]:
    """Every later period, those apart that have no feature with a value, nor has the first."""
    for period, rows in later:
        try:
            yield period, rows, check(rows, first)
        except NotMeasurable as refused:
            if refused.code != "no_features":
                raise


def _listed(period: Json, rows: ColumnHistogram, one: Measurement) -> dict[str, Json]:
    named = {"column": one.details["column"]} if "column" in one.details else {}
    return {"period": period, "n": rows.n, "value": one.value, "low": one.low, "high": one.high, **named}
