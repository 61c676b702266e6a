"""Private keys as files: always encrypted, readable by their owner only, never written over another file."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12

from reliability.errors import UsageError

SHORTEST_PASSPHRASE = 12  # characters
_ROUNDS = 600_000  # of PBKDF2: what OWASP's password storage cheat sheet asks for with SHA-256
_OPAQUE = 0o600
_LARGEST = 1 << 20  # bytes of a file that is read as a key or certificate


class SigningKey(Protocol):
    """A private key on NIST P-256, wherever it is kept: in a file or in a token."""

    def sign(self, data: bytes, signature_algorithm: ec.ECDSA, /) -> bytes:
        """A signature over data, as DER."""
        ...

    def public_key(self) -> ec.EllipticCurvePublicKey:
        """The public half."""
        ...


def new_key() -> ec.EllipticCurvePrivateKey:
    """A fresh key on NIST P-256."""
    return ec.generate_private_key(ec.SECP256R1())


def pem_of_key(key: ec.EllipticCurvePrivateKey, passphrase: str) -> bytes:
    """Encrypted PKCS#8, as text.

    Raises UsageError `passphrase_short` where anybody could guess the pass phrase by trying.
    """
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(_long_enough(passphrase)),
    )


def pkcs12_of(
    key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate, issuers: list[x509.Certificate], passphrase: str
) -> bytes:
    """Key and certificates in one encrypted file, as signing programs take them."""
    encryption = (
        serialization.PrivateFormat.PKCS12.encryption_builder()
        .kdf_rounds(_ROUNDS)
        .key_cert_algorithm(pkcs12.PBES.PBESv2SHA256AndAES256CBC)
        .hmac_hash(hashes.SHA256())
        .build(_long_enough(passphrase))
    )
    return pkcs12.serialize_key_and_certificates(
        name_of(certificate).encode(), key, certificate, issuers or None, encryption
    )


def read_key(path: Path, passphrase: str) -> ec.EllipticCurvePrivateKey:
    """The key in an encrypted PEM or PKCS#12 file.

    Raises UsageError `key_unreadable` (no key, another kind of key, not encrypted) or `passphrase_wrong`.
    """
    content = contents(path)
    protected = passphrase.encode()
    if content.startswith(b"-----BEGIN"):
        key = _key_of_pem(path, content, protected)
    else:
        key = _key_of_pkcs12(path, content, protected)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise _unreadable(path, "another kind of key than EC P-256")
    return key


def _key_of_pem(path: Path, content: bytes, passphrase: bytes) -> object:
    if b"BEGIN ENCRYPTED PRIVATE KEY" not in content:
        raise _unreadable(path, "no encrypted private key in it")
    try:
        return serialization.load_pem_private_key(content, passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _wrong(path) from error


def _key_of_pkcs12(path: Path, content: bytes, passphrase: bytes) -> object:
    # Its outermost part is a sequence: what is none is no wrong pass phrase.
    if not content.startswith(b"\x30"):
        raise _unreadable(path, "neither PEM nor PKCS#12")
    try:
        key, _, _ = pkcs12.load_key_and_certificates(content, passphrase)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _wrong(path) from error
    return key


def read_certificate(path: Path) -> x509.Certificate:
    """The one certificate in a PEM file; UsageError `certificate_unreadable` where there is none."""
    try:
        found = x509.load_pem_x509_certificates(contents(path))
    except ValueError as error:
        raise _no_certificate(path) from error
    if len(found) != 1:
        raise _no_certificate(path)
    return found[0]


def read_request(path: Path) -> x509.CertificateSigningRequest:
    """The request in a PEM file; UsageError `request_unreadable` where there is none."""
    try:
        return x509.load_pem_x509_csr(contents(path))
    except ValueError as error:
        raise UsageError(
            "request_unreadable",
            "{path}: no certificate request (PEM) is in it; 'reliability keys request' makes one",
            path=path.name,
        ) from error


def pem_of(value: x509.Certificate | x509.CertificateSigningRequest | x509.CertificateRevocationList) -> bytes:
    """A certificate, request or revocation list as text."""
    return value.public_bytes(serialization.Encoding.PEM)


def name_of(value: x509.Certificate | x509.CertificateSigningRequest) -> str:
    """The common name of its subject; empty where there is none."""
    found = value.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(found[0].value) if found else ""


def contents(path: Path) -> bytes:
    """The bytes of a small file; UsageError `key_file_missing` or `key_file_large`."""
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except (FileNotFoundError, IsADirectoryError) as error:
        raise UsageError("key_file_missing", "{path}: there is no such file", path=path) from error
    if len(content) > _LARGEST:
        raise UsageError(
            "key_file_large", "{path}: too large for a key or a certificate (over 1 MiB); name another file", path=path
        )
    return content


def write_new(path: Path, content: bytes, *, secret: bool = False) -> None:
    """Write a file that is not there yet, whole or not at all.

    Raises UsageError `key_file_exists`: a key is never written over.
    """
    try:
        with _complete(path, 0o600 if secret else 0o644) as file:
            file.write(content)
    except FileExistsError as error:
        raise UsageError(
            "key_file_exists", "{path} is there already, and is not written over; choose another folder", path=path
        ) from error


@contextlib.contextmanager
def _complete(path: Path, mode: int) -> Iterator[BinaryIO]:
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _OPAQUE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        # A link, not a move: it fails where the name is taken.
        os.link(beside, path)
    finally:
        beside.unlink()


def _long_enough(passphrase: str) -> bytes:
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise UsageError(
            "passphrase_short",
            "the pass phrase has {met} characters; give {least} or more, four words of your own for example",
            met=len(passphrase), least=SHORTEST_PASSPHRASE,
        )  # fmt: skip
    return passphrase.encode()


def _unreadable(path: Path, why: str) -> UsageError:
    return UsageError(
        "key_unreadable",
        "{path}: cannot be used as a private key ({why}); name a file that 'reliability keys' has made",
        path=path.name,
        why=why,
    )


def _wrong(path: Path) -> UsageError:
    return UsageError(
        "passphrase_wrong", "{path}: the pass phrase does not open it, or the file is damaged", path=path.name
    )


def _no_certificate(path: Path) -> UsageError:
    return UsageError("certificate_unreadable", "{path}: not one certificate (PEM) is in it", path=path.name)
