"""Whether groups of people are treated alike."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from reliability.blocks import Bools, Floats, Ints, Label
from reliability.checks.four_fifths import FourFifths
from reliability.checks.requirements import AtLeastOne, require_at_least, require_classes
from reliability.errors import NotMeasurable
from reliability.evidence.group_counts import GroupCounts
from reliability.intervals import Comparison, clopper_pearson, effective_n, largest_difference, smallest_ratio
from reliability.records import Json, Measurement, Reason

SMALL_GROUPS_SHARE = 0.05


@dataclass(frozen=True, kw_only=True, eq=False)
class _Rates:
    """A proportion per group: successes among rows, what the rows are worth, and which groups are compared."""

    attributes: tuple[str, ...]
    levels: tuple[tuple[Label | None, ...], ...]
    successes: Ints
    rows: Ints
    worth: Floats
    compared: Bools
    unclear: bool = False  # rows are clustered, and what they are worth was not counted

    @property
    def worth_successes(self) -> Floats:
        """Successes among the effective rows."""
        # In this order whole numbers stay whole where rows are not clustered.
        worth: Floats = self.successes * (self.worth / np.maximum(self.rows, 1))
        return worth

    def exact(self, index: int) -> Fraction:
        """The rate of one group, unrounded."""
        return Fraction(int(self.successes[index]), int(self.rows[index]))

    def slice(self, index: int) -> dict[str, Label | None]:
        """The group as the record names it."""
        return dict(zip(self.attributes, self.levels[index], strict=True))


def selection_rate_ratio(
    group_counts: GroupCounts, *, minimum_group_size: AtLeastOne = 30, confidence: float = 0.95
) -> Measurement:
    """Smallest ratio of two groups' selection rates.

    Parameters
    ----------
    group_counts : GroupCounts
        Rows counted by group, true class and predicted class.
    minimum_group_size : int, default 30
        Groups with fewer rows are listed, not compared.
    confidence : float, default 0.95
        Coverage of the interval for all pairs of groups at once, in (0, 1).

    Returns
    -------
    Measurement
        Ratio, in [0, 1]; 1 is best. `details` has every group, the two that differ most, and the four-fifths reading.

    Raises
    ------
    NotMeasurable
        If there are no classes or no rows, or no favourable outcome is declared.

    Notes
    -----
    Selection: a favourable outcome is predicted. Interval of `smallest_ratio`; clustered rows at their effective
    number. The four-fifths table of 29 CFR 1607.4(D) is a reading beside the value, never a rule.

    References
    ----------
    Feldman, M. et al. (2015), KDD, 259-268; Donner, A. and Zou, G. Y. (2012), Statistical Methods in Medical
    Research 21, 347-359.

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Roles
    >>> roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,))
    >>> counts = np.array([[[40, 10], [20, 30]], [[10, 40], [10, 40]]])
    >>> by_sex = GroupCounts(roles=roles, attributes=("sex",), levels=(("F",), ("M",)), counts=counts)
    >>> selection_rate_ratio(by_sex).value
    0.5
    """
    rates = _selection_rates(group_counts, minimum_group_size, confidence)
    measured = _compared(rates, smallest_ratio, "ratio", confidence)
    if "worst" not in measured.details or rates.unclear:
        return measured
    lowest, highest = _worst(measured, rates)
    reading = FourFifths(
        selected=(int(rates.successes[lowest]), int(rates.successes[highest])),
        rows=(int(rates.rows[lowest]), int(rates.rows[highest])),
        worth=(float(rates.worth[lowest]), float(rates.worth[highest])),
    )
    return measured.model_copy(update={"details": measured.details | {"four_fifths": reading.as_details()}})


def selection_rate_difference(
    group_counts: GroupCounts, *, minimum_group_size: AtLeastOne = 30, confidence: float = 0.95
) -> Measurement:
    """Largest difference of two groups' selection rates.

    Parameters
    ----------
    group_counts : GroupCounts
        Rows counted by group, true class and predicted class.
    minimum_group_size : int, default 30
        Groups with fewer rows are listed, not compared.
    confidence : float, default 0.95
        Coverage of the interval for all pairs of groups at once, in (0, 1).

    Returns
    -------
    Measurement
        Difference, in [0, 1]; 0 is best. `details` has every group and the two that differ most.

    Raises
    ------
    NotMeasurable
        If there are no classes or no rows, or no favourable outcome is declared.

    Notes
    -----
    Selection: a favourable outcome is predicted. Interval of `largest_difference`; clustered rows at their effective
    number.

    References
    ----------
    Dwork, C. et al. (2012), ITCS, 214-226 (statistical parity); Calders, T. and Verwer, S. (2010), Data Mining and
    Knowledge Discovery 21, 277-292.

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Roles
    >>> roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,))
    >>> counts = np.array([[[40, 10], [35, 15]], [[10, 40], [15, 35]]])
    >>> by_sex = GroupCounts(roles=roles, attributes=("sex",), levels=(("F",), ("M",)), counts=counts)
    >>> selection_rate_difference(by_sex).value
    0.5
    """
    rates = _selection_rates(group_counts, minimum_group_size, confidence)
    return _compared(rates, largest_difference, "difference", confidence)


def true_positive_rate_difference(
    group_counts: GroupCounts, *, minimum_group_size: AtLeastOne = 30, confidence: float = 0.95
) -> Measurement:
    """Largest difference of two groups' true positive rates.

    Parameters
    ----------
    group_counts : GroupCounts
        Rows counted by group, true class and predicted class.
    minimum_group_size : int, default 30
        Groups with fewer rows of the positive class are listed, not compared.
    confidence : float, default 0.95
        Coverage of the interval for all pairs of groups at once, in (0, 1).

    Returns
    -------
    Measurement
        Difference, in [0, 1]; 0 is best. `details` has every group and the two that differ most; n counts rows of
        the positive class.

    Raises
    ------
    NotMeasurable
        If there are no classes, no positive class is settled, or it has no rows.

    Notes
    -----
    Rate: rows of the positive class that are predicted as it. Interval of `largest_difference`; clustered rows
    at their effective number.

    References
    ----------
    Hardt, M., Price, E. and Srebro, N. (2016), NeurIPS, 3315-3323 (equality of opportunity).

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Roles
    >>> roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,))
    >>> counts = np.array([[[40, 10], [10, 30]], [[10, 40], [20, 20]]])
    >>> by_sex = GroupCounts(roles=roles, attributes=("sex",), levels=(("F",), ("M",)), counts=counts)
    >>> true_positive_rate_difference(by_sex).value
    0.25
    """
    return _compared_among(group_counts, minimum_group_size, confidence, positive=True)


def false_positive_rate_difference(
    group_counts: GroupCounts, *, minimum_group_size: AtLeastOne = 30, confidence: float = 0.95
) -> Measurement:
    """Largest difference of two groups' false positive rates.

    Parameters
    ----------
    group_counts : GroupCounts
        Rows counted by group, true class and predicted class.
    minimum_group_size : int, default 30
        Groups with fewer rows of other classes than the positive one are listed, not compared.
    confidence : float, default 0.95
        Coverage of the interval for all pairs of groups at once, in (0, 1).

    Returns
    -------
    Measurement
        Difference, in [0, 1]; 0 is best. `details` has every group and the two that differ most; n counts rows of
        other classes than the positive one.

    Raises
    ------
    NotMeasurable
        If there are no classes, no positive class is settled, or no row is of another class.

    Notes
    -----
    Rate: rows of other classes that are predicted as the positive one. Interval of `largest_difference`; clustered
    rows at their effective number.

    References
    ----------
    Hardt, M., Price, E. and Srebro, N. (2016), NeurIPS, 3315-3323 (equalised odds).

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Roles
    >>> roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,))
    >>> counts = np.array([[[30, 10], [10, 30]], [[20, 20], [20, 20]]])
    >>> by_sex = GroupCounts(roles=roles, attributes=("sex",), levels=(("F",), ("M",)), counts=counts)
    >>> false_positive_rate_difference(by_sex).value
    0.25
    """
    return _compared_among(group_counts, minimum_group_size, confidence, positive=False)


def _selection_rates(group_counts: GroupCounts, minimum_group_size: int, confidence: float) -> _Rates:
    require_classes(group_counts.roles, group_counts.n)
    favourable, size = group_counts.roles.favourable, len(group_counts.roles.classes)
    if not favourable:
        raise NotMeasurable("no_favourable")
    selected = np.broadcast_to(np.isin(np.arange(size), favourable)[None, :], (size, size))
    return _rates(group_counts, selected, np.ones((size, size), np.bool_), minimum_group_size, confidence)


def _compared_among(
    group_counts: GroupCounts, minimum_group_size: int, confidence: float, *, positive: bool
) -> Measurement:
    """Rates of predicting the positive class, among rows that are of it or among those that are not."""
    require_classes(group_counts.roles, group_counts.n)
    if group_counts.roles.positive is None:
        raise NotMeasurable("no_positive")
    mine = np.arange(len(group_counts.roles.classes)) == group_counts.roles.positive
    among = np.broadcast_to((mine if positive else ~mine)[:, None], (len(mine), len(mine)))
    if not group_counts.counts[:, among].sum():
        raise NotMeasurable("no_positive" if positive else "one_class")
    rates = _rates(group_counts, among & mine[None, :], among, minimum_group_size, confidence)
    return _compared(rates, largest_difference, "difference", confidence)


def _rates(group_counts: GroupCounts, successes: Bools, among: Bools, minimum: int, confidence: float) -> _Rates:
    require_at_least("minimum_group_size", minimum, 1)
    right, rows = (group_counts.counts[:, cells].sum(axis=1) for cells in (successes, among))
    worth = rows.astype(np.float64)
    if group_counts.buckets is not None:
        buckets = (group_counts.buckets[:, :, cells].sum(axis=2) for cells in (successes, among))
        worth = np.asarray(effective_n(*buckets, confidence=confidence), np.float64)
    known = np.array([None not in level for level in group_counts.levels], np.bool_)
    return _Rates(
        attributes=group_counts.attributes,
        levels=group_counts.levels,
        successes=right,
        rows=rows,
        worth=worth,
        compared=known & (rows >= minimum),
        unclear=group_counts.roles.clustered and group_counts.buckets is None,
    )


def _compared(rates: _Rates, widest: Callable[..., Comparison], unit: str, confidence: float) -> Measurement:
    """The widest gap between the groups that are compared; not judged where too many rows are left out."""
    chosen = np.flatnonzero(rates.compared)
    n, details = int(rates.rows[chosen].sum()), {"groups": _listed(rates, confidence)}
    if len(chosen) < 2:
        return _unjudged(n, unit, details, _because("fewer_than_two_groups", by=list(rates.attributes)))
    try:
        gap = widest(rates.worth_successes[chosen], rates.worth[chosen], confidence=confidence)
    except NotMeasurable as problem:
        return _unjudged(n, unit, details, Reason(code=problem.code))
    lowest, highest = (int(chosen[end]) for end in gap.worst)
    reason = Reason(code="clustered_rows") if rates.unclear else _too_small(rates)
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


def _gap(lowest: Fraction, highest: Fraction, unit: str) -> float:
    # Rounded once: 0.8 - 0.7 in floats would stand just beyond a limit of 0.1 that it meets.
    return float(lowest / highest if unit == "ratio" else highest - lowest)


def _too_small(rates: _Rates) -> Reason | None:
    """Why the groups that are left do not stand for the whole, if they do not."""
    share = int(rates.rows[~rates.compared].sum()) / int(rates.rows.sum())
    if share <= SMALL_GROUPS_SHARE:
        return None
    return _because("small_groups", by=list(rates.attributes), share=share)


def _listed(rates: _Rates, confidence: float) -> list[dict[str, Json]]:
    low, high = clopper_pearson(rates.worth_successes, rates.worth, confidence=confidence)
    return [
        {
            "slice": rates.slice(index),
            "value": int(rates.successes[index]) / n if n else None,
            "low": float(low[index]) if n and not rates.unclear else None,
            "high": float(high[index]) if n and not rates.unclear else None,
            "n": n,
            "judged": bool(rates.compared[index]),
        }
        for index, n in enumerate(rates.rows.tolist())
    ]


def _because(code: str, **values: Json) -> Reason:
    return Reason.model_validate({"code": code, "with": values})


def _unjudged(n: int, unit: str, details: dict[str, Json], reason: Reason) -> Measurement:
    return Measurement(value=None, n=n, unit=unit, judged=False, reason=reason, details=details)


def _worst(measured: Measurement, rates: _Rates) -> tuple[int, int]:
    """Positions of the two groups that differ most: lowest rate, highest rate."""
    lowest, highest = (rates.levels.index(tuple(group.values())) for group in measured.details["worst"])
    return lowest, highest
