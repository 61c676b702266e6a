import json

import numpy as np
import pandas as pd
import pytest

from reliability.blocks import Column
from reliability.formats.catboost_file import read_catboost
from reliability.formats.lightgbm_file import read_lightgbm
from reliability.formats.unreadable import UnreadableError
from reliability.formats.xgboost_file import read_xgboost
from reliability.worker.wire import Refusal

xgboost = pytest.importorskip("xgboost")
lightgbm = pytest.importorskip("lightgbm")
catboost = pytest.importorskip("catboost")

N = 240
RANDOM = np.random.default_rng(5)
AMOUNT, AGE = RANDOM.normal(size=N), RANDOM.integers(18, 80, N)
LEVELS = ("rent", "own", "other")
HOME = RANDOM.integers(0, 3, N).astype(np.int32)
AMOUNT_GONE, HOME_GONE, PRESENT = RANDOM.random(N) < 0.1, RANDOM.random(N) < 0.1, np.zeros(N, dtype=np.bool_)
Y = (AMOUNT + (HOME == 1) + 0.02 * AGE + 0.3 * RANDOM.normal(size=N) > 1.3).astype(np.int64)
THREE = np.digitize(AMOUNT, [-0.4, 0.4])
COLUMNS = {
    "amount due": Column(kind="f8", values=np.where(AMOUNT_GONE, 0, AMOUNT), missing=AMOUNT_GONE),
    "age": Column(kind="i8", values=AGE, missing=PRESENT),
    "home": Column(kind="utf8", values=np.where(HOME_GONE, 0, HOME), missing=HOME_GONE, levels=LEVELS),
}
NUMBERS = {name: COLUMNS[name] for name in ("amount due", "age")}
FRAME = pd.DataFrame(
    {
        "amount due": np.where(AMOUNT_GONE, np.nan, AMOUNT),
        "age": AGE,
        "home": pd.Categorical([None if g else LEVELS[c] for c, g in zip(HOME, HOME_GONE, strict=True)],
                               categories=["other", "rent", "own"]),
    }
)  # fmt: skip
FEW = {"n_estimators": 8, "random_state": 0}
BINARY = {"declared": {"classes": [0, 1]}}
MULTICLASS = {"task": "multiclass", "classes": ("c", "a", "b"), "positive": None}
REGRESSION = {"task": "regression", "classes": (), "positive": None}


def saved(model, path) -> bytes:
    model.save_model(str(path))
    return path.read_bytes()


@pytest.fixture
def forest(tmp_path):
    """An XGBoost model of text, numbers and gaps, and its file in both forms."""
    model = xgboost.XGBClassifier(n_jobs=1, enable_categorical=True, **FEW).fit(FRAME, Y)
    return model, {form: saved(model, tmp_path / f"m.{form}") for form in ("json", "ubj")}


@pytest.mark.parametrize("form", ["json", "ubj"])
def test_xgboost_answers_as_in_process_when_text_and_gaps_are_there(served, forest, form):
    model, files = forest

    read, said = served("xgboost", files[form], COLUMNS, **BINARY)

    np.testing.assert_array_equal(read.scores, model.predict_proba(FRAME)[:, 1])
    np.testing.assert_array_equal(read.labels, model.predict(FRAME))
    assert said["written_by"] == {"xgboost": xgboost.__version__}


def test_xgboost_takes_its_own_order_of_columns_and_says_so(served, forest):
    columns = {"extra": COLUMNS["age"], **dict(reversed(COLUMNS.items()))}

    read, said = served("xgboost", forest[1]["json"], columns, **BINARY)

    np.testing.assert_array_equal(read.scores, forest[0].predict_proba(FRAME)[:, 1])
    assert said["inputs"] == {"by": "name", "reordered": True, "missing": [], "left_out": ["extra"]}


def test_xgboost_is_refused_when_a_column_is_not_there(served, forest):
    with pytest.raises(Refusal) as caught:
        served("xgboost", forest[1]["json"], NUMBERS, **BINARY)
    assert (caught.value.code, caught.value.values) == ("model_inputs_differ", {"what": "missing", "found": "home"})


def test_xgboost_of_an_older_release_needs_the_order_of_its_codes(served, forest):
    older = json.loads(forest[1]["json"])
    older["learner"]["gradient_booster"]["model"].pop("cats")
    older["version"] = [2, 1, 0]
    content = json.dumps(older, separators=(",", ":")).encode()

    with pytest.raises(Refusal) as caught:
        served("xgboost", content, COLUMNS, **BINARY)
    assert caught.value.values["found"] == "the file holds no categories of home; give them in model.categories"

    declared = {"classes": [0, 1], "categories": {"home": ["other", "rent", "own"]}}
    read, said = served("xgboost", content, COLUMNS, declared=declared)
    np.testing.assert_array_equal(read.scores, forest[0].predict_proba(FRAME)[:, 1])
    assert said["written_by"] == {"xgboost": "2.1.0"}


def test_xgboost_answers_several_classes_in_the_order_declared_for_its_file(served, tmp_path):
    model = xgboost.XGBClassifier(n_jobs=1, **FEW).fit(FRAME[list(NUMBERS)], THREE)
    declared = {"classes": ["a", "b", "c"]}  # classes 0, 1 and 2 of the file

    read, _ = served("xgboost", saved(model, tmp_path / "m.json"), NUMBERS, declared=declared, **MULTICLASS)

    np.testing.assert_array_equal(read.scores, model.predict_proba(FRAME[list(NUMBERS)])[:, [2, 0, 1]])
    np.testing.assert_array_equal(read.labels, np.array([1, 2, 0])[model.predict(FRAME[list(NUMBERS)])])


@pytest.mark.parametrize(("objective", "y"), [("reg:squarederror", AMOUNT), ("count:poisson", AGE)])
def test_xgboost_answers_values_when_it_regresses(served, tmp_path, objective, y):
    model = xgboost.train({"objective": objective, "nthread": 1}, xgboost.DMatrix(AGE.reshape(-1, 1), y), 5)

    read, _ = served("xgboost", saved(model, tmp_path / "m.ubj"), {"age": COLUMNS["age"]}, **REGRESSION)

    np.testing.assert_array_equal(read.labels, model.predict(xgboost.DMatrix(AGE.reshape(-1, 1))))


def test_xgboost_of_labels_has_no_probabilities(served, tmp_path):
    model = xgboost.train({"objective": "multi:softmax", "num_class": 3}, xgboost.DMatrix(FRAME[["age"]], THREE), 3)
    declared = {"classes": ["a", "b", "c"]}

    read, said = served("xgboost", saved(model, tmp_path / "m.json"), {"age": COLUMNS["age"]},
                        declared=declared, **MULTICLASS)  # fmt: skip

    places = model.predict(xgboost.DMatrix(FRAME[["age"]])).astype(int)
    assert (said["scores"], read.scores) == (False, None)
    np.testing.assert_array_equal(read.labels, np.array([1, 2, 0])[places])


def test_xgboost_stops_at_its_best_tree_when_it_stopped_early(served, tmp_path):
    half = N // 2
    frame = FRAME[list(NUMBERS)]
    model = xgboost.XGBClassifier(n_estimators=300, learning_rate=0.9, early_stopping_rounds=3, n_jobs=1)
    model.fit(frame[:half], Y[:half], eval_set=[(frame[half:], Y[half:])], verbose=False)
    assert model.best_iteration + 1 < model.get_booster().num_boosted_rounds()

    read, said = served("xgboost", saved(model, tmp_path / "m.json"), NUMBERS, **BINARY)

    np.testing.assert_array_equal(read.scores, model.predict_proba(frame)[:, 1])
    assert said["wrapper"] == f"estimator, trees 1 to {model.best_iteration + 1}"


def test_lightgbm_answers_as_in_process_when_text_and_gaps_are_there(served, tmp_path):
    model = lightgbm.LGBMClassifier(verbose=-1, n_jobs=1, **FEW).fit(FRAME, Y)
    content = saved(model.booster_, tmp_path / "m.txt")

    read, said = served("lightgbm", content, dict(reversed(COLUMNS.items())), **BINARY)

    np.testing.assert_array_equal(read.scores, model.predict_proba(FRAME)[:, 1])
    np.testing.assert_array_equal(read.labels, model.predict(FRAME))
    assert said["inputs"] == {"by": "name", "reordered": True, "missing": [], "left_out": []}


def test_lightgbm_answers_several_classes_and_values(served, tmp_path):
    frame = FRAME[list(NUMBERS)]
    several = lightgbm.LGBMClassifier(verbose=-1, n_jobs=1, **FEW).fit(frame.to_numpy(), THREE)
    values = lightgbm.LGBMRegressor(verbose=-1, n_jobs=1, **FEW).fit(frame.to_numpy(), AGE)

    read, said = served("lightgbm", saved(several.booster_, tmp_path / "m.txt"), NUMBERS,
                        declared={"classes": ["a", "b", "c"]}, **MULTICLASS)  # fmt: skip
    valued, _ = served("lightgbm", saved(values.booster_, tmp_path / "v.txt"), NUMBERS, **REGRESSION)

    assert said["inputs"] == {"by": "position"}
    np.testing.assert_array_equal(read.scores, several.predict_proba(frame.to_numpy())[:, [2, 0, 1]])
    np.testing.assert_array_equal(valued.labels, values.predict(frame.to_numpy()))


def test_lightgbm_is_refused_when_its_categories_are_not_the_datas(served, tmp_path):
    model = lightgbm.LGBMClassifier(verbose=-1, **FEW).fit(FRAME.assign(age=FRAME["age"].astype("category")), Y)
    content = saved(model.booster_, tmp_path / "m.txt")

    with pytest.raises(Refusal) as caught:
        served("lightgbm", content, COLUMNS, **BINARY)
    assert caught.value.values["found"] == "2 columns of categories, met: 1; name them in model.categories"

    declared = {"classes": [0, 1], "categories": {"age": sorted(set(AGE.tolist()))}}
    read, _ = served("lightgbm", content, COLUMNS, declared=declared)
    expected = model.predict_proba(FRAME.assign(age=FRAME["age"].astype("category")))[:, 1]
    np.testing.assert_array_equal(read.scores, expected)


def test_lightgbm_with_line_ends_of_windows_is_refused_before_it_ends_the_process(served, tmp_path):
    model = lightgbm.LGBMClassifier(verbose=-1, **FEW).fit(FRAME[["age"]], Y)
    content = saved(model.booster_, tmp_path / "m.txt").replace(b"\n", b"\r\n")

    with pytest.raises(Refusal) as caught:
        served("lightgbm", content, {"age": COLUMNS["age"]}, **BINARY)
    assert (caught.value.code, caught.value.values["found"][:20]) == ("not_a_model", "line ends of Windows")


@pytest.fixture
def cats():
    """The frame as CatBoost takes it: missing text is the word nan."""
    return FRAME.assign(home=FRAME["home"].astype(object).where(FRAME["home"].notna(), "nan"))


QUIET = {"iterations": 8, "verbose": 0, "allow_writing_files": False, "random_seed": 0, "thread_count": 1}


def test_catboost_answers_as_in_process_when_text_and_gaps_are_there(served, tmp_path, cats):
    model = catboost.CatBoostClassifier(cat_features=["home"], **QUIET).fit(cats, Y)

    read, said = served("catboost", saved(model, tmp_path / "m.cbm"), dict(reversed(COLUMNS.items())))

    np.testing.assert_array_equal(read.scores, model.predict_proba(cats)[:, 1])
    np.testing.assert_array_equal(read.labels, model.predict(cats))
    assert said["written_by"] == {"catboost": catboost.__version__}
    assert said["inputs"]["reordered"]


def test_catboost_names_its_own_classes_when_it_has_several(served, tmp_path, cats):
    names = np.array(["a", "b", "c"])
    model = catboost.CatBoostClassifier(loss_function="MultiClass", **QUIET).fit(cats[["age"]], names[THREE])

    read, _ = served("catboost", saved(model, tmp_path / "m.cbm"), {"age": COLUMNS["age"]}, **MULTICLASS)

    np.testing.assert_array_equal(read.scores, model.predict_proba(cats[["age"]])[:, [2, 0, 1]])
    assert [("c", "a", "b")[code] for code in read.labels] == model.predict(cats[["age"]]).ravel().tolist()


def test_catboost_answers_values_when_it_regresses(served, tmp_path):
    model = catboost.CatBoostRegressor(**QUIET).fit(FRAME[["age"]].to_numpy(), AMOUNT)

    read, said = served("catboost", saved(model, tmp_path / "m.cbm"), {"age": COLUMNS["age"]}, **REGRESSION)

    np.testing.assert_array_equal(read.labels, model.predict(FRAME[["age"]].to_numpy()))
    assert said["inputs"] == {"by": "position"}


@pytest.mark.parametrize("named", ["xgboost", "lightgbm", "catboost"])
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x80\x04K\x01."])
def test_file_of_another_kind_is_no_model(served, named, content):
    with pytest.raises(Refusal) as caught:
        served(named, content, NUMBERS, **BINARY)
    assert caught.value.code == "not_a_model"


def test_classes_are_asked_for_when_a_booster_has_none(served, forest):
    with pytest.raises(Refusal) as caught:
        served("xgboost", forest[1]["json"], COLUMNS)
    assert caught.value.values["what"] == "classes_not_declared"


def test_heads_are_read_without_the_libraries(tmp_path, forest, cats):
    model = lightgbm.LGBMClassifier(verbose=-1, **FEW).fit(FRAME, Y)
    (tmp_path / "m.txt").write_bytes(saved(model.booster_, tmp_path / "l.txt"))
    catboost.CatBoostClassifier(**QUIET).fit(cats[["age"]], Y).save_model(str(tmp_path / "m.cbm"))

    for form, content in forest[1].items():
        (tmp_path / form).write_bytes(content)
        head = read_xgboost(tmp_path / form)
        assert (head.form, head.version, head.objective) == (form, xgboost.__version__, "binary:logistic")
        assert (head.classes, head.columns) == ("0", "3")
    text = read_lightgbm(tmp_path / "m.txt")
    assert (text.version, text.objective, text.classes, text.categorical) == ("v4", "binary", 1, True)
    assert text.columns == ("amount_due", "age", "home")
    binary = read_catboost(tmp_path / "m.cbm")
    assert (binary.version, binary.loss) == (catboost.__version__, "Logloss")
    with pytest.raises(UnreadableError):
        read_catboost(tmp_path / "m.txt")
