"""How a worker shuts itself in where bubblewrap cannot: Landlock, a filter of system calls, and a keeper beside it.

Runs in the worker's own process before anything else does, from the standard library alone. The keeper adopts whatever
the worker starts, ends it all when the workbench hangs up or the worker is gone, and watches how much it writes.
"""

import contextlib
import ctypes
import importlib
import json
import os
import select
import signal
import stat
import struct
import sys
import time
from collections.abc import Mapping
from typing import Any

OLDEST_ABI = 6  # Linux 6.12: the first that keeps signals and abstract sockets in
_LIBC = ctypes.CDLL(None, use_errno=True)
_CREATE, _ADD, _RESTRICT = 444, 445, 446
_SECCOMP = {"x86_64": 317, "aarch64": 277}
_NO_NEW_PRIVILEGES, _SUBREAPER = 38, 36
_BELOW, _VERSION = 1, 1

# The rights of linux/landlock.h.
_WRITE_FILE, _READ_FILE, _READ_DIR, _TRUNCATE = 1 << 1, 1 << 2, 1 << 3, 1 << 14
_REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_FILE, _MAKE_LINK = 1 << 4, 1 << 5, 1 << 7, 1 << 8, 1 << 12
_EVERY_RIGHT = (1 << 16) - 1
_EVERY_PORT = 0b11
_EVERY_SCOPE = 0b11
_READ = _READ_FILE | _READ_DIR
_SCRATCH = _READ | _WRITE_FILE | _TRUNCATE | _REMOVE_DIR | _REMOVE_FILE | _MAKE_DIR | _MAKE_FILE | _MAKE_LINK

_LOOK_S = 0.1
_END_S = 5.0
_MOST_ENTRIES = 10_000


def abi() -> int:
    """Which release of Landlock this kernel has; 0 where it has none."""
    return max(0, int(_LIBC.syscall(_CREATE, None, ctypes.c_size_t(0), _VERSION)))


def main(told: str) -> None:
    """Keep a worker that `told`, as JSON, describes; ends with its status, 128 + the signal that ended it."""
    given = json.loads(told)
    if _LIBC.prctl(_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "no keeper of processes")
    worker = os.fork()
    if worker == 0:
        os.close(given["life"])
        _work(given)
        os._exit(0)
    if given["wire"] is not None:
        os.close(given["wire"])
    status = 1
    try:
        status = _kept(worker, given)
    finally:
        _end_everyone()
        os._exit(status)


def _work(given: Mapping[str, Any]) -> None:
    restrict(given)
    sys.path[:0] = [given["package"], *given["sites"]]
    if given["wire"] is None:  # the question was only whether all can be read
        for path in given["read"]:
            # PTH: as the system's calls are what is tried.
            os.listdir(path) if os.path.isdir(path) else open(path, "rb").close()  # noqa: PTH208, PTH112, PTH123
        return
    sys.argv[1:] = [str(given["wire"])]
    importlib.import_module(given["serves"]).main(given["wire"])


def restrict(given: Mapping[str, Any]) -> None:
    """Give up the user, then every right that is not named."""
    os.setsid()
    if given["uid"] is not None:
        os.setgroups([])
        os.setresgid(*[given["uid"]] * 3)
        os.setresuid(*[given["uid"]] * 3)
    if _LIBC.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "privileges cannot be given up")
    if given["landlock"]:
        _lock(given)
    if given["filter"]:
        _filter(bytes.fromhex(given["filter"]))


def _lock(given: Mapping[str, Any]) -> None:
    ruleset = struct.pack("<QQQ", _EVERY_RIGHT, _EVERY_PORT, _EVERY_SCOPE)
    rules = _called(_CREATE, ruleset, ctypes.c_size_t(len(ruleset)), 0)
    for path in given["read"]:
        _allow(rules, path, _READ)
    _allow(rules, given["scratch"], _SCRATCH)
    _allow(rules, "/dev/null", _READ | _WRITE_FILE)
    _called(_RESTRICT, rules, 0)
    os.close(rules)


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(os.fstat(place).st_mode):
        rights &= _READ_FILE | _WRITE_FILE | _TRUNCATE
    _called(_ADD, rules, _BELOW, struct.pack("<Qi", rights, place), 0)
    os.close(place)


def _filter(program: bytes) -> None:
    raw = ctypes.create_string_buffer(program, len(program))
    listed = struct.pack("<HxxxxxxQ", len(program) // 8, ctypes.addressof(raw))
    _called(_SECCOMP[os.uname().machine], 1, 0, listed)


def _called(number: int, *arguments: Any) -> int:
    answer = int(_LIBC.syscall(number, *arguments))
    if answer < 0:
        raise OSError(ctypes.get_errno(), f"system call {number} was refused")
    return answer


def _kept(worker: int, given: Mapping[str, Any]) -> int:
    """The status of the worker once it is gone, or has to go."""
    hung_up = select.poll()
    hung_up.register(given["life"], select.POLLIN)
    while True:
        if hung_up.poll(_LOOK_S * 1000):
            return 0
        while (reaped := _reaped()) is not None:
            if reaped[0] == worker:
                code = os.waitstatus_to_exitcode(reaped[1])
                return code if code >= 0 else 128 - code
        if _written(given["scratch"], given["scratch_bytes"]):
            return 128 + signal.SIGXFSZ


def _reaped() -> tuple[int, int] | None:
    try:
        pid, status = os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return None
    return (pid, status) if pid else None


def _written(folder: str, most: int) -> bool:
    """Whether more was written than may be: Landlock has no measure of its own."""
    size, entries, waiting = 0, 0, [folder]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as found:
                for entry in found:
                    entries += 1
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        size += entry.stat(follow_symlinks=False).st_blocks * 512
        except FileNotFoundError:
            continue
        except OSError:  # barred, or too deep to be looked at: nothing that a model needs
            return True
        if size > most or entries > _MOST_ENTRIES:
            return True
    return False


def _end_everyone() -> None:
    """Kill what is left below this process, whatever it calls itself, until nothing is."""
    until = time.monotonic() + _END_S
    while time.monotonic() < until:
        for child in _children():
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        try:
            os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        time.sleep(0.002)


def _children() -> list[int]:
    me, found = os.getpid(), []
    for name in os.listdir("/proc"):  # noqa: PTH208  (as os gives it)
        if name.isdecimal():
            # PTH123: of the system, no path of ours.
            with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:  # noqa: PTH123
                if int(file.read().rpartition(b")")[2].split()[1]) == me:
                    found.append(int(name))
    return found
