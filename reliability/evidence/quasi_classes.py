"""Rows by what their quasi-identifiers say together: how many there are of each kind, and of which targets."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from reliability.blocks import Block, Ints
from reliability.evidence.hashing import Digests, mixed
from reliability.evidence.row_digests import cell_digests
from reliability.evidence.spill import BUCKETS, Run, TemporaryWords, bucket_spans, leading_bytes, written

PAIRS_IN_MEMORY = 500_000
# One partition is sorted at a time; this bounds what that takes.
_PARTITION_PAIRS = 1 << 18

_STEP = np.uint64(0x9E3779B97F4A7C15)
# Columns of a pair.
_CLASS, _TARGET, _ROWS = 0, 1, 2


@dataclass(frozen=True, kw_only=True, eq=False)
class QuasiClasses:
    """Rows of every class of equal quasi-identifiers and every target, in memory and then in a temporary file.

    Attributes
    ----------
    columns : tuple of str
        The quasi-identifiers.
    n : int
        Rows.
    held : tuple of ndarray of uint64, shape (m, 3)
        Digest of the class, digest of the target, rows; in each array distinct, and ascending.
    runs : tuple of Run
        The same in a temporary file, where the same pair may stand several times.

    Notes
    -----
    24 bytes for every pair that a block has, at most half a million of them in memory. What is missing is a value of
    its own. Digests have 64 bits: n distinct classes collide by chance with probability n^2 / 2^65.

    References
    ----------
    Sweeney, L. (2002), International Journal of Uncertainty, Fuzziness and Knowledge-Based Systems 10, 557-570.
    """

    needs_predictions: ClassVar[bool] = False
    columns: tuple[str, ...]
    n: int
    held: tuple[Digests, ...] = ()
    runs: tuple[Run, ...] = ()

    @classmethod
    def of(cls, block: Block) -> Self:
        """Count one block."""
        names = block.roles.quasi_identifiers
        if not names:
            return cls(columns=(), n=block.n)
        every = {**block.columns, **block.others}
        classes = np.zeros(block.n, np.uint64)
        for name in names:
            classes = mixed(classes * _STEP + cell_digests(every[name]))
        # Adding 0.0 turns -0.0 into 0.0.
        targets = (block.y_true.astype(np.float64) + 0.0).view(np.uint64)
        pairs = np.column_stack((classes, targets, np.ones(block.n, np.uint64)))
        return cls(columns=names, n=block.n, held=(_together(pairs),))

    def __add__(self, other: Self) -> Self:
        """The rows of both."""
        held, runs = self.held + other.held, self.runs + other.runs
        if sum(map(len, held)) > PAIRS_IN_MEMORY:
            pairs = _together(np.concatenate(held))
            held = (pairs,)
            # Few distinct pairs stay: what is compacted to little need not leave the memory.
            if len(pairs) > PAIRS_IN_MEMORY // 2:
                file = runs[0].file if runs else TemporaryWords()
                held, runs = (), (*runs, written(pairs, file))
        return type(self)(columns=self.columns, n=self.n + other.n, held=held, runs=runs)

    def classes(self) -> Iterator[tuple[Ints, Ints]]:
        """Rows, and distinct targets, of every class: a part of the classes at a time."""
        held = np.concatenate((np.zeros((0, 3), np.uint64), *self.held))
        held = held[np.argsort(leading_bytes(held), kind="stable")]
        counted = np.bincount(leading_bytes(held), minlength=BUCKETS)
        bounds = np.concatenate(([0], np.cumsum(counted)))
        sizes = counted + sum((np.diff(run.bounds) for run in self.runs), np.zeros(BUCKETS, np.int64))
        for first, last in bucket_spans(sizes, _PARTITION_PAIRS):
            stored = [run.rows(first, last) for run in self.runs]
            pairs = _together(np.concatenate((held[bounds[first] : bounds[last]], *stored)))
            starts = _starts(pairs[:, :_TARGET])
            if len(starts):
                rows = np.add.reduceat(pairs[:, _ROWS], starts).astype(np.int64)
                yield rows, np.diff(np.append(starts, len(pairs)))


def _together(pairs: Digests) -> Digests:
    """The pairs in order, each once, with the rows of all its mentions."""
    if not len(pairs):
        return pairs
    ordered = pairs[np.lexsort((pairs[:, _TARGET], pairs[:, _CLASS]))]
    starts = _starts(ordered[:, :_ROWS])
    rows = np.add.reduceat(ordered[:, _ROWS], starts)
    return np.column_stack((ordered[starts, :_ROWS], rows))


def _starts(ordered: Digests) -> Ints:
    """Where something new begins."""
    return np.flatnonzero(np.append(True, (ordered[1:] != ordered[:-1]).any(axis=1))[: len(ordered)])
