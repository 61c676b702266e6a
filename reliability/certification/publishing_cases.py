"""Certificates as they are published, worked out from the events of their cases and from the files that these name."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

from pydantic import BaseModel, ConfigDict

from reliability.certification.bodies import Issued, Role
from reliability.certification.events import Kept
from reliability.certification.history import History
from reliability.certification.published import (
    Acted,
    Both,
    Condition,
    Due,
    Edition,
    Happened,
    NotAssessed,
    Published,
    PublishedPaper,
    SchemeOf,
    Shown,
)
from reliability.certification.roster import Roster
from reliability.certification.schemes import Rules, rules_in
from reliability.errors import RecordError
from reliability.records import Assessment, Outcome, Reason
from reliability.register.certificates import Status
from reliability.register.files import Files
from reliability.register.rows import moment
from reliability.reports.findings import bilingual
from reliability.reports.public import PublicChecklist, PublicData, PublicNotTested, PublicSubject

CHANGES = ("issued", "suspended", "restored", "withdrawn", "cancelled", "condition_met", "surveilled")
_NUMBER = re.compile(r"[A-Z][A-Z0-9]{0,9}-C-[0-9]{4}-[0-9]{4,9}")  # it becomes the name of a folder
_BY: Mapping[Role, str] = {"evaluator": "tested", "reviewer": "reviewed", "decider": "decided", "registrar": "issued"}


class _Read(BaseModel):
    """A part of a record that was whole when it was written; what no page tells is not even read."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class _Told(_Read):
    """Of a public record."""

    subject: PublicSubject
    evaluation: PublicData
    checklist: PublicChecklist
    outcome: Outcome
    not_tested: tuple[PublicNotTested, ...]
    notes: tuple[Reason, ...]


class _Decision(_Read):
    """Of the decision that a certificate rests on."""

    number: str
    date: date


class _Fields(_Read):
    """Of the fields of a certificate."""

    scope: str
    decision: _Decision
    register_url: str
    consultancy: bool
    sealing_proven: bool


class _Issuer(_Read):
    """Of whoever issued it."""

    name: str


class _Printed(_Read):
    """Of the record by which a certificate was printed."""

    issuer: _Issuer
    certificate: _Fields


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Files of a register as certificates need them: those that many of them name are read once."""

    register: str
    files: Files
    roster: Roster  # of today: who agrees to be named may think better of it
    _rules: dict[str, Rules] = field(default_factory=dict)
    _titles: dict[str, dict[str, Both]] = field(default_factory=dict)

    def published(self, history: History) -> Published:
        """A certificate that was issued, as everybody may read it.

        Raises
        ------
        RecordError
            If something that it rests on cannot be read, or its number cannot be the name of a folder.
        """
        try:
            return self._published(history)
        except (ValueError, TypeError) as error:
            raise RecordError(
                "publish_unreadable", "case {case}: what its certificate rests on cannot be read ({problem})",
                case=history.case, problem=type(error).__name__,
            ) from error  # fmt: skip

    def _published(self, history: History) -> Published:
        issued = history.of("issued")
        last, body = issued[-1], issued[-1].body
        if {one.body.number for one in issued} != {body.number} or not _NUMBER.fullmatch(body.number):
            raise RecordError(
                "publish_number", "case {case}: {number!r} is no number of a certificate, or not the only one",
                case=history.case, number=body.number,
            )  # fmt: skip
        records = [self._public(one.body.public) for one in issued]
        rules = self._scheme(history.opened.scheme)
        shown = self._shown(history, last, records[-1], rules)
        return Published(
            status=cast(Status, history.status), register_=self.register, case=history.case,
            number=body.number,
            scheme=SchemeOf(id=rules.text.scheme, version=rules.text.version, sha256=rules.sha256,
                            status_max_age_days=rules.text.status_max_age_days),
            editions=tuple(_edition(one, record) for one, record in zip(issued, records, strict=True)),
            history=tuple(_happened(one) for one in history.of(*CHANGES)),
            conditions=tuple(Due(item=one.item, due=one.due) for one in shown.conditions if one.met is None),
            shown=shown,
        )  # fmt: skip

    def _public(self, sha256: str) -> _Told:
        return _Told.model_validate_json(self.files.read(sha256))

    def _shown(self, history: History, issued: Kept, record: _Told, rules: Rules) -> Shown:
        printed = self._printed(issued.body)
        first = next(iter(printed.values()))
        said = first.certificate
        return Shown(
            issuer=first.issuer.name,
            title=_both(rules.text.title), scheme=Both(**rules.text.name.model_dump()),
            accreditation=_both(rules.text.accreditation),
            organisation=record.subject.organisation, system=record.subject.system,
            scope=Both(**{lang: printed.get(lang, first).certificate.scope for lang in ("ko", "en")}),
            outcome=record.outcome, checklist=record.checklist.model_dump(include={"id", "version", "sha256"}),
            evaluation=record.evaluation.model_dump(), conditions=tuple(_conditions(history, issued)),
            exclusions=tuple(Both(**one.model_dump()) for one in rules.text.exclusions),
            not_assessed=tuple(self._not_assessed(history, issued, record)),
            roles=tuple(self._roles(history, issued)), decision=said.decision.number,
            decided=said.decision.date, consultancy=said.consultancy, sealing_proven=said.sealing_proven,
            register_url=said.register_url,
        )  # fmt: skip

    def _printed(self, issued: Issued) -> dict[str, _Printed]:
        """The records by which the certificate was printed, by language."""
        found = {
            str(one.lang): self._file(one.document, _Printed) for one in issued.papers if one.kind == "certificate"
        }
        if not found:
            raise RecordError("publish_unprinted", "{number}: no certificate was printed", number=issued.number)
        return found

    def _not_assessed(self, history: History, issued: Kept, record: _Told) -> Iterator[NotAssessed]:
        if record.not_tested or record.notes:
            titles = self._items(record.checklist.sha256, history.run(issued.body.run).body.assessment)
            for one in record.not_tested:
                why = one.reason
                yield NotAssessed(what=one.what, title=titles.get(one.what), code=why.code, with_=why.with_)
            for note in record.notes:
                yield NotAssessed(what="", title=None, code=note.code, with_=note.with_)

    def _roles(self, history: History, issued: Kept) -> Iterator[Acted]:
        """Everybody who took part, in the order of the work; by name who agreed to it."""
        agreed = {one.person: one for one in self.roster.people if one.published}
        for role, kind in _BY.items():
            acted = {one.event.actor.person: one for one in history.of(kind) if one is issued or _of_run(one, issued)}
            for person, one in acted.items():
                known = agreed.get(person)
                if known is None or known.name != one.event.actor.name:
                    yield Acted.model_validate({"role": role, "name": None})
                else:
                    yield Acted.model_validate({"role": role, "name": known.name, "position": known.position})

    def _scheme(self, sha256: str) -> Rules:
        if sha256 not in self._rules:
            self._rules[sha256] = rules_in(self.files.read(sha256))
        return self._rules[sha256]

    def _items(self, checklist: str, assessment: str) -> dict[str, Both]:
        """The titles of a checklist's items, out of an assessment that used it."""
        if checklist not in self._titles:
            content = self._file(assessment, Assessment).checklist.content
            items = [item for section in content.get("sections", ()) for item in section["items"]]
            self._titles[checklist] = {
                item["id"]: Both(ko=bilingual(item, "title", "ko"), en=bilingual(item, "title", "en"))
                for item in items
                if item.get("title")
            }
        return self._titles[checklist]

    def _file(self, sha256: str, kind: Any) -> Any:
        return kind.model_validate_json(self.files.read(sha256))


def _of_run(one: Kept, issued: Kept) -> bool:
    return bool(one.kind != "issued" and one.body.run == issued.body.run and one.row.sequence < issued.row.sequence)


def _both(wording: Any) -> Both | None:
    return None if wording is None else Both(**wording.model_dump())


def _edition(one: Kept, record: _Told) -> Edition:
    body: Issued = one.body
    return Edition(
        revision=body.revision, event=one.row.event, sequence=one.row.sequence, at=moment(one.row.entry.at),
        head=body.head, granted=body.granted, issued=one.event.at.date(), expires=body.expires,
        next_surveillance=body.next_surveillance, statement=body.statement, public=body.public,
        model=record.subject.model.sha256 if record.subject.model else None,
        papers=tuple(PublishedPaper(**paper.model_dump(exclude={"document"})) for paper in body.papers),
        reason=body.reason,
    )  # fmt: skip


def _happened(one: Kept) -> Happened:
    body = one.body
    return Happened(
        kind=one.kind, at=moment(one.row.entry.at), reason=getattr(body, "reason", None), event=one.row.event,
        sequence=one.row.sequence, item=getattr(body, "item", None), until=getattr(body, "until", None),
        within_scope=getattr(body, "within_scope", None),
    )  # fmt: skip


def _conditions(history: History, issued: Kept) -> Iterator[Condition]:
    """The conditions of the edition that counts; closed are those that were closed after it was issued."""
    met = {one.body.item: one.event.at.date() for one in history.of("condition_met")
           if one.row.sequence > issued.row.sequence}  # fmt: skip
    for one in issued.body.conditions:
        yield Condition(item=one.item, due=one.due, text=one.text, met=met.get(one.item))
