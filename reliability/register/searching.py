"""The index of certificates: written with the events that change it, searched in milliseconds."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import ValidationError
from sqlalchemy import ColumnElement, Connection, delete, func, insert, or_, select

from reliability.errors import RecordError
from reliability.records import canonical_json
from reliability.register.certificates import LIVE, Certificate, StatusAt, first_due, folded
from reliability.register.tables import CERTIFICATES, LISTING

_AT_ONCE = 500
_AFTER_HEXADECIMAL = "g"


@dataclass(frozen=True, kw_only=True)
class Search:
    """What certificates are looked for by; every field that is given has to fit.

    Attributes
    ----------
    text : str
        A part of number, organisation or system.
    number : str
        The whole number.
    case : str
        Number of the case.
    organisation, system : str
        A part of the name.
    digest : str
        SHA-256 of model, certificate or statement, or its beginning.
    status : StatusAt, optional
        On the day `at`; `expired` too.
    due_by : date, optional
        Something is due on this day or before.
    at : date, optional
        The day of the question; needed with `status`.
    limit : int, optional
        As many at most, in the order of their numbers.
    """

    text: str = ""
    number: str = ""
    case: str = ""
    organisation: str = ""
    system: str = ""
    digest: str = ""
    status: StatusAt | None = None
    due_by: date | None = None
    at: date | None = None
    limit: int | None = None

    def __post_init__(self) -> None:
        """A status is one of a day."""
        if self.status is not None and self.at is None:
            raise ValueError("a status is asked for on a day: give at")


def put_certificates(connection: Connection, certificates: Sequence[Certificate]) -> None:
    """Write certificates into the index, each in the place of what was said of its number before."""
    latest = {one.number: one for one in certificates}
    if not latest:
        return
    for table in (CERTIFICATES, LISTING):
        connection.execute(delete(table).where(table.c.number.in_(latest)))
    connection.execute(insert(CERTIFICATES), [_columns(one) for one in latest.values()])
    connection.execute(insert(LISTING), [_listing(one) for one in latest.values()])


def find_certificates(connection: Connection, search: Search) -> tuple[Certificate, ...]:
    """The certificates that fit, by number."""
    wanted = select(CERTIFICATES.c.content).where(*_of_certificate(search)).order_by(CERTIFICATES.c.number)
    listed = list(_of_listing(search, connection.dialect.name))
    if listed:
        numbers = select(LISTING.c.number).where(*listed).order_by(LISTING.c.number)
        # Cut off inside too: what is asked of the listing alone ends with the last that is shown.
        alone = not list(_of_certificate(search))
        wanted = wanted.where(CERTIFICATES.c.number.in_(numbers.limit(search.limit) if alone else numbers))
    return tuple(map(_certificate, connection.execute(wanted.limit(search.limit)).scalars()))


def every_certificate(connection: Connection) -> Iterator[Certificate]:
    """All of them, a few at a time."""
    after = ""
    wanted = select(CERTIFICATES.c.content).order_by(CERTIFICATES.c.number).limit(_AT_ONCE)
    while found := connection.execute(wanted.where(CERTIFICATES.c.number > after)).scalars().all():
        yield from map(_certificate, found)
        after = _certificate(found[-1]).number


def _of_certificate(search: Search) -> Iterator[ColumnElement[bool]]:
    columns = CERTIFICATES.c
    if search.number:
        yield columns.number == search.number
    if search.case:
        yield columns.case == search.case
    if search.digest:
        yield or_(*(_begins(column, search.digest.lower()) for column in _digests()))
    if search.due_by is not None:
        yield columns.due <= search.due_by.isoformat()


def _of_listing(search: Search, dialect: str) -> Iterator[ColumnElement[bool]]:
    columns = LISTING.c
    if search.status is not None and search.at is not None:
        yield from _of_status(search.status, search.at.isoformat())
    parts = {
        columns.organisation: search.organisation, columns.system: search.system, columns.everything: search.text,
    }  # fmt: skip
    # Not LIKE: it takes signs for something else, and three times as long.
    holds = func.instr if dialect == "sqlite" else func.strpos
    for column, part in parts.items():
        if part:
            yield holds(column, folded(part)) > 0


def _of_status(status: StatusAt, at: str) -> Iterable[ColumnElement[bool]]:
    columns = LISTING.c
    if status == "expired":
        return columns.status.in_(LIVE), columns.expires < at
    if status in LIVE:
        return columns.status == status, columns.expires >= at
    return (columns.status == status,)


def _begins(column: ColumnElement[Any], start: str) -> ColumnElement[bool]:
    return (column >= start) & (column < start + _AFTER_HEXADECIMAL)


def _digests() -> tuple[ColumnElement[Any], ...]:
    return CERTIFICATES.c.model_sha256, CERTIFICATES.c.pdf_sha256, CERTIFICATES.c.statement_sha256


def _columns(one: Certificate) -> dict[str, Any]:
    first = first_due(one)
    return {
        "number": one.number, "case": one.case, "due": None if first is None else first.isoformat(),
        "model_sha256": one.model_sha256, "pdf_sha256": one.pdf_sha256, "statement_sha256": one.statement_sha256,
        "content": canonical_json(one).decode(),
    }  # fmt: skip


def _listing(one: Certificate) -> dict[str, str]:
    names = folded(one.number), folded(one.organisation), folded(one.system)
    return {
        "number": one.number, "status": one.status, "expires": one.expires.isoformat(), "organisation": names[1],
        "system": names[2], "everything": "\n".join(names),
    }  # fmt: skip


def _certificate(content: str) -> Certificate:
    try:
        return Certificate.model_validate_json(content)
    except ValidationError as error:
        raise RecordError(
            "index_unreadable", "the register's index of certificates was changed; restore it from a backup"
        ) from error
