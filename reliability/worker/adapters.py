"""The formats of models as the workbench sees them: which library each needs, and how strongly it is to be confined."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from reliability.certifiable import STRONG_LEVELS
from reliability.errors import EnvironmentLacksError, SubmissionError
from reliability.worker import failures
from reliability.worker.child import ADAPTERS

DISTRIBUTION = "reliability-workbench"
# Loading one of these may run code of the applicant's: a list of names keeps out what is unknown, no more.
RUNS_CODE = frozenset({"pickle", "joblib", "torch", "python"})
# Format -> module that reads it; its extra of the package bears the format's name.
EXTRAS: Mapping[str, str] = {
    "onnx": "onnxruntime",
    "xgboost": "xgboost",
    "lightgbm": "lightgbm",
    "catboost": "catboost",
    "torch": "torch",
}
WITH_ALLOWLIST = frozenset({"skops", "pickle", "joblib"})
_MOST_NAMES = 200


@dataclass(frozen=True, kw_only=True)
class Note:
    """Something about a loaded model that a reader of the record should know: a code and its values."""

    code: str
    values: Mapping[str, str]


def refuse_unusable(named: str) -> None:
    """Refuse a format that is not run, or whose library is not installed."""
    if named not in ADAPTERS:
        known = ", ".join(ADAPTERS)
        raise SubmissionError(
            "format_not_run", "model.format {format!r} cannot be run yet; known: {known}", format=named, known=known
        )
    needed = EXTRAS.get(named)
    if needed is not None and find_spec(needed) is None:
        raise EnvironmentLacksError(
            "format_library_missing",
            "model.format {format}: {library} is not installed; pip install '{extra}'",
            format=named,
            library=needed,
            extra=f"{DISTRIBUTION}[{named}]",
        )


def refuse_weak(named: str, level: str) -> None:
    """Refuse to load what may run code where only weak isolation holds."""
    if named in RUNS_CODE and level not in STRONG_LEVELS:
        raise failures.unavailable("weak_isolation", f"{named} at level {level}")


def believed(reply: Mapping[str, Any], named: str) -> dict[str, Any]:
    """What a worker says of a model file, as claims that are kept short."""
    kept: dict[str, Any] = {"written_by": claims(reply.get("written_by")), "inputs": claims(reply.get("inputs"))}
    if isinstance(reply.get("wrapper"), str):
        kept["wrapper"] = failures.cleaned(reply["wrapper"])
    if named in WITH_ALLOWLIST:
        kept["allowlist"] = allowlist()
        kept["globals"] = claims(reply.get("globals"))
    return kept


def claims(said: Any) -> dict[str, Any]:
    """Names and short texts, lists of them, or truths; whatever else was said is left out."""
    if not isinstance(said, dict):
        return {}
    told = {failures.cleaned(name): _claim(value) for name, value in list(said.items())[:16]}
    return dict(sorted(told.items()))


def _claim(value: Any) -> Any:
    if isinstance(value, list):
        return [failures.cleaned(one) for one in value[:_MOST_NAMES]]
    return value if isinstance(value, bool) else failures.cleaned(value)


def allowlist() -> dict[str, Any]:
    """Which list of allowed names was used."""
    raw = Path(__file__).with_name("allowed_globals.json").read_bytes()
    listed, sha256 = json.loads(raw), hashlib.sha256(raw).hexdigest()
    return {"version": listed["version"], "scikit-learn": listed["scikit-learn"], "sha256": sha256}


def notes(isolation: Mapping[str, Any]) -> tuple[Note, ...]:
    """What to tell of a loaded model: libraries of another version, columns that were reordered or left out."""
    read_by, told = isolation.get("libraries", {}), []
    if isolation.get("level") == "process":
        told.append(Note(code="isolation_weak", values={}))
    for library, versions in isolation.get("written_by", {}).items():
        written = [one for one in (versions if isinstance(versions, list) else [versions]) if one]
        if library in read_by and any(one != read_by[library] for one in written):
            values = {"library": library, "written": ", ".join(written), "read": read_by[library]}
            told.append(Note(code="library_version_gap", values=values))
    inputs = isolation.get("inputs", {})
    if inputs.get("reordered") is True:
        told.append(Note(code="inputs_reordered", values={}))
    lists = {key: ", ".join(inputs.get(key) or ()) for key in ("missing", "left_out")}
    return (*told, *(Note(code=f"inputs_{key}", values={"columns": named}) for key, named in lists.items() if named))
