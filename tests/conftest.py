import functools
import io
import os
import re
import sys
from dataclasses import dataclass

import pytest

from reliability.cli.main import main

# A bare system has no lscpu, and joblib warns where it cannot count cores.
os.environ.setdefault("LOKY_MAX_CPU_COUNT", "1")


@pytest.fixture(scope="session", autouse=True)
def _nothing_remembered():
    """Tables kept by an earlier run in this process (mutmut's first) must not hide what a changed function does."""
    ours = [module for name, module in sys.modules.items() if name.startswith("reliability.")]
    for kept in [value for module in ours for value in vars(module).values()]:
        if isinstance(kept, functools._lru_cache_wrapper):
            kept.cache_clear()


@dataclass(frozen=True)
class Ran:
    """What a command left behind on its way out."""

    status: int
    out: str
    err: str


class Terminal(io.StringIO):
    """A screen to print on, and somebody at the keys."""

    def isatty(self):
        return True

    def lines(self):
        """What stands on the screen, without the codes for bold and dim."""
        return re.sub(r"\x1b\[[0-9;]*m", "", self.getvalue()).splitlines()

    def fileno(self):
        raise io.UnsupportedOperation


@pytest.fixture
def run(monkeypatch, capsys):
    """Run one command as `reliability ARGUMENTS` would: status, stdout, stderr."""

    def command(*arguments, lang="en"):
        monkeypatch.setenv("LC_ALL", {"ko": "ko_KR.UTF-8"}.get(lang, "en_US.UTF-8"))
        monkeypatch.setattr(sys, "argv", ["reliability", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return Ran(ended.value.code, printed.out, printed.err)

    return command


@pytest.fixture
def terminal(monkeypatch):
    """A terminal of this many columns for what is printed; it remembers what was printed."""

    def screen(columns=100):
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setenv("TERM", "xterm-256color")
        monkeypatch.setenv("NO_COLOR", "1")
        monkeypatch.setattr(sys, "stdout", Terminal())
        return sys.stdout

    return screen
