import io
import pickle
import zipfile

import joblib
import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
    StackingClassifier,
)
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from reliability.blocks import Column
from reliability.worker import skops_model
from reliability.worker.wire import Refusal

N = 120
RANDOM = np.random.default_rng(11)
FRAME = pd.DataFrame({"a": RANDOM.normal(size=N), "b": RANDOM.normal(size=N), "c": RANDOM.integers(0, 9, N)})
BINARY = (FRAME["a"] + 0.3 * FRAME["b"] + 0.3 * RANDOM.normal(size=N) > 0).to_numpy().astype(np.int64)
THREE = np.digitize(FRAME["a"], [-0.4, 0.4])
COLUMNS = {
    name: Column(kind=kind, values=FRAME[name].to_numpy(), missing=np.zeros(N, dtype=np.bool_))
    for name, kind in (("a", "f8"), ("b", "f8"), ("c", "i8"))
}
TREE = DecisionTreeClassifier(max_depth=3, random_state=0)
FEW = {"n_estimators": 4, "random_state": 0}

CLASSIFIERS = {
    "scaled logistic regression": make_pipeline(StandardScaler(), LogisticRegression()),
    "support vectors": SVC(),
    "neighbours": KNeighborsClassifier(3),
    "function of numpy": make_pipeline(FunctionTransformer(np.tanh), LogisticRegression()),
    "forest after columns": make_pipeline(
        make_column_transformer((StandardScaler(), ["a", "b"]), remainder="passthrough"), RandomForestClassifier(**FEW)
    ),
    "gradient boosting": GradientBoostingClassifier(**FEW),
    "histogram boosting": HistGradientBoostingClassifier(max_iter=4),
    "isotonic calibration": CalibratedClassifierCV(TREE, method="isotonic", cv=2),
    "sigmoid calibration": CalibratedClassifierCV(GaussianNB(), method="sigmoid", cv=2),
    "calibrated boosting": CalibratedClassifierCV(HistGradientBoostingClassifier(max_iter=3), cv=2),
    "network": MLPClassifier((3,), max_iter=500, tol=0.1, random_state=0),
    "grid search": GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2),
    "stacking": StackingClassifier([("tree", TREE), ("bayes", GaussianNB())], LogisticRegression(), cv=2),
    "extra trees": ExtraTreesClassifier(**FEW),
    "adaptive boosting": AdaBoostClassifier(**FEW),
    "bagging": BaggingClassifier(TREE, n_estimators=3, random_state=0),
    "discriminant": LinearDiscriminantAnalysis(),
}
REGRESSORS = {
    "least squares": LinearRegression(),
    "scaled ridge": make_pipeline(StandardScaler(), Ridge()),
    "tree": DecisionTreeRegressor(max_depth=3),
    "forest": RandomForestRegressor(**FEW),
    "histogram boosting": HistGradientBoostingRegressor(max_iter=4),
}


def written(model, named: str) -> bytes:
    """The model as a file of that format; joblib's is made smaller, as large ones mostly are."""
    if named == "skops":
        return skops.io.dumps(model)
    if named == "pickle":
        return pickle.dumps(model)
    joblib.dump(model, raw := io.BytesIO(), compress=("zlib", 3))
    return raw.getvalue()


@pytest.fixture(params=["skops", "pickle", "joblib"])
def answered(request, served):
    """Answers of a model that went through a file of each format."""

    def answer(model, columns=COLUMNS, **changes):
        return served(request.param, written(model, request.param), columns, **changes)[0]

    return answer


@pytest.mark.parametrize("family", CLASSIFIERS)
def test_family_answers_as_in_process_when_it_went_through_a_file(answered, family):
    model = CLASSIFIERS[family].fit(FRAME, BINARY)

    read = answered(model)

    np.testing.assert_array_equal(read.labels, model.predict(FRAME))
    if not hasattr(model, "predict_proba"):
        assert read.scores is None
    else:
        np.testing.assert_array_equal(read.scores, model.predict_proba(FRAME)[:, 1])


@pytest.mark.parametrize("family", REGRESSORS)
def test_regressor_answers_as_in_process_when_it_went_through_a_file(answered, family):
    model = REGRESSORS[family].fit(FRAME, 3 * FRAME["a"] - FRAME["c"])

    read = answered(model, task="regression", classes=(), positive=None)

    np.testing.assert_array_equal(read.labels, model.predict(FRAME))
    assert read.scores is None


@pytest.mark.parametrize("family", ["forest after columns", "histogram boosting", "network", "stacking"])
@pytest.mark.parametrize("declared", [(2, 0, 1), (1, 2, 0)])
def test_score_columns_follow_the_declared_classes_when_there_are_three(answered, family, declared):
    model = CLASSIFIERS[family].fit(FRAME, THREE)

    read = answered(model, task="multiclass", classes=declared, positive=None)

    np.testing.assert_array_equal(read.scores, model.predict_proba(FRAME)[:, list(declared)])
    np.testing.assert_array_equal(np.array(declared)[read.labels], model.predict(FRAME))


def test_score_columns_follow_the_declared_classes_when_they_are_korean_texts(answered):
    named, declared = np.array(["사업", "생활", "주택"], dtype=object), ("주택", "생활", "사업")
    model = CLASSIFIERS["forest after columns"].fit(FRAME, named[THREE])

    read = answered(model, task="multiclass", classes=declared, positive=None)

    np.testing.assert_array_equal(read.scores, model.predict_proba(FRAME)[:, ::-1])
    np.testing.assert_array_equal(np.array(declared, dtype=object)[read.labels], model.predict(FRAME))


@pytest.mark.parametrize(
    ("named", "declared"),
    [
        (np.array(["거절", "승인"]), ("승인", "거절")),
        (np.array([False, True]), (True, False)),
        (np.array([False, True]), ("true", "false")),
        (np.array([-1.0, 2.0]), (2, -1)),
        (np.array([1, 2]), ("2", "1")),
        (np.array(["no", "yes"], dtype=object), ("yes", "no")),
    ],
)
def test_positive_is_found_when_classes_are_declared_the_other_way_round(answered, named, declared):
    model = LogisticRegression().fit(FRAME, named[BINARY])

    read = answered(model, classes=declared, positive=0)

    np.testing.assert_array_equal(read.labels, np.where(model.predict(FRAME) == named[1], 0, 1))
    np.testing.assert_array_equal(read.scores, model.predict_proba(FRAME)[:, 1])


def test_threshold_selects_more_when_it_is_lower(answered):
    model = TREE.fit(FRAME, BINARY)
    shares = model.predict_proba(FRAME)[:, 1]

    for threshold in np.unique(shares):  # each one a tie of a whole leaf
        assert answered(model, threshold=float(threshold)).labels.sum() == (shares >= threshold).sum()


def test_columns_may_come_in_any_order_when_the_model_names_them(answered):
    model = LogisticRegression().fit(FRAME, BINARY)

    read = answered(model, {name: COLUMNS[name] for name in ("c", "a", "b")})

    np.testing.assert_array_equal(read.scores, model.predict_proba(FRAME)[:, 1])


def test_gaps_reach_the_model_as_nan_when_it_can_take_them(answered):
    gone = np.arange(N) % 4 == 0
    holes = {**COLUMNS, "c": Column(kind="i8", values=np.where(gone, 0, FRAME["c"]), missing=gone)}
    frame = FRAME.assign(c=np.where(gone, np.nan, FRAME["c"]))
    model = HistGradientBoostingClassifier(max_iter=4).fit(frame, BINARY)

    np.testing.assert_array_equal(answered(model, holes).scores, model.predict_proba(frame)[:, 1])


def test_transformer_alone_is_no_model(answered):
    with pytest.raises(Refusal) as caught:
        answered(StandardScaler().fit(FRAME))

    assert (caught.value.code, caught.value.values["found"]) == ("not_a_model", "StandardScaler")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_members_of_one_name_count_together_when_a_bomb_hides_behind_it(tmp_path, monkeypatch):
    monkeypatch.setattr(skops_model, "MOST_UNPACKED", 1000)
    with zipfile.ZipFile(tmp_path / "model.skops", "w") as archive:
        for _ in range(4):
            archive.writestr("1.npy", bytes(300))
        archive.writestr("schema.json", b"{}")

    with pytest.raises(Refusal) as caught:
        skops_model.load(tmp_path / "model.skops", {})
    assert caught.value.values["found"] == "unpacks to too much"
