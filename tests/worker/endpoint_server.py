"""An HTTP endpoint on the loopback address that behaves as it is told, request by request."""

import contextlib
import itertools
import json
import socket
import socketserver
import ssl
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

JSON = "application/json"
DRIP_S = 0.02


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    line: str
    headers: dict
    raw: bytes

    @property
    def body(self):
        return json.loads(self.raw)


class Server:
    """Answers in the order of its behaviours, the last one again and again; keeps every request."""

    def __init__(self, *behaviours, context: ssl.SSLContext | None = None) -> None:
        self.asked: list[Asked] = []
        self.connections = 0
        self._behaviours = itertools.chain(behaviours, itertools.repeat(behaviours[-1]))
        self._server = _Threads(("127.0.0.1", 0), _Handler)
        self._server.owner, self._server.context = self, context
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def url(self, path="/invocations", scheme="http", host="127.0.0.1"):
        return f"{scheme}://{host}:{self.port}{path}"

    def behaviour(self):
        return next(self._behaviours)

    def close(self):
        self._server.leaving.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


class _Threads(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.leaving = threading.Event()

    def handle_error(self, request, client_address):
        """A client that leaves in the middle is what many tests are about."""


class _Handler(socketserver.BaseRequestHandler):
    def handle(self):
        owner = self.server.owner
        owner.connections += 1
        sock = self.request
        sock.settimeout(10)
        with contextlib.suppress(OSError):
            if self.server.context is not None:
                sock = self.server.context.wrap_socket(sock, server_side=True)
            with sock, sock.makefile("rb") as lines:
                asked = _read(lines)
                if asked is not None:
                    owner.asked.append(asked)
                    owner.behaviour()(asked, sock, self.server.leaving)
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_WR)
                while sock.recv(65_536):
                    pass


def _read(lines):
    line = lines.readline().decode().strip()
    if not line:
        return None
    headers = {}
    while text := lines.readline().decode().strip():
        name, _, value = text.partition(":")
        headers[name.lower()] = value.strip()
    return Asked(line, headers, lines.read(int(headers["content-length"])))


# What a server may do with a request.


def reply(content, *, status="200 OK", kind=JSON, length=None, **headers):
    """A whole answer, or one that lies about its length."""
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    named = {"Content-Type": kind, "Content-Length": len(raw) if length is None else length}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}

    def behave(asked, sock, leaving):
        sock.sendall(_head(status, named) + raw)

    return behave


def _head(status, headers):
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def answering(make, **given):
    """An answer made from the request's rows."""
    return lambda asked, sock, leaving: reply(make(asked), **given)(asked, sock, leaving)


def raw(content):
    """These bytes, and the end."""
    return lambda asked, sock, leaving: sock.sendall(content)


def silent(asked, sock, leaving):
    """Take the request, and never say anything."""
    leaving.wait(20)


def closing(asked, sock, leaving):
    """Take the request, and leave."""


def dripping(head=b""):
    """A byte now and then, for ever."""

    def behave(asked, sock, leaving):
        sock.sendall(head)
        while not leaving.is_set():
            sock.sendall(b" ")
            time.sleep(DRIP_S)

    return behave


def streaming(piece, *, head):
    """One piece after another, for ever, as fast as they are taken; how many went is kept."""

    def behave(asked, sock, leaving):
        sock.sendall(head)
        while not leaving.is_set():
            sock.sendall(piece)
            behave.sent += len(piece)

    behave.sent = 0
    return behave


# Rows as the two protocols have them.


def mlflow_rows(asked):
    return [row[0] for row in asked.body["dataframe_split"]["data"]]


def kserve_rows(asked):
    return asked.body["inputs"][0]["data"]


def is_yes(x):
    return x is not None and x > 2


def mlflow_labels(asked):
    return {"predictions": ["yes" if is_yes(x) else "no" for x in mlflow_rows(asked)]}


def kserve_labels(asked):
    labels = ["yes" if is_yes(x) else "no" for x in kserve_rows(asked)]
    return {"model_name": "m", "outputs": [tensor("label", labels, datatype="BYTES")]}


def tensor(name, data, shape=None, datatype="FP64"):
    return {"name": name, "shape": shape or [len(data)], "datatype": datatype, "data": data}


# A certificate of its own for a host, by an authority of its own.


def authority(name="test authority"):
    key = ec.generate_private_key(ec.SECP256R1())
    return key, _certificate(name, key.public_key(), name, key, x509.BasicConstraints(ca=True, path_length=0))


def issued(by, *names, days=1):
    """Key and certificate, as one PEM, for those names."""
    key, (their_key, their_certificate) = ec.generate_private_key(ec.SECP256R1()), by
    issuer = their_certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    alternatives = x509.SubjectAlternativeName([_name(one) for one in names])
    made = _certificate("host", key.public_key(), issuer, their_key, alternatives, days=days)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + pem(made), made.fingerprint(hashes.SHA256()).hex()


def _name(text):
    import ipaddress

    with contextlib.suppress(ValueError):
        return x509.IPAddress(ipaddress.ip_address(text))
    return x509.DNSName(text)


def pem(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM)


def _certificate(subject, public, issuer, key, extension, days=1):
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, one)]) for one in (subject, issuer)]
    start = datetime.now(UTC) - timedelta(days=2)
    built = x509.CertificateBuilder(
        names[1], names[0], public, x509.random_serial_number(), start, start + timedelta(days=2 + days)
    )
    authority_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
    own_key = x509.SubjectKeyIdentifier.from_public_key(public)
    built = built.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
    if isinstance(extension, x509.BasicConstraints):
        usage = x509.KeyUsage(
            digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False, key_encipherment=False,
            data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
        )  # fmt: skip
        built = built.add_extension(usage, critical=True)
    built = built.add_extension(authority_key, critical=False).add_extension(own_key, critical=False)
    return built.sign(key, hashes.SHA256())


def server_context(pem_file):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem_file)
    return context
