"""A case on the terminal: who takes part, what was done, what comes next."""

from pathlib import Path
from typing import Any

import click

from reliability.certification.bodies import ROLES, Role
from reliability.certification.desk import Desk, open_desk
from reliability.certification.events import Kept
from reliability.certification.history import History
from reliability.cli.clock import now
from reliability.cli.saying import print_json, say
from reliability.words.text import Words, words

_JUDGING: tuple[Role, ...] = ("evaluator", "reviewer", "decider")


def desk_of(register: Path) -> Desk:
    """The desk of a register, which is let go of when the command ends."""
    desk = open_desk(register, now=now())
    click.get_current_context().call_on_close(desk.register.close)
    return desk


def show(case: str, register: Path, *, as_json: bool, lang: str) -> None:
    """A case, from its application to where it stands."""
    said, desk = words(lang), desk_of(register)
    history = desk.history(case)
    if as_json:
        print_json(record_of(desk, history))
        return
    opened = history.opened
    say(said.text("cli.certify.case", case=history.case, organisation=opened.organisation["name"],
                  system=opened.system["name"], version=opened.system["version"]))  # fmt: skip
    for role in ROLES:
        say(f"  {said.text(f'certify.role.{role}')}: {', '.join(_named(desk, one) for one in history.assigned(role))}")
    for one in history.events:
        say(f"{one.event.at.isoformat()[:16].replace('T', ' ')}  {_told(one, said)}  ({one.event.actor.name})")
    say(next_step(history, said))


def record_of(desk: Desk, history: History) -> dict[str, Any]:
    """A case as one record."""
    return {
        "case": history.case, "scheme": desk.rules(history).text.scheme, "status": history.status,
        "certificate": history.issued.body.number if history.issued else None,
        "next": _next(history),
        "events": [one.event.model_dump(mode="json", by_alias=True, exclude={"actor": {"chain"}})
                   for one in history.events],
    }  # fmt: skip


def next_step(history: History, said: Words) -> str:
    """What has to be done next, in a line."""
    who = ", ".join(f"{said.text(f'certify.role.{role}')} ({person})" for person, role in _undeclared(history))
    return said.text(f"cli.certify.next.{_next(history)}", case=history.case, who=who)


def _next(history: History) -> str:
    """The next step of a case, by its command."""
    if history.issued is not None:
        return _after_issue(history)
    steps = (
        ("declare", bool(_undeclared(history))),
        ("accept", not history.of("accepted")),
        ("plan", history.plan is None),
        ("test", history.standing is None),
    )
    waiting = next((step for step, open_ in steps if open_), None)
    return waiting or _judged(history)


def _after_issue(history: History) -> str:
    """The next step towards a further edition; otherwise the public is told."""
    if history.status not in ("active", "suspended"):
        return "ended"
    last = history.events[-1]
    if history.status == "suspended" or (last.kind == "decided" and last.body.decision != "renew"):
        return "issued"
    return {"surveilled": "surveilled", "reviewed": "decide", "decided": "renew"}.get(last.kind, "issued")


def _undeclared(history: History) -> tuple[tuple[str, str], ...]:
    """Who has still to declare to be free of conflicts, and as what."""
    declared = {(one.event.actor.person, one.body.role) for one in history.of("declared")}
    asked = ((name, role) for role in _JUDGING for name in history.assigned(role))
    return tuple(one for one in asked if one not in declared)


def _judged(history: History) -> str:
    """The next step once there is a run that counts."""
    standing, decision = history.standing, history.decision
    if standing is None or not any(one.body.run == standing.body.run for one in history.of("reviewed")):
        return "review"
    if decision is None or decision.body.run != standing.body.run:
        return "decide"
    return {"grant": "issue", "conditional": "issue", "refuse": "refused", "return": "returned"}[decision.body.decision]


def _told(one: Kept, said: Words) -> str:
    """An event in a few words: what was done, and what about it matters."""
    body = one.body.model_dump(mode="json")
    more = {name: body.get(name) for name in ("run", "number", "reason", "nonconformity", "item")}
    more["role"] = said.text(f"certify.role.{body['role']}") if "role" in body else None
    told = said.text(f"certify.event.{one.kind}", **{name: value or "" for name, value in more.items()})
    judged = {"tested": "outcome", "decided": "decision"}.get(one.kind)
    if judged:
        family = "outcome" if judged == "outcome" else "certify.decision"
        told += ": " + said.text(f"{family}.{body[judged]}")
    return told


def _named(desk: Desk, person: str) -> str:
    found = {one.person: one for one in desk.roster.roster.people}.get(person)
    return f"{found.name} ({person})" if found else person
