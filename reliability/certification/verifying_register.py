"""Verifying a register itself, a copy of it, or what is published of it: every row, every event, every certificate."""

from collections.abc import Iterable, Iterator

from reliability.certification.at_hand import AtHand, Broken, Site, Status, Whole
from reliability.certification.bodies import Issued
from reliability.certification.following import Followed, Grounds, followed
from reliability.certification.history import History
from reliability.certification.published_status import read_status, site_points, told_by_status
from reliability.certification.registered import conduct_points, history_of, most_days
from reliability.certification.standing import UNKNOWN_SCHEME_DAYS, age_point, status_point
from reliability.certification.verdicts import Check, Point, Verified, held, not_checked, not_held, refused
from reliability.certification.verifying import concluded, unreadable
from reliability.errors import RecordError, SignerError
from reliability.register.rows import Row

_CONDUCT: tuple[Check, ...] = ("decision", "planned_first", "roles", "files")


def verify_register(name: str, found: AtHand, grounds: Grounds) -> Verified:
    """A register as a whole."""
    if isinstance(found, Broken):
        return concluded(name, "register", [refused("chain", found.error)])
    if isinstance(found, Status):
        return _status(name, found, grounds)
    rows = followed(found, grounds)
    if not rows.whole:
        return concluded(name, "register", rows.points)
    points = list(rows.points)
    points += _inside(found, grounds) if isinstance(found, Whole) else _published(found, grounds)
    points.append(held("signer") if grounds.trust is not None else not_checked("signer", "trust_missing"))
    points.append(_time_point(rows, grounds))
    return concluded(name, "register", [*points, _current_point(found, rows, grounds)])


def _inside(whole: Whole, grounds: Grounds) -> Iterator[Point]:
    """Every event, and how every certificate came about; of each kind the first that does not hold."""
    try:
        histories = [history_of(whole, rows, grounds) for rows in _by_case(whole.rows)]
    except (RecordError, SignerError) as error:
        yield refused("events", error)
        return
    yield held("events") if grounds.trust is not None else not_checked("events", "trust_missing")
    wrong = {one.check: one for one in _conduct(whole, histories) if one.state == "not_held"}
    yield from (wrong.get(check) or held(check) for check in _CONDUCT)


def _conduct(whole: Whole, histories: Iterable[History]) -> Iterator[Point]:
    for history in histories:
        for issue in history.of("issued"):
            yield from conduct_points(whole, history, issue)
            yield _files_point(whole, issue.body)


def _files_point(whole: Whole, body: Issued) -> Point:
    try:
        for sha256 in (body.statement, body.public, *(one.sha256 for one in body.papers)):
            whole.file(sha256)
    except RecordError as error:
        return refused("files", error)
    return held("files")


def _published(site: Site, grounds: Grounds) -> Iterator[Point]:
    wrong = next(site_points(site, grounds), None)
    yield wrong or held("entered", "statuses_published", n=len(site.numbers()))
    inside = "trust_missing" if grounds.trust is None else "events_not_published"
    yield not_checked("events", inside)


def _status(name: str, status: Status, grounds: Grounds) -> Verified:
    """One certificate's status alone."""
    try:
        said = read_status(status.content, grounds)
    except SignerError as error:
        return concluded(name, "status", [refused("signer", error)])
    except RecordError as error:
        return unreadable(name, "status", error)
    told = told_by_status(status, said.editions[-1].statement, grounds)
    signer = held("signer") if grounds.trust is not None else not_checked("signer", "trust_missing")
    if told.entered is None:  # cannot be: it is the statement's own
        return concluded(name, "status", [signer, *told.points])
    point, certificate = status_point(told.entered, grounds.on, told.as_of)
    return concluded(name, "status", [signer, *told.points, point], certificate=certificate)


def _time_point(rows: Followed, grounds: Grounds) -> Point:
    """Whether somebody outside the hub saw the last certificate entered."""
    if grounds.trust is None:
        return not_checked("time", "trust_missing")
    issued = [row.sequence for row in rows.rows if row.entry.kind == "issued"]
    seen = rows.seen(issued[-1] if issued else len(rows.rows))
    if seen is None:
        return not_held("time", "time_not_proven")
    return held("time", "time_seen", at=seen.isoformat(timespec="seconds"))


def _current_point(found: Whole | Site, rows: Followed, grounds: Grounds) -> Point:
    if rows.as_of is None:
        return not_checked("current", "status_undated")
    return age_point("current", grounds.on, rows.as_of, _least_days(found))


def _least_days(found: Whole | Site) -> int:
    """How old the knowledge may be under the strictest scheme that it certifies by."""
    if isinstance(found, Site):
        return UNKNOWN_SCHEME_DAYS
    schemes: dict[str, History] = {}
    for rows in _by_case(found.rows):
        try:
            history = history_of(found, rows[:1], Grounds(on=rows[0].entry.at.date()))
        except (RecordError, SignerError):
            continue
        schemes.setdefault(history.opened.scheme, history)
    return min((most_days(found, one) for one in schemes.values()), default=UNKNOWN_SCHEME_DAYS)


def _by_case(rows: Iterable[Row]) -> list[list[Row]]:
    cases: dict[str, list[Row]] = {}
    for row in rows:
        cases.setdefault(row.entry.case, []).append(row)
    return list(cases.values())
