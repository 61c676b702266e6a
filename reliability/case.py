"""A case: the folder that an assessment leaves, complete or absent."""

import hashlib
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import ValidationError

from reliability.blocks import Block, Roles
from reliability.errors import RecordError, UsageError
from reliability.records import Assessment, canonical_json

ROWS_KEPT = 1_000_000
RECORD = "assessment.json"
ROWS = "rows.parquet"


@contextmanager
def new_case(out: Path) -> Iterator[Path]:
    """A folder to write into; it becomes `out` when all went well, and vanishes otherwise.

    Raises
    ------
    UsageError
        If `out` exists already.
    RecordError
        If the disk refuses.
    """
    if out.exists() or out.is_symlink():
        raise UsageError("out_exists", "{out}: exists already; name a new folder with --out", out=str(out))
    parents = [parent for parent in out.absolute().parents if not parent.exists()]
    beside = out.absolute().with_name(f".{out.name}.{secrets.token_hex(4)}")
    try:
        try:
            beside.mkdir(parents=True)
            yield beside
            beside.rename(out)
        except BaseException:  # an interruption too: cleared, then passed on
            _remove(beside, parents)
            raise
    except OSError as refused:
        raise RecordError(
            "case_not_written",
            "{out}: could not be written ({why}); nothing was left behind; make room or name another folder",
            out=str(out),
            why=_why(refused),
        ) from refused


def _remove(folder: Path, parents: list[Path]) -> None:
    """Remove the folder, and those of its parents that were made for it and hold nothing else."""
    shutil.rmtree(folder, ignore_errors=True)
    with suppress(OSError):
        for parent in parents:
            parent.rmdir()


def _why(refused: OSError) -> str:
    why = refused.strerror or str(refused)
    return why if refused.filename is None else f"{why}: {refused.filename}"


def write_record(folder: Path, assessment: Assessment) -> None:
    """Write the record as canonical JSON."""
    (folder / RECORD).write_bytes(canonical_json(assessment))


def read_case(path: Path) -> Assessment:
    """The assessment of a case: its folder, or the record itself.

    Raises
    ------
    RecordError
        If there is no record, or it is not one that this version reads.
    """
    record = path / RECORD if path.is_dir() else path
    if not record.is_file():
        raise RecordError(
            "no_record",
            "{path}: no assessment.json here; give a folder left by 'assess', or --kind screening for a submission",
            path=str(path),
        )
    try:
        return Assessment.model_validate_json(record.read_bytes())
    except OSError as refused:
        raise RecordError("record_unreadable", "{path}: {why}", path=str(record), why=_why(refused)) from refused
    except ValidationError as bad:
        first = bad.errors()[0]
        raise RecordError(
            "bad_record",
            "{path}: not an assessment of format 1: {where}: {why}",
            path=str(record),
            where=".".join(str(part) for part in first["loc"]) or "/",
            why=first["msg"],
        ) from bad


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class RowsWriter:
    """Writes position, true, predicted and score of up to ROWS_KEPT rows; no features, no ids."""

    def __init__(self, folder: Path, roles: Roles) -> None:
        self._path = folder / ROWS
        self._roles = roles
        self._seen = self._kept = 0
        self._writer: pq.ParquetWriter | None = None

    def write(self, block: Block) -> None:
        """Add the rows of a block, as far as there is room."""
        self._seen += block.n
        room = min(block.n, ROWS_KEPT - self._kept)
        if room <= 0:
            return
        table = self._table(block.where(np.arange(room)))
        if self._writer is None:
            self._path.touch(mode=0o600)
            self._writer = pq.ParquetWriter(self._path, table.schema, compression="zstd")
        self._writer.write_table(table)
        self._kept += room

    def close(self) -> dict[str, Any]:
        """What the record says of the file."""
        if self._writer is None:
            return {"path": ROWS, "sha256": None, "n": 0, "of": self._seen}
        self._writer.close()
        return {"path": ROWS, "sha256": digest(self._path), "n": self._kept, "of": self._seen}

    def _table(self, block: Block) -> pa.Table:
        columns = {"position": pa.array(block.row_positions()), "true": self._labels(block.y_true)}
        if block.y_pred is not None:
            columns["predicted"] = self._labels(block.y_pred)
        if block.y_score is not None:
            columns["score"] = pa.array(list(block.y_score) if block.y_score.ndim > 1 else block.y_score)
        return pa.table(columns)

    def _labels(self, values: Any) -> pa.Array:
        if self._roles.task == "regression":
            return pa.array(values, pa.float64())
        names = pa.array([str(label) for label in self._roles.classes])
        return pa.DictionaryArray.from_arrays(pa.array(values, pa.int32()), names)
