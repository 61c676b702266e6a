"""Missing feature cells counted by group."""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from reliability.blocks import Block, Ints
from reliability.evidence.levels import Level, added, level_codes, united


@dataclass(frozen=True, kw_only=True, eq=False)
class GroupMissing:
    """How many cells of every feature are missing in every group.

    Attributes
    ----------
    attributes : tuple of str
        The attributes that make the groups.
    features : tuple of str
        The features, in the order of the last axis of `missing`.
    levels : tuple of tuple
        One value per attribute for every group, in natural order; None is the unknown group.
    sizes : ndarray of int64, shape (L,)
        Rows of every group.
    missing : ndarray of int64, shape (L, F)
        Missing cells by group and feature.
    """

    needs_predictions: ClassVar[bool] = False
    attributes: tuple[str, ...]
    features: tuple[str, ...]
    levels: tuple[Level, ...]
    sizes: Ints
    missing: Ints

    @classmethod
    def of(cls, block: Block, attributes: tuple[str, ...]) -> Self:
        """Count one block by the groups of these attributes."""
        levels, codes = level_codes(block, attributes)
        missing = np.zeros((len(levels), len(block.roles.features)), np.int64)
        for index, name in enumerate(block.roles.features):
            missing[:, index] = np.bincount(codes[block.columns[name].missing], minlength=len(levels))
        return cls(
            attributes=attributes,
            features=block.roles.features,
            levels=levels,
            sizes=np.bincount(codes, minlength=len(levels)),
            missing=missing,
        )

    def __add__(self, other: Self) -> Self:
        """Both counted together; a group that only one of them met is kept."""
        if (self.attributes, self.features) != (other.attributes, other.features):
            raise ValueError(f"groups by {self.attributes} and by {other.attributes} do not add")
        levels, *places = united(self.levels, other.levels)
        where = (places[0], places[1])
        return type(self)(
            attributes=self.attributes,
            features=self.features,
            levels=levels,
            sizes=added(self.sizes, other.sizes, where, len(levels)),
            missing=added(self.missing, other.missing, where, len(levels)),
        )
