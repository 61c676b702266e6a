"""One clear line for what a file of the submission says wrong: file, line, value met, next step."""

import types
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, core_schema

from reliability.errors import SubmissionError
from reliability.yaml_lines import Document, shown

Shape = TypeVar("Shape", bound=BaseModel)

LISTED = 10

_WRONG_KIND: Mapping[str, tuple[str, str]] = {
    "string": ("value_not_text", "must be text; put it in quotes"),
    "bool": ("value_not_bool", "must be true or false (yes is text in YAML 1.2)"),
    "int": ("value_not_number", "must be a number"),
    "float": ("value_not_number", "must be a number"),
    "tuple": ("value_not_list", "must be a list, as in [a, b]"),
    "list": ("value_not_list", "must be a list, as in [a, b]"),
    "dict": ("value_not_mapping", "must be a mapping, as in {{key: value}}"),
    "model": ("value_not_mapping", "must be a mapping, as in {{key: value}}"),
}


def near(name: object, names: Iterable[object]) -> str:
    """The name spelt most like `name`, or the first of them where none is close."""
    known = list(names)
    return likeness(name, known) or listed(known, between=" / ")


def likeness(name: object, names: Iterable[object]) -> str | None:
    """The name spelt most like `name`; None where none is close."""
    close = get_close_matches(str(name), [str(each) for each in names], n=1, cutoff=0.5)
    return printable(close[0]) if close else None


def listed(names: Iterable[object], *, between: str = ", ") -> str:
    """The first names, and whether there are more."""
    known = list(names)
    return between.join([*map(printable, known[:LISTED]), *(["…"] if len(known) > LISTED else [])])


def shaped(model: type[Shape], document: Document) -> Shape:
    """The document as the model has it; the first thing wrong, from the top, is raised as one line."""
    if not isinstance(document.data, dict):
        raise SubmissionError(
            "value_not_mapping",
            "{where}: {key} must be a mapping, as in {{key: value}}, not {value}",
            where=document.where(),
            key="file",
            value=shown(document.data),
        )
    try:
        return model.model_validate(document.data)
    except ValidationError as invalid:
        problems = invalid.errors(include_url=False)
        raise _refusal(min(problems, key=lambda each: _rank(each, document)), model, document) from None


def printable(name: object) -> str:
    """A name on one line: what would break it, or could not be written at all, is escaped."""
    return "".join(mark if mark.isprintable() else repr(mark)[1:-1] for mark in str(name))


def dotted(keys: Iterable[object]) -> str:
    """The keys that lead to a place, as a message names it."""
    return ".".join(map(printable, keys))


def _rank(problem: ErrorDetails, document: Document) -> tuple[bool, bool, tuple[int, int]]:
    # An unknown key first: it is most often the missing one, misspelt.
    # An empty list last: pydantic also says so where the one entry of a list is wrong.
    kind = problem["type"]
    return (
        kind not in ("extra_forbidden", "invalid_key"),
        kind == "too_short",
        document.position(*_keys(problem, document)),
    )


def _keys(problem: ErrorDetails, document: Document) -> tuple[Any, ...]:
    """The place in the YAML file: what pydantic adds for its unions and defaults is left out."""
    at = problem.get("ctx", {}).get("at")
    wanted = tuple(at.split(".") if isinstance(at, str) else at) if at else problem["loc"]
    if problem["type"] == "invalid_key" or wanted[-1:] == ("[key]",):  # pydantic's own words for keys of other kinds
        wanted = (*wanted[: -2 if wanted[-1:] == ("[key]",) else -1], problem["input"])
    node: Any = document.data
    keys: list[Any] = []
    for key in wanted:
        is_place = isinstance(node, list) and isinstance(key, int) and key < len(node)
        is_there = key in node if isinstance(node, dict) else is_place
        if not is_there:
            break
        node = node[key]
        keys.append(key)
    return tuple(keys)


def _refusal(problem: ErrorDetails, model: type[BaseModel], document: Document) -> SubmissionError:
    keys = _keys(problem, document)
    code, said, values = _worded(problem, keys, model, document)
    return SubmissionError(
        code, "{where}: {key} " + said, where=document.where(*keys), key=dotted(keys) or "file", **values
    )


def _worded(
    problem: ErrorDetails, keys: tuple[Any, ...], model: type[BaseModel], document: Document
) -> tuple[str, str, dict[str, Any]]:
    """Code, English words and values of one problem."""
    kind, value = str(problem["type"]), shown(problem["input"])
    context = {name: each for name, each in problem.get("ctx", {}).items() if name != "at"}
    if kind in ("extra_forbidden", "invalid_key"):
        keys_there = [each for each in _fields(model, keys[:-1]) if each not in _node(document, keys[:-1])]
        return "key_unknown", "is no key here; did you mean {near}?", {"near": near(keys[-1], keys_there)}
    if problem["loc"][-1:] == ("[key]",):
        return "key_not_text", "is a key that must be text; put it in quotes", {}
    if kind == "missing" and isinstance(problem["loc"][-1], int):
        return "value_invalid", "is {value}: {problem}", {"value": value, "problem": "an entry is missing; add it"}
    if kind == "missing":
        return "key_missing", "needs {missing}; add it", {"missing": str(problem["loc"][-1])}
    if kind in ("too_short", "string_too_short"):
        return "value_empty", "is empty; fill it in or leave the key out", {}
    if kind == "literal_error":
        allowed = _allowed(str(context["expected"]))
        message = "{value}; write one of: {allowed}"
        return "value_not_allowed", "is " + message, {"value": value, "allowed": allowed}
    if problem["loc"][-1:] == ("bool",):  # the first of the union that any single value would fit
        return "value_not_plain", "must be a word, a number, true or false, not {value}", {"value": value}
    expected = kind.removeprefix("is_").split("_")[0]
    if kind.endswith(("_type", "_parsing", "_from_float")) and expected in _WRONG_KIND:
        code, message = _WRONG_KIND[expected]
        return code, message + ", not {value}", {"value": value}
    if kind not in get_args(core_schema.ErrorType):
        return kind, str(problem["msg"]).replace("{", "{{").replace("}", "}}"), context
    return "value_invalid", "is {value}: {problem}", {"value": value, "problem": problem["msg"].lower()}


def _allowed(expected: str) -> str:
    return expected.replace("'", "").replace(" or ", ", ")


def _node(document: Document, keys: tuple[Any, ...]) -> Any:
    node = document.data
    for key in keys:
        node = node[key]
    return node


def _fields(annotation: Any, keys: tuple[Any, ...]) -> list[str]:
    """Keys that the models allow at a place."""
    model = _model(annotation)
    if model is None:
        inner = get_args(annotation)
        return next(
            (found for each in inner if (found := _fields(each, keys[1:] if _is_collection(annotation) else keys))), []
        )
    by_key = {field.alias or name: field.annotation for name, field in model.model_fields.items()}
    if not keys:
        return list(by_key)
    return _fields(by_key[keys[0]], keys[1:]) if keys[0] in by_key else []


def _model(annotation: Any) -> type[BaseModel] | None:
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def _is_collection(annotation: Any) -> bool:
    return get_origin(annotation) not in (Annotated, Union, types.UnionType)
