"""How a measurement changed where its rows cannot be told together: from nothing but the two records."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from reliability.changes import ComparedGroup, Difference
from reliability.compare.paired import TOLERANCE
from reliability.intervals.changes import (
    Change,
    Estimate,
    FixedPair,
    fixed_pair_difference,
    fixed_pair_ratio,
    recorded_change,
    share_change,
)
from reliability.records import Json, Measurement

# Two measurements of one truth, simulated, are told apart in 5 % of draws or less, and in 0.5 % or less at that level.
VALIDATED = frozenset(
    """
    calibration.brier_skill_score calibration.calibration_intercept calibration.calibration_slope
    calibration.expected_calibration_error
    fairness.counterfactual_flip_rate fairness.generalized_entropy_index fairness.theil_index
    performance.accuracy performance.average_precision performance.balanced_accuracy
    performance.better_than_incumbent performance.better_than_majority performance.better_than_mean
    performance.brier_score performance.f1 performance.f1_macro performance.f1_weighted performance.log_loss
    performance.matthews_correlation performance.mean_absolute_error performance.median_absolute_error
    performance.precision performance.r2_score performance.recall performance.roc_auc performance.roc_auc_one_vs_rest
    performance.root_mean_squared_error performance.specificity
    robustness.missing_value_consistency robustness.noise_consistency robustness.repeatability
    """.split()
)
# Shares of groups, compared: the record has every group's share and rows.
_RATES = ("selection_rate", "true_positive_rate", "false_positive_rate", "false_negative_rate",
          "positive_predictive_value")  # fmt: skip
OF_GROUPS: Mapping[str, Callable[..., Change]] = {
    f"fairness.{rate}_{unit}": function
    for rate in _RATES
    for unit, function in (("difference", fixed_pair_difference), ("ratio", fixed_pair_ratio))
}
COUNTED = "clopper_pearson"
CLUSTERED = "_effective_n"
_Group = dict[str, Json]


def from_records(
    before: Measurement, after: Measurement, *, correlation: float | None, confidence: float
) -> Difference:
    """After less before by the intervals of both; counts behind them are used where they can be read."""
    counts = [_counts(one) for one in (before, after)]
    if correlation is None and counts[0] and counts[1]:
        change, method = share_change(counts[0], counts[1], confidence=confidence), "square_and_add"
    else:
        first, second = (_estimate(one) for one in (before, after))
        change = recorded_change(first, second, correlation=correlation or 0.0, confidence=confidence)
        method = "mover" if correlation is None else "mover_paired"
    return told(change, method=method, confidence=confidence)


def told(change: Change, *, method: str, confidence: float, **more: Any) -> Difference:
    """A change as the record holds it."""
    return Difference(
        value=change.value, low=change.low, high=change.high, p_value=change.p_value,
        confidence=confidence, method=method, **more,
    )  # fmt: skip


def _counts(one: Measurement) -> tuple[float, float] | None:
    """Successes and rows of a share whose interval is Clopper and Pearson's on whole rows."""
    if one.method != COUNTED or one.value is None or not one.n:
        return None
    successes = one.value * one.n
    return (float(round(successes)), float(one.n)) if abs(successes - round(successes)) < TOLERANCE * one.n else None


def _estimate(one: Measurement) -> Estimate:
    value, low, high, confidence = (float(each or 0.0) for each in (one.value, one.low, one.high, one.confidence))
    return Estimate(value=value, low=low, high=high, confidence=confidence)


def worst_pair(before: Measurement, after: Measurement) -> tuple[list[_Group], list[_Group]] | None:
    """The two groups that differed most before, before and after; None where they are not in both."""
    named = before.details.get("worst") or []
    found = [[_group(one, level) for level in named] for one in (before, after)]
    if len(named) != 2 or any(group is None or not group["judged"] for pair in found for group in pair):
        return None
    return [group for group in found[0] if group], [group for group in found[1] if group]


def _group(one: Measurement, level: Mapping[str, Json]) -> _Group | None:
    return next((group for group in one.details.get("groups") or () if group["slice"] == level), None)


def counted_pair(before: Measurement, pair: tuple[list[_Group], list[_Group]]) -> FixedPair:
    """The pair's successes and rows."""
    n = np.array([[group["n"] for group in time] for time in pair], np.float64)
    rates = np.array([[group["value"] for group in time] for time in pair], np.float64)
    compared = sum(bool(group["judged"]) for group in before.details["groups"])
    return FixedPair(successes=np.rint(rates * n), n=n, groups=max(compared, 2))


def fixed_pair(
    before: Measurement, after: Measurement, pair: tuple[list[_Group], list[_Group]], *, confidence: float
) -> Difference:
    """How the gap of the pair changed that was worst before."""
    counted = counted_pair(before, pair)
    change = OF_GROUPS[after.check](counted, confidence=confidence)
    groups = tuple(
        ComparedGroup(slice=first["slice"], before=first["value"], after=second["value"])
        for first, second in zip(*pair, strict=True)
    )
    unit = after.check.rpartition("_")[2]
    return told(change, method=f"fixed_pair_{unit}", confidence=confidence, pair=groups, groups=counted.groups)
