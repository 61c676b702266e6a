"""Who signed a document or a statement, and when: by their own word, a time-stamp service's, or a checkpoint's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from reliability.certification.verdicts import Point, Signature, held, not_checked, not_held, refused
from reliability.errors import SignerError
from reliability.signing import time_stamps, time_tokens
from reliability.signing.authority import serial_of
from reliability.signing.key_files import name_of
from reliability.signing.pdf_signature import PdfSignature
from reliability.signing.trust import Trust


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What a signature is worth: its points, and what is told of it."""

    points: tuple[Point, ...]
    signature: Signature
    at: datetime  # by which the signer was judged


def judged_pdf(found: PdfSignature, trust: Trust | None, *, seen: datetime | None) -> Judged:
    """The signature of a document; `seen` is when somebody outside the hub saw its issue event."""
    broken = _broken(found)
    if broken is not None:
        return Judged(points=(broken,), signature=_told(found.chain, found.claimed, level=found.level),
                      at=found.claimed)  # fmt: skip
    stamped, why = _stamped(found, trust) if trust is not None else (None, "trust_missing")
    at = stamped.at if stamped is not None else found.claimed
    signer = signer_point(found.chain, trust, at=at)
    if stamped is not None:
        time = held("time", "time_stamped", at=_moment(stamped.at), by=stamped.name)
        signature = _told(found.chain, found.claimed, level=found.level, proven=stamped.at, by=stamped.name)
    else:
        time = seen_point(found.chain, found.claimed, trust, seen=seen, otherwise=why)
        proven = seen if time.state == "held" else None
        signature = _told(found.chain, found.claimed, level=found.level, proven=proven)
    return Judged(points=(signer, time), signature=signature, at=at)


def judged_statement(
    chain: Sequence[x509.Certificate], claimed: datetime, trust: Trust | None, *, seen: datetime | None
) -> Judged:
    """The signature of a statement, which carries no time stamp of its own."""
    signer = signer_point(chain, trust, at=claimed)
    time = seen_point(chain, claimed, trust, seen=seen, otherwise="time_not_proven")
    proven = seen if time.state == "held" else None
    return Judged(points=(signer, time), signature=_told(chain, claimed, proven=proven), at=claimed)


def signer_point(chain: Sequence[x509.Certificate], trust: Trust | None, *, at: datetime) -> Point:
    """Whether the trust file vouches for a seal at a time."""
    if trust is None:
        return not_checked("signer", "trust_missing")
    try:
        path = trust.path(chain, kind="seal", at=at)
    except SignerError as error:
        return refused("signer", error)
    return held("signer", "signer_vouched", name=name_of(chain[0]), root=name_of(path[-1]))


def seen_point(
    chain: Sequence[x509.Certificate], claimed: datetime, trust: Trust | None, *, seen: datetime | None, otherwise: str
) -> Point:
    """Whether a checkpoint proves that it was signed while its signer was trusted."""
    if trust is None:
        return not_checked("time", "trust_missing")
    if seen is None:
        return not_held("time", otherwise)
    try:
        # Somebody who kept the key after it was taken back could have written an earlier day.
        trust.path(chain, kind="seal", at=seen)
    except SignerError:
        return not_held("time", "time_seen_late", at=_moment(seen))
    if claimed > seen:
        return not_held("time", "time_claimed_later", at=_moment(seen), claimed=_moment(claimed))
    return held("time", "time_seen", at=_moment(seen))


def _broken(found: PdfSignature) -> Point | None:
    """A time-stamp token that does not hold: the file is not as it was issued, whoever stamped it."""
    if found.token is None:
        return None
    try:
        token = time_tokens.canonical(found.token)
    except SignerError as error:
        return refused("file", error)
    if token.whole != found.token or token.digest != found.stamped:
        return refused("file", time_tokens.broken())
    return None


def _stamped(found: PdfSignature, trust: Trust) -> tuple[time_stamps.StampedTime | None, str]:
    """The time that a service outside the hub vouches for, or why there is none."""
    if found.token is None:
        return None, "time_not_proven"
    try:
        stamped = time_stamps.time_of(found.token, found.stamped, trust)
    except SignerError as error:
        return None, error.code
    return (stamped, "") if stamped.independent else (None, "time_stamp_own")


def _told(
    chain: Sequence[x509.Certificate], claimed: datetime, *,
    level: str | None = None, proven: datetime | None = None, by: str | None = None,
) -> Signature:  # fmt: skip
    return Signature.model_validate({
        "name": name_of(chain[0]), "issuer": name_of(chain[1]), "serial": serial_of(chain[0]), "level": level,
        "claimed": claimed, "proven": proven, "by": by,
    })  # fmt: skip


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
