"""One confined process and the conversation with it: every wait has an end, and so has the process."""

import contextlib
import os
import socket
import subprocess
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from reliability.errors import WorkerError
from reliability.worker import failures, wire
from reliability.worker.confinement import SERVES, Way
from reliability.worker.launch import launch

_KEPT_OUTPUT = 16_384
_LEAVE_S = 2.0
_KEEPER_S = 10.0


class WorkerProcess:
    """A worker that was started confined and answers over a socket.

    The thread that starts it must outlive it: the kernel ends a worker with the thread that made it.
    """

    def __init__(
        self,
        way: Way,
        model: BinaryIO,
        *,
        package: Mapping[Path, Path],
        scratch_bytes: int,
        inherited: tuple[int, ...] = (),
        serves: str = SERVES,
    ) -> None:
        self._sock, theirs = socket.socketpair()
        begun: list[subprocess.Popen[bytes]] = []
        try:
            with (
                theirs,
                launch(
                    way, model, package=package, scratch_bytes=scratch_bytes, wire=theirs.fileno(), serves=serves,
                    inherited=inherited,
                ) as start,
            ):  # fmt: skip
                # Our own words, no shell; bubblewrap clears the environment, elsewhere ours is the whole of it.
                begun.append(subprocess.Popen(  # noqa: S603  (our own command)
                    start.command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    env=start.environment,
                    cwd=None if start.stage is None else start.stage.scratch,
                    pass_fds=(*start.descriptors, *inherited),
                    start_new_session=start.stage is not None,
                ))  # fmt: skip
        except OSError as error:
            self._sock.close()
            raise failures.unavailable("start", _said(begun) or error) from error
        (self._process,) = begun
        self._start = start
        self._closed = False
        self._output = bytearray()
        self._reader = threading.Thread(target=self._drain, daemon=True)
        self._reader.start()
        self._asked = 0

    @property
    def model(self) -> Path:
        """Where the model lies in the worker's view."""
        return self._start.model

    @property
    def output(self) -> str:
        """The beginning of what the process printed."""
        return self._output.decode(errors="replace")

    def ask(
        self, header: Mapping[str, Any], body: wire.Bytes = b"", *, expected: int, timeout_s: float
    ) -> tuple[wire.Header, bytearray]:
        """The reply to one request.

        Raises WireError, TimeoutError or EOFError (the process is gone, or has closed its end).
        """
        reply, answer = self.ask_up_to(header, body, most=expected, timeout_s=timeout_s)
        # The length follows from the request; what the reply says of itself counts for nothing.
        if len(answer) != (0 if "error" in reply else expected):
            raise wire.WireError("length")
        return reply, answer

    def ask_up_to(
        self, header: Mapping[str, Any], body: wire.Bytes = b"", *, most: int, timeout_s: float
    ) -> tuple[wire.Header, bytearray]:
        """The same, of an answer whose length is not known beforehand."""
        deadline = time.monotonic() + timeout_s
        self._asked += 1
        self._sock.settimeout(timeout_s)
        try:
            wire.send(self._sock, {**header, "id": self._asked}, body)
        except (BrokenPipeError, ConnectionResetError) as error:
            raise EOFError from error
        try:
            reply, answer = wire.receive(self._sock, max_body=most, deadline=deadline)
        except ConnectionResetError as error:
            raise EOFError from error
        if reply.get("id") != self._asked:
            raise wire.WireError("id")
        return reply, answer

    def left(self, *, cpu_s: int) -> WorkerError:
        """Why the process is gone."""
        try:
            status: int | None = self._process.wait(_LEAVE_S)
        except subprocess.TimeoutExpired:
            status = None
        return failures.of_exit(status, cpu_s=cpu_s)

    def close(self) -> None:
        """End the process and everything that it started."""
        self._sock.close()
        if self._start.life is not None and not self._closed:
            # The keeper ends what it keeps; killed itself, it would leave all of that behind.
            os.close(self._start.life)
            try:
                self._process.wait(_KEEPER_S)
            except subprocess.TimeoutExpired:
                if self._start.box is not None:
                    self._start.box.end()
        self._process.kill()
        self._process.wait()
        # The pipe ends when the last process that holds it has ended.
        self._reader.join(_LEAVE_S)
        if self._start.box is not None and not self._closed:
            self._start.box.close()
        elif self._start.stage is not None and not self._closed:
            self._start.stage.clear()
        self._closed = True

    def _drain(self) -> None:
        assert self._process.stdout is not None  # noqa: S101  (asked for above)
        with self._process.stdout as pipe:
            while chunk := os.read(pipe.fileno(), 65_536):
                self._output += chunk[: max(0, _KEPT_OUTPUT - len(self._output))]


def _said(begun: list[subprocess.Popen[bytes]]) -> str:
    """The beginning of what a process printed that came no further, when it has been ended."""
    for process in begun:
        process.kill()
        with process:
            assert process.stdout is not None  # noqa: S101  (asked for above)
            return process.stdout.read(_KEPT_OUTPUT).decode(errors="replace")
    return ""


def with_line(
    way: Way, *, package: Mapping[Path, Path], scratch_bytes: int, serves: str = SERVES
) -> tuple[WorkerProcess, socket.socket, int]:
    """A worker without a model, a line to hand it open files and connections, and the number of its end of the line."""
    with contextlib.ExitStack() as failing:
        line, theirs = socket.socketpair()
        failing.callback(line.close)
        with theirs, os.fdopen(os.memfd_create("nothing"), "w+b") as nothing:
            number = theirs.fileno()
            process = WorkerProcess(
                way, nothing, package=package, scratch_bytes=scratch_bytes, inherited=(number,), serves=serves
            )
        failing.pop_all()
    return process, line, number
