"""CSV files: encoding found, header read, rows streamed as text, kinds settled by one full scan."""

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from reliability.blocks import Kind
from reliability.errors import SubmissionError
from reliability.submission.arrays import MISSING
from reliability.submission.meaning import INTEGER, NUMBER
from reliability.submission.reading import problem_of, unreadable

BLOCK_BYTES = 4_000_000
OTHER_SEPARATORS = (";", "\t", "|")
MOSTLY = 0.95  # share of numbers from which a text among them is taken for a mistake


@dataclass(frozen=True, kw_only=True)
class CsvFile:
    """A CSV file that has been read through once: its encoding is known and its header is sound."""

    path: Path
    shown: str
    names: tuple[str, ...]
    encoding: str
    quoted: bool
    has_rows: bool

    def batches(self, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Rows in file order, the chosen columns as text, null where a field spells a missing value."""
        ragged: list[arrow_csv.InvalidRow] = []

        def note(row: arrow_csv.InvalidRow) -> str:
            ragged.append(row)
            return "error"

        try:
            with _opened(self.path) as file, self._reader(file, names, note) as reader:
                yield from reader
        except (pa.ArrowInvalid, OSError, EOFError, zlib.error) as problem:
            raise self._unreadable(problem, ragged) from problem

    def _reader(self, file: BinaryIO, names: Sequence[str], note: object) -> arrow_csv.CSVStreamingReader:
        return arrow_csv.open_csv(
            pa.PythonFile(file, mode="r"),
            # One thread: only then are rows numbered in what `note` is told.
            read_options=arrow_csv.ReadOptions(use_threads=False, block_size=BLOCK_BYTES, encoding=self.encoding),
            parse_options=arrow_csv.ParseOptions(invalid_row_handler=note, newlines_in_values=self.quoted),
            convert_options=arrow_csv.ConvertOptions(
                include_columns=list(names),
                column_types={name: pa.string() for name in names},
                null_values=list(MISSING),
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
                check_utf8=False,
            ),
        )

    def _unreadable(self, problem: Exception, ragged: list[arrow_csv.InvalidRow]) -> SubmissionError:
        if ragged:
            return unreadable(
                "ragged_row",
                where=self.shown,
                row=(ragged[0].number or 1) - 1,
                met=ragged[0].actual_columns,
                expected=ragged[0].expected_columns,
            )
        return unreadable("data_unreadable", where=self.shown, problem=problem_of(problem))


def open_csv(path: Path, shown: str) -> CsvFile:
    """Find the encoding of a CSV file and read its header."""
    encoding, quoted = _encoding(path, shown)
    names, has_rows = _header(path, shown, encoding)
    _refuse_other_separator(names, shown)
    return CsvFile(path=path, shown=shown, names=names, encoding=encoding, quoted=quoted, has_rows=has_rows)


def _refuse_other_separator(names: tuple[str, ...], shown: str) -> None:
    other = next((each for each in OTHER_SEPARATORS if each in names[0]), None)
    if len(names) == 1 and other is not None:
        raise unreadable("data_separator", where=shown, separator=other)


def _opened(path: Path) -> BinaryIO:
    if path.suffix != ".gz":
        return path.open("rb")
    return cast("BinaryIO", gzip.open(path if isinstance(path, Path) else path.open("rb"), "rb"))


def _encoding(path: Path, shown: str) -> tuple[str, bool]:
    """UTF-8 if the whole file is, else CP949 if the whole file is; and whether a quote stands anywhere."""
    try:
        looks = (_Look(path, encoding) for encoding in ("utf-8-sig", "cp949"))
        first = next(looks)
        look = first if first.fits or first.wide else next(looks)
    except (OSError, EOFError, zlib.error) as problem:
        raise unreadable("data_unreadable", where=shown, problem=problem) from problem
    if first.empty:
        raise unreadable("data_empty", where=shown)
    if first.wide:
        raise unreadable("data_utf16", where=shown)
    if not look.fits:
        raise unreadable("data_encoding", where=shown, line=first.line, other=look.line)
    return look.encoding.removesuffix("-sig"), look.quoted


class _Look:
    """One reading of a whole file in one encoding."""

    def __init__(self, path: Path, encoding: str) -> None:
        self.encoding = encoding
        self.fits, self.quoted, self.empty, self.wide, self.line = True, False, True, False, 1
        decoder = codecs.getincrementaldecoder(encoding)()
        with _opened(path) as file:
            while self.fits and (chunk := file.read(1 << 20)):
                self.wide = self.wide or (self.empty and chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)))
                self.empty, self.quoted = False, self.quoted or b'"' in chunk
                self._take(decoder, chunk, final=False)
        if self.fits:
            self._take(decoder, b"", final=True)

    def _take(self, decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool) -> None:
        """Decode the next bytes; `line` is then the one of the first byte that does not fit."""
        try:
            decoder.decode(chunk, final)
        except UnicodeDecodeError as problem:
            self.fits = False
            chunk = problem.object[: problem.start]
        self.line += chunk.count(b"\n")


def _header(path: Path, shown: str, encoding: str) -> tuple[tuple[str, ...], bool]:
    """The names of the columns, and whether a row follows."""
    with _opened(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline="")
        try:
            rows = csv.reader(iter(lambda: text.readline(1 << 20), ""))
            names = next((row for row in rows if row), [])
            has_rows = any(line.strip("\r\n") for line in iter(lambda: text.readline(1 << 20), ""))
        except csv.Error as problem:
            raise unreadable("data_unreadable", where=shown, problem=problem) from problem
    if not names:
        raise unreadable("data_empty", where=shown)
    return tuple(names), has_rows


@dataclass(kw_only=True)
class Tally:
    """What the non-missing values of one CSV column look like, so far."""

    missing: tuple[str, ...] = ()
    n: int = 0
    numbers: int = 0
    integers: int = 0
    truths: int = 0
    coded: bool = False  # codes of digits, such as postcodes: 01234 is not 1234
    first_text: tuple[str, int] | None = field(default=None)

    def add(self, array: pa.Array, start: int) -> None:
        """Look at the next rows, the first of which is row `start`."""
        if self.missing:
            gone = pc.is_in(array, value_set=pa.array(self.missing, array.type))
            array = pc.if_else(gone, pa.scalar(None, array.type), array)
        n = len(array) - array.null_count
        if n == 0:
            return
        self.n += n
        if _casts(array, pa.int64()):
            self._count(n, integers=n, array=array)
        elif _casts(array, pa.float64()):
            self._count(n, integers=0, array=array)
        else:
            self._add_distinct(array, start)

    def kind(self) -> Kind:
        """The narrowest kind that holds every value."""
        if self.n == 0:
            return "f8"
        if self.truths == self.n:
            return "bool"
        if self.numbers < self.n or self.coded:
            return "utf8"
        return "i8" if self.integers == self.n else "f8"

    def is_mixed(self) -> bool:
        """Whether a few texts stand among numbers, which is more often a mistake than a meaning."""
        return not self.coded and MOSTLY * self.n <= self.numbers < self.n

    def _count(self, numbers: int, *, integers: int, array: pa.Array) -> None:
        self.numbers += numbers
        self.integers += integers
        self.coded = self.coded or _has_codes(array)

    def _add_distinct(self, array: pa.Array, start: int) -> None:
        counted = pc.value_counts(array.drop_null())
        values, counts = counted.field("values"), counted.field("counts").to_numpy()
        trimmed = pc.utf8_trim_whitespace(values)
        number = _matches(trimmed, NUMBER)
        self._count(int(counts[number].sum()), integers=int(counts[_matches(trimmed, INTEGER)].sum()), array=trimmed)
        truth = pc.is_in(pc.utf8_lower(trimmed), value_set=pa.array(["true", "false"], trimmed.type))
        self.truths += int(counts[truth.to_numpy(zero_copy_only=False)].sum())
        if self.first_text is None and not number.all():
            text = values[int(np.flatnonzero(~number)[0])]
            self.first_text = (text.as_py(), start + pc.index(array, text).as_py())


def _casts(array: pa.Array, arrow: pa.DataType) -> bool:
    try:
        # A few first: a cast that fails words every value that failed, which takes longer than reading them.
        pc.cast(array.slice(0, 32), arrow)
        numbers = pc.cast(array, arrow)
    except pa.ArrowInvalid:
        return False
    # "inf" and "nan" are words here, and so is a number too large to be one.
    return not pa.types.is_floating(arrow) or bool(pc.all(pc.is_finite(numbers)).as_py())


def _matches(array: pa.Array, pattern: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    found: np.ndarray[tuple[int], np.dtype[np.bool_]]
    found = pc.match_substring_regex(array, f"^({pattern})$").to_numpy(zero_copy_only=False)
    return found


def _has_codes(array: pa.Array) -> bool:
    """Whether a number is written as codes are: with a leading zero, or with more digits than a number holds."""
    length = pc.binary_length(array)
    zero = pc.and_(pc.starts_with(array, "0"), pc.and_not(pc.greater(length, 1), pc.starts_with(array, "0.")))
    if pc.any(zero).as_py() and pc.any(pc.match_substring_regex(array.filter(zero), "^0[0-9xX]")).as_py():
        return True
    long = pc.greater_equal(length, 19)
    return bool(pc.any(long).as_py()) and bool(
        pc.any(pc.match_substring_regex(array.filter(long), "^-?[0-9]{19,}$")).as_py()
    )


def settle_kinds(file: CsvFile, missing: dict[str, tuple[str, ...]]) -> tuple[dict[str, Tally], int]:
    """Read every value once: what each column's values look like, and how many rows there are."""
    tallies = {name: Tally(missing=missing.get(name, ())) for name in file.names}
    rows = 0
    # Arrow calls a header that nothing follows, not even a line break, no CSV at all.
    for batch in file.batches(file.names) if file.has_rows else ():
        for name, array in zip(batch.schema.names, batch.columns, strict=True):
            tallies[name].add(array, rows)
        rows += batch.num_rows
    return tallies, rows
