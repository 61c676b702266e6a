"""The checks there are, found by their signatures."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from types import FunctionType, MappingProxyType, ModuleType
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError

import reliability.checks
from reliability.errors import ChecklistError
from reliability.records import Measurement
from reliability.yaml_lines import SAFE_INTEGER, shown

# Options that the decision and the run set, never a checklist.
FILLED = frozenset({"confidence", "seed"})
_STRICT = ConfigDict(strict=True, allow_inf_nan=False)


@dataclass(frozen=True, kw_only=True)
class Option:
    """What a checklist may set of a check: its name, the type it takes, and its default."""

    name: str
    annotation: Any
    required: bool
    default: Any = None

    @property
    def takes(self) -> str:
        """The type in words of code: `float`, `'a' | 'b'`."""
        plain = get_args(self.annotation)[0] if get_origin(self.annotation) is Annotated else self.annotation
        if get_origin(plain) is Literal:
            return " | ".join(repr(choice) for choice in get_args(plain))
        return plain.__name__ if isinstance(plain, type) else str(plain)


@dataclass(frozen=True, kw_only=True, eq=False)
class Check:
    """One check: the function and what its signature declares."""

    name: str
    function: Callable[..., Measurement | tuple[Measurement, ...]]
    title: str
    description: str
    evidence: tuple[str, ...]
    options: Mapping[str, Option]

    @property
    def compares(self) -> bool:
        """Whether it compares groups with each other, one measurement an attribute."""
        return any(name.startswith("group_") for name in self.evidence)

    @property
    def asks_the_model(self) -> bool:
        """Whether it questions the model again."""
        return any(name.endswith("probe") for name in self.evidence)

    def settings(self, given: Mapping[str, Any], *, where: str) -> dict[str, Any]:
        """The options as given, each of the type that the check takes; `where` opens the message of a refusal."""
        for name in given:
            self._refuse_unknown(name, where)
        for option in self.options.values():
            if option.required and option.name not in given:
                raise ChecklistError(
                    "option_missing",
                    "{where}: {check} needs option {option!r} ({takes}); add it under 'with'",
                    where=where, check=self.name, option=option.name, takes=option.takes,
                )  # fmt: skip
        return {name: self._setting(self.options[name], value, where) for name, value in given.items()}

    def _setting(self, option: Option, value: Any, where: str) -> Any:
        _refuse_too_large(value, where)
        adapter: TypeAdapter[Any] = TypeAdapter(option.annotation, config=_STRICT)
        try:
            return adapter.validate_python(tuple(value) if isinstance(value, list) else value)
        except ValidationError as problem:
            least = problem.errors()[0].get("ctx", {}).get("ge")
            if least is not None:
                raise ChecklistError(
                    "option_below",
                    "{where}: option {option!r} of {check} must be at least {least}, not {value}",
                    where=where, option=option.name, check=self.name, least=least, value=shown(value),
                ) from problem  # fmt: skip
            raise ChecklistError(
                "option_wrong",
                "{where}: option {option!r} of {check} takes {takes}, not {value}",
                where=where, option=option.name, check=self.name, takes=option.takes, value=shown(value),
            ) from problem  # fmt: skip

    def _refuse_unknown(self, name: str, where: str) -> None:
        if not self.options:
            raise ChecklistError(
                "option_none",
                "{where}: {check} takes no options; remove {option}",
                where=where, check=self.name, option=shown(name),
            )  # fmt: skip
        if name not in self.options:
            raise ChecklistError(
                "option_unknown",
                "{where}: {check} has no option {option}; nearest is {near!r}, see 'reliability checks {check}'",
                where=where, check=self.name, option=shown(name), near=nearest(name, self.options),
            )  # fmt: skip


def nearest(name: str, names: Iterable[str]) -> str:
    """The one of `names` that is spelt most like `name`; empty where there are none."""
    return next(iter(get_close_matches(name, list(names), n=1, cutoff=0)), "")


@cache
def checks() -> Mapping[str, Check]:
    """Every check by its name, `family.function`, in order of name; a family is a module of `checks`, or a package."""
    inside = f"{reliability.checks.__name__}."
    modules = sorted(module.name for module in pkgutil.walk_packages(reliability.checks.__path__, inside))
    found = [
        check
        for name in modules
        for check in checks_in(importlib.import_module(name), name.removeprefix(inside).partition(".")[0])
    ]
    return MappingProxyType({check.name: check for check in sorted(found, key=lambda check: check.name)})


def check_named(name: str, *, where: str) -> Check:
    """The check of that name; `where` opens the message of a refusal."""
    known = checks()
    if name not in known:
        raise ChecklistError(
            "check_unknown",
            "{where}: no check {check}; nearest is {near!r}, see 'reliability checks'",
            where=where, check=shown(name), near=nearest(name, known),
        )  # fmt: skip
    return known[name]


def _refuse_too_large(value: Any, where: str) -> None:
    """Refuse whole numbers that the canonical JSON of a record cannot hold exactly."""
    for part in value if isinstance(value, list) else [value]:
        if isinstance(part, int) and abs(part) > SAFE_INTEGER:
            raise ChecklistError(
                "checklist_number_too_large",
                "{where}: {value} is too large; whole numbers go from -{limit:,} to {limit:,}",
                where=where, value=shown(part), limit=SAFE_INTEGER,
            )  # fmt: skip


def checks_in(module: ModuleType, family: str) -> list[Check]:
    """Checks among a module's own public functions: those that make measurements of evidence."""
    functions = [
        function
        for name, function in vars(module).items()
        if isinstance(function, FunctionType) and not name.startswith("_") and function.__module__ == module.__name__
    ]
    return [_check(function, family) for function in functions if _measures_evidence(function)]


def _measures_evidence(function: FunctionType) -> bool:
    types = get_type_hints(function)
    first = next(iter(inspect.signature(function).parameters), "")
    # What checks share takes their own values or measurements, not evidence.
    outside = (reliability.checks.__name__, Measurement.__module__)
    shared = getattr(types.get(first), "__module__", "").startswith(outside)
    return not shared and types.get("return") in (Measurement, tuple[Measurement, ...])


def _check(function: FunctionType, family: str) -> Check:
    types = get_type_hints(function, include_extras=True)
    parameters = inspect.signature(function).parameters.values()
    description = inspect.getdoc(function) or ""
    options = {
        parameter.name: _option(parameter, types[parameter.name])
        for parameter in parameters
        if parameter.kind is parameter.KEYWORD_ONLY and parameter.name not in FILLED
    }
    return Check(
        name=f"{family}.{function.__name__}",
        function=function,
        title=description.partition("\n")[0],
        description=description,
        evidence=tuple(parameter.name for parameter in parameters if parameter.kind is not parameter.KEYWORD_ONLY),
        options=MappingProxyType(options),
    )


def _option(parameter: inspect.Parameter, annotation: Any) -> Option:
    required = parameter.default is parameter.empty
    return Option(
        name=parameter.name,
        annotation=annotation,
        required=required,
        default=None if required else parameter.default,
    )
