"""Whether groups have equal odds: both their true and their false positive rates alike."""

from collections.abc import Callable

from reliability.checks.fairness.rates import (
    false_positive_rate_difference,
    false_positive_rate_ratio,
    true_positive_rate_difference,
    true_positive_rate_ratio,
)
from reliability.checks.requirements import AtLeastOne
from reliability.evidence.group_counts import GroupCounts
from reliability.records import Json, Measurement

_KEPT = ("value", "low", "high", "n", "judged", "method")


def equalized_odds_difference(
    group_counts: GroupCounts, *, minimum_group_size: AtLeastOne = 30, confidence: float = 0.95
) -> Measurement:
    """Largest difference of two groups' true or false positive rates.

    Parameters
    ----------
    group_counts : GroupCounts
        Rows counted by group, true class and predicted class.
    minimum_group_size : int, default 30
        Groups with fewer rows of the positive class, or of the others, are listed there, not compared.
    confidence : float, default 0.95
        Coverage of the interval for both rates and all pairs of groups at once, in (0, 1).

    Returns
    -------
    Measurement
        Difference, in [0, 1]; 0 is best. `details.parts` has both rates with their groups, `details.groups` those of
        the rate that differs more.

    Raises
    ------
    NotMeasurable
        If there are no classes, no positive class is settled, or it or all others have no rows.

    Notes
    -----
    max(TPR difference, FPR difference); each gets its interval at 1 - (1 - confidence) / 2, and the largest low and the
    largest high limit are taken (Bonferroni: clusters may link the two rates). Judged where both parts are.

    References
    ----------
    Hardt, M., Price, E. and Srebro, N. (2016), NeurIPS, 3315-3323; Agarwal, A. et al. (2018), ICML, 60-69.

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Roles
    >>> roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,))
    >>> counts = np.array([[[30, 10], [10, 30]], [[20, 20], [16, 24]]])
    >>> by_sex = GroupCounts(roles=roles, attributes=("sex",), levels=(("F",), ("M",)), counts=counts)
    >>> equalized_odds_difference(by_sex).value
    0.25
    """
    stricter = 1 - (1 - confidence) / 2
    parts = {
        "true_positive_rate": true_positive_rate_difference(
            group_counts, minimum_group_size=minimum_group_size, confidence=stricter
        ),
        "false_positive_rate": false_positive_rate_difference(
            group_counts, minimum_group_size=minimum_group_size, confidence=stricter
        ),
    }
    return _worse(parts, max)


def equalized_odds_ratio(
    group_counts: GroupCounts, *, minimum_group_size: AtLeastOne = 30, confidence: float = 0.95
) -> Measurement:
    """Smallest ratio of two groups' true or false positive rates.

    Parameters
    ----------
    group_counts : GroupCounts
        Rows counted by group, true class and predicted class.
    minimum_group_size : int, default 30
        Groups with fewer rows of the positive class, or of the others, are listed there, not compared.
    confidence : float, default 0.95
        Coverage of the interval for both rates and all pairs of groups at once, in (0, 1).

    Returns
    -------
    Measurement
        Ratio, in [0, 1]; 1 is best. `details.parts` has both rates with their groups, `details.groups` those of the
        rate with the smaller ratio.

    Raises
    ------
    NotMeasurable
        If there are no classes, no positive class is settled, or it or all others have no rows.

    Notes
    -----
    min(TPR ratio, FPR ratio), each the smallest rate over the largest, though a small FPR is good: 1 says that groups
    bear errors alike, not that errors are few. Each gets its interval at 1 - (1 - confidence) / 2, and the smallest
    low and the smallest high limit are taken. Where a rate is 0 in all groups, there is no value (`all_rates_zero`).

    References
    ----------
    Hardt, M., Price, E. and Srebro, N. (2016), NeurIPS, 3315-3323; Agarwal, A. et al. (2018), ICML, 60-69.

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Roles
    >>> roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,))
    >>> counts = np.array([[[30, 10], [10, 30]], [[20, 20], [16, 24]]])
    >>> by_sex = GroupCounts(roles=roles, attributes=("sex",), levels=(("F",), ("M",)), counts=counts)
    >>> equalized_odds_ratio(by_sex).value
    0.5
    """
    stricter = 1 - (1 - confidence) / 2
    parts = {
        "true_positive_rate": true_positive_rate_ratio(
            group_counts, minimum_group_size=minimum_group_size, confidence=stricter
        ),
        "false_positive_rate": false_positive_rate_ratio(
            group_counts, minimum_group_size=minimum_group_size, confidence=stricter
        ),
    }
    return _worse(parts, min)


def _worse(parts: dict[str, Measurement], extreme: Callable[[list[float]], float]) -> Measurement:
    """The worse of both parts with the hull of their intervals; unjudged for the first reason that either has."""
    reasons = [part.reason for part in parts.values() if part.reason is not None]
    value, low, high = (_extreme([getattr(part, name) for part in parts.values()], extreme) for name in _KEPT[:3])
    # The part that the value comes from; without one, the part that has none.
    shown = next(part for part in parts.values() if part.value == value)
    details: dict[str, Json] = {
        **shown.details,
        "parts": [{"rate": name} | _kept(part) for name, part in parts.items()],
    }
    # The name for clustered rows is the plain one with an ending, and so comes after it.
    methods = sorted({part.method for part in parts.values() if part.method is not None})
    return Measurement(
        value=value, low=low, high=high, n=sum(part.n for part in parts.values()), unit=shown.unit,
        method=None if value is None else methods[-1], judged=not reasons, reason=next(iter(reasons), None),
        details=details,
    )  # fmt: skip


def _extreme(numbers: list[float | None], extreme: Callable[[list[float]], float]) -> float | None:
    known = [number for number in numbers if number is not None]
    return extreme(known) if len(known) == len(numbers) else None


def _kept(part: Measurement) -> dict[str, Json]:
    return {name: getattr(part, name) for name in _KEPT} | part.details
