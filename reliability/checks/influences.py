"""Measures of performance on sampled rows with each row's influence on them, so that differences have a variance."""

from dataclasses import dataclass

import numpy as np

from reliability.blocks import Bools, Floats
from reliability.errors import NotMeasurable
from reliability.evidence.probe import Answers, Probe
from reliability.evidence.sample import Sample


@dataclass(frozen=True, kw_only=True, eq=False)
class Scored:
    """A measure of performance on n rows.

    Attributes
    ----------
    value : float
        More is better.
    influence : ndarray of float64, shape (n,)
        How far each row moves the value, times n; their mean is 0.
    """

    value: float
    influence: Floats


def share_right(answers: Answers, sample: Sample) -> Scored:
    """Accuracy.

    Parameters
    ----------
    answers : Answers
        What the model said of the rows.
    sample : Sample
        The rows with their labels.

    Returns
    -------
    Scored
        In [0, 1].
    """
    right = (answers.labels == sample.y_true).astype(np.float64)
    return Scored(value=float(right.mean()), influence=right - right.mean())


def error_spared(answers: Answers, sample: Sample) -> Scored:
    """Mean absolute error, with a minus so that more is better.

    Parameters
    ----------
    answers : Answers
        The model's values for the rows.
    sample : Sample
        The rows with the true values.

    Returns
    -------
    Scored
        At most 0, in the target's unit.
    """
    spared = -np.abs(answers.labels - sample.y_true)
    return Scored(value=float(spared.mean()), influence=spared - spared.mean())


def area(answers: Answers, positive: Bools) -> Scored:
    """Area under the ROC curve.

    Parameters
    ----------
    answers : Answers
        Scores of the rows.
    positive : ndarray of bool, shape (n,)
        Which rows ought to rank high; at least one, and one that ought not.

    Returns
    -------
    Scored
        In [0, 1].

    Raises
    ------
    NotMeasurable
        `no_scores`.

    References
    ----------
    DeLong, E. R. et al. (1988), Biometrics 44, 837-845 (placement values).
    """
    if answers.scores is None:
        raise NotMeasurable("no_scores")
    placed = placements(answers.scores, positive)
    value, share = float(placed[positive].mean()), float(positive.mean())
    return Scored(value=value, influence=(placed - value) / np.where(positive, share, 1 - share))


def placements(scores: Floats, positive: Bools) -> Floats:
    """For every row the share of rows of the other class that it ranks rightly against, ties half.

    Parameters
    ----------
    scores : ndarray of float64, shape (n,)
        Finite scores.
    positive : ndarray of bool, shape (n,)
        Which rows ought to rank high; at least one, and one that ought not.

    Returns
    -------
    ndarray of float64, shape (n,)
        In [0, 1]; the mean over either class is the area.
    """
    placed = np.empty(len(scores))
    for rows, others, sign in ((positive, ~positive, 1), (~positive, positive, -1)):
        ordered, mine = np.sort(sign * scores[others]), sign * scores[rows]
        placed[rows] = (np.searchsorted(ordered, mine) + np.searchsorted(ordered, mine, "right")) / 2
        placed[rows] /= len(ordered)
    return placed


def positive_rows(probe: Probe) -> Bools:
    """Rows whose label is the positive class.

    Parameters
    ----------
    probe : Probe
        Rows with their labels, and what the model said of them.

    Returns
    -------
    ndarray of bool, shape (n,)
        True where the label is positive.

    Raises
    ------
    NotMeasurable
        `needs_binary`, `no_positive`, `no_scores`, or `one_class` where no row, or every row, is positive.
    """
    roles = probe.sample.roles
    if roles.task != "binary":
        raise NotMeasurable("needs_binary")
    if roles.positive is None:
        raise NotMeasurable("no_positive")
    if probe.answers.scores is None:
        raise NotMeasurable("no_scores")
    positive: Bools = probe.sample.y_true == roles.positive
    if positive.all() or not positive.any():
        raise NotMeasurable("one_class")
    return positive
