"""How far the worst segment falls behind all rows."""

from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Literal, TypeAlias

import numpy as np

from reliability.blocks import Bools, Roles
from reliability.checks.comparing import Estimates, Rates, compared_estimates, rates_of, withdrawn
from reliability.checks.requirements import AtLeastOne, require_classes
from reliability.errors import NotMeasurable
from reliability.evidence.group_counts import GroupCounts
from reliability.intervals.arrays import Floats, Interval
from reliability.intervals.comparisons import Comparison
from reliability.intervals.proportions import exact_limits
from reliability.intervals.segments import largest_shortfall
from reliability.records import Measurement, Reason

Rate: TypeAlias = Literal["accuracy", "recall", "precision", "specificity"]


def segment_gap(
    group_counts: GroupCounts,
    *,
    rate: Rate = "accuracy",
    minimum_group_size: AtLeastOne = 30,
    confidence: float = 0.95,
) -> Measurement:
    """Overall rate minus that of the worst segment.

    Parameters
    ----------
    group_counts : GroupCounts
        Rows counted by segment, true class and predicted class.
    rate : {"accuracy", "recall", "precision", "specificity"}, default "accuracy"
        What is compared; all but accuracy speak of the positive class.
    minimum_group_size : int, default 30
        Segments with fewer rows that count towards the rate are listed, not compared.
    confidence : float, default 0.95
        Coverage of the interval for all segments at once, in (0, 1).

    Returns
    -------
    Measurement
        Difference, in [0, 1]; 0 is best. `details` has the overall rate, every segment, and the worst one; n counts the
        rows of the segments compared.

    Raises
    ------
    NotMeasurable
        If there are no classes or no rows, no positive class is settled, or no row counts towards the rate.

    Notes
    -----
    max over segments of (rate of all rows - rate of the segment). All rows hold the unknown segment and small ones too;
    if these hold over 5 % of the rows, it is not judged. Interval of `largest_shortfall`, the segments' sizes taken as
    given; clustered rows at their effective number.

    References
    ----------
    Newcombe, R. G. (1998), Statistics in Medicine 17, 873-890; Barocas, S. et al. (2021), AIES, 368-378
    (disaggregated evaluation).

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Roles
    >>> roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,))
    >>> counts = np.array([[[40, 10], [10, 40]], [[50, 0], [0, 50]]])
    >>> by_branch = GroupCounts(roles=roles, attributes=("branch",), levels=(("A",), ("B",)), counts=counts)
    >>> segment_gap(by_branch).value
    0.1
    """
    require_classes(group_counts.roles, group_counts.n)
    right, among = _cells(group_counts.roles, rate)
    if not group_counts.counts[:, among].sum():
        raise NotMeasurable("no_denominator")
    inside = rates_of(group_counts, right, among, minimum_group_size, confidence)
    outside = rates_of(_others(group_counts), right, among, 1, confidence)
    measured = compared_estimates(
        _estimates(inside),
        lambda *_, method: _shortfall(inside, outside, method=method, confidence=confidence),
        unit="difference",
        method=_method("mover_rest", inside, outside),
        confidence=confidence,
    )
    overall = int(inside.successes.sum()) / int(inside.rows.sum())
    measured = measured.model_copy(update={"details": measured.details | {"rate": rate, "overall": overall}})
    return withdrawn(measured, Reason(code="clustered_rows")) if inside.unclear else measured


def _cells(roles: Roles, rate: Rate) -> tuple[Bools, Bools]:
    """Cells of a confusion matrix that count as right, and those among which they do."""
    size = len(roles.classes)
    if rate == "accuracy":
        return np.eye(size) > 0, np.ones((size, size), np.bool_)
    if roles.positive is None:
        raise NotMeasurable("no_positive")
    mine = np.arange(size) == roles.positive
    true, predicted = np.broadcast_arrays(mine[:, None], mine[None, :])
    among = {"recall": true, "precision": predicted, "specificity": ~true}[rate]
    return among & (true == predicted), among


def _others(group_counts: GroupCounts) -> GroupCounts:
    """For every segment the rows that are not its own."""
    counts, buckets = group_counts.counts, group_counts.buckets
    return replace(
        group_counts,
        counts=counts.sum(axis=0) - counts,
        buckets=None if buckets is None else buckets.sum(axis=0) - buckets,
    )


def _estimates(inside: Rates) -> Estimates:
    @cache
    def by_mass(mass: float) -> tuple[Floats, Floats]:
        return exact_limits(inside.worth_successes, inside.worth, mass=mass)

    def limits(index: int, mass: float) -> Interval:
        low, high = by_mass(mass)
        return float(low[index]), float(high[index])

    return Estimates(
        attributes=inside.attributes,
        levels=inside.levels,
        values=tuple(float(inside.exact(index)) if n else None for index, n in enumerate(inside.rows.tolist())),
        n=inside.rows,
        compared=inside.compared,
        limits=limits,
    )


def _shortfall(inside: Rates, outside: Rates, *, method: str, confidence: float) -> Comparison:
    chosen = np.flatnonzero(inside.compared)
    overall = Fraction(int(inside.successes.sum()), int(inside.rows.sum()))
    gaps = [overall - inside.exact(int(index)) for index in chosen]
    low, high = largest_shortfall(
        (inside.worth_successes[chosen], inside.worth[chosen]),
        (outside.worth_successes[chosen], outside.worth[chosen]),
        outside.rows[chosen] / inside.rows.sum(),
        confidence=confidence,
    )
    unused: Floats = np.zeros(0)
    # Rounded once; where the segments left out are the worst, no compared one need fall behind.
    value = max(0.0, float(max(gaps)))
    return Comparison(
        value=value, low=low, high=high, worst=(gaps.index(max(gaps)),), method=method, group_low=unused,
        group_high=unused,
    )  # fmt: skip


def _method(name: str, *rates: Rates) -> str:
    return name if all((one.worth == one.rows).all() for one in rates) else f"{name}_effective_n"
