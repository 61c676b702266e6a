"""Simulates what the intervals of the checks promise: coverage, false passes at the limit, width, equal groups.

    python -m benchmarks.coverage [--only NAME] [--draws N] [--keep FOLDER] [--write docs/validation/coverage.md]
    python -m benchmarks.coverage --learned [...] [--write docs/validation/coverage-learned.md]

Run from the top of the project. Checks that ask a model, fit a learner or compare two data sets have a page of their
own. With `--keep` cells are drawn anew only where the source they rest on has changed,
and an interrupted run goes on where it stopped. Everything is drawn from one fixed seed; the clock gives the date on
the page only.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeAlias

from benchmarks import (
    coverage_asked,
    coverage_calibration,
    coverage_disturbed,
    coverage_fairness,
    coverage_groups,
    coverage_learned,
    coverage_models,
    coverage_moved,
    coverage_odds,
    coverage_rows,
    coverage_shares,
    coverage_tables,
)
from benchmarks.coverage_cells import (
    DRAWS,
    FRESH_DRAWS,
    MOST_FALSE_FAILS,
    EqualGroups,
    Scenario,
    Tally,
    false_fails,
    label,
    tally_again,
)
from benchmarks.coverage_kept import Kept
from benchmarks.coverage_page import WITHOUT_HEADING, Failed, Found, page, without_scenario
from benchmarks.coverage_without import WITHOUT
from benchmarks.pages import put, put_section
from reliability.checklist.catalogue import checks

PROCESSES = 2
_MODULES = (
    coverage_shares, coverage_tables, coverage_rows, coverage_models, coverage_calibration, coverage_groups,
    coverage_odds, coverage_fairness,
)  # fmt: skip
_LEARNED = (coverage_asked, coverage_learned, coverage_disturbed, coverage_moved)
SCENARIOS: dict[str, Scenario] = {one.name: one for module in (*_MODULES, *_LEARNED) for one in module.ALL}
LEARNED = frozenset(one.name for module in _LEARNED for one in module.ALL)
EQUAL: dict[str, EqualGroups] = {
    one.check: one for module in (coverage_groups, coverage_fairness) for one in module.EQUAL
}
_Task: TypeAlias = tuple[str, str, int, int]


def tasks(only: str, draws: int, *, learned: bool = False) -> Iterator[_Task]:
    """What is to be done, cell by cell, the scenarios of that name on one of the two pages."""
    for name, scenario in SCENARIOS.items():
        if only in name and (name in LEARNED) == learned:
            yield from (("scenario", name, index, draws) for index in range(len(scenario.cells)))
    for name, equal in EQUAL.items():
        if only in name and not learned:
            yield from (("equal", name, index, draws) for index in range(len(equal.cells)))


def done(task: _Task) -> tuple[_Task, Any, float]:
    """One cell, and the CPU seconds it took."""
    kind, name, index, draws = task
    started = time.process_time()
    found = _cell(name, index, draws) if kind == "scenario" else _equal(name, index, draws)
    return task, found, time.process_time() - started


def _cell(name: str, index: int, draws: int) -> Tally:
    return tally_again(SCENARIOS[name], SCENARIOS[name].cells[index], draws)


def _equal(name: str, index: int, draws: int) -> tuple[float, int]:
    cell = EQUAL[name].cells[index]
    share = false_fails(EQUAL[name], cell, draws)
    if share <= MOST_FALSE_FAILS * 0.9 or draws < DRAWS:
        return share, draws
    return false_fails(EQUAL[name], cell, FRESH_DRAWS, attempt=1), FRESH_DRAWS


def _modules(task: _Task) -> tuple[str, str]:
    """The modules that measure and that draw."""
    kind, name, _, _ = task
    one = SCENARIOS[name] if kind == "scenario" else EQUAL[name]
    return checks()[one.check].function.__module__, one.draw.__module__ if one.draw else "benchmarks.coverage_shares"


def _key(task: _Task) -> str:
    kind, name, index, draws = task
    cells = (SCENARIOS[name] if kind == "scenario" else EQUAL[name]).cells
    return f"{kind} {name} {label(cells[index])} {draws}"


def _recalled(task: _Task, kept: Kept) -> Any:
    found = kept.find(_key(task), _modules(task))
    return found if found is None or task[0] == "equal" else Tally(**found)


def simulated(every: Sequence[_Task], kept: Kept, *, no_more: bool = False) -> tuple[list[Found], list[Failed]]:
    """All of it, by a process a core; the order of the answers does not depend on them."""
    spent: dict[str, float] = {}
    results = {task: found for task in every if (found := _recalled(task, kept)) is not None}
    todo = [] if no_more else [task for task in every if task not in results]
    left = {key: sum(task[:2] == key for task in todo) for key in dict.fromkeys(task[:2] for task in todo)}
    with get_context("spawn").Pool(PROCESSES) as pool:
        for task, found, seconds in pool.imap_unordered(done, todo, chunksize=4):
            results[task] = found
            kept.keep(_key(task), _modules(task), asdict(found) if task[0] == "scenario" else found)
            left[task[:2]] -= 1
            spent[task[1]] = spent.get(task[1], 0.0) + seconds
            if not left[task[:2]]:
                print(f"{task[0]} {task[1]}: {spent[task[1]]:.0f} s", file=sys.stderr, flush=True)
    return _found(results), _failed(results)


def _found(results: dict[_Task, Any]) -> list[Found]:
    by_name: dict[str, list[Tally]] = {}
    for task in sorted(task for task in results if task[0] == "scenario"):
        by_name.setdefault(task[1], []).append(results[task])
    return [
        Found(name=name, rival_name=SCENARIOS[name].rival_name, tallies=tallies) for name, tallies in by_name.items()
    ]


def _failed(results: dict[_Task, Any]) -> list[Failed]:
    by_name: dict[str, list[Any]] = {}
    for task in sorted(task for task in results if task[0] == "equal"):
        by_name.setdefault(task[1], []).append((EQUAL[task[1]].cells[task[2]], *results[task]))
    return [
        Failed(name=name, limit=f"{EQUAL[name].side.replace('_', ' ')} {EQUAL[name].limit:g}", cells=cells)
        for name, cells in by_name.items()
    ]


def main() -> int:
    """Run, write, and say whether every promise holds: exit status 0, else 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="part of a check's name")
    parser.add_argument("--draws", type=int, default=DRAWS)
    parser.add_argument("--keep", type=Path, help="folder of results that need not be drawn anew")
    parser.add_argument("--no-more", action="store_true", help="draw nothing; write the page of what is kept")
    parser.add_argument("--learned", action="store_true", help="the checks that ask, fit or compare data sets")
    parser.add_argument("--only-without", action="store_true", help="write anew which checks have no scenario, no more")
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    if asked.only_without:
        put_section("\n".join(without_scenario(WITHOUT)), WITHOUT_HEADING, asked.write)
        return 0
    every = list(tasks(asked.only, asked.draws, learned=asked.learned))
    found, failed = simulated(every, Kept(asked.keep), no_more=asked.no_more)
    left = len(every) - sum(len(one.tallies) for one in found) - sum(len(one.cells) for one in failed)
    without = {} if asked.learned else WITHOUT
    text = page(found, failed, without, draws=asked.draws, on=date.today(), left=left, learned=asked.learned)
    put(text, asked.write)
    beyond = [one.name for one in found if not one.held] + [
        f"{one.name} (equal groups)" for one in failed if one.worst > MOST_FALSE_FAILS
    ]
    if asked.write:
        print(f"{len(found)} scenarios; beyond a promise: {', '.join(beyond) or 'none'}")
    return 1 if beyond or left else 0


if __name__ == "__main__":
    sys.exit(main())
