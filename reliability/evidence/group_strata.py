"""Rows counted by group, stratum and whether a favourable outcome is predicted."""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from reliability.blocks import ENTITY_BUCKETS, Block, Ints, Roles
from reliability.evidence.levels import Level, added, level_codes, united

# 128 MB of counts: a hundred groups of six hundred strata.
BUCKETED_CELLS = 1 << 24


@dataclass(frozen=True, kw_only=True, eq=False)
class GroupStrata:
    """Selected rows and others, for every group within every stratum.

    Attributes
    ----------
    roles : Roles
        What the class indices mean.
    attributes : tuple of str
        The attributes that make the groups.
    strata : tuple of str
        The declared strata that are not compared themselves; a stratum is a combination of their levels.
    levels, stratum_levels : tuple of tuple
        One value per attribute for every group, and per stratum column for every stratum, in natural order; None is
        unknown, and rows of an unknown stratum are a stratum of their own.
    counts : ndarray of int64, shape (L, S, 2)
        Rows by group, stratum and selection: not selected, selected.
    buckets : ndarray of int64, shape (L, S, 128, 2), or None
        The same counts by bucket of the row's entity, where rows are clustered; None too where they would not fit
        into 128 MB.

    Notes
    -----
    Groups and strata only become more by adding, so whether buckets are kept does not depend on the order of blocks.
    """

    needs_predictions: ClassVar[bool] = True
    roles: Roles
    attributes: tuple[str, ...]
    strata: tuple[str, ...]
    levels: tuple[Level, ...]
    stratum_levels: tuple[Level, ...]
    counts: Ints
    buckets: Ints | None = None

    @classmethod
    def of(cls, block: Block, attributes: tuple[str, ...]) -> Self:
        """Count one block by the groups of these attributes and by the declared strata."""
        if block.y_pred is None:
            raise ValueError("this block holds no predictions")
        strata = tuple(name for name in block.roles.strata if name not in attributes)
        levels, codes = level_codes(block, attributes)
        stratum_levels, within = _strata(block, strata)
        shape: tuple[int, ...] = (len(levels), len(stratum_levels), 2)
        cells = codes * shape[1] + within
        bucketed = block.entity is not None and _fits(shape)
        if bucketed and block.entity is not None:
            shape = (*shape[:2], ENTITY_BUCKETS, 2)
            cells = cells * ENTITY_BUCKETS + (block.entity % np.uint64(ENTITY_BUCKETS)).astype(np.int64)
        cells = cells * 2 + np.isin(block.y_pred, block.roles.favourable)
        table = np.bincount(cells, minlength=int(np.prod(shape))).reshape(shape)
        return cls(
            roles=block.roles,
            attributes=attributes,
            strata=strata,
            levels=levels,
            stratum_levels=stratum_levels,
            counts=table.sum(axis=2) if bucketed else table,
            buckets=table if bucketed else None,
        )

    def __add__(self, other: Self) -> Self:
        """Both counted together; a group or a stratum that only one of them met is kept."""
        if (self.attributes, self.strata) != (other.attributes, other.strata):
            raise ValueError(
                f"groups by {self.attributes} within {self.strata} and by {other.attributes} within {other.strata} "
                "do not add"
            )
        levels, *groups = united(self.levels, other.levels)
        stratum_levels, *strata = united(self.stratum_levels, other.stratum_levels)
        shape = (len(levels), len(stratum_levels), 2)

        def together(first: Ints, second: Ints) -> Ints:
            spread = [
                added(one.swapaxes(0, 1), np.zeros_like(one.swapaxes(0, 1)[:0]), (places, places[:0]), shape[1])
                for one, places in zip((first, second), strata, strict=True)
            ]
            return added(spread[0].swapaxes(0, 1), spread[1].swapaxes(0, 1), (groups[0], groups[1]), shape[0])

        kept = self.buckets is not None and other.buckets is not None and _fits(shape)
        return type(self)(
            roles=self.roles,
            attributes=self.attributes,
            strata=self.strata,
            levels=levels,
            stratum_levels=stratum_levels,
            counts=together(self.counts, other.counts),
            buckets=together(self.buckets, other.buckets)
            if kept and self.buckets is not None and other.buckets is not None
            else None,
        )

    @property
    def n(self) -> int:
        """Rows counted, the unknown groups included."""
        return int(self.counts.sum())

    @property
    def rows(self) -> Ints:
        """Rows by group and stratum, shape (L, S)."""
        rows: Ints = self.counts.sum(axis=2)
        return rows

    @property
    def selected(self) -> Ints:
        """Rows by group and stratum that a favourable outcome is predicted for, shape (L, S)."""
        selected: Ints = self.counts[:, :, 1]
        return selected


def _strata(block: Block, strata: tuple[str, ...]) -> tuple[tuple[Level, ...], Ints]:
    # Without strata all rows are one.
    return level_codes(block, strata) if strata else (((),), np.zeros(block.n, np.int64))


def _fits(shape: tuple[int, ...]) -> bool:
    return int(np.prod(shape)) * ENTITY_BUCKETS <= BUCKETED_CELLS
