"""What a learner tells of two data sets: which rows are of which, and whether labels follow the same features."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from reliability.blocks import Bools, Column, Floats, Ints
from reliability.checks.sampled import area, auc_counts, parts_of
from reliability.errors import NotMeasurable
from reliability.evidence.sample import Sample
from reliability.intervals.paired import Gains, paired_mean_interval
from reliability.intervals.ranks import auc_interval
from reliability.records import Measurement, Reason

_ROWS = 5_000
_TREES = 200
_BINS = 20
_LISTED_FEATURES = 5
# Scores are compared as decimals: the last bits of a sum of trees are no order of rows.
_DIGITS = 9


@dataclass(frozen=True, kw_only=True, eq=False)
class _Both:
    """Rows of both data sets, training first, with their features coded alike."""

    inputs: dict[str, Ints]
    evaluation: Bools
    learning: Bools

    @property
    def matrix(self) -> Ints:
        """The features as columns."""
        return np.column_stack(list(self.inputs.values()))


def domain_classifier_auc(
    sample: Sample, training_sample: Sample, *, confidence: float = 0.95, seed: int = 0
) -> Measurement:
    """How well the features together tell evaluation rows from training rows.

    Parameters
    ----------
    sample : Sample
        Sampled evaluation rows.
    training_sample : Sample
        Sampled training rows with the same features.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).
    seed : int, default 0
        Key of the halves and of the trees.

    Returns
    -------
    Measurement
        Area under the ROC curve, in [0, 1]; 0.5 or less is best: no row gives away where it is from. `details.features`
        names the features that tell most by themselves.

    Raises
    ------
    NotMeasurable
        `no_features` where there is none with a value in either data set, `no_rows`, `no_training_data`, or
        `too_few_for_interval` where a half has fewer than two rows of a data set.

    Notes
    -----
    200 extremely randomised trees learn on one half of the rows (5,000 of either data set at most, by a keyed hash of
    their position or entity) which data set a row is of; the other half is ranked by what they say. Numbers enter by
    their ranks, text by its sorted values, what is missing below all. The interval is `auc_interval`'s for this
    learner and these rows; a stronger learner, or more rows, may tell more. Halves rather than folds: see
    `fairness.proxy_auc`. Clustered rows are not judged.

    References
    ----------
    Lopez-Paz, D. and Oquab, M. (2017), ICLR, arXiv:1610.06545 (classifier two-sample tests);
    Geurts, P., Ernst, D. and Wehenkel, L. (2006), Machine Learning 63, 3-42 (extremely randomised trees).
    """
    evaluation, training = _sampled(sample, training_sample, _ROWS)
    both = _beside(training, evaluation, seed)
    measuring = ~both.learning
    trees = _trees(int(np.count_nonzero(both.learning)), seed, regression=False)
    for half in (both.learning, measuring):
        fewest = min(np.count_nonzero(half & one) for one in (both.evaluation, ~both.evaluation))
        if fewest < 2:
            raise NotMeasurable("too_few_for_interval", n=int(fewest), needed=2)
    trees.fit(both.matrix[both.learning], both.evaluation[both.learning])
    scores = np.round(trees.predict_proba(both.matrix[measuring])[:, 1], _DIGITS)
    counts = auc_counts(scores, both.evaluation[measuring])
    clustered = sample.roles.clustered or training_sample.roles.clustered
    low, high = (None, None) if clustered else auc_interval(counts, confidence=confidence)
    return Measurement(
        value=area(counts),
        low=low,
        high=high,
        n=int(np.count_nonzero(measuring)),
        unit="auc",
        method="newcombe_delong",
        judged=not clustered,
        reason=Reason(code="clustered_rows") if clustered else None,
        details={"of_n": sample.of_n, "training_n": training_sample.of_n, "features": _telling(both)},
    )


def concept_shift(sample: Sample, training_sample: Sample, *, confidence: float = 0.95, seed: int = 0) -> Measurement:
    """How much worse the labels are foretold by what training rows teach than by what evaluation rows teach.

    Parameters
    ----------
    sample : Sample
        Sampled evaluation rows with their true labels.
    training_sample : Sample
        Sampled training rows with the same features.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).
    seed : int, default 0
        Key of the halves and of the trees.

    Returns
    -------
    Measurement
        Share of the labels' variance; 0 or less is best: the features say of the label what they said in training.
        `details.features` names the features along which the two lessons differ most.

    Raises
    ------
    NotMeasurable
        `no_features` where there is none with a value in either data set, `no_rows`, `no_training_data`, `one_class`
        (regression: `no_variation`) where the evaluation labels do not vary, or `too_few_for_interval` with fewer than
        300 rows to measure on.

    Notes
    -----
    Two learners of one kind (200 extremely randomised trees) learn from equally many rows, 5,000 at most: one from
    training rows, one from one half of the evaluation rows. Both foretell the labels of the other half. Value = (mean
    squared error of the first - of the second) / variance of these labels, squared errors summed over classes (Brier).
    Where P(label | features) is the same both learn the same, whatever has become of the features themselves, as
    long as the training rows reach where the evaluation rows are; it is the submitted model's business only in so
    far as it was trained on such rows. Interval: paired t of the rows' differences with a further row, the variance
    taken as known. Clustered rows are not judged.

    References
    ----------
    Moreno-Torres, J. G. et al. (2012), Pattern Recognition 45, 521-530 (concept shift);
    Brier, G. W. (1950), Monthly Weather Review 78, 1-3.
    """
    evaluation, training = _sampled(sample, training_sample, 2 * _ROWS)
    both = _beside(training, evaluation, seed)
    learners = _even(both, seed)
    measuring = np.flatnonzero(both.evaluation & ~both.learning)
    truth = _targets(training, evaluation)
    held = truth[measuring]
    variance = float(((held - held.mean(axis=0)) ** 2).mean(axis=0).sum()) if len(held) else 0.0
    if variance <= 0:
        raise NotMeasurable("no_variation" if sample.roles.task == "regression" else "one_class")
    said = [_foretold(both, rows, truth, measuring, seed) for rows in learners]
    losses = [((one - held) ** 2).sum(axis=1) for one in said]
    gains = _gains(losses[0] - losses[1])
    low, high = paired_mean_interval(gains, confidence=confidence)
    clustered = sample.roles.clustered or training_sample.roles.clustered
    return Measurement(
        value=gains.mean / variance,
        low=None if clustered else low / variance,
        high=None if clustered else high / variance,
        n=len(measuring),
        unit="dimensionless",
        method="paired_t_further",
        judged=not clustered,
        reason=Reason(code="clustered_rows") if clustered else None,
        details={
            "of_n": sample.of_n,
            "training_n": training_sample.of_n,
            "learned_from": len(learners[0]),
            "features": _differing(both, measuring, said[1] - said[0]),
        },
    )


def _sampled(sample: Sample, training_sample: Sample, rows: int) -> tuple[Sample, Sample]:
    evaluation, training = sample.smaller(rows), training_sample.smaller(rows)
    if not evaluation.columns:
        raise NotMeasurable("no_features")
    if not evaluation.n:
        raise NotMeasurable("no_rows")
    if not training.n:
        raise NotMeasurable("no_training_data")
    # A column without a value in either says nothing of them.
    filled = {
        name: column
        for name, column in evaluation.columns.items()
        if not (column.missing.all() and training.columns[name].missing.all())
    }
    if not filled:
        raise NotMeasurable("no_features")
    return replace(evaluation, columns=filled), training


def _beside(training: Sample, evaluation: Sample, seed: int) -> _Both:
    return _Both(
        inputs={name: _coded(training.columns[name], column) for name, column in evaluation.columns.items()},
        evaluation=np.repeat([False, True], [training.n, evaluation.n]),
        learning=np.concatenate([parts_of(one, 2, seed=seed) == 0 for one in (training, evaluation)]),
    )


def _coded(first: Column, second: Column) -> Ints:
    """Places of the values of both in their order, what is missing at -1."""
    missing = np.concatenate((first.missing, second.missing))
    if "utf8" in (first.kind, second.kind):
        levels = sorted({*first.levels, *second.levels})
        place = {level: index for index, level in enumerate(levels)}
        parts = [_places(one, place) for one in (first, second)]
        return np.where(missing, -1, np.concatenate(parts))
    values = np.concatenate([one.values.astype(np.float64) for one in (first, second)])
    return np.where(missing, -1, np.unique(values, return_inverse=True)[1])


def _places(column: Column, place: Mapping[str, int]) -> Ints:
    # Where a text is missing in every row of one file, nothing there says that it is a text.
    codes = column.values if column.kind == "utf8" else np.zeros(len(column), np.int64)
    found: Ints = np.array([place[level] for level in column.levels] or [0], np.int64)[codes]
    return found


def _trees(rows: int, seed: int, *, regression: bool) -> Any:
    from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor  # a second to load

    kind = ExtraTreesRegressor if regression else ExtraTreesClassifier
    # One thread: trees are added up in their order.
    return kind(
        n_estimators=_TREES,
        min_samples_leaf=max(5, rows // 200),
        max_features=0.5,
        random_state=seed % 2**32,
        n_jobs=1,
    )


def _even(both: _Both, seed: int) -> tuple[Ints, Ints]:
    """Rows that either learner learns from, equally many: of training, of the learning half of evaluation."""
    sides = np.flatnonzero(~both.evaluation), np.flatnonzero(both.evaluation & both.learning)
    most = min(len(sides[0]), len(sides[1]), _ROWS)
    if not most:
        raise NotMeasurable("too_few_for_interval", n=0, needed=2)
    # In no order of the files: the first rows of one may be the oldest.
    draws = np.random.default_rng(seed)
    training, evaluation = (np.sort(draws.permutation(rows)[:most]) for rows in sides)
    return training, evaluation


def _targets(training: Sample, evaluation: Sample) -> Floats:
    """What is foretold of every row of both: one column a class, or the value over the largest in size."""
    labels = np.concatenate((training.y_true, evaluation.y_true))
    if evaluation.roles.task == "regression":
        values: Floats = labels.astype(np.float64) / (float(np.abs(labels).max()) or 1.0)
        return values[:, np.newaxis]
    indicators: Bools = labels[:, np.newaxis] == np.arange(len(evaluation.roles.classes))
    return indicators.astype(np.float64)


def _foretold(both: _Both, rows: Ints, truth: Floats, measuring: Ints, seed: int) -> Floats:
    # For classes the mean of their indicators in a leaf is their share: what a classifier's trees say.
    trees = _trees(len(rows), seed, regression=True)
    wanted: npt.NDArray[Any] = truth[rows]
    trees.fit(both.matrix[rows], wanted[:, 0] if wanted.shape[1] == 1 else wanted)
    said: Floats = np.round(trees.predict(both.matrix[measuring]), _DIGITS)
    return said.reshape(len(measuring), -1)


def _gains(lost: Floats) -> Gains:
    exact = [Fraction(one) for one in lost.tolist()]
    largest = max(abs(one) for one in exact)
    total, squares = sum(exact, Fraction(0)), sum((one * one for one in exact), Fraction(0))
    return Gains(n=len(exact), total=total, squares=squares, largest=largest)


def _telling(both: _Both) -> list[dict[str, Any]]:
    """The features that tell most by themselves: areas of the rates by bin, learned on the other half."""
    measuring = ~both.learning
    found = []
    for name, coded in both.inputs.items():
        bins = _binned(coded)
        n = np.bincount(bins[both.learning], minlength=int(bins.max()) + 1)
        inside = np.bincount(bins[both.learning & both.evaluation], minlength=int(bins.max()) + 1)
        share = float(both.evaluation[both.learning].mean())
        rates = np.round((inside + share) / (n + 1), _DIGITS)[bins[measuring]]
        found.append((-area(auc_counts(rates, both.evaluation[measuring])), name))
    return [{"column": name, "value": -value} for value, name in sorted(found)[:_LISTED_FEATURES]]


def _differing(both: _Both, measuring: Ints, apart: Floats) -> list[dict[str, Any]]:
    """The features whose bins hold most of the variance of what the two learners say apart."""
    centred = apart - apart.mean(axis=0)
    whole = float((centred**2).sum()) or 1.0
    found = []
    for name, coded in both.inputs.items():
        bins = _binned(coded[measuring])
        n = np.maximum(np.bincount(bins), 1)
        sums = [np.bincount(bins, weights=column) for column in centred.T]
        held = sum(float((one**2 / n).sum()) for one in sums) / whole
        found.append((-round(held, _DIGITS), name))
    return [{"column": name, "value": -value} for value, name in sorted(found)[:_LISTED_FEATURES]]


def _binned(coded: Ints) -> Ints:
    """Every value a bin where they are few, else about as many rows a bin."""
    values, codes = np.unique(coded, return_inverse=True)
    if len(values) <= _BINS:
        return codes
    edges = np.quantile(coded, np.arange(1, _BINS) / _BINS, method="lower")
    return np.searchsorted(edges, coded, side="right")
