"""Measures what is handed in as an assessment would, in this process; says what was named, and keeps it in brief."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from types import SimpleNamespace
from typing import Any, TypeAlias

from benchmarks.planted_faults_data import Population, Rows, column_of, groups_of, is_whole, levels_of
from benchmarks.planted_faults_list import Planted
from reliability.bench import Bench, Settings
from reliability.blocks import BLOCK_ROWS, Block, Roles
from reliability.checklist.catalogue import checks
from reliability.checklist.read import read_checklist
from reliability.plan import Available, planned
from reliability.records import Criterion, Measurement, canonical_json

CONFIDENCE = 0.95
CHECKLIST = "trustworthy-ai"
TARGET = "outcome"
Kept: TypeAlias = dict[str, Any]
_LEFT_OUT = {"details", "method", "check", "confidence", "seed", "p_value"}


class InProcess(Bench):
    """A bench whose model answers in this process: nothing is confined, nothing is started."""

    def open(self) -> Any:
        """The model that was handed in."""
        stand_in: Any = self.submission  # made below, and carries the model
        return stand_in.in_process


@dataclass(frozen=True, kw_only=True, eq=False)
class Table:
    """Rows as a data file gives them out."""

    rows: Rows
    roles: Roles
    population: Population
    whole: frozenset[str]

    def blocks(self, *, features: bool = True, others: bool = False) -> Iterator[Block]:
        """The rows, block by block; all their columns are features."""
        features = features or others
        whole = self._block(features=features)
        for start in range(0, whole.n, BLOCK_ROWS):
            yield replace(whole.where(slice(start, start + BLOCK_ROWS)), start=start)

    def _block(self, *, features: bool) -> Block:
        columns = {name: column_of(values, whole=name in self.whole) for name, values in self.rows.columns.items()}
        attributes = {name: self.rows.columns[name] for name in self.population.attributes}
        known = {name: levels_of(self.population.rows.columns[name]) for name in attributes}
        return Block(
            start=0,
            roles=self.roles,
            columns=columns if features else {},
            y_true=self.rows.y,
            groups={name: groups_of(values, known[name]) for name, values in attributes.items()},
        )

    def verify(self) -> None:
        """Nothing could have changed: there is no file."""


def submission_of(handed_in: Planted, population: Population) -> Any:
    """A stand-in for a submission that was read: data, model and roles."""
    features = tuple(handed_in.evaluation.columns)
    roles = Roles(
        task="binary", classes=(0, 1), positive=1, favourable=(1,), features=features, target=TARGET,
        all_columns=(*features, TARGET), sensitive=population.attributes,
        quasi_identifiers=population.quasi_identifiers, population=population.shares,
    )  # fmt: skip
    both = handed_in.training.beside(handed_in.evaluation)
    whole = frozenset(name for name, values in both.columns.items() if is_whole(values))
    tables = {
        part: Table(rows=rows, roles=roles, population=population, whole=whole)
        for part, rows in (("evaluation", handed_in.evaluation), ("training", handed_in.training))
    }
    model = SimpleNamespace(format="in process", path=None, sha256=None, inputs=features, classes=None)
    return SimpleNamespace(roles=roles, model=model, in_process=handed_in.model, **tables)


@dataclass(frozen=True, kw_only=True)
class Number:
    """What a fault is looked for by: one check, its options, which attribute it compares, and where worse lies."""

    check: str
    worse: str = "high"
    options: Mapping[str, Any] = field(default_factory=dict)
    by: str | None = None  # sensitive | proxied

    def criterion(self, population: Population) -> Criterion:
        """It, to be reported."""
        by = None if self.by is None else (str(getattr(population, self.by)),)
        return Criterion.model_validate({"check": self.check, "with": dict(self.options), "by": by, "report": True})


def key_of(criterion: Criterion) -> str:
    """What a criterion measures, whatever its limit."""
    by = criterion.by if isinstance(criterion.by, str) else list(criterion.by or ())
    options = {name: value for name, value in criterion.with_.items() if value != _default(criterion, name)}
    return canonical_json([criterion.check, options, by]).decode()


def _default(criterion: Criterion, option: str) -> Any:
    return checks()[str(criterion.check)].options[option].default


@cache
def shipped() -> tuple[Criterion, ...]:
    """The measured criteria of the shipped checklist that set a limit, each with the rule that it is judged by."""
    checklist = read_checklist(CHECKLIST)
    found = [one for item in checklist.items for one in item.criteria if one.check is not None and not one.report]
    return tuple(one.model_copy(update={"rule": one.rule or checklist.decision.rule}) for one in found)


@cache
def declared_rule() -> str:
    """The rule by which a level that the applicant declares is judged."""
    checklist = read_checklist(CHECKLIST)
    rules = (one.rule for item in checklist.items for one in item.criteria if one.declared is not None)
    return next(rules, None) or checklist.decision.rule


@cache
def reported() -> tuple[Criterion, ...]:
    """Every check that needs no option and no segment, to be shown; the shipped criteria measure some of them."""
    found = []
    for name, check in checks().items():
        if not any(option.required for option in check.options.values()):
            by = "sensitive" if check.compares else None
            found.append(Criterion(check=name, by=by, report=True))
    return tuple(found)


def measured(
    handed_in: Planted, population: Population, criteria: Sequence[Criterion], *, seed: int
) -> dict[str, tuple[Measurement, ...]]:
    """Every criterion's measurements, by what it measures; what this submission lacks is left out."""
    with InProcess(submission=submission_of(handed_in, population), settings=Settings(seed=seed)) as bench:
        available = Available(roles=bench.roles, training=True, model=True)
        plans = {
            key_of(one): planned(one, available, declared=None, confidence=CONFIDENCE) for one in criteria
        }  # fmt: skip
        calls = tuple(dict.fromkeys(call for plan in plans.values() for call in plan.calls))
        got = bench.measure(calls, None)
    return {
        key: tuple(one for call in plan.calls for one in got[call])
        for key, plan in plans.items()
        if plan.lacking is None
    }


def kept(measurements: Sequence[Measurement]) -> list[Kept]:
    """Measurements without their details, as far as a verdict looks at them."""
    brief = []
    for one in measurements:
        fields = one.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude=_LEFT_OUT)
        looked_at = {name: one.details[name] for name in ("rows", "adjusted") if name in one.details}
        brief.append({**fields, **({"details": looked_at} if looked_at else {})})
    return brief


def number_of(measurements: Sequence[Any], worse: str) -> float | None:
    """The worst value of what was kept of some measurements; None where nothing was measured."""
    values = [one["value"] if isinstance(one, dict) else one for one in measurements]
    known = [float(value) for value in values if value is not None]
    if not known:
        return None
    return max(known) if worse == "high" else min(known)


def named_right(measurements: Sequence[Measurement], planted: Planted) -> bool | None:
    """Whether what was measured names the culprit that was planted; None where it has none.

    A column: the first that is named. A group: the worst, by name. Rows: at least half of those listed.
    """
    details = [one.details for one in measurements]
    said = []
    if planted.column is not None:
        said.append(any(_first_column(one) == planted.column for one in details))
    if planted.group is not None:
        said.append(any(_first_group(one) == planted.group for one in details))
    if planted.rows is not None:
        listed = [position for one in details for position in _positions(one)]
        true = set(planted.rows.tolist())
        said.append(bool(listed) and sum(position in true for position in listed) >= len(listed) / 2)
    return all(said) if said else None


def _first_column(details: Mapping[str, Any]) -> str | None:
    if isinstance(details.get("column"), str):
        return str(details["column"])
    for name, part in (("columns", "column"), ("features", "column"), ("replacements", "attribute")):
        listed = details.get(name)
        if isinstance(listed, list) and listed:
            return str(listed[0][part])
    return None


def _first_group(details: Mapping[str, Any]) -> str | None:
    worst = details.get("worst") or [{}]
    return next((str(value) for value in worst[0].values()), None)


def _positions(details: Mapping[str, Any]) -> list[int]:
    if isinstance(details.get("positions"), list):
        return details["positions"]
    inside = details.get("columns")
    rows = [one for one in inside if isinstance(one, Mapping)] if isinstance(inside, list) else []
    return [position for one in rows for position in one.get("positions", [])]
