"""Writes documents: the record and document.json in, PDF or HTML out."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal, TypeAlias

from pydantic import ValidationError

from reliability.advice import read_advice
from reliability.case import RECORD as CASE
from reliability.case import read_case
from reliability.checklist.again import refuse_contradiction
from reliability.cli.saving import write_whole
from reliability.errors import RecordError, UsageError
from reliability.records import Assessment, canonical_json
from reliability.reports.certificate_pages import render_specimen
from reliability.reports.consultation import Consultation, refuse_other, risk_register
from reliability.reports.document import DocumentRecord, Kind, document_from_issuer, read_document
from reliability.reports.exports import Export, exported
from reliability.reports.render import render, render_screening
from reliability.screening.inputs import read_inputs
from reliability.screening.record import RECORD as SCREENING
from reliability.screening.record import Screening
from reliability.screening.screen import screen
from reliability.screening.used import LARGEST
from reliability.submission.places import MANIFEST, inside, is_file
from reliability.words.text import LANGUAGES, Language, words

Format: TypeAlias = Literal["pdf", "html"]
FORMATS: dict[str, Format] = {".pdf": "pdf", ".html": "html", ".htm": "html"}
OF_MACHINES: dict[str, Export] = {".xml": "junit", ".csv": "csv", ".xlsx": "xlsx", ".cdx.json": "cyclonedx"}


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """What a document speaks of, as its issuer names it, and how it is drawn."""

    named: tuple[object, ...]
    draw: Callable[[DocumentRecord, Language, Format], bytes]


def write_report(
    place: Path,
    output: Path,
    *,
    lang: Language,
    form: Format | Export | None,
    document: Path | None,
    kind: Kind | Literal["risks"] | None,
    advice: Path | None = None,
    risks: Path | None = None,
    **asked: Any,
) -> Path:
    """Render one report and write it; with an issuer or a number, its document record beside it."""
    form = form or _form_of(output)
    if kind == "risks":
        write_whole(output, _register(place, form, lang, advice, risks, {"document": document, **asked}))
        return output
    if form != "pdf" and form != "html":
        given = {"kind": kind, "document": document, "advice": advice, "risks": risks, **asked}
        write_whole(output, _export(place, form, lang, given))
        return output
    known = read_document(document) if document else None
    kind = known.kind if known else kind or "consulting"
    drawn = _drawn(place, kind, advice, risks)
    record = known or _new_document(drawn, output, lang=lang, kind=kind, **asked)
    write_whole(output, drawn.draw(record, record.lang or lang, form))
    if known is None and record.issued is not None:
        write_whole(_record_of(output), canonical_json(record))
    return output


def _form_of(output: Path) -> Format | Export:
    """The format that a file's name ends in."""
    name = output.name.lower()
    for ending, form in (FORMATS | OF_MACHINES).items():
        if name.endswith(ending):
            return form
    raise UsageError(
        "report_format_unknown",
        "{output}: name it .pdf, .html, .xml (JUnit), .csv, .xlsx or .cdx.json (CycloneDX), or give --format",
        output=str(output),
    )


def _register(
    place: Path,
    form: Format | Export,
    lang: Language,
    advice: Path | None,
    risks: Path | None,
    given: Mapping[str, Any],
) -> bytes:
    """The risk register of a case as a file to fill in."""
    from reliability.reports.risk_files import risks_as

    if form != "csv" and form != "xlsx":
        raise UsageError(
            "risks_in_table",
            "a risk register is written as .csv or .xlsx; as PDF or HTML it stands in the consulting report "
            "(--kind consulting)",
        )
    _refuse_options(form, given)
    assessment, said = believed(place), words(lang)
    register = risk_register(assessment, _consultation(assessment, advice, risks), said)
    return risks_as(register, form, assessment.dates.finished, said)


def _consultation(assessment: Assessment, advice: Path | None, risks: Path | None) -> Consultation:
    """The advice and the filled-in register that were handed in with a case."""
    told = None if advice is None else read_advice(advice)
    if told is not None:
        refuse_other(told, assessment)
    if risks is None:
        return Consultation(advice=told)
    from reliability.reports.risk_files import read_risks

    return Consultation(advice=told, entries=read_risks(risks, {found.item for found in assessment.findings}))


def _refuse_options(form: Export, given: Mapping[str, Any]) -> None:
    """Refuse what goes with documents only."""
    for name, value in given.items():
        if value is not None and name != "today":
            raise UsageError(
                "export_takes_no_option",
                "{option} does not go with {form}, which is drawn from the record alone; leave it out, "
                "or write pdf or html",
                option=f"--{name}", form=form,
            )  # fmt: skip


def _export(place: Path, form: Export, lang: Language, given: Mapping[str, Any]) -> bytes:
    """The results of a case in a machine format, which has no kind, no issuer and no number."""
    _refuse_options(form, given)
    if place.name == MANIFEST or ((place / MANIFEST).is_file() and not (place / CASE).is_file()):
        raise UsageError(
            "export_needs_case",
            "{place}: {form} is drawn from the case that 'assess' leaves; name that folder "
            "(reliability assess {place} --out case-1)",
            place=str(place), form=form,
        )  # fmt: skip
    return exported(believed(place), form, words(lang))


def _drawn(place: Path, kind: Kind, advice: Path | None, risks: Path | None) -> Drawn:
    for name, value in (("--advice", advice), ("--risks", risks)):
        if value is not None and kind != "consulting":
            raise UsageError(
                "advice_needs_consulting", "{option} goes with --kind consulting or --kind risks only", option=name
            )
    if kind == "screening":
        return _of_screening(current_screening(place))
    assessment = believed(place)
    if kind == "certificate":
        return _of_specimen(assessment)
    return _of_assessment(assessment, kind, _consultation(assessment, advice, risks))


def _of_assessment(
    assessment: Assessment, kind: Literal["consulting", "summary", "test"], given: Consultation
) -> Drawn:
    subject = assessment.subject

    def draw(record: DocumentRecord, lang: Language, form: Format) -> bytes:
        return render(assessment, record, kind=kind, lang=lang, format=form, given=given)

    return Drawn(named=(subject.organisation.get("name"), *_of_system(subject.system)), draw=draw)


def _of_specimen(assessment: Assessment) -> Drawn:
    """A certificate comes only from `certify issue`; whatever the record says, this is a specimen."""

    def draw(record: DocumentRecord, lang: Language, form: Format) -> bytes:
        return render_specimen(assessment, record, lang=lang, format=form)

    return Drawn(named=(), draw=draw)


def _of_screening(screening: Screening) -> Drawn:
    def draw(record: DocumentRecord, lang: Language, form: Format) -> bytes:
        return render_screening(screening, record, lang=lang, format=form)

    return Drawn(named=(screening.organisation.get("name"), *_of_system(screening.system)), draw=draw)


def _of_system(system: Mapping[str, Any]) -> tuple[object, object]:
    return system.get("name"), system.get("purpose")


def _new_document(
    drawn: Drawn,
    output: Path,
    *,
    lang: Language,
    today: date,
    kind: Kind,
    issuer: Path | None,
    number: str | None,
    issued: Any,
    amends: str | None,
    reason: str | None,
) -> DocumentRecord:
    """The record of a new document; it is issued where somebody issues it or it has a number."""
    if _record_of(output).exists():
        raise UsageError(
            "document_issued",
            "{output}: an issued document stands there already; name another file, or render it again by --document",
            output=str(output),
        )
    if kind == "certificate" and (number or issued or amends or reason):
        raise UsageError(
            "specimen_only",
            "--kind certificate writes a specimen only: no number, date or amendment; "
            "certificates come from 'reliability certify issue'",
        )
    day = (issued.date() if issued else today) if (issuer or number) and kind != "certificate" else None
    if day is not None:
        _refuse_placeholders(drawn.named)
    return document_from_issuer(issuer, kind=kind, number=number, issued=day, amends=amends, reason=reason, lang=lang)


def _record_of(output: Path) -> Path:
    return output.with_suffix(".document.json")


def believed(case: Path) -> Assessment:
    """The assessment of a case, refused where its verdicts do not follow from its measurements."""
    assessment = read_case(case)
    refuse_contradiction(assessment, path=str(case))
    return assessment


def current_screening(place: Path) -> Screening:
    """The screening of a submission, or the one that a case holds.

    Raises
    ------
    RecordError
        If there is none, or the submission or the questions say something else by now.
    """
    if (place / CASE).is_file() or place.name == CASE:
        return _screening_of(believed(place), place)
    inputs = read_inputs(place)
    file = inside(inputs.folder, SCREENING, where=SCREENING, key="file")
    if not is_file(file):
        raise RecordError(
            "screening_not_there",
            "{place}: no screening.json; run 'reliability screen {place}' first",
            place=str(place),
        )
    with file.open("rb") as opened:
        content = opened.read(LARGEST + 1)
    record = _parsed(content) if len(content) <= LARGEST else None
    # Worked out again: a record that was edited, or made by other rules, says as little as an old one.
    if record is None or record != screen(inputs, date=record.date):
        raise RecordError(
            "screening_outdated",
            "{path}: not what the answers, submission.yaml and the questions say now; run 'reliability screen {place}'",
            path=SCREENING, place=str(place),
        )  # fmt: skip
    return record


def _screening_of(assessment: Assessment, place: Path) -> Screening:
    record = _parsed(canonical_json(assessment.subject.screening)) if assessment.subject.screening else None
    if record is None:
        raise RecordError(
            "screening_not_in_case",
            "{place}: assessed without a screening; run 'reliability screen' on the submission and report on that",
            place=str(place),
        )
    return record


def _parsed(content: bytes) -> Screening | None:
    try:
        return Screening.model_validate_json(content)
    except ValidationError:
        return None


def _refuse_placeholders(named: Iterable[object]) -> None:
    """A document that is issued names its customer and its item, not what `init` left to be filled in."""
    left_open = {
        words(lang).text(f"init.fill.{key}") for lang in LANGUAGES for key in ("organisation", "system", "purpose")
    }
    for text in named:
        if text in left_open:
            raise UsageError(
                "placeholder_left",
                "submission.yaml still says {text!r}; fill it in and assess again before a document is issued",
                text=text,
            )
