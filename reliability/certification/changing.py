"""What happens to a certificate after it was issued: suspended, restored, withdrawn, cancelled, a condition met."""

from collections.abc import Mapping
from datetime import date
from typing import Literal, TypeAlias

from reliability.certification.bodies import Changed, ConditionMet, Role, Surveilled
from reliability.certification.desk import Desk
from reliability.certification.events import Signer, digest
from reliability.certification.history import History
from reliability.errors import UsageError
from reliability.register.certificates import Certificate, Status
from reliability.register.searching import Search

Change: TypeAlias = Literal["suspended", "restored", "withdrawn", "cancelled"]
# What a status may become, and by what.
_FROM: Mapping[Change, tuple[str, ...]] = {
    "suspended": ("active",),
    "restored": ("suspended",),
    "withdrawn": ("active", "suspended"),
    "cancelled": ("active", "suspended"),
}
_INTO: Mapping[Change, Status] = {
    "suspended": "suspended", "restored": "active", "withdrawn": "withdrawn", "cancelled": "cancelled",
}  # fmt: skip


def change(
    desk: Desk, signer: Signer, history: History, what: Change, reason: str, *, until: date | None = None
) -> None:
    """Change a certificate's status, with the reason; `cancelled` is at its holder's own wish.

    Raises
    ------
    UsageError
        If there is none, or its status allows no such change.
    """
    index = index_of(desk, history)
    if history.status not in _FROM[what]:
        raise UsageError(
            "status_forbids", "{number}: {status}; it cannot be {what}", number=index.number, status=history.status,
            what=what,
        )  # fmt: skip
    role: Role = "applicant" if signer.person.person in history.assigned("applicant") else "registrar"
    if role == "applicant" and what != "cancelled":
        raise UsageError(
            "not_assigned", "{person}: not {role} of case {case}; that is {assigned}", person=signer.person.person,
            role="registrar", case=history.case, assigned=", ".join(history.assigned("registrar")),
        )  # fmt: skip
    body = Changed(kind=what, number=index.number, reason=reason, until=until)
    index = index.model_copy(update={"status": _INTO[what]})
    desk.record(signer, role, body, history, subjects={"certificate": index.pdf_sha256}, index=[index])


def meet_condition(
    desk: Desk, signer: Signer, history: History, item: str, note: str, evidence: bytes | None = None
) -> None:
    """Close a condition of a certificate upon evidence; UsageError `condition_unknown` where there is none."""
    index = index_of(desk, history)
    left = tuple(one for one in index.conditions if one.item != item)
    if left == index.conditions:
        raise UsageError(
            "condition_unknown", "{number}: no open condition on {item}; open are {known}", number=index.number,
            item=item, known=", ".join(one.item for one in index.conditions) or "-",
        )  # fmt: skip
    role: Role = "evaluator" if signer.person.person in history.assigned("evaluator") else "reviewer"
    files = {digest(evidence): evidence} if evidence else {}
    body = ConditionMet(number=index.number, item=item, note=note, evidence=next(iter(files), None))
    subjects = {"certificate": index.pdf_sha256}
    index = index.model_copy(update={"conditions": left})
    desk.record(signer, role, body, history, subjects=subjects, files=files, index=[index])


def surveilled(desk: Desk, history: History, body: Surveilled) -> tuple[Certificate, ...]:
    """The index row after surveillance: the next one is due later, where the model is the certified one."""
    index = index_of(desk, history)
    if not body.within_scope:
        return ()
    return (index.model_copy(update={"next_surveillance": body.next_surveillance}),)


def index_of(desk: Desk, history: History) -> Certificate:
    """The index row of a case's certificate; UsageError `issued_not` where none was issued."""
    found = desk.register.certificates(Search(case=history.case))
    if history.issued is None or not found:
        raise UsageError("issued_not", "case {case}: no certificate was issued", case=history.case)
    return found[-1]
