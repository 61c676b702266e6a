"""What would decide the undecided: what to hand in, or roughly how many more rows."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from scipy.special import ndtri

from reliability.blocks import Floats
from reliability.errors import NotMeasurable
from reliability.intervals.comparisons import (
    group_mass,
    largest_difference,
    smallest_ratio,
    widest_difference,
    widest_ratio,
)
from reliability.intervals.proportions import clopper_pearson
from reliability.plan import most_rows
from reliability.records import Criterion, CriterionResult, Json, Measurement, Number, Reason, Verdict
from reliability.reports import figures
from reliability.reports.file_rows import FileRows
from reliability.reports.groups import group_label, slice_label
from reliability.reports.particulars import PARTS, worse_rate
from reliability.reports.withheld import Withheld
from reliability.words.text import Words

# Beyond this many times the rows, more rows are no advice; beyond the second, the estimate lies on the limit.
MOST_FACTOR = 50
ON_THE_LIMIT = 10_000
MOST_NAMED = 6
_HALVINGS, _MOST_DIGITS = 30, 12
# An interval made anew from its groups is the recorded one, to this share of its width.
_LIKENESS = 0.2
_CUTS = frozenset({-1.0, 0.0, 1.0})
_UNDECIDED = frozenset({"conditional_pass", "conditional_fail", "inconclusive"})

Interval: TypeAlias = tuple[float, float]
Grown: TypeAlias = Callable[[float], Interval]


@dataclass(frozen=True, kw_only=True)
class Settling:
    """One thing that would decide an undecided criterion."""

    text: str
    verdict: Verdict  # of the criterion
    times: float | None = None  # how many times the rows; infinite where more rows do not; None where it is no rows


def settling(
    result: CriterionResult,
    title: str,
    words: Words,
    withheld: Withheld | None = None,
    *,
    files: FileRows | None = None,
) -> Iterator[Settling]:
    """Everything that would decide an undecided criterion, one thing after the other."""
    withheld, files = withheld or Withheld.of(result.measurements), files or FileRows()
    known = {found.reason.code for found in result.measurements if found.reason}
    told: list[tuple[str, str, float | None]]
    told = [(title, _advice(reason, words), None) for reason in result.reasons if reason.code not in known]
    for found in result.measurements:
        name = _name(found, title, words, withheld)
        if found.reason:
            told.append((name, _advice(found.reason, words), None))
        if result.verdict in _UNDECIDED and _straddles(found, result.criterion):
            told.append((name, *_more_rows(found, result.criterion, words, withheld, files)))
    for name, text, times in told:
        if text:
            named = words.text("decide.named", name=name, text=text)
            yield Settling(text=named, verdict=result.verdict, times=times)


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


def factor(found: Measurement, criterion: Criterion, growing: Sequence[int] | None = None) -> float | None:
    """How many times the rows would clear the interval of the limit; None where it is clear of it already.

    The groups `growing`, by position among the judged ones, grow alike, all of them by default; what was observed in
    each stays what it is. Infinite on the limit itself, and where these groups alone do not decide it.
    """
    limits = figures.limits(criterion)
    if found.value is None or not _straddles(found, criterion):
        return None
    if any(math.isclose(found.value, limit, abs_tol=1e-9) for limit in limits):
        return math.inf
    grown = _grown(found, growing)
    if grown is None or _undecided(grown(ON_THE_LIMIT), limits):
        return math.inf
    low, high = 1.0, float(ON_THE_LIMIT)
    for _ in range(_HALVINGS):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if _undecided(grown(middle), limits) else (low, middle)
    return high


def _grown(found: Measurement, growing: Sequence[int] | None) -> Grown | None:
    """The interval with so many times the rows; None where what grows is not known to move it."""
    if found.method == "clopper_pearson" and found.unit == "share" and found.value is not None:
        hits, confidence = round(found.value * found.n), found.confidence or 0.95
        return lambda times: _proportion(hits * times, found.n * times, confidence)
    return _recombined(found, growing) or (_narrowed(found) if growing is None else None)


def _proportion(hits: float, n: float, confidence: float) -> Interval:
    low, high = clopper_pearson(hits, n, confidence=confidence)
    return float(low), float(high)


def _judged(found: Measurement) -> list[dict[str, Json]]:
    return [group for group in found.details.get("groups") or () if group.get("judged", True)]


def _recombined(found: Measurement, growing: Sequence[int] | None) -> Grown | None:
    """The interval of a comparison made anew from its groups; None where it is made in another way."""
    groups = _judged(found)
    if len(groups) < 2 or any(group.get(name) is None for group in groups for name in ("value", "low", "high", "n")):
        return None
    grows = np.isin(np.arange(len(groups)), np.arange(len(groups)) if growing is None else growing)
    exact = found.method == "mover_clopper_pearson"
    gap = _of_counts(found, groups) if exact else _of_limits(found, groups)
    try:
        made = gap(np.ones(len(groups)))
    except NotMeasurable:
        return None
    if not exact and not _alike(made, (float(found.low or 0), float(found.high or 0))):
        return None
    return lambda times: gap(np.where(grows, times, 1.0))


def _alike(made: Interval, recorded: Interval) -> bool:
    width = recorded[1] - recorded[0]
    return all(abs(end - there) <= _LIKENESS * width for end, there in zip(made, recorded, strict=True))


def _of_counts(found: Measurement, groups: list[dict[str, Json]]) -> Callable[[Floats], Interval]:
    n = np.array([group["n"] for group in groups], np.float64)
    hits = np.round(np.array([group["value"] for group in groups], np.float64) * n)
    widest = smallest_ratio if found.unit == "ratio" else largest_difference

    def gap(times: Floats) -> Interval:
        compared = widest(hits * times, n * times, confidence=found.confidence or 0.95)
        return compared.low, compared.high

    return gap


def _of_limits(found: Measurement, groups: list[dict[str, Json]]) -> Callable[[Floats], Interval]:
    value, low, high = (np.array([group[name] for group in groups], np.float64) for name in ("value", "low", "high"))
    confidence = found.confidence or 0.95
    # Every group is listed with its own interval; compared, they are held to all pairs at once.
    wider = ndtri(group_mass(len(groups), confidence) / 2) / ndtri((1 - confidence) / 2)

    def gap(times: Floats) -> Interval:
        scale = wider / np.sqrt(times)
        lows, highs = value - (value - low) * scale, value + (high - value) * scale
        if found.unit == "ratio":
            compared = widest_ratio(value, np.maximum(lows, 0), highs, method="")
        else:
            compared = widest_difference(value, lows, highs, method="", greatest=math.inf)
        return compared.low, compared.high

    return gap


def _narrowed(found: Measurement) -> Grown:
    """Half-widths shrink with the root of n; an end cut off at 0 or 1 is taken as far away as the other."""
    value, low, high = (float(end or 0) for end in (found.value, found.low, found.high))
    below, above = value - low, high - value
    # Whatever the unit: an interval ends at just such a number where the measure itself ends.
    if low in _CUTS:
        below = max(below, above)
    if high in _CUTS:
        above = max(below, above)
    return lambda times: (value - below / math.sqrt(times), value + above / math.sqrt(times))


def _more_rows(
    found: Measurement, criterion: Criterion, words: Words, withheld: Withheld, files: FileRows
) -> tuple[str, float]:
    """How many rows would decide a measurement, and how many times those that there are."""
    times = factor(found, criterion)
    if times is None or math.isinf(times):
        return words.text("decide.at_limit") if times else "", math.inf
    groups, worst = _judged(found), _worst(found)
    key, growing = "decide.groups", list(range(len(groups)))
    if len(groups) > len(worst) > 0:
        alone = factor(found, criterion, worst) or math.inf
        # Growing two groups only is the advice where it takes fewer new rows in all.
        if alone <= MOST_FACTOR and (alone - 1) * _rows(groups, worst) <= (times - 1) * _rows(groups, growing):
            key, growing, times = "decide.pair", worst, alone
    rows = words.first(*_kind(found), "decide.any_rows")
    if times > MOST_FACTOR:
        return words.text("decide.too_many", factor=_roughly(times), rows=rows), times
    share = _rows(groups, growing) / max(_rows(groups, range(len(groups))), 1) if groups else 1.0
    capped = _sampled(1 + (times - 1) * share, found, criterion, words, files)
    if capped:
        return capped, math.inf
    if not groups:
        return _of_file(times, found, words, withheld, files), times
    chosen = [groups[place] for place in growing]
    named = _groups(chosen, times, found, words, withheld, files)
    if key == "decide.groups" and files.evaluation:
        n = wanted(times * files.evaluation, files.evaluation)
        named += words.text("decide.in_all", now=figures.count(files.evaluation), n=n)
    return words.text(key, groups=named, factor=_roughly(times), rows=rows), times


def _sampled(times: float, found: Measurement, criterion: Criterion, words: Words, files: FileRows) -> str:
    """What stands in the way of so many times the rows, where a check takes no more of them; else empty."""
    most, now = most_rows(criterion), files.seen_by(found)
    if not most:
        return words.text("decide.inputs", now=figures.count(found.n), n=wanted(times * found.n, found.n))
    needed = times * min(now, most)
    if needed <= most:
        return ""
    if needed > most_rows(criterion, raised=True):
        return words.text("decide.sampled_all", most=figures.count(int(most)))
    return words.text("decide.sampled", n=wanted(needed, most), now=figures.count(now), most=figures.count(int(most)))


def _of_file(times: float, found: Measurement, words: Words, withheld: Withheld, files: FileRows) -> str:
    """The rows that the data handed in would have to hold; of a group that is withheld no number of them."""
    if found.slice and withheld.hides(found.slice):
        return words.text("decide.group_times", factor=_roughly(times))
    now, beside = files.seen_by(found), files.beside(found)
    part = found.n < now and not withheld.hides_n(found) and beside is None
    told = {
        "now": figures.count(now), "n": wanted(times * now, now), "factor": _roughly(times),
        "part": words.text("decide.part", n=figures.count(found.n)) if part else "",
    }  # fmt: skip
    if found.slice:
        return words.text("decide.rows_of_group", **told)
    if beside is not None:
        return words.text(
            "decide.rows_of_both", training=figures.count(beside), training_n=wanted(times * beside, beside), **told
        )
    return words.text("decide.rows", **told)


def _worst(found: Measurement) -> list[int]:
    """Positions of the two groups that differ most, among the judged ones; empty where they are not named."""
    slices = [group["slice"] for group in _judged(found)]
    worst = [slices.index(one) for one in found.details.get("worst") or () if one in slices]
    return worst if len(worst) == 2 else []


def _rows(groups: list[dict[str, Json]], places: Sequence[int]) -> int:
    return sum(int(groups[place]["n"]) for place in places)


def _groups(
    groups: list[dict[str, Json]], times: float, found: Measurement, words: Words, withheld: Withheld, files: FileRows
) -> str:
    """The groups with the rows of each, now and wanted; without numbers where its size is withheld or not known."""
    texts = []
    for group in groups[:MOST_NAMED]:
        label = group_label(group["slice"], found.by, words, withheld.bands)
        n = None if withheld.hides(group["slice"]) else _size(group, found, words, files)
        grown = "" if n is None else wanted(times * n, n)
        texts.append(
            f"‘{label}’" if n is None else words.text("decide.group_rows", group=label, now=figures.count(n), n=grown)
        )
    return ", ".join([*texts, "…"] if len(groups) > MOST_NAMED else texts)


def _size(group: dict[str, Json], found: Measurement, words: Words, files: FileRows) -> int | None:
    """Rows of a group in the file: of the kind that a rate counts, or all of them."""
    if any(key in words for key in _kind(found)):
        return int(group["n"])
    known = files.of_group(group["slice"])
    # Of what was measured on a sample, or a part of it, the counts are no rows of the file.
    return known if known is not None or "of_n" in found.details else int(group["n"])


def _kind(found: Measurement) -> tuple[str, ...]:
    """The key of the rows that a rate counts; none of what was measured on a sample or a part of it."""
    return () if "of_n" in found.details else (f"check.{PARTS.get(worse_rate(found), found.check)}.rows",)


def _roughly(times: float) -> str:
    if times < 1.05:
        return f"{math.ceil(times * 100) / 100:.2f}"
    return f"{times:.1f}" if times < 10 else wanted(times)


def wanted(n: float, now: float = 0) -> str:
    """Rows in two significant digits, for an estimate holds no more; in as many as it takes to be more than now."""
    digits = 2
    while now < n and float(f"{n:.{digits}g}") <= now and digits < _MOST_DIGITS:
        digits += 1
    return f"{float(f'{n:.{digits}g}'):,.0f}"
