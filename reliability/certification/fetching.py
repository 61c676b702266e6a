"""Files of a published register fetched from its address: small, soon, and from nowhere else."""

import http.client
import ssl
import time
from collections.abc import Callable
from contextlib import closing
from functools import cache
from urllib.parse import SplitResult, quote, urlsplit

from reliability.errors import EnvironmentLacksError, UsageError
from reliability.signing.answers import within

LARGEST = 256 << 20  # bytes of all files together
TIMEOUT_S = 30.0  # of silence
LONGEST_S = 120.0  # of all fetching together
_PIECE = 1 << 16


def is_address(text: str) -> bool:
    """Whether a register is named by an address on the network."""
    return text.lower().startswith(("http://", "https://"))


def fetcher(
    url: str, *, largest: int = LARGEST, timeout_s: float = TIMEOUT_S, longest_s: float = LONGEST_S
) -> Callable[[str], bytes | None]:
    """What gives the files of a site by their names, each asked for once; None where there is none.

    A site that answers from elsewhere is not followed.

    Raises
    ------
    UsageError
        If the address is none.
    EnvironmentLacksError
        `register_unreachable`, when a file is asked for and the site gives no answer in time, or too much.
    """
    parts = _parts(url)
    until, left = time.monotonic() + longest_s, [largest]

    @cache
    def read(name: str) -> bytes | None:
        def asked() -> bytes | None:
            with closing(_connection(parts, timeout_s)) as connection:
                connection.request("GET", f"{parts.path.rstrip('/')}/{quote(name)}", headers={"Accept": "*/*"})
                with connection.getresponse() as response:
                    return _answer(response, left[0])

        try:
            content = within(until - time.monotonic(), asked)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise EnvironmentLacksError(
                "register_unreachable",
                "{url}: the published register gives no answer ({why}); try again, or name a copy",
                url=url, why=f"{name}: {error if isinstance(error, _Status) else type(error).__name__}",
            ) from error  # fmt: skip
        left[0] -= len(content or b"")
        return content

    return read


class _Status(http.client.HTTPException):
    """A status that is neither that of an answer nor of a file that is not there."""


def _parts(url: str) -> SplitResult:
    wrong = UsageError("register_address", "{url}: give the http or https address of a published register", url=url)
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise wrong from error
    if not parts.hostname or parts.username is not None or parts.query or parts.fragment:
        raise wrong
    return parts


def _connection(parts: SplitResult, timeout_s: float) -> http.client.HTTPConnection:
    host = parts.hostname or ""
    if parts.scheme.lower() == "https":
        return http.client.HTTPSConnection(
            host, parts.port, timeout=timeout_s, context=ssl.create_default_context()
        )  # fmt: skip
    return http.client.HTTPConnection(host, parts.port, timeout=timeout_s)


def _answer(response: http.client.HTTPResponse, largest: int) -> bytes | None:
    if response.status == http.client.NOT_FOUND:
        return None
    if response.status != http.client.OK:
        raise _Status(f"status {response.status}")
    content = bytearray()
    while piece := response.read1(_PIECE):
        content += piece
        if len(content) > largest:
            raise ValueError("large")
    if response.length:
        raise http.client.IncompleteRead(bytes(content))
    return bytes(content)
