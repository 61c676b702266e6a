"""A real model on German credit: text columns through a column transformer, run in confinement."""

import pytest
import skops.io
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from reliability import doctor

TEXTS = ["status", "credit_history", "purpose", "savings"]
NUMBERS = ["month", "credit_amount"]
KEPT = {"target": "credit", "favourable": 1, "sensitive": ["sex"], "features": {"include": [*TEXTS, *NUMBERS]}}
MODEL = {"format": "skops", "path": "model.skops"}


@pytest.fixture(scope="session")
def confined():
    if doctor.confinement().level != "ok":
        pytest.skip("no confinement on this machine: models are refused, see 'reliability doctor'")


@pytest.fixture
def halves(german):
    return german.drop(columns="predicted").iloc[::2], german.drop(columns="predicted").iloc[1::2]


@pytest.fixture
def fitted(halves):
    encoded = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), TEXTS), (StandardScaler(), NUMBERS))
    return make_pipeline(encoded, LogisticRegression(max_iter=500)).fit(halves[0][[*TEXTS, *NUMBERS]], halves[0].credit)


def hand_in(submit, halves, content):
    folder = submit(halves[1], model=MODEL, training="training.csv", **KEPT)
    halves[0].to_csv(folder / "training.csv", index=False)
    (folder / "model.skops").write_bytes(content)
    return folder


@pytest.fixture
def assessed(confined, halves, fitted, submit, assess):
    """The same model assessed with one worker and with two."""
    folder = hand_in(submit, halves, skops.io.dumps(fitted))
    return [assess(folder, "--jobs", jobs, case=f"jobs-{jobs}") for jobs in (1, 2)]


def test_a_real_model_answers_as_it_does_outside_with_one_worker_and_with_two(assessed, halves, fitted):
    one, two = assessed
    selected = (fitted.predict(halves[1][[*TEXTS, *NUMBERS]]) == 1) & (halves[1]["sex"] == "female")

    groups = one.measured("fairness.selection_rate_ratio")["sex",].details["groups"]
    (women,) = [group for group in groups if group["slice"]["sex"] == "female"]
    assert women["value"] == pytest.approx(selected.sum() / (halves[1]["sex"] == "female").sum(), abs=1e-12)
    assert one.measured("robustness.repeatability")[()].value == 1.0
    assert one.measured("leakage.training_overlap")[()].value == 0.0
    assert one.record.subject.model.isolation
    dates = one.record.dates
    assert two.record.model_copy(update={"dates": dates}).model_dump_json() == one.record.model_dump_json()
    assert (two.case / "rows.parquet").read_bytes() == (one.case / "rows.parquet").read_bytes()


@pytest.mark.parametrize("content", [b"", b"this is no model\n" * 40])
def test_a_file_that_is_no_model_is_an_error_of_its_items_and_the_rest_is_measured(
    confined, halves, submit, assess, content
):
    done = assess(hand_in(submit, halves, content), "--timeout", 60)

    verdicts = done.verdicts()
    assert verdicts["FAI-02"] == verdicts["ROB-01"] == verdicts["PER-05"] == "error"
    assert verdicts["DAT-02"] == "pass"
    assert done.measured("leakage.training_overlap")[()].value == 0.0
    assert done.status == {"does_not_conform": 1, "undetermined": 3}[done.record.outcome]
    assert "! Error" in done.out


def test_a_model_that_is_not_there_is_refused_before_anything_is_measured(halves, submit, run, tmp_path):
    folder = submit(halves[1], model=MODEL, **KEPT)

    ran = run("assess", folder, "--out", tmp_path / "case")
    assert ran.status == 2
    assert "model.skops" in ran.err
    assert not (tmp_path / "case").exists()
