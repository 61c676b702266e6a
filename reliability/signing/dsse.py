"""Signed statements: DSSE envelopes (v1) around in-toto statements (v1), signed with EC P-256."""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from reliability.errors import RecordError
from reliability.records import canonical_json
from reliability.signing.key_files import SigningKey

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
_PREDICATES = "https://reliability-workbench.example"  # names only: nothing is ever fetched from there
_LARGEST = 64 << 20  # bytes of an envelope


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """A payload with its signatures, not believed yet.

    Attributes
    ----------
    payload_type : str
        What the payload is.
    payload : bytes
        What was signed.
    signatures : tuple of (key identifier, signature)
        As they stand in the envelope.
    """

    payload_type: str
    payload: bytes
    signatures: tuple[tuple[str, bytes], ...]

    def signed_by(self, key: ec.EllipticCurvePublicKey) -> bool:
        """Whether one of the signatures is this key's, over this payload and its type."""
        message = pre_authentication(self.payload_type, self.payload)
        return any(_holds(key, signature, message) for _, signature in self.signatures)


def statement(subjects: Mapping[str, str], predicate_type: str, predicate: Mapping[str, Any]) -> dict[str, Any]:
    """An in-toto statement about files, known by name and SHA-256."""
    return {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": name, "digest": {"sha256": digest}} for name, digest in sorted(subjects.items())],
        "predicateType": predicate_type,
        "predicate": dict(predicate),
    }


def predicate_type(name: str) -> str:
    """The type of a predicate of ours, by its name."""
    return f"{_PREDICATES}/{name}/v1"


def sign(payload: Mapping[str, Any], keys: Sequence[SigningKey]) -> bytes:
    """An envelope around the canonical JSON of a statement, signed with every key."""
    return _written(canonical_json(dict(payload)), (), keys)


def countersign(content: bytes, key: SigningKey) -> bytes:
    """An envelope of ours with one more signature over the same payload; RecordError where it is none."""
    envelope = read(content)
    statement_in(envelope)
    return _written(envelope.payload, envelope.signatures, [key])


def read(content: bytes) -> Envelope:
    """An envelope as it stands in a file; RecordError `envelope_unreadable` where it is none."""
    if len(content) > _LARGEST:
        raise _unreadable("over 64 MiB")
    try:
        found = json.loads(content)
        signatures = tuple((str(one.get("keyid", "")), _decoded(one["sig"])) for one in found["signatures"])
        envelope = Envelope(
            payload_type=str(found["payloadType"]), payload=_decoded(found["payload"]), signatures=signatures
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _unreadable(type(error).__name__) from error
    if not envelope.signatures:
        raise _unreadable("no signature")
    return envelope


def statement_in(envelope: Envelope) -> dict[str, Any]:
    """The statement in an envelope whose signature was checked; RecordError where it is none."""
    try:
        text = envelope.payload.decode("utf-8")
        found = json.loads(text)
        if r"\ud" in text.casefold():
            json.dumps(found, ensure_ascii=False).encode()  # half a letter could be told to nobody
    except (ValueError, RecursionError) as error:
        raise _unreadable("payload") from error
    right = isinstance(found, dict) and found.get("_type") == STATEMENT_TYPE and isinstance(found.get("subject"), list)
    if envelope.payload_type != PAYLOAD_TYPE or not right:
        raise _unreadable("payload")
    return dict(found)


def key_id(key: ec.EllipticCurvePublicKey) -> str:
    """SHA-256 of the public key's DER form, in hexadecimal."""
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()


def pre_authentication(payload_type: str, payload: bytes) -> bytes:
    """What is signed: type and payload with their lengths (DSSE v1.0, `PAE`)."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def _written(body: bytes, signatures: Sequence[tuple[str, bytes]], keys: Sequence[SigningKey]) -> bytes:
    message = pre_authentication(PAYLOAD_TYPE, body)
    made = [(key_id(key.public_key()), key.sign(message, ec.ECDSA(hashes.SHA256()))) for key in keys]
    listed = [{"keyid": name, "sig": _encoded(signature)} for name, signature in (*signatures, *made)]
    return canonical_json({"payloadType": PAYLOAD_TYPE, "payload": _encoded(body), "signatures": listed})


def _holds(key: ec.EllipticCurvePublicKey, signature: bytes, message: bytes) -> bool:
    try:
        key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def _encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _decoded(text: str) -> bytes:
    # The specification lets readers take both alphabets.
    try:
        return base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except binascii.Error as error:
        raise ValueError("base64") from error


def _unreadable(why: str) -> RecordError:
    return RecordError(
        "envelope_unreadable", "this is no signed statement (DSSE): {why}; name the .dsse.json file", why=why
    )
