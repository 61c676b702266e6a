"""Reads the signature of a PDF from its bytes, and believes no file in which any byte could be another.

The signature covers everything outside its own place in the file, and in its place nothing is free (cms_profile). So
the file is to the last bit what the signer's key signed, and no reader of PDF has to be trusted to find out.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from cryptography import x509

from reliability.errors import NotGenuineError, RecordError
from reliability.signing import cms_profile, der

HEADER, PLACE, FORM = b"%PDF-", b"/ByteRange", b"/ETSI.CAdES.detached"
LONGEST = 256 << 20  # bytes of a file that is read
_RANGE = re.compile(rb"/ByteRange \[0 (\d{1,10}) (\d{1,10}) (\d{1,10})\]")
_MOMENT = re.compile(rb"/M \(D(?::|\\072)(\d{14})Z\)")  # a colon may be written by its number
_OPENING, _CLOSING = b" 0 obj\n", b"\nendobj"
_HEXADECIMAL = re.compile(rb"(?:[0-9A-F]{2})+")
_DECLARED = (
    b"/Type /Sig", b"/Filter /Adobe.PPKLite", b"/SubFilter " + FORM, b"/Contents <", b"/TransformMethod /DocMDP",
    b"/P 1",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class PdfSignature:
    """The signature of a file that is as its signer left it; who that is, nobody has looked at yet.

    Attributes
    ----------
    chain : tuple of certificates
        The signer's and its issuer's, as they stand in the file.
    claimed : datetime
        When it was signed, by the signer's own word.
    token : bytes or None
        A time-stamp token over the signature, to be read with `time_stamps.time_of`.
    signature : bytes
        The signature itself.
    """

    chain: tuple[x509.Certificate, x509.Certificate]
    claimed: datetime
    token: bytes | None
    signature: bytes

    @property
    def level(self) -> Literal["B-B", "B-T"]:
        """The PAdES level that the file claims."""
        return "B-B" if self.token is None else "B-T"

    @property
    def stamped(self) -> bytes:
        """What a time-stamp token must be over: the SHA-256 digest of the signature."""
        return hashlib.sha256(self.signature).digest()


def read_signature(content: bytes) -> PdfSignature:
    """The one signature of a PDF that covers all of it.

    Raises
    ------
    RecordError
        `pdf_unreadable` or `pdf_unsigned`, where nothing in the file looks signed.
    NotGenuineError
        `signature_several`, `signature_damaged`, `signature_range`, `signature_padding`, and those of
        `cms_profile.read`.
    """
    _refuse_unsigned(content)
    start, end = _gap(content)
    claimed = _claimed(content, start, end)
    written = _written(content[start + 1 : end - 1])
    digest = hashlib.sha256(content[:start])
    digest.update(memoryview(content)[end:])
    found = cms_profile.read(written, digest.digest())
    return PdfSignature(chain=found.chain, claimed=claimed, token=found.token, signature=found.signature)


def _refuse_unsigned(content: bytes) -> None:
    """Tell a file that nobody signed from one whose signature was tampered with: there, one mark or another is left."""
    marks = [content.startswith(HEADER), PLACE in content, FORM in content]
    if len(content) > LONGEST:
        raise RecordError("pdf_large", "over {most} MiB: too large for a certificate", most=LONGEST >> 20)
    if not any(marks[1:]):
        if not marks[0]:
            raise RecordError("pdf_unreadable", "this is no PDF; name the certificate's file")
        raise RecordError("pdf_unsigned", "this PDF is not signed")
    if content.count(PLACE) > 1 or content.count(FORM) > 1:
        raise NotGenuineError("signature_several", "the file holds more than the one signature it was issued with")
    if not all(marks):
        raise _damaged()


def _gap(content: bytes) -> tuple[int, int]:
    """Where the signature stands: from its opening to behind its closing bracket; all else must be covered."""
    found = _RANGE.search(content)
    if found is None:
        raise _damaged()
    start, end, rest = map(int, found.groups())
    canonical = b"/ByteRange [0 %d %d %d]" % (start, end, rest)
    if found[0] != canonical or end + rest != len(content) or not start < end <= len(content):
        raise NotGenuineError("signature_range", "the signature does not cover the whole file: something was added")
    if content[start : start + 1] != b"<" or content[end - 1 : end] != b">":
        raise _damaged()
    return start, end


def _claimed(content: bytes, start: int, end: int) -> datetime:
    """The signer's own time, from the object in which the signature stands."""
    opening, closing = content.rfind(_OPENING, 0, start), content.find(_CLOSING, end)
    around = content[max(opening, 0) : start + 1] + content[end : max(closing, end)]
    found = _MOMENT.search(around)
    if (
        found is None
        or opening < 0
        or closing < 0
        or PLACE not in around
        or any(one not in around for one in _DECLARED)
    ):
        raise _damaged()
    try:
        return datetime.strptime(found[1].decode(), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError as error:
        raise _damaged() from error


def _written(between: bytes) -> bytes:
    """The bytes that are written there: upper-case hexadecimal digits, and nothing but zeros after the first value."""
    wrong = NotGenuineError("signature_padding", "the place of the signature holds something beside it")
    if not _HEXADECIMAL.fullmatch(between):
        raise wrong
    whole = bytes.fromhex(between.decode("ascii"))
    try:
        length = der.first_length(whole)
    except ValueError as error:
        raise wrong from error
    if whole[length:].strip(b"\0"):
        raise wrong
    return whole[:length]


def _damaged() -> NotGenuineError:
    return NotGenuineError("signature_damaged", "the place of the signature in the file was tampered with")
