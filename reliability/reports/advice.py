"""What would decide the undecided: what to hand in, or roughly how many more rows."""

import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from reliability.errors import NotMeasurable
from reliability.intervals import clopper_pearson, largest_difference, smallest_ratio
from reliability.records import Criterion, CriterionResult, Json, Measurement, Number, Reason
from reliability.reports import figures
from reliability.reports.groups import group_label, slice_label
from reliability.reports.withheld import Withheld
from reliability.words.text import Words

# Beyond this many times the rows, more rows are no advice; beyond the second, the estimate lies on the limit.
MOST_FACTOR = 50
ON_THE_LIMIT = 10_000
MOST_NAMED = 6
_HALVINGS = 30
_UNDECIDED = frozenset({"conditional_pass", "conditional_fail", "inconclusive"})

Interval: TypeAlias = tuple[float, float]
Grown: TypeAlias = Callable[[float], Interval]


def decides(result: CriterionResult, title: str, words: Words, withheld: Withheld | None = None) -> tuple[str, ...]:
    """What would decide an undecided criterion, as far as the record supports saying it."""
    withheld = withheld or Withheld.of(result.measurements)
    known = {found.reason.code for found in result.measurements if found.reason}
    told = [(title, _advice(reason, words)) for reason in result.reasons if reason.code not in known]
    for found in result.measurements:
        name = _name(found, title, words, withheld)
        if found.reason:
            told.append((name, _advice(found.reason, words)))
        if result.verdict in _UNDECIDED and _straddles(found, result.criterion):
            told.append((name, _more_rows(found, result.criterion, words, withheld)))
    return tuple(words.text("decide.named", name=name, text=text) for name, text in dict.fromkeys(told) if text)


def _name(found: Measurement, title: str, words: Words, withheld: Withheld) -> str:
    """The measure, and of which attribute or group."""
    of = slice_label(found.slice, found.by, words, withheld.bands) if found.slice else ""
    about = " = ".join(part for part in (" × ".join(found.by), of) if part)
    return f"{title} ({about})" if about else title


def _advice(reason: Reason, words: Words) -> str:
    general = ("decide.model",) if reason.code.startswith("model_") or reason.code == "not_a_model" else ()
    return words.first(f"decide.{reason.code}", *general)


def _straddles(found: Measurement, criterion: Criterion) -> bool:
    return (
        found.judged
        and found.low is not None
        and found.high is not None
        and _undecided((float(found.low), float(found.high)), figures.limits(criterion))
    )


def _undecided(interval: Interval, limits: tuple[Number, ...]) -> bool:
    low, high = interval
    return any(low < end <= high or low <= end < high for end in limits)


def factor(found: Measurement, criterion: Criterion) -> float | None:
    """How many times the rows would clear the interval of the limit; None where it is clear of it already.

    Every group that is compared grows alike, and every share stays what it is. Infinite on the limit itself.
    """
    limits = figures.limits(criterion)
    if found.value is None or not _straddles(found, criterion):
        return None
    if any(math.isclose(found.value, limit, abs_tol=1e-9) for limit in limits):
        return math.inf
    grown = _grown(found)
    if _undecided(grown(ON_THE_LIMIT), limits):
        return math.inf
    low, high = 1.0, float(ON_THE_LIMIT)
    for _ in range(_HALVINGS):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if _undecided(grown(middle), limits) else (low, middle)
    return high


def _grown(found: Measurement) -> Grown:
    """The interval that a measurement would have with so many times the rows."""
    confidence = found.confidence or 0.95
    judged = [group for group in found.details.get("groups") or () if group.get("judged", True)]
    if found.method == "mover_clopper_pearson" and len(judged) >= 2:
        return _compared_anew(found.unit, judged, confidence) or _narrowed(found)
    if found.method == "clopper_pearson" and found.unit == "share" and found.value is not None:
        hits = round(found.value * found.n)
        return lambda times: _proportion(hits * times, found.n * times, confidence)
    return _narrowed(found)


def _proportion(hits: float, n: float, confidence: float) -> Interval:
    low, high = clopper_pearson(hits, n, confidence=confidence)
    return float(low), float(high)


def _compared_anew(unit: str, groups: list[dict[str, Json]], confidence: float) -> Grown | None:
    n = np.array([group["n"] for group in groups], np.float64)
    hits = np.round(np.array([group["value"] for group in groups], np.float64) * n)
    widest = smallest_ratio if unit == "ratio" else largest_difference

    def grown(times: float) -> Interval:
        gap = widest(hits * times, n * times, confidence=confidence)
        return gap.low, gap.high

    try:
        grown(1.0)
    except NotMeasurable:
        return None
    return grown


def _narrowed(found: Measurement) -> Grown:
    """Half-widths shrink with the root of n; an end cut off at 0 or 1 is taken as far away as the other."""
    value, low, high = (float(end or 0) for end in (found.value, found.low, found.high))
    below, above = value - low, high - value
    if figures.natural_end(found.unit, low):
        below = max(below, above)
    if figures.natural_end(found.unit, high):
        above = max(below, above)
    return lambda times: (value - below / math.sqrt(times), value + above / math.sqrt(times))


def _more_rows(found: Measurement, criterion: Criterion, words: Words, withheld: Withheld) -> str:
    times = factor(found, criterion)
    if times is None:
        return ""
    if math.isinf(times):
        return words.text("decide.at_limit")
    rows = words.first(f"check.{found.check}.rows", "decide.any_rows")
    rough = f"{times:.1f}" if times < 10 else _rounded(times)
    if times > MOST_FACTOR:
        return words.text("decide.too_many", factor=rough, rows=rows)
    groups = [group for group in found.details.get("groups") or () if group.get("judged", True)]
    if groups:
        named = _groups(groups, times, found, words, withheld)
        return words.text("decide.groups", groups=named, factor=rough, rows=rows)
    return words.text("decide.rows", n=_rounded(times * found.n), now=figures.count(found.n), factor=rough, rows=rows)


def _groups(groups: list[dict[str, Json]], times: float, found: Measurement, words: Words, withheld: Withheld) -> str:
    """The groups with the rows that each would need; without a number where its size is withheld."""
    texts = []
    for group in groups[:MOST_NAMED]:
        label = group_label(group["slice"], found.by, words, withheld.bands)
        hidden = withheld.hides(group["slice"])
        texts.append(
            f"‘{label}’" if hidden else words.text("decide.group_rows", group=label, n=_rounded(times * group["n"]))
        )
    return ", ".join([*texts, "…"] if len(groups) > MOST_NAMED else texts)


def _rounded(n: float) -> str:
    """Two significant digits: the estimate holds no more."""
    return f"{float(f'{n:.2g}'):,.0f}"
