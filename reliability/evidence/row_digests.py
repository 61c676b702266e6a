"""A digest of every row: its features, and its features with the target."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from reliability.blocks import Block, Bools, Column, Ints, Roles
from reliability.evidence.hashing import Digests, mixed, text_digest, text_digests
from reliability.evidence.spill import (
    BUCKETS,
    Run,
    TemporaryWords,
    bucket_spans,
    leading_bytes,
    written,
)

ROWS_IN_MEMORY = 1_000_000
LISTED_POSITIONS = 20
# One partition is sorted at a time; this bounds what that takes.
_PARTITION_ROWS = 1 << 18

_MISSING = np.uint64(text_digest("missing"))
_WIDE_INTEGER = np.uint64(text_digest("integer beyond float64"))
_TARGET = np.uint64(text_digest("target"))
_STEP = np.uint64(0x9E3779B97F4A7C15)

# Columns of a partition's rows.
_FEATURES, _ROW, _POSITION = 0, 1, 2


@dataclass(frozen=True, kw_only=True)
class Repeats:
    """Rows of one kind: how many, and where the first of them are.

    Attributes
    ----------
    n : int
        Rows.
    positions : tuple of int
        Positions of the first 20, ascending.
    """

    n: int = 0
    positions: tuple[int, ...] = ()

    def __add__(self, other: "Repeats") -> "Repeats":
        """Both together."""
        return Repeats(
            n=self.n + other.n,
            positions=tuple(sorted(self.positions + other.positions)[:LISTED_POSITIONS]),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class RowDigests:
    """Two 64-bit digests of every row, in memory up to a million rows and then in a temporary file.

    Attributes
    ----------
    roles : Roles
        Features and target.
    n : int
        Rows.
    held : tuple of (ndarray of uint64, ndarray of int64 or int)
        Rows in memory: digests, shape (m, 2), with positions, or the first where they follow each other.
    runs : tuple of Run
        Rows in the temporary file, with positions.

    Notes
    -----
    16 bytes a row in memory. A cell's digest is that of its value, so codes of text, the order of blocks and the
    difference between int 1 and float 1.0 do not show. At 64 bits, n rows collide by chance with probability
    n^2 / 2^65: 4e-7 at four million. A partition holds the rows whose features' digest begins alike, so
    equal rows always meet in one.
    """

    needs_predictions: ClassVar[bool] = False
    roles: Roles
    n: int
    held: tuple[tuple[Digests, Ints | int], ...] = ()
    runs: tuple[Run, ...] = ()

    @classmethod
    def of(cls, block: Block) -> Self:
        """Digest one block."""
        digests = np.empty((block.n, 2), np.uint64)
        digests[:, _FEATURES] = feature_digests(block)
        digests[:, _ROW] = mixed((digests[:, _FEATURES] * _STEP) ^ (_number_digests(block.y_true) + _TARGET))
        positions = block.start if block.positions is None else block.positions
        return cls(roles=block.roles, n=block.n, held=((digests, positions),))

    def __add__(self, other: Self) -> Self:
        """The rows of both; beyond a million in memory they move to a temporary file."""
        held, runs = self.held + other.held, self.runs + other.runs
        if sum(len(digests) for digests, _ in held) > ROWS_IN_MEMORY:
            file = runs[0].file if runs else TemporaryWords()
            rows = np.concatenate([_positioned(part) for part in held])
            held, runs = (), (*runs, written(rows, file))
        return type(self)(roles=self.roles, n=self.n + other.n, held=held, runs=runs)

    def duplicates(self) -> Repeats:
        """Rows that repeat an earlier row, features and target alike."""
        return sum((_later_twins(rows) for rows, _ in self._partitions()), Repeats())

    def contradictions(self) -> Repeats:
        """Rows whose features equal another row's while the target differs."""
        return sum((_contradictory(rows) for rows, _ in self._partitions()), Repeats())

    def with_twin(self) -> int:
        """Rows that have a twin among these rows, the first of them included."""
        return sum(_with_twin(rows[:, _ROW]) for rows, _ in self._partitions())

    def found_in(self, other: Self) -> Repeats:
        """Rows that occur in another file too, features and target alike."""
        return sum(
            (_members(rows, others) for rows, others in self._partitions(other)),
            Repeats(),
        )

    def _partitions(self, other: "RowDigests | None" = None) -> Iterator[tuple[Digests, Digests]]:
        files = (self,) if other is None else (self, other)
        sources = [_Source(file) for file in files]
        sizes = np.sum([source.sizes for source in sources], axis=0)
        for first, last in bucket_spans(sizes, _PARTITION_ROWS):
            rows = [source.rows(first, last) for source in sources]
            yield rows[0], rows[-1]


class _Source:
    """Rows of one file by bucket, in memory or not."""

    def __init__(self, file: RowDigests) -> None:
        self._runs = file.runs
        self._rows = np.concatenate([np.empty((0, 3), np.uint64), *map(_positioned, file.held)])
        buckets = leading_bytes(self._rows)
        self._rows = self._rows[np.argsort(buckets, kind="stable")]
        held = np.bincount(buckets, minlength=BUCKETS)
        self._bounds = np.concatenate(([0], np.cumsum(held)))
        self.sizes: Ints = held + sum((np.diff(run.bounds) for run in self._runs), np.zeros(BUCKETS, np.int64))

    def rows(self, first: int, last: int) -> Digests:
        """Rows (features, row, position) of buckets first to last - 1."""
        return np.concatenate(
            [
                self._rows[self._bounds[first] : self._bounds[last]],
                *(run.rows(first, last) for run in self._runs),
            ]
        )


def feature_digests(block: Block) -> Digests:
    """64-bit digest of every row's features.

    Parameters
    ----------
    block : Block
        Rows.

    Returns
    -------
    ndarray of uint64, shape (n,)
        Equal for equal values in the features' order, whatever the kinds or the codes.
    """
    digests = np.zeros(block.n, np.uint64)
    for name in block.roles.features:
        digests = mixed(digests * _STEP + cell_digests(block.columns[name]))
    return digests


def cell_digests(column: Column) -> Digests:
    """64-bit digest of every cell's value; one digest for what is missing.

    Parameters
    ----------
    column : Column
        Cells of any kind.

    Returns
    -------
    ndarray of uint64, shape (n,)
        Equal for equal numbers of any kind; text never equals a number but by chance.
    """
    if column.kind == "utf8":
        levels = text_digests(column.levels) if column.levels else np.zeros(1, np.uint64)
        digests = levels[column.values]
    else:
        digests = _number_digests(column.values)
    return np.where(column.missing, _MISSING, digests)


def _number_digests(values: "np.ndarray[tuple[int], np.dtype[np.generic]]") -> Digests:
    # Adding 0.0 turns -0.0 into 0.0.
    floats = values.astype(np.float64) + 0.0
    digests = mixed(floats.view(np.uint64) + _STEP)
    if values.dtype == np.int64:
        # Beyond 2^53 a float no longer tells neighbouring integers apart. 2^63 itself has no int64.
        safe = np.where(floats < 2.0**63, floats, 0.0).astype(np.int64)
        wide = safe != values
        digests = np.where(wide, mixed(values.view(np.uint64) ^ _WIDE_INTEGER), digests)
    return digests


def _positioned(part: tuple[Digests, Ints | int]) -> Digests:
    digests, positions = part
    where = np.arange(positions, positions + len(digests)) if isinstance(positions, int) else positions
    return np.column_stack((digests, where.astype(np.uint64)))


def _repeats(positions: Digests) -> Repeats:
    first = positions
    if len(positions) > LISTED_POSITIONS:
        first = np.partition(positions, LISTED_POSITIONS)[:LISTED_POSITIONS]
    return Repeats(n=len(positions), positions=tuple(np.sort(first).tolist()))


def _later_twins(rows: Digests) -> Repeats:
    order = np.lexsort((rows[:, _POSITION], rows[:, _ROW]))
    ordered = rows[order, _ROW]
    later = order[1:][ordered[1:] == ordered[:-1]]
    return _repeats(rows[later, _POSITION])


def _contradictory(rows: Digests) -> Repeats:
    order = np.lexsort((rows[:, _ROW], rows[:, _FEATURES]))
    features, row = rows[order, _FEATURES], rows[order, _ROW]
    starts = _starts(features)
    # Sorted within the features, targets differ exactly where the first row is not the last.
    ends = np.append(starts[1:], len(features))
    differs = row[starts] != row[ends - 1] if len(features) else np.zeros(0, np.bool_)
    return _repeats(rows[order[np.repeat(differs, ends - starts)], _POSITION])


def _starts(ordered: Digests) -> Ints:
    new: Bools = np.ones(len(ordered), np.bool_)
    new[1:] = ordered[1:] != ordered[:-1]
    return np.flatnonzero(new)


def _with_twin(digests: Digests) -> int:
    counts = np.unique(digests, return_counts=True)[1]
    return int(counts[counts > 1].sum())


def _members(rows: Digests, others: Digests) -> Repeats:
    return _repeats(rows[np.isin(rows[:, _ROW], others[:, _ROW]), _POSITION])
