"""What may stand in a checklist file, format 1: the shape that editors know as its JSON Schema."""

from typing import Annotated, Any, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from reliability.records import Number, Rule, Severity
from reliability.yaml_lines import SAFE_INTEGER

Line: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Id: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
_T = TypeVar("_T")


def _held(number: Any) -> Any:
    """A number that canonical JSON can hold, which bounds whole numbers."""
    if isinstance(number, int) and abs(number) > SAFE_INTEGER:
        raise PydanticCustomError("checklist_number_too_large", "is too large")
    return number


def format_one(value: Any) -> Any:
    """The format's number, which true and 1.0 are not, though they equal it."""
    if type(value) is not int:
        raise PydanticCustomError("checklist_not_format_1", "write 1")
    return value


Limit: TypeAlias = Annotated[Number, BeforeValidator(_held)]
Listed: TypeAlias = Annotated[tuple[_T, ...], Field(strict=False)]  # a tuple, written as a list
Bar: TypeAlias = Literal["pass", "conditional_pass"]


class Written(BaseModel):
    """A closed part of a checklist file; nothing is converted on the way in."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Text(Written):
    """Wording in both languages."""

    ko: Line
    en: Line


class CriterionText(Written):
    """One criterion: a check with its options, one limit (or `report: true`), and where the limit comes from."""

    check: Line | None = Field(default=None, description="family.function; see 'reliability checks'")
    with_: dict[str, Any] | None = Field(default=None, alias="with", description="options of the check")
    at_least: Limit | None = None
    at_most: Limit | None = None
    between: Annotated[tuple[Limit, Limit], Field(strict=False)] | None = None
    equals: Limit | None = None
    report: bool | None = Field(default=None, description="shown, not judged")
    declared: Literal["performance"] | None = Field(default=None, description="check and limit as the submission says")
    rule: Rule | None = Field(default=None, description="else the checklist's")
    source: Line | None = Field(default=None, description="the clause that sets the limit, or 'house default'")
    by: Listed[Line] | Line | None = Field(default=None, description="columns, sensitive, sensitive_pairs or segments")


class Answers(Written):
    """What an answer must bring along."""

    evidence: Literal["required", "optional"] = "optional"
    checked_by: Literal["required", "optional"] = "optional"


class ItemText(CriterionText):
    """One item: one requirement, measured by criteria (one may be written inline) or asked.

    An item that overrides another gives the keys that change; an empty value removes a key.
    """

    id: Id
    title: Text | None = Field(default=None, description="a few words, for tables")
    requirement: Text | None = None
    criteria: Listed[CriterionText] | None = None
    ask: Text | None = None
    evidence: Text | None = Field(default=None, description="what counts as evidence")
    answers: Answers | None = None
    severity: Severity | None = None
    escalate: dict[Severity, Line] | None = Field(default=None, description="severity: fact that raises it")
    bar: Bar | None = Field(default=None, description="this item's own bar")
    when: Line | None = Field(default=None, description="fact names with and, or, not")
    references: Listed[Line] | None = None
    remedy: Text | None = None


class SectionText(Written):
    """A section; where an extended checklist has it, its items are added to it."""

    id: Id
    title: Text | None = None
    items: Listed[ItemText] = ()


class Decision(Written):
    """How intervals are compared with limits unless a criterion says otherwise, and their confidence."""

    rule: Rule
    confidence: float = Field(gt=0, lt=1)


class Bars(Written):
    """What an item of each severity must reach, and how many minors may fail."""

    critical: Bar
    major: Bar
    open_minor: Annotated[int, BeforeValidator(_held)] = Field(ge=0)


class ChecklistText(Written):
    """A checklist file, format 1."""

    checklist: Id
    format: Annotated[Literal[1], BeforeValidator(format_one)]
    version: Line
    title: Text
    extends: Listed[Line] = ()
    drop: Listed[Id] = ()
    decision: Decision | None = None
    outcome: Bars | None = None
    sections: Listed[SectionText] = ()


def schema() -> dict[str, Any]:
    """JSON Schema of a checklist file, for editors."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Checklist, format 1",
    } | ChecklistText.model_json_schema(by_alias=True)
