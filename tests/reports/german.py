"""The thousand people of German credit, assessed on what a logistic regression says about each."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from reliability import resources
from reliability.checklist.read import read_checklist
from reliability.submission.read import read_submission
from tests import small_case

FILE = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "german" / "german.csv"
MANIFEST = """\
submission: 1
organisation: {name: 온고을신용}
system: {name: 신용 심사 모델, version: "1.0", purpose: 소액대출 신청의 승인 여부를 제안한다, domain: credit}
facts: {affects_people: true, decides_about_people: true}
task: binary
data:
  evaluation: german.csv
  target: credit
  favourable: 1
  prediction: predicted
  score: score
  sensitive: [sex, {column: age, bands: [0, 25, 50]}]
"""


def assessed(folder):
    """The assessment; the probabilities of each fifth come from a model of the other four."""
    table = pd.read_csv(FILE)
    features = pd.get_dummies(table.drop(columns="credit")).to_numpy(float)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    score = cross_val_predict(model, features, table["credit"] == 1, cv=5, method="predict_proba")[:, 1].round(6)
    sex = np.where(table["personal_status"].isin(["A92", "A95"]), "female", "male")
    answered = table.drop(columns="personal_status").assign(
        sex=sex, score=score, predicted=np.where(score >= 0.5, 1, 2)
    )
    folder.mkdir()
    answered.to_csv(folder / "german.csv", index=False)
    (folder / "submission.yaml").write_text(MANIFEST, encoding="utf-8")
    checklist = read_checklist(resources.checklists() / "trustworthy-ai.yaml")
    return small_case.assessed(read_submission(folder), checklist, folder / "case")
