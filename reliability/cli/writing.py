"""Writes documents: the record and document.json in, PDF or HTML out."""

from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any, Literal, TypeAlias

from reliability.case import read_case
from reliability.checklist.again import refuse_contradiction
from reliability.errors import RecordError, UsageError
from reliability.records import Assessment, canonical_json
from reliability.reports.document import DocumentRecord, document_from_issuer, read_document
from reliability.reports.render import render
from reliability.words.text import LANGUAGES, words

Format: TypeAlias = Literal["pdf", "html"]
FORMATS: dict[str, Format] = {".pdf": "pdf", ".html": "html", ".htm": "html"}


def write_report(
    case: Path, output: Path, *, lang: Literal["ko", "en"], form: Format | None, document: Path | None, **asked: Any
) -> Path:
    """Render one report and write it; with an issuer or a number, its document record beside it."""
    assessment = believed(case)
    form = form or FORMATS.get(output.suffix.lower())
    if form is None:
        raise UsageError("format_unknown", "{output}: name it .pdf or .html, or give --format", output=str(output))
    record = read_document(document) if document else _new_document(assessment, output, lang=lang, **asked)
    write_whole(output, render(assessment, record, kind=record.kind, lang=record.lang or lang, format=form))
    if document is None and record.issued is not None:
        write_whole(_record_of(output), canonical_json(record))
    return output


def _new_document(
    assessment: Assessment,
    output: Path,
    *,
    lang: Literal["ko", "en"],
    today: date,
    kind: Literal["consulting", "test"],
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
    day = (issued.date() if issued else today) if issuer or number else None
    if day is not None:
        _refuse_placeholders(assessment)
    return document_from_issuer(issuer, kind=kind, number=number, issued=day, amends=amends, reason=reason, lang=lang)


def _record_of(output: Path) -> Path:
    return output.with_suffix(".document.json")


def believed(case: Path) -> Assessment:
    """The assessment of a case, refused where its verdicts do not follow from its measurements."""
    assessment = read_case(case)
    refuse_contradiction(assessment, path=str(case))
    return assessment


def _refuse_placeholders(assessment: Assessment) -> None:
    """A document that is issued names its customer and its item, not what `init` left to be filled in."""
    left_open = {
        words(lang).text(f"init.fill.{key}") for lang in LANGUAGES for key in ("organisation", "system", "purpose")
    }
    subject = assessment.subject
    for text in (subject.organisation.get("name"), subject.system.get("name"), subject.system.get("purpose")):
        if text in left_open:
            raise UsageError(
                "placeholder_left",
                "submission.yaml still says {text!r}; fill it in and assess again before a document is issued",
                text=text,
            )


def write_whole(output: Path, content: bytes) -> None:
    """Write a file, whole or not at all."""
    if output.exists() and not output.is_file():
        raise UsageError("output_not_a_file", "{output}: not an ordinary file; name another", output=str(output))
    beside = output.with_name(f".{output.name}.part")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(content)
        beside.replace(output)
    except OSError as refused:
        with suppress(OSError):  # there may be no such folder at all
            beside.unlink()
        raise RecordError(
            "document_not_written", "{output}: could not be written ({why})", output=str(output), why=refused.strerror
        ) from refused
