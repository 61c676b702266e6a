"""Which labels are probably wrong, by confident learning from two independent sources of probabilities."""

from dataclasses import replace

import numpy as np

from reliability.blocks import Bools, Floats, Ints
from reliability.checks.comparing import Rates, compared, known
from reliability.checks.data_quality.files import ISO
from reliability.checks.requirements import AtLeastOne, require_at_least
from reliability.checks.sampled import parts_of, share_interval, worth_of
from reliability.errors import NotMeasurable
from reliability.evidence.levels import Level, level_key
from reliability.evidence.linear_model import linear_probabilities
from reliability.evidence.probe import GroupSample
from reliability.evidence.sample import Sample
from reliability.intervals.comparisons import largest_difference
from reliability.records import Json, Measurement

LISTED_POSITIONS = 20
_FOLDS = 5
_IDS = ["Acc-ML-7"]
_ROUNDING = 1e-12


def disputed_labels(sample: Sample, *, sample_size: AtLeastOne = 20_000, confidence: float = 0.95) -> Measurement:
    """Share of rows whose label the scores handed in, or the submitted model's, speak against.

    Parameters
    ----------
    sample : Sample
        Sampled rows with their labels and scores.
    sample_size : int, default 20000
        Most rows used.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).

    Returns
    -------
    Measurement
        Share, in [0, 1]; 0 is best. The interval is that of the share of rows that would be disputed, not of the share
        of labels that are wrong.

    Raises
    ------
    NotMeasurable
        `needs_classification`, `no_rows`, `no_predictions`, `no_scores`, or `one_class` where a class is not there.

    Notes
    -----
    Confident learning: t_j is the mean probability of class j among rows labelled j; a row labelled i is disputed where
    its most probable class among those with p_j >= t_j is another than i. Nothing is fitted here, so the rows must be
    none that the model has learned from: it would agree with their labels, right or wrong. A caution: a weak model
    disputes many labels that are right, above all where classes overlap. `details.expected` is what it would dispute
    were every label right, so that a row has the label of class j with the probability p_j that is stated for it: the
    mean over rows of the sum of p_j over the classes j that would be disputed there. `details.beyond_expected` is the
    share less that: near 0 a dispute speaks of a model that cannot tell, well above it of labels. It takes the scores
    for calibrated; where they claim too much, too little is expected. `details.accuracy` says how often the most
    probable class is the label. A list for people to look at, not a count of errors. `details.positions` has the 20
    rows whose label is least probable beside the other class; `details.classes` has the joint distribution's estimate
    of how many labels of each class belong to another. Clopper-Pearson interval; with entities at the effective number
    of rows.

    References
    ----------
    ISO/IEC 5259-2:2024, Acc-ML-7 (data label accuracy);
    Northcutt, C., Jiang, L. and Chuang, I. (2021), Journal of Artificial Intelligence Research 70, 1373-1411, eq. 1-3.
    """
    rows = _usable(sample, sample_size)
    if rows.y_pred is None and rows.y_score is None:
        raise NotMeasurable("no_predictions")
    return _measured(rows, _handed_in(rows), "scores", confidence)


def labels_disputed_by_linear_model(
    sample: Sample, *, sample_size: AtLeastOne = 5_000, confidence: float = 0.95, seed: int = 0
) -> Measurement:
    """Share of rows whose label a plain model, fitted on the other rows, speaks against.

    Parameters
    ----------
    sample : Sample
        Sampled rows with their features and labels.
    sample_size : int, default 5000
        Most rows used.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).
    seed : int, default 0
        Key of the folds.

    Returns
    -------
    Measurement
        Share, in [0, 1]; 0 is best. The interval is that of the share of rows that would be disputed, not of the share
        of labels that are wrong.

    Raises
    ------
    NotMeasurable
        `needs_classification`, `no_features`, `no_rows`, or `one_class` where a class is not there.

    Notes
    -----
    As `disputed_labels`, with the probabilities of a logistic regression that never saw the row: five folds by a keyed
    hash of the row's position (of its entity). It owes nothing to the submitted model, and its caution applies here
    all the more: what a line cannot tell apart it disputes.

    References
    ----------
    ISO/IEC 5259-2:2024, Acc-ML-7 (data label accuracy);
    Northcutt, C., Jiang, L. and Chuang, I. (2021), Journal of Artificial Intelligence Research 70, 1373-1411, eq. 1-3.
    """
    rows = _usable(sample, sample_size)
    return _measured(rows, _cross_validated(rows, seed), "cross_validated_linear_model", confidence)


def disputed_labels_difference(
    group_sample: GroupSample,
    *,
    minimum_group_size: AtLeastOne = 30,
    sample_size: AtLeastOne = 5_000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Measurement:
    """Largest difference between groups in how often an unfavourable label is disputed in their favour.

    Parameters
    ----------
    group_sample : GroupSample
        Sampled rows with their features, labels and groups.
    minimum_group_size : int, default 30
        Groups with fewer unfavourable labels are listed, not compared.
    sample_size : int, default 5000
        Most rows used.
    confidence : float, default 0.95
        Coverage for all pairs of groups at once, in (0, 1).
    seed : int, default 0
        Key of the folds.

    Returns
    -------
    Measurement
        Difference of shares, in [0, 1]; 0 is best.

    Raises
    ------
    NotMeasurable
        `needs_classification`, `no_favourable`, `no_features`, `no_rows`, or `one_class` where a class is not there.

    Notes
    -----
    Among rows labelled unfavourable: the share that `labels_disputed_by_linear_model` disputes for a favourable class,
    the model fitted without the attributes that make the groups. Where one group's labels were made harder than
    another's, the model, which has learned from all of them, finds more of the group's refusals too hard. Groups whose
    features differ may differ here rightly: it says where to look. Interval as for every comparison of groups.

    References
    ----------
    Northcutt, C., Jiang, L. and Chuang, I. (2021), Journal of Artificial Intelligence Research 70, 1373-1411, eq. 1-3;
    Jiang, H. and Nachum, O. (2020), AISTATS, PMLR 108, 702-712 (labels biased against a group).
    """
    require_at_least("minimum_group_size", minimum_group_size, 1)
    usable, attributes = _usable(group_sample.sample, sample_size), group_sample.attributes
    kept = {name: column for name, column in usable.columns.items() if name not in attributes}
    rows = replace(usable, columns=kept)
    if not rows.roles.favourable:
        raise NotMeasurable("no_favourable")
    favourable = np.array(rows.roles.favourable)
    said = _confident(rows.y_true, _cross_validated(rows, seed))
    refused = ~np.isin(rows.y_true, favourable)
    rates = _rates(rows, attributes, refused, refused & np.isin(said, favourable), minimum_group_size, confidence)
    measured = compared(rates, largest_difference, "difference", confidence)
    more = {ISO: _IDS, "source": "cross_validated_linear_model", "of_n": rows.of_n}
    return measured.model_copy(update={"details": {**more, **measured.details}})


def _confident(y_true: Ints, probabilities: Floats) -> Ints:
    """The class that every row is confidently of; -1 where it is of none."""
    rows, confident = np.arange(len(y_true)), _where_confident(y_true, probabilities)
    most = confident.max(axis=1)
    # Of equally probable classes the label stands.
    best = np.where(confident[rows, y_true] == most, y_true, confident.argmax(axis=1))
    return np.where(most < 0, -1, best)


def _where_confident(y_true: Ints, probabilities: Floats) -> Floats:
    """The probabilities that reach their class's mean; -1 where they do not."""
    rows, sizes = np.arange(len(y_true)), np.bincount(y_true, minlength=probabilities.shape[1])
    if (sizes == 0).any():
        raise NotMeasurable("one_class")
    own, largest = probabilities[rows, y_true], np.zeros(len(sizes))
    np.maximum.at(largest, y_true, own)
    # A mean of equal numbers may come out above them, the more of them the further.
    means = np.minimum(np.bincount(y_true, weights=own) / sizes, largest)
    return np.where(probabilities >= means - _ROUNDING, probabilities, -1.0)


def _expected(y_true: Ints, probabilities: Floats) -> float:
    """The share that would be disputed were labels drawn by the probabilities, the means as they are."""
    confident = _where_confident(y_true, probabilities)
    most = confident.max(axis=1, keepdims=True)
    disputed = (most >= 0) & (confident < most)
    return float(np.mean((probabilities * disputed).sum(axis=1)))


def _usable(sample: Sample, sample_size: int) -> Sample:
    require_at_least("sample_size", sample_size, 1)
    if sample.roles.task == "regression":
        raise NotMeasurable("needs_classification")
    rows = sample.smaller(sample_size)
    if not rows.n:
        raise NotMeasurable("no_rows")
    return rows


def _handed_in(rows: Sample) -> Floats:
    scores = rows.y_score
    if scores is None:
        raise NotMeasurable("no_scores")
    if scores.ndim == 2:
        return scores
    # One score speaks of the positive class; without one settled, of the last.
    return np.column_stack((scores, 1 - scores) if rows.roles.positive == 0 else (1 - scores, scores))


def _cross_validated(rows: Sample, seed: int) -> Floats:
    folds = parts_of(rows, _FOLDS, seed=seed)
    probabilities = np.zeros((rows.n, len(rows.roles.classes)))
    for fold in np.unique(folds).tolist():
        there = folds == fold
        if there.all():
            raise NotMeasurable("no_rows")
        probabilities[there] = linear_probabilities(rows.take(~there), rows.take(there))
    return probabilities


def _measured(rows: Sample, probabilities: Floats, source: str, confidence: float) -> Measurement:
    confident = _confident(rows.y_true, probabilities)
    suggested = np.where(confident < 0, rows.y_true, confident)
    disputed: Bools = suggested != rows.y_true
    interval, method = share_interval(disputed, rows.entity, confidence=confidence)
    places = np.arange(rows.n)
    margin = probabilities[places, suggested] - probabilities[places, rows.y_true]
    chosen = np.flatnonzero(disputed)
    worst = chosen[np.lexsort((rows.positions[chosen], -margin[chosen]))][:LISTED_POSITIONS]
    value, expected = len(chosen) / rows.n, _expected(rows.y_true, probabilities)
    details: dict[str, Json] = {
        ISO: _IDS, "source": source, "of_n": rows.of_n, "rows_found": len(chosen),
        "accuracy": float(np.mean(probabilities.argmax(axis=1) == rows.y_true)),
        "expected": expected, "beyond_expected": value - expected,
        "positions": rows.positions[worst].tolist(), "classes": _joint(rows, confident),
    }  # fmt: skip
    return Measurement.within(value, interval, n=rows.n, unit="share", method=method, details=details)


def _joint(rows: Sample, confident: Ints) -> list[dict[str, Json]]:
    """Rows of every class, and the share of them that the joint distribution gives to another."""
    # Of every class there are rows, and one of them at least is sure: the most probable reaches the mean.
    n = np.bincount(rows.y_true).tolist()
    sure = np.bincount(rows.y_true[confident >= 0]).tolist()
    kept = np.bincount(rows.y_true[confident == rows.y_true], minlength=len(n)).tolist()
    return [
        {"class": label, "n": n[index], "value": 1 - kept[index] / sure[index]}
        for index, label in enumerate(rows.roles.classes)
    ]


def _rates(
    rows: Sample, attributes: tuple[str, ...], among: Bools, successes: Bools, minimum: int, confidence: float
) -> Rates:
    """The share of successes among the rows that count, by group."""
    levels, codes = _groups(rows, attributes)
    n, right = (np.bincount(codes[chosen], minlength=len(levels)) for chosen in (among, successes))
    entity = rows.entity
    worth = np.array([
        worth_of(successes[inside], None if entity is None else entity[inside], confidence=confidence)
        for inside in (among & (codes == index) for index in range(len(levels)))
    ])  # fmt: skip
    return Rates(
        attributes=attributes, levels=levels, successes=right, rows=n, worth=worth,
        compared=known(levels) & (n >= minimum),
    )  # fmt: skip


def _groups(rows: Sample, attributes: tuple[str, ...]) -> tuple[tuple[Level, ...], Ints]:
    columns = [rows.groups[name] for name in attributes]
    named: list[Level] = list(
        zip(
            *([None if code < 0 else each.levels[code] for code in each.codes.tolist()] for each in columns),
            strict=True,
        )
    )
    levels = tuple(sorted(set(named), key=level_key))
    place = {level: index for index, level in enumerate(levels)}
    return levels, np.array([place[level] for level in named], np.int64)
