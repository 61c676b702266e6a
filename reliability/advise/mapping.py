"""What remedies share that map answers by their scores: whether they can, and what is decided today."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from reliability.advise.remedies import Ground, NotTried, Rows
from reliability.blocks import Block, Bools, Floats, Ints, Roles
from reliability.evidence.probe import Answers


@dataclass(frozen=True, kw_only=True, eq=False)
class Scored:
    """Rows that teach what maps answers.

    Attributes
    ----------
    rows : Block
        With their labels and today's answers.
    scores : ndarray of float64
        P(positive).
    """

    rows: Block
    scores: Floats

    @property
    def positive(self) -> Bools:
        """Rows whose label is the class that the scores speak of."""
        came: Bools = np.equal(self.rows.y_true, positive_index(self.rows.roles))
        return came


def scored(ground: Ground) -> Scored | NotTried:
    """The rows that teach, or why answers cannot be mapped by their scores."""
    rows = ground.answered
    if rows is None or rows.n == 0:
        return NotTried(code="no_rows")
    if ground.roles.task != "binary":
        return NotTried(code="needs_binary")
    if rows.y_score is None or rows.y_pred is None:
        return NotTried(code="no_scores")
    if len(np.unique(rows.y_true)) < 2:
        return NotTried(code="one_class")
    return Scored(rows=rows, scores=rows.y_score)


def scores_of(answers: Rows | Answers) -> Floats:
    """Scores of rows or answers that are known to have them: the model gave scores to the rows that taught."""
    assert answers.scores is not None  # noqa: S101  (see above)
    return answers.scores


def positive_index(roles: Roles) -> int:
    """The class whose probability the scores are."""
    return 1 if roles.positive is None else roles.positive


def decided(scores: Floats, threshold: Floats | float, roles: Roles) -> Ints:
    """Class indices: positive from the threshold on."""
    positive = positive_index(roles)
    return np.where(scores >= threshold, positive, 1 - positive).astype(np.int64)


def favourable_scores(scores: Floats, roles: Roles) -> Floats:
    """P(favourable outcome)."""
    return scores if positive_index(roles) in roles.favourable else 1.0 - scores


def balanced_accuracy(y_true: Any, y_pred: Any) -> float:
    """Mean of the two recalls."""
    return float(np.mean([(y_pred[y_true == label] == label).mean() for label in np.unique(y_true)]))


def todays_threshold(taught: Scored) -> float:
    """The threshold between the rows decided either way today, where there is one; else one half."""
    return _apart(taught)[1]


def midway(taught: Scored) -> float:
    """The middle between the rows decided either way: the least score that is decided well may be a sure one."""
    below, above = _apart(taught)
    return (below + above) / 2


def _apart(taught: Scored) -> tuple[float, float]:
    """The highest score decided one way and the lowest decided the other; one half twice where they overlap."""
    said = np.asarray(taught.rows.y_pred) == positive_index(taught.rows.roles)
    if not said.any() or said.all():
        return 0.5, 0.5
    below, above = float(taught.scores[~said].max()), float(taught.scores[said].min())
    return (below, above) if below < above else (0.5, 0.5)
