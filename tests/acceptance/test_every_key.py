"""Every key of the manifest that can stand beside a model, declared at once, and what the record makes of it."""

import hashlib

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from reliability import doctor
from reliability.submission.manifest import DataPart

N = 400
NUMBERS, TEXTS = ["소득", "age"], ["zip", "city"]
POPULATION = "column,value,share\nsex,F,0.5\nsex,M,0.5\n"


def rows(seed, first_day):
    """Applicants: the label follows income, which rose in the second quarter; one row has another city's zip."""
    draws = np.random.default_rng(seed)
    quarter = np.repeat(["2026Q1", "2026Q2"], N // 2)
    place = draws.integers(0, 4, N)
    income = draws.normal(300, 60, N) + 60 * (quarter == "2026Q2")
    approved = (draws.random(N) < 1 / (1 + np.exp(-(income - 330) / 30))).astype(int)
    city = np.array(["서울", "부산", "대구", "광주"])[place]
    city[7] = "제주"
    days = np.datetime64(first_day) + np.arange(N) // 2
    return pd.DataFrame({
        "applicant": [f"A{seed}-{at}" for at in range(N)], "소득": income.round(1), "age": draws.integers(20, 70, N),
        "zip": np.array(["04524", "48058", "41900", "61945"])[place], "city": city,
        "sex": draws.choice(["F", "M"], N), "branch": draws.choice(["north", "south"], N),
        "band": np.where(income > 330, "high", "low"), "quarter": quarter, "applied": days.astype(str),
        "old": (income > 350).astype(int), "household": [f"H{seed}-{at // 2}" for at in range(N)], "memo": "-",
        "approved": approved,
    })  # fmt: skip


DECLARED = {
    "training": "training.csv", "origin": "witnessed", "target": "approved", "favourable": 1, "positive": 1,
    "features": {"exclude": ["memo", "branch", "band"]}, "sensitive": ["sex", {"column": "age", "bands": [0, 45]}],
    "threshold": 0.5, "id": "applicant", "time": "applied", "periods": "quarter", "segments": ["branch"],
    "strata": ["band"], "quasi_identifiers": ["age", "sex", "zip"], "population": "population.csv",
    "incumbent": {"prediction": "old"}, "monotone": {"소득": "increasing"},
    "schema": {"소득": {"minimum": 0, "maximum": 400, "type": "number"}, "zip": {"type": "text", "pattern": "[0-9]{5}"},
               "sex": {"values": ["F", "M"], "missing": ["?"]}},
    "dependencies": [{"given": ["zip"], "fixes": "city"}],
}  # fmt: skip


@pytest.fixture
def hand_in(submit):
    if doctor.confinement().level != "ok":
        pytest.skip("no confinement on this machine: models are refused, see 'reliability doctor'")
    evaluation, training = rows(1, "2026-01-01"), rows(2, "2025-01-01")
    scaled = make_pipeline(SimpleImputer(), StandardScaler())
    encoded = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), TEXTS), (scaled, NUMBERS))
    inputs = [*NUMBERS, *TEXTS]
    declared = {**DECLARED, "features": {"include": list(inputs)}}
    model = make_pipeline(encoded, LogisticRegression()).fit(training[inputs].astype({"zip": str}), training.approved)

    def write(**more):
        folder = submit(
            evaluation, model={"format": "skops", "path": "model.skops", "inputs": inputs}, **{**declared, **more}
        )
        training.to_csv(folder / "training.csv", index=False)
        (folder / "population.csv").write_text(POPULATION, encoding="utf-8")
        (folder / "model.skops").write_bytes(skops.io.dumps(model))
        return folder

    return write


def test_every_key_of_the_data_is_declared_here():
    answered = {"evaluation", "prediction", "score"}  # the file; and what a model says itself

    assert {field.alias or name for name, field in DataPart.model_fields.items()} == {*DECLARED, *answered, "entity"}


def test_every_key_is_heard_in_the_record(hand_in, assess):
    done = assess(hand_in())
    assert done.err.count("error") == 0, done.err
    record, verdicts = done.record, done.verdicts()

    assert done.status in (1, 3)
    assert (record.notes, record.data.evaluation.origin, record.data.evaluation.rows) == ((), "witnessed", N)
    assert record.manifest["population"]["sha256"] == hashlib.sha256(POPULATION.encode()).hexdigest()
    assert {name for name, fact in record.subject.facts.items() if name.endswith("_declared") and fact["value"]} == {
        "monotone_declared", "population_declared", "time_declared", "dependencies_declared", "periods_declared",
    }  # fmt: skip
    broken = [one for one in record.findings if one.verdict == "error"]
    assert broken == [], [(one.item, one.reasons, [c.reasons for c in one.criteria]) for one in broken]
    assert verdicts["DAT-11"] == "pass"
    assert done.measured("leakage.future_rows")[()].value == 0
    assert done.measured("data_quality.training_age")[()].value == 365
    (broken_rule,) = done.measured("data_quality.dependency_violations")[()].details["columns"]
    assert (broken_rule["column"], broken_rule["given"], broken_rule["positions"]) == ("city", ["zip"], [7])
    assert done.measured("data_quality.schema_violations")[()].value > 0
    assert done.measured("data_quality.population_share_ratio")["sex",].value > 0.8
    assert done.measured("privacy.k_anonymity")[()].value >= 1
    assert done.measured("robustness.monotonicity_violations")[()].value == 0
    assert done.measured("performance.segment_gap")["branch",].value >= 0
    assert done.measured("performance.better_than_incumbent")[()].value is not None
    moved = done.measured("drift.period_stability_index")[()]
    assert (moved.details["first"], moved.details["period"], moved.details["column"]) == ("2026Q1", "2026Q2", "소득")
    assert done.measured("drift.period_label_drift")[()].low > 0
    assert verdicts["DAT-15"] == "fail"
    roles = {column["name"]: column["role"] for column in record.data.evaluation.columns}
    assert [roles[name] for name in ("quarter", "band", "zip", "applied", "applicant", "old", "memo")] == [
        "period", "stratum", "feature", "time", "id", "incumbent", "unused",
    ]  # fmt: skip


def test_with_entities_nothing_is_judged_that_has_no_clustered_form_and_reports_are_written(
    hand_in, assess, run, tmp_path
):
    done = assess(hand_in(entity="household"))

    assert done.record.subject.facts["rows_share_entities"]["value"] is True
    assert done.measured("drift.period_stability_index")[()].reason.code == "clustered_rows"
    for lang in ("ko", "en"):
        out = tmp_path / f"report-{lang}.html"
        ran = run("report", done.case, "--kind", "test", "--lang", lang, "--format", "html", "-o", out, lang=lang)
        assert ran.status == 0, ran.err
        assert {"ko": "모집단 구성", "en": "Population"}[lang] in out.read_text(encoding="utf-8")
