"""Distinct confidences of the likeliest class, with how many rows had it right and wrong."""

from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from reliability.blocks import Block, Roles
from reliability.evidence.score_histogram import ScoreHistogram

# What the histogram counts: whether the likeliest class is the true one.
_RIGHT = Roles(task="binary", classes=(False, True), positive=1, favourable=(1,), has_predictions=True, has_scores=True)


@dataclass(frozen=True, kw_only=True, eq=False)
class ConfidenceHistogram:
    """Rows of multiclass classification by the score of their likeliest class (top label).

    Attributes
    ----------
    roles : Roles
        What the class indices mean.
    rows : ScoreHistogram
        Rows by that score: `counts` holds the wrong ones, then the right ones.

    Notes
    -----
    Of equal scores the first class counts as the likeliest. Empty for other tasks: with two classes the score
    histogram tells the same.
    """

    needs_predictions: ClassVar[bool] = True
    roles: Roles
    rows: ScoreHistogram

    @classmethod
    def of(cls, block: Block) -> Self:
        """Count one block; empty unless the task is multiclass and has scores."""
        if block.roles.task != "multiclass" or block.y_score is None:
            none = np.zeros(0)
            counts = np.zeros((0, 2), np.int64)
            return cls(roles=block.roles, rows=ScoreHistogram(roles=_RIGHT, scores=none, counts=counts))
        right = (block.y_score.argmax(axis=1) == block.y_true).astype(np.int64)
        # Rows of scores add up to 1 within rounding only.
        confidence = np.clip(block.y_score.max(axis=1), 0.0, 1.0)
        turned = replace(block, roles=_RIGHT, columns={}, y_true=right, y_pred=None, y_score=confidence, groups={})
        return cls(roles=block.roles, rows=ScoreHistogram.of(turned))

    def __add__(self, other: Self) -> Self:
        """Both counted together."""
        return replace(self, rows=self.rows + other.rows)
