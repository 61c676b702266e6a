"""HTML to PDF with WeasyPrint; importing this module needs Pango."""

import ctypes
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from weasyprint import HTML, Attachment
from weasyprint.urls import URLFetcher

from reliability.reports import finisher
from reliability.reports.enclosure import Enclosure
from reliability.reports.typeset import keep_words_whole

LIBRARIES = ("weasyprint", "pydyf", "fonttools", "tinycss2", "tinyhtml5", "cssselect2", "pillow")
# Library, function that says its version as text.
SYSTEM_LIBRARIES = {
    "Pango": ("libpango-1.0.so.0", "pango_version_string"),
    "HarfBuzz": ("libharfbuzz.so.0", "hb_version_string"),
}


class ClosedFetcher(URLFetcher):  # type: ignore[misc]  # weasyprint ships no types
    """Fetches nothing but what stands in the page itself."""

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
        """The content of a data: URL; everything else is refused."""
        if not url.startswith("data:"):
            raise ValueError(f"a document reads nothing from outside itself: {url[:80]}")
        return super().fetch(url, headers)


def write_pdf(
    page: str, *, identifier: bytes, enclosed: Sequence[Enclosure] = (), made_with: Sequence[str] = ()
) -> bytes:
    """A page as PDF/A-3a and PDF/UA-1 at once; the same page, files and libraries give the same bytes."""
    sheet = HTML(string=keep_words_whole(page), url_fetcher=ClosedFetcher())
    document = sheet.render(pdf_variant="pdf/a-3a")
    document.metadata.generator = "; ".join((*made_with, *library_versions()))
    written: bytes = document.write_pdf(
        pdf_variant="pdf/a-3a",
        pdf_identifier=identifier.hex(),
        finisher=finisher.finish,
        attachments=[_attachment(one) for one in enclosed],
    )
    return finisher.plain_ends(written)


def library_versions() -> tuple[str, ...]:
    """The libraries that the bytes depend on, with their versions."""
    return (*(f"{name} {version(name)}" for name in LIBRARIES), *_system_versions())


def _system_versions() -> tuple[str, ...]:
    told = []
    for name, (library, function) in SYSTEM_LIBRARIES.items():
        with suppress(OSError, AttributeError):  # it goes by another file name on other systems
            say = getattr(ctypes.CDLL(library), function)
            say.restype = ctypes.c_char_p
            told.append(f"{name} {say().decode('ascii')}")
    return tuple(told)


def _attachment(one: Enclosure) -> Attachment:
    date = datetime.fromisoformat(one.date)
    # A day alone is meant in no zone of this machine.
    date = date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    return Attachment(
        string=one.text,
        name=one.name,
        description=one.description,
        created=date,
        modified=date,
        relationship="Data",
        url_fetcher=ClosedFetcher(),
    )
