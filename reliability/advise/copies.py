"""Copies of the submitted model, fitted in confined processes of which only a few live at a time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from reliability.advise.remedies import Changed, Ground, NotTried, Rows, Tried
from reliability.blocks import Block, Bools, Column, Floats, Ints
from reliability.errors import WorkerError
from reliability.evidence.probe import Answers
from reliability.records import Json
from reliability.worker.failures import REFUSALS
from reliability.worker.parent import Limits, ModelSpec
from reliability.worker.refit import How, Refit, open_refit

ALIVE = 2  # a process each, of some hundred megabytes

Columns: TypeAlias = Mapping[str, Column]


def _as_they_are(columns: Columns) -> Columns:
    return columns


@dataclass(frozen=True, kw_only=True, eq=False)
class Prepared:
    """What a copy is fitted to, and how.

    Attributes
    ----------
    how : How
        What is done in the process.
    kept : ndarray of bool or None
        Training rows that it is fitted to; None: all.
    weights, groups : ndarray or None
        Of every training row, kept or not.
    shown : callable
        Columns to those that the copy is given, when it is fitted and when it is asked.
    features : tuple of str or None
        Features that are left where some are taken away.
    mended : bool
        Whether the rows kept are better data, rather than a sample of it.
    details : mapping
        For the record.
    """

    how: How
    kept: Bools | None = None
    weights: Floats | None = None
    groups: Ints | None = None
    shown: Callable[[Columns], Columns] = _as_they_are
    features: tuple[str, ...] | None = None
    mended: bool = False
    details: Mapping[str, Json] = field(default_factory=dict)


class Copies:
    """Processes with a fitted copy each: the one that was asked longest ago makes room for another."""

    def __init__(self, limits: Limits, opened: Callable[..., Refit] = open_refit) -> None:
        self._limits, self._opened = limits, opened
        self._alive: dict[object, Refit] = {}

    def of(self, key: object, fitted: Callable[[], Refit]) -> Refit:
        """The process that belongs to `key`, opened and fitted anew where there is none any more."""
        refit = self._alive.pop(key, None)
        if refit is None:
            while len(self._alive) >= ALIVE:
                self.end(next(iter(self._alive)))
            refit = fitted()
        self._alive[key] = refit
        return refit

    def end(self, key: object) -> None:
        """End the process that belongs to `key`, if there is one."""
        refit = self._alive.pop(key, None)
        if refit is not None:
            refit.close()

    def close(self) -> None:
        """End them all."""
        for key in list(self._alive):
            self.end(key)

    def opened(self, spec: ModelSpec) -> Refit:
        """A process of its own, for whoever closes it."""
        return self._opened(spec, limits=self._limits)


class Copy:
    """One fitted copy; fitted anew, by the same seed, where its process had to make room or has failed."""

    def __init__(self, copies: Copies, spec: ModelSpec, training: Block, prepared: Prepared) -> None:
        self._copies, self._spec, self._training, self._prepared = copies, spec, training, prepared
        self._answered: tuple[Ints, Changed] | None = None

    def ready(self) -> Refit:
        """The process, its copy fitted."""
        return self._copies.of(self, self._fitted)

    def close(self) -> None:
        """End its process."""
        self._copies.end(self)

    def ask(self, columns: Columns) -> Answers:
        """What the copy says of rows."""
        try:
            return self.ready().predict(self._prepared.shown(columns))
        except WorkerError as failed:
            if failed.code not in REFUSALS:
                self.close()
            raise

    def changed(self, rows: Rows) -> Changed:
        """How rows of evaluation are answered; those that were answered before are not asked again."""
        places = None if self._answered is None else _places(self._answered[0], rows.positions)
        if self._answered is None or places is None:
            answers = self.ask(rows.columns)
            told = Changed(predicted=answers.labels, scores=answers.scores)
            order = np.argsort(rows.positions, kind="stable")
            self._answered = rows.positions[order], told.take(order)
            return told
        return self._answered[1].take(places)

    def _fitted(self) -> Refit:
        prepared, rows = self._prepared, self._training
        kept: Any = slice(None) if prepared.kept is None else prepared.kept
        shown = prepared.shown({name: rows.columns[name] for name in self._spec.inputs})
        refit = self._copies.opened(self._spec)
        try:
            refit.fit(
                {name: _taken(column, kept) for name, column in shown.items()}, rows.y_true[kept],
                weights=_chosen(prepared.weights, kept), groups=_chosen(prepared.groups, kept), how=prepared.how,
            )  # fmt: skip
        except BaseException:  # an interruption too: cleared, then passed on
            refit.close()
            raise
        return refit


def _places(known: Ints, wanted: Ints) -> Ints | None:
    places = np.minimum(np.searchsorted(known, wanted), len(known) - 1).astype(np.int64)
    return places if bool(np.array_equal(known[places], wanted)) else None


def _taken(column: Column, rows: Any) -> Column:
    return column if isinstance(rows, slice) else column.take(rows)


def _chosen(values: npt.NDArray[Any] | None, rows: Any) -> Any:
    return None if values is None else values[rows]


def tried(ground: Ground, prepared: Prepared, copies: Copies) -> Tried | NotTried:
    """The remedy that is a copy fitted so, or why there is none."""
    if ground.training is None or ground.model is None:
        return NotTried(code="no_training_data" if ground.training is None else "no_model")
    if prepared.kept is not None and not prepared.kept.any():
        return NotTried(code="no_rows")
    copy = Copy(copies, ground.model, ground.training, prepared)
    copy.ready()
    left = ground.training.where(prepared.kept) if prepared.mended and prepared.kept is not None else None
    return Tried(
        changed=copy.changed, ask=copy.ask, features=prepared.features, training=left, details=prepared.details,
        close=copy.close,
    )  # fmt: skip
