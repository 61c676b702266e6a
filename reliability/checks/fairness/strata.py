"""Whether selection is alike between groups within the same strata: like compared with like."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from reliability.blocks import Bools, Floats, Ints
from reliability.checks.comparing import SMALL_GROUPS_SHARE, Estimates, compared_estimates, known, withdrawn
from reliability.checks.requirements import AtLeastOne, require_at_least, require_classes
from reliability.errors import NotMeasurable
from reliability.evidence.group_strata import GroupStrata
from reliability.intervals.arrays import Interval
from reliability.intervals.comparisons import Comparison, widest_difference
from reliability.intervals.proportions import effective_n, exact_limits
from reliability.intervals.strata import (
    clustered_worth,
    mantel_haenszel_weights,
    smallest_mantel_haenszel_ratio,
    standardised_worth,
)
from reliability.records import Measurement, Reason

# A standardised rate that hangs on fewer rows than this has no interval that could be trusted.
FEWEST_ROWS = 10


@dataclass(frozen=True, kw_only=True, eq=False)
class _Compared:
    """Groups that are compared, over the strata that hold all of them, and the strata's shares of all rows there."""

    evidence: GroupStrata
    chosen: Bools
    used: Bools
    confidence: float

    @property
    def left_out(self) -> float:
        """Share of all rows in the strata that are left out."""
        rows = self.evidence.rows
        return int(rows[:, ~self.used].sum()) / int(rows.sum())

    @property
    def weights(self) -> Floats:
        sizes = self.evidence.rows[:, self.used].sum(axis=0)
        weights: Floats = sizes / sizes.sum()
        return weights

    def exact(self, index: int) -> Fraction:
        """The standardised rate of one group, unrounded."""
        rows, selected = self.evidence.rows[:, self.used], self.evidence.selected[index, self.used]
        parts = zip(rows.sum(axis=0).tolist(), selected.tolist(), rows[index].tolist(), strict=True)
        return Fraction(sum(Fraction(size * x, n) for size, x, n in parts), int(rows.sum()))

    def worth(self, index: int) -> float:
        buckets = self.evidence.buckets
        if buckets is None:
            rows, selected = self.evidence.rows[index, self.used], self.evidence.selected[index, self.used]
            return float(standardised_worth(selected, rows, self.weights))
        mine = buckets[index, self.used]
        return float(clustered_worth(mine[..., 1], mine.sum(axis=-1), self.weights, confidence=self.confidence))

    def thinnest(self) -> Reason | None:
        """Why no interval is given: a stratum in which a compared group has too few rows for its weight."""
        rows, weights = self.evidence.rows[:, self.used], self.weights
        return _too_few(rows[self.chosen], np.broadcast_to(weights, rows[self.chosen].shape))


def standardized_selection_rate_difference(
    group_strata: GroupStrata, *, minimum_group_size: AtLeastOne = 30, confidence: float = 0.95
) -> Measurement:
    """Largest difference of two groups' selection rates, standardised to the same strata.

    Parameters
    ----------
    group_strata : GroupStrata
        Rows counted by group, stratum and selection.
    minimum_group_size : int, default 30
        Groups with fewer rows are listed, not compared.
    confidence : float, default 0.95
        Coverage of the interval for all pairs of groups at once, in (0, 1).

    Returns
    -------
    Measurement
        Difference, in [0, 1]; 0 is best. `details` has every group with its standardised rate, the two that differ
        most, and the share of rows in strata left out.

    Raises
    ------
    NotMeasurable
        If there are no classes or no rows, or no favourable outcome or no strata are declared.

    Notes
    -----
    Directly standardised rate of a group: sum over strata of (the stratum's share of all rows) * (the group's rate
    there). A stratum in which a compared group has no row is left out for all; if such strata hold over 5 % of the
    rows, it is not judged (`empty_strata`). Interval: Clopper-Pearson at `standardised_worth`, then
    `widest_difference`; the strata's sizes are taken as given. Where one row would weigh over a tenth, there is none
    (`too_few_for_interval`). A stratum that itself stems from discrimination hides it: that is for the assessor to
    say.

    References
    ----------
    Keiding, N. and Clayton, D. (2014), Statistical Science 29, 529-558 (direct standardisation);
    Kamiran, F., Zliobaite, I. and Calders, T. (2013), Knowledge and Information Systems 35, 613-644.

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Roles
    >>> roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,), strata=("grade",))
    >>> counts = np.array([[[20, 20], [48, 12]], [[30, 30], [32, 8]]])
    >>> within = GroupStrata(roles=roles, attributes=("sex",), strata=("grade",), levels=(("F",), ("M",)),
    ...                      stratum_levels=(("A",), ("B",)), counts=counts)
    >>> standardized_selection_rate_difference(within).value
    0.0
    """
    chosen = _chosen(group_strata, minimum_group_size)
    used: Bools = np.all(group_strata.rows[chosen] > 0, axis=0)
    made = _Compared(evidence=group_strata, chosen=chosen, used=used, confidence=confidence)
    if not used.any():
        return _nothing_shared(group_strata, chosen, "difference", confidence)
    rows = group_strata.rows[:, used]
    values = tuple(float(made.exact(index)) if mine.all() else None for index, mine in enumerate(rows > 0))

    def _of_group(index: int, mass: float) -> Interval:
        worth, rate = made.worth(index), float(values[index] or 0.0)
        low, high = exact_limits(rate * worth, worth, mass=mass)
        return float(low), float(high)

    estimates = Estimates(
        attributes=group_strata.attributes, levels=group_strata.levels, values=values, n=rows.sum(axis=1),
        compared=chosen, limits=_of_group,
    )  # fmt: skip
    measured = compared_estimates(
        estimates, widest_difference, unit="difference", method=_method("mover_standardised", group_strata),
        confidence=confidence,
    )  # fmt: skip
    if measured.value is not None:
        rates = [made.exact(int(index)) for index in np.flatnonzero(chosen)]
        # Rounded once, so that a gap that meets a limit does not stand beyond it.
        measured = measured.model_copy(update={"value": float(max(rates) - min(rates))})
    return _settled(measured, group_strata, made.left_out, made.thinnest)


def mantel_haenszel_selection_ratio(
    group_strata: GroupStrata, *, minimum_group_size: AtLeastOne = 30, confidence: float = 0.95
) -> Measurement:
    """Smallest Mantel-Haenszel ratio of two groups' selection rates within strata.

    Parameters
    ----------
    group_strata : GroupStrata
        Rows counted by group, stratum and selection.
    minimum_group_size : int, default 30
        Groups with fewer rows are listed, not compared.
    confidence : float, default 0.95
        Coverage of the interval for all pairs of groups at once, in (0, 1).

    Returns
    -------
    Measurement
        Ratio, in [0, 1]; 1 is best. `details` has every group with its rate over all strata, the two that differ most,
        and the share of rows in strata that say nothing about a pair.

    Raises
    ------
    NotMeasurable
        If there are no classes or no rows, or no favourable outcome or no strata are declared.

    Notes
    -----
    Of groups a and b: sum over strata of x_a n_b / (n_a + n_b), over sum of x_b n_a / (n_a + n_b), with x selected of
    n rows; turned round where it exceeds 1. Interval of `smallest_mantel_haenszel_ratio`. For any pair, strata without
    rows of one of them say nothing; if such strata hold over 5 % of the pair's rows, it is not judged
    (`empty_strata`). Where one row would weigh over a tenth, there is no interval (`too_few_for_interval`).

    References
    ----------
    Mantel, N. and Haenszel, W. (1959), Journal of the National Cancer Institute 22, 719-748;
    Greenland, S. and Robins, J. M. (1985), Biometrics 41, 55-68.

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Roles
    >>> roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,), strata=("grade",))
    >>> counts = np.array([[[30, 10], [54, 6]], [[30, 30], [32, 8]]])
    >>> within = GroupStrata(roles=roles, attributes=("sex",), strata=("grade",), levels=(("F",), ("M",)),
    ...                      stratum_levels=(("A",), ("B",)), counts=counts)
    >>> mantel_haenszel_selection_ratio(within).value
    0.5
    """
    chosen = _chosen(group_strata, minimum_group_size)
    rows, selected = group_strata.rows[chosen], group_strata.selected[chosen]
    alone = _alone(rows)
    if alone is None:
        return _nothing_shared(group_strata, chosen, "ratio", confidence)
    buckets = group_strata.buckets
    split = None if buckets is None else (buckets[chosen][..., 1], buckets[chosen].sum(axis=-1))

    def _smallest(*_: Floats, **_names: str) -> Comparison:
        found = smallest_mantel_haenszel_ratio(selected, rows, split, confidence=confidence)
        lowest, highest = found.worst
        value = _exact_ratio((selected[lowest], rows[lowest]), (selected[highest], rows[highest]))
        return replace(found, value=value)

    measured = compared_estimates(
        _crude(group_strata, chosen, confidence), _smallest, unit="ratio",
        method=_method("mover_mantel_haenszel", group_strata), confidence=confidence,
    )  # fmt: skip
    return _settled(measured, group_strata, alone, lambda: _too_few_of_a_pair(rows))


def _chosen(evidence: GroupStrata, minimum: int) -> Bools:
    """Known groups that are large enough."""
    require_classes(evidence.roles, evidence.n)
    require_at_least("minimum_group_size", minimum, 1)
    if not evidence.roles.favourable:
        raise NotMeasurable("no_favourable")
    if not evidence.strata:
        # Declared, but none but what is compared: within one level of it there is one group.
        same = evidence.roles.strata
        raise NotMeasurable("strata_compared", by=list(same)) if same else NotMeasurable("no_strata")
    large: Bools = known(evidence.levels) & (evidence.rows.sum(axis=1) >= minimum)
    return large


def _settled(
    measured: Measurement, evidence: GroupStrata, left_out: float, too_few: Callable[[], Reason | None]
) -> Measurement:
    """The comparison with what its strata allow to be said."""
    told = measured.details | {"strata": list(evidence.strata), "left_out": left_out}
    measured = measured.model_copy(update={"details": told})
    if measured.value is None:
        return measured
    if evidence.roles.clustered and evidence.buckets is None:
        return withdrawn(measured, Reason(code="clustered_rows"))
    if (reason := too_few()) is not None:
        return withdrawn(measured, reason)
    if measured.judged and left_out > SMALL_GROUPS_SHARE:
        return measured.model_copy(update={"judged": False, "reason": _empty(evidence, left_out)})
    return measured


def _nothing_shared(evidence: GroupStrata, chosen: Bools, unit: str, confidence: float) -> Measurement:
    """No value: some groups stand in no stratum together."""
    found = _crude(evidence, chosen, confidence)
    details = {"groups": found.listed(confidence), "strata": list(evidence.strata), "left_out": 1.0}
    reason = _empty(evidence, 1.0)
    return Measurement.unjudged(None, n=int(found.n[chosen].sum()), unit=unit, reason=reason, details=details)


def _empty(evidence: GroupStrata, share: float) -> Reason:
    return Reason.model_validate({"code": "empty_strata", "with": {"by": list(evidence.attributes), "share": share}})


def _too_few(rows: Ints, weights: Floats) -> Reason | None:
    """Why a standardised rate has no interval: the stratum in which one row weighs most."""
    each = weights / np.maximum(rows, 1)
    heaviest = np.unravel_index(int(each.argmax()), each.shape)
    if each[heaviest] * FEWEST_ROWS <= 1:
        return None
    needed = math.ceil(FEWEST_ROWS * float(weights[heaviest]))
    return Reason.model_validate({"code": "too_few_for_interval", "with": {"n": int(rows[heaviest]), "needed": needed}})


def _too_few_of_a_pair(rows: Ints) -> Reason | None:
    for first in range(len(rows) - 1):
        weights = mantel_haenszel_weights(rows[first], rows[first + 1 :])
        both = np.stack([np.broadcast_to(rows[first], weights.shape), rows[first + 1 :]])
        if (reason := _too_few(both, np.stack([weights, weights]))) is not None:
            return reason
    return None


def _alone(rows: Ints) -> float | None:
    """Of the pair that shares least: the share of its rows in strata that hold only one of both; None if all are so."""
    shared = rows @ (rows > 0).T
    if not shared.all():
        return None
    total = rows.sum(axis=1)
    both = total[:, None] + total[None, :]
    return float(((both - shared - shared.T) / both).max(initial=0.0))


def _crude(evidence: GroupStrata, chosen: Bools, confidence: float) -> Estimates:
    """Every group's selection rate over all strata."""
    selected, rows = evidence.selected.sum(axis=1), evidence.rows.sum(axis=1)
    worth: Floats | Ints = rows
    if evidence.buckets is not None:
        split = evidence.buckets.sum(axis=1)
        worth = effective_n(split[..., 1], split.sum(axis=-1), confidence=confidence)

    def _of_group(index: int, mass: float) -> Interval:
        low, high = exact_limits(selected[index] * (worth[index] / rows[index]), worth[index], mass=mass)
        return float(low), float(high)

    values = tuple(x / n if n else None for x, n in zip(selected.tolist(), rows.tolist(), strict=True))
    return Estimates(
        attributes=evidence.attributes, levels=evidence.levels, values=values, n=rows, compared=chosen, limits=_of_group
    )


def _exact_ratio(first: tuple[Ints, Ints], second: tuple[Ints, Ints]) -> float:
    """The Mantel-Haenszel ratio of two groups, rounded once; each is its selected rows and all its rows by stratum."""
    strata = list(zip(*(one.tolist() for one in (*first, *second)), strict=True))
    top, bottom = (
        sum(Fraction(x * others, n + others) for x, n, others in parts if n + others)
        for parts in ([(x, n, m) for x, n, _, m in strata], [(y, m, n) for _, n, y, m in strata])
    )
    return float(top / bottom)


def _method(name: str, evidence: GroupStrata) -> str:
    return name if evidence.buckets is None else f"{name}_effective_n"
