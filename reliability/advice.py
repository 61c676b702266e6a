"""What would mend an assessment's findings, as a frozen record: remedies tried, and what was measured of them.

A record of its own: certification never reads it.
"""

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, AwareDatetime, Field, ValidationError

from reliability.changes import Difference, Titles, Untested
from reliability.errors import RecordError
from reliability.records import Json, Measurement, Number, Record, Scalar, Severity, Verdict

RECORD = "advice.json"
State: TypeAlias = Literal["confirmed", "not_among_best", "not_tried"]
# Why nothing is said of what a remedy does to a finding.
Unmeasured: TypeAlias = Literal[
    "too_few_in_group",
    "asked",
    "no_number",
    "nothing_applies",
    "none_helps",
    "none_tried",
    "budget_spent",
    "interrupted",
]
# Why no number of rows is told: the estimate lies at the limit; the check takes a sample that its option has to
# raise, or that nothing raises.
NoRows: TypeAlias = Literal["at_limit", "sample_size", "sampled"]


class Why(Record):
    """A code and its values, worded by documents as `advise.not_tried.CODE`."""

    code: str
    with_: dict[str, Json] = Field(default_factory=dict, alias="with")


class AdvisedCase(Record):
    """The assessment that is advised on."""

    sha256: str  # of its assessment.json
    organisation: str
    registration: str
    system: str
    version: str
    checklist: str
    checklist_version: str
    evaluation_sha256: str
    seed: int


class Splits(Record):
    """How the evaluation rows were parted by keyed hash, of entities where there are such."""

    fit: int
    choose: int
    confirm: int
    of: int  # rows in the file
    by_entity: bool
    training: int  # training rows that remedies learnt from; 0 without
    training_of: int = 0


class RemedyTried(Record):
    """A remedy: what it changes, the effort it takes, and what became of it."""

    id: str
    name: str
    acts_on: Literal["decisions", "scores", "model", "data", "inputs", "process"]
    effort: int
    options: dict[str, Json] = Field(default_factory=dict)
    cautions: tuple[str, ...] = ()
    details: dict[str, Json] = Field(default_factory=dict)
    parts: tuple[str, ...] = ()  # ids of the remedies that it combines
    state: State
    why: Why | None = None


class NumberChange(Record):
    """One number of a finding: as assessed, today on the rows that confirm, and after the remedy on the same rows."""

    criterion: int  # place in the finding
    assessed: Measurement | None
    before: Measurement
    after: Measurement
    gain: Difference | None = None  # after less before
    no_gain: Untested | None = None


class Effect(Record):
    """What a remedy does to another item: its verdict before and after, and the numbers that moved."""

    item: str
    severity: Severity
    before: Verdict
    after: Verdict
    numbers: tuple[NumberChange, ...] = ()


class GroupDecisions(Record):
    """Decisions of one group that change, by direction, on the rows that confirm."""

    by: tuple[str, ...]
    slice: dict[str, Scalar | None]
    n: int
    to_favourable: int
    from_favourable: int
    handed_over: int = 0


class Decisions(Record):
    """Decisions that a remedy changes on the rows that confirm."""

    n: int
    changed: int
    to_favourable: int
    from_favourable: int
    handed_over: int = 0  # rows no longer decided by the model
    error_inside: Number | None = None  # share wrong among rows that the model still decides
    error_outside: Number | None = None  # share that it would have got wrong among those handed over
    groups: tuple[GroupDecisions, ...] = ()


class Point(Record):
    """Performance and the finding's number: of today's model (no remedy) or after a remedy."""

    remedy: str | None
    performance: Measurement
    number: Measurement
    on_front: bool = False  # by the rows that choose: no other is better in both


class Confirmed(Record):
    """A remedy measured for one finding, on rows that neither taught nor chose it."""

    remedy: str
    rank: int
    confidence: Number  # 1 - (1 - c) / k, with k remedies confirmed for the finding
    verdict_before: Verdict
    verdict_after: Verdict
    numbers: tuple[NumberChange, ...]
    effects: tuple[Effect, ...] = ()  # items whose verdict is another, then those whose numbers moved
    not_measured: tuple[str, ...] = ()  # checks that could not be measured after it
    decisions: Decisions | None = None


class RowsNeeded(Record):
    """Rows at which an undecided number would be decided with the power told, if the true value is the estimate."""

    criterion: int
    check: str
    by: tuple[str, ...] = ()
    slice: dict[str, Scalar | None] = Field(default_factory=dict)
    now: int
    needed: int | None
    power: Number
    why: NoRows | None = None


class ColumnToRepair(Record):
    """A column with cells to repair: how many, and what the finding's number would be with this column whole."""

    column: str
    cells: int
    value: Number | None
    error_affected: Number | None = None  # share wrong among rows with such a cell, on the rows that confirm
    error_others: Number | None = None
    helps: bool | None = None  # whether its number comes nearer to the limit; None where that is not measured


def _names_a_group(value: dict[str, Json]) -> dict[str, Json]:
    where = value.get("slice")
    if not isinstance(where, dict) or any(isinstance(one, (list, dict)) for one in where.values()):
        raise ValueError("a group is named by the values of its attributes")
    return value


def _names_a_number(value: dict[str, Json]) -> dict[str, Json]:
    if not isinstance(value.get("criterion"), int) or not isinstance(value.get("by"), list):
        raise ValueError("a number is named by its criterion and attributes")  # noqa: TRY004  (what pydantic reports)
    return _names_a_group(value)


class FindingAdvice(Record):
    """One finding that is not a pass, with what was tried for it."""

    item: str
    severity: Severity
    verdict: Verdict  # as assessed
    # Its own number: {"criterion", "check", "by", "slice", "of"}
    leading: Annotated[dict[str, Json], AfterValidator(_names_a_number)] | None = None
    applicable: tuple[str, ...] = ()  # ids, tried or not
    confirmed: tuple[Confirmed, ...] = ()  # in order of rank
    passing: tuple[str, ...] = ()  # remedies after which it passes on the rows that confirm
    unmeasured: Unmeasured | None = None
    # Where a group is too small to confirm: {"slice", "n"}
    smallest_group: Annotated[dict[str, Json], AfterValidator(_names_a_group)] | None = None
    trade_off: tuple[Point, ...] = ()
    rows_needed: tuple[RowsNeeded, ...] = ()
    columns: tuple[ColumnToRepair, ...] = ()
    labels_may_be_biased: bool = False


class Advice(Record):
    """What would mend the findings of an assessment, measured."""

    advice: Literal[1] = 1
    case: AdvisedCase
    by: str | None
    finished: AwareDatetime
    software: dict[str, str]
    platform: str
    seed: int
    confidence: Number
    splits: Splits
    titles: dict[str, Titles]
    remedies: tuple[RemedyTried, ...] = ()
    findings: tuple[FindingAdvice, ...] = ()
    budget_s: Number | None = None
    interrupted: bool = False
    efforts: dict[str, int] = Field(default_factory=dict)  # those that were set otherwise than in the house


class Engagement(Record):
    """That somebody advised on a product: what keeps them out of its certification."""

    organisation: str  # its registration number, or its name where it has none
    system: str
    person: str
    date: str
    kind: Literal["advice"] = "advice"


def read_advice(path: Path) -> Advice:
    """The advice in a folder left by `advise`, or the record itself.

    Raises
    ------
    RecordError
        If there is none, or it is not one that this version reads.
    """
    record = path / RECORD if path.is_dir() else path
    try:
        return Advice.model_validate_json(record.read_bytes())
    except (OSError, ValidationError) as bad:
        why = bad.errors()[0]["msg"] if isinstance(bad, ValidationError) else bad.strerror or str(bad)
        raise RecordError(
            "bad_advice", "{path}: not advice of format 1 ({why}); name the folder that 'advise' left",
            path=str(record), why=why,
        ) from bad  # fmt: skip
