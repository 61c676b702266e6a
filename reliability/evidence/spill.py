"""Rows of 64-bit words in an unlinked temporary file, sorted into 256 buckets by the first word."""

import os
import tempfile
import threading
import weakref
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from reliability.blocks import Ints
from reliability.errors import EnvironmentLacksError
from reliability.evidence.hashing import Digests

BUCKETS = 256
_TOP_BITS = np.uint64(56)


class TemporaryWords:
    """A temporary file without a name, which only grows and is gone with the last reference to it."""

    def __init__(self) -> None:
        self._file, path = tempfile.mkstemp(prefix="reliability-")
        os.unlink(path)  # noqa: PTH108  (no name is left for anybody to open)
        weakref.finalize(self, os.close, self._file)
        self._end = 0
        self._lock = threading.Lock()

    def append(self, words: Digests) -> int:
        """Write the words behind all others; where they begin, in bytes."""
        data = _octets(np.ascontiguousarray(words))
        with self._lock:
            start, self._end = self._end, self._end + len(data)
        written = 0
        try:
            while written < len(data):
                written += os.pwrite(self._file, data[written:], start + written)
        except OSError as error:
            raise EnvironmentLacksError(
                "temporary_space",
                "{folder}: cannot write temporary rows: {why}; free some space or set TMPDIR",
                folder=tempfile.gettempdir(),
                why=error.strerror,
            ) from error
        return start

    def read(self, start: int, shape: tuple[int, int]) -> Digests:
        """The rows of words that begin at a byte."""
        rows = np.empty(shape, np.uint64)
        view, read = _octets(rows), 0
        while read < len(view):
            read += os.preadv(self._file, [view[read:]], start + read)
        return rows


def _octets(words: Digests) -> memoryview:
    # A view of no rows cannot be cast.
    return words.data.cast("B") if words.size else memoryview(b"")


@dataclass(frozen=True, kw_only=True, eq=False)
class Run:
    """Rows in a temporary file, ordered by the leading byte of their first word.

    Attributes
    ----------
    file : TemporaryWords
        Where they lie.
    start, width : int
        First byte, and words per row.
    bounds : ndarray of int64, shape (257,)
        First row of every bucket, and the number of rows.
    """

    file: TemporaryWords
    start: int
    width: int
    bounds: Ints

    def __len__(self) -> int:
        return int(self.bounds[-1])

    def rows(self, first: int, last: int) -> Digests:
        """The rows of buckets first to last - 1."""
        low, high = int(self.bounds[first]), int(self.bounds[last])
        return self.file.read(self.start + low * self.width * 8, (high - low, self.width))


def written(rows: Digests, file: TemporaryWords) -> Run:
    """The rows, sorted into buckets and written to the file.

    Parameters
    ----------
    rows : ndarray of uint64, shape (n, width)
        Rows of words.
    file : TemporaryWords
        Where to write them.

    Returns
    -------
    Run
        How to read them back.
    """
    buckets = leading_bytes(rows)
    order = np.argsort(buckets, kind="stable")
    bounds = np.concatenate(([0], np.cumsum(np.bincount(buckets, minlength=BUCKETS))))
    return Run(file=file, start=file.append(rows[order]), width=rows.shape[1], bounds=bounds)


def leading_bytes(rows: Digests) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    """Bucket of every row: the leading byte of its first word.

    Parameters
    ----------
    rows : ndarray of uint64, shape (n, width)
        Rows of words.

    Returns
    -------
    ndarray of uint8, shape (n,)
        Buckets, from 0 to 255.
    """
    return (rows[:, 0] >> _TOP_BITS).astype(np.uint8)


def bucket_spans(sizes: Ints, most: int) -> Iterator[tuple[int, int]]:
    """Neighbouring buckets in spans of at most so many rows, or of one bucket that has more.

    Parameters
    ----------
    sizes : ndarray of int64, shape (256,)
        Rows of every bucket.
    most : int
        Rows that a span should not exceed.

    Yields
    ------
    tuple of int
        First bucket, and one past the last.
    """
    first, held = 0, 0
    for bucket, size in enumerate(sizes.tolist()):
        if held and held + size > most:
            yield first, bucket
            first, held = bucket, 0
        held += size
    yield first, len(sizes)
