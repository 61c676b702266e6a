"""Every event of a register believed on its way to the public, and believed once.

What was believed is remembered in a statement of the register's key: up to this row with this hash, by this trust file
and this program. Rows that lead to that hash are, bit for bit, the rows that were believed; another trust file or
program, another key or no statement mean that all is believed anew.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Annotated, Any

from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import Field, ValidationError

from reliability.assess import software
from reliability.certification.bodies import Digest, Event
from reliability.certification.desk import TRUST, Desk
from reliability.certification.events import Kept, believed
from reliability.certification.history import History
from reliability.errors import ChainError, RecordError
from reliability.records import Record
from reliability.register.disk import write_durably
from reliability.register.rows import EMPTY, Head, Row, verify_rows
from reliability.signing import dsse
from reliability.signing.trust import read_trust

TYPE = dsse.predicate_type("believed")
FILE = "believed.dsse.json"
RULES = 1  # by which an event is believed: whoever makes them stricter counts on
# What a page speaks of; the rest is believed, and let go.
TOLD = frozenset(
    "opened tested reviewed decided issued suspended restored withdrawn cancelled condition_met surveilled".split()
)
_AT_ONCE = 500


class Remembered(Record):
    """How far a register was believed, and by what."""

    register_: Annotated[str, Field(alias="register")]
    size: Annotated[int, Field(ge=0)]
    head: Digest
    trust: Digest
    rules: int
    software: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Believed:
    """The cases of a register by number, of each the events that a page speaks of, and the head that all rows led to.

    The events come without their envelopes and without the certificates of who signed them.
    """

    cases: Mapping[str, History]
    head: Head


def believed_cases(
    desk: Desk, *, remembered: Head, known: Iterable[Head], passed: Callable[[Row], None]
) -> Believed:  # fmt: skip
    """Believe the events of a register, those up to the head that is remembered apart; `passed` is told every row.

    Raises
    ------
    ChainError
        If the rows do not follow one another, or do not lead past every head that is remembered or known.
    RecordError, SignerError
        For the first event that is not genuine.
    """
    cases: dict[str, list[Kept]] = {}
    heads = sorted((remembered, *known), key=lambda one: one.size)

    def followed() -> Iterator[Row]:
        for some in _by(_AT_ONCE, desk.register.rows()):
            for row in some:
                yield row  # what follows here comes after the row was found to follow the one before
                _refuse_other(row, heads)
                passed(row)
            for one in _kept(desk, some, remembered):
                cases.setdefault(one.event.case, []).append(one)

    head = verify_rows(followed(), head=heads[-1])
    told = {case: History(case=case, events=tuple(events)) for case, events in cases.items()}
    return Believed(cases=told, head=head)


def remembered_head(desk: Desk, key: ec.EllipticCurvePublicKey) -> Head:
    """How far the register was believed by this trust file and program, as this key says; nothing where it does not."""
    try:
        envelope = dsse.read((desk.folder / FILE).read_bytes())
        statement = dsse.statement_in(envelope)
        said = Remembered.model_validate(statement["predicate"])
    except (FileNotFoundError, RecordError, KeyError, ValidationError):
        return EMPTY
    by = _by_what(desk)
    same = by is not None and said == said.model_copy(update=by) and statement.get("predicateType") == TYPE
    return Head(size=said.size, hash=said.head) if same and envelope.signed_by(key) else EMPTY


def remember(desk: Desk, head: Head, key: Any) -> None:
    """Have it known that every event up to this head was believed."""
    by = _by_what(desk)
    if by is None:
        return
    said = Remembered.model_validate({**by, "size": head.size, "head": head.hash})
    statement = dsse.statement({"head": head.hash}, TYPE, said.model_dump(mode="json", by_alias=True))
    beside = desk.folder / f".{FILE}.part"
    write_durably(beside, dsse.sign(statement, [key]))
    beside.replace(desk.folder / FILE)


def _by_what(desk: Desk) -> dict[str, Any] | None:
    """By what events are believed here; None where the trust file has just been replaced."""
    content = (desk.folder / TRUST).read_bytes()
    if read_trust(content) != desk.trust:
        return None
    trust = hashlib.sha256(content).hexdigest()
    return {"register_": desk.register.register_id, "trust": trust, "rules": RULES, "software": software()}


def _kept(desk: Desk, rows: list[Row], remembered: Head) -> Iterator[Kept]:
    new = [row for row in rows if row.sequence > remembered.size]
    yield from (_read(row) for row in rows if row.sequence <= remembered.size and row.entry.kind in TOLD)
    for one in believed(new, desk.trust, register=desk.register.register_id, file=desk.register.file):
        if one.kind in TOLD:
            yield _slim(one.event, one.row)


def _read(row: Row) -> Kept:
    """An event that was believed before, as it stands in its row."""
    statement = dsse.statement_in(dsse.read(row.entry.envelope))
    return _slim(Event.model_validate(statement["predicate"]), row)


def _slim(event: Event, row: Row) -> Kept:
    # A hundred thousand envelopes and chains of certificates would not fit into a small machine's memory.
    actor = event.actor.model_copy(update={"chain": ()})
    bare = replace(row, entry=replace(row.entry, envelope=b""))
    return Kept(event=event.model_copy(update={"actor": actor}), row=bare)


def _refuse_other(row: Row, known: Iterable[Head]) -> None:
    if any(row.sequence == one.size and row.hash != one.hash for one in known):
        raise ChainError(
            "chain_head_other", "row {sequence} is not the one that is known: this is another register, or changed",
            sequence=row.sequence,
        )  # fmt: skip


def _by(size: int, rows: Iterable[Row]) -> Iterator[list[Row]]:
    left = iter(rows)
    while some := list(islice(left, size)):
        yield some
