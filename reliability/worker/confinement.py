"""How a worker is confined: bubblewrap, its own view of the file system, and a user that owns nothing.

Two ways, the first that works is taken and stands in the record. As root a worker keeps the right to change its
user until it has given itself to one that owns nothing on this machine, so that the limit on processes counts.
Otherwise it runs in a user namespace; where that was made by root the limit on processes has no effect.
"""

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import cache_from_source, find_spec
from pathlib import Path
from typing import Any

from reliability.threads import ONE_THREAD
from reliability.worker import failures, seccomp
from reliability.worker.child import ADAPTERS

NOBODY = 65_534
WORKER_USER = 64_321  # a number without an account: nothing belongs to it, and its processes are counted alone
MODEL = Path("/model/file")
PACKAGE = Path("/worker")
SITES = Path("/sites")
SERVES = "reliability.worker.child"
START = f"""
import importlib, sys
sys.path[:0] = ["{PACKAGE}", *sys.argv[3:]]
importlib.import_module(sys.argv[2]).main(int(sys.argv[1]))
"""
_SYSTEM = ("/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/local/lib", "/usr/share/zoneinfo", "/etc/ld.so.cache")
_LONGEST = ("child.py", "wire.py")
ROOT_LINKS = ("/lib", "/lib32", "/lib64")
_LIBRARIES = (
    "numpy", "pandas", "scipy", "sklearn", "skops", "onnxruntime", "xgboost", "lightgbm", "catboost", "torch",
    "pyarrow", "openpyxl", "pydantic", "ruamel.yaml",
)  # fmt: skip
_ALONE = ("--die-with-parent", "--new-session", "--clearenv", "--cap-drop", "ALL")
_CHECK_S = 20.0
ENVIRONMENT = {
    "HOME": "/tmp",  # noqa: S108  (the sandbox's own)
    "LANG": "C.UTF-8",
    "PYTHONUTF8": "1",
    "PYTHONHASHSEED": "0",
    **ONE_THREAD,
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
    level: str = "bubblewrap"
    arguments: tuple[str, ...] = ()
    bwrap: str = ""
    version: str = ""
    uid: int | None = None  # the user that the worker gives itself to; None: it is there already
    limits_processes: bool = True
    engine: str = ""  # the program that starts a container, and what the container is made from
    image: str = ""


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


# Once for a process: every worker tries to break out anyway before it loads anything.
@functools.lru_cache(maxsize=8)
def _tried(way: Way) -> subprocess.CompletedProcess[str]:
    argument = "-" if way.uid is None else str(way.uid)
    read = [str(path) for path in (*sites().values(), *package_files())]
    options = [*view(package_files()), "--dir", str(MODEL.parent), *_closed(1 << 20)]
    return _output([way.bwrap, *way.arguments, *options, *python(_CHECK), argument, *read])


def _output(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    given: dict[str, Any] = {"capture_output": True, "text": True, "errors": "replace", "stdin": subprocess.DEVNULL}
    try:
        # A short list of our own words, no shell.
        return subprocess.run(command, timeout=_CHECK_S, check=False, **given)  # noqa: S603  (our own command)
    except (subprocess.TimeoutExpired, OSError) as error:
        return subprocess.CompletedProcess(command, 1, "", str(error))


def command(
    way: Way,
    *,
    package: Mapping[Path, Path],
    model: int,
    filters: int,
    wire: int,
    scratch_bytes: int,
    serves: str = SERVES,
) -> list[str]:
    """The whole command line of a worker; `model`, `filters` and `wire` are descriptors that it inherits.

    What serves no model has no /proc: a file that was handed over open could be opened again there, for writing.
    """
    one_model = ["--perms", "0755", "--dir", str(MODEL.parent)]
    one_model += ["--perms", "0444", "--ro-bind-data", str(model), str(MODEL)]
    closed = _closed(scratch_bytes, proc=serves == SERVES)
    options = [*view(package), *one_model, *closed, "--seccomp", str(filters)]
    arguments = [str(wire), serves, *(str(site) for site in sites().values())]
    return [way.bwrap, *way.arguments, *options, *python(START), *arguments]


def package_files() -> dict[Path, Path]:
    """Place in the sandbox -> file of ours: the wire, the child, the adapters and readers of formats, nothing else."""
    here = Path(__file__).parent
    names = ["wire.py", "child.py", "encoded.py", "allowed_globals.json", "__init__.py"]
    names += [adapter.rpartition(".")[2] + ".py" for adapter in ADAPTERS.values()]
    inside = PACKAGE / "reliability"
    files = {inside / "worker" / name: here / name for name in names}
    readers = {inside / "formats" / path.name: path for path in sorted((here.parent / "formats").glob("*.py"))}
    return {inside / "__init__.py": here.parent / "__init__.py", **files, **readers}


@functools.lru_cache(maxsize=1)
def sites() -> Mapping[Path, Path]:
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
    return list(_view(tuple(package.items())))


@functools.lru_cache(maxsize=8)
def _view(package: tuple[tuple[Path, Path], ...]) -> tuple[str, ...]:
    bound = binds(dict(package))
    options = [option for folder in _parents(bound) for option in ("--perms", "0755", "--dir", str(folder))]
    for place, source in bound.items():
        options += ["--ro-bind", str(source), str(place)]
    for link in map(Path, ROOT_LINKS):
        if link.is_symlink():
            options += ["--symlink", str(link.readlink()), str(link)]
        elif link.exists():
            options += ["--ro-bind", str(link), str(link)]
    return tuple(options)


def binds(package: Mapping[Path, Path]) -> dict[Path, Path]:
    """Place in a sandbox -> what of this machine lies there."""
    own = [Path(path) for path in _SYSTEM if Path(path).exists()] + list(_interpreter())
    bound = {path: path for path in own} | {place: folder for folder, place in sites().items()}
    return bound | {**package, **_compiled(package.items())}


def _compiled(package: Iterable[tuple[Path, Path]]) -> dict[Path, Path]:
    """What Python made of the longest of our files, where it did: more would cost as much to mount as to make."""
    pairs = ((Path(cache_from_source(str(one))) for one in pair) for pair in package if pair[1].name in _LONGEST)
    return {place: source for place, source in pairs if source.is_file()}


def _parents(places: Iterable[Path]) -> list[Path]:
    # Named, or bubblewrap would make them readable by their owner only.
    parents = {parent for place in places for parent in place.parents if parent != Path("/")}
    return sorted(parents - set(places))


def _closed(scratch_bytes: int, *, proc: bool = True) -> list[str]:
    options = [*(["--proc", "/proc"] if proc else []), "--dev", "/dev"]
    options += ["--size", str(scratch_bytes), "--perms", "1777", "--tmpfs", "/tmp"]  # noqa: S108  (the sandbox's own)
    # bubblewrap leaves /proc/sys open to a worker that is the machine's root under another name.
    for place in (*(["/proc"] if proc else []), "/dev", "/"):
        options += ["--remount-ro", place]
    options += ["--chdir", "/tmp", "--hostname", "worker"]  # noqa: S108  (the worker's own folder)
    return options + [part for name, value in ENVIRONMENT.items() for part in ("--setenv", name, value)]


def python(program: str) -> list[str]:
    """An interpreter that runs `program` and nothing of this machine's own before it."""
    # No site: no .pth file of the workbench's environment is run. Not -I: it would ignore PYTHONHASHSEED.
    return [str(Path(sys.executable).resolve()), "-s", "-S", "-P", "-B", "-c", program]
