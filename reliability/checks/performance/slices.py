"""Where the model is weakest: a part of the rows found on one half of them and measured on the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, pairwise
from typing import Any, NamedTuple

import numpy as np

from reliability.blocks import Bools, Column, Floats, Ints
from reliability.checks.requirements import AtLeastOne, require_at_least, require_classes
from reliability.checks.sampled import parts_of, worth_of
from reliability.errors import NotMeasurable
from reliability.evidence.levels import level_key
from reliability.evidence.sample import Sample
from reliability.intervals.differences import difference_interval
from reliability.intervals.proportions import clopper_pearson
from reliability.records import Json, Measurement, Reason

_LEVELS = 20
_BANDS = 4
_PAIRED = 5  # features whose pairs are looked through
_NO_PART = -1
_LEAST = 30  # rows of the slice, and of the rest, on the half that measures it


def weakest_slice(
    sample: Sample, *, minimum_rows: AtLeastOne = 100, confidence: float = 0.95, seed: int = 0
) -> Measurement:
    """Accuracy over all rows less that in the weakest part of them that the features describe.

    Parameters
    ----------
    sample : Sample
        Sampled rows with their features, true and predicted labels.
    minimum_rows : int, default 100
        Fewest rows of a part on the half where it is looked for.
    confidence : float, default 0.95
        Two-sided coverage of the interval, in (0, 1).
    seed : int, default 0
        Key of the halves.

    Returns
    -------
    Measurement
        Difference, in [-1, 1]; 0 or less is best. `details.slice` says which part: for each feature its value, or
        the band from `low` up to but without `high`.

    Raises
    ------
    NotMeasurable
        `needs_classification`, `no_rows`, `no_features` or `no_predictions`.
    ChecklistError
        If `minimum_rows` is below 1.

    Notes
    -----
    Parts: every value (the 20 commonest) or quarter of every feature, the rows where it is missing, and all pairs of
    these from the five features whose parts were weakest. On one half of the rows the part is taken whose accuracy,
    drawn towards that of the half by `minimum_rows` rows, is lowest. On the other half it is measured: value =
    (1 - w) (accuracy of the rest - accuracy of the part), w the part's share of the rows there. As the
    search has not seen these rows, it does not bias the number; one of so many parts that is weak by chance alone
    shows about 0. Another half would find another part, and parts that no two features describe are not found.
    Interval: square-and-add of both accuracies' Clopper-Pearson limits, times 1 - w; with entities the halves
    share none, and rows count at their effective number.

    References
    ----------
    Chung, Y. et al. (2020), IEEE Transactions on Knowledge and Data Engineering 32, 2284-2296 (Slice Finder);
    Newcombe, R. G. (1998), Statistics in Medicine 17, 873-890 (method 10); Cox, D. R. (1975), Biometrika 62, 441-444
    (splitting for one hypothesis chosen by the data).
    """
    require_at_least("minimum_rows", minimum_rows, 1)
    require_classes(sample.roles, sample.n)
    if not sample.columns:
        raise NotMeasurable("no_features")
    if sample.y_pred is None:
        raise NotMeasurable("no_predictions")
    right: Bools = sample.y_pred == sample.y_true
    looking = parts_of(sample, 2, seed=seed) == 0
    found, searched = _weakest(sample, right, looking, minimum_rows)
    if isinstance(found, int):
        return _too_few(found, minimum_rows, {"of_n": sample.of_n, "searched": searched})
    details = {"of_n": sample.of_n, "searched": searched, "slice": found.named, "found": _found(found, right, looking)}
    entity = None if sample.entity is None else sample.entity[~looking]
    return _measured(right[~looking], found.inside[~looking], entity, details, confidence)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Cut:
    """One feature cut into parts: the part of every row (`_NO_PART`: none), and every part in words."""

    codes: Ints
    parts: tuple[dict[str, Json], ...]


class _Looked(NamedTuple):
    """The weakest part of a cut among those that are large enough, and how many are."""

    shortfall: float
    part: int
    eligible: int


@dataclass(frozen=True, kw_only=True, eq=False)
class _Slice:
    """Some of the rows, and the conditions that make them out."""

    inside: Bools
    named: list[dict[str, Json]]


def _weakest(sample: Sample, right: Bools, looking: Bools, minimum: int) -> tuple[_Slice | int, int]:
    """The weakest part on the half that looks, or the rows of the largest; and how many were large enough."""
    cuts = [_cut(name, column, looking) for name, column in sample.columns.items()]
    singles = [_worst_part(cut.codes, len(cut.parts), right, looking, minimum) for cut in cuts]
    best = [(one.shortfall, (place,), one.part) for place, one in enumerate(singles) if one is not None]
    if not best:
        return max(_largest_part(cut.codes[looking]) for cut in cuts), 0
    searched = sum(one.eligible for one in singles if one is not None)
    leading = sorted(places[0] for _, places, _ in sorted(best, key=lambda one: (-one[0], one[1]))[:_PAIRED])
    found: list[tuple[float, tuple[int, ...], int]] = [*best]
    for pair in combinations(leading, 2):
        both = _worst_part(*_crossed(cuts[pair[0]], cuts[pair[1]]), right, looking, minimum)
        if both is not None:
            searched += both.eligible
            found.append((both.shortfall, pair, both.part))
    # The plainest of the weakest: fewer features first, then in their order.
    _, places, part = min(found, key=lambda one: (-one[0], len(one[1]), one[1]))
    return _slice(cuts, places, part), searched


def _worst_part(codes: Ints, size: int, right: Bools, looking: Bools, minimum: int) -> _Looked | None:
    """The part, if one is large enough, whose accuracy, drawn towards that of all rows, falls shortest of it."""
    chosen = looking & (codes >= 0)
    n = np.bincount(codes[chosen], minlength=size)
    hits = np.bincount(codes[chosen & right], minlength=size)
    total, among = int(np.count_nonzero(right & looking)), int(np.count_nonzero(looking))
    eligible = (n >= minimum) & (n < among)
    if not eligible.any():
        return None
    overall = total / among
    drawn: Floats = overall - (hits + minimum * overall) / (n + minimum)
    drawn[~eligible] = -np.inf
    part = int(np.argmax(drawn))
    return _Looked(float(drawn[part]), part, int(np.count_nonzero(eligible)))


def _largest_part(codes: Ints) -> int:
    """Rows of the largest part of a cut that not all rows are in."""
    n = np.bincount(codes[codes >= 0])
    return int(n[n < len(codes)].max(initial=0))


def _crossed(first: _Cut, second: _Cut) -> tuple[Ints, int]:
    both = (first.codes >= 0) & (second.codes >= 0)
    width = len(second.parts)
    return np.where(both, first.codes * width + second.codes, _NO_PART), len(first.parts) * width


def _slice(cuts: Sequence[_Cut], places: tuple[int, ...], part: int) -> _Slice:
    if len(places) == 1:
        cut = cuts[places[0]]
        return _Slice(inside=cut.codes == part, named=[cut.parts[part]])
    first, second = cuts[places[0]], cuts[places[1]]
    one, other = divmod(part, len(second.parts))
    inside = (first.codes == one) & (second.codes == other)
    return _Slice(inside=inside, named=[first.parts[one], second.parts[other]])


def _cut(name: str, column: Column, looking: Bools) -> _Cut:
    """A feature cut by what the rows of the one half hold; missing is a part of its own."""
    seen = column.values[looking & ~column.missing]
    values, counts = np.unique(seen, return_counts=True)
    if column.kind in ("f8", "i8") and len(values) > _LEVELS:
        codes, parts = _bands(name, column, seen)
    else:
        codes, parts = _values(name, column, values, counts)
    return _Cut(codes=np.where(column.missing, len(parts), codes), parts=(*parts, {"column": name, "level": None}))


def _bands(name: str, column: Column, seen: Any) -> tuple[Ints, list[dict[str, Json]]]:
    edges = np.unique(np.quantile(seen, np.arange(1, _BANDS) / _BANDS, method="lower"))
    ends = [None, *edges.tolist(), None]
    codes: Ints = np.searchsorted(edges, column.values, side="right").astype(np.int64)
    return codes, [{"column": name, "low": low, "high": high} for low, high in pairwise(ends)]


def _values(name: str, column: Column, values: Any, counts: Ints) -> tuple[Ints, list[dict[str, Json]]]:
    labels = [column.levels[value] if column.kind == "utf8" else value.item() for value in values]
    # The commonest first; among equals in natural order, so that no coding of text shows.
    order = sorted(range(len(labels)), key=lambda at: (-int(counts[at]), level_key((labels[at],))))[:_LEVELS]
    codes: Ints = np.full(len(column), _NO_PART)
    for code, at in enumerate(order):
        codes[column.values == values[at]] = code
    return codes, [{"column": name, "level": labels[at]} for at in order]


def _found(found: _Slice, right: Bools, looking: Bools) -> dict[str, Json]:
    """What the half that looked saw of the part: too good a catch to be judged by."""
    rows, hits = looking & found.inside, looking & found.inside & right
    n = int(np.count_nonzero(rows))
    overall = Fraction(int(np.count_nonzero(right & looking)), int(np.count_nonzero(looking)))
    return {"n": n, "value": float(overall - Fraction(int(np.count_nonzero(hits)), n))}


def _measured(right: Bools, inside: Bools, entity: Any, details: dict[str, Json], confidence: float) -> Measurement:
    """The part on the half that did not look for it."""
    n, slice_n = len(right), int(np.count_nonzero(inside))
    if min(slice_n, n - slice_n) < _LEAST:
        return _too_few(min(slice_n, n - slice_n), _LEAST, details)
    sides = [_accuracy(right[rows], None if entity is None else entity[rows], confidence) for rows in (~inside, inside)]
    (rest, rest_limits), (weak, weak_limits) = sides
    apart = Fraction(n - slice_n, n)
    low, high = difference_interval(float(rest), rest_limits, float(weak), weak_limits)
    overall = Fraction(int(np.count_nonzero(right)), n)
    return Measurement.within(
        float(overall - weak),
        (float(apart) * low, float(apart) * high),
        n=n,
        unit="difference",
        method="square_and_add_clopper_pearson" if entity is None else "square_and_add_clopper_pearson_effective_n",
        details=details | {"slice_n": slice_n, "slice_value": float(weak), "overall": float(overall)},
    )


def _accuracy(right: Bools, entity: Any, confidence: float) -> tuple[Fraction, tuple[float, float]]:
    hits, n = int(np.count_nonzero(right)), len(right)
    worth = worth_of(right, entity, confidence=confidence)
    low, high = clopper_pearson(hits * (worth / n), worth, confidence=confidence)
    return Fraction(hits, n), (float(low), float(high))


def _too_few(n: int, needed: int, details: dict[str, Json]) -> Measurement:
    reason = Reason.model_validate({"code": "too_few_for_interval", "with": {"n": n, "needed": needed}})
    return Measurement.unjudged(None, n=n, unit="difference", reason=reason, details=details)
