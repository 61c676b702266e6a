"""Arrow arrays turned into columns of the four kinds."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from reliability.blocks import Bools, Column, Kind, Label
from reliability.submission.meaning import NUMBER, meaning

# Spellings of a missing value in text, in CSV and Parquet alike so that both give the same rows.
MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "NULL")

_TRUE, _FALSE = pa.scalar(value=True), pa.scalar(value=False)


class Misfit(ValueError):  # noqa: N818  (not yet an error: who knows file and row words it)
    """A value that does not fit the kind of its column, with its place in the array."""

    def __init__(self, place: int, value: object) -> None:
        super().__init__(f"{value!r} at {place}")
        self.place = place
        self.value = value


def kind_of(arrow: pa.DataType) -> Kind | None:
    """Kind of column that an Arrow type makes; None for nested and binary types."""
    types = pa.types
    if types.is_dictionary(arrow):
        return kind_of(arrow.value_type)
    if types.is_boolean(arrow):
        return "bool"
    if types.is_integer(arrow):
        return "i8"
    if types.is_floating(arrow) or types.is_decimal(arrow) or types.is_null(arrow):
        return "f8"
    if types.is_string(arrow) or types.is_large_string(arrow) or types.is_string_view(arrow):
        return "utf8"
    return "utf8" if types.is_date(arrow) or types.is_timestamp(arrow) or types.is_time(arrow) else None


def to_column(array: pa.Array, kind: Kind, *, also_missing: Sequence[Label] = ()) -> Column:
    """One column of the kind asked for.

    Raises
    ------
    Misfit
        If a value does not fit; the first one is named.
    """
    if kind == "utf8":
        return _texts(array, (*MISSING, *map(str, also_missing)))
    array = _flat(array)
    if is_text(array.type):
        array = blank_to_null(array, (*MISSING, *map(str, also_missing)))
    return _CONVERSIONS[kind](array, also_missing)


def is_text(arrow: pa.DataType) -> bool:
    """Whether an array holds spellings still to be read as values."""
    return bool(pa.types.is_string(arrow) or pa.types.is_large_string(arrow) or pa.types.is_string_view(arrow))


def blank_to_null(array: pa.Array, spellings: Sequence[str]) -> pa.Array:
    """The texts with null where they spell a missing value."""
    gone = pc.is_in(array, value_set=pa.array(spellings, array.type))
    return pc.if_else(gone, pa.scalar(None, array.type), array)


def _flat(array: pa.Array) -> pa.Array:
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def _texts(array: pa.Array, spellings: Sequence[str]) -> Column:
    if not pa.types.is_dictionary(array.type):
        array = pc.dictionary_encode(array if is_text(array.type) else pc.cast(array, pa.string()))
    codes, missing = _apart(array.indices, 0)
    codes, dictionary = _occurring(codes.astype(np.int32, copy=False), missing, array.dictionary)
    names = [None if name is None else str(name) for name in dictionary.to_pylist()]
    blank = np.array([name is None or name in spellings for name in names] or [True], dtype=bool)
    if blank.any():
        missing = missing | blank[codes]
        codes = np.where(missing, 0, codes).astype(np.int32)
    levels = tuple("" if name is None else name for name in names)
    return Column(kind="utf8", values=codes, missing=missing, levels=levels)


def _occurring(
    codes: npt.NDArray[np.int32], missing: Bools, dictionary: pa.Array
) -> tuple[npt.NDArray[np.int32], pa.Array]:
    """Codes and dictionary without the entries that no row has, as a file's dictionary speaks of other rows too."""
    occurs = np.bincount(codes[~missing] if missing.any() else codes, minlength=len(dictionary)) > 0
    if occurs.all():
        return codes, dictionary
    # What is missing has code 0, whatever that comes to stand for.
    place = np.maximum(np.cumsum(occurs, dtype=np.int32) - 1, 0)
    return place[codes], dictionary.take(pa.array(np.flatnonzero(occurs)))


def _floats(array: pa.Array, also_missing: Sequence[Label]) -> Column:
    values, missing = _apart(_read(array, pa.float64()), 0.0)
    missing = missing | np.isnan(values) | _named(values, also_missing)
    if missing.any():
        values = np.where(missing, 0.0, values)
    if not np.isfinite(values).all():
        place = int(np.flatnonzero(~np.isfinite(values))[0])
        raise Misfit(place, array[place].as_py())
    return Column(kind="f8", values=values, missing=missing)


def _integers(array: pa.Array, also_missing: Sequence[Label]) -> Column:
    values, missing = _apart(_read(array, pa.int64()), 0)
    missing = missing | _named(values, also_missing)
    if missing.any():
        values = np.where(missing, 0, values)
    return Column(kind="i8", values=values, missing=missing)


def _booleans(array: pa.Array, also_missing: Sequence[Label]) -> Column:
    if is_text(array.type):
        lower = pc.utf8_lower(pc.utf8_trim_whitespace(array))
        known = pc.is_in(lower, value_set=pa.array(["true", "false"], lower.type))
        _refuse(array, pc.and_(pc.is_valid(array), pc.invert(known)))
        array = pc.if_else(pc.is_valid(array), pc.equal(lower, "true"), pa.scalar(None, pa.bool_()))
    elif pa.types.is_temporal(array.type) or pa.types.is_null(array.type):
        array = _no_value(array, pa.bool_())
    elif not pa.types.is_boolean(array.type):
        named = _named(array.fill_null(0).to_numpy(zero_copy_only=False), also_missing)
        array = pc.if_else(pa.array(named), pa.scalar(None, array.type), array)
        _refuse(array, pc.and_(pc.is_valid(array), pc.invert(pc.is_in(array, value_set=pa.array([0, 1], array.type)))))
        array = pc.equal(array, 1)
    values, missing = _apart(array, _FALSE)
    return Column(kind="bool", values=values, missing=missing)


_CONVERSIONS: dict[Kind, Callable[[pa.Array, Sequence[Label]], Column]] = {
    "f8": _floats,
    "i8": _integers,
    "bool": _booleans,
}


def _apart(array: pa.Array, filler: Any) -> tuple[npt.NDArray[Any], Bools]:
    """The values, with the filler where there is none, and where that is; what lacks nothing is not copied."""
    if array.null_count == 0:
        return array.to_numpy(zero_copy_only=False), np.zeros(len(array), dtype=bool)
    missing = array.is_null().to_numpy(zero_copy_only=False)
    return array.fill_null(filler).to_numpy(zero_copy_only=False), missing


def _read(array: pa.Array, arrow: pa.DataType) -> pa.Array:
    """The array as numbers of one type; the first value that is none is named."""
    try:
        return pc.cast(array, arrow)
    except pa.ArrowNotImplementedError:  # a date, a time of day
        return _no_value(array, arrow)
    except pa.ArrowInvalid as refused:
        if not is_text(array.type):
            raise Misfit(*_first_unfit(array, arrow)) from refused
    trimmed = pc.utf8_trim_whitespace(array)
    _refuse(array, pc.and_(pc.is_valid(array), pc.invert(pc.match_substring_regex(trimmed, f"^({NUMBER})$"))))
    try:
        return pc.cast(trimmed, arrow)
    except pa.ArrowInvalid as refused:
        raise Misfit(*_first_unfit(trimmed, arrow)) from refused


def _no_value(array: pa.Array, arrow: pa.DataType) -> pa.Array:
    """The array as another type that none of its values fits; the first one is named."""
    _refuse(array, pc.is_valid(array))
    return pa.nulls(len(array), arrow)


def _refuse(array: pa.Array, unfit: pa.Array) -> None:
    place = pc.index(unfit, _TRUE).as_py()
    if place >= 0:
        raise Misfit(place, array[place].as_py())


def _first_unfit(array: pa.Array, arrow: pa.DataType) -> tuple[int, object]:
    """Place and value of the first entry that cannot be cast, by halving."""
    low, high = 0, len(array)
    while high - low > 1:
        middle = (low + high) // 2
        try:
            pc.cast(array.slice(low, middle - low), arrow)
            low = middle
        except pa.ArrowInvalid:
            high = middle
    return low, array[low].as_py()


def _named(values: npt.NDArray[np.float64] | npt.NDArray[np.int64], also_missing: Sequence[Label]) -> Bools:
    """Where a number is one that the data dictionary lists as missing."""
    numbers = [meant for meant in map(meaning, also_missing) if not isinstance(meant, str)]
    found: Bools = np.isin(values, numbers) if numbers else np.zeros(len(values), dtype=bool)
    return found


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
    if len(batches) == 1:
        return batches[0]
    return pa.concat_batches([_spelt(batch, batches[-1].schema) for batch in batches])


def _spelt(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """The batch with what comes as codes spelt out, where that comes as text from a later batch on."""
    if batch.schema.equals(schema):
        return batch
    columns = [
        array if array.type == arrow else array.dictionary_decode().cast(arrow)
        for array, arrow in zip(batch.columns, schema.types, strict=True)
    ]
    return pa.record_batch(columns, schema=schema)
