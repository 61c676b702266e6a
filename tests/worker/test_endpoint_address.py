"""Where an endpoint may lie: resolved once, judged whole, pinned to the address that answered."""

import socket

import pytest

from reliability.errors import SubmissionError, WorkerError
from reliability.formats.endpoint import read_address
from reliability.worker import endpoint_address
from reliability.worker.endpoint_address import Destination, standing
from tests.worker.endpoint_server import Server, reply


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("8.8.8.8", "public"), ("2606:4700:4700::1111", "public"), ("::ffff:8.8.8.8", "public"),
        ("127.0.0.1", "private"), ("127.255.0.9", "private"), ("::1", "private"), ("10.1.2.3", "private"),
        ("172.16.0.1", "private"), ("172.31.255.255", "private"), ("192.168.0.1", "private"), ("100.64.0.1", "private"),
        ("fd00::1", "private"), ("fc00::1", "private"), ("::ffff:127.0.0.1", "private"), ("::ffff:10.0.0.1", "private"),
        ("64:ff9b::7f00:1", "private"), ("64:ff9b::a00:1", "private"), ("2002:7f00:1::", "private"),
        ("64:ff9b::808:808", "public"), ("172.32.0.1", "public"), ("100.128.0.1", "public"), ("11.0.0.1", "public"),
        ("169.254.169.254", "never"), ("::ffff:169.254.169.254", "never"), ("64:ff9b::a9fe:a9fe", "never"),
        ("2002:a9fe:a9fe::", "never"), ("fe80::1", "never"), ("fe80::1%eth0", "never"), ("fec0::1", "never"),
        ("0.0.0.0", "never"), ("::", "never"), ("0.1.2.3", "never"), ("255.255.255.255", "never"),
        ("224.0.0.1", "never"), ("ff02::1", "never"), ("240.0.0.1", "never"), ("192.0.2.1", "never"),
        ("198.18.0.1", "never"), ("2001:db8::1", "never"), ("not an address", "never"), ("", "never"),
    ],
)  # fmt: skip
def test_addresses_are_public_private_or_never_asked(address, expected):
    assert standing(address) == expected


def at(url, *, private=False):
    return Destination(read_address(url), private=private)


@pytest.mark.parametrize(
    "host",
    "127.0.0.1 localhost [::1] 10.0.0.1 192.168.1.1 [::ffff:127.0.0.1] 2130706433 0x7f.1 127.1".split(),
)  # fmt: skip
def test_a_private_address_is_refused_however_it_is_written(host):
    with pytest.raises(SubmissionError) as caught:
        at(f"http://{host}:9/")
    assert caught.value.code == "endpoint_private"
    assert "--private-endpoint" in str(caught.value)


def test_a_private_address_is_taken_where_it_is_allowed():
    assert at("http://127.0.0.1:9/", private=True).public is False
    assert at("https://8.8.8.8/").public is True


@pytest.mark.parametrize("host", ["169.254.169.254", "[fe80::1]", "0.0.0.0", "224.0.0.1", "0", "[::ffff:a9fe:a9fe]"])
def test_what_no_endpoint_may_have_is_refused_with_the_flag_too(host):
    with pytest.raises(SubmissionError) as caught:
        at(f"http://{host}/latest/meta-data", private=True)
    assert caught.value.code == "endpoint_never"


def answering_with(monkeypatch, *addresses):
    """Have the resolver answer so, and count how often it is asked."""
    asked = []

    def getaddrinfo(host, port, **_):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

    monkeypatch.setattr(endpoint_address.socket, "getaddrinfo", getaddrinfo)
    return asked


def test_one_private_address_among_public_ones_is_refused(monkeypatch):
    answering_with(monkeypatch, "8.8.8.8", "10.0.0.1")

    with pytest.raises(SubmissionError, match=r"models\.example is 10\.0\.0\.1"):
        at("http://models.example/")


def test_a_name_is_resolved_once_and_pinned_to_the_address_that_answered(monkeypatch):
    server = Server(reply({}))
    asked = answering_with(monkeypatch, "127.0.0.2", "127.0.0.1")
    try:
        there = at(f"http://models.example:{server.port}/", private=True)
        for _ in range(3):
            there.connect(1).close()
    finally:
        server.close()

    assert (asked, there.pinned) == (["models.example"], "127.0.0.1")
    with pytest.raises(OSError, match="refused"):
        there.connect(1)


@pytest.mark.parametrize(
    "problem", [socket.gaierror(-2, "Name or service not known"), OSError(5, "Input/output error")]
)
def test_a_name_that_nobody_knows_is_a_failure_of_the_endpoint(monkeypatch, problem):
    def getaddrinfo(*_, **__):
        raise problem

    monkeypatch.setattr(endpoint_address.socket, "getaddrinfo", getaddrinfo)

    with pytest.raises(WorkerError) as caught:
        at("http://models.example/")
    assert (caught.value.code, caught.value.values["why"]) == ("model_endpoint_unreachable", "name")
    assert "models.example" in caught.value.values["found"]
