"""Docker or Podman as a way to start a worker, where the operator declares it: `docker:IMAGE@sha256:…`.

The command line is ours to the last word. Of the image little is used: the interpreter, its libraries and our files are
this machine's own, mounted read-only, as under bubblewrap; so it has to be one of glibc with /lib in /usr. The probe
inside decides whether it holds. Whoever may start containers is as good as root on the machine: no model is.
"""

import csv
import functools
import io
import json
import platform
import re
import secrets
import shutil
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from reliability.errors import UsageError, WorkerError
from reliability.worker import boxed, confinement, failures, fence, seccomp
from reliability.worker.confinement import ENVIRONMENT, MODEL, PACKAGE, WORKER_USER, Way
from reliability.worker.staging import Stage

ENGINES = ("docker", "podman")
HAND, SCRATCH = Path("/hand"), Path("/scratch")  # places that no image has: a mount takes over what is there
_SOCKET = "socket"
_IMAGE = re.compile(r"(?:[a-z0-9][a-z0-9._:/-]{0,255}@)?sha256:[0-9a-f]{64}")
_VERSION = {"docker": "{{.Server.Version}}", "podman": "{{.Client.Version}}"}
# Podman leaves folders of its own open to writing where it is not told otherwise; Docker has no such folders.
_READ_ONLY = {"docker": ("--read-only",), "podman": ("--read-only", "--read-only-tmpfs=false")}
_START = f"""
import sys
sys.path.insert(0, "{PACKAGE}")
from reliability.worker.boxed import main
main(sys.argv[1])
"""
_READ = """
import os, sys
for path in sys.argv[1:]:
    os.listdir(path) if os.path.isdir(path) else open(path, "rb").close()
"""
MEMORY_BYTES = 8 << 30
PROCESSES = 128
CPUS = 1
_FILES = 1024  # and processes of the user, wherever they run
_START_S = 60.0


def strong(level: str | None) -> str | None:
    """The level that somebody asked for, where it is one of the strong ones; UsageError where it is not."""
    engine, _, image = (level or "").partition(":")
    if level in (None, "bubblewrap", "landlock") or (engine in ENGINES and _IMAGE.fullmatch(image)):
        return level
    raise UsageError(
        "isolation_unknown",
        "--isolation {value!r}: write bubblewrap, landlock, docker:IMAGE@sha256:DIGEST or podman:IMAGE@sha256:DIGEST",
        value=level,
    )


def is_container(level: str | None) -> bool:
    """Whether a level that was asked for names an engine."""
    return level is not None and level.partition(":")[0] in ENGINES


# Once for a process: every worker tries to break out anyway before it loads anything.
@functools.lru_cache(maxsize=4)
def find_way(declared: str) -> Way:
    """The way through that engine; UsageError where it is not named rightly, WorkerError where it does not work."""
    engine, _, image = str(strong(declared)).partition(":")
    program = shutil.which(engine)
    if program is None:
        raise _unavailable(f"no {engine} on the PATH", f"{engine} info")
    version = _asked([program, "version", "--format", _VERSION[engine]])
    if version.returncode or not version.stdout.strip():
        raise _unavailable(version.stderr, f"{engine} info")
    if _asked([program, "image", "inspect", image]).returncode:
        raise _unavailable(f"no image {image}", f"{engine} pull {image}")
    way = Way(
        name="own_user", level=engine, engine=program, image=image, version=failures.cleaned(version.stdout.strip())
    )
    tried = _tried(way)
    if tried.returncode:
        raise _unavailable(tried.stderr, f"{engine} info")
    return way


def _unavailable(found: str, next_step: str) -> WorkerError:
    return failures.failure("sandbox_unavailable", why="container", found=failures.cleaned(found), next_step=next_step)


def _tried(way: Way) -> subprocess.CompletedProcess[str]:
    package = staged(confinement.package_files())
    read = [str(path) for path in (*confinement.sites().values(), *package)]
    program, *arguments = confinement.python(_READ)
    begun = [*_run(way, _name(), package, {}, 1 << 20), "--entrypoint", program, way.image, *arguments, *read]
    return _asked(begun)


def _asked(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    try:
        # A short list of our own words, no shell; the engine finds its daemon by this environment.
        return subprocess.run(  # noqa: S603  (our own command)
            command, capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL, timeout=_START_S,
            check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return subprocess.CompletedProcess(command, 1, "", str(error))


def staged(package: Mapping[Path, Path]) -> dict[Path, Path]:
    """Our files with those that keep a worker in a container."""
    inside = PACKAGE / "reliability" / "worker"
    return {**package, inside / "boxed.py": Path(boxed.__file__), inside / "fence.py": Path(fence.__file__)}


def _name() -> str:
    return f"reliability-worker-{secrets.token_hex(8)}"


class Box:
    """A container that is about to start: its name, its place on this machine, and the socket it will come to."""

    def __init__(self, way: Way, model: int, *, package: Mapping[Path, Path], scratch_bytes: int, serves: str) -> None:
        self._way, self._package, self._serves = way, package, serves
        self._scratch_bytes = scratch_bytes
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.name = _name()
        self.stage = Stage.laid_out({}, model, uid=None)
        hand = self.stage.folder / "hand"
        try:
            hand.mkdir()
            self._listener.bind(str(hand / _SOCKET))
            self._listener.listen(1)
            # Nobody else comes as far as here: the folder above is this user's alone.
            hand.chmod(0o755)
            (hand / _SOCKET).chmod(0o777)
        except OSError:
            self.close()
            raise

    @property
    def command(self) -> list[str]:
        """The whole command line."""
        mounts = {MODEL: self.stage.model, HAND: self.stage.folder / "hand"}
        program, *arguments = confinement.python(_START)
        begun = _run(self._way, self.name, staged(self._package), mounts, self._scratch_bytes)
        return [*begun, "--entrypoint", program, self._way.image, *arguments, str(HAND / _SOCKET)]

    def hand_over(self, *, wire: int, life: int, inherited: Sequence[int]) -> None:
        """Give the container its descriptors, when it comes for them; OSError where it does not."""
        told = {
            "numbers": [wire, life, *inherited], "wire": wire, "life": life, "serves": self._serves, "uid": None,
            "landlock": False, "filter": seccomp.program(platform.machine()).hex(), "package": str(PACKAGE),
            "sites": [str(place) for place in confinement.sites().values()], "read": [], "scratch": str(SCRATCH),
            "scratch_bytes": self._scratch_bytes,
        }  # fmt: skip
        self._listener.settimeout(_START_S)
        with self._listener.accept()[0] as hand:
            socket.send_fds(hand, [json.dumps(told).encode()], [wire, life, *inherited])

    def end(self) -> None:
        """Have the engine end the container, whatever runs in it."""
        _asked([self._way.engine, "rm", "--force", self.name])

    def close(self) -> None:
        """Nobody is waited for any more, and nothing is left of the place."""
        self._listener.close()
        self.stage.clear()


def _run(
    way: Way, name: str, package: Mapping[Path, Path], mounts: Mapping[Path, Path], scratch_bytes: int
) -> list[str]:
    bound = confinement.binds(package) | {
        Path(one): Path(one) for one in confinement.ROOT_LINKS if Path(one).is_dir() and not Path(one).is_symlink()
    }
    shown = [part for place, source in {**bound, **mounts}.items() for part in ("--mount", _mount(source, place))]
    environment = {**ENVIRONMENT, "HOME": str(SCRATCH), "TMPDIR": str(SCRATCH)}
    set_here = [part for name, value in environment.items() for part in ("--env", f"{name}={value}")]
    memory, scratch = str(MEMORY_BYTES), str(SCRATCH)
    return [
        way.engine, "run", "--rm", "--pull", "never", "--name", name, "--log-driver", "none",
        "--network", "none", "--ipc", "none", *_READ_ONLY[way.level], "--cap-drop", "ALL",
        "--security-opt", "no-new-privileges", "--user", f"{WORKER_USER}:{WORKER_USER}", "--hostname", "worker",
        "--pids-limit", str(PROCESSES), "--memory", memory, "--memory-swap", memory, "--cpus", str(CPUS),
        "--ulimit", "core=0", "--ulimit", f"nofile={_FILES}:{_FILES}", "--ulimit", f"nproc={_FILES}:{_FILES}",
        "--tmpfs", f"{scratch}:rw,exec,nosuid,nodev,size={scratch_bytes},mode=1777", "--workdir", "/",
        *set_here, *shown,
    ]  # fmt: skip


def _mount(source: Path, place: Path) -> str:
    """A mount as engines read it: a line of CSV, as a comma may stand in a path."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(["type=bind", f"src={source}", f"dst={place}", "readonly"])
    return line.getvalue()
