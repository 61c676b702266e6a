"""Rows with one feature's values dealt out anew, put to the model once for all checks that want them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from reliability.blocks import Floats, Ints
from reliability.checks.asking import asked_together, changed, sampled, variance_of_mean
from reliability.checks.influences import Scored, area, error_spared, positive_rows, share_right
from reliability.checks.requirements import require_at_least
from reliability.errors import NotMeasurable
from reliability.evidence.hashing import splitmix64
from reliability.evidence.probe import Answers, Probe
from reliability.intervals.proportions import clopper_pearson
from reliability.records import canonical_json

_METRICS = {"roc_auc": "difference", "accuracy": "difference", "mean_absolute_error": "target"}


@dataclass(frozen=True, kw_only=True, eq=False)
class Permuted:
    """What became of the answers when each feature's values were dealt out anew.

    Attributes
    ----------
    probe : Probe
        The rows, and what the model said of them as they are.
    metric : str
        What performance is: roc_auc, accuracy or mean_absolute_error.
    names : tuple of str
        Features.
    importance : ndarray of float64, shape (F,)
        Performance lost without the feature, averaged over repeats.
    influence : ndarray of float64, shape (F, n)
        How far each row moves it, times n.
    changed : ndarray of int64, shape (F,)
        Answers that changed, label or score, of rows times repeats.
    repeats : int
        Times that each feature was dealt out.
    """

    probe: Probe
    metric: str
    names: tuple[str, ...]
    importance: Floats
    influence: Floats
    changed: Ints
    repeats: int

    @property
    def unit(self) -> str:
        """The unit of the importances."""
        return _METRICS[self.metric]

    def unseen_loss(self, confidence: float) -> float:
        """Most performance, of AUC or accuracy, that can be lost to rows of a kind that none of these was."""
        n = self.probe.sample.n
        sizes = [n]
        if self.metric == "roc_auc":
            positive = int(np.count_nonzero(positive_rows(self.probe)))
            sizes = [positive, n - positive]
        return min(1.0, sum(float(clopper_pearson(0, size, confidence=confidence)[1]) for size in sizes))

    def variance(self, influence: Floats) -> tuple[float, float]:
        """Variance of a value with that influence, and its degrees of freedom."""
        return variance_of_mean(influence, self.probe.sample)


def permuted(probe: Probe, *, sample_size: int, repeats: int) -> Permuted:
    """The answers with each feature's values dealt out anew, asked for once.

    Parameters
    ----------
    probe : Probe
        Sampled rows with labels, the model's answers, and the way to ask it again.
    sample_size : int
        Most rows asked, for every feature and repeat.
    repeats : int
        Times that each feature is dealt out, at least 1.

    Returns
    -------
    Permuted
        The same for every check that asks for as many rows and repeats.

    Raises
    ------
    NotMeasurable
        `no_rows` or `no_features`.

    Notes
    -----
    The order is drawn from the sample's own seed, not from a check's: so all checks read one set of answers. A row is
    the observation, and moves an importance in two ways: by its own answer, and by the value that it gives to
    another row. Its influence is that on the performance as it is, less both averaged over repeats.

    References
    ----------
    Hoeffding, W. (1948), Annals of Mathematical Statistics 19, 293-325 (projection of a statistic of pairs).
    """
    require_at_least("repeats", repeats, 1)
    asked = sampled(probe, sample_size)
    if not asked.sample.columns:
        raise NotMeasurable("no_features")
    found: Permuted = probe.remembered(
        ("permuted", asked.sample.n, repeats), lambda: _permuted(asked, _metric(asked), repeats)
    )
    return found


def _metric(asked: Probe) -> str:
    if asked.sample.roles.task == "regression":
        return "mean_absolute_error"
    try:
        positive_rows(asked)
    except NotMeasurable:
        return "accuracy"
    return "roc_auc"


def _permuted(asked: Probe, metric: str, repeats: int) -> Permuted:
    columns, n = asked.sample.columns, asked.sample.n
    dealt = [(name, _order(asked, name, repeat)) for name in columns for repeat in range(repeats)]
    tables = [{**columns, name: columns[name].take(order)} for name, order in dealt]
    base, told = _scored(asked, asked.answers, metric), asked_together(asked, tables)
    importance, influence = np.zeros(len(columns)), np.zeros((len(columns), n))
    moved = np.zeros(len(columns), np.int64)
    for at, answers in enumerate(told):
        feature = at // repeats
        after = _scored(asked, answers, metric)
        importance[feature] += (base.value - after.value) / repeats
        given = np.empty(n)
        given[dealt[at][1]] = after.influence
        influence[feature] += (base.influence - after.influence - given) / repeats
        moved[feature] += np.count_nonzero(changed(asked.answers, answers))
    return Permuted(
        probe=asked, metric=metric, names=tuple(columns), importance=importance, influence=influence, changed=moved,
        repeats=repeats,
    )  # fmt: skip


def _order(asked: Probe, name: str, repeat: int) -> Ints:
    # By the feature's name, not its place: a column more moves no other's importance. No two rows have one hash.
    key = hashlib.sha256(canonical_json([asked.sample.seed, name, repeat])).digest()
    positions = asked.sample.positions.astype(np.uint64)
    return np.argsort(splitmix64(positions, key=int.from_bytes(key[:6], "big")))


def _scored(asked: Probe, answers: Answers, metric: str) -> Scored:
    if metric == "roc_auc":
        return area(answers, positive_rows(asked))
    return share_right(answers, asked.sample) if metric == "accuracy" else error_spared(answers, asked.sample)


def simultaneous(values: Sequence[float], halves: Sequence[float]) -> tuple[float, float]:
    """Limits of the largest of several values, from limits that hold for all of them at once.

    Parameters
    ----------
    values : sequence of float
        Estimates.
    halves : sequence of float
        Half the width of each one's limits.

    Returns
    -------
    low, high : float
        The largest low and the largest high.
    """
    pairs = list(zip(values, halves, strict=True))
    return max(value - half for value, half in pairs), max(value + half for value, half in pairs)
