"""How often the values of a column repeat: a fair sample of its distinct values, each with all its rows counted."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from reliability.blocks import Block, Column, Ints, Kind, Roles
from reliability.evidence.hashing import Digests, text_digests
from reliability.evidence.row_digests import cell_digests

KEPT = 1_024


@dataclass(frozen=True, kw_only=True, eq=False)
class Distinct:
    """The distinct values of one column with the smallest digests.

    Attributes
    ----------
    kind : str
        i8 or utf8.
    present : int
        Cells that are not missing.
    digests : ndarray of uint64, shape (k,)
        Up to 1,024 smallest digests of the values, ascending.
    counts : ndarray of int64, shape (k,)
        Cells that hold each: all of them, not only the sampled ones.
    words : int
        Spaces within the cells present; 0 for numbers.

    Notes
    -----
    Bottom-k sampling of values, not of rows: a value's digest decides, so every distinct value has the same chance
    however often it occurs, and a value kept for the whole was kept for every part.

    References
    ----------
    Cohen, E. and Kaplan, H. (2007), PODC '07, 225-234 (bottom-k sketches).
    """

    kind: Kind
    present: int
    digests: Digests
    counts: Ints
    words: int = 0

    @classmethod
    def of(cls, column: Column) -> Self:
        """Sample one column of a block."""
        present = column.take(~column.missing)
        words = 0
        if column.kind == "utf8":
            used = np.bincount(present.values, minlength=max(len(column.levels), 1))
            codes = np.flatnonzero(used)
            names = [column.levels[code] for code in codes.tolist()]
            values, counts = text_digests(names), used[codes]
            words = sum(name.strip().count(" ") * count for name, count in zip(names, counts.tolist(), strict=True))
        else:
            numbers, counts = np.unique(present.values, return_counts=True)
            values = cell_digests(Column(kind=column.kind, values=numbers, missing=np.zeros(len(numbers), np.bool_)))
        digests, counts = _fewest(values, counts.astype(np.int64))
        return cls(kind=column.kind, present=len(present), digests=digests, counts=counts, words=words)

    def __add__(self, other: Self) -> Self:
        """Both sampled together."""
        digests, counts = _fewest(
            np.concatenate((self.digests, other.digests)), np.concatenate((self.counts, other.counts))
        )
        return replace(
            self, present=self.present + other.present, digests=digests, counts=counts, words=self.words + other.words
        )

    @property
    def unique_share(self) -> float:
        """Distinct values among the cells present: exact up to 1,024 of them, else estimated from so many."""
        return len(self.counts) / int(self.counts.sum())


@dataclass(frozen=True, kw_only=True, eq=False)
class DistinctValues:
    """Every feature of whole numbers or text.

    Attributes
    ----------
    roles : Roles
        Features.
    n : int
        Rows seen.
    columns : mapping of str to Distinct
        Samples by name.
    """

    needs_predictions: ClassVar[bool] = False
    roles: Roles
    n: int
    columns: Mapping[str, Distinct]

    @classmethod
    def of(cls, block: Block) -> Self:
        """Sample one block."""
        features = {name: block.columns[name] for name in block.roles.features}
        columns = {name: Distinct.of(column) for name, column in features.items() if column.kind in ("i8", "utf8")}
        return cls(roles=block.roles, n=block.n, columns=columns)

    def __add__(self, other: Self) -> Self:
        """Both sampled together."""
        columns = {name: self.columns[name] + other.columns[name] for name in self.columns}
        return replace(self, n=self.n + other.n, columns=columns)


def _fewest(digests: Digests, counts: Ints) -> tuple[Digests, Ints]:
    order = np.argsort(digests, kind="stable")
    ordered = digests[order]
    starts = np.flatnonzero(np.concatenate((np.ones(len(ordered[:1]), np.bool_), ordered[1:] != ordered[:-1])))
    summed = np.add.reduceat(counts[order], starts) if len(starts) else counts
    return ordered[starts][:KEPT], summed[:KEPT]
