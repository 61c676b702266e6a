"""Exact sums of the logarithms of predicted probabilities."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from reliability.blocks import Block, Roles
from reliability.errors import NotMeasurable
from reliability.evidence.exact_sum import ExactSum

# As scikit-learn does: a certain score that is wrong costs 36.04, not infinity.
CERTAIN = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, kw_only=True, eq=False)
class LogMoments:
    """Sums over the rows of a binary task, without rounding between rows.

    Attributes
    ----------
    roles : Roles
        What the labels mean.
    n : int
        Rows counted.
    sums : mapping of str to ExactSum
        `loss`, minus the natural logarithm of the probability that was given to what happened, kept at least 2^-52 away
        from 0 and 1; `loss2`, its square; `worst4`, the fourth power of the larger of the losses that the row's score
        could have made. Empty without scores.
    largest : float
        The largest loss that any row's score could have made; 0 without rows.
    """

    needs_predictions: ClassVar[bool] = True
    roles: Roles
    n: int
    sums: Mapping[str, ExactSum]
    largest: float

    @classmethod
    def of(cls, block: Block) -> Self:
        """Sum one block."""
        if block.roles.task != "binary" or block.y_score is None:
            return cls(roles=block.roles, n=block.n, sums={}, largest=0.0)
        score = np.ascontiguousarray(block.y_score, np.float64)
        happened = np.where(block.y_true == block.roles.positive, score, 1.0 - score)
        loss = -np.log(np.clip(happened, CERTAIN, 1.0 - CERTAIN))
        worst = -np.log(np.clip(np.minimum(score, 1.0 - score), CERTAIN, 1.0 - CERTAIN))
        terms = {"loss": loss, "loss2": loss * loss, "worst4": worst**4}
        return cls(
            roles=block.roles,
            n=block.n,
            sums={name: ExactSum.of(values) for name, values in terms.items()},
            largest=float(worst.max(initial=0.0)),
        )

    def __add__(self, other: Self) -> Self:
        """Both summed together."""
        return type(self)(
            roles=self.roles,
            n=self.n + other.n,
            sums={name: self.sums[name] + other.sums[name] for name in self.sums},
            largest=max(self.largest, other.largest),
        )

    def exact(self, name: str) -> ExactSum:
        """The sum by name, unrounded.

        Raises
        ------
        NotMeasurable
            `no_scores` where the rows have none.
        """
        if name not in self.sums:
            raise NotMeasurable("no_scores")
        return self.sums[name]
