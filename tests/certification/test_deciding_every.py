"""Every decision on every outcome: what may be decided, and what keeps from it."""

import itertools
from dataclasses import replace

import pytest

from reliability.certification import reviewing, testing
from reliability.certification.bodies import Condition
from reliability.certification.schemes import rules_of
from reliability.errors import UsageError
from reliability.records import Finding, canonical_json
from tests.certification import hub as made
from tests.certification import publishing_case as unprinted

CONFORMING = made.conforming()
OPEN_ITEM = Finding(item="GOV-09", severity="minor", verdict="conditional_pass")
OUTCOMES = ("conforms", "conforms_with_conditions", "undetermined", "does_not_conform")
DECISIONS = ("grant", "conditional", "refuse", "return", "renew")
# What keeps from a decision on a first run; nothing where none is named.
KEPT_FROM = {
    ("conforms", "conditional"): "decision_unearned",
    ("conforms", "renew"): "renewal_unfounded",
    ("conforms_with_conditions", "grant"): "decision_unearned",
    ("conforms_with_conditions", "renew"): "renewal_unfounded",
} | dict.fromkeys(
    itertools.product(("undetermined", "does_not_conform"), ("grant", "conditional", "renew")), "decision_unearned"
)


def assessment(outcome):
    left = () if outcome == "conforms" else (OPEN_ITEM,)
    return CONFORMING.model_copy(update={"outcome": outcome, "findings": (*CONFORMING.findings, *left)})


@pytest.fixture(scope="module")
def reviewed(hub_template, tmp_path_factory):
    """A hub with a reviewed run of every outcome, and its case by outcome."""
    hub = hub_template.copied(tmp_path_factory.mktemp("reviewed") / "hub")
    cases = {}
    for outcome in OUTCOMES:
        case = cases[outcome] = made.opened(hub, assessment(outcome))
        made.sealed(hub, case, assessment(outcome))
        made.ran(hub, case, assessment(outcome))
        made.reviewed(hub, case)
    return hub, cases


@pytest.fixture
def mine(reviewed, tmp_path):
    hub, cases = reviewed
    return hub.copied(tmp_path / "hub"), cases


def refused(action):
    with pytest.raises(UsageError) as caught:
        action()
    return caught.value.code


def conditions(hub, outcome):
    due = hub.now.date().replace(year=2027, month=1)
    return [] if outcome == "conforms" else [Condition(item="GOV-09", text="문서를 보완한다", due=due)]


@pytest.mark.parametrize(("outcome", "decision"), list(itertools.product(OUTCOMES, DECISIONS)))
def test_a_decision_is_one_that_the_outcome_allows(mine, outcome, decision):
    hub, cases = mine
    case, kept_from = cases[outcome], KEPT_FROM.get((outcome, decision))
    before = hub.history(case)

    def decide():
        made.decided(hub, case, decision, conditions=conditions(hub, outcome))

    if kept_from:
        assert refused(decide) == kept_from
        assert hub.history(case) == before
    else:
        decide()
        assert hub.history(case).decision.body.decision == decision


@pytest.mark.parametrize("named", [[], ["GOV-09", "GOV-10"], ["GOV-10"]])
def test_conditions_are_the_open_items_no_fewer_and_no_others(mine, named):
    hub, cases = mine
    due = hub.now.date().replace(year=2027, month=1)
    listed = [Condition(item=item, text="보완한다", due=due) for item in named]

    assert refused(lambda: made.decided(hub, cases["conforms_with_conditions"], "conditional", conditions=listed)) == (
        "conditions_differ"
    )


def test_a_scheme_that_grants_nothing_on_conditions_says_so(hub_template, tmp_path):
    hub = hub_template.copied(tmp_path / "hub")
    strict = replace(hub, rules=rules_of(hub.rules.text.model_copy(update={"conditional": False})))
    outcome = "conforms_with_conditions"
    case = made.opened(strict, assessment(outcome))
    made.sealed(strict, case, assessment(outcome))
    made.ran(strict, case, assessment(outcome))
    made.reviewed(strict, case)

    assert refused(lambda: made.decided(strict, case, "conditional", conditions=conditions(strict, outcome))) == (
        "scheme_unconditional"
    )


@pytest.mark.parametrize("decision", ["refuse", "return"])
def test_what_keeps_from_granting_keeps_from_no_refusal(mine, decision):
    hub, cases = mine
    made.reviewed(hub, cases["conforms"], nonconformities=[("DAT-01", "critical", "증거가 없다")])

    assert refused(lambda: made.decided(hub, cases["conforms"])) == "gates_not_passed"
    made.decided(hub, cases["conforms"], decision)
    assert hub.history(cases["conforms"]).decision.body.decision == decision


def test_a_decision_is_appealed_against_once_and_heard_once_with_reasons(mine):
    hub, cases = mine
    case = cases["does_not_conform"]
    made.decided(hub, case, "refuse")

    def appeal():
        reviewing.appeal(hub.desk(), hub.signer("kim"), hub.history(case), "근거가 다르다")

    def hear(*reasons):
        reviewing.hear(hub.desk(), hub.signer("han"), hub.history(case), upheld=False, reasons=reasons)

    appeal()
    assert refused(appeal) == "appealed_already"
    assert refused(hear) == "reasons_missing"
    hear("살펴보았다")
    assert refused(lambda: hear("다시")) == "appeal_by_involved"  # they had a part by now
    assert refused(appeal) == "appealed_already"


@pytest.fixture(scope="module")
def in_force(hub_template, tmp_path_factory):
    """A hub with a certificate in force, and its number."""
    hub = hub_template.copied(tmp_path_factory.mktemp("force") / "hub")
    return hub, unprinted.certified(hub, CONFORMING)


@pytest.fixture
def certified(in_force, tmp_path):
    hub, number = in_force
    return hub.copied(tmp_path / "hub"), number


def surveilled(hub, number, folder, one=CONFORMING):
    """Surveillance with its review; the number of its run."""
    folder.mkdir()
    (folder / "assessment.json").write_bytes(canonical_json(one))
    desk = hub.desk()
    body = testing.surveil(desk, hub.signer("lee"), desk.history(number), folder, number=number)
    case = hub.history(number).case
    made.reviewed(hub, case, body.run, "renew")
    return case, body.run


def test_what_is_in_force_is_renewed_after_surveillance_of_its_model(certified, tmp_path):
    hub, number = certified
    case, run = surveilled(hub, number, tmp_path / "run")
    made.decided(hub, case, "renew", run=run)

    assert hub.history(case).decision.body.run == run
    assert hub.history(case).status == "active"


@pytest.mark.parametrize("what", ["suspended", "withdrawn", "cancelled"])
def test_what_is_out_of_force_is_not_renewed(certified, tmp_path, what):
    hub, number = certified
    case, run = surveilled(hub, number, tmp_path / "run")
    unprinted.changed(hub, number, what, "까닭")

    assert refused(lambda: made.decided(hub, case, "renew", run=run)) == "renewal_unfounded"


def test_another_model_than_the_certified_one_is_not_renewed(certified, tmp_path):
    hub, number = certified
    model = CONFORMING.subject.model.model_copy(update={"sha256": "0" * 64})
    other = CONFORMING.model_copy(update={"subject": CONFORMING.subject.model_copy(update={"model": model})})
    case, run = surveilled(hub, number, tmp_path / "run", other)

    assert refused(lambda: made.decided(hub, case, "renew", run=run)) == "renewal_unfounded"


def test_a_renewal_rests_on_the_last_surveillance(certified, tmp_path):
    hub, number = certified
    case, first = surveilled(hub, number, tmp_path / "first")
    _, second = surveilled(hub, number, tmp_path / "second")

    assert refused(lambda: made.decided(hub, case, "renew", run=first)) == "run_not_last"
    made.decided(hub, case, "renew", run=second)
