"""What the general checklist says: complete, in both languages, honest about the source of every limit."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from reliability.checklist.read import names, read_checklist

FILE = Path(__file__).parents[1] / "checklists" / "trustworthy-ai.yaml"

IDS = """
    GOV-01 GOV-02 GOV-03 GOV-04  RSK-01 RSK-02 RSK-03 RSK-04
    DAT-01 DAT-02 DAT-03 DAT-04 DAT-05 DAT-06 DAT-07 DAT-08 DAT-09 DAT-10 DAT-11
    DAT-12 DAT-13 DAT-14 DAT-15  FAI-01 FAI-02 FAI-03 FAI-04 FAI-05
    FAI-06 FAI-07 FAI-08  PER-01 PER-02 PER-03 PER-04 PER-05 PER-06 PER-07
    ROB-01 ROB-02 ROB-03 ROB-04 ROB-05  XTR-01 XTR-02 XTR-03 XTR-04 XTR-05 XTR-06
    PRI-01 PRI-02 PRI-03 PRI-04 PRI-05  SEC-01 SEC-02 SEC-03 SEC-04  HOV-01 HOV-02 HOV-03
    OPS-01 OPS-02 OPS-03 OPS-04 OPS-05
""".split()

MEASURED = {
    "DAT-02": [
        "data_quality.value_completeness",
        "data_quality.feature_completeness",
        "data_quality.label_completeness",
    ],
    "DAT-03": [
        "data_quality.duplicate_rows",
        "data_quality.contradictory_labels",
        "data_quality.schema_violations",
        "data_quality.outlying_values",
    ],
    "DAT-04": ["leakage.shared_entities"],
    "DAT-06": ["data_quality.smallest_group_size", "data_quality.group_missing_gap"],
    "DAT-07": [
        "leakage.training_overlap",
        "leakage.near_overlap",
        "leakage.identifier_auc",
    ],
    "DAT-08": [
        "data_quality.mixed_types",
        "data_quality.missing_spellings",
        "data_quality.sentinel_values",
        "data_quality.special_characters",
        "data_quality.near_equal_spellings",
        "data_quality.constant_columns",
        "data_quality.identifier_columns",
    ],
    "DAT-09": [
        "data_quality.smallest_class_size",
        "data_quality.smallest_class_share",
        "data_quality.disputed_labels",
        "data_quality.labels_disputed_by_linear_model",
        "data_quality.disputed_labels_difference",
    ],
    "DAT-10": [
        "drift.population_stability_index",
        "drift.wasserstein_distance",
        "drift.label_drift",
        "drift.new_categories",
        "drift.domain_classifier_auc",
        "drift.concept_shift",
        "drift.prediction_drift",
        "drift.jensen_shannon_distance",
        "drift.kolmogorov_smirnov_statistic",
        "drift.cramers_v",
    ],
    "DAT-11": ["leakage.future_rows", "data_quality.rows_out_of_order", "data_quality.training_age"],
    "DAT-12": ["data_quality.population_share_ratio", "data_quality.population_distance"],
    "DAT-13": ["data_quality.dependency_violations"],
    "DAT-14": ["leakage.single_feature_auc"],
    "DAT-15": ["drift.period_stability_index", "drift.period_label_drift"],
    "FAI-02": ["fairness.selection_rate_ratio", "fairness.selection_rate_difference"],
    "FAI-03": [
        "fairness.true_positive_rate_difference",
        "fairness.false_positive_rate_difference",
        "fairness.positive_predictive_value_difference",
        "fairness.roc_auc_difference",
        "fairness.calibration_difference",
    ],
    "FAI-04": ["fairness.selection_rate_ratio"],
    "FAI-05": ["fairness.counterfactual_flip_rate"],
    "FAI-06": ["fairness.barred_inputs"],
    "FAI-08": ["fairness.proxy_auc"],
    "FAI-07": ["fairness.scoring_rate_ratio", "fairness.mean_error_difference", "fairness.mean_prediction_difference"],
    "PER-01": [
        None,
        "performance.balanced_accuracy",
        "performance.roc_auc",
        "performance.f1_macro",
        "performance.average_precision",
    ],
    "PER-02": [
        "performance.matthews_correlation",
        "performance.better_than_majority",
        "performance.better_than_linear_model",
        "performance.better_than_incumbent",
    ],
    "PER-03": ["performance.segment_gap", "performance.weakest_slice"],
    "PER-04": [
        "calibration.brier_skill_score",
        "calibration.expected_calibration_error",
        "calibration.calibration_slope",
        "calibration.calibration_intercept",
    ],
    "PER-06": [
        "performance.better_than_mean",
        "performance.better_than_linear_model",
        "performance.better_than_incumbent",
    ],
    "PER-07": ["performance.segment_error_ratio"],
    "PER-05": ["robustness.repeatability"],
    "ROB-01": [
        "robustness.noise_consistency",
        "robustness.missing_value_consistency",
        "robustness.rounding_consistency",
        "robustness.accuracy_drop",
        "robustness.category_swap_consistency",
        "robustness.unseen_category_consistency",
        "robustness.unit_slip_consistency",
        "robustness.typo_consistency",
        "robustness.spacing_consistency",
    ],
    "ROB-02": ["robustness.invalid_input_handling"],
    "ROB-03": ["robustness.attack_success_rate"],
    "ROB-05": ["robustness.monotonicity_violations"],
    "XTR-06": [
        "explanation.largest_feature_share",
        "explanation.permutation_importance",
        "explanation.unused_features",
        "explanation.attribution_stability",
        "explanation.deletion_gain",
    ],
    "PRI-02": ["privacy.membership_inference_auc", "privacy.membership_inference_tpr"],
    "PRI-04": ["privacy.identifier_columns", "privacy.k_anonymity", "privacy.rows_below_k", "privacy.l_diversity"],
    "PRI-05": ["privacy.training_identifier_columns", "privacy.training_k_anonymity"],
}

CRITICAL = "GOV-04 RSK-02 DAT-04 FAI-02 FAI-06 FAI-07 PER-01 ROB-04 XTR-02 XTR-03 PRI-01 PRI-03".split()
MINOR = """
    GOV-01 DAT-03 DAT-08 DAT-09 DAT-10 DAT-13 DAT-14 DAT-15 FAI-04 FAI-08 PER-02 PER-04 PER-06 ROB-03 ROB-05 XTR-04
    XTR-06 PRI-02 HOV-02 OPS-05
""".split()

ESCALATE = {
    "GOV-02": {"critical": "kr_high_impact"},
    "RSK-03": {"critical": "kr_high_impact"},
    "FAI-05": {"critical": "hiring"},
    "ROB-03": {"major": "hub_tier_T3"},
    "XTR-04": {"major": "kr_high_impact"},
    "PRI-02": {"major": "trained_on_personal_data"},
    "SEC-03": {"critical": "hub_tier_T3"},
    "HOV-01": {"critical": "kr_high_impact"},
    "HOV-02": {"major": "claims_human_in_the_loop"},
    "HOV-03": {"critical": "fully_automated_serious_effect"},
    "OPS-04": {"critical": "hub_tier_T3"},
    "OPS-05": {"major": "kr_high_impact"},
}

WHEN = {
    "GOV-03": "uses_third_party_ai",
    "DAT-04": "rows_share_entities",
    "DAT-06": "affects_people",
    "DAT-09": "classification",
    "DAT-10": "training_members_available",
    "DAT-11": "time_declared and training_members_available",
    "DAT-12": "population_declared",
    "DAT-13": "dependencies_declared",
    "DAT-14": "classification",
    "DAT-15": "periods_declared",
    "FAI-01": "affects_people",
    "FAI-02": "decides_about_people and classification",
    "FAI-03": "decides_about_people and classification and labels_available",
    "FAI-04": "decides_about_people and classification and two_or_more_sensitive",
    "FAI-05": "decides_about_people and classification",
    "FAI-06": "hiring",
    "FAI-07": "decides_about_people and regression",
    "FAI-08": "decides_about_people and classification",
    "PER-02": "classification",
    "PER-03": "classification",
    "PER-04": "outputs_probability",
    "PER-06": "regression",
    "PER-07": "regression",
    "ROB-04": "generative",
    "ROB-05": "monotone_declared",
    "XTR-02": "kr_high_impact or generative or interacts_with_people",
    "XTR-03": "generative",
    "XTR-04": "decides_about_people or kr_high_impact",
    "XTR-05": "affects_people",
    "PRI-02": "training_members_available",
    "PRI-03": "processes_personal_data",
    "PRI-05": "training_members_available",
    "SEC-03": "generative",
    "HOV-02": "human_reviews_outputs",
    "HOV-03": "decides_about_people",
}

# What this body may never claim, in either language.
FORBIDDEN = re.compile(
    r"KOLAS\s*공인|CAT\s*인증|AI\s*기본법\s*적합|인공지능\s*기본법\s*적합|ISO\S*( \d+)?\s*(certified|인증)", re.I
)
LIMITS = {"at_least", "at_most", "between", "equals"}
HANGUL = re.compile(r"[가-힣]")


@cache
def content() -> dict[str, Any]:
    with FILE.open(encoding="utf-8") as file:
        return YAML(typ="safe").load(file)


def items() -> dict[str, dict[str, Any]]:
    return {item["id"]: item for section in content()["sections"] for item in section["items"]}


def texts() -> Iterator[tuple[str, dict[str, str]]]:
    yield "checklist.title", content()["title"]
    for section in content()["sections"]:
        yield f"{section['id']}.title", section["title"]
    for name, item in items().items():
        yield from (
            (f"{name}.{key}", item[key]) for key in ("title", "requirement", "remedy", "ask", "evidence") if key in item
        )


def criteria() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, item in items().items():
        yield from ((name, criterion) for criterion in item.get("criteria", ()))


def test_checklist_head_is_the_agreed_one() -> None:
    head = {key: content()[key] for key in ("checklist", "format", "version", "decision", "outcome")}
    assert head == {
        "checklist": "trustworthy-ai",
        "format": 1,
        "version": "2.1.0",
        "decision": {"rule": "four_way", "confidence": 0.95},
        "outcome": {"critical": "pass", "major": "conditional_pass", "open_minor": 3},
    }


def test_items_are_all_there_once_and_in_order() -> None:
    assert [item["id"] for section in content()["sections"] for item in section["items"]] == IDS


def test_items_stand_in_the_section_of_their_prefix() -> None:
    for section in content()["sections"]:
        assert {item["id"].split("-")[0] for item in section["items"]} == {section["id"]}


def test_severity_is_the_agreed_one_of_every_item() -> None:
    expected = {name: "critical" if name in CRITICAL else "minor" if name in MINOR else "major" for name in IDS}
    assert {name: item["severity"] for name, item in items().items()} == expected


def test_escalation_is_the_agreed_one_and_always_raises() -> None:
    assert {name: item["escalate"] for name, item in items().items() if "escalate" in item} == ESCALATE
    order = ["minor", "major", "critical"]
    for name, raised in ESCALATE.items():
        assert order.index(next(iter(raised))) > order.index(items()[name]["severity"])


def test_condition_is_the_agreed_one_of_every_item() -> None:
    assert {name: item["when"] for name, item in items().items() if "when" in item} == WHEN


def test_items_are_either_measured_or_asked() -> None:
    for name, item in items().items():
        assert ("criteria" in item) == (name in MEASURED), name
        assert ("ask" in item) == ("evidence" in item) == (name not in MEASURED), name


def test_measured_items_use_the_agreed_checks() -> None:
    assert {name: [c.get("check") for c in items()[name]["criteria"]] for name in MEASURED} == MEASURED


def test_every_item_has_title_requirement_remedy_and_references() -> None:
    for name, item in items().items():
        assert {"title", "requirement", "remedy", "references"} <= item.keys(), name
        assert len(item["references"]) == len(set(item["references"])) > 0, name


def test_references_are_single_keys_without_spaces() -> None:
    for name, item in items().items():
        assert [key for key in item["references"] if not isinstance(key, str) or re.search(r"\s", key)] == [], name


@pytest.mark.parametrize("language", ["ko", "en"])
def test_texts_are_there_in_both_languages(language: str) -> None:
    for where, text in texts():
        assert set(text) == {"ko", "en"}, where
        assert text[language] == text[language].strip() != "", where
        assert bool(HANGUL.search(text[language])) == (language == "ko"), where


def test_requirements_and_remedies_are_in_plain_formal_korean() -> None:
    for name, item in items().items():
        for key in ("requirement", "remedy", "evidence"):
            last = item.get(key, {"ko": "다."})["ko"]
            assert re.search(r"다\.$", last), (name, key)
            assert not re.search(r"((?<!아)니다|세요|니까)[.?]", last), (name, key)


def test_questions_are_polite_korean_and_ask() -> None:
    for name, item in items().items():
        if "ask" in item:
            assert re.search(r"니까\?", item["ask"]["ko"]), name
            assert re.search(r"(니다\.|니까\?)$", item["ask"]["ko"]), name
            assert "?" in item["ask"]["en"], name


def test_korean_uses_the_fixed_words() -> None:
    instead = {
        "견고성": "강건성",
        "신뢰도 구간": "신뢰구간",
        "캘리브레이션": "확률 보정",
        "드리프트": "분포 변화",
        "민감 속성": "보호 속성",
    }
    for where, text in texts():
        assert [(wrong, right) for wrong, right in instead.items() if wrong in text["ko"]] == [], where


def test_no_text_claims_what_this_body_may_not_claim() -> None:
    for where, text in texts():
        assert not FORBIDDEN.search(text["ko"] + "\n" + text["en"]), where


@pytest.mark.parametrize(
    "claim", ["KOLAS 공인", "CAT 인증", "AI 기본법 적합", "ISO certified", "ISO/IEC 42001 certified"]
)
def test_forbidden_claims_are_recognised(claim: str) -> None:
    assert FORBIDDEN.search(claim)


def test_criteria_have_one_limit_with_its_source_or_only_report_or_are_declared() -> None:
    for name, criterion in criteria():
        limits = LIMITS & criterion.keys()
        if criterion.get("report") or "declared" in criterion:
            assert not limits, name
            assert "source" not in criterion, name
        else:
            assert len(limits) == 1, name
            # 채용절차법 제4조의3 stands among the references as 채용절차법-4의3.
            source = re.sub(r" 제(\d+)조", r"-\1", criterion["source"])
            assert source == "house default" or source in items()[name]["references"], name


def test_reported_criteria_never_stand_alone() -> None:
    for name in MEASURED:
        assert not all(criterion.get("report") for criterion in items()[name]["criteria"]), name


def test_shares_of_whole_files_are_judged_exactly() -> None:
    families = ("data_quality.", "leakage.")
    judged = {c["check"]: c["rule"] for _, c in criteria() if c.get("check", "").startswith(families) and "rule" in c}
    # These speak of what the rows were drawn from, not of the file.
    sampled = {"leakage.near_overlap", "data_quality.population_share_ratio"}
    assert {check for check, rule in judged.items() if rule != "exact"} == sampled


def test_fairness_criteria_compare_sensitive_groups() -> None:
    compared = [(name, c) for name, c in criteria() if c.get("check", "").startswith("fairness.")]
    found = {(name, c["by"]) for name, c in compared if c["check"] != "fairness.barred_inputs"}
    assert found == {("FAI-04", "sensitive_pairs"), *((f"FAI-{n:02}", "sensitive") for n in (2, 3, 5, 7, 8))}


def test_house_numbers_in_questions_are_called_house_defaults() -> None:
    for name, item in items().items():
        if re.search(r"충족으로 본다", item.get("evidence", {"ko": ""})["ko"]):
            assert "기관 기본값" in item["evidence"]["ko"], name
            assert "house default" in item["evidence"]["en"], name


def test_four_fifths_line_is_said_to_be_borrowed() -> None:
    text = items()["FAI-02"]["requirement"]
    assert "국내법이 정한 수치가 아니다" in text["ko"]
    assert "Korean law sets no number" in text["en"]


def test_checklist_is_accepted_by_its_reader() -> None:
    checklist = read_checklist(FILE)
    assert (checklist.id, checklist.version) == ("trustworthy-ai", "2.1.0")
    assert [item.id for item in checklist.items] == IDS


@pytest.mark.parametrize("name", names())
def test_a_question_takes_two_sentences_at_most(name):
    asked = [item for item in read_checklist(name).items if item.ask is not None]
    sentences = {
        (item.id, lang): len(re.findall(r"[.?!](?:\s|$)", item.ask[lang])) for item in asked for lang in ("ko", "en")
    }

    assert asked
    assert [place for place, n in sentences.items() if n > 2] == []
