"""How far the labels, and the model's answers, have moved from the training rows to the evaluation rows."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from reliability.blocks import Column, Floats, Ints, Label, Roles
from reliability.checks.drift.columns import Moved, largest_gap
from reliability.checks.requirements import AtLeastOne, require_at_least
from reliability.errors import NotMeasurable
from reliability.evidence.column_histogram import Beside, ColumnCounts, ColumnHistogram
from reliability.evidence.probe import Answers, Probe
from reliability.evidence.sample import Sample
from reliability.evidence.score_keys import values_of_keys
from reliability.intervals.differences import difference_interval
from reliability.intervals.distances import Distance
from reliability.intervals.proportions import exact_limits
from reliability.records import Measurement, Reason


def label_drift(
    column_histogram: ColumnHistogram, training_column_histogram: ColumnHistogram, *, confidence: float = 0.95
) -> Measurement:
    """Largest change of a class's share from training to evaluation; of a value's distribution for regression.

    Parameters
    ----------
    column_histogram : ColumnHistogram
        True labels of the evaluation rows, counted.
    training_column_histogram : ColumnHistogram
        True labels of the training rows.
    confidence : float, default 0.95
        Coverage of the interval for all classes at once, in (0, 1).

    Returns
    -------
    Measurement
        Largest difference of shares (L-infinity distance), or for regression the Kolmogorov-Smirnov statistic; in
        [0, 1], 0 is best. `details.classes` has every class.

    Raises
    ------
    NotMeasurable
        `no_rows` or `no_training_data`.

    Notes
    -----
    max over classes of |q - p|: the largest difference of the chance of one class. Interval: square-and-add on
    Clopper-Pearson limits of every class at a level that Bonferroni's inequality sets for all (two classes are one
    comparison); low is the largest lower limit of a size, high the largest upper one. Regression: as
    `kolmogorov_smirnov_statistic`. A change is no fault of a model: it says that scores and thresholds set on the
    training rows meet other rates now.

    References
    ----------
    Newcombe, R. G. (1998), Statistics in Medicine 17, 873-890 (method 10);
    Lipton, Z. C., Wang, Y.-X. and Smola, A. (2018), ICML, PMLR 80, 3122-3130 (label shift).
    """
    if not column_histogram.n:
        raise NotMeasurable("no_rows")
    if not training_column_histogram.n:
        raise NotMeasurable("no_training_data")
    roles = column_histogram.roles
    labels = Beside.of(training_column_histogram.target, column_histogram.target)
    clustered = roles.clustered or training_column_histogram.roles.clustered
    if roles.task == "regression":
        return _told(largest_gap(labels, 1 - confidence), "two_sample_dkw", {}, clustered=clustered)
    counts = np.zeros((len(roles.classes), 2), np.int64)
    counts[values_of_keys(labels.keys).astype(np.int64)] = labels.counts
    return _of_shares(counts, roles.classes, confidence, {}, clustered=clustered)


def prediction_drift(
    probe: Probe, training_sample: Sample, *, sample_size: AtLeastOne = 5_000, confidence: float = 0.95
) -> Measurement:
    """How far the model's answers have moved from the training rows to the evaluation rows.

    Parameters
    ----------
    probe : Probe
        Sampled evaluation rows, the model's answers to them, and the way to ask it about the training rows.
    training_sample : Sample
        Sampled training rows.
    sample_size : int, default 5000
        Most rows used of either data set.
    confidence : float, default 0.95
        Coverage of the interval for all classes at once, in (0, 1).

    Returns
    -------
    Measurement
        Kolmogorov-Smirnov statistic of the scores (of the class whose scores moved most) or of a regression's values,
        else the largest difference of a predicted class's share; in [0, 1], 0 is best.

    Raises
    ------
    NotMeasurable
        `no_rows` or `no_training_data`.
    ChecklistError
        If `sample_size` is below 1.

    Notes
    -----
    The model is asked about the training rows as about any others. It knows them: a model that has learned its
    training rows by heart is surer there, and its answers move though nothing else has. Read beside `label_drift` and
    the drift of the columns. Intervals as for `kolmogorov_smirnov_statistic` and `label_drift`. Where predictions were
    handed in there is no model to ask about the training rows, and nothing is measured.

    References
    ----------
    Rabanser, S., Gunnemann, S. and Lipton, Z. C. (2019), NeurIPS 32, 1394-1406 (black box shift detection).
    """
    require_at_least("sample_size", sample_size, 1)
    asked, training = probe.smaller(sample_size), training_sample.smaller(sample_size)
    if not asked.sample.n:
        raise NotMeasurable("no_rows")
    if not training.n:
        raise NotMeasurable("no_training_data")
    learned = asked.ask({name: training.columns[name] for name in asked.sample.columns})
    roles, clustered = asked.sample.roles, asked.sample.roles.clustered or training.roles.clustered
    more = {"training_n": training.n, "of_n": asked.sample.of_n}
    columns = _scored(learned, asked.answers, roles)
    if not columns:
        counts = np.stack([_by_class(one.labels, roles) for one in (learned, asked.answers)], axis=1)
        return _of_shares(counts, roles.classes, confidence, more, clustered=clustered)
    gaps = [largest_gap(column, (1 - confidence) / len(columns)) for column in columns]
    worst = max(range(len(gaps)), key=lambda index: (gaps[index].distance.value, -index))
    of = roles.classes[worst] if roles.task == "multiclass" else None
    every = [gap.distance for gap in gaps]
    chosen = Distance(
        plain=every[worst].plain, value=every[worst].value, low=max(one.low for one in every),
        high=max(one.high for one in every),
    )  # fmt: skip
    found = Moved(distance=chosen, n=gaps[worst].n)
    return _told(found, "two_sample_dkw", more, clustered=clustered, of=of)


def _scored(first: Answers, second: Answers, roles: Roles) -> list[Beside]:
    """The numbers that both give out, by class; none where they are labels alone."""
    if roles.task == "regression":
        return [_numbers(first.labels, second.labels)]
    if first.scores is None or second.scores is None:
        return []
    sides = [scores.reshape(len(scores), -1) for scores in (first.scores, second.scores)]
    return [_numbers(sides[0][:, index], sides[1][:, index]) for index in range(sides[0].shape[1])]


def _numbers(first: Floats, second: Floats) -> Beside:
    columns = [Column(kind="f8", values=one, missing=np.zeros(len(one), np.bool_)) for one in (first, second)]
    return Beside.of(*(ColumnCounts.of(column) for column in columns))


def _by_class(labels: Ints, roles: Roles) -> Ints:
    return np.bincount(labels, minlength=len(roles.classes))


def _of_shares(
    counts: Ints, classes: Sequence[Label], confidence: float, more: dict[str, Any], *, clustered: bool
) -> Measurement:
    """The class whose share differs most, with the limits of all classes at once."""
    sizes = counts.sum(axis=0)
    shares = counts / sizes
    # Of two classes either's share is what the other leaves.
    mass = (1 - confidence) / (1 if len(counts) == 2 else len(counts))
    low, high = exact_limits(counts, sizes, mass=mass)
    gaps = [
        difference_interval(float(q), (float(bottom[1]), float(top[1])), float(p), (float(bottom[0]), float(top[0])))
        for (p, q), bottom, top in zip(shares, low, high, strict=True)
    ]
    sized = [(max(0.0, below, -above), max(-below, above)) for below, above in gaps]
    moved = np.abs(shares[:, 1] - shares[:, 0])
    worst = int(np.argmax(moved))
    listed = [
        {
            "of": label, "training_share": float(p), "share": float(q),
            "low": None if clustered else below, "high": None if clustered else above,
        }
        for label, (p, q), (below, above) in zip(classes, shares, gaps, strict=True)
    ]  # fmt: skip
    value = float(moved[worst])
    distance = Distance(plain=value, value=value, low=max(one[0] for one in sized), high=max(one[1] for one in sized))
    found = Moved(distance=distance, n=int(sizes[1]))
    details = {**more, "training_n": int(sizes[0]), "classes": listed}
    of = classes[worst] if len(counts) > 2 else None
    return _told(found, "square_and_add_clopper_pearson", details, clustered=clustered, of=of)


def _told(
    found: Moved, method: str, details: dict[str, Any], *, clustered: bool, of: Label | None = None
) -> Measurement:
    return Measurement(
        value=found.distance.value,
        low=None if clustered else found.distance.low,
        high=None if clustered else found.distance.high,
        of=of,
        n=found.n,
        p_value=None if clustered else found.p_value,
        unit="dimensionless",
        method=method,
        judged=not clustered,
        reason=Reason(code="clustered_rows") if clustered else None,
        details={**details, **(found.more or {})},
    )
