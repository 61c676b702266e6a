"""A certificate as pages: the one that is issued, and the specimen that anybody may print."""

from html import unescape
from typing import Literal

from reliability.errors import RecordError
from reliability.records import Assessment
from reliability.reports import render
from reliability.reports.certificate import KIND, certificate_view
from reliability.reports.certificate_data import enclosed_data
from reliability.reports.certificate_fields import claims
from reliability.reports.document import DocumentRecord
from reliability.reports.press import printed
from reliability.reports.rows import Row
from reliability.words.text import words

# Where the signature goes on the first page, in points from its lower left corner: left, bottom, right, top.
# The style sheet draws the field around it, and nothing else is drawn there.
SIGNATURE_BOX = (593, 57, 779, 116)
_NEEDED = ("certificate", "number", "issued", "issuer")


def render_certificate(
    assessment: Assessment,
    document: DocumentRecord,
    *,
    lang: Literal["ko", "en"],
    format: Literal["pdf", "html"],  # noqa: A002  (the command line's own word)
) -> bytes:
    """The certificate of an assessment, yet to be signed; the same records give the same bytes.

    Raises
    ------
    RecordError
        If the record lacks what a certificate says, or the outcome earns none.
    """
    missing = [name for name in _NEEDED if getattr(document, name) is None]
    if missing:
        raise RecordError(
            "certificate_incomplete", "document.json: {missing}: a certificate cannot do without",
            missing=", ".join(missing),
        )  # fmt: skip
    _refuse_unearned(assessment, document)
    return _rendered(assessment, document, lang=lang, format=format)


def render_specimen(
    assessment: Assessment,
    document: DocumentRecord,
    *,
    lang: Literal["ko", "en"],
    format: Literal["pdf", "html"],  # noqa: A002  (as above)
) -> bytes:
    """A specimen: what a certificate of this assessment would look like, marked as of no force, whatever the record."""
    blank = document.model_copy(update={"certificate": None, "number": None, "issued": None, "amends": None})
    return _rendered(assessment, blank, lang=lang, format=format)


def certificate_page(
    assessment: Assessment, document: DocumentRecord, *, lang: str, setting: tuple[Row, ...] = ()
) -> str:
    """A certificate as one HTML page that needs nothing from outside itself; a printed one says how it was set.

    Raises
    ------
    RecordError
        If a text in it claims what no document of a hub may claim.
    """
    text = words(lang)
    template = render.environment().get_template("certificate.html")
    page = template.render(view=certificate_view(assessment, document, text), say=text.text, setting=setting)
    claim = next(iter(claims(unescape(page))), None)
    if claim:
        raise RecordError(
            "claim_forbidden",
            "the certificate would say {claim!r}; take it out of submission.yaml, the issuer's file or the checklist",
            claim=claim,
        )
    return page


def _rendered(
    assessment: Assessment,
    document: DocumentRecord,
    *,
    lang: Literal["ko", "en"],
    format: Literal["pdf", "html"],  # noqa: A002  (as above)
) -> bytes:

    def compose(setting: tuple[Row, ...]) -> str:
        return certificate_page(assessment, document, lang=lang, setting=setting)

    if format == "html":
        return compose(()).encode("utf-8")
    text = words(lang)
    identifier = render.identified(assessment, document, f"{KIND} {lang}")
    enclosed = (render.enclosed_record(assessment, document, text), *enclosed_data(document, text))
    return printed(compose, identifier=identifier, words=text, enclosed=enclosed)


def _refuse_unearned(assessment: Assessment, document: DocumentRecord) -> None:
    """A certificate rests on an outcome that conforms; where it does with conditions, it names them."""
    fields, outcome = document.certificate, assessment.outcome
    conditional = outcome == "conforms_with_conditions"
    if outcome != "conforms" and not conditional:
        raise RecordError(
            "certificate_not_earned", "{outcome}: no certificate is issued on this outcome", outcome=outcome
        )
    if fields is not None and conditional and not fields.conditions:
        raise RecordError("certificate_without_conditions", "conforms with conditions, but the certificate names none")
