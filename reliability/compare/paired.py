"""How a measurement changed on the same rows: the two answers to every row are told together.

A measure is worked out again from the rows, with what each row adds to it (its influence). Where the value is not the
one in the record, the measure speaks of something that the rows do not hold, and is not compared by them.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from scipy.stats import rankdata

from reliability.blocks import Bools, Floats, Ints
from reliability.compare.rows import Answered, PairedRows
from reliability.intervals.changes import Agreement, lowered
from reliability.intervals.tables import Functional, macro_f1, matthews, weighted_f1
from reliability.records import Measurement

TOLERANCE = 1e-9
CERTAIN = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, kw_only=True, eq=False)
class Side:
    """One of the two answers, with the true labels.

    Attributes
    ----------
    y_true, predicted : ndarray
        Class indices, or values for regression.
    score : ndarray of float64 or None
        P(class) of the class asked about.
    index : int
        The class asked about.
    size : int
        Number of classes.
    """

    y_true: Ints
    predicted: Ints
    score: Floats | None
    index: int
    size: int

    @property
    def is_it(self) -> Bools:
        """Rows of the class asked about."""
        rows: Bools = self.y_true == self.index
        return rows

    @property
    def said_it(self) -> Bools:
        """Rows predicted as the class asked about."""
        rows: Bools = self.predicted == self.index
        return rows


_Moved: TypeAlias = tuple[float, Floats]
_Rate: TypeAlias = Callable[[Side], tuple[Bools, Bools]]  # rows that are a success, rows that count
_Measure: TypeAlias = Callable[[Side], _Moved | None]


def agreement(rows: PairedRows, before: Measurement, after: Measurement) -> Agreement | None:
    """Rows by whether they are a success before and after; None for what is no share of the same rows."""
    rate = _RATES.get(before.check)
    if rate is None or not rows.classes:
        return None
    for sides in _sides(rows, before):
        counted = [rate(side) for side in sides]
        if all(map(_reproduced, (_share(*one) for one in counted), (before, after))):
            (first, among), (second, _) = counted
            cells = [int((among & one & other).sum()) for one in (first, ~first) for other in (second, ~second)]
            return Agreement(both=cells[0], before=cells[1], after=cells[2], neither=cells[3])
    return None


def correlation(rows: PairedRows, before: Measurement, after: Measurement) -> float | None:
    """Correlation of the two estimates by what each row adds to them, as far as it may be relied on."""
    measure = _MEASURES.get(before.check)
    if measure is None:
        return None
    for sides in _sides(rows, before):
        found = [measure(side) for side in sides]
        told = [one for one in found if one is not None]
        if len(told) == 2 and all(map(_reproduced, (value for value, _ in told), (before, after))):
            return relied_on(told[0][1], told[1][1])
    return None


def _sides(rows: PairedRows, one: Measurement) -> Iterator[tuple[Side, Side]]:
    """Both answers for every class that may be the one asked about: the record names only some."""
    named = [rows.classes.index(str(one.of))] if str(one.of) in rows.classes else range(max(len(rows.classes), 1))
    for index in named:
        yield _side(rows, rows.before, index), _side(rows, rows.after, index)


def _side(rows: PairedRows, answered: Answered, index: int) -> Side:
    score = answered.score
    chosen = score if score is None or score.ndim == 1 else score[:, index]
    return Side(
        y_true=rows.y_true, predicted=answered.predicted, score=chosen, index=index, size=len(rows.classes)
    )  # fmt: skip


def _reproduced(value: float, recorded: Measurement) -> bool:
    known = recorded.value
    # Scores on a grid: the record says how far that may move the value.
    spare = float(recorded.details.get("quantisation") or 0.0)
    return known is not None and abs(value - known) <= spare + TOLERANCE * max(1.0, abs(known))


def _share(success: Bools, among: Bools) -> float:
    n = int(among.sum())
    return int((success & among).sum()) / n if n else math.nan


def relied_on(first: Floats, second: Floats) -> float:
    """The correlation of influences, lowered by what so many rows leave open; few rows may carry most of it."""
    # By a power of two, which changes no bit, so that fourth powers stay within the range of floats.
    exponent = -int(np.frexp(max(np.abs(one).max(initial=0.0) for one in (first, second)))[1])
    first, second = np.ldexp(first, exponent), np.ldexp(second, exponent)
    squares = first**2 + second**2
    whole = float(squares.sum())
    size = math.sqrt(float(first @ first)) * math.sqrt(float(second @ second))
    telling = int(whole**2 / float((squares**2).sum())) if whole > 0 else 0
    return lowered(float(first @ second) / size if size > 0 else 0.0, telling)


def _everywhere(side: Side) -> Bools:
    return np.ones(len(side.y_true), np.bool_)


_RATES: Mapping[str, _Rate] = {
    "performance.accuracy": lambda side: (side.predicted == side.y_true, _everywhere(side)),
    "performance.recall": lambda side: (side.said_it, side.is_it),
    "performance.specificity": lambda side: (~side.said_it, ~side.is_it),
}


def _precision(side: Side) -> _Moved | None:
    value = _share(side.is_it, side.said_it)
    return value, side.said_it * (side.is_it - value)


def _f1(side: Side) -> _Moved | None:
    either, both = side.is_it | side.said_it, side.is_it & side.said_it
    jaccard = _share(both, either)
    return 2 * jaccard / (1 + jaccard), either * (both - jaccard)


def _balanced_accuracy(side: Side) -> _Moved | None:
    rows = np.bincount(side.y_true, minlength=side.size)
    right = side.predicted == side.y_true
    recalls = np.bincount(side.y_true[right], minlength=side.size) / np.maximum(rows, 1)
    influence = (right - recalls[side.y_true]) / rows[side.y_true]
    return float(recalls[rows > 0].mean()), influence


def _by_table(functional: Functional) -> _Measure:
    def moved(side: Side) -> _Moved | None:
        cells = side.y_true * side.size + side.predicted
        counts = np.bincount(cells, minlength=side.size**2).reshape(side.size, side.size)
        met = counts.sum(axis=0) + counts.sum(axis=1) > 0
        kept = counts[met][:, met]
        smooth = kept + 1.0 / len(kept)  # as `table_interval` has it
        _, influence = functional(smooth / smooth.sum())
        with np.errstate(all="ignore"):
            value = float(functional(kept / kept.sum())[0])  # NaN with one class: not reproduced then
        place = np.cumsum(met) - 1
        return value, influence[place[side.y_true], place[side.predicted]]

    return moved


def _roc_auc(side: Side) -> _Moved | None:
    """DeLong's placements: what a row adds by the share of rows of the other class that it is right against."""
    score, positive = side.score, side.is_it
    rows = int(positive.sum()), int((~positive).sum())
    if score is None or not all(rows):
        return None
    ranks = rankdata(score)
    beaten = (ranks[positive] - rankdata(score[positive])) / rows[1]
    above = 1 - (ranks[~positive] - rankdata(score[~positive])) / rows[0]
    area = float(beaten.mean())
    influence = np.empty(len(score))
    influence[positive], influence[~positive] = (beaten - area) / rows[0], (above - area) / rows[1]
    return area, influence


def _mean_of(loss: Callable[[Side], Floats | None]) -> _Measure:
    def moved(side: Side) -> _Moved | None:
        losses = loss(side)
        if losses is None:
            return None
        mean = math.fsum(losses) / len(losses)
        return mean, losses - mean

    return moved


def _root_mean_squared_error(side: Side) -> _Moved | None:
    losses = _squared_error(side)
    mean = math.fsum(losses) / len(losses)
    return math.sqrt(mean), losses - mean


def _better_than_majority(side: Side) -> _Moved | None:
    """Share right less that of always saying the commonest class, which is the same both times."""
    common = side.y_true == np.bincount(side.y_true, minlength=side.size).argmax()
    gained = (side.predicted == side.y_true) * 1.0 - common
    mean = float(gained.mean())
    return mean, gained - mean


def _explained(losses: Callable[[Side], Floats | None], values: Callable[[Side], Any]) -> _Measure:
    """Share of squared deviation from the mean that a prediction removes."""

    def moved(side: Side) -> _Moved | None:
        lost, told = losses(side), values(side)
        if lost is None:
            return None
        away = (told - told.mean()) ** 2
        whole = math.fsum(away)
        if not whole > 0:
            return None
        odds = math.fsum(lost) / whole
        return 1 - odds, lost - odds * away

    return moved


def _squared_score(side: Side) -> Floats | None:
    return None if side.score is None else (side.score - side.is_it) ** 2


def _log_score(side: Side) -> Floats | None:
    if side.score is None:
        return None
    happened = np.where(side.is_it, side.score, 1 - side.score)
    losses: Floats = -np.log(np.clip(happened, CERTAIN, 1 - CERTAIN))
    return losses


def _absolute_error(side: Side) -> Floats:
    errors: Floats = np.abs(side.predicted - side.y_true).astype(np.float64)
    return errors


def _squared_error(side: Side) -> Floats:
    errors: Floats = np.square(side.predicted - side.y_true).astype(np.float64)
    return errors


_MEASURES: Mapping[str, _Measure] = {
    "calibration.brier_skill_score": _explained(_squared_score, lambda side: side.is_it),
    "performance.better_than_majority": _better_than_majority,
    "performance.r2_score": _explained(_squared_error, lambda side: side.y_true),
    "performance.precision": _precision,
    "performance.f1": _f1,
    "performance.balanced_accuracy": _balanced_accuracy,
    "performance.f1_macro": _by_table(macro_f1),
    "performance.f1_weighted": _by_table(weighted_f1),
    "performance.matthews_correlation": _by_table(matthews),
    "performance.roc_auc": _roc_auc,
    "performance.roc_auc_one_vs_rest": _roc_auc,
    "performance.brier_score": _mean_of(_squared_score),
    "performance.log_loss": _mean_of(_log_score),
    "performance.mean_absolute_error": _mean_of(_absolute_error),
    "performance.root_mean_squared_error": _root_mean_squared_error,
}
PAIRED = frozenset(_RATES) | frozenset(_MEASURES)
