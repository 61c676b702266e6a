"""A search for the nearest point at which the model decides otherwise, that sees nothing but its decisions."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from reliability.blocks import Bools, Column, Floats, Ints
from reliability.checks.asking import NUMBERS
from reliability.evidence.column_profile import ColumnProfile
from reliability.evidence.probe import Probe

_DIRECTIONS = 16  # asked of every row to learn which way the boundary lies
_HALVINGS = 7
_SHORTER_STEPS = 3
# Of the distance to the boundary: wide enough to straddle it after so many halvings.
_REACH = 0.1
_STARTS = 3


@dataclass(frozen=True, kw_only=True, eq=False)
class Room:
    """Where the numbers of sampled rows may be moved to.

    Attributes
    ----------
    names : tuple of str
        Columns that move: numbers that vary.
    scale : ndarray of float64, shape (D,)
        Standard deviation of every column.
    low, high : ndarray of float64, shape (D,)
        Declared range of every column, else the one observed.
    whole : ndarray of bool, shape (D,)
        Columns of integers.
    start : ndarray of float64, shape (n, D)
        The rows as they are; 0 where missing.
    free : ndarray of bool, shape (n, D)
        Cells that may move: those that are not missing.
    """

    names: tuple[str, ...]
    scale: Floats
    low: Floats
    high: Floats
    whole: Bools
    start: Floats
    free: Bools

    @classmethod
    def of(cls, columns: Mapping[str, Column], profile: ColumnProfile) -> "Room | None":
        """The room of these rows; None where no number varies."""
        names = tuple(
            name
            for name, column in columns.items()
            if column.kind in NUMBERS and (profile.columns[name].variance or 0) > 0
        )
        if not names:
            return None
        ranges = np.array([_range(profile, name) for name in names])
        return cls(
            names=names,
            scale=np.sqrt([profile.columns[name].variance or 0.0 for name in names]),
            low=ranges[:, 0],
            high=ranges[:, 1],
            whole=np.array([columns[name].kind == "i8" for name in names]),
            start=np.stack([columns[name].values for name in names], axis=1).astype(np.float64),
            free=np.stack([~columns[name].missing for name in names], axis=1),
        )

    def fitted(self, points: Floats, rows: Ints) -> Floats:
        """The points as rows can be: within range, whole where whole; what may not move stays."""
        start = self.start[rows]
        # A row that lies outside a declared range is not brought into it: that would be another row.
        inside = np.clip(points, np.minimum(self.low, start), np.maximum(self.high, start))
        moved = np.where(self.whole, np.rint(inside), inside)
        return np.where(self.free[rows], moved, start)

    def distances(self, points: Floats, rows: Ints) -> Floats:
        """Euclidean distance of points to their rows, in standard deviations of the columns."""
        far: Floats = np.linalg.norm((points - self.start[rows]) / self.scale, axis=1)
        return far


def _range(profile: ColumnProfile, name: str) -> tuple[float, float]:
    seen, rule = profile.columns[name], profile.roles.rules.get(name)
    low = seen.minimum if rule is None or rule.minimum is None else rule.minimum
    high = seen.maximum if rule is None or rule.maximum is None else rule.maximum
    return float(low or 0.0), float(high or 0.0)


class Search:
    """The nearest points found so far, and the questions spent on them.

    Every call asks all rows that are still searched for, in lock-step; a point that is asked and decided otherwise is
    kept if it is nearer than what was known.

    Parameters
    ----------
    probe : Probe
        The rows, what the model said of them, and the way to ask it.
    room : Room
        Where they may be moved to.
    calls : int
        Times that the model may be asked.
    draws : Generator
        Directions.
    """

    def __init__(self, probe: Probe, room: Room, *, calls: int, draws: np.random.Generator) -> None:
        self.room = room
        self.nearest = np.full(probe.sample.n, np.inf)
        self.points = room.start.copy()
        self.calls = 0
        self.questions = 0
        self._probe = probe
        self._most = calls
        self._draws = draws

    def run(self) -> None:
        """Search until the calls are spent."""
        self._start()
        if not self.found.size:
            return
        self._halve(self.found, self.points[self.found])
        self._put_back()
        turn = 0
        while self._left > 2 + _HALVINGS:
            turn += 1
            self._step(turn)

    @property
    def found(self) -> Ints:
        """Rows for which a point is known at which the model decides otherwise."""
        return np.flatnonzero(np.isfinite(self.nearest))

    @property
    def _left(self) -> int:
        return self._most - self.calls

    def _otherwise(self, points: Floats, rows: Ints) -> Bools:
        """Whether the model decides otherwise at each point; the nearest such points are kept."""
        room, sample = self.room, self._probe.sample
        columns = {name: column.take(rows) for name, column in sample.columns.items()}
        for at, name in enumerate(room.names):
            values = points[:, at].astype(columns[name].values.dtype)
            columns[name] = replace(columns[name], values=values)
        self.calls += 1
        self.questions += len(rows)
        flipped: Bools = self._probe.ask_all(columns).labels != self._probe.answers.labels[rows]
        far = np.where(flipped, room.distances(points, rows), np.inf)
        for at in np.lexsort((far, rows)).tolist():
            if far[at] < self.nearest[rows[at]]:
                self.nearest[rows[at]], self.points[rows[at]] = far[at], points[at]
        return flipped

    def _start(self) -> None:
        """From the numbers of the nearest sampled rows that were decided otherwise."""
        labels, room = self._probe.answers.labels, self.room
        every = np.arange(len(labels))
        ranked = np.array([_nearest(room, labels, row) for row in every.tolist()])
        for rank in range(ranked.shape[1]):
            rows = np.flatnonzero(~np.isfinite(self.nearest) & (ranked[:, rank] >= 0))
            if rows.size and self._left > 0:
                self._otherwise(room.fitted(room.start[ranked[rows, rank]], rows), rows)

    def _halve(self, rows: Ints, ends: Floats) -> None:
        """Towards the row as long as the model decides otherwise."""
        start = self.room.start[rows]
        low, high = np.zeros(len(rows)), np.ones(len(rows))
        for _ in range(min(_HALVINGS, self._left)):
            middle = (low + high) / 2
            points = self.room.fitted(start + middle[:, np.newaxis] * (ends - start), rows)
            flipped = self._otherwise(points, rows)
            high, low = np.where(flipped, middle, high), np.where(flipped, low, middle)

    def _put_back(self) -> None:
        """Column by column back to what it was, where the decision does not hang on it."""
        for at in range(len(self.room.names)):
            rows = self.found[self.points[self.found, at] != self.room.start[self.found, at]]
            if not rows.size or self._left <= 1:
                continue
            points = self.points[rows].copy()
            points[:, at] = self.room.start[rows, at]
            self._otherwise(points, rows)

    def _step(self, turn: int) -> None:
        """Along the boundary's estimated normal, then back towards the row."""
        rows, room = self.found, self.room
        best, far = self.points[rows], self.nearest[rows]
        normal = self._normal(rows, best, far)
        length = far / np.sqrt(turn)
        ends, open_ = best.copy(), np.ones(len(rows), np.bool_)
        for _ in range(_SHORTER_STEPS):
            mine = np.flatnonzero(open_)
            if not mine.size or self._left <= _HALVINGS:
                break
            points = room.fitted(best[mine] + (length[mine, np.newaxis] * normal[mine]) * room.scale, rows[mine])
            flipped = self._otherwise(points, rows[mine])
            ends[mine[flipped]], open_[mine[flipped]] = points[flipped], False
            length = length / 2
        moved = np.flatnonzero(~open_)
        if moved.size:
            self._halve(rows[moved], ends[moved])

    def _normal(self, rows: Ints, best: Floats, far: Floats) -> Floats:
        room, count = self.room, len(rows)
        shape = (count * _DIRECTIONS, len(room.names))
        drawn = self._draws.standard_normal(shape) / np.sqrt(len(room.names))
        owners = np.repeat(np.arange(count), _DIRECTIONS)
        reach = _REACH * far[owners, np.newaxis]
        points = room.fitted(best[owners] + reach * drawn * room.scale, rows[owners])
        flipped = self._otherwise(points, rows[owners]).reshape(count, _DIRECTIONS)
        signs = np.where(flipped, 1.0, -1.0)
        # Against the mean, as the estimate's variance is least then; where all agree they all count.
        signs = np.where(flipped.all(axis=1, keepdims=True) | ~flipped.any(axis=1, keepdims=True), signs,
                         signs - signs.mean(axis=1, keepdims=True))  # fmt: skip
        gone = ((points - best[owners]) / room.scale).reshape(count, _DIRECTIONS, -1)
        normal = (signs[:, :, np.newaxis] * gone).sum(axis=1)
        length = np.linalg.norm(normal, axis=1, keepdims=True)
        one: Floats = normal / np.where(length > 0, length, 1.0)
        return one


def _nearest(room: Room, labels: npt.NDArray[np.generic], row: int) -> list[int]:
    """The nearest rows of another answer, and the one half way down their list; -1 where there are too few."""
    others = np.flatnonzero(labels != labels[row])
    far = np.linalg.norm((room.start[others] - room.start[row]) / room.scale, axis=1)
    order = others[np.argsort(far, kind="stable")]
    chosen = [*order[: _STARTS - 1].tolist(), *order[len(order) // 2 :][:1].tolist()]
    return [*chosen, *[-1] * (_STARTS - len(chosen))]
