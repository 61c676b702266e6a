"""Whether predicted values and their errors are alike between groups."""

import math
from collections.abc import Callable
from functools import partial

import numpy as np

from reliability.checks.comparing import Estimates, compared_estimates, known, withdrawn
from reliability.checks.requirements import AtLeastOne, require_at_least, require_values
from reliability.errors import NotMeasurable
from reliability.evidence.group_moments import GroupMoments
from reliability.intervals.arrays import Interval
from reliability.intervals.comparisons import widest_difference
from reliability.intervals.means import FEWEST, positive_mean_limits, skewed_mean_limits
from reliability.records import Measurement, Reason


def mean_error_difference(
    group_moments: GroupMoments, *, minimum_group_size: AtLeastOne = 30, confidence: float = 0.95
) -> Measurement:
    """Largest difference of two groups' mean errors.

    Parameters
    ----------
    group_moments : GroupMoments
        Sums of errors by group.
    minimum_group_size : int, default 30
        Groups with fewer rows are listed, not compared.
    confidence : float, default 0.95
        Coverage of the interval for all pairs of groups at once, in (0, 1).

    Returns
    -------
    Measurement
        In the unit of the target, at least 0; 0 is best. `details` has every group and the two that differ most; above
        0 a group is predicted too high.

    Raises
    ------
    NotMeasurable
        If the task is not regression or there are no rows.

    Notes
    -----
    Error: predicted minus true value. Interval of `widest_difference` on the limits of `skewed_mean_limits` of every
    group. Not judged where the errors of a group do not differ, or rows are clustered. Equal groups of very skewed
    errors and very different sizes fail too often (docs/validation/README.md).

    References
    ----------
    Calders, T. et al. (2013), ICDM, 71-80 (mean difference of residuals); Zou, G. Y. and Donner, A. (2008), Statistics
    in Medicine 27, 1693-1702.

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Block, Groups, Roles
    >>> y, sex = np.arange(60.0), Groups(codes=np.arange(60, dtype=np.int32) % 2, levels=("F", "M"))
    >>> predicted = y + np.where(sex.codes == 0, 1.0, 0.0) + (np.arange(60) // 2 % 2)
    >>> roles = Roles(task="regression")
    >>> block = Block(start=0, roles=roles, columns={}, y_true=y, y_pred=predicted, groups={"sex": sex})
    >>> mean_error_difference(GroupMoments.of(block, ("sex",))).value
    1.0
    """
    limits = partial(_signed_limits, group_moments, "e")
    return _difference(group_moments, "e", limits, minimum_group_size, confidence, method="mover_student_t_further")


def mean_absolute_error_difference(
    group_moments: GroupMoments, *, minimum_group_size: AtLeastOne = 30, confidence: float = 0.95
) -> Measurement:
    """Largest difference of two groups' mean absolute errors.

    Parameters
    ----------
    group_moments : GroupMoments
        Sums of errors by group.
    minimum_group_size : int, default 30
        Groups with fewer rows, or fewer than 30, are listed, not compared.
    confidence : float, default 0.95
        Coverage of the interval for all pairs of groups at once, in (0, 1).

    Returns
    -------
    Measurement
        In the unit of the target, at least 0; 0 is best. `details` has every group and the two that differ most.

    Raises
    ------
    NotMeasurable
        If the task is not regression or there are no rows.

    Notes
    -----
    Interval of `widest_difference` on the limits of `positive_mean_limits` of every group. Not judged where the errors
    of a group do not differ in size, or rows are clustered.

    References
    ----------
    Agarwal, A., Dudik, M. and Wu, Z. S. (2019), ICML, 120-129 (bounded group loss); Zou, G. Y. and Donner, A. (2008),
    Statistics in Medicine 27, 1693-1702.

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Block, Groups, Roles
    >>> y, sex = np.arange(60.0), Groups(codes=np.arange(60, dtype=np.int32) % 2, levels=("F", "M"))
    >>> predicted = y + np.where(sex.codes == 0, 1.0, 0.0) + (np.arange(60) // 2 % 2)
    >>> roles = Roles(task="regression")
    >>> block = Block(start=0, roles=roles, columns={}, y_true=y, y_pred=predicted, groups={"sex": sex})
    >>> mean_absolute_error_difference(GroupMoments.of(block, ("sex",))).value
    1.0
    """
    require_at_least("minimum_group_size", minimum_group_size, 1)
    limits, least = partial(_positive_limits, group_moments), max(minimum_group_size, FEWEST)
    return _difference(group_moments, "e_abs", limits, least, confidence, method="mover_gamma_matched")


def mean_prediction_difference(
    group_moments: GroupMoments, *, minimum_group_size: AtLeastOne = 30, confidence: float = 0.95
) -> Measurement:
    """Largest difference of two groups' mean predicted values.

    Parameters
    ----------
    group_moments : GroupMoments
        Sums of predicted values by group.
    minimum_group_size : int, default 30
        Groups with fewer rows are listed, not compared.
    confidence : float, default 0.95
        Coverage of the interval for all pairs of groups at once, in (0, 1).

    Returns
    -------
    Measurement
        In the unit of the target, at least 0; 0 is best. `details` has every group and the two that differ most.

    Raises
    ------
    NotMeasurable
        If the task is not regression or there are no rows.

    Notes
    -----
    The form that statistical parity takes for values: whether they are right does not matter. Interval of
    `widest_difference` on the limits of `skewed_mean_limits` of every group. Not judged where the predictions of a
    group do not differ, or rows are clustered. Equal groups of very skewed values and very different sizes fail too
    often (docs/validation/README.md).

    References
    ----------
    Calders, T. et al. (2013), ICDM, 71-80 (mean difference); Zou, G. Y. and Donner, A. (2008), Statistics in
    Medicine 27, 1693-1702.

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Block, Groups, Roles
    >>> y, sex = np.arange(60.0), Groups(codes=np.arange(60, dtype=np.int32) % 2, levels=("F", "M"))
    >>> roles = Roles(task="regression")
    >>> block = Block(start=0, roles=roles, columns={}, y_true=y, y_pred=y, groups={"sex": sex})
    >>> mean_prediction_difference(GroupMoments.of(block, ("sex",))).value
    1.0
    """
    limits = partial(_signed_limits, group_moments, "p")
    return _difference(group_moments, "p", limits, minimum_group_size, confidence, method="mover_student_t_further")


def _signed_limits(group_moments: GroupMoments, name: str, index: int, mass: float) -> Interval:
    one = group_moments.moments[index]
    total, squares = one.exact(name).fraction(), one.exact(f"{name}2").fraction()
    lowest, highest = -one.largest[f"{name}_negated"], one.largest[name]
    return skewed_mean_limits(total, squares, one.n, lowest=lowest, highest=highest, mass=mass)


def _positive_limits(group_moments: GroupMoments, index: int, mass: float) -> Interval:
    one = group_moments.moments[index]
    total, squares = one.exact("e_abs").fraction(), one.exact("e2").fraction()
    return positive_mean_limits(total, squares, one.n, largest=one.largest["e_abs"], mass=mass)


def _difference(
    group_moments: GroupMoments,
    name: str,
    limits: Callable[[int, float], Interval],
    minimum: int,
    confidence: float,
    *,
    method: str,
) -> Measurement:
    require_values(group_moments.roles, group_moments.n)
    require_at_least("minimum_group_size", minimum, 1)
    rows = np.array([one.n for one in group_moments.moments])
    large = known(group_moments.levels) & (rows >= minimum)
    problems = {int(index): problem for index in np.flatnonzero(large) if (problem := _problem(limits, int(index)))}
    large[list(problems)] = False
    estimates = Estimates(
        attributes=group_moments.attributes,
        levels=group_moments.levels,
        values=tuple(float(one.exact(name).fraction() / one.n) if one.n else None for one in group_moments.moments),
        n=rows,
        compared=large,
        limits=limits,
    )
    widest = partial(widest_difference, greatest=math.inf)
    measured = compared_estimates(estimates, widest, unit="target", method=method, confidence=confidence)
    if group_moments.roles.clustered:
        return withdrawn(measured, Reason(code="clustered_rows"))
    return withdrawn(measured, next(iter(problems.values()))) if problems else measured


def _problem(limits: Callable[[int, float], Interval], index: int) -> Reason | None:
    """Why a group that is known and large has no limits, if it has none."""
    try:
        limits(index, 0.05)
    except NotMeasurable as problem:
        return Reason.of(problem)
    return None
