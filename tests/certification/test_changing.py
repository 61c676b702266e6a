"""What happens to a certificate later: each change a row with its reason, none that its status forbids."""

from datetime import timedelta

import pytest

from reliability.certification import changing, issuing, testing
from reliability.certification.bodies import Condition
from reliability.errors import UsageError
from reliability.records import Finding, canonical_json
from reliability.register.searching import Search
from reliability.signing.pdf_signature import read_signature
from tests.certification import hub as made

MINOR = Finding(item="GOV-01", severity="minor", verdict="conditional_pass")
CONFORMING = made.conforming()
ASSESSMENT = CONFORMING.model_copy(
    update={"outcome": "conforms_with_conditions", "findings": (*CONFORMING.findings, MINOR)}
)


@pytest.fixture(scope="module")
def certified(hub_template, tmp_path_factory):
    """A hub with a certificate on one condition."""
    hub = hub_template.copied(tmp_path_factory.mktemp("certified") / "hub")
    case = made.opened(hub, ASSESSMENT)
    made.sealed(hub, case, ASSESSMENT)
    made.ran(hub, case, ASSESSMENT)
    made.reviewed(hub, case)
    due = hub.now.date().replace(year=2027, month=3)
    made.decided(hub, case, "conditional", conditions=[Condition(item="GOV-01", text="지침을 승인받는다", due=due)])
    made.issued(hub, case)
    return hub, case


@pytest.fixture
def one(certified, tmp_path):
    hub, case = certified
    return hub.copied(tmp_path / "hub"), case


def change(hub, case, what, person="jung"):
    changing.change(hub.desk(), hub.signer(person), hub.history(case), what, "까닭이 있다")


def refused(action):
    with pytest.raises(UsageError) as caught:
        action()
    return caught.value.code


def status(hub, case):
    (found,) = hub.desk().register.certificates(Search(case=case))
    assert found.status == hub.history(case).status
    return found.status


def test_a_certificate_is_suspended_restored_and_withdrawn_by_rows_that_only_grow(one):
    hub, case = one
    seen = []
    for what in ("suspended", "restored", "withdrawn"):
        change(hub, case, what)
        seen.append(status(hub, case))

    assert seen == ["suspended", "active", "withdrawn"]
    assert [kept.kind for kept in hub.history(case).events[-4:]] == ["issued", "suspended", "restored", "withdrawn"]


@pytest.mark.parametrize(
    ("before", "what"),
    [([], "restored"), (["suspended"], "suspended"), (["withdrawn"], "restored"), (["withdrawn"], "suspended"),
     (["cancelled"], "withdrawn"), (["withdrawn"], "cancelled")],
)  # fmt: skip
def test_a_status_allows_only_what_may_follow(one, before, what):
    hub, case = one
    for step in before:
        change(hub, case, step)

    assert refused(lambda: change(hub, case, what)) == "status_forbids"


def test_the_holder_may_cancel_and_nothing_else(one):
    hub, case = one

    assert refused(lambda: change(hub, case, "suspended", "kim")) == "not_assigned"
    change(hub, case, "cancelled", "kim")
    assert status(hub, case) == "cancelled"
    assert hub.history(case).events[-1].event.actor.role == "applicant"


@pytest.mark.parametrize("person", ["lee", "park", "choi"])
def test_nobody_else_changes_a_status(one, person):
    hub, case = one

    assert refused(lambda: change(hub, case, "suspended", person)) == "not_assigned"


def test_a_case_without_certificate_has_no_status_to_change(hub, case):
    assert refused(lambda: change(hub, case, "suspended")) == "issued_not"


def test_a_condition_is_closed_upon_evidence_and_no_longer_due(one):
    hub, case = one
    changing.meet_condition(hub.desk(), hub.signer("park"), hub.history(case), "GOV-01", "승인 문서를 보았다", b"scan")

    (found,) = hub.desk().register.certificates(Search(case=case))
    assert found.conditions == ()
    assert hub.history(case).events[-1].body.item == "GOV-01"
    assert refused(
        lambda: changing.meet_condition(hub.desk(), hub.signer("park"), hub.history(case), "GOV-01", "다시")
    ) == ("condition_unknown")


def test_a_certificate_is_renewed_after_surveillance_as_a_further_edition(one, tmp_path):
    hub, case = one
    before = changing.index_of(hub.desk(), hub.history(case))
    hub.now += timedelta(days=364)  # decided anew long after the first grant
    (tmp_path / "run").mkdir()
    (tmp_path / "run/assessment.json").write_bytes(canonical_json(CONFORMING))
    body = testing.surveil(hub.desk(), hub.signer("lee"), hub.history(case), tmp_path / "run", number=before.number)
    made.reviewed(hub, case, body.run, "renew")
    made.decided(hub, case, "renew", run=body.run)
    papers = issuing.renew(hub.desk(), hub.signer("jung"), hub.history(case), hub.seal(), ("en",), "surveillance")

    after = changing.index_of(hub.desk(), hub.history(case))
    assert (after.number, after.revision, after.granted, after.status) == (before.number, 2, before.granted, "active")
    assert papers.number == before.number
    assert after.pdf_sha256 != before.pdf_sha256
    assert read_signature(papers.files[f"certificate-{before.number}.en.pdf"])
    assert hub.history(case).issued.body.reason == "surveillance"


def test_nothing_is_renewed_twice_by_one_decision(one):
    hub, case = one

    with pytest.raises(UsageError) as caught:
        issuing.renew(hub.desk(), hub.signer("jung"), hub.history(case), hub.seal(), ("ko",), "까닭")
    assert caught.value.code == "nothing_granted"


@pytest.mark.parametrize("ended", ["suspended", "withdrawn", "cancelled"])
def test_what_was_taken_out_of_force_since_is_not_renewed(one, tmp_path, ended):
    hub, case = one
    number = changing.index_of(hub.desk(), hub.history(case)).number
    (tmp_path / "run").mkdir()
    (tmp_path / "run/assessment.json").write_bytes(canonical_json(CONFORMING))
    body = testing.surveil(hub.desk(), hub.signer("lee"), hub.history(case), tmp_path / "run", number=number)
    made.reviewed(hub, case, body.run, "renew")
    made.decided(hub, case, "renew", run=body.run)
    change(hub, case, ended)

    with pytest.raises(UsageError) as caught:
        issuing.renew(hub.desk(), hub.signer("jung"), hub.history(case), hub.seal(), ("ko",), "까닭")
    assert (caught.value.code, caught.value.values["status"]) == ("status_forbids", ended)
