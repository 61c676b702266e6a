"""What a certificate may do, and whether it may do it at a time: the rules of X.509 that every path is judged by."""

import warnings
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from reliability.signing import der

# What reading a certificate of a stranger may raise.
BROKEN = (
    ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm, x509.DuplicateExtension, x509.ExtensionNotFound,
    x509.InvalidVersion, x509.UnsupportedGeneralNameType,
)  # fmt: skip
_UNDERSTOOD = frozenset({
    x509.BasicConstraints.oid, x509.KeyUsage.oid, x509.ExtendedKeyUsage.oid, x509.CertificatePolicies.oid,
})  # fmt: skip
_HASHES = (hashes.SHA256, hashes.SHA384, hashes.SHA512)
# A key that somebody else may have had proves nothing, whatever the date beside the signature.
_AT_ANY_TIME = frozenset(
    {x509.ReasonFlags.key_compromise, x509.ReasonFlags.ca_compromise, x509.ReasonFlags.aa_compromise}
)


# The same few certificates come with every event of a register.
@lru_cache(maxsize=1024)
def loaded(content: bytes) -> x509.Certificate:
    """A certificate of a stranger, read whole so that nobody meets one later that cannot be read; one of BROKEN."""
    signed, name, signature = der.element(content).inside(der.SEQUENCE, der.SEQUENCE, der.BITS)
    # Not signed by its issuer: the algorithm, named once more, and bits left over. One value of each is let through.
    if signed.inside(der.context(0), der.INTEGER, der.SEQUENCE)[2].whole != name.whole or signature.body[:1] != b"\0":
        raise ValueError("certificate")
    with warnings.catch_warnings():
        # What a certificate does wrong is judged here, by rules that stay, and not told on the terminal.
        warnings.simplefilter("ignore")
        found = x509.load_der_x509_certificate(content)
        if found.serial_number <= 0:
            raise ValueError("serial number")
        _ = (list(found.extensions), found.subject.rfc4514_string(), found.issuer.rfc4514_string())
        _ = (found.not_valid_before_utc, found.not_valid_after_utc, found.public_key())
    return found


@lru_cache(maxsize=1024)
def issued_by(below: x509.Certificate, above: x509.Certificate) -> bool:
    """Whether one certificate names the other as its issuer and is signed with its key."""
    try:
        below.verify_directly_issued_by(above)
        return isinstance(below.signature_hash_algorithm, _HASHES)
    except BROKEN:
        return False


def valid_at(certificate: x509.Certificate, at: datetime) -> bool:
    """Whether a moment lies in its time."""
    return certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc


def certifies(certificate: x509.Certificate, *, above: int) -> bool:
    """Whether it may stand above a certificate with so many authorities in between."""
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except BROKEN:
        return False
    deep_enough = constraints.path_length is None or constraints.path_length >= above
    return bool(constraints.ca and usage.key_cert_sign and deep_enough and understood(certificate))


def signs(certificate: x509.Certificate) -> bool:
    """Whether it is for signatures, with a key on NIST P-256, and is no authority."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        constraints = [one.value for one in certificate.extensions if isinstance(one.value, x509.BasicConstraints)]
        key = certificate.public_key()
    except BROKEN:
        return False
    ours = isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)
    return ours and usage.digital_signature and not any(one.ca for one in constraints) and understood(certificate)


def stamps_time(certificate: x509.Certificate) -> bool:
    """Whether it is for time stamps and for nothing else (RFC 3161, 2.3)."""
    try:
        purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except BROKEN:
        return False
    only = list(purposes.value) == [ExtendedKeyUsageOID.TIME_STAMPING]
    return purposes.critical and only and understood(certificate)


def understood(certificate: x509.Certificate) -> bool:
    """Whether it sets no condition that nothing here would look at."""
    try:
        return all(one.oid in _UNDERSTOOD for one in certificate.extensions if one.critical)
    except BROKEN:
        return False


def taken_back(
    certificate: x509.Certificate, above: x509.Certificate, at: datetime,
    lists: Sequence[x509.CertificateRevocationList],
) -> bool:  # fmt: skip
    """Whether its issuer revoked it by then, or at any time because of its key."""
    for one in lists:
        if not lists_for(one, above):
            continue
        entry = one.get_revoked_certificate_by_serial_number(certificate.serial_number)
        if entry is not None and (entry.revocation_date_utc <= at or _because_of_its_key(entry)):
            return True
    return False


def lists_for(one: x509.CertificateRevocationList, above: x509.Certificate) -> bool:
    """Whether a revocation list is this authority's."""
    try:
        key = above.public_key()
        return one.issuer == above.subject and one.is_signature_valid(key)  # type: ignore[arg-type]  # other keys: TypeError
    except BROKEN:
        return False


def _because_of_its_key(entry: x509.RevokedCertificate) -> bool:
    try:
        return entry.extensions.get_extension_for_class(x509.CRLReason).value.reason in _AT_ANY_TIME
    except x509.ExtensionNotFound:
        return False
