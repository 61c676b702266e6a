"""What is fitted anew: an unfitted copy of the submitted estimator, of listed classes only; runs inside the worker."""

import math
import sys
from collections.abc import Callable, Iterator, Mapping
from numbers import Integral
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import clone
from sklearn.utils.validation import has_fit_parameter

from reliability.worker.wire import Refusal

# Fits in minutes and from numbers alone; nothing that keeps what it was fitted to when it is copied.
LISTED = frozenset(
    """
    AdaBoostClassifier AdaBoostRegressor BaggingClassifier BaggingRegressor BayesianRidge BernoulliNB Binarizer
    CalibratedClassifierCV CategoricalNB ColumnTransformer ComplementNB CountVectorizer DecisionTreeClassifier
    DecisionTreeRegressor DummyClassifier DummyRegressor ElasticNet ElasticNetCV ExtraTreeClassifier ExtraTreeRegressor
    ExtraTreesClassifier ExtraTreesRegressor FeatureUnion FixedThresholdClassifier FunctionTransformer GammaRegressor
    GaussianNB GenericUnivariateSelect GradientBoostingClassifier GradientBoostingRegressor GridSearchCV
    HashingVectorizer HistGradientBoostingClassifier HistGradientBoostingRegressor HuberRegressor IterativeImputer
    KBinsDiscretizer KNNImputer KNeighborsClassifier KNeighborsRegressor Lasso LassoCV LinearDiscriminantAnalysis
    LinearRegression LinearSVC LinearSVR LogisticRegression LogisticRegressionCV MLPClassifier MLPRegressor MaxAbsScaler
    MinMaxScaler MissingIndicator MultinomialNB Normalizer NuSVC Nystroem OneHotEncoder OneVsRestClassifier
    OrdinalEncoder PCA Perceptron Pipeline PoissonRegressor PolynomialFeatures PowerTransformer
    QuadraticDiscriminantAnalysis QuantileRegressor QuantileTransformer RBFSampler RFE RFECV RandomForestClassifier
    RandomForestRegressor RandomizedSearchCV Ridge RidgeCV RidgeClassifier RidgeClassifierCV RobustScaler SGDClassifier
    SGDRegressor SVC SVR SelectFromModel SelectKBest SelectPercentile SimpleImputer SplineTransformer StackingClassifier
    StackingRegressor StandardScaler TargetEncoder TfidfTransformer TfidfVectorizer TransformedTargetRegressor
    TruncatedSVD TunedThresholdClassifierCV TweedieRegressor VarianceThreshold VotingClassifier VotingRegressor
    """.split()
)
# Where the estimator stands that does the learning.
_WRAPPERS = {
    "CalibratedClassifierCV": "estimator",
    "FixedThresholdClassifier": "estimator",
    "TunedThresholdClassifierCV": "estimator",
    "TransformedTargetRegressor": "regressor",
}
_TOGETHER = ("VotingClassifier", "VotingRegressor", "StackingClassifier", "StackingRegressor")
_LOOKED_AT = 5000  # rows, for the direction that a column keeps through preprocessing
_LEAF = 20

Given = Mapping[str, Any]


def copied(model: Any, *, seed: int) -> Any:
    """The estimator without what it has learnt, its random numbers settled; Refusal where a class is not listed."""
    chosen = getattr(model, "best_estimator_", None)
    # Of a search what it found: to search again would be another model.
    model = model if chosen is None or not _listed(type(model)) else chosen
    if not type(model).__module__.startswith("sklearn."):
        raise Refusal("refit_not_scikit_learn", found=type(model).__name__)
    _refuse_unlisted(model)
    copy = clone(model)
    _refuse_unlisted(copy)
    return copy.set_params(**_settled(copy.get_params(deep=True), seed))


def _refuse_unlisted(model: Any) -> None:
    unlisted = sorted({type(one).__name__ for one in _estimators(model) if not _listed(type(one))})
    if unlisted:
        raise Refusal("refit_class_refused", types=", ".join(unlisted))


def _estimators(model: Any) -> Iterator[Any]:
    yield model
    for value in model.get_params(deep=True).values():
        if not isinstance(value, type) and (hasattr(value, "get_params") or hasattr(value, "fit")):
            yield value


def _listed(kind: type) -> bool:
    own = getattr(sys.modules.get(kind.__module__), kind.__name__, None)
    return kind.__name__ in LISTED and kind.__module__.startswith("sklearn.") and own is kind


def _settled(given: Given, seed: int) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    for name, value in given.items():
        last = name.rpartition("__")[2]
        if last == "random_state" and value is None:
            changed[name] = seed
        elif last == "n_jobs":
            changed[name] = None
        elif last == "verbose" and value:
            changed[name] = type(value)(0)
    return changed


def weight_name(model: Any) -> str | None:
    """The name under which `fit` takes a weight for every row; None where they would not reach what learns."""
    kind = type(model).__name__
    if kind == "Pipeline":
        step, last = model.steps[-1]
        name = None if isinstance(last, str) or last is None else weight_name(last)
        return None if name is None else f"{step}__{name}"
    if kind in _TOGETHER:
        names = {weight_name(one) for _, one in model.estimators if not isinstance(one, str)}
        return "sample_weight" if names == {"sample_weight"} else None
    held = getattr(model, "estimator", None)
    if kind.startswith(("Calibrated", "Bagging", "AdaBoost")) and held is not None:
        return "sample_weight" if weight_name(held) == "sample_weight" else None
    return "sample_weight" if has_fit_parameter(model, "sample_weight") else None


def learner(model: Any) -> tuple[str, list[Any], Any]:
    """The path to the estimator that learns, what transforms its columns before it, and the estimator."""
    path, before = "", []
    while True:
        kind = type(model).__name__
        if kind == "Pipeline":
            before += [model[:-1]] if len(model.steps) > 1 else []
            name, inner = model.steps[-1]
        else:
            name = _WRAPPERS.get(kind, "")
            inner = getattr(model, name, None) if name else None
        if inner is None or isinstance(inner, str):
            return path, before, model
        path, model = f"{path}{name}__", inner


def constrained(model: Any, frame: Any, y: npt.NDArray[Any], directions: Mapping[str, int]) -> Any:
    """The estimator, made to rise (1) or fall (-1) with these columns; Refusal where it cannot be made to."""
    path, before, last = learner(model)
    if "monotonic_cst" not in last.get_params():
        raise Refusal("refit_no_monotone", found=type(last).__name__)
    seen, names = frame.iloc[:_LOOKED_AT], [str(name) for name in frame.columns]
    shown: Any = seen
    for step in before:
        fitted = clone(step).fit(shown, y[: len(seen)])
        shown, names = fitted.transform(shown), _names(fitted, names)
    shown = np.asarray(shown.toarray() if hasattr(shown, "toarray") else shown)
    signs = np.zeros(shown.shape[1], np.int64)
    for column, wanted in directions.items():
        for place, name in enumerate(names):
            if name == column or name.endswith(f"__{column}"):
                signs[place] = wanted * _direction(np.asarray(seen[column]), shown[:, place])
    if not signs.any():
        raise Refusal("refit_no_monotone", found="preprocessing")
    return model.set_params(**{f"{path}monotonic_cst": signs})


def _names(step: Any, names: list[str]) -> list[str]:
    try:
        return [str(name) for name in step.get_feature_names_out(names)]
    except (AttributeError, ValueError):
        return names


def _direction(column: npt.NDArray[Any], out: npt.NDArray[Any]) -> int:
    """1 where what comes out rises with what goes in, -1 where it falls, 0 where it does neither."""
    try:
        given, out = column.astype(np.float64), out.astype(np.float64)
    except (TypeError, ValueError):
        return 0
    known = np.isfinite(given) & np.isfinite(out)
    steps = np.diff(out[known][np.argsort(given[known], kind="stable")])
    rises, falls = bool(np.any(steps > 0)), bool(np.any(steps < 0))
    return rises - falls if rises != falls else 0


def regularised(model: Any, rows: int) -> Any:
    """The estimator, kept from learning single rows by heart; Refusal where it has nothing to be set for that."""
    path, _, last = learner(model)
    given, simpler = last.get_params(), _SIMPLER.get(type(last).__name__)
    if simpler is None:
        raise Refusal("refit_not_regularised", found=type(last).__name__)
    return model.set_params(**{f"{path}{name}": value for name, value in simpler(given, rows).items()})


def _less_free(given: Given, _rows: int) -> dict[str, Any]:
    # Without a penalty C says nothing.
    free = "penalty" in given and given["penalty"] is None
    return {"C": 1.0, "penalty": "l2"} if free else {"C": min(float(given["C"]), 10.0) / 10}


def _pulled_in(given: Given, _rows: int) -> dict[str, Any]:
    penalty = {"penalty": "l2"} if "penalty" in given and given["penalty"] is None else {}
    return {"alpha": np.maximum(given["alpha"], 1e-4) * 10, **penalty}


def _leaf(given: Given, rows: int, least: int) -> int:
    now = given["min_samples_leaf"]
    # What a search has found is a whole number of numpy's.
    return max(int(now) if isinstance(now, Integral) else math.ceil(now * rows), least)


def _lower(now: int | None, most: int) -> int:
    return most if now is None else min(now, most)


def _bigger_leaves(given: Given, rows: int) -> dict[str, Any]:
    return {"min_samples_leaf": _leaf(given, rows, _LEAF)}


def _shallow(given: Given, rows: int) -> dict[str, Any]:
    return {**_bigger_leaves(given, rows), "max_depth": _lower(given["max_depth"], 8)}


def _slow(given: Given, rows: int) -> dict[str, Any]:
    lower = {"subsample": min(float(given["subsample"]), 0.5), "max_depth": _lower(given["max_depth"], 3)}
    return {**_bigger_leaves(given, rows), **lower}


def _stopped(given: Given, rows: int) -> dict[str, Any]:
    leaves = {"min_samples_leaf": _leaf(given, rows, 5 * _LEAF), "max_leaf_nodes": _lower(given["max_leaf_nodes"], 15)}
    return {**leaves, "l2_regularization": max(float(given["l2_regularization"]), 1.0), "early_stopping": True}


def _stopped_net(given: Given, _rows: int) -> dict[str, Any]:
    return {"alpha": max(float(given["alpha"]), 1e-4) * 100, "early_stopping": True}


def _more_neighbours(given: Given, rows: int) -> dict[str, Any]:
    # By distance a row that was learnt outweighs all its neighbours.
    return {"n_neighbors": min(max(given["n_neighbors"], 50), max(1, rows // 2)), "weights": "uniform"}


_SIMPLER: Mapping[str, Callable[[Given, int], dict[str, Any]]] = {
    **dict.fromkeys(("LogisticRegression", "LinearSVC", "LinearSVR", "SVC", "SVR"), _less_free),
    **dict.fromkeys(
        ("RidgeClassifier", "Ridge", "Lasso", "ElasticNet", "SGDClassifier", "SGDRegressor", "PoissonRegressor"),
        _pulled_in,
    ),
    **dict.fromkeys(("DecisionTreeClassifier", "DecisionTreeRegressor", "ExtraTreeClassifier"), _shallow),
    **dict.fromkeys(
        ("RandomForestClassifier", "RandomForestRegressor", "ExtraTreesClassifier", "ExtraTreesRegressor"),
        _bigger_leaves,
    ),
    **dict.fromkeys(("GradientBoostingClassifier", "GradientBoostingRegressor"), _slow),
    **dict.fromkeys(("HistGradientBoostingClassifier", "HistGradientBoostingRegressor"), _stopped),
    **dict.fromkeys(("MLPClassifier", "MLPRegressor"), _stopped_net),
    **dict.fromkeys(("KNeighborsClassifier", "KNeighborsRegressor"), _more_neighbours),
}
