"""What this machine has and what it lacks for the work, and the lines that get it."""

import ctypes
import os
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import Any, Literal, TypeAlias

from reliability.errors import EnvironmentLacksError
from reliability.reports import fonts
from reliability.reports.fonts import told_by
from reliability.worker import fence, landlock

Level: TypeAlias = Literal["ok", "slow", "missing"]
Code: TypeAlias = Literal[
    "python",
    "shared_library",
    "subsetting",
    "korean_font",
    "fallback_font",
    "confinement",
    "landlock",
    "interpreter",
    "python_library",
]

DISTRIBUTION = "reliability-workbench"
OLDEST_PYTHON = (3, 11)
# Debian's package of each library that typesetting loads.
LIBRARIES = {
    "libgobject-2.0.so.0": "libpango-1.0-0",
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz.so.0": "libpango-1.0-0",
    "libfontconfig.so.1": "libpango-1.0-0",
}
SUBSETTING = "libharfbuzz-subset.so.0"
# What a kernel sets to keep ordinary users from making namespaces, and the value that lets them.
NAMESPACE_SWITCHES = {
    "kernel.apparmor_restrict_unprivileged_userns": "0",
    "kernel.unprivileged_userns_clone": "1",
}


@dataclass(frozen=True, kw_only=True)
class Lack:
    """One thing that was looked for: what it is, whether it is there, and what gets it.

    `found` is the version or name met, empty if none; `packages` are Debian's; `command` is the
    line to type where packages do not help.
    """

    code: Code
    what: str
    level: Level
    found: str = ""
    packages: tuple[str, ...] = ()
    command: str = ""


def examine() -> tuple[Lack, ...]:
    """Look for everything that the work needs, on this machine."""
    return (
        python_version(sys.version_info[:3]),
        *shared_libraries(),
        subsetting(),
        *typefaces(),
        *confined(confinement()),
        *python_libraries(),
    )


def remedies(lacks: Sequence[Lack]) -> tuple[str, ...]:
    """The lines to type, each once: one for all system packages, then the others."""
    short = [lack for lack in lacks if lack.level != "ok"]
    packages = list(dict.fromkeys(package for lack in short for package in lack.packages))
    install = [f"sudo apt-get install -y --no-install-recommends {' '.join(packages)}"] if packages else []
    return (*install, *dict.fromkeys(lack.command for lack in short if lack.command))


def python_version(version: tuple[int, ...]) -> Lack:
    """Whether Python is young enough."""
    found = ".".join(map(str, version))
    wanted = ".".join(map(str, OLDEST_PYTHON))
    if version >= OLDEST_PYTHON:
        return Lack(code="python", what=wanted, level="ok", found=found)
    return Lack(code="python", what=wanted, level="missing", found=found, packages=("python3", "python3-venv"))


def shared_libraries(load: Callable[[str], Any] = ctypes.CDLL) -> tuple[Lack, ...]:
    """The libraries without which no PDF can be set."""
    return tuple(
        Lack(code="shared_library", what=name, level="ok")
        if _loads(name, load)
        else Lack(code="shared_library", what=name, level="missing", packages=(package,))
        for name, package in LIBRARIES.items()
    )


def subsetting(load: Callable[[str], Any] = ctypes.CDLL) -> Lack:
    """The library without which a Korean PDF takes about ten times as long."""
    if _loads(SUBSETTING, load):
        return Lack(code="subsetting", what=SUBSETTING, level="ok")
    return Lack(code="subsetting", what=SUBSETTING, level="slow", packages=("libharfbuzz-subset0",))


def _loads(name: str, load: Callable[[str], Any]) -> bool:
    try:
        load(name)
    except OSError:
        return False
    return True


def typefaces(ask: fonts.Ask = told_by) -> tuple[Lack, ...]:
    """The typefaces that documents are set in: the Korean one, and the one that helps it out."""
    try:
        offered = fonts.find_typefaces(ask)
    except EnvironmentLacksError:
        packages = ("fonts-nanum",) if ask(("fc-list", "--version")) is not None else ("fontconfig", "fonts-nanum")
        return (Lack(code="korean_font", what="Hangul", level="missing", packages=packages),)
    korean, fallback = offered[0].chosen, offered[0].fallback
    return (
        Lack(code="korean_font", what="Hangul", level="ok", found=korean.named),
        Lack(code="fallback_font", what=fonts.FALLBACK, level="ok", found=fallback.named)
        if fallback
        else Lack(code="fallback_font", what=fonts.FALLBACK, level="slow", packages=("fonts-dejavu-core",)),
    )


def confinement(ask: fonts.Ask = told_by, switches: Path = Path("/proc/sys")) -> Lack:
    """Whether bubblewrap can shut a submitted model in; there and usable are two things."""
    version = ask(("bwrap", "--version"))
    if version is None:
        return Lack(code="confinement", what="bubblewrap", level="missing", packages=("bubblewrap",))
    found = version.removeprefix("bubblewrap").strip()
    if ask(("bwrap", "--ro-bind", "/", "/", "--unshare-all", "--die-with-parent", "--", "true")) is not None:
        return Lack(code="confinement", what="bubblewrap", level="ok", found=found)
    return Lack(
        code="confinement", what="bubblewrap", level="missing", found=found, command=_namespace_command(switches)
    )


def confined(
    bubblewrap: Lack, abi: Callable[[], int] = fence.abi, private: Callable[[], Path | None] | None = None
) -> tuple[Lack, ...]:
    """Bubblewrap, and where it cannot be used what stands in for it: Landlock, and an interpreter for its user.

    With a stand-in it is a second choice, and nothing is missing.
    """
    if bubblewrap.level == "ok":
        return (bubblewrap,)
    met, wanted = abi(), str(fence.OLDEST_ABI)
    if met < fence.OLDEST_ABI:
        return bubblewrap, Lack(code="landlock", what=wanted, level="missing", found=str(met))
    folder = (private or _private_interpreter)()
    if folder is None:
        return replace(bubblewrap, level="slow"), Lack(code="landlock", what=wanted, level="ok", found=str(met))
    return bubblewrap, Lack(code="interpreter", what=str(folder), level="missing", found=sys.base_prefix)


def _private_interpreter() -> Path | None:
    """As root a worker is another user, who has to be able to read the interpreter."""
    return landlock.private_interpreter() if os.geteuid() == 0 else None


def _namespace_command(switches: Path) -> str:
    for name, permitting in NAMESPACE_SWITCHES.items():
        switch = switches.joinpath(*name.split("."))
        if switch.is_file() and switch.read_text(encoding="ascii").strip() != permitting:
            return f"sudo sysctl -w {name}={permitting}"
    return ""


def python_libraries(distribution: str = DISTRIBUTION) -> tuple[Lack, ...]:
    """The libraries that this package names, as installed here."""
    try:
        wanted = metadata.requires(distribution) or []
    except metadata.PackageNotFoundError:
        return (_library(distribution),)
    return tuple(_library(_name_of(requirement)) for requirement in wanted if "extra ==" not in requirement)


def _name_of(requirement: str) -> str:
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    return name.group() if name else requirement


def _library(name: str) -> Lack:
    try:
        return Lack(code="python_library", what=name, level="ok", found=metadata.version(name))
    except metadata.PackageNotFoundError:
        return Lack(code="python_library", what=name, level="missing", command=_install_command())


def _install_command() -> str:
    bootstrap = Path(__file__).resolve().parent.parent / "script" / "bootstrap"
    return str(bootstrap) if bootstrap.is_file() else f"{sys.executable} -m pip install {DISTRIBUTION}"
