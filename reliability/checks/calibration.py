"""Whether predicted probabilities come true as often as they say."""

import math
from typing import TypeAlias

import numpy as np

from reliability.blocks import Floats, Ints
from reliability.checks.requirements import AtLeastOne, require_at_least, require_scores
from reliability.errors import NotMeasurable
from reliability.evidence.moments import Moments
from reliability.evidence.score_histogram import ScoreHistogram
from reliability.intervals import SquaredErrorSums, delta_interval, explained_share
from reliability.records import Measurement, Reason

_Bin: TypeAlias = dict[str, float | int]


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
    1 - sum (score - y)^2 / sum (y - mean y)^2; delta interval by the rows' influence on both sums, cut off at 1.
    Not judged where that variance is 0, or rows are clustered.

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
    d2, d4, d2y, y = (moments.exact(name).fraction() for name in ("d2", "d4", "d2y", "y"))
    # y is 0 or 1, so that it equals all its powers.
    sums = SquaredErrorSums(n=moments.n, e2=d2, e4=d4, e2y=d2y, e2y2=d2y, y=y, y2=y, y3=y, y4=y)
    value, variance = explained_share(sums)
    if moments.roles.clustered:
        return _unjudged(value, moments.n, "clustered_rows")
    try:
        low, high = delta_interval(value, variance, degrees=moments.n - 1, confidence=confidence)
    except NotMeasurable as problem:
        return _unjudged(value, moments.n, problem.code)
    return Measurement(value=value, low=low, high=min(1.0, high), n=moments.n, unit="dimensionless", method="delta")


def expected_calibration_error(
    score_histogram: ScoreHistogram, *, bins: AtLeastOne = 15, equal_mass: bool = False
) -> Measurement:
    """Mean distance between predicted probability and observed rate, over bins of the score.

    Parameters
    ----------
    score_histogram : ScoreHistogram
        Rows counted by score and class.
    bins : int, default 15
        Number of bins, at least 1; empty ones do not count.
    equal_mass : bool, default False
        Bins of about equally many rows (equal scores stay together) instead of equal width (closed on the right).

    Returns
    -------
    Measurement
        Score, in [0, 1]; 0 is best. `details.bins` holds a reliability diagram: mean score, observed rate and n.

    Raises
    ------
    NotMeasurable
        If the task is not binary, or there are no scores or no rows.
    ChecklistError
        If `bins` is below 1.

    Notes
    -----
    sum over bins of n_b / n * abs(mean score - observed rate of the positive class). Meant to be reported, not judged:
    no interval, as this estimate is biased away from 0 and a perfect model fails any tight limit on few rows.

    References
    ----------
    Naeini, M. P. et al. (2015), AAAI, 2901-2907; Kumar, A. et al. (2019), NeurIPS, 3792-3803 (the bias).

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Roles
    >>> roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,), has_scores=True)
    >>> scores, counts = np.array([0.25, 0.75]), np.array([[4, 0], [1, 3]])
    >>> expected_calibration_error(ScoreHistogram(roles=roles, scores=scores, counts=counts), bins=2).value
    0.125
    """
    require_at_least("bins", bins, 1)
    require_scores(score_histogram.roles, score_histogram.n)
    scores, rows = score_histogram.scores, score_histogram.counts.sum(axis=1)
    places = _mass_bins(rows, bins) if equal_mass else _width_bins(scores, bins)
    diagram = [_bin(scores[places == place], score_histogram.counts[places == place]) for place in np.unique(places)]
    gaps = [row["n"] * abs(row["mean_score"] - row["observed"]) for row in diagram]
    return Measurement(
        value=math.fsum(gaps) / score_histogram.n,
        n=score_histogram.n,
        unit="score",
        method="equal_mass_bins" if equal_mass else "equal_width_bins",
        reason=Reason(code="no_interval"),
        details={"bins": diagram, "scores": "exact" if score_histogram.exact else "grid"},
    )


def _width_bins(scores: Floats, bins: int) -> Ints:
    edges = np.arange(1, bins) / bins
    return np.searchsorted(edges, scores, side="left").astype(np.int64)


def _mass_bins(rows: Ints, bins: int) -> Ints:
    """Bin of every distinct score by the rank of the middle of its rows."""
    n = int(rows.sum())
    # Whole numbers: a rank on a border must not depend on rounding.
    places: Ints = np.minimum((2 * np.cumsum(rows) - rows) * bins // (2 * n), bins - 1)
    return places


def _bin(scores: Floats, counts: Ints) -> _Bin:
    rows = counts.sum(axis=1)
    n = int(rows.sum())
    return {"n": n, "mean_score": math.fsum(scores * rows) / n, "observed": int(counts[:, 1].sum()) / n}


def _unjudged(value: float, n: int, code: str) -> Measurement:
    return Measurement(value=value, n=n, unit="dimensionless", judged=False, reason=Reason(code=code))
