"""What a worker must not reach, laid out while it tries: a private file, a listener, an abstract socket."""

import contextlib
import os
import secrets
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Bait:
    """Things of the workbench that exist now and that no worker may touch."""

    file: str
    loopback: socket.socket
    abstract: socket.socket

    def described(self, *, shared: bool = False) -> dict[str, Any]:
        """Where to find them, told before anything is loaded; and who we are, where processes are `shared`."""
        name = self.abstract.getsockname().removeprefix(b"\0").decode()
        told = {"file": self.file, "port": self.loopback.getsockname()[1], "socket": name}
        # Where a worker has processes of its own, this number may be one of theirs.
        return {**told, "pid": os.getpid()} if shared else told

    def touched(self) -> bool:
        """Whether anybody came to a listener, whatever the worker says."""
        return any(_visited(listener) for listener in (self.loopback, self.abstract))


@contextlib.contextmanager
def laid_out() -> Iterator[Bait]:
    """Bait for the time of one attempt."""
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(_private_file())
        loopback = stack.enter_context(socket.socket(socket.AF_INET))
        abstract = stack.enter_context(socket.socket(socket.AF_UNIX))
        try:
            loopback.bind(("127.0.0.1", 0))
        except OSError:  # a machine without a loopback address
            loopback.bind(("", 0))
        abstract.bind(f"\0reliability-{secrets.token_hex(8)}")
        for listener in (loopback, abstract):
            listener.listen()
            listener.setblocking(False)  # noqa: FBT003  (the standard library's own signature)
        yield Bait(file=file, loopback=loopback, abstract=abstract)


@contextlib.contextmanager
def _private_file() -> Iterator[str]:
    try:
        # SIM115: whoever has it closes it.
        file = tempfile.NamedTemporaryFile(dir=Path.home(), prefix=".reliability-canary-")  # noqa: SIM115
    except (OSError, RuntimeError):  # no home, or one that may not be written to
        file = tempfile.NamedTemporaryFile(prefix="reliability-canary-")  # noqa: SIM115  (closed by whoever has it)
    with file:
        file.write(b"canary")
        file.flush()
        yield file.name


def _visited(listener: socket.socket) -> bool:
    try:
        listener.accept()[0].close()
    except BlockingIOError:
        return False
    return True
