"""What pages and programs of benchmarks share: where and with what a figure was made, and how it is put on its page.

Peers' environments import it as well: it needs the standard library alone.
"""

import os
import platform
import re
import resource
import subprocess
import sys
from datetime import date
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / ".peers"
LOCKS = ROOT / "benchmarks" / "environments"
ASSESSED = (0, 1, 3)  # exit statuses of an assessment that was done
# A parent of its own: the times and the memory of all that it started are counted up there.
_PARENT = (
    "import resource, subprocess, sys; s = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode; "
    "u = resource.getrusage(resource.RUSAGE_CHILDREN); print(u.ru_utime + u.ru_stime, u.ru_maxrss / 1024, s)"
)


def versions(*names: str) -> str:
    """Names of installed packages, each with its version."""
    return ", ".join(f"{name} {metadata.version(name)}" for name in names)


def locked(name: str, lock: str) -> str:
    """The version of a package in an environment of its own, as its lock has it."""
    pinned = re.search(rf"^{re.escape(name)}==(\S+)", (LOCKS / f"{lock}.txt").read_text(encoding="utf-8"), re.MULTILINE)
    if pinned is None:
        raise ValueError(f"{lock}.txt: no {name}")
    return pinned[1]


def written_by(program: str, *names: str, on: date | None = None) -> str:
    """Who wrote a page or section, when, and with what; today where no day is given."""
    return f"Written by `{program}` on {on or date.today()}: Python {platform.python_version()}, {versions(*names)}"


def machine() -> str:
    """Cores and architecture."""
    return f"{os.cpu_count()} cores, {platform.machine()}"


def yes_or_no(*, kept: bool) -> str:
    """Whether a promise is kept, as a cell of a table."""
    return "yes" if kept else "**no**"


def with_section(text: str, made: str, heading: str) -> str:
    """The page with this section in place of the one there, or after all others."""
    before, _, rest = text.partition(heading + "\n")
    _, mark, after = rest.partition("\n## ")
    return before.rstrip("\n") + "\n\n" + made + (f"{mark}{after}" if mark else "")


def put_section(made: str, heading: str, page: Path | None) -> None:
    """Put a section on its page, where one is asked for, and print it."""
    if page:
        text = page.read_text(encoding="utf-8") if page.exists() else "# Benchmarks\n"
        page.write_text(with_section(text, made, heading), encoding="utf-8")
    print(made)


def put_head(made: str, page: Path | None) -> None:
    """Put what stands above all sections on its page, where one is asked for, and print it; the sections stay."""
    if page:
        _, mark, sections = (page.read_text(encoding="utf-8") if page.exists() else "").partition("\n## ")
        page.write_text(f"{made}{mark}{sections}", encoding="utf-8")
    print(made)


def put(text: str, page: Path | None) -> None:
    """Write a page where one is asked for, else print it."""
    if page:
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8")
    else:
        print(text)


def environment(name: str, lock: str) -> Path:
    """The Python of an environment of its own, made where it is not there or was made halfway or of other versions."""
    python, made = PEERS / name / "bin" / "python", PEERS / name / "installed.txt"
    pinned = LOCKS / f"{lock}.txt"
    if not made.exists() or made.read_bytes() != pinned.read_bytes():
        subprocess.run([sys.executable, "-m", "venv", str(PEERS / name)], check=True)
        install = [str(python), "-m", "pip", "install", "-q", "--no-deps", "--require-hashes", "-r", str(pinned)]
        subprocess.run(install, check=True)
        made.write_bytes(pinned.read_bytes())
    return python


def cpu_s(*, of: int) -> float:
    """CPU seconds so far, user and system: of this process (RUSAGE_SELF), or of all that it started and that ended."""
    used = resource.getrusage(of)
    return used.ru_utime + used.ru_stime


def assessing(folder: Path) -> list[str]:
    """A command that runs one whole `reliability assess`, and prints what `taken` reads."""
    command = ["-m", "reliability", "assess", str(folder), "--out", str(folder / "case")]
    return [sys.executable, "-c", _PARENT, sys.executable, *command]


def taken(said: str, complaint: str) -> tuple[float, float]:
    """CPU seconds of an assessment with all its processes, and the peak megabytes of its largest process."""
    cpu, megabytes, status = said.split()
    if int(status) not in ASSESSED:
        raise SystemExit(f"assess ended with {status}: {complaint}")
    return float(cpu), float(megabytes)
