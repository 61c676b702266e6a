"""Whether predicted probabilities are too high, too low or too extreme, by logistic regression of the outcome."""

import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from scipy.special import logit

from reliability.checks.requirements import require_scores
from reliability.errors import NotMeasurable
from reliability.evidence.score_histogram import ScoreHistogram
from reliability.intervals.arrays import Interval
from reliability.intervals.logistic import Outcomes, fitted_intercept, fitted_line, intercept_interval, slope_interval
from reliability.records import Measurement, Reason

# Events, and rows without one, that the scores must lead to expect for the likelihood to tell an interval. With 15 of
# either, 3.8 % of slopes passed with their limit at the truth.
EXPECTED = {"slope": 20, "intercept": 5}
_Fit: TypeAlias = Callable[[Outcomes], float]


def calibration_slope(score_histogram: ScoreHistogram, *, confidence: float = 0.95) -> Measurement:
    """Slope of the outcome on the score, both on the logit (calibration slope).

    Parameters
    ----------
    score_histogram : ScoreHistogram
        Rows counted by score and class.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).

    Returns
    -------
    Measurement
        Dimensionless; 1 is best. Below 1 scores are too extreme (overfitted), above 1 too moderate.

    Raises
    ------
    NotMeasurable
        If the task is not binary, there are no scores or no rows, one class occurs, or no slope is the likeliest
        (`separated`): a score divides the classes, or a score of exactly 0 or 1 was wrong.

    Notes
    -----
    b of logit P(positive) = a + b logit(score) by maximum likelihood. Rows with a score of exactly 0 or 1 that came
    out so are likely under any b above 0 and are left out (`details.certain`). Interval by profile likelihood, robust
    to outcomes that do not follow the line, see `intercept_interval`. Not judged where the scores lead to expect
    fewer than 20 rows of either class, or rows are clustered.

    References
    ----------
    Cox, D. R. (1958), Biometrika 45, 562-565; Miller, M. E. et al. (1991), Statistics in Medicine 10, 1213-1226;
    Steyerberg, E. W. (2019), Clinical Prediction Models, 2nd ed., ch. 15.

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Roles
    >>> roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,), has_scores=True)
    >>> scores, counts = np.array([0.2, 0.8]), np.array([[20, 10], [10, 20]])
    >>> round(calibration_slope(ScoreHistogram(roles=roles, scores=scores, counts=counts)).value, 4)
    0.5
    """
    return _measured(score_histogram, lambda rows: fitted_line(rows)[1], slope_interval, EXPECTED["slope"], confidence)


def calibration_intercept(score_histogram: ScoreHistogram, *, confidence: float = 0.95) -> Measurement:
    """How much too low the scores are on the whole, on the logit (calibration in the large).

    Parameters
    ----------
    score_histogram : ScoreHistogram
        Rows counted by score and class.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).

    Returns
    -------
    Measurement
        Dimensionless; 0 is best. Above 0 the positive class is more frequent than the scores say, below 0 less.

    Raises
    ------
    NotMeasurable
        If the task is not binary, there are no scores or no rows, one class occurs, or a score of exactly 0 or 1 was
        wrong (`separated`).

    Notes
    -----
    a of logit P(positive) = a + logit(score) by maximum likelihood. Rows with a score of exactly 0 or 1 that came out
    so are certain under any a and are left out (`details.certain`). Interval by likelihood, robust to outcomes that
    do not follow this line, see `intercept_interval`. Not judged where the scores lead to expect fewer than 5 rows of
    either class, or rows are clustered.

    References
    ----------
    Cox, D. R. (1958), Biometrika 45, 562-565; Steyerberg, E. W. (2019), Clinical Prediction Models, 2nd ed., ch. 15.

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Roles
    >>> roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,), has_scores=True)
    >>> scores, counts = np.array([0.5]), np.array([[10, 30]])
    >>> round(calibration_intercept(ScoreHistogram(roles=roles, scores=scores, counts=counts)).value, 4)
    1.0986
    """
    return _measured(
        score_histogram, lambda rows: fitted_intercept(rows, 1.0), intercept_interval, EXPECTED["intercept"], confidence
    )


def _measured(
    histogram: ScoreHistogram, fit: _Fit, interval: Callable[..., tuple[float, Interval]], least: int, confidence: float
) -> Measurement:
    require_scores(histogram.roles, histogram.n)
    if not (histogram.n_positive and histogram.n_negative):
        raise NotMeasurable("one_class")
    rows, n = _uncertain(histogram), histogram.n
    certain = n - rows.n
    if not 0 < rows.events < rows.n:
        raise NotMeasurable("separated")
    expected = float((histogram.mean_scores * histogram.rows).sum())
    fewest = min(expected, n - expected)
    details = {"certain": certain, "scores": "exact" if histogram.exact else "grid"}
    if histogram.roles.clustered or fewest < least:
        needed = math.ceil(least * n / max(fewest, 1 / n))
        few = Reason.model_validate({"code": "too_few_for_interval", "with": {"n": n, "needed": needed}})
        reason = Reason(code="clustered_rows") if histogram.roles.clustered else few
        return Measurement.unjudged(fit(rows), n=n, unit="dimensionless", reason=reason, details=details)
    value, limits = interval(rows, confidence=confidence)
    return Measurement.within(value, limits, n=n, unit="dimensionless", method="robust_likelihood", details=details)


def _uncertain(histogram: ScoreHistogram) -> Outcomes:
    """Rows whose score leaves either outcome open; refuses where a score of 0 or 1 was wrong."""
    never, always = histogram.scores == 0.0, histogram.scores == 1.0
    if histogram.counts[never, 1].any() or histogram.counts[always, 0].any():
        raise NotMeasurable("separated")
    inside = ~(never | always)
    # The mean score of a cell of very small ones may have been rounded to 0.
    means = np.where(histogram.mean_scores > 0, histogram.mean_scores, histogram.scores)
    means = np.where(means < 1, means, histogram.scores)
    return Outcomes(x=logit(means[inside]), counts=histogram.counts[inside])
