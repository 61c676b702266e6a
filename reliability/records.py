"""Frozen values that are written down: measurements, criteria, findings, assessments; canonical JSON.

These models are the one definition of the record: its JSON Schema is generated from them, and a
file that they do not accept is not an assessment.
"""

import math
from typing import Annotated, Any, Literal, Self, TypeAlias

import rfc8785
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from reliability.errors import NotMeasurable, RecordError

Verdict: TypeAlias = Literal[
    "fail", "error", "conditional_fail", "inconclusive", "not_assessed", "conditional_pass", "pass",
    "reported", "not_applicable",
]  # fmt: skip
Rule: TypeAlias = Literal["simple", "guarded", "four_way", "exact"]
Severity: TypeAlias = Literal["critical", "major", "minor"]
Outcome: TypeAlias = Literal["conforms", "conforms_with_conditions", "does_not_conform", "undetermined"]

WORST_FIRST: tuple[Verdict, ...] = (
    "fail", "error", "conditional_fail", "inconclusive", "not_assessed", "conditional_pass", "pass",
)  # fmt: skip

# The closed list of reason codes. Every one has words in both languages (`reason.CODE`).
REASONS: frozenset[str] = frozenset(
    """
    answer_missing applied_unknown clustered_rows declared_nothing escalation_unknown evidence_changed evidence_expired
    evidence_kind evidence_missing evidence_too_large
    fact_false fewer_than_two_groups group_too_small group_unknown needs_binary needs_classification
    needs_multiclass needs_regression no_denominator
    no_entity no_favourable no_features no_model no_numeric_features no_pairs no_positive no_predictions
    no_periods fewer_than_two_periods too_many_periods
    no_dependencies no_population no_quasi_identifiers no_text_features no_training_groups
    no_rows no_schema no_scores no_segments no_selection no_sensitive no_training_data not_checked_by_other
    not_derivable not_used one_class question_changed screening_missing screening_stale small_groups
    numbers_too_large numbers_too_small no_variation variance_not_estimable strata_compared
    too_few_for_interval not_an_input no_strata no_incumbent empty_strata all_rates_zero separated
    whole_file reported_only no_interval
    fewer_than_two_features no_importance no_monotone no_text
    column_empty no_categories no_identifiers no_time too_many_categories
    library_version_gap inputs_reordered inputs_left_out inputs_missing isolation_weak intake_weak intake_unknown
    predictions_handed_in not_run_here endpoint_not_witnessed
    sandbox_unavailable model_refused not_a_model model_load_failed model_raised model_bad_output model_inputs_differ
    model_requirements_unmet model_endpoint_unreachable model_endpoint_status model_endpoint_lost
    model_protocol_violation model_timeout model_cpu_limit model_memory_limit model_crashed model_exited
    """.split()
)
# Reasons that mean: the measuring itself broke down (verdict error, not inconclusive).
FAILURES: frozenset[str] = frozenset(
    code for code in REASONS if code.startswith("model_") or code in {"sandbox_unavailable", "not_a_model"}
)
# Reasons that mean: the question or the declared level is missing (verdict not_assessed).
UNASKED: frozenset[str] = frozenset(
    """answer_missing declared_nothing evidence_changed evidence_expired evidence_kind evidence_missing
    evidence_too_large not_checked_by_other question_changed""".split()
)

# Reasons that mean: the value is of the files as they are, or cannot be otherwise, and no estimate from a sample.
KNOWN_EXACTLY: frozenset[str] = frozenset(
    {"whole_file", "not_an_input", "no_identifiers", "no_text_features", "no_categories"}
)

# A union made anew at every number would cost more than the look at it.
_LISTS, _NESTED = (list, tuple), (dict, list, tuple)


def _finite(value: float | int | None) -> float | int | None:
    try:
        finite = value is None or math.isfinite(value)
    except OverflowError:  # a whole number beyond what a float holds
        finite = False
    if not finite:
        raise ValueError("a number in the record is finite or null")
    return value


def _finite_throughout(value: Any) -> Any:
    """The value, if no number in it is NaN or infinite."""
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, _LISTS) else (value,):
        if isinstance(part, float):
            _finite(part)
        elif isinstance(part, _NESTED):
            _finite_throughout(part)
    return value


def _known_reason(code: str) -> str:
    if code not in REASONS:
        raise ValueError(f"{code!r} is not in the closed list of reasons")
    return code


Number: TypeAlias = Annotated[int | float, AfterValidator(_finite)]
ReasonCode: TypeAlias = Annotated[
    str, AfterValidator(_known_reason), Field(json_schema_extra={"enum": sorted(REASONS)})
]
Scalar: TypeAlias = str | int | float | bool
Json: TypeAlias = Annotated[Any, AfterValidator(_finite_throughout)]  # what canonical JSON can hold


class Record(BaseModel):
    """A frozen, closed record."""

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True, populate_by_name=True)


class Reason(Record):
    """Why something has no number, or no plain verdict: a code and its values, worded by documents."""

    code: ReasonCode
    with_: dict[str, Json] = Field(default_factory=dict, alias="with")

    @classmethod
    def of(cls, refusal: NotMeasurable) -> Self:
        """Why a check refused to measure."""
        return cls.model_validate({"code": refusal.code, "with": refusal.values})


class Measurement(Record):
    """A value with its interval, sample size and slice.

    A check fills value, low, high, n, unit, method, of, judged, reason, p_value, details; the engine fills
    check, by, slice, confidence, seed.
    """

    check: str = ""
    by: tuple[str, ...] = ()
    slice: dict[str, Scalar | None] = Field(default_factory=dict)
    of: Scalar | None = None
    value: Number | None
    low: Number | None = None
    high: Number | None = None
    confidence: Number | None = None
    n: int
    p_value: Number | None = None
    unit: str
    method: str | None = None
    judged: bool = True
    reason: Reason | None = None
    seed: int | None = None
    planned_n: int | None = None
    details: dict[str, Json] = Field(default_factory=dict)

    @classmethod
    def within(
        cls, value: float, interval: tuple[float, float], *, n: int, unit: str, method: str, **more: Json
    ) -> Self:
        """A value inside its interval."""
        return cls(value=value, low=interval[0], high=interval[1], n=n, unit=unit, method=method, **more)

    @classmethod
    def unjudged(cls, value: float | None, *, n: int, unit: str, reason: Reason, **more: Json) -> Self:
        """A value without an interval, or none at all: nothing is judged by it, and the reason says why."""
        return cls(value=value, n=n, unit=unit, judged=False, reason=reason, **more)

    @model_validator(mode="after")
    def _null_only_with_reason(self) -> "Measurement":
        if self.reason is None and None in (self.value, self.low, self.high):
            raise ValueError("a measurement without a number or a bound gives its reason")
        return self

    @model_validator(mode="after")
    def _bounds_in_order(self) -> "Measurement":
        # Of a confidence outside (0, 1): every verdict on such an interval would be wrong. What floats round is none.
        low, high = self.low, self.high
        if low is not None and high is not None and low - high > 1e-9 * max(abs(low), abs(high)):
            raise ValueError(f"a measurement's lower bound {low} is above its upper bound {high}")
        return self


class Criterion(Record):
    """A check with its options, its limit, its rule and the source of the limit."""

    check: str | None = None
    with_: dict[str, Json] = Field(default_factory=dict, alias="with")
    at_least: Number | None = None
    at_most: Number | None = None
    between: tuple[Number, Number] | None = None
    equals: Number | None = None
    report: bool = False
    declared: Literal["performance"] | None = None
    rule: Rule | None = None  # resolved: never null in an assessment, unless reported
    by: tuple[str, ...] | Literal["sensitive", "sensitive_pairs", "segments"] | None = None
    source: str | None = None


class CriterionResult(Record):
    """A criterion, its verdict, and the measurements that it rests on."""

    criterion: Criterion
    verdict: Verdict
    reasons: tuple[Reason, ...] = ()
    measurements: tuple[Measurement, ...] = ()


class EvidenceFile(Record):
    """A file that an answer points to, by path inside the submission and digest, and the day it is to be renewed by."""

    path: str
    sha256: str
    renew: Annotated[str | None, Field(exclude_if=lambda day: day is None)] = None


class Answer(Record):
    """What the applicant answered to an item that is asked."""

    answer: Literal["met", "partly", "not_met", "not_applicable"]
    by: str | None = None
    date: str | None = None
    note: str | None = None
    evidence: tuple[EvidenceFile, ...] = ()
    checked_by: str | None = None


class Finding(Record):
    """One item with its verdict and what it rests on."""

    item: str
    severity: Severity
    verdict: Verdict
    reasons: tuple[Reason, ...] = ()
    criteria: tuple[CriterionResult, ...] = ()
    answer: Answer | None = None


class NotTested(Record):
    """Something that was not tested, and why."""

    what: str
    code: ReasonCode
    with_: dict[str, Json] = Field(default_factory=dict, alias="with")


class Dates(Record):
    """When the submission was received and the work was done (UTC)."""

    received: AwareDatetime
    started: AwareDatetime
    finished: AwareDatetime


class ModelIdentity(Record):
    """The model that was run: its format, digest, and the isolation it ran in."""

    format: str
    sha256: str | None
    isolation: dict[str, Json]


class ArchiveIdentity(Record):
    """The archive that a submission was handed in as: its name and digest."""

    path: str
    sha256: str


class Intake(Record):
    """How the submitted files were taken in: the isolation that they were parsed in, and the archive they came in.

    The level is `none` where the workbench's own process parsed them.
    """

    isolation: dict[str, Json]
    archive: Annotated[ArchiveIdentity | None, Field(exclude_if=lambda archive: archive is None)] = None


class Subject(Record):
    """Who handed in what: organisation, system, facts, model."""

    organisation: dict[str, Json]
    system: dict[str, Json]
    task: str
    facts: dict[str, Json]  # fact -> {"value": true|false|null, "origin": stated|data|screening, "because": ...}
    model: ModelIdentity | None
    screening: dict[str, Json] | None = None


class DataIdentity(Record):
    """One data set: digest, size, origin and the settled type of every column."""

    path: str
    sha256: str
    rows: int
    origin: str
    columns: tuple[dict[str, Json], ...]  # {"name", "kind", "role"}


class DataSets(Record):
    """The data sets that went in."""

    evaluation: DataIdentity
    training: DataIdentity | None = None


class ChecklistIdentity(Record):
    """The checklist as used: resolved after extends, with the digest of that content."""

    id: str
    version: str
    sha256: str
    content: dict[str, Json]


class Assessment(Record):
    """The one record from which every document follows."""

    assessment: Literal[1] = 1
    dates: Dates
    software: dict[str, str]
    platform: str
    seed: int
    subject: Subject
    data: DataSets
    manifest: dict[str, Json]  # {"path", "sha256"} of submission.yaml, and of answers.yaml where there is one
    checklist: ChecklistIdentity
    findings: tuple[Finding, ...]
    outcome: Outcome
    not_tested: tuple[NotTested, ...] = ()
    rows: dict[str, Json]  # {"path", "sha256", "n", "of"} of rows.parquet
    notes: tuple[Reason, ...] = ()
    # Written always; None only in a record that was made before it was, whose bytes stay as they are.
    intake: Annotated[Intake | None, Field(exclude_if=lambda intake: intake is None)] = None


def canonical_json(record: BaseModel | dict[str, Json] | list[Json]) -> bytes:
    """The record as canonical JSON (RFC 8785), in UTF-8, without a final newline."""
    plain = record.model_dump(mode="json", by_alias=True) if isinstance(record, BaseModel) else record
    try:
        return rfc8785.dumps(plain)
    except rfc8785.IntegerDomainError as wide:
        raise RecordError(
            "integer_too_large",
            "{why}; the record cannot hold such a whole number exactly: hand the column in as text",
            why=str(wide),
        ) from wide


def schema(record: type[BaseModel], title: str) -> dict[str, Json]:
    """JSON Schema of a record as it is written."""
    described = record.model_json_schema(by_alias=True, mode="serialization")
    return {**described, "$schema": "https://json-schema.org/draft/2020-12/schema", "title": title}
