"""A small certificate authority: who holds which key, for what, from when to when.

A folder is an authority: `key.pem` (encrypted), `certificate.pem`, `chain.pem` (the certificates above it, the nearest
first), `issued/SERIAL.pem` and `ledger.jsonl`, one line for everything it did. Requests carry public keys only: an
authority never sees the private key of anybody else. The clock comes in as an argument.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, TypeAlias

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from reliability.errors import UsageError
from reliability.signing import der, key_files
from reliability.signing.key_files import SigningKey, name_of

Kind: TypeAlias = Literal["root", "issuing", "seal", "register", "person"]
Reason: TypeAlias = Literal["key_compromise", "affiliation_changed", "superseded", "cessation_of_operation"]

# Object identifiers of what a certificate is for, below a UUID of our own (ITU-T X.667): no registration is needed.
_ARC = "2.25.302460385938425116463206094926133148613"
_KINDS: tuple[Kind, ...] = ("root", "issuing", "seal", "register", "person")
PURPOSES: dict[Kind, x509.ObjectIdentifier] = {
    kind: x509.ObjectIdentifier(f"{_ARC}.{number}") for number, kind in enumerate(_KINDS, start=1)
}
_DOCUMENTS = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336, document signing
DAYS: dict[Kind, int] = {"root": 7300, "issuing": 3650, "seal": 1095, "register": 1095, "person": 730}
_SIGNS_BELOW: dict[Kind, tuple[Kind, ...]] = {"root": ("issuing",), "issuing": ("seal", "register", "person")}
REASONS: dict[Reason, x509.ReasonFlags] = {
    "key_compromise": x509.ReasonFlags.key_compromise,
    "affiliation_changed": x509.ReasonFlags.affiliation_changed,
    "superseded": x509.ReasonFlags.superseded,
    "cessation_of_operation": x509.ReasonFlags.cessation_of_operation,
}
LIST_DAYS = 30  # how long a revocation list says nothing newer need be looked for
KEY, CERTIFICATE, REQUEST, CHAIN = "key.pem", "certificate.pem", "request.pem", "chain.pem"
LEDGER, ISSUED, REVOKED = "ledger.jsonl", "issued", "revoked.pem"


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Whom a certificate names."""

    name: str
    organisation: str

    @property
    def subject(self) -> x509.Name:
        """As X.509 writes it."""
        for given in (self.name, self.organisation):
            if not 1 <= len(given.strip()) <= 64 or not given.isprintable():
                raise UsageError(
                    "holder_unusable", "{given!r}: give a name of 1 to 64 printable characters", given=given[:80]
                )
        return x509.Name([
            x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, self.organisation.strip()),
            x509.NameAttribute(x509.NameOID.COMMON_NAME, self.name.strip()),
        ])  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Authority:
    """An authority's folder with its certificate and those above it."""

    folder: Path
    certificate: x509.Certificate
    above: tuple[x509.Certificate, ...]

    @property
    def kind(self) -> Kind:
        """Root or issuing."""
        return kind_of(self.certificate)

    def ledger(self) -> list[dict[str, Any]]:
        """Everything that it issued and revoked, oldest first."""
        return [json.loads(line) for line in _lines(self.folder / LEDGER)]


def kind_of(certificate: x509.Certificate) -> Kind:
    """What a certificate of ours is for; UsageError `certificate_foreign` for any other."""
    try:
        policies = certificate.extensions.get_extension_for_class(x509.CertificatePolicies).value
        named = {policy.policy_identifier for policy in policies}
    except x509.ExtensionNotFound:
        named = set()
    found = [kind for kind, identifier in PURPOSES.items() if identifier in named]
    if len(found) != 1:
        raise UsageError(
            "certificate_foreign", "{name}: not a certificate made by 'reliability keys'", name=name_of(certificate)
        )
    return found[0]


def make_root(folder: Path, holder: Holder, passphrase: str, *, now: datetime) -> Authority:
    """A new root: a key, and a certificate signed by itself."""
    key = key_files.new_key()
    protected = key_files.pem_of_key(key, passphrase)
    builder = _builder(holder.subject, key.public_key(), "root", now, now + timedelta(days=DAYS["root"]))
    certificate = _signed(builder.issuer_name(holder.subject), key.public_key(), key)
    folder.mkdir(parents=True, exist_ok=True)
    key_files.write_new(folder / KEY, protected, secret=True)
    key_files.write_new(folder / CERTIFICATE, key_files.pem_of(certificate))
    return Authority(folder=folder, certificate=certificate, above=())


def make_request(folder: Path, holder: Holder, passphrase: str) -> x509.CertificateSigningRequest:
    """A new key that stays here, and a request for a certificate that may go anywhere."""
    key = key_files.new_key()
    protected = key_files.pem_of_key(key, passphrase)
    request = x509.CertificateSigningRequestBuilder().subject_name(holder.subject).sign(key, hashes.SHA256())
    folder.mkdir(parents=True, exist_ok=True)
    key_files.write_new(folder / KEY, protected, secret=True)
    key_files.write_new(folder / REQUEST, key_files.pem_of(request))
    return request


def make_request_for(folder: Path, holder: Holder, key: SigningKey) -> x509.CertificateSigningRequest:
    """A request for a key that is kept in a token; the folder gets the request only."""
    request = _requested(holder, key)
    folder.mkdir(parents=True, exist_ok=True)
    key_files.write_new(folder / REQUEST, key_files.pem_of(request))
    return request


def _requested(holder: Holder, key: SigningKey) -> x509.CertificateSigningRequest:
    """As PKCS#10 has it (RFC 2986); cryptography would have it signed with a key of its own only."""
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )  # fmt: skip
    body = der.encoded(der.SEQUENCE, der.integer(0), holder.subject.public_bytes(), public, der.encoded(der.context(0)))
    signature = key.sign(body, ec.ECDSA(hashes.SHA256()))
    whole = der.encoded(der.SEQUENCE, body, der.ECDSA_SHA256, der.encoded(der.BITS, b"\0", signature))
    return x509.load_der_x509_csr(whole)


def open_authority(folder: Path) -> Authority:
    """The authority in a folder; UsageError `authority_missing` where there is none."""
    path = folder / CERTIFICATE
    if not path.is_file():
        raise UsageError(
            "authority_missing",
            "{path}: there is no authority; 'reliability keys root' makes one, 'keys install' completes a request",
            path=folder,
        )
    certificate = key_files.read_certificate(path)
    if kind_of(certificate) not in _SIGNS_BELOW:
        raise UsageError(
            "authority_missing",
            "{path}: there is no authority; 'reliability keys root' makes one, 'keys install' completes a request",
            path=folder,
        )
    return Authority(folder=folder, certificate=certificate, above=_chain(folder))


def sign_request(
    authority: Authority, request: x509.CertificateSigningRequest, kind: Kind, passphrase: str, *,
    now: datetime, days: int | None = None,
) -> tuple[x509.Certificate, ...]:  # fmt: skip
    """A certificate for what was requested, followed by those above it up to the root.

    Nothing but name and public key is taken from the request. It ends with the authority's own at the latest.
    """
    _refuse_unfit(authority, request, kind, now)
    key = key_files.read_key(authority.folder / KEY, passphrase)
    _refuse_other_key(key, authority.certificate)
    end = min(now + timedelta(days=days or DAYS[kind]), authority.certificate.not_valid_after_utc)
    builder = _builder(request.subject, request.public_key(), kind, now, end)
    certificate = _signed(builder.issuer_name(authority.certificate.subject), key.public_key(), key)
    copies = authority.folder / ISSUED
    copies.mkdir(exist_ok=True)
    key_files.write_new(copies / f"{serial_of(certificate)}.pem", key_files.pem_of(certificate))
    _note(authority, "issued", now, certificate, kind=kind, until=_moment(end))
    return certificate, authority.certificate, *authority.above


def install(folder: Path, chain: tuple[x509.Certificate, ...]) -> x509.Certificate:
    """Put a certificate beside the key that it was requested for."""
    request = key_files.read_request(folder / REQUEST)
    certificate, *above = chain
    if request.public_key() != certificate.public_key():
        raise UsageError(
            "certificate_of_other_key",
            "the certificate of {name} belongs to another key than the request in {path}; ask for it again",
            name=name_of(certificate), path=folder,
        )  # fmt: skip
    _refuse_broken(chain)
    key_files.write_new(folder / CERTIFICATE, key_files.pem_of(certificate))
    key_files.write_new(folder / CHAIN, b"".join(map(key_files.pem_of, above)))
    return certificate


def revoke(authority: Authority, serial: str, reason: Reason, passphrase: str, *, now: datetime) -> None:
    """Take back a certificate from now on, and write the list of all that were taken back."""
    known = {one["serial"] for one in authority.ledger() if one["event"] == "issued"}
    if serial not in known:
        raise UsageError(
            "serial_unknown", "{serial}: no certificate with this serial number; see 'reliability keys list'",
            serial=serial,
        )  # fmt: skip
    if serial in _taken_back(authority):
        raise UsageError("serial_revoked", "{serial}: this certificate is revoked already", serial=serial)
    key = key_files.read_key(authority.folder / KEY, passphrase)
    certificate = key_files.read_certificate(authority.folder / ISSUED / f"{serial}.pem")
    _note(authority, "revoked", now, certificate, reason=reason)
    write_revoked(authority, key, now=now)


def write_revoked(authority: Authority, key: ec.EllipticCurvePrivateKey, *, now: datetime) -> Path:
    """The signed list of revoked certificates, written over the last one."""
    _refuse_other_key(key, authority.certificate)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(now)
        .next_update(now + timedelta(days=LIST_DAYS))
        .add_extension(x509.CRLNumber(len(authority.ledger())), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
    )
    for serial, (at, reason) in _taken_back(authority).items():
        entry = x509.RevokedCertificateBuilder().serial_number(int(serial, 16)).revocation_date(at)
        builder = builder.add_revoked_certificate(
            entry.add_extension(x509.CRLReason(REASONS[reason]), critical=False).build()
        )
    path = authority.folder / REVOKED
    beside = path.with_suffix(".new")
    beside.write_bytes(key_files.pem_of(builder.sign(key, hashes.SHA256())))
    beside.replace(path)
    return path


def serial_of(certificate: x509.Certificate) -> str:
    """Its serial number as records write it: hexadecimal, lower case."""
    return f"{certificate.serial_number:x}"


def read_chain(path: Path) -> tuple[x509.Certificate, ...]:
    """The certificates in a file, in its order."""
    try:
        return tuple(x509.load_pem_x509_certificates(key_files.contents(path)))
    except ValueError as error:
        raise UsageError(
            "certificate_unreadable", "{path}: not one certificate (PEM) is in it", path=path.name
        ) from error


def _builder(subject: x509.Name, key: Any, kind: Kind, start: datetime, end: datetime) -> x509.CertificateBuilder:
    signs = kind in _SIGNS_BELOW
    usage = x509.KeyUsage(
        digital_signature=not signs, content_commitment=kind in ("seal", "person"), key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=signs, crl_sign=signs, encipher_only=False,
        decipher_only=False,
    )  # fmt: skip
    depth = {"root": 1, "issuing": 0}.get(kind)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=signs, path_length=depth), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.CertificatePolicies([x509.PolicyInformation(PURPOSES[kind], None)]), critical=False)
    )
    if kind in ("seal", "person"):
        builder = builder.add_extension(x509.ExtendedKeyUsage([_DOCUMENTS]), critical=False)
    return builder


def _signed(
    builder: x509.CertificateBuilder, issuer: ec.EllipticCurvePublicKey, key: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer)
    return builder.add_extension(identifier, critical=False).sign(key, hashes.SHA256())


def _refuse_unfit(authority: Authority, request: x509.CertificateSigningRequest, kind: Kind, now: datetime) -> None:
    below = _SIGNS_BELOW[authority.kind]
    if kind not in below:
        raise UsageError(
            "authority_kind", "a {authority} authority certifies {below}, not {kind}; name another authority",
            authority=authority.kind, below=", ".join(below), kind=kind,
        )  # fmt: skip
    key = request.public_key()
    if not request.is_signature_valid or not isinstance(key, ec.EllipticCurvePublicKey):
        raise UsageError(
            "request_unusable", "the request of {name} is not signed by its own EC key; have it made again",
            name=name_of(request),
        )  # fmt: skip
    if not authority.certificate.not_valid_before_utc <= now < authority.certificate.not_valid_after_utc:
        raise UsageError(
            "authority_expired", "the authority's certificate is valid from {start} until {end} only; renew it first",
            start=_moment(authority.certificate.not_valid_before_utc),
            end=_moment(authority.certificate.not_valid_after_utc),
        )  # fmt: skip


def _refuse_other_key(key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate) -> None:
    if key.public_key() != certificate.public_key():
        raise UsageError(
            "key_of_other_certificate", "the key does not belong to the certificate of {name}",
            name=name_of(certificate),
        )  # fmt: skip


def _refuse_broken(chain: tuple[x509.Certificate, ...]) -> None:
    for below, above in zip(chain, [*chain[1:], chain[-1]], strict=True):
        try:
            below.verify_directly_issued_by(above)
        except (ValueError, TypeError, InvalidSignature) as error:
            raise UsageError(
                "chain_broken", "the certificate of {name} was not issued by {above}; ask for the whole chain",
                name=name_of(below), above=name_of(above),
            ) from error  # fmt: skip


def _chain(folder: Path) -> tuple[x509.Certificate, ...]:
    return read_chain(folder / CHAIN) if (folder / CHAIN).is_file() else ()


def _taken_back(authority: Authority) -> dict[str, tuple[datetime, Reason]]:
    return {
        one["serial"]: (datetime.fromisoformat(one["at"]), one["reason"])
        for one in authority.ledger()
        if one["event"] == "revoked"
    }


def _note(authority: Authority, event: str, now: datetime, certificate: x509.Certificate, **more: str) -> None:
    line = {
        "event": event, "at": _moment(now), "serial": serial_of(certificate), "name": name_of(certificate),
        "sha256": certificate.fingerprint(hashes.SHA256()).hex(), **more,
    }  # fmt: skip
    with (authority.folder / LEDGER).open("a", encoding="utf-8") as file:
        file.write(json.dumps(line, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _lines(path: Path) -> Iterator[str]:
    if path.is_file():
        yield from path.read_text(encoding="utf-8").splitlines()


def _moment(when: datetime) -> str:
    return when.isoformat(timespec="seconds")
