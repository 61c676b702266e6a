"""A bounded sample and the way to ask the model about it again."""

from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from reliability.blocks import BLOCK_ROWS, Column, Floats, Ints
from reliability.evidence.sample import Sample


@dataclass(frozen=True, kw_only=True, eq=False)
class Answers:
    """What a model says of n rows.

    Attributes
    ----------
    labels : ndarray, shape (n,)
        Class indices (int64), or values (float64) for regression.
    scores : ndarray of float64, shape (n,) or (n, K), or None
        P(positive) for binary, one column per class for multiclass.
    """

    labels: npt.NDArray[Any]
    scores: Floats | None = None

    @property
    def n(self) -> int:
        """Rows answered."""
        return len(self.labels)

    def take(self, rows: Ints) -> Self:
        """The answers to the rows chosen by index."""
        return replace(
            self,
            labels=self.labels[rows],
            scores=None if self.scores is None else self.scores[rows],
        )

    @classmethod
    def joined(cls, parts: "Sequence[Answers]") -> Self:
        """The answers to the rows of all parts, one after the other; scores where every part has them."""
        scores = [part.scores for part in parts if part.scores is not None]
        return cls(
            labels=np.concatenate([part.labels for part in parts]),
            scores=np.concatenate(scores) if len(scores) == len(parts) else None,
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Probe:
    """A sample, the model's answers to it, and two ways to ask again.

    Attributes
    ----------
    sample : Sample
        The rows.
    answers : Answers
        What the model said of them in the run itself.
    ask : callable
        Columns to answers, in the worker that is already up.
    ask_anew : callable
        Columns to answers, in a fresh worker.
    attempt : callable, optional
        As `ask`, by a worker that outlives a refusal; `ask` itself where none is given.
    memory : mutable mapping
        What checks on this sample were told and others want too, so that no question is put twice.

    Notes
    -----
    The engine makes it: `of` and `+` are those of the sample.
    """

    needs_predictions: ClassVar[bool] = True
    sample: Sample
    answers: Answers
    ask: Callable[[Mapping[str, Column]], Answers]
    ask_anew: Callable[[Mapping[str, Column]], Answers]
    attempt: Callable[[Mapping[str, Column]], Answers] | None = None
    memory: MutableMapping[Any, Any] = field(default_factory=dict)

    def tried(self, columns: Mapping[str, Column]) -> Answers:
        """The answers to rows that the model may refuse."""
        return (self.attempt or self.ask)(columns)

    def ask_all(self, columns: Mapping[str, Column]) -> Answers:
        """The answers to any number of rows, at least one, asked as many at a time as a block has."""
        n = len(next(iter(columns.values())))
        if n <= BLOCK_ROWS:
            return self.ask(columns)
        pieces = [np.arange(start, min(start + BLOCK_ROWS, n)) for start in range(0, n, BLOCK_ROWS)]
        return Answers.joined([self.ask({name: one.take(rows) for name, one in columns.items()}) for rows in pieces])

    def remembered(self, key: Any, answer: Callable[[], Any]) -> Any:
        """What was answered under this key before, else what `answer` says now."""
        if key not in self.memory:
            self.memory[key] = answer()
        return self.memory[key]

    def smaller(self, size: int) -> Self:
        """The probe that a smaller sample would have made."""
        if size >= self.sample.n:
            return self
        rows = self.sample.rows_of(size)
        return replace(self, sample=self.sample.take(rows), answers=self.answers.take(rows))


@dataclass(frozen=True, kw_only=True, eq=False)
class GroupSample:
    """A sample, and the attributes whose groups are asked about.

    Attributes
    ----------
    sample : Sample
        The rows.
    attributes : tuple of str
        Names in `sample.groups`.
    """

    sample: Sample
    attributes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class GroupProbe:
    """A probe, and the attributes whose groups are asked about.

    Attributes
    ----------
    probe : Probe
        The rows, the model's answers, and the way to ask again.
    attributes : tuple of str
        Names in `probe.sample.groups`.
    """

    probe: Probe
    attributes: tuple[str, ...]
