"""Loads a skops file with our own list of allowed types; runs inside the worker only."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import skops.io

from reliability.worker.wire import Refusal

# A real model of this size would be far larger as a file; one that unpacks to more is a bomb.
MOST_UNPACKED = 1 << 30
MOST_SCHEMA = 64 << 20
LIBRARIES = ("numpy", "pandas", "scikit-learn", "scipy", "skops", "lightgbm", "xgboost")
_ALLOWLIST = Path(__file__).with_name("allowed_globals.json")
_WRITTEN_BY = re.compile(r'"_sklearn_version":\s*\{[^{}]*?"content":\s*"\\"([0-9A-Za-z.+-]{1,32})\\""')


def allowed_types() -> frozenset[str]:
    """The types that may be built besides those that skops itself trusts."""
    return frozenset(name.replace(":", ".") for name in json.loads(_ALLOWLIST.read_bytes())["globals"])


def load(path: Path, _declared: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The model of the file, and what the file says of the libraries that wrote it."""
    written_by = _written_by(path)
    allowed = allowed_types()
    found = skops.io.get_untrusted_types(file=path)
    refused = sorted(set(found) - allowed)
    if refused:
        raise Refusal("model_refused", format="skops", types=", ".join(refused))
    # Never a list from the file: what is trusted is ours, cut down to what the file needs.
    model = skops.io.load(path, trusted=sorted(allowed.intersection(found)))
    return model, {"written_by": written_by, "globals": {"known": sorted(found), "unknown": []}}


def _written_by(path: Path) -> dict[str, Any]:
    try:
        with ZipFile(path) as archive:
            # Every member counts, also where several bear one name.
            unpacked = sum(member.file_size for member in archive.infolist())
            if unpacked > MOST_UNPACKED or archive.getinfo("schema.json").file_size > MOST_SCHEMA:
                raise Refusal("not_a_model", format="skops", found="unpacks to too much")
            schema = archive.read("schema.json").decode()
        plain = json.loads(schema)
    except (BadZipFile, KeyError, ValueError, RecursionError) as error:
        raise Refusal("not_a_model", format="skops", found=type(error).__name__) from error
    version = plain.get("_skops_version") if isinstance(plain, dict) else None
    return {"skops": str(version)[:32], "scikit-learn": sorted(set(_WRITTEN_BY.findall(schema)))[:8]}
