"""The signed statement of a certificate, as a stranger reads it: over which files, of which certificate."""

import base64
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from reliability.certification.at_hand import digest_of
from reliability.errors import NotGenuineError, RecordError
from reliability.signing import dsse, paths

TYPE = dsse.predicate_type("certificate")
ASSESSMENT, PUBLIC, MODEL = "assessment.json", "public-record.json", "model"


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    register_: str = Field(alias="register")
    case: str
    number: str
    revision: int
    head: str
    at: AwareDatetime
    granted: date
    expires: date
    certificates: tuple[str, ...] = Field(min_length=2, max_length=2)


@dataclass(frozen=True, kw_only=True)
class Stated:
    """A statement that is as its signer left it; who that is, nobody has looked at yet.

    Attributes
    ----------
    sha256 : str
        Of the file.
    digests : mapping
        Name of a file to its SHA-256.
    chain : tuple of certificates
        The signer's and its issuer's.
    number, edition, head : str, int, str
        Of the certificate that it is about, and the register's head before it.
    at, granted, expires : datetime, date, date
        When it was signed by its own word; first and last day of the certificate.
    """

    sha256: str
    digests: MappingProxyType[str, str]
    chain: tuple[x509.Certificate, ...]
    number: str
    edition: int
    head: str
    at: datetime
    granted: date
    expires: date


def is_statement(content: bytes) -> bool:
    """Whether a file is a signed statement about a certificate, genuine or not."""
    try:
        return dsse.statement_in(dsse.read(content)).get("predicateType") == TYPE
    except RecordError:
        return False


def read_stated(content: bytes) -> Stated:
    """A statement whose signature holds.

    Raises
    ------
    RecordError
        If it is no statement about a certificate.
    NotGenuineError
        If its signer's key did not sign it.
    """
    envelope = dsse.read(content)
    found = dsse.statement_in(envelope)
    try:
        said = _said(found)
        chain = tuple(paths.loaded(base64.b64decode(one, validate=True)) for one in said.certificates)
        digests = {str(one["name"]): str(one["digest"]["sha256"]) for one in found["subject"]}
        key = chain[0].public_key()
    except (ValidationError, KeyError, *paths.BROKEN) as error:
        raise RecordError(
            "statement_unreadable", "this is no statement about a certificate ({why})", why=type(error).__name__
        ) from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not envelope.signed_by(key):
        raise NotGenuineError(
            "signature_false", "the signature was not made with the key of the signer that it names"
        )  # fmt: skip
    return Stated(
        sha256=digest_of(content), digests=MappingProxyType(digests), chain=chain, number=said.number,
        edition=said.revision, head=said.head, at=said.at, granted=said.granted, expires=said.expires,
    )  # fmt: skip


def _said(statement: dict[str, Any]) -> _Said:
    if statement.get("predicateType") != TYPE:
        raise ValueError("another kind of statement")
    return _Said.model_validate(statement["predicate"])
