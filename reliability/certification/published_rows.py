"""Rows as everybody may read them: without what was signed, whose digest stands in its place."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from reliability.errors import ChainError
from reliability.register.rows import Entry, Row, is_digest, moment, moment_in

_TEXTS = ("case", "kind", "at", "actor", "previous", "event", "before", "hash")
_WIDEST = 53  # bits of a whole number that JSON keeps


@dataclass(frozen=True, kw_only=True)
class PublishedEntry(Entry):
    """An entry whose envelope stays inside; the digest of it is taken as it was published."""

    envelope: bytes = b""
    published: str

    @property
    def event(self) -> str:
        """SHA-256 of the envelope that stayed inside."""
        return self.published


def row_line(row: Row) -> bytes:
    """A row as a line of `rows.jsonl`."""
    entry = row.entry
    told = {
        "sequence": row.sequence, "case": entry.case, "kind": entry.kind, "at": moment(entry.at), "actor": entry.actor,
        "previous": entry.previous, "event": row.event, "before": row.before, "hash": row.hash,
    }  # fmt: skip
    # What canonical_json gives for texts and a whole number, in a tenth of its time: there is a line for every event.
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def read_rows(lines: Iterable[bytes]) -> Iterator[Row]:
    """The rows of published lines, for `register.rows.verify_rows` to follow from one to the next.

    Raises
    ------
    ChainError
        `chain_row_broken`: a line is none that a register publishes.
    """
    for number, line in enumerate(lines, start=1):
        try:
            row = _row(json.loads(line))
            whole = row_line(row) == line
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise _broken(number) from error
        # What reads as the same row in another form is refused too: one row, one line.
        if not whole:
            raise _broken(number)
        yield row


def _row(told: Any) -> Row:
    sequence = told["sequence"]
    if type(sequence) is not int or sequence >> _WIDEST or not all(isinstance(told[one], str) for one in _TEXTS):
        raise TypeError("a number and texts")
    if not is_digest(told["event"]):
        raise ValueError("no digest of an envelope")
    entry = PublishedEntry(
        case=told["case"], kind=told["kind"], at=moment_in(told["at"]), actor=told["actor"],
        previous=told["previous"], published=told["event"],
    )  # fmt: skip
    return Row(sequence=sequence, entry=entry, event=told["event"], before=told["before"], hash=told["hash"])


def _broken(number: int) -> ChainError:
    return ChainError(
        "chain_row_broken", "row {sequence} does not follow the row before: the register was changed", sequence=number
    )
