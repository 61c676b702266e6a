"""Plants twenty known faults in real data and models, and looks for each by one number declared in advance.

    python -m benchmarks.planted_faults --work FOLDER [--jobs N] [--controls N] [--draws N] [--only FAULT]
        [--first SEED] [--no-more] [--write docs/validation/planted-faults.md]

Run from the top of the project. What was measured is kept in FOLDER, a line a run, so that a run that was stopped goes
on as long as the source is the same; `--no-more` measures nothing and writes the page of what is there, of any source.
Every draw has a seed of its own; the clock gives the date on the page only.
"""

import argparse
import hashlib
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from zlib import crc32

from reliability.threads import ONE_THREAD

# Before numpy is imported: several processes share the cores.
os.environ.update(ONE_THREAD)

import numpy as np

from benchmarks import dirty_data
from benchmarks.pages import ROOT, put
from benchmarks.planted_faults_data import POPULATIONS, Population, draw, population
from benchmarks.planted_faults_list import FAULTS, MIDDLE, SEVERITIES, Clean, Fault, Planted, clean
from benchmarks.planted_faults_looked_for import COSTLY, LEFT_OUT, NUMBERS
from benchmarks.planted_faults_measured import (
    kept,
    key_of,
    measured,
    named_right,
    reported,
    shipped,
)
from benchmarks.planted_faults_page import page
from benchmarks.planted_faults_readings import HARMLESS
from reliability.errors import ReliabilityError
from reliability.records import Criterion, Measurement

FIRST = 500  # seeds below 100 were pilots; on those from 100 to 199 shipped limits were settled
CONTROLS = 100  # draws of every data set without a fault
DRAWS = 16  # draws with a fault, at middle strength
OUTER_DRAWS = 4  # at low and high strength
EVERYTHING_DRAWS = 1  # of a fault on which the other checks are measured too
EVERYTHING_CONTROLS = 40  # on which the checks are measured that no fault is looked for by
COSTLY_CONTROLS = 2  # and of them the costly ones
POPULATION_DRAWS = 3  # models measured on all rows that they did not learn from
MEASURING = ("*.py", "checks/**/*.py", "evidence/*.py", "intervals/*.py")
PLANTING = ("data", "list", "looked_for", "measured", "models")
RECORDS = "runs.jsonl"


@dataclass(frozen=True, kw_only=True)
class Run:
    """One thing to measure: a draw of a data set, clean, whole (the population), or with a fault."""

    data: str
    seed: int
    what: str  # clean, whole, or the fault's name
    severity: int | None = None

    @property
    def key(self) -> str:
        """Its name in the file."""
        return f"{self.data}|{self.seed}|{self.what}|{self.severity}"


def runs(asked: argparse.Namespace) -> Iterator[tuple[Run, ...]]:
    """What is to be measured, a draw of one data set at a time."""
    chosen = [fault for fault in FAULTS if asked.only in fault.name]
    for place in range(max(asked.controls, asked.draws)):
        for data in POPULATIONS:
            seed = asked.first + place
            here = [Run(data=data, seed=seed, what="clean")] if place < asked.controls else []
            here += [Run(data=data, seed=seed, what="whole")] if place < min(POPULATION_DRAWS, asked.controls) else []
            for fault in chosen:
                if data in fault.data:
                    here += [
                        Run(data=data, seed=seed, what=fault.name, severity=severity)
                        for severity in _severities(fault, place, asked)
                    ]
            yield tuple(here)


def _severities(fault: Fault, place: int, asked: argparse.Namespace) -> Iterator[int]:
    if fault.harmless is not None and place < asked.controls:
        yield HARMLESS
    if place < asked.draws:
        yield from range(len(SEVERITIES)) if place < OUTER_DRAWS else (MIDDLE,)


def done(todo: tuple[tuple[Run, ...], int]) -> list[dict[str, Any]]:
    """Every run of one draw: the model is fitted once."""
    runs_here, first = todo
    drawn = draw(population(runs_here[0].data), runs_here[0].seed)
    handed_in = clean(drawn)
    given = Clean(draw=drawn, model=handed_in.model)
    try:
        return [_one(run, given, handed_in, place=run.seed - first) for run in runs_here]
    except ReliabilityError as stopped:
        # Errors with a code do not travel between processes.
        raise RuntimeError(f"{runs_here[0].key}: {stopped}") from None


def _one(run: Run, given: Clean, handed_in: Planted, *, place: int) -> dict[str, Any]:
    started = time.process_time()
    population_here = given.draw.population
    fault = next((fault for fault in FAULTS if fault.name == run.what), None)
    if fault is not None and run.severity is not None:
        random = np.random.default_rng([run.seed, crc32(fault.name.encode()), run.severity + 1])
        strength = float(fault.harmless or 0) if run.severity == HARMLESS else fault.strengths[run.severity]
        handed_in = fault.plant(given, strength, random)
    elif run.what == "whole":
        handed_in = replace(handed_in, evaluation=given.draw.complement)
    planted = time.process_time() - started
    found = measured(handed_in, population_here, criteria_of(run, population_here, place=place), seed=run.seed)
    record: dict[str, Any] = {
        "run": run.key,
        "source": source_digest(),
        "planted_s": planted,
        "measured_s": time.process_time() - started - planted,
    }
    principals = {name: key_of(one.criterion(population_here)) for name, one in NUMBERS.items()}
    if fault is not None:
        record["named"] = named_right(found.get(principals[run.what], ()), handed_in)
    judged = {*principals.values(), *(key_of(one) for one in shipped())}
    return {**record, "numbers": {key: _brief(ones, judged=key in judged) for key, ones in found.items()}}


def _brief(measurements: Sequence[Measurement], *, judged: bool) -> list[Any]:
    return kept(measurements) if judged else [one.value for one in measurements]


def criteria_of(run: Run, people: Population, *, place: int) -> list[Criterion]:
    """What a run measures: everything that is cheap where it matters, and what faults are looked for by."""
    every = {key_of(one): one for one in (*reported(), *shipped()) if one.check not in LEFT_OUT}
    cheap = [one for one in every.values() if one.check not in COSTLY]
    if run.what in NUMBERS:
        principal = NUMBERS[run.what].criterion(people)
        others = cheap if run.severity == MIDDLE and place < EVERYTHING_DRAWS else []
        return list({key_of(one): one for one in (principal, *others)}.values())
    if run.what == "whole":
        return [one for one in shipped() if one.check not in LEFT_OUT | COSTLY]
    here = {fault.name for fault in FAULTS if run.data in fault.data}
    principals = [number.criterion(people) for name, number in NUMBERS.items() if name in here]
    others = list(every.values()) if place < COSTLY_CONTROLS else cheap if place < EVERYTHING_CONTROLS else []
    return list({key_of(one): one for one in (*principals, *others)}.values())


def records(file: Path, source: str | None = None) -> dict[str, dict[str, Any]]:
    """What is there already, of this source or of any; a last line that was cut short is left out."""
    found: dict[str, dict[str, Any]] = {}
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
        try:
            record = json.loads(line)
        except json.JSONDecodeError:
            continue
        if source in (None, record.get("source")):
            found[record["run"]] = record
    return found


@cache
def source_digest() -> str:
    """SHA-256 over the source that a run rests on: what measures, and what plants."""
    digest = hashlib.sha256()
    measuring = sorted(path for part in MEASURING for path in (ROOT / "reliability").glob(part))
    for path in (*measuring, *(ROOT / "benchmarks" / f"planted_faults_{part}.py" for part in PLANTING)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def measure_all(asked: argparse.Namespace, file: Path) -> None:
    """Everything that is not there yet, by `jobs` processes; written down as it comes."""
    there = records(file, source_digest())
    left = (tuple(run for run in group if run.key not in there) for group in runs(asked))
    todo = [(group, asked.first) for group in left if group]
    with file.open("a", encoding="utf-8") as out, get_context("spawn").Pool(asked.jobs) as pool:
        for index, found in enumerate(pool.imap_unordered(done, todo), 1):
            out.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in found)
            out.flush()
            if index % 20 == 0 or index == len(todo):
                print(f"{index} of {len(todo)} draws", file=sys.stderr, flush=True)


def main() -> int:
    """Measure, write, and say whether every promise holds: exit status 0, else 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="folder of what was measured already")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--controls", type=int, default=CONTROLS)
    parser.add_argument("--draws", type=int, default=DRAWS)
    parser.add_argument("--first", type=int, default=FIRST, help="first seed; a pilot takes others than the run")
    parser.add_argument("--only", default="", help="part of a fault's name")
    parser.add_argument("--no-more", action="store_true", help="measure nothing; write the page of what is there")
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    asked.work.mkdir(parents=True, exist_ok=True)
    file = asked.work / RECORDS
    if not asked.no_more:
        measure_all(asked, file)
    found = list(records(file, None if asked.no_more else source_digest()).values())
    older = sum(record.get("source") != source_digest() for record in found)
    text, kept_promises = page(found, on=date.today(), older=older, beside=dirty_data.section())
    put(text, asked.write)
    return 0 if kept_promises else 1


if __name__ == "__main__":
    sys.exit(main())
