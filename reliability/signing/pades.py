"""Signs a PDF: one PAdES signature that certifies it and allows no change, and both standards kept.

pyHanko writes the incremental update; what it does by itself would break PDF/A-3a and PDF/UA-1 (it writes the metadata
anew and tags no field), so the field is made here. The appearance is empty: the page itself draws what is seen there.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, Protocol

from cryptography import x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigMDPSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from reliability.errors import EnvironmentLacksError, RecordError, UsageError
from reliability.signing import cms_profile, paths, pdf_signature
from reliability.signing.key_files import SigningKey, name_of

FIELD = "Signature"
Box = tuple[float, float, float, float]
_NOWHERE: Box = (0, 0, 0, 0)
_PRINTED = 4  # a flag of annotations; PDF/A demands it
_ROOM, _ROOM_FOR_TOKEN = 4096, 12288  # bytes kept for a signature, and for a time-stamp token besides
# A table of objects whose compressed data end in CR reads as a byte short. Moved by a byte, it is another table.
_AMBIGUOUS_END, _TRIES = b"\r\nendstream", 8


class Stamps(Protocol):
    """What gives time-stamp tokens."""

    def stamp(self, digest: bytes, /) -> bytes:
        """A token over a SHA-256 digest."""
        ...


class _Update(IncrementalPdfFileWriter):
    """An update that leaves the metadata alone: pyHanko would write them anew, and not as PDF/A wants them."""

    def _update_meta(self) -> None:
        pass


def sign_pdf(
    content: bytes, key: SigningKey, *, chain: Sequence[x509.Certificate], box: Box | None, name: str, at: datetime,
    stamper: Stamps | None = None,
) -> bytes:  # fmt: skip
    """The file with its one signature: PAdES B-T with a time-stamp service, else B-B.

    Parameters
    ----------
    content : bytes
        A tagged PDF that nobody has signed.
    key : SigningKey
        Of the first certificate of the chain.
    chain : sequence of certificates
        The signer's and its issuer's; what comes after is left out.
    box : tuple of float or None
        Left, bottom, right and top of the field on the first page, in points; None for a field that is nowhere.
    name : str
        Who signs, as readers of PDF show it.
    at : datetime
        When it is signed, by the signer's own word.
    stamper : Stamps or None
        The time-stamp service.

    Raises
    ------
    UsageError
        If the key is another's than the certificate's, or the issuer's certificate is missing.
    RecordError
        If the file is no PDF that can be signed, or is signed already.
    EnvironmentLacksError
        If the service gives no token, or one that is too large.
    """
    pair = _pair(chain, key)
    _refuse_signed(content)
    placed = at.astimezone(UTC).replace(microsecond=0)
    reserved = _ROOM + (_ROOM_FOR_TOKEN if stamper else 0)
    try:
        writing, digest, output = _prepared(content, box or _NOWHERE, name, placed, reserved)
    except (PdfError, KeyError, ValueError) as error:
        raise RecordError(
            "pdf_unsignable", "this PDF cannot be signed ({why}); sign one that this workbench printed",
            why=type(error).__name__,
        ) from error  # fmt: skip
    signature = cms_profile.signed(digest, pair, key)
    token = stamper.stamp(hashlib.sha256(signature).digest()) if stamper else None
    written = cms_profile.content_info(digest, pair, signature, token)
    if len(written) > reserved:
        raise EnvironmentLacksError(
            "time_stamp_large", "the token of the time-stamp service takes {met} bytes, {most} are kept for it",
            met=len(token or b""), most=_ROOM_FOR_TOKEN,
        )  # fmt: skip
    writing.send(written)
    made = bytes(output.getvalue())
    pdf_signature.read_signature(made)
    return made


def _pair(chain: Sequence[x509.Certificate], key: SigningKey) -> tuple[x509.Certificate, x509.Certificate]:
    if len(chain) < 2 or not paths.issued_by(chain[0], chain[1]):
        raise UsageError(
            "chain_incomplete", "{name}: the certificate of the authority that issued it is needed as well",
            name=name_of(chain[0]) if chain else "-",
        )  # fmt: skip
    if key.public_key() != chain[0].public_key():
        raise UsageError(
            "key_of_other_certificate", "the key does not belong to the certificate of {name}", name=name_of(chain[0])
        )
    return chain[0], chain[1]


def _refuse_signed(content: bytes) -> None:
    if not content.startswith(pdf_signature.HEADER):
        raise RecordError("pdf_unreadable", "this is no PDF; name the certificate's file")
    if pdf_signature.PLACE in content or pdf_signature.FORM in content:
        raise RecordError("pdf_signed", "this PDF is signed already, and takes one signature")


def _prepared(content: bytes, box: Box, name: str, at: datetime, reserved: int) -> tuple[Any, bytes, BytesIO]:
    """All of the file but the signature, the digest to sign, and what takes the signature."""
    for more in range(_TRIES):
        writing, digest, output = _updated(content, box, name, at, reserved + more)
        if _AMBIGUOUS_END not in output.getvalue()[len(content) :]:
            break
    return writing, digest, output


def _updated(content: bytes, box: Box, name: str, at: datetime, reserved: int) -> tuple[Any, bytes, BytesIO]:
    update = _Update(BytesIO(content))
    _add_field(update, box, name)
    writing = PdfCMSEmbedder().write_cms(field_name=FIELD, writer=update, existing_fields_only=True)
    next(writing)
    place = SignatureObject(timestamp=at, subfilter=SigSeedSubFilter.PADES, name=name, bytes_reserved=2 * reserved)
    certifying = SigMDPSetup(md_algorithm="sha256", certify=True, docmdp_perms=MDPPerm.NO_CHANGES)
    writing.send(SigObjSetup(sig_placeholder=place, mdp_setup=certifying))
    output = BytesIO()
    prepared, _ = writing.send(SigIOSetup(md_algorithm="sha256", output=output))
    return writing, prepared.document_digest, output


def _add_field(update: Any, box: Box, name: str) -> None:
    """A signature field on the first page, with its place in the structure of the document."""
    page_reference, _ = update.find_page_for_modification(0)
    page = page_reference.get_object()
    tree = update.root["/StructTreeRoot"]
    number = _next_number(tree["/ParentTree"])
    left, bottom, right, top = box
    field = update.add_object(_dictionary({
        "/Type": pdf_name("/Annot"), "/Subtype": pdf_name("/Widget"), "/FT": pdf_name("/Sig"),
        "/T": generic.TextStringObject(FIELD), "/TU": generic.TextStringObject(name),
        "/F": _number(_PRINTED), "/P": page_reference,
        "/Rect": generic.ArrayObject(map(generic.FloatObject, box)),
        "/StructParent": _number(number),
        "/AP": _dictionary({"/N": update.add_object(_nothing(right - left, top - bottom))}),
    }))  # fmt: skip
    page["/Annots"] = generic.ArrayObject([*page.get("/Annots", ()), field])
    page[pdf_name("/Tabs")] = pdf_name("/S")
    update.mark_update(page_reference)
    form = {"/Fields": generic.ArrayObject([field]), "/SigFlags": _number(3)}
    update.root[pdf_name("/AcroForm")] = update.add_object(_dictionary(form))
    update.update_root()
    _tag(update, tree, field, page_reference, number)


def _tag(update: Any, tree: Any, field: Any, page: Any, number: int) -> None:
    document = tree.raw_get("/K")
    document = document if isinstance(document, generic.IndirectObject) else document.raw_get(0)
    content = _dictionary({"/Type": pdf_name("/OBJR"), "/Obj": field, "/Pg": page})
    element = update.add_object(_dictionary({
        "/Type": pdf_name("/StructElem"), "/S": pdf_name("/Form"), "/P": document, "/Pg": page, "/K": content,
    }))  # fmt: skip
    kids = document.get_object()
    kids["/K"].append(element)
    update.mark_update(document.reference)
    numbers = tree["/ParentTree"]
    numbers["/Nums"].extend([_number(number), element])
    tree[pdf_name("/ParentTreeNextKey")] = _number(number + 1)
    for changed in (kids["/K"], numbers, numbers["/Nums"], tree):
        update.update_container(changed)


def _next_number(parents: Any) -> int:
    return max(map(int, list(parents["/Nums"])[::2]), default=-1) + 1


def _nothing(width: float, height: float) -> generic.StreamObject:
    """An appearance in which nothing is drawn."""
    return generic.StreamObject(
        _dictionary({
            "/Type": pdf_name("/XObject"), "/Subtype": pdf_name("/Form"), "/Resources": _dictionary({}),
            "/BBox": generic.ArrayObject(map(generic.FloatObject, (0, 0, width, height))),
        }),
        stream_data=b"",
    )  # fmt: skip


def _dictionary(entries: dict[str, Any]) -> generic.DictionaryObject:
    return generic.DictionaryObject({pdf_name(key): value for key, value in entries.items()})  # type: ignore[no-untyped-call]  # pyHanko's


def _number(value: int) -> generic.NumberObject:
    return generic.NumberObject(value)  # type: ignore[no-untyped-call]  # as above
