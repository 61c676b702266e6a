"""Checkpoints: how far the register had grown at a moment, signed by its key, and best by somebody else besides."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import AwareDatetime, Field, ValidationError

from reliability.errors import RecordError, SignerError, UsageError
from reliability.records import Record, canonical_json
from reliability.register.checkpoints import FILE
from reliability.register.rows import Head
from reliability.signing import dsse, paths, time_stamps
from reliability.signing.trust import Trust

TYPE = dsse.predicate_type("checkpoint")
_SAME_DAY = timedelta(days=1)


class Checkpoint(Record):
    """Size and head of a register at a moment."""

    register_: Annotated[str, Field(alias="register")]
    size: Annotated[int, Field(ge=0)]
    head: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    as_of: AwareDatetime
    chain: tuple[str, ...] = ()  # certificates of whoever signed, DER in base64


@dataclass(frozen=True, kw_only=True)
class Known:
    """A checkpoint that the register's key signed; `proven` is the moment at which somebody else saw it."""

    checkpoint: Checkpoint
    proven: datetime | None

    @property
    def head(self) -> Head:
        """As the register's rows lead to it."""
        return Head(size=self.checkpoint.size, hash=self.checkpoint.head)


def checkpoint(
    register: str, head: Head, key: Any, chain: Sequence[x509.Certificate], *, now: datetime,
    stamper: Any = None, countersigners: Sequence[Any] = (),
) -> bytes:  # fmt: skip
    """A checkpoint, signed by the register's key and by whoever countersigns; stamped where there is a service."""
    ders = tuple(base64.b64encode(one.public_bytes(serialization.Encoding.DER)).decode() for one in chain[:2])
    said = Checkpoint.model_validate(
        {"register": register, "size": head.size, "head": head.hash, "as_of": now, "chain": ders}
    )
    subjects = {"head": head.hash}
    envelope = dsse.sign(
        dsse.statement(subjects, TYPE, said.model_dump(mode="json", by_alias=True)), [key, *countersigners]
    )
    token = stamper.stamp(hashlib.sha256(envelope).digest()) if stamper else None
    stamped = {"envelope": base64.b64encode(envelope).decode(),
               "token": base64.b64encode(token).decode() if token else None}  # fmt: skip
    return canonical_json({"checkpoint": 1, **stamped})


def read_checkpoint(content: bytes, trust: Trust) -> Known:
    """A checkpoint that a register key of the trust file signed.

    Raises
    ------
    RecordError
        If it is none.
    SignerError
        If another key signed it, or its time stamp is not what it says.
    """
    parts = _parts(content)
    said = parts.said
    refuse_other_key(parts.envelope, said.chain, trust, at=said.as_of)
    proven = said.as_of if _signed(parts.envelope, trust.countersigners, said.as_of) else None
    if proven is None and parts.token is not None:
        proven = _stamped(parts.token, parts.raw, trust)
    return Known(checkpoint=said, proven=proven.astimezone(UTC) if proven else None)


def countersigned(content: bytes, key: Any, trust: Trust, *, now: datetime) -> bytes:
    """A checkpoint with the signature of another party besides, who thereby vouches for its moment.

    Raises
    ------
    RecordError, SignerError
        If it is none that a register key of the trust file signed.
    UsageError
        `countersigned_late` or `countersigned_stamped`.
    """
    parts = _parts(content)
    if parts.token is not None:
        raise UsageError(
            "countersigned_stamped", "the checkpoint is time-stamped, and the stamp covers its signatures; countersign "
            "one without",
        )  # fmt: skip
    known = read_checkpoint(content, trust).checkpoint
    if abs(now - known.as_of) > _SAME_DAY:
        raise UsageError(
            "countersigned_late", "the checkpoint says {as_of}, and it is {now}: you would vouch for a moment that you "
            "did not see; ask for a new one", as_of=known.as_of.isoformat(), now=now.isoformat(),
        )  # fmt: skip
    envelope = dsse.countersign(parts.raw, key)
    return canonical_json({"checkpoint": 1, "envelope": base64.b64encode(envelope).decode(), "token": None})


def refuse_other_key(envelope: dsse.Envelope, chain: Sequence[str], trust: Trust, *, at: datetime) -> None:
    """Refuse what no register key of the trust file signed; the chain comes as DER in base64.

    Raises
    ------
    SignerError
        `checkpoint_unsigned`, or what `Trust.path` says of the key's certificate.
    """
    unsigned = SignerError(
        "checkpoint_unsigned", "the checkpoint is not signed by a register key of the trust file", name="register"
    )
    try:
        given = [paths.loaded(base64.b64decode(one, validate=True)) for one in chain]
    except paths.BROKEN as error:
        raise unsigned from error
    if not given or given[0] not in trust.register_keys or not _signed(envelope, given[:1], at):
        raise unsigned
    trust.path(given, kind="register", at=at)


def claimed(content: bytes) -> Known:
    """A checkpoint whoever signed it, for those who have no trust file; RecordError if it is none."""
    return Known(checkpoint=_parts(content).said, proven=None)


@dataclass(frozen=True, kw_only=True)
class _Parts:
    said: Checkpoint
    envelope: dsse.Envelope
    raw: bytes
    token: bytes | None


def _parts(content: bytes) -> _Parts:
    try:
        found = json.loads(content)
        raw = base64.b64decode(found["envelope"], validate=True)
        token = base64.b64decode(found["token"], validate=True) if found["token"] else None
        envelope = dsse.read(raw)
        said = _said(dsse.statement_in(envelope))
    except (ValueError, KeyError, TypeError, ValidationError, RecursionError, RecordError) as error:
        raise RecordError(
            "checkpoint_unreadable", "this is no checkpoint ({why}); name {file}", why=type(error).__name__, file=FILE
        ) from error
    return _Parts(said=said, envelope=envelope, raw=raw, token=token)


def _said(statement: Mapping[str, Any]) -> Checkpoint:
    if statement.get("predicateType") != TYPE:
        raise ValueError("another kind of statement")
    return Checkpoint.model_validate(statement["predicate"])


def _stamped(token: bytes, raw: bytes, trust: Trust) -> datetime | None:
    """When somebody else saw it; None where the service is the hub's own, or one that the trust file does not know."""
    try:
        stamped = time_stamps.time_of(token, hashlib.sha256(raw).digest(), trust)
    except SignerError as error:
        if error.code == "time_stamp_outside_trust":
            return None
        raise
    return stamped.at if stamped.independent else None


def _signed(envelope: dsse.Envelope, certificates: Sequence[x509.Certificate], at: datetime) -> bool:
    for one in certificates:
        key = one.public_key()
        valid = one.not_valid_before_utc <= at <= one.not_valid_after_utc
        if valid and isinstance(key, ec.EllipticCurvePublicKey) and envelope.signed_by(key):
            return True
    return False
