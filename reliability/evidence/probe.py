"""A bounded sample and the way to ask the model about it again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy.typing as npt

from reliability.blocks import Column, Floats, Ints
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

    Notes
    -----
    The engine makes it: `of` and `+` are those of the sample.
    """

    needs_predictions: ClassVar[bool] = True
    sample: Sample
    answers: Answers
    ask: Callable[[Mapping[str, Column]], Answers]
    ask_anew: Callable[[Mapping[str, Column]], Answers]

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
