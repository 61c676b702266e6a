"""Whether predicted probabilities come true as often as they say, over bins of the probability."""

import math
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np

from reliability.blocks import Bools, Floats, Ints
from reliability.checks.requirements import AtLeastOne, require_at_least, require_classes, require_scores
from reliability.errors import NotMeasurable
from reliability.evidence.confidence_histogram import ConfidenceHistogram
from reliability.evidence.score_histogram import ScoreHistogram
from reliability.intervals.calibration import (
    Bins,
    debiased_mean_gap,
    largest_gap_interval,
    mean_gap,
    mean_gap_interval,
)
from reliability.records import Json, Measurement, Reason

Of: TypeAlias = Literal["positive", "top_label"]
# Share of the rows that may lie in bins too small to be used.
_LEFT_OUT = 0.05


def expected_calibration_error(
    score_histogram: ScoreHistogram,
    confidence_histogram: ConfidenceHistogram,
    *,
    bins: AtLeastOne = 15,
    equal_mass: bool = False,
    of: Of = "positive",
    power: AtLeastOne = 1,
    debiased: bool = False,
    confidence: float = 0.95,
) -> Measurement:
    """Mean distance between predicted probability and observed rate, over bins of the probability.

    Parameters
    ----------
    score_histogram : ScoreHistogram
        Rows counted by score and class (two classes).
    confidence_histogram : ConfidenceHistogram
        Rows counted by the score of the likeliest class, right and wrong (more classes).
    bins : int, default 15
        Number of bins, at least 1; empty ones do not count.
    equal_mass : bool, default False
        Bins of about equally many rows (equal scores stay together) instead of equal width (closed on the right).
    of : {"positive", "top_label"}, default "positive"
        Whether the probability is that of the positive class, or of the likeliest class being right. More than two
        classes always have the latter.
    power : int, default 1
        p of (sum of n_b / n * abs(gap)^p)^(1/p): 1 is the usual mean, 2 the root of the mean square.
    debiased : bool, default False
        Value less what chance adds to the gaps of finite bins; for power 1 only. `details.plug_in` holds both.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).

    Returns
    -------
    Measurement
        Score, in [0, 1]; 0 is best. `details.bins` holds a reliability diagram: mean score, observed rate and n.

    Raises
    ------
    NotMeasurable
        If the task is regression, or there are no scores or no rows, or no positive class of two.
    ChecklistError
        If `bins` or `power` is below 1.

    Notes
    -----
    sum over bins of n_b / n * abs(mean score - observed rate). What is estimated is this sum in the population for
    these bins, not a limit of finer ones, which no sample tells. The plug-in value lies too far from 0 in small
    samples; the interval of `mean_gap_interval` takes that into account, and holds for any number of rows. It has no
    interval for other powers, and clustered rows are not judged. Beyond 65,536 distinct scores `details.quantisation`
    bounds what cells on the border of two bins can change, and the interval is wider by it.

    References
    ----------
    Naeini, M. P. et al. (2015), AAAI, 2901-2907; Guo, C. et al. (2017), ICML, 1321-1330 (top label); Kumar, A. et al.
    (2019), NeurIPS, 3792-3803 (the bias).

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Block, Roles
    >>> roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,), has_scores=True)
    >>> y_true, y_score = np.array([0, 0, 0, 0, 0, 1, 1, 1]), np.array([0.25] * 4 + [0.75] * 4)
    >>> block = Block(start=0, roles=roles, columns={}, y_true=y_true, y_score=y_score)
    >>> expected_calibration_error(ScoreHistogram.of(block), ConfidenceHistogram.of(block), bins=2).value
    0.125
    """
    require_at_least("bins", bins, 1)
    require_at_least("power", power, 1)
    table = _table(score_histogram, confidence_histogram, of)
    places = _mass_bins(table.rows, bins) if equal_mass else _width_bins(table.scores, bins)
    made = table.binned(places)
    plug_in = mean_gap(made, power=power)
    quantisation = float(table.straddling(places)[0].sum()) / table.n
    details = table.described(made) | {
        "of": table.of,
        "binning": "equal_mass" if equal_mass else "equal_width",
        "power": power,
        "plug_in": plug_in,
        "debiased": debiased and power == 1,
        "quantisation": quantisation,
    }
    value = debiased_mean_gap(made) if debiased and power == 1 else plug_in
    if table.clustered or power != 1:
        reason = Reason(code="clustered_rows" if table.clustered else "no_interval")
        return Measurement.unjudged(value, n=table.n, unit="score", reason=reason, details=details)
    low, high = mean_gap_interval(made, confidence=confidence)
    held = max(0.0, min(value, low - quantisation)), min(1.0, max(value, high + quantisation))
    return Measurement.within(value, held, n=table.n, unit="score", method="folded_normal_inversion", details=details)


def maximum_calibration_error(
    score_histogram: ScoreHistogram,
    confidence_histogram: ConfidenceHistogram,
    *,
    bins: AtLeastOne = 15,
    equal_mass: bool = False,
    of: Of = "positive",
    minimum_bin_size: AtLeastOne = 10,
    confidence: float = 0.95,
) -> Measurement:
    """Largest distance between predicted probability and observed rate of any bin of the probability.

    Parameters
    ----------
    score_histogram : ScoreHistogram
        Rows counted by score and class (two classes).
    confidence_histogram : ConfidenceHistogram
        Rows counted by the score of the likeliest class, right and wrong (more classes).
    bins : int, default 15
        Number of bins, at least 1.
    equal_mass : bool, default False
        Bins of about equally many rows (equal scores stay together) instead of equal width (closed on the right).
    of : {"positive", "top_label"}, default "positive"
        As in `expected_calibration_error`.
    minimum_bin_size : int, default 10
        Bins with fewer rows are listed, not used.
    confidence : float, default 0.95
        Coverage of the interval for all bins at once, in (0, 1).

    Returns
    -------
    Measurement
        Score, in [0, 1]; 0 is best. `details.bins` holds a reliability diagram, `used` false where a bin is too small.

    Raises
    ------
    NotMeasurable
        If the task is regression, or there are no scores or no rows, or no positive class of two.
    ChecklistError
        If `bins` or `minimum_bin_size` is below 1.

    Notes
    -----
    max over the bins used of abs(mean score - observed rate). Interval of `largest_gap_interval`, wider by
    `details.quantisation` where scores are not held exactly. Not judged where bins that are not used hold over 5 % of
    the rows, or rows are clustered.

    References
    ----------
    Naeini, M. P. et al. (2015), AAAI, 2901-2907.

    Examples
    --------
    >>> import numpy as np
    >>> from reliability.blocks import Block, Roles
    >>> roles = Roles(task="binary", classes=(0, 1), positive=1, favourable=(1,), has_scores=True)
    >>> y_true, y_score = np.array([0, 0, 0, 0, 0, 1, 1, 1] * 5), np.array(([0.25] * 4 + [0.75] * 4) * 5)
    >>> block = Block(start=0, roles=roles, columns={}, y_true=y_true, y_score=y_score)
    >>> maximum_calibration_error(ScoreHistogram.of(block), ConfidenceHistogram.of(block), bins=2).value
    0.25
    """
    require_at_least("bins", bins, 1)
    require_at_least("minimum_bin_size", minimum_bin_size, 1)
    table = _table(score_histogram, confidence_histogram, of)
    places = _mass_bins(table.rows, bins) if equal_mass else _width_bins(table.scores, bins)
    made = table.binned(places)
    used = made.n >= minimum_bin_size
    blur = table.blurred(made, places)[used]
    details = table.described(made, used) | {
        "of": table.of,
        "binning": "equal_mass" if equal_mass else "equal_width",
        "quantisation": float(blur.max(initial=0.0)),
    }
    left = made.within(used)
    value = float(np.abs(left.gaps).max()) if used.any() else None
    needed = math.ceil((1 - _LEFT_OUT) * table.n)
    if table.clustered or left.n.sum() < needed:
        few = Reason.model_validate(
            {"code": "too_few_for_interval", "with": {"n": int(left.n.sum()), "needed": needed}}
        )
        reason = Reason(code="clustered_rows") if table.clustered else few
        return Measurement.unjudged(value, n=table.n, unit="score", reason=reason, details=details)
    largest, limits = float(np.abs(left.gaps).max()), largest_gap_interval(left, confidence=confidence, blur=blur)
    method = "sidak_clopper_pearson"
    return Measurement.within(largest, limits, n=table.n, unit="score", method=method, details=details)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Table:
    """Rows by probability and by whether it came true."""

    of: Of
    scores: Floats  # ascending
    means: Floats  # mean score of the rows at each
    counts: Ints
    exact: bool
    clustered: bool
    mixed: float = 0.0  # what errors of the cell with a half in it can change by, where there are cells

    @property
    def rows(self) -> Ints:
        rows: Ints = self.counts.sum(axis=1)
        return rows

    @property
    def n(self) -> int:
        return int(self.counts.sum())

    def binned(self, places: Ints) -> Bins:
        """The bins that hold rows."""
        where = np.unique(places, return_inverse=True)[1]

        def total(values: Floats | Ints) -> Floats:
            return np.bincount(where, weights=values).astype(np.float64)

        n, events, means = total(self.rows), total(self.counts[:, 1]), self.means
        mean_score = total(self.rows * means) / n
        return Bins(
            n=n,
            events=events,
            mean_score=mean_score,
            spread=total(self.rows * (means - mean_score[where]) ** 2) / n,
            squared_error=total(self.counts[:, 0] * means**2 + self.counts[:, 1] * (1 - means) ** 2) / n,
        )

    def straddling(self, places: Ints) -> tuple[Floats, Floats]:
        """What the errors of every bin add up to, and its rows, can change by at most where border cells are divided.

        Rows moved over a border change two bins, each by no more than their errors of one sign.
        """
        if self.exact:
            nothing = np.zeros(len(np.unique(places)))
            return nothing, nothing
        at = np.flatnonzero(np.diff(places))
        lowest = np.concatenate(([0.0], self.scores[:-1]))
        highest = np.concatenate((self.scores[1:], [1.0]))
        moved = np.maximum(self.counts[:, 0] * highest, self.counts[:, 1] * (1 - lowest))
        cells = np.stack((moved, self.rows))
        # Every bin has what either of its borders has.
        borders = np.pad(np.maximum(cells[:, at], cells[:, at + 1]), ((0, 0), (1, 1)))
        errors, rows = borders[:, :-1] + borders[:, 1:]
        errors[0] += self.mixed
        return errors, rows

    def blurred(self, bins: Bins, places: Ints) -> Floats:
        """What the gap of every bin can change by, at most, for the same reason."""
        errors, rows = self.straddling(places)
        # (sum + error) / (n + more) - sum / n, where that many rows fewer are left at the worst.
        least = np.maximum(bins.n - rows, 1.0)
        return np.minimum(1.0, (errors + np.abs(bins.gaps) * rows) / least)

    def described(self, bins: Bins, used: Bools | None = None) -> dict[str, Json]:
        """The reliability diagram."""
        diagram: list[dict[str, Json]] = [
            {"n": int(n), "mean_score": mean, "observed": rate}
            for n, mean, rate in np.column_stack((bins.n, bins.mean_score, bins.events / bins.n)).tolist()
        ]
        if used is not None:
            diagram = [row | {"used": bool(used[place])} for place, row in enumerate(diagram)]
        return {"bins": diagram, "scores": "exact" if self.exact else "grid"}


def _table(score_histogram: ScoreHistogram, confidence_histogram: ConfidenceHistogram, of: Of) -> _Table:
    roles = score_histogram.roles
    if roles.task == "multiclass":
        if not roles.has_scores:
            raise NotMeasurable("no_scores")
        table = _held(confidence_histogram.rows, "top_label", clustered=roles.clustered)
        require_classes(roles, table.n)
        return table
    if roles.task == "regression":
        raise NotMeasurable("needs_classification")
    require_scores(roles, score_histogram.n)
    table = _held(score_histogram, "positive", clustered=roles.clustered)
    return table if of == "positive" else _folded(table)


def _held(histogram: ScoreHistogram, of: Of, *, clustered: bool) -> _Table:
    return _Table(
        of=of, scores=histogram.scores, means=histogram.mean_scores, counts=histogram.counts, exact=histogram.exact,
        clustered=clustered,
    )  # fmt: skip


def _folded(table: _Table) -> _Table:
    """By the score of the likelier class: below a half that is the other class, whose rows then are the right ones."""
    low = table.scores < 0.5
    scores, where = np.unique(np.where(low, 1 - table.scores, table.scores), return_inverse=True)
    turned = np.where(low[:, None], table.counts[:, ::-1], table.counts)
    counts = np.zeros_like(table.counts, shape=(len(scores), 2))
    np.add.at(counts, where, turned)
    sums = np.bincount(where, weights=table.rows * np.where(low, 1 - table.means, table.means))
    # A cell with a half in it has rows of either class as the likelier one: each error may have the other sign.
    half = int(np.searchsorted(table.scores, 0.5))
    around = table.rows[max(0, half - 1) : half + 1].max()
    return replace(
        table, of="top_label", scores=scores, means=sums / counts.sum(axis=1), counts=counts,
        mixed=2 * float(around),
    )  # fmt: skip


def _width_bins(scores: Floats, bins: int) -> Ints:
    edges = np.arange(1, bins) / bins
    places: Ints = np.searchsorted(edges, scores)
    return places


def _mass_bins(rows: Ints, bins: int) -> Ints:
    """Bin of every distinct score by the rank of the middle of its rows."""
    # Whole numbers: a rank on a border must not depend on rounding.
    places: Ints = (2 * np.cumsum(rows) - rows) * bins // (2 * int(rows.sum()))
    return places
