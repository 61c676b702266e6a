"""What a register with its events tells of a file: the issue event, and how the case was led up to it."""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import chain
from typing import Any

from pydantic import ValidationError

from reliability.certification.at_hand import Whole
from reliability.certification.bodies import Issued
from reliability.certification.conduct import (
    Found,
    not_granted,
    not_in_terms,
    not_planned_first,
    not_separate,
)
from reliability.certification.events import Kept, believed, claimed
from reliability.certification.following import Followed, Grounds, Told, followed, heads_before
from reliability.certification.history import History
from reliability.certification.standing import UNKNOWN_SCHEME_DAYS, Entered, steps_of
from reliability.certification.verdicts import Check, Point, held, not_checked, not_held, refused
from reliability.errors import RecordError, SignerError, UsageError
from reliability.register.rows import Row
from reliability.signing import dsse


def told_by(whole: Whole, sha256: str, grounds: Grounds) -> Told:
    """What it tells of the file with this digest: a document, a statement or the record of a run."""
    rows = followed(whole, grounds)
    if not rows.whole:
        return Told(points=rows.points)
    try:
        case = _case_of(whole.rows, sha256)
        if case is None:
            nowhere = not_held("entered", "no_such_event", as_of=_day(rows))
            return Told(points=(*rows.points, nowhere), as_of=rows.as_of)
        history = history_of(whole, [row for row in whole.rows if row.entry.case == case], grounds)
        if grounds.trust is not None and rows.live:  # it tells up to when the register knows
            believed(whole.rows[-1:], grounds.trust, register=whole.register, file=whole.file)
    except (RecordError, SignerError) as error:
        return Told(points=(*rows.points, refused("events", error)), as_of=rows.as_of)
    return _told(whole, rows, history, sha256, grounds)


def history_of(whole: Whole, rows: Sequence[Row], grounds: Grounds) -> History:
    """The events of a case by its rows, believed where there is a trust file.

    Raises
    ------
    RecordError, SignerError
        For the first that is not genuine.
    """
    case = rows[0].entry.case
    if grounds.trust is None:
        events = tuple(claimed(rows, register=whole.register))
    else:
        events = believed(rows, grounds.trust, register=whole.register, file=whole.file)
    if events[0].kind != "opened":
        raise RecordError("case_unopened", "case {case} does not begin with an application", case=case)
    return History(case=case, events=events)


def conduct_points(whole: Whole, history: History, issue: Kept) -> Iterator[Point]:
    """Whether a certificate was decided on, by others than those who measured, upon a plan sealed before."""
    body: Issued = issue.body
    if not any(one.body.run == body.run for one in history.of("tested")):
        yield not_held("decision", "run_missing", run=body.run)
        return
    yield _first("decision", chain(not_granted(history, issue), _not_in_terms(whole, history, issue)))
    yield _first("planned_first", not_planned_first(history, body.run))
    yield _first("roles", not_separate(history, body.run))


def most_days(whole: Whole, history: History) -> int:
    """How old the knowledge of a status may be under the case's scheme."""
    scheme = _scheme(whole, history)
    return UNKNOWN_SCHEME_DAYS if scheme is None else scheme.status_max_age_days


def _scheme(whole: Whole, history: History) -> Any:
    """What the case's scheme says; None where it cannot be read."""
    from reliability.certification.schemes import rules_in

    try:
        return rules_in(whole.file(history.opened.scheme)).text
    except (RecordError, ValidationError):
        return None


def _not_in_terms(whole: Whole, history: History, issue: Kept) -> Found:
    from reliability.certification.schemes import months_later

    scheme = _scheme(whole, history)
    if scheme is None:
        yield "scheme_missing", {}
        return
    last = months_later(issue.event.at.date(), scheme.validity_months) - timedelta(days=1)
    yield from not_in_terms(history, issue, last)


def _told(whole: Whole, rows: Followed, history: History, sha256: str, grounds: Grounds) -> Told:
    believing = not_checked("events", "trust_missing") if grounds.trust is None else held("events")
    issue = _issue_of(history, sha256)
    if issue is None:
        missing = not_held("entered", "not_issued", case=history.case)
        return Told(points=(*rows.points, believing, missing), as_of=rows.as_of)
    body: Issued = issue.body
    before = body.head in heads_before(whole.rows, issue.row.sequence)
    points = (
        *rows.points, believing, held("entered", "entered_in_row", number=body.number, sequence=issue.row.sequence),
        held("head") if before else not_held("head", "head_other"), *conduct_points(whole, history, issue),
    )  # fmt: skip
    return Told(
        points=points, entered=_entered(whole, history, issue), as_of=rows.as_of, history=history,
        seen=rows.seen(issue.row.sequence),
    )  # fmt: skip


def _entered(whole: Whole, history: History, issue: Kept) -> Entered:
    body: Issued = issue.body
    return Entered(
        number=body.number, edition=body.revision, case=history.case, sequence=issue.row.sequence, at=issue.event.at,
        head=body.head, granted=body.granted, expires=body.expires, statement=body.statement, public=body.public,
        papers=frozenset(one.sha256 for one in body.papers), steps=steps_of(history),
        most_days=most_days(whole, history),
    )  # fmt: skip


def _case_of(rows: tuple[Row, ...], sha256: str) -> str | None:
    """The case of the last event that brought a file."""
    wanted = sha256.encode()
    for row in reversed(rows):
        if row.entry.kind in ("issued", "tested"):
            payload = dsse.read(row.entry.envelope).payload
            if wanted in payload and sha256 in _brought(payload):
                return row.entry.case
    return None


def _brought(payload: bytes) -> frozenset[Any]:
    try:
        body = json.loads(payload)["predicate"]["body"]
        papers = [one["sha256"] for one in body.get("papers", ())]
        return frozenset(map(str, (*papers, body.get("statement"), body.get("assessment"))))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return frozenset()


def _issue_of(history: History, sha256: str) -> Kept | None:
    runs = {one.body.run for one in history.of("tested") if one.body.assessment == sha256}
    for one in reversed(history.of("issued")):
        body: Issued = one.body
        if sha256 in (body.statement, *(paper.sha256 for paper in body.papers)) or body.run in runs:
            return one
    return None


def _first(check: Check, found: Found) -> Point:
    try:
        wrong = next(found, None)
    except UsageError as error:  # a case that lacks what everyone has
        return refused(check, error)
    return held(check) if wrong is None else not_held(check, wrong[0], **wrong[1])


def _day(rows: Followed) -> str:
    return rows.as_of.date().isoformat() if rows.as_of else "-"
