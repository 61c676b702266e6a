"""What the public may read of a certificate: one record, from which its page and its signed file are made."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from reliability.certification.issuing import STATEMENT
from reliability.records import Json, Outcome, Record
from reliability.register.certificates import LIVE, Status, StatusAt


class Both(Record):
    """A text in both languages."""

    ko: str
    en: str


class PublishedPaper(Record):
    """A signed document by its digest."""

    kind: Literal["test", "certificate"]
    lang: Literal["ko", "en"]
    number: str
    sha256: str


class Edition(Record):
    """An edition of the certificate, and the row that it was issued in."""

    revision: int
    event: str
    sequence: int
    at: str
    head: str
    granted: date
    issued: date
    expires: date
    next_surveillance: date | None
    statement: str
    public: str
    model: str | None
    papers: tuple[PublishedPaper, ...]
    reason: str | None


class Happened(Record):
    """Something that happened to the certificate."""

    kind: str
    at: str
    reason: str | None
    event: str
    sequence: int
    item: str | None = None
    until: date | None = None
    within_scope: bool | None = None

    @property
    def day(self) -> str:
        """The day, in UTC."""
        return self.at[:10]


class Due(Record):
    """A condition that is open, and the day by which it is to be closed."""

    item: str
    due: date


class Condition(Due):
    """A condition as it was set, and the day on which it was closed."""

    text: str
    met: date | None


class NotAssessed(Record):
    """Something that was not assessed: a code and its values, worded by whoever tells it."""

    what: str
    title: Both | None
    code: str
    with_: Annotated[dict[str, Json], Field(alias="with")]


class Acted(Record):
    """Who took a part: by name only where the person agreed to it."""

    role: Literal["evaluator", "reviewer", "decider", "registrar"]
    name: str | None
    position: str | None = None


class SchemeOf(Record):
    """By which rules it was certified."""

    id: str
    version: str
    sha256: str
    status_max_age_days: int


class Shown(Record):
    """What the page tells besides: of the edition that counts."""

    issuer: str
    title: Both | None
    scheme: Both
    accreditation: Both | None
    organisation: dict[str, Json]
    system: dict[str, Json]
    scope: Both
    outcome: Outcome
    checklist: dict[str, Json]
    evaluation: dict[str, Json]
    conditions: tuple[Condition, ...]
    exclusions: tuple[Both, ...]
    not_assessed: tuple[NotAssessed, ...]
    roles: tuple[Acted, ...]
    decision: str
    decided: date
    consultancy: bool
    sealing_proven: bool
    register_url: str


class Published(Record):
    """A certificate as the register publishes it; its status says nothing of dates."""

    status: Status
    register_: Annotated[str, Field(alias="register")]
    case: str
    number: str
    scheme: SchemeOf
    editions: tuple[Edition, ...]
    history: tuple[Happened, ...]
    conditions: tuple[Due, ...]
    shown: Shown

    @property
    def latest(self) -> Edition:
        """The edition that counts."""
        return self.editions[-1]

    def status_on(self, day: date) -> StatusAt:
        """Its status on a day; one that was not taken back is expired after its last day."""
        return "expired" if self.status in LIVE and day > self.latest.expires else self.status

    @property
    def files(self) -> dict[str, str]:
        """Every paper and statement by file name; those of an older edition tell which."""
        return {name: sha256 for edition in self.editions for name, sha256 in self._of(edition)}

    def _of(self, edition: Edition) -> Iterator[tuple[str, str]]:
        before = "" if edition is self.latest else f"r{edition.revision}-"
        for paper in edition.papers:
            yield before + file_name(paper), paper.sha256
        yield before + STATEMENT, edition.statement


def file_name(paper: Any) -> str:
    """The name under which a document is handed out."""
    stem = "certificate" if paper.kind == "certificate" else "test-report"
    return f"{stem}-{paper.number}.{paper.lang}.pdf"
