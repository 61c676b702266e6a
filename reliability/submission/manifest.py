"""What `submission.yaml` may say in format 1: its keys, their shapes, and what excludes what."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    StringConstraints,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from reliability.blocks import ColumnRule
from reliability.facts import FACTS, nearest_fact
from reliability.submission.endpoint_keys import EndpointKeys, endpoint_keys_given, scores_without_class
from reliability.submission.meaning import meaning
from reliability.submission.refusals import printable
from reliability.yaml_lines import SAFE_INTEGER, shown

Text: TypeAlias = Annotated[
    str,
    StringConstraints(strict=True, strip_whitespace=True, min_length=1, max_length=2_000, pattern=r"^[^\x00-\x08]*$"),
]
Name: TypeAlias = Annotated[StrictStr, Field(min_length=1, max_length=1_000)]
Value: TypeAlias = StrictBool | StrictInt | StrictFloat | StrictStr
Task: TypeAlias = Literal["binary", "multiclass", "regression"]
DataOrigin: TypeAlias = Literal["evaluator_held", "witnessed", "pre_sealed", "applicant_supplied"]
ModelFormat: TypeAlias = Literal[
    "skops", "pickle", "joblib", "onnx", "xgboost", "lightgbm", "catboost", "torch", "python", "endpoint"
]

# Keys of format 1 that nothing reads yet: taken with a note, so that nobody believes they had an effect.
NOT_USED: tuple[str, ...] = ()
# Keys of a model that some formats alone have a use for.
USED_BY: Mapping[str, frozenset[str]] = {
    "categories": frozenset({"onnx", "xgboost", "lightgbm", "torch"}),
    "function": frozenset({"python"}),
    "requirements": frozenset({"python"}),
}
# What a format cannot do without; else its file.
NEEDED: Mapping[str, tuple[str, ...]] = {"endpoint": ("url", "protocol"), "python": ("path", "function")}


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PydanticCustomError("value_not_number", "must be a number, not {value}", {"value": shown(value)})
    if isinstance(value, int) and abs(value) > SAFE_INTEGER:
        raise PydanticCustomError(
            "value_too_large",
            "is {value}, and whole numbers end at {limit}; write a smaller one, or 1e16 for a quantity",
            {"value": shown(value), "limit": f"{SAFE_INTEGER:,}"},
        )
    return value


def format_number(value: Any) -> Any:
    """The format's number, which true and 1.0 are not, though they equal it."""
    if type(value) is not int:
        raise PydanticCustomError(
            "value_not_allowed", "is {value}; write one of: {allowed}", {"value": shown(value), "allowed": "1"}
        )
    return value


def _fact(value: Any) -> Any:
    if isinstance(value, bool):
        return {"is": value}
    if not isinstance(value, dict):
        raise PydanticCustomError(
            "value_not_bool", "must be true or false (yes is text in YAML 1.2), not {value}", {"value": shown(value)}
        )
    return value


def _distinct(values: tuple[Any, ...]) -> tuple[Any, ...]:
    for place, value in enumerate(values):
        if value in values[:place]:
            raise PydanticCustomError("named_twice", "names {value} twice; name it once", {"value": printable(value)})
    return values


def _distinct_in_meaning(labels: Any) -> Any:
    """Labels, or a mapping by them, of which no two mean the same: 1 and "1" do."""
    _distinct(tuple(map(meaning, labels)))
    return labels


def _pattern(value: str) -> str:
    try:
        pc.match_substring_regex(pa.array([""]), value)
    except pa.ArrowInvalid as problem:
        raise PydanticCustomError(
            "pattern_unreadable",
            "is {value}, which is no regular expression ({problem}); mend it",
            {"value": shown(value), "problem": str(problem).partition(": ")[2]},
        ) from problem
    return value


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


Number: TypeAlias = Annotated[
    int | float, BeforeValidator(_number), Field(allow_inf_nan=False, ge=-1.7e308, le=1.7e308)
]
Names: TypeAlias = Annotated[tuple[Name, ...], Field(min_length=1), AfterValidator(_distinct)]


class Part(BaseModel):
    """A frozen, closed part of the manifest."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=False)


class Organisation(Part):
    """Who hands in."""

    name: Text
    registration: Text | None = None
    address: Text | None = None
    contact: Text | None = None


class System(Part):
    """What is handed in, and what for."""

    name: Text
    version: Text
    purpose: Text
    domain: Text | None = None


class StatedFact(Part):
    """A fact as the applicant states it; `false` gives its reason."""

    is_: StrictBool = Field(alias="is")
    because: Text | None = None

    @model_validator(mode="after")
    def _false_has_its_reason(self) -> "StatedFact":
        if not self.is_ and self.because is None:
            raise PydanticCustomError("fact_without_reason", "is false without a reason; write {is: false, because: …}")
        return self


class ModelPart(EndpointKeys, Part):
    """The model: its format, where it lies, and what its file does not say by itself."""

    format: ModelFormat
    path: Name | None = None
    classes: Annotated[tuple[Value, ...], Field(min_length=2), AfterValidator(_distinct_in_meaning)] | None = None
    inputs: Names | None = None
    categories: dict[Name, tuple[Value, ...]] | None = None
    function: Annotated[str, StringConstraints(pattern=r"^[A-Za-z_]\w*:[A-Za-z_]\w*$")] | None = None
    requirements: Name | None = None

    @model_validator(mode="after")
    def _has_its_place(self) -> "ModelPart":
        for needed in NEEDED.get(self.format, ("path",)):
            if getattr(self, needed) is None:
                raise PydanticCustomError("key_missing", "needs {missing}; add it", {"missing": needed})
        if self.format == "endpoint" and self.path is not None:
            raise PydanticCustomError("path_with_url", "stands beside url; leave it out", {"at": "model.path"})
        return self

    @model_validator(mode="after")
    def _requirements_lie_in_the_project(self) -> "ModelPart":
        lies = self.requirements is None or PurePosixPath(self.requirements).is_relative_to(str(self.path))
        if self.format == "python" and not lies:
            raise PydanticCustomError(
                "requirements_outside",
                "is {value}, which lies outside the project {project}; move it there",
                {"at": "model.requirements", "value": shown(self.requirements), "project": shown(self.path)},
            )
        return self

    def not_used(self) -> tuple[str, ...]:
        """Keys that say something which this format has no use for."""
        of_others = endpoint_keys_given(self) if self.format != "endpoint" else ()
        unread = (key for key, formats in USED_BY.items() if getattr(self, key) and self.format not in formats)
        return (*unread, *of_others)


class FeatureChoice(Part):
    """Which columns the model is given: a list of them, or all but a list."""

    include: Names | None = None
    exclude: Annotated[tuple[Name, ...], AfterValidator(_distinct)] | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "FeatureChoice":
        if (self.include is None) == (self.exclude is None):
            raise PydanticCustomError("include_or_exclude", "takes include or exclude, one of them")
        return self


class Grouping(Part):
    """A column that rows are grouped by, in bands where it is a quantity."""

    column: Name
    bands: Annotated[tuple[Number, ...], Field(min_length=1, max_length=200)] | None = None

    @field_validator("bands")
    @classmethod
    def _rising(cls, bands: tuple[float, ...] | None) -> tuple[float, ...] | None:
        if bands is not None and any(low >= high for low, high in pairwise(bands)):
            raise PydanticCustomError("bands_not_rising", "must rise from edge to edge, as in [0, 30, 50, 65]")
        return bands


def _columns_once(groupings: tuple[Grouping, ...]) -> tuple[Grouping, ...]:
    _distinct(tuple(each.column for each in groupings))
    return groupings


Groupings: TypeAlias = Annotated[
    tuple[Annotated[Grouping, BeforeValidator(lambda v: {"column": v} if isinstance(v, str) else v)], ...],
    AfterValidator(_columns_once),
]


class Score(Part):
    """Where scores are handed in: one column and its class, or a column for every class."""

    column: Name | None = None
    of: Value | None = None
    columns: Annotated[dict[Value, Name], AfterValidator(_distinct_in_meaning)] | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "Score":
        if (self.column is None) == (self.columns is None) or (self.columns is not None and self.of is not None):
            raise PydanticCustomError(
                "score_shape", "takes {column: NAME, of: CLASS}, or {columns: {CLASS: NAME}} for multiclass"
            )
        return self


class Incumbent(Part):
    """The column that holds what the organisation decides today."""

    prediction: Name


class ColumnEntry(Part):
    """What the data dictionary says of a column.

    `type` (number, integer, text or boolean) settles the column's kind where the file leaves it open;
    `missing` lists further spellings of a missing value, beside the empty field, NA, N/A, NaN, nan, null, NULL.
    """

    minimum: Number | None = None
    maximum: Number | None = None
    values: Annotated[tuple[Value, ...], Field(min_length=1)] | None = None
    pattern: Annotated[StrictStr, Field(min_length=1, max_length=1_000), AfterValidator(_pattern)] | None = None
    type: Literal["number", "integer", "text", "boolean"] | None = None
    missing: tuple[Value, ...] = ()

    @model_validator(mode="after")
    def _in_order(self) -> "ColumnEntry":
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise PydanticCustomError("minimum_over_maximum", "has a minimum above its maximum")
        return self

    def rule(self) -> ColumnRule | None:
        """What a check may hold the column's values to, if anything."""
        if self.minimum is None and self.maximum is None and self.values is None and self.pattern is None:
            return None
        return ColumnRule(minimum=self.minimum, maximum=self.maximum, values=self.values, pattern=self.pattern)


class DependencyEntry(Part):
    """Columns that fix another: rows alike in the `given` ones are alike in that one too (one postcode, one city)."""

    given: Names
    fixes: Name


class DataPart(Part):
    """The data and the part that every column plays."""

    evaluation: Name
    training: Name | None = None
    origin: DataOrigin = "applicant_supplied"
    target: Name
    favourable: Annotated[
        tuple[Value, ...], BeforeValidator(_as_list), Field(min_length=1), AfterValidator(_distinct_in_meaning)
    ] = ()
    positive: Value | None = None
    features: FeatureChoice | None = None
    sensitive: Groupings = ()
    prediction: Name | None = None
    score: Annotated[Score, BeforeValidator(lambda v: {"column": v} if isinstance(v, str) else v)] | None = None
    threshold: Annotated[Number, Field(ge=0, le=1)] | None = None
    id: Name | None = None
    time: Name | None = None
    periods: Name | None = None
    entity: Name | None = None
    segments: Annotated[tuple[Name, ...], AfterValidator(_distinct)] = ()
    strata: Groupings = ()
    quasi_identifiers: Annotated[tuple[Name, ...], AfterValidator(_distinct)] = ()
    population: Name | None = None
    incumbent: Incumbent | None = None
    monotone: dict[Name, Literal["increasing", "decreasing"]] = Field(default_factory=dict)
    schema_: dict[Name, ColumnEntry] = Field(default_factory=dict, alias="schema")
    dependencies: Annotated[tuple[DependencyEntry, ...], Field(max_length=100)] = ()


class Performance(Part):
    """The level of performance that the applicant declares."""

    check: Text
    with_: dict[Name, Any] = Field(default_factory=dict, alias="with")
    at_least: Number | None = None
    at_most: Number | None = None
    between: tuple[Number, Number] | None = None
    equals: Number | None = None

    @model_validator(mode="after")
    def _one_limit(self) -> "Performance":
        if [self.at_least, self.at_most, self.between, self.equals].count(None) != 3:
            raise PydanticCustomError("one_limit", "takes one of at_least, at_most, between, equals")
        if self.between is not None and self.between[0] > self.between[1]:
            raise PydanticCustomError("minimum_over_maximum", "has a minimum above its maximum")
        return self


class Manifest(Part):
    """`submission.yaml`, format 1."""

    submission: Annotated[Literal[1], BeforeValidator(format_number)]
    organisation: Organisation
    system: System
    facts: dict[Name, Annotated[StatedFact, BeforeValidator(_fact)]] = Field(default_factory=dict)
    task: Task
    model: ModelPart | None = None
    data: DataPart
    performance: Performance | None = None
    answers: Name | None = None

    @field_validator("facts")
    @classmethod
    def _known_facts(cls, facts: dict[str, StatedFact]) -> dict[str, StatedFact]:
        for name in facts:
            if name not in FACTS:
                raise PydanticCustomError(
                    "fact_unknown",
                    "is no fact; did you mean {near}? see 'reliability facts'",
                    {"at": ("facts", name), "near": nearest_fact(name)},
                )
            if FACTS[name].origin != "stated":
                raise PydanticCustomError(
                    "fact_derived", "is worked out, never stated; leave it out", {"at": ("facts", name)}
                )
        return facts

    @model_validator(mode="after")
    def _parts_agree(self) -> "Manifest":
        for key, code, message, values in _contradictions(self):
            raise PydanticCustomError(code, message, values | {"at": key})
        return self

    def not_used(self) -> tuple[str, ...]:
        """Keys that stand in the manifest and that nothing reads yet."""
        parts = {"data": self.data, "model": self.model}
        dotted = (key.split(".") for key in NOT_USED)
        unread = (f"{part}.{key}" for part, key in dotted if getattr(parts[part], key, None) not in (None, (), {}))
        return (*unread, *(f"model.{key}" for key in (self.model.not_used() if self.model else ())))

    def stated_facts(self) -> dict[str, StatedFact]:
        """Facts as stated, with the one that naming `data.entity` states."""
        shared = {"rows_share_entities": StatedFact.model_validate({"is": True})} if self.data.entity else {}
        return {**shared, **self.facts}


Contradiction: TypeAlias = tuple[str, str, str, dict[str, Any]]


def _contradictions(manifest: Manifest) -> Iterator[Contradiction]:
    """What each part allows and the whole does not: key, code, message, values."""
    yield from _answer_contradictions(manifest)
    yield from _endpoint_contradictions(manifest)
    yield from _task_contradictions(manifest)
    shared = manifest.facts.get("rows_share_entities")
    if manifest.data.entity is not None and shared is not None and not shared.is_:
        yield (
            "facts.rows_share_entities",
            "entity_contradicted",
            "is false, yet data.entity names a column; change one of them",
            {},
        )


def _answer_contradictions(manifest: Manifest) -> Iterator[Contradiction]:
    """Where the answers come from: the model or the data, never both."""
    model, data = manifest.model, manifest.data
    if model is None and data.prediction is None:
        yield "data", "no_model_no_prediction", "names no prediction, and there is no model; add one of them", {}
    if model is not None and data.prediction is not None:
        yield "data.prediction", "model_and_prediction", "stands beside model; keep one of them", {}
    if data.threshold is not None and data.prediction is not None:
        yield (
            "data.threshold",
            "threshold_with_prediction",
            "has no meaning for predictions handed in; leave it out",
            {},
        )
    if data.score is not None and data.prediction is None:
        yield "data.score", "score_without_prediction", "belongs to predictions handed in; leave it out", {}


def _endpoint_contradictions(manifest: Manifest) -> Iterator[Contradiction]:
    """What an endpoint cannot say of itself."""
    model = manifest.model
    if model is None or model.format != "endpoint" or manifest.task == "regression":
        return
    if model.classes is None:
        yield "model", "key_missing", "needs classes; add it", {"missing": "classes"}
    elif scores_without_class(model, model.classes):
        yield "model.outputs.scores", "scores_by_class", "must name every class, or one of two", {}


def _task_contradictions(manifest: Manifest) -> Iterator[Contradiction]:
    """What a task needs and what it has no use for."""
    task, data = manifest.task, manifest.data
    if task == "binary" and not data.favourable:
        yield "data", "key_missing", "needs favourable; add it", {"missing": "favourable"}
    classes = (manifest.model.classes if manifest.model else None) or (0, 1)
    if task == "binary" and len(classes) != 2:
        problem = "a binary task has two classes"
        yield (
            "model.classes",
            "value_invalid",
            "is {value}: {problem}",
            {"value": shown([*classes]), "problem": problem},
        )
    if task == "regression":
        if data.favourable not in ((), ("higher",), ("lower",)):
            yield "data.favourable", "favourable_direction", "must be higher or lower where the task is regression", {}
        for key in ("positive", "score", "threshold"):
            if getattr(data, key) is not None:
                yield (
                    f"data.{key}",
                    "not_for_task",
                    "has no meaning where the task is {task}; leave it out",
                    {"task": task},
                )
    if task == "multiclass" and data.threshold is not None:
        yield "data.threshold", "not_for_task", "has no meaning where the task is {task}; leave it out", {"task": task}
    if data.score is not None and (data.score.columns is not None) != (task == "multiclass"):
        yield (
            "data.score",
            "score_shape",
            "takes {column, of} for binary and {columns: {class: column}} for multiclass",
            {},
        )
