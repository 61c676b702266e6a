"""How far predictions lie from the true values."""

import math
from collections.abc import Callable
from fractions import Fraction

from reliability.blocks import Roles
from reliability.checks.requirements import require_values
from reliability.errors import NotMeasurable
from reliability.evidence.error_histogram import ErrorHistogram
from reliability.evidence.moments import Moments
from reliability.intervals.arrays import Interval
from reliability.intervals.means import (
    explained_interval,
    explained_share,
    further_value,
    positive_mean_limits,
)
from reliability.intervals.order import median_ranks
from reliability.records import Measurement, Reason

# With fewer, heavy tails of squared errors are as likely to be missed as to be seen.
MANY_ROWS = 300


def mean_absolute_error(moments: Moments, *, confidence: float = 0.95) -> Measurement:
    """Mean absolute difference between predicted and true value.

    Parameters
    ----------
    moments : Moments
        Sums over the rows.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).

    Returns
    -------
    Measurement
        In the unit of the target, at least 0; 0 is best.

    Raises
    ------
    NotMeasurable
        If the task is not regression or there are no rows.

    Notes
    -----
    Interval of `positive_mean_limits`; not judged where all errors are equal, there are fewer than 30 rows, or rows
    are clustered. Where large errors are so rare that the sample has none of them it is too narrow, as no bound on
    errors is known (docs/validation/README.md).

    References
    ----------
    Willmott, C. J. and Matsuura, K. (2005), Climate Research 30, 79-82.

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Block, Roles
    >>> y = np.array([1.0, 2.0, 4.0])
    >>> block = Block(start=0, roles=Roles(task="regression"), columns={}, y_true=y, y_pred=np.array([1.0, 3.0, 6.0]))
    >>> mean_absolute_error(Moments.of(block)).value
    1.0
    """
    require_values(moments.roles, moments.n)
    total, n = moments.exact("e_abs").fraction(), moments.n

    def _limits() -> Interval:
        squares, largest = moments.exact("e2").fraction(), moments.largest["e_abs"]
        return positive_mean_limits(total, squares, n, largest=largest, mass=1 - confidence)

    return _judged(moments.roles, float(total / n), n, _limits, method="gamma_matched")


def root_mean_squared_error(moments: Moments, *, confidence: float = 0.95) -> Measurement:
    """Root of the mean squared difference between predicted and true value (RMSE).

    Parameters
    ----------
    moments : Moments
        Sums over the rows.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).

    Returns
    -------
    Measurement
        In the unit of the target, at least 0; 0 is best.

    Raises
    ------
    NotMeasurable
        If the task is not regression, there are no rows, or squares of the errors leave the range of a float64.

    Notes
    -----
    Roots of the limits of `positive_mean_limits` for the squared errors. Not judged where all errors are equal in size,
    there are fewer than 300 rows (no interval by sums holds for heavy tails with fewer, and fewer do not tell whether
    tails are heavy), or rows are clustered. Where large errors are so rare that the sample has none of them the
    interval is too narrow, as no bound on errors is known (docs/validation/README.md).

    References
    ----------
    Willmott, C. J. and Matsuura, K. (2005), Climate Research 30, 79-82.

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Block, Roles
    >>> y = np.array([0.0, 0.0])
    >>> block = Block(start=0, roles=Roles(task="regression"), columns={}, y_true=y, y_pred=np.array([1.0, 7.0]))
    >>> root_mean_squared_error(Moments.of(block)).value
    5.0
    """
    require_values(moments.roles, moments.n)
    total, n = moments.exact("e2").fraction(), moments.n

    def _limits() -> Interval:
        squares, largest = moments.exact("e4").fraction(), moments.largest["e_abs"] ** 2
        low, high = positive_mean_limits(total, squares, n, largest=largest, mass=1 - confidence, needed=MANY_ROWS)
        return math.sqrt(low), math.sqrt(high)

    return _judged(moments.roles, math.sqrt(total / n), n, _limits, method="gamma_matched_root")


def median_absolute_error(error_histogram: ErrorHistogram, *, confidence: float = 0.95) -> Measurement:
    """Median absolute difference between predicted and true value.

    Parameters
    ----------
    error_histogram : ErrorHistogram
        Rows counted by absolute error.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).

    Returns
    -------
    Measurement
        In the unit of the target, at least 0; 0 is best. `details.errors` is `grid` where there are more than 65,536
        distinct errors: the value is then the middle of a cell, `details.cell`, and the limits are ends of cells.

    Raises
    ------
    NotMeasurable
        If the task is not regression, there are no rows, or an error leaves the range of a float64.

    Notes
    -----
    Mean of the two errors in the middle where n is even. Limits are the errors whose ranks `median_ranks` names, which
    hold for any distribution. Not judged with fewer than six rows (at 95 %), or where rows are clustered.

    References
    ----------
    Thompson, W. R. (1936), Annals of Mathematical Statistics 7, 122-128.

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Block, Roles
    >>> y = np.array([0.0, 0.0, 0.0])
    >>> block = Block(start=0, roles=Roles(task="regression"), columns={}, y_true=y, y_pred=np.array([1.0, 2.0, 9.0]))
    >>> median_absolute_error(ErrorHistogram.of(block)).value
    2.0
    """
    require_values(error_histogram.roles, error_histogram.n)
    n = error_histogram.n
    ends = [end for rank in ((n + 1) // 2, n // 2 + 1) for end in error_histogram.ranked(rank)]

    def _limits() -> Interval:
        low, high = median_ranks(n, mass=1 - confidence)
        return error_histogram.ranked(low)[0], error_histogram.ranked(high)[1]

    value = float(sum(map(Fraction, ends)) / 4)
    measured = _judged(error_histogram.roles, value, n, _limits, method="order_statistics")
    told = {"errors": "exact"} if error_histogram.exact else {"errors": "grid", "cell": [ends[0], ends[-1]]}
    return measured.model_copy(update={"details": told})


def r2_score(moments: Moments, *, confidence: float = 0.95) -> Measurement:
    """Share of the variation of the true values that the predictions explain (R squared).

    Parameters
    ----------
    moments : Moments
        Sums over the rows.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).

    Returns
    -------
    Measurement
        Dimensionless, at most 1; 1 is best, 0 is what predicting the mean achieves.

    Raises
    ------
    NotMeasurable
        If the task is not regression, there are no rows, the true values do not differ (`no_variation`), or their
        powers leave the range of a float64.

    Notes
    -----
    1 - sum (predicted - true)^2 / sum (true - mean)^2; interval of `explained_interval`, with a further row by
    `further_value`. Not judged where no row errs, there are fewer than 300 rows, or rows are clustered. Where large
    errors are so rare that the sample has none of them the interval is too narrow, as no bound on errors is known
    (docs/validation/README.md).

    References
    ----------
    Kvalseth, T. O. (1985), The American Statistician 39, 279-285.

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Block, Roles
    >>> y = np.array([1.0, 2.0, 3.0])
    >>> block = Block(start=0, roles=Roles(task="regression"), columns={}, y_true=y, y_pred=np.array([1.0, 2.0, 4.0]))
    >>> r2_score(Moments.of(block)).value
    0.5
    """
    require_values(moments.roles, moments.n)
    sums = moments.squared_errors()
    if not sums.deviation > 0:
        raise NotMeasurable("no_variation")
    value, _ = explained_share(sums)
    n, mean = moments.n, sums.y / moments.n

    def _limits() -> Interval:
        if n < MANY_ROWS:
            raise NotMeasurable("too_few_for_interval", n=n, needed=MANY_ROWS)
        if not sums.e2:
            raise NotMeasurable("variance_not_estimable")
        farthest = max(Fraction(moments.largest["y"]) - mean, Fraction(moments.largest["y_negated"]) + mean)
        error = further_value(sums.e2, sums.e4, n, largest=Fraction(moments.largest["e_abs"]) ** 2)
        deviation = further_value(sums.deviation, sums.fourth, n, largest=farthest**2)
        return explained_interval(sums, error=error, deviation=deviation, confidence=confidence)[1]

    return _judged(moments.roles, value, n, _limits, method="log_ratio", unit="dimensionless")


def _judged(
    roles: Roles, value: float, n: int, limits: Callable[[], Interval], *, method: str, unit: str = "target"
) -> Measurement:
    if roles.clustered:
        return Measurement.unjudged(value, n=n, unit=unit, reason=Reason(code="clustered_rows"))
    try:
        low, high = limits()
    except NotMeasurable as problem:
        reason = Reason.of(problem)
        return Measurement.unjudged(value, n=n, unit=unit, reason=reason)
    return Measurement.within(value, (low, high), n=n, unit=unit, method=method)
