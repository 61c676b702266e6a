# ruff: noqa: E501  (a table of long sentences)
"""A realistic assessment of a made-up credit model, with findings of every verdict."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from reliability.records import (
    Answer,
    Assessment,
    ChecklistIdentity,
    Criterion,
    CriterionResult,
    DataIdentity,
    DataSets,
    Dates,
    EvidenceFile,
    Finding,
    Intake,
    Measurement,
    ModelIdentity,
    NotTested,
    Reason,
    Subject,
)

SEX = [("남", 0.46, 0.40, 0.52, 1206), ("여", 0.31, 0.26, 0.36, 1203), (None, 0.5, 0.21, 0.79, 14)]
AGE = [
    ("0-30", 0.29, 0.23, 0.36, 412),
    ("30-50", 0.44, 0.39, 0.49, 988),
    ("50-65", 0.41, 0.36, 0.47, 871),
    ("65-", 0.35, 0.24, 0.47, 137),
]


def group(attribute: str, level: str | None, value: float, low: float, high: float, n: int) -> dict[str, Any]:
    return {"slice": {attribute: level}, "value": value, "low": low, "high": high, "n": n, "judged": n >= 30}


def compared(
    check: str, attribute: str, numbers: tuple[float, float, float], rows: list[Any], unit: str
) -> Measurement:
    value, low, high = numbers
    return Measurement(
        check=check, by=(attribute,), value=value, low=low, high=high, confidence=0.95, n=sum(row[4] for row in rows),
        unit=unit, method="mover_clopper_pearson", seed=0,
        details={
            "worst": [{attribute: row[0]} for row in rows[:2]],
            "groups": [group(attribute, *row) for row in rows],
            "four_fifths": {"ratio": value, "p_value": 0.001, "more_selections_needed": 41, "reading": "adverse_impact"},
        },
    )  # fmt: skip


def measured(
    check: str, numbers: tuple[float, float | None, float | None], unit: str = "share", n: int = 2412
) -> Measurement:
    value, low, high = numbers
    reason = None if low is not None else Reason(code="whole_file")
    method = "clopper_pearson" if low is not None else None
    return Measurement(
        check=check,
        value=value,
        low=low,
        high=high,
        confidence=0.95,
        n=n,
        unit=unit,
        method=method,
        reason=reason,
        seed=0,
    )


def unmeasured(check: str, code: str) -> Measurement:
    return Measurement(check=check, value=None, n=0, unit="share", judged=False, reason=Reason(code=code))


def result(verdict: str, measurement: Measurement, **limit: Any) -> CriterionResult:
    settings = {"rule": "four_way", "source": "house default", **limit}
    reasons = (measurement.reason,) if measurement.reason and verdict in {"inconclusive", "error"} else ()
    criterion = Criterion(check=measurement.check, **settings)
    return CriterionResult(criterion=criterion, verdict=verdict, reasons=reasons, measurements=(measurement,))


RATIO = compared("fairness.selection_rate_ratio", "sex", (0.674, 0.55, 0.79), SEX, "ratio")
AGES = compared("fairness.selection_rate_ratio", "age", (0.66, 0.47, 0.84), AGE, "ratio")
MEASURED: dict[str, tuple[str, tuple[CriterionResult, ...]]] = {
    "FAI-02": ("fail", (result("fail", RATIO, at_least=0.80), result("conditional_fail", AGES, at_least=0.80))),
    "FAI-03": (
        "conditional_fail",
        (
            result(
                "conditional_fail",
                compared("fairness.true_positive_rate_difference", "age", (0.118, 0.02, 0.21), AGE, "difference"),
                at_most=0.10,
            ),
        ),
    ),
    "PER-01": ("conditional_pass", (result("conditional_pass", measured("performance.roc_auc", (0.762, 0.741, 0.782), "auc"), at_least=0.75),)),
    "PER-04": ("pass", (result("pass", measured("calibration.brier_skill_score", (0.21, 0.17, 0.25), "score"), at_least=0.0),)),
    "PER-05": ("reported", (result("reported", measured("performance.accuracy", (0.712, 0.693, 0.730)), report=True),)),
    "ROB-01": ("pass", (result("pass", measured("robustness.noise_consistency", (0.973, 0.958, 0.984), n=1000), at_least=0.95),)),
    "ROB-02": ("error", (result("error", unmeasured("robustness.missing_value_consistency", "model_raised"), at_least=0.90),)),
    "DAT-02": ("pass", (result("pass", measured("data_quality.value_completeness", (0.9981, None, None)), at_least=0.98, rule="exact"),)),
    "DAT-03": ("fail", (result("fail", measured("data_quality.duplicate_rows", (0.031, None, None)), at_most=0.01, rule="exact"),)),
    "DAT-07": ("inconclusive", (result("inconclusive", unmeasured("leakage.training_overlap", "no_training_data"), at_most=0.01, rule="exact"),)),
}  # fmt: skip
ASKED: dict[str, tuple[str, str | None]] = {
    "GOV-01": ("pass", "met"),
    "GOV-02": ("conditional_fail", "partly"),
    "GOV-04": ("not_assessed", None),
    "RSK-01": ("pass", "met"),
    "TRA-01": ("fail", "not_met"),
    "TRA-02": ("not_applicable", "not_applicable"),
}
TITLES = {
    "GOV": ("거버넌스", "Governance"),
    "RSK": ("위험 관리", "Risk management"),
    "DAT": ("데이터", "Data"),
    "PER": ("성능", "Performance"),
    "FAI": ("공정성", "Fairness"),
    "ROB": ("강건성", "Robustness"),
    "TRA": ("투명성", "Transparency"),
}
REQUIREMENTS = {
    "GOV-01": ("신뢰할 수 있는 인공지능 원칙을 담은 방침을 경영진이 승인하고 최근 12개월 이내에 검토한다.", "A management-approved AI policy exists and was reviewed within the last 12 months."),
    "GOV-02": ("시스템을 책임지는 담당자를 역량을 갖춘 사람으로 지정하고 연락처를 게시한다.", "A named, competent person is accountable for the system and can be reached."),
    "GOV-04": ("고영향 해당 여부 사전 검토를 현재 버전 기준으로 마치고 근거와 서명을 남긴다.", "The legal risk screening is completed, reasoned, signed and current for this version."),
    "RSK-01": ("의도된 용도, 이용자, 영향받는 자, 예상되는 오용을 문서화한다.", "Intended purpose, users, affected people and foreseeable misuse are documented."),
    "DAT-02": ("입력 값이 빠짐없이 채워져 있다.", "Feature values are complete."),
    "DAT-03": ("평가 데이터에 중복 행이 없다.", "The evaluation data hold no duplicate rows."),
    "DAT-07": ("평가 데이터가 학습 데이터와 겹치지 않는다.", "The evaluation data do not overlap the training data."),
    "PER-01": ("모델이 기업이 선언한 수준으로 승인과 거절을 가려낸다.", "The model tells approved from refused at the level the company declares."),
    "PER-04": ("예측 확률이 실제 비율을 기준 예측보다 잘 나타낸다.", "Predicted probabilities beat a constant forecast."),
    "PER-05": ("정확도를 이용자에게 알린다.", "Accuracy is disclosed to users."),
    "FAI-02": ("보호 속성으로 나눈 집단 사이에 선택률이 크게 다르지 않다.", "Selection rates do not differ much between the groups of a sensitive attribute."),
    "FAI-03": ("집단 사이에 재현율이 크게 다르지 않다.", "True-positive rates do not differ much between groups."),
    "ROB-01": ("입력의 작은 잡음에 예측이 흔들리지 않는다.", "Predictions withstand small noise on the features."),
    "ROB-02": ("일부 값이 빠져도 예측이 유지된다.", "Predictions withstand missing values."),
    "TRA-01": ("인공지능이 쓰인다는 사실을 이용자에게 미리 알린다.", "People are told beforehand that AI is used."),
    "TRA-02": ("생성형 인공지능의 결과물임을 표시한다.", "Output of generative AI is labelled."),
}  # fmt: skip
SEVERITY = {"FAI-02": "critical", "GOV-04": "critical", "DAT-03": "minor", "TRA-02": "minor", "PER-05": "minor"}
REMEDY = {
    "ko": "학습 표본의 가중치를 조정하거나 집단별 판정 문턱을 다시 정하고, 같은 평가 데이터로 다시 측정한다.",
    "en": "Reweight the training sample or set the thresholds anew, then measure again on the same data.",
}


def item(identity: str) -> dict[str, Any]:
    ko, en = REQUIREMENTS[identity]
    entry: dict[str, Any] = {
        "id": identity,
        "requirement": {"ko": ko, "en": en},
        "severity": SEVERITY.get(identity, "major"),
        "references": ["TTA-09", "42001 A.7.4"],
        "remedy": REMEDY,
    }
    asked = {
        "ask": {"ko": "문서가 있는가?", "en": "Is it documented?"},
        "evidence": {"ko": "승인된 방침", "en": "Approved policy"},
    }
    if identity in ASKED:
        return entry | asked
    criteria = [found.criterion.model_dump(mode="json", by_alias=True) for found in MEASURED[identity][1]]
    return entry | {"criteria": criteria}


def content() -> dict[str, Any]:
    sections = [
        {
            "id": section,
            "title": {"ko": ko, "en": en},
            "items": [item(identity) for identity in REQUIREMENTS if identity.startswith(section)],
        }
        for section, (ko, en) in TITLES.items()
    ]
    return {
        "checklist": "trustworthy-ai",
        "format": 1,
        "version": "1.0.0",
        "title": {"ko": "신뢰할 수 있는 인공지능 점검표", "en": "Trustworthy AI checklist"},
        "decision": {"rule": "four_way", "confidence": 0.95},
        "outcome": {"critical": "pass", "major": "conditional_pass", "open_minor": 3},
        "sections": sections,
    }


def finding(identity: str) -> Finding:
    severity = SEVERITY.get(identity, "major")
    if identity in MEASURED:
        verdict, criteria = MEASURED[identity]
        return Finding(item=identity, severity=severity, verdict=verdict, criteria=criteria)
    verdict, answer = ASKED[identity]
    if answer is None:
        return Finding(item=identity, severity=severity, verdict=verdict, reasons=(Reason(code="answer_missing"),))
    given = Answer(
        answer=answer,
        by="김하늘",
        date="2026-11-12",
        note="부서별 담당자는 지정하였으나 연락처 게시는 준비 중이다.",
        evidence=(EvidenceFile(path="evidence/policy.pdf", sha256="ab" * 32),),
    )
    return Finding(item=identity, severity=severity, verdict=verdict, answer=given)


def assessment(**changes: Any) -> Assessment:
    """The sample, with some of its fields changed."""
    moment = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
    fields: dict[str, Any] = {
        "dates": Dates(received=moment, started=moment, finished=moment),
        "software": {"reliability-workbench": "0.1.0", "python": "3.11.2", "numpy": "2.4.0", "scikit-learn": "1.9.0"},
        "platform": "Linux-x86_64",
        "seed": 0,
        "subject": subject(),
        "data": DataSets(evaluation=data("evaluation.parquet", 2412)),
        "manifest": {"path": "submission.yaml", "sha256": "cd" * 32},
        "checklist": ChecklistIdentity(id="trustworthy-ai", version="1.0.0", sha256="ef" * 32, content=content()),
        "findings": tuple(finding(identity) for identity in REQUIREMENTS),
        "outcome": "does_not_conform",
        "not_tested": (NotTested(what="DAT-07", code="no_training_data"), NotTested(what="data.segments", code="no_segments")),
        "rows": {"path": "rows.parquet", "sha256": "12" * 32, "n": 2412, "of": 2412},
        "intake": Intake(isolation={"level": "bubblewrap", "bubblewrap": "0.8.0", "probe": {"write_root": "refused"}}),
    }  # fmt: skip
    return Assessment(**(fields | changes))


def data(path: str, rows: int) -> DataIdentity:
    columns = ({"name": "소득", "kind": "f8", "role": "feature"}, {"name": "sex", "kind": "utf8", "role": "sensitive"})
    return DataIdentity(path=path, sha256="34" * 32, rows=rows, origin="applicant_supplied", columns=columns)


def subject(name: str = "온고을신용 주식회사") -> Subject:
    isolation = {
        "level": "bubblewrap",
        "bubblewrap": "0.8.0",
        "probe": {"write_root": "refused", "read_home": "refused", "connect_loopback": "refused"},
        "libraries": {"python": "3.11.2", "skops": "0.16.0"},
    }
    return Subject(
        organisation={
            "name": name,
            "registration": "402-81-00000",
            "address": "전주시 덕진구",
            "contact": "risk@example.kr",
        },
        system={
            "name": "소액대출 심사 모델",
            "version": "2.3.1",
            "purpose": "소액대출 신청의 승인 여부를 제안한다",
            "domain": "credit",
        },
        task="binary",
        facts={"decides_about_people": {"value": True, "origin": "stated"}},
        model=ModelIdentity(format="skops", sha256="56" * 32, isolation=isolation),
    )
