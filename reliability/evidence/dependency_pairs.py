"""What declared dependencies bring together: the values given, and the values that they should fix."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from reliability.blocks import Block, Bools, Column, Dependency, Ints, Roles
from reliability.evidence.hashing import Digests, mixed
from reliability.evidence.row_digests import cell_digests

MOST_PAIRS = 200_000
POSITIONS = 4
_NOWHERE = np.iinfo(np.int64).max
_STEP = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, kw_only=True, eq=False)
class Pairs:
    """The distinct pairs of one dependency, by digest.

    Attributes
    ----------
    given, fixed : ndarray of uint64, shape (P,)
        Digests of the values given and of the value that they fix; ascending, a pair once.
    counts : ndarray of int64, shape (P,)
        Rows of every pair.
    positions : ndarray of int64, shape (P, 4)
        Positions of the first four of them, ascending; the largest int64 where there are fewer.
    """

    given: Digests
    fixed: Digests
    counts: Ints
    positions: Ints

    @classmethod
    def of(cls, given: Digests, fixed: Digests, at: Ints) -> Self:
        """Pair up the rows of a block."""
        positions = np.full((len(at), POSITIONS), _NOWHERE)
        positions[:, 0] = at
        return cls(given=given, fixed=fixed, counts=np.ones(len(at), np.int64), positions=positions)._once()

    def __add__(self, other: "Pairs") -> "Pairs | None":
        """Both together; None beyond 200,000 pairs."""
        both = replace(
            self,
            given=np.concatenate((self.given, other.given)),
            fixed=np.concatenate((self.fixed, other.fixed)),
            counts=np.concatenate((self.counts, other.counts)),
            positions=np.concatenate((self.positions, other.positions)),
        )._once()
        return both if len(both.counts) <= MOST_PAIRS else None

    def _once(self) -> Self:
        """Every pair once, its rows added up."""
        order = np.lexsort((self.positions[:, 0], self.fixed, self.given))
        given, fixed, positions = self.given[order], self.fixed[order], self.positions[order]
        new = np.ones(len(order), np.bool_)
        new[1:] = (given[1:] != given[:-1]) | (fixed[1:] != fixed[:-1])
        starts = np.flatnonzero(new)
        if not len(starts):
            return self
        # A pair's first rows stand in its first four parts: parts are ordered by their first row, and each has four.
        ends = np.append(starts[1:], len(order))
        places = starts[:, np.newaxis] + np.arange(POSITIONS)
        parts = np.where(
            (places < ends[:, np.newaxis])[:, :, np.newaxis], positions[places.clip(max=len(order) - 1)], _NOWHERE
        )
        first = np.sort(parts.reshape(len(starts), -1), axis=1)[:, :POSITIONS]
        return replace(
            self,
            given=given[starts],
            fixed=fixed[starts],
            counts=np.add.reduceat(self.counts[order], starts),
            positions=first,
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class DependencyPairs:
    """Every declared dependency whose columns are read, with its pairs.

    Attributes
    ----------
    roles : Roles
        The dependencies.
    n : int
        Rows seen.
    pairs : mapping of Dependency to Pairs or None
        None beyond 200,000 pairs.
    """

    needs_predictions: ClassVar[bool] = False
    roles: Roles
    n: int
    pairs: Mapping[Dependency, Pairs | None]

    @classmethod
    def of(cls, block: Block) -> Self:
        """Pair up one block; rows that lack one of the values say nothing."""
        columns = {**block.others, **block.columns}
        positions = block.row_positions()
        pairs = {
            one: _pairs(one, columns, positions)
            for one in block.roles.dependencies
            if {*one.given, one.fixes} <= columns.keys()
        }
        return cls(roles=block.roles, n=block.n, pairs=pairs)

    def __add__(self, other: Self) -> Self:
        """Both together."""
        pairs = {one: _together(found, other.pairs[one]) for one, found in self.pairs.items()}
        return replace(self, n=self.n + other.n, pairs=pairs)


def _pairs(one: Dependency, columns: Mapping[str, Column], positions: Ints) -> Pairs:
    there: Bools = ~columns[one.fixes].missing
    given = np.zeros(len(there), np.uint64)
    for name in one.given:
        there = there & ~columns[name].missing
        given = mixed(given * _STEP + cell_digests(columns[name]))
    return Pairs.of(given[there], cell_digests(columns[one.fixes])[there], positions[there])


def _together(first: Pairs | None, second: Pairs | None) -> Pairs | None:
    return None if first is None or second is None else first + second
