"""Parquet files, read row group by row group so that memory does not grow with rows."""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from reliability.blocks import BLOCK_ROWS, Kind
from reliability.errors import SubmissionError
from reliability.submission.arrays import is_text, kind_of
from reliability.submission.reading import problem_of, unreadable

# A column of text is read as codes, up to eight times faster than as text, where a dictionary holds no more values:
# every batch gets the whole of it.
_FEW_VALUES = 8_192


@dataclass(frozen=True, kw_only=True)
class ParquetFile:
    """A Parquet file whose footer could be read."""

    path: Path
    shown: str
    names: tuple[str, ...]
    types: tuple[pa.DataType, ...]
    rows: int

    def kinds(self) -> dict[str, Kind | None]:
        """Kind of every column by the file's schema; None where none fits."""
        return {name: kind_of(arrow) for name, arrow in zip(self.names, self.types, strict=True)}

    def batches(self, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Rows in file order, the chosen columns as they are stored."""
        try:
            yield from self._read(list(names))
        except (pa.ArrowException, OSError) as problem:
            raise _unreadable(self.shown, problem) from problem

    def _read(self, names: list[str]) -> Iterator[pa.RecordBatch]:
        texts = {name for name, arrow in zip(self.names, self.types, strict=True) if is_text(arrow)}
        by_code = [name for name in names if name in texts]
        group: int | None = 0
        while group is not None:
            group, many = yield from self._read_from(group, names, by_code)
            by_code = [name for name in by_code if name not in many]

    def _read_from(
        self, group: int, names: list[str], by_code: list[str]
    ) -> Generator[pa.RecordBatch, None, tuple[int | None, set[str]]]:
        """Row groups up to one where some columns have too many values to be read as codes: its number, and those."""
        threads = self.rows > BLOCK_ROWS  # to wake them takes longer than to read one block
        # Without pre_buffer: it would hold whole row groups of every column at once.
        with _opened(self.path, pre_buffer=False, buffer_size=1 << 20, read_dictionary=by_code) as file:
            for place in range(group, file.metadata.num_row_groups):
                batches = file.iter_batches(
                    batch_size=BLOCK_ROWS, row_groups=[place], columns=names, use_threads=threads
                )
                for turn, batch in enumerate(batches):
                    _refuse_broken(batch)
                    # What a row group has of a dictionary comes with its first batch.
                    if turn == 0 and (many := _with_many_values(batch, by_code)):
                        return place, many
                    yield batch
        return None, set()


def open_parquet(path: Path, shown: str) -> ParquetFile:
    """Read the footer of a Parquet file."""
    if path.stat().st_size == 0:
        raise unreadable("data_empty", where=shown)
    try:
        with _opened(path) as file:
            schema, rows = file.schema_arrow, file.metadata.num_rows
            names = tuple(schema.names)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as problem:
        raise _unreadable(shown, problem) from problem
    return ParquetFile(path=path, shown=shown, names=names, types=tuple(schema.types), rows=rows)


def _refuse_broken(batch: pa.RecordBatch) -> None:
    """Refuse codes and texts that cannot be; Arrow itself believes a file."""
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        try:
            column.validate(full=True)
        except pa.ArrowException as problem:
            raise pa.ArrowInvalid(f"column {name!r}: {problem_of(problem)}") from problem


def _with_many_values(batch: pa.RecordBatch, by_code: Sequence[str]) -> set[str]:
    # Where a nested column's path spells the same name, Arrow reads the column as text after all.
    coded = [name for name in by_code if pa.types.is_dictionary(batch.schema.field(name).type)]
    return {name for name in coded if len(batch.column(name).dictionary) > _FEW_VALUES}


def _opened(path: Path, **options: Any) -> pq.ParquetFile:
    # Arrow opens a place of the file system itself, and reads through anything else that can be opened.
    return pq.ParquetFile(path if isinstance(path, Path) else path.open("rb"), **options)


def _unreadable(shown: str, problem: Exception) -> SubmissionError:
    return unreadable("data_not_parquet", where=shown, problem=problem_of(problem))
