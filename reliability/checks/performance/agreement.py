"""How well predicted classes agree with the true ones, all classes in one number."""

import math
from collections.abc import Callable
from fractions import Fraction
from itertools import compress
from operator import mul

from reliability.blocks import Bools
from reliability.checks.requirements import require_classes
from reliability.errors import NotMeasurable
from reliability.evidence.confusion_matrix import ConfusionMatrix
from reliability.intervals.arrays import Ints
from reliability.intervals.tables import Functional, Table, macro_f1, matthews, table_interval, weighted_f1
from reliability.records import Json, Measurement, Reason


def f1_macro(confusion_matrix: ConfusionMatrix, *, confidence: float = 0.95) -> Measurement:
    """Plain mean of the F1 scores of all classes.

    Parameters
    ----------
    confusion_matrix : ConfusionMatrix
        Rows counted by true and predicted class.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).

    Returns
    -------
    Measurement
        Score, in [0, 1]; 1 is best. `details.absent`: classes that neither occur nor are predicted.

    Raises
    ------
    NotMeasurable
        If there are no classes or no rows.

    Notes
    -----
    Mean of 2 TP / (2 TP + FP + FN) over the classes that occur or are predicted: scikit-learn's
    `f1_score(average="macro")`. Such a class always has a denominator, so its `zero_division` is never called upon;
    with `labels=` it would count an absent class as 0. Interval: `table_interval`. Not judged where a class has fewer
    than 10 rows (`too_few_for_interval`) or where only one class is met (`one_class`).

    References
    ----------
    Lewis, D. D. (1991), Proceedings of the Speech and Natural Language Workshop, 312-318 (macro-averaging);
    Opitz, J. and Burst, S. (2019), arXiv:1911.03347 (mean of F1 scores, not F1 of means).

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Roles
    >>> roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,))
    >>> f1_macro(ConfusionMatrix(roles=roles, counts=np.array([[40, 10], [10, 40]]))).value
    0.8
    """
    return _averaged_f1(confusion_matrix, macro_f1, lambda counts: [1] * len(counts), confidence)


def f1_weighted(confusion_matrix: ConfusionMatrix, *, confidence: float = 0.95) -> Measurement:
    """Mean of the F1 scores of all classes, weighted by the rows of each.

    Parameters
    ----------
    confusion_matrix : ConfusionMatrix
        Rows counted by true and predicted class.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).

    Returns
    -------
    Measurement
        Score, in [0, 1]; 1 is best. `details.absent`: classes that neither occur nor are predicted.

    Raises
    ------
    NotMeasurable
        If there are no classes or no rows.

    Notes
    -----
    Mean of 2 TP / (2 TP + FP + FN), weighted by TP + FN: scikit-learn's `f1_score(average="weighted")`. A class that
    is only predicted has weight 0. Interval: `table_interval`, which counts the weights as drawn too. Not judged where
    a class has fewer than 10 rows (`too_few_for_interval`) or where only one class is met (`one_class`).

    References
    ----------
    Sokolova, M. and Lapalme, G. (2009), Information Processing & Management 45, 427-437.

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Roles
    >>> roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,))
    >>> f1_weighted(ConfusionMatrix(roles=roles, counts=np.array([[40, 10], [10, 40]]))).value
    0.8
    """
    return _averaged_f1(confusion_matrix, weighted_f1, lambda counts: counts.sum(axis=1).tolist(), confidence)


def matthews_correlation(confusion_matrix: ConfusionMatrix, *, confidence: float = 0.95) -> Measurement:
    """Correlation of true and predicted classes (Matthews).

    Parameters
    ----------
    confusion_matrix : ConfusionMatrix
        Rows counted by true and predicted class.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).

    Returns
    -------
    Measurement
        Dimensionless, in [-1, 1]; 1 is best, 0 is chance.

    Raises
    ------
    NotMeasurable
        If there are no classes or no rows, only one class occurs (`one_class`), or only one is predicted
        (`no_denominator`; scikit-learn says 0 there).

    Notes
    -----
    (n c - sum t_k p_k) / sqrt((n^2 - sum p_k^2) (n^2 - sum t_k^2)), c rows right, t_k rows of class k, p_k rows
    predicted as it; two classes: (TP TN - FP FN) / sqrt((TP + FP) (TP + FN) (TN + FP) (TN + FN)). Interval:
    `table_interval`. Not judged where a class has fewer than 10 rows (`too_few_for_interval`).

    References
    ----------
    Matthews, B. W. (1975), Biochimica et Biophysica Acta 405, 442-451; Gorodkin, J. (2004), Computational Biology
    and Chemistry 28, 367-374 (several classes).

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Roles
    >>> roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,))
    >>> matthews_correlation(ConfusionMatrix(roles=roles, counts=np.array([[40, 10], [10, 40]]))).value
    0.6
    """
    require_classes(confusion_matrix.roles, confusion_matrix.n)
    true, predicted = confusion_matrix.counts.sum(axis=1).tolist(), confusion_matrix.counts.sum(axis=0).tolist()
    n = confusion_matrix.n
    spread_true, spread_predicted = (n * n - sum(rows * rows for rows in side) for side in (true, predicted))
    if not spread_true:
        raise NotMeasurable("one_class")
    if not spread_predicted:
        raise NotMeasurable("no_denominator")
    covered = n * confusion_matrix.right - sum(map(mul, true, predicted))
    # Rounded twice only: a perfect prediction is exactly 1.
    value = math.copysign(math.sqrt(Fraction(covered**2, spread_true * spread_predicted)), covered)
    measured = _measured(confusion_matrix, matthews, value, lowest=-1.0, confidence=confidence)
    return measured.model_copy(update={"unit": "dimensionless"})


def _averaged_f1(
    matrix: ConfusionMatrix, functional: Functional, weights_of: Callable[[Ints], list[int]], confidence: float
) -> Measurement:
    require_classes(matrix.roles, matrix.n)
    met = _met(matrix)
    right, mass = met.counts.diagonal().tolist(), (met.counts.sum(axis=0) + met.counts.sum(axis=1)).tolist()
    weights = weights_of(met.counts)
    scores = map(Fraction, right, mass)
    value = float(2 * sum(map(mul, weights, scores)) / sum(weights))
    return _measured(matrix, functional, value, lowest=0.0, confidence=confidence)


def _measured(
    matrix: ConfusionMatrix, functional: Functional, value: float, *, lowest: float, confidence: float
) -> Measurement:
    n, met = matrix.n, _met(matrix)
    details: dict[str, Json] = {"absent": _absent(matrix)}
    try:
        _refuse(matrix, met)
        interval = table_interval(met, functional, value, lowest=lowest, confidence=confidence)
    except NotMeasurable as problem:
        reason = Reason.of(problem)
        return Measurement.unjudged(value, n=n, unit="score", reason=reason, details=details)
    method = "influence_effective_n" if met.buckets is None else "jackknife_effective_n"
    return Measurement.within(value, interval, n=n, unit="score", method=method, details=details)


def _refuse(matrix: ConfusionMatrix, met: Table) -> None:
    """Refuse an interval for one class alone, and for clustered rows that were not counted by bucket."""
    if len(met.counts) < 2:
        raise NotMeasurable("one_class")
    if matrix.roles.clustered and matrix.buckets is None:
        raise NotMeasurable("clustered_rows")


def _met(matrix: ConfusionMatrix) -> Table:
    """The table of the classes that occur or are predicted."""
    met = _seen(matrix)
    buckets = None if matrix.buckets is None else matrix.buckets[:, met][:, :, met]
    return Table(counts=matrix.counts[met][:, met], buckets=buckets)


def _absent(matrix: ConfusionMatrix) -> list[Json]:
    return list(compress(matrix.roles.classes, ~_seen(matrix)))


def _seen(matrix: ConfusionMatrix) -> Bools:
    """Which classes occur or are predicted."""
    seen: Bools = (matrix.counts.sum(axis=0) + matrix.counts.sum(axis=1)) > 0
    return seen
