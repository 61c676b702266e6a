"""Counts how often the interval that is printed of a remedy holds what it comes to on a million rows.

    python -m benchmarks.advice_coverage --work FOLDER [--jobs N] [--trials N] [--first SEED] [--no-more]
        [--write docs/validation/advice.md]

Run from the top of the project. A population is 1,000,000 rows resampled from a real data set. Every trial draws rows
of it, plants a cause in those that teach or in the model, advises in this process (`benchmarks/advice_here.py`), and
then lets every confirmed remedy, as it was learnt, answer the whole population.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from unittest import mock
from zlib import crc32

from reliability.threads import ONE_THREAD

# Before numpy is imported: several processes share the cores.
os.environ.update(ONE_THREAD)

import numpy as np
import pyarrow.parquet as pq

from benchmarks.advice_causes import records
from benchmarks.advice_here import (
    WITH,
    HandedIn,
    advising,
    assessed,
    checklist,
    digest,
    model_here,
    submitted,
    table,
    written,
)
from benchmarks.advice_planted import CAUSES, Cause, Given, criteria, kept
from benchmarks.pages import written_by, yes_or_no
from benchmarks.planted_faults_data import Draw, Rows, population
from reliability import bench as benches
from reliability.advice import Confirmed, NumberChange
from reliability.advise.advising import Work
from reliability.advise.aims import Aim, aims
from reliability.advise.gathering import gathered
from reliability.advise.measuring import answered, matching, measure
from reliability.advise.remedies import Changed, Tried
from reliability.advise.remedies import Rows as Asked
from reliability.bench import Bench, Settings
from reliability.blocks import Block, Ints
from reliability.errors import ReliabilityError
from reliability.submission.read import read_submission

HEADING = "## Does the interval hold what a remedy comes to?"
FIRST, TRIALS, LEAST = 10_000, 1_000, 0.92
POPULATION, MOST_ROWS = 1_000_000, 5_000  # rows, resampled from so many real ones at most
TRAINING, EVALUATION = 600, 2_000
DATA = ("Adult", "German", "Boston", "Taiwan")
# Cause and the finding that is looked at, in turn.
FINDINGS: tuple[tuple[str, str], ...] = (
    ("group-biased labels", "FAI-01"), ("miscalibration", "CAL-01"), ("mislabelled rows", "PER-01"),
    ("group-biased labels", "FAI-02"),
)  # fmt: skip
BESIDE = "PER-01"  # is judged with every finding
RECORDS = "advice-coverage.jsonl"
SHAPING = ("advice_here", "advice_planted", "advice_coverage")
_FAR = 10_000_000  # positions of the population: none of a row that was drawn


@dataclass(frozen=True, kw_only=True, eq=False)
class Whole:
    """A population: real rows, and which of them each of a million is."""

    rows: Rows
    places: Ints


@cache
def whole(data: str) -> Whole:
    """The population of a data set, the same for every trial."""
    random = np.random.default_rng([crc32(data.encode()), POPULATION])
    rows = population(data).rows
    taken = rows.take(np.sort(random.permutation(rows.n)[:MOST_ROWS]))
    return Whole(rows=taken, places=random.integers(0, taken.n, POPULATION))


def trial(seed: int) -> dict[str, Any]:
    """One advice, and for each confirmed remedy its interval beside the truth."""
    warnings.simplefilter("ignore")
    name, item = FINDINGS[seed % len(FINDINGS)]
    data = DATA[seed // len(FINDINGS) % len(DATA)]
    cause = replace(next(one for one in CAUSES if one.name == name), item=item)
    started = time.process_time()
    try:
        told = _told(cause, data, seed)
    except ReliabilityError as stopped:
        # Errors with a code do not travel between processes.
        raise RuntimeError(f"trial {seed}: {stopped}") from None
    return {
        "run": str(seed), "source": source(), "cause": name, "item": item, "data": data,
        "cpu_s": time.process_time() - started, "remedies": told,
    }  # fmt: skip


def _told(cause: Cause, data: str, seed: int) -> list[dict[str, Any]]:
    random, everyone = np.random.default_rng([seed, 9]), whole(data)
    training, evaluation = (everyone.rows.take(everyone.places[random.integers(0, POPULATION, n)])
                            for n in (TRAINING, EVALUATION))  # fmt: skip
    drawn = Draw(population=population(data), training=training, evaluation=evaluation, complement=evaluation)
    here = Given(draw=drawn, kind="logistic regression")
    handed_in = cause.plant(here, random)
    with tempfile.TemporaryDirectory() as folder:
        submission = submitted(handed_in, Path(folder) / "submission")
        judged = {name: text for name, text in criteria(cause, kept(here)).items() if name in (cause.item, BESIDE)}
        case = assessed(submission, checklist(Path(folder), judged), seed=seed)
        with advising(case, submission, seed=seed) as work:
            finding = next((one for one in work.findings if one.item == cause.item), None)
            if finding is None or not finding.confirmed:
                return []
            block = _answered_today(handed_in, submission.folder, everyone, seed=seed)
            aim = next(one for one in aims(work.stage.items) if one.item.finding.item == cause.item)
            before = _truth(aim, block, Changed(predicted=block.y_pred, scores=block.y_score), everyone)
            return [_beside(one, work, aim, block, before, everyone) for one in finding.confirmed]


def _answered_today(handed_in: HandedIn, folder: Path, everyone: Whole, *, seed: int) -> Block:
    """The real rows that the population consists of, as the submitted model answers them."""
    asked = Path(shutil.copytree(folder, folder.with_name("population")))
    pq.write_table(table(everyone.rows, handed_in), asked / "evaluation.parquet")
    submission = read_submission(asked)
    with (
        mock.patch.object(benches, "open_model", model_here),
        Bench(submission=submission, settings=Settings(seed=seed)) as bench,
    ):
        rows = gathered(bench, bench.open().attempt, seed=seed).evaluation
    return replace(rows, positions=rows.row_positions() + _FAR)


def _beside(one: Confirmed, work: Work, aim: Aim, block: Block, before: float, everyone: Whole) -> dict[str, Any]:
    """The interval of a remedy's own number, and of its gain, beside the truth."""
    ran = next(ran for ran in work.ran if ran.id == one.remedy)
    assert ran.tried is not None  # noqa: S101  (it was confirmed)
    after = _truth(aim, block, ran.tried.changed(Asked.of(block)), everyone)
    number = _own(aim, one)
    gain = number.gain
    return {
        "name": ran.remedy.name, "k": round(0.05 / (1 - one.confidence)), "truth": after,
        "after": [number.after.value, number.after.low, number.after.high], "truth_gain": after - before,
        "gain": None if gain is None else [gain.value, gain.low, gain.high], "truth_before": before,
        "before": [number.before.value, number.before.low, number.before.high],
    }  # fmt: skip


def _own(aim: Aim, one: Confirmed) -> NumberChange:
    return next(each for each in one.numbers if matching(aim.number, (each.after,)) is not None)


def _truth(aim: Aim, block: Block, changed: Changed, everyone: Whole) -> float:
    """What the check itself says of the whole population, answered so."""
    bare = replace(block, columns={}, roles=replace(block.roles, features=()))
    million = replace(bare.where(everyone.places), positions=None)
    told = changed.take(everyone.places)
    if told.chances is not None:
        good = block.roles.favourable[0]
        drawn = np.random.default_rng(0).random(million.n) < told.chances
        told = replace(told, predicted=np.where(drawn, good, 1 - good))
    rows = answered(million, told, Tried(changed=lambda _rows: told))
    number = aim.own(measure((aim.call,), rows, None, ask=None, seed=0))
    if number is None or number.value is None:
        raise ValueError(f"{aim.check}: the whole population has no number")
    return float(number.value)


@cache
def source() -> str:
    """The source that a trial rests on."""
    return digest(*SHAPING)


def measure_all(asked: argparse.Namespace, file: Path) -> None:
    """Every trial that is not there yet, by `jobs` processes; written down as it comes."""
    there = records(file, source())
    todo = [seed for seed in range(asked.first, asked.first + asked.trials) if str(seed) not in there]
    with file.open("a", encoding="utf-8") as out, get_context("spawn").Pool(asked.jobs) as pool:
        for index, record in enumerate(pool.imap(trial, todo), 1):
            out.write(json.dumps(record) + "\n")
            out.flush()
            if index % 50 == 0 or index == len(todo):
                print(f"{index} of {len(todo)} trials", file=sys.stderr, flush=True)


@dataclass(frozen=True, kw_only=True)
class Held:
    """How often something held."""

    n: int
    held: int

    @classmethod
    def of(cls, told: Iterator[bool] | Sequence[bool]) -> "Held":
        """Counted."""
        ones = list(told)
        return cls(n=len(ones), held=sum(ones))

    @property
    def kept(self) -> bool:
        """Whether it held as often as promised."""
        return self.n > 0 and self.held >= LEAST * self.n

    def __str__(self) -> str:
        return f"{self.held / self.n:.1%} of {self.n:,}" if self.n else "–"


def holds(one: Mapping[str, Any], what: str = "after", truth: str = "truth") -> bool:
    """Whether an interval holds the truth, to the last digits of a float."""
    _, low, high = one[what]
    return bool(low - 1e-9 <= one[truth] <= high + 1e-9)


def page(found: Sequence[Mapping[str, Any]], *, older: int = 0) -> tuple[str, bool]:
    """The section, and whether the promise holds."""
    minutes = sum(one["cpu_s"] for one in found) / 60
    # A group with too few rows has no interval; advice says so since this was met here.
    trials = [one for one in found if one["remedies"] and all(each["after"][1] is not None for each in one["remedies"])]
    first = Held.of([holds(one["remedies"][0]) for one in trials])
    lines = [
        HEADING, "",
        f"{written_by('benchmarks/advice_coverage.py', *WITH)}. {minutes:.0f} minutes of CPU time, {_seeds(found)}.",
        "", *_how(), "",
    ]  # fmt: skip
    if older:
        lines += [f"**{older} of the trials were made by an earlier state of the source.**", ""]
    if len(found) < TRIALS:
        lines += [f"**Not all that is promised was run: {len(found):,} of {TRIALS:,} trials.**", ""]
    lines += [
        f"**The interval of the remedy that ranks first holds its true after-value in {first}** trials with a remedy "
        f"to confirm (promised: {LEAST:.0%} of {TRIALS:,}). {len(found) - len(trials)} of {len(found):,} trials had no "
        "finding, no remedy that helped, or too few rows of a group for an interval.", "",
        "| finding | trials | first: after | every remedy: after | all of a finding at once | gain | today | kept |",
        "|---|---:|---:|---:|---:|---:|---:|---|",
    ]  # fmt: skip
    groups = [(f"{item}, {cause}", [one for one in trials if (one["cause"], one["item"]) == (cause, item)])
              for cause, item in FINDINGS]  # fmt: skip
    lines += [_row(name, ones) for name, ones in (*groups, ("all", trials)) if ones]
    lines += ["", *_by_remedy(trials), ""]
    return "\n".join(lines), first.kept and len(found) >= TRIALS


def _seeds(found: Sequence[Mapping[str, Any]]) -> str:
    seeds = sorted(int(one["run"]) for one in found)
    return f"{len(found):,} trials, seeds {seeds[0]} to {seeds[-1]}"


def _how() -> list[str]:
    return [
        f"A population is {POPULATION:,} rows resampled from up to {MOST_ROWS:,} rows of {', '.join(DATA[:-1])} or "
        f"{DATA[-1]}. A trial draws {TRAINING} training and {EVALUATION:,} evaluation rows of it (half choose, half "
        "confirm), plants a cause as above in training rows or model (logistic regression), assesses and advises as "
        "above: in one process, without the sandbox, by the refit worker's own code. Every confirmed remedy, as it "
        "was learnt (thresholds, curves, fitted copies), then answers all of the population, and the check itself "
        "measures it there: that is the true value. *After*: the interval printed of the finding's number after the "
        "remedy, at confidence 1 − 0.05/k; *gain*: that of after less before; *today*: that of today's value on the "
        "rows that confirm, at 95 %. Randomised thresholds are drawn anew on the population.",
    ]  # fmt: skip


def _row(name: str, trials: Sequence[Mapping[str, Any]]) -> str:
    every = [one for trial_ in trials for one in trial_["remedies"]]
    first = Held.of([holds(one["remedies"][0]) for one in trials])
    told = (
        first, Held.of([holds(one) for one in every]), Held.of([all(map(holds, one["remedies"])) for one in trials]),
        Held.of([holds(one, "gain", "truth_gain") for one in every if one["gain"] is not None]),
        Held.of([holds(one["remedies"][0], "before", "truth_before") for one in trials]),
    )  # fmt: skip
    return f"| {name} | {len(trials):,} | " + " | ".join(map(str, told)) + f" | {yes_or_no(kept=first.kept)} |"


def _by_remedy(trials: Sequence[Mapping[str, Any]]) -> list[str]:
    every = [one for trial_ in trials for one in trial_["remedies"]]
    lines = ["By remedy, at any rank:", "", "| remedy | after | gain |", "|---|---:|---:|"]
    for name in sorted({one["name"] for one in every}):
        ones = [one for one in every if one["name"] == name]
        gains = [holds(one, "gain", "truth_gain") for one in ones if one["gain"] is not None]
        lines.append(f"| {name} | {Held.of([holds(one) for one in ones])} | {Held.of(gains)} |")
    return lines


def main() -> int:
    """Measure, write, and say whether the promise holds: exit status 0, else 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="folder of what was measured already")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--trials", type=int, default=TRIALS)
    parser.add_argument("--first", type=int, default=FIRST, help="first seed; a pilot takes others than the run")
    parser.add_argument("--no-more", action="store_true", help="measure nothing; write the page of what is there")
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    asked.work.mkdir(parents=True, exist_ok=True)
    file = asked.work / RECORDS
    if not asked.no_more:
        measure_all(asked, file)
    found = list(records(file, None if asked.no_more else source()).values())
    made, kept_promise = page(found, older=sum(one["source"] != source() for one in found))
    written(made, HEADING, asked.write)
    return 0 if kept_promise else 1


if __name__ == "__main__":
    sys.exit(main())
