"""Two readings of what was measured: against the controls, and at the limits of the shipped checklist."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from benchmarks.planted_faults_data import Population, population
from benchmarks.planted_faults_looked_for import LOWER_IS_WORSE, NUMBERS
from benchmarks.planted_faults_measured import Number, declared_rule, key_of, number_of, shipped
from reliability.checklist.judge import judge
from reliability.records import Criterion, Measurement

FALSE_ALARMS = 0.05
ALARMS = frozenset({"fail", "conditional_fail"})  # the estimate lies beyond the limit
BELOW_WHAT_WAS_REACHED = 0.05  # how far below its usual AUC an applicant is taken to declare
HARMLESS = -1  # severity of what is planted and does no harm
Record: TypeAlias = Mapping[str, Any]


def worse_of(key: str) -> str:
    """On which side of a number worse lies."""
    return "low" if json.loads(key)[0] in LOWER_IS_WORSE else "high"


def threshold(controls: Sequence[float], worse: str) -> float:
    """The value beyond which at most 5 % of further controls lie.

    The ceil(0.95 (n + 1))-th of the n controls: a further control from the same law lies beyond it with a chance of at
    most 5 %, whatever the law (conformal prediction). With fewer than 19 controls there is none: infinite.
    """
    place = int(np.ceil((1 - FALSE_ALARMS) * (len(controls) + 1)))
    if place > len(controls):
        return np.inf if worse == "high" else -np.inf
    ordered = sorted(controls, reverse=worse == "low")
    return ordered[place - 1]


def beyond(value: float | None, limit: float, worse: str) -> bool:
    """Whether a value lies on the worse side of a limit; what was not measured does not."""
    return value is not None and (value > limit if worse == "high" else value < limit)


def auc(faults: Sequence[float], controls: Sequence[float], worse: str) -> float:
    """Chance that a fault's number is worse than a control's; ties count half."""
    left, right = np.asarray(faults)[:, None], np.asarray(controls)[None, :]
    won = (left > right) if worse == "high" else (left < right)
    return float(np.mean(won + 0.5 * (left == right)))


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What one fault at one strength gave in one data set."""

    data: str
    auc: float | None
    detected: tuple[bool, ...]
    false_alarms: tuple[bool, ...]
    named: tuple[bool | None, ...]  # of the detected ones
    seconds: tuple[float, ...]
    at_limit: tuple[bool, ...] | None = None  # None: no limit is shipped, or it is true of the population
    false_at_limit: tuple[bool, ...] = ()
    true_of_population: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Runs:
    """All records, by what was run."""

    records: Sequence[Record]
    _thresholds: dict[tuple[str, str, str, str], float] = field(default_factory=dict)

    @cached_property
    def by_kind(self) -> Mapping[tuple[str, str, int | None], list[Record]]:
        """Records by cell, fault (or clean, or whole) and severity, in order of seed."""
        found: dict[Any, list[Any]] = defaultdict(list)
        for record in self.records:
            data, seed, what, severity = record["run"].split("|")
            found[data, what, None if severity == "None" else int(severity)].append((int(seed), record))
        return {key: [record for _, record in sorted(ones, key=lambda one: one[0])] for key, ones in found.items()}

    @cached_property
    def data(self) -> tuple[str, ...]:
        """The data sets, in order of appearance."""
        return tuple(dict.fromkeys(data for data, what, _ in self.by_kind if what == "clean"))

    def count(self, what: str) -> int:
        """How many runs there are of a kind."""
        return sum(len(ones) for (_, kind, _), ones in self.by_kind.items() if kind == what)

    def with_everything(self) -> int:
        """How many runs with a fault measured more than its own number."""
        return sum(
            len(one["numbers"]) > 1 for (_, what, _), ones in self.by_kind.items() if what in NUMBERS for one in ones
        )

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Every number that a control has."""
        clean = (record for (_, what, _), ones in self.by_kind.items() if what == "clean" for record in ones)
        return tuple(sorted({key for record in clean for key in record["numbers"]}))

    def controls(self, data: str, key: str, worse: str, fault: str = "") -> list[float]:
        """A number's values on the controls of a fault: clean draws, or those where it was planted without harm."""
        harmless = self.by_kind.get((data, fault, HARMLESS), ())
        return _values(harmless or self.by_kind.get((data, "clean", None), ()), key, worse)

    def limit(self, data: str, key: str, worse: str, fault: str = "") -> float:
        """`threshold` of a number's controls."""
        place = (data, key, worse, fault)
        if place not in self._thresholds:
            self._thresholds[place] = threshold(self.controls(data, key, worse, fault), worse)
        return self._thresholds[place]

    def reading(self, fault: str, severity: int, data: str) -> Reading | None:
        """Both readings of a fault in a data set; None where it was not planted there."""
        ones = self.by_kind.get((data, fault, severity))
        if not ones:
            return None
        number, people = NUMBERS[fault], population(data)
        key, worse = key_of(number.criterion(people)), number.worse
        values = [number_of(one["numbers"].get(key, ()), worse) for one in ones]
        controls, known = self.controls(data, key, worse, fault), [value for value in values if value is not None]
        limit = self.limit(data, key, worse, fault)
        detected = tuple(beyond(value, limit, worse) for value in values)
        return Reading(
            data=data,
            auc=auc(known, controls, worse) if known and controls else None,
            detected=detected,
            false_alarms=tuple(beyond(value, limit, worse) for value in controls),
            named=tuple(one["named"] for one, found in zip(ones, detected, strict=True) if found),
            seconds=tuple(one["measured_s"] for one in ones if len(one["numbers"]) == 1),
            **self._at_limit(fault, data, ones),
        )

    def _at_limit(self, fault: str, data: str, ones: Sequence[Record]) -> dict[str, Any]:
        number, people = NUMBERS[fault], population(data)
        key = key_of(number.criterion(people))
        criterion = shipped_on(number, people, self.controls(data, key, number.worse, fault))
        if criterion is None:
            return {}
        by = number.criterion(people).by
        whole = self.by_kind.get((data, "whole", None), ())
        if _true(criterion, key_of(criterion), whole, by=by if isinstance(by, tuple) else ()):
            return {"true_of_population": True}
        clean = self.by_kind.get((data, fault, HARMLESS)) or self.by_kind.get((data, "clean", None), ())
        alarms, false = (
            tuple(_alarm(criterion, one["numbers"].get(key, ())) for one in those) for those in (ones, clean)
        )
        return {"at_limit": alarms, "false_at_limit": false}

    def fired(self, fault: str, severity: int) -> dict[str, tuple[float, int]]:
        """Every check's share of runs with a fault in which a number of its lay beyond the controls, and the runs."""
        counted: dict[str, list[bool]] = defaultdict(list)
        for data in self.data:
            for one in self.by_kind.get((data, fault, severity), ()):
                if len(one["numbers"]) == 1:
                    continue
                by_check: dict[str, bool] = {}
                for key, kept in one["numbers"].items():
                    worse = worse_of(key)
                    far = beyond(number_of(kept, worse), self.limit(data, key, worse), worse)
                    check = json.loads(key)[0]
                    by_check[check] = by_check.get(check, False) or far
                for check, far in by_check.items():
                    counted[check].append(far)
        return {check: (float(np.mean(ones)), len(ones)) for check, ones in counted.items()}

    def alarms(self, criterion: Criterion, data: str) -> tuple[int, int, bool]:
        """Alarms of a shipped criterion on a data set's controls, the controls, and whether it is true of the whole."""
        key = key_of(criterion)
        clean, whole = (self.by_kind.get((data, what, None), ()) for what in ("clean", "whole"))
        judged = [_alarm(criterion, one["numbers"][key]) for one in clean if key in one["numbers"]]
        return sum(judged), len(judged), _true(criterion, key, whole)


def shipped_on(number: Number, people: Population, reached: Sequence[float]) -> Criterion | None:
    """The shipped criterion that sets a limit to a number; for the AUC the level that an applicant would declare."""
    asked = number.criterion(people)
    if asked.check == "performance.roc_auc" and reached:
        level = float(np.median(reached)) - BELOW_WHAT_WAS_REACHED
        return asked.model_copy(update={"report": False, "at_least": level, "rule": declared_rule()})
    return next((one for one in shipped() if one.check == asked.check and _options(one) == _options(asked)), None)


def _options(criterion: Criterion) -> str:
    return key_of(criterion.model_copy(update={"by": None}))


def _values(ones: Iterable[Record], key: str, worse: str) -> list[float]:
    found = (number_of(one["numbers"].get(key, ()), worse) for one in ones)
    return [value for value in found if value is not None]


def _alarm(criterion: Criterion, kept: Sequence[Mapping[str, Any]]) -> bool:
    measurements = [Measurement.model_validate(one) for one in kept]
    return bool(measurements) and judge(criterion, measurements).verdict in ALARMS


def _true(criterion: Criterion, key: str, whole: Iterable[Record], by: tuple[str, ...] = ()) -> bool:
    """Whether most estimates on all rows that no model learned from lie beyond the limit; `by` takes one grouping."""
    simple = criterion.model_copy(update={"rule": "simple"})
    found = ([one for one in record["numbers"].get(key, ()) if not by or tuple(one["by"]) == by] for record in whole)
    judged = [_alarm(simple, one) for one in found if one]
    return bool(judged) and float(np.mean(judged)) > 0.5
