"""The embedded real case: 442 patients of the diabetes study that ships with scikit-learn."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reliability.errors import UsageError

MARK = ".reliability-demo"
ANSWERS = Path(__file__).with_name("demo_answers.yaml")
SEED = 20_261_120
FEATURES = ("bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6")
PREDICTIONS = """\
  prediction: predicted
  score: {column: score, of: 1}
"""
MODEL = """\
model:
  format: skops
  path: model.skops
"""
MANIFEST = """\
submission: 1
organisation:
  name: 온고을헬스 (가상 기업, fictional)
  address: 전북특별자치도 전주시
  contact: demo@example.kr
system:
  name: 당뇨 진행 선별 모델 (diabetes progression model)
  version: "1.0.0"
  purpose: 1년 뒤 병의 진행이 중앙값보다 빠를 환자를 골라 집중 관리 프로그램에 안내한다
    / picks patients whose disease will progress faster than the median for a care programme
  domain: health
facts:
  affects_people: true
  decides_about_people: true
  processes_personal_data: true
  trained_on_personal_data: true
  human_reviews_outputs: true
  claims_human_in_the_loop: true
  interacts_with_people: {{is: false, because: 의료진만 화면을 보고 환자와 직접 대화하지 않음}}
  uses_third_party_ai: {{is: false, because: 자체 학습한 모델만 사용}}
  generative: {{is: false, because: 정형 데이터 분류 모델}}
  hiring: {{is: false, because: 채용에 쓰이지 않음}}
  rows_share_entities: {{is: false, because: 환자마다 한 행}}
task: binary
{model}data:
  evaluation: evaluation.parquet
  training: training.parquet
  origin: applicant_supplied
  target: fast_progression
  favourable: 1
  positive: 1
  features: {{include: [{features}]}}
  sensitive: [sex, {{column: age, bands: [0, 40, 55]}}]
  segments: [bmi_band]
{predictions}  schema:
    bmi: {{minimum: 10, maximum: 70}}
    bp: {{minimum: 40, maximum: 200}}
performance: {{check: performance.roc_auc, at_least: 0.75}}
answers: answers.yaml
"""


@dataclass(frozen=True, kw_only=True)
class Halves:
    """The study cut in two: one half to learn from, the other to be judged on."""

    training: Any
    evaluation: Any


def prepare(folder: Path, *, hand_in_predictions: bool = False) -> Path:
    """Write the demo's submission into `folder` and say where its manifest is.

    With `hand_in_predictions` the model's answers go in as columns and no model does: for machines
    on which no confinement works.
    """
    from skops.io import dump

    folder.mkdir(parents=True)
    # The study's own columns: doubles, sex coded 1 and 2 without saying which is which.
    halves = _halves()
    model = _pipeline().fit(halves.training[list(FEATURES)], halves.training["fast_progression"])
    evaluation = halves.evaluation
    if hand_in_predictions:
        scores = model.predict_proba(evaluation[list(FEATURES)])[:, 1]
        evaluation = evaluation.assign(score=scores, predicted=(scores >= 0.5).astype("int64"))
    else:
        dump(model, folder / "model.skops")
    evaluation.to_parquet(folder / "evaluation.parquet", index=False)
    halves.training.to_parquet(folder / "training.parquet", index=False)
    shutil.copyfile(ANSWERS, folder / "answers.yaml")
    manifest = folder / "submission.yaml"
    manifest.write_text(_manifest(hand_in_predictions=hand_in_predictions), encoding="utf-8")
    return manifest


def _manifest(*, hand_in_predictions: bool) -> str:
    return MANIFEST.format(
        features=", ".join(FEATURES),
        model="" if hand_in_predictions else MODEL,
        predictions=PREDICTIONS if hand_in_predictions else "",
    )


def _halves() -> Halves:
    from sklearn.datasets import load_diabetes
    from sklearn.model_selection import train_test_split

    study = load_diabetes(as_frame=True, scaled=False)
    table = study.data.copy()
    table["sex"] = table["sex"].map({1.0: "1", 2.0: "2"})
    table["age"] = table["age"].astype("int64")
    table["bmi_band"] = table["bmi"].map(lambda bmi: "under 25" if bmi < 25 else "25 and over")
    table["fast_progression"] = (study.target > study.target.median()).astype("int64")
    training, evaluation = train_test_split(table, test_size=0.5, random_state=SEED, stratify=table["fast_progression"])
    return Halves(training=training.reset_index(drop=True), evaluation=evaluation.reset_index(drop=True))


def _pipeline() -> Any:
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    # The imputer: a patient without one laboratory value still gets an answer.
    return make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), LogisticRegression())


def clear(out: Path) -> None:
    """Make room at `out`, if an earlier demo left it; anything else is not ours to remove."""
    if not out.exists() and not out.is_symlink():
        return
    # A link is never followed: what it leads to was not left here by a demo.
    if out.is_symlink() or not (out / MARK).is_file():
        raise UsageError(
            "demo_out_exists", "{out}: exists and was not left by an earlier demo; name another folder with --out",
            out=str(out),
        )  # fmt: skip
    shutil.rmtree(out)
