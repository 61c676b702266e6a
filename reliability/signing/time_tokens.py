"""Time-stamp tokens (RFC 3161): one form of each, in which no byte is free.

A service signs the time, but not all of its token: certificates, algorithm names and unsigned attributes could be other
bytes and the signature would hold as well. So a token is kept in the one form that its signed parts determine, and read
in no other.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from reliability.errors import SignerError
from reliability.signing import cms_profile, der, paths

_TIME_INFO = der.identifier("1.2.840.113549.1.9.16.1.4")
_SIGNING_CERTIFICATE_V1 = der.identifier("1.2.840.113549.1.9.16.2.12")
_PROTECTION = der.identifier("1.2.840.113549.1.9.52")
_RSA = der.encoded(der.SEQUENCE, der.identifier("1.2.840.113549.1.1.1"), der.encoded(der.NULL))
_HASHES: dict[bytes, tuple[hashes.HashAlgorithm, bytes]] = {
    der.identifier("2.16.840.1.101.3.4.2.1"): (hashes.SHA256(), der.identifier("1.2.840.10045.4.3.2")),
    der.identifier("2.16.840.1.101.3.4.2.2"): (hashes.SHA384(), der.identifier("1.2.840.10045.4.3.3")),
    der.identifier("2.16.840.1.101.3.4.2.3"): (hashes.SHA512(), der.identifier("1.2.840.10045.4.3.4")),
}
_MOMENT = re.compile(r"(\d{14})(?:\.(\d{1,9}))?Z", re.ASCII)
_LONGEST = 1 << 16  # bytes of a token
_MOST_ABOVE = 4  # certificates above the service's own


@dataclass(frozen=True, kw_only=True)
class Token:
    """A token whose signature holds; whether its service is trusted, nobody has looked at yet.

    Attributes
    ----------
    whole : bytes
        In its one form.
    chain : tuple of certificates
        The service's, then its issuer's and so on, without the root's.
    digest : bytes
        The SHA-256 digest that was stamped.
    at : datetime
        When.
    nonce : int or None
        What was asked with.
    """

    whole: bytes
    chain: tuple[x509.Certificate, ...]
    digest: bytes
    at: datetime
    nonce: int | None


def canonical(content: bytes) -> Token:
    """A token that may come in any form, in its one form; SignerError `time_stamp_broken` where it does not hold."""
    try:
        if len(content) > _LONGEST:
            raise ValueError("long")
        return _token(content)
    except (*paths.BROKEN, KeyError, IndexError, StopIteration, OverflowError) as error:
        raise broken() from error


def broken() -> SignerError:
    """That a token proves nothing."""
    return SignerError("time_stamp_broken", "the time stamp does not hold, or is over something else")


def _token(content: bytes) -> Token:
    _, wrapped = der.element(content).inside(der.IDENTIFIER, der.context(0))
    body = der.element(wrapped.body).inside(der.INTEGER, der.SET, der.SEQUENCE)
    _, held = body[2].inside(der.IDENTIFIER, der.context(0))
    info = der.element(held.body)
    (signer,) = der.elements(body[-1].body)
    _, _, digest_name, signed, _, signature, *_ = signer.inside(der.INTEGER)
    chain = _chain(signed.body, next(one.body for one in body[3:] if one.tag == der.context(0)))
    names = _algorithms(signed.body, digest_name, chain[0])
    _refuse_false(signed.body, info.body, chain[0], names[0], signature.body)
    digest, at, nonce = _told(info.body)
    whole = _whole(info.body, chain, names, signed.body, signature.body)
    return Token(whole=whole, chain=chain, digest=digest, at=at, nonce=nonce)


def _chain(signed: bytes, certificates: bytes) -> tuple[x509.Certificate, ...]:
    """The certificate that the service signed for, and those above it, without a root."""
    given = [paths.loaded(one.whole) for one in der.elements(certificates) if one.tag == der.SEQUENCE]
    chain = [next(one for one in given if _pinned(signed, cms_profile.der_of(one)))]
    while len(chain) <= _MOST_ABOVE:
        above = next((one for one in given if one not in chain and paths.issued_by(chain[-1], one)), None)
        if above is None or above.issuer == above.subject:
            break
        chain.append(above)
    return tuple(chain)


def _pinned(signed: bytes, certificate: bytes) -> bool:
    """Whether the signed attributes name this certificate by its digest (RFC 2634 with SHA-1, RFC 5035)."""
    newer = cms_profile.value_of(signed, cms_profile.SIGNING_CERTIFICATE)
    older = cms_profile.value_of(signed, _SIGNING_CERTIFICATE_V1)
    if newer is not None:
        first = der.elements(newer.inside(der.SEQUENCE)[0].body)[0].inside()
        kind, told = (hashes.SHA256(), first[0]) if first[0].tag == der.OCTETS else (_hash_of(first[0])[0], first[1])
        return hashlib.new(kind.name, certificate).digest() == told.body
    if older is not None:
        first = der.elements(older.inside(der.SEQUENCE)[0].body)[0].inside(der.OCTETS)
        return hashlib.sha1(certificate, usedforsecurity=False).digest() == first[0].body
    return False


def _algorithms(signed: bytes, digest_name: der.Element, certificate: x509.Certificate) -> tuple[bytes, bytes]:
    """The names of digest and signature: as the signed attributes protect them (RFC 6211), else the plainest."""
    protected = cms_profile.value_of(signed, _PROTECTION)
    if protected is not None:
        named = protected.inside(der.SEQUENCE, der.context(1))
        return named[0].whole, der.encoded(der.SEQUENCE, named[1].body)
    kind = digest_name.inside(der.IDENTIFIER)[0].whole
    plain = der.encoded(der.SEQUENCE, kind)
    if isinstance(certificate.public_key(), rsa.RSAPublicKey):
        return plain, _RSA
    return plain, der.encoded(der.SEQUENCE, _HASHES[kind][1])


def _refuse_false(
    signed: bytes, info: bytes, certificate: x509.Certificate, digest_name: bytes, signature: bytes
) -> None:
    kind, _ = _hash_of(der.element(digest_name))
    of_info = cms_profile.value_of(signed, cms_profile.MESSAGE_DIGEST)
    of_type = cms_profile.value_of(signed, cms_profile.CONTENT_TYPE)
    told = hashlib.new(kind.name, info).digest()
    if of_info is None or of_info.body != told or of_type is None or of_type.whole != _TIME_INFO:
        raise ValueError("digest")
    message, key = der.encoded(der.SET, signed), certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, message, padding.PKCS1v15(), kind)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, message, ec.ECDSA(kind))
    else:
        raise TypeError("key")


def _told(info: bytes) -> tuple[bytes, datetime, int | None]:
    """Digest, time and nonce."""
    fields = der.element(info).inside(der.INTEGER, der.IDENTIFIER, der.SEQUENCE, der.INTEGER, der.GENERALIZED_TIME)
    named, digest = fields[2].inside(der.SEQUENCE, der.OCTETS)
    if not isinstance(_hash_of(named)[0], hashes.SHA256):
        raise TypeError("digest")
    found = _MOMENT.fullmatch(fields[4].body.decode("ascii"))
    if found is None:
        raise ValueError("time")
    at = datetime.strptime(found[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    at += timedelta(seconds=float(f"0.{found[2] or 0}"))
    nonce = next((int.from_bytes(one.body, "big") for one in fields[5:] if one.tag == der.INTEGER), None)
    return digest.body, at, nonce


def _hash_of(named: der.Element) -> tuple[hashes.HashAlgorithm, bytes]:
    return _HASHES[named.inside(der.IDENTIFIER)[0].whole]


def _whole(
    info: bytes, chain: Sequence[x509.Certificate], names: tuple[bytes, bytes], signed: bytes, signature: bytes
) -> bytes:
    digest_name, signature_name = names
    signer = der.encoded(
        der.SEQUENCE, der.integer(1), cms_profile.signer_of(chain[0]), digest_name,
        der.encoded(der.context(0), signed), signature_name, der.encoded(der.OCTETS, signature),
    )  # fmt: skip
    held = der.encoded(der.SEQUENCE, _TIME_INFO, der.encoded(der.context(0), der.encoded(der.OCTETS, info)))
    body = der.encoded(
        der.SEQUENCE, der.integer(3), der.set_of(digest_name), held,
        der.encoded(der.context(0), *sorted(map(cms_profile.der_of, chain))), der.set_of(signer),
    )  # fmt: skip
    return der.encoded(der.SEQUENCE, cms_profile.SIGNED_DATA, der.encoded(der.context(0), body))
