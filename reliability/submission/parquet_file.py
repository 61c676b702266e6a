"""Parquet files, read row group by row group so that memory does not grow with rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from reliability.blocks import BLOCK_ROWS, Kind
from reliability.errors import SubmissionError
from reliability.submission.arrays import kind_of
from reliability.submission.reading import problem_of, unreadable


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
            # Without pre_buffer: it would hold whole row groups of every column at once.
            with _opened(self.path, pre_buffer=False, buffer_size=1 << 20) as file:
                for group in range(file.metadata.num_row_groups):
                    yield from file.iter_batches(batch_size=BLOCK_ROWS, row_groups=[group], columns=list(names))
        except (pa.ArrowException, OSError) as problem:
            raise _unreadable(self.shown, problem) from problem


def open_parquet(path: Path, shown: str) -> ParquetFile:
    """Read the footer of a Parquet file."""
    if path.stat().st_size == 0:
        raise unreadable("data_empty", where=shown)
    try:
        with _opened(path) as file:
            schema, rows = file.schema_arrow, file.metadata.num_rows
    except (pa.ArrowException, OSError) as problem:
        raise _unreadable(shown, problem) from problem
    return ParquetFile(path=path, shown=shown, names=tuple(schema.names), types=tuple(schema.types), rows=rows)


def _opened(path: Path, **options: Any) -> pq.ParquetFile:
    # Arrow opens a place of the file system itself, and reads through anything else that can be opened.
    return pq.ParquetFile(path if isinstance(path, Path) else path.open("rb"), **options)


def _unreadable(shown: str, problem: Exception) -> SubmissionError:
    return unreadable("data_not_parquet", where=shown, problem=problem_of(problem))
