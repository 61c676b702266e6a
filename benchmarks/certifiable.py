"""Writes a submission that conforms to the checklist `certification`, and data of the same population for surveillance.

    python -m benchmarks.certifiable OUT [--seed 0] [--rows 20000] [--changed]

The model is run by us, and nothing handed in keeps a certificate away. Company, people and applications are made up.
What had to be chosen so that it conforms:

- Rows: 20,000 of each kind. Items are judged guarded, the whole interval has to clear its limit: pairs of sex and age
  band need about 2,000 rows each.
- Population: what decides is income, debt, savings and late payments, drawn alike for every sex, age and branch; a
  coin, whose odds are a logistic function of them, gives the outcome. So a logistic regression is the right model,
  calibrated, without gap between groups or segments, and no attribute can be read off the features.
- Chance in the outcome: enough that no feature alone tells it (AUC at most 0.85) and that no feature carries more
  than 70 % of what the model knows; little enough that ROC AUC lies well above the 0.85 that is declared and few
  rows stand so near the boundary that noise of a tenth of a deviation turns them.
- Share of good outcomes: about three in five, so that the ratio of selection rates has a narrow interval.
- Model: an imputer stands first, for robustness is asked with values missing; skops, which we can open confined.
- Files: no missing value, no repeat, no contradiction; numbers with so many digits that no two rows are alike; the
  number of an application tells nothing of it and is declared as `id`.
- Answers: every question that applies is met, with a file as evidence and somebody else who checked it; facts ruled
  out are ruled out with a reason; the screening is done.

`--changed` draws other evaluation rows and copies nothing else anew: the model is the same, byte for byte.
"""

import argparse
import hashlib
import io
import json
import re
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from ruamel.yaml import YAML

from reliability.checklist.read import read_checklist
from reliability.questionnaire.questions import questionnaire
from reliability.records import canonical_json
from reliability.screening.inputs import read_inputs
from reliability.screening.record import RECORD
from reliability.screening.screen import screen
from reliability.submission.read import read_submission

CHECKLIST = "certification"
ROWS = 20_000
ON = date(2026, 11, 23)  # of answers and screening
FEATURES = ("income", "debt_ratio", "savings_months", "late_payments", "years_employed")
ANSWERS = Path(__file__).with_name("certifiable_answers.yaml")
COMPANY = "Ongoeul Credit (fictional)"
MANIFEST = f"""\
submission: 1
organisation: {{name: {COMPANY}, address: Jeonju}}
system:
  name: Small loans, pre-decision
  version: "1.2.0"
  purpose: suggests to an officer whether a small loan is granted
  domain: credit
facts:
  affects_people: true
  decides_about_people: true
  processes_personal_data: true
  trained_on_personal_data: true
  human_reviews_outputs: true
  claims_human_in_the_loop: true
  uses_third_party_ai: {{is: false, because: the model is our own and was fitted to our own data}}
  generative: {{is: false, because: it classifies applications}}
  interacts_with_people: {{is: false, because: officers alone see its results}}
  hiring: {{is: false, because: it serves lending alone}}
  rows_share_entities: {{is: false, because: one row a person}}
task: binary
model: {{format: skops, path: model.skops}}
data:
  evaluation: evaluation.parquet
  training: training.parquet
  origin: evaluator_held
  target: repaid
  favourable: 1
  positive: 1
  id: application
  features: {{include: [{", ".join(FEATURES)}]}}
  sensitive: [sex, {{column: age, bands: [0, 35, 50]}}]
  segments: [branch]
  monotone: {{income: increasing, debt_ratio: decreasing, late_payments: decreasing}}
  population: population.csv
  schema:
    income: {{minimum: 0}}
    debt_ratio: {{minimum: 0, maximum: 1}}
    savings_months: {{minimum: 0}}
    late_payments: {{minimum: 0, maximum: 60, type: integer}}
    years_employed: {{minimum: 0, maximum: 50}}
    sex: {{values: [female, male]}}
performance: {{check: performance.roc_auc, at_least: 0.85}}
answers: answers.yaml
"""
POPULATION = """\
column,value,share
sex,female,0.5
sex,male,0.5
age,0-35,0.3333
age,35-50,0.3333
age,50-,0.3334
branch,Jeonju,0.5
branch,Gunsan,0.25
branch,Iksan,0.25
"""
_ADDRESS = re.compile(r'(?<="__id__": )\d+|\d+(?=\.npy")')
# The facts of a lender whose officers decide, by the question's id: a value, or a value and why.
SCREENED: dict[str, Any] = {
    "ai_system": True, "role": "builds_and_serves", "users": ["own_staff"], "operator": "korean",
    "eu_reach": (False, "offered in Korea alone"), "practices": ["none"], "supports": ["credit"],
    "affected": ["customers"], "about_people": True, "vulnerable": ["none"], "people_per_year": 20_000,
    "kr_domains": ["individual_rights"], "harm": ("limited", "small sums; refused applicants can apply again"),
    "reversible": "fully", "final_decision": ("human", "an officer decides every application"), "override_log": True,
    "appeal": True, "personal_data": ["training", "operation"], "protected_inputs": ["none"], "data_sources": ["own"],
    "generates": (False, "it classifies applications"), "talks": False, "model_origin": "own_small",
    "third_parties": ["none"], "updates": "fixed", "deployment": ["own_servers"], "sector_law": ["finance"],
    "incidents": False, "certificates": ["none"],
}  # fmt: skip


def write(folder: Path, *, seed: int = 0, rows: int = ROWS, changed: bool = False) -> Path:
    """A complete submission in a new folder; its manifest."""
    folder.mkdir(parents=True)
    training = applications(rows, (seed, 1))
    evaluation = applications(rows, (seed, 3 if changed else 2))
    training.to_parquet(folder / "training.parquet", index=False)
    evaluation.to_parquet(folder / "evaluation.parquet", index=False)
    _fit(training, folder / "model.skops")
    (folder / "population.csv").write_text(POPULATION, encoding="utf-8")
    manifest = folder / "submission.yaml"
    # Named only once they are there.
    manifest.write_text(MANIFEST.replace("answers: answers.yaml\n", ""), encoding="utf-8")
    _screen(folder)
    answers = _answers(folder)
    manifest.write_text(MANIFEST, encoding="utf-8")
    _save(answers, folder / "answers.yaml")
    return manifest


def applications(rows: int, key: tuple[int, int]) -> Any:
    """Applications for small loans, and whether each was repaid; a key of its own for every draw."""
    import pandas as pd

    draws = np.random.default_rng(key)
    table = pd.DataFrame({
        "application": draws.choice(90_000_000, rows, replace=False) + 10_000_000,
        "income": draws.lognormal(8.0, 0.5, rows).round(2),
        "debt_ratio": draws.beta(2, 5, rows).round(6),
        "savings_months": draws.gamma(2.0, 3.0, rows).round(4),
        "late_payments": draws.poisson(1.2, rows),
        "years_employed": draws.gamma(2.0, 4.0, rows).clip(0, 45).round(3),
        "branch": draws.choice(["Jeonju", "Gunsan", "Iksan"], rows, p=[0.5, 0.25, 0.25]),
        "sex": draws.choice(["female", "male"], rows),
        "age": draws.integers(20, 65, rows),
    })  # fmt: skip
    return table.assign(repaid=(draws.random(rows) < 1 / (1 + np.exp(-odds(table)))).astype("int64"))


def odds(table: Any) -> Any:
    """Log-odds of repayment: of what decides alone, the same for everybody."""
    worth = (
        0.9 * (table["income"] - 3_380) / 1_800
        - 1.0 * (table["debt_ratio"] - 0.286) / 0.16
        + 0.9 * (table["savings_months"] - 6) / 4.2
        - 1.0 * (table["late_payments"] - 1.2) / 1.1
        + 0.4 * (table["years_employed"] - 8) / 5.6
    )
    return 2.2 * worth + 1.0


def _fit(training: Any, path: Path) -> None:
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from skops.io import dumps

    model = make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), LogisticRegression())
    path.write_bytes(_settled(dumps(model.fit(training[list(FEATURES)], training["repaid"]))))


def _settled(content: bytes) -> bytes:
    """A skops file without the moment and the memory addresses it was written with: alike from run to run."""
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        held = {name: old.read(name) for name in old.namelist()}
    numbers: dict[str, str] = {}
    schema = _ADDRESS.sub(lambda met: numbers.setdefault(met[0], str(len(numbers))), held.pop("schema.json").decode())
    files = {f"{numbers[name.removesuffix('.npy')]}.npy": one for name, one in held.items()}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as new:
        for name, one in (*sorted(files.items()), ("schema.json", schema.encode())):
            new.writestr(zipfile.ZipInfo(name), one)
    return made.getvalue()


def _screen(folder: Path) -> None:
    """The screening's answers, and what follows from them."""
    given = {}
    for name, said in SCREENED.items():
        value, because = said if isinstance(said, tuple) else (said, None)
        given[name] = {"value": value, "by": "Baek Sora (legal)", "date": ON.isoformat()}
        given[name] |= {"because": because} if because else {}
    version = read_inputs(folder).questions.text.version
    _save({"screening": 1, "version": version, "answers": given}, folder / "screening_answers.yaml")
    (folder / RECORD).write_bytes(canonical_json(screen(read_inputs(folder), date=ON.isoformat())))


def _answers(folder: Path) -> dict[str, Any]:
    """An answer to every question that applies, each with a file as evidence."""
    said = YAML(typ="safe").load(ANSWERS)
    asked = questionnaire(read_submission(folder), read_checklist(CHECKLIST), on=ON)
    (folder / "evidence").mkdir()
    items = {}
    for question in asked.questions:
        by, checked_by, note = said[question.item]
        text = f"# {question.item} {question.title['en']}\n\n{note}\n\nMade up, as the company is.\n".encode()
        (folder / "evidence" / f"{question.item}.md").write_bytes(text)
        proof = {"path": f"evidence/{question.item}.md", "sha256": hashlib.sha256(text).hexdigest()}
        items[question.item] = {
            "answer": "met", "by": by, "date": ON.isoformat(), "note": note, "evidence": [proof],
            "checked_by": checked_by,
        }  # fmt: skip
    return {"answers": 1, "checklist": asked.checklist, "version": asked.version, "items": items}


def _save(content: Any, path: Path) -> None:
    # JSON is YAML, and quotes what YAML would take for a number or a day.
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Parse and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--changed", action="store_true", help="other evaluation rows of the same population")
    asked = parser.parse_args()
    print(write(asked.out, seed=asked.seed, rows=asked.rows, changed=asked.changed))


if __name__ == "__main__":
    main()
