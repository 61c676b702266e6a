"""The address of an endpoint as a manifest gives it: what is asked, and what of it may be shown."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, parse_qsl, quote, urlsplit

from reliability.formats.unreadable import UnreadableError

_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f:.]{2,45}")
_SECRET = re.compile(r"key|token|secret|passw|signature|credential|auth|^(code|sig|pwd)$", re.IGNORECASE)
_KEPT = "/%!$&'()*+,;=:@~-._"  # of a path that is percent-encoded already
_TOLD = ("protocol", "batch", "rate", "timeout", "retries", "outputs", "tensor", "ca_file")


@dataclass(frozen=True, kw_only=True)
class Address:
    """One endpoint: its host as a name or a number, and what is asked of it.

    shown : the address with the values of its query left out.
    """

    secure: bool
    host: str
    port: int
    target: str
    shown: str

    @property
    def host_header(self) -> str:
        """Host and port as a request names them."""
        named = f"[{self.host}]" if ":" in self.host else self.host
        return named if self.port == _PORTS["https" if self.secure else "http"] else f"{named}:{self.port}"


def read_address(url: str) -> Address:
    """The parts of an address.

    Raises
    ------
    UnreadableError
        Whose text is one word: `scheme`, `credentials`, `secret` (in the query) or `unreadable`. The address itself
        stands in no message: it may hold a password.
    """
    if any(ord(one) <= 0x20 or ord(one) == 0x7F for one in url):
        raise UnreadableError("unreadable")  # urlsplit would leave line ends out
    try:
        parts = urlsplit(url)
        port, host = parts.port, (parts.hostname or "").encode("idna").decode()
    except ValueError as error:  # which a name that is none raises too
        raise UnreadableError("unreadable") from error
    if parts.scheme not in _PORTS:
        raise UnreadableError("scheme")
    if "@" in parts.netloc:
        raise UnreadableError("credentials")
    if not _HOST.fullmatch(host) or parts.fragment or port == 0:
        raise UnreadableError("unreadable")
    if any(_SECRET.search(name) for name in _names(parts)):
        raise UnreadableError("secret")
    return _address(parts, host, port or _PORTS[parts.scheme])


def _address(parts: SplitResult, host: str, port: int) -> Address:
    path = quote(parts.path or "/", safe=_KEPT)
    target = path + (f"?{quote(parts.query, safe=_KEPT + '?')}" if parts.query else "")
    plain = Address(secure=parts.scheme == "https", host=host, port=port, target=target, shown="")
    query = "&".join(f"{quote(name)}=…" for name in _names(parts))
    shown = f"{parts.scheme}://{plain.host_header}{path}" + (f"?{query}" if query else "")
    return Address(secure=plain.secure, host=host, port=port, target=target, shown=shown)


def _names(parts: SplitResult) -> list[str]:
    return [name for name, _ in parse_qsl(parts.query, keep_blank_values=True)]


def describe_endpoint(declared: Mapping[str, Any]) -> dict[str, Any]:
    """What the manifest says of an endpoint, which is not asked: no token, no value of a query."""
    told: dict[str, Any] = {"url": read_address(declared["url"]).shown}
    told |= {key: declared[key] for key in _TOLD if declared.get(key) not in (None, {})}
    if "outputs" in told:
        told["outputs"] = [f"{part}: {named}" for part, named in told["outputs"].items()]
    sources = [key for key in ("token_file", "token_env") if declared.get(key) is not None]
    return told | {"token": sources[0] if sources else "none"}
