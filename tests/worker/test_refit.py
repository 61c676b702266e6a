import hashlib
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from reliability.blocks import Column
from reliability.errors import WorkerError
from reliability.worker import confinement
from reliability.worker.parent import Limits, ModelSpec
from reliability.worker.refit import MESSAGES, How, open_refit, package_files
from tests.worker.hostile_refit import SENTINEL
from tests.worker.refitting import CLASSES, columns_of, opened_here, table

FRAME, Y, GROUP = table(300)
LABELS = np.array(CLASSES)[Y]
SHIFTED, SHIFTED_Y, _ = table(300, seed=9)
HOSTILE = Path(__file__).with_name("hostile_refit.py")
PATIENT, QUICK = Limits(timeout_s=20), Limits(timeout_s=1)


def failed(action) -> WorkerError:
    with pytest.raises(WorkerError) as caught:
        action()
    return caught.value


@pytest.fixture
def here(tmp_path):
    """A refit of a model in this process."""

    def opened(model, inputs=tuple(FRAME), **changes):
        return opened_here(model, tmp_path / "model.skops", inputs, **changes)

    return opened


@pytest.mark.parametrize("weights", [None, np.where(Y == 1, 5.0, 1.0)], ids=["plain", "weighted"])
def test_copy_says_what_the_same_model_says_fitted_to_the_same_rows(here, weights):
    refit = here(make_pipeline(StandardScaler(), LogisticRegression()).fit(SHIFTED, np.array(CLASSES)[SHIFTED_Y]))
    refit.fit(columns_of(FRAME), Y, weights=weights, how=How())
    told = refit.predict(columns_of(FRAME))

    own = make_pipeline(StandardScaler(), LogisticRegression())
    own.fit(FRAME, LABELS, logisticregression__sample_weight=weights)
    assert told.labels.tolist() == (own.predict(FRAME) == "yes").astype(int).tolist()
    assert np.array_equal(told.scores, own.predict_proba(FRAME)[:, 1])


def test_copy_takes_text_and_gaps_as_the_model_did(here):
    frame = FRAME.assign(town=pd.Series(np.array(["가", "나"], dtype=object)[Y], dtype=object))
    frame.loc[3, "f0"] = np.nan
    encoded = make_column_transformer((OneHotEncoder(), ["town"]), remainder="passthrough", sparse_threshold=0)
    refit = here(
        make_pipeline(encoded, HistGradientBoostingClassifier(max_iter=2)).fit(frame, Y),
        classes=(0, 1), inputs=tuple(frame),
    )  # fmt: skip
    refit.fit(columns_of(frame), 1 - Y, how=How())

    assert refit.predict(columns_of(frame)).labels.tolist() == (1 - Y).tolist()


def test_values_are_fitted_as_values(here):
    value = 2 * FRAME["f0"].to_numpy()
    refit = here(LinearRegression().fit(FRAME, value), task="regression", classes=(), positive=None)
    refit.fit(columns_of(FRAME), value + 7, how=How())

    np.testing.assert_allclose(refit.predict(columns_of(FRAME)).labels, value + 7)


def test_declared_order_of_classes_is_kept_where_the_model_has_another(here):
    refit = here(GaussianNB().fit(FRAME, LABELS), classes=("yes", "no"), positive=0)
    refit.fit(columns_of(FRAME), 1 - Y, how=How())
    told = refit.predict(columns_of(FRAME))

    own = GaussianNB().fit(FRAME, LABELS)
    assert told.labels.tolist() == (own.predict(FRAME) == "no").astype(int).tolist()
    assert np.array_equal(told.scores, own.predict_proba(FRAME)[:, 1])


def test_several_classes_are_fitted_too(here):
    kinds = np.arange(300) % 3
    refit = here(GaussianNB().fit(FRAME, kinds), classes=(0, 1, 2), task="multiclass", positive=None)
    refit.fit(columns_of(FRAME), kinds, how=How())

    own = GaussianNB().fit(FRAME, kinds)
    assert refit.predict(columns_of(FRAME)).labels.tolist() == own.predict(FRAME).tolist()


def test_seed_alone_decides_what_is_drawn(here):
    refit = here(RandomForestClassifier(5).fit(FRAME, LABELS))

    def scores(seed):
        refit.fit(columns_of(FRAME), Y, how=How(seed=seed))
        return refit.predict(columns_of(FRAME)).scores.tolist()

    assert scores(1) == scores(1)
    assert scores(1) != scores(2)


def test_threshold_of_the_model_decides_for_its_copy_too(here):
    refit = here(LogisticRegression().fit(FRAME, LABELS), threshold=0.2)
    refit.fit(columns_of(FRAME), Y, how=How())
    told = refit.predict(columns_of(FRAME))

    assert told.labels.tolist() == (told.scores >= 0.2).astype(int).tolist()


def test_direction_is_that_of_the_positive_class_wherever_it_stands(here):
    noise = np.random.default_rng(2).integers(0, 2, 300)
    for positive in (0, 1):
        refit = here(HistGradientBoostingClassifier(max_iter=9).fit(FRAME, LABELS), positive=positive)
        refit.fit(columns_of(FRAME), noise, how=How(monotone={"f0": 1}))
        told = [refit.predict(columns_of(FRAME.assign(f0=one))).scores for one in (-2.0, 0.0, 2.0)]

        assert (np.diff(told, axis=0) >= -1e-12).all()


def test_rows_beyond_one_block_are_asked_block_by_block(here, monkeypatch):
    monkeypatch.setattr("reliability.worker.refit.BLOCK_ROWS", 70)
    refit = here(LogisticRegression().fit(FRAME, LABELS))
    refit.fit(columns_of(FRAME), Y, how=How())

    told = refit.predict(columns_of(FRAME))
    own = LogisticRegression().fit(FRAME, LABELS).predict_proba(FRAME)[:, 1]
    np.testing.assert_allclose(told.scores, own, atol=1e-12)


def test_nothing_is_answered_before_something_was_fitted(here):
    with pytest.raises(ValueError, match="nothing was fitted"):
        here(GaussianNB().fit(FRAME, LABELS)).predict(columns_of(FRAME))


PARITY = How(reduction="grid_search", constraint="demographic_parity")


@pytest.mark.parametrize(
    ("model", "how", "code", "found"),
    [
        (KNeighborsClassifier(), PARITY, "refit_no_sample_weight", "KNeighborsClassifier"),
        (LogisticRegression(), How(monotone={"f0": 1}), "refit_no_monotone", "LogisticRegression"),
        (GaussianNB(), How(regularised=True), "refit_not_regularised", "GaussianNB"),
    ],
)
def test_what_a_model_cannot_do_is_a_closed_reason(here, model, how, code, found):
    refit = here(model.fit(FRAME, LABELS))

    error = failed(lambda: refit.fit(columns_of(FRAME), Y, groups=GROUP, how=how))

    assert (error.code, error.values) == (code, {"found": found})


def test_reductions_need_two_classes(here):
    kinds = np.arange(300) % 3
    refit = here(GaussianNB().fit(FRAME, kinds), classes=(0, 1, 2), task="multiclass", positive=None)

    assert failed(lambda: refit.fit(columns_of(FRAME), kinds, groups=GROUP, how=PARITY)).code == (
        "refit_two_classes_needed"
    )


def test_class_that_no_training_row_has_is_a_bad_output(here):
    refit = here(GaussianNB().fit(FRAME, LABELS))

    error = failed(lambda: refit.fit(columns_of(FRAME), np.ones(300, np.int64), how=How()))

    assert (error.code, error.values["what"]) == ("model_bad_output", "class_count")


def test_fit_that_fails_is_told_in_the_models_words(here):
    refit = here(LogisticRegression(C=-1.0).set_params(C=1.0).fit(FRAME, LABELS))
    gone = {name: Column(kind="f8", values=one.values, missing=~one.missing) for name, one in columns_of(FRAME).items()}

    error = failed(lambda: refit.fit(gone, Y, how=How()))

    assert error.code == "refit_raised"
    assert "contains NaN" in error.values["message"]


def test_every_reason_has_its_value_in_its_line():
    assert all(f"{{{name}" in line for name, line in MESSAGES.values())


# In the confined process


@pytest.mark.parametrize("named", ["skops", "pickle"])
def test_confined_copy_says_the_same_as_one_fitted_here(confined, tmp_path, named):
    model, path = make_pipeline(StandardScaler(), LogisticRegression()).fit(FRAME, LABELS), tmp_path / "model.bin"
    path.write_bytes(pickle.dumps(model) if named == "pickle" else skops.io.dumps(model))
    spec = ModelSpec(
        format=named, path=path, sha256=hashlib.sha256(path.read_bytes()).hexdigest(), inputs=tuple(FRAME),
        classes=CLASSES, task="binary", positive=1,
    )  # fmt: skip
    with open_refit(spec, limits=PATIENT) as refit:
        refit.fit(columns_of(SHIFTED), SHIFTED_Y, how=How())
        told = refit.predict(columns_of(FRAME))
        refit.fit(columns_of(FRAME), Y, groups=GROUP, how=PARITY)
        fair = refit.predict(columns_of(FRAME))

    own = make_pipeline(StandardScaler(), LogisticRegression()).fit(SHIFTED, np.array(CLASSES)[SHIFTED_Y])
    # Not to the last bit: columns lie otherwise in the two frames, and some kernels add up by where they lie.
    assert told.scores == pytest.approx(own.predict_proba(FRAME)[:, 1], rel=1e-12)
    assert set(refit.isolation["probe"].values()) == {"refused"}
    assert fair.labels[GROUP == 0].mean() == pytest.approx(fair.labels[GROUP == 1].mean(), abs=0.1)


@pytest.mark.parametrize("named", ["onnx", "xgboost", "python", "endpoint"])
def test_only_files_of_scikit_learn_are_fitted_anew(spec_of, named):
    error = failed(lambda: open_refit(spec_of(b"", format=named), limits=QUICK))

    assert (error.code, error.values) == ("refit_not_scikit_learn", {"found": named})


def test_package_of_the_process_holds_nothing_that_knows_labels():
    names = {place.relative_to(confinement.PACKAGE / "reliability").as_posix() for place in package_files()}

    assert {"worker/refit_child.py", "worker/refit_clone.py", "worker/refit_reduction.py"} <= names
    assert not {name for name in names if name.startswith(("submission", "advise", "evidence", "checks"))}
    assert "worker/refit.py" not in names


@pytest.fixture
def hostile(confined, spec_of, tmp_path):
    """Open a refit worker whose adapter and fitting are hostile_refit.py; what it does is in the model file."""
    frame = tmp_path / "frame.py"
    frame.write_text("class DataFrame(dict):\n    def __init__(self, values, columns=None, copy=None):\n"
                     "        super().__init__(zip(columns, values.T))\n"
                     "    def __len__(self):\n        return len(next(iter(self.values())))\n")  # fmt: skip
    inside = confinement.PACKAGE / "reliability" / "worker"
    own = dict.fromkeys([inside / f"{name}.py" for name in ("skops_model", "refit_clone", "refit_binning")], HOSTILE)
    opened = []

    def start(what, limits=PATIENT):
        package = package_files() | own | {confinement.PACKAGE / "pandas.py": frame}
        opened.append(open_refit(spec_of(what.encode()), limits=limits, package=package))
        return opened[-1]

    yield start
    for refit in opened:
        refit.close()


ROWS = {"x": Column(kind="f8", values=np.arange(5.0), missing=np.zeros(5, np.bool_))}
ROW_LABELS = np.array([0, 1, 0, 1, 1])


@pytest.mark.parametrize(
    ("what", "code", "values"),
    [
        ("raising", "refit_raised", {"message": "no [31m fit"}),
        ("hanging", "model_timeout", {"seconds": "1"}),
        ("crashing", "model_crashed", {"signal": "SIGSEGV"}),
        ("leaving", "model_exited", {"status": 0}),
        ("memory", "model_memory_limit", {}),
        ("other_classes", "model_bad_output", {"what": "label_outside_declared"}),
        ("more_classes", "model_bad_output", {"what": "class_count"}),
        ("stranger", "model_bad_output", {"what": "label_outside_classes"}),
        ("nan", "model_bad_output", {"what": "not_finite"}),
    ],
)
def test_refit_fails_with_its_reason_when_what_is_fitted_misbehaves(hostile, what, code, values):
    refit = hostile(what, QUICK)

    def used():
        refit.fit(ROWS, ROW_LABELS, how=How())
        refit.predict(ROWS)

    error = failed(used)
    assert error.code == code
    assert error.plain_values() | values == error.plain_values()
    assert failed(used) is error


def test_refit_outlives_rows_that_its_copy_refuses(hostile):
    refit = hostile("nothing")
    refit.fit(ROWS, ROW_LABELS, how=How())

    refused = [failed(lambda: refit.predict(ROWS)) for _ in range(2)]
    assert [one.code for one in refused] == ["model_raised"] * 2
    assert refused[0] is not refused[1]


def test_refit_is_stopped_when_a_fit_burns_processor_time(hostile):
    refit = hostile("burning", Limits(timeout_s=30, cpu_factor=0.01))

    assert failed(lambda: refit.fit(ROWS, ROW_LABELS, how=How())).code == "model_cpu_limit"


def test_refusal_of_the_process_is_one_short_line(hostile):
    error = failed(lambda: hostile("refusing_much"))

    assert error.code == "refit_class_refused"
    assert len(error.values["types"]) == 200
    assert "\n" not in error.values["types"]


def test_process_sees_no_column_but_the_inputs_and_no_label_of_rows_to_be_answered(hostile):
    truth = Column(kind="f8", values=np.full(5, SENTINEL), missing=np.zeros(5, np.bool_))
    said = Column(kind="utf8", values=np.zeros(5, np.int32), missing=np.zeros(5, np.bool_), levels=("approved-by-us",))
    asked = {**ROWS, "approved": truth, "verdict": said}

    for what in ("sentinel", "bodies approved", "columns"):
        refit = hostile(what)
        refit.fit(asked, ROW_LABELS, how=How())
        assert refit.predict(asked).labels.tolist() == [0] * 5


def test_that_the_process_would_see_a_label_is_seen_by_the_same_means(hostile):
    # The sentinel among the inputs is found: what was not found above was not there.
    seen = {"x": Column(kind="f8", values=np.full(5, SENTINEL), missing=np.zeros(5, np.bool_))}
    refit = hostile("sentinel")
    refit.fit(ROWS, ROW_LABELS, how=How())

    assert refit.predict(seen).labels.tolist() == [1] * 5


def test_labels_of_training_rows_are_what_a_copy_is_fitted_to(hostile):
    refit = hostile("labels")
    refit.fit(ROWS, ROW_LABELS, how=How())

    assert refit.predict(ROWS).labels.tolist() == ROW_LABELS.tolist()
