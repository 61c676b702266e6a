"""Digests of rows with one column left out, or with their numbers rounded: what nearly equal rows share."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from reliability.blocks import Block, Column, Ints, Roles
from reliability.evidence.hashing import Digests, mixed, text_digest
from reliability.evidence.row_digests import cell_digests

KEPT = 1 << 14
ROUNDED = ""  # no column has this name
_EVERY = np.uint64(2**64 - 1)
# Of a float64: its sign, its exponent and six digits of its fraction; numbers within 1 % are mostly alike in them.
_HEAD = np.uint64(0xFFFFC00000000000)


@dataclass(frozen=True, kw_only=True, eq=False)
class KeptDigests:
    """The 16,384 smallest of the distinct digests, with their rows.

    Attributes
    ----------
    digests : ndarray of uint64, shape (S,)
        Distinct and ascending.
    counts : ndarray of int64, shape (S,)
        Rows that have each.
    positions : ndarray of int64, shape (S,)
        Position of the first of them.
    """

    digests: Digests
    counts: Ints
    positions: Ints

    @classmethod
    def of(cls, digests: Digests, positions: Ints) -> Self:
        """Keep the digests of some rows."""
        ones = np.ones(len(digests), np.int64)
        # About as many as are kept, and a third more: the rest need not be sorted, unless many rows are alike.
        near = digests <= np.uint64(min(1.0, 1.3 * KEPT / max(len(digests), 1)) * float(2**64 - 2**11))
        kept = cls._kept(digests[near], ones[near], positions[near])
        return kept if len(kept.digests) == KEPT else cls._kept(digests, ones, positions)

    @classmethod
    def _kept(cls, digests: Digests, counts: Ints, positions: Ints) -> Self:
        order = np.argsort(digests)
        ordered = digests[order]
        starts = np.flatnonzero(np.concatenate((np.ones(len(ordered[:1]), np.bool_), ordered[1:] != ordered[:-1])))
        counts, positions = counts[order], positions[order]
        if len(starts):
            counts, positions = np.add.reduceat(counts, starts), np.minimum.reduceat(positions, starts)
        return cls(digests=ordered[starts][:KEPT], counts=counts[:KEPT], positions=positions[:KEPT])

    def __add__(self, other: Self) -> Self:
        """The smallest of both."""
        pairs = zip(
            (self.digests, self.counts, self.positions), (other.digests, other.counts, other.positions), strict=True
        )
        return self._kept(*(np.concatenate(pair) for pair in pairs))

    @property
    def reach(self) -> np.uint64:
        """The digest up to which every row is known."""
        return self.digests[-1] if len(self.digests) == KEPT else _EVERY

    def up_to(self, reach: np.uint64) -> Self:
        """The digests that are not larger."""
        n = int(np.searchsorted(self.digests, reach, side="right"))
        return replace(self, digests=self.digests[:n], counts=self.counts[:n], positions=self.positions[:n])


@dataclass(frozen=True, kw_only=True, eq=False)
class NearDigests:
    """Rows by what is left of them, in as many ways as there are columns, and one more.

    Attributes
    ----------
    roles : Roles
        Features and target.
    n : int
        Rows seen.
    kept : mapping of str to KeptDigests
        By the column left out (a feature or the target), and by `ROUNDED` where all stay and numbers are rounded.

    Notes
    -----
    A row's digest is the sum of its cells' keyed digests, so that leaving one out is a subtraction. Bottom-k sampling:
    a digest is kept or not in both data sets alike, so that nearly equal rows are met however many rows there are;
    up to 16,384 distinct ones nothing is left out. 24 bytes a digest kept.

    References
    ----------
    Cohen, E. and Kaplan, H. (2007), PODC '07, 225-234 (bottom-k sketches);
    Broder, A. Z. (1997), Compression and Complexity of Sequences, 21-29 (resemblance from the smallest hashes).
    """

    needs_predictions: ClassVar[bool] = False
    roles: Roles
    n: int
    kept: Mapping[str, KeptDigests]

    @classmethod
    def of(cls, block: Block) -> Self:
        """Digest one block."""
        positions, roles = block.row_positions(), block.roles
        target = Column(kind="f8", values=block.y_true.astype(np.float64), missing=np.zeros(block.n, np.bool_))
        columns = {name: block.columns[name] for name in roles.features} | {roles.target: target}
        keyed = {name: _keyed(name, column) for name, column in columns.items()}
        whole = sum(keyed.values(), np.zeros(block.n, np.uint64))
        coarse = sum((_keyed(name, _rounded(column)) for name, column in columns.items()), np.zeros(block.n, np.uint64))
        kept = {name: KeptDigests.of(mixed(whole - digests), positions) for name, digests in keyed.items()}
        return cls(roles=roles, n=block.n, kept=kept | {ROUNDED: KeptDigests.of(mixed(coarse), positions)})

    def __add__(self, other: Self) -> Self:
        """Both digested together."""
        return replace(self, n=self.n + other.n, kept={name: self.kept[name] + other.kept[name] for name in self.kept})


def _keyed(name: str, column: Column) -> Digests:
    return mixed(cell_digests(column) ^ np.uint64(text_digest(f"near:{name}")))


def _rounded(column: Column) -> Column:
    if column.kind != "f8" and column.kind != "i8":
        return column
    bits = (column.values.astype(np.float64) + 0.0).view(np.uint64)
    return Column(kind="f8", values=(bits & _HEAD).view(np.float64), missing=column.missing)
