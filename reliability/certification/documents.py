"""Document records of a case: what its test report and its certificate say that the assessment does not hold."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from pydantic import ValidationError

from reliability.certification.bodies import Condition, Issued
from reliability.certification.events import Kept
from reliability.certification.history import History
from reliability.certification.roster import Person
from reliability.certification.schemes import Rules, months_later
from reliability.errors import RecordError
from reliability.reports.certificate_fields import Certificate, Revision, Role
from reliability.reports.certificate_fields import Condition as Printed
from reliability.reports.certificate_fields import Decision as Decided
from reliability.reports.document import DocumentRecord, Issuer
from reliability.words.text import words


@dataclass(frozen=True, kw_only=True)
class Edition:
    """What one edition of a certificate says besides its assessment."""

    number: str
    report: str
    revision: int
    granted: date
    issued: date
    expires: date
    next_surveillance: date | None
    head: str
    site: str
    signature: Literal["B-B", "B-T"]
    sealing_proven: bool
    reason: str | None = None


def terms(rules: Rules, granted: date) -> tuple[date, date | None]:
    """The last day of a certificate granted on a day, and the first surveillance."""
    expires = months_later(granted, rules.text.validity_months) - timedelta(days=1)
    months = rules.text.surveillance_months
    return expires, months_later(granted, months) if months else None


def certificate_record(
    history: History, rules: Rules, edition: Edition, issuer: Issuer, people: dict[str, Person], *,
    lang: Literal["ko", "en"], scope: str,
) -> DocumentRecord:  # fmt: skip
    """The record by which the certificate is printed.

    Raises
    ------
    RecordError
        If something that it would say is not what a certificate may say: which field, and why.
    """
    decided = _decision(history)
    try:
        fields = Certificate(
            scheme=_scheme(rules), revision=edition.revision - 1, granted=edition.granted, expires=edition.expires,
            next_surveillance=edition.next_surveillance, scope=scope,
            exclusions=tuple(getattr(one, lang) for one in rules.text.exclusions),
            conditions=tuple(Printed(**one.model_dump()) for one in _conditions(history, decided)),
            test_report=edition.report, decision=Decided(number=decision_number(history), date=decided.event.at.date()),
            roles=tuple(_roles(history, decided, people)), register_url=f"{edition.site}/{edition.number}",
            chain_head=edition.head, revisions=tuple(_revisions(history, edition)),
            consultancy=bool(history.opened.engagements), sealing_proven=edition.sealing_proven,
            signature=edition.signature,
        )  # fmt: skip
        return DocumentRecord(
            kind="certificate", lang=lang, issuer=issuer, number=edition.number, issued=edition.issued,
            certificate=fields,
        )  # fmt: skip
    except ValidationError as invalid:
        problem = invalid.errors(include_url=False)[0]
        raise RecordError(
            "certificate_unsayable", "certificate: {field}: {problem}",
            field=".".join(map(str, problem["loc"])) or "-", problem=problem["msg"],
        ) from None  # fmt: skip


def report_record(
    history: History, run: int, edition: Edition, issuer: Issuer, *, lang: Literal["ko", "en"]
) -> DocumentRecord:
    """The record by which the test report of a run is printed: deviations and discarded runs among it."""
    return DocumentRecord(
        kind="test", lang=lang, issuer=issuer, number=edition.report, issued=edition.issued,
        deviations=tuple(_deviations(history, run, edition, lang)),
    )  # fmt: skip


def decision_number(history: History) -> str:
    """The number of the decision that stands: the case's, and its place among the case's decisions."""
    return f"{history.case}-D{len(history.of('decided'))}"


def open_conditions(history: History) -> tuple[Condition, ...]:
    """The conditions of the certificate that nobody has closed."""
    return _conditions(history, _decision(history))


def _decision(history: History) -> Kept:
    """The decision that the certificate rests on; a renewal is one too."""
    decided = history.decision
    if decided is None:
        raise RecordError("decision_none", "case {case}: no decision stands", case=history.case)
    return decided


def _conditions(history: History, decided: Kept) -> tuple[Condition, ...]:
    """Those of the decision that nobody closed since: what was met before it is open again where it says so."""
    since = decided.row.sequence
    met = {one.body.item for one in history.of("condition_met") if one.row.sequence > since}
    return tuple(one for one in decided.body.conditions if one.item not in met)


def _scheme(rules: Rules) -> Any:
    text = rules.text
    return {
        "id": text.scheme, "version": text.version, "name": text.name.model_dump(),
        "title": text.title.model_dump() if text.title else None,
        "accreditation": text.accreditation.model_dump() if text.accreditation else None,
    }  # fmt: skip


def _roles(history: History, decided: Kept, people: dict[str, Person]) -> Iterator[Role]:
    run = decided.body.run
    actors = [("evaluator", history.run(run)), ("decider", decided)]
    actors += [("reviewer", one) for one in history.of("reviewed") if one.body.run == run]
    actors.append(("registrar", history.events[0]))
    seen = set()
    for role, one in actors:
        actor = one.event.actor
        if (role, actor.person) not in seen:
            seen.add((role, actor.person))
            person = people.get(actor.person)
            yield Role.model_validate(
                {"role": role, "name": actor.name, "position": person.position if person else None}
            )


def _revisions(history: History, edition: Edition) -> Iterator[Revision]:
    for one in history.of("issued"):
        body: Issued = one.body
        if body.revision > 1 and body.reason:
            yield Revision(revision=body.revision - 1, date=one.event.at.date(), reason=body.reason)
    if edition.revision > 1:
        yield Revision(revision=edition.revision - 1, date=edition.issued, reason=edition.reason or "-")


def _deviations(history: History, run: int, edition: Edition, lang: str) -> Iterator[str]:
    said = words(lang)
    for one in history.of("planned"):
        if one.body.deviates:
            yield said.text("certify.deviation", date=one.event.at.date().isoformat(), why=one.body.deviates)
    for one in history.of("discarded"):
        yield said.text("certify.discarded", run=one.body.run, why=one.body.why)
    yield said.text("certify.run", run=run, runs=len(history.of("tested")), plan=history.run(run).body.plan)
    if not edition.sealing_proven:
        yield said.text("certify.sealing_unproven")
