"""How well a model's scores tell the classes apart."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from operator import mul

from reliability.blocks import Label
from reliability.checks.requirements import require_scores
from reliability.errors import NotMeasurable
from reliability.evidence.class_score_histograms import ClassScoreHistograms
from reliability.evidence.score_histogram import ScoreHistogram
from reliability.intervals.arrays import Interval
from reliability.intervals.ranks import auc_interval, average_precision_interval, widened
from reliability.records import Json, Measurement, Reason


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
    Chance that a positive row scores above another, ties counting half. The interval is that of `auc_interval`, not
    judged with fewer than two rows of a class; clustered rows are not judged either. Where there are more than 65,536
    distinct scores they are grouped: `details.quantisation` is how far that can move the area at most, and the interval
    is wider by it. Proven for binormal scores only: where a few positive rows score below every negative one and the
    sample has none of them, it is too narrow (docs/validation/README.md).

    References
    ----------
    Hanley, J. A. and McNeil, B. J. (1982), Radiology 143, 29-36; Newcombe, R. G. (2006), Statistics in
    Medicine 25, 559-573; DeLong, E. R. et al. (1988), Biometrics 44, 837-845.

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
    return _judged(_auc(score_histogram), confidence)


def roc_auc_one_vs_rest(
    class_score_histograms: ClassScoreHistograms, *, confidence: float = 0.95
) -> tuple[Measurement, ...]:
    """Area under the ROC curve of each class against the rest.

    Parameters
    ----------
    class_score_histograms : ClassScoreHistograms
        Rows counted by the score of every class.
    confidence : float, default 0.95
        Two-sided coverage of each class's interval, in (0, 1).

    Returns
    -------
    tuple of Measurement
        One a class, named in `of`: AUC, in [0, 1]; 1 is best, 0.5 is chance. `details` has `macro`, the mean over
        classes, and `weighted`, the mean weighted by their rows; null unless every class has an area.

    Raises
    ------
    NotMeasurable
        If the task is not multiclass, or there are no scores or no rows.

    Notes
    -----
    Chance that a row of the class gets a higher score for it than a row of another class, ties counting half. Interval
    of `auc_interval`, each class for itself. A class without rows, or with all of them, has no area.

    References
    ----------
    Provost, F. and Domingos, P. (2003), Machine Learning 52, 199-215; Hanley, J. A. and McNeil, B. J. (1982),
    Radiology 143, 29-36.

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Block, Roles
    >>> roles = Roles(task="multiclass", classes=("a", "b", "c"), has_scores=True)
    >>> scores = np.array([[0.6, 0.2, 0.2], [0.2, 0.7, 0.1], [0.1, 0.6, 0.3], [0.3, 0.3, 0.4]])
    >>> rows = Block(start=0, roles=roles, columns={}, y_true=np.array([0, 1, 2, 2]), y_score=scores)
    >>> [measured.value for measured in roc_auc_one_vs_rest(ClassScoreHistograms.of(rows))]
    [1.0, 1.0, 1.0]
    """
    roles, histograms = class_score_histograms.roles, class_score_histograms.histograms
    _require_class_scores(class_score_histograms)
    numbers = [_auc(one) if one.n_positive and one.n_negative else None for one in histograms]
    means = _means([None if one is None else one.value for one in numbers], [one.n_positive for one in histograms])
    none = Measurement.unjudged(None, n=class_score_histograms.n, unit="auc", reason=Reason(code="one_class"))
    return tuple(
        _named(none if number is None else _judged(number, confidence), roles.classes[place], means)
        for place, number in enumerate(numbers)
    )


def average_precision(score_histogram: ScoreHistogram, *, confidence: float = 0.95) -> Measurement:
    """Average precision: precision at every positive row's score, averaged.

    Parameters
    ----------
    score_histogram : ScoreHistogram
        Rows counted by score and class.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).

    Returns
    -------
    Measurement
        In (0, 1]; 1 is best, `details.prevalence`, the share of positive rows, is what chance achieves.

    Raises
    ------
    NotMeasurable
        If the task is not binary, there are no scores or no rows, or one class occurs.

    Notes
    -----
    Mean over positive rows of the share of positive rows among those that score as high or higher: the area under the
    precision-recall curve without interpolation. It depends on how common the positive class is: compare it only
    between data of one prevalence. The interval is that of `average_precision_interval`, not judged with fewer than ten
    rows of a class; clustered rows are not judged either. `details.quantisation` as for `roc_auc`.

    References
    ----------
    Manning, C. D., Raghavan, P. and Schuetze, H. (2008), Introduction to Information Retrieval, section 8.4;
    Boyd, K., Eng, K. H. and Page, C. D. (2013), ECML PKDD, LNCS 8190, 451-466 (intervals).

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Roles
    >>> roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,), has_scores=True)
    >>> scores, counts = np.array([0.2, 0.5, 0.8]), np.array([[2, 0], [1, 1], [0, 2]])
    >>> round(average_precision(ScoreHistogram(roles=roles, scores=scores, counts=counts)).value, 3)
    0.917
    """
    require_scores(score_histogram.roles, score_histogram.n)
    if not (score_histogram.n_positive and score_histogram.n_negative):
        raise NotMeasurable("one_class")
    number = _Number(
        value=score_histogram.average_precision(), histogram=score_histogram, unit="score",
        interval=average_precision_interval, method="average_precision_effective_n",
        quantisation=score_histogram.average_precision_quantisation,
    )  # fmt: skip
    return _judged(number, confidence, prevalence=score_histogram.n_positive / score_histogram.n)


@dataclass(frozen=True, kw_only=True)
class _Number:
    """What is read from one histogram, and how its interval is made."""

    value: float
    histogram: ScoreHistogram
    unit: str
    interval: Callable[..., Interval]
    method: str
    quantisation: float


def _auc(histogram: ScoreHistogram) -> _Number:
    return _Number(
        value=histogram.auc(), histogram=histogram, unit="auc", interval=auc_interval,
        method="newcombe_delong", quantisation=histogram.auc_quantisation,
    )  # fmt: skip


def _judged(number: _Number, confidence: float, **details: Json) -> Measurement:
    """The number with its interval, or with the reason why it has none."""
    histogram, unit = number.histogram, number.unit
    told = {"scores": "exact" if histogram.exact else "grid", "quantisation": number.quantisation, **details}
    if histogram.roles.clustered:
        reason = Reason(code="clustered_rows")
        return Measurement.unjudged(number.value, n=histogram.n, unit=unit, reason=reason, details=told)
    try:
        interval = number.interval(histogram.counts, confidence=confidence)
    except NotMeasurable as few:
        reason = Reason.of(few)
        return Measurement.unjudged(number.value, n=histogram.n, unit=unit, reason=reason, details=told)
    interval = widened(interval, number.quantisation)
    return Measurement.within(number.value, interval, n=histogram.n, unit=unit, method=number.method, details=told)


def _require_class_scores(histograms: ClassScoreHistograms) -> None:
    if histograms.roles.task != "multiclass":
        raise NotMeasurable("needs_multiclass")
    if not histograms.roles.has_scores:
        raise NotMeasurable("no_scores")
    if not histograms.n:
        raise NotMeasurable("no_rows")


def _means(values: list[float | None], rows: list[int]) -> dict[str, Json]:
    """The mean over classes and the one weighted by their rows, where every class has a number."""
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return {"macro": None, "weighted": None}
    weighted = math.fsum(map(mul, known, rows)) / sum(rows)
    return {"macro": math.fsum(known) / len(known), "weighted": weighted}


def _named(measured: Measurement, label: Label, means: dict[str, Json]) -> Measurement:
    return measured.model_copy(update={"of": label, "details": measured.details | means})
