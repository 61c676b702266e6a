"""How much better predicted probabilities are than the base rate."""

from fractions import Fraction

from reliability.checks.requirements import require_scores
from reliability.evidence.moments import Moments
from reliability.intervals.means import explained_interval
from reliability.records import Measurement, Reason

_FEW, _MANY = 5, 20


def brier_skill_score(moments: Moments, *, confidence: float = 0.95) -> Measurement:
    """Improvement of the Brier score over always predicting the base rate.

    Parameters
    ----------
    moments : Moments
        Sums over the rows.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).

    Returns
    -------
    Measurement
        Dimensionless, at most 1; 1 is best, 0 is what the base rate of the same rows achieves.

    Raises
    ------
    NotMeasurable
        If the task is not binary, there are no scores or no rows, or one class occurs.

    Notes
    -----
    1 - sum (score - y)^2 / sum (y - mean y)^2; interval of `explained_interval`. Not judged where either class has
    fewer than five rows, or rows are clustered.

    References
    ----------
    Murphy, A. H. (1973), Journal of Applied Meteorology 12, 215-223; Bradley, A. A. et al. (2008), Weather and
    Forecasting 23, 992-1006 (sampling uncertainty).

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Block, Roles
    >>> roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,), has_scores=True)
    >>> y_true, y_score = np.array([0, 0, 1, 1]), np.array([0.5, 0.0, 0.5, 1.0])
    >>> brier_skill_score(Moments.of(Block(start=0, roles=roles, columns={}, y_true=y_true, y_score=y_score))).value
    0.5
    """
    require_scores(moments.roles, moments.n)
    sums = moments.squared_errors()
    rarer = min(sums.y, moments.n - sums.y)
    # An error of the rarer class and a row of it more: a whole one of each where so few rows tell what to expect.
    weight = Fraction(1) if rarer < _MANY else Fraction(1, 2)
    error = weight * Fraction(moments.largest["d2"])
    deviation = weight * (1 - rarer / Fraction(moments.n)) ** 2
    value, limits = explained_interval(sums, error=error, deviation=deviation, confidence=confidence)
    n, unit = moments.n, "dimensionless"
    if moments.roles.clustered:
        return Measurement.unjudged(value, n=n, unit=unit, reason=Reason(code="clustered_rows"))
    if rarer < _FEW:
        few = Reason.model_validate({"code": "too_few_for_interval", "with": {"n": int(rarer), "needed": _FEW}})
        return Measurement.unjudged(value, n=n, unit=unit, reason=few)
    return Measurement.within(value, limits, n=n, unit=unit, method="log_ratio")
