"""Rows as columns of four kinds, with the roles they play."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

BLOCK_ROWS = 65_536
ENTITY_BUCKETS = 128

Kind: TypeAlias = Literal["f8", "i8", "bool", "utf8"]
Label: TypeAlias = str | int | float | bool
Bools: TypeAlias = npt.NDArray[np.bool_]
Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Column:
    """One column of n rows.

    `values` holds float64, int64 or bool by kind; for text it holds int32 codes into `levels`.
    Where `missing` is true the value means nothing (0, or code 0).
    """

    kind: Kind
    values: npt.NDArray[Any]
    missing: Bools
    levels: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: npt.NDArray[Any]) -> "Column":
        """The rows chosen by positions or by a mask, in that order."""
        return replace(self, values=self.values[rows], missing=self.missing[rows])

    def as_floats(self) -> Floats:
        """Numbers with NaN where missing; not for text."""
        return np.where(self.missing, np.nan, self.values.astype(np.float64))

    def as_labels(self) -> list[Label | None]:
        """Python values of the rows, None where missing."""
        if self.kind == "utf8":
            names = self.levels
            return [None if gone else names[code] for code, gone in zip(self.values, self.missing, strict=True)]
        return [None if gone else value for value, gone in zip(self.values.tolist(), self.missing, strict=True)]


@dataclass(frozen=True, kw_only=True, eq=False)
class Groups:
    """The group of every row under one attribute: codes into `levels`, -1 where unknown."""

    codes: npt.NDArray[np.int32]
    levels: tuple[Label, ...]

    def take(self, rows: npt.NDArray[Any]) -> "Groups":
        """The rows chosen by positions or by a mask, in that order."""
        return replace(self, codes=self.codes[rows])


@dataclass(frozen=True, kw_only=True)
class ColumnRule:
    """What the data dictionary says of one column."""

    minimum: float | None = None
    maximum: float | None = None
    values: tuple[Label, ...] | None = None
    pattern: str | None = None  # a regular expression (RE2) that the whole text matches


@dataclass(frozen=True, kw_only=True)
class Dependency:
    """What the data dictionary says of several columns: rows alike in the `given` ones are alike in the other."""

    given: tuple[str, ...]
    fixes: str


@dataclass(frozen=True, kw_only=True)
class Roles:
    """Which part each column plays, and what the labels mean; settled before the first block."""

    task: Literal["binary", "multiclass", "regression"]
    classes: tuple[Label, ...] = ()  # order of every class index; empty for regression
    positive: int | None = None  # index of the class that precision, recall, TPR and AUC speak of
    favourable: tuple[int, ...] = ()  # indices of the outcomes good for the person
    favourable_direction: Literal["higher", "lower"] | None = None  # regression
    features: tuple[str, ...] = ()
    target: str = ""
    all_columns: tuple[str, ...] = ()  # of the file, those that play no part included
    sensitive: tuple[str, ...] = ()  # attributes as named in `Block.groups`
    segments: tuple[str, ...] = ()
    strata: tuple[str, ...] = ()  # legitimate grounds that groups are compared within
    quasi_identifiers: tuple[str, ...] = ()  # columns that together may single a person out
    incumbent: bool = False  # whether blocks hold what is decided today
    has_predictions: bool = False
    has_scores: bool = False
    clustered: bool = False
    rules: Mapping[str, ColumnRule] = field(default_factory=dict)
    population: Mapping[str, Mapping[str, float]] = field(default_factory=dict)  # attribute -> group -> declared share
    dependencies: tuple[Dependency, ...] = ()
    time: str | None = None  # column that says when a row came to be
    periods: str | None = None  # column, as named in `Block.groups`, whose values are compared with the first of them
    monotone: Mapping[str, Literal["increasing", "decreasing"]] = field(default_factory=dict)  # what is declared


@dataclass(frozen=True, kw_only=True, eq=False)
class Block:
    """Up to BLOCK_ROWS consecutive rows, with labels, answers and groups worked out.

    y_true, y_pred : class indices (int64), or values (float64) for regression; y_pred may be None.
    y_score : P(positive), shape (n,), for binary; shape (n, classes) for multiclass; or None.
    y_incumbent : what is decided today, as y_true is written; or None.
    groups : attribute -> group of every row: sensitive attributes (banded), segments and strata alike.
    entity : keyed 64-bit digest of the row's entity, or None; its bucket is digest % ENTITY_BUCKETS.
    columns : at least the features; the target stands under its own name only in y_true.
    others : columns that are neither features nor outcomes, where evidence asks for them.
    """

    start: int
    roles: Roles
    columns: Mapping[str, Column]
    y_true: npt.NDArray[Any]
    y_pred: npt.NDArray[Any] | None = None
    y_score: Floats | None = None
    y_incumbent: npt.NDArray[Any] | None = None
    groups: Mapping[str, Groups] = field(default_factory=dict)
    others: Mapping[str, Column] = field(default_factory=dict)
    entity: npt.NDArray[np.uint64] | None = None
    positions: Ints | None = None  # rows' positions where they are not start, start + 1, ...

    @property
    def n(self) -> int:
        """Rows in this block."""
        return len(self.y_true)

    def row_positions(self) -> Ints:
        """Position of every row in its file, from 0."""
        return np.arange(self.start, self.start + self.n) if self.positions is None else self.positions

    def where(self, rows: npt.NDArray[Any]) -> "Block":
        """The chosen rows (mask or positions) as a block of their own."""
        return replace(
            self,
            columns={name: column.take(rows) for name, column in self.columns.items()},
            y_true=self.y_true[rows],
            y_pred=None if self.y_pred is None else self.y_pred[rows],
            y_score=None if self.y_score is None else self.y_score[rows],
            y_incumbent=None if self.y_incumbent is None else self.y_incumbent[rows],
            groups={name: groups.take(rows) for name, groups in self.groups.items()},
            others={name: column.take(rows) for name, column in self.others.items()},
            entity=None if self.entity is None else self.entity[rows],
            positions=self.row_positions()[rows],
        )
