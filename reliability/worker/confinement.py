"""How a worker is confined: bubblewrap, its own view of the file system, and a user that owns nothing.

Two ways, the first that works is taken and stands in the record. As root a worker keeps the right to change its
user until it has given itself to one that owns nothing on this machine, so that the limit on processes counts.
Otherwise it runs in a user namespace; where that was made by root the limit on processes has no effect.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from reliability.worker import failures, seccomp
from reliability.worker.child import ADAPTERS

NOBODY = 65_534
WORKER_USER = 64_321  # a number without an account: nothing belongs to it, and its processes are counted alone
MODEL = Path("/model/file")
PACKAGE = Path("/worker")
SITES = Path("/sites")
START = f"""
import sys
sys.path[:0] = ["{PACKAGE}", *sys.argv[2:]]
from reliability.worker.child import main
main(int(sys.argv[1]))
"""
_SYSTEM = ("/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/local/lib", "/usr/share/zoneinfo", "/etc/ld.so.cache")
_ROOT_LINKS = ("/lib", "/lib32", "/lib64")
_LIBRARIES = ("numpy", "pandas", "scipy", "sklearn", "skops", "onnxruntime", "xgboost", "lightgbm", "catboost", "torch")
_ALONE = ("--die-with-parent", "--new-session", "--clearenv", "--cap-drop", "ALL")
_CHECK_S = 20.0
_ENVIRONMENT = {
    "HOME": "/tmp",  # noqa: S108  (the sandbox's own)
    "LANG": "C.UTF-8",
    "PYTHONUTF8": "1",
    "PYTHONHASHSEED": "0",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "LOKY_MAX_CPU_COUNT": "1",
}
# Run as the worker will be: can that user read every folder that a worker reads from?
_CHECK = """
import os, sys
if sys.argv[1] != "-":
    os.setgroups([]); os.setresgid(*[int(sys.argv[1])] * 3); os.setresuid(*[int(sys.argv[1])] * 3)
for path in sys.argv[2:]:
    os.listdir(path) if os.path.isdir(path) else open(path, "rb").close()
"""


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way to confine a worker on this machine."""

    name: str
    arguments: tuple[str, ...]
    bwrap: str
    version: str = ""
    uid: int | None = None  # the user that the worker gives itself to; None: it is there already
    limits_processes: bool = True


def find_way() -> Way:
    """The first way that works here; WorkerError `sandbox_unavailable` where none does."""
    bwrap = shutil.which("bwrap")
    if sys.platform != "linux" or not seccomp.supported():
        raise failures.unavailable("platform", " ".join(os.uname()[::4]))
    if bwrap is None:
        raise failures.unavailable("bubblewrap_missing", "no bwrap on the PATH")
    said = ""
    for way in _ways(bwrap):
        tried = _tried(way)
        if tried.returncode == 0:
            return way
        said = said or tried.stderr
    raise failures.unavailable("bubblewrap_unusable", said)


def _ways(bwrap: str) -> Iterator[Way]:
    version = _output([bwrap, "--version"]).stdout.strip().removeprefix("bubblewrap ")
    root = os.geteuid() == 0
    namespaces = tuple(f"--unshare-{one}" for one in ("ipc", "pid", "net", "uts", "cgroup-try"))
    if root:
        rights = ("--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID")
        yield Way(
            name="own_user", bwrap=bwrap, version=version, uid=WORKER_USER, arguments=(*namespaces, *_ALONE, *rights)
        )
    inside = ("--unshare-user", "--uid", str(NOBODY), "--gid", str(NOBODY))
    for further in (("--disable-userns",), ()):
        arguments = (*namespaces, *inside, *further, *_ALONE)
        yield Way(name="user_namespace", bwrap=bwrap, version=version, arguments=arguments, limits_processes=not root)


def _tried(way: Way) -> subprocess.CompletedProcess[str]:
    argument = "-" if way.uid is None else str(way.uid)
    read = [str(path) for path in (*sites().values(), *package_files())]
    options = [*view(package_files()), "--dir", str(MODEL.parent), *_closed(1 << 20)]
    return _output([way.bwrap, *way.arguments, *options, *_python(_CHECK), argument, *read])


def _output(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    given: dict[str, Any] = {"capture_output": True, "text": True, "errors": "replace", "stdin": subprocess.DEVNULL}
    try:
        # A short list of our own words, no shell.
        return subprocess.run(command, timeout=_CHECK_S, check=False, **given)  # noqa: S603
    except (subprocess.TimeoutExpired, OSError) as error:
        return subprocess.CompletedProcess(command, 1, "", str(error))


def command(
    way: Way, *, package: Mapping[Path, Path], model: int, filters: int, wire: int, scratch_bytes: int
) -> list[str]:
    """The whole command line of a worker; `model`, `filters` and `wire` are descriptors that it inherits."""
    one_model = ["--perms", "0755", "--dir", str(MODEL.parent)]
    one_model += ["--perms", "0444", "--ro-bind-data", str(model), str(MODEL)]
    options = [*view(package), *one_model, *_closed(scratch_bytes), "--seccomp", str(filters)]
    arguments = [str(wire), *(str(site) for site in sites().values())]
    return [way.bwrap, *way.arguments, *options, *_python(START), *arguments]


def package_files() -> dict[Path, Path]:
    """Place in the sandbox -> file of ours: the wire, the child, the adapters and readers of formats, nothing else."""
    here = Path(__file__).parent
    names = ["wire.py", "child.py", "encoded.py", "allowed_globals.json", "__init__.py"]
    names += [adapter.rpartition(".")[2] + ".py" for adapter in ADAPTERS.values()]
    inside = PACKAGE / "reliability"
    files = {inside / "worker" / name: here / name for name in names}
    readers = {inside / "formats" / path.name: path for path in sorted((here.parent / "formats").glob("*.py"))}
    return {inside / "__init__.py": here.parent / "__init__.py", **files, **readers}


def sites() -> dict[Path, Path]:
    """Folder on this machine -> place in the sandbox of the installed libraries."""
    specs = (find_spec(name) for name in _LIBRARIES)
    origins = {Path(spec.origin).resolve().parent.parent for spec in specs if spec is not None and spec.origin}
    return {folder: SITES / str(number) for number, folder in enumerate(sorted(origins))}


def mounted() -> tuple[Path, ...]:
    """Folders of this machine that a worker can read."""
    system = tuple(Path(path) for path in _SYSTEM if Path(path).exists())
    return (*system, *_interpreter(), *sites())


def _interpreter() -> tuple[Path, ...]:
    prefix, executable = Path(sys.base_prefix).resolve(), Path(sys.executable).resolve()
    return (executable,) if prefix in {Path("/usr"), Path("/usr/local")} else (prefix,)


def view(package: Mapping[Path, Path]) -> list[str]:
    """The file system of a worker: system libraries, the interpreter, its libraries, our few files; all read-only."""
    own = [Path(path) for path in _SYSTEM if Path(path).exists()] + list(_interpreter())
    binds = {path: path for path in own} | {place: folder for folder, place in sites().items()} | dict(package)
    options = [option for folder in _parents(binds) for option in ("--perms", "0755", "--dir", str(folder))]
    for place, source in binds.items():
        options += ["--ro-bind", str(source), str(place)]
    for link in map(Path, _ROOT_LINKS):
        if link.is_symlink():
            options += ["--symlink", str(link.readlink()), str(link)]
        elif link.exists():
            options += ["--ro-bind", str(link), str(link)]
    return options


def _parents(places: Iterable[Path]) -> list[Path]:
    # Named, or bubblewrap would make them readable by their owner only.
    parents = {parent for place in places for parent in place.parents if parent != Path("/")}
    return sorted(parents - set(places))


def _closed(scratch_bytes: int) -> list[str]:
    options = ["--proc", "/proc", "--dev", "/dev"]
    options += ["--size", str(scratch_bytes), "--perms", "1777", "--tmpfs", "/tmp"]  # noqa: S108  (the sandbox's own)
    # bubblewrap leaves /proc/sys open to a worker that is the machine's root under another name.
    for place in ("/proc", "/dev", "/"):
        options += ["--remount-ro", place]
    options += ["--chdir", "/tmp", "--hostname", "worker"]  # noqa: S108
    return options + [part for name, value in _ENVIRONMENT.items() for part in ("--setenv", name, value)]


def _python(program: str) -> list[str]:
    # No site: no .pth file of the workbench's environment is run. Not -I: it would ignore PYTHONHASHSEED.
    return [str(Path(sys.executable).resolve()), "-s", "-S", "-P", "-B", "-c", program]
