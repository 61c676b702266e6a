import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import (
    BaggingClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    StackingClassifier,
    VotingClassifier,
)
from sklearn.frozen import FrozenEstimator
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from reliability.worker.refit_clone import constrained, copied, learner, regularised, weight_name
from reliability.worker.wire import Refusal
from tests.worker.refitting import table

FRAME, Y, _ = table(200)
LINE, FOREST, NEIGHBOURS = LogisticRegression(), RandomForestClassifier(), KNeighborsClassifier()


def refused(action):
    with pytest.raises(Refusal) as caught:
        action()
    return caught.value.code, caught.value.values


def test_copy_has_learnt_nothing_and_what_is_copied_stays():
    model = make_pipeline(StandardScaler(), LINE).fit(FRAME, Y)

    copy = copied(model, seed=3)

    assert hasattr(model[-1], "coef_")
    assert not any(hasattr(step, "coef_") or hasattr(step, "mean_") for _, step in copy.steps)


def test_copy_draws_by_the_seed_unless_the_model_names_one_and_works_alone():
    model = VotingClassifier([("a", RandomForestClassifier(n_jobs=4, verbose=2)), ("b", MLPClassifier(random_state=5))])

    given = copied(model, seed=7).get_params()

    assert (given["a__random_state"], given["b__random_state"]) == (7, 5)
    assert (given["a__n_jobs"], given["n_jobs"], given["a__verbose"], given["verbose"]) == (None, None, 0, False)


def test_copy_of_a_search_is_what_it_found():
    search = GridSearchCV(LINE, {"C": [0.01]}, cv=2).fit(FRAME, Y)

    copy = copied(search, seed=0)

    assert (type(copy), copy.C) == (LogisticRegression, 0.01)


class Own(LogisticRegression):
    """A class of the applicant's."""


class Disguised(LogisticRegression):
    """The same, under another's name."""


Disguised.__module__, Disguised.__name__ = LogisticRegression.__module__, "LogisticRegression"


@pytest.mark.parametrize(
    ("model", "code", "values"),
    [
        (Own(), "refit_not_scikit_learn", {"found": "Own"}),
        (Disguised(), "refit_class_refused", {"types": "LogisticRegression"}),
        ({}, "refit_not_scikit_learn", {"found": "dict"}),
        (GaussianProcessClassifier(), "refit_class_refused", {"types": "GaussianProcessClassifier"}),
        (make_pipeline(StandardScaler(), Own()), "refit_class_refused", {"types": "Own"}),
        # It keeps what it learnt when it is copied, evaluation labels too.
        (make_pipeline(FrozenEstimator(LINE)), "refit_class_refused", {"types": "FrozenEstimator"}),
        (VotingClassifier([("a", LINE), ("b", FrozenEstimator(LINE))]), "refit_class_refused",
         {"types": "FrozenEstimator"}),
    ],
    ids=["own", "disguised", "no_model", "unlisted", "inside", "frozen", "frozen_inside"],
)  # fmt: skip
def test_copy_is_refused_where_a_class_is_not_listed(model, code, values):
    assert refused(lambda: copied(model, seed=0)) == (code, values)


@pytest.mark.parametrize(
    ("model", "name"),
    [
        (LINE, "sample_weight"),
        (GaussianNB(), "sample_weight"),
        (MLPClassifier(), "sample_weight"),
        (NEIGHBOURS, None),
        (make_pipeline(StandardScaler(), LINE), "logisticregression__sample_weight"),
        (make_pipeline(StandardScaler(), NEIGHBOURS), None),
        (make_pipeline(StandardScaler(), "passthrough"), None),
        (make_pipeline(make_pipeline(StandardScaler(), LINE)), "pipeline__logisticregression__sample_weight"),
        (CalibratedClassifierCV(LINE), "sample_weight"),
        # Its own fit takes them and passes none on.
        (CalibratedClassifierCV(NEIGHBOURS), None),
        (CalibratedClassifierCV(make_pipeline(StandardScaler(), LINE)), None),
        (VotingClassifier([("a", LINE), ("b", FOREST)]), "sample_weight"),
        (VotingClassifier([("a", LINE), ("b", NEIGHBOURS)]), None),
        (StackingClassifier([("a", make_pipeline(StandardScaler(), LINE))]), None),
        (BaggingClassifier(LINE), "sample_weight"),
    ],
    ids=str,
)
def test_weights_go_by_the_name_under_which_they_reach_what_learns(model, name):
    assert weight_name(model) == name


@pytest.mark.parametrize(
    "model",
    [make_pipeline(StandardScaler(), LINE), make_pipeline(make_pipeline(StandardScaler(), LINE)),
     VotingClassifier([("a", LINE), ("b", FOREST)]), CalibratedClassifierCV(GaussianNB())],
    ids=str,
)  # fmt: skip
def test_weights_under_that_name_change_what_is_learnt(model):
    weights = np.where(Y == 1, 20.0, 1.0)
    fitted = [copied(model, seed=0).fit(FRAME, Y, **{weight_name(model): one}) for one in (np.ones(len(Y)), weights)]

    plain, heavy = (one.predict(FRAME).mean() for one in fitted)
    assert heavy > plain


def test_learner_stands_at_the_end_of_pipelines_and_wrappers():
    path, before, last = learner(CalibratedClassifierCV(make_pipeline(StandardScaler(), make_pipeline(FOREST))))

    assert (path, len(before)) == ("estimator__pipeline__randomforestclassifier__", 1)
    assert type(last) is RandomForestClassifier
    assert learner(TransformedTargetRegressor(LinearRegression()))[0] == "regressor__"


def rises(model, column, sign=1):
    told = []
    for value in np.linspace(-3, 3, 13):
        told.append(model.predict_proba(FRAME.assign(**{column: value}))[:, 1])
    return bool((sign * np.diff(np.array(told), axis=0) >= -1e-12).all())


NOISY = Y ^ (np.random.default_rng(1).random(len(Y)) < 0.3)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    "model",
    [
        HistGradientBoostingClassifier(random_state=0, max_iter=20),
        make_pipeline(StandardScaler(), RandomForestClassifier(20, random_state=0)),
        # Falling before the model: what rises in the column falls in what the model sees.
        make_pipeline(FunctionTransformer(np.negative), DecisionTreeClassifier(random_state=0)),
        make_pipeline(
            ColumnTransformer([("b", StandardScaler(), ["f2", "f3"]), ("a", "passthrough", ["f1", "f0"])]),
            HistGradientBoostingClassifier(random_state=0, max_iter=20),
        ),
    ],
    ids=["boosted", "forest", "negated", "reordered"],
)
def test_copy_goes_with_the_column_that_it_is_made_to(model, sign):
    free = copied(model, seed=0).fit(FRAME, NOISY)
    made = constrained(copied(model, seed=0), FRAME, NOISY, {"f0": sign}).fit(FRAME, NOISY)

    assert not rises(free, "f0", sign)
    assert rises(made, "f0", sign)


@pytest.mark.parametrize(
    ("model", "found"),
    [
        (LINE, "LogisticRegression"),
        (make_pipeline(StandardScaler(), GradientBoostingClassifier()), "GradientBoostingClassifier"),
        (make_pipeline(OneHotEncoder(handle_unknown="ignore"), FOREST), "preprocessing"),
    ],
)
def test_direction_is_refused_where_nothing_takes_it(model, found):
    code, values = refused(lambda: constrained(model, FRAME.round(0), Y, {"f0": 1}))

    assert (code, values) == ("refit_no_monotone", {"found": found})


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (LogisticRegression(C=1.0), {"C": 0.1}),
        (LogisticRegression(C=np.inf), {"C": 1.0}),
        (SVC(C=2.0), {"C": 0.2}),
        (DecisionTreeClassifier(), {"min_samples_leaf": 20, "max_depth": 8}),
        (DecisionTreeClassifier(min_samples_leaf=0.5, max_depth=3), {"min_samples_leaf": 100, "max_depth": 3}),
        (RandomForestClassifier(min_samples_leaf=30), {"min_samples_leaf": 30}),
        (GradientBoostingClassifier(), {"min_samples_leaf": 20, "subsample": 0.5, "max_depth": 3}),
        (HistGradientBoostingClassifier(), {"min_samples_leaf": 100, "max_leaf_nodes": 15, "l2_regularization": 1.0,
                                            "early_stopping": True}),
        (MLPClassifier(), {"alpha": 0.01, "early_stopping": True}),
        (KNeighborsClassifier(), {"n_neighbors": 50}),
        # As a search over numpy's numbers leaves them.
        (RandomForestClassifier(min_samples_leaf=np.int64(3)), {"min_samples_leaf": 20}),
        (DecisionTreeClassifier(min_samples_leaf=np.int32(30), max_depth=np.int64(3)),
         {"min_samples_leaf": 30, "max_depth": 3}),
        (Ridge(alpha=np.float64(2.0)), {"alpha": 20.0}),
    ],
)  # fmt: skip
def test_copy_learns_less_by_heart_than_the_model(model, expected):
    made = regularised(make_pipeline(StandardScaler(), copied(model, seed=0)), rows=200)[-1]

    assert {name: made.get_params()[name] for name in expected} == pytest.approx(expected)


def test_every_penalty_of_a_list_grows():
    assert regularised(Ridge(alpha=np.array([2.0])), 10).alpha.tolist() == [20.0]


@pytest.mark.filterwarnings("ignore:'penalty' was deprecated:FutureWarning")
@pytest.mark.parametrize(
    "model",
    [LogisticRegression(penalty=None), SGDClassifier(penalty=None, loss="log_loss"), LogisticRegression(C=np.inf)],
)
def test_a_model_without_a_penalty_gets_one(model):
    labels = FRAME["f0"].rank(pct=True).round().astype(int)  # a line parts them: without a penalty it grows and grows
    made = (copied(model, seed=0), regularised(copied(model, seed=0), len(FRAME)))
    free, bound = (one.fit(FRAME[["f0"]], labels) for one in made)

    assert np.linalg.norm(bound.coef_) < np.linalg.norm(free.coef_)


def test_neighbours_by_distance_no_longer_know_a_row_by_itself():
    near = KNeighborsClassifier(n_neighbors=3, weights="distance")
    labels = np.random.default_rng(0).integers(0, 2, len(FRAME))
    rows = FRAME[["f0"]] + np.arange(len(FRAME))[:, None] * 1e-9

    assert near.fit(rows, labels).score(rows, labels) == 1.0
    assert regularised(copied(near, seed=0), len(rows)).fit(rows, labels).score(rows, labels) < 0.8


def test_nothing_is_set_where_there_is_nothing_to_set():
    assert refused(lambda: regularised(GaussianNB(), 10)) == ("refit_not_regularised", {"found": "GaussianNB"})


def test_a_tree_that_knew_every_row_no_longer_does():
    tree = DecisionTreeClassifier(random_state=0)
    labels = np.random.default_rng(0).integers(0, 2, len(FRAME))

    assert tree.fit(FRAME, labels).score(FRAME, labels) == 1.0
    assert regularised(copied(tree, seed=0), len(FRAME)).fit(FRAME, labels).score(FRAME, labels) < 0.8
