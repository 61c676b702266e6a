"""Distinct scores, with how many rows of either class have each."""

from dataclasses import dataclass
from typing import ClassVar, Self, TypeVar

import numpy as np

from reliability.blocks import Block, Floats, Ints, Roles
from reliability.errors import NotMeasurable

_Keys = TypeVar("_Keys", Floats, Ints)

EXACT_SCORES = 65_536
GRID_PER_LOGIT = 512
# Beyond +-36 a probability next to 1 has no neighbour left in float64.
_LAST_CELL = 36 * GRID_PER_LOGIT


@dataclass(frozen=True, kw_only=True, eq=False)
class ScoreHistogram:
    """Rows by score, of binary classification.

    Attributes
    ----------
    roles : Roles
        What the class indices mean.
    scores : ndarray of float64, shape (S,)
        Scores in ascending order: every distinct one where `exact`, else the centres of the cells.
    counts : ndarray of int64, shape (S, 2)
        Rows with that score: true class not positive, true class positive.
    cells : ndarray of int64, shape (S,), or None
        Cells of the grid, where there are more than 65,536 distinct scores.

    Notes
    -----
    The grid has step 1/512 on the logit, ends clipped at +-36, and cells of their own for 0 and 1. A sum has
    more than 65,536 distinct scores in every order of adding or in none, so the switch does not depend on it.
    """

    needs_predictions: ClassVar[bool] = True
    roles: Roles
    scores: Floats
    counts: Ints
    cells: Ints | None = None

    @classmethod
    def of(cls, block: Block) -> Self:
        """Count one block; empty unless the task is binary and has scores."""
        if block.roles.task != "binary" or block.y_score is None:
            return cls(roles=block.roles, scores=np.zeros(0), counts=np.zeros((0, 2), np.int64))
        # Adding 0.0 turns -0.0 into 0.0.
        scores, where = np.unique(block.y_score + 0.0, return_inverse=True)
        flat = 2 * where + (block.y_true == block.roles.positive)
        counts = np.bincount(flat, minlength=2 * len(scores)).reshape(-1, 2)
        return cls(roles=block.roles, scores=scores, counts=counts)._bounded()

    def __add__(self, other: Self) -> Self:
        """Both counted together."""
        first, second = self, other
        if not (first.exact and second.exact):
            first, second = first._gridded(), second._gridded()
        if first.cells is None or second.cells is None:
            scores, counts = _merged(first.scores, first.counts, second.scores, second.counts)
            return type(self)(roles=self.roles, scores=scores, counts=counts)._bounded()
        cells, counts = _merged(first.cells, first.counts, second.cells, second.counts)
        return type(self)(roles=self.roles, scores=_centres(cells), counts=counts, cells=cells)

    @property
    def exact(self) -> bool:
        """Whether every distinct score is held."""
        return self.cells is None

    @property
    def n(self) -> int:
        """Rows counted."""
        return int(self.counts.sum())

    @property
    def n_positive(self) -> int:
        """Rows of the positive class."""
        return int(self.counts[:, 1].sum())

    @property
    def n_negative(self) -> int:
        """Rows of the other class."""
        return int(self.counts[:, 0].sum())

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
        if not (self.n_positive and self.n_negative):
            raise NotMeasurable("one_class")
        negative, positive = self.counts[:, 0], self.counts[:, 1]
        below = np.cumsum(negative) - negative
        return int((positive * (2 * below + negative)).sum()) / (2 * self.n_positive * self.n_negative)

    def _bounded(self) -> Self:
        return self if len(self.scores) <= EXACT_SCORES else self._gridded()

    def _gridded(self) -> Self:
        if not self.exact:
            return self
        cells, where = np.unique(_cell(self.scores), return_inverse=True)
        counts = np.zeros((len(cells), 2), np.int64)
        np.add.at(counts, where, self.counts)
        return type(self)(roles=self.roles, scores=_centres(cells), counts=counts, cells=cells)


def _merged(first: _Keys, first_counts: Ints, second: _Keys, second_counts: Ints) -> tuple[_Keys, Ints]:
    keys, where = np.unique(np.concatenate((first, second)), return_inverse=True)
    counts = np.zeros((len(keys), 2), np.int64)
    counts[where[: len(first)]] += first_counts
    counts[where[len(first) :]] += second_counts
    return keys, counts


def _cell(scores: Floats) -> Ints:
    with np.errstate(divide="ignore"):
        logit = np.log(scores) - np.log1p(-scores)
    inside: Ints = np.clip(np.rint(logit * GRID_PER_LOGIT), -_LAST_CELL, _LAST_CELL).astype(np.int64)
    # 0 and 1 are apart: a model that is certain says something else than one that is nearly so.
    inside[scores == 0.0] = -_LAST_CELL - 1
    inside[scores == 1.0] = _LAST_CELL + 1
    return inside


def _centres(cells: Ints) -> Floats:
    centres: Floats = 1.0 / (1.0 + np.exp(-cells / GRID_PER_LOGIT))
    centres[cells < -_LAST_CELL] = 0.0
    centres[cells > _LAST_CELL] = 1.0
    return centres
