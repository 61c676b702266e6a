"""The rows of two cases, answered twice: read only where both assessed the same data."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from reliability.blocks import Floats, Ints
from reliability.case import digest
from reliability.changes import NotPaired, RowsCompared
from reliability.compare.cases import Case
from reliability.errors import RecordError

_Array: TypeAlias = npt.NDArray[Any]


@dataclass(frozen=True, kw_only=True, eq=False)
class Answered:
    """What was answered to the rows once.

    Attributes
    ----------
    predicted : ndarray
        Class indices, or values for regression.
    score : ndarray of float64 or None
        P(positive), shape (n,), or a column a class.
    """

    predicted: _Array
    score: Floats | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class PairedRows:
    """The same rows, answered before and after.

    Attributes
    ----------
    classes : tuple of str
        Names of the classes; empty for regression.
    y_true : ndarray
        Class indices, or values for regression.
    before, after : Answered
        The answers.
    """

    classes: tuple[str, ...]
    y_true: _Array
    before: Answered
    after: Answered

    @property
    def n(self) -> int:
        """Rows."""
        return len(self.y_true)

    @property
    def opposed(self) -> bool:
        """Whether the two err on different rows more than chance would have it."""
        before, after = (self._wrong(one.predicted) for one in (self.before, self.after))
        return float(((before - before.mean()) * (after - after.mean())).sum()) < 0

    def _wrong(self, predicted: _Array) -> Floats:
        wrong: Floats = np.abs(predicted - self.y_true) if not self.classes else (predicted != self.y_true) * 1.0
        return wrong


def paired_rows(before: Case, after: Case) -> tuple[RowsCompared, PairedRows | None]:
    """The rows of both where they can be compared one by one, and what the comparison says of that.

    Raises
    ------
    RecordError
        If a file of rows is not the one that its record names.
    """
    why = _why_not(before, after)
    tables = None if why else [_read(case) for case in (before, after)]
    if tables is not None:
        why = _differing(*tables)
    if why or tables is None:
        return RowsCompared(paired=False, reason=why), None
    rows = _together(*tables)
    return RowsCompared(paired=True, n=rows.n), rows


def _why_not(before: Case, after: Case) -> NotPaired | None:
    """Why the records alone forbid it, if they do."""
    one, other = before.assessment, after.assessment
    if one.data.evaluation.sha256 != other.data.evaluation.sha256:
        return "other_rows"
    if before.rows is None or after.rows is None or not (one.rows.get("n") and other.rows.get("n")):
        return "no_rows"
    if before.clustered or after.clustered:
        return "clustered_rows"
    if any(each.rows["n"] != each.data.evaluation.rows for each in (one, other)):
        return "rows_cut"
    return None


def _read(case: Case) -> pa.Table:
    path, record = Path(str(case.rows)), case.assessment.rows
    if digest(path) != record.get("sha256"):
        raise _not_genuine(path)
    try:
        return pq.read_table(path)
    except (pa.ArrowInvalid, OSError) as unreadable:
        raise _not_genuine(path) from unreadable


def _not_genuine(path: Path) -> RecordError:
    return RecordError(
        "rows_changed",
        "{path}: not the rows of this case (its record names another sha256); ask for the original case, "
        "or move the file away to compare the records alone",
        path=str(path),
    )


def _differing(before: pa.Table, after: pa.Table) -> NotPaired | None:
    """Why rows of data with one digest do not pair: another target, or no answers."""
    if not all("predicted" in table.column_names for table in (before, after)):
        return "no_predictions"
    same = before["position"].equals(after["position"]) and _plain(before["true"]).equals(_plain(after["true"]))
    return None if same else "rows_differ"


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Names where there are classes: their order may differ."""
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def _together(before: pa.Table, after: pa.Table) -> PairedRows:
    columns = [_plain(table[name]) for table in (before, after) for name in ("true", "predicted")]
    classes: tuple[str, ...] = ()
    if pa.types.is_string(columns[0].type):
        classes = tuple(sorted({name for table in (before, after) for name in _classes(table["true"])}))
        values = [_codes(column, classes) for column in columns]
    else:
        values = [column.to_numpy() for column in columns]
    return PairedRows(
        classes=classes,
        y_true=values[0],
        before=Answered(predicted=values[1], score=_scores(before, classes)),
        after=Answered(predicted=values[3], score=_scores(after, classes)),
    )


def _classes(column: pa.ChunkedArray) -> list[str]:
    """Every class of the dictionary in its order, met or not."""
    chunks: list[str] = column.chunk(0).dictionary.to_pylist()
    return chunks


def _codes(column: pa.ChunkedArray, classes: tuple[str, ...]) -> Ints:
    place = {name: code for code, name in enumerate(classes)}
    encoded = column.combine_chunks().dictionary_encode()
    codes = np.array([place[name] for name in encoded.dictionary.to_pylist()], np.int64)
    found: Ints = codes[encoded.indices.to_numpy()]
    return found


def _scores(table: pa.Table, classes: tuple[str, ...]) -> Floats | None:
    """Scores as they were kept; a column a class, in the order of `classes`."""
    if "score" not in table.column_names:
        return None
    column = table["score"].combine_chunks()
    if not pa.types.is_list(column.type):
        single: Floats = column.to_numpy(zero_copy_only=False)
        return single
    own = _classes(table["true"])
    wide = column.flatten().to_numpy().reshape(len(column), len(own))
    scores: Floats = wide[:, [own.index(name) for name in classes]] if set(own) == set(classes) else wide
    return scores
