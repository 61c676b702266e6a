"""Rows counted by group."""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from reliability.blocks import Block, Ints
from reliability.evidence.levels import Level, added, level_codes, united


@dataclass(frozen=True, kw_only=True, eq=False)
class GroupSizes:
    """How many rows every group of one attribute or of a combination has.

    Attributes
    ----------
    attributes : tuple of str
        The attributes that make the groups.
    levels : tuple of tuple
        One value per attribute for every group, in natural order; None is the unknown group.
    sizes : ndarray of int64, shape (L,)
        Rows of every group.
    """

    needs_predictions: ClassVar[bool] = False
    attributes: tuple[str, ...]
    levels: tuple[Level, ...]
    sizes: Ints

    @classmethod
    def of(cls, block: Block, attributes: tuple[str, ...]) -> Self:
        """Count one block by the groups of these attributes."""
        levels, codes = level_codes(block, attributes)
        return cls(
            attributes=attributes,
            levels=levels,
            sizes=np.bincount(codes, minlength=len(levels)),
        )

    def __add__(self, other: Self) -> Self:
        """Both counted together; a group that only one of them met is kept."""
        if self.attributes != other.attributes:
            raise ValueError(f"groups by {self.attributes} and by {other.attributes} do not add")
        levels, first, second = united(self.levels, other.levels)
        sizes = added(self.sizes, other.sizes, (first, second), len(levels))
        return type(self)(attributes=self.attributes, levels=levels, sizes=sizes)

    @property
    def n(self) -> int:
        """Rows counted, the unknown groups included."""
        return int(self.sizes.sum())
