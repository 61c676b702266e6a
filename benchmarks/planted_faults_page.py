"""Writes what became of the planted faults as Markdown."""

import json
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from benchmarks.pages import written_by
from benchmarks.planted_faults_data import POPULATIONS, Population, population
from benchmarks.planted_faults_list import FAULTS, MIDDLE, SEVERITIES, Fault
from benchmarks.planted_faults_looked_for import COSTLY, LEFT_OUT, NUMBERS
from benchmarks.planted_faults_measured import CHECKLIST, Number, key_of, shipped
from benchmarks.planted_faults_readings import FALSE_ALARMS, Reading, Runs, worse_of

DETECTED, NAMED = 0.95, 0.90
AIM, AIM_AT_LIMITS = 16, 12
_OTHERS = 0.75
_LONGEST_OPTIONS = 60
_HOW = (
    "**One number a fault, declared in advance** (`benchmarks/planted_faults_looked_for.py`), not the best of many; "
    "what pilots (seeds below 100, three draws at most) changed is said at the end. Two readings:", "",
    "1. *Against the controls.* A real population is not clean, so what counts is what moved: a fault is detected "
    "where its number lies beyond the ceil(0.95 (n + 1))-th of the n controls of the same data and model, beyond "
    "which a further control falls with a chance of at most 5 %. AUC: chance that a fault's number is worse than a "
    "control's. Controls of identifier leakage have a running number too, one that follows nothing.",
    f"2. *At the shipped limit* (checklist `{CHECKLIST}`). A fault is detected where the criterion's verdict is fail "
    "or conditional_fail; an alarm on a control is false unless the limit is broken by the population itself (most "
    "estimates on all rows that a model did not learn from lie beyond it): such data sets are left out of this "
    "reading, and named. The AUC's limit is what an applicant would declare: its median on the controls less 0.05.", "",
)  # fmt: skip
_DASH = "–"


@dataclass(frozen=True, kw_only=True)
class Summary:
    """One fault over all data sets."""

    fault: Fault
    by_severity: tuple[tuple[Reading, ...], ...]

    def detected(self, severity: int) -> float | None:
        """Share of the runs in which its number lay beyond the controls."""
        return _share(found for one in self.by_severity[severity] for found in one.detected)

    def auc(self, severity: int) -> float | None:
        """Mean over data sets of the chance that a fault's number is worse than a control's."""
        known = [one.auc for one in self.by_severity[severity] if one.auc is not None]
        return float(np.mean(known)) if known else None

    @property
    def false_alarms(self) -> float | None:
        """Share of the controls beyond the threshold that they set themselves."""
        return _share(one for reading in self.by_severity[MIDDLE] for one in reading.false_alarms)

    @property
    def named(self) -> float | None:
        """Share of detections at middle strength that name the culprit; None where there is none to name."""
        said = [one for reading in self.by_severity[MIDDLE] for one in reading.named if one is not None]
        return _share(said)

    @property
    def at_limit(self) -> float | None:
        """Share of runs at middle strength beyond the shipped limit, where the population keeps it."""
        return _share(one for reading in self.by_severity[MIDDLE] for one in reading.at_limit or ())

    @property
    def false_at_limit(self) -> float | None:
        """Share of the controls of these data sets beyond it."""
        return _share(one for reading in self.by_severity[MIDDLE] for one in reading.false_at_limit)

    @property
    def true_of(self) -> list[str]:
        """Data sets whose population breaks the limit already."""
        return [reading.data for reading in self.by_severity[MIDDLE] if reading.true_of_population]

    @property
    def seconds(self) -> float:
        """Median CPU seconds of measuring its number, at low and high strength, where nothing else is measured."""
        spent = [one for severity in (0, 2) for reading in self.by_severity[severity] for one in reading.seconds]
        return float(np.median(spent)) if spent else float("nan")

    @property
    def found(self) -> bool:
        """Whether the first aim is met."""
        named = self.named is None or self.named >= NAMED
        return (self.detected(MIDDLE) or 0) >= DETECTED and (self.false_alarms or 0) <= FALSE_ALARMS and named

    @property
    def found_at_limit(self) -> bool:
        """Whether the second aim is met."""
        return (self.at_limit or 0) >= DETECTED and (self.false_at_limit or 0) <= FALSE_ALARMS


_REMARKS = (
    "## What to know when reading this", "",
    "- Numbers and strengths were settled on up to three pilot draws a data set, whose seeds are not used again. They "
    "raised the strengths of brittleness, miscalibration, memorisation and group-dependent threshold, and moved the "
    "last one to an attribute that the clean model of Adult hardly uses.",
    "- Limits of the shipped checklist were settled on runs of seeds 100 to 199 (2026-11-28), where 7 of 20 faults "
    "were found at the limits of its version 2.0.0. What would have found more was not taken where a company could not "
    "be held to it: a PSI of 0.05 (credit's custom is 0.10) finds the covariate shift, a largest feature's share of "
    "0.55 the dependence on one, but models in order reach that.",
    "- At the shipped limit a fault counts as found on the data sets whose population keeps the limit; for the "
    "group-dependent threshold that is one of four.",
    "- Concept shift was first to be looked for by `drift.concept_shift`. With 30 % of labels shuffled that number "
    "cannot move much: what evaluation rows teach becomes as vague as their labels, and the two lessons differ by "
    "about 0.09 R² of the labels' variance, while the error of what training taught grows by 0.6 R². So the AUC is "
    "looked at. `drift.concept_shift` finds what changes the lesson itself: the spurious feature.",
    "- Where labels are noise in part, as in German credit, rows with a turned label cannot be told from rows that "
    "turned out against the odds: in most runs under half of the twenty rows listed are then the planted ones.",
    "- With so few rows clean draws are wide: a selection-rate ratio of 0.26 on 1,500 rows of Adult has a standard "
    "deviation of 0.06, and 30 % of the favourable labels turned move it by two of these.",
    "- Middle strength is ours; another's may be harder. Both readings speak of data sets of these sizes.", "",
)  # fmt: skip


def page(records: Sequence[dict[str, Any]], *, on: date, older: int = 0, beside: str = "") -> tuple[str, bool]:
    """The whole document, and whether both aims are met."""
    runs = Runs(records=records)
    summaries = [_summary(runs, fault) for fault in FAULTS]
    parts = [
        *_head(runs, on),
        *([f"**{older:,} of the runs were measured by an earlier state of the source.**", ""] if older else []),
        *_verdict(summaries),
        *_faults(summaries),
        *_planted(),
        *_by_data(summaries),
        *_others(runs),
        *_alarms(runs),
        *_controls(runs),
        *_REMARKS,
        *([beside] if beside else []),
    ]
    met = sum(one.found for one in summaries) >= AIM and sum(one.found_at_limit for one in summaries) >= AIM_AT_LIMITS
    return "\n".join(parts) + "\n", met


def _summary(runs: Runs, fault: Fault) -> Summary:
    by_severity = tuple(
        tuple(one for data in runs.data if (one := runs.reading(fault.name, severity, data)) is not None)
        for severity in range(len(SEVERITIES))
    )
    return Summary(fault=fault, by_severity=by_severity)


def _head(runs: Runs, on: date) -> list[str]:
    names = ("reliability-workbench", "scikit-learn", "numpy")
    counts = {what: runs.count(what) for what in ("clean", "whole")}
    spent = sum(one["measured_s"] + one["planted_s"] for one in runs.records)
    sizes = (f"{name} {one.training:,} + {one.evaluation:,} ({one.model})" for name, one in _populations())
    return [
        "# Planted faults: what is found, and what is not", "",
        f"{written_by('benchmarks/planted_faults.py', *names, on=on)}, "
        f"{platform.machine()}. {spent / 60:.0f} minutes of CPU time.", "",
        "Real data (UCI Adult, German credit, Boston HMDA, Taiwan credit) and models fitted to them. One known fault "
        "is planted at three strengths and measured by the product's own engine and checks, in process. The same draw "
        "without a fault is its control. Evaluation rows come from the complement of the training draw. No data "
        "dictionary is declared: a declared range or list of values would give unit slips, sentinels and renamed "
        "categories away at once. Groups' shares of the population are declared.", "",
        f"{counts['clean']} controls ({_per_data(runs)} a data set), {len(runs.records) - sum(counts.values())} runs "
        f"with something planted, {counts['whole']} on all rows that a model did not learn from. Rows, training + "
        f"evaluation: {'; '.join(sizes)}. {_seeds(runs)}", "",
        *_HOW,
    ]  # fmt: skip


def _seeds(runs: Runs) -> str:
    """Which draws these are."""
    seeds = sorted({int(one["run"].split("|")[1]) for one in runs.records})
    return f"Seeds {seeds[0]} to {seeds[-1]}." if seeds else ""


def _populations() -> list[tuple[str, Population]]:
    return [(name, population(name)) for name in POPULATIONS]


def _per_data(runs: Runs) -> str:
    sizes = sorted({len(runs.by_kind.get((data, "clean", None), ())) for data in runs.data})
    return _DASH.join(str(size) for size in dict.fromkeys((sizes[0], sizes[-1]))) if sizes else "0"


def _verdict(summaries: Sequence[Summary]) -> list[str]:
    found = [one for one in summaries if one.found]
    at_limit = [one for one in summaries if one.found_at_limit]
    missed = [one.fault.name for one in summaries if not one.found]
    missed_at_limit = [one.fault.name for one in summaries if not one.found_at_limit]
    return [
        f"**Found at middle strength, ≥ {DETECTED:.0%} detected at ≤ {FALSE_ALARMS:.0%} false alarms and the culprit "
        f"named in ≥ {NAMED:.0%} of detections: {len(found)} of {len(summaries)}** (aim: {AIM}). "
        f"Not found: {', '.join(missed) or 'none'}.", "",
        f"**At the shipped limits: {len(at_limit)} of {len(summaries)}** (aim: {AIM_AT_LIMITS}). "
        f"Not found: {', '.join(missed_at_limit) or 'none'}.", "",
    ]  # fmt: skip


def _faults(summaries: Sequence[Summary]) -> list[str]:
    lines = [
        "## Every fault", "",
        "| fault | looked for by | AUC low · middle · high | detected low · middle · high | false alarms | culprit "
        "named | at shipped limit: detected | false alarms | population breaks it | CPU s |",
        "|---|---|---|---|---:|---:|---:|---:|---|---:|",
    ]  # fmt: skip
    for one in summaries:
        severities = range(len(SEVERITIES))
        cells = (
            one.fault.name,
            _looked_for(NUMBERS[one.fault.name]),
            " · ".join(_two(one.auc(severity)) for severity in severities),
            " · ".join(_percent(one.detected(severity)) for severity in severities),
            *map(_percent, (one.false_alarms, one.named, one.at_limit, one.false_at_limit)),
            ", ".join(one.true_of) or _DASH,
            f"{one.seconds:.2f}",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return [*lines, "", "Culprit named: – where there is no column, group or row to name.", ""]


def _looked_for(number: Number) -> str:
    options = "".join(f" {name}={value}" for name, value in number.options.items())
    return f"`{number.check}`{options}{f' by {number.by}' if number.by else ''}, {number.worse}"


def _planted() -> list[str]:
    lines = ["## What is planted", "", "| fault | low | middle | high | planted in |", "|---|---|---|---|---|"]
    for fault in FAULTS:
        said = " | ".join(fault.planted.format(strength) for strength in fault.strengths)
        lines.append(f"| {fault.name} | {said} | {', '.join(fault.data)} |")
    return [*lines, ""]


def _by_data(summaries: Sequence[Summary]) -> list[str]:
    lines = [
        "## By data set, middle strength", "",
        "Detected against the controls · at the shipped limit.", "",
        f"| fault | {' | '.join(POPULATIONS)} |", "|---" * (len(POPULATIONS) + 1) + "|",
    ]  # fmt: skip
    for one in summaries:
        cells = {reading.data: reading for reading in one.by_severity[MIDDLE]}
        said = (_in_cell(cells.get(name)) for name in POPULATIONS)
        lines.append(f"| {one.fault.name} | {' | '.join(said)} |")
    return [*lines, ""]


def _in_cell(reading: Reading | None) -> str:
    if reading is None:
        return _DASH
    at_limit = "true of population" if reading.true_of_population else _percent(_share(reading.at_limit or ()))
    return f"{_percent(_share(reading.detected))} · {at_limit}"


def _others(runs: Runs) -> list[str]:
    lines = [
        "## Which other checks moved", "",
        f"Checks of which a number lay beyond its controls in at least {_OTHERS:.0%} of the runs at middle strength "
        f"that measured everything ({runs.with_everything()} runs in all; by chance: 5 % for each number). "
        f"Not looked at here, for their cost: {', '.join(f'`{name}`' for name in sorted(COSTLY | LEFT_OUT))}.",
        "", "| fault | other checks |", "|---|---|",
    ]  # fmt: skip
    for fault in FAULTS:
        fired = runs.fired(fault.name, MIDDLE)
        fired.pop(NUMBERS[fault.name].check, None)
        others = sorted(((share, check) for check, (share, _) in fired.items() if share >= _OTHERS), reverse=True)
        lines.append(f"| {fault.name} | {', '.join(f'{check} {share:.0%}' for share, check in others) or _DASH} |")
    return [*lines, ""]


def _alarms(runs: Runs) -> list[str]:
    lines = [
        "## Alarms of the shipped limits on the controls", "",
        "Alarms of controls; *true*: the population itself lies beyond the limit.", "",
        f"| criterion | limit | {' | '.join(POPULATIONS)} |", "|---" * (len(POPULATIONS) + 2) + "|",
    ]  # fmt: skip
    for criterion in {key_of(one): one for one in shipped()}.values():
        said = [runs.alarms(criterion, name) for name in POPULATIONS]
        if any(n for _, n, _ in said):
            shown = (f"{_percent(got / n)}{' *true*' if true else ''}" if n else _DASH for got, n, true in said)
            lines.append(f"| `{_name(key_of(criterion))}` | {_limit(criterion)} | {' | '.join(shown)} |")
    return [*lines, ""]


def _limit(criterion: Any) -> str:
    sides = {"at_least": "≥", "at_most": "≤", "equals": "=", "between": "in"}
    given = next((side, value) for side in sides if (value := getattr(criterion, side)) is not None)
    return f"{sides[given[0]]} {given[1]}, {criterion.rule}"


def _controls(runs: Runs) -> list[str]:
    lines = [
        "## What the numbers are on clean draws", "",
        "Median · 95th · 99th percentile on the side where worse lies. *low*: smaller is worse.", "",
        f"| number | worse | {' | '.join(POPULATIONS)} |", "|---" * (len(POPULATIONS) + 2) + "|",
    ]  # fmt: skip
    for key in runs.keys:
        worse = worse_of(key)
        said = [_percentiles(runs, name, key, worse) for name in POPULATIONS]
        if any(one != _DASH for one in said):
            lines.append(f"| `{_name(key)}` | {worse} | {' | '.join(said)} |")
    return [*lines, ""]


def _percentiles(runs: Runs, data: str, key: str, worse: str) -> str:
    values = runs.controls(data, key, worse)
    if not values:
        return _DASH
    shares = (0.5, 0.95, 0.99) if worse == "high" else (0.5, 0.05, 0.01)
    return " · ".join(f"{one:.3g}" for one in np.quantile(values, shares))


def _name(key: str) -> str:
    check, options, by = json.loads(key)
    listed = ", ".join(f"{name}={value}" for name, value in sorted(options.items()))
    listed = listed if len(listed) <= _LONGEST_OPTIONS else f"{listed[:_LONGEST_OPTIONS]}…"
    by_words = by if isinstance(by, str) else ", ".join(by)
    return f"{check}{f' ({listed})' if listed else ''}{f' by {by_words}' if by_words else ''}"


def _share(said: Iterable[bool]) -> float | None:
    counted = list(said)
    return float(np.mean(counted)) if counted else None


def _percent(share: float | None) -> str:
    return _DASH if share is None else f"{share:.0%}"


def _two(value: float | None) -> str:
    return _DASH if value is None else f"{value:.2f}"
