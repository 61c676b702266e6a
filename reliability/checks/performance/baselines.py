"""Whether a model does better than something simpler, or than what decides today, on the same rows."""

from fractions import Fraction

import numpy as np

from reliability.blocks import Ints, Label
from reliability.checks.requirements import require_classes, require_values
from reliability.errors import NotMeasurable
from reliability.evidence.confusion_matrix import ConfusionMatrix
from reliability.evidence.linear_model import linear_predictions
from reliability.evidence.moments import Moments
from reliability.evidence.paired_outcomes import PairedOutcomes
from reliability.evidence.sample import Sample
from reliability.intervals.means import SquaredErrorSums, gain_over_mean
from reliability.intervals.paired import (
    Discordant,
    Gains,
    mcnemar,
    paired_difference_interval,
    paired_mean_interval,
    paired_t,
)
from reliability.records import Json, Measurement, Reason


def better_than_majority(confusion_matrix: ConfusionMatrix, *, confidence: float = 0.95) -> Measurement:
    """Accuracy beyond that of always predicting the commonest class.

    Parameters
    ----------
    confusion_matrix : ConfusionMatrix
        Rows counted by true and predicted class.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).

    Returns
    -------
    Measurement
        Difference of shares of rows right, in [-1, 1]; above 0 the model is better, 1 is best. `p_value`: exact
        McNemar, two-sided.

    Raises
    ------
    NotMeasurable
        If there are no classes or no rows.

    Notes
    -----
    The commonest class of these very rows: no constant does better on them, which errs against the model. Where
    classes tie, the one that the model gets right least often (the most rows on which the two differ). Interval:
    `paired_difference_interval`, above 0 only if the exact test rejects; clustered rows at their effective number. Of K
    classes, three or more, the upper limit leaves a Kth part as much outside (Bonferroni): any of K like classes can
    come out the commonest, and does at the model's cost.

    References
    ----------
    McNemar, Q. (1947), Psychometrika 12, 153-157; Newcombe, R. G. (1998), Statistics in Medicine 17, 2635-2650.

    Examples
    --------
    >>> from reliability.blocks import Roles
    >>> roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,))
    >>> better_than_majority(ConfusionMatrix(roles=roles, counts=np.array([[55, 5], [10, 30]]))).value
    0.25
    """
    require_classes(confusion_matrix.roles, confusion_matrix.n)
    rows, right = confusion_matrix.counts.sum(axis=1), np.diagonal(confusion_matrix.counts)
    majority = int(np.flatnonzero(rows == rows.max())[np.argmin(right[rows == rows.max()])])
    buckets = confusion_matrix.buckets
    outcomes = PairedOutcomes(
        roles=confusion_matrix.roles,
        n=confusion_matrix.n,
        counts=_against(confusion_matrix.counts, majority),
        buckets=None if buckets is None else _against(buckets, majority),
    )
    always: Label = confusion_matrix.roles.classes[majority]
    measured = _labels_compared(outcomes, confidence)
    high = measured.high
    if len(rows) > 2 and high is not None:
        high = _labels_compared(outcomes, 1 - (1 - confidence) / len(rows)).high
    return measured.model_copy(update={"high": high, "details": measured.details | {"always": always}})


def better_than_mean(moments: Moments, *, confidence: float = 0.95) -> Measurement:
    """How much smaller the mean squared error is than that of always predicting the mean.

    Parameters
    ----------
    moments : Moments
        Sums over the rows.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).

    Returns
    -------
    Measurement
        In the squared unit of the target; above 0 the model is better. `p_value`: paired t, two-sided.

    Raises
    ------
    NotMeasurable
        If the task is not regression, or there are no rows.

    Notes
    -----
    mean (y - mean y)^2 - mean (predicted - y)^2 with the mean of these very rows: no constant does better on them,
    which errs against the model. Interval: `paired_mean_interval`. Clustered rows are not judged.

    References
    ----------
    Student (1908), Biometrika 6, 1-25; Diebold, F. X. and Mariano, R. S. (1995), Journal of Business & Economic
    Statistics 13, 253-263 (differences of losses).

    Examples
    --------
    >>> from reliability.blocks import Block, Roles
    >>> y = np.array([1.0, 2.0, 3.0])
    >>> block = Block(start=0, roles=Roles(task="regression"), columns={}, y_true=y, y_pred=np.array([1.0, 2.0, 4.0]))
    >>> round(better_than_mean(Moments.of(block)).value, 6)
    0.333333
    """
    require_values(moments.roles, moments.n)
    names = ("e2", "e4", "e2y", "e2y2", "y", "y2", "y3", "y4")
    sums = SquaredErrorSums(n=moments.n, **{name: moments.exact(name).fraction() for name in names})
    value, variance = gain_over_mean(sums)
    n, mean, gain = moments.n, sums.y / moments.n, Fraction(value)
    ends = (Fraction(moments.largest["y"]) - mean, mean + Fraction(moments.largest["y_negated"]))
    gains = Gains(
        n=n,
        total=n * gain,
        squares=n * (n - 1) * Fraction(variance) + n * gain**2,
        largest=max(*ends, Fraction(moments.largest["e_abs"])) ** 2,
    )
    return _values_compared(gains, clustered=moments.roles.clustered, confidence=confidence)


def better_than_linear_model(sample: Sample, training_sample: Sample, *, confidence: float = 0.95) -> Measurement:
    """Accuracy beyond that of a linear model fitted on the training data (regression: smaller mean squared error).

    Parameters
    ----------
    sample : Sample
        Evaluation rows with the model's predictions.
    training_sample : Sample
        Training rows that the linear model is fitted on.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).

    Returns
    -------
    Measurement
        Difference of shares of rows right, in [-1, 1], or of mean squared errors; above 0 the model is better.
        `p_value`: exact McNemar, or paired t, two-sided.

    Raises
    ------
    NotMeasurable
        `no_predictions`, `no_rows`, `no_training_data`, `no_features`, or `one_class` where all training rows are of
        one class.

    Notes
    -----
    Logistic or ridge regression (`linear_predictions`) on at most 20,000 rows, taken as it came out: that another
    training sample would give another line is no part of the interval. `paired_difference_interval`, above 0 only if
    the exact test rejects, clustered rows at their effective number; regression `paired_mean_interval`, clustered
    rows not judged.

    References
    ----------
    Dietterich, T. G. (1998), Neural Computation 10, 1895-1923; McNemar, Q. (1947), Psychometrika 12, 153-157.
    """
    if sample.y_pred is None:
        raise NotMeasurable("no_predictions")
    if not sample.n:
        raise NotMeasurable("no_rows")
    line = linear_predictions(training_sample, sample)
    return _compared(
        PairedOutcomes.between(sample.roles, sample.y_true, sample.y_pred, line, sample.entity), confidence
    )


def better_than_incumbent(paired_outcomes: PairedOutcomes, *, confidence: float = 0.95) -> Measurement:
    """Accuracy beyond that of what decides today (regression: smaller mean squared error).

    Parameters
    ----------
    paired_outcomes : PairedOutcomes
        Rows by whether the model and the incumbent are right, or what the model gains.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).

    Returns
    -------
    Measurement
        Difference of shares of rows right, in [-1, 1], or of mean squared errors; above 0 the model is better.
        `p_value`: exact McNemar, or paired t, two-sided.

    Raises
    ------
    NotMeasurable
        `no_incumbent` where none is declared, or `no_rows`.

    Notes
    -----
    Paired by row. `paired_difference_interval`, above 0 only if the exact test rejects, clustered rows at their
    effective number; regression `paired_mean_interval`, clustered rows not judged.

    References
    ----------
    McNemar, Q. (1947), Psychometrika 12, 153-157; Newcombe, R. G. (1998), Statistics in Medicine 17, 2635-2650.

    Examples
    --------
    >>> from reliability.blocks import Roles
    >>> roles = Roles(task="binary", classes=(0, 1), incumbent=True)
    >>> outcomes = PairedOutcomes(roles=roles, n=100, counts=np.array([[10, 5], [15, 70]]))
    >>> better_than_incumbent(outcomes).value
    0.1
    """
    if not paired_outcomes.roles.incumbent:
        raise NotMeasurable("no_incumbent")
    if not paired_outcomes.n:
        raise NotMeasurable("no_rows")
    return _compared(paired_outcomes, confidence)


def _compared(outcomes: PairedOutcomes, confidence: float) -> Measurement:
    if outcomes.roles.task != "regression":
        return _labels_compared(outcomes, confidence)
    if outcomes.gain.overflowed or outcomes.gain2.overflowed:
        raise NotMeasurable("numbers_too_large", n=outcomes.gain.overflowed or outcomes.gain2.overflowed)
    gains = Gains(
        n=outcomes.n,
        total=outcomes.gain.fraction(),
        squares=outcomes.gain2.fraction(),
        largest=Fraction(outcomes.largest),
    )
    return _values_compared(gains, clustered=outcomes.roles.clustered, confidence=confidence)


def _labels_compared(outcomes: PairedOutcomes, confidence: float) -> Measurement:
    first, second, n = int(outcomes.counts[1, 0]), int(outcomes.counts[0, 1]), outcomes.n
    both = int(outcomes.counts[1, 1])
    details: dict[str, Json] = {
        "model": (both + first) / n, "other": (both + second) / n,
        "only_model_right": first, "only_other_right": second,
    }  # fmt: skip
    value = (first - second) / n
    if outcomes.roles.clustered and outcomes.buckets is None:
        reason = Reason(code="clustered_rows")
        return Measurement.unjudged(value, n=n, unit="difference", reason=reason, details=details)
    pair = Discordant(first=first, second=second, n=n)
    if outcomes.buckets is not None:
        apart = outcomes.buckets[:, 1, 0], outcomes.buckets[:, 0, 1], outcomes.buckets.sum(axis=(1, 2))
        pair = Discordant.clustered(*apart, confidence=confidence)
    return Measurement.within(
        value, paired_difference_interval(pair, confidence=confidence), n=n, unit="difference",
        method="mover_mcnemar" if outcomes.buckets is None else "mover_mcnemar_effective_n",
        p_value=mcnemar(pair), details=details,
    )  # fmt: skip


def _values_compared(gains: Gains, *, clustered: bool, confidence: float) -> Measurement:
    unit = "squared_target"
    if clustered:
        return Measurement.unjudged(gains.mean, n=gains.n, unit=unit, reason=Reason(code="clustered_rows"))
    try:
        interval = paired_mean_interval(gains, confidence=confidence)
    except NotMeasurable as problem:
        reason = Reason.of(problem)
        return Measurement.unjudged(gains.mean, n=gains.n, unit=unit, reason=reason)
    return Measurement.within(
        gains.mean, interval, n=gains.n, unit=unit, method="paired_t_further", p_value=paired_t(gains)
    )


def _against(counts: Ints, majority: int) -> Ints:
    """Tables by true and predicted class as tables by model right and by right of always saying the majority."""
    both = counts[..., majority, majority]
    model = np.trace(counts, axis1=-2, axis2=-1) - both
    other = counts[..., majority, :].sum(axis=-1) - both
    neither = counts.sum(axis=(-2, -1)) - both - model - other
    return np.stack([np.stack([neither, other], axis=-1), np.stack([model, both], axis=-1)], axis=-2)
