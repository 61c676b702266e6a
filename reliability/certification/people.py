"""Who may take which part: the separation that ISO/IEC 17065 (4.2, 7.5, 7.6) and the scheme ask for."""

from collections.abc import Mapping
from typing import Any

from reliability.certification.bodies import ROLES, Engagement, Role
from reliability.certification.history import History
from reliability.certification.naming import compared, compared_organisation
from reliability.certification.roster import Person, Roster
from reliability.certification.schemes import Scheme
from reliability.errors import UsageError

_JUDGING: tuple[Role, ...] = ("evaluator", "reviewer", "decider")


def refuse_assignment(
    people: Mapping[Role, tuple[Person, ...]],
    *,
    organisation: Mapping[str, Any],
    engagements: tuple[Engagement, ...],
    scheme: Scheme,
    roster: Roster,
) -> None:
    """Refuse people who must not take the parts that they were given.

    Raises
    ------
    UsageError
        `role_missing`, `roles_not_separate`, `applicant_in_role`, `consultant_in_role` or `consultancy_of_body`.
    """
    for role in ROLES:
        if not people.get(role):
            raise UsageError("role_missing", "nobody is {role}; name somebody with --{role}", role=role)
    _refuse_shared(people)
    _refuse_applicants(people, organisation)
    _refuse_consultants(people, engagements)
    if scheme.consultancy == "organisation" and engagements:
        raise UsageError(
            "consultancy_of_body",
            "{organisation} advised on this product on {date} ({person}): the scheme {scheme} then certifies nothing",
            organisation=roster.organisation, date=engagements[-1].date, person=engagements[-1].person,
            scheme=scheme.scheme,
        )  # fmt: skip


def _refuse_shared(people: Mapping[Role, tuple[Person, ...]]) -> None:
    evaluators = {known for one in people["evaluator"] for known in _known_as(one)}
    for role in ("reviewer", "decider"):
        for one in people[role]:
            if evaluators & _known_as(one):
                raise UsageError(
                    "roles_not_separate", "{person}: evaluator and {role}; who evaluates neither reviews nor decides",
                    person=one.person, role=role,
                )  # fmt: skip


def _known_as(person: Person) -> set[tuple[str, ...]]:
    """By what somebody is told from others: whoever stands in the roster twice is still one."""
    return {(person.person,), (compared(person.name), compared_organisation(person.employer))}


def _refuse_applicants(people: Mapping[Role, tuple[Person, ...]], organisation: Mapping[str, Any]) -> None:
    theirs = {compared_organisation(str(organisation[key])) for key in ("name", "registration")
              if organisation.get(key)}  # fmt: skip
    applicants = {one.person for one in people["applicant"]}
    for role in (*_JUDGING, "registrar"):
        for one in people[role]:
            if one.person in applicants or compared_organisation(one.employer) in theirs:
                raise UsageError(
                    "applicant_in_role", "{person}: of the applicant ({employer}), and cannot be {role}",
                    person=one.person, employer=one.employer, role=role,
                )  # fmt: skip


def _refuse_consultants(people: Mapping[Role, tuple[Person, ...]], engagements: tuple[Engagement, ...]) -> None:
    advised = {compared(one.person): one for one in engagements}
    for role in _JUDGING:
        for one in people[role]:
            engagement = advised.get(compared(one.person)) or advised.get(compared(one.name))
            if engagement is not None:
                raise UsageError(
                    "consultant_in_role", "{person}: advised on this product on {date}, and cannot be {role}",
                    person=one.person, date=engagement.date, role=role,
                )  # fmt: skip


def refuse_other(history: History, person: Person, role: Role) -> None:
    """Refuse somebody who was not given this role in the case; UsageError `not_assigned`."""
    if person.person not in history.assigned(role):
        raise UsageError(
            "not_assigned", "{person}: not {role} of case {case}; that is {assigned}", person=person.person, role=role,
            case=history.case, assigned=", ".join(history.assigned(role)) or "-",
        )  # fmt: skip


def refuse_undeclared(history: History, role: Role, person: str) -> None:
    """Refuse somebody who has not declared to be free of conflicts; UsageError `not_declared`."""
    declared = {(one.event.actor.person, one.body.role) for one in history.of("declared")}
    if (person, role) not in declared:
        raise UsageError(
            "not_declared", "{person}: no conflict-of-interest declaration as {role}; 'reliability certify declare'",
            person=person, role=role,
        )  # fmt: skip


def refuse_involved(history: History, person: Person) -> None:
    """Refuse somebody who had any part before from hearing an appeal; UsageError `appeal_by_involved`."""
    involved = {one.event.actor.person for one in history.events}
    assigned = {name for role in (*ROLES, "consultant") for name in history.opened.people.get(role, ())}
    advised = {compared(one.person) for one in history.opened.engagements}
    if person.person in involved | assigned or {compared(person.person), compared(person.name)} & advised:
        raise UsageError(
            "appeal_by_involved", "{person}: had a part in case {case}; an appeal is heard by somebody who had none",
            person=person.person, case=history.case,
        )  # fmt: skip
    if "decider" not in person.roles:
        raise UsageError(
            "person_without_role", "{person}: not {role} on {on}; the roster says {roles}", person=person.person,
            role="decider", on=history.events[-1].event.at.date(), roles=", ".join(person.roles),
        )  # fmt: skip
