"""Throws what nobody would write at everything that the workbench's own process reads of a submission or a worker.

    python -m benchmarks.fuzzing [--cases 600] [--seed 0] [--write docs/validation/fuzzing.md] [TARGET...]

Each target is one reader with the refusals that it may end in; anything else, or a case that takes over ten seconds,
is a failure (exit status 1). Cases are drawn by hypothesis from the seed: bytes of no kind, and real files and frames
with bytes changed, cut and put in.
"""

import argparse
import platform
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from benchmarks.fuzzing_targets import TARGETS, Target
from benchmarks.pages import put, written_by

HANGS_S = 10.0


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What became of one target."""

    name: str
    cases: int
    refused: int
    slowest_s: float
    failure: str = ""


def run(target: Target, *, cases: int, start: int) -> Ran:
    """Throw so many cases at a target; the first that fails is made as small as it can be, and told."""
    told = {"cases": 0, "refused": 0, "slowest": 0.0}

    def thrown(case: Any) -> None:
        began = time.perf_counter()
        told["cases"] += 1
        try:
            with _not_hanging():
                target.read(case)
        except target.refusals:
            told["refused"] += 1
        finally:
            told["slowest"] = max(told["slowest"], time.perf_counter() - began)

    how = settings(
        max_examples=cases, database=None, deadline=None, suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )  # fmt: skip
    failure = ""
    try:
        seed(start)(how(given(target.cases())(thrown)))()
    except Exception as error:  # whatever a reader raises beyond its closed list is the find that the page tells
        failure = f"{type(error).__name__}: {error}".splitlines()[0][:300]
    return Ran(
        name=target.name, cases=int(told["cases"]), refused=int(told["refused"]), slowest_s=told["slowest"],
        failure=failure,
    )  # fmt: skip


@contextmanager
def _not_hanging() -> Iterator[None]:
    def late(*_: object) -> None:
        raise TimeoutError(f"no end within {HANGS_S:g} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, HANGS_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def page(ran: Sequence[Ran], *, start: int, on: date) -> str:
    """The page under docs/validation."""
    written = written_by("script/validate fuzzing", "hypothesis", "numpy", "ruamel.yaml", "pydantic", on=on)
    rows = "".join(
        f"| {one.name} | {one.cases:,} | {one.refused:,} | {one.slowest_s * 1000:,.0f} | {one.failure or 'none'} |\n"
        for one in ran
    )
    total, failed = sum(one.cases for one in ran), sum(bool(one.failure) for one in ran)
    return f"""# Fuzzing

{written}; {sys.platform}, \
{platform.machine()}; seed {start}.

What the workbench's own process reads of a submission or hears from a worker: YAML and JSON, and every reply. Marked
(confined): readers of ours in Python that run in the process that takes files in. Parsers of CSV, Parquet and archives,
and libraries of models, are in processes of their own too, and tests/hostile sees to those.
Cases are bytes of no kind, and real files and frames with bytes changed, cut and put in. A case may be read, or end in
a refusal of the closed list of its reader; anything else, or more than {HANGS_S:g} seconds, is a failure.

**{total:,} cases, {failed} failures.** Mutations drawn at random find shallow faults; they prove nothing of deep ones.

| reader | cases | refused | slowest, ms | failure |
|---|---:|---:|---:|---|
{rows}"""


def main() -> int:
    """Run the targets named, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", choices=[[], *(target.name for target in TARGETS)])
    parser.add_argument("--cases", type=int, default=600)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    chosen = [target for target in TARGETS if not asked.targets or target.name in asked.targets]
    ran = []
    for target in chosen:
        ran.append(run(target, cases=asked.cases, start=asked.seed))
        print(f"{ran[-1].name}: {ran[-1].cases:,} cases, {ran[-1].failure or 'no failure'}", file=sys.stderr)
    text = page(ran, start=asked.seed, on=date.today())
    put(text, asked.write)
    return int(any(one.failure for one in ran))


if __name__ == "__main__":
    sys.exit(main())
