"""Keeps what a coverage simulation found, so that an interrupted one goes on and only what changed is drawn anew."""

import ast
import hashlib
import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

OURS = ("reliability", "benchmarks.coverage_cells")


class Kept:
    """Results by task, in a folder; those of other source code than today's are not found.

    What a result rests on: the module of the check with every module of ours that it imports, directly or not, and
    the module that draws.
    """

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        if folder:
            folder.mkdir(parents=True, exist_ok=True)

    def find(self, key: str, modules: tuple[str, str]) -> Any:
        """The result kept under this key, or None."""
        path = self._path(key, modules)
        return json.loads(path.read_text(encoding="utf-8")) if path and path.exists() else None

    def keep(self, key: str, modules: tuple[str, str], result: Any) -> None:
        """Write a result down."""
        path = self._path(key, modules)
        if path:
            path.write_text(json.dumps(result), encoding="utf-8")

    def _path(self, key: str, modules: tuple[str, str]) -> Path | None:
        if self.folder is None:
            return None
        measured, drawn = modules
        digest = hashlib.sha256(f"{key}\n{source_digest(measured)}\n{_text(drawn)}".encode()).hexdigest()
        return self.folder / f"{digest[:24]}.json"


@cache
def source_digest(module: str) -> str:
    """SHA-256 over the source of a module and of all modules of ours that it imports."""
    found: set[str] = set()
    waiting = [module, "benchmarks.coverage_cells"]
    while waiting:
        name = waiting.pop()
        if name in found or not name.startswith(OURS) or not _text(name):
            continue
        found.add(name)
        waiting += _imported(name)
    return hashlib.sha256("\n".join(_text(name) for name in sorted(found)).encode()).hexdigest()


@cache
def _text(module: str) -> str:
    spec = find_spec(module)
    return Path(spec.origin).read_text(encoding="utf-8") if spec and spec.origin else ""


def _imported(module: str) -> list[str]:
    nodes = [node for node in ast.walk(ast.parse(_text(module))) if isinstance(node, ast.ImportFrom) and node.module]
    return [str(node.module) for node in nodes]
