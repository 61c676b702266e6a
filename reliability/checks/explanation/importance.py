"""How much of the model's performance hangs on which feature."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.special import stdtrit

from reliability.blocks import Floats
from reliability.checks.explanation.permuted import Permuted, permuted, simultaneous
from reliability.checks.requirements import AtLeastOne
from reliability.errors import NotMeasurable
from reliability.evidence.probe import Probe
from reliability.records import Measurement, Reason


def permutation_importance(
    probe: Probe, *, repeats: AtLeastOne = 3, sample_size: AtLeastOne = 1000, confidence: float = 0.95
) -> Measurement:
    """Most performance that is lost when one feature's values are dealt out anew among the rows.

    Parameters
    ----------
    probe : Probe
        Sampled rows with labels, the model's answers to them, and the way to ask it again.
    repeats : int, default 3
        Times that each feature is dealt out.
    sample_size : int, default 1000
        Most rows asked, for every feature and repeat.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).

    Returns
    -------
    Measurement
        Difference of AUC (binary with probabilities), of accuracy (other classes), or of mean absolute error in the
        target's unit; at most 1 for the first two. `details.features` has every feature's, the largest first.

    Raises
    ------
    NotMeasurable
        `no_rows` or `no_features`; `variance_not_estimable` where no feature changes any answer.

    Notes
    -----
    I_j = performance of the answers - mean over repeats of that with column j permuted. The row is the observation;
    repeats are not rows. Variance from each row's influence: on the performance as it is, by its answer with another
    row's value, and by the value that it gives; the last two hold the noise of drawing too, so the interval errs on
    the wide side. With entities summed by bucket. Student's t: every feature's own interval at the confidence; the
    value's from limits that hold for all features at once (Bonferroni). Features that tell the same replace one
    another, and each then seems to matter little.

    References
    ----------
    Breiman, L. (2001), Machine Learning 45, 5-32, section 10; Fisher, A., Rudin, C. and Dominici, F. (2019), Journal of
    Machine Learning Research 20 (177), 1-81, section 3 (model reliance as a U-statistic);
    scikit-learn, `sklearn.inspection.permutation_importance` (the estimate).
    """
    found = permuted(probe, sample_size=sample_size, repeats=repeats)
    deviations, degrees = _deviations(found)
    if not deviations.any():
        raise NotMeasurable("variance_not_estimable")
    order = np.argsort(-found.importance, kind="stable")
    halves = _quantile(degrees, 1 - (1 - confidence) / len(order)) * deviations
    alone = _quantile(degrees, confidence) * deviations
    listed = [
        {"column": found.names[at], "value": float(found.importance[at]), **_ends(found.importance[at], alone[at])}
        for at in order.tolist()
    ]
    ends = simultaneous(found.importance.tolist(), halves.tolist())
    top = 1.0 if found.unit == "difference" else np.inf
    return Measurement.within(
        float(found.importance.max()), (ends[0], min(top, ends[1])), n=found.probe.sample.n, unit=found.unit,
        method="delta", details={**_told(found), "features": listed},
    )  # fmt: skip


def largest_feature_share(
    probe: Probe, *, repeats: AtLeastOne = 3, sample_size: AtLeastOne = 1000, confidence: float = 0.95
) -> Measurement:
    """Part of the importance of all features that one of them has.

    Parameters
    ----------
    probe : Probe
        Sampled rows with labels, the model's answers to them, and the way to ask it again.
    repeats : int, default 3
        Times that each feature is dealt out.
    sample_size : int, default 1000
        Most rows asked, for every feature and repeat.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).

    Returns
    -------
    Measurement
        Share, in [0, 1]; near 1 everything hangs on one feature, named in `details.column`.

    Raises
    ------
    NotMeasurable
        `no_rows`, `no_features`; `fewer_than_two_features`; `no_importance` where no feature matters.

    Notes
    -----
    max I_j / sum of I_k above 0, I the permutation importance. Delta interval of every feature's share by the rows'
    influences, limits for all at once (Bonferroni), the largest low and the largest high; cut to [0, 1]. Not judged
    where the sum of importances itself is not told from 0 (`no_importance`): then nothing hangs on anything. Where
    one feature alone has an importance above 0 its share is 1, and the low limit holds what so many rows can have
    missed of each of the others: its importance's upper limit, or where it changes no answer the Clopper-Pearson upper
    limit of the share of rows that change (of either class, added, where performance is the AUC); for a mean absolute
    error there is no such limit, and it is not judged.

    References
    ----------
    Breiman, L. (2001), Machine Learning 45, 5-32, section 10; Fisher, A. et al. (2019), Journal of Machine Learning
    Research 20 (177), 1-81.
    """
    found = permuted(probe, sample_size=sample_size, repeats=repeats)
    if len(found.names) < 2:
        raise NotMeasurable("fewer_than_two_features")
    used = found.importance > 0
    total = float(found.importance[used].sum())
    all_of_them = found.influence[used].sum(axis=0)
    variance, degrees = found.variance(all_of_them)
    if total <= _quantile(degrees, confidence) * np.sqrt(variance):
        raise NotMeasurable("no_importance")
    shares = np.where(used, found.importance, 0.0) / total
    influences = (found.influence * used[:, np.newaxis] - shares[:, np.newaxis] * all_of_them) / total
    deviations = np.array([np.sqrt(found.variance(one)[0]) for one in influences])
    worst = int(np.argmax(shares))
    details = {**_told(found), "column": found.names[worst]}
    value, n = float(shares[worst]), found.probe.sample.n
    if np.count_nonzero(used) == 1:
        return _alone(found, details, confidence=confidence)
    halves = _quantile(degrees, 1 - (1 - confidence) / len(shares)) * deviations
    low, high = simultaneous(shares.tolist(), halves.tolist())
    interval = (max(0.0, low), min(1.0, high))
    return Measurement.within(value, interval, n=n, unit="share", method="delta", details=details)


def _alone(found: Permuted, details: Mapping[str, Any], *, confidence: float) -> Measurement:
    """One feature has it all, as far as was asked: the others have at most what so many rows can have missed."""
    n, at = found.probe.sample.n, int(np.argmax(found.importance))
    deviations, degrees = _deviations(found)
    halves = _quantile(degrees, confidence) * deviations
    least = max(0.0, float(found.importance[at] - halves[at]))
    others = np.arange(len(found.names)) != at
    still = others & (found.changed == 0)
    if found.metric == "mean_absolute_error" and still.any():
        # An error that was not met has no largest size.
        reason = Reason(code="variance_not_estimable")
        return Measurement.unjudged(1.0, n=n, unit="share", reason=reason, details=details)
    missed = float(np.maximum(found.importance + halves, 0.0)[others & ~still].sum())
    missed += np.count_nonzero(still) * found.unseen_loss(confidence)
    return Measurement.within(
        1.0, (least / max(least + missed, 1e-300), 1.0), n=n, unit="share", method="clopper_pearson", details=details
    )


def unused_features(probe: Probe, *, repeats: AtLeastOne = 3, sample_size: AtLeastOne = 1000) -> Measurement:
    """Number of features whose values change no answer at all.

    Parameters
    ----------
    probe : Probe
        Sampled rows, the model's answers to them, and the way to ask it again.
    repeats : int, default 3
        Times that each feature is dealt out.
    sample_size : int, default 1000
        Most rows asked, for every feature and repeat.

    Returns
    -------
    Measurement
        Columns; 0 is best: what is not used need not be collected. No interval: it is a count over these questions.

    Raises
    ------
    NotMeasurable
        `no_rows` or `no_features`.

    Notes
    -----
    Features for which no label and no score changed, to the last bit, in any row and repeat. With q questions a
    feature that changes more than a share 3 / q of answers is missed in fewer than one case in 20. A feature that
    never varies is counted too. `details.features` has the share of answers that each feature changes.

    References
    ----------
    Hanley, J. A. and Lippman-Hand, A. (1983), JAMA 249, 1743-1745 (rule of three); General Data Protection Regulation
    (EU) 2016/679, Article 5(1)(c), and Personal Information Protection Act (Republic of Korea), Article 3(1) (data
    minimisation).
    """
    found = permuted(probe, sample_size=sample_size, repeats=repeats)
    questions = found.probe.sample.n * found.repeats
    features = [
        {"column": name, "value": moved / questions, "changed": moved}
        for name, moved in zip(found.names, found.changed.tolist(), strict=True)
    ]
    unused = [one["column"] for one in features if not one["changed"]]
    return Measurement(
        value=len(unused), n=len(found.names), unit="columns", method="exact", reason=Reason(code="no_interval"),
        details={**_told(found), "columns": unused, "features": features},
    )  # fmt: skip


def _deviations(found: Permuted) -> tuple[Floats, float]:
    parts = [found.variance(one) for one in found.influence]
    # A feature that changes no answer has an importance of 0 and an influence that is but the noise of the deal.
    spread = np.where(found.changed, [variance for variance, _ in parts], 0.0)
    return np.sqrt(spread), parts[0][1]


def _quantile(degrees: float, confidence: float) -> float:
    return float(stdtrit(max(degrees, 1.0), 0.5 + confidence / 2))


def _ends(value: float, half: float) -> dict[str, float | None]:
    if not half > 0:
        return {"low": None, "high": None}
    return {"low": float(value - half), "high": float(value + half)}


def _told(found: Permuted) -> Mapping[str, Any]:
    sample = found.probe.sample
    questions = len(found.names) * found.repeats * sample.n
    return {"of_n": sample.of_n, "metric": found.metric, "repeats": found.repeats, "questions": questions}
