"""The process that sets a page: it reads the page from stdin, writes a PDF to stdout, and can do little else."""

import ctypes
import json
import os
import platform
import resource
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from reliability.reports.enclosure import Enclosure
from reliability.worker import seccomp

LIBRARY_MISSING, OUT_OF_MEMORY = 3, 4  # exit statuses
_DIE_WITH_PARENT, _NO_NEW_RIGHTS, _SECCOMP, _FILTER = 1, 38, 22, 2  # of prctl(2)


class _Program(ctypes.Structure):
    """A filter as the kernel takes it (struct sock_fprog)."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def main() -> None:
    """Set one page and end."""
    answer = _private_stdout()
    status, said = _set(json.load(sys.stdin.buffer))
    with os.fdopen(answer, "wb") as out:
        out.write(said)
    # Nothing is left to be tidied up: taking a finished document apart again takes long.
    os._exit(status)


def _set(task: Mapping[str, Any]) -> tuple[int, bytes]:
    try:
        from reliability.reports import pdf
    except (ImportError, OSError) as missing:
        return LIBRARY_MISSING, str(missing).splitlines()[0].encode()
    # Not before: a library that finds no memory to be loaded into says that it is missing.
    confine(task["limits"])
    try:
        enclosed = [Enclosure(**one) for one in task["enclosed"]]
        identifier = bytes.fromhex(task["identifier"])
        return 0, pdf.write_pdf(task["page"], identifier=identifier, enclosed=enclosed, made_with=task["made_with"])
    except MemoryError:
        return OUT_OF_MEMORY, b""


def _private_stdout() -> int:
    """A descriptor of stdout that nobody else writes to: libraries print banners."""
    answer = os.dup(1)
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123  (a device)
        os.dup2(nowhere.fileno(), 1)
    return answer


def confine(limits: Mapping[str, int]) -> None:
    """Give up time, memory, files and the network for good, as far as this system lets a process do that."""
    for name, most, hardest in (
        ("RLIMIT_AS", limits["memory_bytes"], limits["memory_bytes"]),
        # The hard limit kills without saying why; the one before it sends SIGXCPU.
        ("RLIMIT_CPU", limits["cpu_s"], limits["cpu_s"] + 1),
        ("RLIMIT_FSIZE", 0, 0),  # it writes to a pipe only
        ("RLIMIT_CORE", 0, 0),
    ):
        with suppress(ValueError, OSError):  # refused where the system's own limit is lower, or it knows none
            resource.setrlimit(getattr(resource, name), (most, hardest))
    if sys.platform == "linux":
        _give_up_network()


def _give_up_network() -> None:
    process = ctypes.CDLL(None, use_errno=True)
    process.prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)
    process.prctl(_NO_NEW_RIGHTS, 1, 0, 0, 0)
    if seccomp.supported():
        written = seccomp.program(platform.machine())
        program = _Program(len(written) // 8, written)
        process.prctl(_SECCOMP, _FILTER, ctypes.byref(program), 0, 0)
