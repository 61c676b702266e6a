"""What more or better data would do: rows that would decide, and columns whose repair would move the number."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from scipy.special import ndtr, ndtri
from scipy.stats import binom

from reliability.advice import ColumnToRepair, NoRows, RowsNeeded
from reliability.advise.aims import Aim, margin
from reliability.advise.inputs import breaks
from reliability.advise.measuring import matching, measure
from reliability.blocks import Block, Bools, Column
from reliability.intervals.comparisons import largest_difference, smallest_ratio
from reliability.plan import most_rows
from reliability.records import Criterion, CriterionResult, Measurement, Verdict

POWER = 0.8
# Times the rows, beyond which the estimate lies on the limit for all that can be known of it.
MOST_FACTOR = 10_000.0
_HALVINGS, _DRAWS = 40, 200
UNDECIDED: frozenset[Verdict] = frozenset({"conditional_pass", "conditional_fail", "inconclusive"})
_REPAIRED = "data_quality."


def rows_needed(aim: Aim) -> tuple[RowsNeeded, ...]:
    """For every undecided number of a finding, the rows that would decide it with the power told."""
    return tuple(
        _needed(place, one, result)
        for place, result in enumerate(aim.item.finding.criteria)
        if result.verdict in UNDECIDED
        for one in result.measurements
        if one.judged and one.value is not None and one.low is not None and one.high is not None
        if _straddled(one, result.criterion)
    )


def _needed(place: int, one: Measurement, result: CriterionResult) -> RowsNeeded:
    factor = times(one, result.criterion)
    why = _in_the_way(factor, one, result.criterion)
    needed = None if why is not None else math.ceil(factor * one.n)
    return RowsNeeded(
        criterion=place, check=one.check, by=one.by, slice=one.slice, now=one.n, needed=needed, power=POWER, why=why,
    )  # fmt: skip


def _in_the_way(factor: float, one: Measurement, criterion: Criterion) -> NoRows | None:
    """Why so many times the rows would decide nothing; None where they would."""
    if math.isinf(factor):
        return "at_limit"
    most = most_rows(criterion)
    # A check that measures on a half of its sample says how many rows there were; one that does not takes them all.
    taken = min(float(one.details.get("of_n") or one.n), most)
    if most and factor * taken <= most:
        return None
    return "sample_size" if most and factor * taken <= most_rows(criterion, raised=True) else "sampled"


def times(one: Measurement, criterion: Criterion) -> float:
    """How many times the rows would decide, with the power told, if the true value is the estimate.

    Half-widths shrink with the root of the rows; the estimate of new rows scatters by its standard error, so that its
    distance from the limit has to be a half-width and `POWER`'s share of that scatter. Between two limits it has to
    be clear of both. The widest gap of groups is never less than what chance makes of it: their counts are drawn.
    """
    limits = _straddled(one, criterion)
    if not limits or one.value is None:
        return 1.0
    value, confidence = float(one.value), float(one.confidence or 0.95)
    if abs(value - limits[0]) <= 1e-9:
        return math.inf
    between = len(limits) > 1 and (limits[0] < value) != (limits[1] < value)
    facing = limits if between else limits[:1]
    if one.method == "mover_clopper_pearson" and (drawn := _drawn(one, facing)):
        return _least(drawn)
    if one.method == "clopper_pearson" and one.unit == "share" and all(0 < limit < 1 for limit in facing):
        return _least(lambda factor: _of_binomial(one.n * factor, value, facing, confidence))
    return _least(lambda factor: _of_normal(factor, one, facing, confidence))


def _drawn(one: Measurement, limits: Sequence[float]) -> Callable[[float], float] | None:
    """Share of draws of the groups' counts, each at its rate, whose interval is clear of the limits; None without."""
    groups = [group for group in one.details.get("groups") or () if group.get("judged", True)]
    if len(groups) < 2 or any(group.get("value") is None or not group.get("n") for group in groups):
        return None
    rates, n = (np.array([group[name] for group in groups], np.float64) for name in ("value", "n"))
    # The same draws for any number of rows, so that more rows are never found to decide less by chance.
    chances = np.random.default_rng(0).random((_DRAWS, len(groups)))
    widest = smallest_ratio if one.unit == "ratio" else largest_difference

    def power(factor: float) -> float:
        rows = np.maximum(np.rint(n * factor), 1.0)
        hits = binom.ppf(chances, rows, rates)
        made = [widest(each, rows, confidence=float(one.confidence or 0.95)) for each in hits if each.any()]
        clear = [all(gap.high < limit or gap.low > limit for limit in limits) for gap in made]
        return sum(clear) / _DRAWS

    return power


def _least(power: Callable[[float], float]) -> float:
    """The factor from which on the power is enough; none is beyond `MOST_FACTOR`."""
    low, high = 0.0, math.log(MOST_FACTOR)
    if power(MOST_FACTOR) < POWER:
        return math.inf
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if power(math.exp(middle)) >= POWER else (middle, high)
    return math.exp(high)


def _of_normal(factor: float, one: Measurement, limits: Sequence[float], confidence: float) -> float:
    """Chance that the interval of so many times the rows is clear of the limits that the value lies between."""
    quantile, root = float(ndtri(0.5 + confidence / 2)), math.sqrt(factor)
    halves = [_half(one, limit) for limit in limits]
    distances = [abs(float(one.value or 0.0) - limit) for limit in limits]
    missed = [float(ndtr(quantile * (1 - distance * root / half)))
              for distance, half in zip(distances, halves, strict=True)]  # fmt: skip
    return max(1 - sum(missed), 0.0)


def _half(one: Measurement, limit: float) -> float:
    """The half-width that faces the limit; of one that the end of its scale cuts short, the other if that is wider."""
    value, low, high = (float(each or 0.0) for each in (one.value, one.low, one.high))
    facing, other = (value - low, high - value) if limit < value else (high - value, value - low)
    cut = low == 0 if limit < value else high == 1
    return max(facing, other) if cut else facing


def _of_binomial(n: float, share: float, limits: Sequence[float], confidence: float) -> float:
    """The same for a share whose limits are Clopper and Pearson's: the power is that of the binomial test."""
    rows, tail = round(n), (1 - confidence) / 2
    above = binom.isf(tail, rows, min(limits))
    below = binom.ppf(tail, rows, max(limits)) - 1
    if len(limits) > 1:
        return max(float(binom.cdf(below, rows, share) - binom.cdf(above, rows, share)), 0.0)
    return float(binom.sf(above, rows, share) + binom.cdf(below, rows, share))


def _straddled(one: Measurement, criterion: Criterion) -> tuple[float, ...]:
    """The limits that the interval holds, the nearest first; none where it is clear of them all."""
    ends = criterion.between or (criterion.at_least, criterion.at_most)
    value, low, high = (float(each or 0.0) for each in (one.value, one.low, one.high))
    return tuple(sorted((float(end) for end in ends if end is not None and low <= float(end) <= high),
                        key=lambda end: abs(end - value)))  # fmt: skip


def columns_to_repair(aim: Aim, rows: Block, *, seed: int) -> tuple[ColumnToRepair, ...]:
    """Columns with cells that are missing or against the data dictionary, those first whose repair moves most."""
    if not aim.check.startswith(_REPAIRED):
        return ()
    today = _value(aim, rows, seed)
    found = [_repaired(aim, rows, name, cells, seed) for name, cells in _spoilt(rows)]
    if today is None:
        return tuple(found)

    def reached(one: ColumnToRepair) -> float:
        return margin(aim.criterion, today if one.value is None else float(one.value))

    now = margin(aim.criterion, today)
    told = [one if one.value is None else one.model_copy(update={"helps": reached(one) > now}) for one in found]
    return tuple(sorted(told, key=reached, reverse=True))


def _spoilt(rows: Block) -> Iterator[tuple[str, Bools]]:
    for name in rows.roles.features:
        column, rule = rows.columns[name], rows.roles.rules.get(name)
        cells = column.missing | breaks(column, rule) if rule is not None else column.missing
        if cells.any():
            yield name, cells


def _repaired(aim: Aim, rows: Block, name: str, cells: Bools, seed: int) -> ColumnToRepair:
    whole = replace(rows, columns={**rows.columns, name: _filled(rows.columns[name], cells)})
    wrong = None if rows.y_pred is None or rows.roles.task == "regression" else np.asarray(rows.y_pred != rows.y_true)
    return ColumnToRepair(
        column=name, cells=int(cells.sum()), value=_value(aim, whole, seed),
        error_affected=None if wrong is None else float(wrong[cells].mean()),
        error_others=None if wrong is None or cells.all() else float(wrong[~cells].mean()),
    )  # fmt: skip


def _filled(column: Column, cells: Bools) -> Column:
    """The column with these cells as the commonest of the others."""
    if cells.all():
        return replace(column, missing=np.zeros(len(column), np.bool_))
    values, counts = np.unique(column.values[~cells], return_counts=True)
    return replace(
        column, values=np.where(cells, values[counts.argmax()], column.values).astype(column.values.dtype),
        missing=column.missing & ~cells,
    )  # fmt: skip


def _value(aim: Aim, rows: Block, seed: int) -> float | None:
    measured = measure((aim.call,), rows, None, ask=None, seed=seed)
    one = matching(aim.number, measured.get(aim.call, ()))
    return None if one is None or one.value is None else float(one.value)
