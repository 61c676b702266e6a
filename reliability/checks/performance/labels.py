"""How well a model predicts labels."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np

from reliability.blocks import Bools, Ints
from reliability.checks.requirements import require_classes
from reliability.errors import NotMeasurable
from reliability.evidence.confusion_matrix import ConfusionMatrix
from reliability.intervals.proportions import clopper_pearson, effective_n, f1_interval, mean_of_proportions
from reliability.records import Measurement, Reason


@dataclass(frozen=True, kw_only=True, eq=False)
class _Share:
    """Cells of a confusion matrix that count as right, among others; with clusters, what they are worth."""

    right: int
    among: int
    worth: float
    unclear: bool = False  # rows are clustered, and what they are worth was not counted

    @property
    def value(self) -> float:
        return self.right / self.among

    @property
    def worth_right(self) -> float:
        # In this order a whole number stays whole where rows are not clustered.
        return self.right * (self.worth / self.among)


def accuracy(confusion_matrix: ConfusionMatrix, *, confidence: float = 0.95) -> Measurement:
    """Share of rows predicted right.

    Parameters
    ----------
    confusion_matrix : ConfusionMatrix
        Rows counted by true and predicted class.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).

    Returns
    -------
    Measurement
        Share, in [0, 1]; 1 is best.

    Raises
    ------
    NotMeasurable
        If there are no classes or no rows.

    Notes
    -----
    Clopper-Pearson interval: its one-sided error never exceeds half of 1 - confidence, which is what a
    verdict at a limit relies on. Clustered rows: at the effective number of rows.

    References
    ----------
    Clopper, C. J. and Pearson, E. S. (1934), Biometrika 26, 404-413.

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Roles
    >>> roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,))
    >>> accuracy(ConfusionMatrix(roles=roles, counts=np.array([[40, 10], [5, 45]]))).value
    0.85
    """
    require_classes(confusion_matrix.roles, confusion_matrix.n)
    size = len(confusion_matrix.roles.classes)
    among = np.ones((size, size), np.bool_)
    return _measured(_share(confusion_matrix, np.eye(size) > 0, among, confidence), confidence)


def balanced_accuracy(confusion_matrix: ConfusionMatrix, *, confidence: float = 0.95) -> Measurement:
    """Mean of the recalls of all classes.

    Parameters
    ----------
    confusion_matrix : ConfusionMatrix
        Rows counted by true and predicted class.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).

    Returns
    -------
    Measurement
        Share, in [0, 1]; 1 is best, 1 / classes is chance.

    Raises
    ------
    NotMeasurable
        If there are no classes or no rows, or fewer than two classes occur.

    Notes
    -----
    Mean over the classes that occur. Interval of `mean_of_proportions`: MOVER on the recalls' Clopper-Pearson limits
    or, where that is wider, Clopper-Pearson at the mean's effective number of rows, as MOVER alone covers 91-93 % with
    ten classes or more that are mostly right. It takes the classes to be independent: clustered rows are not judged.

    References
    ----------
    Brodersen, K. H. et al. (2010), ICPR, 3121-3124; Zou, G. Y. and Donner, A. (2008), Statistics in Medicine 27,
    1693-1702.

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Roles
    >>> roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,))
    >>> balanced_accuracy(ConfusionMatrix(roles=roles, counts=np.array([[90, 10], [4, 6]]))).value
    0.75
    """
    require_classes(confusion_matrix.roles, confusion_matrix.n)
    rows = confusion_matrix.counts.sum(axis=1)
    right, rows = np.diagonal(confusion_matrix.counts)[rows > 0], rows[rows > 0]
    if len(rows) < 2:
        raise NotMeasurable("one_class")
    # Rounded once: the mean of 0.7, 0.8 and 0.9 in floats would stand just below the 0.8 that it is.
    recalls = [Fraction(*pair) for pair in zip(right.tolist(), rows.tolist(), strict=True)]
    value, n = float(sum(recalls) / len(recalls)), confusion_matrix.n
    if confusion_matrix.roles.clustered or confusion_matrix.buckets is not None:
        return Measurement.unjudged(value, n=n, unit="share", reason=Reason(code="clustered_rows"))
    interval = mean_of_proportions(right, rows, confidence=confidence)
    return Measurement.within(value, interval, n=n, unit="share", method="class_recalls_hull")


def precision(confusion_matrix: ConfusionMatrix, *, confidence: float = 0.95) -> tuple[Measurement, ...]:
    """Share of the rows predicted as a class that are of it.

    Parameters
    ----------
    confusion_matrix : ConfusionMatrix
        Rows counted by true and predicted class.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).

    Returns
    -------
    tuple of Measurement
        Share, in [0, 1]; 1 is best. Binary: of the positive class; multiclass: one per class.

    Raises
    ------
    NotMeasurable
        If there are no classes or no rows, or no positive class is settled.

    Notes
    -----
    TP / (TP + FP), Clopper-Pearson. A class that was never predicted has no value (`no_denominator`).

    References
    ----------
    van Rijsbergen, C. J. (1979), Information Retrieval, 2nd ed., ch. 7.

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Roles
    >>> roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,))
    >>> precision(ConfusionMatrix(roles=roles, counts=np.array([[40, 10], [5, 40]])))[0].value
    0.8
    """
    return _of_classes(confusion_matrix, "predicted", confidence)


def recall(confusion_matrix: ConfusionMatrix, *, confidence: float = 0.95) -> tuple[Measurement, ...]:
    """Share of the rows of a class that are predicted as it.

    Parameters
    ----------
    confusion_matrix : ConfusionMatrix
        Rows counted by true and predicted class.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).

    Returns
    -------
    tuple of Measurement
        Share, in [0, 1]; 1 is best. Binary: of the positive class; multiclass: one per class.

    Raises
    ------
    NotMeasurable
        If there are no classes or no rows, or no positive class is settled.

    Notes
    -----
    TP / (TP + FN), Clopper-Pearson. A class without rows has no value (`no_denominator`).

    References
    ----------
    van Rijsbergen, C. J. (1979), Information Retrieval, 2nd ed., ch. 7.

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Roles
    >>> roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,))
    >>> recall(ConfusionMatrix(roles=roles, counts=np.array([[40, 10], [10, 40]])))[0].value
    0.8
    """
    return _of_classes(confusion_matrix, "true", confidence)


def specificity(confusion_matrix: ConfusionMatrix, *, confidence: float = 0.95) -> tuple[Measurement, ...]:
    """Share of the rows of other classes that are not predicted as the class.

    Parameters
    ----------
    confusion_matrix : ConfusionMatrix
        Rows counted by true and predicted class.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).

    Returns
    -------
    tuple of Measurement
        Share, in [0, 1]; 1 is best. Binary: of the positive class; multiclass: one per class against the rest.

    Raises
    ------
    NotMeasurable
        If there are no classes or no rows, or no positive class is settled.

    Notes
    -----
    TN / (TN + FP), Clopper-Pearson. Without rows of other classes there is no value (`no_denominator`).

    References
    ----------
    Yerushalmy, J. (1947), Public Health Reports 62, 1432-1449.

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Roles
    >>> roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,))
    >>> specificity(ConfusionMatrix(roles=roles, counts=np.array([[40, 10], [10, 40]])))[0].value
    0.8
    """
    return _of_classes(confusion_matrix, "others", confidence)


def f1(confusion_matrix: ConfusionMatrix, *, confidence: float = 0.95) -> tuple[Measurement, ...]:
    """Harmonic mean of precision and recall (F1).

    Parameters
    ----------
    confusion_matrix : ConfusionMatrix
        Rows counted by true and predicted class.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).

    Returns
    -------
    tuple of Measurement
        Score, in [0, 1]; 1 is best. Binary: of the positive class; multiclass: one per class.

    Raises
    ------
    NotMeasurable
        If there are no classes or no rows, or no positive class is settled.

    Notes
    -----
    2 TP / (2 TP + FP + FN) = 2 J / (1 + J) with J = TP / (TP + FP + FN), a proportion: its Clopper-Pearson
    limits, mapped. A class that neither occurs nor is predicted has no value (`no_denominator`).

    References
    ----------
    van Rijsbergen, C. J. (1979), Information Retrieval, 2nd ed., ch. 7.

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Roles
    >>> roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,))
    >>> f1(ConfusionMatrix(roles=roles, counts=np.array([[40, 10], [10, 40]])))[0].value
    0.8
    """
    return _of_classes(confusion_matrix, "either", confidence)


def _of_classes(
    matrix: ConfusionMatrix, among: Literal["true", "predicted", "others", "either"], confidence: float
) -> tuple[Measurement, ...]:
    """The share of right rows among those of a class, by what makes them its rows; of every class asked about."""
    require_classes(matrix.roles, matrix.n)
    roles = matrix.roles
    if roles.task == "binary" and roles.positive is None:
        raise NotMeasurable("no_positive")
    asked = range(len(roles.classes)) if roles.task == "multiclass" else (roles.positive,)
    return tuple(
        _of_class(matrix, index, among, confidence).model_copy(update={"of": roles.classes[index]})
        for index in asked
        if index is not None
    )


def _of_class(matrix: ConfusionMatrix, index: int, among: str, confidence: float) -> Measurement:
    mine = np.arange(len(matrix.roles.classes)) == index
    true, predicted = np.broadcast_arrays(mine[:, None], mine[None, :])
    cells = {"true": true, "predicted": predicted, "others": ~true, "either": true | predicted}[among]
    right = cells & ~predicted if among == "others" else true & predicted
    if not matrix.counts[cells].sum():
        return Measurement.unjudged(
            None, n=0, unit="score" if among == "either" else "share", reason=Reason(code="no_denominator")
        )
    share = _share(matrix, right, cells, confidence)
    return _measured_f1(share, confidence) if among == "either" else _measured(share, confidence)


def _share(matrix: ConfusionMatrix, right: Bools, among: Bools, confidence: float) -> _Share:
    rights, rows = int(matrix.counts[right].sum()), int(matrix.counts[among].sum())
    worth: Any = rows
    if matrix.buckets is not None:
        worth = effective_n(_by_bucket(matrix.buckets, right), _by_bucket(matrix.buckets, among), confidence=confidence)
    unclear = matrix.roles.clustered and matrix.buckets is None
    return _Share(right=rights, among=rows, worth=float(worth), unclear=unclear)


def _by_bucket(buckets: Ints, cells: Bools) -> Ints:
    total: Ints = buckets[:, cells].sum(axis=1)
    return total


def _measured(share: _Share, confidence: float) -> Measurement:
    if share.unclear:
        return Measurement.unjudged(share.value, n=share.among, unit="share", reason=Reason(code="clustered_rows"))
    low, high = clopper_pearson(share.worth_right, share.worth, confidence=confidence)
    return Measurement.within(
        share.value, (float(low), float(high)), n=share.among, unit="share", method=_method("clopper_pearson", share)
    )


def _measured_f1(share: _Share, confidence: float) -> Measurement:
    value = 2 * share.right / (share.right + share.among)
    if share.unclear:
        return Measurement.unjudged(value, n=share.among, unit="score", reason=Reason(code="clustered_rows"))
    interval = f1_interval(share.worth_right, share.worth - share.worth_right, 0.0, confidence=confidence)
    return Measurement.within(
        value, interval, n=share.among, unit="score", method=_method("clopper_pearson_jaccard", share)
    )


def _method(name: str, share: _Share) -> str:
    return name if share.worth == share.among else f"{name}_effective_n"
