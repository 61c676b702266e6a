"""HTML to PDF with WeasyPrint; importing this module needs Pango."""

from typing import Any

from weasyprint import HTML
from weasyprint.urls import URLFetcher

from reliability.reports.typeset import keep_words_whole


class ClosedFetcher(URLFetcher):  # type: ignore[misc]  # weasyprint ships no types
    """Fetches nothing but what stands in the page itself."""

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
        """The content of a data: URL; everything else is refused."""
        if not url.startswith("data:"):
            raise ValueError(f"a document reads nothing from outside itself: {url[:80]}")
        return super().fetch(url, headers)


def write_pdf(page: str, *, identifier: bytes) -> bytes:
    """A page as tagged PDF; the same page gives the same bytes."""
    sheet = HTML(string=keep_words_whole(page), url_fetcher=ClosedFetcher())
    written: bytes = sheet.write_pdf(pdf_variant="pdf/ua-1", pdf_identifier=identifier)
    return written
