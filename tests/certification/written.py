"""Cases written down by hand, without a register or a key: for what is asked of their events alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeAlias

from reliability.certification.bodies import (
    Accepted,
    Actor,
    Appealed,
    Changed,
    ConditionMet,
    Decision,
    Declared,
    Discarded,
    Event,
    Heard,
    Issued,
    Opened,
    Planned,
    Reviewed,
    Role,
    Tested,
)
from reliability.certification.events import Kept
from reliability.certification.history import History
from reliability.records import canonical_json
from reliability.register.rows import EMPTY, Entry, row_after
from tests.certification.hub import NAMED, PEOPLE

CASE, NUMBER = "JJ-2026-0001", "JJ-C-2026-0001"
START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
DAY = START.date()
MODEL, DATA, PLAN, AGREEMENT, SCHEME = "11" * 32, "22" * 32, "33" * 32, "44" * 32, "55" * 32
Body: TypeAlias = Any


@dataclass(frozen=True, kw_only=True)
class Step:
    """What somebody signs; where it speaks of what came before, it is made of the case so far."""

    role: Role
    body: Body | Callable[[History], Body]
    person: str = ""
    days: int = 0

    def by(self, person: str, role: Role | None = None) -> Step:
        """The same step by somebody else."""
        return replace(self, person=person, role=role or self.role)

    def after(self, days: int) -> Step:
        """The same step so many days after the case was opened."""
        return replace(self, days=days)


def case(*steps: Step, number: str = CASE) -> History:
    """The events of a case, a minute apart unless a step names its day."""
    history, head = History(case=number, events=()), EMPTY
    for minute, step in enumerate(steps):
        body = step.body(history) if callable(step.body) else step.body
        person = step.person or NAMED[step.role][0]
        name, employer, _ = PEOPLE[person]
        at = START + timedelta(days=step.days, minutes=minute)
        actor = Actor(person=person, name=name, employer=employer, role=step.role, serial=f"key of {person}", chain=())
        event = Event.model_validate({"register": "f" * 32, "case": number, "at": at, "actor": actor,
                                      "roster": "0" * 64, "previous": history.last, "body": body})  # fmt: skip
        entry = Entry(case=number, kind=event.body.kind, at=at, actor=f"key of {person}",
                      envelope=canonical_json(event), previous=history.last)  # fmt: skip
        row = row_after(head, entry)
        history, head = History(case=number, events=(*history.events, Kept(event=event, row=row))), row.head
    return history


def opened(**changes: Any) -> Step:
    """An application taken in."""
    given = {"scheme": SCHEME, "organisation": {"name": "온고을신용", "registration": "402-81-00000"},
             "system": {"name": "소액대출 심사 모델", "version": "2.3.1"}, "model": MODEL, "evaluation": DATA,
             "people": {role: tuple(people) for role, people in NAMED.items()}}  # fmt: skip
    return Step(role="registrar", body=Opened.model_validate(given | changes))


def declared(role: Role) -> Step:
    """Somebody declares to be free of conflicts."""
    return Step(role=role, body=Declared(role=role, statement="이해상충이 없습니다."))


def accepted(agreement: str = AGREEMENT) -> Step:
    """The applicant accepts the agreement."""
    return Step(role="applicant", body=Accepted(agreement=agreement))


def planned(plan: str = PLAN, deviates: str | None = None) -> Step:
    """A plan sealed."""
    return Step(role="evaluator", body=Planned(plan=plan, deviates=deviates))


def ran(run: int = 1, outcome: Any = "conforms", plan: str = PLAN, *, surveillance: bool = False) -> Step:
    """A run kept."""
    body = Tested(run=run, plan=plan, assessment=f"{run:064x}", outcome=outcome, surveillance=surveillance)
    return Step(role="evaluator", body=body)


def discarded(run: int = 1, why: str = "저장 장치가 가득 찼다") -> Step:
    """A run that does not count."""
    return Step(role="evaluator", body=Discarded(run=run, why=why))


def reviewed(run: int = 1, nonconformities: Sequence[Any] = ()) -> Step:
    """A run reviewed."""
    body = Reviewed(run=run, recommends="grant", note="기록을 확인하였다", nonconformities=tuple(nonconformities))
    return Step(role="reviewer", body=body)


def decided(decision: Any = "grant", run: int = 1, conditions: Sequence[Any] = ()) -> Step:
    """A decision."""
    body = Decision(run=run, decision=decision, reasons=("기준을 충족한다",), conditions=tuple(conditions))
    return Step(role="decider", body=body)


def appealed() -> Step:
    """An appeal against the last decision."""
    return Step(
        role="applicant",
        body=lambda before: Appealed(decision=before.of("decided")[-1].row.event, grounds="근거가 다르다"),
    )


def heard(*, upheld: bool) -> Step:
    """The last appeal heard, by somebody who had no part."""
    return Step(
        role="decider", person="han",
        body=lambda before: Heard(appeal=before.of("appealed")[-1].row.event, upheld=upheld, reasons=("살펴보았다",)),
    )  # fmt: skip


def issued(revision: int = 1, **changes: Any) -> Step:
    """A certificate issued upon the last decision, for two years."""
    given: dict[str, Any] = {
        "number": NUMBER, "revision": revision, "head": "66" * 32, "granted": DAY, "expires": date(2028, 11, 1),
        "next_surveillance": date(2027, 11, 2), "papers": (), "statement": "77" * 32, "public": "88" * 32,
        "seal": "5ea1", "reason": "사후관리" if revision > 1 else None,
    }  # fmt: skip

    def body(before: History) -> Issued:
        last = before.of("decided")[-1]
        return Issued(**({"run": last.body.run, "decision": last.row.event} | given | changes))

    return Step(role="registrar", body=body)


def changed(kind: Any, reason: str = "까닭") -> Step:
    """A certificate's status changed."""
    return Step(role="registrar", body=Changed(kind=kind, number=NUMBER, reason=reason))


def condition_met(item: str) -> Step:
    """A condition closed."""
    return Step(role="evaluator", body=ConditionMet(number=NUMBER, item=item, note="확인하였다"))


JUDGING: tuple[Role, ...] = ("evaluator", "reviewer", "decider")
BEFORE_THE_RUN = (opened(), *(declared(role) for role in JUDGING), accepted(), planned())
UP_TO_THE_REVIEW = (*BEFORE_THE_RUN, ran(), reviewed())
GRANTED = (*UP_TO_THE_REVIEW, decided())
ISSUED = (*GRANTED, issued())
