"""Every column counted by value, on a grid that two data sets share."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from reliability.blocks import Block, Column, Floats, Ints, Kind, Roles
from reliability.evidence.hashing import text_digests
from reliability.evidence.score_keys import keys_of_values, values_of_keys

NUMBER_CELLS = 1 << 13
LEVEL_CELLS = 1 << 16
_DIGITS = 63


@dataclass(frozen=True, kw_only=True, eq=False)
class ColumnCounts:
    """The cells of one column, counted by value.

    Attributes
    ----------
    kind : str
        f8 for numbers of either kind, bool or utf8.
    n, missing : int
        Cells, and those of them that are missing.
    keys : ndarray of int64, shape (S,)
        Numbers by `keys_of_values`, levels of text by digest; without their last `shift` binary digits; ascending.
    counts : ndarray of int64, shape (S,)
        Cells present, by key.
    first, last : ndarray of int64, shape (S,)
        The smallest and the largest whole key, by key.
    shift : int
        Binary digits dropped; 0 where every distinct value is held.

    Notes
    -----
    As few digits are dropped as leave 8,192 keys of numbers, or 65,536 of text: that depends on the cells alone, not on
    the order of adding. A number's first digits are its sign, its exponent and the head of its fraction, so that cells
    are as fine beside a small number as beside a large one, and the same in every data set. Text beyond its bound is
    pooled by the head of its digest. A quantile sketch (KLL, REQ in Apache DataSketches) would hold less, but its cells
    are drawn at random, depend on the order of adding and differ from one data set to the next: two of them compare
    only by their ranks, with an error of its own, and neither text nor shares by bin come of it.

    References
    ----------
    Masson, C., Rim, J. E. and Lee, H. K. (2019), PVLDB 12, 2195-2205 (mergeable sketches with relative cells).
    """

    kind: Kind
    n: int
    missing: int
    keys: Ints
    counts: Ints
    first: Ints
    last: Ints
    shift: int = 0

    @classmethod
    def of(cls, column: Column) -> Self:
        """Count one column of a block."""
        present = column.values[~column.missing] if column.missing.any() else column.values
        kind, missing = column.kind, len(column) - len(present)
        if kind == "utf8":
            keys, counts = _levels(present, column.levels)
        else:
            kind = "bool" if kind == "bool" else "f8"
            keys, counts = np.sort(keys_of_values(present.astype(np.float64))), None
        return cls(kind=kind, n=len(column), missing=missing, **_bounded(keys, (counts, keys, keys), 0, _most(kind)))

    def __add__(self, other: Self) -> Self:
        """Both counted together."""
        shift = max(self.shift, other.shift)
        keys = np.concatenate((self.keys >> (shift - self.shift), other.keys >> (shift - other.shift)))
        # Two ascending runs: a stable sort merges them.
        order = np.argsort(keys, kind="stable")
        held = zip((self.counts, self.first, self.last), (other.counts, other.first, other.last), strict=True)
        counts, first, last = (np.concatenate(both)[order] for both in held)
        bounded = _bounded(keys[order], (counts, first, last), shift, _most(self.kind))
        return replace(self, n=self.n + other.n, missing=self.missing + other.missing, **bounded)

    @property
    def present(self) -> int:
        """Cells that are not missing."""
        return self.n - self.missing


@dataclass(frozen=True, kw_only=True, eq=False)
class Beside:
    """One column of two data sets, counted on the same grid.

    Attributes
    ----------
    kind : str
        f8, bool or utf8.
    keys : ndarray of int64, shape (S,)
        Keys of either, ascending.
    counts : ndarray of int64, shape (S, 2)
        Cells present by key: of the first data set, of the second.
    first, last : ndarray of int64, shape (S,)
        The smallest and the largest whole key of either, by key.
    missing : ndarray of int64, shape (2,)
        Cells missing.
    shift : int
        Binary digits dropped.
    """

    kind: Kind
    keys: Ints
    counts: Ints
    first: Ints
    last: Ints
    missing: Ints
    shift: int

    @classmethod
    def of(cls, first: ColumnCounts, second: ColumnCounts) -> Self:
        """Bring both onto the coarser of their grids."""
        shift, both = max(first.shift, second.shift), (first, second)
        moved = [one.keys >> (shift - one.shift) for one in both]
        keys = np.union1d(*moved)
        counts = np.zeros((len(keys), 2), np.int64)
        ends = np.array([[np.iinfo(np.int64).max], [np.iinfo(np.int64).min]]).repeat(len(keys), axis=1)
        for side, one in enumerate(both):
            places = np.searchsorted(keys, moved[side])
            np.add.at(counts[:, side], places, one.counts)
            np.minimum.at(ends[0], places, one.first)
            np.maximum.at(ends[1], places, one.last)
        missing = np.array([one.missing for one in both], np.int64)
        return cls(kind=first.kind, keys=keys, counts=counts, first=ends[0], last=ends[1], missing=missing, shift=shift)

    @property
    def present(self) -> Ints:
        """Cells present of either data set, shape (2,)."""
        present: Ints = self.counts.sum(axis=0)
        return present

    def edges(self) -> tuple[Floats, Floats]:
        """Smallest and largest number of every key; not for text."""
        return values_of_keys(self.first), values_of_keys(self.last)


@dataclass(frozen=True, kw_only=True, eq=False)
class ColumnHistogram:
    """Every feature and the target, counted by value.

    Attributes
    ----------
    roles : Roles
        Features, and what the labels mean.
    n : int
        Rows seen.
    columns : mapping of str to ColumnCounts
        Features by name.
    target : ColumnCounts
        Class indices, or values for regression.
    """

    needs_predictions: ClassVar[bool] = False
    roles: Roles
    n: int
    columns: Mapping[str, ColumnCounts]
    target: ColumnCounts

    @classmethod
    def of(cls, block: Block) -> Self:
        """Count one block."""
        labels = Column(kind="f8", values=block.y_true, missing=np.zeros(block.n, np.bool_))
        columns = {name: ColumnCounts.of(block.columns[name]) for name in block.roles.features}
        return cls(roles=block.roles, n=block.n, columns=columns, target=ColumnCounts.of(labels))

    def __add__(self, other: Self) -> Self:
        """Both counted together."""
        columns = {name: self.columns[name] + other.columns[name] for name in self.columns}
        return replace(self, n=self.n + other.n, columns=columns, target=self.target + other.target)


def _most(kind: Kind) -> int:
    return LEVEL_CELLS if kind == "utf8" else NUMBER_CELLS


def _levels(codes: npt.NDArray[Any], levels: tuple[str, ...]) -> tuple[Ints, Ints]:
    """Digests of the levels that occur, ascending, with their counts; two codes may spell one level."""
    counts = np.bincount(codes, minlength=len(levels)) if len(codes) else np.zeros(len(levels), np.int64)
    used = np.flatnonzero(counts)
    digests = text_digests(levels[code] for code in used.tolist()).view(np.int64)
    order = np.argsort(digests, kind="stable")
    return digests[order], counts[used][order]


def _bounded(keys: Ints, held: tuple[Ints | None, Ints, Ints], shift: int, most: int) -> dict[str, Any]:
    """Ascending keys added up, without as few further digits as leave at most so many; a key once where uncounted."""
    counts, first, last = held
    further, finest = 0, _DIGITS
    if len(keys) > most and _distinct(keys) > most:
        while finest - further > 1:
            middle = (further + finest) // 2
            further, finest = (middle, finest) if _distinct(keys >> middle) > most else (further, middle)
        further = finest
    cells = keys >> further if further else keys
    starts = np.flatnonzero(np.concatenate((np.ones(len(cells[:1]), np.bool_), cells[1:] != cells[:-1])))
    if counts is None:
        summed = np.diff(np.append(starts, len(cells)))
    else:
        summed = np.add.reduceat(counts, starts) if len(starts) else counts
    ends = (first, last)
    if len(starts):
        ends = np.minimum.reduceat(first, starts), np.maximum.reduceat(last, starts)
    return {
        "keys": cells[starts], "counts": summed.astype(np.int64), "first": ends[0], "last": ends[1],
        "shift": shift + further,
    }  # fmt: skip


def _distinct(ascending: Ints) -> int:
    return 1 + int(np.count_nonzero(ascending[1:] != ascending[:-1]))
