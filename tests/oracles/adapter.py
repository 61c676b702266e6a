"""Puts our checks in the place of scikit-learn's metrics, so that scikit-learn's own tests judge them.

Loaded as a pytest plugin before any test module is imported. A call that speaks of something we do not
measure (sample weights, multilabel targets, averages we do not offer, scores that are no numbers in [0, 1]) goes to
scikit-learn, and so does one that our check declines to measure; every call is written to the log.
"""

import functools
import json
import os
import warnings
from pathlib import Path

import numpy as np
import sklearn.metrics
from sklearn.utils.multiclass import type_of_target

from reliability.blocks import Block, Roles
from reliability.checklist.catalogue import Check, checks
from reliability.checks.performance.agreement import f1_macro, f1_weighted, matthews_correlation
from reliability.checks.performance.labels import accuracy, balanced_accuracy, f1, precision, recall
from reliability.checks.performance.losses import brier_score, log_loss
from reliability.checks.performance.scores import average_precision, roc_auc, roc_auc_one_vs_rest
from reliability.checks.performance.values import (
    mean_absolute_error,
    median_absolute_error,
    r2_score,
    root_mean_squared_error,
)
from reliability.engine import Request
from reliability.errors import NotMeasurable

THEIRS = {}
LOG = os.environ.get("ORACLE_LOG")


class OutOfScopeError(Exception):
    """The call asks for something that we do not measure."""


def require(condition):
    if not condition:
        raise OutOfScopeError


def reading(build):
    """What cannot be read as rows of ours is not ours to answer."""

    @functools.wraps(build)
    def built(*args, **kwargs):
        try:
            return build(*args, **kwargs)
        except (TypeError, ValueError) as unread:
            raise OutOfScopeError from unread

    return built


@reading
def vector(values):
    array = np.asarray(values)
    require(array.ndim == 1 and len(array) > 0 and array.dtype.kind in "biufUO")
    return array


@reading
def labelled(y_true, y_pred, pos_label=None):
    """A block of labels; multiclass unless a positive label is named."""
    true, predicted = vector(y_true), vector(y_pred)
    require(len(true) == len(predicted))
    for values in (true, predicted):
        require(type_of_target(values) in ("binary", "multiclass"))
    classes = sorted({*true.tolist(), *predicted.tolist()})
    require(len(classes) >= 2)
    place = {label: index for index, label in enumerate(classes)}
    binary = pos_label is not None
    require(not binary or (len(classes) == 2 and pos_label in classes))
    roles = Roles(
        task="binary" if binary else "multiclass", classes=tuple(classes), has_predictions=True,
        positive=place[pos_label] if binary else None, favourable=(place[pos_label],) if binary else (),
    )  # fmt: skip
    indices = [np.array([place[label] for label in values.tolist()], np.int64) for values in (true, predicted)]
    return Block(start=0, roles=roles, columns={}, y_true=indices[0], y_pred=indices[1])


@reading
def scored(y_true, y_score, pos_label=None, *, probabilities=True):
    """A block of scores for the positive class of two."""
    true, score = vector(y_true), vector(y_score)
    require(len(true) == len(score) and score.dtype.kind in "biuf" and type_of_target(true) == "binary")
    score = score.astype(np.float64)
    require(np.isfinite(score).all() and (not probabilities or ((score >= 0) & (score <= 1)).all()))
    classes = sorted(set(true.tolist()))
    require(len(classes) == 2)
    positive = classes[1] if pos_label is None else pos_label
    require(positive in classes)
    roles = Roles(
        task="binary", classes=tuple(classes), positive=classes.index(positive), favourable=(classes.index(positive),),
        has_predictions=True, has_scores=True,
    )  # fmt: skip
    y = np.array([classes.index(label) for label in true.tolist()], np.int64)
    return Block(start=0, roles=roles, columns={}, y_true=y, y_pred=y, y_score=score)


@reading
def valued(y_true, y_pred):
    true, predicted = (vector(values) for values in (y_true, y_pred))
    require(len(true) == len(predicted) and true.dtype.kind in "iuf" and predicted.dtype.kind in "iuf")
    true, predicted = true.astype(np.float64), predicted.astype(np.float64)
    require(np.isfinite(true).all() and np.isfinite(predicted).all())
    roles = Roles(task="regression", has_predictions=True)
    return Block(start=0, roles=roles, columns={}, y_true=true, y_pred=predicted)


def measured(check, block):
    """What our check says of the block: evidence counted by the engine's own kinds."""
    (named,) = [one for one in checks().values() if one.function is check]
    assert isinstance(named, Check)
    got = check(*(Request(kind=name).count(block, 0) for name in named.evidence))
    return got if isinstance(got, tuple) else (got,)


def value_of(check, block):
    (one,) = measured(check, block)
    if one.value is None:
        raise NotMeasurable(one.reason.code)
    return one.value


def accuracy_score(y_true, y_pred, *, normalize=True, sample_weight=None):
    require(normalize and sample_weight is None)
    return value_of(accuracy, labelled(y_true, y_pred))


def balanced_accuracy_score(y_true, y_pred, *, sample_weight=None, adjusted=False):
    require(not adjusted and sample_weight is None)
    true = vector(y_true)
    require(set(vector(y_pred).tolist()) <= set(true.tolist()))  # theirs warns where a class is predicted only
    return value_of(balanced_accuracy, labelled(y_true, y_pred))


def by_class(check, averages=None):
    def score(y_true, y_pred, *, labels=None, pos_label=1, average="binary", sample_weight=None, zero_division="warn"):
        require(labels is None and sample_weight is None)
        if average == "binary":
            return value_of(check, labelled(y_true, y_pred, pos_label))
        if average in (averages or {}):
            return value_of(averages[average], labelled(y_true, y_pred))
        require(average is None)
        values = [one.value for one in measured(check, labelled(y_true, y_pred))]
        require(None not in values)
        return np.array(values)

    return score


def matthews_corrcoef(y_true, y_pred, *, sample_weight=None):
    require(sample_weight is None)
    return value_of(matthews_correlation, labelled(y_true, y_pred))


def roc_auc_score(
    y_true, y_score, *, average="macro", sample_weight=None, max_fpr=None, multi_class="raise", labels=None
):
    require(sample_weight is None and max_fpr in (None, 1) and labels is None)
    if np.ndim(y_score) == 1:
        return value_of(roc_auc, scored(y_true, y_score, probabilities=False))
    require(multi_class == "ovr" and average in ("macro", "weighted"))
    found = measured(roc_auc_one_vs_rest, scored_classes(y_true, y_score))
    return found[0].details[average]


@reading
def scored_classes(y_true, y_score):
    """A block of scores for each of several classes."""
    true, score = vector(y_true), np.asarray(y_score, np.float64)
    require(type_of_target(true) == "multiclass" and np.isfinite(score).all() and len(score) == len(true))
    require(((score >= 0) & (score <= 1)).all() and np.allclose(score.sum(axis=1), 1))
    classes = sorted(set(true.tolist()))
    require(score.shape[1] == len(classes))
    roles = Roles(task="multiclass", classes=tuple(classes), has_predictions=True, has_scores=True)
    y = np.array([classes.index(label) for label in true.tolist()], np.int64)
    return Block(start=0, roles=roles, columns={}, y_true=y, y_pred=y, y_score=score)


def average_precision_score(y_true, y_score, *, average="macro", pos_label=1, sample_weight=None):
    require(sample_weight is None and average == "macro")
    return value_of(average_precision, scored(y_true, y_score, pos_label, probabilities=False))


def brier_score_loss(y_true, y_proba, *, sample_weight=None, pos_label=None, labels=None, scale_by_half="auto"):
    require(sample_weight is None and labels is None and scale_by_half in ("auto", True))
    # Theirs wants the positive class named, unless the labels are numbers that settle it.
    require(pos_label is not None or vector(y_true).dtype.kind in "biuf")
    return value_of(brier_score, scored(y_true, y_proba, pos_label))


def log_loss_score(y_true, y_proba=None, *, normalize=True, sample_weight=None, labels=None, **deprecated):
    require(normalize and sample_weight is None and labels is None and not deprecated)
    return value_of(log_loss, scored(y_true, of_the_second(y_proba)))


@reading
def of_the_second(y_proba):
    """The probability of the second of two classes, which either one column or two give."""
    probabilities = np.asarray(y_proba)
    if probabilities.ndim == 2:
        require(probabilities.shape[1] == 2)
        require(np.allclose(probabilities.astype(np.float64).sum(axis=1), 1, rtol=0, atol=1e-12))
        probabilities = probabilities[:, 1]
    require(probabilities.dtype == np.float64)
    return probabilities


def of_values(check):
    def score(y_true, y_pred, *, sample_weight=None, multioutput="uniform_average", force_finite=True):
        require(sample_weight is None and force_finite and multioutput == "uniform_average")
        return value_of(check, valued(y_true, y_pred))

    return score


OURS = {
    "accuracy_score": accuracy_score,
    "average_precision_score": average_precision_score,
    "balanced_accuracy_score": balanced_accuracy_score,
    "brier_score_loss": brier_score_loss,
    "f1_score": by_class(f1, {"macro": f1_macro, "weighted": f1_weighted}),
    "log_loss": log_loss_score,
    "matthews_corrcoef": matthews_corrcoef,
    "mean_absolute_error": of_values(mean_absolute_error),
    "median_absolute_error": of_values(median_absolute_error),
    "precision_score": by_class(precision),
    "r2_score": of_values(r2_score),
    "recall_score": by_class(recall),
    "roc_auc_score": roc_auc_score,
    "root_mean_squared_error": of_values(root_mean_squared_error),
}


def noted(name, how, **more):
    if LOG:
        line = {"metric": name, "how": how, "test": os.environ.get("PYTEST_CURRENT_TEST", ""), **more}
        with Path(LOG).open("a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")


def answering(name, ours, theirs):
    """Our answer where the call is ours to answer; the original's where it is not."""

    @functools.wraps(theirs)
    def metric(*args, **kwargs):
        try:
            value = ours(*args, **kwargs)
        except OutOfScopeError:
            noted(name, "not ours")
            return theirs(*args, **kwargs)
        except NotMeasurable as declined:
            noted(name, "declined", code=declined.code)
            return theirs(*args, **kwargs)
        noted(name, "ours", **beside(value, theirs, args, kwargs))
        return value

    return metric


def beside(value, theirs, args, kwargs):
    """Our answer and theirs, where they differ."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = theirs(*args, **kwargs)
    except ValueError as refused:
        return {"ours": np.asarray(value).tolist(), "theirs": f"refused: {refused}"}
    if np.allclose(value, expected, rtol=1e-9, atol=1e-12):
        return {}
    return {"ours": np.asarray(value).tolist(), "theirs": np.asarray(expected).tolist()}


def pytest_configure(config):
    for name, ours in OURS.items():
        THEIRS[name] = getattr(sklearn.metrics, name)
        setattr(sklearn.metrics, name, answering(name, ours, THEIRS[name]))
