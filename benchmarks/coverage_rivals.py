"""The best-known alternative intervals, to set widths beside."""

from typing import Any

import numpy as np
from scipy.special import expit, logit, ndtri, stdtrit

from benchmarks.coverage_cells import CONFIDENCE, Interval
from reliability.intervals.comparisons import Comparison, group_mass, widest_difference, widest_ratio

Z = float(ndtri(0.5 + CONFIDENCE / 2))


def wilson(successes: Any, n: Any, *, z: float = Z) -> tuple[Any, Any]:
    """Wilson's score interval of a proportion."""
    x, trials = np.asarray(successes, float), np.asarray(n, float)
    middle = (x + z * z / 2) / (trials + z * z)
    half = z / (trials + z * z) * np.sqrt(np.maximum(x * (trials - x) / trials + z * z / 4, 0))
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)


def wilson_pair(successes: float, n: float) -> Interval:
    """Wilson's interval as two floats."""
    low, high = wilson(successes, n)
    return float(low), float(high)


def mover_wilson(successes: Any, n: Any, *, ratio: bool) -> Interval | None:
    """Widest gap of K proportions from Wilson's limits at the studentised range's level."""
    rates = np.asarray(successes, float) / np.asarray(n, float)
    if ratio and not rates.max() > 0:
        return None
    low, high = wilson(successes, n, z=-float(ndtri(group_mass(len(rates), CONFIDENCE) / 2)))
    # Rounding may leave a limit a hair on the wrong side of 0 of 1.
    low, high = np.minimum(low, rates), np.maximum(high, rates)
    gap: Comparison = (widest_ratio if ratio else widest_difference)(rates, low, high, method="wilson")
    return gap.low, gap.high


def wald(value: float, variance: float) -> Interval | None:
    """Estimate and normal quantile times standard error."""
    if not variance > 0:
        return None
    half = Z * float(np.sqrt(variance))
    return value - half, value + half


def wald_logit(value: float, variance: float) -> Interval | None:
    """As `wald`, on the logit."""
    if not (variance > 0 and 0 < value < 1):
        return None
    half = Z * float(np.sqrt(variance)) / (value * (1 - value))
    return float(expit(logit(value) - half)), float(expit(logit(value) + half))


def student(values: Any) -> Interval | None:
    """Student's interval of a mean."""
    x = np.asarray(values, float)
    spread = float(x.std(ddof=1)) if len(x) > 1 else 0.0
    if not spread > 0:
        return None
    half = float(stdtrit(len(x) - 1, 0.5 + CONFIDENCE / 2)) * spread / float(np.sqrt(len(x)))
    return float(x.mean()) - half, float(x.mean()) + half


def log_student(values: Any) -> Interval | None:
    """Interval of a mean of positive values by the delta method on the logarithm."""
    x = np.asarray(values, float)
    found = student(x)
    if found is None or not x.mean() > 0:
        return None
    mean, half = float(x.mean()), (found[1] - found[0]) / 2
    return mean * float(np.exp(-half / mean)), mean * float(np.exp(half / mean))


def gap_at_its_place(first: Any, second: Any) -> tuple[float, float]:
    """Largest gap of two distributions, and its variance at its place, as if that had not been looked for."""
    places = np.concatenate((first, second))
    below = np.stack([np.searchsorted(np.sort(one), places, side="right") / len(one) for one in (first, second)])
    chances = below[:, int(np.argmax(np.abs(below[1] - below[0])))]
    return float(abs(chances[1] - chances[0])), float((chances * (1 - chances) / [len(first), len(second)]).sum())


def delong(scores: Any, positive: Any) -> tuple[float, float]:
    """Area under the ROC curve and DeLong's variance of it, without ties."""
    order = np.argsort(scores, kind="stable")
    mine = np.asarray(positive, bool)[order]
    below = np.cumsum(~mine)
    placed_positive = below[mine] / max((~mine).sum(), 1)
    above = mine.sum() - np.cumsum(mine)
    placed_negative = above[~mine] / max(mine.sum(), 1)
    if min(len(placed_positive), len(placed_negative)) < 2:
        return float(placed_positive.mean()) if len(placed_positive) else 0.5, 0.0
    variance = placed_positive.var(ddof=1) / len(placed_positive) + placed_negative.var(ddof=1) / len(placed_negative)
    return float(placed_positive.mean()), float(variance)
