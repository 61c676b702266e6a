"""Rows of the chain: what an actor signed, in the order in which the register took it."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from reliability.errors import ChainError
from reliability.records import canonical_json

NOTHING = "0" * 64  # the hash before the first row
LONGEST_NAME = 200
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An event as its actor handed it in.

    Attributes
    ----------
    case : str
        Number of the case.
    kind : str
        What happened.
    at : datetime
        When, in UTC and whole seconds.
    actor : str
        Who.
    envelope : bytes
        What was signed.
    previous : str
        SHA-256 of the envelope of the case's event before; empty for its first.
    """

    case: str
    kind: str
    at: datetime
    actor: str
    envelope: bytes
    previous: str

    def __post_init__(self) -> None:
        """Refuse what would not be the same again when it is read back."""
        for text in (self.case, self.kind, self.actor):
            if not 1 <= len(text) <= LONGEST_NAME or not text.isprintable():
                raise ValueError(f"{text[:LONGEST_NAME]!r}: 1 to {LONGEST_NAME} printable characters")
        if self.at.tzinfo is not UTC or self.at.microsecond:
            raise ValueError(f"{self.at!r}: in UTC and whole seconds")
        if self.previous and not is_digest(self.previous):
            raise ValueError(f"{self.previous[:64]!r}: the SHA-256 of an envelope, or nothing")

    @property
    def event(self) -> str:
        """SHA-256 of the envelope: what the case's next event names as its `previous`."""
        return hashlib.sha256(self.envelope).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Head:
    """How many rows there are, and the hash of the last."""

    size: int
    hash: str


EMPTY = Head(size=0, hash=NOTHING)


@dataclass(frozen=True, kw_only=True)
class Row:
    """An entry in its place: number from 1, hash of its envelope, of the row before, and its own."""

    sequence: int
    entry: Entry
    event: str
    before: str
    hash: str

    @property
    def head(self) -> Head:
        """The head of a chain that ends here."""
        return Head(size=self.sequence, hash=self.hash)


def is_digest(text: str) -> bool:
    """Whether it is a SHA-256 in lower-case hexadecimal."""
    return _DIGEST.fullmatch(text) is not None


def moment(at: datetime) -> str:
    """A point in time as rows write it."""
    return at.isoformat(timespec="seconds")


def moment_in(text: str) -> datetime:
    """The point in time that a row writes; ValueError where a row would not write it so."""
    at = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S%z").replace(tzinfo=UTC)
    if moment(at) != text:
        raise ValueError(f"{text[:40]!r}: no point in time")
    return at


def row_after(head: Head, entry: Entry) -> Row:
    """The row that an entry becomes after this head."""
    sequence, event = head.size + 1, entry.event
    content = {
        "sequence": sequence, "case": entry.case, "kind": entry.kind, "at": moment(entry.at), "actor": entry.actor,
        "event": event, "previous": entry.previous, "before": head.hash,
    }  # fmt: skip
    digest = hashlib.sha256(canonical_json(content)).hexdigest()
    return Row(sequence=sequence, entry=entry, event=event, before=head.hash, hash=digest)


def verify_rows(rows: Iterable[Row], *, head: Head | None = None) -> Head:
    """The head that whole rows lead to, from the first on.

    Parameters
    ----------
    rows : iterable of Row
        A chain from its first row.
    head : Head, optional
        One that is known from elsewhere, a checkpoint's say: the chain has to lead to it or past it.

    Raises
    ------
    ChainError
        `chain_row_broken`: a row is not what follows the row before. `chain_case_broken`: an event does not name the
        one before in its case. `chain_short`: the chain ends before the known head. `chain_head_other`: it is
        another chain than the one that the head is known of.
    """
    end, known, last = EMPTY, head or EMPTY, dict[str, str]()
    for row in rows:
        _refuse_known(end, known)
        if row != row_after(end, row.entry):
            raise ChainError(
                "chain_row_broken", "row {sequence} does not follow the row before: the register was changed",
                sequence=end.size + 1,
            )  # fmt: skip
        refuse_other_previous(row, last.get(row.entry.case, ""))
        last[row.entry.case], end = row.event, row.head
    _refuse_known(end, known)
    if end.size < known.size:
        raise ChainError(
            "chain_short", "the register ends at row {size}; {known} rows are known: some were removed",
            size=end.size, known=known.size,
        )  # fmt: skip
    return end


def refuse_other_previous(row: Row, last: str) -> None:
    """An event names the one before in its case, whose envelope has this SHA-256."""
    if row.entry.previous != last:
        raise ChainError(
            "chain_case_broken",
            "row {sequence}: the event does not follow the last one of case {case}: the register was changed",
            sequence=row.sequence, case=row.entry.case,
        )  # fmt: skip


def _refuse_known(end: Head, known: Head) -> None:
    if end.size == known.size and end.hash != known.hash:
        raise ChainError(
            "chain_head_other", "row {sequence} is not the one that is known: this is another register, or changed",
            sequence=known.size,
        )  # fmt: skip
