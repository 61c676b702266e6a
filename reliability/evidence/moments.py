"""Exact sums of errors and labels, for the measures that are means."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Self

import numpy as np

from reliability.blocks import Block, Floats, Ints, Roles
from reliability.errors import NotMeasurable
from reliability.evidence.exact_sum import ExactSum, exact_product
from reliability.intervals.means import SquaredErrorSums

# The powers of errors, predicted and true values that sums of regression are made of, and the last digit of a float64.
_POWERS: Mapping[str, Mapping[str, int]] = {
    "e2": {"e_abs": 2},
    "e4": {"e_abs": 4},
    "p2": {"p": 2},
    "y2": {"y": 2},
    "y3": {"y": 3},
    "y4": {"y": 4},
    "e2y": {"e_abs": 2, "y": 1},
    "e2y2": {"e_abs": 2, "y": 2},
}
_DIGIT = 2.0**-53


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
        Regression, e = predicted - true: `e`, `e_abs`, `e2`, `e4`, `p`, `p2` (of the predicted value), `y`, `y2`,
        `y3`, `y4`, `e2y`, `e2y2`. Otherwise empty.
    largest : mapping of str to float
        Binary with scores: `d2`, the largest squared difference that any row's score could have made, whatever
        the outcome. Regression: the largest finite `e_abs`, `e`, `p`, `y` and, negated, `e_negated`, `p_negated`,
        `y_negated`. Minus infinity without rows.

    Notes
    -----
    Powers of y are summed without rounding within the row too: differences such as
    sum y^2 - (sum y)^2 / n lose nothing when taken from `exact(name)`.
    """

    needs_predictions: ClassVar[bool] = True
    roles: Roles
    n: int
    sums: Mapping[str, ExactSum]
    largest: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, block: Block) -> Self:
        """Sum one block."""
        return cls._summed(block.roles, block.n, _terms(block), _sizes(block))

    @classmethod
    def by(cls, block: Block, codes: Ints, groups: int) -> tuple[Self, ...]:
        """Sum one block apart for every group; `codes` holds the group of every row, from 0."""
        order = np.argsort(codes, kind="stable")
        ends = np.cumsum(np.bincount(codes, minlength=groups))[:-1]
        terms = {name: [np.split(part[order], ends) for part in parts] for name, parts in _terms(block).items()}
        sizes = {name: np.split(values[order], ends) for name, values in _sizes(block).items()}
        return tuple(
            cls._summed(
                block.roles,
                len(rows),
                {name: tuple(parts[group] for parts in split) for name, split in terms.items()},
                {name: split[group] for name, split in sizes.items()},
            )
            for group, rows in enumerate(np.split(order, ends))
        )

    @classmethod
    def _summed(cls, roles: Roles, n: int, terms: Mapping[str, Sequence[Floats]], sizes: Mapping[str, Floats]) -> Self:
        return cls(
            roles=roles,
            n=n,
            sums={name: ExactSum.of(*parts) for name, parts in terms.items()},
            largest={
                name: float(values.max(initial=-np.inf, where=np.isfinite(values))) for name, values in sizes.items()
            },
        )

    def __add__(self, other: Self) -> Self:
        """Both summed together."""
        sums = {name: self.sums[name] + other.sums[name] for name in self.sums}
        largest = {name: max(self.largest[name], other.largest[name]) for name in self.largest}
        return type(self)(roles=self.roles, n=self.n + other.n, sums=sums, largest=largest)

    def sum(self, name: str) -> float:
        """The sum by name, rounded once.

        Raises
        ------
        NotMeasurable
            `no_scores` where the rows have no such sum; `numbers_too_large` where a row's term
            left the range of a float64; `numbers_too_small` where the terms are so small that
            they were rounded to 0, or lost digits, though the numbers themselves are not 0.
        """
        return float(self.exact(name))

    def exact(self, name: str) -> ExactSum:
        """The sum by name, unrounded; raises as `sum` does."""
        if name not in self.sums:
            raise NotMeasurable("no_scores")
        if self.sums[name].overflowed:
            raise NotMeasurable("numbers_too_large", n=self.sums[name].overflowed)
        if self._vanishes(_POWERS.get(name, {})):
            raise NotMeasurable("numbers_too_small")
        return self.sums[name]

    def _vanishes(self, powers: Mapping[str, int]) -> bool:
        """Whether a product of the largest numbers has no room for its digits above the smallest float."""
        sizes = {base: max(self.largest[base], self.largest.get(f"{base}_negated", 0.0)) for base in powers}
        small = math.prod((size * _DIGIT) ** powers[base] for base, size in sizes.items())
        return small == 0 and all(size > 0 for size in sizes.values())

    def squared_errors(self) -> SquaredErrorSums:
        """What the intervals of squared errors are made of; raises as `sum` does."""
        if "d2" in self.sums:
            d2, d4, d2y, y = (self.exact(name).fraction() for name in ("d2", "d4", "d2y", "y"))
            # y is 0 or 1, so that it equals all its powers.
            return SquaredErrorSums(n=self.n, e2=d2, e4=d4, e2y=d2y, e2y2=d2y, y=y, y2=y, y3=y, y4=y)
        names = ("e2", "e4", "e2y", "e2y2", "y", "y2", "y3", "y4")
        return SquaredErrorSums(n=self.n, **{name: self.exact(name).fraction() for name in names})


def _terms(block: Block) -> dict[str, tuple[Floats, ...]]:
    if block.roles.task == "binary" and block.y_score is not None:
        return _score_terms(block.y_true == block.roles.positive, block.y_score)
    if block.roles.task == "regression" and block.y_pred is not None:
        return _error_terms(block.y_true.astype(np.float64), block.y_pred.astype(np.float64))
    return {}


def _sizes(block: Block) -> dict[str, Floats]:
    if block.roles.task == "binary" and block.y_score is not None:
        return {"d2": np.maximum(block.y_score, 1.0 - block.y_score) ** 2}
    if block.roles.task == "regression" and block.y_pred is not None:
        with np.errstate(over="ignore", invalid="ignore"):
            y, predicted = block.y_true.astype(np.float64), block.y_pred.astype(np.float64)
            signed = {"e": predicted - y, "p": predicted, "y": y}
            return {"e_abs": np.abs(signed["e"]), **signed, **{f"{name}_negated": -signed[name] for name in signed}}
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
            "p": (predicted,),
            "p2": exact_product((predicted,), (predicted,)),
            "y": (y,),
            "y2": y2,
            "y3": exact_product(y2, (y,)),
            "y4": exact_product(y2, y2),
            "e2y": exact_product((e2,), (y,)),
            "e2y2": exact_product((e2,), y2),
        }
