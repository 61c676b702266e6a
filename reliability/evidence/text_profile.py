"""What is written in every column of text: numbers among words, spellings of nothing, damaged letters, all levels."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, Self, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from reliability.blocks import Block, Bools, Column, Groups, Ints, Roles
from reliability.evidence.hashing import text_digest
from reliability.evidence.row_digests import Repeats
from reliability.spelling import folded

LISTED_LEVELS = 1_000
LISTED_POSITIONS = 20
_NOWHERE = np.iinfo(np.int64).max

# Compared after folding case and width and cutting spaces. What a reader takes for missing already is not here.
BLANKS = frozenset(
    """? ?? ??? - -- --- . .. ... * # / \\ _ n/a na n.a. n.a n\\a #n/a #na <na> nan null nil (null) \\n none. <none>
    [null] (blank) (empty) blank empty missing unk unknown undefined 미상 미확인 모름 알수없음 결측 결측치 누락 미입력
    미기재 무응답 不明 未詳 불명""".split()
) | {"알 수 없음", "no data", "not available", "not known", "not specified"}
# These may be a category of its own ("other debts: none"): they count beside a spelling that cannot be one.
WORDS = frozenset("none no nothing 없음 해당없음 해당사항없음 무".split()) | {
    "not applicable", "해당 없음", "해당 사항 없음",
}  # fmt: skip
_NUMBER = r"^\s*[+-]?(([0-9]{1,3}(,[0-9]{3})+|[0-9]+)(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\s*$"
# Control and invisible characters; what a decoder puts where it gave up; UTF-8 read as Latin-1 (also of Korean) and
# CP949 read as Latin-1, which makes long runs of its upper half.
_DAMAGE = (
    r"[\x{00}-\x{08}\x{0b}\x{0c}\x{0e}-\x{1f}\x{7f}-\x{9f}\x{ad}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{2064}\x{feff}]"
    r"|\x{fffd}|占쏙옙|[ÃÂ][\x{80}-\x{bf}]|â€|[êëìí][\x{80}-\x{bf}‚-›]{2}|[\x{a1}-\x{fe}]{4,}"
)
Levels: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class LevelTable:
    """Every level of a column, with its cells counted and the first of its rows.

    Attributes
    ----------
    levels : tuple of str
        Levels, ascending.
    counts : ndarray of int64, shape (L,)
        Cells of each.
    positions : ndarray of int64, shape (L, 20)
        Positions of the first 20 rows of each, ascending; the largest int64 where there are fewer.
    """

    levels: Levels
    counts: Ints
    positions: Ints

    @classmethod
    def of(cls, column: Column, positions: Ints) -> "LevelTable | None":
        """Count one column of a block; None beyond 1,000 levels."""
        there = ~column.missing
        codes, at = column.values[there], positions[there]
        counts = np.bincount(codes, minlength=max(len(column.levels), 1))
        used = np.flatnonzero(counts)
        if len(used) > LISTED_LEVELS:
            return None
        names = [column.levels[code] for code in used.tolist()]
        levels = tuple(sorted(set(names)))
        place = {level: index for index, level in enumerate(levels)}
        lookup = np.zeros(len(counts), np.uint16)
        lookup[used] = [place[name] for name in names]
        # Of 16 bits: these numpy sorts by counting.
        return cls._sorted(levels, lookup[codes], at)

    @classmethod
    def _sorted(cls, levels: Levels, codes: "npt.NDArray[np.uint16]", at: Ints) -> Self:
        if len(at) > 1 and (at[1:] < at[:-1]).any():
            order = np.argsort(at, kind="stable")
            codes, at = codes[order], at[order]
        order = np.argsort(codes, kind="stable")
        counts = np.bincount(codes, minlength=len(levels))
        starts = np.cumsum(counts) - counts
        places = starts[:, np.newaxis] + np.arange(LISTED_POSITIONS)
        inside = np.arange(LISTED_POSITIONS) < counts[:, np.newaxis]
        first = np.full(places.shape, _NOWHERE)
        first[inside] = at[order[places[inside]]]
        return cls(levels=levels, counts=counts, positions=first)

    def __add__(self, other: "LevelTable") -> "LevelTable | None":
        """Both counted together; None beyond 1,000 levels."""
        levels = self.levels
        if levels != other.levels:
            levels = tuple(sorted({*levels, *other.levels}))
        if len(levels) > LISTED_LEVELS:
            return None
        place = {level: index for index, level in enumerate(levels)}
        counts = np.zeros(len(levels), np.int64)
        positions = np.full((len(levels), 2 * LISTED_POSITIONS), _NOWHERE)
        for side, table in enumerate((self, other)):
            rows = np.array([place[level] for level in table.levels], np.int64)
            counts[rows] += table.counts
            positions[rows, side * LISTED_POSITIONS : (side + 1) * LISTED_POSITIONS] = table.positions
        return LevelTable(levels=levels, counts=counts, positions=np.sort(positions, axis=1)[:, :LISTED_POSITIONS])

    def rows_of(self, chosen: Bools) -> Repeats:
        """Cells of the chosen levels, and the first of their rows."""
        at = np.sort(self.positions[chosen].ravel())
        return Repeats(
            n=int(self.counts[chosen].sum()), positions=tuple(at[at != _NOWHERE][:LISTED_POSITIONS].tolist())
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class TextSummary:
    """One column of text, summed up.

    Attributes
    ----------
    n, missing : int
        Cells, and those of them that are missing.
    numbers, others : Repeats
        Cells that read as numbers, and those that read neither as numbers nor as a spelling of nothing.
    blanks, words : Repeats
        Cells that spell a missing value and nothing else, and those that may be a category of its own.
    spellings : frozenset of int
        Digests of the spellings of either.
    damaged : Repeats
        Cells with control or invisible characters or wrongly decoded letters.
    table : LevelTable or None
        All levels; None beyond 1,000.
    """

    n: int
    missing: int
    numbers: Repeats = field(default_factory=Repeats)
    others: Repeats = field(default_factory=Repeats)
    blanks: Repeats = field(default_factory=Repeats)
    words: Repeats = field(default_factory=Repeats)
    spellings: frozenset[int] = frozenset()
    damaged: Repeats = field(default_factory=Repeats)
    table: LevelTable | None = None

    @classmethod
    def of(cls, column: Column, positions: Ints) -> Self:
        """Sum up one column of a block."""
        used = np.bincount(column.values[~column.missing], minlength=max(len(column.levels), 1)) > 0
        kinds = _kinds(column.levels)
        there = ~column.missing

        def cells(flags: Bools) -> Repeats:
            return _cells(flags & used, column.values, there, positions)

        blank, word = kinds.blank & used, kinds.word & used
        spelt = [column.levels[code] for code in np.flatnonzero(blank | word).tolist()]
        return cls(
            n=len(column),
            missing=int(np.count_nonzero(column.missing)),
            numbers=cells(kinds.number),
            others=cells(~(kinds.number | kinds.blank | kinds.word)),
            blanks=cells(kinds.blank),
            words=cells(kinds.word),
            spellings=frozenset(map(text_digest, spelt)),
            damaged=cells(kinds.damaged),
            table=LevelTable.of(column, positions),
        )

    @classmethod
    def of_groups(cls, groups: Groups, positions: Ints) -> Self:
        """Sum up the groups of one block, as far as their writing goes: damage, and all levels."""
        levels = tuple(map(str, groups.levels))
        column = Column(kind="utf8", values=np.maximum(groups.codes, 0), missing=groups.codes < 0, levels=levels)
        damaged = _matching(pa.array(levels, pa.large_string()), _DAMAGE)
        return cls(
            # Only what is known: a block of unknown groups does not say that they are text.
            n=int(np.count_nonzero(~column.missing)),
            missing=0,
            damaged=_cells(damaged, column.values, ~column.missing, positions),
            table=LevelTable.of(column, positions),
        )

    def __add__(self, other: Self) -> Self:
        """Both summed up together."""
        together = self.table is not None and other.table is not None
        return replace(
            self,
            n=self.n + other.n,
            missing=self.missing + other.missing,
            spellings=self.spellings | other.spellings,
            table=self.table + other.table if together and self.table and other.table else None,
            **{name: getattr(self, name) + getattr(other, name) for name in _COUNTED},
        )

    @property
    def present(self) -> int:
        """Cells that are not missing."""
        return self.n - self.missing


@dataclass(frozen=True, kw_only=True, eq=False)
class TextProfile:
    """Every feature of text, summed up, and every column of text that rows are grouped by.

    Attributes
    ----------
    roles : Roles
        Features, sensitive attributes, segments and strata.
    n : int
        Rows seen.
    columns : mapping of str to TextSummary
        Summaries of the features by name.
    groups : mapping of str to TextSummary
        Damage and levels of sensitive attributes, segments and strata by name, be they features or not; of the blocks
        in which they hold text. Bands are none of the file's writing, but text without fault.
    """

    needs_predictions: ClassVar[bool] = False
    roles: Roles
    n: int
    columns: Mapping[str, TextSummary]
    groups: Mapping[str, TextSummary] = field(default_factory=dict)

    @classmethod
    def of(cls, block: Block) -> Self:
        """Sum up one block."""
        positions = block.row_positions()
        texts = {name: block.columns[name] for name in block.roles.features if block.columns[name].kind == "utf8"}
        columns = {name: TextSummary.of(column, positions) for name, column in texts.items()}
        roles = block.roles
        grouped = {name: block.groups[name] for name in (*roles.sensitive, *roles.segments, *roles.strata)}
        groups = {
            name: TextSummary.of_groups(found, positions)
            for name, found in grouped.items()
            if any(isinstance(level, str) for level in found.levels)
        }
        return cls(roles=roles, n=block.n, columns=columns, groups=dict(sorted(groups.items())))

    def __add__(self, other: Self) -> Self:
        """Both summed up together."""
        columns = {name: self.columns[name] + other.columns[name] for name in self.columns}
        groups = {**self.groups, **other.groups}
        groups |= {name: self.groups[name] + other.groups[name] for name in self.groups.keys() & other.groups.keys()}
        return replace(self, n=self.n + other.n, columns=columns, groups=dict(sorted(groups.items())))


@dataclass(frozen=True, kw_only=True, eq=False)
class _Kinds:
    """What every level reads as."""

    number: Bools
    blank: Bools
    word: Bools
    damaged: Bools


_COUNTED = ("numbers", "others", "blanks", "words", "damaged")


def _kinds(levels: Levels) -> _Kinds:
    if not levels:
        none = np.zeros(1, np.bool_)
        return _Kinds(number=none, blank=none, word=none, damaged=none)
    texts = pa.array(levels, pa.large_string())
    number = _matching(texts, _NUMBER)
    # What spells nothing is short: only few levels are folded one by one.
    short = pc.less_equal(pc.utf8_length(texts), 20).to_numpy(zero_copy_only=False) & ~number
    blank, word = np.zeros(len(levels), np.bool_), np.zeros(len(levels), np.bool_)
    for code in np.flatnonzero(short).tolist():
        plain = folded(levels[code])
        blank[code], word[code] = plain in BLANKS or not plain, plain in WORDS
    return _Kinds(number=number, blank=blank, word=word, damaged=_matching(texts, _DAMAGE))


def _matching(texts: pa.Array, pattern: str) -> Bools:
    found: Bools = pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False)
    return found


def _cells(flags: Bools, codes: "npt.NDArray[np.int32]", there: Bools, positions: Ints) -> Repeats:
    if not flags.any():
        return Repeats()
    rows = np.flatnonzero(flags[codes] & there)
    at = positions[rows]
    if len(at) > LISTED_POSITIONS:
        at = np.partition(at, LISTED_POSITIONS)[:LISTED_POSITIONS]
    return Repeats(n=len(rows), positions=tuple(np.sort(at).tolist()))
