"""The one form of a signature in our files (CMS, RFC 5652, as PAdES B-B and B-T), made and read back.

Nothing in it is free but signer, digest, signature and time-stamp token: whoever reads one makes it anew from these and
compares the bytes, so that no byte of it can be other than its signer left it.
"""

import hashlib
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from reliability.errors import NotGenuineError
from reliability.signing import der, paths
from reliability.signing.key_files import SigningKey

DATA = der.identifier("1.2.840.113549.1.7.1")
SIGNED_DATA = der.identifier("1.2.840.113549.1.7.2")
CONTENT_TYPE = der.identifier("1.2.840.113549.1.9.3")
MESSAGE_DIGEST = der.identifier("1.2.840.113549.1.9.4")
SIGNING_CERTIFICATE = der.identifier("1.2.840.113549.1.9.16.2.47")
TIME_STAMP = der.identifier("1.2.840.113549.1.9.16.2.14")
SHA256 = der.encoded(der.SEQUENCE, der.identifier("2.16.840.1.101.3.4.2.1"))
# Order of the group of NIST P-256 (SEC 2, 2.4.2).
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True, kw_only=True)
class Signed:
    """A signature as it was read.

    Attributes
    ----------
    chain : tuple of certificates
        The signer's and its issuer's.
    signature : bytes
        As DER.
    token : bytes or None
        The time-stamp token over the signature; nothing in it was looked at.
    """

    chain: tuple[x509.Certificate, x509.Certificate]
    signature: bytes
    token: bytes | None


def signed(digest: bytes, chain: tuple[x509.Certificate, x509.Certificate], key: SigningKey) -> bytes:
    """A signature over a SHA-256 digest, as ECDSA has it."""
    r, s = decode_dss_signature(key.sign(_attributes(digest, chain), ec.ECDSA(hashes.SHA256())))
    # Each signature has a twin that holds just as well, r with n - s: one of the two is ours.
    return encode_dss_signature(r, min(s, ORDER - s))


def content_info(
    digest: bytes, chain: tuple[x509.Certificate, x509.Certificate], signature: bytes, token: bytes | None
) -> bytes:
    """The whole of what stands in the file."""
    unsigned = b"" if token is None else der.encoded(der.context(1), attribute(TIME_STAMP, token))
    signer = der.encoded(
        der.SEQUENCE, der.integer(1), signer_of(chain[0]), SHA256,
        der.encoded(der.context(0), der.element(_attributes(digest, chain)).body),
        der.ECDSA_SHA256, der.encoded(der.OCTETS, signature), unsigned,
    )  # fmt: skip
    body = der.encoded(
        der.SEQUENCE, der.integer(1), der.set_of(SHA256), der.encoded(der.SEQUENCE, DATA),
        der.encoded(der.context(0), *sorted(map(der_of, chain))), der.set_of(signer),
    )  # fmt: skip
    return der.encoded(der.SEQUENCE, SIGNED_DATA, der.encoded(der.context(0), body))


def read(content: bytes, digest: bytes) -> Signed:
    """A signature over a SHA-256 digest.

    Raises
    ------
    NotGenuineError
        `signature_form` where it is not of our form to the last bit, `file_changed` where it is over another digest,
        `signature_false` where the signer's key did not make it.
    """
    try:
        found, over = _parts(content)
        whole = content_info(over, found.chain, found.signature, found.token)
        key = _plain_key(found)
    except (*paths.BROKEN, IndexError) as error:
        raise _other_form() from error
    if whole != content:
        raise _other_form()
    if over != digest:
        raise NotGenuineError("file_changed", "the file was changed after it was signed")
    try:
        key.verify(found.signature, _attributes(digest, found.chain), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise NotGenuineError(
            "signature_false", "the signature was not made with the key of the signer that it names"
        ) from error
    return found


def attribute(kind: bytes, value: bytes) -> bytes:
    """One attribute with one value."""
    return der.encoded(der.SEQUENCE, kind, der.encoded(der.SET, value))


def signer_of(certificate: x509.Certificate) -> bytes:
    """How a signature names its signer: issuer and serial number."""
    return der.encoded(der.SEQUENCE, certificate.issuer.public_bytes(), der.integer(certificate.serial_number))


def der_of(certificate: x509.Certificate) -> bytes:
    """A certificate's bytes."""
    return certificate.public_bytes(serialization.Encoding.DER)


def value_of(attributes: bytes, kind: bytes) -> der.Element | None:
    """The value of an attribute in a row of attributes; None where there is none."""
    for one in der.elements(attributes):
        name, values = one.inside(der.IDENTIFIER, der.SET)
        if name.whole == kind:
            return der.element(values.body)
    return None


def _attributes(digest: bytes, chain: tuple[x509.Certificate, ...]) -> bytes:
    """What is signed: a set, in which every certificate of the chain is pinned by its digest (RFC 5035)."""
    pinned = [der.encoded(der.SEQUENCE, der.encoded(der.OCTETS, _digest(one))) for one in chain]
    return der.set_of(
        attribute(CONTENT_TYPE, DATA),
        attribute(MESSAGE_DIGEST, der.encoded(der.OCTETS, digest)),
        attribute(SIGNING_CERTIFICATE, der.encoded(der.SEQUENCE, der.encoded(der.SEQUENCE, *pinned))),
    )


def _digest(certificate: x509.Certificate) -> bytes:
    return hashlib.sha256(der_of(certificate)).digest()


def _parts(content: bytes) -> tuple[Signed, bytes]:
    """The four parts that are free, and the digest; everything else is told by making it anew."""
    _, wrapped = der.element(content).inside(der.IDENTIFIER, der.context(0))
    body = der.element(wrapped.body).inside(der.INTEGER, der.SET, der.SEQUENCE, der.context(0), der.SET)
    (signer,) = der.elements(body[4].body)
    fields = signer.inside(der.INTEGER, der.SEQUENCE, der.SEQUENCE, der.context(0), der.SEQUENCE, der.OCTETS)
    over = value_of(fields[3].body, MESSAGE_DIGEST)
    if over is None:
        raise ValueError("no digest")
    stamp = value_of(fields[6].body, TIME_STAMP) if len(fields) > 6 else None
    chain = _in_order(body[3].body, fields[1].whole)
    return Signed(chain=chain, signature=fields[5].body, token=stamp.whole if stamp else None), over.body


def _in_order(certificates: bytes, signer: bytes) -> tuple[x509.Certificate, x509.Certificate]:
    """The signer's certificate first."""
    one, other = (paths.loaded(found.whole) for found in der.elements(certificates))
    return (one, other) if signer_of(one) == signer else (other, one)


def _plain_key(found: Signed) -> ec.EllipticCurvePublicKey:
    """The signer's key; ValueError where key, certificates or signature are of another kind than ours."""
    key = found.chain[0].public_key()
    r, s = decode_dss_signature(found.signature)
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise TypeError("key")
    if encode_dss_signature(r, s) != found.signature or not 0 < s <= ORDER // 2:
        raise ValueError("signature")
    return key


def _other_form() -> NotGenuineError:
    return NotGenuineError("signature_form", "the signature is not of the one form that this workbench writes")
