import contextlib
import socket
from pathlib import Path

import pytest

from reliability.errors import WorkerError
from reliability.worker import confinement
from tests.worker.conftest import hostile, rows, spec_of  # noqa: F401  (fixtures)


@pytest.fixture(scope="session")
def confined():
    """Skip where nothing can be confined: there, models are refused."""
    try:
        return confinement.find_way()
    except WorkerError as error:
        pytest.skip(str(error))


class Listener:
    """A port on this machine that nobody may come to."""

    def __init__(self, server: socket.socket) -> None:
        self.port = server.getsockname()[1]
        self._server = server

    @property
    def visits(self) -> int:
        """How many came since it was last asked."""
        met = 0
        with contextlib.suppress(BlockingIOError):
            while True:
                self._server.accept()[0].close()
                met += 1
        return met


@pytest.fixture
def listener():
    """A live listener on the loopback address."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        server.setblocking(False)
        yield Listener(server)


def running(mark: str) -> list[int]:
    """Processes of this machine with that word in their command line or environment."""
    return [int(folder.name) for folder in Path("/proc").glob("[0-9]*") if mark in _told(folder)]


def _told(folder: Path) -> str:
    try:
        return (folder / "cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""


def workers() -> list[int]:
    """Workers that are up, this process's or others'."""
    return running("reliability.worker.child")
