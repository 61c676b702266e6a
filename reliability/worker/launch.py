"""What the start of a worker needs, whichever way it is confined: command line, descriptors, and a place of its own."""

import contextlib
import os
import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from reliability.worker import confinement, landlock, seccomp
from reliability.worker.confinement import MODEL, SERVES, Way
from reliability.worker.containers import Box
from reliability.worker.staging import Stage


@dataclass(frozen=True, kw_only=True)
class Launch:
    """A worker about to start.

    `life` is a descriptor to close when the worker has to end, `stage` a folder to clear after it; None where the
    worker's own sandbox goes with it. `box` is its container, where it has one.
    """

    command: list[str]
    descriptors: tuple[int, ...]
    model: Path = MODEL
    environment: Mapping[str, str] | None = None
    stage: Stage | None = None
    life: int | None = None
    box: Box | None = None


@contextlib.contextmanager
def launch(
    way: Way,
    model: BinaryIO,
    *,
    package: Mapping[Path, Path],
    scratch_bytes: int,
    wire: int,
    serves: str = SERVES,
    inherited: tuple[int, ...] = (),
) -> Iterator[Launch]:
    """Everything for one start; what only the start needs is gone when the context is left."""
    if way.engine:
        box = Box(way, model.fileno(), package=package, scratch_bytes=scratch_bytes, serves=serves)
        yield from _boxed(box, wire=wire, inherited=inherited)
        return
    if way.level != "bubblewrap":
        yield from _fenced(way, model, package=package, scratch_bytes=scratch_bytes, wire=wire, serves=serves)
        return
    with memory_file(seccomp.program(platform.machine())) as filters:
        descriptors = {"model": model.fileno(), "filters": filters, "wire": wire}
        command = confinement.command(way, package=package, scratch_bytes=scratch_bytes, serves=serves, **descriptors)
        yield Launch(command=command, descriptors=tuple(descriptors.values()))


def _boxed(box: Box, *, wire: int, inherited: tuple[int, ...]) -> Iterator[Launch]:
    theirs, ours = os.pipe()
    try:
        yield Launch(command=box.command, descriptors=(), stage=box.stage, life=ours, box=box)
        # The container was begun meanwhile.
        box.hand_over(wire=wire, life=theirs, inherited=inherited)
    except BaseException:  # an interruption too: cleared, then passed on
        os.close(ours)
        box.end()
        box.close()
        raise
    finally:
        os.close(theirs)


def _fenced(
    way: Way, model: BinaryIO, *, package: Mapping[Path, Path], scratch_bytes: int, wire: int, serves: str
) -> Iterator[Launch]:
    stage = Stage.laid_out(landlock.staged(package), model.fileno(), uid=way.uid)
    theirs, ours = os.pipe()
    try:
        command = landlock.command(way, stage, wire=wire, life=theirs, scratch_bytes=scratch_bytes, serves=serves)
        yield Launch(
            command=command, descriptors=(wire, theirs), model=stage.model, environment=landlock.environment(stage),
            stage=stage, life=ours,
        )  # fmt: skip
    except BaseException:  # an interruption too: cleared, then passed on
        os.close(ours)
        stage.clear()
        raise
    finally:
        os.close(theirs)


@contextlib.contextmanager
def memory_file(content: bytes) -> Iterator[int]:
    """The descriptor of a file without a place, read from its start."""
    descriptor = os.memfd_create("filters")
    try:
        os.write(descriptor, content)
        os.lseek(descriptor, 0, os.SEEK_SET)
        yield descriptor
    finally:
        os.close(descriptor)
