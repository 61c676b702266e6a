"""Asks an endpoint over a connection that the workbench made; runs inside the worker only.

This process can connect to nothing: every request takes one socket that was handed over for it. No redirect is
followed, nothing is decompressed, and every read and write of a request ends at one deadline.
"""

import hashlib
import http.client
import io
import json
import socket
import ssl
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import numpy as np

from reliability.worker import endpoint_replies as replies
from reliability.worker.encoded import labelled
from reliability.worker.endpoint_requests import written
from reliability.worker.wire import Bytes, Refusal, WireColumn

LIBRARIES = ("numpy",)
_CHUNK = 65_536
_LONGEST_REMARK = 4_096
_ALLOWANCE, _PER_VALUE = 1 << 20, 256  # bytes that an answer may take: in any case, and for each value
_REFUSING = frozenset({400, 422})  # the endpoint says no to these rows, and lives
_FORM = {"Content-Type": "application/json", "Accept": "application/json", "Accept-Encoding": "identity"}


def load(_path: Path, declared: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The endpoint as a model; nothing is asked yet."""
    return _Endpoint(declared), {"wrapper": declared["protocol"]}


def framed(columns: Mapping[str, WireColumn], _expected: Any) -> Mapping[str, WireColumn]:
    """The rows as they are: no table is made of them."""
    return columns


def told(model: "_Endpoint") -> dict[str, Any]:
    """How the last answer came."""
    return model.told


class _Endpoint:
    """Labels and probabilities of one batch, out of one request."""

    def __init__(self, declared: Mapping[str, Any]) -> None:
        self._declared = declared
        self._line = socket.socket(fileno=declared["line"])
        self._answered: tuple[Any, Any] = (None, None)
        self.told: dict[str, Any] = {}
        self.feature_names_in_ = declared.get("inputs")
        self.classes_ = None if declared["task"] == "regression" else labelled(declared, None)
        outputs = declared["outputs"]
        label = outputs.get("label")
        if label is None and declared["protocol"] == "mlflow" and outputs.get("scores") is None:
            label = replies.PREDICTIONS
        self._named = label is not None or outputs.get("scores") is None
        self._reading = replies.Reading(
            protocol=declared["protocol"], label=label, scores=outputs.get("scores"), classes=self.classes_
        )
        if self.classes_ is not None and self._reading.scores is not None:
            self.predict_proba = self._probabilities

    def predict(self, columns: Mapping[str, WireColumn]) -> Any:
        """The labels that the endpoint names; else the likeliest class."""
        answer, rows = self._asked(columns), _rows(columns)
        if self._named or self.classes_ is None:
            return replies.labels_of(answer, self._reading, rows)
        places = replies.scores_of(answer, self._reading, rows).argmax(axis=1)
        labels = np.empty(rows, dtype=object)
        labels[:] = [self.classes_[place] for place in places.tolist()]
        return labels

    def _probabilities(self, columns: Mapping[str, WireColumn]) -> Any:
        return replies.scores_of(self._asked(columns), self._reading, _rows(columns))

    def _asked(self, columns: Mapping[str, WireColumn]) -> Any:
        # Labels and probabilities of one batch come out of one request.
        if self._answered[0] is not columns:
            with _handed_over(self._line) as plain:
                body = written(columns, self._declared["protocol"], self._declared.get("tensor"))
                most = _ALLOWANCE + _PER_VALUE * _rows(columns) * (len(self.classes_ or ()) + 1)
                raw = _one_request(plain, body, most, self._declared, self.told)
            self._answered = (columns, replies.decoded(raw))
        return self._answered[1]


def _rows(columns: Mapping[str, WireColumn]) -> int:
    return len(next(iter(columns.values())).values)


def _handed_over(line: socket.socket) -> socket.socket:
    """The newest of the connections that were handed over; one that a failed batch left behind is of no use."""
    line.setblocking(False)  # noqa: FBT003  (the standard library's own signature)
    newest = -1
    while True:
        try:
            _, descriptors, _, _ = socket.recv_fds(line, 1, 1)
        except BlockingIOError:
            break
        if not descriptors:
            break
        if newest >= 0:
            socket.close(newest)
        newest = descriptors[0]
    if newest < 0:
        raise Refusal("model_endpoint_lost", what="no_connection", tries=1)
    return socket.socket(fileno=newest)


class _Timed:
    """A connection of which every read and write ends at one deadline: a byte now and then does not renew it."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self.sock, self._deadline = sock, deadline

    def renew(self) -> socket.socket:
        """The socket, with the time that is left."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.sock.settimeout(left)
        return self.sock

    def sendall(self, data: Bytes) -> None:
        """Send everything, piece by piece."""
        view = memoryview(data)
        for start in range(0, len(view), _CHUNK):
            self.renew().sendall(view[start : start + _CHUNK])

    def makefile(self, _mode: str) -> io.BufferedReader:
        """What comes, as http.client reads it."""
        return io.BufferedReader(_Coming(self), _CHUNK)

    def close(self) -> None:
        """Left to the owner of the socket."""


class _Coming(io.RawIOBase):
    def __init__(self, timed: _Timed) -> None:
        self._timed = timed

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._timed.renew().recv_into(buffer)


def _one_request(
    plain: socket.socket, body: bytes, most: int, declared: Mapping[str, Any], said: dict[str, Any]
) -> bytes:
    """The body of the answer; every way in which it may fail to come has its word."""
    timed = _Timed(plain, time.monotonic() + declared["timeout_s"])
    try:
        if declared["secure"]:
            timed.sock = _secured(timed, declared)
            said["tls"] = _tls(timed.sock)
        return _exchanged(timed, body, most, declared)
    except TimeoutError as error:
        raise Refusal("model_endpoint_lost", what="timeout", tries=1) from error
    except ssl.SSLCertVerificationError as error:
        raise Refusal("model_endpoint_unreachable", why="certificate", found=error.verify_message) from error
    except http.client.IncompleteRead as error:
        raise Refusal("model_endpoint_lost", what="short", tries=1) from error
    except ssl.SSLError as error:
        lost = isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError)
        if lost or "tls" in said:
            raise Refusal("model_endpoint_lost", what="closed", tries=1) from error
        raise Refusal("model_endpoint_unreachable", why="tls", found=str(error.reason)) from error
    except OSError as error:  # a connection that was closed, before any answer or within it
        raise Refusal("model_endpoint_lost", what="closed", tries=1) from error
    except http.client.HTTPException as error:
        raise Refusal("model_endpoint_lost", what="not_http", tries=1) from error
    finally:
        timed.sock.close()


def _secured(timed: _Timed, declared: Mapping[str, Any]) -> ssl.SSLSocket:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # which checks the certificate and its host
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_verify_locations(cadata=declared["authorities"])
    return context.wrap_socket(timed.renew(), server_hostname=declared["host"])


def _tls(sock: Any) -> dict[str, str]:
    certificate = sock.getpeercert(binary_form=True) or b""
    return {"version": str(sock.version()), "certificate_sha256": hashlib.sha256(certificate).hexdigest()}


def _exchanged(timed: _Timed, body: bytes, most: int, declared: Mapping[str, Any]) -> bytes:
    connection = http.client.HTTPConnection(declared["host"])
    connection.sock = timed
    headers = {"Host": declared["host_header"], **_FORM, "Connection": "close", **declared["headers"]}
    connection.request("POST", declared["target"], body=body, headers=headers)
    response = connection.getresponse()
    if response.status != http.client.OK:
        raise _refusal(response)
    kind = response.headers.get_content_type()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise replies.bad("content_type", kind[:100])
    if response.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise replies.bad("content_encoding", "an answer that is compressed")
    if response.length is not None and response.length > most:
        raise replies.bad("too_large", f"{response.length:,} bytes announced, and {most:,} are the most")
    raw = response.read(most + 1)
    if len(raw) > most:
        raise replies.bad("too_large", f"more than {most:,} bytes")
    if response.length:
        raise http.client.IncompleteRead(b"")
    return raw


def _refusal(response: http.client.HTTPResponse) -> Refusal:
    if response.status in _REFUSING:
        return Refusal("model_raised", type=f"HTTP {response.status}", message=_remark(response))
    told = {"status": response.status, "tries": 1}
    waiting = _retry_after(response)
    return Refusal("model_endpoint_status", **told, **({} if waiting is None else {"retry_after": waiting}))


def _remark(response: http.client.HTTPResponse) -> str:
    """What an endpoint that refuses rows says of it, in the fields that the two protocols have for that."""
    try:
        said = json.loads(response.read(_LONGEST_REMARK))
    except (ValueError, RecursionError, OSError, http.client.HTTPException):
        return ""
    named = [said.get(key) for key in ("message", "error")] if isinstance(said, dict) else []
    return next((one for one in named if isinstance(one, str)), "")


def _retry_after(response: http.client.HTTPResponse) -> str | None:
    """Seconds to wait, by the endpoint's own clock where it names a time."""
    text = (response.headers.get("Retry-After") or "").strip()
    if text.isascii() and text.isdigit():
        return text[:9]
    try:
        until, now = (parsedate_to_datetime(one) for one in (text, response.headers.get("Date") or ""))
        return str(max(0, round((until - now).total_seconds())))
    except (ValueError, TypeError):
        return None
