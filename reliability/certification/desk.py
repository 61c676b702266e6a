"""Where an officer works: the register, what it may be believed by, and who sits there, at one moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from reliability.certification.bodies import Role
from reliability.certification.events import Kept, Signer, believed, entry, refuse_broken_case
from reliability.certification.history import History
from reliability.certification.people import refuse_other, refuse_undeclared
from reliability.certification.roster import SignedRoster, read_roster
from reliability.certification.schemes import Rules, rules_in
from reliability.errors import UsageError
from reliability.records import Record
from reliability.register.certificates import Certificate
from reliability.register.rows import verify_rows
from reliability.register.searching import Search
from reliability.register.store import Register, open_register
from reliability.signing import authority
from reliability.signing.key_folders import chain_in, key_in
from reliability.signing.trust import Trust, read_trust

TRUST, ROSTER, ENGAGEMENTS = "trust.json", "roster.json", "engagements.jsonl"
_DECLARING: frozenset[Role] = frozenset({"evaluator", "reviewer", "decider"})


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A register with its trust file and roster, at a moment."""

    folder: Path
    register: Register
    trust: Trust
    roster: SignedRoster
    roster_content: bytes
    now: datetime

    @cached_property
    def events(self) -> tuple[Kept, ...]:
        """Every event of the register, believed; RecordError or SignerError where one is not genuine."""
        rows = tuple(self.register.rows())
        verify_rows(rows)
        return believed(rows, self.trust, register=self.register.register_id, file=self.register.file)

    def history(self, number: str) -> History:
        """A case by its number, or by that of its certificate; UsageError `case_unknown`.

        Its own events are believed one by one; `events` looks at the whole register.
        """
        known = self.register.certificates(Search(number=number)) if number.isprintable() else ()
        case = known[0].case if known else number
        rows = tuple(self.register.rows(case=case)) if number.isprintable() else ()
        if not rows:
            raise UsageError(
                "case_unknown", "{case!r}: no such case or certificate; 'reliability register list' names them",
                case=number,
            )  # fmt: skip
        refuse_broken_case(rows)
        events = believed(rows, self.trust, register=self.register.register_id, file=self.register.file)
        return History(case=case, events=events)

    def rules(self, history: History) -> Rules:
        """The scheme of a case, as it was when the case was opened."""
        return rules_in(self.register.file(history.opened.scheme))

    def signer(self, keys: Path, passphrase: str) -> Signer:
        """Who holds the key of a folder that 'reliability keys' has made."""
        chain = chain_in(keys)
        self.trust.path(chain, kind="person", at=self.now)
        person = self.roster.holder(chain[0], self.now.date())
        key = key_in(keys, passphrase)
        return Signer(key=key, chain=_short(chain), person=person, roster=self.roster.sha256)

    def record(
        self, signer: Signer, role: Role, body: Record, history: History, *,
        subjects: Mapping[str, str], files: Mapping[str, bytes] | None = None, index: Sequence[Certificate] = (),
    ) -> str:  # fmt: skip
        """Sign an event and take it in; its hash. Whoever has no such part in the case is refused."""
        if history.events:
            refuse_other(history, signer.person, role)
            if role in _DECLARING and not _is(body, "declared"):
                refuse_undeclared(history, role, signer.person.person)
        return self.take_in(signer, role, body, history, subjects=subjects, files=files, index=index)

    def take_in(
        self, signer: Signer, role: Role, body: Record, history: History, *,
        subjects: Mapping[str, str], files: Mapping[str, bytes] | None = None, index: Sequence[Certificate] = (),
    ) -> str:  # fmt: skip
        """As `record`, of somebody whose part the caller has judged."""
        if role not in signer.person.roles:
            raise UsageError(
                "person_without_role", "{person}: not {role} on {on}; the roster says {roles}", role=role,
                person=signer.person.person, on=self.now.date(), roles=", ".join(signer.person.roles) or "-",
            )  # fmt: skip
        if history.events and self.now < history.events[-1].event.at:
            raise UsageError(
                "clock_behind", "this machine's clock says {now}, before the case's last event ({last}); set the clock",
                now=self.now.isoformat(), last=history.events[-1].event.at.isoformat(),
            )  # fmt: skip
        self._refuse_older_roster(history)
        made = entry(
            signer, role, body, register=self.register.register_id, case=history.case, previous=history.last,
            at=self.now, subjects=subjects or {"case": history.last or self.roster.sha256},
        )  # fmt: skip
        kept = {self.roster.sha256: self.roster_content, **(files or {})}
        (row,) = self.register.append([made], files=kept, index=index)
        return row.event

    def _refuse_older_roster(self, history: History) -> None:
        """Refuse to go by a roster that the case has left behind: somebody put it back."""
        if not history.events or history.events[-1].event.roster == self.roster.sha256:
            return
        last = read_roster(self.register.file(history.events[-1].event.roster), self.trust).roster
        if self.roster.roster.at < last.at:
            raise UsageError(
                "roster_older", "{path}: signed on {at}, and case {case} went by one of {last}; put the newest there",
                path=self.folder / ROSTER, at=self.roster.roster.at.isoformat(), case=history.case,
                last=last.at.isoformat(),
            )  # fmt: skip


def open_desk(folder: Path, *, now: datetime) -> Desk:
    """The desk of a register's folder, which holds its trust file and its roster.

    Raises
    ------
    UsageError
        If one of them is not there: which, and how to make it.
    """
    for name, made in ((TRUST, "reliability keys trust"), (ROSTER, "reliability certify roster")):
        if not (folder / name).is_file():
            raise UsageError("desk_incomplete", "{path}: not there; '{made}' makes it", path=folder / name, made=made)
    trust = read_trust((folder / TRUST).read_bytes())
    content = (folder / ROSTER).read_bytes()
    roster = read_roster(content, trust)
    return Desk(
        folder=folder, register=open_register(folder), trust=trust, roster=roster, roster_content=content, now=now
    )


def _short(chain: tuple[Any, ...]) -> tuple[Any, ...]:
    """The chain without its root, which the trust file has."""
    return tuple(one for one in chain if authority.kind_of(one) != "root")


def _is(body: Any, kind: str) -> bool:
    return bool(body.kind == kind)
