"""A certificate as plain rows for its template, in one language: what was decided about which version, and by whom.

The first page is bounded: a text longer than its place ends in three dots there, and stands whole on the next page.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import ValidationError

from reliability.records import Assessment, Outcome, canonical_json
from reliability.reports import identification as known
from reliability.reports.certificate_fields import Bilingual, Certificate, Condition, Role
from reliability.reports.document import DocumentRecord, Issuer
from reliability.reports.figures import counted, percent
from reliability.reports.fitted import fitted, width
from reliability.reports.quick_response import Symbol, symbol
from reliability.reports.rows import Row
from reliability.reports.view import Cover, cover
from reliability.screening.record import Screening
from reliability.words.text import Words

KIND = "certificate"
SPECIMEN_CODE = "SPECIMEN - NOT A CERTIFICATE"
# Half-widths that fit on the first page: a name of 80 Korean letters, a scope of 300; a line of it, a cell of a column.
NAME, SYSTEM, SCOPE, LINE, CAPTION, TITLE, CHECKLIST, CELL = 160, 190, 600, 140, 110, 90, 64, 36
LARGE, MIDDLE = 44, 70  # of a name: up to here it is set large, or less large
SHORT_DIGEST = 16
ROLES = ("evaluator", "reviewer", "decider", "registrar")


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of the particulars."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, kw_only=True)
class Sized:
    """A name on the first page, and how large it is set."""

    text: str
    size: Literal["large", "middle", "small"]


@dataclass(frozen=True, kw_only=True)
class CertificateView:
    """Everything that a certificate prints besides its fixed words."""

    kind: str
    lang: str
    cover: Cover
    specimen: bool
    title: Sized
    number: str
    edition: str
    identity: str
    scheme: str
    holder: Sized
    holder_line: str
    system: Sized
    statement: str
    outcome: Outcome
    verdict: str
    wide: tuple[Row, ...]
    columns: tuple[tuple[Row, ...], ...]
    code: Symbol
    register_url: str
    issuer: Sized
    sections: tuple[Section, ...]


@dataclass(frozen=True, kw_only=True)
class Granted:
    """The records of a certificate, and what stands in place of a field: "not applicable", or in a specimen "later"."""

    assessment: Assessment
    document: DocumentRecord
    words: Words

    @property
    def fields(self) -> Certificate | None:
        """The certificate's own fields; a specimen has none."""
        return self.document.certificate

    @property
    def absent(self) -> str:
        """What stands where a field is empty."""
        return self.words.text("certificate.at_issue" if self.fields is None else "certificate.not_applicable")

    def told(self, name: str) -> str:
        """A field as text."""
        value = getattr(self.fields, name, None)
        return self.absent if value in (None, ()) else str(value)

    def day(self, day: date | None) -> str:
        """A day as it is written in documents."""
        return day.isoformat() if day else self.absent

    def own(self, text: Bilingual | None) -> str:
        """A text of the scheme in the language of the document."""
        return str(getattr(text, self.words.lang)) if text else ""

    def row(self, name: str, text: str, *, code: str = "") -> Row:
        """A line of the certificate."""
        return Row(name=self.words.text(f"certificate.row.{name}"), text=text, code=code)


def certificate_view(assessment: Assessment, document: DocumentRecord, words: Words) -> CertificateView:
    """The rows of a certificate; without the fields of one, those of a specimen."""
    one = Granted(assessment=assessment, document=document, words=words)
    fields, front, system = one.fields, _front(one), _system(one)
    edition = words.text("certificate.edition", n=fields.revision) if fields else words.text("certificate.no_force")
    number = fitted(front.number, CELL)
    return CertificateView(
        kind=KIND,
        lang=words.lang,
        cover=front,
        specimen=fields is None,
        title=_sized(front.title, TITLE),
        number=number,
        edition=edition,
        identity=" · ".join((fitted(front.title, LARGE), number, edition, fitted(system, MIDDLE))),
        scheme=fitted(_scheme(one), CAPTION),
        holder=_sized(front.customer, NAME),
        holder_line=fitted(_holder_line(one), LINE),
        system=_sized(system, SYSTEM),
        statement=words.text("certificate.statement", checklist=fitted(front.checklist, CHECKLIST)),
        outcome=assessment.outcome,
        verdict=words.text(f"outcome.{assessment.outcome}"),
        wide=tuple(_wide(one)),
        columns=(tuple(_judged(one)), tuple(_dates(one)), tuple(_prints(one))),
        code=symbol(fields.register_url if fields else SPECIMEN_CODE),
        register_url=fields.register_url if fields else "",
        issuer=_sized(front.issuer, NAME),
        sections=tuple(_sections(one)),
    )


def _front(one: Granted) -> Cover:
    """Who certifies what to whom; the title is the scheme's, where it gives one."""
    words, holder = one.words, str(one.assessment.subject.organisation.get("name", ""))
    return cover(
        one.document if one.fields else _blank(one.document, words),
        words,
        title=one.own(one.fields.scheme.title if one.fields else None) or words.text("report.certificate.title"),
        subtitle=f"{holder} · {_system(one)}",
        customer=holder,
        created=one.assessment.dates.finished.isoformat(),
        performed=known.period(one.assessment),
        checklist=known.checklist(one.assessment, words),
    )


def _blank(document: DocumentRecord, words: Words) -> DocumentRecord:
    """The record of a specimen: its number says that it is one, and so does its issuer where there is none."""
    nobody = Issuer(name=words.text("certificate.issuer_at_issue"))
    return document.model_copy(
        update={"number": words.text("certificate.specimen"), "issuer": document.issuer or nobody}
    )


def _system(one: Granted) -> str:
    system = one.assessment.subject.system
    return f"{system.get('name', '')} {system.get('version', '')}".strip()


def _sized(name: str, most: int) -> Sized:
    taken = width(name)
    return Sized(text=fitted(name, most), size="large" if taken <= LARGE else "middle" if taken <= MIDDLE else "small")


def _holder_line(one: Granted) -> str:
    organisation = one.assessment.subject.organisation
    address, registration = organisation.get("address"), organisation.get("registration")
    numbered = one.words.text("certificate.registration", number=registration) if registration else ""
    return " · ".join(fitted(str(text), CAPTION) for text in (address, numbered) if text)


def _scheme(one: Granted) -> str:
    scheme = one.fields.scheme if one.fields else None
    return f"{one.own(scheme.name)} {scheme.version}" if scheme else one.words.text("certificate.scheme_at_issue")


def _wide(one: Granted) -> Iterator[Row]:
    """What needs the width of the page: use, scope, what is left out, who did the work and decided."""
    purpose = str(one.assessment.subject.system.get("purpose", ""))
    left_out = [*(one.fields.exclusions if one.fields else ()), *_not_tested(one)]
    yield one.row("purpose", fitted(purpose, LINE))
    yield one.row("criteria", fitted(_criteria(one), LINE))
    yield one.row("scope", fitted(one.told("scope"), SCOPE))
    yield one.row("left_out", fitted("; ".join(left_out) or one.words.text("certificate.nothing_known"), LINE))
    yield one.row("roles", fitted(_roles(one), LINE))
    yield one.row("decision", fitted(_decided(one), LINE))


def _not_tested(one: Granted) -> Sequence[str]:
    return [f"{row.name}: {row.text.removesuffix('.')}" for row in known.not_tested(one.assessment, one.words)]


def _roles(one: Granted) -> str:
    if one.fields is None:
        return one.absent
    ordered = sorted(one.fields.roles, key=lambda role: ROLES.index(role.role))
    return ", ".join(f"{one.words.text(f'certificate.role.{role.role}')} {_person(role)}" for role in ordered)


def _person(role: Role) -> str:
    return f"{role.name} ({role.position})" if role.position else role.name


def _judged(one: Granted) -> Iterator[Row]:
    """How it was judged."""
    yield one.row("rule", fitted(_rule(one), CELL))
    yield one.row("conditions", _how_many(one))
    yield one.row("tier", _tier(one))
    yield one.row("test_report", fitted(one.told("test_report"), CELL))


def _criteria(one: Granted) -> str:
    year = one.fields.criteria_year if one.fields else None
    named = known.checklist(one.assessment, one.words)
    return f"{named} ({year})" if year else named


def _rule(one: Granted) -> str:
    rule, confidence = _decision(one)
    named = one.words.first(f"rule.{rule}") or rule
    return one.words.text("report.decision", rule=named, confidence=percent(confidence))


def _decision(one: Granted) -> tuple[str, float]:
    decision = one.assessment.checklist.content.get("decision") or {}
    return str(decision.get("rule", "")), float(decision.get("confidence", 0.95))


def _how_many(one: Granted) -> str:
    n = len(one.fields.conditions) if one.fields else 0
    return counted(one.words, "certificate.conditions", n) if n else one.absent


def _tier(one: Granted) -> str:
    screened = _screening(one)
    if screened is None:
        return one.words.text("certificate.not_screened")
    return screened.hub.tier or one.words.text("report.screening.unsettled")


def _screening(one: Granted) -> Screening | None:
    told = one.assessment.subject.screening
    try:
        return Screening.model_validate_json(canonical_json(told)) if told else None
    except ValidationError:
        return None  # of another format than this version reads: "not screened" says that nothing is known of it


def _dates(one: Granted) -> Iterator[Row]:
    fields = one.fields
    yield one.row("granted", one.day(fields.granted if fields else None))
    yield one.row("issued", one.day(one.document.issued if fields else None))
    yield one.row("expires", one.day(fields.expires if fields else None))
    yield one.row("next_surveillance", one.day(fields.next_surveillance if fields else None))


def _prints(one: Granted) -> Iterator[Row]:
    """The first digits of the digests; the next page has them whole."""
    for name, digest in _digests(one):
        if name in ("model", "evaluation_data", "checklist", "chain_head"):
            yield one.row(name, f"{digest[:SHORT_DIGEST]}…" if len(digest) == 64 else digest)


def _digests(one: Granted) -> Iterator[tuple[str, str]]:
    assessment = one.assessment
    model, training = assessment.subject.model, assessment.data.training
    none = one.words.text("certificate.not_applicable")
    yield "model", (model.sha256 if model else None) or none
    yield "evaluation_data", assessment.data.evaluation.sha256
    yield "training_data", training.sha256 if training else none
    yield "checklist", assessment.checklist.sha256
    yield "manifest", str(assessment.manifest.get("sha256") or none)
    yield "chain_head", one.told("chain_head")


def _decided(one: Granted) -> str:
    decision = one.fields.decision if one.fields else None
    return f"{decision.number} ({decision.date.isoformat()})" if decision else one.absent


def _sections(one: Granted) -> Iterator[Section]:
    """The particulars: every field, whole."""
    parts = (
        ("parties", _parties), ("object", _object), ("basis", _basis),
        ("validity", _validity), ("prints", _whole_prints), ("verify", _verify),
    )  # fmt: skip
    for name, rows in parts:
        yield Section(title=one.words.text(f"certificate.section.{name}"), rows=tuple(rows(one)))


def _parties(one: Granted) -> Iterator[Row]:
    words, issuer = one.words, one.document.issuer
    organisation = one.assessment.subject.organisation
    accredited = one.own(one.fields.scheme.accreditation) if one.fields else ""
    stated = words.text("report.not_stated")
    yield one.row("body", issuer.name if issuer else one.absent)
    yield one.row("body_address", (issuer.address or stated) if issuer else one.absent)
    yield one.row(
        "accreditation", accredited or (words.text("certificate.not_accredited") if one.fields else one.absent)
    )
    yield one.row("holder", str(organisation.get("name", "")))
    for name in ("registration", "address"):
        yield one.row(f"holder_{name}", str(organisation.get(name) or stated))
    consulted = "consulted" if one.fields and one.fields.consultancy else "not_consulted"
    yield one.row("consultancy", words.text(f"certificate.{consulted}") if one.fields else one.absent)


def _object(one: Granted) -> Iterator[Row]:
    system = one.assessment.subject.system
    yield one.row("system", _system(one))
    yield one.row("purpose", str(system.get("purpose", "")))
    yield one.row("scope", one.told("scope"))
    exclusions = one.fields.exclusions if one.fields else ()
    yield one.row("exclusions", "; ".join(exclusions) or one.absent)
    yield one.row("not_assessed", "; ".join(_not_tested(one)) or one.words.text("certificate.nothing_known"))
    yield one.row("risk", _risk(one))


def _risk(one: Granted) -> str:
    """The tier and the classification by law, each with its reason."""
    words, screened = one.words, _screening(one)
    if screened is None:
        return words.text("certificate.not_screened")
    told = [
        words.text(
            "certificate.tier",
            tier=screened.hub.tier or words.text("report.screening.unsettled"),
            why=words.first(f"report.screening.told.tier.{screened.hub.tier}") or "–",
        ),
        words.text("certificate.law", why=words.first(f"report.screening.told.kr.{screened.kr.status}") or "–"),
    ]
    return " ".join(told)


def _basis(one: Granted) -> Iterator[Row]:
    words, fields = one.words, one.fields
    rule, confidence = _decision(one)
    risk = words.first(f"rule.{rule}.explain", risk=percent((1 - confidence) / 2))
    yield one.row("scheme", f"{_scheme(one)} ({fields.scheme.id})" if fields else one.absent)
    yield one.row("criteria", f"{_criteria(one)} ({one.assessment.checklist.id})")
    yield one.row("criteria_year", one.told("criteria_year"))
    yield one.row("rule", f"{_rule(one)}. {risk}".strip())
    open_items = [_condition(item, words) for item in (fields.conditions if fields else ())]
    yield one.row("conditions", "; ".join(open_items) or one.absent)
    yield one.row("test_report", one.told("test_report"))
    yield one.row("decision", _decided(one))
    yield one.row("sealing", _sealing(one))
    yield from _people(one)


def _condition(item: Condition, words: Words) -> str:
    return f"{item.item}: {item.text.removesuffix('.')} ({words.text('certificate.due', day=item.due.isoformat())})"


def _sealing(one: Granted) -> str:
    if one.fields is None:
        return one.absent
    return one.words.text("certificate.sealing_proven" if one.fields.sealing_proven else "certificate.sealing_unproven")


def _people(one: Granted) -> Iterator[Row]:
    roles = one.fields.roles if one.fields else ()
    for name in ROLES:
        people = [_person(role) for role in roles if role.role == name]
        yield Row(name=one.words.text(f"certificate.role.{name}"), text=", ".join(people) or one.absent)


def _validity(one: Granted) -> Iterator[Row]:
    yield one.row("number", one.document.number or one.absent if one.fields else one.words.text("certificate.specimen"))
    yield one.row("revision", str(one.fields.revision) if one.fields else one.absent)
    revisions = one.fields.revisions if one.fields else ()
    history = [f"{each.revision} ({each.date.isoformat()}): {each.reason}" for each in revisions]
    yield one.row("revisions", "; ".join(history) or one.absent)
    amends = one.document.amends
    yield one.row("amends", f"{amends.number}: {amends.reason}" if amends else one.absent)


def _whole_prints(one: Granted) -> Iterator[Row]:
    for name, digest in _digests(one):
        whole = len(digest) == 64
        yield one.row(name, "" if whole else digest, code=digest if whole else "")


def _verify(one: Granted) -> Iterator[Row]:
    words, signature = one.words, one.fields.signature if one.fields else None
    yield one.row("register", one.told("register_url"))
    yield one.row("signature", words.text(f"certificate.signed.{signature}") if signature else one.absent)
    yield one.row("how", words.text("certificate.how"))
    yield one.row("readers", words.text("certificate.readers"))
