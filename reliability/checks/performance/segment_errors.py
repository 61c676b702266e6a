"""Whether errors are as small in every segment as they are on the whole."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from reliability.blocks import Bools, Floats, Ints
from reliability.checks.comparing import Estimates, compared_estimates, withdrawn
from reliability.checks.requirements import AtLeastOne, require_at_least, require_values
from reliability.errors import NotMeasurable
from reliability.evidence.group_moments import GroupMoments
from reliability.evidence.moments import Moments
from reliability.intervals.arrays import Interval
from reliability.intervals.comparisons import Comparison, ratio_limits
from reliability.intervals.means import FEWEST, positive_mean_limits
from reliability.records import Measurement, Reason


def segment_error_ratio(
    group_moments: GroupMoments, *, minimum_group_size: AtLeastOne = 30, confidence: float = 0.95
) -> Measurement:
    """Mean absolute error of the worst segment over that of all rows.

    Parameters
    ----------
    group_moments : GroupMoments
        Sums of errors by segment.
    minimum_group_size : int, default 30
        Segments with fewer rows, or fewer than 30, are listed, not compared.
    confidence : float, default 0.95
        Coverage of the interval for all segments at once, in (0, 1).

    Returns
    -------
    Measurement
        Ratio, at least 0; 1 is best: no segment is worse than the whole. `details` has every segment and the worst.

    Raises
    ------
    NotMeasurable
        If the task is not regression, there are no rows, or no row errs.

    Notes
    -----
    With p the share of a segment's rows and r the ratio of the error outside it to that inside it, the ratio is
    1 / (p + (1 - p) r), which falls with r; r is of two independent means, so that the limits of `ratio_limits` on
    those of `positive_mean_limits` carry over. Not judged where errors in a segment do not differ in size, fewer than
    30 rows lie outside it, or rows are clustered.

    References
    ----------
    Donner, A. and Zou, G. Y. (2012), Statistical Methods in Medical Research 21, 347-359.

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Block, Groups, Roles
    >>> y, region = np.arange(80.0), Groups(codes=np.arange(80, dtype=np.int32) % 2, levels=("N", "S"))
    >>> errors = np.where(region.codes == 0, 3.0, 1.0) * (1 + np.arange(80) // 2 % 2)
    >>> roles = Roles(task="regression")
    >>> block = Block(start=0, roles=roles, columns={}, y_true=y, y_pred=y + errors, groups={"region": region})
    >>> segment_error_ratio(GroupMoments.of(block, ("region",))).value
    1.5
    """
    require_values(group_moments.roles, group_moments.n)
    require_at_least("minimum_group_size", minimum_group_size, 1)
    parts = _Parts(group_moments=group_moments, whole=group_moments.whole)
    whole = parts.whole.exact("e_abs").fraction()
    if not whole:
        raise NotMeasurable("variance_not_estimable")
    rows: Ints = np.array([one.n for one in group_moments.moments])
    known: Bools = np.array([None not in level for level in group_moments.levels])
    large = np.flatnonzero(known & (rows >= max(minimum_group_size, FEWEST))).tolist()
    problems = {index: problem for index in large if (problem := parts.problem(index))}
    estimates = Estimates(
        attributes=group_moments.attributes,
        levels=group_moments.levels,
        values=tuple(
            float(one.exact("e_abs").fraction() / one.n * group_moments.n / whole) if one.n else None
            for one in group_moments.moments
        ),
        n=rows,
        compared=np.isin(np.arange(len(rows)), [index for index in large if index not in problems]),
        limits=parts.limits,
    )
    method = "mover_gamma_matched_rest"
    measured = compared_estimates(estimates, _worst, unit="ratio", method=method, confidence=confidence)
    if group_moments.roles.clustered:
        return withdrawn(measured, Reason(code="clustered_rows"))
    return withdrawn(measured, next(iter(problems.values()))) if problems else measured


@dataclass(frozen=True, kw_only=True, eq=False)
class _Parts:
    """Every segment beside the rows outside it."""

    group_moments: GroupMoments
    whole: Moments

    def limits(self, index: int, mass: float) -> Interval:
        """Limits of a segment's mean absolute error over that of all rows."""
        inside, outside = self._sides(index, mass)
        arrays = (np.array(value) for value in (*outside, *inside))
        ratio = [float(limit) for limit in ratio_limits(*arrays)]
        share = self.group_moments.moments[index].n / self.group_moments.n
        low, high = (1 / (share + (1 - share) * limit) for limit in reversed(ratio))
        return low, high

    def problem(self, index: int) -> Reason | None:
        """Why a segment has no limits, if it has none."""
        try:
            self.limits(index, 0.05)
        except NotMeasurable as problem:
            return Reason.of(problem)
        return None

    def _sides(self, index: int, mass: float) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
        one, whole = self.group_moments.moments[index], self.whole
        others = [other for place, other in enumerate(self.group_moments.moments) if place != index]
        total, squares = (one.exact(name).fraction() for name in ("e_abs", "e2"))
        inside = _mean_within(total, squares, one.n, one.largest["e_abs"], mass)
        rest = (whole.exact("e_abs").fraction() - total, whole.exact("e2").fraction() - squares)
        largest = max([0.0, *(other.largest["e_abs"] for other in others)])
        return inside, _mean_within(*rest, whole.n - one.n, largest, mass)


def _mean_within(total: Fraction, squares: Fraction, n: int, largest: float, mass: float) -> tuple[float, float, float]:
    limits = positive_mean_limits(total, squares, n, largest=largest, mass=mass)
    return float(total / n), *limits


def _worst(values: Floats, low: Floats, high: Floats, *, method: str) -> Comparison:
    return Comparison(
        value=float(values.max()),
        low=float(low.max()),
        high=float(high.max()),
        worst=(int(values.argmax()),),
        method=method,
        group_low=low,
        group_high=high,
    )
