"""The advice on a whole case: what it promises of itself."""

import json

import numpy as np
import pytest

from reliability.advise.catalogue import remedies
from reliability.advise.copies import Copies
from reliability.advise.labels import labels_may_be_biased, rests_on_labels
from reliability.advise.remedies import EFFORTS
from reliability.errors import UsageError
from reliability.records import canonical_json
from reliability.worker.parent import Limits
from tests.advise.planted import CRITERIA, advised, case, finding, handed_in, stage_of
from tests.builders import block


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    folder = tmp_path_factory.mktemp("case")
    submission = handed_in(folder, n=8_000)
    return case(folder, submission), submission


@pytest.fixture(scope="module")
def advice(given):
    return advised(*given)


def test_the_planted_bias_is_mended_by_a_threshold_for_every_group(advice):
    found = finding(advice, "FAI-01")
    best = next(one for one in advice.remedies if one.id == found.confirmed[0].remedy)

    assert found.verdict == "fail"
    assert best.name == "group_thresholds"
    assert found.confirmed[0].verdict_after == "pass"
    assert found.passing[0] == best.id
    assert found.confirmed[0].numbers[0].gain.low > 0


def test_scores_that_are_too_sure_are_mended_by_recalibration(advice):
    found = finding(advice, "CAL-01")
    names = {one.id: one.name for one in advice.remedies}

    assert names[found.confirmed[0].remedy].startswith("recalibration")
    assert found.confirmed[0].numbers[0].gain.high < 0


def test_at_most_five_are_confirmed_each_in_order(advice):
    for one in advice.findings:
        assert len(one.confirmed) <= 5
        assert [each.rank for each in one.confirmed] == list(range(1, len(one.confirmed) + 1))
        assert {each.confidence for each in one.confirmed} <= {1 - 0.05 / max(len(one.confirmed), 1)}


def test_efforts_may_be_set_and_those_that_were_stand_in_the_record(given, advice):
    harder = advised(*given, efforts={**EFFORTS, "decisions": 4, "scores": 3})
    efforts = {one.id: one.effort for one in harder.remedies}

    assert harder.efforts == {"decisions": 4, "scores": 3}
    assert advice.efforts == {}
    for one in harder.remedies:
        assert one.effort == (
            max(efforts[part] for part in one.parts)
            if one.parts
            else {**EFFORTS, "decisions": 4, "scores": 3}[one.acts_on]
        )


def test_what_passes_is_not_advised_on(advice):
    assert [one.item for one in advice.findings] == ["FAI-01", "FAI-02", "CAL-01"]


def test_randomised_thresholds_stand_beside_and_are_marked(advice):
    marked = [one for one in advice.remedies if "randomised" in one.cautions]

    assert {one.name for one in marked} == {"randomised_thresholds"}
    assert all("attribute_at_decision_time" in one.cautions for one in marked)


def test_the_trade_off_has_today_on_it_and_a_front(advice):
    points = finding(advice, "FAI-01").trade_off

    assert points[0].remedy is None
    assert any(one.on_front for one in points)
    assert {one.performance.check for one in points} == {"performance.balanced_accuracy"}
    assert {one.remedy for one in points[1:]} == {one.remedy for one in finding(advice, "FAI-01").confirmed}


def test_the_same_case_and_seed_give_the_same_bytes(given, advice):
    assert canonical_json(advised(*given)) == canonical_json(advice)


def test_another_seed_confirms_on_other_rows(given, advice):
    assert advised(*given, seed=1).splits != advice.splits


def test_the_parts_add_up_to_the_rows(advice):
    assert advice.splits.fit + advice.splits.choose + advice.splits.confirm == advice.splits.of == 8_000


def test_a_spent_budget_leaves_the_rest_untried_and_says_so(given):
    calls = iter(range(1_000))
    advice = advised(*given, spent=lambda share: share < 1 and next(calls) >= 2)
    states = [one.state for one in advice.remedies]

    assert states.count("not_tried") == len(states) - 2
    assert {one.why.code for one in advice.remedies if one.why} == {"budget_spent"}


def test_a_budget_spent_before_anything_is_confirmed_prints_no_number(given):
    advice = advised(*given, spent=lambda share: True)

    assert {one.unmeasured for one in advice.findings} == {"budget_spent"}
    assert not any(one.confirmed for one in advice.findings)


def test_an_interruption_keeps_what_was_tried(given):
    done = []

    def interrupt(name):
        done.append(name)
        if len(done) == 3:
            raise KeyboardInterrupt

    advice = advised(*given, done=interrupt)

    assert advice.interrupted
    assert [one.state for one in advice.remedies].count("not_tried") == len(advice.remedies) - 3
    assert finding(advice, "FAI-01").confirmed


def test_an_interruption_while_confirming_keeps_the_findings_before_it(given, advice):
    def interrupt(name):
        if name == "FAI-01":
            raise KeyboardInterrupt

    stopped = advised(*given, done=interrupt)

    assert stopped.interrupted
    assert finding(stopped, "FAI-01") == finding(advice, "FAI-01")
    assert [one.unmeasured for one in stopped.findings[1:]] == ["interrupted", "interrupted"]


@pytest.mark.parametrize("change", ["data", "manifest"])
def test_another_submission_is_refused(tmp_path, given, change):
    other = handed_in(tmp_path, seed=8) if change == "data" else handed_in(tmp_path, extra="  segments: [age]\n")

    with pytest.raises(UsageError, match="the case has"):
        advised(given[0], other)


def test_a_small_group_has_no_effect_that_could_be_told(tmp_path):
    submission = handed_in(tmp_path, women=0.03)
    found = finding(advised(case(tmp_path, submission), submission), "FAI-01")

    assert found.unmeasured == "too_few_in_group"
    assert found.smallest_group["slice"] == {"sex": "F"}
    assert found.confirmed == ()


@pytest.mark.parametrize(
    ("criterion", "unmeasured"),
    [
        ("check: fairness.roc_auc_difference, at_most: 0.0, source: house default", "none_tried"),
        ("check: data_quality.smallest_group_size, at_least: 9000, rule: exact, source: mine", "nothing_applies"),
        ("check: fairness.counterfactual_flip_rate, at_most: 0.1, source: mine", "no_number"),
    ],
)
def test_where_nothing_could_be_done_that_is_said(tmp_path, criterion, unmeasured):
    submission = handed_in(tmp_path)
    found = advised(case(tmp_path, submission, FAI_01=criterion), submission).findings[0]

    assert (found.unmeasured, found.passing, found.confirmed) == (unmeasured, (), ())


def test_labels_that_differ_between_groups_may_be_biased():
    sexes = {"sex": ["F", "M"] * 500}
    alike = block([0, 0, 1, 1] * 250, groups=sexes)
    apart = block([0, 1, 0, 1] * 250, groups=sexes)

    assert not labels_may_be_biased(alike)
    assert labels_may_be_biased(apart)
    assert not labels_may_be_biased(block([0, 1], groups={"sex": ["F", "M"]}))


def test_values_that_differ_between_groups_may_be_biased_too():
    draws = np.random.default_rng(1)
    sexes, noise = {"sex": ["F", "M"] * 500}, draws.normal(size=1_000)
    apart = np.where(np.arange(1_000) % 2, noise + 1, noise)

    assert not labels_may_be_biased(block(noise, task="regression", groups=sexes))
    assert labels_may_be_biased(block(apart, task="regression", groups=sexes))
    assert not labels_may_be_biased(block(apart[:40], task="regression", groups={"sex": ["F", "M"] * 20}))


@pytest.mark.parametrize(
    ("check", "told"),
    [
        ("performance.accuracy", True),
        ("calibration.expected_calibration_error", True),
        ("fairness.true_positive_rate_difference", True),
        ("fairness.mean_error_difference", True),
        ("fairness.equalized_odds_ratio", True),
        ("robustness.accuracy_drop", True),
        ("fairness.selection_rate_ratio", False),
        ("fairness.mantel_haenszel_selection_ratio", False),
        ("fairness.proxy_auc", False),
        ("fairness.mean_prediction_difference", False),
        ("robustness.noise_consistency", False),
    ],
)
def test_only_what_is_measured_against_labels_rests_on_them(check, told):
    assert rests_on_labels(check) == told


def test_a_gain_in_selection_rates_is_not_said_to_be_measured_against_labels(tmp_path):
    # Men are approved more often, in truth too.
    more = np.random.default_rng(3).random(2_400) < np.where(np.arange(2_400) % 2, 0.7, 0.4)
    sexes = np.where(np.arange(2_400) % 2, "M", "F")
    submission = handed_in(tmp_path, columns={"sex": sexes, "approved": more.astype(np.int64)})
    criteria = {name: one.replace("0.55", "0.99").replace("0.8", "1.0") for name, one in CRITERIA.items()}
    told = {
        one.item: one.labels_may_be_biased
        for one in advised(case(tmp_path, submission, **criteria), submission).findings
    }

    assert (told["FAI-01"], told["PER-01"]) == (False, True)


def test_a_remedy_is_tried_once_however_many_findings_it_may_mend(given):
    stage, aims, _ = stage_of(*given)
    found = remedies([*aims.values(), *aims.values()], stage.ground, Copies(Limits()))
    keys = [canonical_json([one.name, dict(one.options)]) for one in found]

    assert len(keys) == len(set(keys))


def test_numbers_of_the_record_are_finite_and_its_groups_named(advice):
    record = json.loads(canonical_json(advice))

    assert record["advice"] == 1
    for one in record["findings"][0]["confirmed"][0]["decisions"]["groups"]:
        assert one["slice"]["sex"] in ("F", "M")
    assert np.isfinite(record["findings"][0]["confirmed"][0]["numbers"][0]["gain"]["value"])
