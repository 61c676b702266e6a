"""The address of an endpoint, taken apart: nothing secret is shown, nothing odd is asked."""

import pytest

from reliability.formats.endpoint import describe_endpoint, read_address
from reliability.formats.unreadable import UnreadableError


@pytest.mark.parametrize(
    ("url", "secure", "host", "port", "target", "header"),
    [
        ("http://m.example/invocations", False, "m.example", 80, "/invocations", "m.example"),
        ("https://m.example/v2/models/m/infer", True, "m.example", 443, "/v2/models/m/infer", "m.example"),
        ("HTTPS://M.Example:8443", True, "m.example", 8443, "/", "m.example:8443"),
        ("http://10.0.0.5:5000/x?version=2", False, "10.0.0.5", 5000, "/x?version=2", "10.0.0.5:5000"),
        ("https://[2606:4700::1111]:444/x", True, "2606:4700::1111", 444, "/x", "[2606:4700::1111]:444"),
        ("https://모델.example/예측", True, "xn--bo1b89k.example", 443, "/%EC%98%88%EC%B8%A1", "xn--bo1b89k.example"),
        ("http://m.example/a%20b", False, "m.example", 80, "/a%20b", "m.example"),
        ("http://m.example:80/", False, "m.example", 80, "/", "m.example"),
    ],
)
def test_an_address_is_taken_apart(url, secure, host, port, target, header):
    address = read_address(url)

    assert (address.secure, address.host, address.port, address.target) == (secure, host, port, target)
    assert address.host_header == header


def test_values_of_a_query_are_asked_and_not_shown():
    address = read_address("https://m.example/x?version=2026-01&tenant=acme")

    assert address.target == "/x?version=2026-01&tenant=acme"
    assert address.shown == "https://m.example/x?version=…&tenant=…"


@pytest.mark.parametrize("name", "key api_key apikey token access_token sig signature code secret passwd Auth".split())
def test_a_secret_in_the_query_is_refused_by_its_name(name):
    with pytest.raises(UnreadableError, match=r"^secret$"):
        read_address(f"https://m.example/x?a=1&{name}=abc")


@pytest.mark.parametrize("name", "version zipcode encode design signal country".split())
def test_a_name_that_means_no_secret_is_taken(name):
    assert read_address(f"https://m.example/x?{name}=abc").target.endswith(f"?{name}=abc")


@pytest.mark.parametrize(
    "url",
    [
        "", "http:", "http://", "http:///x", "http://m.example:port/", "http://m.example:0/", "http://m.example:-1/",
        "http://m.example/\r\nX: y", "http://m.example/\tx", "http://m.example/a b", "http://m.example\\x/", "http://m_;x/",
        "http://m.example/x#part", "http://[::1/", "http://" + "a" * 300 + "/", "http://..%2f/", "http://\u0000/",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(url):
    with pytest.raises(UnreadableError, match=r"^(unreadable|scheme)$"):
        read_address(url)


@pytest.mark.parametrize("url", ["http://u@m.example/", "http://u:p@m.example/", "http://@m.example/", "https://:p@h/"])
def test_a_user_in_an_address_is_refused(url):
    with pytest.raises(UnreadableError, match=r"^credentials$"):
        read_address(url)


def test_an_endpoint_is_described_by_what_was_declared():
    declared = {"url": "https://m.example/x?a=1", "protocol": "mlflow", "outputs": {}, "token_env": "RELIABILITY_T"}

    assert describe_endpoint(declared) == {
        "url": "https://m.example/x?a=…", "protocol": "mlflow", "token": "token_env",
    }  # fmt: skip
