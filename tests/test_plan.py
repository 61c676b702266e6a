import math
from dataclasses import replace

import pytest

from reliability.blocks import Roles
from reliability.checklist.catalogue import checks
from reliability.checklist.judge import because
from reliability.checks.drift import learned
from reliability.checks.fairness import proxies
from reliability.engine import SAMPLE_ROWS
from reliability.evidence.near_digests import KEPT
from reliability.plan import Available, _lacking, groupings, most_rows, plan, planned
from reliability.records import Criterion
from tests.small_case import checklist

ROLES = Roles(
    task="binary", classes=(0, 1), positive=1, favourable=(1,), sensitive=("sex", "age"), segments=("branch",),
    has_predictions=True, has_scores=True, clustered=True,
)  # fmt: skip
ALONE = Roles(task="binary", classes=(0, 1), sensitive=())
RATIO = "fairness.selection_rate_ratio"


def available(roles=ROLES, *, training=True, model=True, failure=None):
    return Available(roles=roles, training=training, model=model, failure=failure)


def planned_for(check, by=None, given=None, **kept):
    criterion = Criterion(check=check, by=by, at_least=0.5, rule="guarded", **kept)
    return planned(criterion, given or available(), declared=None, confidence=0.9)


@pytest.mark.parametrize(
    ("check", "by", "expected"),
    [
        ("performance.accuracy", None, [()]),
        ("performance.accuracy", "sensitive", [("sex",), ("age",)]),
        ("performance.accuracy", "sensitive_pairs", [("sex", "age")]),
        ("performance.accuracy", "segments", [("branch",)]),
        ("performance.accuracy", ("sex", "branch"), [("sex", "branch")]),
        (RATIO, None, [("sex",), ("age",)]),
    ],
)
def test_criterion_makes_a_call_for_every_grouping(check, by, expected):
    one = planned_for(check, by)

    assert [call.by for call in one.calls] == expected == list(groupings(by, checks()[check], ROLES))
    assert one.lacking is None


@pytest.mark.parametrize(
    ("check", "by", "code"),
    [
        (RATIO, None, "no_sensitive"),
        (RATIO, "sensitive", "no_sensitive"),
        (RATIO, "sensitive_pairs", "no_pairs"),
        ("performance.accuracy", "sensitive", "no_sensitive"),
        ("performance.accuracy", "segments", "no_segments"),
        ("performance.accuracy", ("sex",), "no_segments"),
    ],
)
def test_criterion_has_a_reason_when_there_is_no_such_grouping(check, by, code):
    one = planned_for(check, by, available(ALONE))

    assert (one.calls, one.lacking.code) == ((), code)


def test_column_that_nobody_declared_is_a_reason_that_names_it():
    one = planned_for("performance.accuracy", ("sex", "region"))

    assert (one.lacking.code, one.lacking.with_) == ("no_segments", {"columns": ["region"]})


@pytest.mark.parametrize(
    ("check", "given", "code"),
    [
        ("leakage.training_overlap", available(training=False), "no_training_data"),
        ("leakage.shared_entities", available(training=False), "no_training_data"),
        ("leakage.shared_entities", available(ALONE), "no_entity"),
        ("robustness.repeatability", available(model=False), "no_model"),
        ("performance.roc_auc", available(ALONE), "no_scores"),
    ],
)
def test_criterion_has_a_reason_when_its_check_lacks_something(check, given, code):
    assert planned_for(check, None, given).lacking == because(code)


@pytest.mark.parametrize(
    ("evidence", "code"),
    [
        ("group_strata", "no_strata"),
        ("paired_outcomes", "no_incumbent"),
        ("quasi_classes", "no_quasi_identifiers"),
        ("class_score_histograms", "no_scores"),
        ("confidence_histogram", "no_scores"),
        ("log_moments", "no_scores"),
        ("training_sample", "no_training_data"),
        ("group_probe", "no_model"),
    ],
)
def test_check_lacks_what_its_evidence_is_made_of(evidence, code):
    asked = replace(checks()[RATIO], evidence=(evidence,))
    whole = replace(ROLES, strata=("grade",), quasi_identifiers=("age",), incumbent=True)

    assert _lacking(asked, available(ALONE, training=False, model=False)) == because(code)
    assert _lacking(asked, available(whole)) is None


def test_missing_scores_of_a_failed_model_are_left_to_the_failure():
    given = available(ALONE, failure=because("model_raised", type="E", message=""))

    assert planned_for("performance.roc_auc", None, given).lacking is None


def test_call_takes_options_in_order_and_the_checklists_confidence():
    check = "robustness.noise_consistency"

    (call,) = planned_for(check, with_={"strength": 0.2, "sample_size": 10}).calls

    assert (call.check.name, call.options, call.confidence) == (check, (("sample_size", 10), ("strength", 0.2)), 0.9)


def test_equal_criteria_share_a_call():
    first, second = (planned_for("performance.accuracy", source=source) for source in ("a", "b"))

    assert first.calls == second.calls
    assert len({*first.calls, *second.calls}) == 1


def test_declared_criterion_takes_check_and_limit_from_the_submission():
    level = Criterion(check="performance.roc_auc", at_least=0.75, declared="performance")
    open_ = Criterion(declared="performance", rule="guarded", source="clause 3")

    one = planned(open_, available(), declared=level, confidence=0.95)

    assert [call.check.name for call in one.calls] == ["performance.roc_auc"]
    assert (one.criterion.at_least, one.criterion.rule, one.criterion.source) == (0.75, "guarded", "clause 3")


def test_declared_criterion_has_a_reason_when_nothing_is_declared():
    one = planned(Criterion(declared="performance", rule="guarded"), available(), declared=None, confidence=0.95)

    assert (one.calls, one.lacking) == ((), because("declared_nothing"))


def test_plan_keeps_every_criterion_of_every_item(tmp_path):
    used = checklist(tmp_path, "PER-01", "PER-02", "LEA-01")

    todo = plan(used.items, available(training=False), declared=None, confidence=used.decision.confidence)

    assert {item: [len(one.calls) for one in plans] for item, plans in todo.items()} == {
        "PER-01": [1], "PER-02": [2], "LEA-01": [0], "GOV-01": [], "GOV-02": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("check", "options", "most", "raised"),
    [
        ("performance.accuracy", {}, math.inf, math.inf),
        ("performance.weakest_slice", {}, SAMPLE_ROWS, SAMPLE_ROWS),
        ("performance.better_than_linear_model", {}, SAMPLE_ROWS, SAMPLE_ROWS),
        ("fairness.proxy_auc", {}, proxies._ROWS, proxies._ROWS),
        ("drift.domain_classifier_auc", {}, learned._ROWS, learned._ROWS),
        ("drift.concept_shift", {}, 2 * learned._ROWS, 2 * learned._ROWS),
        ("leakage.near_overlap", {}, KEPT, KEPT),
        ("robustness.noise_consistency", {}, 5_000, SAMPLE_ROWS),
        ("robustness.noise_consistency", {"sample_size": 300}, 300, SAMPLE_ROWS),
        ("robustness.noise_consistency", {"sample_size": 90_000}, SAMPLE_ROWS, SAMPLE_ROWS),
        ("robustness.invalid_input_handling", {}, 0, 0),
        ("a.b", {}, math.inf, math.inf),
    ],
)
def test_most_rows_are_those_that_the_check_takes(check, options, most, raised):
    criterion = Criterion(check=check, with_=options)

    assert (most_rows(criterion), most_rows(criterion, raised=True)) == (most, raised)


def test_no_check_on_a_sample_takes_all_rows():
    sampled = [one for one in checks().values() if any(name.endswith(("sample", "probe")) for name in one.evidence)]

    assert len(sampled) > 30
    assert all(most_rows(Criterion(check=one.name)) <= SAMPLE_ROWS for one in sampled)
