"""A data file as a source of columns: described once, then read in blocks, in this process or in one of its own."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

import pyarrow as pa

from reliability.blocks import BLOCK_ROWS, Column, Kind, Label
from reliability.submission.arrays import Misfit, recut, to_column
from reliability.submission.csv_file import CsvFile, Tally, open_csv, settle_kinds
from reliability.submission.parquet_file import ParquetFile, open_parquet
from reliability.submission.reading import UnfitError

Rows: TypeAlias = tuple[int, dict[str, Column]]
Spellings: TypeAlias = Mapping[str, Sequence[Label]]


@dataclass(frozen=True, kw_only=True)
class Described:
    """What a file says of its columns before they are read.

    Attributes
    ----------
    rows : int
        How many there are.
    stored : mapping of str to str
        Type of every column as Parquet names it; empty for CSV.
    kinds : mapping of str to Kind or None
        By that type; None where nothing fits. Empty for CSV.
    empty : frozenset of str
        Columns of Parquet that hold nothing but nulls by their type.
    tallies : mapping of str to Tally
        What the values of a CSV look like; empty for Parquet.
    """

    rows: int
    stored: Mapping[str, str]
    kinds: Mapping[str, Kind | None]
    empty: frozenset[str]
    tallies: Mapping[str, Tally]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which columns to read, as which kinds; `missing` spells more values that mean nothing.

    What is wanted `loosely` is text in a block where its values do not fit, and text in all where `as_text` says so.
    """

    kinds: Mapping[str, Kind]
    missing: Spellings
    loosely: Collection[str] = ()
    as_text: Collection[str] = ()


class Source(Protocol):
    """A data file that can be read."""

    @property
    def path(self) -> Path:
        """Where it lies."""

    @property
    def shown(self) -> str:
        """The file as a message names it."""

    @property
    def names(self) -> tuple[str, ...]:
        """Columns in file order."""

    @property
    def is_parquet(self) -> bool:
        """Whether the file says the types of its columns."""

    def describe(self, spellings: Spellings) -> Described:
        """What is known of the columns; a CSV is read through for it."""

    def blocks(self, wanted: Wanted) -> Iterator[Rows]:
        """Position of the first row, and the columns wanted, for every BLOCK_ROWS rows in file order."""


@dataclass(frozen=True, kw_only=True)
class LocalSource:
    """A data file that this process parses."""

    file: CsvFile | ParquetFile

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self.file.path

    @property
    def shown(self) -> str:
        """The file as a message names it."""
        return self.file.shown

    @property
    def names(self) -> tuple[str, ...]:
        """Columns in file order."""
        return self.file.names

    @property
    def is_parquet(self) -> bool:
        """Whether the file says the types of its columns."""
        return isinstance(self.file, ParquetFile)

    def describe(self, spellings: Spellings) -> Described:
        """What is known of the columns; a CSV is read through for it."""
        if isinstance(self.file, ParquetFile):
            typed = dict(zip(self.file.names, self.file.types, strict=True))
            empty = frozenset(name for name, arrow in typed.items() if pa.types.is_null(arrow))
            stored = {name: str(arrow) for name, arrow in typed.items()}
            return Described(rows=self.file.rows, stored=stored, kinds=self.file.kinds(), empty=empty, tallies={})
        spelt = {name: tuple(map(str, missing)) for name, missing in spellings.items()}
        tallies, rows = settle_kinds(self.file, spelt)
        return Described(rows=rows, stored={}, kinds={}, empty=frozenset(), tallies=tallies)

    def blocks(self, wanted: Wanted) -> Iterator[Rows]:
        """Position of the first row, and the columns wanted, for every BLOCK_ROWS rows in file order."""
        start = 0
        for batch in recut(self.file.batches(tuple(wanted.kinds)), BLOCK_ROWS):
            arrays = dict(zip(batch.schema.names, batch.columns, strict=True))
            yield start, {name: _column(name, arrays[name], start, wanted) for name in wanted.kinds}
            start += batch.num_rows


def _column(name: str, array: pa.Array, start: int, wanted: Wanted) -> Column:
    loosely = name in wanted.loosely
    if name in wanted.as_text:
        return to_column(array, "utf8")
    try:
        return to_column(array, wanted.kinds[name], also_missing=() if loosely else wanted.missing.get(name, ()))
    except Misfit as misfit:
        if loosely:
            return to_column(array, "utf8")
        raise UnfitError(name, start + misfit.place, misfit.value) from misfit


def open_source(path: Path, shown: str) -> LocalSource:
    """The header of a CSV file, or the footer of a Parquet file."""
    return LocalSource(file=open_parquet(path, shown) if path.suffix == ".parquet" else open_csv(path, shown))
