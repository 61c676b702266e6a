"""How evenly benefits fall on people: generalised entropy of what they got beyond what they were due."""

from fractions import Fraction
from typing import Annotated

import numpy as np
from pydantic import Field

from reliability.blocks import Ints, Roles
from reliability.checks.comparing import known
from reliability.checks.requirements import AtLeastOne, require_at_least, require_classes
from reliability.errors import NotMeasurable
from reliability.evidence.confusion_matrix import ConfusionMatrix
from reliability.evidence.group_counts import GroupCounts
from reliability.intervals.entropies import entropy_interval, generalized_entropy
from reliability.records import Measurement, Reason

Alpha = Annotated[float, Field(ge=0.1, le=10)]


def generalized_entropy_index(
    confusion_matrix: ConfusionMatrix, *, alpha: Alpha = 2, confidence: float = 0.95
) -> Measurement:
    """Inequality of benefits between individuals (generalised entropy).

    Parameters
    ----------
    confusion_matrix : ConfusionMatrix
        Rows counted by true and predicted class.
    alpha : float, default 2
        Weight of high benefits, in [0.1, 10]; 1 is Theil's index, 2 half the squared coefficient of variation.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).

    Returns
    -------
    Measurement
        Index, at least 0, which is best: everybody gets what is due, or everybody as much beyond it.

    Raises
    ------
    NotMeasurable
        If the task is not binary, there are no rows, not exactly one outcome is favourable, or nobody has any
        benefit (`no_denominator`).

    Notes
    -----
    Benefit b = 1 + predicted - true, 1 standing for the favourable outcome: 0 for who is wrongly refused it, 2 for
    who is wrongly granted it. GE = mean((b / mean b)^alpha - 1) / (alpha (alpha - 1)). Interval:
    `weighted_events_interval` on the delta variance, to the second order and with a third of a row in every benefit.
    Clustered rows: the delete-one-bucket variance, if larger; not judged where fewer than 10 buckets hold an error.

    References
    ----------
    Speicher, T. et al. (2018), KDD, 2239-2248, eq. 2; Bellamy, R. K. E. et al. (2018), arXiv:1810.01943 (AIF360).

    Examples
    --------
    >>> from reliability.blocks import Roles
    >>> roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,))
    >>> generalized_entropy_index(ConfusionMatrix(roles=roles, counts=np.array([[3, 2], [2, 3]]))).value
    0.2
    """
    return _measured(confusion_matrix, alpha, confidence)


def theil_index(confusion_matrix: ConfusionMatrix, *, confidence: float = 0.95) -> Measurement:
    """Inequality of benefits between individuals (Theil).

    Parameters
    ----------
    confusion_matrix : ConfusionMatrix
        Rows counted by true and predicted class.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).

    Returns
    -------
    Measurement
        Index, at least 0, which is best.

    Raises
    ------
    NotMeasurable
        As `generalized_entropy_index`.

    Notes
    -----
    mean((b / mean b) log(b / mean b)), b = 1 + predicted - true, 1 standing for the favourable outcome, 0 log 0 = 0:
    the generalised entropy at alpha = 1. Interval as there.

    References
    ----------
    Theil, H. (1967), Economics and Information Theory, ch. 4; Speicher, T. et al. (2018), KDD, 2239-2248.

    Examples
    --------
    >>> from reliability.blocks import Roles
    >>> roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,))
    >>> round(theil_index(ConfusionMatrix(roles=roles, counts=np.array([[3, 2], [2, 3]]))).value, 6)
    0.277259
    """
    return _measured(confusion_matrix, 1.0, confidence)


def between_group_generalized_entropy(group_counts: GroupCounts, *, minimum_group_size: AtLeastOne = 30) -> Measurement:
    """Inequality of mean benefits between groups (generalised entropy, alpha 2).

    Parameters
    ----------
    group_counts : GroupCounts
        Rows counted by group, true class and predicted class.
    minimum_group_size : int, default 30
        Groups with fewer rows, and the unknown group, are listed and left out.

    Returns
    -------
    Measurement
        Index, at least 0, which is best: all groups have the same mean benefit. Not judged.

    Raises
    ------
    NotMeasurable
        If the task is not binary, there are no rows, not exactly one outcome is favourable, or nobody compared has
        any benefit (`no_denominator`).

    Notes
    -----
    Sum over groups of n_g ((m_g / m)^2 - 1) / (2 n), m_g a group's mean benefit and m that of all rows compared: the
    part of the index that remains if everybody gets the mean of the group. No interval (`no_interval`): near 0
    it behaves like a chi-square variable and lies above the truth, so that no interval around it holds.
    The gaps between groups' rates are what is judged.

    References
    ----------
    Shorrocks, A. F. (1980), Econometrica 48, 613-625; Speicher, T. et al. (2018), KDD, 2239-2248, eq. 4.

    Examples
    --------
    >>> from reliability.blocks import Roles
    >>> roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,))
    >>> counts = np.array([[[10, 20], [0, 10]], [[10, 0], [20, 10]]])
    >>> by_sex = GroupCounts(roles=roles, attributes=("sex",), levels=(("F",), ("M",)), counts=counts)
    >>> between_group_generalized_entropy(by_sex).value
    0.125
    """
    require_at_least("minimum_group_size", minimum_group_size, 1)
    favourable = _require_favourable(group_counts.roles, group_counts.n)
    benefits = np.stack(_benefits(group_counts.counts, favourable), axis=1)
    sizes, total = benefits.sum(axis=1), benefits @ np.array([0, 1, 2])
    compared = known(group_counts.levels) & (sizes >= minimum_group_size)
    details = {
        "groups": [
            {
                "slice": dict(zip(group_counts.attributes, level, strict=True)),
                "value": int(benefit) / int(n) if n else None, "low": None, "high": None, "n": int(n),
                "judged": bool(judged),
            }
            for level, benefit, n, judged in zip(group_counts.levels, total, sizes, compared, strict=True)
        ]
    }  # fmt: skip
    n, reason = int(sizes[compared].sum()), Reason(code="no_interval")
    if np.count_nonzero(compared) < 2:
        few = Reason.model_validate({"code": "fewer_than_two_groups", "with": {"by": list(group_counts.attributes)}})
        return Measurement.unjudged(None, n=n, unit="index", reason=few, details=details)
    value = _between(total[compared], sizes[compared])
    return Measurement.unjudged(value, n=n, unit="index", reason=reason, details=details)


def _between(total: Ints, sizes: Ints) -> float:
    everybody = int(total.sum())
    if not everybody:
        raise NotMeasurable("no_denominator")
    pairs = zip(total.tolist(), sizes.tolist(), strict=True)
    squares = sum(Fraction(benefit**2, rows) for benefit, rows in pairs)
    return float((squares * int(sizes.sum()) / everybody**2 - 1) / 2)


def _measured(matrix: ConfusionMatrix, alpha: float, confidence: float) -> Measurement:
    if not 0.1 <= alpha <= 10:
        raise ValueError(f"alpha is from 0.1 to 10, not {alpha}")
    favourable = _require_favourable(matrix.roles, matrix.n)
    counts = np.stack(_benefits(matrix.counts, favourable))
    if not counts[1:].any():
        raise NotMeasurable("no_denominator")
    value = generalized_entropy(counts, alpha)
    if matrix.roles.clustered and matrix.buckets is None:
        return Measurement.unjudged(value, n=matrix.n, unit="index", reason=Reason(code="clustered_rows"))
    try:
        buckets = None if matrix.buckets is None else np.stack(_benefits(matrix.buckets, favourable), axis=-1)
        interval = entropy_interval(counts, alpha, buckets=buckets, confidence=confidence)
    except NotMeasurable as problem:
        reason = Reason.of(problem)
        return Measurement.unjudged(value, n=matrix.n, unit="index", reason=reason)
    method = "fay_feuer_delta" if matrix.buckets is None else "fay_feuer_jackknife"
    return Measurement.within(value, interval, n=matrix.n, unit="index", method=method)


def _benefits(counts: Ints, favourable: int) -> tuple[Ints, Ints, Ints]:
    """Rows with benefit 0, 1 and 2 of tables by true and predicted class (last two axes)."""
    refused, granted = counts[..., favourable, 1 - favourable], counts[..., 1 - favourable, favourable]
    return refused, np.trace(counts, axis1=-2, axis2=-1), granted


def _require_favourable(roles: Roles, n: int) -> int:
    """The class that is the favourable outcome."""
    require_classes(roles, n)
    if roles.task != "binary":
        raise NotMeasurable("needs_binary")
    if len(roles.favourable) != 1:
        raise NotMeasurable("no_favourable")
    return roles.favourable[0]
