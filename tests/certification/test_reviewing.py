"""Review, decision, appeal: by whom, on what, and what stands in the way."""

from datetime import date, timedelta

import pytest

from reliability.certification import reviewing, testing
from reliability.certification.bodies import Condition
from reliability.errors import UsageError
from reliability.records import Finding
from tests.certification import hub as made

ASSESSMENT = made.conforming()
MINOR = Finding(item="GOV-09", severity="minor", verdict="conditional_pass")
CONDITIONAL = ASSESSMENT.model_copy(
    update={"outcome": "conforms_with_conditions", "findings": (*ASSESSMENT.findings, MINOR)}
)


def refused(action):
    with pytest.raises(UsageError) as caught:
        action()
    return caught.value.code


@pytest.fixture
def run(hub, case):
    made.ran(hub, case, ASSESSMENT)
    return case


@pytest.fixture
def reviewed(hub, run):
    made.reviewed(hub, run)
    return run


def on(hub, days=30):
    return Condition(item="GOV-09", text="문서를 보완한다", due=hub.now.date() + timedelta(days=days))


def test_who_tested_cannot_review(hub, run):
    assert refused(
        lambda: reviewing.review(hub.desk(), hub.signer("lee"), hub.history(run), 1, "grant", "확인하였습니다.")
    ) == ("not_assigned")


def test_nonconformities_are_numbered_through_the_case(hub, run):
    made.reviewed(hub, run, nonconformities=[("DAT-01", "major", "증거가 없다"), ("GOV-01", "minor", "서명이 없다")])
    made.reviewed(hub, run, nonconformities=[("GOV-02", "minor", "날짜가 없다")])

    assert [one.id for _, one in hub.history(run).open_nonconformities()] == ["NC-1", "NC-2", "NC-3"]


def test_who_found_a_nonconformity_cannot_close_it(hub, run):
    made.reviewed(hub, run, nonconformities=[("DAT-01", "major", "증거가 없다")])

    assert refused(
        lambda: reviewing.close(hub.desk(), hub.signer("park"), hub.history(run), "NC-1", "증거를 보았다")
    ) == ("closed_by_author")
    reviewing.close(hub.desk(), hub.signer("lee"), hub.history(run), "NC-1", "증거를 보았다", b"scan")
    history = hub.history(run)
    assert history.open_nonconformities() == ()
    assert hub.desk().register.file(history.of("closed")[0].body.evidence) == b"scan"


def test_a_nonconformity_that_is_not_open_is_not_closed(hub, reviewed):
    assert refused(lambda: reviewing.close(hub.desk(), hub.signer("lee"), hub.history(reviewed), "NC-1", "보았다")) == (
        "nonconformity_unknown"
    )


def test_an_open_major_nonconformity_keeps_from_granting(hub, run):
    made.reviewed(hub, run, nonconformities=[("DAT-01", "major", "증거가 없다")])

    with pytest.raises(UsageError, match=r"CRT-05 \(nonconformity_open\)"):
        made.decided(hub, run)


def test_nothing_is_decided_without_a_review(hub, run):
    assert refused(lambda: made.decided(hub, run)) == "review_missing"


def test_an_assessment_that_conforms_is_granted(hub, reviewed):
    made.decided(hub, reviewed)

    assert hub.history(reviewed).decision.body.decision == "grant"


@pytest.mark.parametrize("outcome", ["undetermined", "does_not_conform", "conforms_with_conditions"])
def test_nothing_else_is_granted(hub, case, outcome):
    made.ran(hub, case, ASSESSMENT.model_copy(update={"outcome": outcome}))
    made.reviewed(hub, case)

    assert refused(lambda: made.decided(hub, case)) == "decision_unearned"


@pytest.mark.parametrize("decision", ["refuse", "return"])
def test_a_refusal_names_its_reasons(hub, reviewed, decision):
    assert refused(lambda: made.decided(hub, reviewed, decision, ())) == "reasons_missing"
    made.decided(hub, reviewed, decision, ("근거 자료가 없다",))
    assert hub.history(reviewed).decision.body.reasons == ("근거 자료가 없다",)


def test_the_decider_cannot_be_somebody_else(hub, reviewed):
    assert refused(
        lambda: reviewing.decide(hub.desk(), hub.signer("jung"), hub.history(reviewed), "refuse", ("까닭",))
    ) == ("not_assigned")


def test_a_conditional_grant_dates_each_open_item(hub, case):
    made.ran(hub, case, CONDITIONAL)
    made.reviewed(hub, case)

    assert refused(lambda: made.decided(hub, case, "conditional")) == "conditions_differ"
    for days in (0, 181):
        late = [on(hub, days)]
        assert refused(lambda late=late: made.decided(hub, case, "conditional", conditions=late)) == "condition_day"
    made.decided(hub, case, "conditional", conditions=[on(hub, 180)])
    assert [one.item for one in hub.history(case).decision.body.conditions] == ["GOV-09"]


def test_a_condition_on_an_item_that_is_closed_is_refused(hub, reviewed):
    assert refused(lambda: made.decided(hub, reviewed, conditions=[on(hub)])) == "conditions_differ"


@pytest.mark.parametrize("code", ["predictions_handed_in", "isolation_weak", "intake_unknown"])
def test_what_was_not_run_by_us_and_kept_apart_is_never_granted(hub, case, code):
    subject = {
        "predictions_handed_in": {"model": None},
        "isolation_weak": {"model": ASSESSMENT.subject.model.model_copy(update={"isolation": {"level": "process"}})},
    }.get(code, {})
    changes = {"subject": ASSESSMENT.subject.model_copy(update=subject)}
    if code == "intake_unknown":
        changes["intake"] = None
    made.ran(hub, case, ASSESSMENT.model_copy(update=changes))
    made.reviewed(hub, case)

    with pytest.raises(UsageError, match=code):
        made.decided(hub, case)


def test_data_that_the_applicant_chose_keep_from_granting(hub):
    held = ASSESSMENT.data.evaluation.model_copy(update={"origin": "applicant_supplied"})
    own = ASSESSMENT.model_copy(update={"data": ASSESSMENT.data.model_copy(update={"evaluation": held})})
    case = made.opened(hub, own)
    made.sealed(hub, case, own)
    made.ran(hub, case, own)
    made.reviewed(hub, case)

    with pytest.raises(UsageError, match=r"CRT-04 \(data_origin\)"):
        made.decided(hub, case)


def test_a_run_of_another_model_than_the_case_speaks_of_is_not_granted(hub, case):
    model = ASSESSMENT.subject.model.model_copy(update={"sha256": "0" * 64})
    other = ASSESSMENT.model_copy(update={"subject": ASSESSMENT.subject.model_copy(update={"model": model})})
    made.ran(hub, case, other)
    made.reviewed(hub, case)

    with pytest.raises(UsageError, match=r"CRT-01 \(object_differs\)"):
        made.decided(hub, case)


def test_fewer_rows_than_planned_keep_from_granting(hub, case):
    fewer = ASSESSMENT.data.evaluation.model_copy(update={"rows": ASSESSMENT.data.evaluation.rows - 1})
    made.ran(hub, case, ASSESSMENT.model_copy(
        update={"data": ASSESSMENT.data.model_copy(update={"evaluation": fewer})}))  # fmt: skip
    made.reviewed(hub, case)

    with pytest.raises(UsageError, match="fewer_rows_than_planned"):
        made.decided(hub, case)


def test_a_discarded_run_is_neither_reviewed_nor_decided(hub, run):
    testing.discard(hub.desk(), hub.signer("lee"), hub.history(run), 1, "까닭")

    assert refused(lambda: made.reviewed(hub, run)) == "run_discarded"
    assert refused(lambda: made.decided(hub, run, run=1)) == "run_discarded"
    assert refused(lambda: made.decided(hub, run)) == "run_unknown"


def test_an_appeal_is_heard_by_somebody_without_any_part(hub, reviewed):
    made.decided(hub, reviewed, "refuse", ("까닭",))
    reviewing.appeal(hub.desk(), hub.signer("kim"), hub.history(reviewed), "데이터가 섞였다")

    def hear(person):
        return reviewing.hear(hub.desk(), hub.signer(person), hub.history(reviewed), upheld=True, reasons=("맞다",))

    for person in ("choi", "park", "lee", "jung", "kim"):
        assert refused(lambda person=person: hear(person)) == "appeal_by_involved"
    hear("han")
    assert hub.history(reviewed).decision is None


def test_a_dismissed_appeal_leaves_the_decision(hub, reviewed):
    made.decided(hub, reviewed, "refuse", ("까닭",))
    reviewing.appeal(hub.desk(), hub.signer("kim"), hub.history(reviewed), "데이터가 섞였다")
    reviewing.hear(hub.desk(), hub.signer("han"), hub.history(reviewed), upheld=False, reasons=("아니다",))

    assert hub.history(reviewed).decision.body.decision == "refuse"
    assert refused(lambda: reviewing.appeal(hub.desk(), hub.signer("kim"), hub.history(reviewed), "다시")) == (
        "appealed_already"
    )


def test_there_is_nothing_to_appeal_against_before_a_decision_and_nothing_to_hear_before_an_appeal(hub, reviewed):
    assert refused(lambda: reviewing.appeal(hub.desk(), hub.signer("kim"), hub.history(reviewed), "까닭")) == (
        "decision_missing"
    )
    assert refused(
        lambda: reviewing.hear(hub.desk(), hub.signer("han"), hub.history(reviewed), upheld=True, reasons=("a",))
    ) == ("appeal_missing")


def test_a_renewal_rests_on_surveillance_of_the_certified_model(hub):
    case, _ = made.led(hub, ASSESSMENT)
    made.reviewed(hub, case)

    assert refused(lambda: made.decided(hub, case, "renew")) == "renewal_unfounded"


def test_days_are_days_of_the_desk(hub):
    assert hub.desk().now.date() == date(2026, 11, 2)


@pytest.mark.parametrize("decision", ["grant", "refuse"])
def test_what_was_decided_stands_unless_an_appeal_is_upheld(hub, reviewed, decision):
    made.decided(hub, reviewed, decision)
    other = "refuse" if decision == "grant" else "grant"

    assert refused(lambda: made.decided(hub, reviewed, other)) == "decided_already"
    reviewing.appeal(hub.desk(), hub.signer("kim"), hub.history(reviewed), "까닭")
    assert refused(lambda: made.decided(hub, reviewed, other)) == "decided_already"
    reviewing.hear(hub.desk(), hub.signer("han"), hub.history(reviewed), upheld=True, reasons=("맞다",))
    made.decided(hub, reviewed, other)
    assert hub.history(reviewed).decision.body.decision == other


def test_what_was_sent_back_is_decided_again(hub, reviewed):
    made.decided(hub, reviewed, "return")
    made.decided(hub, reviewed)

    assert hub.history(reviewed).decision.body.decision == "grant"


def test_nothing_is_granted_on_a_run_after_which_another_counts(hub, reviewed):
    worse = ASSESSMENT.model_copy(update={"outcome": "does_not_conform"})
    made.ran(hub, reviewed, worse)

    assert refused(lambda: made.decided(hub, reviewed, run=1)) == "run_not_last"
    testing.discard(hub.desk(), hub.signer("lee"), hub.history(reviewed), 2, "자료가 섞였다")
    made.decided(hub, reviewed, run=1)
    assert hub.history(reviewed).decision.body.run == 1
