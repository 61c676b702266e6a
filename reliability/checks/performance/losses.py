"""How far predicted probabilities lie from what happened."""

from dataclasses import dataclass
from fractions import Fraction

from reliability.blocks import Roles
from reliability.checks.requirements import require_scores
from reliability.evidence.log_moments import LogMoments
from reliability.evidence.moments import Moments
from reliability.intervals.means import bounded_mean_limits
from reliability.records import Measurement, Reason


def brier_score(moments: Moments, *, confidence: float = 0.95) -> Measurement:
    """Mean squared difference between predicted probability and outcome (Brier score).

    Parameters
    ----------
    moments : Moments
        Sums over the rows.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).

    Returns
    -------
    Measurement
        Score, in [0, 1]; 0 is best.

    Raises
    ------
    NotMeasurable
        If the task is not binary, or there are no scores or no rows.

    Notes
    -----
    Interval of `bounded_mean_limits`; the bound is the largest squared difference that any row's score could have
    made, so that errors too rare to have been seen are reckoned with. Clustered rows are not judged. Where nearly all
    scores are alike, and a rare one far from them is wrong, the interval is too narrow (docs/validation/README.md).

    References
    ----------
    Brier, G. W. (1950), Monthly Weather Review 78, 1-3.

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Block, Roles
    >>> roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,), has_scores=True)
    >>> y_true, y_score = np.array([0, 1]), np.array([0.5, 0.75])
    >>> brier_score(Moments.of(Block(start=0, roles=roles, columns={}, y_true=y_true, y_score=y_score))).value
    0.15625
    """
    require_scores(moments.roles, moments.n)
    total, squares = (moments.exact(name).fraction() for name in ("d2", "d4"))
    made = _Losses(roles=moments.roles, n=moments.n, total=total, squares=squares)
    bound = moments.largest["d2"]
    return made.measured("score", bound=bound, further=bound, confidence=confidence)


def log_loss(log_moments: LogMoments, *, confidence: float = 0.95) -> Measurement:
    """Mean of minus the logarithm of the probability that was given to what happened (log loss).

    Parameters
    ----------
    log_moments : LogMoments
        Sums of the logarithms over the rows.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).

    Returns
    -------
    Measurement
        Dimensionless (natural logarithm), in [0, 36.05]; 0 is best, 0.69 is what a score of one half achieves.

    Raises
    ------
    NotMeasurable
        If the task is not binary, or there are no scores or no rows.

    Notes
    -----
    -(1 / n) sum (y ln p + (1 - y) ln(1 - p)); scores are kept at least 2^-52 away from 0 and 1, as scikit-learn does,
    so that one certain score that is wrong costs 36.04. Interval of `bounded_mean_limits`; the bound is the largest
    loss that any row's score could have made, and the further value the fourth-power mean of the largest loss that each
    row's score could have made. Clustered rows are not judged. Where nearly all scores are alike, and a rare one far
    from them is wrong, the interval is too narrow (docs/validation/README.md).

    References
    ----------
    Good, I. J. (1952), Journal of the Royal Statistical Society B 14, 107-114.

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Block, Roles
    >>> roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,), has_scores=True)
    >>> y_true, y_score = np.array([0, 1]), np.array([0.5, 0.5])
    >>> block = Block(start=0, roles=roles, columns={}, y_true=y_true, y_score=y_score)
    >>> round(log_loss(LogMoments.of(block)).value, 4)
    0.6931
    """
    require_scores(log_moments.roles, log_moments.n)
    total, squares, worst = (log_moments.exact(name).fraction() for name in ("loss", "loss2", "worst4"))
    further = min(log_moments.largest, float(worst / log_moments.n) ** 0.25)
    made = _Losses(roles=log_moments.roles, n=log_moments.n, total=total, squares=squares)
    return made.measured("dimensionless", bound=log_moments.largest, further=further, confidence=confidence)


@dataclass(frozen=True, kw_only=True)
class _Losses:
    roles: Roles
    n: int
    total: Fraction
    squares: Fraction

    def measured(self, unit: str, *, bound: float, further: float, confidence: float) -> Measurement:
        """The mean loss within its limits."""
        value = float(self.total / self.n)
        if self.roles.clustered:
            return Measurement.unjudged(value, n=self.n, unit=unit, reason=Reason(code="clustered_rows"))
        limits = bounded_mean_limits(
            self.total, self.squares, self.n, bound=bound, further=further, mass=1 - confidence
        )
        return Measurement.within(value, limits, n=self.n, unit=unit, method="beta_matched")
