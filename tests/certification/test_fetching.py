import socket
import threading
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from reliability.certification.fetching import fetcher, is_address
from reliability.errors import EnvironmentLacksError, UsageError


@contextmanager
def serving(replies):
    """The address of a site on this machine, and the paths that were asked for."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            reply = replies.get(self.path, (404, {}, b""))
            status, headers, content = reply
            self.send_response(status)
            for name, value in {"Content-Length": len(content), **headers}.items():
                self.send_header(name, str(value))
            self.end_headers()
            for place in range(0, len(content), 4096):
                try:
                    self.wfile.write(content[place : place + 4096])
                    time.sleep(0.02 if self.path.endswith("slow") else 0)
                except OSError:  # whoever asked went away
                    return

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def dripping(start):
    """The address of a site that begins an answer, and adds a letter now and then."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        ended = threading.Event()

        def drip():
            asker, _ = server.accept()
            with asker, suppress(OSError):
                asker.sendall(start)
                while not ended.wait(0.02):
                    asker.sendall(b"a")

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            ended.set()
            thread.join()


def test_files_of_a_site_are_fetched_once_by_their_names():
    with serving({"/c/rows.jsonl": (200, {}, b"rows"), "/c/certificates/A-1.json": (200, {}, b"{}")}) as (url, asked):
        read = fetcher(f"{url}/c/")

        assert [read("rows.jsonl"), read("rows.jsonl"), read("certificates/A-1.json")] == [b"rows", b"rows", b"{}"]
    assert asked == ["/c/rows.jsonl", "/c/certificates/A-1.json"]


def test_a_file_that_is_not_there_is_none():
    with serving({}) as (url, _):
        assert fetcher(url)("checkpoint.dsse.json") is None


@pytest.mark.parametrize(("status", "headers"), [(301, {"Location": "/other"}), (302, {"Location": "/other"}),
                                                 (500, {}), (204, {})])  # fmt: skip
def test_a_site_that_answers_otherwise_is_not_followed(status, headers):
    replies = {"/rows.jsonl": (status, headers, b""), "/other": (200, {}, b"rows")}
    with serving(replies) as (url, asked), pytest.raises(EnvironmentLacksError) as refused:
        fetcher(url)("rows.jsonl")
    assert (refused.value.code, asked) == ("register_unreachable", ["/rows.jsonl"])


def test_all_files_together_are_never_too_large():
    with serving({"/a": (200, {}, b"a" * 600), "/b": (200, {}, b"b" * 600)}) as (url, _):
        read = fetcher(url, largest=1000)

        assert read("a") == b"a" * 600
        with pytest.raises(EnvironmentLacksError):
            read("b")


def test_an_answer_that_takes_too_long_is_given_up():
    with serving({"/slow": (200, {}, b"a" * 400_000)}) as (url, _), pytest.raises(EnvironmentLacksError) as refused:
        fetcher(url, longest_s=0.2)("slow")
    assert refused.value.values["why"] == "slow: TimeoutError"


def test_an_answer_that_breaks_off_is_none():
    replies = {"/rows": (200, {"Content-Length": 99}, b"half")}
    with serving(replies) as (url, _), pytest.raises(EnvironmentLacksError):
        fetcher(url, timeout_s=0.5)("rows")


def test_a_site_that_nobody_serves_gives_no_answer():
    with serving({}) as (url, _):
        pass
    with pytest.raises(EnvironmentLacksError) as refused:
        fetcher(url, timeout_s=1)("rows.jsonl")
    assert refused.value.code == "register_unreachable"


@pytest.mark.parametrize("url", [
    "http://", "http://host:port/", "http://host:99999/", "http://me:word@host/", "http://host/?a=1", "https://h/#a",
    "http://[::1",
])  # fmt: skip
def test_what_is_no_address_is_refused(url):
    with pytest.raises(UsageError) as refused:
        fetcher(url)
    assert refused.value.code == "register_address"


@pytest.mark.parametrize(("text", "is_one"), [
    ("http://a", True), ("HTTPS://a", True), ("register", False), ("ftp://a", False), ("file:///a", False),
])  # fmt: skip
def test_only_addresses_of_the_web_are_fetched(text, is_one):
    assert is_address(text) is is_one


@pytest.mark.parametrize("start", [
    b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"HTTP/1.1 1",
    b"HTTP/1.1 100 Continue\r\n\r\n" * 3,
])  # fmt: skip
def test_an_answer_that_drips_is_given_up(start):
    """Silence is never long enough for the limit of silence."""
    with dripping(start) as url:
        began = time.monotonic()
        with pytest.raises(EnvironmentLacksError) as refused:
            fetcher(url, timeout_s=2, longest_s=0.3)("rows.jsonl")

    assert refused.value.values["why"] == "rows.jsonl: TimeoutError"
    assert time.monotonic() - began < 2
