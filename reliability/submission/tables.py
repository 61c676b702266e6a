"""A data file with the kind of every column settled, read in blocks of a fixed number of rows."""

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from reliability.blocks import Kind
from reliability.errors import SubmissionError
from reliability.submission.csv_file import Tally
from reliability.submission.manifest import ColumnEntry
from reliability.submission.reading import UnfitError
from reliability.submission.refusals import printable
from reliability.submission.source import Described, Rows, Source, Wanted, open_source
from reliability.yaml_lines import shown as quoted

SUFFIXES = (".csv", ".csv.gz", ".parquet")
Dictionary: TypeAlias = Mapping[str, ColumnEntry]
Opened: TypeAlias = Callable[[Path, str], Source]

# Columns of so many bytes are held for their next reading: a label, a score and three groups of 1,500,000 rows.
HELD_BYTES = 1 << 26

_DECLARED: Mapping[str, Kind] = {"number": "f8", "integer": "i8", "text": "utf8", "boolean": "bool"}
KIND_WORDS: Mapping[Kind, str] = {"f8": "number", "i8": "integer", "utf8": "text", "bool": "boolean"}


@dataclass(frozen=True, kw_only=True)
class Table:
    """A data file whose columns have their kinds.

    `unusable` holds, for a column that nothing may be read from, the error to raise if it plays a part.
    """

    source: Source
    kinds: Mapping[str, Kind]
    unusable: Mapping[str, SubmissionError]
    dictionary: Dictionary
    rows: int
    sha256: str
    all_missing: frozenset[str] = frozenset()  # columns whose kind says nothing; known of CSV and null columns
    coded: frozenset[str] = frozenset()  # columns of a CSV that are text only as some numbers are written as codes are
    held: list[Rows] = field(default_factory=list, repr=False, compare=False)

    @property
    def shown(self) -> str:
        """The file as a message names it."""
        return self.source.shown

    @property
    def names(self) -> tuple[str, ...]:
        """Columns in file order."""
        return self.source.names

    @property
    def nested(self) -> frozenset[str]:
        """Columns that not even text can be read from."""
        return frozenset(self.unusable) if self.source.is_parquet else frozenset()

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
        wanted = Wanted(
            kinds={name: self.kinds[name] for name in names},
            missing={name: entry.missing for name, entry in self.dictionary.items() if entry.missing and name in names},
            loosely=loosely,
            as_text=[name for name in loosely if name in self.unusable],
        )
        try:
            yield from self.source.blocks(wanted)
        except UnfitError as unfit:
            raise self._unfit(unfit) from unfit

    def with_kinds(self, kinds: Mapping[str, Kind]) -> "Table":
        """The same file with some columns read as other kinds."""
        return replace(self, kinds={**self.kinds, **kinds}, held=[])

    def _unfit(self, unfit: UnfitError) -> SubmissionError:
        return SubmissionError(
            "value_unfit",
            "{where}: data row {row:,}: column {column!r} holds {value}, which is no {kind}; mend the file, "
            "or declare data.schema.{column} {{missing: [{value}]}} or {{type: text}}",
            where=self.shown,
            row=unfit.row + 1,
            column=printable(unfit.column),
            value=quoted(unfit.value),
            kind=KIND_WORDS[self.kinds[unfit.column]],
        )


def open_table(path: Path, shown: str, dictionary: Dictionary, *, opened: Opened = open_source) -> Table:
    """Settle the kind of every column: by Parquet's schema, the declared one, or one full scan of a CSV.

    `opened` parses the file; `reliability.worker.intake` has it done in a confined process.
    """
    if not path.name.endswith(SUFFIXES):
        raise SubmissionError(
            "data_format", "{where}: not a data file; write one of {allowed}", where=shown, allowed=", ".join(SUFFIXES)
        )
    sha256 = digest_of(path)
    source = opened(path, shown)
    _refuse_bad_names(source)
    described = source.describe({name: entry.missing for name, entry in dictionary.items() if entry.missing})
    table = (_opened_parquet if source.is_parquet else _opened_csv)(source, described, dictionary, sha256)
    if table.rows == 0:
        raise SubmissionError("data_no_rows", "{where}: a header without rows; hand in a file with rows", where=shown)
    return table


def digest_of(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _opened_parquet(source: Source, described: Described, dictionary: Dictionary, sha256: str) -> Table:
    unusable = {
        name: SubmissionError(
            "column_nested",
            "{where}: column {column!r} has type {type}; write it as numbers, text, booleans or dates",
            where=source.shown,
            column=name,
            type=described.stored[name],
        )
        for name in source.names
        if described.kinds[name] is None
    }
    declared = _declared(dictionary, source.names)
    return Table(
        source=source,
        kinds={name: kind or "utf8" for name, kind in described.kinds.items()} | declared,
        unusable=unusable,
        dictionary=dictionary,
        rows=described.rows,
        sha256=sha256,
        all_missing=described.empty - set(declared),
    )


def _opened_csv(source: Source, described: Described, dictionary: Dictionary, sha256: str) -> Table:
    declared = _declared(dictionary, source.names)
    return Table(
        source=source,
        kinds={name: tally.kind() for name, tally in described.tallies.items()} | declared,
        unusable={
            name: _mixed(source.shown, name, tally)
            for name, tally in described.tallies.items()
            if name not in declared and tally.is_mixed()
        },
        dictionary=dictionary,
        rows=described.rows,
        sha256=sha256,
        all_missing=frozenset(
            name for name, tally in described.tallies.items() if tally.n == 0 and name not in declared
        ),
        coded=frozenset(
            name
            for name, tally in described.tallies.items()
            if tally.coded and tally.numbers == tally.n and name not in declared
        ),
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


def _refuse_bad_names(file: Source) -> None:
    met: set[str] = set()
    for place, name in enumerate(file.names):
        if not name.strip():
            raise SubmissionError(
                "column_unnamed",
                "{where}:1: column {place} has no name; name it, or write the file without its row index",
                where=file.shown,
                place=place + 1,
            )
        if name in met:
            raise SubmissionError(
                "column_duplicate",
                "{where}:1: column {column!r} stands twice in the header; rename one",
                where=file.shown,
                column=name,
            )
        met.add(name)
