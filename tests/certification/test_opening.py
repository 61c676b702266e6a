"""Who may take which part, what an application says, and the agreement."""

import json
import unicodedata

import pytest

from reliability.certification import opening
from reliability.certification.schemes import read_scheme
from reliability.errors import UsageError
from tests.certification import hub as made

DRAFT = made.draft_of(made.conforming())


def advised(hub, person, date="2026-03-01", **changes):
    line = {"organisation": DRAFT.organisation["name"], "system": DRAFT.system["name"], "person": person,
            "date": date, "kind": "consulting"}  # fmt: skip
    with (hub.register / "engagements.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(line | changes, ensure_ascii=False) + "\n")


def open_case(hub, person="jung", rules=None, **changes):
    named = made.NAMED | changes
    return opening.open_case(hub.desk(), hub.signer(person), DRAFT, rules or hub.rules, named)


def refused(action):
    with pytest.raises(UsageError) as caught:
        action()
    return caught.value.code


def test_a_case_says_what_is_certified_by_which_scheme_and_who_takes_part(hub):
    history = hub.history(open_case(hub))

    assert history.opened.model == DRAFT.model["sha256"]
    assert history.opened.evaluation == DRAFT.evaluation["sha256"]
    assert hub.desk().rules(history).text.scheme == "verification"
    assert history.assigned("decider") == ("choi",)
    assert [one.event.actor.role for one in history.events] == ["registrar"]


def test_cases_are_numbered_one_after_the_other(hub):
    assert [open_case(hub), open_case(hub)] == ["JJ-2026-0001", "JJ-2026-0002"]


@pytest.mark.parametrize("role", ["reviewer", "decider"])
def test_who_evaluates_neither_reviews_nor_decides(hub, role):
    people = dict(made.PEOPLE) | {"lee": ("이도현", "전주 허브", ("evaluator", "reviewer", "decider"))}
    made.write_roster(hub, people)

    assert refused(lambda: open_case(hub, **{role: ["lee"]})) == "roles_not_separate"


def test_whoever_stands_in_the_roster_twice_is_one_person(hub):
    made.write_roster(hub, dict(made.PEOPLE) | {"choi": ("이 도현", "(주)전주허브", ("decider",))})

    assert refused(lambda: open_case(hub)) == "roles_not_separate"


def test_one_person_may_review_and_decide(hub):
    made.write_roster(hub, dict(made.PEOPLE) | {"park": ("박서연", "전주 허브", ("reviewer", "decider"))})

    assert open_case(hub, decider=["park"])


@pytest.mark.parametrize("role", ["evaluator", "reviewer", "decider", "registrar"])
def test_nobody_of_the_applicant_judges(hub, role):
    person = made.NAMED[role][0]
    name, _, roles = made.PEOPLE[person]
    made.write_roster(hub, dict(made.PEOPLE) | {person: (name, str(DRAFT.organisation["name"]), roles)})

    assert refused(lambda: open_case(hub)) == "applicant_in_role"


@pytest.mark.parametrize("written", [
    unicodedata.normalize("NFD", str(DRAFT.organisation["name"])), f"㈜{DRAFT.organisation['name']}",
])  # fmt: skip
def test_the_applicant_by_another_spelling_is_the_applicant(hub, written):
    made.write_roster(hub, dict(made.PEOPLE) | {"choi": ("최민준", written, ("decider",))})

    assert refused(lambda: open_case(hub)) == "applicant_in_role"


def test_a_role_without_anybody_is_refused(hub):
    assert refused(lambda: open_case(hub, reviewer=[])) == "role_missing"


def test_somebody_without_the_role_in_the_roster_is_refused(hub):
    assert refused(lambda: open_case(hub, decider=["park"])) == "person_without_role"


def test_somebody_who_is_not_in_the_roster_is_refused(hub):
    assert refused(lambda: open_case(hub, decider=["nobody"])) == "person_unknown"


def test_a_case_is_opened_by_its_own_registrar(hub):
    assert refused(lambda: open_case(hub, person="lee")) == "not_assigned"


@pytest.mark.parametrize("person", ["choi", "최민준"])
def test_who_advised_within_the_look_back_takes_no_part(hub, person):
    advised(hub, person)

    assert refused(lambda: open_case(hub)) == "consultant_in_role"


@pytest.mark.parametrize("changes", [{"date": "2024-11-01"}, {"system": "다른 시스템"}, {"organisation": "다른 회사"}])
def test_advice_long_ago_or_on_something_else_keeps_nobody_out(hub, changes):
    advised(hub, "choi", **changes)

    assert hub.history(open_case(hub)).opened.engagements == ()


def test_advice_by_somebody_else_of_the_hub_is_said_in_the_case(hub):
    advised(hub, "somebody else")

    assert [one.person for one in hub.history(open_case(hub)).opened.engagements] == ["somebody else"]


def test_another_file_of_advice_adds_to_the_hubs_own_and_hides_nothing(hub, tmp_path):
    advised(hub, "somebody else")
    own = hub.register / "engagements.jsonl"
    more = tmp_path / "more.jsonl"
    more.write_text(own.read_text("utf-8") + own.read_text("utf-8").replace("somebody else", "a guest"), "utf-8")

    case = opening.open_case(hub.desk(), hub.signer("jung"), DRAFT, hub.rules, made.NAMED, engagements=more)

    assert [one.person for one in hub.history(case).opened.engagements] == ["somebody else", "a guest"]


def test_an_empty_file_of_advice_lets_no_consultant_in(hub, tmp_path):
    advised(hub, "choi")
    empty = tmp_path / "none.jsonl"
    empty.touch()

    def opened():
        opening.open_case(hub.desk(), hub.signer("jung"), DRAFT, hub.rules, made.NAMED, engagements=empty)

    assert refused(opened) == "consultant_in_role"


def test_a_scheme_by_organisation_certifies_nothing_that_the_hub_advised_on(hub):
    text = hub.rules.text.model_copy(update={"consultancy": "organisation"})
    rules = type(hub.rules)(text=text, sha256=hub.rules.sha256, content=hub.rules.content)
    advised(hub, "somebody else")

    assert refused(lambda: open_case(hub, rules=rules)) == "consultancy_of_body"


def test_a_registration_number_is_the_same_with_and_without_hyphens(hub):
    number = str(DRAFT.organisation["registration"])
    advised(hub, "choi", organisation=number.replace("-", ""))

    assert refused(lambda: open_case(hub)) == "consultant_in_role"


def test_the_agreement_is_the_one_that_was_read(hub):
    case = open_case(hub)
    other = read_scheme("cat-preparation").agreement_sha256

    assert refused(lambda: opening.accept(hub.desk(), hub.signer("kim"), hub.history(case), other, None)) == (
        "agreement_other"
    )
    opening.accept(hub.desk(), hub.signer("kim"), hub.history(case), hub.rules.agreement_sha256, "대표이사")
    assert hub.history(case).of("accepted")[0].body.position == "대표이사"


def test_nobody_but_the_applicant_accepts_the_agreement(hub):
    case, agreement = open_case(hub), hub.rules.agreement_sha256

    assert refused(lambda: opening.accept(hub.desk(), hub.signer("jung"), hub.history(case), agreement, None)) == (
        "not_assigned"
    )


def test_somebody_declares_only_for_a_part_of_their_own(hub):
    case = open_case(hub)

    assert refused(
        lambda: opening.declare(hub.desk(), hub.signer("park"), hub.history(case), "decider", "이해상충이 없습니다.")
    ) == ("not_assigned")
