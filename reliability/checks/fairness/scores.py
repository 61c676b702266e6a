"""Whether scores order the rows of every group equally well, and whom they put into the upper half."""

from functools import partial

import numpy as np

from reliability.blocks import Ints
from reliability.checks.comparing import Estimates, compared_estimates, known, withdrawn
from reliability.checks.requirements import AtLeastOne, require_at_least, require_scores
from reliability.errors import NotMeasurable
from reliability.evidence.group_histogram import GroupHistogram
from reliability.evidence.score_histogram import auc_of, auc_quantisation_of
from reliability.intervals.arrays import Interval
from reliability.intervals.comparisons import widest_difference, widest_ratio
from reliability.intervals.proportions import exact_high, exact_low
from reliability.intervals.ranks import auc_interval, widened
from reliability.records import Measurement, Reason

# With fewer rows of a class an interval of a group's AUC holds, but says next to nothing.
FEWEST_OF_A_CLASS = 5


def roc_auc_difference(
    group_histogram: GroupHistogram, *, minimum_group_size: AtLeastOne = 30, confidence: float = 0.95
) -> Measurement:
    """Largest difference of two groups' areas under the ROC curve.

    Parameters
    ----------
    group_histogram : GroupHistogram
        Rows counted by group, score and class.
    minimum_group_size : int, default 30
        Groups with fewer rows are listed, not compared.
    confidence : float, default 0.95
        Coverage of the interval for all pairs of groups at once, in (0, 1).

    Returns
    -------
    Measurement
        Difference, in [0, 1]; 0 is best. `details` has every group and the two that differ most; `quantisation` is how
        far grouped scores can move the area of a group that is compared.

    Raises
    ------
    NotMeasurable
        If the task is not binary, there are no scores or no rows, or no positive class is settled.

    Notes
    -----
    Each group's own ROC curve, on its rows alone; interval of `widest_difference` on the limits of `auc_interval`.
    Groups with fewer than 5 rows of either class are listed, not compared. Scores may order every group well and still
    stand higher for one group than for another: this does not see it. Clustered rows are not judged.

    References
    ----------
    Hanley, J. A. and McNeil, B. J. (1982), Radiology 143, 29-36; Borkan, D. et al. (2019), Companion of WWW, 491-500
    (subgroup AUC).

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Block, Groups, Roles
    >>> roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,), has_scores=True)
    >>> sex = Groups(codes=np.repeat(np.array([0, 1], np.int32), 10), levels=("F", "M"))
    >>> y, score = np.tile([0, 1], 10), np.r_[np.tile([0.2, 0.8], 5), np.tile([0.5, 0.5], 5)]
    >>> rows = Block(start=0, roles=roles, columns={}, y_true=y, y_score=score, groups={"sex": sex})
    >>> roc_auc_difference(GroupHistogram.of(rows, ("sex",)), minimum_group_size=10).value
    0.5
    """
    require_scores(group_histogram.roles, group_histogram.n)
    require_at_least("minimum_group_size", minimum_group_size, 1)
    tables = [group_histogram.counts(index) for index in range(len(group_histogram.levels))]
    sizes = group_histogram.class_sizes
    large = known(group_histogram.levels) & (sizes.sum(axis=1) >= minimum_group_size)
    compared = large & (sizes.min(axis=1) >= FEWEST_OF_A_CLASS)
    moved = [0.0 if group_histogram.exact else auc_quantisation_of(table) for table in tables]

    def _of_group(index: int, mass: float) -> Interval:
        return widened(auc_interval(tables[index], confidence=1 - mass), moved[index])

    estimates = Estimates(
        attributes=group_histogram.attributes,
        levels=group_histogram.levels,
        values=tuple(auc_of(table) if table.sum(axis=0).all() else None for table in tables),
        n=sizes.sum(axis=1),
        compared=compared,
        limits=_of_group,
    )
    measured = compared_estimates(
        estimates, widest_difference, unit="difference", method="mover_newcombe_delong", confidence=confidence
    )
    quantisation = max((moved[index] for index in np.flatnonzero(compared)), default=0.0)
    return _finished(measured, group_histogram, quantisation)


def scoring_rate_ratio(
    group_histogram: GroupHistogram, *, minimum_group_size: AtLeastOne = 30, confidence: float = 0.95
) -> Measurement:
    """Smallest ratio of two groups' shares of rows that score above the median of all rows.

    Parameters
    ----------
    group_histogram : GroupHistogram
        Rows counted by group and score, or by group and predicted value.
    minimum_group_size : int, default 30
        Groups with fewer rows are listed, not compared; their rows count for the median.
    confidence : float, default 0.95
        Coverage of the interval for all pairs of groups at once, in (0, 1).

    Returns
    -------
    Measurement
        Ratio, in [0, 1]; 1 is best. `details` has every group and the two that differ most; `quantisation` is the
        largest share of a compared group that may stand on the wrong side of the median because scores are grouped.

    Raises
    ------
    NotMeasurable
        If the task is multiclass, there are no scores (binary), predictions (regression) or rows, or no favourable
        outcome is declared.

    Notes
    -----
    Scoring rate: rows above the median / rows of the group, New York City's term for tools that give a score. A
    score is the predicted probability of the favourable outcome (1 - score where the favourable class is not the
    positive one), or the prediction itself, the lower the better where lower is favourable. Rows at the median are not
    above it. Interval of `widest_ratio` on Clopper-Pearson limits, the cut-off taken as it was found: it speaks of
    the groups' chances to pass that cut-off. Clustered rows are not judged.

    References
    ----------
    Rules of the City of New York, title 6, section 5-300 ("impact ratio", "scoring rate"); Donner, A. and Zou, G. Y.
    (2012), Statistical Methods in Medical Research 21, 347-359.

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Block, Groups, Roles
    >>> roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,), has_scores=True)
    >>> sex = Groups(codes=np.repeat(np.array([0, 1], np.int32), 10), levels=("F", "M"))
    >>> y, score = np.tile([0, 1], 10), np.r_[np.full(8, 0.2), np.full(8, 0.8), np.full(4, 0.1)]
    >>> rows = Block(start=0, roles=roles, columns={}, y_true=y, y_score=score, groups={"sex": sex})
    >>> round(scoring_rate_ratio(GroupHistogram.of(rows, ("sex",)), minimum_group_size=10).value, 3)
    0.333
    """
    mirrored = _mirrored(group_histogram)
    require_at_least("minimum_group_size", minimum_group_size, 1)
    above, beside = group_histogram.above_median(mirrored=mirrored)
    rows = group_histogram.class_sizes.sum(axis=1)
    compared = known(group_histogram.levels) & (rows >= minimum_group_size)
    if group_histogram.exact:
        beside = np.zeros_like(beside)
    estimates = Estimates(
        attributes=group_histogram.attributes,
        levels=group_histogram.levels,
        values=tuple(int(x) / int(n) if n else None for x, n in zip(above, rows, strict=True)),
        n=rows,
        compared=compared,
        limits=partial(_rate_limits, above, above + beside, rows),
    )
    measured = compared_estimates(
        estimates, widest_ratio, unit="ratio", method="mover_clopper_pearson", confidence=confidence
    )
    return _finished(measured, group_histogram, float(np.max(beside[compared] / rows[compared], initial=0.0)))


def _finished(measured: Measurement, group_histogram: GroupHistogram, quantisation: float) -> Measurement:
    """Says how far grouped scores can move a number, and withdraws every interval where rows are clustered."""
    told = {"scores": "exact" if group_histogram.exact else "grid", "quantisation": quantisation}
    measured = measured.model_copy(update={"details": measured.details | told})
    clustered = group_histogram.roles.clustered
    return withdrawn(measured, Reason(code="clustered_rows")) if clustered else measured


def _mirrored(group_histogram: GroupHistogram) -> bool:
    """Whether a lower score is the more favourable one."""
    roles = group_histogram.roles
    if roles.task == "regression":
        _require_rows(group_histogram, "no_predictions")
        if roles.favourable_direction is None:
            raise NotMeasurable("no_favourable")
        return roles.favourable_direction == "lower"
    require_scores(roles, group_histogram.n)
    if len(roles.favourable) != 1:
        raise NotMeasurable("no_favourable")
    return roles.favourable[0] != roles.positive


def _require_rows(group_histogram: GroupHistogram, code: str) -> None:
    if not group_histogram.n:
        raise NotMeasurable("no_rows" if group_histogram.roles.has_predictions else code)


def _rate_limits(fewest: Ints, most: Ints, rows: Ints, index: int, mass: float) -> Interval:
    """Clopper-Pearson limits of a count that is known up to the rows beside the median."""
    low, high = exact_low(fewest[index], rows[index], mass=mass), exact_high(most[index], rows[index], mass=mass)
    return float(low), float(high)
