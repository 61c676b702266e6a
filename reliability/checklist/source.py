"""A checklist file as written: its shape held to, every place in it known by line and column."""

import re
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from reliability.checklist.catalogue import nearest
from reliability.checklist.written import ChecklistText, Written
from reliability.errors import ChecklistError
from reliability.yaml_lines import SAFE_INTEGER, Document, read_yaml, shown

_W = TypeVar("_W", bound=Written)


@dataclass(frozen=True, kw_only=True, eq=False)
class Source:
    """One checklist file: where it lies, what it says."""

    path: Path
    document: Document
    text: ChecklistText

    def where(self, *keys: Any) -> str:
        """Say `file:line:column` of a key or list entry, for a message."""
        return place(self.document, *keys)


def place(document: Document, *keys: Any) -> str:
    """Say `file:line:column` of a key or list entry."""
    line, column = document.position(*keys)
    return f"{document.name}:{line}:{column}"


def read_source(path: Path, *, name: str) -> Source:
    """Read one checklist file; `name` is what messages call it."""
    document = read_yaml(path, error=ChecklistError, name=name)
    if not isinstance(document.data, dict):
        raise ChecklistError(
            "checklist_not_mapping", "{where}: not a checklist; start with 'checklist: NAME'", where=f"{name}:1:1"
        )
    return Source(path=path, document=document, text=shaped(document, ChecklistText))


def shaped(document: Document, model: type[_W]) -> _W:
    """What a document says, in the shape of its model.

    Raises
    ------
    ChecklistError
        Whatever in it is not of that shape, with file, line and column.
    """
    try:
        return model.model_validate(document.data)
    except ValidationError as problem:
        first = min(problem.errors(include_url=False), key=lambda one: document.position(*_keys(document, one)))
        raise _refusal(document, first, known=_all_keys(model.__module__)) from problem


def _refusal(document: Document, problem: ErrorDetails, *, known: frozenset[str]) -> ChecklistError:
    keys = _keys(document, problem)
    where, key, kind = place(document, *keys), problem["loc"][-1], problem["type"]
    if kind == "missing" and isinstance(key, str):
        return ChecklistError("checklist_key_missing", "{where}: {key!r} is missing; add it", where=where, key=key)
    if kind in ("extra_forbidden", "invalid_key"):
        return _unknown_key(where, keys[-1], known)
    if kind == "literal_error" and isinstance(problem["input"], str):
        return _unknown_word(where, str(keys[-1]), problem)
    # A place in a list is named by its list: `between`, not 0.
    named = [each for each in keys if isinstance(each, str)]
    if kind == "checklist_number_too_large":
        return ChecklistError(
            "checklist_number_too_large",
            "{where}: {value} is too large; whole numbers go from -{limit:,} to {limit:,}",
            where=where, value=shown(problem["input"]), limit=SAFE_INTEGER,
        )  # fmt: skip
    code, wanted = _wanted(problem)
    return ChecklistError(
        code,
        "{where}: {key!r} cannot be {value}: " + wanted,
        where=where, key=named[-1] if named else shown(key), value=shown(problem["input"]),
        problem=problem["msg"][:1].lower() + problem["msg"][1:],
    )  # fmt: skip


def _wanted(problem: ErrorDetails) -> tuple[str, str]:
    """Code and words of what should stand there instead."""
    loc, kind = problem["loc"], problem["type"]
    if loc == ("checklist",) and kind == "string_type":
        return "checklist_not_name", "it is the checklist's name, as in 'checklist: ours'; the format is 'format: 1'"
    if "between" in loc:
        return "checklist_not_two_numbers", "write two numbers, as in [0.8, 1.25]"
    if loc[-1] in ("int", "float"):  # the branches of a number
        kind = "float_type"
    if kind == "tuple_type" and loc[-1] in ("sections", "items", "criteria", "sources", "entries", "frameworks"):
        return "checklist_not_list", "write a list of {key}"
    return _WANTED.get(kind, ("checklist_value_wrong", "{problem}"))


def _unknown_key(where: str, key: Any, known: frozenset[str]) -> ChecklistError:
    home = next((home for home, keys in _HOMES.items() if home in known and key in keys), None)
    if home is not None:
        return ChecklistError(
            "checklist_key_elsewhere",
            "{where}: {key!r} does not belong here; it is set once, under {home!r}",
            where=where, key=key, home=home,
        )  # fmt: skip
    if key in known:
        return ChecklistError(
            "checklist_key_misplaced",
            "{where}: {key!r} is a key of another place; move it there, or remove it",
            where=where, key=key,
        )  # fmt: skip
    return ChecklistError(
        "checklist_key_unknown",
        "{where}: unknown key {key}; nearest is {near!r}",
        where=where, key=shown(key), near=nearest(str(key), sorted(known)),
    )  # fmt: skip


def _unknown_word(where: str, key: str, problem: ErrorDetails) -> ChecklistError:
    expected = problem["ctx"]["expected"]
    words = re.findall(r"'([^']+)'", expected)
    return ChecklistError(
        "checklist_word_unknown",
        "{where}: {key} cannot be {value}; one of {words}; nearest is {near!r}",
        where=where, key=shown(key), value=shown(problem["input"]), words=", ".join(words),
        near=nearest(problem["input"], words),
    )  # fmt: skip


def _keys(document: Document, problem: ErrorDetails) -> tuple[Any, ...]:
    """The part of pydantic's location that stands in the file: without its names for branches and keys."""
    here: Any = document.data
    keys: list[Any] = []
    loc: tuple[Any, ...] = problem["loc"]
    if problem["type"] == "invalid_key":  # pydantic's own words for keys of other kinds
        loc = (*loc[:-1], problem["input"])
    for part in loc:
        known = here if isinstance(here, dict) else range(len(here)) if isinstance(here, list) else ()
        if part not in known:
            break
        here = here[part]
        keys.append(part)
    return tuple(keys)


@cache
def _all_keys(module: str) -> frozenset[str]:
    """Every key that a model of that module knows."""
    held = vars(sys.modules[module]).values()
    models = [model for model in held if isinstance(model, type) and issubclass(model, BaseModel)]
    return frozenset(field.alias or name for model in models for name, field in model.model_fields.items())


# Keys that stand in one place only, which is not where others would look for them.
_HOMES = {"decision": {"confidence"}, "outcome": {"open_minor"}}
_WANTED = {
    "int_type": ("checklist_not_integer", "write a whole number"),
    "float_type": ("checklist_not_number", "write a number"),
    "bool_type": ("checklist_not_bool", "write true or false (yes is text in YAML 1.2)"),
    "string_type": ("checklist_not_text", "write text; put it in quotes"),
    "tuple_type": ("checklist_not_list", "write a list"),
    "dict_type": ("checklist_not_mapping_value", "write a mapping, as in {{key: value}}"),
    "model_type": ("checklist_not_mapping_value", "write a mapping, as in {{key: value}}"),
    "checklist_not_format_1": ("checklist_not_format_1", "write 1"),
}
