"""Every event of a register believed on its way to the public, and believed once.

What was believed is remembered in a statement of the register's key: up to this row with this hash, by this trust file
and this program. Rows that lead to that hash are, bit for bit, the rows that were believed; another trust file or
program, another key or no statement mean that all is believed anew.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import Annotated, Any

from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import Field, ValidationError

from reliability.assess import software
from reliability.certification.bodies import Digest, Event
from reliability.certification.desk import TRUST, Desk
from reliability.certification.events import Kept, believed
from reliability.certification.hands import Hands
from reliability.certification.history import History
from reliability.errors import ChainError, RecordError, UsageError
from reliability.records import Record
from reliability.register.disk import write_durably
from reliability.register.files import Files
from reliability.register.rows import EMPTY, NOTHING, Head, Row, verify_rows
from reliability.signing import dsse
from reliability.signing.trust import Trust, read_trust

TYPE = dsse.predicate_type("believed")
FILE = "believed.dsse.json"
RULES = 2  # by which an event is believed: whoever makes them stricter counts on
# What a page speaks of; the rest is believed, and let go.
TOLD = frozenset(
    "opened tested reviewed decided issued suspended restored withdrawn cancelled condition_met surveilled".split()
)
_AT_ONCE = 500
HERE = Hands()


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
    desk: Desk, *, remembered: Head, known: Iterable[Head], passed: Callable[[Row], None], hands: Hands = HERE
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
    by = _by_what(desk)

    def keep(made: Iterable[list[Kept]]) -> None:
        for one in chain.from_iterable(made):
            cases.setdefault(one.event.case, []).append(one)

    def followed() -> Iterator[Row]:
        for some in _by(_AT_ONCE, desk.register.rows()):
            for row in some:
                yield row  # what follows here comes after the row was found to follow the one before
                _refuse_other(row, heads)
                passed(row)
            keep(hands.give(_kept, desk.folder, by.register_, by.trust, some, remembered.size))

    head = verify_rows(followed(), head=heads[-1])
    keep(hands.rest())
    told = {case: History(case=case, events=tuple(events)) for case, events in cases.items()}
    return Believed(cases=told, head=head)


def remembered_head(desk: Desk, key: ec.EllipticCurvePublicKey) -> Head:
    """How far the register was believed by this trust file and program, as this key says; nothing where it does not."""
    by = _by_what(desk)
    try:
        envelope = dsse.read((desk.folder / FILE).read_bytes())
        statement = dsse.statement_in(envelope)
        said = Remembered.model_validate(statement["predicate"])
    except (FileNotFoundError, RecordError, KeyError, ValidationError):
        return EMPTY
    same = (
        said == by.model_copy(update={"size": said.size, "head": said.head}) and statement.get("predicateType") == TYPE
    )
    return Head(size=said.size, hash=said.head) if same and envelope.signed_by(key) else EMPTY


def remember(desk: Desk, head: Head, key: Any) -> None:
    """Have it known that every event up to this head was believed."""
    said = _by_what(desk).model_copy(update={"size": head.size, "head": head.hash})
    statement = dsse.statement({"head": head.hash}, TYPE, said.model_dump(mode="json", by_alias=True))
    beside = desk.folder / f".{FILE}.part"
    write_durably(beside, dsse.sign(statement, [key]))
    beside.replace(desk.folder / FILE)


def _by_what(desk: Desk) -> Remembered:
    """By what events are believed here, of which none is believed yet.

    Raises
    ------
    UsageError
        `trust_replaced`: the trust file is another than the one that the desk was opened with.
    """
    sha256 = hashlib.sha256((desk.folder / TRUST).read_bytes()).hexdigest()
    if _trust(desk.folder, sha256) != desk.trust:
        raise _replaced()
    return Remembered(
        register_=desk.register.register_id, size=0, head=NOTHING, trust=sha256, rules=RULES, software=software()
    )


@lru_cache(maxsize=2)
def _trust(folder: Path, sha256: str) -> Trust:
    """The trust file of a register, which has this digest."""
    content = (folder / TRUST).read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise _replaced()
    return read_trust(content)


def _kept(folder: Path, register: str, trust: str, rows: list[Row], remembered: int) -> list[Kept]:
    """The events of rows, whichever process asks; those that a page speaks of."""
    known = [_read(row) for row in rows if row.sequence <= remembered and row.entry.kind in TOLD]
    new = [row for row in rows if row.sequence > remembered]
    found = believed(new, _trust(folder, trust), register=register, file=Files(folder=folder).read)
    return known + [_slim(one.event, one.row) for one in found if one.kind in TOLD]


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


def _replaced() -> UsageError:
    return UsageError("trust_replaced", "the trust file was replaced just now; do it again")


def _by(size: int, rows: Iterable[Row]) -> Iterator[list[Row]]:
    left = iter(rows)
    while some := list(islice(left, size)):
        yield some
