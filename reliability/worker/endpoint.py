"""A model behind an HTTP endpoint: connected to by the workbench, asked by a confined child that holds no model.

The host is resolved once for a whole run; every request is a connection of its own, made here and handed over. Pace,
retries and what the record says of them are kept here; the child speaks HTTP and TLS over what it was given.
"""

import os
import re
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from reliability.blocks import Column
from reliability.errors import SubmissionError
from reliability.evidence.probe import Answers
from reliability.formats.endpoint import read_address
from reliability.submission.endpoint_keys import AUTHORIZATION
from reliability.submission.manifest import ModelPart
from reliability.worker import adapters, confinement, failures, landlock, wire
from reliability.worker.confinement import Way
from reliability.worker.endpoint_address import Destination
from reliability.worker.parent import Limits, Model, ModelSpec, refuse_in_sight
from reliability.worker.process import WorkerProcess, with_line

_TOKEN = re.compile(r"[\x21-\x7e]{1,8192}")
_OVERLAP = 6  # so many characters in a row are of the token, not of chance
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
_LONGEST_PAUSE_S = 60.0
_GRACE_S = 5.0  # the child ends a request by itself; it is ended where it does not
_MOST_CERTIFICATES = 8
_FURTHER = ("endpoint_replies.py", "endpoint_requests.py", "labels.py")


class Endpoint:
    """Where and how an endpoint is asked, for all workers of a run together."""

    def __init__(self, part: ModelPart, folder: Path, *, private: bool, backoff_s: float = 0.5) -> None:
        self.part = part
        self.address = read_address(str(part.url))
        self._token = _token(part, folder)
        self._authorities = _authorities(part, folder) if self.address.secure else ""
        self._backoff_s = backoff_s
        self._turn, self._next = threading.Lock(), time.monotonic()
        self.destination = Destination(self.address, private=private)
        if self._token and not self.address.secure and self.destination.public:
            raise SubmissionError(
                "endpoint_token_in_clear",
                "model.url: a token would be sent unencrypted over a public network; write https://",
            )
        self.told: dict[str, Any] = {
            "url": self.address.shown, "protocol": part.protocol, "address": None, "requests": 0, "retries": 0,
            "run_by": "applicant",
        }  # fmt: skip

    def declared(self, *, line: int, timeout_s: float) -> dict[str, Any]:
        """What the child is told, the token too: nothing of it goes into a record or a message."""
        part, address = self.part, self.address
        outputs = part.outputs.model_dump(mode="json", include={"label"}) | {"scores": _pairs(part.outputs.scores)}
        value = f"Bearer {self._token}" if part.token_header.lower() == AUTHORIZATION.lower() else self._token
        return {
            "line": line, "timeout_s": timeout_s, "protocol": part.protocol, "tensor": part.tensor, "outputs": outputs,
            "secure": address.secure, "host": address.host, "host_header": address.host_header,
            "target": address.target, "authorities": self._authorities,
            "headers": {part.token_header: value} if self._token else {},
        }  # fmt: skip

    def connect(self, *, again: bool) -> socket.socket:
        """A connection for one request, when its turn has come; OSError where nobody takes it."""
        self._wait_for_turn()
        with self._turn:
            self.told["requests"] += 1
            self.told["retries"] += again
        sock = self.destination.connect(self.part.timeout)
        self.told["address"] = self.destination.pinned
        return sock

    def _wait_for_turn(self) -> None:
        if self.part.rate is None:
            return
        with self._turn:
            now = time.monotonic()
            turn = max(now, self._next)
            self._next = turn + 1 / self.part.rate
        time.sleep(turn - now)

    def note_tls(self, said: Any) -> None:
        """Version and certificate of a connection, as the child has seen them."""
        told = adapters.claims(said)
        if {"version", "certificate_sha256"} <= set(told):
            with self._turn:
                known = self.told.setdefault("tls", {"version": told["version"], "certificate_sha256": []})
                listed = {*known["certificate_sha256"], str(told["certificate_sha256"])}
                known["certificate_sha256"] = sorted(listed)[:_MOST_CERTIFICATES]

    def pause_s(self, tries: int, asked_for: Any) -> float:
        """Seconds until the next try: what the endpoint asks for, at least its share of the back-off."""
        own = min(self._backoff_s * 2.0 ** (tries - 1), _LONGEST_PAUSE_S)
        asked = str(asked_for)
        return max(own, float(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 10 else own

    def without_token(self, values: Any) -> Any:
        """Values of a message; text that shares a piece of the token is withheld whole."""
        if not isinstance(values, dict):
            return values
        return {name: "(…)" if self._tells(str(value)) else value for name, value in values.items()}

    def _tells(self, text: str) -> bool:
        token = self._token
        return any(token[at : at + _OVERLAP] in text for at in range(max(1, len(token) - _OVERLAP + 1)) if token)


def _pairs(scores: Any) -> Any:
    """Class and field, in pairs: a key of JSON would be text."""
    return [[label, name] for label, name in scores.items()] if isinstance(scores, dict) else scores


def _token(part: ModelPart, folder: Path) -> str:
    """The token, of visible characters; no message has any of it."""
    if part.token_file is not None:
        source = part.token_file
        try:
            text = (folder / source).read_bytes()[: 1 << 16].decode(errors="replace").strip()
        except OSError as error:
            raise SubmissionError(
                "endpoint_token_unreadable", "{source}: the token cannot be read ({why})",
                source=source, why=error.strerror,
            ) from error  # fmt: skip
    elif part.token_env is not None:
        source, text = part.token_env, os.environ.get(part.token_env, "").strip()
    else:
        return ""
    if not _TOKEN.fullmatch(text):
        raise SubmissionError(
            "endpoint_token_missing", "{source} holds no token; write one there, of letters, digits and signs alone",
            source=source,
        )  # fmt: skip
    return text


def _authorities(part: ModelPart, folder: Path) -> str:
    """Certificates of those who may vouch for the endpoint's host: the applicant's own, or this machine's."""
    paths = ssl.get_default_verify_paths()
    places = [Path(one) for one in (paths.cafile, paths.openssl_cafile) if one]
    if part.ca_file is not None:
        places = [folder / part.ca_file]
    for place in places:
        if place.is_file():
            text = place.read_text(encoding="ascii", errors="ignore")
            if "-----BEGIN CERTIFICATE-----" in text:
                return text
    raise SubmissionError(
        "endpoint_no_authorities", "{source} holds no certificate; give model.ca_file, or install ca-certificates",
        source=part.ca_file or str(paths.openssl_cafile),
    )  # fmt: skip


class EndpointModel(Model):
    """An endpoint as a model: rows go in batches, every batch in a request of its own."""

    def __init__(
        self, spec: ModelSpec, limits: Limits, way: Way, process: WorkerProcess, *, endpoint: Endpoint,
        line: socket.socket, number: int,
    ) -> None:  # fmt: skip
        self._endpoint, self._line, self._number = endpoint, line, number
        self._request_s = min(float(endpoint.part.timeout), limits.timeout_s)
        super().__init__(spec, limits, way, process)

    def close(self) -> None:
        """End the process, and the line to it."""
        super().close()
        self._line.close()

    def _declared(self) -> dict[str, Any]:
        return super()._declared() | self._endpoint.declared(line=self._number, timeout_s=self._request_s)

    def _load(self) -> None:
        self.isolation["endpoint"] = self._endpoint.told
        super()._load()

    def _answered(self, columns: Mapping[str, Column]) -> Answers:
        rows, size = len(columns[self.spec.inputs[0]]), self._endpoint.part.batch
        answered = super()._answered
        if rows <= size:
            return answered(columns)
        sent = {name: columns[name] for name in self.spec.inputs}
        places = [np.arange(start, min(start + size, rows)) for start in range(0, rows, size)]
        parts = [answered({name: column.take(at) for name, column in sent.items()}) for at in places]
        scores = [part.scores for part in parts if part.scores is not None]
        return Answers(
            labels=np.concatenate([part.labels for part in parts]),
            scores=np.concatenate(scores) if len(scores) == len(parts) else None,
        )

    def _asked(self, header: Mapping[str, Any], body: wire.Bytes, *, expected: int) -> tuple[wire.Header, bytearray]:
        if header["op"] != "predict":
            return super()._asked(header, body, expected=expected)
        until, tries = time.monotonic() + self.limits.timeout_s, 0
        while True:
            tries += 1
            reply, answer = self._tried(header, body, expected=expected, tries=tries)
            if "error" not in reply:
                self._endpoint.note_tls(reply.get("tls"))
                return reply, answer
            values = self._endpoint.without_token(reply.get("values"))
            failed = {**values, "tries": tries} if isinstance(values, dict) else values
            pause = self._endpoint.pause_s(tries, failed.get("retry_after")) if isinstance(failed, dict) else 0.0
            last = tries > self._endpoint.part.retries or time.monotonic() + pause > until
            if last or not _worth_another_try(reply["error"], failed):
                raise failures.reported(reply["error"], failed, memory_bytes=self.limits.memory_bytes)
            time.sleep(pause)

    def _tried(
        self, header: Mapping[str, Any], body: wire.Bytes, *, expected: int, tries: int
    ) -> tuple[wire.Header, bytearray]:
        """One request; that nobody takes the connection is an error like those of the child."""
        try:
            with self._endpoint.connect(again=tries > 1) as sock:
                socket.send_fds(self._line, [b"\x01"], [sock.fileno()])
        except OSError as error:
            found = "timeout" if isinstance(error, TimeoutError) else error.strerror or type(error).__name__
            values = {"why": "connection", "found": found}
            return {"error": "model_endpoint_unreachable", "values": values}, bytearray()
        return self._replied(header, body, expected=expected)

    def _patience_s(self) -> float:
        return self._request_s + _GRACE_S


def _worth_another_try(error: Any, values: Any) -> bool:
    if error == "model_endpoint_unreachable":
        return isinstance(values, dict) and values.get("why") == "connection"
    if error == "model_endpoint_status":
        return isinstance(values, dict) and str(values.get("status")) in {str(one) for one in _BUSY}
    return bool(error == "model_endpoint_lost")


def open_endpoint(spec: ModelSpec, endpoint: Endpoint, *, limits: Limits, level: str | None = None) -> EndpointModel:
    """Start a fresh child that asks the endpoint; nothing is asked before the first rows.

    It runs code of ours alone, so limits on its process do where nothing stronger works; the record says so, as of any
    model. Raises WorkerError where not even they hold.
    """
    refuse_in_sight(spec.path)
    way = landlock.find_way(level)
    process, line, number = with_line(way, package=_package(), scratch_bytes=limits.scratch_bytes)
    return EndpointModel(spec, limits, way, process, endpoint=endpoint, line=line, number=number).started()


def _package() -> dict[Path, Path]:
    here, inside = Path(__file__).parent, confinement.PACKAGE / "reliability" / "worker"
    return confinement.package_files() | {inside / name: here / name for name in _FURTHER}
