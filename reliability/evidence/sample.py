"""A bounded sample of rows that no order and no block size can change."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from reliability.blocks import Block, Column, Floats, Groups, Ints, Label, Roles
from reliability.evidence.hashing import splitmix64
from reliability.evidence.levels import level_key


@dataclass(frozen=True, kw_only=True, eq=False)
class Sample:
    """The `size` rows whose positions have the smallest keyed hash, in file order.

    Attributes
    ----------
    roles : Roles
        What the labels mean.
    seed, size : int
        Key of the hash, and the most rows kept.
    of_n : int
        Rows seen.
    positions : ndarray of int64, shape (n,)
        Positions of the rows in their file, ascending.
    columns : mapping of str to Column
        The features; text keeps the levels that occur, sorted.
    y_true, y_pred : ndarray, shape (n,)
        Class indices or values; y_pred may be None.
    y_score : ndarray of float64, shape (n,) or (n, K), or None
        Scores as in the block.
    groups : mapping of str to Groups
        Groups of the rows.
    entity : ndarray of uint64, shape (n,), or None
        Entity digests of the rows.

    Notes
    -----
    Bottom-k sampling: every row has the same chance, and the sample of a whole is found in the samples of its parts.

    References
    ----------
    Cohen, E. and Kaplan, H. (2007), PODC '07, 225-234 (bottom-k sketches);
    Steele, G. L., Lea, D. and Flood, C. H. (2014), OOPSLA '14, 453-472 (SplitMix).
    """

    needs_predictions: ClassVar[bool] = False
    roles: Roles
    seed: int
    size: int
    of_n: int
    positions: Ints
    columns: Mapping[str, Column]
    y_true: npt.NDArray[Any]
    y_pred: npt.NDArray[Any] | None = None
    y_score: Floats | None = None
    groups: Mapping[str, Groups]
    entity: npt.NDArray[np.uint64] | None = None

    @classmethod
    def of(cls, block: Block, *, seed: int, size: int) -> Self:
        """Sample one block."""
        kept = block.where(_smallest(block.row_positions(), seed, size))
        return cls(
            roles=block.roles,
            seed=seed,
            size=size,
            of_n=block.n,
            positions=kept.row_positions(),
            columns={name: _compact(kept.columns[name]) for name in block.roles.features},
            y_true=kept.y_true,
            y_pred=kept.y_pred,
            y_score=kept.y_score,
            groups={name: _compact_groups(groups) for name, groups in kept.groups.items()},
            entity=kept.entity,
        )

    def __add__(self, other: Self) -> Self:
        """The sample of both together."""
        if (self.seed, self.size) != (other.seed, other.size):
            raise ValueError("samples of another seed or size do not add")
        positions = np.concatenate((self.positions, other.positions))
        rows = _smallest(positions, self.seed, self.size)
        return replace(
            self,
            of_n=self.of_n + other.of_n,
            positions=positions[rows],
            columns={
                name: _compact(_joined(self.columns[name], other.columns[name]).take(rows)) for name in self.columns
            },
            y_true=np.concatenate((self.y_true, other.y_true))[rows],
            y_pred=_rows_of(self.y_pred, other.y_pred, rows),
            y_score=_rows_of(self.y_score, other.y_score, rows),
            groups={
                name: _compact_groups(_joined_groups(self.groups[name], other.groups[name]).take(rows))
                for name in self.groups
            },
            entity=_rows_of(self.entity, other.entity, rows),
        )

    @property
    def n(self) -> int:
        """Rows kept."""
        return len(self.positions)

    def rows_of(self, size: int) -> Ints:
        """Which of the rows a smaller size would have kept."""
        return _smallest(self.positions, self.seed, size)

    def smaller(self, size: int) -> Self:
        """The sample that a smaller size would have kept."""
        return self if size >= self.n else self.take(self.rows_of(size))

    def take(self, rows: npt.NDArray[Any]) -> Self:
        """The rows chosen by index or mask, of the same number of rows seen."""
        return replace(
            self,
            positions=self.positions[rows],
            columns={name: column.take(rows) for name, column in self.columns.items()},
            y_true=self.y_true[rows],
            y_pred=None if self.y_pred is None else self.y_pred[rows],
            y_score=None if self.y_score is None else self.y_score[rows],
            groups={name: groups.take(rows) for name, groups in self.groups.items()},
            entity=None if self.entity is None else self.entity[rows],
        )


def _smallest(positions: Ints, seed: int, size: int) -> Ints:
    # The hash is a bijection of the position, so there are no ties.
    rows = np.arange(len(positions))
    if size < len(rows):
        rows = np.argpartition(splitmix64(positions.astype(np.uint64), key=seed), size)[:size]
    return rows[np.argsort(positions[rows])]


def _rows_of(first: npt.NDArray[Any] | None, second: npt.NDArray[Any] | None, rows: Ints) -> npt.NDArray[Any] | None:
    return None if first is None or second is None else np.concatenate((first, second))[rows]


def _joined(first: Column, second: Column) -> Column:
    moved = second.values + np.int32(len(first.levels)) if first.kind == "utf8" else second.values
    return Column(
        kind=first.kind,
        values=np.concatenate((first.values, moved)),
        missing=np.concatenate((first.missing, second.missing)),
        levels=first.levels + second.levels,
    )


def _compact(column: Column) -> Column:
    """The column with only the levels that occur, sorted; 0 where missing."""
    values = np.where(column.missing, column.values.dtype.type(0), column.values)
    if column.kind != "utf8":
        return replace(column, values=values)
    used = np.unique(values[~column.missing])
    levels = tuple(sorted({column.levels[code] for code in used.tolist()}))
    place = {level: index for index, level in enumerate(levels)}
    lookup = np.zeros(max(len(column.levels), 1), np.int32)
    lookup[used] = [place[column.levels[code]] for code in used.tolist()]
    codes = np.where(column.missing, np.int32(0), lookup[values])
    return Column(kind="utf8", values=codes, missing=column.missing, levels=levels)


def _joined_groups(first: Groups, second: Groups) -> Groups:
    moved = np.where(second.codes < 0, np.int32(-1), second.codes + np.int32(len(first.levels)))
    return Groups(codes=np.concatenate((first.codes, moved)), levels=first.levels + second.levels)


def _compact_groups(groups: Groups) -> Groups:
    used = np.unique(groups.codes[groups.codes >= 0])
    levels: tuple[Label, ...] = tuple(
        sorted(
            {groups.levels[code] for code in used.tolist()},
            key=lambda level: level_key((level,)),
        )
    )
    place = {level: index for index, level in enumerate(levels)}
    lookup = np.full(len(groups.levels) + 1, -1, np.int32)
    lookup[used] = [place[groups.levels[code]] for code in used.tolist()]
    # Code -1, the unknown group, reads the last entry: -1 again.
    return Groups(codes=lookup[groups.codes], levels=levels)
