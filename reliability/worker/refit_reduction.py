"""Fairlearn's reductions around a copy of the submitted estimator; runs inside the worker.

Both fit the estimator many times over to rows weighted and relabelled anew. Decisions are not drawn: exponentiated
gradient ends with weights for what it fitted, and the majority by these weights decides.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from fairlearn.reductions import (
    BoundedGroupLoss,
    DemographicParity,
    EqualizedOdds,
    ErrorRate,
    ExponentiatedGradient,
    GridSearch,
    SquareLoss,
    ZeroOneLoss,
)
from sklearn.base import BaseEstimator, clone

_PARITY = {"demographic_parity": DemographicParity, "equalized_odds": EqualizedOdds}
_MAJORITY = 0.5 - 1e-9  # weights are a solver's: an even vote is one in favour


class Mixture:
    """Fitted estimators of 0 and 1, or of values, and how much each counts."""

    def __init__(self, members: Sequence[Any], weights: Sequence[float], columns: Sequence[str]) -> None:
        counted = [(one, float(weight)) for one, weight in zip(members, weights, strict=True) if weight > 0]
        self._members, self._weights = [one for one, _ in counted], [weight for _, weight in counted]
        self.feature_names_in_ = list(columns)

    def predict(self, frame: Any) -> npt.NDArray[Any]:
        """The mean of what the members say."""
        return self._mean([np.asarray(one.predict(frame), np.float64) for one in self._members])

    def _mean(self, said: Sequence[npt.NDArray[np.float64]]) -> npt.NDArray[np.float64]:
        summed = sum(weight * one for weight, one in zip(self._weights, said, strict=True))
        return np.asarray(summed / sum(self._weights))


class Voters(Mixture):
    """The same where the members decide between two classes, the second of them the positive one."""

    def __init__(
        self, members: Sequence[Any], weights: Sequence[float], columns: Sequence[str], classes: Sequence[Any]
    ) -> None:
        super().__init__(members, weights, columns)
        self.classes_ = np.asarray(classes)
        if not all(hasattr(one, "predict_proba") for one in self._members):
            self.predict_proba = None  # type: ignore[assignment,method-assign]  # some member gives none

    def predict(self, frame: Any) -> npt.NDArray[Any]:
        """What the majority decides."""
        return np.asarray(self.classes_[(super().predict(frame) >= _MAJORITY).astype(np.int64)])

    def predict_proba(self, frame: Any) -> npt.NDArray[np.float64]:
        """The mean of the members' probabilities."""
        positive = self._mean([_positive(one, frame) for one in self._members])
        return np.column_stack([1 - positive, positive])


def _positive(member: Any, frame: Any) -> npt.NDArray[np.float64]:
    # One that was given a single class knows no other.
    probabilities, places = np.asarray(member.predict_proba(frame)), np.flatnonzero(np.asarray(member.classes_) == 1)
    return np.zeros(len(frame)) if len(places) == 0 else np.clip(probabilities[:, places[0]], 0.0, 1.0)


class _Weighed(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """A copy that takes weights under the name that fairlearn's stand-in for a single class takes them under."""

    def __init__(self, estimator: Any, name: str) -> None:
        self.estimator, self.name = estimator, name

    def fit(self, frame: Any, y: Any, sample_weight: Any) -> "_Weighed":
        self.fitted_ = clone(self.estimator).fit(frame, y, **{self.name: sample_weight})
        return self

    def predict(self, frame: Any) -> Any:
        return self.fitted_.predict(frame)


def reduced(
    estimator: Any, frame: Any, y: npt.NDArray[Any], groups: npt.NDArray[Any], how: Any, weight_name: str
) -> tuple[Sequence[Any], Sequence[float]]:
    """The estimators that a reduction fitted to 0 and 1, or to values, and how much each counts."""
    constraint, weighed = _constraint(estimator, frame, y, how), _Weighed(estimator, weight_name)
    if how["reduction"] == "grid_search":
        search = GridSearch(weighed, constraint, grid_size=how["grid_size"])
        search.fit(frame, y, sensitive_features=groups)
        members, weights = [search.predictors_[search.best_idx_]], [1.0]
    else:
        descent = ExponentiatedGradient(weighed, constraint, max_iter=how["max_iter"])
        descent.fit(frame, y, sensitive_features=groups)
        # Both are kept by number, in an order of their own each.
        weights = list(descent.weights_)
        members = [descent.predictors_[place] for place in descent.weights_.index]
    return [getattr(one, "fitted_", one) for one in members], weights


def _constraint(estimator: Any, frame: Any, y: npt.NDArray[Any], how: Any) -> Any:
    if how["constraint"] in _PARITY:
        constraint = _PARITY[how["constraint"]](**({} if how["bound"] is None else {"difference_bound": how["bound"]}))
        if how["threshold"] is not None:
            # A threshold of t says that a wrong yes costs t where a wrong no costs 1 - t.
            costs = {"fp": 2 * how["threshold"], "fn": 2 * (1 - how["threshold"])}
            constraint.default_objective = partial(ErrorRate, costs=costs)
        return constraint
    loss = ZeroOneLoss() if how["classes"] else SquareLoss(float(np.min(y)), float(np.max(y)))
    bound = how["bound"]
    if bound is None and how["reduction"] != "grid_search":
        # No group may fare worse than all do together where nothing is asked for.
        bound = float(np.mean(loss.eval(y, clone(estimator).fit(frame, y).predict(frame))))
    return BoundedGroupLoss(loss, upper_bound=bound)
