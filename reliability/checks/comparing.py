"""Groups compared with each other: one measurement of the widest gap, with every group in its details.

Unknown groups and small ones, however small their share of the rows, are listed and never dropped.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np

from reliability.blocks import Bools, Floats, Ints, Label
from reliability.checks.requirements import require_at_least
from reliability.errors import NotMeasurable
from reliability.evidence.group_counts import GroupCounts
from reliability.intervals.arrays import Interval
from reliability.intervals.comparisons import Comparison, group_mass
from reliability.intervals.proportions import clopper_pearson, effective_n
from reliability.records import Json, Measurement, Reason

SMALL_GROUPS_SHARE = 0.05


@dataclass(frozen=True, kw_only=True, eq=False)
class Rates:
    """A proportion per group: successes among rows, what the rows are worth, and which groups are compared."""

    attributes: tuple[str, ...]
    levels: tuple[tuple[Label | None, ...], ...]
    successes: Ints
    rows: Ints
    worth: Floats
    compared: Bools
    unclear: bool = False  # rows are clustered, and what they are worth was not counted

    @cached_property
    def worth_successes(self) -> Floats:
        """Successes among the effective rows."""
        # In this order whole numbers stay whole where rows are not clustered.
        worth: Floats = self.successes * (self.worth / np.maximum(self.rows, 1))
        return worth

    @cached_property
    def _limits(self) -> dict[float, tuple[Floats, Floats]]:
        return {}

    def limits(self, confidence: float) -> tuple[Floats, Floats]:
        """Clopper-Pearson limits of every group by itself; worked out once."""
        if confidence not in self._limits:
            self._limits[confidence] = clopper_pearson(self.worth_successes, self.worth, confidence=confidence)
        return self._limits[confidence]

    def exact(self, index: int) -> Fraction:
        """The rate of one group, unrounded."""
        return Fraction(int(self.successes[index]), int(self.rows[index]))

    def slice(self, index: int) -> dict[str, Label | None]:
        """The group as the record names it."""
        return dict(zip(self.attributes, self.levels[index], strict=True))


def rates_of(group_counts: GroupCounts, successes: Bools, among: Bools, minimum: int, confidence: float) -> Rates:
    """The proportion of every group: rows in cells `successes` among those in cells `among`.

    Parameters
    ----------
    group_counts : GroupCounts
        Rows by group, true and predicted class.
    successes : ndarray of bool, shape (K, K)
        Cells that count as success.
    among : ndarray of bool, shape (K, K)
        Cells that count at all.
    minimum : int
        Fewest rows of a group that is compared, at least 1.
    confidence : float
        What the effective rows of clusters are meant for, in (0, 1).

    Returns
    -------
    Rates
        The groups with their rows, and which are compared.
    """
    require_at_least("minimum_group_size", minimum, 1)
    # A difference, a ratio and equalised odds speak of the same rates.
    known_rates, asked = group_counts.worked_out, (successes.tobytes(), among.tobytes(), minimum, confidence)
    if asked not in known_rates:
        known_rates[asked] = _rates(group_counts, successes, among, minimum, confidence)
    found: Rates = known_rates[asked]
    return found


def _rates(group_counts: GroupCounts, successes: Bools, among: Bools, minimum: int, confidence: float) -> Rates:
    right, rows = (group_counts.counts[:, cells].sum(axis=1) for cells in (successes, among))
    worth: Floats = np.asarray(rows, np.float64)
    if group_counts.buckets is not None:
        buckets = (group_counts.buckets[:, :, cells].sum(axis=2) for cells in (successes, among))
        worth = effective_n(*buckets, confidence=confidence)
    return Rates(
        attributes=group_counts.attributes,
        levels=group_counts.levels,
        successes=right,
        rows=rows,
        worth=worth,
        compared=known(group_counts.levels) & (rows >= minimum),
        unclear=group_counts.roles.clustered and group_counts.buckets is None,
    )


def compared(rates: Rates, widest: Callable[..., Comparison], unit: str, confidence: float) -> Measurement:
    """The widest gap between the groups that are compared; not judged where too many rows are left out.

    Parameters
    ----------
    rates : Rates
        The proportion of every group.
    widest : callable
        `largest_difference` or `smallest_ratio`.
    unit : str
        `difference` or `ratio`.
    confidence : float
        Coverage for all pairs at once, in (0, 1).

    Returns
    -------
    Measurement
        Difference or ratio, in [0, 1], with every group in `details`.
    """
    chosen = np.flatnonzero(rates.compared)
    n, details = int(rates.rows[chosen].sum()), {"groups": _listed(rates, confidence)}
    if len(chosen) < 2:
        return _unjudged(n, unit, details, _because("fewer_than_two_groups", by=list(rates.attributes)))
    try:
        gap = widest(rates.worth_successes[chosen], rates.worth[chosen], confidence=confidence)
    except NotMeasurable as problem:
        return _unjudged(n, unit, details, Reason(code=problem.code))
    lowest, highest = (int(chosen[end]) for end in gap.worst)
    reason = Reason(code="clustered_rows") if rates.unclear else _left_out(rates.rows, rates.compared, rates.attributes)
    return Measurement(
        value=_gap(rates.exact(lowest), rates.exact(highest), unit),
        low=None if rates.unclear else gap.low,
        high=None if rates.unclear else gap.high,
        n=n,
        unit=unit,
        method=gap.method if (rates.worth == rates.rows).all() else f"{gap.method}_effective_n",
        judged=reason is None,
        reason=reason,
        details=details | {"worst": [rates.slice(lowest), rates.slice(highest)]},
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class Estimates:
    """One number a group with its own interval, and which groups are compared.

    Attributes
    ----------
    attributes, levels
        The groups, as in the evidence.
    values : tuple of float or None
        The number of every group; None where it has none.
    n : ndarray of int64, shape (L,)
        Rows that the number speaks of.
    compared : ndarray of bool, shape (L,)
        Known groups that are large enough and have a number.
    limits : callable
        Of a compared group's position and the probability outside: its low and high limit.
    """

    attributes: tuple[str, ...]
    levels: tuple[tuple[Label | None, ...], ...]
    values: tuple[float | None, ...]
    n: Ints
    compared: Bools
    limits: Callable[[int, float], Interval]

    def listed(self, confidence: float) -> list[dict[str, Json]]:
        """Every group as the record names it; the compared ones with their own interval."""
        found = [
            self.limits(index, 1 - confidence) if compared else (None, None)
            for index, compared in enumerate(self.compared.tolist())
        ]
        return [
            {
                "slice": dict(zip(self.attributes, level, strict=True)),
                "value": value, "low": low, "high": high, "n": n, "share": share, "judged": compared,
            }
            for level, value, (low, high), n, share, compared in zip(
                self.levels, self.values, found, self.n.tolist(), shares(self.n), self.compared.tolist(), strict=True
            )
        ]  # fmt: skip


def compared_estimates(
    estimates: Estimates, widest: Callable[..., Comparison], *, unit: str, method: str, confidence: float
) -> Measurement:
    """The widest gap between estimates; `widest` is `widest_difference`, `widest_ratio`, or a partial of them.

    Parameters
    ----------
    estimates : Estimates
        The number of every group.
    widest : callable
        Takes estimates, low and high limits, and `method`.
    unit : str
        Unit of the gap.
    method : str
        Name of the interval in the record.
    confidence : float
        Coverage for all pairs at once, in (0, 1).

    Returns
    -------
    Measurement
        The gap, with every group in `details`.
    """
    chosen = np.flatnonzero(estimates.compared)
    n, listed = int(estimates.n[chosen].sum()), estimates.listed(confidence)
    details: dict[str, Json] = {"groups": listed}
    if len(chosen) < 2:
        return _unjudged(n, unit, details, _because("fewer_than_two_groups", by=list(estimates.attributes)))
    mass = group_mass(len(chosen), confidence)
    limits = np.array([estimates.limits(int(index), mass) for index in chosen])
    values = np.array([estimates.values[index] for index in chosen])
    try:
        gap = widest(values, limits[:, 0], limits[:, 1], method=method)
    except NotMeasurable as problem:
        return _unjudged(n, unit, details, Reason(code=problem.code))
    reason = _left_out(estimates.n, estimates.compared, estimates.attributes)
    return Measurement(
        value=gap.value, low=gap.low, high=gap.high, n=n, unit=unit, method=method, judged=reason is None,
        reason=reason, details=details | {"worst": [listed[chosen[end]]["slice"] for end in gap.worst]},
    )  # fmt: skip


def known(levels: Iterable[tuple[Label | None, ...]]) -> Bools:
    """Which groups have a level of every attribute.

    Parameters
    ----------
    levels : iterable of tuple
        Levels of the groups; None where unknown.

    Returns
    -------
    ndarray of bool, shape (L,)
        True for known groups.
    """
    return np.fromiter((None not in level for level in levels), np.bool_)


def shares(rows: Ints) -> list[float]:
    """Every group's share of the rows that count, unknown and small groups among them.

    Parameters
    ----------
    rows : ndarray of int64, shape (L,)
        Rows of every group.

    Returns
    -------
    list of float
        Shares, in [0, 1].
    """
    total = max(int(rows.sum()), 1)
    return [n / total for n in rows.tolist()]


def withdrawn(measured: Measurement, reason: Reason) -> Measurement:
    """The comparison without any interval, for a reason found only after it was made.

    Parameters
    ----------
    measured : Measurement
        A comparison of groups.
    reason : Reason
        Why its intervals do not hold.

    Returns
    -------
    Measurement
        The same value, not judged.
    """
    groups = [group | {"low": None, "high": None} for group in measured.details["groups"]]
    return measured.model_copy(
        update={
            "low": None, "high": None, "judged": False, "reason": reason,
            "details": measured.details | {"groups": groups},
        }
    )  # fmt: skip


def _gap(lowest: Fraction, highest: Fraction, unit: str) -> float:
    # Rounded once: 0.8 - 0.7 in floats would stand just beyond a limit of 0.1 that it meets.
    return float(lowest / highest if unit == "ratio" else highest - lowest)


def _left_out(rows: Ints, compared: Bools, attributes: tuple[str, ...]) -> Reason | None:
    """Why the groups that are left do not stand for the whole, if they do not."""
    share = int(rows[~compared].sum()) / int(rows.sum())
    return _because("small_groups", by=list(attributes), share=share) if share > SMALL_GROUPS_SHARE else None


def _listed(rates: Rates, confidence: float) -> list[dict[str, Json]]:
    low, high = rates.limits(confidence)
    numbers = (rates.successes, rates.rows, low, high, rates.compared)
    listed = zip(rates.levels, shares(rates.rows), *(each.tolist() for each in numbers), strict=True)
    return [
        {
            "slice": dict(zip(rates.attributes, level, strict=True)),
            "value": x / n if n else None,
            "low": below if n and not rates.unclear else None,
            "high": above if n and not rates.unclear else None,
            "n": n,
            "share": share,
            "judged": compared,
        }
        for level, share, x, n, below, above, compared in listed
    ]


def _because(code: str, **values: Json) -> Reason:
    return Reason.model_validate({"code": code, "with": values})


def _unjudged(n: int, unit: str, details: dict[str, Json], reason: Reason) -> Measurement:
    return Measurement(value=None, n=n, unit=unit, judged=False, reason=reason, details=details)


def worst_positions(measured: Measurement, rates: Rates) -> tuple[int, int]:
    """Positions of the two groups that differ most: lowest rate, highest rate.

    Parameters
    ----------
    measured : Measurement
        A comparison of these rates.
    rates : Rates
        The groups compared.

    Returns
    -------
    tuple of int
        Positions of the lowest and of the highest rate.
    """
    lowest, highest = (rates.levels.index(tuple(group.values())) for group in measured.details["worst"])
    return lowest, highest
