"""Measured again: the same to the last bit here, close enough elsewhere, and whatever else differs is told."""

import hashlib
from dataclasses import replace

import pytest

from reliability.certification.describing import drafted
from reliability.certification.following import Told
from reliability.certification.planning import Plan
from reliability.certification.remeasuring import compared, remeasured
from reliability.errors import UsageError
from reliability.records import canonical_json
from tests.certification import hub as made
from tests.certification.verified_hub import issuer
from tests.small_case import assessed, checklist, handed_in

KEPT = made.conforming()


def moved(by, name="value"):
    """The record with one value moved."""
    findings = list(KEPT.findings)
    place = next(n for n, one in enumerate(findings) if one.criteria and one.criteria[0].measurements)
    result = findings[place].criteria[0]
    measured = result.measurements[0]
    measured = measured.model_copy(update={name: getattr(measured, name) + by})
    result = result.model_copy(update={"measurements": (measured, *result.measurements[1:])})
    findings[place] = findings[place].model_copy(update={"criteria": (result, *findings[place].criteria[1:])})
    return findings[place].item, KEPT.model_copy(update={"findings": tuple(findings)})


def elsewhere(assessment):
    return assessment.model_copy(update={"platform": "another machine"})


def judged(first):
    findings = (KEPT.findings[0].model_copy(update={"verdict": "fail"}), *KEPT.findings[1:])
    return KEPT.model_copy(update={"findings": findings})


def test_the_same_again_is_the_same_to_the_last_bit():
    assert (compared(KEPT, KEPT).state, compared(KEPT, KEPT).code) == ("held", "rerun_equal")


def test_on_one_platform_no_bit_may_differ():
    item, other = moved(1e-12)

    point = compared(KEPT, other)

    assert (point.state, point.code, point.with_) == ("not_held", "rerun_differs", {"n": 1, "items": item})


@pytest.mark.parametrize(("by", "state"), [(5e-10, "held"), (2e-9, "not_held"), (float(1), "not_held")])
def test_on_another_platform_values_may_differ_by_a_billionth(by, state):
    assert compared(KEPT, elsewhere(moved(by)[1])).state == state


def test_another_version_is_another_platform():
    newer = KEPT.model_copy(update={"software": dict(KEPT.software) | {"numpy": "99"}})

    assert compared(KEPT, newer).code == "rerun_close"


def test_on_another_platform_no_count_and_no_verdict_may_differ():
    counted = moved(1, "n")[1]

    assert compared(KEPT, elsewhere(counted)).code == "rerun_differs"
    assert compared(KEPT, elsewhere(judged(KEPT))).code == "rerun_differs"


def test_a_finding_too_few_and_another_outcome_are_told():
    fewer = KEPT.model_copy(update={"findings": KEPT.findings[1:]})
    other = KEPT.model_copy(update={"outcome": "does_not_conform"})

    assert compared(KEPT, fewer).with_ == {"n": 1, "items": KEPT.findings[0].item}
    assert (compared(KEPT, other).state, compared(KEPT, other).with_) == ("not_held", {"n": 0, "items": "-"})


@pytest.fixture(scope="module")
def certified(tmp_path_factory):
    """A submission with its sealed plan and its record in a register, and what that tells of a certificate."""
    folder = tmp_path_factory.mktemp("certified")
    used = checklist(folder / "list", "PER-01", "FAI-01")
    record = assessed(handed_in(folder / "given"), used, folder / "case")
    named = str(folder / "list" / "small.yaml")
    plan = Plan(case=issuer().case, draft=drafted(folder / "given", named), named=named, seed=record.seed,
                software={}, platform="")  # fmt: skip
    files = {hashlib.sha256(one).hexdigest(): one for one in (canonical_json(plan), canonical_json(record))}
    history = issuer().hub.history(issuer().case)
    kept = dict(zip(("plan", "assessment"), files, strict=True))
    events = tuple(
        replace(one, event=one.event.model_copy(update={"body": one.body.model_copy(update=kept)}))
        if one.kind == "tested" else one for one in history.events
    )  # fmt: skip
    whole = replace(issuer().whole(), file=files.__getitem__)
    return folder, whole, told(replace(history, events=events))


def told(history):
    from reliability.certification.registered import told_by

    found = told_by(issuer().whole(), hashlib.sha256(issuer().certificate).hexdigest(), issuer().grounds())
    return replace(found, history=history)


def test_a_submission_is_measured_again_by_its_sealed_plan(certified, tmp_path):
    folder, whole, found = certified

    point = remeasured(whole, found, folder / "given", tmp_path / "again")

    assert (point.state, point.code) == ("held", "rerun_equal")
    assert (tmp_path / "again" / "assessment.json").is_file()


def test_another_submission_is_not_measured_at_all(certified, tmp_path):
    _, whole, found = certified
    handed_in(tmp_path / "other", rows=100)

    point = remeasured(whole, found, tmp_path / "other", tmp_path / "again")

    assert (point.state, point.code, point.with_) == ("not_held", "rerun_other_input", {"what": "evaluation"})
    assert not (tmp_path / "again").exists()


def test_without_the_events_of_a_case_there_is_no_plan_to_go_by(certified, tmp_path):
    with pytest.raises(UsageError) as refused:
        remeasured(certified[1], Told(points=()), tmp_path, tmp_path / "again")
    assert refused.value.code == "rerun_without_plan"
