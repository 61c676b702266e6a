"""Rows at hand followed from the first to the last, past every checkpoint that is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from reliability.certification.at_hand import AtHand, Site, Whole
from reliability.certification.checkpoints import Known, claimed, read_checkpoint
from reliability.certification.history import History
from reliability.certification.standing import Entered, newest
from reliability.certification.verdicts import Point, held, not_checked, refused
from reliability.errors import ChainError, RecordError, SignerError
from reliability.register.rows import NOTHING, Head, Row, verify_rows
from reliability.signing.trust import Trust


@dataclass(frozen=True, kw_only=True)
class Grounds:
    """What verifying rests on: whose signatures count, the register at hand, a checkpoint from elsewhere, the day."""

    on: date
    trust: Trust | None = None
    at_hand: AtHand | None = None
    checkpoint: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a register at hand tells of one file.

    Attributes
    ----------
    points : tuple of Point
        What was checked in it.
    entered : Entered or None
        The edition that the file belongs to; None where the register does not hold it.
    as_of : datetime or None
        Up to when the register knows what happened.
    seen : datetime or None
        When somebody outside the hub saw the issue event.
    history : History or None
        The events of the case, where they are at hand.
    """

    points: tuple[Point, ...]
    entered: Entered | None = None
    as_of: datetime | None = None
    seen: datetime | None = None
    history: History | None = None


@dataclass(frozen=True, kw_only=True)
class Followed:
    """How far rows go, and the checkpoints on their way."""

    points: tuple[Point, ...]
    whole: bool
    live: bool = False
    rows: tuple[Row, ...] = ()
    checkpoints: tuple[Known, ...] = ()

    @property
    def as_of(self) -> datetime | None:
        """Up to when it is known what happened: the newest checkpoint's word; in the register itself, the last event's.

        Rows of a copy or a site tell no time: whoever hands an old one on could have put a new row behind it.
        """
        last = self.rows[-1].entry.at if self.rows and self.live else None
        return newest((last, *(one.checkpoint.as_of for one in self.checkpoints)))

    def seen(self, sequence: int) -> datetime | None:
        """When somebody outside the hub first saw a row, as far as is known."""
        proven = [one.proven for one in self.checkpoints if one.proven and one.checkpoint.size >= sequence]
        return min(proven, default=None)


def followed(found: Whole | Site, grounds: Grounds) -> Followed:
    """Follow the rows of a register, with its own checkpoint and the one given.

    Raises
    ------
    RecordError
        If the checkpoint given is none.
    """
    rows, own = found.rows, found.checkpoint
    try:
        verify_rows(rows)
    except ChainError as error:
        return Followed(points=(refused("chain", error),), whole=False)
    points, known = [held("chain", "chain_followed", n=len(rows))], []
    for content in (own, grounds.checkpoint):
        if content is not None:
            try:
                one = _checkpoint(content, grounds.trust)
                _refuse_off_chain(one, rows, found.register)
            except (RecordError, SignerError) as error:
                if error.code == "checkpoint_unreadable" and content is grounds.checkpoint:
                    raise
                points.append(refused("checkpoint", error))
            else:
                points.append(_checkpoint_point(one, grounds.trust))
                known.append(one)
    if own is None and grounds.checkpoint is None:
        points.append(not_checked("checkpoint", "checkpoint_missing"))
    live = isinstance(found, Whole) and found.live
    return Followed(points=tuple(points), whole=True, live=live, rows=rows, checkpoints=tuple(known))


def heads_before(rows: Sequence[Row], sequence: int) -> frozenset[str]:
    """The heads that the register had between the case's event before and a row: one of them the row's author saw."""
    case, heads = rows[sequence - 1].entry.case, set[str]()
    for row in reversed(rows[: sequence - 1]):
        heads.add(row.hash)
        if row.entry.case == case:
            break
    return frozenset(heads)


def _checkpoint(content: bytes, trust: Trust | None) -> Known:
    return claimed(content) if trust is None else read_checkpoint(content, trust)


def _checkpoint_point(found: Known, trust: Trust | None) -> Point:
    values = {"size": found.checkpoint.size, "as_of": found.checkpoint.as_of.date()}
    if trust is None:
        return not_checked("checkpoint", "trust_missing")
    return held("checkpoint", "checkpoint_independent" if found.proven else "checkpoint_own", **values)


def _refuse_off_chain(known: Known, rows: tuple[Row, ...], register: str) -> None:
    if known.checkpoint.register_ != register:
        raise RecordError("checkpoint_other", "the checkpoint is of another register than the one at hand")
    head: Head = known.head
    if head.size > len(rows):
        raise ChainError(
            "chain_short", "the register ends at row {size}; {known} rows are known: some were removed",
            size=len(rows), known=head.size,
        )  # fmt: skip
    if head.hash != (rows[head.size - 1].hash if head.size else NOTHING):
        raise ChainError(
            "chain_head_other", "row {sequence} is not the one that is known: this is another register, or changed",
            sequence=head.size,
        )  # fmt: skip
