"""What everyday disturbances of the inputs cost in performance, on the same rows."""

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias

import numpy as np

from reliability.blocks import Bools, Floats
from reliability.checks.asking import variance_of_mean, with_labels, within
from reliability.checks.influences import area, positive_rows
from reliability.checks.requirements import AtLeastOne, require_at_least
from reliability.checks.robustness.curves import Disturbed, accuracy_lost
from reliability.checks.robustness.disturbances import (
    Columns,
    Disturbance,
    category_swap,
    missing_values,
    noise,
    rounding,
    spacing,
    typos,
    unseen_category,
)
from reliability.errors import NotMeasurable
from reliability.evidence.column_profile import ColumnProfile
from reliability.evidence.probe import Answers, Probe
from reliability.evidence.sample import Sample
from reliability.intervals.arrays import Interval
from reliability.intervals.means import delta_interval
from reliability.intervals.proportions import clopper_pearson
from reliability.intervals.ranks import area_change_interval
from reliability.records import Measurement, Reason

Kind: TypeAlias = Literal["noise", "missing_values", "category_swap", "unseen_category", "rounding", "typos", "spacing"]
_Maker: TypeAlias = Callable[[Columns, ColumnProfile, np.random.Generator], Disturbance]
_MAKERS: Mapping[Kind, _Maker] = {
    "noise": noise,
    "missing_values": lambda columns, _, draws: missing_values(columns, draws),
    "category_swap": lambda columns, _, draws: category_swap(columns, draws),
    "unseen_category": unseen_category,
    "rounding": lambda columns, _, __: rounding(columns),
    "typos": lambda columns, _, draws: typos(columns, draws),
    "spacing": lambda columns, _, draws: spacing(columns, draws),
}
_STRENGTHS: Mapping[Kind, float] = {
    "noise": 0.1, "missing_values": 0.05, "category_swap": 0.05, "unseen_category": 0.05, "rounding": 3.0,
    "typos": 0.1, "spacing": 0.1,
}  # fmt: skip
_MOST: Mapping[Kind, float] = {"noise": np.inf, "rounding": 15.0}
# Of rows' influence: far above what rounding leaves, far below what one row of a bounded sample moves.
_ALIKE = 1e-9


def accuracy_drop(
    probe: Probe,
    column_profile: ColumnProfile,
    *,
    disturbance: Kind = "noise",
    strength: float | None = None,
    sample_size: AtLeastOne = 5000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Measurement:
    """How much accuracy a disturbance of the inputs costs, on the same rows.

    Parameters
    ----------
    probe : Probe
        Sampled rows with their labels, the model's answers to them, and the way to ask it again.
    column_profile : ColumnProfile
        Spread and levels of every column over all rows.
    disturbance : str, default 'noise'
        What is done: as the check of that name's consistency does it.
    strength : float, optional
        How strongly; by default as that check does (noise 0.1 standard deviations, 5 % of cells missing or of
        another category, three digits, 10 % of texts).
    sample_size : int, default 5000
        Most rows asked.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).
    seed : int, default 0
        Key of the draws.

    Returns
    -------
    Measurement
        Difference of shares, in [-1, 1]; 0 or below is best.

    Raises
    ------
    NotMeasurable
        `needs_classification`, `no_rows`, or why there is nothing to disturb: `no_numeric_features`, `no_features`,
        `no_categories`, `no_text`.

    Notes
    -----
    Share of rows right before less that after: (rows right only before - rows right only after) / n. The row is the
    observation: the interval is that of a paired difference, by the rows that changed sides; with entities at the
    number of rows they are worth.

    References
    ----------
    Hendrycks, D. and Dietterich, T. (2019), ICLR, arXiv:1903.12261 (accuracy under corruption, by severity);
    Newcombe, R. G. (1998), Statistics in Medicine 17, 2635-2650 (paired difference).
    """
    asked = with_labels(probe, sample_size)
    strength, answers = _disturbed(asked, column_profile, disturbance, strength, seed)
    lost = accuracy_lost(asked, answers, confidence=confidence)
    method = "mover_mcnemar" if asked.sample.entity is None else "mover_mcnemar_effective_n"
    return Measurement.within(
        lost["drop"], (lost["low"], lost["high"]), n=asked.sample.n, unit="difference", method=method,
        details=_told(asked, disturbance, strength, before=lost["before"], after=lost["after"]),
    )  # fmt: skip


def auc_drop(
    probe: Probe,
    column_profile: ColumnProfile,
    *,
    disturbance: Kind = "noise",
    strength: float | None = None,
    sample_size: AtLeastOne = 5000,
    confidence: float = 0.95,
    seed: int = 0,
) -> Measurement:
    """How much area under the ROC curve a disturbance of the inputs costs, on the same rows.

    Parameters
    ----------
    probe : Probe
        Sampled rows with their labels, the model's answers to them, and the way to ask it again.
    column_profile : ColumnProfile
        Spread and levels of every column over all rows.
    disturbance : str, default 'noise'
        What is done: as the check of that name's consistency does it.
    strength : float, optional
        How strongly; by default as that check does.
    sample_size : int, default 5000
        Most rows asked.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).
    seed : int, default 0
        Key of the draws.

    Returns
    -------
    Measurement
        Difference of areas, in [-1, 1]; 0 or below is best.

    Raises
    ------
    NotMeasurable
        `needs_classification`, `needs_binary`, `no_scores`, `no_positive`, `no_rows`, `one_class`, or why there is
        nothing to disturb.

    Notes
    -----
    AUC before less AUC after. Interval: `area_change_interval`, from the difference of each row's placement values
    (DeLong), so that what both areas share falls away; not judged with fewer than ten rows of a class. With entities
    Student's t on their sums by bucket. Where all rows move alike (none is placed otherwise; or a model that told
    every pair apart tells none) they have no variance, and the interval holds what so many rows can have missed: with
    s the Clopper-Pearson upper limits of the share of rows that move unlike these, of either class, added, it is
    drop (1 - s) -+ s.

    References
    ----------
    DeLong, E. R. et al. (1988), Biometrics 44, 837-845 (two correlated areas); Hendrycks, D. and Dietterich, T. (2019),
    ICLR, arXiv:1903.12261.
    """
    asked = with_labels(probe, sample_size)
    positive = positive_rows(asked)
    strength, answers = _disturbed(asked, column_profile, disturbance, strength, seed)
    before, after = (area(one, positive) for one in (asked.answers, answers))
    drop = before.value - after.value
    moved = before.influence - after.influence
    details = _told(asked, disturbance, strength, before=before.value, after=after.value)
    if np.all(np.abs(moved) < _ALIKE):
        unseen = _unseen_change(positive, confidence)
        middle = drop * (1 - unseen)
        interval = (middle - unseen, middle + unseen)
        return Measurement.within(
            drop, interval, n=asked.sample.n, unit="difference", method="clopper_pearson", details=details
        )
    try:
        interval, method = _loss_interval(moved, positive, drop, asked.sample, confidence)
    except NotMeasurable as few:
        reason = Reason.of(few)
        return Measurement.unjudged(drop, n=asked.sample.n, unit="difference", reason=reason, details=details)
    return Measurement.within(drop, interval, n=asked.sample.n, unit="difference", method=method, details=details)


def _loss_interval(
    moved: Floats, positive: Bools, drop: float, sample: Sample, confidence: float
) -> tuple[Interval, str]:
    """Limits of the area lost, and the name of the way."""
    if sample.entity is not None:
        variance, degrees = variance_of_mean(moved, sample)
        low, high = delta_interval(drop, variance, degrees=degrees, confidence=confidence)
        return (max(-1.0, low), min(1.0, high)), "delta"
    share = float(positive.mean())
    # Influence is a placement's distance from the mean over the share of its class.
    placed = (drop + moved[~positive] * (1 - share), drop + moved[positive] * share)
    return area_change_interval(placed, confidence=confidence), "placement_t_further"


def _unseen_change(positive: Bools, confidence: float) -> float:
    sizes = (int(np.count_nonzero(positive)), int(np.count_nonzero(~positive)))
    return min(1.0, sum(float(clopper_pearson(0, n, confidence=confidence)[1]) for n in sizes))


def _disturbed(
    asked: Probe, profile: ColumnProfile, disturbance: Kind, strength: float | None, seed: int
) -> tuple[float, Answers]:
    given = _STRENGTHS[disturbance] if strength is None else strength
    within("strength", given, _MOST.get(disturbance, 1.0))
    if disturbance == "rounding":
        require_at_least("strength", given, 1)
    at = _MAKERS[disturbance](asked.sample.columns, profile, np.random.default_rng(seed))
    return given, Disturbed(probe=asked, at=at, strength=given).answers()[0]


def _told(asked: Probe, disturbance: Kind, strength: float, *, before: float, after: float) -> dict[str, Any]:
    return {
        "of_n": asked.sample.of_n, "disturbance": disturbance, "strength": strength, "before": before, "after": after,
    }  # fmt: skip
