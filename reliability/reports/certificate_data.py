"""What a certificate states, as data inside its PDF: so that it can be read by machines, and without the register."""

from datetime import date
from typing import Literal

from reliability.records import Record, canonical_json
from reliability.reports.certificate_fields import Certificate, Condition, Digest
from reliability.reports.document import DocumentRecord
from reliability.reports.enclosure import Enclosure
from reliability.words.text import Words

CERTIFICATE_DATA = "certificate.json"


class CertificateData(Record):
    """Number, dates, conditions and the head of the register, as they are printed."""

    certificate: Literal[1] = 1
    number: str
    lang: Literal["ko", "en"] | None
    scheme: str
    revision: int
    granted: date
    issued: date
    expires: date | None
    next_surveillance: date | None
    conditions: tuple[Condition, ...]
    test_report: str
    register_url: str
    chain_head: Digest | None


def certificate_data(document: DocumentRecord) -> CertificateData | None:
    """What the record of an issued certificate states; None of a specimen."""
    fields, number, issued = document.certificate, document.number, document.issued
    if fields is None or number is None or issued is None:
        return None
    return _data(fields, number, issued, document.lang)


def enclosed_data(document: DocumentRecord, words: Words) -> tuple[Enclosure, ...]:
    """It as a file inside the certificate; nothing inside a specimen."""
    told = certificate_data(document)
    if told is None:
        return ()
    return (
        Enclosure(
            name=CERTIFICATE_DATA, description=words.text("certificate.data"),
            text=canonical_json(told).decode("utf-8"), date=told.issued.isoformat(),
        ),
    )  # fmt: skip


def _data(fields: Certificate, number: str, issued: date, lang: Literal["ko", "en"] | None) -> CertificateData:
    return CertificateData(
        number=number, lang=lang, issued=issued, scheme=fields.scheme.id,
        **{
            name: getattr(fields, name)
            for name in ("revision", "granted", "expires", "next_surveillance", "conditions", "test_report",
                         "register_url", "chain_head")
        },
    )  # fmt: skip
