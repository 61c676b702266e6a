"""What a comparison of two assessments says, as a frozen record: before and after, and what can be claimed of it."""

from typing import Annotated, Literal, TypeAlias

from pydantic import AwareDatetime, Field

from reliability.records import Answer, Criterion, Json, Measurement, Number, Outcome, Record, Scalar, Severity, Verdict

Claim: TypeAlias = Literal["better", "worse", "moved", "not_shown", "same", "untested"]
Basis: TypeAlias = Literal["whole_file", "paired", "unpaired", "fixed_pair"]
# Why nothing is claimed of a measurement that is there before and after.
Untested: TypeAlias = Literal[
    "reported_only", "not_judged", "no_interval", "unit_differs", "other_question", "not_validated", "groups_differ",
    "empty_cell", "clustered_rows", "opposed_answers",
]  # fmt: skip
# Why rows were not compared one by one.
NotPaired: TypeAlias = Literal[
    "other_rows", "no_rows", "rows_cut", "clustered_rows", "rows_differ", "no_predictions"
]  # fmt: skip
What: TypeAlias = Literal[
    "organisation", "system", "task", "fact", "screening", "model", "isolation", "evaluation", "training",
    "evaluation_column", "training_column", "manifest", "answers", "checklist", "software", "platform", "seed",
    "not_tested",
]  # fmt: skip
Titles: TypeAlias = dict[str, str]


class CaseIdentity(Record):
    """One of the two cases: whose, of what, when, by which checklist, with which outcome."""

    sha256: str  # of its assessment.json
    organisation: str
    system: str
    version: str
    finished: AwareDatetime
    checklist: str
    checklist_version: str
    checklist_title: Titles
    rows: int
    evaluation_sha256: str
    seed: int
    outcome: Outcome


class RowsCompared(Record):
    """Whether answers were compared row by row, and if not, why."""

    paired: bool
    n: int = 0
    reason: NotPaired | None = None


class InputChange(Record):
    """Something that went in and is not as before; null where it was not there."""

    what: What
    name: str = ""  # the fact, column, package or part of it
    before: Json = None
    after: Json = None


class ChecklistChange(Record):
    """One thing that a checklist asks otherwise than before, of an item or of the whole."""

    code: str
    item: str | None = None
    way: Literal["tighter", "looser", "other"] = "other"
    old: Json = None
    new: Json = None
    about: dict[str, Json] = Field(default_factory=dict)


class VerdictChange(Record):
    """An item with another verdict or another severity than before."""

    item: str
    before: Verdict
    after: Verdict
    severity_before: Severity
    severity_after: Severity


class AnswerChange(Record):
    """An item that was answered otherwise than before; null where there was no answer."""

    item: str
    before: Answer | None
    after: Answer | None


class ComparedGroup(Record):
    """One group of the pair that was worst before, with its share before and after."""

    slice: dict[str, Scalar | None]
    before: Number
    after: Number


class Difference(Record):
    """After less before, with its interval; the p-value is two-sided, `adjusted` counts all that were tested."""

    value: Number
    low: Number | None = None
    high: Number | None = None
    confidence: Number | None = None
    method: str
    p_value: Number | None = None
    adjusted: Number | None = None
    pair: tuple[ComparedGroup, ...] = ()  # lowest rate before, highest rate before
    groups: Annotated[int | None, Field(exclude_if=lambda n: n is None)] = None  # that the pair was the worst of


class MeasurementChange(Record):
    """One measurement before and after, the difference, and what can be claimed of it."""

    items: tuple[str, ...]
    criterion: Criterion  # as after
    before: Measurement
    after: Measurement
    basis: Basis | None = None
    difference: Difference | None = None
    claim: Claim
    reason: Untested | None = None


class Promise(Record):
    """A number that advice promised, what the new version came to, and where that may lie if the promise is true."""

    item: str
    criterion: int  # place in the finding
    promised: Measurement
    found: Measurement | None  # null where the new case does not have it
    low: Number | None = None
    high: Number | None = None
    kept: bool | None = None


class OnlyIn(Record):
    """What only one of the two has: items, and measurements of common items (by check, grouping, slice, class)."""

    items: tuple[str, ...] = ()
    measurements: tuple[dict[str, Json], ...] = ()


class Comparison(Record):
    """Two assessments side by side: the one record from which every page of a comparison follows."""

    comparison: Literal[1] = 1
    software: str  # of the workbench that compared
    before: CaseIdentity
    after: CaseIdentity
    identical: bool  # nothing differs but the dates
    confidence: Number
    tested: int  # changed judged measurements, over which the p-values are adjusted (Holm)
    rows: RowsCompared
    titles: dict[str, Titles]  # of every item that is named
    inputs: tuple[InputChange, ...] = ()
    checklist: tuple[ChecklistChange, ...] = ()
    verdicts: tuple[VerdictChange, ...] = ()
    answers: tuple[AnswerChange, ...] = ()
    measurements: tuple[MeasurementChange, ...] = ()
    only_before: OnlyIn = OnlyIn()
    only_after: OnlyIn = OnlyIn()
    # Of the remedy that was applied, where the advice was handed in.
    promises: Annotated[tuple[Promise, ...], Field(exclude_if=lambda promises: not promises)] = ()
