"""How far a gap between groups before a remedy and the gap after it move together: both are of the same rows."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np

from reliability.advise.levels import levels_of
from reliability.blocks import Block, Bools, Floats
from reliability.compare.paired import relied_on
from reliability.records import Json, Measurement

_Rate: TypeAlias = Callable[[Bools, Bools], tuple[Bools, Bools]]  # true, said: rows that are a success, rows that count


def _everyone(said: Bools) -> Bools:
    return np.ones(len(said), np.bool_)


_RATES: Mapping[str, _Rate] = {
    "selection_rate": lambda _true, said: (said, _everyone(said)),
    "true_positive_rate": lambda true, said: (said, true),
    "false_positive_rate": lambda true, said: (said, ~true),
    "false_negative_rate": lambda true, said: (~said, true),
    "positive_predictive_value": lambda true, said: (true, said),
}


def gap_correlation(rows: Block, predicted: Any, before: Measurement, after: Measurement) -> float:
    """Correlation of a gap before and after, by what every row adds to each; 0 where that cannot be told."""
    name, _, kind = before.check.removeprefix("fairness.").rpartition("_")
    if name not in _RATES or rows.y_pred is None or rows.roles.clustered:
        return 0.0
    told = [_influence(rows, said, one, name, kind) for said, one in ((rows.y_pred, before), (predicted, after))]
    if any(one is None for one in told):
        return 0.0
    first, second = (one for one in told if one is not None)
    # What is lost by relying on an estimate of it must not make the interval wider than without it.
    return max(relied_on(first, second), 0.0) if float(first @ second) >= 0 else relied_on(first, second)


def _influence(rows: Block, predicted: Any, one: Measurement, name: str, kind: str) -> Floats | None:
    """What every row adds to the gap of the two groups that differ most."""
    worst = one.details.get("worst") or []
    if len(worst) != 2:
        return None
    good = list(rows.roles.favourable)
    success, among = _RATES[name](np.isin(rows.y_true, good), np.isin(predicted, good))
    codes = _places(rows, one.by, worst)
    low, high = (among & (codes == place) for place in (0, 1))
    if not low.any() or not high.any():
        return None
    rates = float(success[low].mean()), float(success[high].mean())
    adds = np.zeros(rows.n)
    adds[low] = (success[low] - rates[0]) / low.sum()
    adds[high] = -(success[high] - rates[1]) / high.sum()
    if kind == "ratio":
        if not rates[1]:
            return None
        adds[low] /= rates[1]
        adds[high] *= rates[0] / rates[1] ** 2
        return adds
    return -adds  # the higher rate less the lower one


def _places(rows: Block, by: tuple[str, ...], worst: list[dict[str, Json]]) -> Any:
    """0 for rows of the first group named, 1 for those of the second, -1 for others."""
    levels, codes = levels_of(rows.groups, by)
    place = {tuple(where[name] for name in by): index for index, where in enumerate(worst)}
    return np.array([*(place.get(level, -1) for level in levels), -1])[codes]
