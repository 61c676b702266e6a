"""The trust file: whose signatures count, told by a root of their own.

It is an envelope (DSSE) around a statement, signed by a root that it names. Whoever checks a certificate must have it
from the hub itself: a stranger can make one of his own that is signed just as well.
"""

import base64
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from reliability.errors import RecordError, SignerError, UsageError
from reliability.signing import dsse, paths
from reliability.signing.authority import Kind, kind_of, serial_of
from reliability.signing.key_files import SigningKey, name_of

FORMAT = 1
PREDICATE = dsse.predicate_type("trust")
_CERTIFICATES = ("roots", "timestamp_roots", "register_keys", "countersigners", "seals")


@dataclass(frozen=True, kw_only=True)
class Trust:
    """Whose signatures count.

    Attributes
    ----------
    roots : tuple of certificates
        Under which seals, registers and people are certified.
    timestamp_roots : tuple of certificates
        Under which time-stamp services are certified.
    register_keys : tuple of certificates
        Who signs checkpoints of the register.
    countersigners : tuple of certificates
        Other parties, whose signature beside the register's makes a checkpoint independent.
    seals : tuple of certificates
        Seals under a root that is not the hub's own; under such a root nothing else counts.
    revocations : tuple of revocation lists
        What was taken back.
    archived : datetime or None
        When the lists were closed for good; None while new ones follow.
    made : datetime or None
        When the file was signed; None where it was not read from one.
    """

    roots: tuple[x509.Certificate, ...]
    timestamp_roots: tuple[x509.Certificate, ...] = ()
    register_keys: tuple[x509.Certificate, ...] = ()
    countersigners: tuple[x509.Certificate, ...] = ()
    seals: tuple[x509.Certificate, ...] = ()
    revocations: tuple[x509.CertificateRevocationList, ...] = ()
    archived: datetime | None = None
    made: datetime | None = None

    def path(
        self, chain: Sequence[x509.Certificate], *, kind: Kind, at: datetime
    ) -> tuple[x509.Certificate, x509.Certificate, x509.Certificate]:
        """Signer, issuing authority and root, each of which may do what it did at that time.

        Parameters
        ----------
        chain : sequence of certificates
            The signer's and its issuer's, and the root's if it is known; nothing else is taken in between.
        kind : str
            What the signer must be certified for.
        at : datetime
            When it signed.

        Raises
        ------
        SignerError
            `signer_chain`, `signer_outside_trust`, `signer_purpose`, `signer_expired` or `signer_revoked`.
        """
        if len(chain) not in (2, 3) or not paths.issued_by(chain[0], chain[1]):
            raise _refused("signer_chain", chain)
        root = self._root_above(chain, at)
        found = (chain[0], chain[1], root)
        if not self._for(found, kind):
            raise _refused("signer_purpose", chain)
        if not all(paths.valid_at(one, at) for one in found):
            raise _refused("signer_expired", chain)
        if any(paths.taken_back(below, above, at, self.revocations) for below, above in itertools.pairwise(found)):
            raise _refused("signer_revoked", chain)
        return found

    def _root_above(self, chain: Sequence[x509.Certificate], at: datetime) -> x509.Certificate:
        """The root that issued the chain; one that is valid at the time, where it was renewed under the same key."""
        above = [one for one in self.roots if paths.issued_by(chain[1], one)]
        fitting = [one for one in above if len(chain) == 2 or chain[2] == one]
        if not fitting:
            raise _refused("signer_outside_trust", chain)
        return next((one for one in fitting if paths.valid_at(one, at)), fitting[0])

    def _for(self, found: tuple[x509.Certificate, x509.Certificate, x509.Certificate], kind: Kind) -> bool:
        signer, issuing, root = found
        kinds = tuple(map(_kind, found))
        named = kinds == (kind, "issuing", "root") or (
            kind == "seal" and kinds[2] is None and signer in self.seals
        )  # fmt: skip
        return (
            named and paths.signs(signer)
            and paths.certifies(issuing, above=0) and paths.certifies(root, above=1)
        )  # fmt: skip


def make_trust(trust: Trust, root_key: SigningKey, root_certificate: x509.Certificate, *, now: datetime) -> bytes:
    """A trust file, signed by one of the roots that it names.

    Raises
    ------
    UsageError
        If another root would sign, or the key is not the root's.
    """
    if root_certificate not in trust.roots or _kind(root_certificate) != "root":
        raise UsageError("trust_root", "{name}: only a root that it names signs a trust file; give its folder",
                         name=name_of(root_certificate))  # fmt: skip
    if root_key.public_key() != root_certificate.public_key():
        raise UsageError(
            "key_of_other_certificate", "the key does not belong to the certificate of {name}",
            name=name_of(root_certificate),
        )  # fmt: skip
    subjects = {f"{serial_of(one)}.pem": one.fingerprint(hashes.SHA256()).hex() for one in trust.roots}
    predicate = {
        "format": FORMAT, "made": now.isoformat(timespec="seconds"),
        "archived": trust.archived.isoformat(timespec="seconds") if trust.archived else None,
        **{name: [_text(one) for one in getattr(trust, name)] for name in (*_CERTIFICATES, "revocations")},
    }  # fmt: skip
    return dsse.sign(dsse.statement(subjects, PREDICATE, predicate), [root_key])


def read_trust(content: bytes) -> Trust:
    """What a trust file says.

    Raises
    ------
    RecordError
        `trust_unreadable`, or `trust_unsigned` where none of its own roots signed it.
    """
    try:
        envelope = dsse.read(content)
        said = dsse.statement_in(envelope)
        trust = _trust_of(said)
    except (*paths.BROKEN, KeyError, AttributeError, OverflowError, RecordError) as error:
        raise RecordError(
            "trust_unreadable", "this is no trust file ({why}); 'reliability keys trust' makes one",
            why=type(error).__name__,
        ) from error  # fmt: skip
    if not any(_signed_by(envelope, one) for one in trust.roots):
        raise RecordError(
            "trust_unsigned", "the trust file is not signed by a root that it names; get it anew from the hub itself"
        )
    return trust


def _trust_of(said: Mapping[str, Any]) -> Trust:
    predicate = said["predicate"]
    if said["predicateType"] != PREDICATE or predicate["format"] != FORMAT:
        raise ValueError("another kind of statement")
    certificates = {
        name: tuple(x509.load_der_x509_certificate(_bytes(one)) for one in predicate[name]) for name in _CERTIFICATES
    }
    lists = tuple(x509.load_der_x509_crl(_bytes(one)) for one in predicate["revocations"])
    archived = _moment(predicate["archived"]) if predicate["archived"] is not None else None
    return Trust(**certificates, revocations=lists, archived=archived, made=_moment(predicate["made"]))


def _signed_by(envelope: dsse.Envelope, root: x509.Certificate) -> bool:
    if _kind(root) != "root":
        return False
    key = root.public_key()
    return isinstance(key, ec.EllipticCurvePublicKey) and envelope.signed_by(key)


def _kind(certificate: x509.Certificate) -> Kind | None:
    """What a certificate of ours is for; None for a stranger's."""
    try:
        return kind_of(certificate)
    except (UsageError, *paths.BROKEN):
        return None


def _text(value: x509.Certificate | x509.CertificateRevocationList) -> str:
    return base64.b64encode(value.public_bytes(serialization.Encoding.DER)).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("no zone")
    return found.astimezone(UTC)


_SAID = {
    "signer_chain": "{name}: its certificate does not come with that of the authority that issued it",
    "signer_outside_trust": "{name}: nobody in the trust file vouches for this signer",
    "signer_purpose": "{name}: its certificate is not for this kind of signature",
    "signer_expired": "{name}: its certificate, or one above it, was not valid when it signed",
    "signer_revoked": "{name}: its certificate, or one above it, was taken back",
}


def _refused(code: str, chain: Sequence[x509.Certificate]) -> SignerError:
    return SignerError(code, _SAID[code], name=name_of(chain[0]) if chain else "-")
