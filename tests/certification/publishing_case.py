"""Certificates in a register without the printing: what publishing reads of a case, signed by a made-up hub."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from datetime import date, timedelta
from html import unescape
from pathlib import Path
from typing import Any

from reliability.certification.bodies import Condition, Issued, Paper
from reliability.certification.changing import change, meet_condition
from reliability.certification.desk import Desk
from reliability.certification.documents import (
    Edition,
    certificate_record,
    open_conditions,
    report_record,
    terms,
)
from reliability.certification.events import digest
from reliability.certification.history import History
from reliability.certification.issuing import index_row
from reliability.certification.publishing import Done, Publisher, publish
from reliability.certification.testing import run_record
from reliability.records import Assessment, canonical_json
from reliability.reports.public import public_record
from reliability.signing import authority, key_files
from tests.certification.hub import ISSUER, SECRET, SITE, Hub, conforming, decided, opened, ran, reviewed, sealed
from tests.reports.certified import granted

LANGS: tuple[Any, ...] = ("ko", "en")


def named(organisation: str, system: str = "소액대출 승인 모델", **changes: Any) -> Assessment:
    """A conforming assessment of somebody's system."""
    made = conforming(**changes)
    subject = made.subject.model_copy(update={
        "organisation": dict(made.subject.organisation) | {"name": organisation},
        "system": dict(made.subject.system) | {"name": system},
    })  # fmt: skip
    return made.model_copy(update={"subject": subject})


def conditional(organisation: str) -> Assessment:
    """As `named`, with one item that is open: PER-01."""
    made = named(organisation, outcome="conforms_with_conditions")
    left = [one for one in granted().findings if one.verdict == "conditional_pass"]
    return made.model_copy(update={"findings": (*made.findings, *left)})


def open_until(due: date) -> tuple[Condition, ...]:
    """The condition on which `conditional` is granted."""
    return (Condition(item="PER-01", text="선택률 비를 높인다.", due=due),)


def certified(hub: Hub, assessment: Assessment, *, conditions: tuple[Condition, ...] = ()) -> str:
    """A case led to its certificate; the certificate's number."""
    case = opened(hub, assessment)
    sealed(hub, case, assessment)
    ran(hub, case, assessment)
    reviewed(hub, case, recommends="conditional" if conditions else "grant")
    decided(hub, case, "conditional" if conditions else "grant", conditions=conditions)
    return entered(hub, case)


def entered(hub: Hub, case: str, *, before: str | None = None, reason: str | None = None) -> str:
    """An edition of a certificate, with papers that nobody has printed; its number."""
    desk = hub.desk()
    history = desk.history(case)
    number = before or desk.register.reserve("certificate", desk.now.year)
    revision = history.issued.body.revision + 1 if history.issued else 1
    first = history.issued.body.granted if history.issued else desk.now.date()
    expires, surveillance = terms(desk.rules(history), desk.now.date())
    edition = Edition(
        number=number, report=desk.register.reserve("report", desk.now.year), revision=revision, granted=first,
        issued=desk.now.date(), expires=expires, next_surveillance=surveillance, head=desk.register.head().hash,
        site=SITE, signature="B-B", sealing_proven=False, reason=reason,
    )  # fmt: skip
    body, files = _issued(desk, history, edition)
    assessment = run_record(desk, history, body.run)
    index = index_row(history, desk.rules(history), body, assessment, issued=desk.now.date())
    subjects = {"certificate": index.pdf_sha256}
    desk.record(hub.signer("jung"), "registrar", body, history, subjects=subjects, files=files, index=[index])
    return number


def _issued(desk: Desk, history: History, edition: Edition) -> tuple[Issued, dict[str, bytes]]:
    assert history.decision is not None
    run = history.decision.body.run
    assessment = run_record(desk, history, run)
    people = {one.person: one for one in desk.roster.roster.people}
    scope = str(assessment.subject.system["purpose"])
    papers, files = [], {}
    for lang in LANGS:
        certificate = certificate_record(history, desk.rules(history), edition, ISSUER, people, lang=lang, scope=scope)
        report = report_record(history, run, edition, ISSUER, lang=lang)
        drawn: Any = (("test", edition.report, report), ("certificate", edition.number, certificate))
        for kind, number, record in drawn:
            printed, kept = f"%PDF of {kind} {number} {lang} {edition.revision}".encode(), canonical_json(record)
            files |= {digest(printed): printed, digest(kept): kept}
            papers.append(Paper(kind=kind, lang=lang, number=number, sha256=digest(printed), document=digest(kept)))
    public, statement = canonical_json(public_record(assessment)), f"statement of {edition.number}".encode()
    files |= {digest(public): public, digest(statement): statement}
    body = Issued(
        number=edition.number, revision=edition.revision, run=run, decision=history.decision.row.event,
        head=edition.head, granted=edition.granted, expires=edition.expires,
        next_surveillance=edition.next_surveillance, conditions=open_conditions(history), papers=tuple(papers),
        statement=digest(statement), public=digest(public), seal="5ea1", reason=edition.reason,
    )  # fmt: skip
    return body, files


def changed(hub: Hub, number: str, what: Any, reason: str, **more: Any) -> None:
    """A certificate's status changed by the registrar."""
    desk = hub.desk()
    change(desk, hub.signer("jung"), desk.history(number), what, reason, **more)


def met(hub: Hub, number: str, item: str) -> None:
    """A condition of a certificate closed by its evaluator."""
    desk = hub.desk()
    meet_condition(desk, hub.signer("lee"), desk.history(number), item, "개선을 확인하였습니다.")


def later(hub: Hub, days: int) -> None:
    """Put the hub's clock forward."""
    hub.now += timedelta(days=days)


def publisher(hub: Hub, **changes: Any) -> Publisher:
    """Whoever publishes: the register's own key."""
    folder = hub.folder / "keys" / "register"
    chain = (key_files.read_certificate(folder / authority.CERTIFICATE), *authority.read_chain(folder / "chain.pem"))
    given: dict[str, Any] = {"key": key_files.read_key(folder / authority.KEY, SECRET), "chain": chain}
    return Publisher(**(given | changes))


def published(hub: Hub, site: Path, **changes: Any) -> Done:
    """The register published in a folder, a minute later."""
    return publish(hub.desk(), publisher(hub, **changes), site)


def copied(hub: Hub, folder: Path) -> Hub:
    """The hub in another folder, to be changed there."""
    shutil.copytree(hub.folder, folder)
    return replace(hub, folder=folder, _signers=dict(hub._signers))


def files_of(site: Path) -> dict[str, tuple[bytes, int]]:
    """What every file of a site holds, and when it was last written."""
    return {str(path.relative_to(site)): (path.read_bytes(), path.stat().st_mtime_ns)
            for path in sorted(site.rglob("*")) if path.is_file()}  # fmt: skip


def text_of(page: Path) -> str:
    """What a reader reads on a page, in order: its text without the marks' titles, single blanks between."""
    body = re.sub(r"<svg.*?</svg>|<style.*?</style>|<head.*?</head>", "", page.read_text(encoding="utf-8"), flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())
