"""A time-stamp service of a stranger (RFC 3161), answering over a socket of this machine, for tests."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

from asn1crypto import keys, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper

STAMPED = datetime(2026, 11, 28, 9, 0, 5, tzinfo=UTC)
START, END = datetime(2024, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
KEYS = [rsa.generate_private_key(65537, 2048) for _ in range(3)]


def certificate(subject, key, issuer, above, *, authority=False, purposes=None, critical=True, start=START, end=END):
    """A certificate of a stranger; `above` is the key that signs it."""
    named = {name: x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]) for name in (subject, issuer)}
    usage = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only",
         "content_commitment"), False,
    )  # fmt: skip
    builder = (
        x509.CertificateBuilder().subject_name(named[subject]).issuer_name(named[issuer])
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(start).not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(digital_signature=not authority, key_cert_sign=authority, crl_sign=authority, **usage),
            critical=True,
        )
    )  # fmt: skip
    if purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=critical)
    return builder.sign(above, hashes.SHA256())


ROOT = certificate("Time root", KEYS[0], "Time root", KEYS[0], authority=True)
BETWEEN = certificate("Time authority", KEYS[1], "Time root", KEYS[0], authority=True)


def service(*, purposes=(ExtendedKeyUsageOID.TIME_STAMPING,), **changes):
    """The certificate of a service below ROOT and BETWEEN."""
    return certificate("Time service", KEYS[2], "Time authority", KEYS[1], purposes=purposes, **changes)


SERVICE = service()


def as_asn1(value):
    return asn1_x509.Certificate.load(value.public_bytes(serialization.Encoding.DER))


def stamper(stamped_by=SERVICE, *, at=STAMPED, others=(BETWEEN,), signing=None):
    """pyHanko's own service, with our certificates and clock."""
    key = KEYS[2].private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return DummyTimeStamper(
        as_asn1(stamped_by), keys.PrivateKeyInfo.load(key), list(map(as_asn1, others)), fixed_dt=at,
        override_md=signing,
    )  # fmt: skip


def answer(request, **changes):
    """The service's answer to a request, as bytes."""
    return stamper(**changes).request_tsa_response(tsp.TimeStampReq.load(request)).dump()


def token(digest, **changes):
    """A token over a SHA-256 digest, as the service gives it."""
    request = tsp.TimeStampReq({
        "version": 1, "message_imprint": {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": digest},
        "cert_req": True,
    })  # fmt: skip
    return stamper(**changes).request_tsa_response(request)["time_stamp_token"].dump()


@contextmanager
def listening(reply):
    """The address of a server on this machine that gives `reply(request)`: status and bytes."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            status, content = reply(asked)
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/stamp"
        finally:
            server.shutdown()
            thread.join()


def granting(**changes):
    """What a service that works replies."""
    return lambda request: (200, answer(request, **changes))


LATER = timedelta(days=365 * 30)
