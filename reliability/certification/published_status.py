"""What a published register tells of a file: rows that anybody may follow, and the certificate's signed status."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from reliability.certification.at_hand import Site, Status
from reliability.certification.bodies import Digest
from reliability.certification.checkpoints import refuse_other_key
from reliability.certification.following import Followed, Grounds, Told, followed, heads_before
from reliability.certification.standing import Entered, Step, is_step, newest
from reliability.certification.verdicts import Check, Point, held, not_checked, not_held, refused
from reliability.errors import RecordError, SignerError
from reliability.register.rows import Row
from reliability.signing import dsse

TYPE = dsse.predicate_type("status")
HISTORY = frozenset(
    {"issued", "suspended", "restored", "withdrawn", "cancelled", "condition_met", "surveilled"}
)  # fmt: skip
_INSIDE: tuple[Check, ...] = ("events", "decision", "planned_first", "roles")  # of which a site tells nothing


class _Told(BaseModel):
    """What is read of a published status; what else stands there is for its pages."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class PublishedPaper(_Told):
    """A signed document."""

    sha256: Digest


class PublishedEdition(_Told):
    """An edition of the certificate."""

    revision: int
    event: Digest
    sequence: int = Field(ge=1)
    at: AwareDatetime
    head: Digest
    granted: date
    expires: date
    statement: Digest
    public: Digest
    papers: tuple[PublishedPaper, ...]


class PublishedStep(_Told):
    """Something that happened to the certificate."""

    kind: str
    at: AwareDatetime
    reason: str | None
    event: Digest
    sequence: int = Field(ge=1)


class PublishedScheme(_Told):
    """The scheme, and how old a status may be under it."""

    status_max_age_days: int


class PublishedStatus(_Told):
    """A certificate's status as the register's key signed it."""

    register_: str = Field(alias="register")
    case: str
    number: str
    as_of: AwareDatetime
    scheme: PublishedScheme
    editions: tuple[PublishedEdition, ...] = Field(min_length=1)
    history: tuple[PublishedStep, ...] = Field(min_length=1)
    chain: tuple[str, ...]


def told_by_site(site: Site, sha256: str, grounds: Grounds) -> Told:
    """What a published site tells of the paper or statement with this digest."""
    rows = followed(site, grounds)
    if not rows.whole:
        return Told(points=rows.points)
    number = site.number_of(sha256)
    content = None if number is None else site.status(number)
    if content is None:
        nowhere = not_held("entered", "no_such_event", as_of=rows.as_of.date() if rows.as_of else "-")
        return Told(points=(*rows.points, nowhere), as_of=rows.as_of)
    try:
        said = read_status(content, grounds)
        _refuse_other_rows(said, site.rows, site.register)
    except (RecordError, SignerError) as error:
        return Told(points=(*rows.points, refused("entered", error)), as_of=rows.as_of)
    return _told(said, sha256, grounds, rows)


def told_by_status(status: Status, sha256: str, grounds: Grounds) -> Told:
    """What one published status tells, without the rows of its register.

    Raises
    ------
    RecordError
        If it is none.
    """
    try:
        said = read_status(status.content, grounds)
    except SignerError as error:
        return Told(points=(refused("entered", error),))
    return _told(said, sha256, grounds, None)


def read_status(content: bytes, grounds: Grounds) -> PublishedStatus:
    """A certificate's status, signed by a register key where there is a trust file.

    Raises
    ------
    RecordError
        If it is none.
    SignerError
        If another key signed it.
    """
    envelope = dsse.read(content)
    statement = dsse.statement_in(envelope)
    try:
        said = PublishedStatus.model_validate(statement["predicate"])
    except (ValidationError, KeyError) as error:
        raise _unreadable() from error
    if statement.get("predicateType") != TYPE:
        raise _unreadable()
    if grounds.trust is not None:
        refuse_other_key(envelope, said.chain, grounds.trust, at=said.as_of)
    return said


def site_points(site: Site, grounds: Grounds) -> Iterator[Point]:
    """Whether every status that a site publishes is signed, and says what the rows say."""
    for number in site.numbers():
        content = site.status(number)
        try:
            if content is None:
                raise _unreadable()
            _refuse_other_rows(read_status(content, grounds), site.rows, site.register)
        except (RecordError, SignerError) as error:
            yield refused("entered", error)


def _told(said: PublishedStatus, sha256: str, grounds: Grounds, rows: Followed | None) -> Told:
    edition = next((one for one in said.editions if sha256 in _digests(one)), None)
    points = [*(rows.points if rows else (not_checked("chain", "rows_not_at_hand"),))]
    if edition is None:
        points.append(not_held("entered", "no_such_event", as_of=said.as_of.date()))
        return Told(points=tuple(points), as_of=said.as_of)
    points.append(held("entered", "entered_in_row", number=said.number, sequence=edition.sequence))
    if rows is None:
        points.append(not_checked("head", "rows_not_at_hand"))
    else:
        before = edition.head in heads_before(rows.rows, edition.sequence)
        points.append(held("head") if before else not_held("head", "head_other"))
    inside = "trust_missing" if grounds.trust is None else "events_not_published"
    points.extend(not_checked(check, inside) for check in _INSIDE)
    return Told(
        points=tuple(points), entered=_entered(said, edition), as_of=newest((said.as_of, rows.as_of if rows else None)),
        seen=rows.seen(edition.sequence) if rows else None,
    )  # fmt: skip


def _entered(said: PublishedStatus, edition: PublishedEdition) -> Entered:
    editions = {one.event: one for one in said.editions}
    steps = tuple(
        Step(
            kind=one.kind, on=one.at.date(), reason=one.reason,
            edition=editions[one.event].revision if one.event in editions else 0,
            expires=editions[one.event].expires if one.event in editions else None,
        )
        for one in said.history
        if is_step(one.kind)
    )  # fmt: skip
    return Entered(
        number=said.number, edition=edition.revision, case=said.case, sequence=edition.sequence, at=edition.at,
        head=edition.head, granted=edition.granted, expires=edition.expires, statement=edition.statement,
        public=edition.public, papers=frozenset(one.sha256 for one in edition.papers), steps=steps,
        most_days=said.scheme.status_max_age_days,
    )  # fmt: skip


def _digests(edition: PublishedEdition) -> tuple[str, ...]:
    return (edition.statement, *(one.sha256 for one in edition.papers))


def _refuse_other_rows(said: PublishedStatus, rows: tuple[Row, ...], register: str) -> None:
    """Refuse a status that says otherwise than the rows, or less: an old one beside newer rows, say."""
    there: list[tuple[Any, ...]] = [
        (row.sequence, row.event, row.entry.kind, row.entry.at)
        for row in rows
        if row.entry.case == said.case and row.entry.kind in HISTORY
    ]
    told = [(one.sequence, one.event, one.kind, one.at) for one in said.history]
    issued = [(one.sequence, one.event, "issued", one.at) for one in said.editions]
    if said.register_ != register or told != there or issued != [one for one in there if one[2] == "issued"]:
        raise RecordError(
            "status_off_rows", "{number}: its published status does not say what the rows of the register say",
            number=said.number,
        )  # fmt: skip


def _unreadable() -> RecordError:
    return RecordError(
        "status_unreadable", "this is no published status of a certificate; fetch certificates/NUMBER.json of the site"
    )
