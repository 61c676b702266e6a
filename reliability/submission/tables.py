"""A data file with the kind of every column settled, read in blocks of a fixed number of rows."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa

from reliability.blocks import BLOCK_ROWS, Column, Kind
from reliability.errors import SubmissionError
from reliability.submission.arrays import Misfit, to_column
from reliability.submission.csv_file import CsvFile, Tally, open_csv, settle_kinds
from reliability.submission.manifest import ColumnEntry
from reliability.submission.parquet_file import ParquetFile, open_parquet
from reliability.submission.refusals import printable
from reliability.yaml_lines import shown as quoted

SUFFIXES = (".csv", ".csv.gz", ".parquet")
Dictionary: TypeAlias = Mapping[str, ColumnEntry]
Rows: TypeAlias = tuple[int, dict[str, Column]]

# Columns of so many bytes are held for their next reading: a label, a score and three groups of 1,500,000 rows.
HELD_BYTES = 1 << 26

_DECLARED: Mapping[str, Kind] = {"number": "f8", "integer": "i8", "text": "utf8", "boolean": "bool"}
KIND_WORDS: Mapping[Kind, str] = {"f8": "number", "i8": "integer", "utf8": "text", "bool": "boolean"}


@dataclass(frozen=True, kw_only=True)
class Table:
    """A data file whose columns have their kinds.

    `unusable` holds, for a column that nothing may be read from, the error to raise if it plays a part.
    """

    file: CsvFile | ParquetFile
    kinds: Mapping[str, Kind]
    unusable: Mapping[str, SubmissionError]
    dictionary: Dictionary
    rows: int
    sha256: str
    all_missing: frozenset[str] = frozenset()  # columns whose kind says nothing; known of CSV and null columns
    held: list[Rows] = field(default_factory=list, repr=False, compare=False)

    @property
    def shown(self) -> str:
        """The file as a message names it."""
        return self.file.shown

    @property
    def names(self) -> tuple[str, ...]:
        """Columns in file order."""
        return self.file.names

    @property
    def nested(self) -> frozenset[str]:
        """Columns that not even text can be read from."""
        return frozenset(self.unusable) if isinstance(self.file, ParquetFile) else frozenset()

    def blocks(self, names: Sequence[str], *, loosely: Collection[str] = ()) -> Iterator[Rows]:
        """Position of the first row, and the chosen columns, for every BLOCK_ROWS rows in file order.

        What is read `loosely`, some of those columns, is text in a block where its values do not fit its kind.
        """
        if self.held and self.held[0][1].keys() >= set(names):
            yield from ((start, {name: columns[name] for name in names}) for start, columns in self.held)
            return
        self.held.clear()
        yield from self._read(names, loosely)

    def held_blocks(self, names: Sequence[str]) -> Iterator[Rows]:
        """The same, held in memory for the next reading of no more than these columns, where they are small enough."""
        read: list[Rows] = []
        size = 0
        for start, columns in self._read(names):
            size += sum(column.values.nbytes + column.missing.nbytes for column in columns.values())
            read = [*read, (start, columns)] if size <= HELD_BYTES else []
            yield start, columns
        self.held[:] = read

    def _read(self, names: Sequence[str], loosely: Collection[str] = ()) -> Iterator[Rows]:
        start = 0
        for batch in recut(self.file.batches(names), BLOCK_ROWS):
            arrays = dict(zip(batch.schema.names, batch.columns, strict=True))
            columns = {name: self._column(name, arrays[name], start) for name in names if name not in loosely}
            yield start, columns | {name: self._loose(name, arrays[name]) for name in loosely}
            start += batch.num_rows

    def with_kinds(self, kinds: Mapping[str, Kind]) -> "Table":
        """The same file with some columns read as other kinds."""
        return replace(self, kinds={**self.kinds, **kinds}, held=[])

    def _loose(self, name: str, array: pa.Array) -> Column:
        if name not in self.unusable:
            try:
                return to_column(array, self.kinds[name])
            except Misfit:
                pass
        return to_column(array, "utf8")

    def _column(self, name: str, array: pa.Array, start: int) -> Column:
        entry = self.dictionary.get(name)
        try:
            return to_column(array, self.kinds[name], also_missing=entry.missing if entry else ())
        except Misfit as misfit:
            raise SubmissionError(
                "value_unfit",
                "{where}: data row {row:,}: column {column!r} holds {value}, which is no {kind}; mend the file, "
                "or declare data.schema.{column} {{missing: [{value}]}} or {{type: text}}",
                where=self.shown,
                row=start + misfit.place + 1,
                column=printable(name),
                value=quoted(misfit.value),
                kind=KIND_WORDS[self.kinds[name]],
            ) from misfit


def open_table(path: Path, shown: str, dictionary: Dictionary) -> Table:
    """Settle the kind of every column: by Parquet's schema, the declared one, or one full scan of a CSV."""
    if not path.name.endswith(SUFFIXES):
        raise SubmissionError(
            "data_format", "{where}: not a data file; write one of {allowed}", where=shown, allowed=", ".join(SUFFIXES)
        )
    sha256 = digest_of(path)
    file = open_parquet(path, shown) if path.suffix == ".parquet" else open_csv(path, shown)
    _refuse_bad_names(file)
    if isinstance(file, ParquetFile):
        table = _opened_parquet(file, dictionary, sha256)
    else:
        table = _opened_csv(file, dictionary, sha256)
    if table.rows == 0:
        raise SubmissionError("data_no_rows", "{where}: a header without rows; hand in a file with rows", where=shown)
    return table


def digest_of(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def recut(batches: Iterator[pa.RecordBatch], rows: int) -> Iterator[pa.RecordBatch]:
    """The same rows in batches of exactly `rows`, the last one apart."""
    held: list[pa.RecordBatch] = []
    n = 0
    for batch in batches:
        while n + batch.num_rows >= rows:
            # Only what belongs together is joined, as that copies it.
            yield _joined([*held, batch.slice(0, rows - n)])
            batch, held, n = batch.slice(rows - n), [], 0
        if batch.num_rows:
            held.append(batch)
            n += batch.num_rows
    if n:
        yield _joined(held)


def _joined(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    return batches[0] if len(batches) == 1 else pa.concat_batches(batches)


def _opened_parquet(file: ParquetFile, dictionary: Dictionary, sha256: str) -> Table:
    found = file.kinds()
    unusable = {
        name: SubmissionError(
            "column_nested",
            "{where}: column {column!r} has type {type}; write it as numbers, text, booleans or dates",
            where=file.shown,
            column=name,
            type=str(arrow),
        )
        for name, arrow in zip(file.names, file.types, strict=True)
        if found[name] is None
    }
    kinds: dict[str, Kind] = {name: kind or "utf8" for name, kind in found.items()}
    kinds.update(_declared(dictionary, file.names))
    empty = frozenset(name for name, arrow in zip(file.names, file.types, strict=True) if pa.types.is_null(arrow))
    return Table(
        file=file,
        kinds=kinds,
        unusable=unusable,
        dictionary=dictionary,
        rows=file.rows,
        sha256=sha256,
        all_missing=empty - set(_declared(dictionary, file.names)),
    )


def _opened_csv(file: CsvFile, dictionary: Dictionary, sha256: str) -> Table:
    spellings = {name: tuple(map(str, entry.missing)) for name, entry in dictionary.items() if entry.missing}
    tallies, rows = settle_kinds(file, spellings)
    declared = _declared(dictionary, file.names)
    kinds = {name: tally.kind() for name, tally in tallies.items()} | declared
    unusable = {
        name: _mixed(file.shown, name, tally)
        for name, tally in tallies.items()
        if name not in declared and tally.is_mixed()
    }
    empty = frozenset(name for name, tally in tallies.items() if tally.n == 0 and name not in declared)
    return Table(
        file=file,
        kinds=kinds,
        unusable=unusable,
        dictionary=dictionary,
        rows=rows,
        sha256=sha256,
        all_missing=empty,
    )


def _declared(dictionary: Dictionary, names: Sequence[str]) -> dict[str, Kind]:
    return {name: _DECLARED[entry.type] for name, entry in dictionary.items() if entry.type and name in names}


def _mixed(shown: str, name: str, tally: Tally) -> SubmissionError:
    text, row = tally.first_text or ("", 0)
    return SubmissionError(
        "column_mixed",
        "{where}: data row {row:,}: column {column!r} holds {value} where {numbers:,} of {n:,} values are numbers; "
        "mend the file, or declare data.schema.{column} {{missing: [{value}]}} or {{type: text}}",
        where=shown,
        row=row + 1,
        column=printable(name),
        value=quoted(text),
        numbers=tally.numbers,
        n=tally.n,
    )


def _refuse_bad_names(file: CsvFile | ParquetFile) -> None:
    for place, name in enumerate(file.names):
        if not name.strip():
            raise SubmissionError(
                "column_unnamed",
                "{where}:1: column {place} has no name; name it, or write the file without its row index",
                where=file.shown,
                place=place + 1,
            )
        if name in file.names[:place]:
            raise SubmissionError(
                "column_duplicate",
                "{where}:1: column {column!r} stands twice in the header; rename one",
                where=file.shown,
                column=name,
            )
