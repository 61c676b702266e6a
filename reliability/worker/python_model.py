"""Runs a Python project: a function of its own, with its own wheels; runs inside the worker only."""

import hashlib
import importlib.util
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from reliability.formats.requirements import Requirement, read_requirements
from reliability.formats.unreadable import UnreadableError
from reliability.worker.encoded import Scored, labelled
from reliability.worker.wire import Refusal

LIBRARIES = ("numpy", "pandas", "scikit-learn", "scipy")
WHEELS = "wheels"


def load(path: Path, declared: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The project's function as a model."""
    module_name, _, name = str(declared["function"]).partition(":")
    room = Path(tempfile.mkdtemp())
    _laid_out(path, room / "project", f"{module_name}.py")
    wheels = _met(room, declared.get("requirements"))
    sys.path[:0] = [str(room / "project"), str(room / "site")]
    module = _imported(room / "project" / f"{module_name}.py", module_name)
    function = getattr(module, name, None)
    if not callable(function):
        raise Refusal("not_a_model", format="python", found=f"no function {name} in {module_name}.py")
    probabilities = function if name == "predict_proba" else getattr(module, "predict_proba", None)
    model = _Project(function, probabilities, declared)
    return model, {"wrapper": f"function {module_name}:{name}, wheels: {len(wheels)}"}


class _Project(Scored):
    """Labels or values from `predict`; probabilities where the module has a `predict_proba` beside it."""

    def __init__(self, function: Callable[[Any], Any], probabilities: Any, declared: Mapping[str, Any]) -> None:
        self._function = function
        self._proba = probabilities if callable(probabilities) else None
        if declared.get("task") != "regression":
            self.classes_ = declared.get("classes")
            if self._proba is not None:
                self.with_classes(labelled(declared, None))

    def scored(self, frame: Any) -> npt.NDArray[Any]:
        asked = self._proba if self.classes_ is not None and self._proba is not None else self._function
        return np.asarray(asked(frame.copy()))

    def predict(self, frame: Any) -> npt.NDArray[Any]:
        """What the function answers; of a function that answers probabilities, the likeliest class."""
        if self._function is self._proba and self.classes_ is not None:
            return super().predict(frame)
        answer = np.asarray(self._function(frame.copy()))
        return answer.reshape(len(frame)) if answer.size == len(frame) else answer


def _laid_out(path: Path, project: Path, only: str) -> None:
    """The project's files in a folder of the scratch space; a project of one file is that file."""
    project.mkdir()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            archive.extractall(project)
    else:
        (project / only).write_bytes(path.read_bytes())


def _imported(file: Path, name: str) -> Any:
    # By its file: a module of that name may be loaded already.
    spec = importlib.util.spec_from_file_location(name, file)
    if not file.is_file() or spec is None or spec.loader is None:
        raise Refusal("not_a_model", format="python", found=f"no file {file.name} in the project")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _met(room: Path, listed: str | None) -> list[Path]:
    """The wheels of the project that its requirements name, unpacked; refused where one of them cannot be met."""
    site = room / "site"
    site.mkdir()
    if listed is None:
        return []
    try:
        wanted = read_requirements((room / "project" / listed).read_text(encoding="utf-8"))
    except (UnreadableError, UnicodeDecodeError) as error:
        raise Refusal("model_requirements_unmet", found=str(error)) from error
    offered = {hashlib.sha256(wheel.read_bytes()).hexdigest(): wheel for wheel in _wheels(room / "project")}
    chosen = [wheel for one in wanted if (wheel := _wheel(one, offered)) is not None]
    for wheel in chosen:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(site)
    return chosen


def _wheels(project: Path) -> list[Path]:
    return sorted(project.rglob(f"{WHEELS}/*.whl"))


def _wheel(wanted: Requirement, offered: Mapping[str, Path]) -> Path | None:
    """The wheel that meets a requirement; None where the worker has that very release itself."""
    for digest in sorted(wanted.digests & set(offered)):
        return offered[digest]
    try:
        installed = version(wanted.name)
    except PackageNotFoundError:
        installed = "none"
    if installed == wanted.version:
        return None
    said = f"{wanted.name}=={wanted.version}: no wheel with its digest in {WHEELS}/, installed here: {installed}"
    raise Refusal("model_requirements_unmet", found=said)
