"""Exact sums of errors and labels, apart for every group."""

from dataclasses import dataclass, replace
from typing import ClassVar, Self

from reliability.blocks import Block, Roles
from reliability.evidence.levels import Level, level_codes, united
from reliability.evidence.moments import Moments


@dataclass(frozen=True, kw_only=True, eq=False)
class GroupMoments:
    """Moments for every group of one attribute or of a combination.

    Attributes
    ----------
    roles : Roles
        What the labels mean.
    attributes : tuple of str
        The attributes that make the groups.
    levels : tuple of tuple
        One value per attribute for every group, in natural order; None is the unknown group.
        A declared level without rows is listed with empty sums (one attribute only).
    moments : tuple of Moments
        Sums over the rows of every group, in the order of `levels`.
    """

    needs_predictions: ClassVar[bool] = True
    roles: Roles
    attributes: tuple[str, ...]
    levels: tuple[Level, ...]
    moments: tuple[Moments, ...]

    @classmethod
    def of(cls, block: Block, attributes: tuple[str, ...]) -> Self:
        """Sum one block by the groups of these attributes."""
        levels, codes = level_codes(block, attributes)
        moments = Moments.by(block, codes, len(levels)) if levels else ()
        return cls(roles=block.roles, attributes=attributes, levels=levels, moments=moments)

    def __add__(self, other: Self) -> Self:
        """Both summed together; a group that only one of them met is kept."""
        if self.attributes != other.attributes:
            raise ValueError(f"groups by {self.attributes} and by {other.attributes} do not add")
        levels = united(self.levels, other.levels)[0]
        mine, theirs = (dict(zip(one.levels, one.moments, strict=True)) for one in (self, other))
        both = tuple(
            mine[level] + theirs[level] if level in mine and level in theirs else mine.get(level) or theirs[level]
            for level in levels
        )
        return replace(self, levels=levels, moments=both)

    @property
    def n(self) -> int:
        """Rows counted, the unknown groups included."""
        return sum(one.n for one in self.moments)

    @property
    def whole(self) -> Moments:
        """The sums over all groups, the unknown ones included."""
        first, *rest = self.moments
        for one in rest:
            first += one
        return first
