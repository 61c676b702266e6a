"""How a worker shuts itself in: each part in a process of its own, which gives up what it cannot get back."""

import json
import os
import platform
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from reliability.worker import fence, seccomp

ROOT = Path(__file__).resolve().parents[2]
needs_landlock = pytest.mark.skipif(fence.abi() < fence.OLDEST_ABI, reason="this kernel has no such Landlock")


def restricted(tmp_path, program, *, landlock=True, filtered=True, read=()):
    """What a program prints after it shut itself in, here with the libraries of this interpreter."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    given = {
        "uid": None, "landlock": landlock, "scratch": str(scratch),
        "filter": seccomp.program(platform.machine(), shared=True).hex() if filtered else "",
        "read": ["/usr/lib", "/lib", sys.base_prefix, str(ROOT), *map(str, read)],
    }  # fmt: skip
    source = (
        "import sys, os, json\nfrom reliability.worker import fence\n"
        "given = json.loads(sys.argv[1])\nfence.restrict(given)\n"
        "def let(action):\n    try:\n        action()\n"
        "    except OSError as error:\n        return type(error).__name__\n    return 'let'\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", source + program, json.dumps(given), str(tmp_path)],
        capture_output=True, text=True, cwd=ROOT, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@needs_landlock
def test_only_what_is_named_can_be_read_and_only_scratch_written(tmp_path):
    (tmp_path / "labels.csv").write_text("1")
    (tmp_path / "model").write_text("m")
    program = (
        "at = sys.argv[2]\n"
        "print(let(lambda: open(at + '/model')), let(lambda: open(at + '/labels.csv')), let(lambda: os.listdir(at)))\n"
        "print(let(lambda: open(at + '/scratch/x', 'w')), let(lambda: open(at + '/x', 'w')))\n"
        "print(let(lambda: open(at + '/model', 'r+')), let(lambda: os.remove(at + '/model')))\n"
        "print(let(lambda: os.link(at + '/labels.csv', at + '/scratch/l')))\n"
        "print(let(lambda: os.truncate(at + '/model', 0)))\n"
        "print(let(lambda: open('/dev/null', 'r+')), let(lambda: open('/etc/passwd')))\n"
    )

    told = restricted(tmp_path, program, read=[tmp_path / "model"])

    refused = "PermissionError"
    assert told[:5] == ["let", refused, refused, "let", refused]
    assert told[5:9] == [refused, refused, told[7], refused]
    assert told[7] in {refused, "OSError"}  # a link across folders
    assert told[9:] == ["let", refused]
    assert (tmp_path / "model").read_text() == "m"


@needs_landlock
def test_nobody_can_be_signalled_or_met_and_no_program_started(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        program = (
            "import socket, subprocess\n"
            "print(let(lambda: os.kill(os.getppid(), 0)), let(lambda: os.kill(os.getpid(), 0)))\n"
            f"print(let(lambda: socket.create_connection(('127.0.0.1', {server.getsockname()[1]}), 1)))\n"
            "print(let(lambda: subprocess.run([sys.executable, '-c', ''])), let(lambda: os.fork() or os._exit(0)))\n"
        )

        # Without the filter: this is Landlock's own doing.
        assert restricted(tmp_path, program, filtered=False) == [
            "PermissionError", "let", "PermissionError", "PermissionError", "let",
        ]  # fmt: skip


SHARED = {
    "os.chmod(sys.argv[2] + '/f', 0o777)": "PermissionError",
    "os.utime(sys.argv[2] + '/f')": "PermissionError",
    "os.setpriority(os.PRIO_PROCESS, 0, 5)": "PermissionError",
    "os.sched_setaffinity(os.getppid(), {0})": "PermissionError",
    "os.sched_setaffinity(0, os.sched_getaffinity(0))": "let",
    "resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE)": "PermissionError",
    "resource.setrlimit(resource.RLIMIT_CORE, (0, 0))": "let",
    "socket.socketpair()": "let",
    "socket.socket()": "PermissionError",
    "mmap.mmap(-1, 4096)": "let",
}


def test_filter_keeps_other_processes_and_rights_of_files_out_of_reach(tmp_path):
    (tmp_path / "f").write_text("x")
    lines = "".join(f"print(let(lambda: {one}))\n" for one in SHARED)

    told = restricted(tmp_path, "import resource, socket, mmap\n" + lines, landlock=False)

    assert dict(zip(SHARED, told, strict=True)) == SHARED


@pytest.fixture
def kept(tmp_path):
    """Start a keeper whose worker is a program of the test; the process, and the end of the pipe that holds it."""
    started = []

    def start(program: str, scratch_bytes: int = 1 << 20):
        (tmp_path / "scratch").mkdir(exist_ok=True)
        read, write = os.pipe()
        given = {"life": read, "wire": None, "scratch": str(tmp_path / "scratch"), "scratch_bytes": scratch_bytes}
        source = (
            "import sys, os, time, signal\nfrom reliability.worker import fence\n"
            f"def work(given):\n    os.chdir(given['scratch'])\n    {program}\n"
            "fence._work = work\nfence.main(sys.argv[1])\n"
        )
        process = subprocess.Popen([sys.executable, "-c", source, json.dumps(given)], cwd=ROOT, pass_fds=(read,))
        os.close(read)
        started.append((process, write))
        return process, write

    yield start
    for process, write in started:
        process.kill()
        process.wait()
        with suppress(OSError):  # a test has hung up
            os.close(write)
    # pytest cannot remove a folder two thousand deep, which one of them leaves.
    subprocess.run(["rm", "-rf", tmp_path / "scratch"], check=True)


@pytest.mark.parametrize(
    ("program", "status"),
    [
        ("os._exit(0)", 0), ("os._exit(3)", 3), ("os.kill(os.getpid(), signal.SIGSEGV)", 128 + signal.SIGSEGV),
        ("open('x', 'wb').write(bytes(1 << 22)); time.sleep(60)", 128 + signal.SIGXFSZ),
        ("[open(str(n), 'w') for n in range(10_100)]; time.sleep(60)", 128 + signal.SIGXFSZ),
        ("[(os.mkdir('d'), os.chdir('d')) for _ in range(2500)]; time.sleep(60)", 128 + signal.SIGXFSZ),
    ],
)  # fmt: skip
def test_keeper_ends_with_the_status_of_its_worker_or_with_why_it_had_to_go(kept, program, status):
    assert kept(program)[0].wait(60) == status


ORPHANS = "[os.setsid() if os.fork() == 0 else 0 for _ in range(3)]; open(str(os.getpid()), 'w'); time.sleep({s})"


@pytest.mark.parametrize("ended_by", ["the worker's end", "hanging up"])
def test_keeper_ends_everything_that_was_started_below_it(kept, tmp_path, ended_by):
    process, write = kept(ORPHANS.format(s="1 if os.getsid(0) == os.getsid(os.getppid()) else 600"))
    for _ in range(400):
        pids = [int(path.name) for path in (tmp_path / "scratch").iterdir()]
        if len(pids) == 8:
            break
        time.sleep(0.05)
    assert len(pids) == 8

    if ended_by == "hanging up":
        os.close(write)
    assert process.wait(60) == 0
    assert not [pid for pid in pids if Path(f"/proc/{pid}/stat").exists()]
