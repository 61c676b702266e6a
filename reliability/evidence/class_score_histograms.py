"""A score histogram for every class of a multiclass model, each against the rest."""

from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from reliability.blocks import Block, Roles
from reliability.evidence.score_histogram import ScoreHistogram


@dataclass(frozen=True, kw_only=True, eq=False)
class ClassScoreHistograms:
    """Rows by the score of every class: a row counts in all of them.

    Attributes
    ----------
    roles : Roles
        What the class indices mean.
    n : int
        Rows counted.
    histograms : tuple of ScoreHistogram
        One a class in the order of `roles.classes`, that class taken for the positive one; empty where the task is not
        multiclass or has no scores.

    Notes
    -----
    Every histogram is bounded and adds to the same bits in any order, so this one does.
    """

    needs_predictions: ClassVar[bool] = True
    roles: Roles
    n: int
    histograms: tuple[ScoreHistogram, ...]

    @classmethod
    def of(cls, block: Block) -> Self:
        """Count one block."""
        if block.roles.task != "multiclass" or block.y_score is None:
            return cls(roles=block.roles, n=block.n, histograms=())
        made = (ScoreHistogram.of(_against_the_rest(block, of)) for of in range(len(block.roles.classes)))
        return cls(roles=block.roles, n=block.n, histograms=tuple(made))

    def __add__(self, other: Self) -> Self:
        """Both counted together."""
        added = tuple(one + more for one, more in zip(self.histograms, other.histograms, strict=True))
        return type(self)(roles=self.roles, n=self.n + other.n, histograms=added)


def _against_the_rest(block: Block, of: int) -> Block:
    scores = np.zeros((block.n, len(block.roles.classes))) if block.y_score is None else block.y_score
    return Block(
        start=block.start,
        roles=replace(block.roles, task="binary", positive=of),
        columns={},
        y_true=block.y_true,
        y_score=np.ascontiguousarray(scores[:, of]),
    )
