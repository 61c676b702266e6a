"""Whether scores speak as truly of one group as of another."""

from functools import partial

import numpy as np

from reliability.checks.comparing import Estimates, compared_estimates, known, withdrawn
from reliability.checks.requirements import AtLeastOne, require_at_least, require_scores
from reliability.evidence.group_moments import GroupMoments
from reliability.evidence.moments import Moments
from reliability.intervals.arrays import Interval
from reliability.intervals.calibration import gap_limits
from reliability.intervals.comparisons import widest_difference
from reliability.records import Measurement, Reason


def calibration_difference(
    group_moments: GroupMoments, *, minimum_group_size: AtLeastOne = 30, confidence: float = 0.95
) -> Measurement:
    """Largest difference of two groups in how much too high their scores are on the whole.

    Parameters
    ----------
    group_moments : GroupMoments
        Sums of errors and outcomes by group.
    minimum_group_size : int, default 30
        Groups with fewer rows are listed, not compared.
    confidence : float, default 0.95
        Coverage of the interval for all pairs of groups at once, in (0, 1).

    Returns
    -------
    Measurement
        Difference, in [0, 2]; 0 is best. `details` has every group and the two that differ most; a group's value is
        its mean score minus its rate of the positive class, above 0 where scores are too high.

    Raises
    ------
    NotMeasurable
        If the task is not binary, there are no scores or no rows.

    Notes
    -----
    max - min over groups of mean (score - outcome) (calibration in the large). Of every group Clopper-Pearson's limits
    of the rate, at the number of rows p (1 - p) / variance of (score - outcome), never above its rows, so that a group
    without events is no certainty; these are moved to the mean and combined by `widest_difference`. Clustered rows are
    not judged. By groups, `calibration.expected_calibration_error` with `by: sensitive` tells the rest.

    References
    ----------
    Pleiss, G. et al. (2017), NeurIPS, 5680-5689; Korn, E. L. and Graubard, B. I. (1998), Survey Methodology 24,
    193-201 (limits at an effective number of rows).

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Block, Groups, Roles
    >>> roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,), has_scores=True, sensitive=("sex",))
    >>> sex = Groups(codes=np.repeat(np.array([0, 1], np.int32), 40), levels=("F", "M"))
    >>> y_true, y_score = np.array([0, 1] * 20 + [1] * 40), np.full(80, 0.75)
    >>> block = Block(start=0, roles=roles, columns={}, y_true=y_true, y_score=y_score, groups={"sex": sex})
    >>> calibration_difference(GroupMoments.of(block, ("sex",))).value
    0.5
    """
    require_at_least("minimum_group_size", minimum_group_size, 1)
    require_scores(group_moments.roles, group_moments.n)
    n = np.array([one.n for one in group_moments.moments])

    def _of_group(index: int, mass: float) -> Interval:
        return _limits(group_moments.moments[index], mass)

    estimates = Estimates(
        attributes=group_moments.attributes,
        levels=group_moments.levels,
        values=tuple(float(one.exact("d").fraction() / one.n) if one.n else None for one in group_moments.moments),
        n=n,
        compared=known(group_moments.levels) & (n >= minimum_group_size),
        limits=_of_group,
    )
    measured = compared_estimates(
        estimates, partial(widest_difference, greatest=2.0), unit="difference",
        method="mover_clopper_pearson_effective_n", confidence=confidence,
    )  # fmt: skip
    if group_moments.roles.clustered and measured.value is not None:
        return withdrawn(measured, Reason(code="clustered_rows"))
    return measured


def _limits(moments: Moments, mass: float) -> Interval:
    """Limits of the mean of score minus outcome."""
    n, rate = moments.n, moments.exact("y").fraction() / moments.n
    mean = moments.exact("d").fraction() / n
    variance = moments.exact("d2").fraction() / n - mean * mean
    return gap_limits(float(mean), float(rate), float(variance), n, mass=mass)
