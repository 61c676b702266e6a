"""The gates one by one: the smallest case that does not pass, and the one beside it that does."""

import pytest

from reliability.certification.bodies import Closed, Nonconformity
from reliability.certification.gates import obstacles
from reliability.certification.schemes import GATES, read_scheme, rules_of
from reliability.errors import RecordError
from reliability.records import Assessment
from tests.certification import hub as made
from tests.certification import written as w

RULES = read_scheme("verification")
ASSESSMENT = made.conforming()
AGREEMENT = RULES.agreement_sha256


@pytest.fixture(scope="module")
def sealed(hub_template, tmp_path_factory):
    """A desk whose register keeps the plan of ASSESSMENT, and that plan's digest."""
    hub = hub_template.copied(tmp_path_factory.mktemp("gates") / "hub")
    case = made.opened(hub, ASSESSMENT)
    made.sealed(hub, case, ASSESSMENT)
    return hub.desk(), hub.history(case).plan.body.plan


@pytest.fixture
def told(sealed):
    """The codes by gate, of a case written down and an assessment."""
    desk, plan = sealed

    def ask(*further, assessment=ASSESSMENT, rules=RULES, run=1, surveillance=False, **application):
        first = w.opened(**(of_assessment(ASSESSMENT) | application))
        declared = [w.declared(role) for role in w.JUDGING]
        accepted = [] if any(step.role == "applicant" for step in further) else [w.accepted(AGREEMENT)]
        tested = w.ran(plan=plan, surveillance=surveillance)
        history = w.case(first, *declared, *accepted, w.planned(plan), tested, *further)
        found = obstacles(desk, history, run, assessment, rules)
        return {one.gate: [(reason.code, *reason.with_.values()) for reason in one.reasons] for one in found}

    return ask


def of_assessment(assessment: Assessment) -> dict[str, object]:
    subject, data = assessment.subject, assessment.data
    return {"organisation": dict(subject.organisation), "system": dict(subject.system),
            "model": subject.model and subject.model.sha256, "evaluation": data.evaluation.sha256}  # fmt: skip


def on_data(**changes):
    data = ASSESSMENT.data
    return ASSESSMENT.model_copy(
        update={"data": data.model_copy(update={"evaluation": data.evaluation.model_copy(update=changes)})}
    )


def on_model(model):
    return ASSESSMENT.model_copy(update={"subject": ASSESSMENT.subject.model_copy(update={"model": model})})


def found(severity, number=1):
    return Nonconformity(id=f"NC-{number}", item="DAT-01", severity=severity, text="증거가 없다")


def closed(person, number=1):
    role = "reviewer" if person == "park" else "evaluator"
    return w.Step(role=role, person=person, body=Closed(nonconformity=f"NC-{number}", note="증거를 보았다"))


def test_a_case_in_order_passes_every_gate(told):
    assert told() == {}
    assert told(w.reviewed(), w.decided()) == {}


def test_a_scheme_asks_at_its_own_gates_only(told):
    own = rules_of(RULES.text.model_copy(update={"gates": ["CRT-04"]}))
    other = on_data(origin="applicant_supplied", sha256="0" * 64)

    assert set(told(assessment=other)) == {"CRT-01", "CRT-04"}
    assert set(told(assessment=other, rules=own)) == {"CRT-04"}
    assert tuple(RULES.text.gates) == GATES


def test_crt_01_the_model_is_the_one_that_the_case_was_opened_for(told):
    assert told(model="0" * 64)["CRT-01"] == [("object_differs", "model")]
    assert told(assessment=on_model(ASSESSMENT.subject.model.model_copy(update={"sha256": "0" * 64}))) == {
        "CRT-01": [("object_differs", "model")]
    }
    assert told(assessment=on_model(None))["CRT-01"] == [("object_differs", "model")]


def test_crt_01_checklist_and_version_are_the_ones_planned(told):
    checklist = ASSESSMENT.checklist.model_copy(update={"sha256": "0" * 64})
    system = dict(ASSESSMENT.subject.system)

    assert told(assessment=ASSESSMENT.model_copy(update={"checklist": checklist}))["CRT-01"] == [
        ("object_differs", "checklist")
    ]
    assert told(system=system | {"version": "9.9.9"})["CRT-01"] == [("object_differs", "version")]
    assert told(system=system | {"purpose": "다른 용도"}) == {}


def test_crt_01_says_everything_that_differs(told):
    other = on_data(sha256="0" * 64)
    both = other.model_copy(update={"checklist": ASSESSMENT.checklist.model_copy(update={"sha256": "0" * 64})})

    assert [what for _, what in told(assessment=both)["CRT-01"]] == ["checklist", "evaluation"]


def test_crt_01_surveillance_looks_at_other_data_and_at_the_same_model(told):
    other = on_data(sha256="0" * 64)

    assert told(assessment=other)["CRT-01"] == [("object_differs", "evaluation")]
    assert told(assessment=other, surveillance=True) == {}
    assert told(assessment=on_model(None), surveillance=True)["CRT-01"] == [("object_differs", "model")]


@pytest.mark.parametrize(("step", "role"), [(w.reviewed().by("lee"), "reviewer"), (w.decided().by("lee"), "decider")])
def test_crt_02_who_measured_does_not_judge(told, step, role):
    assert ("roles_not_separate", role) in told(step)["CRT-02"]


def test_crt_02_two_who_judge_may_be_one(told):
    people = dict(w.opened().body.people) | {"decider": ("choi", "park")}

    assert told(w.declared("decider").by("park"), people=people) == {}


def test_crt_03_a_second_plan_says_why(told):
    assert told(w.planned("9" * 64)) == {"CRT-03": [("deviation_unrecorded",)]}
    assert told(w.planned("9" * 64, "열 이름이 바뀌었다")) == {}


@pytest.mark.parametrize(("origin", "passes"), [
    ("evaluator_held", True), ("witnessed", True), ("pre_sealed", True), ("applicant_supplied", False),
])  # fmt: skip
def test_crt_04_the_data_are_not_the_applicants_choice(told, origin, passes):
    expected = {} if passes else {"CRT-04": [("data_origin", origin)]}

    assert told(assessment=on_data(origin=origin)) == expected


def test_crt_04_a_scheme_names_the_origins_that_it_accepts(told):
    strict = rules_of(RULES.text.model_copy(update={"origins": ["evaluator_held"]}))

    assert told(assessment=on_data(origin="witnessed"), rules=strict) == {"CRT-04": [("data_origin", "witnessed")]}


@pytest.mark.parametrize(("more", "passes"), [(-1, False), (0, True), (1, True)])
def test_crt_04_as_many_rows_as_planned(told, more, passes):
    planned = ASSESSMENT.data.evaluation.rows
    reasons = told(assessment=on_data(rows=planned + more)).get("CRT-04")

    assert reasons == (None if passes else [("fewer_rows_than_planned", planned - 1, planned)])


@pytest.mark.parametrize(("severity", "passes"), [("critical", False), ("major", False), ("minor", True)])
def test_crt_05_what_is_grave_is_closed(told, severity, passes):
    review = w.reviewed(1, [found(severity)])

    assert told(review) == ({} if passes else {"CRT-05": [("nonconformity_open", "NC-1")]})
    assert told(review, closed("lee")) == {}


def test_crt_05_every_open_one_is_named(told):
    review = w.reviewed(1, [found("major"), found("minor", 2), found("critical", 3)])

    assert told(review)["CRT-05"] == [("nonconformity_open", "NC-1"), ("nonconformity_open", "NC-3")]
    assert told(review, closed("lee", 3))["CRT-05"] == [("nonconformity_open", "NC-1")]


def test_crt_05_nobody_closes_what_they_found(told):
    assert told(w.reviewed(1, [found("minor")]), closed("park")) == {"CRT-05": [("closed_by_author", "NC-1")]}


def test_crt_06_the_agreement_accepted_is_that_of_the_scheme(told):
    reworded = RULES.text.agreement.model_copy(update={"en": "Another agreement."})
    other = rules_of(RULES.text.model_copy(update={"agreement": reworded}))

    assert told(w.accepted(AGREEMENT)) == {}
    assert told(w.accepted("0" * 64)) == {"CRT-06": [("agreement_not_accepted",)]}
    assert told(w.accepted("0" * 64), w.accepted(AGREEMENT)) == {}
    assert told(rules=other) == {"CRT-06": [("agreement_not_accepted",)]}


def test_a_run_is_held_against_its_own_plan_and_not_against_a_later_one(told):
    # The register keeps no file of the later plan: looking at it would be refused.
    assert told(w.planned("9" * 64, "까닭"), w.ran(2, plan="9" * 64), run=1) == {}
    with pytest.raises(RecordError):
        told(w.planned("9" * 64, "까닭"), w.ran(2, plan="9" * 64), run=2)
