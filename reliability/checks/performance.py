"""How well a model predicts."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np

from reliability.blocks import Bools, Ints
from reliability.checks.requirements import require_classes, require_scores, require_values
from reliability.errors import NotMeasurable
from reliability.evidence.confusion_matrix import ConfusionMatrix
from reliability.evidence.moments import Moments
from reliability.evidence.score_histogram import ScoreHistogram
from reliability.intervals import (
    Interval,
    SquaredErrorSums,
    auc_interval,
    clopper_pearson,
    delta_interval,
    effective_n,
    explained_share,
    f1_interval,
    mean_interval,
    mean_of_proportions,
)
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
    return _measured(_share(confusion_matrix, np.eye(size) > 0, np.ones((size, size)) > 0, confidence), confidence)


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
    Mean over the classes that occur. MOVER on the recalls' Clopper-Pearson limits, which takes the classes to be
    independent: clustered rows are not judged.

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
        return _unjudged(value, n, "share", "clustered_rows")
    interval = mean_of_proportions(right, rows, confidence=confidence)
    return _whole(value, interval, n, "share", "mover_class_recalls")


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


def roc_auc(score_histogram: ScoreHistogram, *, confidence: float = 0.95) -> Measurement:
    """Area under the ROC curve.

    Parameters
    ----------
    score_histogram : ScoreHistogram
        Rows counted by score and class.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).

    Returns
    -------
    Measurement
        AUC, in [0, 1]; 1 is best, 0.5 is chance.

    Raises
    ------
    NotMeasurable
        If the task is not binary, there are no scores or no rows, or one class occurs.

    Notes
    -----
    Chance that a positive row scores above another, ties counting half. The interval is the hull of Newcombe's
    method 5 and DeLong's on the logit, see `auc_interval`. Clustered rows are not judged.

    References
    ----------
    Hanley, J. A. and McNeil, B. J. (1982), Radiology 143, 29-36; Newcombe, R. G. (2006), Statistics in
    Medicine 25, 559-573.

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Roles
    >>> roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,), has_scores=True)
    >>> scores, counts = np.array([0.2, 0.5, 0.8]), np.array([[2, 0], [1, 1], [0, 2]])
    >>> round(roc_auc(ScoreHistogram(roles=roles, scores=scores, counts=counts)).value, 3)
    0.944
    """
    require_scores(score_histogram.roles, score_histogram.n)
    value, n = score_histogram.auc(), score_histogram.n
    if score_histogram.roles.clustered:
        return _unjudged(value, n, "auc", "clustered_rows")
    interval = auc_interval(score_histogram.counts, confidence=confidence)
    measured = _whole(value, interval, n, "auc", "newcombe_delong_hull")
    return measured.model_copy(update={"details": {"scores": "exact" if score_histogram.exact else "grid"}})


def brier_score(moments: Moments, *, confidence: float = 0.95) -> Measurement:
    """Mean squared difference between predicted probability and outcome (Brier score).

    Parameters
    ----------
    moments : Moments
        Sums over the rows.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).

    Returns
    -------
    Measurement
        Score, in [0, 1]; 0 is best.

    Raises
    ------
    NotMeasurable
        If the task is not binary, or there are no scores or no rows.

    Notes
    -----
    Student's t interval of the mean. Where all rows differ by the same, nothing tells the variance: not judged.
    Clustered rows are not judged.

    References
    ----------
    Brier, G. W. (1950), Monthly Weather Review 78, 1-3.

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Block, Roles
    >>> roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,), has_scores=True)
    >>> y_true, y_score = np.array([0, 1]), np.array([0.5, 0.75])
    >>> brier_score(Moments.of(Block(start=0, roles=roles, columns={}, y_true=y_true, y_score=y_score))).value
    0.15625
    """
    require_scores(moments.roles, moments.n)
    return _mean(moments, "d2", "d4", "score", confidence, highest=1.0)


def mean_absolute_error(moments: Moments, *, confidence: float = 0.95) -> Measurement:
    """Mean absolute difference between predicted and true value.

    Parameters
    ----------
    moments : Moments
        Sums over the rows.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).

    Returns
    -------
    Measurement
        In the unit of the target, at least 0; 0 is best.

    Raises
    ------
    NotMeasurable
        If the task is not regression or there are no rows.

    Notes
    -----
    Student's t interval of the mean; not judged where all errors are equal, or rows are clustered.

    References
    ----------
    Willmott, C. J. and Matsuura, K. (2005), Climate Research 30, 79-82.

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Block, Roles
    >>> y = np.array([1.0, 2.0, 4.0])
    >>> block = Block(start=0, roles=Roles(task="regression"), columns={}, y_true=y, y_pred=np.array([1.0, 3.0, 6.0]))
    >>> mean_absolute_error(Moments.of(block)).value
    1.0
    """
    require_values(moments.roles, moments.n)
    return _mean(moments, "e_abs", "e2", "target", confidence, highest=float("inf"))


def r2_score(moments: Moments, *, confidence: float = 0.95) -> Measurement:
    """Share of the variation of the true values that the predictions explain (R squared).

    Parameters
    ----------
    moments : Moments
        Sums over the rows.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).

    Returns
    -------
    Measurement
        Dimensionless, at most 1; 1 is best, 0 is what predicting the mean achieves.

    Raises
    ------
    NotMeasurable
        If the task is not regression, there are no rows, or the true values do not differ.

    Notes
    -----
    1 - sum (predicted - true)^2 / sum (true - mean)^2; delta interval by the rows' influence, cut off at 1.
    Not judged where that variance is 0, or rows are clustered.

    References
    ----------
    Kvalseth, T. O. (1985), The American Statistician 39, 279-285.

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Block, Roles
    >>> y = np.array([1.0, 2.0, 3.0])
    >>> block = Block(start=0, roles=Roles(task="regression"), columns={}, y_true=y, y_pred=np.array([1.0, 2.0, 4.0]))
    >>> r2_score(Moments.of(block)).value
    0.5
    """
    require_values(moments.roles, moments.n)
    sums = {name: moments.exact(name).fraction() for name in ("e2", "e4", "e2y", "e2y2", "y", "y2", "y3", "y4")}
    value, variance = explained_share(SquaredErrorSums(n=moments.n, **sums))
    if moments.roles.clustered:
        return _unjudged(value, moments.n, "dimensionless", "clustered_rows")
    try:
        low, high = delta_interval(value, variance, degrees=moments.n - 1, confidence=confidence)
    except NotMeasurable as problem:
        return _unjudged(value, moments.n, "dimensionless", problem.code)
    return _whole(value, (low, min(1.0, high)), moments.n, "dimensionless", "delta")


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
        return _unjudged(None, 0, "score" if among == "either" else "share", "no_denominator")
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
        return _unjudged(share.value, share.among, "share", "clustered_rows")
    low, high = clopper_pearson(share.worth_right, share.worth, confidence=confidence)
    return _whole(share.value, (float(low), float(high)), share.among, "share", _method("clopper_pearson", share))


def _measured_f1(share: _Share, confidence: float) -> Measurement:
    value = 2 * share.right / (share.right + share.among)
    if share.unclear:
        return _unjudged(value, share.among, "score", "clustered_rows")
    interval = f1_interval(share.worth_right, share.worth - share.worth_right, 0.0, confidence=confidence)
    return _whole(value, interval, share.among, "score", _method("clopper_pearson_jaccard", share))


def _method(name: str, share: _Share) -> str:
    return name if share.worth == share.among else f"{name}_effective_n"


def _mean(moments: Moments, name: str, squares: str, unit: str, confidence: float, *, highest: float) -> Measurement:
    total, n = moments.exact(name).fraction(), moments.n
    if moments.roles.clustered:
        return _unjudged(float(total / n), n, unit, "clustered_rows")
    try:
        low, high = mean_interval(total, moments.exact(squares).fraction(), n, confidence=confidence)
    except NotMeasurable as problem:
        return _unjudged(float(total / n), n, unit, problem.code)
    return _whole(float(total / n), (max(0.0, low), min(highest, high)), n, unit, "student_t")


def _whole(value: float, interval: Interval, n: int, unit: str, method: str) -> Measurement:
    return Measurement(value=value, low=interval[0], high=interval[1], n=n, unit=unit, method=method)


def _unjudged(value: float | None, n: int, unit: str, code: str) -> Measurement:
    return Measurement(value=value, n=n, unit=unit, judged=False, reason=Reason(code=code))
