"""Renders a record as a document: view, template, and for PDF the typesetting."""

import contextlib
import hashlib
import io
from types import ModuleType
from typing import Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reliability import resources
from reliability.errors import EnvironmentLacksError
from reliability.records import Assessment, canonical_json
from reliability.reports.document import DocumentRecord
from reliability.reports.view import report_view
from reliability.reports.visible import visible
from reliability.words.text import words

APT_LINE = "apt-get install -y libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-nanum"


def render(
    assessment: Assessment,
    document: DocumentRecord,
    *,
    kind: Literal["consulting", "test"],
    lang: Literal["ko", "en"],
    format: Literal["pdf", "html"],  # noqa: A002  (the command line's own word)
) -> bytes:
    """The document of an assessment; the same records give the same bytes."""
    page = page_of(assessment, document, kind=kind, lang=lang)
    if format == "html":
        return page.encode("utf-8")
    identifier = hashlib.sha256(
        canonical_json(assessment) + canonical_json(document) + f"{kind} {lang}".encode()
    ).digest()[:16]
    written: bytes = _pdf().write_pdf(page, identifier=identifier)
    return written


def page_of(assessment: Assessment, document: DocumentRecord, *, kind: str, lang: str) -> str:
    """The document as one HTML page that needs nothing from outside itself."""
    text = words(lang)
    view = report_view(assessment, document, kind=kind, words=text)
    return environment().get_template(f"{kind}.html").render(view=view, say=text.text)


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


def _pdf() -> ModuleType:
    """The PDF writer; a missing system library shows as OSError after a banner on stdout."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            from reliability.reports import pdf
    except (ImportError, OSError) as missing:
        reason = str(missing).splitlines()[0]
        raise EnvironmentLacksError(
            "pdf_library_missing", "PDF needs Pango: {reason}; {line}", reason=reason, line=APT_LINE
        ) from None
    return pdf
