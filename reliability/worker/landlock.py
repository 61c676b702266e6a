"""Ways to start a worker where bubblewrap cannot be used: fenced in by Landlock, or under limits alone.

Weaker than bubblewrap in this: other processes and the names of files can be seen by a system call or two, and what is
written is measured now and then by a keeper. As root the worker is another user before anything else.
"""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from reliability.errors import WorkerError
from reliability.worker import confinement, containers, failures, fence, seccomp
from reliability.worker.confinement import ENVIRONMENT, PACKAGE, SERVES, WORKER_USER, Way
from reliability.worker.staging import Stage

FENCE = PACKAGE / "reliability" / "worker" / "fence.py"
LANDLOCK, PROCESS = "landlock", "process"
_START = """
import sys
sys.path.insert(0, sys.argv[1])
from reliability.worker.fence import main
main(sys.argv[2])
"""
# What libraries ask the system: how many processors, how much memory, random bytes, where in the world.
_ASKED = (
    *("/sys/fs/cgroup", "/sys/devices/system", "/proc/cpuinfo", "/proc/meminfo"),
    *("/dev/zero", "/dev/random", "/dev/urandom"),
)
_CHECK_S = 20.0


def ways() -> Iterator[Way]:
    """Landlock where the kernel has it, then limits alone; as root both with a user of their own."""
    if sys.platform != "linux" or not seccomp.supported():
        return
    uid, name = (WORKER_USER, "own_user") if os.geteuid() == 0 else (None, "same_user")
    abi = fence.abi()
    if abi >= fence.OLDEST_ABI:
        yield Way(name=name, level=LANDLOCK, version=str(abi), uid=uid)
    yield Way(name=name, level=PROCESS, uid=uid)


def find_way(level: str | None = None) -> Way:
    """The strongest way that works here, or the one of that level or container; WorkerError where there is none."""
    if containers.is_container(level):
        return containers.find_way(str(level))
    if level in (None, "bubblewrap"):
        try:
            return confinement.find_way()
        except WorkerError as error:
            if level is not None:
                raise
            refused = error
    said = ""
    for way in ways():
        if level in (None, way.level) and not (said := _tried(way)):
            return way
    raise refused if level is None else failures.unavailable("weak_isolation", said)


def _tried(way: Way) -> str:
    """What keeps a worker from starting this way; empty where nothing does."""
    read, write = os.pipe()
    try:
        # PTH123: a descriptor.
        with open(os.memfd_create("model"), "rb") as model:  # noqa: PTH123
            stage = Stage.laid_out(staged(confinement.package_files()), model.fileno(), uid=way.uid)
        try:
            begun = command(way, stage, wire=None, life=read, scratch_bytes=1 << 20)
            done = subprocess.run(  # noqa: S603  (our own command)
                begun, env=environment(stage), pass_fds=(read,), capture_output=True, text=True, errors="replace",
                stdin=subprocess.DEVNULL, timeout=_CHECK_S, check=False, cwd=stage.scratch,
            )  # fmt: skip
        finally:
            stage.clear()
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    finally:
        os.close(read)
        os.close(write)
    return "" if done.returncode == 0 else (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1]


def staged(package: Mapping[Path, Path]) -> dict[Path, Path]:
    """Our files with the one that shuts a worker in."""
    return {**package, FENCE: Path(fence.__file__)}


def command(
    way: Way, stage: Stage, *, wire: int | None, life: int, scratch_bytes: int, serves: str = SERVES
) -> list[str]:
    """The whole command line; `wire` and `life` are descriptors that the process inherits."""
    package = str(stage.placed(PACKAGE))
    told: dict[str, Any] = {
        "wire": wire,
        "serves": serves,
        "life": life,
        "uid": way.uid,
        "landlock": way.level == LANDLOCK,
        "filter": seccomp.program(platform.machine(), shared=True).hex() if seccomp.supported() else "",
        "package": package,
        "sites": [str(site) for site in confinement.sites()],
        "read": [*_readable(), package, str(stage.model)],
        "scratch": str(stage.scratch),
        "scratch_bytes": scratch_bytes,
    }
    return [*confinement.python(_START), package, json.dumps(told)]


def _readable() -> list[str]:
    own = [Path(link) for link in confinement.ROOT_LINKS if Path(link).is_dir() and not Path(link).is_symlink()]
    return [*map(str, (*confinement.mounted(), *own)), *(path for path in _ASKED if Path(path).exists())]


def environment(stage: Stage) -> dict[str, str]:
    """The whole environment of a worker."""
    return {**ENVIRONMENT, "HOME": str(stage.scratch), "TMPDIR": str(stage.scratch)}


def others(way: Way) -> int:
    """Processes and threads that the worker's user has already: the limit on them counts the whole user."""
    if way.level not in (LANDLOCK, PROCESS) or way.uid is not None:
        return 0
    return sum(_threads(status) for status in Path("/proc").glob("[0-9]*/status"))


def _threads(status: Path) -> int:
    try:
        said = dict(line.split(":", 1) for line in status.read_text(errors="replace").splitlines() if ":" in line)
    except OSError:
        return 0
    return int(said["Threads"]) if int(said["Uid"].split()[0]) == os.getuid() else 0


def private_interpreter() -> Path | None:
    """The folder that keeps another user from this interpreter; None where it can be read by all."""
    prefix = Path(sys.base_prefix).resolve()
    return next((one for one in (*reversed(prefix.parents), prefix) if not one.stat().st_mode & 0o001), None)
