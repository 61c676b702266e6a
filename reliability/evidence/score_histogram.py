"""Distinct scores, with how many rows of either class have each."""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Self

import numpy as np

from reliability.blocks import Block, Bools, Floats, Ints, Roles
from reliability.errors import NotMeasurable
from reliability.evidence.score_keys import KeyCounts, bounded, keys_of_scores, middles, scores_of_keys, united

EXACT_SCORES = 65_536
# Scores are summed in whole units of 2^-32: half a unit is 1.2e-10, and 2^31 rows fit into 63 bits.
_UNITS = float(1 << 32)
_LIMITS = {"most": EXACT_SCORES, "exact": EXACT_SCORES}


@dataclass(frozen=True, kw_only=True, eq=False)
class ScoreHistogram:
    """Rows by score, of binary classification.

    Attributes
    ----------
    roles : Roles
        What the class indices mean.
    scores : ndarray of float64, shape (S,)
        Scores in ascending order: every distinct one where `exact`, else one in the middle of every cell.
    counts : ndarray of int64, shape (S, 2)
        Rows with that score: true class not positive, true class positive.
    cells : KeyCounts or None
        The cells, where there are more than 65,536 distinct scores.

    Notes
    -----
    A cell holds the scores whose float64 agree in their leading binary digits, counted from the nearer of 0 and 1, and
    0 and 1 have cells of their own: as fine next to either, and as fine as 65,536 cells allow for the scores that
    occur. A sum has the same cells in every order of adding.
    """

    needs_predictions: ClassVar[bool] = True
    roles: Roles
    scores: Floats
    counts: Ints
    cells: KeyCounts | None = None

    @classmethod
    def of(cls, block: Block) -> Self:
        """Count one block; empty unless the task is binary and has scores."""
        if block.roles.task != "binary" or block.y_score is None:
            return cls(roles=block.roles, scores=np.zeros(0), counts=np.zeros((0, 2), np.int64))
        scores, counts = _counted(block.y_score, block.y_true == block.roles.positive)
        whole = cls(roles=block.roles, scores=scores, counts=counts)
        return whole if len(scores) <= EXACT_SCORES else whole._of(bounded(whole._keyed(), **_LIMITS))

    def __add__(self, other: Self) -> Self:
        """Both counted together."""
        return self._of(united(self._keyed(), other._keyed(), **_LIMITS))

    @property
    def exact(self) -> bool:
        """Whether every distinct score is held."""
        return self.cells is None

    @property
    def n(self) -> int:
        """Rows counted."""
        return self.n_negative + self.n_positive

    @cached_property
    def n_positive(self) -> int:
        """Rows of the positive class."""
        return int(self.counts[:, 1].sum())

    @cached_property
    def n_negative(self) -> int:
        """Rows of the other class."""
        return int(self.counts[:, 0].sum())

    @cached_property
    def rows(self) -> Ints:
        """Rows with every score, of either class: shape (S,)."""
        rows: Ints = self.counts[:, 0] + self.counts[:, 1]
        return rows

    @cached_property
    def mean_scores(self) -> Floats:
        """The scores where `exact`; else the mean score of the rows in every cell, to 1e-9: shape (S,)."""
        if self.cells is None:
            return self.scores
        means: Floats = self.cells.table[:, 2] / _UNITS / np.maximum(self.rows, 1)
        return means

    @property
    def auc_quantisation(self) -> float:
        """How far `auc` may lie from that of the scores themselves: 0 where `exact`, else half of the pairs in a cell.

        Rows of both classes in one cell count as ties; each such pair counts 0, a half or 1 in truth.
        """
        return 0.0 if self.exact else auc_quantisation_of(self.counts)

    def auc(self) -> float:
        """Area under the ROC curve: chance that a positive row scores above another, ties counting half.

        Returns
        -------
        float
            Dimensionless, in [0, 1]; 1 is best.

        Raises
        ------
        NotMeasurable
            `one_class` where the positive class or the other has no row.

        References
        ----------
        Hanley, J. A. and McNeil, B. J. (1982), Radiology 143, 29-36.
        """
        return auc_of(self.counts)

    def average_precision(self) -> float:
        """Mean over positive rows of the share of positive rows among those that score as high or higher.

        Returns
        -------
        float
            Dimensionless, in (0, 1]; 1 is best, the share of positive rows is what chance achieves.

        Raises
        ------
        NotMeasurable
            `no_positive` where the positive class has no row.

        References
        ----------
        Manning, C. D., Raghavan, P. and Schuetze, H. (2008), Introduction to Information Retrieval, section 8.4.
        """
        if not self.n_positive:
            raise NotMeasurable("no_positive")
        right, rows = self._from_above
        return float((self.counts[:, 1] * (right / rows)).sum()) / self.n_positive

    @property
    def average_precision_quantisation(self) -> float:
        """How far `average_precision` may lie from that of the scores themselves; 0 where `exact`.

        With T of N rows above a cell, and p positive rows and q others in it, the precision at each of those p is
        at least (T + 1) / (N + 1 + q) and at most (T + p) / (N + p), whatever their order.
        """
        if self.exact or not self.n_positive:
            return 0.0
        right, rows = self._from_above
        here, others = self.counts[:, 1], self.counts[:, 0]
        before, all_before = right - here, rows - here - others
        least = (before + 1) / (all_before + 1 + others)
        most = (before + here) / np.maximum(all_before + here, 1)
        apart = np.maximum(right / rows - least, most - right / rows)
        return float((here * apart).sum()) / self.n_positive

    def _keyed(self) -> KeyCounts:
        if self.cells is not None:
            return self.cells
        units = np.rint(self.scores * _UNITS).astype(np.int64) * self.rows
        none = np.zeros(len(self.scores), np.int64)
        table = np.column_stack((self.counts, units))
        return KeyCounts(outer=none, cells=keys_of_scores(self.scores), shift=0, table=table)

    def _of(self, found: KeyCounts) -> Self:
        scores = scores_of_keys(middles(found.cells, found.shift))
        cells = found if found.shift else None
        # Apart from the column beside them, so that what is made of them runs through memory without gaps.
        counts = np.ascontiguousarray(found.table[:, :2])
        return type(self)(roles=self.roles, scores=scores, counts=counts, cells=cells)

    @cached_property
    def _from_above(self) -> tuple[Ints, Ints]:
        """Positive rows, and all rows, with this score or a higher one."""
        return np.cumsum(self.counts[::-1, 1])[::-1], np.cumsum(self.rows[::-1])[::-1]


def _counted(scores: Floats, positive: Bools) -> tuple[Floats, Ints]:
    """Distinct scores in ascending order, and the rows with each: not positive, positive."""
    if len(scores) and not (scores.min() >= 0 and scores.max() <= 1):
        distinct, where = np.unique(scores + 0.0, return_inverse=True)
        return distinct, np.bincount(2 * where + positive, minlength=2 * len(distinct)).reshape(-1, 2)
    # From 0 to 1 the bits of a float64 grow with it and leave two places free: class and score are sorted as one.
    # Adding 0.0 turns -0.0 into 0.0.
    sorted_ = np.sort(((scores + 0.0).view(np.int64) << 1) | positive)
    bits = sorted_ >> 1
    starts = np.flatnonzero(np.concatenate((np.ones(len(bits[:1]), np.bool_), bits[1:] != bits[:-1])))
    if not len(starts):
        return np.zeros(0), np.zeros((0, 2), np.int64)
    rows = np.diff(starts, append=len(bits))
    of_class = np.add.reduceat(sorted_ & 1, starts)
    return bits[starts].view(np.float64), np.column_stack((rows - of_class, of_class))


def auc_of(counts: Ints) -> float:
    """Area under the ROC curve of rows counted by ascending score: not positive, positive; see `ScoreHistogram.auc`.

    Parameters
    ----------
    counts : ndarray of int64, shape (S, 2)
        Rows by ascending score: not positive, positive.

    Returns
    -------
    float
        Area, in [0, 1]; 1 is best.
    """
    negative, positive = counts[:, 0], counts[:, 1]
    pairs = int(negative.sum()) * int(positive.sum())
    if not pairs:
        raise NotMeasurable("one_class")
    below = np.cumsum(negative) - negative
    return int((positive * (2 * below + negative)).sum()) / (2 * pairs)


def auc_quantisation_of(counts: Ints) -> float:
    """How far ties that grouping made can move an area: half the share of pairs in one cell; 0 without such pairs.

    Parameters
    ----------
    counts : ndarray of int64, shape (S, 2)
        Rows by ascending score: not positive, positive.

    Returns
    -------
    float
        Largest error of the area, in [0, 0.5].
    """
    negatives, positives = int(counts[:, 0].sum()), int(counts[:, 1].sum())
    return int((counts[:, 0] * counts[:, 1]).sum()) / max(2 * negatives * positives, 1)
