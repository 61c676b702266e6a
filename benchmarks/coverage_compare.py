"""Simulates what `reliability compare` promises: where nothing changed, it claims no change.

    python -m benchmarks.coverage_compare [--only NAME] [--draws N] [--write docs/validation/comparisons.md]

Run from the top of the project. Every measure that may be compared is measured twice on independent draws of one
truth (the scenarios of `benchmarks/coverage.py`); every measure that is paired by rows, on the same rows answered by
two models of one quality; the worst pair of equal groups is followed; and of whole comparisons any claim counts.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from scipy.special import expit

from benchmarks.coverage import SCENARIOS
from benchmarks.coverage_cells import SEED, Cell, Scenario, generator, label, measured_or_none
from benchmarks.coverage_rows import intercept, measured, scored, valued
from benchmarks.coverage_shares import BINARY
from benchmarks.pages import put, versions
from reliability.blocks import Block
from reliability.changes import Difference
from reliability.compare.paired import PAIRED, agreement, correlation
from reliability.compare.rows import Answered, PairedRows
from reliability.compare.unpaired import OF_GROUPS, VALIDATED, counted_pair, fixed_pair, from_records, told, worst_pair
from reliability.intervals.changes import holm, rate_change
from reliability.records import Measurement

CONFIDENCE = 0.95
DRAWS = 400
FRESH_DRAWS = 4_000  # of a cell that came near its bound
CELLS = 3  # of each scenario, spread over its parameters
LEVELS = (0.05, 0.005)
BOUNDS = (0.06, 0.0075)  # the coverage that is promised of every interval from 100 rows on
FEW_ROWS, BOUNDS_OF_FEW = 100, (0.07, 0.01)
_GROUPS = (2, 4, 8)
# Paired rows, binary: how common the class is, how far the two models agree, how many rows.
PAIRED_CELLS: tuple[Cell, ...] = tuple(
    {"n": n, "rate": rate, "shared": shared, "separate": separate}
    for n in (100, 300, 2_000)
    for rate, shared, separate in ((0.5, 0.5, 1.0), (0.5, 1.0, 0.1), (0.1, 0.5, 1.0), (0.1, 1.0, 0.1), (0.5, 0.0, 3.0))
)
BINARY_PAIRED = sorted(one for one in PAIRED if one not in {
    "performance.mean_absolute_error", "performance.root_mean_squared_error", "performance.r2_score",
    "performance.roc_auc_one_vs_rest",
})  # fmt: skip
VALUES_PAIRED = ("performance.mean_absolute_error", "performance.root_mean_squared_error", "performance.r2_score")
_Pair: TypeAlias = tuple[Measurement, Measurement, PairedRows | None]


@dataclass(frozen=True, kw_only=True)
class Told:
    """How often a change was told of two measurements of one truth, in one cell.

    Attributes
    ----------
    name, cell : str
        What was measured, and under which truth.
    n, draws, compared : int
        Rows, pairs drawn, and pairs of which both were judged.
    claimed : tuple of float
        Share of compared pairs with a p-value at each of `LEVELS`.
    """

    name: str
    cell: str
    n: int
    draws: int
    compared: int
    claimed: tuple[float, ...]

    @property
    def holds(self) -> bool:
        """Whether no bound is passed."""
        bounds = BOUNDS if self.n >= FEW_ROWS else BOUNDS_OF_FEW
        return all(share <= bound for share, bound in zip(self.claimed, bounds, strict=True))

    @property
    def suspicious(self) -> bool:
        """Whether more draws should say."""
        near = [(level + bound) / 2 for level, bound in zip(LEVELS, BOUNDS, strict=True)]
        return any(share >= limit for share, limit in zip(self.claimed, near, strict=True))


def unpaired(scenario: Scenario, cell: Cell, draws: int, attempt: int) -> Told:
    """Two independent draws of one truth, compared by their records alone."""
    seen = [measured_or_none(scenario.measure, cell, one) for one in _seen(scenario, cell, 2 * draws, attempt)]
    pairs = ((first, second) for first, second in zip(seen[::2], seen[1::2], strict=True) if first and second)
    return _tally(scenario.name, cell, draws, (
        from_records(_at(first, scenario.check), _at(second, scenario.check), correlation=None, confidence=CONFIDENCE)
        for first, second in pairs
    ))  # fmt: skip


def _seen(scenario: Scenario, cell: Cell, draws: int, attempt: int) -> Iterator[Any]:
    random = generator(f"compare {scenario.name}", label(cell), attempt)
    if scenario.every is not None:
        outcomes, weights = scenario.every(cell)
        shares = np.asarray(weights, np.float64)
        for place in random.choice(len(shares), draws, p=shares / shares.sum()):
            yield outcomes[place]
        return
    for start in range(0, draws, 100):
        if scenario.draw is None:
            raise ValueError(f"{scenario.name} neither enumerates nor draws")
        yield from scenario.draw(random, cell, min(100, draws - start))


def _at(one: Measurement, check: str) -> Measurement:
    return one.model_copy(update={"check": check, "confidence": CONFIDENCE})


def paired(check: str, cell: Cell, draws: int, attempt: int) -> Told:
    """Two models of one quality on the same rows."""
    random = generator(f"paired {check}", label(cell), attempt)
    drawn = (_two_models(check, random, cell) for _ in range(draws))
    differences = (_paired_difference(*one) for one in drawn if one)
    return _tally(f"{check} (paired)", cell, draws, (one for one in differences if one))


def _two_models(check: str, random: np.random.Generator, cell: Cell) -> _Pair | None:
    if check in VALUES_PAIRED:
        return _two_predictors(check, random, cell)
    logit = intercept(cell["rate"], 2.0) + 2.0 * random.standard_normal(cell["n"])
    truth = (random.random(cell["n"]) < expit(logit)).astype(np.int64)
    common = cell["shared"] * random.standard_normal(cell["n"])
    scores = [expit(logit + common + cell["separate"] * random.standard_normal(cell["n"])) for _ in range(2)]
    answers = [Answered(predicted=(one > 0.5).astype(np.int64), score=one) for one in scores]
    classes = tuple(map(str, BINARY.classes))
    rows = PairedRows(classes=classes, y_true=truth, before=answers[0], after=answers[1])
    return _both(check, [scored(truth, one) for one in scores], rows)


def _two_predictors(check: str, random: np.random.Generator, cell: Cell) -> _Pair | None:
    truth, common = random.standard_normal(cell["n"]) * 2, cell["shared"] * random.standard_normal(cell["n"])
    # Squares of laplace errors are skewed: what a mean of losses is most easily wrong about.
    guesses = [truth + common + cell["separate"] * random.laplace(size=cell["n"]) for _ in range(2)]
    answers = [Answered(predicted=one) for one in guesses]
    rows = PairedRows(classes=(), y_true=truth, before=answers[0], after=answers[1])
    return _both(check, [valued(truth, one) for one in guesses], rows)


def _both(check: str, blocks: Sequence[Block], rows: PairedRows) -> _Pair | None:
    found = [measured_or_none(lambda _, block: measured(check, block), {}, block) for block in blocks]
    first, second = (None if one is None else _at(one, check) for one in found)
    return (first, second, rows) if first and second else None


def _paired_difference(first: Measurement, second: Measurement, rows: PairedRows | None) -> Difference | None:
    if rows is None:
        return None
    agreed = agreement(rows, first, second)
    if agreed is not None:
        return told(rate_change(agreed, confidence=CONFIDENCE), method="newcombe_paired", confidence=CONFIDENCE)
    together = correlation(rows, first, second)
    return None if together is None else from_records(first, second, correlation=together, confidence=CONFIDENCE)


def worst_pairs(check: str, cell: Cell, draws: int, attempt: int) -> Told:
    """Equal groups before and after, the pair that differs most before."""
    random = generator(f"pairs {check}", label(cell), attempt)
    return _tally(f"{check} (worst pair)", cell, draws, (
        one for one in (_pair_difference(check, random, cell) for _ in range(draws)) if one
    ))  # fmt: skip


def _pair_difference(check: str, random: np.random.Generator, cell: Cell) -> Difference | None:
    n = cell["n"] * cell["groups"]
    blocks = []
    for _ in range(2):
        groups = np.repeat(np.arange(cell["groups"]), cell["n"])
        truth = (random.random(n) < 0.5).astype(np.int64)
        predicted = np.where(random.random(n) < cell["rate"], 1, 0)
        blocks.append(scored(truth, predicted * 0.5 + 0.25, groups, y_pred=predicted))
    pair = _both(check, blocks, PairedRows(
        classes=(), y_true=np.zeros(0), before=Answered(predicted=np.zeros(0)), after=Answered(predicted=np.zeros(0))
    ))  # fmt: skip
    if pair is None:
        return None
    chosen = worst_pair(pair[0], pair[1])
    if chosen is None or counted_pair(pair[0], chosen).has_empty_cell:
        return None
    return fixed_pair(pair[0], pair[1], chosen, confidence=CONFIDENCE)


def families(cell: Cell, draws: int, attempt: int) -> Told:
    """Whole comparisons of many measures on the same rows, Holm over all of them; any claim counts."""
    random = generator("families", label(cell), attempt)
    least: list[Difference] = []
    for _ in range(draws):
        seed = int(random.integers(2**32))
        differences = []
        for check in BINARY_PAIRED:
            drawn = _two_models(check, np.random.default_rng(seed), cell)  # the same rows for every measure
            one = _paired_difference(*drawn) if drawn else None
            differences += [one] if one else []
        if differences:
            adjusted = holm([float(one.p_value or 0.0) for one in differences])
            place = int(np.argmin(adjusted))
            least.append(differences[place].model_copy(update={"p_value": adjusted[place]}))
    return _tally(f"{len(BINARY_PAIRED)} measures together (Holm)", cell, draws, iter(least))


def _tally(name: str, cell: Cell, draws: int, differences: Iterator[Difference]) -> Told:
    p_values = [float(one.p_value if one.p_value is not None else 1.0) for one in differences]
    compared = max(len(p_values), 1)
    return Told(
        name=name, cell=label(cell), n=int(cell["n"]), draws=draws, compared=len(p_values),
        claimed=tuple(sum(p <= level for p in p_values) / compared for level in LEVELS),
    )  # fmt: skip


def spread(cells: Sequence[Cell], most: int) -> list[Cell]:
    """So many of the cells, from the first to the last."""
    places = np.unique(np.linspace(0, len(cells) - 1, most).astype(int))
    return [cells[place] for place in places]


def jobs(only: str) -> Iterator[Callable[[int, int], Told]]:
    """Every cell of every proof whose name holds `only`; of a number of draws and the attempt."""
    for scenario in SCENARIOS.values():
        if scenario.check in VALIDATED and only in scenario.name:
            yield from (partial(unpaired, scenario, cell) for cell in spread(scenario.cells, CELLS))
    for check in (*BINARY_PAIRED, *VALUES_PAIRED):
        if only in f"{check} (paired)":
            yield from (partial(paired, check, cell) for cell in PAIRED_CELLS)
    for check in OF_GROUPS:
        if only in f"{check} (worst pair)":
            yield from (partial(worst_pairs, check, cell) for cell in pair_cells())
    if only in "families":
        yield from (partial(families, cell) for cell in PAIRED_CELLS[:6])


def drawn_again(job: Callable[[int, int], Told], draws: int) -> Told:
    """A cell; where it comes near a bound, fresh draws decide, not the first ones."""
    first = job(draws, 0)
    return job(FRESH_DRAWS, 1) if first.suspicious and draws >= DRAWS else first


def pair_cells() -> list[Cell]:
    """Equal groups: how many, how large, how often selected."""
    return [
        {"n": n, "groups": groups, "rate": rate}
        for groups in _GROUPS
        for n, rate in ((60, 0.5), (100, 0.2), (300, 0.5))
    ]


HEAD = """\
# Changes that are none

Written by `benchmarks/coverage_compare.py` on {on}: {versions}. Seed {seed}.

Two measurements of one truth are compared as `reliability compare` does, {draws:,} pairs a cell; a cell that comes near
its bound is drawn anew {fresh:,} times, and only the fresh draws are reported. Promised: at a level of 5 % at most 6 %
seem to have changed (7 % below 100 rows); at 0.5 %, which Holm's first step asks of ten measurements, at most 0.75 %
(1 %).

{cells} cells; beyond the promise: {beyond}.

| measure | cells | pairs compared | worst at 5 % | worst at 0.5 % | holds |
|---|---|---|---|---|---|
"""


def page(found: Sequence[Told], *, draws: int, on: date) -> str:
    """The whole document."""
    beyond = [one for one in found if not one.holds]
    head = HEAD.format(
        on=on.isoformat(), versions=versions("reliability-workbench", "numpy", "scipy"),
        seed=SEED, draws=draws, fresh=FRESH_DRAWS, cells=len(found),
        beyond=len(beyond) or "none",
    )  # fmt: skip
    rows = [_row(name, [one for one in found if one.name == name]) for name in dict.fromkeys(one.name for one in found)]
    told = [f"- beyond: {one.name}, {one.cell}: {one.claimed}" for one in beyond]
    return head + "\n".join([*rows, *(["", *told] if told else [])]) + "\n"


def _row(name: str, here: Sequence[Told]) -> str:
    shares = [max(one.claimed[place] for one in here) for place in range(len(LEVELS))]
    holds = "yes" if all(one.holds for one in here) else "NO"
    pairs = sum(one.compared for one in here)
    return f"| `{name}` | {len(here)} | {pairs:,} | {shares[0]:.1%} | {shares[1]:.2%} | {holds} |"


def main() -> int:
    """Run, write, and say whether the promise holds: exit status 0, else 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="part of a name")
    parser.add_argument("--draws", type=int, default=DRAWS)
    parser.add_argument("--write", type=Path)
    asked = parser.parse_args()
    found = []
    for job in jobs(asked.only):
        found.append(drawn_again(job, asked.draws))
        print(found[-1].name, found[-1].cell, found[-1].claimed, file=sys.stderr, flush=True)
    text = page(found, draws=asked.draws, on=date.today())
    put(text, asked.write)
    return int(not all(one.holds for one in found))


if __name__ == "__main__":
    sys.exit(main())
