"""Issuing: test report and certificate printed, sealed, stated and entered, all of it or nothing."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from reliability.certification.bodies import Issued, Paper
from reliability.certification.desk import Desk
from reliability.certification.documents import (
    Edition,
    certificate_record,
    open_conditions,
    report_record,
    terms,
)
from reliability.certification.events import Kept, Signer, digest
from reliability.certification.history import History
from reliability.certification.reviewing import refuse_hindered
from reliability.certification.schemes import Rules
from reliability.certification.testing import run_record
from reliability.errors import SignerError, UsageError
from reliability.records import Assessment, canonical_json
from reliability.register.certificates import Certificate, OpenCondition
from reliability.reports.certificate_pages import SIGNATURE_BOX, render_certificate
from reliability.reports.document import DocumentRecord, Issuer
from reliability.reports.public import public_record
from reliability.reports.render import render
from reliability.signing import dsse, time_stamps
from reliability.signing.authority import serial_of
from reliability.signing.pades import Stamps, sign_pdf

Lang = Literal["ko", "en"]
TYPE = dsse.predicate_type("certificate")
STATEMENT = "statement.dsse.json"


@dataclass(frozen=True, kw_only=True)
class Seal:
    """The hub's seal, the time-stamp service it asks, and what stands on documents of its."""

    key: Any
    chain: tuple[x509.Certificate, ...]
    issuer: Issuer
    site: str
    stamper: Stamps | None = None


@dataclass(frozen=True, kw_only=True)
class Papers:
    """Everything that an issue made: files by name, and the certificate's number."""

    number: str
    files: Mapping[str, bytes]


def issue(desk: Desk, signer: Signer, history: History, seal: Seal, langs: Sequence[Lang]) -> Papers:
    """Issue the certificate of the decision that stands.

    Raises
    ------
    UsageError
        If nothing was granted, it was issued already, or a gate is not passed any more.
    SignerError
        If the trust file does not answer for the seal.
    """
    decided = _granted(history, ("grant", "conditional"))
    if history.issued is not None:
        raise UsageError("issued_already", "case {case}: {number} was issued already", case=history.case,
                         number=history.issued.body.number)  # fmt: skip
    number = desk.register.reserve("certificate", desk.now.year)
    edition = _edition(desk, history, seal, number=number, revision=1, granted=desk.now.date())
    return _issued(desk, signer, history, seal, langs, edition, decided)


def renew(desk: Desk, signer: Signer, history: History, seal: Seal, langs: Sequence[Lang], reason: str) -> Papers:
    """A further edition after surveillance: valid anew from the day of the decision to renew."""
    decided = _granted(history, ("renew",))
    before = history.issued
    if before is None or before.body.decision == decided.row.event:
        raise UsageError("issued_already", "case {case}: {number} was issued already", case=history.case,
                         number=before.body.number if before else "-")  # fmt: skip
    # It may have been taken out of force since the decision was made.
    if history.status != "active":
        raise UsageError(
            "status_forbids", "{number}: {status}; it cannot be {what}", number=before.body.number,
            status=history.status, what="renewed",
        )  # fmt: skip
    edition = _edition(
        desk, history, seal, number=before.body.number, revision=before.body.revision + 1,
        granted=before.body.granted, reason=reason,
    )  # fmt: skip
    return _issued(desk, signer, history, seal, langs, edition, decided)


def papers(desk: Desk, history: History) -> Papers:
    """The files of a certificate that was issued, out of the register."""
    if history.issued is None:
        raise UsageError("issued_not", "case {case}: no certificate was issued", case=history.case)
    body: Issued = history.issued.body
    files = {_name(one): desk.register.file(one.sha256) for one in body.papers}
    return Papers(number=body.number, files={**files, STATEMENT: desk.register.file(body.statement)})


def _edition(
    desk: Desk, history: History, seal: Seal, *, number: str, revision: int, granted: date, reason: str | None = None
) -> Edition:
    """An edition of today: valid from now on, whenever it was first granted."""
    expires, surveillance = terms(desk.rules(history), desk.now.date())
    return Edition(
        number=number, report=desk.register.reserve("report", desk.now.year), revision=revision, granted=granted,
        issued=desk.now.date(), expires=expires, next_surveillance=surveillance, head=desk.register.head().hash,
        site=seal.site.rstrip("/"), signature="B-T" if seal.stamper else "B-B",
        sealing_proven=_sealing_proven(desk, history), reason=reason,
    )  # fmt: skip


def _issued(
    desk: Desk, signer: Signer, history: History, seal: Seal, langs: Sequence[Lang], edition: Edition, decided: Kept
) -> Papers:
    run = decided.body.run
    assessment, rules = run_record(desk, history, run), desk.rules(history)
    refuse_hindered(desk, history, run, assessment)
    desk.trust.path(seal.chain, kind="seal", at=desk.now)
    made = list(_documents(desk, history, seal, langs, edition, assessment, rules))
    public = canonical_json(public_record(assessment))
    files = {digest(one): one for paper, signed, record in made for one in (signed, record)}
    statement = _statement(desk, history, seal, edition, assessment, run, public, [paper for paper, _, _ in made])
    files |= {digest(public): public, digest(statement): statement}
    body = Issued(
        number=edition.number, revision=edition.revision, run=run, decision=decided.row.event, head=edition.head,
        granted=edition.granted, expires=edition.expires, next_surveillance=edition.next_surveillance,
        conditions=open_conditions(history), papers=tuple(paper for paper, _, _ in made), statement=digest(statement),
        public=digest(public), seal=serial_of(seal.chain[0]), reason=edition.reason,
    )  # fmt: skip
    subjects = {_name(one): one.sha256 for one in body.papers} | {STATEMENT: body.statement}
    index = index_row(history, rules, body, assessment, issued=desk.now.date())
    desk.record(signer, "registrar", body, history, subjects=subjects, files=files, index=[index])
    named = {_name(paper): signed for paper, signed, _ in made}
    return Papers(number=edition.number, files={**named, STATEMENT: statement})


def _documents(
    desk: Desk, history: History, seal: Seal, langs: Sequence[Lang], edition: Edition, assessment: Assessment,
    rules: Rules,
) -> Iterator[tuple[Paper, bytes, bytes]]:  # fmt: skip
    people = {one.person: one for one in desk.roster.roster.people}
    run = history.decision.body.run if history.decision else 0
    scope = str(assessment.subject.system.get("purpose") or assessment.subject.system.get("name"))
    for lang in langs:
        report = report_record(history, run, edition, seal.issuer, lang=lang)
        certificate = certificate_record(history, rules, edition, seal.issuer, people, lang=lang, scope=scope)
        drawn: tuple[tuple[Literal["test", "certificate"], str, DocumentRecord, bytes], ...] = (
            ("test", edition.report, report, render(assessment, report, kind="test", lang=lang, format="pdf")),
            ("certificate", edition.number, certificate,
             render_certificate(assessment, certificate, lang=lang, format="pdf")),
        )  # fmt: skip
        for kind, number, record, content in drawn:
            signed = sign_pdf(
                content, seal.key, chain=seal.chain, box=SIGNATURE_BOX if kind == "certificate" else None,
                name=seal.issuer.name, at=desk.now, stamper=seal.stamper,
            )  # fmt: skip
            kept = canonical_json(record)
            paper = Paper(kind=kind, lang=lang, number=number, sha256=digest(signed), document=digest(kept))
            yield paper, signed, kept


def _statement(
    desk: Desk, history: History, seal: Seal, edition: Edition, assessment: Assessment, run: int, public: bytes,
    made: Sequence[Paper],
) -> bytes:  # fmt: skip
    """An in-toto statement, signed with the seal, over everything that the certificate speaks of."""
    tested = history.run(run).body
    subjects = {_name(one): one.sha256 for one in made} | {
        "assessment.json": tested.assessment, "public-record.json": digest(public), "plan.json": tested.plan,
        "checklist.json": assessment.checklist.sha256, "evaluation": assessment.data.evaluation.sha256,
    }  # fmt: skip
    if assessment.subject.model and assessment.subject.model.sha256:
        subjects["model"] = assessment.subject.model.sha256
    predicate = {
        "register": desk.register.register_id, "case": history.case, "number": edition.number,
        "revision": edition.revision, "head": edition.head, "outcome": assessment.outcome,
        "at": desk.now.isoformat(timespec="seconds"), "granted": edition.granted.isoformat(),
        "expires": edition.expires.isoformat(),
        "events": [one.row.event for one in history.events],
        "certificates": [base64.b64encode(_der(one)).decode() for one in seal.chain[:2]],
    }  # fmt: skip
    return dsse.sign(dsse.statement(subjects, TYPE, predicate), [seal.key])


def index_row(history: History, rules: Rules, body: Issued, assessment: Assessment, *, issued: date) -> Certificate:
    """What the register's index says of a certificate as it was issued."""
    first = next(one for one in body.papers if one.kind == "certificate")
    return Certificate(
        number=body.number, case=history.case, organisation=str(assessment.subject.organisation.get("name")),
        system=str(assessment.subject.system.get("name")), version=str(assessment.subject.system.get("version")),
        scheme=rules.text.scheme, lang=first.lang, granted=body.granted, issued=issued, expires=body.expires,
        next_surveillance=body.next_surveillance,
        conditions=tuple(OpenCondition(item=one.item, due=one.due) for one in body.conditions),
        model_sha256=assessment.subject.model.sha256 if assessment.subject.model else None,
        pdf_sha256=first.sha256, statement_sha256=body.statement, revision=body.revision,
    )  # fmt: skip


def _granted(history: History, allowed: tuple[str, ...]) -> Kept:
    decided = history.decision
    if decided is None or decided.body.decision not in allowed:
        raise UsageError(
            "nothing_granted", "case {case}: no decision stands that allows it ({decision})", case=history.case,
            decision=decided.body.decision if decided else "-",
        )  # fmt: skip
    return decided


def _sealing_proven(desk: Desk, history: History) -> bool:
    """Whether a clock outside the hub says that the plan was there before it was run."""
    run = history.decision.body.run if history.decision else 0
    tested = history.run(run)
    planned = next(one for one in history.of("planned") if one.body.plan == tested.body.plan)
    if planned.body.token is None:
        return False
    token = base64.b64decode(planned.body.token)
    try:
        stamped = time_stamps.time_of(token, bytes.fromhex(planned.body.plan), desk.trust)
    except SignerError:
        return False
    return stamped.independent and stamped.at <= tested.event.at


def _name(paper: Paper) -> str:
    stem = "certificate" if paper.kind == "certificate" else "test-report"
    return f"{stem}-{paper.number}.{paper.lang}.pdf"


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)
