"""Whether the model's answers tell which rows it was trained on."""

from typing import NamedTuple

import numpy as np

from reliability.blocks import Bools, Floats, Ints
from reliability.checks.asking import output, sampled
from reliability.checks.requirements import AtLeastOne
from reliability.checks.sampled import area, auc_counts
from reliability.errors import NotMeasurable, UsageError
from reliability.evidence.probe import Answers, Probe
from reliability.evidence.sample import Sample
from reliability.intervals.operating_points import true_positive_rate_interval, true_positives_at
from reliability.intervals.ranks import auc_interval
from reliability.records import Json, Measurement, Reason


def membership_inference_auc(
    probe: Probe, training_sample: Sample, *, sample_size: AtLeastOne = 5000, confidence: float = 0.95
) -> Measurement:
    """Area under the ROC curve of an attack that tells training rows from evaluation rows by the model's answers.

    Parameters
    ----------
    probe : Probe
        Sampled evaluation rows, which the model was not trained on, its answers, and the way to ask it again.
    training_sample : Sample
        Sampled training rows.
    sample_size : int, default 5000
        Most rows used of either.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).

    Returns
    -------
    Measurement
        Area, in [0, 1]; 0.5 is best: the attack tells no more than a coin. Near 1 the model remembers its rows.

    Raises
    ------
    NotMeasurable
        `no_rows`, `no_training_data` where no training row is left, or `no_training_groups` where the evaluation
        rows are of one group and the training data do not say whose group a row is of.
    ChecklistError
        If `sample_size` is below 1.

    Notes
    -----
    Share of pairs of a training row and an evaluation row in which the model fits the training row better, ties
    counting half. Fit is the probability of the true class (the attacker's order is that of the loss); without scores
    whether the label is right; in regression minus the absolute error. Rows of training that are of other groups than
    all evaluation rows, as where groups are looked at one by one, are left out. It is a lower bound: an attacker
    with models of their own may tell more. A shift between the files shows as well: read it with the drift checks.
    Interval: `auc_interval`; clustered rows are not judged.

    References
    ----------
    Yeom, S. et al. (2018), IEEE CSF, 268-282 (attack by the loss);
    Shokri, R. et al. (2017), IEEE Symposium on Security and Privacy, 3-18;
    NIST AI 100-2e2023, 2.4.2 (membership inference).
    """
    attack = _attack(probe, training_sample, sample_size)
    value, n = area(attack.counts), int(attack.counts.sum())
    if attack.clustered:
        reason = Reason(code="clustered_rows")
        return Measurement.unjudged(value, n=n, unit="auc", reason=reason, details=attack.details)
    try:
        interval = auc_interval(attack.counts, confidence=confidence)
    except NotMeasurable as few:
        reason = Reason.of(few)
        return Measurement.unjudged(value, n=n, unit="auc", reason=reason, details=attack.details)
    return Measurement.within(value, interval, n=n, unit="auc", method="newcombe_delong", details=attack.details)


def membership_inference_tpr(
    probe: Probe,
    training_sample: Sample,
    *,
    false_positive_rate: float = 0.01,
    sample_size: AtLeastOne = 5000,
    confidence: float = 0.95,
) -> Measurement:
    """Share of training rows that the attack names while it names few others: its true positive rate at 1 % false ones.

    Parameters
    ----------
    probe : Probe
        Sampled evaluation rows, which the model was not trained on, its answers, and the way to ask it again.
    training_sample : Sample
        Sampled training rows.
    false_positive_rate : float, default 0.01
        Share of evaluation rows that the attack takes for training rows, in (0, 1).
    sample_size : int, default 5000
        Most rows used of either.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).

    Returns
    -------
    Measurement
        Share of training rows, in [0, 1]; the false positive rate itself is best. `n` counts the training rows.

    Raises
    ------
    NotMeasurable
        `no_rows`, `no_training_data` or `no_training_groups`, as for the area.
    ChecklistError
        If `sample_size` is below 1.
    UsageError
        `option_out_of_range` where the false positive rate is not between 0 and 1.

    Notes
    -----
    The attack and the rows are those of the area. The threshold is the quantile of the evaluation rows' fit; the share
    of training rows above it is counted on other rows than the threshold was chosen on. Where many rows fit equally
    well, as without scores, lots are drawn between two thresholds. A model may be safe on average and give single
    people away: this shows it, the area does not. Interval: `true_positive_rate_interval`; clustered rows are not
    judged.

    References
    ----------
    Carlini, N. et al. (2022), IEEE Symposium on Security and Privacy, 1897-1914, section III (true positives at low
    false positive rates).
    """
    if not 0 < false_positive_rate < 1:
        raise UsageError(
            "option_out_of_range",
            "option {option!r} takes a number from 0 to {most}, not {value}; change it under 'with'",
            option="false_positive_rate",
            most=1,
            value=false_positive_rate,
        )
    attack = _attack(probe, training_sample, sample_size)
    others, members = attack.counts.sum(axis=0).tolist()
    value = true_positives_at(attack.counts, false_positive_rate * others) / members
    details = {**attack.details, "false_positive_rate": false_positive_rate}
    if attack.clustered:
        reason = Reason(code="clustered_rows")
        return Measurement.unjudged(value, n=members, unit="share", reason=reason, details=details)
    interval = true_positive_rate_interval(attack.counts, false_positive_rate, confidence=confidence)
    method = "quantile_clopper_pearson"
    return Measurement.within(value, interval, n=members, unit="share", method=method, details=details)


class _Attack(NamedTuple):
    counts: Ints  # rows by fit, ascending: evaluation, training
    clustered: bool
    details: dict[str, Json]


def _attack(probe: Probe, training_sample: Sample, sample_size: int) -> _Attack:
    asked = sampled(probe, sample_size)
    members = _alike(training_sample, asked.sample).smaller(sample_size)
    if not members.n:
        raise NotMeasurable("no_training_data")
    # One sample of the training data is asked about once, whichever check comes first.
    key = ("members", members.seed, members.of_n, members.positions.tobytes())
    answers = probe.remembered(key, lambda: probe.ask_all(members.columns))
    fits = [_fit(asked.sample, asked.answers), _fit(members, answers)]
    is_member: Bools = np.repeat([False, True], [asked.sample.n, members.n])
    details = {
        "evaluation_n": asked.sample.n,
        "evaluation_of_n": asked.sample.of_n,
        "training_n": members.n,
        "training_of_n": members.of_n,
        "by": _by(asked.sample, asked.answers),
    }
    clustered = asked.sample.roles.clustered or members.roles.clustered
    return _Attack(counts=auc_counts(np.concatenate(fits), is_member), clustered=clustered, details=details)


def _alike(training: Sample, evaluation: Sample) -> Sample:
    """The training rows of the one group that all evaluation rows are of; all of them where those differ."""
    rows = np.ones(training.n, np.bool_)
    for name, groups in evaluation.groups.items():
        there = np.unique(groups.codes)
        if len(there) > 1:
            continue
        if name not in training.groups:
            raise NotMeasurable("no_training_groups", column=name)
        theirs = training.groups[name]
        level = groups.levels[there[0]] if there[0] >= 0 else None
        code = theirs.levels.index(level) if level in theirs.levels else -1
        rows &= (theirs.codes == code) & (level is None or code >= 0)
    return training if rows.all() else training.take(rows)


def _by(sample: Sample, answers: Answers) -> str:
    if sample.roles.task == "regression":
        return "error"
    return "label" if answers.scores is None else "probability"


def _fit(sample: Sample, answers: Answers) -> Floats:
    if sample.roles.task == "regression":
        error: Floats = np.abs(answers.labels - sample.y_true)
        return -error
    return output(answers, sample, sample.y_true)
