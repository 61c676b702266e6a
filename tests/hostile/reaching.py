"""A Python project that tries everything once: it answers 1 for what it was let, 0 for what it was refused.

Attempts stand in order; `attempts.txt` beside this file says what only the test knows.
"""

import contextlib
import ctypes
import json
import os
import pathlib
import resource
import signal
import socket
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
TOLD = json.loads((HERE / "attempts.txt").read_text()) if (HERE / "attempts.txt").exists() else {}
LIBC = ctypes.CDLL(None, use_errno=True)
ARM = os.uname().machine == "aarch64"


def called(on_x86, on_arm, *arguments):
    """A system call by its number."""
    if LIBC.syscall(on_arm if ARM else on_x86, *arguments) < 0:
        raise OSError(ctypes.get_errno(), "refused")


def resolved():
    try:
        socket.getaddrinfo("example.com", 80)
    except socket.gaierror as error:
        raise OSError from error


def abstract():
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect("\0" + TOLD["abstract"])


def sent_by_udp():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(b"x", ("127.0.0.1", TOLD["port"]))


def another_of_ours():
    """A process of the workbench that can be seen, beyond the sandbox's own few."""
    if not any(b"pytest" in (one / "cmdline").read_bytes() for one in pathlib.Path("/proc").glob("[0-9]*")):
        raise OSError


def shell():
    # Ends with a status where there is no shell, instead of raising.
    if os.system(f"touch {TOLD['outside']}/by-a-shell") != 0:
        raise OSError


def secret_of_the_environment():
    if "SECRET_OF_THE_WORKBENCH" not in os.environ:
        raise OSError


def inherited():
    """A descriptor besides the standard ones, the wire and what the walk itself opens."""
    if not [one for one in map(link, range(3, 64)) if one.startswith("/") and not one.startswith(("/dev/", "/tmp/"))]:
        raise OSError


def link(descriptor):
    """What a descriptor leads to; empty where there is none."""
    try:
        return str(pathlib.Path(f"/proc/self/fd/{descriptor}").readlink())
    except OSError:
        return ""


def children():
    """More processes than the limit lets be at once."""
    started = []
    try:
        for _ in range(TOLD["processes"] * 2):
            child = os.fork()
            if child == 0:
                signal.pause()
            started.append(child)
    finally:
        for one in started:
            os.kill(one, signal.SIGKILL)
            os.waitpid(one, 0)


def read_through_the_frame():
    import pandas as pd

    pd.read_csv(TOLD["canary"])


def canary_in_a_list():
    """The interpreter may lie at home too: its folder is then there, and nothing else of it."""
    if pathlib.Path(TOLD["canary"]) not in list(pathlib.Path(TOLD["canary"]).parent.iterdir()):
        raise OSError


def by_a_link():
    link = pathlib.Path("/tmp/link")
    link.symlink_to(TOLD["canary"])
    link.read_text()


ATTEMPTS = {
    "write outside": lambda: (pathlib.Path(TOLD["outside"]) / "written").write_text("x"),
    "write to the system": lambda: pathlib.Path("/usr/lib/written").write_text("x"),
    "write its own code": lambda: pathlib.Path("/worker/reliability/worker/wire.py").write_text("x"),
    "write to the libraries": lambda: pathlib.Path(json.__file__).write_text("x"),
    "read a canary at home": lambda: pathlib.Path(TOLD["canary"]).read_text(),
    "read it by pandas": read_through_the_frame,
    "read accounts": lambda: pathlib.Path("/etc/passwd").read_text(),
    "list the home": canary_in_a_list,
    "link to it": by_a_link,
    "connect": lambda: socket.create_connection(("127.0.0.1", TOLD["port"]), timeout=1),
    "connect by IPv6": lambda: socket.create_connection(("::1", TOLD["port"]), timeout=1),
    "send a datagram": sent_by_udp,
    "connect to an abstract socket": abstract,
    "resolve a name": resolved,
    "listen": lambda: socket.create_server(("127.0.0.1", 0)),
    "start more processes than it may": children,
    "use a shell": shell,
    "see a process of ours": another_of_ours,
    "find a secret": secret_of_the_environment,
    "find an open file of ours": inherited,
    "trace": lambda: called(101, 117, 0, 0, 0, 0),
    "read another's memory": lambda: called(310, 270, os.getppid(), 0, 0, 0, 0, 0),
    "make a user namespace": lambda: called(272, 97, 0x10000000),
    "clone into one": lambda: called(56, 220, 0x10000000 | signal.SIGCHLD, 0, 0, 0, 0),
    "mount": lambda: called(165, 40, b"none", b"/tmp", b"tmpfs", 0, 0),
    "change its root": lambda: os.chroot("/tmp"),
    "use a keyring": lambda: called(250, 219, 0, -3, 0),
    "load a program into the kernel": lambda: called(321, 280, 0, 0, 0),
    "use io_uring": lambda: called(425, 425, 1, 0),
    "open by handle": lambda: called(304, 265, 0, 0, 0),
    "become root": lambda: os.setuid(0),
    "set the clock": lambda: called(227, 112, 0, 0),
    "name the machine": lambda: socket.sethostname("mine"),
    "write a kernel setting": lambda: pathlib.Path("/proc/sys/kernel/core_pattern").write_text("|/tmp/x"),
    "read the kernel's log": lambda: called(103, 116, 3, 0, 0),
    "read memory of the machine": lambda: pathlib.Path("/dev/mem").open("rb").close(),
    "raise a limit": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (1 << 16, 1 << 16)),
    "signal a process of ours": lambda: os.kill(TOLD["pid"], 0),
    "limit a process of ours": lambda: resource.prlimit(TOLD["pid"], resource.RLIMIT_NOFILE),
    "slow a process of ours": lambda: os.setpriority(os.PRIO_PROCESS, TOLD["pid"], 19),
    "move a process of ours": lambda: os.sched_setaffinity(TOLD["pid"], {0}),
    "change the rights of a file outside": lambda: pathlib.Path(TOLD["canary"]).chmod(0o644),
    "touch a file outside": lambda: os.utime(TOLD["canary"]),
}
# Without namespaces these are common to the whole machine.
SHARED = {
    "share memory with the machine": lambda: called(29, 194, 0x52454C, 4096, 0o1600),
    "send messages to the machine": lambda: called(68, 186, 0x52454C, 0o1600),
    "start a program": lambda: subprocess.run([sys.executable, "-S", "-c", ""], check=True, env={}),
    "list the processes": lambda: list(pathlib.Path("/proc").iterdir()),
    "watch files": lambda: called(294, 26, 0),
}
# What must be let, or the rest proves nothing.
MAY = {
    "write scratch": lambda: (pathlib.Path(tempfile.gettempdir()) / "scratch").write_text("x"),
    "read its own files": lambda: (HERE / "attempts.txt").read_text(),
}


def predict(frame):
    answers = []
    for attempt in {**ATTEMPTS, **SHARED, **MAY}.values():
        let = 0
        with contextlib.suppress(OSError, ValueError):
            attempt()
            let = 1
        answers.append(let)
    return answers + [0] * (len(frame) - len(answers))
