"""The screening beside a submission, as far as an assessment may rely on it, and the facts that it settles."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from reliability.case import digest
from reliability.facts import FACTS
from reliability.records import Reason
from reliability.screening.answers import ANSWERS
from reliability.screening.inputs import inputs_of
from reliability.screening.record import RECORD, Screening, Truth
from reliability.screening.screen import screen
from reliability.submission.places import inside, is_file
from reliability.submission.read import Submission

LARGEST = 4_000_000
SETTLED = frozenset(name for name, fact in FACTS.items() if fact.origin == "screening")


@dataclass(frozen=True, kw_only=True)
class Used:
    """A screening that may be relied on, or the reason why there is none; and the files of it that are there."""

    record: Screening | None
    reason: Reason | None
    files: Mapping[str, str]  # path -> SHA-256

    @property
    def facts(self) -> dict[str, Truth]:
        """The facts that it settles, unknown ones too."""
        return dict(self.record.facts) if self.record else {}

    def matters(self, named: Iterable[str]) -> bool:
        """Whether a checklist that speaks of the facts named would have needed a screening that is not there."""
        return self.reason is not None and not SETTLED.isdisjoint(named)


def used_screening(submission: Submission) -> Used:
    """The screening beside a submission, if what it rests on is what the submission says.

    Raises
    ------
    SubmissionError
        If the answers cannot be used, or contradict a stated fact.
    """
    places = {name: inside(submission.folder, name, where=name, key="file") for name in (ANSWERS, RECORD)}
    files = {name: digest(place) for name, place in places.items() if is_file(place)}
    if not files:
        return Used(record=None, reason=Reason(code="screening_missing"), files=files)
    inputs = inputs_of(submission.folder, submission.manifest, submission.document)
    if RECORD not in files:
        return Used(record=None, reason=Reason(code="screening_missing"), files=files)
    record = _read(places[RECORD])
    # Worked out again: a record that was edited, or made by other rules, is as little to be relied on as an old one.
    if record is None or record != screen(inputs, date=record.date):
        return Used(record=None, reason=Reason(code="screening_stale"), files=files)
    return Used(record=record, reason=None, files=files)


def with_screening(known: Mapping[str, Mapping[str, Any]], used: Used) -> dict[str, dict[str, Any]]:
    """Every fact, those of the screening with the values that it settles."""
    settled = used.facts
    return {name: {**fact, "value": settled.get(name, fact["value"])} for name, fact in known.items()}


def _read(place: Path) -> Screening | None:
    with place.open("rb") as file:
        content = file.read(LARGEST + 1)
    try:
        return Screening.model_validate_json(content) if len(content) <= LARGEST else None
    except ValidationError:
        return None
