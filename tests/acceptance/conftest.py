from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML

from reliability.case import read_case

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
ADULT = (
    "age workclass fnlwgt education education_num marital_status occupation relationship race sex capital_gain "
    "capital_loss hours country income"
).split()


@dataclass(frozen=True)
class Done:
    """What `assess` printed and left."""

    status: int
    out: str
    err: str
    case: Path

    @property
    def record(self):
        return read_case(self.case)

    def verdicts(self):
        return {finding.item: finding.verdict for finding in self.record.findings}

    def measured(self, check):
        """Every measurement of a check, by the columns that it is grouped by."""
        results = [result for finding in self.record.findings for result in finding.criteria]
        return {one.by: one for result in results for one in result.measurements if one.check == check}


def real(*parts):
    path = DATA.joinpath(*parts)
    if not path.is_file():
        pytest.skip(f"no {'/'.join(parts)} under ../shared/data")
    return path


@pytest.fixture
def submit(tmp_path):
    """Write a submission of a table into a folder of its own and name the folder."""

    def write(table, *, name="submission", file="data.csv", task="binary", model=None, facts=None, **data):
        folder = tmp_path / name
        folder.mkdir()
        save(table, folder / file)
        manifest = {
            "submission": 1,
            "organisation": {"name": "온고을신용"},
            "system": {"name": "심사 모델", "version": "1.0", "purpose": "승인 여부를 제안한다"},
            "facts": {"affects_people": True, "decides_about_people": True, **(facts or {})},
            "task": task,
            **({"model": model} if model else {}),
            "data": {"evaluation": file, **data},
        }
        with (folder / "submission.yaml").open("wb") as out:
            YAML().dump(manifest, out)
        return folder

    return write


def save(table, path):
    if path.suffix == ".parquet":
        table.to_parquet(path, index=False)
    else:
        table.to_csv(path, index=False)


@pytest.fixture
def assess(run, tmp_path):
    """Assess a submission into a new case."""

    def command(folder, *options, case="case", lang="en"):
        ran = run("assess", folder, "--out", tmp_path / case, *options, lang=lang)
        return Done(ran.status, ran.out, ran.err, tmp_path / case)

    return command


@pytest.fixture
def german():
    """German credit with the answers of a rule, no probabilities."""
    table = pd.read_csv(real("german", "german.csv"))
    sex = table["personal_status"].map({"A91": "male", "A93": "male", "A94": "male"}).fillna("female")
    safe = table["status"].isin(["A13", "A14"]) | (table["month"] <= 12)
    return table.drop(columns="personal_status").assign(sex=sex, predicted=np.where(safe, 1, 2))


@pytest.fixture
def adult():
    """The 48,842 people of UCI Adult; "?" is unknown; answers of a rule with probabilities."""
    read = {"names": ADULT, "skipinitialspace": True, "na_values": "?"}
    table = pd.concat([pd.read_csv(real("adult", f"adult.{part}"), **read) for part in ("train", "test")])
    score = 1 / (1 + np.exp(6.2 - 0.3 * table["education_num"] - 0.02 * table["age"] - 0.02 * table["hours"]))
    high = table["income"].str.rstrip(".").eq(">50K").astype("int64")
    return table.assign(income=high, score=score.round(4), predicted=(score >= 0.35).astype("int64"))


@pytest.fixture
def hmda():
    """Boston HMDA; the answers of a rule on the ratio of payments to income."""
    table = pd.read_csv(real("hmda_boston", "HMDA.csv"))
    return table.assign(predicted=np.where((table["pirat"] > 0.4) | (table["phist"] == "yes"), "yes", "no"))


@pytest.fixture
def ricci():
    """The 118 firefighters: who passed (70 and more), and who would have by the oral part alone."""
    table = pd.read_csv(real("ricci", "ricci.csv"))
    passed = np.where(table["Combine"] >= 70, "pass", "fail")
    return table.assign(passed=passed, predicted=np.where(table["Oral"] >= 70, "pass", "fail"))


@pytest.fixture
def student():
    """Pupils of Portuguese: second mark from the first, as a number and as three bands."""
    table = pd.read_csv(real("student", "student_por_new.csv"))
    bands = {"bins": [-1, 9, 13, 20], "labels": ["low", "middle", "high"]}
    band = {"band": pd.cut(table["G2"], **bands).astype(str), "banded": pd.cut(table["G1"], **bands).astype(str)}
    return table.assign(predicted=table["G1"] + 0.5, **band)
