"""Whether the rates of predictions and of errors are alike between groups."""

from collections.abc import Callable
from functools import cache
from typing import Literal, TypeAlias

import numpy as np

from reliability.blocks import Bools
from reliability.checks.comparing import Rates, compared, rates_of, worst_positions
from reliability.checks.four_fifths import FourFifths
from reliability.checks.requirements import AtLeastOne, require_classes
from reliability.errors import NotMeasurable
from reliability.evidence.group_counts import GroupCounts
from reliability.intervals.arrays import Counts
from reliability.intervals.comparisons import Comparison, largest_difference, smallest_ratio
from reliability.records import Measurement

_Rate: TypeAlias = Literal["true_positive", "false_positive", "false_negative", "positive_predicted"]
# Why a rate has no rows to speak of.
_LACKING = {
    "true_positive": "no_positive", "false_negative": "no_positive", "false_positive": "one_class",
    "positive_predicted": "no_denominator",
}  # fmt: skip


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
    measured = compared(rates, smallest_ratio, "ratio", confidence)
    if "worst" not in measured.details or rates.unclear:
        return measured
    lowest, highest = worst_positions(measured, rates)
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
    return compared(rates, largest_difference, "difference", confidence)


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
    return _compared_among(group_counts, "true_positive", largest_difference, minimum_group_size, confidence)


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
    return _compared_among(group_counts, "false_positive", largest_difference, minimum_group_size, confidence)


def true_positive_rate_ratio(
    group_counts: GroupCounts, *, minimum_group_size: AtLeastOne = 30, confidence: float = 0.95
) -> Measurement:
    """Smallest ratio of two groups' true positive rates.

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
        Ratio, in [0, 1]; 1 is best. `details` has every group and the two that differ most; n counts rows of the
        positive class.

    Raises
    ------
    NotMeasurable
        If there are no classes, no positive class is settled, or it has no rows.

    Notes
    -----
    Rate: rows of the positive class that are predicted as it. Where no group has any, there is no value
    (`all_rates_zero`). Interval of `smallest_ratio`; clustered rows at their effective number.

    References
    ----------
    Hardt, M., Price, E. and Srebro, N. (2016), NeurIPS, 3315-3323 (equality of opportunity); Donner, A. and Zou, G. Y.
    (2012), Statistical Methods in Medical Research 21, 347-359.

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Roles
    >>> roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,))
    >>> counts = np.array([[[30, 10], [10, 30]], [[20, 20], [20, 20]]])
    >>> by_sex = GroupCounts(roles=roles, attributes=("sex",), levels=(("F",), ("M",)), counts=counts)
    >>> true_positive_rate_ratio(by_sex).value
    0.6666666666666666
    """
    return _compared_among(group_counts, "true_positive", _smallest_ratio, minimum_group_size, confidence)


def false_positive_rate_ratio(
    group_counts: GroupCounts, *, minimum_group_size: AtLeastOne = 30, confidence: float = 0.95
) -> Measurement:
    """Smallest ratio of two groups' false positive rates.

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
        Ratio, in [0, 1]; 1 is best. `details` has every group and the two that differ most; n counts rows of other
        classes than the positive one.

    Raises
    ------
    NotMeasurable
        If there are no classes, no positive class is settled, or no row is of another class.

    Notes
    -----
    Rate: rows of other classes that are predicted as the positive one. The smallest rate over the largest, though a
    small rate is good here: 1 says that groups bear the error alike, not that it is rare, and among rare errors the
    ratio strays far. Where no group has any, there is no value (`all_rates_zero`). Interval of `smallest_ratio`;
    clustered rows at their effective number.

    References
    ----------
    Hardt, M., Price, E. and Srebro, N. (2016), NeurIPS, 3315-3323 (equalised odds); Donner, A. and Zou, G. Y. (2012),
    Statistical Methods in Medical Research 21, 347-359.

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Roles
    >>> roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,))
    >>> counts = np.array([[[30, 10], [10, 30]], [[20, 20], [20, 20]]])
    >>> by_sex = GroupCounts(roles=roles, attributes=("sex",), levels=(("F",), ("M",)), counts=counts)
    >>> false_positive_rate_ratio(by_sex).value
    0.5
    """
    return _compared_among(group_counts, "false_positive", _smallest_ratio, minimum_group_size, confidence)


def false_negative_rate_difference(
    group_counts: GroupCounts, *, minimum_group_size: AtLeastOne = 30, confidence: float = 0.95
) -> Measurement:
    """Largest difference of two groups' false negative rates.

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
        Difference, in [0, 1]; 0 is best. `details` has every group and the two that differ most; n counts rows of the
        positive class.

    Raises
    ------
    NotMeasurable
        If there are no classes, no positive class is settled, or it has no rows.

    Notes
    -----
    Rate: rows of the positive class that are predicted as another; 1 - TPR, so the difference is that of the true
    positive rates. Interval of `largest_difference`; clustered rows at their effective number.

    References
    ----------
    Chouldechova, A. (2017), Big Data 5, 153-163 (error rate balance); Hardt, M., Price, E. and Srebro, N. (2016),
    NeurIPS, 3315-3323.

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Roles
    >>> roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,))
    >>> counts = np.array([[[30, 10], [10, 30]], [[20, 20], [20, 20]]])
    >>> by_sex = GroupCounts(roles=roles, attributes=("sex",), levels=(("F",), ("M",)), counts=counts)
    >>> false_negative_rate_difference(by_sex).value
    0.25
    """
    return _compared_among(group_counts, "false_negative", largest_difference, minimum_group_size, confidence)


def false_negative_rate_ratio(
    group_counts: GroupCounts, *, minimum_group_size: AtLeastOne = 30, confidence: float = 0.95
) -> Measurement:
    """Smallest ratio of two groups' false negative rates.

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
        Ratio, in [0, 1]; 1 is best. `details` has every group and the two that differ most; n counts rows of the
        positive class.

    Raises
    ------
    NotMeasurable
        If there are no classes, no positive class is settled, or it has no rows.

    Notes
    -----
    Rate: rows of the positive class that are predicted as another. The smallest rate over the largest, though a small
    rate is good here: 1 says that groups bear the error alike, not that it is rare, and among rare errors the ratio
    strays far. Where no group has any, there is no value (`all_rates_zero`). Interval of `smallest_ratio`; clustered
    rows at their effective number.

    References
    ----------
    Chouldechova, A. (2017), Big Data 5, 153-163 (error rate balance); Donner, A. and Zou, G. Y. (2012), Statistical
    Methods in Medical Research 21, 347-359.

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Roles
    >>> roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,))
    >>> counts = np.array([[[30, 10], [10, 30]], [[20, 20], [20, 20]]])
    >>> by_sex = GroupCounts(roles=roles, attributes=("sex",), levels=(("F",), ("M",)), counts=counts)
    >>> false_negative_rate_ratio(by_sex).value
    0.5
    """
    return _compared_among(group_counts, "false_negative", _smallest_ratio, minimum_group_size, confidence)


def positive_predictive_value_difference(
    group_counts: GroupCounts, *, minimum_group_size: AtLeastOne = 30, confidence: float = 0.95
) -> Measurement:
    """Largest difference of two groups' positive predictive values.

    Parameters
    ----------
    group_counts : GroupCounts
        Rows counted by group, true class and predicted class.
    minimum_group_size : int, default 30
        Groups with fewer rows predicted as the positive class are listed, not compared.
    confidence : float, default 0.95
        Coverage of the interval for all pairs of groups at once, in (0, 1).

    Returns
    -------
    Measurement
        Difference, in [0, 1]; 0 is best. `details` has every group and the two that differ most; n counts rows
        predicted as the positive class.

    Raises
    ------
    NotMeasurable
        If there are no classes, no positive class is settled, or it is never predicted.

    Notes
    -----
    Rate: rows predicted as the positive class that are of it (precision). The number of such rows is taken as given.
    Interval of `largest_difference`; clustered rows at their effective number.

    References
    ----------
    Chouldechova, A. (2017), Big Data 5, 153-163 (predictive parity); Kleinberg, J., Mullainathan, S. and Raghavan, M.
    (2017), ITCS, 43:1-43:23.

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Roles
    >>> roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,))
    >>> counts = np.array([[[30, 10], [10, 30]], [[20, 20], [20, 20]]])
    >>> by_sex = GroupCounts(roles=roles, attributes=("sex",), levels=(("F",), ("M",)), counts=counts)
    >>> positive_predictive_value_difference(by_sex).value
    0.25
    """
    return _compared_among(group_counts, "positive_predicted", largest_difference, minimum_group_size, confidence)


def positive_predictive_value_ratio(
    group_counts: GroupCounts, *, minimum_group_size: AtLeastOne = 30, confidence: float = 0.95
) -> Measurement:
    """Smallest ratio of two groups' positive predictive values.

    Parameters
    ----------
    group_counts : GroupCounts
        Rows counted by group, true class and predicted class.
    minimum_group_size : int, default 30
        Groups with fewer rows predicted as the positive class are listed, not compared.
    confidence : float, default 0.95
        Coverage of the interval for all pairs of groups at once, in (0, 1).

    Returns
    -------
    Measurement
        Ratio, in [0, 1]; 1 is best. `details` has every group and the two that differ most; n counts rows predicted as
        the positive class.

    Raises
    ------
    NotMeasurable
        If there are no classes, no positive class is settled, or it is never predicted.

    Notes
    -----
    Rate: rows predicted as the positive class that are of it (precision). Where no group has any, there is no value
    (`all_rates_zero`). The number of rows so predicted is taken as given. Interval of `smallest_ratio`; clustered rows
    at their effective number.

    References
    ----------
    Chouldechova, A. (2017), Big Data 5, 153-163 (predictive parity); Donner, A. and Zou, G. Y. (2012), Statistical
    Methods in Medical Research 21, 347-359.

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Roles
    >>> roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,))
    >>> counts = np.array([[[30, 10], [10, 30]], [[20, 20], [20, 20]]])
    >>> by_sex = GroupCounts(roles=roles, attributes=("sex",), levels=(("F",), ("M",)), counts=counts)
    >>> positive_predictive_value_ratio(by_sex).value
    0.6666666666666666
    """
    return _compared_among(group_counts, "positive_predicted", _smallest_ratio, minimum_group_size, confidence)


def _selection_rates(group_counts: GroupCounts, minimum_group_size: int, confidence: float) -> Rates:
    require_classes(group_counts.roles, group_counts.n)
    favourable, size = group_counts.roles.favourable, len(group_counts.roles.classes)
    if not favourable:
        raise NotMeasurable("no_favourable")
    selected, every = _selected(size, favourable)
    return rates_of(group_counts, selected, every, minimum_group_size, confidence)


@cache
def _selected(size: int, favourable: tuple[int, ...]) -> tuple[Bools, Bools]:
    """Cells of a confusion matrix that are selected, among all."""
    selected = np.broadcast_to(np.isin(np.arange(size), favourable), (size, size))
    return selected, np.ones((size, size), np.bool_)


def _compared_among(
    group_counts: GroupCounts,
    rate: _Rate,
    widest: Callable[..., Comparison],
    minimum_group_size: int,
    confidence: float,
) -> Measurement:
    """A rate that speaks of the positive class, compared between groups."""
    require_classes(group_counts.roles, group_counts.n)
    if group_counts.roles.positive is None:
        raise NotMeasurable("no_positive")
    right, among = _cells(rate, len(group_counts.roles.classes), group_counts.roles.positive)
    rates = rates_of(group_counts, right, among, minimum_group_size, confidence)
    if not rates.rows.any():
        raise NotMeasurable(_LACKING[rate])
    return compared(rates, widest, "difference" if widest is largest_difference else "ratio", confidence)


@cache
def _cells(rate: _Rate, size: int, positive: int) -> tuple[Bools, Bools]:
    """Cells of a confusion matrix that count for a rate, and those among which they do."""
    mine = np.arange(size) == positive
    true, predicted = np.broadcast_arrays(mine[:, None], mine[None, :])
    among, right = {
        "true_positive": (true, predicted),
        "false_negative": (true, ~predicted),
        "false_positive": (~true, predicted),
        "positive_predicted": (predicted, true),
    }[rate]
    return among & right, among


def _smallest_ratio(successes: Counts, n: Counts, *, confidence: float) -> Comparison:
    """The ratio of rates that are not of selection."""
    if not np.any(successes):
        raise NotMeasurable("all_rates_zero")
    return smallest_ratio(successes, n, confidence=confidence)
