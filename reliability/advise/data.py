"""What more or better data would do: rows that would decide, and columns whose repair would move the number."""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from scipy.special import ndtri
from scipy.stats import binom

from reliability.advice import ColumnToRepair, RowsNeeded
from reliability.advise.aims import Aim, margin
from reliability.advise.inputs import breaks
from reliability.advise.measuring import matching, measure
from reliability.blocks import Block, Bools, Column
from reliability.records import Criterion, CriterionResult, Measurement, Verdict

POWER = 0.8
# Times the rows, beyond which the estimate lies on the limit for all that can be known of it.
MOST_FACTOR = 10_000.0
_HALVINGS = 40
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
        if _straddled(one, result.criterion) is not None
    )


def _needed(place: int, one: Measurement, result: CriterionResult) -> RowsNeeded:
    factor = times(one, result.criterion)
    needed = None if math.isinf(factor) else math.ceil(factor * one.n)
    return RowsNeeded(
        criterion=place, check=one.check, by=one.by, slice=one.slice, now=one.n, needed=needed, power=POWER,
        why="at_limit" if needed is None else None,
    )  # fmt: skip


def times(one: Measurement, criterion: Criterion) -> float:
    """How many times the rows would decide, with the power told, if the true value is the estimate.

    Half-widths shrink with the root of the rows; the estimate of new rows scatters by its standard error, so that its
    distance from the limit has to be a half-width and `POWER`'s share of that scatter.
    """
    limit = _straddled(one, criterion)
    if limit is None or one.value is None:
        return 1.0
    value, low, high = float(one.value), float(one.low or 0.0), float(one.high or 0.0)
    half = value - low if limit < value else high - value
    quantile = float(ndtri(0.5 + float(one.confidence or 0.95) / 2))
    distance = abs(value - limit)
    if distance <= 1e-9:
        return math.inf
    if one.method == "clopper_pearson" and one.unit == "share" and 0 < limit < 1:
        return _of_binomial(one.n, value, limit, float(one.confidence or 0.95))
    factor = (half * (1 + float(ndtri(POWER)) / quantile) / distance) ** 2
    return factor if factor <= MOST_FACTOR else math.inf


def _of_binomial(n: int, share: float, limit: float, confidence: float) -> float:
    """The same for a share whose limits are Clopper and Pearson's: the power is that of the binomial test."""
    low, high = math.log(n), math.log(n * MOST_FACTOR)
    if _power(math.exp(high), share, limit, confidence) < POWER:
        return math.inf
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if _power(math.exp(middle), share, limit, confidence) >= POWER else (middle, high)
    return math.exp(high) / n


def _power(n: float, share: float, limit: float, confidence: float) -> float:
    """Chance that the interval of n rows is clear of the limit."""
    rows, tail = round(n), (1 - confidence) / 2
    above = binom.sf(binom.isf(tail, rows, limit), rows, share)
    below = binom.cdf(binom.ppf(tail, rows, limit) - 1, rows, share)
    return float(above + below)


def _straddled(one: Measurement, criterion: Criterion) -> float | None:
    """The limit that the interval holds; None where it is clear of them all."""
    ends = criterion.between or (criterion.at_least, criterion.at_most)
    low, high = float(one.low or 0.0), float(one.high or 0.0)
    return next((float(end) for end in ends if end is not None and low <= float(end) <= high), None)


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

    return tuple(sorted(found, key=reached, reverse=True))


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
