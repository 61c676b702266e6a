"""Disturbed rows put to the model at one strength or several: what stays, and what it costs in accuracy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from reliability.blocks import ENTITY_BUCKETS, Bools
from reliability.checks.asking import asked_together
from reliability.checks.robustness.disturbances import Disturbance
from reliability.checks.sampled import share_interval
from reliability.errors import UsageError
from reliability.evidence.probe import Answers, Probe
from reliability.evidence.sample import Sample
from reliability.intervals.arrays import Interval
from reliability.intervals.paired import Discordant, paired_difference_interval
from reliability.records import Measurement

MOST_STRENGTHS = 20


@dataclass(frozen=True, kw_only=True, eq=False)
class Disturbed:
    """Sampled rows, and how they are disturbed at any strength.

    Attributes
    ----------
    probe : Probe
        The rows, with labels, and the way to ask.
    at : Disturbance
        The columns that differ, at a strength.
    strength : float
        The strength that is measured.
    curve : sequence of float
        Further strengths that are asked for beside it.
    """

    probe: Probe
    at: Disturbance
    strength: float
    curve: Sequence[float] = ()

    def strengths(self) -> tuple[float, ...]:
        """The strength that is measured, then the others, each once."""
        if len(self.curve) > MOST_STRENGTHS:
            raise UsageError(
                "option_out_of_range",
                "option {option!r} takes a number from 0 to {most}, not {value}; change it under 'with'",
                option="curve",
                most=MOST_STRENGTHS,
                value=len(self.curve),
            )
        return tuple(dict.fromkeys((self.strength, *self.curve)))

    def answers(self) -> list[Answers]:
        """What the model says at every strength; all rows of all strengths are put to it together."""
        columns = self.probe.sample.columns
        return asked_together(self.probe, [{**columns, **self.at(strength)} for strength in self.strengths()])


def consistency(disturbed: Disturbed, details: Mapping[str, Any], *, confidence: float) -> Measurement:
    """Share of rows whose label stays, with the strengths asked beside it.

    Parameters
    ----------
    disturbed : Disturbed
        Rows, and how they are disturbed.
    details : mapping
        What the record says besides.
    confidence : float
        Two-sided coverage of the intervals, in (0, 1).

    Returns
    -------
    Measurement
        `details.accuracy` has what the disturbance costs; `details.curve`, where several strengths were asked, every
        one of them in rising order.
    """
    probe = disturbed.probe
    told = disturbed.answers()
    points = [
        {"strength": strength, **_point(probe, answers, confidence=confidence)}
        for strength, answers in zip(disturbed.strengths(), told, strict=True)
    ]
    kept = probe.answers.labels == told[0].labels
    curve = {"curve": sorted(points, key=lambda one: float(one["strength"]))} if len(points) > 1 else {}
    return of_kept(
        Kept(rows=kept, sample=probe.sample), {**details, "accuracy": points[0]["accuracy"], **curve},
        confidence=confidence,
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class Kept:
    """Which sampled rows kept their answer.

    Attributes
    ----------
    rows : ndarray of bool, shape (n,)
        True where it was kept.
    sample : Sample
        The rows.
    """

    rows: Bools
    sample: Sample


def of_kept(kept: Kept, details: Mapping[str, Any], *, confidence: float) -> Measurement:
    """Share of rows that kept their answer.

    Parameters
    ----------
    kept : Kept
        At least one row.
    details : mapping
        What the record says besides the rows seen and those changed.
    confidence : float
        Two-sided coverage of the interval, in (0, 1).

    Returns
    -------
    Measurement
        Clopper-Pearson interval, with entities at the effective number of rows.
    """
    rows, n = kept.rows, len(kept.rows)
    interval, method = share_interval(rows, kept.sample.entity, confidence=confidence)
    stayed = int(np.count_nonzero(rows))
    told = {"of_n": kept.sample.of_n, "changed": n - stayed, **details}
    return Measurement.within(stayed / n, interval, n=n, unit="share", method=method, details=told)


def _point(probe: Probe, answers: Answers, *, confidence: float) -> dict[str, Any]:
    kept = probe.answers.labels == answers.labels
    (low, high), _ = share_interval(kept, probe.sample.entity, confidence=confidence)
    accuracy = accuracy_lost(probe, answers, confidence=confidence)
    return {"value": float(np.mean(kept)), "low": low, "high": high, "n": len(kept), "accuracy": accuracy}


def accuracy_lost(probe: Probe, answers: Answers, *, confidence: float) -> dict[str, Any]:
    """Accuracy before and after, and the difference on the same rows.

    Parameters
    ----------
    probe : Probe
        Labels of the rows, and what the model said of them at first.
    answers : Answers
        What it says of them now.
    confidence : float
        Two-sided coverage of the interval, in (0, 1).

    Returns
    -------
    dict
        `before`, `after`, `drop`, `low`, `high`.
    """
    right = [one.labels == probe.sample.y_true for one in (probe.answers, answers)]
    lost, gained = right[0] & ~right[1], right[1] & ~right[0]
    low, high = _drop_interval(lost, gained, probe.sample, confidence=confidence)
    before, after = (float(np.mean(one)) for one in right)
    drop = (int(np.count_nonzero(lost)) - int(np.count_nonzero(gained))) / len(lost)
    return {"before": before, "after": after, "drop": drop, "low": low, "high": high}


def _drop_interval(lost: Bools, gained: Bools, sample: Sample, *, confidence: float) -> Interval:
    if sample.entity is None:
        first, second = (int(np.count_nonzero(rows)) for rows in (lost, gained))
        return paired_difference_interval(Discordant(first=first, second=second, n=len(lost)), confidence=confidence)
    buckets = (sample.entity % np.uint64(ENTITY_BUCKETS)).astype(np.int64)
    counts = [np.bincount(buckets[rows], minlength=ENTITY_BUCKETS) for rows in (lost, gained, np.ones_like(lost))]
    clustered = Discordant.clustered(counts[0], counts[1], counts[2], confidence=confidence)
    return paired_difference_interval(clustered, confidence=confidence)
