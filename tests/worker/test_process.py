import os
import shlex
import signal
import sys
import tempfile
import time

import pytest

from reliability.errors import WorkerError
from reliability.worker import confinement, wire
from reliability.worker.confinement import Way
from reliability.worker.launch import memory_file
from reliability.worker.process import WorkerProcess

# Reads one request from the socket, then does as the test says.
ANSWERING = """
import os, socket, sys, json, struct
sock = socket.socket(fileno=int(os.environ["WIRE"]))
def exactly(n):
    got = b""
    while len(got) < n:
        got += sock.recv(n - len(got))
    return got
def asked():
    magic, head, body = struct.unpack("<4sIQ", exactly(16))
    return json.loads(exactly(head)), exactly(body)
def reply(header, body=b""):
    raw = json.dumps(header).encode()
    sock.sendall(struct.pack("<4sIQ", b"RWK1", len(raw), len(body)) + raw + body)
"""


@pytest.fixture
def started(tmp_path, monkeypatch):
    """A worker whose bubblewrap is a script of the test."""
    opened = []

    def start(script: str) -> WorkerProcess:
        fake = tmp_path / "bwrap"
        fake.write_text("#!/bin/sh\n" + script)
        fake.chmod(0o755)

        def command(way, *, wire, **_):
            return ["/usr/bin/env", f"WIRE={wire}", way.bwrap]

        monkeypatch.setattr(confinement, "command", command)
        way = Way(name="fake", bwrap=str(fake), arguments=())
        with tempfile.TemporaryFile() as model:
            opened.append(WorkerProcess(way, model, package={}, scratch_bytes=1))
        return opened[-1]

    yield start
    for process in opened:
        process.close()


def python(program: str) -> str:
    return f"exec {shlex.quote(sys.executable)} -S -c {shlex.quote(ANSWERING + program)}"


def ask(process, expected=0, timeout_s=10.0):
    return process.ask({"op": "x"}, expected=expected, timeout_s=timeout_s)


def test_reply_is_given_when_its_number_and_length_are_right(started):
    process = started(python("for n in (1, 2):\n    reply({'id': asked()[0]['id'], 'n': n}, bytes(8))\n"))

    assert ask(process, expected=8) == ({"id": 1, "n": 1}, bytes(8))
    assert ask(process, expected=8) == ({"id": 2, "n": 2}, bytes(8))


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("reply({'id': 2}, bytes(8))", "id"),
        ("reply({'id': '1'}, bytes(8))", "id"),
        ("reply({}, bytes(8))", "id"),
        ("reply({'id': 1}, bytes(7))", "length"),
        ("reply({'id': 1}, bytes(9))", "body_too_long"),
        ("reply({'id': 1, 'error': 'e'}, bytes(8))", "length"),
        ("reply([1], bytes(8))", "header_not_an_object"),
        ("reply({'id': 1, 'x': 'y' * 70000})", "header_too_long"),
    ],
)
def test_reply_is_refused_when_it_does_not_follow_from_the_request(started, answer, code):
    with pytest.raises(wire.WireError, match=f"^{code}$"):
        ask(started(python(f"asked()\n{answer}\nasked()")), expected=8)


def test_error_is_given_when_it_comes_without_a_body(started):
    reply, body = ask(started(python("asked()\nreply({'id': 1, 'error': 'e'})\n")), expected=8)

    assert (reply["error"], body) == ("e", b"")


@pytest.mark.parametrize(
    ("script", "code", "values"),
    [
        ("exit 0", "model_exited", {"status": 0}),
        ("exit 3", "model_exited", {"status": 3}),
        ("exit 127", "model_exited", {"status": 127}),
        ("kill -SEGV $$", "model_crashed", {"signal": "SIGSEGV"}),
        ("kill -KILL $$", "model_crashed", {"signal": "SIGKILL"}),
        ("kill -XCPU $$", "model_cpu_limit", {"seconds": 4}),
        (f"exit {128 + signal.SIGBUS}", "model_crashed", {"signal": "SIGBUS"}),
    ],
)
def test_reason_is_told_when_the_process_is_gone(started, script, code, values):
    process = started(f"ulimit -c 0; {script}")

    with pytest.raises(EOFError):
        ask(process)

    reason = process.left(cpu_s=4)
    assert (reason.code, reason.values) == (code, values)


def test_process_that_hung_up_but_lives_is_said_to_have_closed(started, monkeypatch):
    monkeypatch.setattr("reliability.worker.process._LEAVE_S", 0.1)
    process = started(python("sock.close()\nimport time\ntime.sleep(60)"))

    with pytest.raises(EOFError):
        ask(process)
    assert process.left(cpu_s=1).values == {"what": "closed"}


def test_wait_ends_when_the_request_is_never_read(started):
    began = time.monotonic()

    with pytest.raises(TimeoutError):
        started("exec sleep 60").ask({"op": "x"}, bytes(1 << 24), expected=0, timeout_s=0.2)
    assert time.monotonic() - began < 5


def test_output_is_kept_up_to_its_limit_and_read_to_its_end(started):
    process = started("head -c 300000 /dev/zero | tr '\\0' x; echo the end >&2; exit 5")

    with pytest.raises(EOFError):
        ask(process)
    assert process.left(cpu_s=1).values == {"status": 5}
    assert set(process.output) <= {"x"}
    assert len(process.output) <= 16_384


def test_output_is_text_whatever_its_bytes(started):
    process = started("printf '\\377\\000ok'; exit 0")
    process.left(cpu_s=1)
    process.close()

    assert process.output == "\ufffd\x00ok"


def test_close_ends_a_process_that_ignores_requests_to_end(started):
    process = started("trap '' TERM INT HUP; exec sleep 60")
    process.close()
    process.close()

    assert process._process.returncode == -signal.SIGKILL


def test_process_inherits_its_descriptors_and_no_other(started):
    program = "asked()\nreply({'id': 1, 'open': sorted(map(int, os.listdir('/proc/self/fd')))})"
    with tempfile.TemporaryFile() as secret:
        os.set_inheritable(secret.fileno(), True)
        process = started(python(program))
        reply, _ = ask(process)

    # Three standard ones, the model, the filters, the socket, and the listing itself.
    assert len(reply["open"]) == 7


def test_memory_file_is_read_from_its_start():
    with memory_file(b"filter") as descriptor:
        assert os.read(descriptor, 100) == b"filter"
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def test_request_carries_a_number_that_grows(started):
    process = started(python("for n in range(3):\n    met = asked()[0]\n    reply({**met, 'op': met['op'] * 2})\n"))

    assert [ask(process)[0] for _ in range(3)] == [{"id": n, "op": "xx"} for n in (1, 2, 3)]


def test_process_is_unavailable_and_leaves_no_socket_when_bubblewrap_has_gone():
    way = Way(name="fake", bwrap="/nowhere/bwrap", arguments=())

    with tempfile.TemporaryFile() as model, pytest.raises(WorkerError) as caught:
        WorkerProcess(way, model, package={}, scratch_bytes=1)
    assert (caught.value.code, caught.value.values["why"]) == ("sandbox_unavailable", "start")
    assert "/nowhere/bwrap" in caught.value.values["found"]
