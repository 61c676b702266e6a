"""Exact sums of errors and labels, for the measures that are means."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from reliability.blocks import Block, Floats, Roles
from reliability.errors import NotMeasurable
from reliability.evidence.exact_sum import ExactSum, exact_product


@dataclass(frozen=True, kw_only=True, eq=False)
class Moments:
    """Sums over the rows, without rounding between rows.

    Attributes
    ----------
    roles : Roles
        What the labels mean.
    n : int
        Rows counted.
    sums : mapping of str to ExactSum
        Binary with scores, d = score - y, y = 1 for the positive class: `d`, `d2`, `d4`, `d2y`, `y`.
        Regression, e = predicted - true: `e`, `e_abs`, `e2`, `e4`, `y`, `y2`, `y3`, `y4`, `e2y`, `e2y2`.
        Otherwise empty.

    Notes
    -----
    Powers of y are summed without rounding within the row too: differences such as
    sum y^2 - (sum y)^2 / n lose nothing when taken from `exact(name)`.
    """

    needs_predictions: ClassVar[bool] = True
    roles: Roles
    n: int
    sums: Mapping[str, ExactSum]

    @classmethod
    def of(cls, block: Block) -> Self:
        """Sum one block."""
        return cls(
            roles=block.roles,
            n=block.n,
            sums={name: ExactSum.of(*parts) for name, parts in _terms(block).items()},
        )

    def __add__(self, other: Self) -> Self:
        """Both summed together."""
        sums = {name: self.sums[name] + other.sums[name] for name in self.sums}
        return type(self)(roles=self.roles, n=self.n + other.n, sums=sums)

    def sum(self, name: str) -> float:
        """The sum by name, rounded once.

        Raises
        ------
        NotMeasurable
            `no_scores` where the rows have no such sum; `numbers_too_large` where a row's term
            left the range of a float64.
        """
        return float(self.exact(name))

    def exact(self, name: str) -> ExactSum:
        """The sum by name, unrounded; raises as `sum` does."""
        if name not in self.sums:
            raise NotMeasurable("no_scores")
        if self.sums[name].overflowed:
            raise NotMeasurable("numbers_too_large", n=self.sums[name].overflowed)
        return self.sums[name]


def _terms(block: Block) -> dict[str, tuple[Floats, ...]]:
    if block.roles.task == "binary" and block.y_score is not None:
        return _score_terms(block.y_true == block.roles.positive, block.y_score)
    if block.roles.task == "regression" and block.y_pred is not None:
        return _error_terms(block.y_true.astype(np.float64), block.y_pred.astype(np.float64))
    return {}


def _score_terms(positive: Floats, score: Floats) -> dict[str, tuple[Floats, ...]]:
    y = positive.astype(np.float64)
    d = score - y
    d2 = d * d
    return {"d": (d,), "d2": (d2,), "d4": (d2 * d2,), "d2y": (d2 * y,), "y": (y,)}


def _error_terms(y: Floats, predicted: Floats) -> dict[str, tuple[Floats, ...]]:
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        e = predicted - y
        e2 = e * e
        y2 = exact_product((y,), (y,))
        return {
            "e": (e,),
            "e_abs": (np.abs(e),),
            "e2": (e2,),
            "e4": (e2 * e2,),
            "y": (y,),
            "y2": y2,
            "y3": exact_product(y2, (y,)),
            "y4": exact_product(y2, y2),
            "e2y": exact_product((e2,), (y,)),
            "e2y2": exact_product((e2,), y2),
        }
