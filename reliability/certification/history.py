"""What the events of a case say together: who takes part, which plan stands, what was run, found, decided, issued."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from reliability.certification.bodies import Nonconformity, Role
from reliability.certification.events import Kept
from reliability.errors import UsageError


@dataclass(frozen=True, kw_only=True)
class History:
    """The events of one case, oldest first."""

    case: str
    events: tuple[Kept, ...]

    @property
    def opened(self) -> Any:
        """The application as it was taken in."""
        return self.events[0].body

    @property
    def last(self) -> str:
        """The hash that the next event follows."""
        return self.events[-1].row.event if self.events else ""

    def of(self, *kinds: str) -> tuple[Kept, ...]:
        """The events of some kinds."""
        return tuple(one for one in self.events if one.kind in kinds)

    def latest(self, *kinds: str) -> Kept | None:
        """The last event of some kinds."""
        found = self.of(*kinds)
        return found[-1] if found else None

    def assigned(self, role: Role) -> tuple[str, ...]:
        """Who was given a role when the case was opened."""
        people: tuple[str, ...] = self.opened.people.get(role, ())
        return people

    def acted(self, *kinds: str) -> frozenset[str]:
        """Who did any of these."""
        return frozenset(one.event.actor.person for one in self.of(*kinds))

    @property
    def plan(self) -> Kept | None:
        """The sealed plan that stands."""
        return self.latest("planned")

    def run(self, number: int) -> Kept:
        """A run by its number; UsageError `run_unknown` where there is none."""
        for one in self.of("tested"):
            if one.body.run == number:
                return one
        known = ", ".join(str(one.body.run) for one in self.of("tested"))
        raise UsageError(
            "run_unknown", "case {case}: no run {run}; there is {known}", case=self.case, run=number,
            known=known or "none",
        )  # fmt: skip

    @property
    def discarded(self) -> frozenset[int]:
        """Numbers of the runs that do not count."""
        return frozenset(one.body.run for one in self.of("discarded"))

    @property
    def standing(self) -> Kept | None:
        """The last run that counts."""
        kept = [one for one in self.of("tested") if one.body.run not in self.discarded]
        return kept[-1] if kept else None

    def open_nonconformities(self) -> tuple[tuple[Kept, Nonconformity], ...]:
        """Nonconformities that nobody has closed, each with the review that found it."""
        closed = {one.body.nonconformity for one in self.of("closed")}
        return tuple(
            (review, one)
            for review in self.of("reviewed")
            for one in review.body.nonconformities
            if one.id not in closed
        )

    @property
    def decision(self) -> Kept | None:
        """The decision that stands: the last one, unless an appeal against it was upheld."""
        found = self.latest("decided")
        return None if found is None or self.overturned(found) else found

    def overturned(self, decided: Kept) -> bool:
        """Whether an appeal against a decision was upheld."""
        upheld = {one.body.appeal for one in self.of("heard") if one.body.upheld}
        appeals = [one for one in self.of("appealed") if one.body.decision == decided.row.event]
        return any(one.row.event in upheld for one in appeals)

    @property
    def issued(self) -> Kept | None:
        """The certificate as last issued."""
        return self.latest("issued")

    @property
    def status(self) -> str | None:
        """Active, suspended, withdrawn or cancelled; None where no certificate was issued. It says nothing of dates."""
        status: str | None = None
        for one in self.of("issued", "suspended", "restored", "withdrawn", "cancelled"):
            # Nothing comes before an issue or after an end, and only being restored ends a suspension.
            early, ended = status is None and one.kind != "issued", status in ("withdrawn", "cancelled")
            if early or ended or (status == "suspended" and one.kind == "issued"):
                continue
            status = {"issued": "active", "restored": "active"}.get(one.kind, one.kind)
        return status


def histories(events: Sequence[Kept]) -> Iterator[History]:
    """The cases of a register, in the order in which they were opened."""
    by_case: dict[str, list[Kept]] = {}
    for one in events:
        by_case.setdefault(one.event.case, []).append(one)
    for case, found in by_case.items():
        yield History(case=case, events=tuple(found))
