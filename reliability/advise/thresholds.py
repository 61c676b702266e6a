"""Remedies on decisions: other thresholds on the scores that the model already gives, or a band handed to people."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from reliability.advise.aims import Aim
from reliability.advise.mapping import Scored, balanced_accuracy, decided, midway, scored, scores_of, todays_threshold
from reliability.advise.measuring import measure
from reliability.advise.parity import group_remedies, parity_of
from reliability.advise.remedies import Changed, Ground, NotTried, Remedy, Rows, Tried
from reliability.blocks import Floats
from reliability.evidence.probe import Answers
from reliability.records import Json

CANDIDATES = 64  # thresholds tried, at even shares of rows
LOST = 0.05  # house default: balanced accuracy that fairness by one threshold may cost
BANDS = (0.05, 0.1, 0.2)  # shares of rows handed to people that are tried
_FAIRNESS = ("fairness.",)
_LABELS = (
    "performance.accuracy", "performance.balanced_accuracy", "performance.f1", "performance.matthews_correlation",
    "performance.precision", "performance.recall", "performance.specificity", "performance.better_than_majority",
    "performance.segment_gap", "performance.better_than_incumbent",
)  # fmt: skip


def decision_remedies(aim: Aim) -> tuple[Remedy, ...]:
    """Remedies on decisions that may mend what the aim is about."""
    parity = parity_of(aim.check) if aim.check.startswith(_FAIRNESS) else None
    found: list[Remedy] = []
    if parity is not None or aim.check.startswith(_LABELS):
        named = {"check": aim.check, "by": list(aim.by)}
        found.append(Remedy(name="threshold", acts_on="decisions", mends=(aim.check,), options=named,
                            learn=lambda ground: _one_threshold(ground, aim)))  # fmt: skip
    if parity is not None and aim.by:
        found += group_remedies(parity, aim.by)
    if aim.check.startswith(_LABELS):
        found.append(Remedy(name="abstention", acts_on="decisions", mends=(aim.check,), options={"check": aim.check},
                            cautions=("work_of_people",), learn=lambda ground: _abstention(ground, aim)))  # fmt: skip
    return tuple(found)


def by_threshold(threshold: float, details: Mapping[str, Json], ground: Ground) -> Tried:
    """The remedy that decides by one threshold."""
    roles, today = ground.roles, ground.ask

    def changed(rows: Rows) -> Changed:
        return Changed(predicted=decided(scores_of(rows), threshold, roles), scores=rows.scores)

    def ask(columns: Mapping[str, Any]) -> Answers:
        assert today is not None  # noqa: S101  (only asked where there is a model)
        answers = today(columns)
        return replace(answers, labels=decided(scores_of(answers), threshold, roles))

    return Tried(changed=changed, ask=None if today is None else ask, details=details)


def _one_threshold(ground: Ground, aim: Aim) -> Tried | NotTried:
    taught = scored(ground)
    if isinstance(taught, NotTried):
        return taught
    rows = taught.rows
    thresholds = _candidates(taught.scores)
    worths = [_Worth.of(taught, aim, float(one), ground.seed) for one in thresholds]
    floor = max(0.5, balanced_accuracy(rows.y_true, rows.y_pred) - LOST) if aim.check.startswith(_FAIRNESS) else 0.0
    best = max(range(len(worths)), key=lambda place: worths[place].key(floor))
    threshold = float(thresholds[best])
    return by_threshold(threshold, {"threshold": threshold, "today": todays_threshold(taught)}, ground)


def _candidates(scores: Floats) -> Floats:
    shares = np.arange(1, CANDIDATES + 1) / (CANDIDATES + 1)
    found: Floats = np.unique(np.quantile(scores, shares, method="higher"))
    return found


@dataclass(frozen=True, kw_only=True)
class _Worth:
    """What a threshold would come to on the rows that teach."""

    margin: float
    accuracy: float

    @classmethod
    def of(cls, taught: Scored, aim: Aim, threshold: float, seed: int) -> "_Worth":
        block = replace(taught.rows, y_pred=decided(taught.scores, threshold, taught.rows.roles))
        measured = measure((aim.call,), block, None, ask=None, seed=seed)
        return cls(margin=aim.margin(measured), accuracy=balanced_accuracy(block.y_true, block.y_pred))

    def key(self, floor: float) -> tuple[bool, bool, float, float]:
        """Accurate enough, then within the limit, then the more accurate; where none is, the nearest."""
        enough, within = self.accuracy >= floor, self.margin >= 0
        if floor and within:
            return enough, within, self.accuracy, self.margin
        return enough, within, self.margin, self.accuracy


def _abstention(ground: Ground, aim: Aim) -> Tried | NotTried:
    taught = scored(ground)
    if isinstance(taught, NotTried):
        return taught
    rows = taught.rows
    threshold, middle = todays_threshold(taught), midway(taught)
    distance = np.abs(taught.scores - middle)
    widths = [float(np.quantile(distance, share)) for share in BANDS]
    margins = [aim.margin(measure((aim.call,), rows.where(distance > width), None, ask=None, seed=ground.seed))
               for width in widths]  # fmt: skip
    within = [width for width, margin in zip(widths, margins, strict=True) if margin >= 0]
    width = within[0] if within else widths[-1]

    def changed(asked: Rows) -> Changed:
        unsure = np.abs(scores_of(asked) - middle) <= width
        return Changed(predicted=asked.predicted, scores=asked.scores, abstained=unsure)

    low, high = max(min(middle - width, threshold), 0.0), min(max(middle + width, threshold), 1.0)
    return Tried(changed=changed, ask=ground.ask, details={"low": low, "high": high, "threshold": threshold})
