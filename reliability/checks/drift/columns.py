"""How far every column has moved from the training rows to the evaluation rows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from reliability.blocks import Floats
from reliability.checks.drift.partitions import binned, is_category
from reliability.errors import NotMeasurable
from reliability.evidence.column_histogram import Beside, ColumnHistogram
from reliability.intervals.distances import Distance, Kind, binned_distance, earth_reach, kolmogorov_reach
from reliability.records import Measurement, Reason

# How a column is measured at a probability outside its limits; None where its numbers leave the range of floats.
Measured: TypeAlias = Callable[[Beside, float], "Moved | None"]


@dataclass(frozen=True, kw_only=True)
class Moved:
    """What one column shows."""

    distance: Distance
    n: int
    p_value: float | None = None
    more: dict[str, Any] | None = None


def population_stability_index(
    column_histogram: ColumnHistogram, training_column_histogram: ColumnHistogram, *, confidence: float = 0.95
) -> Measurement:
    """Population stability index of the column that moved most between training and evaluation.

    Parameters
    ----------
    column_histogram : ColumnHistogram
        Features of the evaluation rows, counted by value.
    training_column_histogram : ColumnHistogram
        The same features of the training rows.
    confidence : float, default 0.95
        Coverage of the interval for all columns at once, in (0, 1).

    Returns
    -------
    Measurement
        Index, at least 0; 0 is best. `details` has every column.

    Raises
    ------
    NotMeasurable
        `no_features` where there is none with a value in either data set, `no_rows` or `no_training_data`.

    Notes
    -----
    PSI = sum over bins of (q - p) ln(q / p), p and q the shares of the training and of the evaluation rows with half a
    row added to every bin, so that an empty bin says how little is known of it and not infinity. Bins: every category
    (text, yes/no, numbers of at most 20 distinct values), deciles of the training rows for quantities, and what is
    missing; bins too small for five rows of the smaller data set are one. `value` is what is left when the mean that
    chance alone gives, (B - 1) (1 / n + 1 / m), is taken off; `plain` is the index before that. Interval: see
    `binned_distance`, at a level that Bonferroni's inequality sets for all columns; low is the largest lower limit,
    high the largest upper one. Customary reading: under 0.1 small, over 0.25 large (Siddiqi 2006).

    References
    ----------
    Siddiqi, N. (2006), Credit Risk Scorecards, Wiley, p. 136 (system stability report);
    Yurdakul, B. and Naranjo, J. (2020), Journal of Risk Model Validation 14(4), 89-100.
    """
    return _farthest(
        (column_histogram, training_column_histogram), _by_bins("stability_index"), ("index", "noncentral_chi_squared"),
        confidence,
    )  # fmt: skip


def jensen_shannon_distance(
    column_histogram: ColumnHistogram, training_column_histogram: ColumnHistogram, *, confidence: float = 0.95
) -> Measurement:
    """Jensen-Shannon distance of the column that moved most between training and evaluation.

    Parameters
    ----------
    column_histogram : ColumnHistogram
        Features of the evaluation rows, counted by value.
    training_column_histogram : ColumnHistogram
        The same features of the training rows.
    confidence : float, default 0.95
        Coverage of the interval for all columns at once, in (0, 1).

    Returns
    -------
    Measurement
        Distance, in [0, 1]; 0 is best. `details` has every column.

    Raises
    ------
    NotMeasurable
        `no_features` where there is none with a value in either data set, `no_rows` or `no_training_data`.

    Notes
    -----
    Root of the Jensen-Shannon divergence to base 2 of the shares by bin, bins as for `population_stability_index` and
    no row added. `value` has (B - 1) (1 / n + 1 / m) / 8 nats taken off the divergence, which chance alone adds;
    `plain` has not. Interval as there.

    References
    ----------
    Lin, J. (1991), IEEE Transactions on Information Theory 37, 145-151;
    Endres, D. M. and Schindelin, J. E. (2003), IEEE Transactions on Information Theory 49, 1858-1860 (the root).
    """
    return _farthest(
        (column_histogram, training_column_histogram), _by_bins("jensen_shannon"),
        ("dimensionless", "noncentral_chi_squared"), confidence,
    )  # fmt: skip


def cramers_v(
    column_histogram: ColumnHistogram, training_column_histogram: ColumnHistogram, *, confidence: float = 0.95
) -> Measurement:
    """Cramer's V between a category and the data set, for the column that moved most.

    Parameters
    ----------
    column_histogram : ColumnHistogram
        Features of the evaluation rows, counted by value.
    training_column_histogram : ColumnHistogram
        The same features of the training rows.
    confidence : float, default 0.95
        Coverage of the interval for all columns at once, in (0, 1).

    Returns
    -------
    Measurement
        V, in [0, 1]; 0 is best. `p_value` is that of the chi-squared test of homogeneity of this column, times the
        number of columns. `details` has every column.

    Raises
    ------
    NotMeasurable
        `no_features`, `no_rows`, `no_training_data`, or `no_categories` where no feature is a category.

    Notes
    -----
    V^2 = sum over categories of (p - q)^2 / (2 (p + q)): chi-squared over the rows of a table with as many rows of
    either data set, so that more training rows do not make a shift look smaller. Where both are of one size it is
    Cramer's V of the table itself. Categories as for `population_stability_index`, what is missing being one; `value`
    has (B - 1) (1 / n + 1 / m) / 4 taken off V^2, which chance alone adds. Interval as there.

    References
    ----------
    Cramer, H. (1946), Mathematical Methods of Statistics, 21.9; Pearson, K. (1900), Philosophical Magazine 50, 157-175;
    Bergsma, W. (2013), Journal of the Korean Statistical Society 42, 323-328 (bias of V).
    """
    return _farthest(
        (column_histogram, training_column_histogram), _of_categories, ("dimensionless", "noncentral_chi_squared"),
        confidence, (is_category, "no_categories"),
    )  # fmt: skip


def kolmogorov_smirnov_statistic(
    column_histogram: ColumnHistogram, training_column_histogram: ColumnHistogram, *, confidence: float = 0.95
) -> Measurement:
    """Kolmogorov-Smirnov statistic of the number that moved most between training and evaluation.

    Parameters
    ----------
    column_histogram : ColumnHistogram
        Features of the evaluation rows, counted by value.
    training_column_histogram : ColumnHistogram
        The same features of the training rows.
    confidence : float, default 0.95
        Coverage of the interval for all columns at once, in (0, 1).

    Returns
    -------
    Measurement
        Largest gap of the distribution functions, in [0, 1]; 0 is best. `p_value` is that of the asymptotic two-sample
        test of this column, times the number of columns. `details` has every column.

    Raises
    ------
    NotMeasurable
        `no_features`, `no_rows`, `no_training_data`, `no_numeric_features`, or `column_empty` where a number is missing
        in every row of one data set only.

    Notes
    -----
    D = max |F - G| over the cells present. Up to 8,192 distinct values it is exact; beyond, values of one cell of the
    histogram count as one, and `coarse` says by how much D may be larger, which the upper limit allows for. Interval:
    D -+ `kolmogorov_reach` at a level that Bonferroni's inequality sets for all columns, low the largest lower limit,
    high the largest upper one. With ties the p-value is too large rather than too small.

    References
    ----------
    Smirnov, N. (1948), Annals of Mathematical Statistics 19, 279-281;
    Wei, F. and Dudley, R. M. (2012), Statistics and Probability Letters 82, 636-644.
    """
    return _farthest(
        (column_histogram, training_column_histogram), largest_gap, ("dimensionless", "two_sample_dkw"),
        confidence, (_is_number, "no_numeric_features"),
    )  # fmt: skip


def wasserstein_distance(
    column_histogram: ColumnHistogram, training_column_histogram: ColumnHistogram, *, confidence: float = 0.95
) -> Measurement:
    """Wasserstein distance of the number that moved most, in its training standard deviations.

    Parameters
    ----------
    column_histogram : ColumnHistogram
        Features of the evaluation rows, counted by value.
    training_column_histogram : ColumnHistogram
        The same features of the training rows.
    confidence : float, default 0.95
        Coverage of the interval for all columns at once, in (0, 1).

    Returns
    -------
    Measurement
        Mean way that a value has moved over the standard deviation of the training rows, at least 0; 0 is best.
        `details` has every column.

    Raises
    ------
    NotMeasurable
        `no_features`, `no_rows`, `no_training_data`, `no_numeric_features` where there is none, or none that varies,
        `column_empty` where a number is missing in every row of one data set only, or `numbers_too_large`.

    Notes
    -----
    W = integral of |F - G| over the cells present, by the standard deviation of the training rows (where they do not
    vary, of both data sets with equal weight; where neither varies, nothing is there to measure by, and the column is
    left out). Values of one cell of the histogram count as its middle; `coarse` says
    how far W may be off, at most half a cell's width, 0 up to 8,192 distinct values; the limits allow for it. Interval:
    W -+ `earth_reach` at a level that Bonferroni's inequality sets for all columns, low the largest lower limit, high
    the largest upper one. It rests on the central limit theorem: a value met less than once in n rows is not in it.

    References
    ----------
    Vallender, S. S. (1974), Theory of Probability and its Applications 18, 784-786 (the integral of |F - G|);
    del Barrio, E., Gine, E. and Matran, C. (1999), Annals of Probability 27, 1009-1071.
    """
    return _farthest(
        (column_histogram, training_column_histogram), _earth_moved, ("dimensionless", "gaussian_concentration"),
        confidence, (_is_number, "no_numeric_features"), varying=True,
    )  # fmt: skip


def _is_number(column: Beside) -> bool:
    return column.kind == "f8"


def _by_bins(kind: Kind) -> Measured:
    def moved(column: Beside, mass: float) -> Moved:
        counts = binned(column)
        return Moved(
            distance=binned_distance(counts, kind, mass=mass), n=int(counts[:, 1].sum()), more={"bins": len(counts)}
        )

    return moved


def _of_categories(column: Beside, mass: float) -> Moved:
    from scipy.special import chdtrc

    counts = binned(column)
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / counts.sum()
    statistic = float(((counts - expected) ** 2 / expected).sum())
    p_value = float(chdtrc(len(counts) - 1, statistic)) if len(counts) > 1 else 1.0
    return Moved(
        distance=binned_distance(counts, "cramer", mass=mass), n=int(counts[:, 1].sum()), p_value=p_value,
        more={"bins": len(counts)},
    )  # fmt: skip


def largest_gap(column: Beside, mass: float) -> Moved:
    """The Kolmogorov-Smirnov statistic of one column of both data sets.

    Parameters
    ----------
    column : Beside
        A number with cells present in both.
    mass : float
        Probability outside the limits, both sides together, in (0, 1).

    Returns
    -------
    Moved
        With its p-value, and how much larger the gap may be than the cells show.
    """
    from scipy.special import kolmogorov

    present = column.present
    shares = column.counts / present
    gaps = np.cumsum(shares, axis=0) @ np.array([1.0, -1.0])
    value = min(1.0, float(np.abs(gaps).max()))
    blurred = column.first < column.last
    coarse = max(0.0, _widest(gaps[blurred], shares[blurred]) - value) if blurred.any() else 0.0
    reach = kolmogorov_reach(present, mass=mass)
    distance = Distance(plain=value, value=value, low=max(0.0, value - reach), high=min(1.0, value + coarse + reach))
    p_value = float(kolmogorov(value * float((1 / present).sum()) ** -0.5))
    return Moved(distance=distance, n=int(present[1]), p_value=p_value, more={"coarse": coarse})


def _widest(gaps: Floats, shares: Floats) -> float:
    """The gap if within a cell all rows of one data set come before those of the other."""
    before = gaps - shares @ np.array([1.0, -1.0])
    return float(max((before + shares[:, 0]).max(), (shares[:, 1] - before).max()))


def _earth_moved(column: Beside, mass: float) -> Moved | None:
    low, high = column.edges()
    present = column.present
    scale = float(np.abs(np.concatenate((low, high))).max()) or 1.0
    # By the largest first, so that no square overflows.
    middles = low / scale / 2 + high / scale / 2
    widths = high / scale - low / scale
    shares = column.counts / present
    deviation = _deviation(middles, shares[:, 0]) or _deviation(middles, shares.mean(axis=1))
    below = np.cumsum(shares, axis=0)[:-1]
    with np.errstate(over="ignore", invalid="ignore"):
        steps = np.diff(middles) / deviation
        value = float((np.abs(below @ np.array([1.0, -1.0])) * steps).sum())
        coarse = float((shares.sum(axis=1) * widths).sum()) / 2 / deviation
        reach = earth_reach(below, steps, present, mass=mass)
    if not np.isfinite([value, coarse, reach]).all():
        return None
    far = reach + coarse
    distance = Distance(plain=value, value=value, low=max(0.0, value - far), high=value + far)
    return Moved(distance=distance, n=int(present[1]), more={"coarse": coarse})


def _deviation(values: Floats, shares: Floats) -> float:
    mean = float((values * shares).sum())
    deviation: float = float(((values - mean) ** 2 * shares).sum()) ** 0.5
    return deviation


def _farthest(
    histograms: tuple[ColumnHistogram, ColumnHistogram], measured: Measured, said: tuple[str, str], confidence: float,
    asked: tuple[Callable[[Beside], bool], str] = (lambda _: True, "no_features"), *, varying: bool = False,
) -> Measurement:  # fmt: skip
    """The column that moved most, with the limits of all at once."""
    evaluation, training = histograms
    # A column without a value in either data set says nothing.
    columns = {name: one for name, one in _columns(evaluation, training) if asked[0](one) and one.present.any()}
    if asked[1] == "no_numeric_features" and (gone := [name for name, one in columns.items() if not one.present.all()]):
        raise NotMeasurable("column_empty", columns=gone)
    columns = {name: one for name, one in columns.items() if len(one.keys) > 1} if varying else columns
    if not columns:
        raise NotMeasurable(asked[1])
    mass = (1 - confidence) / len(columns)
    moved = {name: found for name, column in columns.items() if (found := measured(column, mass)) is not None}
    if len(moved) < len(columns):
        raise NotMeasurable("numbers_too_large", n=evaluation.n)
    return _told(moved, said, training, clustered=training.roles.clustered or evaluation.roles.clustered)


def _columns(evaluation: ColumnHistogram, training: ColumnHistogram) -> Iterator[tuple[str, Beside]]:
    if not evaluation.columns:
        raise NotMeasurable("no_features")
    if not evaluation.n:
        raise NotMeasurable("no_rows")
    if not training.n:
        raise NotMeasurable("no_training_data")
    for name, column in evaluation.columns.items():
        yield name, Beside.of(training.columns[name], column)


def _told(moved: dict[str, Moved], said: tuple[str, str], training: ColumnHistogram, *, clustered: bool) -> Measurement:
    order = sorted(moved, key=lambda name: (-moved[name].distance.value, -moved[name].distance.plain, name))
    worst, every = moved[order[0]], [moved[name].distance for name in order]
    limits = (None, None) if clustered else (max(one.low for one in every), max(one.high for one in every))
    p_value = None if worst.p_value is None or clustered else min(1.0, worst.p_value * len(moved))
    return Measurement(
        value=worst.distance.value,
        low=limits[0],
        high=limits[1],
        n=worst.n,
        p_value=p_value,
        unit=said[0],
        method=said[1],
        judged=not clustered,
        reason=Reason(code="clustered_rows") if clustered else None,
        details={
            "column": order[0],
            "training_n": training.n,
            "columns": [_listed(name, moved[name], limited=not clustered) for name in order],
        },
    )


def _listed(name: str, one: Moved, *, limited: bool) -> dict[str, Any]:
    distance = one.distance
    low, high = (distance.low, distance.high) if limited else (None, None)
    p_value = {} if one.p_value is None or not limited else {"p_value": one.p_value}
    more = {"plain": distance.plain, **p_value, **(one.more or {})}
    return {"column": name, "value": distance.value, "low": low, "high": high, "n": one.n, **more}
