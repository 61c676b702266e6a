"""Renders a record as a document: view, template, and for PDF the typesetting."""

import hashlib
from dataclasses import replace
from functools import cache
from typing import Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reliability import resources
from reliability.checklist.references import references
from reliability.errors import RecordError
from reliability.records import Assessment, Record, canonical_json
from reliability.reports.annex import Annex
from reliability.reports.bounds import bounded, offered
from reliability.reports.consultation import Consultation
from reliability.reports.document import DocumentRecord
from reliability.reports.enclosure import Enclosure
from reliability.reports.press import printed
from reliability.reports.public import public_record
from reliability.reports.rows import Row
from reliability.reports.screening import screening_view
from reliability.reports.view import ReportView, report_view
from reliability.reports.visible import visible
from reliability.screening.questions import shipped_questions
from reliability.screening.record import Screening
from reliability.words.text import Words, words

PUBLIC_RECORD = "public-record.json"
LARGEST_PAGE = 950_000  # bytes of an HTML page, files and all


def render(
    assessment: Assessment,
    document: DocumentRecord,
    *,
    kind: Literal["consulting", "summary", "test"],
    lang: Literal["ko", "en"],
    format: Literal["pdf", "html"],  # noqa: A002  (the command line's own word)
    given: Consultation | None = None,
) -> bytes:
    """The document of an assessment; the same records give the same bytes."""
    text, given = words(lang), given or Consultation()
    view, files = bounded(report_view(assessment, document, kind=kind, words=text, given=given), assessment, text)

    def compose(setting: tuple[Row, ...]) -> str:
        return page_of_view(view, text, setting)

    if format == "html":
        room = LARGEST_PAGE - len(compose(()).encode("utf-8"))
        return page_of_view(offered(view, files, text, room=room), text).encode("utf-8")
    enclosed = (enclosed_record(assessment, document, text), *(_enclosed(one, assessment, document) for one in files))
    identifier = identified(assessment, document, f"{kind} {lang} {given.identity}".strip())
    return printed(compose, identifier=identifier, words=text, enclosed=enclosed)


def render_screening(
    screening: Screening,
    document: DocumentRecord,
    *,
    lang: Literal["ko", "en"],
    format: Literal["pdf", "html"],  # noqa: A002  (as above)
) -> bytes:
    """The document of a risk screening; the same records give the same bytes."""

    def compose(setting: tuple[Row, ...]) -> str:
        return screening_page(screening, document, lang=lang, setting=setting)

    if format == "html":
        return compose(()).encode("utf-8")
    return printed(compose, identifier=identified(screening, document, f"screening {lang}"), words=words(lang))


def screening_page(screening: Screening, document: DocumentRecord, *, lang: str, setting: tuple[Row, ...] = ()) -> str:
    """The screening report as one HTML page that needs nothing from outside itself.

    Raises
    ------
    RecordError
        If other questions were asked than this version has words for.
    """
    questions, text = shipped_questions(), words(lang)
    if screening.questions.sha256 != questions.sha256:
        raise RecordError(
            "screening_of_other_questions",
            "the screening asked questions {version}, this version words {known}; run 'reliability screen' again",
            version=screening.questions.version, known=questions.text.version,
        )  # fmt: skip
    view = screening_view(screening, document, words=text, questions=questions, references=references())
    return environment().get_template("screening.html").render(view=view, say=text.text, setting=setting)


def identified(record: Record, document: DocumentRecord, which: str) -> bytes:
    """The identifier of a document: the same records give the same."""
    return hashlib.sha256(canonical_json(record) + canonical_json(document) + which.encode()).digest()[:16]


def enclosed_record(assessment: Assessment, document: DocumentRecord, words: Words) -> Enclosure:
    """The public record of an assessment as a file inside its document, dated like the document."""
    return Enclosure(
        name=PUBLIC_RECORD,
        description=words.text("report.public_record"),
        text=canonical_json(public_record(assessment)).decode("utf-8"),
        date=_dated(assessment, document),
    )


def _enclosed(one: Annex, assessment: Assessment, document: DocumentRecord) -> Enclosure:
    return Enclosure(name=one.name, description=one.told, text=one.text, date=_dated(assessment, document))


def _dated(assessment: Assessment, document: DocumentRecord) -> str:
    return document.issued.isoformat() if document.issued else assessment.dates.finished.isoformat()


def page_of(
    assessment: Assessment,
    document: DocumentRecord,
    *,
    kind: str,
    lang: str,
    setting: tuple[Row, ...] = (),
    given: Consultation | None = None,
) -> str:
    """The document as one HTML page that needs nothing from outside itself; a printed one says how it was set."""
    text = words(lang)
    view, _ = bounded(report_view(assessment, document, kind=kind, words=text, given=given), assessment, text)
    return page_of_view(view, text, setting)


def page_of_view(view: ReportView, words: Words, setting: tuple[Row, ...] = ()) -> str:
    """The page of a report whose rows are known."""
    view = replace(view, conditions=(*view.conditions, *setting))
    page = environment().get_template(f"{view.kind}.html")
    return page.render(view=view, say=words.text)


@cache
def environment() -> Environment:
    """The templates: what is put into them is escaped and shows its control characters; an unknown name is an error."""
    return Environment(
        loader=FileSystemLoader(resources.templates()),
        autoescape=True,  # explicit: the default is off, and select_autoescape() goes by file names
        finalize=visible,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
