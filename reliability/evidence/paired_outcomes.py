"""The model and the incumbent on the same rows: who was right, or by how much one errs less."""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from reliability.blocks import ENTITY_BUCKETS, Block, Bools, Ints, Roles
from reliability.evidence.exact_sum import ExactSum


@dataclass(frozen=True, kw_only=True, eq=False)
class PairedOutcomes:
    """Rows by whether the model and whether the other predictor is right; for regression what the model gains.

    Attributes
    ----------
    roles : Roles
        What the labels mean.
    n : int
        Rows on which both predict.
    counts : ndarray of int64, shape (2, 2)
        Rows by model (0 wrong, 1 right) and other (0 wrong, 1 right); zero for regression.
    buckets : ndarray of int64, shape (128, 2, 2), or None
        The same by bucket of the row's entity, where rows are clustered.
    gain, gain2 : ExactSum
        Regression: sum of (other's squared error - model's squared error), and of its square.
    largest : float
        Regression: the largest finite gain in size.
    """

    needs_predictions: ClassVar[bool] = True
    roles: Roles
    n: int
    counts: Ints
    buckets: Ints | None = None
    gain: ExactSum = field(default_factory=ExactSum)
    gain2: ExactSum = field(default_factory=ExactSum)
    largest: float = 0.0

    @classmethod
    def of(cls, block: Block) -> Self:
        """Count one block against its incumbent; nothing where there is none."""
        if block.y_incumbent is None or block.y_pred is None:
            return cls(roles=block.roles, n=0, counts=np.zeros((2, 2), np.int64))
        return cls.between(block.roles, block.y_true, block.y_pred, block.y_incumbent, block.entity)

    @classmethod
    def between(
        cls,
        roles: Roles,
        y_true: npt.NDArray[Any],
        y_pred: npt.NDArray[Any],
        y_other: npt.NDArray[Any],
        entity: npt.NDArray[np.uint64] | None,
    ) -> Self:
        """Count rows with the predictions of the model and of any other predictor."""
        if roles.task == "regression":
            return cls._of_values(roles, y_true, y_pred, y_other)
        right, other_right = y_pred == y_true, y_other == y_true
        if entity is None:
            return cls(roles=roles, n=len(y_true), counts=_table(right, other_right, np.zeros(len(right), int), 1)[0])
        places = (entity % np.uint64(ENTITY_BUCKETS)).astype(np.int64)
        buckets = _table(right, other_right, places, ENTITY_BUCKETS)
        return cls(roles=roles, n=len(y_true), counts=buckets.sum(axis=0), buckets=buckets)

    @classmethod
    def _of_values(
        cls, roles: Roles, y_true: npt.NDArray[Any], y_pred: npt.NDArray[Any], y_other: npt.NDArray[Any]
    ) -> Self:
        with np.errstate(over="ignore", invalid="ignore", under="ignore"):
            gain = (y_other - y_true) ** 2 - (y_pred - y_true) ** 2
            squares = gain * gain
        return cls(
            roles=roles,
            n=len(gain),
            counts=np.zeros((2, 2), np.int64),
            gain=ExactSum.of(gain),
            gain2=ExactSum.of(squares),
            largest=float(np.abs(gain).max(initial=0.0, where=np.isfinite(gain))),
        )

    def __add__(self, other: Self) -> Self:
        """Both counted together."""
        buckets = None if self.buckets is None or other.buckets is None else self.buckets + other.buckets
        return type(self)(
            roles=self.roles,
            n=self.n + other.n,
            counts=self.counts + other.counts,
            buckets=buckets,
            gain=self.gain + other.gain,
            gain2=self.gain2 + other.gain2,
            largest=max(self.largest, other.largest),
        )


def _table(right: Bools, other_right: Bools, places: Ints, size: int) -> Ints:
    cells = places * 4 + right * 2 + other_right
    return np.bincount(cells, minlength=size * 4).reshape(size, 2, 2)
