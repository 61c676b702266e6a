"""Whether the other features give a sensitive attribute away."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from reliability.blocks import Bools, Column, Floats, Ints, Label
from reliability.checks.comparing import known
from reliability.checks.sampled import area, auc_counts, parts_of
from reliability.errors import NotMeasurable
from reliability.evidence.levels import Level, level_key
from reliability.evidence.probe import GroupSample
from reliability.evidence.sample import Sample
from reliability.intervals.ranks import auc_interval
from reliability.records import Measurement, Reason

_ROWS = 5_000
_LEVELS = 10
_LEAST = 30
_LEAST_MEASURED = 10  # of the group and of others, on the half that measures
_TREES = 200
_BINS = 20
_LISTED_FEATURES = 5
_LEFT_OUT = 0.05
# Scores are compared as decimals: the last bits of a sum of trees are no order of rows.
_DIGITS = 9


def proxy_auc(group_sample: GroupSample, *, confidence: float = 0.95, seed: int = 0) -> Measurement:
    """How well the features other than a sensitive attribute tell its groups apart.

    Parameters
    ----------
    group_sample : GroupSample
        Sampled rows with their features and groups.
    confidence : float, default 0.95
        Coverage of the interval for all groups at once, in (0, 1).
    seed : int, default 0
        Key of the halves and of the trees.

    Returns
    -------
    Measurement
        Area under the ROC curve of the group told apart best, in [0, 1]; 0.5 or less is best: the features say
        nothing of the group. `details` has every group, and the features that tell most of the worst one.

    Raises
    ------
    NotMeasurable
        `no_rows`, or `no_features` where there is no feature beside the attribute.

    Notes
    -----
    200 extremely randomised trees learn the groups from the features on one half of the rows, 5,000 at most, by a
    keyed hash of their position (of their entity); on the other half every group of at least 30 rows with 30 rows of
    other groups, the ten largest at most, is ranked against the rest by its score. Numbers enter by their ranks,
    text by its sorted values, what is missing below all. The trees stand for what any model could read from the
    features: a stronger one, or more rows, may read more. Halves rather than folds, whose scores depend on each
    other: no interval of their area keeps its coverage. Interval: the larger ends of every group's `auc_interval`, at
    a level that Bonferroni's inequality sets for all groups at once (two groups are one comparison). Rows of
    unknown or smaller groups are left out; more than 5 % of them, or clustered rows, are not judged.

    References
    ----------
    Geurts, P., Ernst, D. and Wehenkel, L. (2006), Machine Learning 63, 3-42 (extremely randomised trees);
    Feldman, M. et al. (2015), KDD, 259-268, section 4 (predictability of the protected class);
    Bengio, Y. and Grandvalet, Y. (2004), Journal of Machine Learning Research 5, 1089-1105 (folds and variance).
    """
    sample = group_sample.sample.smaller(_ROWS)
    if not sample.n:
        raise NotMeasurable("no_rows")
    features = {name: column for name, column in sample.columns.items() if name not in group_sample.attributes}
    if not features:
        raise NotMeasurable("no_features")
    learning = parts_of(sample, 2, seed=seed) == 0
    groups = _groups(sample, group_sample.attributes, learning)
    if not groups.compared.any():
        reason = _because("fewer_than_two_groups", by=list(groups.attributes))
        return Measurement.unjudged(None, n=0, unit="auc", reason=reason, details={"groups": groups.all_listed({})})
    coded = {name: _ranked(column) for name, column in features.items()}
    scores = _scores(np.column_stack(list(coded.values())), groups, seed)
    areas = _areas(scores, groups, None if sample.roles.clustered else confidence)
    worst = max(areas, key=lambda index: (areas[index].value, -index))
    details = {
        "of_n": sample.of_n,
        "groups": groups.all_listed(areas),
        "worst": [groups.slice(worst)],
        "features": _strongest(coded, groups, worst),
    }
    return _measured(areas, groups, worst, details)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Groups:
    """The groups of the sampled rows; rows of unknown groups are kept apart."""

    attributes: tuple[str, ...]
    levels: tuple[Level, ...]
    codes: Ints  # of every row
    compared: Bools
    learning: Ints  # rows of known groups on either half, by place
    measuring: Ints

    @property
    def sizes(self) -> Ints:
        """Rows of every group on the half that measures."""
        return self.counted(self.measuring)

    def counted(self, rows: Ints) -> Ints:
        """How many of the rows every group has."""
        return np.bincount(self.codes[rows], minlength=len(self.levels))

    def slice(self, index: int) -> dict[str, Label | None]:
        """The group as the record names it."""
        return dict(zip(self.attributes, self.levels[index], strict=True))

    def all_listed(self, areas: Mapping[int, "_Area"]) -> list[dict[str, Any]]:
        """Every group with its figures, if it has any; rows of the measuring half where it is compared."""
        every, sizes = self.counted(np.arange(len(self.codes))).tolist(), self.sizes.tolist()
        return [
            {
                "slice": self.slice(index),
                "value": areas[index].value if index in areas else None,
                "low": areas[index].limits[0] if index in areas else None,
                "high": areas[index].limits[1] if index in areas else None,
                "n": sizes[index] if compared else every[index],
                "judged": compared,
            }
            for index, compared in enumerate(self.compared.tolist())
        ]


class _Area(NamedTuple):
    value: float
    limits: tuple[float, float] | tuple[None, None]


def _groups(sample: Sample, attributes: tuple[str, ...], learning: Bools) -> _Groups:
    named = list(zip(*(_labels(sample, name) for name in attributes), strict=True))
    levels = tuple(sorted(set(named), key=level_key))
    place = {level: index for index, level in enumerate(levels)}
    codes = np.array([place[level] for level in named])
    named_all = known(levels)
    groups = _Groups(
        attributes=attributes,
        levels=levels,
        codes=codes,
        compared=named_all,
        learning=np.flatnonzero(named_all[codes] & learning),
        measuring=np.flatnonzero(named_all[codes] & ~learning),
    )
    sizes = np.bincount(codes)
    enough = named_all & _enough(sizes, int(sizes[named_all].sum()), _LEAST)
    enough &= _enough(groups.sizes, len(groups.measuring), _LEAST_MEASURED)
    largest = sorted(np.flatnonzero(enough).tolist(), key=lambda index: (-int(sizes[index]), index))
    enough[largest[_LEVELS:]] = False
    return replace(groups, compared=enough)


def _enough(sizes: Ints, total: int, least: int) -> Bools:
    found: Bools = (sizes >= least) & (total - sizes >= least)
    return found


def _labels(sample: Sample, name: str) -> list[Label | None]:
    groups = sample.groups[name]
    return [None if code < 0 else groups.levels[code] for code in groups.codes.tolist()]


def _ranked(column: Column) -> Ints:
    """Places of the values in their order, what is missing at -1: all that trees look at, and within their float32."""
    _, codes = np.unique(column.values, return_inverse=True)
    return np.where(column.missing, -1, codes)


def _scores(inputs: Ints, groups: _Groups, seed: int) -> dict[int, Floats]:
    """For every group: scores of the measuring rows by trees that learned from the others."""
    from sklearn.ensemble import ExtraTreesClassifier  # a second to load, for one check

    scores = {index: np.zeros(len(groups.measuring)) for index in range(len(groups.levels))}
    if not len(groups.learning):
        return scores
    # One thread: trees are added up in their order.
    trees = ExtraTreesClassifier(
        n_estimators=_TREES,
        min_samples_leaf=max(5, len(groups.learning) // 200),
        max_features=0.5,
        random_state=seed % 2**32,
        n_jobs=1,
    )
    trees.fit(inputs[groups.learning], groups.codes[groups.learning])
    said = np.round(trees.predict_proba(inputs[groups.measuring]), _DIGITS)
    return scores | {index: said[:, place] for place, index in enumerate(trees.classes_.tolist())}


def _areas(scores: dict[int, Floats], groups: _Groups, confidence: float | None) -> dict[int, _Area]:
    """The area of every group that is compared, with limits that hold for all at once where they are wanted."""
    chosen, codes = np.flatnonzero(groups.compared).tolist(), groups.codes[groups.measuring]
    # Of two groups either's rest is the other: one comparison.
    apart = 1 if np.count_nonzero(groups.sizes) == 2 else len(chosen)
    found = {}
    for index in chosen:
        counts = auc_counts(scores[index], codes == index)
        limits = (None, None) if confidence is None else auc_interval(counts, confidence=1 - (1 - confidence) / apart)
        found[index] = _Area(area(counts), limits)
    return found


def _measured(areas: dict[int, _Area], groups: _Groups, worst: int, details: dict[str, Any]) -> Measurement:
    lows, highs = ([one.limits[end] for one in areas.values()] for end in (0, 1))
    clustered = None in lows
    reason = Reason(code="clustered_rows") if clustered else _left_out(groups)
    return Measurement(
        value=areas[worst].value,
        low=None if clustered else max(low for low in lows if low is not None),
        high=None if clustered else max(high for high in highs if high is not None),
        n=len(groups.measuring),
        unit="auc",
        method="newcombe_delong",
        judged=reason is None,
        reason=reason,
        details=details,
    )


def _strongest(coded: dict[str, Ints], groups: _Groups, worst: int) -> list[dict[str, Any]]:
    """The features that tell most of a group by themselves: areas of its rates by bin, learned on the other half."""
    members = groups.codes == worst
    found = sorted(
        (-area(auc_counts(_rates(one, members, groups), members[groups.measuring])), name)
        for name, one in coded.items()
    )
    return [{"column": name, "value": -value} for value, name in found[:_LISTED_FEATURES]]


def _rates(coded: Ints, members: Bools, groups: _Groups) -> Floats:
    bins, learned = _binned(coded), groups.learning
    most, share = int(bins.max()) + 1, float(members[learned].mean()) if len(learned) else 0.0
    n = np.bincount(bins[learned], minlength=most)
    inside = np.bincount(bins[learned[members[learned]]], minlength=most)
    rates: Floats = np.round((inside + share) / (n + 1), _DIGITS)[bins[groups.measuring]]
    return rates


def _binned(coded: Ints) -> Ints:
    """Every value a bin where they are few, else about as many rows a bin."""
    values, codes = np.unique(coded, return_inverse=True)
    if len(values) <= _BINS:
        return codes
    edges = np.quantile(coded, np.arange(1, _BINS) / _BINS, method="lower")
    return np.searchsorted(edges, coded, side="right")


def _left_out(groups: _Groups) -> Reason | None:
    share = int(np.count_nonzero(~groups.compared[groups.codes])) / len(groups.codes)
    return _because("small_groups", by=list(groups.attributes), share=share) if share > _LEFT_OUT else None


def _because(code: str, **values: Any) -> Reason:
    return Reason.model_validate({"code": code, "with": values})
