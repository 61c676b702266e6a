"""How near the decisions lie to being others, as an attacker who sees only decisions can find out."""

from typing import Any

import numpy as np

from reliability.blocks import Floats
from reliability.checks.asking import with_labels, within
from reliability.checks.requirements import AtLeastOne
from reliability.checks.robustness.boundary import Room, Search
from reliability.checks.sampled import share_interval
from reliability.errors import NotMeasurable
from reliability.evidence.column_profile import ColumnProfile
from reliability.evidence.probe import Probe
from reliability.records import Measurement

_QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
_DISTANCES = (0.05, 0.1, 0.2, 0.5, 1.0)


def attack_success_rate(
    probe: Probe,
    column_profile: ColumnProfile,
    *,
    distance: float = 0.1,
    calls: AtLeastOne = 98,
    sample_size: AtLeastOne = 200,
    confidence: float = 0.95,
    seed: int = 0,
) -> Measurement:
    """Share of rows whose decision a small change of the numbers turns, found by asking for decisions alone.

    Parameters
    ----------
    probe : Probe
        Sampled rows, the model's answers to them, and the way to ask it again.
    column_profile : ColumnProfile
        Standard deviation and range of every column over all rows, and the declared ranges.
    distance : float, default 0.1
        Euclidean distance within which a changed row counts, in standard deviations of the columns.
    calls : int, default 98
        Times that the model may be asked, all rows together.
    sample_size : int, default 200
        Most rows attacked.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).
    seed : int, default 0
        Key of the directions tried.

    Returns
    -------
    Measurement
        Share, in [0, 1]; 0 is best.

    Raises
    ------
    NotMeasurable
        `needs_classification`, `no_rows`, `no_numeric_features` where no number varies, `one_class` where all
        sampled rows get the same answer.

    Notes
    -----
    Of the rows x, those for which a point x' with f(x') other than f(x) was asked at ||(x' - x) / s|| <= distance, s
    the columns' standard deviations. Numbers alone move, within the declared range or else the one observed, integers
    by whole steps; categories, yes and no, and what is missing stay. The search starts at the numbers of the nearest
    sampled rows decided otherwise, halves the way, puts single columns back, and then follows the boundary as
    HopSkipJump does (normal from 16 random directions, step, halving), every step for all rows in one call. It sees
    no score and no gradient. The share is a lower bound: a better attack, or one with more calls, may find nearer
    points. `details.curve` has the share by distance, `details.distances` quantiles of the distance found.
    Clopper-Pearson interval; with entities at the effective number of rows.

    References
    ----------
    Chen, J., Jordan, M. I. and Wainwright, M. J. (2020), HopSkipJumpAttack, IEEE S&P, 1277-1294, arXiv:1904.02144;
    Brendel, W., Rauber, J. and Bethge, M. (2018), ICLR, arXiv:1712.04248 (decision-based attack).
    """
    within("distance", distance, np.inf)
    asked = with_labels(probe, sample_size)
    room = Room.of(asked.sample.columns, column_profile)
    if room is None:
        raise NotMeasurable("no_numeric_features")
    if len(np.unique(asked.answers.labels)) < 2:
        raise NotMeasurable("one_class")
    search = Search(asked, room, calls=calls, draws=np.random.default_rng(seed))
    search.run()
    hit = search.nearest <= distance
    interval, method = share_interval(hit, asked.sample.entity, confidence=confidence)
    details = {
        "of_n": asked.sample.of_n,
        "distance": distance,
        "found": len(search.found),
        "calls": search.calls,
        "questions": search.questions,
        "distances": _quantiles(search.nearest),
        "curve": [
            {"strength": one, "value": float(np.mean(search.nearest <= one))} for one in sorted({*_DISTANCES, distance})
        ],
        "columns": _moved(room, search),
    }
    return Measurement.within(
        float(np.mean(hit)), interval, n=asked.sample.n, unit="share", method=method, details=details
    )


def _quantiles(nearest: Floats) -> list[dict[str, float]]:
    """Distances that a share of all rows is turned within; those never turned lie beyond every distance."""
    ordered = np.sort(nearest)
    ranks = {share: ordered[int(np.ceil(share * len(ordered))) - 1] for share in _QUANTILES}
    return [{"share": share, "distance": float(far)} for share, far in ranks.items() if np.isfinite(far)]


def _moved(room: Room, search: Search) -> list[dict[str, Any]]:
    """Columns by their part of the squared distance of the points found, the largest first."""
    rows = search.found
    if not rows.size:
        return []
    gone = ((search.points[rows] - room.start[rows]) / room.scale) ** 2
    parts = (gone / np.maximum(gone.sum(axis=1, keepdims=True), 1e-300)).mean(axis=0)
    order = np.argsort(-parts, kind="stable").tolist()
    return [{"column": room.names[at], "share": float(parts[at])} for at in order]
