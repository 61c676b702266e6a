"""Limits that cannot be meant are refused when a checklist is read, where they stand and with what to write instead."""

import pytest

from reliability.checklist.criteria import declared_level
from reliability.checklist.read import names, read_checklist, validate
from reliability.errors import ChecklistError
from reliability.words.text import LANGUAGES, words

HEAD = """\
checklist: ours
format: 1
version: 1.0.0
title: {ko: 우리, en: Ours}
decision: {rule: RULE, confidence: 0.95}
outcome: {critical: pass, major: conditional_pass, open_minor: 3}
sections:
  - id: OWN
    title: {ko: 우리, en: Ours}
    items:
      - id: OWN-01
        requirement: {ko: 고르다., en: It is even.}
        severity: minor
        criteria:
          - """
RATIO, GAP = "fairness.selection_rate_ratio", "fairness.selection_rate_difference"
ECE, ENTROPY = "calibration.expected_calibration_error", "fairness.between_group_generalized_entropy"


def read(folder, criterion, rule="four_way"):
    path = folder / "ours.yaml"
    path.write_text(f"{HEAD.replace('RULE', rule)}{{{criterion}}}\n", encoding="utf-8")
    return validate(path)


def refused(folder, criterion, rule="four_way"):
    with pytest.raises(ChecklistError) as caught:
        read(folder, criterion, rule)
    for lang in LANGUAGES:
        assert str(caught.value.values["check"]) in words(lang).text(
            f"error.{caught.value.code}", **caught.value.values
        )
    return caught.value


def of(check, limit, more=""):
    return f"check: {check}, {limit}, source: ours{more}"


@pytest.mark.parametrize(
    ("check", "limit", "code", "said"),
    [
        (RATIO, "at_least: 80", "limit_in_percent", f"{RATIO} lies from 0 to 1; write 0.80 for 80 %"),
        (GAP, "at_most: 10", "limit_in_points", f"{GAP} lies from 0 to 1; write 0.10 for 10 percentage points"),
        (GAP, "at_most: 12.5", "limit_in_points", "write 0.125 for 12.5 percentage points"),
        (GAP, "equals: 5", "limit_in_points", "write 0.05 for 5 percentage points"),
        (GAP, "at_most: -0.1", "limit_outside", f"{GAP} lies from 0 to 1; write a limit between"),
        (RATIO, "at_least: 8000", "limit_outside", "'at_least' cannot be 8000"),
        ("calibration.brier_skill_score", "at_least: 5", "limit_above", "is never above 1; write less"),
        ("performance.mean_absolute_error", "at_most: -3", "limit_below", "is never below 0; write more"),
        (RATIO, "at_most: 0.8", "limit_more_is_better", "'at_most: 0.8' would pass what is worse"),
        (ECE, "at_least: 0.05", "limit_less_is_better", "'at_least: 0.05' would pass what is worse"),
        ("performance.segment_error_ratio", "at_least: 1.5", "limit_less_is_better", "write 'at_most'"),
        (GAP, "at_most: 1", "limit_never_missed", "'at_most: 1' can never be missed"),
        (RATIO, "at_least: 0", "limit_never_missed", "'at_least: 0' can never be missed"),
        ("data_quality.smallest_group_size", "at_least: 0", "limit_never_missed", "or 'report: true'"),
        (GAP, "between: [0, 10]", "limit_never_missed", "'between: [0, 10]' can never be missed"),
    ],
)  # fmt: skip
def test_limit_that_cannot_be_meant_is_refused_with_what_to_write(tmp_path, check, limit, code, said):
    found = refused(tmp_path, of(check, limit))

    column = len("          - {check: , ") + len(check) + 1
    assert found.code == code
    assert str(found).startswith(f"{tmp_path / 'ours.yaml'}:15:{column}: ")
    assert said in str(found)


@pytest.mark.parametrize(
    ("check", "ends", "place"), [(GAP, "[0.05, 10]", 1), (RATIO, "[80, 125]", 0), (RATIO, "[0, 1.25]", None)]
)
def test_range_that_cannot_be_meant_is_refused_at_its_end(tmp_path, check, ends, place):
    text = of(check, f"between: {ends}")
    found = refused(tmp_path, text)
    met = "between" if place is None else ends.strip("[]").split(", ")[place]

    assert str(found).split(": ")[0].endswith(f":15:{len('          - {') + text.index(met) + 1}")


@pytest.mark.parametrize(
    "criterion",
    [
        of(GAP, "at_most: 0"),
        of(GAP, "at_most: 0.1"),
        of(GAP, "between: [0, 0.1]"),
        of(RATIO, "at_least: 1"),
        of(RATIO, "between: [0.8, 1.25]"),
        of("calibration.calibration_slope", "at_least: 0.8"),
        of("calibration.calibration_slope", "at_most: 1.2"),
        of("calibration.calibration_intercept", "between: [-0.1, 0.1]"),
        of("performance.better_than_incumbent", "at_least: 0"),
        of("performance.better_than_mean", "at_least: 250000"),
        of("performance.mean_absolute_error", "at_most: 3000"),
        of("fairness.calibration_difference", "at_most: 1.5"),
        of("data_quality.training_age", "at_most: 365", ", rule: exact"),
        of("robustness.repeatability", "at_least: 1.0", ", rule: exact"),
        of("explanation.unused_features", "at_most: 2", ", rule: exact"),
        of("explanation.unused_features", "at_most: 2", ", rule: simple"),
        of(ECE, "at_most: 0.05", ", with: {power: 1}"),
        f"check: {ECE}, with: {{power: 2}}, report: true",
        f"check: {ENTROPY}, report: true",
        of("performance.accuracy", "at_least: 0.8", ", rule: simple"),
    ],
)
def test_limit_that_may_be_meant_is_taken(tmp_path, criterion):
    assert len(read(tmp_path, criterion).item("OWN-01").criteria) == 1


@pytest.mark.parametrize("rule", ["guarded", "four_way", "simple", "exact"])
@pytest.mark.parametrize(
    ("check", "more", "code"),
    [(ENTROPY, "", "never_judged"), (ECE, ", with: {power: 2}", "never_judged_with")],
)
def test_limit_on_what_is_never_judged_is_refused(tmp_path, check, more, code, rule):
    found = refused(tmp_path, of(check, "at_most: 0.05", f", rule: {rule}{more}"))

    assert found.code == code
    assert "report: true" in str(found)


def test_option_that_takes_the_interval_away_is_named_where_it_stands(tmp_path):
    text = of(ECE, "at_most: 0.05", ", with: {power: 2}")

    assert f"ours.yaml:15:{len('          - {') + text.index('power') + 1}: " in str(refused(tmp_path, text))


@pytest.mark.parametrize(
    ("check", "limit", "rule", "code"),
    [
        ("performance.better_than_incumbent", "at_least: 0", "exact", "rule_exact_estimate"),
        ("leakage.near_overlap", "at_most: 0.05", "exact", "rule_exact_estimate"),
        ("explanation.unused_features", "at_most: 2", "guarded", "rule_needs_interval"),
        ("explanation.unused_features", "at_most: 2", "four_way", "rule_needs_interval"),
    ],
)
def test_rule_that_does_not_fit_is_refused_where_it_stands_its_own_or_the_checklists(
    tmp_path, check, limit, rule, code
):
    text = of(check, limit, f", rule: {rule}")
    own, default = refused(tmp_path, text), refused(tmp_path, of(check, limit), rule)

    assert (own.code, default.code) == (code, code)
    assert f"ours.yaml:15:{len('          - {') + text.index('rule:') + 1}: " in str(own)
    assert "ours.yaml:11:9: " in str(default)  # no key of the criterion says it: where the item begins


@pytest.mark.parametrize("rule", [", rule: exact", ""])
def test_declared_level_is_not_judged_exact(tmp_path, rule):
    found = refused(tmp_path, f"declared: performance, source: declared{rule}", "four_way" if rule else "exact")

    assert found.code == "rule_exact_estimate"


def test_level_that_a_submission_declares_is_held_to_the_same():
    with pytest.raises(ChecklistError, match=r"^submission\.yaml:9: .* write 0\.75 for 75 %$"):
        declared_level({"check": "performance.roc_auc", "at_least": 75}, where="submission.yaml:9")


@pytest.mark.parametrize("name", names())
def test_shipped_checklists_have_no_limit_that_cannot_be_meant(name):
    assert read_checklist(name).items
