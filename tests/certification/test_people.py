"""Who may take which part: asked of people, advice and cases written down by hand."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliability.certification.bodies import ROLES, Engagement
from reliability.certification.people import refuse_assignment, refuse_involved, refuse_other, refuse_undeclared
from reliability.certification.roster import Person, Roster, SignedRoster
from reliability.certification.schemes import read_scheme
from reliability.errors import UsageError
from tests.certification import written as w
from tests.certification.hub import NAMED, PEOPLE

DAY = date(2026, 11, 2)
SCHEME = read_scheme("verification").text
APPLICANT = {"name": "온고을신용", "registration": "402-81-00000"}


def person(key, **changes):
    name, employer, roles = PEOPLE[key]
    given_ = {"person": key, "name": name, "employer": employer, "roles": roles, "certificate": "1", "from": DAY}
    return Person.model_validate(given_ | changes)


def roster(*people):
    return Roster(organisation="전주 허브", people=people, at=datetime(2026, 11, 2, tzinfo=UTC), certificates=())


def refused(action):
    """The code of a refusal; None where nothing is refused."""
    try:
        action()
    except UsageError as error:
        return error.code
    return None


def assigned(*, advice=(), scheme=SCHEME, organisation=APPLICANT, people=None, **named):
    """What is said of people given parts, by role; who is not changed is as the hub has them."""
    given_ = {role: tuple(person(one) for one in who) for role, who in (NAMED | named).items()}
    given_ |= people or {}
    return refused(
        lambda: refuse_assignment(given_, organisation=organisation, engagements=advice, scheme=scheme, roster=roster())
    )


def advised(who):
    return (Engagement(organisation="온고을신용", system="소액대출 심사 모델", person=who, date=DAY, kind="자문"),)


def test_people_of_their_own_parts_are_taken():
    assert assigned() is None
    assert assigned(reviewer=["choi"]) is None
    assert assigned(reviewer=["jung"], decider=["jung"]) is None
    assert assigned(evaluator=["lee", "han"]) is None


@pytest.mark.parametrize("role", ROLES)
def test_every_part_has_somebody(role):
    assert assigned(**{role: []}) == "role_missing"


@pytest.mark.parametrize("role", ["reviewer", "decider"])
def test_one_of_several_evaluators_is_enough_to_keep_out(role):
    assert assigned(evaluator=["lee", "han"], **{role: ["park", "han"]}) == "roles_not_separate"


@pytest.mark.parametrize("role", ["evaluator", "reviewer", "decider", "registrar"])
@pytest.mark.parametrize("employer", ["온고을신용", "(주) 온고을 신용", "4028100000"])
def test_nobody_employed_by_the_applicant_takes_a_part(role, employer):
    one = person("han", employer=employer)

    assert assigned(people={role: (one,)}) == "applicant_in_role"


def test_an_applicant_without_a_registration_is_known_by_its_name():
    assert assigned(organisation={"name": "전주 허브"}) == "applicant_in_role"
    assert assigned(organisation={"name": "다른 회사", "registration": None}) is None


@pytest.mark.parametrize("role", ["evaluator", "reviewer", "decider"])
@pytest.mark.parametrize("who", ["han", "한지우", "한 지우", "HAN"])
def test_who_advised_is_kept_out_by_either_name(role, who):
    assert assigned(advice=advised(who), **{role: ["han"]}) == "consultant_in_role"


def test_who_advised_may_register_and_others_may_judge():
    assert assigned(advice=advised("jung")) is None
    assert assigned(advice=advised("somebody")) is None


def test_under_a_scheme_by_organisation_any_advice_of_the_hub_is_too_much():
    strict = SCHEME.model_copy(update={"consultancy": "organisation"})

    assert assigned(scheme=strict) is None
    assert assigned(scheme=strict, advice=advised("somebody")) == "consultancy_of_body"


def test_somebody_has_the_parts_they_were_given_and_no_other():
    history = w.case(*w.BEFORE_THE_RUN)

    for role, (name,) in NAMED.items():
        assert refused(lambda name=name, role=role: refuse_other(history, person(name), role)) is None
        assert refused(lambda role=role: refuse_other(history, person("han"), role)) == "not_assigned"
    assert refused(lambda: refuse_other(history, person("lee"), "reviewer")) == "not_assigned"
    assert refused(lambda: refuse_other(history, person("lee"), "consultant")) == "not_assigned"


def test_somebody_has_declared_for_a_part_only_where_they_did():
    history = w.case(w.opened(), w.declared("evaluator"))

    assert refused(lambda: refuse_undeclared(history, "evaluator", "lee")) is None
    assert refused(lambda: refuse_undeclared(history, "reviewer", "lee")) == "not_declared"
    assert refused(lambda: refuse_undeclared(history, "evaluator", "park")) == "not_declared"


@pytest.mark.parametrize(("who", "code"), [
    ("han", None), ("kim", "appeal_by_involved"), ("lee", "appeal_by_involved"), ("jung", "appeal_by_involved"),
    ("choi", "appeal_by_involved"),
])  # fmt: skip
def test_an_appeal_is_heard_by_a_decider_who_had_no_part(who, code):
    assert refused(lambda: refuse_involved(w.case(*w.GRANTED, w.appealed()), person(who))) == code


def test_who_was_given_a_part_is_involved_though_they_did_nothing():
    given_ = dict(w.opened().body.people) | {"consultant": ("han",)}

    assert refused(lambda: refuse_involved(w.case(w.opened(people=given_)), person("han"))) == "appeal_by_involved"


@pytest.mark.parametrize("who", ["han", "한지우", "한 지우"])
def test_who_advised_on_the_product_hears_no_appeal(who):
    history = w.case(w.opened(engagements=advised(who)))

    assert refused(lambda: refuse_involved(history, person("han"))) == "appeal_by_involved"


def test_somebody_without_any_part_who_decides_nothing_hears_no_appeal():
    stranger = person("han", roles=("evaluator",))

    assert refused(lambda: refuse_involved(w.case(*w.GRANTED), stranger)) == "person_without_role"


@pytest.mark.parametrize(("on", "acts"), [
    (date(2026, 10, 31), False), (date(2026, 11, 1), True), (date(2026, 12, 1), True), (date(2026, 12, 31), True),
    (date(2027, 1, 1), False),
])  # fmt: skip
def test_the_first_and_the_last_day_in_the_roster_are_days_to_act(on, acts):
    one = person("park", **{"from": "2026-11-01", "to": "2026-12-31"})
    signed = SignedRoster(roster=roster(one), sha256="0" * 64)

    assert refused(lambda: signed.person("park", "reviewer", on)) == (None if acts else "person_without_role")


@given(days=st.integers(0, 20_000))
def test_who_has_no_last_day_acts_from_the_first_on(days):
    signed = SignedRoster(roster=roster(person("park")), sha256="0" * 64)

    assert signed.person("park", "reviewer", DAY + timedelta(days=days)).person == "park"
    assert refused(lambda: signed.person("park", "reviewer", DAY - timedelta(days=days + 1))) == "person_without_role"


def test_a_day_to_act_on_is_one_day_where_first_and_last_are_the_same():
    one = person("park", to=DAY)
    signed = SignedRoster(roster=roster(one), sha256="0" * 64)

    assert [refused(lambda on=DAY + timedelta(days=n): signed.person("park", "reviewer", on)) for n in (-1, 0, 1)] == [
        "person_without_role", None, "person_without_role",
    ]  # fmt: skip


def test_a_role_is_one_that_the_roster_gives():
    signed = SignedRoster(roster=roster(person("han")), sha256="0" * 64)

    assert [role for role in ROLES if refused(lambda role=role: signed.person("han", role, DAY)) is None] == [
        "evaluator", "decider",
    ]  # fmt: skip
    assert refused(lambda: signed.person("lee", "evaluator", DAY)) == "person_unknown"
    assert refused(lambda: SignedRoster(roster=roster(), sha256="").person("lee", "evaluator", DAY)) == "person_unknown"
