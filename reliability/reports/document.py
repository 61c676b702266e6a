"""The second record a document reads: who issues it, under which number, when, and what it adds in words."""

import base64
import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import AfterValidator, Field, ValidationError, model_validator

from reliability.errors import RecordError, SubmissionError, UsageError
from reliability.records import Record
from reliability.reports.certificate_fields import Certificate
from reliability.yaml_lines import read_yaml

MOST_LOGO_BYTES = 300_000
ISSUER_INVALID = ("issuer_invalid", "{path}: {where}: {problem}")
LEAST_CONTRAST = 5.2  # so that text has the 4.5 of WCAG 2 on our tinted grounds too, and white on the colour
_IMAGES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


def _readable(colour: str) -> str:
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", colour):
        raise ValueError("a colour is written #RRGGBB")
    if contrast_with_white(colour) < LEAST_CONTRAST:
        raise ValueError(f"the colour's contrast with white is under {LEAST_CONTRAST}")
    return colour


def contrast_with_white(colour: str) -> float:
    """Contrast ratio of a colour with white (WCAG 2), in [1, 21]."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4 for channel in channels]
    luminance = sum(weight * channel for weight, channel in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return 1.05 / (luminance + 0.05)


def _embedded(logo: str) -> str:
    if not re.fullmatch(r"data:image/(png|jpeg);base64,[A-Za-z0-9+/=]+", logo):
        raise ValueError("a logo is a PNG or JPEG as a data: URI")
    return logo


Colour = Annotated[str, AfterValidator(_readable)]
Kind: TypeAlias = Literal["consulting", "summary", "test", "screening", "certificate"]


class Colours(Record):
    """The issuer's colours: for covers and headings, and for what stands out."""

    ink: Colour = "#14213D"
    accent: Colour = "#1F4E79"


class Signatory(Record):
    """A person who answers for the document, and in which role."""

    name: str
    role: str


class Issuer(Record):
    """Who issues the document."""

    name: str
    address: str | None = None
    place: str | None = None
    logo: Annotated[str, AfterValidator(_embedded)] | None = None
    colours: Colours = Colours()
    signatories: tuple[Signatory, ...] = ()


class Amendment(Record):
    """The document that this one replaces, and why."""

    number: str
    reason: str


class DocumentRecord(Record):
    """What a document says that its assessment or screening does not hold."""

    document: Literal[1] = 1
    kind: Kind
    lang: Literal["ko", "en"] | None = None
    issuer: Issuer | None = None
    number: str | None = None
    issued: date | None = None
    amends: Amendment | None = None
    deviations: tuple[str, ...] = Field(default=())
    opinions: tuple[str, ...] = Field(default=())
    certificate: Annotated[Certificate | None, Field(exclude_if=lambda one: one is None)] = None

    @model_validator(mode="after")
    def _certificate_in_a_certificate(self) -> Self:
        if self.certificate is None:
            return self
        if self.kind != "certificate":
            raise ValueError("a document of another kind holds no fields of a certificate")
        if self.issued is not None and self.issued < self.certificate.granted:
            raise ValueError("issued before it was granted")
        return self


def document_from_issuer(
    path: Path | None,
    *,
    kind: Kind,
    number: str | None = None,
    issued: date | None = None,
    amends: str | None = None,
    reason: str | None = None,
    lang: Literal["ko", "en"] | None = None,
) -> DocumentRecord:
    """The document record of an issuer's file; without one, of a document that nobody has issued."""
    if (amends is None) != (reason is None):
        raise UsageError("amends_without_reason", "a document that amends another names its number and the reason")
    replaced = Amendment(number=amends, reason=reason) if amends is not None and reason is not None else None
    given = {} if path is None else _issuer_file(path)
    deviations, opinions = (tuple(given.pop(name, None) or ()) for name in ("deviations", "opinions"))
    fields: dict[str, Any] = {"kind": kind, "number": number, "issued": issued, "amends": replaced, "lang": lang}
    try:
        issuer = Issuer.model_validate(given) if given else None
        return DocumentRecord(issuer=issuer, deviations=deviations, opinions=opinions, **fields)
    except ValidationError as refused:
        first = refused.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SubmissionError(*ISSUER_INVALID, path=path, where=where, problem=first["msg"].lower()) from None


def _issuer_file(path: Path) -> dict[str, Any]:
    given = read_yaml(path, error=SubmissionError).data
    if not isinstance(given, dict):
        raise SubmissionError(*ISSUER_INVALID, path=path, where="file", problem="not a mapping of keys to values")
    logo = given.get("logo")
    if isinstance(logo, str) and not logo.startswith("data:"):
        given = given | {"logo": _logo(path.parent, logo)}
    return given


def _logo(folder: Path, name: str) -> str:
    file = (folder / name).resolve()
    if not file.is_relative_to(folder.resolve()) or not file.is_file():
        raise SubmissionError("logo_missing", "{path}: no such file beside the issuer's file", path=name)
    picture = file.read_bytes()[: MOST_LOGO_BYTES + 1]
    kind = next((kind for start, kind in _IMAGES.items() if picture.startswith(start)), None)
    if kind is None or len(picture) > MOST_LOGO_BYTES:
        raise SubmissionError(
            "logo_unusable",
            "{path}: a logo is a PNG or JPEG of at most {most} bytes",
            path=name,
            most=MOST_LOGO_BYTES,
        )
    return f"data:{kind};base64,{base64.b64encode(picture).decode('ascii')}"


def signatories(document: DocumentRecord) -> Sequence[Signatory]:
    """Who signs; nobody where nobody issues."""
    return document.issuer.signatories if document.issuer else ()


def read_document(path: Path) -> DocumentRecord:
    """A document record from its file."""
    try:
        return DocumentRecord.model_validate_json(path.read_bytes())
    except OSError as missing:
        raise RecordError("document_unreadable", "{path}: {problem}", path=path, problem=missing.strerror) from None
    except ValidationError as refused:
        first = refused.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        problem = f"{where}: {first['msg'].lower()}".removeprefix(": ")
        raise RecordError("document_unreadable", "{path}: {problem}", path=path, problem=problem) from None
