"""Where an endpoint lies: its host resolved once, every address judged, and the one that answered kept."""

import ipaddress
import socket
import threading
from typing import Any, Literal, TypeAlias

from reliability.errors import SubmissionError
from reliability.formats.endpoint import Address
from reliability.worker import failures

Standing: TypeAlias = Literal["public", "private", "never"]
_Ip: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
# What a company's own network may use. Link-local ones (a cloud's metadata), multicast and reserved ones are no host's.
_PRIVATE = tuple(
    ipaddress.ip_network(one)
    for one in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "100.64.0.0/10", "::1/128", "fc00::/7")
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_CONNECT_S = 10.0


class Destination:
    """The addresses of a host; from the first connection on, the one that took it.

    Raises SubmissionError where one of them may not be asked, WorkerError where there is none.
    """

    def __init__(self, address: Address, *, private: bool) -> None:
        self.address = address
        self._places = _resolved(address)
        self._turn = threading.Lock()
        self.pinned: str | None = None
        for place in self._places:
            _refuse_place(address, place[4][0], private=private)

    @property
    def public(self) -> bool:
        """Whether requests leave the company's network."""
        return any(standing(place[4][0]) == "public" for place in self._places)

    def connect(self, timeout_s: float) -> socket.socket:
        """A new connection to the pinned address; OSError where nobody takes it."""
        with self._turn:
            failed: OSError = ConnectionRefusedError("no address")
            for place in list(self._places):
                try:
                    sock = _connected(place, min(timeout_s, _CONNECT_S))
                except OSError as error:
                    failed = error
                    continue
                self._places, self.pinned = [place], str(place[4][0])
                return sock
        raise failed


def _resolved(address: Address) -> list[Any]:
    try:
        # Once: whoever answers for the name cannot change its mind afterwards.
        return socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError) as error:
        said = failures.cleaned(getattr(error, "strerror", None) or error)
        raise failures.failure("model_endpoint_unreachable", why="name", found=f"{address.host}: {said}") from error


def _connected(place: Any, timeout_s: float) -> socket.socket:
    family, kind, protocol, _, where = place
    sock = socket.socket(family, kind, protocol)
    try:
        sock.settimeout(timeout_s)
        sock.connect(where)
    except BaseException:  # an interruption too: cleared, then passed on
        sock.close()
        raise
    return sock


def standing(text: str) -> Standing:
    """Whether an address is anybody's, the company's own, or none that a model could have."""
    try:
        ip = _embedded(ipaddress.ip_address(text.partition("%")[0]))
    except ValueError:
        return "never"
    if any(ip.version == network.version and ip in network for network in _PRIVATE):
        return "private"
    odd = ip.is_multicast or ip.is_reserved or ip.is_unspecified or ip.is_link_local
    usable = ip.is_global and not odd and not getattr(ip, "is_site_local", False)
    return "public" if usable else "never"


def _embedded(ip: _Ip) -> _Ip:
    """The IPv4 address that an IPv6 one stands for, where it does."""
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else ip)


def _refuse_place(address: Address, met: str, *, private: bool) -> None:
    found = standing(met)
    if found == "never":
        raise SubmissionError(
            "endpoint_never", "model.url: {host} is {address}, an address that no endpoint may have",
            host=address.host, address=met,
        )  # fmt: skip
    if found == "private" and not private:
        raise SubmissionError(
            "endpoint_private",
            "model.url: {host} is {address}, in a private network; to ask it all the same add --private-endpoint",
            host=address.host,
            address=met,
        )
