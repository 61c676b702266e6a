"""A comparison as pages: one HTML file, or PDF."""

import hashlib
from dataclasses import replace
from typing import Literal

from reliability.changes import Comparison
from reliability.records import canonical_json
from reliability.reports.comparison import comparison_view
from reliability.reports.press import printed
from reliability.reports.render import environment
from reliability.reports.rows import Row
from reliability.words.text import words


def render_comparison(
    comparison: Comparison,
    *,
    lang: Literal["ko", "en"],
    format: Literal["pdf", "html"],  # noqa: A002  (the command line's own word)
) -> bytes:
    """The document of a comparison; the same record gives the same bytes."""

    def compose(setting: tuple[Row, ...]) -> str:
        return comparison_page(comparison, lang=lang, setting=setting)

    if format == "html":
        return compose(()).encode("utf-8")
    identifier = hashlib.sha256(canonical_json(comparison) + f"comparison {lang}".encode()).digest()[:16]
    return printed(compose, identifier=identifier, words=words(lang))


def comparison_page(comparison: Comparison, *, lang: str, setting: tuple[Row, ...] = ()) -> str:
    """The comparison as one HTML page that needs nothing from outside itself; a printed one says how it was set."""
    text = words(lang)
    view = comparison_view(comparison, text)
    view = replace(view, digests=(*view.digests, *setting))
    return environment().get_template("comparison.html").render(view=view, say=text.text)
