"""How many cells of every column hold what identifies people: counts only, never a value and never a place."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from reliability.blocks import Block, Bools, Column, Ints
from reliability.evidence.digit_runs import DigitRuns
from reliability.evidence.hashing import Digests, mixed
from reliability.evidence.personal_forms import FORMS, ZERO, Codes, Form, Judged, passport

KEPT_VALUES = 1_024
EMAIL_ADDRESS, PASSPORT = "email_address", "passport_number"

_EMAIL = r"[A-Za-z0-9._%+\-]{1,64}@([A-Za-z0-9\-]{1,63}\.)+[A-Za-z]{2,24}"
_PASSPORT = (3, 4)
_FEWEST_DIGITS = 7
_PASSES = np.uint64(1)
_SMALLEST, _LARGEST = 10**9, 10**16
_BITS, _IN_A_WORD = np.uint64(7), 9


class _Written(NamedTuple):
    """Numbers written in one way: their characters, what they were found to be, and which text each stands in."""

    codes: Codes
    judged: Judged
    owners: Ints

    def digests(self) -> Digests:
        """Those of the shape, each with its verdict in the last bit."""
        shaped, passing = self.judged
        return (_digests(self.codes[:, shaped]) & ~_PASSES) | passing[shaped].astype(np.uint64)


@dataclass(frozen=True, kw_only=True, eq=False)
class Found:
    """What one column holds of one kind of identifier.

    Attributes
    ----------
    cells : int
        Cells that hold one that passes.
    shaped_cells : int
        Cells that hold something of its shape.
    kept : ndarray of uint64, shape (K,)
        Digests of distinct values of its shape, the 1,024 smallest; the last bit says which of them pass.

    Notes
    -----
    Digests as small as these are a random sample of the distinct values, whatever order they come in.

    References
    ----------
    Cohen, E. and Kaplan, H. (2007), PODC '07, 225-234 (bottom-k sketches).
    """

    cells: int
    shaped_cells: int
    kept: Digests

    @classmethod
    def of(cls, written: Sequence[_Written], cells: Ints) -> Self:
        """What is written in one way and another, and the cells that hold each text or number."""
        return cls(
            cells=_cells([one.owners[one.judged[1]] for one in written], cells),
            shaped_cells=_cells([one.owners[one.judged[0]] for one in written], cells),
            kept=_distinct([one.digests() for one in written])[:KEPT_VALUES],
        )

    @property
    def distinct(self) -> int:
        """Distinct values of the shape that are kept."""
        return len(self.kept)

    @property
    def passing(self) -> int:
        """Those of the kept values that pass."""
        return int(np.count_nonzero(self.kept & _PASSES))

    def __add__(self, other: Self) -> Self:
        """What the cells of both hold."""
        return type(self)(
            cells=self.cells + other.cells,
            shaped_cells=self.shaped_cells + other.shaped_cells,
            kept=np.union1d(self.kept, other.kept)[:KEPT_VALUES],
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class PersonalIdentifiers:
    """What every column but the outcomes holds of every kind of identifier.

    Attributes
    ----------
    n : int
        Rows.
    columns : mapping of str to mapping of str to Found
        By column and kind, in the order of the file; a kind that a column has nothing of is left out.

    Notes
    -----
    Text is searched, so that a number in a sentence is found; digits next to letters or to more digits are not a
    number of their own. Numbers are looked at with their leading zeros put back.
    """

    needs_predictions: ClassVar[bool] = False
    n: int
    columns: Mapping[str, Mapping[str, Found]]

    @classmethod
    def of(cls, block: Block) -> Self:
        """Search one block."""
        searched = {name: block.columns[name] for name in block.roles.features} | dict(block.others)
        order = {name: place for place, name in enumerate(block.roles.all_columns)}
        names = sorted(searched, key=lambda name: order.get(name, len(order)))
        return cls(n=block.n, columns={name: _searched(searched[name]) for name in names})

    def __add__(self, other: Self) -> Self:
        """The rows of both."""
        columns = {name: _joined(found, other.columns[name]) for name, found in self.columns.items()}
        return type(self)(n=self.n + other.n, columns=columns)


def _joined(first: Mapping[str, Found], second: Mapping[str, Found]) -> dict[str, Found]:
    return {
        kind: first[kind] + second[kind] if kind in first and kind in second else {**first, **second}[kind]
        for kind in sorted({*first, *second})
    }


def _searched(column: Column) -> dict[str, Found]:
    if column.kind == "bool":
        return {}
    in_kinds: dict[str, Found] = {}
    for kind, found in _in_text(column) if column.kind == "utf8" else _in_numbers(column):
        if found.shaped_cells:
            in_kinds = _joined(in_kinds, {kind: found})
    return in_kinds


def _in_numbers(column: Column) -> Iterator[tuple[str, Found]]:
    values = column.values[~column.missing]
    # Compared before they are made integers: a float may be larger than any of them.
    wide = values[(values >= _SMALLEST) & (values < _LARGEST)]
    numbers, cells = np.unique(wide[wide == np.floor(wide)].astype(np.int64), return_counts=True)
    for form in (form for form in FORMS if form.numbers and len(numbers)):
        written = []
        for low, high, length in form.numbers:
            within = np.flatnonzero((numbers >= low) & (numbers < high))
            codes = _places(numbers[within], length)
            written.append(_Written(codes, (form.judge_numbers or form.judge)(codes), within))
        yield form.kind, Found.of(written, cells)


def _places(numbers: Ints, length: int) -> Codes:
    """The numbers' digits as characters, the leading zeros put back."""
    codes = np.empty((length, len(numbers)), np.uint8)
    for place in range(length - 1, -1, -1):
        rest = numbers // 10
        codes[place] = numbers - 10 * rest + ZERO
        numbers = rest
    return codes


def _in_text(column: Column) -> Iterator[tuple[str, Found]]:
    cells = np.bincount(column.values[~column.missing], minlength=len(column.levels))
    used = np.flatnonzero(cells)
    texts, cells = pa.array([column.levels[code] for code in used.tolist()], pa.string()), cells[used]
    yield EMAIL_ADDRESS, _with_email(texts, cells)
    runs = DigitRuns.of(texts)
    if runs.most_digits() < _FEWEST_DIGITS:
        return
    for form in FORMS:
        yield form.kind, Found.of([_written(form, groups, runs) for groups in form.written], cells)
    first = runs.lettered(_PASSPORT)
    letters = runs.octets[np.stack((runs.starts[first] - 1, runs.ends[first]))]
    codes = np.concatenate((letters, runs.codes(first, _PASSPORT)))
    yield PASSPORT, Found.of([_Written(codes, passport(codes), runs.owners(first))], cells)


def _written(form: Form, groups: tuple[int, ...], runs: DigitRuns) -> _Written:
    first = runs.written(groups)
    codes = runs.codes(first, groups)
    return _Written(codes, form.judge(codes), runs.owners(first))


def _cells(owners: list[Ints], cells: Ints) -> int:
    """The cells that hold any of these texts."""
    return int(cells[_distinct(owners)].sum())


def _distinct(parts: list[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    # numpy's own sorts a table of hashes: several times slower where nearly all values are distinct.
    ordered = np.sort(np.concatenate(parts))
    first: Bools = np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]
    return ordered[first]


def _with_email(texts: pa.Array, cells: Ints) -> Found:
    there = pc.match_substring(texts, "@").to_numpy(zero_copy_only=False)
    marked = cells[there]
    if len(marked):
        found = pc.match_substring_regex(texts.filter(pa.array(there)), _EMAIL)
        marked = marked[found.to_numpy(zero_copy_only=False)]
    return Found(cells=int(marked.sum()), shaped_cells=int(marked.sum()), kept=np.zeros(0, np.uint64))


def _digests(codes: Codes) -> Digests:
    """One digest a number, the same for a number in text and in a column of numbers."""
    values = np.zeros(codes.shape[1], np.uint64)
    for place, row in enumerate(codes):
        # Nine characters of seven bits each fill a word; then it is mixed, so that none falls out of it.
        values = (mixed(values) if place % _IN_A_WORD == 0 else values << _BITS) ^ row
    return mixed(values)
