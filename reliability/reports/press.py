"""Prints a document: its page, set in this machine's typefaces by a process of its own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

from reliability.errors import EnvironmentLacksError, RecordError
from reliability.reports import fonts
from reliability.reports.enclosure import Enclosure
from reliability.reports.rows import Row
from reliability.reports.typesetter import LIBRARY_MISSING, OUT_OF_MEMORY
from reliability.words.text import Words

Compose: TypeAlias = Callable[[tuple[Row, ...]], str]

APT_LINE = "apt-get install -y libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-nanum"
DISTRIBUTION = "reliability-workbench"
LONGEST_REASON = 200
_START = "import sys; sys.path[:] = sys.argv[1:]; from reliability.reports.typesetter import main; main()"
# What Python, GLib and C++ say where they get no memory, a thread's stack included, before their process ends.
_NO_MEMORY = (b"MemoryError", b"Cannot allocate memory", b"failed to allocate", b"Error creating thread", b"bad_alloc")
_PACKAGE = Path(__file__).resolve().parents[2]
_KEPT = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH")  # where Pango may lie


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much the setting of one document may take."""

    memory_bytes: int = 3 << 30  # of addresses; a report of 300 pages takes a third
    cpu_s: int = 300
    timeout_s: float = 900.0  # a busy machine gives little of its time


def printed(
    compose: Compose,
    *,
    identifier: bytes,
    words: Words,
    enclosed: Sequence[Enclosure] = (),
    limits: Limits | None = None,
) -> bytes:
    """A document as PDF; `compose` makes its page, given the rows of its annex that say how it was set."""
    offered = fonts.typefaces()
    page = compose(setting(offered[0], (), words))
    faces = fonts.fittest(offered, page)
    undrawn = faces.undrawn(page)
    if undrawn or faces is not offered[0]:
        page = fonts.by_number(compose(setting(faces, undrawn, words)), undrawn)
    task = {
        "page": page,
        "identifier": identifier.hex(),
        "enclosed": [asdict(one) for one in enclosed],
        "made_with": [f"{DISTRIBUTION} {version(DISTRIBUTION)}", *(face.named for face in faces.faces)],
    }
    return set_apart(task, faces, limits or Limits())


def setting(faces: fonts.Typefaces, undrawn: Sequence[str], words: Words) -> tuple[Row, ...]:
    """How a document was set: typefaces, typesetter, and the characters that had to go by their numbers."""
    rows = (
        Row(name=words.text("row.typefaces"), text=faces.named),
        Row(name=words.text("row.typesetter"), text=f"WeasyPrint {version('weasyprint')}"),
    )
    if not undrawn:
        return rows
    told = words.text("report.undrawn", characters=fonts.listed(undrawn))
    return (*rows, Row(name=words.text("row.undrawn"), text=told))


def set_apart(task: dict[str, Any], faces: fonts.Typefaces, limits: Limits) -> bytes:
    """The PDF of a page, set in a process that inherits nothing of this one.

    Raises
    ------
    EnvironmentLacksError
        If Pango or another library is missing.
    RecordError
        If the page takes more time or memory than there is, or cannot be set.
    """
    given = json.dumps(task | {"limits": {"memory_bytes": limits.memory_bytes, "cpu_s": limits.cpu_s}})
    with TemporaryDirectory(prefix="reliability-") as folder:
        configuration = Path(folder, "fonts.conf")
        configuration.write_text(faces.configuration(), encoding="utf-8")
        try:
            # Our own interpreter and words, no shell.
            done = subprocess.run(  # noqa: S603  (our own command)
                _command(), input=given.encode(), capture_output=True, timeout=limits.timeout_s, check=False,
                cwd=folder, env=_environment(configuration),
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise _too_slow(limits.timeout_s) from None
    if done.returncode:
        raise _failure(done, limits)
    return done.stdout


def _command() -> list[str]:
    paths = [str(Path(path).absolute()) for path in sys.path if path]
    # -S and -P: no start-up file and no folder of the caller's gets a say in what is imported.
    return [sys.executable, "-S", "-P", "-s", "-c", _START, *paths, str(_PACKAGE)]


def _environment(configuration: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    ours = {"FONTCONFIG_FILE": str(configuration), "LANG": "C.UTF-8", "PYTHONUTF8": "1", "SOURCE_DATE_EPOCH": "0"}
    # Sets go round in the same order each time, should a library write one out.
    return kept | ours | {"PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}


def _failure(done: "subprocess.CompletedProcess[bytes]", limits: Limits) -> EnvironmentLacksError | RecordError:
    if done.returncode == LIBRARY_MISSING:
        reason = _plain(done.stdout)
        return EnvironmentLacksError(
            "pdf_library_missing", "PDF needs Pango: {reason}; {line}", reason=reason, line=APT_LINE
        )
    if done.returncode == -signal.SIGXCPU:
        return _too_slow(limits.cpu_s)
    if done.returncode == OUT_OF_MEMORY or any(words in done.stderr for words in _NO_MEMORY):
        most = limits.memory_bytes >> 20
        return RecordError(
            "document_too_large", "the document takes more than {most} MB to set; leave groups or items out", most=most
        )
    ended = f"signal {-done.returncode}" if done.returncode < 0 else _plain(done.stderr)
    return RecordError(
        "document_not_set", "the document could not be set ({reason}); --format html works", reason=ended
    )


def _too_slow(seconds: float) -> RecordError:
    return RecordError(
        "document_too_slow", "the document was not set within {seconds} s; --format html works", seconds=f"{seconds:g}"
    )


def _plain(said: bytes) -> str:
    """The last line that a process said, short and without what would steer a terminal."""
    lines = said.decode("utf-8", "replace").strip().splitlines() or ["-"]
    return "".join(letter for letter in lines[-1] if letter.isprintable())[:LONGEST_REASON]
