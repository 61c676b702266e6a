"""A plain linear model to compare a submitted one with: logistic regression, or ridge for values."""

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from reliability.blocks import Column, Floats
from reliability.errors import NotMeasurable
from reliability.evidence.sample import Sample

LEVELS = 50
_ITERATIONS = 200
# A value so far out says no more than that it is far out, and must not overflow.
_FARTHEST = 1e6


def linear_predictions(training: Sample, evaluation: Sample) -> npt.NDArray[Any]:
    """What a linear model fitted on one sample predicts for another.

    Parameters
    ----------
    training, evaluation : Sample
        Rows with the same features; the true labels of the first are what is fitted.

    Returns
    -------
    ndarray, shape (n,)
        Class indices, or values for regression, of the evaluation rows.

    Raises
    ------
    NotMeasurable
        `no_training_data`, `no_features`, or `one_class` where the training rows are all of one class.

    Notes
    -----
    Numbers standardised by the training rows, with the median and an indicator where missing; text one-hot by its 50
    commonest levels there. L2 penalty 1: logistic regression by L-BFGS (at most 200 steps), or ridge regression.

    References
    ----------
    Hastie, T., Tibshirani, R. and Friedman, J. (2009), The Elements of Statistical Learning, 2nd ed., ch. 3.4, 4.4.
    """
    known, asked = _inputs(training, evaluation)
    if training.roles.task == "regression":
        return _ridge(known, training.y_true, asked)
    predicted: npt.NDArray[Any] = _logistic(known, training.y_true).predict(asked)
    return predicted


def linear_probabilities(training: Sample, evaluation: Sample) -> Floats:
    """Probabilities of the classes that a logistic regression fitted on one sample gives another.

    Parameters
    ----------
    training, evaluation : Sample
        Rows of classification with the same features; the true labels of the first are what is fitted.

    Returns
    -------
    ndarray of float64, shape (n, K)
        Probability of every class of `roles.classes` for every evaluation row; 0 for a class that the training rows
        lack.

    Raises
    ------
    NotMeasurable
        `no_training_data`, `no_features`, or `one_class` where the training rows are all of one class.

    Notes
    -----
    The model of `linear_predictions`.

    References
    ----------
    Hastie, T., Tibshirani, R. and Friedman, J. (2009), The Elements of Statistical Learning, 2nd ed., ch. 4.4.
    """
    known, asked = _inputs(training, evaluation)
    fitted = _logistic(known, training.y_true)
    probabilities = np.zeros((evaluation.n, len(training.roles.classes)))
    probabilities[:, fitted.classes_] = fitted.predict_proba(asked)
    return probabilities


def _inputs(training: Sample, evaluation: Sample) -> tuple[Floats, Floats]:
    if not training.n:
        raise NotMeasurable("no_training_data")
    shared = [name for name in training.columns if _alike(training.columns[name], evaluation.columns.get(name))]
    if not shared:
        raise NotMeasurable("no_features")
    parts = [_encoded(training.columns[name], evaluation.columns[name]) for name in shared]
    known, asked = (np.column_stack([part for pair in parts for part in pair[side]]) for side in (0, 1))
    return known, asked


def _logistic(known: Floats, y_true: npt.NDArray[Any]) -> Any:
    if len(np.unique(y_true)) < 2:
        raise NotMeasurable("one_class")
    # Only where it is used: importing it takes longer than many an assessment.
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings():
        # A fit cut short is still a baseline.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return LogisticRegression(max_iter=_ITERATIONS).fit(known, y_true)


def _ridge(known: Floats, y_true: Floats, asked: Floats) -> Floats:
    from sklearn.linear_model import Ridge

    scale = float(np.abs(y_true).max()) or 1.0
    predicted: Floats = Ridge(alpha=1.0, solver="cholesky").fit(known, y_true / scale).predict(asked) * scale
    return predicted


def _alike(first: Column, second: Column | None) -> bool:
    return second is not None and (first.kind == "utf8") == (second.kind == "utf8")


def _encoded(training: Column, evaluation: Column) -> tuple[list[Floats], list[Floats]]:
    """Columns of numbers for both, by what the training rows hold."""
    if training.kind == "utf8":
        levels = _commonest(training)
        return list(_one_hot(training, levels)), list(_one_hot(evaluation, levels))
    return _standardised(training.as_floats(), evaluation.as_floats())


def _commonest(column: Column) -> list[str]:
    counts = np.bincount(column.values[~column.missing], minlength=len(column.levels)).tolist()
    order = sorted(zip(column.levels, counts, strict=True), key=lambda level: (-level[1], level[0]))
    return [level for level, count in order[:LEVELS] if count]


def _one_hot(column: Column, levels: list[str]) -> Iterator[Floats]:
    yield column.missing.astype(np.float64)
    place = {level: code for code, level in enumerate(column.levels)}
    for level in levels:
        yield ((column.values == place.get(level, -1)) & ~column.missing).astype(np.float64)


def _standardised(known: Floats, asked: Floats) -> tuple[list[Floats], list[Floats]]:
    present = known[np.isfinite(known)]
    size = float(np.abs(present).max(initial=0.0)) or 1.0
    middle = float(np.median(present / size)) if len(present) else 0.0
    filled = np.where(np.isfinite(known), known / size, middle)
    mean, spread = float(filled.mean()), float(filled.std()) or 1.0

    def columns(values: Floats) -> list[Floats]:
        with np.errstate(over="ignore", invalid="ignore"):
            scaled = (np.where(np.isfinite(values), values / size, middle) - mean) / spread
        return [np.clip(scaled, -_FARTHEST, _FARTHEST), (~np.isfinite(values)).astype(np.float64)]

    return columns(known), columns(asked)
