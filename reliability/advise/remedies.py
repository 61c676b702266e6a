"""What a remedy is: what it learns from, how it answers rows, and why it was not tried."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np

from reliability.blocks import Block, Bools, Column, Floats, Groups, Ints, Roles
from reliability.evidence.probe import Answers
from reliability.records import Json
from reliability.worker.parent import ModelSpec

ActsOn: TypeAlias = Literal["decisions", "scores", "model", "data", "inputs", "process"]
Ask: TypeAlias = Callable[[Mapping[str, Column]], Answers]
# House default: 1 a threshold or recalibration, 2 a refit, 3 repair of data, 4 new data or another process.
EFFORTS: Mapping[ActsOn, int] = {"decisions": 1, "scores": 1, "model": 2, "inputs": 2, "data": 3, "process": 4}


@dataclass(frozen=True, kw_only=True, eq=False)
class Rows:
    """Rows to be answered: without their labels, so that no remedy can look at them.

    Attributes
    ----------
    roles : Roles
        As settled; `features` are those that the model is given today.
    columns : mapping
        The features.
    groups : mapping
        Attribute to group of every row.
    predicted, scores : ndarray or None
        What the model answers today, shaped as in `Block`.
    positions : ndarray of int64
        Position of every row in its file.
    """

    roles: Roles
    columns: Mapping[str, Column]
    groups: Mapping[str, Groups]
    positions: Ints
    predicted: Any = None
    scores: Floats | None = None

    @classmethod
    def of(cls, block: Block) -> "Rows":
        """The rows of a block without their labels."""
        return cls(
            roles=block.roles, columns=block.columns, groups=block.groups, positions=block.row_positions(),
            predicted=block.y_pred, scores=block.y_score,
        )  # fmt: skip

    @property
    def n(self) -> int:
        """How many."""
        return len(self.positions)


@dataclass(frozen=True, kw_only=True, eq=False)
class Changed:
    """How rows are answered after a remedy.

    Attributes
    ----------
    predicted : ndarray
        Class indices (int64), or values (float64) for regression.
    scores : ndarray of float64 or None
        P(positive), shape (n,), for binary; shape (n, classes) for multiclass; None where it gives none.
    abstained : ndarray of bool or None
        Rows that are handed to people or refused: they are not measured with the others.
    chances : ndarray of float64 or None
        Where decisions are drawn: P(positive decision) of every row, which `predicted` is one draw of.
    """

    predicted: Any
    scores: Floats | None = None
    abstained: Bools | None = None
    chances: Floats | None = None

    def take(self, rows: Any) -> "Changed":
        """The rows chosen by positions or by a mask."""

        def chosen(values: Any) -> Any:
            return None if values is None else values[rows]

        return Changed(
            predicted=self.predicted[rows], scores=chosen(self.scores), abstained=chosen(self.abstained),
            chances=chosen(self.chances),
        )  # fmt: skip

    @property
    def decided(self) -> Bools:
        """Rows that are answered at all."""
        return np.ones(len(self.predicted), np.bool_) if self.abstained is None else ~self.abstained


@dataclass(frozen=True, kw_only=True)
class NotTried:
    """Why a remedy was not tried: a code (words `advise.not_tried.CODE`) and its values."""

    code: str
    values: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, eq=False)
class Ground:
    """What remedies may learn from; nothing of the rows that confirm is in it.

    Attributes
    ----------
    roles : Roles
        As settled, with what is known of the answers.
    answered : Block or None
        Rows with labels, groups and today's answers that the model has not learnt from: for what maps answers.
    training : Block or None
        The training rows, whole: columns, labels and groups. They carry no answers.
    model : ModelSpec or None
        Where the submitted model lies; None where predictions were handed in.
    ask : callable or None
        Columns to the answers of today's model.
    seed : int
        Of every random stream.
    facts : mapping
        What the findings name that a remedy may act upon; see `Remedy.learn`.
    """

    roles: Roles
    answered: Block | None = None
    training: Block | None = None
    model: ModelSpec | None = None
    ask: Ask | None = None
    seed: int = 0
    facts: Mapping[str, Json] = field(default_factory=dict)


def _nothing() -> None:
    """Nothing is held open."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Tried:
    """A remedy that has learnt.

    Attributes
    ----------
    changed : callable
        Rows (of evaluation, all that are asked about at once) to how they are answered.
    ask : callable or None
        Columns to answers, for checks that ask the model again; None: those are not measured after the remedy.
    features : tuple of str or None
        Features that are left where some are taken away.
    training : Block or None
        Training rows as the remedy leaves them, where it changes them.
    details : mapping
        What it came to, for the record: thresholds, coefficients, rows taken away.
    close : callable
        Ends what is held open.
    """

    changed: Callable[[Rows], Changed]
    ask: Ask | None = None
    features: tuple[str, ...] | None = None
    training: Block | None = None
    details: Mapping[str, Json] = field(default_factory=dict)
    close: Callable[[], None] = _nothing


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """Something that may mend a finding.

    Attributes
    ----------
    name : str
        Named in words as `advise.remedy.NAME`.
    acts_on : str
        What it changes; its effort follows from that unless given.
    mends : tuple of str
        Beginnings of the names of checks that it may mend.
    learn : callable
        Learns from the ground, or says why not. It may raise no error of a worker: that is a `NotTried` too.
    options : mapping
        What tells it from others of its name: the attribute, the constraint, the columns.
    cautions : tuple of str
        Codes of what a reader must be told (words `advise.caution.CODE`).
    """

    name: str
    acts_on: ActsOn
    mends: tuple[str, ...]
    learn: Callable[[Ground], Tried | NotTried]
    options: Mapping[str, Json] = field(default_factory=dict)
    cautions: tuple[str, ...] = ()
    effort: int = 0

    def __post_init__(self) -> None:
        """The effort of its kind, where none is given."""
        if not self.effort:
            object.__setattr__(self, "effort", EFFORTS[self.acts_on])

    def mends_check(self, check: str) -> bool:
        """Whether it may mend what this check measures."""
        return check.startswith(self.mends)
