"""The terminal itself: colours and widths, progress, text made safe to print, annotations for GitHub."""

import os
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

WIDTH_OF_FILES = 120
LONGEST_LINE = 100


def console(*, stderr: bool = False) -> Console:
    """A console that keeps Korean widths in line, colours only a terminal, and takes text as it is."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else WIDTH_OF_FILES
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False)


def progress() -> Progress:
    """Bars on a terminal, nothing elsewhere."""
    screen = console(stderr=True)
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        console=screen, disable=not screen.is_terminal, transient=True,
    )  # fmt: skip


@contextmanager
def working(what: str) -> Iterator[None]:
    """A sign of life on a terminal while something takes its time."""
    screen = console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=screen, disable=not screen.is_terminal, transient=True) as signs:
        signs.add_task(what, total=None)
        yield


def may_ask() -> bool:
    """Whether somebody sits there to answer."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()


def plain(text: str) -> str:
    """The text without characters that would steer a terminal; a submission's names are not ours."""
    # Cf holds the marks that turn the direction of writing around; ESC is in Cc.
    return "".join(" " if one == "\n" else "�" if unicodedata.category(one) in {"Cc", "Cf"} else one for one in text)


def one_line(text: str, longest: int = LONGEST_LINE) -> str:
    """The text on one line, cut where it is long."""
    line = " ".join(plain(text).split())
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"


def annotate(level: str, title: str, lines: Iterable[str]) -> None:
    """An annotation beside the change that GitHub is testing; nothing elsewhere."""
    if os.environ.get("GITHUB_ACTIONS") != "true":
        return
    named = _escaped(title).replace(":", "%3A").replace(",", "%2C")
    print(f"::{level} title={named}::{_escaped(chr(10).join(lines))}", file=sys.stderr)  # stdout may be JSON


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
