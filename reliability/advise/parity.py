"""Remedies on decisions by group: a threshold each, and fairlearn's randomised ones beside it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from reliability.advise.levels import codes_in, levels_of, slice_of
from reliability.advise.mapping import Scored, balanced_accuracy, favourable_scores, scored, scores_of
from reliability.advise.remedies import Changed, Ground, NotTried, Remedy, Rows, Tried
from reliability.advise.splits import chances
from reliability.blocks import Block, Bools, Floats, Ints
from reliability.records import Json

Parity: TypeAlias = Literal[
    "demographic_parity", "true_positive_rate_parity", "false_positive_rate_parity", "equalized_odds"
]
# Checks whose number a parity speaks of, by what stands in their name.
PARITIES: Mapping[str, Parity] = {
    "selection_rate": "demographic_parity",
    "selection_ratio": "demographic_parity",
    "true_positive_rate": "true_positive_rate_parity",
    "false_negative_rate": "true_positive_rate_parity",
    "false_positive_rate": "false_positive_rate_parity",
    "equalized_odds": "equalized_odds",
}
RATES = 99  # common rates tried
LOST = 0.05  # house default: balanced accuracy that the smallest gap may cost
SMALLEST_GROUP = 30


def parity_of(check: str) -> Parity | None:
    """The parity that a check's number speaks of."""
    return next((parity for part, parity in PARITIES.items() if part in check), None)


def group_remedies(parity: Parity, by: tuple[str, ...]) -> tuple[Remedy, Remedy]:
    """A threshold for every group, deterministic, and the randomised ones."""
    options: dict[str, Json] = {"attributes": list(by), "parity": parity}
    mends = tuple(f"fairness.{part}" for part, one in PARITIES.items() if one == parity)
    mends += ("fairness.standardized_selection_rate", "fairness.mantel_haenszel")
    return (
        Remedy(name="group_thresholds", acts_on="decisions", mends=mends, options=options,
               cautions=("attribute_at_decision_time",), learn=lambda ground: _group_thresholds(ground, parity, by)),
        Remedy(name="randomised_thresholds", acts_on="decisions", mends=mends, options=options,
               cautions=("randomised", "attribute_at_decision_time"),
               learn=lambda ground: _randomised(ground, parity, by)),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class Parted:
    """Rows that teach, by group: their favourable scores and outcomes."""

    levels: tuple[Any, ...]
    codes: Ints
    scores: Floats  # P(favourable)
    outcomes: Bools  # whether the favourable one came true
    today: Bools  # whether the favourable one is decided today

    @classmethod
    def of(cls, taught: Scored, by: Sequence[str]) -> "Parted":
        """The rows parted; a group with few rows is no group of its own."""
        rows = taught.rows
        levels, codes = levels_of(rows.groups, by)
        sizes = np.bincount(codes[codes >= 0], minlength=len(levels))
        enough = [place for place, n in enumerate(sizes) if n >= SMALLEST_GROUP]
        moved = np.full(len(levels) + 1, -1, np.int64)
        moved[enough] = np.arange(len(enough))
        return cls(
            levels=tuple(levels[place] for place in enough), codes=moved[codes],
            scores=favourable_scores(taught.scores, rows.roles), outcomes=np.isin(rows.y_true, rows.roles.favourable),
            today=np.isin(np.asarray(rows.y_pred), rows.roles.favourable),
        )  # fmt: skip

    def group(self, place: int) -> tuple[Floats, Bools]:
        """Scores and outcomes of one group."""
        rows = self.codes == place
        return self.scores[rows], self.outcomes[rows]

    @property
    def both_outcomes(self) -> bool:
        """Whether every group has rows of either outcome."""
        return all(0 < self.group(place)[1].mean() < 1 for place in range(len(self.levels)))


def _parted(ground: Ground, by: Sequence[str]) -> Parted | NotTried:
    taught = scored(ground)
    if isinstance(taught, NotTried):
        return taught
    if len(ground.roles.favourable) != 1:
        return NotTried(code="no_favourable")
    parted = Parted.of(taught, by)
    if len(parted.levels) < 2:
        return NotTried(code="fewer_than_two_groups", values={"minimum": SMALLEST_GROUP})
    return parted if parted.both_outcomes else NotTried(code="one_class_in_group")


def _group_thresholds(ground: Ground, parity: Parity, by: tuple[str, ...]) -> Tried | NotTried:
    parted = _parted(ground, by)
    if isinstance(parted, NotTried):
        return parted
    thresholds = fair_thresholds(parted, parity)
    roles = ground.roles
    good = roles.favourable[0]

    def changed(rows: Rows) -> Changed:
        codes = codes_in(parted.levels, rows.groups, by)
        own = np.append(thresholds, np.inf)[codes]
        fair = np.where(favourable_scores(scores_of(rows), roles) >= own, good, 1 - good)
        # Who is of no known group is decided as today.
        return Changed(predicted=np.where(codes < 0, rows.predicted, fair).astype(np.int64), scores=rows.scores)

    told = [{"slice": slice_of(by, level), "threshold": float(one)}
            for level, one in zip(parted.levels, thresholds, strict=True)]  # fmt: skip
    return Tried(changed=changed, details={"thresholds": told, "favourable": roles.classes[good]})


def fair_thresholds(parted: Parted, parity: Parity) -> Floats:
    """A threshold for every group: those of one common rate.

    Of such that are no less accurate than today, those that change the fewest decisions; where none is, the most
    accurate.
    """
    # Groups by rates.
    thresholds = np.array([_by_rate(*parted.group(place), parity) for place in range(len(parted.levels))])
    accuracies = np.array([_accuracy(parted, column) for column in thresholds.T])
    if parity == "equalized_odds":
        gaps = np.array([_odds_gap(parted, column) for column in thresholds.T])
        near = accuracies >= accuracies.max() - LOST
        return thresholds[:, int(np.argmin(np.where(near, gaps, np.inf)))]
    known = parted.codes >= 0
    enough = accuracies >= min(balanced_accuracy(parted.outcomes[known], parted.today[known]), accuracies.max())
    changes = np.array([(_said(parted, column) != parted.today)[known].mean() for column in thresholds.T])
    return thresholds[:, int(np.argmin(np.where(enough, changes, np.inf)))]


def _by_rate(scores: Floats, outcomes: Bools, parity: Parity) -> Floats:
    """Thresholds at which so many of the rows concerned are selected."""
    concerned = {
        "demographic_parity": np.ones(len(scores), np.bool_), "false_positive_rate_parity": ~outcomes,
    }.get(parity, outcomes)  # fmt: skip
    among = np.sort(scores[concerned])[::-1]
    taken = np.clip(np.rint(np.arange(1, RATES + 1) / (RATES + 1) * len(among)).astype(int), 1, len(among))
    return _nearest(among, taken)


def _nearest(falling: Floats, taken: Ints) -> Floats:
    """The threshold that selects nearest to so many: rows of one score are selected together, or none of them."""
    values, counts = np.unique(falling, return_counts=True)
    selected = np.cumsum(counts[::-1])  # from the highest score down
    place = np.abs(selected[None, :] - taken[:, None]).argmin(axis=1)
    nearest: Floats = values[::-1][place]
    return nearest


def _said(parted: Parted, thresholds: Floats) -> Bools:
    said: Bools = parted.scores >= np.append(thresholds, np.inf)[parted.codes]
    return said


def _accuracy(parted: Parted, thresholds: Floats) -> float:
    known = parted.codes >= 0
    return balanced_accuracy(parted.outcomes[known], _said(parted, thresholds)[known])


def _odds_gap(parted: Parted, thresholds: Floats) -> float:
    said = _said(parted, thresholds)
    rates = [
        [said[(parted.codes == place) & (parted.outcomes == outcome)].mean() for place in range(len(parted.levels))]
        for outcome in (False, True)
    ]
    return float(max(max(one) - min(one) for one in rates))


def _randomised(ground: Ground, parity: Parity, by: tuple[str, ...]) -> Tried | NotTried:
    parted = _parted(ground, by)
    if isinstance(parted, NotTried):
        return parted
    chance = randomised_chances(parted, parity)
    roles, seed = ground.roles, ground.seed
    good = roles.favourable[0]

    def changed(rows: Rows) -> Changed:
        codes = codes_in(parted.levels, rows.groups, by)
        known = codes >= 0
        chosen = (rows.predicted == good) * 1.0
        chosen[known] = chance(favourable_scores(scores_of(rows), roles)[known], codes[known])
        drawn = np.where(_drawn(rows, seed) < chosen, good, 1 - good)
        return Changed(predicted=drawn.astype(np.int64), scores=rows.scores, chances=chosen)

    return Tried(changed=changed, details={"engine": "fairlearn.ThresholdOptimizer"})


def _drawn(rows: Rows, seed: int) -> Floats:
    """A number in [0, 1) a row, of its position alone: the same draw whatever else is asked with it."""
    block = Block(start=0, roles=rows.roles, columns={}, y_true=rows.positions, positions=rows.positions)
    return chances(block, key=f"{seed}:advise:draw")


def randomised_chances(parted: Parted, parity: Parity) -> Callable[[Floats, Ints], Floats]:
    """Chances of the favourable decision by score and group, as fairlearn's ThresholdOptimizer has them."""
    from fairlearn.postprocessing import ThresholdOptimizer  # costs seconds

    known = parted.codes >= 0
    optimizer = ThresholdOptimizer(
        estimator=_as_scored(), constraints=parity, objective="balanced_accuracy_score", prefit=True,
        predict_method="predict",
    )  # fmt: skip
    optimizer.fit(
        parted.scores[known].reshape(-1, 1), parted.outcomes[known] * 1, sensitive_features=parted.codes[known]
    )  # fmt: skip

    def chance(scores: Floats, codes: Ints) -> Floats:
        if not len(scores):
            return scores  # fairlearn refuses to answer nobody
        return np.asarray(optimizer._pmf_predict(scores.reshape(-1, 1), sensitive_features=codes)[:, 1], np.float64)

    return chance


def _as_scored() -> Any:
    """What fairlearn takes for a fitted model: its answer is the score that it is given."""
    from sklearn.base import BaseEstimator  # costs seconds, where it is not needed otherwise

    class AsScored(BaseEstimator):  # type: ignore[misc]  # scikit-learn is untyped
        def fit(self, _features: Any, _labels: Any) -> Any:
            return self

        def predict(self, features: Any) -> Any:
            return np.asarray(features)[:, 0]

        def __sklearn_is_fitted__(self) -> bool:
            return True

    return AsScored()
