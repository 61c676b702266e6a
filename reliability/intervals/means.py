"""Intervals of means, and of ratios of sums."""

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from scipy.special import betaincinv, gammaincinv, stdtrit

from reliability.errors import NotMeasurable
from reliability.intervals.arrays import Interval

# With fewer skewed values no interval by their sums holds.
FEWEST = 30
_LEAST_SHAPE, _LOPSIDED = 1e-3, 1e10


@dataclass(frozen=True, kw_only=True)
class SquaredErrorSums:
    """Sums over n rows of a prediction's error e and the true value y, as exact as they were counted.

    Attributes
    ----------
    n : int
        Rows.
    e2, e4, e2y, e2y2, y, y2, y3, y4 : Fraction
        Sums of e^2, e^4, e^2 y, e^2 y^2, y, y^2, y^3, y^4.
    """

    n: int
    e2: Fraction
    e4: Fraction
    e2y: Fraction
    e2y2: Fraction
    y: Fraction
    y2: Fraction
    y3: Fraction
    y4: Fraction

    @property
    def deviation(self) -> Fraction:
        """Sum of (y - mean y)^2."""
        return self.y2 - self.y * self.y / self.n

    @property
    def fourth(self) -> Fraction:
        """Sum of (y - mean y)^4."""
        m = self.y / self.n
        return self.y4 - 4 * m * self.y3 + 6 * m * m * self.y2 - 3 * m**3 * self.y

    @property
    def crossed(self) -> Fraction:
        """Sum of e^2 (y - mean y)^2."""
        m = self.y / self.n
        return self.e2y2 - 2 * m * self.e2y + m * m * self.e2


def mean_interval(total: Fraction, total_of_squares: Fraction, n: int, *, confidence: float) -> Interval:
    """Student's t interval of a mean.

    Parameters
    ----------
    total, total_of_squares : Fraction
        Sum of the values and of their squares.
    n : int
        Number of values.
    confidence : float
        Two-sided coverage, in (0, 1).

    Returns
    -------
    low, high : float
        Limits in the unit of the values.

    Raises
    ------
    NotMeasurable
        `variance_not_estimable` where the values do not differ, or n < 2.

    References
    ----------
    Student (1908), Biometrika 6, 1-25.
    """
    if n < 2:
        raise NotMeasurable("variance_not_estimable")
    centred = total_of_squares - total * total / n
    # What rounding of the squares alone can leave is no variance.
    variance = float(centred / (n - 1)) if centred > total_of_squares * Fraction(8, 2**53) else 0.0
    return delta_interval(float(total / n), variance / n, degrees=n - 1, confidence=confidence)


def bounded_mean_limits(
    total: Fraction, squares: Fraction, n: int, *, bound: float, further: float, mass: float
) -> Interval:
    """Limits of the mean of values in [0, bound], right where the large ones are rare.

    Parameters
    ----------
    total, squares : Fraction
        Sum of the values and of their squares.
    n : int
        Number of values, at least 1.
    bound : float
        The largest value that there can be, above 0.
    further : float
        One further value that the upper limit expects, at most `bound`.
    mass : float
        Probability outside the limits, both sides together, in (0, 1).

    Returns
    -------
    low, high : float
        Limits in [0, bound].

    Notes
    -----
    Quantiles of the Beta distribution on [0, bound] that has the mean m and the variance s^2 / (n + 2) of the values
    and one further value: `further` for the upper limit, 0 for the lower. With values that are 0 or 1, bound 1 and
    further 1 this is the interval of Clopper and Pearson to the last digit.

    References
    ----------
    Learned-Miller, E. and Thomas, P. S. (2019), arXiv:1905.06208 (a further value at the bound); Clopper, C. J. and
    Pearson, E. S. (1934), Biometrika 26, 404-413.

    Examples
    --------
    >>> limits = bounded_mean_limits(Fraction(3), Fraction(3), 10, bound=1.0, further=1.0, mass=0.05)
    >>> [round(limit, 4) for limit in limits]
    [0.0667, 0.6525]
    """
    share, shares = total / Fraction(bound), squares / Fraction(bound) ** 2
    low_a, low_b = _beta_matched(share, shares, n)
    one = Fraction(further) / Fraction(bound)
    high_a, high_b = _beta_matched(share + one, shares + one * one, n)
    mean = float(total / n)
    low = bound * _beta_quantile(low_a, low_b, mass / 2)
    # From the other end, where a probability next to 0 keeps its digits.
    high = bound * (1 - _beta_quantile(high_b, high_a, mass / 2))
    return min(low, mean), max(high, mean)


def skewed_mean_limits(
    total: Fraction, squares: Fraction, n: int, *, lowest: float, highest: float, mass: float
) -> Interval:
    """Limits of the mean of values of either sign that may be skewed.

    Parameters
    ----------
    total, squares : Fraction
        Sum of the values and of their squares.
    n : int
        Number of values.
    lowest, highest : float
        The smallest and the largest of them.
    mass : float
        Probability outside the limits, both sides together, in (0, 1).

    Returns
    -------
    low, high : float
        Limits in the unit of the values.

    Raises
    ------
    NotMeasurable
        `variance_not_estimable` where the values do not differ, or n < 2.

    Notes
    -----
    Student's t limit on either side once a further value has been added there: the lowest for the low limit, the
    highest for the high one. Plain Student's t covers 88 % of the means of 30 lognormal values, this 94 %.

    References
    ----------
    Student (1908), Biometrika 6, 1-25; Agresti, A. and Coull, B. A. (1998), The American Statistician 52, 119-126
    (further values).
    """
    if n < 2 or not squares - total * total / n > squares * Fraction(8, 2**53):
        raise NotMeasurable("variance_not_estimable")
    t = float(stdtrit(n - 1, 1 - mass / 2))
    low, high = (
        float(mean) + sign * t * math.sqrt(variance)
        for sign, further in ((-1, lowest), (1, highest))
        for mean, variance in (_mean_and_variance(total + Fraction(further), squares + Fraction(further) ** 2, n + 1),)
    )
    return low, high


def _mean_and_variance(total: Fraction, squares: Fraction, n: int) -> tuple[Fraction, Fraction]:
    """The mean of n values, and the estimated variance of that mean."""
    return total / n, (squares - total * total / n) / n / (n - 1)


def positive_mean_limits(
    total: Fraction, squares: Fraction, n: int, *, largest: float, mass: float, needed: int = FEWEST
) -> Interval:
    """Limits of the mean of values that are not negative and may be skewed.

    Parameters
    ----------
    total, squares : Fraction
        Sum of the values and of their squares.
    n : int
        Number of values.
    largest : float
        The largest of them.
    mass : float
        Probability outside the limits, both sides together, in (0, 1).
    needed : int, default 30
        With fewer values there are no limits.

    Returns
    -------
    low, high : float
        Limits above 0 in the unit of the values.

    Raises
    ------
    NotMeasurable
        `variance_not_estimable` where the values do not differ; `too_few_for_interval` where n < needed.

    Notes
    -----
    Low: quantile of the Gamma distribution with mean m and variance s^2 / (n - 1). High: of the inverse Gamma
    distribution matched likewise, once `further_value` has been added. Values from a heavy tail are too small on
    average exactly when the large ones were not seen, so that a rule by what was seen would drop the wrong samples.

    References
    ----------
    Fay, M. P. and Feuer, E. J. (1997), Statistics in Medicine 16, 791-801 (Gamma limits, a further weight above).
    """
    if n < needed:
        raise NotMeasurable("too_few_for_interval", n=n, needed=needed)
    centred = squares - total * total / n
    if not centred > squares * Fraction(8, 2**53):
        raise NotMeasurable("variance_not_estimable")
    shape = float(total * total * (n - 1) / n / centred)
    low = float(total / n) * float(gammaincinv(shape, mass / 2)) / shape
    extra = further_value(total, squares, n, largest=largest)
    more, most = total + extra, squares + extra * extra
    # n + 1 values: their mean squared over their variance over n.
    shape = float(more * more * n / (n + 1) / (most - more * more / (n + 1)))
    high = float(more / (n + 1)) * shape / float(gammaincinv(shape, mass / 2))
    return low, high


def further_value(total: Fraction, squares: Fraction, n: int, *, largest: float | Fraction) -> Fraction:
    """A value that was not seen, and that an upper limit had better expect.

    Parameters
    ----------
    total, squares : Fraction
        Sum of the values and of their squares, above 0.
    n : int
        Number of values.
    largest : float or Fraction
        The largest of them.

    Returns
    -------
    Fraction
        The largest value times n sum x^2 / 3 (sum x)^2, a measure of the tail that is 1 for squared normal errors; at
        most four times the largest, and at least 1 + 30 / n times, as few values do not show how heavy the tail is.
    """
    tail = n * squares / (3 * total * total)
    return Fraction(largest) * max(1 + Fraction(FEWEST, n), min(Fraction(4), tail))


def _beta_quantile(a: float, b: float, below: float) -> float:
    """Quantile below the median of a Beta distribution: 0 where the first shape is next to nothing, 1 without a second.

    Shapes matched to values in [0, bound] are at least 1, or 0: those between are met where numbers reach 1e-300 only.
    """
    if a <= _LEAST_SHAPE:
        return 0.0
    if not b > 0:
        return 1.0
    # So near 0 it is a Gamma distribution to ten digits, and the inverse of the Beta integral is lost.
    return float(gammaincinv(a, below)) / (a + b) if b > _LOPSIDED * (a + 1) else float(betaincinv(a, b, below))


def _beta_matched(share: Fraction, squares: Fraction, n: int) -> tuple[float, float]:
    """Shapes of the Beta distribution with the mean of n + 1 shares and their variance over n + 2."""
    mean = share / (n + 1)
    variance = squares / (n + 1) - mean * mean
    if not variance > 0:
        # No value differs from the one expected: what lies above is not known.
        return 1.0, 0.0
    # Kept within the range of floats: a mean that small has no digits left to lose.
    worth = min(mean * (1 - mean) / variance * (n + 2) - 1, Fraction(10) ** 300)
    return float(mean * worth), float((1 - mean) * worth)


def delta_interval(value: float, variance: float, *, degrees: float, confidence: float) -> Interval:
    """Interval of an estimate by its estimated variance.

    Parameters
    ----------
    value : float
        The estimate.
    variance : float
        Estimated variance of the estimate (not of a row).
    degrees : float
        Degrees of freedom of that variance.
    confidence : float
        Two-sided coverage, in (0, 1).

    Returns
    -------
    low, high : float
        value -+ t * sqrt(variance).

    Raises
    ------
    NotMeasurable
        `variance_not_estimable` where the variance is not above 0: a width of 0 would claim certainty.

    Examples
    --------
    >>> [round(limit, 2) for limit in delta_interval(0.5, 0.01, degrees=30, confidence=0.95)]
    [0.3, 0.7]
    """
    if not variance > 0 or degrees < 1:
        raise NotMeasurable("variance_not_estimable")
    half = float(stdtrit(degrees, 0.5 + confidence / 2)) * float(np.sqrt(variance))
    return value - half, value + half


def explained_share(sums: SquaredErrorSums) -> tuple[float, float]:
    """Share of squared deviation from the mean that a prediction removes, and the variance of that estimate.

    Parameters
    ----------
    sums : SquaredErrorSums
        Sums over the rows.

    Returns
    -------
    value : float
        1 - sum e^2 / sum (y - mean y)^2: at most 1, which is best; 0 is what predicting the mean achieves.
    variance : float
        Estimated variance of the value; 0 where it cannot be told from 0.

    Raises
    ------
    NotMeasurable
        `one_class` where the true values do not differ; `numbers_too_large` where their differences are so small
        beside the errors that a result leaves the range of a float64.

    Notes
    -----
    With A = mean e^2, B = mean (y - m)^2, the influence of a row is -(e^2 - (A / B) (y - m)^2) / B; the
    variance is the mean square of the influences over n - 1.

    References
    ----------
    Hampel, F. R. (1974), Journal of the American Statistical Association 69, 383-393.
    """
    n, deviation = sums.n, sums.deviation
    if not deviation > 0:
        raise NotMeasurable("one_class")
    odds = sums.e2 / deviation
    squares = _residual(sums, odds)
    if n < 2 or squares <= sums.e4 * Fraction(64, 2**53):
        return _in_range(1 - odds, n), 0.0
    return _in_range(1 - odds, n), _in_range(squares / n / (deviation / n) ** 2 / (n - 1), n)


def explained_interval(
    sums: SquaredErrorSums, *, error: Fraction, deviation: Fraction, confidence: float
) -> tuple[float, Interval]:
    """Share of squared deviation from the mean that a prediction removes, with limits that expect worse rows.

    Parameters
    ----------
    sums : SquaredErrorSums
        Sums over the rows.
    error, deviation : Fraction
        Squared error of one further row that the lower limit expects, and squared deviation from the mean of one that
        the upper limit expects.
    confidence : float
        Two-sided coverage, in (0, 1).

    Returns
    -------
    value : float
        1 - sum e^2 / sum (y - mean y)^2.
    interval : tuple of float
        Limits of it, at most 1.

    Raises
    ------
    NotMeasurable
        `one_class`, `numbers_too_large` as in `explained_share`; `variance_not_estimable` where no row errs and
        `error` is 0, or n < 2.

    Notes
    -----
    Delta interval of the logarithm of the ratio by the rows' influence, one further row counted on either side; the
    ratio is shrunk by (n - 1) / n as the mean is taken from the same rows. Plain delta intervals miss the truth several
    times too often where errors are rare or skewed, as the largest are then likely not to have been seen.

    References
    ----------
    Fieller, E. C. (1954), Journal of the Royal Statistical Society B 16, 175-185 (ratios); Agresti, A. and
    Coull, B. A. (1998), The American Statistician 52, 119-126 (further rows).
    """
    value, _ = explained_share(sums)
    if sums.n < 2 or not sums.e2 + error > 0:
        raise NotMeasurable("variance_not_estimable")
    t = float(stdtrit(sums.n - 1, 0.5 + confidence / 2))
    best = _odds_limit(sums, Fraction(0), deviation, -t)
    worst = _odds_limit(sums, error, Fraction(0), t)
    return value, (min(value, 1 - worst), max(value, 1 - best))


def gain_over_mean(sums: SquaredErrorSums) -> tuple[float, float]:
    """How much smaller the mean squared error is than that of predicting the mean, and the variance of that estimate.

    Parameters
    ----------
    sums : SquaredErrorSums
        Sums over the rows.

    Returns
    -------
    value : float
        mean (y - mean y)^2 - mean e^2, in squared units of y; above 0 where the prediction is the better one.
    variance : float
        Estimated variance of the value; 0 where it cannot be told from 0.

    Raises
    ------
    NotMeasurable
        `no_rows`; `numbers_too_large` where a result leaves the range of a float64.

    Notes
    -----
    Paired by row: the variance is that of the rows' differences (y - m)^2 - e^2 over n; that m is estimated from the
    same rows adds nothing to first order.
    """
    n = sums.n
    if not n:
        raise NotMeasurable("no_rows")
    gain = (sums.deviation - sums.e2) / n
    squares = _residual(sums, Fraction(1)) - n * gain * gain
    if n < 2 or squares <= (sums.e4 + sums.fourth) * Fraction(64, 2**53):
        return _in_range(gain, n), 0.0
    return _in_range(gain, n), _in_range(squares / n / (n - 1), n)


def _odds_limit(sums: SquaredErrorSums, error: Fraction, deviation: Fraction, t: float) -> float:
    """Limit of sum e^2 / sum (y - mean y)^2, one further row counted."""
    n, total = sums.n + 1, sums.e2 + error
    if not total > 0:
        return 0.0
    odds = total / (sums.deviation + deviation)
    squares = max(Fraction(0), _residual(sums, odds)) + (error - odds * deviation) ** 2
    relative = math.sqrt(squares * n / (n - 1) / total**2)
    try:
        return float(odds * (n - 1) / n) * math.exp(t * relative)
    except OverflowError:
        raise NotMeasurable("numbers_too_large", n=sums.n) from None


def _residual(sums: SquaredErrorSums, odds: Fraction) -> Fraction:
    """Sum of (e^2 - odds (y - mean y)^2)^2."""
    return sums.e4 - 2 * odds * sums.crossed + odds * odds * sums.fourth


def _in_range(number: Fraction, n: int) -> float:
    try:
        return float(number)
    except OverflowError:
        raise NotMeasurable("numbers_too_large", n=n) from None
