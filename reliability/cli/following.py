"""The commands that come next, with what they are to name."""

import shlex
from dataclasses import dataclass
from pathlib import Path

from reliability.checklist.read import names
from reliability.records import Assessment

GENERAL = "trustworthy-ai"  # the checklist of commands that name none


@dataclass(frozen=True, kw_only=True)
class Next:
    """What the next commands are to name: the submission, the checklist as it was given, and the case that is left."""

    submission: Path | None = None
    checklist: str = GENERAL
    case: Path | None = None

    @classmethod
    def from_record(cls, assessment: Assessment) -> "Next":
        """What a record alone tells: a shipped checklist is known by its name, a file of one's own is not."""
        used = assessment.checklist.id
        return cls(checklist=used if used in names() else GENERAL)

    @property
    def answers(self) -> str:
        """The command that asks the questions of the same checklist."""
        named = [] if self.submission is None else [shlex.quote(str(self.submission))]
        return " ".join(["reliability answers", *named, *self._checklist()])

    def explain(self, item: str) -> str:
        """The command that tells of an item; a case brings its own checklist and what was measured."""
        named = self._checklist() if self.case is None else [shlex.quote(str(self.case))]
        return " ".join([f"reliability explain {item}", *named])

    def _checklist(self) -> list[str]:
        return [] if self.checklist == GENERAL else ["--checklist", shlex.quote(self.checklist)]
