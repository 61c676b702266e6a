"""An application taken in, declarations of those who take part, and the agreement that the applicant accepts."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from reliability.certification.bodies import Accepted, Declared, Opened, Role
from reliability.certification.desk import ENGAGEMENTS, Desk
from reliability.certification.drafting import Draft
from reliability.certification.engagements import on_product, read_engagements
from reliability.certification.events import Signer
from reliability.certification.history import History
from reliability.certification.people import refuse_assignment
from reliability.certification.schemes import Rules
from reliability.errors import UsageError


def open_case(
    desk: Desk, signer: Signer, draft: Draft, rules: Rules, named: Mapping[Role, Sequence[str]], *,
    engagements: Path | None = None,
) -> str:  # fmt: skip
    """Take an application in: its case number.

    Raises
    ------
    UsageError
        If somebody cannot take the part that they were given, or the scheme forbids it after advice.
    """
    today = desk.now.date()
    people = {
        role: tuple(desk.roster.person(name, role, today) for name in named.get(role, ()))
        for role in _assignable(named)
    }
    # What another file tells is added to the hub's own, never put in its place.
    files = [desk.folder / ENGAGEMENTS, *([engagements] if engagements else [])]
    known = tuple(dict.fromkeys(one for path in files for one in read_engagements(path)))
    advice = on_product(known, draft.organisation, draft.system, on=today, months=rules.text.look_back_months)
    refuse_assignment(
        people, organisation=draft.organisation, engagements=advice, scheme=rules.text, roster=desk.roster.roster
    )
    body = Opened(
        scheme=rules.sha256, organisation=draft.organisation, system=draft.system,
        model=draft.model["sha256"] if draft.model else None, evaluation=draft.evaluation["sha256"],
        people={role: tuple(one.person for one in found) for role, found in people.items()}, engagements=advice,
    )  # fmt: skip
    case = desk.register.reserve("case", desk.now.year)
    # The registrar who opens it is the one who was named: a case is never opened in somebody else's name.
    if signer.person.person not in body.people["registrar"]:
        raise UsageError(
            "not_assigned", "{person}: not {role} of case {case}; that is {assigned}", person=signer.person.person,
            role="registrar", case=case, assigned=", ".join(body.people["registrar"]),
        )  # fmt: skip
    history = History(case=case, events=())
    subjects = {"manifest": draft.manifest, "evaluation": body.evaluation}
    desk.record(signer, "registrar", body, history, subjects=subjects, files={rules.sha256: rules.content})
    return case


def declare(desk: Desk, signer: Signer, history: History, role: Role, statement: str) -> None:
    """Declare, as somebody who takes part, that nothing stands in the way."""
    desk.record(signer, role, Declared(role=role, statement=statement), history, subjects={})


def accept(desk: Desk, signer: Signer, history: History, agreement: str, position: str | None) -> None:
    """Accept the scheme's agreement for the applicant; `agreement` is the digest of what was read.

    Raises
    ------
    UsageError
        If it is not the agreement of this case's scheme.
    """
    expected = desk.rules(history).agreement_sha256
    if agreement != expected:
        raise UsageError(
            "agreement_other", "{met}: not the agreement of case {case}, which is {expected}; read it again",
            met=agreement[:64], case=history.case, expected=expected,
        )  # fmt: skip
    body = Accepted(agreement=agreement, position=position)
    desk.record(signer, "applicant", body, history, subjects={"agreement": agreement})


def _assignable(named: Mapping[Role, Any]) -> tuple[Role, ...]:
    return tuple(role for role in ("applicant", "consultant", "evaluator", "reviewer", "decider", "registrar")
                 if named.get(role))  # fmt: skip
