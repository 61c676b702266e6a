"""Independent time: asks a service for time stamps (RFC 3161), and judges them offline, decades later as well."""

import http.client
import itertools
import secrets
import ssl
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import SplitResult, urlsplit

from cryptography import x509

from reliability.errors import EnvironmentLacksError, SignerError, UsageError
from reliability.signing import cms_profile, der, paths, time_tokens
from reliability.signing.answers import within
from reliability.signing.key_files import name_of
from reliability.signing.trust import Trust

_LARGEST = 1 << 16  # bytes of an answer
_PIECE = 1 << 12
_GRANTED = (b"\x00", b"\x01")  # RFC 3161, 2.4.2: granted, granted with modifications
_DIGEST_BYTES = 32
_QUERY, _REPLY = "application/timestamp-query", "application/timestamp-reply"


@dataclass(frozen=True, kw_only=True)
class StampedTime:
    """A time that somebody else vouches for.

    Attributes
    ----------
    at : datetime
        When the digest was there, at the latest.
    name : str
        Which service says so.
    independent : bool
        Whether the service is certified by others than the hub.
    """

    at: datetime
    name: str
    independent: bool


def time_of(token: bytes, digest: bytes, trust: Trust) -> StampedTime:
    """The time in a token over a SHA-256 digest.

    The service's certificate is judged at the token's own time: that it ran out since takes nothing back.

    Raises
    ------
    SignerError
        `time_stamp_broken` where it does not hold or any byte of it could be another, `time_stamp_outside_trust` where
        no service vouches for it that the trust file knows, and that was certified for this at that time.
    """
    found = time_tokens.canonical(token)
    if found.whole != token or found.digest != digest:
        raise time_tokens.broken()
    path = _path(found, trust)
    if path is None:
        raise SignerError(
            "time_stamp_outside_trust", "{name}: the trust file knows no such time-stamp service",
            name=name_of(found.chain[0]),
        )  # fmt: skip
    hubs = any(one.public_key() == path[-1].public_key() for one in trust.roots)
    return StampedTime(at=found.at, name=name_of(path[0]), independent=not hubs)


def _path(token: time_tokens.Token, trust: Trust) -> tuple[x509.Certificate, ...] | None:
    """From the service to a root that the trust file names; None where a link is missing or was not good then."""
    for root in trust.timestamp_roots:
        path = (*token.chain, root) if token.chain[-1] != root else token.chain
        below = list(itertools.pairwise(path))
        holds = (
            all(paths.issued_by(one, above) for one, above in below)
            and all(paths.valid_at(one, token.at) for one in path)
            and all(paths.certifies(one, above=depth) for depth, one in enumerate(path[1:]))
            and paths.stamps_time(path[0])
            and not any(paths.taken_back(one, above, token.at, trust.revocations) for one, above in below)
        )
        if holds:
            return path
    return None


@dataclass(frozen=True, kw_only=True)
class Stamper:
    """A time-stamp service at an address.

    Attributes
    ----------
    url : str
        Its http or https address.
    timeout_s : float
        How long it may stay silent; asking and answering may take twice as long together.
    """

    url: str
    timeout_s: float = 30.0

    def __post_init__(self) -> None:
        """Refuse an address that is none."""
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname or not _port(parts):
            raise UsageError(
                "time_stamp_address", "{url}: give the http or https address of a time-stamp service", url=self.url
            )

    def stamp(self, digest: bytes, /) -> bytes:
        """A token over a SHA-256 digest, in its one form.

        Raises
        ------
        EnvironmentLacksError
            `time_stamp_unreachable`, `time_stamp_refused` or `time_stamp_answer`.
        """
        if len(digest) != _DIGEST_BYTES:
            raise ValueError("not a SHA-256 digest")
        nonce = secrets.randbits(63)
        answer = self._asked(_request(digest, nonce))
        try:
            token = time_tokens.canonical(self._granted(answer))
        except (ValueError, IndexError, SignerError) as error:
            raise self._lacks("time_stamp_answer", "{url}: this is no answer of a time-stamp service") from error
        if token.digest != digest or token.nonce != nonce:
            raise self._lacks("time_stamp_answer", "{url}: this is no answer of a time-stamp service")
        return token.whole

    def _granted(self, answer: bytes) -> bytes:
        status, *token = der.element(answer).inside(der.SEQUENCE)
        if status.inside(der.INTEGER)[0].body not in _GRANTED:
            raise self._lacks("time_stamp_refused", "{url}: the time-stamp service refuses to stamp")
        return token[0].whole

    def _asked(self, request: bytes) -> bytes:
        parts = urlsplit(self.url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

        def asked() -> tuple[int, bytes]:
            with closing(_connection(parts, self.timeout_s)) as connection:
                connection.request("POST", path, request, {"Content-Type": _QUERY, "Accept": _REPLY})
                with connection.getresponse() as response:
                    return response.status, _whole(response)

        try:
            status, content = within(2 * self.timeout_s, asked)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise self._lacks(
                "time_stamp_unreachable", "{url}: the time-stamp service does not answer ({why})",
                why=type(error).__name__,
            ) from error  # fmt: skip
        if status != http.client.OK:
            raise self._lacks("time_stamp_refused", "{url}: the time-stamp service refuses to stamp")
        return content

    def _lacks(self, code: str, message: str, **values: object) -> EnvironmentLacksError:
        return EnvironmentLacksError(code, message, url=self.url, **values)


def _port(parts: SplitResult) -> int | None:
    """The port asked for or meant; None where what stands there is none."""
    try:
        return parts.port or {"http": http.client.HTTP_PORT, "https": http.client.HTTPS_PORT}.get(parts.scheme)
    except ValueError:
        return None


def _connection(parts: SplitResult, timeout_s: float) -> http.client.HTTPConnection:
    host, port = parts.hostname or "", _port(parts)
    if parts.scheme == "https":
        return http.client.HTTPSConnection(host, port, timeout=timeout_s, context=ssl.create_default_context())
    return http.client.HTTPConnection(host, port, timeout=timeout_s)


def _request(digest: bytes, nonce: int) -> bytes:
    """RFC 3161, 2.4.1: version, what to stamp, a number used once, and that certificates are wanted."""
    imprint = der.encoded(der.SEQUENCE, cms_profile.SHA256, der.encoded(der.OCTETS, digest))
    return der.encoded(
        der.SEQUENCE, der.integer(1), imprint, der.integer(nonce), der.encoded(der.BOOLEAN, b"\xff")
    )  # fmt: skip


def _whole(response: http.client.HTTPResponse) -> bytes:
    """The answer, as far as its size allows."""
    content = b""
    while piece := response.read1(_PIECE):
        content += piece
        if len(content) > _LARGEST:
            raise ValueError("large")
    return content
