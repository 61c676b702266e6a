"""Everything that can be done to a signed file without its key, for tests and for benchmarks/tampering.py."""

import hashlib
import io
import random
import re
import warnings
from collections.abc import Iterator

import pikepdf
from asn1crypto import cms, core
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.sign import fields, signers
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from reliability.errors import NotGenuineError, RecordError, SignerError
from reliability.signing import authority, cms_profile, der, key_files
from reliability.signing.pdf_signature import read_signature
from reliability.signing.time_stamps import time_of
from tests.signing import sealed, stamping

HEX = b"0123456789ABCDEF"


def verdict(content, trust):
    """What a reader with the trust file makes of a file: accepted, time not proven, or the code it refuses with.

    Any other exception than the three that a reader may raise goes on.
    """
    try:
        found = read_signature(content)
        trust.path(found.chain, kind="seal", at=found.claimed)
    except (NotGenuineError, RecordError, SignerError) as refused:
        return refused.code
    if found.token is None:
        return "accepted"
    try:
        time_of(found.token, found.stamped, trust)
    except SignerError:
        return "time_not_proven"
    return "accepted"


def place(content):
    """Where the signature's digits stand."""
    start, end, _ = map(int, re.search(rb"/ByteRange \[0 (\d+) (\d+) (\d+)\]", content).groups())
    return range(start + 1, end - 1)


def token_place(content):
    """Where the digits of the time-stamp token stand, in a file that has one."""
    found = read_signature(content)
    where = content.index(found.token.hex().upper().encode())
    return range(where, where + 2 * len(found.token))


def with_byte(content, position, byte):
    return content[:position] + bytes((byte,)) + content[position + 1 :]


def other_digit(content, position, by) -> bytes:
    """The file with another digit there."""
    return with_byte(content, position, HEX[HEX.index(content[position]) ^ by])


def other_case(content, position) -> bytes | None:
    """The file with the digit there in lower case; None where it is no letter."""
    letter = content[position : position + 1]
    return with_byte(content, position, ord(letter.lower())) if letter.isalpha() else None


def other_byte(content, position, by) -> bytes:
    return with_byte(content, position, content[position] ^ by)


def cut_off(content, n, seed=0) -> Iterator[tuple[str, bytes]]:
    """The file ended early: just before its end, around its signature, and anywhere."""
    digits = place(content)
    marks = {*range(len(content) - 40, len(content)), digits.start - 1, digits.start, digits.stop, digits.stop + 1}
    marks.update(random.Random(seed).sample(range(len(content)), n))
    for end in sorted(marks):
        yield f"cut off after {end} bytes", content[:end]


def enlarged(content) -> Iterator[tuple[str, bytes]]:
    """Bytes before, behind and inside."""
    for name, more in (
        ("a line", b"\n"), ("a blank", b" "), ("a zero", b"\0"), ("a comment", b"% genuine\n"),
        ("a marker", b"%%EOF\n"), ("the file itself", content),
    ):  # fmt: skip
        yield f"{name} appended", content + more
        yield f"{name} before", more + content
    digits = place(content)
    yield "a blank in the signature", content[: digits.start] + b" " + content[digits.start : -1]
    yield "digits appended", content[: digits.stop] + b"00" + content[digits.stop :]


def with_range(content) -> Iterator[tuple[str, bytes]]:
    """Another covered range."""
    start, end, rest = map(int, re.search(rb"/ByteRange \[0 (\d+) (\d+) (\d+)\]", content).groups())
    for told in (
        (0, start - 2, end, rest), (0, start, end + 2, rest - 2), (0, start, end, rest - 1), (1, start, end, rest),
        (0, start, end - 2, rest + 2), (0, end, start, rest), (0, 0, 0, len(content)),
        (0, len(content), len(content), 0),
    ):  # fmt: skip
        yield f"range {told}", _ranged(content, b"/ByteRange [%d %d %d %d]" % told)
    yield "range with a zero before", _ranged(content, b"/ByteRange [0 0%d %d %d]" % (start, end, rest))
    yield "range with a number too many", _ranged(content, b"/ByteRange [0 %d %d %d 0]" % (start, end, rest))
    yield "range twice", content.replace(b"/Type /Sig\n", b"/ByteRange [0 1 2 3] ")


def _ranged(content, told):
    old = re.search(rb"/ByteRange \[[^]]*\] *", content)
    return content[: old.start()] + told.ljust(old.end() - old.start()) + content[old.end() :]


def reencoded(content) -> Iterator[tuple[str, bytes]]:
    """The same signature in another form: each of these satisfies readers that do not look at the form."""
    written = bytes.fromhex(content[place(content).start : place(content).stop].decode())
    whole = written[: der.first_length(written)]
    yield "root added", _rewritten(content, whole, lambda data: data["certificates"].append(_root()))
    yield "signer alone", _rewritten(content, whole, lambda data: data["certificates"].__delitem__(0))
    yield "no certificates", _rewritten(content, whole, lambda data: data.__setitem__("certificates", []))
    yield "signer twice", _rewritten(
        content, whole, lambda data: data["signer_infos"].append(data["signer_infos"][0])
    )  # fmt: skip
    yield "parameters added", _rewritten(content, whole, _null_parameters)
    yield "attribute added", _rewritten(content, whole, _unsigned_attribute)
    yield "version 3", _rewritten(content, whole, lambda data: data.__setitem__("version", "v3"))
    yield "twin signature", _rewritten(content, whole, _twin)
    yield "length in its long form", _placed(content, b"\x30\x83\x00" + whole[2:])
    yield "length left open", _placed(content, b"\x30\x80" + whole[4:] + b"\0\0")
    yield "zeros before", _placed(content, b"\0\0" + whole)
    yield "something behind", _placed(content, whole + b"\x30\x00")
    yield "nothing but zeros", with_digits(content, b"0" * len(place(content)))
    yield "no digits", with_digits(content, b" " * len(place(content)))


def with_digits(content, digits):
    where = place(content)
    return content[: where.start] + digits.ljust(len(where), b"0") + content[where.stop :]


def _placed(content, written):
    return with_digits(content, written.hex().upper().encode()[: len(place(content))])


def _rewritten(content, whole, change):
    changed = cms.ContentInfo.load(whole)
    change(changed["content"])
    return _placed(content, changed.dump())


def _root():
    return cms.CertificateChoices("certificate", stamping.as_asn1(sealed.hub().trust.roots[0]))


def _null_parameters(data):
    data["signer_infos"][0]["digest_algorithm"]["parameters"] = core.Null()


def _unsigned_attribute(data):
    more = cms.CMSAttribute({"type": "1.2.3.4", "values": [core.Any(core.Null())]})
    data["signer_infos"][0]["unsigned_attrs"] = [*data["signer_infos"][0]["unsigned_attrs"], more]


def _twin(data):
    signature = data["signer_infos"][0]["signature"]
    r, s = decode_dss_signature(signature.native)
    data["signer_infos"][0]["signature"] = encode_dss_signature(r, cms_profile.ORDER - s)


def updated(content) -> Iterator[tuple[str, bytes]]:
    """Incremental updates: what a program may add without touching what was signed."""
    yield "update: title", _update(content, _retitle)
    yield "update: page content", _update(content, _draw_over)
    yield "update: note on the page", _update(content, _annotate)
    yield "update: attachment added", _update(content, _attach)
    yield "update: empty", _update(content, lambda update: update.update_root())
    yield "update: second field", _update(content, _second_field)
    yield "update: document time stamp", _time_stamped(content)
    yield "update: second signature", _signed_again(content)


def rewritten(content) -> Iterator[tuple[str, bytes]]:
    """The file written anew by another program, as it is and with another record in it."""
    for name, options in (
        ("as it is", {}), ("without object streams", {"object_stream_mode": pikepdf.ObjectStreamMode.disable}),
        ("linearized", {"linearize": True}), ("uncompressed", {"compress_streams": False}),
    ):  # fmt: skip
        yield f"rewritten {name}", _saved(content, lambda _: None, **options)
    yield "attachment swapped", _saved(content, _swap_attachment)
    yield "attachment taken out", _saved(content, lambda pdf: pdf.attachments.clear())
    yield "page taken out", _saved(content, lambda pdf: pdf.pages.__delitem__(-1))
    yield "field taken out", _saved(content, lambda pdf: pdf.Root.__delitem__("/AcroForm"))
    yield "signature taken out", _saved(content, _take_signature_out)


def _saved(content, change, **options):
    with pikepdf.open(io.BytesIO(content)) as pdf:
        change(pdf)
        saved = io.BytesIO()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", pikepdf.PageCopyWarning)  # a field without its form
            pdf.save(saved, **options)
    return saved.getvalue()


def _take_signature_out(pdf):
    del pdf.Root.AcroForm, pdf.Root.Perms
    for one in pdf.objects:
        if isinstance(one, pikepdf.Dictionary) and one.get("/FT") == "/Sig":
            del one["/V"]


def _swap_attachment(pdf):
    name = next(iter(pdf.attachments))
    del pdf.attachments[name]
    pdf.attachments[name] = pikepdf.AttachedFileSpec(pdf, b'{"outcome": "conforms"}', filename=name)


def _update(content, change):
    update = IncrementalPdfFileWriter(io.BytesIO(content))
    change(update)
    written = io.BytesIO()
    update.write(written)
    return written.getvalue()


def _retitle(update):
    update.set_info(generic.DictionaryObject({generic.pdf_name("/Title"): generic.pdf_string("Genuine")}))


def _draw_over(update):
    drawn = RawContent(b"q 1 0 0 rg 50 50 400 400 re f Q", box=BoxConstraints(500, 500))
    update.add_stream_to_page(0, update.add_object(generic.StreamObject(stream_data=drawn.render())))


def _annotate(update):
    page, _ = update.find_page_for_modification(0)
    note = generic.DictionaryObject({
        generic.pdf_name("/Type"): generic.pdf_name("/Annot"), generic.pdf_name("/Subtype"): generic.pdf_name("/Text"),
        generic.pdf_name("/Contents"): generic.pdf_string("valid until 2099"),
        generic.pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (10, 10, 30, 30))),
    })  # fmt: skip
    annotations = page.get_object().setdefault(generic.pdf_name("/Annots"), generic.ArrayObject())
    annotations.append(update.add_object(note))
    update.mark_update(page)


def _attach(update):
    names = generic.DictionaryObject({generic.pdf_name("/Names"): generic.ArrayObject()})
    update.root[generic.pdf_name("/Names")] = update.add_object(
        generic.DictionaryObject({generic.pdf_name("/EmbeddedFiles"): names})
    )
    update.update_root()


def _second_field(update):
    fields.append_signature_field(update, fields.SigFieldSpec(sig_field_name="Second"))


def _time_stamped(content):
    update = IncrementalPdfFileWriter(io.BytesIO(content))
    return signers.PdfTimeStamper(stamping.stamper()).timestamp_pdf(update, "sha256").getvalue()


def _signed_again(content):
    """Signed by the hub once more; pyHanko's own signer would refuse, for the first signature allows no change."""
    update = IncrementalPdfFileWriter(io.BytesIO(content))
    writing = PdfCMSEmbedder().write_cms(field_name="Second", writer=update)
    next(writing)
    writing.send(SigObjSetup(sig_placeholder=SignatureObject(subfilter=fields.SigSeedSubFilter.PADES)))
    output = io.BytesIO()
    prepared, _ = writing.send(SigIOSetup(md_algorithm="sha256", output=output))
    chain, key = sealed.hub().chain("seal")[:2], sealed.hub().key("seal")
    digest = prepared.document_digest
    writing.send(cms_profile.content_info(digest, chain, cms_profile.signed(digest, chain, key), None))
    return output.getvalue()


def forged(content):
    """The file signed with another key, under a certificate that says all that the seal's says but the key."""
    own, issuing = sealed.hub().chain("seal")[:2]
    key = key_files.new_key()
    builder = x509.CertificateBuilder(
        own.issuer, own.subject, key.public_key(), own.serial_number, own.not_valid_before_utc, own.not_valid_after_utc,
        list(own.extensions),
    )  # fmt: skip
    chain = (builder.sign(key, hashes.SHA256()), issuing)
    where = place(content)
    digest = hashlib.sha256(content[: where.start - 1] + content[where.stop + 1 :]).digest()
    return _placed(content, cms_profile.content_info(digest, chain, cms_profile.signed(digest, chain, key), None))


def resigned(content):
    """The file signed with another key, and the seal's own certificate beside it."""
    chain, where = sealed.hub().chain("seal")[:2], place(content)
    digest = hashlib.sha256(content[: where.start - 1] + content[where.stop + 1 :]).digest()
    signature = cms_profile.signed(digest, chain, key_files.new_key())
    return _placed(content, cms_profile.content_info(digest, chain, signature, None))


def revoked(issuing):
    """The lists that an authority has signed."""
    return (x509.load_pem_x509_crl((issuing.folder / authority.REVOKED).read_bytes()),)
